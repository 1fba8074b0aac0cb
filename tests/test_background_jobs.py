"""Slow work asked for by a turn: done once in its effect, tried again within bounds, taken up after a crash."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from sqlalchemy import func, select

from bot.database import Database
from bot.delivery import background_jobs, outbox
from bot.delivery.background_jobs import TRIES, BackgroundJobs, Finish, Job, JobRow, JobStatus, Worker
from bot.delivery.outbox import OutboxRow
from bot.people.people import Account
from bot.telegram.http import NotReached, Refused
from bot.words.message import Message

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url, durable=False)
    with opened.transaction() as db:
        db.add(Account(telegram_id=101, language="id", created_at=NOW, seen_at=NOW, last_message_id=0, draft={}))
    try:
        yield opened
    finally:
        opened.close()


class Desk:
    """A worker whose tries come out as told: an exception, or a word to be said."""

    def __init__(self, *outcomes: Exception | str) -> None:
        self.outcomes = list(outcomes)
        self.seen: list[Job] = []

    async def __call__(self, job: Job) -> Finish:
        self.seen.append(job)
        outcome = self.outcomes.pop(0) if self.outcomes else "done"
        if isinstance(outcome, Exception):
            raise outcome

        def finish(db: object, account: Account, now: datetime) -> None:
            outbox.post(db, outbox.to(account, Message("menu.show")), now=now)  # type: ignore[arg-type]

        return finish


def ask(database: Database, kind: str = "work", **args: int) -> int:
    with database.transaction() as db:
        account = db.scalars(select(Account)).unique().one()
        job = background_jobs.ask(db, account, kind, args, NOW)
        assert background_jobs.take_asked_flag(db)
        assert not background_jobs.take_asked_flag(db)
        return job


def do(database: Database, workers: Mapping[str, Worker]) -> list[tuple[bool, bool]]:
    """Do all that waits; returns what was said of each commit: (rows written, something due)."""
    said: list[tuple[bool, bool]] = []
    doing = BackgroundJobs(database, workers, now=lambda: NOW, said=lambda written, due: said.append((written, due)))
    asyncio.run(doing.drain())
    return said


def row_of(database: Database, job: int) -> JobRow:
    with database.transaction() as db:
        row = db.get(JobRow, job)
        assert row is not None
        return row


def keys_said(database: Database) -> list[str]:
    with database.transaction() as db:
        return [row.message["key"] for row in db.scalars(select(OutboxRow).order_by(OutboxRow.id)) if row.message]


class NothingToDo:
    async def in_transaction(self, *_: object) -> None:
        return None


@pytest.mark.parametrize("steps", range(6))
def test_a_cancellation_is_heeded_however_soon_it_comes_after_a_wake(steps: int) -> None:
    async def whole() -> None:
        doing = BackgroundJobs(cast(Database, NothingToDo()), {}, now=lambda: NOW, said=lambda written, due: None)
        running = asyncio.create_task(doing.run())
        for _ in range(20):
            await asyncio.sleep(0)
        doing.wake()
        for _ in range(steps):
            await asyncio.sleep(0)
        running.cancel()
        for _ in range(20):
            await asyncio.sleep(0)
        assert running.done()

    asyncio.run(whole())


def test_what_was_asked_for_is_done_and_said(database: Database) -> None:
    job = ask(database, n=7)
    desk = Desk()
    assert do(database, {"work": desk}) == [(True, False)]
    assert [(one.kind, one.args["n"], one.chat_id, one.attempts) for one in desk.seen] == [("work", 7, 101, 1)]
    assert row_of(database, job).status == JobStatus.DONE
    assert keys_said(database) == ["menu.show"]
    do(database, {"work": desk})
    assert len(desk.seen) == 1


def test_it_is_tried_again_and_its_effect_comes_once(database: Database) -> None:
    job = ask(database)
    desk = Desk(NotReached("no way"), Refused(429, "Too Many Requests", 1), RuntimeError("x"), "done")
    do(database, {"work": desk})
    assert row_of(database, job).attempts == 4
    assert keys_said(database) == ["menu.show"]


def test_after_so_many_tries_it_is_given_up_and_said_so(database: Database) -> None:
    job, other = ask(database), ask(database, "other")
    desk, good = Desk(*[RuntimeError("Siti")] * 10), Desk()
    do(database, {"work": desk, "other": good})
    row = row_of(database, job)
    assert (len(desk.seen), row.status, row.error) == (TRIES, JobStatus.FAILED, "RuntimeError")
    assert row_of(database, other).status == JobStatus.DONE
    assert sorted(keys_said(database)) == ["menu.show", "turn.errand_failed"]


@pytest.mark.parametrize("problem", [Refused(400, "wrong file id"), KeyError("gone")])
def test_what_can_never_succeed_is_not_tried_again(database: Database, problem: Exception) -> None:
    job = ask(database)
    desk = Desk(problem)
    do(database, {"work": desk})
    assert (len(desk.seen), row_of(database, job).status) == (1, JobStatus.FAILED)


def test_nobody_knows_this_kind_of_work(database: Database) -> None:
    job = ask(database, "nothing")
    do(database, {})
    assert row_of(database, job).status == JobStatus.FAILED
    assert keys_said(database) == ["turn.errand_failed"]


def test_a_finish_that_fails_leaves_nothing_behind(database: Database) -> None:
    job = ask(database)
    tries = 0

    async def half(_: Job) -> Finish:
        def finish(db: object, account: Account, now: datetime) -> None:
            nonlocal tries
            tries += 1
            outbox.post(db, outbox.to(account, Message("menu.show")), now=now)  # type: ignore[arg-type]
            if tries < 3:
                raise RuntimeError

        return finish

    do(database, {"work": half})
    assert (tries, row_of(database, job).status) == (3, JobStatus.DONE)
    assert keys_said(database) == ["menu.show"]


def test_a_process_that_ended_in_the_middle_is_followed_by_another(database: Database) -> None:
    job = ask(database)

    async def killed(_: Job) -> Finish:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        do(database, {"work": killed})
    assert (row_of(database, job).status, row_of(database, job).attempts) == (JobStatus.WAITING, 1)
    do(database, {"work": Desk()})
    assert (row_of(database, job).status, keys_said(database)) == (JobStatus.DONE, ["menu.show"])


def test_run_is_woken_by_a_commit(database: Database) -> None:
    desk = Desk()

    async def work() -> None:
        doing = BackgroundJobs(database, {"work": desk}, now=lambda: NOW, said=lambda *_: None)
        running = asyncio.create_task(doing.run())
        await asyncio.sleep(0.05)
        await asyncio.to_thread(ask, database)
        doing.wake()
        async with asyncio.timeout(3):
            while not desk.seen:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(work())
    assert keys_said(database) == ["menu.show"]


def test_who_asked_is_gone(database: Database) -> None:
    ask(database)

    async def leaves(_: Job) -> Finish:
        with database.transaction() as db:
            db.delete(db.scalars(select(Account)).unique().one())
        return lambda db, account, now: None

    do(database, {"work": leaves})
    with database.transaction() as db:
        assert db.scalar(select(func.count()).select_from(JobRow)) == 0


def test_what_was_done_is_forgotten_after_days(database: Database) -> None:
    done, waiting = ask(database), ask(database, "other")
    with database.transaction() as db:
        row = db.get(JobRow, done)
        assert row is not None
        row.status = JobStatus.DONE
    for days, left in ((1, {done, waiting}), (3, {waiting})):
        with database.transaction() as db:
            background_jobs.due(db, NOW + timedelta(days=days))
        with database.transaction() as db:
            assert set(db.scalars(select(JobRow.id))) == left

"""The sender's smaller parts, each alone: its memory, its uploads, what it settles and claims, how messages end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from bot.database import Database
from bot.delivery import outbox
from bot.delivery.ledger import Claims, Leases, Settlements
from bot.delivery.outbox import ClaimedMessage, OutboxRow, Result, Status
from bot.delivery.outcomes import Outcomes
from bot.delivery.preparation import Preparation
from bot.delivery.queue import Delivery, Queue
from bot.delivery.rate_limiter import RateLimiter
from bot.delivery.recent import Recent
from bot.delivery.requests import Screen
from bot.delivery.sent_messages import EDIT_PATIENCE, SentMessages
from bot.delivery.uploads import Uploads
from bot.people.people import Account
from bot.people.quiet_hours import SEND, Kind
from bot.words.message import File, Form, Message
from tests.databases import quick_database
from tests.sender_time import SenderTime
from tests.test_sender import NOW, Texts, until


@dataclass
class Parts:
    """The parts that have to do with the ledger, on one database and one time."""

    database: Database
    root: Path
    time: SenderTime = field(default_factory=SenderTime)
    more_to_come: bool = False

    def __post_init__(self) -> None:
        now = lambda: NOW  # noqa: E731
        self.runtime = self.time.runtime()
        self.claims = Claims(self.database, lambda given, now: SEND, "me", now, self.runtime)
        limiter = RateLimiter(30, monotonic=lambda: self.time.now)
        self.queue = Queue(limiter, self.runtime, self.claims.poll_soon)
        self.settlements = Settlements(self.database, "me", now, self.runtime, lambda: self.more_to_come)
        self.outcomes = Outcomes(self.queue, self.settlements, now)
        self.sent_messages = SentMessages(self.database, self.runtime)
        self.uploads = Uploads(self.database, Texts(), self.root, now, self.runtime)
        self.preparation = Preparation(self.queue, self.outcomes, self.sent_messages, self.uploads, self.runtime)

    def post(self, chat: int, message: Message | None = None, **details: Any) -> int:
        with self.database.transaction() as db:
            account = db.query(Account).filter_by(telegram_id=chat).one_or_none()
            if account is None:
                account = Account(telegram_id=chat, language="id", created_at=NOW, seen_at=NOW, draft={})
                db.add(account)
                db.flush()
            row = outbox.post(db, outbox.to(account, message or Message("a"), **details), now=NOW)
        assert row is not None
        return row

    async def look(self) -> None:
        """Has the ledger looked into, and waits for that."""
        self.claims.wake()
        self.claims.look_if_needed(self.queue)
        await self.claims.end(10)

    def held(self, row: int) -> Delivery:
        return next(delivery for delivery in self.queue.all() if delivery.claimed.id == row)

    def row(self, row: int) -> OutboxRow:
        with self.database.transaction() as db:
            return db.get_one(OutboxRow, row)


@pytest.fixture
def parts(sqlite_url: str, tmp_path: Path) -> Iterator[Parts]:
    made = Parts(quick_database(sqlite_url), tmp_path)
    yield made
    made.database.close()


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(10):
            await work()

    asyncio.run(bounded())


# --- memory ---------------------------------------------------------------------------------------------------------


def test_the_oldest_is_forgotten_first_and_what_is_written_anew_is_young() -> None:
    memory: Recent[str, int] = Recent(size=2)
    memory["a"], memory["b"] = 1, 2
    memory["a"] = 3
    memory["c"] = 4
    assert ("b" in memory, memory["a"], memory.get("c"), memory.get("b")) == (False, 3, 4, None)
    assert (memory.pop("a"), memory.pop("a"), "a" in memory) == (3, None, False)


def test_an_edit_that_may_have_arrived_makes_what_is_shown_unknown(parts: Parts) -> None:
    one, other = Screen("a", {}), Screen("b", {})
    sent = parts.sent_messages
    assert sent.would_change(5, 42, one)
    sent.shows(5, 42, one)
    assert not sent.would_change(5, 42, one)
    assert not sent.would_change(5, 42, one), "it is still shown"
    assert sent.would_change(6, 42, one), "another chat's"
    assert sent.would_change(5, 42, other)
    assert sent.would_change(5, 42, one), "the other may have arrived"


# --- claiming and settling ------------------------------------------------------------------------------------------


def test_the_ledger_is_looked_into_when_told_and_once_in_a_while(parts: Parts) -> None:
    async def work() -> None:
        parts.post(5)
        assert not parts.claims.up_to_date
        await parts.look()
        assert (len(parts.queue), parts.claims.up_to_date, parts.claims.idle) == (1, True, True)
        parts.post(5)  # of which nobody tells us
        assert parts.claims.look_if_needed(parts.queue) == pytest.approx(1.0)
        parts.time.now += 1.0
        parts.claims.look_if_needed(parts.queue)
        assert not parts.claims.idle
        await parts.claims.end(10)
        assert len(parts.queue) == 2

    run(work)


def test_replies_that_wait_are_known_even_if_their_chat_is_crowded(parts: Parts) -> None:
    async def work() -> None:
        for _ in range(6):
            parts.post(5)
        await parts.look()
        assert len(parts.queue) == 4
        assert parts.claims.replies_wait
        await parts.look()  # in which the chat is left out
        assert (len(parts.queue), parts.claims.replies_wait) == (4, True)
        for _ in range(2):
            parts.outcomes.finish(next(parts.queue.all()), Status.SENT)
        await parts.look()
        assert not parts.claims.replies_wait

    run(work)


def test_a_look_that_failed_is_not_repeated_at_once(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **details: Any) -> list[ClaimedMessage]:
        raise OperationalError("SELECT", {}, Exception("gone"))

    async def work() -> None:
        row = parts.post(5)
        with monkeypatch.context() as patch:
            patch.setattr(outbox, "claim", broken)
            await parts.look()
        assert (len(parts.queue), parts.claims.idle) == (0, False)
        assert parts.claims.look_if_needed(parts.queue) == pytest.approx(1.0)
        parts.time.now += 1.0
        parts.claims.look_if_needed(parts.queue)
        await parts.claims.end(10)
        assert row in parts.queue

    run(work)


def test_one_result_that_cannot_be_written_holds_up_no_other(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    settle = outbox.settle

    async def work() -> None:
        bad, good = parts.post(5), parts.post(6)
        await parts.look()

        def odd(db: Any, batch: Sequence[Result], **by: Any) -> None:
            if any(result.claimed.id == bad for result in batch):
                raise IntegrityError("UPDATE", {}, Exception("odd"))
            settle(db, batch, **by)

        for row in (bad, good):
            parts.outcomes.finish(parts.held(row), Status.SENT, message_id=100 + row)
        with monkeypatch.context() as patch:
            patch.setattr(outbox, "settle", odd)
            assert not await parts.settlements.settle_now()
        assert (parts.row(good).status, parts.row(bad).status) == (Status.SENT, Status.CLAIMED)
        assert (parts.settlements.rows, parts.settlements.idle) == ([bad], False)
        assert await parts.settlements.settle_now()
        assert (parts.row(bad).status, parts.settlements.idle) == (Status.SENT, True)

    run(work)


@pytest.mark.parametrize("more_to_come", [True, False])
def test_results_are_written_at_once_unless_more_will_come(parts: Parts, more_to_come: bool) -> None:
    parts.more_to_come = more_to_come

    async def work() -> None:
        row = parts.post(5)
        await parts.look()
        settling = asyncio.create_task(parts.settlements.settle_forever())
        parts.outcomes.finish(parts.held(row), Status.SENT)
        await until(lambda: parts.settlements.idle)
        settling.cancel()
        assert parts.row(row).status == Status.SENT
        assert bool(parts.time.slept) == more_to_come

    run(work)


def test_leases_are_renewed_only_while_nobody_else_may_send(parts: Parts) -> None:
    answers = [False, False, True]
    woken: list[str] = []

    async def work() -> None:
        mine, nobodys = parts.post(5), parts.post(6)
        await parts.look()
        parts.outcomes.finish(parts.held(nobodys), Status.SENT)  # of which the ledger never heard
        with parts.database.transaction() as db:
            for row in (mine, nobodys):
                db.get_one(OutboxRow, row).lease_until = NOW
        leases = Leases(
            parts.database,
            "me",
            parts.runtime,
            rows=lambda: parts.queue.rows,
            may_send=lambda: answers.pop(0),
            wake=lambda: woken.append("woken"),
        )
        renewing = asyncio.create_task(leases.renew_forever())
        while answers:
            assert parts.row(mine).lease_until == NOW
            await asyncio.sleep(0)
        await until(lambda: bool(woken))
        renewing.cancel()
        assert (parts.row(mine).status, parts.row(nobodys).status) == (Status.CLAIMED, Status.WAITING)
        assert (parts.row(mine).lease_until or NOW) > datetime.now(UTC)

    run(work)


# --- how messages end -----------------------------------------------------------------------------------------------


def test_who_blocked_us_keeps_their_replies_only(parts: Parts) -> None:
    async def work() -> None:
        first = parts.post(5, kind=Kind.REMINDER)
        later, reply = parts.post(5, kind=Kind.LESSON), parts.post(5)
        await parts.look()
        parts.outcomes.block(parts.held(first), "Forbidden" + "!" * 300)
        assert [delivery.claimed.id for delivery in parts.queue.all()] == [reply]
        assert parts.outcomes.count[Status.BLOCKED] == 2
        parts.outcomes.give_back_what_can_wait()
        assert len(parts.queue) == 1
        parts.outcomes.give_back(parts.held(reply))
        assert await parts.settlements.settle_now()
        assert [parts.row(row).status for row in (first, later)] == [Status.BLOCKED] * 2
        assert len(parts.row(first).reason or "") == 200
        assert parts.row(reply).attempts == 0

    run(work)


# --- getting ready --------------------------------------------------------------------------------------------------


def picture(**details: Any) -> Message:
    return Message("map", form=Form.PHOTO, file=File("map.jpg", "image/jpeg", **details))


async def taken(parts: Parts, message: Message, **details: Any) -> Delivery:
    """A message that was posted and claimed."""
    row = parts.post(5, message, **details)
    await parts.look()
    return parts.held(row)


def test_a_preparation_that_is_cancelled_before_its_first_step_releases_its_chat(parts: Parts) -> None:
    async def work() -> None:
        row = parts.post(5, picture(content=b"picture"))
        await parts.look()
        delivery = parts.queue.pop_ready()
        assert delivery is not None
        assert parts.preparation.is_needed(delivery)
        parts.queue.occupy(5)
        parts.preparation.begin(delivery)
        await parts.runtime.cancel_tasks()
        assert delivery.digest is None, "nothing was done"
        assert [one.claimed.id for one in parts.queue.at_rest()] == [row]

    run(work)


def test_whoever_wants_the_same_file_waits_for_its_upload(parts: Parts) -> None:
    (parts.root / "map.jpg").write_bytes(b"picture")

    async def work() -> None:
        rows = [parts.post(chat, picture(path="map.jpg")) for chat in (5, 6)]
        await parts.look()
        first, second = (parts.held(row) for row in rows)
        await parts.uploads.prepare(first)
        assert not parts.uploads.must_prepare(first)
        parts.uploads.begin(first)
        assert await parts.uploads.attachment(first) == ("map.jpg", b"picture", "image/jpeg")
        waiting = asyncio.create_task(parts.uploads.prepare(second))
        await until(lambda: second.digest is not None)
        for _ in range(10):  # as long as asking the database would take, and more
            await parts.database.in_transaction(lambda db: None)
        assert not waiting.done()
        assert parts.uploads.must_prepare(second)
        parts.uploads.learn(first, {"photo": [{"file_id": "small"}, {"file_id": "id1"}]})
        parts.uploads.ended(first)
        await waiting
        assert not parts.uploads.must_prepare(second)
        parts.uploads.begin(second)
        assert (await parts.uploads.attachment(second), second.uploading) == ("id1", False)

    run(work)


def test_an_id_of_another_kind_or_too_long_a_one_is_not_kept(parts: Parts) -> None:
    async def work() -> None:
        delivery = await taken(parts, picture(content=b"picture"))
        await parts.uploads.prepare(delivery)
        answers: list[Mapping[str, Any]] = [{"document": {"file_id": "id1"}}, {"photo": [{"file_id": "x" * 201}]}]
        for answer in (*answers, {"photo": []}, {}):
            parts.uploads.learn(delivery, dict(answer))
        assert not parts.runtime.has_tasks
        assert isinstance(await parts.uploads.attachment(delivery), tuple)

    run(work)


def test_an_edit_waits_a_while_for_what_it_edits_and_then_is_said_anew(parts: Parts) -> None:
    async def work() -> None:
        later = parts.post(6)
        edit = await taken(parts, Message("b"), edits=later)
        # what waits in the ledger, in other hands
        with parts.database.transaction() as db:
            db.get_one(OutboxRow, later).holder = "another"
        began = parts.time.now
        await parts.sent_messages.find_edited(edit, lambda row: False)
        assert (edit.as_new, edit.edit_id, edit.edited_found) == (True, None, True)
        assert EDIT_PATIENCE < parts.time.now - began < EDIT_PATIENCE + 1.1

    run(work)


def test_what_is_edited_is_known_from_memory_from_the_ledger_or_goes_first(parts: Parts) -> None:
    async def work() -> None:
        first = parts.post(5)
        edit = await taken(parts, Message("b"), edits=first)
        await parts.sent_messages.find_edited(edit, lambda row: row == first)
        assert (edit.edited_found, edit.edit_id) == (False, None)
        parts.outcomes.finish(parts.held(first), Status.SENT, message_id=77)
        assert await parts.settlements.settle_now()
        await parts.sent_messages.find_edited(edit, lambda row: False)
        assert (edit.edited_found, edit.edit_id) == (True, 77)
        parts.sent_messages.sent(first, 78)
        await parts.sent_messages.find_edited(edit, lambda row: False)
        assert edit.edit_id == 78

    run(work)


def test_a_reaction_to_what_was_never_sent_is_dropped_and_a_message_is_not(parts: Parts) -> None:
    async def work() -> None:
        never = parts.post(6)
        await parts.look()
        parts.outcomes.finish(parts.held(never), Status.FAILED)
        assert await parts.settlements.settle_now()
        reaction = parts.post(5, Message(form=Form.REACTION, emoji="👍"), edits=never)
        message = parts.post(7, Message("b"), edits=never)
        await parts.look()
        for row, chat in ((reaction, 5), (message, 7)):
            parts.queue.occupy(chat)
            parts.preparation.begin(parts.held(row))
        await until(lambda: not parts.runtime.has_tasks)
        assert (reaction in parts.queue, message in parts.queue) == (False, True)
        assert parts.outcomes.count[Status.DROPPED] == 1

    run(work)

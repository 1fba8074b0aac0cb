"""/health: when a watchdog is told that something is wrong."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from datetime import timedelta
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import event, text, update
from starlette.applications import Starlette

from bot.clock import STUCK_LOOKS, Tick
from bot.database import Database
from bot.delivery.outbox import OutboxRow, Status
from bot.operations import health
from bot.telegram.webhook import SECRET_HEADER
from bot.turns import inbox
from tests.chat import Chat, registered
from tests.fake_api import text_update

SECRET: Final = "a-secret-of-the-tests-0123456789"


def health_of(chat: Chat) -> dict[str, Any]:
    return chat._loop.run_until_complete(health.state(chat.app))


def test_all_is_well(chat: Chat) -> None:
    registered(chat)
    assert health_of(chat)["ok"]


def test_messages_that_wait_while_nothing_is_sent_are_told(chat: Chat) -> None:
    registered(chat).types("/menu").types("/jadwal")
    with chat.database.transaction() as db:
        db.execute(update(OutboxRow).values(status=Status.WAITING, sent_at=None, created_at=chat.now))
    chat.app.clock.offset += timedelta(minutes=4)
    assert health_of(chat)["ok"]
    chat.app.clock.offset += timedelta(minutes=2)
    found = health_of(chat)
    assert not found["ok"]
    assert found["outbox_age_seconds"] >= 360


def test_an_announcement_that_takes_long_is_no_alarm(chat: Chat) -> None:
    registered(chat).types("/menu").types("/jadwal")
    with chat.database.transaction() as db:
        db.execute(update(OutboxRow).values(created_at=chat.now))
        row = db.query(OutboxRow).order_by(OutboxRow.id).first()
        assert row is not None
        row.status = Status.WAITING
        row.sent_at = None
    chat.app.clock.offset += timedelta(minutes=10)
    assert not health_of(chat)["ok"]
    with chat.database.transaction() as db:
        sent = update(OutboxRow).where(OutboxRow.status == Status.SENT).values(sent_at=chat.now - timedelta(seconds=30))
        db.execute(sent)
    found = health_of(chat)
    assert found["ok"]
    assert found["outbox_age_seconds"] >= 600


def test_a_silent_telegram_is_told(chat: Chat) -> None:
    chat.app.inbox.last_poll -= health.SILENCE + 1
    assert not health_of(chat)["ok"]


def test_what_is_due_and_does_not_get_done_is_told(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    scheduler = chat.app.scheduler
    assert health_of(chat)["ticks_stuck"] == []
    monkeypatch.setattr(scheduler, "_ticks", [Tick("reminders", lambda db, now: None, lambda db, now: chat.start)])
    for _ in range(STUCK_LOOKS):
        chat.look()
        chat._loop.run_until_complete(scheduler.next_due())
    found = health_of(chat)
    assert (found["ticks_stuck"], found["ok"]) == (["reminders"], True), "it may be over soon"
    real = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: real() + health.BACKLOG)
    chat.app.inbox.last_poll = time.monotonic()
    found = health_of(chat)
    assert (found["ticks_stuck"], found["ok"]) == (["reminders"], False)
    monkeypatch.setattr(scheduler, "_ticks", [Tick("reminders", lambda db, now: None, lambda db, now: None)])
    chat.look()
    chat._loop.run_until_complete(scheduler.next_due())
    found = health_of(chat)
    assert (found["ticks_stuck"], found["ok"]) == ([], True)


def test_a_database_that_is_away_is_told(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> object:
        raise OSError

    monkeypatch.setattr(chat.database, "in_transaction", away)
    found = health_of(chat)
    assert (found["ok"], found["database"], found["inbox_waiting"]) == (False, False, None)


def test_whoever_asks_need_not_wait_for_the_database(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    free = threading.Event()
    held = [chat.database._threads.submit(free.wait) for _ in range(chat.database.threads)]
    late = threading.Timer(60, free.set)  # who waits for the database all the same gets its figures then
    late.start()
    try:
        monkeypatch.setattr(health, "ANSWER_SECONDS", 0.05)
        assert health_of(chat)["database"] is False
    finally:
        late.cancel()
        free.set()
        for one in held:
            one.result()
    monkeypatch.setattr(health, "ANSWER_SECONDS", None)  # it is free now: however long it takes, it answers
    assert health_of(chat)["ok"]


# --- what can be read, but not written --------------------------------------------------------------------------------


POSTGRESQL_IS_FULL: Final = (
    "CREATE OR REPLACE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$",
    "CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON inbox EXECUTE FUNCTION full_disk()",
)
SQLITE_IS_FULL: Final = (
    "CREATE TRIGGER full_disk_1 BEFORE INSERT ON inbox BEGIN SELECT full_disk(); END",
    "CREATE TRIGGER full_disk_2 BEFORE UPDATE ON inbox BEGIN SELECT full_disk(); END",
)


class Disk:
    """That of the database. When it is full, what is there can be read, and the inbox takes nothing: the database says
    so in the class of error it has for a full disk."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine
        self._postgresql = not database.is_sqlite
        if not self._postgresql:
            event.listen(self._engine, "begin", self._know_the_function)

    def _know_the_function(self, connection: Any) -> None:
        def full_disk() -> None:
            raise OSError

        connection.connection.driver_connection.create_function("full_disk", 0, full_disk)

    def fills(self) -> None:
        self._execute(*(POSTGRESQL_IS_FULL if self._postgresql else SQLITE_IS_FULL))

    def has_room(self) -> None:
        if self._postgresql:
            self._execute("DROP FUNCTION IF EXISTS full_disk CASCADE")  # the trigger goes with it
        else:
            self._execute("DROP TRIGGER IF EXISTS full_disk_1", "DROP TRIGGER IF EXISTS full_disk_2")

    def _execute(self, *statements: str) -> None:
        with self._engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))


@contextlib.contextmanager
def disk_of(database: Database) -> Iterator[Disk]:
    disk = Disk(database)
    try:
        yield disk
    finally:
        disk.has_room()


async def until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not reached():  # noqa: ASYNC110 - no event tells it
            await asyncio.sleep(0.01)


async def seen(chat: Chat) -> tuple[int, bool, str]:
    """Status of /health, whether it says that there is a database, and the line of /metrics about it."""
    transport = httpx.ASGITransport(Starlette(routes=list(health.routes(chat.app))))
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        answer, figures = await client.get("/health"), (await client.get("/metrics")).text
    (line,) = [one for one in figures.splitlines() if one.startswith("jalin_database_up ")]
    return answer.status_code, answer.json()["database"], line.removeprefix("jalin_database_up ")


WELL: Final = (200, True, "1.0")
UNWELL: Final = (503, False, "0.0")


def played(chat: Chat, scene: Callable[[Disk], Coroutine[Any, Any, None]]) -> None:
    with disk_of(chat.database) as disk:
        chat._loop.run_until_complete(asyncio.wait_for(scene(disk), 30))


def test_updates_that_cannot_be_stored_are_told(chat: Chat) -> None:
    async def scene(disk: Disk) -> None:
        disk.fills()
        taking = asyncio.create_task(chat.app.inbox.take([{"update_id": 1, **text_update(101, "halo", 1)}]))
        await until(lambda: chat.app.inbox.cannot_store)
        assert await seen(chat) == UNWELL
        disk.has_room()
        await taking
        assert await seen(chat) == WELL

    played(chat, scene)


def test_turns_that_cannot_be_committed_are_told(chat: Chat) -> None:
    async def scene(disk: Disk) -> None:
        await chat.app.inbox.accept([{"update_id": 1, **text_update(101, "halo", 1)}])
        disk.fills()
        await until(lambda: chat.app.inbox.cannot_commit)
        assert await seen(chat) == UNWELL
        disk.has_room()
        await chat.app.inbox.until_idle()
        assert await seen(chat) == WELL

    played(chat, scene)


@pytest.mark.postgresql
def test_turns_that_a_worker_cannot_commit_are_told(postgresql_url: str) -> None:
    async def scene(disk: Disk) -> None:
        updates = [{"update_id": 1, **text_update(101, "halo", 1)}]
        await chat.database.in_transaction(inbox.receive, updates, chat.now)
        disk.fills()
        working = asyncio.create_task(chat.app.worker.run())
        try:
            await until(lambda: chat.app.worker.cannot_commit)
            assert await seen(chat) == UNWELL
            disk.has_room()
            await until(lambda: chat.app.worker.handled == 1 and not chat.app.worker.cannot_commit)
            assert await seen(chat) == WELL
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    with contextlib.closing(Chat(postgresql_url)) as chat:
        played(chat, scene)


def test_updates_that_the_door_cannot_store_are_told(database_url: str) -> None:
    async def scene(disk: Disk) -> None:
        receiver = chat.app.webhook
        assert receiver is not None
        opened = asyncio.create_task(receiver.run())
        transport = httpx.ASGITransport(Starlette(routes=[receiver.route]))
        update = {"update_id": 1, **text_update(101, "halo", 1)}
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as telegram:

            async def brought() -> int:
                return (await telegram.post("/telegram", json=update, headers={SECRET_HEADER: SECRET})).status_code

            await asyncio.sleep(0)  # it begins to accept
            disk.fills()
            assert await brought() == 503
            assert await seen(chat) == UNWELL
            disk.has_room()
            assert await brought() == 200
            assert await seen(chat) == WELL
        opened.cancel()
        await asyncio.gather(opened, return_exceptions=True)

    hook: dict[str, Any] = {"webhook_url": "https://bot.example.org/telegram", "webhook_secret": SECRET}
    with contextlib.closing(Chat(database_url, **hook)) as chat:
        played(chat, scene)

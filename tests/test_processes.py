"""The bot as several processes on PostgreSQL: who may serve, who sends, in which order, and what a kill leaves."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import signal
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url

from bot.database import Database, Signal
from bot.operations.leadership import WEBHOOK_LOCK, Leadership
from bot.turns import inbox
from bot.turns.floods import MAX_UNHANDLED_PER_PERSON
from bot.turns.inbox import InboxRow
from tests.bot_process import Bot, asked, free_port, nobody_there, until
from tests.fake_api import StandIn, tap_update, text_update
from tests.processes import SECRET, bring, deliver, split_processes

NOW: Final = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


# --- claiming -------------------------------------------------------------------------------------------------------


@pytest.fixture
def postgresql(postgresql_url: str) -> Iterator[Database]:
    database = Database(postgresql_url)
    try:
        yield database
    finally:
        database.close()


def arrive(database: Database, *updates: tuple[int, int]) -> None:
    """(update id, person)"""
    with database.transaction() as db:
        inbox.receive(db, [{"update_id": one, **text_update(person, "halo", one)} for one, person in updates], NOW)


def ids(arrivals: Sequence[inbox.Arrival]) -> list[int]:
    return [arrival.update_id for arrival in arrivals]


@pytest.mark.postgresql
def test_only_the_oldest_update_of_a_person_can_be_claimed(postgresql: Database) -> None:
    arrive(postgresql, (1, 101), (2, 101), (3, 102), (4, 102), (5, 103))
    with postgresql.transaction() as one:
        assert ids(inbox.claim(one, 2)) == [1, 3]
        with postgresql.transaction() as two:
            assert ids(inbox.claim(two, 10)) == [5], "what comes after those in other hands has to wait"
        inbox.settle(one, [inbox.Arrival(1, 101, {})], now=NOW)
    with postgresql.transaction() as three:
        assert ids(inbox.claim(three, 10)) == [2, 3, 5], "what was not done is free again, in its order"


@pytest.mark.postgresql
def test_what_a_rolled_back_turn_held_is_free_at_once(postgresql: Database) -> None:
    arrive(postgresql, (1, 101), (2, 101))
    with postgresql.transaction() as db:
        assert ids(inbox.claim(db, 10)) == [1]
        inbox.settle(db, [inbox.Arrival(1, 101, {})], now=NOW)
        db.rollback()
    with postgresql.transaction() as db:
        assert ids(inbox.claim(db, 10)) == [1]


@pytest.mark.postgresql
def test_several_doors_know_one_patience(postgresql: Database) -> None:
    arrive(postgresql, *[(number, 101) for number in range(1, 15)])
    arrive(postgresql, *[(number, 101) for number in range(15, 2 * MAX_UNHANDLED_PER_PERSON)], (999, 102))
    with postgresql.transaction() as db:
        undone = list(db.scalars(select(InboxRow.update_id).where(InboxRow.done_at.is_(None))))
    assert sorted(undone) == [*range(1, MAX_UNHANDLED_PER_PERSON + 1), 999]


# --- who may serve --------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("command", ["web", "worker", "sender"])
def test_sqlite_is_for_one_process(tmp_path: Path, command: str) -> None:
    bot = Bot(tmp_path, command, WEBHOOK_URL="http://127.0.0.1:1/telegram", WEBHOOK_SECRET=SECRET)
    try:
        bot.start()
        assert bot.process is not None
        assert bot.process.wait(20) == 2
    finally:
        bot.close()
    assert re.fullmatch(r"DATABASE_URL: .+ SQLite .+\n", bot.output), bot.output


def count(url: str, query: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return int(row[0])


@pytest.mark.slow
@pytest.mark.postgresql
def test_a_worker_that_is_stopped_answers_the_taps_it_has_handled(tmp_path: Path, postgresql_url: str) -> None:
    database = Database(postgresql_url)
    people = range(101, 401)
    with database.transaction() as db:
        taps = [
            {"update_id": one, **tap_update(person, "menu:open", f"q-{person}")} for one, person in enumerate(people, 1)
        ]
        inbox.receive(db, taps, NOW)
    database.close()
    with (
        StandIn(latency=0.05) as stand_in,
        contextlib.closing(Bot(tmp_path, "worker", BOT_API_URL=stand_in.address, DATABASE_URL=postgresql_url)) as bot,
    ):
        bot.start()
        until(lambda: bool(stand_in.log()["taps"]), 30, lambda: bot.output)
        assert bot.end(signal.SIGTERM) == 0, bot.output
        handled = count(postgresql_url, "SELECT count(*) FROM inbox WHERE done_at IS NOT NULL")
        assert len(stand_in.log()["taps"]) == handled


# --- serving together -----------------------------------------------------------------------------------------------


@pytest.mark.postgresql
def test_a_line_that_is_closed_stays_closed(postgresql_url: str) -> None:
    async def whole() -> None:
        line = Leadership(make_url(postgresql_url), alone=True, heard={Signal.OUTBOX: lambda: None})
        await line.open()
        running = asyncio.create_task(line.run())
        await asyncio.sleep(0)
        await line.close()
        await asyncio.wait_for(running, 10)
        assert not line.up
        next_one = Leadership(make_url(postgresql_url), alone=True, heard={})
        await next_one.open()
        await next_one.close()

    asyncio.run(whole())


@pytest.mark.slow
@pytest.mark.postgresql
def test_run_and_split_processes_exclude_each_other(tmp_path: Path, postgresql_url: str) -> None:
    with StandIn() as stand_in, split_processes(tmp_path, postgresql_url, stand_in.address, "worker") as bots:
        until(lambda: "serving" in bots["worker-1"].output, 20, lambda: bots["worker-1"].output)
        alone = Bot(tmp_path, "run", "alone", BOT_API_URL=stand_in.address, DATABASE_URL=postgresql_url)
        try:
            alone.start()
            assert alone.process is not None
            assert alone.process.wait(20) == 1
        finally:
            alone.close()
        assert re.fullmatch(r"DATABASE_URL: another process serves this database already.+\n", alone.output)


@pytest.mark.slow
@pytest.mark.usefixtures("anew")
@pytest.mark.postgresql
@pytest.mark.parametrize("command", ["worker", "sender"])
def test_one_of_several_processes_answers_and_can_be_stopped_while_telegram_cannot_be_reached(
    tmp_path: Path, postgresql_url: str, command: str
) -> None:
    with (
        nobody_there() as address,
        contextlib.closing(Bot(tmp_path, command, BOT_API_URL=address, DATABASE_URL=postgresql_url)) as bot,
    ):
        bot.start()
        until(lambda: "cannot be reached yet" in bot.output, 30, lambda: bot.output)
        status, facts = asked(bot.port, "/health")
        assert (status, json.loads(facts)["starting"]) == (503, True)
        assert bot.end(signal.SIGTERM) == 0, bot.output
        assert "serving" not in bot.output


@pytest.mark.slow
@pytest.mark.usefixtures("anew")
@pytest.mark.postgresql
def test_a_door_that_is_not_open_yet_says_so(tmp_path: Path, postgresql_url: str) -> None:
    with (
        StandIn() as stand_in,
        psycopg.connect(postgresql_url, autocommit=True) as last_one,
        contextlib.closing(split_process(tmp_path, postgresql_url, stand_in.address)) as web,
    ):
        last_one.execute(
            "SELECT pg_advisory_lock(%s)", (WEBHOOK_LOCK,)
        )  # another process is removing the webhook as the last
        web.start()
        until(lambda: asked(web.port, "/health")[0] == 503, 30, lambda: web.output)
        update = {"update_id": 1, **text_update(101, "halo", 1)}
        assert bring(web.port, update) == 503
        assert json.loads(asked(web.port, "/health")[1])["starting"]
        assert "serving" not in web.output
        last_one.execute("SELECT pg_advisory_unlock(%s)", (WEBHOOK_LOCK,))
        deliver(web.port, update, seconds=20)
        assert asked(web.port, "/health")[0] == 200
        assert "serving" in web.output
        assert count(postgresql_url, "SELECT count(*) FROM inbox") == 1


def split_process(folder: Path, url: str, address: str) -> Bot:
    """A `web` that is not started yet."""
    port = free_port()
    hook = f"http://127.0.0.1:{port}/telegram"
    environment = {"BOT_API_URL": address, "DATABASE_URL": url, "WEBHOOK_URL": hook, "WEBHOOK_SECRET": SECRET}
    bot = Bot(folder, "web", PORT=str(port), **environment)
    bot.port = port
    return bot

"""The bells: who is asked what is due, how often, and who may go in between."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from bot import clock
from bot.clock import Bells, Clock, Tick
from bot.database import Database, something_due
from tests.databases import quick_database


def tick(name: str, asked: list[str], more: int = 0) -> Tick:
    """One that has `more` portions to do after the first."""

    def due(db: Session, now: datetime) -> None:
        asked.append(name)
        if asked.count(name) <= more:
            something_due(db)

    return Tick(name, due, lambda db, now: None)


def look(database: Database, ticks: list[Tick], asked: list[str]) -> None:
    bells = Bells(Clock(), database, ticks, lambda: asked.append("after"))
    asyncio.run(bells.look())


def test_a_tick_that_has_more_to_do_is_asked_again_at_once_and_the_others_are_not(sqlite_url: str) -> None:
    database, asked = quick_database(sqlite_url), list[str]()
    look(database, [tick("crowd", asked, more=2), tick("other", asked)], asked)
    assert asked == ["crowd", "other", "after", "crowd", "after", "crowd", "after"]
    database.close()


def test_between_two_portions_others_have_the_database_and_what_became_due_is_done(sqlite_url: str) -> None:
    database, asked = quick_database(sqlite_url), list[str]()
    bells = Bells(Clock(), database, [tick("crowd", asked, more=3), tick("other", asked)], lambda: None)

    async def turn() -> None:
        while asked.count("crowd") < 2:  # noqa: ASYNC110 - it is no event
            await asyncio.sleep(0)
        await database.run(asked.append, "turn")
        bells.ring()

    async def whole() -> None:
        await asyncio.gather(bells.look(), turn())

    asyncio.run(whole())
    assert asked.index("turn") < len(asked) - 1 - asked[::-1].index("crowd")
    assert asked.count("other") == 2
    assert asked.count("crowd") >= 4
    database.close()


def test_a_tick_in_trouble_silences_nobody_and_one_that_never_ends_is_left(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "PORTIONS", 5)
    database, asked = quick_database(sqlite_url), list[str]()

    def broken(db: Session, now: datetime) -> None:
        raise RuntimeError("broken")

    with capture_logs() as logs:
        look(
            database,
            [Tick("broken", broken, lambda db, now: None), tick("endless", asked, more=1000), tick("other", asked)],
            asked,
        )
    assert (asked.count("endless"), asked.count("other")) == (5, 1)
    assert [line["tick"] for line in logs] == ["broken"]
    database.close()

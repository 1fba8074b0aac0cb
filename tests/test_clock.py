"""The scheduler: which tick is asked what is due, how often, and who may go in between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from sqlalchemy import delete, event
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from bot import clock
from bot.clock import STUCK_LOOKS, Clock, Scheduler, Tick
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
    scheduler = Scheduler(Clock(), database, ticks, lambda: asked.append("after"))
    asyncio.run(scheduler.run_due())


def test_a_tick_that_has_more_to_do_is_asked_again_at_once_and_the_others_are_not(sqlite_url: str) -> None:
    database, asked = quick_database(sqlite_url), list[str]()
    look(database, [tick("crowd", asked, more=2), tick("other", asked)], asked)
    assert asked == ["crowd", "other", "after", "crowd", "after", "crowd", "after"]
    database.close()


def test_between_two_portions_others_have_the_database_and_what_became_due_is_done(sqlite_url: str) -> None:
    database, asked = quick_database(sqlite_url), list[str]()
    scheduler = Scheduler(Clock(), database, [tick("crowd", asked, more=3), tick("other", asked)], lambda: None)

    async def turn() -> None:
        while asked.count("crowd") < 2:  # noqa: ASYNC110 - it is no event
            await asyncio.sleep(0)
        await database.run(asked.append, "turn")
        scheduler.wake()

    async def whole() -> None:
        await asyncio.gather(scheduler.run_due(), turn())

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


def test_what_a_tick_writes_is_committed_alone_and_who_finds_nothing_to_do_needs_no_transaction_of_its_own(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "TOGETHER_SECONDS", 60.0)  # however busy the machine is
    database, asked, commits = quick_database(sqlite_url), list[str](), list[int]()
    event.listen(database.engine, "commit", lambda connection: commits.append(len(asked)))

    def writes(db: Session, now: datetime) -> None:
        asked.append("writes")
        clock.keep_offset(db, timedelta(hours=len(asked)))

    def deletes_nothing(db: Session, now: datetime) -> None:
        asked.append("deletes")
        db.execute(delete(clock.ClockOffset).where(clock.ClockOffset.id > 1))

    def broken(db: Session, now: datetime) -> None:
        asked.append("broken")
        raise RuntimeError("broken")

    due = {"writes": writes, "deletes nothing": deletes_nothing, "broken": broken}
    names = ("reads", "deletes nothing", "writes", "reads", "writes", "reads", "broken", "reads")
    ticks = [Tick(name, due[name], lambda db, now: None) if name in due else tick(name, asked) for name in names]
    with capture_logs() as logs:
        look(database, ticks, asked)
    assert asked[:-1] == [name.split()[0] for name in names]
    assert commits == [3, 5, 8]
    assert [line["tick"] for line in logs] == ["broken"]
    with database.transaction() as db:
        assert clock.kept_offset(db) == timedelta(hours=5)
    database.close()


# --- what is due and does not get done --------------------------------------------------------------------------------

MONDAY: Final = datetime(2026, 11, 23, 2, tzinfo=UTC)
LONG_AGO: Final = MONDAY - timedelta(hours=3)


class Rows:
    """The due rows of one tick: `stays` are not moved by it until they are taken out of there."""

    def __init__(self, name: str, *moments: datetime, stays: tuple[datetime, ...] = ()) -> None:
        self.rows = {*moments, *stays}
        self.stays = set(stays)
        self.asked: list[datetime] = []
        self.done: list[tuple[datetime, datetime]] = []
        """What was done, and when."""
        self.raises = False
        self.tick = Tick(name, self._due, lambda db, now: min(self.rows, default=None))

    def _due(self, db: Session, now: datetime) -> None:
        self.asked.append(now)
        if self.raises:
            raise RuntimeError("broken")
        ready = sorted(moment for moment in self.rows - self.stays if moment <= now)
        self.done += [(moment, now) for moment in ready]
        self.rows -= set(ready)


def scheduler_of(database: Database, *rows: Rows) -> Scheduler:
    """Their time stands still until somebody travels."""
    return Scheduler(Clock(real=lambda: MONDAY), database, [one.tick for one in rows], lambda: None)


async def looked(scheduler: Scheduler, times: int) -> datetime | None:
    """So many runs as the scheduler makes them; the moment of the next timer."""
    moment = None
    for _ in range(times):
        await scheduler.run_due()
        moment = await scheduler.next_due()
    return moment


def watched(url: str, *rows: Rows, scene: Callable[[Scheduler], Any]) -> list[Any]:
    """What the log says of it."""
    database = quick_database(url)
    with capture_logs() as logs:
        asyncio.run(asyncio.wait_for(scene(scheduler_of(database, *rows)), 60))
    database.close()
    return logs


def test_a_stuck_tick_is_told_once_and_sets_no_timer(sqlite_url: str) -> None:
    tomorrow = MONDAY + timedelta(days=1)
    stuck, other = Rows("stuck", stays=(LONG_AGO,)), Rows("other", tomorrow)

    async def scene(scheduler: Scheduler) -> None:
        assert await looked(scheduler, STUCK_LOOKS - 1) == LONG_AGO, "once or twice may be chance"
        assert scheduler.stuck == []
        assert await looked(scheduler, 1) == tomorrow
        assert scheduler.stuck == ["stuck"]
        assert await looked(scheduler, STUCK_LOOKS * 3) == tomorrow

    logs = watched(sqlite_url, stuck, other, scene=scene)
    told = {"event": "tick stuck", "log_level": "warning", "tick": "stuck", "since": LONG_AGO.isoformat()}
    assert logs == [told]
    assert len(stuck.asked) == STUCK_LOOKS * 4, "it is asked at every look all the same"


def test_a_stuck_tick_that_moves_again_is_told_and_trusted_again(sqlite_url: str) -> None:
    stuck = Rows("stuck", stays=(LONG_AGO,))

    async def scene(scheduler: Scheduler) -> None:
        await looked(scheduler, STUCK_LOOKS + 2)
        stuck.stays.clear()
        assert await looked(scheduler, 1) is None
        assert scheduler.stuck == []
        stuck.rows = stuck.stays = {MONDAY}
        assert await looked(scheduler, STUCK_LOOKS - 1) == MONDAY
        assert scheduler.stuck == []

    logs = watched(sqlite_url, stuck, scene=scene)
    assert [(line["event"], line["log_level"]) for line in logs] == [
        ("tick stuck", "warning"),
        ("tick moves again", "info"),
    ]
    assert {(line["tick"], line["since"]) for line in logs} == {("stuck", LONG_AGO.isoformat())}


def test_a_tick_that_moves_now_and_then_is_not_stuck(sqlite_url: str) -> None:
    slow = Rows("slow", stays=(LONG_AGO,))

    async def scene(scheduler: Scheduler) -> None:
        for _ in range(4):
            await looked(scheduler, STUCK_LOOKS - 1)
            slow.stays.clear()
            await looked(scheduler, 1)
            slow.rows = slow.stays = {LONG_AGO}

    assert watched(sqlite_url, slow, scene=scene) == []


def test_who_only_asks_when_something_is_due_makes_nobody_stuck(sqlite_url: str) -> None:
    stuck = Rows("stuck", stays=(LONG_AGO,))

    async def scene(scheduler: Scheduler) -> None:
        await scheduler.run_due()
        for _ in range(STUCK_LOOKS * 2):
            assert await scheduler.next_due() == LONG_AGO

    assert watched(sqlite_url, stuck, scene=scene) == []


def test_a_crowd_in_portions_is_not_stuck_between_them(sqlite_url: str) -> None:
    """Its moment stays past until the last portion is done; whoever asks meanwhile must not count that."""
    database, portions = quick_database(sqlite_url), list[int]()

    def due(db: Session, now: datetime) -> None:
        portions.append(1)
        if len(portions) < STUCK_LOOKS * 3:
            something_due(db)

    crowd = Tick("crowd", due, lambda db, now: LONG_AGO if len(portions) < STUCK_LOOKS * 3 else None)

    async def asks() -> None:
        await scheduler.next_due()

    scheduler = Scheduler(Clock(real=lambda: MONDAY), database, [crowd], asks)
    with capture_logs() as logs:
        asyncio.run(scheduler.run_due())
    assert len(portions) == STUCK_LOOKS * 3
    assert (logs, scheduler.stuck) == ([], [])
    database.close()


def test_a_tick_that_fails_each_time_is_stuck_too(sqlite_url: str) -> None:
    broken = Rows("broken", LONG_AGO)
    broken.raises = True

    async def scene(scheduler: Scheduler) -> None:
        assert await looked(scheduler, STUCK_LOOKS) is None
        assert scheduler.stuck == ["broken"]

    logs = watched(sqlite_url, broken, scene=scene)
    assert [line["event"] for line in logs] == ["tick failed"] * STUCK_LOOKS + ["tick stuck"]


def test_time_travel_passes_over_a_stuck_tick(sqlite_url: str) -> None:
    days = [MONDAY + timedelta(days=number) for number in range(1, 301)]
    late = MONDAY + timedelta(days=7, minutes=1)
    stuck, other = Rows("stuck", stays=(late,)), Rows("other", *days)

    async def settle() -> None:
        pass

    async def scene(scheduler: Scheduler) -> None:
        assert await scheduler.travel(days[-1], settle) == days[-1]
        assert scheduler.clock.now() == days[-1]

    logs = watched(sqlite_url, stuck, other, scene=scene)
    assert other.done == [(day, day) for day in days], "each at its own moment"
    assert [(line["event"], line["since"]) for line in logs] == [("tick stuck", late.isoformat())]
    assert len(stuck.asked) < len(days) + STUCK_LOOKS + 5
    assert stuck.asked == sorted(stuck.asked)


def test_the_scheduler_is_not_told_of_the_moment_of_a_stuck_tick(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to: list[datetime] = []

    class TimerSpy:
        running = True

        def add_job(self, *_: object, run_date: datetime, **__: object) -> None:
            set_to.append(run_date)

    async def scene(scheduler: Scheduler) -> None:
        monkeypatch.setattr(scheduler, "_apscheduler", TimerSpy())
        for _ in range(STUCK_LOOKS * 2):
            await scheduler.run_due()

    watched(sqlite_url, Rows("stuck", stays=(LONG_AGO,)), scene=scene)
    assert len(set_to) == STUCK_LOOKS - 1


def test_who_wakes_it_while_the_next_moment_is_looked_for_is_heard(sqlite_url: str) -> None:
    """Something became due after it was looked for, and before the timer was set: it need not wait for 30 seconds."""
    database, asked = quick_database(sqlite_url), list[str]()

    def next_due(db: Session, now: datetime) -> None:
        if asked == ["once"]:
            scheduler.wake()

    scheduler = Scheduler(
        Clock(), database, [Tick("late", lambda db, now: asked.append("once"), next_due)], lambda: None
    )

    async def whole() -> None:
        scheduler._apscheduler.start(paused=True)  # timers can be set, and none fires
        await scheduler.run_due()
        scheduler.stop()

    asyncio.run(whole())
    assert len(asked) == 2
    database.close()

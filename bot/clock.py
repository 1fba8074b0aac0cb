"""Time: the bot's present, which tests and the sandbox can move, and the ticks that ask what is due.

APScheduler runs the ticks every LOOK_SECONDS and at the next due moment; what is due stands in the database, so a run
that was missed (the process was down) or made twice does no harm. APScheduler does not see a moved clock: time travel
steps through every due moment and runs the ticks itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import String, event
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.capability import CapabilityData
from bot.database import Base, Database, take_due_flag
from bot.database_trouble import is_away

log = structlog.get_logger("clock")

LOOK_SECONDS: Final = 30
"""How often the ticks ask even if nothing told them to: other processes write rows, too."""
STEPS: Final = 10_000
"""How many due moments one time travel may pass: a limit for a tick that is never done."""
PORTIONS: Final = 10_000
"""How often one look asks a tick that says there is more: a limit for a tick that always says so."""
TOGETHER_SECONDS: Final = 0.02
"""How long ticks that find nothing to do may go on one after the other, before a turn that waits has the database."""
STUCK_LOOKS: Final = 5
"""A tick is stuck after so many looks in a row that left its due moment where it was. One or two may be chance: another
process held the row, or something became due in between."""


class ClockOffset(Base):
    """How far the sandbox's present is ahead of real time; a single row."""

    __tablename__ = "clock_offset"

    id: Mapped[int] = mapped_column(primary_key=True)
    seconds: Mapped[float]
    note: Mapped[str | None] = mapped_column(String(40))


class Clock:
    """The bot's present. Leases, pacing and `retry_after` never use it: they run on real time."""

    def __init__(self, offset: timedelta = timedelta(0), real: Callable[[], datetime] | None = None) -> None:
        self.offset = offset
        self._real = real or (lambda: datetime.now(UTC))

    def now(self) -> datetime:
        """Returns the present, aware UTC."""
        return self._real() + self.offset

    def move_to(self, moment: datetime) -> None:
        self.offset = moment - self._real()


def kept_offset(db: Session) -> timedelta:
    row = db.get(ClockOffset, 1)
    return timedelta(seconds=row.seconds if row else 0)


def keep_offset(db: Session, offset: timedelta) -> None:
    row = db.get(ClockOffset, 1)
    if row is None:
        db.add(ClockOffset(id=1, seconds=offset.total_seconds()))
    else:
        row.seconds = offset.total_seconds()


@dataclass(frozen=True)
class Tick:
    """Something that asks the database what is due: `due` does it, `next_due` tells when to ask next.

    Many people are dealt with in portions, each in a transaction of its own: `due` then calls `something_due(db)` and
    is asked again at once, after the turns that wait for the database.
    """

    name: str
    due: Callable[[Session, datetime], object]
    next_due: Callable[[Session, datetime], datetime | None]


@dataclass
class _Unmoved:
    """A tick that left something due, and since when."""

    since: datetime
    """The moment that was due then (the bot's time)."""
    looks: int = 0
    stuck_at: float | None = None
    """When it was found stuck (real seconds)."""


class Scheduler:
    """Runs the ticks: every LOOK_SECONDS, at the next due moment, and whenever `wake()` is called.

    A tick that leaves the same thing due again and again is stuck: the past moment it names sets no timer any more, and
    time travel passes over it. A stuck tick is still asked at every look, because something else may be due.
    """

    def __init__(
        self,
        clock: Clock,
        database: Database,
        ticks: Sequence[Tick],
        after: Callable[[], Awaitable[None] | None],
        may_run: Callable[[], bool] = lambda: True,
    ) -> None:
        """`after` is called when ticks have run, because rows may be waiting in the outbox. While `may_run` returns
        False (the clock is wrong) nothing is due; it is asked again at each look."""
        self.clock = clock
        self._database = database
        self._ticks = ticks
        self._after = after
        self._may_run = may_run
        self._apscheduler = AsyncIOScheduler(timezone=UTC)
        self._running = asyncio.Lock()
        self._again = False
        self._asked: dict[str, datetime] = {}
        """The ticks that were asked until they had no more to do, and at what present, since their next moments were
        last looked at."""
        self._unmoved: dict[str, _Unmoved] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        self._unmoved.clear()  # another process may have asked since
        # a new one each time: one that was shut down has forgotten its jobs, and its executors
        self._apscheduler = AsyncIOScheduler(timezone=UTC)
        always = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._apscheduler.add_job(
            self._timer_fired, "interval", seconds=LOOK_SECONDS, next_run_time=datetime.now(UTC), id="look", **always
        )
        self._apscheduler.start()

    def stop(self) -> None:
        if self._apscheduler.running:
            self._apscheduler.shutdown(wait=False)
        self._unmoved.clear()

    def clock_was_set(self) -> None:
        """Sets the timers anew. APScheduler plans by the clock: after a jump ahead and back it would next wake at the
        wrong moment."""
        if self._apscheduler.running:
            self._apscheduler.modify_job("look", next_run_time=datetime.now(UTC))

    @property
    def stuck(self) -> list[str]:
        """Returns the names of the ticks that leave something due again and again."""
        return sorted(name for name, one in self._unmoved.items() if one.stuck_at is not None)

    @property
    def stuck_seconds(self) -> float:
        """How long the first of them has been known to be stuck; real seconds."""
        moments = [one.stuck_at for one in self._unmoved.values() if one.stuck_at is not None]
        return time.monotonic() - min(moments) if moments else 0.0

    def wake(self) -> None:
        """Makes the scheduler look soon, because something may have become due. Many calls in a moment cause one
        look."""
        if self._running.locked():
            self._again = True
            return
        task = asyncio.get_running_loop().create_task(self.run_due())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _timer_fired(self) -> None:
        # the scheduler cancels its own jobs when it is stopped; a look is ours and is finished
        self.wake()

    async def run_due(self, of: Sequence[Tick] | None = None) -> None:
        """Does what is due now, and sets the timer for the next due moment. Returns when that is done. `of`: only these
        ticks are asked, unless one is woken meanwhile."""
        if self._running.locked():
            self._again = True
            async with self._running:  # the look under way is made once more
                return
        async with self._running:
            self._again = self._may_run()
            while self._again:
                self._again = False
                await self._do_due(self._ticks if of is None else of)
                of = None
                # a call of wake() while the next moment is read sets this: nothing else would notice it
                if not self._again and self._apscheduler.running:
                    self._set_timer(await self.next_due())

    async def _do_due(self, ticks: Sequence[Tick]) -> None:
        for _ in range(PORTIONS):
            ticks = await self._do(ticks)
            waiting = self._after()
            if waiting is not None:
                await waiting
            if not ticks:
                break
            if self._again:  # something else may have become due: it need not wait until all of them are done
                self._again, ticks = False, self._ticks

    async def _do(self, ticks: Sequence[Tick]) -> list[Tick]:
        """Runs the ticks in their order. Returns those that have more to do."""
        have_more: list[Tick] = []
        left = list(ticks)
        while left:
            now = self.clock.now()
            for tick in left:
                self._asked.pop(tick.name, None)
            run: list[Tick] = []
            try:
                more = await self._database.in_transaction(_portion, left, now, run)
            except Exception as problem:  # one tick's error must not stop the others
                run = run or left[:1]  # the database itself is in trouble
                if not is_away(problem):
                    log.error("tick failed", tick=run[-1].name, error=type(problem).__name__)
                more = False
            self._asked |= {tick.name: now for tick in run}
            if more:
                del self._asked[run[-1].name]
                have_more.append(run[-1])
            del left[: len(run)]
        return have_more

    async def quiet(self) -> None:
        """Waits until no look is under way."""
        await asyncio.gather(*self._tasks)

    async def next_due(self) -> datetime | None:
        """Returns the next moment (the bot's time) at which something is due; past moments mean "now". Moments of stuck
        ticks are left out."""
        return min((moment for _, moment in await self._moments()), default=None)

    async def _moments(self) -> list[tuple[Tick, datetime]]:
        """Returns the ticks that have a next moment, each with it; without stuck ones that are late."""
        found: list[tuple[Tick, datetime | None]] = []
        try:
            found = await self._database.in_transaction(self._ask, self._ticks)
        except Exception:  # one of them: ask each by itself
            for tick in self._ticks:
                try:
                    found += await self._database.in_transaction(self._ask, [tick])
                except Exception as problem:
                    if not is_away(problem):
                        log.error("tick failed", tick=tick.name, error=type(problem).__name__)
        self._watch(found)
        now, stuck = self.clock.now(), set(self.stuck)
        return [
            (tick, moment) for tick, moment in found if moment is not None and (moment > now or tick.name not in stuck)
        ]

    def _ask(self, db: Session, ticks: Sequence[Tick]) -> list[tuple[Tick, datetime | None]]:
        now = self.clock.now()
        return [(tick, tick.next_due(db, now)) for tick in ticks]

    def _watch(self, found: Iterable[tuple[Tick, datetime | None]]) -> None:
        """Notes which of the ticks that were asked left something due, and logs a tick that is stuck by that."""
        for tick, moment in found:
            asked = self._asked.pop(tick.name, None)
            if asked is None:
                continue
            if moment is None or moment > asked:
                moved = self._unmoved.pop(tick.name, None)
                if moved is not None and moved.stuck_at is not None:
                    log.info("tick moves again", tick=tick.name, since=moved.since.isoformat())
                continue
            unmoved = self._unmoved.setdefault(tick.name, _Unmoved(moment))
            unmoved.looks += 1
            if unmoved.looks == STUCK_LOOKS:
                unmoved.stuck_at = time.monotonic()
                log.warning("tick stuck", tick=tick.name, since=unmoved.since.isoformat())

    def _set_timer(self, moment: datetime | None) -> None:
        if not self._apscheduler.running or moment is None:
            return
        # not at once again: a tick that could not be done now is tried at the next regular look
        real = max(moment - self.clock.offset, datetime.now(UTC) + timedelta(seconds=1))
        self._apscheduler.add_job(
            self._timer_fired, "date", run_date=real, id="next due", replace_existing=True, misfire_grace_time=None
        )

    async def travel(self, to: datetime, settle: Callable[[], Awaitable[None]]) -> datetime:
        """Moves the present forward to `to` through every due moment in order; `settle` waits until what became due was
        sent before time goes on. Returns the new present. Raises ValueError for a moment in the past."""
        if to < self.clock.now():
            raise ValueError("time only goes forward")
        for _ in range(STEPS):
            moments = await self._moments()  # a past one again and again is that of a stuck tick, and is left out then
            moment = min((moment for _, moment in moments), default=None)
            if moment is None or moment > to:
                break
            if moment > self.clock.now():
                self.clock.move_to(moment)
            await self.run_due([tick for tick, due in moments if due <= self.clock.now()])
            await settle()
        if self.clock.now() < to:
            self.clock.move_to(to)
        await self._database.in_transaction(keep_offset, self.clock.offset)
        await self.run_due()
        await settle()
        return self.clock.now()


def _portion(db: Session, ticks: Sequence[Tick], now: datetime, run: list[Tick]) -> bool:
    """Runs ticks until one of them has written something: that is committed before any other is run. What each finds is
    read anew. Notes those that were run; returns whether the last of them has more to do."""
    began = time.monotonic()
    wrote = False

    def note(_connection: object, cursor: Any, statement: str, *_: object) -> None:
        nonlocal wrote
        wrote = wrote or (cursor.rowcount != 0 and not statement.startswith("SELECT"))

    event.listen(db.connection(), "after_cursor_execute", note)
    for tick in ticks:
        run.append(tick)
        tick.due(db, now)
        db.flush()
        more = take_due_flag(db)
        if more or wrote or time.monotonic() - began > TOGETHER_SECONDS:
            return more
        db.expunge_all()
    return False


# --- what it owes -----------------------------------------------------------------------------------------------------


DATA: Final = CapabilityData(
    "clock", tables=(ClockOffset,), stays={"clock_offset.note": "Which clock the offset was measured for, not who."}
)

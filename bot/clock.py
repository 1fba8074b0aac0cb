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
from typing import Final

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.capability import CapabilityData
from bot.database import Base, Database, take_due_flag

log = structlog.get_logger("clock")

LOOK_SECONDS: Final = 30
"""How often the ticks ask even if nothing told them to: other processes write rows, too."""
STEPS: Final = 10_000
"""How many due moments one journey may pass: a bound against a tick that never gets done."""
PORTIONS: Final = 10_000
"""How often one look asks a tick that says that there is more: a bound against one that always says so."""
STUCK_LOOKS: Final = 5
"""After so many looks in a row that left a tick's due moment where it was, the tick is stuck. One or two may be chance:
another process held the row, or something became due in between."""


class ClockOffset(Base):
    """How far the sandbox's present is ahead of real time; a single row."""

    __tablename__ = "clock_offset"

    id: Mapped[int] = mapped_column(primary_key=True)
    seconds: Mapped[float]
    note: Mapped[str | None] = mapped_column(String(40))


class Clock:
    """The bot's present. Leases, pacing and `retry_after` never ask it: they run on real time."""

    def __init__(self, offset: timedelta = timedelta(0), real: Callable[[], datetime] | None = None) -> None:
        self.offset = offset
        self._real = real or (lambda: datetime.now(UTC))

    def now(self) -> datetime:
        """The present, aware UTC."""
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

    A crowd is dealt with in portions, each a transaction of its own: `due` then says `something_due(db)` and is asked
    again at once, after the turns that wait for the database.
    """

    name: str
    due: Callable[[Session, datetime], object]
    next_due: Callable[[Session, datetime], datetime | None]


@dataclass
class _Unmoved:
    """What is known of a tick that left something due."""

    since: datetime
    """What was due then (the bot's time)."""
    looks: int = 0
    stuck_at: float | None = None
    """When it was found stuck (real seconds)."""


class Scheduler:
    """Runs the ticks: every LOOK_SECONDS, at the next due moment, and whenever `wake()` is called.

    A tick that leaves the same thing due again and again is stuck: the past moment it names sets no timer any more, and
    time travel passes over it. It is still asked at every look, for something else of it may be due.
    """

    def __init__(
        self, clock: Clock, database: Database, ticks: Sequence[Tick], after: Callable[[], Awaitable[None] | None]
    ) -> None:
        """`after` is called when ticks have run: rows may be waiting in the outbox."""
        self.clock = clock
        self._database = database
        self._ticks = ticks
        self._after = after
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

    @property
    def stuck(self) -> list[str]:
        """The names of the ticks that do not get done what is due."""
        return sorted(name for name, one in self._unmoved.items() if one.stuck_at is not None)

    @property
    def stuck_seconds(self) -> float:
        """How long the first of them has been known to be stuck; real seconds."""
        moments = [one.stuck_at for one in self._unmoved.values() if one.stuck_at is not None]
        return time.monotonic() - min(moments) if moments else 0.0

    def wake(self) -> None:
        """Something may have become due: look soon. Many calls in a moment make one look."""
        if self._running.locked():
            self._again = True
            return
        task = asyncio.get_running_loop().create_task(self.run_due())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _timer_fired(self) -> None:
        # the scheduler cancels its own jobs when it is stopped; a look is ours and is finished
        self.wake()

    async def run_due(self) -> None:
        """Do what is due now, and set the timer for the next due moment. Returns when it is done."""
        if self._running.locked():
            self._again = True
            async with self._running:  # whoever is looking looks once more
                return
        async with self._running:
            self._again = True
            while self._again:
                self._again = False
                await self._do_due()
                # whoever wakes us while we ask for the next moment is heard by nobody else
                if not self._again and self._apscheduler.running:
                    self._set_timer(await self.next_due())

    async def _do_due(self) -> None:
        ticks = self._ticks
        for _ in range(PORTIONS):
            ticks = [tick for tick in ticks if await self._do(tick)]
            waiting = self._after()
            if waiting is not None:
                await waiting
            if not ticks:
                break
            if self._again:  # something else may have become due: it need not wait until the crowd is done
                self._again, ticks = False, self._ticks

    async def _do(self, tick: Tick) -> bool:
        """Returns whether it has more to do."""
        now = self.clock.now()
        self._asked.pop(tick.name, None)
        try:
            more = await self._database.in_transaction(_portion, tick, now)
        except Exception as problem:  # one tick's trouble must not silence the others
            log.error("tick failed", tick=tick.name, error=type(problem).__name__)
            more = False
        if not more:
            self._asked[tick.name] = now
        return more

    async def quiet(self) -> None:
        """Wait until nobody is looking."""
        await asyncio.gather(*self._tasks)

    async def next_due(self) -> datetime | None:
        """The next moment (the bot's time) at which something is due; past moments mean "now". Those of stuck ticks are
        left out."""
        found: list[tuple[Tick, datetime | None]] = []
        try:
            found = await self._database.in_transaction(self._ask, self._ticks)
        except Exception:  # one of them: ask each by itself
            for tick in self._ticks:
                try:
                    found += await self._database.in_transaction(self._ask, [tick])
                except Exception as problem:
                    log.error("tick failed", tick=tick.name, error=type(problem).__name__)
        self._watch(found)
        now, stuck = self.clock.now(), set(self.stuck)
        ahead = (moment for tick, moment in found if moment is not None and (moment > now or tick.name not in stuck))
        return min(ahead, default=None)

    def _ask(self, db: Session, ticks: Sequence[Tick]) -> list[tuple[Tick, datetime | None]]:
        now = self.clock.now()
        return [(tick, tick.next_due(db, now)) for tick in ticks]

    def _watch(self, found: Iterable[tuple[Tick, datetime | None]]) -> None:
        """Notes which of the ticks that were asked have left something due, and tells when that makes one stuck."""
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
        """Move the present forward to `to` through every due moment in order; `settle` lets what became due be
        said before time goes on. Returns the new present. Going back is refused with ValueError."""
        if to < self.clock.now():
            raise ValueError("time only goes forward")
        moment = await self.next_due()
        for _ in range(STEPS):
            if moment is None or moment > to:
                break
            if moment > self.clock.now():
                self.clock.move_to(moment)
            await self.run_due()
            await settle()
            moment = await self.next_due()  # a past one again and again is that of a stuck tick, and is left out then
        if self.clock.now() < to:
            self.clock.move_to(to)
        await self._database.in_transaction(keep_offset, self.clock.offset)
        await self.run_due()
        await settle()
        return self.clock.now()


def _portion(db: Session, tick: Tick, now: datetime) -> bool:
    tick.due(db, now)
    return take_due_flag(db)


# --- what it owes -----------------------------------------------------------------------------------------------------


DATA: Final = CapabilityData("clock", tables=(ClockOffset,))

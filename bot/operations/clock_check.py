"""Compares this machine's clock with Telegram's: an answer's `Date` header, and the `date` of a message just sent.

Updates are no measure: they may have waited for hours. Between two answers the machine's own stopwatch (monotonic time)
counts on, so a clock that jumps is noticed at once and not at the next answer.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Final

import structlog
from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.people.quiet_hours import Kind
from bot.people.rights import admin_accounts
from bot.settings import Settings
from bot.words.message import Message

log = structlog.get_logger("clock")

LOOK_SECONDS: Final = 5.0
SET_SECONDS: Final = 5.0
"""A clock that changes by more than this between two looks was set."""
FRESH_SECONDS: Final = 600.0
"""How long an answer counts. A poll brings one a minute; with a quiet webhook Telegram is asked every few minutes."""
SAMPLES: Final = 3
"""The median of so many answers counts: one proxy on the way with a wrong time changes nothing."""
ALARM: Final = timedelta(minutes=1)
"""How far the clock may be off before staff are told and nothing is erased by age."""
WRONG: Final = timedelta(hours=1)
"""How far the clock may be off before nothing is done because of its date."""


class Source(StrEnum):
    """Where a time of Telegram's was read. The two are kept apart: a Bot API server on this machine shows this
    machine's clock in one, and Telegram's own in the other."""

    HEADER = "header"
    MESSAGE = "message"


class ClockCheck:
    """How far this machine's clock is off. `wall` is the clock, `stopwatch` counts seconds and cannot be set."""

    def __init__(
        self,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall = wall
        self._stopwatch = stopwatch
        self._zeros: dict[Source, deque[float]] = {source: deque(maxlen=SAMPLES) for source in Source}
        """Telegram's time (seconds since 1970) at which the stopwatch would have shown zero."""
        self._heard: dict[Source, float] = {}
        """When the newest time was read, by the stopwatch."""

    def hear(self, moment: datetime, source: Source) -> None:
        """Notes the time that Telegram's clock shows now."""
        now = self._stopwatch()
        self._zeros[source].append(moment.timestamp() - now)
        self._heard[source] = now

    @property
    def ahead_of_stopwatch(self) -> float:
        """The clock (seconds since 1970) minus the stopwatch: it hardly changes unless the clock is set."""
        return self._wall().timestamp() - self._stopwatch()

    @property
    def off(self) -> timedelta | None:
        """How far the clock is ahead (negative: behind); None: unknown, because no recent time was read."""
        now = self._stopwatch()
        found = [
            self.ahead_of_stopwatch - median(zeros)
            for source, zeros in self._zeros.items()
            if zeros and 0 <= now - self._heard[source] <= FRESH_SECONDS
        ]
        # seconds in float, and the year 9999 of a broken clock: a timedelta holds both
        return timedelta(seconds=max(found, key=abs)) if found else None

    @property
    def trusted(self) -> bool:
        """Whether the clock is known to be right, to a minute."""
        off = self.off
        return off is not None and abs(off) <= ALARM

    @property
    def alarming(self) -> bool:
        """Whether the clock is known to be more than a minute off."""
        off = self.off
        return off is not None and abs(off) > ALARM

    @property
    def wrong(self) -> bool:
        """Whether the clock is known to be more than an hour off."""
        off = self.off
        return off is not None and abs(off) > WRONG


class ClockWatch:
    """Checks the clock every LOOK_SECONDS, in a task of its own. Reports when the clock is wrong, and when it was
    set."""

    def __init__(
        self, check: ClockCheck, *, on_set: Callable[[], None], tell: Callable[[timedelta, bool], Awaitable[None]]
    ) -> None:
        """`on_set` is called when the clock was set to another time. `tell` is called with how far the clock is off and
        whether that stops what is due: once when it goes wrong, and once more when it gets worse than WRONG."""
        self.check = check
        self._on_set = on_set
        self._tell = tell
        self._ahead = check.ahead_of_stopwatch
        self._told: timedelta | None = None
        """How far off the clock was when staff were told; None: it is right as far as is known."""

    async def run(self) -> None:
        """Checks the clock until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()

    async def look(self) -> None:
        ahead = self.check.ahead_of_stopwatch
        if abs(ahead - self._ahead) > SET_SECONDS:
            log.warning("clock set", seconds=round(ahead - self._ahead))
            self._on_set()
        self._ahead = ahead
        off = self.check.off
        if off is None:
            return
        if not self.check.alarming:
            if self._told is not None:
                log.info("clock right again", off_seconds=round(off.total_seconds()))
                self._told = None
            return
        limit = WRONG if self.check.wrong else ALARM
        if self._told is not None and self._told >= limit:
            return
        self._told = limit
        log.error("clock off", off_seconds=round(off.total_seconds()), nothing_due=limit is WRONG)
        try:
            await self._tell(off, limit is WRONG)
        except Exception as problem:  # the log has it; a database that is away must not end the watch
            log.error("clock alarm not told", error=type(problem).__name__)


def post_alarm(db: Session, settings: Settings, off: timedelta, stops: bool, now: datetime) -> None:
    """Tells every admin how many minutes the clock is off, and whether that stops what is due."""
    message = Message(
        "staff.clock.wrong" if stops else "staff.clock.off", {"n": math.ceil(abs(off) / timedelta(minutes=1))}
    )
    outbox.post_to_each(db, admin_accounts(db, settings), message, kind=Kind.ALARM, now=now)

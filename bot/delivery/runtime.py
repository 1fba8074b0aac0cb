"""Shared by the parts of a sender: real time, the tasks beside the loop, and trouble that is logged once.

Real time runs in seconds of `monotonic`; time travel does not move it. All methods belong to one event loop.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, Final

import structlog

from bot.database_trouble import is_away

log = structlog.get_logger("sender")

MAX_KINDS_LOGGED: Final = 1000
"""How many kinds of trouble are told apart; further kinds are not logged."""


class Runtime:
    """Real time, the event that the loop waits for, and the tasks that run beside the loop.

    `monotonic` and `sleep` are real time in seconds. `stopping` is true from the moment an end is asked for until the
    next start.
    """

    def __init__(self, monotonic: Callable[[], float], sleep: Callable[[float], Awaitable[None]]) -> None:
        self.monotonic = monotonic
        self.sleep = sleep
        self.stopping = False
        self._changed = asyncio.Event()
        self._alarm_at = math.inf
        self._alarm_task: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._logged: set[tuple[str, ...]] = set()

    @property
    def has_tasks(self) -> bool:
        return bool(self._tasks)

    def begin(self) -> None:
        """Gets ready for a run, perhaps in another event loop than the last."""
        self.stopping = False
        self._changed = asyncio.Event()

    def notify(self) -> None:
        """Tells the loop that something happened."""
        self._changed.set()

    async def wait(self, seconds: float) -> None:
        """Waits until something happens, at most so many seconds."""
        at = self.monotonic() + seconds
        # an alarm that is set for the same moment or earlier is enough
        if at < self._alarm_at - 0.0005:
            if self._alarm_task is not None:
                self._alarm_task.cancel()
            self._alarm_at = at
            self._alarm_task = asyncio.create_task(self._alarm(max(0.0, at - self.monotonic())))
        await self._changed.wait()
        self._changed.clear()

    async def _alarm(self, seconds: float) -> None:
        await self.sleep(seconds)
        self._alarm_at, self._alarm_task = math.inf, None
        self.notify()

    def end_alarm(self) -> None:
        if self._alarm_task is not None:
            self._alarm_task.cancel()
        self._alarm_at, self._alarm_task = math.inf, None

    def start(self, work: Coroutine[Any, Any, None], ended: Callable[[], None] | None = None) -> asyncio.Task[None]:
        """Runs `work` in a task beside the loop. `ended` is called however the task ends, also if it is cancelled
        before its first step: then none of its code runs, not even a `finally`."""
        task = asyncio.create_task(work)
        self._tasks.add(task)

        def done(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            if ended is not None:
                ended()

        task.add_done_callback(done)
        return task

    async def cancel_tasks(self) -> None:
        """Cancels all tasks that were started, and waits until they have ended."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def log_once(self, error: BaseException, what: str, **details: Any) -> None:
        """Logs each kind of trouble once, by its type and place. The error's text is left out: it may hold what people
        wrote. That the database is away is told by `Database`."""
        if is_away(error):
            return
        frame = error.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        where = f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}" if frame is not None else ""
        if self.is_first(what, type(error).__name__, where):
            log.error(what, error=type(error).__name__, where=where, **details)

    def is_first(self, *kind: str) -> bool:
        """Returns whether this kind of trouble is new, so that it may be logged."""
        if kind in self._logged or len(self._logged) >= MAX_KINDS_LOGGED:
            return False
        self._logged.add(kind)
        return True


def back_off(tries: int, longest: float) -> float:
    """Returns the seconds before the next try: 0.5, 1, 2 ... up to `longest`, each a bit longer by chance."""
    return min(longest, 0.5 * 2.0 ** min(tries, 10) * random.uniform(1.0, 1.5))

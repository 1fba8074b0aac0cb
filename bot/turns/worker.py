"""Turns claimed from the table: how any number of processes share one PostgreSQL's inbox (see `inbox.claim`)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Final, Generic

import structlog

from bot.database import Database, DatabaseUnavailableError
from bot.turns.inbox import DoneT

log = structlog.get_logger("worker")

POLL_SECONDS: Final = 2.0
"""How often the table is looked into when nobody says that something came."""
LONGEST_BACK_OFF: Final = 10.0


class Worker(Generic[DoneT]):
    """Claims and runs turns, as many batches side by side as the database has threads, until cancelled.

    `run_next(limit)` handles up to `limit` people's updates and tells what it came to, None if nothing waits.
    `run_left_over` does so with what may have ended another process; it comes first, and is looked for now and then.
    """

    def __init__(
        self,
        *,
        database: Database,
        run_next: Callable[[int], DoneT | None],
        run_left_over: Callable[[int], DoneT | None],
        on_done: Callable[[DoneT], None],
        batch: int,
    ) -> None:
        self._database = database
        self._run_next = run_next
        self._run_left_over = run_left_over
        self._on_done = on_done
        self._batch = batch
        self._wake = asyncio.Event()
        self._looking_back = asyncio.Lock()
        self._look_back_at = 0.0
        self.handled = 0
        self.failed = 0
        self._trying_again = 0

    @property
    def cannot_commit(self) -> bool:
        """Whether something could not be done for the database's sake, and is tried again."""
        return self._trying_again > 0

    def wake(self) -> None:
        """Something came."""
        self._wake.set()

    async def run(self) -> None:
        # before anything else is begun: what ended the process before us is counted, and then met by nobody unprepared
        await self._patiently(self._look_back)
        async with asyncio.TaskGroup() as group:
            for _ in range(self._database.threads):
                group.create_task(self._work_through())

    async def _work_through(self) -> None:
        while True:
            await self._patiently(self._do_what_waits)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._wake.wait()
                self._wake.clear()  # one of us looks; who finds much to do calls the next

    async def _patiently(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do it, and again as long as the database is away."""
        wait, again = 0.25, 0
        try:
            while True:
                try:
                    return await work()
                except DatabaseUnavailableError as problem:
                    if problem.done is not None:
                        self._note(problem.done)
                    log.error("the database is not available, trying again", error=str(problem))
                    if not again:
                        again = 1
                        self._trying_again += 1
                    wait = min(wait * 2, LONGEST_BACK_OFF)
                    await asyncio.sleep(wait)
        finally:
            self._trying_again -= again

    async def _do_what_waits(self) -> None:
        while True:
            if time.monotonic() >= self._look_back_at:
                await self._look_back()
            done = await self._database.run(self._run_next, self._batch)
            if done is None:
                return
            self._note(done)

    async def _look_back(self) -> None:
        if self._looking_back.locked():
            return  # one after the other, or what ends the process would take others with it
        async with self._looking_back:
            while (done := await self._database.run(self._run_left_over, self._batch)) is not None:
                self._note(done)
            self._look_back_at = time.monotonic() + POLL_SECONDS

    def _note(self, done: DoneT) -> None:
        self.handled += done.handled
        self.failed += done.failed
        self._on_done(done)
        if done.handled >= self._batch:
            self._wake.set()

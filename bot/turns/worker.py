"""Claims turns from the table: so any number of processes share one inbox on PostgreSQL (see `inbox.claim`)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Final, Generic

from bot.database import Database
from bot.database_trouble import DatabaseUnavailableError
from bot.turns.intake import DoneT

POLL_SECONDS: Final = 2.0
"""How often the table is searched when nobody says that something came."""
LONGEST_BACK_OFF: Final = 10.0


class Worker(Generic[DoneT]):
    """Claims and runs turns, as many batches side by side as the database has threads, until stopped or cancelled.

    `run_next(limit)` handles up to `limit` people's updates and returns what was done, None if no update waits.
    `run_left_over` does so for updates that may have ended another process; it is called first, and now and then.
    `until_next` tells after how many seconds an update that waits because of the pace may be handled.
    """

    def __init__(
        self,
        *,
        database: Database,
        run_next: Callable[[int], DoneT | None],
        run_left_over: Callable[[int], DoneT | None],
        on_done: Callable[[DoneT], None],
        until_next: Callable[[], float],
        batch: int,
    ) -> None:
        self._database = database
        self._run_next = run_next
        self._run_left_over = run_left_over
        self._on_done = on_done
        self._until_next = until_next
        self._batch = batch
        self._wake = asyncio.Event()
        self._stopping = False
        self._running = False
        self._looking_back = asyncio.Lock()
        self._look_back_at = 0.0
        self.handled = 0
        self.failed = 0
        self._trying_again = 0

    @property
    def cannot_commit(self) -> bool:
        """Whether the last try failed because of the database, and is repeated."""
        return self._trying_again > 0

    def wake(self) -> None:
        """Tells that updates came."""
        self._wake.set()

    async def run(self) -> None:
        self._running = True
        try:
            # before anything else: the update that ended the last process must be counted before anybody handles it
            # again
            await self._patiently(self._look_back)
            async with asyncio.TaskGroup() as group:
                for _ in range(self._database.threads):
                    group.create_task(self._work_through())
        finally:
            self._running = False

    async def stop(self) -> None:
        """Claims nothing more. Returns when what was claimed is done, and what follows from it is known."""
        self._stopping = True
        while self._running:
            self._wake.set()
            await asyncio.sleep(0.01)

    async def _work_through(self) -> None:
        while not self._stopping:
            await self._patiently(self._do_what_waits)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(POLL_SECONDS, self._until_next())):
                    await self._wake.wait()
                self._wake.clear()  # one task searches; if it finds much, it wakes the next

    async def _patiently(self, work: Callable[[], Awaitable[None]]) -> None:
        """Runs `work`, again and again as long as the database is away."""
        wait, again = 0.25, 0
        try:
            while True:
                try:
                    return await work()
                except DatabaseUnavailableError as problem:
                    if problem.done is not None:
                        self._note(problem.done)
                    if not again:
                        again = 1
                        self._trying_again += 1
                    if self._stopping:
                        return
                    wait = min(wait * 2, LONGEST_BACK_OFF)
                    await asyncio.sleep(wait)
        finally:
            self._trying_again -= again

    async def _do_what_waits(self) -> None:
        while not self._stopping:
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

"""Turns claimed from the table: how any number of processes share one PostgreSQL's inbox (see `inbox.claim`)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Generic

import structlog

from bot.database import Database, DatabaseUnavailableError
from bot.inbox import DoneT

log = structlog.get_logger("worker")

POLL_SECONDS: Final = 2.0
"""How often the table is looked into when nobody says that something came."""
LONGEST_BACK_OFF: Final = 10.0


class Worker(Generic[DoneT]):
    """Claims and runs turns, as many batches side by side as the database has threads, until cancelled.

    `run_next(limit)` handles up to `limit` people's updates and tells what it came to, None if nothing waits.
    """

    def __init__(
        self,
        *,
        database: Database,
        run_next: Callable[[int], DoneT | None],
        on_done: Callable[[DoneT], None],
        batch: int,
    ) -> None:
        self._database = database
        self._run_next = run_next
        self._on_done = on_done
        self._batch = batch
        self._wake = asyncio.Event()
        self._wake.set()
        self.handled = 0
        self.failed = 0

    def wake(self) -> None:
        """Something came."""
        self._wake.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(self._database.threads):
                group.create_task(self._work_through())

    async def _work_through(self) -> None:
        wait = 0.25
        while True:
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                pass
            else:
                self._wake.clear()  # one of us looks; who finds much to do calls the next
            try:
                while (done := await self._database.run(self._run_next, self._batch)) is not None:
                    self.handled += done.handled
                    self.failed += done.failed
                    self._on_done(done)
                    if done.handled >= self._batch:
                        self._wake.set()
                    wait = 0.25
            except DatabaseUnavailableError as problem:
                log.error("the database is not available, trying again", error=str(problem))
                wait = min(wait * 2, LONGEST_BACK_OFF)
                await asyncio.sleep(wait)

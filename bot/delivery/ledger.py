"""The sender's dealings with the ledger (the outbox): rows are claimed, what became of them is settled, leases renewed.

Each part has its own short transactions, beside the calls to Telegram; when the database fails, it is tried again.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from bot.database import Database
from bot.database_trouble import is_away
from bot.delivery import outbox
from bot.delivery.outbox import ClaimedMessage, Gate, Priority, Result
from bot.delivery.queue import PER_CHAT, Queue
from bot.delivery.runtime import Runtime, back_off

POLL_SECONDS: Final = 1.0
"""How often the ledger is searched when nobody says that there is something."""
SETTLE_SECONDS: Final = 0.02
SETTLE_ROWS: Final = 200
"""While more is under way, results are written this often, or as soon as there are so many."""
RENEW_SECONDS: Final = 30.0


class _Found(NamedTuple):
    """The result of a search of the ledger."""

    claimed: list[ClaimedMessage]
    most_urgent: int | None
    replies_wait: bool


class Claims:
    """Searches the ledger when there is reason and room, and claims the messages that can be sent.

    `now` is the bot's present.
    """

    def __init__(
        self,
        database: Database,
        gate: Gate,
        holder: str,
        now: Callable[[], datetime],
        runtime: Runtime,
        replies_only: Callable[[], bool] = lambda: False,
    ) -> None:
        self._database = database
        self._gate = gate
        self._holder = holder
        self._now = now
        self._runtime = runtime
        self._replies_only = replies_only
        self._wakes = 0
        self._seen_wakes = -1
        """The number of `wake()` calls up to which the ledger has been searched."""
        self._next_poll = 0.0
        self._look_after = 0.0
        """After a search that failed, the next is not before this moment."""
        self._waits: int | None = None
        """The most urgent priority that was still waiting after the last search."""
        self._replies_wait = False
        self._look_task: asyncio.Task[None] | None = None

    @property
    def replies_wait(self) -> bool:
        """Whether replies were still waiting after the last search."""
        return self._replies_wait

    @property
    def up_to_date(self) -> bool:
        """Whether the ledger was searched since the last `wake()`."""
        return self._seen_wakes == self._wakes

    @property
    def idle(self) -> bool:
        """Whether nothing is known to wait, and no search is under way."""
        return not self._looking and self.up_to_date and self._waits is None

    @property
    def _looking(self) -> bool:
        # not a flag that the task sets at its end: one cancelled before its first step runs no code
        return self._look_task is not None and not self._look_task.done()

    def wake(self) -> None:
        """Tells that rows were written: the ledger must be searched."""
        self._wakes += 1
        self._runtime.notify()

    def poll_soon(self) -> None:
        """Asks for a search soon: there may be rows that nobody told of, or that there was no room for."""
        self._next_poll = 0.0

    def look_if_needed(self, queue: Queue) -> float:
        """Starts a search of the ledger if there is reason and room; returns after how many seconds to ask again.
        Claimed messages are added to `queue`."""
        if self._looking:
            return math.inf
        now = self._runtime.monotonic()
        if now < self._look_after:
            return self._look_after - now
        room = queue.room()
        reason = not self.up_to_date or now >= self._next_poll
        # what is known to wait is fetched in worthwhile portions
        if self._waits == Priority.REPLY:
            reason = reason or room.half_of_replies
        elif self._waits is not None:
            reason = reason or room.half_of_bulk
        if room.replies <= 0:
            return math.inf
        if not reason:
            return max(0.0, self._next_poll - now)
        if room.bulk <= 0 or self._waits == Priority.REPLY:
            limit, priority = room.replies, Priority.REPLY
        else:
            limit, priority = room.bulk, Priority.BROADCAST
        self._next_poll = now + POLL_SECONDS
        self._look_task = asyncio.create_task(self._look(queue, limit, priority))
        return math.inf

    async def end(self, seconds: float) -> None:
        """Waits at most so long for a search that is under way: the messages it claims are given back with the rest."""
        if self._look_task is not None:
            await asyncio.wait([self._look_task], timeout=seconds)

    async def _look(self, queue: Queue, limit: int, priority: int) -> None:
        wakes = self._wakes
        try:
            found = await self._database.in_transaction(self._claim, limit, priority, queue.crowded)
        except Exception as error:
            self._runtime.log_once(error, "the ledger could not be read")
            self._look_after = self._runtime.monotonic() + POLL_SECONDS
        else:
            for claimed in found.claimed:
                queue.add(claimed)
            self._seen_wakes = wakes
            self._waits = found.most_urgent
            self._replies_wait = found.replies_wait
        finally:
            self._look_task = None
            self._runtime.notify()

    def _claim(self, db: Session, limit: int, priority: int, crowded: frozenset[int]) -> _Found:
        now = self._now()
        replies_only = self._replies_only()
        claimed = outbox.claim(
            db,
            holder=self._holder,
            now=now,
            real_now=datetime.now(UTC),
            limit=limit,
            gate=self._gate,
            priority=int(Priority.REPLY if replies_only else priority),
            per_chat=PER_CHAT,
            crowded=crowded,
        )
        db.flush()
        most_urgent = outbox.most_urgent(db, now, crowded=crowded)
        if replies_only and most_urgent != Priority.REPLY:
            return _Found(claimed, None, False)  # the rest waits, for nobody knows how long
        if most_urgent == Priority.REPLY or not crowded:
            return _Found(claimed, most_urgent, most_urgent == Priority.REPLY)
        return _Found(claimed, most_urgent, outbox.most_urgent(db, now) == Priority.REPLY)


class Settlements:
    """Writes the results of messages in batches; results that cannot be written are kept and tried again.

    `more_to_come` tells whether calls are under way or about to be: then it waits for a full batch.
    """

    def __init__(
        self,
        database: Database,
        holder: str,
        now: Callable[[], datetime],
        runtime: Runtime,
        more_to_come: Callable[[], bool],
    ) -> None:
        self._database = database
        self._holder = holder
        self._now = now
        self._runtime = runtime
        self._more_to_come = more_to_come
        self._results: list[Result] = []
        self._writing = asyncio.Lock()
        self._have_results = asyncio.Event()

    @property
    def idle(self) -> bool:
        return not self._results and not self._writing.locked()

    @property
    def rows(self) -> list[int]:
        """The rows whose result is not written yet."""
        return [result.claimed.id for result in self._results]

    def begin(self) -> None:
        """Gets ready for a run, perhaps in another event loop than the last."""
        self._writing, self._have_results = asyncio.Lock(), asyncio.Event()
        if self._results:
            self._have_results.set()

    def add(self, result: Result) -> None:
        self._results.append(result)
        self._have_results.set()

    async def settle_forever(self) -> None:
        while True:
            await self._have_results.wait()
            self._have_results.clear()
            await asyncio.sleep(0)  # until then the call that brought the result still counts as under way itself
            # Batches when there is much to do; when nothing else is under way, at once.
            if self._more_to_come() and len(self._results) < SETTLE_ROWS and not self._runtime.stopping:
                await self._runtime.sleep(SETTLE_SECONDS)
            tries = 0
            while self._results and not await self.settle_now():
                await self._runtime.sleep(back_off(min(tries, 4), 10.0))
                tries += 1

    async def settle_now(self) -> bool:
        """Writes all results; those that cannot be written are kept. Returns whether all were written."""
        async with self._writing:
            while self._results:
                batch, self._results = self._results, []
                unwritten = batch
                try:
                    unwritten = await self._write(batch)
                finally:
                    if unwritten:
                        self._results = unwritten + self._results
                        self._have_results.set()
                if unwritten:
                    return False
        return True

    async def _write(self, batch: list[Result]) -> list[Result]:
        """Settles a batch; returns the results that could not be written. If the batch fails, each result is written
        alone, so that one bad row does not hold up the others."""
        try:
            await self._database.in_transaction(self._settle, batch)
            return []
        except Exception as error:
            self._runtime.log_once(error, "what was sent could not be written down")
            if len(batch) == 1 or is_away(error):
                return batch
        unwritten: list[Result] = []
        for result in batch:
            try:
                await self._database.in_transaction(self._settle, [result])
            except Exception as error:
                self._runtime.log_once(error, "what was sent could not be written down")
                unwritten.append(result)
        return unwritten

    def _settle(self, db: Session, batch: list[Result]) -> None:
        outbox.settle(db, batch, holder=self._holder, now=self._now())


class Leases:
    """Renews the leases of the claimed `rows`, and takes back rows whose lease ran out. Only while it `may_send`."""

    def __init__(
        self,
        database: Database,
        holder: str,
        runtime: Runtime,
        rows: Callable[[], list[int]],
        may_send: Callable[[], bool],
        wake: Callable[[], None],
    ) -> None:
        self._database = database
        self._holder = holder
        self._runtime = runtime
        self._rows = rows
        self._may_send = may_send
        self._wake = wake

    async def renew_forever(self) -> None:
        while True:
            await self._runtime.sleep(RENEW_SECONDS)
            if not self._may_send():
                continue
            try:
                if await self._database.in_transaction(self._renew, self._rows()):
                    self._wake()
            except Exception as error:
                self._runtime.log_once(error, "leases could not be renewed")

    def _renew(self, db: Session, rows: list[int]) -> int:
        """Renews the leases of claimed rows and takes back rows whose lease ran out. Returns the number of those taken
        back."""
        now = datetime.now(UTC)
        outbox.renew_leases(db, rows, holder=self._holder, real_now=now)
        return outbox.recover(db, real_now=now, everything=False)

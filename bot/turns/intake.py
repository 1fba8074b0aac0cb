"""The inbox of one process: asks Telegram for updates, commits them, and keeps the turns of all people going.

Each person's updates are in a queue of their own. A person whose next update may be handled is in line; a person who
sends faster than the pace allows is held, and put in line again at the right moment.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Generic, Protocol, TypeVar

import structlog
from sqlalchemy.orm import Session

from bot.database import Database
from bot.database_trouble import DatabaseUnavailableError, is_away
from bot.delivery import outbox
from bot.telegram.http import UNKNOWN_BOT, AnswerLost, NotReached, Refused
from bot.turns import floods
from bot.turns.batch import BATCH
from bot.turns.inbox import (
    ALLOWED_UPDATES,
    Arrival,
    Received,
    number_of,
    store,
    suspects_first,
    unanswered_callback_ids,
    undone,
    whose,
)
from bot.turns.pace import Pace

log = structlog.get_logger("inbox")

POLL_SECONDS: Final = 30
WEBHOOK_ACTIVE: Final = "can't use getUpdates method while webhook is active"
"""Telegram's words when updates are brought to a webhook."""
WEBHOOK_SET: Final = "terminated by setWebhook request"
"""Telegram's words when somebody set a webhook while we were asking."""
MAX_IN_MEMORY: Final = 5_000
"""With so many updates in memory, those that are held not counted, we stop asking Telegram for more: they are safe
there for 24 hours. And with so many held, only few more of a person are taken in."""
LOOK_SECONDS: Final = 0.02
"""How long a batch waits at most until the sender can take its replies directly."""


class Api(Protocol):
    async def call(
        self,
        method: str,
        params: Mapping[str, Any],
        files: Any = None,
        timeout: float = ...,  # noqa: ASYNC109 - the server holds a poll that long
    ) -> Any: ...


class Finished(Protocol):
    """The result of a batch of turns."""

    @property
    def handled(self) -> int: ...

    @property
    def failed(self) -> int: ...


DoneT = TypeVar("DoneT", bound=Finished)


class Inbox(Generic[DoneT]):
    """The inbox of one process: asks Telegram for updates, commits them as rows, and has the turns of all people run
    in batches. (The rows are those of `bot/turns/inbox.py`.)"""

    def __init__(
        self,
        *,
        api: Api,
        database: Database,
        run_turns: Callable[[Sequence[Arrival], bool], DoneT],
        may_hand_over: Callable[[], bool],
        on_done: Callable[[DoneT], None],
        stop_spinner: Callable[[str], None],
        on_written: Callable[[], None],
        now: Callable[[], datetime],
        pace: Pace,
    ) -> None:
        self._api = api
        self._database = database
        self._run_turns = run_turns
        self._may_hand_over = may_hand_over
        self._on_done = on_done
        self._stop_spinner = stop_spinner
        self._on_written = on_written
        self._now = now
        self._pace = pace
        self._offset = 0
        self._queues: dict[int, deque[Arrival]] = {}
        self._ready: deque[int] = deque()
        """The accounts in line."""
        self._held: set[int] = set()
        """The accounts that wait for their pace before they are in line again."""
        self._anybody_held = asyncio.Event()
        self._work = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._pending = 0
        self._under_way = 0
        self.last_poll = time.monotonic()
        """Monotonic seconds of the last answer Telegram gave to our asking; at first, of our own start."""
        self.received = 0
        self.handled = 0
        self.let_go = 0
        self.failed = 0
        self.cannot_store = False
        """Whether updates could not be committed, and none have been since."""
        self.cannot_commit = False
        """Whether turns could not be committed, and none have been since."""
        self.fatal: str | None = None
        self._doubtful: set[int] = set()
        """Ids of updates that may or may not be stored: the database failed at that moment."""
        self._careful = False
        """Whether a batch of updates that an earlier process may have begun is under way: only one such batch at a
        time."""

    async def recover(self) -> int:
        """Takes up the updates that an earlier process left unhandled."""
        left = await self._database.in_transaction(undone)
        self._enqueue(left)
        return len(left)

    async def poll(self) -> None:
        """Asks for updates until cancelled or refused for good (`fatal` says why, in one line)."""
        wait = 0.5
        asked = False
        while True:
            await self._room.wait()
            try:
                updates = await self._api.call(
                    "getUpdates",
                    {"offset": self._offset, "timeout": POLL_SECONDS, "limit": 100, "allowed_updates": ALLOWED_UPDATES},
                    timeout=POLL_SECONDS + 15,
                )
            except Refused as refusal:
                if refusal.code in (401, 404):
                    self.fatal = UNKNOWN_BOT
                    return
                log.warning("getUpdates was refused", code=refusal.code, description=refusal.description)
                # one that was put on after we had begun to ask is no earlier set-up's: somebody means it
                asked = asked or WEBHOOK_SET in refusal.description
                if not asked and WEBHOOK_ACTIVE in refusal.description:
                    await self._take_webhook_off()
                wait = max(refusal.retry_after or 0, min(wait * 2, 30))
            except (AnswerLost, NotReached):
                wait = min(wait * 2, 30)
            else:
                self.last_poll = time.monotonic()
                wait, asked = 0.5, True
                if updates:
                    await self.take(updates)
                continue
            await asyncio.sleep(wait)

    async def _take_webhook_off(self) -> None:
        """Removes the webhook of an earlier set-up, because this one asks for updates: Telegram does only one of
        both."""
        with contextlib.suppress(Refused, AnswerLost, NotReached):
            await self._api.call("deleteWebhook", {})
            log.info("the webhook of an earlier set-up was taken off")

    async def take(self, updates: Sequence[Any]) -> None:
        """Commits a batch; only then the next request acknowledges it to Telegram."""
        while True:
            try:
                await self.accept(updates)
            except Exception as problem:  # the batch stays with Telegram until the database takes it
                self.cannot_store = True
                if not is_away(problem):
                    log.error("updates could not be stored", error=type(problem).__name__)
                await asyncio.sleep(1)
            else:
                break
        numbers = [update_id for payload in updates if (update_id := number_of(payload)) is not None]
        if not numbers:
            await asyncio.sleep(1)  # nothing to acknowledge: what comes next may be the same
            return
        self._offset = max(numbers) + 1

    async def accept(self, updates: Sequence[Any]) -> None:
        """Commits updates and puts them into the queues of their people. Raises if they could not be stored: all of
        them may be brought again."""
        ids = {update_id for payload in updates if (update_id := number_of(payload)) is not None}
        try:
            received = await self._database.in_transaction(self._store, updates, ids & self._doubtful)
        except BaseException:
            self._doubtful |= ids
            raise
        self._doubtful -= ids
        self.cannot_store = False
        self.received += len(updates)
        self.let_go += len(received.let_go)
        for query_id in unanswered_callback_ids(updates, received.let_go):
            self._stop_spinner(query_id)
        if received.written:
            self._on_written()
        self._enqueue(received.arrivals)

    @property
    def has_room(self) -> bool:
        """Whether more updates should be taken in. With too many in memory, they are safer at Telegram."""
        return self._room.is_set()

    def _store(self, db: Session, updates: Sequence[Any], doubtful: Collection[int]) -> Received:
        now = self._now()
        stored = [replace(one, tries=None) for one in undone(db, doubtful)] if doubtful else []
        limit = floods.MAX_UNHANDLED_PER_PERSON
        if self._number_held() >= MAX_IN_MEMORY:
            limit = floods.MAX_WHEN_CROWDED
        let_go, flooding = floods.judge(
            whose(updates), lambda sender: len(self._queues.get(sender, ())), self._pace, limit, doubtful
        )
        arrivals = store(db, updates, now=now, let_go=let_go)
        floods.slow_down(db, flooding, now)
        arrivals = sorted([*stored, *arrivals], key=lambda arrival: arrival.update_id)
        return Received(arrivals, let_go, outbox.take_written_flag(db))

    def _enqueue(self, arrivals: Iterable[Arrival]) -> None:
        for arrival in arrivals:
            queue = self._queues.get(arrival.sender_id)
            if queue is None:
                self._queues[arrival.sender_id] = deque((arrival,))
                self._line_up(arrival.sender_id)
            else:
                queue.append(arrival)
            self._pending += 1
        self._look_round()

    def _line_up(self, sender: int) -> None:
        """Puts somebody in line, now or when their pace allows."""
        if self._pace.wait(sender) > 0:
            self._held.add(sender)
            self._anybody_held.set()
        else:
            self._ready.append(sender)

    async def _let_in_line(self) -> None:
        """Puts people who are held in line again, each at their moment, until cancelled."""
        while True:
            await self._anybody_held.wait()
            await self._pace.sleep(min(map(self._pace.wait, self._held), default=0.0))
            free = [sender for sender in self._held if not self._pace.wait(sender)]
            self._held.difference_update(free)
            self._ready.extend(free)
            if not self._held:
                self._anybody_held.clear()
            self._look_round()

    def _number_held(self) -> int:
        """Returns how many updates in memory belong to accounts that are held."""
        return sum(len(self._queues.get(sender, ())) for sender in list(self._held))

    def _look_round(self) -> None:
        """Signals whether there is work, and whether there is room for more."""
        if self._ready:
            self._work.set()
        if self._pending - self._number_held() >= MAX_IN_MEMORY:
            self._room.clear()
        else:
            self._room.set()

    async def work(self) -> None:
        """Runs turns until cancelled: as many batches side by side as the database has threads."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._let_in_line())
            for _ in range(self._database.threads):
                group.create_task(self._work_through())

    async def _work_through(self) -> None:
        while True:
            await self._work.wait()
            batch = self._next_batch()
            if not batch:
                self._work.clear()
                continue
            self._pace.handle(arrival.sender_id for arrival in batch)
            careful = batch[0].tries is not None
            self._careful = self._careful or careful
            self._under_way += 1
            try:
                await self._run(batch)
            finally:
                self._under_way -= 1
                if careful:
                    self._careful = False
                    self._work.set()

    async def _until_replies_can_be_handed_over(self) -> None:
        """Waits shortly until the sender has finished its search of the ledger.

        A batch that runs during a search has to leave its replies in the ledger, which calls for the next search: under
        load every reply would go through the ledger until the load ends.
        """
        until = time.monotonic() + LOOK_SECONDS
        while not self._may_hand_over() and time.monotonic() < until:  # noqa: ASYNC110 - seldom, and bounded
            await asyncio.sleep(0.001)

    def _next_batch(self) -> list[Arrival]:
        size = BATCH
        if self._database.threads > 1:  # leave something for the other threads
            size = max(1, min(size, -(-len(self._ready) // self._database.threads)))
        batch: list[Arrival] = []
        while self._ready and len(batch) < size:
            batch.append(self._queues[self._ready.popleft()][0])
        left_over = [arrival for arrival in batch if arrival.tries is not None]
        if not left_over:
            return batch
        chosen = [arrival for arrival in batch if arrival.tries is None] if self._careful else suspects_first(left_over)
        # the others come after it, in the same order
        self._ready.extendleft(arrival.sender_id for arrival in reversed(batch) if arrival not in chosen)
        return chosen

    async def _run(self, batch: list[Arrival]) -> None:
        wait = 0.25
        done: DoneT | None = None
        while done is None:
            await self._until_replies_can_be_handed_over()
            try:
                done = await self._database.run(self._run_turns, batch, self._may_hand_over())
            except DatabaseUnavailableError as problem:
                if problem.done is not None:  # the others of the batch are tried again
                    self.failed += problem.done.failed
                    self._on_done(problem.done)
                self.cannot_commit = True
                wait = min(wait * 2, 10)
                await asyncio.sleep(wait)
        self.cannot_commit = False
        self.handled += len(batch)
        self.failed += done.failed
        self._on_done(done)
        for arrival in batch:
            queue = self._queues[arrival.sender_id]
            queue.popleft()
            if queue:
                self._line_up(arrival.sender_id)
            else:
                del self._queues[arrival.sender_id]
        self._pending -= len(batch)
        self._look_round()

    @property
    def idle(self) -> bool:
        return self._pending == 0 and self._under_way == 0

    @property
    def _only_held(self) -> bool:
        return self._under_way == 0 and self._pending == self._number_held()

    async def until_idle(self, *, held: bool = True) -> None:
        """Waits until everything taken so far is handled. Without `held`, updates that wait because of the pace are
        left out: they are stored, and the next process takes them up."""
        while not (self.idle or (not held and self._only_held)):  # noqa: ASYNC110 - at a stop, in tests and time travel
            await asyncio.sleep(0.001)

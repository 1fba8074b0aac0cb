"""Outbox -> Telegram: the loop that claims messages, keeps their order and pace, and lets each leave in its turn. The
only caller of send*/edit*.

Rows of the ledger are claimed: replies straight from the turn that wrote them, everything else by claiming, and of that
only what can go out within half a second or so. They lie in one queue per chat, the most urgent first and otherwise in
the order they were written; one call per chat is under way at a time. What became of them is written back in batches.

    submit, Claims -> Queue -> Sender -> Preparation -> Calls -> Outcomes -> Settlements

Two clocks: the bot's (`now`, which time travel moves) decides what is due and what is stale; real time rules pace,
leases, back-off and Telegram's `retry_after`.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from prometheus_client import Histogram

from bot.database import Database
from bot.delivery.calls import Calls
from bot.delivery.connection import Api, Connection
from bot.delivery.ledger import POLL_SECONDS, Claims, Leases, Settlements
from bot.delivery.outbox import ClaimedMessage, Gate, Status
from bot.delivery.outcomes import Outcomes
from bot.delivery.preparation import Preparation
from bot.delivery.queue import Delivery, Queue
from bot.delivery.rate_limiter import RateLimiter
from bot.delivery.requests import Speech
from bot.delivery.runtime import Runtime
from bot.delivery.sent_messages import SentMessages
from bot.delivery.tap_answers import TapAnswers
from bot.delivery.uploads import Uploads
from bot.people.quiet_hours import Kind

QUEUE_LIMIT: Final = 2_000
"""With more claimed messages in memory than this, turns write waiting rows instead of claimed ones."""
STOP_SECONDS: Final = 5.0
"""How long stopping waits for calls under way, and then for the database."""


@dataclass(frozen=True)
class SenderOptions:
    """Name and address of a sender, its limits and its clocks."""

    holder: str
    """The name under which this process claims rows."""
    gate: Gate
    """Asked just before a row that is not a reply goes out."""
    now: Callable[[], datetime]
    """The bot's present."""
    root: Path
    """The folder that `File.path` counts from."""
    rate: float = 30
    """Calls in a second, for everybody."""
    chat_rate: float = 1.0
    """Calls in a second to one chat, after a burst of `chat_burst`."""
    chat_burst: int = 3
    concurrency: int = 32
    """How many calls are under way at once at most."""
    may_send: Callable[[], bool] = lambda: True
    """Asked before anything is sent or claimed: whether it is certain that no other process sends."""
    replies_only: Callable[[], bool] = lambda: False
    """Whether only replies may be sent now: while the clock is wrong, everything that has a date must wait."""
    monotonic: Callable[[], float] = time.monotonic
    """Real time in seconds; tests make it quick."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class Sender:
    """Sends what the ledger holds, until stopped. All methods belong to one event loop.

    For metrics: `sent` (`sent_of`: each kind), `failed`, `blocked`, `unknown`, `dropped`, `retried`, `wordless` and
    `answers_failed` count since the start, `answered` holds how long answers took, `in_hand` is how many messages are
    held.
    """

    def __init__(self, api: Api, database: Database, texts: Speech, options: SenderOptions) -> None:
        self._may_send = options.may_send
        self._now = options.now
        runtime = self._runtime = Runtime(options.monotonic, options.sleep)
        self._rate_limiter = RateLimiter(
            options.rate, options.chat_rate, options.chat_burst, monotonic=options.monotonic
        )
        self._claims = Claims(database, options.gate, options.holder, options.now, runtime, options.replies_only)
        self._queue = Queue(self._rate_limiter, runtime, self._claims.poll_soon)
        self._settlements = Settlements(database, options.holder, options.now, runtime, self._more_to_come)
        self._leases = Leases(database, options.holder, runtime, self._rows, options.may_send, self.wake)
        self._outcomes = Outcomes(self._queue, self._settlements, options.now)
        self._connection = Connection(api, runtime, self._give_back_what_can_wait, self._rate_limiter.hold)
        self._tap_answers = TapAnswers(api, self._connection, runtime)
        sent_messages = SentMessages(database, runtime)
        uploads = Uploads(database, texts, options.root, options.now, runtime)
        self._preparation = Preparation(self._queue, self._outcomes, sent_messages, uploads, runtime)
        self._calls = Calls(
            api,
            texts,
            options.concurrency,
            now=options.now,
            runtime=runtime,
            rate_limiter=self._rate_limiter,
            connection=self._connection,
            queue=self._queue,
            outcomes=self._outcomes,
            settlements=self._settlements,
            sent_messages=sent_messages,
            uploads=uploads,
        )
        self._running = False
        self._stop_asked = False
        """Whether `stop()` was called while nobody was sending: it then counts for the next `run()`."""
        self._ended = asyncio.Event()

    # --- for metrics --------------------------------------------------------------------------------------------------

    @property
    def sent(self) -> int:
        return self._outcomes.count[Status.SENT]

    @property
    def sent_of(self) -> Mapping[Kind, int]:
        return self._outcomes.sent_of

    @property
    def answered(self) -> Histogram:
        return self._outcomes.answered

    @property
    def failed(self) -> int:
        return self._outcomes.count[Status.FAILED]

    @property
    def blocked(self) -> int:
        return self._outcomes.count[Status.BLOCKED]

    @property
    def unknown(self) -> int:
        return self._outcomes.count[Status.UNKNOWN]

    @property
    def dropped(self) -> int:
        return self._outcomes.count[Status.DROPPED]

    @property
    def retried(self) -> int:
        return self._calls.retried

    @property
    def wordless(self) -> int:
        return self._calls.wordless

    @property
    def answers_failed(self) -> int:
        return self._tap_answers.failed

    @property
    def in_hand(self) -> int:
        return len(self._queue)

    @property
    def fatal(self) -> str | None:
        """Why nothing can be sent any more; one line for the person at the terminal."""
        return self._connection.fatal

    @property
    def fatal_event(self) -> asyncio.Event:
        return self._connection.fatal_event

    # --- what others call ---------------------------------------------------------------------------------------------

    def accepts(self) -> bool:
        """Whether a turn may submit its replies directly; if not, it writes waiting rows and calls `wake()`.

        It may not while older replies may be waiting in the ledger, so that each chat's order is kept.
        """
        return (
            not self._runtime.stopping
            and self.fatal is None
            and not self._connection.resting
            and self.in_hand <= QUEUE_LIMIT
            and not self._claims.replies_wait
            and (self._claims.up_to_date or not self._running)
        )

    def submit(self, claimed_messages: Sequence[ClaimedMessage]) -> None:
        """Takes messages that a turn has just committed as claimed by this sender, to send them."""
        for claimed in claimed_messages:
            self._queue.add(claimed)
        self._runtime.notify()

    def wake(self) -> None:
        """Tells that rows were written: the ledger must be searched now."""
        self._claims.wake()

    def answer(self, query_id: str, text: str | None = None, alert: bool = False) -> None:
        """Answers a tap at once, beside everything else. Answers are not in the ledger: late or refused ones are
        dropped."""
        self._tap_answers.answer(query_id, text, alert)

    async def run(self) -> None:
        """Sends until `stop()`, cancellation or a refusal for good (`fatal`); gives back what was not sent."""
        if self._running:
            raise RuntimeError("this sender is running already")
        if self._stop_asked:  # the task was told to stop before its first step
            self._stop_asked = False
            return
        self._running = True
        self._ended = asyncio.Event()
        for part in (self._runtime, self._tap_answers, self._settlements):
            part.begin()
        self._claims.poll_soon()
        helpers = [
            asyncio.create_task(self._settlements.settle_forever()),
            asyncio.create_task(self._leases.renew_forever()),
        ]
        try:
            while not self._runtime.stopping and self.fatal is None:
                try:
                    delay = min(self._start_ready(), self._look_if_needed())
                except Exception as error:
                    self._runtime.log_once(error, "sending stumbled")
                    delay = POLL_SECONDS
                await self._runtime.wait(min(delay, POLL_SECONDS))
        finally:
            self._runtime.stopping = True
            try:
                await self._shut_down()
            finally:
                for task in helpers:
                    task.cancel()
                self._runtime.end_alarm()
                self._running = False
                self._ended.set()

    async def stop(self) -> None:
        """Stops sending. Returns when what was in flight is settled, the taps are answered and the rest is given back.
        If the sender is not running, the next `run()` ends at once."""
        self._runtime.stopping = True
        self._runtime.notify()
        if self._running:
            await self._ended.wait()
        else:
            self._stop_asked = True
            await self._tap_answers.end(STOP_SECONDS)  # a worker answers taps and sends nothing else

    async def drain(self, timeout: float = 30.0, *, look: bool = True) -> None:  # noqa: ASYNC109 - its own bound
        """Waits until the sender holds nothing and nothing in the ledger could be sent now. Runs the sender if it is
        not running. Without `look` the ledger is not searched: only rows count that the sender was told of.

        Raises TimeoutError after `timeout` seconds.
        """
        await asyncio.sleep(0)  # let a run() begin that was asked for just before
        running = None if self._running else asyncio.create_task(self.run())
        deadline = time.monotonic() + timeout
        if look:
            self.wake()
        try:
            while not self._quiet():
                if self.fatal is not None or (running is not None and running.done()):
                    break
                if time.monotonic() > deadline:
                    raise TimeoutError("the sender is still busy")
                await asyncio.sleep(0.001)
        finally:
            if running is not None:
                await self.stop()
                await running
                self._runtime.stopping = self._stop_asked = False

    # --- the loop -----------------------------------------------------------------------------------------------------

    def _start_ready(self) -> float:
        """Starts all calls that may leave now; returns the seconds after which the next may leave."""
        queue = self._queue
        queue.promote()
        if (rest := self._connection.rest_left) > 0:
            return rest
        if not self._may_send():
            return POLL_SECONDS
        while queue.has_ready:
            bulk = queue.next_can_wait
            if not self._calls.has_slot(bulk=bulk):
                break  # the next call that ends wakes the loop
            wait = self._rate_limiter.wait(spread=bulk)
            if wait > 0:
                return min(wait, queue.until_next_moment())
            delivery = queue.pop_ready()
            if delivery is not None:
                self._start(delivery)
        return queue.until_next_moment()

    def _start(self, delivery: Delivery) -> None:
        claimed, chat_id = delivery.claimed, delivery.claimed.chat_id
        if delivery.retry_at > self._runtime.monotonic() or self._rate_limiter.chat_wait(chat_id) > 0:
            self._queue.schedule(chat_id)
        elif claimed.not_after is not None and claimed.not_after < self._now():
            self._outcomes.finish(delivery, Status.DROPPED, "stale")
            self._queue.schedule(chat_id)
        elif delivery.tried and self._calls.gave_up_on(delivery):
            self._outcomes.finish(delivery, Status.FAILED, "no answer")
            self._queue.schedule(chat_id)
        else:
            self._queue.occupy(chat_id)
            if self._preparation.is_needed(delivery):
                self._preparation.begin(delivery)
            else:
                self._calls.begin(delivery)

    def _look_if_needed(self) -> float:
        """Has a search of the ledger started if there is reason; returns in how many seconds to ask again."""
        if self._connection.resting or not self._may_send():
            return math.inf
        return self._claims.look_if_needed(self._queue)

    def _quiet(self) -> bool:
        return (
            self._running
            and not self.in_hand
            and self._settlements.idle
            and not self._runtime.has_tasks
            and self._claims.idle
        )

    def _more_to_come(self) -> bool:
        return self._calls.any_under_way or self._queue.has_ready

    def _rows(self) -> list[int]:
        """Returns the rows that this sender has claimed: held, or not settled yet."""
        return [*self._queue.rows, *self._settlements.rows]

    def _give_back_what_can_wait(self) -> None:
        self._outcomes.give_back_what_can_wait()
        self.wake()

    async def _shut_down(self) -> None:
        """Waits shortly for calls under way, gives back the rest, and writes everything down."""
        await asyncio.gather(self._calls.end(STOP_SECONDS), self._tap_answers.end(STOP_SECONDS))
        await self._runtime.cancel_tasks()
        await self._claims.end(STOP_SECONDS)
        for delivery in self._queue.all():
            self._outcomes.give_back(delivery)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                while not await self._settlements.settle_now():  # noqa: ASYNC110 - it is the trying that is repeated
                    await asyncio.sleep(0.02)

"""What came in: every update is a committed row before Telegram is told that we have it.

The polling loop commits a batch, then asks for what comes after it. Each person's updates are handled in the order they
came, different people's side by side; rows without `done_at` are taken up again after a crash.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Generic, Protocol, TypeVar

import structlog
from sqlalchemy import BigInteger, Index, Text, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot import outbox
from bot.database import Base, Database, DatabaseUnavailableError, insert_or
from bot.messages import Message
from bot.programme.people import Account
from bot.telegram_http import AnswerLost, NotReached, Refused

log = structlog.get_logger("inbox")

ALLOWED_UPDATES: Final = ["message", "callback_query", "poll_answer", "my_chat_member"]
POLL_SECONDS: Final = 30
PATIENCE: Final = 20
"""How many unhandled updates one person may have before further ones are let go with a kind word."""
FULL: Final = 5_000
"""With so many updates in memory we stop asking Telegram for more: they are safe there for 24 hours."""
LOOK_SECONDS: Final = 0.02
"""How long a batch waits at most until the sender can take its replies by hand."""
KEPT: Final = timedelta(hours=48)
"""How long the id of a handled update is remembered."""


class InboxRow(Base):
    __tablename__ = "inbox"

    update_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sender_id: Mapped[int | None] = mapped_column(BigInteger)
    """The Telegram user; emptied with the payload when the update is done."""
    payload: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


Index(
    "ix_inbox_undone",
    InboxRow.update_id,
    sqlite_where=InboxRow.done_at.is_(None),
    postgresql_where=InboxRow.done_at.is_(None),
)
Index(
    "ix_inbox_queue",
    InboxRow.sender_id,
    InboxRow.update_id,
    sqlite_where=InboxRow.done_at.is_(None),
    postgresql_where=InboxRow.done_at.is_(None),
)
Index("ix_inbox_done_at", InboxRow.done_at)


@dataclass(frozen=True)
class Arrival:
    """An update in hand."""

    update_id: int
    sender_id: int
    payload: Mapping[str, Any]


def sender_of(payload: Mapping[str, Any]) -> int | None:
    """Whose turn an update is: the Telegram user of a private chat. None for what is not for us (groups, channels)."""
    for kind in ("message", "callback_query", "my_chat_member"):
        part = payload.get(kind)
        if part is None:
            continue
        chat = (part.get("message") or {}).get("chat", {}) if kind == "callback_query" else part.get("chat", {})
        if chat.get("type", "private") != "private":
            return None
        sender = part.get("from", {}).get("id")
        return sender if isinstance(sender, int) else None
    answer = payload.get("poll_answer")
    if answer is not None:
        sender = answer.get("user", {}).get("id")
        return sender if isinstance(sender, int) else None
    return None


def store(db: Session, updates: Sequence[Mapping[str, Any]], *, now: datetime, let_go: frozenset[int]) -> list[Arrival]:
    """Write updates; those already here are left out. Returns the new ones that want a turn, in Telegram's order.

    Updates in `let_go` (their ids) and those that are nobody's turn are remembered as done.
    """
    arrivals = {}
    values = []
    for payload in updates:
        update_id, sender = int(payload["update_id"]), sender_of(payload)
        wanted = sender is not None and update_id not in let_go
        if wanted and sender is not None:
            arrivals[update_id] = Arrival(update_id, sender, payload)
        values.append(
            {
                "update_id": update_id,
                "sender_id": sender if wanted else None,
                "payload": json.dumps(payload, separators=(",", ":")) if wanted else None,
                "received_at": now,
                "done_at": None if wanted else now,
            }
        )
    if not values:
        return []
    # the values stand apart from the statement, which is then compiled once and not for every batch: five times as fast
    inserting = insert_or(db, InboxRow).on_conflict_do_nothing().returning(InboxRow.update_id)
    new = set(db.scalars(inserting, values, execution_options={"render_nulls": True}))
    return [arrival for update_id, arrival in sorted(arrivals.items()) if update_id in new]


def undone(db: Session) -> list[Arrival]:
    """What a process that died left unhandled, oldest first."""
    query = select(InboxRow).where(InboxRow.done_at.is_(None)).order_by(InboxRow.update_id)
    return [
        Arrival(row.update_id, row.sender_id, json.loads(row.payload))
        for row in db.scalars(query)
        if row.sender_id is not None and row.payload is not None
    ]


def still_undone(db: Session, batch: Sequence[Arrival]) -> list[Arrival]:
    """Those of the batch that nobody has handled meanwhile: "handled once" is a promise of the database."""
    open_ids = set(
        db.scalars(
            select(InboxRow.update_id).where(
                InboxRow.update_id.in_([arrival.update_id for arrival in batch]), InboxRow.done_at.is_(None)
            )
        )
    )
    return [arrival for arrival in batch if arrival.update_id in open_ids]


def settle(db: Session, batch: Sequence[Arrival], *, now: datetime) -> None:
    """Mark as handled, in the commit of what was done about them; who wrote what is forgotten."""
    db.execute(
        update(InboxRow)
        .where(InboxRow.update_id.in_([arrival.update_id for arrival in batch]))
        .values(done_at=now, payload=None, sender_id=None)
    )


def forget_old(db: Session, *, before: datetime) -> int:
    result = db.execute(delete(InboxRow).where(InboxRow.done_at < before))
    return int(result.rowcount)  # type: ignore[attr-defined]


def number_undone(db: Session) -> int:
    return db.scalar(select(func.count()).select_from(InboxRow).where(InboxRow.done_at.is_(None))) or 0


# --- the loop -----------------------------------------------------------------------------------------------------


class Api(Protocol):
    async def call(
        self,
        method: str,
        params: Mapping[str, Any],
        files: Any = None,
        timeout: float = ...,  # noqa: ASYNC109 - the server holds a poll that long
    ) -> Any: ...


class Finished(Protocol):
    """What a batch of turns came to."""

    @property
    def failed(self) -> int: ...


DoneT = TypeVar("DoneT", bound=Finished)


class Inbox(Generic[DoneT]):
    """Asks Telegram for updates, commits them, and keeps the turns going."""

    def __init__(
        self,
        *,
        api: Api,
        database: Database,
        run_turns: Callable[[Sequence[Arrival], bool], DoneT],
        may_hand_over: Callable[[], bool],
        on_done: Callable[[DoneT], None],
        stop_spinner: Callable[[str], None],
        now: Callable[[], datetime],
        batch: int = 64,
    ) -> None:
        self._api = api
        self._database = database
        self._run_turns = run_turns
        self._may_hand_over = may_hand_over
        self._on_done = on_done
        self._stop_spinner = stop_spinner
        self._now = now
        self._batch = batch
        self._offset = 0
        self._queues: dict[int, deque[Arrival]] = {}
        self._ready: deque[int] = deque()
        self._flooding: set[int] = set()
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
        self.fatal: str | None = None

    async def recover(self) -> int:
        """Take up what an earlier process left unhandled."""
        left = await self._database.in_transaction(undone)
        self._enqueue(left)
        return len(left)

    async def poll(self) -> None:
        """Ask for updates until cancelled or refused for good (`fatal` says why, in one line)."""
        wait = 0.5
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
                    self.fatal = "BOT_TOKEN: Telegram does not know this token"
                    return
                log.warning("getUpdates was refused", code=refusal.code, description=refusal.description)
                wait = max(refusal.retry_after or 0, min(wait * 2, 30))
            except (AnswerLost, NotReached):
                wait = min(wait * 2, 30)
            else:
                self.last_poll = time.monotonic()
                wait = 0.5
                if updates:
                    await self.take(updates)
                continue
            await asyncio.sleep(wait)

    async def take(self, updates: Sequence[Mapping[str, Any]]) -> None:
        """Commit a batch, then (and only then) let the next question acknowledge it."""
        let_go, warn = self._beyond_patience(updates)
        arrivals: list[Arrival] | None = None
        while arrivals is None:
            try:
                arrivals = await self._database.in_transaction(self._store, updates, let_go, warn)
            except Exception as problem:  # the batch stays with Telegram until the database takes it
                log.error("updates could not be stored", error=type(problem).__name__)
                await asyncio.sleep(1)
        self._offset = max(int(payload["update_id"]) for payload in updates) + 1
        self.received += len(updates)
        self.let_go += len(let_go)
        for payload in updates:
            if int(payload["update_id"]) in let_go and "callback_query" in payload:
                self._stop_spinner(payload["callback_query"]["id"])
        self._enqueue(arrivals)

    def _store(
        self, db: Session, updates: Sequence[Mapping[str, Any]], let_go: frozenset[int], warn: frozenset[int]
    ) -> list[Arrival]:
        now = self._now()
        arrivals = store(db, updates, now=now, let_go=let_go)
        if warn:
            for account in db.scalars(select(Account).where(Account.telegram_id.in_(warn))).unique():
                outbox.post(db, outbox.to(account, Message("turn.slow_down")), now=now)
        return arrivals

    def _beyond_patience(self, updates: Sequence[Mapping[str, Any]]) -> tuple[frozenset[int], frozenset[int]]:
        """Ids of updates to let go, and who is to be told (once per flood)."""
        count: dict[int, int] = {}
        let_go: set[int] = set()
        warn: set[int] = set()
        for payload in updates:
            sender = sender_of(payload)
            if sender is None:
                continue
            waiting = count.get(sender, len(self._queues.get(sender, ()))) + 1
            if waiting > PATIENCE:
                let_go.add(int(payload["update_id"]))
                if sender not in self._flooding:
                    self._flooding.add(sender)
                    warn.add(sender)
            else:
                count[sender] = waiting
        return frozenset(let_go), frozenset(warn)

    def _enqueue(self, arrivals: Iterable[Arrival]) -> None:
        for arrival in arrivals:
            queue = self._queues.get(arrival.sender_id)
            if queue is None:
                self._queues[arrival.sender_id] = deque((arrival,))
                self._ready.append(arrival.sender_id)
            else:
                queue.append(arrival)
            self._pending += 1
        if self._ready:
            self._work.set()
        if self._pending >= FULL:
            self._room.clear()

    async def work(self) -> None:
        """Run turns until cancelled: as many batches side by side as the database has threads."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._database.threads):
                group.create_task(self._work_through())

    async def _work_through(self) -> None:
        while True:
            await self._work.wait()
            batch = self._next_batch()
            if not batch:
                self._work.clear()
                continue
            self._under_way += 1
            try:
                await self._run(batch)
            finally:
                self._under_way -= 1

    async def _until_replies_can_be_handed_over(self) -> None:
        """Let the sender finish its look into the ledger, but not for long.

        A batch that runs meanwhile has to leave its replies in the ledger, too, which calls for the next look, and so
        on: under load every reply would take the long way until the load ends.
        """
        until = time.monotonic() + LOOK_SECONDS
        while not self._may_hand_over() and time.monotonic() < until:  # noqa: ASYNC110 - seldom, and bounded
            await asyncio.sleep(0.001)

    def _next_batch(self) -> list[Arrival]:
        size = self._batch
        if self._database.threads > 1:  # leave something for the other threads
            size = max(1, min(size, -(-len(self._ready) // self._database.threads)))
        batch: list[Arrival] = []
        while self._ready and len(batch) < size:
            batch.append(self._queues[self._ready.popleft()][0])
        return batch

    async def _run(self, batch: list[Arrival]) -> None:
        wait = 0.25
        done: DoneT | None = None
        while done is None:
            await self._until_replies_can_be_handed_over()
            try:
                done = await self._database.run(self._run_turns, batch, self._may_hand_over())
            except DatabaseUnavailableError as problem:
                log.error("the database is not available, trying again", error=str(problem))
                wait = min(wait * 2, 10)
                await asyncio.sleep(wait)
        self.handled += len(batch)
        self.failed += done.failed
        self._on_done(done)
        for arrival in batch:
            queue = self._queues[arrival.sender_id]
            queue.popleft()
            if queue:
                self._ready.append(arrival.sender_id)
            else:
                del self._queues[arrival.sender_id]
                self._flooding.discard(arrival.sender_id)
        self._pending -= len(batch)
        if self._pending < FULL:
            self._room.set()
        if self._ready:
            self._work.set()

    @property
    def idle(self) -> bool:
        return self._pending == 0 and self._under_way == 0

    async def until_idle(self) -> None:
        """For tests: wait until everything taken so far is handled."""
        while not self.idle:  # noqa: ASYNC110 - only tests and time travel wait here
            await asyncio.sleep(0.001)

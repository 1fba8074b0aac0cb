"""What came in: every update is a committed row before Telegram is told that we have it.

Updates come by polling (a batch is committed, then the next is asked for) or through the webhook (`door.Door`). Each
person's updates are handled in the order they came, different people's side by side; rows without `done_at` are taken
up again after a crash.

One process keeps what is undone in memory (`Inbox`). Several claim it from the table (`claim`, `worker.Worker`): always
the oldest undone update of a person, locked until its turn is committed. So nobody's later update can be claimed before
it is done, and what a killed process held is free at once: its locks end with its connection.

It may have been killed by what it held. So what is undone when a process starts is begun again with care: its `tries`
are counted in a commit of their own first, from the second on it is handled alone, and after TRIES it is given up. An
update that is handled at once pays nothing for this.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Generic, Protocol, TypeVar

import structlog
from sqlalchemy import BigInteger, Index, SmallInteger, Text, delete, exists, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from bot.capability import CapabilityData, Context
from bot.database import Base, Database, DatabaseUnavailableError, Signal, insert_or, leave_to_others
from bot.delivery import outbox
from bot.delivery.outbox import OutboxRow
from bot.people.people import accounts_of
from bot.telegram.http import UNKNOWN_BOT, AnswerLost, NotReached, Refused
from bot.telegram.sanitize import id_in, part_of, plain_json
from bot.words.message import Message

log = structlog.get_logger("inbox")

ALLOWED_UPDATES: Final = ["message", "callback_query", "poll_answer", "message_reaction", "my_chat_member"]
POLL_SECONDS: Final = 30
WEBHOOK_ACTIVE: Final = "can't use getUpdates method while webhook is active"
"""So Telegram says that it brings the updates to a webhook."""
WEBHOOK_SET: Final = "terminated by setWebhook request"
"""So it says that somebody put one on while we were asking."""
MAX_UNHANDLED_PER_PERSON: Final = 20
"""How many unhandled updates one person may have before further ones are let go with a kind word."""
FLOOD_NOTICE_INTERVAL: Final = timedelta(minutes=10)
"""Whoever floods is told at most once in such a time."""
MAX_IN_MEMORY: Final = 5_000
"""With so many updates in memory we stop asking Telegram for more: they are safe there for 24 hours."""
LOOK_SECONDS: Final = 0.02
"""How long a batch waits at most until the sender can take its replies by hand."""
ID_RETENTION: Final = timedelta(hours=48)
"""How long the id of a handled update is remembered."""
TRIES: Final = 3
"""An update that was begun again so many times, and never done, ends the processes that handle it: it is given up."""


class InboxRow(Base):
    __tablename__ = "inbox"

    update_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sender_id: Mapped[int | None] = mapped_column(BigInteger)
    """The Telegram user; emptied with the payload when the update is done."""
    payload: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    """How many times it was begun again after the process that had it ended."""


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
    tries: int | None = None
    """For one that an earlier process may have had in hand: how many times it was begun again since."""


@dataclass(frozen=True)
class Received:
    """What became of updates that came in: those that want a turn, and the ids of those that were let go."""

    arrivals: list[Arrival]
    let_go: frozenset[int]
    written: bool = False
    """A word to whoever floods waits in the ledger."""


def number_of(payload: Any) -> int | None:
    """The update's own number; None for what is no update at all."""
    return id_in(payload, "update_id")


def sender_of(payload: Any) -> int | None:
    """Whose turn an update is: the Telegram user of a private chat. None for what is not for us (groups, channels), or
    of another shape than updates have."""
    for kind in ("message", "callback_query", "my_chat_member"):
        part = part_of(payload, kind)
        if not part:
            continue
        chat = part_of(part_of(part, "message") if kind == "callback_query" else part, "chat")
        if chat.get("type", "private") != "private":
            return None
        return id_in(part_of(part, "from"), "id")
    for kind in ("poll_answer", "message_reaction"):
        part = part_of(payload, kind)
        if part:
            private = part_of(part, "chat").get("type", "private") == "private"
            return id_in(part_of(part, "user"), "id") if private else None
    return None


def store(db: Session, updates: Sequence[Any], *, now: datetime, let_go: frozenset[int]) -> list[Arrival]:
    """Write updates; those already here are left out. Returns the new ones that want a turn, in Telegram's order.

    Updates in `let_go` (their ids) and those that are nobody's turn are remembered as done; what has no number is no
    update and cannot be remembered.
    """
    arrivals: dict[int, Arrival] = {}
    values = []
    for payload in updates:
        update_id, sender = number_of(payload), sender_of(payload)
        if update_id is None:
            log.warning("something came that is no update")
            continue
        text = None
        if sender is not None and update_id not in let_go:
            payload, text = _fit(payload)
        if text is not None and sender is not None:
            arrivals.setdefault(update_id, Arrival(update_id, sender, payload))
        values.append(
            {
                "update_id": update_id,
                "sender_id": sender if text is not None else None,
                "payload": text,
                "received_at": now,
                "done_at": now if text is None else None,
            }
        )
    if not values:
        return []
    # the values stand apart from the statement, which is then compiled once and not for every batch: five times as fast
    inserting = insert_or(db, InboxRow).on_conflict_do_nothing().returning(InboxRow.update_id)
    new = set(db.scalars(inserting, values, execution_options={"render_nulls": True}))
    return [arrival for update_id, arrival in sorted(arrivals.items()) if update_id in new]


def _fit(payload: Any) -> tuple[Any, str | None]:
    """An update in which every text can be kept, and the same as JSON; None for one that cannot be written down."""
    try:
        text = json.dumps(payload, separators=(",", ":"))
        fit = plain_json(payload, text)
        return fit, text if fit is payload else json.dumps(fit, separators=(",", ":"))
    except (RecursionError, ValueError):
        return payload, None


def unanswered_callback_ids(updates: Sequence[Any], let_go: Collection[int]) -> list[str]:
    """The ids of the taps among those let go: they get no turn, but the spinner on the button is to stop."""
    found = (tap_of(payload) for payload in updates if number_of(payload) in let_go)
    return [query_id for query_id in found if query_id is not None]


def tap_of(payload: Any) -> str | None:
    """The id by which a tap is answered; None for what is no tap."""
    query_id = part_of(payload, "callback_query").get("id")
    return query_id if isinstance(query_id, str) else None


def undone(db: Session, only: Collection[int] | None = None) -> list[Arrival]:
    """What a process that died left unhandled: first that of people whose oldest was tried least, else the oldest.
    `only`: of these updates."""
    query = select(InboxRow).where(InboxRow.done_at.is_(None)).order_by(InboxRow.update_id)
    if only is not None:
        query = query.where(InboxRow.update_id.in_(only))
    found = [
        Arrival(row.update_id, row.sender_id, json.loads(row.payload), row.tries)
        for row in db.scalars(query)
        if row.sender_id is not None and row.payload is not None
    ]
    tries: dict[int, int] = {}
    for arrival in found:
        tries.setdefault(arrival.sender_id, arrival.tries or 0)
    return sorted(found, key=lambda arrival: tries[arrival.sender_id])


def suspects_first(left_over: Sequence[Arrival]) -> list[Arrival]:
    """Which of those that an earlier process may have had in hand can be handled together: all that nobody has begun
    again yet; otherwise one alone, so that only what ends the process is counted once more."""
    untried = [arrival for arrival in left_over if not arrival.tries]
    return untried or list(left_over[:1])


def count_tries(db: Session, update_ids: Collection[int], tries: int) -> None:
    """How many times these were begun again: counted in a commit of its own before they are, so that, should they end
    this process, too, the next one knows."""
    db.execute(
        update(InboxRow).where(InboxRow.update_id.in_(update_ids), InboxRow.done_at.is_(None)).values(tries=tries)
    )


def still_undone(db: Session, batch: Sequence[Arrival], *, shared: bool) -> list[Arrival]:
    """Those of the batch that nobody has handled meanwhile: "handled once" is a promise of the database.

    On PostgreSQL they are locked. Where the inbox is `shared` by several processes, those that another has just locked
    are left out; otherwise a lock can only be that of a connection of ours that broke, and is waited for.
    """
    query = (
        select(InboxRow.update_id)
        .where(InboxRow.update_id.in_([arrival.update_id for arrival in batch]), InboxRow.done_at.is_(None))
        .with_for_update(skip_locked=shared)
    )
    open_ids = set(db.scalars(query))
    return [arrival for arrival in batch if arrival.update_id in open_ids]


def claim(db: Session, limit: int, *, left_over: datetime | None = None) -> list[Arrival]:
    """Lock the oldest undone update of up to `limit` persons, those first who have waited longest (PostgreSQL).

    They belong to this transaction until it ends. Those in other hands are left out, and so is everything later of the
    same persons: the update before it is not done yet. What was begun again is not claimed like this but as
    `left_over`, together with what came before that moment; the least tried are first.
    """
    earlier = aliased(InboxRow)
    oldest = ~exists().where(
        earlier.sender_id == InboxRow.sender_id, earlier.done_at.is_(None), earlier.update_id < InboxRow.update_id
    )
    query = (
        select(InboxRow.update_id, InboxRow.sender_id, InboxRow.payload, InboxRow.tries)
        .where(InboxRow.done_at.is_(None), InboxRow.sender_id.is_not(None), InboxRow.payload.is_not(None), oldest)
        .limit(limit)
        .with_for_update(of=InboxRow, skip_locked=True)
    )
    if left_over is None:
        query = query.where(InboxRow.tries == 0).order_by(InboxRow.update_id)
    else:
        query = query.where(or_(InboxRow.tries > 0, InboxRow.received_at <= left_over))
        query = query.order_by(InboxRow.tries, InboxRow.update_id)
    return [
        Arrival(update_id, sender, json.loads(payload), None if left_over is None else tries)
        for update_id, sender, payload, tries in db.execute(query)
        if sender is not None and payload is not None
    ]


def receive(db: Session, updates: Sequence[Any], now: datetime) -> Received:
    """Write updates that other processes will handle. Whose patience is at its end, the ledger tells."""
    senders = {sender for payload in updates if (sender := sender_of(payload)) is not None}
    counting = (
        select(InboxRow.sender_id, func.count())
        .where(InboxRow.done_at.is_(None), InboxRow.sender_id.in_(senders))
        .group_by(InboxRow.sender_id)
    )
    waiting = {sender: int(number) for sender, number in db.execute(counting)}
    let_go, flooding = _beyond_patience(updates, lambda sender: waiting.get(sender, 0))
    arrivals = store(db, updates, now=now, let_go=let_go)
    _slow_down(db, flooding, now)
    if arrivals:
        leave_to_others(db, Signal.INBOX)
    return Received(arrivals, let_go)


def _beyond_patience(updates: Sequence[Any], waiting: Callable[[int], int]) -> tuple[frozenset[int], frozenset[int]]:
    """Ids of updates to let go, and who floods. `waiting` tells how many updates of somebody are undone already."""
    count: dict[int, int] = {}
    let_go: set[int] = set()
    flooding: set[int] = set()
    seen: set[int] = set()
    for payload in updates:
        update_id, sender = number_of(payload), sender_of(payload)
        if update_id is None or sender is None or update_id in seen:
            continue
        seen.add(update_id)  # the same once more is no further one
        undone_ones = count.get(sender, waiting(sender)) + 1
        if undone_ones > MAX_UNHANDLED_PER_PERSON:
            let_go.add(update_id)
            flooding.add(sender)
        else:
            count[sender] = undone_ones
    return frozenset(let_go), frozenset(flooding)


def _slow_down(db: Session, flooding: Collection[int], now: datetime) -> None:
    """A kind word, once in a while: the flood itself is not answered."""
    if not flooding:
        return
    while_ = int(now.timestamp() // FLOOD_NOTICE_INTERVAL.total_seconds())
    accounts = accounts_of(db, flooding, now).values()
    # a flood across the border of two such whiles is still the same
    before = [f"slow_down:{account.id}:{while_ - 1}" for account in accounts]
    just_told = set(
        db.scalars(
            select(OutboxRow.once).where(OutboxRow.once.in_(before), OutboxRow.created_at > now - FLOOD_NOTICE_INTERVAL)
        )
    )
    for account, name in zip(accounts, before, strict=True):
        if name not in just_told:
            once = f"slow_down:{account.id}:{while_}"
            outbox.post(db, outbox.to(account, Message("turn.slow_down"), once=once), now=now)


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
    def handled(self) -> int: ...

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
        on_written: Callable[[], None],
        now: Callable[[], datetime],
        batch: int = 64,
    ) -> None:
        self._api = api
        self._database = database
        self._run_turns = run_turns
        self._may_hand_over = may_hand_over
        self._on_done = on_done
        self._stop_spinner = stop_spinner
        self._on_written = on_written
        self._now = now
        self._batch = batch
        self._offset = 0
        self._queues: dict[int, deque[Arrival]] = {}
        self._ready: deque[int] = deque()
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
        """What came could not be committed, and nothing has been since."""
        self.cannot_commit = False
        """Nor could a turn."""
        self.fatal: str | None = None
        self._doubtful: set[int] = set()
        """Ids of updates of which we do not know whether they were stored: the database failed in that moment."""
        self._careful = False
        """Updates that an earlier process may have had in hand are under way: only one such batch at a time."""

    async def recover(self) -> int:
        """Take up what an earlier process left unhandled."""
        left = await self._database.in_transaction(undone)
        self._enqueue(left)
        return len(left)

    async def poll(self) -> None:
        """Ask for updates until cancelled or refused for good (`fatal` says why, in one line)."""
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
        """An earlier set-up received by webhook, and we are told to ask: Telegram does only one of both."""
        with contextlib.suppress(Refused, AnswerLost, NotReached):
            await self._api.call("deleteWebhook", {})
            log.info("the webhook of an earlier set-up was taken off")

    async def take(self, updates: Sequence[Any]) -> None:
        """Commit a batch, then (and only then) let the next question acknowledge it."""
        while True:
            try:
                await self.accept(updates)
            except Exception as problem:  # the batch stays with Telegram until the database takes it
                self.cannot_store = True
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
        """Commit updates and put them in their persons' queues. Raises when they could not be stored: all of them
        may be brought again."""
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
        """Whether more should be taken in: with too much in memory, updates are safer at Telegram."""
        return self._room.is_set()

    def _store(self, db: Session, updates: Sequence[Any], doubtful: Collection[int]) -> Received:
        now = self._now()
        stored = [replace(one, tries=None) for one in undone(db, doubtful)] if doubtful else []
        let_go, flooding = _beyond_patience(updates, lambda sender: len(self._queues.get(sender, ())))
        arrivals = store(db, updates, now=now, let_go=let_go)
        _slow_down(db, flooding, now)
        arrivals = sorted([*stored, *arrivals], key=lambda arrival: arrival.update_id)
        return Received(arrivals, let_go, outbox.take_written_flag(db))

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
        if self._pending >= MAX_IN_MEMORY:
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
        left_over = [arrival for arrival in batch if arrival.tries is not None]
        if not left_over:
            return batch
        chosen = [arrival for arrival in batch if arrival.tries is None] if self._careful else suspects_first(left_over)
        # the others' turn comes after it, in the same order
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
                log.error("the database is not available, trying again", error=str(problem))
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
                self._ready.append(arrival.sender_id)
            else:
                del self._queues[arrival.sender_id]
        self._pending -= len(batch)
        if self._pending < MAX_IN_MEMORY:
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


# --- what it owes -----------------------------------------------------------------------------------------------------


def due(db: Session, now: datetime, context: Context) -> None:
    """Deletes the ids of updates that were handled so long ago that Telegram will not send them again."""
    forget_old(db, before=now - timedelta(hours=context.content.programme.retention.inbox_hours))


DATA: Final = CapabilityData(
    "inbox",
    tables=(InboxRow,),
    due=due,
    stays={"inbox.sender_id": "Emptied in the commit that handles the update."},
    not_copied={"inbox.sender_id": "An update that waits for its turn; it is emptied once it is handled."},
)

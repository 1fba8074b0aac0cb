"""The inbox: every update is a committed row before Telegram is told that we have it.

Updates come by polling (a batch is committed, then the next is asked for) or through the webhook (`WebhookReceiver`).
Each person's updates are handled in the order they came, different people's side by side; rows without `done_at` are
taken up again after a crash.

One process keeps undone updates in memory (`intake.Inbox`). Several processes claim them from the table (`claim`,
`worker.Worker`): always the oldest undone update of a person, locked until its turn is committed. So a later update of
the same person cannot be claimed before it is done, and what a killed process held is free at once: its locks end with
its connection.

That process may have been killed by an update it held. So updates that are undone when a process starts are begun again
with care: their `tries` are counted in a commit of their own first, from the second try on an update is handled alone,
and after TRIES it is given up. Updates that are handled at once cost nothing for this.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import BigInteger, Index, SmallInteger, Text, delete, exists, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from bot.capability import CapabilityData, Context
from bot.database import Base, Signal, insert_or, leave_to_others
from bot.telegram.sanitize import id_in, part_of, plain_json
from bot.turns import floods
from bot.turns.pace import Pace

log = structlog.get_logger("inbox")

ALLOWED_UPDATES: Final = [
    *("message", "edited_message", "callback_query", "poll_answer", "message_reaction", "my_chat_member")
]
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
    """How many times it was begun again after a process that had claimed it ended."""


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
    """An update to be handled."""

    update_id: int
    sender_id: int
    payload: Mapping[str, Any]
    tries: int | None = None
    """How many times it was begun again, if an earlier process may have begun it."""
    received_at: datetime | None = None
    """When it was stored (the bot's time)."""


@dataclass(frozen=True)
class Received:
    """The result of receiving updates: those that want a turn, and the ids of those that are dropped."""

    arrivals: list[Arrival]
    let_go: frozenset[int]
    written: bool = False
    """A message to an account that sends too fast was written, and waits in the ledger."""


def number_of(payload: Any) -> int | None:
    """Returns the update's own number; None for anything that is no update."""
    return id_in(payload, "update_id")


def sender_of(payload: Any) -> int | None:
    """Returns the Telegram user whose turn an update is: that of a private chat. Returns None for updates that are not
    for us (groups, channels), or of an unknown shape."""
    for kind in ("message", "edited_message", "callback_query", "my_chat_member"):
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


def whose(updates: Sequence[Any]) -> list[tuple[int | None, int | None]]:
    """Returns for each update its number and the user whose turn it is."""
    return [(number_of(payload), sender_of(payload)) for payload in updates]


def store(db: Session, updates: Sequence[Any], *, now: datetime, let_go: frozenset[int]) -> list[Arrival]:
    """Writes updates, except those that are stored already. Returns the new ones that want a turn, in Telegram's order.

    Updates in `let_go` (their ids) and those that are nobody's turn are stored as done; a payload without a number is
    no update and is not stored.
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
            arrivals.setdefault(update_id, Arrival(update_id, sender, payload, None, now))
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
    """Returns the update with every text made storable, and the same as JSON; None as JSON if it cannot be written
    down."""
    try:
        text = json.dumps(payload, separators=(",", ":"))
        fit = plain_json(payload, text)
        return fit, text if fit is payload else json.dumps(fit, separators=(",", ":"))
    except (RecursionError, ValueError):
        return payload, None


def unanswered_callback_ids(updates: Sequence[Any], let_go: Collection[int]) -> list[str]:
    """Returns the ids of the taps among updates that were let go: they get no turn, but the spinner on the button is to
    stop."""
    found = (tap_of(payload) for payload in updates if number_of(payload) in let_go)
    return [query_id for query_id in found if query_id is not None]


def tap_of(payload: Any) -> str | None:
    """Returns the id by which a tap is answered; None if it is no tap."""
    query_id = part_of(payload, "callback_query").get("id")
    return query_id if isinstance(query_id, str) else None


def undone(db: Session, only: Collection[int] | None = None) -> list[Arrival]:
    """Returns the updates that a dead process left unhandled. Updates of people whose oldest update was tried least
    come first, then the oldest. `only`: of these updates."""
    query = select(InboxRow).where(InboxRow.done_at.is_(None)).order_by(InboxRow.update_id)
    if only is not None:
        query = query.where(InboxRow.update_id.in_(only))
    found = [
        Arrival(row.update_id, row.sender_id, json.loads(row.payload), row.tries, row.received_at)
        for row in db.scalars(query)
        if row.sender_id is not None and row.payload is not None
    ]
    tries: dict[int, int] = {}
    for arrival in found:
        tries.setdefault(arrival.sender_id, arrival.tries or 0)
    return sorted(found, key=lambda arrival: tries[arrival.sender_id])


def suspects_first(left_over: Sequence[Arrival]) -> list[Arrival]:
    """Returns the left-over updates that can be handled together: all that nobody has begun again yet; otherwise one
    alone, so that only the update that ends the process is counted once more."""
    untried = [arrival for arrival in left_over if not arrival.tries]
    return untried or list(left_over[:1])


def count_tries(db: Session, update_ids: Collection[int], tries: int) -> None:
    """Writes how many times these updates were begun again, in a commit of its own before they are begun: if they end
    this process, too, the next one knows."""
    db.execute(
        update(InboxRow).where(InboxRow.update_id.in_(update_ids), InboxRow.done_at.is_(None)).values(tries=tries)
    )


def still_undone(db: Session, batch: Sequence[Arrival], *, shared: bool) -> list[Arrival]:
    """Returns the updates of the batch that no process has handled meanwhile: so each is handled once.

    On PostgreSQL they are locked. If the inbox is `shared` by several processes, updates that another process has
    locked are left out; otherwise the lock can only be that of a broken connection of this process, and is waited for.
    """
    query = (
        select(InboxRow.update_id)
        .where(InboxRow.update_id.in_([arrival.update_id for arrival in batch]), InboxRow.done_at.is_(None))
        .with_for_update(skip_locked=shared)
    )
    open_ids = set(db.scalars(query))
    return [arrival for arrival in batch if arrival.update_id in open_ids]


def claim(
    db: Session, limit: int, *, left_over: datetime | None = None, without: Collection[int] = ()
) -> list[Arrival]:
    """Locks the oldest undone update of up to `limit` people, the longest waiting first (PostgreSQL), except people in
    `without`.

    The updates belong to this transaction until it ends. Updates that other transactions have locked are left out, and
    so are all later updates of the same people. Updates that were begun before are not claimed this way but with
    `left_over`: those, and all that were received before that moment, the least tried first.
    """
    earlier = aliased(InboxRow)
    oldest = ~exists().where(
        earlier.sender_id == InboxRow.sender_id, earlier.done_at.is_(None), earlier.update_id < InboxRow.update_id
    )
    query = (
        select(InboxRow.update_id, InboxRow.sender_id, InboxRow.payload, InboxRow.tries, InboxRow.received_at)
        .where(InboxRow.done_at.is_(None), InboxRow.sender_id.is_not(None), InboxRow.payload.is_not(None), oldest)
        .limit(limit)
        .with_for_update(of=InboxRow, skip_locked=True)
    )
    if without:
        query = query.where(InboxRow.sender_id.not_in(without))
    if left_over is None:
        query = query.where(InboxRow.tries == 0).order_by(InboxRow.update_id)
    else:
        query = query.where(or_(InboxRow.tries > 0, InboxRow.received_at <= left_over))
        query = query.order_by(InboxRow.tries, InboxRow.update_id)
    return [
        Arrival(update_id, sender, json.loads(payload), None if left_over is None else tries, received_at)
        for update_id, sender, payload, tries, received_at in db.execute(query)
        if sender is not None and payload is not None
    ]


def receive(db: Session, updates: Sequence[Any], now: datetime, pace: Pace | None = None) -> Received:
    """Writes updates that other processes will handle. People who send too fast are told."""
    came = whose(updates)
    senders = {sender for _, sender in came if sender is not None}
    counting = (
        select(InboxRow.sender_id, func.count())
        .where(InboxRow.done_at.is_(None), InboxRow.sender_id.in_(senders))
        .group_by(InboxRow.sender_id)
    )
    waiting = {sender: int(number) for sender, number in db.execute(counting)}
    let_go, flooding = floods.judge(came, lambda sender: waiting.get(sender, 0), pace)
    arrivals = store(db, updates, now=now, let_go=let_go)
    floods.slow_down(db, flooding, now)
    if arrivals:
        leave_to_others(db, Signal.INBOX)
    return Received(arrivals, let_go)


def settle(db: Session, batch: Sequence[Arrival], *, now: datetime) -> None:
    """Marks updates as handled, in the commit of what was done about them; their sender and content are emptied."""
    db.execute(
        update(InboxRow)
        .where(InboxRow.update_id.in_([arrival.update_id for arrival in batch]))
        .values(done_at=now, payload=None, sender_id=None)
    )


def forget_old(db: Session, *, before: datetime) -> int:
    result = db.execute(delete(InboxRow).where(InboxRow.done_at < before))
    return int(result.rowcount)  # type: ignore[attr-defined]


def number_undone(db: Session, *, but: int | None = None) -> int:
    """Returns how many updates wait to be handled; `but` is the id of one that is being handled, and is left out."""
    waiting = select(func.count()).select_from(InboxRow).where(InboxRow.done_at.is_(None))
    return db.scalar(waiting if but is None else waiting.where(InboxRow.update_id != but)) or 0


# --- what it owes -----------------------------------------------------------------------------------------------------


def due(db: Session, now: datetime, context: Context) -> None:
    """Deletes the ids of updates that were handled so long ago that Telegram will not send them again."""
    forget_old(db, before=now - timedelta(hours=context.content.programme.retention.inbox_hours))


DATA: Final = CapabilityData(
    "inbox",
    tables=(InboxRow,),
    due=due,
    stays=dict.fromkeys(("inbox.sender_id", "inbox.payload"), "Emptied in the commit that handles the update."),
    not_copied={"inbox.sender_id": "An update that waits for its turn; it is emptied once it is handled."},
)

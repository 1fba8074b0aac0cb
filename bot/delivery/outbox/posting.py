"""Writes messages into the outbox, one or many at once, and drops messages that must not be sent any more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Integer, and_, func, insert, select, update
from sqlalchemy.orm import Session

from bot.database import Signal, insert_or, leave_to_others, take_left
from bot.delivery.outbox.claiming import LEASE, ClaimedMessage, addressed, name_people
from bot.delivery.outbox.tables import OUTBOX, PRIORITY_OF, OutboxRow, Status, in_state
from bot.people.people import Account
from bot.people.quiet_hours import Kind
from bot.words.message import Called, Message


@dataclass(frozen=True)
class Post:
    """A message to an account before it is written as a row.

    `once` is a name under which it may be said only once ever. `not_after`: it is dropped as stale when it is still
    unsent then.
    """

    account_id: int | None
    chat_id: int
    language: str
    message: Message
    kind: Kind = Kind.REPLY
    person_id: int | None = None
    edit_message_id: int | None = None
    edits: int | None = None
    site_id: str | None = None
    session_id: int | None = None
    starts_at: datetime | None = None
    quiz_id: int | None = None
    urgent: bool = False
    once: str | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    asked_at: datetime | None = None
    """When the update came that this answers (the bot's time)."""
    called: Called | None = None
    """The person's form of address, for a sender in the same process; never stored here."""


def to(account: Account, message: Message, **details: Any) -> Post:
    """Returns a post to an account that is already loaded."""
    return Post(account.id, account.telegram_id, account.language, message, **details)


def post(db: Session, given: Post, *, now: datetime) -> int | None:
    """Writes one row. Returns its id; None if its `once` name was said already."""
    ids = _insert(db, [_row(given, now)])
    leave_to_others(db, Signal.OUTBOX)
    return ids[0] if ids else None


def post_to_each(
    db: Session, accounts: Iterable[Account], message: Message, *, now: datetime, once: str = "", **details: Any
) -> None:
    """Writes the same message to several accounts. `once`: a name under which each of them is told it only once."""
    for account in accounts:
        name = f"{once}:{account.id}" if once else None
        post(db, to(account, message, once=name, **details), now=now)


def post_all(db: Session, given: Sequence[Post], *, now: datetime) -> int:
    """Writes many rows, leaving out those whose `once` name was said already. Returns how many are new."""
    if not given:
        return 0
    leave_to_others(db, Signal.OUTBOX)
    messages = {id(one.message): one.message for one in given}
    written = {number: message.to_json() for number, message in messages.items()}  # many are told the same
    values = [_row(one, now, written[id(one.message)]) for one in given]
    # one statement for all of them: a daily lesson for thousands takes as long as one for a few
    db.flush()
    inserting = insert_or(db, OutboxRow).on_conflict_do_nothing()
    result = db.connection().execute(inserting, values, execution_options={"preserve_rowcount": True})
    return int(result.rowcount)


def take_written_flag(db: Session) -> bool:
    """Returns whether this transaction wrote rows that no sender has claimed."""
    return take_left(db, Signal.OUTBOX)


def post_claimed(
    db: Session, given: Sequence[Post], *, now: datetime, holder: str, real_now: datetime
) -> list[ClaimedMessage]:
    """Writes replies that this process's own sender has claimed already, so that it need not search for them.

    They carry no `once`. `real_now` is the time leases run on, which time travel does not move.
    """
    if not given:
        return []
    claim = {"status": Status.CLAIMED, "holder": holder, "lease_until": real_now + LEASE, "attempts": 1}
    ids = _insert(db, [_row(one, now) | claim for one in given])
    claimed_messages = [
        ClaimedMessage(
            row_id, one.account_id, one.chat_id, one.language, one.kind, PRIORITY_OF[one.kind],
            addressed(one.message, one.called, one.person_id),
            one.edit_message_id, one.edits, one.not_after, asked_at=one.asked_at,
        )
        for row_id, one in zip(ids, given, strict=True)
    ]  # fmt: skip
    name_people(db, claimed_messages)
    return claimed_messages


def drop_waiting(
    db: Session,
    reason: str,
    *,
    kinds: Iterable[Kind] = (),
    account_id: int | None = None,
    person_id: int | None = None,
    session_id: int | None = None,
    broadcast_id: int | None = None,
    about_class: bool | None = None,
) -> int:
    """Drops the waiting rows that fit, with the reason: what they say has become untrue or unwanted.

    `about_class`: of these kinds, only what is (or is not) about a class.
    """
    where = [in_state(Status.WAITING)]
    if kinds := tuple(kinds):
        where.append(OutboxRow.kind.in_(kinds))
    if account_id is not None:
        where.append(OutboxRow.account_id == account_id)
    if person_id is not None:
        where.append(OutboxRow.person_id == person_id)
    if session_id is not None:
        where.append(OutboxRow.session_id == session_id)
    if broadcast_id is not None:
        where.append(OutboxRow.broadcast_id == broadcast_id)
    if about_class is not None:
        where.append(OutboxRow.session_id.is_not(None) if about_class else OutboxRow.session_id.is_(None))
    if len(where) == 1:
        raise ValueError("drop_waiting needs to know what to drop")
    result = db.execute(update(OutboxRow).where(and_(*where)).values(status=Status.DROPPED, reason=reason))
    return int(result.rowcount)  # type: ignore[attr-defined]


def _row(given: Post, now: datetime, written: dict[str, Any] | None = None) -> dict[str, Any]:
    """Returns the row of a post; `written`: its message as JSON, where that is known."""
    return {
        "account_id": given.account_id,
        "person_id": given.person_id,
        "chat_id": given.chat_id,
        "language": given.language,
        "kind": given.kind,
        "priority": PRIORITY_OF[given.kind],
        "message": given.message.to_json() if written is None else written,
        "edit_message_id": given.edit_message_id,
        "edits": given.edits,
        "site_id": given.site_id,
        "session_id": given.session_id,
        "starts_at": given.starts_at,
        "quiz_id": given.quiz_id,
        "urgent": given.urgent,
        "status": Status.WAITING,
        "created_at": now,
        "asked_at": given.asked_at,
        "not_before": given.not_before,
        "not_after": given.not_after,
        "once": given.once,
        "attempts": 0,
    }


_ADD: Final = insert(OUTBOX)
"""Into the table, not of the class: nobody needs objects of these rows."""
_ADD_RETURNING: Final = _ADD.returning(OUTBOX.c.id, sort_by_parameter_order=True)
_LAST_ROW: Final = select(func.last_insert_rowid(type_=Integer))


def _insert(db: Session, values: list[dict[str, Any]]) -> list[int]:
    if all(row["once"] is None for row in values):
        db.flush()
        connection = db.connection()
        if connection.dialect.name != "sqlite":
            return list(connection.scalars(_ADD_RETURNING, values))
        # With RETURNING, SQLAlchemy would insert one row after the other, because SQLite promises no order. The only
        # writer's rows get consecutive ids.
        connection.execute(_ADD, values)
        last = connection.scalar(_LAST_ROW)
        assert last is not None
        return list(range(last - len(values) + 1, last + 1))
    ids: list[int] = []
    for row in values:  # few: a person's own notices. What goes to many is one INSERT ... SELECT elsewhere
        inserting = insert_or(db, OutboxRow).values(**row).on_conflict_do_nothing().returning(OutboxRow.id)
        ids += db.scalars(inserting)
    return ids

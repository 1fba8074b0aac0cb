"""Queries of the outbox: what a message said, how many rows wait and since when, how many were sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from bot.database import constant
from bot.delivery.outbox.tables import FINAL, OUTBOX, OutboxBody, OutboxRow, Status, in_state
from bot.people.people import Account, Person
from bot.words.message import Form, Message

NEWEST: Final = 6
"""The newest text or quiz of a chat is searched among so many rows: a pin and a file may have followed it."""


def said_as(db: Session, account: Account, telegram_message_id: int) -> Message | None:
    """Returns what a message of this chat said, as speech; None if it was not ours, or was emptied since."""
    query = select(OutboxRow.message).where(
        OutboxRow.account_id == account.id, OutboxRow.telegram_message_id == telegram_message_id
    )
    row = db.scalar(query.order_by(OutboxRow.id.desc()).limit(1))
    return Message.from_json(row) if row else None


@dataclass(frozen=True)
class Newest:
    """The newest message of a chat: the one that stands lowest in it."""

    said: Message | None
    """The newest text or quiz poll, as speech; None if there was none, or if its words were erased since."""
    person_id: int | None
    """The person it was for, also where its words are gone; None if it was for nobody in particular."""
    name: str | None
    """What the newest message is called (`once`), if nothing else of it stays."""


_NEWEST_ROWS: Final = (
    select(
        OUTBOX.c.message,
        OutboxBody.__table__.c.message.label("shared"),
        OUTBOX.c.person_id,
        OUTBOX.c.telegram_message_id,
        OUTBOX.c.once,
        OUTBOX.c.body_id,
    )
    .outerjoin_from(OUTBOX, OutboxBody.__table__, OutboxBody.__table__.c.id == OUTBOX.c.body_id)
    .where(OUTBOX.c.account_id == bindparam("account"), OUTBOX.c.telegram_message_id.is_not(None))
    .order_by(OUTBOX.c.id.desc())
    .limit(NEWEST)
)
"""Made once and not of ORM objects: nearly every text that is typed asks it."""


def newest(db: Session, account: Account) -> Newest:
    """Returns the newest message that was sent to this chat."""
    found = db.connection().execute(_NEWEST_ROWS, {"account": account.id}).all()
    if not found:
        return Newest(None, None, None)
    # a message further up may have been changed since: what stands lowest in the chat is the newest
    found = sorted(found, key=lambda one: -one.telegram_message_id)
    lowest = found[0]
    name = lowest.once if not lowest.message and lowest.body_id is None else None
    for one in found:
        data = one.message or one.shared
        if not data:
            break  # what is typed now does not answer what stands above it
        message = Message.from_json(data)
        if message.form in (Form.TEXT, Form.QUIZ):
            return Newest(message if one.person_id is None else message.made_for(one.person_id), one.person_id, name)
    return Newest(None, lowest.person_id, name)


def telegram_message_of(db: Session, row_id: int) -> tuple[str, int | None] | None:
    """Returns the state and the Telegram id of the message that a row became; None if there is no such row."""
    row = db.execute(select(OutboxRow.status, OutboxRow.telegram_message_id).where(OutboxRow.id == row_id)).first()
    return None if row is None else (row[0], row[1])


def next_due(db: Session, now: datetime) -> datetime | None:
    """Returns the next moment at which a held row may go out."""
    return db.scalar(select(func.min(OutboxRow.not_before)).where(in_state(Status.WAITING), OutboxRow.not_before > now))


def oldest_waiting(db: Session, now: datetime) -> datetime | None:
    """Returns the age of the outbox: since when the row that has waited longest could have gone out."""
    since = func.coalesce(OutboxRow.not_before, OutboxRow.created_at)
    return db.scalar(select(func.min(since)).where(in_state(Status.WAITING), since <= now))


def last_sent(db: Session, now: datetime) -> datetime | None:
    return db.scalar(
        select(func.max(OutboxRow.sent_at)).where(OutboxRow.sent_at.is_not(None), OutboxRow.sent_at <= now)
    )


def tally(db: Session, *, sent_since: datetime) -> dict[str, int]:
    """Returns how many rows are in each state. Of the sent rows only those since that moment are counted: counting all
    of them would take too long when there are millions."""
    queries = [
        select(OutboxRow.status, func.count()).where(condition).group_by(OutboxRow.status)
        for condition in (
            in_state(Status.WAITING),
            in_state(Status.CLAIMED),
            OutboxRow.status.in_([constant(status) for status in FINAL if status is not Status.SENT]),
            (OutboxRow.sent_at >= sent_since) & (OutboxRow.status == Status.SENT),
        )
    ]
    return {status: number for query in queries for status, number in db.execute(query)}


def said_more_than_once(db: Session) -> int:
    """Returns how many messages people may have got once too often, because a process died while it sent them. A
    message that this happened to twice counts twice."""
    again = OutboxRow.attempts > literal_column("1")
    return int(db.scalar(select(func.sum(OutboxRow.attempts - 1)).where(again, OutboxRow.status == Status.SENT)) or 0)


def number_sent_to(db: Session, person: Person) -> int:
    """Counts the messages that were sent; one that was edited, or deleted again, counts once."""
    query = select(func.count()).select_from(OutboxRow).where(OutboxRow.edits.is_(None))
    return db.scalar(query.where(OutboxRow.person_id == person.id, OutboxRow.status == Status.SENT)) or 0

"""The tables of the outbox: every message the bot ever wants to say is a row, in the commit of its reason.

States (I5): waiting -> claimed (with a lease) -> sent | failed | blocked | unknown | dropped (with the reason).
"""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base, BigId, constant, partial_index
from bot.people.quiet_hours import Kind


class Priority(IntEnum):
    REPLY = 0
    REMINDER = 1
    BROADCAST = 2


PRIORITY_OF: Final[dict[Kind, Priority]] = {
    Kind.REPLY: Priority.REPLY,
    Kind.CHANGE: Priority.REMINDER,
    Kind.REMINDER: Priority.REMINDER,
    Kind.OFFER: Priority.REMINDER,
    Kind.LESSON: Priority.BROADCAST,
    Kind.ANNOUNCEMENT: Priority.BROADCAST,
    Kind.SURVEY: Priority.BROADCAST,
    Kind.STAFF: Priority.REMINDER,
    Kind.ALARM: Priority.REPLY,
    Kind.ANSWER: Priority.REPLY,
    Kind.LIVE: Priority.REPLY,
    Kind.APPOINTMENT: Priority.REMINDER,
    Kind.DUTY: Priority.REMINDER,
    Kind.BREACH: Priority.REMINDER,
}


class Status(StrEnum):
    WAITING = "waiting"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"
    DROPPED = "dropped"


FINAL: Final = (Status.SENT, Status.FAILED, Status.BLOCKED, Status.UNKNOWN, Status.DROPPED)


class OutboxRow(Base):
    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    """Empty once the account was erased: such a row is deleted as soon as it is sent."""
    person_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    language: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(12))
    priority: Mapped[int] = mapped_column(SmallInteger)
    message: Mapped[dict[str, Any] | None]
    """The message as data; emptied 30 days after it was said. Empty, too, in a row that shares a body with others."""
    body_id: Mapped[int | None] = mapped_column(ForeignKey("outbox_body.id"))
    broadcast_id: Mapped[int | None] = mapped_column(BigInteger)
    """The announcement this is a copy (or the correction of a copy) of."""
    edit_message_id: Mapped[int | None] = mapped_column(BigInteger)
    """The message of Telegram's to edit (a menu whose button was tapped) instead of sending a new one."""
    edits: Mapped[int | None] = mapped_column(BigInteger)
    """The row of the outbox whose message is to be edited."""
    site_id: Mapped[str | None] = mapped_column(String(40))
    """The site whose open hours count, for everything that is not a reply."""
    session_id: Mapped[int | None] = mapped_column(BigInteger)
    """The class this is about, so that it can be dropped when it becomes untrue."""
    starts_at: Mapped[datetime | None]
    quiz_id: Mapped[int | None] = mapped_column(BigInteger)
    """The asking of a question that this quiz poll is. A vote names the poll, and the poll's row names the asking."""
    urgent: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(String(8), default=Status.WAITING)
    reason: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    """When the update came that this answers; empty for what comes by itself, and in rows of versions before 0.2.0."""
    not_before: Mapped[datetime | None]
    not_after: Mapped[datetime | None]
    once: Mapped[str | None] = mapped_column(String(100), unique=True)
    holder: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    """How often it may have been said: taken up to be sent, or sent again after an answer was lost. Messages given back
    unsent do not count."""
    telegram_message_id: Mapped[int | None] = mapped_column(BigInteger)
    poll_id: Mapped[str | None] = mapped_column(String(40))
    sent_at: Mapped[datetime | None]


partial_index("ix_outbox_waiting", OutboxRow.priority, OutboxRow.id, of="status = 'waiting'")
partial_index("ix_outbox_claimed", OutboxRow.lease_until, of="status = 'claimed'")
partial_index("ix_outbox_lost", OutboxRow.status, of="status IN ('failed', 'blocked', 'unknown', 'dropped')")
partial_index("ix_outbox_again", OutboxRow.attempts, of="attempts > 1")
partial_index("ix_outbox_words", OutboxRow.created_at, of="message IS NOT NULL")
partial_index("ix_outbox_sent", OutboxRow.sent_at, of="sent_at IS NOT NULL")
partial_index("ix_outbox_session", OutboxRow.session_id, of="session_id IS NOT NULL")
partial_index("ix_outbox_poll", OutboxRow.poll_id, of="poll_id IS NOT NULL")
partial_index("ix_outbox_quiz_id", OutboxRow.quiz_id, of="quiz_id IS NOT NULL")
partial_index("ix_outbox_broadcast", OutboxRow.broadcast_id, OutboxRow.status, of="broadcast_id IS NOT NULL")
partial_index("ix_outbox_body_id", OutboxRow.body_id, of="body_id IS NOT NULL")


def in_state(status: Status) -> ColumnElement[bool]:
    """Returns the condition that a row is in this state. The state is written as a literal, so that the database uses
    the partial index of such rows."""
    return OutboxRow.status == constant(status)


class OutboxBody(Base):
    """A message that many rows share: ten thousand copies of an announcement have one body."""

    __tablename__ = "outbox_body"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message: Mapped[dict[str, Any] | None]
    """Emptied like the message of a row."""
    created_at: Mapped[datetime]


OUTBOX: Final = Base.metadata.tables["outbox"]


class SentFile(Base):
    """Telegram's id for a file we once uploaded, by the SHA-256 of the content, so that nothing is uploaded twice."""

    __tablename__ = "file_id"

    content_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    form: Mapped[str] = mapped_column(String(12), primary_key=True)
    telegram_file_id: Mapped[str] = mapped_column(String(200))
    seen_at: Mapped[datetime]

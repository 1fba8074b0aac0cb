"""Declares the tables of the outbox: how old messages are emptied, and how a person's rows are forgotten and copied."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from bot.capability import CapabilityData, Context, Told
from bot.delivery.outbox.figures import next_due, number_sent_to
from bot.delivery.outbox.posting import drop_waiting
from bot.delivery.outbox.tables import FINAL, OutboxBody, OutboxRow, SentFile, Status
from bot.people.people import Person

if TYPE_CHECKING:
    from bot.catalogue.content import Content


EMPTIED: Final = 500
"""How many messages are emptied in one transaction; the next look goes on."""


def empty_old(db: Session, *, before: datetime, limit: int) -> int:
    """Empties messages that were said before `before`, the oldest first, at most so many rows. That they were said
    stays."""
    said = OutboxRow.status.in_(FINAL)
    old = (
        select(OutboxRow.id)
        .where(OutboxRow.created_at < before, OutboxRow.message.is_not(None), said)
        .order_by(OutboxRow.created_at)
        .limit(limit)
    )
    result = db.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_(old), said)
        .values(message=None)
        .execution_options(synchronize_session=False)
    )
    rows = select(OutboxRow.id).where(OutboxRow.body_id == OutboxBody.id)
    recent = or_(OutboxRow.created_at >= before, OutboxRow.status.not_in(FINAL))
    db.execute(
        update(OutboxBody)
        .where(OutboxBody.created_at < before, OutboxBody.message.is_not(None))
        .where(rows.exists(), ~rows.where(recent).exists())
        .values(message=None)
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def due(db: Session, now: datetime, context: Context) -> None:
    """Empties messages whose words have been kept long enough, a portion at a time."""
    empty_old(db, before=now - timedelta(days=context.content.programme.retention.outbox_words_days), limit=EMPTIED)


def forget(db: Session, person: Person, now: datetime) -> None:
    """Drops messages that still wait for the person, and empties messages that they were sent, in whatever chat."""
    drop_waiting(db, "erased", person_id=person.id)
    said = update(OutboxRow).where(OutboxRow.person_id == person.id, OutboxRow.status != Status.WAITING)
    db.execute(said.values(message=None))


def copy(db: Session, person: Person, content: Content, told: Told) -> dict[str, Any]:
    """Returns how many messages were sent to the person; their words are emptied after some days."""
    return {"jumlah_pesan_terkirim": number_sent_to(db, person)}


DATA: Final = CapabilityData(
    "outbox",
    tables=(OutboxRow, OutboxBody, SentFile),
    due=due,
    next_due=lambda db, now, context: next_due(db, now),
    forget=forget,
    copy=copy,
    stays={
        "outbox.person_id": "How many messages were sent, of nobody in particular; the words are emptied.",
        **dict.fromkeys(
            ("outbox.once", "outbox.reason", "outbox.holder", "outbox.poll_id"),
            "How a message was sent: a name said once, a refusal, a process, a poll; none of it tells of the person.",
        ),
        "outbox_body.message": "The words of an announcement, which many got.",
        **dict.fromkeys(
            ("file_id.content_hash", "file_id.form", "file_id.telegram_file_id"),
            "Telegram's name for a file that the bot sent before: a picture of a lesson, a code.",
        ),
    },
    not_copied=dict.fromkeys(
        ("outbox.account_id", "outbox.person_id"),
        "The copy counts them; their words stand in the chat, and are emptied here after some days.",
    ),
)

"""Declares what becomes due of announcements, and why their rows are neither forgotten nor copied."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from bot.actions.broadcasts import BeginAnnouncement
from bot.actions.buttons import HELP, MENU
from bot.capability import CapabilityData, Context, Told
from bot.catalogue.content import Content
from bot.delivery import outbox
from bot.delivery.outbox import OutboxRow, Status
from bot.people import rights
from bot.people.people import Account, Person
from bot.people.quiet_hours import Kind
from bot.programme.broadcasts.content import quote
from bot.programme.broadcasts.drafting import lock, message_of, throw_away
from bot.programme.broadcasts.progress import EVERY, say_to_author, tell_progress
from bot.programme.broadcasts.sending import begin_sending, still_may
from bot.programme.broadcasts.tables import Broadcast, BroadcastStatus
from bot.settings import Settings
from bot.words.message import Button, Message, Value, Words, rows

FORGOTTEN: Final = timedelta(days=1)
"""A draft that was not sent in this time is thrown away."""


def due(db: Session, now: datetime, context: Context) -> None:
    """Begins announcements that were scheduled for now, tells how far the others have come, and deletes drafts that
    nobody sent."""
    waiting = select(Broadcast).where(Broadcast.status == BroadcastStatus.SCHEDULED, Broadcast.due_at <= now)
    for broadcast in db.scalars(waiting.order_by(Broadcast.due_at, Broadcast.id)).all():
        _begin_scheduled(db, broadcast, now, context.content, context.settings)
    for broadcast in db.scalars(_running().order_by(Broadcast.id)).all():
        tell_progress(db, broadcast, now, context.content)
    throw_away(db, Broadcast.created_at <= now - FORGOTTEN)


def next_due(db: Session, now: datetime, context: Context) -> datetime | None:
    first = db.scalar(select(func.min(Broadcast.due_at)).where(Broadcast.status == BroadcastStatus.SCHEDULED))
    moments = [first] if first is not None else []
    for broadcast in db.scalars(_running()).all():
        next_word = now if broadcast.told_at is None else broadcast.told_at + EVERY
        copies = (OutboxRow.broadcast_id == broadcast.id, OutboxRow.status == Status.WAITING)
        held_until = db.scalar(select(func.min(OutboxRow.not_before)).where(*copies, OutboxRow.not_before > now))
        if held_until is not None and broadcast.told_at is not None and not _moving(db, broadcast, now):
            next_word = max(next_word, held_until)
        moments.append(next_word)
    return min(moments, default=None)


def _running() -> Select[Broadcast]:
    return select(Broadcast).where(
        Broadcast.status.in_((BroadcastStatus.SENDING, BroadcastStatus.STOPPED)), Broadcast.ended_at.is_(None)
    )


def _moving(db: Session, broadcast: Broadcast, now: datetime) -> bool:
    """Returns whether a copy is being sent, or could be."""
    sendable = (OutboxRow.status == Status.WAITING) & or_(OutboxRow.not_before.is_(None), OutboxRow.not_before <= now)
    query = select(OutboxRow.id).where(
        OutboxRow.broadcast_id == broadcast.id, or_(OutboxRow.status == Status.CLAIMED, sendable)
    )
    return db.execute(query.limit(1)).first() is not None


def _begin_scheduled(db: Session, broadcast: Broadcast, now: datetime, content: Content, settings: Settings) -> None:
    lock(db, broadcast)
    account = db.get(Account, broadcast.account_id) if broadcast.account_id is not None else None
    if account is None or not still_may(db, account, broadcast, settings):
        broadcast.status = BroadcastStatus.DISCARDED
        _tell_not_sent(db, broadcast, account, now, settings)
    elif begin_sending(db, broadcast, now, content) == 0:
        broadcast.status, broadcast.begun_at = BroadcastStatus.DONE, now
        broadcast.ended_at = now
        say_to_author(db, account, Message("broadcasts.nobody_then", {"number": broadcast.id}, _HELP), now)


def _tell_not_sent(
    db: Session, broadcast: Broadcast, author: Account | None, now: datetime, settings: Settings
) -> None:
    """Tells that nobody hears an announcement whose author may not say it any more: the author, the trainers of the
    site, and the admins."""
    say_to_author(db, author, Message("broadcasts.rights_lost", {"number": broadcast.id}, _HELP), now)
    said = message_of(db, broadcast)
    values: dict[str, Value] = {
        "number": broadcast.id,
        "staff": (author.staff_name if author is not None else None) or Words("broadcasts.somebody"),
        "quote": quote(said) if said is not None else Words("broadcasts.quote.gone"),
    }
    message = Message(
        "broadcasts.not_sent", values, rows([Button("broadcasts.button.new", BeginAnnouncement())], [HELP])
    )
    told = {one.id: one for one in rights.admin_accounts(db, settings)}
    if broadcast.site_id is not None:
        told |= {one.id: one for one in rights.reachable_trainers(db, broadcast.site_id)}
    outbox.post_to_each(
        db,
        (one for number, one in sorted(told.items()) if author is None or number != author.id),
        message,
        now=now,
        once=f"broadcast:{broadcast.id}:not_sent",
        kind=Kind.STAFF,
        site_id=broadcast.site_id,
    )


def copy(db: Session, person: Person, content: Content, told: Told) -> dict[str, Any]:
    """Returns how many announcements were taken out of the person's chat again."""
    query = (
        select(func.count(func.distinct(OutboxRow.edits)))
        .join(Broadcast, Broadcast.id == OutboxRow.broadcast_id)
        .where(OutboxRow.person_id == person.id, OutboxRow.status == Status.SENT, Broadcast.withdraws)
    )
    return {"jumlah_pengumuman_ditarik": db.scalar(query) or 0}


_HELP: Final = rows([MENU, HELP])

DATA: Final = CapabilityData(
    "broadcasts",
    tables=(Broadcast,),
    due=due,
    next_due=next_due,
    copy=copy,
    stays={
        "broadcast.audience": "Which sites, classes or sectors staff wrote to, as codes.",
        "broadcast.reason": "Why it was urgent, as staff wrote it; the programme's own words.",
        "broadcast.source_message_id": "Telegram's number of a message of the author's chat, which nothing names now.",
        "broadcast.shown": "The line of progress as it was last shown to the author: numbers.",
    },
    not_copied=dict.fromkeys(
        ("broadcast.account_id", "broadcast.source_message_id"),
        "What staff wrote to others; shown to its author by /pengumuman.",
    ),
)

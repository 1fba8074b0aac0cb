"""Corrects an announcement: copies that wait and copies in chats are changed; where that cannot be done people get a
notice with the right words."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session

from bot.catalogue.content import Content
from bot.database import something_due
from bot.delivery import outbox
from bot.delivery.outbox import OutboxRow, Status
from bot.people.people import Person
from bot.people.quiet_hours import Kind
from bot.programme.broadcasts.audience import may_hear, recipients_with_site
from bot.programme.broadcasts.content import WITH_CAPTION, as_announced, in_place
from bot.programme.broadcasts.drafting import lock
from bot.programme.broadcasts.outcomes import AlreadySent, Begun, Nobody, Replaced, TooOld
from bot.programme.broadcasts.speaking import HEAD
from bot.programme.broadcasts.tables import Broadcast, BroadcastStatus
from bot.words.message import Form, Message


def correction_reach(db: Session, original: Broadcast, new: Message) -> tuple[int, int]:
    """Returns how many delivered copies would be corrected in place, and how many persons would get a new message."""
    editable = _editable_bodies(db, original, new)
    query = select(OutboxRow.body_id, func.count()).where(
        OutboxRow.broadcast_id == original.id, OutboxRow.status.in_((Status.SENT, Status.CLAIMED))
    )
    counts = {body: int(n) for body, n in db.execute(query.group_by(OutboxRow.body_id))}
    edits = sum(n for body, n in counts.items() if body in editable)
    return edits, sum(counts.values()) - edits


def begin_correction(
    db: Session, correction: Broadcast, now: datetime, content: Content
) -> Begun | Nobody | Replaced | AlreadySent | TooOld:
    original = db.get(Broadcast, correction.corrects_id)
    if original is None:
        return TooOld()
    lock(db, original)
    original.body_id = correction.body_id  # for what is still to be sent, and what may be sent again
    if original.status == BroadcastStatus.SCHEDULED:
        correction.status = BroadcastStatus.DONE
        return Replaced(original)
    earlier = select(Broadcast.id).where(Broadcast.corrects_id == original.id, Broadcast.id != correction.id)
    db.execute(
        update(OutboxRow)
        .where(OutboxRow.broadcast_id.in_(earlier), OutboxRow.status == Status.WAITING)
        .values(status=Status.DROPPED, reason="superseded")
    )
    db.execute(update(Broadcast).where(Broadcast.id.in_(earlier), Broadcast.ended_at.is_(None)).values(swept=True))
    correction.status, correction.begun_at = BroadcastStatus.SENDING, now
    correct_copies(db, correction, original, now, content)
    something_due(db)
    return Begun(correction, correction.recipients)


def correct_copies(db: Session, correction: Broadcast, original: Broadcast, now: datetime, content: Content) -> None:
    """Corrects every copy that has the old words. A copy that a sender is just sending has to be waited for: the next
    look finds it delivered, or waiting again."""
    new = outbox.body(db, correction.body_id)
    if new is None:
        correction.swept = True
        return
    copies = (OutboxRow.broadcast_id == original.id, OutboxRow.body_id != correction.body_id)
    db.execute(update(OutboxRow).where(*copies, OutboxRow.status == Status.WAITING).values(body_id=correction.body_id))
    in_hand = db.scalar(select(func.count()).select_from(OutboxRow).where(*copies, OutboxRow.status == Status.CLAIMED))
    editable = _editable_bodies(db, original, new)
    delivered = _delivered(content, *copies, OutboxRow.status == Status.SENT)
    edited = outbox.post_to_many(
        db,
        delivered.where(OutboxRow.body_id.in_(editable)),
        None,
        kind=Kind.ANNOUNCEMENT,
        once=f"broadcast:{correction.id}",
        now=now,
        body_id=correction.body_id,
        broadcast_id=correction.id,
    )
    told = _notify(db, correction, new, delivered.where(OutboxRow.body_id.not_in(editable)), now)
    correction.recipients += edited + told
    correction.swept = not in_hand


def _notify(db: Session, correction: Broadcast, new: Message, whom: Select[*tuple[Any, ...]], now: datetime) -> int:
    """Sends a short notice with the right words, where a copy cannot be changed. Returns how many are new."""
    addressees = whom.with_only_columns(
        *(whom.selected_columns[name] for name in ("account_id", "person_id", "chat_id", "language", "site_id"))
    )

    def post(message: Message, once: str) -> int:
        same = select(OutboxRow.body_id).where(OutboxRow.broadcast_id == correction.id, OutboxRow.edits.is_(None))
        kept = [one for one in db.scalars(same.distinct()) if outbox.body(db, one or 0) == message]
        return outbox.post_to_many(
            db,
            addressees,
            None,
            kind=Kind.ANNOUNCEMENT,
            once=f"broadcast:{correction.id}:{once}",
            now=now,
            body_id=kept[0] if kept else outbox.keep_body(db, message, now=now),
            broadcast_id=correction.id,
            urgent=correction.urgent,
        )

    if not db.execute(addressees.limit(1)).first():
        return 0
    if new.form in WITH_CAPTION or new.form is Form.TEXT:
        key = "broadcasts.corrected_head" if new.key == HEAD else "broadcasts.corrected"
        return post(replace(new, key=key), "told")
    post(as_announced(Message("broadcasts.corrected_below")), "above")
    return post(new, "told")


def _delivered(content: Content, *which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Selects people who have a copy and may still be written to."""
    return (
        recipients_with_site()
        .join(OutboxRow, OutboxRow.person_id == Person.id)
        .add_columns(OutboxRow.id.label("edits"))
        .where(OutboxRow.edits.is_(None), *which, *may_hear(content))
    )


def _editable_bodies(db: Session, original: Broadcast, new: Message) -> list[int]:
    """Returns the bodies of copies of `original` that can be edited into `new`."""
    query = select(OutboxRow.body_id).where(OutboxRow.broadcast_id == original.id).distinct()
    found = {body_id: outbox.body(db, body_id) for body_id in db.scalars(query) if body_id is not None}
    return [body_id for body_id, old in found.items() if old is not None and in_place(old, new)]


def notify_failed(db: Session, correction: Broadcast, now: datetime, content: Content) -> int:
    """Sends the notice to people whose copy could not be edited after all (for one, because they deleted it)."""
    new = outbox.body(db, correction.body_id)
    if new is None:
        return 0
    failed = select(OutboxRow.person_id).where(
        OutboxRow.broadcast_id == correction.id, OutboxRow.edits.is_not(None), OutboxRow.status == Status.FAILED
    )
    return _notify(db, correction, new, recipients_with_site().where(Person.id.in_(failed), *may_hear(content)), now)

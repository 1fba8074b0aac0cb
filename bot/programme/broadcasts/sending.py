"""Sends an announcement, schedules it, stops it, calls it off, or sends it again to people who may not have got it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bot.catalogue.content import Content
from bot.database import something_due
from bot.delivery import outbox
from bot.delivery.outbox import OutboxRow, Status
from bot.people import rights
from bot.people.people import Account, Person
from bot.people.quiet_hours import Kind
from bot.programme.broadcasts.audience import AUDIENCES, About, may_hear, people_meant, recipients_with_site, site_of
from bot.programme.broadcasts.correcting import begin_correction
from bot.programme.broadcasts.drafting import lock, message_of, say_who_speaks
from bot.programme.broadcasts.outcomes import (
    AlreadySent,
    Begun,
    Nobody,
    Over,
    Past,
    Replaced,
    Scheduled,
    Stopped,
    TooOld,
)
from bot.programme.broadcasts.tables import Broadcast, BroadcastStatus
from bot.settings import Settings


def send(
    db: Session, broadcast: Broadcast, now: datetime, *, content: Content
) -> Begun | Nobody | AlreadySent | Replaced | TooOld:
    """Sends a draft now; a draft that corrects another announcement corrects it."""
    lock(db, broadcast)
    if broadcast.status != BroadcastStatus.DRAFT:
        return AlreadySent(broadcast)
    if broadcast.corrects_id is not None:
        return begin_correction(db, broadcast, now, content)
    if begin_sending(db, broadcast, now, content) == 0:
        return Nobody()
    return Begun(broadcast, broadcast.recipients)


def schedule(db: Session, broadcast: Broadcast, moment: datetime, now: datetime) -> Scheduled | Past | AlreadySent:
    lock(db, broadcast)
    if broadcast.status != BroadcastStatus.DRAFT:
        return AlreadySent(broadcast)
    if moment <= now:
        return Past()
    broadcast.status, broadcast.due_at = BroadcastStatus.SCHEDULED, moment
    something_due(db)
    return Scheduled(broadcast)


def mark_urgent(db: Session, broadcast: Broadcast, reason: str) -> None:
    """Marks an announcement as urgent: it does not wait for open hours. An admin decides that, with the reason."""
    broadcast.urgent, broadcast.reason = True, reason[:200]
    db.flush()


def call_off(db: Session, broadcast: Broadcast) -> bool:
    """Throws a draft away, or takes back what was scheduled. Returns False when the announcement is already being sent
    or was sent."""
    lock(db, broadcast)
    if broadcast.status not in (BroadcastStatus.DRAFT, BroadcastStatus.SCHEDULED):
        return False
    broadcast.status = BroadcastStatus.DISCARDED
    return True


def stop(db: Session, broadcast: Broadcast, now: datetime) -> Stopped | Over:
    """Stops an announcement: copies that wait are not sent. Copies that a sender has claimed may still go."""
    lock(db, broadcast)
    if not broadcast.under_way or broadcast.status != BroadcastStatus.SENDING:
        return Over(broadcast)
    broadcast.status = BroadcastStatus.STOPPED
    dropped = outbox.drop_waiting(db, "stopped by staff", broadcast_id=broadcast.id)
    something_due(db)
    return Stopped(broadcast, dropped)


def without_rights(db: Session, account: Account, settings: Settings) -> list[Broadcast]:
    """Returns the announcements of somebody that are scheduled or being sent (some copies may be held by quiet hours),
    and that they may not send any more."""
    going_on = Broadcast.status.in_((BroadcastStatus.SCHEDULED, BroadcastStatus.SENDING))
    query = select(Broadcast).where(Broadcast.account_id == account.id, going_on, Broadcast.ended_at.is_(None))
    found = db.scalars(query.order_by(Broadcast.id)).all()
    return [broadcast for broadcast in found if not still_may(db, account, broadcast, settings)]


def end(db: Session, broadcast: Broadcast, now: datetime) -> int:
    """Takes an announcement back if it has not begun, else stops it. Returns how many copies will not be sent."""
    if call_off(db, broadcast):
        return 0
    match stop(db, broadcast, now):
        case Stopped(_, dropped):
            return dropped
    return 0


def resend(db: Session, broadcast: Broadcast, now: datetime, *, content: Content) -> Begun | Nobody | TooOld:
    """Sends an announcement again to the people of whom it is not known whether they got it."""
    lock(db, broadcast)
    if message_of(db, broadcast) is None:
        return TooOld()
    unknown = select(OutboxRow.person_id).where(
        OutboxRow.id.in_(newest_copies(broadcast)), OutboxRow.status == Status.UNKNOWN
    )
    number = broadcast.resent + 1
    written = outbox.post_to_many(
        db,
        recipients_with_site().where(Person.id.in_(unknown), *may_hear(content)),
        None,
        kind=Kind.ANNOUNCEMENT,
        once=f"broadcast:{broadcast.id}:again:{number}",
        now=now,
        body_id=broadcast.body_id,
        broadcast_id=broadcast.id,
        urgent=broadcast.urgent,
    )
    if not written:
        return Nobody()
    broadcast.resent = number
    broadcast.status, broadcast.ended_at = BroadcastStatus.SENDING, None
    broadcast.progress_id = broadcast.told_id = broadcast.told_at = broadcast.shown = None
    something_due(db)
    return Begun(broadcast, written)


def begin_sending(db: Session, broadcast: Broadcast, now: datetime, content: Content) -> int:
    say_who_speaks(db, broadcast, content)
    written = outbox.post_to_many(
        db,
        people_meant(broadcast, content),
        None,
        kind=Kind.ANNOUNCEMENT,
        once=f"broadcast:{broadcast.id}",
        now=now,
        body_id=broadcast.body_id,
        broadcast_id=broadcast.id,
        urgent=broadcast.urgent,
    )
    if written:
        broadcast.recipients = written
        broadcast.status, broadcast.begun_at = BroadcastStatus.SENDING, now
        something_due(db)
    return written


def newest_copies(broadcast: Broadcast) -> Select[*tuple[Any, ...]]:
    """Selects the newest row of each person; of a withdrawal, of each copy that is taken back."""
    each = OutboxRow.edits if broadcast.withdraws else OutboxRow.person_id
    return select(func.max(OutboxRow.id)).where(OutboxRow.broadcast_id == broadcast.id).group_by(each)


def still_may(db: Session, account: Account, broadcast: Broadcast, settings: Settings) -> bool:
    """Returns whether the author may still send the announcement: a right may have been taken away since it was
    scheduled."""
    return rights.is_admin(db, account, settings) or of_colleague(db, broadcast, rights.sites_of(db, account))


def of_colleague(db: Session, broadcast: Broadcast, sites: Collection[str]) -> bool:
    """Returns whether a trainer who looks after these sites may send, stop, correct and withdraw the announcement,
    whoever wrote it. What an admin says, or marked as urgent, is for admins."""
    if broadcast.sites is None or broadcast.urgent:
        return False
    needed = {site_of(db, group) for group in broadcast.groups} - {None}
    if any(AUDIENCES[group.kind].about in (About.NOTHING, About.MODULE) for group in broadcast.groups):
        needed |= broadcast.sites
    return needed <= set(sites)

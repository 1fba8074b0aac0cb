"""Reminders: due, not scheduled. One row per class and lead says when; when it is due, one statement posts to all.

A reminder is right in the site's zone, keeps quiet hours (held to the next opening if it still helps then), follows a
moved class, is dropped when too late to help, and whoever enrols late still gets every reminder that is still ahead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, groupby
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.capability import CapabilityData, Context
from bot.database import something_due
from bot.delivery import outbox
from bot.people.people import Account, Person
from bot.people.quiet_hours import USEFUL, Kind, Verdict, verdict
from bot.programme.enrolment import (
    Begun,
    Cancelled,
    Enrolment,
    EnrolmentStatus,
    NotEnrolled,
    Unknown,
    enrolment_of,
)
from bot.programme.sessions import ClassSession, SessionLead
from bot.words.message import At, Button, Message, rows

AT_ONCE: Final = 2_000
"""So many people are reminded in one transaction, so that replies need not wait behind a crowd."""
CLASSES_AT_ONCE: Final = 200


@dataclass(frozen=True)
class Coming:
    session: ClassSession


Replied = Coming | NotEnrolled | Begun | Cancelled | Unknown


def coming(db: Session, person: Person, session_id: int, now: datetime) -> Replied:
    """The person says they will come. "Tidak bisa" is `enrolment.withdraw`: it frees the seat at once."""
    session = db.get(ClassSession, session_id)
    if session is None:
        return Unknown()
    if session.cancelled_at is not None:
        return Cancelled(session)
    enrolment = enrolment_of(db, person, session_id)
    if enrolment is None or enrolment.status != EnrolmentStatus.SEATED:
        return NotEnrolled(session)
    if session.ends_at <= now:
        return Begun(session)
    enrolment.reply, enrolment.replied_at = "coming", now
    return Coming(session)


def due(db: Session, now: datetime, context: Context) -> int:
    """Post the reminders that are due; hold or drop those the table of quiet hours says so. Returns how many posts.

    Classes are dealt with whose people are AT_ONCE in all; the clock looks again at once for the rest.
    """
    due_now = (SessionLead.done_at.is_(None), SessionLead.due_at <= now)
    first = db.execute(
        select(SessionLead.session_id, ClassSession.seats_taken)
        .join(ClassSession, ClassSession.id == SessionLead.session_id)
        .where(*due_now)
        .order_by(SessionLead.due_at, SessionLead.id)
        .limit(CLASSES_AT_ONCE)
        .with_for_update(of=SessionLead, skip_locked=True)
    ).all()
    if not first:
        return 0
    people = accumulate(seats for _, seats in first)
    chosen = {first[0].session_id} | {
        one.session_id for one, sum_ in zip(first, people, strict=True) if sum_ <= AT_ONCE
    }
    query = (
        select(SessionLead.id, SessionLead.lead_minutes, ClassSession)
        .join(ClassSession, ClassSession.id == SessionLead.session_id)
        .where(SessionLead.session_id.in_(chosen), *due_now)
        .order_by(SessionLead.session_id, SessionLead.lead_minutes)
    )
    decisions: dict[tuple[str, datetime], Verdict] = {}
    held: dict[datetime, list[int]] = defaultdict(list)
    groups: list[outbox.Group] = []
    reminded: list[int] = []
    over: list[int] = []
    for _, found in groupby(db.execute(query).all(), key=lambda one: one[2].id):
        (lead, minutes, session), *earlier = found
        over += [older for older, *_ in earlier]  # after a long stop two may be due at once: the later one says it all
        hours = context.content.open_hours(session.site_id)
        alike = (session.site_id, session.starts_at)
        if alike not in decisions:
            decisions[alike] = verdict(Kind.REMINDER, now=now, hours=hours, starts_at=session.starts_at)
        decision = decisions[alike]
        if session.cancelled_at is not None or decision.drop is not None:
            over.append(lead)
        elif decision.hold_until is not None:
            held[decision.hold_until].append(lead)
        else:
            groups.append(_group(session, minutes, reminder(session, hours.zone, now)))
            reminded.append(lead)
    audience = (
        outbox.recipients()
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(Enrolment.session_id == outbox.GROUP, Enrolment.status == EnrolmentStatus.SEATED)
        .where(Person.consent_messages.is_(True), Account.stopped_at.is_(None), Account.blocked_at.is_(None))
    )
    posted = outbox.post_to_groups(db, audience, groups, kind=Kind.REMINDER, now=now, at_most=AT_ONCE)
    crowd = len(reminded) == 1 and posted == AT_ONCE
    if not crowd:
        over += reminded
    for moment, leads in held.items():
        _update(db, leads, due_at=moment)
    _update(db, over, done_at=now)
    if crowd or len(first) == CLASSES_AT_ONCE or len(chosen) < len({one.session_id for one in first}):
        something_due(db)
    return posted


def next_due(db: Session, now: datetime, context: Context) -> datetime | None:
    return db.scalar(select(func.min(SessionLead.due_at)).where(SessionLead.done_at.is_(None)))


def _group(session: ClassSession, minutes: int, message: Message) -> outbox.Group:
    return outbox.Group(
        session.id,
        message,
        once=f"reminder:{session.id}:{session.revision}:{minutes}",
        site_id=session.site_id,
        session_id=session.id,
        starts_at=session.starts_at,
        not_after=session.starts_at - USEFUL,
    )


def _update(db: Session, leads: Sequence[int], **changes: datetime) -> None:
    if leads:
        db.execute(update(SessionLead).where(SessionLead.id.in_(leads)).values(**changes))


def reminder(session: ClassSession, zone: str, now: datetime) -> Message:
    """The words fit the day it is said on, whatever the lead: today, tomorrow, or on a later day."""
    local = ZoneInfo(zone)
    days = (session.starts_at.astimezone(local).date() - now.astimezone(local).date()).days
    key = {0: "reminders.today", 1: "reminders.tomorrow"}.get(days, "reminders.ahead")
    return Message(
        key,
        {"title": session.title, "starts": At(session.starts_at, zone), "venue": session.venue},
        rows(
            (
                Button("button.coming", f"reminders:coming:{session.id}"),
                Button("button.not_coming", f"reminders:not_coming:{session.id}"),
            ),
            (Button("button.map", f"reminders:map:{session.id}"), Button("button.help", "menu:help")),
        ),
    )


# --- what it owes -----------------------------------------------------------------------------------------------------


DATA: Final = CapabilityData("reminders", due=due, next_due=next_due)

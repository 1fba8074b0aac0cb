"""Reminders: due, not scheduled. Each class has one row for each lead, which says when the reminder is due; when that
moment comes, one statement posts the reminder to all who have a seat.

A reminder is right in the site's zone, keeps quiet hours (held to the next opening if it still helps then), follows a
moved class, and is dropped when it is too late to help. People who enrol late still get every reminder that is ahead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import accumulate, groupby
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.actions.attendance import SeeMyAttendance
from bot.actions.buttons import HELP
from bot.actions.reminders import SayComing, SayLate, SayNotComing, SeeMap
from bot.capability import CapabilityData, Context
from bot.database import something_due
from bot.delivery import outbox
from bot.people.people import Account, Person, Purpose, agreed_to
from bot.people.quiet_hours import USEFUL, Kind, Verdict, verdict
from bot.programme import voices
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
from bot.words.message import At, Button, Message, Value, rows

AT_ONCE: Final = 1_000
"""How many people are reminded in one transaction, so that replies need not wait long."""
CLASSES_AT_ONCE: Final = 100
SAID_BEFORE: Final = ("reminders.today", "reminders.tomorrow", "reminders.ahead")
"""Keys of reminders that an earlier version wrote and that still wait to be said."""


@dataclass(frozen=True)
class Coming:
    session: ClassSession


@dataclass(frozen=True)
class Late:
    """The trainer sees that the person comes late."""

    session: ClassSession


@dataclass(frozen=True)
class NotToday:
    """The class is on another day: too early to be late."""

    session: ClassSession


Replied = Coming | NotEnrolled | Begun | Cancelled | Unknown


def coming(db: Session, person: Person, session_id: int, now: datetime) -> Replied:
    """Records that the person will come. The answer "Tidak bisa" is `enrolment.withdraw`: it frees the seat at once."""
    enrolment = _seat(db, person, session_id, now)
    if not isinstance(enrolment, Enrolment):
        return enrolment
    enrolment.reply, enrolment.replied_at = "coming", now
    return Coming(db.get_one(ClassSession, session_id))


def _seat(
    db: Session, person: Person, session_id: int, now: datetime
) -> Enrolment | NotEnrolled | Begun | Cancelled | Unknown:
    """Returns the person's seat in a class that is not over, or why there is none."""
    session = db.get(ClassSession, session_id)
    if session is None:
        return Unknown()
    if session.cancelled_at is not None:
        return Cancelled(session)
    enrolment = enrolment_of(db, person, session_id)
    if enrolment is None or enrolment.status != EnrolmentStatus.SEATED:
        return NotEnrolled(session)
    return Begun(session) if session.ends_at <= now else enrolment


def late(db: Session, person: Person, session_id: int, now: datetime, *, zone: str) -> Replied | Late | NotToday:
    """Records that the person comes late (so they do come), on the day of the class only. `zone` is the site's IANA
    zone."""
    seat = _seat(db, person, session_id, now)
    if not isinstance(seat, Enrolment):
        return seat
    session = db.get_one(ClassSession, session_id)
    if not is_today(session, zone, now):
        return NotToday(session)
    coming(db, person, session_id, now)
    seat.late_at = seat.late_at or now
    return Late(session)


def on_time(db: Session, person: Person, session_id: int, now: datetime) -> Replied:
    """Records that the person comes in time after all: deletes that they come late."""
    answer = coming(db, person, session_id, now)
    enrolled = enrolment_of(db, person, session_id)
    if enrolled is not None:
        enrolled.late_at = None
    return answer


def is_today(session: ClassSession, zone: str, now: datetime) -> bool:
    """Returns whether the class is on the present day, by the calendar of `zone` (the site's IANA zone)."""
    local = ZoneInfo(zone)
    return session.starts_at.astimezone(local).date() == now.astimezone(local).date()


def due(db: Session, now: datetime, context: Context) -> int:
    """Posts the reminders that are due; holds or drops those for which `quiet_hours.verdict` says so. Returns how many
    rows were posted.

    At most so many classes are handled as have AT_ONCE people together; the scheduler asks again at once for the rest.
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
    people = tuple(accumulate(seats for _, seats in first))
    chosen = {first[0].session_id} | {
        one.session_id for one, sum_ in zip(first, people, strict=True) if sum_ <= AT_ONCE
    }
    large = first[0].seats_taken > AT_ONCE  # then it is the only one, and is reminded in portions
    query = (
        select(SessionLead.id, SessionLead.lead_minutes, ClassSession)
        .join(ClassSession, ClassSession.id == SessionLead.session_id)
        .where(SessionLead.session_id.in_(chosen), *due_now)
        .order_by(SessionLead.session_id, SessionLead.lead_minutes)
    )
    decisions: dict[tuple[str, datetime], Verdict] = {}
    held: dict[datetime, list[int]] = defaultdict(list)
    due_groups: list[tuple[ClassSession, int, str]] = []
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
            due_groups.append((session, minutes, hours.zone))
            reminded.append(lead)
    audience = (
        outbox.recipients()
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(Enrolment.session_id == outbox.GROUP, Enrolment.status == EnrolmentStatus.SEATED)
        .where(agreed_to(Purpose.REMINDERS), Account.stopped_at.is_(None), Account.blocked_at.is_(None))
    )

    @cache
    def listen(site_id: str) -> list[Button]:
        return voices.listen_button(db, voices.REMINDER, site_id, context.content, context.texts, context.settings)

    posted = 0
    for has_answered in (False, True):  # who said they come is asked nothing
        # looked for after the others were written: who answers meanwhile is written to in one of the two ways
        among = _with_answers(db, [one.id for one, *_ in due_groups]) if has_answered else None
        groups = [
            _group(one, minutes, reminder(one, zone, now, has_answered, listen(one.site_id)))
            for one, minutes, zone in due_groups
            if among is None or one.id in among
        ]
        those = audience.where(Enrolment.reply.is_not(None) if has_answered else Enrolment.reply.is_(None))
        room = AT_ONCE - posted if large else None
        posted += outbox.post_to_groups(db, those, groups, kind=Kind.REMINDER, now=now, at_most=room)
    crowd = large and posted == AT_ONCE
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


def _with_answers(db: Session, session_ids: Sequence[int]) -> frozenset[int]:
    """Returns those of the classes in which somebody has said that they come."""
    if not session_ids:
        return frozenset()
    answered = select(Enrolment.session_id).where(Enrolment.session_id.in_(session_ids), Enrolment.reply.is_not(None))
    return frozenset(db.scalars(answered.distinct()))


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


def reminder(
    session: ClassSession, zone: str, now: datetime, has_answered: bool, listen: Sequence[Button] = ()
) -> Message:
    """Returns the reminder of a class. It asks whether the person comes, unless they have answered.

    "Today" or "tomorrow" is put in when the message is sent (`{starts:ahead}`). On the day itself it has a button for
    the check-in. `listen`: [Dengarkan], where the site has a voice for it.
    """
    values: dict[str, Value] = {"title": session.title, "starts": At(session.starts_at, zone), "venue": session.venue}
    place = [Button("button.map", SeeMap(session.id))] if session.has_pin else []
    check_in = [Button("attendance.button.check_in", SeeMyAttendance())] if is_today(session, zone, now) else []
    no = Button("button.not_coming", SayNotComing(session.id, version=session.revision))
    late = [Button("reminders.button.late", SayLate(session.id))] if is_today(session, zone, now) else []
    if has_answered:
        return Message("reminders.see_you", values, rows((*place, *check_in), (no, *late), (*listen, HELP)))
    yes = Button("button.coming", SayComing(session.id, version=session.revision))
    return Message("reminders.asks", values, rows((yes, no), (*place, *check_in), (*listen, *late, HELP)))


# --- what it owes -----------------------------------------------------------------------------------------------------


DATA: Final = CapabilityData("reminders", due=due, next_due=next_due)

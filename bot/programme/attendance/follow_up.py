"""Follows up on people who were not recorded. They are asked whether they were there, the trainer confirms it, and
after the second absence in a row they are asked what could help."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from bot.actions.attendance import AdmitAbsence, ClaimPresence, TellReason
from bot.actions.buttons import HELP, MENU
from bot.catalogue.content import Content
from bot.delivery import outbox
from bot.people.people import Account, Person, Purpose, agreed_to
from bot.people.quiet_hours import Kind, OpenHours, next_opening
from bot.people.rights import responsible_for
from bot.programme.attendance.codes import claim_until, closes_at
from bot.programme.attendance.marks import follow_mark
from bot.programme.attendance.outcomes import (
    AlreadyClaimed,
    AlreadyIn,
    Cancelled,
    Claimed,
    NotEnrolled,
    Refused,
    TooEarly,
    TooLate,
    Unknown,
)
from bot.programme.attendance.records import (
    called_in,
    has_seat,
    locked_mark,
    mark_of,
    mine_now,
    record,
    sheets_due,
)
from bot.programme.attendance.tables import Attendance, AttendanceSheet, How, Mark, Reason
from bot.programme.enrolment import CAME, SETTLED, Enrolment, EnrolmentStatus, enrolment_of
from bot.programme.news import What
from bot.programme.news import note as note_news
from bot.programme.sessions import ClassSession
from bot.settings import Settings
from bot.words.message import At, Button, Message, Value, rows

STREAK: Final = 2
"""After so many absences in a row people are asked what could help; not again at the next absence."""


def claim(
    db: Session, person: Person, session_id: int, now: datetime, *, content: Content
) -> Claimed | AlreadyClaimed | AlreadyIn | Refused | NotEnrolled | TooEarly | TooLate | Cancelled | Unknown:
    """Records "I was there" and asks the trainers to confirm it, together with what else they are told. Possible until
    the evening after the class."""
    session = db.get(ClassSession, session_id)
    if session is None:
        return Unknown()
    if session.cancelled_at is not None:
        return Cancelled(session)
    if not has_seat(db, person, session):
        return NotEnrolled(session)
    known = locked_mark(db, session.id, person.id)
    match known.mark if known else None:
        case Mark.PRESENT:
            return AlreadyIn(session)
        case Mark.CLAIMED:
            return AlreadyClaimed(session)
        case Mark.ABSENT if known is not None and known.how == How.TRAINER:
            return Refused(session)
    hours = content.open_hours(session.site_id)
    if now <= closes_at(session):
        return TooEarly(session, closes_at(session))  # the code is still good
    if now >= claim_until(session, hours):
        return TooLate(session, None)
    record(db, session, person, Mark.CLAIMED, How.SELF, now)
    note_news(db, What.CLAIM, person, session.site_id, now, session)
    return Claimed(session)


def may_claim(db: Session, person: Person, now: datetime, *, content: Content) -> list[ClassSession]:
    """Returns the classes of which the person can say now that they were there."""
    found = []
    for session in mine_now(db, person, now, content=content):
        known = mark_of(db, session.id, person.id)
        said_no = known is not None and known.mark == Mark.ABSENT and known.how != How.TRAINER
        if closes_at(session) < now and (known is None or said_no):
            found.append(session)
    return found


def tell_trainers(db: Session, session: ClassSession, message: Message, now: datetime, settings: Settings) -> None:
    """Tells the trainers, as staff, in open hours: trainers sleep, too."""
    staff = responsible_for(db, session.site_id, settings)
    outbox.post_to_each(db, staff, message, kind=Kind.STAFF, now=now, session_id=session.id, site_id=session.site_id)


def not_there(db: Session, person: Person, session_id: int, now: datetime) -> ClassSession | None:
    """Records that the person says they did not come. Returns None if there is nothing to record."""
    session = db.get(ClassSession, session_id)
    if session is None or not has_seat(db, person, session):
        return None
    if locked_mark(db, session.id, person.id) is None:
        record(db, session, person, Mark.ABSENT, How.SELF, now)
        follow_mark(db, session, person, Mark.ABSENT, now)
    return session


def note_reason(
    db: Session,
    person: Person,
    session_id: int,
    reason: Reason,
    now: datetime,
    *,
    content: Content,
    settings: Settings,
) -> ClassSession | None:
    """Notes what could help somebody who was absent twice; the trainers hear of it, once for each answer."""
    session = db.get(ClassSession, session_id)
    enrolled = enrolment_of(db, person, session_id)
    if session is None or enrolled is None or enrolled.status != EnrolmentStatus.ABSENT:
        return None
    known = mark_of(db, session.id, person.id)
    if known is None:
        known = record(db, session, person, Mark.ABSENT, How.SELF, now)
    if known.reason != reason:
        known.reason = reason
        hours = content.open_hours(session.site_id)
        who = called_in(db, session, person, hours.zone)
        values: dict[str, Value] = {"who": who, "title": session.title}
        message = Message(f"attendance.reason.{reason}", values, rows((MENU, HELP)))
        tell_trainers(db, session, message, now, settings)
    return session


def ask_the_unrecorded(db: Session, session: ClassSession, until: datetime, now: datetime, hours: OpenHours) -> None:
    """Asks everybody of whom nothing is recorded whether they were there, once."""
    values: dict[str, Value] = {"title": session.title, "starts": At(session.starts_at, hours.zone)}
    posts = []
    nothing = ~exists().where(Attendance.session_id == session.id, Attendance.person_id == Person.id)
    seats = (EnrolmentStatus.SEATED, EnrolmentStatus.UNRECORDED)
    for person, account in db.execute(_with_seat(session.id, *seats).where(nothing)).unique():
        yes = Button("attendance.button.was_there", ClaimPresence(session.id, person.id))
        no = Button("attendance.button.was_not_there", AdmitAbsence(session.id, person.id))
        message = Message("attendance.missed", values, rows((yes, no), (MENU, HELP)))
        posts.append(_to_participant(account, person, session, message, f"missed:{session.id}:{person.id}", until))
    outbox.post_all(db, posts, now=now)


def _with_seat(session_id: int, *status: EnrolmentStatus) -> Select[Person, Account]:
    """Selects those whose seat is in one of these states, and who may be written to (consent 2)."""
    return (
        select(Person, Account)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .join(Account, Account.id == Person.account_id)
        .where(Enrolment.session_id == session_id, Enrolment.status.in_(status))
        .where(agreed_to(Purpose.REMINDERS), Account.stopped_at.is_(None), Account.blocked_at.is_(None))
        .order_by(Person.id)
    )


def _to_participant(
    account: Account, person: Person, session: ClassSession, message: Message, once: str, until: datetime
) -> outbox.Post:
    return outbox.to(
        account,
        message,
        kind=Kind.LESSON,
        person_id=person.id,
        site_id=session.site_id,
        session_id=session.id,
        once=once,
        not_after=until,
    )


def ask_what_could_help(db: Session, now: datetime, content: Content) -> None:
    for sheet in sheets_due(db, AttendanceSheet.care_at, now):
        session = db.get(ClassSession, sheet.session_id)
        assert session is not None
        sheet.care_at = None
        hours = content.open_hours(session.site_id)
        posts = []
        for person, account in db.execute(_with_seat(session.id, EnrolmentStatus.ABSENT)).unique().all():
            if _absences_in_a_row(db, person, session) != STREAK:
                continue
            choices = [
                Button(f"attendance.button.{reason}", TellReason(session.id, person.id, reason)) for reason in Reason
            ]
            message = Message("attendance.care", {}, rows(choices[:2], choices[2:], (MENU, HELP)))
            once = f"care:{session.id}:{person.id}"
            posts.append(
                _to_participant(account, person, session, message, once, next_opening(hours, now) + timedelta(days=3))
            )
        outbox.post_all(db, posts, now=now)


def _absences_in_a_row(db: Session, person: Person, session: ClassSession) -> int:
    """Returns how many classes the person missed one after the other, this one the last. One of which nothing is known
    ends the row: it was perhaps not missed."""
    query = (
        select(Enrolment.status)
        .join(ClassSession, ClassSession.id == Enrolment.session_id)
        .where(Enrolment.person_id == person.id)
        .where(Enrolment.status.in_((*SETTLED, *CAME)))
        .where(ClassSession.starts_at <= session.starts_at)
        .order_by(ClassSession.starts_at.desc(), ClassSession.id.desc())
        .limit(STREAK + 1)
    )
    missed = 0
    for status in db.scalars(query):
        if status != EnrolmentStatus.ABSENT:
            break
        missed += 1
    return missed

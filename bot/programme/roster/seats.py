"""Gives seats to people who stand before a trainer. Once the class has begun they are marked as present, too. The class
is never overbooked, and until the last hour nobody on the waitlist is passed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.people.people import Account, Person, Purpose, record_consent
from bot.people.quiet_hours import Kind
from bot.programme import attendance, enrolment
from bot.programme.enrolment import LAST_HOUR, SEATS, Enrolment, EnrolmentStatus, KeptSeat
from bot.programme.roster.entries import LATE, ORAL
from bot.programme.roster.reading import Written
from bot.programme.roster.telling import tell
from bot.programme.sessions import ClassSession
from bot.words.message import At, Value

TOLD_UNTIL: Final = LATE
"""How long after a class its people are still told what a trainer recorded about them."""


# --- outcomes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Added:
    """The person has a seat now. `present`: the class has begun, and they are marked as present."""

    session: ClassSession
    person: Person
    present: bool


@dataclass(frozen=True)
class HadSeat:
    """The person had a seat already. `present`: they are marked as present now."""

    session: ClassSession
    person: Person
    present: bool


@dataclass(frozen=True)
class Full:
    """Every seat is taken: a trainer must raise the capacity first."""

    session: ClassSession


@dataclass(frozen=True)
class OthersWait:
    """A seat is free, but `waiting` people come first: until an hour before the start it is theirs."""

    session: ClassSession
    waiting: int


@dataclass(frozen=True)
class Closed:
    """The class was cancelled, or ended too long ago."""

    session: ClassSession


@dataclass(frozen=True)
class SeveralAdded:
    """The result for several people: those who got a seat, in order, and how many of the last ones got none, because
    there are no seats or (`others_wait`) because others come first."""

    session: ClassSession
    added: tuple[Person, ...]
    left: int
    others_wait: int
    present: bool


# --- services -------------------------------------------------------------------------------------------------------


def may_be_added_to(session: ClassSession, now: datetime) -> bool:
    return session.cancelled_at is None and now < session.ends_at + LATE


def has_begun(session: ClassSession, now: datetime) -> bool:
    """Returns whether the class has begun, so that a person who is added now is or was in the room."""
    return session.starts_at <= now


def add_walk_ins(
    db: Session,
    account: Account,
    session: ClassSession,
    people: list[Written],
    *,
    keeps_numbers: bool,
    text_version: str,
    language: str,
    now: datetime,
) -> SeveralAdded | Closed:
    """Gives a seat to each of several people without an account, in order, as long as there are seats. For each a
    consent by word of mouth is logged. `keeps_numbers`: they agreed that their numbers are kept, too."""
    session = enrolment.locked(db, session.id) or session
    if not may_be_added_to(session, now):
        return Closed(session)
    added: list[Person] = []
    others = 0
    for one in people:
        others = _who_come_first(db, session, None, now)
        if others or not _take_seat(db, session):
            break
        person = Person(
            account_id=None,
            name=one.name,
            form_of_address=one.salutation,
            site_id=session.site_id,
            phone=one.phone if keeps_numbers else None,
            registered_at=now,
        )
        db.add(person)
        db.flush()
        version = f"{ORAL} {text_version}"[:20]
        record_consent(db, person, Purpose.TRAINING, given=True, text_version=version, language=language, now=now)
        _seat(db, session, person, None, now)
        _mark(db, account, session, person, now)
        added.append(person)
    return SeveralAdded(session, tuple(added), len(people) - len(added), others, has_begun(session, now))


def add_known(
    db: Session, account: Account, session: ClassSession, person: Person, now: datetime, *, zone: str
) -> Added | HadSeat | Full | OthersWait | Closed:
    """Gives a seat to a registered person, who is told on their phone, with the start in `zone` (the site's IANA
    zone)."""
    session = enrolment.locked(db, session.id) or session
    if not may_be_added_to(session, now):
        return Closed(session)
    known = enrolment.enrolment_of(db, person, session.id)
    if known is not None and known.status in SEATS:
        marked = _mark(db, account, session, person, now)
        if marked:
            _tell(db, person, session, "roster.told.present", now, zone=zone)
        return HadSeat(session, person, marked)
    if known is None or known.status != EnrolmentStatus.OFFERED:
        others = _who_come_first(db, session, known, now)
        if others:
            return OthersWait(session, others)
        enrolment.end(db, session, KeptSeat.person_id == person.id)  # what they gave up a moment ago
        if not _take_seat(db, session):
            return Full(session)
    _seat(db, session, person, known, now)
    outbox.drop_waiting(db, "superseded", kinds=(Kind.OFFER,), person_id=person.id, session_id=session.id)
    present = _mark(db, account, session, person, now)
    key = "roster.told.added_present" if present else "roster.told.added"
    _tell(db, person, session, key, now, zone=zone)
    return Added(session, person, present)


def _who_come_first(db: Session, session: ClassSession, known: Enrolment | None, now: datetime) -> int:
    """Returns how many people on the waitlist the free seats belong to. 0 if there is a seat for one more, in the last
    hour, and in a full class."""
    if session.starts_at - now <= LAST_HOUR or session.seats_taken >= session.capacity:
        return 0
    in_line = select(func.count()).where(
        Enrolment.session_id == session.id, Enrolment.status == EnrolmentStatus.WAITLISTED
    )
    if known is not None and known.status == EnrolmentStatus.WAITLISTED:
        in_line = in_line.where(Enrolment.queue_no < known.queue_no)
    waiting = db.scalar(in_line) or 0
    return waiting if session.seats_taken + waiting >= session.capacity else 0


def _take_seat(db: Session, session: ClassSession) -> bool:
    taken = db.execute(
        update(ClassSession)
        .where(
            ClassSession.id == session.id,
            ClassSession.seats_taken < ClassSession.capacity,
            ClassSession.cancelled_at.is_(None),
        )
        .values(seats_taken=ClassSession.seats_taken + 1)
        .execution_options(synchronize_session=False)
    )
    db.refresh(session)
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def _seat(db: Session, session: ClassSession, person: Person, known: Enrolment | None, now: datetime) -> None:
    """Writes that the person has the seat that was just taken."""
    waited = known is not None and known.status in (EnrolmentStatus.WAITLISTED, EnrolmentStatus.OFFERED)
    if known is None:
        known = Enrolment(session_id=session.id, person_id=person.id, created_at=now)
        db.add(known)
    known.status, known.changed_at = EnrolmentStatus.SEATED, now
    known.queue_no = known.offered_until = known.reply = known.late_at = known.instead_of = None
    known.from_waitlist_at = now if waited else None
    db.flush()


def _mark(db: Session, account: Account, session: ClassSession, person: Person, now: datetime) -> bool:
    """Marks the person as present if the class has begun and they are not marked so yet. Returns whether it did."""
    if not has_begun(session, now):
        return False
    known = attendance.mark_of(db, session.id, person.id)
    if known is not None and known.mark == attendance.Mark.PRESENT:
        return False
    marked = attendance.mark(db, account, session.id, person.id, now, present=True)
    return isinstance(marked, attendance.Marked)


def _tell(db: Session, person: Person, session: ClassSession, key: str, now: datetime, *, zone: str) -> None:
    values: dict[str, Value] = {
        "title": session.title,
        "starts": At(session.starts_at, zone),
        "venue": session.venue,
    }
    tell(db, person, session, key, values, now, not_after=session.ends_at + TOLD_UNTIL)

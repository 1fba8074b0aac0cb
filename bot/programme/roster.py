"""Who comes to a class, and what staff do about it: free a seat, move somebody, add who came without registering."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.people.people import Account, Person, Purpose, Salutation, record_consent
from bot.people.quiet_hours import Kind
from bot.programme import enrolment
from bot.programme.enrolment import LAST_HOUR, LIVE, Enrolment, EnrolmentStatus
from bot.programme.sessions import ClassSession
from bot.words.message import At, Button, Message, Value, rows

LATE: Final = timedelta(days=7)
"""So long after a class the roster can still be completed from paper."""
ORAL: Final = "lisan"
"""Stands before the version of the text in the log of a consent that was given by word of mouth to a trainer."""
SHOWN: Final = (*LIVE, EnrolmentStatus.ATTENDED, EnrolmentStatus.ABSENT)
"""Who stands on the roster: those who left, or were left out, do not."""


@dataclass(frozen=True)
class Entry:
    """One line of the roster; the name is for `Who(person_id)`. `place` in the waitlist, from 1."""

    enrolment_id: int
    person_id: int
    status: EnrolmentStatus
    coming: bool
    """Said so to the reminder."""
    without_phone: bool
    place: int | None
    since: datetime


# --- outcomes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WalkedIn:
    session: ClassSession
    person: Person


@dataclass(frozen=True)
class Full:
    """Every seat is taken: the capacity must be raised first, by somebody who decides so."""

    session: ClassSession


@dataclass(frozen=True)
class OthersWait:
    """A seat is free, but `waiting` people are in front; until an hour before the start it is theirs."""

    session: ClassSession
    waiting: int


@dataclass(frozen=True)
class Closed:
    """Cancelled, or over for too long."""

    session: ClassSession


# --- looking --------------------------------------------------------------------------------------------------------


def entries(db: Session, session_id: int) -> list[Entry]:
    """The whole roster: who has a seat (or had one), who is offered one, who waits, in the order they came."""
    order = case(
        (Enrolment.status == EnrolmentStatus.WAITLISTED, 2),
        (Enrolment.status == EnrolmentStatus.OFFERED, 1),
        else_=0,
    )
    query = (
        select(Enrolment, Person.account_id)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.session_id == session_id, Enrolment.status.in_(SHOWN))
        .order_by(order, Enrolment.queue_no, Enrolment.created_at, Enrolment.id)
    )
    found: list[Entry] = []
    waiting = 0
    for one, account_id in db.execute(query):
        waits = one.status == EnrolmentStatus.WAITLISTED
        waiting += waits
        found.append(
            Entry(
                one.id,
                one.person_id,
                EnrolmentStatus(one.status),
                one.reply is not None,
                account_id is None,
                waiting if waits else None,
                one.created_at,
            )
        )
    return found


def entry(db: Session, enrolment_id: int) -> tuple[Enrolment, Person, ClassSession] | None:
    """One line of a roster with everything that hangs on it."""
    query = (
        select(Enrolment, Person, ClassSession)
        .join(Person, Person.id == Enrolment.person_id)
        .join(ClassSession, ClassSession.id == Enrolment.session_id)
        .where(Enrolment.id == enrolment_id)
    )
    row = db.execute(query).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


# --- services -------------------------------------------------------------------------------------------------------


def add_walk_in(
    db: Session,
    session: ClassSession,
    *,
    name: str,
    salutation: Salutation,
    text_version: str,
    language: str,
    now: datetime,
) -> WalkedIn | Full | OthersWait | Closed:
    """Give a seat to somebody without an account, who agreed by word of mouth when the text of consent 1 was read out.

    The class is never overbooked by it, and until the last hour nobody who waits is passed over.
    """
    if session.cancelled_at is not None or session.ends_at + LATE <= now:
        return Closed(session)
    if session.starts_at - now > LAST_HOUR:
        in_line = select(func.count()).where(
            Enrolment.session_id == session.id, Enrolment.status == EnrolmentStatus.WAITLISTED
        )
        waiting = db.scalar(in_line) or 0
        if waiting and session.seats_taken + waiting >= session.capacity > session.seats_taken:
            return OthersWait(session, waiting)
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
    if not taken.rowcount:  # type: ignore[attr-defined]
        return Full(session)
    person = Person(account_id=None, name=name, salutation=salutation, site_id=session.site_id, registered_at=now)
    db.add(person)
    db.flush()
    version = f"{ORAL} {text_version}"[:20]
    record_consent(db, person, Purpose.TRAINING, given=True, text_version=version, language=language, now=now)
    db.add(
        Enrolment(
            session_id=session.id,
            person_id=person.id,
            status=EnrolmentStatus.SEATED,
            created_at=now,
            changed_at=now,
        )
    )
    db.flush()
    return WalkedIn(session, person)


def free(db: Session, enrolment_id: int, now: datetime, *, zone: str) -> enrolment.Left:
    """Give somebody's seat (or place in the line) back for them; they are told."""
    found = entry(db, enrolment_id)
    if found is None:
        return enrolment.Unknown()
    one, person, session = found
    key = "roster.told.left_line" if one.status == EnrolmentStatus.WAITLISTED else "roster.told.freed"
    outcome = enrolment.withdraw(db, person, session.id, now)
    if isinstance(outcome, enrolment.Withdrawn):
        _tell(db, person, session, key, {"title": session.title, "starts": At(session.starts_at, zone)}, now)
    return outcome


def move(db: Session, enrolment_id: int, to: int, now: datetime, *, zone: str) -> enrolment.Enrolled:
    """Put somebody into another class; the place in the old one is given back, and they are told. Where the other
    class is full nothing changes (OfferGone)."""
    found = entry(db, enrolment_id)
    if found is None:
        return enrolment.Unknown()
    _, person, old = found
    target = db.get(ClassSession, to)
    if target is None:
        return enrolment.Unknown()
    if not enrolment.has_seat_for_newcomers(db, target, now) and target.starts_at > now:
        return enrolment.OfferGone(target)
    outcome = enrolment.enrol(db, person, to, now, instead_of=old.id)
    if isinstance(outcome, enrolment.Moved):
        values: dict[str, Value] = {
            "title": target.title,
            "starts": At(target.starts_at, zone),
            "venue": target.venue,
            "left": old.title,
        }
        _tell(db, person, target, "roster.told.moved", values, now)
    return outcome


def _tell(
    db: Session, person: Person, session: ClassSession, key: str, values: dict[str, Value], now: datetime
) -> None:
    """A change of one's seat is told as a change of the class is; to nobody who has no phone."""
    account = db.get(Account, person.account_id) if person.account_id is not None else None
    if account is None or account.blocked_at is not None or not person.consent_training:
        return
    buttons = rows(
        [Button("enrolment.button.mine", "enrolment:mine")],
        [Button("button.other_classes", f"enrolment:classes:{session.site_id}"), Button("button.help", "menu:help")],
    )
    post = outbox.to(
        account,
        Message(key, values, buttons),
        kind=Kind.CHANGE,
        person_id=person.id,
        site_id=session.site_id,
        session_id=session.id,
        starts_at=session.starts_at,
        not_after=session.ends_at,
    )
    outbox.post(db, post, now=now)

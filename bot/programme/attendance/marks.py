"""Records the trainer's ticks in the list, and the answers to "I was there". A button changes a record only if the
record is still in the state that the button was shown with."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.people.people import Account, Person
from bot.programme.attendance.codes import opens_at
from bot.programme.attendance.outcomes import (
    CameByCode,
    Cancelled,
    HasNoSeat,
    Marked,
    NotEnrolled,
    TooEarly,
    Unchanged,
    Unknown,
)
from bot.programme.attendance.records import has_seat, is_guest, locked_mark, record, recorded, sheet_of
from bot.programme.attendance.tables import How, Mark
from bot.programme.enrolment import SEATS, Enrolment, EnrolmentStatus
from bot.programme.sessions import ClassSession

STATUS_OF = {Mark.PRESENT: EnrolmentStatus.ATTENDED, Mark.ABSENT: EnrolmentStatus.ABSENT}
"""The state of a seat in a closed list, by its mark; with any other mark the seat stays as it is."""

NotMarked = NotEnrolled | TooEarly | Cancelled | Unknown
Ticked = Marked | Unchanged | CameByCode | HasNoSeat | NotMarked


def mark(
    db: Session,
    account: Account,
    session_id: int,
    person_id: int,
    now: datetime,
    *,
    present: bool,
    version: int = 0,
    sure: bool = False,
) -> Ticked:
    """Records whether the person is present, as the trainer says, from half an hour before the start on. Nothing is
    changed if the record is not the one that the button was shown with (`version`).

    `version` 0 comes from buttons of earlier versions: they change only what they can have been shown with, and never
    an absence that is recorded. `sure`: the trainer was asked before; without it neither presence by the code is taken
    away nor that of somebody without a seat.
    """
    found = _to_be_marked(db, session_id, person_id, now)
    if not isinstance(found, tuple):
        return found
    session, person = found
    known = recorded(locked_mark(db, session.id, person.id))
    wanted = Mark.PRESENT if present else Mark.ABSENT
    if version not in (0, known.version) or known.mark is wanted:
        return Unchanged(session, person, known)
    if version == 0 and known.mark is Mark.ABSENT:
        return Unchanged(session, person, known)
    if not present and not sure and is_guest(db, person, session):
        return HasNoSeat(session, person, known)
    if known.mark is Mark.PRESENT and known.how is not None and known.how.by_code and not sure:
        return CameByCode(session, person, known)
    write(db, session, person, wanted, account, now)
    return Marked(session, person, present, known)


def answer_claim(
    db: Session,
    account: Account,
    session_id: int,
    person_id: int,
    now: datetime,
    *,
    present: bool,
    version: int = 0,
) -> Marked | Unchanged | NotMarked:
    """Records the trainer's answer to "I was there", once: an answer that somebody gave meanwhile stays."""
    found = _to_be_marked(db, session_id, person_id, now)
    if not isinstance(found, tuple):
        return found
    session, person = found
    known = recorded(locked_mark(db, session.id, person.id))
    if known.mark is not Mark.CLAIMED or version not in (0, known.version):
        return Unchanged(session, person, known)
    write(db, session, person, Mark.PRESENT if present else Mark.ABSENT, account, now)
    return Marked(session, person, present, known)


def write(db: Session, session: ClassSession, person: Person, what: Mark, account: Account, now: datetime) -> None:
    """Records what the trainer says, whatever was recorded before."""
    record(db, session, person, what, How.TRAINER, now, by=account)
    follow_mark(db, session, person, what, now)


def follow_mark(db: Session, session: ClassSession, person: Person, what: Mark, now: datetime) -> None:
    """Writes the mark into the state of the person's seat, if the list is closed; the seats of others are not
    changed."""
    sheet = sheet_of(db, session.id)
    status = STATUS_OF.get(what)
    if sheet is None or sheet.settled_at is None or status is None:
        return
    db.flush()
    db.execute(
        update(Enrolment)
        .where(Enrolment.session_id == session.id, Enrolment.person_id == person.id)
        .where(Enrolment.status.in_(SEATS), Enrolment.status != status)
        .values(status=status, changed_at=now, late_at=None)
        .execution_options(synchronize_session="fetch")
    )


def _to_be_marked(
    db: Session, session_id: int, person_id: int, now: datetime
) -> tuple[ClassSession, Person] | NotMarked:
    session = db.get(ClassSession, session_id)
    person = db.get(Person, person_id)
    if session is None or person is None or person.anonymised_at is not None:
        return Unknown()
    if session.cancelled_at is not None:
        return Cancelled(session)
    if not has_seat(db, person, session):
        return NotEnrolled(session)
    if now < opens_at(session):
        return TooEarly(session, opens_at(session))
    return session, person

"""Somebody reads the QR code of a class and has no seat in it, or is not registered yet: what they came for is kept, so
that it is done as soon as it can be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.database import insert_or
from bot.people import audit
from bot.people.people import Account, Person, persons_of
from bot.programme import enrolment
from bot.programme.attendance.check_in import TRIES, TRIES_FORGET
from bot.programme.attendance.codes import closes_at, good_codes, opens_at, read_payload
from bot.programme.attendance.records import has_seat, is_open, is_present, mark_of, record, sheet_of
from bot.programme.attendance.tables import AttendanceSheet, How, Mark, ScannedCode
from bot.programme.enrolment import ON_LIST, Enrolment
from bot.programme.sessions import ClassSession


@dataclass(frozen=True)
class Joined:
    """They have a seat. `present`: and were in the room when they read the code."""

    session: ClassSession
    present: bool


def note_scan(db: Session, account: Account, text: str, now: datetime) -> ClassSession | None:
    """Keeps which class the code is of, and whether it is good now. Returns the class; None for no code of ours."""
    read = read_payload(text)
    session = db.get(ClassSession, read[0]) if read and read[0] < 2**62 else None
    if read is None or session is None or session.cancelled_at is not None or session.ends_at <= now:
        return None
    good = _is_good(db, account, session, read[1], now)
    changes = {"good_at": now} if good else {}
    row = {"account_id": account.id, "session_id": session.id, "good_at": now if good else None}
    writing = insert_or(db, ScannedCode).values(**row)
    keys = ["account_id", "session_id"]
    if changes:
        db.execute(writing.on_conflict_do_update(index_elements=keys, set_=changes))
    else:
        db.execute(writing.on_conflict_do_nothing(index_elements=keys))
    return session


def note_typed(db: Session, account: Account, session: ClassSession, letters: str, now: datetime) -> None:
    """Keeps that the letters of this class were typed by somebody who has no seat in it; they are good now, unless too
    many wrong ones were typed before."""
    good = _is_good(db, account, session, letters, now)
    row = {"account_id": account.id, "session_id": session.id, "good_at": now if good else None}
    writing = insert_or(db, ScannedCode).values(**row)
    keys = ["account_id", "session_id"]
    if good:
        db.execute(writing.on_conflict_do_update(index_elements=keys, set_={"good_at": now}))
    else:
        db.execute(writing.on_conflict_do_nothing(index_elements=keys))


def class_of_letters(db: Session, letters: str, now: datetime) -> ClassSession | None:
    """Returns the only class with these letters as its code now; None if there is none, or by chance several."""
    query = (
        select(ClassSession, AttendanceSheet)
        .join(AttendanceSheet, AttendanceSheet.session_id == ClassSession.id)
        .where(AttendanceSheet.opened_at.is_not(None), AttendanceSheet.closed_at.is_(None))
        .where(ClassSession.cancelled_at.is_(None))
    )
    fitting = [session for session, sheet in db.execute(query) if letters in good_codes(sheet, now)]
    return fitting[0] if len(fitting) == 1 else None


def note_miss(db: Session, account: Account, now: datetime) -> None:
    """Counts letters that are the code of no class, typed by somebody without a class while some code is shown: who
    tries many gets in nowhere."""
    shown = select(AttendanceSheet.session_id).where(
        AttendanceSheet.opened_at.is_not(None), AttendanceSheet.closed_at.is_(None)
    )
    if db.scalar(shown.limit(1)) is not None:
        audit.note(db, actor=account, action=audit.CODE_REFUSED, now=now)


def scanned_class(db: Session, account: Account, now: datetime) -> ClassSession | None:
    """Returns the class whose code this phone read, if it is not over; of several the one that begins first."""
    query = (
        select(ClassSession)
        .join(ScannedCode, ScannedCode.session_id == ClassSession.id)
        .where(ScannedCode.account_id == account.id, ClassSession.cancelled_at.is_(None))
        .order_by(ClassSession.starts_at)
    )
    return next((session for session in db.scalars(query) if session.ends_at > now), None)


def open_doors(db: Session, person: Person, now: datetime) -> list[ClassSession]:
    """Returns the classes of the person's site whose code is shown now and in which they have no seat: those whose code
    their phone read come first."""
    mine = select(Enrolment.session_id).where(Enrolment.person_id == person.id, Enrolment.status.in_(ON_LIST))
    query = (
        select(ClassSession, ScannedCode.good_at)
        .join(AttendanceSheet, AttendanceSheet.session_id == ClassSession.id)
        .outerjoin(
            ScannedCode,
            (ScannedCode.session_id == ClassSession.id) & (ScannedCode.account_id == person.account_id),
        )
        .where(AttendanceSheet.opened_at.is_not(None), AttendanceSheet.closed_at.is_(None))
        .where(ClassSession.site_id == person.site_id, ClassSession.cancelled_at.is_(None))
        .where(ClassSession.id.not_in(mine))
        .order_by(ClassSession.starts_at, ClassSession.id)
    )
    found = [(session, good_at) for session, good_at in db.execute(query) if opens_at(session) <= now < session.ends_at]
    return [session for session, _ in sorted(found, key=lambda one: one[1] is None)]


def was_in_the_room(db: Session, account: Account, session: ClassSession) -> bool:
    """Whether the code this phone read was good."""
    scan = db.get(ScannedCode, (account.id, session.id))
    return scan is not None and scan.good_at is not None


def join(
    db: Session, account: Account, person: Person, session_id: int, now: datetime, *, instead_of: int | None = None
) -> Joined | enrolment.Enrolled:
    """Takes a seat in the class whose code was read. Who was in the room then is recorded as present, and gets a free
    seat also when the class has begun in the meantime. `instead_of`: a class whose seat is given back for it, unless
    that one has begun."""
    enrolment.lock_in_order(db, session_id, instead_of or session_id)
    session = enrolment.locked(db, session_id)
    if session is None:
        return enrolment.Unknown()
    scan = db.get(ScannedCode, (account.id, session.id))
    read_at = scan.good_at if scan is not None else None
    in_the_room = read_at is not None
    moment = now
    if in_the_room and session.starts_at <= now < session.ends_at:
        moment = session.starts_at - timedelta(seconds=1)
    held = enrolment.held_instead(db, person, instead_of, now) if instead_of is not None else None
    left = held.id if held is not None else None
    outcome = enrolment.enrol(db, person, session_id, moment, instead_of=left, may_wait=session.starts_at > now)
    match outcome:
        case enrolment.Seated() | enrolment.Moved() | enrolment.AlreadySeated():
            known = mark_of(db, session.id, person.id)
            if read_at is not None and (known is None or known.at < read_at):  # what was recorded since is newer
                record(db, session, person, Mark.PRESENT, How.LINK, now)
            done_with_scan(db, account, session)
            return Joined(session, is_present(db, session, person))
    return outcome


def done_with_scan(db: Session, account: Account, session: ClassSession) -> None:
    """Forgets the code that this phone read, because one of its persons has what they came for. It stays while others
    of the phone may be in the room, too, and have no place yet."""
    everybody = [one for one in persons_of(db, account) if one.registered_at is not None]
    if all(has_seat(db, one, session) for one in everybody):
        forget_scan(db, account, session)


def forget_scan(db: Session, account: Account, session: ClassSession) -> None:
    db.execute(delete(ScannedCode).where(ScannedCode.account_id == account.id, ScannedCode.session_id == session.id))


def forget_scans(db: Session, session: ClassSession) -> None:
    """Forgets which phones read the code of a class, when the class is over."""
    db.execute(delete(ScannedCode).where(ScannedCode.session_id == session.id))


def _is_good(db: Session, account: Account, session: ClassSession, code: str, now: datetime) -> bool:
    sheet = sheet_of(db, session.id)
    if sheet is None or not is_open(sheet) or not opens_at(session) <= now <= closes_at(session):
        return False
    if audit.number_of(db, account, audit.CODE_REFUSED, since=now - TRIES_FORGET) >= TRIES:
        return False
    if code in good_codes(sheet, now):
        return True
    subject = f"session:{session.id}"
    audit.note(db, actor=account, action=audit.CODE_REFUSED, now=now, subject=subject, site_id=session.site_id)
    return False

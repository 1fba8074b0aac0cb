"""Reads and writes what is recorded of a class and its people: the sheet, the marks, the list of names and its
numbers."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.catalogue.content import Content
from bot.database import insert_or
from bot.people import namesakes
from bot.people.people import Account, Person
from bot.programme.attendance.codes import BEFORE, claim_until, opens_at
from bot.programme.attendance.outcomes import Recorded
from bot.programme.attendance.tables import Attendance, AttendanceSheet, How, Mark
from bot.programme.enrolment import ON_LIST, SEATS, TAKEN, Enrolment, EnrolmentStatus, enrolment_of
from bot.programme.follow_up import planning as follow_up
from bot.programme.sessions import ClassSession
from bot.words.action import version_of
from bot.words.message import Value, Who

NEWS_WAIT: Final = timedelta(minutes=5)
"""People are told that their record changed when it has stood for this long: a slip that is mended at once is not
told."""


LATELY: Final = timedelta(days=60)
"""For so long people are shown what is recorded of a class that is over."""
SHOWN_OF_LATE: Final = 3
AFTERWARDS: Final = timedelta(hours=36)
"""For so long after its end a class is looked at, whose list may be open still."""
RECENT: Final = timedelta(hours=6)
"""A class that began longer ago is not on any more."""
UNDER_WAY: Final = 20
"""So many of the newest classes are looked at for the one that is under way."""


@dataclass(frozen=True)
class Name:
    """One entry of the list. `mark` is None when nothing was recorded."""

    person: Person
    mark: Mark | None
    near: bool | None
    late: bool = False
    """Said that they come late, and nothing was recorded since."""
    number: int = 0
    """The place in the whole list, from 1: on every screen and on paper the same."""
    version: int = 0
    """Of what is recorded: see `version_of_mark`."""
    by_code: bool = False
    """Recorded as present by the code that was shown in the room."""
    guest: bool = False
    """Let in without a seat: who is not present is on the list no more."""


@dataclass(frozen=True)
class Count:
    """The numbers of a class's list. `claims`: people who say they were there and wait for the trainer's answer.
    `unmarked`: people of whom nothing was recorded. `open`: the check-in is."""

    expected: int
    present: int
    absent: int
    claims: int
    unmarked: int
    settled: bool
    open: bool


def sheet_of(db: Session, session_id: int) -> AttendanceSheet | None:
    return db.get(AttendanceSheet, session_id)


def mark_of(db: Session, session_id: int, person_id: int) -> Attendance | None:
    query = select(Attendance).where(Attendance.session_id == session_id, Attendance.person_id == person_id)
    return db.scalars(query.execution_options(populate_existing=True)).one_or_none()


def locked_mark(db: Session, session_id: int, person_id: int) -> Attendance | None:
    """Like `mark_of`; nobody else changes it before the end of this transaction, also if there is none yet."""
    seat = select(Enrolment.id).where(Enrolment.session_id == session_id, Enrolment.person_id == person_id)
    db.execute(seat.with_for_update())
    return mark_of(db, session_id, person_id)


def version_of_mark(known: Attendance | None) -> int:
    """Returns a number that changes with what is recorded of a person, by whom and when: a button carries it, so that
    it changes nothing but what it was shown with."""
    if known is None:
        return version_of(None)
    return version_of(known.mark, known.how, known.by_account_id, known.at.timestamp())


def recorded(known: Attendance | None) -> Recorded:
    """Returns what is recorded of somebody by this row; without a row, that nothing is."""
    if known is None:
        return Recorded(None, version=version_of_mark(None))
    return Recorded(Mark(known.mark), How(known.how), known.at, known.by_account_id, version_of_mark(known))


def version_of_list(everybody: Iterable[Name]) -> int:
    """Returns a number that changes with the people of a list and what is recorded of them."""
    return version_of([(one.person.id, one.version) for one in everybody])


def count(db: Session, session: ClassSession) -> Count:
    """Returns the numbers of one class's list: of the people in `names`. Who left the class, or erased their data, does
    not count here; reports count them."""
    query = (
        select(Attendance.mark, func.count())
        .select_from(Enrolment)
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(
            Attendance,
            (Attendance.session_id == Enrolment.session_id) & (Attendance.person_id == Enrolment.person_id),
        )
        .where(*_on_list(session))
        .group_by(Attendance.mark)
    )
    marks: dict[str | None, int] = {row[0]: row[1] for row in db.execute(query)}
    sheet = sheet_of(db, session.id)
    return Count(
        expected=sum(marks.values()),
        present=marks.get(Mark.PRESENT, 0),
        absent=marks.get(Mark.ABSENT, 0),
        unmarked=marks.get(None, 0),
        claims=marks.get(Mark.CLAIMED, 0),
        settled=sheet is not None and sheet.settled_at is not None,
        open=sheet is not None and is_open(sheet),
    )


def names(db: Session, session: ClassSession) -> list[Name]:
    """Returns everybody who has (or had) a seat, by name; people who erased their data have no name."""
    query = (
        select(Person, Attendance, Enrolment.late_at, Enrolment.status)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .outerjoin(
            Attendance,
            (Attendance.session_id == Enrolment.session_id) & (Attendance.person_id == Enrolment.person_id),
        )
        .where(*_on_list(session))
        .order_by(func.lower(Person.name), Person.id)
    )
    found = db.execute(query.execution_options(populate_existing=True))
    return [_name(number, *row) for number, row in enumerate(found, 1)]


def _on_list(session: ClassSession) -> tuple[ColumnElement[bool], ...]:
    """Returns what is true of everybody on the list of a class."""
    return (Enrolment.session_id == session.id, Enrolment.status.in_(ON_LIST), Person.anonymised_at.is_(None))


def _name(number: int, person: Person, known: Attendance | None, late_at: datetime | None, status: str) -> Name:
    return Name(
        person,
        Mark(known.mark) if known else None,
        known.near if known else None,
        late=known is None and late_at is not None,
        number=number,
        version=version_of_mark(known),
        by_code=known is not None and known.mark == Mark.PRESENT and How(known.how).by_code,
        guest=status == EnrolmentStatus.GUEST,
    )


def called(everybody: Iterable[Name], zone: str) -> dict[int, Value]:
    """Returns what to call the people of a list, by their numbers, so that no two are called alike. Of a part of a list
    the whole is given: a namesake who is not among the part is one, too."""
    return namesakes.called((one.person for one in everybody), zone)


def called_in(db: Session, session: ClassSession, person: Person, zone: str) -> Value:
    """Returns what to call one person to the trainers of a class, told apart from everybody who has, had or waits for a
    seat in it."""
    if not person.name:
        return Who(person.id)
    query = (
        select(Person)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(Enrolment.session_id == session.id, Person.anonymised_at.is_(None))
    )
    others = [one for one in db.scalars(query).unique() if one.id != person.id and one.name]
    return namesakes.called([person, *others], zone)[person.id]


def late(db: Session, session: ClassSession) -> list[int]:
    """Returns the persons who said that they come late and are not there yet, in the order in which they said so."""
    query = (
        select(Enrolment.person_id)
        .where(Enrolment.session_id == session.id, Enrolment.late_at.is_not(None))
        .where(Enrolment.status == EnrolmentStatus.SEATED)
        .order_by(Enrolment.late_at, Enrolment.id)
    )
    return list(db.scalars(query))


def classes_to_record(
    db: Session, sites: Iterable[str] | None, now: datetime, *, limit: int, offset: int = 0
) -> list[ClassSession]:
    """Returns the classes of these sites (None: of all) that begin within a day or have begun: those that are on now or
    begin in a moment before all others, then the newest first."""
    query = (
        select(ClassSession)
        .where(ClassSession.starts_at < now + timedelta(days=1), ClassSession.cancelled_at.is_(None))
        .order_by(ClassSession.starts_at.desc(), ClassSession.id)
    )
    if sites is not None:
        query = query.where(ClassSession.site_id.in_(sorted(sites)))
    recent, soon = ClassSession.starts_at > now - RECENT, ClassSession.starts_at <= now + BEFORE
    first = list(db.scalars(query.where(recent, soon)))
    found = first[offset : offset + limit]
    if len(found) < limit:
        others = query.where(or_(~recent, ~soon)).offset(max(0, offset - len(first))).limit(limit - len(found))
        found += db.scalars(others)
    return found


def under_way(db: Session, sites: Iterable[str] | None, now: datetime) -> ClassSession | None:
    """Returns the class of these sites (None: of all) of which it can be recorded now who is there, and whose list is
    open; None if there is none, or several."""
    found = []
    for session in classes_to_record(db, sites, now, limit=UNDER_WAY):
        sheet = sheet_of(db, session.id)
        open_ = sheet is None or sheet.settled_at is None
        if open_ and opens_at(session) <= now < session.ends_at + AFTERWARDS:
            found.append(session)
    return found[0] if len(found) == 1 else None


def mine_now(db: Session, person: Person, now: datetime, *, content: Content) -> list[ClassSession]:
    """Returns the person's classes whose code is good now or soon, or of which they can still say that they were
    there."""
    query = (
        select(ClassSession)
        .join(Enrolment, Enrolment.session_id == ClassSession.id)
        .where(Enrolment.person_id == person.id, Enrolment.status.in_((*TAKEN, EnrolmentStatus.GUEST)))
        .where(ClassSession.cancelled_at.is_(None))
        .where(ClassSession.starts_at < now + timedelta(days=1), ClassSession.starts_at > now - timedelta(days=3))
        .order_by(ClassSession.starts_at, ClassSession.id)
    )
    return [one for one in db.scalars(query) if claim_until(one, content.open_hours(one.site_id)) > now]


def over_lately(db: Session, person: Person, now: datetime) -> list[ClassSession]:
    """Returns the last classes in which the person had a place and that are over, the newest first."""
    query = (
        select(ClassSession)
        .join(Enrolment, Enrolment.session_id == ClassSession.id)
        .where(Enrolment.person_id == person.id, Enrolment.status.in_((*TAKEN, EnrolmentStatus.GUEST)))
        .where(ClassSession.cancelled_at.is_(None))
        .where(ClassSession.starts_at <= now, ClassSession.starts_at > now - LATELY)
        .order_by(ClassSession.starts_at.desc(), ClassSession.id)
        .limit(SHOWN_OF_LATE)
    )
    return [one for one in db.scalars(query) if one.ends_at <= now]


def trainer_named(db: Session, account_id: int | None) -> str | None:
    """Returns what a trainer is called as staff; None if they did not say, or are gone."""
    account = db.get(Account, account_id) if account_id is not None else None
    return account.staff_name if account is not None else None


def is_present(db: Session, session: ClassSession, person: Person) -> bool:
    known = mark_of(db, session.id, person.id)
    return known is not None and known.mark == Mark.PRESENT


def is_open(sheet: AttendanceSheet) -> bool:
    return sheet.opened_at is not None and sheet.closed_at is None


def has_seat(db: Session, person: Person, session: ClassSession) -> bool:
    known = enrolment_of(db, person, session.id)
    return known is not None and (known.status in SEATS or known.status == EnrolmentStatus.GUEST)


def is_guest(db: Session, person: Person, session: ClassSession) -> bool:
    """Whether the person was let in without a seat."""
    known = enrolment_of(db, person, session.id)
    return known is not None and known.status == EnrolmentStatus.GUEST


def record(
    db: Session,
    session: ClassSession,
    person: Person,
    what: Mark,
    how: How,
    now: datetime,
    *,
    by: Account | None = None,
) -> Attendance:
    """Records it whatever was recorded before. Who did not say it themselves is told of a change: see `news`."""
    fresh: dict[str, Any] = {"mark": what, "how": how, "at": now, "by_account_id": by.id if by else None}
    before = mark_of(db, session.id, person.id)
    was_present = before is not None and before.mark == Mark.PRESENT
    fresh |= told_of(before, what, how, now)
    writing = insert_or(db, Attendance).values(session_id=session.id, person_id=person.id, **fresh)
    db.flush()
    db.execute(writing.on_conflict_do_update(index_elements=["session_id", "person_id"], set_=fresh))
    known = mark_of(db, session.id, person.id)
    assert known is not None
    enrolled = enrolment_of(db, person, session.id)
    if enrolled is not None and enrolled.status == EnrolmentStatus.GUEST and what is not Mark.PRESENT:
        enrolled.status, enrolled.changed_at = EnrolmentStatus.WITHDRAWN, now  # without a seat there is nothing left
    if enrolled is not None and enrolled.late_at is not None:
        enrolled.late_at = None  # whether they are there is known now
    if what is Mark.PRESENT and not was_present:
        follow_up.attended(db, person, session.starts_at)
    elif was_present and what is not Mark.PRESENT:
        follow_up.not_attended(db, person, session.starts_at, first_attended(db, person))
    return known


def first_attended(db: Session, person: Person) -> datetime | None:
    """Returns when the first class began of which the person is recorded as present."""
    query = (
        select(func.min(ClassSession.starts_at))
        .join(Attendance, Attendance.session_id == ClassSession.id)
        .where(Attendance.person_id == person.id, Attendance.mark == Mark.PRESENT)
    )
    return db.scalar(query)


def told_of(before: Attendance | None, what: Mark, how: How, now: datetime) -> dict[str, Any]:
    """Returns what the person knows of, and when they are told of the new mark.

    A change back within NEWS_WAIT is never told. A tick that nobody was told of is known after that time: it may be
    read in one's own list of classes.
    """
    if how is not How.TRAINER:
        return {"told": what, "tell_at": None}
    known = before.told if before else None
    if before is not None and known is None:
        stood = before.mark == Mark.PRESENT and now - before.at >= NEWS_WAIT
        known = before.mark if stood or before.how != How.TRAINER else None
    return {"told": known, "tell_at": now + NEWS_WAIT if known is not None and known != what else None}


def ensure_sheet(db: Session, session: ClassSession) -> AttendanceSheet:
    making = insert_or(db, AttendanceSheet).values(session_id=session.id, secret=secrets.token_hex(32))
    db.execute(making.on_conflict_do_nothing())
    sheet = db.get(AttendanceSheet, session.id)
    assert sheet is not None
    return sheet


def sheets_due(db: Session, moment: InstrumentedAttribute[datetime | None], now: datetime) -> Sequence[AttendanceSheet]:
    """Returns the sheets of which this moment has come, locked; those that somebody else has locked come later."""
    query = select(AttendanceSheet).where(moment <= now).order_by(moment, AttendanceSheet.session_id)
    return db.scalars(query.with_for_update(skip_locked=True)).all()

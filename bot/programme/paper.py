"""Attendance on paper: the numbered names of a class for the sheet that people sign, and who was in past classes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bot.people.people import Person
from bot.programme import attendance
from bot.programme.attendance import Attendance, Mark
from bot.programme.enrolment import SEATS, Enrolment
from bot.programme.past_classes import presence_of
from bot.programme.privacy import ZONE
from bot.programme.sessions import ClassSession
from bot.words.message import At, Value, Words

BLANK_ROWS: Final = 10
"""How many empty rows a sheet has, for people who come without a seat; twice as many on a sheet without names."""


@dataclass(frozen=True)
class Line:
    """One line of the sheet, numbered as on the screens. `person_id` None: the person erased their data, and only the
    number is left."""

    number: int
    person_id: int | None
    presence: Mark | None = None
    """None: nothing was recorded."""
    how: str | None = None
    """How it was recorded (`attendance.How`); None: it was not, or only the class was settled."""
    at: datetime | None = None


@dataclass(frozen=True)
class Month:
    """The classes that began in one month (`first` in the past to `end`, UTC), the newest first, and the months around
    it."""

    first: datetime
    classes: list[ClassSession]
    older: int
    """The month before it that has classes, as 202610; 0: there is none."""
    newer: int

    @property
    def number(self) -> int:
        return number_of(self.first)


def blank_rows(names: int) -> int:
    """Returns how many empty rows a sheet with so many names has."""
    return BLANK_ROWS if names else 2 * BLANK_ROWS


# --- looking --------------------------------------------------------------------------------------------------------


def lines(db: Session, session: ClassSession) -> list[Line]:
    """Returns everybody with a seat (or who had one when the class was over) in the order and with the numbers of the
    attendance list; people who erased their data come last, without a name."""
    recorded = {one.person_id: one for one in db.scalars(select(Attendance).where(Attendance.session_id == session.id))}
    enrolled = select(Enrolment.person_id, Enrolment.status).where(Enrolment.session_id == session.id)
    statuses = {row[0]: row[1] for row in db.execute(enrolled)}
    found: list[Line] = []
    for name in attendance.names(db, session):
        person_id = name.person.id
        record, status = recorded.get(person_id), statuses.get(person_id, "")
        if record is None and status not in SEATS:
            continue  # only offered a seat so far
        presence = presence_of(status, record.mark if record else None)
        how, at = (record.how, record.at) if record else (None, None)
        found.append(Line(len(found) + 1, person_id, presence, how, at))
    erased = db.scalar(
        select(func.count())
        .select_from(Enrolment)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.session_id == session.id, Enrolment.status.in_(SEATS), Person.anonymised_at.is_not(None))
    )
    found += [Line(len(found) + at, None) for at in range(1, (erased or 0) + 1)]
    return found


def about(session: ClassSession, *, site: str, zone: str) -> tuple[tuple[Words, Value], ...]:
    """Returns what stands on top of a list of the class: which, when, where (`site` is the site's name), who leads."""
    facts: list[tuple[str, Value]] = [
        ("paper.about.title", session.title),
        ("paper.about.starts", Words("paper.about.when", {"starts": At(session.starts_at, zone)})),
        ("paper.about.venue", f"{session.venue}, {site}"),
        ("paper.about.trainer", session.trainer or ""),
    ]
    return tuple((Words(key), value) for key, value in facts)


def month_of(db: Session, sites: Iterable[str] | None, now: datetime, number: int) -> Month | None:
    """Returns a month of classes of these sites (None: of all) that have begun, as 202611; 0, and a month without any,
    is the newest before it that has some. None: there is none. Months are those of privacy.ZONE."""
    wanted = None if sites is None else sorted(sites)
    end = min(now, _end_of(number)) if number else now
    newest = db.scalars(_begun(wanted, end).limit(1)).one_or_none()
    if newest is None:
        return None
    first = first_of(number_of(newest.starts_at))
    end = min(now, _end_of(number_of(first)))
    classes = list(db.scalars(_begun(wanted, end).where(ClassSession.starts_at >= first)))
    before = db.scalars(_begun(wanted, first).limit(1)).one_or_none()
    later = db.scalars(
        _begun(wanted, now, newest_first=False).where(ClassSession.starts_at >= end).limit(1)
    ).one_or_none()
    return Month(
        first,
        classes,
        older=number_of(before.starts_at) if before else 0,
        newer=number_of(later.starts_at) if later else 0,
    )


def number_of(moment: datetime) -> int:
    """Returns the month of a moment, as 202611."""
    there = moment.astimezone(ZoneInfo(ZONE))
    return there.year * 100 + there.month


def first_of(number: int) -> datetime:
    """Returns the first moment of a month like 202611."""
    return datetime(number // 100, number % 100, 1, tzinfo=ZoneInfo(ZONE))


def _end_of(number: int) -> datetime:
    """Returns the first moment after a month; one that no calendar has ends in a far future."""
    year, month = divmod(number, 100)
    if not (2000 <= year < 9000 and 1 <= month <= 12):
        return datetime(9000, 1, 1, tzinfo=ZoneInfo(ZONE))
    return datetime(year + month // 12, month % 12 + 1, 1, tzinfo=ZoneInfo(ZONE))


def _begun(sites: list[str] | None, end: datetime, *, newest_first: bool = True) -> Select[ClassSession]:
    query = select(ClassSession).where(ClassSession.starts_at < end, ClassSession.cancelled_at.is_(None))
    if sites is not None:
        query = query.where(ClassSession.site_id.in_(sites))
    if newest_first:
        return query.order_by(ClassSession.starts_at.desc(), ClassSession.id.desc())
    return query.order_by(ClassSession.starts_at, ClassSession.id)

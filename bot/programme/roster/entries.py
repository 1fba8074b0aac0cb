"""Who has a seat in a class, is offered one or waits for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from bot.people.people import Account, Person
from bot.programme.attendance import Attendance, Mark
from bot.programme.enrolment import LIVE, SETTLED, Enrolment, EnrolmentStatus
from bot.programme.sessions import ClassSession

LATE: Final = timedelta(days=7)
"""For this long after a class its roster can still be completed from paper."""
ORAL: Final = "lisan"
"""Stands before the version in the log of consents, where a trainer was told the consent by word of mouth."""
SHOWN: Final = (*LIVE, *SETTLED, EnrolmentStatus.GUEST)
"""The states that are on the roster: people who left, or were left out, are not."""


@dataclass(frozen=True)
class Numbers:
    """How many have a seat, are offered one, wait, and said that they come."""

    seated: int
    offered: int
    waiting: int
    coming: int


@dataclass(frozen=True)
class Entry:
    """One person on the roster. The name is put in for `Who(person_id)`. `place` is the place on the waitlist, from
    1."""

    enrolment_id: int
    person_id: int
    status: EnrolmentStatus
    coming: bool
    """Whether they said so in answer to the reminder."""
    late: bool
    """Said that they come late, and is not recorded as present."""
    present: bool
    """Recorded as present, whether the list is finished or not."""
    without_phone: bool
    place: int | None
    since: datetime
    name: str
    person: Person
    mark: Mark | None = None
    """What is recorded; None: nothing."""
    unreachable: bool = False
    """The person has a phone, and blocked the bot or stopped its messages: their silence is no answer."""


# --- looking --------------------------------------------------------------------------------------------------------


def entries(db: Session, session_id: int) -> list[Entry]:
    """Returns the whole roster. First come people with a seat (or who had one) by name, as on the attendance list and
    with its numbers (`attendance.names`), people who erased their data last among them; then people with an offer and
    people who wait, in the order they came."""
    order = case(
        (Enrolment.status == EnrolmentStatus.WAITLISTED, 3),
        (Enrolment.status == EnrolmentStatus.OFFERED, 2),
        (Person.anonymised_at.is_not(None), 1),
        else_=0,
    )
    by_name = case((order == 0, func.lower(Person.name)), else_=None)
    query = (
        select(Enrolment, Person, Attendance.mark, Account.blocked_at, Account.stopped_at)
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(Account, Account.id == Person.account_id)
        .outerjoin(
            Attendance,
            (Attendance.session_id == Enrolment.session_id) & (Attendance.person_id == Enrolment.person_id),
        )
        .where(Enrolment.session_id == session_id, Enrolment.status.in_(SHOWN))
        .order_by(order, by_name, case((order == 0, Person.id), else_=None), Enrolment.queue_no, Enrolment.created_at)
        .order_by(Enrolment.id)
    )
    found: list[Entry] = []
    waiting = 0
    for one, person, mark, blocked_at, stopped_at in db.execute(query):
        waits = one.status == EnrolmentStatus.WAITLISTED
        waiting += waits
        found.append(
            Entry(
                one.id,
                one.person_id,
                EnrolmentStatus(one.status),
                one.reply is not None,
                one.late_at is not None,
                mark == Mark.PRESENT,
                person.account_id is None,
                waiting if waits else None,
                one.created_at,
                person.name,
                person,
                Mark(mark) if mark else None,
                blocked_at is not None or stopped_at is not None,
            )
        )
    return found


def numbers_of(everybody: list[Entry]) -> Numbers:
    """Counts the people of a roster by state. An offer is not a seat yet, though nobody else can take that seat."""
    states = [one.status for one in everybody]
    offered, waiting = states.count(EnrolmentStatus.OFFERED), states.count(EnrolmentStatus.WAITLISTED)
    guests = states.count(EnrolmentStatus.GUEST)
    return Numbers(len(states) - offered - waiting - guests, offered, waiting, sum(one.coming for one in everybody))


def entry(db: Session, enrolment_id: int) -> tuple[Enrolment, Person, ClassSession] | None:
    """Returns the enrolment of this id with its person and class; None if there is no such enrolment."""
    query = (
        select(Enrolment, Person, ClassSession)
        .join(Person, Person.id == Enrolment.person_id)
        .join(ClassSession, ClassSession.id == Enrolment.session_id)
        .where(Enrolment.id == enrolment_id)
    )
    row = db.execute(query).one_or_none()
    return None if row is None else (row[0], row[1], row[2])

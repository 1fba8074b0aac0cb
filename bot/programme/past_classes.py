"""A person's classes that are over, and whether they came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.people.people import Person
from bot.programme.attendance import Attendance, Mark
from bot.programme.enrolment import SEATS, Enrolment, EnrolmentStatus
from bot.programme.sessions import ClassSession

SETTLED: Final = {
    EnrolmentStatus.ATTENDED: Mark.PRESENT,
    EnrolmentStatus.GUEST: Mark.PRESENT,
    EnrolmentStatus.ABSENT: Mark.ABSENT,
}


@dataclass(frozen=True)
class PastClass:
    """`presence` None: it is not known whether the person came."""

    session: ClassSession
    presence: Mark | None


def presence_of(status: str, mark: str | None) -> Mark | None:
    """Returns whether the person came, by what was recorded, else by the state of their seat in the closed list; None:
    not known."""
    if mark is not None:
        return Mark(mark)
    return SETTLED[EnrolmentStatus(status)] if status in SETTLED else None


def past_classes(db: Session, person: Person, now: datetime) -> list[PastClass]:
    """Returns the classes in which the person had a seat when they were over, the newest first."""
    query = (
        select(ClassSession, Enrolment.status, Attendance.mark)
        .join(Enrolment, Enrolment.session_id == ClassSession.id)
        .outerjoin(
            Attendance,
            (Attendance.session_id == Enrolment.session_id) & (Attendance.person_id == Enrolment.person_id),
        )
        .where(Enrolment.person_id == person.id, Enrolment.status.in_((*SEATS, EnrolmentStatus.GUEST)))
        .where(ClassSession.cancelled_at.is_(None), ClassSession.starts_at < now)
        .order_by(ClassSession.starts_at.desc(), ClassSession.id.desc())
    )
    return [
        PastClass(session, presence_of(status, mark))
        for session, status, mark in db.execute(query)
        if session.ends_at <= now
    ]

"""Staff free a person's seat, or move the person to another class; the person is told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.programme import enrolment
from bot.programme.enrolment import EnrolmentStatus
from bot.programme.roster.entries import entry
from bot.programme.roster.telling import tell
from bot.programme.sessions import ClassSession
from bot.words.message import At, Value


def free(db: Session, enrolment_id: int, now: datetime, *, zone: str) -> enrolment.Left:
    """Gives back a person's seat, or place on the waitlist, for them. The person is told."""
    found = entry(db, enrolment_id)
    if found is None:
        return enrolment.Unknown()
    one, person, session = found
    key = "roster.told.left_line" if one.status == EnrolmentStatus.WAITLISTED else "roster.told.freed"
    outcome = enrolment.withdraw(db, person, session.id, now)
    if isinstance(outcome, enrolment.Withdrawn):
        values: dict[str, Value] = {"title": session.title, "starts": At(session.starts_at, zone)}
        tell(db, person, session, key, values, now, not_after=session.ends_at)
    return outcome


def move(db: Session, enrolment_id: int, to: int, now: datetime, *, zone: str) -> enrolment.Enrolled:
    """Moves a person to class `to`: they get a seat there, and the seat in the old class is given back. The person is
    told, with the start in `zone` (IANA). Returns Moved, or what `enrolment.enrol` returns if nothing was moved;
    OfferGone if the other class has no free seat."""
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
        tell(db, person, target, "roster.told.moved", values, now, not_after=target.ends_at)
    return outcome

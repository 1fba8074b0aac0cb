"""Keeps for two minutes what a person gave up, so that a slip of the finger costs nobody a seat.

Until then the seat counts as taken and is offered to nobody: people on the waitlist get it two minutes later, and
nobody gets a seat that is taken away again. In the last hour before a class nothing is kept.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from bot.database import insert_or, something_due
from bot.people.people import Person
from bot.programme.enrolment.tables import HOLDING, Enrolment, EnrolmentStatus, KeptSeat
from bot.programme.sessions import ClassSession

UNDO: Final = timedelta(minutes=2)
"""How long a person can take back what they gave up."""
LAST_HOUR: Final = timedelta(hours=1)
"""How long before the start no seat is held for anybody: a free seat goes to whoever taps first."""
AS_IT_WAS: Final = ("status", "queue_no", "offered_until", "reply", "replied_at", "from_waitlist_at", "instead_of")


def locked(db: Session, session_id: int) -> ClassSession | None:
    """Returns the class, its row locked until the end of the transaction; None if there is no such class. Code that
    changes seats locks the class first and the enrolments after it, so that two transactions wait for each other
    instead of deadlocking.

    Of a whole batch of turns about one class only the first asks the database for the row.
    """
    transaction = db.get_nested_transaction() or db.get_transaction()
    owner, held = db.info.get("held", (None, {}))
    if owner is not transaction or owner is None:
        held = {}
    session: ClassSession | None = held.get(session_id)
    if session is None:
        session = db.get(ClassSession, session_id, populate_existing=True, with_for_update={"of": ClassSession})
        if session is not None:
            held[session_id] = session
            db.info["held"] = (db.get_nested_transaction() or db.get_transaction(), held)
    return session


def lock_in_order(db: Session, *session_ids: int) -> None:
    """Locks the rows of these classes, the lowest id first, so that transactions that want the same ones do not
    deadlock."""
    for session_id in sorted(set(session_ids)):
        locked(db, session_id)


def free(db: Session, session: ClassSession, number: int = 1) -> None:
    """Counts `number` seats of the class as free again."""
    db.execute(
        update(ClassSession)
        .where(ClassSession.id == session.id)
        .values(seats_taken=ClassSession.seats_taken - number)
        .execution_options(synchronize_session=False)
    )
    db.refresh(session)
    something_due(db)


def as_it_is(enrolment: Enrolment) -> dict[str, Any]:
    """Returns the values of the enrolment that are kept when it is given up."""
    return {name: getattr(enrolment, name) for name in AS_IT_WAS}


def keep_until(
    session: ClassSession, enrolment: Enrolment, now: datetime, taken: ClassSession | None
) -> datetime | None:
    """Returns until when the enrolment can be taken back if it is given up now. Returns None if it cannot: in the last
    hour before the class (or before `taken`, the class taken instead), or when its offer is over."""
    ends = [now + UNDO, session.starts_at - LAST_HOUR]
    if enrolment.status == EnrolmentStatus.OFFERED and enrolment.offered_until is not None:
        ends.append(enrolment.offered_until)
    if taken is not None:
        ends.append(taken.starts_at - LAST_HOUR)
    return min(ends) if min(ends) > now else None


def keep(
    db: Session,
    session: ClassSession,
    person: Person,
    before: dict[str, Any],
    until: datetime,
    now: datetime,
    taken: ClassSession | None,
) -> None:
    """Keeps what the person gives up now (`before`). What was kept of the same class from an earlier time ends."""
    end(db, session, KeptSeat.person_id == person.id)
    row = before | {
        "session_id": session.id,
        "person_id": person.id,
        "given_up_at": now,
        "until": until,
        "holds": before["status"] in HOLDING,
        "taken_id": taken.id if taken is not None else None,
    }
    db.execute(insert_or(db, KeptSeat).values(**row))
    something_due(db)


def kept_of(db: Session, person: Person, session_id: int, now: datetime) -> KeptSeat | None:
    """Returns what the person can still take back of this class; None: nothing."""
    query = select(KeptSeat).where(KeptSeat.session_id == session_id, KeptSeat.person_id == person.id)
    return db.scalars(query.where(KeptSeat.until > now).execution_options(populate_existing=True)).one_or_none()


def restore(db: Session, kept: KeptSeat, enrolment: Enrolment, now: datetime) -> None:
    """Writes the enrolment as it was before it was given up. Its seat counted as taken all the time."""
    for name in AS_IT_WAS:
        setattr(enrolment, name, getattr(kept, name))
    enrolment.changed_at = now
    db.delete(kept)
    db.flush()


def end(db: Session, session: ClassSession, *which: ColumnElement[bool]) -> None:
    """Ends what is kept of this class, as far as `which` selects it: the seats become free. The class's row must be
    locked."""
    ended = delete(KeptSeat).where(KeptSeat.session_id == session.id, *which).returning(KeptSeat.holds)
    holding = sum(db.scalars(ended.execution_options(synchronize_session=False)).all())
    if holding:
        free(db, session, holding)


def end_due(db: Session, now: datetime) -> None:
    """Ends everything whose time to be taken back is over."""
    over = select(KeptSeat.session_id).where(KeptSeat.until <= now)
    for session_id in sorted(set(db.scalars(over))):
        session = locked(db, session_id)
        if session is not None:
            end(db, session, KeptSeat.until <= now)


def end_of_person(db: Session, person: Person) -> None:
    """Ends everything that is kept for a person who leaves."""
    theirs = select(KeptSeat.session_id).where(KeptSeat.person_id == person.id).order_by(KeptSeat.session_id)
    for session_id in db.scalars(theirs).all():
        session = locked(db, session_id)
        if session is not None:
            end(db, session, KeptSeat.person_id == person.id)


def next_end(db: Session) -> datetime | None:
    """Returns the next moment at which something is kept no longer; None if nothing is kept."""
    return db.scalar(select(func.min(KeptSeat.until)))

"""Seats: taking one, waiting for one, giving one back.

A class is never overbooked (I3): a seat is taken by one conditional UPDATE of the class's row, beside a CHECK and a
UNIQUE(session, person). Nobody jumps the waitlist: while people wait, a free seat goes to the first of them.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, and_, bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql.dml import ReturningUpdate

from bot.database import insert_or, something_due
from bot.delivery import outbox
from bot.people.people import Person
from bot.people.quiet_hours import Kind, overlapping
from bot.programme import news
from bot.programme.enrolment.kept import (
    LAST_HOUR,
    as_it_is,
    free,
    keep,
    keep_until,
    kept_of,
    lock_in_order,
    locked,
    restore,
)
from bot.programme.enrolment.outcomes import (
    AlreadySeated,
    AlreadyWaiting,
    Begun,
    Cancelled,
    Clash,
    Enrolled,
    Full,
    Left,
    Moved,
    NotEnrolled,
    OfferGone,
    Seated,
    StillTheirs,
    TakenBack,
    TooLate,
    Undone,
    Unknown,
    Waitlisted,
    Withdrawn,
)
from bot.programme.enrolment.tables import ENROLMENT, HOLDING, LIVE, SEATS, SESSION, TAKEN, Enrolment, EnrolmentStatus
from bot.programme.sessions import ClassSession

LATE: Final = timedelta(hours=24)
"""A seat that is given back this shortly before the class is given back late: the trainers hear of it."""


def free_seats(session: ClassSession) -> int:
    return session.capacity - session.seats_taken


# --- looking ------------------------------------------------------------------------------------------------------


def enrolment_of(db: Session, person: Person, session_id: int) -> Enrolment | None:
    query = select(Enrolment).where(Enrolment.session_id == session_id, Enrolment.person_id == person.id)
    return db.scalars(query).one_or_none()


def place_in_line(db: Session, enrolment: Enrolment) -> int:
    """Returns the person's place on the waitlist; 1 is the first."""
    query = select(func.count()).where(
        Enrolment.session_id == enrolment.session_id,
        Enrolment.status == EnrolmentStatus.WAITLISTED,
        Enrolment.queue_no <= enrolment.queue_no,
    )
    return db.scalar(query) or 1


def counts(db: Session, session: ClassSession) -> Counter[str]:
    """Returns how many people of the class are in each state (EnrolmentStatus)."""
    query = select(Enrolment.status, func.count()).where(Enrolment.session_id == session.id)
    found = Counter[str]()
    for status, number in db.execute(query.group_by(Enrolment.status)):
        found[status] = number
    return found


def has_seat_for_newcomers(db: Session, session: ClassSession, now: datetime) -> bool:
    """Returns whether somebody new would get a seat at once: more are free than people wait for, or in the last hour
    one is free."""
    free = free_seats(session)
    if free <= 0 or session.starts_at - now <= LAST_HOUR:
        return free > 0
    waiting = select(func.count()).where(
        Enrolment.session_id == session.id, Enrolment.status == EnrolmentStatus.WAITLISTED
    )
    return free > (db.scalar(waiting) or 0)


def mine(db: Session, person: Person, now: datetime) -> list[tuple[ClassSession, Enrolment]]:
    """Returns the person's classes that are not over, the nearest first."""
    query = (
        select(ClassSession, Enrolment)
        .join(Enrolment, Enrolment.session_id == ClassSession.id)
        .where(Enrolment.person_id == person.id, Enrolment.status.in_(LIVE))
        .where(ClassSession.cancelled_at.is_(None), ClassSession.starts_at > now - timedelta(days=1))
        .order_by(ClassSession.starts_at, ClassSession.id)
    )
    return [(session, enrolment) for session, enrolment in db.execute(query) if session.ends_at > now]


def held(db: Session, person: Person, now: datetime) -> list[ClassSession]:
    """Returns the classes still to begin in which the person has a seat, or is offered one."""
    return [s for s, e in mine(db, person, now) if e.status in HOLDING and s.starts_at > now]


def clash(db: Session, person: Person, session: ClassSession, *, but: int | None = None) -> ClassSession | None:
    """Returns a class that overlaps with `session` and in which the person has a seat; None: there is none. The class
    `but` is left out."""
    query = (
        select(ClassSession)
        .join(Enrolment, Enrolment.session_id == ClassSession.id)
        .where(Enrolment.person_id == person.id, Enrolment.status == EnrolmentStatus.SEATED)
        .where(ClassSession.cancelled_at.is_(None), ClassSession.id != session.id)
        .where(ClassSession.starts_at < session.ends_at, ClassSession.starts_at > session.starts_at - timedelta(days=1))
        .order_by(ClassSession.starts_at)
    )
    span = (session.starts_at, session.ends_at)
    for other in db.scalars(query):
        if other.id != but and overlapping(span, (other.starts_at, other.ends_at)):
            return other
    return None


def changes(enrolment: Enrolment) -> int:
    """Returns a number that rises with every change of the seat: calendars keep the entry with the higher one."""
    return int((enrolment.changed_at - enrolment.created_at).total_seconds())


# --- taking and leaving -------------------------------------------------------------------------------------------


def enrol(
    db: Session,
    person: Person,
    session_id: int,
    now: datetime,
    *,
    instead_of: int | None = None,
    undo: bool = False,
    may_wait: bool = True,
) -> Enrolled:
    """Takes a seat for the person, or a place at the end of the waitlist when there is none.

    `instead_of` is a class whose seat is given back once the new one is taken (moving, or solving a clash), also when
    the new seat comes later, from the waitlist. `undo`: the old seat is kept for a while. Without `may_wait` the result
    is Full where there is no seat.
    """
    lock_in_order(db, session_id, instead_of or session_id)
    session = locked(db, session_id)
    if session is None:
        return Unknown()
    if session.cancelled_at is not None:
        return Cancelled(session)
    if session.starts_at <= now:
        seated = _has_seat(enrolment_of(db, person, session_id))
        return AlreadySeated(session) if seated else Begun(session)
    if instead_of is None and may_wait and _is_new(db, person, session):
        return _enrol_newcomer(db, person, session, now)
    enrolment = enrolment_of(db, person, session_id)
    if _has_seat(enrolment):
        return AlreadySeated(session)
    if instead_of is None and enrolment is not None and enrolment.instead_of is not None:
        instead_of = _still_held(db, person, enrolment.instead_of, now)
    other = clash(db, person, session, but=instead_of)
    if other is not None:
        return Clash(session, other)
    if enrolment is not None and enrolment.status == EnrolmentStatus.WITHDRAWN:
        kept = kept_of(db, person, session_id, now)
        if kept is not None:
            restore(db, kept, enrolment, now)
        if enrolment.status == EnrolmentStatus.SEATED:
            return _seated(db, person, session, now, instead_of, undo)
    if enrolment is not None and enrolment.status == EnrolmentStatus.OFFERED:
        if enrolment.offered_until is None or enrolment.offered_until <= now:
            return OfferGone(session)  # `due` gives the seat to the next one in a moment
        _write(db, session, person, EnrolmentStatus.SEATED, now, waited=True)
        return _seated(db, person, session, now, instead_of, undo)
    if _take_seat(db, session, enrolment, now):
        waited = enrolment is not None and enrolment.status == EnrolmentStatus.WAITLISTED
        _write(db, session, person, EnrolmentStatus.SEATED, now, waited=waited)
        return _seated(db, person, session, now, instead_of, undo)
    if enrolment is not None and enrolment.status == EnrolmentStatus.WAITLISTED:
        if may_wait:
            enrolment.instead_of = instead_of
        return AlreadyWaiting(session)
    if not may_wait:
        return Full(session)
    tail = _line_up(db, session)
    _write(db, session, person, EnrolmentStatus.WAITLISTED, now, queue_no=tail, instead_of=instead_of)
    stays = db.get(ClassSession, instead_of) if instead_of is not None else None
    return Waitlisted(session, _number_up_to(db, session, tail), stays)


def _has_seat(enrolment: Enrolment | None) -> bool:
    return enrolment is not None and enrolment.status in SEATS


def _still_held(db: Session, person: Person, session_id: int, now: datetime) -> int | None:
    """Returns the class's id, if the person still has a seat in it that can be given back."""
    left = held_instead(db, person, session_id, now)
    return None if left is None else left.id


def held_instead(db: Session, person: Person, session_id: int, now: datetime) -> ClassSession | None:
    """Returns the class whose seat is to be given back for another, if the person still has that seat and the class has
    not begun."""
    query = (
        select(ClassSession)
        .join(Enrolment, Enrolment.session_id == ClassSession.id)
        .where(Enrolment.person_id == person.id, Enrolment.status == EnrolmentStatus.SEATED)
        .where(ClassSession.id == session_id, ClassSession.cancelled_at.is_(None), ClassSession.starts_at > now)
    )
    return db.scalars(query).one_or_none()


# Thousands may tap within a minute when a class opens. So what a newcomer needs is few statements, made once: to put a
# statement together anew takes longer than to execute it.

_HISTORY: Final = (
    select(Enrolment.id)
    .join(ClassSession, ClassSession.id == Enrolment.session_id)
    .where(Enrolment.person_id == bindparam("person"))
    .where(
        or_(
            Enrolment.session_id == bindparam("session"),
            and_(
                Enrolment.status == EnrolmentStatus.SEATED,
                ClassSession.starts_at > bindparam("after"),
                ClassSession.starts_at < bindparam("before"),
            ),
        )
    )
    .limit(1)
)
_FREE: Final = and_(
    SESSION.c.id == bindparam("session"),
    SESSION.c.seats_taken < SESSION.c.capacity,
    SESSION.c.cancelled_at.is_(None),
    SESSION.c.starts_at > bindparam("present"),
)
_AHEAD: Final = (
    select(func.count())
    .select_from(ENROLMENT)
    .where(ENROLMENT.c.session_id == SESSION.c.id, ENROLMENT.c.status == EnrolmentStatus.WAITLISTED)
)
_IN_FRONT: Final = _AHEAD.where(ENROLMENT.c.queue_no < bindparam("queue_no"))


def _taking(ahead: Select[int] | None) -> ReturningUpdate[int]:
    free = update(SESSION).where(_FREE)
    if ahead is not None:
        free = free.where(SESSION.c.seats_taken + ahead.correlate(SESSION).scalar_subquery() < SESSION.c.capacity)
    return free.values(seats_taken=SESSION.c.seats_taken + 1).returning(SESSION.c.seats_taken)


_TAKE_IN_LAST_HOUR: Final = _taking(None)
_TAKE_AS_NEWCOMER: Final = _taking(_AHEAD)
_TAKE_FROM_LINE: Final = _taking(_IN_FRONT)
_LINE_UP: Final = (
    update(SESSION)
    .where(SESSION.c.id == bindparam("session"))
    .values(queue_tail=SESSION.c.queue_tail + 1)
    .returning(SESSION.c.queue_tail, SESSION.c.seats_taken, SESSION.c.capacity)
)
_UP_TO: Final = (
    select(func.count())
    .select_from(ENROLMENT)
    .where(ENROLMENT.c.session_id == bindparam("session"), ENROLMENT.c.status == EnrolmentStatus.WAITLISTED)
    .where(ENROLMENT.c.queue_no <= bindparam("queue_no"))
)
_ADD: Final = insert(ENROLMENT)


def _is_new(db: Session, person: Person, session: ClassSession) -> bool:
    """Returns whether the person never had anything to do with this class and has no seat in another one at about this
    time."""
    span = {"after": session.starts_at - timedelta(days=1), "before": session.ends_at}
    return db.connection().execute(_HISTORY, {"person": person.id, "session": session.id, **span}).first() is None


def _enrol_newcomer(db: Session, person: Person, session: ClassSession, now: datetime) -> Seated | Waitlisted:
    """Enrols somebody who has no row for this class yet. No other transaction can write that row meanwhile: it would
    need the class's row first."""
    row: dict[str, Any] = {"session_id": session.id, "person_id": person.id, "created_at": now, "changed_at": now}
    if _take_seat(db, session, None, now):
        db.connection().execute(_ADD, row | {"status": EnrolmentStatus.SEATED})
        return Seated(session)
    tail = _line_up(db, session)
    db.connection().execute(_ADD, row | {"status": EnrolmentStatus.WAITLISTED, "queue_no": tail})
    return Waitlisted(session, _number_up_to(db, session, tail))


def _line_up(db: Session, session: ClassSession) -> int:
    """Takes the next number at the end of the class's waitlist."""
    tail, taken, capacity = db.connection().execute(_LINE_UP, {"session": session.id}).one()
    set_committed_value(session, "queue_tail", tail)
    if taken < capacity:
        something_due(db)  # a seat is free that only waits for its offer
    return int(tail)


def _number_up_to(db: Session, session: ClassSession, queue_no: int) -> int:
    """Returns how many people wait with a number up to this one: the place on the waitlist of the person who has it."""
    return int(db.connection().execute(_UP_TO, {"session": session.id, "queue_no": queue_no}).scalar_one())


def _take_seat(db: Session, session: ClassSession, enrolment: Enrolment | None, now: datetime) -> bool:
    """Takes a seat by one conditional UPDATE; returns False if there is none. While others wait in front of the person,
    a free seat is theirs, except in the last hour."""
    given: dict[str, Any] = {"session": session.id, "present": now}
    taking = _TAKE_AS_NEWCOMER
    if session.starts_at - now <= LAST_HOUR:
        taking = _TAKE_IN_LAST_HOUR
    elif enrolment is not None and enrolment.status == EnrolmentStatus.WAITLISTED:
        taking = _TAKE_FROM_LINE
        given["queue_no"] = enrolment.queue_no
    taken = db.connection().execute(taking, given).scalar()
    if taken is None:
        return False
    set_committed_value(session, "seats_taken", taken)
    return True


def _seated(
    db: Session, person: Person, session: ClassSession, now: datetime, instead_of: int | None, undo: bool
) -> Enrolled:
    outbox.drop_waiting(db, "superseded", kinds=(Kind.OFFER,), person_id=person.id, session_id=session.id)
    if instead_of is not None and instead_of != session.id:
        left = withdraw(db, person, instead_of, now, undo=undo, taken=session)
        if isinstance(left, Withdrawn):
            lead_from(db, person, left.session.id, session.id)
            return Moved(session, left.session, left.undo_until)
    return Seated(session)


def lead_from(db: Session, person: Person, old: int, new: int) -> None:
    """Makes a seat that the person waits for replace the one in `new`, if it was to replace the one in `old`."""
    waits = (Enrolment.person_id == person.id, Enrolment.instead_of == old, Enrolment.session_id != new)
    db.execute(update(Enrolment).where(*waits).values(instead_of=new))


def take_offered(db: Session, person: Person, session_id: int, now: datetime) -> Enrolled:
    """Takes the seat that the person was offered. Returns OfferGone if the offer has ended or somebody else was first.
    A person who is on the waitlist gets a seat if one is free for them, as in the last hour."""
    session = db.get(ClassSession, session_id)
    enrolment = enrolment_of(db, person, session_id) if session is not None else None
    if session is None:
        return Unknown()
    waits = enrolment is not None and enrolment.status in (EnrolmentStatus.WAITLISTED, EnrolmentStatus.OFFERED)
    live = session.cancelled_at is None and session.starts_at > now
    if live and not waits and not _has_seat(enrolment) and kept_of(db, person, session_id, now) is None:
        return OfferGone(session)
    return enrol(db, person, session_id, now, undo=True)


def withdraw(
    db: Session,
    person: Person,
    session_id: int,
    now: datetime,
    *,
    undo: bool = False,
    taken: ClassSession | None = None,
) -> Left:
    """Gives back the person's seat, offer or place on the waitlist. A seat is free in the same commit, unless `undo`:
    then it is kept for a while. `taken` is the class in which the person took a seat instead."""
    session = locked(db, session_id)
    if session is None:
        return Unknown()
    if session.cancelled_at is not None:
        return Cancelled(session)
    enrolment = enrolment_of(db, person, session_id)
    if enrolment is None or enrolment.status not in LIVE:
        return NotEnrolled(session)
    if session.starts_at <= now:
        return Begun(session)
    until = keep_until(session, enrolment, now, taken) if undo else None
    before = as_it_is(enrolment)
    if enrolment.status == EnrolmentStatus.SEATED and session.starts_at - now <= LATE:
        news.note(db, news.What.SEAT, person, session.site_id, now, session)
    leave(db, session, enrolment, EnrolmentStatus.WITHDRAWN, now, frees=until is None)
    if until is not None:
        keep(db, session, person, before, until, now, taken)
    outbox.drop_waiting(
        db, "withdrawn", kinds=(Kind.REMINDER, Kind.OFFER, Kind.CHANGE), person_id=person.id, session_id=session.id
    )
    return Withdrawn(session, until)


def move(db: Session, person: Person, left: int, session_id: int, now: datetime, *, waits: bool = False) -> Enrolled:
    """Takes a seat in another class and gives back the one in `left`; with `waits`, waits for a seat there and keeps
    the one in `left` until then.

    NotEnrolled if the person has nothing to give back any more, Begun if `left` has begun; Full if there is no seat and
    not `waits`. OfferGone if `waits`, but a seat is free: there is nothing to wait for.
    """
    lock_in_order(db, left, session_id)
    old = locked(db, left)
    if old is None:
        return Unknown()
    mine = enrolment_of(db, person, left)
    if mine is None or mine.status not in LIVE or old.cancelled_at is not None:
        return NotEnrolled(old)
    if old.starts_at <= now:
        return Begun(old)
    session = locked(db, session_id)
    if waits and session is not None and has_seat_for_newcomers(db, session, now):
        return OfferGone(session)
    return enrol(db, person, session_id, now, instead_of=left, undo=True, may_wait=waits)


def take_back(db: Session, person: Person, session_id: int, version: int, now: datetime) -> Undone:
    """Gives the person back what they gave up at one time (`KeptSeat.version`): a seat, an offer, a place on the
    waitlist.

    The seat that they took instead is given back. TooLate if that seat is gone, or if what they gave up is not kept any
    longer.
    """
    kept = kept_of(db, person, session_id, now)
    taken = kept.taken_id if kept is not None else None
    lock_in_order(db, session_id, taken or session_id)
    session = locked(db, session_id)
    if session is None:
        return Unknown()
    if session.cancelled_at is not None:
        return Cancelled(session)
    mine = enrolment_of(db, person, session_id)
    if mine is not None and mine.status in (*LIVE, *TAKEN):
        return StillTheirs(session)
    if session.starts_at <= now:
        return Begun(session)
    kept = kept_of(db, person, session_id, now)
    if kept is None or mine is None or kept.version != version:
        return TooLate(session)
    other = clash(db, person, session, but=kept.taken_id) if kept.status == EnrolmentStatus.SEATED else None
    if other is not None:
        return Clash(session, other)
    left = None
    if kept.taken_id is not None:
        given = withdraw(db, person, kept.taken_id, now)
        if not isinstance(given, Withdrawn):
            return TooLate(session)
        left = given.session
        lead_from(db, person, left.id, session.id)
    restore(db, kept, mine, now)
    return TakenBack(session, left)


def leave_waitlists(db: Session, person: Person, now: datetime) -> int:
    """Leaves every waitlist and gives back every offer (after /berhenti nothing could be offered). Returns how many."""
    waiting = [s.id for s, e in mine(db, person, now) if e.status != EnrolmentStatus.SEATED]
    return sum(isinstance(withdraw(db, person, session_id, now), Withdrawn) for session_id in waiting)


def withdraw_all(db: Session, person: Person, now: datetime) -> int:
    """Gives back everything the person has in classes still to begin. Returns in how many classes."""
    return sum(isinstance(withdraw(db, person, s.id, now), Withdrawn) for s, _ in mine(db, person, now))


def leave(
    db: Session,
    session: ClassSession,
    enrolment: Enrolment,
    status: EnrolmentStatus,
    now: datetime,
    *,
    frees: bool = True,
) -> None:
    """Puts an enrolment that ends into `status`. `frees`: if it held a seat, the seat is free; otherwise the seat still
    counts as taken."""
    had_seat = enrolment.status in HOLDING
    enrolment.status, enrolment.changed_at = status, now
    enrolment.queue_no = enrolment.offered_until = enrolment.reply = enrolment.late_at = enrolment.instead_of = None
    db.flush()  # the next one to enrol counts the rows
    if had_seat and frees:
        free(db, session)


def _write(
    db: Session,
    session: ClassSession,
    person: Person,
    status: EnrolmentStatus,
    now: datetime,
    *,
    queue_no: int | None = None,
    waited: bool = False,
    instead_of: int | None = None,
) -> None:
    """Writes the person's row for this class in this state; a row from an earlier time is used again."""
    fresh = {"status": status, "queue_no": queue_no, "offered_until": None, "reply": None, "changed_at": now}
    fresh["late_at"] = None
    fresh["instead_of"] = instead_of
    fresh["from_waitlist_at"] = now if waited else None
    writing = insert_or(db, Enrolment).values(session_id=session.id, person_id=person.id, created_at=now, **fresh)
    db.execute(writing.on_conflict_do_update(index_elements=["session_id", "person_id"], set_=fresh))
    known = db.scalars(
        select(Enrolment)
        .where(Enrolment.session_id == session.id, Enrolment.person_id == person.id)
        .execution_options(populate_existing=True)
    ).one()
    assert known.status == status

"""Seats: taking one, waiting for one, giving one back; offers to the next in line.

A class is never overbooked (I3): a seat is taken by one conditional UPDATE of the class's row, beside a CHECK and a
UNIQUE(session, person). Nobody jumps the waitlist: while people wait, a free seat goes to the first of them, as an
offer that is held for a time that minds the night and the start. In the last hour the first tap wins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql.dml import ReturningUpdate

from bot.capability import CapabilityData, Context, Told
from bot.catalogue.content import Content
from bot.database import Base, BigId, constant, insert_or, partial_index, something_due
from bot.delivery import outbox
from bot.people.people import Account, Person
from bot.people.quiet_hours import Kind, OpenHours, closing, is_open, next_opening, overlapping
from bot.programme.sessions import ClassSession
from bot.words.message import At, Button, Message, Value, rows

LAST_HOUR: Final = timedelta(hours=1)
"""So near the start nothing is held: a free seat goes to whoever taps first."""
LONGEST_OFFER: Final = timedelta(hours=6)
SHORTEST_OFFER: Final = timedelta(minutes=15)
MORNING: Final = timedelta(hours=1)
"""An offer that would run out in the night may be answered for so long after the next opening."""
SETTLING: Final = timedelta(minutes=30)
"""An offer that runs over night ends at least so long before the class."""


class EnrolmentStatus(StrEnum):
    SEATED = "seated"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    """A seat is held for this person until `offered_until`; it counts as taken."""
    LAPSED = "lapsed"
    """The offer ran out unanswered."""
    WITHDRAWN = "withdrawn"
    """Given up by the person."""
    CANCELLED = "cancelled"
    """The class was cancelled by us."""
    ATTENDED = "attended"
    ABSENT = "absent"


HOLDING: Final = (EnrolmentStatus.SEATED, EnrolmentStatus.OFFERED)
TAKEN: Final = (*HOLDING, EnrolmentStatus.ATTENDED, EnrolmentStatus.ABSENT)
"""What a class's `seats_taken` counts: a seat stays taken when it is known whether its person came."""
LIVE: Final = (EnrolmentStatus.SEATED, EnrolmentStatus.OFFERED, EnrolmentStatus.WAITLISTED)


class Enrolment(Base):
    """One person and one class. Whoever comes back after leaving reuses the row and stands at the end of the queue."""

    __tablename__ = "enrolment"
    __table_args__ = (
        UniqueConstraint("session_id", "person_id"),
        Index("ix_enrolment_queue", "session_id", "status", "queue_no"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    status: Mapped[str] = mapped_column(String(10))
    queue_no: Mapped[int | None]
    offered_until: Mapped[datetime | None]
    reply: Mapped[str | None] = mapped_column(String(10))
    """What the person answered to the reminder: coming."""
    replied_at: Mapped[datetime | None]
    from_waitlist_at: Mapped[datetime | None]
    """When the seat was got after waiting for it; empty for those who got one at once."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


ENROLMENT: Final = Base.metadata.tables["enrolment"]
SESSION: Final = Base.metadata.tables["session"]
partial_index("ix_enrolment_offered", Enrolment.offered_until, of="status = 'offered'")
OFFERED: Final = Enrolment.status == constant(EnrolmentStatus.OFFERED)
"""In words of which the planner sees that the index holds just these rows."""


# --- outcomes -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seated:
    session: ClassSession


@dataclass(frozen=True)
class Moved:
    session: ClassSession
    left: ClassSession


@dataclass(frozen=True)
class Waitlisted:
    session: ClassSession
    place: int


@dataclass(frozen=True)
class AlreadySeated:
    session: ClassSession


@dataclass(frozen=True)
class AlreadyWaiting:
    session: ClassSession
    place: int


@dataclass(frozen=True)
class Clash:
    """The person holds a seat in another class at the same time."""

    session: ClassSession
    other: ClassSession


@dataclass(frozen=True)
class Begun:
    session: ClassSession


@dataclass(frozen=True)
class Cancelled:
    session: ClassSession


@dataclass(frozen=True)
class Unknown:
    """No such class."""


@dataclass(frozen=True)
class Withdrawn:
    session: ClassSession


@dataclass(frozen=True)
class NotEnrolled:
    session: ClassSession


@dataclass(frozen=True)
class OfferGone:
    """The offer ran out, or somebody was faster in the last hour."""

    session: ClassSession


Enrolled = (
    Seated | Moved | Waitlisted | AlreadySeated | AlreadyWaiting | Clash | Begun | Cancelled | Unknown | OfferGone
)
Left = Withdrawn | NotEnrolled | Begun | Cancelled | Unknown


# --- decisions ----------------------------------------------------------------------------------------------------


def offer_end(now: datetime, starts_at: datetime, hours: OpenHours) -> datetime | None:
    """Until when a seat offered at `now` is held: min(6 h, half the time left), at least 15 minutes.

    The end lies in open hours (the closing minute included) and before the class begins. None when no such moment
    leaves 15 minutes to answer, when it is closed now, or in the last hour, where nothing is held.
    """
    left = starts_at - now
    closes = closing(hours, now)
    if closes is None or left <= LAST_HOUR:
        return None
    end = now + max(min(LONGEST_OFFER, left / 2), SHORTEST_OFFER)
    if end <= closes or is_open(hours, end):
        return end
    opening = next_opening(hours, end)
    noon = closing(hours, opening)
    latest = starts_at - SETTLING
    morning = min(opening + MORNING, noon or opening, latest)
    if morning >= opening + SHORTEST_OFFER:
        return morning
    return closes if closes >= now + SHORTEST_OFFER else None


def free_seats(session: ClassSession) -> int:
    return session.capacity - session.seats_taken


# --- looking ------------------------------------------------------------------------------------------------------


def enrolment_of(db: Session, person: Person, session_id: int) -> Enrolment | None:
    query = select(Enrolment).where(Enrolment.session_id == session_id, Enrolment.person_id == person.id)
    return db.scalars(query).one_or_none()


def place_in_line(db: Session, enrolment: Enrolment) -> int:
    """1 for the first who waits."""
    query = select(func.count()).where(
        Enrolment.session_id == enrolment.session_id,
        Enrolment.status == EnrolmentStatus.WAITLISTED,
        Enrolment.queue_no <= enrolment.queue_no,
    )
    return db.scalar(query) or 1


def has_seat_for_newcomers(db: Session, session: ClassSession, now: datetime) -> bool:
    """Whether somebody new would get a seat at once: one is free, and nobody waits for it."""
    free = free_seats(session)
    if free <= 0 or session.starts_at - now <= LAST_HOUR:
        return free > 0
    waiting = select(func.count()).where(
        Enrolment.session_id == session.id, Enrolment.status == EnrolmentStatus.WAITLISTED
    )
    return free > (db.scalar(waiting) or 0)


def mine(db: Session, person: Person, now: datetime) -> list[tuple[ClassSession, Enrolment]]:
    """The person's classes that are not over, the nearest first."""
    query = (
        select(ClassSession, Enrolment)
        .join(Enrolment, Enrolment.session_id == ClassSession.id)
        .where(Enrolment.person_id == person.id, Enrolment.status.in_(LIVE))
        .where(ClassSession.cancelled_at.is_(None), ClassSession.starts_at > now - timedelta(days=1))
        .order_by(ClassSession.starts_at, ClassSession.id)
    )
    return [(session, enrolment) for session, enrolment in db.execute(query) if session.ends_at > now]


def held(db: Session, person: Person, now: datetime) -> list[ClassSession]:
    """The classes still to begin in which this person has a seat, or is offered one."""
    return [s for s, e in mine(db, person, now) if e.status in HOLDING and s.starts_at > now]


def clash(db: Session, person: Person, session: ClassSession, *, but: int | None = None) -> ClassSession | None:
    """A class the person has a seat in that overlaps with `session`; `but` is one to overlook."""
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


# --- taking and leaving -------------------------------------------------------------------------------------------


def enrol(db: Session, person: Person, session_id: int, now: datetime, *, instead_of: int | None = None) -> Enrolled:
    """Take a seat, or a place at the end of the waitlist when there is none.

    `instead_of` is a class whose seat is given back once the new one is taken (moving, or solving a clash).
    """
    session = _locked(db, session_id)
    if session is None:
        return Unknown()
    if session.cancelled_at is not None:
        return Cancelled(session)
    if session.starts_at <= now:
        return Begun(session)
    if instead_of is None and _is_new(db, person, session):
        return _enrol_newcomer(db, person, session, now)
    enrolment = enrolment_of(db, person, session_id)
    if enrolment is not None and enrolment.status in TAKEN and enrolment.status != EnrolmentStatus.OFFERED:
        return AlreadySeated(session)
    other = clash(db, person, session, but=instead_of)
    if other is not None:
        return Clash(session, other)
    if enrolment is not None and enrolment.status == EnrolmentStatus.OFFERED:
        return _accept(db, person, session, enrolment, now, instead_of=instead_of)
    if _take_seat(db, session, enrolment, now):
        waited = enrolment is not None and enrolment.status == EnrolmentStatus.WAITLISTED
        _write(db, session, person, EnrolmentStatus.SEATED, now, waited=waited)
        return _seated(db, person, session, now, instead_of)
    if enrolment is not None and enrolment.status == EnrolmentStatus.WAITLISTED:
        return AlreadyWaiting(session, place_in_line(db, enrolment))
    tail = _line_up(db, session)
    _write(db, session, person, EnrolmentStatus.WAITLISTED, now, queue_no=tail)
    return Waitlisted(session, _number_up_to(db, session, tail))


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
    """Whether the person never had anything to do with this class and has no seat in another one at about this time."""
    span = {"after": session.starts_at - timedelta(days=1), "before": session.ends_at}
    return db.connection().execute(_HISTORY, {"person": person.id, "session": session.id, **span}).first() is None


def _enrol_newcomer(db: Session, person: Person, session: ClassSession, now: datetime) -> Seated | Waitlisted:
    """Nobody but us can write this row: whoever would, needs the class's row first."""
    row: dict[str, Any] = {"session_id": session.id, "person_id": person.id, "created_at": now, "changed_at": now}
    if _take_seat(db, session, None, now):
        db.connection().execute(_ADD, row | {"status": EnrolmentStatus.SEATED})
        return Seated(session)
    tail = _line_up(db, session)
    db.connection().execute(_ADD, row | {"status": EnrolmentStatus.WAITLISTED, "queue_no": tail})
    return Waitlisted(session, _number_up_to(db, session, tail))


def _line_up(db: Session, session: ClassSession) -> int:
    """A number at the end of the class's waitlist."""
    tail, taken, capacity = db.connection().execute(_LINE_UP, {"session": session.id}).one()
    set_committed_value(session, "queue_tail", tail)
    if taken < capacity:
        something_due(db)  # a seat is free that only waits for its offer
    return int(tail)


def _number_up_to(db: Session, session: ClassSession, queue_no: int) -> int:
    """How many wait up to this number: the place of whoever has it."""
    return int(db.connection().execute(_UP_TO, {"session": session.id, "queue_no": queue_no}).scalar_one())


def _take_seat(db: Session, session: ClassSession, enrolment: Enrolment | None, now: datetime) -> bool:
    """The conditional UPDATE. While others wait in front, a free seat is theirs, except in the last hour."""
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


def _accept(
    db: Session,
    person: Person,
    session: ClassSession,
    enrolment: Enrolment,
    now: datetime,
    *,
    instead_of: int | None,
) -> Enrolled:
    if enrolment.offered_until is None or enrolment.offered_until <= now:
        return OfferGone(session)  # `due` gives the seat to the next one in a moment
    _write(db, session, person, EnrolmentStatus.SEATED, now, waited=True)
    return _seated(db, person, session, now, instead_of)


def _seated(db: Session, person: Person, session: ClassSession, now: datetime, instead_of: int | None) -> Enrolled:
    outbox.drop_waiting(db, "superseded", kinds=(Kind.OFFER,), person_id=person.id, session_id=session.id)
    if instead_of is not None and instead_of != session.id:
        left = withdraw(db, person, instead_of, now)
        if isinstance(left, Withdrawn):
            return Moved(session, left.session)
    return Seated(session)


def take_offered(db: Session, person: Person, session_id: int, now: datetime) -> Enrolled:
    """Say yes to an offer. Whoever lost it (time ran out, somebody was faster) hears so and keeps what can be kept."""
    session = db.get(ClassSession, session_id)
    enrolment = enrolment_of(db, person, session_id) if session is not None else None
    if session is None:
        return Unknown()
    waits = enrolment is not None and enrolment.status in (EnrolmentStatus.WAITLISTED, EnrolmentStatus.OFFERED)
    seated = enrolment is not None and enrolment.status == EnrolmentStatus.SEATED
    if not waits and not seated and session.cancelled_at is None and session.starts_at > now:
        return OfferGone(session)
    return enrol(db, person, session_id, now)


def withdraw(db: Session, person: Person, session_id: int, now: datetime) -> Left:
    """Give back a seat, an offer or a place on the waitlist. The seat is free in the same commit."""
    session = _locked(db, session_id)
    if session is None:
        return Unknown()
    if session.cancelled_at is not None:
        return Cancelled(session)
    enrolment = enrolment_of(db, person, session_id)
    if enrolment is None or enrolment.status not in LIVE:
        return NotEnrolled(session)
    if session.starts_at <= now:
        return Begun(session)
    _leave(db, session, enrolment, EnrolmentStatus.WITHDRAWN, now)
    outbox.drop_waiting(
        db, "withdrawn", kinds=(Kind.REMINDER, Kind.OFFER, Kind.CHANGE), person_id=person.id, session_id=session.id
    )
    return Withdrawn(session)


def leave_waitlists(db: Session, person: Person, now: datetime) -> int:
    """Leave every waitlist and give back every offer (after /berhenti nothing could be offered). Returns how many."""
    waiting = [s.id for s, e in mine(db, person, now) if e.status != EnrolmentStatus.SEATED]
    return sum(isinstance(withdraw(db, person, session_id, now), Withdrawn) for session_id in waiting)


def withdraw_all(db: Session, person: Person, now: datetime) -> int:
    """Give back everything that is still to begin. Returns how many classes."""
    return sum(isinstance(withdraw(db, person, s.id, now), Withdrawn) for s, _ in mine(db, person, now))


def _locked(db: Session, session_id: int) -> ClassSession | None:
    """The class, its row held to the end of the transaction: whoever changes seats takes the class first, then the
    enrolments, so that two who do it at once wait for each other instead of deadlocking.

    Of a whole batch of turns about one class only the first asks for the row.
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


def _leave(db: Session, session: ClassSession, enrolment: Enrolment, status: EnrolmentStatus, now: datetime) -> None:
    had_seat = enrolment.status in HOLDING
    enrolment.status, enrolment.changed_at = status, now
    enrolment.queue_no = enrolment.offered_until = enrolment.reply = None
    db.flush()  # whoever enrols next counts the rows
    if had_seat:
        db.execute(
            update(ClassSession)
            .where(ClassSession.id == session.id)
            .values(seats_taken=ClassSession.seats_taken - 1)
            .execution_options(synchronize_session=False)
        )
        db.refresh(session)
        something_due(db)


def _write(
    db: Session,
    session: ClassSession,
    person: Person,
    status: EnrolmentStatus,
    now: datetime,
    *,
    queue_no: int | None = None,
    waited: bool = False,
) -> None:
    """Put the person's row for this class into a state; a row from an earlier try is used again."""
    fresh = {"status": status, "queue_no": queue_no, "offered_until": None, "reply": None, "changed_at": now}
    fresh["from_waitlist_at"] = now if waited else None
    writing = insert_or(db, Enrolment).values(session_id=session.id, person_id=person.id, created_at=now, **fresh)
    db.execute(writing.on_conflict_do_update(index_elements=["session_id", "person_id"], set_=fresh))
    known = db.scalars(
        select(Enrolment)
        .where(Enrolment.session_id == session.id, Enrolment.person_id == person.id)
        .execution_options(populate_existing=True)
    ).one()
    assert known.status == status


# --- offers -------------------------------------------------------------------------------------------------------


def due(db: Session, now: datetime, context: Context) -> None:
    """End the offers whose time is over, then offer every free seat to the next in line."""
    _lapse(db, now, context.content)
    for session in _with_free_seats_and_people_waiting(db, now):
        _offer_seats(db, session, now, context.content)


def next_due(db: Session, now: datetime, context: Context) -> datetime | None:
    """When `due` has something to do next."""
    content, moments = context.content, []
    lapse = db.scalar(select(func.min(Enrolment.offered_until)).where(OFFERED))
    if lapse is not None:
        moments.append(lapse)
    for session in _with_free_seats_and_people_waiting(db, now):
        if session.starts_at - now <= LAST_HOUR:
            continue  # told at once when the seat became free; nothing more comes by itself
        opening = next_opening(content.open_hours(session.site_id), now)
        if opening > now or offer_end(now, session.starts_at, content.open_hours(session.site_id)) is not None:
            moments.append(opening)
    return min(moments, default=None)


REACHABLE: Final = (Account.blocked_at.is_(None), Account.stopped_at.is_(None), Person.consent_training)
"""Whoever blocked or stopped us could not answer an offer."""


def _with_free_seats_and_people_waiting(db: Session, now: datetime) -> Sequence[ClassSession]:
    # from the classes to their lines: beside all who ever signed up, classes to come are few
    waiting = (
        select(Enrolment.id)
        .join(Person, Person.id == Enrolment.person_id)
        .join(Account, Account.id == Person.account_id)
        .where(Enrolment.session_id == ClassSession.id, Enrolment.status == EnrolmentStatus.WAITLISTED, *REACHABLE)
    )
    query = (
        select(ClassSession)
        .where(ClassSession.starts_at > now, ClassSession.cancelled_at.is_(None))
        .where(ClassSession.seats_taken < ClassSession.capacity, waiting.exists())
    )
    return sorted(db.scalars(query).all(), key=lambda session: session.id)


def _lapse(db: Session, now: datetime, content: Content) -> None:
    query = (
        select(Enrolment, ClassSession, Person, Account)
        .join(ClassSession, ClassSession.id == Enrolment.session_id)
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(Account, Account.id == Person.account_id)
        .where(OFFERED)
        # whoever blocked the bot cannot answer: the seat does not wait for them
        .where((Enrolment.offered_until <= now) | Account.blocked_at.is_not(None))
    )
    # sorted here: to spare itself the sorting, SQLite would walk through all who ever signed up in this order
    found = sorted(db.execute(query).unique().all(), key=lambda row: (row[1].id, row[0].id))
    for enrolment, session, person, owner in found:
        _locked(db, session.id)
        db.refresh(enrolment)
        if enrolment.status != EnrolmentStatus.OFFERED:
            continue  # answered in this very moment
        _leave(db, session, enrolment, EnrolmentStatus.LAPSED, now)
        outbox.drop_waiting(db, "lapsed", kinds=(Kind.OFFER,), person_id=person.id, session_id=session.id)
        if person.account_id is None or owner.blocked_at is not None:
            continue
        buttons = rows((Button("enrolment.button.again", f"enrolment:take:{session.id}"),), _ways_on())
        _tell(db, owner, person, session, now, Message("enrolment.offer_lapsed", {"title": session.title}, buttons))


def _offer_seats(db: Session, session: ClassSession, now: datetime, content: Content) -> None:
    hours = content.open_hours(session.site_id)
    if not is_open(hours, now):
        return
    if session.starts_at - now <= LAST_HOUR:
        for _, person, account in _line(db, session):
            message = _offer_message("enrolment.last_call", session, hours, until=session.starts_at)
            once = f"last_call:{session.id}:{session.revision}:{person.id}"
            _tell(db, account, person, session, now, message, once=once, until=session.starts_at)
        return
    until = offer_end(now, session.starts_at, hours)
    if until is None:
        return
    for enrolment, person, account in _line(db, session):
        held = db.execute(
            update(ClassSession)
            .where(ClassSession.id == session.id, ClassSession.seats_taken < ClassSession.capacity)
            .values(seats_taken=ClassSession.seats_taken + 1)
            .execution_options(synchronize_session=False)
        )
        if not held.rowcount:  # type: ignore[attr-defined]
            return
        enrolment.status, enrolment.offered_until, enrolment.changed_at = EnrolmentStatus.OFFERED, until, now
        message = _offer_message("enrolment.offer", session, hours, until=until)
        _tell(db, account, person, session, now, message, until=until)


def _line(db: Session, session: ClassSession) -> Iterator[tuple[Enrolment, Person, Account]]:
    """Those who wait and can be asked, in order."""
    query = (
        select(Enrolment, Person, Account)
        .join(Person, Person.id == Enrolment.person_id)
        .join(Account, Account.id == Person.account_id)
        .where(Enrolment.session_id == session.id, Enrolment.status == EnrolmentStatus.WAITLISTED)
        .where(*REACHABLE)
        .order_by(Enrolment.queue_no)
    )
    yield from ((one, person, account) for one, person, account in db.execute(query).unique().all())


def _offer_message(key: str, session: ClassSession, hours: OpenHours, *, until: datetime) -> Message:
    values: dict[str, Value] = {
        "title": session.title,
        "starts": At(session.starts_at, hours.zone),
        "venue": session.venue,
        "until": At(until, hours.zone),
    }
    choice = (
        Button("enrolment.button.accept", f"enrolment:accept:{session.id}"),
        Button("enrolment.button.decline", f"enrolment:decline:{session.id}"),
    )
    return Message(key, values, rows(choice, _ways_on()))


def _ways_on() -> tuple[Button, ...]:
    return (Button("button.menu", "menu:show"), Button("button.help", "menu:help"))


def _tell(
    db: Session,
    account: Account,
    person: Person,
    session: ClassSession,
    now: datetime,
    message: Message,
    *,
    once: str | None = None,
    until: datetime | None = None,
) -> None:
    post = outbox.to(
        account,
        message,
        kind=Kind.OFFER,
        person_id=person.id,
        site_id=session.site_id,
        session_id=session.id,
        starts_at=session.starts_at,
        once=once,
        not_after=until or session.starts_at,
    )
    outbox.post(db, post, now=now)


# --- what it owes -----------------------------------------------------------------------------------------------------


def classes_of(db: Session, person: Person) -> list[tuple[ClassSession, Enrolment]]:
    """Every class the person ever asked for a seat in, in order of its start."""
    query = (
        select(ClassSession, Enrolment)
        .join(Enrolment, Enrolment.session_id == ClassSession.id)
        .where(Enrolment.person_id == person.id)
        .order_by(ClassSession.starts_at, ClassSession.id)
    )
    return [(session, enrolled) for session, enrolled in db.execute(query)]


def copy(db: Session, person: Person, content: Content, told: Told) -> dict[str, Any]:
    """Returns every class the person ever asked for; its start in the zone of the class's own site."""
    return {
        "kelas": [
            {
                "kode": session.code,
                "judul": session.title,
                "lokasi": session.site_id,
                "tempat": session.venue,
                "mulai": session.starts_at.astimezone(ZoneInfo(content.open_hours(session.site_id).zone)).isoformat(),
                "menit": session.minutes,
                "status": enrolled.status,
                "jawaban_pengingat": enrolled.reply,
                "dijawab_pada": told(enrolled.replied_at),
                "diminta_pada": told(enrolled.created_at),
                "diubah_pada": told(enrolled.changed_at),
            }
            for session, enrolled in classes_of(db, person)
        ],
    }


DATA: Final = CapabilityData(
    "enrolment",
    tables=(Enrolment,),
    due=due,
    next_due=next_due,
    forget=withdraw_all,
    copy=copy,
    stays={"enrolment.person_id": "Seats to come are given back; past ones count, of nobody in particular."},
)

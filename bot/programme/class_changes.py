"""What happens to a class: it moves, it changes, it is called off; and everything that hangs on it follows.

Seats, offers, reminders and announcements change in the same commit as the class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Final

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.orm import Session

from bot.database import something_due
from bot.delivery import outbox
from bot.people.people import Account, Person
from bot.people.quiet_hours import Kind
from bot.programme.enrolment import HOLDING, LIVE, Enrolment, EnrolmentStatus
from bot.programme.sessions import ClassSession, SessionLead, date_leads
from bot.words.message import At, Button, Message, Value, Words, rows

# --- outcomes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Changed:
    """`fields` are the names of what is different now. `moved`: in time or place; `told`: how many people hear it."""

    session: ClassSession
    fields: tuple[str, ...]
    moved: bool
    told: int


@dataclass(frozen=True)
class Unchanged:
    session: ClassSession


@dataclass(frozen=True)
class SeatsTaken:
    """The capacity cannot go below the `taken` seats. Nothing was changed."""

    session: ClassSession
    taken: int


@dataclass(frozen=True)
class Cancelled:
    session: ClassSession
    told: int


@dataclass(frozen=True)
class AlreadyCancelled:
    session: ClassSession


@dataclass(frozen=True)
class AlreadyOver:
    session: ClassSession


@dataclass(frozen=True)
class Lowered:
    """The class is smaller; `waiting` people who had (or were offered) a seat wait now, `told` of them hear of it."""

    session: ClassSession
    waiting: int
    told: int


@dataclass(frozen=True)
class Touched:
    """Whom a change of the class touches: people with a seat (or an offer), people who wait, and how many of all of
    them can be told."""

    seats: int
    waiting: int
    told: int


# --- decisions ------------------------------------------------------------------------------------------------------

MOVING: Final = frozenset({"starts_at", "venue", "latitude", "longitude"})
"""What people must hear of when it changes: when and where to be."""


class Keep(Enum):
    """Stands for "leave this as it is": None is a value of its own for what may be empty."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP
HELP: Final = Button("button.help", "menu:help")
"""The way to a human being, under everything that is said unasked."""


def heard_by(session: ClassSession, before: datetime, now: datetime) -> datetime:
    """The moment by which a move from `before` must be known: whichever start is next.

    Whoever does not hear of it in time goes to the class at the old hour. So a class of this morning that moves to
    next week is told even in quiet hours, though its new start is far.
    """
    return min(before, session.starts_at) if before > now else session.starts_at


# --- looking --------------------------------------------------------------------------------------------------------


def touched(db: Session, session: ClassSession) -> Touched:
    """As `change` and `cancel` would find them now."""
    live = select(Enrolment.status, func.count()).where(Enrolment.session_id == session.id, Enrolment.status.in_(LIVE))
    counts: dict[str, int] = {row[0]: row[1] for row in db.execute(live.group_by(Enrolment.status))}
    listeners = _listeners(session, Enrolment.status.in_(LIVE)).subquery()
    told = db.scalar(select(func.count()).select_from(listeners)) or 0
    waiting = counts.get(EnrolmentStatus.WAITLISTED, 0)
    return Touched(sum(counts.values()) - waiting, waiting, told)


# --- services -------------------------------------------------------------------------------------------------------


def change(
    db: Session,
    session: ClassSession,
    now: datetime,
    *,
    title: str | Keep = KEEP,
    starts_at: datetime | Keep = KEEP,
    minutes: int | Keep = KEEP,
    capacity: int | Keep = KEEP,
    venue: str | Keep = KEEP,
    latitude: float | Keep | None = KEEP,
    longitude: float | Keep | None = KEEP,
    trainer: str | Keep | None = KEEP,
    leads: Sequence[int],
    zone: str,
) -> Changed | Unchanged | SeatsTaken | AlreadyCancelled:
    """Change what is given. A class that moves in time or place announces itself once to everybody enrolled, and its
    reminders follow it.

    `leads` in minutes before the start, `zone` the site's IANA zone, in which the announcement tells the start.
    """
    _lock(db, session)
    if session.cancelled_at is not None:
        return AlreadyCancelled(session)
    if not isinstance(starts_at, Keep):
        starts_at = starts_at.astimezone(UTC)
    given = {
        "title": title,
        "starts_at": starts_at,
        "minutes": minutes,
        "capacity": capacity,
        "venue": venue,
        "latitude": latitude,
        "longitude": longitude,
        "trainer": trainer,
    }
    new = {name: value for name, value in given.items() if value is not KEEP and value != getattr(session, name)}
    if not new:
        return Unchanged(session)
    if not isinstance(capacity, Keep) and capacity < session.seats_taken:
        return SeatsTaken(session, session.seats_taken)
    before = session.starts_at
    for name, value in new.items():
        setattr(session, name, value)
    session.changed_at = now
    told = 0
    moved = not MOVING.isdisjoint(new)
    if moved:
        session.revision += 1
        db.flush()
        _follow(db, session, leads, now)
        told = _announce_move(db, session, before, zone, now)
    db.flush()
    something_due(db)  # an announcement, or a seat more to be offered
    return Changed(session, tuple(new), moved, told)


def lower(
    db: Session, session: ClassSession, now: datetime, *, capacity: int, zone: str
) -> Lowered | SeatsTaken | AlreadyCancelled | AlreadyOver:
    """Make a class smaller than the seats that are taken: offers are taken back, then those who got their seat last go
    to the front of the waitlist, in the order in which they had seats, and are told so.

    SeatsTaken if not enough people can be asked to wait (some are known to have come). `zone` as in `cancel`.
    """
    _lock(db, session)
    if session.cancelled_at is not None:
        return AlreadyCancelled(session)
    if session.starts_at <= now:
        return AlreadyOver(session)
    over = max(0, session.seats_taken - capacity)
    held = select(Enrolment).where(Enrolment.session_id == session.id)
    last = held.order_by(Enrolment.changed_at.desc(), Enrolment.id.desc())
    offered = db.scalars(last.where(Enrolment.status == EnrolmentStatus.OFFERED).limit(over)).all()
    seated = db.scalars(last.where(Enrolment.status == EnrolmentStatus.SEATED).limit(over - len(offered))).all()
    if len(offered) + len(seated) < over:
        return SeatsTaken(session, session.seats_taken)
    told = 0
    if seated:
        # while they still have the seat: after /berhenti only those who hold one are told
        told = outbox.post_to_many(
            db,
            _listeners(session, Enrolment.id.in_([one.id for one in seated])),
            Message(
                "sessions.seat_lost",
                {"title": session.title, "starts": At(session.starts_at, zone)},
                rows([Button("button.other_classes", f"enrolment:classes:{session.site_id}")], [HELP]),
            ),
            kind=Kind.CHANGE,
            once=f"seat_lost:{session.id}:{int(now.timestamp())}",
            now=now,
            site_id=session.site_id,
            session_id=session.id,
            starts_at=session.starts_at,
            not_after=session.starts_at,
        )
    in_line = select(func.min(Enrolment.queue_no)).where(
        Enrolment.session_id == session.id, Enrolment.status.in_((EnrolmentStatus.WAITLISTED, EnrolmentStatus.OFFERED))
    )
    front = db.scalar(in_line)
    before = (session.queue_tail + 1 if front is None else front) - len(seated)
    for place, one in enumerate(reversed(seated)):
        one.queue_no = before + place
    for one in (*offered, *seated):
        one.status, one.changed_at = EnrolmentStatus.WAITLISTED, now
        one.offered_until = one.reply = one.replied_at = None
        kinds = (Kind.OFFER, Kind.REMINDER)
        outbox.drop_waiting(db, "superseded", kinds=kinds, person_id=one.person_id, session_id=session.id)
    if front is None and seated:
        session.queue_tail = max(session.queue_tail, before + len(seated) - 1)
    db.flush()
    db.execute(
        update(ClassSession)
        .where(ClassSession.id == session.id)
        .values(seats_taken=ClassSession.seats_taken - over, capacity=capacity, changed_at=now)
        .execution_options(synchronize_session=False)
    )
    db.refresh(session)
    something_due(db)
    return Lowered(session, len(offered) + len(seated), told)


def cancel(
    db: Session, session: ClassSession, now: datetime, *, zone: str
) -> Cancelled | AlreadyCancelled | AlreadyOver:
    """Call a class off: everybody enrolled loses the seat or the place in the queue and is told so once.

    `zone` is the site's IANA zone, in which the start is told.
    """
    _lock(db, session)
    if session.cancelled_at is not None:
        return AlreadyCancelled(session)
    if session.ends_at <= now:
        return AlreadyOver(session)
    session.cancelled_at = session.changed_at = now
    session.revision += 1
    session.seats_taken = 0
    db.flush()
    outbox.drop_waiting(db, "superseded", kinds=(Kind.REMINDER, Kind.CHANGE, Kind.OFFER), session_id=session.id)
    values: dict[str, Value] = {"title": session.title, "starts": At(session.starts_at, zone)}
    others = Button("button.other_classes", f"enrolment:classes:{session.site_id}")
    message = Message("sessions.cancelled", values, rows([others], [HELP]))
    told = _tell(db, session, Enrolment.status.in_(LIVE), message, heard_by=session.starts_at, now=now)
    db.execute(
        update(Enrolment)
        .where(Enrolment.session_id == session.id, Enrolment.status.in_(LIVE))
        .values(status=EnrolmentStatus.CANCELLED, queue_no=None, offered_until=None, changed_at=now)
    )
    db.execute(
        update(SessionLead)
        .where(SessionLead.session_id == session.id, SessionLead.done_at.is_(None))
        .values(done_at=now)
    )
    something_due(db)
    return Cancelled(session, told)


def _lock(db: Session, session: ClassSession) -> None:
    """See the class as it is now and keep others from taking a seat until the commit."""
    db.flush()
    db.refresh(session, with_for_update=True)


def _follow(db: Session, session: ClassSession, leads: Sequence[int], now: datetime) -> None:
    """What hangs on the date and the place of a class moves with it."""
    date_leads(db, session, leads, now)
    outbox.drop_waiting(db, "superseded", kinds=(Kind.REMINDER, Kind.CHANGE), session_id=session.id)
    db.execute(
        update(Enrolment)
        .where(
            Enrolment.session_id == session.id,
            Enrolment.status == EnrolmentStatus.OFFERED,
            Enrolment.offered_until > session.starts_at,
        )
        .values(offered_until=session.starts_at)
    )
    # "I am coming" was said of the old date
    db.execute(
        update(Enrolment)
        .where(Enrolment.session_id == session.id, Enrolment.reply.is_not(None))
        .where(Enrolment.status.in_(LIVE))
        .values(reply=None, replied_at=None)
    )


def _announce_move(db: Session, session: ClassSession, before: datetime, zone: str, now: datetime) -> int:
    if session.ends_at <= now:
        return 0
    key = "sessions.moved" if before != session.starts_at else "sessions.venue_moved"
    values: dict[str, Value] = {
        "title": session.title,
        "starts": At(session.starts_at, zone),
        "venue": session.venue,
        "before": At(before, zone),
    }
    coming = Button("button.coming", f"reminders:coming:{session.id}")
    not_coming = Button("button.not_coming", f"reminders:not_coming:{session.id}")
    has_place = session.latitude is not None and session.longitude is not None
    place = [Button("button.map", f"reminders:map:{session.id}")] if has_place else []
    by = heard_by(session, before, now)
    asked = Message(
        key, values | {"question": Words("sessions.coming_question")}, rows([coming, not_coming], [*place, HELP])
    )
    told = _tell(db, session, Enrolment.status.in_(HOLDING), asked, heard_by=by, now=now)
    # who waits for a seat cannot promise to come, but may give up waiting
    waiting = Message(key, values | {"question": Words("sessions.still_waiting")}, rows([not_coming], [*place, HELP]))
    return told + _tell(db, session, Enrolment.status == EnrolmentStatus.WAITLISTED, waiting, heard_by=by, now=now)


def _tell(
    db: Session,
    session: ClassSession,
    which: ColumnElement[bool],
    message: Message,
    *,
    heard_by: datetime,
    now: datetime,
) -> int:
    return outbox.post_to_many(
        db,
        _listeners(session, which),
        message,
        kind=Kind.CHANGE,
        once=f"change:{session.id}:{session.revision}",
        now=now,
        site_id=session.site_id,
        session_id=session.id,
        starts_at=heard_by,
        not_after=session.ends_at,
    )


def _listeners(session: ClassSession, which: ColumnElement[bool]) -> Select[int, int, int, str]:
    """Who must hear that the class moved or is off: everybody enrolled who can be written to and agreed to take part.
    After /berhenti only those who hold a seat."""
    return (
        outbox.recipients()
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(Enrolment.session_id == session.id, which, Person.consent_training)
        .where(Account.blocked_at.is_(None))
        .where(or_(Account.stopped_at.is_(None), Enrolment.status.in_(HOLDING)))
    )

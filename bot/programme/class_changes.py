"""Changes to a class: it moves, it changes, it is cancelled; and everything that depends on it follows.

Seats, offers, reminders and announcements change in the same commit as the class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Final

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from bot.actions.buttons import HELP
from bot.actions.enrolment import AcceptOffer, DeclineOffer, GetCalendar, SeeClasses
from bot.actions.reminders import SayComing, SayNotComing, SeeMap
from bot.database import something_due
from bot.delivery import outbox
from bot.people.quiet_hours import Kind
from bot.programme import attendance, class_details, enrolment
from bot.programme.class_details import Details
from bot.programme.class_telling import listeners, number_of_listeners, tell
from bot.programme.enrolment import LIVE, Enrolment, EnrolmentStatus
from bot.programme.sessions import REASONS, ClassSession, SessionLead, date_leads
from bot.words.message import At, Button, Message, Value, Words, rows

# --- outcomes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Changed:
    """The class was changed. `fields`: the names of the changed fields. `moved`: in time or place; `told`: how many
    people are told. `offers`: how many people on the waitlist are offered a seat now."""

    session: ClassSession
    fields: tuple[str, ...]
    moved: bool
    told: int
    offers: int = 0


@dataclass(frozen=True)
class Unchanged:
    session: ClassSession


@dataclass(frozen=True)
class SeatsTaken:
    """The capacity cannot be less than the `taken` seats. Nothing was changed."""

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
    """The class has fewer seats. `waiting`: how many people who had (or were offered) a seat are on the waitlist now;
    `told`: how many of them hear of it."""

    session: ClassSession
    waiting: int
    told: int


@dataclass(frozen=True)
class Touched:
    """The people whom a change of the class concerns: with a seat, with an offer of one, on the waitlist, and how many
    of all of them can be told."""

    seats: int
    offered: int
    waiting: int
    told: int


# --- decisions ------------------------------------------------------------------------------------------------------

MOVING: Final = frozenset({"starts_at", "venue", "latitude", "longitude"})
"""Fields whose change people must be told: when and where to be."""


class Keep(Enum):
    """Means "leave this as it is": None is a value of its own for fields that may be empty."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP
"""The value of `Keep`: the field of the class stays as it is."""


def heard_by(session: ClassSession, before: datetime, now: datetime) -> datetime:
    """Returns the moment by which people must know that the class moved: its old or its new start, whichever comes
    next. `before` is the old start.

    People who do not hear of it in time go to the class at the old hour. So if a class of this morning moves to next
    week, people are told even in quiet hours, though the new start is far.
    """
    return min(before, session.starts_at) if before > now else session.starts_at


# --- looking --------------------------------------------------------------------------------------------------------


def touched(db: Session, session: ClassSession) -> Touched:
    """Counts the people whom `change` and `cancel` would concern now."""
    counts = enrolment.counts(db, session)
    told = number_of_listeners(db, session, LIVE)
    seats = counts[EnrolmentStatus.SEATED]
    return Touched(seats, counts[EnrolmentStatus.OFFERED], counts[EnrolmentStatus.WAITLISTED], told)


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
    contact: str | Keep | None = KEEP,
    tell_details: bool = False,
    leads: Sequence[int],
    zone: str,
) -> Changed | Unchanged | SeatsTaken | AlreadyCancelled:
    """Changes what is given of a class. If its time or place changes, everybody enrolled is told once, and its
    reminders are given new dates. If it takes longer or ends earlier, those with a seat are told; of another title,
    trainer or contact they are if `tell_details`.

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
        "contact": contact,
    }
    new = {name: value for name, value in given.items() if value is not KEEP and value != getattr(session, name)}
    if not new:
        return Unchanged(session)
    if not isinstance(capacity, Keep) and capacity < session.seats_taken:
        enrolment.end(db, session)  # a seat that somebody gave back a moment ago is in nobody's way
        if capacity < session.seats_taken:
            return SeatsTaken(session, session.seats_taken)
    before = session.starts_at
    details = class_details.to_tell(db, session, new, tell=tell_details)
    for name, value in new.items():
        setattr(session, name, value)
    session.changed_at = now
    told = 0
    moved = not MOVING.isdisjoint(new)
    if moved:
        session.revision += 1
        session.moved_at = now
        db.flush()
        _follow(db, session, leads, now)
        told = _announce_move(db, session, before, zone, now, details)
    elif not new.keys().isdisjoint(class_details.DETAILS):
        session.edits += 1
        db.flush()
        told = class_details.announce(db, session, details, zone, now)
    db.flush()
    something_due(db)  # an announcement, or a seat more to be offered
    offers = enrolment.offers_to_come(db, session, now) if "capacity" in new else 0
    return Changed(session, tuple(new), moved, told, offers)


def lower(
    db: Session, session: ClassSession, now: datetime, *, capacity: int, zone: str
) -> Lowered | SeatsTaken | AlreadyCancelled | AlreadyOver:
    """Makes a class smaller than the seats that are taken: offers are taken back, then those who got their seat last go
    to the front of the waitlist, in the order in which they had seats, and are told so.

    SeatsTaken if not enough people can be asked to wait (some are known to have come). `zone` as in `cancel`.
    """
    _lock(db, session)
    if session.cancelled_at is not None:
        return AlreadyCancelled(session)
    if session.starts_at <= now:
        return AlreadyOver(session)
    enrolment.end(db, session)
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
            listeners(session, Enrolment.id.in_([one.id for one in seated])),
            Message(
                "sessions.seat_lost",
                {"title": session.title, "starts": At(session.starts_at, zone)},
                rows([Button("button.other_classes", SeeClasses(session.site_id))], [HELP]),
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
        one.offered_until = one.reply = one.replied_at = one.late_at = None
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
    db: Session,
    session: ClassSession,
    now: datetime,
    *,
    zone: str,
    why: str | None = None,
    because: str | None = None,
) -> Cancelled | AlreadyCancelled | AlreadyOver:
    """Calls a class off: everybody enrolled loses the seat or the place in the queue and is told so once, with the
    reason: one of REASONS (`why`), or words (`because`).

    `zone` is the site's IANA zone, in which the start is told.
    """
    _lock(db, session)
    if session.cancelled_at is not None:
        return AlreadyCancelled(session)
    if session.ends_at <= now:
        return AlreadyOver(session)
    enrolment.end(db, session)
    attendance.forget_scans(db, session)
    session.cancelled_at = session.changed_at = now
    session.cancelled_why, session.cancelled_because = why, because
    session.revision += 1
    session.seats_taken = 0
    db.flush()
    outbox.drop_waiting(db, "superseded", kinds=(Kind.REMINDER, Kind.CHANGE, Kind.OFFER), session_id=session.id)
    values: dict[str, Value] = {"title": session.title, "starts": At(session.starts_at, zone)}
    reason = reason_of(session)
    key = "sessions.cancelled" if reason is None else "sessions.cancelled_why"
    values |= {"reason": reason} if reason is not None else {}
    others = Button("button.other_classes", SeeClasses(session.site_id))
    seated = Enrolment.status == EnrolmentStatus.SEATED
    gone = Button("enrolment.button.calendar_gone", GetCalendar(session.id))
    message = Message(key, values, rows([gone], [others], [HELP]))
    told = tell(db, session, seated, message, heard_by=session.starts_at, now=now)
    message = Message(key, values, rows([others], [HELP]))
    told += tell(db, session, Enrolment.status.in_(LIVE) & ~seated, message, heard_by=session.starts_at, now=now)
    attendance.tell_cancelled(db, session, now, zone=zone)
    db.execute(
        update(Enrolment)
        .where(Enrolment.session_id == session.id, Enrolment.status.in_(LIVE))
        .values(before_cancel=Enrolment.status, status=EnrolmentStatus.CANCELLED, offered_until=None, late_at=None)
        .values(changed_at=now)
    )
    db.execute(
        update(SessionLead)
        .where(SessionLead.session_id == session.id, SessionLead.done_at.is_(None))
        .values(done_at=now)
    )
    something_due(db)
    return Cancelled(session, told)


def reason_of(session: ClassSession) -> Value:
    """Returns why the class was cancelled, as people read it; None if no reason was given."""
    if session.cancelled_because:
        return session.cancelled_because
    return Words(f"sessions.reason.{session.cancelled_why}") if session.cancelled_why in REASONS else None


def _lock(db: Session, session: ClassSession) -> None:
    """Reads the class as it is now and keeps others from taking a seat until the commit."""
    db.flush()
    db.refresh(session, with_for_update=True)


def _follow(db: Session, session: ClassSession, leads: Sequence[int], now: datetime) -> None:
    """Moves everything that depends on the date and the place of a class."""
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
    # "I am coming", and "I come late", were said of the old date
    db.execute(
        update(Enrolment)
        .where(Enrolment.session_id == session.id, or_(Enrolment.reply.is_not(None), Enrolment.late_at.is_not(None)))
        .where(Enrolment.status.in_(LIVE))
        .values(reply=None, replied_at=None, late_at=None)
    )


def _announce_move(
    db: Session, session: ClassSession, before: datetime, zone: str, now: datetime, details: Details | None
) -> int:
    """Tells everybody enrolled of the new time or place, and with it of what else changed (`details`)."""
    if session.ends_at <= now:
        return 0
    key = "sessions.moved" if before != session.starts_at else "sessions.venue_moved"
    values: dict[str, Value] = {
        "title": session.title,
        "starts": At(session.starts_at, zone),
        "venue": session.venue,
        "before": At(before, zone),
    }
    coming = Button("button.coming", SayComing(session.id, version=session.revision))
    not_coming = Button("button.not_coming", SayNotComing(session.id, version=session.revision))
    place = [Button("button.map", SeeMap(session.id))] if session.has_pin else []
    by = heard_by(session, before, now)
    calendar = Button("enrolment.button.calendar_new", GetCalendar(session.id))
    asked = Message(
        key,
        values | {"question": class_details.beside(Words("sessions.coming_question"), details, session, zone)},
        rows([coming, not_coming], [*place, calendar], [HELP]),
    )
    told = tell(db, session, Enrolment.status == EnrolmentStatus.SEATED, asked, heard_by=by, now=now)
    # an offer was made for the old date: it still stands, and is answered here
    take = Button("enrolment.button.accept", AcceptOffer(session.id))
    decline = Button("enrolment.button.decline", DeclineOffer(session.id))
    offered = Message(
        key,
        values | {"question": class_details.beside(Words("sessions.still_offered"), details, session, zone)},
        rows([take, decline], [*place, HELP]),
    )
    told += tell(db, session, Enrolment.status == EnrolmentStatus.OFFERED, offered, heard_by=by, now=now)
    # who waits for a seat cannot promise to come, but may give up waiting
    stays = class_details.beside(Words("sessions.still_waiting"), details, session, zone)
    waiting = Message(key, values | {"question": stays}, rows([not_coming], [*place, HELP]))
    return told + tell(db, session, Enrolment.status == EnrolmentStatus.WAITLISTED, waiting, heard_by=by, now=now)

"""Classes with a date ("session" in the code; SQLAlchemy's session is `db`): the programme's calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot import outbox
from bot.database import Base, BigId, something_due
from bot.messages import At, Button, Called, Message, Value, Words, rows
from bot.programme.people import Account, Person
from bot.programme.quiet_hours import Kind


class ClassSession(Base):
    """A class: one site, one start (UTC), a number of seats. Its `code` names it in the tables staff import."""

    __tablename__ = "session"
    __table_args__ = (
        CheckConstraint("seats_taken >= 0 AND seats_taken <= capacity", name="seats"),
        CheckConstraint("capacity > 0 AND minutes > 0", name="size"),
        Index("ix_session_site_starts", "site_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    site_id: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(120))
    starts_at: Mapped[datetime] = mapped_column(index=True)
    minutes: Mapped[int] = mapped_column(SmallInteger)
    capacity: Mapped[int] = mapped_column(SmallInteger)
    seats_taken: Mapped[int] = mapped_column(SmallInteger, default=0)
    """Seated people and held offers; only conditional UPDATEs change it (I3)."""
    queue_tail: Mapped[int] = mapped_column(default=0)
    """The last number given out on the waitlist."""
    venue: Mapped[str] = mapped_column(String(160))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    trainer: Mapped[str | None] = mapped_column(String(80))
    revision: Mapped[int] = mapped_column(default=1)
    """Rises whenever the class moves in time or place: each revision is reminded of and announced by itself."""
    changed_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


class SessionLead(Base):
    """One reminder of one class: due `lead_minutes` before the start. Re-dated when the class moves."""

    __tablename__ = "session_lead"
    __table_args__ = (UniqueConstraint("session_id", "lead_minutes"), Index("ix_session_lead_due", "done_at", "due_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"))
    lead_minutes: Mapped[int]
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


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


# --- services -------------------------------------------------------------------------------------------------------


def upcoming(db: Session, site_id: str, now: datetime) -> list[ClassSession]:
    """The classes of a site that have not begun and are not cancelled, the next one first."""
    query = (
        select(ClassSession)
        .where(ClassSession.site_id == site_id, ClassSession.starts_at > now, ClassSession.cancelled_at.is_(None))
        .order_by(ClassSession.starts_at, ClassSession.id)
    )
    return list(db.scalars(query))


def find(db: Session, code: str) -> ClassSession | None:
    """The class that staff call `code`."""
    return db.scalar(select(ClassSession).where(ClassSession.code == code))


def get(db: Session, session_id: int) -> ClassSession | None:
    return db.get(ClassSession, session_id)


def create(
    db: Session,
    now: datetime,
    *,
    code: str,
    site_id: str,
    title: str,
    starts_at: datetime,
    minutes: int,
    capacity: int,
    venue: str,
    latitude: float | None = None,
    longitude: float | None = None,
    trainer: str | None = None,
    leads: Sequence[int],
) -> ClassSession:
    """Put a class into the calendar. `leads`: minutes before the start at which its reminders are due.

    Raises ValueError if another class has this code.
    """
    if find(db, code) is not None:
        raise ValueError(f"there is a class '{code}' already")
    session = ClassSession(
        code=code,
        site_id=site_id,
        title=title,
        starts_at=starts_at.astimezone(UTC),
        minutes=minutes,
        capacity=capacity,
        seats_taken=0,
        queue_tail=0,
        venue=venue,
        latitude=latitude,
        longitude=longitude,
        trainer=trainer,
        revision=1,
        changed_at=now,
    )
    db.add(session)
    db.flush()
    date_leads(db, session, leads, now)
    return session


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


def cancel(
    db: Session, session: ClassSession, now: datetime, *, zone: str
) -> Cancelled | AlreadyCancelled | AlreadyOver:
    """Call a class off: everybody enrolled loses the seat or the place in the queue and is told so once.

    `zone` is the site's IANA zone, in which the start is told.
    """
    from bot.programme.enrolment import Enrolment, EnrolmentStatus  # here, because enrolment builds on this module

    _lock(db, session)
    if session.cancelled_at is not None:
        return AlreadyCancelled(session)
    if session.ends_at <= now:
        return AlreadyOver(session)
    listeners = _listeners(db, session)
    session.cancelled_at = session.changed_at = now
    session.revision += 1
    session.seats_taken = 0
    db.flush()
    db.execute(
        update(Enrolment)
        .where(Enrolment.session_id == session.id, Enrolment.status.in_(_enrolled()))
        .values(status=EnrolmentStatus.CANCELLED, queue_no=None, offered_until=None, changed_at=now)
    )
    db.execute(
        update(SessionLead)
        .where(SessionLead.session_id == session.id, SessionLead.done_at.is_(None))
        .values(done_at=now)
    )
    outbox.drop_waiting(db, "superseded", kinds=(Kind.REMINDER, Kind.CHANGE, Kind.OFFER), session_id=session.id)
    starts = At(session.starts_at, zone)
    buttons = rows([Button("button.other_classes", f"enrolment:classes:{session.site_id}")], [HELP])
    told = _tell(
        db,
        session,
        [
            (
                one,
                Message(
                    "sessions.cancelled", {"called": one.called, "title": session.title, "starts": starts}, buttons
                ),
            )
            for one in listeners
        ],
        heard_by=session.starts_at,
        now=now,
    )
    something_due(db)
    return Cancelled(session, told)


def date_leads(db: Session, session: ClassSession, leads: Sequence[int], now: datetime) -> None:
    """Make the reminders of a class those of `leads` (minutes before the start), each due at its moment.

    Whatever is due in the past is done: who enrols late, or hears now that the class moved, needs no reminder that
    should have come before. What is due ahead comes, also when an earlier date of the class was reminded of.
    """
    known = {lead.lead_minutes: lead for lead in db.scalars(select(SessionLead).filter_by(session_id=session.id))}
    for minutes in leads:
        if (lead := known.pop(minutes, None)) is None:
            lead = SessionLead(session_id=session.id, lead_minutes=minutes)
            db.add(lead)
        lead.due_at = session.starts_at - timedelta(minutes=minutes)
        lead.done_at = None if lead.due_at > now else lead.done_at or now
    for lead in known.values():
        db.delete(lead)
    db.flush()


def _lock(db: Session, session: ClassSession) -> None:
    """See the class as it is now and keep others from taking a seat until the commit."""
    db.flush()
    db.refresh(session, with_for_update=True)


def _follow(db: Session, session: ClassSession, leads: Sequence[int], now: datetime) -> None:
    """What hangs on the date and the place of a class moves with it."""
    from bot.programme.enrolment import Enrolment, EnrolmentStatus

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
        .where(Enrolment.status.in_(_enrolled()))
        .values(reply=None, replied_at=None)
    )


def _announce_move(db: Session, session: ClassSession, before: datetime, zone: str, now: datetime) -> int:
    if session.ends_at <= now:
        return 0
    values: dict[str, Value] = {
        "title": session.title,
        "starts": At(session.starts_at, zone),
        "venue": session.venue,
        "before": At(before, zone),
    }
    key = "sessions.moved" if before != session.starts_at else "sessions.venue_moved"
    coming = Button("button.coming", f"reminders:coming:{session.id}")
    not_coming = Button("button.not_coming", f"reminders:not_coming:{session.id}")
    has_place = session.latitude is not None and session.longitude is not None
    place = [Button("button.map", f"reminders:map:{session.id}")] if has_place else []
    said: list[tuple[_Listener, Message]] = []
    for one in _listeners(db, session):
        # who waits for a seat cannot promise to come, but may give up waiting
        question = Words("sessions.coming_question" if one.has_seat else "sessions.still_waiting")
        answers = [coming, not_coming] if one.has_seat else [not_coming]
        message = Message(key, values | {"called": one.called, "question": question}, rows(answers, [*place, HELP]))
        said.append((one, message))
    return _tell(db, session, said, heard_by=heard_by(session, before, now), now=now)


@dataclass(frozen=True)
class _Listener:
    person_id: int
    account_id: int
    chat_id: int
    language: str
    called: Called
    has_seat: bool


def _enrolled() -> tuple[str, ...]:
    from bot.programme.enrolment import EnrolmentStatus

    return EnrolmentStatus.SEATED, EnrolmentStatus.OFFERED, EnrolmentStatus.WAITLISTED


def _listeners(db: Session, session: ClassSession) -> list[_Listener]:
    """Who must hear that the class moved or is off: everybody enrolled who can be written to and agreed to take part.
    After /berhenti only those who hold a seat."""
    from bot.programme.enrolment import Enrolment, EnrolmentStatus

    has_seat = Enrolment.status != EnrolmentStatus.WAITLISTED
    query = (
        select(
            Person.id, Account.id, Account.telegram_id, Account.language, Person.salutation, Person.name,
            Enrolment.status,
        )
        .select_from(Enrolment)
        .join(Person, Person.id == Enrolment.person_id)
        .join(Account, Account.id == Person.account_id)
        .where(Enrolment.session_id == session.id, Enrolment.status.in_(_enrolled()))
        .where(Person.consent_training, Account.blocked_at.is_(None), or_(Account.stopped_at.is_(None), has_seat))
        .order_by(Enrolment.id)
    )  # fmt: skip
    return [
        _Listener(
            person_id, account_id, chat_id, language, Called(salutation, name), status != EnrolmentStatus.WAITLISTED
        )
        for person_id, account_id, chat_id, language, salutation, name, status in db.execute(query)
    ]


def _tell(
    db: Session,
    session: ClassSession,
    said: Sequence[tuple[_Listener, Message]],
    *,
    heard_by: datetime,
    now: datetime,
) -> int:
    posts = [
        outbox.Post(
            one.account_id,
            one.chat_id,
            one.language,
            message,
            Kind.CHANGE,
            person_id=one.person_id,
            site_id=session.site_id,
            session_id=session.id,
            starts_at=heard_by,
            once=f"change:{session.id}:{session.revision}:{one.person_id}",
            not_after=session.ends_at,
        )
        for one, message in said
    ]
    return outbox.post_all(db, posts, now=now)

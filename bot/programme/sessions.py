"""Classes with a date ("session" in the code; SQLAlchemy's session is `db`): the programme's calendar."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Final

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.capability import CapabilityData
from bot.database import Base, BigId, something_due

REASONS: Final = ("trainer", "venue", "few", "weather")
"""The reasons for which a class can be cancelled that are picked and not written."""


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
    """Seats in the states enrolment.TAKEN: held by somebody, or offered; only conditional UPDATEs change it (I3)."""
    queue_tail: Mapped[int] = mapped_column(default=0)
    """The last number given out on the waitlist."""
    venue: Mapped[str] = mapped_column(String(160))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    trainer: Mapped[str | None] = mapped_column(String(80))
    contact: Mapped[str | None] = mapped_column(String(80))
    """Whom people of this class ask, as the trainer wrote it: a name, a number. Empty: the contact of the site."""
    revision: Mapped[int] = mapped_column(default=1)
    """Rises whenever the class moves in time or place: each revision has its own reminders and its own announcement."""
    moved_at: Mapped[datetime | None]
    """When the revision rose last; empty while it is the first."""
    edits: Mapped[int] = mapped_column(default=0, server_default="0")
    """Rises whenever what is written about the class changes (title, length, trainer, contact) and it does not move."""
    changed_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    cancelled_why: Mapped[str | None] = mapped_column(String(10))
    """The code of the reason that was picked (of REASONS); empty: none was, or it was written."""
    cancelled_because: Mapped[str | None] = mapped_column(String(200))
    """The reason in the words of whoever cancelled the class."""
    restored_at: Mapped[datetime | None]
    """When it was last put back into the calendar after it had been cancelled."""

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def has_pin(self) -> bool:
        """Whether a map can be shown of where it is."""
        return self.latitude is not None and self.longitude is not None


class SessionLead(Base):
    """One reminder of one class: due `lead_minutes` before the start. Re-dated when the class moves."""

    __tablename__ = "session_lead"
    __table_args__ = (UniqueConstraint("session_id", "lead_minutes"), Index("ix_session_lead_due", "done_at", "due_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"))
    lead_minutes: Mapped[int]
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


# --- services -------------------------------------------------------------------------------------------------------


def upcoming(
    db: Session, site_id: str, now: datetime, *, first: int = 0, limit: int | None = None
) -> list[ClassSession]:
    """Returns the classes of a site that have not begun and are not cancelled, the next one first; at most `limit` of
    them, from number `first` on (0 is the next one)."""
    query = (
        select(ClassSession)
        .where(ClassSession.site_id == site_id, ClassSession.starts_at > now, ClassSession.cancelled_at.is_(None))
        .order_by(ClassSession.starts_at, ClassSession.id)
        .offset(first)
        .limit(limit)
    )
    return list(db.scalars(query))


def of_sites(
    db: Session, site_ids: Iterable[str], since: datetime, *, cancelled_since: datetime | None = None
) -> list[ClassSession]:
    """Returns the classes of these sites that begin after `since` and are not cancelled, in order; with
    `cancelled_since` those, too, that were cancelled after that moment."""
    standing = ClassSession.cancelled_at.is_(None)
    query = (
        select(ClassSession)
        .where(ClassSession.site_id.in_(sorted(site_ids)), ClassSession.starts_at > since)
        .where(standing if cancelled_since is None else standing | (ClassSession.cancelled_at > cancelled_since))
        .order_by(ClassSession.starts_at, ClassSession.id)
    )
    return list(db.scalars(query))


def last_venue(db: Session, site_id: str) -> ClassSession | None:
    """Returns the class of the site that was put into the calendar last: the next one is often in the same place."""
    query = select(ClassSession).where(ClassSession.site_id == site_id).order_by(ClassSession.id.desc()).limit(1)
    return db.scalars(query).one_or_none()


def free_code(db: Session, site_id: str, day: date) -> str:
    """Returns a code for a class that is made in the chat: its site and day, and a number if there are several."""
    stem = code_stem(site_id, day)
    return next_code(stem, codes_beginning(db, stem))


def code_stem(site_id: str, day: date) -> str:
    """Returns how the codes of classes begin that nobody gave a code: with their site and day."""
    return f"{site_id[:28]}-{day:%y%m%d}"


def codes_beginning(db: Session, stem: str) -> set[str]:
    return set(db.scalars(select(ClassSession.code).where(ClassSession.code.startswith(stem, autoescape=True))))


def next_code(stem: str, taken: Collection[str]) -> str:
    """Returns the stem, or the first of its numbers from 2 on that makes a code nobody has."""
    return next(code for number in count(1) if (code := stem if number == 1 else f"{stem}-{number}") not in taken)


def find(db: Session, code: str) -> ClassSession | None:
    """Returns the class that staff call `code`."""
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
    """Puts a class into the calendar. `leads`: minutes before the start at which its reminders are due.

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
        edits=0,
        changed_at=now,
    )
    db.add(session)
    db.flush()
    date_leads(db, session, leads, now)
    something_due(db)  # somebody may wait for a class at this site
    return session


def date_leads(db: Session, session: ClassSession, leads: Sequence[int], now: datetime) -> None:
    """Makes the reminders of a class those of `leads` (minutes before the start), each due at its moment.

    Moments in the past count as done: people who enrol late, or hear now that the class moved, need no reminder that
    should have come before. Moments ahead are due, also if people were reminded of an earlier date of the class.
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


# --- what it owes -----------------------------------------------------------------------------------------------------


_PUBLIC: Final = "What the programme announces about a class, trainer included; everybody can see it."

DATA: Final = CapabilityData(
    "sessions",
    tables=(ClassSession, SessionLead),
    stays=dict.fromkeys(
        (
            *("session.code", "session.title", "session.venue", "session.trainer", "session.contact"),
            "session.cancelled_because",
        ),
        _PUBLIC,
    ),
)

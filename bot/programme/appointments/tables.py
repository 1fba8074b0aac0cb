"""The tables of appointments: times that mentors offer, the quarters of an hour that are promised, and appointments."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base, BigId, partial_index

QUARTER: Final = timedelta(minutes=15)
"""Times begin and end on a quarter of an hour."""
PLACE_LETTERS: Final = 120


class SlotState(StrEnum):
    OPEN = "open"
    BOOKED = "booked"


class State(StrEnum):
    BOOKED = "booked"
    OVER = "over"
    """Its time has passed, and nobody has said whether they met."""
    MET = "met"
    MISSED = "missed"
    OFF = "off"
    """Called off by one of the two."""


class OffBy(StrEnum):
    """Who called it off, or why it is off."""

    PERSON = "person"
    MENTOR = "mentor"
    ROLE = "role"
    """The mentor is none any more at this site."""
    ERASED = "erased"
    FROZEN = "frozen"


class Slot(Base):
    """A time that a mentor offers. It is deleted once it has passed, or is offered no more."""

    __tablename__ = "slot"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    site_id: Mapped[str] = mapped_column(String(40))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(8))
    place: Mapped[str | None] = mapped_column(String(PLACE_LETTERS))
    """Where the office is."""
    state: Mapped[str] = mapped_column(String(8))
    opened_at: Mapped[datetime]
    kept_until: Mapped[datetime | None]
    """Until when it is offered to nobody, because who gave it up may still take it back."""

    __table_args__ = (Index("ix_slot_account", "account_id", "starts_at"),)


partial_index("ix_slot_open", Slot.site_id, Slot.starts_at, Slot.kind, of="state = 'open'")


class SlotQuarter(Base):
    """A quarter of an hour that a mentor has promised: so no two of their times overlap, on either database."""

    __tablename__ = "slot_quarter"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    quarter: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The number of the quarter of an hour since 1970."""
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id", ondelete="CASCADE"), index=True)


class Appointment(Base):
    """One person and one mentor meet at a time."""

    __tablename__ = "appointment"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id", ondelete="SET NULL"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    """The mentor."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    """Empty once the person was erased."""
    site_id: Mapped[str] = mapped_column(String(40))
    zone: Mapped[str] = mapped_column(String(40))
    """The site's zone (IANA), in which the two are told of it."""
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    """The question from which it came."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(8))
    place: Mapped[str | None] = mapped_column(String(PLACE_LETTERS))
    """Where the mentor's office is."""
    address: Mapped[str | None] = mapped_column(String(PLACE_LETTERS))
    """Where the business is, or the number to call: emptied the day after."""
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    state: Mapped[str] = mapped_column(String(8))
    by_mentor: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether the mentor booked it."""
    booked_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)
    """Counts every change: buttons carry it, and calendars tell the newer file by it."""
    coming_at: Mapped[datetime | None]
    """When the person said that they will be there."""
    ended_at: Mapped[datetime | None]
    """When it was called off, or said whether they met."""
    off_by: Mapped[str | None] = mapped_column(String(8))
    next_at: Mapped[datetime | None]
    """When the clock has something to do with it."""


partial_index("ix_appointment_next", Appointment.next_at, of="next_at IS NOT NULL")
partial_index("ix_appointment_mentor", Appointment.account_id, Appointment.starts_at, of="account_id IS NOT NULL")
partial_index("ix_appointment_ticket", Appointment.ticket_id, of="ticket_id IS NOT NULL")
for _name, _column in (("uq_appointment_person", Appointment.person_id), ("uq_appointment_slot", Appointment.slot_id)):
    Index(_name, _column, unique=True, sqlite_where=text("state = 'booked'"), postgresql_where=text("state = 'booked'"))

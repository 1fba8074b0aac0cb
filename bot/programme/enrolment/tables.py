"""The tables of seats and waitlists, and what each state means."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base, BigId, constant, partial_index
from bot.programme.sessions import ClassSession


class EnrolmentStatus(StrEnum):
    SEATED = "seated"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    """A seat is held for this person until `offered_until`; it counts as taken."""
    LAPSED = "lapsed"
    """The offer ran out unanswered."""
    WITHDRAWN = "withdrawn"
    """The person gave it up."""
    CANCELLED = "cancelled"
    """We cancelled the class."""
    ATTENDED = "attended"
    ABSENT = "absent"
    UNRECORDED = "unrecorded"
    """The list was closed, and nothing was recorded of the person."""
    GUEST = "guest"
    """The person was in the class without a seat: it was full, and a trainer let them in."""


HOLDING: Final = (EnrolmentStatus.SEATED, EnrolmentStatus.OFFERED)
SETTLED: Final = (EnrolmentStatus.ATTENDED, EnrolmentStatus.ABSENT, EnrolmentStatus.UNRECORDED)
"""The states of a seat once the list of the class is closed."""
SEATS: Final = (EnrolmentStatus.SEATED, *SETTLED)
"""The states in which the person has a seat, or had one when the class was over."""
TAKEN: Final = (*SEATS, EnrolmentStatus.OFFERED)
"""The states that a class's `seats_taken` counts. A seat stays taken also when it is known whether its person came."""
ON_LIST: Final = (*TAKEN, EnrolmentStatus.GUEST)
"""The states of people who are on the list of names of a class; guests hold none of its seats."""
CAME: Final = (EnrolmentStatus.ATTENDED, EnrolmentStatus.GUEST)
"""The states of people who were in a class that is over."""
LIVE: Final = (EnrolmentStatus.SEATED, EnrolmentStatus.OFFERED, EnrolmentStatus.WAITLISTED)


class Enrolment(Base):
    """One person and one class. If the person comes back after leaving, the row is used again, and they are at the end
    of the waitlist."""

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
    """How the person answered the reminder: "coming"."""
    replied_at: Mapped[datetime | None]
    late_at: Mapped[datetime | None]
    """When the person said that they come late; emptied when they are there, and when the class moves or is over."""
    from_waitlist_at: Mapped[datetime | None]
    """When the person got the seat after waiting for it; empty if they got one at once."""
    instead_of: Mapped[int | None] = mapped_column(BigId)
    """While the person waits or is offered a seat: the class whose seat they give back when they get this one."""
    before_cancel: Mapped[str | None] = mapped_column(String(10))
    """What the enrolment was when the class was cancelled: it is that again if the class takes place after all."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class KeptSeat(Base):
    """What a person gave up a moment ago, as it was. Until `until` they can take it back, and nobody else gets it."""

    __tablename__ = "kept_seat"
    __table_args__ = (UniqueConstraint("session_id", "person_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    given_up_at: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(index=True)
    holds: Mapped[bool]
    """Whether a seat, or the offer of one, is kept, which counts as taken; otherwise a place on the waitlist."""
    taken_id: Mapped[int | None] = mapped_column(ForeignKey("session.id"))
    """The class in which the person took a seat instead."""
    status: Mapped[str] = mapped_column(String(10))
    queue_no: Mapped[int | None]
    offered_until: Mapped[datetime | None]
    reply: Mapped[str | None] = mapped_column(String(10))
    replied_at: Mapped[datetime | None]
    from_waitlist_at: Mapped[datetime | None]
    instead_of: Mapped[int | None] = mapped_column(BigId)

    @property
    def version(self) -> int:
        """Tells this giving-up from every other of the same person and class."""
        return int(self.given_up_at.timestamp())


ENROLMENT: Final = Base.metadata.tables[Enrolment.__tablename__]
SESSION: Final = Base.metadata.tables[ClassSession.__tablename__]
partial_index("ix_enrolment_offered", Enrolment.offered_until, of="status = 'offered'")
OFFERED: Final = Enrolment.status == constant(EnrolmentStatus.OFFERED)
"""The condition "is offered a seat", written so that the database uses the partial index of such rows."""

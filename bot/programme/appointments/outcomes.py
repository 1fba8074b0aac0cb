"""What the functions of appointments return."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.programme.appointments.tables import Appointment
from bot.programme.sessions import ClassSession


@dataclass(frozen=True)
class Offered:
    """So many times were offered; `overlapping`: so many were left out, because another time is promised then."""

    n: int
    overlapping: int
    at: datetime


@dataclass(frozen=True)
class Booked:
    appointment: Appointment


@dataclass(frozen=True)
class Moved:
    appointment: Appointment
    before: datetime


@dataclass(frozen=True)
class HasOne:
    """The person has an appointment already: one at a time."""

    appointment: Appointment


@dataclass(frozen=True)
class TooMany:
    """The person booked so many within a month already; a mentor may still book one."""

    most: int


@dataclass(frozen=True)
class NotYet:
    """The person missed two: until then only a mentor may book for them."""

    until: datetime


@dataclass(frozen=True)
class Clash:
    """The person has a seat in this class at that hour."""

    session: ClassSession


@dataclass(frozen=True)
class Gone:
    """The time is not free (any more)."""


@dataclass(frozen=True)
class Own:
    """The time is of the person's own phone."""


@dataclass(frozen=True)
class Unreachable:
    """The person cannot be written to, or has agreed to nothing of this."""


@dataclass(frozen=True)
class Stale:
    """The appointment is another by now: as it was shown it exists no more."""

    appointment: Appointment


@dataclass(frozen=True)
class CalledOff:
    """`until`: so long the person can take it back; None: the time is gone."""

    appointment: Appointment
    until: datetime | None


@dataclass(frozen=True)
class Marked:
    appointment: Appointment


@dataclass(frozen=True)
class NotBegun:
    """Nobody can have met yet."""

    appointment: Appointment

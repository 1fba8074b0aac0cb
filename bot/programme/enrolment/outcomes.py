"""What the functions about seats return."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.programme.sessions import ClassSession


@dataclass(frozen=True)
class Seated:
    session: ClassSession


@dataclass(frozen=True)
class Moved:
    """`undo_until`: until when the old seat is kept for the person; None: it was given to others at once."""

    session: ClassSession
    left: ClassSession
    undo_until: datetime | None = None


@dataclass(frozen=True)
class Waitlisted:
    """The person is on the waitlist, at `place` (from 1). `instead_of`: the class in which the person keeps a seat
    until they get one here."""

    session: ClassSession
    place: int
    instead_of: ClassSession | None = None


@dataclass(frozen=True)
class AlreadySeated:
    session: ClassSession


@dataclass(frozen=True)
class AlreadyWaiting:
    session: ClassSession


@dataclass(frozen=True)
class Clash:
    """The person holds a seat in another class at the same time."""

    session: ClassSession
    other: ClassSession


@dataclass(frozen=True)
class Full:
    """There is no free seat, and the caller did not say that the person would wait for one. Nothing was changed."""

    session: ClassSession


@dataclass(frozen=True)
class Begun:
    session: ClassSession


@dataclass(frozen=True)
class Cancelled:
    session: ClassSession


@dataclass(frozen=True)
class Unknown:
    """There is no such class."""


@dataclass(frozen=True)
class Withdrawn:
    """`undo_until`: until when what was given up is kept for the person; None: it went to others at once."""

    session: ClassSession
    undo_until: datetime | None = None


@dataclass(frozen=True)
class NotEnrolled:
    session: ClassSession


@dataclass(frozen=True)
class OfferGone:
    """The offer has ended, or in the last hour somebody else took the seat first."""

    session: ClassSession


@dataclass(frozen=True)
class TakenBack:
    """The person has again what they gave up, as it was. `left`: the class in which they had taken a seat instead, and
    gave it back now."""

    session: ClassSession
    left: ClassSession | None


@dataclass(frozen=True)
class StillTheirs:
    """There is nothing to take back: the person did so before, or never gave the seat up."""

    session: ClassSession


@dataclass(frozen=True)
class TooLate:
    """What was given up is not kept any longer."""

    session: ClassSession


Enrolled = (
    Seated
    | Moved
    | Waitlisted
    | AlreadySeated
    | AlreadyWaiting
    | Clash
    | Full
    | Begun
    | Cancelled
    | Unknown
    | OfferGone
    | NotEnrolled
)
Left = Withdrawn | NotEnrolled | Begun | Cancelled | Unknown
Undone = TakenBack | StillTheirs | TooLate | Clash | Begun | Cancelled | Unknown

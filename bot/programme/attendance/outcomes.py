"""The results of a check-in, of "I was there", of a tick in the list, and of settling a class."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.people.people import Person
from bot.programme.attendance.tables import How, Mark
from bot.programme.sessions import ClassSession


@dataclass(frozen=True)
class Unknown:
    """There is no such class."""


@dataclass(frozen=True)
class Cancelled:
    session: ClassSession


@dataclass(frozen=True)
class Opened:
    session: ClassSession


@dataclass(frozen=True)
class AlreadyOpen:
    session: ClassSession


@dataclass(frozen=True)
class Closed:
    """The check-in is closed: nobody shows the code any more."""

    session: ClassSession


@dataclass(frozen=True)
class StillShown:
    """The code is shown on the phones of `others` trainers, so the check-in stays open. `mine`: it was on this phone,
    too, and is taken away here."""

    session: ClassSession
    others: int
    mine: bool


@dataclass(frozen=True)
class NotShown:
    """The check-in was not open."""

    session: ClassSession


@dataclass(frozen=True)
class TooEarly:
    session: ClassSession
    opens_at: datetime


@dataclass(frozen=True)
class TooLate:
    """The codes are no longer good. `until`: until when the person can still say that they were there; None: not any
    more."""

    session: ClassSession
    until: datetime | None


@dataclass(frozen=True)
class CheckedIn:
    session: ClassSession


@dataclass(frozen=True)
class AlreadyIn:
    session: ClassSession


@dataclass(frozen=True)
class NotEnrolled:
    session: ClassSession


@dataclass(frozen=True)
class NotOpen:
    """No trainer has opened the check-in, or one has closed it."""

    session: ClassSession


@dataclass(frozen=True)
class Stale:
    """The code is an earlier one of this class."""

    session: ClassSession


@dataclass(frozen=True)
class WrongCode:
    session: ClassSession


@dataclass(frozen=True)
class TooManyTries:
    """Too many wrong codes were typed on this phone just now."""

    session: ClassSession


@dataclass(frozen=True)
class NoCodeNow:
    """No class has a code at this moment."""


@dataclass(frozen=True)
class Claimed:
    session: ClassSession


@dataclass(frozen=True)
class AlreadyClaimed:
    session: ClassSession


@dataclass(frozen=True)
class Refused:
    """The trainer has answered no to "I was there"."""

    session: ClassSession


@dataclass(frozen=True)
class Recorded:
    """What is recorded of a person. `mark` None: nothing, and then the other fields are empty, too."""

    mark: Mark | None
    how: How | None = None
    at: datetime | None = None
    by_account_id: int | None = None
    """The trainer who said so."""
    version: int = 0


@dataclass(frozen=True)
class Marked:
    """The mark was recorded. `before`: what was recorded until now."""

    session: ClassSession
    person: Person
    present: bool
    before: Recorded


@dataclass(frozen=True)
class Unchanged:
    """Nothing was changed: the record is not the one that the button was shown with, or is already what the button asks
    for."""

    session: ClassSession
    person: Person
    now: Recorded


@dataclass(frozen=True)
class CameByCode:
    """The person was recorded as present by the code in the room: the trainer is asked before that is taken away."""

    session: ClassSession
    person: Person
    now: Recorded


@dataclass(frozen=True)
class HasNoSeat:
    """The person was let in without a seat, so that without presence they are on no list of the class: the trainer is
    asked before that is taken away."""

    session: ClassSession
    person: Person
    now: Recorded


@dataclass(frozen=True)
class Settled:
    """The list is closed. `first`: it was not closed before."""

    session: ClassSession
    present: int
    absent: int
    unrecorded: int
    first: bool = True


@dataclass(frozen=True)
class Changed:
    """Nothing was done: the list is not the one that the button was shown with."""

    session: ClassSession


CheckIn = (
    CheckedIn | AlreadyIn | NotEnrolled | TooEarly | TooLate | NotOpen | Stale | WrongCode | NoCodeNow | Cancelled
    | TooManyTries | Unknown
)  # fmt: skip

"""What the services of mentoring return."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.people.people import Account
from bot.programme.mentoring.tables import Ticket, TicketMessage


@dataclass(frozen=True)
class Given:
    """What somebody said: words, or a file that Telegram keeps (with its caption). Nothing of it is stored yet."""

    form: str
    text: str | None = None
    file_id: str | None = None
    seconds: int | None = None
    telegram_message_id: int | None = None
    album: str | None = None
    """Telegram's name of the album that it is a part of."""


# --- what to expect ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WithinHours:
    """Most questions were answered within so many hours, and it is working time."""

    hours: int


@dataclass(frozen=True)
class Today:
    """Most questions were answered so soon that it would still be today."""


@dataclass(frozen=True)
class NotLaterThan:
    """By the rule: `first_reply` of working time from now ends at this moment."""

    moment: datetime


Expectation = WithinHours | Today | NotLaterThan


# --- the person -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Opened:
    """The question waits for a mentor."""

    ticket: Ticket
    message: TicketMessage


@dataclass(frozen=True)
class Added:
    """The message belongs to the question. `again`: it was closed, and is open again."""

    ticket: Ticket
    message: TicketMessage
    again: bool = False


@dataclass(frozen=True)
class TooMany:
    """The person has as many open questions as one may have (`number`)."""

    number: int


@dataclass(frozen=True)
class Blocked:
    """The person may ask nothing before this moment: an admin said so."""

    until: datetime


@dataclass(frozen=True)
class TooFast:
    """As many messages in an hour as one question takes."""


@dataclass(frozen=True)
class NotOpen:
    """The question is over, or nobody's of this phone."""


# --- mentors ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Taken:
    """It is this mentor's from now on."""

    ticket: Ticket


@dataclass(frozen=True)
class TakenBefore:
    """It is this mentor's already: a second tap."""

    ticket: Ticket


@dataclass(frozen=True)
class HeldBy:
    """A colleague has it; None: nobody (any more)."""

    ticket: Ticket
    account: Account | None


@dataclass(frozen=True)
class Own:
    """It is a question of this very phone: a colleague answers it."""


@dataclass(frozen=True)
class Over:
    """The question is closed, cancelled or gone."""


@dataclass(frozen=True)
class Answered:
    """The answer is on its way to the person."""

    ticket: Ticket
    message: TicketMessage


@dataclass(frozen=True)
class AnsweredBefore:
    """A colleague answered (`message`), and who writes now was not shown it: nothing is sent before they say so."""

    ticket: Ticket
    message: TicketMessage


@dataclass(frozen=True)
class Unsaid:
    """The answer was taken back. `sent`: it had been sent, and is deleted there; else it never left."""

    ticket: Ticket
    sent: bool


@dataclass(frozen=True)
class PutOff:
    """The answer comes at this moment, and is not in the person's chat before."""

    ticket: Ticket
    at: datetime


@dataclass(frozen=True)
class TooLate:
    """The time in which an answer can be taken back is over."""


@dataclass(frozen=True)
class Unreachable:
    """Nothing can be written to this person; `why` is a `class_words.Why`."""

    why: str


@dataclass(frozen=True)
class NotSent:
    """Nothing was sent: the phone of who asked has blocked the bot, or is no Telegram account any more."""

    ticket: Ticket


@dataclass(frozen=True)
class HandedOver:
    """`to` has it now; None: it is back in the queue."""

    ticket: Ticket
    to: Account | None

"""What the buttons of the follow-up rounds carry. `round` is the round's kind; `version` tells on which showing of the
round the button stood: it grows when the answers are opened again, and older buttons change nothing then."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from bot.words.action import PersonalAction


class RoundKind(StrEnum):
    """How long after the first class."""

    D0 = "d0"
    D30 = "d30"
    D90 = "d90"
    D180 = "d180"


class OutcomeKey(StrEnum):
    ORDERS = "orders"
    """Orders against before the class: D30, D90, D180."""
    WORKERS = "workers"
    """Paid workers now: D0, D90, D180."""
    TURNOVER = "turnover"
    """Turnover of a month, as a range: D0, D90, D180. Never shown by name to anybody but its person."""
    OBSTACLE = "obstacle"
    """What hinders most: D180."""
    RECOMMEND = "recommend"
    """0 to 10, whether they would ask a neighbour to join: D180."""


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"
    UNSAID = "unsaid"
    """The person does not want to say; counted as "tidak menjawab"."""


class AgeBand(StrEnum):
    """Age in years; participants are adults."""

    TO_24 = "18-24"
    TO_34 = "25-34"
    TO_44 = "35-44"
    TO_54 = "45-54"
    FROM_55 = "55+"
    UNSAID = "unsaid"


class SetPractice(PersonalAction, name="follow_up:set"):
    """Says that the business has a practice, or has it not: the state that is wanted, whatever it is now."""

    round: RoundKind
    version: int
    code: str
    has: bool


class SavePractices(PersonalAction, name="follow_up:save"):
    """Ends the first question: what has no tick is not there."""

    round: RoundKind
    version: int


class SayStill(PersonalAction, name="follow_up:still"):
    """Says whether a practice that was there still goes on."""

    round: RoundKind
    version: int
    code: str
    has: bool


class GiveOutcome(PersonalAction, name="follow_up:say"):
    """Answers one of the other questions: a key and one of its values (`programme/follow_up/values.py`)."""

    round: RoundKind
    version: int
    key: OutcomeKey
    value: str


class AnswerMore(PersonalAction, name="follow_up:more"):
    """Asks the questions that are offered after the thanks."""

    round: RoundKind
    what: Literal["more", "rate"]


class TellSex(PersonalAction, name="follow_up:sex"):
    value: Sex


class TellAge(PersonalAction, name="follow_up:age"):
    value: AgeBand


class AmendAnswers(PersonalAction, name="follow_up:amend"):
    """Begins the round anew: answers can be given otherwise."""

    round: RoundKind


class SeeRound(PersonalAction, name="follow_up:see"):
    """Shows the question that is open."""

    round: RoundKind


class ConsiderClosed(PersonalAction, name="follow_up:closing"):
    """Asks whether the business has really closed."""

    round: RoundKind


class SayClosed(PersonalAction, name="follow_up:closed"):
    """The business has closed: nothing is asked any more."""

    round: RoundKind


class SayOpen(PersonalAction, name="follow_up:open"):
    """The business has not closed after all: said by mistake, or open again."""

    round: RoundKind

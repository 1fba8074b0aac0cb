"""The results of asking a question, of answering one, and of a test."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.catalogue.lesson_files import Question
from bot.people.people import Person
from bot.programme.quizzes.tables import Quiz


@dataclass(frozen=True)
class Asked:
    quiz: Quiz
    question: Question


@dataclass(frozen=True)
class JustAsked:
    """The question was asked a moment ago and is not answered yet."""

    quiz: Quiz


@dataclass(frozen=True)
class Marked:
    """A fact of the lesson must be checked again: its question is not asked."""


@dataclass(frozen=True)
class Unknown:
    """There is no such question, or no such asking."""


@dataclass(frozen=True)
class Right:
    """The answer was right. `days` until the question comes back in a review; None: it does not."""

    quiz: Quiz
    question: Question | None
    days: int | None


@dataclass(frozen=True)
class Wrong:
    """The answer was wrong. `days` until the question comes back."""

    quiz: Quiz
    question: Question | None
    days: int


@dataclass(frozen=True)
class Noted:
    """An answer in a test: people are not told whether it was right."""

    quiz: Quiz


@dataclass(frozen=True)
class AlreadyAnswered:
    quiz: Quiz


@dataclass(frozen=True)
class OfAnother:
    """Somebody else was asked: on this phone (`owner`), or on another one (a poll that was passed on)."""

    owner: Person | None


Answered = Right | Wrong | Noted | AlreadyAnswered | OfAnother | Unknown


class TestStatus(StrEnum):
    OPEN = "open"
    """Never offered, or offered and neither begun nor skipped."""
    BEGUN = "begun"
    SKIPPED = "skipped"
    """Put off before the first answer; it may still be taken."""
    DONE = "done"


@dataclass(frozen=True)
class TestState:
    """The state of a person's test. `answered` of `questions` so far; `score` once it is done. `put_off`: it was
    begun, and stopped with a tap."""

    status: TestStatus
    answered: int = 0
    questions: int = 0
    score: int | None = None
    put_off: bool = False


@dataclass(frozen=True)
class NextQuestion:
    """A question of a test: the `number`-th of `total`."""

    quiz: Quiz
    question: Question
    number: int
    total: int


@dataclass(frozen=True)
class TestDone:
    """The result: `score` right of `answered`; `before` is the result of the test before, if there is one."""

    score: int
    answered: int
    before: tuple[int, int] | None = None
    missed: tuple[str, ...] = ()
    """The lessons (ids) of the questions that were missed."""


@dataclass(frozen=True)
class TooLate:
    """The person has learnt more than one lesson, so they can no longer take the test before."""


@dataclass(frozen=True)
class TooEarly:
    """The person may not begin the test after learning yet: the core modules are not finished."""

"""What the buttons of questions and tests carry. `quiz` is the number of one asking of a question."""

from __future__ import annotations

from typing import Literal

from bot.words.action import Action, PersonalAction


class AskQuestion(PersonalAction, name="quizzes:ask"):
    """Asks the question of a lesson. No button carries this: lessons lead here."""

    lesson: str


class AskWithLetters(Action, name="quizzes:letters"):
    """Asks the question of a poll again, with buttons."""

    quiz: int


class AnswerQuestion(Action, name="quizzes:answer"):
    """Gives the answer at `position` (from 0) among the options as they were shown."""

    quiz: int
    position: int


class StartReview(PersonalAction, name="quizzes:review"):
    """Begins to repeat the questions that were missed."""


class PutReviewOff(PersonalAction, name="quizzes:later"):
    """Puts the review off until tomorrow."""


class StopReviews(PersonalAction, name="quizzes:stop_reviews"):
    """Ends the offers of reviews."""


class WantReviews(PersonalAction, name="quizzes:want_reviews"):
    """Lets offers of reviews come again."""


class TakePretest(PersonalAction, name="quizzes:pretest"):
    """Offers the test before the lessons, or goes on with it; with `go` begins it."""

    go: Literal["go"] | None = None


class TakePosttest(PersonalAction, name="quizzes:posttest"):
    """Offers the test after the lessons, or goes on with it; with `go` begins it."""

    go: Literal["go"] | None = None


class SkipTest(PersonalAction, name="quizzes:skip"):
    """Skips the test, or stops it for now."""

    purpose: Literal["pretest", "posttest"] | None = None
    """None: the test before the lessons."""


class SeeQuestionReport(Action, name="quizzes:report"):
    """For admins: shows how each question does. Pages count from 1."""

    page: int | None = None

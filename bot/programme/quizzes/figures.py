"""Questions, tests and reviews in numbers, for reports. No names."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.catalogue.content import Content
from bot.people.people import frozen
from bot.programme.quizzes.questions import edition_of
from bot.programme.quizzes.tables import TESTS, Quiz, QuizPurpose, Sitting

FEW: Final = 5
"""In reports a number of people below this is hidden."""


@dataclass(frozen=True)
class QuestionReport:
    """One question in numbers, tests left out. `fools` is the wrong option that was chosen most often: its place in the
    content (answers to its present words only); `fooled`: how often."""

    question_id: str
    asked: int
    first: int
    """How many people answered it for the first time; `first_right` of them were right."""
    first_right: int
    fools: int | None = None
    fooled: int = 0


@dataclass(frozen=True)
class Gain:
    """The shares right (0 to 1) of people who took both tests, of the questions they answered in both."""

    people: int
    before: float
    after: float


@dataclass(frozen=True)
class Kept:
    """How many third repeats (21 days after the miss) were answered, and how many of them rightly."""

    answered: int
    right: int


def question_reports(db: Session, content: Content) -> list[QuestionReport]:
    """Returns every question that was ever asked, those of the content first and in its order."""
    asked: Counter[str] = Counter()
    first: Counter[str] = Counter()
    first_right: Counter[str] = Counter()
    wrong: dict[str, Counter[int]] = defaultdict(Counter)
    questions = [lesson.question for module in content.modules for lesson in module.lessons]
    editions = {question.id: edition_of(question) for question in questions}
    query = (
        select(Quiz.question_id, Quiz.edition, Quiz.attempt, Quiz.right, Quiz.chosen, func.count())
        .where(Quiz.purpose.not_in(TESTS), Quiz.person_id.not_in(frozen()))
        .group_by(Quiz.question_id, Quiz.edition, Quiz.attempt, Quiz.right, Quiz.chosen)
    )
    for question_id, edition, attempt, right, chosen, number in db.execute(query):
        asked[question_id] += number
        if right is None:
            continue
        if attempt == 1:
            first[question_id] += number
            first_right[question_id] += number if right else 0
        if not right and chosen is not None and edition == editions.get(question_id):
            wrong[question_id][chosen] += number
    order = {question.id: at for at, question in enumerate(questions)}
    reports = []
    for question_id in sorted(asked, key=lambda one: (order.get(one, len(order)), one)):
        fools, fooled = next(iter(wrong[question_id].most_common(1)), (None, 0))
        reports.append(
            QuestionReport(question_id, asked[question_id], first[question_id], first_right[question_id], fools, fooled)
        )
    return reports


def gain(db: Session) -> Gain | None:
    """Returns what the tests before and after show together; None when nobody took both."""
    both = (
        select(Sitting.person_id)
        .where(Sitting.done_at.is_not(None), Sitting.purpose.in_(TESTS), Sitting.person_id.not_in(frozen()))
        .group_by(Sitting.person_id)
        .having(func.count() == len(TESTS))
    )
    answers: dict[int, dict[str, dict[str, bool]]] = defaultdict(lambda: defaultdict(dict))
    query = select(Quiz.person_id, Quiz.purpose, Quiz.question_id, Quiz.right).where(
        Quiz.person_id.in_(both), Quiz.purpose.in_(TESTS), Quiz.answered_at.is_not(None)
    )
    for person_id, purpose, question_id, right in db.execute(query):
        answers[person_id][purpose][question_id] = bool(right)
    return gain_of(answers.values())


def gain_of(people: Iterable[Mapping[str, Mapping[str, bool]]]) -> Gain | None:
    """Returns the gain of these people; None if nobody answered a question in both tests. Each is given as the tests,
    and in each test the questions with whether the answer was right."""
    shares = []
    for tests in people:
        before, after = (tests[test] for test in TESTS)
        if same := before.keys() & after.keys():
            shares.append((_share(before, same), _share(after, same)))
    if not shares:
        return None
    return Gain(len(shares), sum(b for b, _ in shares) / len(shares), sum(a for _, a in shares) / len(shares))


def kept(db: Session, content: Content) -> Kept:
    """Returns the indicator "kept after 21 days": how many answers to the last repeat were right."""
    last = len(content.programme.learning.review_days)
    query = (
        select(Quiz.right, func.count())
        .where(Quiz.purpose == QuizPurpose.REVIEW, Quiz.repeat == last, Quiz.answered_at.is_not(None))
        .where(Quiz.person_id.not_in(frozen()))
        .group_by(Quiz.right)
    )
    counts = {bool(right): number for right, number in db.execute(query)}
    return Kept(sum(counts.values()), counts.get(True, 0))


def told(number: int) -> str:
    """Returns a count as reports show it: small ones are hidden."""
    return f"<{FEW}" if 0 < number < FEW else str(number)


def _share(answers: Mapping[str, bool], questions: Iterable[str]) -> float:
    asked = list(questions)
    return sum(answers[question_id] for question_id in asked) / len(asked)

"""Quizzes: asking a question, what an answer means, what was missed coming back, and the tests before and after.

One row of `quiz` is one asking of one question to one person. It keeps in which order the options were shown and which
of them was right, so that content edited later does not change what an answer meant. Each asking is answered once: the
first answer counts.

What was missed comes back 2, 7 and 21 days after the miss; right three times is done, wrong starts over. One row per
person (`review_offer`) says when they are next to be asked whether they have a minute.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, Index, SmallInteger, String, UniqueConstraint, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.capability import CapabilityData, Context, Told
from bot.catalogue.content import Content
from bot.catalogue.lesson_files import Question
from bot.database import Base, BigId, Json, something_due
from bot.delivery import outbox
from bot.delivery.outbox import OutboxRow
from bot.people.people import Account, Person
from bot.people.quiet_hours import Kind, verdict
from bot.programme import lessons
from bot.programme.lessons import LessonPlan
from bot.words.message import Button, Message, rows

OPTION_LIMIT: Final = 100
QUESTION_LIMIT: Final = 300
EXPLANATION_LIMIT: Final = 200
"""Characters Telegram takes in a quiz poll; what is longer is asked with buttons."""
JUST_NOW: Final = timedelta(minutes=1)
"""Asked again so soon it is a double tap: the question stands there already."""
AT_ONCE: Final = 500
"""So many people are offered their review in one transaction; the clock looks again at once for the rest."""
LONGEST_PATIENCE: Final = 7
"""Days between offers to somebody who lets them pass: 1, 2, 4, and this from then on."""
FEW: Final = 5
"""In reports a number of people below this is not told."""


class QuizPurpose(StrEnum):
    LESSON = "lesson"
    REVIEW = "review"
    PRETEST = "pretest"
    POSTTEST = "posttest"


TESTS: Final = (QuizPurpose.PRETEST, QuizPurpose.POSTTEST)


class Quiz(Base):
    """One asking of one question to one person; asking again before it is answered reuses the row."""

    __tablename__ = "quiz"
    __table_args__ = (
        Index("ix_quiz_person_question", "person_id", "question_id"),
        Index("ix_quiz_question", "question_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    question_id: Mapped[str] = mapped_column(String(40))
    edition: Mapped[str] = mapped_column(String(12))
    """A fingerprint of the question's words as they were shown."""
    purpose: Mapped[str] = mapped_column(String(10))
    shown_order: Mapped[list[int]] = mapped_column(Json)
    """The options as they were shown, each by its place in the content."""
    correct: Mapped[int] = mapped_column(SmallInteger)
    """The place of the right option as shown."""
    native: Mapped[bool]
    """Asked as Telegram's quiz poll; otherwise with the options in the text and a button for each letter."""
    attempt: Mapped[int] = mapped_column(SmallInteger)
    """The person's how-manieth answer to this question, tests left out: 1 is the first."""
    repeat: Mapped[int] = mapped_column(SmallInteger, default=0)
    """In a review, the how-manieth repeat: 1, 2, 3. "Kept after 21 days" is the share that is right at 3."""
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    chosen: Mapped[int | None] = mapped_column(SmallInteger)
    """What was answered, by its place in the content."""
    right: Mapped[bool | None]


class Review(Base):
    """A missed question on its way back. `stage` is how many times it was right since the miss."""

    __tablename__ = "review"
    __table_args__ = (UniqueConstraint("person_id", "question_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    question_id: Mapped[str] = mapped_column(String(40))
    stage: Mapped[int] = mapped_column(SmallInteger)
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class ReviewOffer(Base):
    """When a person is next to be asked whether they have a minute for what is due."""

    __tablename__ = "review_offer"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    passed: Mapped[int] = mapped_column(SmallInteger, default=0)
    """Offers in a row that nobody took up: the next one comes later."""


class Sitting(Base):
    """A person's test before or after: which questions it holds, and how it went."""

    __tablename__ = "sitting"
    __table_args__ = (UniqueConstraint("person_id", "purpose"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    purpose: Mapped[str] = mapped_column(String(10))
    questions: Mapped[list[str]] = mapped_column(Json)
    begun_at: Mapped[datetime | None]
    put_off_at: Mapped[datetime | None]
    """Skipped or stopped, and not gone on with since."""
    done_at: Mapped[datetime | None]
    score: Mapped[int | None] = mapped_column(SmallInteger)
    answered: Mapped[int | None] = mapped_column(SmallInteger)
    """How many questions were answered; `score` of them right. Both are empty until the test is done."""


# --- outcomes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    quiz: Quiz
    question: Question


@dataclass(frozen=True)
class JustAsked:
    """The question was put a moment ago and stands there unanswered."""

    quiz: Quiz


@dataclass(frozen=True)
class Marked:
    """A fact of the lesson is to be looked at again: its question is not asked."""


@dataclass(frozen=True)
class Unknown:
    """No such question, or no such asking."""


@dataclass(frozen=True)
class Right:
    """`days` until it comes back in a review; None: it does not."""

    quiz: Quiz
    days: int | None


@dataclass(frozen=True)
class Wrong:
    """`days` until it comes back."""

    quiz: Quiz
    question: Question | None
    days: int


@dataclass(frozen=True)
class Noted:
    """An answer in a test: whether it was right is not told."""

    quiz: Quiz


@dataclass(frozen=True)
class AlreadyAnswered:
    quiz: Quiz


@dataclass(frozen=True)
class OfAnother:
    """Somebody else was asked: of this phone (`owner`), or of quite another one (a poll that was passed on)."""

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
    """How a person's test stands. `answered` of `questions` so far; `score` once it is done."""

    status: TestStatus
    answered: int = 0
    questions: int = 0
    score: int | None = None


@dataclass(frozen=True)
class NextQuestion:
    """A question of a test: the `number`-th of `total`."""

    quiz: Quiz
    question: Question
    number: int
    total: int


@dataclass(frozen=True)
class TestDone:
    """The result: `score` right of `answered`; `before` is the pre-test's, where there is one to look back at."""

    score: int
    answered: int
    before: tuple[int, int] | None = None
    missed: tuple[str, ...] = ()
    """The lessons (ids) whose question was missed."""


@dataclass(frozen=True)
class TooLate:
    """The pre-test is for before the first lesson."""


@dataclass(frozen=True)
class TooEarly:
    """The post-test is for after the core modules."""


# --- decisions ------------------------------------------------------------------------------------------------------


def shuffled(seed: str, options: int) -> tuple[int, ...]:
    """An order of `options` options: always the same for one seed, and over many seeds every order equally often."""
    order = list(range(options))
    random.Random(seed).shuffle(order)
    return tuple(order)


def edition_of(question: Question) -> str:
    """A fingerprint of the words that give an answer its meaning."""
    words = "\0".join((question.text, *question.options))
    return hashlib.sha256(words.encode()).hexdigest()[:12]


def fits_poll(question: Question) -> bool:
    """Whether Telegram takes the question as a quiz poll."""
    return (
        len(question.text) <= QUESTION_LIMIT
        and all(len(option) <= OPTION_LIMIT for option in question.options)
        and len(question.explanation) <= EXPLANATION_LIMIT
        and question.explanation.count("\n") <= 2
    )


def askable(content: Content, question_id: str, today: date) -> Question | None:
    """The question, unless it is gone or its lesson is marked on this day."""
    question = content.question(question_id)
    lesson = content.lesson(question.lesson_id) if question else None
    if question is None or lesson is None or content.overdue(lesson, today):
        return None
    return question


def pause(days: Sequence[int], stage: int) -> int:
    """Days until a question that was right `stage` times since the miss comes back: with 2, 7, 21 that is 2, 5, 14."""
    return days[stage] - (days[stage - 1] if stage else 0)


def _zone(content: Content, site_id: str | None) -> ZoneInfo:
    return ZoneInfo(content.open_hours(site_id).zone)


def _at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """That wall time (`minute` after midnight) as a moment."""
    return datetime.combine(day, time(minute // 60, minute % 60), zone).astimezone(UTC)


def _question_ids(content: Content) -> list[str]:
    return [lesson.question.id for module in content.modules for lesson in module.lessons]


# --- asking ---------------------------------------------------------------------------------------------------------


def ask_of_lesson(
    db: Session, person: Person, lesson_id: str, now: datetime, *, content: Content
) -> Asked | JustAsked | Marked | Unknown:
    """Ask the question of a lesson."""
    lesson = content.lesson(lesson_id)
    if lesson is None:
        return Unknown()
    question = askable(content, lesson.question.id, now.astimezone(_zone(content, person.site_id)).date())
    if question is None:
        return Marked()
    return _ask(db, person, question, QuizPurpose.LESSON, now)


def ask_with_letters(
    db: Session, person: Person, quiz_id: int, now: datetime, *, content: Content
) -> Asked | AlreadyAnswered | OfAnother | Unknown:
    """Put a question that was asked as a poll once more, with buttons: for phones that cannot show polls."""
    quiz = db.get(Quiz, quiz_id)
    if quiz is None:
        return Unknown()
    if quiz.person_id != person.id:
        return OfAnother(_on_same_phone(db, person, quiz.person_id))
    if quiz.answered_at is not None:
        return AlreadyAnswered(quiz)
    question = content.question(quiz.question_id)
    if question is None or edition_of(question) != quiz.edition:
        return Unknown()
    quiz.native, quiz.asked_at = False, now
    return Asked(quiz, question)


def _ask(
    db: Session, person: Person, question: Question, purpose: QuizPurpose, now: datetime, *, repeat: int = 0
) -> Asked | JustAsked:
    native = purpose not in TESTS and not person.saves_data and fits_poll(question)
    edition = edition_of(question)
    earlier = db.scalars(
        select(Quiz).where(Quiz.person_id == person.id, Quiz.question_id == question.id).order_by(Quiz.id.desc())
    ).all()
    for quiz in earlier:
        open_ = quiz.answered_at is None and quiz.edition == edition
        if open_ and quiz.purpose == purpose and quiz.repeat == repeat:
            if purpose not in TESTS and now - quiz.asked_at < JUST_NOW:
                return JustAsked(quiz)
            quiz.native, quiz.asked_at = native, now
            return Asked(quiz, question)
    attempt = 1 + sum(quiz.answered_at is not None and quiz.purpose not in TESTS for quiz in earlier)
    seed = f"{person.id}:{question.id}:{purpose}:{len(earlier)}"
    order = shuffled(seed, len(question.options))
    quiz = Quiz(
        person_id=person.id,
        question_id=question.id,
        edition=edition,
        purpose=purpose,
        shown_order=list(order),
        correct=order.index(0),
        native=native,
        attempt=1 if purpose in TESTS else attempt,
        repeat=repeat,
        asked_at=now,
    )
    db.add(quiz)
    db.flush()
    return Asked(quiz, question)


# --- answering ------------------------------------------------------------------------------------------------------


def quiz_of_poll(db: Session, person: Person, poll_id: str, position: int) -> Quiz | None:
    """Which asking a vote is about.

    The sender commits the poll's id as soon as Telegram has answered. A vote can still be quicker, or the answer with
    the id was lost: then the vote is taken for the one open quiz poll of the person whose own poll is not known, or,
    where that of each is known, for the only open one (it was sent twice). None where that leaves a doubt.
    """
    known = db.scalar(select(OutboxRow.quiz_id).where(OutboxRow.poll_id == poll_id, OutboxRow.quiz_id.is_not(None)))
    if known is not None:
        return db.get(Quiz, known)
    open_ = [
        quiz
        for quiz in db.scalars(
            select(Quiz).where(Quiz.person_id == person.id, Quiz.native.is_(True), Quiz.answered_at.is_(None))
        )
        if position < len(quiz.shown_order)
    ]
    seen = set(
        db.scalars(
            select(OutboxRow.quiz_id).where(
                OutboxRow.quiz_id.in_([quiz.id for quiz in open_]), OutboxRow.poll_id.is_not(None)
            )
        )
    )
    for likely in ([quiz for quiz in open_ if quiz.id not in seen], open_):
        if likely:
            return likely[0] if len(likely) == 1 else None
    return None


def newest_open_poll(db: Session, person: Person) -> Quiz | None:
    """The quiz poll the person was sent last and has not answered."""
    return db.scalar(
        select(Quiz)
        .where(Quiz.person_id == person.id, Quiz.native.is_(True), Quiz.answered_at.is_(None))
        .order_by(Quiz.asked_at.desc(), Quiz.id.desc())
        .limit(1)
    )


def answer(db: Session, person: Person, quiz_id: int, position: int, now: datetime, *, content: Content) -> Answered:
    """Record what was answered (`position` as shown, from 0), and what follows from it. The first answer counts."""
    quiz = db.get(Quiz, quiz_id)
    if quiz is None or not 0 <= position < len(quiz.shown_order):
        return Unknown()
    if quiz.person_id != person.id:
        return OfAnother(_on_same_phone(db, person, quiz.person_id))
    if quiz.answered_at is not None:
        return AlreadyAnswered(quiz)
    quiz.answered_at, quiz.chosen, quiz.right = now, quiz.shown_order[position], position == quiz.correct
    db.flush()
    if quiz.purpose in TESTS:
        if quiz.purpose == QuizPurpose.POSTTEST and not quiz.right:
            _missed(db, person, quiz.question_id, now, content)
        return Noted(quiz)
    if not quiz.right:
        return Wrong(quiz, content.question(quiz.question_id), _missed(db, person, quiz.question_id, now, content))
    days = _kept(db, person, quiz, now, content) if quiz.purpose == QuizPurpose.REVIEW else None
    return Right(quiz, days)


def _on_same_phone(db: Session, person: Person, owner_id: int) -> Person | None:
    owner = db.get(Person, owner_id)
    if owner is None or person.account_id is None or owner.account_id != person.account_id:
        return None
    return owner


def _missed(db: Session, person: Person, question_id: str, now: datetime, content: Content) -> int:
    """It comes back, from the first repeat on. Returns in how many days."""
    review = _review(db, person, question_id)
    if review is None:
        review = Review(person_id=person.id, question_id=question_id, stage=0, due_at=now)
        db.add(review)
    review.stage, review.done_at = 0, None
    return _come_back(db, person, review, now, content)


def _kept(db: Session, person: Person, quiz: Quiz, now: datetime, content: Content) -> int | None:
    """One repeat further; None when that was the last. An answer to a repeat long past changes nothing."""
    review = _review(db, person, quiz.question_id)
    if review is None or review.done_at is not None or review.stage != quiz.repeat - 1:
        return None
    review.stage += 1
    if review.stage < len(content.programme.learning.review_days):
        return _come_back(db, person, review, now, content)
    review.done_at = now
    _set_offer(db, person, now, content)
    return None


def _come_back(db: Session, person: Person, review: Review, now: datetime, content: Content) -> int:
    zone = _zone(content, person.site_id)
    days = pause(content.programme.learning.review_days, review.stage)
    minute = _minutes(db, [person.id], content)[person.id]
    review.due_at = _at(now.astimezone(zone).date() + timedelta(days=days), minute, zone)
    _set_offer(db, person, now, content)
    return days


def _review(db: Session, person: Person, question_id: str) -> Review | None:
    return db.scalar(select(Review).where(Review.person_id == person.id, Review.question_id == question_id))


# --- reviewing ------------------------------------------------------------------------------------------------------


def due_reviews(db: Session, person: Person, now: datetime, *, content: Content) -> int:
    """How many questions the person can repeat now: those due, at most so many a day."""
    return len(_due_now(db, person, now, content))


def next_review(db: Session, person: Person, now: datetime, *, content: Content) -> Asked | JustAsked | None:
    """Ask the question that has been due longest; None when there is none (any more today)."""
    found = _due_now(db, person, now, content)
    if not found:
        return None
    review, question = found[0]
    return _ask(db, person, question, QuizPurpose.REVIEW, now, repeat=review.stage + 1)


def repeated_today(db: Session, person: Person, now: datetime, *, content: Content) -> int:
    """How many questions of reviews the person answered today, in the zone of their site."""
    zone = _zone(content, person.site_id)
    return _answered_today(db, {person.id: zone}, now)[person.id]


def put_off_review(db: Session, person: Person, now: datetime, *, content: Content) -> None:
    """Not now: what is due is offered again tomorrow."""
    if db.get(ReviewOffer, person.id) is not None:
        _set_offer(db, person, now, content)


def _due_now(db: Session, person: Person, now: datetime, content: Content) -> list[tuple[Review, Question]]:
    today = now.astimezone(_zone(content, person.site_id)).date()
    query = (
        select(Review)
        .where(Review.person_id == person.id, Review.done_at.is_(None), Review.due_at <= now)
        .order_by(Review.due_at, Review.id)
    )
    found = [(review, askable(content, review.question_id, today)) for review in db.scalars(query)]
    left = content.programme.learning.review_a_day - repeated_today(db, person, now, content=content)
    return [(review, question) for review, question in found if question is not None][: max(0, left)]


def _answered_today(db: Session, zones: Mapping[int, ZoneInfo], now: datetime) -> Counter[int]:
    """For each person (id -> zone) how many questions of reviews they answered on this day of their zone."""
    query = select(Quiz.person_id, Quiz.answered_at).where(
        Quiz.person_id.in_(zones),
        Quiz.purpose == QuizPurpose.REVIEW,
        Quiz.answered_at > now - timedelta(days=1),
    )
    return Counter(
        person_id
        for person_id, at in db.execute(query)
        if at is not None and at.astimezone(zones[person_id]).date() == now.astimezone(zones[person_id]).date()
    )


def _set_offer(db: Session, person: Person, now: datetime, content: Content) -> None:
    """Somebody who answers is there: the next offer comes when the next question is due."""
    db.flush()
    first = db.scalar(select(func.min(Review.due_at)).where(Review.person_id == person.id, Review.done_at.is_(None)))
    offer = db.get(ReviewOffer, person.id)
    if offer is None:
        offer = ReviewOffer(person_id=person.id)
        db.add(offer)
    offer.passed = 0
    if first is not None and first <= now:  # what is more than a day's worth waits for tomorrow
        zone = _zone(content, person.site_id)
        minute = _minutes(db, [person.id], content)[person.id]
        first = _at(now.astimezone(zone).date() + timedelta(days=1), minute, zone)
    offer.due_at = first


def _minutes(db: Session, person_ids: Collection[int], content: Content) -> dict[int, int]:
    """The wall time each person learns at, in minutes after midnight: as chosen for the daily lesson, or the usual."""
    plans = select(LessonPlan.person_id, LessonPlan.minute).where(LessonPlan.person_id.in_(person_ids))
    usual = dict.fromkeys(person_ids, content.programme.learning.default_hour * 60)
    return usual | {row[0]: row[1] for row in db.execute(plans)}


# --- time -----------------------------------------------------------------------------------------------------------


def due(db: Session, now: datetime, context: Context) -> int:
    """Ask everybody whose time has come whether they have a minute. Returns how many were asked."""
    content = context.content
    query = (
        select(
            ReviewOffer.person_id,
            ReviewOffer.passed,
            Person.site_id,
            Person.consent_messages,
            Account.stopped_at,
            Account.blocked_at,
        )
        .join(Person, Person.id == ReviewOffer.person_id)
        .outerjoin(Account, Account.id == Person.account_id)
        .where(ReviewOffer.due_at <= now)
        .order_by(ReviewOffer.due_at, ReviewOffer.person_id)
        .limit(AT_ONCE)
        .with_for_update(of=ReviewOffer, skip_locked=True)
    )
    found = db.execute(query).all()
    if not found:
        return 0
    zones = {row.person_id: _zone(content, row.site_id) for row in found}
    minutes = _minutes(db, zones.keys(), content)
    questions = _due_of_many(db, zones, now, content)
    a_day, done_today = content.programme.learning.review_a_day, _answered_today(db, zones, now)
    audiences: dict[tuple[str | None, int], list[int]] = defaultdict(list)
    dated: dict[tuple[datetime, int], list[int]] = defaultdict(list)
    for row in found:
        person_id, zone, minute = row.person_id, zones[row.person_id], minutes[row.person_id]
        today = now.astimezone(zone).date()
        decision = verdict(
            Kind.LESSON,
            now=now,
            hours=content.open_hours(row.site_id),
            consented=bool(row.consent_messages),
            stopped=row.stopped_at is not None,
        )
        number = min(questions[person_id], a_day - done_today[person_id])
        passed = row.passed
        if now < (later := _at(today, minute, zone)):  # another hour was chosen meanwhile
            again = later
        elif decision.hold_until is not None:
            again = decision.hold_until
        elif decision.drop is not None or row.blocked_at is not None or number <= 0:
            again = _at(today + timedelta(days=1), minute, zone)  # perhaps they can be reached then, or it be asked
        else:
            again = _at(today + timedelta(days=min(2**passed, LONGEST_PATIENCE)), minute, zone)
            passed = min(passed + 1, LONGEST_PATIENCE)
            audiences[row.site_id, number].append(person_id)
        dated[again, passed].append(person_id)
    for (again, passed), person_ids in dated.items():
        db.execute(
            update(ReviewOffer)
            .where(ReviewOffer.person_id.in_(person_ids))
            .values(due_at=again, passed=passed)
            .execution_options(synchronize_session=False)
        )
    if len(found) == AT_ONCE:
        something_due(db)
    return sum(
        _offer_to(db, person_ids, number, site_id, now, zones[person_ids[0]])
        for (site_id, number), person_ids in audiences.items()
    )


def next_due(db: Session, now: datetime, context: Context) -> datetime | None:
    return db.scalar(select(func.min(ReviewOffer.due_at)))


def offer(number: int) -> Message:
    """The question whether there is a minute for `number` questions."""
    return Message(
        "quizzes.review.offer",
        {"n": number},
        rows(
            (Button("quizzes.button.start", "quizzes:review"), Button("quizzes.button.later", "quizzes:later")),
            (Button("button.menu", "menu:show"), Button("button.help", "menu:help")),
        ),
    )


def _due_of_many(db: Session, zones: Mapping[int, ZoneInfo], now: datetime, content: Content) -> Counter[int]:
    """For each person (id -> zone) how many questions are due and can be asked."""
    query = select(Review.person_id, Review.question_id).where(
        Review.person_id.in_(zones), Review.done_at.is_(None), Review.due_at <= now
    )
    asked = {
        (question_id, day): askable(content, question_id, day) is not None
        for question_id in _question_ids(content)
        for day in {now.astimezone(zone).date() for zone in set(zones.values())}
    }
    return Counter(
        person_id
        for person_id, question_id in db.execute(query)
        if asked.get((question_id, now.astimezone(zones[person_id]).date()), False)
    )


def _offer_to(
    db: Session, person_ids: Sequence[int], number: int, site_id: str | None, now: datetime, zone: ZoneInfo
) -> int:
    """`once` per person and day of their zone."""
    audience = outbox.recipients().where(Person.id.in_(person_ids))
    return outbox.post_to_many(
        db,
        audience,
        offer(number),
        kind=Kind.LESSON,
        once=f"review:{now.astimezone(zone).date()}",
        now=now,
        site_id=site_id,
        not_after=now + timedelta(days=1),
    )


# --- the tests before and after -------------------------------------------------------------------------------------


def pretest_state(db: Session, person: Person) -> TestState:
    return _state(db, person, QuizPurpose.PRETEST)


def posttest_state(db: Session, person: Person) -> TestState:
    return _state(db, person, QuizPurpose.POSTTEST)


def take_test(
    db: Session, person: Person, purpose: QuizPurpose, now: datetime, *, content: Content
) -> NextQuestion | TestDone | TooLate | TooEarly:
    """Begin the test or go on with it: its next question, or its result when there is none left."""
    sitting = _sitting(db, person, purpose)
    if sitting is None or sitting.begun_at is None:
        closed = closed_test(db, person, purpose, now, content=content)
        if closed is not None:
            return closed
        sitting = sitting or Sitting(person_id=person.id, purpose=purpose)
        sitting.questions = _questions_of_test(db, person, purpose, content)
        sitting.begun_at = now
        db.add(sitting)
    sitting.put_off_at = None
    db.flush()
    if sitting.done_at is None:
        today = now.astimezone(_zone(content, person.site_id)).date()
        answers = _answers(db, person, purpose)
        for question_id in sitting.questions:
            question = askable(content, question_id, today) if question_id not in answers else None
            if question is not None:
                asked = _ask(db, person, question, purpose, now)
                return NextQuestion(asked.quiz, question, len(answers) + 1, len(sitting.questions))
        sitting.done_at, sitting.answered, sitting.score = now, len(answers), sum(answers.values())
        db.flush()
    return _result(db, person, sitting, content)


def closed_test(
    db: Session, person: Person, purpose: QuizPurpose, now: datetime, *, content: Content
) -> TooLate | TooEarly | None:
    """Why the test cannot be begun now; None: it can."""
    if purpose is QuizPurpose.PRETEST:
        return TooLate() if _has_learnt(db, person) else None
    return None if lessons.standing(db, person, content=content, now=now).core_done else TooEarly()


def put_off_test(db: Session, person: Person, purpose: QuizPurpose, now: datetime) -> TestState:
    """Skip the test, or stop in the middle; it can be gone on with at any time. Returns how it stands."""
    sitting = _sitting(db, person, purpose)
    if sitting is None:
        sitting = Sitting(person_id=person.id, purpose=purpose, questions=[])
        db.add(sitting)
    if sitting.done_at is None:
        sitting.put_off_at = now
    db.flush()
    return _state(db, person, purpose)


def _has_learnt(db: Session, person: Person) -> bool:
    """Who has learnt something already would not tell what they knew before."""
    if lessons.finished_lessons(db, person):
        return True
    answered = select(Quiz.id).where(
        Quiz.person_id == person.id, Quiz.purpose == QuizPurpose.LESSON, Quiz.answered_at.is_not(None)
    )
    return db.scalar(answered.limit(1)) is not None


def _questions_of_test(db: Session, person: Person, purpose: QuizPurpose, content: Content) -> list[str]:
    """The content's, in its order; the test after has the questions of the test before, where that was taken."""
    if purpose is QuizPurpose.POSTTEST:
        before = _sitting(db, person, QuizPurpose.PRETEST)
        if before is not None and before.done_at is not None:
            return list(before.questions)
    return [question.id for question in content.test_questions]


def _sitting(db: Session, person: Person, purpose: QuizPurpose) -> Sitting | None:
    return db.scalar(select(Sitting).where(Sitting.person_id == person.id, Sitting.purpose == purpose))


def _answers(db: Session, person: Person, purpose: QuizPurpose) -> dict[str, bool]:
    """Question -> right, of what was answered in this test."""
    query = select(Quiz.question_id, Quiz.right).where(
        Quiz.person_id == person.id, Quiz.purpose == purpose, Quiz.answered_at.is_not(None)
    )
    return {question_id: bool(right) for question_id, right in db.execute(query)}


def _state(db: Session, person: Person, purpose: QuizPurpose) -> TestState:
    sitting = _sitting(db, person, purpose)
    if sitting is None:
        return TestState(TestStatus.OPEN)
    if sitting.done_at is not None:
        return TestState(TestStatus.DONE, sitting.answered or 0, len(sitting.questions), sitting.score)
    answered = len(_answers(db, person, purpose))
    if answered or (sitting.begun_at is not None and sitting.put_off_at is None):
        return TestState(TestStatus.BEGUN, answered, len(sitting.questions))
    return TestState(TestStatus.SKIPPED, 0, len(sitting.questions))


def _result(db: Session, person: Person, sitting: Sitting, content: Content) -> TestDone:
    answers = _answers(db, person, QuizPurpose(sitting.purpose))
    wrong = [content.question(question_id) for question_id in sitting.questions if answers.get(question_id) is False]
    missed = tuple(question.lesson_id for question in wrong if question is not None)
    before = None
    if sitting.purpose == QuizPurpose.POSTTEST:
        first = _sitting(db, person, QuizPurpose.PRETEST)
        if first is not None and first.score is not None and first.answered:
            before = (first.score, first.answered)
    return TestDone(sitting.score or 0, sitting.answered or 0, before, missed)


# --- leaving --------------------------------------------------------------------------------------------------------


def forget(db: Session, person: Person, now: datetime) -> None:
    """The person leaves: nothing comes back to them. Their answers stay as counts, of nobody in particular."""
    db.execute(delete(Review).where(Review.person_id == person.id))
    db.execute(delete(ReviewOffer).where(ReviewOffer.person_id == person.id))


def answers_of(db: Session, person: Person) -> list[Quiz]:
    """Everything the person was ever asked, in order."""
    return list(db.scalars(select(Quiz).where(Quiz.person_id == person.id).order_by(Quiz.asked_at, Quiz.id)))


def reviews_of(db: Session, person: Person) -> list[Review]:
    return list(db.scalars(select(Review).where(Review.person_id == person.id).order_by(Review.due_at, Review.id)))


def sittings_of(db: Session, person: Person) -> list[Sitting]:
    return list(db.scalars(select(Sitting).where(Sitting.person_id == person.id).order_by(Sitting.id)))


# --- reports --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class QuestionReport:
    """One question in numbers, tests left out. `fools` is the wrong option chosen most often (its place in the content,
    of answers to its present words), `fooled` how often."""

    question_id: str
    asked: int
    first: int
    """People who answered it for the first time, `first_right` of them rightly."""
    first_right: int
    fools: int | None = None
    fooled: int = 0


@dataclass(frozen=True)
class Gain:
    """Of the people who took both tests: shares right (0 to 1) of the questions they answered in both."""

    people: int
    before: float
    after: float


@dataclass(frozen=True)
class Kept:
    """How many third repeats there were, 21 days after the miss, and how many of them were right."""

    answered: int
    right: int


def question_reports(db: Session, content: Content) -> list[QuestionReport]:
    """Every question that was ever asked, those of the content first and in its order."""
    asked: Counter[str] = Counter()
    first: Counter[str] = Counter()
    first_right: Counter[str] = Counter()
    wrong: dict[str, Counter[int]] = defaultdict(Counter)
    questions = [lesson.question for module in content.modules for lesson in module.lessons]
    editions = {question.id: edition_of(question) for question in questions}
    query = (
        select(Quiz.question_id, Quiz.edition, Quiz.attempt, Quiz.right, Quiz.chosen, func.count())
        .where(Quiz.purpose.not_in(TESTS))
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
    """What the tests before and after tell together; None when nobody took both."""
    both = (
        select(Sitting.person_id)
        .where(Sitting.done_at.is_not(None), Sitting.purpose.in_(TESTS))
        .group_by(Sitting.person_id)
        .having(func.count() == len(TESTS))
    )
    answers: dict[int, dict[str, dict[str, bool]]] = defaultdict(lambda: defaultdict(dict))
    query = select(Quiz.person_id, Quiz.purpose, Quiz.question_id, Quiz.right).where(
        Quiz.person_id.in_(both), Quiz.purpose.in_(TESTS), Quiz.answered_at.is_not(None)
    )
    for person_id, purpose, question_id, right in db.execute(query):
        answers[person_id][purpose][question_id] = bool(right)
    shares = []
    for tests in answers.values():
        before, after = tests[QuizPurpose.PRETEST], tests[QuizPurpose.POSTTEST]
        if same := before.keys() & after.keys():
            shares.append((_share(before, same), _share(after, same)))
    if not shares:
        return None
    return Gain(len(shares), sum(b for b, _ in shares) / len(shares), sum(a for _, a in shares) / len(shares))


def kept(db: Session, content: Content) -> Kept:
    """The indicator "kept after 21 days": right at the last repeat."""
    last = len(content.programme.learning.review_days)
    query = (
        select(Quiz.right, func.count())
        .where(Quiz.purpose == QuizPurpose.REVIEW, Quiz.repeat == last, Quiz.answered_at.is_not(None))
        .group_by(Quiz.right)
    )
    counts = {bool(right): number for right, number in db.execute(query)}
    return Kept(sum(counts.values()), counts.get(True, 0))


def told(number: int) -> str:
    """A count as reports show it: small ones are not told."""
    return f"<{FEW}" if 0 < number < FEW else str(number)


def _share(answers: Mapping[str, bool], questions: Iterable[str]) -> float:
    asked = list(questions)
    return sum(answers[question_id] for question_id in asked) / len(asked)


# --- what it owes -----------------------------------------------------------------------------------------------------


def copy(db: Session, person: Person, content: Content, told: Told) -> dict[str, Any]:
    """Returns every question the person was asked, what comes back to them, and their tests."""
    return {
        "kuis": [
            {
                "pertanyaan": quiz.question_id,
                "kata_pertanyaan": question.text if (question := content.question(quiz.question_id)) else None,
                "untuk": quiz.purpose,
                "ditanya_pada": told(quiz.asked_at),
                "dijawab_pada": told(quiz.answered_at),
                "pilihan": quiz.chosen,
                "tepat": quiz.right,
            }
            for quiz in answers_of(db, person)
        ],
        "ulangan_singkat": [
            {
                "pertanyaan": review.question_id,
                "sudah_tepat": review.stage,
                "kembali_pada": told(review.due_at),
                "selesai_pada": told(review.done_at),
            }
            for review in reviews_of(db, person)
        ],
        "tes": [
            {
                "untuk": sitting.purpose,
                "dimulai_pada": told(sitting.begun_at),
                "selesai_pada": told(sitting.done_at),
                "nilai": sitting.score,
                "dijawab": sitting.answered,
            }
            for sitting in sittings_of(db, person)
        ],
    }


DATA: Final = CapabilityData(
    "quizzes",
    tables=(Quiz, Review, ReviewOffer, Sitting),
    due=due,
    next_due=next_due,
    forget=forget,
    copy=copy,
    stays={
        "quiz.person_id": "Answers count for the questions, of nobody in particular.",
        "sitting.person_id": "Results of the tests count, of nobody in particular.",
    },
    not_copied={"review_offer.person_id": "When the bot next asks for a minute; what comes back is in `review`."},
)

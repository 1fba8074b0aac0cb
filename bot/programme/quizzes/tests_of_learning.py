"""The tests before and after the lessons: begun, gone on with, put off, and their results."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.catalogue.content import Content
from bot.people.people import Person
from bot.programme import lessons
from bot.programme.quizzes.asking import ask
from bot.programme.quizzes.outcomes import NextQuestion, TestDone, TestState, TestStatus, TooEarly, TooLate
from bot.programme.quizzes.questions import askable, zone_of
from bot.programme.quizzes.tables import Quiz, QuizPurpose, Sitting


def pretest_state(db: Session, person: Person) -> TestState:
    return _state(db, person, QuizPurpose.PRETEST)


def posttest_state(db: Session, person: Person) -> TestState:
    return _state(db, person, QuizPurpose.POSTTEST)


def take_test(
    db: Session, person: Person, purpose: QuizPurpose, now: datetime, *, content: Content
) -> NextQuestion | TestDone | TooLate | TooEarly:
    """Begins the test or goes on with it: returns its next question, or its result when there is none left."""
    sitting = _sitting(db, person, purpose)
    if sitting is None or sitting.begun_at is None:
        closed = closed_test(db, person, purpose, now, content=content)
        if closed is not None:
            return closed
        sitting = sitting or Sitting(person_id=person.id, purpose=purpose)
        lessons.on_path(person, content)
        sitting.questions = _questions_of_test(db, person, purpose, content)
        sitting.begun_at = now
        db.add(sitting)
    sitting.put_off_at = None
    db.flush()
    if sitting.done_at is None:
        today = now.astimezone(zone_of(content, person.site_id)).date()
        answers = _answers(db, person, purpose)
        for question_id in sitting.questions:
            if question_id in answers:
                continue
            question = askable(content, question_id, today, in_test=True)
            if question is not None:
                asked = ask(db, person, question, purpose, now)
                return NextQuestion(asked.quiz, question, len(answers) + 1, len(sitting.questions))
        sitting.done_at, sitting.answered, sitting.score = now, len(answers), sum(answers.values())
        db.flush()
    return _result(db, person, sitting, content)


def closed_test(
    db: Session, person: Person, purpose: QuizPurpose, now: datetime, *, content: Content
) -> TooLate | TooEarly | None:
    """Returns why the test cannot be begun now; None: it can."""
    if purpose is QuizPurpose.PRETEST:
        return TooLate() if _has_learnt(db, person) else None
    return None if lessons.standing(db, person, content=content, now=now).core_done else TooEarly()


def put_off_test(db: Session, person: Person, purpose: QuizPurpose, now: datetime) -> TestState:
    """Skips the test, or stops it in the middle; it can be gone on with at any time. Returns its state."""
    sitting = _sitting(db, person, purpose)
    if sitting is None:
        sitting = Sitting(person_id=person.id, purpose=purpose, questions=[])
        db.add(sitting)
    if sitting.done_at is None:
        sitting.put_off_at = now
    db.flush()
    return _state(db, person, purpose)


def _has_learnt(db: Session, person: Person) -> bool:
    """Returns whether the person has learnt more than a first lesson: then the test would not show what they knew
    before."""
    if len(lessons.finished_lessons(db, person)) > 1:
        return True
    answered = select(func.count(Quiz.question_id.distinct())).where(
        Quiz.person_id == person.id, Quiz.purpose == QuizPurpose.LESSON, Quiz.answered_at.is_not(None)
    )
    return (db.scalar(answered) or 0) > 1


def _questions_of_test(db: Session, person: Person, purpose: QuizPurpose, content: Content) -> list[str]:
    """Returns the test questions of the person's path in its order; for the test after those of the test before, if
    that was taken."""
    if purpose is QuizPurpose.POSTTEST:
        before = _sitting(db, person, QuizPurpose.PRETEST)
        if before is not None and before.done_at is not None:
            return list(before.questions)
    return [question.id for question in content.test_questions(person.learning_path)]


def _sitting(db: Session, person: Person, purpose: QuizPurpose) -> Sitting | None:
    return db.scalar(select(Sitting).where(Sitting.person_id == person.id, Sitting.purpose == purpose))


def _answers(db: Session, person: Person, purpose: QuizPurpose) -> dict[str, bool]:
    """Returns question -> right, for the questions answered in this test."""
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
        put_off = sitting.put_off_at is not None
        return TestState(TestStatus.BEGUN, answered, len(sitting.questions), put_off=put_off)
    return TestState(TestStatus.SKIPPED, 0, len(sitting.questions))


def _result(db: Session, person: Person, sitting: Sitting, content: Content) -> TestDone:
    answers = _answers(db, person, QuizPurpose(sitting.purpose))
    wrong = [content.in_its_place(one) for one in sitting.questions if answers.get(one) is False]
    missed = tuple(question.lesson_id for question in wrong if question is not None)
    before = None
    if sitting.purpose == QuizPurpose.POSTTEST:
        first = _sitting(db, person, QuizPurpose.PRETEST)
        if first is not None and first.score is not None and first.answered:
            before = (first.score, first.answered)
    return TestDone(sitting.score or 0, sitting.answered or 0, before, missed)

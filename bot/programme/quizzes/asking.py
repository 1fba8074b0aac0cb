"""Asks a question: after its lesson, once more with letters, in a review or in a test."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.content import Content
from bot.catalogue.lesson_files import Question
from bot.people.people import Person
from bot.programme.quizzes.outcomes import AlreadyAnswered, Asked, JustAsked, Marked, OfAnother, Unknown
from bot.programme.quizzes.questions import askable, edition_of, fits_poll, shuffled, zone_of
from bot.programme.quizzes.tables import TESTS, Quiz, QuizPurpose

JUST_NOW: Final = timedelta(minutes=1)
"""A question asked again this soon is a double tap: it is on the screen already."""


def ask_of_lesson(
    db: Session, person: Person, lesson_id: str, now: datetime, *, content: Content
) -> Asked | JustAsked | Marked | Unknown:
    """Asks the question of a lesson."""
    lesson = content.lesson(lesson_id)
    if lesson is None:
        return Unknown()
    question = askable(content, lesson.question.id, now.astimezone(zone_of(content, person.site_id)).date())
    if question is None:
        return Marked()
    return ask(db, person, question, QuizPurpose.LESSON, now)


def ask_with_letters(
    db: Session, person: Person, quiz_id: int, now: datetime, *, content: Content
) -> Asked | AlreadyAnswered | OfAnother | Unknown:
    """Asks the question of a poll once more, with buttons: for phones that cannot show polls."""
    quiz = db.get(Quiz, quiz_id)
    if quiz is None:
        return Unknown()
    if quiz.person_id != person.id:
        return OfAnother(owner_on_same_phone(db, person, quiz.person_id))
    if quiz.answered_at is not None:
        return AlreadyAnswered(quiz)
    question = content.question(quiz.question_id)
    if question is None or edition_of(question) != quiz.edition:
        return Unknown()
    quiz.native, quiz.asked_at = False, now
    return Asked(quiz, question)


def ask(
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


def owner_on_same_phone(db: Session, person: Person, owner_id: int) -> Person | None:
    owner = db.get(Person, owner_id)
    if owner is None or person.account_id is None or owner.account_id != person.account_id:
        return None
    return owner

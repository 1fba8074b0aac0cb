"""Records an answer and what follows from it: a question that was missed comes back, one that was answered rightly
comes back later or is done."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.content import Content
from bot.delivery.outbox import OutboxRow
from bot.people.people import Person
from bot.programme.quizzes.asking import owner_on_same_phone
from bot.programme.quizzes.outcomes import AlreadyAnswered, Answered, Noted, OfAnother, Right, Unknown, Wrong
from bot.programme.quizzes.questions import zone_of
from bot.programme.quizzes.reviews import minutes_of_review, moment_at, pause, set_offer
from bot.programme.quizzes.tables import TESTS, Quiz, QuizPurpose, Review


def quiz_of_poll(db: Session, person: Person, poll_id: str, position: int) -> Quiz | None:
    """Returns the asking that a vote is about.

    The sender commits the poll's id as soon as Telegram has answered. A vote can still be quicker, or the answer with
    the id was lost: then the vote is taken for the person's one open quiz poll whose own poll is not known, or, where
    that of each is known, for the only open one (it was sent twice). None if that leaves a doubt.
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
    """Returns the quiz poll the person was sent last and has not answered."""
    return db.scalar(
        select(Quiz)
        .where(Quiz.person_id == person.id, Quiz.native.is_(True), Quiz.answered_at.is_(None))
        .order_by(Quiz.asked_at.desc(), Quiz.id.desc())
        .limit(1)
    )


def answer(db: Session, person: Person, quiz_id: int, position: int, now: datetime, *, content: Content) -> Answered:
    """Records the answer (`position` as shown, from 0), and what follows from it. The first answer counts."""
    quiz = db.get(Quiz, quiz_id)
    if quiz is None or not 0 <= position < len(quiz.shown_order):
        return Unknown()
    if quiz.person_id != person.id:
        return OfAnother(owner_on_same_phone(db, person, quiz.person_id))
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
    days = _to_next_repeat(db, person, quiz, now, content) if quiz.purpose == QuizPurpose.REVIEW else None
    return Right(quiz, content.question(quiz.question_id), days)


def _missed(db: Session, person: Person, question_id: str, now: datetime, content: Content) -> int:
    """Makes a missed question come back, from the first repeat on. Returns after how many days."""
    review = _review(db, person, question_id)
    if review is None:
        review = Review(person_id=person.id, question_id=question_id, stage=0, due_at=now)
        db.add(review)
    review.question_id = question_id
    review.stage, review.done_at = 0, None
    return _come_back(db, person, review, now, content)


def _to_next_repeat(db: Session, person: Person, quiz: Quiz, now: datetime, content: Content) -> int | None:
    """Moves a question that was answered rightly in a review to its next repeat. Returns after how many days the
    question comes back; None if it does not: this was the last repeat, or an earlier one than the question is at (then
    nothing is changed)."""
    review = _review(db, person, quiz.question_id)
    if review is None or review.done_at is not None or review.stage != quiz.repeat - 1:
        return None
    review.stage += 1
    if review.stage < len(content.programme.learning.review_days):
        return _come_back(db, person, review, now, content)
    review.done_at = now
    set_offer(db, person, now, content)
    return None


def _come_back(db: Session, person: Person, review: Review, now: datetime, content: Content) -> int:
    zone = zone_of(content, person.site_id)
    days = pause(content.programme.learning.review_days, review.stage)
    minute = minutes_of_review(db, [person.id], content)[person.id]
    review.due_at = moment_at(now.astimezone(zone).date() + timedelta(days=days), minute, zone)
    set_offer(db, person, now, content)
    return days


def _review(db: Session, person: Person, question_id: str) -> Review | None:
    """Returns the review of the question, or of the question that it replaced: there is one review for each lesson."""
    lesson_id = question_id.partition("-")[0]
    query = select(Review).where(Review.person_id == person.id, Review.question_id.startswith(f"{lesson_id}-"))
    return db.scalar(query.order_by((Review.question_id == question_id).desc(), Review.id).limit(1))

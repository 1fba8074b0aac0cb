"""Declares how a person's rows of quizzes are forgotten and copied, and why the rest stays."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.capability import CapabilityData, Told
from bot.catalogue.content import Content
from bot.people.people import Person
from bot.programme.quizzes.reviews import due, next_due
from bot.programme.quizzes.tables import Quiz, Review, ReviewOffer, Sitting


def forget(db: Session, person: Person, now: datetime) -> None:
    """Deletes what would come back to the person. Their answers stay as counts, of nobody in particular."""
    db.execute(delete(Review).where(Review.person_id == person.id))
    db.execute(delete(ReviewOffer).where(ReviewOffer.person_id == person.id))


def answers_of(db: Session, person: Person) -> list[Quiz]:
    """Returns everything the person was ever asked, in order."""
    return list(db.scalars(select(Quiz).where(Quiz.person_id == person.id).order_by(Quiz.asked_at, Quiz.id)))


def reviews_of(db: Session, person: Person) -> list[Review]:
    return list(db.scalars(select(Review).where(Review.person_id == person.id).order_by(Review.due_at, Review.id)))


def sittings_of(db: Session, person: Person) -> list[Sitting]:
    return list(db.scalars(select(Sitting).where(Sitting.person_id == person.id).order_by(Sitting.id)))


def copy(db: Session, person: Person, content: Content, told: Told) -> dict[str, Any]:
    """Returns every question the person was asked, what comes back to them, and their tests."""
    return {
        "kuis": [
            {
                "pertanyaan": quiz.question_id,
                "kata_pertanyaan": question.text if (question := content.once_published(quiz.question_id)) else None,
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

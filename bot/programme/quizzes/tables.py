"""The tables of quizzes: each asking of a question, what comes back, when it is offered, and the tests."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base, BigId, Json


class QuizPurpose(StrEnum):
    LESSON = "lesson"
    REVIEW = "review"
    PRETEST = "pretest"
    POSTTEST = "posttest"


TESTS: Final = (QuizPurpose.PRETEST, QuizPurpose.POSTTEST)


class Quiz(Base):
    """One asking of one question to one person; asking again before the answer reuses the row."""

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
    """The options in the order they were shown, each by its place in the content."""
    correct: Mapped[int] = mapped_column(SmallInteger)
    """The place of the right option, as shown."""
    native: Mapped[bool]
    """Whether it was asked as Telegram's quiz poll; otherwise with the options in the text and a button for each
    letter."""
    attempt: Mapped[int] = mapped_column(SmallInteger)
    """The number of the person's answer to this question, tests left out: 1 is the first."""
    repeat: Mapped[int] = mapped_column(SmallInteger, default=0)
    """In a review, the number of the repeat: 1, 2, 3. "Kept after 21 days" is the share that is right at 3."""
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    chosen: Mapped[int | None] = mapped_column(SmallInteger)
    """The option that was answered, by its place in the content."""
    right: Mapped[bool | None]


class Review(Base):
    """A missed question that will come back. `stage` is how many times it was right since the miss."""

    __tablename__ = "review"
    __table_args__ = (UniqueConstraint("person_id", "question_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    question_id: Mapped[str] = mapped_column(String(40))
    stage: Mapped[int] = mapped_column(SmallInteger)
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class ReviewOffer(Base):
    """When a person is next asked whether they have a minute for a review."""

    __tablename__ = "review_offer"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    """Empty while nothing is to come back, and once offers have ended."""
    passed: Mapped[int] = mapped_column(SmallInteger, default=0)
    """Offers in a row that the person ignored: the next one comes later, and after some they end until the next
    answer."""
    stopped_at: Mapped[datetime | None]
    """When the person said that they want no offers; empty once they want them again."""


class Sitting(Base):
    """A person's test before or after: its questions, and the result."""

    __tablename__ = "sitting"
    __table_args__ = (UniqueConstraint("person_id", "purpose"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    purpose: Mapped[str] = mapped_column(String(10))
    questions: Mapped[list[str]] = mapped_column(Json)
    begun_at: Mapped[datetime | None]
    put_off_at: Mapped[datetime | None]
    """When it was skipped or stopped, if it was not gone on with since."""
    done_at: Mapped[datetime | None]
    score: Mapped[int | None] = mapped_column(SmallInteger)
    answered: Mapped[int | None] = mapped_column(SmallInteger)
    """How many questions were answered; `score` of them right. Both are empty until the test is done."""

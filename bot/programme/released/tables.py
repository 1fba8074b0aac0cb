"""The ledger of what was printed: the only table that pages, files and views read."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base, BigId


class Topic(StrEnum):
    SERVICE = "service"
    """What the programme did: seats, attendance, lessons, questions. Exempt from the rules for what people answered."""
    ANSWERS = "answers"
    """What people answered: by the rules of `rules.py`."""
    CLASS = "class"
    LESSON = "lesson"
    QUESTION = "question"
    """Questions of the quizzes, as people answered them: by the rules, too."""
    DELIVERY = "delivery"


class Released(Base):
    """One figure as it may leave the house. No person, no words of people.

    Of what people answered a row is never changed or deleted: a new one takes its place (`replaced_at` of the old), and
    every row there ever was decides what may be printed next. Of the other topics the row is brought up to date.
    """

    __tablename__ = "released"
    __table_args__ = (
        Index("ix_released_figure", "site_id", "code", "part"),
        Index("ix_released_period", "topic", "period"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    topic: Mapped[str] = mapped_column(String(10))
    site_id: Mapped[str] = mapped_column(String(40))
    """Empty: all sites together."""
    code: Mapped[str] = mapped_column(String(32))
    """An indicator of content/indicators.yaml; behind a dot what it is about: practice.qris, orders.d30."""
    part: Mapped[str] = mapped_column(String(40), default="")
    """Of a split, the part; of a class, lesson or question its code. Empty: the figure itself."""
    period: Mapped[str] = mapped_column(String(6))
    """A quarter: 2027Q1. What people answered is counted up to its end, all else within it."""
    n: Mapped[int | None]
    k: Mapped[int | None]
    before: Mapped[int | None]
    word: Mapped[str | None] = mapped_column(String(12))
    """In the place of a k that is not told: most, minor, some. Of a split that is not told: what most said."""
    word_before: Mapped[str | None] = mapped_column(String(12))
    value: Mapped[float | None]
    value_before: Mapped[float | None]
    sites: Mapped[int | None] = mapped_column(SmallInteger)
    """Of how many sites it is the sum."""
    day: Mapped[date | None] = mapped_column(Date)
    """Of a class, the day on which it began at its site."""
    counted_at: Mapped[datetime]
    """Up to when it was counted: earlier than the release where an older figure stands."""
    at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]

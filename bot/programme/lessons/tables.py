"""The tables of lessons: how far each person is, the plan of daily lessons, the days learnt on, the tasks done."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base, BigId, partial_index

LINK_LENGTH: Final = 300


class LessonProgress(Base):
    """One person and one lesson: the page they stopped on, and when they finished it for the first time."""

    __tablename__ = "lesson_progress"
    __table_args__ = (UniqueConstraint("person_id", "lesson_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    lesson_id: Mapped[str] = mapped_column(String(20))
    page: Mapped[int] = mapped_column(SmallInteger, default=1)
    started_at: Mapped[datetime]
    turned_at: Mapped[datetime]
    """When a page of it was last looked at: of several unfinished lessons people go on with the latest."""
    finished_at: Mapped[datetime | None]


class LessonPlan(Base):
    """When a person wants the daily lesson: days and hour are wall time of their site, `due_at` is UTC."""

    __tablename__ = "lesson_plan"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    days: Mapped[int] = mapped_column(SmallInteger)
    """A bit for each day of the week, Monday the lowest."""
    minute: Mapped[int] = mapped_column(SmallInteger)
    """Minutes after midnight."""
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    """Empty once the plan has ended."""
    postponed: Mapped[bool] = mapped_column(default=False)
    """Due a second time on the same day, because the person said "Nanti"."""
    last_day: Mapped[date | None]
    """The site's calendar day on which a lesson was last posted."""
    times: Mapped[int] = mapped_column(SmallInteger, default=0)
    """How often a lesson was posted on that day: twice at most, if the first was put off."""
    unanswered: Mapped[int] = mapped_column(SmallInteger, default=0)
    """How many daily lessons in a row were ignored."""
    resting_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None] = mapped_column(String(12))


class LearningDay(Base):
    """A day (of the site's calendar) on which a person learnt, and how many days a week they planned then: so a later
    change of plan takes no week away."""

    __tablename__ = "learning_day"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    planned: Mapped[int] = mapped_column(SmallInteger)


class TaskDone(Base):
    """The task of a lesson, done; with a photo (as Telegram's file id) or a link if the person wanted to show it."""

    __tablename__ = "task_done"
    __table_args__ = (UniqueConstraint("person_id", "lesson_id"), Index("ix_task_done_done_at", "done_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    lesson_id: Mapped[str] = mapped_column(String(20))
    done_at: Mapped[datetime]
    photo: Mapped[str | None] = mapped_column(String(200))
    link: Mapped[str | None] = mapped_column(String(LINK_LENGTH))
    praised_at: Mapped[datetime | None]
    praised_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))


partial_index("ix_task_done_praised", TaskDone.praised_by, of="praised_by IS NOT NULL")  # an account is deleted

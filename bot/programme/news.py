"""What trainers are to hear: noted when it happens, told later in one message (`trainer_news`). A module of its own, so
that code that notes something need not know how it is told."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ForeignKey, String, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.capability import CapabilityData
from bot.database import Base, BigId, something_due
from bot.people.people import Person
from bot.programme.sessions import ClassSession


class What(StrEnum):
    SEAT = "seat"
    """Somebody gave a seat back shortly before the class."""
    TASK = "task"
    """Somebody did a task."""
    CLAIM = "claim"
    """Somebody says they were in a class, and is not recorded as present."""


class News(Base):
    """Something that the trainers of a site were not told yet; deleted when they are."""

    __tablename__ = "trainer_news"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    site_id: Mapped[str] = mapped_column(String(40))
    what: Mapped[str] = mapped_column(String(8))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    at: Mapped[datetime]


class NewsRound(Base):
    """When the trainers of a site were told news last."""

    __tablename__ = "trainer_news_round"

    site_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    told_at: Mapped[datetime]


def note(
    db: Session, what: What, person: Person, site_id: str, now: datetime, session: ClassSession | None = None
) -> None:
    """Notes something about a person that the trainers of this site are to hear."""
    session_id = None if session is None else session.id
    db.add(News(site_id=site_id, what=what, session_id=session_id, person_id=person.id, at=now))
    something_due(db)


def told(db: Session, what: What, session: ClassSession) -> None:
    """Drops what waits to be told of a class: the trainers heard it in another way."""
    db.execute(delete(News).where(News.what == what, News.session_id == session.id))


# --- what it owes -----------------------------------------------------------------------------------------------------


def forget(db: Session, person: Person, now: datetime) -> None:
    """Deletes what the trainers were not told yet about the person."""
    db.execute(delete(News).where(News.person_id == person.id))


DATA: Final = CapabilityData(
    "news",
    tables=(News, NewsRound),
    forget=forget,
    not_copied={"trainer_news.person_id": "That a trainer is about to hear of a task or a seat, which the copy has."},
)

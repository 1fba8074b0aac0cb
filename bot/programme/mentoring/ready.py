"""Ready answers: words that the mentors of a site say often, at most so many."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.people.people import Account
from bot.programme.mentoring.tables import ReadyAnswer

MOST: Final = 20
"""So many a site keeps."""


def ready_answers(db: Session, site_id: str) -> list[ReadyAnswer]:
    return list(db.scalars(select(ReadyAnswer).where(ReadyAnswer.site_id == site_id).order_by(ReadyAnswer.id)))


def ready_answer(db: Session, site_id: str, ready_id: int) -> ReadyAnswer | None:
    """Returns the ready answer of this number, if it is one of this site."""
    found = db.get(ReadyAnswer, ready_id)
    return found if found is not None and found.site_id == site_id else None


def add_ready(db: Session, site_id: str, text: str, now: datetime, *, by: Account) -> ReadyAnswer | None:
    """Keeps another one; None: the site has as many as it may have."""
    number = db.scalar(select(func.count()).select_from(ReadyAnswer).where(ReadyAnswer.site_id == site_id)) or 0
    if number >= MOST:
        return None
    ready = ReadyAnswer(site_id=site_id, text=text, written_by=by.id, at=now)
    db.add(ready)
    db.flush()
    return ready


def drop_ready(db: Session, site_id: str, ready_id: int) -> bool:
    found = ready_answer(db, site_id, ready_id)
    if found is not None:
        db.delete(found)
        db.flush()
    return found is not None

"""How the programme stands, in numbers without names: for those who look after the bot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.people.people import number_registered
from bot.programme.sessions import ClassSession
from bot.turns import inbox

SENT: Final = timedelta(days=1)
"""Messages that were sent are counted so far back."""


@dataclass(frozen=True)
class Counts:
    """`seats` are those taken (or held for somebody) in classes still to come; `messages` by their state, those that
    were sent of the last day."""

    people: int
    classes: int
    seats: int
    undone: int
    """Updates not handled yet."""
    messages: dict[str, int]


def counts(db: Session, now: datetime) -> Counts:
    coming = select(func.count(), func.coalesce(func.sum(ClassSession.seats_taken), 0)).where(
        ClassSession.starts_at > now, ClassSession.cancelled_at.is_(None)
    )
    classes, seats = db.execute(coming).one()
    messages = outbox.tally(db, sent_since=now - SENT)
    return Counts(number_registered(db), classes, int(seats), inbox.number_undone(db), messages)

"""The state of the programme, in numbers without names: for those who look after the bot."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.people.people import number_registered
from bot.programme import consents, mentoring
from bot.programme.sessions import ClassSession
from bot.turns import inbox

SENT: Final = timedelta(days=1)
"""Messages that were sent are counted this far back."""


@dataclass(frozen=True)
class Counts:
    """`seats` are those taken (or held for somebody) in classes still to come; `messages` by their state, sent ones of
    the last day only."""

    people: int
    classes: int
    seats: int
    undone: int
    """Updates not handled yet."""
    messages: dict[str, int]
    versions: Counter[str]
    """People by the version of the privacy notice they stand by."""
    questions: dict[str, mentoring.figures.Figures]
    """Of each site that has any: those whose first reply was due in the last 30 days, and what waits now."""


def coming_classes(db: Session, now: datetime) -> dict[str, int]:
    """Returns how many classes are to come, and how many seats in them are taken or held for somebody."""
    coming = select(func.count(), func.coalesce(func.sum(ClassSession.seats_taken), 0)).where(
        ClassSession.starts_at > now, ClassSession.cancelled_at.is_(None)
    )
    classes, seats = db.execute(coming).one()
    return {"coming": classes, "seats": int(seats)}


def counts(db: Session, now: datetime, *, update_id: int) -> Counts:
    """Returns the numbers. `update_id` is that of the question itself, which does not count as one that waits."""
    coming = coming_classes(db, now)
    messages = outbox.tally(db, sent_since=now - SENT)
    return Counts(
        people=number_registered(db),
        classes=coming["coming"],
        seats=coming["seats"],
        undone=inbox.number_undone(db, but=update_id),
        messages=messages,
        versions=consents.counts_of_versions(db),
        questions=mentoring.figures.figures(db, now - mentoring.figures.LATELY, now),
    )

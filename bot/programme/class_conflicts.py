"""What a class would run into: the same class twice, its trainer in two places, two classes in one room. Nothing is
forbidden by it; the trainer is told before it is saved."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.people.quiet_hours import overlapping
from bot.programme.sessions import ClassSession
from bot.words.typed_buttons import plain

LONGEST: Final = timedelta(days=1)
"""No class takes longer."""


class Why(StrEnum):
    DOUBLE = "double"
    """The same title at the same site."""
    TRAINER = "trainer"
    VENUE = "venue"


@dataclass(frozen=True)
class Planned:
    """A class as it would be. `but`: the class itself, if there is one."""

    site_id: str
    title: str
    starts_at: datetime
    minutes: int
    venue: str
    trainer: str | None
    but: int | None = None

    @property
    def span(self) -> tuple[datetime, datetime]:
        return self.starts_at, self.starts_at + timedelta(minutes=self.minutes)


def as_it_is(session: ClassSession) -> Planned:
    """Returns the class as it stands in the calendar, or stood before it was cancelled."""
    return Planned(
        session.site_id,
        session.title,
        session.starts_at,
        session.minutes,
        session.venue,
        session.trainer,
        session.id,
    )


def conflicts(db: Session, planned: Planned, sites: Iterable[str]) -> list[tuple[ClassSession, Why]]:
    """Returns the classes at the same time that are of the same title or in the same place at its site, or of the same
    trainer at any of `sites`; the first ones first."""
    return conflicts_of(db, [planned], sites)[0]


def conflicts_of(db: Session, planned: Sequence[Planned], sites: Iterable[str]) -> list[list[tuple[ClassSession, Why]]]:
    """Like `conflicts`, for each of many, in their order, with one query."""
    if not planned:
        return []
    places = {*sites, *(one.site_id for one in planned)}
    query = (
        select(ClassSession)
        .where(ClassSession.site_id.in_(sorted(places)), ClassSession.cancelled_at.is_(None))
        .where(ClassSession.starts_at > min(one.starts_at for one in planned) - LONGEST)
        .where(ClassSession.starts_at < max(one.span[1] for one in planned))
        .order_by(ClassSession.starts_at, ClassSession.id)
    )
    others = list(db.scalars(query))
    starts = [other.starts_at for other in others]
    found: list[list[tuple[ClassSession, Why]]] = []
    for one in planned:
        begins, ends = one.span
        near = others[bisect_right(starts, begins - LONGEST) : bisect_left(starts, ends)]
        hits = ((other, _why(one, other, {one.site_id, *sites})) for other in near)
        found.append([(other, why) for other, why in hits if why is not None])
    return found


def _why(planned: Planned, other: ClassSession, places: Collection[str]) -> Why | None:
    if other.id == planned.but or other.site_id not in places:
        return None
    if not overlapping(planned.span, (other.starts_at, other.ends_at)):
        return None
    if other.site_id == planned.site_id and plain(other.title) == plain(planned.title):
        return Why.DOUBLE
    if planned.trainer and other.trainer and plain(other.trainer) == plain(planned.trainer):
        return Why.TRAINER
    if other.site_id == planned.site_id and plain(other.venue) == plain(planned.venue):
        return Why.VENUE
    return None

"""How questions are answered, in numbers: how soon, how many in time, and what waits at this moment.

A question belongs to the period in which its first reply was due: `Ticket.reply_due_at`, by the hours and the rule that
stood when it was asked, so that a change of either changes no figure of before. A question that its person took back
(or that ended because they erased or froze their data, or may not ask any more) before that moment is counted apart:
nobody was late. What people say about a class has no such moment, and is counted only while somebody waits in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import case, func, literal_column, select
from sqlalchemy.orm import Session

from bot.database import constant
from bot.people.people import frozen
from bot.programme.mentoring.clock import DAYS
from bot.programme.mentoring.tables import Closed, State, Ticket
from bot.words.message import Value, Words

ENOUGH: Final = 5
"""Of fewer questions no median and no share is told: they would say nothing."""
LATELY: Final = timedelta(days=30)
"""What /status and /metrics tell of."""
_BY_NO_MENTOR: Final = (Closed.CANCELLED, Closed.ERASED, Closed.FROZEN, Closed.BLOCKED)


@dataclass
class Figures:
    """Of one site, or of several together."""

    in_time: int = 0
    """Questions that got their first reply not later than it was due."""
    minutes: list[int] = field(default_factory=list)
    """After how many minutes of work each question got its first reply that got one, in time or not."""
    unanswered: int = 0
    """Questions whose first reply was due, and that got none (yet), or none that arrived."""
    withdrawn: int = 0
    """Questions that ended before anybody answered and before a reply was due: mostly by their persons."""
    free: int = 0
    """Questions in which somebody waits now, and that no mentor has."""
    held: int = 0
    """Questions in which somebody waits now for the mentor who has them."""
    overdue: int = 0
    """Those of both that wait for three working days."""

    @property
    def answered(self) -> int:
        return len(self.minutes)

    @property
    def number(self) -> int:
        """How many first replies were due."""
        return self.answered + self.unanswered

    @property
    def waiting(self) -> int:
        return self.free + self.held

    @property
    def empty(self) -> bool:
        return not (self.number or self.withdrawn or self.waiting)

    @property
    def share_in_time(self) -> float | None:
        """From 0 to 1; None: of too few questions."""
        return self.in_time / self.number if self.number >= ENOUGH else None

    @property
    def median_minutes(self) -> int | None:
        """Of those that were answered, in minutes of work; None: too few were. Of two in the middle the longer."""
        return sorted(self.minutes)[self.answered // 2] if self.answered >= ENOUGH else None


def together(sites: Iterable[Figures]) -> Figures:
    whole = Figures()
    for one in sites:
        for name in (each.name for each in fields(Figures)):
            setattr(whole, name, getattr(whole, name) + getattr(one, name))
    return whole


def figures(
    db: Session, since: datetime | None, until: datetime, *, sites: Collection[str] | None = None
) -> dict[str, Figures]:
    """Returns the figures of these sites (None: of all), those without any question left out. What waits is told as it
    is now, whatever the period."""
    found: dict[str, Figures] = defaultdict(Figures)
    _replies(db, found, since, until, sites)
    _waiting(db, found, sites)
    return dict(found)


def _replies(
    db: Session, found: dict[str, Figures], since: datetime | None, until: datetime, sites: Collection[str] | None
) -> None:
    query = select(
        Ticket.site_id,
        Ticket.reply_due_at,
        Ticket.first_reply_at,
        Ticket.reply_minutes,
        Ticket.reply_lost,
        Ticket.closed_because,
        Ticket.closed_at,
    ).where(Ticket.reply_due_at < until, Ticket.person_id.not_in(frozen()))
    if since is not None:
        query = query.where(Ticket.reply_due_at >= since)
    if sites is not None:
        query = query.where(Ticket.site_id.in_(sorted(sites)))
    for site_id, due_at, replied_at, minutes, lost, because, closed_at in db.execute(query):
        assert due_at is not None  # it is of the period
        site = found[site_id]
        if replied_at is not None and not lost:
            site.minutes.append(minutes or 0)
            site.in_time += replied_at <= due_at
        elif because in _BY_NO_MENTOR and closed_at is not None and closed_at <= due_at:
            site.withdrawn += 1
        else:
            site.unanswered += 1


def _waiting(db: Session, found: dict[str, Figures], sites: Collection[str] | None) -> None:
    taken = func.sum(case((Ticket.state == constant(State.CLAIMED), 1), else_=0))
    waiting = select(Ticket.site_id, func.count(), taken).where(Ticket.waiting_since.is_not(None))
    # the number itself stands in the statement, so that the planner finds the partial index of it
    late = select(Ticket.site_id, func.count()).where(Ticket.level == literal_column(str(DAYS)))
    if sites is not None:
        here = Ticket.site_id.in_(sorted(sites))
        waiting, late = waiting.where(here), late.where(here)
    for site_id, number, held in db.execute(waiting.group_by(Ticket.site_id)):
        found[site_id].free, found[site_id].held = number - int(held), int(held)
    for site_id, number in db.execute(late.group_by(Ticket.site_id)):
        found[site_id].overdue = number


# --- in words ---------------------------------------------------------------------------------------------------------


def told(one: Figures) -> tuple[Words, ...]:
    """Returns the figures in words, one line each; what is not there is said to be so, or left out."""
    if one.empty:
        return (Words("mentoring.figures.none"),)
    return (*_told_of_replies(one), *_told_of_now(one))


def _told_of_replies(one: Figures) -> Iterator[Words]:
    number: dict[str, Value] = {"n": one.number, "k": one.in_time}
    if not one.number:
        yield Words("mentoring.figures.none_due")
    elif one.share_in_time is None:
        yield Words("mentoring.figures.in_time_few", number)
    else:
        yield Words("mentoring.figures.in_time", number | {"share": round(one.share_in_time, 2)})
    if one.median_minutes is not None:
        yield Words("mentoring.figures.median", {"minutes": one.median_minutes, "n": one.answered})
    elif one.answered:
        yield Words("mentoring.figures.median_few", {"n": one.answered})
    if one.unanswered:
        yield Words("mentoring.figures.unanswered", {"n": one.unanswered})
    if one.withdrawn:
        yield Words("mentoring.figures.withdrawn", {"n": one.withdrawn})


def _told_of_now(one: Figures) -> Iterator[Words]:
    if one.waiting:
        yield Words("mentoring.figures.waiting", {"n": one.waiting, "free": one.free})
    else:
        yield Words("mentoring.figures.waiting_none")
    if one.overdue:
        yield Words("mentoring.figures.overdue", {"n": one.overdue})

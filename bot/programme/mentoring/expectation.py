"""When an answer may be expected: as most were answered here lately, or by the rule. Nothing is promised that is not
kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.content import Content
from bot.people.quiet_hours import is_open
from bot.people.working_hours import after_working, working_minutes
from bot.programme.mentoring.outcomes import Expectation, NotLaterThan, Today, WithinHours
from bot.programme.mentoring.tables import Ticket
from bot.programme.mentoring.tickets import no_talk_about_class

LATELY: Final = timedelta(days=60)
NEWEST: Final = 20
"""So many first replies are looked at."""
ENOUGH: Final = 5
"""With fewer of them nothing can be said but the rule."""
ROUNDED: Final = (1, 3)
"""Hours that are named; what takes longer is "today" at best."""


def expect(db: Session, site_id: str, now: datetime, *, content: Content) -> Expectation:
    """Returns what somebody is told who asks now."""
    hours = content.mentoring_hours(site_id)
    if is_open(hours, now):
        median = median_minutes(db, site_id, now, content=content)
        if median is not None:
            likely = after_working(hours, now, median)
            for named in ROUNDED:
                # not across the break at noon: "within an hour" is an hour of the clock
                if median <= named * 60 and likely - now <= timedelta(hours=named):
                    return WithinHours(named)
            zone = ZoneInfo(hours.zone)
            if likely.astimezone(zone).date() == now.astimezone(zone).date():
                return Today()
    return NotLaterThan(after_working(hours, now, content.programme.mentoring.first_reply))


def median_minutes(db: Session, site_id: str, now: datetime, *, content: Content) -> int | None:
    """Returns the median of the last first replies of the site, in minutes of work; None: there are too few. A trainer
    answers words about a class sooner: those do not count."""
    query = (
        select(Ticket.opened_at, Ticket.first_reply_at)
        .where(Ticket.site_id == site_id, Ticket.first_reply_at.is_not(None), Ticket.first_reply_at > now - LATELY)
        .where(no_talk_about_class(), Ticket.reply_lost.is_(False))
        .order_by(Ticket.first_reply_at.desc())
        .limit(NEWEST)
    )
    hours = content.mentoring_hours(site_id)
    took = sorted(working_minutes(hours, opened, replied) for opened, replied in db.execute(query) if replied)
    return took[len(took) // 2] if len(took) >= ENOUGH else None

"""Counts minutes of work: how many lie between two moments, and when so many of them have passed.

Hours are `OpenHours` (`Content.mentoring_hours`): days of the site, less breaks, prayers and days off. Moments are UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.people.quiet_hours import OpenHours, windows

LONGEST_DAYS: Final = 400
"""How many days ahead hours of work are looked for."""
MINUTE: Final = timedelta(minutes=1)


def working_minutes(hours: OpenHours, since: datetime, until: datetime) -> int:
    """Returns the whole minutes of work from `since` to `until`; 0 if `until` is not later."""
    worked = timedelta(0)
    for start, end in _stretches(hours, since):
        if start >= until:
            break
        worked += max(min(end, until) - max(start, since), timedelta(0))
    return worked // MINUTE


def after_working(hours: OpenHours, since: datetime, minutes: int) -> datetime:
    """Returns the first moment, not before `since`, at which so many minutes of work have passed since then.

    Raises ValueError if there is not so much work within LONGEST_DAYS days.
    """
    left = minutes * MINUTE
    if left <= timedelta(0):
        return since
    for start, end in _stretches(hours, since):
        start = max(start, since)
        if end - start >= left:
            return start + left
        left -= max(end - start, timedelta(0))
    raise ValueError(f"no {minutes} minutes of work within {LONGEST_DAYS} days")


def _stretches(hours: OpenHours, since: datetime) -> Iterator[tuple[datetime, datetime]]:
    first = since.astimezone(ZoneInfo(hours.zone)).date()
    for offset in range(LONGEST_DAYS):
        yield from windows(hours, first + timedelta(days=offset))

"""Days of learning: days of the week as bits, the next hour of a plan, and the weeks that count as learnt. No
database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.catalogue.content import Content

FORGIVEN_DAYS: Final = 2
"""How many of a week's planned days may be left out: the week still counts as learnt."""
EVERY_DAY: Final = 0b111_1111


def day_set(days: Iterable[int]) -> int:
    """Returns days of the week (0 is Monday) as bits."""
    return sum(1 << day for day in set(days))


def days_in(days: int) -> list[int]:
    return [day for day in range(7) if days >> day & 1]


def next_slot(days: int, minute: int, zone: str, after: datetime) -> datetime:
    """Returns the next moment (UTC) later than `after` at this minute of one of these days in `zone`. `days` is not
    empty."""
    local = ZoneInfo(zone)
    first = after.astimezone(local).date()
    for offset in range(8):
        day = first + timedelta(days=offset)
        if days >> day.weekday() & 1:
            moment = datetime.combine(day, time(minute // 60, minute % 60), local).astimezone(UTC)
            if moment > after:
                return moment
    raise ValueError("a plan without a day")


def weeks_learnt(days: Iterable[tuple[date, int]]) -> int:
    """Returns how many calendar weeks (from Monday) count as learnt, given the days of learning and how many were
    planned a week.

    All planned days but two are enough, and one always is needed.
    """
    weeks: dict[date, list[int]] = defaultdict(list)
    for day, planned in days:
        weeks[day - timedelta(days=day.weekday())].append(planned)
    return sum(len(planned) >= max(1, min(planned) - FORGIVEN_DAYS) for planned in weeks.values())


def today(content: Content, site_id: str | None, now: datetime) -> date:
    """Returns the calendar day at the site."""
    return now.astimezone(ZoneInfo(content.open_hours(site_id).zone)).date()

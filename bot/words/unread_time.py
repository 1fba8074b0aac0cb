"""Why a time that somebody wrote was not read, as words for them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Final

from bot.words.message import At, Value, Words
from bot.words.spoken_time import Unread, Why
from bot.words.texts import zone_label

LONGEST: Final = 40
"""The most characters of their own words that are said back."""


def words_of(unread: Unread, zone: str) -> Words:
    """Returns the reason, for a site in `zone` (IANA)."""
    said = unread.said if len(unread.said) <= LONGEST else unread.said[: LONGEST - 1] + "…"
    if unread.why is Why.HOUR:
        if unread.day is None:
            return Words("spoken.hour_of_some_day")
        return Words("spoken.hour", {"day": day_alone(unread.day)})
    values: dict[str, Value] = {"said": said, "zone": zone_label(zone)}
    if unread.day is not None:
        values["day"] = day_alone(unread.day)
    return Words(f"spoken.{unread.why}", values)


def day_alone(day: date) -> At:
    """Returns a day without an hour, as noon in UTC: that is the same day in all zones of the programme."""
    return At(datetime.combine(day, time(12), UTC), "Asia/Jakarta")

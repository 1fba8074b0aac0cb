"""Times as trainers write them: "besok 9", "sel 24 nov 13.30", "24/11 13:30", "jam 1 siang" -> a moment, or nothing.

Reading is forgiving but never invents: a word that is not understood, a weekday that is not the date's, a zone that is
not the site's, and no moment is read. Whoever asked repeats it back as a full date before anything is saved.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.class_import.tables import MONTHS, WEEKDAYS
from bot.programme.registration import cleaned
from bot.words.texts import zone_label

LONGEST: Final = 80
"""Characters; a longer text is no time."""
NEXT_WEEK: Final = frozenset({"minggu depan", "minggu depan lagi", "pekan depan", "pekan depan lagi", "next week"})
FIRST_HOUR: Final = 6
""" "jam 1" without a part of the day is the afternoon: no class begins in the night."""

_MONTH: Final = "|".join(sorted(MONTHS, key=len, reverse=True))
_WEEKDAY: Final = "|".join(sorted((*WEEKDAYS, "jum'at"), key=len, reverse=True))
_COUNTS: Final = {"se": 1, "satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6, "tujuh": 7}
_COUNT: Final = r"\d{1,2}|satu|dua|tiga|empat|lima|enam|tujuh|se"
_DAYPARTS: Final = {
    "dini hari": (0, 5),
    "subuh": (3, 6),
    "pagi": (4, 11),
    "siang": (10, 15),
    "sore": (14, 18),
    "petang": (15, 19),
    "malam": (18, 23),
    "morning": (4, 11),
    "afternoon": (12, 18),
    "evening": (17, 22),
    "night": (18, 23),
}
"""From the first hour to the last in which a part of the day may begin something."""
_FILLERS: Final = r"pukul|pkl|jam|hari|tanggal|tgl|pada|at|on|the|o'clock|ya"


@dataclass
class _Text:
    """What is still to be understood; each find is taken out."""

    rest: str

    def take(self, pattern: str) -> re.Match[str] | None:
        found = re.search(rf"(?<![\w./:-])(?:{pattern})(?![\w/:-]|\.\d)", self.rest)
        if found:
            self.rest = f"{self.rest[: found.start()]} {self.rest[found.end() :]}"
        return found


def says_next_week(text: str) -> bool:
    """Whether it is only "next week again", said of something whose weekday and hour are known."""
    return cleaned(text).casefold().rstrip(".!") in NEXT_WEEK


def read_moment(text: str, *, now: datetime, zone: str, usual: time | None = None) -> datetime | None:
    """The moment that `text` means at `now`, aware in `zone` (the site's IANA zone); None if none can be read.

    Without a date it is the next such hour, without a year the next such day. It may lie in the past if the text says
    so ("hari ini 8"). `usual` is the hour of a text that names only a day.
    """
    plain = cleaned(text).casefold().replace("’", "'")
    if len(plain) > LONGEST:
        return None
    words = _Text(re.sub(r"[,;]|\.(?=\s|$)", " ", plain))
    local = now.astimezone(ZoneInfo(zone))
    try:
        label = words.take("wib|wita|wit")
        if label is not None and label[0].upper() != zone_label(zone):
            return None
        day, weekday = _day(words, local.date())
        clock = _time(words) or (usual if day is not None else None)
        if clock is None or re.sub(rf"\b(?:{_FILLERS})\b", " ", words.rest).strip():
            return None
        if day is None:
            day = local.date()
            if datetime.combine(day, clock, local.tzinfo) <= local:
                day += timedelta(days=1)
        elif weekday is not None and weekday >= 0:  # a weekday alone: the next one
            day += timedelta(days=(weekday - day.weekday()) % 7)
            if datetime.combine(day, clock, local.tzinfo) <= local:
                day += timedelta(days=7)
        return datetime.combine(day, clock, local.tzinfo)
    except (ValueError, OverflowError):  # the 31st of February, or a year nobody lives to see
        return None


def _day(words: _Text, today: date) -> tuple[date | None, int | None]:
    """The day, and the weekday to look for from there (None: the day is settled). Raises ValueError for a day that
    does not exist."""
    found = _date(words, today)
    next_week = words.take("(?:minggu|pekan) depan|next week") is not None
    weekday = _weekday(words)
    later = words.take("depan|next") is not None
    if next_week or later:
        if found is not None:
            raise ValueError
        if weekday is None:
            if later:
                raise ValueError
            return today + timedelta(days=7), None
        monday = today - timedelta(days=today.weekday()) + timedelta(days=7)
        return monday + timedelta(days=weekday), None
    if found is None:
        return (today, weekday) if weekday is not None else (None, None)
    if weekday is not None and found.weekday() != weekday:
        raise ValueError
    return found, None


def _date(words: _Text, today: date) -> date | None:
    if found := words.take(r"(20\d\d)-(\d{1,2})-(\d{1,2})"):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := words.take(r"(\d{1,2})([/.-])(\d{1,2})\2(20\d\d)"):
        return date(int(found[4]), int(found[3]), int(found[1]))
    if found := words.take(r"(\d{1,2})/(\d{1,2})/(\d\d)"):
        return date(2000 + int(found[3]), int(found[2]), int(found[1]))
    if found := words.take(r"(\d{1,2})[/-](\d{1,2})"):
        return _next(today, int(found[2]), int(found[1]))
    if found := words.take(rf"(\d{{1,2}})(?:st|nd|rd|th)?[\s-]*({_MONTH})\.?(?:[\s-]+(20\d\d))?"):
        month, day = MONTHS[found[2]], int(found[1])
        return date(int(found[3]), month, day) if found[3] else _next(today, month, day)
    if found := words.take(rf"({_MONTH})\s+(\d{{1,2}})(?:st|nd|rd|th)?(?:\s+(20\d\d))?"):
        month, day = MONTHS[found[1]], int(found[2])
        return date(int(found[3]), month, day) if found[3] else _next(today, month, day)
    for pattern, days in (
        ("hari ini|today|nanti", 0),
        ("besok lusa|lusa|(?:the )?day after tomorrow", 2),
        ("besok|bsk|tomorrow", 1),
    ):
        if words.take(pattern):
            return today + timedelta(days=days)
    if found := words.take(rf"({_COUNT})\s*(hari|minggu|pekan)\s+lagi|in\s+(\d{{1,2}})\s+(days?|weeks?)"):
        count = found[1] or found[3]
        number = _COUNTS[count] if count in _COUNTS else int(count)
        return today + timedelta(days=number * (1 if (found[2] or found[4])[0] in "hd" else 7))
    if found := words.take(r"(?:tanggal|tgl)\s*(\d{1,2})"):
        return _next_of_month(today, int(found[1]))
    return None


def _next(today: date, month: int, day: int) -> date:
    """The next such day. 29 February may be years ahead."""
    for year in range(today.year, today.year + 9):
        try:
            found = date(year, month, day)
        except ValueError:
            if (month, day) != (2, 29):
                raise
            continue
        if found >= today:
            return found
    raise ValueError


def _next_of_month(today: date, day: int) -> date:
    month = today.replace(day=1)
    for _ in range(3):
        try:
            found = month.replace(day=day)
        except ValueError:
            found = None
        if found is not None and found >= today:
            return found
        month = (month + timedelta(days=32)).replace(day=1)
    raise ValueError


def _weekday(words: _Text) -> int | None:
    found = words.take(rf"({_WEEKDAY})")
    return None if found is None else WEEKDAYS[found[1].replace("'", "")]


def _time(words: _Text) -> time | None:
    part = words.take("|".join(_DAYPARTS))
    half = re.search(r"\bsetengah\s+(\d{1,2})(?![\d.:/-])", words.rest)
    if half:
        words.rest = words.rest.replace(half[0], " ", 1)
        hour, minute, marked, sure = int(half[1]) - 1, 30, None, False
    elif found := words.take(r"(\d{1,2})[.:](\d{2})(?:[.:]00)?\s*(am|pm)?"):
        hour, minute, marked, sure = int(found[1]), int(found[2]), found[3], found[1].startswith("0")
    elif found := words.take(r"(\d{1,2})\s*(am|pm)?"):
        hour, minute, marked, sure = int(found[1]), 0, found[2], found[1].startswith("0")
    else:
        return None
    if marked and part:
        return None
    if marked:
        if not 1 <= hour <= 12:
            return None
        return time(hour % 12 + (12 if marked == "pm" else 0), minute)
    if part:
        first, last = _DAYPARTS[part[0]]
        fits = [one for one in (hour, hour + 12) if first <= one <= last]
        return time(fits[0], minute) if fits else None
    if 1 <= hour < FIRST_HOUR and not sure:
        hour += 12
    return time(hour, minute)

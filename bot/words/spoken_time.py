"""Dates, hours and lengths as people in Indonesia write them: "besok 9", "sel 24 nov 13.30", "setengah 8 malam".

One grammar for every place that reads them (bot/words/time_grammar.py), and one function for each place, which says
what may be left out there and what an hour without a part of the day means:

    read_time          typed into the chat: the next such moment, and how long; "besok 2" is the afternoon; or why not
    read_stretch       the same where from when to when is asked for: "sel 9-12" are hours there, not 9 December
    read_dated_stretch a cell of a table of classes: a whole date with its year; hours as on the clock
    read_hour          typed for the daily lesson, perhaps in a sentence: an hour as on the clock
    read_range         programme.yaml: two hours as on the clock
    read_weekday, read_length

Nothing is guessed: a word that is not understood, a weekday that is not the date's, a zone that is not the site's, a
second hour, and nothing is read. What the places read differently before: docs/decisions/007-one-reader-of-time.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from bot.words.texts import zone_label
from bot.words.time_grammar import (
    FIRST_HOUR,
    NUMBER,
    NUMBERS,
    PART,
    WEEKDAYS,
    YEARS,
    Clock,
    NoSuchDay,
    Said,
    WrongWeekday,
    understand,
)
from bot.words.typed_text import cleaned

LONGEST_SENTENCE: Final = 200
LONGEST_STRETCH: Final = timedelta(hours=14)
"""An end further from its start is none: "jam 9 sampai 8"."""
NEXT_WEEK: Final = frozenset({"minggu depan", "minggu depan lagi", "pekan depan", "pekan depan lagi", "next week"})
WEEKDAY_NAMES: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
UNITS: Final = {"menit": 1, "mnt": 1, "minutes": 1, "minute": 1, "jam": 60, "hours": 60, "hour": 60, "hari": 1440}
"""The units of a length, in minutes."""
_TURNS: Final = re.compile(
    rf"\d|\b(?:{PART}|setengah|lewat|lebih|kurang|bukan|jangan|tidak|selain|kecuali|sebelum|sesudah|setelah|antara"
    r"|atau|not|before|after|between|or)\b"
)
"""Words around an hour in a sentence that make another hour of it, or leave open which."""
_RANGE: Final = re.compile(r"(.+?)\s*(?:[-–—]|\bs/d\b|\bs\.d\.?|\bsampai\b|\bhingga\b|\bto\b)\s*(.+)")
_HOURS: Final = re.compile(
    r"(?<![\d.:/-])(?P<first>\d{1,2})(?P<past>[.:]\d{2})?\s*[-–—]\s*(?P<last>\d{1,2})(?P<until>[.:]\d{2})?(?![\d.:/-])"
)
"""Two hours with a dash between them, which could be a day and a month, too."""
_LENGTH: Final = re.compile(
    rf"(?:(?P<digits>\d{{1,5}})(?:[.,](?P<tenth>\d))?|(?P<word>{NUMBER}|se(?=jam|hari))?\s*(?P<half>setengah)?)\s*"
    rf"(?P<unit>{'|'.join(UNITS)})(?:\s+(?P<more>\d{{1,2}})(?:\s*(?:menit|mnt|minutes?))?)?"
)


class Why(StrEnum):
    """Why a time was not read. Words for people: `sessions.time.<why>`."""

    UNREAD = "unread"
    REST = "rest"
    """Some of it was not understood."""
    NO_DAY = "no_day"
    WEEKDAY = "weekday"
    ZONE = "zone"
    HOUR = "hour"
    """A day, or a part of one, without the hour."""
    CLOCK = "clock"
    """An hour that does not exist, or not in that part of the day."""
    END = "end"
    """The end comes before the start, or long after it."""


@dataclass(frozen=True)
class Spoken:
    """A moment, aware in the site's zone, and how long it takes if that was said. `midnight`: it begins the day after
    the one that was named ("besok jam 12 malam"), so it should be said back at once."""

    moment: datetime
    minutes: int | None = None
    midnight: bool = False


@dataclass(frozen=True)
class Unread:
    """`said`: the words it hangs on. `day` and `part` (of the day): what was understood where the hour is missing, or
    the day that has another weekday."""

    why: Why
    said: str = ""
    day: date | None = None
    part: str | None = None


class Unclear(ValueError):
    """A cell of a table that says no moment. Its text is English, for the command line; `kind` is one word for words in
    other languages (`sessions.problem.<kind>`), with `facts` that they may use."""

    def __init__(self, words: str, kind: str, **facts: str | int | date) -> None:
        super().__init__(words)
        self.kind = kind
        self.facts = facts


# --- what is read in each place ---------------------------------------------------------------------------------------


def read_time(
    text: str,
    *,
    now: datetime,
    zone: str,
    usual: time | None = None,
    day: date | None = None,
    part: str | None = None,
) -> Spoken | Unread:
    """Returns the moment that `text` means at `now`, in `zone` (the site's IANA zone), or why it means none.

    Without a date it is the next such hour, without a year the next such day. It may lie in the past if the text says
    so ("hari ini 8"). `usual` is the hour of a text that names a day and nothing else. `day` and `part` are what was
    said before, where only the hour was asked for. Whoever asked repeats the moment back as a full date before anything
    is saved.
    """
    said = understand(text)
    if said is None:
        return Unread(Why.UNREAD)
    if said.rest:
        knows = said.day or said.weekday or said.clock or said.part
        return Unread(Why.REST if knows else Why.UNREAD, said.rest)
    if said.label is not None and said.label != zone_label(zone):
        return Unread(Why.ZONE, said.label)
    local = now.astimezone(ZoneInfo(zone))
    try:
        named, weekday = said.first_day(local.date())
    except NoSuchDay:
        return Unread(Why.NO_DAY, cleaned(text))
    except WrongWeekday as error:
        return Unread(Why.WEEKDAY, said.weekday or "", error.day)
    except (ValueError, OverflowError):
        return Unread(Why.UNREAD)
    asked = named is None
    try:
        return _moment(said, local, day if asked else named, weekday, usual, part if asked else None)
    except (ValueError, OverflowError):  # a year nobody lives to see
        return Unread(Why.UNREAD)


def read_stretch(
    text: str, *, now: datetime, zone: str, day: date | None = None, part: str | None = None
) -> Spoken | Unread:
    """Returns from when and how long, as `read_time` does, where people are asked for a stretch of time: "9-12" at the
    end of it means hours, as long as the first is the earlier one."""
    plain = cleaned(text)
    several = list(_HOURS.finditer(plain[: LONGEST_SENTENCE + 1]))
    found = several[-1] if several else None  # the last one: "24-11 9-12"
    if found is not None and int(found["first"]) <= int(found["last"]) <= 24:
        first, last = found["first"] + (found["past"] or ""), found["last"] + (found["until"] or "")
        hours = f"{plain[: found.start()]}jam {first} sampai {last}{plain[found.end() :]}".replace("jam jam", "jam")
        read = read_time(hours, now=now, zone=zone, day=day, part=part)
        if isinstance(read, Spoken):
            return read
    return read_time(text, now=now, zone=zone, day=day, part=part)


def _moment(
    said: Said, local: datetime, day: date | None, weekday: int | None, usual: time | None, part: str | None
) -> Spoken | Unread:
    """Returns the moment on `day` (None: the next such hour), or on the next such weekday from that day on."""
    if said.clock is None:
        if usual is None or day is None or said.part is not None:
            if day is None and said.part is None:
                return Unread(Why.UNREAD)
            if day is not None and weekday is not None:
                day += timedelta(days=(weekday - day.weekday()) % 7)
            return Unread(Why.HOUR, day=day, part=said.part)
        start, midnight = usual, False
    else:
        midnight = said.clock.is_midnight
        found = time(0, said.clock.minute or 0) if midnight else _hour_of(said.clock, part)
        if found is None:
            return Unread(Why.CLOCK, day=day)
        start = found
    if day is None:
        moment = datetime.combine(local.date(), start, local.tzinfo) + timedelta(days=midnight)
        if moment <= local:
            moment += timedelta(days=1)
    else:
        if weekday is not None:  # a weekday alone: the next one
            day += timedelta(days=(weekday - day.weekday()) % 7)
        moment = datetime.combine(day, start, local.tzinfo) + timedelta(days=midnight)
        if weekday is not None and moment <= local:
            moment += timedelta(days=7)
    if said.end is None:
        return Spoken(moment, None, midnight)
    minutes = _minutes_until(moment, said.end)
    return Unread(Why.END) if minutes is None else Spoken(moment, minutes, midnight)


def _hour_of(clock: Clock, part: str | None) -> time | None:
    """Returns the hour of a class; in that part of the day, if the hour itself names none and can be in it."""
    if part is not None and clock.is_ambiguous:
        try:
            return Clock(clock.hour, clock.minute, part, half=clock.half).time(afternoon=True)
        except ValueError:
            pass
    try:
        return clock.time(afternoon=True)
    except ValueError:
        return None


def _minutes_until(start: datetime, end: Clock) -> int | None:
    try:
        hour = time(0, end.minute or 0) if end.is_midnight else end.time(afternoon=False)
    except ValueError:
        return None
    until = datetime.combine(start.date(), hour, start.tzinfo)
    for later in (timedelta(), timedelta(hours=12), timedelta(days=1)):
        if later == timedelta(hours=12) and not end.is_ambiguous:
            continue
        if timedelta() < until + later - start <= LONGEST_STRETCH:
            return int((until + later - start).total_seconds() // 60)
    return None


def says_next_week(text: str) -> bool:
    """Whether the text only says "next week again", about something whose weekday and hour are known."""
    return cleaned(text).casefold().rstrip(".!") in NEXT_WEEK


def read_dated_stretch(text: str, label: str) -> tuple[datetime, int | None]:
    """Returns the wall time, without a zone, that a text names in full: day, month, year in four digits, hour and
    minute (or hour and part of the day, or an hour from FIRST_HOUR on: "jam 9"); and for how many minutes, if it says
    until when. `label` (WIB, WITA, WIT) is that of the place. Raises Unclear."""
    said = understand(text)
    if said is not None and said.day is None and (found := re.search(r"\d\s*-?([a-z']+)[\s-]*\d{4}\b", said.rest)):
        raise Unclear(f"'{_short(found[1])}' is not a month", "month", text=_short(found[1]))
    stranger = said is not None and said.weekday is None and re.fullmatch(r"[a-z']+", said.rest)
    if said is None or (kind := _lacks(said, stranger=bool(stranger))):
        words = f"'{_short(text)}' is not a date and time like 2026-11-24 09:00 or 24 Nov 2026 09.00"
        raise Unclear(words, "starts" if said is None else kind, text=_short(text))
    if said.day is None or said.clock is None or said.day.year is None or said.day.month is None:
        raise AssertionError("told above")
    missing = f"'{_short(text)}' is not a date and time that exists (write day/month/year)"
    try:
        day = date(said.day.year, said.day.month, said.day.number)
    except ValueError:
        raise Unclear(missing, "no_day", text=_short(text)) from None
    try:
        moment = datetime.combine(day, said.clock.time(afternoon=False))
    except ValueError:
        raise Unclear(missing, "hour", text=_short(text)) from None
    if stranger:
        raise Unclear(f"'{_short(said.rest)}' is not a day of the week", "not_weekday", text=_short(said.rest))
    if said.weekday is not None and WEEKDAYS[said.weekday] != moment.weekday():
        words = f"{moment:%Y-%m-%d} is a {WEEKDAY_NAMES[moment.weekday()]}, not '{said.weekday}'"
        raise Unclear(words, "weekday", day=day, text=said.weekday)
    if said.label is not None and said.label != label:
        raise Unclear(f"says {said.label}, but the site is in {label}", "zone", text=said.label, zone=label)
    if not YEARS[0] <= moment.year <= YEARS[1]:
        raise Unclear(f"the year {moment.year} is not between {YEARS[0]} and {YEARS[1]}", "years", n=moment.year)
    if said.end is None:
        return moment, None
    try:
        until = datetime.combine(day, said.end.time(afternoon=False))
    except ValueError:
        raise Unclear(missing, "hour", text=_short(text)) from None
    if until <= moment:
        raise Unclear(f"'{_short(text)}' ends before it begins", "end_before", text=_short(text))
    return moment, int((until - moment).total_seconds() // 60)


def _lacks(said: Said, *, stranger: bool) -> str:
    """Returns the kind of what a cell lacks to be a whole date and hour; empty: nothing."""
    if said.later or said.prayer is not None or (said.rest and not stranger):
        return "starts"
    if said.day is None:
        return "no_date" if said.clock is not None else "starts"
    if said.day.ahead is not None or said.day.months_ahead is not None or said.day.month is None:
        return "starts"
    if said.day.year is None or said.day.short_year:
        return "year"
    if said.clock is None:
        return "no_hour"
    return "" if said.clock.is_exact or said.clock.hour >= FIRST_HOUR else "hour"


def read_hour(text: str, label: str) -> time | None:
    """Returns the one hour of the day that `text` names, also in a sentence ("saya mau jam 7 malam saja"); None if it
    names none, or more than one, or one of another zone than `label`."""
    said = understand(text, LONGEST_SENTENCE)
    if said is None or said.clock is None or said.end or said.prayer or _TURNS.search(said.rest):
        return None
    if said.label not in (None, label) or (said.day is not None and said.day.ahead not in (0, 1, 2)):
        return None
    try:
        return said.clock.time(afternoon=False)
    except ValueError:
        return None


def read_range(text: str) -> tuple[time, time]:
    """Returns from which hour to which: "08.00-19.30", "8 sampai 19.30", "8 pagi - 5 sore".

    Raises ValueError in words for the person who wrote it.
    """
    found = _RANGE.fullmatch(cleaned(text).casefold())
    if found is None:
        raise ValueError(f"'{text}' is not a stretch of time like 08.00-19.30")
    start, end = (_clock_alone(part) for part in found.groups())
    if start.is_ambiguous != end.is_ambiguous and (start.has_part or end.has_part):  # "2-4 sore": two in the night?
        raise ValueError(f"'{text}' is not a stretch of time like 08.00-19.30")
    return _existing(start, found[1]), _existing(end, found[2])


def read_weekday(text: str) -> int | None:
    """Returns 0 for Monday to 6 for Sunday; None if it is no day of the week."""
    return WEEKDAYS.get(cleaned(text).casefold().replace("’", "'"))


def read_length(text: str, *, bare: int | None = None) -> int | None:
    """Returns minutes: "2 jam", "90 menit", "1,5 jam", "satu setengah jam", "1 jam 30 menit", "1 hari". A number
    without a unit counts `bare` minutes each; without `bare` it is no length."""
    plain = cleaned(text).casefold()
    if bare is not None and re.fullmatch(r"\d{1,5}", plain):
        return int(plain) * bare
    found = _LENGTH.fullmatch(plain)
    if found is None:
        return None
    unit = UNITS[found["unit"]]
    if found["digits"] is not None:
        tenths = int(found["digits"]) * 10 + int(found["tenth"] or 0)
    elif found["word"] is not None or found["half"] is not None:
        tenths = 10 * NUMBERS.get(found["word"] or "", int(found["word"] == "se")) + 5 * bool(found["half"])
    else:
        return None
    more = int(found["more"] or 0)
    if (tenths % 10 or more) and (unit != 60 or (tenths % 10 and more)):  # "setengah hari" is no twelve hours
        return None
    return tenths * unit // 10 + more


def _clock_alone(text: str) -> Clock:
    said = understand(text)
    if (
        said is None
        or said.clock is None
        or any((said.rest, said.label, said.day, said.weekday, said.later, said.end, said.prayer))
    ):
        raise ValueError(f"'{text}' is not a time of day like 08.00")
    return said.clock


def _existing(clock: Clock, text: str) -> time:
    try:
        return clock.time(afternoon=False)
    except ValueError:
        raise ValueError(f"'{text}' is not a time of day like 08.00") from None


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"

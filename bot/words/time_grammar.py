"""The grammar of dates and hours as people in Indonesia write them: what a text says of time, and what of it was not
understood. What each place makes of it: bot/words/spoken_time.py."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Final

from bot.words.typed_text import cleaned

LONGEST: Final = 80
"""The most characters of a text that is read as a time; a longer one is not read."""
YEARS: Final = (2000, 2099)
FIRST_HOUR: Final = 6
""" "besok jam 1" without a part of the day is the afternoon: no class begins in the night."""

MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "januari jan january",
            "februari feb pebruari february",
            "maret mar march",
            "april apr",
            "mei may",
            "juni jun june",
            "juli jul july",
            "agustus agu agt ags agust aug august",
            "september sep sept",
            "oktober okt october oct",
            "november nov nopember nop",
            "desember des december dec",
        ),
        1,
    )
    for name in names.split()
}
WEEKDAYS: Final = {
    name: number
    for number, names in enumerate(
        (
            "senin sen monday mon",
            "selasa sel tuesday tue",
            "rabu rab wednesday wed",
            "kamis kam thursday thu",
            "jumat jum'at jum friday fri",
            "sabtu sab saturday sat",
            "minggu min ahad sunday sun",
        )
    )
    for name in names.split()
}
DAY_PARTS: Final = {
    "dini hari": (0, 5),
    "subuh": (3, 6),
    "pagi": (1, 11),
    "siang": (9, 16),
    "sore": (13, 19),
    "petang": (15, 19),
    "malam": (18, 23),
    "morning": (1, 11),
    "afternoon": (12, 18),
    "evening": (17, 22),
    "night": (18, 23),
}
"""The first and the last hour that each part of the day may name. "jam 3 malam" and "jam 12 malam" are in none: it is
not clear which of two nights is meant."""
NUMBERS: Final = {
    "satu": 1,
    "dua belas": 12,
    "dua": 2,
    "tiga": 3,
    "empat": 4,
    "lima": 5,
    "enam": 6,
    "tujuh": 7,
    "delapan": 8,
    "sembilan": 9,
    "sepuluh": 10,
    "sebelas": 11,
}
MONTH: Final = "|".join(sorted(MONTHS, key=len, reverse=True))
WEEKDAY: Final = "|".join(sorted(WEEKDAYS, key=len, reverse=True))
PART: Final = "|".join(DAY_PARTS)
NUMBER: Final = "|".join(NUMBERS)
AT: Final = "pukul|pkl|jam|jm"
_FILLERS: Final = re.compile(rf"\b(?:{AT}|hari|tanggal|tgl|pada|at|on|the|o'clock|ya)\b")
PRAYERS: Final = {
    "subuh": "subuh",
    **dict.fromkeys(("dzuhur", "zuhur", "dhuhur", "lohor", "jumatan", "jum'atan"), "siang"),
    **dict.fromkeys(("ashar", "asar"), "sore"),
    **dict.fromkeys(("maghrib", "magrib", "isya", "isya'"), "malam"),
}
"""Prayers after which something begins, and the part of the day that is then: the hour itself is not said."""
_AFTER_PRAYER: Final = (
    r"(?:ba'?da|bakda|habis|abis|sehabis|selepas|setelah|sesudah)\s+(?:(?:sholat|salat|shalat)\s+)?"
    rf"({'|'.join(sorted(PRAYERS, key=len, reverse=True))})"
)
_UNTIL: Final = r"(?:[-–—]|s\s*/\s*d\.?|s\.\s?d\.?|sd|sampai(?:\s+dengan)?|hingga|until|till|to)"
_CLOCK: Final = rf"(?:(?:{AT})\s*)?(?:\d{{1,2}}(?:[.:]\d\d)?|{NUMBER})(?:\s*(?:{PART}|am|pm))?"
_STRETCH: Final = re.compile(
    rf"(?<![\w./:-])(?P<start>{_CLOCK})\s*(?P<until>{_UNTIL})\s*(?P<end>{_CLOCK})(?![\w/:-]|\.\d|\s*(?:{MONTH})\b)"
)
"""From an hour to another: "09.00-11.00", "jam 9 sampai 11"."""


class NoSuchDay(ValueError):
    """The day that was named is not in the calendar."""


@dataclass(frozen=True)
class Day:
    """A day as it was named: so many days `ahead`, or its `number` in a month, perhaps with month and year."""

    ahead: int | None = None
    number: int = 0
    month: int | None = None
    year: int | None = None
    short_year: bool = False
    months_ahead: int | None = None
    """Its month by where it lies: 1 is the next one."""

    def date(self, today: date) -> date:
        """Returns the next such day. Raises NoSuchDay for one that does not exist."""
        try:
            if self.months_ahead is not None:
                months = today.month - 1 + self.months_ahead
                return date(today.year + months // 12, months % 12 + 1, self.number)
            if self.ahead is not None:
                return today + timedelta(days=self.ahead)
            if self.month is None:
                return _next_of_month(today, self.number)
            if self.year is None:
                return _next(today, self.month, self.number)
            if YEARS[0] <= self.year <= YEARS[1]:
                return date(self.year, self.month, self.number)
        except ValueError:
            raise NoSuchDay from None
        raise NoSuchDay


@dataclass(frozen=True)
class Clock:
    """An hour as it was named. `minute` None: it was not said. `sure`: written as on the clock ("02", "0930"). `half`:
    it is the half hour before another ("setengah 9")."""

    hour: int
    minute: int | None = None
    part: str | None = None
    marked: str | None = None
    """Whether it is marked as am or pm."""
    sure: bool = False
    half: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether it is written with its minutes, or with a part of the day."""
        return (self.minute is not None and not self.half) or self.has_part

    @property
    def exists(self) -> bool:
        try:
            self.time(afternoon=False)
        except ValueError:
            return False
        return True

    @property
    def has_part(self) -> bool:
        return self.part is not None or self.marked is not None

    @property
    def is_midnight(self) -> bool:
        """Whether it lies in the hour after the end of the day that is named beside it: "jam 12 malam"."""
        return self.hour == 12 and not self.half and self.part in ("malam", "night")

    @property
    def is_ambiguous(self) -> bool:
        """Whether it may mean the morning or the evening."""
        return not self.has_part and not self.sure and 1 <= self.hour <= 12

    def time(self, *, afternoon: bool) -> time:
        """`afternoon`: whether the hours of the night are those of the afternoon, where nothing says which. Raises
        ValueError for an hour that does not exist, or not in that part of the day."""
        hour = self.hour
        if self.marked is not None:
            if self.part is not None or not 1 <= hour <= 12:
                raise ValueError
            hour = hour % 12 + (12 if self.marked == "pm" else 0)
        elif self.part is not None:
            first, last = DAY_PARTS[self.part]
            fits = [one for one in (hour, hour + 12) if first <= one <= last]
            if not fits:
                raise ValueError
            hour = fits[0]
        elif afternoon and not self.sure and hour < FIRST_HOUR:
            hour += 12
        return time(hour, self.minute or 0)


class WrongWeekday(ValueError):
    """The weekday that was named is not the day's."""

    def __init__(self, day: date) -> None:
        super().__init__()
        self.day = day


@dataclass(frozen=True)
class Said:
    """What a text says of time, and the `rest` of it that was not understood."""

    label: str | None
    day: Day | None
    weekday: str | None
    next_week: bool
    later: bool
    """ "depan" of any kind."""
    this: bool
    """ "ini" beside the weekday: it is the coming one, never the one after."""
    part: str | None
    """The part of the day, whether an hour stands beside it or not."""
    prayer: str | None
    """The prayer after which it is."""
    clock: Clock | None
    end: Clock | None
    """Until when, if it is a stretch of time. "sampai selesai" says nothing."""
    rest: str

    def first_day(self, today: date) -> tuple[date | None, int | None]:
        """Returns the day, and the weekday to look for from there (None: the day is settled). Raises NoSuchDay,
        WrongWeekday, and ValueError for a day that contradicts itself."""
        weekday = None if self.weekday is None else WEEKDAYS[self.weekday]
        if self.later:
            if self.day is not None or (weekday is None and not self.next_week):
                raise ValueError
            if weekday is None:
                return today + timedelta(days=7), None
            monday = today - timedelta(days=today.weekday()) + timedelta(days=7)
            return monday + timedelta(days=weekday), None
        if self.day is None:
            if weekday is not None and self.this:
                return today + timedelta(days=(weekday - today.weekday()) % 7), None
            return (today, weekday) if weekday is not None else (None, None)
        found = self.day.date(today)
        if weekday is not None and found.weekday() != weekday:
            raise WrongWeekday(found)
        return found, None


@dataclass
class _Text:
    """The text that is still to be understood; what was found is taken out."""

    rest: str

    def take(self, pattern: str) -> re.Match[str] | None:
        found = re.search(rf"(?<![\w./:-])(?:{pattern})(?![\w/:-]|\.\d)", self.rest)
        if found:
            self.rest = f"{self.rest[: found.start()]} {self.rest[found.end() :]}"
        return found


def understand(text: str, longest: int = LONGEST) -> Said | None:
    """Returns what `text` says of time; None if it is too long."""
    plain = cleaned(text).casefold().replace("’", "'")
    if len(plain) > longest:
        return None
    plain = re.sub(r"(?<=\d)t(?=\d\d:)", " ", plain)
    plain = re.sub(rf"(?<=\d)(?=(?:{PART}|wib|wita|wit)\b)", " ", plain)
    plain = re.sub(rf"\b({AT})\.?(?=\d)", r"\1 ", plain)
    plain = re.sub(rf"\bbulan\s+(?=(?:{MONTH})\b)", "", plain)
    words = _Text(re.sub(r"[,;]|\.(?=\s|$)", " ", plain))
    label = words.take("wib|wita|wit")
    if label is not None:  # "09.00 WITA - 11.00 WITA"
        words.take(label[0])
    after = words.take(_AFTER_PRAYER)
    words.rest = re.sub(rf"\s*{_UNTIL}\s*(?:selesai|finish(?:ed)?)\b", " ", words.rest)
    clock, end = _stretch(words)
    part = words.take(rf"({PART})(\s+ini)?")
    day = _day(words)
    if part is not None and part[2]:  # "malam ini"
        day, words.rest = (Day(ahead=0), words.rest) if day is None else (day, f"{words.rest} ini")
    this_week = words.take("(?:minggu|pekan) ini")
    next_week = words.take("(?:minggu|pekan) depan|next week") is not None
    weekday = words.take(rf"(?:{WEEKDAY})(?:\s+ini)?")
    name = None if weekday is None else weekday[0].split()[0]
    if this_week is not None and name is None:
        if this_week[0].startswith("minggu"):  # the day called minggu
            name = "minggu"
        else:
            words.rest = f"{words.rest} {this_week[0]}"
    later = words.take("depan|next") is not None
    named = part[1] if part is not None else PRAYERS[after[1]] if after is not None else None
    if clock is None:
        clock = _clock(words, named)
    elif named is not None:
        clock = replace(clock, part=clock.part or named)
        end = replace(end, part=end.part or named) if end is not None else None
    return Said(
        label=label[0].upper() if label is not None else None,
        day=day,
        weekday=name,
        next_week=next_week,
        later=next_week or later,
        this=this_week is not None or (weekday is not None and weekday[0].endswith(" ini")),
        part=named,
        prayer=after[1] if after is not None else None,
        clock=clock,
        end=end,
        rest=" ".join(_FILLERS.sub(" ", words.rest).split()),
    )


def _stretch(words: _Text) -> tuple[Clock | None, Clock | None]:
    """Takes out from which hour to which, if both are there: "09.00-11.00", "jam 9 sampai 11 pagi"."""
    found = _STRETCH.search(words.rest)
    if found is None or re.search(rf"(?:tanggal|tgl|{MONTH})\s*$", words.rest[: found.start()]):
        return None, None
    marked = re.search(rf"[.:]|\b(?:{AT})\b|[a-z]", found["start"] + found["end"])
    if len(found["until"]) == 1 and not marked:  # "5-12" is a day
        return None, None
    clocks = [_clock_in(found["start"]), _clock_in(found["end"])]
    if None in clocks:
        return None, None
    start, end = clocks
    words.rest = f"{words.rest[: found.start()]} {words.rest[found.end() :]}"
    if start is not None and end is not None and end.part is not None and not start.has_part:
        shared = replace(start, part=end.part)  # "1 sampai 3 siang", but not "8 sampai 12 siang"
        before = end.is_midnight or (end.exists and shared.exists and _in_order(shared, end))
        start = shared if shared.exists and before else start
    return start, end


def _in_order(start: Clock, end: Clock) -> bool:
    return start.time(afternoon=False) < end.time(afternoon=False)


def _clock_in(text: str) -> Clock | None:
    """Returns the hour, if the text is nothing else; written in letters it needs no "jam" here."""
    words = _Text(text)
    part = words.take(rf"({PART})")
    if not re.search(rf"\d|\b(?:{AT})\b", words.rest):
        words.rest = f"jam {words.rest}"
    return _clock(words, part[1] if part is not None else None)


def _day(words: _Text) -> Day | None:
    if found := words.take(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})"):
        return Day(year=int(found[1]), month=int(found[3]), number=int(found[4]))
    if found := words.take(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})"):
        return Day(year=int(found[4]), month=int(found[3]), number=int(found[1]))
    if found := words.take(r"(\d{1,2})/(\d{1,2})/(\d\d)"):
        return Day(year=2000 + int(found[3]), month=int(found[2]), number=int(found[1]), short_year=True)
    if found := words.take(r"(\d{1,2})[/-](\d{1,2})"):
        return Day(month=int(found[2]), number=int(found[1]))
    # of a year only 20..: "24 nov 1930" is an hour
    if found := words.take(rf"(\d{{1,2}})(?:st|nd|rd|th)?[\s-]*({MONTH})\.?(?:[\s-]*(20\d\d))?"):
        return Day(year=int(found[3]) if found[3] else None, month=MONTHS[found[2]], number=int(found[1]))
    if found := words.take(rf"({MONTH})\s+(\d{{1,2}})(?:st|nd|rd|th)?(?:\s+(20\d\d))?"):
        return Day(year=int(found[3]) if found[3] else None, month=MONTHS[found[1]], number=int(found[2]))
    of_month = r"(?:(?:tanggal|tgl)\s*)?(\d{1,2})\s+bulan\s+(\d{1,2}|depan|ini)(?:\s+(?:tahun\s+)?(20\d\d))?"
    if found := words.take(of_month):
        if found[2].isdigit():
            return Day(year=int(found[3]) if found[3] else None, month=int(found[2]), number=int(found[1]))
        return Day(number=int(found[1]), months_ahead=int(found[2] == "depan"))
    if found := words.take(r"bulan\s+(depan|ini)\s+(?:tanggal|tgl)\s*(\d{1,2})"):
        return Day(number=int(found[2]), months_ahead=int(found[1] == "depan"))
    for pattern, days in (
        ("kemarin lusa|kemarin dulu|kemaren dulu", -2),
        ("kemarin|kemaren|yesterday", -1),
        ("hari ini|today|nanti", 0),
        ("besok lusa|lusa|(?:the )?day after tomorrow", 2),
        ("besok|bsk|tomorrow", 1),
    ):
        if words.take(pattern):
            return Day(ahead=days)
    if found := words.take(rf"(\d{{1,2}}|{NUMBER}|se)\s*(hari|minggu|pekan)\s+lagi|in\s+(\d{{1,2}})\s+(days?|weeks?)"):
        count = found[1] or found[3]
        number = int(count) if count.isdecimal() else NUMBERS.get(count, 1)
        return Day(ahead=number * (1 if (found[2] or found[4])[0] in "hd" else 7))
    if found := words.take(r"(?:tanggal|tgl)\s*(\d{1,2})"):
        return Day(number=int(found[1]))
    return _dotted_day(words)


def _dotted_day(words: _Text) -> Day | None:
    """Takes out the day of "12.12 13.30", where only one of the two can be it."""
    pairs = list(re.finditer(r"(?<![\w./:-])(\d{1,2})\.(\d\d)(?![\w/:-]|\.\d)", words.rest))
    if len(pairs) != 2:
        return None
    days = [
        one
        for one, other in (pairs, pairs[::-1])
        if 1 <= int(one[1]) <= 31 and 1 <= int(one[2]) <= 12 and int(other[1]) < 24 and int(other[2]) < 60
    ]
    if len(days) != 1:
        return None
    found = days[0]
    words.rest = f"{words.rest[: found.start()]} {words.rest[found.end() :]}"
    return Day(month=int(found[2]), number=int(found[1]))


def _next(today: date, month: int, day: int) -> date:
    """Returns the next such day. 29 February in a year without one does not exist: nobody means one years ahead."""
    return date(today.year + ((month, day) < (today.month, today.day)), month, day)


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


def _clock(words: _Text, part: str | None) -> Clock | None:
    """Returns the first hour in what is left. An hour in letters needs "jam" before it or a part of the day beside
    it."""
    if found := words.take(rf"setengah\s+(\d{{1,2}}|{NUMBER})"):
        return Clock(int(NUMBERS.get(found[1], found[1])) - 1, 30, part, half=True)
    if found := words.take(r"(\d{1,2})[.:](\d{2})(?:[.:]00(?:\.0+)?)?\s*(am|pm)?"):
        return Clock(int(found[1]), int(found[2]), part, found[3], sure=found[1].startswith("0"))
    # four digits that look like a year, or end like one, are an hour only where it is said
    if found := words.take(rf"(?:{AT})\s+(\d\d)([0-5]\d)|([01]\d|2[1-3])([0-5][05])"):
        hour, minute = found[1] or found[3], found[2] or found[4]
        return Clock(int(hour), int(minute), part, sure=True)
    if found := words.take(r"(\d{1,2})\s*(am|pm)?"):
        return Clock(int(found[1]), None, part, found[2], sure=found[1].startswith("0"))
    if found := words.take(NUMBER if part is not None else rf"(?:{AT})\s+(?:{NUMBER})"):
        return Clock(NUMBERS[re.sub(rf"^(?:{AT})\s+", "", found[0])], None, part)
    return None

"""What an admin typed or sent, as the value of a setting; or what is wrong with it, with an example."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.catalogue.content import Content
from bot.class_import.cells import read_contact, read_words
from bot.overridable import EVERYWHERE, What
from bot.turns.turn import Turn
from bot.words.message import Words
from bot.words.spoken_time import Spoken, Unread, Why, read_length, read_range, read_time
from bot.words.texts import zone_label
from bot.words.typed_text import cleaned
from bot.words.unread_time import day_alone, words_of
from handlers.overrides.parts import Shown, ahead_of

NAME_LENGTH: Final = 40
"""Letters of a site's name: more do not fit on a screen."""
SEATS: Final = (1, 500)
EARLIEST: Final = time(5)
LATEST: Final = time(22)
"""Nobody is to be written to in the night, whatever an admin types."""
LEAST_OPEN: Final = timedelta(hours=3)
LEAST_LEAD: Final = 60
MOST_LEAD: Final = 14 * 24 * 60
"""Minutes: closer to the start a reminder does not help, and farther away it is forgotten again."""
MOST_LEADS: Final = 4
LEAST_DIGITS: Final = 5
"""Digits of the shortest number under which somebody can be called."""
LONGEST_HOLIDAY: Final = timedelta(days=9)
MOST_HOLIDAYS: Final = 30
FARTHEST: Final = timedelta(days=730)
LATITUDES: Final = (-11.2, 6.3)
LONGITUDES: Final = (94.8, 141.1)
_DEGREES: Final = r"(-?\d{1,3}(?:[.,]\d{1,9})?)"
_PIN: Final = re.compile(rf"{_DEGREES}(?:\s*[,;]\s+|\s*;|\s+|,(?=-?\d{{2,3}}\.)){_DEGREES}")
_BETWEEN: Final = re.compile(
    r"\s+(?:sampai|hingga|s/d|s\.d\.?|to)\s+|\s+[-–—]\s+|(?<=\s\d{4})[-–—](?=\d{1,2}\s)|(?<=/\d\d)[-–—](?=\d)"
)
_SPAN: Final = re.compile(r"(\d{1,2})\s*(?:[-–—]|sampai|s/d)\s*(\d{1,2})\s+([^\W\d]\S*.*)")
_ON_MAP: Final = re.compile(
    r"https?://\S*?(?:[?&]q(?:uery)?=|[?&]ll=|@)(-?\d{1,3}\.\d{1,9})(?:,|%2C)(-?\d{1,3}\.\d{1,9})\S*"
)
"""The link of a map, in which the place stands in degrees."""
_ZONE: Final = re.compile(r"\s*\b(?:wib|wita|wit)\b", re.IGNORECASE)
_SEVERAL: Final = re.compile(r"\s*(?:[,;&]\s*(?!\d\b)|[,;&]\s+|\bdan\b|\band\b)\s*")


class NotRead(Exception):
    """What was typed is no such value: `words` say why."""

    def __init__(self, key: str, **facts: Any) -> None:
        super().__init__(key)
        self.words = Words(f"overrides.wrong.{key}", facts)


def read(turn: Turn, shown: Shown) -> Any:
    """Returns the value as `Override.value`. Raises NotRead."""
    readers: dict[What, Callable[[Turn, Shown, str], Any]] = {
        What.NAME: _name,
        What.PIN: _pin,
        What.CONTACT: _contact,
        What.SEATS: _seats,
        What.HOURS: _hours,
        What.HOLIDAYS: _holidays,
        What.LEADS: _leads,
    }
    return readers[shown.what](turn, shown, cleaned(turn.text))


def _name(turn: Turn, shown: Shown, text: str) -> str:
    try:
        name = read_words(text, 1000)
    except ValueError:
        raise NotRead("name") from None
    if len(name) > NAME_LENGTH:
        raise NotRead("name_long", n=len(name), most=NAME_LENGTH)
    if len(name) < 3 or not any(char.isalpha() for char in name):
        raise NotRead("name")
    for site in shown.content.sites:
        if site.id != shown.site and name.casefold() in names_of(shown.content, site.id):
            raise NotRead("name_taken", name=name)
    return name


def names_of(content: Content, site: str) -> set[str]:
    """Returns how the site is called, and what content/ calls it: by that it is found, and may be called again."""
    both = (content.site(site), content.written.site(site))
    return {one.name.casefold() for one in both if one is not None}


def reachable(contact: str) -> bool:
    """Whether a number, a @name or an address stands in the contact."""
    digits = sum(char.isdigit() for char in contact)
    return digits >= LEAST_DIGITS or re.search(r"(?:^|\s)@\w{4,}|\w[@.]\w", contact) is not None


def _contact(turn: Turn, shown: Shown, text: str) -> str:
    try:
        contact = read_contact(text)
    except ValueError:
        raise NotRead("contact") from None
    if len(contact) < 3:
        raise NotRead("contact")
    return contact


def _pin(turn: Turn, shown: Shown, text: str) -> list[float]:
    message = turn.update.message
    if message is not None and message.location is not None:
        lat, lon = message.location.latitude, message.location.longitude
    else:
        found = _PIN.fullmatch(text) or _ON_MAP.fullmatch(text)
        if found is None:
            raise NotRead("pin")
        lat, lon = (float(one.replace(",", ".")) for one in found.groups())
    if _is_in(lon, LATITUDES) and _is_in(lat, LONGITUDES):
        raise NotRead("pin_turned", lat=f"{lon:g}", lon=f"{lat:g}")
    if not (_is_in(lat, LATITUDES) and _is_in(lon, LONGITUDES)):
        raise NotRead("pin_far")
    return [round(lat, 5), round(lon, 5)]


def _is_in(degrees: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= degrees <= bounds[1]


def _seats(turn: Turn, shown: Shown, text: str) -> int:
    found = re.fullmatch(r"(\d{1,6}|\d{1,3}\.\d{3})(?:\s*(?:kursi|orang|seats?))?", text.casefold())
    if found is None:
        raise NotRead("seats")
    seats = int(found[1].replace(".", ""))
    if not SEATS[0] <= seats <= SEATS[1]:
        raise NotRead("seats_number", n=seats, least=SEATS[0], most=SEATS[1])
    return seats


def _hours(turn: Turn, shown: Shown, text: str) -> list[str]:
    plain = re.sub(r"^(?:jam|pukul|dari|mulai)\s+", "", text.casefold())
    try:
        opens, closes = read_range(plain)
    except ValueError:
        if _ZONE.search(plain):
            raise NotRead("hours_zone") from None
        raise NotRead("hours") from None
    said = {"opens": f"{opens:%H.%M}", "closes": f"{closes:%H.%M}"}
    if opens >= closes:
        raise NotRead("hours_turned", **said)
    if opens < EARLIEST or closes > LATEST:
        raise NotRead("hours_night", **said, earliest=f"{EARLIEST:%H.%M}", latest=f"{LATEST:%H.%M}")
    day = date(2000, 1, 1)
    if datetime.combine(day, closes, UTC) - datetime.combine(day, opens, UTC) < LEAST_OPEN:
        raise NotRead("hours_short", **said)
    return [said["opens"], said["closes"]]


def _leads(turn: Turn, shown: Shown, text: str) -> list[int]:
    plain = re.sub(r"\s*\b(?:sebelum(?:nya)?(?: kelas)?|sebelum mulai|before)\s*$", "", text.casefold())
    minutes = []
    for part in _SEVERAL.split(plain):
        length = read_length(part)
        if length is None:
            raise NotRead("leads")
        if not LEAST_LEAD <= length <= MOST_LEAD:
            raise NotRead("leads_far", said=length)
        minutes.append(length)
    if len(set(minutes)) > MOST_LEADS:
        raise NotRead("leads_many", most=MOST_LEADS)
    return sorted(set(minutes), reverse=True)


# --- holidays ---------------------------------------------------------------------------------------------------------


def _holidays(turn: Turn, shown: Shown, text: str) -> list[list[str]]:
    """Adds the day or period that was typed to the holidays there are."""
    zone = turn.zone(shown.site if shown.site != EVERYWHERE else None)
    if (span := _SPAN.fullmatch(text)) is not None:
        first_text, last_text = f"{span[1]} {span[3]}", f"{span[2]} {span[3]}"
    else:
        first_text, *rest = _BETWEEN.split(text, maxsplit=1)
        last_text = rest[0] if rest else first_text
    first, last = _day(turn, first_text, zone), _day(turn, last_text, zone)
    today = turn.now.astimezone(ZoneInfo(zone)).date()
    if last < first:
        raise NotRead("holiday_turned", first=day_alone(first), last=day_alone(last))
    if last < today:
        raise NotRead("holiday_past", day=day_alone(last))
    if first - today > FARTHEST:
        raise NotRead("holiday_far", day=day_alone(first))
    if last - first > LONGEST_HOLIDAY:
        raise NotRead("holiday_long", n=(last - first).days + 1, most=LONGEST_HOLIDAY.days + 1)
    new = [f"{first}", f"{last}"]
    kept = ahead_of(turn, shown)
    if any(one[0] <= new[0] and new[1] <= one[1] for one in kept):
        raise NotRead("holiday_known", day=day_alone(first))
    if len(kept) >= MOST_HOLIDAYS:
        raise NotRead("holidays_many", most=MOST_HOLIDAYS)
    return sorted([*kept, new])


def _day(turn: Turn, text: str, zone: str) -> date:
    """Returns the day that the text names; without a year, the next such day."""
    if (written := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text)) is not None:
        try:
            return date(*map(int, written.groups()))
        except ValueError:
            raise NotRead("holiday") from None
    found = read_time(text, now=turn.now, zone=zone)
    if isinstance(found, Unread) and found.why is Why.HOUR and found.day is not None:
        return found.day
    if isinstance(found, Spoken) or found.why in (Why.UNREAD, Why.REST, Why.HOUR, Why.CLOCK, Why.END):
        raise NotRead("holiday")
    raise NotRead("holiday_why", why=words_of(found, zone), zone=zone_label(zone))

"""The values of settings made in the chat, as words."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.catalogue.content import Content
from bot.overridable import OF_SITE, What
from bot.words.message import Value, Words
from bot.words.unread_time import day_alone


def told(what: What, value: Any) -> Value:
    """Returns the value (`Override.value`) in words; None is said to be nothing."""
    if value is None or value == []:
        return Words(f"overrides.none.{what}")
    match what:
        case What.PIN:
            lat, lon = value
            return f"{_degrees(lat)}, {_degrees(lon)}"
        case What.ACTIVE:
            return Words("overrides.open" if value else "overrides.closed")
        case What.SEATS:
            return int(value)
        case What.HOURS:
            return "-".join(value)
        case What.HOLIDAYS:
            return Words("overrides.holidays", {"n": len(value)})
        case What.LEADS:
            return _leads(list(value))
        case _:
            return str(value)


def _degrees(number: float) -> str:
    """Returns up to five digits behind the point: a metre."""
    return f"{number:.5f}".rstrip("0").rstrip(".")


def days(first: str, last: str) -> Value:
    """Returns one day, or a period from its first day to its last (ISO dates)."""
    begin, end = day_alone(date.fromisoformat(first)), day_alone(date.fromisoformat(last))
    return (
        Words("overrides.day", {"first": begin})
        if first == last
        else Words("overrides.days", {"first": begin, "last": end})
    )


def _leads(minutes: list[int]) -> Words:
    first = Words("overrides.lead", {"minutes": minutes[0]})
    return first if len(minutes) == 1 else Words("overrides.leads", {"first": first, "rest": _leads(minutes[1:])})


def where(content: Content, what: What, site: str) -> Words:
    """Returns whose setting it is: of all sites, or of one by its name."""
    known = content.site(site)
    if known is None:
        return Words("overrides.of_all")
    return Words("overrides.of_one" if what in OF_SITE else "overrides.of_site", {"site": known.name})

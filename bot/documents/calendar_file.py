"""The calendar file (.ics) of a class: opened on a phone, the class stands in its calendar at the right hour."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vGeo, vText

if TYPE_CHECKING:
    from bot.programme.sessions import ClassSession

MIME: Final = "text/calendar"
PRODUCT: Final = "-//Jalin//Training classes//ID"


def calendar_file(
    session: ClassSession, *, site_name: str, zone: str, description: str = "", language: str = "id"
) -> bytes:
    """The class as an iCalendar file (RFC 5545) with its time zone in it, so that a calendar that does not know
    Indonesia's zones is right, too.

    `zone` is the site's IANA zone, `description` free text in `language`. The bytes depend on nothing else: everybody
    who gets the same revision in the same words gets the same file, and Telegram needs it only once. A later revision
    replaces the earlier one in calendars that follow UID and SEQUENCE; a cancelled class says so.
    """
    pin = None if session.latitude is None or session.longitude is None else (session.latitude, session.longitude)
    return _file(
        _Entry(
            session.code,
            session.revision,
            session.changed_at,
            session.starts_at,
            session.ends_at,
            session.title,
            f"{session.venue}, {site_name}",
            pin,
            session.cancelled_at is not None,
            zone,
            description,
            language,
        )
    )


@dataclass(frozen=True)
class _Entry:
    """All that the file depends on."""

    code: str
    revision: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    title: str
    place: str
    pin: tuple[float, float] | None
    cancelled: bool
    zone: str
    description: str
    language: str


@lru_cache(maxsize=64)
def _file(entry: _Entry) -> bytes:
    """Kept, because it is the same for everybody who takes a seat: to make it takes as long as all else about that."""
    local = ZoneInfo(entry.zone)
    starts = entry.starts_at.astimezone(local)
    event = Event()
    event.add("uid", f"{entry.code}@jalin")
    event.add("sequence", entry.revision)
    event.add("dtstamp", entry.changed_at)
    event.add("dtstart", starts)
    event.add("dtend", entry.ends_at.astimezone(local))
    event.add("summary", _text(entry.title, entry.language))
    event.add("location", _text(entry.place, entry.language))
    if entry.pin is not None:
        event.add("geo", vGeo(entry.pin))
    if entry.description:
        event.add("description", _text(entry.description, entry.language))
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if entry.cancelled else "OPAQUE")
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add_component(_timezone(entry.zone, starts.year))
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def file_name(session: ClassSession) -> str:
    """A name the person knows the class by: foto-produk.ics."""
    plain = unicodedata.normalize("NFKD", session.title).encode("ascii", "ignore").decode().lower()
    return f"{re.sub(r'[^a-z0-9]+', '-', plain).strip('-') or session.code}.ics"


@lru_cache(maxsize=64)
def _timezone(zone: str, year: int) -> Timezone:
    """The rules of a zone around a year as icalendar works them out (15 ms, hence kept); more would only be longer."""
    first = date(year, 1, 1)
    timezone = Timezone.from_tzid(zone, first_date=first, last_date=first + timedelta(days=2 * 366))
    timezone.pop("comment", None)
    return timezone


def _text(words: str, language: str) -> vText:
    text = vText(words)
    text.params["LANGUAGE"] = language
    return text

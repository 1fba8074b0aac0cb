"""The calendar file (.ics) of a class: opened on a phone, the class stands in its calendar at the right hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from icalendar import Timezone, vText

    from bot.programme.sessions import ClassSession

MIME: Final = "text/calendar"
PRODUCT: Final = "-//Jalin//Training classes//ID"
CHANGES: Final = 10_000_000
"""Changes of a seat that one revision of a class has room for: a revision counts for more than all of them."""


def calendar_file(
    session: ClassSession,
    *,
    site_name: str,
    zone: str,
    description: str = "",
    language: str = "id",
    changes: int = 0,
    gone: bool = False,
) -> bytes:
    """Returns the class as an iCalendar file (RFC 5545) with its time zone in it, so that calendars that do not know
    Indonesia's zones show the right hour, too. `zone` is the site's IANA zone, `description` free text in `language`.

    The bytes depend on nothing else: everybody who gets the same revision in the same words gets the same file, so it
    is uploaded to Telegram once. In calendars that follow UID and SEQUENCE a later revision replaces the earlier one,
    and so does a file after an edit of the class, or after more `changes` of the person's seat. A class that was
    cancelled, or in which the person has no seat any more (`gone`), is taken out of the calendar.
    """
    is_off = gone or session.cancelled_at is not None
    pin = None if session.latitude is None or session.longitude is None else (session.latitude, session.longitude)
    return _file(
        _Entry(
            session.code,
            session.revision * CHANGES + min(session.edits + changes + is_off, CHANGES - 1),
            session.changed_at,
            session.starts_at,
            session.ends_at,
            session.title,
            f"{session.venue}, {site_name}",
            pin,
            is_off,
            zone,
            description,
            language,
        )
    )


def appointment_file(
    number: int,
    revision: int,
    changed_at: datetime,
    starts_at: datetime,
    ends_at: datetime,
    *,
    title: str,
    place: str,
    zone: str,
    description: str = "",
    language: str = "id",
    gone: bool = False,
) -> bytes:
    """Returns an appointment as an iCalendar file. It keeps its UID when it moves, and each change counts up its
    SEQUENCE; one that was called off (`gone`) is taken out of the calendar."""
    code = f"appointment-{number}"
    entry = _Entry(
        code, revision, changed_at, starts_at, ends_at, title, place, None, gone, zone, description, language
    )
    return _file(entry)


@dataclass(frozen=True)
class _Entry:
    """Everything that the file depends on."""

    code: str
    sequence: int
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
    """Returns the file; cached, because it is the same for everybody who takes a seat, and making it takes as long as
    the rest of the work for a seat."""
    from icalendar import Calendar, Event, vGeo  # only a process that sends such files needs it

    local = ZoneInfo(entry.zone)
    starts = entry.starts_at.astimezone(local)
    event = Event()
    event.add("uid", f"{entry.code}@jalin")
    event.add("sequence", entry.sequence)
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
    calendar.add("method", "CANCEL" if entry.cancelled else "PUBLISH")
    calendar.add_component(_timezone(entry.zone, starts.year))
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


@lru_cache(maxsize=64)
def _timezone(zone: str, year: int) -> Timezone:
    """Returns the rules of a zone around a year as icalendar works them out. Cached, because that takes 15 ms; more
    years would only make it longer."""
    from icalendar import Timezone

    first = date(year, 1, 1)
    timezone = Timezone.from_tzid(zone, first_date=first, last_date=first + timedelta(days=2 * 366))
    timezone.pop("comment", None)
    return timezone


def _text(words: str, language: str) -> vText:
    from icalendar import vText

    text = vText(words)
    text.params["LANGUAGE"] = language
    return text

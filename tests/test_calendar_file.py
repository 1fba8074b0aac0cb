"""The calendar file: right in all three zones, the same bytes for the same revision."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Event

from bot.documents.calendar_file import CHANGES, calendar_file
from bot.programme.sessions import ClassSession

ZONES = {"Asia/Jakarta": ("WIB", 7), "Asia/Makassar": ("WITA", 8), "Asia/Jayapura": ("WIT", 9)}
WALL = datetime(2026, 11, 24, 9, 0)  # noqa: DTZ001 - wall time, the zones follow


def a_class(zone: str = "Asia/Makassar", wall: datetime = WALL, **different: Any) -> ClassSession:
    details: dict[str, Any] = {
        "code": "LBJ-1",
        "site_id": "labuan-bajo",
        "title": "Foto Produk",
        "starts_at": wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC),
        "minutes": 150,
        "capacity": 20,
        "venue": "Puncak Waringin",
        "latitude": -8.4964,
        "longitude": 119.8877,
        "revision": 3,
        "changed_at": datetime(2026, 11, 20, 3, 4, 5, tzinfo=UTC),
    }
    return ClassSession(**({"edits": 0} | details | different))


def made(session: ClassSession, zone: str = "Asia/Makassar", **how: Any) -> bytes:
    return calendar_file(session, site_name="Labuan Bajo", zone=zone, **how)


def number_of(content: bytes) -> int:
    """SEQUENCE: of two files about one class the one with the higher number counts."""
    return int(str(event_of(content)["SEQUENCE"]))


def event_of(content: bytes) -> Event:
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    assert isinstance(event, Event)
    return event


@pytest.mark.parametrize("zone", ZONES)
def test_the_hour_is_the_sites_own(zone: str) -> None:
    label, offset = ZONES[zone]
    content = made(a_class(zone), zone)
    event = event_of(content)
    starts, ends = event.decoded("dtstart"), event.decoded("dtend")
    assert starts == WALL.replace(tzinfo=ZoneInfo(zone))
    assert starts.replace(tzinfo=None) == WALL
    assert starts.utcoffset() == timedelta(hours=offset)
    assert ends - starts == timedelta(minutes=150)
    assert f"DTSTART;TZID={zone}:20261124T090000\r\n".encode() in content
    # and a calendar that knows no zones finds the rule inside the file
    (timezone,) = Calendar.from_ical(content).walk("VTIMEZONE")
    (rule,) = timezone.walk("STANDARD")
    assert timezone["TZID"] == zone
    assert rule["TZNAME"] == label
    assert rule["TZOFFSETTO"].to_ical() == f"+{offset:02d}00"
    assert rule.decoded("dtstart") <= WALL
    assert timezone.walk("DAYLIGHT") == []


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "wall",
    [datetime(2026, 1, 1, 0, 0), datetime(2026, 12, 31, 23, 0), datetime(2027, 7, 1, 5, 30)],  # noqa: DTZ001
)
def test_also_at_the_ends_of_a_year(zone: str, wall: datetime) -> None:
    event = event_of(made(a_class(zone, wall), zone))
    assert event.decoded("dtstart") == wall.replace(tzinfo=ZoneInfo(zone))
    assert event.decoded("dtstart").replace(tzinfo=None) == wall


def test_what_stands_in_it() -> None:
    content = made(a_class(), description="Bawa HP dan satu produk.\nDatang 10 menit lebih awal.")
    calendar = Calendar.from_ical(content)
    event = event_of(content)
    assert (calendar["METHOD"], calendar["VERSION"]) == ("PUBLISH", "2.0")
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == ("LBJ-1@jalin", 3 * CHANGES, "CONFIRMED")
    assert event.decoded("dtstamp") == datetime(2026, 11, 20, 3, 4, 5, tzinfo=UTC)
    assert event["SUMMARY"] == "Foto Produk"
    assert event["LOCATION"] == "Puncak Waringin, Labuan Bajo"
    assert event["DESCRIPTION"] == "Bawa HP dan satu produk.\nDatang 10 menit lebih awal."
    assert event["GEO"].to_ical() == "-8.4964;119.8877"
    assert event.walk("VALARM") == []


def test_without_pin_and_description_they_are_left_out() -> None:
    event = event_of(made(a_class(latitude=None, longitude=None)))
    assert "GEO" not in event
    assert "DESCRIPTION" not in event


def test_a_cancelled_class_says_so() -> None:
    event = event_of(made(a_class(cancelled_at=datetime(2026, 11, 21, tzinfo=UTC), revision=4)))
    assert (event["STATUS"], event["UID"]) == ("CANCELLED", "LBJ-1@jalin")
    assert event["SEQUENCE"] == number_of(made(a_class(revision=4))) + 1


def test_of_two_files_about_one_class_the_later_has_the_higher_number() -> None:
    """Taken at the beginning, given back, taken again after an hour; then the class moves; then it is called off."""
    called_off = a_class(cancelled_at=datetime(2026, 11, 21, tzinfo=UTC), revision=5)
    files = [
        made(a_class(revision=3)),
        made(a_class(revision=3), changes=60, gone=True),
        made(a_class(revision=3), changes=3600),
        made(a_class(revision=4), changes=3600),
        made(called_off, changes=3600),
    ]
    assert [Calendar.from_ical(one)["METHOD"] for one in files] == ["PUBLISH", "CANCEL", "PUBLISH", "PUBLISH", "CANCEL"]
    events = [event_of(one) for one in files]
    assert [one["STATUS"] for one in events] == ["CONFIRMED", "CANCELLED", "CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert {one["UID"] for one in events} == {"LBJ-1@jalin"}
    numbers = [number_of(one) for one in files]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] < 2**31, "what a calendar can count to"


def test_the_same_revision_is_the_same_file() -> None:
    assert made(a_class()) == made(a_class())
    # what others do to the class does not touch its file
    assert made(a_class(seats_taken=7, queue_tail=3)) == made(a_class())
    assert made(a_class(revision=4)) != made(a_class())
    assert made(a_class(), zone="Asia/Jayapura") != made(a_class())


TITLES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" "), min_size=1)


@given(title=TITLES.filter(lambda title: "\\N" not in title))  # which icalendar 7.3 takes for a line break
def test_any_title_comes_through_in_folded_lines(title: str) -> None:
    content = made(a_class(title=title, venue=title))
    assert event_of(content)["SUMMARY"] == title
    lines = content.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)

"""Tables of classes that leave: a sample to fill in, and the calendar as the table that can be sent back. Their
headings are in the language of who gets them; both are read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.catalogue.content import Content, Site
from bot.class_import.headings import COLUMNS
from bot.documents.xlsx_writer import MIME
from bot.programme.sessions import ClassSession
from bot.words.message import At, File, Form, Message, Sheet, Value, Words

SAMPLE_NAME: Final = "contoh-kelas.xlsx"
CALENDAR_NAME: Final = "jadwal-kelas.xlsx"
SAMPLE_HOUR: Final = 9


def sample(sites: Sequence[Site], content: Content, now: datetime) -> Message:
    """Returns a class for each of the sites (three at most), ready to be imported."""
    lines: list[tuple[Value, ...]] = []
    for number, site in enumerate(sites[:3], 1):
        day = (now + timedelta(days=7)).astimezone(ZoneInfo(site.zone))
        starts = At(day.replace(hour=SAMPLE_HOUR, minute=0, second=0, microsecond=0), site.zone)
        place = f"{site.name} (contoh)"
        seats = content.capacity(site.id)
        lines.append((f"CONTOH-{number}", site.name, "Foto Produk", starts, 120, seats, place, site.lat, site.lon, ""))
    return _sent("sessions.template", SAMPLE_NAME, lines)


def calendar(classes: Sequence[ClassSession], content: Content) -> Message:
    """Returns the classes as a table that changes nothing if it is sent back as it is. Those of a site that is not
    active are left out, because their table would be refused."""
    lines: list[tuple[Value, ...]] = []
    for one in classes:
        site = content.site(one.site_id)
        if site is None or not site.active:
            continue
        starts = At(one.starts_at, site.zone)
        pin = (one.latitude, one.longitude)
        lines.append(
            (one.code, site.name, one.title, starts, one.minutes, one.capacity, one.venue, *pin, one.trainer or "")
        )
    return _sent("sessions.calendar", CALENDAR_NAME, lines)


def _sent(key: str, name: str, lines: Sequence[tuple[Value, ...]]) -> Message:
    head = tuple(Words(f"sessions.column.{column}") for column in COLUMNS)
    sheet = Sheet(Words("sessions.sheet_title"), head, tuple(lines))
    return Message(key, {"n": len(lines)}, form=Form.DOCUMENT, file=File(name, MIME), sheets=(sheet,))

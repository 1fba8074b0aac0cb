"""Times as trainers write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.class_import.time_words import read_moment
from bot.words.texts import ZONE_LABELS

WITA = "Asia/Makassar"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""Monday 23 November 2026, 10.00 WITA."""
MONTHS = ("jan", "feb", "mar", "apr", "mei", "jun", "jul", "agu", "sep", "okt", "nov", "des")
DAYS = ("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        # as the contract with the trainers has them
        ("besok 9", "2026-11-24 09:00"),
        ("sel 24 nov 13.30", "2026-11-24 13:30"),
        ("24/11 13:30", "2026-11-24 13:30"),
        ("jam 1 siang", "2026-11-23 13:00"),
        ("lusa jam 10 pagi", "2026-11-25 10:00"),
        ("hari ini 15.00", "2026-11-23 15:00"),
        ("minggu depan selasa 9", "2026-12-01 09:00"),
        # parts of the day
        ("besok jam 12 siang", "2026-11-24 12:00"),
        ("besok jam 7 malam", "2026-11-24 19:00"),
        ("besok 4 sore", "2026-11-24 16:00"),
        ("besok setengah 9", "2026-11-24 08:30"),
        ("besok jam setengah 2 siang", "2026-11-24 13:30"),
        ("besok 2", "2026-11-24 14:00"),  # no class begins at two in the night
        ("besok 02.00", "2026-11-24 02:00"),
        # days
        ("Sabtu, 09.00", "2026-11-28 09:00"),
        ("senin 9", "2026-11-30 09:00"),  # nine has passed today
        ("senin 15.00", "2026-11-23 15:00"),
        ("jum'at jam 2 siang", "2026-11-27 14:00"),
        ("selasa depan 9", "2026-12-01 09:00"),
        ("minggu depan jam 9", "2026-11-30 09:00"),
        ("minggu 9", "2026-11-29 09:00"),  # the day called minggu
        ("Selasa, 24 November 2026 pukul 09.00 WITA", "2026-11-24 09:00"),
        ("24.11.2026 13.30", "2026-11-24 13:30"),
        ("2026-11-24 09:00", "2026-11-24 09:00"),
        ("tgl 30 jam 8", "2026-11-30 08:00"),
        ("tgl 2 jam 8", "2026-12-02 08:00"),
        ("1 jan 10", "2027-01-01 10:00"),
        ("29 feb 9", "2028-02-29 09:00"),
        ("3 hari lagi jam 8", "2026-11-26 08:00"),
        ("seminggu lagi", None),
        ("2 minggu lagi 9.15", "2026-12-07 09:15"),
        ("9", "2026-11-24 09:00"),
        ("11", "2026-11-23 11:00"),
        # English
        ("tomorrow 1:30 pm", "2026-11-24 13:30"),
        ("next week tue 9am", "2026-12-01 09:00"),
        ("nov 24 9.00", "2026-11-24 09:00"),
        # nothing is invented
        ("besok", None),
        ("24 nov", None),
        ("senin 24 nov 9", None),  # a Tuesday
        ("besok 9 WIB", None),  # the site is in WITA
        ("31/2 9", None),
        ("besok 25", None),
        ("besok 9.75", None),
        ("besok atau lusa 9", None),
        ("12 malam besok", None),  # which of the two nights?
        ("jam 9 di balai desa", None),
        ("minggu depan 24 nov 9", None),
        ("", None),
        ("besok 9 " * 30, None),
    ],
)
def test_what_is_read(text: str, meant: str | None) -> None:
    moment = read_moment(text, now=NOW, zone=WITA)
    assert (None if moment is None else f"{moment:%Y-%m-%d %H:%M}") == meant
    assert moment is None or moment.utcoffset() == timedelta(hours=8)


@given(text=st.text(max_size=90), zone=st.sampled_from(sorted(ZONE_LABELS)))
def test_any_text_is_read_or_not_but_never_breaks(text: str, zone: str) -> None:
    moment = read_moment(text, now=NOW, zone=zone)
    assert moment is None or moment.tzinfo is not None


WORDS = st.sampled_from(
    (
        *("besok", "lusa", "hari", "ini", "minggu", "depan", "senin", "selasa", "jam", "pukul", "siang", "malam"),
        *("9", "13.30", "24/11", "nov", "2026", "3", "wita", "next", "am", "pm", "setengah", "tgl", "31", "29", "feb"),
        *("lagi", "2100-01-01", "99", "/", "-", "."),
    )
)


@given(words=st.lists(WORDS, max_size=8), now=st.datetimes(datetime(2024, 1, 1), datetime(2090, 1, 1)))  # noqa: DTZ001
def test_any_order_of_the_words_never_breaks(words: list[str], now: datetime) -> None:
    read_moment(" ".join(words), now=now.replace(tzinfo=UTC), zone=WITA)


@given(
    ahead=st.integers(1, 340),
    minute=st.integers(6 * 60, 24 * 60 - 1),
    zone=st.sampled_from(sorted(ZONE_LABELS)),
    style=st.integers(0, 5),
)
def test_a_whole_date_is_read_as_it_is_written(ahead: int, minute: int, zone: str, style: int) -> None:
    local = NOW.astimezone(ZoneInfo(zone))
    day = local.date() + timedelta(days=ahead)
    moment = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=ZoneInfo(zone))
    text = [
        f"{moment:%Y-%m-%d %H:%M}",
        f"{moment:%d/%m/%Y} {moment:%H.%M}",
        f"{moment.day} {MONTHS[moment.month - 1]} jam {moment:%H.%M}",
        f"{DAYS[moment.weekday()]} {moment.day}/{moment.month} {moment.hour}:{moment:%M}",
        f"{DAYS[moment.weekday()]}, {moment.day} {MONTHS[moment.month - 1]} {moment.year} pukul {moment:%H.%M}"
        f" {ZONE_LABELS[zone]}",
        f"{ahead} hari lagi {moment:%H.%M}"
        if ahead < 100
        else f"{moment.day}-{moment.month}-{moment.year} {moment:%H.%M}",
    ][style]
    assert read_moment(text, now=NOW, zone=zone) == moment, text

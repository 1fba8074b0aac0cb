"""Dates and hours as people write them: what each place that reads them takes the same words for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.words.spoken_time import (
    Spoken,
    Unread,
    Why,
    read_dated_stretch,
    read_hour,
    read_length,
    read_range,
    read_time,
    read_weekday,
    says_next_week,
)
from bot.words.texts import ZONE_LABELS

WITA = "Asia/Makassar"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""Monday 23 November 2026, 10.00 WITA."""
MONTHS = ("jan", "feb", "mar", "apr", "mei", "jun", "jul", "agu", "sep", "okt", "nov", "des")
DAYS = ("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu")


def read_moment(text: str, *, now: datetime, zone: str) -> datetime | None:
    """What the chat reads, if it is a moment alone."""
    found = read_time(text, now=now, zone=zone)
    return found.moment if isinstance(found, Spoken) and found.minutes is None else None


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
        ("29 feb 9", None),  # the next one is years ahead
        ("3 hari lagi jam 8", "2026-11-26 08:00"),
        ("seminggu lagi", None),
        ("2 minggu lagi 9.15", "2026-12-07 09:15"),
        ("9", "2026-11-24 09:00"),
        ("11", "2026-11-23 11:00"),
        # English
        ("tomorrow 1:30 pm", "2026-11-24 13:30"),
        ("next week tue 9am", "2026-12-01 09:00"),
        ("nov 24 9.00", "2026-11-24 09:00"),
        # "nanti malam", "malam ini"; hours without a point, glued, in letters
        ("malam ini jam 7", "2026-11-23 19:00"),
        ("nanti malam jam 7", "2026-11-23 19:00"),
        ("besok malam ini jam 7", None),
        ("besok 0930", "2026-11-24 09:30"),
        ("besok jam 2030", "2026-11-24 20:30"),
        ("besok 2030", None),  # an hour, or a year?
        ("besok jam tujuh malam", "2026-11-24 19:00"),
        ("besok setengah delapan", "2026-11-24 07:30"),
        ("besok setengah 1", "2026-11-24 12:30"),  # no class begins at half past midnight
        ("besok setengah 1 siang", "2026-11-24 12:30"),
        ("besok jam9", "2026-11-24 09:00"),
        ("besok 7malam", "2026-11-24 19:00"),
        ("besok 19.00wita", "2026-11-24 19:00"),
        ("besok jam 2 pagi", "2026-11-24 02:00"),
        ("besok 7 sore", "2026-11-24 19:00"),
        ("12 Maret 9.30", "2027-03-12 09:30"),
        ("12/3 09.00", "2027-03-12 09:00"),
        ("12/3/27 09.00", "2027-03-12 09:00"),
        ("12-03-2027 09.00", "2027-03-12 09:00"),
        ("2027/03/12 09.00", "2027-03-12 09:00"),
        ("24 nov 1930", "2026-11-24 19:30"),
        ("24 nov 1926", None),
        ("delapan hari lagi jam 9", "2026-12-01 09:00"),
        # nothing is invented
        ("besok jam 3 malam", None),  # which of the two nights?
        ("besok 8 sore", None),
        ("besok 13 pm", None),
        ("besok 08.00-10.00", None),
        ("besok jam 8 lewat 15", None),
        ("1926-11-24 09:00", None),
        ("besok", None),
        ("24 nov", None),
        ("senin 24 nov 9", None),  # a Tuesday
        ("besok 9 WIB", None),  # the site is in WITA
        ("31/2 9", None),
        ("besok 25", None),
        ("besok 9.75", None),
        ("besok atau lusa 9", None),
        ("12 malam besok", "2026-11-25 00:00"),  # the end of that day; said back at once
        ("jam 9 di balai desa", None),
        ("minggu depan 24 nov 9", None),
        ("", None),
        ("besok 9 " * 30, None),
    ],
)
def test_a_moment_in_the_chat(text: str, meant: str | None) -> None:
    moment = read_moment(text, now=NOW, zone=WITA)
    assert (None if moment is None else f"{moment:%Y-%m-%d %H:%M}") == meant
    assert moment is None or moment.utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize(
    ("text", "starts", "minutes"),
    [
        ("sabtu ini jam 9", "2026-11-28 09:00", None),
        ("senin ini jam 9", "2026-11-23 09:00", None),  # has passed, and is not put off by a week
        ("minggu ini 9", "2026-11-29 09:00", None),
        ("minggu ini selasa 9", "2026-11-24 09:00", None),
        ("besok jam 9 sampai 11", "2026-11-24 09:00", 120),
        ("jam 9 sampai 11", "2026-11-24 09:00", 120),
        ("besok 09.00-11.00", "2026-11-24 09:00", 120),
        ("besok 09.00 WITA - 11.30 WITA", "2026-11-24 09:00", 150),
        ("24-11-2026 09.00–11.00", "2026-11-24 09:00", 120),
        ("besok jam 9-11", "2026-11-24 09:00", 120),
        ("besok jam 9 s.d. 12 siang", "2026-11-24 09:00", 180),
        ("besok 1 sampai 3 siang", "2026-11-24 13:00", 120),
        ("besok jam 10 sampai jam 1", "2026-11-24 10:00", 180),
        ("besok pagi jam sembilan sampai sebelas", "2026-11-24 09:00", 120),
        ("besok 9am to 11am", "2026-11-24 09:00", 120),
        ("besok 09.00 s.d. selesai", "2026-11-24 09:00", None),
        ("besok jam sembilan", "2026-11-24 09:00", None),
        ("12.12 13.30", "2026-12-12 13:30", None),
        ("besok jm 9", "2026-11-24 09:00", None),
        ("jm9 besok", "2026-11-24 09:00", None),
        ("bulan depan tanggal 5 jam 9", "2026-12-05 09:00", None),
        ("tgl 5 bulan depan jam 9", "2026-12-05 09:00", None),
        ("tanggal 5 bulan 12 jam 9", "2026-12-05 09:00", None),
        ("tanggal 5 bulan desember jam 9", "2026-12-05 09:00", None),
        ("besok setelah isya jam 8", "2026-11-24 20:00", None),
        ("kemarin 9", "2026-11-22 09:00", None),
        ("besok jam 12 malam", "2026-11-25 00:00", None),
        ("malam ini jam 12", "2026-11-24 00:00", None),
        ("besok jam 10 sampai 12 malam", "2026-11-24 22:00", 120),
    ],
)
def test_a_moment_and_how_long(text: str, starts: str, minutes: int | None) -> None:
    found = read_time(text, now=NOW, zone=WITA)
    assert isinstance(found, Spoken), found
    assert (f"{found.moment:%Y-%m-%d %H:%M}", found.minutes) == (starts, minutes)
    assert found.midnight == ("00:00" in starts)


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("besok", Unread(Why.HOUR, day=date(2026, 11, 24))),
        ("besok pagi", Unread(Why.HOUR, day=date(2026, 11, 24), part="pagi")),
        ("lusa siang", Unread(Why.HOUR, day=date(2026, 11, 25), part="siang")),
        ("besok malam", Unread(Why.HOUR, day=date(2026, 11, 24), part="malam")),
        ("sabtu", Unread(Why.HOUR, day=date(2026, 11, 28))),
        ("besok ba'da ashar", Unread(Why.HOUR, day=date(2026, 11, 24), part="sore")),
        ("ba’da ashar", Unread(Why.HOUR, part="sore")),
        ("habis magrib", Unread(Why.HOUR, part="malam")),
        ("bulan depan tanggal 5", Unread(Why.HOUR, day=date(2026, 12, 5))),
        ("tanggal 5 bulan 12", Unread(Why.HOUR, day=date(2026, 12, 5))),
        ("31/11 9", Unread(Why.NO_DAY, "31/11 9")),
        ("29 feb 9", Unread(Why.NO_DAY, "29 feb 9")),
        ("29 feb 2027 9", Unread(Why.NO_DAY, "29 feb 2027 9")),
        ("sabtu 6/12 9", Unread(Why.WEEKDAY, "sabtu", date(2026, 12, 6))),
        ("5 Desember pukul 09.00 WIB", Unread(Why.ZONE, "WIB")),
        ("besok jam 6 siang", Unread(Why.CLOCK, day=date(2026, 11, 24))),
        ("sabtu jam 10 sore", Unread(Why.CLOCK, day=date(2026, 11, 23))),
        ("besok jam 25", Unread(Why.CLOCK, day=date(2026, 11, 24))),
        ("besok 11.00-09.00", Unread(Why.END)),
        ("besok jam 9 di balai desa", Unread(Why.REST, "di balai desa")),
        ("jam 9 atau 10", Unread(Why.REST, "atau 10")),
        ("tanggal 5 sampai 7 desember jam 9", Unread(Why.REST, "sampai 9")),
        ("apa saja", Unread(Why.UNREAD, "apa saja")),
        ("9 " * 60, Unread(Why.UNREAD)),
    ],
)
@pytest.mark.parametrize("usual", [None, time(9)])
def test_why_a_time_is_not_read(text: str, unread: Unread, usual: time | None) -> None:
    """With a usual hour, too: it stands in for an hour where none is spoken of, and for nothing else."""
    found = read_time(text, now=NOW, zone=WITA, usual=usual)
    if usual is not None and unread.why is Why.HOUR and unread.part is None:
        assert isinstance(found, Spoken)
        assert found.moment.time() == usual
        return
    assert found == unread


@pytest.mark.parametrize(
    ("text", "part", "starts"),
    [
        ("9", "pagi", "2026-11-25 09:00"),
        ("jam 1", "siang", "2026-11-25 13:00"),
        ("7", "malam", "2026-11-25 19:00"),
        ("19.00", "malam", "2026-11-25 19:00"),
        ("9", "siang", "2026-11-25 09:00"),
        ("9", None, "2026-11-25 09:00"),
        ("besok jam 8", "malam", "2026-11-24 08:00"),  # another day, and then nothing of what was said before
        ("4 sore", "pagi", "2026-11-25 16:00"),
    ],
)
def test_an_hour_that_was_asked_for(text: str, part: str | None, starts: str) -> None:
    found = read_time(text, now=NOW, zone=WITA, day=date(2026, 11, 25), part=part)
    assert isinstance(found, Spoken)
    assert f"{found.moment:%Y-%m-%d %H:%M}" == starts


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


# --- the same words in every place ------------------------------------------------------------------------------------

DAY = "24/11/2026 "


@pytest.mark.parametrize(
    ("words", "chat", "table", "daily"),
    [
        # as on the clock
        ("09.00", "09:00", "09:00", "09:00"),
        ("9.30", "09:30", "09:30", "09:30"),
        ("9:30", "09:30", "09:30", "09:30"),
        ("18.30", "18:30", "18:30", "18:30"),
        ("pukul 09.00 WITA", "09:00", "09:00", "09:00"),
        ("18.30wita", "18:30", "18:30", "18:30"),
        ("0930", "09:30", "09:30", "09:30"),
        ("1830", "18:30", "18:30", "18:30"),
        ("02.00", "02:00", "02:00", "02:00"),
        # without a part of the day: the chat has afternoons, a table asks about hours before six, the others the clock
        ("8", "08:00", "08:00", "08:00"),
        ("jam 8", "08:00", "08:00", "08:00"),
        ("2", "14:00", None, "02:00"),
        ("1.30", "13:30", "01:30", "01:30"),
        ("setengah 8", "07:30", "07:30", "07:30"),
        ("setengah 2", "13:30", None, "01:30"),
        ("jam tujuh", "07:00", "07:00", "07:00"),
        # with one
        ("jam 9 pagi", "09:00", "09:00", "09:00"),
        ("12 siang", "12:00", "12:00", "12:00"),
        ("2 siang", "14:00", "14:00", "14:00"),
        ("jam 6 sore", "18:00", "18:00", "18:00"),
        ("jam 5 petang", "17:00", "17:00", "17:00"),
        ("7 malam", "19:00", "19:00", "19:00"),
        ("7malam", "19:00", "19:00", "19:00"),
        ("setengah 8 malam", "19:30", "19:30", "19:30"),
        ("setengah 1 siang", "12:30", "12:30", "12:30"),
        ("tujuh malam", "19:00", "19:00", "19:00"),
        ("4 siang", "16:00", "16:00", "16:00"),
        ("2 pagi", "02:00", "02:00", "02:00"),
        ("7 pm", "19:00", "19:00", "19:00"),
        ("12 am", "00:00", "00:00", "00:00"),
        # nothing
        ("12 malam", "00:00", None, None),
        ("3 malam", None, None, None),
        ("12 pagi", None, None, None),
        ("8 sore", None, None, None),
        ("13 pm", None, None, None),
        ("09.00 WIB", None, None, None),
        ("25", None, None, None),
        ("24.00", None, None, None),
        ("9.75", None, None, None),
        ("9.5", None, None, None),
        ("08.00-10.00", None, "08:00", None),
        ("jam 8 atau 9", None, None, None),
        ("jam 8 lewat 15", None, None, None),
    ],
)
def test_an_hour_in_every_place(words: str, chat: str | None, table: str | None, daily: str | None) -> None:
    moment = read_moment(f"{DAY}{words}", now=NOW, zone=WITA)
    assert (None if moment is None else f"{moment:%H:%M}") == chat
    if table is None:
        with pytest.raises(ValueError, match=r"date and time|the site is in"):
            read_dated_stretch(f"{DAY}{words}", "WITA")
    else:
        assert f"{read_dated_stretch(f'{DAY}{words}', 'WITA')[0]:%Y-%m-%d %H:%M}" == f"2026-11-24 {table}"
    hour = read_hour(words, "WITA")
    assert (None if hour is None else f"{hour:%H:%M}") == daily


@pytest.mark.parametrize(
    "date",
    [
        *("2026-11-24", "2026/11/24", "24/11/2026", "24-11-2026", "24.11.2026", "24 nov 2026", "24 November 2026"),
        *("24-Nov-2026", "24nov2026", "24th nov 2026", "Nov 24, 2026", "Selasa, 24 November 2026", "sel 24 nop 2026"),
        *("24 november 2026 selasa", "hari Selasa, tanggal 24 November 2026", "Tuesday, 24 November 2026"),
    ],
)
def test_a_whole_date_in_the_chat_and_in_a_table(date: str) -> None:
    for text in (f"{date} 09.00", f"09.00 {date}", f"{date} pukul 9.00 WITA", f"{date} jam 9 pagi"):
        moment = read_moment(text, now=NOW, zone=WITA)
        assert moment is not None, text
        assert moment.replace(tzinfo=None) == read_dated_stretch(text, "WITA")[0] == datetime(2026, 11, 24, 9), text  # noqa: DTZ001


@pytest.mark.parametrize(
    "date", ["besok", "senin", "24/11", "24 nov", "24/11/26", "tgl 24", "selasa depan", "malam ini"]
)
def test_a_table_wants_the_year(date: str) -> None:
    """What is no whole date by itself would mean another day when the table is read again."""
    assert read_moment(f"{date} 19.00", now=NOW, zone=WITA) is not None
    with pytest.raises(ValueError, match="is not a date and time"):
        read_dated_stretch(f"{date} 19.00", "WITA")


# --- the hour of the daily lesson -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("saya mau jam 7 malam saja", time(19)),
        ("tiap hari jam 7 malam ya bu", time(19)),
        ("besok jam 7 malam", time(19)),
        ("senin jam 8", time(8)),
        ("malam ini jam 7", time(19)),
        ("18.30", time(18, 30)),
        ("besok", None),
        ("habis magrib", None),
        ("bukan jam 7", None),
        ("sebelum jam 9", None),
        ("1 kali, jam 7 malam", None),
        ("pagi jualan, malam jam 7", None),
        ("jam 7 kurang seperempat", None),
        ("12/3", None),
        ("tgl 3 jam 7", None),
        ("jam 7 malam " + "sekali " * 40, None),
    ],
)
def test_the_hour_in_a_sentence(text: str, hour: time | None) -> None:
    assert read_hour(text, "WITA") == hour


@given(text=st.text(max_size=210))
def test_any_sentence_names_an_hour_or_none(text: str) -> None:
    hour = read_hour(text, "WIB")
    assert hour is None or hour.second == 0


@given(hour=st.times())
def test_an_hour_is_read_as_it_is_written(hour: time) -> None:
    hour = hour.replace(second=0, microsecond=0)
    assert read_hour(f"jam {hour:%H.%M} WIT", "WIT") == hour
    assert read_hour(f"jam {hour:%H%M}", "WIT") == hour


# --- the programme's hours --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        *("08.00-19.30", "8.00 - 19.30", "08:00-19:30", "08.00–19.30", "8-19.30", "0800-1930", "08.00 sampai 19.30"),
        *("08.00 s.d. 19.30", "08.00 s/d 19.30", "jam 8 - jam 19.30", "8 pagi - setengah 8 malam"),
    ],
)
def test_hours_are_read_as_people_write_them(written: str) -> None:
    assert read_range(written) == (time(8), time(19, 30))


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("08.00", "not a stretch"),
        ("08.00-", "not a stretch"),
        ("2-4 sore", "not a stretch"),
        ("08.00-25.00", "'25.00' is not a time of day"),
        ("08.00-24.00", "'24.00' is not a time of day"),
        ("8.5-19.30", "'8.5' is not a time of day"),
        ("+8-19", "'\\+8' is not a time of day"),
        ("008.00-19.00", "'008.00' is not a time of day"),
        ("08.00-19.30 WITA", "'19.30 wita' is not a time of day"),
        ("senin 08.00-19.30", "'senin 08.00' is not a time of day"),
        ("pagi-sore", "'pagi' is not a time of day"),
    ],
)
def test_hours_nobody_can_read_are_told(written: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_range(written)


@given(st.times(), st.times())
def test_hours_come_back_as_they_were_written(start: time, end: time) -> None:
    assert read_range(f"{start:%H.%M}-{end:%H.%M}") == (
        start.replace(second=0, microsecond=0),
        end.replace(second=0, microsecond=0),
    )


@pytest.mark.parametrize(
    ("text", "day"),
    [("senin", 0), ("Jum'at", 4), ("jum’at", 4), ("JUMAT", 4), ("ahad", 6), ("minggu", 6), ("sab", 5), ("hari", None)],
)
def test_a_day_of_the_week(text: str, day: int | None) -> None:
    assert read_weekday(text) == day


# --- lengths ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("2 jam", 120),
        ("2jam", 120),
        ("90 menit", 90),
        ("30menit", 30),
        ("1 hari", 1440),
        ("1,5 jam", 90),
        ("1.5 jam", 90),
        ("satu setengah jam", 90),
        ("setengah jam", 30),
        ("dua jam", 120),
        ("sejam", 60),
        ("1 jam 30 menit", 90),
        ("1 jam 30", 90),
        ("2 hours", 120),
        ("120", None),
        ("jam", None),
        ("90 apel", None),
        ("1.30 jam", None),
        ("setengah hari", None),
        ("1,5 menit", None),
        ("1,5 jam 10 menit", None),
        ("2 jam lagi", None),
        ("-2 jam", None),
    ],
)
def test_a_length(text: str, minutes: int | None) -> None:
    assert read_length(text) == minutes
    assert read_length(text, bare=1) == (120 if text == "120" else minutes)


@pytest.mark.parametrize(
    ("text", "says"), [("Minggu depan lagi!", True), ("pekan depan", True), ("minggu depan 9", False)]
)
def test_only_next_week_again(text: str, says: bool) -> None:
    assert says_next_week(text) is says

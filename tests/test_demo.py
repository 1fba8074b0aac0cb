"""The sample classes beside the sandbox: on any day, who tries the bot sees what follows from a class."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.demo import SAMPLES, add_sample_classes, starts_at
from bot.people.quiet_hours import is_open, next_opening
from bot.programme.sessions import ClassSession
from tests.chat import Chat, content, registered


@pytest.fixture
def today(sqlite_url: str) -> Iterator[Chat]:
    """The bot on the real day, with the sample classes."""
    chat = Chat(sqlite_url, now=datetime.now(UTC))
    try:
        with chat.database.transaction() as db:
            assert add_sample_classes(db, chat.content, chat.now) == len(SAMPLES)
            assert add_sample_classes(db, chat.content, chat.now) == 0, "those are there"
        yield chat
    finally:
        chat.close()


@pytest.mark.parametrize("hour", [0, 9, 15, 16, 17, 23])
def test_on_no_day_of_two_years_a_sample_class_begins_in_quiet_hours(hour: int) -> None:
    """15, 16 and 17 UTC are midnight in WIT, WITA and WIB; 2028 has a 29 February, 2027 a Ramadan."""
    begins = datetime(2027, 1, 1, hour, 30, tzinfo=UTC)
    for now in (begins + timedelta(days=days) for days in range(2 * 365 + 1)):
        for site, _, days, wall, *_ in SAMPLES:
            hours = content().open_hours(site)
            starts = starts_at(hours, now, days, wall)
            assert is_open(hours, starts), starts
            later = starts.date() - now.astimezone(starts.tzinfo).date()
            assert timedelta(days=days) <= later <= timedelta(days=days + 1)


@pytest.mark.today
def test_a_seat_of_a_sample_class_is_given_back_at_its_reminder_and_offered_to_the_next(today: Chat) -> None:
    query = select(ClassSession).where(ClassSession.site_id == "labuan-bajo", ClassSession.title == "Foto Produk")
    with today.database.transaction() as db:
        session = db.scalars(query).one()
        number, starts = session.id, session.starts_at
    siti, anton = registered(today, "Siti"), registered(today, "Anton")
    siti.sends_tap(f"enrolment:take:{number}").sees("sudah dapat kursi")
    anton.sends_tap(f"enrolment:take:{number}").sees("daftar tunggu")
    reminded = next_opening(content().open_hours("labuan-bajo"), starts - timedelta(days=1))
    today.travel(to=reminded + timedelta(minutes=1))
    siti.sees("besok ada kelas Foto Produk").taps("Tidak bisa").sees("Terima kasih sudah memberi kabar")
    anton.sees("ada kursi kosong di kelas Foto Produk").taps("Ambil kursi").sees("sudah dapat kursi")
    today.travel(to=starts - timedelta(hours=1))
    anton.sees("Foto Produk")

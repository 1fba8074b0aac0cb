"""The sample classes beside the sandbox: on any day, who tries the bot sees what follows from a class."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.demo import (
    ADMIN,
    ANSWER,
    FOLLOWED,
    MENTOR,
    QUESTIONS,
    SAMPLES,
    TRAINER,
    add_sample_answer,
    add_sample_classes,
    add_sample_questions,
    add_sample_round,
    add_sample_staff,
    starts_at,
    tries,
    zones,
)
from bot.people.quiet_hours import is_open, next_opening
from bot.programme import sessions
from bot.programme.sessions import ClassSession
from tests.chat import MONDAY, Chat, Phone, content, registered


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
    today.travel(minutes=2)  # so long it can be taken back
    anton.sees("ada kursi kosong di kelas Foto Produk").taps("Ambil kursi").sees("sudah dapat kursi")
    today.travel(to=starts - timedelta(hours=1))
    anton.sees("Foto Produk")


def test_as_time_moves_each_sample_class_is_ahead_a_year_later_too(sqlite_url: str) -> None:
    chat = Chat(sqlite_url, now=MONDAY)
    try:
        with chat.database.transaction() as db:
            for day in (*range(9), *range(363, 370)):
                now = MONDAY + timedelta(days=day)
                add_sample_classes(db, chat.content, now)
                for site in {sample[0] for sample in SAMPLES}:
                    ahead = [session.title for session in sessions.upcoming(db, site, now)]
                    assert sorted(ahead) == sorted(sample[1] for sample in SAMPLES if sample[0] == site), now
    finally:
        chat.close()


def test_the_sample_trainer_and_admin_are_that_from_their_first_word_on(sqlite_url: str) -> None:
    chat = Chat(sqlite_url, now=MONDAY, admin_ids=(ADMIN,))
    try:
        with chat.database.transaction() as db:
            add_sample_classes(db, chat.content, chat.now)
            for _ in range(2):
                add_sample_staff(db, chat.now)  # each start does it
        maria, dewi = Phone(chat, TRAINER, "Maria"), Phone(chat, ADMIN, "Dewi")
        maria.types("/start").does_not_see("Setuju").sees("Atur kelas")
        maria.types("/hadir").does_not_see("Ayo, daftar dulu")
        dewi.types("/start").does_not_see("Setuju")
        dewi.types("/staf").sees("Maria")
    finally:
        chat.close()


def test_a_chat_has_the_clock_of_the_persons_place(sqlite_url: str) -> None:
    chat = Chat(sqlite_url, now=MONDAY)
    try:
        siti = registered(chat, "Siti", site="jayapura")
        Phone(chat, 77, "Nobody yet").types("/start")
        with chat.database.transaction() as db:
            assert zones(db, chat.content) == {siti.id: "WIT", TRAINER: "WITA", MENTOR: "WITA", ADMIN: "WITA"}
    finally:
        chat.close()


def test_the_sample_mentor_finds_two_questions_and_answers_one(sqlite_url: str) -> None:
    chat = Chat(sqlite_url, now=MONDAY, admin_ids=(ADMIN,))
    try:
        with chat.database.transaction() as db:
            for _ in range(2):
                add_sample_staff(db, chat.now)
                add_sample_questions(db, chat.content, chat.now)  # each start does it
        lukas = chat.phone("Lukas", MENTOR)
        made = chat.phone("Made", QUESTIONS[0][0])
        lukas.types("/antrean").sees("2 menunggu", "Pak Made", "Bu Yuli")
        lukas.taps("Buka 1").sees("tenun", "Ambil").taps("Ambil").taps("Balas").types("Cukup dekat jendela, pagi hari.")
        made.sees("Lukas", "dekat jendela").taps("Sudah jelas").sees("Bagaimana jawabannya?")
        lukas.types("/antrean").sees("1 menunggu", "Bu Yuli").does_not_see("Pak Made")
    finally:
        chat.close()


def test_sample_questions_keep_nobody_who_moves_the_time_on(sqlite_url: str) -> None:
    chat = Chat(sqlite_url, now=MONDAY, admin_ids=(ADMIN,))
    try:
        with chat.database.transaction() as db:
            add_sample_staff(db, chat.now)
            add_sample_questions(db, chat.content, chat.now)
        lukas, maria = chat.phone("Lukas", MENTOR), chat.phone("Maria", TRAINER)
        chat.travel(days=6)
        for phone in (lukas, maria, chat.phone("Dewi", ADMIN)):
            phone.sees_nothing_new()
    finally:
        chat.close()


def test_asking_is_to_be_tried_once_siti_is_registered(sqlite_url: str) -> None:
    def asking() -> dict[str, object]:
        with chat.database.transaction() as db:
            return next(one for one in tries(db, chat.content, chat.now) if one["id"] == "ask")

    chat = Chat(sqlite_url, now=MONDAY)
    try:
        chat.numbers_phones_from(1001)
        assert asking()["missing"] is True
        registered(chat)
        assert asking() == {"id": "ask", "person": 1001, "say": "/tanya"}
    finally:
        chat.close()


def test_one_question_is_answered_for_everybody_and_found_before_it_goes_out(sqlite_url: str) -> None:
    chat = Chat(sqlite_url, now=MONDAY, admin_ids=(ADMIN,))
    try:
        with chat.database.transaction() as db:
            add_sample_staff(db, chat.now)
            for _ in range(2):
                add_sample_answer(db, chat.now)  # each start does it
        siti = registered(chat)
        siti.types("/tanya").types("apakah di kelas perlu laptop?").sees(ANSWER[0][:20])
    finally:
        chat.close()


def test_who_was_in_a_class_a_month_ago_is_asked_what_came_of_it(sqlite_url: str) -> None:
    chat = Chat(sqlite_url, now=MONDAY)
    try:
        with chat.database.transaction() as db:
            for _ in range(2):
                add_sample_round(db, chat.content, chat.now)  # each start does it
        wati = chat.phone("Wati", FOLLOWED)
        chat.travel(days=2, hours=23)
        wati.sees_nothing_new()
        chat.travel(hours=2)
        wati.sees("Bu Wati, sebulan lalu ikut kelas", "Dulu belum ada: QRIS").taps("Simpan").sees("NIB masih berlaku?")
    finally:
        chat.close()

"""Several people on one phone who type: words are about whom the newest message was said to, else it is asked for whom.

What somebody types below another person's reminder never gives up, answers, checks in or erases anything of the person
whom the phone happens to speak as.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.people.people import Account, Person
from bot.programme import enrolment
from bot.programme.attendance import Attendance, Mark
from bot.programme.enrolment import Enrolment
from bot.programme.quizzes import Quiz
from tests.chat import Chat, Phone, registered
from tests.databases import by_turns
from tests.test_attendance import code_now, opened
from tests.test_shared_phone import erased, seats, shared, switch


def reminded(chat: Chat) -> tuple[Phone, dict[str, int], int]:
    """Ani's reminder is the newest message; the phone speaks as Cici, who has a seat in the same class."""
    session = chat.add_class(starts=chat.now + timedelta(hours=26))
    phone, ids = shared(chat)
    switch(phone, ids["Cici"]).sends_tap(f"enrolment:take:{session}:{ids['Cici']}")
    chat.travel(hours=2)
    switch(phone, ids["Ani"]).sends_tap(f"enrolment:take:{session}:{ids['Ani']}")
    phone.sends_tap(f"enrolment:show:{session}:{ids['Ani']}")
    switch(phone, ids["Cici"])
    phone.sends_tap(f"enrolment:show:{session}:{ids['Ani']}").sees("Foto Produk")
    return phone, ids, session


def asked_about_ani(chat: Chat) -> tuple[Phone, dict[str, int], int]:
    """Ani alone has a seat and is reminded of it; the phone speaks as Cici."""
    session = chat.add_class(starts=chat.now + timedelta(hours=26))
    phone, ids = shared(chat)
    switch(phone, ids["Ani"]).sends_tap(f"enrolment:take:{session}:{ids['Ani']}")
    switch(phone, ids["Cici"]).looks_up()
    chat.travel(hours=2)
    phone.sees("Bu Ani", "Bisa datang")
    return phone, ids, session


def replies(chat: Chat) -> dict[int, str | None]:
    with chat.database.transaction() as db:
        return {one.person_id: one.reply for one in db.scalars(select(Enrolment))}


def speaks_as(chat: Chat, phone: Phone) -> int:
    with chat.database.transaction() as db:
        account = db.scalars(select(Account).where(Account.telegram_id == phone.id)).unique().one()
        assert account.current_person_id is not None
        return account.current_person_id


@pytest.mark.parametrize("typed", ["ya", "hadir", "Bisa datang"])
def test_a_yes_below_a_reminder_is_that_persons(chat: Chat, typed: str) -> None:
    phone, ids, _ = asked_about_ani(chat)
    phone.types(typed).sees("Bu Ani", "Sampai jumpa")
    assert replies(chat) == {ids["Ani"]: "coming"}
    assert speaks_as(chat, phone) == ids["Cici"]


@by_turns(
    "typed,seen",
    [
        ("kelasnya dimana?", "Puncak Waringin"),
        ("jadwal", "Jadwal Bu Ani"),
        ("jam berapa kelas saya", "Jadwal Bu Ani"),
        ("perlu bawa apa", "Foto Produk"),
        ("mau ganti nama", "Ini data Bu Ani"),
        ("saya terlambat", "Kursinya tetap"),
    ],
)
def test_a_question_below_a_reminder_is_answered_for_that_person(chat: Chat, typed: str, seen: str) -> None:
    phone, ids, _ = asked_about_ani(chat)
    phone.types(typed).sees("Untuk Bu Ani", seen)
    assert speaks_as(chat, phone) == ids["Cici"]


def test_what_is_about_the_phone_is_shown_as_whom_it_speaks(chat: Chat) -> None:
    phone, _, _ = asked_about_ani(chat)
    phone.types("menu").sees("Bu Cici").does_not_see("Untuk Bu Ani")
    phone.types("jadwal").sees("Bu Cici belum punya kelas").does_not_see("Bu Ani")


@pytest.mark.parametrize("typed", ["hapus data", "hapus data saya", "tolong hapus akun ibu"])
def test_whose_data_is_to_be_erased_is_asked(chat: Chat, typed: str) -> None:
    phone, ids, _ = asked_about_ani(chat)
    phone.types(typed).sees("Untuk siapa?", "Bu Ani", "Bu Bunga", "Bu Cici").does_not_see("Ya, hapus")
    phone.taps("Bu Bunga").sees("Hapus data Bu Bunga?")
    phone.types("ya").sees("tekan tombolnya", "Hapus data Bu Bunga?")
    phone.types("ya, hapus data").sees("tekan tombolnya", "Hapus data Bu Bunga?")
    assert not erased(chat)
    phone.taps("Ya, hapus data")
    assert erased(chat) == {ids["Bunga"]}


@pytest.mark.parametrize("typed", ["berhenti", "jangan kirim pesan lagi"])
def test_stopping_says_that_it_is_for_all_of_the_phone(chat: Chat, typed: str) -> None:
    phone, ids, session = asked_about_ani(chat)
    phone.types(typed).sees("semua peserta di HP ini")
    phone.taps("Ya, hentikan")
    assert seats(chat, session) == {ids["Ani"]: "seated"}


def test_a_part_of_the_messages_is_spoken_of_only_where_it_can_be_stopped(chat: Chat) -> None:
    shared(chat)[0].types("berhenti").sees("semua peserta di HP ini", "Berhenti sebagian hanya untuk", "pengingat")
    phone, _ = shared(chat, reminders=False)
    phone.types("berhenti").sees("semua peserta di HP ini").does_not_see("sebagian", "pengingat")
    registered(chat, reminders=False).types("berhenti").sees("Mau berhenti").does_not_see("sebagian", "semua peserta")


@pytest.mark.parametrize("typed", ["batal", "batalkan punya ibu Ani", "maaf tidak bisa datang"])
def test_whose_seat_is_given_back_is_asked_where_several_have_one(chat: Chat, typed: str) -> None:
    phone, ids, session = reminded(chat)
    phone.types(typed).sees("Untuk siapa?", "Bu Ani", "Bu Cici").does_not_see("Bu Bunga")
    phone.taps("Bu Ani").sees("batal ikut kelas Foto Produk").types("ya").taps("Ya, batal ikut")
    assert seats(chat, session) == {ids["Ani"]: "withdrawn", ids["Cici"]: "seated"}


def test_a_letter_answers_the_quiz_of_whom_it_was_asked(chat: Chat) -> None:
    phone, ids = shared(chat)
    switch(phone, ids["Cici"]).sends_tap(f"quizzes:ask:M01L1:{ids['Cici']}")
    chat.travel(minutes=2)
    switch(phone, ids["Ani"]).sends_tap(f"quizzes:ask:M01L2:{ids['Ani']}")
    data = f"registration:switch:{ids['Cici']}"
    phone.sends_tap(data)
    with chat.database.transaction() as db:
        asked = {one.id: one.person_id for one in db.scalars(select(Quiz))}
    of_ani = next(number for number, person in asked.items() if person == ids["Ani"])
    phone.sends_tap(f"quizzes:letters:{of_ani}").types("b")
    with chat.database.transaction() as db:
        answered = {one.person_id for one in db.scalars(select(Quiz)) if one.answered_at is not None}
    assert answered == {ids["Ani"]}


def in_class(chat: Chat, *names: str) -> tuple[Phone, dict[str, int], str]:
    """These have a seat in a class that has begun, and its code is shown; the phone speaks as Cici."""
    session = chat.add_class(starts=chat.now + timedelta(hours=2))
    phone, ids = shared(chat)
    with chat.database.transaction() as db:
        for name in names:
            enrolment.enrol(db, db.get_one(Person, ids[name]), session, chat.now)
    chat.travel(hours=2, minutes=5)
    opened(chat, session)
    return phone.types("menu"), ids, code_now(chat, session)


def present(chat: Chat) -> set[int]:
    with chat.database.transaction() as db:
        return set(db.scalars(select(Attendance.person_id).where(Attendance.mark == Mark.PRESENT)))


@pytest.mark.parametrize("before", ["", "Kode: "])
def test_a_code_checks_in_who_has_a_class_and_asks_where_that_is_somebody_else(chat: Chat, before: str) -> None:
    phone, ids, code = in_class(chat, "Ani")
    phone.types(before + code).sees("Untuk siapa?", "Bu Ani").does_not_see("Bu Cici", "Bu Bunga")
    assert not present(chat)
    phone.taps("Bu Ani").sees("Bu Ani sudah tercatat hadir")
    assert present(chat) == {ids["Ani"]}


def test_a_code_of_two_in_one_class_is_asked_about_and_of_one_is_not(chat: Chat) -> None:
    phone, ids, code = in_class(chat, "Ani", "Cici")
    phone.types(code).sees("Untuk siapa?", "Bu Ani", "Bu Cici").does_not_see("Bu Bunga")
    phone.taps("Bu Cici").sees("Bu Cici sudah tercatat hadir")
    assert present(chat) == {ids["Cici"]}
    phone.types(code).taps("Bu Ani").sees("Bu Ani sudah tercatat hadir")
    assert present(chat) == {ids["Ani"], ids["Cici"]}


def test_a_code_of_who_speaks_is_theirs_at_once(chat: Chat) -> None:
    phone, ids, code = in_class(chat, "Cici")
    phone.types(code.lower()).sees("Bu Cici sudah tercatat hadir")
    assert present(chat) == {ids["Cici"]}


def test_who_is_there_is_asked_where_two_have_a_class(chat: Chat) -> None:
    phone, ids, _ = in_class(chat, "Ani", "Cici")
    chat.travel(minutes=40)
    phone.types("menu").types("hadir bu").sees("Untuk siapa?", "Bu Ani", "Bu Cici").taps("Bu Ani").sees("memeriksa")
    with chat.database.transaction() as db:
        claimed = {one.person_id for one in db.scalars(select(Attendance).where(Attendance.mark == Mark.CLAIMED))}
    assert claimed == {ids["Ani"]}

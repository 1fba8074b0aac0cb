"""What Telegram splits is one thing to people; what they change afterwards counts while its question is open."""

from __future__ import annotations

from typing import Any

import pytest

from bot.programme.sessions import ClassSession
from bot.turns.inbox import ALLOWED_UPDATES
from tests.chat import Chat, Phone, registered, staffed
from tests.test_typed_answers import answered, offered, reminded

PHOTO = {"photo": [{"file_id": "f", "file_unique_id": "f", "width": 9, "height": 9}]}
SECOND = 1_764_000_000
"""When these people write, as Telegram counts."""


def writes(phone: Phone, text: str) -> dict[str, Any]:
    """Somebody writes it; returns the message, to be changed later."""
    message = phone.message(text=text)
    phone.chat.deliver(message, phone)
    return dict(message["message"])


def changes(phone: Phone, message: dict[str, Any], **content: Any) -> Phone:
    """Telegram says that the message reads otherwise now."""
    phone.chat.deliver({"edited_message": message | {"edit_date": 1} | content}, phone)
    return phone


def test_telegram_is_asked_for_corrections() -> None:
    assert "edited_message" in ALLOWED_UPDATES


# --- corrections ------------------------------------------------------------------------------------------------------


def at_the_name(chat: Chat) -> Phone:
    chat.add_class()
    return chat.phone().types("mau daftar").taps("Ya, setuju").types("ibu").sees("nama panggilan")


def test_a_name_is_corrected_while_the_registration_is_under_way(chat: Chat) -> None:
    siti = at_the_name(chat)
    name = writes(siti, "Sti")
    siti.sees("jenis usaha")
    changes(siti, name, text="Siti").sees("jenis usaha").types("makanan")
    changes(siti, name, text="Siti Aminah").sees("kelas di mana").does_not_see("jenis usaha")
    siti.types("Labuan Bajo").sees("Bu Siti Aminah").types("sudah benar").sees("sudah terdaftar")
    changes(siti, name, text="Ratna").sees("Perubahan pesan tidak terbaca").types("profil").sees("Bu Siti Aminah")


def test_a_correction_that_is_no_name_is_asked_about(chat: Chat) -> None:
    siti = at_the_name(chat)
    name = writes(siti, "Siti")
    changes(siti, name, text="12345").sees("nama").types("Ratna").sees("jenis usaha").types("makanan")
    siti.types("Labuan Bajo").sees("Bu Ratna")
    changes(siti, name, text="batal").sees("Lanjut daftar")


def test_an_announcement_is_corrected_after_its_preview(chat: Chat) -> None:
    chat.add_class()
    registered(chat)
    maria = staffed(chat).types("/pengumuman").taps("Semua peserta saya")
    text = writes(maria, "Kelas besok jam 9")
    maria.sees("Kelas besok jam 9", "Akan dikirim ke")
    changes(maria, text, text="Kelas besok jam 10").sees("Kelas besok jam 10", "Akan dikirim ke")
    maria.taps("Kirim sekarang")
    changes(maria, text, text="Kelas besok jam 11").sees("Menggantikan:", "«Kelas besok jam 10»", "Perbaiki sekarang")


def test_a_correction_outside_of_a_question_is_one_line(chat: Chat) -> None:
    siti = registered(chat)
    text = writes(siti, "jadwal")
    changes(siti, text, text="hapus data saya").sees("Perubahan pesan tidak terbaca", "Menu")
    siti.does_not_see("Ya, hapus").types("/profil").taps("Ubah nama")
    changes(siti, text, text="menu").sees("Perubahan pesan tidak terbaca", "nama panggilan")


def test_a_letter_and_an_answer_are_corrected_while_they_are_asked_for(chat: Chat) -> None:
    siti = registered(chat)
    siti.sends_tap("quizzes:ask:M01L1")
    siti.sends_tap("quizzes:letters:1")
    text = writes(siti, "bb")
    assert not answered(chat)
    changes(siti, text, text="b")
    assert answered(chat)


def test_a_reminder_and_an_offer_are_answered_by_a_correction(chat: Chat) -> None:
    siti = reminded(chat)
    changes(siti, writes(siti, "qwerty asdf"), text="hadir").sees("Sampai jumpa")


def test_an_offer_is_answered_by_a_correction(chat: Chat) -> None:
    siti = offered(chat)
    changes(siti, writes(siti, "anbxl"), text="ambil").sees("sudah dapat kursi")


def test_danger_is_heard_in_a_correction(chat: Chat) -> None:
    siti = registered(chat)
    changes(siti, writes(siti, "tolong"), text="tolong ada kebakaran di rumah").sees("112")


def test_a_location_that_moves_and_a_stranger_are_no_trouble(chat: Chat) -> None:
    siti = registered(chat)
    place = siti.message(location={"latitude": -8.5, "longitude": 119.9, "live_period": 900})
    chat.deliver(place, siti)
    for _ in range(3):
        changes(siti, place["message"], location={"latitude": -8.6, "longitude": 119.9}).sees_nothing_new()
    ani = chat.phone("Ani")
    changes(ani, ani.message(text="x")["message"], text="halo").sees("Perubahan pesan tidak terbaca")


# --- pieces -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [False, True])
def test_an_album_gets_one_answer(chat: Chat, asked: bool) -> None:
    siti = registered(chat)
    if asked:
        siti.types("/profil").taps("Ubah nama")
    siti.sends(**PHOTO, media_group_id="7").sees("tidak kami simpan")
    for _ in range(4):
        siti.sends(**PHOTO, media_group_id="7").sees_nothing_new()
    siti.sends(**PHOTO, media_group_id="8").sees("tidak kami simpan")
    siti.sends(**PHOTO).sees("tidak kami simpan").sends(**PHOTO).sees("tidak kami simpan")


@pytest.mark.parametrize("asked", [False, True])
def test_a_text_that_telegram_cut_gets_one_answer(chat: Chat, asked: bool) -> None:
    siti = registered(chat)
    if asked:
        siti.types("/profil").taps("Ubah nama")
    siti.sends(text="la " * 1365, date=SECOND).looks_up()
    siti.sends(text="li " * 1365, date=SECOND).sees_nothing_new()
    siti.sends(text="lu lu", date=SECOND + 1).sees_nothing_new()
    siti.sends(text="menu", date=SECOND + 9).sees("bantu")


def test_words_of_one_breath_get_one_answer_and_what_is_clear_in_them_too(chat: Chat) -> None:
    siti = registered(chat).sends(text="kak", date=SECOND)
    assert len(siti.new) == 1
    siti.sends(text="asdf qwer", date=SECOND + 1).sees_nothing_new()
    siti.sends(text="makasih", date=SECOND + 2).sees_nothing_new()
    siti.sends(text="jadwal", date=SECOND + 3).sees("kelas")
    siti.sends(text="asdf qwer", date=SECOND + 30).sees("paham")


def test_a_tap_between_two_texts_ends_the_breath(chat: Chat) -> None:
    siti = registered(chat).sends(text="kak", date=SECOND).sends_tap("menu:show").looks_up()
    siti.sends(text="asdf qwer", date=SECOND + 1).sees("paham")


def test_what_is_forwarded_at_once_gets_one_answer(chat: Chat) -> None:
    origin = {"type": "hidden_user", "sender_user_name": "Tetangga", "date": 1}
    siti = registered(chat).sends(text="resep kue", forward_origin=origin, date=SECOND).sees("terusan")
    siti.sends(text="resep roti", forward_origin=origin, date=SECOND).sees_nothing_new()
    siti.sends(text="kirim kode otp anda, anda menang", forward_origin=origin, date=SECOND).sees("Jangan beri kode")


def test_a_new_class_is_corrected_before_it_is_saved(chat: Chat) -> None:
    session = chat.add_class()
    maria = staffed(chat).sends_tap(f"sessions:move:{session}")
    day = writes(maria, "26/11 9")
    maria.sees("26 November 2026", "09.00")
    changes(maria, day, text="27/11 10").sees("27 November 2026", "10.00").taps("Simpan").sees("Foto Produk")
    with chat.database.transaction() as db:
        found = db.get(ClassSession, session)
        assert found is not None
        assert found.starts_at.day == 27

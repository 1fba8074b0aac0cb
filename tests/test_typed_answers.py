"""Typed answers to what the newest message asks, and the ways out of a question, typed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.programme.quizzes import Quiz
from tests.chat import Chat, Phone, enrolled, registered, staffed
from tests.databases import by_turns


def reminded(chat: Chat) -> Phone:
    siti = enrolled(chat, session=chat.add_class(starts=chat.now + timedelta(hours=26)))
    siti.looks_up()
    chat.travel(hours=2)
    return siti.sees("Bisa datang", "Tidak bisa")


@by_turns("typed", ["Bisa datang", "Hadir", "hadir", "siap kak, hadir", "ya", "bisa kak insyaallah"])
def test_coming_is_heard_after_a_reminder(chat: Chat, typed: str) -> None:
    siti = reminded(chat).types(typed).sees("Foto Produk").does_not_see("belum paham", "Maksudnya")
    siti.sees("Tidak bisa", "Lihat jadwal")  # what a tap on "Bisa datang" says


@by_turns("typed", ["gak bisa dtg kak, anak sakit", "tidak bisa", "maaf tidak jadi ikut", "batal"])
def test_not_coming_is_asked_about_first(chat: Chat, typed: str) -> None:
    siti = reminded(chat).types(typed)
    siti.sees("Foto Produk").types("jadwal").sees("✅ ", "· Foto Produk")


def test_a_tap_on_small_talk_without_words_is_answered(chat: Chat) -> None:
    siti = enrolled(chat, session=chat.add_class())
    siti.sends_tap("understanding:meant:small_talk").sees("Baik, terima kasih").does_not_see("gangguan")


def test_perhaps_and_what_is_no_answer_leave_the_question_open(chat: Chat) -> None:
    siti = reminded(chat)
    siti.types("belum tahu kak").sees("Tidak apa-apa", "Bisa datang", "Tidak bisa")
    siti.types("asdfgh").sees("belum terbaca", "Bisa datang", "Tidak bisa")
    siti.types("tempatnya dimana?").sees("Puncak Waringin").does_not_see("belum terbaca")


def offered(chat: Chat) -> Phone:
    """Siti waited, and a seat came free."""
    session = chat.add_class(capacity=1)
    anton = enrolled(chat, "Anton", session=session)
    siti = enrolled(chat, session=session)
    anton.sends_tap(f"enrolment:withdrawn:{session}")
    siti.looks_up()
    chat.travel(minutes=2)
    return siti


def test_an_offered_seat_is_taken_by_a_word_and_left_by_a_tap(chat: Chat) -> None:
    siti = offered(chat)
    siti.types("tidak diambil").sees("tekan tombolnya", "Ambil kursi")
    siti.types("tidak jadi").sees("Ambil kursi", "Tidak diambil")
    siti.types("gak usah kak").sees("Foto Produk", "Ambil kursi", "Tidak diambil")
    siti.types("ambil").sees("sudah dapat kursi")


def answered(chat: Chat) -> bool:
    with chat.database.transaction() as db:
        return db.scalars(select(Quiz)).one().answered_at is not None


def test_a_letter_answers_the_question(chat: Chat) -> None:
    siti = registered(chat)
    siti.sends_tap("quizzes:ask:M01L1")
    siti.sends_tap("quizzes:letters:1").sees("A", "B", "C")
    siti.types("hmm gak ngerti nih").does_not_see("tekan tombolnya")
    assert not answered(chat)
    siti.sends_tap("quizzes:letters:1").types("jawabannya b kak").does_not_see("belum terbaca", "belum paham")
    assert answered(chat)


def test_a_letter_answers_a_quiz_poll(chat: Chat) -> None:
    siti = registered(chat).sends_tap("quizzes:ask:M01L1")
    assert siti.last.method == "sendPoll"
    siti.types("b").does_not_see("belum terbaca", "belum paham", "Maksudnya")
    assert answered(chat)


def test_a_registration_goes_by_words_alone_but_for_the_consent(chat: Chat) -> None:
    chat.add_class()
    siti = chat.phone().types("mau daftar kak").sees("Ya, setuju")
    siti.types("ya").sees("Ya, setuju").types("Ya, setuju").sees("tekan tombolnya", "Ya, setuju")
    siti.taps("Ya, setuju").types("batal").sees("Lanjut daftar").types("lanjut daftar").sees("panggil apa")
    siti.types("bantuan").sees("0800-0000-000", "Lanjutkan").types("lanjutkan").types("ibu").sees("nama panggilan")
    for word in ("bantuan", "berhenti"):
        siti.types(word).sees("Lanjutkan").does_not_see("jenis usaha")
    siti.sends_tap("menu:resume").types("kembali").sees("panggil apa").types("Ibu").types("Siti").types(
        "makanan"
    ).types("Labuan Bajo")
    siti.sees("Sudah benar", "Bu Siti").types("sudah benar").sees("sudah terdaftar")


@pytest.mark.parametrize("typed", ["tidak setuju", "saya masih 17 tahun", "saya 16 tahun"])
def test_refusing_and_being_under_age_are_heard_at_once(chat: Chat, typed: str) -> None:
    siti = chat.phone().types("halo").types(typed).sees("0800-0000-000").does_not_see("Ya, setuju")
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is None or account.person is None


def test_a_digit_at_the_consent_is_no_age(chat: Chat) -> None:
    chat.phone().types("halo").types("1").sees("Ya, setuju")


def test_a_way_out_is_no_answer(chat: Chat) -> None:
    siti = registered(chat)
    siti.types("/profil").taps("Ubah nama").types("batal").does_not_see("Bu Batal")
    siti.types("/profil").taps("Ubah kebutuhan").types("kembali").does_not_see("Isi: kembali")
    siti.types("/batal").types("/profil").taps("Ubah nama").types("stop").sees("Mau berhenti menerima pesan?")
    siti.types("/profil").sees("Bu Siti")


def test_danger_is_heard_in_the_middle_of_a_question(chat: Chat) -> None:
    maria = staffed(chat)
    siti = registered(chat).types("/profil").taps("Ubah nama").types("tolong suami saya pukul saya")
    siti.sees("112", "Lanjutkan").taps("Lanjutkan").sees("nama panggilan")
    maria.sees("mungkin ada bahaya")
    maria.looks_up()
    chat.travel(minutes=20)
    siti.types("/profil").taps("Ubah kebutuhan").types("kadang saya kejang").sees("Ini data Bu Siti")
    maria.sees_nothing_new()  # a special need is told as an answer


def test_words_of_a_button_do_not_give_back_or_erase(chat: Chat) -> None:
    siti = enrolled(chat, session=chat.add_class())
    siti.types("batal").types("Ya, batal ikut").sees("tekan tombolnya", "Ya, batal ikut")
    siti.types("jadwal").sees("✅ ", "· Foto Produk")
    siti.types("hapus data saya").types("ya, hapus data").sees("tekan tombolnya").types("profil").sees("Bu Siti")


def test_saying_hello_in_class_leads_to_the_attendance(chat: Chat) -> None:
    siti = enrolled(chat, session=chat.add_class(starts=chat.now + timedelta(hours=2)))
    chat.travel(hours=2, minutes=5)
    siti.types("menu").types("saya hadir kak").does_not_see("paham", "Maksudnya")
    siti.types("saya terlambat kak").sees("Puncak Waringin", "Kursinya tetap")


@pytest.mark.parametrize("typed", ["hadir", "saya akan hadir besok", "bisa datang"])
def test_who_will_come_and_has_no_reminder_is_not_asked_to_give_the_seat_back(chat: Chat, typed: str) -> None:
    siti = enrolled(chat, session=chat.add_class()).types("menu")
    siti.types(typed).sees("Jadwal Bu Siti", "✅ ", "· Foto Produk").does_not_see("Batalkan")


def test_a_list_of_names_below_the_newest_message_stops_nobody_who_types(chat: Chat) -> None:
    session = chat.add_class()
    enrolled(chat, session=session)
    maria = staffed(chat).sends_tap(f"roster:list:{session}").sees("1. Bu Siti")
    maria.types("Unduh Excel").sees("tekan tombolnya").types("menu").does_not_see("gangguan")


@pytest.mark.parametrize("typed", ["batal dulu ah", "gak jadi deh kak", "batalin aja"])
def test_giving_up_in_soft_words_is_no_name(chat: Chat, typed: str) -> None:
    siti = chat.phone().types("halo").taps("Ya, setuju").taps("Ibu").sees("nama panggilan")
    siti.types(typed).sees("Lanjut daftar").types("lanjut daftar").sees("nama panggilan")


@by_turns("typed", ["ok simpan", "boleh disimpan", "ya", "oke kak", "setuju"])
def test_a_yes_in_other_words_is_shown_the_notice_again(chat: Chat, typed: str) -> None:
    siti = chat.phone().types("halo")
    for _ in range(2):
        siti.types(typed).sees("tekan tombolnya" if "simpan" not in typed else "", "Ya, setuju")
        siti.does_not_see("Hapus data")


@pytest.mark.parametrize("typed", ["batalkan punya ibu Ani", "batalkan kursi Ani dong kak"])
def test_a_seat_is_given_back_by_whose_it_is_called(chat: Chat, typed: str) -> None:
    enrolled(chat, session=chat.add_class()).types(typed).sees("batal ikut kelas Foto Produk")


@pytest.mark.parametrize("title", ["Foto Produk: Dasar", "Foto & Video (1)", "TikTok Shop, langkah awal"])
def test_a_class_is_found_by_its_title_whatever_signs_stand_in_it(chat: Chat, title: str) -> None:
    chat.add_class("LB-9", title=title)
    chat.add_class("LB-8", title="Atur Uang")
    siti = registered(chat).types("menu")
    siti.types(f"mau ikut {title.lower()}").sees(title, "Ikut kelas ini").does_not_see("Atur Uang")
    siti.types("menu").types(title.replace(":", "").replace(",", "")).sees(title, "Ikut kelas ini")


@pytest.mark.parametrize("typed", ["hadir", "hadir bu", "saya sudah hadir"])
def test_hadir_in_class_is_no_answer_to_the_reminder_of_that_class(chat: Chat, typed: str) -> None:
    siti = enrolled(chat, session=chat.add_class(starts=chat.now + timedelta(hours=2, minutes=30)))
    chat.travel(hours=1)
    siti.sees("Bisa datang")
    chat.travel(hours=1, minutes=40)
    siti.types(typed).sees("kode hadir").does_not_see("Sampai jumpa")


@by_turns("typed,given", [("ya", None), ("boleh kak", None), ("tidak usah", False), ("tidak", False)])
def test_a_later_consent_is_given_by_a_tap_and_refused_by_a_word(chat: Chat, typed: str, given: bool | None) -> None:
    session = chat.add_class()
    siti = registered(chat, reminders=None).sends_tap(f"enrolment:take:{session}")
    siti.sends_tap("privacy:offer:reminders").sees("Ya, ingatkan")
    siti.types(typed).sees("tekan tombolnya" if given is None else "tidak")
    with chat.database.transaction() as db:
        assert siti.person(db).consent_reminders is given

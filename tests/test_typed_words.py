"""What people type outside of a question: understood and shown, asked about first, or answered kindly."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select

from bot import processes
from bot.app import App
from bot.catalogue.content import load_content
from bot.clock import Clock
from bot.delivery.outbox.tables import OutboxRow
from bot.people.people import Role
from bot.settings import ROOT, Settings
from bot.understanding.understand import Understanding
from tests.chat import MONDAY, Chat, enrolled, registered, staffed
from tests.databases import by_turns, quick_database

SHOWN = [
    ("menu", "Ada yang bisa kami bantu"),
    ("lihat menu dong kak", "Ada yang bisa kami bantu"),
    ("jadwal", "Foto Produk"),
    ("kelas sy kapan ya", "Foto Produk"),
    ("jam berapa kelas saya", "Foto Produk"),
    ("kursi saya", "Jadwal Bu Siti"),
    ("kursiku", "Jadwal Bu Siti"),
    ("kursi saya masih ada?", "Jadwal Bu Siti"),
    ("tempat saya", "Puncak Waringin"),
    ("kelasnya dimana?", "Puncak Waringin"),
    ("alamatnya dimana", "Puncak Waringin"),
    ("saya terlambat", "Kursinya tetap"),
    ("mau ikut kelas lain", "Pilih kelas"),
    ("mau belajar", "Belajar"),
    ("bantuan", "0800-0000-000"),
    ("English please", "Choose a language"),
    ("mau ganti nama", "Ini data Bu Siti"),
    ("bayar gak kak?", "gratis"),
    ("minta sertifikat", "Belum ada sertifikat"),
    ("apa itu QRIS", "Mungkin pelajaran ini membantu"),
    ("nomor admin", "0800-0000-000"),
    ("mau ngobrol sama orang aja", "0800-0000-000"),
    ("data saya disimpan dimana", "data"),
    ("makasih kak", "Sama-sama"),
    ("🙏", "Sama-sama"),
    ("halo", "Halo"),
    ("assalamualaikum", "Waalaikumsalam"),
    ("ok", "Baik"),
]


@by_turns("typed,seen", SHOWN)
def test_what_changes_nothing_is_shown_at_once(chat: Chat, typed: str, seen: str) -> None:
    siti = enrolled(chat, session=chat.add_class())
    siti.types(typed).sees(seen).does_not_see("belum paham")


def test_an_answer_comes_in_the_language_of_the_chat(chat: Chat) -> None:
    siti = registered(chat).types("english please").taps("English").types("is it free?")
    siti.sees("All classes and lessons are free", "Menu")
    siti.types("thank you").sees("You are welcome").does_not_see("Sorry")


def test_a_seat_is_given_back_only_by_a_tap_that_names_the_class(chat: Chat) -> None:
    session = chat.add_class(capacity=1)
    siti = enrolled(chat, session=session)
    siti.types("maaf saya tidak bisa datang, anak sakit").sees("batal ikut kelas Foto Produk", "Kamis")
    siti.types("batal").sees("batal ikut kelas Foto Produk")
    registered(chat, "Anton").sends_tap(f"enrolment:show:{session}").sees("penuh")  # the seat is still hers
    siti.taps("Ya, batal ikut").sees("Foto Produk")
    siti.types("jadwal").does_not_see("✅")


def test_who_has_several_classes_is_asked_which(chat: Chat) -> None:
    siti = enrolled(chat, session=chat.add_class())
    siti.sends_tap(f"enrolment:take:{chat.add_class('LB-2', title='Toko Online', starts=chat.now.replace(day=28))}")
    siti.types("gak bisa dtg kak").sees("Mau batal ikut kelas yang mana?", "Foto Produk", "Toko Online")
    siti.taps("Toko Online").sees("batal ikut kelas Toko Online")
    chat.add_class("LB-3", title="Atur Uang", starts=chat.now.replace(day=29))
    siti.types("bisa ganti hari?").sees("Mau pindah dari kelas yang mana?").taps("Foto Produk")
    siti.sees("Atur Uang").does_not_see("Toko Online")


def test_messages_are_stopped_by_a_tap(chat: Chat) -> None:
    siti = registered(chat).types("jangan kirim pesan lagi").sees("Mau berhenti menerima pesan?", "Hapus data")
    siti.types("menu").sees("Ada yang bisa kami bantu")  # not stopped yet
    siti.types("berhenti").taps("Ya, hentikan").types("menu").sees("sedang dihentikan")
    siti.types("kirim pesan lagi dong").sees("Terima pesan lagi").taps("Terima pesan lagi").sees("dikirim lagi")


def test_data_are_erased_by_a_tap(chat: Chat) -> None:
    siti = registered(chat).types("hapus data saya").sees("Ya, hapus")
    siti.types("profil").sees("Ini data Bu Siti")
    siti.types("tolong hapus semua data sy").taps("Ya, hapus").sees("dihapus")


def test_a_stranger_registers_first_but_is_heard(chat: Chat) -> None:
    chat.phone("Ani").types("jadwal").sees("Ya, setuju")
    chat.phone("Ani").types("bayar gak?").sees("gratis")
    chat.phone("Ani").types("hapus data saya").sees("belum ada data").taps("Hapus data").sees("Ayo daftar")
    chat.phone("Ani").types("tolong saya dipukul suami").sees("112", "129")


def test_danger_is_answered_with_numbers_and_told_to_the_staff_of_the_site(chat: Chat) -> None:
    maria, paulus = staffed(chat), staffed(chat, "Paulus", site="samosir")
    siti = registered(chat)
    siti.types("tolong kak suami pukul saya").sees("112", "129", "Pelatih di lokasi juga sudah kami kabari")
    maria.sees("Siti", "Labuan Bajo", "mungkin ada bahaya").does_not_see("pukul", "suami")
    paulus.sees_nothing_new()
    chat.travel(minutes=1)
    maria.looks_up()
    siti.types("saya takut suami mabuk").sees("112")
    maria.sees_nothing_new()  # one alarm for what belongs together
    with chat.database.transaction() as db:
        kept = [str(row) for row in db.scalars(select(OutboxRow.message))]
    assert not [row for row in kept if "pukul" in row]


def test_an_alarm_comes_at_night_and_to_admins_where_a_site_has_no_trainer(chat: Chat) -> None:
    admin = staffed(chat, "Admin", role=Role.ADMIN, site=None)
    siti = registered(chat)
    chat.travel(to=datetime(2026, 11, 23, 17, 0, tzinfo=chat.now.tzinfo))  # 01.00 WITA
    siti.types("rumah saya kebakaran tolong").sees("112")
    admin.sees("Siti", "mungkin ada bahaya")


def test_an_alarm_comes_to_admins_where_the_only_trainer_blocked_the_bot(chat: Chat) -> None:
    admin, maria = staffed(chat, "Admin", role=Role.ADMIN, site=None), staffed(chat)
    with chat.database.transaction() as db:
        account = maria.account(db)
        assert account is not None
        account.blocked_at = chat.now
    registered(chat).types("rumah saya kebakaran tolong").sees("112")
    admin.sees("Siti", "mungkin ada bahaya")


def test_where_danger_is_not_certain_it_is_asked_and_staff_are_told_after_a_yes_alone(chat: Chat) -> None:
    maria = staffed(chat)
    siti = registered(chat).types("tolong kak").sees("dalam bahaya sekarang", "112")
    siti.types("tidak").sees("bisa kami bantu").types("tolong").sees("112").taps("Tidak, semua aman")
    siti.sees("bisa kami bantu")
    maria.sees_nothing_new()
    siti.types("TOLONGGG").sees("112").taps("Ya, butuh bantuan").sees("112", "129", "sudah kami kabari")
    maria.sees("Siti", "mungkin ada bahaya")
    maria.looks_up()
    ani = chat.phone("Ani").types("tolong").sees("112")  # a stranger, too
    ani.types("ya").sees("110", "119").does_not_see("sudah kami kabari")
    maria.sees_nothing_new()


def test_who_wishes_to_die_is_told_that_they_are_not_alone(chat: Chat) -> None:
    maria = staffed(chat)
    registered(chat).types("rasanya pengen mati aja").sees("tidak sendirian", "119", "112")
    maria.sees("Siti", "mungkin ada bahaya")


def test_an_electricity_cut_is_no_emergency(chat: Chat) -> None:
    maria = staffed(chat)
    registered(chat).types("mati lampu kak di rumah").does_not_see("112")
    maria.sees_nothing_new()


def test_who_met_a_swindler_hears_what_to_do(chat: Chat) -> None:
    siti = registered(chat).types("ada yang minta kode otp ke saya").sees("Jangan beri kode", "0800-0000-000")
    siti.types("pelayanannya jelek sekali, kecewa").sees("Maaf", "0800-0000-000")


def test_what_is_not_understood_gets_the_nearest_things_then_a_human_being(chat: Chat) -> None:
    siti = registered(chat).types("qris").sees("Maksudnya yang mana?").does_not_see("Maaf")
    siti.types("zzz xyz qqq").sees("0800-0000-000").does_not_see("belum paham", "Maksudnya")
    siti.types("menu").sees("Ada yang bisa kami bantu")
    siti.types("asdfgh").sees("belum paham", "Menu", "Bantuan")
    siti.types("asdfgh jkl").sees("0800-0000-000").does_not_see("belum paham")


def test_a_guess_is_confirmed_by_its_button(chat: Chat) -> None:
    siti = enrolled(chat, session=chat.add_class())
    for intent, seen in [("place", "Puncak Waringin"), ("give_back_seat", "Ya, batal ikut"), ("nothing", "bantu")]:
        siti.sends_tap(f"understanding:meant:{intent}").sees(seen)
    siti.sends_tap("understanding:meant:t_roster").sees("hanya untuk pelatih")


def test_trainers_reach_their_tools_by_writing(chat: Chat) -> None:
    chat.add_class()
    maria = staffed(chat)
    maria.types("daftar peserta").sees("Foto Produk")
    maria.types("kelas hari jumat dibatalkan ya").sees("Foto Produk").does_not_see("dibatalkan")


@pytest.mark.parametrize(("role", "made"), [("run", 1), ("worker", 1), ("web", 0), ("sender", 0)])
def test_understanding_is_made_before_the_first_turn_and_where_turns_run(
    database_url: str, role: str, made: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = load_content(ROOT / "content")
    assert content.understanding is not None
    asked: list[bool] = []
    make = content.understanding

    def counted() -> Understanding:
        asked.append(True)
        return make()

    content = replace(content, understanding=counted)
    database = quick_database(database_url)
    App(
        Settings(_env_file=None, database_url=database_url),
        database=database,
        clock=Clock(real=lambda: MONDAY),
        role=processes.Role(role),
        content=content,
    )
    assert len(asked) == made
    assert content.understand("jadwal").intent == "my_schedule"


FILE = {"file_id": "x", "file_unique_id": "x"}


def test_sounds_are_told_that_nobody_hears_them(chat: Chat) -> None:
    siti = registered(chat).sends(voice=FILE | {"duration": 3}).sees("belum bisa mendengar suara", "Menu")
    siti.types("/profil").taps("Ubah nama").sends(voice=FILE | {"duration": 3})
    siti.sees("belum bisa mendengar suara", "Siapa nama panggilannya?")


def test_what_is_forwarded_is_nobodys_answer(chat: Chat) -> None:
    origin = {"type": "hidden_user", "sender_user_name": "Tetangga", "date": 1}
    siti = (
        registered(chat).sends(text="hapus data saya", forward_origin=origin).sees("terusan").does_not_see("Ya, hapus")
    )
    siti.types("/profil").taps("Ubah nama").sends(text="Ratna", forward_origin=origin)
    siti.sees("terusan", "Siapa nama panggilannya?").types("/profil").sees("Bu Siti")
    siti.sends(text="selamat anda menang, kirim kode otp anda", forward_origin=origin).sees("Jangan beri kode")


@pytest.mark.parametrize(("typed", "seen"), [("zxcv", "paham"), ("mksh", "Sama-sama"), ("KTRB", "kode hadir")])
def test_four_consonants_are_no_code_where_nobody_has_a_class(chat: Chat, typed: str, seen: str) -> None:
    siti = registered(chat).types(typed).sees(seen)
    if typed.islower():
        siti.does_not_see("kode")

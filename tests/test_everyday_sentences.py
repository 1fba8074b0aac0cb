"""What people write every day and what it leads to; each thing they can mean, and what comes of it in a chat."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest

from bot.understanding.intents import KINDS
from tests.chat import Chat, Phone, enrolled, registered, staffed
from tests.databases import by_turns
from tests.test_typed_answers import offered, reminded

Begin = Callable[[Chat], Phone]


def seated(chat: Chat) -> Phone:
    return enrolled(chat, session=chat.add_class())


def asked_to_agree(chat: Chat) -> Phone:
    return chat.phone().types("halo").sees("Ya, setuju")


def asked_for_salutation(chat: Chat) -> Phone:
    chat.add_class()
    return asked_to_agree(chat).taps("Ya, setuju").sees("panggil apa")


def asked_for_name(chat: Chat) -> Phone:
    return asked_for_salutation(chat).taps("Ibu").sees("nama panggilan")


def asked_for_letter(chat: Chat) -> Phone:
    siti = registered(chat).sends_tap("quizzes:ask:M01L1")
    return siti.sends_tap("quizzes:letters:1").sees("A", "B", "C")


def in_class(chat: Chat) -> Phone:
    siti = enrolled(chat, session=chat.add_class(starts=chat.now + timedelta(hours=2)))
    chat.travel(hours=2, minutes=5)
    return siti.types("menu")


def led(chat: Chat) -> Phone:
    enrolled(chat, session=chat.add_class())
    return staffed(chat)


EVERYDAY: Final[list[tuple[Begin, str, str]]] = [
    (seated, "menu", "bisa kami bantu"),
    (seated, "bantuan", "0800-0000-000"),
    (seated, "jadwal", "Foto Produk"),
    (seated, "mau daftar", "Pilih kelas"),
    (seated, "batal", "batal ikut kelas Foto Produk"),
    (seated, "admin", "0800-0000-000"),
    (seated, "halo", "Halo"),
    (seated, "selamat pagi", "Halo"),
    (seated, "assalamualaikum", "Waalaikumsalam"),
    (seated, "terima kasih", "Sama-sama"),
    (seated, "makasih", "Sama-sama"),
    (seated, "ok", "Baik"),
    (seated, "siap", "Baik"),
    (seated, "🙏", "Sama-sama"),
    (seated, "kelasnya dimana?", "Puncak Waringin"),
    (seated, "jam berapa kelas saya", "Foto Produk"),
    (seated, "alamatnya dimana", "Puncak Waringin"),
    (seated, "saya terlambat", "Kursinya tetap"),
    (seated, "nomor admin", "0800-0000-000"),
    (seated, "minta sertifikat", "sertifikat"),
    (seated, "apa itu QRIS", "QRIS"),
    (seated, "English please", "Choose a language"),
    (seated, "Foto Produk", "Kamis, 26 November 2026"),
    (seated, "1", "Menu"),
    (seated, "berhenti", "Mau berhenti menerima pesan?"),
    (seated, "stop", "Mau berhenti menerima pesan?"),
    (seated, "jangan kirim pesan lagi", "Mau berhenti menerima pesan?"),
    (seated, "hapus data saya", "Ya, hapus"),
    (seated, "saya mau keluar", "Mau berhenti menerima pesan?"),
    (in_class, "hadir", "Foto Produk"),
    (reminded, "ya", "Sampai jumpa"),
    (reminded, "Hadir", "Sampai jumpa"),
    (reminded, "👍", "Sampai jumpa"),
    (reminded, "maaf saya tidak bisa datang, anak sakit", "batal ikut kelas Foto Produk"),
    (asked_to_agree, "tidak setuju", "0800-0000-000"),
    (asked_to_agree, "saya 17 tahun", "0800-0000-000"),
    (asked_to_agree, "saya belum 18", "0800-0000-000"),
    (asked_to_agree, "Ya, setuju", "tekan tombolnya"),
    (asked_for_letter, "B", "Lanjut"),
]
"""The sentences that were once all answered "belum paham": where somebody is, what they write, what they see."""


@by_turns("begin,typed,seen", EVERYDAY, ids=[one[1] for one in EVERYDAY])
def test_an_everyday_sentence_is_understood(chat: Chat, begin: Begin, typed: str, seen: str) -> None:
    siti = begin(chat)
    siti.types(typed).sees(seen)
    if typed != "1":
        siti.does_not_see("belum paham")


def test_there_are_as_many_as_the_review_counted() -> None:
    assert len(EVERYDAY) == len({typed for _, typed, _ in EVERYDAY}) == 39


@pytest.mark.parametrize(("typed", "seen"), [("Batal", "Lanjut daftar"), ("bantuan", "0800"), ("kembali", "panggil")])
def test_the_words_of_a_way_out_are_heard_at_a_question(chat: Chat, typed: str, seen: str) -> None:
    asked_for_salutation(chat).types(typed).sees(seen).does_not_see("Belum terbaca")


LEADS_TO: Final[dict[str, tuple[Begin, str, str]]] = {
    # show
    "menu": (seated, "menunya mana kak", "bisa kami bantu"),
    "help": (seated, "cara pakainya gimana", "0800-0000-000"),
    "classes": (registered, "mau ikut kelas", "Belum ada kelas"),
    "my_schedule": (seated, "kelas saya kapan", "Foto Produk"),
    "place": (seated, "alamatnya di mana ya", "Puncak Waringin"),
    "class_details": (seated, "perlu bawa apa", "Foto Produk"),
    "cost": (seated, "bayar berapa", "gratis"),
    "certificate": (seated, "dapat sertifikat tidak", "sertifikat"),
    "running_late": (in_class, "kak saya telat", "Pelatih bisa melihat kabar ini"),
    "learn": (seated, "mau belajar", "Belajar"),
    "lesson_search": (seated, "cara foto produk yang bagus", "Mungkin pelajaran ini membantu"),
    "progress": (seated, "nilai saya berapa", "pelajaran"),
    "profile": (seated, "mau ganti nama", "Ini data Bu Siti"),
    "language": (seated, "pakai bahasa inggris bisa", "Choose a language"),
    "other_person": (seated, "mau daftarkan ibu saya", "chat ini dipakai Bu Siti"),
    "my_data": (seated, "data saya disimpan dimana", "data"),
    "lesson_settings": (seated, "pelajarannya jangan tiap hari", "elajaran"),
    "small_talk": (seated, "matur nuwun", "Sama-sama"),
    "unclear": (seated, "xyz qqq zzz", "belum paham"),
    # answer
    "coming": (reminded, "insyaallah hadir", "Sampai jumpa"),
    "not_sure": (reminded, "lihat besok ya", "Tidak apa-apa"),
    "accept_offer": (offered, "ambil kak", "sudah dapat kursi"),
    "quiz_answer": (asked_for_letter, "jawabannya b", "Lanjut"),
    "agree": (asked_to_agree, "setuju", "Ya, setuju"),
    "disagree": (asked_to_agree, "tidak setuju", "0800-0000-000"),
    "under_age": (asked_to_agree, "saya masih 16 tahun", "0800-0000-000"),
    "answer": (asked_for_name, "Kasih", "jenis usaha"),
    "check_in": (in_class, "saya hadir kak", "Foto Produk"),
    "break_off": (asked_for_name, "batal", "Lanjut daftar"),
    "ticket_message": (seated, "stok saya habis", ""),
    # asked first
    "give_back_seat": (seated, "gak bisa ikut kak", "batal ikut kelas Foto Produk"),
    "decline_offer": (offered, "gak usah kak", "Ambil kursi"),
    "move_class": (seated, "bisa pindah hari lain?", "Foto Produk"),
    "stop_messages": (seated, "jangan wa saya lagi", "Mau berhenti menerima pesan?"),
    "restart_messages": (seated, "kirim pesan lagi dong", "Terima pesan lagi"),
    "erase_data": (seated, "hapus akun saya", "Ya, hapus"),
    "t_change_class": (led, "kelas besok dibatalkan", "Foto Produk"),
    # a human being
    "question_for_human": (seated, "mau bicara sama orang", "0800-0000-000"),
    "complaint": (seated, "pelayanannya buruk", "Maaf"),
    "urgent": (seated, "tolong ada kebakaran di rumah", "112"),
    "scam_report": (seated, "ada yang minta kode otp saya", "Jangan beri kode"),
    # trainers
    "t_classes": (led, "kelas saya apa saja", "Foto Produk"),
    "t_roster": (led, "siapa saja pesertanya", "Foto Produk"),
    "t_attendance": (led, "buka absen", "Daftar hadir"),
    "t_sheet": (led, "lembar hadir", "untuk dicetak"),
    "t_calls": (led, "siapa yang belum dikabari", "Kelas Foto Produk"),
    "t_announce": (led, "kirim pengumuman ke peserta", "untuk siapa?"),
    "t_report": (led, "laporan bulan ini", "aporan"),
}
"""Each thing people can mean: where somebody is, what they write, what they see. `ticket_message` needs questions to
mentors, which there are none of yet: nothing may break."""


def test_everything_people_can_mean_leads_somewhere() -> None:
    assert set(LEADS_TO) == set(KINDS)


@by_turns("intent", LEADS_TO)
def test_what_somebody_means_leads_there(chat: Chat, intent: str) -> None:
    begin, typed, seen = LEADS_TO[intent]
    siti = begin(chat)
    siti.types(typed).sees(seen)
    assert siti.new


def test_a_class_is_shown_by_its_name(chat: Chat) -> None:
    chat.add_class()
    siti = registered(chat).types("mau ikut kelas foto produk").sees("Kamis, 26 November 2026", "Ikut kelas ini")
    chat.add_class("LB-2", starts=chat.now + timedelta(days=5))
    siti.types("foto produk").does_not_see("Ikut kelas ini")


def test_who_asks_which_classes_they_were_in_is_shown_those(chat: Chat) -> None:
    siti = enrolled(chat, session=chat.add_class())
    chat.travel(days=5)
    for typed in ("sudah pernah ikut apa saja", "kelas apa aja yg sdh saya ikuti", "riwayat kelas saya"):
        siti.types(typed).sees("Kelas yang sudah selesai", "Foto Produk").does_not_see("keluhan")
    for typed in (
        "Which classes was I in?",
        "what classes did I attend",
        "which classes have I been to",
        "my past classes",
    ):
        siti.types(typed).sees("Kelas yang sudah selesai", "Foto Produk")
    for typed in ("which classes will I attend", "why are the classes I attended not in my certificate"):
        siti.types(typed).does_not_see("Kelas yang sudah selesai")
    siti.types("kemajuan saya").does_not_see("Kelas yang sudah selesai")  # of lessons


def test_whoever_is_not_understood_can_ask_a_mentor_with_one_tap(chat: Chat) -> None:
    siti = registered(chat)
    for typed in ("zxqv plok mnbv", "wertzu plom", "saya belum paham", "dapat sertifikat?", "pelayanannya jelek"):
        assert "Tanya pendamping" in siti.types(typed).last.labels, typed
    siti.taps("Tanya pendamping").sees("Mau tanya apa")
    stranger = chat.phone("Anton").types("zxqv plok mnbv")
    assert "Tanya pendamping" not in stranger.last.labels, "who is not registered cannot be answered"

"""Becoming a participant, the profile, and several people on one phone."""

from __future__ import annotations

import json
import unicodedata
from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.database import Base
from bot.people.people import SECTORS, Account, Consent, Person, Salutation
from bot.programme.registration import (
    NAME_LETTERS,
    masked,
    readable_name,
    readable_phone,
    readable_salutation,
    readable_sector,
)
from bot.words.typed_text import cleaned
from tests.chat import Chat, Phone, enrolled, registered
from tests.databases import by_turns

LABUAN_BAJO = (-8.49, 119.88)


UNMISTAKABLE: Final = 7_391_846_205
"""A Telegram id that is found in rows only where it was written: no random token holds it by chance."""


def everything_kept(db: Session) -> str:
    """All rows of all tables, to look for what must not be there."""
    rows: list[Any] = []
    for table in Base.metadata.sorted_tables:
        rows += [tuple(row) for row in db.execute(select(table))]
    return "\n".join(map(str, rows))


def at_name(chat: Chat, name: str = "Siti", link: str = "s_labuan-bajo") -> Phone:
    return chat.phone(name).starts(link).taps("Ya, setuju").taps("Ibu")


def at_site(chat: Chat) -> Phone:
    return at_name(chat, link="").types("Siti").taps("Makanan").sees("Mau ikut kelas di mana?")


def test_from_a_link_to_a_seat_in_few_taps(chat: Chat) -> None:
    chat.add_class()
    siti = chat.phone("Siti").starts("s_labuan-bajo")
    siti.sees("TikTok Jalin Nusantara", "asisten otomatis", "Ya, setuju", "Tidak setuju", "Baca lengkap")
    siti.taps("Ya, setuju").sees("Mau dipanggil apa?", "Ibu", "Bapak", "Kakak").sees_toast("Persetujuan sudah dicatat")
    siti.taps("Ibu").sees("Siapa nama panggilannya?", "Pakai nama Telegram")
    siti.taps("Pakai nama Telegram").sees("Apa jenis usahanya?")
    siti.taps("Makanan").sees("Nama: Bu Siti", "Makanan dan minuman", "Lokasi: Labuan Bajo", "Sudah benar", "Ubah")
    siti.taps("Sudah benar").sees("✅ Bu Siti sudah terdaftar", "Kelas di Labuan Bajo", "Foto Produk")
    siti.taps("Foto Produk").taps("Ikut kelas ini").sees("boleh kami ingatkan", "Ya, ingatkan", "Tidak usah")
    taps = 8  # with the start
    assert taps <= 12
    with chat.database.transaction() as db:
        person = siti.person(db)
        assert (person.name, person.salutation, person.sector) == ("Siti", "ibu", "kuliner")
        assert person.site_id == "labuan-bajo"
        assert person.registered_at == chat.now
        consent = db.scalars(select(Consent)).one()
        assert (consent.purpose, consent.given, consent.text_version, consent.language) == ("training", True, "3", "id")


def test_nothing_personal_is_kept_before_consent(chat: Chat) -> None:
    siti = chat.phone("Sitiratna").starts("s_labuan-bajo")
    siti.types("Nama saya Sitiratna, usaha keripik").sees("Tekan salah satu tombol")
    siti.sends(contact={"phone_number": "+6281234567890", "first_name": "Sitiratna", "user_id": siti.id})
    siti.shares_location(*LABUAN_BAJO).taps("Baca lengkap").sees(
        "1 dari 2", "2 dari 2", "UU 27 Tahun 2022", "/hapus_data"
    )
    siti.sees("Ya, setuju", "Tidak setuju")
    with chat.database.transaction() as db:
        kept = everything_kept(db)
        account = siti.account(db)
        assert account is not None
        assert account.draft == {"site": "labuan-bajo"}
        assert db.scalars(select(Person)).all() == []
    for told in ("Sitiratna", "keripik", "81234567890", "119.88"):
        assert told not in kept


def test_refusing_leaves_no_trace(chat: Chat) -> None:
    chat.numbers_phones_from(UNMISTAKABLE)
    siti = chat.phone("Siti").starts("s_labuan-bajo").taps("Tidak setuju")
    siti.sees("Tetap boleh datang langsung ke kelas", "Belum 18 tahun", "0800-0000-000", "Tekan Ayo daftar")
    with chat.database.transaction() as db:
        assert siti.account(db) is None
        assert str(siti.id) not in everything_kept(db)
    siti.taps("Ayo daftar").sees("Ya, setuju").taps("Ya, setuju").taps("Ibu").types("Siti").taps("Makanan")
    siti.sees("Lokasi: Labuan Bajo")  # the link's place stood in the button


def test_whoever_does_not_answer_is_forgotten_after_a_day(chat: Chat) -> None:
    chat.numbers_phones_from(UNMISTAKABLE)
    siti = chat.phone("Siti").starts()
    anton = chat.phone("Anton").starts().taps("Ya, setuju")
    chat.travel(hours=23)
    with chat.database.transaction() as db:
        assert siti.account(db) is not None
    chat.travel(hours=2)
    with chat.database.transaction() as db:
        assert siti.account(db) is None
        assert str(siti.id) not in everything_kept(db)
        assert anton.account(db) is not None  # he consented and goes on where he was
    anton.types("halo").sees("Belum terbaca").taps("Bapak").sees("Siapa nama panggilannya?")


@pytest.mark.parametrize("payload", ["s_atlantis", "s_", "x", "s_labuan-bajo' OR 1=1", "s_" + "9" * 60])
def test_a_forged_link_is_overlooked(sqlite_url: str, payload: str) -> None:
    chat = Chat(sqlite_url)
    try:
        siti = at_name(chat, link=payload).types("Siti").taps("Kerajinan").sees("Mau ikut kelas di mana?")
        siti.taps("Kota dan kabupaten").sees("Labuan Bajo", "Jayapura")
    finally:
        chat.close()


def test_a_site_without_a_place_is_explained_and_takes_nobody(chat: Chat) -> None:
    siti = chat.phone("Siti").starts("s_ekraf-victory").sees("Kelas Ekraf Victory belum dibuka", "Ya, setuju")
    siti.taps("Ya, setuju").taps("Ibu").types("Siti").taps("Makanan").sees("Mau ikut kelas di mana?")
    siti.taps("Desa wisata").sees("Golo Loni", "Ekraf Victory (belum dibuka)")
    siti.taps("Ekraf Victory").sees("Kelas Ekraf Victory belum dibuka", "Kota dan kabupaten")
    siti.types("ekraf victory").sees("Kelas Ekraf Victory belum dibuka")
    siti.taps("Desa wisata").taps("Golo Loni").sees("Lokasi: Desa Wisata Golo Loni")
    registered(chat, "Anton").starts("s_ekraf-victory").sees("belum dibuka", "Halo Bu Anton")


def test_the_site_by_writing_part_of_its_name(chat: Chat) -> None:
    siti = at_site(chat).types("labuhan bajo").sees("Lokasi: Labuan Bajo", "Sudah benar")
    siti.taps("Ubah").taps("Ubah lokasi").types("samosir").sees("Yang mana?", "Samosir", "Lumban Suhi-Suhi Toruan")
    siti.taps("Lumban Suhi").sees("Lokasi: Desa Wisata Lumban Suhi-Suhi Toruan")
    siti.taps("Ubah").taps("Ubah lokasi").types("Zanzibar").sees(
        "Belum ketemu tempat", "Kota dan kabupaten", "Desa wisata"
    )
    siti.types("kembali").sees("Lokasi: Desa Wisata Lumban")


def test_the_nearest_sites_by_location(chat: Chat) -> None:
    siti = at_site(chat).taps("Kirim lokasi").sees("pakai sekali")
    assert siti.last.params["reply_markup"]["keyboard"][0][0]["request_location"]
    siti.shares_location(*LABUAN_BAJO).sees("yang paling dekat", "tidak kami simpan", "Labuan Bajo (", " km)")
    assert any(bubble.params.get("reply_markup", {}).get("remove_keyboard") for bubble in siti.new)
    near = [label for label in siti.last.labels if " km)" in label]
    assert len(near) == 3
    assert near[0].startswith("Labuan Bajo (")
    siti.taps("Labuan Bajo (").sees("Lokasi: Labuan Bajo")
    with chat.database.transaction() as db:
        assert "119.88" not in everything_kept(db)


def test_the_way_back_from_the_keyboard_for_locations(chat: Chat) -> None:
    siti = at_site(chat).taps("Kirim lokasi").types("Kembali").sees("Mau ikut kelas di mana?")
    assert any(bubble.params.get("reply_markup", {}).get("remove_keyboard") for bubble in siti.new)
    siti.types("kembali").sees("Apa jenis usahanya?")


def test_back_goes_one_question_back_and_loses_nothing(chat: Chat) -> None:
    siti = at_name(chat, link="").types("Siti").sees("Apa jenis usahanya?")
    siti.taps("Kembali").sees("Siapa nama").taps("Kembali").sees("Mau dipanggil apa?")
    siti.taps("Kakak").sees("Apa jenis usahanya?")  # the name is known already
    siti.types("kain").sees("Mau ikut kelas di mana?").taps("Kembali").sees("Apa jenis usahanya?")
    siti.taps("Jasa kreatif").types("jayapura").sees("Nama: Kak Siti", "Jasa kreatif", "Jayapura")


def test_any_answer_can_be_changed_on_the_card(chat: Chat) -> None:
    siti = at_name(chat).types("Siti").taps("Makanan").taps("Ubah")
    siti.sees("Apa yang mau diubah?", "Ubah nama", "Ubah sapaan", "Ubah jenis usaha", "Ubah lokasi")
    siti.taps("Ubah nama").taps("Kembali").sees("Nama: Bu Siti")
    siti.taps("Ubah").taps("Ubah nama").types("Ratna").sees("Nama: Bu Ratna")
    siti.taps("Ubah").taps("Ubah sapaan").types("kak").sees("Nama: Kak Ratna")
    siti.types("belum benar").sees("Apa yang mau diubah?").taps("Kembali").sees("Sudah benar?")
    siti.types("jayapura").sees("Nama: Kak Ratna", "Lokasi: Jayapura").types("Kerajinan").sees("Usaha: Kerajinan")
    siti.types("hmm anu").sees("Lokasi: Jayapura", "Kalau belum, tekan Ubah", "Sudah benar")
    siti.types("iya betul").sees("Kak Ratna sudah terdaftar")


@by_turns("said", ["Nama saja", "panggil nama saja kak", "cukup namanya", "4"])
def test_who_wants_no_form_of_address_is_called_by_the_name_alone(chat: Chat, said: str) -> None:
    session = chat.add_class(starts=chat.now + timedelta(hours=26))
    siti = chat.phone("Siti").starts("s_labuan-bajo").taps("Ya, setuju").sees("Ibu", "Bapak", "Kakak", "Nama saja")
    siti.types(said).types("Siti").taps("Makanan").sees("Nama: Siti\n").taps("Sudah benar")
    siti.sees("✅ Siti sudah terdaftar").sends_tap(f"enrolment:take:{session}").sees("✅ Siti sudah dapat kursi")
    siti.taps("Ya, ingatkan").types("kelas saya kapan").sees("Jadwal Siti").types("/profil").sees("Ini data Siti.")
    chat.travel(hours=2)
    siti.sees("\nSiti, besok ada kelas").taps("Bisa datang").sees("Terima kasih, Siti.")
    siti.types("/profil").taps("Ubah sapaan").taps("Kakak").sees("Ini data Kak Siti")
    siti.taps("Ubah sapaan").types("nama saja").sees("Ini data Siti.")


def test_the_name_alone_stays_also_if_an_address_is_written_before_the_name(chat: Chat) -> None:
    siti = chat.phone("Siti").starts("s_labuan-bajo").taps("Ya, setuju").taps("Nama saja")
    siti.types("Bu Siti").taps("Makanan").sees("Nama: Siti\n")


def test_the_version_before_still_finds_a_form_of_address_to_say(chat: Chat) -> None:
    """It knows three, and looks in one column."""
    siti = (
        at_name(chat)
        .types("Siti")
        .taps("Makanan")
        .taps("Ubah")
        .taps("Ubah sapaan")
        .taps("Nama saja")
        .sees("Nama: Siti\n")
    )
    with chat.database.transaction() as db:
        assert siti.person(db).salutation == Salutation.KAKAK
        assert db.scalars(select(Person.form_of_address)).all() == ["nama"]
    _, content, _ = siti.types("/data_saya").last.params["files"]["document"]
    assert json.loads(content)["profil"]["sapaan"] == "nama"


def test_answers_that_cannot_be_read_get_a_kind_question(chat: Chat) -> None:
    siti = chat.phone("😀").starts("s_labuan-bajo").taps("Ya, setuju")
    siti.types("apa saja").sees("Belum terbaca", "Ibu").types("bu").sees("Siapa nama")
    siti.does_not_see("Pakai nama Telegram")  # an emoji is no name
    siti.sends_tap("registration:telegram_name").sees_nothing_new()  # the question stands there as it is
    siti.types("12345").sees("Belum terbaca sebagai nama", "Siti").types("😀😀").sees("Belum terbaca sebagai nama")
    siti.types("SITI 😀 AMINAH").types("pesawat").sees("Belum ketemu jenis usahanya").types("3").sees(
        "Bu Siti Aminah", "Pakaian"
    )
    for forged in (
        "registration:sector:x",
        "registration:site:labuan-bajo",
        "registration:ask:phone",
        "registration:ask:zzz",
    ):
        siti.sends_tap(forged)
    siti.taps("Sudah benar").sees("Bu Siti Aminah sudah terdaftar")


def test_a_command_in_the_middle_helps_and_loses_nothing(chat: Chat) -> None:
    siti = at_name(chat)
    siti.types("/jadwal").sees("daftar dulu", "Siapa nama panggilannya?")
    siti.types("/bantuan").sees("0800-0000-000", "Lanjutkan").types("/bahasa").sees("English", "Lanjutkan")
    siti.taps("Lanjutkan").sees("Siapa nama panggilannya?").types("Siti").sees("Apa jenis usahanya?")
    siti.types("/bahasa").taps("English").sees("Go on").taps("Go on").sees("What type of business")
    siti.types("/bantuan").types("food").sees("Is this right?", "Food and drink")


def test_killed_in_the_middle_it_goes_on_at_the_same_question(chat: Chat) -> None:
    siti = at_name(chat)
    chat.restart()
    siti.types("Siti").sees("Apa jenis usahanya?")
    chat.restart()
    siti.taps("Makanan").sees("Nama: Bu Siti")
    chat.restart()
    siti.taps("Sudah benar").sees("sudah terdaftar")


def test_breaking_off_says_what_was_kept_and_how_to_go_on(chat: Chat) -> None:
    siti = chat.phone("Siti").starts().types("/batal").sees("Belum ada data yang disimpan", "Ayo daftar")
    siti.taps("Ayo daftar").taps("Ya, setuju").taps("Ibu").types("Siti").types("/batal")
    siti.sees("Jawaban tadi kami simpan", "Lanjut daftar", "Hapus data").taps("Lanjut daftar").sees(
        "Apa jenis usahanya?"
    )
    siti.types("/batal").starts("s_jayapura").sees("Apa jenis usahanya?").taps("Makanan").sees("Lokasi: Jayapura")


def test_tapping_twice_does_it_once(chat: Chat) -> None:
    siti = chat.phone("Siti").starts("s_labuan-bajo")
    consent = siti.tap_update("registration:consent:yes")
    chat.deliver_all([consent, siti.tap_update("registration:consent:yes")], siti)
    siti.sees_toast("Persetujuan sudah dicatat")
    assert [bubble.text for bubble in siti.new if "panggil apa" in bubble.text] == ["Mau dipanggil apa?"]
    question = siti.last.message_id
    chat.deliver_all([siti.tap_update("registration:salutation:ibu", question) for _ in range(2)], siti)
    siti.sees_toast("Tombol ini sudah tidak berlaku").sees("Siapa nama panggilannya?")
    assert len(siti.new) == 1
    siti.types("Siti").taps("Makanan")
    card = siti.last.message_id
    chat.deliver_all([siti.tap_update("registration:confirm", card) for _ in range(2)], siti)
    siti.sees_toast("Sudah terdaftar").sees("sudah terdaftar", "Labuan Bajo")
    with chat.database.transaction() as db:
        assert len(db.scalars(select(Person)).all()) == 1
        assert len(db.scalars(select(Consent)).all()) == 1


def test_an_old_question_is_answered_with_the_present_one(chat: Chat) -> None:
    siti = at_name(chat).types("Siti")
    siti.sends_tap("registration:salutation:bapak", 1).sees_toast("Tombol ini sudah tidak berlaku").sees(
        "Apa jenis usahanya?"
    )
    siti.taps("Tidak setuju").sees("Hapus data Bu ")  # on the notice agreed to before: a wish to leave
    siti.taps("Jangan hapus").sees("Apa jenis usahanya?")


def test_a_way_back_of_the_registration_asks_nothing_once_it_is_done(chat: Chat) -> None:
    siti = registered(chat)
    siti.sends_tap("registration:ask:name").sees("Ini data Bu Siti").types("berapa harganya")
    siti.sees("gratis").types("/profil").sees("Ini data Bu Siti")


def test_starting_again_welcomes_back(chat: Chat) -> None:
    chat.add_class("JP-1", site="jayapura", title="Harga Jual")
    siti = registered(chat, "Siti").starts().sees("Halo Bu Siti, selamat datang lagi", "Pilih kelas", "Ganti peserta")
    siti.starts("s_jayapura").sees("Halo Bu Siti", "Jayapura", "Ganti peserta", "Harga Jual")
    siti.starts("s_atlantis").sees("Halo Bu Siti", "Pilih kelas")


def test_the_profile_shows_and_changes_each_answer(chat: Chat) -> None:
    siti = registered(chat).types("/profil").sees("Ini data Bu Siti", "Makanan dan minuman", "Nomor HP: belum diisi")
    siti.taps("Ubah nama").types("nama saya ratna").sees("Ini data Bu Ratna")
    siti.taps("Ubah sapaan").taps("Kakak").sees("Ini data Kak Ratna").sees_toast("Sudah disimpan")
    siti.taps("Ubah jenis usaha").taps("Kerajinan").sees("Kerajinan")
    siti.taps("Ubah nomor HP").types("abc").sees("Belum terbaca").types("0812 3456 7678").sees(
        "Nomor HP: 0812-xxxx-x678"
    )
    siti.taps("Ubah nomor HP").taps("Hapus isian").sees("Nomor HP: belum diisi")
    siti.taps("Ubah kebutuhan").types("x" * 201).sees("terlalu panjang").types("kursi roda").sees("khusus: sudah diisi")
    siti.does_not_see("kursi roda")
    siti.taps("Ubah nama").taps("Kembali").sees("Ini data Kak Ratna", "Menu")
    siti.taps("Ubah nama").types("/batal").sees("tidak ada yang diubah", "Lihat profil", "Menu")
    with chat.database.transaction() as db:
        person = siti.person(db)
        assert (person.name, person.needs, person.phone, person.sector) == ("Ratna", "kursi roda", None, "kriya")


def test_a_number_is_shared_by_button_but_only_ones_own(chat: Chat) -> None:
    siti = registered(chat).types("/profil").taps("Ubah nomor HP").taps("Kirim nomor").sees("Tekan Kirim nomor")
    assert siti.last.params["reply_markup"]["keyboard"][0][0]["request_contact"]
    siti.sends(contact={"phone_number": "6281200000111", "first_name": "Lain", "user_id": 999}).sees("Belum terbaca")
    siti.taps("Kirim nomor").sends(contact={"phone_number": "6281234567678", "first_name": "Siti", "user_id": siti.id})
    siti.sees("Nomor HP: 0812-xxxx-x678")
    with chat.database.transaction() as db:
        assert siti.person(db).phone == "+6281234567678"


@pytest.mark.parametrize(
    ("place", "site"), [("bali", "Banyuwangi"), ("saya dari Denpasar", "Banyuwangi"), ("samarinda", "Balikpapan")]
)
def test_who_writes_a_place_without_classes_hears_which_are_nearest(chat: Chat, place: str, site: str) -> None:
    siti = at_site(chat).types(place).sees("Di sana belum ada kelas", f"Yang paling dekat: {site}", "Cari lokasi lain")
    assert len(siti.last.labels) <= 6
    siti.taps(site).sees(f"Lokasi: {site}", "Sudah benar")


@pytest.mark.parametrize(("word", "seen"), [("ya", "Lokasi: Banyuwangi"), ("bukan", "Mau ikut kelas di mana?")])
def test_the_nearest_place_is_agreed_to_in_words_too(chat: Chat, word: str, seen: str) -> None:
    at_site(chat).types("bali").types(word).sees(seen)


def test_a_place_without_classes_written_below_the_card_changes_nothing_unasked(chat: Chat) -> None:
    siti = at_site(chat).types("Jayapura").sees("Lokasi: Jayapura").types("bali").sees("Yang paling dekat: Banyuwangi")
    siti.taps("Kembali").sees("Lokasi: Jayapura").types("bali").taps("Banyuwangi").sees("Lokasi: Banyuwangi")


def test_changing_the_site_keeps_the_seats(chat: Chat) -> None:
    siti = enrolled(chat, "Siti", session=chat.add_class())
    siti.types("/profil").taps("Ubah lokasi").types("jayapura").sees("Kursi di lokasi lama tetap ada", "Jayapura")
    siti.types("/jadwal").sees("Foto Produk")


def test_several_people_on_one_phone(chat: Chat) -> None:
    siti = (
        registered(chat, "Siti", reminders=None)
        .types("/bantuan")
        .taps("Ganti peserta")
        .sees("dipakai Bu Siti", "Daftar peserta lain")
    )
    siti.taps("Daftar peserta lain").sees("peserta lain di HP ini", "Ya, setuju").taps("Ya, setuju").taps(
        "Bapak"
    ).types("Anton")
    siti.taps("Kerajinan").sees("Pak Anton", "Labuan Bajo").taps("Sudah benar").sees("Pak Anton sudah terdaftar")
    siti.types("/profil").sees("Ini data Pak Anton").types("/menu").taps("Ganti peserta").taps("Bu Siti").sees(
        "dipakai Bu Siti"
    )
    siti.types("/profil").sees("Ini data Bu Siti", "Makanan")
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        assert {person.name for person in db.scalars(select(Person).where(Person.account_id == account.id))} == {
            "Siti",
            "Anton",
        }
        assert len(db.scalars(select(Consent)).all()) == 2  # each gave their own
    siti.sends_tap("registration:switch:999999").sees("Mau ganti ke siapa?")
    chat.travel(hours=13)
    siti.types("/menu").sees("Ini dengan Bu Siti?", "Ya", "Ganti peserta").taps("Ya").sees(
        "Ada yang bisa kami bantu, Bu Siti?"
    )


def test_an_answer_to_a_newcomers_question_that_was_left_is_nobodys_consent(chat: Chat) -> None:
    siti = registered(chat, "Siti").sends_tap("registration:newcomer")
    agreed, refused = siti.button("Ya, setuju"), siti.button("Tidak setuju")
    siti.types("/profil").sends_tap(*refused).sees("Tidak ada data baru").does_not_see("Hapus data")
    siti.types("/profil").sends_tap(*agreed).sees("peserta lain di HP ini", "Ya, setuju")
    siti.taps("Ya, setuju").taps("Bapak").types("Anton").taps("Makanan").taps("Sudah benar")
    siti.sends_tap(*agreed).sees_toast("sudah dicatat").does_not_see("peserta lain di HP ini")


def test_a_new_person_who_refuses_or_stops_leaves_the_first_untouched(chat: Chat) -> None:
    siti = registered(chat, "Siti").types("/bantuan").taps("Ganti peserta").taps("Daftar peserta lain")
    siti.taps("Tidak setuju").sees("Tidak ada data baru", "dipakai Bu Siti lagi")
    siti.sends_tap("registration:newcomer").types("/batal").sees("dipakai Bu Siti lagi")
    siti.sends_tap("registration:newcomer").taps("Ya, setuju").taps("Bapak").types("/batal").sees(
        "dipakai Bu Siti lagi"
    )
    siti.types("/profil").sees("Ini data Bu Siti")
    siti.types("/menu").taps("Ganti peserta").taps("Lanjut daftar").sees("Siapa nama panggilannya?")
    siti.types("/menu").sees("Siapa nama").sends_tap("registration:people").sees("Chat ini mau dipakai siapa?").taps(
        "Bu Siti"
    )
    siti.types("/profil").sees("Ini data Bu Siti")


def test_somebody_elses_person_cannot_be_taken(chat: Chat) -> None:
    siti = registered(chat, "Siti")
    anton = registered(chat, "Anton")
    with chat.database.transaction() as db:
        theirs = siti.person(db).id
    anton.sends_tap(f"registration:switch:{theirs}").types("/profil").sees("Ini data Bu Anton")


def test_no_answer_of_the_registration_takes_long_to_read(chat: Chat) -> None:
    siti = chat.phone("Siti")
    longest = 0

    def read() -> None:
        nonlocal longest
        length = sum(len(bubble.text) for bubble in siti.new)
        assert length <= 540, siti.transcript()
        longest = max(longest, length)

    acts: list[tuple[Any, ...]] = [
        (siti.types, "/jadwal"), (siti.types, "/batal"), (siti.starts, "s_ekraf-victory"), (siti.types, "ya"),
        (siti.types, "/profil"), (siti.taps, "Tidak setuju"), (siti.types, "halo"), (siti.taps, "Ya, setuju"),
        (siti.types, "x"), (siti.taps, "Ibu"), (siti.types, "123"), (siti.types, "Siti Aminah Nurhaliza"),
        (siti.types, "zzz"), (siti.taps, "Pertanian"), (siti.types, "zzzz"), (siti.taps, "Desa wisata"),
        (siti.taps, "Ekraf"), (siti.types, "samosir"), (siti.taps, "Lumban Suhi"), (siti.taps, "Ubah"),
        (siti.taps, "Kembali"), (siti.types, "/batal"), (siti.types, "halo"), (siti.taps, "Sudah benar"),
    ]  # fmt: skip
    for act, given_ in acts:
        act(given_)
        read()
    assert longest > 300  # the notice was among them


def test_an_address_we_do_not_use_is_asked_back(chat: Chat) -> None:
    siti = chat.phone("Siti").starts("s_labuan-bajo").taps("Ya, setuju")
    assert siti.types("mbak aja").sees("Ibu atau", "Kakak").last.labels[:2] == ["Ibu", "Kakak"]
    assert siti.types("Mas").last.labels[:2] == ["Bapak", "Kakak"]
    siti.taps("Bapak").sees("Siapa nama panggilannya?")
    siti.types("mau daftar").sees("Belum terbaca sebagai nama")
    siti.types("selamat pagi pak, saya Hj. Siti Aminah, S.Pd").taps("Makanan").sees("Nama: Pak Siti Aminah\n")
    # the address written directly before the name is the newer answer
    siti.taps("Ubah").taps("Ubah nama").types("IBU HJ. SITI AMINAH").sees("Nama: Bu Siti Aminah\n")


def test_a_phone_number_with_words_around_it_is_read(chat: Chat) -> None:
    siti = registered(chat)
    siti.types("/profil").taps("Ubah nomor HP").types("081234567").sees("Belum terbaca")
    siti.types("WA +62 (0) 812-3456-7890").sees("0812-xxxx-x890")


def test_only_places_that_are_near_are_offered_as_near(chat: Chat) -> None:
    ari = chat.phone("Ari").starts().taps("Ya, setuju").taps("Bapak").types("Ari").taps("Makanan")
    ari.taps("Kirim lokasi").shares_location(-2.5337, 140.7181).sees("paling dekat", "Jayapura (")
    assert len([one for one in ari.last.labels if " km)" in one]) == 1
    ari.taps("Cari lokasi lain").taps("Kirim lokasi").shares_location(3.9, 108.2)  # Natuna, far out at sea
    ari.sees("Belum ada lokasi kelas dalam jarak 150 km", "Tulis nama daerah lain").types("jayapura").sees("Jayapura")


# --- reading what people write ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("siti", "Siti"),
        ("Siti.", "Siti"),
        ("nama saya siti", "Siti"),
        ("Nama: SITI AMINAH", "Siti Aminah"),
        ("saya bu siti ya", "Siti"),
        ("panggil aja pak anton", "Anton"),
        ("siti dari samosir", "Siti"),
        ("my name is O'Neil", "O'Neil"),
        ("ma\u2019ruf", "Ma'ruf"),
        ("nur-aini 😀", "Nur-Aini"),
        ("\u202esiti\u202c \u200bratna", "Siti Ratna"),
        ("si\u200bti", "Siti"),
        ("McDonald", "McDonald"),
        ("aB", "Ab"),
        ("Ni Luh Putu", "Ni Luh Putu"),
        ("Jose\u0301", "José"),
        ("R", "R"),
        ("3 Siti 081", "Siti"),
        ("Hj. Rina Contoh, S.Pd", "Rina Contoh"),
        ("H. Ahmad Contoh, S.E., M.M.", "Ahmad Contoh"),
        ("Rina Contoh, SE, MM", "Rina Contoh"),
        ("Rina Contoh S. Pd.", "Rina Contoh"),
        ("Siti A. Idris", "Siti A Idris"),
        ("Muhammad Contoh Lima Kata Panjang, S.E", "Muhammad Contoh Lima Kata Panjang"),
        ("I Gusti Ayu Ketut Contoh Puspawati", "I Gusti Ayu Ketut Contoh Puspawati"),
        ("Yohanes O'Brien-Ndun, S.Pd., M.M.", "Yohanes O'Brien-Ndun"),
        ("'Arfan", "'Arfan"),
        ("nama saya 'arfan", "'Arfan"),
        ("'siti aminah'", "Siti Aminah"),
        ("assalamualaikum, saya siti", "Siti"),
        ("Assalamu'alaikum wr. wb., nama saya siti", "Siti"),
        ("selamat pagi saya siti", "Siti"),
        ("nama sya siti", "Siti"),
        ("nm saya siti", "Siti"),
        ("Mbak Siti", "Siti"),
        ("Nama saya adalah Anton Wijaya Kusuma dari Labuan Bajo", "Anton Wijaya Kusuma"),
        ("berhenti", None),
        ("stop", None),
        ("Hadir", None),
        ("mau tanya", None),
        ("Mau Daftar", None),
        ("Tidak Tahu", None),
        ("terima kasih", None),
        ("assalamualaikum", None),
        ("", None),
        ("...", None),
        ("123", None),
        ("😀", None),
        ("nama saya", None),
        ("ibu", None),
        ("ya", None),
        ("kelas kapan mulai?", None),
        ("saya mau ikut kelas foto produk besok pagi", None),
        ("a" * 41, None),
    ],
)
def test_names_as_people_write_them(text: str, name: str | None) -> None:
    assert readable_name(text) == name


@given(st.text(max_size=80) | st.text(alphabet="siti SAYA'-. \u200b\u0301😀1nmabu", max_size=60))
def test_a_name_read_is_clean_and_read_again_the_same(text: str) -> None:
    name = readable_name(text)
    if name is None:
        return
    assert 1 <= sum(char.isalpha() for char in name) <= NAME_LETTERS
    assert len(name) <= 60
    assert all(unicodedata.category(char)[0] in "LM" or char in " '-" for char in name)
    assert name == name.strip()
    assert "  " not in name
    assert readable_name(name) == name


@given(st.text(max_size=300))
def test_cleaned_text_shows_all_it_holds(text: str) -> None:
    clean = cleaned(text)
    assert cleaned(clean) == clean
    assert all(unicodedata.category(char) not in ("Cc", "Cf", "Zl", "Zp") for char in clean)


@given(st.text(max_size=40))
def test_salutations_and_sectors_never_stumble(text: str) -> None:
    assert readable_salutation(text) in (None, *Salutation)
    assert readable_sector(text) in (None, *SECTORS)


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("0812 3456 7678", "+6281234567678"),
        ("+62 812-3456-7678", "+6281234567678"),
        ("6281234567678", "+6281234567678"),
        ("81234567678", "+6281234567678"),
        ("+670 7723 4567", "+67077234567"),
        ("00670 7723 4567", "+67077234567"),
        ("+62 0812-3456-7890", "+6281234567890"),
        ("+62 (0) 812 3456 7890", "+6281234567890"),
        ("62 0812 3456 7890", "+6281234567890"),
        ("0062 812 3456 7890", "+6281234567890"),
        ("001 62 812 3456 7890", "+6281234567890"),
        ("(0812) 3456 7890", "+6281234567890"),
        ("WA 081234567890", "+6281234567890"),
        ("081234567890 (WA)", "+6281234567890"),
        ("0812/3456/7890", "+6281234567890"),
        ("0812\u20113456\u20117890", "+6281234567890"),
        ("081234567", None),
        ("0812345678o0", None),
        ("08123456789o", None),
        ("0812 3456 7890 atau 0813 3456 7890", None),
        ("6271011203900001", None),
        ("112", None),
        ("nomor saya", None),
        ("1" * 16, None),
    ],
)
def test_phone_numbers(text: str, phone: str | None) -> None:
    assert readable_phone(text) == phone


@given(st.text(alphabet="0123456789+ -().xX٣", max_size=26))
def test_a_phone_number_read_is_international(text: str) -> None:
    phone = readable_phone(text)
    assert phone is None or (phone.startswith("+") and phone[1:].isascii() and phone[1:].isdigit() and len(phone) <= 16)


def test_numbers_are_shown_masked() -> None:
    assert masked("+6281234565678") == "0812-xxxx-x678"


def test_the_account_row_holds_no_name(chat: Chat) -> None:
    siti = at_name(chat).types("Sitiratna")
    with chat.database.transaction() as db:
        account = db.scalars(select(Account)).unique().one()
        assert "Sitiratna" not in str(account.draft)
        assert siti.person(db).name == "Sitiratna"
        outbox = [str(row) for row in db.execute(select(Base.metadata.tables["outbox"]))]
        assert not any("Sitiratna" in row for row in outbox)  # put in at sending

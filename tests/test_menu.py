"""The menu, help, language, numbers for admins, and an answer to whatever nobody else understood."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chat import Chat, Phone, enrolled, registered

MENU = ["Pilih kelas", "Lihat jadwal", "Belajar", "Lihat profil", "Tanya pendamping", "Bantuan"]
FILE = {"file_id": "x", "file_unique_id": "x"}
SIZE = {"width": 1, "height": 1}


@pytest.fixture
def staffed(database_url: str) -> Iterator[Chat]:
    """A chat in which the first phone is an admin's."""
    opened = Chat(database_url, admin_ids=(101,))
    try:
        yield opened
    finally:
        opened.close()


def commands_of(chat: Chat, phone: Phone) -> list[str]:
    """The command menu that was set last for this phone's chat."""
    menus = [given for method, given in chat.telegram.calls if method == "setMyCommands"]
    mine = [given for given in menus if given.get("scope", {}).get("chat_id") == phone.id]
    return [command["command"] for command in mine[-1]["commands"]] if mine else []


def test_the_menu_shows_four_ways_on_and_two_to_a_human_being(chat: Chat) -> None:
    siti = registered(chat).types("/menu").sees("Ada yang bisa kami bantu, Bu Siti?")
    assert siti.last.labels == MENU
    siti.taps("Bantuan").sees("Ganti bahasa").taps("Ganti bahasa").sees("Pilih bahasa", "Menu")
    siti.taps("Menu").sees("Ada yang bisa kami bantu")
    assert len(siti.bubbles) == 1  # a menu is edited in place


def test_who_shares_the_phone_can_switch_in_every_menu_and_who_is_alone_by_help(chat: Chat) -> None:
    siti = registered(chat).types("/menu").does_not_see("Ganti peserta")
    assert siti.taps("Bantuan").last.labels == [
        "Tanya pendamping", "Buka panduan", "Atur izin", "Ganti peserta", "Ganti bahasa", "Menu",
    ]  # fmt: skip
    siti.taps("Ganti peserta").taps("Daftar peserta lain").taps("Ya, setuju").taps("Bapak").types("Anton")
    siti.taps("Kerajinan").taps("Sudah benar").types("/menu").sees("Pak Anton")
    assert siti.last.labels == [*MENU[:4], "Ganti peserta", *MENU[4:]]


def test_every_button_of_menu_and_help_leads_somewhere(chat: Chat) -> None:
    siti = registered(chat)
    for command, label, seen in [
        ("/menu", "Pilih kelas", "Labuan Bajo"),
        ("/menu", "Lihat jadwal", "Pilih kelas"),
        ("/menu", "Belajar", "Mulai belajar"),
        ("/menu", "Lihat profil", "Ini data Bu Siti"),
        ("/menu", "Bantuan", "0800-0000-000"),
        ("/bantuan", "Buka panduan", "Cara pakai"),
        ("/bantuan", "Atur izin", "Ikut pelatihan"),
        ("/bantuan", "Ganti peserta", "dipakai Bu Siti"),
        ("/bantuan", "Ganti bahasa", "Pilih bahasa"),
    ]:
        siti.types(command).taps(label).sees(seen)
        assert {"Menu", "Kembali"} & set(siti.last.labels)


def test_a_stranger_is_greeted_whatever_comes_first(chat: Chat) -> None:
    for first in ("halo", "/menu", "/apa_saja", "/jadwal"):
        chat.phone("Siti").types(first).sees("TikTok Jalin Nusantara", "Ya, setuju", "Bantuan")
    sticker = {"type": "regular", "is_animated": False, "is_video": False}
    for kind, more, seen in (
        ("sticker", sticker | SIZE, "stikernya"),
        ("voice", {"duration": 3}, "belum bisa mendengar suara"),
        ("document", {}, "tidak kami simpan"),
    ):
        chat.phone("Siti").sends(**{kind: FILE | more}).sees(seen, "TikTok Jalin Nusantara", "Ya, setuju")
    chat.phone("Siti").types("/bantuan").sees("0800-0000-000", "Ayo daftar").taps("Ayo daftar").sees("Ya, setuju")
    chat.phone("Siti").sends_tap("menu:show").sees("Ya, setuju")
    chat.phone("Siti").sends_tap("menu:resume").sees("Ya, setuju")
    chat.phone("Siti").types("/bahasa").taps("English").sees("English from now").types("hello").sees("Yes, I agree")


def test_what_nobody_understands_gets_a_kind_answer_and_ways_on(chat: Chat) -> None:
    siti = registered(chat).types("asdfgh jkl").sees("kami belum paham", "0800-0000-000", "Menu", "Bantuan")
    siti.taps("Menu").sees("Ada yang bisa kami bantu")
    siti.types("/tidak_ada").sees("tidak ada di sini", "Menu", "Bantuan")
    siti.shares_location(-8.5, 119.9).sees("Lokasinya tidak kami simpan")
    siti.sends(contact={"phone_number": "+62812", "first_name": "X"}).sees("Nomor itu tidak kami simpan")
    siti.sends(dice={"emoji": "🎲", "value": 3}).sees("kami belum paham")


def test_updates_that_want_no_answer_get_none(chat: Chat) -> None:
    siti = registered(chat)
    siti.votes("taken back").sees_nothing_new()
    siti.sends(
        pinned_message={"message_id": 1, "date": 1, "chat": {"id": siti.id, "type": "private"}}
    ).sees_nothing_new()
    siti.types("/menu").sees("Ada yang bisa kami bantu")


@pytest.mark.parametrize(
    "data", ["x", "menu", "enrolment:nope:1", "registration:confirm:x", "a\nb", "::::", "💥", "x" * 64]
)
def test_a_button_nobody_knows_is_answered(sqlite_url: str, data: str) -> None:
    chat = Chat(sqlite_url)
    try:
        siti = registered(chat).sends_tap(data)
        assert siti.chat.telegram.answers
        siti.types("/menu").sees("Ada yang bisa kami bantu")
        stranger = chat.phone("Anton").sends_tap(data)
        stranger.sees("Ya, setuju")
    finally:
        chat.close()


def test_an_old_button_says_so_and_shows_what_is_possible(chat: Chat) -> None:
    registered(chat).sends_tap("surveys:answer:1").sees_toast("Tombol ini sudah tidak berlaku").sees(
        "Ada yang bisa kami bantu"
    )


def test_batal_without_anything_under_way(chat: Chat) -> None:
    registered(chat).types("/batal").sees("Tidak ada yang sedang diisi", "Menu", "Bantuan")


def test_help_in_the_middle_leads_back(chat: Chat) -> None:
    siti = registered(chat).types("/profil").taps("Ubah nama").taps("Bantuan").sees("0800-0000-000", "Lanjutkan")
    siti.taps("Lanjutkan").sees("Siapa nama panggilannya?").types("/menu").sees("Ada yang bisa kami bantu", "Lanjutkan")
    siti.types("/jadwal").sees("Lanjutkan").types("/tidak_ada").sees("Lanjutkan").taps("Lanjutkan").types("Ratna")
    siti.sees("Ini data Bu Ratna").does_not_see("Lanjutkan")
    siti.sends_tap("menu:resume").sees("Ada yang bisa kami bantu")  # nothing is under way any more


def test_language_and_command_menu_change_together(chat: Chat) -> None:
    siti = registered(chat).types("/bahasa").taps("English").sees("English from now on", "Help")
    names = commands_of(chat, siti)
    assert "bahasa" in names
    assert "status" not in names
    siti.types("/menu").sees("What can we do for you", "Choose a class")
    siti.sends_tap("menu:language:xx").sees_toast("out of date")
    siti.types("/bahasa").sees("Choose a language").taps("Bahasa Indonesia").sees("bahasa Indonesia")
    chat.restart()
    siti.types("/menu").sees("Ada yang bisa kami bantu")


def test_numbers_are_for_admins(staffed: Chat) -> None:
    admin = staffed.phone("Admin").types("/menu").sees("menu admin", "Lihat angka program", "Ayo daftar")
    enrolled(staffed, "Siti", session=staffed.add_class())
    admin.taps("Lihat angka program").sees("Peserta terdaftar: 1", "Kursi terisi: 1", "Kelas yang akan datang: 1")
    admin.sees("terkirim dalam 24 jam terakhir:", "Keadaan program, Sen 23 Nov, 09.00 WIB")
    admin.sees("Pelajaran yang isinya perlu diperiksa", "Minta pengelola isi memeriksanya")
    admin.types("/bahasa").taps("English")
    assert {"sesi", "staf", "status"} <= set(commands_of(staffed, admin))
    siti = registered(staffed, "Anton")
    siti.types("/status").sees("hanya untuk pelatih atau admin", "0800-0000-000").does_not_see("Peserta terdaftar")
    siti.sends_tap("menu:status").does_not_see("Peserta terdaftar")


def test_when_messages_are_stopped_the_menu_says_so(chat: Chat) -> None:
    siti = (
        registered(chat).types("/berhenti").types("/menu").sees("sedang dihentikan", "Terima pesan lagi", "Hapus data")
    )
    siti.taps("Terima pesan lagi").sees("dikirim lagi", "Pilih kelas").types("/menu").sees("Ada yang bisa kami bantu")

"""Somebody without a phone: corrected, deleted when they ask for it, found by name, told apart from namesakes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.people.people import ErasedBecause, Person
from tests.chat import Chat, Phone, enrolled, local, registered
from tests.test_roster import notes, statuses
from tests.test_roster_adding import marks, people, running


def walk_in(chat: Chat, maria: Phone, name: str = "Bu Siti", *, session: int | None = None) -> int:
    """Adds somebody without a phone; returns the class."""
    session = running(chat) if session is None else session
    maria.sends_tap(f"roster:walk_in:{session}").types(name)
    if "Orang lain" in maria.last.labels:
        maria.taps("Orang lain")
    maria.taps("Setuju, dengan nomor" if "Setuju, dengan nomor" in maria.last.labels else "Ya, setuju")
    return session


def card(maria: Phone, session: int, name: str) -> Phone:
    return maria.sends_tap(f"roster:list:{session}").taps(name)


def test_name_form_of_address_and_number_are_corrected(chat: Chat, maria: Phone) -> None:
    session = walk_in(chat, maria, "Bu Sity")
    card(maria, session, "1. Bu Sity").taps("Ubah nama").types("12").sees("belum terbaca").types("Bu Siti Aminah")
    maria.sees("Bu Siti Aminah").taps("Ubah sapaan").taps("Bapak").sees("Pak Siti Aminah").taps("Ubah sapaan")
    maria.taps("Ibu").taps("Nomor HP").sees("boleh disimpan").types("0812").sees("belum terbaca")
    maria.types("0812 3456 7890").sees("HP …890").taps("Hapus nomor").sees("Bu Siti Aminah · tanpa HP")
    (siti,) = people(chat)
    assert (siti.called.name, siti.form_of_address, siti.phone) == ("Siti Aminah", "ibu", None)
    assert [what for what, _ in notes(chat)] == ["walk_in_added", *["walk_in_corrected"] * 5]


def test_a_walk_in_is_deleted_when_they_ask_for_it(chat: Chat, maria: Phone) -> None:
    session = walk_in(chat, maria, "Bu Siti 0812 3456 7890")
    card(maria, session, "1. Bu Siti").taps("Hapus data").sees("Hapus semua data Bu Siti")
    old = maria.button("Ya, hapus")
    maria.taps("Kembali").taps("Ubah nama").types("Bu Sita").sends_tap(*old).sees("Hapus semua data Bu Sita")
    maria.taps("Ya, hapus").sees("sudah dihapus")
    (siti,) = people(chat)
    assert (siti.name, siti.phone, siti.erased_because) == ("", None, ErasedBecause.WISH)
    assert notes(chat)[-1] == ("walk_in_erased", f"person:{siti.id}")
    assert marks(chat, session) == {}
    maria.sends_tap(f"roster:rename:{siti.id}:{session}").sees_toast("sudah tidak ada")


def test_whoever_has_a_phone_is_corrected_by_nobody_else(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    enrolled(chat, "Siti", session=session)
    card(maria, session, "1. Bu Siti").does_not_see("Hapus data", "Ubah nama")
    for forged in (f"roster:rename:1:{session}", f"roster:erase:1:{session}", f"roster:address:1:{session}"):
        maria.sends_tap(forged).sees_toast("sudah tidak ada")
    assert statuses(chat, session) == {"Siti": "seated"}


def test_walk_ins_are_forgotten_when_the_time_is_over(chat: Chat, maria: Phone) -> None:
    walk_in(chat, maria, "Bu Siti 0812 3456 7890")
    kept = timedelta(days=30.5 * chat.content.programme.retention.profile_months)
    chat.travel(to=chat.now + kept + timedelta(days=3))
    for _ in range(4):
        chat.travel(hours=13)
    with chat.database.transaction() as db:
        siti = db.scalars(select(Person)).one()
        assert (siti.name, siti.phone, siti.erased_because) == ("", None, ErasedBecause.RETENTION)


# --- the list: names typed, namesakes -------------------------------------------------------------------------------


def test_part_of_a_name_typed_below_the_list_finds_them(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(capacity=30)
    for number in range(12):
        enrolled(chat, f"Orang {chr(65 + number)}", session=session)
    enrolled(chat, "Zebedeus Contoh", session=session)
    maria.sends_tap(f"roster:list:{session}").does_not_see("Zebedeus").types("zebe").sees("13. Bu Zebedeus Contoh")
    maria.does_not_see("Orang A").types("orang b").sees("2. Bu Orang B").taps("2. Bu Orang B").sees("Lepas kursi")
    maria.sends_tap(f"roster:list:{session}").types("Xerxes")
    maria.sees("Tidak ada nama seperti itu", "Tambah peserta").taps("Lihat peserta").looks_up()
    maria.types("jadwal").does_not_see("Tidak ada nama")


@pytest.mark.parametrize("typed", ["2", "no 2", "2.", "nomor 2"])
def test_the_number_of_a_name_typed_below_the_list_opens_that_person(chat: Chat, maria: Phone, typed: str) -> None:
    session = chat.add_class()
    for name in ("Anton", "Rina", "Siti"):
        enrolled(chat, name, session=session)
    maria.sends_tap(f"roster:list:{session}").types(typed).sees("Bu Rina", "Lepas kursi").does_not_see("Anton", "Siti")


def test_a_number_that_is_not_on_the_list_is_told_kindly(chat: Chat, maria: Phone) -> None:
    session = chat.add_class()
    enrolled(chat, session=session)
    maria.sends_tap(f"roster:list:{session}").types("9").sees("Tidak ada nomor itu di kelas Foto Produk", "ada 1 nama")
    maria.sees("Tambah peserta").types("1").sees("Lepas kursi")


def test_namesakes_are_told_apart_in_the_list_and_on_its_buttons(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(23, 12))
    enrolled(chat, "Siti", session=session)
    walk_in(chat, maria, "Bu Siti 0812 3456 7890", session=session)
    maria.sends_tap(f"roster:list:{session}").sees("1. Bu Siti · Makanan", "2. Bu Siti · …890")
    assert [label for label in maria.last.labels if "Siti" in label] == [
        "1. Bu Siti · Makanan dan minuman",
        "2. Bu Siti · …890",
    ]
    maria.taps("2. Bu Siti · …890").sees("Hapus data")
    registered(chat, "Rina")

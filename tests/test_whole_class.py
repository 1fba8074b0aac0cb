"""A whole class recorded at once: everybody but those who stayed away, in few taps, and without overruling anybody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.people.people import Person
from bot.programme import attendance, enrolment, sessions
from bot.programme.attendance import Mark, payload
from tests.chat import Chat, Phone
from tests.test_attendance import START, a_class, code_now, enrolled, mark_of, opened, trainer

NAMES = [f"{first} {second}" for second in ("Aman", "Bela", "Citra", "Damai", "Elok", "Fajar") for first in (
    "Ana", "Budi", "Cici", "Dedi", "Eka", "Fani", "Gita", "Hari", "Ina", "Joni")]  # fmt: skip


def a_full_class(chat: Chat, people: int) -> int:
    """A class of so many people without phones."""
    session = a_class(chat, capacity=people)
    with chat.database.transaction() as db:
        for name in NAMES[:people]:
            person = Person(name=name, salutation="ibu", site_id="labuan-bajo", consent_training=True)
            person.registered_at = chat.now
            db.add(person)
            db.flush()
            enrolment.enrol(db, person, session, chat.now)
    return session


def marks(chat: Chat, session: int) -> list[Mark | None]:
    """What is recorded, in the order of the list."""
    with chat.database.transaction() as db:
        one = sessions.get(db, session)
        assert one is not None
        return [name.mark for name in attendance.names(db, one)]


class Counting:
    """A phone whose acts are counted: a command, a tap and a message are one each."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone
        self.acts = 0

    def types(self, text: str) -> Counting:
        self.acts += 1
        self.phone.types(text)
        return self

    def taps(self, label: str) -> Counting:
        self.acts += 1
        self.phone.taps(label)
        return self


@pytest.mark.parametrize(("people", "most"), [(25, 8), (60, 14)])
def test_a_class_from_paper_takes_few_acts_by_numbers(chat: Chat, people: int, most: int) -> None:
    session = a_full_class(chat, people)
    chat.travel(to=START + timedelta(hours=3))
    maria = Counting(trainer(chat))
    maria.types("/hadir").taps("Foto Produk").taps("Lihat daftar nama").taps("Semua hadir kecuali")
    maria.types("3, 7 dan 12-14").taps("Ya, catat")
    assert maria.acts <= most
    maria.phone.sees(f"{people - 5} hadir, 5 tidak hadir")
    found = marks(chat, session)
    assert [at for at, mark in enumerate(found, 1) if mark is Mark.ABSENT] == [3, 7, 12, 13, 14]
    assert found.count(Mark.PRESENT) == people - 5


def test_a_class_of_sixty_takes_few_acts_by_taps_too(chat: Chat) -> None:
    session = a_full_class(chat, 60)
    chat.travel(to=START + timedelta(hours=3))
    maria = Counting(trainer(chat))
    maria.types("/hadir").taps("Foto Produk").taps("Lihat daftar nama").taps("Semua hadir kecuali").taps("2.")
    for _ in range(4):
        maria.taps("Lihat berikutnya")
    maria.taps("60.").taps("59.").taps("Lanjut").taps("Ya, catat")
    assert maria.acts <= 14
    assert [at for at, mark in enumerate(marks(chat, session), 1) if mark is Mark.ABSENT] == [2, 59, 60]


def test_names_are_typed_and_what_is_not_read_is_asked_for_again(chat: Chat) -> None:
    session = a_full_class(chat, 25)
    maria = trainer(chat)
    maria.sends_tap(f"attendance:all_but:{session}").types("bu cici bela, Ana, Zaenab")
    maria.sees("“Zaenab” tidak ada di daftar ini", "“Ana” cocok dengan beberapa nama", "1. Bu Ana Aman", "Dipilih: 1")
    maria.types("1").sees("23 orang dicatat hadir, 2 orang tidak hadir", "1. Bu Ana Aman", "Bu Cici Bela")
    maria.taps("Ubah pilihan").taps("1. ✗ Bu Ana Aman").taps("Lanjut").sees("24 orang dicatat hadir, 1 orang")
    maria.taps("Ya, catat").sees("24 hadir, 1 tidak hadir")


def test_who_checked_in_meanwhile_stays_present_and_who_had_the_code_before_too(chat: Chat) -> None:
    session = a_class(chat)
    anton, rina, siti = (enrolled(chat, name, session=session) for name in ("Anton", "Rina", "Siti"))
    maria = opened(chat, session)
    anton.types(code_now(chat, session))
    maria.sends_tap(f"attendance:all_but:{session}").taps("1. ✓ Bu Anton").sees_toast("Hadir lewat kode")
    maria.types("1, 2, 3").sees("Hadir lewat kode, jadi tetap hadir:\n1. Bu Anton", "Dipilih: 2")
    maria.taps("Lanjut").sees("1 orang dicatat hadir, 2 orang tidak hadir")
    rina.starts(payload(session, code_now(chat, session))).sees("tercatat hadir")
    maria.taps("Ya, catat").sees("2 hadir, 1 tidak hadir", "Tidak diubah, karena baru saja dicatat:\n2. Bu Rina")
    assert [mark_of(chat, one, session) for one in (anton, rina, siti)] == [Mark.PRESENT, Mark.PRESENT, Mark.ABSENT]


def test_an_old_picking_records_nothing(chat: Chat) -> None:
    session = a_full_class(chat, 3)
    maria = trainer(chat)
    maria.sends_tap(f"attendance:all_but:{session}").types("1").sees("2 orang dicatat hadir")
    old = maria.button("Ya, catat")
    maria.taps("Ubah pilihan")
    pick = maria.button("2. Bu")
    maria.taps("2. Bu").taps("Lanjut").sees("1 orang dicatat hadir, 2 orang")
    maria.sends_tap(*old).sees_toast("tidak berlaku")
    assert marks(chat, session) == [None, None, None]
    maria.taps("Batalkan pilihan").sees_toast("Tidak ada yang dicatat")
    maria.sends_tap(f"attendance:all_but:{session}").sends_tap(*pick).sees_toast("tidak berlaku")
    maria.taps("Batalkan pilihan").sends_tap(*old)
    assert marks(chat, session) == [None, None, None]


def test_a_name_typed_below_the_list_leads_to_it(chat: Chat) -> None:
    session = a_full_class(chat, 25)
    maria = trainer(chat)
    maria.sends_tap(f"attendance:names:{session}").types("fani").sees("2 nama cocok", "16. Bu Fani Aman")
    maria.taps("17. Bu Fani Bela").sees_toast("Tercatat hadir").sees("Halaman 2 dari 3", "✓ Bu Fani Bela")
    maria.types("7").sees("1 nama cocok").types("zaenab").sees("Tidak ada nama seperti itu di daftar", "Tambah peserta")


def test_namesakes_are_told_apart_on_the_list(chat: Chat) -> None:
    session = a_class(chat)
    first, _ = (enrolled(chat, "Siti", session=session) for _ in range(2))
    with chat.database.transaction() as db:
        first.person(db).sector = "kriya"
    trainer(chat).sends_tap(f"attendance:names:{session}").sees("Bu Siti · Kerajinan")

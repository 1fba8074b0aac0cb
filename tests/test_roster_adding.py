"""Who just came is added: somebody known, somebody new, a list of names; once the class has begun they are present."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from bot.delivery.outbox import OutboxRow
from bot.people.people import Consent, Person
from bot.programme import attendance, class_changes, roster
from bot.programme.attendance import Mark
from bot.programme.enrolment import EnrolmentStatus
from bot.programme.sessions import ClassSession
from bot.turns.inbox import InboxRow
from tests.chat import Chat, Phone, enrolled, local, registered
from tests.test_attendance import mark_of, seats_agree
from tests.test_roster import notes, seats, statuses

TEN = """1. Bu Ana - 0812-3456-7801
2. Pak Bima
3) Ibu Citra (tenun)
- Dodi, WA 0812 3456 7804
• Kak Eka
6 Fajar
Gita
8. Hj. Hana, S.Pd
9. Pak Indra: 081234567809
10. Bu Joko"""


def running(chat: Chat, *, capacity: int = 20) -> int:
    """A class that began half an hour ago."""
    session = chat.add_class(starts=local(23, 12), capacity=capacity)
    chat.travel(to=local(23, 12, 30))
    return session


def marks(chat: Chat, session: int) -> dict[str, Mark | None]:
    with chat.database.transaction() as db:
        return {one.person.name: one.mark for one in attendance.names(db, db.get_one(ClassSession, session))}


def acts(chat: Chat) -> int:
    """How many updates came in: every tap and every text is one."""
    with chat.database.transaction() as db:
        return db.scalar(select(func.count()).select_from(InboxRow)) or 0


def people(chat: Chat) -> list[Person]:
    with chat.database.transaction() as db:
        return list(db.scalars(select(Person).order_by(Person.id)))


# --- somebody the bot knows -----------------------------------------------------------------------------------------


def test_somebody_known_is_offered_first_and_gets_the_seat_and_the_mark_in_one_step(chat: Chat, maria: Phone) -> None:
    siti = registered(chat, "Siti Aminah")
    registered(chat, "Siti Rahma", site="samosir")
    session = running(chat)
    maria.types("/peserta").taps("Foto Produk").taps("Tambah peserta").types("bu siti").sees("Siti, yang mana?")
    maria.sees("1. Bu Siti Aminah · Makanan", "sejak").does_not_see("Rahma")
    siti.looks_up()
    maria.taps("1. Bu Siti Aminah").sees("✅ Bu Siti Aminah sudah dapat kursi dan tercatat hadir", "Terisi 1 dari 20")
    siti.sees("pelatih memberi kursi di kelas Foto Produk", "mencatat kehadirannya")
    assert mark_of(chat, siti, session) == Mark.PRESENT
    assert [action for action, _ in notes(chat)] == ["known_person_added"]
    assert len(people(chat)) == 2
    seats_agree(chat)


def test_before_the_class_somebody_known_gets_a_seat_and_no_mark(chat: Chat, maria: Phone) -> None:
    siti = registered(chat)
    session = chat.add_class(starts=local(26, 9))
    maria.sends_tap(f"roster:walk_in:{session}").types("Siti")
    siti.looks_up()
    maria.taps("1. Bu Siti").sees("sudah dapat kursi").does_not_see("hadir")
    siti.sees("pelatih memberi kursi", "Kamis, 26 November 2026")
    assert mark_of(chat, siti, session) is None
    maria.sends_tap(f"roster:known:{session}:1").sees_toast("Sudah dicatat: 1 orang")
    maria.sends_tap(f"roster:walk_in:{session}").types("Siti").taps("1. Bu Siti").sees("Bu Siti sudah punya kursi")
    assert seats(chat, session) == (1, 20)


def test_who_gave_the_seat_back_and_came_has_one_again(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(23, 12), capacity=1)
    siti = enrolled(chat, "Siti", session=session).sends_tap(f"enrolment:withdrawn:{session}")
    maria.sends_tap(f"roster:walk_in:{session}").types("Siti").taps("1. Bu Siti").sees("sudah dapat kursi")
    assert statuses(chat, session) == {"Siti": EnrolmentStatus.SEATED}
    seats_agree(chat)
    siti.does_not_see("gangguan")


def test_somebody_else_of_the_name_goes_on_as_new(chat: Chat, maria: Phone) -> None:
    registered(chat)
    session = running(chat)
    maria.sends_tap(f"roster:walk_in:{session}").types("Bu Siti").taps("Orang lain").sees("Bacakan untuk Siti")
    maria.taps("Ya, setuju").sees("✅ Bu Siti sudah dapat kursi dan tercatat hadir")
    assert [one.account_id is None for one in people(chat)] == [False, True]
    assert marks(chat, session) == {"Siti": Mark.PRESENT}


def test_the_last_digits_find_somebody_and_another_name_may_be_typed(chat: Chat, maria: Phone) -> None:
    registered(chat)
    with chat.database.transaction() as db:
        db.scalars(select(Person)).one().phone = "+6281234567890"
    session = running(chat)
    maria.sends_tap(f"roster:walk_in:{session}").types("Sitti").sees("1. Bu Siti", "HP …890")
    maria.types("Zebedeus").sees("Bacakan untuk Zebedeus").taps("Tidak setuju")
    maria.sends_tap(f"roster:walk_in:{session}").types("Nama Baru 0812 3456 7890").sees("1. Bu Siti")


def test_a_full_class_is_made_bigger_for_somebody_known(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(23, 12), capacity=1)
    enrolled(chat, "Anton", session=session)
    siti = registered(chat)
    chat.travel(to=local(23, 12, 30))
    maria.sends_tap(f"roster:walk_in:{session}").types("Siti").taps("1. Bu Siti").sees("penuh", "Tambah 1 kursi")
    button = maria.button("Tambah 1 kursi")
    maria.taps("Tambah 1 kursi").sees("dapat kursi dan tercatat hadir").sends_tap(*button)
    assert seats(chat, session) == (2, 2)
    assert mark_of(chat, siti, session) == Mark.PRESENT


def test_nobody_of_another_site_is_given_a_seat_by_a_forged_button(chat: Chat, maria: Phone) -> None:
    rina = registered(chat, "Rina", site="samosir")
    session = running(chat)
    maria.sends_tap(f"roster:known:{session}:1").sees("hanya untuk pelatih")
    assert mark_of(chat, rina, session) is None


# --- a list ---------------------------------------------------------------------------------------------------------


def test_three_names_on_three_lines_are_three_people(chat: Chat, maria: Phone) -> None:
    session = running(chat)
    maria.sends_tap(f"roster:walk_in:{session}").types("Ana\nBudi\nCici").sees("Bacakan sekali untuk 3 orang")
    maria.taps("Ya, setuju").sees("✅ 3 orang sudah dapat kursi dan tercatat hadir")
    assert marks(chat, session) == dict.fromkeys(("Ana", "Budi", "Cici"), Mark.PRESENT)


def test_ten_walk_ins_take_six_acts(chat: Chat, maria: Phone) -> None:
    """From /peserta on, also where the class has to be made bigger: each is present, with a consent of their own."""
    session = running(chat, capacity=7)
    before = acts(chat)
    maria.types("/peserta").taps("Foto Produk").taps("Tambah peserta").types(TEN).sees("Bacakan sekali untuk 10 orang")
    maria.taps("Setuju, dengan nomor").sees("7 orang sudah dapat kursi", "Belum dapat kursi, 3 orang", "Bu Joko")
    maria.taps("Tambah 3 kursi").sees("✅ 3 orang sudah dapat kursi dan tercatat hadir", "Terisi 10 dari 10")
    assert acts(chat) - before <= 6
    found = people(chat)
    assert [one.called.name for one in found] == [
        "Ana", "Bima", "Citra", "Dodi", "Eka", "Fajar", "Gita", "Hana", "Indra", "Joko",
    ]  # fmt: skip
    assert [one.phone for one in found if one.phone] == ["+6281234567801", "+6281234567804", "+6281234567809"]
    assert set(marks(chat, session).values()) == {Mark.PRESENT}
    with chat.database.transaction() as db:
        per_person = db.execute(select(Consent.person_id, func.count()).group_by(Consent.person_id)).all()
        assert [number for _, number in per_person] == [1] * 10
        assert all(one.text_version.startswith("lisan ") for one in db.scalars(select(Consent)))
        assert "Citra" not in " ".join(str(row.message) for row in db.scalars(select(OutboxRow)))
    seats_agree(chat)


def test_numbers_are_kept_only_where_they_agree_to_it(chat: Chat, maria: Phone) -> None:
    session = running(chat)
    maria.sends_tap(f"roster:walk_in:{session}").types("Bu Ana 0812 3456 7801")
    maria.sees("Nomor HP 0812-3456-7801 ikut disimpan")
    maria.taps("Setuju, tanpa nomor").sees("Bu Ana sudah dapat kursi")
    maria.sends_tap(f"roster:walk_in:{session}").types("Budi 0812 3456 7802").taps("Setuju, dengan nomor")
    assert [one.phone for one in people(chat)] == [None, "+6281234567802"]


def test_lines_that_cannot_be_read_are_told_and_nothing_is_lost(chat: Chat, maria: Phone) -> None:
    session = running(chat)
    maria.sends_tap(f"roster:walk_in:{session}").types("Tamu hari ini:\n1. Bu Ana 08123\n2. ???\n3. Pak Budi")
    maria.sees("2 orang", "Baris 1 belum terbaca: Tamu hari ini:", "Baris 3 belum terbaca: 2. ???", "Bu Ana")
    maria.types("Cici\nDewi").sees("4 orang", "4. Dewi").taps("Ya, setuju").sees("4 orang sudah dapat kursi")


def test_a_line_with_the_number_of_an_identity_card_is_left_out_alone(chat: Chat, maria: Phone) -> None:
    session = running(chat)
    maria.sends_tap(f"roster:walk_in:{session}").types("Ana\nBudi 3201234567890123\nCici")
    maria.sees("Bacakan sekali untuk 2 orang", "1. Ana\n2. Cici", "Baris 2 tidak disimpan", "Hapus pesan itu")
    maria.does_not_see("3201", "Budi").types("Budi").sees("3. Budi").does_not_see("Baris 2").taps("Ya, setuju")
    assert sorted(marks(chat, session)) == ["Ana", "Budi", "Cici"]
    maria.taps("Tambah peserta").types("3201234567890123").sees("seperti nomor KTP").does_not_see("Baris")
    with chat.database.transaction() as db:
        kept = [*db.scalars(select(OutboxRow.message)), *db.scalars(select(InboxRow.payload))]
        assert all("3201234567890123" not in str(one) for one in kept)


def test_of_a_list_that_does_not_fit_it_is_said_who_is_recorded_as_present(chat: Chat, maria: Phone) -> None:
    session = running(chat, capacity=2)
    maria.sends_tap(f"roster:walk_in:{session}").types("Ana\nBudi\nCici\nDodi").taps("Ya, setuju")
    maria.sees(
        "2 orang sudah dapat kursi dan tercatat hadir:\n• Ana\n• Budi", "2 orang, jadi belum tercatat:\n• Cici\n• Dodi"
    )
    maria.taps("Tambah 2 kursi").sees("2 orang sudah dapat kursi dan tercatat hadir")
    assert len(marks(chat, session)) == 4
    maria.taps("Tambah peserta").types("Eka\nFani").taps("Ya, setuju")
    maria.sees("penuh: 4 dari 4", "Belum dapat kursi, 2 orang:\n• Eka").does_not_see("0 orang", "✅ 4")


def test_somebody_with_a_seat_who_is_picked_twice_is_said_to_be_present_both_times(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(23, 12))
    enrolled(chat, "Siti", session=session)
    chat.travel(to=local(23, 12, 30))
    maria.sends_tap(f"roster:walk_in:{session}").types("Siti")
    yes = maria.button("1. Bu Siti")
    maria.sends_tap(*yes).sees("sudah punya kursi", "sekarang tercatat hadir")
    maria.sends_tap(*yes).sees("sudah punya kursi", "sudah tercatat hadir")


def test_one_of_the_list_who_does_not_agree_is_left_out(chat: Chat, maria: Phone) -> None:
    session = running(chat)
    maria.sends_tap(f"roster:walk_in:{session}").types("Ana\nBudi\nCici")
    yes = maria.button("Ya, setuju")
    maria.taps("Ada yang tidak").sees("Siapa yang tidak setuju").taps("2. Budi").sees("2 orang", "2. Cici")
    maria.sends_tap(*yes).sees_toast("tidak berlaku").sees("2 orang").taps("Ya, setuju")
    assert [one.name for one in people(chat)] == ["Ana", "Cici"]


def test_of_a_list_those_who_wait_come_first_until_the_last_hour(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(24, 9), capacity=1)
    siti, _ = enrolled(chat, "Siti", session=session), enrolled(chat, "Anton", session=session)
    chat.travel(to=local(23, 21))
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(minutes=2)
    maria.sends_tap(f"roster:walk_in:{session}").types("Ana\nBudi").taps("Ya, setuju")
    maria.sees("Ada 1 orang di daftar tunggu", "Belum dapat kursi", "• Ana", "• Budi")
    assert {"Ana", "Budi"}.isdisjoint(statuses(chat, session))


def test_names_that_somebody_has_already_are_pointed_out(chat: Chat, maria: Phone) -> None:
    registered(chat)
    session = running(chat)
    maria.sends_tap(f"roster:walk_in:{session}").types("Bu Siti\nPak Budi")
    maria.sees(
        "⚠️ 1. Bu Siti: nama ini sudah ada, Bu Siti · ", "Orangnya sama? Tekan tombol yang sama dulu."
    ).does_not_see("2. Pak Budi: nama ini")


def test_who_of_a_list_is_known_gets_the_seat_as_the_person_they_are(chat: Chat, maria: Phone) -> None:
    """One with a seat, one without, one who is another of the same name: no row is made twice, the known ones hear it
    on their phones, and only the rest is asked for the consent."""
    session = chat.add_class(starts=local(23, 12))
    siti, rina = enrolled(chat, "Siti", session=session), registered(chat, "Rina")
    registered(chat, "Budi")
    chat.travel(to=local(23, 12, 30))
    before = len(people(chat))
    maria.sends_tap(f"roster:walk_in:{session}").types("Bu Siti\nRina\nBudi\nAna").sees("Orang yang sama: 3")
    maria.taps("Orang yang sama").sees("2. Rina: Bu Rina · Makanan dan minuman", "3. Budi: Bu Budi")
    rina.looks_up()
    old = maria.button("2. Bu Rina")
    maria.taps("2. Bu Rina").sees_toast("Tercatat hadir").sees("1. Bu Siti: ", "2. Budi: ").does_not_see("Rina:")
    rina.sees("memberi kursi", "mencatat kehadirannya")
    maria.sends_tap(*old).sees("Bacakan sekali untuk 3 orang")
    maria.taps("Orang yang sama").taps("1. Bu Siti").taps("Kembali").sees("Bacakan sekali untuk 2 orang", "2. Ana")
    maria.taps("Ya, setuju").sees("2 orang sudah dapat kursi dan tercatat hadir")
    assert marks(chat, session) == dict.fromkeys(("Siti", "Rina", "Budi", "Ana"), Mark.PRESENT)
    assert mark_of(chat, siti, session) == mark_of(chat, rina, session) == Mark.PRESENT
    assert len(people(chat)) == before + 2
    seats_agree(chat)


def test_where_everybody_of_a_list_is_known_nothing_is_read_out(chat: Chat, maria: Phone) -> None:
    session = running(chat, capacity=1)
    siti, rina = registered(chat), registered(chat, "Rina")
    maria.sends_tap(f"roster:walk_in:{session}").types("Siti\nRina").taps("Orang yang sama").taps("1. Bu Siti")
    maria.taps("1. Bu Rina").sees_toast("Kelas penuh").sees("Bacakan sekali untuk 1 orang")
    maria.taps("Tidak setuju")
    assert mark_of(chat, siti, session) == Mark.PRESENT
    assert mark_of(chat, rina, session) is None
    maria.sends_tap(f"roster:walk_in:{session}").types("Siti\nSiti").taps("Orang yang sama").taps("1. Bu Siti")
    maria.taps("1. Bu Siti").sees("tercatat hadir di kelas Foto Produk").does_not_see("Bacakan")


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("Ana, Budi, Cici", ["Ana", "Budi", "Cici"]),
        ("Bu Ana; Pak Budi", ["Ana", "Budi"]),
        ("Ana, Budi dan Cici", ["Ana", "Budi", "Cici"]),
        ("Ana 081234567801, Budi 081234567802", ["Ana", "Budi"]),
        ("Hj. Rina Contoh, S.Pd, M.M", ["Rina Contoh"]),
        ("Haji Ahmad, S.E., Budi", ["Ahmad", "Budi"]),
        ("Rina, tenun", ["Rina"]),
        ("Ana, HP 081234567890", ["Ana"]),
    ],
)
def test_names_with_commas_in_one_line_are_several_people(typed: str, names: list[str]) -> None:
    assert [one.name for one in roster.people_in(typed)[0]] == names


def test_two_people_in_one_line_are_asked_for_one_a_line(chat: Chat, maria: Phone) -> None:
    session = running(chat)
    maria.sends_tap(f"roster:walk_in:{session}").types("Ana, Budi, Cici").sees("Bacakan sekali untuk 3 orang")
    maria.sends_tap(f"roster:walk_in:{session}").types("Ana dan Budi").sees("Tulis satu nama satu baris")


def test_each_person_who_has_the_name_is_named_beside_the_line(chat: Chat, maria: Phone) -> None:
    first, second = registered(chat), registered(chat)
    with chat.database.transaction() as db:
        first.person(db).phone, second.person(db).phone = "+6281234567111", "+6281234567222"
    maria.sends_tap(f"roster:walk_in:{running(chat)}").types("Ana\nBu Siti\nBu Siti")
    for line in ("2.", "3."):
        for digits in ("111", "222"):
            maria.sees(f"⚠️ {line} Bu Siti: nama ini sudah ada, Bu Siti · Makanan dan minuman · HP …{digits}")
    maria.does_not_see("1. Ana: nama ini")


def test_namesakes_without_any_difference_are_told_apart_by_their_own_numbers(chat: Chat, maria: Phone) -> None:
    """In the offer of known people, on the lists, on the card, and before a list is agreed to: the same number."""
    session = running(chat)
    maria.sends_tap(f"roster:walk_in:{session}").types("Bu Siti\nBu Siti").taps("Ya, setuju")
    first, second = (f"nomor peserta {one.id}" for one in people(chat))
    maria.taps("Tambah peserta").types("Bu Siti").sees("1. Bu Siti · tanpa HP", first, second).taps("Berhenti mengisi")
    maria.sends_tap(f"roster:walk_in:{session}").types("Bu Siti\nPak Budi").sees(first, second).taps("Tidak setuju")
    one, other = (f"Bu Siti · no. {one.id}" for one in people(chat))
    for screen in ("attendance:names", "roster:list"):
        maria.sends_tap(f"{screen}:{session}").sees(one, other)
    maria.taps(f"2. {other}").sees(second).does_not_see(first)
    maria.taps("Gabung").sees(f"{other} sama dengan siapa?", first).does_not_see(second)


def test_of_many_known_names_the_rest_is_counted(chat: Chat, maria: Phone) -> None:
    registered(chat)
    maria.sends_tap(f"roster:walk_in:{running(chat)}").types("\n".join(["Bu Siti"] * 14))
    maria.sees("⚠️ 10. Bu Siti", "… dan 4 nama lagi yang sudah ada").does_not_see("⚠️ 11.")


def test_the_list_before_the_consent_shows_the_digits_of_the_numbers(chat: Chat, maria: Phone) -> None:
    maria.sends_tap(f"roster:walk_in:{running(chat)}").types("Bu Ana 081234567801\nPak Budi")
    maria.sees("1. Bu Ana, 0812-3456-7801", "2. Pak Budi").does_not_see("2. Pak Budi,")


@pytest.mark.parametrize("number", ["0812345", "62812", "+62 812", "12345", "0812-34"])
def test_a_number_that_is_too_short_is_said_and_the_name_is_kept(chat: Chat, maria: Phone, number: str) -> None:
    session = running(chat)
    maria.sends_tap(f"roster:walk_in:{session}").types(f"Bu Ana {number}")
    maria.sees("Bacakan untuk Ana", f"⚠️ Nomor {number} belum lengkap, jadi tidak disimpan. Namanya tetap dicatat.")
    maria.types("0812 3456").sees("⚠️ Nomor 0812 3456 belum lengkap").types("081234567801")
    maria.sees("Nomor HP 0812-3456-7801 ikut disimpan").does_not_see("belum lengkap")
    maria.taps("Setuju, dengan nomor").sees("Bu Ana sudah dapat kursi")
    assert [(one.name, one.phone) for one in people(chat)] == [("Ana", "+6281234567801")]


def test_a_too_short_number_in_a_list_is_said_with_its_line_and_can_be_sent_again(chat: Chat, maria: Phone) -> None:
    session = running(chat)
    maria.sends_tap(f"roster:walk_in:{session}").types("Pak Budi\nBu Ana 0812345\nCici")
    maria.sees("3 orang", "⚠️ 2. Bu Ana: nomor 0812345 belum lengkap", "Kirim lagi nama dan nomornya")
    maria.types("Bu Ana 081234567801").sees("3 orang", "2. Bu Ana, 0812-3456-7801").does_not_see("belum lengkap")
    maria.taps("Setuju, dengan nomor").sees("3 orang sudah dapat kursi")
    assert [one.name for one in people(chat)] == ["Budi", "Ana", "Cici"]


def test_a_too_short_number_is_said_also_where_somebody_known_is_offered(chat: Chat, maria: Phone) -> None:
    registered(chat)
    maria.sends_tap(f"roster:walk_in:{running(chat)}").types("Siti 0812345").sees("yang mana?", "Nomor 0812345 belum")
    maria.types("081234567801").sees("yang mana?").does_not_see("belum lengkap").taps("Orang lain")
    maria.sees("Nomor HP 0812-3456-7801 ikut disimpan")


def test_after_the_list_was_finished_whoever_is_added_came(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(23, 12))
    siti = enrolled(chat, "Siti", session=session)
    chat.travel(to=local(23, 15))
    maria.sends_tap(f"attendance:tick:{session}:1:0:present").sends_tap(f"attendance:finished:{session}")
    maria.sends_tap(f"roster:walk_in:{session}").types("Ana\nBudi").taps("Ya, setuju").sees("tercatat hadir")
    assert statuses(chat, session) == dict.fromkeys(("Siti", "Ana", "Budi"), EnrolmentStatus.ATTENDED)
    siti.does_not_see("gangguan")


# --- how lines are read ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "name", "phone"),
    [
        ("1. Bu Siti - 0812-3456-7890", "Siti", "+6281234567890"),
        ("12) Pak Budi", "Budi", None),
        ("7 Ratna", "Ratna", None),
        ("* Hj. Rina Contoh, S.Pd", "Rina Contoh", None),
        ("✅ Bu Dewi; HP +62 812 3456 7890", "Dewi", "+6281234567890"),
        ("I Gusti Ayu Ketut Contoh Puspawati\t081234567890", "I Gusti Ayu Ketut Contoh Puspawati", "+6281234567890"),
        ("Siti-Nur", "Siti-Nur", None),
        ("- 'Arfan -", "'Arfan", None),
        ("Bu Ana (adik Pak Budi)", "Ana", None),
    ],
)
def test_a_line_is_read(line: str, name: str, phone: str | None) -> None:
    read = roster.person_in(line)
    assert read is not None
    assert (read.name, read.phone) == (name, phone)


@pytest.mark.parametrize("line", ["Daftar hadir:", "???", "0812-3456-7890", "-", "1."])
def test_a_line_without_a_name_is_none(line: str) -> None:
    assert roster.person_in(line) is None


@pytest.mark.parametrize(
    "line",
    [
        *("1. Siti (tidak datang)", "2. Anton - tidak hadir", "3. Rina absen", "Bu Ana izin", "Bela (sakit)"),
        *("5. Pak Frans dan Bu Ani", "Ana & Budi", "Bu Ani, dan Bu Bela", "Dodi tdk hdr"),
    ],
)
def test_who_is_not_there_and_two_on_a_line_are_not_read(line: str) -> None:
    assert roster.person_in(line) is None


def test_a_list_pasted_from_a_group_adds_those_who_are_there_alone(chat: Chat, maria: Phone) -> None:
    session = running(chat)
    stamp = "[10:20, 23/11/2026] Yosef:"
    pasted = f"{stamp} Daftar hadir kelas foto\n1. Siti (tidak datang)\n{stamp} 2. Budi\n3. Pak Frans dan Bu Ani\nLina"
    maria.sends_tap(f"roster:walk_in:{session}").types(pasted).sees(
        "Bacakan sekali untuk 2 orang", "1. Budi", "2. Lina"
    )
    maria.sees("Siti (tidak datang)", "Pak Frans dan Bu Ani").does_not_see("Yosef: nomor", "Daftar Hadir Kelas")
    maria.taps("Ya, setuju")
    assert marks(chat, session) == dict.fromkeys(("Budi", "Lina"), Mark.PRESENT)


@pytest.mark.parametrize(
    "line", ["23/11/26, 10.20 - Bu Yosefa: Budi", "[23/11/26 10.20.31] +62 812-3456-7890: 3. Budi", "10. Pak Budi"]
)
def test_the_stamp_of_a_copied_message_is_left_out(line: str) -> None:
    read = roster.person_in(line)
    assert read is not None
    assert (read.name, read.phone) == ("Budi", None)


def test_the_same_line_twice_is_one_person_and_namesakes_are_two() -> None:
    found, unread = roster.people_in("Siti 081234567890\nSiti 081234567890\nSiti\nSiti\n")
    assert (len(found), unread) == (3, [])


def test_offers_are_not_counted_as_seats(chat: Chat, maria: Phone) -> None:
    """A class made bigger: the new seats are offered, and nobody has them yet."""
    session = chat.add_class(starts=local(26, 9), capacity=1)
    for name in ("Siti", "Anton", "Rina"):
        enrolled(chat, name, session=session)
    with chat.database.transaction() as db:
        found = db.get_one(ClassSession, session)
        class_changes.change(db, found, chat.now, capacity=2, leads=(), zone="Asia/Makassar")
    chat.look()
    maria.types("/peserta").taps("Foto Produk").sees("Punya kursi 1 dari 2, ditawari 1, daftar tunggu 1")


def test_during_the_class_the_list_says_who_is_there(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(23, 12))
    enrolled(chat, "Siti", session=session)
    chat.travel(to=local(23, 12, 30))
    maria.sends_tap(f"attendance:tick:{session}:1:0:present").types("/peserta").taps("Foto Produk").sees("Siti, hadir")

"""Appointments, as the person and the mentor see them in their chats."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.actions.appointments import Kind
from bot.delivery.outbox import OutboxRow
from bot.people.audit import AuditRow
from bot.people.people import Account, Person, Role, RoleGrant
from bot.programme import appointments, enrolment
from bot.programme.appointments import Appointment, Slot, SlotQuarter, State
from tests.chat import Chat, Phone, enrolled, local, registered, staffed
from tests.test_rights import ADMIN, admin

SITE = "labuan-bajo"


@pytest.fixture
def admins() -> tuple[int, ...]:
    return (ADMIN,)


def mentor(chat: Chat, name: str = "Rina", site: str = SITE) -> Phone:
    return staffed(chat, name, role=Role.MENTOR, site=site)


def opened(
    chat: Chat, phone: Phone, start: datetime, minutes: int = 60, each: int = 30, kind: Kind = Kind.CHAT
) -> None:
    """The mentor offers these times (written straight into the database: offering has its own tests)."""
    with chat.database.transaction() as db:
        account = phone.account(db)
        assert account is not None
        site = db.scalars(select(RoleGrant.site_id).where(RoleGrant.account_id == account.id)).first()
        place = "Jl. Soekarno 1" if kind is Kind.OFFICE else None
        appointments.offer(db, account, site or SITE, start, minutes, each, kind, chat.now, place=place)


def booked(chat: Chat, siti: Phone, label: str = "Sel 24 Nov, 09.00") -> Phone:
    return siti.types("/janji").taps(label)


def appointment(chat: Chat, number: int = 1) -> Appointment:
    with chat.database.transaction() as db:
        found = db.get_one(Appointment, number)
        db.expunge(found)
        return found


def slots(chat: Chat) -> list[tuple[str, str]]:
    """The times there are: when (in UTC), and their state."""
    with chat.database.transaction() as db:
        return [(f"{one.starts_at:%d %H.%M}", one.state) for one in db.scalars(select(Slot).order_by(Slot.starts_at))]


def quarters(db: Session) -> int:
    return db.scalar(select(func.count()).select_from(SlotQuarter)) or 0


# --- offering ---------------------------------------------------------------------------------------------------------


def test_times_are_offered_in_four_taps(chat: Chat) -> None:
    rina = mentor(chat).types("/janji").sees("Belum ada janji", "Buka waktu")
    rina.taps("Buka waktu").sees("Kapan ada waktu", "Sel 24 Nov, 09.00-12.00", "Sel 24 Nov, 13.00-16.00")
    rina.taps("Sel 24 Nov, 09.00").sees("Selasa, 24 November 2026", "09.00", "12.00 WITA", "30 menit")
    rina.taps("60 menit").sees("Di chat", "Telepon", "Di tempat usaha", "Di kantor")
    rina.taps("Di chat").sees("3 waktu dibuka", "lewat chat", "Tutup lagi")
    assert slots(chat) == [("24 01.00", "open"), ("24 02.00", "open"), ("24 03.00", "open")]
    rina.taps("Daftar janji").sees("Waktu kosong: 3").taps("Waktu kosong (3)").sees("24 November 2026 pukul 10.00 WITA")
    with chat.database.transaction() as db:
        assert quarters(db) == 12
        assert [one.action for one in db.scalars(select(AuditRow))] == ["times_opened"]


def test_times_are_written_as_one_speaks(chat: Chat) -> None:
    rina = mentor(chat).types("/janji").taps("Buka waktu").types("kamis 13-15")
    rina.sees("Kamis, 26 November 2026", "13.00", "15.00 WITA").taps("30 menit").taps("Di tempat usaha").sees(
        "4 waktu dibuka"
    )
    rina.taps("Buka waktu lagi").types("jumat jam 9").sees("Jumat, 27 November 2026 pukul 09.00 WITA")
    rina.taps("60 menit").taps("Telepon").sees("1 waktu dibuka", "10.00 WITA")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("bla bla", "Contoh: Selasa 9-12"),
        ("hari ini 8", "sudah lewat"),
        ("selasa jam 25", "Contoh: Selasa 9-12"),
        ("30 februari jam 9", "Contoh: Selasa 9-12"),
        ("selasa 9-9.10", "Terlalu pendek"),
        ("selasa 6-20", "Terlalu lama"),
        ("24 maret 2027 9-12", "terlalu jauh"),
        ("selasa 9 wib", "Contoh: Selasa 9-12"),
        ("😀", "Contoh: Selasa 9-12"),
        ("9" * 300, "Contoh: Selasa 9-12"),
    ],
)
def test_nonsense_instead_of_a_time_is_told_kindly_and_asked_again(chat: Chat, text: str, words: str) -> None:
    rina = mentor(chat).types("/janji").taps("Buka waktu").types(text).sees(words)
    assert slots(chat) == []
    rina.types("selasa 9-10").sees("Selasa, 24 November 2026").taps("30 menit").taps("Di chat").sees("2 waktu dibuka")


def test_a_time_that_begins_within_a_quarter_begins_with_the_next(chat: Chat) -> None:
    mentor(chat).types("/janji").taps("Buka waktu").types("selasa 9.05-10.05").taps("30 menit").taps("Di chat").sees(
        "1 waktu dibuka"
    )
    assert slots(chat) == [("24 01.15", "open")]


def test_overlapping_times_are_left_out(chat: Chat) -> None:
    rina = mentor(chat)
    opened(chat, rina, local(24, 10), minutes=60, each=60)
    rina.types("/janji").taps("Buka waktu").types("selasa 9-12").taps("30 menit").taps("Di chat")
    rina.sees("4 waktu dibuka", "2 waktu dilewati")
    rina.taps("Buka waktu lagi").types("selasa 10.15-10.45").taps("30 menit").taps("Di chat").sees(
        "Tidak ada yang dibuka"
    )
    anton = mentor(chat, "Anton")  # another mentor's own times are another matter
    anton.types("/janji").taps("Buka waktu").types("selasa 9-12").taps("60 menit").taps("Di chat").sees(
        "3 waktu dibuka"
    )
    with chat.database.transaction() as db:
        assert quarters(db) == 24


def test_the_office_is_asked_for_once(chat: Chat) -> None:
    rina = mentor(chat).types("/janji").taps("Buka waktu").types("selasa 9-10").taps("60 menit").taps("Di kantor")
    rina.sees("Di mana kantornya").types("Jl. Soekarno 1").sees("1 waktu dibuka", "di Jl. Soekarno 1")
    rina.taps("Buka waktu lagi").types("rabu 9-10").taps("60 menit").taps("Di kantor").sees("di Jl. Soekarno 1")
    registered(chat).types("/janji").sees("di Jl. Soekarno 1")


def test_what_was_offered_is_taken_back_and_what_was_booked_stays(chat: Chat) -> None:
    rina = mentor(chat).types("/janji").taps("Buka waktu").types("selasa 9-12").taps("60 menit").taps("Di chat")
    back = rina.button("Tutup lagi")
    booked(chat, registered(chat))
    rina.sends_tap(*back).sees_toast("2 waktu ditutup")
    assert slots(chat) == [("24 01.00", "booked")]
    rina.sends_tap(*back).sees_toast("Tidak ada yang ditutup")
    with chat.database.transaction() as db:
        assert quarters(db) == 4


def test_one_free_time_is_closed(chat: Chat) -> None:
    rina = mentor(chat)
    opened(chat, rina, local(24, 9))
    rina.types("/janji").taps("Waktu kosong").taps("Tutup Sel 24 Nov, 09.00").sees_toast("Waktu itu ditutup")
    assert slots(chat) == [("24 01.30", "open")]
    rina.sends_tap("appointments:close:1").sees_toast("Tidak ada yang ditutup")


def test_buttons_of_another_stretch_offer_nothing(chat: Chat) -> None:
    rina = mentor(chat).types("/janji").taps("Buka waktu").types("selasa 9-12").taps("60 menit")
    old = rina.button("Di chat")
    rina.types("rabu 9-12").taps("30 menit")
    rina.sends_tap(*old).sees("Rabu, 25 November 2026", "Bertemu bagaimana")
    assert slots(chat) == []
    rina.taps("Jangan buka waktu").sees("Tidak ada yang dibuka")
    rina.sends_tap(*old)
    assert slots(chat) == []


def test_who_mentors_at_several_sites_says_which(chat: Chat) -> None:
    rina = mentor(chat)
    with chat.database.transaction() as db:
        account = rina.account(db)
        assert account is not None
        db.add(RoleGrant(account_id=account.id, role=Role.MENTOR, site_id="samosir", granted_at=chat.now))
    rina.types("/janji").taps("Buka waktu").sees("lokasi mana", "Labuan Bajo").types("entah di mana").sees(
        "belum ketemu"
    )
    rina.types("samosir").types("selasa 9-10").sees("WIB").taps("60 menit").taps("Di chat").sees(
        "1 waktu dibuka", "WIB"
    )
    registered(chat).types("/janji").sees("Belum ada waktu kosong")
    registered(chat, "Tiur", site="samosir").types("/janji").sees("Selasa, 24 November 2026 pukul 09.00 WIB")


# --- booking ----------------------------------------------------------------------------------------------------------


def test_a_time_is_booked_with_one_tap_and_both_know(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    opened(chat, rina, local(24, 9))
    siti.types("/janji").sees("Selasa, 24 November 2026 pukul 09.00 WITA", "Rina", "lewat chat", "30 menit")
    siti.taps("Sel 24 Nov, 09.00").sees(
        "Janji dibuat", "Selasa, 24 November 2026 pukul 09.00 WITA", "Rina", "Tidak bisa"
    )
    rina.sees("Bu Siti", "membuat janji", "24 November 2026 pukul 09.00 WITA")
    assert rina.last.params["protect_content"] is True
    rina.taps("Buka janji").sees("Janji dengan Bu Siti", "Belum dijawab", "Pindahkan janji", "Batalkan janji")
    siti.types("/janji").sees("Janji Anda", "Pindah waktu")
    rina.types("/janji").sees("Bu Siti", "Waktu kosong: 1")


def test_the_next_six_free_times_are_shown_and_then_the_later_ones(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    opened(chat, rina, local(24, 9), minutes=300)
    siti.types("/janji").sees("09.00", "11.30").does_not_see("12.00 WITA")
    assert len([one for one in siti.last.labels if "24 Nov" in one]) == 6
    siti.taps("Waktu berikutnya").sees("12.00 WITA", "13.30 WITA").does_not_see("11.30 WITA")


def test_times_of_two_mentors_at_one_moment_are_shown_once(chat: Chat) -> None:
    rina, anton, siti = mentor(chat), mentor(chat, "Anton"), registered(chat)
    for phone in (rina, anton):
        opened(chat, phone, local(24, 9))
    siti.types("/janji")
    assert len([one for one in siti.last.labels if "24 Nov" in one]) == 2
    booked(chat, siti)
    maria = registered(chat, "Maria").types("/janji").sees("24 November 2026 pukul 09.00 WITA · Anton")
    maria.taps("Sel 24 Nov, 09.00").sees("Janji dibuat", "Anton")


def test_who_comes_second_hears_what_is_free(chat: Chat) -> None:
    rina, siti, maria = mentor(chat), registered(chat), registered(chat, "Maria")
    opened(chat, rina, local(24, 9))
    maria.types("/janji")
    booked(chat, siti)
    maria.taps("Sel 24 Nov, 09.00").sees("baru saja diambil", "09.30").sees_toast("tidak kosong")
    maria.taps("Sel 24 Nov, 09.30").sees("Janji dibuat")


def test_one_appointment_at_a_time_and_two_taps_make_one(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    opened(chat, rina, local(24, 9))
    siti.types("/janji")
    first, second = siti.button("Sel 24 Nov, 09.00"), siti.button("Sel 24 Nov, 09.30")
    siti.sends_tap(*first).sends_tap(*first).sees("Janji Anda")
    siti.sends_tap(*second).sees("Satu janji dulu", "09.00 WITA")
    assert slots(chat) == [("24 01.00", "booked"), ("24 01.30", "open")]


def test_at_most_two_a_month_by_oneself(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    for day in (24, 25, 26):
        opened(chat, rina, local(day, 9), minutes=30)
    booked(chat, siti)
    chat.travel(to=local(24, 12))
    booked(chat, siti, "Rab 25 Nov")
    chat.travel(to=local(25, 12))
    siti.types("/janji").sees("sudah membuat 2 janji dalam sebulan", "Tanya pendamping")
    siti.taps("Tanya pendamping").sends_tap("appointments:book:3").sees("sudah membuat 2 janji")


def test_a_class_at_the_same_hour_is_told(chat: Chat) -> None:
    rina = mentor(chat)
    siti = enrolled(chat, session=chat.add_class(starts=local(24, 8)))
    opened(chat, rina, local(24, 9))
    booked(chat, siti).sees("ada kelas: Foto Produk", "Tetap waktu ini")
    assert slots(chat)[0] == ("24 01.00", "open")
    siti.taps("Tetap waktu ini").sees("Janji dibuat")


def test_nobody_books_their_own_time(chat: Chat) -> None:
    siti = registered(chat)
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        account.staff_name = "Siti"
        db.add(RoleGrant(account_id=account.id, role=Role.MENTOR, site_id=SITE, granted_at=chat.now))
    opened(chat, siti, local(24, 9))
    siti.types("/janji").sees("Daftar janji").taps("Janji sebagai peserta").sees("Belum ada waktu kosong")
    siti.sends_tap("appointments:book:1")
    assert slots(chat)[0] == ("24 01.00", "open")


def test_a_time_that_begins_within_the_hour_is_offered_to_nobody(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    opened(chat, rina, chat.now + timedelta(minutes=45), minutes=60)
    siti.types("/janji").sees("11.15 WITA").does_not_see("10.45 WITA")
    siti.sends_tap("appointments:book:1").sees("baru saja diambil")


def test_a_mentor_who_rests_is_offered_to_nobody(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    opened(chat, rina, local(24, 9))
    rina.sends_tap("mentoring:rested")
    siti.types("/janji").sees("Belum ada waktu kosong", "Tanya pendamping")
    rina.sends_tap("mentoring:serve")
    siti.types("/janji").sees("09.00 WITA")


def test_who_agreed_to_the_older_notice_is_asked_first(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    opened(chat, rina, local(24, 9))
    with chat.database.transaction() as db:
        from bot.people.people import Consent

        for consent in db.scalars(select(Consent)):
            consent.text_version = "1"
        siti.person(db).training_version = None
    siti.types("/janji").sees("Setuju").does_not_see("09.00")
    siti.sends_tap("appointments:book:1")
    assert slots(chat)[0] == ("24 01.00", "open")
    siti.taps("Setuju")
    booked(chat, siti).sees("Janji dibuat")


def test_it_begins_with_a_question_too(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    opened(chat, rina, local(24, 9))
    siti.types("/menu").taps("Tanya pendamping").taps("Buat janji").sees("Waktu kosong pendamping")
    siti.types("/tanya").types("Bagaimana cara memotret keripik?").sees("Buat janji").taps("Buat janji")
    siti.taps("Sel 24 Nov, 09.00").sees("Janji dibuat")
    assert appointment(chat).ticket_id == 1
    rina.taps("Buka janji").taps("Lihat percakapan").sees("keripik")


# --- where ------------------------------------------------------------------------------------------------------------


def test_a_visit_asks_for_the_address_and_it_goes_the_day_after(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    opened(chat, rina, local(24, 9), kind=Kind.VISIT)
    booked(chat, siti).sees("Janji dibuat", "di tempat usaha", "Di mana tempat usahanya").types("Kampung Ujung 5")
    siti.sees("Sudah kami catat")
    rina.sees("sudah menulis tempat").taps("Buka janji").sees("Alamat: Kampung Ujung 5")
    siti.types("/janji").sees("Alamat: Kampung Ujung 5").taps("Tulis alamat usaha").shares_location(-8.49, 119.88)
    rina.types("/janji").taps("Sel 24 Nov")
    assert [one.method for one in rina.new][-1] == "sendLocation"
    with chat.database.transaction() as db:
        rows = [str(row.message) for row in db.scalars(select(OutboxRow)) if row.message]
        assert not [row for row in rows if "Kampung" in row or "119.88" in row]
    chat.travel(to=local(25, 10))
    found = appointment(chat)
    assert (found.address, found.latitude, found.longitude) == (None, None, None)


def test_a_call_asks_for_the_number(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    opened(chat, rina, local(24, 9), kind=Kind.CALL)
    booked(chat, siti).sees("Nomor mana yang ditelepon").types("nol delapan").sees("belum terbaca")
    siti.types("0812 3456 7890").sees("Sudah kami catat")
    rina.taps("Buka janji").sees("Nomor: +6281234567890")
    anton = mentor(chat, "Anton").sends_tap("appointments:show:1").sees("Bu Siti").does_not_see("812")
    assert "Batalkan janji" not in anton.last.labels


def test_the_question_where_can_wait_and_a_contact_or_a_pin_of_another_kind_is_no_answer(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    opened(chat, rina, local(24, 9), kind=Kind.CALL)
    booked(chat, siti).shares_location(-8.5, 119.9).sees("belum terbaca").taps("Nanti saja").sees("Tulis nomor HP")
    siti.taps("Tulis nomor HP").sends(contact={"phone_number": "6281234567890", "first_name": "Siti"})
    siti.sees("Sudah kami catat")
    assert appointment(chat).address == "+6281234567890"


# --- changing ---------------------------------------------------------------------------------------------------------


def test_who_cannot_come_frees_the_time_and_can_take_it_back(chat: Chat) -> None:
    rina, siti, maria = mentor(chat), registered(chat), registered(chat, "Maria")
    opened(chat, rina, local(24, 9), minutes=30)
    booked(chat, siti)
    rina.looks_up()
    siti.taps("Tidak bisa").sees("dibatalkan", "Tetap datang")
    maria.types("/janji").sees("Belum ada waktu kosong")
    rina.sees_nothing_new()
    siti.taps("Tetap datang").sees("Janjinya tetap")
    chat.travel(minutes=5)
    rina.sees_nothing_new()
    siti.taps("Tidak bisa")
    chat.travel(minutes=3)
    rina.sees("Bu Siti", "tidak bisa")
    siti.taps("Tetap datang").sees("sudah batal")
    maria.types("/janji").taps("Sel 24 Nov, 09.00").sees("Janji dibuat")
    assert (appointment(chat).state, appointment(chat, 2).state) == (State.OFF, State.BOOKED)


def test_who_cannot_come_in_the_last_hour_tells_it_at_once(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    opened(chat, rina, local(24, 9), minutes=30)
    booked(chat, siti)
    chat.travel(to=local(24, 8, 30))
    siti.taps("Tidak bisa").sees("langsung kami kabari").does_not_see("Tetap datang")
    rina.sees("tidak bisa")
    assert slots(chat) == []


def test_a_person_moves_it_and_the_reminders_move_with_it(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    opened(chat, rina, local(25, 9), minutes=30)
    opened(chat, rina, local(27, 9), minutes=30)
    booked(chat, siti, "Rab 25 Nov")
    chat.travel(to=local(23, 12))
    siti.types("/janji").taps("Pindah waktu").sees("Janji sekarang", "Jumat, 27 November 2026 pukul 09.00 WITA")
    move = siti.button("Jum 27 Nov")
    siti.sends_tap(*move).sees("Janji dipindah", "27 November 2026")
    rina.sees("memindahkan janji dari Rab 25 Nov, 09.00 ke Jumat, 27 November 2026")
    assert slots(chat) == [("25 01.00", "open"), ("27 01.00", "booked")]
    siti.sends_tap(*move).sees("Janji Anda")
    siti.looks_up()
    chat.travel(to=local(25, 8, 30))
    siti.sees_nothing_new()
    chat.travel(to=local(26, 9, 1))
    siti.sees("besok, pukul 09.00 WITA")


def test_a_time_moved_while_it_is_booked_by_somebody_else(chat: Chat) -> None:
    rina, siti, maria = mentor(chat), registered(chat), registered(chat, "Maria")
    opened(chat, rina, local(25, 9), minutes=60)
    booked(chat, siti, "Rab 25 Nov, 09.00")
    siti.taps("Pindah waktu")
    booked(chat, maria, "Rab 25 Nov, 09.30")
    siti.taps("Rab 25 Nov, 09.30").sees_toast("tidak kosong").sees("Belum ada waktu kosong lain")
    assert slots(chat) == [("25 01.00", "booked"), ("25 01.30", "booked")]
    assert appointment(chat).starts_at == local(25, 9)


def test_moving_to_another_mentor_tells_both(chat: Chat) -> None:
    rina, anton, siti = mentor(chat), mentor(chat, "Anton"), registered(chat)
    opened(chat, rina, local(25, 9), minutes=30)
    opened(chat, anton, local(26, 9), minutes=30)
    booked(chat, siti, "Rab 25 Nov")
    siti.taps("Pindah waktu").taps("Kam 26 Nov")
    rina.sees("memindahkan janji Rab 25 Nov, 09.00 ke pendamping lain")
    anton.sees("membuat janji", "26 November 2026")


def test_a_mentor_moves_it(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    opened(chat, rina, local(25, 9), minutes=30)
    opened(chat, rina, local(26, 9), minutes=30)
    booked(chat, siti, "Rab 25 Nov")
    old = siti.button("Tidak bisa")
    rina.taps("Buka janji").taps("Pindahkan janji").taps("Kam 26 Nov").sees("dipindah", "26 November 2026")
    siti.sees("Rina memindahkan janji Anda dari Rab 25 Nov, 09.00", "Kamis, 26 November 2026", "Bisa?")
    assert slots(chat) == [("26 01.00", "booked")]
    siti.sends_tap(*old).sees("Janji Anda", "26 November 2026")
    assert appointment(chat).state == State.BOOKED
    siti.sends_tap(*siti.button("Bisa datang", "Bisa?")).sees("sampai jumpa")


def test_a_mentor_moves_it_to_a_time_that_is_only_opened_now(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    opened(chat, rina, local(25, 9), minutes=30)
    booked(chat, siti, "Rab 25 Nov")
    rina.taps("Buka janji").taps("Pindahkan janji").sees("Belum ada waktu kosong").taps("Buka waktu").types(
        "kamis jam 10"
    )
    rina.taps("30 menit").taps("Di chat").sees("Pindah ke waktu kosong mana").taps("Kam 26 Nov").sees("dipindah")
    siti.sees("26 November 2026 pukul 10.00 WITA")


def test_a_mentor_calls_off_with_a_word_and_the_person_sees_the_next_times(chat: Chat) -> None:
    rina, anton, siti = mentor(chat), mentor(chat, "Anton"), registered(chat)
    opened(chat, rina, local(24, 9), minutes=30)
    opened(chat, anton, local(24, 11), minutes=30)
    booked(chat, siti)
    rina.taps("Buka janji").taps("Batalkan janji").sees("Pilih alasannya").taps("Sedang sakit").sees("dibatalkan")
    siti.sees("batal", "Rina sedang sakit", "Sel 24 Nov, 11.00").taps("Sel 24 Nov, 11.00").sees("Janji dibuat", "Anton")
    assert slots(chat) == [("24 03.00", "booked")]
    rina.sends_tap("appointments:called_off:1:sick:1").sees("Dibatalkan")


def test_a_mentor_books_for_the_person_of_a_question(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    siti.types("/tanya").types("Bagaimana cara memotret keripik?")
    rina.taps("Ambil").taps("Jadwalkan").sees("Belum ada waktu kosong").taps("Buka waktu").types("besok 9")
    rina.taps("30 menit").taps("Di chat").sees("Pilih satu").taps("Sel 24 Nov, 09.00").sees(
        "Janji dibuat dengan Bu Siti"
    )
    siti.sees("Rina membuatkan janji", "Selasa, 24 November 2026 pukul 09.00 WITA")
    assert appointment(chat).by_mentor
    rina.types("/janji").sends_tap("appointments:book_for:1:1").sees("Janji dibuat dengan Bu Siti")
    rina.sends_tap("appointments:schedule:1").sees("sudah punya janji")


# --- reminders and afterwards -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("site", "start", "zone"),
    [
        ("samosir", datetime(2026, 11, 26, 2, tzinfo=UTC), "WIB"),
        ("labuan-bajo", datetime(2026, 11, 26, 1, tzinfo=UTC), "WITA"),
        ("jayapura", datetime(2026, 11, 26, 0, tzinfo=UTC), "WIT"),
    ],
)
def test_both_are_reminded_in_the_zone_of_the_site(chat: Chat, site: str, start: datetime, zone: str) -> None:
    rina, siti = mentor(chat, site=site), registered(chat, site=site)
    opened(chat, rina, start, minutes=30)
    booked(chat, siti, "Kam 26 Nov")
    siti.looks_up()
    chat.travel(to=start - timedelta(days=1))
    siti.sees(f"besok, pukul 09.00 {zone}", "Tidak bisa")
    siti.looks_up(), rina.looks_up()
    chat.travel(to=start - timedelta(hours=2))
    siti.sees(f"hari ini, pukul 09.00 {zone}", "Tidak bisa")
    rina.sees("Janji dengan Bu Siti", f"hari ini, pukul 09.00 {zone}", "Belum dijawab")
    siti.looks_up(), rina.looks_up()
    chat.look()
    siti.sees_nothing_new()
    rina.sees_nothing_new()


def test_who_said_they_come_is_asked_no_more(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    opened(chat, rina, local(25, 9), minutes=30)
    booked(chat, siti, "Rab 25 Nov")
    chat.travel(to=local(24, 9))
    siti.sends_tap(*siti.button("Bisa datang", "Bisa?")).sees("sampai jumpa").sees_toast("Sampai jumpa")
    chat.travel(to=local(25, 7))
    siti.sees("Sampai jumpa").does_not_see("Bisa?")
    rina.sees("Bisa datang")


def test_after_it_the_mentor_is_asked_once_and_says_otherwise(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    opened(chat, rina, local(24, 9), minutes=30)
    booked(chat, siti)
    rina.sends_tap("appointments:met:1:yes:1").sees_toast("Belum waktunya")
    chat.travel(to=local(24, 9, 31))
    rina.sees("Sudah bertemu Bu Siti?")
    met, missed = rina.button("Sudah bertemu"), rina.button("Tidak bertemu")
    rina.sends_tap(*met).sees("Sudah bertemu.")
    assert appointment(chat).state == State.MET
    rina.sends_tap(*met).sees_toast("Sudah dicatat")
    siti.looks_up()
    rina.sends_tap(*missed).sees_toast("sudah")
    assert appointment(chat).state == State.MET, "a button of before changes nothing"
    rina.taps("Tidak bertemu").sees("Tidak bertemu.")
    assert appointment(chat).state == State.MISSED
    chat.travel(days=1)
    rina.looks_up()
    chat.travel(days=1)
    rina.sees_nothing_new()


def test_twice_not_met_and_only_a_mentor_books(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    for day in (24, 25, 26):
        opened(chat, rina, local(day, 9), minutes=30)
    for day, label in ((24, "Sel 24 Nov"), (25, "Rab 25 Nov")):
        booked(chat, siti, label)
        chat.travel(to=local(day, 10))
        siti.looks_up()
        rina.taps("Tidak bertemu")
        siti.sees("Kita belum bertemu")
    siti.types("/janji").sees("belum jadi bertemu", "25 Desember 2026")
    siti.taps("Tanya pendamping").sends_tap("appointments:book:3").sees("belum jadi bertemu")
    assert slots(chat) == [("26 01.00", "open")]


def test_times_that_passed_are_gone(chat: Chat) -> None:
    rina = mentor(chat)
    opened(chat, rina, local(24, 9))
    chat.travel(to=local(24, 12))
    assert slots(chat) == []
    with chat.database.transaction() as db:
        assert quarters(db) == 0


# --- calendar ---------------------------------------------------------------------------------------------------------


def test_the_calendar_file_keeps_its_uid_and_counts_up(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    opened(chat, rina, local(25, 9), minutes=60)

    def file(phone: Phone) -> str:
        return phone.last.params["files"]["document"][1].decode()  # type: ignore[no-any-return]

    booked(chat, siti, "Rab 25 Nov, 09.00").taps("Simpan ke kalender")
    first = file(siti)
    assert "UID:appointment-1@jalin" in first
    assert "SEQUENCE:1" in first
    assert "DTSTART;TZID=Asia/Makassar:20261125T090000" in first
    assert "Rina" in first
    siti.types("/janji").taps("Pindah waktu").taps("Rab 25 Nov, 09.30").taps("Simpan ke kalender")
    assert "SEQUENCE:2" in file(siti)
    assert "20261125T093000" in file(siti)
    rina.types("/janji").taps("Rab 25 Nov").taps("Simpan ke kalender")
    assert "Siti" not in file(rina)
    siti.types("/janji").taps("Tidak bisa").taps("Hapus dari kalender")
    assert "METHOD:CANCEL" in file(siti)
    assert "UID:appointment-1@jalin" in file(siti)
    assert "SEQUENCE:3" in file(siti)


# --- people and roles that go -----------------------------------------------------------------------------------------


def ends_role(chat: Chat, who: Phone) -> None:
    with chat.database.transaction() as db:
        account = who.account(db)
        assert account is not None
        grant = db.scalars(select(RoleGrant).where(RoleGrant.account_id == account.id)).one().id
    admin(chat).sends_tap(f"staff:revoked:{grant}")


@pytest.mark.both_databases
@pytest.mark.parametrize("how", ["revoked", "moved", "erased"])
def test_when_a_mentor_goes_people_are_told_and_times_are_freed(chat: Chat, how: str) -> None:
    rina, anton, siti = mentor(chat), mentor(chat, "Anton"), registered(chat)
    opened(chat, rina, local(24, 9))
    opened(chat, anton, local(24, 11), minutes=30)
    booked(chat, siti)
    siti.looks_up()
    if how == "revoked":
        ends_role(chat, rina)
    elif how == "moved":
        admin(chat).sends_tap("staff:moved:1:samosir")
    else:
        with chat.database.transaction() as db:
            from bot.programme import staff_data

            account = rina.account(db)
            assert account is not None
            staff_data.erase(db, account, chat.now, chat.context.capabilities)
        chat.look()
    siti.sees("batal", "tidak lagi mendampingi", "Sel 24 Nov, 11.00")
    assert slots(chat) == [("24 03.00", "open")]
    found = appointment(chat)
    assert (found.state, found.off_by) == (State.OFF, "role")
    siti.taps("Sel 24 Nov, 11.00").sees("Janji dibuat")
    with chat.database.transaction() as db:
        assert quarters(db) == 2


@pytest.mark.both_databases
def test_the_copy_tells_all_of_it_and_erasing_leaves_nothing(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    opened(chat, rina, local(24, 9), minutes=30, kind=Kind.VISIT)
    booked(chat, siti).types("Kampung Ujung 5").types("/data_saya")
    copy = json.loads(siti.last.params["files"]["document"][1])
    (mine,) = copy["janji_pendampingan"]
    assert mine["mulai_janji"] == "2026-11-24T09:00:00+08:00"
    assert (mine["alamat_atau_nomor"], mine["keadaan_janji"], mine["cara_bertemu"]) == (
        "Kampung Ujung 5",
        "booked",
        "visit",
    )
    rina.looks_up()
    siti.types("/hapus_data").sends_tap("privacy:erased")
    rina.sees("batal: pesertanya menghapus datanya").does_not_see("Siti")
    assert slots(chat) == [("24 01.00", "open")]
    found = appointment(chat)
    assert (found.person_id, found.address, found.state, found.off_by) == (None, None, State.OFF, "erased")


def test_freezing_calls_it_off(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    opened(chat, rina, local(24, 9), minutes=30)
    booked(chat, siti)
    with chat.database.transaction() as db:
        from bot.programme import privacy

        privacy.freeze(db, siti.person(db), chat.now, chat.context.capabilities, leave_seats=False)
    chat.look()
    rina.sees("membekukan datanya")
    siti.looks_up()
    chat.travel(to=local(24, 8))
    siti.sees_nothing_new()
    assert slots(chat) == [("24 01.00", "open")]


def test_after_berhenti_a_booked_one_is_still_reminded(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    opened(chat, rina, local(24, 9), minutes=30)
    booked(chat, siti).types("/berhenti")
    chat.travel(to=local(24, 7))
    siti.sees("hari ini, pukul 09.00 WITA")


def test_who_blocked_the_bot_harms_nobody(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    opened(chat, rina, local(24, 9), minutes=30)
    booked(chat, siti).blocks()
    chat.travel(to=local(24, 7))
    rina.sees("Janji dengan Bu Siti")
    chat.travel(to=local(24, 10))
    rina.sees("Sudah bertemu Bu Siti?")


def test_appointments_are_deleted_once_they_were_kept_long_enough(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    opened(chat, rina, local(24, 9), minutes=30)
    booked(chat, siti)
    chat.travel(to=local(24, 10))
    with chat.database.transaction() as db:
        from dataclasses import replace

        appointments.due(db, chat.now + timedelta(days=800), replace(chat.context, clock_is_trusted=True))
        assert db.scalar(select(func.count()).select_from(Appointment)) == 0


# --- forged and shared ------------------------------------------------------------------------------------------------


def test_somebody_elses_appointment_is_nobodys_business(chat: Chat) -> None:
    rina, siti, eve = mentor(chat), registered(chat), registered(chat, "Eva")
    opened(chat, rina, local(24, 9))
    booked(chat, siti)
    for forged in (
        "appointments:coming:1:1", "appointments:not_coming:1:1", "appointments:back:1:1", "appointments:calendar:1",
        "appointments:place:1", "appointments:move:1", "appointments:to:1:2", "appointments:show:1",
        "appointments:met:1:yes:1", "appointments:called_off:1:sick:1", "appointments:move_it:1",
        "appointments:moved_it:1:2:1", "appointments:book:999", "appointments:book:1",
    ):  # fmt: skip
        eve.sends_tap(forged).does_not_see("Siti")
    assert (appointment(chat).state, appointment(chat).revision) == (State.BOOKED, 1)
    tiur = mentor(chat, "Tiur", site="samosir")
    for forged in ("appointments:show:1", "appointments:met:1:yes:1", "appointments:called_off:1:sick:1"):
        tiur.sends_tap(forged).sees("hanya untuk pelatih atau admin").does_not_see("Siti")
    anton = mentor(chat, "Anton").sends_tap("appointments:called_off:1:sick:1").sees("Bu Siti")
    anton.sends_tap("appointments:close:2").sees("hanya untuk pelatih atau admin")
    assert appointment(chat).state == State.BOOKED
    maria = staffed(chat).sends_tap("appointments:called_off:1:weather:1").sees("dibatalkan")  # who leads the site may
    maria.sends_tap("appointments:show:1").sees("Dibatalkan")


def test_two_people_on_one_phone_have_an_appointment_each(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    opened(chat, rina, local(24, 9))
    booked(chat, siti)
    first = siti.button("Tidak bisa")
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        version: Any = chat.content.consent_version("training")  # type: ignore[arg-type]
        yosef = Person(account_id=account.id, name="Yosef", salutation="bapak", site_id=SITE, sector="kriya",
                       registered_at=chat.now, consent_training=True, training_version=version)  # fmt: skip
        db.add(yosef)
        db.flush()
        account.person = yosef
    booked(chat, siti, "Sel 24 Nov, 09.30").sees("Janji dibuat")
    rina.sees("Pak Yosef", "09.30")
    siti.sends_tap(*first).sees_toast("Bu Siti")
    assert (appointment(chat).state, appointment(chat, 2).state) == (State.OFF, State.BOOKED)
    chat.travel(to=local(24, 7, 30))
    siti.sees("hari ini, pukul 09.30")
    assert enrolment is not None
    assert Account is not None

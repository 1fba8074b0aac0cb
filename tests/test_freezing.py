"""/bekukan: no messages, no counts; one tap undoes it."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from bot.delivery import outbox
from bot.delivery.outbox import OutboxRow
from bot.people.people import Role, number_registered
from bot.people.quiet_hours import REACHES_FROZEN, Kind
from bot.programme import mentoring, reports
from bot.programme.enrolment import Enrolment
from bot.words.message import Message
from tests.chat import Chat, Phone, enrolled, registered, staffed
from tests.databases import by_turns
from tests.test_rights import ADMIN, admin


@pytest.fixture
def admins() -> tuple[int, ...]:
    return (ADMIN,)


def frozen(phone: Phone) -> Phone:
    return phone.types("/bekukan").taps("Ya, bekukan").sees("dibekukan sejak")


def test_it_asks_first_and_one_tap_undoes_it(chat: Chat) -> None:
    siti = registered(chat).types("/bekukan").sees("Bekukan data Bu Siti?", "Datanya tetap ada")
    siti.taps("Jangan bekukan")
    with chat.database.transaction() as db:
        assert siti.person(db).frozen_at is None
    frozen(siti).types("/menu").sees("sedang dibekukan").does_not_see("Pilih kelas")
    siti.taps("Aktifkan lagi").sees("aktif lagi").types("/menu").sees("Pilih kelas")
    siti.sends_tap("privacy:unfreeze").sees_toast("tidak dibekukan")


@by_turns("kind", list(Kind))
def test_of_what_would_be_sent_only_what_may_is(chat: Chat, kind: Kind) -> None:
    siti = frozen(registered(chat))
    siti.looks_up()
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        person = siti.person(db)
        outbox.post(db, outbox.to(account, Message("menu.cancelled"), kind=kind, person_id=person.id), now=chat.now)
    chat.look()
    assert bool(siti.new) == (kind in REACHES_FROZEN)


def test_who_keeps_a_seat_still_hears_that_the_class_is_cancelled_and_gets_no_reminder(chat: Chat) -> None:
    session = chat.add_class()
    siti = enrolled(chat, session=session)
    boss = admin(chat)
    siti.types("/bekukan").sees("Masih ada kursi", "Foto Produk").taps("Bekukan, simpan kursi").looks_up()
    chat.travel(days=2, hours=1)
    siti.sees_nothing_new()
    boss.sends_tap(f"sessions:cancel:{session}")
    boss.taps("Ya, batalkan")
    siti.sees("Foto Produk")


def test_a_seat_can_be_given_back_with_it(chat: Chat) -> None:
    session = chat.add_class()
    siti = enrolled(chat, session=session).types("/bekukan").taps("Bekukan, lepas kursi").sees("dibekukan sejak")
    with chat.database.transaction() as db:
        person = siti.person(db)
        rows = db.scalars(select(Enrolment).where(Enrolment.person_id == person.id)).all()
        assert [one.status for one in rows] == ["withdrawn"]


def test_a_button_of_other_seats_asks_again(chat: Chat) -> None:
    siti = registered(chat).types("/bekukan")
    carried, _ = siti.button("Ya, bekukan")
    siti.sends_tap(f"enrolment:take:{chat.add_class()}")
    siti.sends_tap(carried).sees("Masih ada kursi")
    with chat.database.transaction() as db:
        assert siti.person(db).frozen_at is None


def test_it_is_about_the_person_of_the_button_alone(chat: Chat) -> None:
    siti, budi = frozen(registered(chat)), registered(chat, "Budi")
    budi.types("/menu").sees("Pilih kelas")
    with chat.database.transaction() as db:
        assert budi.person(db).frozen_at is None
        assert siti.person(db).frozen_at is not None


def test_no_count_has_them(chat: Chat) -> None:
    siti = registered(chat)
    for lesson in ("M01L1", "M01L2"):
        siti.sends_tap(f"lessons:finish:{lesson}")

    def counted() -> tuple[int, list[object]]:
        with chat.database.transaction() as db:
            found = reports.report(db, ["labuan-bajo"], chat.now, days=0).sites
            return number_registered(db), [(one.learners, one.lessons) for one in found]

    chat.travel(minutes=1)
    before = counted()
    assert before[0] == 1
    assert before[1] == [(1, 2)]
    frozen(siti)
    assert counted() == (0, [])
    siti.taps("Aktifkan lagi")
    assert counted() == before


def test_an_announcement_does_not_reach_them(chat: Chat) -> None:
    maria, siti = staffed(chat, "Maria"), frozen(registered(chat))
    registered(chat, "Budi")
    siti.looks_up()
    maria.types("/pengumuman").taps("Semua peserta saya").types("Besok bawa produk").taps("Kirim sekarang")
    chat.look()
    siti.sees_nothing_new()


def test_an_open_question_ends_and_the_mentor_is_told_why(chat: Chat) -> None:
    rina = staffed(chat, "Rina", role=Role.MENTOR)
    siti = registered(chat).types("/tanya").types("Bagaimana memotret keripik?")
    rina.taps("Ambil").looks_up()
    frozen(siti)
    rina.sees("Peserta membekukan datanya").does_not_see("keripik")
    with chat.database.transaction() as db:
        assert [one.state for one in db.scalars(select(mentoring.Ticket))] == ["closed"]


def test_the_copy_tells_since_when(chat: Chat) -> None:
    siti = frozen(registered(chat)).types("/data_saya")
    copy = json.loads(siti.last.params["files"]["document"][1])
    assert copy["profil"]["dibekukan_pada"].startswith("2026-11-23T10:00")
    with chat.database.transaction() as db:
        assert db.scalars(select(OutboxRow.reason).where(OutboxRow.reason == "frozen")).all() == []


def test_a_stranger_and_staff_without_a_person_are_answered(chat: Chat) -> None:
    chat.phone("Budi").types("/bekukan").sees("Bantuan")
    staffed(chat, "Maria").types("/bekukan").sees("Hapus data")

"""A breach of data: everybody touched is told within the time that the law gives, in words that were shown before."""

from __future__ import annotations

import io

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from bot.delivery.outbox import OutboxRow
from bot.people.audit import AuditRow
from bot.people.people import Person
from bot.programme.incidents import Incident
from tests.chat import Chat, Phone, registered, staffed
from tests.test_rights import ADMIN, admin

WHAT = "Nama dan lokasi, Senin pagi, dari laptop yang hilang."
DONE = "Laptop dikunci dari jauh, kata sandi diganti."


@pytest.fixture
def admins() -> tuple[int, ...]:
    return (ADMIN,)


def written(chat: Chat, *, site: str = "Semua lokasi") -> Phone:
    """An admin who has the notice before them, unsent."""
    boss = admin(chat).types("/insiden").sees("3 x 24 jam").taps(site).sees("Sejak kapan").taps("3 jam lalu")
    return boss.sees("Data apa yang bocor").types(WHAT).sees("Apa yang sudah").types(DONE)


def test_everybody_touched_is_told_stopped_and_frozen_too(chat: Chat) -> None:
    siti, budi = registered(chat), registered(chat, "Budi").types("/berhenti")
    yosef = registered(chat, "Yosef").types("/bekukan").taps("Ya, bekukan")
    boss = written(chat)
    boss.sees("3 orang lewat chat", "laptop yang hilang", "Kamis, 26 November 2026 pukul 06.00 WIB")
    for phone in (siti, budi, yosef):
        phone.looks_up()
    boss.taps("Kirim ke 3 orang").sees("dikirim ke 3 orang", "Lihat surat")
    for phone, name in ((siti, "Siti"), (budi, "Budi"), (yosef, "Yosef")):
        phone.sees(f"Mohon dibaca, Bu {name}", "laptop yang hilang", "Laptop dikunci", "0800-0000-000")
    boss.taps("Lihat surat").sees("Pasal 46", "Jumlah orang: 3")


def test_only_the_people_of_a_site_and_in_its_open_hours(chat: Chat) -> None:
    siti, far = registered(chat), registered(chat, "Rina", "samosir")
    boss = written(chat, site="Samosir")
    chat.travel(hours=12)
    siti.looks_up()
    far.looks_up()
    boss.taps("Kirim ke 1 orang")
    far.sees_nothing_new()
    chat.travel(hours=12)
    far.sees("Mohon dibaca")
    siti.sees_nothing_new()


def test_a_second_tap_or_a_button_of_other_words_sends_nothing(chat: Chat) -> None:
    siti = registered(chat)
    boss = written(chat)
    old, _ = boss.button("Kirim ke 1 orang")
    boss.taps("Tulis pemberitahuan").types("Hanya nama, Senin pagi.").types(DONE)
    siti.looks_up()
    boss.sends_tap(old).sees("Hanya nama, Senin pagi")
    siti.sees_nothing_new()
    new, _ = boss.button("Kirim ke 1 orang")
    boss.sends_tap(new)
    siti.sees("Hanya nama").looks_up()
    boss.sends_tap(new).sees("sudah dikirim")
    siti.sees_nothing_new()


def test_who_has_no_chat_stands_in_the_list(chat: Chat) -> None:
    registered(chat)
    with chat.database.transaction() as db:
        db.add(Person(name="Markus", salutation="bapak", site_id="labuan-bajo", phone="081200000000",
                      registered_at=chat.now, consent_training=True))  # fmt: skip
    boss = written(chat).sees("1 orang tanpa chat")
    boss.taps("Unduh daftar")
    book = CalamineWorkbook.from_filelike(io.BytesIO(boss.last.params["files"]["document"][1]))
    rows = book.get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[1:]] == ["Bu Siti", "Pak Markus"]
    assert rows[2][3] == "tidak, hubungi langsung"
    with chat.database.transaction() as db:
        assert not [row for row in db.scalars(select(OutboxRow)) if row.message and "0812" in str(row.message)]


def test_the_admins_are_reminded_until_it_is_sent_and_after_a_downtime_once(chat: Chat) -> None:
    registered(chat)
    boss = written(chat)  # known three hours before
    boss.looks_up()
    chat.travel(hours=20, minutes=59)
    boss.sees_nothing_new()
    chat.travel(minutes=1)
    boss.sees("belum dikirim", "Kamis, 26 November 2026 pukul 06.00 WIB")
    boss.looks_up()
    chat.app.clock.move_to(chat.now.replace(day=chat.now.day + 2))
    chat.look()
    assert len(boss.new) == 1
    boss.types("/insiden").taps("Kirim ke 1 orang").looks_up()
    chat.travel(days=3)
    boss.sees_nothing_new()


def test_what_was_no_breach_is_told_to_nobody(chat: Chat) -> None:
    siti = registered(chat)
    boss = written(chat)
    siti.looks_up()
    send, _ = boss.button("Kirim ke 1 orang")
    boss.taps("Bukan kebocoran").taps("Ya, bukan").sees("bukan kebocoran data")
    boss.sends_tap(send).sees("sudah selesai")
    chat.travel(days=4)
    siti.sees_nothing_new()
    with chat.database.transaction() as db:
        assert [row.action for row in db.scalars(select(AuditRow).order_by(AuditRow.id))] == [
            "incident_opened", "incident_dropped"
        ]  # fmt: skip


def test_it_is_for_admins_and_one_at_a_time(chat: Chat) -> None:
    staffed(chat, "Maria").types("/insiden").sees("hanya untuk pelatih atau admin")
    boss = written(chat)
    boss.sends_tap("incidents:open:samosir:0").sees("semua lokasi")
    with chat.database.transaction() as db:
        assert len(db.scalars(select(Incident)).all()) == 1


def test_too_many_words_are_told_and_asked_for_again(chat: Chat) -> None:
    boss = admin(chat).types("/insiden").taps("Semua lokasi").taps("Baru diketahui")
    boss.types("a" * 501).sees("Paling banyak 500 huruf", "Data apa yang bocor").types(WHAT).taps("Lanjutkan nanti")
    boss.sees("Belum ada yang dikirim").types("/insiden").sees("belum ditulis")

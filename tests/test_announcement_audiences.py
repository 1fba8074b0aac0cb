"""Whom an announcement is for: who takes part in a class, who came, who did not; and who was not reached, by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.people.people import DIVIDED, Account, Consent, Person, Purpose, record_consent
from bot.programme.attendance import Mark
from bot.programme.attendance.tables import Attendance
from tests.chat import Chat, Phone, enrolled, registered, staffed
from tests.test_broadcasts import announced, copies, drafted, newest
from tests.test_call_list import blocked
from tests.test_rights import ADMIN, admin


@pytest.fixture
def admins() -> tuple[int, ...]:
    return (ADMIN,)


def in_class(chat: Chat, name: str, session: int, *, reminders: bool | None) -> Phone:
    return registered(chat, name, reminders=reminders).sends_tap(f"enrolment:take:{session}")


def agreed_to_older_notice(chat: Chat, phone: Phone) -> None:
    with chat.database.transaction() as db:
        person = phone.person(db)
        db.execute(update(Consent).where(Consent.person_id == person.id).values(text_version="1"))
        db.execute(update(Person).where(Person.id == person.id).values(training_version="1"))


def marked(chat: Chat, session: int, *marks: tuple[Phone, Mark]) -> None:
    with chat.database.transaction() as db:
        for phone, mark in marks:
            person = phone.person(db)
            db.add(Attendance(session_id=session, person_id=person.id, mark=mark, how="trainer", at=chat.now))


def test_who_holds_a_seat_hears_of_the_class_before_being_asked_about_reminders(chat: Chat) -> None:
    session = chat.add_class(capacity=5)
    yes, silent, no = (in_class(chat, name, session, reminders=one) for name, one in
                       (("Siti", True), ("Anton", None), ("Rina", False)))  # fmt: skip
    older = in_class(chat, "Wati", session, reminders=None)
    agreed_to_older_notice(chat, older)
    stopped = in_class(chat, "Tono", session, reminders=None).types("/berhenti")
    maria = staffed(chat, "Maria")
    drafted(maria, "Pindah ke Aula.", to=f"class:{session}").sees("Akan dikirim ke 2 orang", "Tidak menerima: 3 orang")
    maria.taps("Kirim sekarang").sees("mulai dikirim ke 2 orang", "Lihat nama")
    assert [len(copies(phone, "Aula")) for phone in (yes, silent, no, older, stopped)] == [1, 1, 0, 0, 0]
    maria.taps("Lihat nama").sees("Bu Rina: belum setuju", "Bu Tono: menghentikan pesan", "Bu Wati: belum setuju")
    maria.does_not_see("Anton")
    # the class alone: not the site, not its waiting list
    drafted(maria, "Untuk lokasi.").sees("Akan dikirim ke 1 orang").taps("Kirim sekarang")
    assert [len(copies(phone, "lokasi")) for phone in (yes, silent)] == [1, 0]
    waiting = chat.add_class("LB-2", title="Penuh", capacity=1)
    enrolled(chat, "Ani", session=waiting)
    in_class(chat, "Budi", waiting, reminders=None)
    drafted(maria, "Sabar ya.", to=f"waitlist:{waiting}").sees("Belum ada yang bisa menerima", "Lihat nama")
    # together with another audience each person counts by the one that reaches them
    drafted(maria, "Untuk semua.", to=f"class:{session}").taps("Tambah penerima").taps("Semua peserta saya")
    maria.sees("Akan dikirim ke 3 orang")


def test_a_correction_reaches_who_got_the_original_and_nobody_else(chat: Chat) -> None:
    session = chat.add_class()
    silent = in_class(chat, "Anton", session, reminders=None)
    later = in_class(chat, "Rina", session, reminders=None)
    maria = staffed(chat, "Maria")
    announced(chat, maria, "Salah jam.", to=f"class:{session}")
    in_class(chat, "Wati", session, reminders=True)
    with chat.database.transaction() as db:
        record_consent(
            db, later.person(db), Purpose.REMINDERS, given=False, text_version="1", language="id", now=chat.now
        )
    maria.sends_tap("broadcasts:correct:1").types("Benar.").sees("Diubah di tempat: 2").taps("Perbaiki sekarang")
    chat.travel(seconds=10)
    assert [len(copies(phone, "Benar.")) for phone in (silent, later)] == [1, 0]
    assert not any("Benar." in bubble.text for bubble in chat.telegram.chats[later.id])


def test_who_came_and_who_did_not(chat: Chat) -> None:
    session = chat.add_class(starts=chat.now + timedelta(hours=2), capacity=9)
    came, absent, nothing, claims = (enrolled(chat, name, session=session) for name in ("Siti", "Anton", "Rina", "Ani"))
    maria = staffed(chat, "Maria").types("/pengumuman").taps("Sebagian peserta kelas").taps("Yang datang")
    maria.sees("Belum ada kelas yang sudah berjalan")
    chat.travel(hours=6)
    marked(chat, session, (came, Mark.PRESENT), (absent, Mark.ABSENT), (claims, Mark.CLAIMED))
    for label, kind, heard in (
        ("Yang datang", "Yang datang di kelas", came),
        ("Yang tidak", "Yang tidak datang", absent),
    ):
        text = f"Untuk {label}"
        maria.types("/pengumuman").taps("Sebagian peserta kelas").taps(label).taps("Foto Produk").types(text)
        maria.sees(kind, "Akan dikirim ke 1 orang", "Kehadiran 2 orang belum dicatat").taps("Kirim sekarang")
        assert [phone for phone in (came, absent, nothing, claims) if copies(phone, text)] == [heard]
        assert kind not in heard.last.text, "nobody reads which part of the class they are"
    chat.travel(days=20)
    maria.types("/pengumuman").taps("Sebagian peserta kelas").taps("Yang datang").sees("Foto Produk")
    maria.types("/pengumuman").taps("Satu kelas").sees("Belum ada kelas di lokasi ini")


def test_classes_to_come_stand_first_and_those_begun_last(chat: Chat) -> None:
    old = [chat.add_class(f"LB-{day}", title=f"Lalu {day}", starts=chat.now + timedelta(days=day)) for day in (1, 2)]
    chat.travel(days=3)
    chat.add_class("LB-9", title="Nanti", starts=chat.now + timedelta(days=1))
    maria = staffed(chat, "Maria").types("/pengumuman").taps("Satu kelas")
    assert [label.split("· ")[1] for label in maria.last.labels[:3]] == ["Nanti", "Lalu 2", "Lalu 1"]
    maria.types("/pengumuman").taps("Sebagian peserta kelas").taps("Daftar tunggu")
    assert maria.last.labels[0].endswith("· Nanti")
    maria.does_not_see("Lalu")
    assert len(old) == 2


def test_whom_it_would_miss_and_whom_it_missed_stands_by_name(chat: Chat) -> None:
    siti, anton = registered(chat, "Siti"), registered(chat, "Anton", reminders=False)
    rina = registered(chat, "Rina")
    with chat.database.transaction() as db:
        anton.person(db).phone = "+6281234567890"
    frozen = registered(chat, "Fani")
    with chat.database.transaction() as db:
        frozen.person(db).frozen_at = chat.now
        frozen.person(db).phone = "+6281234567891"
    maria, far = staffed(chat, "Maria"), staffed(chat, "Frans", site="jayapura")
    drafted(maria, "Bawa <b> produk.").sees("Tidak menerima: 2 orang").taps("Lihat nama")
    maria.sees("tidak akan sampai ke 2 orang", "1. Bu Anton, 0812-3456-7890: belum setuju", "2. Bu Fani: ")
    share = next(button["url"] for row in maria.last.buttons for button in row if "url" in button)
    assert share.startswith("https://wa.me/6281234567890?text=Pengumuman%20dari%20kelas%20Jalin")
    assert "Bawa%20%3Cb%3E%20produk" in share
    assert "6281234567891" not in str(maria.last.buttons)
    maria.taps("Kembali").sees("Akan dikirim ke 2 orang").taps("Kirim sekarang").sees("Lihat nama")
    blocked(chat, rina)
    chat.travel(seconds=4)
    registered(chat, "Baru")
    maria.sends_tap("broadcasts:missed:1").sees("belum sampai ke 2 orang", "Bu Anton").does_not_see(
        "Bu Baru", "Bu Siti"
    )
    for phone in (far, siti):
        phone.sends_tap("broadcasts:missed:1").sees("hanya untuk pelatih atau admin")
    staffed(chat, "Yosef").sends_tap("broadcasts:missed:1").sees("belum sampai ke 2 orang")
    for number in range(9):
        registered(chat, f"Peserta {number}", reminders=False)
    drafted(maria, "Lagi.").taps("Lihat nama").sees("sampai ke 12 orang", "5. ").does_not_see("6. ")
    maria.taps("Berikutnya").sees("6. ").sends_tap(f"broadcasts:missed:{newest(chat).id}:99").sees("1. Bu Anton,")
    with chat.database.transaction() as db:
        db.execute(update(Account).values(stopped_at=None, blocked_at=None))
        for person in db.scalars(select(Person)):
            person.frozen_at = None
            for purpose in DIVIDED:
                record_consent(db, person, purpose, given=True, text_version="1", language="id", now=chat.now)
    drafted(maria, "Semua.").does_not_see("Lihat nama").taps("Kirim sekarang")
    maria.sends_tap(f"broadcasts:missed:{newest(chat).id}").sees("belum sampai ke 1 orang", "1. Bu Rina: memblokir bot")
    chat.telegram.blocked.clear()
    with chat.database.transaction() as db:
        db.execute(update(Account).values(blocked_at=None))
    drafted(maria, "Semua lagi.").taps("Kirim sekarang")
    maria.sends_tap(f"broadcasts:missed:{newest(chat).id}").sees("Tidak ada yang terlewat")


def test_the_evening_before_a_trainer_reads_who_can_send_at_once(chat: Chat) -> None:
    session = chat.add_class(starts=datetime(2026, 11, 24, 0, 30, tzinfo=UTC))
    enrolled(chat, session=session)
    chat.travel(to=datetime(2026, 11, 23, 13, 0, tzinfo=UTC))
    drafted(staffed(chat, "Maria"), to=f"class:{session}").sees("di luar jam kirim", "Minta admin menandai mendesak")
    drafted(admin(chat), to=f"class:{session}").sees("Tandai mendesak").does_not_see("Minta admin")

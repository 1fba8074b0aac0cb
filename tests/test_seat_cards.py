"""What who has a seat sees of the class: before it, on its day, during it and after it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from bot.programme.enrolment import Enrolment
from tests.chat import Chat, enrolled, registered, staffed


def test_before_its_day_it_can_be_changed_and_given_back(chat: Chat) -> None:
    siti = enrolled(chat, session=chat.add_class()).types("/jadwal").taps("✅ ")
    siti.sees("sudah dapat kursi", "Puncak Waringin")
    assert "Saya terlambat" not in siti.last.labels
    assert "Catat hadir" not in siti.last.labels
    assert len(siti.last.labels) <= 6


def test_on_the_day_place_map_check_in_and_being_late_are_one_tap_away(chat: Chat) -> None:
    session = chat.add_class(starts=chat.now + timedelta(hours=3))
    siti = enrolled(chat, session=session).types("/jadwal").sees("Catat hadir").taps("✅ ")
    siti.sees("Puncak Waringin", "Sampai jumpa di kelas, Bu Siti")
    assert siti.last.labels[:3] == ["Lihat peta", "Catat hadir", "Saya terlambat"]
    assert siti.last.labels[3:] == ["Batal ikut", "Tanya pelatih", "Lihat jadwal"]
    siti.taps("Saya terlambat").sees("Pelatih bisa melihat", "Kursinya tetap")
    staffed(chat).sends_tap(f"roster:list:{session}").sees("datang terlambat")
    siti.types("/jadwal").taps("✅ ").taps("Bisa tepat waktu").sees("Sampai jumpa")
    siti.types("/jadwal").taps("✅ ").taps("Lihat peta")
    assert siti.last.method == "sendVenue"


def test_during_the_class_who_is_late_or_lost_finds_the_way_in(chat: Chat) -> None:
    session = chat.add_class(starts=chat.now + timedelta(hours=3))
    siti, budi = enrolled(chat, session=session), registered(chat, "Budi")
    chat.travel(hours=3, minutes=5)
    siti.types("/jadwal").taps("✅ ").sees("Puncak Waringin", "sudah mulai", "silakan masuk")
    siti.does_not_see("ditutup")
    assert siti.last.labels == [
        "Lihat peta",
        "Catat hadir",
        "Saya terlambat",
        "Lihat jadwal",
        "Tanya pelatih",
        "Bantuan",
    ]
    siti.taps("Saya terlambat").sees("Pelatih bisa melihat")
    siti.sends_tap(f"enrolment:show:{session}").taps("Catat hadir").sees("empat huruf")
    budi.sends_tap(f"enrolment:show:{session}").sees("pendaftarannya ditutup").does_not_see("Saya terlambat")


def test_who_is_there_is_not_asked_whether_they_are_late(chat: Chat) -> None:
    session = chat.add_class(starts=chat.now + timedelta(hours=3))
    siti = enrolled(chat, session=session)
    chat.travel(hours=3)
    staffed(chat).sends_tap(f"attendance:names:{session}").taps("1. Bu Siti")
    siti.types("/jadwal").taps("✅ ").sees("Kehadiran sudah dicatat").does_not_see("Saya terlambat")


def test_after_the_class_it_is_told_how_often_they_came(chat: Chat) -> None:
    first = chat.add_class(starts=chat.now + timedelta(hours=3))
    second = chat.add_class("LB-2", title="Atur Uang", starts=chat.now + timedelta(hours=6))
    siti = enrolled(chat, session=first)
    siti.sends_tap(f"enrolment:take:{second}")
    chat.travel(hours=3)
    staffed(chat).sends_tap(f"attendance:names:{first}").taps("1. Bu Siti")
    chat.travel(hours=6)
    with chat.database.transaction() as db:
        db.execute(update(Enrolment).where(Enrolment.session_id == second).values(status="absent"))
    siti.types("/jadwal").sees("Belum ada kelas berikutnya", "Sudah hadir 1 dari 2 kelas", "Kelas yang selesai")
    siti.taps("Kelas yang selesai").sees("Foto Produk", "hadir", "Atur Uang", "tidak hadir")
    siti.sends_tap(f"enrolment:show:{first}").sees("sudah selesai", "Kehadiran sudah dicatat").does_not_see("ditutup")

"""A trainer's classes: create, copy, move, larger and smaller, cancel, and import from a table, all in the chat."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from bot.class_import import headings
from bot.class_import.headings import COLUMNS
from bot.class_import.table_files import MAX_FILE_BYTES
from bot.delivery.background_jobs import JobRow
from bot.people.audit import AuditRow
from bot.people.people import Person, Role
from bot.programme import class_changes
from bot.programme.enrolment import Enrolment, EnrolmentStatus
from bot.programme.sessions import ClassSession
from bot.telegram.http import NotReached
from tests.chat import Chat, Phone, enrolled, local, registered, staffed
from tests.databases import by_turns


def classes(chat: Chat) -> list[ClassSession]:
    with chat.database.transaction() as db:
        return list(db.scalars(select(ClassSession).order_by(ClassSession.id)))


def statuses(chat: Chat, session: int) -> dict[str, tuple[str, int | None]]:
    with chat.database.transaction() as db:
        query = (
            select(Person.name, Enrolment.status, Enrolment.queue_no)
            .join(Enrolment)
            .where(Enrolment.session_id == session)
        )
        return {name: (status, queue_no) for name, status, queue_no in db.execute(query)}


def notes(chat: Chat) -> list[tuple[str, str]]:
    with chat.database.transaction() as db:
        return [(row.action, row.subject) for row in db.scalars(select(AuditRow).order_by(AuditRow.id))]


# --- creating -------------------------------------------------------------------------------------------------------


def test_a_class_is_made_question_by_question_and_repeated_back(chat: Chat, maria: Phone) -> None:
    maria.types("/sesi").sees("Belum ada kelas").taps("Buat kelas").sees("judul kelasnya").types("Foto Produk")
    maria.sees("Kapan kelasnya mulai?", "Sel 24 Nov, 09.00").types("jum'at jam 2 siang").sees("Berapa lama")
    maria.types("90 apel").sees("Lamanya belum terbaca")
    maria.types("dua jam").sees("Berapa kursi").taps("15 kursi").sees("Di mana tempatnya").types("Puncak Waringin")
    maria.sees("tanda klip").shares_location(-8.4968, 119.8787)
    maria.sees("Simpan kelas ini?", "Jumat, 27 November 2026 pukul 14.00 WITA", "2 jam", "15 kursi", "Labuan Bajo")
    assert classes(chat) == []
    maria.taps("Simpan").sees("Kelas sudah dibuat", "Jumat, 27 November 2026 pukul 14.00 WITA")
    (made,) = classes(chat)
    assert (made.title, made.starts_at, made.minutes, made.capacity) == ("Foto Produk", local(27, 14), 120, 15)
    assert (made.site_id, made.venue, made.latitude, made.code) == (
        "labuan-bajo", "Puncak Waringin", -8.4968, "labuan-bajo-261127",
    )  # fmt: skip
    assert made.trainer == "Maria"
    assert notes(chat) == [("session_created", f"session:{made.id}")]
    registered(chat).types("/kelas").taps("Foto Produk").sees("Sisa 15 kursi")


def test_answers_that_cannot_be_read_are_asked_again(chat: Chat, maria: Phone) -> None:
    maria.types("/sesi").taps("Buat kelas").types("=2+2").sees("Judulnya belum bisa").types("x" * 200).sees("120 huruf")
    maria.types("Foto").types("kapan-kapan").sees("Waktunya belum terbaca").types("hari ini 8").sees("sudah lewat")
    maria.types("besok 9").types("sebentar").sees("Lamanya belum terbaca").types("5").sees("15 sampai 1.440")
    maria.types("90").types("banyak").sees("Tulis angka 1 sampai 500").types("0").sees("Tulis angka").types("12")
    maria.types("-").sees("Tempatnya belum bisa").types("Balai Desa").types("di mana?").sees("Tanpa peta")
    maria.shares_location(52.5, 13.4).sees("Lokasinya belum terbaca").taps("Tanpa peta")
    maria.sees("Selasa, 24 November 2026 pukul 09.00 WITA", "1 jam 30 menit", "12 kursi").taps("Simpan")
    assert classes(chat)[0].latitude is None


def test_a_trainer_of_several_sites_picks_one_in_its_own_zone(chat: Chat) -> None:
    dewi = staffed(chat, "Dewi", role=Role.ADMIN, site=None)
    dewi.types("/sesi").taps("Buat kelas").sees("lokasi mana").types("jayapura").types("Toko").types("besok 9")
    dewi.taps("1 jam").taps("20 kursi").types("Balai").taps("Tanpa peta").sees("pukul 09.00 WIT").taps("Simpan")
    assert classes(chat)[0].starts_at == datetime(2026, 11, 24, 0, 0, tzinfo=UTC)


def test_a_forged_site_is_refused(chat: Chat) -> None:
    two = staffed(chat, "Maria", site="samosir")
    two.types("/sesi").taps("Buat kelas").sends_tap("sessions:at:jayapura").sees_toast("Tombol ini sudah")
    two.types("/batal").sees("tidak ada yang diubah")
    assert classes(chat) == []


def test_every_question_has_a_way_back_and_out(chat: Chat, maria: Phone) -> None:
    maria.types("/sesi").taps("Buat kelas").types("Foto").types("besok 9").sees(
        "Berapa lama", "Kembali", "Berhenti mengisi"
    )
    maria.taps("Kembali").sees("Kapan kelasnya").taps("Kembali").sees("judul kelasnya").taps("Kembali")
    maria.sees("tidak ada yang diubah").types("/menu").sees("menu pelatih")
    maria.types("/sesi").taps("Buat kelas").taps("Berhenti mengisi").sees("tidak ada yang diubah")
    maria.types("/sesi").taps("Buat kelas").types("Foto").types("/bantuan").sees("Lanjutkan").taps("Lanjutkan")
    maria.sees("Kapan kelasnya")
    chat.restart()
    maria.types("besok 9").sees("Berapa lama").types("/batal").sees("tidak ada yang diubah")
    assert classes(chat) == []


def test_where_the_last_class_was_is_offered_with_its_pin(chat: Chat, maria: Phone) -> None:
    chat.add_class()
    maria.types("/sesi").taps("Buat kelas").types("Foto").taps("Sel 24 Nov, 13.00").taps("2 jam").taps("20 kursi")
    maria.taps("Puncak Waringin").sees("Simpan kelas ini?").taps("Simpan")
    made = classes(chat)[-1]
    assert (made.venue, made.latitude, made.starts_at) == ("Puncak Waringin", -8.5, local(24, 13))


def test_saving_twice_makes_one_class(chat: Chat, maria: Phone) -> None:
    maria.types("/sesi").taps("Buat kelas").types("Foto").types("besok 9").taps("2 jam").taps("20 kursi")
    maria.types("Balai").taps("Tanpa peta")
    maria.sends_tap("sessions:confirm").sends_tap("sessions:confirm").sees_toast("Tombol ini sudah")
    assert len(classes(chat)) == 1


def test_a_moment_that_passes_while_it_is_confirmed_is_asked_again(chat: Chat, maria: Phone) -> None:
    maria.types("/sesi").taps("Buat kelas").types("Foto").types("hari ini 11").taps("2 jam").taps("20 kursi")
    maria.types("Balai").taps("Tanpa peta")
    chat.travel(hours=2)
    maria.taps("Simpan").sees("sudah lewat").types("besok 9").taps("Simpan").sees("Kelas sudah dibuat")


def test_codes_stay_different(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    for button in ("Simpan", "Tetap simpan"):
        maria.sends_tap(f"sessions:copy:{session}").types("4 des 9").taps(button)
    assert [one.code for one in classes(chat)] == ["LB-1", "labuan-bajo-261204", "labuan-bajo-261204-2"]


# --- copying, moving ------------------------------------------------------------------------------------------------


def test_next_week_again(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9), capacity=7, minutes=150)
    enrolled(chat, "Siti", session=session)
    maria.types("/sesi").taps("Foto Produk").taps("Salin kelas").taps("Minggu depan: Kam 3 Des, 09.00")
    maria.sees("Simpan kelas ini?", "Kamis, 3 Desember 2026 pukul 09.00 WITA", "7 kursi").taps("Simpan")
    first, second = classes(chat)
    assert second.starts_at == first.starts_at + timedelta(weeks=1)
    assert (second.title, second.minutes, second.capacity, second.seats_taken) == ("Foto Produk", 150, 7, 0)
    assert notes(chat)[-1] == ("session_copied", f"session:{second.id}")


@by_turns(
    "text,seen",
    [
        ("Minggu depan lagi", "Kamis, 3 Desember 2026 pukul 09.30 WITA"),
        ("jumat", "Jumat, 27 November 2026 pukul 09.30 WITA"),
        ("4 des", "Jumat, 4 Desember 2026 pukul 09.30 WITA"),
        ("4 des jam 1 siang", "Jumat, 4 Desember 2026 pukul 13.00 WITA"),
    ],
)
def test_a_day_alone_keeps_the_hour_of_the_class(chat: Chat, maria: Phone, text: str, seen: str) -> None:
    session = chat.add_class(starts=local(26, 9) + timedelta(minutes=30))
    for wanted, question in (("copy", "Simpan kelas ini?"), ("move", "Pindahkan kelas Foto Produk?")):
        maria.sends_tap(f"sessions:{wanted}:{session}").types(text).sees(question, seen)
    maria.types("/sesi").taps("Buat kelas").types("Foto Malam").types("jumat")
    maria.sees("Untuk Jumat, 27 November, jam berapa?")


def test_the_card_of_a_class_leads_to_all_that_is_done_with_it(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    enrolled(chat, "Siti", session=session)
    for button, seen in (
        ("Lihat peserta", "Bu Siti"),
        ("Catat kehadiran", "1 orang terdaftar"),
        ("Kirim pengumuman", "Kelas Foto Produk, Kam 26 Nov, 09.00"),
        ("Salin kelas", "Kapan kelasnya mulai?"),
        ("Ubah kelas", "Ganti waktu"),
    ):
        maria.types("/sesi").taps("Foto Produk").sees("Terisi 1 dari 20").taps(button).sees(seen)
        assert max(len(bubble.labels) for bubble in maria.bubbles) <= 8, "six, and the ways to the menu and to help"


def test_an_old_class_is_copied_to_the_future(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(23, 11))
    chat.travel(to=local(23, 20))
    maria.types("/sesi").taps("Foto Produk").does_not_see("Ubah kelas")
    maria.sends_tap(f"sessions:copy:{session}").sees("Sel 24 Nov, 11.00", "Minggu depan: Sen 30 Nov, 11.00").taps(
        "Minggu depan"
    )
    maria.taps("Simpan").sees("Senin, 30 November 2026 pukul 11.00 WITA")
    maria.sends_tap(f"sessions:move:{session}").sees("sudah tidak bisa diubah")


def test_moving_says_whom_it_touches_and_tells_them(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9), capacity=2)
    siti, anton = enrolled(chat, "Siti", session=session), enrolled(chat, "Anton", session=session)
    rina = enrolled(chat, "Rina", session=session)
    anton.types("/berhenti")
    maria.types("/sesi").taps("Foto Produk").sees("Terisi 2 dari 2", "daftar tunggu 1").taps("Ubah kelas").taps(
        "Ganti waktu"
    )
    for phone in (siti, anton, rina):
        phone.looks_up()
    maria.types("jumat 15.00").sees("Semula Kam 26 Nov, 09.00", "Jumat, 27 November 2026 pukul 15.00 WITA")
    maria.sees("Punya kursi: 2 orang", "Daftar tunggu: 1 orang", "akan dikabari: 3 orang")
    siti.sees_nothing_new()
    maria.taps("Simpan").sees("Sudah diubah", "3 orang dikabari")
    siti.sees("waktu kelas Foto Produk berubah", "Jumat, 27 November 2026 pukul 15.00 WITA")
    anton.sees("waktu kelas Foto Produk berubah")
    rina.sees("Nama tetap di daftar tunggu")
    assert notes(chat)[-1] == ("session_changed", f"session:{session}")


def test_moving_to_the_same_hour_changes_nothing(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    maria.sends_tap(f"sessions:move:{session}").types("26/11 9").taps("Simpan").sees("Tidak ada yang berubah")
    assert notes(chat) == []


def test_another_venue_is_told(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    siti = enrolled(chat, "Siti", session=session)
    maria.types("/sesi").taps("Foto Produk").taps("Ubah kelas").taps("Ganti tempat").types("Balai Desa").taps(
        "Tanpa peta"
    )
    siti.looks_up()
    maria.sees("Tempat baru: Balai Desa", "akan dikabari: 1 orang").taps("Simpan").sees("1 orang dikabari")
    siti.sees("tempat kelas Foto Produk pindah", "Balai Desa")
    assert classes(chat)[0].latitude is None


# --- seats ----------------------------------------------------------------------------------------------------------


def test_more_seats_go_to_those_who_wait(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(capacity=1, starts=local(26, 9))
    _, anton = enrolled(chat, "Siti", session=session), enrolled(chat, "Anton", session=session)
    anton.looks_up()
    maria.types("/sesi").taps("Foto Produk").taps("Ubah kelas").taps("Ubah kursi").types("3").sees(
        "Semula 1 kursi, menjadi 3 kursi"
    )
    maria.sees("Daftar tunggu: 1 orang").taps("Simpan").sees("3 kursi", "ditawarkan ke 1 orang")
    maria.does_not_see("0 orang", "dikabari")
    anton.sees("ada kursi kosong")
    maria.taps("Lihat kelas").sees("Terisi 1 dari 3, sedang ditawarkan 1, daftar tunggu 0")
    maria.types("/sesi").sees("1/3 kursi, sedang ditawarkan 1").taps("Foto Produk").taps("Ubah kelas")
    maria.taps("Ubah kursi").types("4").sees("Sudah terisi: 1, sedang ditawarkan 1").taps("Simpan").sees("4 kursi")
    maria.does_not_see("ditawarkan")


def test_an_offer_stands_when_the_class_moves(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(capacity=1, starts=local(26, 9))
    siti, anton = enrolled(chat, "Siti", session=session), enrolled(chat, "Anton", session=session)
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(minutes=2)
    anton.sees("ada kursi kosong")
    maria.sends_tap(f"sessions:move:{session}").types("27/11 15.00")
    maria.sees("Punya kursi: 0 orang, sedang ditawarkan 1")
    anton.looks_up()
    maria.taps("Simpan").sees("1 orang dikabari")
    anton.sees("waktu kelas Foto Produk berubah", "Kursi masih ditawarkan", "Ambil kursi").does_not_see("Bisa datang?")
    anton.taps("Ambil kursi").sees("27 November 2026 pukul 15.00")
    assert statuses(chat, session)["Anton"][0] == EnrolmentStatus.SEATED


def test_fewer_seats_than_people_is_refused_unless_the_last_wait(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(capacity=3, starts=local(26, 9))
    people: dict[str, Phone] = {}
    for name in ("Siti", "Anton", "Rina", "Dewi"):
        people[name] = enrolled(chat, name, session=session)
        chat.travel(minutes=1)
    maria.types("/sesi").taps("Foto Produk").taps("Ubah kelas").taps("Ubah kursi").types("1")
    maria.sees("Sudah 3 kursi terisi, jadi tidak bisa 1", "2 peserta terakhir", "Ya, pindahkan")
    assert classes(chat)[0].capacity == 3
    for phone in people.values():
        phone.looks_up()
    maria.taps("Ya, pindahkan").sees("sekarang 1 kursi", "2 orang pindah", "2 orang dikabari")
    assert (classes(chat)[0].capacity, classes(chat)[0].seats_taken) == (1, 1)
    found = statuses(chat, session)
    assert found["Siti"][0] == EnrolmentStatus.SEATED
    line = sorted((queue_no or 0, name) for name, (status, queue_no) in found.items() if status == "waitlisted")
    assert [name for _, name in line] == ["Anton", "Rina", "Dewi"]  # who had a seat stands in front of who waited
    people["Rina"].sees("Jumlah kursi kelas Foto Produk dikurangi", "di urutan depan daftar tunggu")
    people["Siti"].sees_nothing_new()
    people["Dewi"].sees_nothing_new()
    assert notes(chat)[-1] == ("session_lowered", f"session:{session}")
    people["Siti"].sends_tap(f"enrolment:withdrawn:{session}")
    chat.look()
    people["Anton"].sees("ada kursi kosong")


def test_an_offer_is_taken_back_before_anybody_loses_a_seat(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(capacity=2, starts=local(26, 9))
    siti, anton = enrolled(chat, "Siti", session=session), enrolled(chat, "Anton", session=session)
    rina = enrolled(chat, "Rina", session=session)
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(minutes=2)
    rina.sees("ada kursi kosong")
    maria.sends_tap(f"sessions:seats:{session}").types("1").taps("Ya, pindahkan").sees("sekarang 1 kursi")
    assert {name: status for name, (status, _) in statuses(chat, session).items()} == {
        "Siti": "withdrawn", "Anton": "seated", "Rina": "waitlisted",
    }  # fmt: skip
    rina.taps("Ambil kursi").sees("nomor 1 di daftar tunggu")
    anton.types("/jadwal").sees("✅ ", "· Foto Produk")


def test_a_seat_given_back_in_between_needs_nobody_to_wait(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(capacity=2, starts=local(26, 9))
    siti, _ = enrolled(chat, "Siti", session=session), enrolled(chat, "Anton", session=session)
    maria.sends_tap(f"sessions:seats:{session}").types("1").sees("Ya, pindahkan")
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(minutes=2)
    maria.taps("Ya, pindahkan").sees("Sudah diubah")
    assert statuses(chat, session)["Anton"][0] == "seated"


def test_seats_filled_in_between_are_asked_about_again(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(capacity=5, starts=local(26, 9))
    maria.sends_tap(f"sessions:seats:{session}").types("1").sees("menjadi 1 kursi")
    for name in ("Siti", "Anton"):
        enrolled(chat, name, session=session)
    maria.taps("Simpan").sees("baru saja terisi", "1 peserta terakhir").types("halo").sees("1 peserta terakhir")
    maria.taps("Kembali").sees("Berapa kursi").types("4").taps("Simpan").sees("4 kursi")


# --- cancelling -----------------------------------------------------------------------------------------------------


def test_cancelling_says_whom_it_touches_and_tells_them_once(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(capacity=1, starts=local(26, 9))
    siti, anton = enrolled(chat, "Siti", session=session), enrolled(chat, "Anton", session=session)
    maria.types("/sesi").taps("Foto Produk").taps("Ubah kelas").taps("Batalkan kelas")
    maria.sees("Kamis, 26 November 2026 pukul 09.00 WITA", "Punya kursi: 1 orang", "Daftar tunggu: 1 orang")
    maria.sees("akan dikabari: 2 orang").taps("Tidak, biarkan").sees("Terisi 1 dari 1").taps("Ubah kelas").taps(
        "Batalkan kelas"
    )
    for phone in (siti, anton):
        phone.looks_up()
    maria.taps("Ya, batalkan").sees("sudah dibatalkan", "2 orang dikabari")
    siti.sees("Kelas Foto Produk dibatalkan")
    anton.sees("Kelas Foto Produk dibatalkan")
    maria.sends_tap(f"sessions:cancelled:{session}").sees("dibatalkan sebelumnya")
    maria.sends_tap(f"sessions:show:{session}").sees("Dibatalkan Sen 23 Nov, 10.00", "Kembalikan kelas")
    assert notes(chat) == [("session_cancelled", f"session:{session}")]


def test_a_class_that_is_over_stays(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(23, 11))
    chat.travel(to=local(23, 18))
    maria.sends_tap(f"sessions:cancel:{session}").sees("sudah tidak bisa diubah")
    maria.sends_tap(f"sessions:cancelled:{session}").sees("sudah selesai")


def test_many_classes_have_pages(chat: Chat, maria: Phone) -> None:
    for number in range(7):
        chat.add_class(f"LB-{number}", title=f"Kelas {number}", starts=chat.now + timedelta(days=number + 1))
    chat.add_class("JY", site="jayapura", title="Kelas Jayapura")
    maria.types("/sesi").sees("Kelas 0", "Kelas 4").does_not_see("Kelas 5", "Jayapura").taps("Lihat berikutnya")
    maria.sees("Kelas 5", "Kelas 6").does_not_see("Kelas 4")


# --- tables ---------------------------------------------------------------------------------------------------------


def table(*rows: Mapping[str, object]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    usual = {
        "site": "labuan-bajo", "title": "Video Pendek", "starts": "2026-12-01 09:00", "minutes": 120, "capacity": 20,
        "venue": "Balai Desa",
    }  # fmt: skip
    writer.writerows({**usual, **row} for row in rows)
    return out.getvalue().encode()


def test_a_table_is_tried_then_saved(chat: Chat, maria: Phone) -> None:
    session = chat.add_class("LB-1", starts=local(26, 9))
    siti = enrolled(chat, "Siti", session=session)
    content = table(
        {"code": "LB-1", "title": "Foto Produk", "starts": "2026-11-27 09:00", "venue": "Puncak Waringin",
         "lat": -8.5, "lon": 119.88, "trainer": "Pelatih (contoh)"},
        {"code": "LB-2"},
    )  # fmt: skip
    siti.looks_up()
    maria.sends_file("kelas.CSV", content).sees("sedang dibaca", "Kelas baru: 1", "berubah: 1", "dikabari: 1 orang")
    maria.sees("• Baru: Video Pendek", "Selasa, 1 Desember 2026 pukul 09.00 WITA", "2 jam, 20 kursi, di Balai Desa")
    maria.sees("• Berubah: Foto Produk, Kam 26 Nov, 09.00", "Lokasi: Labuan Bajo", "Dikabari: 1 orang")
    maria.sees("Kamis, 26 November 2026 pukul 09.00 WITA → Jumat, 27 November 2026 pukul 09.00 WITA")
    assert len(classes(chat)) == 1
    siti.sees_nothing_new()
    assert notes(chat) == []
    maria.taps("Simpan semua").sees("Sudah disimpan", "Kelas baru: 1", "Orang yang dikabari: 1")
    assert [one.code for one in classes(chat)] == ["LB-1", "LB-2"]
    siti.sees("waktu kelas Foto Produk berubah")
    assert notes(chat) == [("sessions_imported", "")]
    maria.sends_file("kelas.csv", content).sees("Semua 2 kelas di tabel ini sudah sama").does_not_see("Simpan semua")


def test_the_sample_can_be_filled_in_and_sent_back(chat: Chat, maria: Phone) -> None:
    maria.types("/sesi").taps("Unduh contoh").sees("Isi tabel contoh ini")
    name, content, _ = maria.last.params["files"]["document"]
    assert name == "contoh-kelas.xlsx"
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert headings.columns_of(sheet[0]) == list(COLUMNS)
    assert sheet[0][:4] == ["Kode", "Lokasi", "Judul", "Mulai"]
    assert [row[1] for row in sheet[1:]] == ["Labuan Bajo"]
    maria.sends_file(name, content).sees("Kelas baru: 1").taps("Simpan semua").sees("Sudah disimpan")
    assert classes(chat)[0].starts_at == local(30, 9)


def test_all_that_is_wrong_is_told_with_its_row(chat: Chat, maria: Phone) -> None:
    rows: list[dict[str, object]] = [
        {"code": "A", "title": ""},
        {"code": "A", "starts": "besok"},
        {"code": "B", "site": "samosir", "starts": "2026-12-01 09:00"},
        {"code": "C", "starts": "2020-01-01 09:00"},
        {"code": "D", "minutes": "lama"},
    ]
    maria.sends_file("kelas.csv", table(*rows))
    maria.sees("Mohon perbaiki 6 hal ini", "Baris 2, title: masih kosong", "Baris 3, code: kode ini sudah ada di baris")
    maria.sees(
        "Baris 3, starts: “besok” belum terbaca, tulis seperti Senin, 30 November 2026",
        "Baris 4, site: lokasi ini bukan lokasi Anda",
        "Unduh contoh",
    )
    maria.sees("Baris 5, starts: waktu itu sudah lewat", "Baris 6, minutes: “lama” belum terbaca")
    assert classes(chat) == []
    maria.sends_file("kelas.csv", table(*({"code": f"X{number}", "title": ""} for number in range(30))))
    maria.sees("Ada 30 hal", "Ini 10 yang pertama", "Baris 11").does_not_see("Baris 12")
    assert maria.last.method == "sendDocument"
    every = CalamineWorkbook.from_filelike(io.BytesIO(maria.last.params["files"]["document"][1])).get_sheet_by_index(0)
    assert every.to_python()[0] == ["Baris", "Kolom", "Yang perlu diperbaiki"]
    assert every.to_python()[1:] == [
        [number, "title", "masih kosong, isi misalnya Foto Produk"] for number in range(2, 32)
    ]


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (b"PK\x03\x04 broken", "tidak terbaca"),
        (b"", "Tabelnya kosong"),
        (b"No,Nama,No HP\n1,Siti,0812\n", "Ini bukan tabel kelas"),
        ((",".join(COLUMNS) + "\n").encode(), "belum ada kelas"),
        (b"\xd0\xcf\x11\xe0" + bytes(99), "Simpan sebagai .xlsx tanpa kata sandi"),
        (b"code,site\nA,labuan-bajo\n", "Baris 1, Judul: kolom ini belum ada"),
    ],
)
def test_a_file_that_is_no_table_is_told_kindly(chat: Chat, maria: Phone, content: bytes, seen: str) -> None:
    maria.sends_file("kelas.xlsx", content).sees(seen, "Unduh contoh", "Bantuan")


def test_a_trainer_cannot_touch_a_class_of_another_site_by_its_code(chat: Chat) -> None:
    chat.add_class("LB-1", starts=local(26, 9))
    anton = staffed(chat, "Anton", site="samosir")
    anton.sends_file("kelas.csv", table({"code": "LB-1", "site": "samosir"})).sees("milik kelas di lokasi lain")
    anton.sends_file("kelas.csv", table({"code": "LB-1"})).sees("bukan lokasi Anda")
    dewi = staffed(chat, "Dewi", role=Role.ADMIN, site=None)
    dewi.sends_file("kelas.csv", table({"code": "LB-1"}, {"code": "SM-1", "site": "samosir"})).sees("Kelas baru: 1")


def test_a_table_of_somebody_else_is_a_file_like_any_other(chat: Chat) -> None:
    registered(chat).sends_file("kelas.csv", table({"code": "A"})).sees("tidak kami simpan")
    with chat.database.transaction() as db:
        assert list(db.scalars(select(JobRow))) == []


def test_a_table_that_is_too_large_is_not_even_fetched(chat: Chat, maria: Phone) -> None:
    maria.sends_file("kelas.csv", b"x" * (MAX_FILE_BYTES + 1)).sees("terlalu besar, paling banyak 5 MB")


def test_telegram_not_reached_is_tried_again_and_a_lost_file_is_said(chat: Chat, maria: Phone) -> None:
    chat.telegram.file_faults += [NotReached("no way")] * 2
    maria.sends_file("kelas.csv", table({"code": "A"})).sees("Kelas baru: 1")
    chat.telegram.files.clear()
    maria.taps("Simpan semua").sees("belum berhasil")
    assert classes(chat) == []


def test_a_role_lost_before_saving_saves_nothing(chat: Chat, maria: Phone) -> None:
    maria.sends_file("kelas.csv", table({"code": "A"})).sees("Kelas baru: 1")
    with chat.database.transaction() as db:
        db.connection().exec_driver_sql("DELETE FROM role")
    maria.taps("Simpan semua").sees("hanya untuk pelatih")
    assert classes(chat) == []


def test_somebody_elses_table_cannot_be_saved(chat: Chat, maria: Phone) -> None:
    maria.sends_file("kelas.csv", table({"code": "A"}))
    other = staffed(chat, "Anton")
    other.sends_tap("sessions:import:1").sees("kirim sekali lagi")
    assert classes(chat) == []


# --- a confirmation confirms what it showed -------------------------------------------------------------------------


def test_an_old_yes_does_not_save_the_change_of_another_class(chat: Chat, maria: Phone) -> None:
    first, second = chat.add_class("LB-1"), chat.add_class("LB-2", title="Harga", starts=chat.now + timedelta(days=5))
    maria.sends_tap(f"sessions:seats:{first}").types("7")
    data, message = maria.button("Simpan")
    maria.sends_tap(f"sessions:seats:{second}").types("9")
    maria.sends_tap(data, message).sees_toast("Sudah diubah").sees("Harga")
    assert [capacity(chat, one) for one in (first, second)] == [20, 20]
    data, message = maria.button("Simpan")
    maria.sends_tap(data, message)
    assert [capacity(chat, one) for one in (first, second)] == [20, 9]


def test_a_class_that_moved_since_it_was_asked_is_asked_about_again_before_it_is_cancelled(
    chat: Chat, maria: Phone
) -> None:
    session = chat.add_class()
    maria.sends_tap(f"sessions:cancel:{session}")
    data, message = maria.button("Ya")
    with chat.database.transaction() as db:
        moved = class_changes.change(
            db, db.get_one(ClassSession, session), chat.now, starts_at=chat.now + timedelta(days=9), leads=(),
            zone="Asia/Makassar",
        )  # fmt: skip
        assert isinstance(moved, class_changes.Changed)
    maria.sends_tap(data, message).sees_toast("Sudah diubah").sees("Ya, batalkan")
    with chat.database.transaction() as db:
        assert db.get_one(ClassSession, session).cancelled_at is None
    data, message = maria.button("Ya")
    maria.sends_tap(data, message)
    with chat.database.transaction() as db:
        assert db.get_one(ClassSession, session).cancelled_at is not None


def capacity(chat: Chat, session: int) -> int:
    with chat.database.transaction() as db:
        return db.get_one(ClassSession, session).capacity

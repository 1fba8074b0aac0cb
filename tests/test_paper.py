"""Attendance on paper: the PDF to sign, past classes by name on the screen and as a file."""

from __future__ import annotations

import io
from datetime import datetime, timedelta

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from bot.delivery.outbox import OutboxRow, SentFile
from bot.people.audit import AuditRow
from bot.programme import attendance
from tests.chat import Chat, Phone, enrolled, local, registered


def document(phone: Phone) -> tuple[str, bytes, str]:
    name, content, mime = phone.last.params["files"]["document"]
    return name, content, mime


def texts_of(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def rows_of(content: bytes) -> list[list[object]]:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    return [list(row) for row in sheet.to_python()]


def notes(chat: Chat) -> list[str]:
    with chat.database.transaction() as db:
        return [row.action for row in db.scalars(select(AuditRow).order_by(AuditRow.id))]


def person_id(chat: Chat, phone: Phone) -> int:
    with chat.database.transaction() as db:
        return phone.person(db).id


# --- the sheet, asked for by words ------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["lembar hadir", "cetak absen dong", "daftar hadir untuk dicetak", "print absen"])
def test_the_sheet_is_asked_for_by_words(chat: Chat, maria: Phone, typed: str) -> None:
    maria.types(typed).sees("Belum ada kelas yang dekat", "Kelas yang lalu")
    enrolled(chat, session=chat.add_class(starts=local(26, 9)))
    maria.types(typed).sees("1 nama, untuk dicetak")
    chat.add_class("LB-2", title="Toko Online", starts=local(27, 9))
    maria.types(typed).sees("Lembar hadir kelas yang mana?", "Toko Online").taps("Foto Produk").sees("untuk dicetak")


# --- the sheet to sign ----------------------------------------------------------------------------------------------


def test_the_sheet_has_the_names_and_numbers_of_the_screens(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    for name in ("Siti", "anton", "Budi"):
        enrolled(chat, name, session=session)
    maria.types("/peserta").taps("Foto Produk").sees("1. Bu anton", "2. Bu Budi", "3. Bu Siti")
    maria.taps("Lembar hadir (PDF)").sees("3 nama, untuk dicetak", "mohon jangan disebarkan")
    name, content, mime = document(maria)
    assert (name, mime) == ("lembar-hadir-foto-produk-2026-11-26.pdf", "application/pdf")
    (page,) = texts_of(content)
    for words in (
        *("Daftar hadir", "Foto Produk", "Kamis, 26 November 2026 pukul 09.00 WITA", "Puncak Waringin, Labuan Bajo"),
        *(
            "Pelatih (contoh)",
            "Tanda tangan",
            "Peserta yang belum terdaftar",
            "umur sudah 18 tahun",
            "90 hari",
            "1 / 1",
        ),
    ):
        assert words in page, page
    lines = page.splitlines()
    assert [line for line in lines if line.strip() in {"1 Bu anton", "2 Bu Budi", "3 Bu Siti"}] != [], lines
    assert page.index("Bu anton") < page.index("Bu Budi") < page.index("Bu Siti")
    assert [line for line in lines if line in "ABCDEFGHIJ"] == list("ABCDEFGHIJ")
    assert notes(chat) == ["roster_seen", "sheet_printed"]
    with chat.database.transaction() as db:
        assert "anton" not in " ".join(str(row.message) for row in db.scalars(select(OutboxRow)))
        assert db.scalars(select(SentFile)).all() == []


def test_the_sheet_is_there_on_hadir_before_and_after_the_class(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(23, 12), minutes=60)
    siti = enrolled(chat, "Siti", session=session)
    maria.types("/hadir").taps("Foto Produk").taps("Lembar hadir (PDF)")
    assert "A\n" in texts_of(document(maria)[1])[0]
    chat.travel(to=local(23, 12, 5))
    maria.sends_tap(f"attendance:tick:{session}:{person_id(chat, siti)}:0:present")
    chat.travel(to=local(23, 13, 30))
    maria.types("/hadir").taps("Foto Produk").taps("Lembar hadir (PDF)")
    (page,) = texts_of(document(maria)[1])
    assert "hadir, dicatat pelatih 12.05 WITA" in page
    assert "belum terdaftar" not in page, "nobody signs up on paper any more"


def test_sixty_names_go_over_pages_with_the_heading_on_each(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(capacity=60)
    for number in range(60):
        enrolled(chat, f"Orang {chr(65 + number // 26)}{chr(97 + number % 26)}", session=session)
    maria.sends_tap(f"paper:sheet:{session}")
    pages = texts_of(document(maria)[1])
    assert len(pages) == 3
    assert all("Tanda tangan" in page for page in pages)
    assert "60\nBu Orang Ch" in pages[2].replace("60 Bu", "60\nBu")
    consented = [page for page in pages if "umur sudah 18 tahun" in page]
    assert len(consented) == 1
    assert all(f"\n{letter}\n" in f"\n{consented[0]}\n" for letter in "ABCDEFGHIJ"), "rows without the consent above"


def test_a_class_without_names_has_a_sheet_of_empty_rows(chat: Chat, maria: Phone) -> None:
    session = chat.add_class()
    maria.sends_tap(f"paper:sheet:{session}")
    (page,) = texts_of(document(maria)[1])
    assert "\nT\n" in f"{page}\n"


def test_a_sheet_of_a_class_that_is_off_or_unknown_is_refused_kindly(chat: Chat, maria: Phone) -> None:
    session = chat.add_class()
    maria.sends_tap(f"sessions:cancelled:{session}").sends_tap(f"paper:sheet:{session}").sees("dibatalkan")
    maria.sends_tap("paper:sheet:999").sees("tidak ditemukan")


# --- past classes ---------------------------------------------------------------------------------------------------


def held(chat: Chat, maria: Phone) -> tuple[int, Phone, Phone]:
    """A class in which Siti came by code, Anton was ticked a day later as absent, and nothing is known of Rina."""
    session = chat.add_class(starts=local(23, 12), minutes=60)
    siti, anton, _ = (enrolled(chat, name, session=session) for name in ("Siti", "Anton", "Rina"))
    chat.travel(to=local(23, 12, 5))
    maria.sends_tap(f"attendance:open:{session}")
    with chat.database.transaction() as db:
        sheet = attendance.sheet_of(db, session)
        assert sheet is not None
        code = attendance.code_of(sheet.secret, session, attendance.stretch_of(chat.now))
    siti.types(code)
    maria.sends_tap(f"attendance:close:{session}")
    maria.sends_tap(f"attendance:tick:{session}:{person_id(chat, anton)}:0:absent")
    return session, siti, anton


def test_last_months_class_by_name_on_the_screen_and_as_a_file(chat: Chat, maria: Phone) -> None:
    session, _, _ = held(chat, maria)
    chat.travel(to=local(10, 9, month=12))
    chat.add_class("LB-2", title="Desember", starts=local(10, 8, month=12))
    maria.types("/peserta").does_not_see("Foto Produk").taps("Kelas yang lalu").sees("Desember 2026", "← November 2026")
    maria.taps("← November 2026").sees("1 kelas", "Desember 2026 →").taps("Foto Produk")
    maria.sees("1. Bu Anton, tidak hadir, dicatat pelatih 12.05 WITA", "3. Bu Siti, hadir, lewat kode 12.05 WITA")
    maria.sees("2. Bu Rina", "Hadir 1")
    maria.taps("Unduh Excel").sees("Kehadiran kelas Foto Produk")
    name, content, _ = document(maria)
    assert name == "hadir-foto-produk-2026-11-23.xlsx"
    rows = rows_of(content)
    assert rows[:4] == [
        ["Kelas", "Foto Produk", "", "", ""],
        ["Waktu", "Senin, 23 November 2026 pukul 12.00 WITA", "", "", ""],
        ["Tempat", "Puncak Waringin, Labuan Bajo", "", "", ""],
        ["Pelatih", "Pelatih (contoh)", "", "", ""],
    ]
    at = datetime(2026, 11, 23, 12, 5)  # noqa: DTZ001 - a spreadsheet knows wall time only
    assert rows[5] == ["No.", "Nama", "Kehadiran", "Cara", "Dicatat"]
    assert rows[6] == [1.0, "Bu Anton", "tidak hadir", "dicatat pelatih", at]
    assert rows[7][:2] == [2.0, "Bu Rina"]
    assert rows[8] == [3.0, "Bu Siti", "hadir", "lewat kode", at]
    maria.sends_tap(f"roster:file:{session}")
    assert document(maria)[0] == name, "the roster's button gives the same"
    assert notes(chat)[-3:] == ["attendance_seen", "attendance_taken", "attendance_taken"]


def test_who_erased_their_data_is_a_number(chat: Chat, maria: Phone) -> None:
    session, siti, _ = held(chat, maria)
    chat.travel(to=local(30, 12))
    siti.types("/hapus_data").taps("Ya, hapus")
    maria.sends_tap(f"paper:class:{session}").sees("1. Bu Anton", "2. Bu Rina", "3. (data sudah dihapus)")
    maria.does_not_see("Siti", "3. …").taps("Unduh Excel")
    assert rows_of(document(maria)[1])[8] == [3.0, "(data sudah dihapus)", "", "", ""]
    maria.sends_tap(f"paper:sheet:{session}")
    assert "(data sudah dihapus)" in texts_of(document(maria)[1])[0]


def test_pages_of_names_and_of_classes(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(23, 12), capacity=30, minutes=60)
    for number in range(23):
        enrolled(chat, f"Orang {chr(65 + number)}", session=session)
    for number in range(7):
        chat.add_class(f"LB-{number}x", title=f"Kelas {number}", starts=local(23, 13 + number))
    chat.travel(days=2)
    maria.sends_tap("paper:past").sees("8 kelas", "Kelas 6").does_not_see("Foto Produk").taps("Lihat berikutnya")
    maria.sees("Kelas 0", "Foto Produk").does_not_see("Kelas 6").taps("Foto Produk")
    maria.sees("20. Bu Orang T").does_not_see("21. ").taps("Lihat berikutnya").sees("23. Bu Orang W")
    maria.taps("Lihat sebelumnya").sees("1. Bu Orang A").taps("Kembali").sees("8 kelas")


def test_without_past_classes_and_in_forged_months_it_says_so(chat: Chat, maria: Phone) -> None:
    session = chat.add_class()
    maria.sends_tap("paper:past").sees("Belum ada kelas yang selesai")
    maria.sends_tap(f"paper:class:{session}").sees("Foto Produk").does_not_see("tidak tercatat")
    chat.travel(days=4)
    for month in (1, 202613, 999999999, 209901, 202611):
        maria.sends_tap(f"paper:past:{month}")
        assert maria.last.text.startswith("November 2026: 1 kelas"), month
    maria.sends_tap("paper:past:202001").sees("Belum ada kelas yang selesai")


def test_a_trainer_sees_past_classes_of_their_own_site_only(chat: Chat, maria: Phone) -> None:
    chat.add_class("JY-1", site="jayapura", title="Jauh", starts=chat.now + timedelta(hours=1))
    chat.add_class("LB-1", title="Dekat", starts=chat.now + timedelta(hours=1))
    chat.travel(hours=3)
    maria.sends_tap("paper:past").sees("Dekat").does_not_see("Jauh")
    registered(chat, "Budi").sends_tap("paper:past").sees("hanya untuk pelatih")

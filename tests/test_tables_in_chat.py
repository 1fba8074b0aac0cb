"""A table in the chat: what it would change is shown in full, what the table leaves open is asked once, every reason is
told, and the calendar comes as the table that can be sent back."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from bot.delivery.background_jobs import JobRow
from bot.people.people import Role
from bot.programme.sessions import ClassSession
from tests.chat import Chat, Phone, enrolled, local, registered, staffed

HEAD = "Kode;Lokasi;Judul;Mulai;Lama;Kursi;Tempat\n"


def table(*lines: str, head: str = HEAD) -> bytes:
    return (head + "\n".join(lines)).encode()


def classes(chat: Chat) -> list[ClassSession]:
    with chat.database.transaction() as db:
        return list(db.scalars(select(ClassSession).order_by(ClassSession.id)))


def document(phone: Phone) -> tuple[str, bytes]:
    sent = next(call for call in reversed(phone.new) if call.method == "sendDocument")
    name, content, *_ = sent.params["files"]["document"]
    return name, content


def cells(content: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


# --- the preview ----------------------------------------------------------------------------------------------------


def test_a_long_table_is_summarised_and_all_of_it_is_in_a_file(chat: Chat, maria: Phone) -> None:
    lines = [f"A-{n};Labuan Bajo;Kelas {n};{n} Des 2026 09.00;2 jam;20 orang;Balai" for n in range(1, 21)]
    maria.sends_file("kelas.csv", table(*lines)).sees("Kelas baru: 20", "Ini 6 yang pertama", "Kelas 6")
    maria.does_not_see("Kelas 7")
    name, content = document(maria)
    read = cells(content)
    assert name == "perubahan-kelas.xlsx"
    assert len(read) == 21
    assert read[20][3:6] == ["Labuan Bajo", "Kelas 20", "Minggu, 20 Desember 2026 pukul 09.00 WITA"]
    maria.taps("Simpan semua").sees("Kelas baru: 20")
    assert len(classes(chat)) == 20


def test_every_field_is_shown_from_what_to_what(chat: Chat, maria: Phone) -> None:
    chat.add_class("LB-1", starts=local(26, 9))
    old = classes(chat)[0]
    maria.sends_file("kelas.csv", table("LB-1;Labuan Bajo;Harga;27 Nov 2026 13.30-15.00;;25;Aula Paroki"))
    maria.sees(f"Judul: {old.title} → Harga", "Kamis, 26 November 2026 pukul 09.00 WITA → Jumat, 27 November")
    maria.sees("Lama: 2 jam → 1 jam 30 menit", "Kursi: 20 → 25", f"Tempat: {old.venue} → Aula Paroki", "Dikabari: 0")
    assert classes(chat)[0].title == old.title


def test_what_is_saved_is_what_was_shown(chat: Chat, maria: Phone) -> None:
    chat.add_class("LB-1", starts=local(26, 9))
    maria.sends_file("kelas.csv", table("LB-1;Labuan Bajo;Harga;27 Nov 2026 09.00;2 jam;20;Aula Paroki"))
    data, message = maria.button("Simpan semua")
    with chat.database.transaction() as db:
        db.scalars(select(ClassSession)).one().starts_at = local(28, 9)
    maria.sends_tap(data, message).sees("belum disimpan", "Sabtu, 28 November 2026 pukul 09.00 WITA → Jumat, 27")
    assert classes(chat)[0].title != "Harga"
    data, message = maria.button("Simpan semua")
    maria.sends_tap(data, message).sees("Sudah disimpan")
    assert classes(chat)[0].title == "Harga"
    maria.sends_tap(data, message).sees("sudah sama dengan jadwal")


def test_what_is_on_at_the_same_time_is_told(chat: Chat, maria: Phone) -> None:
    """A class that is there already, and two rows of one table in one room."""
    chat.add_class("LB-1", starts=local(26, 9), title="Foto Produk")
    maria.sends_file("kelas.csv", table("LB-2;Labuan Bajo;foto produk;26 Nov 2026 10.00;2 jam;20;Balai"))
    maria.sees("Bersamaan dengan:\n• Foto Produk, Kam 26 Nov, 09.00–11.00 WITA: kelas yang sama sudah ada")
    maria.sees("Bersamaan dengan kelas lain: 1")
    one, other = (f"LB-{n};Labuan Bajo;Kelas {n};27 Nov 2026 09.00;2 jam;20;Aula Paroki" for n in (3, 4))
    maria.sends_file("kelas.csv", table(one, other)).sees(
        "Bersamaan dengan kelas lain: 2", "tempatnya sama, Aula Paroki"
    )
    maria.sends_file("kelas.csv", table(one)).does_not_see("Bersamaan")


def test_a_clash_that_came_after_the_preview_is_shown_first(chat: Chat, maria: Phone) -> None:
    maria.sends_file("kelas.csv", table("LB-2;Labuan Bajo;Foto;26 Nov 2026 10.00;2 jam;20;Balai"))
    data, message = maria.button("Simpan semua")
    chat.add_class("LB-1", starts=local(26, 9), title="Foto")
    maria.sends_tap(data, message).sees("belum disimpan", "kelas yang sama sudah ada")
    assert [one.code for one in classes(chat)] == ["LB-1"]
    maria.taps("Simpan semua").sees("Sudah disimpan")


def test_every_clash_of_a_long_table_is_in_the_file(chat: Chat, maria: Phone) -> None:
    lines = [f"A-{n};Labuan Bajo;Kelas {n};7 Des 2026 09.00;2 jam;20 orang;Balai" for n in range(1, 9)]
    maria.sends_file("kelas.csv", table(*lines)).sees("• dan 6 kelas lain", "Bersamaan dengan kelas lain: 8")
    _, content = document(maria)
    assert "Kelas 7" in str(cells(content)[8][-1])


def test_the_longest_preview_fits_into_one_message(chat: Chat, maria: Phone) -> None:
    """Every field changes to the longest there may be, and each class runs into the others."""
    venue, trainer = "W" * 160, "T" * 80
    head = "Kode;Judul;Mulai;Lama;Kursi;Tempat;Lintang;Bujur;Pelatih\n"
    for number in range(9):
        chat.add_class(f"LB-{number}", title="M" * 120, starts=local(26, 9))
    lines = [f"LB-{n};{'N' * 119}{n};27 Nov 2026 10.00;95;25;{venue};-8,1;119,1;{trainer}" for n in range(9)]
    maria.sends_file("kelas.csv", table(*lines, head=head)).sees("Ini 4 yang pertama", "• dan 7 kelas lain")
    assert 2_500 < len(maria.last.text) < 4_000


def test_rows_that_are_no_classes_are_named(chat: Chat, maria: Phone) -> None:
    line = "LB-1;Labuan Bajo;Foto;26 Nov 2026 10.00;2 jam;20;Balai"
    maria.sends_file("kelas.csv", table(line, ";;Catatan: bawa HP;;;;", "Total;;;;;20;"))
    maria.sees("Kelas baru: 1", "Dilewati karena bukan kelas: baris 3, 4")
    maria.sends_file("kelas.csv", table("Total;;;;;20;")).sees("belum ada kelas")


def test_a_trainer_of_one_site_need_not_name_it(chat: Chat, maria: Phone) -> None:
    head, line = "Judul;Hari;Tanggal;Jam;Tempat\n", "Foto;Senin;7 Desember 2026;09.00-11.00;Balai"
    maria.sends_file("kelas.csv", table(line, head=head)).sees("Lokasi: Labuan Bajo").taps("Simpan semua")
    assert [(one.site_id, one.code) for one in classes(chat)] == [("labuan-bajo", "labuan-bajo-261207")]
    admin = staffed(chat, "Anton", role=Role.ADMIN, site=None)
    admin.sends_file("kelas.csv", table(line, head=head)).sees("Baris 1, Lokasi: kolom ini belum ada")


def test_of_a_workbook_with_two_tables_the_one_that_is_read_is_named(chat: Chat, maria: Phone) -> None:
    head, line = ["Judul", "Mulai", "Lama", "Tempat"], ["Foto", "7 Des 2026 09.00", "2 jam", "Balai"]
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for name in ("Desember", "Januari"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, head)
            sheet.write_row(1, 0, [f"{line[0]} {name}", *line[1:]])
    maria.sends_file("kelas.xlsx", out.getvalue()).sees("Foto Desember", "hanya lembar “Desember”")
    maria.does_not_see("Foto Januari")


# --- the day or the month first -------------------------------------------------------------------------------------


UNCLEAR = table("LB-1;Labuan Bajo;Foto;1/12/2027 9:00:00;120;20;Balai")


@pytest.mark.parametrize(
    ("answer", "starts"),
    [
        ("Rabu, 1 Desember 2027", datetime(2027, 12, 1, 1, tzinfo=UTC)),
        ("Selasa, 12 Januari 2027", datetime(2027, 1, 12, 1, tzinfo=UTC)),
    ],
)
def test_a_date_that_may_be_two_is_asked_about_once(chat: Chat, maria: Phone, answer: str, starts: datetime) -> None:
    maria.sends_file("kelas.csv", UNCLEAR).sees("Di baris 2 tertulis 1/12/2027", "Rabu, 1 Desember 2027", "Selasa, 12")
    maria.does_not_see("Simpan semua")
    maria.taps(answer).sees(f"{answer} pukul 09.00 WITA").taps("Simpan semua").sees("Sudah disimpan")
    assert [one.starts_at for one in classes(chat)] == [starts]


def test_the_answer_is_of_its_own_file(chat: Chat, maria: Phone) -> None:
    """The question of an older file, tapped after another one was sent, and twice."""
    maria.sends_file("kelas.csv", UNCLEAR)
    data, message = maria.button("Rabu, 1 Desember 2027")
    maria.sends_file("lain.csv", table("LB-2;Labuan Bajo;Harga;2/12/2027 9:00;120;20;Balai"))
    maria.sends_tap(data, message).sees("Foto", "Rabu, 1 Desember 2027").does_not_see("Harga")
    maria.sends_tap(data, message).sees("Foto", "Rabu, 1 Desember 2027")
    assert classes(chat) == []
    maria.taps("Simpan semua").sees("Sudah disimpan")
    assert [one.code for one in classes(chat)] == ["LB-1"]


def test_nobody_else_answers_or_saves(chat: Chat, maria: Phone) -> None:
    maria.sends_file("kelas.csv", UNCLEAR)
    data, _ = maria.button("Rabu, 1 Desember 2027")
    budi, anton = registered(chat, "Budi"), staffed(chat, "Anton", site="samosir")
    budi.sends_tap(data).sees("hanya untuk pelatih")
    budi.sends_tap("sessions:calendar").sees("hanya untuk pelatih")
    anton.sends_tap(data).sees("kirim sekali lagi")
    for forged in ("sessions:dates:1:year", "sessions:dates:1", "sessions:dates:99999:day", "sessions:import:1:5"):
        anton.sends_tap(forged)
    assert classes(chat) == []
    with chat.database.transaction() as db:
        assert len(list(db.scalars(select(JobRow)))) == 1


def test_saving_without_the_answer_asks_again(chat: Chat, maria: Phone) -> None:
    maria.sends_file("kelas.csv", UNCLEAR)
    with chat.database.transaction() as db:
        job = db.scalars(select(JobRow.id)).one()
    maria.sends_tap(f"sessions:import:{job}").sees("Di baris 2 tertulis 1/12/2027")
    assert classes(chat) == []


# --- every reason reaches the person --------------------------------------------------------------------------------


UNREAD_DATES = (
    ("Rabu, 10 Des 2026 09.00", "tanggal itu Kamis, 10 Desember 2026, bukan rabu"),
    ("10 Des 2026 09.00 WIB", "tertulis WIB, padahal lokasi ini memakai WITA"),
    ("29 Feb 2027 09.00", "tidak ada di kalender"),
    ("9 Desembr 2026 09.00", "“desembr” bukan nama bulan"),
    ("11.00-09.00 10 Des 2026", "jam selesainya lebih dulu"),
    ("10 Des 2026", "jamnya belum ada"),
    ("10 Des 2026 jam 2", "jamnya belum jelas"),
    ("10 Des 09.00", "tulis tahunnya empat angka"),
    ("09.00", "tanggalnya belum ada"),
    ("nanti kalau sempat", "“nanti kalau sempat” belum terbaca"),
    ("1 Nov 2026 09.00", "waktu itu sudah lewat"),
)


def test_why_a_date_cannot_be_read(chat: Chat, maria: Phone) -> None:
    for starts, told in UNREAD_DATES:
        maria.sends_file("kelas.csv", table(f"A;Labuan Bajo;Foto;{starts};120;20;Balai")).sees("Baris 2, ", told)
    assert classes(chat) == []


UNREAD_CELLS = (
    ("A B;Labuan Bajo;Foto;5 Des 2026 09.00;120;20;Balai", "Baris 2, Kode: “A B” tidak bisa"),
    ("A;Ende;Foto;5 Des 2026 09.00;120;20;Balai", "Baris 2, Lokasi: lokasi “Ende” tidak dikenal"),
    ("A;Yogyakarta;Foto;5 Des 2026 09.00;120;20;Balai", "Baris 2, Lokasi: lokasi ini bukan lokasi Anda"),
    ("A;Labuan Bajo;=1+1;5 Des 2026 09.00;120;20;Balai", "Baris 2, Judul: diawali “=” seperti rumus"),
    ("A;Labuan Bajo;Foto;5 Des 2026 09.00;lama;20;Balai", "Baris 2, Lama: “lama” belum terbaca"),
    ("A;Labuan Bajo;Foto;5 Des 2026 09.00;;20;Balai", "Baris 2, Lama: lamanya belum ada"),
    ("A;Labuan Bajo;Foto;5 Des 2026 09.00;5;20;Balai", "5 tidak bisa, isi antara 15 dan 1.440"),
    ("A;Labuan Bajo;Foto;5 Des 2026 09.00-12.00;120;20;Balai", "lamanya tertulis 120 menit, padahal jamnya 180"),
    ("A;Labuan Bajo;Foto;5 Des 2026 09.00;120;banyak;Balai", "Baris 2, Kursi: “banyak” bukan angka bulat"),
    ("A;Labuan Bajo;Foto;5 Des 2026 09.00;120;20;", "Baris 2, Tempat: masih kosong, isi misalnya Balai Desa"),
)


def test_why_a_cell_cannot_be_read(chat: Chat, maria: Phone) -> None:
    for line, told in UNREAD_CELLS:
        maria.sends_file("kelas.csv", table(line)).sees("Mohon perbaiki", told)
    assert classes(chat) == []


# --- the calendar as a table ----------------------------------------------------------------------------------------


def test_the_calendar_comes_as_the_table_one_sends_back(chat: Chat, maria: Phone) -> None:
    first = chat.add_class("LB-1", starts=local(26, 9))
    chat.add_class("SM-1", starts=local(26, 9), site="samosir")
    chat.add_class("LB-0", starts=local(20, 9))
    with chat.database.transaction() as db:
        session = db.get_one(ClassSession, first)
        session.latitude, session.longitude, session.trainer = -8.123456789012, 119.987654321098, "Maria"
    siti = enrolled(chat, "Siti", session=first)
    siti.looks_up()
    maria.types("/sesi").taps("Unduh jadwal (.xlsx)").sees("Ini 1 kelas yang akan datang")
    name, content = document(maria)
    assert name == "jadwal-kelas.xlsx"
    assert [row[:4] for row in cells(content)[1:]] == [
        ["LB-1", "Labuan Bajo", classes(chat)[0].title, datetime(2026, 11, 26, 9)]  # noqa: DTZ001
    ]
    maria.sends_file(name, content).sees("Semua 1 kelas di tabel ini sudah sama dengan jadwal")
    siti.sees_nothing_new()
    dewi = staffed(chat, "Dewi", role=Role.ADMIN, site=None)
    dewi.sends_tap("sessions:calendar").sees("Ini 2 kelas")
    dewi.sends_file(*document(dewi)).sees("Semua 2 kelas")


def test_without_classes_there_is_no_calendar(chat: Chat, maria: Phone) -> None:
    maria.sends_tap("sessions:calendar").sees("Belum ada kelas")
    maria.types("/sesi").sees("Belum ada kelas").does_not_see("Unduh jadwal")


# --- times in the chat ----------------------------------------------------------------------------------------------


def asked_when(chat: Chat, maria: Phone) -> Phone:
    return maria.sends_tap("sessions:new").types("Foto Produk").sees("Kapan kelasnya mulai?")


def test_the_hour_alone_is_asked_for_where_the_day_was_said(chat: Chat, maria: Phone) -> None:
    asked_when(chat, maria).types("lusa siang").sees("Untuk Rabu, 25 November, jam berapa?", "Rab 25 Nov, 13.00")
    maria.types("1").sees("Berapa lama").taps("2 jam").taps("20 kursi").types("Balai").sends_tap("sessions:no_pin")
    maria.sees("Rabu, 25 November 2026 pukul 13.00 WITA")


def test_going_back_forgets_the_day_that_was_said(chat: Chat, maria: Phone) -> None:
    asked_when(chat, maria).types("lusa siang").sees("jam berapa?").taps("Kembali").sees("judul kelasnya")
    maria.types("Harga").sees("Kapan kelasnya mulai?").types("9").sees("Berapa lama")
    maria.taps("2 jam").taps("20 kursi").types("Balai").sends_tap("sessions:no_pin").sees("Selasa, 24 November 2026")


def test_another_day_takes_the_place_of_the_one_that_was_said(chat: Chat, maria: Phone) -> None:
    asked_when(chat, maria).types("besok pagi").sees("Untuk Selasa, 24 November").types("jumat 13.30").sees(
        "Berapa lama"
    )
    maria.taps("2 jam").taps("20 kursi").types("Balai").sends_tap("sessions:no_pin").sees(
        "Jumat, 27 November 2026 pukul"
    )


def test_the_length_is_taken_with_the_hours(chat: Chat, maria: Phone) -> None:
    asked_when(chat, maria).types("besok 09.00-10.30").sees("Berapa kursi").taps("20 kursi").types("Balai")
    maria.sends_tap("sessions:no_pin").sees("Selasa, 24 November 2026 pukul 09.00 WITA", "1 jam 30 menit")


def test_a_class_that_is_moved_takes_the_new_length_too(chat: Chat, maria: Phone) -> None:
    session = chat.add_class("LB-1", starts=local(26, 9))
    maria.sends_tap(f"sessions:move:{session}").types("jumat jam 9 sampai 12").sees("pukul 09.00 WITA, selama 3 jam")
    maria.taps("Simpan").sees("Sudah diubah")
    assert (classes(chat)[0].starts_at, classes(chat)[0].minutes) == (local(27, 9), 180)


def test_a_part_of_the_day_is_never_the_usual_hour(chat: Chat, maria: Phone) -> None:
    session = chat.add_class("LB-1", starts=local(26, 9))
    for text in ("besok malam", "besok pagi"):
        maria.sends_tap(f"sessions:move:{session}").types(text).sees("Untuk Selasa, 24 November, jam berapa?")


def test_midnight_is_said_back_at_once(chat: Chat, maria: Phone) -> None:
    asked_when(chat, maria).types("besok jam 12 malam").sees("Rabu, 25 November 2026 pukul 00.00 WITA. Betul?")
    maria.taps("Rab 25 Nov, 00.00").sees("Berapa lama")


WRONG_TIMES = (
    ("31/11 9", "tidak ada di kalender"),
    ("29 feb 9", "tidak ada di kalender"),
    ("sabtu 6/12 9", "Tanggal itu Minggu, 6 Desember 2026, bukan sabtu"),
    ("5 Desember pukul 09.00 WIB", "Tertulis WIB, padahal di sini WITA"),
    ("kemarin 9", "Minggu, 22 November 2026 pukul 09.00 WITA sudah lewat"),
    ("besok jam 6 siang", "Jam itu tidak ada"),
    ("besok jam 9 di balai desa", "Bagian ini belum terbaca: di balai desa"),
    ("besok 11.00-09.00", "Lamanya tidak cocok"),
    ("kapan saja", "belum terbaca"),
    ("5/12/2030 9", "lebih dari dua tahun lagi"),
)


def test_a_wrong_time_says_why(chat: Chat, maria: Phone) -> None:
    asked_when(chat, maria)
    for text, told in WRONG_TIMES:
        maria.types(text).sees(told)
    maria.types("besok 9").sees("Berapa lama")


def test_an_announcement_keeps_the_day_and_asks_the_hour(chat: Chat, maria: Phone) -> None:
    registered(chat, "Siti")
    maria.sends_tap("broadcasts:to:mine").types("Besok bawa HP")
    data, _ = maria.button("Pilih waktu kirim")
    maria.sends_tap(data).types("lusa pagi").sees("Untuk Rabu, 25 November, jam berapa?")
    maria.types("8").sees("Rabu, 25 November 2026 pukul 08.00 WITA")


# --- a class that moved, in a table without codes ---------------------------------------------------------------------

BARE = "Lokasi;Judul;Mulai;Lama;Kursi;Tempat\n"


def bare(*lines: str, head: str = BARE) -> bytes:
    return table(*lines, head=head)


@pytest.mark.both_databases
def test_a_class_at_another_time_is_asked_about_and_moves(chat: Chat, maria: Phone) -> None:
    session = chat.add_class("LB-1", starts=local(26, 9))
    siti = enrolled(chat, "Siti", session=session).looks_up()
    maria.sends_file("kelas.csv", bare("Labuan Bajo;foto  produk;28 Nov 2026 13.00;2 jam;20;Balai"))
    maria.sees("berjudul sama", "Baris 2, Foto Produk: dari Kam 26 Nov, 09.00 ke Sab 28 Nov, 13.00")
    maria.does_not_see("Simpan semua")
    maria.taps("Ya, dipindah").sees("Kamis, 26 November 2026 pukul 09.00 WITA → Sabtu, 28 November", "Dikabari: 1")
    assert [one.starts_at for one in classes(chat)] == [local(26, 9)], "nothing is saved before it is shown"
    maria.taps("Simpan semua").sees("Sudah disimpan")
    siti.sees("Sabtu, 28 November 2026")
    assert [(one.code, one.starts_at) for one in classes(chat)] == [("LB-1", local(28, 13))]


def test_a_new_class_of_the_same_title_stays_a_new_one(chat: Chat, maria: Phone) -> None:
    chat.add_class("LB-1", starts=local(26, 9))
    maria.sends_file("kelas.csv", bare("Labuan Bajo;Foto Produk;28 Nov 2026 13.00;2 jam;20;Balai"))
    maria.taps("Bukan, kelas baru").sees("Kelas baru: 1").taps("Simpan semua").sees("Sudah disimpan")
    assert sorted(one.starts_at for one in classes(chat)) == [local(26, 9), local(28, 13)]


@pytest.mark.parametrize(
    ("standing", "rows"),
    [
        pytest.param([26], ["Foto Produk;26 Nov 2026 09.00", "Foto Produk;28 Nov 2026 09.00"], id="one more"),
        pytest.param([26], ["Foto Produk;27 Nov 2026 09.00", "Foto Produk;28 Nov 2026 09.00"], id="two rows"),
        pytest.param([25, 26], ["Foto Produk;28 Nov 2026 09.00"], id="two classes"),
        pytest.param([26], ["Harga;28 Nov 2026 09.00"], id="another title"),
        pytest.param([22], ["Foto Produk;28 Nov 2026 09.00"], id="over already"),
    ],
)
def test_where_it_is_not_one_and_one_nothing_is_asked(
    chat: Chat, maria: Phone, standing: list[int], rows: list[str]
) -> None:
    for day in standing:
        chat.add_class(f"LB-{day}", starts=local(day, 9))
    lines = [f"Labuan Bajo;{row};2 jam;20;Balai" for row in rows]
    maria.sends_file("kelas.csv", bare(*lines)).sees("Simpan semua").does_not_see("Ya, dipindah")


def test_another_trainer_s_class_of_the_same_title_is_none_of_it(chat: Chat, maria: Phone) -> None:
    chat.add_class("LB-1", starts=local(26, 9))
    head = "Lokasi;Judul;Mulai;Lama;Kursi;Tempat;Pelatih\n"
    maria.sends_file("kelas.csv", bare("Labuan Bajo;Foto Produk;28 Nov 2026 13.00;2 jam;20;Balai;Bram", head=head))
    maria.sees("Kelas baru: 1").does_not_see("Ya, dipindah")


def test_the_answer_about_a_move_is_of_its_own_file_and_of_staff_alone(chat: Chat, maria: Phone) -> None:
    chat.add_class("LB-1", starts=local(26, 9))
    maria.sends_file("kelas.csv", bare("Labuan Bajo;Foto Produk;28 Nov 2026 13.00;2 jam;20;Balai"))
    data, message = maria.button("Ya, dipindah")
    registered(chat, "Budi").sends_tap(data).sees("hanya untuk pelatih")
    staffed(chat, "Anton", site="samosir").sends_tap(data).sees("kirim sekali lagi")
    maria.sends_tap(data, message).sees("Kelas yang berubah: 1")
    with chat.database.transaction() as db:  # somebody moved it meanwhile
        db.get_one(ClassSession, classes(chat)[0].id).starts_at = local(27, 9)
    maria.taps("Simpan semua").does_not_see("Sudah disimpan")
    assert [one.starts_at for one in classes(chat)] == [local(27, 9)]

"""Tables of classes as people make them in Google Sheets, Excel, LibreOffice and WhatsApp, and how a human reads each.

They were written before the reader that tests/test_messy_tables.py tries on them; the second dozen, later, by somebody
who had not read it, and nearly all of those without a code, which nobody gives a class. Today is Monday 23 November
2026, 10.00 in Labuan Bajo. A table is the text of a .csv, or rows for a workbook.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

Read = tuple[str, str, str, str, int, int | None, str]
"""Code, site, title, start at the site, minutes, seats (None: nothing was said), venue."""
FOTO: Read = ("LBJ-FOTO-1", "labuan-bajo", "Foto Produk", "2026-12-05 09:00", 120, 20, "Aula Paroki")
HARGA: Read = ("LBJ-HARGA-1", "labuan-bajo", "Menghitung Harga", "2026-12-12 13:30", 90, 25, "Aula Paroki")


@dataclass(frozen=True)
class Messy:
    name: str
    made: str | list[list[str | int | float | date | datetime | time | None]]
    """Text of a .csv, or the rows of a workbook's first sheet."""
    reads: tuple[Read, ...] = ()
    """What a human reads in it; nothing where it cannot be read."""
    asks: tuple[str, str] | None = None
    """The two days its first unclear date may mean: the day first, and the month first."""
    refuses: tuple[tuple[int, str], ...] = ()
    """The cells one has to ask the maker about: row as the spreadsheet counts, and column."""
    nothing_fits: bool = False
    """Another table altogether: one line says so."""
    encoding: str = "utf-8"
    notes: tuple[int, ...] = ()
    """The rows that are no classes."""
    sites: frozenset[str] | None = None
    """Those of the trainer who sends it; None: an admin does."""
    merged: tuple[str, ...] = ()
    """Cells of the workbook that are one."""
    before: tuple[str, ...] = ()
    """A sheet that stands before the table's, a line a row."""


TABLES = (
    Messy(
        "Indonesian headings, semicolons",
        "Kode;Lokasi;Judul;Mulai;Lama;Kursi;Tempat;Pelatih\n"
        "LBJ-FOTO-1;labuan-bajo;Foto Produk;5/12/2026 09.00;120;20;Aula Paroki;Maria Goreti\n"
        "LBJ-HARGA-1;labuan-bajo;Menghitung Harga;12/12/2026 13.30;90;25;Aula Paroki;Maria Goreti\n"
        "LBJ-FOTO-2;labuan-bajo;Foto Produk;19/12/2026 09.00;120;20;Aula Paroki;Maria Goreti\n",
        reads=(FOTO, HARGA, ("LBJ-FOTO-2", "labuan-bajo", "Foto Produk", "2026-12-19 09:00", 120, 20, "Aula Paroki")),
    ),
    Messy(
        "the day and the hour in columns of their own",
        "KODE KELAS,LOKASI,NAMA KELAS,TANGGAL,JAM,DURASI,KAPASITAS,TEMPAT\n"
        "LBJ-FOTO-1,Labuan Bajo,Foto Produk,5 Desember 2026,09.00,2 jam,20 orang,Aula Paroki\n",
        reads=(FOTO,),
    ),
    Messy(
        "a title and a blank row above the header, as printed",
        "JADWAL KELAS UMKM DESEMBER 2026,,,,,,\n"
        ",,,,,,\n"
        "Kode,Lokasi,Nama Kelas,Waktu,Durasi,Kapasitas,Tempat\n"
        'LBJ-FOTO-1,Labuan Bajo,Foto Produk,"Sabtu, 5 Desember 2026 09.00-11.00",,20,Aula Paroki\n',
        reads=(FOTO,),
    ),
    Messy(
        "the site in capitals, hours as a range, a number before each row",
        "No,Kode,Lokasi,Materi,Hari/Tanggal,Waktu,Jumlah Peserta,Tempat\n"
        '1,LBJ-FOTO-1,LABUAN BAJO,Foto Produk,"Sabtu, 5 Desember 2026",09.00 - 11.00 WITA,20 orang,Aula Paroki\n'
        '2,LBJ-HARGA-1,LABUAN BAJO,Menghitung Harga,"Sabtu, 12 Desember 2026",13.30-15.00 WITA,25 orang,Aula Paroki\n',
        reads=(FOTO, HARGA),
    ),
    Messy(
        "Google Sheets of an English account: months first, and a later row proves it",
        "code,site,title,starts,minutes,capacity,venue,lat,lon,trainer\n"
        "LBJ-FOTO-1,labuan-bajo,Foto Produk,12/5/2026 9:00:00,120,20,Aula Paroki,,,\n"
        "LBJ-FOTO-2,labuan-bajo,Foto Produk,12/19/2026 9:00:00,120,20,Aula Paroki,,,\n",
        reads=(FOTO, ("LBJ-FOTO-2", "labuan-bajo", "Foto Produk", "2026-12-19 09:00", 120, 20, "Aula Paroki")),
    ),
    Messy(
        "Google Sheets of an English account: nothing proves which is the month",
        "code,site,title,starts,minutes,capacity,venue,lat,lon,trainer\n"
        "LBJ-FOTO-1,labuan-bajo,Foto Produk,1/12/2027 9:00:00,120,20,Aula Paroki,,,\n",
        asks=("2027-12-01 09:00", "2027-01-12 09:00"),
    ),
    Messy(
        "the weekday proves which is the month",
        "Kode,Lokasi,Judul,Hari,Tanggal,Jam,Lama,Kursi,Tempat\n"
        "LBJ-1,Labuan Bajo,Foto Produk,Selasa,1/12/2027,09.00,2 jam,20,Aula Paroki\n",
        reads=(("LBJ-1", "labuan-bajo", "Foto Produk", "2027-01-12 09:00", 120, 20, "Aula Paroki"),),
    ),
    Messy(
        "mornings and afternoons in English",
        "Code,Site,Title,Date,Time,Duration,Seats,Venue\n"
        "LBJ-FOTO-1,Labuan Bajo,Foto Produk,2026-12-05,9:00 AM,2 hours,20,Aula Paroki\n"
        "LBJ-HARGA-1,Labuan Bajo,Menghitung Harga,2026-12-12,1:30 PM,90 minutes,25,Aula Paroki\n",
        reads=(FOTO, HARGA),
    ),
    Messy(
        "half hours with a comma",
        "kode;lokasi;judul;mulai;lama;kursi;tempat\n"
        "LBJ-HARGA-1;Labuan Bajo;Menghitung Harga;12 Des 2026 pukul 13.30;1,5 jam;25;Aula Paroki\n",
        reads=(HARGA,),
    ),
    Messy(
        "minutes with their word",
        "kode;lokasi;judul;mulai;lama;kursi;tempat\n"
        "LBJ-HARGA-1;Labuan Bajo;Menghitung Harga;12 Desember 2026 jam 13.30;90 menit;25 kursi;Aula Paroki\n",
        reads=(HARGA,),
    ),
    Messy(
        "the end in a column of its own",
        "Kode\tLokasi\tNama kelas\tTanggal\tJam mulai\tJam selesai\tKuota\tTempat\n"
        "LBJ-FOTO-1\tLabuan Bajo\tFoto Produk\t05-12-2026\t09:00\t11:00\t20\tAula Paroki\n"
        "LBJ-FOTO-2\tLabuan Bajo\tFoto Produk\t19-12-2026\t09:00\t11:00\t20\tAula Paroki\n",
        reads=(FOTO, ("LBJ-FOTO-2", "labuan-bajo", "Foto Produk", "2026-12-19 09:00", 120, 20, "Aula Paroki")),
    ),
    Messy(
        "an end that is 'done' gives no length",
        "Kode,Lokasi,Judul,Tanggal,Jam,Kursi,Tempat\n"
        "LBJ-1,Labuan Bajo,Foto Produk,5 Des 2026,09.00 WITA s.d. selesai,20,Aula\n",
        refuses=((2, "minutes"),),
    ),
    Messy(
        "an end that is 'done', and the length beside it",
        "Kode,Lokasi,Judul,Tanggal,Jam,Lama,Kursi,Tempat\n"
        "LBJ-FOTO-1,Labuan Bajo,Foto Produk,5 Des 2026,09.00 WITA s.d. selesai,2 jam,20,Aula Paroki\n",
        reads=(FOTO,),
    ),
    Messy(
        "neither seats nor pin nor trainer, as who knows only what matters",
        "Kode,Lokasi,Judul,Mulai,Lama,Tempat\n"
        "LBJ-FOTO-1,Labuan Bajo,Foto Produk,5 Desember 2026 jam 9 pagi,2 jam,Aula Paroki\n",
        reads=((*FOTO[:5], None, "Aula Paroki"),),
    ),
    Messy(
        "a workbook with cells that are dates and times",
        [
            ["Kode", "Lokasi", "Judul", "Tanggal", "Jam", "Durasi (menit)", "Kapasitas", "Tempat", "Pelatih"],
            [
                "LBJ-FOTO-1",
                "Labuan Bajo",
                "Foto Produk",
                date(2026, 12, 5),
                time(9, 0),
                120,
                20,
                "Aula Paroki",
                "Maria",
            ],
            [
                "LBJ-HARGA-1",
                "Labuan Bajo",
                "Menghitung Harga",
                date(2026, 12, 12),
                time(13, 30),
                90,
                25,
                "Aula Paroki",
                None,
            ],
        ],
        reads=(FOTO, HARGA),
    ),
    Messy(
        "a workbook whose dates lost their format: serial numbers",
        [
            ["Kode", "Lokasi", "Judul", "Mulai", "Lama", "Kursi", "Tempat"],
            ["LBJ-FOTO-1", "Labuan Bajo", "Foto Produk", 46361.375, 120, 20, "Aula Paroki"],
            ["LBJ-HARGA-1", "Labuan Bajo", "Menghitung Harga", 46368.5625, 90, 25, "Aula Paroki"],
        ],
        reads=(FOTO, HARGA),
    ),
    Messy(
        "a .csv whose dates lost their format, day and hour apart",
        "Kode;Lokasi;Judul;Tanggal;Jam;Lama;Kursi;Tempat\n"
        "LBJ-FOTO-1;Labuan Bajo;Foto Produk;46361;0,375;120;20;Aula Paroki\n",
        reads=(FOTO,),
    ),
    Messy(
        "stars and notes in the headings",
        "Kode *,Lokasi *,Judul (maks. 120 huruf) *,Mulai (WITA) *,Lama (menit) *,Kursi,Tempat *\n"
        "LBJ-FOTO-1,labuan-bajo,Foto Produk,2026-12-05 09:00,120,20,Aula Paroki\n",
        reads=(FOTO,),
    ),
    Messy(
        "a weekday that is not the date's",
        "Kode,Lokasi,Judul,Mulai,Lama,Kursi,Tempat\n"
        'LBJ-1,Labuan Bajo,Foto Produk,"Rabu, 10 Des 2026 09.00",120,20,Aula Paroki\n',
        refuses=((2, "starts"),),
    ),
    Messy(
        "Jakarta's hour at Labuan Bajo",
        "Kode,Lokasi,Judul,Mulai,Lama,Kursi,Tempat\n"
        "LBJ-1,Labuan Bajo,Foto Produk,10 Des 2026 09.00 WIB,120,20,Aula Paroki\n",
        refuses=((2, "starts"),),
    ),
    Messy(
        "a month misspelt, a day that does not exist, an hour forgotten",
        "Kode,Lokasi,Judul,Mulai,Lama,Kursi,Tempat\n"
        "LBJ-1,Labuan Bajo,Foto Produk,9 Desembr 2026 09.00,120,20,Aula Paroki\n"
        "LBJ-2,Labuan Bajo,Foto Produk,29 Feb 2027 09.00,120,20,Aula Paroki\n"
        "LBJ-3,Labuan Bajo,Foto Produk,10 Desember 2026,120,20,Aula Paroki\n",
        refuses=((2, "starts"), (3, "starts"), (4, "starts")),
    ),
    Messy(
        "a site nobody knows",
        "Kode,Lokasi,Judul,Mulai,Lama,Kursi,Tempat\nLBJ-1,Ende,Foto Produk,10 Des 2026 09.00,120,20,Aula Paroki\n",
        refuses=((2, "site"),),
    ),
    Messy(
        "a list of names, not of classes",
        "No,Nama,Usaha,No HP\n1,Siti Aminah,Kuliner,0812\n2,Budi Mulyani,Tenun,0813\n",
        nothing_fits=True,
    ),
    Messy(
        "a stock list, not of classes, in a workbook",
        [["Barang", "Jumlah", "Harga"], ["Gula", 12, 15000], ["Kopi", 7, 60000]],
        nothing_fits=True,
    ),
    Messy(
        "sums and signatures below the table",
        "Kode;Lokasi;Judul;Mulai;Lama;Kursi;Tempat\n"
        "LBJ-FOTO-1;Labuan Bajo;Foto Produk;5 Des 2026 09.00;120;20;Aula Paroki\n"
        ";;;;;;\n"
        "Total;;;;;20;\n",
        reads=(FOTO,),
        notes=(4,),
    ),
    Messy(
        "Windows encoding, an end of line of Windows, quotes",
        "Kode;Lokasi;Judul;Mulai;Lama;Kursi;Tempat\r\n"
        'LBJ-1;Labuan Bajo;"Foto Produk – lanjutan";5 Des 2026 09.00;120;20;Café Paroki\r\n',
        reads=(("LBJ-1", "labuan-bajo", "Foto Produk – lanjutan", "2026-12-05 09:00", 120, 20, "Café Paroki"),),
        encoding="cp1252",
    ),
    Messy(
        "pasted out of WhatsApp: blanks that do not break, ticks, long dashes",
        "Kode\tLokasi\tJudul\tWaktu\tKursi\tTempat\n"
        "LBJ-FOTO-1\tLabuan\u00a0Bajo\t Foto Produk \tSabtu 5\u00a0Des 2026 pukul 09.00\u201311.00\t20\tAula Paroki\n",
        reads=(FOTO,),
    ),
    Messy(
        "three sites, three zones",
        "Kode,Lokasi,Judul,Tanggal,Jam,Lama,Kursi,Tempat\n"
        "YOG-1,Yogyakarta,Foto Produk,15/12/2026,09.00 WIB,2 jam,20,Balai Desa\n"
        "LBJ-1,Labuan Bajo,Foto Produk,15/12/2026,09.00 WITA,2 jam,20,Aula Paroki\n"
        "JAY-1,Jayapura,Foto Produk,15/12/2026,09.00 WIT,2 jam,20,Aula Kampus\n",
        reads=(
            ("YOG-1", "yogyakarta", "Foto Produk", "2026-12-15 09:00", 120, 20, "Balai Desa"),
            ("LBJ-1", "labuan-bajo", "Foto Produk", "2026-12-15 09:00", 120, 20, "Aula Paroki"),
            ("JAY-1", "jayapura", "Foto Produk", "2026-12-15 09:00", 120, 20, "Aula Kampus"),
        ),
    ),
    Messy(
        "half days: 'jam 9 pagi', 'jam 2 siang'",
        "Kode,Lokasi,Judul,Tanggal,Jam,Lama,Kursi,Tempat\n"
        "LBJ-1,Labuan Bajo,Foto Produk,Sabtu 5 Desember 2026,jam 9 pagi,2 jam,20,Aula Paroki\n"
        "LBJ-2,Labuan Bajo,Menghitung Harga,Sabtu 5 Desember 2026,jam 2 siang,1 jam 30 menit,20,Aula Paroki\n",
        reads=(
            ("LBJ-1", "labuan-bajo", "Foto Produk", "2026-12-05 09:00", 120, 20, "Aula Paroki"),
            ("LBJ-2", "labuan-bajo", "Menghitung Harga", "2026-12-05 14:00", 90, 20, "Aula Paroki"),
        ),
    ),
    Messy(
        "an hour alone: two in the morning or in the afternoon?",
        "Kode,Lokasi,Judul,Tanggal,Jam,Lama,Kursi,Tempat\n"
        "LBJ-1,Labuan Bajo,Foto Produk,5 Desember 2026,jam 2,2 jam,20,Aula Paroki\n",
        refuses=((2, "starts"),),
    ),
    Messy(
        "lengths as a clock shows them",
        "Kode,Lokasi,Judul,Mulai,Durasi,Kursi,Tempat\n"
        "LBJ-HARGA-1,Labuan Bajo,Menghitung Harga,12 Des 2026 13:30,1:30,25,Aula Paroki\n",
        reads=(HARGA,),
    ),
    Messy(
        "months first against days first in one file",
        "Kode,Lokasi,Judul,Mulai,Lama,Kursi,Tempat\n"
        "LBJ-1,Labuan Bajo,Foto Produk,12/19/2026 09.00,120,20,Aula Paroki\n"
        "LBJ-2,Labuan Bajo,Foto Produk,20/12/2026 09.00,120,20,Aula Paroki\n",
        refuses=((2, "starts"), (3, "starts")),
    ),
    Messy(
        "no codes at all",
        "Lokasi,Judul,Mulai,Lama,Kursi,Tempat\nLabuan Bajo,Foto Produk,5 Des 2026 09.00,120,20,Aula Paroki\n",
        reads=(("labuan-bajo-261205", *FOTO[1:]),),
    ),
    Messy(
        "the site's name with 'di' and 'lokasi' left to the heading, pins as one pastes them",
        "Kode Kelas;Lokasi Kelas;Judul Kelas;Waktu Mulai;Lama Kelas;Jumlah Kursi;Tempat Kelas;Lintang;Bujur;Pelatih\n"
        "LBJ-FOTO-1;Labuan Bajo;Foto Produk;2026-12-05 09:00;120;20;Aula Paroki;-8,4964;119,8877;Maria Goreti\n",
        reads=(FOTO,),
    ),
    Messy(
        "a year of two digits, and none",
        "Kode,Lokasi,Judul,Mulai,Lama,Kursi,Tempat\n"
        "LBJ-1,Labuan Bajo,Foto Produk,19/12/26 09.00,120,20,Aula Paroki\n"
        "LBJ-2,Labuan Bajo,Foto Produk,19 Desember 09.00,120,20,Aula Paroki\n",
        refuses=((2, "starts"), (3, "starts")),
    ),
    Messy(
        "a length that ends before it begins",
        "Kode,Lokasi,Judul,Tanggal,Mulai,Selesai,Kursi,Tempat\n"
        "LBJ-1,Labuan Bajo,Foto Produk,5 Des 2026,11.00,09.00,20,Aula Paroki\n",
        refuses=((2, "minutes"),),
    ),
    Messy(
        "a range, and a length that says otherwise",
        "Kode,Lokasi,Judul,Tanggal,Jam,Lama,Kursi,Tempat\n"
        "LBJ-1,Labuan Bajo,Foto Produk,5 Des 2026,09.00-12.00,2 jam,20,Aula Paroki\n",
        refuses=((2, "minutes"),),
    ),
    Messy(
        "'Minggu' is a day, not a week",
        "Kode,Lokasi,Judul,Hari,Tanggal,Pukul,Lama,Peserta maks,Tempat\n"
        "LBJ-1,Labuan Bajo,Foto Produk,Minggu,6 Desember 2026,09.00,2 jam,maks. 20,Aula Paroki\n",
        reads=(("LBJ-1", "labuan-bajo", "Foto Produk", "2026-12-06 09:00", 120, 20, "Aula Paroki"),),
    ),
    Messy(
        "the same heading twice",
        "Kode,Lokasi,Judul,Mulai,Mulai,Lama,Kursi,Tempat\n"
        "LBJ-1,Labuan Bajo,Foto,5 Des 2026 09.00,6 Des 2026 09.00,120,20,Aula\n",
        refuses=((1, "starts"),),
    ),
)


BAJO = frozenset({"labuan-bajo"})


def _read(day: str, hour: str, title: str, minutes: int = 120, venue: str = "Aula", seats: int | None = 20) -> Read:
    """What is read of a class without a code on a day of December 2026; its code is made of its site and day."""
    return (f"labuan-bajo-2612{day}", "labuan-bajo", title, f"2026-12-{day} {hour}", minutes, seats, venue)


LATER_TABLES = (
    Messy(
        "an office's schedule: the day merged over two classes, a signature below",
        [
            ["JADWAL PELATIHAN UMKM DIGITAL"],
            ["LABUAN BAJO, DESEMBER 2026"],
            [],
            ["NO", "HARI/TANGGAL", "WAKTU", "MATERI", "TEMPAT", "NARASUMBER", "KET"],
            [1, "Senin, 7 Desember 2026", "09.00 - 11.00 WITA", "Foto Produk dengan HP", "Aula", "Maria Goreti", None],
            [2, None, "13.00 - 15.00 WITA", "Menentukan Harga", "Aula", "Maria Goreti", None],
            [3, "Selasa, 8 Desember 2026", "09.00 s.d. 11.00", "Jualan di TikTok", "Aula", "Yosef Kandai", "bawa HP"],
            [],
            [None, None, None, None, "Labuan Bajo, 1 Desember 2026"],
            [None, None, None, None, "Koordinator,"],
        ],
        reads=(
            _read("07", "09:00", "Foto Produk dengan HP", seats=None),
            ("labuan-bajo-261207-2", *_read("07", "13:00", "Menentukan Harga", seats=None)[1:]),
            _read("08", "09:00", "Jualan di TikTok", seats=None),
        ),
        notes=(9, 10),
        sites=BAJO,
        merged=("A1:G1", "A2:G2", "B5:B6"),
    ),
    Messy(
        "cells that are dates and times, start and end apart",
        [
            ["Tanggal", "Jam Mulai", "Jam Selesai", "Nama Kelas", "Lokasi", "Tempat", "Kuota"],
            [date(2026, 12, 7), time(9, 0), time(11, 30), "Foto Produk", "Labuan Bajo", "Aula", 20],
            [date(2026, 12, 9), time(13, 0), time(15, 0), "Catat Uang", "labuan bajo", "Aula", "25 org"],
        ],
        reads=(_read("07", "09:00", "Foto Produk", 150), _read("09", "13:00", "Catat Uang", seats=25)),
    ),
    Messy(
        "days without a year of four digits, a sum and a note below",
        "Jadwal Kelas Desember 2026;;;;;\n;;;;;\n"
        "Judul;Lokasi;Tanggal & Jam;Durasi;Kapasitas;Tempat\n"
        "Foto Produk;Labuan Bajo;Sab 12/12/26 jam 9 pagi;2 jam;20;Aula\n"
        "Video Pendek;Labuan Bajo;Sab 19/12/26 jam 9 pagi;2jam;20;Aula\n"
        "Total;;;;40;\n"
        "Catatan: peserta harap bawa HP;;;;;\n",
        refuses=((4, "starts"), (5, "starts")),
    ),
    Messy(
        "Google Sheets of an English account, lengths as a clock",
        "Class,Site,Date,Time,Duration,Seats,Place\n"
        "Foto Produk,Labuan Bajo,12/7/2026,9:00 AM,2:00,20,Aula\n"
        "Live Jualan,Labuan Bajo,12/14/2026,1:30 PM,1:30,20,Aula\n",
        reads=(_read("07", "09:00", "Foto Produk"), _read("14", "13:30", "Live Jualan", 90)),
    ),
    Messy(
        "units in the headings",
        "Nama kelas;Lokasi;Mulai (WITA);Lama (menit);Kapasitas (orang);Pelatih;Alamat\n"
        "Foto Produk;Labuan Bajo;07-12-2026 09:00;120;20;Bu Maria;Jl. Soekarno Hatta\n",
        reads=(_read("07", "09:00", "Foto Produk", venue="Jl. Soekarno Hatta"),),
    ),
    Messy(
        "a header of two rows: the day and the hours under 'Waktu'",
        [
            ["Judul", "Lokasi", "Waktu", None, None, "Kursi", "Tempat"],
            [None, None, "Tanggal", "Mulai", "Selesai", None, None],
            ["Foto Produk", "Labuan Bajo", "7 Des 2026", "09.00", "11.00", 20, "Aula"],
        ],
        reads=(_read("07", "09:00", "Foto Produk"),),
        merged=("C1:E1", "A1:A2", "B1:B2", "F1:F2", "G1:G2"),
    ),
    Messy(
        "a sheet of instructions before the table",
        [
            ["Kode", "Lokasi", "Judul", "Mulai", "Durasi", "Kapasitas", "Tempat"],
            ["LBJ-1", "Labuan Bajo", "Foto Produk", "7 Des 2026 09.00", "2 jam", 20, "Aula"],
        ],
        reads=(("LBJ-1", *_read("07", "09:00", "Foto Produk")[1:]),),
        before=("Isi lembar Jadwal.", "Jangan ubah judul kolom."),
    ),
    Messy(
        "Excel's 'Unicode text': tabs, UTF-16, days like 07-Des-26",
        "judul\tlokasi\ttgl\tjam\tlama\tjml peserta\ttempat\n"
        "Foto Produk\tLabuan Bajo\t07-Des-26\t09:00\t2 jam\t20 orang\tAula\n"
        "Foto Produk\tLabuan Bajo\t14-Dec-26\t09:00\t1,5 jam\t20 orang\tAula\n",
        reads=(_read("07", "09:00", "Foto Produk"), _read("14", "09:00", "Foto Produk", 90)),
        encoding="utf-16",
    ),
    Messy(
        "lengths in lesson hours, a pin in one cell, a link to a map",
        "Kelas;Hari;Tanggal;Pukul;Lama;Titik lokasi;Tempat;Pelatih\n"
        "Foto Produk;Senin;7 Desember 2026;09.00-11.00 WITA;2 JP;-8.4966, 119.8877;Aula;Maria\n"
        "Foto Produk;Senin;14 Desember 2026;09.00-11.00 WITA;;https://maps.app.goo.gl/abc;Aula;Maria\n",
        refuses=((2, "minutes"),),
        sites=BAJO,
    ),
    Messy(
        "the same as above, as marks of repetition",
        "Judul;Lokasi;Mulai;Durasi;Kapasitas;Tempat\n"
        "Foto Produk;Labuan Bajo;7 Des 2026 jam 9;2 jam;20;Aula\n"
        "sda;sda;8 Des 2026 jam 9;sda;sda;sda\n",
        refuses=((3, "capacity"), (3, "minutes"), (3, "site")),
    ),
    Messy(
        "a part of the day for an hour",
        "Judul;Lokasi;Tanggal;Jam;Durasi;Tempat\n"
        "Foto Produk;Labuan Bajo;7 Desember 2026;pagi;2 jam;Aula\n"
        "Catat Uang;Labuan Bajo;8 Desember 2026;jam 1 siang;2 jam;Aula\n"
        "Jualan;Labuan Bajo;9 Desember 2026;24.00;2 jam;Aula\n",
        refuses=((2, "starts"), (4, "starts")),
    ),
    Messy(
        "a workbook whose dates and hours lost their format, apart",
        [
            ["Judul", "Lokasi", "Tanggal", "Jam", "Durasi", "Kapasitas", "Tempat"],
            ["Foto Produk", "Labuan Bajo", 46363, 0.375, "2 jam", 20, "Aula"],
        ],
        reads=(_read("07", "09:00", "Foto Produk"),),
    ),
    Messy(
        "no site, of a trainer of two",
        "Judul;Mulai;Durasi;Tempat\nFoto Produk;7 Des 2026 09.00;2 jam;Aula\n",
        refuses=((1, "site"),),
        sites=frozenset({"labuan-bajo", "golo-loni"}),
    ),
    Messy(
        "lines of a chat",
        "Jadwal kelas:\n1. Foto Produk, Senin 7 Des 2026 jam 9, Aula\n2. Catat Uang, Selasa 8 Des 2026 jam 9, Aula\n",
        nothing_fits=True,
    ),
)

"""The PDF of names: hostile names are data, long ones wrap, fonts are inside, nothing is fetched; names of files."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from bot.documents.attendance_sheet import SheetOfNames, pages, pdf
from bot.documents.file_names import file_name

SHEET = SheetOfNames(
    "Daftar hadir",
    [("Kelas", "Foto Produk"), ("Tempat", "Puncak Waringin")],
    ("No.", "Nama", "Tanda tangan"),
    [("1", "Bu Siti", "")],
    10,
    "Belum terdaftar",
    "Artinya setuju.",
    "Foto Produk",
)
HOSTILE = [
    '#import "@preview/x:0.1.0": *',
    "#panic()",
    '#read("/etc/passwd")',
    "*tebal* _miring_ `kode`",
    "$x^2$",
    "= Judul",
    "@sumber <label>",
    "// komentar",
    "/* komentar */",
    "\\u{41} \\",
    "[kurung] #[isi]",
    "\"kutip\" 'satu'",
    "#sys.inputs",
    "<b>tebal</b>",
    "{{n}} {starts}",
]


def words(content: bytes) -> str:
    """What can be read on all pages; where words may break, they stand whole."""
    read = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    return " ".join(read.replace("\u200b", "").split())


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_never_markup(name: str) -> None:
    made = pdf(replace(SHEET, names=[("1", name, name)], facts=[("Kelas", name)], footer=name, note=name))
    assert words(made).count(" ".join(name.split())) == 5, words(made)


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=60), st.text(max_size=130))
def test_any_name_and_title_make_a_sheet(name: str, title: str) -> None:
    assert pdf(replace(SHEET, names=[("1", name, "")], facts=[("Kelas", title)])).startswith(b"%PDF")


def test_letters_of_the_country_are_in_the_fonts_of_the_file() -> None:
    made = pdf(replace(SHEET, names=[("1", "Bu Ni Luh Gede Ayu José Ñandú ʼAli Zoë Šime", "")]))
    assert "José Ñandú ʼAli Zoë Šime" in words(made)
    fonts = [
        font.get_object()
        for page in PdfReader(io.BytesIO(made)).pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    ]
    assert fonts
    for font in fonts:
        (inner,) = font["/DescendantFonts"]
        assert {"/FontFile2", "/FontFile3"} & set(inner.get_object()["/FontDescriptor"].get_object())


def test_a_long_word_goes_on_in_the_next_line_and_stays_in_its_column() -> None:
    made = pdf(replace(SHEET, names=[("1", "W" * 90, "")], facts=[]))
    read = PdfReader(io.BytesIO(made)).pages[0].extract_text()
    assert read.count("W") == 90
    assert max(line.count("W") for line in read.splitlines()) < 30, "no line is wider than the column"


def test_the_same_sheet_is_the_same_file_and_a_picture_of_each_page() -> None:
    assert pdf(SHEET) == pdf(SHEET)
    (picture,) = pages(SHEET)
    assert picture.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Foto Produk", "peserta-foto-produk-2026-11-24.xlsx"),
        ("Café & “Kopi” Ñandú", "peserta-cafe-kopi-nandu-2026-11-24.xlsx"),
        ("../../etc/passwd", "peserta-etc-passwd-2026-11-24.xlsx"),
        ("ꦥꦫꦩꦱꦠꦿ", "peserta-2026-11-24.xlsx"),
        (
            "Foto Produk dengan HP untuk Pemula di Labuan Bajo",
            "peserta-foto-produk-dengan-hp-untuk-pemula-di-2026-11-24.xlsx",
        ),
        ("x" * 90, f"peserta-{'x' * 40}-2026-11-24.xlsx"),
    ],
)
def test_a_file_is_named_after_its_class_and_day(title: str, name: str) -> None:
    # 23.30 UTC is the next day in Labuan Bajo
    assert file_name("peserta", title, datetime(2026, 11, 23, 23, 30, tzinfo=UTC), "Asia/Makassar", "xlsx") == name
    assert file_name("", title, datetime(2026, 11, 23, 23, 30, tzinfo=UTC), "Asia/Makassar", "ics").endswith(".ics")

"""Lists as .xlsx: text is never a formula; sheets as data keep names out of the ledger until they are sent."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from bot.documents.xlsx_writer import MIME, Page, workbook
from bot.words.message import At, Called, File, Form, Message, Sheet, Who, Words, named, people_in
from tests.chat import texts

MOMENT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def read(content: bytes, at: int = 0) -> list[list[object]]:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(at)
    return [list(row) for row in sheet.to_python()]


def formulas(content: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return any(b"<f>" in packed.read(name) for name in packed.namelist() if "worksheets" in name)


def test_the_same_content_is_the_same_file_whenever_it_is_made() -> None:
    """Telegram has it already: nothing is uploaded again."""
    made = workbook([Page("Kelas", ["Nama"], [["Siti"]])])
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        properties = archive.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\dT", properties)) == {"2026-01-01T"}


def test_cells_keep_what_they_are() -> None:
    moment = datetime(2026, 11, 24, 9, 0)  # noqa: DTZ001 - a spreadsheet knows wall time only
    content = workbook([Page("Peserta", ["No", "Nama", "Nilai", "Sejak"], [[1, "Siti", 0.5, moment], [2, None]])])
    assert read(content) == [["No", "Nama", "Nilai", "Sejak"], [1.0, "Siti", 0.5, moment], [2.0, "", "", ""]]


@pytest.mark.parametrize("text", ["=1+1", "+62812", "-5", "@SUM(A1)", '=HYPERLINK("http://x")', "0812", "http://x.id"])
def test_what_people_wrote_is_text(text: str) -> None:
    content = workbook([Page("x", [text], [[text]])])
    assert read(content) == [[text], [text]]
    assert not formulas(content)
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert not [name for name in packed.namelist() if "_rels/sheet" in name]


@given(st.lists(st.text(min_size=0, max_size=40), min_size=1, max_size=4))
def test_any_title_can_name_a_sheet(titles: list[str]) -> None:
    content = workbook([Page("".join(c for c in title if c.isprintable()), ["a"], [["b"]]) for title in titles])
    names = CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names
    assert len({name.casefold() for name in names}) == len(titles)
    assert all(len(name) <= 31 for name in names)


def test_sheets_are_data_until_they_are_sent() -> None:
    head = (Words("roster.head.number"), Words("roster.head.name"), Words("roster.head.since"))
    sheet = Sheet(Words("roster.head.title"), head, ((1, Who(7), At(MOMENT, "Asia/Makassar")), (2, Who(8), None)))
    message = Message("staff.record_file", form=Form.DOCUMENT, file=File("x.xlsx", MIME), sheets=(sheet,), secret=True)
    again = Message.from_json(message.to_json())
    assert again == message
    assert people_in(again) == {7, 8}
    told = named(again, {7: Called("ibu", "Siti")})
    moment = datetime(2026, 11, 24, 9, 0)  # noqa: DTZ001
    assert read(texts().workbook(told, "id")) == [
        ["Nomor", "Nama", "Sejak"],
        [1.0, "Bu Siti", moment],
        [2.0, "…", ""],
    ]
    assert read(texts().workbook(told, "en"))[0] == ["Number", "Name", "Since"]

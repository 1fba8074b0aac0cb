"""Files: what people wrote stays text in every list that leaves; a table that comes can be anything."""

from __future__ import annotations

import contextlib
import io
import json
import re
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from bot.class_import.headings import COLUMNS, PARTS
from bot.class_import.table_files import TableError, rows_of
from bot.documents.xlsx_writer import Page, workbook
from bot.settings import ROOT
from bot.telegram.http import AnswerLost, Refused
from bot.telegram.sanitize import plain
from tests.chat import Chat, Phone, registered, staffed

HASTY = settings(
    deadline=None,
    derandomize=True,
    max_examples=50,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
CELLS = st.text(
    st.one_of(
        st.characters(codec=None), st.sampled_from("=+-@\t\r\n＝＋－＠ '\"|!\x00\x0b\ud800\udfff\ufffe\u202e_x<>&;,")
    ),
    max_size=30,
)


# --- lists that leave ---------------------------------------------------------------------------------------------


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


@HASTY
@given(st.lists(CELLS, min_size=1, max_size=8))
@example(["=cmd|' /C calc'!A0", "＝1+1", " =1", "\n=1", "_x0041_", "http://x.id", "internal:A1", "0812", "1e5", "TRUE"])
@example(["x" * 40_000])
def test_every_cell_is_text_and_comes_back(cells: list[str]) -> None:
    content = workbook([Page(cells[0][:30], cells, [cells])])
    for name, part in parts_of(content).items():
        if name.endswith((".xml", ".rels")):
            tree = ElementTree.fromstring(part)  # noqa: S314 - we wrote it
            assert not [one for one in tree.iter() if one.tag.endswith(("}f", "}hyperlink"))], name
            for cell in (one for one in tree.iter() if one.tag.endswith("}c")):
                assert cell.get("t") in ("s", None)
    (head, row) = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python(
        skip_empty_area=False
    ) or ([], [])  # fmt: skip
    told = [plain(cell)[:32_767] for cell in cells]
    for read in (head, row):
        assert [str(cell) for cell in read] == told[: len(read)]
        assert not any(told[len(read) :])


def test_what_looks_like_a_formula_is_quoted_even_behind_blanks() -> None:
    words = ["Siti", "=1", "  +1", "＝1", "\t@x", "＠SUM(1)"]
    sheet = parts_of(workbook([Page("x", ["a"], [[word] for word in words])]))["xl/worksheets/sheet1.xml"].decode()
    styles = [re.search(rf'<c r="A{row}"( s="\d+")?', sheet) for row in range(2, 2 + len(words))]
    assert [bool(one and one[1]) for one in styles] == [False, True, True, True, True, True]


# --- tables that come ---------------------------------------------------------------------------------------------


@HASTY
@given(st.one_of(st.binary(max_size=300), CELLS.map(lambda text: text.encode("utf-8", "surrogatepass"))))
@example(b"")
@example(b"\x00")
@example(b"PK\x03\x04")
@example(b"PK\x03\x04" + b"\x00" * 500)
@example(b"\xd0\xcf\x11\xe0")
@example(b"sep=")
@example(b"sep=\x00\r\n")
@example(b'sep="\n' + b'"' * 99)
@example(b"sep=\r\r\ncode\rsite")
@example(b"sep= \ncode site")
@example(",".join(COLUMNS).encode("utf-16"))
@example(",".join(COLUMNS).encode("utf-16-be"))
@example((",".join(COLUMNS) + "\r\n").encode() * 3)
@example("Kode;Lokasi;ñ".encode("cp1252"))
@example(b"%PDF-1.7")
@example(b"<html><script>alert(1)</script>")
@example(b"code," * 100_000)
@example((b"(" * 30_000 + b",") * 20)
@example(b"x" * 1_000_000)
@example(b"\r" * 20_000)
def test_whatever_a_file_holds_it_is_a_table_or_refused(content: bytes) -> None:
    with contextlib.suppress(TableError):
        assert all(set(row.cells) <= {*COLUMNS, *PARTS} for row in rows_of(content))


def test_no_workbook_fills_the_memory_or_ends_the_process() -> None:
    """Bombs, and a genuine workbook with one thing odd in it, read by a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.odd_workbooks"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-800:]
    told, grown = json.loads(done.stdout)
    assert {name for name, words in told["bombs"].items() if words.endswith(" rows")} == {"a way up"}
    assert "promises far more" in told["bombs"]["promises strings"]
    assert "entities" in told["bombs"]["laughs in strings"]
    assert len(told["variants"]) > 60
    assert grown < 200, "MB"


# --- in the chat --------------------------------------------------------------------------------------------------


@pytest.fixture
def maria(chat: Chat) -> Phone:
    return staffed(chat)


def sends(phone: Phone, content: bytes, **document: Any) -> Phone:
    """A document whose facts are whatever is given."""
    files = phone.chat.telegram.files
    file_id = f"odd{len(files)}"
    files[file_id] = content
    return phone.sends(document={"file_id": file_id, "file_unique_id": file_id, **document})


@pytest.mark.parametrize(
    "document",
    [
        {"file_name": "../../../../etc/passwd.xlsx", "file_size": 5},
        {"file_name": "\u202excod.xlsx\x00.csv", "mime_type": "text/html"},
        {"file_name": "kelas.CSV", "file_size": -1, "mime_type": ""},
        {"file_name": ".xlsx"},
    ],
)
def test_what_a_file_says_of_itself_decides_nothing(chat: Chat, maria: Phone, document: dict[str, Any]) -> None:
    for content in (b"", b"\x00" * 1000, b"PK\x03\x04", b"code,site\n\xff\xfe"):
        sends(maria, content, **document)
        maria.sees("contoh")
    assert chat.app.inbox.failed == 0


@pytest.mark.parametrize(
    "refusal",
    [Refused(413, "file is too big", None), Refused(400, "Bad Request: file is too big", None)],
)
def test_a_file_larger_than_it_says_is_told_kindly(chat: Chat, maria: Phone, refusal: Refused) -> None:
    chat.telegram.file_faults = [refusal]
    sends(maria, b"x", file_name="kelas.xlsx").sees("5 MB")
    chat.telegram.file_faults = [AnswerLost("cut off"), refusal]
    sends(maria, b"x", file_name="kelas.xlsx", file_size=3).sees("5 MB")


def test_a_file_of_20_mb_is_not_even_fetched(chat: Chat, maria: Phone) -> None:
    chat.telegram.calls.clear()
    sends(maria, b"", file_name="kelas.csv", file_size=20 << 20).sees("5 MB")
    sends(maria, b"", file_name="kelas.csv", file_size=2**60).sees("5 MB")
    assert not [method for method, _ in chat.telegram.calls if method == "getFile"]


def test_titles_that_are_formulas_are_refused_and_names_are_letters_in_every_list(chat: Chat, maria: Phone) -> None:
    siti = registered(chat, "=HYPERLINK(1)")  # as if it had come in some other way
    session = chat.add_class("LB-1", starts=datetime(2026, 11, 25, tzinfo=UTC), title="=1+1")
    siti.sends_tap(f"enrolment:take:{session}")
    maria.sends_tap(f"roster:file:{session}")
    (_, content, _) = next(iter(maria.new[-1].params["files"].values()))
    assert b"<f>" not in b"".join(part for name, part in parts_of(content).items() if "worksheets" in name)
    cells = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert any("HYPERLINK" in str(cell) for row in cells for cell in row)

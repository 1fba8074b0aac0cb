"""Reads a file that staff made with a spreadsheet (CSV, XLSX) into rows of cells; other files are refused.

A workbook is packed anew from parts that were looked at before any other code reads it.
"""

from __future__ import annotations

import codecs
import csv
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Final
from xml.parsers import expat

from bot.class_import import headings
from bot.class_import.headings import COLUMNS, PARTS

MAX_FILE_BYTES: Final = 5 * 1024 * 1024
MAX_ROWS: Final = 5_000
MAX_UNPACKED_BYTES: Final = 50 * 1024 * 1024
MAX_PARTS: Final = 1_000
MAX_ELEMENTS: Final = 1_000_000
MAX_DEPTH: Final = 40
MAX_GRID: Final = (10_000, 100)
"""The most rows and columns of a sheet: it is read as one dense block, so a single cell far out would fill the
memory."""

MAX_SHEETS: Final = 10
"""In how many sheets of a workbook the table is looked for."""

MAX_HEADER: Final = 20_000
"""How much of a line is looked at for headings, characters."""

Fact = str | int | date | datetime
Cell = str | int | float | bool | datetime | date | time | timedelta | None


@dataclass(frozen=True, order=True)
class Problem:
    """A mistake in a table; `row` as the spreadsheet shows it (0: the whole file), `column` empty: the row."""

    row: int
    column: str
    words: str
    kind: str = ""
    """The kind of mistake in one word, for people who are told in their own language (`sessions.problem.<kind>`)."""
    facts: tuple[tuple[str, Fact], ...] = field(default=(), compare=False)
    """What those words may name. A moment is aware, and told as a day."""
    heading: str = field(default="", compare=False)
    """The column as the table's own header names it."""

    def __str__(self) -> str:
        where = ", ".join(part for part in (f"row {self.row}" if self.row else "", self.column) if part)
        return f"{where}: {self.words}" if where else self.words


class TableError(Exception):
    """The file cannot be read as a table of classes."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Row:
    """One row of the table: its number and its cells by column name."""

    number: int
    cells: Mapping[str, Cell]
    heads: Mapping[str, str] = field(default_factory=dict, compare=False)
    """How the table's own header names its columns."""
    header: int = field(default=0, compare=False)
    """The number of the header's row."""
    page: str = field(default="", compare=False)
    """The sheet that was read, where another sheet of the workbook holds a table, too; else empty."""


def read_rows(path: Path) -> list[Row]:
    """Returns the rows of a CSV or XLSX file, empty ones left out. Raises OSError, TableError."""
    if path.stat().st_size > MAX_FILE_BYTES:
        raise _file_error(f"the file is larger than {MAX_FILE_BYTES // 1024 // 1024} MB")
    return rows_of(path.read_bytes())


def rows_of(content: bytes) -> list[Row]:
    """Like `read_rows`, for a file's content: its kind is recognised by the content, not by the name."""
    if len(content) > MAX_FILE_BYTES:
        raise _file_error(f"the file is larger than {MAX_FILE_BYTES // 1024 // 1024} MB")
    if content.startswith(b"PK\x03\x04"):
        grid, page = _xlsx_grid(content)
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        raise _file_error(
            "this is an old .xls file or has a password; save it as .xlsx without a password", "old_excel"
        )
    else:
        grid, page = _csv_grid(content), ""
    return _named(grid, page)


def _file_error(words: str, kind: str = "file", **facts: Fact) -> TableError:
    return TableError([Problem(0, "", words, kind, tuple(facts.items()))])


def _csv_grid(content: bytes) -> list[list[Cell]]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        content = content.decode("utf-16", errors="replace").encode()  # Excel's "Unicode text"
    if b"\x00" in content:
        raise _file_error("this is neither CSV text nor an .xlsx file; save the table as CSV UTF-8 or as .xlsx")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError:
            raise _file_error("the letters cannot be read; save the table as CSV UTF-8") from None
    delimiters = [",", ";", "\t"]
    # Excel's own hint, which it does not show as a row. Not every character separates: Python 3.13 refuses a quotation
    # mark, a space or the end of a line, and a letter would cut words in two; such a line is one of the table's own.
    if said := re.match(r"sep=([^\s\w\"]|\t)\r?\n", text):
        text, delimiters = text[said.end() :], [said[1]]
    # the header tells the delimiter: the one that finds most columns in it
    delimiter = max(delimiters, key=lambda sign: _columns_known(text, sign))
    grid: list[list[Cell]] = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            grid.append(list(record[: MAX_GRID[1] + 1]))
            if len(grid) > MAX_GRID[0]:
                raise _file_error(f"the table has more than {MAX_ROWS} rows", "too_many", n=MAX_ROWS)
        return grid
    except csv.Error as error:
        at = len(grid) + 1
        raise _file_error(f"not a CSV table from row {at} on: {error}", "quotes", n=at) from None


def _columns_known(text: str, delimiter: str) -> int:
    lines = [line for line in text.splitlines()[: 2 * headings.LOOKED_AT] if line.strip()]
    rows = [[name.strip().strip('"') for name in line[:MAX_HEADER].split(delimiter)] for line in lines]
    return max((headings.known(row) for row in rows[: headings.LOOKED_AT]), default=0)


def _xlsx_grid(content: bytes) -> tuple[list[list[Cell]], str]:
    """Returns the cells of the first sheet that holds a table of classes (else of the first), and its name if there is
    another such sheet."""
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum  # only who imports a table needs it

    safe = _repacked(content)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(safe)) as workbook:
            shown = [sheet.name for sheet in workbook.sheets_metadata if sheet.visible is SheetVisibleEnum.Visible]
            tables: list[tuple[str, list[list[Cell]]]] = []
            first: list[list[Cell]] = []
            for number, name in enumerate((shown or workbook.sheet_names)[:MAX_SHEETS]):
                sheet = workbook.get_sheet_by_name(name)
                # without skip_empty_area row numbers would no longer be those the spreadsheet shows
                grid: list[list[Cell]] = [
                    list(row) for row in sheet.to_python(skip_empty_area=False, nrows=MAX_GRID[0])
                ]
                _fill_down(grid, sheet.merged_cell_ranges or [])
                first = grid if number == 0 else first
                if headings.header_at([row for row in grid if not all(map(is_empty, row))]) is not None:
                    tables.append((name, grid))
                if len(tables) > 1:
                    return tables[0][1], tables[0][0]
            return (tables[0][1] if tables else first), ""
    except CalamineError as error:
        raise _file_error(f"the .xlsx file cannot be read: {error}") from None
    except BaseException as error:
        # a panic of the Rust behind it is no Exception to Python, but it is one file's fault all the same
        if type(error).__name__ != "PanicException":
            raise
        raise _file_error("the .xlsx file cannot be read") from None


def _fill_down(grid: list[list[Cell]], merged: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """Writes what stands in cells that are merged over several rows into each of these rows: the day of two classes. A
    title over several columns stays where it is."""
    left = MAX_GRID[0] * 10  # what a table of classes never has, and a file that was forged may
    for (top, column), (bottom, _) in merged:
        for row in grid[top + 1 : bottom + 1]:
            left -= 1
            if left < 0:
                return
            if column < len(row) and column < len(grid[top]) and is_empty(row[column]):
                row[column] = grid[top][column]


def _repacked(content: bytes) -> bytes:
    """Returns the workbook packed anew from parts that were unpacked under a limit, and looked at.

    What an archive says of its sizes may be a lie. Here no part is unpacked further than it says, and its sum is
    checked; so what the spreadsheet reader gets afterwards is what was measured. It gets no parts of other formats
    (.ods, .xlsb), which it would read in ways that nobody has looked at.
    """
    out = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(out, "w") as plain:
            parts = {part.filename: part for part in packed.infolist()}
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts.values()) > MAX_UNPACKED_BYTES:
                raise _file_error("the .xlsx file unpacks to far more than a table of classes")
            for name, part in parts.items():
                if not _PART.fullmatch(name):
                    continue
                with packed.open(part) as stream:
                    data = stream.read(part.file_size + 1)  # read() without a size would unpack first and cut then
                _check_part(data)
                plain.writestr(name, data)
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        expat.ExpatError,
        EOFError,
        OSError,
        LookupError,  # letters of an encoding nobody knows
        ValueError,  # letters that are none of their encoding
        RuntimeError,  # a part is encrypted, or (NotImplementedError) packed in an unknown way
    ) as error:
        raise _file_error(f"the .xlsx file cannot be read: {error}") from None
    return out.getvalue()


_PART: Final = re.compile(r"\[content_types\]\.xml|_rels[/\\].*\.rels|xl[/\\].*\.(?:xml|rels)", re.IGNORECASE)
"""The parts of an .xlsx that are read: no pictures, printer settings or macros."""


def _check_part(part: bytes) -> None:
    """Refuses what no spreadsheet writes and what would fill the memory of its reader: entities, endless elements,
    announced counts (memory is reserved for them), and in a sheet a value far outside a table's size (empty formatted
    cells do not count)."""
    row = column = elements = depth = 0
    is_sheet = b"sheetData" in part.replace(b"\x00", b"")

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, elements, depth
        elements += 1
        depth += 1
        if elements > MAX_ELEMENTS or depth > MAX_DEPTH:
            raise _file_error("the .xlsx file holds far more than a table of classes")
        for name, value in attributes.items():
            if name.lower().endswith("count") and not re.fullmatch(r"0*[0-9]{1,6}", value):
                raise _file_error("the .xlsx file promises far more than it holds")
        if is_sheet:
            reach(tag.rpartition(":")[2], attributes)

    def end(_tag: str) -> None:
        nonlocal depth
        depth -= 1

    def reach(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column
        if name == "row":
            row, column = _whole(attributes.get("r", ""), row + 1), 0
        elif name == "c":
            reference = re.fullmatch(r"([A-Za-z]{1,7})([0-9]{1,12})", attributes.get("r", ""))
            if reference is None:
                column += 1
                return
            column = 0
            for letter in reference[1].upper():
                column = column * 26 + ord(letter) - ord("A") + 1
            row = int(reference[2])
        elif name in {"v", "is", "f"} and (row > MAX_GRID[0] or column > MAX_GRID[1]):
            raise _file_error(f"there is a value in row {row}, column {column}, far outside the table; delete it")

    def entity(*_: object) -> None:
        raise _file_error("the .xlsx file declares entities, which no spreadsheet does")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.EntityDeclHandler = entity
    parser.Parse(part, True)


def _whole(text: str, default: int) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,12}", text) else default


def is_empty(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _named(grid: Sequence[Sequence[Cell]], page: str) -> list[Row]:
    """Names the cells by the header."""
    numbered = [(number, cells) for number, cells in enumerate(grid, 1) if not all(map(is_empty, cells))]
    if not numbered:
        raise _file_error("the table is empty", "empty_table")
    at = headings.header_at([cells for _, cells in numbered])
    if at is None:
        raise _file_error(
            "this is no table of classes: none of its first rows names columns like " + ", ".join(COLUMNS),
            "nothing_fits",
        )
    header_number, header = numbered[at]
    first, lowest = at + 1, header
    if first < len(numbered) and headings.is_lower_part(numbered[first][1]):
        lowest, first = numbered[first][1], first + 1
        header = [high if is_empty(low) else low for high, low in zip_longest(header, lowest)]
    names = headings.columns_of(header)
    heads = {name: " ".join(str(cell).split()) for name, cell in zip(names, header, strict=True) if name}
    problems = [
        Problem(
            header_number,
            name,
            "this column is missing; the header must name " + ", ".join(headings.NEEDED),
            "missing",
        )
        for name in headings.missing(names)
    ]
    problems += [
        Problem(header_number, name, "this column stands there twice", "column_twice", heading=heads[name])
        for name in (*COLUMNS, *PARTS)
        if names.count(name) > 1
    ]
    if problems:
        raise TableError(problems)
    below = [(number, cells) for number, cells in numbered[first:] if list(cells) != list(lowest)]
    if len(below) > MAX_ROWS:
        words = f"the table has {len(below)} rows; at most {MAX_ROWS} can be imported at once"
        raise _file_error(words, "too_many", n=MAX_ROWS)
    if not below:
        raise _file_error("the table has a header but no classes", "no_classes")
    rows: list[Row] = []
    for number, cells in below:
        if any(not is_empty(cell) for cell in cells[len(names) :]):
            words = "has more cells than the header; is a comma not inside quotes?"
            problems.append(Problem(number, "", words, "cells"))
        rows.append(
            Row(
                number,
                {name: cell for name, cell in zip(names, cells, strict=False) if name},
                heads,
                header_number,
                page,
            )
        )
    if problems:
        raise TableError(problems)
    return rows

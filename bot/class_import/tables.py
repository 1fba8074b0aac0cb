"""Tables of classes (CSV, XLSX) that staff write in a spreadsheet -> the programme's calendar, all rows or none.

Three steps, each usable alone: `read_rows` opens the file, `check_rows` reads every cell and collects all that is
wrong, `import_sessions` compares with the database and writes. What is wrong is told with the row number the
spreadsheet shows and the column's name. How staff write a table: docs/import-sessions.md.
"""

from __future__ import annotations

import csv
import io
import lzma
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from xml.parsers import expat
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.catalogue.content import Content, Site
from bot.database import Database
from bot.documents.xlsx_writer import LOOKS_LIKE_FORMULA
from bot.programme import class_changes, sessions
from bot.programme.registration import UNSEEN
from bot.programme.sessions import ClassSession

COLUMNS: Final = ("code", "site", "title", "starts", "minutes", "capacity", "venue", "lat", "lon", "trainer")
MAX_FILE_BYTES: Final = 5 * 1024 * 1024
MAX_ROWS: Final = 5_000
MAX_UNPACKED_BYTES: Final = 50 * 1024 * 1024
MAX_PARTS: Final = 1_000
MAX_ELEMENTS: Final = 1_000_000
MAX_DEPTH: Final = 40
MAX_GRID: Final = (10_000, 100)
"""Rows and columns a sheet may reach: it is read as one dense block, so a lone cell far out would fill the memory."""
LATITUDES: Final = (-11.5, 6.5)
LONGITUDES: Final = (94.0, 141.5)
"""The box around Indonesia, degrees."""
MINUTES: Final = (15, 1440)
CAPACITY: Final = (1, 500)
TITLE_LENGTH: Final = 120
VENUE_LENGTH: Final = 160
TRAINER_LENGTH: Final = 80

Cell = str | int | float | bool | datetime | date | time | timedelta | None


@dataclass(frozen=True, order=True)
class Problem:
    """Something wrong in a table; `row` as the spreadsheet shows it (0: the whole file), `column` empty: the row."""

    row: int
    column: str
    words: str
    kind: str = ""
    """What is wrong in one word, for those who are told in their own language (`sessions.problem.<kind>`)."""

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
    """One row as it stands in the table: its number and its cells by column name."""

    number: int
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class Planned:
    """One class as a row wants it to be. `starts_at` in UTC."""

    row: int
    code: str
    site: Site
    title: str
    starts_at: datetime
    minutes: int
    capacity: int
    venue: str
    latitude: float | None
    longitude: float | None
    trainer: str | None

    def details(self) -> dict[str, Any]:
        """What the services `create` and `change` both take."""
        names = ("title", "starts_at", "minutes", "capacity", "venue", "latitude", "longitude", "trainer")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Imported:
    """What became of the rows: codes of classes, in the order of the table; `told`: people who hear of a move."""

    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    told: int = 0


@dataclass(frozen=True)
class Refused:
    """Nothing was imported."""

    problems: tuple[Problem, ...]


# --- opening the file -----------------------------------------------------------------------------------------------


def read_rows(path: Path) -> list[Row]:
    """The rows of a CSV or XLSX file (the first sheet), empty ones left out. Raises OSError, TableError."""
    if path.stat().st_size > MAX_FILE_BYTES:
        raise _file_error(f"the file is larger than {MAX_FILE_BYTES // 1024 // 1024} MB")
    return rows_of(path.read_bytes())


def rows_of(content: bytes) -> list[Row]:
    """As `read_rows`, of a file's content: what it is, is seen from the content, not from a name."""
    if len(content) > MAX_FILE_BYTES:
        raise _file_error(f"the file is larger than {MAX_FILE_BYTES // 1024 // 1024} MB")
    if content.startswith(b"PK\x03\x04"):
        grid = _xlsx_grid(content)
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        raise _file_error("this is an old .xls file or has a password; save it as .xlsx without a password")
    else:
        grid = _csv_grid(content)
    return _named(grid)


def _file_error(words: str) -> TableError:
    return TableError([Problem(0, "", words)])


def _csv_grid(content: bytes) -> list[list[Cell]]:
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
                raise _file_error(f"the table has more than {MAX_ROWS} rows")
        return grid
    except csv.Error as error:
        raise _file_error(f"not a CSV table from row {len(grid) + 1} on: {error}") from None


def _columns_known(text: str, delimiter: str) -> int:
    for line in text.splitlines():
        if line.strip():
            return len(set(COLUMNS) & {_column(name.strip('"')) for name in line.split(delimiter)})
    return 0


def _xlsx_grid(content: bytes) -> list[list[Cell]]:
    from python_calamine import CalamineError, CalamineWorkbook  # only who imports a table needs it

    safe = _repacked(content)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(safe)) as workbook:
            sheet = workbook.get_sheet_by_index(0)
            # without skip_empty_area row numbers would no longer be those the spreadsheet shows
            return [list(row) for row in sheet.to_python(skip_empty_area=False, nrows=MAX_GRID[0])]
    except CalamineError as error:
        raise _file_error(f"the .xlsx file cannot be read: {error}") from None
    except BaseException as error:
        # a panic of the Rust behind it is no Exception to Python, but it is one file's fault all the same
        if type(error).__name__ != "PanicException":
            raise
        raise _file_error("the .xlsx file cannot be read") from None


def _repacked(content: bytes) -> bytes:
    """The workbook packed anew from parts that were unpacked under a limit, and looked at.

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
    """Refuse what no spreadsheet writes and what would fill the memory of its reader: entities, elements without end,
    numbers of things to come (memory is set aside for them), and in a sheet a value far outside a table's size (empty
    formatted cells do not count)."""
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


def _column(name: Cell) -> str:
    return " ".join(str(name or "").replace("\ufeff", "").split()).casefold()


def _is_empty(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _named(grid: Sequence[Sequence[Cell]]) -> list[Row]:
    """Name the cells by the header, the first row that is not empty."""
    numbered = [(number, cells) for number, cells in enumerate(grid, 1) if not all(map(_is_empty, cells))]
    if not numbered:
        raise _file_error("the table is empty")
    header_number, header = numbered[0]
    names = [_column(cell) for cell in header]
    problems = [
        Problem(
            header_number,
            name,
            "this column is missing; the first row must name all of " + ", ".join(COLUMNS),
            "missing",
        )
        for name in COLUMNS
        if name not in names
    ]
    problems += [
        Problem(header_number, name, "this column stands there twice", "column_twice")
        for name in COLUMNS
        if names.count(name) > 1
    ]
    if problems:
        raise TableError(problems)
    if len(numbered) - 1 > MAX_ROWS:
        raise _file_error(f"the table has {len(numbered) - 1} rows; at most {MAX_ROWS} can be imported at once")
    if len(numbered) == 1:
        raise _file_error("the table has a header but no classes")
    rows: list[Row] = []
    for number, cells in numbered[1:]:
        if any(not _is_empty(cell) for cell in cells[len(names) :]):
            words = "has more cells than the header; is a comma not inside quotes?"
            problems.append(Problem(number, "", words, "cells"))
        rows.append(Row(number, {name: cell for name, cell in zip(names, cells, strict=False) if name in COLUMNS}))
    if problems:
        raise TableError(problems)
    return rows


# --- reading cells --------------------------------------------------------------------------------------------------

INVISIBLE: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff" + "".join(sorted(UNSEEN))))
"""What word processors leave behind: soft hyphens and characters without width; and letters nobody sees."""


def _as_text(cell: Cell) -> str:
    """The cell in plain words. Raises ValueError for what is no text or number."""
    if cell is None:
        return ""
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise ValueError("must be text, not a date or a yes/no cell")
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    text = unicodedata.normalize("NFC", str(cell).translate(INVISIBLE))
    return " ".join(text.split())


def read_words(cell: Cell, longest: int, *, required: bool = True) -> str:
    """Words people will read, white space tidied. Raises ValueError saying what is wrong."""
    text = _as_text(cell)
    if not text:
        if required:
            raise ValueError("is empty")
        return ""
    if text.startswith(LOOKS_LIKE_FORMULA):
        raise ValueError(f"begins with '{text[0]}' like a formula; begin with a letter or a number")
    if not text.isprintable():
        raise ValueError("holds characters that cannot be seen; type it anew")
    if len(text) > longest:
        raise ValueError(f"has {len(text)} characters; at most {longest} fit")
    return text


def read_code(cell: Cell) -> str:
    """A class's code. Raises ValueError."""
    text = _as_text(cell)
    if not text:
        raise ValueError("is empty")
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", text):
        raise ValueError(f"'{_short(text)}' is not a code: 1 to 40 of A-Z, a-z, 0-9, _ and -")
    return text


def read_number(cell: Cell, allowed: tuple[int, int]) -> int:
    """A whole number within `allowed`. Raises ValueError."""
    text = _as_text(cell)
    if not text:
        raise ValueError("is empty")
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise ValueError(f"'{_short(text)}' is not a whole number")
    if not allowed[0] <= int(text) <= allowed[1]:
        raise ValueError(f"{int(text)} is not between {allowed[0]} and {allowed[1]}")
    return int(text)


def read_degrees(cell: Cell, allowed: tuple[float, float]) -> float | None:
    """Decimal degrees with a point or a comma; None for an empty cell. Raises ValueError."""
    text = f"{cell:.9f}" if isinstance(cell, float) else _as_text(cell).replace("−", "-")
    if not text:
        return None
    if not re.fullmatch(r"[+-]?[0-9]{1,3}([.,][0-9]{1,20})?", text):
        raise ValueError(f"'{_short(text)}' is not in decimal degrees like -8.4964")
    degrees = float(text.replace(",", "."))
    if not allowed[0] <= degrees <= allowed[1]:
        raise ValueError(
            f"{degrees:g} is outside Indonesia ({allowed[0]:g} to {allowed[1]:g}); are lat and lon swapped?"
        )
    return degrees


MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "januari jan january",
            "februari feb pebruari february",
            "maret mar march",
            "april apr",
            "mei may",
            "juni jun june",
            "juli jul july",
            "agustus agu agt ags agust aug august",
            "september sep sept",
            "oktober okt october oct",
            "november nov nopember nop",
            "desember des december dec",
        ),
        1,
    )
    for name in names.split()
}
WEEKDAYS: Final = {
    name: number
    for number, names in enumerate(
        (
            "senin sen monday mon",
            "selasa sel tuesday tue",
            "rabu rab wednesday wed",
            "kamis kam thursday thu",
            "jumat jum'at jum friday fri",
            "sabtu sab saturday sat",
            "minggu min ahad sunday sun",
        )
    )
    for name in names.split()
}
WEEKDAY_NAMES: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MOMENT: Final = re.compile(
    r"""
    (?: (?P<weekday>[a-z']+) \.? \s* ,? \s* )?
    (?: (?P<y1>\d{4}) (?P<s1>[-/]) (?P<m1>\d{1,2}) (?P=s1) (?P<d1>\d{1,2})
      | (?P<d2>\d{1,2}) (?P<s2>[-/.]) (?P<m2>\d{1,2}) (?P=s2) (?P<y2>\d{4})
      | (?P<d3>\d{1,2}) [\s-]* (?P<month>[a-z]+) \.? [\s-]* (?P<y3>\d{4}) )
    (?: \s* ,? \s* (?: pukul | pkl\.? | jam | at )? \s* | t )
    (?<!\d) (?P<hour>\d{1,2}) [.:] (?P<minute>\d{2}) (?: [.:]00 (?:\.0+)? )?
    (?: \s* (?P<label>wib|wita|wit) )?
    """,
    re.VERBOSE,
)


def read_wall_time(cell: Cell, label: str) -> datetime:
    """The local date and time of a cell, without a zone. `label` (WIB, WITA, WIT) is the site's; a cell that names
    another one is an error, so is a weekday that is not the date's. Raises ValueError.

    Read are date cells of a spreadsheet and `2026-11-24 09:00`, `24/11/2026 09.00`, `24 nov 2026 09.00`,
    `Selasa, 24 November 2026 pukul 09.00 WITA`, with Indonesian or English names.
    """
    if isinstance(cell, datetime):
        if cell.tzinfo is not None:
            raise ValueError("must be local time without a zone")
        _possible(cell)  # first: the last moment that can be written has none after it
        whole = (cell + timedelta(seconds=0.5)).replace(microsecond=0)  # 09:00 is kept as a fraction of a day
        if whole.second:
            raise ValueError(f"{whole:%H:%M:%S} is not a whole minute")
        return _possible(whole)
    if isinstance(cell, date):
        raise ValueError("has a date but no time; write like 2026-11-24 09:00")
    if isinstance(cell, time | timedelta | bool):
        raise ValueError("has a time but no date; write like 2026-11-24 09:00")
    if isinstance(cell, int | float):
        raise ValueError("is a number; format the cell as date and time, or write like 2026-11-24 09:00")
    text = _as_text(cell)
    if not text:
        raise ValueError("is empty")
    found = _MOMENT.fullmatch(text.lower().replace("’", "'"))
    if found is None:
        raise ValueError(f"'{_short(text)}' is not a date and time like 2026-11-24 09:00 or 24 Nov 2026 09.00")
    if found["month"] is not None and found["month"] not in MONTHS:
        raise ValueError(f"'{_short(found['month'])}' is not a month")
    month = MONTHS[found["month"]] if found["month"] else int(found["m1"] or found["m2"])
    year = int(found["y1"] or found["y2"] or found["y3"])
    day = int(found["d1"] or found["d2"] or found["d3"])
    try:
        moment = datetime(year, month, day, int(found["hour"]), int(found["minute"]))  # noqa: DTZ001 - wall time
    except ValueError:
        raise ValueError(f"'{_short(text)}' is not a date and time that exists (write day/month/year)") from None
    if found["weekday"] is not None:
        if found["weekday"] not in WEEKDAYS:
            raise ValueError(f"'{_short(found['weekday'])}' is not a day of the week")
        if WEEKDAYS[found["weekday"]] != moment.weekday():
            day_name = WEEKDAY_NAMES[moment.weekday()]
            raise ValueError(f"{moment:%Y-%m-%d} is a {day_name}, not '{found['weekday']}'")
    if found["label"] is not None and found["label"].upper() != label:
        raise ValueError(f"says {found['label'].upper()}, but the site is in {label}")
    return _possible(moment)


def _possible(moment: datetime) -> datetime:
    if not 2000 <= moment.year <= 2099:
        raise ValueError(f"the year {moment.year} is not between 2000 and 2099")
    return moment


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


# --- checking rows --------------------------------------------------------------------------------------------------


@dataclass
class _Cells:
    """Reads the cells of one row, keeping what is wrong with them."""

    row: Row
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, column: str, words: str, kind: str = "") -> None:
        self.problems.append(Problem(self.row.number, column, words, kind or ("empty" if words == "is empty" else "")))

    def words(self, column: str, longest: int, *, required: bool = True) -> str:
        with self._noting(column):
            return read_words(self.row.cells.get(column), longest, required=required)
        return ""

    def code(self) -> str:
        with self._noting("code"):
            return read_code(self.row.cells.get("code"))
        return ""

    def number(self, column: str, allowed: tuple[int, int], default: int | None = None) -> int:
        cell = self.row.cells.get(column)
        if default is not None and _is_empty(cell):
            return default
        with self._noting(column):
            return read_number(cell, allowed)
        return 0

    def degrees(self, column: str, allowed: tuple[float, float]) -> float | None:
        with self._noting(column):
            return read_degrees(self.row.cells.get(column), allowed)
        return None

    def site(self, content: Content) -> Site | None:
        with self._noting("site"):
            text = _as_text(self.row.cells.get("site"))
            if not text:
                raise ValueError("is empty")
            site = content.site(text) or content.site(text.casefold())
            if site is None:
                raise ValueError(f"there is no site '{_short(text)}'; ids stand in content/sites.yaml")
            if not site.active:
                raise ValueError(f"the site '{site.id}' is not active yet")
            return site
        return None

    def starts_at(self, site: Site | None) -> datetime | None:
        with self._noting("starts"):
            cell = self.row.cells.get("starts")
            if site is None:  # without a site there is no zone, but a bad date is told all the same
                label = re.search(r"\b(wib|wita|wit)\s*$", cell.lower()) if isinstance(cell, str) else None
                read_wall_time(cell, label[1].upper() if label else "")
                return None
            wall = read_wall_time(cell, site.label)
            return wall.replace(tzinfo=ZoneInfo(site.zone)).astimezone(UTC)
        return None

    def _noting(self, column: str) -> _Noting:
        return _Noting(self, column)


@dataclass
class _Noting:
    """Turns a ValueError inside the block into a problem of the column."""

    cells: _Cells
    column: str

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> bool:
        if isinstance(error, ValueError):
            self.cells.wrong(self.column, str(error))
            return True
        return False


def check_rows(rows: Iterable[Row], content: Content) -> tuple[list[Planned], list[Problem]]:
    """Read every cell of every row. The rows that are right, and all that is wrong with the others."""
    planned: list[Planned] = []
    problems: list[Problem] = []
    first_seen: dict[str, int] = {}
    for row in rows:
        cells = _Cells(row)
        code = cells.code()
        if code:
            earlier = first_seen.setdefault(code.casefold(), row.number)
            if earlier != row.number:
                cells.wrong("code", f"'{code}' stands in row {earlier} already", "twice")
        site = cells.site(content)
        title = cells.words("title", TITLE_LENGTH)
        starts_at = cells.starts_at(site)
        minutes = cells.number("minutes", MINUTES)
        capacity = cells.number("capacity", CAPACITY, content.capacity(site.id) if site else CAPACITY[1])
        venue = cells.words("venue", VENUE_LENGTH)
        latitude = cells.degrees("lat", LATITUDES)
        longitude = cells.degrees("lon", LONGITUDES)
        for column, other in (("lat", "lon"), ("lon", "lat")):
            if _is_empty(row.cells.get(column)) and not _is_empty(row.cells.get(other)):
                cells.wrong(column, f"is empty, but {other} is not; give both or neither")
        trainer = cells.words("trainer", TRAINER_LENGTH, required=False) or None
        problems += cells.problems
        if cells.problems or site is None or starts_at is None:
            continue
        planned.append(
            Planned(
                row.number, code, site, title, starts_at, minutes, capacity, venue, latitude, longitude, trainer
            )
        )  # fmt: skip
    return planned, problems


# --- importing ------------------------------------------------------------------------------------------------------


def import_sessions(
    db: Session,
    rows: Sequence[Row],
    content: Content,
    now: datetime,
    leads: Sequence[int] | None = None,
    *,
    sites: Collection[str] | None = None,
) -> Imported | Refused:
    """Make the calendar say what the table says: all rows, or, with anything wrong, none.

    New codes become classes, known ones are changed where they differ (and announce themselves when they move). A
    class that is not in the table stays as it is. `leads` in minutes before the start; None: those of each site.
    `sites` are those whose classes may be touched; None: all.
    """
    planned, problems = check_rows(rows, content)
    if sites is not None:
        problems += [
            Problem(plan.row, "site", f"the site '{plan.site.id}' is not one of yours", "foreign")
            for plan in planned
            if plan.site.id not in sites
        ]
    known = _known(db, [plan.code for plan in planned])
    for plan in planned:
        problems += _conflicts(plan, known.get(plan.code.casefold()), now)
    if problems:
        return Refused(tuple(sorted(problems)))
    outcomes: dict[str, str] = {}
    told = 0
    # classes are written in the order of their ids, as everybody does, so that nobody waits for each other in a circle
    for plan in sorted(planned, key=lambda plan: (_id(known.get(plan.code.casefold())), plan.row)):
        session = known.get(plan.code.casefold())
        its_leads = content.leads(plan.site.id) if leads is None else leads
        if session is None:
            sessions.create(db, now, code=plan.code, site_id=plan.site.id, leads=its_leads, **plan.details())
            outcomes[plan.code] = "created"
            continue
        outcome = class_changes.change(db, session, now, leads=its_leads, zone=plan.site.zone, **plan.details())
        if isinstance(outcome, class_changes.Changed):
            told += outcome.told
        outcomes[plan.code] = "changed" if isinstance(outcome, class_changes.Changed) else "unchanged"
    by_outcome = {
        name: tuple(plan.code for plan in planned if outcomes[plan.code] == name)
        for name in ("created", "changed", "unchanged")
    }
    return Imported(**by_outcome, told=told)


def _id(session: ClassSession | None) -> float:
    return float("inf") if session is None else session.id


def _known(db: Session, codes: Sequence[str]) -> dict[str, ClassSession]:
    """The classes that have these codes, however written, by their code in lower case; held until the commit, so that
    nobody takes a seat between looking and writing."""
    known: dict[str, ClassSession] = {}
    query = select(ClassSession).order_by(ClassSession.id).with_for_update()
    wanted = [code.casefold() for code in codes]
    if not wanted:
        return known
    db.flush()
    for session in db.scalars(
        query.where(func.lower(ClassSession.code).in_(wanted)), execution_options={"populate_existing": True}
    ):
        known[session.code.casefold()] = session
    return known


def _conflicts(plan: Planned, session: ClassSession | None, now: datetime) -> list[Problem]:
    """What of a row does not go together with the class as it stands in the calendar (None: a new class)."""
    if session is None:
        if plan.starts_at <= now:
            return [Problem(plan.row, "starts", "is in the past; a new class must begin later than now", "past")]
        return []
    if session.code != plan.code:
        words = f"there is a class '{session.code}' already; write the code the same way"
        return [Problem(plan.row, "code", words, "spelt")]
    if all(getattr(session, name) == value for name, value in plan.details().items()):
        if session.site_id == plan.site.id:
            return []
    elif session.cancelled_at is not None:
        words = f"the class '{plan.code}' was cancelled; give the new class a code of its own"
        return [Problem(plan.row, "code", words, "cancelled")]
    problems: list[Problem] = []
    if session.site_id != plan.site.id:
        words = f"the class '{plan.code}' belongs to '{session.site_id}'; give a class elsewhere a code of its own"
        problems.append(Problem(plan.row, "site", words, "elsewhere"))
    if plan.starts_at != session.starts_at and plan.starts_at <= now:
        problems.append(Problem(plan.row, "starts", "is in the past; a class cannot move there", "past"))
    if plan.capacity < session.seats_taken:
        words = f"{plan.capacity} is too few: {session.seats_taken} seats are taken"
        problems.append(Problem(plan.row, "capacity", words, "taken"))
    return problems


# --- for the command line -------------------------------------------------------------------------------------------


def run_import(path: Path, database: Database, content: Content, now: datetime) -> tuple[int, list[str]]:
    """`python -m bot import-sessions FILE`: the exit code (0 imported, 1 refused, 2 no such file) and what to print."""
    try:
        rows = read_rows(path)
    except OSError as error:
        return 2, [f"{path}: {error.strerror or error}"]
    except TableError as error:
        return 1, _refusal(path, error.problems)
    with database.transaction() as db:
        outcome = import_sessions(db, rows, content, now)
    if isinstance(outcome, Refused):
        return 1, _refusal(path, outcome.problems)
    counts = f"{len(outcome.created)} created, {len(outcome.changed)} changed, {len(outcome.unchanged)} unchanged"
    lines = [f"{path.name}: {counts}."]
    if outcome.created:
        lines.append("Created: " + ", ".join(outcome.created))
    if outcome.changed:
        lines.append("Changed: " + ", ".join(outcome.changed))
    if outcome.told:
        lines.append(f"{_people(outcome.told)} will be told that a class moved.")
    return 0, lines


def _refusal(path: Path, problems: Sequence[Problem]) -> list[str]:
    return [*map(str, problems), f"{path.name}: nothing was imported ({len(problems)} to put right)."]


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


def run_cancel(code: str, database: Database, content: Content, now: datetime) -> tuple[int, list[str]]:
    """`python -m bot cancel-session CODE`: the exit code (0 cancelled now or before, 1 not) and what to print."""
    with database.transaction() as db:
        session = sessions.find(db, code)
        if session is None:
            return 1, [f"There is no class '{code}'."]
        site = content.site(session.site_id)
        # a site that was taken from the file keeps its classes; its people are written to in the middle zone's hours
        zone = site.zone if site is not None and site.timezone else content.open_hours(session.site_id).zone
        outcome = class_changes.cancel(db, session, now, zone=zone)
    starts = f"{session.starts_at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
    if isinstance(outcome, class_changes.AlreadyCancelled):
        return 0, [f"The class '{code}' was cancelled already; nothing changed."]
    if isinstance(outcome, class_changes.AlreadyOver):
        return 1, [f"The class '{code}' ({starts}) is over and cannot be cancelled."]
    return 0, [f"Cancelled '{code}' ({session.title}, {starts}). {_people(outcome.told)} will be told."]

"""Tables of classes: what staff may write, what they are told when it is wrong, and what an import does."""

from __future__ import annotations

import contextlib
import io
import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.catalogue.content import Content, load_content
from bot.class_import import cells, table_files
from bot.class_import.cells import read_wall_time
from bot.class_import.checking import check_rows
from bot.class_import.headings import COLUMNS
from bot.class_import.starts import Order
from bot.class_import.table_files import Cell, Problem, Row, TableError, read_rows, rows_of
from bot.class_import.tables import Imported, Refused, import_sessions, run_cancel, run_import
from bot.database import Database
from bot.delivery.outbox import OutboxRow
from bot.people.people import Account, Person
from bot.programme import class_changes, sessions
from bot.programme.enrolment import Enrolment, EnrolmentStatus
from bot.programme.sessions import ClassSession, SessionLead
from bot.settings import ROOT
from tests.databases import quick_database

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SAMPLE = Path(__file__).parent / "sample_sessions.csv"
GOOD: dict[str, Cell] = {
    "code": "LBJ-1",
    "site": "labuan-bajo",
    "title": "Foto Produk",
    "starts": "2026-11-24 09:00",
    "minutes": "120",
    "capacity": "20",
    "venue": "Puncak Waringin",
    "lat": "-8.4964",
    "lon": "119.8877",
    "trainer": "Maria",
}


@pytest.fixture(scope="module")
def content() -> Content:
    return load_content(ROOT / "content")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = quick_database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def db(database: Database) -> Iterator[Session]:
    with database.transaction() as opened:
        yield opened


def row(number: int = 2, **different: Cell) -> Row:
    return Row(number, GOOD | different)


def wrong(content: Content, *rows: Row) -> list[str]:
    return [str(problem) for problem in check_rows(rows, content)[1]]


def refused(db: Session, content: Content, *rows: Row, now: datetime = NOW) -> list[str]:
    outcome = import_sessions(db, rows, content, now)
    assert isinstance(outcome, Refused)
    return list(map(str, outcome.problems))


def imported(db: Session, content: Content, *rows: Row, now: datetime = NOW) -> Imported:
    outcome = import_sessions(db, rows, content, now)
    assert isinstance(outcome, Imported)
    return outcome


def the_class(db: Session, code: str = "LBJ-1") -> ClassSession:
    found = sessions.find(db, code)
    assert found is not None
    return found


def seat(db: Session, session: ClassSession, telegram_id: int = 1) -> None:
    account = Account(
        telegram_id=telegram_id, language="id", created_at=NOW, seen_at=NOW, draft={}, last_message_id=0
    )  # fmt: skip
    db.add(account)
    db.flush()
    person = Person(account_id=account.id, name="Siti", salutation="ibu", consent_training=True, registered_at=NOW)
    db.add(person)
    db.flush()
    db.add(
        Enrolment(
            session_id=session.id,
            person_id=person.id,
            status=EnrolmentStatus.SEATED,
            created_at=NOW,
            changed_at=NOW,
        )
    )
    db.execute(
        update(ClassSession).where(ClassSession.id == session.id).values(seats_taken=ClassSession.seats_taken + 1)
    )
    db.flush()


def as_csv(*lines: str, header: str = ",".join(COLUMNS)) -> bytes:
    return "\r\n".join([header, *lines]).encode()


def as_xlsx(*rows: dict[str, Any], before: Callable[[Any], None] | None = None) -> bytes:
    """A workbook as a spreadsheet saves it, with real date and number cells."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "dd/mm/yyyy hh:mm"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, COLUMNS)
        for index, cells in enumerate(rows, 1):
            for name, value in cells.items():
                sheet.write(index, COLUMNS.index(name), value)
        if before is not None:
            before(sheet)
    return out.getvalue()


def fails(content: bytes) -> str:
    with pytest.raises(TableError) as caught:
        rows_of(content)
    return str(caught.value)


# --- opening the file -----------------------------------------------------------------------------------------------

LINE = "LBJ-1,labuan-bajo,Foto Produk,2026-11-24 09:00,120,20,Puncak Waringin,-8.4964,119.8877,Maria"


@pytest.mark.parametrize(
    "content",
    [
        as_csv(LINE),
        b"\xef\xbb\xbf" + as_csv(LINE),
        as_csv(LINE).replace(b",", b";"),
        as_csv(LINE).replace(b",", b"\t"),
        as_csv(LINE).replace(b"\r\n", b"\n"),
        as_csv('"' + LINE.replace(",", '","') + '"', header='"' + '","'.join(COLUMNS) + '"'),
        b"sep=;\r\n" + as_csv(LINE).replace(b",", b";"),
        as_csv(LINE, "", ",,,,,,,,,", header=" Code ,SITE, title,Starts,minutes ,capacity,venue,LAT,lon,trainer,notes"),
    ],
    ids=["plain", "bom", "semicolons", "tabs", "unix", "quoted", "sep", "untidy"],
)
def test_the_ways_spreadsheets_write_csv(content: bytes) -> None:
    (found,) = rows_of(content)
    assert found == Row(2, GOOD)


@pytest.mark.parametrize("sign", ['"', "\r", " ", "a"])
def test_a_hint_at_what_cannot_separate_is_a_line_of_the_table(sign: str) -> None:
    """Python 3.13 raises ValueError where one of the first two is to separate columns."""
    with contextlib.suppress(TableError):  # a lone quotation mark opens a cell that never ends
        (found,) = rows_of(f"sep={sign}\r\n".encode() + as_csv(LINE))
        assert found.cells == GOOD


def test_columns_may_stand_in_any_order() -> None:
    order = list(reversed(COLUMNS))
    (found,) = rows_of(",".join(order).encode() + b"\n" + ",".join(reversed(LINE.split(","))).encode())
    assert found == row()


def test_windows_letters_are_read() -> None:
    line = LINE.replace("Foto Produk", "Kafé – ide").encode("cp1252")
    assert rows_of(as_csv() + b"\r\n" + line)[0].cells["title"] == "Kafé – ide"


def test_row_numbers_are_those_the_spreadsheet_shows() -> None:
    two_lines = LINE.replace("Puncak Waringin", '"Puncak\nWaringin"')
    found = rows_of(as_csv(two_lines, "", LINE.replace("LBJ-1", "LBJ-2")))
    assert [one.number for one in found] == [2, 4]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the table is empty"),
        (b"\n\n,,\n", "the table is empty"),
        (as_csv(), "has a header but no classes"),
        (as_csv(LINE + ",extra"), "row 2: has more cells than the header"),
        (as_csv(LINE.replace("Foto Produk", '"Foto" Produk')), "not a CSV table from row 2 on"),
        (as_csv(LINE.replace("Foto", '"Foto')), "not a CSV table from row 2 on"),
        (as_csv(LINE).decode().encode("utf-16-le"), "neither CSV text nor an .xlsx file"),
        (as_csv(LINE) + b"\x81", "the letters cannot be read"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), "old .xls file"),
        (b"PK\x03\x04" + bytes(100), "the .xlsx file cannot be read"),
        (as_csv(LINE, header=",".join(COLUMNS) + ",Site"), "row 1, site: this column stands there twice"),
        (as_csv(*[LINE] * 5001), "5001 rows; at most 5000"),
        (as_csv(*[LINE] * 20000), "more than 5000 rows"),
        (b"x" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
    ],
)
def test_what_is_no_table_is_refused_in_words(content: bytes, words: str) -> None:
    assert words in fails(content)


def test_every_missing_column_is_named() -> None:
    """Without seats, a pin or a trainer a class can be made."""
    words = fails(as_csv(LINE, header="code,site,titel,start,minutes,capacity,plaza,lat,lon"))
    assert [line.split(":")[0] for line in words.splitlines()] == ["row 1, title", "row 1, venue"]
    head, line = "code,site,title,starts,minutes,venue", "LBJ-1,labuan-bajo,Foto,2026-11-24 09:00,120,Aula"
    (found,) = rows_of(as_csv(line, header=head))
    assert set(found.cells) == {"code", "site", "title", "starts", "minutes", "venue"}


def test_a_file_too_large_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    with path.open("wb") as file:
        file.truncate(table_files.MAX_FILE_BYTES + 1)
    with pytest.raises(TableError, match="larger than 5 MB"):
        read_rows(path)


# --- workbooks ------------------------------------------------------------------------------------------------------


def test_a_workbook_with_real_cells(content: Content) -> None:
    made = as_xlsx(
        GOOD
        | {"starts": datetime(2026, 11, 24, 9, 0), "minutes": 120, "capacity": 20, "lat": -8.4964, "lon": 119.8877},  # noqa: DTZ001
        {},
        GOOD | {"code": 101, "starts": "Selasa, 24 November 2026 pukul 09.00 WITA", "capacity": ""},
    )
    rows = rows_of(made)
    assert [one.number for one in rows] == [2, 4]
    planned, problems = check_rows(rows, content)
    assert problems == []
    expected, _ = check_rows([row()], content)
    assert planned[0] == expected[0]
    assert planned[1] == replace(expected[0], row=4, code="101", capacity=content.capacity("labuan-bajo"))


@pytest.mark.parametrize("minute", range(0, 60, 7))
def test_the_fraction_of_a_day_is_the_whole_minute_again(minute: int) -> None:
    wall = datetime(2026, 11, 24, 9, minute)  # noqa: DTZ001
    (found,) = rows_of(as_xlsx({"code": "A", "starts": wall}))
    assert read_wall_time(found.cells["starts"], "WIB") == wall


def test_a_table_may_stand_lower_in_the_sheet() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(3, 2, COLUMNS)
        sheet.write_row(4, 2, list(GOOD.values()))
    assert rows_of(out.getvalue()) == [row(5)]


def test_empty_cells_with_a_border_do_not_count() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, COLUMNS)
        sheet.write_row(1, 0, list(GOOD.values()))
        for cell in ("C3", "A1048576", "XFD2"):
            sheet.write_blank(cell, None, book.add_format({"border": 1}))
    with zipfile.ZipFile(io.BytesIO(out.getvalue())) as book:
        assert b'r="A1048576"' in book.read("xl/worksheets/sheet1.xml")
    assert rows_of(out.getvalue()) == [row()]


@pytest.mark.parametrize("cell", ["A1048576", "XFD1", "CX3", "A10001"])
def test_a_lone_cell_far_out_does_not_fill_the_memory(cell: str) -> None:
    assert "far outside the table" in fails(as_xlsx(GOOD, before=lambda sheet: sheet.write(cell, "x")))


def repacked(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return out.getvalue()


def test_a_workbook_that_unpacks_to_far_more_is_refused() -> None:
    huge = b" " * (table_files.MAX_UNPACKED_BYTES + 1)
    bomb = repacked(as_xlsx(GOOD), lambda name, data: data + huge if name.endswith("sheet1.xml") else data)
    assert len(bomb) < 200_000
    assert "unpacks to far more" in fails(bomb)


def test_a_workbook_that_lies_about_its_size_is_refused() -> None:
    part = b"<x/>" + b" " * 20_000_000
    bomb = bytearray(repacked(as_xlsx(GOOD), lambda name, data: part if name.endswith("styles.xml") else data))
    size = struct.pack("<I", len(part))
    assert bomb.count(size) == 2  # before the part and in the list at the end
    lie = bytes(bomb).replace(size, struct.pack("<I", 100))
    assert "cannot be read" in fails(lie)


def test_entities_and_odd_ways_of_writing_do_not_hide_a_far_cell() -> None:
    plain = as_xlsx(GOOD)

    def far(reference: bytes) -> Callable[[str, bytes], bytes]:
        return lambda name, data: data.replace(b' r="A2"', b" r=" + reference) if name.endswith("sheet1.xml") else data

    for reference in (b"'XFD1048576'", b'"&#88;FD1048576"', b"\n'ZZZZZ2'"):
        assert "far outside the table" in fails(repacked(plain, far(reference)))

    def declare(name: str, data: bytes) -> bytes:
        return (
            data.replace(b"<worksheet", b'<!DOCTYPE w [<!ENTITY e "x">]><worksheet', 1)
            if b"sheetData" in data
            else data
        )

    assert "entities" in fails(repacked(plain, declare))


# --- dates ----------------------------------------------------------------------------------------------------------


def wall(text: Cell, label: str = "WITA") -> str:
    return f"{read_wall_time(text, label):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24 09:00",
        "2026-11-24T09:00:00",
        "2026-11-24 9.00",
        "2026-11-24 09:00 WITA",
        "2026/11/24 09:00",
        "24/11/2026 09.00",
        "24-11-2026 09:00",
        "24.11.2026 09.00",
        "24 nov 2026 09.00",
        "24 Nov. 2026, 9:00",
        "24-Nov-2026 09:00",
        "24 november 2026 jam 9.00 wita",
        "24 november 2026 jam 9",
        "Selasa 24 November 2026 pukul 9 WITA",
        "Selasa, 24 November 2026 pukul 09.00 WITA",
        "selasa 24/11/2026 pkl. 09.00",
        "Sel, 24 Nop 2026 09.00",
        "Tuesday, 24 November 2026 at 09.00 WITA",
        "  Selasa,  24  November 2026\npukul 09.00 WITA ",
        datetime(2026, 11, 24, 9, 0),  # noqa: DTZ001
        datetime(2026, 11, 24, 8, 59, 59, 999_999),  # noqa: DTZ001
    ],
)
def test_dates_as_people_write_them(text: Cell) -> None:
    assert wall(text) == "2026-11-24 09:00"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        (None, "is empty"),
        ("besok jam 9", "is not a date and time"),
        ("24/11/26 09.00", "is not a date and time"),
        ("2026-11-24", "is not a date and time"),
        ("24 Nov 2026", "is not a date and time"),
        ("2026-11-2409:00", "is not a date and time"),
        ("2026-11-24 09:00:30", "is not a date and time"),
        ("2026-11-24 09:00+08:00", "is not a date and time"),
        ("11/24/2026 09.00", "that exists (write day/month/year)"),
        ("31 Juni 2026 09.00", "that exists"),
        ("29/2/2027 09.00", "that exists"),
        ("2026-11-24 24:00", "that exists"),
        ("24 Nov 2026 jam 2", "is not a date and time"),
        ("2026-11-24 09:60", "that exists"),
        ("24 Novembre 2026 09.00", "'novembre' is not a month"),
        ("Rabu, 24 November 2026 pukul 09.00 WITA", "2026-11-24 is a Tuesday, not 'rabu'"),
        ("Selata, 24 November 2026 09.00", "'selata' is not a day of the week"),
        ("2026-11-24 09:00 WIB", "says WIB, but the site is in WITA"),
        ("1926-11-24 09:00", "the year 1926"),
        (20.5, "is a number"),
        (True, "has a time but no date"),
        (time(9, 0), "has a time but no date"),
        (timedelta(hours=9), "has a time but no date"),
        (date(2026, 11, 24), "has a date but no time"),
        (datetime(2026, 11, 24, 9, 0, 30), "09:00:30 is not a whole minute"),  # noqa: DTZ001
        (datetime(9999, 12, 31, 23, 59, 59, 900_000), "the year 9999 is not between"),  # noqa: DTZ001
    ],
)
def test_dates_that_mean_nothing_sure_are_refused(text: Cell, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        read_wall_time(text, "WITA")


DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November",
    "Desember",
)  # fmt: skip
FORMATS: tuple[Callable[[datetime], str], ...] = (
    lambda at: f"{at:%Y-%m-%d %H:%M}",
    lambda at: f"{at:%d/%m/%Y %H.%M}",
    lambda at: f"{at.day}/{at.month}/{at.year} {at.hour}:{at:%M}",
    lambda at: f"{at.day} {MONTHS[at.month - 1][:3].lower()} {at.year} {at:%H.%M}",
    lambda at: f"{DAYS[at.weekday()]}, {at.day} {MONTHS[at.month - 1]} {at.year} pukul {at:%H.%M} WITA",
    lambda at: f"{at:%A, %d %B %Y at %H:%M}",
    lambda at: f"{at:%a %d %b %Y %H.%M wita}",
)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)).map(  # noqa: DTZ001
    lambda at: at.replace(second=0, microsecond=0)
)


@given(at=MOMENTS, form=st.sampled_from(FORMATS))
def test_every_date_comes_back_from_every_way_of_writing_it(at: datetime, form: Callable[[datetime], str]) -> None:
    assert read_wall_time(form(at), "WITA") == at
    assert read_wall_time(form(at).upper(), "WITA") == at


@given(text=st.text(max_size=60) | st.from_regex(r"[0-9a-z ,.:/-]{8,24}", fullmatch=True))
@example("9" * 60)
@example("²4/11/2026 09.00")
@example("٢٤/١١/٢٠٢٦ ٠٩.٠٠")
def test_whatever_stands_there_is_a_date_or_told(text: str) -> None:
    # nothing but a ValueError, which is what becomes a line for the person who wrote it
    with contextlib.suppress(ValueError):
        assert 2000 <= read_wall_time(text, "WITA").year <= 2099


@given(day=st.dates(date(2026, 1, 1), date(2026, 12, 31)), name=st.sampled_from(DAYS))
def test_a_weekday_must_be_the_dates(day: date, name: str) -> None:
    text = f"{name}, {day:%d/%m/%Y} 09.00"
    if name == DAYS[day.weekday()]:
        assert read_wall_time(text, "WIB").date() == day
    else:
        with pytest.raises(ValueError, match="is a "):
            read_wall_time(text, "WIB")


# --- cells ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("site", "utc_hour"), [("samosir", 2), ("labuan-bajo", 1), ("jayapura", 0)]
)  # fmt: skip
def test_the_hour_is_the_sites_own(content: Content, site: str, utc_hour: int) -> None:
    (planned,), problems = check_rows([row(site=site)], content)
    assert problems == []
    assert planned.starts_at == datetime(2026, 11, 24, utc_hour, tzinfo=UTC)
    assert planned.starts_at.astimezone(ZoneInfo(planned.site.zone)).hour == 9


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("site", " Labuan-Bajo ", "labuan-bajo"),
        ("title", "  Foto\n Produk\u200b ", "Foto Produk"),
        ("title", "Cafe\u0301", "Café"),
        ("minutes", 120.0, 120),
        ("minutes", "15", 15),
        ("capacity", 500, 500),
        ("lat", "-8,4964", -8.4964),
        ("lat", "\u22128.4964", -8.4964),
        ("lat", -8.4964, -8.4964),
        ("lat", "0", 0.0),
        ("lon", 120, 120.0),
        ("code", "a_B-9", "a_B-9"),
        ("code", 7, "7"),
        ("trainer", "", None),
        ("trainer", None, None),
    ],
)
def test_cells_are_read_forgivingly(content: Content, column: str, cell: Cell, value: object) -> None:
    (planned,), problems = check_rows([Row(2, GOOD | {column: cell})], content)
    assert problems == []
    name = {"lat": "latitude", "lon": "longitude"}.get(column, column)
    assert (planned.site.id if column == "site" else getattr(planned, name)) == value


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("code", "LBJ 1", "'LBJ 1' is not a code"),
        ("code", "x" * 41, "is not a code"),
        ("code", "é", "is not a code"),
        ("site", "", "is empty"),
        ("site", "bali", "there is no site 'bali'"),
        ("site", "ekraf-victory", "is not active"),
        ("title", "", "is empty"),
        ("title", "x" * 121, "has 121 characters; at most 120"),
        ("title", "=HYPERLINK(1)", "like a formula"),
        ("title", " +62812", "like a formula"),
        ("title", "Foto\x00", "cannot be seen"),
        ("title", "Foto \u202e", "cannot be seen"),
        ("title", datetime(2026, 1, 1), "must be text"),  # noqa: DTZ001
        ("venue", "", "is empty"),
        ("venue", "@rumah", "like a formula"),
        ("venue", "x" * 161, "at most 160"),
        ("trainer", "-Maria", "like a formula"),
        ("trainer", "x" * 81, "at most 80"),
        ("minutes", "", "is empty"),
        ("minutes", "14", "14 is not between 15 and 1440"),
        ("minutes", "1441", "not between"),
        ("minutes", "2 kali", "'2 kali' is not a whole number"),
        ("minutes", "25 jam", "1500 is not between"),
        ("minutes", 90.5, "'90.5' is not a whole number"),
        ("minutes", float("nan"), "not a whole number"),
        ("minutes", "٩٠", "not a whole number"),
        ("minutes", "9" * 5000, "not a whole number"),
        ("capacity", "0", "not between 1 and 500"),
        ("capacity", "501", "not between"),
        ("capacity", "-1", "not a whole number"),
        ("lat", "", "lat: is empty, but lon is not"),
        ("lon", " ", "lon: is empty, but lat is not"),
        ("lat", "-8° 29'", "not in decimal degrees"),
        ("lat", float("inf"), "not in decimal degrees"),
        ("lat", "119.8", "119.8 is outside Indonesia (-11.5 to 6.5); are lat and lon swapped?"),
        ("lon", "-8.5", "outside Indonesia (94 to 141.5)"),
        ("lon", "142", "outside Indonesia"),
    ],
)
def test_what_is_wrong_is_told_with_row_and_column(content: Content, column: str, cell: Cell, words: str) -> None:
    problems = wrong(content, Row(7, GOOD | {column: cell}))
    assert len(problems) == 1
    assert problems[0].startswith(f"row 7, {column}: ")
    assert words in problems[0]


def test_everything_wrong_is_told_at_once(content: Content) -> None:
    problems = wrong(
        content,
        row(2, code="a b", minutes="x", starts="kapan"),
        row(3),
        row(4),
        row(5, code="lbj-1", site="bali", starts="Rabu, 24 November 2026 pukul 09.00 WITA"),
    )
    assert [problem.split(":")[0] for problem in problems] == [
        "row 2, code", "row 2, starts", "row 2, minutes", "row 4, code", "row 5, code", "row 5, site", "row 5, starts",
    ]  # fmt: skip
    assert "'LBJ-1' stands in row 3 already" in problems[3]


def test_a_zone_that_is_not_the_sites_is_told(content: Content) -> None:
    (problem,) = wrong(content, row(starts="24 Nov 2026 09.00 WIB"))
    assert problem == "row 2, starts: says WIB, but the site is in WITA"


@given(st.text(min_size=1, max_size=120))
def test_any_title_is_kept_readable_or_refused(text: str) -> None:
    try:
        kept = cells.read_words(text, 120)
    except ValueError:
        return
    assert kept
    assert kept.isprintable()
    assert kept == cells.read_words(kept, 120)
    assert kept[0] not in "=+-@ "


# --- importing ------------------------------------------------------------------------------------------------------


def test_a_new_table_becomes_classes(db: Session, content: Content) -> None:
    outcome = import_sessions(db, read_rows(SAMPLE), content, NOW)
    assert outcome == Imported(created=("LBJ-FOTO-1", "JPR-VIDEO-1", "SMS-HARGA-1"))
    jayapura = the_class(db, "JPR-VIDEO-1")
    assert jayapura.starts_at == datetime(2026, 11, 25, 0, 0, tzinfo=UTC)
    samosir = the_class(db, "SMS-HARGA-1")
    assert (samosir.capacity, samosir.latitude, samosir.trainer) == (content.capacity("samosir"), None, None)
    leads = db.scalars(select(SessionLead.lead_minutes).where(SessionLead.session_id == samosir.id))
    assert set(leads) == set(content.leads("samosir"))


def test_the_same_table_again_changes_nothing(database: Database, content: Content) -> None:
    rows = read_rows(SAMPLE)
    with database.transaction() as db:
        import_sessions(db, rows, content, NOW)
        seat(db, the_class(db, "LBJ-FOTO-1"))
    # also when its classes have begun or are long past, and when one was called off
    for later in (timedelta(hours=1), timedelta(days=400)):
        with database.transaction() as db:
            outcome = import_sessions(db, rows, content, NOW + later)
            assert outcome == Imported(unchanged=("LBJ-FOTO-1", "JPR-VIDEO-1", "SMS-HARGA-1"))
            assert db.scalar(select(func.count()).select_from(OutboxRow)) == 0
            assert {(one.revision, one.changed_at) for one in db.scalars(select(ClassSession))} == {(1, NOW)}


def test_a_changed_row_moves_the_class(db: Session, content: Content) -> None:
    imported(db, content, row(), row(3, code="LBJ-2"))
    seat(db, the_class(db))
    new = row(starts="2026-11-25 13:00", title="Foto Makanan")
    assert imported(db, content, new, row(3, code="LBJ-2"), row(4, code="LBJ-3")) == Imported(
        created=("LBJ-3",), changed=("LBJ-1",), unchanged=("LBJ-2",), told=1
    )
    session = the_class(db)
    assert (session.title, session.starts_at, session.revision) == (
        "Foto Makanan", datetime(2026, 11, 25, 5, 0, tzinfo=UTC), 2
    )  # fmt: skip
    (said,) = db.scalars(select(OutboxRow))
    assert said.message is not None
    assert said.message["key"] == "sessions.moved"
    assert said.message["values"]["before"]["zone"] == "Asia/Makassar"


def test_with_one_row_wrong_nothing_is_imported(db: Session, content: Content) -> None:
    imported(db, content, row())
    assert refused(
        db, content, row(title="Lain"), row(3, code="NEW"), row(4, code="PAST", starts="2026-11-22 09:00")
    ) == ["row 4, starts: is in the past; a new class must begin later than now"]
    assert sessions.find(db, "NEW") is None
    assert the_class(db).title == "Foto Produk"


def test_what_does_not_go_together_with_the_calendar_is_told(db: Session, content: Content) -> None:
    imported(db, content, row(), row(3, code="B"), row(4, code="C"), row(5, code="D"))
    for telegram_id in range(3):
        seat(db, the_class(db), telegram_id + 1)
    class_changes.cancel(db, the_class(db, "C"), NOW, zone="Asia/Makassar")
    assert refused(
        db,
        content,
        row(2, capacity="2"),
        row(3, code="B", site="jayapura"),
        row(4, code="C", title="Lain"),
        row(5, code="d"),
        row(6, code="E", minutes="x"),
    ) == [
        "row 2, capacity: 2 is too few: 3 seats are taken",
        "row 3, site: the class 'B' belongs to 'labuan-bajo'; give a class elsewhere a code of its own",
        "row 4, code: the class 'C' was cancelled; give the new class a code of its own",
        "row 5, code: there is a class 'D' already; write the code the same way",
        "row 6, minutes: 'x' is not a whole number",
    ]
    assert imported(db, content, row(4, code="C")).unchanged == ("C",)
    assert imported(db, content, row(2, capacity="3")).changed == ("LBJ-1",)


def test_a_class_cannot_move_into_the_past_but_a_past_one_can_be_corrected(db: Session, content: Content) -> None:
    imported(db, content, row())
    assert refused(db, content, row(starts="2026-11-23 09:59")) == [
        "row 2, starts: is in the past; a class cannot move there"
    ]
    after = NOW + timedelta(days=3)
    assert imported(db, content, row(trainer="Yosef"), now=after) == Imported(changed=("LBJ-1",))
    assert imported(db, content, row(starts="2026-12-01 09:00"), now=after).changed == ("LBJ-1",)


def test_a_full_table_is_quick(sqlite_url: str, content: Content) -> None:
    first = datetime(2026, 11, 24, 7, 0)  # noqa: DTZ001 - in the site's zone, as a table has it
    starts = [f"{first + timedelta(hours=3 * number):%F %H:%M}" for number in range(1000)]
    lines = [LINE.replace("LBJ-1,", f"LBJ-{at},").replace("2026-11-24 09:00", one) for at, one in enumerate(starts)]
    database = quick_database(sqlite_url)
    with database.transaction() as db:
        assert len(imported(db, content, *rows_of(as_csv(*lines))).created) == 1000
    database.close()


# --- the command line -----------------------------------------------------------------------------------------------


def test_what_the_terminal_shows(database: Database, content: Content, tmp_path: Path) -> None:
    assert run_import(SAMPLE, database, content, NOW) == (
        0,
        ["sample_sessions.csv: 3 created, 0 changed, 0 unchanged.", "Created: LBJ-FOTO-1, JPR-VIDEO-1, SMS-HARGA-1"],
    )
    with database.transaction() as db:
        seat(db, the_class(db, "LBJ-FOTO-1"))
    path = tmp_path / "next.csv"
    path.write_bytes(SAMPLE.read_bytes().replace(b"2026-11-24 09:00", b"2026-11-24 10:00"))
    assert run_import(path, database, content, NOW) == (
        0,
        [
            "next.csv: 0 created, 1 changed, 2 unchanged.",
            "Changed: LBJ-FOTO-1",
            "1 person will be told that a class moved.",
        ],
    )
    path.write_bytes(SAMPLE.read_bytes().replace(b"2026-11-24 09:00", b"2026-11-24").replace(b",30,", b",999,"))
    code, lines = run_import(path, database, content, NOW)
    assert (code, [line.split(":")[0] for line in lines]) == (1, ["row 2, starts", "row 3, capacity", "next.csv"])
    assert lines[-1] == "next.csv: nothing was imported (2 to put right)."
    path.write_bytes(b"nothing,at,all\n1,2,3\n")
    code, lines = run_import(path, database, content, NOW)
    assert (code, len(lines), "this is no table of classes" in lines[0]) == (1, 2, True)
    path.write_bytes(as_csv("LBJ-9,labuan-bajo,Foto,1/12/2027 09.00,120,20,Aula,,,"))
    code, lines = run_import(path, database, content, NOW)
    assert (code, "may be 2027-12-01 or 2027-01-12" in lines[0]) == (1, True)
    assert run_import(path, database, content, NOW, Order.MONTH)[0] == 0
    with database.transaction() as db:
        assert the_class(db, "LBJ-9").starts_at == datetime(2027, 1, 12, 1, 0, tzinfo=UTC)
    code, lines = run_import(tmp_path / "none.csv", database, content, NOW)
    assert (code, lines) == (2, [f"{tmp_path / 'none.csv'}: No such file or directory"])


def test_a_class_is_cancelled_at_the_terminal(database: Database, content: Content) -> None:
    run_import(SAMPLE, database, content, NOW)
    with database.transaction() as db:
        seat(db, the_class(db, "JPR-VIDEO-1"))
    assert run_cancel("NONE", database, content, NOW) == (1, ["There is no class 'NONE'."])
    assert run_cancel("JPR-VIDEO-1", database, content, NOW) == (
        0,
        ["Cancelled 'JPR-VIDEO-1' (Video Pendek untuk Jualan, 2026-11-25 09:00). 1 person will be told."],
    )
    code, lines = run_cancel("JPR-VIDEO-1", database, content, NOW)
    assert code == 0
    assert "already" in lines[0]
    late = datetime(2026, 12, 1, tzinfo=UTC)
    code, lines = run_cancel("LBJ-FOTO-1", database, content, late)
    assert (code, "is over" in lines[0]) == (1, True)
    without_sites = Content((), content.programme)
    assert run_cancel("SMS-HARGA-1", database, without_sites, NOW)[0] == 0


def test_a_problem_of_the_whole_file_has_no_row() -> None:
    assert str(Problem(0, "", "the table is empty")) == "the table is empty"
    assert str(Problem(3, "", "x")) == "row 3: x"

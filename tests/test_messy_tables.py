"""Tables as people make them (tests/messy_tables.py): each is read as a human reads it, or the cells that nobody can
read are named, or the one thing is asked that only its maker knows.

What became of each is what tests/messy_tables.py says. Three differ from what a human would do without asking: a year
of two digits is asked for in full, rows below the table ("Total") must go, and codes are never made up.
"""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter

from bot.catalogue.content import Content, load_content
from bot.class_import import table_files
from bot.class_import.headings import COLUMNS, columns_of
from bot.class_import.starts import Order
from bot.class_import.table_files import Cell, Row, TableError, rows_of
from bot.class_import.tables import DatesUnclear, Imported, MovesUnclear, Refused, import_sessions
from bot.settings import ROOT
from bot.words.texts import Texts
from tests.databases import quick_database
from tests.messy_tables import LATER_TABLES, TABLES, Messy, Read

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def content() -> Content:
    return load_content(ROOT / "content")


def file_of(messy: Messy) -> bytes:
    if isinstance(messy.made, str):
        return messy.made.encode(messy.encoding)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        if messy.before:
            book.add_worksheet().write_column(0, 0, messy.before)
        sheet = book.add_worksheet("Jadwal")
        for merged in messy.merged:
            sheet.merge_range(merged, "")
        day, hour = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"num_format": "hh:mm"})
        for number, cells in enumerate(messy.made):
            for column, cell in enumerate(cells):
                if isinstance(cell, date):
                    sheet.write_datetime(number, column, cell, day)
                elif isinstance(cell, time):
                    sheet.write_datetime(number, column, cell, hour)
                else:
                    sheet.write(number, column, cell)
    return out.getvalue()


def led_to(
    messy: Messy, content: Content, database_url: str, order: Order | None = None
) -> Imported | Refused | DatesUnclear | MovesUnclear:
    try:
        rows = rows_of(file_of(messy))
    except TableError as error:
        return Refused(error.problems)
    database = quick_database(database_url)
    try:
        with database.transaction() as db:
            return import_sessions(db, rows, content, NOW, order=order, sites=messy.sites)
    finally:
        database.close()


def read(outcome: Imported | Refused | DatesUnclear | MovesUnclear, content: Content) -> tuple[Read, ...]:
    assert isinstance(outcome, Imported), outcome
    plans = [change.plan for change in outcome.changes]
    return tuple(
        (
            plan.code, plan.site.id, plan.title,
            f"{plan.starts_at.astimezone(ZoneInfo(plan.site.zone)):%Y-%m-%d %H:%M}",
            plan.minutes, plan.capacity, plan.venue,
        )
        for plan in plans
    )  # fmt: skip


@pytest.mark.parametrize("messy", [*TABLES, *LATER_TABLES], ids=lambda messy: messy.name)
def test_a_table_as_somebody_made_it(messy: Messy, content: Content, sqlite_url: str) -> None:
    outcome = led_to(messy, content, sqlite_url)
    if messy.reads:
        usual = content.capacity("labuan-bajo")
        assert read(outcome, content) == tuple((*one[:5], one[5] or usual, one[6]) for one in messy.reads)
        assert isinstance(outcome, Imported)
        assert outcome.notes == messy.notes
    elif messy.asks:
        assert isinstance(outcome, DatesUnclear), outcome
        assert (f"{outcome.day_first} 09:00", f"{outcome.month_first} 09:00") == messy.asks
        for order, starts in zip(Order, messy.asks, strict=True):
            (one,) = read(led_to(messy, content, sqlite_url, order), content)
            assert one[3] == starts
    else:
        assert isinstance(outcome, Refused), outcome
        told = [(problem.row, problem.column) for problem in outcome.problems]
        assert told == ([(0, "")] if messy.nothing_fits else sorted(messy.refuses)), outcome.problems


def test_there_are_enough_of_them() -> None:
    assert len(TABLES) >= 30


def test_the_columns_as_the_bot_names_them_are_read() -> None:
    texts = Texts(ROOT / "locales")
    for language in texts.languages:
        names = [texts.words(f"sessions.column.{name}", {}, language, html=False) for name in COLUMNS]
        assert columns_of(names) == list(COLUMNS)


SAMPLE = Path(__file__).parent / "sample_sessions.csv"


def test_a_table_without_some_columns_leaves_those_of_the_classes_alone(content: Content, sqlite_url: str) -> None:
    database = quick_database(sqlite_url)
    with database.transaction() as db:
        import_sessions(db, rows_of(SAMPLE.read_bytes()), content, NOW)
        head = "Kode;Lokasi;Judul;Mulai;Lama;Tempat\n"
        line = "LBJ-FOTO-1;Labuan Bajo;Foto Produk dengan HP;24 Nov 2026 09.00;2 jam;Puncak Waringin\n"
        outcome = import_sessions(db, rows_of((head + line).encode()), content, NOW)
        assert outcome == Imported(unchanged=("LBJ-FOTO-1",))
    database.close()


def test_a_table_without_codes_is_the_same_classes_when_it_is_sent_again(content: Content, sqlite_url: str) -> None:
    """Site, title and start find the class; two alike are two classes; a code of the table is given to no other."""
    head = "Lokasi;Judul;Mulai;Lama;Kursi;Tempat;Kode\n"
    lines = [
        "Labuan Bajo;Foto Produk;7 Des 2026 09.00;2 jam;{seats};Aula;",
        "Labuan Bajo;foto  produk;7 Des 2026 09.00;2 jam;20;Balai;",
        "Labuan Bajo;Harga;7 Des 2026 13.00;2 jam;20;Aula;labuan-bajo-261207",
    ]

    def rows(seats: int) -> list[Row]:
        return rows_of((head + "\n".join(lines).format(seats=seats)).encode())

    database = quick_database(sqlite_url)
    with database.transaction() as db:
        codes = ("labuan-bajo-261207-2", "labuan-bajo-261207-3", "labuan-bajo-261207")
        assert import_sessions(db, rows(20), content, NOW) == Imported(created=codes)
        assert import_sessions(db, rows(20), content, NOW) == Imported(unchanged=codes)
        again = import_sessions(db, rows(25), content, NOW)
        assert again == Imported(changed=codes[:1], unchanged=codes[1:])
    database.close()


def test_a_merged_cell_that_is_forged_costs_nothing(content: Content) -> None:
    """Fifty thousand ranges over every row: no more is written than a table can have."""
    grid: list[list[Cell]] = [["x" if row == 0 else ""] for row in range(10_000)]
    table_files._fill_down(grid, [((0, 0), (9_999, 16_000))] * 50_000)
    assert grid[9_999] == ["x"]

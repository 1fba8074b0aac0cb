"""Lists that leave as a spreadsheet: rows -> .xlsx. What people wrote is text there, never a formula."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from bot.telegram.sanitize import plain

MIME: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TITLE_LENGTH: Final = 31
"""What Excel lets a sheet's name have."""
WIDEST: Final = 60
LONGEST: Final = 32_767
"""Characters in a cell."""
LOOKS_LIKE_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""In a cell that is text they are harmless; the quote in front keeps them so when the list goes on as CSV."""

Cell = str | int | float | date | datetime | None
"""A moment is wall time, without a zone."""


@dataclass(frozen=True)
class Page:
    """One sheet: its name, the words over the columns, and the cells row by row."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def workbook(pages: Sequence[Page]) -> bytes:
    """The pages as an .xlsx. The first row stays in sight, columns are as wide as what stands in them."""
    import xlsxwriter  # only who sends a spreadsheet needs it

    out = io.BytesIO()
    # in memory: nothing of it lies in a temporary file
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        formats = {
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
            "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "text": book.add_format({"quote_prefix": True}),
        }
        titles: set[str] = set()
        for page in pages:
            sheet = book.add_worksheet(_title(page.title, titles))
            for column, words in enumerate(plain(words)[:LONGEST] for words in page.head):
                sheet.write_string(0, column, words, formats["head"])
                longest = max((_width(row[column]) for row in page.rows if column < len(row)), default=0)
                sheet.set_column(column, column, min(WIDEST, max(len(words), longest) + 2))
            sheet.freeze_panes(1, 0)
            for number, row in enumerate(page.rows, 1):
                for column, cell in enumerate(row):
                    _write(sheet, number, column, cell, formats)
    return out.getvalue()


def _write(sheet: Any, row: int, column: int, cell: Cell, formats: dict[str, Any]) -> None:
    match cell:
        case None:
            return
        case bool():
            sheet.write_boolean(row, column, cell)
        case int() | float():
            sheet.write_number(row, column, cell)
        case datetime():
            sheet.write_datetime(row, column, cell, formats["moment"])
        case date():
            sheet.write_datetime(row, column, cell, formats["day"])
        case str():
            text = plain(cell)[:LONGEST]
            quoted = formats["text"] if text.lstrip(" ").startswith(LOOKS_LIKE_FORMULA) else None
            sheet.write_string(row, column, text, quoted)


def _width(cell: Cell) -> int:
    return 16 if isinstance(cell, date) else len(str(cell)) if cell is not None else 0


def _title(title: str, taken: set[str]) -> str:
    """A sheet's name as Excel takes it, different from the others."""
    words = re.sub(r"[\[\]:*?/\\]", " ", plain(title)).strip().strip("'")[:TITLE_LENGTH].strip() or "1"
    name, number = words, 2
    while name.casefold() in taken:
        name = f"{words[: TITLE_LENGTH - len(str(number)) - 1]} {number}"
        number += 1
    taken.add(name.casefold())
    return name

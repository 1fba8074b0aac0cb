"""Writes rows into .xlsx files. What people wrote is text there, never a formula."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from bot.telegram.sanitize import plain

MIME: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TITLE_LENGTH: Final = 31
"""The longest name that Excel allows for a sheet."""
WIDEST: Final = 60
LONGEST: Final = 32_767
"""The most characters in a cell."""
LOOKS_LIKE_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Beginnings of a formula. In a text cell they are harmless; the quote in front keeps them harmless when the list is
saved as CSV."""

MADE: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""The date in every workbook's properties."""
Cell = str | int | float | date | datetime | None
"""The value of a cell; a moment is wall time, without a zone."""


@dataclass(frozen=True)
class Page:
    """One sheet: its name, the heads of the columns, and the cells row by row. `about`: what stands above them, label
    and value, with an empty row below."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    about: Sequence[tuple[str, str]] = ()


def workbook(pages: Sequence[Page]) -> bytes:
    """Returns the pages as an .xlsx file. The heads of the columns stay in sight, and columns are as wide as their
    content, up to WIDEST characters."""
    import xlsxwriter  # needed only by a process that sends a spreadsheet

    out = io.BytesIO()
    # in memory: nothing of it lies in a temporary file
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        # the same content is the same file, whenever it is made: Telegram has it already
        book.set_properties({"created": MADE})
        formats = {
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
            "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "text": book.add_format({"quote_prefix": True}),
            "bold": book.add_format({"bold": True}),
        }
        titles: set[str] = set()
        for page in pages:
            sheet = book.add_worksheet(_title(page.title, titles))
            top = len(page.about) + 1 if page.about else 0
            for row, (label, value) in enumerate(page.about):
                sheet.write_string(row, 0, plain(label)[:LONGEST], formats["bold"])
                _write(sheet, row, 1, value, formats)
            for column, words in enumerate(plain(words)[:LONGEST] for words in page.head):
                sheet.write_string(top, column, words, formats["head"])
                longest = max((_width(row[column]) for row in page.rows if column < len(row)), default=0)
                sheet.set_column(column, column, min(WIDEST, max(len(words), longest) + 2))
            sheet.freeze_panes(top + 1, 0)
            for number, cells in enumerate(page.rows, top + 1):
                for column, cell in enumerate(cells):
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
    """Returns a sheet's name as Excel takes it, different from the others."""
    words = re.sub(r"[\[\]:*?/\\]", " ", plain(title)).strip().strip("'")[:TITLE_LENGTH].strip() or "1"
    name, number = words, 2
    while name.casefold() in taken:
        name = f"{words[: TITLE_LENGTH - len(str(number)) - 1]} {number}"
        number += 1
    taken.add(name.casefold())
    return name

"""When a class begins and how long it takes, by its row of a table: one cell or several, dates of a spreadsheet, and
whether 1/12/2027 is in December or in January.

Spreadsheets of English accounts write the month first, all others the day. A file is of one kind: its own days above 12
and its weekdays prove of which; where nothing does, whoever sent it is asked once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from bot.class_import.cells import as_text, read_wall_time
from bot.class_import.table_files import Cell, Row, is_empty
from bot.words.spoken_time import Unclear, read_dated_stretch
from bot.words.time_grammar import WEEKDAYS, understand

EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - wall time
"""The day that spreadsheets count from."""
SERIALS: Final = (36526, 73050)
"""The numbers of the days from 2000 to 2099."""
_SLASHED: Final = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(20\d\d)(?![\d/])")
_SHORT_YEAR: Final = re.compile(r"(?<![\w])(\d{1,2})([-/])([A-Za-z]{3,9})\2(\d{2})(?![\d.:])")
"""07-Des-26, as Excel writes dates into a .csv. Between a day and a year the month is a word: nothing else is meant."""
_FRACTION: Final = re.compile(r"0?,\d{1,17}|0?\.\d{3,17}")
"""An hour as a spreadsheet counts it, a part of the day: 0,375 is 09.00."""


class Order(StrEnum):
    """Which comes first where a date is written with strokes."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True)
class Evidence:
    """The rows that prove the day first, those that prove the month first, and the first one that may be either."""

    day: tuple[Row, ...]
    month: tuple[Row, ...]
    unclear: Row | None

    @property
    def order(self) -> Order | None:
        """The one order of the file; None if it must be asked for, or if the file contradicts itself."""
        if self.day and self.month:
            return None
        if self.day or self.month:
            return Order.DAY if self.day else Order.MONTH
        return Order.DAY if self.unclear is None else None

    @property
    def strangers(self) -> tuple[Row, ...]:
        """In a file that contradicts itself the rows that are fewer; all of them if both are as many."""
        if not self.day or not self.month:
            return ()
        if len(self.day) == len(self.month):
            return tuple(sorted((*self.day, *self.month), key=lambda row: row.number))
        return min(self.day, self.month, key=len)


def evidence(rows: Sequence[Row]) -> Evidence:
    """Looks at every date with strokes."""
    day: list[Row] = []
    month: list[Row] = []
    unclear: Row | None = None
    for row in rows:
        text = _day_cell(row.cells)
        found = _SLASHED.search(text) if isinstance(text, str) else None
        if found is None:
            continue
        first, second = int(found[1]), int(found[2])
        if first == second or not 1 <= min(first, second) <= 12:
            continue
        if max(first, second) > 12:
            if max(first, second) <= 31:
                (day if first > 12 else month).append(row)
            continue
        proof = _by_weekday(row.cells, found)
        if proof is not None:
            (day if proof is Order.DAY else month).append(row)
        elif unclear is None:
            unclear = row
    return Evidence(tuple(day), tuple(month), unclear)


def _by_weekday(cells: Mapping[str, Cell], found: re.Match[str]) -> Order | None:
    said = understand(f"{_text(cells.get('weekday'))} {found.string}")
    if said is None or said.weekday is None:
        return None
    first, second, year = int(found[1]), int(found[2]), int(found[3])
    fits = [
        order
        for order, day in ((Order.DAY, date(year, second, first)), (Order.MONTH, date(year, first, second)))
        if day.weekday() == WEEKDAYS[said.weekday]
    ]
    return fits[0] if len(fits) == 1 else None


def both_ways(row: Row) -> tuple[str, date, date]:
    """Returns the unclear date of a row as it is written, with the day first, and with the month first."""
    text = _day_cell(row.cells)
    found = _SLASHED.search(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("no date with strokes")
    first, second, year = int(found[1]), int(found[2]), int(found[3])
    return found[0], date(year, second, first), date(year, first, second)


def read_start(cells: Mapping[str, Cell], label: str, order: Order = Order.DAY) -> tuple[datetime, int | None]:
    """Returns the wall time at which a row's class begins, and its minutes where the row says until when. Raises
    Unclear."""
    first = _day_cell(cells)
    apart = [name for name in ("time", "weekday") if not is_empty(cells.get(name))]
    if is_empty(first) and "time" not in apart:
        raise Unclear("is empty", "empty")
    if is_empty(first):
        raise Unclear("has a time but no date; write like 2026-11-24 09:00", "no_date")
    if not apart:
        if not isinstance(first, str):
            return read_wall_time(first, label), None
        return read_dated_stretch(_in_order(as_text(first), order), label)
    if isinstance(first, datetime) and "time" not in apart:
        day = f"{first:%Y-%m-%d %H:%M}"
    elif isinstance(first, date):  # a datetime, too: the hour stands in a cell of its own
        day = f"{first:%Y-%m-%d}"
    else:
        day = _in_order(as_text(first), order)
    text = _hour_text(cells.get("time"))
    weekday = _text(cells.get("weekday"))
    if weekday and (said := understand(day)) is not None and said.weekday is None:
        day = f"{weekday} {day}"
    return read_dated_stretch(f"{day} {text}".strip(), label)


def read_end(cell: Cell, start: datetime, label: str) -> int | None:
    """Returns the minutes from `start` to the end that stands in a cell of its own; None if the cell names no hour
    ("selesai"). Raises Unclear."""
    if is_empty(cell):
        return None
    if isinstance(cell, datetime) and cell.year > 1901:
        minutes = int((cell - start).total_seconds() // 60)
        if minutes <= 0:
            raise Unclear("ends before it begins", "end_before", text=f"{cell:%H:%M}")
        return minutes
    text = _hour_text(cell)
    return read_dated_stretch(f"{start:%Y-%m-%d %H:%M} - {text}", label)[1]


def _day_cell(cells: Mapping[str, Cell]) -> Cell:
    """Returns the cell with the day. A number, by which spreadsheets count days since 1899, becomes that day."""
    cell = cells.get("starts")
    if is_empty(cell):
        cell = cells.get("date")
    if isinstance(cell, str):
        cell = _SHORT_YEAR.sub(r"\1 \3 20\4", cell)
    if isinstance(cell, str) and re.fullmatch(r"\d{5}(?:[.,]\d{1,17})?", cell.strip()):
        cell = float(cell.strip().replace(",", "."))
    if isinstance(cell, int | float) and not isinstance(cell, bool) and SERIALS[0] <= cell < SERIALS[1]:
        moment = EPOCH + timedelta(days=cell)
        return moment.date() if float(cell).is_integer() else moment
    return cell


def _hour_text(cell: Cell) -> str:
    """Returns the hour of a cell of its own, as somebody would type it. Raises Unclear."""
    if isinstance(cell, str) and _FRACTION.fullmatch(cell.strip()):
        cell = float("0" + cell.strip().lstrip("0").replace(",", "."))
    if isinstance(cell, float) and 0 <= cell < 1:
        cell = timedelta(days=cell)
    if isinstance(cell, timedelta):
        cell = EPOCH + cell
    if isinstance(cell, datetime):
        cell = (cell + timedelta(seconds=0.5)).time().replace(microsecond=0)
    if isinstance(cell, time):
        if cell.second:
            raise Unclear(f"{cell:%H:%M:%S} is not a whole minute", "minute", text=f"{cell:%H:%M:%S}")
        return f"{cell:%H:%M}"
    return _text(cell)


def _text(cell: Cell) -> str:
    try:
        return as_text(cell)
    except ValueError:
        return ""


def _in_order(text: str, order: Order) -> str:
    return _SLASHED.sub(r"\2/\1/\3", text) if order is Order.MONTH else text

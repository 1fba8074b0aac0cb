"""Reads one cell of a table of classes: words, code, number, degrees, date and hour. Raises Unclear in words for the
person who wrote it."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Final

from bot.class_import.table_files import Cell
from bot.documents.xlsx_writer import LOOKS_LIKE_FORMULA
from bot.words.spoken_time import Unclear, read_dated_stretch, read_length
from bot.words.time_grammar import YEARS
from bot.words.typed_text import UNSEEN

LATITUDES: Final = (-11.5, 6.5)
LONGITUDES: Final = (94.0, 141.5)
"""The box around Indonesia, degrees."""
MINUTES: Final = (15, 1440)
CAPACITY: Final = (1, 500)
TITLE_LENGTH: Final = 120
VENUE_LENGTH: Final = 160
TRAINER_LENGTH: Final = 80
CONTACT_LENGTH: Final = 80
REASON_LENGTH: Final = 200

INVISIBLE: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff" + "".join(sorted(UNSEEN))))
"""Characters that word processors leave behind: soft hyphens, characters without width, and letters that cannot be
seen."""


def as_text(cell: Cell) -> str:
    """Returns the cell as plain text. Raises Unclear for anything but text and numbers."""
    if cell is None:
        return ""
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise Unclear("must be text, not a date or a yes/no cell", "not_text")
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    text = unicodedata.normalize("NFC", str(cell).translate(INVISIBLE))
    return " ".join(text.split())


def read_words(cell: Cell, longest: int, *, required: bool = True) -> str:
    """Returns words people will read, white space tidied. Raises Unclear saying what is wrong."""
    text = as_text(cell)
    if not text:
        if required:
            raise Unclear("is empty", "empty")
        return ""
    if text.startswith(LOOKS_LIKE_FORMULA):
        words = f"begins with '{text[0]}' like a formula; begin with a letter or a number"
        raise Unclear(words, "formula", text=text[0])
    if not text.isprintable():
        raise Unclear("holds characters that cannot be seen; type it anew", "unseen")
    if len(text) > longest:
        raise Unclear(f"has {len(text)} characters; at most {longest} fit", "long", n=len(text), most=longest)
    return text


def read_contact(cell: Cell) -> str:
    """Returns a contact as people will read it: a name, a number, also one that begins with +62 or with @. Raises
    Unclear."""
    text = as_text(cell)
    begins = text.removeprefix("+").removeprefix("@")
    read_words(begins, CONTACT_LENGTH - 1)
    return text


def read_code(cell: Cell) -> str:
    """Returns a class's code. Raises Unclear."""
    text = as_text(cell)
    if not text:
        raise Unclear("is empty", "empty")
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", text):
        words = f"'{shortened(text)}' is not a code: 1 to 40 of A-Z, a-z, 0-9, _ and -"
        raise Unclear(words, "code", text=shortened(text))
    return text


def read_number(cell: Cell, allowed: tuple[int, int]) -> int:
    """Returns a whole number within `allowed`. Raises Unclear."""
    text = as_text(cell)
    if not text:
        raise Unclear("is empty", "empty")
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise Unclear(f"'{shortened(text)}' is not a whole number", "number", text=shortened(text))
    return _within(int(text), allowed)


def _within(number: int, allowed: tuple[int, int]) -> int:
    if not allowed[0] <= number <= allowed[1]:
        words = f"{number} is not between {allowed[0]} and {allowed[1]}"
        raise Unclear(words, "out_of_range", n=number, least=allowed[0], most=allowed[1])
    return number


_SEATS: Final = re.compile(
    r"(?:(?:maks|max|maksimal|maksimum)\.? ?)?([0-9]{1,9})(?: ?(?:orang|org|kursi|peserta|people|seats?))?"
)


def read_seats(cell: Cell) -> int:
    """Returns a number of seats: 20, "20 orang", "maks. 20". Raises Unclear."""
    found = _SEATS.fullmatch(as_text(cell).casefold())
    return read_number(found[1] if found is not None else cell, CAPACITY)


def read_minutes(cell: Cell) -> int:
    """Returns a length: 120, "120 menit", "2 jam", "1,5 jam", 1:30 (hours and minutes). Raises Unclear."""
    if isinstance(cell, time):
        return _within(cell.hour * 60 + cell.minute, MINUTES)
    if isinstance(cell, timedelta):
        return _within(int(cell.total_seconds() // 60), MINUTES)
    text = as_text(cell)
    if found := re.fullmatch(r"([0-9]{1,2})[:.]([0-5][0-9])(?::00)?", text):
        return _within(int(found[1]) * 60 + int(found[2]), MINUTES)
    length = read_length(text) if text.isascii() else None
    if length is not None:
        return _within(length, MINUTES)
    try:
        return read_number(cell, MINUTES)
    except Unclear as error:
        if error.kind == "number":
            raise Unclear(str(error), "minutes", **error.facts) from None
        raise


def read_degrees(cell: Cell, allowed: tuple[float, float]) -> float | None:
    """Returns decimal degrees written with a point or a comma; None for an empty cell. Raises Unclear."""
    text = f"{cell:.9f}" if isinstance(cell, float) else as_text(cell).replace("−", "-")
    if not text:
        return None
    if not re.fullmatch(r"[+-]?[0-9]{1,3}([.,][0-9]{1,20})?", text):
        raise Unclear(f"'{shortened(text)}' is not in decimal degrees like -8.4964", "degrees", text=shortened(text))
    degrees = float(text.replace(",", "."))
    if not allowed[0] <= degrees <= allowed[1]:
        words = f"{degrees:g} is outside Indonesia ({allowed[0]:g} to {allowed[1]:g}); are lat and lon swapped?"
        raise Unclear(words, "outside", text=f"{degrees:g}")
    return degrees


def read_wall_time(cell: Cell, label: str) -> datetime:
    """Returns the local date and time of a cell, without a zone. `label` (WIB, WITA, WIT) is the site's; a cell that
    names another one is an error, so is a weekday that is not the date's. Raises Unclear.

    Read are date cells of a spreadsheet and `2026-11-24 09:00`, `24/11/2026 09.00`, `24 nov 2026 09.00`, `Selasa, 24
    November 2026 pukul 09.00 WITA`, with Indonesian or English names.
    """
    if isinstance(cell, datetime):
        if cell.tzinfo is not None:
            raise Unclear("must be local time without a zone", "starts", text=str(cell))
        _possible(cell)  # first: the last moment that can be written has none after it
        whole = (cell + timedelta(seconds=0.5)).replace(microsecond=0)  # 09:00 is kept as a fraction of a day
        if whole.second:
            raise Unclear(f"{whole:%H:%M:%S} is not a whole minute", "minute", text=f"{whole:%H:%M:%S}")
        return _possible(whole)
    if isinstance(cell, date):
        raise Unclear("has a date but no time; write like 2026-11-24 09:00", "no_hour", text=str(cell))
    if isinstance(cell, time | timedelta | bool):
        raise Unclear("has a time but no date; write like 2026-11-24 09:00", "no_date", text=str(cell))
    if isinstance(cell, int | float):
        words = "is a number; format the cell as date and time, or write like 2026-11-24 09:00"
        raise Unclear(words, "starts", text=as_text(cell))
    text = as_text(cell)
    if not text:
        raise Unclear("is empty", "empty")
    return read_dated_stretch(text, label)[0]


def _possible(moment: datetime) -> datetime:
    if not YEARS[0] <= moment.year <= YEARS[1]:
        raise Unclear(f"the year {moment.year} is not between {YEARS[0]} and {YEARS[1]}", "years", n=moment.year)
    return moment


def shortened(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"

"""Quarters of a year: "2027Q1"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

FIRST_YEAR: Final = 2020
LAST_YEAR: Final = 2199


@dataclass(frozen=True, order=True)
class Quarter:
    year: int
    number: int
    """1 to 4."""

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"

    @property
    def first(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def after(self) -> Quarter:
        return Quarter(self.year + 1, 1) if self.number == 4 else Quarter(self.year, self.number + 1)

    @property
    def before(self) -> Quarter:
        return Quarter(self.year - 1, 4) if self.number == 1 else Quarter(self.year, self.number - 1)

    def begins(self, zone: str) -> datetime:
        return datetime.combine(self.first, time(), ZoneInfo(zone)).astimezone(UTC)

    def ends(self, zone: str) -> datetime:
        """Returns the first moment after it."""
        return self.after.begins(zone)


def quarter_of(moment: datetime, zone: str) -> Quarter:
    day = moment.astimezone(ZoneInfo(zone)).date()
    return Quarter(day.year, (day.month + 2) // 3)


def read_quarter(text: str) -> Quarter | None:
    """Returns the quarter that "2027Q1" names; None if it names none."""
    found = re.fullmatch(r"(\d{4})[Qq]([1-4])", text.strip(), re.ASCII)
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return None
    return Quarter(int(found[1]), int(found[2]))

"""The rows of a table read cell by cell: what is right becomes a plan for a class, what is wrong a problem with row,
column and what to write there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.catalogue.content import Content, Site
from bot.class_import.cells import (
    LATITUDES,
    LONGITUDES,
    MINUTES,
    TITLE_LENGTH,
    TRAINER_LENGTH,
    VENUE_LENGTH,
    as_text,
    read_code,
    read_degrees,
    read_minutes,
    read_seats,
    read_words,
    shortened,
)
from bot.class_import.starts import Order, evidence, read_end, read_start
from bot.class_import.table_files import Fact, Problem, Row, is_empty
from bot.programme.sessions import ClassSession
from bot.words.spoken_time import Unclear

SAME_PIN: Final = 1e-6
"""Degrees (a hand's breadth) within which a pin is the same: spreadsheets round."""
NOTE: Final = 2
"""So many cells a note below the table has at most: "Total" and a number."""
SAME: Final = {
    "starts": ("starts", "date", "time", "weekday"),
    "hour": ("starts", "time", "date"),
    "minutes": ("minutes", "ends", "time", "starts", "date"),
}
"""In which columns of a table that has others something stands, the likeliest first."""
ABOUT_HOURS: Final = ("hour", "no_hour", "minute")
"""The mistakes in an hour: they are told of its column, if it has one."""


@dataclass(frozen=True)
class Planned:
    """One class as its row describes it. `starts_at` in UTC. `code` is empty where the row has none."""

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
    given: frozenset[str] = frozenset()
    """The columns that the table has; of those it lacks, a class in the calendar keeps what it has."""

    def as_in(self, session: ClassSession) -> Planned:
        """Returns this row with the gaps filled from the class in the calendar: what the table says nothing of stays as
        it is there."""
        kept: dict[str, Any] = {}
        for name, columns in (("capacity", {"capacity"}), ("trainer", {"trainer"})):
            if columns.isdisjoint(self.given):
                kept[name] = getattr(session, name)
        no_pin = self.given.isdisjoint({"lat", "lon"})
        if no_pin or (_near(self.latitude, session.latitude) and _near(self.longitude, session.longitude)):
            kept |= {"latitude": session.latitude, "longitude": session.longitude}
        return replace(self, **kept)

    def details(self) -> dict[str, Any]:
        """Returns the arguments that the services `create` and `change` both take."""
        names = ("title", "starts_at", "minutes", "capacity", "venue", "latitude", "longitude", "trainer")
        return {name: getattr(self, name) for name in names}


def _near(one: float | None, other: float | None) -> bool:
    return one == other or (one is not None and other is not None and abs(one - other) < SAME_PIN)


@dataclass
class _Cells:
    """Reads the cells of one row and collects their mistakes."""

    row: Row
    order: Order
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, column: str, words: str, kind: str = "", **facts: Fact) -> None:
        names = SAME.get("hour" if kind in ABOUT_HOURS else column, (column,))
        heading = next((self.row.heads[name] for name in names if name in self.row.heads), "")
        kind = kind or ("empty" if words == "is empty" else "")
        self.problems.append(Problem(self.row.number, column, words, kind, tuple(facts.items()), heading))

    def words(self, column: str, longest: int, *, required: bool = True) -> str:
        with self._noting(column):
            return read_words(self.row.cells.get(column), longest, required=required)
        return ""

    def code(self) -> str:
        """Returns the code; empty where the row has none."""
        with self._noting("code"):
            return "" if is_empty(self.row.cells.get("code")) else read_code(self.row.cells.get("code"))
        return ""

    def seats(self, default: int) -> int:
        cell = self.row.cells.get("capacity")
        if is_empty(cell):
            return default
        with self._noting("capacity"):
            return read_seats(cell)
        return 0

    def degrees(self, column: str, allowed: tuple[float, float]) -> float | None:
        with self._noting(column):
            return read_degrees(self.row.cells.get(column), allowed)
        return None

    def site(self, content: Content, usual: Site | None) -> Site | None:
        with self._noting("site"):
            text = as_text(self.row.cells.get("site"))
            if not text and usual is not None:
                return usual
            if not text:
                raise Unclear("is empty", "empty")
            site = _site_called(text, content)
            if site is None:
                words = f"there is no site '{shortened(text)}'; ids stand in content/sites.yaml"
                raise Unclear(words, "site", text=shortened(text))
            if not site.active:
                raise Unclear(f"the site '{site.id}' is not active yet", "site_inactive", text=shortened(text))
            return site
        return None

    def starts(self, site: Site | None) -> tuple[datetime | None, int | None]:
        """Returns the wall time of the start, and the minutes until the end, if the row says when that is."""
        cells = self.row.cells
        until: int | None = None
        with self._noting("starts"):
            label = site.label if site is not None else ""
            if site is None:  # without a site there is no zone, but a bad date is told all the same
                said = " ".join(cell for name in ("starts", "time") if isinstance(cell := cells.get(name), str))
                found = re.search(r"\b(wib|wita|wit)\b", said.lower())
                label = found[1].upper() if found else ""
            wall, until = read_start(cells, label, self.order)
            with self._noting("minutes"):
                ends = read_end(cells.get("ends"), wall, label)
                until = ends if ends is not None else until
            return wall, until
        return None, None

    def minutes(self, until: int | None) -> int:
        """Returns the length in minutes, as it is written or as the hours say. Adds a problem if the two differ."""
        cell = self.row.cells.get("minutes")
        with self._noting("minutes"):
            if is_empty(cell):
                if until is None:
                    raise Unclear("is empty", "no_length")
                if not MINUTES[0] <= until <= MINUTES[1]:
                    words = f"{until} is not between {MINUTES[0]} and {MINUTES[1]}"
                    raise Unclear(words, "out_of_range", n=until, least=MINUTES[0], most=MINUTES[1])
                return until
            written = read_minutes(cell)
            if until is not None and until != written:
                words = f"says {written} minutes, but the hours are {until} minutes apart"
                raise Unclear(words, "length_differs", n=written, hours=until)
            return written
        return 0

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
        if isinstance(error, Unclear):
            # what is wrong with the end is wrong with the length
            column = "minutes" if error.kind == "end_before" else self.column
            if not any(one.column == column for one in self.cells.problems):
                self.cells.wrong(column, str(error), error.kind, **error.facts)
            return True
        return False


def _site_called(text: str, content: Content) -> Site | None:
    """Returns the site of this id or name, however it is written; None if there is none, or more than one."""

    def bare(name: str) -> str:
        return " ".join(re.sub(r"[-_.,]+", " ", name.casefold()).removeprefix("lokasi ").split())

    found = [site for site in content.sites if bare(text) in (bare(site.id), bare(site.name))]
    return found[0] if len(found) == 1 else None


def check_rows(
    rows: Iterable[Row], content: Content, order: Order | None = None, usual: Site | None = None
) -> tuple[list[Planned], list[Problem]]:
    """Reads every cell of every row. Returns the rows that are right, and all that is wrong with the others. `order` is
    that of dates with strokes, where the table itself proves none (None: the day first). `usual`: the site of rows that
    name none."""
    rows = list(rows)
    proof = evidence(rows)
    strangers = {row.number for row in proof.strangers}
    planned: list[Planned] = []
    problems: list[Problem] = []
    nowhere = usual is None and bool(rows) and bool(rows[0].header) and "site" not in rows[0].heads
    if nowhere:  # told once, and not with every row
        words = "this column is missing; nothing says at which site the classes are"
        problems.append(Problem(rows[0].header, "site", words, "missing"))
    first_seen: dict[str, int] = {}
    for row in rows:
        cells = _Cells(row, proof.order or order or Order.DAY)
        code = cells.code()
        if code:
            earlier = first_seen.setdefault(code.casefold(), row.number)
            if earlier != row.number:
                cells.wrong("code", f"'{code}' stands in row {earlier} already", "twice", row=earlier)
        site = None if nowhere else cells.site(content, usual)
        title = cells.words("title", TITLE_LENGTH)
        wall: datetime | None = None
        until: int | None = None
        if row.number in strangers:
            words = "has the day and the month in another order than other rows; write like 24 Nov 2026 09.00"
            cells.wrong("starts", words, "order_mixed")
        else:
            wall, until = cells.starts(site)
        minutes = cells.minutes(until) if wall is not None or not is_empty(row.cells.get("minutes")) else 0
        if wall is None and is_empty(row.cells.get("minutes")) and _no_hours(row):
            cells.wrong("minutes", "is empty", "no_length")
        capacity = cells.seats(content.capacity(site.id) if site else 1)
        venue = cells.words("venue", VENUE_LENGTH)
        latitude = cells.degrees("lat", LATITUDES)
        longitude = cells.degrees("lon", LONGITUDES)
        for column, other in (("lat", "lon"), ("lon", "lat")):
            if is_empty(row.cells.get(column)) and not is_empty(row.cells.get(other)):
                cells.wrong(column, f"is empty, but {other} is not; give both or neither", "pair")
        trainer = cells.words("trainer", TRAINER_LENGTH, required=False) or None
        problems += cells.problems
        if cells.problems or site is None or wall is None:
            continue
        starts_at = wall.replace(tzinfo=ZoneInfo(site.zone)).astimezone(UTC)
        given = frozenset(row.heads or row.cells)
        planned.append(
            Planned(
                row.number, code, site, title, starts_at, minutes, capacity, venue, latitude, longitude, trainer, given
            )
        )  # fmt: skip
    return planned, problems


def without_notes(rows: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """Returns the rows of classes, and those that are none: sums, notes and signatures below a table, which say
    nothing of when and have so few cells that no class was meant."""
    of_classes: list[Row] = []
    notes: list[Row] = []
    for row in rows:
        said = sum(not is_empty(cell) for cell in row.cells.values())
        (notes if _no_hours(row) and said <= NOTE else of_classes).append(row)
    return of_classes, notes


def _no_hours(row: Row) -> bool:
    """Whether a row says nothing at all of when the class is."""
    return all(is_empty(row.cells.get(name)) for name in ("starts", "date", "time", "ends"))

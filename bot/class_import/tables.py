"""Tables of classes (CSV, XLSX) that staff write in a spreadsheet -> the programme's calendar, all rows or none.

Three steps, usable alone: `read_rows` opens the file (table_files.py), `check_rows` (checking.py) reads every cell and
collects what is wrong, `import_sessions` compares with the database and writes. What is wrong is told with the row
number the spreadsheet shows and the column's name. How staff write a table: docs/import-sessions.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.catalogue.content import Content
from bot.class_import.checking import SAME, Planned, check_rows, without_notes
from bot.class_import.starts import Order, both_ways, evidence
from bot.class_import.table_files import Problem, Row, TableError, read_rows
from bot.database import Database
from bot.programme import class_changes, sessions
from bot.programme.class_conflicts import Why, as_it_is, conflicts_of
from bot.programme.sessions import ClassSession
from bot.words.typed_buttons import plain


@dataclass(frozen=True)
class Difference:
    """A column whose value is another one than before."""

    name: str
    old: Any
    new: Any


@dataclass(frozen=True)
class Clash:
    """A class at the same time as one of the table, of the calendar or of the table itself, and what they have in
    common."""

    code: str
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    site: str
    venue: str
    trainer: str | None
    why: Why


@dataclass(frozen=True)
class Change:
    """What became of one row: a new class (`differences` empty), or one that is different now, with how many people are
    told that it moved and how many who wait are offered a seat."""

    plan: Planned
    new: bool
    differences: tuple[Difference, ...] = ()
    told: int = 0
    offers: int = 0
    clashes: tuple[Clash, ...] = ()


@dataclass(frozen=True)
class Imported:
    """The result by row: codes of classes, in the order of the table; `told`: how many people are told of a move."""

    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    told: int = 0
    changes: tuple[Change, ...] = field(default=(), compare=False)
    """Of each class that is new or different, in the order of the table."""
    notes: tuple[int, ...] = field(default=(), compare=False)
    """The numbers of the rows that are no classes: sums, notes and signatures."""


@dataclass(frozen=True)
class Refused:
    """Nothing was imported."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class DatesUnclear:
    """Nothing was imported: `text`, in this row, is one day with the day first and another with the month first, and
    nothing in the table proves which."""

    row: int
    text: str
    day_first: date
    month_first: date


@dataclass(frozen=True)
class Moved:
    """A row without a code, and the one class of its site, title and trainer, which stands at another time."""

    row: int
    title: str
    before: datetime
    after: datetime
    zone: str


@dataclass(frozen=True)
class MovesUnclear:
    """Nothing was imported: these rows may be classes that moved, or new ones."""

    moves: tuple[Moved, ...]


# --- importing ------------------------------------------------------------------------------------------------------


def import_sessions(
    db: Session,
    rows: Sequence[Row],
    content: Content,
    now: datetime,
    *,
    sites: Collection[str] | None = None,
    order: Order | None = None,
    moved: bool | None = False,
) -> Imported | Refused | DatesUnclear | MovesUnclear:
    """Makes the calendar say what the table says: all rows, or, with anything wrong, none.

    New codes become classes, known ones are changed where they differ (and announce themselves when they move). A
    class that is not in the table stays as it is. A row without a code is the class of its site, title and start, or a
    new one. `sites` are those whose classes may be touched; None: all; a single one is that of rows that name none.
    `order` is the answer to DatesUnclear; `moved` that to MovesUnclear, None where it was not asked yet.
    """
    rows, notes = without_notes(rows)
    if not rows:
        return Refused((Problem(0, "", "the table has a header but no classes", "no_classes"),))
    usual = content.site(next(iter(sites))) if sites is not None and len(sites) == 1 else None
    planned, problems = check_rows(rows, content, order, usual if usual is not None and usual.active else None)
    proof = evidence(rows)
    if not problems and order is None and proof.order is None and proof.unclear is not None:
        return DatesUnclear(proof.unclear.number, *both_ways(proof.unclear))
    if sites is not None:
        problems += [
            Problem(
                plan.row, "site", f"the site '{plan.site.id}' is not one of yours", "foreign",
                (("text", plan.site.name),), _heading(rows, "site"),
            )
            for plan in planned
            if plan.site.id not in sites
        ]  # fmt: skip
    perhaps = {} if moved is False else _perhaps_moved(db, planned, now)
    if not problems and perhaps and moved is None:
        return MovesUnclear(tuple(_move(plan, perhaps[plan.row]) for plan in planned if plan.row in perhaps))
    planned = [replace(plan, code=perhaps[plan.row].code) if plan.row in perhaps else plan for plan in planned]
    known = _known(db, planned)
    planned = _with_codes(db, planned, known)
    planned = [
        plan if (there := known.get(plan.code.casefold())) is None else plan.as_in(there) for plan in planned
    ]  # fmt: skip
    for plan in planned:
        wrong = _conflicts(plan, known.get(plan.code.casefold()), now)
        problems += [replace(one, heading=_heading(rows, one.column)) for one in wrong]
    if problems:
        return Refused(tuple(sorted(problems)))
    outcomes: dict[str, str] = {}
    changes: dict[str, Change] = {}
    written: dict[str, ClassSession] = {}
    told = 0
    # classes are written in the order of their ids, as everybody does, so that nobody waits for each other in a circle
    for plan in sorted(planned, key=lambda plan: (_id(known.get(plan.code.casefold())), plan.row)):
        session = known.get(plan.code.casefold())
        leads = content.leads(plan.site.id)
        if session is None:
            written[plan.code] = sessions.create(
                db, now, code=plan.code, site_id=plan.site.id, leads=leads, **plan.details()
            )
            outcomes[plan.code] = "created"
            changes[plan.code] = Change(plan, new=True)
            continue
        before = {name: getattr(session, name) for name in plan.details()}
        outcome = class_changes.change(db, session, now, leads=leads, zone=plan.site.zone, **plan.details())
        if isinstance(outcome, class_changes.Changed):
            told += outcome.told
            differences = tuple(
                Difference(name, before[name], new) for name, new in plan.details().items() if before[name] != new
            )
            changes[plan.code] = Change(plan, False, differences, outcome.told, outcome.offers)
            written[plan.code] = session
        outcomes[plan.code] = "changed" if isinstance(outcome, class_changes.Changed) else "unchanged"
    by_outcome = {
        name: tuple(plan.code for plan in planned if outcomes[plan.code] == name)
        for name in ("created", "changed", "unchanged")
    }
    shown = [plan.code for plan in planned if plan.code in changes]
    clashes = conflicts_of(db, [as_it_is(written[code]) for code in shown], sites or ())
    in_order = tuple(
        replace(changes[code], clashes=tuple(_clash(other, why, content) for other, why in found))
        for code, found in zip(shown, clashes, strict=True)
    )
    return Imported(**by_outcome, told=told, changes=in_order, notes=tuple(row.number for row in notes))


def _perhaps_moved(db: Session, planned: Sequence[Planned], now: datetime) -> dict[int, ClassSession]:
    """Returns by row the class that may have moved there: the row has no code, and it alone of the table, and that
    class alone of the calendar, have this title at this site (and this trainer, if the table names trainers) without
    having a counterpart at their own time."""
    bare = [plan for plan in planned if not plan.code and plan.starts_at > now]
    if not bare:
        return {}
    places = {plan.site.id for plan in bare}
    coming = select(ClassSession).where(ClassSession.site_id.in_(places), ClassSession.starts_at > now)
    codes = {plan.code.casefold() for plan in planned if plan.code}
    rows: dict[tuple[str, str, str], list[Planned]] = {}
    classes: dict[tuple[str, str, str], list[ClassSession]] = {}
    as_written = {(plan.site.id, plan.starts_at, plain(plan.title)) for plan in bare}
    there: set[tuple[str, datetime, str]] = set()
    named = any("trainer" in plan.given for plan in bare)
    for one in db.scalars(coming.where(ClassSession.cancelled_at.is_(None)).order_by(ClassSession.id)):
        at = (one.site_id, one.starts_at, plain(one.title))
        there.add(at)
        if at not in as_written and one.code.casefold() not in codes:
            who = plain(one.trainer or "") if named else ""
            classes.setdefault((one.site_id, plain(one.title), who), []).append(one)
    for plan in bare:
        if (plan.site.id, plan.starts_at, plain(plan.title)) not in there:
            who = plain(plan.trainer or "") if named else ""
            rows.setdefault((plan.site.id, plain(plan.title), who), []).append(plan)
    return {
        found[0].row: classes[key][0]
        for key, found in rows.items()
        if len(found) == 1 and len(classes.get(key, ())) == 1
    }


def _move(plan: Planned, session: ClassSession) -> Moved:
    return Moved(plan.row, session.title, session.starts_at, plan.starts_at, plan.site.zone)


def _clash(other: ClassSession, why: Why, content: Content) -> Clash:
    site = content.site(other.site_id)
    zone = content.open_hours(other.site_id).zone
    name = other.site_id if site is None else site.name
    facts = (other.code, other.title, other.starts_at, other.ends_at, zone, name, other.venue, other.trainer)
    return Clash(*facts, why)


def _heading(rows: Sequence[Row], column: str) -> str:
    heads = rows[0].heads if rows else {}
    return next((heads[name] for name in SAME.get(column, (column,)) if name in heads), "")


def _id(session: ClassSession | None) -> float:
    return float("inf") if session is None else session.id


def _known(db: Session, planned: Sequence[Planned]) -> dict[str, ClassSession]:
    """Returns the classes with the codes of these rows, however written, and those at the sites and starts of rows
    without a code, by their code in lower case; locked until the commit, so that nobody takes a seat between
    reading and writing."""
    codes = [plan.code.casefold() for plan in planned if plan.code]
    bare = [plan for plan in planned if not plan.code]
    db.flush()
    ids: set[int] = set()
    if codes:
        ids.update(db.scalars(select(ClassSession.id).where(func.lower(ClassSession.code).in_(codes))))
    if bare:
        starts, places = {plan.starts_at for plan in bare}, {plan.site.id for plan in bare}
        query = select(ClassSession.id).where(ClassSession.starts_at.in_(starts), ClassSession.site_id.in_(places))
        ids.update(db.scalars(query))
    if not ids:
        return {}
    locked = select(ClassSession).where(ClassSession.id.in_(ids)).order_by(ClassSession.id).with_for_update()
    found = db.scalars(locked, execution_options={"populate_existing": True})
    return {session.code.casefold(): session for session in found}


def _with_codes(db: Session, planned: Sequence[Planned], known: Mapping[str, ClassSession]) -> list[Planned]:
    """Gives every row without a code that of the class it is, or a new one."""
    used = {plan.code.casefold() for plan in planned if plan.code}
    standing: dict[tuple[str, datetime, str], list[str]] = {}
    for session in known.values():
        if session.cancelled_at is None and session.code.casefold() not in used:
            at = (session.site_id, session.starts_at, plain(session.title))
            standing.setdefault(at, []).append(session.code)
    taken: dict[str, set[str]] = {}
    coded: list[Planned] = []
    for plan in planned:
        code = plan.code
        if not code and (same := standing.get((plan.site.id, plan.starts_at, plain(plan.title)))):
            code = same.pop(0)
        elif not code:
            stem = sessions.code_stem(plan.site.id, plan.starts_at.astimezone(ZoneInfo(plan.site.zone)).date())
            if stem not in taken:
                taken[stem] = {one.casefold() for one in sessions.codes_beginning(db, stem)} | used
            code = sessions.next_code(stem, taken[stem])
            taken[stem].add(code)
        coded.append(replace(plan, code=code))
    return coded


def _conflicts(plan: Planned, session: ClassSession | None, now: datetime) -> list[Problem]:
    """Yields what in a row contradicts the class as it is in the calendar (None: a new class)."""
    if session is None:
        if plan.starts_at <= now:
            return [Problem(plan.row, "starts", "is in the past; a new class must begin later than now", "past")]
        return []
    if session.code != plan.code:
        words = f"there is a class '{session.code}' already; write the code the same way"
        return [Problem(plan.row, "code", words, "spelt", (("text", session.code),))]
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
        facts = (("n", plan.capacity), ("taken", session.seats_taken))
        problems.append(Problem(plan.row, "capacity", words, "taken", facts))
    return problems


# --- for the command line -------------------------------------------------------------------------------------------


def run_import(
    path: Path, database: Database, content: Content, now: datetime, order: Order | None = None
) -> tuple[int, list[str]]:
    """`python -m bot import-sessions FILE [--dates day|month]`: returns the exit code (0 imported, 1 refused, 2 no such
    file) and what to print."""
    try:
        rows = read_rows(path)
    except OSError as error:
        return 2, [f"{path}: {error.strerror or error}"]
    except TableError as error:
        return 1, _refusal(path, error.problems)
    with database.transaction() as db:
        outcome = import_sessions(db, rows, content, now, order=order)
    if isinstance(outcome, Refused):
        return 1, _refusal(path, outcome.problems)
    if isinstance(outcome, DatesUnclear):
        words = (
            f"'{outcome.text}' may be {outcome.day_first} or {outcome.month_first}, and no other date of the table "
            "tells; say it with --dates day or --dates month"
        )
        return 1, _refusal(path, [Problem(outcome.row, "starts", words)])
    assert not isinstance(outcome, MovesUnclear)  # it was not asked for: a row without a code is a new class
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
    """`python -m bot cancel-session CODE`: returns the exit code (0 cancelled now or before, 1 not) and what to
    print."""
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

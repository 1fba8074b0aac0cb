"""python -m tests.bench appointments [--mentors 500] [--due 5000] [--repeats 3]

So many mentors of one site offer times for a week, one of six of them taken. How long it takes to find the next six
free times, to book one, and to look for the clock when so many appointments are to be reminded at the same moment.
Afterwards each person and each mentor has a reminder once.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from bot.actions.appointments import Kind
from bot.capability import Context
from bot.catalogue.content import Content, load_content
from bot.database import Database, migrate
from bot.delivery.outbox import OutboxRow
from bot.people.people import Person, Role, RoleGrant
from bot.programme import appointments
from bot.programme.appointments import Appointment, Booked, Slot, SlotQuarter, SlotState, State
from bot.settings import ROOT, Settings
from tests import postgres
from tests.bench import machine
from tests.bench.broadcast import MORNING
from tests.bench.daily_lessons import _postgresql
from tests.bench.serving import add_people, share, sqlite_on_disk, table

SITE: Final = "labuan-bajo"
DAYS: Final = 7
A_DAY: Final = 8
LOOKS: Final = 50


@dataclass(frozen=True)
class Measured:
    """Of one repeat, in seconds."""

    times: float
    """The next six free times, the median."""
    times_p95: float
    book: float
    """One booked, in a transaction of its own."""
    due: float
    """All looks of the clock together, until every reminder stands in the ledger."""
    due_most: float
    """The longest of these transactions."""


def prepare(url: str, mentors: int, due: int) -> None:
    """Accounts 1 to `mentors` offer times; the people behind them have appointments, all at one moment."""
    migrate(url)
    database = Database(url)
    try:
        with database.transaction() as db:
            add_people(db, range(1, mentors + due + LOOKS + 1), MORNING - timedelta(days=1))
            people = list(db.scalars(select(Person.id).order_by(Person.id)))
            db.execute(update(Person), [{"id": number, "name": f"Siti {number}"} for number in people])
            db.execute(insert(RoleGrant), [
                {"account_id": number, "role": Role.MENTOR, "site_id": SITE, "granted_at": MORNING}
                for number in range(1, mentors + 1)
            ])  # fmt: skip
            slots, quarters, number = [], [], 0
            for mentor in range(1, mentors + 1):
                for day in range(DAYS):
                    for step in range(A_DAY):
                        number += 1
                        start = MORNING + timedelta(days=day, minutes=120 + 30 * step)
                        state = SlotState.BOOKED if number % 6 == 0 else SlotState.OPEN
                        slots.append(_slot(number, mentor, start, state))
                        first = int(start.timestamp()) // 900
                        quarters += [(mentor, first, number), (mentor, first + 1, number)]
            db.execute(insert(Slot), slots)
            db.execute(insert(SlotQuarter), [
                {"account_id": mentor, "quarter": quarter, "slot_id": slot} for mentor, quarter, slot in quarters
            ])  # fmt: skip
            start = MORNING + timedelta(days=30)
            db.execute(insert(Appointment), [
                {"account_id": at % mentors + 1, "person_id": people[mentors + at], "site_id": SITE,
                 "zone": "Asia/Makassar", "starts_at": start, "ends_at": start + timedelta(minutes=30),
                 "kind": Kind.CHAT, "state": State.BOOKED, "by_mentor": False, "booked_at": MORNING, "revision": 1,
                 "next_at": start - timedelta(hours=2)}
                for at in range(due)
            ])  # fmt: skip
            if not database.is_sqlite:  # the ids were given by hand
                db.execute(text(f"SELECT setval('slot_id_seq', {number})"))
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
    finally:
        database.close()


def _slot(number: int, mentor: int, start: datetime, state: SlotState) -> dict[str, object]:
    ends = start + timedelta(minutes=30)
    return {"id": number, "account_id": mentor, "site_id": SITE, "starts_at": start, "ends_at": ends,
            "kind": Kind.CHAT, "state": state, "opened_at": MORNING}  # fmt: skip


def measure(url: str, content: Content, mentors: int, due: int) -> Measured:
    prepare(url, mentors, due)
    context = Context(content, Settings(_env_file=None, privacy_contact="0800-0000-000 (contoh)"))
    database = Database(url)
    try:
        looks, bookings = [], []
        with database.transaction() as db:
            people = list(db.scalars(select(Person.id).order_by(Person.id.desc()).limit(LOOKS)))
        for person_id in people:
            with database.transaction() as db:
                began = time.perf_counter()
                found = appointments.next_times(db, SITE, MORNING)
                looks.append(time.perf_counter() - began)
            if len(found) != appointments.SHOWN:
                raise SystemExit(f"{len(found)} free times were found")
            began = time.perf_counter()
            with database.transaction() as db:
                person = db.get_one(Person, person_id)
                booked = appointments.book(db, found[0].id, person, MORNING, content=content)
            bookings.append(time.perf_counter() - began)
            if not isinstance(booked, Booked):
                raise SystemExit(f"not booked: {booked}")
        spent = []
        now = MORNING + timedelta(days=30, hours=-2)
        while _waits(database, now):
            began = time.perf_counter()
            with database.transaction() as db:
                appointments.due(db, now, context)
            spent.append(time.perf_counter() - began)
        with database.transaction() as db:
            _audit(db, due)
    finally:
        database.close()
    return Measured(share(looks, 0.5), share(looks, 0.95), share(bookings, 0.5), sum(spent), max(spent))


def _waits(database: Database, now: datetime) -> bool:
    with database.transaction() as db:
        return db.scalar(select(Appointment.id).where(Appointment.next_at <= now).limit(1)) is not None


def _audit(db: Session, due: int) -> None:
    """Raises SystemExit unless each appointment's person and mentor have the reminder once."""
    for to in ("person", "mentor"):
        said = db.scalar(select(func.count()).where(OutboxRow.once.like(f"appointment:%:r1:{to}"))) or 0
        if said != due:
            raise SystemExit(f"{said} of {due} reminders for each {to}")


ROWS: Final = (
    ("times", "the next six free times, ms", "fine"),
    ("times_p95", "the next six free times, p95, ms", "fine"),
    ("book", "one booked, commit included, ms", "fine"),
    ("due", "all reminders posted, ms", "ms"),
    ("due_most", "the longest transaction meanwhile, ms", "ms"),
)


def main(given: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench appointments", description=__doc__)
    parser.add_argument("--mentors", type=int, default=500)
    parser.add_argument("--due", type=int, default=5_000)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args(given)
    print("\n".join(machine.described()), flush=True)
    content = load_content(ROOT / "content")
    results: dict[str, list[Measured]] = {}
    with contextlib.ExitStack() as stack:
        makers: dict[str, Callable[[], str]] = {"SQLite": stack.enter_context(sqlite_on_disk())}
        try:
            makers["PostgreSQL"] = stack.enter_context(_postgresql())
        except postgres.Unavailable as reason:
            print(f"without PostgreSQL: {reason}")
        for repeat in range(arguments.repeats):
            for name, make in makers.items():
                measured = measure(make(), content, arguments.mentors, arguments.due)
                results.setdefault(name, []).append(measured)
                figures = " ".join(f"{one.name}={1000 * getattr(measured, one.name):.2f}ms" for one in fields(Measured))
                print(f"RESULT run={repeat + 1} database={name} {figures}", flush=True)
    print(f"\n{arguments.mentors} mentors, {arguments.due} reminders due, {arguments.repeats} repeats: median")
    print("\n".join(table(results, ROWS)))


if __name__ == "__main__":
    main(sys.argv[1:])

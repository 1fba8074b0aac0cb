"""python -m tests.bench rounds [--people 50000] [--repeats 3]

The rounds of day 30 of many people are due in one moment, each with what they said at the baseline. How long until all
stand in the ledger, the longest that one transaction held the database, and the same number of rows written by one bare
INSERT ... SELECT of one message for all, in the same database. Afterwards the ledger is read: everybody has one
question, and a reply and a reminder that are written last leave first.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import func, insert, select, update

from bot.capability import Context
from bot.catalogue.content import Content, load_content
from bot.database import Database, migrate
from bot.delivery import outbox
from bot.delivery.outbox import OutboxRow
from bot.people.people import Account, Consent, Person, Purpose
from bot.people.quiet_hours import SEND, Kind
from bot.programme import follow_up
from bot.programme.follow_up import FollowUpRound, Practice, RoundKind
from bot.settings import ROOT, Settings
from bot.words.message import Message
from tests import postgres
from tests.bench import machine
from tests.bench.serving import add_people, count_on, sqlite_on_disk, table

MORNING: Final = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
"""Tuesday 24 November 2026, 09.00 in the western zone: every site is open."""
HAS: Final = ("nib", "qris", "books")
"""Of what people said at the baseline that they have it: each has another one."""


@dataclass(frozen=True)
class Measured:
    """Of one repeat, in seconds where nothing else is said."""

    posted: float
    """From the first look until all stand in the ledger and are dated anew."""
    per_second: float
    held: float
    """The longest transaction."""
    bare: float
    """The same number of rows by one INSERT ... SELECT, and one UPDATE of the rounds."""
    ratio: float
    """`posted`, as a multiple of that."""


def prepare(url: str, people: int, content: Content) -> None:
    migrate(url)
    database = Database(url)
    began = MORNING - follow_up.OPENS[RoundKind.D30]
    version = content.consent_version(Purpose.FOLLOW_UP)
    codes = [one.code for one in content.practices_of("kuliner")]
    try:
        with database.transaction() as db:
            add_people(db, range(1, people + 1), began)
            db.execute(update(Person).values(consent_follow_up=True))
            db.execute(insert(Consent), [
                {"person_id": number, "purpose": Purpose.FOLLOW_UP, "text_version": version, "language": "id",
                 "given": True, "at": began}
                for number in range(1, people + 1)
            ])  # fmt: skip
            db.execute(insert(Practice), [
                {"person_id": number, "code": code, "state": "yes" if code == HAS[number % len(HAS)] else "no",
                 "at": began, "source": "self", "round": "d0"}
                for number in range(1, people + 1) for code in codes
            ])  # fmt: skip
            db.execute(insert(FollowUpRound), [
                {"person_id": number, "kind": RoundKind.D30, "counted_from": began, "due_at": MORNING, "parts": 0,
                 "version": 0}
                for number in range(1, people + 1)
            ])  # fmt: skip
            for name in ("account", "person"):
                count_on(db, name, people)
    finally:
        database.close()


def measure(make: Callable[[], str], content: Content, people: int) -> Measured:
    context = Context(content, Settings(_env_file=None))
    posted, held = _all(make(), content, people, context)
    bare = _bare(make(), content, people)
    return Measured(posted, people / posted, held, bare, posted / bare)


def _all(url: str, content: Content, people: int, context: Context) -> tuple[float, float]:
    prepare(url, people, content)
    database = Database(url)
    due = follow_up.DATA.due
    assert due is not None
    try:
        began, held = time.monotonic(), 0.0
        for _ in range(people):
            at = time.monotonic()
            with database.transaction() as db:
                found = due(db, MORNING, context)
            held = max(held, time.monotonic() - at)
            if not found:
                break
        posted = time.monotonic() - began
        _audit(database, people)
        return posted, held
    finally:
        database.close()


def _audit(database: Database, people: int) -> None:
    with database.transaction() as db:
        rows, whose = db.execute(select(func.count(), func.count(OutboxRow.person_id.distinct()))).one()
        if (rows, whose) != (people, people):
            raise SystemExit(f"{rows} questions for {whose} people in place of {people}")
        account = db.get_one(Account, 1)
        for kind in (Kind.REMINDER, Kind.REPLY):
            outbox.post(db, outbox.to(account, Message("menu.show"), kind=kind, person_id=2), now=MORNING)
        claimed = outbox.claim(db, holder="bench", now=MORNING, real_now=MORNING, limit=4, gate=lambda *_: SEND)
        if [one.kind for one in claimed] != [Kind.REPLY, Kind.REMINDER, Kind.SURVEY, Kind.SURVEY]:
            raise SystemExit(f"out of order: {[one.kind for one in claimed]}")


def _bare(url: str, content: Content, people: int) -> float:
    prepare(url, people, content)
    database = Database(url)
    try:
        began = time.monotonic()
        with database.transaction() as db:
            everybody = outbox.recipients().join(FollowUpRound, FollowUpRound.person_id == Person.id)
            outbox.post_to_many(db, everybody, Message("follow_up.thanks"), kind=Kind.SURVEY, once="bare", now=MORNING)
            db.execute(update(FollowUpRound).values(asked_at=MORNING, due_at=MORNING + timedelta(days=3)))
        return time.monotonic() - began
    finally:
        database.close()


ROWS: Final = (
    ("posted", "all posted to the ledger, s", "{:.2f}"),
    ("per_second", "questions a second", "{:.0f}"),
    ("held", "longest transaction, s", "{:.2f}"),
    ("bare", "one INSERT ... SELECT of one message for all, s", "{:.2f}"),
    ("ratio", "as a multiple of that", "{:.1f}"),
)


def main(given: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench rounds", description=__doc__)
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args(given)
    print("\n".join(machine.described()), flush=True)
    content = load_content(ROOT / "content")
    results: dict[str, list[Measured]] = {}
    with contextlib.ExitStack() as stack:
        makers = {"SQLite": stack.enter_context(sqlite_on_disk())}
        try:
            server = stack.enter_context(postgres.running_server())
            makers["PostgreSQL"] = lambda: server.url(server.create())
        except postgres.Unavailable as reason:
            print(f"without PostgreSQL: {reason}")
        for repeat in range(arguments.repeats):
            for name, make in makers.items():
                measured = measure(make, content, arguments.people)
                results.setdefault(name, []).append(measured)
                figures = " ".join(f"{one.name}={getattr(measured, one.name):.3f}" for one in fields(Measured))
                print(f"RESULT run={repeat + 1} database={name} {figures}", flush=True)
    print(f"\n{arguments.people} people, {arguments.repeats} repeats: median (lowest-highest)")
    print("\n".join(table(results, ROWS)))
    slow = {name: statistics.median(one.posted for one in measured) for name, measured in results.items()}
    print("\n".join(f"{name}: {seconds:.1f} s" for name, seconds in slow.items()))


if __name__ == "__main__":
    main(sys.argv[1:])

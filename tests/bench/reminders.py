"""python -m tests.bench reminders [--people 100000] [--repeats 3] [--shapes 20 2 25000]

All classes of the programme begin at one moment, so all reminders are due at one moment. How long until all stand in
the ledger, when the first reached Telegram, how long the event loop was held up, and how long people who tapped
meanwhile waited for their answer. Afterwards the ledger is read: everybody who has a seat has one reminder, with the
words of their own class.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import func, insert, select

from bot.catalogue.content import Content, load_content
from bot.database import Database, migrate
from bot.delivery.outbox import OutboxRow
from bot.people.quiet_hours import Kind
from bot.programme.enrolment import Enrolment, EnrolmentStatus
from bot.programme.sessions import ClassSession, SessionLead
from bot.settings import ROOT
from bot.words.texts import Texts
from tests.bench import bare, machine
from tests.bench.serving import (
    LONGEST,
    SITES,
    Taps,
    add_people,
    serving,
    share,
    sqlite_on_disk,
    table,
)
from tests.fake_api import FIRST_PERSON, StandIn

MORNING: Final = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
"""Tuesday 24 November 2026, 10.00 in the middle zone; the classes begin two hours later."""
LEAD: Final = 120
SHAPES: Final = (20, 2, 25_000)
"""People in a class: as it is, many tiny classes, and few that are far too big."""
RATE: Final = 30
HEAD_START: Final = 3.0
"""The bot is started so long before the moment."""
TAPS: Final = 40
TAPPING: Final = 5.0
"""People tap for so many seconds from the moment on: while reminders are posted, and shortly after."""
BUTTON: Final = "lessons:modules"


@dataclass(frozen=True)
class Measured:
    """Of one repeat; times in seconds where nothing else is said, from the moment at which all are due."""

    posted: float
    """Until the last was in the ledger."""
    per_second: float
    first: float
    """Until the first reached Telegram."""
    held: float
    """The longest a database thread was held by one transaction until all were posted."""
    blocked: float
    """The longest that the event loop was held up meanwhile."""
    blocked_by_us: float
    """As far as it was this process that was at work meanwhile."""
    p50: float
    p95: float
    cpu: float
    """CPU time of the bot's process until all were posted, taps and the first messages included."""
    bare: float = float("nan")
    """How many a second bare sqlite3 writes, in the same round (`bare.reminders`)."""
    share: float = float("nan")
    """`per_second`, as a part of that."""


def prepare(url: str, people: int, size: int) -> None:
    """A fresh database: `people` with a seat each, in classes of `size` at which everybody's fellows live far apart in
    the tables; behind them TAPS people who tap."""
    migrate(url)
    database = Database(url)
    before, starts = MORNING - timedelta(days=1), MORNING + timedelta(minutes=LEAD)
    classes = -(-people // size)
    try:
        with database.transaction() as db:
            add_people(db, range(1, people + 1), before)
            add_people(db, range(people + 1, people + TAPS + 1), before, messages=False)
            db.execute(insert(ClassSession), [
                {"id": number, "code": f"contoh-{number}", "site_id": SITES[number % len(SITES)],
                 "title": "Foto Produk",
                 "starts_at": starts, "minutes": 120, "capacity": size, "seats_taken": size, "queue_tail": 0,
                 "venue": f"Balai Contoh {number}", "revision": 1, "changed_at": before}
                for number in range(1, classes + 1)
            ])  # fmt: skip
            db.execute(insert(SessionLead), [
                {"session_id": number, "lead_minutes": LEAD, "due_at": MORNING, "done_at": None}
                for number in range(1, classes + 1)
            ])  # fmt: skip
            db.execute(insert(Enrolment), [
                {"session_id": (number - 1) % classes + 1, "person_id": number, "status": EnrolmentStatus.SEATED,
                 "created_at": before, "changed_at": before}
                for number in range(1, people + 1)
            ])  # fmt: skip
    finally:
        database.close()


async def measure(url: str, content: Content, texts: Texts, people: int) -> Measured:
    begin = MORNING - timedelta(seconds=HEAD_START)
    with StandIn() as stand_in:
        async with serving(url, stand_in, content, texts, RATE, begin) as bot:
            due_at = time.monotonic() + (MORNING - bot.app.clock.now()).total_seconds()
            taps = Taps(people + 1, BUTTON)
            moments = [due_at + TAPPING * at / TAPS for at in range(TAPS)]
            tapping = asyncio.create_task(taps.tap(stand_in, moments))
            await asyncio.sleep(due_at - 0.1 - time.monotonic())
            bot.database.longest, used = 0.0, time.process_time()
            while await bot.database.run(_not_reminded, bot.database):
                bot.check(due_at + LONGEST, "the last reminder")
                await asyncio.sleep(0.02)
            posted_at, held, used = time.monotonic(), bot.database.longest, time.process_time() - used
            await tapping
            await asyncio.sleep(1.0)
            await bot.app.sender.stop()
            log = await asyncio.to_thread(stand_in.log)
            reminders = [one["at"] for one in log["sent"] if one["chat"] - FIRST_PERSON <= people]
            waits = taps.waits(log)
            blocked = bot.heart.longest(due_at, posted_at), bot.heart.longest_of_ours(due_at, posted_at)
    audit(url, people)
    return Measured(
        posted=posted_at - due_at,
        per_second=people / (posted_at - due_at),
        first=min(reminders) - due_at,
        held=held,
        blocked=blocked[0],
        blocked_by_us=blocked[1],
        p50=share(waits, 0.5),
        p95=share(waits, 0.95),
        cpu=used,
    )


def _not_reminded(database: Database) -> bool:
    with database.transaction() as db:
        return db.scalar(select(SessionLead.id).where(SessionLead.done_at.is_(None)).limit(1)) is not None


def audit(url: str, people: int) -> None:
    """Raises SystemExit unless each seat has one reminder, and each reminder the words of its class."""
    database = Database(url)
    try:
        with database.transaction() as db:
            reminder = OutboxRow.kind == Kind.REMINDER
            per_person = select(func.count()).where(reminder).group_by(OutboxRow.person_id).subquery()
            how_many = select(per_person.c[0], func.count()).group_by(per_person.c[0])
            written = {row[0]: row[1] for row in db.execute(how_many)}
            place = OutboxRow.message["values"]["venue"].as_string()
            fitting = db.scalar(
                select(func.count())
                .select_from(OutboxRow)
                .join(ClassSession, ClassSession.id == OutboxRow.session_id)
                .join(Enrolment, Enrolment.session_id == ClassSession.id)
                .where(reminder, Enrolment.person_id == OutboxRow.person_id, place == ClassSession.venue)
            )
    finally:
        database.close()
    if written != {1: people} or fitting != people:
        raise SystemExit(f"of {people} people so many have so many reminders: {written}; {fitting} are right")


ROWS: Final = (
    ("posted", "all posted to the ledger, s", "{:.2f}"),
    ("per_second", "posted a second", "{:.0f}"),
    ("bare", "bare INSERT ... SELECT, a second", "{:.0f}"),
    ("share", "share of that", "{:.2f}"),
    ("first", "first reminder at Telegram, s", "{:.2f}"),
    ("held", "longest transaction meanwhile, ms", "ms"),
    ("blocked", "the loop was held up at most, ms", "ms"),
    ("blocked_by_us", "of that while the bot itself was at work, ms", "ms"),
    ("p50", "answer to a tap, p50, ms", "ms"),
    ("p95", "answer to a tap, p95, ms", "ms"),
    ("cpu", "CPU of the bot until all were posted, s", "{:.2f}"),
)


def main(given: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench reminders", description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--shapes", type=int, nargs="+", default=SHAPES, help="people in a class")
    arguments = parser.parse_args(given)
    print("\n".join(machine.described()), flush=True)
    content, texts = load_content(ROOT / "content"), Texts(ROOT / "locales")
    results: dict[str, list[Measured]] = {}
    for repeat in range(arguments.repeats):
        for size in arguments.shapes:
            with sqlite_on_disk() as make:
                url = make()
                prepare(url, arguments.people, size)
                measured = asyncio.run(measure(url, content, texts, arguments.people))
                yardstick = make()
                prepare(yardstick, arguments.people, size)
                quickest = bare.measured("reminders", yardstick, arguments.people).per_second
            measured = replace(measured, bare=quickest, share=measured.per_second / quickest)
            results.setdefault(f"classes of {size:,}", []).append(measured)
            figures = " ".join(f"{one.name}={getattr(measured, one.name):.3f}" for one in fields(Measured))
            print(f"RESULT run={repeat + 1} size={size} {figures}", flush=True)
    print(f"\n{arguments.people} people, {arguments.repeats} repeats: median (lowest-highest)")
    print("\n".join(table(results, ROWS)))


if __name__ == "__main__":
    main(sys.argv[1:])

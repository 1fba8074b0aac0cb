"""python -m tests.bench mentoring [--questions 10000] [--due 200] [--seconds 20] [--taps 100] [--repeats 3]

So many questions to mentors are open, and nobody answers. How long a mentor's first page of the queue takes, and an
admin's, in the database alone and from tap to reply; how long one look of the clock takes while many questions are
due; and how long mentors wait who take a question each while an announcement goes to everybody, at SEND_RATE=30 and
1000. Afterwards each question that was tapped is its mentor's, and every other nobody's.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from bot.capability import Context
from bot.catalogue.content import Content, load_content
from bot.database import Database
from bot.people.people import Account, Role, RoleGrant
from bot.programme import mentoring
from bot.programme.mentoring import State, Ticket, TicketMessage, Way
from bot.settings import ROOT, Settings
from bot.words.texts import Texts
from handlers.mentoring.queue import PAGE
from tests.bench import broadcast, machine
from tests.bench.broadcast import FAST_RATE, MORNING, SLOW_RATE
from tests.bench.serving import LONGEST, SITES, Taps, serving, share, sqlite_on_disk, table
from tests.fake_api import FIRST_PERSON, StandIn

LOOKS: Final = 50
"""How often the queue is looked at in the database alone."""
MENTORS: Final = 3
"""So many a site has whom the clock reminds; more of them only tap."""
QUEUE: Final = "mentoring:queue"
WAITED: Final = timedelta(hours=1)
"""So long all questions wait at MORNING, a minute of it working time: the clock has nothing to do yet."""


@dataclass(frozen=True)
class Measured:
    """Of one repeat, in seconds."""

    page: float
    """The queue's first page of a mentor of one site: what is asked of the database, the median."""
    page_of_all: float
    """The same of an admin, who sees all sites."""
    seen_p50: float
    """From a mentor's tap on it to the reply, nothing else going on."""
    seen_p95: float
    due: float
    """One look of the clock that finds as many questions as it looks at, the median; mentors' cards included."""
    due_most: float
    idle: float
    """A look that finds nothing, the median."""
    slow_p50: float
    slow_p95: float
    fast_p50: float
    fast_p95: float


class Cast:
    """Who is who: numbers 1 to `questions` asked a question each (and hear the announcement), and 1 is an admin, too;
    the mentors behind them do not hear it, and tap: each takes one question of their site."""

    def __init__(self, questions: int, taps: int) -> None:
        self.questions, self.taps = questions, taps
        self.mentors = range(questions + 1, questions + 3 * taps + 1)

    def question_of(self, mentor: int) -> int:
        return mentor - self.questions + 1

    def site_of(self, question: int) -> str:
        return SITES[question % len(SITES)]


def prepare(url: str, cast: Cast) -> None:
    broadcast.prepare(url, cast.questions, -(-3 * cast.taps // 2))
    since = MORNING - WAITED
    database = Database(url)
    try:
        with database.transaction() as db:
            db.execute(insert(Ticket), [
                {"id": number, "person_id": number, "site_id": cast.site_of(number), "topic": "lain",
                 "state": State.OPEN, "opened_at": since, "waiting_since": since, "said_at": since, "turn": 1,
                 "level": 0, "next_at": MORNING + timedelta(hours=3), "reopened": 0,
                 "reply_due_at": MORNING + timedelta(hours=5)}
                for number in range(1, cast.questions + 1)
            ])  # fmt: skip
            db.execute(insert(TicketMessage), [
                {"ticket_id": number, "person_id": number, "way": Way.IN, "form": "text", "at": since,
                 "text": f"Pertanyaan contoh {number}: bagaimana cara memotret keripik supaya kelihatan renyah?"}
                for number in range(1, cast.questions + 1)
            ])  # fmt: skip
            db.execute(insert(RoleGrant), [
                {"account_id": number, "role": Role.MENTOR, "site_id": cast.site_of(cast.question_of(number)),
                 "granted_at": since}
                for number in cast.mentors
            ])  # fmt: skip
    finally:
        database.close()


# --- in the database alone --------------------------------------------------------------------------------------------


def page(database: Database, mentor: int, sites: Collection[str], content: Content) -> float:
    """The median of what /antrean asks of the database."""
    near = mentoring.queue.neighbours(sites, content)
    took = []
    for _ in range(LOOKS):
        with database.transaction() as db:
            account = db.get_one(Account, mentor)
            began = time.perf_counter()
            found = mentoring.queue.waiting(db, account, sites, near, limit=PAGE + 1)
            mentoring.queue.held(db, account)
            number = mentoring.queue.number_waiting(db, account, sites, near)
            took.append(time.perf_counter() - began)
            if len(found) != PAGE + 1 or number < len(found):
                raise SystemExit(f"the queue shows {len(found)} of {number} questions")
    return share(took, 0.5)


def looks_of_the_clock(database: Database, content: Content, number: int) -> tuple[list[float], list[float]]:
    """How long `due` took while `number` questions were due (the last ones of the queue) at sites with MENTORS mentors
    each, and afterwards, nothing being due."""
    context = Context(content, Settings(_env_file=None, privacy_contact="0800-0000-000 (contoh)"))
    now = MORNING + timedelta(hours=2)
    with database.transaction() as db:
        few = select(RoleGrant.account_id).order_by(RoleGrant.account_id).limit(MENTORS * len(SITES))
        db.execute(delete(RoleGrant).where(RoleGrant.account_id.not_in(list(db.scalars(few)))))
        last = select(Ticket.id).order_by(Ticket.id.desc()).limit(number)
        db.execute(update(Ticket).where(Ticket.id.in_(last)).values(next_at=now))
    busy, idle = [], []
    while _any_due(database, now):
        with database.transaction() as db:
            busy.append(_look(db, now, context))
    for _ in range(LOOKS):
        with database.transaction() as db:
            idle.append(_look(db, now, context))
    return busy, idle


def _look(db: Session, now: datetime, context: Context) -> float:
    began = time.perf_counter()
    mentoring.due(db, now, context)
    return time.perf_counter() - began


def _any_due(database: Database, now: datetime) -> bool:
    with database.transaction() as db:
        return db.scalar(select(Ticket.id).where(Ticket.next_at <= now).limit(1)) is not None


# --- through the bot --------------------------------------------------------------------------------------------------


async def measure(url: str, content: Content, texts: Texts, cast: Cast, seconds: float, due: int) -> Measured:
    database = Database(url)
    try:
        one = page(database, cast.mentors[0], {cast.site_of(cast.question_of(cast.mentors[0]))}, content)
        every = page(database, 1, set(SITES), content)
    finally:
        database.close()

    def take(mentor: int) -> str:
        return f"mentoring:take:{cast.question_of(mentor)}"

    with StandIn() as stand_in:
        async with serving(url, stand_in, content, texts, SLOW_RATE, MORNING, admin=FIRST_PERSON + 1) as bot:
            seen = Taps(cast.mentors[0], QUEUE)
            began = time.monotonic() + 0.5
            await seen.tap(stand_in, [began + at / 10 for at in range(cast.taps)])
            log = await asyncio.to_thread(stand_in.log)
            while len(log["taps"]) < cast.taps or len({one["chat"] for one in log["sent"]}) < cast.taps:
                bot.check(began + LONGEST, "the last page of the queue")
                await asyncio.sleep(0.2)
                log = await asyncio.to_thread(stand_in.log)
            waits = seen.waits(log)
            await bot.database.run(broadcast.post, bot.database, content, bot.app.clock.now())
            bot.app.sender.wake()
            bot.app.scheduler.wake()
            slow = await broadcast.send(bot, stand_in, Taps(cast.mentors[cast.taps], take), cast.taps, seconds)
        left = cast.questions - sum(slow.copies.values())
        async with serving(url, stand_in, content, texts, FAST_RATE, MORNING, admin=FIRST_PERSON + 1) as bot:
            taps = Taps(cast.mentors[2 * cast.taps], take)
            fast = await broadcast.send(bot, stand_in, taps, cast.taps, left / FAST_RATE, everybody=left)
    audit(url, cast)
    database = Database(url)
    try:
        busy, idle = looks_of_the_clock(database, content, due)
    finally:
        database.close()
    return Measured(
        page=one,
        page_of_all=every,
        seen_p50=share(waits, 0.5),
        seen_p95=share(waits, 0.95),
        due=share(busy, 0.5),
        due_most=max(busy),
        idle=share(idle, 0.5),
        slow_p50=share(slow.waits, 0.5),
        slow_p95=share(slow.waits, 0.95),
        fast_p50=share(fast.waits, 0.5),
        fast_p95=share(fast.waits, 0.95),
    )


def audit(url: str, cast: Cast) -> None:
    """Raises SystemExit unless each question that was tapped is that mentor's, and every other one nobody's."""
    database = Database(url)
    try:
        with database.transaction() as db:
            rows = db.execute(select(Ticket.id, Ticket.claimed_by).where(Ticket.state == State.CLAIMED))
            held = {row[0]: row[1] for row in rows}
            waiting = db.scalars(select(Ticket.id).where(Ticket.state == State.OPEN)).all()
    finally:
        database.close()
    wanted = {cast.question_of(mentor): mentor for mentor in cast.mentors[cast.taps :]}
    if held != wanted or len(waiting) + len(held) != cast.questions:
        raise SystemExit(f"{len(held)} questions are taken, {len(wanted)} were tapped; {len(waiting)} are free")


ROWS: Final = (
    ("page", "first page of the queue, a mentor's, in the database, ms", "fine"),
    ("page_of_all", "the same, an admin's, ms", "fine"),
    ("seen_p50", "from tap to page, p50, ms", "ms"),
    ("seen_p95", "from tap to page, p95, ms", "ms"),
    ("due", "a look of the clock that finds its fill, ms", "fine"),
    ("due_most", "the longest of them, ms", "fine"),
    ("idle", "a look that finds nothing, ms", "fine"),
    ("slow_p50", f"SEND_RATE={SLOW_RATE}: from [Ambil] to the question, p50, ms", "ms"),
    ("slow_p95", f"SEND_RATE={SLOW_RATE}: from [Ambil] to the question, p95, ms", "ms"),
    ("fast_p50", f"SEND_RATE={FAST_RATE}: from [Ambil] to the question, p50, ms", "ms"),
    ("fast_p95", f"SEND_RATE={FAST_RATE}: from [Ambil] to the question, p95, ms", "ms"),
)


def main(given: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench mentoring", description=__doc__)
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--due", type=int, default=200, help="so many of them are due for the clock")
    parser.add_argument("--seconds", type=float, default=20.0, help=f"how long it is sent at {SLOW_RATE} a second")
    parser.add_argument("--taps", type=int, default=100, help="how many mentors tap, each time")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args(given)
    print("\n".join(machine.described()), flush=True)
    content, texts = load_content(ROOT / "content"), Texts(ROOT / "locales")
    cast = Cast(arguments.questions, arguments.taps)
    results: list[Measured] = []
    with sqlite_on_disk() as make:
        for repeat in range(arguments.repeats):
            url = make()
            prepare(url, cast)
            measured = asyncio.run(measure(url, content, texts, cast, arguments.seconds, arguments.due))
            results.append(measured)
            figures = " ".join(f"{one.name}={1000 * getattr(measured, one.name):.2f}ms" for one in fields(Measured))
            print(f"RESULT run={repeat + 1} {figures}", flush=True)
    print(f"\n{arguments.questions} open questions, {arguments.repeats} repeats: median (lowest-highest)")
    print("\n".join(table({"SQLite": results}, ROWS)))


if __name__ == "__main__":
    main(sys.argv[1:])

"""python -m tests.bench broadcast [--people 20000] [--seconds 60] [--taps 100] [--repeats 3]

An announcement to a crowd: posted to the ledger as a trainer's tap does it, sent at SEND_RATE=30 for some time, and the
rest at SEND_RATE=1000. Meanwhile other people tap. Whether the rate is kept is measured by the stand-in, where the
messages arrive. Afterwards the ledger is read: everybody has the announcement once, and the ledger says so.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from bot.catalogue.content import Content, load_content
from bot.database import Database, migrate
from bot.delivery.outbox import OutboxRow, Status
from bot.people.people import Account
from bot.people.quiet_hours import Kind
from bot.programme import broadcasts
from bot.settings import ROOT
from bot.words.message import Message
from bot.words.texts import Texts
from tests.bench import machine
from tests.bench.serving import (
    LONGEST,
    Serving,
    Taps,
    add_people,
    most_within_a_second,
    serving,
    share,
    sqlite_on_disk,
    table,
)
from tests.fake_api import FIRST_PERSON, StandIn

MORNING: Final = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
"""Tuesday 24 November 2026, 10.00 in the middle zone: nobody has quiet hours."""
SLOW_RATE: Final = 30
FAST_RATE: Final = 1000
WARM_UP: Final = 1.0
"""The first taps come so many seconds after the announcement began."""
WORDS: Final = "<b>Kelas Foto Produk</b> pindah ke Balai Desa Contoh. Jam tetap sama, bawa satu produk ya."
SIGN: Final = "<b>Kelas Foto Produk</b>"
"""In the copies that people get, and not in the excerpt on the card of who looks on."""
BUTTON: Final = "lessons:modules"
"""What is tapped: a screen of its own, for which the database is read and nothing becomes due."""


@dataclass(frozen=True)
class Measured:
    """Of one repeat; times in seconds where nothing else is said."""

    posted: float
    """How long the transaction took that wrote all copies."""
    slow_most: int
    """The most messages that arrived within any second."""
    slow_per_second: float
    slow_p50: float
    slow_p95: float
    slow_blocked: float
    slow_blocked_by_us: float
    fast_most: int
    fast_per_second: float
    fast_p50: float
    fast_p95: float
    fast_blocked: float
    """The longest that the event loop was held up."""
    fast_blocked_by_us: float
    """As far as it was this process that was at work meanwhile."""
    fast_cpu_ms: float
    """CPU time of the bot's process (all threads) for each message, taps and their answers included."""


@dataclass(frozen=True)
class Sending:
    """What was seen of one stretch of sending."""

    arrived: Sequence[float]
    waits: Sequence[float]
    blocked: float
    blocked_by_us: float
    cpu: float
    copies: Counter[int]
    """How many announcements reached which chat."""

    @property
    def per_second(self) -> float:
        return (len(self.arrived) - 1) / (self.arrived[-1] - self.arrived[0])


def prepare(url: str, people: int, taps: int) -> None:
    """A fresh database: number 1 is an admin, who hears the announcement, too; those behind `people` did not agree to
    be written to, and tap."""
    migrate(url)
    database = Database(url)
    try:
        with database.transaction() as db:
            add_people(db, range(1, people + 1), MORNING - timedelta(days=1))
            add_people(db, range(people + 1, people + 2 * taps + 1), MORNING - timedelta(days=1), messages=False)
    finally:
        database.close()


def post(database: Database, content: Content, now: datetime) -> float:
    """Say it to everyone; how long that took."""
    began = time.monotonic()
    with database.transaction() as db:
        author = db.get_one(Account, 1)
        message = broadcasts.as_announced(Message(html=WORDS))
        everyone = [broadcasts.Group("everyone")]
        draft = broadcasts.draft(db, author, everyone, None, message, now, zone="Asia/Makassar", content=content)
        begun = broadcasts.send(db, draft, now, content=content)
        if not isinstance(begun, broadcasts.Begun):
            raise SystemExit(f"the announcement did not begin: {begun}")
    return time.monotonic() - began


async def send(
    bot: Serving, stand_in: StandIn, taps: Taps, number: int, seconds: float, *, everybody: int = 0
) -> Sending:
    """Let it be sent for `seconds`, or until `everybody` has it (it takes about `seconds`); tap meanwhile."""
    before = await asyncio.to_thread(stand_in.log)
    began, used = time.monotonic(), time.process_time()
    stretch = 0.85 * (seconds - WARM_UP)
    tapping = asyncio.create_task(taps.tap(stand_in, [began + WARM_UP + stretch * at / number for at in range(number)]))
    if everybody:
        while bot.app.sender.sent < everybody:
            bot.check(began + LONGEST, "the announcement")
            await asyncio.sleep(0.02)
    else:
        await asyncio.sleep(seconds)
    await tapping
    while taps.unanswered(await asyncio.to_thread(stand_in.log)):  # of the last taps, on a machine that is busy
        bot.check(began + seconds + LONGEST, "the replies to the taps")
        await asyncio.sleep(0.05)
    if everybody:
        await bot.app.sender.drain()
    ended, used = time.monotonic(), time.process_time() - used
    await bot.app.sender.stop()
    log = await asyncio.to_thread(stand_in.log)
    log = {what: log[what][len(before[what]) :] for what in ("sent", "taps")}
    copies = [one for one in log["sent"] if SIGN in one["text"]]
    last = max(one["at"] for one in copies)
    return Sending(
        arrived=sorted(one["at"] for one in log["sent"] if one["at"] <= last),
        waits=taps.waits(log),
        blocked=bot.heart.longest(began, ended),
        blocked_by_us=bot.heart.longest_of_ours(began, ended),
        cpu=used,
        copies=Counter(one["chat"] - FIRST_PERSON for one in copies),
    )


async def measure(url: str, content: Content, texts: Texts, people: int, seconds: float, number: int) -> Measured:
    with StandIn() as stand_in:
        async with serving(url, stand_in, content, texts, SLOW_RATE, MORNING, admin=FIRST_PERSON + 1) as bot:
            posted = await bot.database.run(post, bot.database, content, bot.app.clock.now())
            bot.app.sender.wake()
            bot.app.scheduler.wake()
            slow = await send(bot, stand_in, Taps(people + 1, BUTTON), number, seconds)
        left = people - sum(slow.copies.values())
        async with serving(url, stand_in, content, texts, FAST_RATE, MORNING, admin=FIRST_PERSON + 1) as bot:
            taps = Taps(people + number + 1, BUTTON)
            fast = await send(bot, stand_in, taps, number, left / FAST_RATE, everybody=left)
    audit(url, people, slow.copies + fast.copies)
    return Measured(
        posted=posted,
        slow_most=most_within_a_second(slow.arrived),
        slow_per_second=slow.per_second,
        slow_p50=share(slow.waits, 0.5),
        slow_p95=share(slow.waits, 0.95),
        slow_blocked=slow.blocked,
        slow_blocked_by_us=slow.blocked_by_us,
        fast_most=most_within_a_second(fast.arrived),
        fast_per_second=fast.per_second,
        fast_p50=share(fast.waits, 0.5),
        fast_p95=share(fast.waits, 0.95),
        fast_blocked=fast.blocked,
        fast_blocked_by_us=fast.blocked_by_us,
        fast_cpu_ms=1000 * fast.cpu / len(fast.arrived),
    )


def audit(url: str, people: int, copies: Counter[int]) -> None:
    """Raises SystemExit unless everybody got it once and the ledger says so."""
    database = Database(url)
    try:
        with database.transaction() as db:
            query = select(OutboxRow.status, func.count()).where(
                OutboxRow.kind == Kind.ANNOUNCEMENT, OutboxRow.edits.is_(None)
            )
            states = {row[0]: row[1] for row in db.execute(query.group_by(OutboxRow.status))}
            again = db.scalar(select(func.count()).where(OutboxRow.attempts > 1, OutboxRow.status == Status.SENT))
    finally:
        database.close()
    if states != {"sent": people} or len(copies) != people or set(copies.values()) != {1} or again:
        raise SystemExit(f"the ledger says {states}, {again} tried again; {len(copies)} people have {copies.total()}")


def check(measured: Measured) -> list[str]:
    """What ought to hold on every machine and does not."""
    return [
        f"{most} messages arrived within one second, {rate} are permitted"
        for most, rate in ((measured.slow_most, SLOW_RATE), (measured.fast_most, FAST_RATE))
        if most > rate
    ]


ROWS: Final = (
    ("posted", "all posted to the ledger, s", "{:.2f}"),
    ("slow_most", f"SEND_RATE={SLOW_RATE}: most that arrived in any second", "{:.0f}"),
    ("slow_per_second", f"SEND_RATE={SLOW_RATE}: messages a second", "{:.2f}"),
    ("slow_p50", f"SEND_RATE={SLOW_RATE}: answer to a tap, p50, ms", "ms"),
    ("slow_p95", f"SEND_RATE={SLOW_RATE}: answer to a tap, p95, ms", "ms"),
    ("slow_blocked", f"SEND_RATE={SLOW_RATE}: the loop was held up at most, ms", "ms"),
    ("slow_blocked_by_us", f"SEND_RATE={SLOW_RATE}: of that while the bot itself was at work, ms", "ms"),
    ("fast_most", f"SEND_RATE={FAST_RATE}: most that arrived in any second", "{:.0f}"),
    ("fast_per_second", f"SEND_RATE={FAST_RATE}: messages a second", "{:.0f}"),
    ("fast_p50", f"SEND_RATE={FAST_RATE}: answer to a tap, p50, ms", "ms"),
    ("fast_p95", f"SEND_RATE={FAST_RATE}: answer to a tap, p95, ms", "ms"),
    ("fast_blocked", f"SEND_RATE={FAST_RATE}: the loop was held up at most, ms", "ms"),
    ("fast_blocked_by_us", f"SEND_RATE={FAST_RATE}: of that while the bot itself was at work, ms", "ms"),
    ("fast_cpu_ms", f"SEND_RATE={FAST_RATE}: CPU of the bot for a message, ms", "{:.2f}"),
)


def main(given: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench broadcast", description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=60.0, help=f"how long it is sent at {SLOW_RATE} a second")
    parser.add_argument("--taps", type=int, default=100, help="how many people tap, at each rate")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args(given)
    print("\n".join(machine.described()), flush=True)
    content, texts = load_content(ROOT / "content"), Texts(ROOT / "locales")
    results: list[Measured] = []
    wrong: list[str] = []
    with sqlite_on_disk() as make:
        for repeat in range(arguments.repeats):
            url = make()
            prepare(url, arguments.people, arguments.taps)
            measured = asyncio.run(measure(url, content, texts, arguments.people, arguments.seconds, arguments.taps))
            results.append(measured)
            figures = " ".join(f"{one.name}={getattr(measured, one.name):.3f}" for one in fields(Measured))
            print(f"RESULT run={repeat + 1} {figures}", flush=True)
            wrong += check(measured)
    print(f"\n{arguments.people} people, {arguments.repeats} repeats: median (lowest-highest)")
    print("\n".join(table({"SQLite": results}, ROWS)))
    if wrong:
        raise SystemExit("\n".join(wrong))


if __name__ == "__main__":
    main(sys.argv[1:])

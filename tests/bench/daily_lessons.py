"""python -m tests.bench daily [--people 10000] [--seconds 10] [--repeats 3]

A crowd's daily lessons are due in one minute: how long until all stand in the ledger, how long others had to wait for
the database meanwhile, and whether what is sent keeps the rate and lets replies by. The whole bot runs in this process,
with its own ticks, sender and HTTP; Telegram is the stand-in, in a process of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import sys
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from sqlalchemy import func, insert, select

from bot.catalogue.content import Content, load_content
from bot.database import Database, migrate
from bot.delivery.outbox import OutboxRow
from bot.programme.lessons import EVERY_DAY, LessonPlan
from bot.programme.quizzes import QuizPurpose, Sitting
from bot.settings import ROOT
from bot.words.texts import Texts
from tests import postgres
from tests.bench import machine
from tests.bench.serving import (
    add_people,
    count_on,
    most_within_a_second,
    serving,
    share,
    sqlite_on_disk,
    table,
)
from tests.fake_api import FIRST_PERSON, StandIn, tap_update

T = TypeVar("T")

EVENING: Final = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
"""Tuesday 24 November 2026, 18.00 in the middle zone: everybody's hour."""
SLOW_RATE: Final = 30
FAST_RATE: Final = 1000
TAPS: Final = 40
"""How many people tap a button while lessons are posted and sent, one after the other at even distances."""
TAPPING: Final = 0.85
"""In which part of the time the sending takes at least they do so: lessons remain that can be overtaken."""
BUTTON: Final = "lessons:modules"
"""What they tap: a screen of its own, for which the database is read and nothing else becomes due."""
LONGEST: Final = 120.0
HEAD_START: Final = 3.0
"""The bot is started so long before the minute."""


@dataclass(frozen=True)
class Measured:
    """Of one repeat; times in seconds where nothing else is said."""

    posted: float
    """From the moment all are due until the last is in the ledger."""
    held: float
    """The longest a database thread was held by one transaction until then."""
    first: float
    """From the moment all are due until the first lesson reached Telegram, at SLOW_RATE."""
    slow_left: int
    """The most that left in any second at SLOW_RATE, lessons and replies together."""
    slow_most: int
    """The most that arrived in any second at SLOW_RATE."""
    slow_per_second: float
    slow_tap_p50: float
    slow_tap_p95: float
    """From the tap's arrival at the stand-in to its answer's."""
    fast_all: float
    """From the first lesson to the last at FAST_RATE."""
    fast_left: int
    fast_most: int
    fast_per_second: float
    fast_tap_p50: float
    fast_tap_p95: float
    slow_between: int
    fast_between: int
    """The most lessons that arrived between a tap and its answer."""
    overtaken: int
    """How many lessons were still to come when the last answer arrived, at SLOW_RATE."""


# --- the crowd ----------------------------------------------------------------------------------------------------


def prepare(url: str, people: int) -> None:
    """A fresh database of registered people who want their lesson every day at 18.00; nobody has begun one. Besides
    them TAPS people who tap, and want no daily lesson."""
    migrate(url)
    database = Database(url)
    now = EVENING - timedelta(days=1)
    everybody = range(1, people + TAPS + 1)
    try:
        with database.transaction() as db:
            add_people(db, everybody, now)
            db.execute(insert(Sitting), [
                {"person_id": number, "purpose": QuizPurpose.PRETEST, "questions": [], "put_off_at": now}
                for number in everybody
            ])  # fmt: skip
            db.execute(insert(LessonPlan), [
                {"person_id": number, "days": EVERY_DAY, "minute": 18 * 60, "due_at": EVENING, "postponed": False,
                 "times": 0, "unanswered": 0}
                for number in range(1, people + 1)
            ])  # fmt: skip
            for name in ("account", "person"):
                count_on(db, name, everybody[-1])
    finally:
        database.close()


# --- one run ------------------------------------------------------------------------------------------------------


@dataclass
class Sending:
    """What the stand-in saw of one sending: the moments of lessons, and of taps and their answers."""

    due_at: float
    posted_at: float = 0.0
    lessons: list[float] = field(default_factory=list)
    replies: list[float] = field(default_factory=list)
    tapped: list[float] = field(default_factory=list)
    longest: float = 0.0
    overtaken: int = 0
    between: int = 0
    left: list[float] = field(default_factory=list)

    @property
    def most(self) -> int:
        """The most messages that arrived within any second, lessons and replies together."""
        return most_within_a_second(self.lessons + self.replies)

    @property
    def most_left(self) -> int:
        return most_within_a_second(self.left)

    @property
    def per_second(self) -> float:
        return (len(self.lessons) + len(self.replies) - 1) / (max(self.lessons) - min(self.lessons))

    def tap(self, part: float) -> float:
        return share((reply - tap for tap, reply in zip(self.tapped, self.replies, strict=True)), part)


async def send(
    url: str, stand_in: StandIn, content: Content, texts: Texts, people: int, rate: float, seconds: float
) -> Sending:
    """The minute comes: post to all, send for `seconds` or until all have it, and tap now and then meanwhile."""
    async with serving(url, stand_in, content, texts, rate, EVENING - timedelta(seconds=HEAD_START)) as bot:
        due_at = time.monotonic() + (EVENING - bot.app.clock.now()).total_seconds()
        await asyncio.sleep(due_at - 0.2 - time.monotonic())
        bot.database.longest = 0.0
        seen = Sending(due_at)
        tapping = asyncio.create_task(_tap_now_and_then(stand_in, seen, people, min(seconds, people / rate)))
        while await bot.database.run(_number_posted, bot.database) < people:
            bot.check(due_at + LONGEST, "the last lesson")
            await asyncio.sleep(0.02)
        seen.posted_at, seen.longest = time.monotonic(), bot.database.longest
        await tapping
        until = due_at + (seconds if people > rate * seconds else LONGEST)
        while time.monotonic() < until and bot.app.sender.sent < people + TAPS:  # noqa: ASYNC110 - it counts, no event
            await asyncio.sleep(0.05)
        await bot.app.sender.stop()
        _read(await asyncio.to_thread(stand_in.log), seen, people)
        seen.left = bot.api.left
        return seen


async def _tap_now_and_then(stand_in: StandIn, seen: Sending, people: int, seconds: float) -> None:
    """From the minute on, while lessons are posted and then sent. Each tap comes from another person, so the pace of
    a chat plays no part."""
    for at in range(TAPS):
        moment = seen.due_at + TAPPING * seconds * (at + 1) / TAPS
        await asyncio.sleep(max(0.0, moment - time.monotonic()))
        number = people + 1 + at
        update = tap_update(FIRST_PERSON + number, BUTTON, f"tap-{number}")
        seen.tapped.append(time.monotonic())
        await asyncio.to_thread(stand_in.feed, [update])


def _read(log: Mapping[str, Any], seen: Sending, people: int) -> None:
    replies: dict[int, float] = {}
    for one in log["sent"]:
        if one["chat"] > FIRST_PERSON + people:
            replies.setdefault(one["chat"], one["at"])
        else:
            seen.lessons.append(one["at"])
    if len(replies) != TAPS or len(log["taps"]) != TAPS:
        raise SystemExit(f"{TAPS - len(replies)} of {TAPS} taps had no reply, {TAPS - len(log['taps'])} no answer")
    seen.replies = [replies[chat] for chat in sorted(replies)]
    seen.lessons.sort()
    seen.overtaken = people - bisect_left(seen.lessons, max(seen.replies))
    seen.between = max(
        bisect_left(seen.lessons, reply) - bisect_left(seen.lessons, tap)
        for tap, reply in zip(seen.tapped, seen.replies, strict=True)
    )


def _number_posted(database: Database) -> int:
    with database.transaction() as db:
        return db.scalar(select(func.count()).select_from(OutboxRow)) or 0


# --- several runs -------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _postgresql() -> Iterator[Callable[[], str]]:
    with postgres.running_server() as server:
        yield lambda: server.url(server.create())


def measure(make: Callable[[], str], content: Content, texts: Texts, people: int, seconds: float) -> Measured:
    found = []
    for rate, longest in ((SLOW_RATE, seconds), (FAST_RATE, LONGEST)):
        url = make()
        prepare(url, people)
        with StandIn() as stand_in:
            found.append(asyncio.run(send(url, stand_in, content, texts, people, rate, longest)))
    slow, fast = found
    if len(fast.lessons) != people:
        raise SystemExit(f"{len(fast.lessons)} lessons reached {people} people")
    return Measured(
        posted=statistics.median(one.posted_at - one.due_at for one in found),
        held=max(one.longest for one in found),
        first=min(slow.lessons) - slow.due_at,
        slow_left=slow.most_left,
        slow_most=slow.most,
        slow_per_second=slow.per_second,
        slow_tap_p50=slow.tap(0.5),
        slow_tap_p95=slow.tap(0.95),
        fast_all=max(fast.lessons) - min(fast.lessons),
        fast_left=fast.most_left,
        fast_most=fast.most,
        fast_per_second=fast.per_second,
        fast_tap_p50=fast.tap(0.5),
        fast_tap_p95=fast.tap(0.95),
        slow_between=slow.between,
        fast_between=fast.between,
        overtaken=slow.overtaken,
    )


def check(measured: Measured) -> list[str]:
    """What ought to hold on every machine and does not."""
    wrong = [
        f"{most} messages arrived within one second, {rate} are permitted"
        for most, rate in ((measured.slow_most, SLOW_RATE), (measured.fast_most, FAST_RATE))
        if most > rate
    ]
    return wrong if measured.overtaken > 0 else [*wrong, "replies waited until the lessons were sent"]


ROWS: Final = (
    ("posted", "all posted to the ledger, s", "{:.2f}"),
    ("held", "longest transaction meanwhile, s", "{:.2f}"),
    ("first", "first lesson at Telegram, s", "{:.2f}"),
    ("slow_left", f"SEND_RATE={SLOW_RATE}: most that left in any second", "{:.0f}"),
    ("slow_most", f"SEND_RATE={SLOW_RATE}: most that arrived in any second", "{:.0f}"),
    ("slow_per_second", f"SEND_RATE={SLOW_RATE}: messages a second", "{:.1f}"),
    ("slow_tap_p50", f"SEND_RATE={SLOW_RATE}: answer to a tap, p50, ms", "ms"),
    ("slow_tap_p95", f"SEND_RATE={SLOW_RATE}: answer to a tap, p95, ms", "ms"),
    ("slow_between", f"SEND_RATE={SLOW_RATE}: most lessons between a tap and its answer", "{:.0f}"),
    ("fast_all", f"SEND_RATE={FAST_RATE}: first lesson to last, s", "{:.1f}"),
    ("fast_left", f"SEND_RATE={FAST_RATE}: most that left in any second", "{:.0f}"),
    ("fast_most", f"SEND_RATE={FAST_RATE}: most that arrived in any second", "{:.0f}"),
    ("fast_per_second", f"SEND_RATE={FAST_RATE}: messages a second", "{:.0f}"),
    ("fast_tap_p50", f"SEND_RATE={FAST_RATE}: answer to a tap, p50, ms", "ms"),
    ("fast_tap_p95", f"SEND_RATE={FAST_RATE}: answer to a tap, p95, ms", "ms"),
    ("fast_between", f"SEND_RATE={FAST_RATE}: most lessons between a tap and its answer", "{:.0f}"),
    ("overtaken", f"SEND_RATE={SLOW_RATE}: lessons still to come when the last answer arrived", "{:.0f}"),
)


def main(given: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench daily", description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=10.0, help=f"how long it is sent at {SLOW_RATE} a second")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args(given)
    print("\n".join(machine.described()), flush=True)
    content, texts = load_content(ROOT / "content"), Texts(ROOT / "locales")
    results: dict[str, list[Measured]] = {}
    wrong: list[str] = []
    with contextlib.ExitStack() as stack:
        makers = {"SQLite": stack.enter_context(sqlite_on_disk())}
        try:
            makers["PostgreSQL"] = stack.enter_context(_postgresql())
        except postgres.Unavailable as reason:
            print(f"without PostgreSQL: {reason}")
        for repeat in range(arguments.repeats):
            for name, make in makers.items():  # interleaved: the machine's bad moments are everybody's
                measured = measure(make, content, texts, arguments.people, arguments.seconds)
                results.setdefault(name, []).append(measured)
                figures = " ".join(f"{one.name}={getattr(measured, one.name):.3f}" for one in fields(Measured))
                print(f"RESULT run={repeat + 1} database={name} {figures}", flush=True)
                wrong += check(measured)
    print(f"\n{arguments.people} people, {arguments.repeats} repeats: median (lowest-highest)")
    print("\n".join(table(results, ROWS)))
    if wrong:
        raise SystemExit("\n".join(wrong))


if __name__ == "__main__":
    main(sys.argv[1:])

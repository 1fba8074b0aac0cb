"""The whole bot in the process of a bench, as it serves, beside a stand-in for Telegram in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import statistics
import tempfile
import time
from bisect import bisect_left
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from pydantic import SecretStr
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from bot.app import App
from bot.catalogue.content import Content
from bot.clock import Clock
from bot.command_line.process import GARBAGE
from bot.database import Database
from bot.people.people import Account, Consent, Person, Purpose
from bot.settings import Settings
from bot.telegram.http import CALL_SECONDS, File, TelegramHttp
from bot.words.texts import Texts
from tests.bench import machine
from tests.chat import content
from tests.fake_api import FIRST_PERSON, StandIn, tap_update

T = TypeVar("T")

TOKEN: Final = "7654321:AAHbench-made-up-token-of-the-bench-"
SITES: Final = ("labuan-bajo", "kupang", "ende")
"""All in the middle zone, so that one wall time is one moment."""
SECOND: Final = 1.0
BEAT: Final = 0.005
"""Seconds between two beats of a loop's heart."""
LONGEST: Final = 180.0
"""How long anything is waited for, in seconds."""


class TimedDatabase(Database):
    """Notes how long each piece of work held its thread."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.longest = 0.0

    async def run(self, work: Callable[..., T], *args: Any) -> T:
        def timed() -> T:
            began = time.perf_counter()
            try:
                return work(*args)
            finally:
                self.longest = max(self.longest, time.perf_counter() - began)

        return await super().run(timed)


class NotedHttp(TelegramHttp):
    """Notes when messages leave: what arrives where is also the machine's doing."""

    def __init__(self, base_url: str) -> None:
        super().__init__(TOKEN, base_url)
        self.left: list[float] = []

    async def call(
        self,
        method: str,
        params: Mapping[str, Any],
        files: Mapping[str, File] | None = None,
        timeout: float = CALL_SECONDS,  # noqa: ASYNC109 - as the real one
    ) -> Any:
        if method.startswith(("send", "edit")):
            self.left.append(time.monotonic())
        return await super().call(method, params, files, timeout)


class Heart:
    """Beats in the event loop and notes how long the loop did not let it."""

    def __init__(self) -> None:
        self.late: list[tuple[float, float, float]] = []
        """When it was due, how many seconds late it was, and how much CPU time this process had meanwhile."""

    async def beat(self) -> None:
        while True:
            due, used = time.monotonic() + BEAT, time.process_time()
            await asyncio.sleep(BEAT)
            self.late.append((due, time.monotonic() - due, time.process_time() - used))

    def longest(self, since: float, until: float) -> float:
        return max((late for due, late, _ in self.late if since <= due <= until), default=0.0)

    def longest_of_ours(self, since: float, until: float) -> float:
        """As far as this process was at work itself: on a busy machine others hold it up, too."""
        return max((min(late, used) for due, late, used in self.late if since <= due <= until), default=0.0)


@dataclass
class Serving:
    """A bot that serves."""

    app: App
    database: TimedDatabase
    api: NotedHttp
    heart: Heart
    task: asyncio.Task[None]

    def check(self, deadline: float, what: str) -> None:
        """Raises SystemExit when the bot has ended, or when it is too late."""
        if self.task.done() or time.monotonic() > deadline:
            raise SystemExit(f"{what} was waited for in vain")


@contextlib.asynccontextmanager
async def serving(
    url: str, stand_in: StandIn, content: Content, texts: Texts, rate: float, at: datetime, *, admin: int = 0
) -> AsyncIterator[Serving]:
    """The bot serves; its time is `at` when it begins."""
    settings = Settings(
        _env_file=None,
        bot_token=SecretStr(TOKEN),
        bot_api_url=stand_in.address,
        database_url=url,
        privacy_contact="0800-0000-000 (contoh)",
        send_rate=rate,
        admin_ids=(admin,) if admin else (),
    )
    database = TimedDatabase(url)
    api = NotedHttp(stand_in.address)
    app = App(settings, api=api, database=database, clock=Clock(at - datetime.now(UTC)), content=content, texts=texts)
    await app.serving.prepare()
    app.clock.offset = at - datetime.now(UTC)
    gc.collect()  # as `python -m bot run` does it
    gc.freeze()
    gc.set_threshold(GARBAGE)
    heart = Heart()
    beating = asyncio.create_task(heart.beat())
    task = asyncio.create_task(app.serving.serve())
    try:
        yield Serving(app, database, api, heart, task)
    finally:
        beating.cancel()
        app.serving.stop()
        await task
        await app.serving.close()


@dataclass
class Taps:
    """People who tap a button, one after the other. Each is another one, so the pace of a chat plays no part."""

    first: int
    """The number of the first of them; see `add_people`."""
    button: str | Callable[[int], str]
    """What they tap; of a function what it gives for the number of each."""
    at: list[float] = field(default_factory=list)

    async def tap(self, stand_in: StandIn, moments: Sequence[float]) -> None:
        for number, moment in enumerate(moments, self.first):
            await asyncio.sleep(max(0.0, moment - time.monotonic()))
            button = self.button if isinstance(self.button, str) else self.button(number)
            update = tap_update(FIRST_PERSON + number, button, f"tap-{number}")
            self.at.append(time.monotonic())
            await asyncio.to_thread(stand_in.feed, [update])

    @property
    def numbers(self) -> range:
        """Those who have tapped."""
        return range(self.first, self.first + len(self.at))

    def unanswered(self, log: Mapping[str, Any]) -> bool:
        """Whether one of them has no reply yet, or a tap no answer."""
        answered = {one["chat"] - FIRST_PERSON for one in log["sent"]}
        ids = {one["id"] for one in log["taps"]}
        return any(number not in answered or f"tap-{number}" not in ids for number in self.numbers)

    def waits(self, log: Mapping[str, Any]) -> list[float]:
        """From each tap's arrival at the stand-in to that of its answer, in seconds. Raises SystemExit when one is
        missing."""
        answers: dict[int, float] = {}
        for one in log["sent"]:
            answers.setdefault(one["chat"] - FIRST_PERSON, one["at"])
        numbers = self.numbers
        missing = [number for number in numbers if number not in answers]
        if missing or len(log["taps"]) != len(self.at):
            raise SystemExit(f"{len(missing)} of {len(self.at)} taps had no reply; {len(log['taps'])} had an answer")
        return [answers[number] - at for number, at in zip(numbers, self.at, strict=True)]


def most_within_a_second(moments: Iterable[float]) -> int:
    ordered = sorted(moments)
    return max((bisect_left(ordered, one + SECOND) - at for at, one in enumerate(ordered)), default=0)


def share(values: Iterable[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def add_people(db: Session, numbers: Iterable[int], now: datetime, *, messages: bool = True) -> None:
    """Registered people whose Telegram ids are FIRST_PERSON + number; `messages`: they agreed to be written to."""
    numbers = list(numbers)
    db.execute(insert(Account), [
        {"id": number, "telegram_id": FIRST_PERSON + number, "language": "id", "created_at": now, "seen_at": now,
         "current_person_id": number, "draft": {}, "last_message_id": 0}
        for number in numbers
    ])  # fmt: skip
    db.execute(insert(Person), [
        {"id": number, "account_id": number, "name": "Siti", "salutation": "ibu", "sector": "kuliner",
         "site_id": SITES[number % len(SITES)], "registered_at": now, "consent_training": True,
         "consent_messages": messages, "saves_data": False,
         "training_version": content().consent_version(Purpose.TRAINING)}
        for number in numbers
    ])  # fmt: skip
    db.execute(insert(Consent), [
        {"person_id": number, "purpose": purpose, "text_version": content().consent_version(purpose), "language": "id",
         "given": messages or purpose == Purpose.TRAINING, "at": now}
        for number in numbers for purpose in (Purpose.TRAINING, Purpose.MESSAGES)
    ])  # fmt: skip


def count_on(db: Session, table: str, last: int) -> None:
    """PostgreSQL numbers rows by a counter of its own, which does not see ids that were given."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {last})"))


@contextlib.contextmanager
def sqlite_on_disk() -> Iterator[Callable[[], str]]:
    """Addresses of fresh databases, on the disk and waiting for it at every commit (synchronous=FULL)."""
    with machine.folder() as folder:
        yield lambda: f"sqlite:///{tempfile.mkdtemp(dir=folder)}/bot.sqlite"


def table(results: Mapping[str, Sequence[Any]], rows: Sequence[tuple[str, str, str]]) -> list[str]:
    """Medians, in brackets the lowest and the highest, as Markdown. `rows`: attribute, words, format ("ms" for
    seconds told as milliseconds, "fine" for tenths of them); `results`: the runs of each column."""
    lines = [f"| | {' | '.join(results)} |", f"|---|{'---:|' * len(results)}"]
    for attribute, words, form in rows:
        cells = [_cell([getattr(run, attribute) for run in runs], form) for runs in results.values()]
        lines.append(f"| {words} | {' | '.join(cells)} |")
    return lines


def _cell(values: Sequence[float], form: str) -> str:
    if form in ("ms", "fine"):
        values, form = [1000 * value for value in values], "{:.0f}" if form == "ms" else "{:.1f}"
    middle, lowest, highest = (form.format(one) for one in (statistics.median(values), min(values), max(values)))
    return middle if lowest == highest else f"{middle} ({lowest}-{highest})"

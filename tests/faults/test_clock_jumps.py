"""The machine's clock jumps while the real process runs, an hour and more than a year, forwards and back: nobody is
erased, nothing is said before its time, and the admins are told.

    CLOCK_JUMP_SECONDS=60 make faults ARGS="-k clock_jumps"     each wrong time stays for a minute
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import func, select

from bot.catalogue.content import load_content
from bot.database import Database
from bot.people.audit import AuditRow
from bot.people.people import Account, Consent, Person, Purpose, record_consent
from bot.programme import enrolment, sessions
from bot.programme.retention import ErasurePlan
from bot.settings import ROOT
from tests.bot_process import Bot, running, until
from tests.fake_api import StandIn, text_update

pytestmark = pytest.mark.slow

STAYS: Final = float(os.environ.get("CLOCK_JUMP_SECONDS", "1"))
"""How many seconds a wrong time stays after the admins were told of it."""
JUMPS: Final = (timedelta(hours=1), timedelta(hours=-1), timedelta(days=400), timedelta(days=-400))
ADMIN: Final = 9001
STRANGER: Final = 400
"""Wrote 30 hours ago and never consented: forgotten as soon as the clock is known to be right."""
STRANGERS: Final = range(401, 406)
"""Have half an hour left."""
PLANNED: Final = range(411, 416)
"""Were away for 400 days and are erased in half an hour: the admins know."""
AWAY: Final = range(421, 441)
"""Were away for 300 days: they have two months left."""
SEATED: Final = range(451, 461)
"""Have a seat in a class in two days."""
SITE: Final = "labuan-bajo"
ALARM: Final = "meleset"
"""A word of what the admins are told."""

JUMPY: Final = """
import pathlib, runpy, sys, threading, time
import time_machine

ahead, tick = pathlib.Path("ahead.txt"), threading.Event()
present = time_machine.travel(time.time(), tick=True).start()

def follow():
    known = 0.0
    while not tick.wait(0.05):
        wanted = float(ahead.read_text() or known)
        if wanted != known:
            present.shift(wanted - known)
            known = wanted

threading.Thread(target=follow, daemon=True).start()
sys.argv[0] = "bot"
runpy.run_module("bot", run_name="__main__")
"""
"""The bot on a machine whose clock can be set: so many seconds ahead as stand in a file. The stopwatch goes on."""


def founded(database: Database) -> None:
    """People of every kind that a clock could erase, a year of the record, and a class to be reminded of."""
    now = datetime.now(UTC)
    content = load_content(ROOT / "content")
    soon, yesterday = now + timedelta(minutes=30), now - timedelta(days=1)
    with database.transaction() as db:
        for telegram_id in (STRANGER, *STRANGERS):
            hours = 30 if telegram_id == STRANGER else 23.5
            seen = now - timedelta(hours=hours)
            db.add(Account(telegram_id=telegram_id, language="id", created_at=seen, seen_at=seen, draft={}))
        session = sessions.create(
            db, now, code="LB-1", site_id=SITE, title="Foto Produk", starts_at=now + timedelta(days=2, hours=4),
            minutes=90, capacity=30, venue="Balai Desa", latitude=None, longitude=None, trainer="Pelatih (contoh)",
            leads=content.leads(SITE),
        )  # fmt: skip
        for telegram_id in (ADMIN, *PLANNED, *AWAY, *SEATED):
            days = {PLANNED: 400, AWAY: 300}
            seen = now - timedelta(days=next((many for who, many in days.items() if telegram_id in who), 0))
            account = Account(telegram_id=telegram_id, language="id", created_at=seen, seen_at=seen, draft={})
            db.add(account)
            db.flush()
            person = Person(
                account_id=account.id, name="Siti", salutation="ibu", sector="kuliner", site_id=SITE, registered_at=seen
            )
            db.add(person)
            db.flush()
            account.person = person
            for purpose in (Purpose.TRAINING, Purpose.MESSAGES):
                record_consent(db, person, purpose, given=True, text_version="1", language="id", now=seen)
            if telegram_id in PLANNED:
                db.add(ErasurePlan(person_id=person.id, found_at=yesterday, erase_after=soon))
            if telegram_id in SEATED:
                enrolment.enrol(db, person, session.id, now)
        db.add(AuditRow(at=now - timedelta(days=500), actor_id=1, action="role_granted", subject="", details={}))


def left(database: Database) -> dict[str, int]:
    """What a clock could have taken away, or could have said: of everything how much there is."""
    named, planned = Person.anonymised_at.is_(None), ErasurePlan.erase_after.is_not(None)
    with database.transaction() as db:
        return {
            "accounts": db.scalar(select(func.count()).select_from(Account)) or 0,
            "people": db.scalar(select(func.count()).where(named)) or 0,
            "consents": db.scalar(select(func.count()).select_from(Consent)) or 0,
            "record": db.scalar(select(func.count()).select_from(AuditRow)) or 0,
            "planned": db.scalar(select(func.count()).where(planned)) or 0,
        }


class Machine:
    """The bot, its database and Telegram, on a machine whose clock can be set."""

    def __init__(self, folder: Path, bot: Bot, stand_in: StandIn, database: Database) -> None:
        self.bot = bot
        self._folder = folder
        self._stand_in = stand_in
        self._database = database
        self._jumps = 0

    def said(self) -> list[tuple[int, str]]:
        """To whom, and what."""
        return [(entry["chat"], entry["text"]) for entry in self._stand_in.log()["sent"]]

    def alarms(self) -> int:
        return sum(chat == ADMIN and ALARM in text for chat, text in self.said())

    def replies(self) -> int:
        return sum(chat == ADMIN and ALARM not in text for chat, text in self.said())

    def jumps(self, off: timedelta) -> None:
        """The clock is wrong for a while, and right again."""
        before = left(self._database)
        self._jumps += 1
        (self._folder / "ahead.txt").write_text(str(off.total_seconds()))
        self._until(lambda: self.alarms() == self._jumps, f"{off}: no alarm")
        replies = self.replies()
        self._stand_in.feed([text_update(ADMIN, "/menu", 10 + self._jumps)])
        self._until(lambda: self.replies() > replies, f"{off}: replies do not go on")
        time.sleep(STAYS)
        assert left(self._database) == before, f"{off}: somebody was erased"
        (self._folder / "ahead.txt").write_text("0")
        self._until(lambda: self.bot.output.count("clock right again") == self._jumps, f"{off}: for ever wrong")

    def _until(self, reached: Callable[[], bool], otherwise: str) -> None:
        until(reached, 60, lambda: f"{otherwise}\n{self.bot.output}")


@contextmanager
def on_a_jumpy_machine(folder: Path, url: str, stand_in: StandIn) -> Iterator[Bot]:
    (folder / "ahead.txt").write_text("0")
    settings = {"DATABASE_URL": url, "ADMIN_IDS": str(ADMIN)}
    with running(folder, stand_in, program=JUMPY, **settings) as bot:
        yield bot


def test_no_jump_of_the_clock_erases_anybody_or_says_anything_early(tmp_path: Path, database_url: str) -> None:
    with closing(Database(database_url)) as database:
        founded(database)
        everybody = left(database)
        with StandIn() as stand_in, on_a_jumpy_machine(tmp_path, database_url, stand_in) as bot:
            until(lambda: left(database) != everybody, 60, lambda: f"nothing was due\n{bot.output}")
            before = left(database)
            assert before == everybody | {"accounts": everybody["accounts"] - 1}, "the one whose time is over"
            machine = Machine(tmp_path, bot, stand_in, database)
            for off in JUMPS:
                machine.jumps(off)
            time.sleep(STAYS)
            assert left(database) == before
            assert machine.alarms() == len(JUMPS)
            assert {chat for chat, _ in machine.said()} == {ADMIN}, "something was said before its time"
            assert bot.end(signal.SIGTERM) == 0, bot.output
    assert "tick failed" not in bot.output, bot.output
    assert "Traceback" not in bot.output, bot.output
    print(f"{len(JUMPS)} jumps, {STAYS:.0f} s each: {before} before and after, {len(JUMPS)} alarms")  # noqa: T201

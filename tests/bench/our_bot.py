"""Our side: the unmodified `python -m bot run`, and a database with people in the middle of a conversation for it."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from bot.database import Database, migrate
from bot.people.people import Account, Consent, Person, Purpose
from tests.bot_process import Bot
from tests.chat import content
from tests.fake_api import FIRST_PERSON, StandIn

SITE = "labuan-bajo"

CONVERSATION = ("Siti", "Kembali")
"""Said in turn from the question for the name on: each answer is written to the person's row, moves the
ConversationHandler to its other state, and is answered by one message."""

MENU = ("/menu",)
"""A command outside of any conversation, answered by one message; nothing about the person changes."""


def prepare(url: str, people: int, *, registered: bool) -> None:
    """A fresh database at `url`. `registered` people have all answers, the others are at the question for the name."""
    migrate(url)
    database = Database(url)
    now = datetime.now(UTC)
    numbers = range(1, people + 1)
    place = {"conversation": None, "state": None} if registered else {"conversation": "registration", "state": "name"}
    answers: dict[str, Any] = {"name": "", "sector": None, "site_id": None, "registered_at": None}
    if registered:
        answers = {"name": "Siti", "sector": "kuliner", "site_id": SITE, "registered_at": now}
    try:
        with database.transaction() as db:
            db.execute(insert(Account), [
                {"id": number, "telegram_id": FIRST_PERSON + number - 1, "language": "id", "created_at": now,
                 "seen_at": now, "current_person_id": number, "draft": {}, "last_message_id": 0, **place}
                for number in numbers
            ])  # fmt: skip
            db.execute(insert(Person), [
                {"id": number, "account_id": number, "salutation": "ibu", "consent_training": True,
                 "consent_messages": True, "training_version": content().consent_version(Purpose.TRAINING), **answers}
                for number in numbers
            ])  # fmt: skip
            db.execute(insert(Consent), [
                {"person_id": number, "purpose": purpose, "text_version": content().consent_version(purpose),
                 "language": "id", "given": True,
                 "at": now}
                for number in numbers for purpose in (Purpose.TRAINING, Purpose.MESSAGES)
            ])  # fmt: skip
    finally:
        database.close()


def truth(url: str) -> dict[str, int]:
    """What the ledger says afterwards: rows of the inbox that are not done, and of the outbox by state."""
    database = Database(url)
    try:
        with database.transaction() as db:
            states = {row[0]: row[1] for row in db.execute(text("SELECT status, count(*) FROM outbox GROUP BY status"))}
            states["not handled"] = db.execute(text("SELECT count(*) FROM inbox WHERE done_at IS NULL")).scalar_one()
    finally:
        database.close()
    return states


@contextlib.contextmanager
def running(
    stand_in: StandIn, folder: Path, url: str, *, core: int | None, send_rate: int = 10_000
) -> Iterator[tuple[Bot, int]]:
    """The process and its id, from its start (it may not ask for updates yet) until it has stopped by itself."""
    bot = Bot(folder, BOT_API_URL=stand_in.address, DATABASE_URL=url, SEND_RATE=str(send_rate), LOG_LEVEL="WARNING")
    try:
        bot.start()
        assert bot.process is not None
        if core is not None:
            os.sched_setaffinity(bot.process.pid, {core})
        yield bot, bot.process.pid
        bot.end(signal.SIGTERM, 30)
    finally:
        bot.close()
    if "Traceback" in bot.output or "failed" in bot.output:
        sys.stderr.write(f"The bot complained:\n{bot.output[-2000:]}\n")

"""An update that ends every process that handles it: all others are handled, and in the end it is given up."""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import func, select

from bot.database import Database, migrate
from bot.delivery.outbox import OutboxRow, Status
from bot.turns import inbox
from bot.turns.inbox import InboxRow
from tests.bot_process import Bot, until
from tests.fake_api import StandIn, text_update

pytestmark = pytest.mark.slow

DEADLY: Final = """
import os, runpy, signal, sys
from bot.telegram import updates

read = updates.read

def read_or_die(payload, bot):
    if payload.get("message", {}).get("text") == "racun":
        os.kill(os.getpid(), signal.SIGKILL)
    return read(payload, bot)

updates.read = read_or_die
sys.argv[0] = "bot"
runpy.run_module("bot", run_name="__main__")
"""
"""The bot, with a library in it that crashes on what one person sends."""
VICTIM: Final = 101
OTHERS: Final = range(102, 112)
ALL: Final = [(VICTIM, "racun"), *[(other, "/menu") for other in OTHERS], (VICTIM, "/bantuan")]
MOST_STARTS: Final = inbox.TRIES + 2
"""The first time, then once for each try; the one after that lives."""


def _starts(bot: Bot, done: Callable[[], bool]) -> int:
    """Start it as often as it dies, until all is done."""
    for number in range(1, MOST_STARTS + 1):
        bot.start()
        until(lambda: not bot.alive or done(), 30, lambda: bot.output)
        if bot.alive:
            return number
        assert bot.process is not None
        assert bot.process.returncode == -signal.SIGKILL, bot.output
    pytest.fail(f"it still dies\n{bot.output}")


def _all_is_well(database: Database) -> None:
    with database.transaction() as db:
        said = list(db.execute(select(OutboxRow.chat_id, OutboxRow.message).order_by(OutboxRow.id)))
    assert list(dict.fromkeys(person for person, _ in said if person != VICTIM)) == sorted(OTHERS)
    assert said[-1][0] == VICTIM, "the others were served before it was given up"
    to_victim = [str(message) for person, message in said if person == VICTIM]
    assert "turn.failed" in to_victim[0]
    assert len(to_victim) > 1, "what came after it is answered"
    assert "turn.failed" not in "".join(to_victim[1:])


def test_it_is_given_up_and_holds_up_nobody(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.sqlite'}"
    migrate(url)
    database = Database(url)

    handled = select(func.count()).select_from(InboxRow).where(InboxRow.done_at.is_not(None))
    unsent = select(func.count()).select_from(OutboxRow).where(OutboxRow.status != Status.SENT)

    def done() -> bool:
        with database.transaction() as db:
            return db.scalar(handled) == len(ALL) and not db.scalar(unsent)

    with StandIn() as stand_in:
        stand_in.feed([text_update(person, text, at + 1) for at, (person, text) in enumerate(ALL)])
        bot = Bot(tmp_path, program=DEADLY, BOT_API_URL=stand_in.address)
        try:
            assert _starts(bot, done) == MOST_STARTS
            assert bot.end(signal.SIGTERM) == 0
            assert bot.output.count("turn failed") == 1
            assert "EndsTheProcessError" in bot.output
        finally:
            bot.close()
    _all_is_well(database)
    database.close()


@pytest.mark.postgresql
def test_no_worker_is_lost_to_it_for_good(tmp_path: Path, hard_url: str) -> None:
    database = Database(hard_url)

    def done() -> bool:
        with database.transaction() as db:
            return db.scalar(select(func.count()).select_from(InboxRow).where(InboxRow.done_at.is_(None))) == 0

    with database.transaction() as db:
        updates = [{"update_id": at + 1, **text_update(person, text, at + 1)} for at, (person, text) in enumerate(ALL)]
        inbox.receive(db, updates, datetime.now(UTC))
    with StandIn() as stand_in:
        bot = Bot(
            tmp_path, "worker", program=DEADLY, BOT_API_URL=stand_in.address, DATABASE_URL=hard_url,
            WEBHOOK_URL="http://127.0.0.1:1/telegram", WEBHOOK_SECRET="a-secret-of-the-tests-0123456789", PORT="0",
        )  # fmt: skip
        try:
            assert _starts(bot, done) <= MOST_STARTS
            assert bot.end(signal.SIGTERM) == 0
        finally:
            bot.close()
    _all_is_well(database)
    database.close()

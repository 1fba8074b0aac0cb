"""python -m tests.bench workers [--workers 1 2 4] [--people 300] [--rounds 8] [--repeats 3]

Turns a second with 1, 2 and 4 worker processes on one PostgreSQL, and whether each person's order was kept. Updates lie
in the inbox already, as `web` processes would have stored them, when the workers start; what they say goes into the
ledger, which another process would send. So this measures claiming and turns alone, without webhook and sender.

PostgreSQL is the throw-away server of the tests: it does not wait for the disk. With two cores for the server and all
workers, a second worker finds little left to use: how it scales is to be measured on a larger machine.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import func, insert, select

from bot.database import Base, Database, migrate
from bot.delivery.outbox import OutboxRow
from bot.people.people import Purpose
from bot.turns.inbox import InboxRow, receive
from tests import postgres
from tests.bot_process import Bot, until
from tests.chat import content
from tests.fake_api import StandIn, text_update

FIRST: Final = 1_000_001
TEXTS: Final = ("/menu", "/jadwal", "/bantuan", "apa kabar")


def main(given: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench workers")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=8, help="updates of each person")
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args(given)
    print(
        f"{asked.people} people, {asked.rounds} updates each, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n"
    )
    figures: dict[int, list[float]] = {number: [] for number in asked.workers}
    with postgres.running_server() as server, StandIn() as stand_in, tempfile.TemporaryDirectory() as folder:
        template = server.create()
        migrate(server.url(template))
        for _ in range(asked.repeats):
            for number in asked.workers:
                name = server.create(template)
                try:
                    figures[number].append(
                        _measured(server.url(name), stand_in, Path(folder), number, asked.people, asked.rounds)
                    )
                finally:
                    server.drop(name)
    print("| workers | turns/s, median | lowest-highest | x one worker |\n|---:|---:|---:|---:|")
    one = statistics.median(figures[asked.workers[0]])
    for number, rates in figures.items():
        middle = statistics.median(rates)
        print(f"| {number} | {middle:.0f} | {min(rates):.0f}-{max(rates):.0f} | {middle / one:.2f} |")
    print("\nEach person's order was kept in all runs.")


def _measured(url: str, stand_in: StandIn, folder: Path, workers: int, people: int, rounds: int) -> float:
    """Turns a second, from the first turn that was committed to the last."""
    _prepare(url, people, rounds)
    database = Database(url)
    bots = [
        Bot(folder, "worker", f"worker-{at}", BOT_API_URL=stand_in.address, DATABASE_URL=url, PORT="0")
        for at in range(workers)
    ]
    total = people * rounds
    try:
        for bot in bots:
            bot.start()
        until(lambda: all("serving" in bot.output for bot in bots), 60, lambda: bots[0].output)
        _fill(database, people, rounds)
        began = time.monotonic()
        until(lambda: _undone(database) == 0, 120, lambda: bots[0].output)
        seconds = time.monotonic() - began
        for bot in bots:
            assert bot.end(signal.SIGTERM) == 0, bot.output
        _audit(database, people, total)
    finally:
        for bot in bots:
            bot.close()
        database.close()
        for file in folder.glob("worker-*.txt"):
            file.unlink()
    return total / seconds


def _prepare(url: str, people: int, rounds: int) -> None:
    now = datetime.now(UTC)
    tables = Base.metadata.tables
    database = Database(url)
    try:
        with database.transaction() as db:
            db.execute(
                insert(tables["account"]),
                [
                    {
                        "id": at + 1, "telegram_id": FIRST + at, "language": "id", "created_at": now, "seen_at": now,
                        "current_person_id": at + 1, "last_message_id": 10, "draft": {},
                    }
                    for at in range(people)
                ],
            )  # fmt: skip
            db.execute(
                insert(tables["person"]),
                [
                    {
                        "id": at + 1, "account_id": at + 1, "name": "Siti", "salutation": "ibu", "sector": "kuliner",
                        "site_id": "labuan-bajo", "registered_at": now, "consent_training": True,
                        "consent_messages": True, "training_version": content().consent_version(Purpose.TRAINING),
                    }
                    for at in range(people)
                ],
            )  # fmt: skip
    finally:
        database.close()


def _fill(database: Database, people: int, rounds: int) -> None:
    """All updates in one commit, and the workers are told."""
    database.tells_others = True
    updates = [
        {"update_id": 1 + one * people + at, **text_update(FIRST + at, TEXTS[one % len(TEXTS)], 100 + one)}
        for one in range(rounds)
        for at in range(people)
    ]
    with database.transaction() as db:
        receive(db, updates, datetime.now(UTC))


def _undone(database: Database) -> int:
    with database.transaction() as db:
        return db.scalar(select(func.count()).select_from(InboxRow).where(InboxRow.done_at.is_(None))) or 0


def _audit(database: Database, people: int, total: int) -> None:
    """All were handled, and the answers of each person stand in the order of what the person said."""
    with database.transaction() as db:
        handled = db.scalar(select(func.count()).select_from(InboxRow)) or 0
        rows = db.execute(select(OutboxRow.chat_id, OutboxRow.message).order_by(OutboxRow.id)).all()
    assert handled == total
    orders: dict[int, list[str]] = {}
    for chat, message in rows:
        orders.setdefault(chat, []).append(message["key"])
    assert len(orders) == people
    assert len({tuple(keys) for keys in orders.values()}) == 1, "somebody was answered in another order"

"""Yardsticks: the same work with nothing around it, so that a figure means the same on every machine.

`python -m tests.bench.bare bot API TOKEN` is a bot of nothing but aiohttp: it asks for updates and answers each by one
call. `turns`, `seats` and `reminders` write with bare `sqlite3` what turns, sign-ups and reminders write: the same
rows into the same tables with the same indexes, in the same portions, each commit waiting for the disk. A yardstick
reads nothing that it need not write, decides nothing, and keeps no promise; no bot can be as quick.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp

from bot.delivery.outbox import Status
from bot.people.quiet_hours import Kind
from bot.programme.enrolment import EnrolmentStatus
from bot.settings import ROOT
from bot.turns.batch import BATCH

MOMENT: Final = "2026-11-24 02:00:00.000000"
PORTION: Final = 1000
"""People whose reminders are one transaction."""
WORDS: Final = json.dumps(
    {
        "key": "registration.sector",
        "values": {"person": {"salutation": "ibu"}},
        "buttons": [
            [{"key": f"sector.{number}", "action": f"registration:sector:sector-{number}:{number}"}]
            for number in range(10)
        ],
        "form": "text",
    }
)
"""As long as the message by which a conversation asks its next question."""
UPDATE: Final = json.dumps(
    {
        "update_id": 1000000,
        "message": {
            "message_id": 100000,
            "from": {"id": 1000001, "is_bot": False, "first_name": "Siti", "language_code": "id"},
            "chat": {"id": 1000001, "type": "private", "first_name": "Siti"},
            "date": 1764000000,
            "text": "Siti",
        },
    }
)


@dataclass(frozen=True)
class Bare:
    """What a yardstick did."""

    number: int
    seconds: float
    cpu: float

    @property
    def per_second(self) -> float:
        return self.number / self.seconds

    @property
    def cpu_ms(self) -> float:
        return 1000 * self.cpu / self.number


def measured(what: str, url: str, number: int, core: int | None = None) -> Bare:
    """Runs a yardstick in a process of its own, on this core, with the database at `url`."""
    arguments = [sys.executable, "-m", "tests.bench.bare", what, url.removeprefix("sqlite:///"), str(number)]
    if core is not None:
        arguments.append(str(core))
    said = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return Bare(**json.loads(said))


# --- writing ------------------------------------------------------------------------------------------------------


@contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN IMMEDIATE")
    yield
    database.execute("COMMIT")


def _connected(path: str) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("PRAGMA foreign_keys=ON")
    return database


def _portions(number: int, size: int) -> Iterable[range]:
    return (range(first, min(first + size, number + 1)) for first in range(1, number + 1, size))


def _came(database: sqlite3.Connection, updates: range) -> None:
    with _transaction(database):
        database.executemany(
            "INSERT INTO inbox (update_id, sender_id, payload, received_at) VALUES (?, ?, ?, ?)",
            [(update, update, UPDATE, MOMENT) for update in updates],
        )


def _handled(database: sqlite3.Connection, updates: range, people: Sequence[int]) -> int:
    """Inside of a transaction: marks updates as done, the people as seen, and writes a reply to each. Returns the id of
    the last reply."""
    database.executemany("UPDATE account SET seen_at=?, last_message_id=? WHERE id=?", [
        (MOMENT, update, person) for update, person in zip(updates, people, strict=True)
    ])  # fmt: skip
    database.executemany(
        "UPDATE inbox SET sender_id=NULL, payload=NULL, done_at=? WHERE update_id=?",
        [(MOMENT, update) for update in updates],
    )
    cursor = database.cursor()
    cursor.executemany(
        "INSERT INTO outbox (account_id, person_id, chat_id, language, kind, priority, message, urgent, status,"
        " created_at, holder, lease_until, attempts) VALUES (?, ?, ?, 'id', ?, 0, ?, 0, ?, ?, 'bench', ?, 1)",
        [(person, person, person, Kind.REPLY, WORDS, Status.CLAIMED, MOMENT, MOMENT) for person in people],
    )
    return int(database.execute("SELECT last_insert_rowid()").fetchone()[0])


def _sent(database: sqlite3.Connection, last: int, people: Sequence[int]) -> None:
    rows = range(last - len(people) + 1, last + 1)
    with _transaction(database):
        database.executemany(
            "UPDATE outbox SET status=?, telegram_message_id=?, sent_at=?, lease_until=NULL WHERE id=?",
            [(Status.SENT, row, MOMENT, row) for row in rows],
        )
        database.executemany(
            "UPDATE account SET last_message_id=? WHERE id=? AND last_message_id < ?",
            [(row, person, row) for row, person in zip(rows, people, strict=True)],
        )


def turns(database: sqlite3.Connection, number: int) -> None:
    """So many turns of a conversation by everybody in the database, in batches of BATCH."""
    (everybody,) = database.execute("SELECT count(*) FROM person").fetchone()
    for updates in _portions(number, BATCH):
        people = [1 + update % everybody for update in updates]
        _came(database, updates)
        with _transaction(database):
            database.executemany("UPDATE person SET name=? WHERE id=?", [("Siti", person) for person in people])
            database.executemany(
                "UPDATE account SET conversation='registration', state='sector', draft=? WHERE id=?",
                [('{"sector": "name"}', person) for person in people],
            )
            last = _handled(database, updates, people)
        _sent(database, last, people)


def seats(database: sqlite3.Connection, number: int) -> None:
    """So many people take a seat of class 1, which has seats for all; in batches of BATCH."""
    for updates in _portions(number, BATCH):
        _came(database, updates)
        with _transaction(database):
            for _ in updates:
                database.execute("UPDATE session SET seats_taken=seats_taken+1 WHERE id=1 AND seats_taken < capacity")
            database.executemany(
                "INSERT INTO enrolment (session_id, person_id, status, created_at, changed_at) VALUES (1, ?, ?, ?, ?)",
                [(person, EnrolmentStatus.SEATED, MOMENT, MOMENT) for person in updates],
            )
            last = _handled(database, updates, list(updates))
        _sent(database, last, list(updates))


def reminders(database: sqlite3.Connection, number: int) -> None:
    """A reminder to everybody with a seat: one INSERT ... SELECT a class. `number`: people there are."""
    classes = database.execute(
        "SELECT id, site_id, starts_at, venue, (SELECT count(*) FROM enrolment WHERE session_id=session.id)"
        " FROM session ORDER BY id"
    ).fetchall()
    written = 0
    while classes:
        portion, people = [], 0
        while classes and people < PORTION:
            portion.append(classes.pop(0))
            people += portion[-1][4]
        with _transaction(database):
            database.executemany(
                "INSERT INTO outbox (account_id, person_id, chat_id, language, once, status, attempts, message,"
                " site_id, session_id, starts_at, kind, priority, urgent, created_at)"
                " SELECT account.id, person.id, account.telegram_id, account.language,"
                " 'reminder:' || enrolment.session_id || ':' || person.id, ?, 0, ?,"
                " ?, enrolment.session_id, ?, ?, 1, 0, ? FROM enrolment JOIN person ON person.id=enrolment.person_id"
                " JOIN account ON account.id=person.account_id"
                " WHERE enrolment.session_id=? AND enrolment.status=?",
                [
                    (Status.WAITING, json.dumps({"key": "reminders.asks", "venue": venue, "words": WORDS[:400]}),
                     site, starts, Kind.REMINDER, MOMENT, session, EnrolmentStatus.SEATED)
                    for session, site, starts, venue, _ in portion
                ],
            )  # fmt: skip
            database.executemany(
                "UPDATE session_lead SET done_at=? WHERE session_id=?", [(MOMENT, one[0]) for one in portion]
            )
        written += people
    if written != number:
        raise SystemExit(f"{written} of {number} reminders were written")


WRITING: Final[dict[str, Callable[[sqlite3.Connection, int], None]]] = {
    "turns": turns,
    "seats": seats,
    "reminders": reminders,
}


# --- calling ------------------------------------------------------------------------------------------------------


async def bot(api: str, token: str) -> None:
    """Asks for updates and answers each by one call, until it is ended."""
    methods, offset, under_way = f"{api}/bot{token}/", 0, set[asyncio.Task[None]]()

    async def call(method: str, parameters: dict[str, Any]) -> Any:
        async with session.post(methods + method, json=parameters) as answer:
            return (await answer.json())["result"]

    async def reply(chat: int) -> None:
        await call("sendMessage", {"chat_id": chat, "text": "Apa jenis usaha Ibu?"})

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=160)) as session:
        while True:
            for update in await call("getUpdates", {"offset": offset, "timeout": 10}):
                offset = update["update_id"] + 1
                task = asyncio.create_task(reply(update["message"]["chat"]["id"]))
                under_way.add(task)
                task.add_done_callback(under_way.discard)


def main(given: Sequence[str]) -> None:
    what, *more = given
    if what == "bot":
        asyncio.run(bot(*more))
        return
    path, number = Path(more[0]), int(more[1])
    if len(more) > 2:
        os.sched_setaffinity(0, {int(more[2])})
    with closing(_connected(str(path))) as database:
        began, cpu = time.monotonic(), time.process_time()
        WRITING[what](database, number)
        done = Bare(number, time.monotonic() - began, time.process_time() - cpu)
    print(json.dumps(done.__dict__))


if __name__ == "__main__":
    main(sys.argv[1:])

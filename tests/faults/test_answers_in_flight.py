"""One process that is killed in the middle of the answers of twelve mentors and trainers: none is lost, none reaches
somebody else, and what was said twice is counted."""

from __future__ import annotations

import random
import signal
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from bot.catalogue.content import load_content
from bot.database import Database
from bot.delivery.outbox import said_more_than_once
from bot.people.people import Account, Person, Role, RoleGrant
from bot.programme import mentoring
from bot.programme.mentoring import Given
from bot.settings import ROOT
from tests.bot_process import running, until
from tests.fake_api import StandIn, tap_update, text_update
from tests.faults.population import SEED, SOAK
from tests.faults.test_updates_in_flight import _feed_and_kill
from tests.test_crash import LATENCY, OPEN, SITE, count, ledger, seeded

pytestmark = pytest.mark.slow

STAFF: Final = range(601, 613)
EACH: Final = 6
"""So many questions has each of them."""
ASKERS: Final = range(501, 501 + EACH * len(STAFF))


@pytest.fixture
def folder(sqlite_url: str) -> Path:
    """A folder with a migrated, empty bot.sqlite."""
    return Path(sqlite_url.removeprefix("sqlite:///")).parent


def answer_to(number: int) -> str:
    return f"Jawaban untuk pertanyaan {number} saja"


def asked(folder: Path) -> dict[int, list[int]]:
    """A question of each person, every second one about a class; each of the staff has `EACH` of them. Returns the
    numbers of the questions, by who has them."""
    classes = seeded(folder, ASKERS)
    now = datetime.now(UTC)
    content = load_content(ROOT / "content")
    database = Database(f"sqlite:///{folder / 'bot.sqlite'}")
    held: dict[int, list[int]] = defaultdict(list)
    try:
        with database.transaction() as db:
            for telegram_id in STAFF:
                account = Account(
                    telegram_id=telegram_id, language="id", created_at=now, seen_at=now, last_message_id=10, draft={},
                    staff_name=f"Pelatih {telegram_id}",
                )  # fmt: skip
                db.add(account)
                db.flush()
                db.add(RoleGrant(account_id=account.id, role=Role.TRAINER, site_id=SITE, granted_at=now))
                for asker in ASKERS[len(held) * EACH : (len(held) + 1) * EACH]:
                    person = db.query(Person).join(Account, Account.id == Person.account_id)
                    one = person.filter(Account.telegram_id == asker).one()
                    opened = mentoring.ask(db, one, Given("text", "Berapa?"), now, content=content)
                    assert isinstance(opened, mentoring.Opened)
                    if asker % 2:
                        opened.ticket.origin = f"class.{classes[0]}"
                    taken = mentoring.take(db, opened.ticket.id, account, now, content=content)
                    assert isinstance(taken, mentoring.Taken)
                    held[telegram_id].append(opened.ticket.id)
    finally:
        database.close()
    return dict(held)


@pytest.mark.parametrize("seed", range(SEED, SEED + SOAK))
def test_kill_9_twice_in_the_middle_of_the_answers(folder: Path, seed: int) -> None:
    rng = random.Random(seed)
    held = asked(folder)
    answers = [
        [
            update
            for at, number in enumerate(numbers)
            for update in (
                tap_update(mentor, f"mentoring:reply:{number}", f"{mentor}-{at}"),
                text_update(mentor, answer_to(number), 20 + at),
            )
        ]
        for mentor, numbers in held.items()
    ]
    updates = [update for round_ in zip(*answers, strict=True) for update in round_]
    expected = len(ASKERS)
    with StandIn(latency=LATENCY) as stand_in, running(folder, stand_in) as bot:
        ids, _, _ = _feed_and_kill(bot, stand_in, updates, [expected * 0.8, expected * 1.8], rng, folder)
        until(lambda: not count(folder, OPEN), 20, lambda: bot.output)
        assert bot.end(signal.SIGTERM) == 0, bot.output
        log = stand_in.log()
    assert "turn failed" not in bot.output, bot.output
    _audit(folder, ids, log)


def _audit(folder: Path, ids: list[int], log: dict[str, Any]) -> None:
    """Compare what was written with what stands in the questions, and with what arrived."""
    with ledger(folder) as db:
        handled = db.execute("SELECT update_id FROM inbox WHERE done_at IS NOT NULL ORDER BY update_id").fetchall()
        assert [row[0] for row in handled] == ids
        kept = db.execute(
            "SELECT ticket_id, text, account.telegram_id, outbox.status, outbox.attempts, outbox.message"
            " FROM ticket_message JOIN person ON person.id = ticket_message.person_id"
            " JOIN account ON account.id = person.account_id JOIN outbox ON outbox.id = ticket_message.outbox_id"
            " WHERE way = 'out'"
        ).fetchall()
        states = Counter(row[0] for row in db.execute("SELECT state FROM ticket"))
    assert states == {"answered": len(ASKERS)}
    assert sorted(row[2] for row in kept) == list(ASKERS), "an answer was lost, or stands there twice"
    arrived: dict[int, list[str]] = defaultdict(list)
    for entry in log["sent"]:
        if entry["chat"] in ASKERS:
            arrived[entry["chat"]].append(entry["text"])
    more = 0
    for number, text, asker, status, attempts, message in kept:
        assert text == answer_to(number)
        assert (status, message) == ("sent", None), "the words of an answer stayed in the outbox"
        heard = arrived[asker]
        assert heard, f"{asker} never got the answer"
        assert all(text in words for words in heard), f"{asker} heard what was for somebody else"
        assert len(heard) <= attempts, f"{asker} heard it {len(heard)} times, the ledger knows of {attempts}"
        more += len(heard) - 1
    database = Database(f"sqlite:///{folder / 'bot.sqlite'}")
    try:
        with database.transaction() as connection:
            admitted = said_more_than_once(connection)
    finally:
        database.close()
    assert more <= admitted
    print(f"{len(kept)} answers, {more} said twice, of {admitted} the ledger says may have been")  # noqa: T201

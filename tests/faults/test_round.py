"""A process that is killed while thirty people answer a follow-up round: no tap is lost, none counts twice."""

from __future__ import annotations

import signal
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import select

from bot.database import Database
from bot.people.people import Account, Person, Purpose, record_consent
from bot.programme.follow_up import FollowUpRound, RoundKind
from tests.bot_process import PATIENCE, running, until
from tests.chat import content
from tests.fake_api import StandIn, tap_update
from tests.faults.test_updates_in_flight import folder
from tests.test_crash import LATENCY, OPEN, PEOPLE, count
from tests.test_crash import seeded as registered

__all__ = ["folder"]
pytestmark = pytest.mark.slow

CODES: Final = ("nib", "qris", "shop", "books", "halal", "pirt")


def asked(folder: Path) -> dict[int, int]:
    """Everybody is registered, agreed, and was asked the questions of day 30. Returns the numbers of people by their
    Telegram ids."""
    registered(folder, PEOPLE)
    now = datetime.now(UTC)
    database = Database(f"sqlite:///{folder / 'bot.sqlite'}")
    try:
        with database.transaction() as db:
            people = {account.telegram_id: account.person for account in db.scalars(select(Account)).unique()}
            for person in people.values():
                assert isinstance(person, Person)
                person.sector = "kuliner"
                version = content().consent_version(Purpose.FOLLOW_UP)
                record_consent(db, person, Purpose.FOLLOW_UP, given=True, text_version=version, language="id", now=now)
                db.add(
                    FollowUpRound(
                        person_id=person.id, kind=RoundKind.D30, counted_from=now - timedelta(days=31),
                        due_at=now + timedelta(days=3), asked_at=now, parts=0, version=0,
                    )
                )  # fmt: skip
            return {telegram_id: person.id for telegram_id, person in people.items() if person is not None}
    finally:
        database.close()


def test_kill_9_among_the_taps_of_a_round_loses_none(folder: Path) -> None:
    people = asked(folder)
    steps = [
        *(f"follow_up:set:d30:0:{code}:yes" for code in CODES),
        "follow_up:save:d30:0",
        "follow_up:say:d30:0:orders:up",
    ]
    updates = [
        tap_update(telegram_id, f"{step}:{person}", f"{telegram_id}-{at}")
        for at, step in enumerate(steps)
        for telegram_id, person in people.items()
    ]

    def among_the_taps(least: int) -> bool:
        """Some taps are taken, and others are under way."""
        return count(folder, "SELECT count(*) FROM practice") >= least and count(folder, OPEN) > 0

    killed = 0
    with StandIn(latency=LATENCY) as stand_in, running(folder, stand_in) as bot:
        fed = 0
        deadline = time.monotonic() + 60 * PATIENCE
        while fed < len(updates):
            assert time.monotonic() < deadline, bot.output
            stand_in.feed(updates[fed : fed + 20])
            fed += 20
            if killed < 2 and fed >= (killed + 2) * len(people):
                bot.kill_while(partial(among_the_taps, (killed + 1) * len(people)))
                killed += 1
                bot.start()
            time.sleep(0.05)
        done = "SELECT count(*) FROM follow_up_round WHERE ended_because = 'done'"
        until(
            lambda: count(folder, done) == len(people) and not count(folder, OPEN),
            40,
            lambda: f"{count(folder, done)} are done\n{bot.output}",
        )
        assert bot.end(signal.SIGTERM) == 0, bot.output
    assert killed == 2
    assert "turn failed" not in bot.output, bot.output
    assert count(folder, "SELECT count(*) FROM practice WHERE state = 'yes'") == len(CODES) * len(people)
    assert count(folder, "SELECT count(*) FROM practice") == len(CODES) * len(people), "none counts twice"
    assert count(folder, "SELECT count(*) FROM outcome WHERE value = 'up'") == len(people)

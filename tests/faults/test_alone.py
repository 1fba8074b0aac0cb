"""One process on SQLite: killed again and again under load; the disk full; Telegram away."""

from __future__ import annotations

import os
import random
import resource
import signal
import time
from pathlib import Path
from typing import Any, Final

import pytest

from bot.clock import LOOK_SECONDS
from tests.bot_process import running, until
from tests.fake_api import StandIn
from tests.faults.population import ADMIN, SEED, SOAK, Feeder, announce, audit, founded, life, open_work

pytestmark = pytest.mark.slow

KILLS: Final = 14 * SOAK
RATE: Final = "200"
LATENCY: Final = 0.01
PER_KILL: Final = 55
"""Updates that come while one kill is waited for and got over."""
UPDATES_A_SECOND: Final = 25.0


@pytest.fixture
def folder(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite:///")).parent


def test_killed_again_and_again(folder: Path) -> None:
    """Registrations, scarce seats, quizzes, an announcement, reminders that become due, and kill -9 at any moment."""
    rng = random.Random(SEED)
    town = founded(f"sqlite:///{folder / 'bot.sqlite'}")
    with StandIn(latency=LATENCY) as stand_in, running(folder, stand_in, SEND_RATE=RATE, ADMIN_IDS=str(ADMIN)) as bot:
        feed = town.feeding(stand_in.feed)
        living = Feeder(life(town, rng, PER_KILL * KILLS), feed, UPDATES_A_SECOND)
        living.start()
        announce(stand_in, feed, 20)
        away, since = 0.0, None
        for kill in range(KILLS):
            time.sleep(rng.uniform(0.05, 1.2))
            assert bot.alive, f"it ended by itself\n{bot.output}"
            assert bot.end(signal.SIGKILL) == -signal.SIGKILL
            since = since or time.monotonic()
            polls = stand_in.control("figures")["polls"]
            bot.start()
            if kill % 3:  # at every third it is killed while it is still starting
                until(lambda polls=polls: stand_in.control("figures")["polls"] > polls, 20, lambda: bot.output)  # type: ignore[misc]
                away, since = away + time.monotonic() - since, None
        living.finish(120)
        _until_quiet(town.url, bot)
        assert bot.end(signal.SIGTERM) == 0, bot.output
        found = audit(town, stand_in.log()["sent"], away=away)
    assert "turn failed" not in bot.output, bot.output
    assert "Traceback" not in bot.output, bot.output
    print(f"{KILLS} kills: {found}")  # noqa: T201 - the numbers are to be seen


def test_the_disk_is_full_for_a_while(folder: Path) -> None:
    """Nothing can be written: nothing is acknowledged, nothing is lost, and it goes on when there is room again."""
    rng = random.Random(SEED)
    town = founded(f"sqlite:///{folder / 'bot.sqlite'}")
    with StandIn(latency=LATENCY) as stand_in, running(folder, stand_in, SEND_RATE=RATE, ADMIN_IDS=str(ADMIN)) as bot:
        feed = town.feeding(stand_in.feed)
        living = Feeder(life(town, rng, 200), feed, 40)
        living.start()
        time.sleep(1.5)
        assert bot.process is not None
        full = 2.0
        for _ in range(2):
            # no file of its may grow any more: what SQLite is told is what a full disk tells it
            resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, (16_384, resource.RLIM_INFINITY))
            time.sleep(full)
            resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            time.sleep(1)
        living.finish(60)
        _until_quiet(town.url, bot)
        assert bot.end(signal.SIGTERM) == 0, bot.output
        # what became due while nothing could be written is looked for again at the next regular run
        audit(town, stand_in.log()["sent"], away=2 * full + LOOK_SECONDS, announced=False)
    assert "could not be stored" in bot.output or "not available" in bot.output, "the disk was never full"
    assert "turn failed" not in bot.output, bot.output


def test_telegram_is_away_and_misbehaves(folder: Path) -> None:
    """Lost answers, floods (429), blocks, then a silence, with a kill in the middle of it."""
    rng = random.Random(SEED)
    town = founded(f"sqlite:///{folder / 'bot.sqlite'}")
    with StandIn(latency=LATENCY) as stand_in, running(folder, stand_in, SEND_RATE=RATE, ADMIN_IDS=str(ADMIN)) as bot:
        feed = town.feeding(stand_in.feed)
        living = Feeder(life(town, rng, 250), feed, 40)
        living.start()
        announce(stand_in, feed, 20)
        stand_in.control("faults", {"lost_every": 25, "flood_every": 120, "flood_calls": 10, "retry_after": 0.3})
        time.sleep(2)
        assert bot.process is not None
        since = time.monotonic()
        os.kill(stand_in.pid, signal.SIGSTOP)  # packets go nowhere, nobody says no
        time.sleep(2)
        assert bot.end(signal.SIGKILL) == -signal.SIGKILL
        bot.start()
        time.sleep(2)
        os.kill(stand_in.pid, signal.SIGCONT)
        away = time.monotonic() - since
        living.finish(60)
        _until_quiet(town.url, bot)
        happened = stand_in.control("faults")
        assert happened["lost"] > 5
        assert happened["flood"] > 5
        assert bot.end(signal.SIGTERM) == 0, bot.output
        found = audit(town, stand_in.log()["sent"], away=away, beyond=2)
    assert "turn failed" not in bot.output, bot.output
    print(f"{happened}: {found}")  # noqa: T201


def _until_quiet(url: str, bot: Any) -> None:
    until(lambda: not any(open_work(url).values()), 60, lambda: f"{open_work(url)}\n{bot.output}")

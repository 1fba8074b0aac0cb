"""Several processes on PostgreSQL behind the webhook: any of them killed or stopped, the database restarted, all its
connections cut."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url

from bot.clock import LOOK_SECONDS
from bot.database import Database
from bot.delivery.outbox import OutboxRow
from bot.operations.leadership import IDLE_SECONDS, LONGEST_BACK_OFF
from bot.turns.inbox import receive
from tests import postgres
from tests.bot_process import Bot, until
from tests.fake_api import StandIn, text_update
from tests.faults.population import ADMIN, OPENS, SEED, SOAK, TALKERS, Feeder, announce, audit, founded, life, open_work
from tests.processes import Postmen, split_processes

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]

KILLS: Final = 18 * SOAK
COMMANDS: Final = ("web", "web", "worker", "worker", "sender", "sender")
LATENCY: Final = 0.01
PER_KILL: Final = 45
UPDATES_A_SECOND: Final = 25.0
TAKING_OVER: Final = 5.0
"""Until another sender sends after one was killed, in seconds: it asks for the place twice a second and waits then."""


def test_any_of_them_is_killed_again_and_again(tmp_path: Path, hard_url: str) -> None:
    rng = random.Random(SEED)
    town = founded(hard_url)
    with (
        StandIn(latency=LATENCY) as stand_in,
        split_processes(tmp_path, hard_url, stand_in.address, *COMMANDS, SEND_RATE="200", ADMIN_IDS=str(ADMIN)) as bots,
    ):
        postmen = Postmen(bots.port)
        feed = town.feeding(postmen.feed)
        living = Feeder(life(town, rng, PER_KILL * KILLS), feed, UPDATES_A_SECOND)
        living.start()
        announce(stand_in, feed, 40)
        killed: dict[str, int] = dict.fromkeys(bots, 0)
        for _ in range(KILLS):
            time.sleep(rng.uniform(0.2, 1.8))
            name = rng.choice(sorted(bots))
            assert bots[name].alive, f"{name} ended by itself\n{bots[name].output}"
            assert bots[name].end(signal.SIGKILL) == -signal.SIGKILL
            killed[name] += 1
            bots[name].start()
        living.finish(120)
        postmen.finish(60)
        _until_quiet(town.url, bots)
        _ends_well(bots)
        log = stand_in.log()
        assert log["calls"].get("deleteWebhook", 0) == 1, "the last process with the webhook removes it"
        away = TAKING_OVER * sum(number for name, number in killed.items() if name.startswith("sender"))
        found = audit(town, log["sent"], away=away)
    print(f"{KILLS} kills {killed}: {found}")  # noqa: T201 - the numbers are to be seen


def test_the_database_is_restarted_and_connections_are_cut(
    tmp_path: Path, hard_url: str, hard_postgresql: postgres.Server
) -> None:
    rng = random.Random(SEED)
    town = founded(hard_url)
    database = make_url(hard_url).database
    assert database is not None
    with (
        StandIn(latency=LATENCY) as stand_in,
        split_processes(tmp_path, hard_url, stand_in.address, *COMMANDS, SEND_RATE="200", ADMIN_IDS=str(ADMIN)) as bots,
    ):
        postmen = Postmen(bots.port)
        feed = town.feeding(postmen.feed)
        living = Feeder(life(town, rng, 400), feed, UPDATES_A_SECOND)
        living.start()
        announce(stand_in, feed, 40)
        away = float(LOOK_SECONDS)  # what was woken in vain is looked for again at the next regular run
        for trouble in (hard_postgresql.restart, lambda: hard_postgresql.cut(database)) * 2:
            time.sleep(rng.uniform(1.0, 2.5))
            since = time.monotonic()
            trouble()
            away += time.monotonic() - since + LONGEST_BACK_OFF + TAKING_OVER
        living.finish(120)
        postmen.finish(60)
        _until_quiet(town.url, bots)
        _ends_well(bots)
        found = audit(town, stand_in.log()["sent"], away=away)
    print(found)  # noqa: T201


def test_a_sender_that_hangs_is_replaced_and_does_not_send_when_it_wakes(tmp_path: Path, hard_url: str) -> None:
    """Stopped for longer than the server keeps a silent connection, then woken: its place is taken, and it knows."""
    rng = random.Random(SEED)
    town = founded(hard_url)
    with (
        StandIn(latency=LATENCY) as stand_in,
        split_processes(tmp_path, hard_url, stand_in.address, *COMMANDS, SEND_RATE="200", ADMIN_IDS=str(ADMIN)) as bots,
    ):
        postmen = Postmen(bots.port)
        feed = town.feeding(postmen.feed)
        senders = ["sender-1", "sender-2"]
        until(lambda: any("sends now" in bots[one].output for one in senders), 30, lambda: bots["sender-1"].output)
        active, standby = senders if "sends now" in bots["sender-1"].output else senders[::-1]
        living = Feeder(life(town, rng, 300), feed, UPDATES_A_SECOND)
        living.start()
        time.sleep(2)
        process = bots[active].process
        assert process is not None
        os.kill(process.pid, signal.SIGSTOP)
        until(lambda: "sends now" in bots[standby].output, 30, lambda: bots[standby].output)
        time.sleep(3)
        os.kill(process.pid, signal.SIGCONT)
        living.finish(60)
        postmen.finish(30)
        _until_quiet(town.url, bots)
        until(lambda: "no longer sends" in bots[active].output, 10, lambda: bots[active].output)
        _ends_well(bots)
        audit(town, stand_in.log()["sent"], away=IDLE_SECONDS + TAKING_OVER, announced=False)


HANGS: Final = """
import os, runpy, signal, sys
from bot.delivery import outbox

claim = outbox.claim

def claim_and_hang(db, **more):
    found = claim(db, **more)
    if found:
        outbox.claim = claim
        os.kill(os.getpid(), signal.SIGSTOP)
    return found

outbox.claim = claim_and_hang
sys.argv[0] = "bot"
runpy.run_module("bot", run_name="__main__")
"""
"""The bot, which stops when it has just taken a message out of the ledger and not yet committed that."""


def test_a_sender_that_hangs_while_it_takes_is_not_overtaken(tmp_path: Path, hard_url: str) -> None:
    """What it has locked is free again before another sends; else that one passes it over (SKIP LOCKED), and later
    messages of the same chat come first."""
    founded(hard_url)
    person = TALKERS[-1]
    database = Database(hard_url)
    database.tells_others = True
    with StandIn() as stand_in, split_processes(tmp_path, hard_url, stand_in.address, "worker") as bots:
        given = {"BOT_API_URL": stand_in.address, "DATABASE_URL": hard_url, "PORT": "0"}
        hanging = Bot(tmp_path, "sender", "hanging", program=HANGS, **given)
        standby = Bot(tmp_path, "sender", "standby", **given)
        try:
            hanging.start()
            until(lambda: "sends now" in hanging.output, 30, lambda: hanging.output)
            standby.start()
            assert hanging.process is not None
            state = Path(f"/proc/{hanging.process.pid}/stat")
            for number, text in enumerate(("/bantuan", "/jadwal", "/belajar"), 1):
                with database.transaction() as db:
                    receive(db, [{"update_id": number, **text_update(person, text, 20 + number)}], OPENS)
                until(lambda: state.read_text().rpartition(")")[2].split()[0] == "T", 30, lambda: hanging.output)
            until(lambda: "sends now" in standby.output, 30, lambda: standby.output)
            until(lambda: len(_said_to(stand_in, person)) >= 2, 30, lambda: standby.output)
            os.kill(hanging.process.pid, signal.SIGCONT)
            until(lambda: len(_said_to(stand_in, person)) >= 3, 30, lambda: standby.output)
            _until_quiet(hard_url, bots)
            with database.transaction() as db:
                rows = select(OutboxRow.telegram_message_id).where(OutboxRow.chat_id == person)
                in_order = list(db.scalars(rows.order_by(OutboxRow.id)))
        finally:
            database.close()
            hanging.close()
            standby.close()
        assert [one["message_id"] for one in _said_to(stand_in, person)] == in_order


def _said_to(stand_in: StandIn, person: int) -> list[dict[str, Any]]:
    return [one for one in stand_in.log()["sent"] if one["chat"] == person]


def _until_quiet(url: str, bots: dict[str, Bot]) -> None:
    until(lambda: not any(open_work(url).values()), 90, lambda: f"{open_work(url)}\n{_told(bots)}")


def _ends_well(bots: dict[str, Bot]) -> None:
    for name, bot in bots.items():
        assert bot.end(signal.SIGTERM, 15) == 0, f"{name}\n{bot.output}"
    told = _told(bots)
    assert "turn failed" not in told, told
    assert "Traceback" not in told, told


def _told(bots: dict[str, Bot]) -> str:
    return "\n".join(f"--- {name}\n{bot.output}" for name, bot in bots.items())

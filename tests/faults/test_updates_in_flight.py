"""One process that is killed in the middle of three hundred updates of sixty people who all want the same seats."""

from __future__ import annotations

import itertools
import random
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from bot.database import Database
from bot.delivery.outbox import said_more_than_once
from bot.delivery.tap_answers import ANSWERS_AT_ONCE
from tests.bot_process import PATIENCE, Bot, running, until
from tests.fake_api import StandIn
from tests.faults.population import SEED, SOAK
from tests.test_crash import ANSWERS, LATENCY, OPEN, PEOPLE, SEATS, count, five_updates, ledger, seeded

pytestmark = pytest.mark.slow

FED_IN_SECONDS: Final = 4.0
TAP: Final = "callback_query"


@pytest.fixture
def folder(sqlite_url: str) -> Path:
    """A folder with a migrated, empty bot.sqlite."""
    return Path(sqlite_url.removeprefix("sqlite:///")).parent


@pytest.mark.parametrize("seed", range(SEED, SEED + SOAK))
def test_kill_9_twice_in_the_middle_of_300_updates(folder: Path, seed: int) -> None:
    rng = random.Random(seed)
    classes = seeded(folder, PEOPLE)
    per_person = [five_updates(person, classes) for person in PEOPLE]
    updates = [update for round_ in zip(*per_person, strict=True) for update in round_]
    expected = 5 * len(PEOPLE)
    with StandIn(latency=LATENCY) as stand_in, running(folder, stand_in) as bot:
        ids, killed, handled = _feed_and_kill(bot, stand_in, updates, [expected / 3, expected * 2 / 3], rng, folder)
        last = dict.fromkeys(PEOPLE, False)

        def all_answered() -> bool:
            for entry in stand_in.log()["sent"]:
                if "Kelas Cahaya" in entry["text"]:
                    last[entry["chat"]] = True
            return all(last.values()) and not count(folder, OPEN)

        until(all_answered, 20, lambda: f"unanswered: {[p for p, done in last.items() if not done]}\n{bot.output}")
        assert bot.end(signal.SIGTERM) == 0, bot.output
        log = stand_in.log()
    assert "turn failed" not in bot.output, bot.output
    _audit(folder, ids, killed, log, classes[1])
    taps = {one: update[TAP]["id"] for one, update in zip(ids, updates, strict=True) if TAP in update}
    _audit_spinners(folder, taps, handled, log)


def _feed_and_kill(
    bot: Bot, stand_in: StandIn, updates: list[dict[str, Any]], kill_at: list[float], rng: random.Random, folder: Path
) -> tuple[list[int], list[float], list[set[int]]]:
    """Hand the updates out bit by bit, and kill the process a random moment after so many answers.

    Returns the ids of the updates, the moments of the kills, and which updates had been handled at each.
    """
    ids: list[int] = []
    killed: list[float] = []
    handled: list[set[int]] = []
    pause = FED_IN_SECONDS / (len(updates) / 6)
    kills = list(kill_at)
    hit = 0
    deadline = time.monotonic() + 30 * PATIENCE
    while ids == [] or len(ids) < len(updates) or kills:
        assert time.monotonic() < deadline, f"{len(ids)} updates fed, {len(kills)} kills left\n{bot.output}"
        chunk = updates[len(ids) : len(ids) + rng.randint(1, 11)]
        if chunk:
            ids += stand_in.feed(chunk)
        time.sleep(pause)
        if kills and len(stand_in.log()["sent"]) >= kills[0]:
            ids += stand_in.feed(updates[len(ids) : len(ids) + 20])  # so that it dies with its hands full
            time.sleep(rng.uniform(0, 0.03))
            killed.append(time.monotonic())
            assert bot.end(signal.SIGKILL) == -signal.SIGKILL
            kills.pop(0)
            left = count(folder, "SELECT count(*) FROM inbox WHERE done_at IS NULL")
            with ledger(folder) as db:
                handled.append({row[0] for row in db.execute("SELECT update_id FROM inbox WHERE done_at IS NOT NULL")})
            held = count(folder, "SELECT count(*) FROM outbox WHERE status = 'claimed'")
            print(f"killed with {left} updates not handled and {held} messages in hand")  # noqa: T201
            hit += left + held
            bot.start()
    assert hit, "the kills hit nothing: the test would prove nothing"
    return ids, killed, handled


def _lifetimes(entries: list[dict[str, Any]], killed: list[float]) -> Iterator[list[dict[str, Any]]]:
    """What each of the processes said. What one had sent off may still arrive a moment after its end; it takes the
    next one longer than that to say its first word."""
    bounds = [0.0, *(moment + 0.2 for moment in killed), float("inf")]
    for begins, ends in itertools.pairwise(bounds):
        yield [entry for entry in entries if begins <= entry["at"] < ends]


def _audit(folder: Path, ids: list[int], killed: list[float], log: dict[str, Any], wanted_class: int) -> None:
    """Compare what people did, what the database says and what was delivered."""
    with ledger(folder) as db:
        # every update handled, once
        inbox = db.execute("SELECT update_id, done_at, payload FROM inbox ORDER BY update_id").fetchall()
        assert [row[0] for row in inbox] == ids
        assert all(done_at is not None and payload is None for _, done_at, payload in inbox)

        # what each person was owed stands in the ledger once, in the order of their updates, and was said
        seated = {
            row[0]
            for row in db.execute(
                "SELECT account.telegram_id FROM enrolment JOIN account ON account.current_person_id = person_id"
                " WHERE session_id = ? AND status = 'seated'",
                (wanted_class,),
            )
        }
        rows = db.execute(
            "SELECT id, chat_id, status, attempts, telegram_message_id, json_extract(message, '$.key')"
            " FROM outbox ORDER BY id"
        ).fetchall()
        keys: dict[int, list[str]] = defaultdict(list)
        for _, chat, status, _, _, key in rows:
            assert status == "sent"
            keys[chat].append(key)
        for person in PEOPLE:
            assert keys[person] == ANSWERS[person in seated], f"{person} seated: {person in seated}"

        # the seats
        enrolments = Counter(
            row[0] for row in db.execute("SELECT status FROM enrolment WHERE session_id = ?", (wanted_class,))
        )
        assert enrolments == {"seated": SEATS, "waitlisted": len(PEOPLE) - SEATS}
        (taken,) = db.execute("SELECT seats_taken FROM session WHERE id = ?", (wanted_class,)).fetchone()
        assert taken == SEATS
        places = [
            row[0]
            for row in db.execute(
                "SELECT queue_no FROM enrolment WHERE session_id = ? AND status = 'waitlisted'", (wanted_class,)
            )
        ]
        assert len(set(places)) == len(places)

    # what arrived: all the ledger says, in its order; one more only of a row that says so itself
    arrived: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for entry in log["sent"]:
        arrived[entry["chat"]].append(entry)
    more = 0
    unmarked = [0.0]
    for person in PEOPLE:
        mine = [row for row in rows if row[1] == person]
        text_of = {entry["message_id"]: entry["text"] for entry in arrived[person]}
        texts = [text_of[message_id] for _, _, _, _, message_id, _ in mine]
        assert len(set(texts)) == len(texts), "this audit tells messages by their words"
        times = Counter(entry["text"] for entry in arrived[person])
        assert set(times) == set(texts), f"{person}: something was said that the ledger does not know"
        for row, text in zip(mine, texts, strict=True):
            assert times[text] <= row[3], f"{person}: said {times[text]} times, the ledger knows of {row[3]}"
        more += times.total() - len(texts)
        for lifetime in _lifetimes(arrived[person], killed):
            order = [texts.index(entry["text"]) for entry in lifetime]
            assert order == sorted(set(order)), f"{person}: out of order, or twice by one process: {order}"
        for entry in arrived[person]:
            if entry["message_id"] not in [row[4] for row in mine]:  # it was said again
                unmarked.append(next(moment for moment in killed if entry["at"] < moment + 0.2) - entry["at"])
        first_heard = list(dict.fromkeys(entry["text"] for entry in arrived[person]))
        assert first_heard == texts, f"{person}: out of order"
    database = Database(f"sqlite:///{folder / 'bot.sqlite'}")
    try:
        with database.transaction() as connection:
            admitted = said_more_than_once(connection)
    finally:
        database.close()
    assert more <= admitted
    print(  # noqa: T201 - the number is to be seen with -s
        f"{len(ids)} updates, {len(rows)} messages; {more} said twice, of {admitted} the ledger says may have been;"
        f" the first of them left {1000 * max(unmarked):.0f} ms before the kill"
    )
    assert max(unmarked) < 2, "what was sent long before a kill was not written down"


def _audit_spinners(folder: Path, taps: dict[int, str], handled: list[set[int]], log: dict[str, Any]) -> None:
    """The answers to taps are kept in memory only: a kill loses those under way and those that waited behind them. How
    many waited is the machine's affair; that they are taken in turn, and none is forgotten, is ours.

    `taps`: the ids of the taps, by update. `handled`: the updates that had been handled at each of the kills.
    """
    said = Counter(entry["id"] for entry in log["taps"])
    assert set(said) <= set(taps.values())
    assert max(said.values()) == 1, "a tap was answered twice"
    with ledger(folder) as db:
        batch_of: dict[int, str] = dict(db.execute("SELECT update_id, done_at FROM inbox").fetchall())
    before: set[int] = set()
    lost = 0
    for number, until_kill in enumerate(handled, 1):
        mine = sorted((until_kill - before) & set(taps))
        before = until_kill
        answered = [batch_of[one] for one in mine if taps[one] in said]
        open_ones = [batch_of[one] for one in mine if taps[one] not in said]
        assert answered, f"process {number} answered no tap"
        overtaken = sum(batch < max(answered) for batch in open_ones)
        assert overtaken <= ANSWERS_AT_ONCE, f"process {number}: {overtaken} taps unanswered, and later ones answered"
        lost += len(open_ones)
    forgotten = [one for one in sorted(set(taps) - before) if taps[one] not in said]
    assert not forgotten, "the last process was not killed: it owes an answer to each tap"
    print(f"{lost} of {len(taps)} spinners not stopped")  # noqa: T201

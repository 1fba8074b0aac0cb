"""Processes behind the sandbox's webhook, and people who look at their screens: they register, take scarce seats, learn
and answer quizzes, while Telegram stumbles, brings updates twice and out of step, and processes are killed."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import func, select

from bot.catalogue.content import load_content
from bot.clock import keep_offset
from bot.database import Database
from bot.delivery.outbox import OutboxRow
from bot.people.people import Account, Person
from bot.programme import sessions
from bot.programme.quizzes import Quiz
from bot.settings import ROOT
from bot.turns.inbox import InboxRow
from bot.turns.together import BREATH
from tests.bot_process import until
from tests.faults.population import OPENS, SEED, SITE, SOAK, open_work
from tests.processes import split_processes
from tests.sandbox_process import SandboxProcess
from tests.test_merging import counted

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]

PEOPLE: Final = 40
ACTS: Final = 900 * SOAK
KILLS: Final = 5 * SOAK
SEATS: Final = 8
SEND_RATE: Final = 200
TOKEN: Final = "1000000001:sandbox"
UNDER_WAY_SECONDS: Final = 10.0
"""A tap is in hand for much less; so much longer it may wait for a worker where the machine is busy."""


def _opened(url: str) -> int:
    """One class with few seats; returns its id."""
    content = load_content(ROOT / "content")
    database = Database(url)
    try:
        with database.transaction() as db:
            keep_offset(db, OPENS - datetime.now(UTC))
            return sessions.create(
                db, OPENS, code="LB-1", site_id=SITE, title="Kelas Batu", starts_at=OPENS + timedelta(days=5),
                minutes=90, capacity=SEATS, venue="Balai Desa", latitude=None, longitude=None,
                trainer="Pelatih (contoh)", leads=content.leads(SITE),
            ).id  # fmt: skip
    finally:
        database.close()


def test_people_who_look_at_their_screens(tmp_path: Path, hard_url: str) -> None:
    rng = random.Random(SEED)
    session_id = _opened(hard_url)
    with (
        SandboxProcess(token=TOKEN) as box,
        split_processes(
            tmp_path, hard_url, box.address, "web", "web", "worker", "worker", "sender", "sender",
            SEND_RATE=str(SEND_RATE), BOT_TOKEN=TOKEN,
        ) as bots,
    ):  # fmt: skip
        box.post("rates", all_rate=SEND_RATE, all_burst=SEND_RATE)  # the report judges by it; of a chat, by Telegram's
        box.post("webhook", first_wait=0.05, longest_wait=0.5, twice=0.1, jitter=0.05, seed=SEED)
        box.post("faults", what="lost", method="sendMessage", every=80)
        box.post("faults", what="error", code=502, method="send*", probability=0.01, seed=SEED)
        box.post("faults", what="slow", seconds=0.3, method="send*", every=40)
        until(lambda: any("sends now" in bots[f"sender-{n}"].output for n in (1, 2)), 30, lambda: "nobody sends")
        box.post(
            "population", people=PEOPLE, seed=SEED, under_way=20, acts=ACTS, patience=20, think=[0.05, 0.2], stale=0.02,
            path=[
                {"start": f"s_{SITE}"}, {"tap": "^Ya, setuju"}, {"tap": "^Ibu"}, {"say": "Siti"}, {"tap": "Makanan"},
                {"tap": "Sudah benar"}, {"tap": "Kelas Batu"}, {"tap": "^(Ikut kelas ini|Masuk daftar tunggu)"},
                {"say": "/belajar"}, {"tap": "^Mulai belajar"}, {"tap": "^Lewati", "optional": 2},
                *[{"tap": "^Lanjut", "optional": 2}] * 3, {"tap": "^Jawab kuis", "optional": 5},
                {"vote": True, "optional": 5},
            ],
            prefer={"^privacy:": 0, "^enrolment:take": 5, "^quizzes:": 3, "^lessons:": 3, "^menu:language": 0},
        )  # fmt: skip
        killed: list[tuple[float, str]] = []
        for _ in range(KILLS):
            time.sleep(rng.uniform(1.0, 3.0))
            name = rng.choice(sorted(bots))
            killed.append((time.time(), name))
            assert bots[name].end(signal.SIGKILL) == -signal.SIGKILL
            bots[name].start()
        until(lambda: box.get("population")["acts"] >= ACTS, 240, lambda: str(box.get("population")))
        box.until_quiet(2, 60)
        until(lambda: not any(open_work(hard_url).values()), 60, lambda: str(open_work(hard_url)))
        people, report = box.get("population"), box.get("report")
        sent = [one for one in box.every("called") if one["ok"] and one["method"].startswith("send")]
        taps, stopped = box.every("tapped"), box.every("called", "answerCallbackQuery")
        written: dict[int, list[float]] = defaultdict(list)
        for entry in box.every("said"):
            written[entry["person"]].append(entry["at"])
        voted = [entry["person"] for entry in box.transcript(what="voted", limit=100_000)]
        for name, bot in bots.items():
            assert bot.end(signal.SIGTERM, 15) == 0, f"{name}\n{bot.output}"
            assert "Traceback" not in bot.output, bot.output
            assert "turn failed" not in bot.output, bot.output

    database = Database(hard_url)
    try:
        with database.transaction() as db:
            updates = db.scalar(select(func.count()).select_from(InboxRow).where(InboxRow.done_at.is_(None)))
            accounts = list(db.scalars(select(Account.telegram_id)))
            registered = db.scalar(select(func.count()).select_from(Person).where(Person.registered_at.is_not(None)))
            taken, held = counted(db)[session_id]
            known = {
                (chat, number)
                for chat, number in db.execute(select(OutboxRow.chat_id, OutboxRow.telegram_message_id))
                if number is not None
            }
            again = select(OutboxRow.chat_id, OutboxRow.edit_message_id.is_not(None), OutboxRow.attempts - 1)
            said_again, made_again = Counter[int](), Counter[int]()
            for chat, edit, times in db.execute(again.where(OutboxRow.attempts > 1)):
                (made_again if edit else said_again)[chat] += times
            answered = list(
                db.scalars(
                    select(Account.telegram_id)
                    .join(Person, Person.account_id == Account.id)
                    .join(Quiz, Quiz.person_id == Person.id)
                    .where(Quiz.answered_at.is_not(None))
                )
            )
    finally:
        database.close()
    print(f"{[name for _, name in killed]}\n{people}\n{report['broken']}; {said_again.total()} admitted")  # noqa: T201
    print(f"{taken} of {SEATS} seats, {len(voted)} votes, {len(answered)} answers, {made_again.total()} edits again")  # noqa: T201
    assert updates == 0
    assert len(accounts) == len(set(accounts)) == PEOPLE
    assert registered == PEOPLE
    assert taken == held, "also what somebody gave up in the last two minutes is held"
    assert held is not None
    assert held == SEATS
    assert len(set(voted)) >= PEOPLE / 2
    assert set(voted) <= set(answered), "whoever voted has an answer in the books"
    _keeps_the_rules(report, taps, stopped, written, killed)
    _says_nothing_unknown(report, sent, known, said_again)
    _makes_no_edit_in_vain(report, made_again, killed)


def _keeps_the_rules(
    report: dict[str, Any],
    taps: Sequence[dict[str, Any]],
    stopped: Sequence[dict[str, Any]],
    written: Mapping[int, Sequence[float]],
    killed: Sequence[tuple[float, str]],
) -> None:
    """What the sandbox's report says of the bot, as far as kills leave it a choice."""
    broken = report["broken"]
    assert broken["too_many_in_a_second"] == 0, report["limits"]
    assert broken["too_many_in_a_chat"] == 0, report["limits"]
    # What somebody writes in the same breath as the text before has its answer already (`bot.turns.together`).
    texts = report["texts"]
    for text in [*texts["never_examples"], *texts["open_examples"]]:
        before = [at for at in written[text["person"]] if 0 < text["at"] - at < BREATH + 1]
        assert before, f"never answered: {text}"

    # The circle on a button is stopped without a row in the ledger: it is worth nothing a minute later. Killed between
    # the commit of a turn and that call, a worker takes it along; the answer in the chat comes all the same. So a tap
    # may go without only if a worker was killed that may have had it in hand.
    answered = {entry["query_id"] for entry in stopped if entry["ok"]}
    workers_killed = [at for at, name in killed if name.startswith("worker")]
    for tap in taps:
        in_hand = any(tap["at"] < at < tap["at"] + UNDER_WAY_SECONDS for at in workers_killed)
        assert tap["query_id"] in answered or in_hand, f"never answered: {tap}"


def _says_nothing_unknown(
    report: dict[str, Any],
    sent: Sequence[dict[str, Any]],
    known: Set[tuple[int, int]],
    said_again: Mapping[int, int],
) -> None:
    """`known`: chat and number of all messages that the ledger knows. `said_again`: how many of whom may have come once
    too often, as it says of itself, because an answer was lost or a sender was killed in mid-call."""
    extra = Counter(one["person"] for one in sent if (one["person"], one.get("message_id")) not in known)
    for person, number in extra.items():
        assert number <= said_again[person], f"{person}: {number} unknown messages, {said_again[person]} admitted"

    # The report calls it "said twice", too, when somebody was twice not understood and the pace of the chat let both
    # answers come late. Those are two rows, of two turns: both messages are known. (Of very many it shows the newest.)
    twice = report["said_twice"]
    number_of = {one["n"]: one.get("message_id") for one in sent}
    for one in twice["examples"]:
        alike = [each for each in sent if each["person"] == one["person"] and each.get("text") == one["text"]]
        before = max(each["n"] for each in alike if each["n"] < one["n"])
        both = {(one["person"], number_of[one["n"]]), (one["person"], number_of[before])}
        assert both <= known or extra[one["person"]], f"twice to somebody who was told nothing unknown: {one}"


def _makes_no_edit_in_vain(
    report: dict[str, Any], made_again: Mapping[int, int], killed: Sequence[tuple[float, str]]
) -> None:
    """`made_again`: how many edits of whom the ledger says were perhaps made once too often. Besides, the next sender
    does not know what the one before had put on the screens: somebody who taps for what they see already has it made
    once more after a kill. And without a kill nobody."""
    same = report["edits_that_change_nothing"]
    senders_killed = [at for at, name in killed if name.startswith("sender")]
    in_vain = Counter[tuple[float, int]]()
    for edit in same["examples"]:
        since = max((at for at in senders_killed if at < edit["at"]), default=None)
        assert since is not None, f"an edit that changes nothing, and no sender was killed: {edit}"
        in_vain[since, edit["person"]] += 1
    for (since, person), number in in_vain.items():
        assert number <= 1 + made_again[person], f"{number} edits of {person} that change nothing, after {since}"

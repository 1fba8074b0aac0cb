"""A crew behind the sandbox's webhook, and people who look at their screens: they register, take scarce seats, learn
and answer quizzes, while Telegram stumbles, brings updates twice and out of step, and processes are killed."""

from __future__ import annotations

import random
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import func, select

from bot.clock import keep_offset
from bot.content import load_content
from bot.database import Database
from bot.inbox import InboxRow
from bot.programme import sessions
from bot.programme.enrolment import Enrolment, EnrolmentStatus
from bot.programme.people import Account, Person
from bot.programme.quizzes import Quiz
from bot.programme.sessions import ClassSession
from bot.settings import ROOT
from tests.bot_process import until
from tests.crew import crew
from tests.faults.town import OPENS, SEED, SITE, SOAK, open_work
from tests.sandbox_process import SandboxProcess

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]

PEOPLE: Final = 40
ACTS: Final = 900 * SOAK
KILLS: Final = 5 * SOAK
SEATS: Final = 8
TOKEN: Final = "1000000001:sandbox"


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
        crew(
            tmp_path, hard_url, box.address, "web", "web", "worker", "worker", "sender", "sender",
            SEND_RATE="200", BOT_TOKEN=TOKEN,
        ) as bots,
    ):  # fmt: skip
        box.post("webhook", first_wait=0.05, longest_wait=0.5, twice=0.1, jitter=0.05, seed=SEED)
        box.post("faults", what="lost", method="sendMessage", every=80)
        box.post("faults", what="error", code=502, method="send*", probability=0.01, seed=SEED)
        box.post("faults", what="slow", seconds=0.3, method="send*", every=40)
        until(lambda: any("sends now" in bots[f"sender-{n}"].output for n in (1, 2)), 30, lambda: "nobody sends")
        box.post(
            "population", people=PEOPLE, seed=SEED, under_way=20, acts=ACTS, patience=20, think=[0.05, 0.2], stale=0.02,
            path=[
                {"start": f"s_{SITE}"}, {"tap": "^Setuju"}, {"tap": "^Ibu"}, {"say": "Siti"}, {"tap": "Makanan"},
                {"tap": "Sudah benar"}, {"tap": "Kelas Batu"}, {"tap": "^(Ikut kelas ini|Masuk daftar tunggu)"},
                {"say": "/belajar"}, {"tap": "^Mulai belajar"}, {"tap": "^Lewati", "optional": 2},
                *[{"tap": "^Lanjut", "optional": 2}] * 3, {"tap": "^Kuis", "optional": 5},
                {"vote": True, "optional": 5},
            ],
            prefer={"^privacy:": 0, "^enrolment:take": 5, "^quizzes:": 3, "^lessons:": 3, "^menu:language": 0},
        )  # fmt: skip
        for _ in range(KILLS):
            time.sleep(rng.uniform(1.0, 3.0))
            name = rng.choice(sorted(bots))
            assert bots[name].end(signal.SIGKILL) == -signal.SIGKILL
            bots[name].start()
        until(lambda: box.get("population")["acts"] >= ACTS, 240, lambda: str(box.get("population")))
        box.until_quiet(2, 60)
        until(lambda: not any(open_work(hard_url).values()), 60, lambda: str(open_work(hard_url)))
        people, report = box.get("population"), box.get("report")
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
            taken = db.scalar(select(ClassSession.seats_taken).where(ClassSession.id == session_id))
            held = db.scalar(
                select(func.count()).select_from(Enrolment).where(
                    Enrolment.session_id == session_id,
                    Enrolment.status.in_([EnrolmentStatus.SEATED, EnrolmentStatus.OFFERED]),
                )
            )  # fmt: skip
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
    print(f"{people}\n{report['broken']}\n{taken} of {SEATS} seats, {len(voted)} votes, {len(answered)} answers")  # noqa: T201
    assert updates == 0
    assert len(accounts) == len(set(accounts)) == PEOPLE
    assert registered == PEOPLE
    assert taken == held
    assert held is not None
    assert held == SEATS
    assert len(set(voted)) >= PEOPLE / 2
    assert set(voted) <= set(answered), "whoever voted has an answer in the books"

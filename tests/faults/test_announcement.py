"""An announcement to ten thousand, Telegram at its worst, and the process killed in the middle."""

from __future__ import annotations

import itertools
import re
import signal
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import insert

from bot.database import Base, Database
from tests.bot_process import Bot, until
from tests.sandbox_process import TOKEN, SandboxProcess
from tests.test_crash import count, ledger

pytestmark = pytest.mark.slow

PEOPLE: Final = 10_000
FIRST: Final = 1_000_001
ADMIN: Final = 9001
TEXT: Final = "Besok bawa produk"
ARRIVES: Final = f"📣 Admin program\n\n{TEXT}"
"""What people read: who speaks, and what."""
BLOCKED: Final = tuple(range(FIRST, FIRST + PEOPLE, 33))[:300]
"""3 %."""
FAULTS: Final[Sequence[dict[str, Any]]] = (
    {"what": "blocked", "chat": list(BLOCKED)},
    # 5 % of the calls, in bursts as Telegram does it: all that are under way when it has had enough
    {"what": "flood", "every": 600, "run": 30, "retry_after": 0},
    # each hundredth answer never comes
    {"what": "lost", "every": 100},
)


def seeded(folder: Path, number: int = PEOPLE) -> None:
    """So many who agreed to messages, at sites that are open now or are written to urgently."""
    now = datetime.now(UTC)
    tables = Base.metadata.tables
    people = range(number)
    database = Database(f"sqlite:///{folder / 'bot.sqlite'}")
    try:
        with database.transaction() as db:
            accounts = [
                {"id": at + 1, "telegram_id": FIRST + at, "language": "id", "created_at": now, "seen_at": now,
                 "current_person_id": at + 1, "last_message_id": 10, "draft": {}}
                for at in people
            ]  # fmt: skip
            db.execute(insert(tables["account"]), accounts)
            persons = [
                {"id": at + 1, "account_id": at + 1, "name": "Siti", "salutation": "ibu", "sector": "kuliner",
                 "site_id": "labuan-bajo", "registered_at": now, "consent_training": True, "consent_messages": True,
                 "training_version": "2"}
                for at in people
            ]  # fmt: skip
            db.execute(insert(tables["person"]), persons)
    finally:
        database.close()


def arrived(box: SandboxProcess) -> Counter[int]:
    """How often whom the announcement reached, its author's preview apart; the answer may have been lost."""
    calls = [one for one in box.every("called", method="sendMessage") if one["ok"] and one["person"] != ADMIN]
    return Counter(one["person"] for one in calls if one.get("text", "").startswith(ARRIVES))


@pytest.fixture
def folder(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite:///")).parent


def test_ten_thousand_with_faults_and_a_kill_9_add_up(folder: Path) -> None:
    seeded(folder)
    began = time.monotonic()
    with SandboxProcess("--person", f"{ADMIN}:Dewi", "--history", "30", "--keep", "400000") as box:
        box.post("population", people=PEOPLE, first_id=FIRST, known=True, acts=0)
        bot = Bot(folder, BOT_API_URL=box.address, BOT_TOKEN=TOKEN, ADMIN_IDS=str(ADMIN))
        try:
            bot.start()
            box.post(f"chat/{ADMIN}/say", text="/pengumuman")
            _taps(box, bot, "broadcasts:to:everyone")
            until(lambda: "Kirim isi pengumuman" in _last(box), 10, lambda: bot.output)
            box.post(f"chat/{ADMIN}/say", text=TEXT)
            # whatever the hour is, it goes out now
            _taps(box, bot, "broadcasts:urgent:1")
            until(lambda: not _button(box, "broadcasts:send:1"), 10, lambda: bot.output)
            box.post(f"chat/{ADMIN}/say", text="uji coba malam ini")
            until(lambda: bool(_button(box, "broadcasts:send:1")), 10, lambda: bot.output)
            assert any(one["text"] == ARRIVES for one in box.said_to(ADMIN)), "its author sees it first"
            assert not arrived(box)
            rules = [box.post("faults", method="sendMessage", begins=ARRIVES, **rule)["id"] for rule in FAULTS]
            _taps(box, bot, "broadcasts:send:1")

            until(lambda: _happened(box, rules)[0]["seen"] >= PEOPLE * 0.4 * 0.03, 40, lambda: bot.output)
            assert bot.end(signal.SIGKILL) == -signal.SIGKILL
            held = count(folder, "SELECT count(*) FROM outbox WHERE status = 'claimed' AND broadcast_id = 1")
            assert held, "the kill hit nothing: the test would prove nothing"
            bot.start()
            until(
                lambda: bool(count(folder, "SELECT count(*) FROM broadcast WHERE status = 'done'")),
                60,
                lambda: f"{_states(folder)}\n{bot.output}",
            )
            until(lambda: len(_reports(box)) == 1, 10, lambda: bot.output)
            first, happened = arrived(box), _happened(box, rules)
            seconds = time.monotonic() - began
            states = _states(folder)
            _audit(folder, box, first, states)
            print(f"{seconds:.1f} s; {states}; {held} in hand at the kill; {happened}")  # noqa: T201 - seen with -s
            blocked, flood, lost = (rule["hit"] for rule in happened)
            assert blocked >= len(BLOCKED) * 0.9
            assert flood >= PEOPLE * 0.04
            assert lost >= PEOPLE * 0.008

            # the unknown are sent it again, and then everybody has it who can be reached
            box.delete("faults/" + str(rules[1]))
            box.delete("faults/" + str(rules[2]))
            _taps(box, bot, "broadcasts:again:1")
            until(
                lambda: (
                    count(folder, "SELECT resent FROM broadcast") == 1
                    and bool(count(folder, "SELECT count(*) FROM broadcast WHERE status = 'done'"))
                ),
                15,
                lambda: bot.output,
            )
            until(lambda: len(_reports(box)) > 1, 10, lambda: bot.output)
            reached = arrived(box)
            _audit_resent(folder, first, reached, _reports(box)[-1])
            assert {FIRST + at for at in range(PEOPLE)} - set(reached) == set(BLOCKED), "nobody is missing"
            assert bot.end(signal.SIGTERM) == 0, bot.output
        finally:
            bot.close()
    assert "turn failed" not in bot.output
    assert "Traceback" not in bot.output


def _buttons(box: SandboxProcess) -> list[str]:
    """What the newest message to the admin with buttons offers."""
    for message in reversed(box.said_to(ADMIN)):
        if message["buttons"]:
            return [button.get("data", "") for row in message["buttons"] for button in row]
    return []


def _button(box: SandboxProcess, action: str) -> str:
    """What the button of this action carries, with the version that may stand behind it; empty if there is none."""
    return next((data for data in _buttons(box) if f"{data}:".startswith(f"{action}:")), "")


def _last(box: SandboxProcess) -> str:
    said = box.said_to(ADMIN)
    return str(said[-1]["text"]) if said else ""


def _taps(box: SandboxProcess, bot: Bot, action: str) -> None:
    """As soon as the button is there."""
    until(lambda: bool(_button(box, action)), 20, lambda: f"no {action}: {_last(box)}\n{bot.output}")
    box.tap(ADMIN, _button(box, action))


def _happened(box: SandboxProcess, rules: Sequence[int]) -> list[dict[str, Any]]:
    """What the faults of these numbers have seen and hit."""
    known = {rule["id"]: rule for rule in box.get("faults")["faults"]}
    return [{"seen": known[number]["seen"], "hit": known[number]["hit"]} for number in rules]


def _states(folder: Path) -> dict[str, int]:
    with ledger(folder) as db:
        return dict(db.execute("SELECT status, count(*) FROM outbox WHERE broadcast_id = 1 GROUP BY status"))


def _audit(folder: Path, box: SandboxProcess, reached: Counter[int], states: dict[str, int]) -> None:
    assert sum(states.values()) == PEOPLE
    assert set(states) <= {"sent", "blocked", "unknown"}, states
    assert max(reached.values()) == 1, "nobody hears it twice"
    with ledger(folder) as db:
        rows = db.execute("SELECT chat_id, status FROM outbox WHERE broadcast_id = 1").fetchall()
        (bodies,) = db.execute("SELECT count(DISTINCT body_id) FROM outbox WHERE broadcast_id = 1").fetchone()
    assert bodies == 1
    assert len({chat for chat, _ in rows}) == PEOPLE
    for chat, status in rows:
        match status:
            case "sent":
                assert reached[chat] == 1, f"{chat} is said to have it"
            case "blocked":
                assert chat in BLOCKED
                assert not reached[chat]
    assert states["blocked"] <= len(BLOCKED)
    # what its author reads is what happened
    (report,) = _reports(box)
    for line in (
        "10.000 orang",
        f"Terkirim: {_id(states['sent'])}",
        f"Memblokir bot: {_id(states['blocked'])}",
        f"Belum pasti sampai: {_id(states['unknown'])}",
    ):
        assert line in report, report
    (told,) = {one["message_id"] for one in _edits(box) if one["text"] == report}
    moments = [one["at"] for one in _edits(box) if one["message_id"] == told]
    assert all(later - earlier > 2.5 for earlier, later in itertools.pairwise(moments)), moments


def _audit_resent(folder: Path, before: Counter[int], reached: Counter[int], report: str) -> None:
    """After [Kirim ulang] only those have two who were counted unknown, and what its author reads adds up again."""
    with ledger(folder) as db:
        rows = db.execute("SELECT chat_id, status FROM outbox WHERE broadcast_id = 1 ORDER BY id").fetchall()
    unknown = Counter(chat for chat, status in rows if status == "unknown")
    assert {chat for chat, times in reached.items() if times > 1} <= set(unknown)
    assert all(times <= 1 + unknown[chat] for chat, times in reached.items())
    assert set(before) <= set(reached)
    newest = Counter(dict(rows).values())  # of a person's rows the last counts
    assert sum(newest.values()) == PEOPLE
    figures = [int(number.replace(".", "")) for number in re.findall(r": ([\d.]+)$", report, re.MULTILINE)]
    assert sum(figures) == PEOPLE, report


def _edits(box: SandboxProcess) -> list[dict[str, Any]]:
    """What was said to the admin, and in place of what."""
    return [one for one in box.every("called", person=ADMIN) if one["ok"] and "message_id" in one and one.get("text")]


def _reports(box: SandboxProcess) -> list[str]:
    """What its author was told when it was over, and over again."""
    return list(dict.fromkeys(one["text"] for one in _edits(box) if one["text"].startswith("✅ Pengumuman 1 selesai")))


def _id(number: int) -> str:
    return f"{number:,}".replace(",", ".")

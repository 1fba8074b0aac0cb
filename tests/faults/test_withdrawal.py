"""An announcement is taken back, and the process is killed while it deletes the copies."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Final

import pytest

from tests.bot_process import Bot, until
from tests.faults.test_announcement import ADMIN, ARRIVES, FIRST, TEXT, _taps, folder, seeded
from tests.sandbox_process import TOKEN, SandboxProcess
from tests.test_crash import count

__all__ = ["folder"]
pytestmark = pytest.mark.slow

PEOPLE: Final = 100
DELETIONS: Final = "SELECT count(*) FROM outbox JOIN broadcast ON broadcast.id = broadcast_id WHERE withdraws"


def copies(box: SandboxProcess) -> int:
    """In how many chats the announcement stands."""
    chats = (box.get(f"chat/{FIRST + at}")["messages"] for at in range(PEOPLE))
    return sum(any(str(one.get("text", "")).startswith(ARRIVES) for one in chat) for chat in chats)


def test_no_copy_stays_after_a_kill_9_among_the_deletions(folder: Path) -> None:
    seeded(folder, PEOPLE)
    with SandboxProcess("--person", f"{ADMIN}:Dewi", "--history", "30") as box:
        box.post("population", people=PEOPLE, first_id=FIRST, known=True, acts=0)
        # so many messages a second that the deletions take seconds
        bot = Bot(folder, BOT_API_URL=box.address, BOT_TOKEN=TOKEN, ADMIN_IDS=str(ADMIN), SEND_RATE="40")
        try:
            bot.start()
            box.post(f"chat/{ADMIN}/say", text="/pengumuman")
            _taps(box, bot, "broadcasts:to:everyone")
            until(lambda: "Kirim isi" in box.said_to(ADMIN)[-1]["text"], 10, lambda: bot.output)
            box.post(f"chat/{ADMIN}/say", text=TEXT)
            _taps(box, bot, "broadcasts:urgent:1")
            until(lambda: "broadcasts:send" not in str(box.said_to(ADMIN)[-1]), 10, lambda: bot.output)
            box.post(f"chat/{ADMIN}/say", text="uji coba malam ini")
            _taps(box, bot, "broadcasts:send:1")
            sent = "SELECT count(*) FROM outbox WHERE broadcast_id = 1 AND status = 'sent'"
            until(lambda: count(folder, sent) == PEOPLE, 30, lambda: bot.output)
            assert copies(box) == PEOPLE

            _taps(box, bot, "broadcasts:withdraw:1")
            _taps(box, bot, "broadcasts:withdrawn:1")
            until(lambda: count(folder, f"{DELETIONS} AND outbox.status = 'sent'") > 5, 30, lambda: bot.output)
            bot.kill_while(lambda: count(folder, f"{DELETIONS} AND outbox.status = 'claimed'") > 0)
            assert copies(box), "it was over before the kill"
            bot.start()
            ended = "SELECT count(*) FROM broadcast WHERE withdraws AND status = 'done'"
            until(lambda: bool(count(folder, ended)), 40, lambda: bot.output)
            assert copies(box) == 0
            told = f"Dihapus dari chat: {PEOPLE}"
            until(lambda: told in str(box.every("called", person=ADMIN)), 10, lambda: str(box.said_to(ADMIN)))
            assert bot.end(signal.SIGTERM) == 0, bot.output
        finally:
            bot.close()
    assert "turn failed" not in bot.output
    assert "Traceback" not in bot.output

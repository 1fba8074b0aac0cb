"""What would take hours, in seconds: Telegram away for an hour, and clocks that jump."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path
from typing import Final

from bot.people.quiet_hours import Kind
from bot.telegram.http import AnswerLost, NotReached
from tests.chat import Chat, enrolled
from tests.test_reminders import moment, reminders_in_ledger, reminders_to
from tests.test_sender import House

HOUR_IN: Final = 2.5
"""Real seconds that an hour takes here."""
QUICK: Final = 3600 / HOUR_IN


def test_telegram_is_away_for_an_hour(database_url: str, tmp_path: Path) -> None:
    """Some calls find no way, some leave and are never answered; then all is said, in order, and nothing is lost."""
    house = House(database_url, tmp_path)
    house.new_sender(
        monotonic=lambda: time.monotonic() * QUICK, sleep=lambda seconds: asyncio.sleep(seconds / QUICK), rate=10_000
    )
    back_at = time.monotonic() + HOUR_IN * 1.1

    def away(method: str, params: dict[str, object]) -> Exception | None:
        if time.monotonic() > back_at:
            return None
        return AnswerLost("HTTP 502") if len(house.telegram.calls) % 3 == 0 else NotReached("no route")

    house.telegram.behaviour = away
    replies = [house.post(chat, f"reply {n}") for n in range(3) for chat in range(20)]
    reminders = [house.post(chat, "reminder", Kind.REMINDER) for chat in range(20)]
    announcements = [house.post(chat, "news", Kind.ANNOUNCEMENT) for chat in range(20)]

    async def work() -> None:
        running = asyncio.create_task(house.sender.run())
        while time.monotonic() < back_at:  # noqa: ASYNC110 - the hour has to pass
            await asyncio.sleep(0.05)
        await house.sender.drain()
        await house.sender.stop()
        await running

    try:
        asyncio.run(work())
        assert {house.state(row)[0] for row in (*replies, *reminders)} == {"sent"}
        assert {house.state(row)[0] for row in announcements} <= {"sent", "unknown"}
        for chat in range(20):
            ids = [house.row(row).telegram_message_id or 0 for row in replies if house.row(row).chat_id == chat]
            assert ids == sorted(ids), "in order"
    finally:
        house.database.close()


def test_the_clock_jumps_forward_over_a_reminder(chat: Chat) -> None:
    """The machine slept: what would come too late to help is not said, and what still helps is."""
    session = chat.add_class(site="labuan-bajo", starts=moment("labuan-bajo", 26, 10))
    siti = enrolled(chat, session=session, site="labuan-bajo").looks_up()
    chat.app.clock.move_to(moment("labuan-bajo", 26, 8, 30))  # past both of its moments, nobody rang on the way
    chat.look()
    assert len(reminders_to(siti)) == 1, "one still helps; two at once would not help more"
    chat.app.clock.move_to(moment("labuan-bajo", 26, 9, 45))
    chat.look()
    assert len(reminders_to(siti)) == 1


def test_the_clock_jumps_past_the_class(chat: Chat) -> None:
    session = chat.add_class(site="labuan-bajo", starts=moment("labuan-bajo", 26, 10))
    siti = enrolled(chat, session=session, site="labuan-bajo").looks_up()
    chat.app.clock.move_to(moment("labuan-bajo", 26, 9, 50))
    chat.look()
    assert not reminders_to(siti), "ten minutes before is too late to help"


def test_the_clock_jumps_back_and_says_nothing_again(chat: Chat) -> None:
    """Somebody had set the machine's clock wrong, and it was put right."""
    session = chat.add_class(site="labuan-bajo", starts=moment("labuan-bajo", 26, 10))
    siti = enrolled(chat, session=session, site="labuan-bajo").looks_up()
    chat.travel(to=moment("labuan-bajo", 25, 10, 1))
    assert len(reminders_to(siti)) == 1
    for _ in range(3):
        chat.app.clock.offset -= timedelta(hours=3)
        chat.look()
        siti.types("/jadwal").sees("Foto Produk")
        chat.travel(to=moment("labuan-bajo", 25, 10, 5))
    assert len(reminders_to(siti)) == 1
    chat.travel(to=moment("labuan-bajo", 26, 8, 1))
    assert len(reminders_to(siti)) == 2
    assert reminders_in_ledger(chat) == 2

"""Remembers messages that were sent a moment ago: their Telegram ids, and what they show. Edits need both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bot.database import Database
from bot.delivery import outbox
from bot.delivery.outbox import Status
from bot.delivery.queue import Delivery
from bot.delivery.recent import Recent
from bot.delivery.requests import Screen
from bot.delivery.runtime import Runtime

EDIT_PATIENCE: Final = 5.0
"""How long an edit waits until the message it edits is sent, in seconds of real time."""


class SentMessages:
    """Remembers the messages that were sent lately, and finds the others in the ledger."""

    def __init__(self, database: Database, runtime: Runtime) -> None:
        self._database = database
        self._runtime = runtime
        self._ids: Recent[int, int] = Recent()
        """Row -> Telegram's id."""
        self._screens: Recent[tuple[int, int], Screen] = Recent()
        """What messages with buttons show now, by chat and message: an edit that changes nothing need not be made."""

    def sent(self, row: int, message_id: int) -> None:
        self._ids[row] = message_id

    def shows(self, chat_id: int, message_id: int, screen: Screen) -> None:
        """Notes what the message shows now."""
        self._screens[chat_id, message_id] = screen

    def would_change(self, chat_id: int, message_id: int, screen: Screen) -> bool:
        """Returns whether showing this screen in the message changes the message, as far as is known. If so, what the
        message shows is unknown until `shows` is called, because the edit may arrive or not."""
        if self._screens.pop((chat_id, message_id)) != screen:
            return True
        self._screens[chat_id, message_id] = screen
        return False

    async def find_edited(self, delivery: Delivery, in_hand: Callable[[int], bool]) -> None:
        """Finds the message that `delivery` edits, or that there is none and never will be, and notes that in
        `delivery`. Waits up to EDIT_PATIENCE for a message that is about to be sent; not for a row that is `in_hand`,
        because this sender sends that one first."""
        row = delivery.claimed.edits
        assert row is not None
        give_up_at = self._runtime.monotonic() + EDIT_PATIENCE
        wait = 0.02
        while True:
            if row in self._ids:
                delivery.edit_id = self._ids[row]
                break
            if in_hand(row):
                return
            found = await self._database.in_transaction(outbox.telegram_message_of, row)
            if found is not None and found[1] is not None and found[0] == Status.SENT:
                delivery.edit_id = found[1]
                break
            under_way = found is not None and found[0] in (Status.WAITING, Status.CLAIMED)
            if not under_way or self._runtime.monotonic() > give_up_at:
                delivery.as_new = True
                break
            await self._runtime.sleep(wait)
            wait = min(wait * 2, 1.0)
        delivery.edited_found = True

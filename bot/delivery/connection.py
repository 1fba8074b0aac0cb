"""Whether anything can be sent to Telegram at the moment.

    up -> paused (a 429 that means all chats: for as long as Telegram says) -> up
    up -> down (no connection, or answers lost in a row) -> probed with getMe until one is answered -> up
    up -> refused (401: the token is wrong) for good

A 429 does not say whether it means one chat or all. The first 429 is taken to mean its own chat, and only that chat is
held. If another chat gets a 429 before Telegram has accepted any message, all chats are meant.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

import structlog

from bot.delivery.runtime import Runtime, back_off
from bot.telegram.http import AnswerLost, NotReached, Refused

log = structlog.get_logger("sender")

PAUSE_MARGIN: Final = 1.05
"""A pause that Telegram asks for is kept this many times as long."""
LONG_PAUSE: Final = 5.0
"""In a longer pause than this, of all or of one chat, messages other than replies go back to the ledger."""
LONGEST_REST: Final = 16.0
"""While Telegram cannot be reached, the seconds between two tries at most."""
LOST_IN_A_ROW: Final = 3
"""After so many lost answers in a row Telegram is taken to be unreachable."""
LONG_OUTAGE_PROBES: Final = 5
"""After so many failed probes, messages other than replies go back to the ledger."""


class Api(Protocol):
    """The part of Telegram that the sender uses, as `TelegramHttp` implements it. Raises Refused, NotReached or
    AnswerLost."""

    async def call(
        self,
        method: str,
        params: Mapping[str, Any],
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        timeout: float = ...,  # noqa: ASYNC109 - the client tells how far the request came
    ) -> Any: ...


class Connection:
    """Decides by the results of calls whether anything may be sent to Telegram now.

    `on_long_wait` is called when the wait is long: messages that can wait should go back into the ledger. `hold_chat`
    is told which chat gets no calls for how many seconds. `fatal` says in one line, for the person at the terminal, why
    nothing can be sent any more.
    """

    def __init__(
        self,
        api: Api,
        runtime: Runtime,
        on_long_wait: Callable[[], None],
        hold_chat: Callable[[int, float], None],
    ) -> None:
        self.fatal: str | None = None
        self.fatal_event = asyncio.Event()
        self._api = api
        self._runtime = runtime
        self._on_long_wait = on_long_wait
        self._hold_chat = hold_chat
        self._refused_chat: int | None = None
        """The chat of the last 429, if Telegram has accepted no message since; None: there is none."""
        self._paused_until = 0.0
        self._down = False
        self._lost_in_a_row = 0
        self._failed_probes = 0

    @property
    def pause_left(self) -> float:
        """Returns how many seconds more Telegram told us to wait."""
        return max(0.0, self._paused_until - self._runtime.monotonic())

    @property
    def rest_left(self) -> float:
        """Seconds until messages may be sent; infinite while Telegram cannot be reached: then the probe wakes the
        loop."""
        return math.inf if self._down else self.pause_left

    @property
    def resting(self) -> bool:
        return self.rest_left > 0

    def pause(self, retry_after: float | None, chat_id: int | None = None) -> float:
        """Notes a 429 for a call to `chat_id`: Telegram asks to wait `retry_after` seconds. Returns for how many
        seconds this chat alone is held; 0 if all chats are."""
        seconds = max(1.0 if retry_after is None else retry_after, 0.05)
        if chat_id is not None and not self.pause_left and self._refused_chat in (None, chat_id):
            self._refused_chat = chat_id
            self._hold_chat(chat_id, seconds * PAUSE_MARGIN)
            log.warning("Telegram asks for a pause in one chat", seconds=seconds)
            return seconds * PAUSE_MARGIN
        self._paused_until = max(self._paused_until, self._runtime.monotonic() + seconds * PAUSE_MARGIN)
        log.warning("Telegram asks for a pause", seconds=seconds)
        if seconds > LONG_PAUSE:
            self._on_long_wait()
        return 0.0

    def accepted(self) -> None:
        """Notes that Telegram accepted a message: so the 429 before meant one chat alone."""
        self._refused_chat = None

    def answered(self) -> None:
        """Notes that Telegram answered a call, with success or a refusal."""
        self._lost_in_a_row = 0
        self._failed_probes = 0

    def answer_lost(self) -> None:
        """Notes that a call was made and no answer came."""
        self._lost_in_a_row += 1
        if self._lost_in_a_row >= LOST_IN_A_ROW:
            self.not_reached()

    def not_reached(self) -> None:
        """Notes that a call could not leave. Nothing is sent until a harmless call has been answered."""
        if self._down or self._runtime.stopping:
            return
        self._down = True
        log.warning("Telegram cannot be reached")
        self._runtime.start(self._probe(), self._probed)

    def refuse_token(self, code: int) -> None:
        """Notes that Telegram does not accept the token: nothing can be sent any more."""
        if self.fatal is None:
            self.fatal = f"BOT_TOKEN: Telegram does not accept this token ({code})"
            self.fatal_event.set()
        self._runtime.notify()

    async def _probe(self) -> None:
        while not self._runtime.stopping:
            await self._runtime.sleep(back_off(self._failed_probes, LONGEST_REST))
            self._failed_probes += 1  # until a message gets through: answering this is not enough
            try:
                await self._api.call("getMe", {})
            except Refused as refusal:
                if refusal.code == 429:
                    self.pause(refusal.retry_after)
                elif refusal.code == 401:
                    self.refuse_token(401)
                return
            except Exception as error:
                if not isinstance(error, NotReached | AnswerLost):
                    self._runtime.log_once(error, "a call failed in an unexpected way")
                if self._failed_probes == LONG_OUTAGE_PROBES:
                    self._on_long_wait()
                continue
            return

    def _probed(self) -> None:
        self._lost_in_a_row = 0
        self._down = False
        self._runtime.notify()

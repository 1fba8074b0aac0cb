"""Answers taps (callback queries), beside everything else: not in the ledger, and dropped when late or refused."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from bot.delivery.connection import Api, Connection
from bot.delivery.runtime import Runtime
from bot.telegram.http import AnswerLost, NotReached, Refused

ANSWER_SECONDS: Final = 10.0
"""How long anybody waits for the answer to a tap."""
ANSWERS_AT_ONCE: Final = 16
ANSWERS_LIMIT: Final = 5_000
"""How many answers may wait or be under way."""
LONGEST_ANSWER: Final = 200
"""Telegram's limit, in characters."""


class TapAnswers:
    """Answers taps at once, ANSWERS_AT_ONCE in parallel. `failed` counts answers that were dropped."""

    def __init__(self, api: Api, connection: Connection, runtime: Runtime) -> None:
        self.failed = 0
        self._api = api
        self._connection = connection
        self._runtime = runtime
        self._answering: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(ANSWERS_AT_ONCE)

    def begin(self) -> None:
        """Gets ready for a run, perhaps in another event loop than the last."""
        self._slots = asyncio.Semaphore(ANSWERS_AT_ONCE)

    def answer(self, query_id: str, text: str | None = None, alert: bool = False) -> None:
        if len(self._answering) >= ANSWERS_LIMIT or self._runtime.stopping:
            self.failed += 1
            return
        task = self._runtime.start(self._answer(query_id, text, alert, self._runtime.monotonic()))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def end(self, seconds: float) -> None:
        """Waits at most so long for the answers that wait or are under way. Their turns are over, and no other process
        would give them."""
        if self._answering:
            await asyncio.wait(list(self._answering), timeout=seconds)

    async def _answer(self, query_id: str, text: str | None, alert: bool, since: float) -> None:
        params: dict[str, Any] = {"callback_query_id": query_id}
        if text:
            params["text"] = text[:LONGEST_ANSWER]
        if alert:
            params["show_alert"] = True
        try:
            async with self._slots:
                while (pause := self._connection.pause_left) > 0:
                    if self._too_late(since, after=pause):
                        break
                    await self._runtime.sleep(pause)
                if self._too_late(since, after=pause):
                    self.failed += 1
                    return
                await self._api.call("answerCallbackQuery", params)
        except Refused as refusal:
            self.failed += 1
            if refusal.code == 429:
                self._connection.pause(refusal.retry_after)
        except Exception as error:
            self.failed += 1
            if not isinstance(error, NotReached | AnswerLost):
                self._runtime.log_once(error, "a tap could not be answered")

    def _too_late(self, since: float, *, after: float) -> bool:
        return self._runtime.monotonic() + after - since > ANSWER_SECONDS

"""getUpdates: offsets, long polls, and the conflicts of two that poll at once."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from starlette.types import Receive

from .arguments import Arguments
from .refusals import POLLING_TWICE, WEBHOOK_ACTIVE, WEBHOOK_SET, Refused
from .world import World

HURRY_SECONDS = 3.0  # the same offset again within this is held as long; conflicts are told this far apart


@dataclass(frozen=True)
class Updates:
    """Updates as they were written into the queue, so that they are not encoded twice."""

    texts: list[str]

    @property
    def numbers(self) -> list[int]:
        start = len('{"update_id":')
        return [int(text[start : text.index(",", start)]) for text in self.texts]


class Polling:
    """Answers getUpdates. At most one poll waits at a time."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.closing = False
        self._poll: asyncio.Future[str] | None = None
        self._previous: tuple[int, float] | None = None
        self._next_conflict = 0.0

    def close(self) -> None:
        """Ends the waiting poll; later ones get the error of a restart."""
        self.closing = True
        self._settle("closing")

    def wake(self) -> None:
        """Ends the waiting poll, because an update has come."""
        self._settle("arrived")

    def webhook_set(self) -> None:
        self._settle("webhook")

    def _settle(self, why: str) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(why)

    async def get_updates(self, a: Arguments, receive: Receive) -> Updates:
        """Returns the next updates, after waiting for them if none is there. Raises Refused in Telegram's words, and
        ConnectionAbortedError if the poller closed the connection meanwhile."""
        if self.closing:
            raise Refused("restart", 500)
        if self.world.settings.get("webhook"):
            raise Refused(WEBHOOK_ACTIVE, 409)
        offset = a.integer("offset", 0, -(2**31), 2**31 - 1)
        limit = a.integer("limit", 100, 1, 100)
        timeout: float = a.integer("timeout", 0, 0, 50)
        self.world.updates.allow(a.names("allowed_updates"))
        now = time.monotonic()
        if self._previous and self._previous[0] == offset:
            # A bot that asks for the same again and again in a hurry is slowed down.
            since = now - self._previous[1]
            if since < HURRY_SECONDS and timeout < HURRY_SECONDS:
                timeout = HURRY_SECONDS
            if since < 0.5:
                limit = 1
        self._previous = (offset, now)
        if offset:
            self.world.updates.confirm(offset)
        texts = self.world.updates.pending(limit)
        deadline = now + timeout
        while not texts and (left := deadline - time.monotonic()) > 0:
            why = await self._wait(left, receive)
            if why == "conflict":
                await self._conflict()
            if why == "gone":
                raise ConnectionAbortedError
            # both may have happened a moment after the event that ended the wait
            if self.closing:
                raise Refused("restart", 500)
            if why == "webhook" or self.world.settings.get("webhook"):
                raise Refused(WEBHOOK_SET, 409)
            texts = self.world.updates.pending(limit)
        return Updates(texts)

    async def _wait(self, seconds: float, receive: Receive) -> str:
        """Waits for an update, and returns why the wait ended: "arrived", "timeout", "gone" (the poller closed the
        connection), "conflict" (a newer poll came), "webhook" or "closing". A newer poll ends the older one."""
        self._settle("conflict")
        self.world.commit()
        poll = self._poll = asyncio.get_running_loop().create_future()
        hung_up = asyncio.ensure_future(until_gone(receive))
        try:
            await asyncio.wait({poll, hung_up}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if poll.done():
                return str(poll.result())
            return "gone" if hung_up.done() else "timeout"
        finally:
            hung_up.cancel()
            if self._poll is poll:
                self._poll = None

    async def _conflict(self) -> None:
        now = time.monotonic()
        if now < self._next_conflict:
            await asyncio.sleep(HURRY_SECONDS)
        else:
            self._next_conflict = now + HURRY_SECONDS
        raise Refused(POLLING_TWICE, 409)


async def until_gone(receive: Receive) -> None:
    """Returns when the client has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass

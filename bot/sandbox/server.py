"""The sandbox as one object: Telegram's two doors (the Bot API and the page) over one world."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from .bot_api import BotApi, Call
from .page_api import PageApi, TimeControl
from .store import Store
from .telegram import World

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SamplePerson:
    """Somebody who has a phone in the sandbox from the start. `role`: participant, trainer or admin."""

    id: int
    first_name: str
    role: str


class Sandbox:
    """One bot's Telegram.

    `folder`: where the world is kept (None: in memory only; `fresh` empties it first). `people` are added if they are
    not there yet. `time`: the bot's movable present; None is real time; it may be assigned later. `record` keeps every
    Bot API call in `calls`. `bot_name` is what people read above the chat.

    `asgi` serves /bot<token>/<method>, /file/bot<token>/<path>, the page at / and its API under /sandbox/. Started with
    a server that runs ASGI lifespan, it starts and stops itself; otherwise call `start` and `stop`. Before a server is
    told to exit, `await stop()` ends the polls and event streams it would otherwise wait for.
    """

    def __init__(
        self,
        folder: Path | None,
        *,
        token: str,
        bot_username: str,
        people: Sequence[SamplePerson],
        time: TimeControl | None = None,
        fresh: bool = False,
        record: bool = False,
        bot_name: str | None = None,
    ) -> None:
        self.time = time
        self._store = Store(folder, fresh=fresh)
        number = token.partition(":")[0]
        # A token without a number still has one bot behind it, always the same.
        bot_id = int(number) if number.isdigit() and len(number) < 16 else _stable_number(token)
        self.world = World(self._store, bot=_bot_user(bot_id, bot_username, bot_name), now=self._now)
        for person in people:
            if person.id not in self.world.people:
                self.world.add_person(person.first_name, role=person.role, person_id=person.id)
        self.world.commit()
        self._page = PageApi(self.world, lambda: self.time)
        self._bot_api = BotApi(self.world, token=token, record=record)
        self._ticking: asyncio.Task[None] | None = None
        door = self._bot_api
        routes: list[BaseRoute] = [
            Route("/bot{rest:path}", door),
            Route("/file/bot{rest:path}", door),
            *self._page.routes,
        ]
        self.asgi = Starlette(routes=routes, lifespan=self._lifespan)

    @property
    def calls(self) -> list[Call]:
        """Every Bot API call so far, oldest first (only with record=True). May be cleared."""
        return self._bot_api.calls

    def fail(self, method: str, words: str, code: int = 400, *, retry_after: int | None = None, times: int = 1) -> None:
        """Make Telegram refuse the next `times` calls of `method` ("*": any but getUpdates), e.g.
        `fail("sendMessage", "retry after 2", 429, retry_after=2)`. `retry_after` in seconds."""
        self._bot_api.fail(method, words, code, retry_after, times)

    async def start(self) -> None:
        """Start the once-a-second work. Calling it twice does no harm."""
        if self._ticking is None:
            self._ticking = asyncio.create_task(self._tick())

    async def stop(self) -> None:
        """End open polls and event streams and commit. The world stays readable; a later request sees a restart."""
        self._bot_api.close()
        self._page.close()
        if self._ticking is not None:
            self._ticking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticking
            self._ticking = None
        self.world.commit()

    def close(self) -> None:
        """Let go of the file. Nothing may be asked of the sandbox afterwards."""
        self._store.close()

    def _now(self) -> datetime:
        return self.time.now() if self.time is not None else datetime.now(UTC)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(1)
            try:
                await self._page.tick()
            except Exception:
                log.exception("sandbox: the once-a-second work failed")

    @contextlib.asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        await self.start()
        yield
        await self.stop()


def _stable_number(token: str) -> int:
    return 1_000_000_000 + int.from_bytes(hashlib.sha256(token.encode()).digest()[:4], "big")


def _bot_user(bot_id: int, username: str, name: str | None) -> dict[str, object]:
    return {
        "id": bot_id,
        "is_bot": True,
        "first_name": name or username,
        "username": username,
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
    }

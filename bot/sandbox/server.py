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
from typing import Any

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from .bot_api import BotApi
from .control_api import ControlApi
from .door import Call, Door
from .faults import Fault, Faults
from .page_api import PageApi, TimeControl
from .polling import Polling
from .population import Population, Script
from .rates import Gate, Rates
from .report import Report
from .store import Store
from .telegram import World
from .transcript import Transcript
from .webhook import Webhook

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
    Bot API call in `calls`. `bot_name` is what people read above the chat. `rates`: what may be sent how often, with
    `rates.on` enforced. `transcript_file` gets every entry of `transcript`, of which `keep` stay in memory. `history`:
    how many messages of each chat are remembered (None: all).

    `faults`, `gate` (the rates), `webhook`, `population`, `transcript` and `report` are, as objects, what
    docs/sandbox.md tells of.

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
        rates: Rates | None = None,
        transcript_file: Path | None = None,
        keep: int = 20_000,
        history: int | None = None,
    ) -> None:
        self.time = time
        self._store = Store(folder, fresh=fresh)
        number = token.partition(":")[0]
        # A token without a number still has one bot behind it, always the same.
        bot_id = int(number) if number.isdigit() and len(number) < 16 else _stable_number(token)
        bot = _bot_user(bot_id, bot_username, bot_name)
        self.world = World(self._store, bot=bot, now=self._now, history=history)
        for person in people:
            if person.id not in self.world.people:
                self.world.add_person(person.first_name, role=person.role, person_id=person.id)
        self.world.commit()
        self.transcript = Transcript(keep, transcript_file)
        self.faults = Faults()
        self.gate = Gate(rates or Rates())
        self.report = Report(self.gate.rates)
        self.transcript.listeners.append(self.report.listen)
        self.world.on_deed = self._note_deed
        self.webhook = Webhook(self.world, self.transcript)
        self._polling = Polling(self.world)
        self._door = Door(
            self.world,
            BotApi(self.world, self.webhook),
            self._polling,
            token=token,
            faults=self.faults,
            gate=self.gate,
            transcript=self.transcript,
            record=record,
        )
        self.webhook.perform = self._door.perform
        self.webhook.on_set = self._polling.webhook_set
        self.world.on_update = self._arrived
        self._page = PageApi(self.world, lambda: self.time)
        self._ticking: asyncio.Task[None] | None = None
        self._stopped = False
        self.population: Population | None = None
        routes = [*ControlApi(self).routes, *self._page.routes]
        self.asgi = _Doors(self._door, routes=routes, lifespan=self._lifespan)

    @property
    def calls(self) -> list[Call]:
        """Every Bot API call so far, oldest first (only with record=True). May be cleared."""
        return self._door.calls

    def fail(self, method: str, words: str, code: int = 400, *, retry_after: int | None = None, times: int = 1) -> None:
        """Make Telegram refuse the next `times` calls of `method` ("*": any but getUpdates), e.g.
        `fail("sendMessage", "retry after 2", 429, retry_after=2)`. `retry_after` in seconds."""
        rule = Fault("refuse", (method.lower(),), code=code, words=words, retry_after=retry_after, times=times)
        if method == "*":
            rule.but = ("getupdates",)
        self.faults.add(rule)

    async def populate(self, script: Script | None) -> None:
        """Let people act by this script, in the place of those who do so now. None: let nobody act any more; what the
        last ones did stays in `population`."""
        if self.population is not None:
            await self.population.end()
        if script is not None and not self._stopped:
            self.population = Population(self.world, script)
            self.population.begin()

    def _note_deed(self, what: str, person: int, details: dict[str, Any]) -> None:
        self.transcript.add(what, person=person, **details)

    def _arrived(self, number: int, lane: str) -> None:
        self._polling.wake()
        self.webhook.arrived(number, lane)

    async def start(self) -> None:
        """Start the once-a-second work. Calling it twice does no harm; after a `stop()`, which may come before the
        server has started us, nothing is started any more."""
        if self._ticking is None and not self._stopped:
            self.webhook.start()
            self._ticking = asyncio.create_task(self._tick())

    async def stop(self) -> None:
        """End open polls and event streams and commit, for good. The world stays readable; a later request sees a
        restart."""
        self._stopped = True
        self._polling.close()
        self._page.close()
        await self.populate(None)
        await self.webhook.stop()
        if self._ticking is not None:
            self._ticking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticking
            self._ticking = None
        self.world.commit()
        self.transcript.flush()

    def close(self) -> None:
        """Let go of the file. Nothing may be asked of the sandbox afterwards."""
        self.transcript.close()
        self._store.close()

    def _now(self) -> datetime:
        return self.time.now() if self.time is not None else datetime.now(UTC)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(1)
            try:
                await self._page.tick()
                self.transcript.flush()
            except Exception:
                log.exception("sandbox: the once-a-second work failed")

    @contextlib.asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        await self.start()
        yield
        await self.stop()


class _Doors(Starlette):
    """The bot's calls go straight to their door: quicker, and only there can a connection be closed unanswered."""

    def __init__(self, door: Door, **options: Any) -> None:
        super().__init__(**options)
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(("/bot", "/file/bot")):
            await self._door(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


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

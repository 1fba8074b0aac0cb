"""The sandbox as one object: the Bot API's server and the page's, over one world."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from .bot_api import BotApi
from .bot_api_server import BotApiServer, Call
from .control_api import ControlApi
from .faults import Fault, Faults
from .own_origin import in_no_other_page, refusal
from .page_api import PageApi, TimeControl, Tries, Zones
from .polling import Polling
from .population import Population
from .population_script import Script
from .rates import Gate, Rates
from .report import Report
from .store import Store
from .transcript import Transcript
from .webhook import Webhook
from .world import World

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SamplePerson:
    """A person who has a phone in the sandbox from the start. `role`: participant, mentor, trainer or admin."""

    id: int
    first_name: str
    role: str


class Sandbox:
    """One bot's Telegram.

    `folder`: where the world is kept (None: in memory only; `fresh` empties it first). `people` are added if they are
    not there yet. `time`: the bot's movable present; None is real time; it may be assigned later. `record` keeps every
    Bot API call in `calls`. `bot_name` is what people read above the chat. `rates`: what may be sent how often, with
    `rates.on` enforced. `transcript_file` gets every entry of `transcript`, of which `keep` stay in memory. `history`:
    how many messages of each chat are remembered (None: all). `zones` tells in which zone people live;
    `tries` tells what the page offers to try; `restart` begins anew together with the bot beside the sandbox, by
    `begin_anew`. All three may be assigned later.

    `faults`, `gate` (the rates), `webhook`, `population`, `transcript` and `report` are, as objects, what
    docs/sandbox.md tells of.

    `asgi` serves /bot<token>/<method>, /file/bot<token>/<path>, the page at / and its API under /sandbox/, to those who
    ask for 127.0.0.1 or localhost and the port it is served on, and to no other web page. Started with
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
        zones: Zones | None = None,
        restart: Callable[[], Awaitable[None]] | None = None,
        tries: Tries | None = None,
    ) -> None:
        self.time = time
        self.zones = zones
        self.restart = restart
        self.tries = tries
        self._people = tuple(people)
        self._store = Store(folder, fresh=fresh)
        number = token.partition(":")[0]
        # A token without a number still has one bot behind it, always the same.
        bot_id = int(number) if number.isdigit() and len(number) < 16 else _stable_number(token)
        bot = _bot_user(bot_id, bot_username, bot_name)
        self.world = World(self._store, bot=bot, now=self._now, history=history)
        self._add_people()
        self.world.commit()
        self.transcript = Transcript(keep, transcript_file)
        self.faults = Faults()
        self.gate = Gate(rates or Rates())
        self.report = Report(self.gate.rates)
        self.transcript.listeners.append(self.report.listen)
        self.world.on_deed = self._note_deed
        self.webhook = Webhook(self.world, self.transcript)
        self._polling = Polling(self.world)
        self._bot_api = BotApiServer(
            self.world,
            BotApi(self.world, self.webhook),
            self._polling,
            token=token,
            faults=self.faults,
            gate=self.gate,
            transcript=self.transcript,
            record=record,
        )
        self.webhook.perform = self._bot_api.perform
        self.webhook.on_set = self._polling.webhook_set
        self.world.updates.on_added = self._arrived
        self._page = PageApi(self.world, lambda: self.time, lambda: self.zones, lambda: self.tries, self._begin_anew)
        self._ticking: asyncio.Task[None] | None = None
        self._stopped = False
        self.population: Population | None = None
        routes = [*ControlApi(self).routes, *self._page.routes]
        self.asgi = _Application(self._bot_api, routes=routes, lifespan=self._lifespan)

    @property
    def calls(self) -> list[Call]:
        """Every Bot API call so far, the oldest first (only with record=True). The list may be cleared."""
        return self._bot_api.calls

    def fail(self, method: str, words: str, code: int = 400, *, retry_after: int | None = None, times: int = 1) -> None:
        """Makes Telegram refuse the next `times` calls of `method` ("*": any but getUpdates), e.g. `fail("sendMessage",
        "retry after 2", 429, retry_after=2)`. `retry_after` in seconds."""
        rule = Fault("refuse", (method.lower(),), code=code, words=words, retry_after=retry_after, times=times)
        if method == "*":
            rule.but = ("getupdates",)
        self.faults.add(rule)

    async def populate(self, script: Script | None) -> None:
        """Lets people act by this script, instead of those who act now. None: nobody acts any more; what the last ones
        did stays in `population`."""
        if self.population is not None:
            await self.population.end()
        if script is not None and not self._stopped:
            self.population = Population(self.world, script)
            self.population.begin()

    def _add_people(self) -> None:
        for person in self._people:
            if person.id not in self.world.people:
                self.world.add_person(person.first_name, role=person.role, person_id=person.id)

    def begin_anew(self) -> None:
        """Forgets all chats, and everybody but the people of the start. Numbers of messages and updates go on."""
        self.world.begin_anew()
        self._add_people()
        self.faults.remove()
        self.report.begin()
        self.world.commit()

    async def _begin_anew(self) -> None:
        """Begins anew at the wish of the page: with a bot beside the sandbox the bot begins anew, too."""
        await self.populate(None)
        if self.restart is not None:
            await self.restart()
        else:
            self.begin_anew()

    def _note_deed(self, what: str, person: int, details: dict[str, Any]) -> None:
        self.transcript.add(what, person=person, **details)

    def _arrived(self, number: int, lane: str) -> None:
        self._polling.wake()
        self.webhook.arrived(number, lane)

    async def start(self) -> None:
        """Starts the work that is done once a second. Calling it twice does no harm; after a `stop()`, which may come
        before the server has started us, nothing is started any more."""
        if self._ticking is None and not self._stopped:
            self.webhook.start()
            self._ticking = asyncio.create_task(self._tick())

    async def stop(self) -> None:
        """Ends open polls and event streams and commits, for good. The world stays readable; a later request gets the
        error of a restart."""
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
        """Closes the file. Nothing may be asked of the sandbox afterwards."""
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


class _Application(Starlette):
    """The ASGI application. It hands the bot's calls straight to the Bot API's server: that is quicker than Starlette's
    routes, and only there can a connection be closed without an answer. Requests of other web pages are refused."""

    def __init__(self, bot_api: BotApiServer, **options: Any) -> None:
        super().__init__(**options)
        self._bot_api = bot_api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
        elif (refused := refusal(scope)) is not None:
            await refused(scope, receive, in_no_other_page(send))
        elif scope["path"].startswith(("/bot", "/file/bot")):
            await self._bot_api(scope, receive, send)
        else:
            await super().__call__(scope, receive, in_no_other_page(send))


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

"""Delivers updates to the bot's own server, as Telegram does: in lanes, until the bot answers with 2xx.

Within a lane (the messages of a chat, the taps of a user) one request is under way at a time and order is kept; lanes
run side by side, at most `max_connections` of them, so a message and a tap of one person may arrive in either order.
After any answer but a 2xx the update is sent again: at once, then after 2, 4, 8 ... seconds.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import re
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from .arguments import Arguments
from .refusals import Refused
from .transcript import Transcript
from .world import World

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
LONGEST_RETRY_AFTER = 3600.0
_DELIVERED = 5000
_MAX_REPLY = 1 << 20
_NEVER_BY_REPLY = ("get", "setwebhook", "deletewebhook", "close", "logout")
_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Told:
    """A result with the description Telegram gives of it."""

    result: bool
    description: str


@dataclass
class Manner:
    """How updates are delivered; times in seconds, and probabilities. The defaults are Telegram's."""

    paused: bool = False
    """While this is true nothing new is sent, and updates gather."""
    first_wait: float = 2.0
    longest_wait: float = 120.0
    """Waits double from `first_wait` on, up to a random time between half of this and this."""
    timeout: float = 60.0
    """How long the bot may take to answer."""
    twice: float = 0.0
    """The probability that an update that was taken is sent once more, as if the bot's answer had been lost."""
    jitter: float = 0.0
    """Every request first waits a random time of up to this, so that lanes overtake each other."""
    seed: int = 0

    def change(self, given: dict[str, Any]) -> None:
        known = {field.name for field in fields(self)}
        for name, value in given.items():
            if name not in known:
                raise ValueError(f"there is no {name:.40}; there are {', '.join(sorted(known))}")
            if name == "paused":
                good = isinstance(value, bool)
            elif name == "seed":
                good = isinstance(value, int) and not isinstance(value, bool)
            else:
                top = 1.0 if name == "twice" else 3600.0
                good = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= top
            if not good:
                raise ValueError(f"{name} cannot be {value!r:.40}")
        for name, value in given.items():
            setattr(self, name, value)


class _Failed(Exception):
    """The bot did not take an update. `retry_after`: how many seconds it asked to wait."""

    def __init__(self, words: str, status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(words)
        self.status = status
        self.retry_after = retry_after


Perform = Callable[[str, dict[str, Any]], Awaitable[None]]
"""Does what the bot asked for in its answer to an update: a method and its parameters."""


class Webhook:
    """The webhook of the one bot. Its settings are kept in the world; `on_set` is called when one is set."""

    def __init__(self, world: World, transcript: Transcript) -> None:
        self.world = world
        self.manner = Manner()
        self.perform: Perform | None = None
        self.on_set: Callable[[], None] = lambda: None
        self._transcript = transcript
        self._dice = random.Random(self.manner.seed)
        self._lanes: dict[str, deque[int]] = {}
        self._working: dict[str, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(40)
        self._going = asyncio.Event()
        self._going.set()
        self._session: aiohttp.ClientSession | None = None
        self._delivered: OrderedDict[int, str] = OrderedDict()
        self._last_error: tuple[int, str] | None = None
        self.under_way = 0
        """How many requests have not been answered yet."""
        self._running = False

    @property
    def config(self) -> dict[str, Any] | None:
        """The settings url, secret and max_connections; None while there is no webhook."""
        return self.world.settings.get("webhook") or None

    # --- the bot's side -----------------------------------------------------------------------------------------------

    def set(self, a: Arguments) -> Told:
        url = a.text("url").strip()
        if not url:
            return self.delete(drop_pending=a.flag("drop_pending_updates"))
        parts = urlsplit(url)
        try:
            bad = parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0
        except ValueError:
            bad = True
        if bad:
            raise Refused("bad webhook: Invalid URL")
        if parts.hostname not in _LOCAL:
            raise Refused("bad webhook: the sandbox delivers to 127.0.0.1 only")
        secret = a.text("secret_token")
        if len(secret) > 256:
            raise Refused("secret token is too long")
        if not re.fullmatch(r"[A-Za-z0-9_-]*", secret, re.ASCII):
            raise Refused("secret token contains unallowed characters")
        config = {
            "url": url,
            "secret": secret,
            "max_connections": a.integer("max_connections", 40, 1, 100),
        }
        self.world.updates.allow(a.names("allowed_updates"))
        if a.flag("drop_pending_updates"):
            self.world.updates.forget(self.world.updates)
        same = config == self.config
        self.world.save_setting("webhook", config)
        self._last_error = None
        self._begin()
        self.on_set()
        return Told(True, "Webhook is already set" if same else "Webhook was set")

    def delete(self, *, drop_pending: bool) -> Told:
        if drop_pending:
            self.world.updates.forget(self.world.updates)
        if self.config is None:
            return Told(True, "Webhook is already deleted")
        self.world.save_setting("webhook", None)
        self._last_error = None
        self._halt()
        return Told(True, "Webhook was deleted")

    def info(self) -> dict[str, Any]:
        config = self.config
        info: dict[str, Any] = {
            "url": config["url"] if config else "",
            "has_custom_certificate": False,
            "pending_update_count": len(self.world.updates),
        }
        if config:
            info |= {"ip_address": "127.0.0.1", "max_connections": config["max_connections"]}
            if self._last_error is not None:
                info["last_error_date"], info["last_error_message"] = self._last_error
        if kinds := self.world.updates.chosen:
            info["allowed_updates"] = kinds
        return info

    # --- steering -----------------------------------------------------------------------------------------------------

    def change(self, given: dict[str, Any]) -> None:
        """Changes how updates are delivered, from now on. Raises ValueError as `Manner.change`."""
        self.manner.change(given)
        if "seed" in given:
            self._dice = random.Random(self.manner.seed)
        if self.manner.paused:
            self._going.clear()
        else:
            self._going.set()

    def as_json(self) -> dict[str, Any]:
        return {
            "webhook": self.info(),
            "manner": vars(self.manner),
            "under_way": self.under_way,
            "lanes": len(self._working),
            "delivered": [number for number, _ in zip(reversed(self._delivered), range(100), strict=False)],
        }

    async def replay(self, numbers: list[int] | None, last: int = 1) -> list[dict[str, Any]]:
        """Sends updates once more that the bot has taken already, all at the same time. Returns for each what became of
        it. `numbers` are the ids of the updates; None means the `last` ones that were taken. Raises LookupError if
        there is no webhook, or if an update is not remembered any more."""
        if self.config is None:
            raise LookupError("there is no webhook; who polls asks with an older offset")
        if numbers is None:
            numbers = list(self._delivered)[-last:]
        texts = []
        for number in numbers:
            text = self._delivered.get(number)
            if text is None:
                raise LookupError(f"update {number} was not delivered lately")
            texts.append((number, text))
        return await asyncio.gather(*(self._replay_one(number, text) for number, text in texts))

    async def _replay_one(self, number: int, text: str) -> dict[str, Any]:
        status: int | None
        words = None
        try:
            status = await self._post(text)
        except _Failed as failure:
            status, words = failure.status, str(failure)
        self._note(number, 1, status, words, replay=True)
        return {"update_id": number, "status": status}

    # --- life ---------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begins to deliver the updates that wait, if a webhook was set before."""
        if not self._running:
            self._running = True
            if self.config is not None:
                self._begin()

    async def stop(self) -> None:
        self._running = False
        working = list(self._working.values())
        self._halt()
        if working:
            await asyncio.wait(working, timeout=2)
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _begin(self) -> None:
        self._halt()
        config = self.config
        assert config is not None
        self._slots = asyncio.Semaphore(config["max_connections"])
        for number, queued in self.world.updates.items():
            self._lanes.setdefault(queued.lane, deque()).append(number)
        if self._running:
            for lane in self._lanes:
                self._start_lane(lane)

    def _halt(self) -> None:
        for task in self._working.values():
            task.cancel()
        self._working.clear()
        self._lanes.clear()

    def arrived(self, number: int, lane: str) -> None:
        """Notes that an update has come into the queue."""
        if self.config is None:
            return
        self._lanes.setdefault(lane, deque()).append(number)
        if self._running and lane not in self._working:
            self._start_lane(lane)

    def _start_lane(self, lane: str) -> None:
        self._working[lane] = asyncio.create_task(self._work(lane, self._lanes[lane], self._slots))

    async def _work(self, lane: str, queue: deque[int], slots: asyncio.Semaphore) -> None:
        mine = asyncio.current_task()
        try:
            while queue:
                try:
                    await self._bring(queue[0], slots)
                except Exception:
                    log.exception("sandbox: a delivery failed")
                    await asyncio.sleep(1)
                else:
                    queue.popleft()
        finally:
            if self._working.get(lane) is mine:
                del self._working[lane]
                del self._lanes[lane]

    # --- one update ---------------------------------------------------------------------------------------------------

    async def _bring(self, number: int, slots: asyncio.Semaphore) -> None:
        """Sends one update again and again until the bot takes it, or the update is gone from the queue."""
        attempt, wait, again = 0, 0.0, False
        while True:
            if wait:
                await asyncio.sleep(wait)
            if self.manner.jitter:
                await asyncio.sleep(self._dice.uniform(0, self.manner.jitter))
            async with slots:
                await self._going.wait()
                queued = self.world.updates.get(number)
                if queued is None:
                    return
                if queued.expires < time.time():
                    self.world.updates.forget([number])
                    self.world.commit()
                    return
                attempt += 1
                try:
                    status = await self._post(queued.text)
                except _Failed as failure:
                    self._last_error = (int(time.time()), str(failure))
                    self._note(number, attempt, failure.status, str(failure))
                    wait = self._wait_after(attempt, failure.retry_after)
                    continue
            self._note(number, attempt, status, None)
            self._delivered[number] = queued.text
            if len(self._delivered) > _DELIVERED:
                self._delivered.popitem(last=False)
            if not again and self.manner.twice and self._dice.random() < self.manner.twice:
                again, wait = True, 0.0
                continue
            if number in self.world.updates:
                self.world.updates.forget([number])
            self.world.commit()
            return

    def _wait_after(self, attempt: int, asked: float | None) -> float:
        longest = self._dice.uniform(self.manner.longest_wait / 2, self.manner.longest_wait)
        # Never in a tight loop, even if somebody makes the waits 0.
        doubled = max(self.manner.first_wait * 2.0 ** min(attempt - 2, 20), 0.005)
        wait = 0.0 if attempt == 1 else min(doubled, max(longest, 0.005))
        return max(wait, min(asked or 0.0, LONGEST_RETRY_AFTER))

    def _note(self, number: int, attempt: int, status: int | None, error: str | None, *, replay: bool = False) -> None:
        details: dict[str, Any] = {"update_id": number, "attempt": attempt, "ok": error is None}
        if status is not None:
            details["status"] = status
        if error is not None:
            details["error"] = error
        if replay:
            details["replay"] = True
        self._transcript.add("delivered", **details)

    async def _post(self, text: str) -> int:
        """Makes one request. Returns the HTTP status, or raises _Failed. A method that the bot asks for in its answer
        is performed."""
        config = self.config
        if config is None:
            raise _Failed("the webhook was deleted")
        headers = {"Content-Type": "application/json"}
        if config["secret"]:
            headers[SECRET_HEADER] = config["secret"]
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=20, ssl=False),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        limits = aiohttp.ClientTimeout(total=self.manner.timeout)
        self.under_way += 1
        try:
            async with self._session.post(
                config["url"],
                data=text.encode("utf-8", "replace"),
                headers=headers,
                timeout=limits,
                allow_redirects=False,
            ) as response:
                status = response.status
                if not 200 <= status < 300:
                    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else ""
                    asked = response.headers.get("Retry-After", "")
                    seconds = float(asked) if asked.isascii() and asked.isdigit() else None
                    raise _Failed(f"Wrong response from the webhook: {status} {phrase}".strip(), status, seconds)
                body = await response.content.read(_MAX_REPLY) if response.content_type == "application/json" else b""
        except TimeoutError:
            raise _Failed("Read timeout expired") from None
        except aiohttp.ClientConnectorError:
            raise _Failed("Connection refused") from None
        except aiohttp.ClientError:
            raise _Failed("Connection reset by peer") from None
        finally:
            self.under_way -= 1
        await self._obey(body)
        return status

    async def _obey(self, body: bytes) -> None:
        try:
            asked = json.loads(body) if body else None
        except ValueError:
            return
        if not isinstance(asked, dict) or not isinstance(asked.get("method"), str) or self.perform is None:
            return
        method = asked.pop("method")
        if not method.lower().startswith(_NEVER_BY_REPLY):
            await self.perform(method, asked)

"""Receives updates by webhook: Telegram brings each update, and is answered 200 only once the update is a committed
row.

Requests that come at the same time share one commit. An update that was not stored is answered 503; Telegram brings it
again, later and in its own order. An update that comes twice is stored once.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.database_trouble import is_away

log = structlog.get_logger("door")

SECRET_HEADER: Final = "x-telegram-bot-api-secret-token"  # noqa: S105 - its name, not its value
BODY_LIMIT: Final = 1024 * 1024
"""Bytes. Telegram's largest updates are a tenth of it."""
BODY_SECONDS: Final = 10.0
"""How long a body may take to arrive."""
STORE_SECONDS: Final = 20.0
"""How long storing may take: Telegram itself gives up after a minute, and would bring the same update again."""
BATCH: Final = 100
WAITING_LIMIT: Final = 2_000
"""How many updates may wait to be stored at once; further ones are sent back."""
LARGEST_ID: Final = 2**63 - 1


class WebhookReceiver:
    """Receives updates at one address. `accept` stores updates and raises if it could not; `has_room`: whether more
    should come."""

    def __init__(
        self,
        *,
        path: str,
        secret: str,
        accept: Callable[[Sequence[Mapping[str, Any]]], Awaitable[object]],
        has_room: Callable[[], bool],
    ) -> None:
        self._secret = secret.encode()
        self._accept = accept
        self._has_room = has_room
        self._waiting: list[tuple[Mapping[str, Any], asyncio.Future[None]]] = []
        self._event = asyncio.Event()
        self._open = False
        self.route = Route(path, self)
        self.last_update = time.monotonic()
        """Monotonic seconds of the last update that was stored; at first, of our own start."""
        self.refused = 0
        """The number of requests that were not Telegram's, or held no update."""
        self.cannot_store = False
        """Whether storing failed, and has not succeeded since."""

    async def run(self) -> None:
        """Stores updates until cancelled; updates that come after that are refused, and Telegram brings them again."""
        self._open = True
        try:
            while True:
                await self._event.wait()
                self._event.clear()
                while self._waiting:
                    await self._store(self._waiting[:BATCH])
        finally:
            self._open = False
            for _, stored in self._waiting:
                if not stored.done():
                    stored.cancel()

    async def _store(self, batch: list[tuple[Mapping[str, Any], asyncio.Future[None]]]) -> None:
        failed: ConnectionError | None = None
        try:
            await self._accept([payload for payload, _ in batch])
        except Exception as problem:
            away = is_away(problem)
            if not away:
                log.error("updates could not be stored", error=type(problem).__name__)
            if len(batch) > 1 and not away:  # one bad update must not send back the others
                for one in batch:
                    await self._store([one])
                return
            failed = ConnectionError()
            self.cannot_store = True
        else:
            self.cannot_store = False
            self.last_update = time.monotonic()
        del self._waiting[: len(batch)]
        for _, stored in batch:
            if stored.done():
                continue
            if failed is None:
                stored.set_result(None)
            else:
                stored.set_exception(failed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request. It is an ASGI application, because a Route to a function answers other methods by
        itself."""
        await (await self._handle(Request(scope, receive)))(scope, receive, send)

    async def _handle(self, request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "").encode("latin-1", "replace")
        if request.method != "POST" or not hmac.compare_digest(given, self._secret):
            self.refused += 1
            # the same answer, byte for byte, as for every other path: so nobody learns which path is the right one
            raise HTTPException(404)
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _read(request)
        except TimeoutError:
            self.refused += 1
            return Response(status_code=408)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            self.refused += 1
            return Response(status_code=413)
        payload = _update(body)
        if payload is None:
            self.refused += 1
            return Response(status_code=400)
        if not self._open or not self._has_room() or len(self._waiting) >= WAITING_LIMIT:
            return Response(status_code=503)
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((payload, stored))
        self._event.set()
        try:
            async with asyncio.timeout(STORE_SECONDS):
                await stored
        except (TimeoutError, ConnectionError, asyncio.CancelledError):
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise
            return Response(status_code=503)
        return Response(status_code=200)


async def _read(request: Request) -> bytes | None:
    """Returns the body; None as soon as it is known to be over the limit."""
    declared = request.headers.get("content-length", "0")
    if not declared.isascii() or not declared.isdigit() or int(declared[:20]) > BODY_LIMIT:
        return None
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > BODY_LIMIT:
            return None
    return bytes(body)


def _update(body: bytes) -> Mapping[str, Any] | None:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(payload, dict):
        return None
    update_id = payload.get("update_id")
    if type(update_id) is not int or not 0 <= update_id <= LARGEST_ID:
        return None
    return payload

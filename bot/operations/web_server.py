"""The web server of /health, /metrics and the webhook: uvicorn, with a limit of connections and deadlines.

A client that opens connections and sends nothing, or half of a request, holds a descriptor for each. So a connection
without a complete request is closed after a while, and at once where there are too many: the one that has waited
longest is closed, so that clients with a whole request are answered.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
import time
from functools import partial
from typing import Any, Final

import structlog
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

log = structlog.get_logger("web")

CONNECTIONS: Final = 256
"""How many connections may be open at once. Telegram opens at most 100 to a webhook, and systems give a process 1,024
descriptors or more."""
HEAD_SECONDS: Final = 10.0
"""How long a connection may be open without a complete head of a request. The rest of a request that was answered
already may take as long."""
REQUEST_SECONDS: Final = 45.0
"""How long a request may take, from its head to the last byte of the answer: more than the webhook ever needs."""
ACCEPTED_AT_ONCE: Final = 64
"""How many connections asyncio accepts from the system in one step; with CONNECTIONS far below the number of
descriptors."""
WAITING: Final = 1024
"""How many connections the system may hold that were not accepted yet: a burst of them must make nobody repeat the
handshake, which takes a second."""
TOLD_SECONDS: Final = 60.0
"""The seconds between two lines in the log about too many connections."""


class WebServer(uvicorn.Server):
    """Serves `app` on a socket that listens already, until `should_exit`. Handles no signals: the process decides when
    to stop. `trusted`: the addresses of reverse proxies that may say whose request they pass on."""

    def __init__(self, app: ASGIApp, trusted: str = "127.0.0.1,::1") -> None:
        connection: Any = partial(LimitedConnection, _Waiting())  # uvicorn calls it as it calls the class
        super().__init__(
            uvicorn.Config(
                app,
                http=connection,
                ws="none",
                log_level="error",
                lifespan="off",
                server_header=False,
                forwarded_allow_ips=trusted,
                timeout_graceful_shutdown=2,
                backlog=ACCEPTED_AT_ONCE,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for one in sockets or ():
            one.listen(WAITING)  # asyncio has made of its own `backlog` the system's, too

    async def serve_on(self, listener: socket.socket) -> None:
        """Serves until `should_exit`, and stop."""
        with contextlib.suppress(asyncio.CancelledError):
            await self._serve([listener])


class _Waiting(dict["LimitedConnection", None]):
    """The connections without a complete request, in the order in which they began to wait."""

    def __init__(self) -> None:
        super().__init__()
        self._told = -math.inf

    def put_last(self, connection: LimitedConnection) -> None:
        self.pop(connection, None)
        self[connection] = None

    def close_first(self) -> None:
        """Closes the connection that has waited longest. Where every connection has a request none is closed: each has
        a deadline."""
        if not self:
            return
        first = next(iter(self))
        del self[first]
        first.transport.abort()
        if time.monotonic() - self._told >= TOLD_SECONDS:
            self._told = time.monotonic()
            log.warning("too many connections: those without a request are closed", limit=CONNECTIONS)


class LimitedConnection(H11Protocol):
    """One connection. It always has a deadline: for the next head, or for the request that is under way."""

    def __init__(self, waiting: _Waiting, **given: Any) -> None:
        super().__init__(**given)
        self._waiting = waiting
        self._deadline: asyncio.TimerHandle | None = None
        self._timed: object = None
        """The request that the deadline is for; None: it is for a head."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait_for_head()
        if len(self.connections) > CONNECTIONS:
            self._waiting.close_first()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._see_to_deadline()

    def on_response_complete(self) -> None:
        super().on_response_complete()  # which may begin the next request, if it has come already
        if self._under_way is None:
            self._wait_for_head()
        else:
            self._see_to_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        self._waiting.pop(self, None)
        if self._deadline is not None:
            self._deadline.cancel()
        super().connection_lost(exc)

    @property
    def _under_way(self) -> object:
        """The request that is being answered; None between two of them."""
        cycle: Any = self.cycle  # None before the first request, which uvicorn's types do not say
        return None if cycle is None or cycle.response_complete else cycle

    def _see_to_deadline(self) -> None:
        """Sets the deadline. A new request gets a deadline of its own; bytes that complete no request do not move
        it."""
        under_way = self._under_way
        if under_way is not None and under_way is not self._timed:
            self._timed = under_way
            self._waiting.pop(self, None)
            self._set_deadline(REQUEST_SECONDS)

    def _wait_for_head(self) -> None:
        self._timed = None
        self._waiting.put_last(self)
        self._set_deadline(HEAD_SECONDS)

    def _set_deadline(self, seconds: float) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(seconds, self.transport.abort)

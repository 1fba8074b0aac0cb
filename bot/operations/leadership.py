"""PostgreSQL as the only coordinator of several processes: who serves, who sends, and who is woken.

Each process that serves holds a `Leadership`: a connection of its own on which it keeps its advisory locks (who leads
is one of them, SENDING) and hears what other processes leave to be done (NOTIFY). Locks end with their connection, so a
killed process blocks nobody. A process that hangs, or whose network is cut, lets its locks go as well: the server ends
a connection that was silent for IDLE_SECONDS, and whoever has had no sign of life from the server for SURE_SECONDS no
longer relies on its locks. The second is much shorter than the first, so that two processes never take themselves for
the leader at the same time.

It needs a connection of its own to the server: a pooler that hands connections around between transactions would
lose its locks.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

import structlog
from sqlalchemy.engine import URL

from bot.database import Signal, channel
from bot.database_trouble import Outage

if TYPE_CHECKING:
    import psycopg  # 9 MB, which a bot on SQLite does without: imported where it is needed

log = structlog.get_logger("coordination")

SERVING: Final = 7_411_226_001
"""The advisory lock of processes that serve a database: `run` alone, or any number of split processes together."""
SENDING: Final = 7_411_226_002
"""The advisory lock of the leader: the process that sends and runs the scheduler."""
WEBHOOK_LOCK: Final = 7_411_226_003
"""Shared by all processes that receive updates by webhook: the last one to end removes the webhook."""

BEAT_SECONDS: Final = 0.5
"""How often the server is asked whether it is there, and whether a place we stand by for is free."""
PATIENCE_SECONDS: Final = 2.0
"""How long the server may take to answer before the connection counts as cut."""
SURE_SECONDS: Final = 4.0
"""How long after the server's last answer we rely on our locks."""
IDLE_SECONDS: Final = 10
"""After this much silence the server ends the connection, and the locks with it."""
HANDOVER_SECONDS: Final = 1.5
"""How long a process waits between becoming the sender and sending: messages that the last sender sent a moment ago
count for Telegram's limits, too."""
LONGEST_BACK_OFF: Final = 5.0


class AlreadyServedError(Exception):
    """Another process serves this database in a way that leaves no place for this one."""


class Leadership:
    """A process's own connection to PostgreSQL, on which it holds its advisory locks. All methods belong to one event
    loop.

    `alone`: no other process may serve (`run`). `heard` are functions, called when another process leaves work behind,
    and after every reconnection, because something may have been missed. `stands_by`: this process wants to be the one
    that sends. `has_webhook`: it receives updates by webhook. `outage` is told when the server is away and back.
    """

    def __init__(
        self,
        url: URL,
        *,
        alone: bool,
        heard: Mapping[Signal, Callable[[], None]],
        outage: Outage | None = None,
        stands_by: bool = False,
        has_webhook: bool = False,
    ) -> None:
        self._address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._alone = alone
        self._heard = {channel(signal): work for signal, work in heard.items()}
        self._stands_by = stands_by
        self._has_webhook = has_webhook
        self._outage = outage or Outage()
        self._connection: psycopg.AsyncConnection[tuple[object, ...]] | None = None
        self._sure_until = 0.0
        self._sends = False
        self._changed = asyncio.Event()
        self._closed = False

    # --- what others ask ------------------------------------------------------------------------------------------

    @property
    def up(self) -> bool:
        """Whether the connection stands, so that this process hears at once of work that others leave behind."""
        return self._connection is not None and time.monotonic() < self._sure_until

    @property
    def sends(self) -> bool:
        """Whether this process is the sender at this moment."""
        return self._sends and time.monotonic() < self._sure_until

    async def until_sending(self) -> None:
        """Waits until this process is the sender, and the last sender's messages no longer count for the limits."""
        while True:
            while not self._sends:
                self._changed.clear()
                await self._changed.wait()
            await asyncio.sleep(HANDOVER_SECONDS)
            if self.sends:
                return

    async def until_leadership_is_lost(self) -> None:
        """Waits until this process is no longer the sender, or cannot be sure of it."""
        while self.sends:  # noqa: ASYNC110 - what ends it is also the mere passing of time
            await asyncio.sleep(BEAT_SECONDS / 5)

    # --- life -----------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Connects and takes this process's place. Raises AlreadyServedError, or psycopg.Error when there is no
        database."""
        import psycopg

        started = time.monotonic()
        connection = await psycopg.AsyncConnection.connect(self._address, autocommit=True, connect_timeout=10)
        try:
            if connection.info.server_version >= 140_000:
                await connection.execute(f"SET idle_session_timeout = '{IDLE_SECONDS}s'")
            serving = "pg_try_advisory_lock" if self._alone else "pg_try_advisory_lock_shared"
            if not await _ask(connection, f"SELECT {serving}({SERVING})"):
                raise AlreadyServedError
            if self._has_webhook:  # waits for a last process that is just removing the webhook
                await connection.execute(f"SELECT pg_advisory_lock_shared({WEBHOOK_LOCK})")
            for name in self._heard:
                await connection.execute(f"LISTEN {name}")
        except BaseException:
            await connection.close()
            raise
        self._connection = connection
        self._sure_until = started + SURE_SECONDS

    async def run(self) -> None:
        """Keeps the connection until `close()` or cancellation. Raises AlreadyServedError when this process's place was
        lost to another."""
        import psycopg

        wait = BEAT_SECONDS / 2
        while not self._closed:
            try:
                if self._connection is None:
                    await self.open()
                    for work in self._heard.values():
                        work()
                wait = BEAT_SECONDS / 2
                await self._beat()
                self._outage.worked()
            except AlreadyServedError:
                raise
            except (psycopg.Error, OSError, TimeoutError) as problem:
                self._outage.failed(problem)
                await self._cut()
                wait = min(wait * 2, LONGEST_BACK_OFF)
                await asyncio.sleep(wait)
        await self._cut()  # the connection may have been opened again while `close` ran

    async def _beat(self) -> None:
        """Handles notifications for BEAT_SECONDS, then checks that the server answers. A process that stands by tries
        to get the lock of the sender."""
        connection = self._connection
        assert connection is not None
        async for note in connection.notifies(timeout=BEAT_SECONDS):
            work = self._heard.get(note.channel)
            if work is not None:
                work()
        started = time.monotonic()
        async with asyncio.timeout(PATIENCE_SECONDS):
            if self._stands_by and not self._sends:
                self._sends = bool(await _ask(connection, f"SELECT pg_try_advisory_lock({SENDING})"))
                if self._sends:
                    log.info("this process sends now")
                    self._changed.set()
            else:
                await connection.execute("SELECT 1")
        self._sure_until = started + SURE_SECONDS

    async def is_last_with_webhook(self) -> bool:
        """Returns whether no other process receives updates by webhook. If so, no other can begin to until `close`."""
        import psycopg

        connection = self._connection
        if connection is None:
            return False
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await connection.execute(f"SELECT pg_advisory_unlock_shared({WEBHOOK_LOCK})")
                return bool(await _ask(connection, f"SELECT pg_try_advisory_lock({WEBHOOK_LOCK})"))
        except (psycopg.Error, OSError, TimeoutError):
            return False

    async def close(self) -> None:
        """Closes the connection, and with it gives up all locks of this process. `run` ends; the object cannot be used
        again."""
        self._closed = True
        await self._cut()

    async def _cut(self) -> None:
        import psycopg

        self._sends, self._sure_until = False, 0.0
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(psycopg.Error, OSError, TimeoutError):
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await connection.close()


async def _ask(connection: psycopg.AsyncConnection[tuple[object, ...]], query: str) -> object:
    row = await (await connection.execute(query.encode())).fetchone()
    return None if row is None else row[0]

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

if TYPE_CHECKING:
    import psycopg  # 9 MB, which a bot on SQLite does without: whoever needs it imports it

log = structlog.get_logger("coordination")

SERVING: Final = 7_411_226_001
"""The advisory lock of whoever serves a database: `run` alone, or any number of split processes together."""
SENDING: Final = 7_411_226_002
"""The advisory lock of the leader: the process that sends and runs the scheduler."""
DOOR: Final = 7_411_226_003
"""Shared by all webhook doors: the last one to close takes the webhook off."""

BEAT_SECONDS: Final = 0.5
"""How often the server is asked for a sign of life, and a free place for what we stand by for."""
PATIENCE_SECONDS: Final = 2.0
"""How long a sign of life may take before the line counts as cut."""
SURE_SECONDS: Final = 4.0
"""For how long after the last sign of life we rely on our locks."""
IDLE_SECONDS: Final = 10
"""After so much silence the server ends the connection, and the locks with it."""
HANDOVER_SECONDS: Final = 1.5
"""Between becoming the sender and sending: what the last one sent a moment ago counts for Telegram's limits, too."""
LONGEST_BACK_OFF: Final = 5.0


class AlreadyServedError(Exception):
    """Somebody else serves this database, in a way that leaves no room for us."""


class Leadership:
    """A process's own connection to PostgreSQL. All methods belong to one event loop.

    `alone`: nobody else may serve (`run`). `heard` are called when another process leaves something to be done, and
    after every reconnection, because something may have been missed. `stands_by`: wants to be the one who sends.
    `door`: is one of the webhook doors.
    """

    def __init__(
        self,
        url: URL,
        *,
        alone: bool,
        heard: Mapping[Signal, Callable[[], None]],
        stands_by: bool = False,
        door: bool = False,
    ) -> None:
        self._address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._alone = alone
        self._heard = {channel(signal): work for signal, work in heard.items()}
        self._stands_by = stands_by
        self._door = door
        self._connection: psycopg.AsyncConnection[tuple[object, ...]] | None = None
        self._sure_until = 0.0
        self._sends = False
        self._changed = asyncio.Event()
        self._closed = False

    # --- what others ask ------------------------------------------------------------------------------------------

    @property
    def up(self) -> bool:
        """Whether what others leave to be done is heard at once."""
        return self._connection is not None and time.monotonic() < self._sure_until

    @property
    def sends(self) -> bool:
        """Whether we are the one who sends, this very moment."""
        return self._sends and time.monotonic() < self._sure_until

    async def until_sending(self) -> None:
        """Wait until we are the one who sends, and the last one's messages no longer count."""
        while True:
            while not self._sends:
                self._changed.clear()
                await self._changed.wait()
            await asyncio.sleep(HANDOVER_SECONDS)
            if self.sends:
                return

    async def until_leadership_is_lost(self) -> None:
        """Wait until we are no longer the one who sends, or cannot be sure of it."""
        while self.sends:  # noqa: ASYNC110 - what ends it is also the mere passing of time
            await asyncio.sleep(BEAT_SECONDS / 5)

    # --- life -----------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Connect and take our place. Raises AlreadyServedError, or psycopg.Error when there is no database."""
        import psycopg

        started = time.monotonic()
        connection = await psycopg.AsyncConnection.connect(self._address, autocommit=True, connect_timeout=10)
        try:
            if connection.info.server_version >= 140_000:
                await connection.execute(f"SET idle_session_timeout = '{IDLE_SECONDS}s'")
            serving = "pg_try_advisory_lock" if self._alone else "pg_try_advisory_lock_shared"
            if not await _ask(connection, f"SELECT {serving}({SERVING})"):
                raise AlreadyServedError
            if self._door:  # waits for a last one who is just taking the webhook off
                await connection.execute(f"SELECT pg_advisory_lock_shared({DOOR})")
            for name in self._heard:
                await connection.execute(f"LISTEN {name}")
        except BaseException:
            await connection.close()
            raise
        self._connection = connection
        self._sure_until = started + SURE_SECONDS

    async def run(self) -> None:
        """Keep the line until `close()` or cancellation. Raises AlreadyServedError when our place was lost to somebody
        else."""
        import psycopg

        wait = BEAT_SECONDS / 2
        while not self._closed:
            try:
                if self._connection is None:
                    await self.open()
                    log.info("the line to the database is back")
                    for work in self._heard.values():
                        work()
                wait = BEAT_SECONDS / 2
                await self._beat()
            except AlreadyServedError:
                raise
            except (psycopg.Error, OSError, TimeoutError) as problem:
                if self._connection is not None:
                    log.warning("the line to the database was cut", error=type(problem).__name__)
                await self._cut()
                wait = min(wait * 2, LONGEST_BACK_OFF)
                await asyncio.sleep(wait)
        await self._cut()  # it may have been opened again while it was closed

    async def _beat(self) -> None:
        """Hear what comes for a moment, then see that the server is there, and that we are where we want to be."""
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

    async def last_door(self) -> bool:
        """Whether no other webhook door is open; from then on none opens until our line is closed."""
        import psycopg

        connection = self._connection
        if connection is None:
            return False
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await connection.execute(f"SELECT pg_advisory_unlock_shared({DOOR})")
                return bool(await _ask(connection, f"SELECT pg_try_advisory_lock({DOOR})"))
        except (psycopg.Error, OSError, TimeoutError):
            return False

    async def close(self) -> None:
        """Let everything go, for good."""
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

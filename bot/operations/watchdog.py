"""A sign of life from the event loop. A loop that is stuck gives none: the process then says where it is stuck, and
ends, so that whoever started it starts it again.

systemd sets WATCHDOG_USEC and NOTIFY_SOCKET (`WatchdogSec=` in the unit), and ends a process that is silent for as
long. compose.yaml sets WATCHDOG_USEC alone: Docker starts a process again that ended, not one that hangs.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import os
import socket
from collections.abc import Iterator, Mapping
from typing import Final

STUCK: Final = 0.8
"""The part of the time after which the process ends by itself: before systemd ends it, which cannot tell where it was
stuck."""
SIGNS: Final = 4
"""How many signs of life are given in that time."""


class Watchdog:
    """Gives signs of life until stopped. `seconds`: after so many without one the process is to be ended (None: nobody
    asks for signs); `address`: systemd's socket, if there is one. The first sign tells systemd that the process has
    started (`Type=notify`): only from then on does it count the seconds, however long loading took."""

    def __init__(self, seconds: float | None, address: str | None) -> None:
        self._seconds = seconds
        self._address = address.replace("@", "\0", 1) if address and address.startswith("@") else address

    async def run(self) -> None:
        """Gives signs of life until cancelled. It is the event loop that gives them: if it is stuck, there are none."""
        self._tell(b"READY=1")
        while self._seconds is not None:
            # a thread of its own, below Python's lock, tells where all threads are and ends the process, if not told
            # again
            faulthandler.dump_traceback_later(self._seconds * STUCK, exit=True, file=2)
            self._tell(b"WATCHDOG=1")
            await asyncio.sleep(self._seconds * STUCK / SIGNS)

    def _tell(self, sign: bytes) -> None:
        if self._address is None:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to_systemd:
            to_systemd.setblocking(False)
            to_systemd.sendto(sign, self._address)

    def end(self) -> None:
        faulthandler.cancel_dump_traceback_later()


def watchdog_of(environment: Mapping[str, str], process: int) -> Watchdog:
    """Returns the watchdog that the environment asks this process for."""
    asked = environment.get("WATCHDOG_USEC", "")
    for_us = environment.get("WATCHDOG_PID", str(process)) == str(process)
    seconds = int(asked) / 1e6 if asked.isdigit() and int(asked) > 0 and for_us else None
    return Watchdog(seconds, environment.get("NOTIFY_SOCKET"))


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """Inside, the event loop gives signs of life, if the environment asks for them."""
    watchdog = watchdog_of(os.environ, os.getpid())
    signs = asyncio.create_task(watchdog.run(), name="watchdog")
    try:
        yield
    finally:
        signs.cancel()
        watchdog.end()

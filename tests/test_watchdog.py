"""A process whose event loop is stuck says where, and ends: systemd, or Docker, starts it again."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.operations.watchdog import watchdog_of
from tests.bot_process import Bot, nobody_there, until

SERVES_AND_CAN_BE_STUCK = """
import signal, sys, time

def stuck_here(*_):
    time.sleep(600)

signal.signal(signal.SIGUSR1, stuck_here)
from bot.__main__ import cli
cli(sys.argv[1:])
"""
"""The bot, whose event loop a SIGUSR1 stops: the signal's handler runs in the loop's own thread."""


class Systemd:
    """Its end of NOTIFY_SOCKET."""

    def __init__(self, path: Path) -> None:
        self.address = str(path)
        self.ready = False
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.address)
        self._socket.settimeout(0)

    def heard(self) -> bool:
        """Whether a sign of life was given since the last time."""
        found = []
        with contextlib.suppress(BlockingIOError):
            while True:
                found.append(self._socket.recv(100))
        assert set(found) <= {b"READY=1", b"WATCHDOG=1"}
        self.ready = self.ready or b"READY=1" in found
        return b"WATCHDOG=1" in found

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Systemd]:
    with contextlib.closing(Systemd(tmp_path / "notify")) as found:
        yield found


def served(folder: Path, address: str, seconds: float, **environment: str) -> Bot:
    return Bot(
        folder, program=SERVES_AND_CAN_BE_STUCK, BOT_API_URL=address, PORT="0",
        WATCHDOG_USEC=str(int(seconds * 1e6)), **environment,
    )  # fmt: skip


@pytest.mark.slow
def test_a_stuck_loop_says_where_and_ends(tmp_path: Path, systemd: Systemd) -> None:
    with (
        nobody_there() as address,
        contextlib.closing(served(tmp_path, address, 6, NOTIFY_SOCKET=systemd.address)) as bot,
    ):
        bot.start()
        until(systemd.heard, 20, lambda: f"no sign of life:\n{bot.output}")
        until(systemd.heard, 5, lambda: "only one sign of life")
        assert systemd.ready
        assert bot.process is not None
        bot.process.send_signal(signal.SIGUSR1)
        until(lambda: not bot.alive, 10, lambda: "it hangs, and nobody ends it")
        assert bot.process.returncode == 1, "which is started again; 2 would not be"
        assert "in stuck_here" in bot.output
        assert "7654321" not in bot.output


@pytest.mark.slow
def test_a_loop_that_turns_is_left_alone_and_ends_as_always(tmp_path: Path, systemd: Systemd) -> None:
    with (
        nobody_there() as address,
        contextlib.closing(served(tmp_path, address, 20, NOTIFY_SOCKET=systemd.address)) as bot,
    ):
        bot.start()
        for _ in range(2):
            until(systemd.heard, 20, lambda: f"no sign of life:\n{bot.output}")
        assert bot.end(signal.SIGTERM) == 0, bot.output


def test_who_is_asked_for_no_sign_gives_none() -> None:
    me = os.getpid()
    for asked in ({}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "x"}):
        assert watchdog_of(asked, me)._seconds is None
    another = watchdog_of({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(me + 1)}, me)
    assert another._seconds is None, "another is asked"
    found = watchdog_of({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(me), "NOTIFY_SOCKET": "@x"}, me)
    assert (found._seconds, found._address) == (60, "\0x")

"""The real bot as a process, as an operator would start it: for tests that kill, stop and wrongly start it."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from tests import warm_start
from tests.days import same_day
from tests.fake_api import StandIn

PATIENCE: Final = float(os.environ.get("PATIENCE", "3"))
TOKEN: Final = "7654321:AAHsecret-part_of-a-made-up-token"


class Bot:
    """`python -m bot run` (or another command) as an operator would start it, in a folder without a .env.

    `program` is Python that is run in place of `-m bot`, with the command as its argument. JOURNAL_STREAM="OUTPUT"
    stands for where its output goes, as systemd names it.
    """

    def __init__(
        self,
        folder: Path,
        command: str = "run",
        name: str = "output",
        *,
        program: str | None = None,
        **environment: str,
    ) -> None:
        self._folder = folder
        self._arguments = ["-m", "bot", command] if program is None else ["-c", program, command]
        self._output = folder / f"{name}.txt"
        self.port = free_port()
        self._environment = {
            "PATH": os.environ.get("PATH", ""),
            **same_day(),
            "BOT_TOKEN": TOKEN,
            "DATABASE_URL": f"sqlite:///{folder / 'bot.sqlite'}",
            "PRIVACY_CONTACT": "0800-0000-000 (contoh)",
            "SEND_RATE": "2000",
            "PORT": str(self.port),
            **environment,
        }
        self.process: warm_start.Process | None = None

    def start(self, *arguments: str) -> None:
        """`arguments` come behind the command."""
        with self._output.open("ab") as output:
            found = os.fstat(output.fileno())
            environment = {
                name: value.replace("OUTPUT", f"{found.st_dev}:{found.st_ino}") if name == "JOURNAL_STREAM" else value
                for name, value in self._environment.items()
                if value
            }
            self.process = warm_start.start(
                [*self._arguments, *arguments],
                cwd=self._folder,
                env=environment,
                output=output.fileno(),
            )

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def end(self, number: signal.Signals, seconds: float = 10) -> int:
        """Send the signal and wait; the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(seconds * PATIENCE)

    def kill_while(self, busy: Callable[[], bool], seconds: float = 30) -> None:
        """Kills the process (-9) at a moment at which it is busy: it is stopped, looked at, and goes on if it is not.
        So the kill hits something on a machine of any speed."""
        assert self.process is not None
        deadline = time.monotonic() + seconds * PATIENCE
        while True:
            self.process.send_signal(signal.SIGSTOP)
            if busy():
                break
            self.process.send_signal(signal.SIGCONT)
            assert time.monotonic() < deadline, f"it was never busy:\n{self.output}"
            time.sleep(0.01)
        assert self.end(signal.SIGKILL) == -signal.SIGKILL

    @property
    def output(self) -> str:
        return self._output.read_text() if self._output.exists() else ""

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def running(folder: Path, stand_in: StandIn, **environment: str) -> Iterator[Bot]:
    bot = Bot(folder, BOT_API_URL=stand_in.address, **environment)
    try:
        bot.start()
        until(lambda: stand_in.control("figures")["polls"] > 0, 20, lambda: f"it does not ask:\n{bot.output}")
        yield bot
    finally:
        bot.close()


@contextlib.contextmanager
def nobody_there() -> Iterator[str]:
    """An address at which Telegram might be, and is not: the port is ours, and nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def asked(port: int, path: str) -> tuple[int, str]:
    """What the bot answers over HTTP: status and content; (0, "") when nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except OSError:
        return 0, ""
    finally:
        connection.close()


def until(reached: Callable[[], bool], seconds: float, otherwise: Callable[[], str]) -> None:
    """Waits for it, at most so long times PATIENCE: three, unless the environment says otherwise. Machines do other
    things, too."""
    deadline = time.monotonic() + seconds * PATIENCE
    while not reached():
        if time.monotonic() > deadline:
            pytest.fail(otherwise())
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])

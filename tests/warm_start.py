"""Processes of the bot that need not load it anew: forked from a Python that has loaded everything.

To load the bot, to read content and to learn what people type takes three seconds of a core each time, most of what a
test costs that starts a process. So each test process keeps one Python that has done it (`_Template`), and a process
begins as its fork: with the arguments, the folder, the environment and the output it would have had, from the first
line of `bot/__main__.py` on. What a fork cannot show is that a command loads what it needs: of each command some test
starts it anew (the fixture of that name), and tests/faults/ and whoever sets JALIN_START_ANEW=1 start all of them so.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import IO, Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parent.parent
ANEW: Final = "JALIN_START_ANEW"
LIBRARIES: Final = (
    "alembic.command",
    "alembic.script",
    "uvicorn.lifespan.on",
    "uvicorn.loops.asyncio",
    "uvicorn.protocols.http.h11_impl",
)
"""What the bot's libraries load late."""
OF_TESTS: Final = ("tests.fake_api",)


class Warm:
    """A process as `subprocess.Popen` shows it, as far as tests look."""

    def __init__(self, pid: int, status: int, stdout: IO[str] | None) -> None:
        """`status`: where its exit code will be read."""
        self.pid = pid
        self.stdout = stdout
        self.returncode: int | None = None
        self._status = status
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        return code

    def _ended(self, seconds: float | None) -> int | None:
        with self._lock:
            if self.returncode is None and select.select([self._status], [], [], seconds)[0]:
                told = os.read(self._status, 20)
                os.close(self._status)
                self.returncode = int(told) if told else -signal.SIGKILL  # untold: the template is gone, and so is it
            return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


Process = subprocess.Popen[str] | Warm


def start(
    arguments: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    output: int | None = None,
    errors: int | None = None,
) -> Process:
    """Starts Python with `arguments`: `-m MODULE ...` or `-c PROGRAM ...`. What it says goes to the file `output`, and
    without one can be read from `stdout`; what it complains of to the file `errors`, without one to `output`, and
    without that one to where our own complaints go."""
    errors = output if errors is None else errors
    given = dict(os.environ if env is None else env)
    if os.environ.get(ANEW):
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=cwd,
            env=given,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if output is None else output,
            stderr=errors,
            text=True,
            # where the tests themselves run in the background, a shell lets every process below it ignore Ctrl-C
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
    return _template().start(arguments, cwd, given, output, errors)


def run(
    arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None, timeout: float
) -> subprocess.CompletedProcess[str]:
    """Runs Python with `arguments` to its end, as `subprocess.run` does; all it said is in what is returned."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = start(arguments, cwd=cwd, env=env, output=output.fileno(), errors=errors.fileno())
        try:
            code = process.wait(timeout)
        finally:
            process.kill()
            process.wait()
        said = []
        for file in (output, errors):
            file.seek(0)
            said.append(file.read())
    return subprocess.CompletedProcess(arguments, code, *said)


# --- on this side -----------------------------------------------------------------------------------------------------


class _Template:
    """The process that has loaded everything, and forks when it is asked to."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.warm_start", str(theirs.fileno())],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        self._control = ours
        self._answers = ours.makefile("r")
        self._lock = threading.Lock()

    def start(
        self, arguments: Sequence[str], cwd: Path, env: Mapping[str, str], output: int | None, errors: int | None
    ) -> Warm:
        request = json.dumps({"arguments": list(arguments), "cwd": str(cwd), "env": dict(env)})
        status, tells = os.pipe()
        stdout, says = (None, output) if output is not None else _pipe()
        complains = 2 if errors is None else errors
        try:
            with self._lock:
                socket.send_fds(self._control, [f"{request}\n".encode()], [tells, says, complains])
                pid = self._answers.readline()
        finally:
            os.close(tells)
            if output is None:
                os.close(says)
        if not pid:
            raise RuntimeError("the Python that has loaded everything is gone")
        return Warm(int(pid), status, stdout)

    def close(self) -> None:
        self._answers.close()
        self._control.close()
        self._process.wait(20)


def _pipe() -> tuple[IO[str], int]:
    read, write = os.pipe()
    return os.fdopen(read), write


@cache
def _template() -> _Template:
    made = _Template()
    atexit.register(made.close)
    return made


# --- on the other side ------------------------------------------------------------------------------------------------


class _Asked(NamedTuple):
    arguments: list[str]
    cwd: str
    env: dict[str, str]


def _load() -> None:
    """All that a process of the bot loads, whatever it is asked to do; and what it learns from the content here."""
    import bot
    import handlers

    for package in (bot, handlers):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith("bot.migrations."):
                importlib.import_module(module.name)
    for name in (*LIBRARIES, *OF_TESTS):
        importlib.import_module(name)
    from bot.catalogue.content import load_content

    load_content(ROOT / "content").get_ready_to_hear()
    for name in [name for name in sys.modules if name.endswith(".__main__") or name in OF_TESTS]:
        del sys.modules[name]  # each process runs it itself
    gc.collect()
    gc.freeze()


def _serve(control: socket.socket) -> _Asked:
    """Forks for each request, and tells how each fork ended. Returns in the forks alone."""
    running: dict[int, int] = {}
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        ready = select.select([control.fileno(), woken], [], [])[0]
        if woken in ready:
            os.read(woken, 4096)
            for pid, code in _ended():
                status = running.pop(pid)
                with contextlib.suppress(BrokenPipeError):
                    os.write(status, str(code).encode())
                os.close(status)
        if control.fileno() not in ready:
            continue
        asked, files = _request(control)
        pid = os.fork()
        if pid:
            running[pid] = files[0]
            for file in files[1:]:
                os.close(file)
            control.sendall(f"{pid}\n".encode())
            continue
        for file in (*running.values(), files[0], woken, wakes):
            os.close(file)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        control.close()
        os.dup2(files[1], 1)
        os.dup2(files[2], 2)
        for file in files[1:]:
            os.close(file)
        return asked


def _ended() -> Iterator[tuple[int, int]]:
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            yield found[0], os.waitstatus_to_exitcode(found[1])


def _request(control: socket.socket) -> tuple[_Asked, list[int]]:
    """The next request, with the files for the exit code, for output and for complaints. Ends this process when nobody
    is left to ask."""
    said, files, _, _ = socket.recv_fds(control, 65_536, 3)
    while said and not said.endswith(b"\n"):
        said += control.recv(65_536)
    if not said:
        os._exit(0)
    return _Asked(**json.loads(said)), list(files)


def _become(asked: _Asked) -> None:
    """What Python does between its start and the first line of what it runs, with another folder and environment."""
    os.chdir(asked.cwd)
    os.environ.clear()
    os.environ.update(asked.env)
    time.tzset()
    kind, what, *rest = asked.arguments
    if kind == "-m":
        sys.path[0] = asked.cwd
        sys.argv = [what, *rest]
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        sys.path[0] = ""
        sys.argv = [kind, *rest]
        main = sys.modules["__main__"] = ModuleType("__main__")
        exec(compile(what, "<string>", "exec"), main.__dict__)  # noqa: S102 - as `python -c` does


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests, which end this
    _load()
    asked = _serve(socket.socket(fileno=int(sys.argv[1])))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell has started us in the background
    _become(asked)


if __name__ == "__main__":
    _main()

"""python -m tests.bench [--only NAME ...] [--repeats 3] [--seconds 8] [--latency 0]
python -m tests.bench daily [--people 10000] [--repeats 3]

The first starts each bot in turn against a fresh stand-in, several times round, and prints medians and ratios; the
second is about the daily lessons of a crowd (`daily_lessons`). Without any argument both are measured.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from tests.bench import daily_lessons, our_bot
from tests.stand_in import ROOT, StandIn

TOKEN: Final = "7654321:AAHbench-made-up-token-of-the-bench-"
PEOPLE: Final = 3000
"""So many that the pace of one chat (our bot keeps 1 message a second, with a burst of 3) decides nothing."""
UNDER_WAY: Final = 500
WARM_UP_SECONDS: Final = 2.0
OPEN_RATE: Final = 100
"""Updates a second of the open loop, which every one of the bots can follow on a quiet machine."""
OPEN_SECONDS: Final = 5.0
AIOGRAM_PYTHON: Final = ROOT / ".venv-bench" / "bin" / "python"
BOT_CORE, STAND_IN_CORE = 0, 1


@dataclass(frozen=True)
class Contender:
    """A bot to be measured: its command for a stand-in's address and a folder, and what people say to it."""

    name: str
    command: Callable[[str, Path], list[str]]
    texts: tuple[str, ...] = ("halo",)
    registered: bool | None = None
    """For our own bot: whether its people are registered."""


def _python(module: str, *more: str) -> list[str]:
    return [sys.executable, "-m", module, *more]


OURS: Final = "jalin, conversation"
CONTENDERS: Final = (
    Contender(OURS, lambda api, folder: _python("bot", "run"), our_bot.CONVERSATION, registered=False),
    Contender("jalin, /menu", lambda api, folder: _python("bot", "run"), our_bot.MENU, registered=True),
    Contender(
        "aiogram FSM, memory",
        lambda api, folder: [str(AIOGRAM_PYTHON), str(ROOT / "tests" / "bench" / "aiogram_bot.py"), api, TOKEN],
    ),
    Contender("PTB echo", lambda api, folder: _python("tests.bench.ptb_bot", api, TOKEN)),
    Contender(
        "PTB conversation, pickle",
        lambda api, folder: _python("tests.bench.ptb_bot", api, TOKEN, str(folder / "bot.pickle")),
    ),
)


@dataclass(frozen=True)
class Measured:
    per_second: float
    """Answered updates a second, closed loop."""
    cpu_ms: float
    """CPU time of the bot's process, all threads, per answered update."""
    busy: float
    """Its share of the core."""
    closed_p50: float
    closed_p95: float
    open_p50: float
    open_p95: float
    """Milliseconds from an update's arrival at the stand-in to its answer's."""
    rss_mb: float
    """The most memory it ever held."""


def measure(contender: Contender, seconds: float, latency: float) -> Measured:
    with _folder() as folder, StandIn(latency=latency, keep_log=False, core=_core(STAND_IN_CORE)) as stand_in:
        url = f"sqlite:///{folder / 'bot.sqlite'}"
        if contender.registered is not None:
            our_bot.prepare(url, PEOPLE, registered=contender.registered)
        with _running(contender, stand_in, folder, url) as process:
            script = {"people": PEOPLE, "under_way": UNDER_WAY, "texts": contender.texts}
            stand_in.control("people", script)
            time.sleep(WARM_UP_SECONDS)
            cpu = _cpu_seconds(process.pid)
            stand_in.control("reset", {})
            time.sleep(seconds)
            closed = stand_in.control("figures")
            cpu = _cpu_seconds(process.pid) - cpu
            _calm_down(stand_in)
            stand_in.control("people", script | {"rate": OPEN_RATE})
            time.sleep(1)
            stand_in.control("reset", {})
            time.sleep(OPEN_SECONDS)
            unhurried = stand_in.control("figures")
            _calm_down(stand_in)
            time.sleep(0.5)
            rss = _peak_rss_mb(process.pid)
        if contender.registered is not None:
            states = our_bot.truth(url)
            if set(states) - {"sent"} - {"not handled"} or states["not handled"]:
                raise SystemExit(f"{contender.name}: the ledger says {states}")
        if not closed["answered"] or not unhurried["answered"]:
            raise SystemExit(f"{contender.name} answered nobody: {closed}, {unhurried}")
    return Measured(
        per_second=closed["answered"] / closed["seconds"],
        cpu_ms=1000 * cpu / closed["answered"],
        busy=cpu / closed["seconds"],
        closed_p50=1000 * closed["p50"],
        closed_p95=1000 * closed["p95"],
        open_p50=1000 * unhurried["p50"],
        open_p95=1000 * unhurried["p95"],
        rss_mb=rss,
    )


def _calm_down(stand_in: StandIn) -> None:
    """Nobody speaks any more; what was said is still answered."""
    figures: dict[str, Any] = {}
    stand_in.control("people", {})
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        figures = stand_in.control("figures")
        if not figures.get("unanswered"):
            time.sleep(0.2)
            return
        time.sleep(0.05)
    raise SystemExit(f"unanswered for a minute: {figures}")


# --- processes ----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _running(contender: Contender, stand_in: StandIn, folder: Path, url: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(ROOT),
        "BOT_TOKEN": TOKEN,
        "BOT_API_URL": stand_in.address,
        "DATABASE_URL": url,
        "PRIVACY_CONTACT": "0800-0000-000 (contoh)",
        "SEND_RATE": "10000",
        "PORT": str(_free_port()),
        "LOG_LEVEL": "WARNING",
    }
    output = folder / "output.txt"
    with output.open("wb") as into:
        process = subprocess.Popen(
            contender.command(stand_in.address, folder), cwd=folder, env=environment, stdout=into, stderr=into
        )
    try:
        core = _core(BOT_CORE)
        if core is not None:
            os.sched_setaffinity(process.pid, {core})
        deadline = time.monotonic() + 30
        while stand_in.control("figures")["polls"] < 1:
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{contender.name} does not run:\n{output.read_text()[-3000:]}")
            time.sleep(0.05)
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    words = output.read_text()
    if "Traceback" in words or "turn failed" in words:
        sys.stderr.write(f"{contender.name} complained:\n{words[-2000:]}\n")


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """On the disk, not in memory: what is called durable here has waited for it."""
    (ROOT / "data").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=ROOT / "data"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _core(number: int) -> int | None:
    """This core, if the machine lets us choose."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    cores = sorted(os.sched_getaffinity(0))
    return cores[number] if len(cores) > number else None


def _cpu_seconds(pid: int) -> float:
    """User and system time of all threads so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak_rss_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise LookupError("VmHWM")


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


# --- the machine and the table ------------------------------------------------------------------------------------


def describe_machine(folder: Path) -> list[str]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    model = ""
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
    return [
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {cores} cores{f' ({model})' if model else ''}; load before: {load}",
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"python-telegram-bot {version('python-telegram-bot')}, aiohttp {version('aiohttp')}, "
        f"SQLAlchemy {version('SQLAlchemy')}, aiogram {_aiogram_version()}",
        f"one fsync of 4 kB where the database lies: {1000 * _fsync_seconds(folder):.2f} ms",
    ]


def _aiogram_version() -> str:
    script = "import importlib.metadata as m; print(m.version('aiogram'))"
    return subprocess.run([AIOGRAM_PYTHON, "-c", script], capture_output=True, text=True, check=True).stdout.strip()


def _fsync_seconds(folder: Path) -> float:
    """The median: it bounds how many commits a second there can be."""
    times = []
    with (folder / "fsync").open("wb") as file:
        for _ in range(50):
            file.write(b"\0" * 4096)
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - began)
    return statistics.median(times)


COLUMNS: Final = ("per_second", "cpu_ms", "busy", "closed_p50", "closed_p95", "open_p50", "open_p95", "rss_mb")
HEADS: Final = ("updates/s", "CPU ms", "core", "p50 ms", "p95 ms", "p50 ms*", "p95 ms*", "RSS MB")
FORMATS: Final = ("{:.0f}", "{:.2f}", "{:.0%}", "{:.0f}", "{:.0f}", "{:.1f}", "{:.1f}", "{:.0f}")


def table(results: dict[str, list[Measured]], beside: str) -> list[str]:
    """Medians; how many times as many updates a second as `beside`, and how many for the same CPU time."""
    lines = [
        f"| bot | {' | '.join(HEADS)} | × {beside} | × for the same CPU |",
        f"|---|{'---:|' * (len(HEADS) + 2)}",
    ]
    for name, runs in results.items():
        cells = [
            form.format(statistics.median(getattr(run, column) for run in runs))
            for column, form in zip(COLUMNS, FORMATS, strict=True)
        ]
        # of the same round: what slows the machine slows both, though never quite alike
        pairs = list(zip(runs, results.get(beside, ()), strict=False))
        for ratios in (
            [mine.per_second / other.per_second for mine, other in pairs],
            [other.cpu_ms / mine.cpu_ms for mine, other in pairs],
        ):
            cells.append(f"{statistics.median(ratios):.2f}" if ratios else "")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def main(given: Sequence[str]) -> None:
    if given[:1] == ["daily"]:
        daily_lessons.main(given[1:])
        return
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure the bot beside others")
    parser.add_argument("--only", nargs="+", choices=[one.name for one in CONTENDERS], help="only these bots")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each closed loop")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds the stand-in takes to answer")
    arguments = parser.parse_args(given)
    contenders = [one for one in CONTENDERS if not arguments.only or one.name in arguments.only]
    if not AIOGRAM_PYTHON.exists():
        raise SystemExit(".venv-bench is missing: `make bench` makes it")
    with _folder() as folder:
        head = describe_machine(folder)
    print("\n".join(head), flush=True)
    results: dict[str, list[Measured]] = {one.name: [] for one in contenders}
    for repeat in range(arguments.repeats):
        for contender in contenders:  # interleaved: the machine's bad moments are everybody's
            measured = measure(contender, arguments.seconds, arguments.latency)
            results[contender.name].append(measured)
            figures = " ".join(f"{column}={getattr(measured, column):.2f}" for column in COLUMNS)
            print(f"RESULT run={repeat + 1} bot={contender.name!r} {figures}", flush=True)
    print(
        f"\nMedians of {arguments.repeats}; {UNDER_WAY} updates always under way from {PEOPLE} people,"
        f" answers after {1000 * arguments.latency:.0f} ms; *: {OPEN_RATE} updates a second, answered or not"
    )
    beside = "aiogram FSM, memory"
    print("\n".join(table(results, beside)))
    if not given:
        print("\nDaily lessons")
        daily_lessons.main([])


if __name__ == "__main__":
    main(sys.argv[1:])

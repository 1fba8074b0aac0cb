"""Where a bench runs: the machine and its cores, a folder on its disk, and what a process takes of it."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import socket
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.fake_api import ROOT


def described() -> list[str]:
    """The machine, how busy it is, and the versions that matter, in lines to be printed above any figures."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    model = ""
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
    packages = ", ".join(f"{name} {version(name)}" for name in ("python-telegram-bot", "aiohttp", "SQLAlchemy"))
    with folder() as place:
        fsync = _fsync_seconds(place)
    return [
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {cores} cores{f' ({model})' if model else ''}; load before: {load}",
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {packages}",
        f"one fsync of 4 kB where the database lies: {1000 * fsync:.2f} ms",
    ]


def _fsync_seconds(place: Path) -> float:
    """The median: it bounds how many commits a second there can be."""
    times = []
    with (place / "fsync").open("wb") as file:
        for _ in range(50):
            file.write(b"\0" * 4096)
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - began)
    return statistics.median(times)


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """On the disk, not in memory: what is called durable here has waited for it."""
    (ROOT / "data").mkdir(exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix="bench-", dir=ROOT / "data"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def core(number: int) -> int | None:
    """This core, if the machine lets us choose."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    cores = sorted(os.sched_getaffinity(0))
    return cores[number] if len(cores) > number else None


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_mb(pid: int) -> float:
    """The memory it holds now, in MB."""
    return _memory_mb(pid, "VmRSS")


def peak_rss_mb(pid: int) -> float:
    """The most memory it ever held, in MB."""
    return _memory_mb(pid, "VmHWM")


def _memory_mb(pid: int, what: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(what)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])

"""python -m tests.bench turns [--only NAME ...] [--repeats 3] [--seconds 5]
    [--pause 2] [--latency 0 0.05] [--guard 0.5]

How many updates a second the bot answers, and how much CPU time each costs, beside other bots: each is started in turn
against a fresh stand-in that answers at once, and against one that takes 50 ms as Telegram does; several times round.
Beside them two yardsticks (`bare`): the same HTTP calls with nothing but aiohttp, the same writes with nothing but
sqlite3. With `--guard` it ends with an error when aiogram's turn costs less than this part of the CPU time of ours.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from tests.bench import bare, machine, our_bot
from tests.fake_api import ROOT, StandIn

TOKEN: Final = "7654321:AAHbench-made-up-token-of-the-bench-"
PEOPLE: Final = 3000
"""So many that the pace of one chat (our bot keeps 1 message a second, with a burst of 3) decides nothing."""
UNDER_WAY: Final = 500
ENOUGH: Final = 3
"""Fewer rounds tell nothing about the goals."""
OPEN_RATE: Final = 100
"""Updates a second of the open loop, which every one of the bots can follow on a quiet machine."""
AIOGRAM_PYTHON: Final = ROOT / ".venv-bench" / "bin" / "python"
BOT_CORE, STAND_IN_CORE = 0, 1
AT_ONCE, LIKE_TELEGRAM = 0.0, 0.05
"""Seconds the stand-in takes to answer."""


@dataclass(frozen=True)
class Contender:
    """A bot to be measured: its command for a stand-in's address and a folder, and what people say to it."""

    name: str
    command: Callable[[str, Path], list[str]]
    texts: tuple[str, ...] = ("halo",)
    registered: bool | None = None
    """For our own bot: whether its people are registered."""
    latencies: tuple[float, ...] = (AT_ONCE, LIKE_TELEGRAM)


def _python(module: str, *more: str) -> list[str]:
    return [sys.executable, "-m", module, *more]


OURS: Final = "jalin, conversation"
AIOGRAM: Final = "aiogram FSM, memory"
PTB: Final = "PTB conversation, pickle"
BARE: Final = "bare aiohttp"
BARE_TURNS: Final = 6400
"""Turns that are written with bare sqlite3 in each round."""
CONTENDERS: Final = (
    Contender(OURS, lambda api, folder: _python("bot", "run"), our_bot.CONVERSATION, registered=False),
    Contender(
        "jalin, /menu", lambda api, folder: _python("bot", "run"), our_bot.MENU, registered=True, latencies=(AT_ONCE,)
    ),
    Contender(
        AIOGRAM,
        lambda api, folder: [str(AIOGRAM_PYTHON), str(ROOT / "tests" / "bench" / "aiogram_bot.py"), api, TOKEN],
    ),
    Contender(PTB, lambda api, folder: _python("tests.bench.ptb_bot", api, TOKEN, str(folder / "bot.pickle"))),
    Contender(BARE, lambda api, folder: _python("tests.bench.bare", "bot", api, TOKEN), latencies=(AT_ONCE,)),
)


@dataclass(frozen=True)
class Goal:
    """So many times as many updates a second as `beside`, by the conversation."""

    times: float
    beside: str
    latency: float


GOALS: Final = (Goal(1.5, AIOGRAM, AT_ONCE), Goal(2.5, PTB, AT_ONCE), Goal(50, PTB, LIKE_TELEGRAM))


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
    rss_mb: float
    """The most memory it ever held."""
    open_p50: float | None = None
    open_p95: float | None = None
    """Milliseconds from an update's arrival at the stand-in to its answer's; measured only where it answers at once."""


def measure(contender: Contender, seconds: float, pause: float, latency: float) -> Measured:
    stand_in_core = machine.core(STAND_IN_CORE)
    with machine.folder() as folder, StandIn(latency=latency, keep_log=False, core=stand_in_core) as stand_in:
        url = f"sqlite:///{folder / 'bot.sqlite'}"
        if contender.registered is not None:
            our_bot.prepare(url, PEOPLE, registered=contender.registered)
        unhurried: dict[str, Any] = {}
        with _running(contender, stand_in, folder, url) as process:
            script = {"people": PEOPLE, "under_way": UNDER_WAY, "texts": contender.texts}
            stand_in.control("people", script)
            time.sleep(pause)
            cpu = machine.cpu_seconds(process.pid)
            stand_in.control("reset", {})
            time.sleep(seconds)
            closed = stand_in.control("figures")
            cpu = machine.cpu_seconds(process.pid) - cpu
            if not closed["answered"]:
                raise SystemExit(f"{contender.name} answered nobody: {closed}")
            if latency == AT_ONCE:
                calm_down(stand_in)
                stand_in.control("people", script | {"rate": OPEN_RATE})
                time.sleep(pause / 2)
                stand_in.control("reset", {})
                time.sleep(pause * 1.5)
                unhurried = stand_in.control("figures")
            if contender.registered is not None:
                calm_down(stand_in)
                time.sleep(0.5)
            rss = machine.peak_rss_mb(process.pid)
        if contender.registered is not None:
            states = our_bot.truth(url)
            if set(states) - {"sent"} - {"not handled"} or states["not handled"]:
                raise SystemExit(f"{contender.name}: the ledger says {states}")
    return Measured(
        per_second=closed["answered"] / closed["seconds"],
        cpu_ms=1000 * cpu / closed["answered"],
        busy=cpu / closed["seconds"],
        closed_p50=1000 * closed["p50"],
        closed_p95=1000 * closed["p95"],
        rss_mb=rss,
        open_p50=1000 * unhurried["p50"] if unhurried else None,
        open_p95=1000 * unhurried["p95"] if unhurried else None,
    )


def calm_down(stand_in: StandIn) -> None:
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
        "PORT": str(machine.free_port()),
        "LOG_LEVEL": "WARNING",
    }
    output = folder / "output.txt"
    with output.open("wb") as into:
        process = subprocess.Popen(
            contender.command(stand_in.address, folder), cwd=folder, env=environment, stdout=into, stderr=into
        )
    try:
        core = machine.core(BOT_CORE)
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
            # what the others still have to answer is of no interest; ours is to show that it ends well
            process.send_signal(signal.SIGKILL if contender.registered is None else signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    words = output.read_text()
    if "Traceback" in words or "turn failed" in words:
        sys.stderr.write(f"{contender.name} complained:\n{words[-2000:]}\n")


# --- the tables ---------------------------------------------------------------------------------------------------

Results = dict[tuple[float, str], list[Measured]]
"""By latency and name; the n-th of each list is of the n-th round."""

COLUMNS: Final = {
    "per_second": ("updates/s", "{:.0f}"),
    "cpu_ms": ("CPU ms", "{:.2f}"),
    "busy": ("core", "{:.0%}"),
    "closed_p50": ("p50 ms", "{:.0f}"),
    "closed_p95": ("p95 ms", "{:.0f}"),
    "open_p50": ("p50 ms*", "{:.1f}"),
    "open_p95": ("p95 ms*", "{:.1f}"),
    "rss_mb": ("RSS MB", "{:.0f}"),
}


def table(results: Results, latency: float) -> list[str]:
    """Medians; how many times as many updates a second as aiogram, and how many for the same CPU time."""
    heads = [head for head, _ in COLUMNS.values()]
    lines = [
        f"| bot | {' | '.join(heads)} | × aiogram | × for the same CPU |",
        f"|---|{'---:|' * (len(heads) + 2)}",
    ]
    for (at, name), runs in results.items():
        if at != latency:
            continue
        cells = []
        for column, (_, form) in COLUMNS.items():
            values = [value for run in runs if (value := getattr(run, column)) is not None]
            cells.append(form.format(statistics.median(values)) if values else "")
        pair = _ratios(results, latency, name, AIOGRAM)
        cells += [f"{ratio:.2f}" for ratio in pair] if pair else ["", ""]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _ratios(results: Results, latency: float, mine: str, other: str) -> tuple[float, float] | None:
    """Of updates a second, and of updates for the same CPU time. Each of the same round: what slows the machine slows
    both, though never quite alike."""
    pairs = list(zip(results.get((latency, mine), ()), results.get((latency, other), ()), strict=False))
    if not pairs:
        return None
    return (
        statistics.median(one.per_second / two.per_second for one, two in pairs),
        statistics.median(two.cpu_ms / one.cpu_ms for one, two in pairs),
    )


def bare_writes(number: int = BARE_TURNS) -> bare.Bare:
    """Writes what so many turns of the conversation write, with nothing but sqlite3."""
    with machine.folder() as folder:
        url = f"sqlite:///{folder / 'bot.sqlite'}"
        our_bot.prepare(url, PEOPLE, registered=False)
        return bare.measured("turns", url, number, machine.core(BOT_CORE))


def yardsticks(results: Results, written: Sequence[bare.Bare]) -> list[str]:
    """What part of a durable turn's CPU time its HTTP calls and its writes would need alone, each of the same round."""
    ours, calls = results.get((AT_ONCE, OURS), []), results.get((AT_ONCE, BARE), [])
    rounds = list(zip(ours, calls, written, strict=False))
    if not rounds:
        return []

    def said(parts: Sequence[float]) -> str:
        return f"{statistics.median(parts):.0%} ({min(parts):.0%}-{max(parts):.0%})"

    return [
        f"bare sqlite3: {statistics.median(one.per_second for one in written):.0f} turns/s,"
        f" {statistics.median(one.cpu_ms for one in written):.3f} CPU ms each",
        f"of a turn's CPU time: {said([two.cpu_ms / one.cpu_ms for one, two, _ in rounds])} bare HTTP calls,"
        f" {said([three.cpu_ms / one.cpu_ms for one, _, three in rounds])} bare writes",
    ]


def guard(results: Results, least: float) -> None:
    """Raises SystemExit if aiogram's turn costs less than this part of ours: something has become much slower."""
    found = _ratios(results, AT_ONCE, OURS, AIOGRAM)
    if found is not None and found[1] < least:
        raise SystemExit(f"a turn costs {1 / found[1]:.1f} times the CPU time of aiogram's; {1 / least:.1f} is allowed")


def goals(results: Results) -> list[str]:
    lines = []
    for goal in GOALS:
        found = _ratios(results, goal.latency, OURS, goal.beside)
        if found is not None:
            verdict = "reached" if found[0] >= goal.times else "missed"
            lines.append(
                f"{1000 * goal.latency:.0f} ms: {found[0]:.2f} × {goal.beside}, wanted {goal.times:g}: {verdict}"
                f" ({found[1]:.2f} × for the same CPU)"
            )
    return lines


def main(given: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench turns", description="Measure turns beside other bots")
    parser.add_argument("--only", nargs="+", choices=[one.name for one in CONTENDERS], help="only these bots")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each closed loop")
    parser.add_argument("--pause", type=float, default=2.0, help="seconds before it; the open loop takes twice as long")
    parser.add_argument(
        "--latency",
        type=float,
        nargs="+",
        default=[AT_ONCE, LIKE_TELEGRAM],
        help="seconds the stand-in takes to answer",
    )
    parser.add_argument("--guard", type=float, help="the least part of our turn's CPU time that aiogram's may cost")
    arguments = parser.parse_args(given)
    contenders = [one for one in CONTENDERS if not arguments.only or one.name in arguments.only]
    if not AIOGRAM_PYTHON.exists():
        raise SystemExit(".venv-bench is missing: `make bench` and `make bench-short` make it")
    print("\n".join([*machine.described(), f"aiogram {_aiogram_version()}"]), flush=True)
    results: Results = {
        (latency, one.name): [] for latency in arguments.latency for one in contenders if latency in one.latencies
    }
    written: list[bare.Bare] = []
    for repeat in range(arguments.repeats):
        if AT_ONCE in arguments.latency and not arguments.only:
            written.append(bare_writes())
        for (latency, name), runs in results.items():  # interleaved: the machine's bad moments are everybody's
            contender = next(one for one in contenders if one.name == name)
            runs.append(measure(contender, arguments.seconds, arguments.pause, latency))
            shown = {one.name: getattr(runs[-1], one.name) for one in fields(Measured)}
            figures = " ".join(f"{column}={value:.2f}" for column, value in shown.items() if value is not None)
            print(f"RESULT run={repeat + 1} latency={latency:g} bot={name!r} {figures}", flush=True)
    for latency in arguments.latency:
        print(
            f"\nMedians of {arguments.repeats}; {UNDER_WAY} updates always under way from {PEOPLE} people, answers"
            f" after {1000 * latency:.0f} ms; *: {OPEN_RATE} updates a second, answered or not"
        )
        print("\n".join(table(results, latency)))
    print("\n" + "\n".join(yardsticks(results, written)))
    if arguments.guard is not None:
        guard(results, arguments.guard)
    if arguments.repeats >= ENOUGH:
        print("\n" + "\n".join(goals(results)))


def _aiogram_version() -> str:
    script = "import importlib.metadata as m; print(m.version('aiogram'))"
    return subprocess.run([AIOGRAM_PYTHON, "-c", script], capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    main(sys.argv[1:])

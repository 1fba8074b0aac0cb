"""python -m tests.bench growth [--people 1000 30000 1000000] [--repeats 3] [--seconds 20]

What becomes of a turn, of memory and of the start when the database grows: the real process on SQLite databases that
have more and more people in them (`grown`), the same mixture of acts at a modest rate on each.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import sqlite3
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from tests.bench import machine, our_bot
from tests.bench.grown import grow
from tests.bench.turns import calm_down
from tests.fake_api import FIRST_PERSON, TAP, StandIn, text_update

MIXTURE: Final = ("/menu", f"{TAP}enrolment:classes", "/jadwal", f"{TAP}lessons:open:M01L1")
"""A screen, the classes of the person's site, their own classes (none is to come), a page of a lesson they know."""
SPEAKING: Final = 1000
"""So many of the people act, spread over all of them: each about every 20 seconds."""
RATE: Final = 50
"""Acts a second, answered or not."""
WARM_UP_SECONDS: Final = 4.0
TICKS_SECONDS: Final = 30.0
"""The clock asks what is due so often: what is measured has to contain it."""
WATCHED: Final = 10
"""How often each of /health and /metrics is asked for."""
BOT_CORE, STAND_IN_CORE = 0, 1
START_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Measured:
    """Of one repeat on one database."""

    start: float
    """Seconds from the start of the process to the first answer: one update is waiting for it."""
    p50: float
    p95: float
    worst: float
    """Milliseconds from an update's arrival at the stand-in to its answer's."""
    cpu_ms: float
    """CPU time of the process (user and system, all threads) for each answered update, the clock's looks included."""
    watch: float
    """Milliseconds of the median answer to /health and /metrics, afterwards."""
    rss: float
    """MB resident at the end."""
    peak: float
    """The most MB it ever held."""


def measure(path: Path, people: int, seconds: float) -> Measured:
    _forget_updates(path)
    url = f"sqlite:///{path}"
    with StandIn(core=machine.core(STAND_IN_CORE)) as stand_in:
        stand_in.feed([text_update(FIRST_PERSON, "/menu", 1)])
        began = time.monotonic()
        with our_bot.running(stand_in, path.parent, url, core=machine.core(BOT_CORE)) as (bot, pid):
            first = _first_answer(stand_in)
            script = {"people": SPEAKING, "apart": max(1, people // SPEAKING), "texts": MIXTURE, "rate": RATE}
            stand_in.control("people", script)
            time.sleep(min(WARM_UP_SECONDS, seconds))
            stand_in.control("reset", {})
            cpu = machine.cpu_seconds(pid)
            time.sleep(seconds)
            figures = stand_in.control("figures")
            cpu = machine.cpu_seconds(pid) - cpu
            calm_down(stand_in)
            watch = _watched(bot.port)
            rss, peak = machine.rss_mb(pid), machine.peak_rss_mb(pid)
    undone = our_bot.truth(url)["not handled"]
    if undone or not figures["answered"]:
        raise SystemExit(f"{people} people, {undone} updates not handled: {figures}")
    return Measured(
        start=first - began,
        p50=1000 * figures["p50"],
        p95=1000 * figures["p95"],
        worst=1000 * figures["worst"],
        cpu_ms=1000 * cpu / figures["answered"],
        watch=1000 * watch,
        rss=rss,
        peak=peak,
    )


def _forget_updates(path: Path) -> None:
    """A new stand-in numbers its updates from 1 again: those of the repeat before must not look like the same."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM inbox WHERE update_id > 0")


def _first_answer(stand_in: StandIn) -> float:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if sent := stand_in.log()["sent"]:
            return float(sent[0]["at"])
        time.sleep(0.02)
    raise SystemExit("the bot does not answer")


def _watched(port: int) -> float:
    times = []
    for path in ("/health", "/metrics") * WATCHED:
        began = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}")
        times.append(time.perf_counter() - began)
    return statistics.median(times)


ROWS: Final = (
    ("start", "start to first answer, s", "{:.2f}"),
    ("p50", "a turn, p50, ms", "{:.1f}"),
    ("p95", "a turn, p95, ms", "{:.1f}"),
    ("worst", "the slowest turn, ms", "{:.0f}"),
    ("cpu_ms", "CPU for a turn, ms", "{:.2f}"),
    ("watch", "/health and /metrics, ms", "{:.1f}"),
    ("rss", "resident at the end, MB", "{:.0f}"),
    ("peak", "most ever resident, MB", "{:.0f}"),
)


def table(results: dict[int, list[Measured]]) -> list[str]:
    """Medians, and how many times as much it is as with the fewest people (the median of the same rounds' ratios)."""
    sizes = list(results)
    heads = [f"{sizes[0]:,} people", *(head for size in sizes[1:] for head in (f"{size:,}", "×"))]
    lines = [f"| | {' | '.join(heads)} |", f"|---|{'---:|' * len(heads)}"]
    for name, words, form in ROWS:
        cells = []
        for size in sizes:
            runs = [getattr(run, name) for run in results[size]]
            cells.append(form.format(statistics.median(runs)))
            if size != sizes[0]:
                few = [getattr(run, name) for run in results[sizes[0]]]
                cells.append(f"{statistics.median(m / f for m, f in zip(runs, few, strict=True)):.2f}")
        lines.append(f"| {words} | {' | '.join(cells)} |")
    return lines


def main(given: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench growth", description=__doc__)
    parser.add_argument("--people", type=int, nargs="+", default=[1_000, 30_000, 1_000_000])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=TICKS_SECONDS + 5)
    arguments = parser.parse_args(given)
    print("\n".join(machine.described()), flush=True)
    results: dict[int, list[Measured]] = {people: [] for people in arguments.people}
    with contextlib.ExitStack() as stack:
        paths = {}
        for people in arguments.people:
            paths[people] = stack.enter_context(machine.folder()) / "bot.sqlite"
            began = time.monotonic()
            grow(f"sqlite:///{paths[people]}", people)
            megabytes = paths[people].stat().st_size / 1_000_000
            print(f"{people} people: {megabytes:.0f} MB in {time.monotonic() - began:.0f} s", flush=True)
        for repeat in range(arguments.repeats):
            for people, path in paths.items():  # interleaved: the machine's bad moments are everybody's
                measured = measure(path, people, arguments.seconds)
                results[people].append(measured)
                figures = " ".join(f"{one.name}={getattr(measured, one.name):.2f}" for one in fields(Measured))
                print(f"RESULT run={repeat + 1} people={people} {figures}", flush=True)
    print(f"\nMedians of {arguments.repeats}; {RATE} acts a second for {arguments.seconds:.0f} s")
    print("\n".join(table(results)))


if __name__ == "__main__":
    main(sys.argv[1:])

"""python -m tests.bench [NAME [options] | --short]

One bench with its options (`--help` tells them), or all of them one after the other; `--short`: all, once, and tiny.
Each bench ends with an error where something was lost, said twice, given twice, sent too fast or out of order; how
quick it was is only told.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Final

from tests.bench import (
    appointments,
    broadcast,
    certificates,
    classroom,
    daily_lessons,
    growth,
    mentoring,
    reminders,
    rounds,
    seats,
    turns,
    understanding,
    workers,
)
from tests.warm_start import ANEW

BENCHES: Final[dict[str, Callable[[Sequence[str]], None]]] = {
    "turns": turns.main,
    "broadcast": broadcast.main,
    "reminders": reminders.main,
    "daily": daily_lessons.main,
    "rounds": rounds.main,
    "seats": seats.main,
    "classroom": classroom.main,
    "mentoring": mentoring.main,
    "appointments": appointments.main,
    "certificates": certificates.main,
    "growth": growth.main,
    "workers": workers.main,
    "understanding": understanding.main,
}
SHORT: Final[dict[str, Sequence[str]]] = {
    # the one figure that CI looks at: a third is far below what a quiet machine shows, and a busy one slows both
    "turns": ("--repeats=1", "--seconds=3", "--pause=3", "--latency=0", "--guard=0.33"),
    "broadcast": ("--repeats=1", "--people=2000", "--seconds=4", "--taps=10"),
    "reminders": ("--repeats=1", "--people=2000", "--shapes=20"),
    "daily": ("--repeats=1", "--people=240", "--seconds=3"),
    "rounds": ("--repeats=1", "--people=1200"),
    "seats": ("--repeats=1", "--people=300", "--seats=200"),
    "classroom": ("--repeats=1", "--people=12", "--site=30"),
    "appointments": ("--repeats=1", "--mentors=20", "--due=50"),
    "certificates": ("--repeats=1", "--papers=30", "--checks=50"),
    "mentoring": ("--repeats=1", "--questions=600", "--seconds=4", "--taps=10", "--due=20"),
    "growth": ("--repeats=1", "--people", "1000", "3000", "--seconds=2"),
    "workers": ("--repeats=1", "--workers", "1", "2", "--people=60", "--rounds=4"),
    "understanding": ("--messages=500",),
}
"""Of each bench as little as shows that it runs and that its checks hold. The figures mean nothing."""


def main(given: Sequence[str]) -> None:
    os.environ[ANEW] = "1"
    if list(given) == ["--short"]:
        for name, options in SHORT.items():
            print(f"\n--- {name} {' '.join(options)}", flush=True)
            began = time.monotonic()
            BENCHES[name](options)
            print(f"{name}: {time.monotonic() - began:.1f} s", flush=True)
        return
    if given:
        bench = BENCHES.get(given[0])
        if bench is None:
            raise SystemExit(f"There are the benches {', '.join(BENCHES)}; `python -m tests.bench` runs all of them.")
        bench(given[1:])
        return
    for name, bench in BENCHES.items():
        print(f"\n--- {name}", flush=True)
        bench([])


if __name__ == "__main__":
    main(sys.argv[1:])

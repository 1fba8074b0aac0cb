"""python -m tests.bench [NAME [options]]

One bench with its options (`--help` tells them), or all of them one after the other.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Final

from tests.bench import broadcast, daily_lessons, growth, reminders, seats, turns, workers

BENCHES: Final[dict[str, Callable[[Sequence[str]], None]]] = {
    "turns": turns.main,
    "broadcast": broadcast.main,
    "reminders": reminders.main,
    "daily": daily_lessons.main,
    "seats": seats.main,
    "growth": growth.main,
    "workers": workers.main,
}


def main(given: Sequence[str]) -> None:
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

"""python -m tests.split_examples EXAMPLES.csv: lays a fifth of the examples aside.

Stratified by intent, by a fixed seed, before any rule was written. `examples_dev.csv` may be read by everybody;
`examples_held_out.csv` is read by the scoring program alone (`tests/understanding_scores.py`), so that the figures tell
how sentences fare that nobody has looked at.
"""

from __future__ import annotations

import csv
import random
import sys
from collections import defaultdict
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent / "understanding"
SEED: Final = 13
HELD_OUT: Final = 0.2


def split(rows: list[dict[str, str]]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """(those to develop with, those held out): of every intent a fifth, at least one where there are two."""
    of: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        of[row["intent"]].append(row)
    chance = random.Random(SEED)
    held: set[str] = set()
    for intent in sorted(of):
        group = sorted(of[intent], key=lambda row: row["id"])
        chance.shuffle(group)
        count = max(round(len(group) * HELD_OUT), 1 if len(group) > 1 else 0)
        held.update(row["id"] for row in group[:count])
    return [row for row in rows if row["id"] not in held], [row for row in rows if row["id"] in held]


def main(source: Path) -> None:
    with source.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        fields = list(reader.fieldnames or [])
        rows = list(reader)
    for name, part in zip(("examples_dev.csv", "examples_held_out.csv"), split(rows), strict=True):
        with (HERE / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fields, lineterminator="\n")
            writer.writeheader()
            writer.writerows(part)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

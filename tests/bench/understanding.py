"""python -m tests.bench understanding [--messages 20000]

How well typed sentences are understood, and how quickly: the examples that were held out when the rules were written
(totals only), the others in folds whose phrases are taken out, and 500 ordinary sentences about other things.
A figure that is not as wanted is told at the end; what the suite insists on stands in tests/test_understanding.py.
"""

from __future__ import annotations

import argparse
import statistics
import time
import tracemalloc
from collections.abc import Sequence
from typing import Final

from bot.catalogue.understanding_file import load_phrasebook
from bot.settings import ROOT
from bot.understanding.understand import Understanding
from tests import understanding_scores as scoring

WANTED: Final = {"right": 0.80, "mean": 0.75, "hard": 0.75, "shown": 0.65, "scam_report": 0.90, "found": 0.95}
MOST_DANGEROUS: Final = 0.005
MOST_FALSE: Final = 0.01
MOST_MILLISECONDS: Final = 1.0
MOST_MEGABYTES: Final = 10.0


def main(given: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="tests.bench understanding", description=__doc__)
    parser.add_argument("--messages", type=int, default=20_000, help="how many messages are timed")
    parser.add_argument("--by-intent", action="store_true", help="also tell each intent's share")
    options = parser.parse_args(given)
    book = load_phrasebook(ROOT / "content")
    began = time.process_time()
    understanding = Understanding(book)
    made = time.process_time() - began
    dev = scoring.read(scoring.DEV)
    held_out = scoring.score(understanding, scoring.read(scoring.HELD_OUT))
    in_folds = scoring.folds(book, dev)
    fresh = scoring.score(understanding, scoring.read(scoring.FRESH))
    print("\n".join(scoring.told("hard ones and emergencies, held out too", fresh)))
    for name, found in (("held out", held_out), (f"the others, in {scoring.FOLDS} folds", in_folds)):
        print("\n".join(scoring.told(name, found)))
        if options.by_intent:
            for intent, share in sorted(found.by_intent.items()):
                print(f"    {intent:<20} {share}")
    learned = scoring.danger_rows(scoring.LEARNED)
    unseen = scoring.alarms(understanding, scoring.danger_rows(scoring.UNSEEN))
    for name, alarms in (
        ("danger, sentences nobody has seen", unseen),
        (f"danger, learned from, in {scoring.FOLDS} folds", scoring.alarms_in_folds(book, learned)),
    ):
        print(f"{name}\n  found                   {alarms[True]}\n  near misses             {alarms[False]}")
    ordinary = scoring.alarms(understanding, [(one, False) for one in scoring.ordinary()])[False]
    print(f"  ordinary sentences      {ordinary}")
    every, costly = scoring.false_alarms(understanding, scoring.ordinary())
    print(f"ordinary sentences\n  answered at once        {every}\n  ... and not in kind     {costly}")
    milliseconds, ninety_nine = _timed(understanding, [one.text for one in dev] + scoring.ordinary(), options.messages)
    print(
        f"made in {made:.2f} s of work; a message takes {milliseconds:.3f} ms, 99 of 100 at most {ninety_nine:.3f} ms"
    )
    tracemalloc.start()
    kept = Understanding(book)
    megabytes = tracemalloc.get_traced_memory()[0] / 2**20
    tracemalloc.stop()
    print(f"it holds {megabytes:.1f} MB")
    del kept
    wrong = [
        *_below("held out", held_out),
        *_below("in folds", in_folds),
        *([f"false alarms: {costly}"] if costly.value > MOST_FALSE else []),
        *([f"milliseconds: {milliseconds:.3f}"] if milliseconds > MOST_MILLISECONDS else []),
        *([f"megabytes: {megabytes:.1f}"] if megabytes > MOST_MEGABYTES else []),
    ]
    if wrong:
        print("not as wanted: " + "; ".join(wrong))


def _below(name: str, found: scoring.Score) -> list[str]:
    shares = {
        "right": found.right.value,
        "mean": found.mean,
        "hard": found.hard.value,
        "shown": found.shown.value,
        "scam_report": found.by_intent["scam_report"].value,
        "found": min(found.by_intent[one].value for one in ("urgent", "stop_messages", "erase_data")),
    }
    wrong = [f"{name}, {what}: {100 * share:.1f} %" for what, share in shares.items() if share < WANTED[what]]
    if found.dangerous.value > MOST_DANGEROUS:
        wrong.append(f"{name}, dangerous acts: {found.dangerous}")
    return wrong


def _timed(understanding: Understanding, texts: Sequence[str], count: int) -> tuple[float, float]:
    """(the middle, the 99th of 100) in milliseconds of one message."""
    took = []
    for at in range(count):
        began = time.perf_counter()
        understanding.understand(texts[at % len(texts)])
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took), statistics.quantiles(took, n=100)[98]

"""How well sentences are understood: figures of a set of examples, and of ordinary sentences that mean nothing to us.

Of the examples that were held out nobody reads a line: from here leave totals only (`Score`).
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bot.understanding.intents import KINDS, Kind, Understood
from bot.understanding.phrases import Phrasebook
from bot.understanding.understand import Understanding

HERE: Final = Path(__file__).resolve().parent / "understanding"
DEV: Final = HERE / "examples_dev.csv"
HELD_OUT: Final = HERE / "examples_held_out.csv"
MORE: Final = HERE / "examples_more.csv"
"""Written while the rules were, to find what was wrong with them: they only show that nothing gets worse."""
FRESH: Final = HERE / "examples_fresh.csv"
"""Hard sentences and emergencies, written before the rules were mended for them; nobody tunes by them either."""
LEARNED: Final = HERE / "danger_a.csv"
"""Sentences of danger and near misses by somebody who had not seen the rules; the bot has learned from them since."""
UNSEEN: Final = HERE / "danger_b.csv"
"""The same by somebody else: scored in totals only. Nobody who writes rules, words or sentences may read them."""
LEARNED_LATER: Final = HERE / "danger_c.csv"
"""The same by a third author: scored once, then read; the bot has learned from them since, so they measure nothing of
what it does with sentences it does not know."""
ORDINARY: Final = HERE / "ordinary.txt"
SEED: Final = 20
FOLDS: Final = 5
MUST_BE_FOUND: Final = ("urgent", "stop_messages", "erase_data", "scam_report")


@dataclass(frozen=True)
class Example:
    """A sentence, what it may be taken for (`right`), and what must not be done at once (`danger`)."""

    context: str
    text: str
    right: tuple[str, ...]
    danger: frozenset[str]
    hard: bool


@dataclass
class Share:
    hit: int = 0
    of: int = 0

    def add(self, hit: bool) -> None:
        self.hit += hit
        self.of += 1

    @property
    def value(self) -> float:
        return self.hit / self.of if self.of else 1.0

    def __str__(self) -> str:
        return f"{100 * self.value:5.1f} %  ({self.hit} of {self.of})"


@dataclass
class Score:
    """`shown`: of what may be shown at once, how much is. `dangerous`: done at once, wrong, and it costs something."""

    right: Share = field(default_factory=Share)
    hard: Share = field(default_factory=Share)
    shown: Share = field(default_factory=Share)
    dangerous: Share = field(default_factory=Share)
    by_intent: dict[str, Share] = field(default_factory=dict)

    @property
    def mean(self) -> float:
        return sum(one.value for one in self.by_intent.values()) / len(self.by_intent)

    def add(self, example: Example, found: Understood) -> None:
        hit = found.intent in example.right
        first = example.right[0]
        self.right.add(hit)
        self.by_intent.setdefault(first, Share()).add(hit)
        if example.hard:
            self.hard.add(hit)
        if KINDS[first] is Kind.SHOW and first not in example.danger:
            self.shown.add(hit and found.at_once)
        kind = KINDS[found.intent]
        self.dangerous.add(
            found.at_once
            and (found.intent in example.danger or kind is Kind.CONFIRM or (kind is Kind.ANSWER and not hit))
        )


def read(path: Path) -> list[Example]:
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Example(
                row["context"],
                row["text"],
                tuple(row["intent"].split("|")),
                frozenset(filter(None, row["danger"].split("|"))),
                row["hard"] == "yes",
            )
            for row in csv.DictReader(file)
        ]


def score(understanding: Understanding, examples: Sequence[Example]) -> Score:
    found = Score()
    for one in examples:
        found.add(one, understanding.understand(one.text, one.context))
    return found


def without(book: Phrasebook, examples: Sequence[Example]) -> Phrasebook:
    """The phrases without those that are one of the examples, in whatever spelling."""
    return book.without(frozenset(one.text for one in examples))


def folds(book: Phrasebook, examples: Sequence[Example], count: int = FOLDS) -> Score:
    """Each part is scored by what is made of the phrases that are not in it."""
    shuffled = list(examples)
    random.Random(SEED).shuffle(shuffled)
    found = Score()
    for at in range(count):
        held = shuffled[at::count]
        understanding = Understanding(without(book, held))
        for one in held:
            found.add(one, understanding.understand(one.text, one.context))
    return found


def lines(name: str) -> list[str]:
    return (HERE / name).read_text(encoding="utf-8").splitlines()


def ordinary() -> list[str]:
    return lines(ORDINARY.name)


def false_alarms(understanding: Understanding, sentences: Sequence[str]) -> tuple[Share, Share]:
    """(all that is done or shown at once, the same without friendly words in answer to friendly words)"""
    every, costly = Share(), Share()
    for line in sentences:
        found = understanding.understand(line)
        every.add(found.at_once)
        costly.add(found.at_once and found.intent != "small_talk")
    return every, costly


@dataclass
class Alarms:
    """Of sentences of danger, or of others: for how many help is shown at once, and for how many it is asked first."""

    at_once: Share = field(default_factory=Share)
    asked: Share = field(default_factory=Share)

    def add(self, found: Understood) -> None:
        self.at_once.add(found.intent == "urgent" and found.at_once)
        self.asked.add(found.intent == "urgent" and not found.at_once)

    @property
    def found(self) -> float:
        return self.at_once.value + self.asked.value

    def __str__(self) -> str:
        at_once, asked = 100 * self.at_once.value, 100 * self.asked.value
        return f"{at_once + asked:5.1f} %  (at once {at_once:.1f} %, asked {asked:.1f} %)"


def danger_rows(path: Path) -> list[tuple[str, bool]]:
    """Returns (text, whether it is danger)."""
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["label"] == "danger") for row in csv.DictReader(file)]


def alarms(understanding: Understanding, rows: Sequence[tuple[str, bool]]) -> dict[bool, Alarms]:
    """Returns the figures of danger (True), and of what only sounds so (False)."""
    found = {True: Alarms(), False: Alarms()}
    for text, of_danger in rows:
        found[of_danger].add(understanding.understand(text))
    return found


def alarms_in_folds(book: Phrasebook, rows: Sequence[tuple[str, bool]], count: int = FOLDS) -> dict[bool, Alarms]:
    """The same; each part is scored by what has not learned from it."""
    shuffled = list(rows)
    random.Random(SEED).shuffle(shuffled)
    found = {True: Alarms(), False: Alarms()}
    for at in range(count):
        held = shuffled[at::count]
        understanding = Understanding(book.without(frozenset(text for text, _ in held)))
        for text, of_danger in held:
            found[of_danger].add(understanding.understand(text))
    return found


def told(name: str, found: Score) -> Iterator[str]:
    """The figures in lines; no sentence among them."""
    yield f"{name}"
    yield f"  right over all          {found.right}"
    yield f"  mean over intents       {100 * found.mean:5.1f} %"
    yield f"  hard ones               {found.hard}"
    yield f"  dangerous acts at once  {found.dangerous}"
    yield f"  shown at once           {found.shown}"
    for intent in MUST_BE_FOUND:
        if intent in found.by_intent:
            yield f"  {intent + ' found':<22}  {found.by_intent[intent]}"
    weak = sorted((one.value, intent) for intent, one in found.by_intent.items() if one.value < 0.75)
    for _, intent in weak:
        yield f"  below 75 %: {intent:<18} {found.by_intent[intent]}"

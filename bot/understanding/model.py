"""A small linear model made from the phrases at start: pieces of words -> intents. Pure Python, nothing random."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final

SMOOTHING: Final = 0.5
ROUNDS: Final = 4
"""How often the training goes through the phrases to correct wrong guesses."""
STEP: Final = 0.6
MARGIN: Final = 1.0


def features(core: Sequence[str], question: bool) -> list[str]:
    """Returns words, pairs of words, and pieces of four letters; all numbers are the same."""
    words = ["#" if word.isdigit() else word for word in core]
    found = set(words)
    found.update(f"{first} {second}" for first, second in zip(["^", *words], [*words, "$"], strict=True))
    for word in words:
        if len(word) > 4:
            found.update(f"~{word[at : at + 4]}" for at in range(len(word) - 3))
    if question:
        found.add("?")
    return sorted(found)


class Model:
    """Scores of every intent for a message. The same (core, question, intent) lines give the same model."""

    def __init__(self, lines: Iterable[tuple[Sequence[str], bool, str]]) -> None:
        examples = [(features(core, question), intent) for core, question, intent in lines]
        self.intents = sorted({intent for _, intent in examples})
        place = {intent: at for at, intent in enumerate(self.intents)}
        counts: dict[str, Counter[int]] = defaultdict(Counter)
        sizes = [0.0] * len(self.intents)
        for found, intent in examples:
            for feature in found:
                counts[feature][place[intent]] += 1
            sizes[place[intent]] += len(found)
        spread = len(counts)
        whole = sum(sizes)
        learned: dict[str, dict[int, float]] = {}
        for feature, of in counts.items():
            usual = (sum(of.values()) + SMOOTHING) / (whole + SMOOTHING * spread)
            learned[feature] = {
                at: math.log((count + SMOOTHING * spread * usual / 4) / (sizes[at] + SMOOTHING * spread / 4) / usual)
                for at, count in of.items()
            }
        self._mend([([learned[feature] for feature in found], place[intent]) for found, intent in examples])
        # an intent and its weight in turn: that takes half the memory
        self._weights = {feature: tuple(chain.from_iterable(of.items())) for feature, of in learned.items()}

    def _mend(self, weighed: Sequence[tuple[list[dict[int, float]], int]]) -> None:
        """Trains the model on the examples as a perceptron with a margin: an example that is nearly taken for another
        intent moves the weights of both intents."""
        for _ in range(ROUNDS):
            for of, right in weighed:
                scores = self._sum(map(dict.items, of), len(of))
                score, scores[right] = scores[right], -math.inf
                best = max(scores)  # of the others
                if score - best >= MARGIN:
                    continue
                wrong = scores.index(best)
                step = STEP / math.sqrt(len(of))
                for weights in of:
                    weights[right] = weights.get(right, 0.0) + step
                    weights[wrong] = weights.get(wrong, 0.0) - step

    def _sum(self, of: Iterable[Iterable[tuple[int, float]]], number: int) -> list[float]:
        scores = [0.0] * len(self.intents)
        for weights in of:
            for at, weight in weights:
                scores[at] += weight
        scale = 1 / math.sqrt(number or 1)
        return [score * scale for score in scores]

    def scores(self, core: Sequence[str], question: bool) -> dict[str, float]:
        weights = [self._weights.get(feature, ()) for feature in features(core, question)]
        pairs: Any = (zip(of[::2], of[1::2], strict=True) for of in weights)
        return dict(zip(self.intents, self._sum(pairs, len(weights)), strict=True))

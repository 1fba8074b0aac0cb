"""The phrases that the model is made from, and phrases that two intents claim."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from bot.understanding.alarm import DangerBook
from bot.understanding.danger import VOCABULARY
from bot.understanding.intents import CONTEXTS, ONLY_IN
from bot.understanding.normalise import Normaliser, Text
from bot.understanding.safety import WORDS


class Phrase(NamedTuple):
    """One way to say an intent, with the line it stands on in its file."""

    intent: str
    language: str
    text: str
    line: int


@dataclass(frozen=True)
class Phrasebook:
    """What content/understanding.yaml holds: spellings, polite words, topics of the lessons, words that are no typing
    errors of others, phrases, and what danger is known by."""

    words: Mapping[str, tuple[str, ...]]
    polite: frozenset[str]
    topics: frozenset[str]
    ordinary: frozenset[str]
    phrases: tuple[Phrase, ...]
    danger: DangerBook = field(default_factory=DangerBook)

    def without(self, texts: frozenset[str]) -> Phrasebook:
        """Returns the phrasebook without the phrases, and the sentences of danger, that are one of `texts` in any
        spelling: for measuring."""
        normalise = Normaliser(self.words, self.polite)
        gone = {normalise(text).said for text in texts}
        kept = tuple(one for one in self.phrases if normalise(one.text).said not in gone)
        sentences, quiet = (
            tuple(one for one in of if normalise(one).said not in gone)
            for of in (self.danger.sentences, self.danger.quiet)
        )
        return replace(self, phrases=kept, danger=replace(self.danger, sentences=sentences, quiet=quiet))

    def normaliser(self) -> Normaliser:
        """Returns a normaliser that has learned the words of the phrases."""
        made = Normaliser(self.words, self.polite)
        counted = Counter(word for one in self.phrases for word in made(one.text).tokens)
        made.learn(counted | Counter(dict.fromkeys([*self.ordinary, *WORDS], 1)))
        made.know(VOCABULARY)
        return made


class Claim(NamedTuple):
    """A phrase that two intents have in common, where a context considers both in the same step."""

    phrase: Phrase
    other: Phrase


def said(text: Text) -> str:
    """Returns the key by which two phrases are the same: their words without polite ones, or all words if they are all
    polite."""
    return text.said or " ".join(text.tokens)


def claims(book: Phrasebook) -> Iterator[Claim]:
    """Yields each phrase that two intents have in common and of which nobody could tell which one is meant. A phrase
    may belong to an intent of an open question and to another one: "ok" answers a reminder, and is small talk where
    nothing was asked."""
    normalise = book.normaliser()
    of: dict[str, list[Phrase]] = defaultdict(list)
    for one in book.phrases:
        of[said(normalise(one.text))].append(one)
    for same in of.values():
        seen: set[tuple[str, str]] = set()
        for at, phrase in enumerate(same):
            for other in same[:at]:
                pair = (phrase.intent, other.intent)
                if other.intent != phrase.intent and pair not in seen and _meet(*pair):
                    seen.add(pair)
                    yield Claim(phrase, other)


def _meet(first: str, second: str) -> bool:
    """Whether there is a context that looks at both intents in the same step."""
    if first not in ONLY_IN and second not in ONLY_IN:
        return True
    return any(context in ONLY_IN.get(first, ()) and context in ONLY_IN.get(second, ()) for context in CONTEXTS)

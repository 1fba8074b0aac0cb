"""Brings what people type to one spelling: case, repeated letters, abbreviations, typing errors, regional words."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

LONGEST: Final = 600
"""How many characters of a message are looked at; later ones seldom change the meaning."""
_EMOJI: Final = {
    "👍": "jempol",
    "👌": "jempol",
    "✅": "jempol",
    "☑": "jempol",
    "✔": "jempol",
    "🆗": "jempol",
    "👎": "jempolbawah",
    "❌": "jempolbawah",
    "🙏": "sembah",
    "😊": "senyum",
    "🙂": "senyum",
    "😀": "senyum",
    "😁": "senyum",
    "😄": "senyum",
    "🥰": "senyum",
    "😍": "senyum",
    "❤": "senyum",
    "💪": "senyum",
    "👏": "senyum",
    "🎉": "senyum",
    "🤝": "senyum",
    "🤗": "senyum",
    "😇": "senyum",
    "🌹": "senyum",
    "🔥": "senyum",
    "😂": "tawa",
    "🤣": "tawa",
    "😅": "tawa",
}
EMOJI_WORDS: Final = frozenset(_EMOJI.values()) | {"emoji"}
_TOKEN: Final = re.compile(r"[a-z]+|\d+|[^\w\s]|_")
_TWICE: Final = re.compile(r"(.)\1+")
_THRICE: Final = re.compile(r"(.)\1{2,}")
_VOWELS: Final = frozenset("aeiou")
_BEGINNINGS: Final = ("nge", "ng", "di", "ny", "men", "mem", "me", "ber", "ter", "se", "ke")
"""Prefixes: taken off when the whole word is unknown and the rest is known."""
_ROWS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS: Final = {
    letter: row[max(at - 1, 0) : at] + row[at + 1 : at + 2] for row in _ROWS for at, letter in enumerate(row)
}
_ENDINGS: Final = ("nya", "ne", "kah", "lah", "ku", "mu", "pun", "nyo", "na", "e")
"""Suffixes: taken off when the whole word is unknown and the rest is known."""

_KEPT: Final = 20_000
"""How many words are remembered with their right spelling."""


def wordset(words: str) -> frozenset[str]:
    """Returns the words of a string."""
    return frozenset(words.split())


@dataclass(frozen=True)
class Text:
    """A message in one spelling. `tokens` are all its words, `core` those without polite words; `guessed` tells how
    many words were known only after a typing error was corrected, `question` whether it has a question mark."""

    raw: str
    tokens: tuple[str, ...]
    core: tuple[str, ...]
    question: bool
    guessed: int

    @cached_property
    def line(self) -> str:
        """All words with a space before and after, so that " mati " finds the whole word only."""
        return f" {' '.join(self.tokens)} "

    @cached_property
    def said(self) -> str:
        """The core as one string: two messages with the same are the same phrase."""
        return " ".join(self.core)


class Normaliser:
    """Knows how words are typed (`words`: right spelling -> others) and which are only polite (`polite`)."""

    def __init__(self, words: Mapping[str, Iterable[str]], polite: Iterable[str]) -> None:
        self._polite = frozenset(polite) | EMOJI_WORDS
        self._one: dict[str, tuple[str, ...]] = {}
        self._several: dict[tuple[str, ...], tuple[str, ...]] = {}
        for right, others in words.items():
            for other in (right, *others):
                typed = tuple(other.split())
                if len(typed) == 1:
                    self._one[other] = tuple(right.split())
                else:
                    self._several[typed] = tuple(right.split())
        self._longest = max(map(len, self._several), default=1)
        self._known = set(self._one) | {word for right in self._one.values() for word in right} | self._polite
        self._known |= {word for typed in self._several for word in typed}
        self._by_letter: dict[str, list[str]] = {}
        self._by_skeleton: dict[str, list[str]] = {}
        self._kept: dict[str, tuple[tuple[str, ...], int]] = {}

    def learn(self, counted: Mapping[str, int]) -> None:
        """Learns the words of the phrases and how often each occurs: typing errors are corrected towards them."""
        counted = {**dict.fromkeys((one for one in self._one if len(one) >= 6), 0), **counted}
        self._known |= set(counted)
        letters: dict[str, list[str]] = defaultdict(list)
        skeletons: dict[str, list[str]] = defaultdict(list)
        for word in sorted(counted, key=lambda one: (-counted[one], one)):
            if len(word) >= 4 and word.isalpha():
                letters[word[0]].append(word)
                skeletons[_skeleton(word)].append(word)
        self._by_letter, self._by_skeleton = dict(letters), dict(skeletons)
        self._kept.clear()

    def know(self, words: Iterable[str]) -> None:
        """Learns words that are right: they are not corrected to other words, nor other words to them."""
        self._known |= {one for one in words if one not in self._one}
        self._kept.clear()

    def forget(self) -> None:
        """Forgets which spellings were looked up."""
        self._kept.clear()

    def knows(self, word: str) -> bool:
        """Whether the word is a spelling that it has learned."""
        return word in self._known

    def __call__(self, raw: str) -> Text:
        pieces = self._pieces(raw)
        tokens: list[str] = []
        guessed = at = 0
        while at < len(pieces):
            for size in range(min(self._longest, len(pieces) - at), 1, -1):
                right = self._several.get(tuple(pieces[at : at + size]))
                if right is not None:
                    tokens += right
                    at += size
                    break
            else:
                word = pieces[at]
                right, mended = self._word(word)
                tokens += right
                guessed += mended
                at += 1
        if tokens[:1] == ["nomor"] and raw[:2].lower() == "no" and self._polite.issuperset(tokens[1:]):
            tokens[0] = "tidak"  # "no, sorry"
        core = tuple(token for token in tokens if token not in self._polite)
        return Text(raw, tuple(tokens), core, "?" in raw, guessed)

    def _pieces(self, raw: str) -> list[str]:
        """Returns words, numbers and names of emoji, in small letters without accents and signs."""
        text = unicodedata.normalize("NFKD", raw[:LONGEST]).lower().replace("'", "").replace("’", "").replace("`", "")
        pieces: list[str] = []
        for piece in _TOKEN.findall(text):
            if piece.isalpha() or piece.isdigit():
                if piece == "2" and pieces and pieces[-1].isalpha() and f"{pieces[-1]}2" in text:
                    continue  # "jauh2": the word said twice
                pieces.append(_short(piece) if piece.isalpha() else piece)
            elif piece in _EMOJI:
                pieces.append(_EMOJI[piece])
            elif ord(piece) >= 0x2190 and unicodedata.category(piece) == "So":
                pieces.append("emoji")
        return [piece for at, piece in enumerate(pieces) if piece not in EMOJI_WORDS or piece not in pieces[:at]]

    def _word(self, word: str) -> tuple[tuple[str, ...], int]:
        """Returns the right spelling of a word, and 1 if that was guessed from a typing error, else 0."""
        known = self._kept.get(word)
        if known is None:
            known = self._looked_up(word)
            if len(self._kept) < _KEPT:
                self._kept[word] = known
        return known

    def _looked_up(self, word: str) -> tuple[tuple[str, ...], int]:
        for one in dict.fromkeys((word, _single(word))):
            if one in self._one:
                return self._one[one], 0
            if one in self._known or one.isdigit():
                return (one,), 0
        stem = self._stem(word)
        if stem is not None:
            return stem, 0
        return self._mended(word)

    def _stem(self, word: str) -> tuple[str, ...] | None:
        if word.endswith("x") and len(word) > 3:  # "tempatx" is "tempatnya"
            word = word[:-1] + "nya"
        for ending in _ENDINGS:
            rest = word.removesuffix(ending)
            if rest != word and len(rest) >= 3:
                if rest in self._one:
                    return self._one[rest]
                if rest in self._known:
                    return (rest,)
        if word.endswith("in") and len(word) > 5:  # "teleponin" is "teleponkan"
            for spelled in (word[:-2] + "kan", word[:-2], word[:-2] + "i"):
                if spelled in self._one or spelled in self._known:
                    return self._one.get(spelled, (spelled,))
        for beginning in _BEGINNINGS:
            rest = word.removeprefix(beginning)
            if rest != word and len(rest) >= 4 and (rest in self._one or rest in self._known):
                return self._one.get(rest, (rest,))
        return None

    def _mended(self, word: str) -> tuple[tuple[str, ...], int]:
        if len(word) < 3:
            return (word,), 0
        bones = _skeleton(word)
        if len(bones) >= 2 and (len(bones) == len(word) or len(word) >= 4):
            for right in self._by_skeleton.get(bones, ()):
                if len(word) < len(right) and _within(word, right):
                    return self._one.get(right, (right,)), 1
        if len(word) < 4:
            return (word,), 0
        allowed = 1 if len(word) < 10 else 2
        near = extract(word, self._by_letter.get(word[0], ()), scorer=OSA.distance, score_cutoff=allowed, limit=4)
        for right, _, _ in near:
            if is_slip(word, right):
                return self._one.get(right, (right,)), 1
        return (word,), 0


def _short(word: str) -> str:
    """Shortens three and more of a letter to two: "telaaaat" is "telaat", which `_single` tries as "telat"."""
    return _THRICE.sub(r"\1\1", word)


def _single(word: str) -> str:
    return _TWICE.sub(r"\1", word)


def _skeleton(word: str) -> str:
    return "".join(letter for letter in word if letter not in _VOWELS)


def is_slip(typed: str, right: str) -> bool:
    """Returns whether `typed` is a typing error of `right`: a letter missing, doubled or swapped, or one replaced by a
    vowel like it or by its neighbour on the keyboard. "kasar" is none of "kabar"."""
    if len(typed) != len(right) or sorted(typed) == sorted(right):
        return True
    wrong = [(one, other) for one, other in zip(typed, right, strict=True) if one != other]
    return all({one, other} <= _VOWELS or other in _NEIGHBOURS.get(one, "") for one, other in wrong)


def _within(part: str, whole: str) -> bool:
    """Returns whether the letters of `part` stand in `whole` in this order, beginning with the same letter."""
    letters = iter(whole)
    return part[0] == whole[0] and all(letter in letters for letter in part)

"""Finds what was answered already: for a typed question the answers for everybody and the lessons that fit it.

Words are compared by their stems and may be spelt a little wrongly; a word that few of them have tells more than one
that many have. The limits were chosen with 60 sample questions and then held against 43 others (test_faq_finding.py
says how many find the right answer, and how many a wrong one).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from rapidfuzz.fuzz import ratio
from rapidfuzz.process import extract

FITS: Final = 0.5
"""From this likeness (0 to 1) on an answer or a lesson is shown before a question goes out."""
FITS_WELL: Final = 0.6
"""From this one on an answer is offered to somebody who asked nobody."""
FITS_TOPIC: Final = 0.3
"""From this likeness to a lesson on a text is about the lesson's module."""
BESIDE: Final = 0.8
"""A second one of the same kind is shown if it has this share of the first one's likeness."""
SPELT_ALIKE: Final = 84
"""Two stems from this likeness of their letters on (0 to 100) are the same word, spelt differently."""
SURE: Final = 0.95
"""From this likeness to the heaviest text (1) on a single word is enough, if it stands in few entries."""
FEW: Final = 4
MOST_WORDS: Final = 24
"""So many words of a question are looked at."""
STEADY: Final = frozenset(re.findall(r"\w+", """
    ada adalah agar akan anda apa atau bagaimana bagi bagus baik banyak baru begini begitu belum berapa biar bisa bu
    buat cara caranya coba dalam dan dapat dari dengan di dia dimana dong dulu enak gini gitu hai hal halo hari
    harus ingin ini itu jadi jangan jelas juga kah kak kali kalau kami kan kapan karena ke kenapa kok lagi lain lalu
    lebih maaf mana mas masih mau mbak mengapa min minta mohon nanti nih nya oh oleh orang pada padahal pak paling
    perlu butuh pernah pun punya saja sama sampai satu saya sebaiknya sebelum sedang seperti siapa sini soal sudah
    suka supaya tadi tanya tapi tentang terima kasih terus tetap tiap tidak tolong untuk usaha wajib ya yang
"""))  # fmt: skip
"""Words that stand in questions about anything."""
SAME: Final[Mapping[str, str]] = {
    "follower": "ikut", "followers": "ikut", "subscriber": "ikut", "upload": "unggah", "posting": "unggah",
    "post": "unggah", "hashtag": "tagar", "hastag": "tagar", "packing": "bungkus", "kemas": "bungkus",
    "packaging": "bungkus", "password": "sandi", "dp": "muka", "print": "cetak", "agunan": "jamin", "ijin": "izin",
    "cancel": "batal", "lagu": "musik", "siaran": "live", "potret": "foto", "gambar": "foto", "ekspor": "luar",
    "ngecek": "cek", "lihat": "cek", "periksa": "cek", "terkenal": "viral", "hitungan": "hitung", "review": "ulas",
    "rating": "ulas", "komplain": "keluh", "ongkos": "ongkir",
}  # fmt: skip
"""Words that owners use for one another, by stem."""
_PREFIXES: Final = (
    ("meny", "s"), ("peny", "s"), ("meng", ""), ("peng", ""), ("mem", ""), ("pem", ""), ("men", ""), ("pen", ""),
    ("ber", ""), ("ter", ""), ("di", ""), ("me", ""), ("nge", ""), ("ng", ""),
)  # fmt: skip
_SUFFIXES: Final = ("nya", "kan", "lah", "kah", "an", "in", "i")


class Entry(NamedTuple):
    """Something that can be found: `texts` with the weight of each, the heaviest first; `short`: it is a question, so
    that words of it which were not typed count, too."""

    key: str
    texts: tuple[tuple[str, float], ...]
    short: bool = True


@dataclass(frozen=True)
class Match:
    """What was found, how likely it is meant (0 to 1), and by how many of the words; `surely`: one of these stands in
    its heaviest text, and in few others."""

    key: str
    likeness: float
    words: int = 1
    surely: bool = False


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Returns the word without its prefix and suffix: "memotret" and "fotonya" are both "foto"."""
    if word in SAME:
        return SAME[word]
    for ending in _SUFFIXES:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word.removesuffix(ending)
            break
    for beginning, instead in _PREFIXES:
        rest = word.removeprefix(beginning)
        if rest == word or len(rest) < 3:
            continue
        if rest[0] in "aeiou" and beginning in ("mem", "pem", "men", "pen"):
            instead = "p" if beginning.endswith("m") else "t"
        if len(instead + rest) >= 4:
            word = instead + rest
            break
    return SAME.get(word, word)


def stems(words: Iterable[str]) -> tuple[str, ...]:
    """Returns the stems of the words that tell what a question is about, each once."""
    told = (one for one in words if one not in STEADY and (len(one) > 1) and not one.isdigit())
    return tuple(dict.fromkeys(stem(one) for one in told))


@lru_cache(maxsize=2048)
def stems_of(text: str) -> tuple[str, ...]:
    """Returns the stems of a text that stands in a file or a row."""
    return stems(re.findall(r"[^\W_]+", text.casefold().replace("'", "")))


class Index:
    """What can be found, made ready to be searched often."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = entries
        self._weights: list[dict[str, float]] = []
        self._where: dict[str, list[int]] = {}
        for at, entry in enumerate(entries):
            of_stem: dict[str, float] = {}
            for text, weight in entry.texts:
                for one in stems_of(text):
                    of_stem[one] = max(weight, of_stem.get(one, 0.0))
            self._weights.append(of_stem)
            for one in of_stem:
                self._where.setdefault(one, []).append(at)
        self._words = list(self._where)

    def telling(self, stem_: str) -> float:
        """Returns how much a word tells: more, the fewer answers have it."""
        return _telling(len(self._where.get(stem_, ())), len(self.entries))

    def search(self, words: Iterable[str], most: int = 2) -> list[Match]:
        """Returns what fits these words (in the right spelling), the likeliest first, whatever its likeness."""
        asked = stems(words)[:MOST_WORDS]
        if not asked or not self.entries:
            return []
        found: list[Counter[int]] = []
        weights = []
        for word in asked:
            at_once: Counter[int] = Counter()
            known = self._alike(word)
            for other, likeness in known:
                for at in self._where[other]:
                    at_once[at] = max(at_once[at], likeness * self._weights[at][other])  # type: ignore[assignment]
            weights.append(max((self.telling(other) for other, _ in known), default=_telling(1, len(self.entries))))
            found.append(at_once)
        total = sum(weights)
        scores, matched, surely = Counter[int](), Counter[int](), set[int]()
        for at_once, weight in zip(found, weights, strict=True):
            for at, likeness in at_once.items():
                scores[at] += likeness * weight  # type: ignore[assignment]
                matched[at] += 1
                if likeness >= SURE and len(at_once) <= FEW:
                    surely.add(at)
        matches = [
            Match(self.entries[at].key, self._likeness(at, score, total), matched[at], at in surely)
            for at, score in scores.items()
        ]
        matches.sort(key=lambda one: -one.likeness)
        return matches[:most]

    def _likeness(self, at: int, score: float, total: float) -> float:
        typed = score / total
        if not self.entries[at].short:
            return typed
        whole = sum(self.telling(one) for one in self._weights[at]) or 1.0
        return math.sqrt(typed * min(1.0, score / whole))

    def _alike(self, word: str) -> list[tuple[str, float]]:
        if word in self._where:
            return [(word, 1.0)]
        if len(word) < 4:
            return []
        near = extract(word, self._words, scorer=ratio, score_cutoff=SPELT_ALIKE, limit=3)
        return [(other, likeness / 100) for other, likeness, _ in near if other[0] == word[0] or len(word) > 5]


def _telling(number: int, of: int) -> float:
    return math.log(1 + of / (0.5 + number))

"""Finds the sites that typed words may mean: by name, other names, district, regency or province, also misspelt."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from bot.catalogue.programme_files import Site

FOUND: Final = 80.0
"""A site is offered if its likeness is above this, from 0 to 100."""
WHOLE: Final = 100.0
"""How likely a site is whose name is what was typed."""
BEGINS: Final = 97.0
"""How likely a site is whose name only begins with what was typed."""
IGNORED: Final = frozenset(re.findall(r"\w+", """
    di ke dari dan saya aku kami mau ikut yang ini itu
    desa wisata kampung kota kab kabupaten kec kecamatan prov provinsi daerah lokasi wilayah sentra ekraf
"""))  # fmt: skip
"""Words that do not tell one site from another."""


class SiteIndex:
    """All names of each site, and where each site lies."""

    def __init__(self, sites: Sequence[Site], province_aliases: Mapping[str, tuple[str, ...]]) -> None:
        self.sites = sites
        self._terms = [(site, tuple(_terms(site, province_aliases))) for site in sites]

    def search(self, text: str) -> list[Site]:
        """Returns the sites that `text` may mean, the likeliest first."""
        words = _significant(text)
        if not words:
            return []
        scored = [(max(_likeness(words, term) for term in terms), site) for site, terms in self._terms]
        best = max((score for score, _ in scored), default=0.0)
        if best < FOUND:
            return []
        # Two sites of one regency are both meant; a far weaker likeness beside a good one is chance.
        near = [(score, site) for score, site in scored if score >= max(FOUND, best - 15)]
        if best == WHOLE:  # a place of this very name: Bali is not Balikpapan
            near = [(score, site) for score, site in near if score != BEGINS]
        near.sort(key=lambda pair: -pair[0])
        return [site for _, site in near]

    def nearest(self, lat: float, lon: float) -> list[tuple[Site, float]]:
        """Returns the sites with a pin, the nearest to a point (degrees) first, with their distance in km."""
        found = [
            (site, distance_km(lat, lon, site.lat, site.lon))
            for site in self.sites
            if site.lat is not None and site.lon is not None
        ]
        found.sort(key=lambda pair: pair[1])
        return found


def is_nearby(site: Site, text: str) -> bool:
    """Returns whether `text` names a place near the site, and not the site itself."""
    words = set(_significant(text))
    places = (_significant(place) for place in site.nearby)
    return any(place and words.issuperset(place) for place in places) and not words & set(_significant(site.name))


@dataclass(frozen=True)
class _Term:
    """One way of naming a site. A term that only this site has weighs more than one that its neighbours share."""

    words: tuple[str, ...]
    weight: float

    @cached_property
    def joined(self) -> str:
        return "".join(self.words)


def _significant(text: str) -> tuple[str, ...]:
    words = re.findall(r"[^\W_]+", text.casefold().replace("'", ""))
    kept = [word for word in words if word not in IGNORED]
    # "Ekraf Victory" is still found by its whole name; only "desa wisata" alone means no place.
    return tuple(kept[:12])


def _terms(site: Site, province_aliases: Mapping[str, tuple[str, ...]]) -> Iterator[_Term]:
    named = [(site.name, 1.0), (site.id, 1.0), *((alias, 1.0) for alias in (*site.aliases, *site.nearby))]
    named += [(site.district or "", 0.98), (site.regency or "", 0.96), (site.province or "", 0.94)]
    named += [(alias, 0.94) for alias in province_aliases.get(site.province or "", ())]
    for name, weight in named:
        if words := _significant(name):
            yield _Term(words, weight)


def _likeness(words: tuple[str, ...], term: _Term) -> float:
    joined = "".join(words)
    if joined == term.joined:
        return WHOLE * term.weight
    scores = [0.0]
    if len(joined) >= 3 and term.joined.startswith(joined):
        scores.append(BEGINS)
    if len(joined) >= 5 and len(term.joined) >= 5:
        scores.append(_spelt_alike(joined, term.joined))  # "jaya pura", "labuanbajo", "tiga rihit"
    scores.append(_covered(words, term.words) - 2)  # part of the name: "suhi suhi", "bulbul"
    if len(term.joined) >= 5:
        scores.append(_covered(term.words, words) - 4)  # the name inside a sentence
    return max(scores) * term.weight


def _covered(parts: Sequence[str], whole: Sequence[str]) -> float:
    """Returns how well each of `parts` is found in `whole`, 0 to 100; each must be found, and longer words weigh
    more."""
    total, length = 0.0, 0
    for part in parts:
        best = max(alike(part, word) for word in whole)
        if best < 75:
            return 0.0
        total += best * len(part)
        length += len(part)
    return total / length


def alike(part: str, word: str) -> float:
    if part == word:
        return 100.0
    if len(part) >= 3 and word.startswith(part):
        return 95.0
    return _spelt_alike(part, word)


def _spelt_alike(one: str, other: str) -> float:
    """Returns the likeness of spelling, 0 to 100. "Jakarta" is not a misspelt "Jogjakarta", nor "karu" a misspelt
    "Karo"."""
    if abs(len(one) - len(other)) > 2:
        return 0.0
    from rapidfuzz import fuzz  # most places are spelt right

    likeness = fuzz.ratio(one, other)
    return likeness if min(len(one), len(other)) >= 5 or likeness > 85 else 0.0


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Returns the great-circle distance in km."""
    first, second = math.radians(lat), math.radians(other_lat)
    half = math.sin((second - first) / 2) ** 2
    half += math.cos(first) * math.cos(second) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    return 2 * 6371.0 * math.asin(math.sqrt(min(1.0, half)))

"""Finds people of a list by what is typed: a name, the beginning of one, or the number that stands before it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bot.people.namesakes import DIGITS
from bot.programme.attendance import Name
from bot.words.typed_text import cleaned

ADDRESSES: Final = frozenset({"bu", "ibu", "pak", "bapak", "kak", "kakak", "mbak", "mas", "bang", "mama", "mr", "ms"})
"""Words before a name that are no part of it."""
SHORTEST: Final = 2
"""So many letters a name has to be looked for by."""
MOST: Final = 4096
"""So many letters are read of what is typed, which is all that Telegram lets anybody type in one message."""
WIDEST: Final = 200
"""So many numbers "3-6" may stand for."""
SHOWN_OF_REST: Final = 40
"""So many letters are said back of what is not read."""


@dataclass(frozen=True)
class Read:
    """`found`: surely these; `several`: what was typed, and the names that it may be; `unknown`: what is no name of
    the list."""

    found: tuple[Name, ...]
    several: tuple[tuple[str, tuple[Name, ...]], ...]
    unknown: tuple[str, ...]


def search(text: str, everybody: Sequence[Name]) -> list[Name]:
    """Returns the people whose name or number was typed: each typed word begins a word of the name."""
    plain = _plain(text)
    numbered = re.fullmatch(r"(?:(?:no|nomor|nomer|nr|number) )?(\d{1,4})", plain)
    if numbered:
        return [one for one in everybody if one.number == int(numbered[1])]
    both = re.fullmatch(r"(\D+) (?:(?:no|nomor|nomer|nr|number) )?(\d{1,4})", plain)
    if both:  # "siti 2": the Siti who has this number, or whose telephone number ends so, or else all of them
        named = search(both[1], everybody)
        digits = both[2] if len(both[2]) >= DIGITS else None
        return (
            [one for one in named if one.number == int(both[2])]
            or [one for one in named if digits and (one.person.phone or "").endswith(digits)]
            or named
        )
    wanted = [word for word in plain.split() if word not in ADDRESSES] or plain.split()
    if not wanted or sum(map(len, wanted)) < SHORTEST:
        return []
    exact = [one for one in everybody if _plain(one.person.name).split() == wanted]
    return exact or [one for one in everybody if _fits(wanted, _plain(one.person.name).split())]


def read_several(text: str, everybody: Sequence[Name]) -> Read:
    """Reads "3, 7, bu yohana": numbers and names with commas, "dan" or new lines between them; numbers alone also with
    blanks, and "3-6" for four of them. What is longer than MOST is not read, and unknown."""
    found: dict[int, Name] = {}
    several: list[tuple[str, tuple[Name, ...]]] = []
    unknown: list[str] = []
    for part in dict.fromkeys(_parts(text[:MOST])):
        fits = search(part, everybody)
        if len(fits) == 1:
            found[fits[0].person.id] = fits[0]
        elif fits:
            several.append((part, tuple(fits)))
        else:
            unknown.append(part)
    if rest := cleaned(text[MOST:]):
        unknown.append(rest[:SHOWN_OF_REST])
    return Read(tuple(found.values()), tuple(several), tuple(unknown))


def in_one_line(text: str) -> str:
    """Returns the text with commas between its lines, as lists are typed in one."""
    return cleaned(", ".join(line for line in text.splitlines() if cleaned(line)))


def who_is_left_out(found: re.Match[str]) -> str:
    """Returns whom a sentence of the form EVERYBODY leaves out; empty: nobody."""
    return next((named for named in found.groupdict().values() if named), "")


def _parts(text: str) -> list[str]:
    parts = []
    for part in re.split(r"[,;+\n]|\b(?:dan|and|sama|serta|tapi)\b|&", text, flags=re.IGNORECASE):
        tidy = cleaned(part).strip(" .")
        span = re.fullmatch(r"(\d{1,3})\s*(?:-|–|sampai|s/d)\s*(\d{1,3})", tidy)
        if span and 0 <= int(span[2]) - int(span[1]) < WIDEST:
            parts += [str(number) for number in range(int(span[1]), int(span[2]) + 1)]
        elif re.fullmatch(r"\d+(?:[\s.]+\d+)+", tidy):
            parts += re.findall(r"\d+", tidy)
        elif tidy:
            # the number as it stands on the list before the name: "3. Ana"
            parts.append(re.sub(r"^\d+[.)]\s*(?=\D)", "", tidy))
    return parts


def _fits(wanted: Sequence[str], words: Sequence[str]) -> bool:
    left = list(words)
    for word in wanted:
        match = next((one for one in left if one.startswith(word)), None)
        if match is None:
            return False
        left.remove(match)
    return True


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    """Returns the text in small letters, without accents and signs."""
    letters = unicodedata.normalize("NFKD", cleaned(text).casefold())
    return " ".join(re.findall(r"\w+", "".join(char for char in letters if not unicodedata.combining(char))))

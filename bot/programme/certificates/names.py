"""The name on a certificate, as people write it: in Latin letters, at most 60 with spaces, as in official documents
(Permendagri 73/2022)."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Final

from bot.words.typed_text import cleaned

LONGEST: Final = 60
"""Characters, with spaces."""
WORDS: Final = 8
_SIGNS: Final = frozenset(" .,'-/()")
"""What stands in names and titles beside letters: "Hj. Siti Nur'aini, S.E., M.M. (Cand.)"."""
_APOSTROPHES: Final = str.maketrans(dict.fromkeys("’‘ʼ`´ʻ", "'") | dict.fromkeys("‐‑–—", "-"))
_MARKS: Final = frozenset(
    map(chr, (0x300, 0x301, 0x302, 0x303, 0x304, 0x306, 0x307, 0x308, 0x30A, 0x30B, 0x30C, 0x323, 0x327, 0x328, 0x331))
)
_PRINTED_SIGNS: Final = frozenset("–—‘’“”…•€")
_INTRODUCTIONS: Final = re.compile(
    r"^(?:nama(?: lengkap)?(?: saya| aku)?(?: adalah| ialah)?|my (?:full )?name is|full name|perkenalkan)\s*[:=]?\s+",
    re.IGNORECASE,
)


class NameTrouble(StrEnum):
    LETTERS = "letters"
    """There are letters that are not Latin."""
    LONG = "long"
    """More than LONGEST characters, or more than WORDS words."""
    NO_NAME = "no_name"
    """There are digits, signs or emoji in it, or no two letters."""


def printed_name(text: str) -> str | NameTrouble:
    """Returns the name as it will be printed, or why it cannot be. Capital letters stay as they were written."""
    name = _INTRODUCTIONS.sub("", cleaned(text).translate(_APOSTROPHES)).strip(" -,/")
    name = re.sub(r"\s*,\s*", ", ", name).strip(" ,")
    letters = [char for char in name if unicodedata.category(char)[0] in "LM"]
    if any(not _is_latin(char) for char in letters):
        return NameTrouble.LETTERS
    if len(letters) < 2 or any(char not in _SIGNS and unicodedata.category(char)[0] not in "LM" for char in name):
        return NameTrouble.NO_NAME
    if len(name) > LONGEST or len(name.split()) > WORDS:
        return NameTrouble.LONG
    return name


def printable(text: str) -> str:
    """Returns the text without what the fonts of a certificate do not have (emoji, other scripts). Titles and places
    are written freely; whoever was in the class is to have the certificate nevertheless."""
    return " ".join("".join(char if _has_font(char) else " " for char in cleaned(text)).split())


def _has_font(char: str) -> bool:
    return char in _PRINTED_SIGNS or " " <= char <= "~" or "\u00a1" <= char <= "\u00ff" or _is_latin(char)


def _is_latin(char: str) -> bool:
    """Returns whether it is a Latin letter that the fonts have, or a mark over one (of those that no letter of its own
    stands for)."""
    if unicodedata.category(char).startswith("M"):
        return char in _MARKS
    return (char < "\u0250" or "\u1e00" <= char <= "\u1eff") and "LATIN" in unicodedata.name(char, "")

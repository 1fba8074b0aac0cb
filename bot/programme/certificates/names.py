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


def _is_latin(char: str) -> bool:
    """Returns whether it is a Latin letter, or a mark over one (of those that no letter of its own stands for)."""
    if unicodedata.category(char).startswith("M"):
        return "\u0300" <= char <= "\u036f"
    return "LATIN" in unicodedata.name(char, "")

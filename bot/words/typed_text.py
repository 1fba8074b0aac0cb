"""Tidies what people type before it is read: no invisible letters, single blanks."""

from __future__ import annotations

import unicodedata
from typing import Final

UNSEEN: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters, marks and signs by their category that are blank on every screen."""


def cleaned(text: str) -> str:
    """Returns the text without invisible characters (control and direction characters, zero-width spaces), with single
    blanks."""
    kept = (
        " " if char in "\n\t\r" or unicodedata.category(char) in ("Zs", "Zl", "Zp") else char
        for char in unicodedata.normalize("NFC", text)
        if char in "\n\t\r" or not (unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn") or char in UNSEEN)
    )
    return " ".join("".join(kept).split())

"""How well somebody answers quiz questions who has read nothing and guesses by how the options look.

A guesser looks at two things: how careful an option sounds, and how long it is. How careful it sounds is how many words
of CAREFUL it holds; how long it is, its characters. Where several options are alike for a guesser, each is taken
equally often.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Final

from bot.catalogue.lesson_files import Question

CAREFUL: Final = re.compile(
    r"\b(?:"
    # refusing and doubting
    r"tidak|tak|bukan|jangan|belum|tanpa|tolak|menolak|curiga|hati-hati"
    # first this, then that; waiting
    r"|dulu|sebelum|tunda|menunda|tunggu|menunggu"
    # looking and asking again
    r"|cek|dicek|mengecek|periksa|diperiksa|memeriksa|pastikan|tanya|ditanya|bertanya|tanyakan|ditanyakan|menanyakan"
    # keeping, closing, telling those who help
    r"|catat|dicatat|simpan|disimpan|menyimpan|tutup|hapus|blokir|hubungi|lapor|melapor|laporkan|dilaporkan"
    # what is proper
    r"|aman|resmi|izin|jujur|sopan|maaf"
    r")\b",
    re.IGNORECASE,
)
"""Words with which people in Indonesia sound careful, each in the forms that options use."""
Guess = Callable[[str], tuple[int, ...]]
"""What a guesser makes of an option; the option with the smallest is taken."""
TOO_OFTEN: Final = Fraction(4, 5)
"""In a module no guesser may be right so often: who notices it need not read."""
FEW: Final = 4
"""In a module with fewer questions it is chance who is right."""


def careful(option: str) -> int:
    return len(CAREFUL.findall(option))


GUESSERS: Final[dict[str, Guess]] = {
    "the most careful, else the shortest": lambda option: (-careful(option), len(option)),
    "the most careful, else the longest": lambda option: (-careful(option), -len(option)),
    "the boldest, else the shortest": lambda option: (careful(option), len(option)),
    "the boldest, else the longest": lambda option: (careful(option), -len(option)),
    "the shortest": lambda option: (len(option),),
    "the longest": lambda option: (-len(option),),
}


def right(question: Question, guess: Guess) -> Fraction:
    """Returns how often the guesser is right, from 0 to 1: the right option stands first in the content."""
    guesses = [guess(option) for option in question.options]
    taken = [place for place, one in enumerate(guesses) if one == min(guesses)]
    return Fraction(0 in taken, len(taken))


def guessed_in_a_module(questions: Iterable[Question]) -> list[tuple[str, Fraction]]:
    """Returns the guessers who are right too often in the questions of one module, each with how many they get."""
    asked = [*questions]
    if len(asked) < FEW:
        return []
    hits = [(name, sum((right(one, guess) for one in asked), Fraction())) for name, guess in GUESSERS.items()]
    return [(name, number) for name, number in hits if number >= len(asked) * TOO_OFTEN]

"""Buttons side by side where their words are seen whole on a phone 360 px wide; elsewhere one below the other.

Telegram gives every button of a row the same width and cuts what does not fit. Its apps write about 15 px medium; the
widths are estimated by letter, a little too wide rather than too narrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

KEYBOARD: Final = 345.0
"""How many pixels wide a row of buttons is on a small phone."""
GAP: Final = 5.0
EDGES: Final = 16.0
"""Left and right of a label, together."""
_LETTERS: Final[dict[str, float]] = {
    **dict.fromkeys(" ", 3.8),
    **dict.fromkeys("ijlI.,:;'|!()[]·•", 4.3),
    **dict.fromkeys("ftr-/", 5.4),
    **dict.fromkeys("mwMW", 12.8),
}
_CAPITAL: Final = 9.9
_LETTER: Final = 8.4
_SIGN: Final = 20.0
"""How many pixels wide an emoji is, or a letter of a wide script."""


Shown = dict[str, Any]
"""A button as Telegram takes it, its label under `text`."""


@lru_cache(maxsize=4096)
def width(label: str) -> float:
    """Returns how many pixels wide a label is."""
    return sum(_LETTERS.get(char) or _width_of(char) for char in label)


def _width_of(char: str) -> float:
    if ord(char) >= 0x2100:
        return _SIGN
    return _CAPITAL if char.isupper() else _LETTER


ROOM: Final = tuple((KEYBOARD - GAP * (buttons - 1)) / buttons - EDGES for buttons in range(1, 9))
"""Pixels for the words of each button: of one alone in its row, of each of two, of three ...; Telegram takes eight."""


def fitting(row: Sequence[Shown]) -> list[list[Shown]]:
    """Returns the row, as several rows if some label would be cut in one. The order stays."""
    rows: list[list[Shown]] = []
    widest = 0.0
    for button in row:
        widest = max(widest, needs := width(button["text"]))
        if rows and len(rows[-1]) < len(ROOM) and widest <= ROOM[len(rows[-1])]:
            rows[-1].append(button)
        else:
            rows.append([button])
            widest = needs
    return rows


def shortened(label: str, part: str) -> str:
    """Returns the label with its `part` cut so far that what follows it in the label is still seen."""
    excess = width(label) - ROOM[0]
    if excess <= 0:
        return part
    kept, excess = part, excess + width("…")
    while len(kept) > 1 and excess > 0:
        excess -= width(kept[-1])
        kept = kept[:-1]
    return kept.rstrip(" ,.-") + "…"

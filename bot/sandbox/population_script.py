"""What a population does, and how quickly: read from JSON."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

NAMES = (
    "Siti", "Anton", "Rina", "Budi", "Wayan", "Maria", "Yosef", "Dewi", "Agus", "Yuliana", "Hasan", "Kristina",
    "Made", "Fitri", "Markus", "Ratna", "Joko", "Martha", "Rahmat", "Elisabet",
)  # fmt: skip
TEXTS = (
    "halo", "menu", "/menu", "/bantuan", "tolong", "ya", "tidak", "terima kasih", "besok jam berapa?", "😀", "1",
    "saya mau ikut kelas", "<b>tebal", "a < b & c", "'; DROP TABLE person; --", "=1+1", "0812 0000 0000", "/tidakada",
)  # fmt: skip
_MOST_PEOPLE = 100_000
_STEPS = ("start", "say", "tap", "vote", "share", "block", "unblock", "wait")


@dataclass(frozen=True)
class Step:
    """One step of the path: its `kind`, and what belongs to that kind. `optional`: after how many seconds without the
    button (or quiz) the step is left out."""

    kind: str
    value: Any
    optional: float | None = None


@dataclass(frozen=True)
class Script:
    """What the people do, and how quickly.

    With `rate`, people who wait for nothing begin so many acts a second. Without it, `under_way` people at a time are
    waiting for an answer; as soon as one of them has it and has thought about it (`think`: shortest and longest time in
    seconds), the one who has been silent longest acts. The script ends after `acts` or `seconds`, or when everybody has
    walked the `path` and does not `roam`.
    """

    people: int = 10
    first_id: int = 1_000_001
    names: tuple[str, ...] = NAMES
    seed: int = 0
    known: bool = False
    """They have written to the bot before: it may write to them at once."""
    path: tuple[Step, ...] = ()
    roam: bool = True
    """After the path they go on as they like."""
    rate: float | None = None
    under_way: int = 10
    think: tuple[float, float] = (0.05, 0.2)
    settle: float = 0.5
    """Seconds after the answer to a tap in which they still look for a new screen."""
    acts: int | None = None
    seconds: float | None = None
    patience: float = 15.0
    """Seconds without an answer after which somebody does the same again, three times at most, then gives up."""
    screen: int = 6
    """How many messages can be seen."""
    tap: float = 0.8
    """How probably somebody taps while there are buttons, instead of writing."""
    prefer: tuple[tuple[str, float], ...] = ()
    """Buttons whose words or data match are chosen as if there were so many of them; 0: never."""
    answers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """What is written when the bot's last words match."""
    texts: tuple[str, ...] = TEXTS
    """What is written otherwise."""
    stale: float = 0.0
    """How probably a button is tapped that was on the screen once."""
    double: float = 0.0
    """How probably a tap comes twice at once."""


def read_script(given: dict[str, Any]) -> Script:
    """Returns the script that JSON describes. Raises ValueError that says what is wrong with it."""
    values: dict[str, Any] = {}
    known = {each.name for each in fields(Script)}
    for name, value in given.items():
        if name not in known:
            raise ValueError(f"a script has no {name:.40}; it has {', '.join(sorted(known))}")
        if value is None and name in ("rate", "acts", "seconds"):
            continue
        try:
            values[name] = _READERS[name](value)
        except (TypeError, KeyError, ValueError, re.error) as error:
            raise ValueError(f"{name}: {error}") from None
    return Script(**values)


def _number(low: float, high: float) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError(f"must be a number from {low:g} to {high:g}")
        return float(value)

    return read


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return value

    return read


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(each, str) and each.strip() for each in value):
        raise ValueError("must be a list of texts")
    return tuple(value)


def _think(value: Any) -> tuple[float, float]:
    low, high = (_number(0, 3600)(each) for each in value)
    if low > high:
        raise ValueError("must be two numbers, the smaller one first")
    return low, high


def _prefer(value: Any) -> tuple[tuple[str, float], ...]:
    if not isinstance(value, dict):
        raise ValueError("must be an object of patterns and weights")
    return tuple((_pattern(pattern), _number(0, 1e6)(weight)) for pattern, weight in value.items())


def _answers(value: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise ValueError("must be an object of patterns and lists of texts")
    return tuple((_pattern(pattern), _texts(texts)) for pattern, texts in value.items())


def _pattern(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a pattern must be text")
    re.compile(value)
    return value


def _path(value: Any) -> tuple[Step, ...]:
    if not isinstance(value, list):
        raise ValueError("must be a list of steps")
    return tuple(_step(each) for each in value)


def _step(value: Any) -> Step:
    if not isinstance(value, dict):
        raise ValueError("a step must be an object")
    optional = value.get("optional")
    given = {name: each for name, each in value.items() if name != "optional"}
    if len(given) != 1 or not given.keys() <= set(_STEPS):
        raise ValueError(f"a step is one of {', '.join(_STEPS)}")
    ((kind, what),) = given.items()
    if kind == "tap":
        _pattern(what)
    elif kind in ("say", "start"):
        if not isinstance(what, str) or (kind == "say" and not what.strip()):
            raise ValueError(f"{kind} must be text")
    elif kind == "wait":
        _number(0, 3600)(what)
    elif kind == "vote":
        if what is not True:
            _whole(0, 11)(what)
    elif kind == "share":
        if what not in ("location", "contact"):
            raise ValueError("share location or contact")
    elif what is not True:
        raise ValueError(f"{kind} must be true")
    return Step(kind, what, None if optional is None else _number(0, 3600)(optional))


_READERS: dict[str, Callable[[Any], Any]] = {
    "people": _whole(1, _MOST_PEOPLE),
    "first_id": _whole(1, 2**52),
    "names": _texts,
    "seed": _whole(-(2**63), 2**63),
    "known": _flag,
    "path": _path,
    "roam": _flag,
    "rate": _number(0.001, 1e5),
    "under_way": _whole(1, _MOST_PEOPLE),
    "think": _think,
    "settle": _number(0, 3600),
    "acts": _whole(0, 10**9),
    "seconds": _number(0, 1e6),
    "patience": _number(0.05, 1e6),
    "screen": _whole(1, 100),
    "tap": _number(0, 1),
    "prefer": _prefer,
    "answers": _answers,
    "texts": _texts,
    "stale": _number(0, 1),
    "double": _number(0, 1),
}

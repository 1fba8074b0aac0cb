"""What goes wrong on request: refusals, closed connections, slow and lost answers, for chosen calls."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any, Literal

from .refusals import POLLING_TWICE, WEBHOOK_ACTIVE, Refused

What = Literal["blocked", "flood", "error", "conflict", "refuse", "reset", "slow", "lost"]
_WORDS: dict[str, tuple[int, str]] = {
    "blocked": (403, "bot was blocked by the user"),
    "flood": (429, ""),
    "error": (500, ""),
    "conflict": (409, POLLING_TWICE),
    "refuse": (400, ""),
}
WHATS = (*_WORDS, "reset", "slow", "lost")
_MOST = 1000


@dataclass
class Fault:
    """A rule: what happens, to which calls, and how often.

    `what`: "blocked" (403), "flood" (429), "error" (500), "conflict" (409), "refuse" (`code` and `words` as given):
    refused before anything happens. "reset": the connection is reset before anything happens. "slow": `seconds` pass
    before whatever else happens. "lost": the call has its effect, its answer never comes (`seconds` later
    the connection is closed).

    Which calls: `method`, one or several names, in any case, with * and ? ("*": every method, getUpdates and "file", a
    download, too), without those that `but` names in the same way; `chat`, one or several; `begins`, how the text or
    caption sent begins. Of those: the `nth` alone, or each `every`-th (`run`: so many in a row each time), or each with
    `probability` (dice of `seed`), or else all; at most `times` of them, and only for `lasts` seconds from now.
    """

    what: What
    method: tuple[str, ...] = ("*",)
    but: tuple[str, ...] = ()
    chat: frozenset[int] | None = None
    begins: str | None = None
    code: int = 0
    words: str | None = None
    retry_after: int | None = None
    seconds: float = 0.0
    nth: int | None = None
    every: int | None = None
    run: int = 1
    probability: float | None = None
    seed: int = 0
    times: int | None = None
    lasts: float | None = None
    id: int = 0
    seen: int = 0
    """How many calls the rule was looked at for."""
    hit: int = 0
    """How many calls the rule struck."""
    began: float = 0.0
    dice: random.Random = field(default_factory=random.Random, repr=False)

    def refusal(self) -> Refused:
        code, words = _WORDS[self.what]
        code = self.code or code
        if self.words is not None:
            words = self.words
        elif code == 429:
            words = f"retry after {self.retry_after or 1}"
        elif code != _WORDS[self.what][0]:
            words = ""
        return Refused(words, code, retry_after=self.retry_after if code == 429 else None)

    def as_json(self) -> dict[str, Any]:
        shown = {each.name: getattr(self, each.name) for each in fields(self) if each.name not in ("dice", "began")}
        shown["chat"] = sorted(self.chat) if self.chat is not None else None
        shown |= {"method": list(self.method), "but": list(self.but)}
        return {name: value for name, value in shown.items() if value is not None}


def read_fault(given: dict[str, Any]) -> Fault:
    """Returns the rule that JSON describes. Raises ValueError that says what is wrong with it."""
    given = dict(given)
    what = given.pop("what", None)
    if what not in WHATS:
        raise ValueError(f"what must be one of {', '.join(WHATS)}")
    fault = Fault(what)
    methods = _several(given.pop("method", "*"), str, "method")
    fault.method = tuple(method.lower() for method in methods)
    if (exceptions := given.pop("but", None)) is not None:
        fault.but = tuple(method.lower() for method in _several(exceptions, str, "but"))
    if (chats := given.pop("chat", None)) is not None:
        fault.chat = frozenset(_several(chats, int, "chat"))
    if (begins := given.pop("begins", None)) is not None:
        if not isinstance(begins, str):
            raise ValueError("begins must be text")
        fault.begins = begins
    if (webhook := given.pop("webhook", None)) is not None:
        if what != "conflict" or not isinstance(webhook, bool):
            raise ValueError("webhook: true belongs to what: conflict")
        fault.words = WEBHOOK_ACTIVE if webhook else POLLING_TWICE
    if (words := given.pop("words", None)) is not None:
        if not isinstance(words, str):
            raise ValueError("words must be text")
        fault.words = words
    for name, low, high in (
        ("code", 400, 599),
        ("retry_after", 0, 10**6),
        ("nth", 1, 10**9),
        ("every", 1, 10**9),
        ("run", 1, 10**9),
        ("times", 1, 10**9),
        ("seed", -(2**63), 2**63),
    ):
        if (value := given.pop(name, None)) is not None:
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                raise ValueError(f"{name} must be a whole number from {low} to {high}")
            setattr(fault, name, value)
    for name, top in (("seconds", 3600.0), ("lasts", 1e6), ("probability", 1.0)):
        if (value := given.pop(name, None)) is not None:
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= top:
                raise ValueError(f"{name} must be a number from 0 to {top:g}")
            setattr(fault, name, float(value))
    if given:
        raise ValueError(f"a fault has no {', '.join(sorted(given))[:100]}")
    if sum(choice is not None for choice in (fault.nth, fault.every, fault.probability)) > 1:
        raise ValueError("nth, every and probability exclude one another")
    if fault.run > (fault.every or 1):
        raise ValueError("run must be at most as many as every, and belongs to it")
    if what == "slow" and not fault.seconds:
        raise ValueError("slow needs seconds")
    if what in _WORDS:
        _check_code(fault)
    return fault


def _check_code(fault: Fault) -> None:
    try:
        fault.refusal()
    except ValueError:
        raise ValueError(f"there is no HTTP status {fault.code}") from None


def _several(given: Any, kind: type, name: str) -> list[Any]:
    values = given if isinstance(given, list) else [given]
    if not values or not all(isinstance(value, kind) and not isinstance(value, bool) for value in values):
        raise ValueError(f"{name} must be {'text' if kind is str else 'a number'}, or a list")
    return values


def _named(method: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(method, pattern) for pattern in patterns)


@dataclass(frozen=True)
class Fate:
    """What happens to one call: it waits `seconds`, then `fault` strikes (None: nothing else happens)."""

    seconds: float
    fault: Fault | None


class Faults:
    """The rules in force. Each counts the calls that it is about. If several strike the same call, the rule that was
    added first decides what happens, and the seconds of all "slow" ones are added up."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.rules: list[Fault] = []
        self.ended: list[Fault] = []
        self._clock = clock
        self._ids = itertools.count(1)

    def add(self, fault: Fault) -> int:
        """Puts a rule into force; returns its number. Raises ValueError if there are too many."""
        if len(self.rules) >= _MOST:
            raise ValueError("there are too many faults")
        fault.id = next(self._ids)
        fault.began = self._clock()
        fault.dice = random.Random(fault.seed)
        self.rules.append(fault)
        return fault.id

    def remove(self, number: int | None = None) -> bool:
        """Ends the rule of this number; None ends all. Returns False if there is no rule of this number."""
        gone = [rule for rule in self.rules if number is None or rule.id == number]
        for rule in gone:
            self._end(rule)
        return bool(gone) or number is None

    def _end(self, rule: Fault) -> None:
        self.rules.remove(rule)
        self.ended = [*self.ended[-99:], rule]

    def strike(self, method: str, chat: int | None, text: str) -> Fate:
        """Returns what happens to this call. `method` is in lower case; `text` is what the call says, or ""."""
        seconds, decides = 0.0, None
        for rule in tuple(self.rules):
            if not self._concerns(rule, method, chat, text) or not self._struck(rule):
                continue
            if rule.what == "slow":
                seconds += rule.seconds
            elif decides is None:
                decides = rule
            else:
                continue
            rule.hit += 1
            if rule.nth is not None or rule.hit == rule.times:
                self._end(rule)
        return Fate(seconds, decides)

    def _concerns(self, rule: Fault, method: str, chat: int | None, text: str) -> bool:
        if rule.lasts is not None and self._clock() - rule.began > rule.lasts:
            self._end(rule)
            return False
        if not _named(method, rule.method) or _named(method, rule.but):
            return False
        if rule.chat is not None and chat not in rule.chat:
            return False
        return rule.begins is None or text.startswith(rule.begins)

    def _struck(self, rule: Fault) -> bool:
        rule.seen += 1
        if rule.nth is not None:
            return rule.seen == rule.nth
        if rule.every is not None:
            return rule.seen >= rule.every and rule.seen % rule.every < rule.run
        return rule.probability is None or rule.dice.random() < rule.probability

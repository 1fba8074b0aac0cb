"""Every class of actions, and what a button of each carries: for tests that tap all there is."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import types
import typing
from enum import Enum
from typing import Any

import bot.actions
from bot.words.action import Action, classes

TEXTS = {
    "kind": "unfinished",
    "field": "salutation",
    "reason": "call",
    "code": "1_BCDF",
    "wall": "202612010900",
    "sector": "kriya",
    "lesson": "M01L1",
    "module": "M01",
    "about": "tomorrow",
    "to": "bapak",
    "form": "data",
    "quarter": "2027Q1",
    "value": "capital",
    "what": "lesson.M13L4",
}
"""What stands in fields of these names; in others a site or a number, whichever they take."""


MOST = {"page": 999, "version": 2**32 - 1}
"""The largest numbers in fields of these names."""


def every_class() -> list[type[Action]]:
    """Every class of actions that the product's buttons carry, by name."""
    for module in pkgutil.iter_modules(bot.actions.__path__):
        importlib.import_module(f"bot.actions.{module.name}")
    return [one for _, one in sorted(classes().items()) if one.__module__.startswith("bot.")]


def example(kind: type[Action], number: int = 1) -> Action:
    """Returns an action of this class with all of its fields, numbers being `number`."""
    fields = dataclasses.fields(typing.cast(Any, kind))
    hints = typing.get_type_hints(kind)
    return kind(**{field.name: _value(field.name, hints[field.name], number) for field in fields})


def _value(name: str, hint: Any, number: int) -> Any:
    inner = typing.get_args(hint)
    if types.NoneType in inner:
        hint = inner[0]
        inner = typing.get_args(hint)
    if hint is int:
        return min(number, MOST.get(name, number))
    if hint is bool:
        return True
    if hint is str:
        return TEXTS.get(name, "labuan-bajo")
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    return max(inner, key=len)

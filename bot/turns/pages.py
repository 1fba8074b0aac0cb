"""Long lists, a screen at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Part of a list: its `number` (from 0) among `count` pages, and the place of its first item in the whole list."""

    items: Sequence[Item]
    number: int
    count: int
    first: int

    @property
    def before(self) -> int | None:
        """The page before it, if there is one."""
        return self.number - 1 if self.number else None

    @property
    def after(self) -> int | None:
        """The page behind it, if there is one."""
        return self.number + 1 if self.number + 1 < self.count else None


def page_of(items: Sequence[Item], number: int | None, size: int) -> Page[Item]:
    """A page of `size` items. A page that is not there (the list grew shorter, the button was forged) is the last."""
    count = max(1, -(-len(items) // size))
    at = min(number or 0, count - 1)
    return Page(items[at * size : (at + 1) * size], at, count, at * size)

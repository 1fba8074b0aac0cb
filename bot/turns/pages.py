"""Shows long lists a screen at a time, and buttons two in a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Part of a list: the `items` of page `number` (from 0) of `count` pages. `first` is the place of the first of
    these items in the whole list, from 0."""

    items: Sequence[Item]
    number: int
    count: int
    first: int

    @property
    def before(self) -> int | None:
        """The number of the page before it, if there is one."""
        return self.number - 1 if self.number else None

    @property
    def after(self) -> int | None:
        """The number of the page after it, if there is one."""
        return self.number + 1 if self.number + 1 < self.count else None


def page_of(items: Sequence[Item], number: int | None, size: int) -> Page[Item]:
    """Returns a page of `size` items. For a page that does not exist (the list grew shorter, the button was forged) it
    returns the last one."""
    count = max(1, -(-len(items) // size))
    at = min(number or 0, count - 1)
    return Page(items[at * size : (at + 1) * size], at, count, at * size)


def in_pairs(items: Sequence[Item]) -> list[Sequence[Item]]:
    """Returns the items two by two; the last one alone if their number is odd."""
    return [items[at : at + 2] for at in range(0, len(items), 2)]

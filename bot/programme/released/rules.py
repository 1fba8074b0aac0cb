"""What of people's answers may be printed: pure functions, tested by trying every small case.

Nothing here knows a person. A `Fact` is as counted; a `Printed` is what leaves the house. A number of people from 1 to
4 can be worked out neither from one page nor from two pages of different days:

- k of n stands in numbers only where k and n - k are each 0 or FEW and more, else in a word;
- a number of people on which answers rest (`n`) that differs by 1 to 4 from any such number that was ever printed for
  the same place is not printed; nor is a k that differs so from an earlier k of the same figure, or that leaves only
  one number for an earlier word;
- of a split all parts are printed or none;
- a figure of all places together is made of what is printed of each, and of nothing else.

What may not be printed anew does not make the page empty: what was printed last stands, with its date.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations
from typing import Final

FEW: Final = 5
"""A number of people below this can be worked out nowhere."""
PER_CENT_FROM: Final = 20
"""Of fewer answers there is no per cent: "9 dari 14"."""


class Word(StrEnum):
    """What is printed in the place of k."""

    MOST = "most"
    MINOR = "minor"
    SOME = "some"
    """More than nobody and fewer than all."""


@dataclass(frozen=True)
class Fact:
    """As counted: k of n said yes, `before` of the same n did at the first answer. A mean of n has `value`s alone."""

    n: int
    k: int | None = None
    before: int | None = None
    value: float | None = None
    value_before: float | None = None


@dataclass(frozen=True)
class Printed:
    """What leaves the house. In the place of a k that may not be told stands a word."""

    n: int | None
    k: int | None = None
    before: int | None = None
    word: str | None = None
    """A Word; of a split that is not told in numbers, what more than half said."""
    word_before: str | None = None
    value: float | None = None
    value_before: float | None = None
    sites: int | None = None
    """Of so many places it is the sum; None: of one."""


def fits(number: int) -> bool:
    """Whether a number of people may stand by itself."""
    return number == 0 or number >= FEW


def apart(one: int, other: int) -> bool:
    """Whether no small number comes of subtracting one from the other."""
    return one == other or abs(one - other) >= FEW


def tellable(k: int, n: int) -> bool:
    return fits(k) and fits(n - k)


def word_for(k: int, n: int) -> Word:
    """Returns the word for a k that is not told. Of fewer than ten it says only that some did and some did not:
    anything more would leave one number."""
    if n < 2 * FEW:
        return Word.SOME
    return Word.MOST if 2 * k > n else Word.MINOR


def printed(fact: Fact) -> Printed | None:
    """Returns how the fact would be printed if it were the first of its kind; None: not at all, of too few people."""
    if fact.n < FEW:
        return None
    made = Printed(fact.n, value=fact.value, value_before=fact.value_before)
    if fact.k is not None:
        made = replace(made, k=fact.k) if tellable(fact.k, fact.n) else replace(made, word=word_for(fact.k, fact.n))
    if fact.before is not None:
        if tellable(fact.before, fact.n):
            return replace(made, before=fact.before)
        return replace(made, word_before=word_for(fact.before, fact.n))
    return made


def follows(new: Printed, earlier: Sequence[Printed]) -> bool:
    """Whether no small number comes of comparing `new` with all of the earlier ones of the same figure, the oldest
    first."""
    for old in earlier:
        if not (_far(new.n, new.k, old.n, old.k) and _far(new.n, new.before, old.n, old.before)):
            return False
    everything = [*earlier, new]
    return _stays_open([(one.n, one.k, one.word) for one in everything]) and _stays_open(
        [(one.n, one.before, one.word_before) for one in everything]
    )


def _stays_open(told: Sequence[tuple[int | None, int | None, str | None]]) -> bool:
    """Whether each number that stands as a word could still be more than one, for a reader who takes it that people
    only came and nobody changed their answer: between two days k then grows by what n grew at most."""
    known = [(n, *_bounds(n, k, word)) for n, k, word in told if n is not None and (k is not None or word is not None)]
    for at, (n, low, high) in enumerate(known):
        if low == high:
            continue
        for before, (other, least, most) in enumerate(known):
            came = n - other if before < at else other - n
            if came < 0:
                continue  # people left: nothing follows of it
            if before < at:
                low, high = max(low, least), min(high, most + came)
            else:
                low, high = max(low, least - came), min(high, most)
        if low == high:
            return False
    return True


def _bounds(n: int, k: int | None, word: str | None) -> tuple[int, int]:
    """Returns the least and the most that k can be."""
    if k is not None:
        return k, k
    if word == Word.MINOR:
        return 1, FEW - 1
    return (n - FEW + 1 if word == Word.MOST else 1), n - 1


def _far(n: int | None, k: int | None, old_n: int | None, old_k: int | None) -> bool:
    if n is not None and old_n is not None and not apart(n, old_n):
        return False
    if k is None or old_k is None:
        return True
    if not apart(k, old_k):
        return False
    return n is None or old_n is None or apart(n - k, old_n - old_k)


def may_stand(n: int, heads: Collection[int]) -> bool:
    """Whether a number of people may be printed beside (and after) all those that were printed of the same place."""
    return fits(n) and all(apart(n, head) for head in heads)


def release(fact: Fact, earlier: Sequence[Printed], heads: Collection[int]) -> Printed | None:
    """Returns what is printed anew of a fact; None: nothing, so what was printed last stands. `earlier`: all that was
    ever printed of this figure. `heads`: every number of people (n) that was ever printed of the place."""
    made = printed(fact)
    if made is None or not may_stand(fact.n, heads) or not follows(made, earlier):
        return None
    return made


# --- splits -----------------------------------------------------------------------------------------------------------


def split_fits(parts: Iterable[int]) -> bool:
    return all(fits(part) for part in parts)


def release_split(
    parts: Mapping[str, int], earlier: Sequence[Mapping[str, int]], heads: Collection[int]
) -> Mapping[str, int] | None:
    """Returns the parts of a split if all of them may be printed. `earlier`: the splits of this figure that were ever
    printed."""
    whole = sum(parts.values())
    if whole < FEW or not split_fits(parts.values()) or not may_stand(whole, heads):
        return None
    for old in earlier:
        names = parts.keys() | old.keys()
        # also parts taken together: two that move in opposite ways may hide a third
        if not all(apart(parts.get(name, 0), old.get(name, 0)) for name in names):
            return None
    return parts


def most_said(parts: Mapping[str, int], nothing: Collection[str] = ()) -> str | None:
    """Returns what most people said, of a split that is not told in numbers: more than half of all. None: nothing that
    could be told, or a split of too few. `nothing`: parts that are no answer."""
    whole = sum(parts.values())
    if whole < FEW:
        return None
    top = max(parts, key=lambda name: parts[name])
    return top if 2 * parts[top] > whole and top not in nothing else None


# --- who could be asked, and who answered -----------------------------------------------------------------------------


def chain(numbers: Sequence[tuple[str, int]], heads: Iterable[int]) -> dict[str, int]:
    """Returns those of the numbers that may stand beside each other and beside `heads`: the first has precedence. They
    are of people of whom the ones are among the others, so the difference of any two is a number of people, too."""
    standing, told = set(heads), dict[str, int]()
    for name, number in numbers:
        if may_stand(number, standing):
            told[name] = number
            standing.add(number)
    return told


def apart_in_sums(whole: int, parts: Mapping[frozenset[str], int]) -> bool:
    """Whether no small number comes of taking disjoint groups from the whole. `parts`: the size of each group, by the
    types of business that are in it."""
    groups = list(parts)
    for size in range(1, len(groups) + 1):
        for some in combinations(groups, size):
            types = [one for group in some for one in group]
            if len(types) == len(set(types)) and not fits(abs(whole - sum(parts[group] for group in some))):
                return False
    return all(apart(parts[one], parts[other]) for one, other in combinations(groups, 2))


# --- all places together ----------------------------------------------------------------------------------------------


def together(places: Sequence[Printed | None]) -> Printed | None:
    """Returns the sum of what is printed in numbers of each place; None if there is none. A place of which a word is
    printed, or nothing, is left out, and `sites` says how many are in it: nothing can be worked out that does not stand
    on the pages of the places."""
    known = [one for one in places if one is not None and one.n and one.word is None and one.word_before is None]
    if not known:
        return None
    n = sum(one.n or 0 for one in known)

    def total(values: Sequence[int | None]) -> int | None:
        return None if None in values else sum(one or 0 for one in values)

    def mean(values: Sequence[float | None]) -> float | None:
        if None in values:
            return None
        return sum((value or 0) * (one.n or 0) for value, one in zip(values, known, strict=True)) / n

    return Printed(
        n,
        total([one.k for one in known]),
        total([one.before for one in known]),
        value=mean([one.value for one in known]),
        value_before=mean([one.value_before for one in known]),
        sites=len(known),
    )

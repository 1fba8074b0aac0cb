"""No number of people from 1 to 4 can be worked out of anything that is printed: every small case is tried.

A *world* is everything there is to know of some people's answers on two days. What is printed of each world is
compared: if all worlds that print the same agree on a number of people, and it is 1 to 4, then it could be worked out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.programme.released.rules import (
    FEW,
    Fact,
    Printed,
    apart_in_sums,
    chain,
    fits,
    may_stand,
    most_said,
    printed,
    release,
    release_split,
    tellable,
    together,
)

MOST = 11
"""So many people there are at most in a world of which something is looked for; the others only keep it company."""


def solved(
    worlds: Iterable[tuple[int, ...]],
    page: Callable[[tuple[int, ...]], Hashable],
    secrets: Callable[[tuple[int, ...]], Mapping[str, int]],
    look_at: int = MOST,
) -> list[str]:
    """Returns which secrets can be worked out, and of which pages. Worlds of more than `look_at` people are not looked
    at: what would be printed of even bigger ones is not known here."""
    low: dict[Hashable, dict[str, int]] = {}
    high: dict[Hashable, dict[str, int]] = {}
    people: dict[Hashable, int] = defaultdict(lambda: 10_000)
    for world in worlds:
        shown = page(world)
        people[shown] = min(people[shown], sum(world))
        mine = secrets(world)
        if shown not in low:
            low[shown], high[shown] = dict(mine), dict(mine)
            continue
        for name, number in mine.items():
            low[shown][name] = min(low[shown][name], number)
            high[shown][name] = max(high[shown][name], number)
    return [
        f"{name} = {number}: {shown}"
        for shown in low
        if people[shown] <= look_at
        for name, number in low[shown].items()
        if number == high[shown][name] and 0 < number < FEW
    ]


def sums(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Yields all ways in which at most `total` people can be in so many groups."""
    if parts == 0:
        yield ()
        return
    for first in range(total + 1):
        for rest in sums(total - first, parts - 1):
            yield (first, *rest)


def test_the_search_finds_what_a_careless_page_gives_away() -> None:
    def careless(world: tuple[int, ...]) -> Hashable:
        yes, no = world
        return yes + no, yes if tellable(yes, yes + no) else ("<5" if yes < FEW else yes)

    assert solved(sums(16, 2), careless, lambda world: {"no": world[1]})


def test_one_page_of_one_figure() -> None:
    def page(world: tuple[int, ...]) -> Hashable:
        yes, no = world
        return printed(Fact(yes + no, yes))

    assert solved(sums(25, 2), page, lambda world: {"yes": world[0], "no": world[1], "all": sum(world)}, 20) == []


def first_and_last(world: tuple[int, ...]) -> Fact:
    stays, lost, won, never = world
    return Fact(stays + lost + won + never, stays + won, stays + lost)


def test_one_page_of_a_pair_of_bars() -> None:
    def secrets(world: tuple[int, ...]) -> Mapping[str, int]:
        stays, lost, won, never = world
        yes, was = stays + won, stays + lost
        whole = sum(world)
        return {
            "stays": stays, "lost": lost, "won": won, "never": never,
            "yes": yes, "no": whole - yes, "was": was, "was not": whole - was,
        }  # fmt: skip

    found = solved(sums(18, 4), lambda world: printed(first_and_last(world)), secrets, 14)
    assert found == []


def two_days(world: tuple[int, ...]) -> tuple[Fact, Fact]:
    """The figure on two days: people keep their answer, change it, or come later."""
    yes, no, to_no, to_yes, new_yes, _ = world
    first = Fact(yes + no + to_no + to_yes, yes + to_no)
    return first, Fact(sum(world), yes + to_yes + new_yes)


def pages_of(world: tuple[int, ...]) -> Hashable:
    first, then = two_days(world)
    one = release(first, [], set())
    earlier = [one] if one is not None else []
    heads = {one.n} if one is not None and one.n is not None else set()
    other = release(then, earlier, heads)
    return one, other or one


def changes(world: tuple[int, ...]) -> Mapping[str, int]:
    _, _, to_no, to_yes, new_yes, new_no = world
    first, then = two_days(world)
    assert first.k is not None
    assert then.k is not None
    return {
        "yes": first.k, "no": first.n - first.k, "yes then": then.k, "no then": then.n - then.k,
        "came": new_yes + new_no, "came with yes": new_yes, "came with no": new_no, "to yes": to_yes, "to no": to_no,
        "people": first.n, "people then": then.n,
    }  # fmt: skip


def test_two_pages_of_one_figure() -> None:
    assert solved(sums(14, 6), pages_of, changes, 10) == []


def test_two_pages_where_nobody_changes_their_answer() -> None:
    """Whoever reads may know that much."""
    worlds = ((yes, no, 0, 0, new_yes, new_no) for yes, no, new_yes, new_no in sums(22, 4))
    assert solved(worlds, pages_of, changes, 16) == []


def test_a_split_and_the_same_split_later() -> None:
    def page(world: tuple[int, ...]) -> Hashable:
        parts = {"up": world[0], "same": world[1], "down": world[2]}
        later = {name: number + more for (name, number), more in zip(parts.items(), world[3:], strict=True)}
        shown: list[Hashable] = []
        earlier: list[Mapping[str, int]] = []
        heads: set[int] = set()
        for one in (parts, later):
            told = release_split(one, earlier, heads)
            n = sum(one.values())
            if told is not None:
                earlier.append(told)
                heads.add(n)
                shown.append(tuple(told.items()))
            elif not earlier and n >= FEW and may_stand(n, heads):
                heads.add(n)
                shown.append((n, most_said(one)))
            else:
                shown.append(shown[-1] if shown else None)
        return tuple(shown)

    def secrets(world: tuple[int, ...]) -> Mapping[str, int]:
        return {str(at): number for at, number in enumerate(world)} | {
            "first": sum(world[:3]), "more": sum(world[3:]), "up then": world[0] + world[3],
        }  # fmt: skip

    assert solved(sums(13, 6), page, secrets, 10) == []


def test_who_was_asked_and_who_answered() -> None:
    def page(world: tuple[int, ...]) -> Hashable:
        answered, reached, asked = world[0], world[0] + world[1], sum(world)
        told = chain([("answered", answered), ("asked", asked), ("reached", reached)], ())
        return tuple(sorted(told.items()))

    def secrets(world: tuple[int, ...]) -> Mapping[str, int]:
        return {"answered": world[0], "silent": world[1], "not reached": world[2], "quiet": world[1] + world[2]}

    assert solved(sums(26, 3), page, secrets, 16) == []


def test_types_of_business_cannot_be_subtracted() -> None:
    """Of 24 people 14 sell food and 6 crafts: the other four must not come of it."""
    food, craft, both = frozenset({"kuliner"}), frozenset({"kriya"}), frozenset({"kriya", "wisata"})
    assert not apart_in_sums(24, {food: 14, craft: 6})
    assert apart_in_sums(25, {food: 14, craft: 6})
    assert not apart_in_sums(30, {food: 14, craft: 6, both: 8})  # two of tourism
    assert apart_in_sums(24, {})


def test_all_sites_together_tell_nothing_that_the_sites_do_not() -> None:
    """Two sites on their pages, and the sum on its own: every case of both."""

    def page(world: tuple[int, ...]) -> Hashable:
        sites = [printed(Fact(world[at] + world[at + 1], world[at])) for at in (0, 2)]
        return (*sites, together(sites))

    def secrets(world: tuple[int, ...]) -> Mapping[str, int]:
        return {str(at): number for at, number in enumerate(world)} | {"one": sum(world[:2]), "other": sum(world[2:])}

    assert solved(sums(22, 4), page, secrets, 16) == []


def test_a_split_of_the_sum_beside_the_sites() -> None:
    """Of two sites with k of n each, and the same people split by sex: all four groups of a site and a sex."""

    def page(world: tuple[int, ...]) -> Hashable:
        cells = {("a", "f"): world[0:2], ("a", "m"): world[2:4], ("b", "f"): world[4:6], ("b", "m"): world[6:8]}

        def fact(name: str, place: int) -> Printed | None:
            mine = [one for key, one in cells.items() if key[place] == name]
            return printed(Fact(sum(map(sum, mine)), sum(one[0] for one in mine)))

        sites = [fact(name, 0) for name in "ab"]
        whole = together(sites)
        split = [fact(name, 1) for name in "fm"]
        adds_up = whole is not None and whole.sites == 2
        fine = adds_up and all(one is not None and one.word is None for one in split)
        return (*sites, whole, tuple(split) if fine else None)

    def worlds() -> Iterator[tuple[int, ...]]:
        # who said yes, or no, in steps: all would be too many
        steps = (0, 1, 2, 3, 5, 6, 8)
        for yes in ((a, b, c, d) for a in steps for b in steps for c in steps for d in steps):
            for no in ((0, 0, 0, 0), (5, 5, 5, 5), (5, 0, 0, 5), (6, 1, 2, 5), (3, 2, 2, 3), (7, 5, 6, 5)):
                yield tuple(one for pair in zip(yes, no, strict=True) for one in pair)

    shown = [page(world) for world in worlds()]
    assert sum(one[3] is not None for one in shown) > 20  # type: ignore[index]
    for world in worlds():
        whole = page(world)
        assert isinstance(whole, tuple)
        if whole[3] is None:
            continue
        # between the margins of a table of two by two each cell can be so much, and each number of it: Fréchet's bounds
        site, sex, together_ = whole[0].k, whole[3][0].k, whole[2].k
        least, most = max(0, site + sex - together_), min(site, sex)
        assert least < most or fits(least), world


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=12))
def test_whatever_comes_on_many_days_any_two_pages_may_be_subtracted(days: list[tuple[int, int]]) -> None:
    shown: list[Printed] = []
    heads: set[int] = set()
    for yes, no in days:
        new = release(Fact(yes + no, yes), shown, heads)
        if new is not None:
            assert new.n is not None
            shown.append(new)
            heads.add(new.n)
    for at, one in enumerate(shown):
        for other in shown[:at]:
            assert one.n is not None
            assert other.n is not None
            assert fits(abs(one.n - other.n))
            if one.k is not None and other.k is not None:
                assert fits(abs(one.k - other.k))
                assert fits(abs((one.n - one.k) - (other.n - other.k)))


@given(st.lists(st.integers(0, 60), min_size=1, max_size=8), st.sets(st.integers(5, 60), max_size=4))
def test_numbers_beside_each_other_are_apart(numbers: list[int], heads: set[int]) -> None:
    told = chain([(str(at), number) for at, number in enumerate(numbers)], heads)
    for name, number in told.items():
        assert fits(number)
        assert all(number == other or abs(number - other) >= FEW for key, other in told.items() if key != name)
        assert all(number == head or abs(number - head) >= FEW for head in heads)


@pytest.mark.parametrize(("k", "n", "word"), [(10, 14, "most"), (4, 14, "minor"), (3, 6, "some"), (1, 9, "some")])
def test_words_in_the_place_of_a_number(k: int, n: int, word: str) -> None:
    made = printed(Fact(n, k))
    assert made is not None
    assert made.k is None
    assert made.word == word

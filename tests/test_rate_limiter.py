"""The rate limiter, on simulated time: what arrives in any second, whatever the way, and how much of a broadcast."""

from __future__ import annotations

from bisect import bisect_left

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.delivery.rate_limiter import (
    MAX_BULK_HELD,
    MAX_CATCH_UP_SECONDS,
    MAX_UNDER_WAY_SECONDS,
    MIN_BULK_CONCURRENCY,
    MIN_SAMPLES,
    RateLimiter,
)


class Way:
    """Telegram at the end of a way: what is said to it arrives some time later, and so does its answer."""

    def __init__(self, rate: float, chat_rate: float = 1000.0, burst: int = 1000) -> None:
        self.now = 1000.0
        self.limiter = RateLimiter(rate, chat_rate, burst, monotonic=lambda: self.now)
        self.left: list[tuple[float, int]] = []
        self.arrived: list[float] = []
        self._answers: list[tuple[float, int]] = []

    def let_go(self, chat: int, there: float, back: float, *, spread: bool = False) -> None:
        number = self.limiter.take(chat, spread=spread)
        self.left.append((self.now, chat))
        self.arrived.append(self.now + there)
        self._answers.append((self.now + there + back, number))

    def go_on(self, seconds: float) -> None:
        """Time passes, at most until the next answer."""
        self._answers.sort()
        until = self.now + max(seconds, 1e-6)
        if self._answers and self._answers[0][0] <= until:
            self.now, number = self._answers.pop(0)
            self.limiter.ended(number, answered=True)
        else:
            self.now = until

    def most(self, window: float) -> int:
        moments = sorted(self.arrived)
        return max(bisect_left(moments, moment + window - 1e-6) - at for at, moment in enumerate(moments))


coming = st.lists(
    st.tuples(st.floats(0, 0.7), st.integers(0, 4), st.floats(0, 0.5), st.floats(0, 0.5)), min_size=1, max_size=150
)


@settings(max_examples=60, deadline=None)
@given(
    coming,
    st.sampled_from([0.5, 1, 1.5, 5, 30]),
    st.sampled_from([0.5, 1.0, 4.0]),
    st.integers(1, 4),
    st.sampled_from([0.0, 0.001, 0.1]),
    st.booleans(),
)
@example(
    [(0.0, 0, 0.0, 0.0)] * 10 + [(0.0, 0, 0.0, 0.5)] * 28 + [(0.0, 0, 0.5, 0.0), (0.0, 0, 0.0, 0.0)],
    0.5,
    0.5,
    1,
    0.0,
    False,
)
def test_whatever_comes_and_however_it_travels_the_rate_is_kept_and_nothing_starves(
    given_: list[tuple[float, int, float, float]], rate: float, chat_rate: float, burst: int, least: float, even: bool
) -> None:
    """`least` is what every call needs in each direction; the rest is chance, or (`even`) nothing at all."""
    way = Way(rate, chat_rate, burst)
    for chat in range(max(MIN_SAMPLES, int(rate)) if rate > 1 else 0):  # the least that was seen is the least there is
        while wait := way.limiter.wait():
            way.go_on(wait)
        way.let_go(100 + chat, least, least)
    due: list[tuple[float, int, float, float]] = []
    at = way.now
    for gap, chat, there, back in given_:
        at += gap
        due.append((at, chat, least + (0 if even else there), least + (0 if even else back)))
    steps = 0
    while due:
        steps += 1
        assert steps < 20 * len(given_) + 20, "something starves"
        arrived = [one for one in due if one[0] <= way.now]
        free = next((one for one in arrived if way.limiter.chat_wait(one[1]) == 0), None)
        spread = bool(free and free[1] % 2)
        if free is not None and way.limiter.wait(spread=spread) == 0:
            way.let_go(free[1], free[2], free[3], spread=spread)
            due.remove(free)
            continue
        chat_waits = [way.limiter.chat_wait(one[1]) for one in arrived]
        waits = [max(way.limiter.wait(spread=spread), min(chat_waits))] if arrived else []
        way.go_on(min(waits + [one[0] - way.now for one in due if one[0] > way.now]))
    assert way.most(max(1.0, 1 / rate)) <= max(rate, 1)
    for first in range(len(way.left)):
        for other in range(first, len(way.left)):
            same = [one for one in way.left[first : other + 1] if one[1] == way.left[first][1]]
            assert len(same) <= burst + (way.left[other][0] - way.left[first][0]) * chat_rate + 1e-6


@pytest.mark.parametrize(
    ("there", "back"),
    [(0.001, 0.001), (0.15, 0.15), (0.3, 0.02), (0.4, 0.4)],
)
def test_a_steady_way_costs_hardly_anything_of_the_rate_however_long(there: float, back: float) -> None:
    way = Way(30)
    while way.now < 1060:
        wait = way.limiter.wait(spread=True)
        if wait == 0:
            way.let_go(len(way.left), there, back, spread=True)
        else:
            way.go_on(wait)
    assert way.most(1.0) == 30
    late = [moment for moment in way.arrived if moment >= 1010]  # by then it is known how long the way is
    assert (len(late) - 1) / (late[-1] - late[0]) > 29.6


def test_a_call_that_is_held_up_keeps_its_place_until_it_must_have_arrived() -> None:
    way = Way(30)
    for chat in range(30):
        way.let_go(chat, 0.9 if chat == 7 else 0.001, 0.001)
    while not any(chat == 99 for _, chat in way.left):
        wait = way.limiter.wait()
        if wait == 0:
            way.let_go(len(way.left) if len(way.left) < 59 else 99, 0.001, 0.001)
        else:
            way.go_on(wait)
    assert way.most(1.0) == 30
    assert way.left[-1][0] >= 1000.9 + 1  # 29 more by then, and the thirtieth only when it was sure


def test_what_is_never_answered_does_not_stop_the_rest_for_ever() -> None:
    way = Way(2)
    for _ in range(2):
        way.limiter.take(1)
    assert way.limiter.wait() > 5
    way.now += MAX_UNDER_WAY_SECONDS
    assert way.limiter.wait() == 0


def test_idle_chats_are_forgotten() -> None:
    now = 0.0
    limiter = RateLimiter(30, monotonic=lambda: now)
    for chat in range(3000):
        now += 1 / 30
        limiter.ended(limiter.take(chat), answered=True)
    assert len(limiter) <= 31


def test_calls_that_can_wait_leave_a_place_for_a_reply() -> None:
    way = Way(10)
    way.let_go(1, 0.001, 0.001, spread=True)
    assert way.limiter.wait(spread=True) == pytest.approx(0.1 - MAX_CATCH_UP_SECONDS)
    assert way.limiter.wait() == 0


def test_the_longer_the_way_the_more_of_a_broadcast_is_under_way() -> None:
    """At a high rate few calls suffice, as each turn of the event loop serves them all; at a low one nobody waits."""
    near, far = Way(1000), Way(1000)
    for way, seconds in ((near, 0.001), (far, 0.5)):
        assert way.limiter.bulk_concurrency(128) == MIN_BULK_CONCURRENCY
        way.let_go(1, seconds / 2, seconds / 2)
        way.go_on(1)
    assert near.limiter.bulk_concurrency(128) == MIN_BULK_CONCURRENCY
    assert far.limiter.bulk_concurrency(128) == pytest.approx(4 * 500)
    assert Way(30).limiter.bulk_concurrency(32) == 32


@pytest.mark.parametrize(("rate", "bulk", "replies"), [(0.5, 1, 64), (30, 15, 64), (100, 50, 200), (10_000, 250, 1000)])
def test_no_more_is_held_than_goes_out_shortly(rate: float, bulk: int, replies: int) -> None:
    limiter = RateLimiter(rate)
    assert (limiter.bulk_room, limiter.reply_room) == (bulk, replies)
    assert bulk <= MAX_BULK_HELD

"""How fast calls may go to Telegram: in all, to one chat, and how many that can wait may be under way at once.

Asked before every call (`wait`, `chat_wait`), told when it leaves (`take`) and when it has its answer (`ended`). Runs
on real time, which time travel does not move.
"""

from __future__ import annotations

import heapq
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

ROUND_TRIP_ASYMMETRY_SECONDS: Final = 0.010
"""How unequal the way there and the way back may be in the call whose round trip was the shortest."""
ROUND_TRIP_WINDOW_SECONDS: Final = 30.0
"""For how long, at least, the shortest round trip is held to be what every call needs."""
MIN_SAMPLES: Final = 20
"""So many calls, and those of a second at least, have to be answered before the shortest round trip is believed."""
MAX_UNDER_WAY_SECONDS: Final = 10.0
"""A call that was not answered in this time is taken to have arrived long ago, or never to arrive."""
MAX_CATCH_UP_SECONDS: Final = 0.02
"""Calls that are spread may come so much closer when they were late: timers are not exact."""
MIN_BULK_CONCURRENCY: Final = 8
"""At a high rate so many calls that can wait are under way at least; more only if the way to Telegram is long. Each
turn of the event loop serves all calls under way, so with many a reply waits longer at each of its steps."""
MAX_BULK_HELD: Final = 250
"""So many messages that can wait are held at most, and no more than go out in half a second, or are under way: an
announcement that is held when the process is killed becomes unknown, sent or not."""


class RateLimiter:
    """Keeps `rate` calls in any second, and `chat_rate` per second with a burst for each chat.

    It only tells how long to wait (seconds of `monotonic`), it never sleeps. A `rate` with a fraction is rounded down,
    one below 1 means one call in 1/rate seconds.

    The second is Telegram's: what counts is when calls arrive there, and some travel longer than others. That moment is
    not known, only that it lies between leaving and answer. So a call has its place in the window from when it leaves
    until a second after the latest moment at which it can have arrived: then the one that takes its place cannot arrive
    within the same second, wherever either was held up. The latest moment is that of the answer, less the shortest
    round trip of any call lately (less ROUND_TRIP_ASYMMETRY_SECONDS): so much every call needs for the way there and
    back, and a way that is steady costs hardly anything of the rate, as long as it takes less than a second. Where
    calls are answered within ROUND_TRIP_ASYMMETRY_SECONDS nothing at all is assumed.

    Calls that can wait (bulk) are `spread` evenly over the second: so there is always a place free, or nearly, for a
    reply that comes in the middle of a broadcast, and it does not wait for the second to end.
    """

    def __init__(
        self,
        rate: float,
        chat_rate: float = 1.0,
        chat_burst: int = 3,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if rate <= 0 or chat_rate <= 0 or chat_burst < 1:
            raise ValueError("a rate limiter needs rates above zero and a burst of at least one")
        self._rate = rate
        self._calls = max(1, math.floor(rate))
        self._window = max(1.0, self._calls / rate)
        self._arrived: list[float] = []
        """A heap of the latest moments at which those of the last second can have arrived."""
        self._under_way: dict[int, float] = {}
        """Which call left when, the oldest first."""
        self._number = 0
        self._shortest = self._shortest_before = math.inf
        self._answers = self._answers_before = 0
        self._shortest_since = monotonic()
        self._spread_gap = self._window / self._calls
        self._spread_at = -math.inf
        self._gap = 1.0 / chat_rate
        self._slack = (chat_burst - 1) * self._gap
        self._chats: OrderedDict[int, float] = OrderedDict()
        """For each chat the moment at which its burst is whole again; one that is past is forgotten."""
        self._monotonic = monotonic

    def __len__(self) -> int:
        """Returns how many chats are remembered."""
        return len(self._chats)

    def wait(self, *, spread: bool = False) -> float:
        """Returns the seconds until the next call, or the next that is spread, may leave at all; 0 is now. An answer
        that comes meanwhile may make it less."""
        now = self._monotonic()
        arrived, under_way = self._arrived, self._under_way
        while arrived and arrived[0] + self._window <= now:
            heapq.heappop(arrived)
        oldest = next(iter(under_way), 0)
        if oldest and under_way[oldest] + MAX_UNDER_WAY_SECONDS <= now:
            del under_way[oldest]
        at = self._spread_at if spread else -math.inf
        if len(arrived) + len(under_way) >= self._calls:
            at = max(at, arrived[0] + self._window if arrived else under_way[oldest] + MAX_UNDER_WAY_SECONDS)
        return max(0.0, at - now)

    def chat_wait(self, chat_id: int) -> float:
        """Returns the seconds until the next call to this chat may leave, as far as the chat is concerned; 0 is now."""
        whole_at = self._chats.get(chat_id)
        if whole_at is None:
            return 0.0
        wait = whole_at - self._slack - self._monotonic()
        return wait if wait > 1e-9 else 0.0

    def take(self, chat_id: int | None = None, *, spread: bool = False) -> int:
        """Counts a call that leaves now; None is one that is no message to a chat. Returns its number for `ended`."""
        now = self._monotonic()
        self._number += 1
        self._under_way[self._number] = now
        if spread:
            # what the clock made late may be caught up with, a little
            self._spread_at = max(self._spread_at, now - MAX_CATCH_UP_SECONDS) + self._spread_gap
        if chat_id is not None:
            self._take_of(chat_id, now)
        return self._number

    def ended(self, number: int, *, answered: bool) -> None:
        """Counts a call as answered, or as one that never will be. Told twice, the first time counts."""
        left = self._under_way.pop(number, None)
        if left is None:
            return
        now = self._monotonic()
        if now - self._shortest_since > ROUND_TRIP_WINDOW_SECONDS:
            self._shortest_before, self._answers_before = self._shortest, self._answers
            self._shortest, self._answers, self._shortest_since = math.inf, 0, now
        sure = 0.0
        if answered:
            self._shortest = min(self._shortest, now - left)
            self._answers += 1
            # where only one call fits into the window, waiting for its answer costs little: nothing need be assumed
            if self._calls > 1 and self._answers + self._answers_before >= max(MIN_SAMPLES, self._calls):
                sure = max(0.0, min(self._shortest, self._shortest_before) - ROUND_TRIP_ASYMMETRY_SECONDS)
        heapq.heappush(self._arrived, now - sure)

    @property
    def needed_concurrency(self) -> float:
        """How many calls are under way at this rate if each takes the shortest round trip of lately; 0: unknown."""
        shortest = min(self._shortest, self._shortest_before)
        return 0.0 if math.isinf(shortest) else shortest * self._calls / self._window

    def bulk_concurrency(self, concurrency: int) -> float:
        """How many calls that can wait may be under way at once, where `concurrency` of all may be."""
        return max(MIN_BULK_CONCURRENCY, math.ceil(concurrency * 30 / self._rate), 4 * self.needed_concurrency)

    @property
    def bulk_room(self) -> int:
        """How many messages that can wait may be held."""
        return max(1, min(MAX_BULK_HELD, math.ceil(self._rate / 2 + 2 * self.needed_concurrency)))

    @property
    def reply_room(self) -> int:
        """How many replies may be held before no more of them are claimed."""
        return max(64, min(1000, 2 * math.ceil(self._rate)))

    def _take_of(self, chat_id: int, now: float) -> None:
        self._chats[chat_id] = max(self._chats.get(chat_id, now), now) + self._gap
        self._chats.move_to_end(chat_id)
        # Whoever was not written to for a whole burst stands in front here, so this finds nearly all in time.
        while self._chats:
            chat, whole_at = next(iter(self._chats.items()))
            if whole_at > now:
                break
            del self._chats[chat]

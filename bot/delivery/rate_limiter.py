"""How fast calls may go to Telegram: in all, to one chat, and how many that can wait may be under way at once.

Asked before every call (`wait`, `chat_wait`), told when it leaves (`take`), when it has its answer (`ended`) and when
Telegram wants to be left alone with one chat (`hold`). Runs on real time, which time travel does not move.
"""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Callable
from typing import Final

from bot.allowance import Allowance

ROUND_TRIP_ASYMMETRY_SECONDS: Final = 0.010
"""By how much the way to Telegram and the way back may differ in the call whose round trip was the shortest."""
ROUND_TRIP_WINDOW_SECONDS: Final = 30.0
"""How long, at least, the shortest round trip found counts as the time that every call needs."""
MIN_SAMPLES: Final = 20
"""So many calls, over at least a second, must be answered before the shortest round trip is used."""
MAX_UNDER_WAY_SECONDS: Final = 10.0
"""A call that was not answered in this time is taken to have arrived long ago, or never to arrive."""
MAX_CATCH_UP_SECONDS: Final = 0.02
"""How much closer together spread calls may come after they were late: timers are not exact."""
MIN_BULK_CONCURRENCY: Final = 8
"""How many calls that can wait are under way at least at a high rate; more only if the way to Telegram is long. Each
turn of the event loop serves all calls under way, so with many of them a reply waits longer at each of its steps."""
MAX_BULK_HELD: Final = 250
"""How many messages that can wait are held at most, and never more than go out in half a second, or are under way:
announcements that are held when the process is killed become unknown, sent or not."""


class RateLimiter:
    """Keeps to `rate` calls in any second, and for each chat to `chat_rate` calls per second after a burst.

    It only tells how long to wait (seconds of `monotonic`), it never sleeps. A `rate` with a fraction is rounded down;
    one below 1 means one call in 1/rate seconds.

    Telegram counts when calls arrive there. That moment is not known, only that it lies between leaving and answer. So
    a call takes up one of the `rate` places from when it leaves until one second after the latest moment at which it
    can have arrived: the call that then takes its place cannot arrive within the same second. The latest moment is the
    moment of the answer, less the shortest round trip of any recent call (less ROUND_TRIP_ASYMMETRY_SECONDS), because
    every call needs at least that long. So a long but steady way to Telegram hardly lowers the rate, as long as it
    takes less than a second. Where calls are answered within ROUND_TRIP_ASYMMETRY_SECONDS, the moment of the answer
    counts.

    Calls that can wait (bulk) are `spread` evenly over the second: so a place is nearly always free for a reply that
    comes in the middle of a broadcast.
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
        """A heap of the latest moments at which the calls of the last second can have arrived."""
        self._under_way: dict[int, float] = {}
        """When each call under way left, the oldest first."""
        self._number = 0
        self._shortest = self._shortest_before = math.inf
        self._answers = self._answers_before = 0
        self._shortest_since = monotonic()
        self._spread_gap = self._window / self._calls
        self._spread_at = -math.inf
        self._chats = Allowance(chat_rate, chat_burst, monotonic=monotonic)
        self._held_until: dict[int, float] = {}
        """Until when each chat is held because Telegram asked for it."""
        self._monotonic = monotonic

    def __len__(self) -> int:
        """Returns how many chats are remembered."""
        return len(self._chats)

    def wait(self, *, spread: bool = False) -> float:
        """Returns the seconds until the next call (with `spread`: the next that can wait) may leave, whatever its chat;
        0 is now. An answer that comes meanwhile may make it less."""
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
        """Returns the seconds until the next call to this chat may leave, by the limits of the chat; 0 is now."""
        wait = self._chats.wait(chat_id)
        held_until = self._held_until.get(chat_id)
        return wait if held_until is None else max(wait, held_until - self._monotonic())

    def hold(self, chat_id: int, seconds: float) -> None:
        """Lets no call to this chat leave for `seconds`."""
        now = self._monotonic()
        self._held_until = {chat: until for chat, until in self._held_until.items() if until > now}
        self._held_until[chat_id] = max(self._held_until.get(chat_id, 0.0), now + seconds)

    def take(self, chat_id: int | None = None, *, spread: bool = False) -> int:
        """Counts a call that leaves now. `chat_id` None: it sends no message to a chat. Returns the call's number for
        `ended`."""
        now = self._monotonic()
        self._number += 1
        self._under_way[self._number] = now
        if spread:
            # calls that left late because of the timer may come a little closer together
            self._spread_at = max(self._spread_at, now - MAX_CATCH_UP_SECONDS) + self._spread_gap
        if chat_id is not None:
            self._chats.take(chat_id)
        return self._number

    def ended(self, number: int, *, answered: bool) -> None:
        """Counts a call as answered, or as one that never will be. Called twice for one call, the first time counts."""
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
        """Returns how many calls are under way at this rate if each takes the shortest recent round trip; 0:
        unknown."""
        shortest = min(self._shortest, self._shortest_before)
        return 0.0 if math.isinf(shortest) else shortest * self._calls / self._window

    def bulk_concurrency(self, concurrency: int) -> float:
        """Returns how many calls that can wait may be under way at once. `concurrency`: how many calls of all kinds may
        be."""
        return max(MIN_BULK_CONCURRENCY, math.ceil(concurrency * 30 / self._rate), 4 * self.needed_concurrency)

    @property
    def bulk_room(self) -> int:
        """How many messages that can wait may be held."""
        return max(1, min(MAX_BULK_HELD, math.ceil(self._rate / 2 + 2 * self.needed_concurrency)))

    @property
    def reply_room(self) -> int:
        """Returns how many replies may be held before no more of them are claimed."""
        return max(64, min(1000, 2 * math.ceil(self._rate)))

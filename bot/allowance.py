"""Limits how often something may happen for each of many keys (chats, accounts): a burst at once, then so many a
second."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable


class Allowance:
    """Tells for each key how long to wait (seconds of `monotonic`): `burst` at once, then `rate` a second. It never
    sleeps itself. A key that has its whole burst again is forgotten."""

    def __init__(self, rate: float, burst: int, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        if rate <= 0 or burst < 1:
            raise ValueError("an allowance needs a rate above zero and a burst of at least one")
        self._gap = 1.0 / rate
        self._slack = (burst - 1) * self._gap
        self._monotonic = monotonic
        self._whole_at: OrderedDict[int, float] = OrderedDict()
        """For each key the moment at which its burst is whole again."""

    def __len__(self) -> int:
        """Returns how many keys are remembered."""
        return len(self._whole_at)

    def wait(self, key: int) -> float:
        """Returns the seconds until the next event of this key may happen; 0 is now."""
        whole_at = self._whole_at.get(key)
        if whole_at is None:
            return 0.0
        wait = whole_at - self._slack - self._monotonic()
        return wait if wait > 1e-9 else 0.0

    def waiting(self) -> dict[int, float]:
        """Returns the keys whose next event has to wait, each with the seconds."""
        return {key: wait for key in self._whole_at if (wait := self.wait(key)) > 0}

    def take(self, key: int) -> None:
        """Counts one event of this key, also one that came too early: the events after it wait longer."""
        now = self._monotonic()
        self._whole_at[key] = max(self._whole_at.get(key, now), now) + self._gap
        self._whole_at.move_to_end(key)
        # Keys whose burst is whole again come first in this order, so this finds nearly all of them in time.
        while self._whole_at:
            first, whole_at = next(iter(self._whole_at.items()))
            if whole_at > now:
                break
            del self._whole_at[first]

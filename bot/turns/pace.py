"""How fast one account's updates are handled: BURST at once, then RATE a second.

Faster updates wait in their order, and nobody else waits behind them; the account is told once (`floods`). Each process
keeps the pace of what it handles itself: two workers together serve one account up to twice as fast.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from bot.allowance import Allowance

BURST: Final = 30
"""How many updates of one account are handled at once. A trainer who ticks off a whole class with both thumbs stays
below this."""
RATE: Final = 3.0


class Pace:
    """Counts the updates of each account as they come and as they are handled. Its time is real, in seconds of
    `monotonic`. All methods may be called from any thread."""

    def __init__(
        self,
        rate: float = RATE,
        burst: int = BURST,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.sleep = sleep
        self._came = Allowance(rate, burst, monotonic=monotonic)
        self._handled = Allowance(rate, burst, monotonic=monotonic)
        self._lock = threading.Lock()

    def came(self, account: int) -> bool:
        """Counts an update that came in. Returns whether it will have to wait."""
        with self._lock:
            too_fast = self._came.wait(account) > 0
            self._came.take(account)
            return too_fast

    def handle(self, accounts: Iterable[int]) -> None:
        """Counts one update of each of these accounts that is handled now."""
        with self._lock:
            for account in accounts:
                self._handled.take(account)

    def wait(self, account: int) -> float:
        """Returns the seconds until the account's next update may be handled; 0 is now."""
        with self._lock:
            return self._handled.wait(account)

    def held(self) -> list[int]:
        """Returns the accounts whose next update has to wait."""
        with self._lock:
            return list(self._handled.waiting())

    def until_next(self) -> float:
        """Returns the seconds until one of the waiting accounts need not wait any more; infinite if none waits."""
        with self._lock:
            return min(self._handled.waiting().values(), default=math.inf)

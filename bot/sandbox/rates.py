"""How often a bot may call: token buckets, and the 429 for a bot that takes more than is in them.

Telegram publishes two figures, about 30 messages a second to all chats and about one a second to one chat "with short
bursts"; the others here are ours, generous on purpose. All of it runs on the real clock.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from .refusals import Refused

BIG_UPLOAD = 100_000
UPLOADS_APART = 0.5
UPLOADS_BEHIND = 5.0
UPLOAD_WAIT = 60
_MOST_CHATS = 50_000


@dataclass
class Rates:
    """The rates, each per second; a burst is how many may come at once after a rest. `on`: whether calls over a rate
    are refused."""

    on: bool = False
    all_rate: float = 30.0
    all_burst: float = 30.0
    chat_rate: float = 1.0
    chat_burst: float = 5.0
    edit_rate: float = 1.0
    """Edits in one chat; they count among all messages, too."""
    edit_burst: float = 10.0
    answer_rate: float = 100.0
    """answerCallbackQuery, of all chats together."""
    answer_burst: float = 100.0
    paid_rate: float = 1000.0
    """Messages with allow_paid_broadcast, which do not count among the others."""
    shortest_wait: int = 1
    """The least `retry_after`, in seconds."""

    def change(self, given: dict[str, Any]) -> None:
        """Sets rates by name. Raises ValueError, and changes nothing, if one is unknown or no number above 0."""
        known = {field.name for field in fields(self)}
        for name, value in given.items():
            if name not in known:
                raise ValueError(f"rates have no {name:.40}; they have {', '.join(sorted(known))}")
            if name == "on":
                if not isinstance(value, bool):
                    raise ValueError("on must be true or false")
            elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1e6:
                raise ValueError(f"{name} must be a number above 0")
            elif name.endswith("burst") and value < 1:
                raise ValueError(f"{name} must be at least 1, or nothing would ever pass")
        for name, value in given.items():
            setattr(self, name, math.ceil(value) if name == "shortest_wait" else value)


def kind_of(method: str) -> str | None:
    """Returns what a method (in lower case) counts as: "message", "edit", "answer", "webhook"; None if it does not
    count."""
    if method == "sendchataction":
        return None
    if method.startswith(("send", "copymessage", "forwardmessage")):
        return "message"
    if method.startswith("editmessage"):
        return "edit"
    return {"answercallbackquery": "answer", "setwebhook": "webhook"}.get(method)


class Bucket:
    """Holds `burst` tokens and gets `rate` of them a second. After a refusal it stays shut until the wait is over."""

    __slots__ = ("burst", "closed_until", "filled_at", "rate", "tokens")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self.rate, self.burst = rate, burst
        self.tokens, self.filled_at, self.closed_until = burst, now, 0.0

    def lacking(self, now: float) -> float:
        """Returns the seconds until a token is there; 0 if one is."""
        self.tokens = min(self.burst, self.tokens + max(now - self.filled_at, 0.0) * self.rate)
        self.filled_at = now
        if now < self.closed_until:
            return self.closed_until - now
        return 0.0 if self.tokens >= 1 else (1 - self.tokens) / self.rate

    def take(self) -> None:
        self.tokens -= 1


class Gate:
    """Lets calls pass as the rates allow. Without `rates.on` every call passes."""

    def __init__(self, rates: Rates, clock: Callable[[], float] = time.monotonic) -> None:
        self.rates = rates
        self._clock = clock
        self._buckets: dict[tuple[str, int], Bucket] = {}
        self._uploads: dict[int, float] = {}

    def change(self, given: dict[str, Any]) -> None:
        """Sets new rates; the buckets begin full again. Raises ValueError as `Rates.change`."""
        self.rates.change(given)
        self._buckets.clear()
        self._uploads.clear()

    def pass_(self, method: str, chat: int | None, *, paid: bool = False, upload: int = 0) -> None:
        """Counts one call, or refuses it with 429. `upload`: how many bytes its file has."""
        kind = kind_of(method)
        if not self.rates.on or kind is None:
            return
        now = self._clock()
        wanted = [self._bucket(name, key, now) for name, key in self._needed(kind, chat, paid=paid)]
        wait = max(bucket.lacking(now) for bucket in wanted)
        if wait > 0:
            seconds = max(math.ceil(wait - 1e-6), self.rates.shortest_wait)
            for bucket in wanted:
                if bucket.lacking(now) > 0 and bucket.closed_until <= now:
                    bucket.closed_until = now + seconds
            raise Refused(f"retry after {seconds}", 429, retry_after=seconds)
        if upload > BIG_UPLOAD:
            self._space_uploads(upload, now)
        for bucket in wanted:
            bucket.take()

    def _needed(self, kind: str, chat: int | None, *, paid: bool) -> list[tuple[str, int]]:
        if kind in ("answer", "webhook"):
            return [(kind, 0)]
        return [("paid" if paid else "all", 0), *([(kind, chat)] if chat is not None else [])]

    def _bucket(self, name: str, key: int, now: float) -> Bucket:
        bucket = self._buckets.get((name, key))
        if bucket is None:
            if len(self._buckets) >= _MOST_CHATS:
                self._sweep(now)
            r = self.rates
            rate, burst = {
                "all": (r.all_rate, r.all_burst),
                "message": (r.chat_rate, r.chat_burst),
                "edit": (r.edit_rate, r.edit_burst),
                "answer": (r.answer_rate, r.answer_burst),
                "paid": (r.paid_rate, r.paid_rate),
                "webhook": (1.0, 1.0),
            }[name]
            bucket = self._buckets[name, key] = Bucket(rate, burst, now)
        return bucket

    def _sweep(self, now: float) -> None:
        # A full bucket is as good as none.
        for key, bucket in list(self._buckets.items()):
            if not bucket.lacking(now) and bucket.tokens >= bucket.burst:
                del self._buckets[key]

    def _space_uploads(self, size: int, now: float) -> None:
        free = max(self._uploads.get(size, now), now)
        if free - now > UPLOADS_BEHIND:
            raise Refused(f"retry after {UPLOAD_WAIT}", 429, retry_after=UPLOAD_WAIT)
        if len(self._uploads) > 1000:
            self._uploads = {each: moment for each, moment in self._uploads.items() if moment > now}
        self._uploads[size] = free + UPLOADS_APART

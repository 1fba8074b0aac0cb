"""Ends deliveries: the message is taken out of the queue, counted, and its result goes to the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from prometheus_client import Histogram

from bot.delivery.ledger import Settlements
from bot.delivery.outbox import Result, Status
from bot.delivery.queue import Delivery, Queue
from bot.people.quiet_hours import Kind

LONGEST_REASON: Final = 200
"""How long a reason in the ledger may be, in characters."""


ANSWER_BUCKETS: Final = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Seconds: what nobody notices, what is a wait, and what looks broken."""


class Outcomes:
    """Ends deliveries. Since the start: `count` holds how many ended in each state, `sent_of` how many were sent of
    each kind, and `answered` how long answers took, from the update to Telegram's yes. `now`: the bot's time."""

    def __init__(self, queue: Queue, settlements: Settlements, now: Callable[[], datetime]) -> None:
        self.count: Counter[Status] = Counter()
        self.sent_of: Counter[Kind] = Counter()
        self.answered = Histogram(
            "jalin_answer_seconds", "from an update to its answer", buckets=ANSWER_BUCKETS, registry=None
        )
        self._now = now
        self._queue = queue
        self._settlements = settlements

    def finish(self, delivery: Delivery, status: Status, reason: str | None = None, **details: Any) -> None:
        """Ends a delivery with its final result, which is then to be settled."""
        self._queue.remove(delivery)
        self.count[status] += 1
        if status is Status.SENT:
            claimed = delivery.claimed
            self.sent_of[claimed.kind] += 1
            if claimed.asked_at is not None:
                self.answered.observe(max(0.0, (self._now() - claimed.asked_at).total_seconds()))
        reason = reason[:LONGEST_REASON] if reason else None
        self._settlements.add(Result(delivery.claimed, status, reason, **details))

    def give_back(self, delivery: Delivery, *, not_before: datetime | None = None) -> None:
        """Gives back a message that was not said: whichever sender claims it next may say it, but not before that
        moment (the bot's time)."""
        delivery.claimed.attempts = max(0, delivery.claimed.attempts - 1)
        self.finish(delivery, Status.WAITING, retry_at=not_before)

    def block(self, delivery: Delivery, reason: str) -> None:
        """Notes that a person cannot be reached any more. The messages to them that this sender holds end in the same
        way, except replies, which are tried."""
        self.finish(delivery, Status.BLOCKED, reason)
        for other in self._queue.of_chat(delivery.claimed.chat_id):
            if other.can_wait:
                self.finish(other, Status.BLOCKED, "blocked")

    def give_back_what_can_wait(self) -> None:
        """Gives back all messages but replies. In a long pause they are safer in the ledger: there they can still be
        dropped, and a killed process does not harm them."""
        for delivery in self._queue.at_rest():
            if delivery.can_wait:
                self.give_back(delivery)

"""The sender's queue: whose turn it is, in which order, and how much more may be held."""

from __future__ import annotations

import math
from typing import Any

import pytest

from bot.delivery.outbox import ClaimedMessage, Priority
from bot.delivery.queue import PER_CHAT, Queue
from bot.delivery.rate_limiter import RateLimiter
from bot.people.quiet_hours import Kind
from bot.words.message import Message
from tests.sender_time import SenderTime


def claimed(row: int, chat: int = 5, priority: Priority = Priority.REPLY, **details: Any) -> ClaimedMessage:
    return ClaimedMessage(row, 1, chat, "id", Kind.REPLY, priority, Message("a"), **details)


class Held:
    def __init__(self, rate: float = 30) -> None:
        self.time = SenderTime()
        self.limiter = RateLimiter(rate, monotonic=lambda: self.time.now)
        self.asked_again = 0
        self.queue = Queue(self.limiter, self.time.runtime(), self.has_room_again)

    def has_room_again(self) -> None:
        self.asked_again += 1

    def next_row(self) -> int | None:
        """Takes the next turn that is true, and makes its chat busy."""
        while self.queue.has_ready:
            delivery = self.queue.pop_ready()
            if delivery is not None:
                self.queue.occupy(delivery.claimed.chat_id)
                return delivery.claimed.id
        return None


def test_the_most_urgent_goes_first_and_each_chat_keeps_its_order() -> None:
    held = Held()
    for row, chat, priority in ((1, 5, Priority.BROADCAST), (3, 6, Priority.REPLY), (2, 6, Priority.REPLY)):
        held.queue.add(claimed(row, chat, priority))
    assert not held.queue.next_can_wait
    assert [held.next_row(), held.next_row(), held.next_row()] == [2, 1, None]


def test_a_busy_chat_has_no_turn_until_it_is_released() -> None:
    held = Held()
    held.queue.add(claimed(1))
    held.queue.add(claimed(2))
    assert held.next_row() == 1
    assert held.next_row() is None
    held.queue.remove(held.queue.of_chat(5)[0])
    held.queue.release(5)
    assert held.next_row() == 2


def test_what_is_edited_goes_before_the_edit_of_it_however_urgent_that_is() -> None:
    held = Held()
    held.queue.add(claimed(9, edits=1))
    held.queue.add(claimed(1, priority=Priority.REMINDER))
    assert held.next_row() == 1


def test_a_chat_waits_for_its_pace_and_for_the_next_try() -> None:
    held = Held()
    for _ in range(3):
        held.limiter.take(5)
    held.queue.add(claimed(1))
    assert not held.queue.has_ready
    assert held.queue.until_next_moment() == pytest.approx(1.0)
    held.time.now += 1.001
    held.queue.promote()
    assert held.next_row() == 1
    held.queue.of_chat(5)[0].retry_at = held.time.now + 7
    held.queue.release(5)
    assert held.queue.until_next_moment() == pytest.approx(7)


def test_a_row_is_held_once_and_forgotten_when_it_is_removed() -> None:
    held = Held()
    held.queue.add(claimed(1))
    held.queue.add(claimed(1))
    assert (len(held.queue), 1 in held.queue, held.queue.rows) == (1, True, [1])
    held.queue.remove(held.queue.of_chat(5)[0])
    assert (len(held.queue), 1 in held.queue, held.queue.of_chat(5)) == (0, False, [])
    assert held.next_row() is None
    assert held.queue.until_next_moment() == math.inf


def test_a_crowded_chat_is_told_and_asked_for_again_when_it_has_room() -> None:
    held = Held()
    for row in range(PER_CHAT):
        assert held.queue.crowded == frozenset()
        held.queue.add(claimed(row))
    assert held.queue.crowded == {5}
    held.queue.remove(held.queue.of_chat(5)[0])
    assert (held.queue.crowded, held.asked_again) == (frozenset(), 1)


def test_room_is_kept_apart_for_replies_and_for_what_can_wait() -> None:
    held = Held(rate=30)
    whole = held.queue.room()
    assert (whole.bulk, whole.replies, whole.half_of_bulk, whole.half_of_replies) == (15, 64, True, True)
    for row in range(8):
        held.queue.add(claimed(row, chat=row, priority=Priority.BROADCAST))
    for row in range(100, 110):
        held.queue.add(claimed(row, chat=row))
    room = held.queue.room()
    assert (room.bulk, room.replies, room.half_of_bulk, room.half_of_replies) == (7, 54, False, True)


def test_what_a_busy_chat_holds_is_not_at_rest() -> None:
    held = Held()
    for row, chat in ((1, 5), (2, 5), (3, 6)):
        held.queue.add(claimed(row, chat))
    assert held.next_row() == 1
    assert [delivery.claimed.id for delivery in held.queue.at_rest()] == [3]
    assert sorted(delivery.claimed.id for delivery in held.queue.all()) == [1, 2, 3]

"""The messages that a sender has claimed, one queue per chat: the most urgent first, otherwise as they were written.

claimed messages -> `add` -> `pop_ready` (a chat's turn has come) -> `occupy` -> ... -> `remove`, `release`
"""

from __future__ import annotations

import heapq
import math
from bisect import insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from bot.delivery.outbox import ClaimedMessage, Priority
from bot.delivery.rate_limiter import RateLimiter
from bot.delivery.runtime import Runtime
from bot.words.message import File

PER_CHAT: Final = 4
"""How many messages of one chat are claimed at once: a burst and the one after it."""


@dataclass(eq=False, slots=True)
class Delivery:
    """A claimed message that the sender holds, and what was found out about it."""

    claimed: ClaimedMessage
    since: float
    """When the message was claimed (monotonic)."""
    retry_at: float = 0.0
    lost: int = 0
    """How often the answer to its call was lost, or its preparation failed."""
    as_new: bool = False
    """Whether the message to edit is not there, so that a new one is sent."""
    edit_id: int | None = None
    edited_found: bool = False
    digest: str | None = None
    """The hash of its file's content, once computed."""
    file: File | None = None
    """The file as it is to be sent, where it was made of sheets just now."""
    sent_file_id: str | None = None
    """The file id with which it was tried last."""
    id_was_wrong: bool = False
    uploading: bool = False
    """Whether other messages with the same file wait for this one to upload it."""
    tried: bool = False
    call: int = 0
    """The rate limiter's number of the call under way."""

    @property
    def rank(self) -> tuple[int, int]:
        return self.claimed.priority, self.claimed.id

    @property
    def can_wait(self) -> bool:
        """Whether the message is no reply."""
        return self.claimed.priority > Priority.REPLY

    @property
    def must_find_edited(self) -> bool:
        """Whether the message edits that of another row, of which Telegram's id is not known yet."""
        claimed = self.claimed
        return claimed.edits is not None and claimed.edit_message_id is None and not self.edited_found


class Room(NamedTuple):
    """How many more messages may be held, and whether that is at least half of the limit."""

    replies: int
    bulk: int
    half_of_replies: bool
    half_of_bulk: bool


@dataclass(eq=False, slots=True)
class _Chat:
    id: int
    deliveries: list[Delivery] = field(default_factory=list)
    busy: bool = False

    def head(self) -> Delivery:
        head = self.deliveries[0]
        if head.claimed.edits is not None:
            # the message to be edited goes first, or the edit would wait for it in vain
            return next((one for one in self.deliveries if one.claimed.id == head.claimed.edits), head)
        return head


class Queue:
    """The messages that the sender holds, and which chat's turn it is. While a chat is busy it gets no turn.
    `has_room_again` is called when a chat that had enough messages here no longer has: more of them may wait in the
    outbox."""

    def __init__(self, rate_limiter: RateLimiter, runtime: Runtime, has_room_again: Callable[[], None]) -> None:
        self._rate_limiter = rate_limiter
        self._runtime = runtime
        self._has_room_again = has_room_again
        self._reply_room = rate_limiter.reply_room
        self._chats: dict[int, _Chat] = {}
        self._held: set[int] = set()
        self._bulk = 0
        self._crowded: set[int] = set()
        self._ready: list[tuple[int, int, int]] = []
        """(priority, row, chat) of chats that may go now; entries that are out of date are skipped."""
        self._later: list[tuple[float, int]] = []
        """(moment, chat) of chats that only wait for time to pass."""

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, row: int) -> bool:
        """Whether the message of this row is held."""
        return row in self._held

    @property
    def rows(self) -> list[int]:
        return list(self._held)

    @property
    def crowded(self) -> frozenset[int]:
        """The chats that have enough messages here: no more of theirs are claimed."""
        return frozenset(self._crowded)

    def room(self) -> Room:
        bulk_room = self._rate_limiter.bulk_room
        replies, bulk = self._reply_room - (len(self._held) - self._bulk), bulk_room - self._bulk
        return Room(replies, bulk, replies * 2 >= self._reply_room, bulk * 2 >= bulk_room)

    def add(self, claimed: ClaimedMessage) -> None:
        if claimed.id in self._held:
            return  # taken back as lost and claimed again, while we had it all the time
        self._held.add(claimed.id)
        delivery = Delivery(claimed, self._runtime.monotonic())
        self._bulk += delivery.can_wait
        chat = self._chats.get(claimed.chat_id)
        if chat is None:
            chat = self._chats[claimed.chat_id] = _Chat(claimed.chat_id)
        insort(chat.deliveries, delivery, key=lambda one: one.rank)
        if len(chat.deliveries) >= PER_CHAT:
            self._crowded.add(chat.id)
        self._schedule(chat)

    def remove(self, delivery: Delivery) -> None:
        chat = self._chats[delivery.claimed.chat_id]
        chat.deliveries.remove(delivery)
        self._held.discard(delivery.claimed.id)
        self._bulk -= delivery.can_wait
        if len(chat.deliveries) < PER_CHAT and chat.id in self._crowded:
            self._crowded.discard(chat.id)
            self._has_room_again()
        if not chat.deliveries and not chat.busy:
            self._chats.pop(chat.id, None)

    def occupy(self, chat_id: int) -> None:
        """Marks a chat as busy, until `release`."""
        self._chats[chat_id].busy = True

    def release(self, chat_id: int) -> None:
        """Lets the chat have its next turn."""
        self._chats[chat_id].busy = False
        self.schedule(chat_id)
        self._runtime.notify()

    def schedule(self, chat_id: int) -> None:
        """Sets when a chat has its next turn: now, or when its rate and its first message permit it."""
        chat = self._chats.get(chat_id)
        if chat is not None:
            self._schedule(chat)

    def _schedule(self, chat: _Chat) -> None:
        if chat.busy:
            return
        if not chat.deliveries:
            self._chats.pop(chat.id, None)
            return
        head = chat.head()
        now = self._runtime.monotonic()
        at = max(head.retry_at, now + self._rate_limiter.chat_wait(chat.id))
        if at <= now:
            heapq.heappush(self._ready, (*head.rank, chat.id))
        else:
            heapq.heappush(self._later, (at, chat.id))

    def promote(self) -> None:
        """Makes the chats ready whose moment has come."""
        now = self._runtime.monotonic()
        while self._later and self._later[0][0] <= now:
            self.schedule(heapq.heappop(self._later)[1])

    def until_next_moment(self) -> float:
        """Returns the seconds until the passing of time makes a chat ready; infinite if none waits for that."""
        return self._later[0][0] - self._runtime.monotonic() if self._later else math.inf

    @property
    def has_ready(self) -> bool:
        return bool(self._ready)

    @property
    def next_can_wait(self) -> bool:
        """Whether the most urgent message that is ready is not a reply."""
        return self._ready[0][0] > Priority.REPLY

    def pop_ready(self) -> Delivery | None:
        """Takes the most urgent chat that is ready and returns its first message, which stays in the queue. Returns
        None if the entry is out of date."""
        priority, row, chat_id = heapq.heappop(self._ready)
        chat = self._chats.get(chat_id)
        if chat is None or chat.busy or not chat.deliveries:
            return None
        head = chat.head()
        return head if head.rank == (priority, row) else None

    def all(self) -> Iterator[Delivery]:
        for chat in list(self._chats.values()):
            yield from list(chat.deliveries)

    def of_chat(self, chat_id: int) -> list[Delivery]:
        chat = self._chats.get(chat_id)
        return [] if chat is None else list(chat.deliveries)

    def at_rest(self) -> Iterator[Delivery]:
        """Yields the messages that no call or preparation is working on, in chats that are not busy."""
        for chat in list(self._chats.values()):
            if not chat.busy:
                yield from list(chat.deliveries)

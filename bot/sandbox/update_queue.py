"""The queue of updates that wait for the bot, as Telegram keeps it: for 24 hours, until they are confirmed."""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Callable, ItemsView, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from .store import Store

UPDATE_SECONDS = 24 * 3600.0
ANSWER_BYTES = 1 << 22
_ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


class Queued(NamedTuple):
    """An update that waits for the bot: its JSON, real seconds since 1970 until which it is kept, and the lane in which
    a webhook gets it (one after the other within a lane, lanes side by side)."""

    text: str
    expires: float
    lane: str


class UpdateQueue:
    """The updates by their ids, the oldest first. `next_id` returns the next id. `chosen` are the kinds of update the
    bot asked for; empty: the default. `on_added` is called with the id and the lane of each new update."""

    def __init__(self, store: Store, next_id: Callable[[], int]) -> None:
        self.chosen: list[str] = []
        self.on_added: Callable[[int, str], None] = lambda number, lane: None
        self._store = store
        self._next_id = next_id
        self._waiting: OrderedDict[int, Queued] = OrderedDict()
        for key, document in store.load("setting"):
            if key == "allowed_updates":
                self.chosen = document
        for key, document in sorted(store.load("update"), key=lambda pair: int(pair[0])):
            update = json.loads(document["json"])
            (kind,) = set(update) - {"update_id"}
            self._waiting[int(key)] = Queued(document["json"], document["expires"], _lane(kind, update[kind]))

    def clear(self) -> None:
        """Forgets all updates in memory; in the store the caller deletes them."""
        self._waiting.clear()

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[int]:
        return iter(self._waiting)

    def __contains__(self, number: object) -> bool:
        return number in self._waiting

    def items(self) -> ItemsView[int, Queued]:
        return self._waiting.items()

    def get(self, number: int) -> Queued | None:
        return self._waiting.get(number)

    def allowed(self, kind: str) -> bool:
        """Whether the bot gets updates of this kind."""
        return kind in self.chosen if self.chosen else kind not in _ON_REQUEST

    def allow(self, kinds: Sequence[str] | None) -> None:
        """Sets the kinds of update the bot wants, for updates made from now on. Empty: the default; None: as they
        were."""
        if kinds is not None and self.chosen != list(kinds):
            self.chosen = list(kinds)
            self._store.put("setting", "allowed_updates", self.chosen)

    def add(self, kind: str, body: dict[str, Any], seconds: float = UPDATE_SECONDS) -> int | None:
        """Puts an update into the queue; returns its id, or None if the bot does not want this kind."""
        if not self.allowed(kind):
            return None
        number = self._next_id()
        text = json.dumps({"update_id": number, kind: body}, ensure_ascii=False, separators=(",", ":"))
        queued = Queued(text, time.time() + seconds, _lane(kind, body))
        self._waiting[number] = queued
        self._store.put("update", number, {"json": text, "expires": queued.expires})
        self.on_added(number, queued.lane)
        return number

    def forget(self, numbers: Iterable[int]) -> None:
        for number in list(numbers):
            del self._waiting[number]
            self._store.delete("update", number)

    def confirm(self, offset: int) -> None:
        """Confirms updates by Telegram's `offset`: everything below it is removed; a negative one keeps the last
        -offset updates and removes the rest."""
        if offset < 0:
            self.forget(list(self._waiting)[:offset])
            return
        gone = []
        for number in self._waiting:
            if number >= offset:
                break
            gone.append(number)
        self.forget(gone)

    def pending(self, limit: int) -> list[str]:
        """Returns the oldest unconfirmed updates as JSON texts: at most `limit`, at most 4 MiB together."""
        now, size = time.time(), 0
        texts: list[str] = []
        stale: list[int] = []
        for number, queued in self._waiting.items():
            if queued.expires < now:
                stale.append(number)
                continue
            size += 50 + len(queued.text.encode())
            if len(texts) == limit or (texts and size > ANSWER_BYTES):
                break
            texts.append(queued.text)
        self.forget(stale)
        return texts


def _lane(kind: str, body: dict[str, Any]) -> str:
    """Returns the lane of an update. Telegram keeps the order of the messages of a chat, of the taps of a user, and of
    the news of a poll; not between these."""
    match kind:
        case "callback_query":
            return f"taps of {body['from']['id']}"
        case "poll":
            return f"poll {body['id']}"
        case "poll_answer":
            return f"votes of {body['user']['id']}"
        case "message" | "edited_message":
            return f"chat {body['chat']['id']}"
    return f"{kind} {body['chat']['id']}"

"""Who said, tapped and was sent what, and when: a growing list of plain entries, in memory and as JSON lines in a file.

Every entry has `n` (1, 2, 3 ...), `at` (real seconds since 1970) and `what`:

    said      person, message_id, update_id, text (or shared: location, contact, photo, document, voice, sticker)
    tapped    person, message_id, update_id, query_id, data
    edited    person, message_id, update_id, text
    voted, reacted, blocked, unblocked
    handed    updates: the ids a getUpdates answered with
    delivered update_id, attempt, status (or error), ok; replay: true if it was asked for
    called    a call of the bot: method, ok; person (the chat), message_id, text, buttons, media, query_id as they
              apply; code and description of a refusal; fault if one struck; lost: true if the answer never left;
              hook: true if it came in the answer of a webhook

Update ids are null when the bot does not want that kind of update. A call that never got to its effect because of a
fault is "called" with ok: false.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

Entry = dict[str, Any]


class Transcript:
    """The entries. `keep`: how many of them stay in memory, the newest. `file`: gets every entry; a file that exists is
    overwritten."""

    def __init__(self, keep: int, file: Path | None = None) -> None:
        self.entries: deque[Entry] = deque(maxlen=keep)
        self.last = 0
        self.listeners: list[Callable[[Entry], None]] = []
        self._file: TextIO | None = file.open("w", encoding="utf-8") if file is not None else None

    def add(self, what: str, **details: Any) -> Entry:
        self.last += 1
        entry = {"n": self.last, "at": round(time.time(), 6), "what": what, **details}
        self.entries.append(entry)
        if self._file is not None:
            self._file.write(line_of(entry))
        for listener in self.listeners:
            listener(entry)
        return entry

    def after(
        self, number: int, limit: int, *, whats: Iterable[str] = (), person: int | None = None
    ) -> Iterator[Entry]:
        """Yields entries with a greater `n`, the oldest first, at most `limit`; only of these kinds and this person, if
        given."""
        wanted = frozenset(whats)
        first = self.entries[0]["n"] if self.entries else 0
        chosen = (
            entry
            for entry in islice(self.entries, max(number + 1 - first, 0), None)
            if (not wanted or entry["what"] in wanted) and (person is None or entry.get("person") == person)
        )
        return islice(chosen, limit)

    def flush(self) -> None:
        """Writes the waiting entries into the file."""
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def line_of(entry: Entry) -> str:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace").decode() + "\n"


def call_details(result: Any) -> dict[str, Any]:
    """Returns what an answer tells of the message it is about: id, words, buttons, media."""
    if not isinstance(result, dict) or "message_id" not in result:
        return {}
    details: dict[str, Any] = {"message_id": result["message_id"]}
    words = result.get("text") or result.get("caption")
    for kind in ("photo", "document", "voice", "video", "audio"):
        if kind in result:
            media = result[kind][-1] if kind == "photo" else result[kind]
            details["media"] = f"{kind} {media['file_unique_id']}"
    if "poll" in result:
        words = result["poll"]["question"]
        details["media"] = "poll"
    elif "venue" in result:
        words = result["venue"]["title"]
        details["media"] = "venue"
    elif "location" in result:
        details["media"] = "location {latitude} {longitude}".format(**result["location"])
    elif "contact" in result:
        words = result["contact"]["phone_number"]
        details["media"] = "contact"
    if words:
        details["text"] = words
    if "reply_markup" in result:
        rows = result["reply_markup"]["inline_keyboard"]
        details["buttons"] = [[[button["text"], button.get("callback_data")] for button in row] for row in rows]
    return details

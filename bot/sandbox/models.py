"""What the sandbox remembers: people, messages, polls, files and taps, as plain objects that the store can keep."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

REACTIONS = frozenset(
    {
        "👍", "👎", "❤", "🔥", "🥰", "👏", "😁", "🤔", "🤯", "😱", "🤬", "😢",
        "🎉", "🤩", "🤮", "💩", "🙏", "👌", "🕊", "🤡", "🥱", "🥴", "😍", "🐳",
        "❤‍🔥", "❤️‍🔥", "🌚", "🌭", "💯", "🤣", "⚡", "🍌", "🏆", "💔", "🤨", "😐",
        "🍓", "🍾", "💋", "🖕", "😈", "😴", "😭", "🤓", "👻", "👨‍💻", "👀", "🎃",
        "🙈", "😇", "😨", "🤝", "✍", "🤗", "🫡", "🎅", "🎄", "☃", "💅", "🤪",
        "🗿", "🆒", "💘", "🙉", "🦄", "😘", "💊", "🙊", "😎", "👾", "🤷‍♂", "🤷‍♂️",
        "🤷", "🤷‍♀", "🤷‍♀️", "😡",
    }
)  # fmt: skip
"""The emoji that Telegram takes as reactions."""


@dataclass
class Person:
    """A person with a phone. The bot knows them only once they have written (`started`)."""

    id: int
    first_name: str
    role: str
    started: bool = False
    blocked: bool = False
    keyboard: dict[str, Any] | None = None
    read_to: int = 0
    language: str = "id"

    @property
    def telegram_name(self) -> str:
        """The name as the bot gets it: words in brackets behind it ("Siti (contoh)") are for the page alone."""
        return re.sub(r"\s*\([^()]*\)$", "", self.first_name) or self.first_name

    def as_user(self) -> dict[str, Any]:
        return {"id": self.id, "is_bot": False, "first_name": self.telegram_name, "language_code": self.language}

    def as_chat(self) -> dict[str, Any]:
        return {"id": self.id, "first_name": self.telegram_name, "type": "private"}


@dataclass
class Message:
    """`body` is the Bot API's Message, whole. `frozen`: sent with a reply keyboard, so never editable."""

    chat: int
    id: int
    body: dict[str, Any]
    frozen: bool = False
    bot_reaction: str | None = None
    person_reaction: str | None = None

    @property
    def from_bot(self) -> bool:
        return bool(self.body["from"]["is_bot"])


@dataclass
class Poll:
    """`body` is the Bot API's Poll. `votes`: person id -> the options chosen (JSON keys are text)."""

    chat: int
    message: int
    body: dict[str, Any]
    votes: dict[str, list[int]] = field(default_factory=dict)


@dataclass
class File:
    """An uploaded file; its bytes are the store's blob `unique`."""

    id: str
    unique: str
    kind: str
    name: str
    mime: str
    size: int
    path: str
    width: int = 0
    height: int = 0
    duration: int = 0


@dataclass
class Query:
    """A tap waiting for its answer. `asked` is real time in seconds since 1970; `told`: the page heard it expired."""

    id: str
    person: int
    asked: float
    told: bool = False


@dataclass(frozen=True)
class Event:
    """Something that the page is told. `message` is set if it is about one message."""

    type: str
    person: int
    message: Message | None = None
    fields: dict[str, Any] = field(default_factory=dict)


Deed = Callable[[str, int, dict[str, Any]], None]
"""Told what a person did, their id, and the details: "said", "edited", "tapped", "voted", "reacted", "blocked" or
"unblocked"."""

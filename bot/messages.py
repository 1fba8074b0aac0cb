"""Speech as data: which key, with which values and buttons. `programme/` may use it; `texts` turns it into words.

A `Message` is written to the outbox as JSON and becomes words only when it is sent, in the language the person has
then. So it holds no words of its own, only keys of `locales/`, facts from the database and names of content.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any


@dataclass(frozen=True)
class At:
    """A moment, and the IANA zone it is told in. In texts: `{starts:full}`, `{starts:short}`, `{starts:time}` ..."""

    moment: datetime
    zone: str


@dataclass(frozen=True)
class Words:
    """Another key's words inside this one, with values of its own."""

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Lines:
    """Several words one under the other: a list as long as it needs to be."""

    parts: tuple[Words, ...]


@dataclass(frozen=True)
class Called:
    """How a person is addressed: "Bu Siti". `salutation` is ibu, bapak or kakak."""

    salutation: str
    name: str


@dataclass(frozen=True)
class Link:
    """An address shown as it is (escaped)."""

    url: str


Value = str | int | float | At | Words | Lines | Called | Link | None


@dataclass(frozen=True)
class Button:
    """`action` comes back when it is tapped (at most 64 bytes): `capability:action` or `capability:action:choice`.
    `url` instead of an action opens an address."""

    key: str
    action: str | None = None
    values: Mapping[str, Value] = field(default_factory=dict)
    url: str | None = None


Rows = tuple[tuple[Button, ...], ...]


class Keyboard(StrEnum):
    """What lies under the typing field instead of buttons under the message."""

    SHARE_LOCATION = "share_location"
    SHARE_CONTACT = "share_contact"
    REMOVE = "remove"


@dataclass(frozen=True)
class File:
    """A file to send: small ones carry their `content`, those of `content/` their `path` from the project's root."""

    name: str
    mime: str
    content: bytes | None = None
    path: str | None = None


@dataclass(frozen=True)
class Place:
    """A point on the map, with a title for a venue or without one for a bare location. Degrees, WGS 84."""

    latitude: float
    longitude: float
    title: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class Quiz:
    """A native quiz poll. `correct` is the index of the right option as they stand here (already shuffled)."""

    question: str
    options: tuple[str, ...]
    correct: int
    explanation: str | None = None


class Form(StrEnum):
    """What the message is made of."""

    TEXT = "text"
    PHOTO = "photo"
    DOCUMENT = "document"
    VOICE = "voice"
    VENUE = "venue"
    LOCATION = "location"
    QUIZ = "quiz"
    DELETE = "delete"
    REACTION = "reaction"
    COMMANDS = "commands"
    """Not seen by anyone: sets the command menu of this chat for `role` and language."""


@dataclass(frozen=True)
class Message:
    """One thing to say. `key` is the text, or the caption of a file; empty for a place and for what has no words."""

    key: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    buttons: Rows = ()
    form: Form = Form.TEXT
    keyboard: Keyboard | None = None
    file: File | None = None
    place: Place | None = None
    quiz: Quiz | None = None
    emoji: str | None = None
    role: str | None = None

    def with_buttons(self, buttons: Sequence[Sequence[Button]]) -> Message:
        return replace(self, buttons=rows(*buttons))

    def to_json(self) -> dict[str, Any]:
        """As the outbox keeps it. What is empty is left out: most messages are short."""
        out: dict[str, Any] = {"form": self.form.value}
        if self.key:
            out["key"] = self.key
        if self.values:
            out["values"] = _values_to_json(self.values)
        if self.buttons:
            out["buttons"] = [[_button_to_json(button) for button in row] for row in self.buttons]
        if self.keyboard:
            out["keyboard"] = self.keyboard.value
        if self.file:
            out["file"] = {"name": self.file.name, "mime": self.file.mime, "path": self.file.path}
            if self.file.content is not None:
                out["file"]["content"] = base64.b64encode(self.file.content).decode()
        if self.place:
            out["place"] = [self.place.latitude, self.place.longitude, self.place.title, self.place.address]
        if self.quiz:
            out["quiz"] = [self.quiz.question, list(self.quiz.options), self.quiz.correct, self.quiz.explanation]
        if self.emoji:
            out["emoji"] = self.emoji
        if self.role:
            out["role"] = self.role
        return out

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Message:
        file = data.get("file")
        place = data.get("place")
        quiz = data.get("quiz")
        return cls(
            key=data.get("key", ""),
            values=_values_from_json(data.get("values", {})),
            buttons=tuple(tuple(_button_from_json(button) for button in row) for row in data.get("buttons", ())),
            form=Form(data["form"]),
            keyboard=Keyboard(data["keyboard"]) if "keyboard" in data else None,
            file=None
            if file is None
            else File(
                file["name"],
                file["mime"],
                base64.b64decode(file["content"]) if "content" in file else None,
                file["path"],
            ),
            place=None if place is None else Place(*place),
            quiz=None if quiz is None else Quiz(quiz[0], tuple(quiz[1]), quiz[2], quiz[3]),
            emoji=data.get("emoji"),
            role=data.get("role"),
        )


def rows(*given: Sequence[Button]) -> Rows:
    """Buttons row by row, empty rows left out."""
    return tuple(tuple(row) for row in given if row)


def _button_to_json(button: Button) -> dict[str, Any]:
    out: dict[str, Any] = {"key": button.key}
    if button.action is not None:
        out["action"] = button.action
    if button.values:
        out["values"] = _values_to_json(button.values)
    if button.url is not None:
        out["url"] = button.url
    return out


def _button_from_json(data: Mapping[str, Any]) -> Button:
    return Button(data["key"], data.get("action"), _values_from_json(data.get("values", {})), data.get("url"))


def _values_to_json(values: Mapping[str, Value]) -> dict[str, Any]:
    return {name: _value_to_json(value) for name, value in values.items()}


def _values_from_json(values: Mapping[str, Any]) -> dict[str, Value]:
    return {name: _value_from_json(value) for name, value in values.items()}


def _value_to_json(value: Value) -> Any:
    match value:
        case None | str() | int() | float():
            return value
        case At(moment, zone):
            return {"at": moment.isoformat(), "zone": zone}
        case Words(key, values):
            return {"words": key, "values": _values_to_json(values)}
        case Lines(parts):
            return {"lines": [_value_to_json(part) for part in parts]}
        case Called(salutation, name):
            return {"called": name, "salutation": salutation}
        case Link(url):
            return {"link": url}
    raise TypeError(f"a message cannot hold a {type(value).__name__}")


def _value_from_json(data: Any) -> Value:
    if not isinstance(data, dict):
        return data  # type: ignore[no-any-return]
    if "at" in data:
        return At(datetime.fromisoformat(data["at"]), data["zone"])
    if "words" in data:
        return Words(data["words"], _values_from_json(data["values"]))
    if "lines" in data:
        return Lines(tuple(Words(part["words"], _values_from_json(part["values"])) for part in data["lines"]))
    if "called" in data:
        return Called(data["salutation"], data["called"])
    if "link" in data:
        return Link(data["link"])
    raise ValueError("unknown kind of value in a message")

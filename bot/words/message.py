"""Speech as data: which key, with which values and buttons. `programme/` may use it; `texts` turns it into words.

A `Message` is written to the outbox as JSON and becomes words only when it is sent, in the language the person has
then. So it holds no words of its own, only keys of `locales/`, facts from the database and names of content; and, as
the one exception, what a trainer wrote to be said as it is (`Message.html`).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
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
class Who:
    """A person by their number: the name is looked up when it is said, so that no row of the outbox holds it."""

    person_id: int


@dataclass(frozen=True)
class Link:
    """An address shown as it is (escaped)."""

    url: str


Value = str | int | float | At | Words | Lines | Called | Who | Link | None


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
    """A file to send: small ones carry their `content`, those of `content/` their `path` from the project's root, and
    what somebody sent into a chat is known by the `id` that Telegram gave it: there is nothing to upload. One that is
    made of a message's `sheets` has none of these."""

    name: str
    mime: str
    content: bytes | None = None
    path: str | None = None
    id: str | None = None


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook as data: it becomes an .xlsx when it is sent, so names in it (`Who`) stand in no row."""

    title: Words
    head: tuple[Words, ...]
    rows: tuple[tuple[Value, ...], ...]


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
    VIDEO = "video"
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
    html: str = ""
    """What a trainer wrote, as Telegram's HTML, checked when it came in. With a `key`, its words stand above."""
    sheets: tuple[Sheet, ...] = ()
    """What the workbook `file` is made of."""
    secret: bool = False
    """Its row is emptied as soon as it was sent (or could not be): it holds what nobody should find there later."""

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
            if self.file.id is not None:
                out["file"]["id"] = self.file.id
        if self.place:
            out["place"] = [self.place.latitude, self.place.longitude, self.place.title, self.place.address]
        if self.quiz:
            out["quiz"] = [self.quiz.question, list(self.quiz.options), self.quiz.correct, self.quiz.explanation]
        if self.emoji:
            out["emoji"] = self.emoji
        if self.role:
            out["role"] = self.role
        if self.html:
            out["html"] = self.html
        if self.sheets:
            out["sheets"] = [_sheet_to_json(sheet) for sheet in self.sheets]
        if self.secret:
            out["secret"] = True
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
                file.get("id"),
            ),
            place=None if place is None else Place(*place),
            quiz=None if quiz is None else Quiz(quiz[0], tuple(quiz[1]), quiz[2], quiz[3]),
            emoji=data.get("emoji"),
            role=data.get("role"),
            html=data.get("html", ""),
            sheets=tuple(_sheet_from_json(sheet) for sheet in data.get("sheets", ())),
            secret=data.get("secret", False),
        )


def people_in(message: Message) -> frozenset[int]:
    """The numbers of those whose names the message says (`Who`), in its text and on its buttons."""

    def found(value: Value) -> Iterator[int]:
        match value:
            case Who(person_id):
                yield person_id
            case Words(_, values):
                yield from (one for inner in values.values() for one in found(inner))
            case Lines(parts):
                yield from (one for part in parts for one in found(part))

    buttons = [Words(button.key, button.values) for row in message.buttons for button in row]
    cells = [cell for sheet in message.sheets for row in sheet.rows for cell in row]
    return frozenset(one for value in (Words(message.key, message.values), *buttons, *cells) for one in found(value))


def named(message: Message, names: Mapping[int, Called]) -> Message:
    """The message with names in the place of numbers; somebody who left in the meantime has none."""

    def told(value: Value) -> Value:
        match value:
            case Who(person_id):
                return names.get(person_id, "…")
            case Words(key, values):
                return Words(key, {name: told(inner) for name, inner in values.items()})
            case Lines(parts):
                return Lines(tuple(Words(part.key, {n: told(v) for n, v in part.values.items()}) for part in parts))
        return value

    def all_told(values: Mapping[str, Value]) -> dict[str, Value]:
        return {name: told(value) for name, value in values.items()}

    buttons = tuple(tuple(replace(button, values=all_told(button.values)) for button in row) for row in message.buttons)
    sheets = tuple(
        replace(sheet, rows=tuple(tuple(told(cell) for cell in row) for row in sheet.rows)) for sheet in message.sheets
    )
    return replace(message, values=all_told(message.values), buttons=buttons, sheets=sheets)


def rows(*given: Sequence[Button]) -> Rows:
    """Buttons row by row, empty rows left out."""
    return tuple(tuple(row) for row in given if row)


def _sheet_to_json(sheet: Sheet) -> list[Any]:
    cells = [[_value_to_json(cell) for cell in row] for row in sheet.rows]
    return [_value_to_json(sheet.title), [_value_to_json(cell) for cell in sheet.head], cells]


def _sheet_from_json(data: Sequence[Any]) -> Sheet:
    title, head, cells = data
    return Sheet(
        _words_from_json(title),
        tuple(_words_from_json(cell) for cell in head),
        tuple(tuple(_value_from_json(cell) for cell in row) for row in cells),
    )


def _words_from_json(data: Mapping[str, Any]) -> Words:
    return Words(data["words"], _values_from_json(data["values"]))


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
        case Who(person_id):
            return {"who": person_id}
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
    if "who" in data:
        return Who(data["who"])
    if "link" in data:
        return Link(data["link"])
    raise ValueError("unknown kind of value in a message")

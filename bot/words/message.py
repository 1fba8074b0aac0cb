"""Speech as data: which key, with which values and buttons. `programme/` may use it; `texts` turns it into words.

A `Message` is written to the outbox as JSON and becomes words only when it is sent, in the language the person has
then. So it holds no words of its own, only keys of `locales/`, facts from the database and names of content; and, as
the one exception, what a trainer wrote to be said as it is (`Message.html`).

How each field is written stands beside it, for pydantic. Rows are read by the version before and the one after: a field
may be added, with a default and `LEFT_OUT`, and none is renamed (tests/test_messages.py).
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import (
    Base64Bytes,
    BeforeValidator,
    Discriminator,
    Field,
    GetPydanticSchema,
    PlainSerializer,
    Tag,
    TypeAdapter,
    WrapSerializer,
)
from pydantic_core import ArgsKwargs

from bot.words.action import Action, Packed, made_for

LEFT_OUT: Final = Field(exclude_if=operator.not_)
"""Leaves empty values out of the JSON: most messages are short."""


def _from_list(data: Any) -> Any:
    return ArgsKwargs(tuple(data)) if isinstance(data, list) else data


_AS_LIST: Final = (
    BeforeValidator(_from_list),
    WrapSerializer(lambda value, its_fields: list(its_fields(value).values())),
)
"""Writes the fields as a list, in their order."""


@dataclass(frozen=True)
class At:
    """A moment, and the IANA zone it is told in. In texts: `{starts:full}`, `{starts:short}`, `{starts:time}` ..."""

    moment: Annotated[datetime, Field(alias="at"), PlainSerializer(datetime.isoformat, return_type=str)]
    zone: str


@dataclass(frozen=True)
class Words:
    """The words of another key inside this one, with values of its own."""

    key: Annotated[str, Field(alias="words")]
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Lines:
    """Several words, one below the other: a list of any length."""

    parts: Annotated[tuple[Words, ...], Field(alias="lines")]


@dataclass(frozen=True)
class Called:
    """How a person is addressed: "Bu Siti". `salutation` is a `Salutation` of bot/people; nama: by the name alone."""

    salutation: str
    name: Annotated[str, Field(alias="called")]


@dataclass(frozen=True)
class Who:
    """A person by their number: the name is looked up when the message is sent, so that no row of the outbox holds
    it."""

    person_id: Annotated[int, Field(alias="who")]


@dataclass(frozen=True)
class Link:
    """An address shown as it is (escaped)."""

    url: Annotated[str, Field(alias="link")]


_KINDS: Final[Mapping[type, str]] = {
    str: "text",
    bool: "yes or no",
    int: "number",
    float: "fraction",
    type(None): "nothing",
    At: "at",
    Words: "words",
    Lines: "lines",
    Called: "called",
    Who: "who",
    Link: "link",
}
_KEYS: Final = frozenset({"at", "words", "lines", "called", "who", "link"})
"""A value that is written as an object is recognised by one of these keys."""


def _kind(value: Any) -> str | None:
    if type(value) is dict:
        for key in value:  # the first but for `Called`
            if key in _KEYS:
                return str(key)
        return None
    kind = _KINDS.get(type(value))
    if kind is None:  # an enum, for instance
        return next((_KINDS[base] for base in (str, int, float) if isinstance(value, base)), None)
    return kind


Value = Annotated[
    Annotated[str, Tag("text")]
    | Annotated[bool, Tag("yes or no")]
    | Annotated[int, Tag("number")]
    | Annotated[float, Tag("fraction")]
    | Annotated[None, Tag("nothing")]
    | Annotated[At, Tag("at")]
    | Annotated[Words, Tag("words")]
    | Annotated[Lines, Tag("lines")]
    | Annotated[Called, Tag("called")]
    | Annotated[Who, Tag("who")]
    | Annotated[Link, Tag("link")],
    Discriminator(_kind),
]


class Style(StrEnum):
    """How a button stands out."""

    PRIMARY = "primary"
    """The one main act of a screen."""
    DANGER = "danger"
    """The button deletes something or calls it off."""


@dataclass(frozen=True)
class Share:
    """Words for WhatsApp, which opens with them filled in: a human being sends them, nothing is sent by itself. The
    words name nobody, and end with the bot's link. `to`: the number they go to, in international form (+62...); empty:
    the sender picks one. `language`: the language of the people who get them; empty: of the person who taps."""

    words: Words
    to: str = ""
    language: str = ""


@dataclass(frozen=True)
class Button:
    """A button. `action` comes back when it is tapped; instead of an action `url` or `share` opens an address, and
    `copy` puts the words of that key (1 to 256 characters, filled with `values`) where they can be pasted."""

    key: str
    action: Annotated[
        Action | Packed | None, GetPydanticSchema(lambda _, schema_of: schema_of(str | None)), LEFT_OUT
    ] = None
    """Packed as soon as the button is made, so that it is the same after it was a row of the outbox."""
    values: Annotated[Mapping[str, Value], LEFT_OUT] = field(default_factory=dict)
    url: Annotated[str | None, LEFT_OUT] = None
    copy: Annotated[str | None, LEFT_OUT] = None
    style: Annotated[Style | None, LEFT_OUT] = None
    """Older apps of Telegram show no difference."""
    share: Annotated[Annotated[Share, *_AS_LIST] | None, LEFT_OUT] = None

    def __post_init__(self) -> None:
        if isinstance(self.action, Action):
            object.__setattr__(self, "action", self.action.pack())

    def made_for(self, person_id: int) -> Button:
        """Returns the button with this person in what it carries, if that is about a person and names none."""
        data = self.data
        found = data and made_for(person_id, data)
        return self if found == data else replace(self, action=found)

    @property
    def data(self) -> Packed | None:
        """Returns what Telegram carries for it: at most 64 bytes."""
        return self.action.pack() if isinstance(self.action, Action) else self.action


Rows = tuple[tuple[Button, ...], ...]


class Keyboard(StrEnum):
    """Buttons under the typing field, instead of buttons under the message."""

    SHARE_LOCATION = "share_location"
    SHARE_CONTACT = "share_contact"
    REMOVE = "remove"


@dataclass(frozen=True)
class File:
    """A file to send: small ones carry their `content`, those of `content/` their `path` from the project's root, and
    what somebody sent into a chat is known by the `id` that Telegram gave it: there is nothing to upload. One that the
    bot keeps is known by its number (`kept`: bot/delivery/kept_files.py). One that is made of a message's `sheets`,
    `paper`, `poster` or `certificate` has none of these."""

    name: str
    mime: str
    content: Annotated[Base64Bytes | None, Field(exclude_if=lambda content: content is None)] = None
    path: str | None = None
    id: Annotated[str | None, LEFT_OUT] = None
    kept: Annotated[int | None, LEFT_OUT] = None


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook as data: it becomes an .xlsx when it is sent, so names in it (`Who`) stand in no row."""

    title: Words
    head: tuple[Words, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True)
class Paper:
    """A list of names for signatures as data. It becomes a PDF when it is sent, like `Sheet`, in the reference
    language, which the people who sign read. `head` and `rows` are for the columns number, name, signature (where
    something may be printed already); `note` stands above the `blank` empty rows."""

    title: Words
    head: tuple[Words, Words, Words]
    rows: tuple[tuple[Value, Value, Value], ...]
    blank: int
    blank_head: Words
    note: Words
    footer: Words


@dataclass(frozen=True)
class Poster:
    """A poster with the QR code of `link`. It becomes a PDF or a picture when it is sent, in the reference language,
    which the people who read it speak."""

    link: str
    programme: str
    title: Words
    place: str
    steps: tuple[Words, ...]
    below: tuple[Words, ...]


@dataclass(frozen=True)
class Printed:
    """A certificate as data, with everything that stands on it. It becomes a PDF or a picture when it is sent, in the
    reference language, by the template it was issued with. `facts` are label and value; `issued` is the moment of issue
    in seconds since 1970 (UTC)."""

    template: str
    link: str
    programme: str
    title: Words
    given_to: Words
    name: str
    lines: tuple[Words, ...]
    facts: tuple[tuple[Words, Value], ...]
    signed: tuple[str, ...]
    check: tuple[Words, ...]
    issued: int


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
    """The kind of message."""

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
    """No visible message: sets the command menu of this chat for `role` and language."""


@dataclass(frozen=True)
class Message:
    """One thing to say. `key` is the text, or the caption of a file; empty for a place and for messages without
    words."""

    key: Annotated[str, LEFT_OUT] = ""
    values: Annotated[Mapping[str, Value], LEFT_OUT] = field(default_factory=dict)
    buttons: Annotated[Rows, LEFT_OUT] = ()
    form: Form = Form.TEXT
    keyboard: Annotated[Keyboard | None, LEFT_OUT] = None
    file: Annotated[File | None, LEFT_OUT] = None
    place: Annotated[Annotated[Place, *_AS_LIST] | None, LEFT_OUT] = None
    quiz: Annotated[Annotated[Quiz, *_AS_LIST] | None, LEFT_OUT] = None
    emoji: Annotated[str | None, LEFT_OUT] = None
    role: Annotated[str | None, LEFT_OUT] = None
    html: Annotated[str, LEFT_OUT] = ""
    """The words of a trainer, as Telegram's HTML, checked when they came in. With a `key`, its words stand above."""
    sheets: Annotated[tuple[Annotated[Sheet, *_AS_LIST], ...], LEFT_OUT] = ()
    """The sheets that the workbook `file` is made from."""
    paper: Annotated[Paper | None, LEFT_OUT] = None
    """What the PDF `file` is made from."""
    poster: Annotated[Poster | None, LEFT_OUT] = None
    """What the PDF or picture `file` is made from."""
    certificate: Annotated[Printed | None, LEFT_OUT] = None
    """What the PDF or picture `file` is made from."""
    about: Annotated[tuple[tuple[Words, Value], ...], LEFT_OUT] = ()
    """What stands above the first of the `sheets`, or on top of the `paper`: labels and what they are of."""
    secret: Annotated[bool, LEFT_OUT] = False
    """Whether its row is emptied as soon as it was sent (or could not be): nobody should find its content there
    later."""
    silent: Annotated[bool, LEFT_OUT] = False
    """Whether it comes without a sound. Set, too, when the row goes out, if its `Verdict` says so."""
    protected: Annotated[bool, LEFT_OUT] = False
    """Whether it cannot be passed on or saved: screens with people's names, words of questions."""

    def with_buttons(self, buttons: Sequence[Sequence[Button]]) -> Message:
        return replace(self, buttons=rows(*buttons))

    def made_for(self, person_id: int) -> Message:
        """Returns the message as it is sent to this person: its buttons about a person carry who that is."""
        if not self.buttons:
            return self
        return replace(self, buttons=tuple(tuple(one.made_for(person_id) for one in row) for row in self.buttons))

    def to_json(self) -> dict[str, Any]:
        """Returns the message as the outbox stores it. Raises ValueError for anything a message cannot hold (`values`
        must be dicts)."""
        written: dict[str, Any] = _MESSAGE.dump_python(self, mode="json", by_alias=True, warnings="error")
        return written

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Message:
        """Reads what `to_json` wrote. Raises ValueError for anything that is no message."""
        return _MESSAGE.validate_python(data)


_MESSAGE: Final = TypeAdapter(Message)


def people_in(message: Message) -> frozenset[int]:
    """Returns the numbers of the people whose names the message says (`Who`), in its text and on its buttons."""

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
    if message.paper is not None:
        cells += [cell for row in message.paper.rows for cell in row]
    return frozenset(one for value in (Words(message.key, message.values), *buttons, *cells) for one in found(value))


def named(message: Message, names: Mapping[int, Called]) -> Message:
    """Returns the message with names in the place of people's numbers; people who left in the meantime have none."""

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
    paper = message.paper
    if paper is not None:
        paper = replace(paper, rows=tuple((told(one), told(two), told(three)) for one, two, three in paper.rows))
    return replace(message, values=all_told(message.values), buttons=buttons, sheets=sheets, paper=paper)


def rows(*given: Sequence[Button]) -> Rows:
    """Returns the buttons row by row, without empty rows."""
    return tuple(tuple(row) for row in given if row)

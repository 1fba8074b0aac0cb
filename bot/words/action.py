"""What a button carries, as a small typed value: `capability:name` with the values of its fields behind it.

    class OpenLesson(Action, name="lessons:open"):
        lesson: str
        page: int | None = None

    OpenLesson("M01L1", 2).pack() == "lessons:open:M01L1:2"

Buttons stay in people's chats for years, so a class is changed in one way only: by a new last field with a default. The
buttons that were sent before have no such part, and are read with the default.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import types
import typing
import zlib
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum, StrEnum
from typing import Any, ClassVar, Final, Literal, NewType, Self, dataclass_transform

MAX_BYTES: Final = 64
"""The most bytes a button can carry, by Telegram's limit."""
MAX_DIGITS: Final = 15
"""The most digits of a number that is read from a button: the database takes no larger page number."""

Packed = NewType("Packed", str)
"""An action as Telegram carries it. A button that was stored in a row may carry one of another version of the bot."""

_CLASSES: Final[dict[str, type[Action]]] = {}


class MalformedError(ValueError):
    """A part of a button's data is not of its field's type, or there are too many or too few of them."""


@dataclasses.dataclass(frozen=True)
class _Codec:
    """Reads and writes one field. `read` raises MalformedError."""

    read: Callable[[str], Any]
    write: Callable[[Any], str]


@dataclass_transform(frozen_default=True, field_specifiers=(dataclasses.field,))
class Action:
    """What a button carries. A subclass is a frozen dataclass with fields of these types: int (not negative), str, bool
    (`yes`, `no`), StrEnum, IntEnum, a Literal of strings; each of them `| None`, which is an empty part."""

    name: ClassVar[str]
    """`capability:name`: the beginning of what the button carries."""
    _codecs: ClassVar[Mapping[str, _Codec]]
    _defaults: ClassVar[Mapping[str, Any]]

    def __init_subclass__(cls, *, name: str) -> None:
        if name in _CLASSES:
            raise TypeError(f"{name} is the name of {_CLASSES[name].__qualname__}")
        # equality and the like stand below: made anew for each of some hundred classes they would take a start's time
        dataclasses.dataclass(frozen=True, eq=False, repr=False)(cls)
        if not name:
            return  # no button carries it: others are made of it
        hints = typing.get_type_hints(cls)
        # a field by keyword alone comes from a base class: it was added later, and stands last
        fields = sorted(dataclasses.fields(typing.cast(Any, cls)), key=lambda field: bool(field.kw_only))
        cls.name = name
        cls._codecs = {field.name: _codec(hints[field.name]) for field in fields}
        cls._defaults = {field.name: field.default for field in fields if field.default is not dataclasses.MISSING}
        _CLASSES[name] = cls

    def __eq__(self, other: object) -> bool:
        return self.__dict__ == other.__dict__ if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), *self.__dict__.values()))

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())})"

    def pack(self) -> Packed:
        """Returns the action as Telegram carries it. Raises ValueError if it would not fit or could not be read
        back."""
        data = ":".join((self.name, *self.parts()))
        if len(data.encode()) > MAX_BYTES:
            raise ValueError(f"a button carries {MAX_BYTES} bytes at most: {data}")
        return Packed(data)

    def parts(self) -> list[str]:
        """Returns the values behind the name; last ones that equal their defaults are left out."""
        values = {name: getattr(self, name) for name in self._codecs}
        written = list(values)
        while written and written[-1] in self._defaults and values[written[-1]] == self._defaults[written[-1]]:
            written.pop()
        return [self._codecs[name].write(values[name]) for name in written]

    @classmethod
    def of_parts(cls, parts: Sequence[str]) -> Self:
        """Reads what `parts` wrote. Raises MalformedError for anything else."""
        if len(parts) > len(cls._codecs):
            raise MalformedError(parts)
        given = zip(cls._codecs.items(), parts, strict=False)
        values = {name: codec.read(part) for (name, codec), part in given}
        if any(name not in values and name not in cls._defaults for name in cls._codecs):
            raise MalformedError(parts)
        return cls(**values)

    @classmethod
    def parse(cls, data: str) -> Self | None:
        """Reads what a button carried; None for another action's, and for what no button of ours ever carried."""
        if data == cls.name:
            parts = []
        elif data.startswith(f"{cls.name}:"):
            parts = data[len(cls.name) + 1 :].split(":")
        else:
            return None
        try:
            return cls.of_parts(parts)
        except MalformedError:
            return None


class PersonalAction(Action, name=""):
    """An action about one of the people of a phone. It acts for that person, whoever is the phone's current person when
    the button is tapped. The person is put into a button when it is sent (`made_for`)."""

    person: int = dataclasses.field(default=0, kw_only=True)
    """0: the phone's current person, for buttons that were sent before they carried one."""


def made_for(person: int, data: Packed) -> Packed:
    """Returns what a button carries with this person in it, if it is about a person and carries none yet. Raises
    ValueError if it would not fit."""
    around = _around_person(data)
    if around is None:
        return data
    made = f"{around[0]}{person}{around[1]}"
    if len(made.encode()) > MAX_BYTES:
        raise ValueError(f"a button carries {MAX_BYTES} bytes at most: {made}")
    return Packed(made)


_ANYBODY: Final = 1_111_111_111
"""Stands for a person while it is found out where the person stands."""


@functools.lru_cache(maxsize=4096)
def _around_person(data: Packed) -> tuple[str, str] | None:
    """Returns what stands before and behind the person once one is put in; None where none is. Remembered: every
    message that is sent asks it for each of its buttons, and most buttons are sent to everybody."""
    kind = _CLASSES.get(":".join(data.split(":", 2)[:2]))
    if kind is None or not issubclass(kind, PersonalAction):
        return None
    action = kind.parse(data)
    if action is None or action.person:
        return None
    before, _, behind = ":".join((kind.name, *dataclasses.replace(action, person=_ANYBODY).parts())).rpartition(
        str(_ANYBODY)
    )
    return before, behind


def version_of(*content: Any) -> int:
    """Returns a number that changes with `content`. A confirmation carries it, so that it confirms nothing else. Never
    0, which stands in buttons that were sent before they carried a version."""
    written = json.dumps(content, sort_keys=True, default=str)
    return zlib.crc32(written.encode()) or 1


def classes() -> Mapping[str, type[Action]]:
    """Returns every class of actions that was imported, by its name."""
    return types.MappingProxyType(_CLASSES)


def parse(data: str) -> Action | None:
    """Reads what a button carried, whichever action it is; None for a forged or malformed one."""
    found = _CLASSES.get(":".join(data.split(":")[:2]))
    return None if found is None else found.parse(data)


# --- fields -----------------------------------------------------------------------------------------------------------


def _codec(hint: Any) -> _Codec:
    """Returns how a field of this type is read and written. Raises TypeError for a type that buttons cannot carry."""
    if hint is int:
        return _Codec(_read_number, _write_number)
    if hint is str:
        return _Codec(str, _write_text)
    if hint is bool:
        return _Codec(_reader_of({"yes": True, "no": False}), lambda value: "yes" if value else "no")
    if isinstance(hint, type) and issubclass(hint, StrEnum | IntEnum):
        return _Codec(_reader_of({str(one.value): one for one in hint}), lambda value: str(value.value))
    inner = typing.get_args(hint)
    if typing.get_origin(hint) is Literal and all(isinstance(one, str) and one for one in inner):
        return _Codec(_reader_of({one: one for one in inner}), _write_text)
    if typing.get_origin(hint) in (types.UnionType, typing.Union) and len(inner) == 2 and inner[1] is types.NoneType:
        return _or_none(_codec(inner[0]))
    raise TypeError(f"a button cannot carry {hint}")


def _or_none(codec: _Codec) -> _Codec:
    return _Codec(
        lambda part: codec.read(part) if part else None, lambda value: "" if value is None else codec.write(value)
    )


def _reader_of(values: Mapping[str, Any]) -> Callable[[str], Any]:
    def read(part: str) -> Any:
        if part not in values:
            raise MalformedError(part)
        return values[part]

    return read


def _read_number(part: str) -> int:
    if not part.isascii() or not part.isdigit() or len(part) > MAX_DIGITS:
        raise MalformedError(part)
    return int(part)


def _write_number(value: int) -> str:
    if not 0 <= value < 10**MAX_DIGITS:
        raise ValueError(f"a button cannot carry the number {value}")
    return str(int(value))


def _write_text(value: str) -> str:
    if ":" in value:
        raise ValueError(f"a colon divides what a button carries: {value}")
    return value

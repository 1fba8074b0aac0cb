"""Reads YAML with line numbers into models; each mistake is reported with its line."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator

from bot.text_files import NotUtf8, read_utf8

if TYPE_CHECKING:
    _SafeLoader = yaml.SafeLoader
else:
    # the same grammar in C, several times as fast: there are dozens of files to read
    _SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

NULL: Final = "tag:yaml.org,2002:null"
TEXT: Final = "tag:yaml.org,2002:str"


class Loader(_SafeLoader):
    """Reads every value as the text that stands in the file, except nothing at all and a plain whole number such as 20.

    Plain YAML would make a number of 20:30 (1230), of 50.000 (50) and of 0712 (458), and a yes of `on`: no author of a
    title means that. A field of a model that wants a number, a date or a yes makes it of the text, or refuses the text.
    """

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}  # type: ignore[misc]


Loader.add_implicit_resolver(NULL, re.compile(r"(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"(?:0|-?[1-9][0-9]*)$"), list("-0123456789"))


class Problem(NamedTuple):
    """A mistake in a file: which file, which line (from 1), and what is wrong, in words for its author."""

    file: str
    line: int
    words: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.words}"


class ContentError(Exception):
    """The content cannot be used; `problems` names everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


class Written(BaseModel):
    """A model of what stands in a file: no unknown keys, unchangeable."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)

    @field_validator("*", mode="before")
    @classmethod
    def _whole_numbers(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuses 50.000 and 50.5 for a whole number, and a number for a moment: pydantic would take them."""
        wanted = cls.model_fields[info.field_name or ""].annotation
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str) and re.fullmatch(r"[-+]?\d+(?:[.,]\d+)+", one) and _holds(wanted, int):
                raise ValueError(f"'{one}' is not a whole number; write {re.sub(r'[.,]', '', one)} if that is meant")
            if isinstance(one, int) and _holds(wanted, date):
                raise ValueError(f"'{one}' is not a date like 2027-02-28")
        return value


def _holds(annotation: Any, kind: type) -> bool:
    """Whether a field of this annotation has values of the kind: `int` of `tuple[int, ...] | None`."""
    return annotation is kind or any(_holds(part, kind) for part in get_args(annotation))


@dataclass(frozen=True)
class Lines:
    """Where each value of a file stands: the line, by the value's path of keys and places in lists."""

    file: str
    known: Mapping[tuple[Hashable, ...], int]

    def of(self, path: Sequence[Hashable]) -> int:
        """Returns the line of the value, or of the nearest thing around it that stands in the file."""
        for end in range(len(path), -1, -1):
            line = self.known.get(tuple(path[:end]))
            if line is not None:
                return line
        return 1

    def problem(self, path: Sequence[Hashable], words: str) -> Problem:
        return Problem(self.file, self.of(path), words)


def read_text(path: Path, name: str) -> str:
    """Returns the text of a file. Raises ContentError if it is missing or not UTF-8."""
    try:
        return read_utf8(path)
    except OSError as error:
        raise ContentError([Problem(name, 1, f"cannot be read: {error.strerror or error}")]) from None
    except NotUtf8 as error:
        raise ContentError([Problem(name, error.line, str(error))]) from None


def read_yaml(path: Path) -> tuple[Any, Lines]:
    """Reads a YAML file, keeping its line numbers. Raises ContentError if it is unreadable or has a key twice."""
    name = f"{path.parent.name}/{path.name}"
    return parse_yaml(read_text(path, name), name)


def parse_yaml(text: str, name: str, *, above: int = 0) -> tuple[Any, Lines]:
    """Parses YAML that begins `above` lines below the start of the file `name`; raises as `read_yaml` does."""
    try:
        loader = Loader(text)
    except yaml.YAMLError as error:
        raise ContentError([Problem(name, 1, f"cannot be read: {error}")]) from None
    try:
        node = loader.get_single_node()
        known: dict[tuple[Hashable, ...], int] = {(): 1 + above}
        problems: list[Problem] = []
        if node is None:
            return None, Lines(name, known)
        for place, line in _places(loader, node, ()):
            if place in known:
                problems.append(Problem(name, line + above, f"'{place[-1]}' stands there twice"))
            known[place] = line + above
        problems += (Problem(name, line + above, words) for line, words in _cut_short(node, text.split("\n")))
        if problems:
            raise ContentError(problems)
        return loader.construct_document(node), Lines(name, known)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ContentError([Problem(name, line + above, f"not YAML: {error.problem or error.context}")]) from None
    except yaml.YAMLError as error:
        raise ContentError([Problem(name, 1 + above, f"cannot be read: {error}")]) from None
    finally:
        loader.dispose()


def _places(
    loader: yaml.SafeLoader, node: yaml.Node, path: tuple[Hashable, ...]
) -> Iterator[tuple[tuple[Hashable, ...], int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*path, loader.construct_object(key, deep=True) if isinstance(key, yaml.ScalarNode) else str(key))
            yield here, key.start_mark.line + 1
            yield from _places(loader, value, here)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*path, index), value.start_mark.line + 1
            yield from _places(loader, value, (*path, index))


def _cut_short(node: yaml.Node, lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yields texts without quotes that end before a `#`, as (line, words): what stands behind the `#` is a comment for
    YAML, and would be lost."""
    if isinstance(node, yaml.ScalarNode):
        mark = node.end_mark
        rest = lines[mark.line][mark.column :] if mark.line < len(lines) else ""
        behind = re.match(r"\s*(#(?P<next>.?).*)$", rest)
        # behind an empty value `# a remark` is usual, and `#1` is not
        if node.style or not behind or not (node.tag == TEXT or (node.tag == NULL and behind["next"].strip())):
            return
        read = f"only '{node.value}' is read" if node.value else "nothing is read"
        words = f"{read}, as behind a # all is a comment: put the whole text in quotes, or the comment on its own line"
        yield mark.line + 1, words
        return
    inner = [part for pair in node.value for part in pair] if isinstance(node, yaml.MappingNode) else node.value
    for part in inner:
        yield from _cut_short(part, lines)


Model = TypeVar("Model", bound=Written)


def load(path: Path, model: type[Model], problems: list[Problem]) -> tuple[Model, Lines] | None:
    """Reads a YAML file into `model`; mistakes are added to `problems`, and None is returned."""
    try:
        data, lines = read_yaml(path)
    except ContentError as error:
        problems.extend(error.problems)
        return None
    read = validated(data, lines, model, problems)
    return None if read is None else (read, lines)


def validated(data: object, lines: Lines, model: type[Model], problems: list[Problem]) -> Model | None:
    """Returns the data as `model`; mistakes are added to `problems`."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for wrong in error.errors():
            where = ".".join(str(part) for part in wrong["loc"])
            said = wrong["msg"].removeprefix("Value error, ")
            if wrong["type"] == "int_parsing":
                said += f": '{wrong['input']}' is none; write it like 20"
            problems.append(lines.problem(wrong["loc"], f"{where}: {said}" if where else said))
        return None

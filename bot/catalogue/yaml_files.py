"""YAML with line numbers: what people wrote in a file is read into a model, and each mistake is told with its line."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

if TYPE_CHECKING:
    Loader = yaml.SafeLoader
else:
    # the same grammar in C, several times as fast: there are dozens of files to read
    Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Problem(NamedTuple):
    """Something wrong in a file: which, on which line (from 1), and what, in words for the person who wrote it."""

    file: str
    line: int
    words: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.words}"


class ContentError(Exception):
    """The content cannot be used; `problems` says all that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


class Written(BaseModel):
    """What stands in a file: no unknown keys, unchangeable."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


@dataclass(frozen=True)
class Lines:
    """Where in a file each value stands: by its path of keys and places in lists."""

    file: str
    known: Mapping[tuple[Hashable, ...], int]

    def of(self, path: Sequence[Hashable]) -> int:
        """The line of the value, or of the nearest thing around it that stands in the file."""
        for end in range(len(path), -1, -1):
            line = self.known.get(tuple(path[:end]))
            if line is not None:
                return line
        return 1

    def problem(self, path: Sequence[Hashable], words: str) -> Problem:
        return Problem(self.file, self.of(path), words)


def read_text(path: Path, name: str) -> str:
    """A file's text. Raises ContentError if it is missing or not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError([Problem(name, 1, f"cannot be read: {getattr(error, 'strerror', None) or error}")]) from None


def read_yaml(path: Path) -> tuple[Any, Lines]:
    """Read a YAML file, keeping its line numbers. Raises ContentError if it is unreadable or has a key twice."""
    name = f"{path.parent.name}/{path.name}"
    return parse_yaml(read_text(path, name), name)


def parse_yaml(text: str, name: str, *, above: int = 0) -> tuple[Any, Lines]:
    """Read YAML that begins with so many lines `above` it in the file called `name`; raises as `read_yaml` does."""
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


Model = TypeVar("Model", bound=Written)


def load(path: Path, model: type[Model], problems: list[Problem]) -> tuple[Model, Lines] | None:
    """Read a YAML file into `model`; what is wrong is added to `problems`, and None given back."""
    try:
        data, lines = read_yaml(path)
    except ContentError as error:
        problems.extend(error.problems)
        return None
    read = validated(data, lines, model, problems)
    return None if read is None else (read, lines)


def validated(data: object, lines: Lines, model: type[Model], problems: list[Problem]) -> Model | None:
    """What was read, as `model`; what is wrong with it is added to `problems`."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for wrong in error.errors():
            where = ".".join(str(part) for part in wrong["loc"])
            said = wrong["msg"].removeprefix("Value error, ")
            problems.append(lines.problem(wrong["loc"], f"{where}: {said}" if where else said))
        return None

"""The files that `python -m bot check` checks: words, what the code says of each key, content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from bot.catalogue.content import Content
from bot.catalogue.key_template import Known
from bot.catalogue.lesson_files import Lesson, Shelf, read_modules
from bot.catalogue.yaml_files import Lines, Problem
from bot.words.texts import REFERENCE, Catalogue, Entry

REQUIRED: Final = (REFERENCE, "en")
"""Languages in which every key must have words; another may still be growing and falls back."""


@dataclass(frozen=True)
class CheckedFiles:
    """The files that the rules check. `known` is what the code says of each key (`locales/bot.pot`). `content` is None
    when it could not be read (that is a problem of its own)."""

    root: Path
    catalogues: dict[str, Catalogue]
    known: dict[str, Known]
    content: Content | None

    @cached_property
    def words(self) -> dict[str, dict[str, Entry]]:
        return {
            language: {entry.key: entry for entry in catalogue.entries}
            for language, catalogue in self.catalogues.items()
        }

    def is_shown_as(self, key: str, what: str) -> bool:
        """Whether the key is shown as `what`: button, caption, command, toast."""
        return key in self.known and what in self.known[key].shown_as

    def is_plain(self, key: str) -> bool:
        """Whether the words of the key are shown without HTML."""
        return key.startswith("format.") or any(self.is_shown_as(key, one) for one in ("button", "command", "toast"))

    @cached_property
    def shelf(self) -> Shelf:
        """The lessons, with their lines in the files; without any if content/ could not be read."""
        return read_modules(self.root / "content" / "lessons", []) if self.content else Shelf((), {})

    def lessons(self) -> Iterator[tuple[Lesson, Lines]]:
        for module in self.shelf.modules:
            yield from ((lesson, self.shelf.lines[lesson.id]) for lesson in module.lessons)

    def po(self, language: str, entry: Entry, words: str) -> Problem:
        path = self.catalogues[language].path
        return Problem(path.relative_to(self.root).as_posix(), entry.line, f"{entry.key}: {words}")

    def entries(self, language: str | None = None) -> Iterator[tuple[str, Entry]]:
        """Yields all words, of one language or of all."""
        for code, catalogue in self.catalogues.items():
            if language in (None, code):
                yield from ((code, entry) for entry in catalogue.entries)


Rule = Callable[[CheckedFiles], Iterable[Problem]]

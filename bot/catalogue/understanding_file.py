"""content/understanding.yaml: what people type and what they mean by it, read and checked."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from bot.catalogue import kept_understanding
from bot.catalogue.yaml_files import ContentError, Lines, Problem, Written, parse_yaml, read_text, validated
from bot.understanding.alarm import DangerBook
from bot.understanding.intents import KINDS
from bot.understanding.normalise import Normaliser
from bot.understanding.phrases import Phrase, Phrasebook, claims
from bot.understanding.understand import Understanding

UNDERSTANDING: Final = "understanding.yaml"
_NAME: Final = "content/understanding.yaml"
LANGUAGES: Final = ("id", "en")
"""Every intent has phrases in the first language; in the others they may be missing."""
LONGEST_PHRASE: Final = 200


_Words = dict[Annotated[str, Field(pattern=r"^[a-z]{2,12}$")], str]


class _Danger(Written):
    harm: _Words
    beside: _Words
    otherwise: _Words
    sentences: str
    quiet: str


class _UnderstandingFile(Written):
    schema_version: Literal[1]
    words: str
    polite: str
    topics: str
    ordinary: str
    intents: dict[str, dict[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")], str]]
    danger: _Danger


def load_phrasebook(folder: Path) -> Phrasebook:
    """Reads understanding.yaml in the content folder. Raises ContentError if the file cannot be used. Where two intents
    have a phrase in common that is no error here: the first counts, and `phrasebook_problems` reports it."""
    return _book(read_text(folder / UNDERSTANDING, _NAME))


def load_understanding(folder: Path) -> Callable[[], Understanding]:
    """Reads understanding.yaml of the content folder. Returns a function that makes the Understanding of typed text.
    The first call of that function takes a second where nothing is kept of the same phrases, so processes that handle
    no texts do not make it. Raises ContentError if the file cannot be used."""
    text = read_text(folder / UNDERSTANDING, _NAME)
    as_bytes = text.encode()
    if kept_understanding.read(as_bytes) is None:  # what is kept was made of phrases without mistakes
        _book(text)
    return partial(_made, as_bytes)  # it stays in memory as long as the bot serves, and takes a quarter as bytes


def _book(text: str) -> Phrasebook:
    book, problems = _read(text)
    if book is None:
        raise ContentError(problems)
    return book


@lru_cache(maxsize=2)
def _made(text: bytes) -> Understanding:
    learned = kept_understanding.read(text) or kept_understanding.keep(text, Understanding(_book(text.decode())))
    # also what was learned just now is read from its bytes: what learning has left in memory is given back
    return kept_understanding.understanding_of(learned) or Understanding(_book(text.decode()))


def phrasebook_problems(folder: Path) -> tuple[Problem, ...]:
    """Returns all that is wrong in understanding.yaml, phrases that two intents have in common included."""
    try:
        text = read_text(folder / UNDERSTANDING, _NAME)
    except ContentError as error:
        return error.problems
    book, problems = _read(text)
    return problems if book is None else _claimed(text)


@lru_cache(maxsize=2)
def _read(text: str) -> tuple[Phrasebook | None, tuple[Problem, ...]]:
    problems: list[Problem] = []
    try:
        data, lines = parse_yaml(text, _NAME)
    except ContentError as error:
        return None, error.problems
    file = validated(data, lines, _UnderstandingFile, problems)
    if file is None:
        return None, tuple(sorted(problems))
    book = Phrasebook(
        words=_words(file.words, lines, problems),
        polite=frozenset(_list(file.polite)),
        topics=frozenset(_list(file.topics)),
        ordinary=frozenset(_list(file.ordinary)),
        phrases=tuple(_phrases(file, lines)),
        danger=_danger(file.danger),
    )
    problems += _wrong_phrases(file, book, lines)
    problems += _wrong_danger(file.danger, lines)
    return (None if problems else book), tuple(sorted(problems))


@lru_cache(maxsize=2)
def _claimed(text: str) -> tuple[Problem, ...]:
    book, problems = _read(text)
    if book is None:
        return problems
    return tuple(
        Problem(
            _NAME,
            phrase.line,
            f"'{phrase.text}' is claimed by {phrase.intent} and by {other.intent} (line {other.line}):"
            " leave it to one of them",
        )
        for phrase, other in claims(book)
    )


def _written(block: str) -> Iterator[tuple[int, str]]:
    """Returns the lines of a block with one entry a line, each as (how many lines below the key, text). Lines that
    begin with # are remarks and left out."""
    for below, line in enumerate(block.split("\n"), start=1):
        text = line.strip()
        if text and not text.startswith("#"):
            yield below, text


def _list(block: str) -> Iterator[str]:
    for _, line in _written(block):
        yield from (word.strip() for word in line.split(",") if word.strip())


def _words(block: str, lines: Lines, problems: list[Problem]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    whose: dict[str, str] = {}
    for below, line in _written(block):
        right, colon, rest = line.partition(":")
        right = right.strip()
        others = tuple(dict.fromkeys(word.strip() for word in rest.split(",") if word.strip()))
        where = lines.of(("words",)) + below
        if not colon or not right or right in found:
            problems.append(Problem(lines.file, where, f"words: '{line}' must be 'right word: other, other', once"))
            continue
        found[right] = others
        for other in others:
            if not re.fullmatch(r"[a-z]+( [a-z]+)*", other):
                problems.append(Problem(lines.file, where, f"words: '{other}' may hold small letters only"))
            elif whose.setdefault(other, right) != right:
                problems.append(
                    Problem(lines.file, where, f"words: '{other}' stands for '{whose[other]}' and for '{right}'")
                )
    problems += [
        Problem(lines.file, lines.of(("words",)), f"words: '{right}' is a right word and stands for '{whose[right]}'")
        for right in found
        if right in whose
    ]
    return found


def _phrases(file: _UnderstandingFile, lines: Lines) -> Iterator[Phrase]:
    for intent, languages in file.intents.items():
        for language, block in languages.items():
            first = lines.of(("intents", intent, language))
            for below, text in _written(block):
                yield Phrase(intent, language, text, first + below)


def _danger(file: _Danger) -> DangerBook:
    def classes(of: _Words) -> dict[str, tuple[str, ...]]:
        return {name: tuple(dict.fromkeys(_list(block))) for name, block in of.items()}

    return DangerBook(
        harm=classes(file.harm),
        beside=classes(file.beside),
        otherwise=classes(file.otherwise),
        sentences=tuple(text for _, text in _written(file.sentences)),
        quiet=tuple(text for _, text in _written(file.quiet)),
    )


def _wrong_danger(file: _Danger, lines: Lines) -> Iterator[Problem]:
    for kind in ("harm", "beside", "otherwise"):
        for name, block in getattr(file, kind).items():
            for word in _list(block):
                if not re.fullmatch(r"[a-z]+( [a-z]+)*", word):
                    yield lines.problem(("danger", kind, name), f"'{word}' may hold small letters only")
    seen: dict[str, int] = {}
    for kind in ("sentences", "quiet"):
        first = lines.of(("danger", kind))
        for below, text in _written(getattr(file, kind)):
            line = seen.setdefault(text, first + below)
            if line != first + below:
                yield Problem(lines.file, first + below, f"'{text}' stands in line {line}, too")


def _wrong_phrases(file: _UnderstandingFile, book: Phrasebook, lines: Lines) -> Iterator[Problem]:
    for intent in file.intents:
        if intent not in KINDS:
            yield lines.problem(("intents", intent), f"there is no intent '{intent}'")
    for intent in KINDS:
        if intent not in {"answer", "quiz_answer"} and LANGUAGES[0] not in file.intents.get(intent, {}):
            yield lines.problem(("intents", intent), f"'{intent}' has no phrases in '{LANGUAGES[0]}'")
    normalise = Normaliser(book.words, book.polite)  # nothing is learned to see whether there is a word
    seen: dict[tuple[str, str], int] = defaultdict(int)
    for one in book.phrases:
        if len(one.text) > LONGEST_PHRASE:
            yield Problem(lines.file, one.line, f"a phrase has at most {LONGEST_PHRASE} characters")
        elif not normalise(one.text).tokens:
            yield Problem(lines.file, one.line, f"'{one.text}' holds no word")
        elif seen[one.intent, one.text]:
            yield Problem(lines.file, one.line, f"'{one.text}' stands there twice")
        seen[one.intent, one.text] = one.line

"""content/lessons/<module>/*.md -> Module, Lesson, Question; content/facts.yaml -> Fact: frozen, validated.

A lesson has one fixed shape (content/README.md tells it), so its reader is small: a head of YAML between two `---`,
the opening, then the sections Poin, Contoh (which may be missing), Tugas and Kuis. Text is plain: no bold, no links.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from bot.catalogue.yaml_files import ContentError, Lines, Problem, Written, load, parse_yaml, read_text, validated

POINTS: Final = 3
OPTIONS: Final = 3
COPIED_LENGTH: Final = 256
"""The most characters that a button of Telegram copies."""
SECTIONS: Final = ("Poin", "Contoh", "Tugas", "Kuis")
"""The sections in their order; Contoh may be missing."""


@dataclass(frozen=True)
class Question:
    """A quiz question. Its id never changes its meaning: answers are stored under it."""

    id: str
    lesson_id: str
    text: str
    options: tuple[str, ...]
    """The right option comes first: code that asks the question must shuffle them."""
    explanation: str
    """Explains the misconception, shown after the answer: at most 200 characters."""


@dataclass(frozen=True)
class Lesson:
    """Two minutes of reading, one five-minute task, one question. `minutes` is the time to read."""

    id: str
    module_id: str
    number: int
    """Its position in the module, from 1."""
    slug: str
    title: str
    goal: str
    minutes: int
    facts: tuple[str, ...]
    opening: str
    points: tuple[str, ...]
    example: str | None
    task: str
    question: Question
    copied: str | None = None
    """Words of the example that people can copy with a button, to change and use them."""


@dataclass(frozen=True)
class Module:
    """A module: lessons in order. `picture` is a path from the project's root, `alt` says in words what it shows."""

    id: str
    number: int
    title: str
    lessons: tuple[Lesson, ...]
    picture: str | None
    alt: str | None


class Fact(Written):
    """A taught fact that can become outdated or be wrong: where it stands, when it was checked, and when to check
    again."""

    id: Annotated[str, Field(pattern=r"^F\d\d$")]
    fact: Annotated[str, Field(min_length=1)]
    source: Annotated[str, Field(min_length=1)]
    status: Literal["verified", "remembered", "uncertain"]
    """verified: a public page says it; remembered: known, but no page was read; uncertain: old or contradicted."""
    checked_on: date
    review_by: date
    note: str | None = None

    def is_overdue(self, today: date) -> bool:
        """Whether the day of the fact's review has passed; for an uncertain fact, whether that day has come."""
        return self.review_by < today or (self.status == "uncertain" and self.review_by <= today)


class _Head(Written):
    id: Annotated[str, Field(pattern=r"^M\d\dL\d{1,2}$")]
    title: Annotated[str, Field(min_length=1, max_length=60)]
    goal: Annotated[str, Field(min_length=1, max_length=120)]
    minutes: Annotated[int, Field(ge=1, le=15)]
    facts: tuple[str, ...] = ()
    copied: bool = False
    """Whether what stands between quotation marks in the example can be copied."""


class _ModuleFile(Written):
    id: Annotated[str, Field(pattern=r"^M\d\d$")]
    title: Annotated[str, Field(min_length=1, max_length=60)]
    picture: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")] | None = None
    alt: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class _FactsFile(Written):
    schema_version: Literal[1]
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Shelf:
    """All modules of lessons. `lines` tells where each thing was written, by the id of its module or lesson."""

    modules: tuple[Module, ...]
    lines: Mapping[str, Lines]


# --- facts ----------------------------------------------------------------------------------------------------------


def read_facts(path: Path, problems: list[Problem]) -> dict[str, Fact]:
    """Returns the facts by code. What is wrong is added to `problems`."""
    read = load(path, _FactsFile, problems)
    facts: dict[str, Fact] = {}
    if read is None:
        return facts
    file, lines = read
    for index, fact in enumerate(file.facts):
        if fact.id in facts:
            problems.append(lines.problem(("facts", index, "id"), f"the fact {fact.id} stands there twice"))
        if fact.review_by < fact.checked_on:
            problems.append(lines.problem(("facts", index, "review_by"), f"{fact.id}: review_by is before checked_on"))
        facts[fact.id] = fact
    return facts


# --- modules --------------------------------------------------------------------------------------------------------


def read_modules(folder: Path, problems: list[Problem]) -> Shelf:
    """Reads every module below `folder` (content/lessons). What is wrong is added to `problems`."""
    modules: list[Module] = []
    lines: dict[str, Lines] = {}
    for path in sorted(folder.glob("*/")):
        module = _read_module(path, lines, problems)
        if module is not None:
            modules.append(module)
    return Shelf(tuple(modules), lines)


def _read_module(folder: Path, lines: dict[str, Lines], problems: list[Problem]) -> Module | None:
    name = _shown(folder)
    file = folder / "module.yaml"
    head: _ModuleFile | None = None
    try:
        data, where = parse_yaml(read_text(file, f"{name}/module.yaml"), f"{name}/module.yaml")
        head = validated(data, where, _ModuleFile, problems)
    except ContentError as error:
        problems += error.problems
        where = Lines(f"{name}/module.yaml", {})
    if head and head.id.lower() != folder.name:
        problems.append(where.problem(("id",), f"the id '{head.id}' does not belong to the folder '{folder.name}'"))
    if head and (head.picture is None) != (head.alt is None):
        words = "a picture needs alt, the words for those who cannot see it" if head.picture else "alt without picture"
        problems.append(where.problem(("picture",), words))
    lessons: list[Lesson] = []
    for path in sorted(folder.glob("*.md")):
        lesson = _taken(path, folder.name.upper(), lines, problems)
        if lesson is None:
            continue
        if lesson.number != len(lessons) + 1 and not problems:
            words = f"the number {lesson.number} does not follow {len(lessons)}: a module counts 01, 02, 03 ..."
            problems.append(Problem(_shown(path), 1, words))
        lessons.append(lesson)
    if not lessons and not problems:
        problems.append(where.problem((), "a module without lessons"))
    if head is None:
        return None
    lines[head.id] = where
    picture = f"{name}/{head.picture}" if head.picture else None
    return Module(head.id, int(head.id[1:]), head.title, tuple(lessons), picture, head.alt)


def _taken(path: Path, module_id: str, lines: dict[str, Lines], problems: list[Problem]) -> Lesson | None:
    try:
        lesson, where = read_lesson(path)
    except ContentError as error:
        problems += error.problems
        return None
    if not lesson.id.startswith(f"{module_id}L"):
        problems.append(where.problem(("id",), f"the id '{lesson.id}' does not belong to the module {module_id}"))
    if lesson.id in lines:
        problems.append(where.problem(("id",), f"the id '{lesson.id}' stands in {lines[lesson.id].file}, too"))
    lines[lesson.id] = where
    return lesson


def _shown(path: Path) -> str:
    """Returns the path as people know it: content/lessons/m01/<name>.md."""
    parts = path.parts
    if "lessons" not in parts:
        return path.name
    start = len(parts) - parts[::-1].index("lessons") - 1
    return "/".join(("content", *parts[start:]))


# --- one lesson -----------------------------------------------------------------------------------------------------

_Line = tuple[int, str]
"""A line's number in the file, and its text."""


def read_lesson(path: Path) -> tuple[Lesson, Lines]:
    """Reads one lesson. Raises ContentError with everything that is wrong in it.

    The lines are known by the lesson's own names: ("points", 1), ("question", "options", 0), ("task",) ...
    """
    name = _shown(path)
    problems: list[Problem] = []
    text = read_text(path, name)
    named = re.fullmatch(r"(\d\d)-([a-z0-9]+(?:-[a-z0-9]+)*)", path.stem)
    if named is None:
        problems.append(Problem(name, 1, "a lesson's file is called like 03-tiga-sudut-foto.md"))
    all_lines = text.split("\n")
    ends = [at for at, line in enumerate(all_lines[1:], 1) if line.rstrip() == "---"]
    if all_lines[0].rstrip() != "---" or not ends:
        raise ContentError([*problems, Problem(name, 1, "a lesson begins with a head between two lines of ---")])
    data, head_lines = parse_yaml("\n".join(all_lines[1 : ends[0]]), name, above=1)
    head = validated(data, head_lines, _Head, problems)
    reader = _Reader(name, problems, dict(head_lines.known))
    parts = reader.sections(list(enumerate(all_lines, 1))[ends[0] + 1 :])
    opening = reader.text(("opening",), parts[""], below=ends[0] + 1)
    points = reader.points(parts.get("Poin", ()))
    example = reader.text(("example",), parts["Contoh"]) if "Contoh" in parts else None
    task = reader.text(("task",), parts.get("Tugas", ()))
    copied = reader.copied(example or "") if head and head.copied else None
    question = reader.question(parts.get("Kuis", ()), head.id if head else "")
    if head is None or named is None or question is None or problems:
        raise ContentError(problems)
    lesson = Lesson(
        head.id,
        head.id[:3],
        int(named[1]),
        named[2],
        head.title,
        head.goal,
        head.minutes,
        head.facts,
        opening,
        points,
        example,
        task,
        question,
        copied,
    )
    return lesson, Lines(name, reader.known)


@dataclass
class _Reader:
    file: str
    problems: list[Problem]
    known: dict[tuple[Hashable, ...], int]

    def wrong(self, line: int, words: str) -> None:
        self.problems.append(Problem(self.file, line, words))

    def sections(self, lines: Sequence[_Line]) -> dict[str, list[_Line]]:
        """Returns the lines of each section; the opening is called "". A heading's own line comes first in its
        section."""
        parts: dict[str, list[_Line]] = {"": []}
        here = ""
        for number, line in lines:
            if line.startswith("#"):
                match = re.fullmatch(r"## (\w+)(?: (.*))?", line.rstrip())
                if match is None or match[1] not in SECTIONS or (match[2] is not None) != (match[1] == "Kuis"):
                    shown = ", ".join(f"## {section}" for section in SECTIONS)
                    self.wrong(number, f"'{line.strip()}' is not one of the headings {shown} M01L1-Q1")
                    here = "?"
                elif match[1] in parts:
                    self.wrong(number, f"## {match[1]} stands there twice")
                    here = "?"
                else:
                    if here in SECTIONS and SECTIONS.index(match[1]) < SECTIONS.index(here):
                        self.wrong(number, f"## {match[1]} stands before ## {here}")
                    here = match[1]
                parts.setdefault(here, [])
            parts[here].append((number, line))
        for section in SECTIONS:
            if section not in parts and section != "Contoh":
                self.wrong(lines[-1][0] if lines else 1, f"## {section} is missing")
        return parts

    def text(self, place: tuple[str, ...], lines: Sequence[_Line], *, below: int = 0) -> str:
        """Returns the text as it stands, without blank lines around it. `below` is the line of its heading, if that is
        not among the lines."""
        written = [(number, line.strip()) for number, line in lines if not line.startswith("#")]
        filled = [number for number, line in written if line]
        if not filled:
            if lines or below:  # otherwise the heading is missing, which is reported elsewhere
                what = "question" if place[-1] == "text" else place[-1]
                self.wrong(below or lines[0][0], f"no words for the {what}")
            return ""
        self.known[place] = filled[0]
        for number, line in written:
            self.plain(number, line)
        text = "\n".join(line for _, line in written).strip()
        return re.sub(r"\n{3,}", "\n\n", text)

    def copied(self, example: str) -> str | None:
        """Returns the one passage of the example that stands between quotation marks."""
        quoted = re.findall(r'"([^"]+)"', example)
        if len(quoted) != 1 or len(quoted[0]) > COPIED_LENGTH:
            words = f"copied: the example has {len(quoted)} passages between quotation marks, or one that is too long"
            self.wrong(self.known.get(("copied",), 1), words)
            return None
        return str(quoted[0])

    def points(self, lines: Sequence[_Line]) -> tuple[str, ...]:
        points: list[str] = []
        for number, line in lines[1:]:
            match = re.fullmatch(r"(\d+)\. +(.+)", line.strip())
            if match:
                points.append(match[2].strip())
                self.known["points", len(points) - 1] = number
                if int(match[1]) != len(points):
                    self.wrong(number, f"the points count 1, 2, 3; here stands {match[1]}")
            elif line.strip() and points and line.startswith(" "):
                points[-1] += " " + line.strip()
            elif line.strip():
                self.wrong(number, "a point begins with its number, like '1. Foto dekat jendela.'")
            self.plain(number, line)
        if lines and len(points) != POINTS:
            self.wrong(lines[0][0], f"exactly {POINTS} points are wanted, here are {len(points)}")
        return tuple(points)

    def question(self, lines: Sequence[_Line], lesson_id: str) -> Question | None:
        if not lines:
            return None
        at, heading = lines[0]
        question_id = heading.removeprefix("## Kuis").strip()
        self.known[("question",)] = at
        if lesson_id and not re.fullmatch(rf"{lesson_id}-Q\d+", question_id):
            self.wrong(at, f"the question is called {lesson_id}-Q1 (Q2 when another one takes its place)")
        options: list[tuple[int, bool, str]] = []
        before: list[_Line] = []
        after: list[_Line] = []
        for number, line in lines[1:]:
            match = re.fullmatch(r"- \[( |x|X)\] +(.+)", line.strip())
            if match:
                if any(text.strip() for _, text in after):
                    self.wrong(number, "the options stand together, and the explanation below them")
                options.append((number, match[1] != " ", match[2].strip()))
            elif line.lstrip().startswith(("- ", "* ")):
                self.wrong(number, "an option is written '- [x] the right one' or '- [ ] a wrong one'")
            elif not options:
                before.append((number, line))
            elif line.startswith("  ") and line.strip() and not after:
                options[-1] = (options[-1][0], options[-1][1], f"{options[-1][2]} {line.strip()}")
            else:
                after.append((number, line))
        for index, (number, _, option) in enumerate(options):
            self.known["question", "options", index] = number
            self.plain(number, option)
        right = [number for number, is_right, _ in options if is_right]
        if len(options) != OPTIONS:
            self.wrong(at, f"exactly {OPTIONS} options are wanted, here are {len(options)}")
        if options and len(right) != 1:
            self.wrong(right[1] if right else options[0][0], f"exactly one option is right [x], here are {len(right)}")
        elif options and not options[0][1]:
            self.wrong(right[0], "the right option [x] stands first; the bot shuffles them")
        if len({option.casefold() for _, _, option in options}) < len(options):
            self.wrong(options[0][0], "two options are the same")
        text = self.text(("question", "text"), before, below=at)
        explanation = self.text(("question", "explanation"), after, below=options[-1][0] if options else at)
        return Question(question_id, lesson_id, text, tuple(option for _, _, option in options), explanation)

    def plain(self, number: int, line: str) -> None:
        """Refuses markup: the bot sends plain text, so it would be shown as it stands."""
        if match := re.search(r"\*\*|__|`|\]\(|<[a-z/]|^\||&[a-z]+;", line):
            self.wrong(number, f"'{match[0]}': lessons are plain text, without bold, links, tables or HTML")


def every_text(lesson: Lesson) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yields each piece of a lesson that people read, with its place in `read_lesson`'s lines."""
    yield ("title",), lesson.title
    yield ("goal",), lesson.goal
    yield ("opening",), lesson.opening
    yield from ((("points", index), point) for index, point in enumerate(lesson.points))
    if lesson.example is not None:
        yield ("example",), lesson.example
    yield ("task",), lesson.task
    yield ("question", "text"), lesson.question.text
    yield from ((("question", "options", index), option) for index, option in enumerate(lesson.question.options))
    yield ("question", "explanation"), lesson.question.explanation

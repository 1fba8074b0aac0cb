"""content/answers.yaml: short true answers to what people often type, in each language; read and checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from bot.catalogue.yaml_files import ContentError, Lines, Problem, Written, load
from bot.words import writing_rules

ANSWERS: Final = "answers.yaml"
NEEDED: Final = frozenset(
    {"cost", "certificate", "who_may_join", "account_needed", "language", "what_is_this", "robot", "greeting", "thanks"}
    | {"wrong_chat", "running_late", "complaint", "urgent", "urgent_alone", "in_danger", "scam", "secrets"}
)
"""Answers that the code asks for by name: they must exist."""
_Name = Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
_Words = Annotated[str, Field(min_length=2, max_length=400)]


class Answer(Written):
    """One answer. `facts`: the codes in facts.yaml that it is based on."""

    id: _Words
    en: _Words
    facts: tuple[str, ...] = ()

    def words(self, language: str) -> str:
        """Returns the answer in that language; in Indonesian for all languages but English."""
        return self.en if language == "en" else self.id


class _AnswersFile(Written):
    schema_version: Literal[1]
    answers: dict[_Name, Answer]


def load_answers(folder: Path) -> Mapping[str, Answer]:
    """Returns the answers in the content folder by name. Raises ContentError if the file cannot be read or an answer is
    missing."""
    read, problems = _read(folder)
    if read is None or problems:
        raise ContentError(problems)
    return read[0].answers


def answers_problems(folder: Path, facts: Mapping[str, object]) -> Iterator[Problem]:
    """Yields what is wrong in answers.yaml: shape, missing answers, unknown facts, and the rules of writing."""
    read, problems = _read(folder)
    yield from problems
    if read is None:
        return
    file, lines = read
    for name, answer in file.answers.items():
        for index, fact in enumerate(answer.facts):
            if fact not in facts:
                yield lines.problem(("answers", name, "facts", index), f"{name}: there is no fact {fact}")
        yield from (lines.problem(("answers", name, "id"), f"{name}: {said}") for said in _style(answer.id))
        yield from (lines.problem(("answers", name, "en"), f"{name}: {said}") for said in writing_rules.loud(answer.en))


def _read(folder: Path) -> tuple[tuple[_AnswersFile, Lines] | None, list[Problem]]:
    problems: list[Problem] = []
    read = load(folder / ANSWERS, _AnswersFile, problems)
    if read is not None:
        for name in sorted(NEEDED - set(read[0].answers)):
            problems.append(read[1].problem(("answers",), f"the answer '{name}' is missing"))
    return read, problems


def _style(words: str) -> Iterator[str]:
    yield from writing_rules.forbidden(words)
    yield from writing_rules.loud(words)
    yield from writing_rules.times_and_sums(words)
    yield from writing_rules.long_sentences(words)
    if (count := writing_rules.word_count(words)) > writing_rules.MESSAGE_WORDS:
        yield f"{count} words in one message; {writing_rules.MESSAGE_WORDS} are enough"

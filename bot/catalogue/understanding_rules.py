"""Rules about what people type (understanding.yaml) and what they are answered (answers.yaml)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bot.catalogue.answers_file import answers_problems
from bot.catalogue.checked_files import CheckedFiles, Rule
from bot.catalogue.understanding_file import phrasebook_problems
from bot.catalogue.yaml_files import Problem


def phrases_belong_to_one_intent(files: CheckedFiles) -> Iterable[Problem]:
    """Checks that the phrases can be read, and that no two intents have one in common."""
    return phrasebook_problems(files.root / "content")


def answers_are_short_and_lean_on_facts(files: CheckedFiles) -> Iterable[Problem]:
    """Checks that the answers stand in both languages, are short, and name facts that exist."""
    return answers_problems(files.root / "content", files.content.facts) if files.content is not None else ()


RULES: Final[tuple[Rule, ...]] = (phrases_belong_to_one_intent, answers_are_short_and_lean_on_facts)

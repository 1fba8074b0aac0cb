"""`python -m bot check`: finds what would go wrong in front of people before it is published, with file and line.

Read are content/, the words of every language, and `locales/bot.pot`, which says what the code says of each key (the
tests keep it true). The rules stand in files by topic, each a function that yields problems. A text that must be long
carries its reason in the .po file of the reference language, as a comment above the key: `# long: the whole notice of
UU PDP article 21`.

Facts past their review date are warnings: they are told, and stop nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from bot.catalogue import lesson_rules, programme_rules, understanding_rules, word_rules
from bot.catalogue.checked_files import REQUIRED, CheckedFiles, Rule
from bot.catalogue.content import Content, load_content
from bot.catalogue.key_template import TEMPLATE, read_template
from bot.catalogue.yaml_files import ContentError, Problem
from bot.words.texts import Catalogue, read_catalogue

RULES: Final[tuple[Rule, ...]] = (
    *word_rules.RULES,
    *programme_rules.RULES,
    *lesson_rules.RULES,
    *understanding_rules.RULES,
)


@dataclass(frozen=True)
class Findings:
    """`problems` must be corrected; `warnings` tell what somebody should look at, and stop nothing."""

    problems: list[Problem]
    warnings: list[Problem]


def check(root: Path) -> list[Problem]:
    """Returns everything that is wrong under `root` (the project's folder), in the order of the files; empty if all is
    well."""
    return examine(root).problems


def examine(root: Path, today: date | None = None) -> Findings:
    """Returns everything that is wrong under `root`, and what somebody should look at (`today`: of UTC, unless
    given)."""
    problems: list[Problem] = []
    content: Content | None = None
    try:
        content = load_content(root / "content")
    except ContentError as error:
        problems += error.problems
    try:
        catalogues, known = catalogues_of(root), read_template(root / TEMPLATE)
    except ValueError as error:
        file, _, rest = str(error).partition(":")
        line, _, words = rest.partition(":")
        shown = Path(file).relative_to(root).as_posix() if Path(file).is_relative_to(root) else file
        problems.append(Problem(shown, int(line) if line.isdigit() else 1, words.strip() or str(error)))
        return Findings(sorted(problems), [])
    files = CheckedFiles(root, catalogues, known, content)
    for rule in RULES:
        problems += rule(files)
    warnings = list(lesson_rules.overdue_facts(files, today or datetime.now(UTC).date()))
    return Findings(sorted(set(problems)), warnings)


def catalogues_of(root: Path) -> dict[str, Catalogue]:
    """Returns the words of every language below `root`. Raises ValueError with file and line."""
    paths = sorted((root / "locales").glob("*/LC_MESSAGES/bot.po"))
    read = {path.parent.parent.name: read_catalogue(path) for path in paths}
    for language in REQUIRED:
        if language not in read:
            raise ValueError(f"{root / 'locales' / language / 'LC_MESSAGES' / 'bot.po'}:1: does not exist")
    return read

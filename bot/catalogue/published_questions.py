"""content/question-ids.txt: every quiz question that was ever published, in the words it was first asked in.

Answers are kept under a question's id and the place of the option. So the text of a question that another one has
replaced is still needed: a person who began a test with it finishes the test with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.catalogue.lesson_files import Question
from bot.catalogue.yaml_files import ContentError, Problem, read_text

QUESTION_IDS: Final = "question-ids.txt"
"""Below content/."""


@dataclass(frozen=True)
class Published:
    """A question as it was published (its explanation is not kept), and the line it stands on."""

    line: int
    question: Question


def read_published(folder: Path, problems: list[Problem]) -> dict[str, Published]:
    """Returns all questions of the file below `folder` (content/), by id. What is wrong is added to `problems`."""
    file, known = f"content/{QUESTION_IDS}", dict[str, Published]()
    if not (folder / QUESTION_IDS).is_file():
        return known
    try:
        text = read_text(folder / QUESTION_IDS, file)
    except ContentError as error:
        problems += error.problems
        return known
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        question_id, *texts = (part.strip() for part in line.split(" | "))
        if not re.fullmatch(r"M\d\dL\d{1,2}-Q\d+", question_id) or len(texts) < 2:
            words = "a line looks like: M01L1-Q1 | the question | the right option | others"
            problems.append(Problem(file, number, words))
        elif question_id in known:
            problems.append(Problem(file, number, f"{question_id} stands there twice"))
        else:
            asked, *options = texts
            lesson_id = question_id.partition("-")[0]
            known[question_id] = Published(number, Question(question_id, lesson_id, asked, tuple(options), ""))
    return known

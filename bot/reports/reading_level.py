"""How long and how hard the lessons are to read: one table, module by module."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import mean, median
from typing import Final

from bot.catalogue.content import Content
from bot.catalogue.lesson_files import Lesson, every_text
from bot.words.writing_rules import SENTENCE_WORDS, sentences, word_count

PACE: Final = 100
"""Words a minute of a slow reader."""

_HEAD: Final = f"""# How the lessons read

Written by `python -m bot report reading`; a test says when it is to be written again.

Words of a lesson are all that is read in it: opening, points, example, task, question, options, explanation.
Minutes are those of somebody who reads slowly ({PACE} words a minute), for the longest lesson of the module.
Sentences end at a full stop, a question mark, a colon or the end of the line; options are not counted as sentences.
`python -m bot check` lets none have more than {SENTENCE_WORDS} words.

| module | lessons | words a lesson, median | most | words a sentence, mean | most | minutes |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
"""


def reading_level(content: Content) -> str:
    """Returns the whole of docs/reading-level.md."""
    rows = [_row(f"{module.id} {module.title}", module.lessons) for module in content.modules]
    everything = [lesson for module in content.modules for lesson in module.lessons]
    return _HEAD + "\n".join([*rows, _row("all", everything)]) + "\n"


def words_of(lesson: Lesson) -> int:
    """Returns the words somebody reads in the lesson and its quiz; title and goal are in menus."""
    return sum(word_count(text) for place, text in every_text(lesson) if place[0] not in ("title", "goal"))


def _row(name: str, lessons: Iterable[Lesson]) -> str:
    lessons = list(lessons)
    if not lessons:
        return f"| {name} | 0 | | | | | |"
    words = [words_of(lesson) for lesson in lessons]
    texts = (text for lesson in lessons for place, text in every_text(lesson) if not _aside(place))
    lengths = [word_count(sentence) for text in texts for sentence in sentences(text)]
    cells = [
        str(len(lessons)),
        f"{median(words):.0f}",
        str(max(words)),
        f"{mean(lengths):.1f}",
        str(max(lengths)),
        f"{max(words) / PACE:.1f}",
    ]
    return f"| {name} | {' | '.join(cells)} |"


def _aside(place: tuple[str | int, ...]) -> bool:
    return place[0] in ("title", "goal") or "options" in place

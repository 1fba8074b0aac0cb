"""Finds the lessons that typed words may mean, by the words of their titles, points, tasks, questions and examples."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from bot.catalogue.lesson_files import Lesson, Module
from bot.catalogue.site_search import FOUND, alike

COMMON: Final = frozenset(re.findall(r"\w+", """
    ada adalah agar akan anda apa atau bagaimana bagi bagus baik belajar bisa boleh buat cara cari dalam dan dari dengan
    di dulu hai halo hal hari harus itu ini ingin jadi jangan juga kak kalau kami karena ke kenapa lagi lalu lebih mana
    mau mengapa mohon pada paling pelajaran perlu punya saja sama satu saya sebelum semua sudah supaya tanya tentang
    terima kasih tidak tolong tiap untuk ya yang
"""))  # fmt: skip
"""Words that do not tell one lesson from another."""


class LessonIndex:
    """The words of all lessons: words of a title weigh most, words of an example least."""

    def __init__(self, modules: Sequence[Module]) -> None:
        self.by_id = {lesson.id: lesson for module in modules for lesson in module.lessons}
        self.weights: dict[str, dict[str, float]] = {}
        for module in modules:
            for lesson in module.lessons:
                texts = [(lesson.title, 1.0), (lesson.goal, 0.85), (module.title, 0.8)]
                texts += [(text, 0.75) for text in (*lesson.points, lesson.task, lesson.opening)]
                texts += [(lesson.question.text, 0.7), (lesson.question.options[0], 0.7), (lesson.example or "", 0.65)]
                for text, weight in texts:
                    for word in _telling(text):
                        of_word = self.weights.setdefault(word, {})
                        of_word[lesson.id] = max(weight, of_word.get(lesson.id, 0.0))

    def search(self, text: str) -> list[Lesson]:
        exact = self.by_id.get(re.sub(r"[\W_]", "", text).upper())
        if exact is not None:
            return [exact]
        words = _telling(text)[:12]
        if not words:
            return []
        scores = dict.fromkeys(self.by_id, 0.0)
        for word in words:
            best: dict[str, float] = {}
            for known, of_word in self.weights.items():
                likeness = alike(word, known)
                if likeness >= FOUND:
                    for lesson_id, weight in of_word.items():
                        best[lesson_id] = max(best.get(lesson_id, 0.0), likeness * weight)
            for lesson_id, score in best.items():
                scores[lesson_id] += score / len(words)
        top = max(scores.values(), default=0.0)
        # what holds one word of three is chance, and so is a far weaker likeness beside a good one
        near = [(score, lesson_id) for lesson_id, score in scores.items() if score >= max(50.0, top - 25)]
        near.sort(key=lambda pair: -pair[0])
        return [self.by_id[lesson_id] for _, lesson_id in near]


def _telling(text: str) -> list[str]:
    words = re.findall(r"[^\W_]+", text.casefold().replace("'", ""))
    return [word for word in dict.fromkeys(words) if len(word) > 1 and word not in COMMON]

"""Buttons that several screens of lessons show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.actions.lessons import LearnNext, OpenLesson, SeeDailyLesson, SeeModules
from bot.actions.mentoring import AskMentor
from bot.catalogue.content import Lesson
from bot.programme import voices
from bot.turns.turn import Turn
from bot.words.message import Button

LESSONS: Final = "lessons"
SEARCH: Final = "search"
TASK: Final = "task"
HOUR: Final = "hour"


def in_rows(buttons: Sequence[Button], width: int) -> list[list[Button]]:
    return [list(buttons[at : at + width]) for at in range(0, len(buttons), width)]


def lesson_button(lesson: Lesson, finished: bool) -> Button:
    key = "lessons.button.lesson_done" if finished else "lessons.button.lesson"
    return Button(key, OpenLesson(lesson.id), {"title": lesson.title})


def start_button() -> Button:
    return Button("lessons.button.start", LearnNext())


def go_on_button() -> Button:
    return Button("lessons.button.go_on", LearnNext())


def modules_button() -> Button:
    return Button("lessons.button.modules", SeeModules())


def settings_button() -> Button:
    return Button("lessons.button.daily", SeeDailyLesson())


def copy_button(words: str) -> Button:
    """Returns the button that puts an example's words where they can be pasted."""
    return Button("lessons.button.copy", copy="lessons.copied", values={"words": words})


def ask_mentor_button(lesson_id: str) -> Button:
    """Returns the button to ask a mentor. The question then tells the mentor which lesson it comes from."""
    return Button("lessons.button.ask_mentor", AskMentor(f"lesson.{lesson_id}"))


def listen_buttons(turn: Turn, lesson_id: str) -> list[Button]:
    """[Dengarkan], where the lesson has a voice."""
    what, site_id = f"{voices.LESSON}{lesson_id}", turn.person.site_id
    return voices.listen_button(turn.db, what, site_id, turn.content, turn.context.texts, turn.settings)

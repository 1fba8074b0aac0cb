"""The task of a lesson: done, and shown with a photo, a link or not at all."""

from __future__ import annotations

from typing import Final

from bot.actions.buttons import HELP
from bot.actions.lessons import FinishLesson, MarkTaskDone, SkipShowing
from bot.programme import lessons
from bot.turns.turn import Turn
from bot.words.message import Button
from bot.words.typed_text import cleaned
from handlers.lessons.buttons import LESSONS, TASK
from handlers.lessons.pages import lesson_finished, tell_gone

NOTHING: Final = frozenset({"lewati", "tidak", "tidak ada", "tidak usah", "nanti", "skip", "no"})
"""Words that people type instead of tapping "Lewati"."""


def task_done(turn: Turn, action: MarkTaskDone) -> None:
    match lessons.note_task(turn.db, turn.person, action.lesson, content=turn.content, now=turn.now):
        case lessons.UnknownLesson():
            turn.leave(LESSONS)
            return tell_gone(turn)
    turn.toast("lessons.toast.task")
    turn.enter(LESSONS, TASK, lesson=action.lesson)
    ask_to_show(turn, action.lesson)


def ask_to_show(turn: Turn, lesson_id: str, *, again: bool = False) -> None:
    turn.ask(LESSONS, TASK)
    skip = [[Button("lessons.button.skip", SkipShowing(lesson_id)), HELP]]
    if again:
        turn.say("lessons.task_again", buttons=skip, plain=True)
    else:
        turn.show("lessons.task_noted", buttons=skip, plain=True)


def photo_sent(turn: Turn) -> None:
    message = turn.update.message
    file_id = None
    if message is not None and message.photo:
        file_id = message.photo[-1].file_id
    elif message is not None and message.document is not None:
        file_id = message.document.file_id
    _shown(turn, photo=file_id)


def link_written(turn: Turn) -> None:
    if cleaned(turn.text).casefold().rstrip(".!") in NOTHING:
        return _go_to_quiz(turn, lesson_of_task(turn))
    link = lessons.readable_link(cleaned(turn.text))
    if link is None:
        return ask_to_show(turn, lesson_of_task(turn), again=True)
    _shown(turn, link=link)


def _shown(turn: Turn, *, photo: str | None = None, link: str | None = None) -> None:
    lesson_id = lesson_of_task(turn)
    if lessons.show_task(turn.db, turn.person, lesson_id, photo=photo, link=link) is not None:
        turn.say("lessons.task_shown", plain=True)
    _go_to_quiz(turn, lesson_id)


def task_not_shown(turn: Turn, action: SkipShowing) -> None:
    """Goes on without the task being shown ("Lewati"): showing it is voluntary."""
    _go_to_quiz(turn, action.lesson)


def _go_to_quiz(turn: Turn, lesson_id: str) -> None:
    turn.leave(LESSONS)
    lesson_finished(turn, FinishLesson(lesson_id))


def lesson_of_task(turn: Turn) -> str:
    return str(turn.draft.get("lesson") or "")

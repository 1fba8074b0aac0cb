"""A lesson, page by page, to its end."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

from bot.actions.buttons import back
from bot.actions.lessons import FinishLesson, MarkTaskDone, OpenLesson, SeePath
from bot.actions.quizzes import AskQuestion, TakePretest
from bot.catalogue.content import Lesson
from bot.programme import lessons, quizzes
from bot.programme.lessons import Page
from bot.programme.quizzes import QuizPurpose, TestStatus
from bot.turns.turn import Turn
from bot.words.message import Button, File, Form, Message, Value, Words
from handlers.lessons.buttons import (
    LESSONS,
    ask_mentor_button,
    copy_button,
    go_on_button,
    listen_buttons,
    modules_button,
)

MIME: Final = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}


def lesson_opened(turn: Turn, action: OpenLesson) -> None:
    """Opens a lesson where the person stopped, or at another page."""
    _ = turn.person
    turn.leave(LESSONS)
    known = turn.content.lesson(action.lesson) is not None
    if action.page is None and known and test_comes_first(turn, action.lesson):
        return turn.follow(TakePretest())
    show_lesson(turn, action.lesson, action.page)


def show_lesson(turn: Turn, lesson_id: str, page: int | None) -> None:
    match lessons.open_lesson(turn.db, turn.person, lesson_id, content=turn.content, now=turn.now, page=page):
        case lessons.UnknownLesson():
            return tell_gone(turn)
        case lessons.Opened() as opened:
            if opened.first_time and opened.page == 1:
                _show_picture(turn, opened)
            _show_page(turn, opened)


def _show_picture(turn: Turn, opened: lessons.Opened) -> None:
    """Shows a module's picture when the module begins, once, and not to people who save data."""
    module = opened.module
    if module.picture is None or module.lessons[0] != opened.lesson or turn.person.saves_data:
        return
    path = PurePath(module.picture)
    file = File(path.name, MIME.get(path.suffix, "image/png"), path=module.picture)
    turn.send(Message("lessons.picture", {"alt": module.alt or module.title}, form=Form.PHOTO, file=file))


def _show_page(turn: Turn, opened: lessons.Opened) -> None:
    lesson, page, pages = opened.lesson, opened.page, len(opened.pages)
    before = OpenLesson(lesson.id, page - 1) if page > 1 else SeePath()
    turned: list[list[Button]] = [[Button("lessons.button.on", OpenLesson(lesson.id, page + 1)), back(before)]]
    note = Words("lessons.marked") if opened.marked else None
    turned.append([ask_mentor_button(lesson.id)])
    where: dict[str, Value] = {"title": lesson.title, "page": page, "pages": pages}
    match opened.kind:
        case Page.POINTS:
            turned[-1] += listen_buttons(turn, lesson.id)
            points = "\n".join(f"{number}. {point}" for number, point in enumerate(lesson.points, 1))
            turn.show("lessons.page.points", where, opening=lesson.opening, points=points, note=note, buttons=turned)
        case Page.EXAMPLE:
            if lesson.copied is not None:
                turned.insert(1, [copy_button(lesson.copied)])
            turn.show("lessons.page.example", where, example=lesson.example, note=note, buttons=turned)
        case Page.TASK:
            done = Button("lessons.button.task_done", MarkTaskDone(lesson.id))
            key = "lessons.button.finish" if opened.marked else "lessons.button.quiz"
            over = [Button(key, FinishLesson(lesson.id)), back(before)]
            turn.show("lessons.page.task", where, task=lesson.task, note=note, buttons=[[done], over, *turned[1:]])


def lesson_finished(turn: Turn, action: FinishLesson) -> None:
    turn.leave(LESSONS)
    match lessons.finish(turn.db, turn.person, action.lesson, content=turn.content, now=turn.now):
        case lessons.UnknownLesson():
            return tell_gone(turn)
        case lessons.Finished(lesson, marked):
            return _after(turn, lesson, marked)


def _after(turn: Turn, lesson: Lesson, marked: bool) -> None:
    """Asks the question of the lesson after its last page, unless it is about a fact that may have changed."""
    if not marked:
        return turn.follow(AskQuestion(lesson.id))
    turn.show("lessons.finished", title=lesson.title, buttons=[[go_on_button()], [ask_mentor_button(lesson.id)]])


def tell_gone(turn: Turn) -> None:
    turn.show("lessons.unknown", buttons=[[go_on_button()], [modules_button(), back(SeePath())]])


def test_comes_first(turn: Turn, lesson_id: str | None) -> bool:
    """Returns whether the test comes before the lesson. It is offered once, after the very first lesson. A person who
    was interrupted in the test goes on with it, unless they picked a lesson (`lesson_id`) themselves."""
    finished = lessons.finished_lessons(turn.db, turn.person)
    state = quizzes.pretest_state(turn.db, turn.person)
    if state.status is TestStatus.BEGUN:
        return lesson_id is None and not state.put_off
    if state.status is not TestStatus.OPEN or not finished or lesson_id in finished:
        return False
    return quizzes.closed_test(turn.db, turn.person, QuizPurpose.PRETEST, turn.now, content=turn.content) is None

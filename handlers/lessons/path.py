"""The path through the lessons: where the person is on it, its modules, and the search."""

from __future__ import annotations

from typing import Final

from bot.actions.buttons import back
from bot.actions.lessons import SearchLessons, SeeDailyLesson, SeeModule, SeeModules, SeePath
from bot.actions.quizzes import StartReview, TakePosttest, TakePretest
from bot.people import people
from bot.programme import lessons, quizzes
from bot.programme.quizzes import TestStatus
from bot.turns.turn import Turn
from bot.words.message import Button, Value, Words
from bot.words.typed_text import cleaned
from handlers.lessons.buttons import LESSONS, SEARCH, go_on_button, lesson_button, modules_button, start_button
from handlers.lessons.pages import show_lesson, test_comes_first

MODULES: Final = 5
"""How many modules are on one screen."""


def path_asked_for(turn: Turn) -> None:
    person = turn.person
    turn.leave(LESSONS)
    lessons.answered(turn.db, person)
    now = lessons.standing(turn.db, person, content=turn.content, now=turn.now)
    others = [modules_button(), Button("lessons.button.search", SearchLessons())]
    daily = [Button("lessons.button.daily", SeeDailyLesson())]
    if quizzes.due_reviews(turn.db, person, turn.now, content=turn.content):
        daily.insert(0, Button("lessons.button.review", StartReview()))
    test = _unfinished_test(turn)
    is_shared = len(people.persons_of(turn.db, turn.account)) > 1
    of = Words("lessons.path.of", {"person": person.called}) if is_shared else None
    weeks = Words("lessons.rhythm.weeks", {"n": now.weeks}) if now.weeks else None
    days = Words("lessons.rhythm.days", {"n": now.days_this_week}) if now.days_this_week else None
    if now.next is None:
        turn.show("lessons.path_done", n=now.total, weeks=weeks, days=days, buttons=[test, others, daily])
        return
    on = [go_on_button() if now.begun or now.done else start_button()]
    buttons = [on, test, others, daily]
    if not now.done:
        first = now.next
        facts: dict[str, Value] = {"title": first.title, "minutes": first.minutes}
        turn.show("lessons.path_new", facts, of=of, weeks=weeks, days=days, buttons=buttons)
        return
    turn.show(
        "lessons.path",
        of=of,
        done=now.done,
        total=now.total,
        title=now.next.title,
        weeks=weeks,
        days=days,
        buttons=buttons,
    )


def _unfinished_test(turn: Turn) -> list[Button]:
    """Returns the button to go on with a test that was begun."""
    for state, action in (
        (quizzes.pretest_state, TakePretest("go")),
        (quizzes.posttest_state, TakePosttest("go")),
    ):
        if state(turn.db, turn.person).status is TestStatus.BEGUN:
            return [Button("quizzes.button.go_on", action)]
    return []


def next_asked_for(turn: Turn) -> None:
    person = turn.person
    turn.leave(LESSONS)
    now = lessons.standing(turn.db, person, content=turn.content, now=turn.now)
    if test_comes_first(turn, None):
        return turn.follow(TakePretest())
    after = quizzes.posttest_state(turn.db, person)
    if (now.core_done and after.status is TestStatus.OPEN) or (after.status is TestStatus.BEGUN and not after.put_off):
        return turn.follow(TakePosttest())
    if now.next is None:
        return path_asked_for(turn)
    show_lesson(turn, now.next.id, None)


def modules_asked_for(turn: Turn, action: SeeModules) -> None:
    """Shows the modules in the order of the person's own path, numbered in it."""
    person = turn.person
    turn.leave(LESSONS)
    now = lessons.standing(turn.db, person, content=turn.content, now=turn.now)
    numbered = list(enumerate(now.modules, 1))
    pages = -(-len(numbered) // MODULES)
    page = min(max(action.page or _page_of(now, now.next.module_id if now.next else None), 1), pages)
    buttons = [
        [
            Button(
                "lessons.button.module_done" if one.complete else "lessons.button.module",
                SeeModule(one.module.id),
                {"number": number, "title": one.module.title},
            )
        ]
        for number, one in numbered[(page - 1) * MODULES : page * MODULES]
    ]
    other = [Button("lessons.button.other_modules", SeeModules(page % pages + 1))] if pages > 1 else []
    turn.show("lessons.modules", done=now.done, total=now.total, buttons=[*buttons, [*other, back(SeePath())]])


def _page_of(now: lessons.Standing, module_id: str | None) -> int:
    """Returns the page of the list on which the module is; the first for none."""
    place = next((at for at, one in enumerate(now.modules) if one.module.id == module_id), 0)
    return place // MODULES + 1


def module_picked(turn: Turn, action: SeeModule) -> None:
    person = turn.person
    turn.leave(LESSONS)
    now = lessons.standing(turn.db, person, content=turn.content, now=turn.now)
    numbered = enumerate(now.modules, 1)
    number, found = next(((at, one) for at, one in numbered if one.module.id == action.module), (0, None))
    if found is None:
        return modules_asked_for(turn, SeeModules())
    finished = lessons.finished_lessons(turn.db, person)
    turn.show(
        "lessons.module",
        number=number,
        title=found.module.title,
        bar=found.bar,
        done=found.done,
        total=found.total,
        buttons=[
            *([lesson_button(one, one.id in finished)] for one in found.module.lessons),
            [back(SeeModules(_page_of(now, found.module.id)))],
        ],
    )


def search_asked_for(turn: Turn) -> None:
    _ = turn.person
    turn.show("lessons.search", buttons=[[modules_button(), back(SeePath())]])
    turn.ask(LESSONS, SEARCH)


def word_written(turn: Turn) -> None:
    found = turn.content.search_lessons(cleaned(turn.text))
    if not found:
        turn.ask(LESSONS, SEARCH)
        turn.say("lessons.search_none", buttons=[[modules_button(), back(SeePath())]])
        return
    turn.leave(LESSONS)
    finished = lessons.finished_lessons(turn.db, turn.person)
    again = [Button("lessons.button.search_again", SearchLessons()), back(SeePath())]
    turn.say("lessons.found", buttons=[*([lesson_button(one, one.id in finished)] for one in found), again])

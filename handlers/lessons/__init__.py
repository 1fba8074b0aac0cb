"""Learning: the path, a lesson page by page, finding one, the task, and when the daily lesson comes.

    /belajar -> overview -> page 1 [Lanjut] page 2 [Lanjut] page 3 -> [Sudah dikerjakan] photo, link or nothing -> quiz
                                                                     [Kuis] -> quiz

A lesson is one message that is turned in place; the page is noted, so it goes on wherever it was left.

    path     where the person is, modules, search
    pages    a lesson page by page
    task     the task, done and shown
    daily    the daily lesson
    praise   tasks as trainers see them
    buttons  buttons of several screens
"""

from __future__ import annotations

from typing import Final

from telegram.ext import filters

from bot.actions.lessons import (
    AskHour,
    FinishLesson,
    LearnNext,
    MarkTaskDone,
    OpenLesson,
    PickHour,
    PraiseTask,
    PutLessonOff,
    RestFromLessons,
    SaveData,
    SearchLessons,
    SeeDailyLesson,
    SeeDays,
    SeeModule,
    SeeModules,
    SeePath,
    SeeTasks,
    SkipShowing,
    SwitchDailyLesson,
    ToggleDay,
)
from bot.capability import Capability, Command, Handlers
from bot.programme import lessons
from bot.turns.router import Conversation, command, reacted, sent, tap, typed
from bot.turns.turn import Turn
from handlers.lessons.buttons import HOUR, LESSONS, SEARCH, TASK
from handlers.lessons.daily import (
    ask_hour,
    day_toggled,
    days_asked_for,
    hour_picked,
    hour_written,
    hours_asked_for,
    put_off,
    rest_taken,
    saving_switched,
    settings_asked_for,
    switched,
)
from handlers.lessons.pages import lesson_finished, lesson_opened
from handlers.lessons.path import (
    module_picked,
    modules_asked_for,
    next_asked_for,
    path_asked_for,
    search_asked_for,
    word_written,
)
from handlers.lessons.praise import emoji_put, praised, tasks_asked_for
from handlers.lessons.task import ask_to_show, lesson_of_task, link_written, photo_sent, task_done, task_not_shown


def handlers() -> Handlers:
    conversation = Conversation(
        LESSONS,
        entry_points=[
            tap(SearchLessons, search_asked_for),
            tap(MarkTaskDone, task_done),
            tap(AskHour, hours_asked_for),
        ],
        states={
            SEARCH: [typed(word_written)],
            TASK: [
                tap(SkipShowing, task_not_shown),
                sent(filters.PHOTO | filters.Document.IMAGE, photo_sent),
                typed(link_written),
            ],
            HOUR: [tap(PickHour, hour_picked), typed(hour_written)],
        },
        fallbacks=[command("batal", broken_off)],
        resume=question_asked_again,
    )
    return [
        conversation,
        command("belajar", path_asked_for),
        tap(SeePath, path_asked_for),
        tap(LearnNext, next_asked_for),
        tap(OpenLesson, lesson_opened),
        tap(FinishLesson, lesson_finished),
        tap(SeeModules, modules_asked_for),
        tap(SeeModule, module_picked),
        tap(SkipShowing, task_not_shown),
        tap(SeeDailyLesson, settings_asked_for),
        tap(SwitchDailyLesson, switched),
        tap(SeeDays, days_asked_for),
        tap(ToggleDay, day_toggled),
        tap(PickHour, hour_picked),
        tap(SaveData, saving_switched),
        tap(PutLessonOff, put_off),
        tap(RestFromLessons, rest_taken),
        command("tugas", tasks_asked_for, SeeTasks()),
        tap(SeeTasks, tasks_asked_for),
        tap(PraiseTask, praised),
        reacted(emoji_put),
    ]


CAPABILITY: Final = Capability(
    "lessons",
    handlers,
    commands=(
        Command("belajar", "participant", place=20),
        Command("tugas", "trainer", place=40),
    ),
    data=lessons.DATA,
)


def question_asked_again(turn: Turn) -> None:
    match turn.account.state:
        case "task":
            ask_to_show(turn, lesson_of_task(turn), again=True)
        case "hour":
            ask_hour(turn)
        case _:
            search_asked_for(turn)


def broken_off(turn: Turn) -> None:
    path_asked_for(turn)

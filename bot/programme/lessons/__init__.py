"""Lessons: the path through them, how far each person is, the daily lesson, and the five-minute tasks.

A lesson is at most three pages; whoever stops on one goes on there, weeks later or after a restart. The daily lesson is
due, not scheduled: one row per person says when, and `due` posts to everybody whose moment has come with a handful of
statements, whatever their number. A week counts as learnt although two of its days were left out, and no week that was
learnt is ever taken away again.

    tables    the rows
    outcomes  what the functions return
    days      days of the week, the next hour of a plan, weeks that count
    progress  the path, and where a person is on it
    daily     the daily lesson: planned, put off, posted
    tasks     the five-minute tasks
    data      what is owed of the tables

Other packages import this one as a whole: `lessons.open_lesson`.
"""

from bot.programme.lessons.daily import AT_ONCE, daily_lesson, due, end_plan, later, next_due, plan, plan_of, rest
from bot.programme.lessons.data import DATA, all_tasks, learning_days
from bot.programme.lessons.days import EVERY_DAY, day_set, days_in, next_slot, weeks_learnt
from bot.programme.lessons.outcomes import (
    AlreadyPraised,
    Ended,
    Finished,
    NoPlan,
    Opened,
    Page,
    Planned,
    Praised,
    Resting,
    Standing,
    UnknownLesson,
    UnknownTask,
)
from bot.programme.lessons.progress import (
    answered,
    finish,
    finished_lessons,
    learned,
    on_path,
    open_lesson,
    pages_of,
    standing,
)
from bot.programme.lessons.tables import LearningDay, LessonPlan, LessonProgress, TaskDone
from bot.programme.lessons.tasks import note_task, praise, readable_link, show_task, task_with_person, tasks_at

__all__ = [
    "AT_ONCE",
    "DATA",
    "EVERY_DAY",
    "AlreadyPraised",
    "Ended",
    "Finished",
    "LearningDay",
    "LessonPlan",
    "LessonProgress",
    "NoPlan",
    "Opened",
    "Page",
    "Planned",
    "Praised",
    "Resting",
    "Standing",
    "TaskDone",
    "UnknownLesson",
    "UnknownTask",
    "all_tasks",
    "answered",
    "daily_lesson",
    "day_set",
    "days_in",
    "due",
    "end_plan",
    "finish",
    "finished_lessons",
    "later",
    "learned",
    "learning_days",
    "next_due",
    "next_slot",
    "note_task",
    "on_path",
    "open_lesson",
    "pages_of",
    "plan",
    "plan_of",
    "praise",
    "readable_link",
    "rest",
    "show_task",
    "standing",
    "task_with_person",
    "tasks_at",
    "weeks_learnt",
]

"""The path through the lessons, and how far a person is on it: lessons opened, gone on with and finished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.catalogue.content import UNKNOWN_ZONE, Content, Lesson
from bot.database import insert_or
from bot.people.people import Person
from bot.programme.follow_up import planning as follow_up
from bot.programme.lessons.days import days_in, today, weeks_learnt
from bot.programme.lessons.outcomes import Finished, ModuleProgress, Opened, Page, Standing, UnknownLesson
from bot.programme.lessons.tables import LearningDay, LessonPlan, LessonProgress

USUAL_DAYS: Final = 3
"""Days a week for people who never said how many."""


def pages_of(lesson: Lesson) -> tuple[Page, ...]:
    return (Page.POINTS, Page.EXAMPLE, Page.TASK) if lesson.example else (Page.POINTS, Page.TASK)


def next_lesson(path: Sequence[Lesson], progress: Mapping[str, tuple[bool, datetime]]) -> tuple[Lesson | None, bool]:
    """Returns the lesson to go on with, and whether it was opened before: the unfinished lesson that was looked at
    last, else the first of the path that is not finished. `progress`: finished or not, and when last looked at."""
    open_ones: list[tuple[datetime, Lesson]] = []
    first: Lesson | None = None
    for lesson in path:
        known = progress.get(lesson.id)
        if known is None:
            first = first or lesson
        elif not known[0]:
            open_ones.append((known[1], lesson))
    if open_ones:
        return max(open_ones, key=lambda pair: pair[0])[1], True
    return first, False


def finished_lessons(db: Session, person: Person) -> frozenset[str]:
    """Returns the ids of the lessons the person has finished."""
    query = select(LessonProgress.lesson_id).where(
        LessonProgress.person_id == person.id, LessonProgress.finished_at.is_not(None)
    )
    return frozenset(db.scalars(query))


def open_lesson(
    db: Session, person: Person, lesson_id: str, *, content: Content, now: datetime, page: int | None = None
) -> Opened | UnknownLesson:
    """Opens a lesson at a page (from 1); without one where the person stopped, a finished lesson from its beginning.

    The page is noted, so that the person goes on there.
    """
    lesson = content.lesson(lesson_id)
    module = content.module(lesson.module_id) if lesson else None
    if lesson is None or module is None:
        return UnknownLesson()
    pages = pages_of(lesson)
    progress = _progress(db, person, lesson_id)
    first_time = progress is None
    progress = progress or _begin(db, person, lesson_id, content, now)
    if page is None:
        page = 1 if progress.finished_at else progress.page
    progress.page = min(max(page, 1), len(pages))
    progress.turned_at = now
    answered(db, person)
    return Opened(lesson, module, progress.page, pages, first_time, is_marked(lesson, person, content, now))


def finish(db: Session, person: Person, lesson_id: str, *, content: Content, now: datetime) -> Finished | UnknownLesson:
    """Notes that the last page was read: the lesson is done, whatever becomes of its question, and today is a day of
    learning."""
    lesson = content.lesson(lesson_id)
    if lesson is None:
        return UnknownLesson()
    progress = _progress(db, person, lesson_id) or _begin(db, person, lesson_id, content, now)
    first_time, progress.finished_at = progress.finished_at is None, progress.finished_at or now
    progress.turned_at = now
    if first_time and len(finished_lessons(db, person)) == follow_up.LESSONS:
        follow_up.learnt(db, person, now)
    learned(db, person, now, content=content)
    return Finished(lesson, is_marked(lesson, person, content, now))


def is_marked(lesson: Lesson, person: Person, content: Content, now: datetime) -> bool:
    """Returns whether a fact of the lesson is past its review date today."""
    return bool(content.overdue(lesson, today(content, person.site_id, now)))


def learned(db: Session, person: Person, now: datetime, *, content: Content | None = None) -> None:
    """Notes that the person learnt today: finished a lesson, or answered a question. Today is the day at their site;
    without `content` that of the middle zone (WITA), which is an hour off at most."""
    mine = db.get(LessonPlan, person.id)
    day = today(content, person.site_id, now) if content else now.astimezone(ZoneInfo(UNKNOWN_ZONE)).date()
    planned = len(days_in(mine.days)) if mine else USUAL_DAYS
    noting = insert_or(db, LearningDay).values(person_id=person.id, day=day, planned=planned)
    db.execute(noting.on_conflict_do_nothing())
    person.ask_after = None  # it may be enough now to be asked for a consent
    answered(db, person)


def standing(db: Session, person: Person, *, content: Content, now: datetime) -> Standing:
    """Returns how far the person is on their path, and their weeks."""
    path = content.path(person.sector, person.learning_path)
    query = select(LessonProgress.lesson_id, LessonProgress.finished_at, LessonProgress.turned_at).where(
        LessonProgress.person_id == person.id
    )
    progress = {row[0]: (row[1] is not None, row[2]) for row in db.execute(query)}
    finished = {lesson_id for lesson_id, (done, _) in progress.items() if done}
    came_later = content.later(person.learning_path)
    modules = []
    for module in path:
        ids = {lesson.id for lesson in module.lessons}
        complete = ids - came_later <= finished
        modules.append(ModuleProgress(module, len(ids & finished), len(ids), complete))
    lesson, begun = next_lesson(content.lessons_of_path(person.sector, person.learning_path), progress)
    days = [(row[0], row[1]) for row in db.execute(
        select(LearningDay.day, LearningDay.planned).where(LearningDay.person_id == person.id)
    )]  # fmt: skip
    here = today(content, person.site_id, now)
    monday = here - timedelta(days=here.weekday())
    return Standing(
        modules=tuple(modules),
        next=lesson,
        begun=begun,
        core_done=content.core_lessons(person.learning_path) <= finished,
        weeks=min(weeks_learnt(days), (here - min((day for day, _ in days), default=here)).days // 7),
        days_this_week=sum(monday <= day <= here for day, _ in days),
    )


def on_path(person: Person, content: Content) -> None:
    """Puts a person who begins to learn on today's path: what is its core, its order and its test stay so for them."""
    person.learning_path = person.learning_path or content.programme.learning.path


def _begin(db: Session, person: Person, lesson_id: str, content: Content, now: datetime) -> LessonProgress:
    on_path(person, content)
    progress = LessonProgress(person_id=person.id, lesson_id=lesson_id, page=1, started_at=now, turned_at=now)
    db.add(progress)
    return progress


def _progress(db: Session, person: Person, lesson_id: str) -> LessonProgress | None:
    return db.scalar(
        select(LessonProgress).where(LessonProgress.person_id == person.id, LessonProgress.lesson_id == lesson_id)
    )


def answered(db: Session, person: Person) -> None:
    """Notes that the person did something with a lesson: the daily lessons before that count as answered."""
    db.execute(
        update(LessonPlan).where(LessonPlan.person_id == person.id, LessonPlan.unanswered > 0).values(unanswered=0)
    )

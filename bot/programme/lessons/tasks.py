"""The five-minute tasks: done, shown with a photo or a link, and praised by a trainer."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.actions.buttons import HELP, MENU
from bot.actions.lessons import LearnNext
from bot.catalogue.content import Content
from bot.delivery import outbox
from bot.people.people import Account, Person, Purpose, has_consented
from bot.people.quiet_hours import Kind
from bot.programme import news
from bot.programme.lessons.outcomes import AlreadyPraised, Praised, TaskNoted, UnknownLesson, UnknownTask
from bot.programme.lessons.progress import finish
from bot.programme.lessons.tables import LINK_LENGTH, TaskDone
from bot.words.message import Button, Message, rows

_LINK: Final = re.compile(
    r"(?:https?://)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,12}(?::\d{2,5})?(?:[/?#][^\s<>\"]*)?",
    re.IGNORECASE,
)


def readable_link(text: str) -> str | None:
    """Returns the first address in the text, as https; None if there is none or it is too long to store."""
    found = _LINK.search(text)
    if found is None or "@" in text[max(0, found.start() - 1) : found.start()]:
        return None
    address = found[0].rstrip(".,;:!?)")
    link = address if address.casefold().startswith(("http://", "https://")) else f"https://{address}"
    return link if len(link) <= LINK_LENGTH else None


def note_task(
    db: Session, person: Person, lesson_id: str, *, content: Content, now: datetime
) -> TaskNoted | UnknownLesson:
    """Notes that the person did the task, and with it the lesson."""
    if isinstance(finish(db, person, lesson_id, content=content, now=now), UnknownLesson):
        return UnknownLesson()
    task = _task(db, person, lesson_id)
    if task is not None:
        return TaskNoted(task, first_time=False)
    task = TaskDone(person_id=person.id, lesson_id=lesson_id, done_at=now)
    db.add(task)
    if person.site_id is not None:
        news.note(db, news.What.TASK, person, person.site_id, now)
    return TaskNoted(task, first_time=True)


def show_task(
    db: Session, person: Person, lesson_id: str, *, photo: str | None = None, link: str | None = None
) -> TaskDone | None:
    """Stores what the person showed of a task (a Telegram file id, or an address), replacing what they showed before;
    None if the task was never noted."""
    task = _task(db, person, lesson_id)
    if task is not None:
        task.photo, task.link = photo, link
    return task


def tasks_at(
    db: Session,
    site_ids: Collection[str] | None,
    *,
    limit: int = 10,
    before: int | None = None,
) -> list[tuple[TaskDone, Person]]:
    """Returns the tasks that people of these sites (None: of all) did, the newest first; `before` is the id of the last
    one seen."""
    query = (
        select(TaskDone, Person)
        .join(Person, Person.id == TaskDone.person_id)
        .where(Person.anonymised_at.is_(None))
        .order_by(TaskDone.id.desc())
        .limit(limit)
    )
    if site_ids is not None:
        query = query.where(Person.site_id.in_(site_ids))
    if before is not None:
        query = query.where(TaskDone.id < before)
    return [(task, person) for task, person in db.execute(query)]


def task_with_person(db: Session, task_id: int) -> tuple[TaskDone, Person] | None:
    """Returns a task and its person. The caller checks who may see it."""
    row = db.execute(
        select(TaskDone, Person)
        .join(Person, Person.id == TaskDone.person_id)
        .where(TaskDone.id == task_id, Person.anonymised_at.is_(None))
    ).first()
    return None if row is None else (row[0], row[1])


def praise(
    db: Session, task_id: int, *, by: Account, emoji: str, content: Content, now: datetime
) -> Praised | AlreadyPraised | UnknownTask:
    """Praises a task for a trainer, who tapped [Bagus] or put an emoji on it: the person is told, once, in open hours
    and if they agreed to lessons.

    Who may do so is asked before.
    """
    found = task_with_person(db, task_id)
    if found is None:
        return UnknownTask()
    task, person = found
    if task.praised_at is not None:
        return AlreadyPraised(task)
    task.praised_at, task.praised_by = now, by.id
    account = db.get(Account, person.account_id) if person.account_id else None
    lesson = content.lesson(task.lesson_id)
    if account is None or lesson is None or account.stopped_at or not has_consented(person, Purpose.LESSONS):
        return Praised(task, told=False)
    message = Message(
        "lessons.praised",
        {"title": lesson.title, "emoji": emoji},
        rows(
            (Button("lessons.button.go_on", LearnNext()),),
            (MENU, HELP),
        ),
    )
    post = outbox.to(
        account, message, kind=Kind.LESSON, person_id=person.id, site_id=person.site_id, once=f"lesson:good:{task.id}"
    )
    outbox.post(db, post, now=now)
    return Praised(task, told=True)


def _task(db: Session, person: Person, lesson_id: str) -> TaskDone | None:
    return db.scalar(select(TaskDone).where(TaskDone.person_id == person.id, TaskDone.lesson_id == lesson_id))

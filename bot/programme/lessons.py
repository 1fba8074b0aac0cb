"""Lessons: the path through them, where everybody is, the daily lesson, and the five-minute tasks.

A lesson is at most three pages; whoever stops on one goes on there, weeks later or after a restart. The daily lesson is
due, not scheduled: one row per person says when, and `due` posts to everybody whose moment has come with a handful of
statements, whatever their number. A week counts as learnt although two of its days were left out, and no week that was
learnt is ever taken away again.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, Index, SmallInteger, String, UniqueConstraint, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.capability import CapabilityData, Context, Told
from bot.catalogue.content import UNKNOWN_ZONE, Content, Lesson, Module
from bot.database import Base, BigId, insert_or, partial_index, something_due
from bot.delivery import outbox
from bot.delivery.outbox import OutboxRow, Status, in_state
from bot.people.people import Account, Person
from bot.people.quiet_hours import Kind, OpenHours, Verdict, next_opening, verdict
from bot.words.message import Button, Message, rows

AT_ONCE: Final = 500
"""So many plans are looked at in one transaction, so that replies need not wait behind a crowd; the clock looks again
at once for the rest."""
LATER: Final = timedelta(hours=3)
""" "Nanti" brings the lesson back after so long, if that is still today and not in quiet hours."""
TIMES_A_DAY: Final = 2
REST_DAYS: Final = 7
FORGIVEN_DAYS: Final = 2
"""So many of a week's days may be left out, and it is still a week of learning."""
USUAL_DAYS: Final = 3
"""Days a week of those who never said how many."""
EVERY_DAY: Final = 0b111_1111
LINK_LENGTH: Final = 300


# --- tables ---------------------------------------------------------------------------------------------------------


class LessonProgress(Base):
    """One person and one lesson: the page they stopped on, and when they finished it for the first time."""

    __tablename__ = "lesson_progress"
    __table_args__ = (UniqueConstraint("person_id", "lesson_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    lesson_id: Mapped[str] = mapped_column(String(20))
    page: Mapped[int] = mapped_column(SmallInteger, default=1)
    started_at: Mapped[datetime]
    turned_at: Mapped[datetime]
    """When a page of it was last looked at: of several unfinished lessons this one is gone on with."""
    finished_at: Mapped[datetime | None]


class LessonPlan(Base):
    """When a person wants the daily lesson: days and hour are wall time of their site, `due_at` is UTC."""

    __tablename__ = "lesson_plan"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    days: Mapped[int] = mapped_column(SmallInteger)
    """A bit for each day of the week, Monday the lowest."""
    minute: Mapped[int] = mapped_column(SmallInteger)
    """Minutes after midnight."""
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    """Empty once the plan has ended."""
    postponed: Mapped[bool] = mapped_column(default=False)
    """Due once more on the same day, because the person said "Nanti"."""
    last_day: Mapped[date | None]
    """The site's calendar day on which a lesson was last posted."""
    times: Mapped[int] = mapped_column(SmallInteger, default=0)
    """How often on that day: twice at the most, if the first was put off."""
    unanswered: Mapped[int] = mapped_column(SmallInteger, default=0)
    """How many daily lessons in a row led to nothing."""
    resting_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None] = mapped_column(String(12))


class LearningDay(Base):
    """A day (of the site's calendar) on which a person learnt, and how many days a week they had in mind then: so a
    later change of plan takes no week away."""

    __tablename__ = "learning_day"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    planned: Mapped[int] = mapped_column(SmallInteger)


class TaskDone(Base):
    """The task of a lesson, done; with a photo (as Telegram's file id) or a link if the person wanted to show it."""

    __tablename__ = "task_done"
    __table_args__ = (UniqueConstraint("person_id", "lesson_id"), Index("ix_task_done_done_at", "done_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    lesson_id: Mapped[str] = mapped_column(String(20))
    done_at: Mapped[datetime]
    photo: Mapped[str | None] = mapped_column(String(200))
    link: Mapped[str | None] = mapped_column(String(LINK_LENGTH))
    praised_at: Mapped[datetime | None]
    praised_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))


partial_index("ix_task_done_praised", TaskDone.praised_by, of="praised_by IS NOT NULL")  # an account is deleted


# --- outcomes -------------------------------------------------------------------------------------------------------


class Page(StrEnum):
    POINTS = "points"
    EXAMPLE = "example"
    TASK = "task"


class Ended(StrEnum):
    """Why a plan came to its end."""

    ASKED = "asked"
    UNANSWERED = "unanswered"
    FINISHED = "finished"
    ERASED = "erased"


@dataclass(frozen=True)
class Opened:
    """A page of a lesson. `first_time`: nobody of this name had opened the lesson before. `marked`: a fact in it may
    have changed, so it is shown with a word of caution and its question is not asked."""

    lesson: Lesson
    module: Module
    page: int
    pages: tuple[Page, ...]
    first_time: bool
    marked: bool

    @property
    def kind(self) -> Page:
        return self.pages[self.page - 1]


@dataclass(frozen=True)
class Finished:
    lesson: Lesson
    marked: bool


@dataclass(frozen=True)
class UnknownLesson:
    """No such lesson: forged, or taken out of the programme."""


@dataclass(frozen=True)
class ModuleProgress:
    module: Module
    done: int
    total: int

    @property
    def bar(self) -> str:
        """As many boxes as lessons, at most ten; a finished part is dark."""
        boxes = min(self.total, 10)
        dark = self.done * boxes // self.total if self.total else 0
        return "▓" * dark + "░" * (boxes - dark)


@dataclass(frozen=True)
class Standing:
    """Where a person is. `next`: the lesson to go on with, None when all are done; `begun`: it was opened before."""

    modules: tuple[ModuleProgress, ...]
    next: Lesson | None
    begun: bool
    core_done: bool
    weeks: int
    days_this_week: int

    @property
    def done(self) -> int:
        return sum(module.done for module in self.modules)

    @property
    def total(self) -> int:
        return sum(module.total for module in self.modules)


@dataclass(frozen=True)
class Planned:
    """The daily lesson as it stands; `at` is the next one (UTC)."""

    at: datetime


@dataclass(frozen=True)
class Resting:
    until: datetime


@dataclass(frozen=True)
class NoPlan:
    """There is no daily lesson to be put off."""


@dataclass(frozen=True)
class TaskNoted:
    """`first_time`: it was not noted before."""

    task: TaskDone
    first_time: bool


@dataclass(frozen=True)
class Praised:
    """`told`: the person will hear of it (they agreed to messages)."""

    task: TaskDone
    told: bool


@dataclass(frozen=True)
class AlreadyPraised:
    task: TaskDone


@dataclass(frozen=True)
class UnknownTask:
    """No such task, or its person has left."""


# --- decisions ------------------------------------------------------------------------------------------------------


def pages_of(lesson: Lesson) -> tuple[Page, ...]:
    return (Page.POINTS, Page.EXAMPLE, Page.TASK) if lesson.example else (Page.POINTS, Page.TASK)


def day_set(days: Iterable[int]) -> int:
    """Days of the week (0 is Monday) as bits."""
    return sum(1 << day for day in set(days))


def days_in(days: int) -> list[int]:
    return [day for day in range(7) if days >> day & 1]


def next_slot(days: int, minute: int, zone: str, after: datetime) -> datetime:
    """The next moment (UTC) later than `after` at this minute of one of these days in `zone`. `days` is not empty."""
    local = ZoneInfo(zone)
    first = after.astimezone(local).date()
    for offset in range(8):
        day = first + timedelta(days=offset)
        if days >> day.weekday() & 1:
            moment = datetime.combine(day, time(minute // 60, minute % 60), local).astimezone(UTC)
            if moment > after:
                return moment
    raise ValueError("a plan without a day")


def weeks_learnt(days: Iterable[tuple[date, int]]) -> int:
    """How many calendar weeks (from Monday) count as learnt, of the days learnt on and how many were planned a week.

    All planned days but two are enough, and one always is needed.
    """
    weeks: dict[date, list[int]] = defaultdict(list)
    for day, planned in days:
        weeks[day - timedelta(days=day.weekday())].append(planned)
    return sum(len(planned) >= max(1, min(planned) - FORGIVEN_DAYS) for planned in weeks.values())


_HOUR: Final = re.compile(
    r"(?<!\d)(\d{1,2})(?:[.:](\d\d))?(?!\d)\s*(?:w(?:ib|ita|it)\b)?\s*(pagi|siang|sore|malam|am|pm)?"
)


def readable_hour(text: str) -> int | None:
    """ "7 malam", "18.30", "jam 6 sore" as minutes after midnight; None if no hour can be read from it."""
    found = _HOUR.search(text.casefold())
    if found is None:
        return None
    hour, minute, part = int(found[1]), int(found[2] or 0), found[3]
    if (part in ("sore", "malam", "pm") and hour < 12) or (part == "siang" and hour < 6):
        hour += 12
    elif part in ("am", "pagi") and hour == 12:
        hour = 0
    return hour * 60 + minute if hour < 24 and minute < 60 else None


_LINK: Final = re.compile(
    r"(?:https?://)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,12}(?::\d{2,5})?(?:[/?#][^\s<>\"]*)?",
    re.IGNORECASE,
)


def readable_link(text: str) -> str | None:
    """The first address in the text, as https; None if there is none or it is too long to keep."""
    found = _LINK.search(text)
    if found is None or "@" in text[max(0, found.start() - 1) : found.start()]:
        return None
    address = found[0].rstrip(".,;:!?)")
    link = address if address.casefold().startswith(("http://", "https://")) else f"https://{address}"
    return link if len(link) <= LINK_LENGTH else None


def today(content: Content, site_id: str | None, now: datetime) -> date:
    """The calendar day at the site."""
    return now.astimezone(ZoneInfo(content.open_hours(site_id).zone)).date()


def _next_of(path: Sequence[Module], progress: Mapping[str, tuple[bool, datetime]]) -> tuple[Lesson | None, bool]:
    """What to go on with: the unfinished lesson that was looked at last, else the first of the path that is not
    finished; and whether it was opened before. `progress`: finished or not, and when last looked at."""
    open_ones: list[tuple[datetime, Lesson]] = []
    first: Lesson | None = None
    for module in path:
        for lesson in module.lessons:
            known = progress.get(lesson.id)
            if known is None:
                first = first or lesson
            elif not known[0]:
                open_ones.append((known[1], lesson))
    if open_ones:
        return max(open_ones, key=lambda pair: pair[0])[1], True
    return first, False


# --- lessons --------------------------------------------------------------------------------------------------------


def finished_lessons(db: Session, person: Person) -> frozenset[str]:
    """The ids of the lessons the person has finished."""
    query = select(LessonProgress.lesson_id).where(
        LessonProgress.person_id == person.id, LessonProgress.finished_at.is_not(None)
    )
    return frozenset(db.scalars(query))


def has_begun(db: Session, person: Person) -> bool:
    """Whether the person ever opened a lesson."""
    return db.scalar(select(LessonProgress.id).where(LessonProgress.person_id == person.id).limit(1)) is not None


def open_lesson(
    db: Session, person: Person, lesson_id: str, *, content: Content, now: datetime, page: int | None = None
) -> Opened | UnknownLesson:
    """Open a lesson at a page (from 1); without one where the person stopped, a finished lesson from its beginning.

    The page is noted, so that the person goes on there.
    """
    lesson = content.lesson(lesson_id)
    module = content.module(lesson.module_id) if lesson else None
    if lesson is None or module is None:
        return UnknownLesson()
    pages = pages_of(lesson)
    progress = _progress(db, person, lesson_id)
    first_time = progress is None
    if progress is None:
        progress = LessonProgress(person_id=person.id, lesson_id=lesson_id, page=1, started_at=now, turned_at=now)
        db.add(progress)
    if page is None:
        page = 1 if progress.finished_at else progress.page
    progress.page = min(max(page, 1), len(pages))
    progress.turned_at = now
    answered(db, person)
    return Opened(lesson, module, progress.page, pages, first_time, is_marked(lesson, person, content, now))


def finish(db: Session, person: Person, lesson_id: str, *, content: Content, now: datetime) -> Finished | UnknownLesson:
    """The last page was read: the lesson is done, whatever becomes of its question, and today is a day of learning."""
    lesson = content.lesson(lesson_id)
    if lesson is None:
        return UnknownLesson()
    progress = _progress(db, person, lesson_id)
    if progress is None:
        progress = LessonProgress(person_id=person.id, lesson_id=lesson_id, page=1, started_at=now, turned_at=now)
        db.add(progress)
    progress.finished_at = progress.finished_at or now
    progress.turned_at = now
    learned(db, person, now, content=content)
    return Finished(lesson, is_marked(lesson, person, content, now))


def is_marked(lesson: Lesson, person: Person, content: Content, now: datetime) -> bool:
    """A fact of the lesson is past its review date today."""
    return bool(content.overdue(lesson, today(content, person.site_id, now)))


def learned(db: Session, person: Person, now: datetime, *, content: Content | None = None) -> None:
    """Note that the person learnt today: a lesson finished, a question answered.

    Today is the day at their site; without `content` that of the middle zone, an hour off at most.
    """
    mine = db.get(LessonPlan, person.id)
    day = today(content, person.site_id, now) if content else now.astimezone(ZoneInfo(UNKNOWN_ZONE)).date()
    planned = len(days_in(mine.days)) if mine else USUAL_DAYS
    noting = insert_or(db, LearningDay).values(person_id=person.id, day=day, planned=planned)
    db.execute(noting.on_conflict_do_nothing())
    answered(db, person)


def standing(db: Session, person: Person, *, content: Content, now: datetime) -> Standing:
    """Where the person is on their path, and their weeks."""
    path = content.path(person.sector)
    query = select(LessonProgress.lesson_id, LessonProgress.finished_at, LessonProgress.turned_at).where(
        LessonProgress.person_id == person.id
    )
    progress = {row[0]: (row[1] is not None, row[2]) for row in db.execute(query)}
    modules = tuple(
        ModuleProgress(
            module, sum(progress.get(lesson.id, (False,))[0] for lesson in module.lessons), len(module.lessons)
        )
        for module in path
    )
    lesson, begun = _next_of(path, progress)
    days = [(row[0], row[1]) for row in db.execute(
        select(LearningDay.day, LearningDay.planned).where(LearningDay.person_id == person.id)
    )]  # fmt: skip
    here = today(content, person.site_id, now)
    monday = here - timedelta(days=here.weekday())
    return Standing(
        modules=modules,
        next=lesson,
        begun=begun,
        core_done=all(one.done == one.total for one in modules if one.module.id in content.core),
        weeks=weeks_learnt(days),
        days_this_week=sum(monday <= day <= here for day, _ in days),
    )


def _progress(db: Session, person: Person, lesson_id: str) -> LessonProgress | None:
    return db.scalar(
        select(LessonProgress).where(LessonProgress.person_id == person.id, LessonProgress.lesson_id == lesson_id)
    )


# --- the daily lesson -----------------------------------------------------------------------------------------------


def plan_of(db: Session, person: Person) -> LessonPlan | None:
    """The person's plan, also one that has ended."""
    return db.get(LessonPlan, person.id)


def plan(
    db: Session,
    person: Person,
    *,
    content: Content,
    now: datetime,
    days: int | None = None,
    minute: int | None = None,
) -> Planned:
    """Switch the daily lesson on, or change its days (bits, not none of them) or its minute of the day.

    What is not given stays as it was, or is as the programme has it. A rest is over.
    """
    learning = content.programme.learning
    mine = db.get(LessonPlan, person.id)
    if mine is None:
        mine = LessonPlan(
            person_id=person.id,
            days=day_set(learning.default_days),
            minute=learning.default_hour * 60,
            postponed=False,
            times=0,
            unanswered=0,
        )
        db.add(mine)
    mine.days = (days or mine.days) & EVERY_DAY
    mine.minute = mine.minute if minute is None else minute
    mine.ended_at = mine.ended_because = mine.resting_until = None
    mine.unanswered, mine.postponed = 0, False
    at = mine.due_at = next_slot(mine.days, mine.minute, content.open_hours(person.site_id).zone, now)
    something_due(db)
    return Planned(at)


def end_plan(db: Session, person: Person, now: datetime, *, because: Ended = Ended.ASKED) -> bool:
    """No daily lesson any more. False if there was none."""
    mine = db.get(LessonPlan, person.id)
    if mine is None or mine.due_at is None:
        return False
    _end(mine, now, because)
    _unsay(db, person, "plan ended")
    return True


def later(db: Session, person: Person, *, content: Content, now: datetime) -> Planned | NoPlan:
    """ "Nanti": the lesson comes back in some hours if that is still today, and once a day; else on its next day."""
    mine = db.get(LessonPlan, person.id)
    if mine is None or mine.due_at is None:
        return NoPlan()
    mine.unanswered = 0
    hours = content.open_hours(person.site_id)
    here = today(content, person.site_id, now)
    again = next_opening(hours, now + LATER)
    if mine.last_day == here and mine.times < TIMES_A_DAY and _day(hours, again) == here and again < mine.due_at:
        mine.due_at, mine.postponed = again, True
        something_due(db)
    return Planned(mine.due_at)


def rest(db: Session, person: Person, *, content: Content, now: datetime) -> Resting | NoPlan:
    """ "Libur dulu": no daily lesson for a week, then it comes again by itself."""
    mine = db.get(LessonPlan, person.id)
    if mine is None or mine.due_at is None:
        return NoPlan()
    mine.unanswered, mine.postponed = 0, False
    zone = content.open_hours(person.site_id).zone
    first = today(content, person.site_id, now) + timedelta(days=REST_DAYS)
    midnight = datetime.combine(first, time(0), ZoneInfo(zone)).astimezone(UTC)
    mine.due_at = mine.resting_until = next_slot(mine.days, mine.minute, zone, midnight)
    _unsay(db, person, "resting")
    return Resting(mine.due_at)


def answered(db: Session, person: Person) -> None:
    """The person did something with a lesson: nobody may say that they leave them unanswered."""
    db.execute(
        update(LessonPlan).where(LessonPlan.person_id == person.id, LessonPlan.unanswered > 0).values(unanswered=0)
    )


def due(db: Session, now: datetime, context: Context) -> int:
    """Post the daily lessons that are due, hold those of closed sites, and date every row anew. Returns the posts.

    After a long stop everybody gets one lesson and no pile: none now if their hour of today is still to come.
    """
    content = context.content
    query = (
        select(
            LessonPlan.person_id, LessonPlan.days, LessonPlan.minute, LessonPlan.postponed, LessonPlan.last_day,
            LessonPlan.unanswered, Person.site_id, Person.sector, Person.consent_messages,
            Account.id.label("account_id"), Account.telegram_id, Account.language, Account.stopped_at,
            Account.blocked_at,
        )
        .join(Person, Person.id == LessonPlan.person_id)
        .outerjoin(Account, Account.id == Person.account_id)
        .where(LessonPlan.due_at <= now)
        .order_by(LessonPlan.due_at, LessonPlan.person_id)
        .limit(AT_ONCE)
        .with_for_update(of=LessonPlan, skip_locked=True)
    )  # fmt: skip
    found = db.execute(query).all()
    if not found:
        return 0
    progress = _progress_of_many(db, [row.person_id for row in found])
    limit = content.programme.learning.unanswered_limit
    slots: dict[tuple[int, int, str | None], tuple[datetime, bool]] = {}
    """The next hour of those who chose alike, and whether it is today."""
    table: dict[tuple[str | None, bool, bool], Verdict] = {}
    posts: list[outbox.Post] = []
    moved: dict[tuple[datetime, bool], list[int]] = defaultdict(list)
    posted: dict[tuple[datetime, date, int], list[int]] = defaultdict(list)
    ended: dict[Ended, list[int]] = defaultdict(list)
    for row in found:
        hours = content.open_hours(row.site_id)
        here = _day(hours, now)
        alike = (row.days, row.minute, row.site_id)
        if alike not in slots:
            slot = next_slot(row.days, row.minute, hours.zone, now)
            slots[alike] = slot, _day(hours, next_opening(hours, slot)) == here
        slot, still_today = slots[alike]
        person = (row.site_id, bool(row.consent_messages), row.stopped_at is not None)
        if person not in table:
            table[person] = verdict(Kind.LESSON, now=now, hours=hours, consented=person[1], stopped=person[2])
        said = table[person]
        unreachable = row.account_id is None or row.blocked_at is not None or said.drop is not None
        if unreachable or still_today:
            moved[slot, False].append(row.person_id)
            continue
        if said.hold_until is not None:
            moved[said.hold_until, row.postponed and _day(hours, said.hold_until) == here].append(row.person_id)
            continue
        if row.last_day == here and not row.postponed:
            moved[slot, False].append(row.person_id)
            continue
        path = content.path(row.sector)
        lesson, begun = _next_of(path, progress.get(row.person_id, {}))
        if lesson is None:
            message = _all_done()
            ended[Ended.FINISHED].append(row.person_id)
        elif row.unanswered >= limit:
            message = _stopped_by_itself(limit)
            ended[Ended.UNANSWERED].append(row.person_id)
        else:
            message = daily_lesson(lesson, begun=begun)
            posted[slot, here, 2 if row.postponed else 1].append(row.person_id)
        once = f"lesson:{row.person_id}:{here}"
        posts.append(
            outbox.Post(
                row.account_id,
                row.telegram_id,
                row.language,
                message,
                kind=Kind.LESSON,
                person_id=row.person_id,
                site_id=row.site_id,
                once=f"{once}:later" if row.postponed else once,
                not_after=slot,
            )
        )
    new = outbox.post_all(db, posts, now=now)
    still_due = LessonPlan.due_at <= now  # another process may have been here first
    for (at, postponed), ids in moved.items():
        _update(db, ids, still_due, {"due_at": at, "postponed": postponed})
    for (at, day, times), ids in posted.items():
        changes = {"due_at": at, "postponed": False, "last_day": day, "times": times, "resting_until": None}
        _update(db, ids, still_due, changes | {"unanswered": LessonPlan.unanswered + 1})
    for because, ids in ended.items():
        changes = {"due_at": None, "postponed": False, "ended_at": now, "ended_because": because.value}
        _update(db, ids, still_due, changes | {"resting_until": None})
    if len(found) == AT_ONCE:
        something_due(db)
    return new


def next_due(db: Session, now: datetime, context: Context) -> datetime | None:
    return db.scalar(select(func.min(LessonPlan.due_at)))


def daily_lesson(lesson: Lesson, *, begun: bool) -> Message:
    """What comes at the person's hour; `begun`: they opened it before and go on where they stopped."""
    start = Button("lessons.button.go_on" if begun else "lessons.button.start", f"lessons:open:{lesson.id}")
    return Message(
        "lessons.daily_again" if begun else "lessons.daily_new",
        {"title": lesson.title, "goal": lesson.goal, "minutes": lesson.minutes},
        rows(
            (start,),
            (Button("lessons.button.later", "lessons:later"), Button("lessons.button.rest", "lessons:rest")),
            (Button("button.help", "menu:help"),),
        ),
    )


def _stopped_by_itself(limit: int) -> Message:
    return Message(
        "lessons.daily_stopped",
        {"n": limit},
        rows(
            (Button("lessons.button.go_on", "lessons:next"), Button("lessons.button.switch_on", "lessons:switch:on")),
            (Button("button.menu", "menu:show"), Button("button.help", "menu:help")),
        ),
    )


def _all_done() -> Message:
    return Message(
        "lessons.daily_finished",
        {},
        rows(
            (Button("lessons.button.modules", "lessons:modules"),),
            (Button("button.menu", "menu:show"), Button("button.help", "menu:help")),
        ),
    )


def _progress_of_many(db: Session, ids: Sequence[int]) -> dict[int, dict[str, tuple[bool, datetime]]]:
    query = select(
        LessonProgress.person_id, LessonProgress.lesson_id, LessonProgress.finished_at, LessonProgress.turned_at
    ).where(LessonProgress.person_id.in_(ids))
    found: dict[int, dict[str, tuple[bool, datetime]]] = defaultdict(dict)
    for person, lesson, finished_at, turned_at in db.execute(query):
        found[person][lesson] = (finished_at is not None, turned_at)
    return found


def _update(db: Session, ids: Sequence[int], where: object, changes: Mapping[str, object]) -> None:
    statement = update(LessonPlan).where(LessonPlan.person_id.in_(ids), where).values(**changes)  # type: ignore[arg-type]
    db.execute(statement, execution_options={"synchronize_session": False})


def _unsay(db: Session, person: Person, reason: str) -> None:
    """A daily lesson that was held over night is not wanted any more. (Other things of its kind may be.)"""
    mine = OutboxRow.once.like(f"lesson:{person.id}:%")
    waiting = update(OutboxRow).where(OutboxRow.person_id == person.id, in_state(Status.WAITING), mine)
    db.execute(waiting.values(status=Status.DROPPED, reason=reason), execution_options={"synchronize_session": False})


def _end(mine: LessonPlan, now: datetime, because: Ended) -> None:
    mine.due_at = mine.resting_until = None
    mine.postponed = False
    mine.ended_at, mine.ended_because = now, because


def _day(hours: OpenHours, moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(hours.zone)).date()


# --- tasks ----------------------------------------------------------------------------------------------------------


def note_task(
    db: Session, person: Person, lesson_id: str, *, content: Content, now: datetime
) -> TaskNoted | UnknownLesson:
    """The person did the task, and with it the lesson."""
    if isinstance(finish(db, person, lesson_id, content=content, now=now), UnknownLesson):
        return UnknownLesson()
    task = _task(db, person, lesson_id)
    if task is not None:
        return TaskNoted(task, first_time=False)
    task = TaskDone(person_id=person.id, lesson_id=lesson_id, done_at=now)
    db.add(task)
    return TaskNoted(task, first_time=True)


def show_task(
    db: Session, person: Person, lesson_id: str, *, photo: str | None = None, link: str | None = None
) -> TaskDone | None:
    """Keep what the person showed of a task (a Telegram file id, or an address) in place of what they showed before;
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
    unpraised: bool = False,
) -> list[tuple[TaskDone, Person]]:
    """What people of these sites (None: of all) did, the newest first; `before` is the id of the last one seen."""
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
    if unpraised:
        query = query.where(TaskDone.praised_at.is_(None))
    return [(task, person) for task, person in db.execute(query)]


def task_with_person(db: Session, task_id: int) -> tuple[TaskDone, Person] | None:
    """A task and whose it is, for somebody whose right to see it was asked for."""
    row = db.execute(
        select(TaskDone, Person)
        .join(Person, Person.id == TaskDone.person_id)
        .where(TaskDone.id == task_id, Person.anonymised_at.is_(None))
    ).first()
    return None if row is None else (row[0], row[1])


def praise(
    db: Session, task_id: int, *, by: Account, emoji: str, content: Content, now: datetime
) -> Praised | AlreadyPraised | UnknownTask:
    """A trainer says [Bagus], or puts an emoji on it: it goes back to the person, once, in open hours and if they
    agreed to messages.

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
    if account is None or lesson is None or account.stopped_at or not person.consent_messages:
        return Praised(task, told=False)
    message = Message(
        "lessons.praised",
        {"title": lesson.title, "emoji": emoji},
        rows(
            (Button("lessons.button.go_on", "lessons:next"),),
            (Button("button.menu", "menu:show"), Button("button.help", "menu:help")),
        ),
    )
    post = outbox.to(
        account, message, kind=Kind.LESSON, person_id=person.id, site_id=person.site_id, once=f"lesson:good:{task.id}"
    )
    outbox.post(db, post, now=now)
    return Praised(task, told=True)


def _task(db: Session, person: Person, lesson_id: str) -> TaskDone | None:
    return db.scalar(select(TaskDone).where(TaskDone.person_id == person.id, TaskDone.lesson_id == lesson_id))


# --- one's own data -------------------------------------------------------------------------------------------------


def all_progress(db: Session, person: Person) -> list[LessonProgress]:
    """Every lesson the person ever opened, in the order they did."""
    query = select(LessonProgress).where(LessonProgress.person_id == person.id)
    return list(db.scalars(query.order_by(LessonProgress.started_at, LessonProgress.id)))


def all_tasks(db: Session, person: Person) -> list[TaskDone]:
    return list(db.scalars(select(TaskDone).where(TaskDone.person_id == person.id).order_by(TaskDone.id)))


def learning_days(db: Session, person: Person) -> list[date]:
    query = select(LearningDay.day).where(LearningDay.person_id == person.id).order_by(LearningDay.day)
    return list(db.scalars(query))


def forget(db: Session, person: Person, now: datetime) -> None:
    """The person leaves: progress stays as that of nobody in particular; photos, links and the plan go."""
    db.execute(update(TaskDone).where(TaskDone.person_id == person.id).values(photo=None, link=None))
    db.execute(delete(LearningDay).where(LearningDay.person_id == person.id))
    mine = db.get(LessonPlan, person.id)
    if mine is not None:
        _end(mine, now, Ended.ERASED)


# --- what it owes -----------------------------------------------------------------------------------------------------


def copy(db: Session, person: Person, content: Content, told: Told) -> dict[str, Any]:
    """Returns how far the person has come, their tasks, and the plan of daily lessons."""
    plan = plan_of(db, person)
    return {
        "belajar": {
            "hemat_kuota": person.saves_data,
            "pelajaran": [
                {
                    "pelajaran": progress.lesson_id,
                    "halaman_terakhir": progress.page,
                    "mulai": told(progress.started_at),
                    "terakhir_dibuka": told(progress.turned_at),
                    "selesai": told(progress.finished_at),
                }
                for progress in all_progress(db, person)
            ],
            "tugas": [
                {
                    "pelajaran": task.lesson_id,
                    "dikerjakan": told(task.done_at),
                    "foto": task.photo,
                    "link": task.link,
                    "dipuji_pelatih": told(task.praised_at),
                }
                for task in all_tasks(db, person)
            ],
            "hari_belajar": [day.isoformat() for day in learning_days(db, person)],
            "pelajaran_harian": plan
            and {
                "hari": days_in(plan.days),
                "pukul": f"{plan.minute // 60:02}.{plan.minute % 60:02}",
                "berikutnya": told(plan.due_at),
                "belum_dibuka_berturut_turut": plan.unanswered,
                "libur_sampai": told(plan.resting_until),
                "berakhir": told(plan.ended_at),
                "alasan_berakhir": plan.ended_because,
            },
        }
    }


DATA: Final = CapabilityData(
    "lessons",
    tables=(LessonProgress, TaskDone, LearningDay, LessonPlan),
    due=due,
    next_due=next_due,
    forget=forget,
    copy=copy,
    stays={"lesson_progress.person_id": "Which lessons were finished, as counts, of nobody in particular."},
)

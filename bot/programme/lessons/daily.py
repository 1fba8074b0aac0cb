"""The daily lesson: its plan switched on, put off and ended, and the lessons that are due posted to everybody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.actions.buttons import HELP, MENU
from bot.actions.lessons import LearnNext, OpenLesson, PutLessonOff, RestFromLessons, SeeModules, SwitchDailyLesson
from bot.capability import Context
from bot.catalogue.content import Content, Lesson
from bot.database import something_due
from bot.delivery import outbox
from bot.delivery.outbox import OutboxRow, Status, in_state
from bot.people.people import Account, Person, Purpose, agreed_to
from bot.people.quiet_hours import Kind, OpenHours, Verdict, next_opening, verdict
from bot.programme.lessons.days import EVERY_DAY, day_set, next_slot, today
from bot.programme.lessons.outcomes import Ended, NoPlan, Planned, Resting
from bot.programme.lessons.progress import next_lesson
from bot.programme.lessons.tables import LessonPlan, LessonProgress
from bot.words.message import Button, Message, rows

AT_ONCE: Final = 500
"""How many plans are looked at in one transaction, so that replies need not wait long; the scheduler looks again at
once for the rest."""
LATER: Final = timedelta(hours=3)
""" "Nanti" brings the lesson back after this time, if that is still today and not in quiet hours."""
TIMES_A_DAY: Final = 2
REST_DAYS: Final = 7


def plan_of(db: Session, person: Person) -> LessonPlan | None:
    """Returns the person's plan, also one that has ended."""
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
    """Switches the daily lesson on, or changes its days (bits, not none of them) or its minute of the day.

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


def end_plan(db: Session, person: Person, now: datetime) -> bool:
    """Ends the daily lesson, because the person asked for that. False if there was none."""
    mine = db.get(LessonPlan, person.id)
    if mine is None or mine.due_at is None:
        return False
    note_end(mine, now, Ended.ASKED)
    _unsay(db, person, "plan ended")
    return True


def later(db: Session, person: Person, *, content: Content, now: datetime) -> Planned | NoPlan:
    """ "Nanti": puts the lesson off by some hours if that is still today, at most once a day; else to its next day."""
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
    """ "Libur dulu": stops the daily lesson for a week; after that it comes again by itself."""
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


def due(db: Session, now: datetime, context: Context) -> int:
    """Posts the daily lessons that are due, holds those of closed sites, and dates every row anew. Returns the posts.

    After a long stop everybody gets one lesson and no pile: none now if their hour of today is still to come.
    """
    content = context.content
    query = (
        select(
            LessonPlan.person_id, LessonPlan.days, LessonPlan.minute, LessonPlan.postponed, LessonPlan.last_day,
            LessonPlan.unanswered, Person.site_id, Person.sector, Person.learning_path,
            agreed_to(Purpose.LESSONS).label("agreed"),
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
    """The next hour of people with the same plan, and whether it is today."""
    table: dict[tuple[str | None, bool, bool], Verdict] = {}
    paths: dict[tuple[str | None, str | None], tuple[Lesson, ...]] = {}
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
        person = (row.site_id, bool(row.agreed), row.stopped_at is not None)
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
        course = (row.sector, row.learning_path)
        if course not in paths:
            paths[course] = content.lessons_of_path(*course)
        lesson, begun = next_lesson(paths[course], progress.get(row.person_id, {}))
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
    """Returns the message of the daily lesson; `begun`: they opened the lesson before and go on where they stopped."""
    start = Button("lessons.button.go_on" if begun else "lessons.button.start", OpenLesson(lesson.id))
    return Message(
        "lessons.daily_again" if begun else "lessons.daily_new",
        {"title": lesson.title, "goal": lesson.goal, "minutes": lesson.minutes},
        rows(
            (start,),
            (Button("lessons.button.later", PutLessonOff()), Button("lessons.button.rest", RestFromLessons())),
            (HELP,),
        ),
    )


def _stopped_by_itself(limit: int) -> Message:
    return Message(
        "lessons.daily_stopped",
        {"n": limit},
        rows(
            (Button("lessons.button.go_on", LearnNext()), Button("lessons.button.switch_on", SwitchDailyLesson("on"))),
            (MENU, HELP),
        ),
    )


def _all_done() -> Message:
    return Message(
        "lessons.daily_finished",
        {},
        rows(
            (Button("lessons.button.modules", SeeModules()),),
            (MENU, HELP),
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
    """Drops a daily lesson that was held over night and is not wanted any more. Other messages of the same kind
    stay."""
    mine = OutboxRow.once.like(f"lesson:{person.id}:%")
    waiting = update(OutboxRow).where(OutboxRow.person_id == person.id, in_state(Status.WAITING), mine)
    db.execute(waiting.values(status=Status.DROPPED, reason=reason), execution_options={"synchronize_session": False})


def note_end(mine: LessonPlan, now: datetime, because: Ended) -> None:
    mine.due_at = mine.resting_until = None
    mine.postponed = False
    mine.ended_at, mine.ended_because = now, because


def _day(hours: OpenHours, moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(hours.zone)).date()

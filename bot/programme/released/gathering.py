"""Everything that may be printed of a quarter, as counted: `releasing` decides what of it is.

It only reads, and takes seconds with many people: it is done beside everybody who writes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bot.catalogue.content import Content
from bot.database import constant
from bot.delivery.outbox import OutboxRow, Status
from bot.people.people import Person, frozen
from bot.programme import quizzes, reports
from bot.programme.enrolment import CAME, Enrolment, EnrolmentStatus
from bot.programme.lessons import LessonProgress
from bot.programme.privacy import ZONE
from bot.programme.quizzes import QuestionReport
from bot.programme.released import counting
from bot.programme.released.counting import DIMENSIONS, Answers
from bot.programme.released.quarters import Quarter
from bot.programme.released.rules import Fact
from bot.programme.reports import Figures
from bot.programme.sessions import ClassSession

DAYS_OF_MESSAGES: Final = 8
"""So many days back messages are counted that were not counted yet."""


@dataclass(frozen=True)
class CountedClass:
    code: str
    site_id: str
    day: date
    capacity: int
    expected: int
    present: int


@dataclass
class Counted:
    quarter: Quarter
    sites: tuple[str, ...]
    until: Mapping[str, datetime]
    """By site: the moment up to which it was counted."""
    everything: bool
    """Whether these are all sites, and what belongs to no site was counted, too."""
    service: dict[str, Figures] = field(default_factory=dict)
    attended: dict[str, int] = field(default_factory=dict)
    answers: dict[str, Answers] = field(default_factory=dict)
    classes: list[CountedClass] = field(default_factory=list)
    lessons: dict[str, int] = field(default_factory=dict)
    splits: dict[str, dict[str, dict[str, dict[str, Fact]]]] = field(default_factory=dict)
    """By dimension, site, practice and part."""
    silent: dict[str, dict[str, Fact]] = field(default_factory=dict)
    questions: list[QuestionReport] = field(default_factory=list)
    messages: dict[tuple[date, str], tuple[int, int]] = field(default_factory=dict)
    """By day and kind: sent, and lost."""


def gather(
    db: Session, content: Content, quarter: Quarter, now: datetime, sites: Sequence[str] | None = None
) -> Counted:
    """Returns the counts of these sites (None: of all, and of what belongs to no site)."""
    chosen = tuple(sites) if sites is not None else tuple(site.id for site in content.sites)
    zones: dict[str, list[str]] = defaultdict(list)
    for site_id in chosen:
        zones[content.open_hours(site_id).zone].append(site_id)
    until = {site_id: min(quarter.ends(zone), now) for zone, of in zones.items() for site_id in of}
    counted = Counted(quarter, chosen, until, sites is None)
    for zone, of in zones.items():
        begins, ends = quarter.begins(zone), min(quarter.ends(zone), now)
        if begins >= now:
            continue
        counted.service |= {one.site_id: one for one in reports.figures(db, of, begins, ends)}
        counted.attended |= _attended(db, of, begins, ends)
        counted.answers |= counting.answers(db, of, ends)
        counted.classes += _classes(db, of, begins, ends, ZoneInfo(zone))
        if counted.everything:
            for name in DIMENSIONS:
                counted.splits.setdefault(name, {}).update(counting.practices_split(db, of, ends, name))
            counted.silent |= counting.silent(db, of, ends)
    if counted.everything and quarter.begins(ZONE) < now:
        begins, ends = quarter.begins(ZONE), min(quarter.ends(ZONE), now)
        counted.lessons = _lessons(db, begins, ends)
        counted.questions = quizzes.question_reports(db, content)
        counted.messages = _messages(db, begins, ends)
    return counted


def _attended(db: Session, sites: Collection[str], since: datetime, until: datetime) -> dict[str, int]:
    query = (
        select(ClassSession.site_id, func.count(Enrolment.person_id.distinct()))
        .join(ClassSession, ClassSession.id == Enrolment.session_id)
        .where(ClassSession.site_id.in_(sorted(sites)), *reports.finished(since, until))
        .where(Enrolment.status.in_(CAME), Enrolment.person_id.not_in(frozen()))
        .group_by(ClassSession.site_id)
    )
    return {row[0]: row[1] for row in db.execute(query)}


def _classes(
    db: Session, sites: Collection[str], since: datetime, until: datetime, zone: ZoneInfo
) -> list[CountedClass]:
    people: dict[int, dict[bool, int]] = defaultdict(lambda: {True: 0, False: 0})
    held = (ClassSession.site_id.in_(sorted(sites)), *reports.finished(since, until))
    query = (
        select(Enrolment.session_id, Enrolment.status, func.count())
        .join(ClassSession, ClassSession.id == Enrolment.session_id)
        .where(*held, Enrolment.status.in_((EnrolmentStatus.ABSENT, *CAME)), Enrolment.person_id.not_in(frozen()))
        .group_by(Enrolment.session_id, Enrolment.status)
    )
    for session_id, status, number in db.execute(query):
        people[session_id][status in CAME] += number
    rows = select(
        ClassSession.id, ClassSession.code, ClassSession.site_id, ClassSession.starts_at, ClassSession.capacity
    )
    return [
        CountedClass(
            code,
            site_id,
            starts_at.astimezone(zone).date(),
            capacity,
            people[session_id][True] + people[session_id][False],
            people[session_id][True],
        )
        for session_id, code, site_id, starts_at, capacity in db.execute(rows.where(*held))
    ]


def _lessons(db: Session, since: datetime, until: datetime) -> dict[str, int]:
    query = (
        select(LessonProgress.lesson_id, func.count())
        .join(Person, Person.id == LessonProgress.person_id)
        .where(LessonProgress.finished_at >= since, LessonProgress.finished_at < until, Person.frozen_at.is_(None))
        .group_by(LessonProgress.lesson_id)
    )
    return {row[0]: row[1] for row in db.execute(query)}


def _messages(db: Session, since: datetime, until: datetime) -> dict[tuple[date, str], tuple[int, int]]:
    """Returns what was sent and lost on each of the last whole days of the quarter, by the kind of message."""
    zone = ZoneInfo(ZONE)
    last = until.astimezone(zone).date()
    found: dict[tuple[date, str], tuple[int, int]] = {}
    lost_states = or_(*(OutboxRow.status == constant(one) for one in (Status.FAILED, Status.BLOCKED, Status.UNKNOWN)))
    for back in range(1, DAYS_OF_MESSAGES + 1):
        day = last - timedelta(days=back)
        begins, ends = (datetime.combine(one, time(), zone) for one in (day, day + timedelta(days=1)))
        if begins < since:
            break
        counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        sent = select(OutboxRow.kind, func.count()).where(OutboxRow.sent_at >= begins, OutboxRow.sent_at < ends)
        lost = select(OutboxRow.kind, func.count()).where(
            lost_states, OutboxRow.created_at >= begins, OutboxRow.created_at < ends
        )
        for place, query in enumerate((sent, lost)):
            for kind, number in db.execute(query.group_by(OutboxRow.kind)):
                counts[kind][place] += number
        found |= {(day, kind): (one, other) for kind, (one, other) in counts.items()}
    return found

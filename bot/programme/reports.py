"""What staff report, in numbers without names: attendance, seats, waitlist, feedback; lessons and tests beside them.

Attendance rate is present / (present + absent), seats used is present / capacity; both over classes whose list is
closed. Of whom a closed list says nothing is counted apart, and neither as present nor as absent; a class of whose
people none is recorded counts as held without a list. A number of people below FEW is not told, nor a share of so few.

Questions to mentors are counted by `mentoring.figures`. They tell of the work of mentors and of nobody's answers: their
numbers are told as they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from bot.people.people import Person, frozen
from bot.programme import mentoring
from bot.programme.attendance import GRACE, AttendanceSheet
from bot.programme.enrolment import CAME, SETTLED, TAKEN, Enrolment, EnrolmentStatus
from bot.programme.lessons import LessonProgress
from bot.programme.privacy import ZONE
from bot.programme.quizzes import TESTS, Gain, Quiz, Sitting, gain_of
from bot.programme.sessions import ClassSession
from bot.programme.surveys import FEW, Feedback

HIDDEN: Final = f"<{FEW}"
"""Shown instead of a small number of people."""
PERIODS: Final = (30, 90, 0)
"""The periods a report can be asked for, in days back; 0 is everything there is."""


@dataclass(frozen=True)
class Figures:
    """The numbers of one site (or of all together, with an empty `site_id`), as counted: `told` hides small ones.

    `expected` are those recorded as present or absent, and of `missing` nothing was recorded; `seats` is the capacity
    of the `classes` whose list is closed; `unrecorded` classes were held without one. `learners` finished `lessons`
    lessons; None where that was not counted.
    """

    site_id: str
    classes: int = 0
    unrecorded: int = 0
    seats: int = 0
    expected: int = 0
    present: int = 0
    missing: int = 0
    from_waitlist: int = 0
    answers: int = 0
    faces: int = 0
    """The sum of the faces (1 to 3) of the `answers`."""
    learners: int | None = None
    lessons: int | None = None
    gain: Gain | None = None
    questions: mentoring.figures.Figures = field(default_factory=mentoring.figures.Figures)

    @property
    def empty(self) -> bool:
        """Whether no class was held and nothing was learnt; questions may have been asked all the same."""
        return not (self.classes or self.unrecorded or self.lessons or self.gain)

    @property
    def tells_people(self) -> bool:
        """Whether there are enough people to tell shares of them. A share, together with `expected`, tells `present`,
        too, so that number must be large enough as well."""
        return self.expected >= FEW and not 0 < self.present < FEW

    @property
    def attendance(self) -> float | None:
        return self.present / self.expected if self.tells_people else None

    @property
    def seats_used(self) -> float | None:
        return self.present / self.seats if self.seats and self.tells_people else None

    @property
    def satisfaction(self) -> float | None:
        return self.faces / self.answers if self.answers >= FEW else None


@dataclass(frozen=True)
class Report:
    """`sites` in the order of the content; `whole` is what is told of them together, None for a single site."""

    since: datetime | None
    until: datetime
    sites: tuple[Figures, ...]
    whole: Figures | None
    zone: str = ZONE
    """The zone in which its moments are told: the sites' own, if they share one."""


# --- decisions ------------------------------------------------------------------------------------------------------


def told(number: int) -> int | str:
    """Returns a number of people as reports show it."""
    return HIDDEN if 0 < number < FEW else number


def together(sites: Sequence[Figures]) -> Figures:
    """Returns the sum over all sites of what is told of each. Numbers that are hidden there are left out: beside the
    others, a sum with them would give them away."""
    people = [one for one in sites if one.tells_people]
    answering = [one for one in sites if one.answers >= FEW]
    learning = [one for one in sites if one.learners is not None]
    learners = [one for one in learning if (one.learners or 0) >= FEW]
    gains = [one.gain for one in sites if one.gain is not None and one.gain.people >= FEW]
    took_both = sum(gain.people for gain in gains)
    return Figures(
        "",
        classes=sum(one.classes for one in sites),
        unrecorded=sum(one.unrecorded for one in sites),
        seats=sum(one.seats for one in people),
        expected=sum(one.expected for one in people),
        present=sum(one.present for one in people),
        missing=sum(one.missing for one in sites if one.missing >= FEW),
        from_waitlist=sum(one.from_waitlist for one in sites if one.from_waitlist >= FEW),
        answers=sum(one.answers for one in answering),
        faces=sum(one.faces for one in answering),
        learners=sum(one.learners or 0 for one in learners) if learning else None,
        lessons=sum(one.lessons or 0 for one in learners) if learning else None,
        gain=Gain(
            took_both,
            sum(gain.before * gain.people for gain in gains) / took_both,
            sum(gain.after * gain.people for gain in gains) / took_both,
        )
        if took_both
        else None,
        questions=mentoring.figures.together(one.questions for one in sites),
    )


# --- services -------------------------------------------------------------------------------------------------------


def report(db: Session, site_ids: Sequence[str], now: datetime, *, days: int, zone: str = ZONE) -> Report:
    """Returns the figures of these sites over the last `days` (0: since the beginning), sites without any left out."""
    since = now - timedelta(days=days) if days else None
    counted = figures(db, site_ids, since, now)
    sites = [one for one in counted if not (one.empty and one.questions.empty)]
    return Report(since, now, tuple(sites), together(sites) if len(sites) > 1 else None, zone)


def figures(db: Session, site_ids: Sequence[str], since: datetime | None, now: datetime) -> list[Figures]:
    """Returns the figures of each of these sites from `since` (None: since the beginning) up to `now`."""
    counted: dict[str, dict[str, Any]] = defaultdict(dict)
    for facts in (
        _seats(db, site_ids, since, now),
        _people(db, site_ids, since, now),
        _unrecorded(db, site_ids, since, now),
        _feedback(db, site_ids, since, now),
        _lessons(db, site_ids, since, now),
        _gains(db, site_ids, now),
    ):
        for site_id, values in facts.items():
            counted[site_id] |= values
    nothing = {"learners": 0, "lessons": 0}
    asked = mentoring.figures.figures(db, since, now, sites=site_ids)
    sites = [Figures(site_id, **(nothing | counted.get(site_id, {}))) for site_id in site_ids]
    return [replace(one, questions=asked[one.site_id]) if one.site_id in asked else one for one in sites]


Facts = Mapping[str, Mapping[str, Any]]


def finished(since: datetime | None, until: datetime) -> list[Any]:
    """Returns the conditions for a class of the period whose list is closed."""
    return [_with_list(), *_in_period(since, until)]


def _with_list() -> ColumnElement[bool]:
    """Returns the condition that a class's list is closed, and says of somebody whether they came."""
    closed = exists().where(AttendanceSheet.session_id == ClassSession.id, AttendanceSheet.settled_at.is_not(None))

    def somebody(*status: EnrolmentStatus) -> ColumnElement[bool]:
        seat = aliased(Enrolment)  # not the one that is counted
        return exists().where(seat.session_id == ClassSession.id, seat.status.in_(status))

    said = somebody(EnrolmentStatus.ATTENDED, EnrolmentStatus.ABSENT)
    return and_(closed, or_(said, ~somebody(EnrolmentStatus.UNRECORDED)))


def _in_period(since: datetime | None, until: datetime) -> list[Any]:
    where: list[Any] = [ClassSession.cancelled_at.is_(None), ClassSession.starts_at < until]
    return [*where, ClassSession.starts_at >= since] if since is not None else where


def _seats(db: Session, sites: Collection[str], since: datetime | None, until: datetime) -> Facts:
    query = (
        select(ClassSession.site_id, func.count(), func.sum(ClassSession.capacity))
        .where(ClassSession.site_id.in_(sites), *finished(since, until))
        .group_by(ClassSession.site_id)
    )
    return {site_id: {"classes": number, "seats": int(seats)} for site_id, number, seats in db.execute(query)}


def _people(db: Session, sites: Collection[str], since: datetime | None, until: datetime) -> Facts:
    query = (
        select(ClassSession.site_id, Enrolment.status, func.count(), func.count(Enrolment.from_waitlist_at))
        .join(ClassSession, ClassSession.id == Enrolment.session_id)
        .where(ClassSession.site_id.in_(sites), *finished(since, until))
        .where(Enrolment.status.in_((*SETTLED, *CAME)))
        .where(Enrolment.person_id.not_in(frozen()))
        .group_by(ClassSession.site_id, Enrolment.status)
    )
    none = {"expected": 0, "present": 0, "missing": 0, "from_waitlist": 0}
    facts: dict[str, dict[str, int]] = defaultdict(none.copy)
    for site_id, status, number, waited in db.execute(query):
        if status == EnrolmentStatus.UNRECORDED:
            facts[site_id]["missing"] += number
            continue
        facts[site_id]["expected"] += number
        facts[site_id]["from_waitlist"] += waited
        if status in CAME:
            facts[site_id]["present"] += number
    return facts


def _unrecorded(db: Session, sites: Collection[str], since: datetime | None, until: datetime) -> Facts:
    """Counts classes with people that are over, and of which nobody said who came."""
    people = exists().where(Enrolment.session_id == ClassSession.id, Enrolment.status.in_(TAKEN))
    held = (ClassSession.site_id.in_(sites), *_in_period(since, until))
    query = select(ClassSession).where(*held, ~_with_list(), people)
    facts: dict[str, dict[str, int]] = defaultdict(lambda: {"unrecorded": 0})
    for session in db.scalars(query):
        if session.ends_at + GRACE <= until:
            facts[session.site_id]["unrecorded"] += 1
    return facts


def _feedback(db: Session, sites: Collection[str], since: datetime | None, until: datetime) -> Facts:
    query = (
        select(ClassSession.site_id, func.count(), func.sum(Feedback.face))
        .join(ClassSession, ClassSession.id == Feedback.session_id)
        .where(ClassSession.site_id.in_(sites), *_in_period(since, until), Feedback.person_id.not_in(frozen()))
        .group_by(ClassSession.site_id)
    )
    return {site_id: {"answers": number, "faces": int(faces)} for site_id, number, faces in db.execute(query)}


def _lessons(db: Session, sites: Collection[str], since: datetime | None, until: datetime) -> Facts:
    """Lessons finished in the period, and by how many people, by the site they belong to."""
    query = (
        select(Person.site_id, func.count(), func.count(LessonProgress.person_id.distinct()))
        .join(LessonProgress, LessonProgress.person_id == Person.id)
        .where(Person.site_id.in_(sites), Person.frozen_at.is_(None), LessonProgress.finished_at < until)
        .group_by(Person.site_id)
    )
    if since is not None:
        query = query.where(LessonProgress.finished_at >= since)
    found = db.execute(query)
    return {site_id: {"lessons": lessons, "learners": people} for site_id, lessons, people in found if site_id}


def _gains(db: Session, sites: Collection[str], until: datetime) -> Facts:
    """Returns what people who took both tests (whenever) got right before and after."""
    both = (
        select(Sitting.person_id)
        .where(Sitting.done_at < until, Sitting.purpose.in_(TESTS))
        .group_by(Sitting.person_id)
        .having(func.count() == len(TESTS))
    )
    query = (
        select(Person.site_id, Person.id, Quiz.purpose, Quiz.question_id, Quiz.right)
        .join(Quiz, Quiz.person_id == Person.id)
        .where(Person.site_id.in_(sites), Person.frozen_at.is_(None), Person.id.in_(both))
        .where(Quiz.purpose.in_(TESTS), Quiz.answered_at.is_not(None))
    )
    answers: dict[str, dict[int, dict[str, dict[str, bool]]]] = defaultdict(
        lambda: defaultdict(lambda: {test: {} for test in TESTS})
    )
    for site_id, person_id, purpose, question_id, right in db.execute(query):
        assert site_id is not None  # it is one of `sites`
        answers[site_id][person_id][purpose][question_id] = bool(right)
    gains = {site_id: gain_of(people.values()) for site_id, people in answers.items()}
    return {site_id: {"gain": gain} for site_id, gain in gains.items() if gain is not None}

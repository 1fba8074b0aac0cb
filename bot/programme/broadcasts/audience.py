"""Whom an announcement is for: the kinds of audience, which persons each of them means, and how many can be reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import ceil
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select, true
from sqlalchemy.orm import Session

from bot.catalogue.content import Content
from bot.delivery import outbox
from bot.people.people import (
    Account,
    Person,
    Purpose,
    Use,
    agreed_to,
    agreed_version,
    consent_of,
    has_consented,
    not_asked,
)
from bot.people.quiet_hours import is_open, next_opening
from bot.programme.attendance.tables import Attendance, Mark
from bot.programme.broadcasts.tables import Broadcast, Group
from bot.programme.enrolment import ON_LIST, SEATS, Enrolment, EnrolmentStatus
from bot.programme.lessons import LessonProgress
from bot.programme.sessions import ClassSession


class About(StrEnum):
    """What must be picked to know who is meant."""

    NOTHING = "nothing"
    SITE = "site"
    CLASS = "class"
    MODULE = "module"


Sites = frozenset[str] | None
"""The sites somebody leads; None for all there are."""
Condition = Callable[[str, Sites, Content], ColumnElement[bool]]
"""Returns the condition for the persons meant, given a subject and the sites that the author leads."""


@dataclass(frozen=True)
class Audience:
    """One kind of audience. `of_admins`: only admins may write to it. `of_seats`: the people take part in the class:
    they hear of it also before they were asked about reminders. `can_be_offered`: whether there is what it needs."""

    kind: str
    about: About
    persons: Condition
    of_admins: bool = False
    of_seats: bool = False
    can_be_offered: Callable[[Content], bool] = lambda content: True


def _in(sites: Sites) -> ColumnElement[bool]:
    return true() if sites is None else Person.site_id.in_(sorted(sites))


def _enrolled(*statuses: EnrolmentStatus, silent: bool = False) -> Condition:
    def persons(subject: str, sites: Sites, content: Content) -> ColumnElement[bool]:
        query = select(Enrolment.person_id).where(Enrolment.session_id == int(subject), Enrolment.status.in_(statuses))
        return Person.id.in_(query.where(Enrolment.reply.is_(None)) if silent else query)

    return persons


def _marked(mark: Mark) -> Condition:
    def persons(subject: str, sites: Sites, content: Content) -> ColumnElement[bool]:
        listed = select(Enrolment.person_id).where(Enrolment.session_id == int(subject), Enrolment.status.in_(ON_LIST))
        recorded = (Attendance.session_id == int(subject), Attendance.mark == mark, Attendance.person_id.in_(listed))
        return Person.id.in_(select(Attendance.person_id).where(*recorded))

    return persons


def _lesson_ids(content: Content, module_id: str) -> tuple[str, ...]:
    module = content.module(module_id)
    return tuple(lesson.id for lesson in module.lessons) if module else ()


def _unfinished(subject: str, sites: Sites, content: Content) -> ColumnElement[bool]:
    wanted = _lesson_ids(content, subject)
    if not wanted:
        return false()
    finished = (
        select(LessonProgress.person_id)
        .where(LessonProgress.lesson_id.in_(wanted), LessonProgress.finished_at.is_not(None))
        .group_by(LessonProgress.person_id)
        .having(func.count() >= len(wanted))
    )
    return _in(sites) & Person.id.not_in(finished)


AUDIENCES: Final = {
    audience.kind: audience
    for audience in (
        Audience("everyone", About.NOTHING, lambda subject, sites, content: true(), of_admins=True),
        Audience("mine", About.NOTHING, lambda subject, sites, content: _in(sites)),
        Audience("site", About.SITE, lambda subject, sites, content: Person.site_id == subject),
        Audience(
            "class",
            About.CLASS,
            _enrolled(*SEATS),
            of_seats=True,
        ),
        Audience("waitlist", About.CLASS, _enrolled(EnrolmentStatus.WAITLISTED, EnrolmentStatus.OFFERED)),
        Audience("silent", About.CLASS, _enrolled(EnrolmentStatus.SEATED, silent=True), of_seats=True),
        Audience("came", About.CLASS, _marked(Mark.PRESENT), of_seats=True),
        Audience("absent", About.CLASS, _marked(Mark.ABSENT), of_seats=True),
        Audience(
            "unfinished",
            About.MODULE,
            _unfinished,
            can_be_offered=lambda content: bool(content.modules),
        ),
    )
}
"""The kinds of audience, in the order in which they are offered. A new kind is one more entry here, with its words."""

PARTS: Final = ("came", "absent", "silent", "waitlist")
"""The audiences that are a part of a class, in the order in which they are offered."""
BEGUN_ONLY: Final = frozenset({"came", "absent"})
"""Of a class that has not begun nobody is one of these."""
COMING_ONLY: Final = frozenset({"silent", "waitlist"})
"""Of a class that is over nobody need be told as one of these."""

_REACHABLE: Final = (
    Person.registered_at.is_not(None),
    Person.anonymised_at.is_(None),
    Person.consent_training.is_(True),
    Person.frozen_at.is_(None),
    Account.stopped_at.is_(None),
    Account.blocked_at.is_(None),
)
"""The conditions for a person who can be reached at all: consent 1, not frozen, not /berhenti, not blocked."""


def may_hear(content: Content, *, of_class: bool = True) -> tuple[ColumnElement[bool], ...]:
    """Returns the conditions for a person who may get an announcement: who agreed to reminders; `of_class`: about a
    class in which they take part also who was not asked about them yet, if the notice that they agreed to says so."""
    agreed = agreed_to(Purpose.REMINDERS)
    return (*_REACHABLE, or_(agreed, _hears_class_news(content)) if of_class else agreed)


def _hears_class_news(content: Content) -> ColumnElement[bool]:
    _, versions = content.covered_by(Use.CLASS_NEWS)
    return not_asked(Purpose.REMINDERS) & agreed_version().in_(sorted(versions))


def would_hear(db: Session, person: Person, broadcast: Broadcast, content: Content) -> bool:
    """Returns whether somebody whom an announcement is for has agreed to getting it."""
    if consent_of(person, Purpose.REMINDERS) is not None:
        return has_consented(person, Purpose.REMINDERS)
    of_seats = any(AUDIENCES[group.kind].of_seats for group in broadcast.groups)
    query = select(Person.id).where(Person.id == person.id, _hears_class_news(content))
    return of_seats and db.scalar(query) is not None


@dataclass(frozen=True)
class Reach:
    """How many phones will be written to, by site; `beyond`: how many persons are meant but will get nothing."""

    by_site: Mapping[str | None, int]
    beyond: int

    @property
    def people(self) -> int:
        return sum(self.by_site.values())


@dataclass(frozen=True)
class Held:
    """How many of the people are in quiet hours, and when these end for the first of them."""

    people: int
    opening: datetime


def seconds_for(people: int, rate: float) -> int:
    """Returns how long so many messages take."""
    return max(1, ceil(people / rate))


def held(reach: Reach, moment: datetime, content: Content) -> Held | None:
    """Returns how many of the people would get the announcement later, because of quiet hours, if it were sent at
    `moment`."""
    closed = {site: n for site, n in reach.by_site.items() if site and not is_open(content.open_hours(site), moment)}
    if not closed:
        return None
    return Held(sum(closed.values()), min(next_opening(content.open_hours(site), moment) for site in closed))


def offered(content: Content, *, admin: bool) -> list[Audience]:
    """Returns the kinds of audience that somebody may choose from."""
    return [one for one in AUDIENCES.values() if (admin or not one.of_admins) and one.can_be_offered(content)]


def site_of(db: Session, group: Group) -> str | None:
    """Returns the site that one must lead to write to this group; None if it is about no single site."""
    match AUDIENCES[group.kind].about:
        case About.SITE:
            return group.subject
        case About.CLASS:
            session = db.get(ClassSession, int(group.subject))
            return session.site_id if session else None
        case _:
            return None


def reach(db: Session, broadcast: Broadcast, content: Content) -> Reach:
    """Returns how many people would get the announcement if it were sent now."""
    people = people_meant(broadcast, content).subquery()
    by_site = {
        site: int(n) for site, n in db.execute(select(people.c.site_id, func.count()).group_by(people.c.site_id))
    }
    known = (Person.registered_at.is_not(None), Person.anonymised_at.is_(None))
    phones, walk_ins = db.execute(
        select(func.count(func.distinct(Person.account_id)), func.count(case((Person.account_id.is_(None), 1)))).where(
            meant(broadcast, content), *known
        )
    ).one()
    return Reach(by_site, int(phones) + int(walk_ins) - sum(by_site.values()))


def meant(broadcast: Broadcast, content: Content, *, if_of_seats: bool | None = None) -> ColumnElement[bool]:
    """Returns the condition for everybody whom the announcement is for; with `if_of_seats`, only for those of its
    audiences that are (or are not) people of a class."""
    wanted = [one for one in broadcast.groups if if_of_seats in (None, AUDIENCES[one.kind].of_seats)]
    conditions = [AUDIENCES[group.kind].persons(group.subject, broadcast.sites, content) for group in wanted]
    return or_(false(), *conditions)


def persons_meant(db: Session, broadcast: Broadcast, content: Content) -> list[tuple[Person, Account | None]]:
    """Returns everybody whom the announcement is for, whether or not they can be reached, by name."""
    query = (
        select(Person, Account)
        .outerjoin(Account, Account.id == Person.account_id)
        .where(meant(broadcast, content), Person.registered_at.is_not(None), Person.anonymised_at.is_(None))
        .order_by(func.lower(Person.name), Person.id)
    )
    return [(person, account) for person, account in db.execute(query).unique()]


def people_meant(broadcast: Broadcast, content: Content) -> Select[*tuple[Any, ...]]:
    """Selects one row for each phone: where several persons share one, it gets the message once."""
    # an OR only where there are both: the database finds the people of a class by its own index
    told = [
        and_(meant(broadcast, content, if_of_seats=of_seats), *may_hear(content, of_class=of_seats))
        for of_seats in (True, False)
        if any(AUDIENCES[group.kind].of_seats is of_seats for group in broadcast.groups)
    ]
    chosen = (
        select(func.min(Person.id))
        .join(Account, Account.id == Person.account_id)
        .where(or_(false(), *told))
        .group_by(Person.account_id)
    )
    return recipients_with_site().where(Person.id.in_(chosen))


def recipients_with_site() -> Select[*tuple[Any, ...]]:
    """Selects people as rows of the outbox want them, with the site whose open hours count."""
    return outbox.recipients().add_columns(Person.site_id.label("site_id"))

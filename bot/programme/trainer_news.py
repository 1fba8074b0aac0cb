"""What trainers hear of their classes: on the evening before who comes, and what happened since, gathered.

The evening before is said once for each site and day, to each of its trainers. While it waits to be sent, its numbers
are counted again; it is dropped when no class is left. Seats given back in the last day are told after a few minutes;
tasks, and who says they were in a class, together, some hours apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bot.actions.attendance import SeeClaims
from bot.actions.buttons import HELP, MENU
from bot.actions.call_list import SeeCalls
from bot.actions.lessons import SeeTasks
from bot.actions.roster import SeeRoster
from bot.actions.sessions import SeeMyClasses
from bot.capability import CapabilityData, Context
from bot.catalogue.content import Content
from bot.database import insert_or
from bot.delivery import outbox
from bot.delivery.outbox import PRIORITY_OF, OutboxRow, Status, in_state
from bot.people.people import Account, Person
from bot.people.quiet_hours import Kind, next_opening
from bot.people.rights import responsible_for
from bot.programme import attendance, enrolment
from bot.programme.call_list import why_unreachable
from bot.programme.enrolment import HOLDING, Enrolment, EnrolmentStatus
from bot.programme.news import News, NewsRound, What
from bot.programme.sessions import ClassSession
from bot.words.message import At, Button, Lines, Message, Value, Who, Words, rows

EVENING: Final = time(17)
"""When trainers hear of the classes of the next day, wall time of the site; where it is closed then, when it opens."""
AHEAD: Final = timedelta(days=3)
"""How far ahead classes are looked at: a site may be closed on the day before."""
NAMES: Final = 5
"""How many names are told of each class."""
WITH_BUTTONS: Final = 4
"""How many classes of one day have buttons of their own."""
SETTLES: Final = timedelta(minutes=3)
"""How long after a seat was given back that is told: until then (two minutes) the person can take it back."""
SEATS_APART: Final = timedelta(minutes=15)
GATHERED: Final = timedelta(hours=1)
"""How long the first task waits for others, to be told with them."""
APART: Final = timedelta(hours=3)
AT_ONCE: Final = 1_000
_STAFF_ROWS: Final = (OutboxRow.priority == PRIORITY_OF[Kind.STAFF], OutboxRow.kind == Kind.STAFF)


def due(db: Session, now: datetime, context: Context) -> None:
    _count_again(db, now, context.content)
    for one in _evenings(db, now, context.content):
        if one.at <= now:
            _tell_evening(db, one, now, context)
    for site_id, noted in _noted(db).items():
        if _ready(db, site_id, noted, context.content) <= now:
            _tell_news(db, site_id, noted, now, context)


def next_due(db: Session, now: datetime, context: Context) -> datetime | None:
    moments = [one.at for one in _evenings(db, now, context.content) if one.at > now]
    moments += [_ready(db, site_id, noted, context.content) for site_id, noted in _noted(db).items()]
    return min(moments, default=None)


# --- the evening before -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Evening:
    """The classes of a site on one day of its calendar that have not begun, the first first; told at `at`."""

    site_id: str
    day: date
    zone: str
    at: datetime
    classes: tuple[ClassSession, ...]

    @property
    def once(self) -> str:
        return f"evening:{self.site_id}:{self.day}"


def _evenings(db: Session, now: datetime, content: Content) -> list[Evening]:
    query = (
        select(ClassSession)
        .where(ClassSession.starts_at > now, ClassSession.starts_at < now + AHEAD, ClassSession.cancelled_at.is_(None))
        .order_by(ClassSession.starts_at, ClassSession.id)
    )
    found: dict[tuple[str, date], list[ClassSession]] = defaultdict(list)
    for session in db.scalars(query):
        zone = ZoneInfo(content.open_hours(session.site_id).zone)
        found[session.site_id, session.starts_at.astimezone(zone).date()].append(session)
    evenings = []
    for (site_id, day), classes in found.items():
        hours = content.open_hours(site_id)
        evening = datetime.combine(day - timedelta(days=1), EVENING, ZoneInfo(hours.zone))
        at = next_opening(hours, evening)
        if at < classes[0].starts_at:
            evenings.append(Evening(site_id, day, hours.zone, at, tuple(classes)))
    return evenings


def _tell_evening(db: Session, one: Evening, now: datetime, context: Context) -> None:
    staff = responsible_for(db, one.site_id, context.settings)
    names = [f"{one.once}:{account.id}" for account in staff]
    said = set(db.scalars(select(OutboxRow.once).where(OutboxRow.once.in_(names))))
    missing = [account for account, name in zip(staff, names, strict=True) if name not in said]
    if missing:
        message = _evening_message(db, one, context.content)
        details = {"site_id": one.site_id, "not_after": one.classes[-1].starts_at}
        outbox.post_to_each(db, missing, message, kind=Kind.STAFF, now=now, once=one.once, **details)


def _count_again(db: Session, now: datetime, content: Content) -> None:
    """Corrects what still waits to be sent: other numbers, fewer classes; it is dropped when no class is left."""
    query = select(OutboxRow.id, OutboxRow.once, OutboxRow.message).where(in_state(Status.WAITING), *_STAFF_ROWS)
    waiting = db.execute(query.where(OutboxRow.once.startswith("evening:"))).all()
    if not waiting:
        return
    evenings = {one.once: one for one in _evenings(db, now, content)}
    for row_id, once, message in waiting:
        one = evenings.get(once.rpartition(":")[0])
        fresh = None if one is None else _evening_message(db, one, content).to_json()
        if fresh == message:
            continue
        changes = {"status": Status.DROPPED, "reason": "superseded"} if fresh is None else {"message": fresh}
        db.execute(update(OutboxRow).where(OutboxRow.id == row_id, in_state(Status.WAITING)).values(changes))


def _evening_message(db: Session, one: Evening, content: Content) -> Message:
    several = len(one.classes) > 1
    lines: list[Words] = []
    buttons: list[Sequence[Button]] = []
    for at, session in enumerate(one.classes, 1):
        lines += _class_lines(db, session, one.zone)
        number: dict[str, Value] = {"n": at}
        if not several:
            buttons.append([Button("trainer_news.button.names", SeeRoster(session.id))])
            buttons.append([Button("call_list.button.see", SeeCalls(session.id))])
        elif at <= WITH_BUTTONS:
            names = Button("trainer_news.button.names_of", SeeRoster(session.id), number)
            buttons.append([names, Button("trainer_news.button.calls_of", SeeCalls(session.id), number)])
    if len(one.classes) > WITH_BUTTONS:
        buttons.append([Button("menu.button.sessions", SeeMyClasses())])
    site = content.site(one.site_id)
    values: dict[str, Value] = {
        "site": site.name if site else one.site_id,
        "starts": At(one.classes[0].starts_at, one.zone),
        "n": len(one.classes),
        "classes": Lines(tuple(lines)),
    }
    return Message("trainer_news.evening", values, rows(*buttons, (MENU, HELP)))


def _class_lines(db: Session, session: ClassSession, zone: str) -> list[Words]:
    query = (
        select(Enrolment.status, Enrolment.reply, Person, Account)
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(Account, Account.id == Person.account_id)
        .where(Enrolment.session_id == session.id, Enrolment.status == EnrolmentStatus.SEATED)
        .where(Person.anonymised_at.is_(None))
        .order_by(func.lower(Person.name), Person.id)
    )
    coming, silent, unreachable = 0, 0, []
    for _, reply, person, account in db.execute(query).unique():
        if reply is not None:
            coming += 1
        elif why_unreachable(person, account) is not None:
            unreachable.append(person.id)
        else:
            silent += 1
    counts = enrolment.counts(db, session)
    waiting = counts[EnrolmentStatus.WAITLISTED] + counts[EnrolmentStatus.OFFERED]
    lines = [
        Words("trainer_news.class", {"title": session.title, "starts": At(session.starts_at, zone)}),
        Words("trainer_news.nobody")
        if not (coming or silent or unreachable or waiting)
        else Words(
            "trainer_news.numbers",
            {
                "coming": coming,
                "silent": silent,
                "waiting": waiting,
            },
        ),
    ]
    if unreachable:
        lines.append(Words("trainer_news.unreachable", {"n": len(unreachable)}))
        lines += [_name(db, session, person, zone) for person in unreachable[:NAMES]]
    if len(unreachable) > NAMES:
        lines.append(Words("trainer_news.more", {"n": len(unreachable) - NAMES}))
    return lines


# --- what happened ----------------------------------------------------------------------------------------------------


def _noted(db: Session) -> dict[str, list[News]]:
    """Returns what was not told yet, by site, the oldest first."""
    noted: dict[str, list[News]] = defaultdict(list)
    for one in db.scalars(select(News).order_by(News.id).limit(AT_ONCE)):
        noted[one.site_id].append(one)
    return noted


def _ready(db: Session, site_id: str, noted: Sequence[News], content: Content) -> datetime:
    """Returns when this is told: in open hours, and not too soon after the last time."""
    last = db.get(NewsRound, site_id)
    moments = []
    for one in noted:
        wait, apart = (SETTLES, SEATS_APART) if one.what == What.SEAT else (GATHERED, APART)
        moments.append(max(one.at + wait, last.told_at + apart) if last is not None else one.at + wait)
    return next_opening(content.open_hours(site_id), min(moments))


def _tell_news(db: Session, site_id: str, noted: Sequence[News], now: datetime, context: Context) -> None:
    zone = context.content.open_hours(site_id).zone
    lines, buttons = _claims(db, noted, zone)
    seats: dict[int, list[int]] = defaultdict(list)
    for one in noted:
        if one.what == What.SEAT and one.session_id is not None and one.person_id not in seats[one.session_id]:
            seats[one.session_id].append(one.person_id)
    for session_id, people in seats.items():
        session = db.get(ClassSession, session_id)
        gone = _still_gone(db, session_id, people)
        if session is None or session.cancelled_at is not None or session.starts_at <= now or not gone:
            continue
        free = max(0, enrolment.free_seats(session))
        waiting = enrolment.counts(db, session)[EnrolmentStatus.WAITLISTED]
        facts: dict[str, Value] = {"title": session.title, "starts": At(session.starts_at, zone), "n": len(gone)}
        lines.append(Words("trainer_news.seats", facts))
        lines += [_name(db, session, person, zone) for person in gone[:NAMES]]
        lines.append(Words("trainer_news.free", {"free": free, "waiting": waiting}))
        buttons.append([Button("trainer_news.button.roster", SeeRoster(session.id), {"title": session.title})])
    tasks = sum(one.what == What.TASK for one in noted)
    if tasks:
        lines.append(Words("trainer_news.tasks", {"n": tasks}))
        buttons.append([Button("trainer_news.button.tasks", SeeTasks())])
    db.execute(delete(News).where(News.id.in_([one.id for one in noted])))
    if not lines:
        return
    telling = insert_or(db, NewsRound).values(site_id=site_id, told_at=now)
    db.execute(telling.on_conflict_do_update(index_elements=["site_id"], set_={"told_at": now}))
    message = Message("trainer_news.gathered", {"news": Lines(tuple(lines))}, rows(*buttons, (MENU, HELP)))
    staff = responsible_for(db, site_id, context.settings)
    outbox.post_to_each(db, staff, message, kind=Kind.STAFF, now=now, site_id=site_id)


def _claims(db: Session, noted: Sequence[News], zone: str) -> tuple[list[Words], list[Sequence[Button]]]:
    """Returns the names of those who say they were there and wait for an answer, by class, and buttons to answer them:
    at once where it is one class and few people."""
    classes: dict[int, ClassSession] = {}
    for one in noted:
        session = db.get(ClassSession, one.session_id) if one.what == What.CLAIM and one.session_id else None
        if session is not None and session.cancelled_at is None:
            classes[session.id] = session
    waiting = [(one, claims) for one in classes.values() if (claims := attendance.open_claims(db, one))]
    lines: list[Words] = []
    buttons: list[Sequence[Button]] = []
    for session, claims in waiting:
        called = attendance.called(attendance.names(db, session), zone)
        facts: dict[str, Value] = {"title": session.title, "starts": At(session.starts_at, zone), "n": len(claims)}
        names = attendance.name_lines(claims[: attendance.ON_CARD], called).parts
        lines += [Words("trainer_news.claims", facts), *names]
        if len(claims) > attendance.ON_CARD:
            lines.append(Words("trainer_news.more", {"n": len(claims) - attendance.ON_CARD}))
        if len(waiting) == 1:
            buttons += attendance.claim_rows(session, claims)
        else:
            facts = {"title": session.title}
            buttons.append([Button("trainer_news.button.claims", SeeClaims(session.id), facts)])
    return lines, buttons


def _name(db: Session, session: ClassSession, person_id: int, zone: str) -> Words:
    person = db.get(Person, person_id)
    who = attendance.called_in(db, session, person, zone) if person is not None else Who(person_id)
    return Words("trainer_news.name", {"who": who})


def _still_gone(db: Session, session_id: int, people: Sequence[int]) -> list[int]:
    """Returns which of these people did not take a seat again."""
    query = select(Enrolment.person_id).where(
        Enrolment.session_id == session_id, Enrolment.person_id.in_(people), Enrolment.status.in_(HOLDING)
    )
    back = set(db.scalars(query))
    return [person for person in people if person not in back]


# --- what it owes -----------------------------------------------------------------------------------------------------


DATA: Final = CapabilityData("trainer_news", due=due, next_due=next_due)

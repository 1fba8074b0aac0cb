"""Words about a class: between somebody who has a seat in it and its trainer, in the same tables as questions.

A participant's words go to the trainer of the class, who has them from the start; the clock of questions is the net
below: where the trainer is silent they go to everybody on duty, as any question. A trainer can write first to somebody
on the list of a class. One talk for each person and class.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bot.capability import Context
from bot.catalogue.content import Content
from bot.delivery.outbox import OutboxRow, Status
from bot.people.people import Account, Person, Use, account_of
from bot.people.quiet_hours import Kind
from bot.people.rights import responsible_for
from bot.programme import consents
from bot.programme.broadcasts import Broadcast, BroadcastStatus
from bot.programme.enrolment import ON_LIST, SEATS, EnrolmentStatus, enrolment_of, mine
from bot.programme.mentoring.desk import answer_newest, holder, reply
from bot.programme.mentoring.outcomes import (
    Added,
    Answered,
    AnsweredBefore,
    Blocked,
    Given,
    HeldBy,
    NotOpen,
    NotSent,
    Opened,
    Over,
    Own,
    TooFast,
    Unreachable,
)
from bot.programme.mentoring.tables import ALIVE, CLASS, MentorPause, State, Ticket, TicketMessage, Way
from bot.programme.mentoring.tickets import (
    MOST_AN_HOUR,
    add,
    blocked_until,
    can_be_opened,
    keep,
    meant,
    new_ticket,
    waits_for,
)
from bot.programme.sessions import ClassSession, get

AFTER: Final = timedelta(hours=24)
"""How long after an announcement of a class the words of somebody with a seat in it may be about it."""
AHEAD: Final = timedelta(days=7)
"""A class whose place or beginning people speak of begins within this time, or is on."""
WRITTEN_AFTER: Final = timedelta(days=14)
"""How long after the end of a class a trainer can still write to somebody on its list."""
ABOUT_CLASS: Final = frozenset({"running_late", "place", "class_details"})
"""What people mean (`bot/understanding`) who speak of a class they come to."""
_OF_A_CLASS: Final = re.compile(
    r"\b(te?lat|terlambat|macet|nyasar|kesasar|tersesat|parkir|tempat|lokasi|alamat|gedung|ruang|lantai|pintu"
    r"|late|lost|park|parking|venue|room|floor|building|entrance)(an|nya|ku|nyo)?\b",
    re.IGNORECASE,
)
_PARKING: Final = re.compile(r"\bparkir|\bparking\b", re.IGNORECASE)
_GROUPS: Final = frozenset({"class", "silent"})
"""The audiences of an announcement that have a seat in one class."""
_COPIES: Final = 20
"""The most announcements that are looked at, the newest."""


class Why(StrEnum):
    """A reason for which a trainer cannot write to somebody."""

    NO_PHONE = "no_phone"
    BLOCKED = "blocked"
    """They blocked the bot."""
    FROZEN = "frozen"
    CONSENT = "consent"
    """They did not agree (yet) to talks being kept."""
    NOT_LISTED = "not_listed"
    """They are not on the list of the class (any more), or it is over for long."""


# --- which class is meant ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Announced:
    """The class that a person heard of lately, and when."""

    session: ClassSession
    at: datetime


def whose_words(
    db: Session, account: Account, person: Person, now: datetime, *, content: Content
) -> Ticket | ClassSession | None:
    """Returns where words belong that ask nothing of the bot: to the question that the newest message of the chat
    answered; else to the open question or the announced class, whichever the person heard of last. None: neither."""
    if (answered := answer_newest(db, account)) is not None:
        return answered
    question, class_ = meant(db, person, now), announced(db, person, now)
    if class_ is None or not may_talk(db, person, now, content=content):
        return question
    return question if question is not None and question.said_at > class_.at else class_.session


def may_talk(db: Session, person: Person, now: datetime, *, content: Content) -> bool:
    """Whether what the person says about a class may be kept and passed on."""
    return consents.covers(db, person, Use.QUESTIONS, content=content) and blocked_until(db, person, now) is None


def spoken_of(db: Session, person: Person, text: str, now: datetime) -> ClassSession | None:
    """Returns the person's next class if the words speak of being late, of the place or of parking; None: they do not,
    or no class is near."""
    if not _OF_A_CLASS.search(text):
        return None
    seats = [session for session, one in mine(db, person, now) if one.status == EnrolmentStatus.SEATED]
    return next((session for session in seats if session.starts_at - now <= AHEAD), None)


def asks_for_parking(text: str) -> bool:
    """Whether the words ask for what the bot does not know of a place."""
    return _PARKING.search(text) is not None


def announced(db: Session, person: Person, now: datetime) -> Announced | None:
    """Returns the class of which the person was told last, by an announcement to it or because it moved, within
    `AFTER`, and in which they have a seat; None: there is none."""
    query = (
        select(OutboxRow.sent_at, OutboxRow.session_id, Broadcast.audience)
        .outerjoin(Broadcast, Broadcast.id == OutboxRow.broadcast_id)
        .where(OutboxRow.person_id == person.id, OutboxRow.status == Status.SENT, OutboxRow.sent_at > now - AFTER)
        .where(or_(OutboxRow.broadcast_id.is_not(None), OutboxRow.kind == Kind.CHANGE))
        .where(or_(Broadcast.id.is_(None), ~Broadcast.withdraws & (Broadcast.status != BroadcastStatus.WITHDRAWN)))
        .order_by(OutboxRow.id.desc())
        .limit(_COPIES)
    )
    for sent_at, session_id, audience in db.execute(query):
        for number in [session_id] if audience is None else classes_of(audience):
            session = get(db, number) if number is not None else None
            if session is not None and has_seat(db, person, session):
                return Announced(session, sent_at)
    return None


def classes_of(audience: dict[str, object]) -> list[int]:
    """Returns the classes that an announcement is for."""
    groups = audience.get("groups")
    found = groups if isinstance(groups, list) else []
    return [int(subject) for kind, subject in found if kind in _GROUPS and str(subject).isdecimal()]


def announcement_replied_to(
    db: Session, account: Account, telegram_message_id: int
) -> tuple[ClassSession, Person] | None:
    """Returns the class of which this message of the chat told, and whom; None: it told of none."""
    query = (
        select(OutboxRow.person_id, OutboxRow.session_id, Broadcast.audience)
        .outerjoin(Broadcast, Broadcast.id == OutboxRow.broadcast_id)
        .where(OutboxRow.account_id == account.id, OutboxRow.telegram_message_id == telegram_message_id)
        .where(or_(OutboxRow.broadcast_id.is_not(None), OutboxRow.session_id.is_not(None)))
    )
    for person_id, session_id, audience in db.execute(query.limit(1)):
        person = db.get(Person, person_id) if person_id is not None else None
        for number in [session_id] if audience is None else classes_of(audience):
            session = get(db, number) if number is not None else None
            if person is not None and session is not None and has_seat(db, person, session):
                return session, person
    return None


def has_seat(db: Session, person: Person, session: ClassSession) -> bool:
    one = enrolment_of(db, person, session.id)
    return session.cancelled_at is None and one is not None and one.status in SEATS


# --- what the person says ---------------------------------------------------------------------------------------------


def say(
    db: Session, person: Person, session: ClassSession, given: Given, now: datetime, *, context: Context
) -> Opened | Added | TooFast | Blocked:
    """Keeps what the person says about the class, for its trainer; in the talk about it if there is one."""
    if (until := blocked_until(db, person, now)) is not None:
        return Blocked(until)
    db.execute(select(Person.id).where(Person.id == person.id).with_for_update())  # one talk, of two at once
    talk = talk_of(db, person, session)
    if talk is not None and (talk.state in ALIVE or can_be_opened(talk, now)):
        match add(db, talk, given, now, content=context.content):
            case NotOpen():
                pass
            case Added() | TooFast() as outcome:
                return outcome
    lately = select(func.count()).select_from(TicketMessage)
    lately = lately.where(TicketMessage.person_id == person.id, TicketMessage.way == Way.IN)
    if (db.scalar(lately.where(TicketMessage.at > now - timedelta(hours=1))) or 0) >= MOST_AN_HOUR:
        return TooFast()
    ticket = new_ticket(db, person, session.site_id, now, origin=f"{CLASS}.{session.id}", content=context.content)
    trainer = trainer_of(db, session, person, context)
    if trainer is not None:
        ticket.state, ticket.claimed_by, ticket.claimed_at = State.CLAIMED, trainer.id, now
    waits_for(db, ticket, now, content=context.content)
    db.flush()
    return Opened(ticket, keep(db, ticket, Way.IN, given, now))


def talk_of(db: Session, person: Person, session: ClassSession) -> Ticket | None:
    """Returns the newest talk of the person about the class."""
    query = select(Ticket).where(Ticket.person_id == person.id, Ticket.origin == f"{CLASS}.{session.id}")
    return db.scalars(query.order_by(Ticket.id.desc()).limit(1)).first()


def trainers(db: Session, session: ClassSession, person: Person, context: Context) -> list[Account]:
    """Returns who may have words about the class: the trainers of its site who do not rest, or if all of them rest all
    of them. Never the phone of who speaks."""
    found = [one for one in responsible_for(db, session.site_id, context.settings) if one.id != person.account_id]
    resting = set(db.scalars(select(MentorPause.account_id).where(MentorPause.site_id == session.site_id)))
    return [one for one in found if one.id not in resting] or found


def trainer_of(db: Session, session: ClassSession, person: Person, context: Context) -> Account | None:
    """Returns the trainer of the class: who is called as the calendar says; else who wrote the newest announcement to
    it; else the only trainer of the site. None: nobody can tell which of several it is."""
    found = trainers(db, session, person, context)
    named = [one for one in found if one.staff_name and _folded(one.staff_name) == _folded(session.trainer or "")]
    if len(named) == 1:
        return named[0]
    author = _author(db, session)
    return next((one for one in found if one.id == author), found[0] if len(found) == 1 else None)


def _folded(name: str) -> str:
    """Returns a name without the form of address before it, which calendars write and people leave out."""
    words = name.casefold().replace(".", " ").split()
    return " ".join(words[1:] if len(words) > 1 and words[0] in {"bu", "ibu", "pak", "bapak", "kak"} else words)


def _author(db: Session, session: ClassSession) -> int | None:
    query = select(Broadcast.account_id, Broadcast.audience).where(Broadcast.begun_at.is_not(None))
    for account_id, audience in db.execute(query.order_by(Broadcast.id.desc()).limit(_COPIES)):
        if session.id in classes_of(audience):
            return int(account_id) if account_id is not None else None
    return None


# --- what the trainer says --------------------------------------------------------------------------------------------


def why_not(db: Session, person: Person, session: ClassSession, now: datetime, *, content: Content) -> Why | None:
    """Returns why a trainer cannot write to somebody about the class; None: they can."""
    one = enrolment_of(db, person, session.id)
    account = account_of(db, person)
    if one is None or one.status not in (*ON_LIST, EnrolmentStatus.WAITLISTED) or now > session.ends_at + WRITTEN_AFTER:
        return Why.NOT_LISTED
    if account is None or person.anonymised_at is not None:
        return Why.NO_PHONE
    if account.blocked_at is not None:
        return Why.BLOCKED
    if person.frozen_at is not None:
        return Why.FROZEN
    return None if consents.covers(db, person, Use.QUESTIONS, content=content) else Why.CONSENT


def write(
    db: Session,
    person: Person,
    session: ClassSession,
    given: Given,
    now: datetime,
    *,
    by: Account,
    admin: bool,
    content: Content,
) -> Answered | AnsweredBefore | HeldBy | NotSent | Own | Unreachable | TooFast | Over:
    """Sends a trainer's words to one person on the list of a class, in the talk about it; begins one if there is none.
    What a colleague has is not taken from them."""
    if (why := why_not(db, person, session, now, content=content)) is not None:
        return Unreachable(why)
    db.execute(select(Person.id).where(Person.id == person.id).with_for_update())
    ticket = talk_of(db, person, session)
    if ticket is None or ticket.state not in ALIVE:
        ticket = new_ticket(db, person, session.site_id, now, origin=f"{CLASS}.{session.id}", content=content)
        ticket.from_staff, ticket.state, ticket.claimed_by = True, State.ANSWERED, by.id
        db.flush()
    elif ticket.claimed_by is None:
        ticket.claimed_by, ticket.claimed_at = by.id, now
    elif ticket.claimed_by != by.id and not admin:
        return HeldBy(ticket, holder(db, ticket))
    lately = select(func.count()).select_from(TicketMessage).where(TicketMessage.ticket_id == ticket.id)
    lately = lately.where(TicketMessage.way == Way.OUT, TicketMessage.at > now - timedelta(hours=1))
    if (db.scalar(lately) or 0) >= MOST_AN_HOUR:
        return TooFast()
    return reply(db, ticket, given, now, by=by, admin=admin, content=content)

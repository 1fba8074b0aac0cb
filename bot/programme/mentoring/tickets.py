"""What people do with their questions: ask, add, correct, take back, say that an answer is clear.

Nobody is written to here: `cards` tells the staff, handlers tell the person.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from bot.catalogue.content import Content
from bot.database import something_due
from bot.people.people import Account, Person, account_of, persons_of
from bot.people.working_hours import after_working
from bot.programme.mentoring.outcomes import Added, Blocked, Given, NotOpen, Opened, TooFast, TooMany
from bot.programme.mentoring.tables import ALBUM_LETTERS, ALIVE, CLASS, WAITS, Closed, State, Ticket, TicketMessage, Way

MOST_OPEN: Final = 3
"""So many open questions one person may have."""
MOST_AN_HOUR: Final = 10
"""So many messages an hour one question takes."""
STILL_MEANT: Final = timedelta(hours=24)
"""So long after the last message of an open question what the person writes by themselves belongs to it."""
AGAIN: Final = timedelta(days=14)
"""So long after it was closed a question can be opened again."""
OTHER: Final = "lain"
"""The topic of a question that comes from no lesson."""


# --- asking -----------------------------------------------------------------------------------------------------------


def may_ask(db: Session, person: Person, now: datetime) -> TooMany | Blocked | None:
    """Returns why the person cannot ask another question now; None: they can. Talks about a class do not count."""
    if (until := blocked_until(db, person, now)) is not None:
        return Blocked(until)
    mine = select(func.count()).select_from(Ticket).where(Ticket.person_id == person.id, Ticket.state.in_(ALIVE))
    return TooMany(MOST_OPEN) if (db.scalar(mine.where(no_talk_about_class())) or 0) >= MOST_OPEN else None


def blocked_until(db: Session, person: Person, now: datetime) -> datetime | None:
    """Returns until when the person may ask nothing, because an admin said so; None: they may."""
    query = select(func.max(Ticket.blocked_until)).where(Ticket.person_id == person.id, Ticket.blocked_until > now)
    return db.scalar(query)


def no_talk_about_class() -> ColumnElement[bool]:
    """Returns the condition for questions that are no talk about a class."""
    return or_(Ticket.origin.is_(None), Ticket.origin.not_like(f"{CLASS}.%"))


def ask(
    db: Session,
    person: Person,
    given: Given,
    now: datetime,
    *,
    content: Content,
    origin: str | None = None,
    promised: bool = False,
) -> Opened | TooMany | Blocked:
    """Opens a question to the mentors of the person's site. `origin`: `lesson.<id>`, or nothing. `promised`: the person
    was told that it goes out, so it does, however many they have open."""
    refused = may_ask(db, person, now)
    if refused is not None and not (promised and isinstance(refused, TooMany)):
        return refused
    ticket = new_ticket(db, person, person.site_id or "", now, origin=origin, content=content)
    rule = content.programme.mentoring.first_reply
    ticket.reply_due_at = after_working(content.mentoring_hours(ticket.site_id), now, rule)
    waits_for(db, ticket, now, content=content)
    db.flush()
    return Opened(ticket, keep(db, ticket, Way.IN, given, now))


def new_ticket(
    db: Session, person: Person, site_id: str, now: datetime, *, origin: str | None, content: Content
) -> Ticket:
    ticket = Ticket(
        person_id=person.id,
        site_id=site_id,
        topic=_topic(origin, content),
        origin=origin,
        state=State.OPEN,
        opened_at=now,
        said_at=now,
        turn=0,
        level=0,
        reopened=0,
    )
    db.add(ticket)
    return ticket


def _topic(origin: str | None, content: Content) -> str:
    kind, _, what = (origin or "").partition(".")
    module = what[:3] if kind == "lesson" else ""
    return module if content.module(module) is not None else OTHER


def add(
    db: Session, ticket: Ticket, given: Given, now: datetime, *, content: Content, waits: bool = True
) -> Added | TooFast | NotOpen:
    """Adds what the person says to a question that is open, or was closed not long ago. Without `waits` it wants no
    answer: the clock stays as it was."""
    db.refresh(ticket, with_for_update=True)
    again = ticket.state == State.CLOSED
    asker = db.get(Person, ticket.person_id) if again else None
    if asker is not None and blocked_until(db, asker, now) is not None:
        return NotOpen()
    if ticket.state not in ALIVE and not (again and can_be_opened(ticket, now)):
        return NotOpen()
    mine = select(func.count()).select_from(TicketMessage).where(TicketMessage.ticket_id == ticket.id)
    lately = mine.where(TicketMessage.way == Way.IN, TicketMessage.at > now - timedelta(hours=1))
    if (db.scalar(lately) or 0) >= MOST_AN_HOUR:
        return TooFast()
    if again:
        ticket.reopened += 1
        ticket.closed_at = ticket.closed_because = ticket.emptied_at = None
    if ticket.state not in WAITS and (waits or again):
        ticket.state = State.OPEN if ticket.claimed_by is None else State.CLAIMED
        ticket.claimed_at = None if ticket.claimed_by is None else now
        waits_for(db, ticket, now, content=content)
    ticket.said_at = now
    message = keep(db, ticket, Way.IN, given, now)
    return Added(ticket, message, again)


def can_be_opened(ticket: Ticket, now: datetime) -> bool:
    """Whether it was closed so lately that a word more belongs to it, and neither by the person's own wish to be gone
    nor because they may not ask."""
    ended = (Closed.ERASED, Closed.FROZEN, Closed.BLOCKED)
    closed = ticket.closed_at if ticket.state == State.CLOSED else None
    return closed is not None and now - closed < AGAIN and ticket.closed_because not in ended


def waits_for(db: Session, ticket: Ticket, now: datetime, *, content: Content) -> None:
    """Records that the person waits from now on; the clock begins anew."""
    ticket.waiting_since, ticket.level = now, 0
    ticket.turn += 1
    rule = content.programme.mentoring.first_reply
    first_step = rule // 2 if ticket.state == State.OPEN else rule
    ticket.next_at = after_working(content.mentoring_hours(ticket.site_id), now, first_step)
    something_due(db)


def keep(
    db: Session, ticket: Ticket, way: Way, given: Given, now: datetime, account: Account | None = None
) -> TicketMessage:
    message = TicketMessage(
        ticket_id=ticket.id,
        person_id=ticket.person_id,
        way=way,
        account_id=account.id if account is not None else None,
        form=given.form,
        text=given.text,
        file_id=given.file_id,
        seconds=given.seconds,
        at=now,
        telegram_message_id=given.telegram_message_id,
        album=given.album[:ALBUM_LETTERS] if given.album else None,
    )
    db.add(message)
    db.flush()
    return message


# --- looking ----------------------------------------------------------------------------------------------------------


def get(db: Session, ticket_id: int) -> Ticket | None:
    return db.get(Ticket, ticket_id)


def mine(db: Session, person: Person, ticket_id: int) -> Ticket | None:
    """Returns the person's own question of this number."""
    ticket = db.get(Ticket, ticket_id)
    return ticket if ticket is not None and ticket.person_id == person.id else None


def open_questions(db: Session, person: Person) -> list[Ticket]:
    """Returns the person's open questions, the newest talk first."""
    query = select(Ticket).where(Ticket.person_id == person.id, Ticket.state.in_(ALIVE))
    return list(db.scalars(query.order_by(Ticket.said_at.desc(), Ticket.id.desc())))


def meant(db: Session, person: Person, now: datetime) -> Ticket | None:
    """Returns the open question to which the person's words belong that answer nothing else; None: there is none in
    which anything was said lately."""
    found = open_questions(db, person)
    return found[0] if found and now - found[0].said_at < STILL_MEANT else None


def meant_by_others(db: Session, account: Account, person: Person, now: datetime) -> list[Ticket]:
    """Returns the open questions, one for each, in which the other people of this phone said anything lately."""
    found = (meant(db, one, now) for one in persons_of(db, account) if one.id != person.id)
    return [ticket for ticket in found if ticket is not None]


def answered_lately(db: Session, account: Account, now: datetime) -> list[Ticket]:
    """Returns the questions of this phone that wait for a word whether the answer was clear, the newest talk first."""
    return _of_phone(db, account, Ticket.state == State.ANSWERED, Ticket.said_at > now - STILL_MEANT)


def cleared_lately(db: Session, account: Account, now: datetime) -> Ticket | None:
    """Returns the question of this phone that ended last with a clear answer; None: none did lately."""
    ended = Ticket.closed_because.in_((Closed.CLEAR, Closed.DONE))
    found = _of_phone(db, account, ended, Ticket.state == State.CLOSED, Ticket.closed_at > now - STILL_MEANT)
    return max(found, key=lambda one: (one.closed_at or one.opened_at, one.id), default=None)


def may_be_cancelled(db: Session, person: Person) -> list[Ticket]:
    """Returns the questions proper of this person that nobody answered yet, the newest talk first."""
    return [one for one in open_questions(db, person) if one.state in WAITS and not one.answered and not one.class_id]


def _of_phone(db: Session, account: Account, *standing: ColumnElement[bool]) -> list[Ticket]:
    query = select(Ticket).join(Person, Person.id == Ticket.person_id).where(Person.account_id == account.id, *standing)
    return list(db.scalars(query.order_by(Ticket.said_at.desc(), Ticket.id.desc())))


def messages(db: Session, ticket: Ticket) -> list[TicketMessage]:
    """Returns everything that was said, the oldest first."""
    query = select(TicketMessage).where(TicketMessage.ticket_id == ticket.id)
    return list(db.scalars(query.order_by(TicketMessage.id)))


def message_of(db: Session, message_id: int) -> TicketMessage | None:
    return db.get(TicketMessage, message_id)


def of_this_phone(db: Session, account: Account, telegram_message_id: int) -> TicketMessage | None:
    """Returns the message of an open question that this message of the phone's chat was; None: it was none."""
    query = (
        select(TicketMessage)
        .join(Ticket, Ticket.id == TicketMessage.ticket_id)
        .join(Person, Person.id == TicketMessage.person_id)
        .where(Person.account_id == account.id, TicketMessage.telegram_message_id == telegram_message_id)
        .where(TicketMessage.way == Way.IN, Ticket.state.in_(ALIVE))
    )
    return db.scalars(query.limit(1)).first()


def asker_of(db: Session, ticket: Ticket) -> Account | None:
    """Returns the account of the person whose question it is; None: they have none (any more)."""
    return account_of(db, db.get(Person, ticket.person_id))


# --- ending -----------------------------------------------------------------------------------------------------------


def person_of(db: Session, ticket: Ticket) -> Person | None:
    """Returns the person of the question; None: they were erased."""
    person = db.get(Person, ticket.person_id)
    return person if person is not None and person.anonymised_at is None else None


def cancel(db: Session, ticket: Ticket, now: datetime) -> bool:
    """Takes a question back that nobody answered yet; False: somebody did, or it is over."""
    return change(
        db, ticket, Ticket.state.in_(WAITS) & Ticket.first_reply_at.is_(None) & Ticket.from_staff.is_(False),
        state=State.CANCELLED, closed_at=now, closed_because=Closed.CANCELLED,
        next_at=None, waiting_since=None, level=0,
    )  # fmt: skip


def close(db: Session, ticket: Ticket, now: datetime, because: Closed) -> bool:
    """Ends a question; False: it was over already."""
    return change(
        db, ticket, Ticket.state.in_(ALIVE),
        state=State.CLOSED, closed_at=now, closed_because=because, next_at=None, waiting_since=None, level=0,
    )  # fmt: skip


def unclear(db: Session, ticket: Ticket, now: datetime, *, content: Content) -> bool:
    """Records that the answer was not clear: the person waits again. Returns False if they wait already, or the
    question is over."""
    if ticket.state != State.ANSWERED:
        return False
    ticket.state = State.OPEN if ticket.claimed_by is None else State.CLAIMED
    ticket.claimed_at, ticket.said_at = now, now
    waits_for(db, ticket, now, content=content)
    return True


def rate(db: Session, ticket: Ticket, face: int) -> bool:
    """Keeps how the answer was found, once."""
    return change(db, ticket, Ticket.face.is_(None), face=face)


def is_first(db: Session, message: TicketMessage) -> bool:
    """Whether the question began with this message: it is taken back as a whole, or not at all."""
    first = db.scalar(select(func.min(TicketMessage.id)).where(TicketMessage.ticket_id == message.ticket_id))
    return message.id == first


def take_back(db: Session, message: TicketMessage) -> None:
    """Removes what a person said and did not mean for the mentor."""
    db.execute(delete(TicketMessage).where(TicketMessage.id == message.id, TicketMessage.way == Way.IN))
    db.expunge(message)


def change(db: Session, ticket: Ticket, standing: object, **values: object) -> bool:
    """Changes a question if it still stands so; two taps at once change it once."""
    db.flush()
    changed = db.execute(
        update(Ticket)
        .where(Ticket.id == ticket.id, standing)  # type: ignore[arg-type]
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    db.refresh(ticket)
    return bool(changed.rowcount)  # type: ignore[attr-defined]

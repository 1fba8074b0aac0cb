"""The number under which a mentor may call about one question: asked for in it, given by the person, of use there
alone. It goes with the words of the question."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.actions.mentoring import GiveNumber, RefuseNumber
from bot.delivery import outbox
from bot.people.people import Account
from bot.people.quiet_hours import Kind
from bot.programme.mentoring import cards
from bot.programme.mentoring.desk import called, role_of
from bot.programme.mentoring.tables import ALIVE, Ticket
from bot.programme.mentoring.tickets import asker_of, change
from bot.words.message import Button, Message, Value, Who, rows


def ask_number(db: Session, ticket: Ticket, now: datetime, *, by: Account) -> bool:
    """Asks the person whether the mentor may call. False: it was asked already, or there is nobody to ask."""
    account = asker_of(db, ticket)
    if account is None or account.blocked_at is not None:
        return False
    asked = Ticket.phone_asked_at.is_(None) & Ticket.phone.is_(None) & Ticket.state.in_(ALIVE)
    if not change(db, ticket, asked, phone_asked_at=now):
        return False
    yes = Button("mentoring.button.number_given", GiveNumber(ticket.id, person=ticket.person_id))
    no = Button("mentoring.button.number_refused", RefuseNumber(ticket.id, person=ticket.person_id))
    message = Message(
        "mentoring.number_wanted", {"mentor": called(by), "role": role_of(db, ticket, by)}, rows((yes,), (no,))
    )
    post = outbox.to(account, message, kind=Kind.ANSWER, person_id=ticket.person_id, site_id=ticket.site_id)
    outbox.post(db, post, now=now)
    return True


def give_number(db: Session, ticket: Ticket, number: str, now: datetime) -> bool:
    """Keeps the number for this question, and shows it to the mentor who has it. False: the question is over, or its
    number was not asked for."""
    asked = Ticket.phone_asked_at.is_not(None) & Ticket.state.in_(ALIVE)
    if not change(db, ticket, asked, phone=number):
        return False
    _tell_holder(db, ticket, "mentoring.number_came", {"phone": number}, now)
    return True


def refuse_number(db: Session, ticket: Ticket, now: datetime) -> bool:
    """Records that the mentor may not call (any more); no number is kept. Returns False if the question is over, or
    that was said before."""
    if ticket.phone_asked_at is None or ticket.emptied_at is not None or ticket.state not in ALIVE:
        return False
    had = ticket.phone is not None
    ticket.phone = None
    if had:
        cards.over_number(db, ticket, now)
    _tell_holder(db, ticket, "mentoring.number_not_given", {}, now)
    return True


def _tell_holder(db: Session, ticket: Ticket, key: str, values: dict[str, Value], now: datetime) -> None:
    holder = db.get(Account, ticket.claimed_by) if ticket.claimed_by is not None else None
    if holder is None or holder.blocked_at is not None:
        return
    about: dict[str, Value] = {"number": ticket.id, "who": Who(ticket.person_id)}
    message = Message(key, about | values, cards.buttons_of(ticket), secret=True, protected=True)
    cards.tell(db, ticket, holder, message, now, shows_number=key == "mentoring.number_came")

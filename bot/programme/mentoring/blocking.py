"""An admin lets somebody ask nothing for thirty days, says so, and can take it back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.capability import Context
from bot.delivery import outbox
from bot.people.people import Person
from bot.people.quiet_hours import Kind
from bot.programme.mentoring import cards
from bot.programme.mentoring.tables import ALIVE, Closed, Ticket
from bot.programme.mentoring.tickets import asker_of, blocked_until, close
from bot.words.message import At, Message, Words

BLOCKED_DAYS: Final = 30


def block(db: Session, ticket: Ticket, now: datetime, *, context: Context) -> datetime | None:
    """Ends what is open of the person of this question; for `BLOCKED_DAYS` they ask nothing more, and are told until
    when. Returns that moment; None: it was so already."""
    person = db.get(Person, ticket.person_id)
    if person is None or person.anonymised_at is not None or blocked_until(db, person, now) is not None:
        return None
    until = now + timedelta(days=BLOCKED_DAYS)
    ticket.blocked_until = until
    query = select(Ticket).where(Ticket.person_id == person.id, Ticket.state.in_(ALIVE))
    for one in db.scalars(query).all():
        close(db, one, now, Closed.BLOCKED)
        cards.over(db, one, now, key="mentoring.card_blocked")
    account = asker_of(db, ticket)
    if account is not None and account.blocked_at is None:
        zone = context.content.open_hours(ticket.site_id).zone
        contact = context.settings.privacy_contact or Words("menu.contact_trainer")
        told = Message("mentoring.blocked", {"until": At(until, zone), "contact": contact})
        post = outbox.to(account, told, kind=Kind.REPLY, person_id=person.id, site_id=ticket.site_id)
        outbox.post(db, post, now=now)
    return until


def unblock(db: Session, ticket: Ticket, now: datetime) -> bool:
    """Lets the person of this question ask again. False: they might already."""
    blocked = Ticket.blocked_until > now
    ended = db.execute(
        update(Ticket)
        .where(Ticket.person_id == ticket.person_id, blocked)
        .values(blocked_until=now)
        .execution_options(synchronize_session=False)
    )
    db.refresh(ticket)
    return bool(ended.rowcount)  # type: ignore[attr-defined]

"""Pictures and videos that were sent at once. Telegram sends each in an update of its own; here they are one thing:
what comes after the first goes where the first went, and they are taken back together."""

from __future__ import annotations

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bot.people.people import Account, Person
from bot.programme.mentoring.tables import ALBUM_LETTERS, TicketMessage, Way


def begun(db: Session, account: Account, album: str) -> TicketMessage | None:
    """Returns the first piece of this album that somebody of this account said in a question; None: nothing of it
    was."""
    asked = (TicketMessage.way == Way.IN) & (Person.account_id == account.id)
    answered = (TicketMessage.way == Way.OUT) & (TicketMessage.account_id == account.id)
    query = select(TicketMessage).join(Person, Person.id == TicketMessage.person_id)
    query = query.where(TicketMessage.album == album[:ALBUM_LETTERS], or_(asked, answered))
    return db.scalars(query.order_by(TicketMessage.id).limit(1)).first()


def pieces(db: Session, message: TicketMessage) -> list[TicketMessage]:
    """Returns everything that was sent at once with this message, itself among it, in its order."""
    if message.album is None:
        return [message]
    query = select(TicketMessage).where(TicketMessage.ticket_id == message.ticket_id, TicketMessage.way == message.way)
    return list(db.scalars(query.where(TicketMessage.album == message.album).order_by(TicketMessage.id)))


def comes_after(db: Session, message: TicketMessage) -> bool:
    """Whether the message is a further piece of an album: the buttons stand below the first."""
    if message.album is None:
        return False
    query = select(func.min(TicketMessage.id)).where(TicketMessage.ticket_id == message.ticket_id)
    first = db.scalar(query.where(TicketMessage.way == message.way, TicketMessage.album == message.album))
    return first is not None and first < message.id

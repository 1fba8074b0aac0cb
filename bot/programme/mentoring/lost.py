"""Answers that did not arrive: the person blocked the bot, has no Telegram any more, or takes no messages. They are
known by the ledger, shown wherever staff see the question, and sent again once the phone can be written to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.catalogue.content import Content
from bot.delivery.outbox import OutboxRow, Status
from bot.programme.mentoring.desk import LOOKED_AFTER, again, first_reply
from bot.programme.mentoring.tables import ALIVE, Ticket, TicketMessage, Way

LOST: Final = (Status.FAILED, Status.BLOCKED, Status.DROPPED)
ON_ITS_WAY: Final = (Status.WAITING, Status.CLAIMED)


def lost_in(db: Session, tickets: Iterable[Ticket]) -> dict[int, list[TicketMessage]]:
    """Returns the answers of these open questions that did not arrive, by the number of the question."""
    found: dict[int, list[TicketMessage]] = {}
    for message in _answers(db, tickets, LOST):
        found.setdefault(message.ticket_id, []).append(message)
    return found


def on_its_way(db: Session, ticket: Ticket) -> bool:
    """Whether an answer of the question still waits to be sent."""
    return bool(_answers(db, [ticket], ON_ITS_WAY))


def note_lost(db: Session, ticket: Ticket) -> None:
    """Records that no answer of the question arrived, if that is so: the figures count it as not answered."""
    given = select(func.count()).where(TicketMessage.ticket_id == ticket.id, TicketMessage.way == Way.OUT)
    lost = len(lost_in(db, [ticket]).get(ticket.id, []))
    if not ticket.from_staff and lost and lost == db.scalar(given):
        ticket.reply_lost = True


def send_again(db: Session, ticket: Ticket, now: datetime, *, content: Content) -> bool:
    """Sends what did not arrive once more. False: nothing is lost, or the phone still cannot be written to."""
    lost = lost_in(db, [ticket]).get(ticket.id, [])
    sent = [again(db, ticket, message, now) for message in lost]
    if any(sent):  # they read it now
        ticket.said_at, ticket.next_at = now, now + LOOKED_AFTER
        if ticket.reply_lost:
            first_reply(ticket, now, content=content)
    db.flush()
    return any(sent)


def _answers(db: Session, tickets: Iterable[Ticket], states: tuple[Status, ...]) -> list[TicketMessage]:
    ids = [ticket.id for ticket in tickets if ticket.state in ALIVE]
    if not ids:
        return []
    query = (
        select(TicketMessage)
        .join(OutboxRow, OutboxRow.id == TicketMessage.outbox_id)
        .where(TicketMessage.ticket_id.in_(ids), TicketMessage.way == Way.OUT, OutboxRow.status.in_(states))
    )
    return list(db.scalars(query.order_by(TicketMessage.id)))

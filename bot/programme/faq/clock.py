"""What happens by itself: a held question goes out, silence is a no, staff hear of an answer whose fact has to be
looked at again, and what was never finished is deleted."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import Session

from bot.actions.mentoring import AddToQuestion, CancelQuestion
from bot.capability import Context
from bot.database import constant, something_due
from bot.delivery import outbox
from bot.people.quiet_hours import Kind
from bot.programme import mentoring
from bot.programme.faq import near, news, writing
from bot.programme.faq.tables import GONE, NO_FACT, UNFINISHED, Faq, HeldQuestion, State
from bot.programme.mentoring import Opened, Ticket
from bot.words.message import Button, Message, rows

AT_ONCE: Final = 20
"""So many rows of each kind are dealt with in one transaction; the next look goes on."""


def due(db: Session, now: datetime, context: Context) -> None:
    """Does what is due; moves every row on that it looks at."""
    most = max(
        _send_held(db, now, context), _end_asking(db, now), _tell_hidden(db, now, context), _end_old(db, now, context)
    )
    if most >= AT_ONCE:
        something_due(db)


def next_due(db: Session, now: datetime, context: Context) -> datetime | None:
    moments = [
        db.scalar(select(func.min(HeldQuestion.due_at))),
        db.scalar(select(func.min(Faq.next_at)).where(Faq.next_at.is_not(None))),
    ]
    return min((one for one in moments if one is not None), default=None)


# --- questions that wait ----------------------------------------------------------------------------------------------


def _send_held(db: Session, now: datetime, context: Context) -> int:
    query = select(HeldQuestion).where(HeldQuestion.due_at <= now).order_by(HeldQuestion.due_at)
    found = db.scalars(query.limit(AT_ONCE).with_for_update(skip_locked=True)).all()
    for question in found:
        opened = near.send(db, question, now, content=context.content)
        if isinstance(opened, Opened):
            mentoring.cards.show_new(db, opened.ticket, now, context)
            _tell_asker(db, opened.ticket, now, context)
    return len(found)


def _tell_asker(db: Session, ticket: Ticket, now: datetime, context: Context) -> None:
    account = mentoring.asker_of(db, ticket)
    if account is None or account.blocked_at is not None:
        return
    site = context.content.site(ticket.site_id)
    more = Button("mentoring.button.more", AddToQuestion(ticket.id))
    cancel = Button("mentoring.button.cancel", CancelQuestion(ticket.id))
    key = "faq.gone_out" if account.current_person_id == ticket.person_id else "faq.gone_out_for"
    message = Message(key, {"site": site.name if site else None}, rows((more, cancel)))
    post = outbox.to(
        account, message, kind=Kind.ANSWER, person_id=ticket.person_id, site_id=ticket.site_id,
        once=f"faq:out:{ticket.id}",
    )  # fmt: skip
    outbox.post(db, post, now=now)


# --- answers for everybody --------------------------------------------------------------------------------------------


def _end_asking(db: Session, now: datetime) -> int:
    query = select(Faq).where(Faq.next_at.is_not(None), Faq.next_at <= now).order_by(Faq.next_at, Faq.id)
    found = db.scalars(query.limit(AT_ONCE).with_for_update(skip_locked=True)).all()
    for faq in found:
        if faq.state == State.ASKED and writing.refuse(db, faq, now):
            news.tell_refused(db, faq, now)
        faq.next_at = None
    db.flush()
    return len(found)


def _tell_hidden(db: Session, now: datetime, context: Context) -> int:
    day = near.day_at(context.content, None, now)
    stated = (Faq.state == constant(State.PUBLISHED)) & (Faq.fact != literal_column(f"'{NO_FACT}'"))
    told = 0
    for code in db.scalars(select(Faq.fact).where(stated).distinct()).all():
        because = _hidden_for(code, day, context)
        if because is None:
            continue
        query = select(Faq).where(stated, Faq.fact == code)
        query = query.where(Faq.hidden_for.is_distinct_from(because)).order_by(Faq.id)
        for faq in db.scalars(query.limit(AT_ONCE).with_for_update(skip_locked=True)).all():
            faq.hidden_for = because
            news.tell_hidden(db, faq, now, context)
            told += 1
    db.flush()
    return told


def _hidden_for(code: str | None, day: date, context: Context) -> str | None:
    """Returns why answers with this fact are hidden: the fact's date, or GONE. None: they are not hidden."""
    fact = context.content.facts.get(code or "")
    if fact is None:
        return GONE
    return fact.review_by.isoformat() if fact.is_overdue(day) else None


def _end_old(db: Session, now: datetime, context: Context) -> int:
    """Deletes what was written of answers that were never published, as long after as what was said in questions, and
    forgets whose they were. Nothing goes by age while the clock is not known to be right."""
    if not context.clock_is_trusted:
        return 0
    kept = timedelta(days=context.content.programme.retention.questions_days)
    query = (
        select(Faq)
        .where(Faq.state != constant(State.PUBLISHED), Faq.person_id.is_not(None), Faq.changed_at <= now - kept)
        .order_by(Faq.changed_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    found = db.scalars(query).all()
    for faq in found:
        end(faq)
    db.flush()
    return len(found)


def end(faq: Faq) -> None:
    """Withdraws an answer and empties it: nobody is shown it, and nothing tells who asked or what."""
    if faq.state in UNFINISHED:
        faq.state = State.WITHDRAWN
    faq.question = faq.answer = faq.person_id = faq.from_ticket = faq.next_at = None

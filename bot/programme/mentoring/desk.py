"""What mentors do with questions: take, answer, hand over, take an answer back, rest.

Every change of who has a question is one conditional UPDATE, so of many who tap at once one has it. An answer goes to
the person of the question, and to nobody else: no function here takes another recipient.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.actions.mentoring import AddToQuestion, AnswerClear, AnswerUnclear
from bot.catalogue.content import Content
from bot.database import insert_or, something_due
from bot.delivery import outbox
from bot.delivery.outbox import OutboxRow, Status
from bot.people.people import Account, Person, account_of
from bot.people.quiet_hours import Kind, is_open, next_opening
from bot.people.rights import sites_of
from bot.people.working_hours import after_working, working_minutes
from bot.programme.mentoring import albums
from bot.programme.mentoring.outcomes import (
    Answered,
    AnsweredBefore,
    Given,
    HandedOver,
    HeldBy,
    NotSent,
    Over,
    Own,
    PutOff,
    Taken,
    TakenBefore,
    TooLate,
    Unsaid,
)
from bot.programme.mentoring.tables import ALIVE, WAITS, Closed, MentorPause, State, Ticket, TicketMessage, Way
from bot.programme.mentoring.tickets import asker_of, change, close, keep
from bot.words.message import Button, File, Form, Message, Value, Words, rows

UNSAY: Final = timedelta(minutes=2)
"""So long an answer can be taken back."""
SILENCE: Final = timedelta(days=5)
"""So long after an answer without a word the question is closed."""
LOOKED_AFTER: Final = timedelta(minutes=10)
"""So long after an answer the clock looks whether it arrived."""
FREE: Final = (Ticket.state == State.OPEN) | ((Ticket.state == State.CLAIMED) & Ticket.claimed_by.is_(None))
"""Nobody has the question; the account of a mentor who had it may be gone."""
MIME: Final = {"voice": "audio/ogg", "photo": "image/jpeg", "video": "video/mp4"}


# --- having a question ------------------------------------------------------------------------------------------------


def take(
    db: Session, ticket_id: int, account: Account, now: datetime, *, content: Content
) -> Taken | TakenBefore | HeldBy | Own | Over:
    """Makes the question this mentor's, if nobody has it. Nobody takes a question of their own."""
    ticket = db.get(Ticket, ticket_id)
    if ticket is None:
        return Over()
    if is_own(db, ticket, account):
        return Own()
    rule = content.programme.mentoring.first_reply
    until = after_working(content.mentoring_hours(ticket.site_id), now, rule)
    if change(
        db, ticket, FREE, state=State.CLAIMED, claimed_by=account.id, claimed_at=now, next_at=until
    ):  # fmt: skip
        something_due(db)
        return Taken(ticket)
    free = (Ticket.state == State.ANSWERED) & Ticket.claimed_by.is_(None)  # given back after an answer: nobody waits
    if change(db, ticket, free, claimed_by=account.id, claimed_at=now):
        return Taken(ticket)
    if ticket.state not in ALIVE:
        return Over()
    if ticket.claimed_by == account.id:
        return TakenBefore(ticket)
    return HeldBy(ticket, holder(db, ticket))


def is_own(db: Session, ticket: Ticket, account: Account) -> bool:
    """Whether somebody on this phone asked the question."""
    asker = asker_of(db, ticket)
    return asker is not None and asker.id == account.id


def holder(db: Session, ticket: Ticket) -> Account | None:
    """Returns the account that has the question, or answered it last."""
    return db.get(Account, ticket.claimed_by) if ticket.claimed_by is not None else None


def hand_over(
    db: Session,
    ticket: Ticket,
    now: datetime,
    *,
    by: Account,
    to: Account | None,
    note: str | None,
    content: Content,
) -> HandedOver | HeldBy | Over:
    """Gives the question to a colleague; without one back to the queue. `note` is for colleagues alone.

    Only from whom the caller saw it with (`ticket.claimed_by`): who comes second hears who has it.
    """
    if ticket.state not in ALIVE:
        return Over()
    before = ticket.claimed_by
    since = ticket.waiting_since or now
    hours, rule = content.mentoring_hours(ticket.site_id), content.programme.mentoring.first_reply
    held = Ticket.claimed_by == before if before is not None else Ticket.claimed_by.is_(None)
    values: dict[str, object]
    if to is None and ticket.state == State.ANSWERED:  # nobody waits: a word more goes to all
        values = {"claimed_by": None, "claimed_at": None}
    elif to is None:
        values = {"state": State.OPEN, "claimed_by": None, "claimed_at": None, "waiting_since": since, "next_at": now}
    else:
        state = State.ANSWERED if ticket.state == State.ANSWERED else State.CLAIMED
        until = after_working(hours, now, rule) if state is State.CLAIMED else ticket.next_at
        values = {"state": state, "claimed_by": to.id, "claimed_at": now, "next_at": until}
    if not change(db, ticket, held & Ticket.state.in_(ALIVE), **values):
        return Over() if ticket.state not in ALIVE else HeldBy(ticket, holder(db, ticket))
    if note:
        keep(db, ticket, Way.INTERNAL, Given("text", note), now, by)
    something_due(db)
    return HandedOver(ticket, to)


def release(db: Session, account: Account, now: datetime, *, sites: frozenset[str] | None = None) -> list[Ticket]:
    """Gives back every question of somebody who rests or is no mentor (any more). Where a person waits it is open
    again, and the clock looks at it at once; an answered one is nobody's, so that a word more goes to all.

    `sites`: only there. Returns those for which people wait.
    """
    query = select(Ticket).where(Ticket.claimed_by == account.id, Ticket.state.in_(ALIVE)).with_for_update()
    waiting = []
    for ticket in db.scalars(query if sites is None else query.where(Ticket.site_id.in_(sites))):
        ticket.claimed_by = None
        if ticket.state == State.CLAIMED:
            ticket.state, ticket.claimed_at, ticket.next_at = State.OPEN, None, now
            waiting.append(ticket)
    db.flush()
    if waiting:
        something_due(db)
    return waiting


# --- answering --------------------------------------------------------------------------------------------------------


def reply(
    db: Session,
    ticket: Ticket,
    given: Given,
    now: datetime,
    *,
    by: Account,
    admin: bool,
    content: Content,
    known: int | None = None,
) -> Answered | AnsweredBefore | HeldBy | NotSent | Own | Over:
    """Sends an answer to the person whose question it is, if this mentor has it (or an admin says it). Where the phone
    cannot be written to nothing is kept: the question waits as before. `known`: the newest answer of a colleague that
    who writes was shown (0: none); without it they need not have been.

    Doing it twice with the same message of Telegram's says it once.
    """
    db.refresh(ticket, with_for_update=True)
    if ticket.state not in ALIVE:
        return Over()
    if ticket.claimed_by != by.id and not admin:
        return HeldBy(ticket, holder(db, ticket))
    person = db.get(Person, ticket.person_id)
    account = account_of(db, person)
    if person is None or account is None:
        return Over()
    if account.id == by.id:
        return Own()
    if account.blocked_at is not None:
        return NotSent(ticket)
    before = answered_by_colleague(db, ticket, by) if known is not None else None
    if before is not None and before.id > (known or 0):
        return AnsweredBefore(ticket, before)
    message = keep(db, ticket, Way.OUT, given, now, by)
    post = outbox.to(
        account,
        answer_of(db, ticket, message, by, shared=account.current_person_id != person.id),
        kind=Kind.ANSWER,
        person_id=person.id,
        site_id=ticket.site_id,
    )
    message.outbox_id = outbox.post(db, post, now=now)
    # the first answer is that of the question, whoever gave it; a later one of an admin takes it from nobody
    if (ticket.first_reply_at is None or ticket.reply_lost) and not ticket.from_staff:
        first_reply(ticket, now, content=content)
    ticket.claimed_by = ticket.claimed_by or by.id
    ticket.state, ticket.waiting_since, ticket.level, ticket.said_at = State.ANSWERED, None, 0, now
    ticket.next_at = now + LOOKED_AFTER
    db.flush()
    something_due(db)
    return Answered(ticket, message)


def first_reply(ticket: Ticket, now: datetime, *, content: Content) -> None:
    """Records that the first reply was given at this moment, by the hours of work as they stand."""
    ticket.first_reply_at, ticket.reply_lost = now, False
    ticket.reply_minutes = working_minutes(content.mentoring_hours(ticket.site_id), ticket.opened_at, now)


def answered_by_colleague(db: Session, ticket: Ticket, account: Account) -> TicketMessage | None:
    """Returns the newest answer, if somebody else than this account gave it and nobody said anything after it."""
    said = select(TicketMessage).where(TicketMessage.ticket_id == ticket.id, TicketMessage.way != Way.INTERNAL)
    newest = db.scalars(said.order_by(TicketMessage.id.desc()).limit(1)).first()
    return newest if newest is not None and newest.way == Way.OUT and newest.account_id != account.id else None


def answer_of(db: Session, ticket: Ticket, message: TicketMessage, by: Account | None, *, shared: bool) -> Message:
    """Returns the answer as the person is sent it. `by`: who answered; None: their account is gone. `shared`: the phone
    speaks as somebody else at the moment, so the message says for whom it is.

    Nothing of it stays in the outbox: what is said in a question stands in one table.
    """
    clear = Button("mentoring.button.clear", AnswerClear(ticket.id))
    values: dict[str, Value] = {"role": role_of(db, ticket, by)}
    if by is not None and by.staff_name is not None:
        values["mentor"] = by.staff_name
    if ticket.class_id is None:
        buttons = rows((clear,), (Button("mentoring.button.unclear", AnswerUnclear(ticket.id)),))
    else:
        buttons = rows((Button("mentoring.button.answer", AddToQuestion(ticket.id)), clear))
    if albums.comes_after(db, message):
        buttons = ()
    key = "mentoring.answer_for" if shared else "mentoring.answer"
    if by is None or by.staff_name is None:
        key = "mentoring.answer_for_unnamed" if shared else "mentoring.answer_unnamed"
    text = escaped(message.text or "")
    if message.form == "text":
        return Message(key, values, buttons, html=text, secret=True)
    file = File(message.form, MIME[message.form], id=message.file_id)
    return Message(key, values, buttons, form=Form(message.form), file=file, html=text, secret=True)


def role_of(db: Session, ticket: Ticket, account: Account | None) -> Words:
    """Returns as what somebody speaks in this question: as a trainer, if it is about a class and they are a trainer of
    the site; else as a mentor."""
    leads = account is not None and ticket.class_id is not None and ticket.site_id in sites_of(db, account)
    return Words("mentoring.role.trainer" if leads else "mentoring.role.mentor")


def escaped(text: str) -> str:
    """Returns what somebody wrote, as Telegram's HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def called(account: Account) -> Value:
    """Returns how a mentor is named to people and colleagues."""
    return account.staff_name or Words("mentoring.somebody")


def unsay(
    db: Session, message: TicketMessage, now: datetime, *, by: Account, content: Content
) -> Unsaid | TooLate | Over:
    """Takes an answer back that this account gave a moment ago: a waiting one never leaves, a sent one is deleted in
    the person's chat. The person waits again as before, if it was the newest."""
    ticket = db.get_one(Ticket, message.ticket_id)
    if message.way != Way.OUT or message.account_id != by.id or ticket.state not in ALIVE or message.outbox_id is None:
        return Over()
    if now - message.at > UNSAY and not _put_off(db, message, now):
        return TooLate()
    whole = albums.pieces(db, message)
    were_sent = [_taken_from_chat(db, one, now) for one in whole]
    _wait_again(db, ticket, whole, now, content=content)
    for one in whole:
        db.delete(one)
    db.flush()
    if ticket.from_staff and _nothing_said(db, ticket):
        close(db, ticket, now, Closed.CANCELLED)
    return Unsaid(ticket, any(were_sent))


def _put_off(db: Session, message: TicketMessage, now: datetime) -> bool:
    """Whether the answer still waits for the morning."""
    row = db.get(OutboxRow, message.outbox_id) if message.outbox_id is not None else None
    return row is not None and row.status == Status.WAITING and row.not_before is not None and row.not_before > now


def in_the_morning(
    db: Session, message: TicketMessage, now: datetime, *, by: Account, content: Content
) -> PutOff | TooLate | Over:
    """Lets an answer that this account gave a moment ago come at the next opening of the site; one that was sent is
    deleted in the person's chat until then."""
    ticket = db.get_one(Ticket, message.ticket_id)
    account, hours = asker_of(db, ticket), content.open_hours(ticket.site_id)
    if message.way != Way.OUT or message.account_id != by.id or ticket.state not in ALIVE or account is None:
        return Over()
    if _put_off(db, message, now):  # a second tap
        return PutOff(ticket, next_opening(hours, now))
    if now - message.at > UNSAY or is_open(hours, now):
        return TooLate()
    at, shared = next_opening(hours, now), account.current_person_id != ticket.person_id
    for one in albums.pieces(db, message):
        _taken_from_chat(db, one, now)
        post = outbox.to(
            account, answer_of(db, ticket, one, by, shared=shared), kind=Kind.ANSWER, person_id=ticket.person_id,
            site_id=ticket.site_id, not_before=at,
        )  # fmt: skip
        one.outbox_id = outbox.post(db, post, now=now)
    db.flush()
    return PutOff(ticket, at)


def _taken_from_chat(db: Session, message: TicketMessage, now: datetime) -> bool:
    """Drops an answer that waits, or deletes it in the person's chat. Returns whether it had been sent."""
    row = db.get(OutboxRow, message.outbox_id) if message.outbox_id is not None else None
    dropped = db.execute(
        update(OutboxRow)
        .where(OutboxRow.id == message.outbox_id, OutboxRow.status == Status.WAITING)
        .values(status=Status.DROPPED, reason="taken back", message=None)
        .execution_options(synchronize_session=False)
    )
    if dropped.rowcount:  # type: ignore[attr-defined]
        return False
    account = db.get(Account, row.account_id) if row is not None and row.account_id is not None else None
    if row is not None and account is not None:
        outbox.post(db, outbox.to(account, Message(form=Form.DELETE), edits=row.id, kind=Kind.REPLY), now=now)
    return True


def _nothing_said(db: Session, ticket: Ticket) -> bool:
    said = select(TicketMessage.id).where(TicketMessage.ticket_id == ticket.id, TicketMessage.way != Way.INTERNAL)
    return db.scalar(said.limit(1)) is None


def again(db: Session, ticket: Ticket, message: TicketMessage, now: datetime) -> bool:
    """Sends an answer once more that did not arrive. False: the phone of who asked still cannot be written to."""
    account = asker_of(db, ticket)
    if account is None or account.blocked_at is not None or ticket.emptied_at is not None:
        return False
    by = db.get(Account, message.account_id) if message.account_id is not None else None
    shared = account.current_person_id != ticket.person_id
    said = answer_of(db, ticket, message, by, shared=shared)
    post = outbox.to(account, said, kind=Kind.ANSWER, person_id=ticket.person_id, site_id=ticket.site_id)
    message.outbox_id = outbox.post(db, post, now=now)
    return True


def correct(db: Session, message: TicketMessage, text: str, now: datetime, *, by: Account) -> Ticket | None:
    """Changes the words of an answer that this account gave, in the person's chat too. None: the question is over, or
    the person has no phone here (any more)."""
    ticket = db.get_one(Ticket, message.ticket_id)
    account = asker_of(db, ticket)
    if ticket.state not in ALIVE or account is None or message.outbox_id is None:
        return None
    message.text, message.edited_at = text, now
    shared = account.current_person_id != ticket.person_id
    post = outbox.to(
        account,
        answer_of(db, ticket, message, by, shared=shared),
        kind=Kind.ANSWER,
        person_id=ticket.person_id,
        site_id=ticket.site_id,
        edits=message.outbox_id,
    )
    outbox.post(db, post, now=now)
    return ticket


def answer_newest(db: Session, account: Account) -> Ticket | None:
    """Returns the open question of somebody on this phone to which the newest message of the chat was an answer; None:
    the newest message was something else. A plain "ya" is for whoever spoke last."""
    query = select(OutboxRow.id).where(OutboxRow.account_id == account.id, OutboxRow.telegram_message_id.is_not(None))
    newest = db.scalar(query.order_by(OutboxRow.id.desc()).limit(1))
    if newest is None:
        return None
    said = select(Ticket).join(TicketMessage, TicketMessage.ticket_id == Ticket.id)
    said = said.join(Person, Person.id == Ticket.person_id)
    said = said.where(TicketMessage.outbox_id == newest, TicketMessage.way == Way.OUT, Ticket.state.in_(ALIVE))
    return db.scalars(said.where(Person.account_id == account.id).limit(1)).first()


def written_by(db: Session, account: Account, telegram_message_id: int) -> TicketMessage | None:
    """Returns the answer in an open question that this message of a mentor's chat was; None: it was none."""
    query = (
        select(TicketMessage)
        .join(Ticket, Ticket.id == TicketMessage.ticket_id)
        .where(TicketMessage.account_id == account.id, TicketMessage.telegram_message_id == telegram_message_id)
        .where(TicketMessage.way == Way.OUT, Ticket.state.in_(ALIVE))
    )
    return db.scalars(query.limit(1)).first()


def _wait_again(
    db: Session, ticket: Ticket, answer: Sequence[TicketMessage], now: datetime, *, content: Content
) -> None:
    """Lets the person wait as before this answer, if it was the newest."""
    its = [one.id for one in answer]
    said = select(TicketMessage).where(TicketMessage.ticket_id == ticket.id, TicketMessage.id.not_in(its))
    before = db.scalars(
        said.where(TicketMessage.way != Way.INTERNAL).order_by(TicketMessage.id.desc()).limit(1)
    ).first()
    if ticket.state != State.ANSWERED or before is None or before.way != Way.IN or before.id > max(its):
        return
    answered_before = said.where(TicketMessage.way == Way.OUT).limit(1)
    if db.scalars(answered_before).first() is None:
        ticket.first_reply_at = ticket.reply_minutes = None
        ticket.reply_lost = False
    ticket.state, ticket.waiting_since = State.CLAIMED, before.at
    rule = content.programme.mentoring.first_reply
    ticket.next_at = after_working(content.mentoring_hours(ticket.site_id), now, rule)


def waits_no_more(db: Session, ticket: Ticket, now: datetime, *, content: Content) -> None:
    """Records that the person took back what they said after an answer: they wait no more, and the clock is again that
    of an answered question."""
    said = select(TicketMessage).where(TicketMessage.ticket_id == ticket.id, TicketMessage.way != Way.INTERNAL)
    newest = db.scalars(said.order_by(TicketMessage.id.desc()).limit(1)).first()
    if newest is not None and newest.way == Way.OUT and ticket.state in WAITS:
        ticket.state, ticket.waiting_since, ticket.level = State.ANSWERED, None, 0
        ticket.next_at = next_opening(content.open_hours(ticket.site_id), max(now, newest.at + SILENCE))
        db.flush()
        something_due(db)


# --- resting ----------------------------------------------------------------------------------------------------------


def rest(db: Session, account: Account, sites: frozenset[str], now: datetime) -> None:
    """Records that the mentor wants to be shown no new questions of these sites from now on."""
    for site_id in sorted(sites):
        values = {"account_id": account.id, "site_id": site_id, "since": now}
        db.execute(insert_or(db, MentorPause).values(values).on_conflict_do_nothing())


def serve_again(db: Session, account: Account) -> None:
    for pause in db.scalars(select(MentorPause).where(MentorPause.account_id == account.id)):
        db.delete(pause)
    db.flush()


def rests(db: Session, account: Account) -> bool:
    query = select(MentorPause.account_id).where(MentorPause.account_id == account.id).limit(1)
    return db.scalar(query) is not None

"""The clock of questions: no question lies forgotten. One column says when to look (`Ticket.next_at`), one `due` looks.

    half of `first_reply` gone, nobody has it   the mentors on duty hear
    all of it gone                              the trainers of the site, too; the person is told, with an excuse
    twice                                       the admins hear; mentors of other sites of the province see it
    three working days                          the person gets the programme's own contact; /status counts it
    taken, and no answer for `first_reply`      back to the queue; its mentor is told; all on duty hear
    answered, ten minutes                       whether it arrived; if not, its mentor hears, and it is sent again later
    answered, five days without a word          closed, and said so once, in open hours; of a class without a word

All in hours of work of the site (`Content.mentoring_hours`). Each step is said once (`ticket:<id>:<step>:<turn>`);
after a downtime only the highest step that is true now is taken.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.actions.mentoring import AddToQuestion, SeeQuestions
from bot.capability import Context
from bot.database import something_due
from bot.delivery import outbox
from bot.people.people import Account, Person
from bot.people.quiet_hours import Kind, OpenHours, is_open, next_opening, windows
from bot.people.rights import admin_accounts, responsible_for
from bot.people.working_hours import after_working, working_minutes
from bot.programme.mentoring import cards
from bot.programme.mentoring.desk import SILENCE
from bot.programme.mentoring.lost import lost_in, note_lost, on_its_way, send_again
from bot.programme.mentoring.tables import ALIVE, WAITS, Closed, State, Ticket, TicketMessage
from bot.programme.mentoring.tickets import asker_of, close
from bot.words.message import Button, Message, Rows, Value, Words, rows

AT_ONCE: Final = 5
"""So many questions are looked at in one transaction, some 40 ms with three mentors each; the next look goes on."""
HALF, LATE, TWICE, DAYS = 1, 2, 3, 4
WORKING_DAYS: Final = 3
"""After so many days of work the person is given the programme's own contact."""
RETRY: Final = timedelta(hours=1)
"""When a question is looked at again whose site has no hours of work at all (any more), or whose answer is not there
yet."""
EMPTIED: Final = 200
"""So many questions are emptied in one transaction."""


def due(db: Session, now: datetime, context: Context) -> None:
    """Does what is due; moves every question on that it looks at."""
    query = (
        select(Ticket)
        .where(Ticket.next_at.is_not(None), Ticket.next_at <= now)
        .order_by(Ticket.next_at, Ticket.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    found = db.scalars(query).all()
    for ticket in found:
        ticket.next_at = None
        if ticket.state == State.ANSWERED:
            _look_after_answer(db, ticket, now, context)
        elif ticket.state in WAITS:
            _look(db, ticket, now, context)
    db.flush()
    if len(found) == AT_ONCE or _empty_old(db, now, context) == EMPTIED:
        something_due(db)


def next_due(db: Session, now: datetime, context: Context) -> datetime | None:
    moments = [db.scalar(select(func.min(Ticket.next_at)).where(Ticket.next_at.is_not(None)))]
    if context.clock_is_trusted:
        kept = Ticket.closed_at.is_not(None) & Ticket.emptied_at.is_(None)
        oldest = db.scalar(select(func.min(Ticket.closed_at)).where(kept))
        moments.append(oldest + _kept(context) if oldest is not None else None)
    return min((one for one in moments if one is not None), default=None)


# --- the steps --------------------------------------------------------------------------------------------------------


def thresholds(hours: OpenHours, context: Context) -> dict[int, int]:
    """Returns after how many minutes of work each step is due."""
    rule = context.content.programme.mentoring.first_reply
    days = max(_longest_day(hours) * WORKING_DAYS, 2 * rule + 1)
    return {HALF: rule // 2, LATE: rule, TWICE: 2 * rule, DAYS: days}


def _longest_day(hours: OpenHours) -> int:
    """Returns the minutes of work of the longest day of an ordinary week."""
    week = [date(2026, 1, 5) + timedelta(days=day) for day in range(7)]
    worked = [sum(((end - start) for start, end in windows(hours, day)), timedelta(0)) for day in week]
    return int(max(worked) / timedelta(minutes=1))


def _look(db: Session, ticket: Ticket, now: datetime, context: Context) -> None:
    hours = context.content.mentoring_hours(ticket.site_id)
    rule = context.content.programme.mentoring.first_reply
    since = ticket.waiting_since or now
    if ticket.state == State.CLAIMED:
        taken_at = max(since, ticket.claimed_at or since)
        until = after_working(hours, taken_at, rule)
        if ticket.claimed_by is not None and until > now:
            ticket.next_at = until
            return
        _put_back(db, ticket, now)
    if ticket.phone is not None:
        cards.over_number(db, ticket, now)  # who has it next sees it in the talk
    gone = working_minutes(hours, since, now)
    steps = thresholds(hours, context)
    step = max((one for one, after in steps.items() if after <= gone), default=0)
    if step > ticket.level:
        ticket.level = step
        _take_step(db, ticket, step, now, context)
    else:  # somebody gave it back
        _shown_once(db, ticket, now, context)
    ahead = [after for one, after in steps.items() if one > ticket.level]
    ticket.next_at = after_working(hours, since, min(ahead)) if ahead else None
    if ticket.next_at is not None and ticket.next_at <= now:
        ticket.next_at = now + RETRY


def _put_back(db: Session, ticket: Ticket, now: datetime) -> None:
    mentor = db.get(Account, ticket.claimed_by) if ticket.claimed_by is not None else None
    if mentor is not None and mentor.blocked_at is None:
        values: dict[str, Value] = {"number": ticket.id}
        once = f"ticket:{ticket.id}:back:{ticket.turn}:{mentor.id}:{int(now.timestamp())}"
        post = outbox.to(
            mentor,
            Message("mentoring.given_back", values),
            kind=cards.kind_of(ticket),
            site_id=ticket.site_id,
            once=once,
        )
        outbox.post(db, post, now=now)
    ticket.state, ticket.claimed_by, ticket.claimed_at = State.OPEN, None, None


def _shown_once(db: Session, ticket: Ticket, now: datetime, context: Context) -> None:
    """Shows a question that nobody has (again) to the mentors on duty; to each of them once between two of its
    steps."""
    once = f"ticket:{ticket.id}:back:{ticket.turn}:{int(now.timestamp())}"
    cards.show(db, ticket, cards.on_duty(db, ticket, context), now, context, key="mentoring.card_back", once=once)


def _take_step(db: Session, ticket: Ticket, step: int, now: datetime, context: Context) -> None:
    once = f"ticket:{ticket.id}:{step}:{ticket.turn}"
    told = {one.id: one for one in cards.on_duty(db, ticket, context)}
    if step >= LATE:
        told |= {one.id: one for one in responsible_for(db, ticket.site_id, context.settings)}
    if step >= TWICE:
        told |= {one.id: one for one in admin_accounts(db, context.settings)}
    person = db.get(Person, ticket.person_id)
    asks = person.account_id if person is not None else None
    key = "mentoring.card_half" if step == HALF else "mentoring.card_late"
    cards.show(db, ticket, (one for one in told.values() if one.id != asks), now, context, key=key, once=once)
    if step in (LATE, TWICE):
        sorry = Message("mentoring.sorry", {"which": cards.named_to_person(db, ticket, context)}, _see(ticket))
        _tell_person(db, ticket, sorry, now, once=f"ticket:{ticket.id}:sorry:{ticket.turn}")
    elif step == DAYS:
        whom = context.content.contact(ticket.site_id) or context.settings.privacy_contact
        contact = whom or Words("menu.contact_trainer")
        values: dict[str, Value] = {"contact": contact, "which": cards.named_to_person(db, ticket, context)}
        _tell_person(db, ticket, Message("mentoring.contact", values, _see(ticket)), now, once=once)


def _see(ticket: Ticket) -> Rows:
    """The buttons below what tells somebody that they still wait."""
    more = Button("mentoring.button.more", AddToQuestion(ticket.id))
    return rows((more, Button("mentoring.button.mine", SeeQuestions())))


def _tell_person(db: Session, ticket: Ticket, message: Message, now: datetime, *, once: str) -> None:
    account = asker_of(db, ticket)
    if account is None or account.blocked_at is not None:
        return
    post = outbox.to(account, message, kind=Kind.ANSWER, person_id=ticket.person_id, site_id=ticket.site_id, once=once)
    outbox.post(db, post, now=now)


def _look_after_answer(db: Session, ticket: Ticket, now: datetime, context: Context) -> None:
    """Whether the answer arrived; if not, staff hear it once, and it is sent again when the phone can be written to."""
    end = ticket.said_at + SILENCE
    if now >= end:
        return _end_in_silence(db, ticket, now, context)
    lost = lost_in(db, [ticket]).get(ticket.id)
    if lost is None:
        open_hours = context.content.open_hours(ticket.site_id)
        ticket.next_at = now + RETRY if on_its_way(db, ticket) else next_opening(open_hours, end)
        return
    ticket.next_at = min(now + RETRY, end)
    note_lost(db, ticket)
    if send_again(db, ticket, now, content=context.content):
        return
    holder = db.get(Account, ticket.claimed_by) if ticket.claimed_by is not None else None
    told = cards.on_duty(db, ticket, context) if holder is None else [holder]
    cards.not_arrived(db, ticket, told, now, once=f"ticket:{ticket.id}:lost:{lost[-1].id}")


def _end_in_silence(db: Session, ticket: Ticket, now: datetime, context: Context) -> None:
    open_hours = context.content.open_hours(ticket.site_id)
    if not is_open(open_hours, now):
        ticket.next_at = next_opening(open_hours, now)
        return
    if close(db, ticket, now, Closed.SILENCE) and ticket.class_id is None:
        again = Button("mentoring.button.more", AddToQuestion(ticket.id))
        message = Message("mentoring.closed_silence", {"number": ticket.id}, rows((again,)))
        _tell_person(db, ticket, message, now, once=f"ticket:{ticket.id}:silence:{ticket.turn}")


# --- keeping ----------------------------------------------------------------------------------------------------------


def _kept(context: Context) -> timedelta:
    return timedelta(days=context.content.programme.retention.questions_days)


def _empty_old(db: Session, now: datetime, context: Context) -> int:
    """Deletes what was said in questions that were closed long enough ago; topic and times stay. Nothing goes by age
    while the clock is not known to be right."""
    if not context.clock_is_trusted:
        return 0
    query = (
        select(Ticket.id)
        .where(Ticket.closed_at.is_not(None), Ticket.emptied_at.is_(None), Ticket.closed_at <= now - _kept(context))
        .order_by(Ticket.closed_at)
        .limit(EMPTIED)
    )
    ids = db.scalars(query).all()
    for ticket in db.scalars(select(Ticket).where(Ticket.id.in_(ids), Ticket.phone.is_not(None))):
        cards.over_number(db, ticket, now)
    empty(db, ids, now)
    return len(ids)


def empty(db: Session, tickets: Iterable[int], now: datetime) -> None:
    """Empties everything that was said in these questions, and the numbers given for them."""
    ids = list(tickets)
    if not ids:
        return
    said = update(TicketMessage).where(TicketMessage.ticket_id.in_(ids))
    db.execute(said.values(text=None, file_id=None, telegram_message_id=None, album=None))
    db.execute(update(Ticket).where(Ticket.id.in_(ids)).values(emptied_at=now, phone=None))


def alive_of(db: Session, person: Person) -> list[Ticket]:
    return list(db.scalars(select(Ticket).where(Ticket.person_id == person.id, Ticket.state.in_(ALIVE))))

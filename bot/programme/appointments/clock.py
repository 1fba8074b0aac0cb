"""What becomes due of appointments: reminders to both, the question whether they met, the address that is emptied; and
times that passed without anybody, which are deleted.

A reminder is due, not scheduled: each appointment says when the clock has something to do with it. However many are due
at once, their reminders are one INSERT, as those of classes are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from bot.actions.appointments import ConsiderMoving, MarkMet, SeeBooked
from bot.capability import Context
from bot.database import Base, something_due
from bot.delivery import outbox
from bot.delivery.outbox import Post
from bot.people.people import Account, Person
from bot.people.quiet_hours import Kind, OpenHours, verdict
from bot.programme.appointments import news, offering
from bot.programme.appointments.booking import WIPED, next_moment, wipe
from bot.programme.appointments.tables import Appointment, Slot, State
from bot.programme.mentoring import called
from bot.programme.privacy import MONTH
from bot.words.message import At, Button, Message, Value, Who, rows

AT_ONCE: Final = 500
"""So many appointments are looked at in one transaction; the tick is asked again at once for the rest."""
SLOTS_AT_ONCE: Final = 500
APPOINTMENT: Final = Base.metadata.tables[Appointment.__tablename__]
_NEXT: Final = update(APPOINTMENT).where(APPOINTMENT.c.id == bindparam("row")).values(next_at=bindparam("at"))


def due(db: Session, now: datetime, context: Context) -> None:
    query = (
        select(Appointment)
        .where(Appointment.next_at <= now)
        .order_by(Appointment.next_at, Appointment.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    found = db.scalars(query).all()
    coming = [one for one in found if one.state == State.BOOKED and one.starts_at > now]
    _remind(db, coming, now, context)
    for one in found:
        if one.state == State.BOOKED and one.starts_at <= now < one.ends_at:
            one.next_at = one.ends_at
        elif one.state == State.BOOKED and one.ends_at <= now:
            _ask_whether_met(db, one, now)
        elif one.state != State.BOOKED:
            wipe(one)
            one.next_at = None
    passed = db.scalars(select(Slot.id).where(Slot.ends_at <= now).limit(SLOTS_AT_ONCE)).all()
    offering.drop(db, passed)
    if context.clock_is_trusted:
        _end(db, now - context.content.programme.retention.record_months * MONTH)
    if len(found) == AT_ONCE:
        something_due(db)


def next_due(db: Session, now: datetime, context: Context) -> datetime | None:
    return db.scalar(select(func.min(Appointment.next_at)).where(Appointment.next_at.is_not(None)))


def _end(db: Session, before: datetime) -> None:
    """Deletes appointments that were kept long enough."""
    old = select(Appointment.id).where(Appointment.ends_at < before).limit(SLOTS_AT_ONCE)
    for number in db.scalars(old).all():
        db.delete(db.get_one(Appointment, number))


# --- reminders --------------------------------------------------------------------------------------------------------


def _remind(db: Session, coming: Sequence[Appointment], now: datetime, context: Context) -> None:
    """Posts the reminders of all of these at once, and dates each anew."""
    if not coming:
        return
    people = _addressed(db, coming)
    mentors = {one.id: one for one in _accounts(db, {one.account_id for one in coming})}
    hours_of: dict[str, OpenHours] = {}
    posts: list[Post] = []
    dates: list[dict[str, Any]] = []
    for one in coming:
        hours = hours_of.get(one.site_id) or hours_of.setdefault(one.site_id, context.content.open_hours(one.site_id))
        decision = verdict(Kind.APPOINTMENT, now=now, hours=hours, starts_at=one.starts_at)
        if decision.hold_until is not None:
            dates.append({"row": one.id, "at": decision.hold_until})
            continue
        leads = context.content.leads(one.site_id)
        number = max(at for at, lead in enumerate(leads) if one.starts_at - timedelta(minutes=lead) <= now)
        mentor = mentors.get(one.account_id or 0)
        values: dict[str, Value] = {
            "starts": At(one.starts_at, one.zone),
            "how": news.how(one),
            "mentor": called(mentor) if mentor is not None else None,
        }
        about: dict[str, Any] = {"kind": Kind.APPOINTMENT, "site_id": one.site_id, "starts_at": one.starts_at}
        about |= {"not_after": one.starts_at}
        if (asked := people.get(one.id)) is not None:
            key = "appointments.see_you" if one.coming_at is not None else "appointments.asks"
            message = Message(key, values, news.coming_buttons(one))
            once = news.reminder_name(one, number, "person")
            posts.append(Post(*asked, message, person_id=one.person_id, once=once, **about))
        if mentor is not None and mentor.blocked_at is None and number == len(leads) - 1:
            told = values | {"who": Who(one.person_id)} if one.person_id is not None else values
            button = Button("appointments.button.show", SeeBooked(one.id))
            key = "appointments.mentor_reminder_yes" if one.coming_at is not None else "appointments.mentor_reminder"
            message = Message(key, told, rows((button,)), protected=True)
            posts.append(outbox.to(mentor, message, once=news.reminder_name(one, number, "mentor"), **about))
        dates.append({"row": one.id, "at": next_moment(one.starts_at, one.ends_at, one.site_id, now, context.content)})
    outbox.post_all(db, posts, now=now)
    db.flush()
    db.connection().execute(_NEXT, dates)


def _addressed(db: Session, coming: Sequence[Appointment]) -> dict[int, tuple[int, int, str]]:
    """Returns the phone of each appointment's person, if they can be written to: account, chat, language."""
    query = (
        select(Appointment.id, Account.id, Account.telegram_id, Account.language)
        .join(Person, Person.id == Appointment.person_id)
        .join(Account, Account.id == Person.account_id)
        .where(Appointment.id.in_([one.id for one in coming]))
        .where(Person.consent_training, Person.frozen_at.is_(None), Account.blocked_at.is_(None))
    )
    return {number: (account, chat, language) for number, account, chat, language in db.execute(query)}


def _accounts(db: Session, ids: set[int | None]) -> Sequence[Account]:
    return db.scalars(select(Account).where(Account.id.in_([one for one in ids if one is not None]))).unique().all()


# --- afterwards -------------------------------------------------------------------------------------------------------


def _ask_whether_met(db: Session, one: Appointment, now: datetime) -> None:
    """The time is over: the mentor is asked once whether they met."""
    one.state, one.next_at = State.OVER, one.ends_at + WIPED
    yes = Button("appointments.button.met", MarkMet(one.id, met=True, version=one.revision))
    no = Button("appointments.button.missed", MarkMet(one.id, met=False, version=one.revision))
    buttons = [(yes, no), (Button("appointments.button.move_it", ConsiderMoving(one.id)),)]
    news.tell_mentor(db, one, "appointments.met", now, what="met", buttons=buttons, kind=Kind.DUTY)

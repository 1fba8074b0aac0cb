"""Appointments booked, moved, given back, called off, and what became of them.

Each is one conditional UPDATE of the time, so of many who tap at once one has it; two indexes keep that a time has one
appointment and a person one at a time, whatever else goes wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.actions.appointments import Why
from bot.catalogue.content import Content
from bot.database import something_due
from bot.people.people import Account, Person, Use, account_of
from bot.people.quiet_hours import overlapping
from bot.programme import consents, enrolment
from bot.programme.appointments import news, offering
from bot.programme.appointments.offering import SOONEST, is_free
from bot.programme.appointments.outcomes import (
    Booked,
    CalledOff,
    Clash,
    Gone,
    HasOne,
    Marked,
    Moved,
    NotBegun,
    NotYet,
    Own,
    Stale,
    TooMany,
    Unreachable,
)
from bot.programme.appointments.tables import Appointment, OffBy, Slot, SlotState, State
from bot.programme.sessions import ClassSession

MOST: Final = 2
"""So many a person books by themselves within MONTH."""
MONTH: Final = timedelta(days=30)
MISSES: Final = 2
"""After so many missed within MONTH only a mentor books for the person."""
UNDO: Final = timedelta(minutes=2)
"""So long a person can take back that they called off."""
WIPED: Final = timedelta(days=1)
"""So long after the end the address stays."""
MARKED: Final = timedelta(days=14)
"""So long after the start a mentor can say whether they met."""
HELD: Final = (State.BOOKED, State.OVER, State.MET, State.MISSED)


# --- looking ----------------------------------------------------------------------------------------------------------


def get(db: Session, number: int) -> Appointment | None:
    return db.get(Appointment, number)


def person_of(db: Session, appointment: Appointment) -> Person | None:
    return db.get(Person, appointment.person_id) if appointment.person_id is not None else None


def mentor_account(db: Session, appointment: Appointment) -> Account | None:
    return db.get(Account, appointment.account_id) if appointment.account_id is not None else None


def of_person(db: Session, person: Person, number: int) -> Appointment | None:
    """Returns this appointment, if it is the person's."""
    found = get(db, number)
    return found if found is not None and found.person_id == person.id else None


def booked_by(db: Session, person: Person) -> Appointment | None:
    """Returns the appointment that the person has."""
    query = select(Appointment).where(Appointment.person_id == person.id, Appointment.state == State.BOOKED)
    return db.scalars(query).one_or_none()


def of_mentor(db: Session, account: Account, now: datetime, *, limit: int, offset: int = 0) -> list[Appointment]:
    """Returns the mentor's appointments: those of the last day of which nobody has said whether they met, then those to
    come."""
    query = select(Appointment).where(
        Appointment.account_id == account.id,
        Appointment.starts_at > now - MARKED,
        Appointment.state.in_((State.BOOKED, State.OVER)),
    )
    return list(db.scalars(query.order_by(Appointment.starts_at, Appointment.id).limit(limit).offset(offset)))


def may_book(db: Session, person: Person, now: datetime) -> HasOne | TooMany | NotYet | None:
    """Returns why the person cannot book one now; None: they can."""
    if (mine := booked_by(db, person)) is not None:
        return HasOne(mine)
    lately = select(Appointment.state, Appointment.starts_at).where(
        Appointment.person_id == person.id, Appointment.starts_at > now - MONTH, Appointment.state.in_(HELD)
    )
    missed = sorted(at for state, at in db.execute(lately) if state == State.MISSED)
    if len(missed) >= MISSES:
        return NotYet(missed[-1] + MONTH)
    made = select(func.count()).select_from(Appointment)
    made = made.where(
        Appointment.person_id == person.id,
        Appointment.booked_at > now - MONTH,
        Appointment.by_mentor.is_(False),
        Appointment.state.in_(HELD),
    )
    return TooMany(MOST) if (db.scalar(made) or 0) >= MOST else None


def clash(db: Session, person: Person, slot: Slot, now: datetime) -> ClassSession | None:
    """Returns the class at that hour in which the person has a seat."""
    span = (slot.starts_at, slot.ends_at)
    held = enrolment.held(db, person, now)
    return next((one for one in held if overlapping(span, (one.starts_at, one.ends_at))), None)


# --- booking ----------------------------------------------------------------------------------------------------------


def book(
    db: Session,
    slot_id: int,
    person: Person,
    now: datetime,
    *,
    content: Content,
    by_mentor: bool = False,
    ticket_id: int | None = None,
    anyway: bool = False,
) -> Booked | HasOne | TooMany | NotYet | Clash | Gone | Own | Unreachable:
    """Books a free time for the person. `anyway`: although they have a class then."""
    slot = db.get(Slot, slot_id)
    if slot is None:
        return Gone()
    if slot.account_id == person.account_id:
        return Own()
    asker = account_of(db, person)
    if person.frozen_at is not None or not consents.covers(db, person, Use.NOTES, content=content):
        return Unreachable()
    if by_mentor:
        if asker is None or asker.blocked_at is not None:
            return Unreachable()
        if (mine := booked_by(db, person)) is not None:
            return HasOne(mine)
    elif (why := may_book(db, person, now)) is not None:
        return why
    if not anyway and (session := clash(db, person, slot, now)) is not None:
        return Clash(session)
    soonest = now if by_mentor else now + SOONEST
    try:
        with db.begin_nested():
            if not _take(db, slot_id, now, soonest):
                return Gone()
            appointment = Appointment(
                slot_id=slot.id, account_id=slot.account_id, person_id=person.id, site_id=slot.site_id,
                ticket_id=ticket_id, starts_at=slot.starts_at, ends_at=slot.ends_at, kind=slot.kind, place=slot.place,
                zone=content.open_hours(slot.site_id).zone, state=State.BOOKED, by_mentor=by_mentor, booked_at=now,
                revision=1, next_at=next_moment(slot.starts_at, slot.ends_at, slot.site_id, now, content),
            )  # fmt: skip
            db.add(appointment)
            db.flush()
    except IntegrityError:  # somebody booked another one for them at the same moment: the time is free again
        other = booked_by(db, person)
        return Gone() if other is None else HasOne(other)
    something_due(db)
    return Booked(appointment)


def _take(db: Session, slot_id: int, now: datetime, soonest: datetime) -> bool:
    """Books the time if it is free and begins after `soonest`."""
    return _change_slot(db, slot_id, is_free(now) & (Slot.starts_at > soonest), state=SlotState.BOOKED, kept_until=None)


def _change_slot(db: Session, slot_id: int | None, standing: ColumnElement[bool], **values: object) -> bool:
    db.flush()
    changing = update(Slot).where(Slot.id == slot_id, standing).values(**values)
    result = db.execute(changing.execution_options(synchronize_session=False))
    if slot_id is not None and (known := db.identity_map.get(db.identity_key(Slot, slot_id))) is not None:
        db.expire(known)
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]


def next_moment(starts_at: datetime, ends_at: datetime, site_id: str, now: datetime, content: Content) -> datetime:
    """Returns when the clock has something to do next with a booked appointment: its next reminder, or its end."""
    leads = (starts_at - timedelta(minutes=one) for one in content.leads(site_id))
    return min((one for one in leads if one > now), default=ends_at)


# --- changing ---------------------------------------------------------------------------------------------------------


def change(db: Session, appointment: Appointment, version: int, standing: Sequence[State], **values: object) -> bool:
    """Changes the appointment if it is in one of these states, and as it was shown (`version`). The revision rises."""
    db.flush()
    query = (
        update(Appointment)
        .where(Appointment.id == appointment.id, Appointment.revision == version, Appointment.state.in_(standing))
        .values(**values, revision=version + 1)
        .execution_options(synchronize_session=False)
    )
    result = db.execute(query)
    db.refresh(appointment)
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]


def move(
    db: Session,
    appointment: Appointment,
    slot_id: int,
    version: int,
    now: datetime,
    *,
    content: Content,
    by_mentor: bool,
) -> Moved | Gone | Stale:
    """Moves the appointment to another free time. The time before is free for others if a person moves it in time; a
    mentor who moves it cannot then."""
    before, old = appointment.starts_at, appointment.slot_id
    slot = db.get(Slot, slot_id)
    if slot is None or slot.site_id != appointment.site_id:
        return Gone()
    if by_mentor and slot.account_id != appointment.account_id:
        return Gone()
    person = db.get(Person, appointment.person_id) if appointment.person_id is not None else None
    if person is None or slot.account_id == person.account_id:
        return Gone()
    if not by_mentor and before <= now + SOONEST:
        return Stale(appointment)
    with db.begin_nested() as trial:
        if not _take(db, slot_id, now, now if by_mentor else now + SOONEST):
            return Gone()
        moved = change(
            db, appointment, version, (State.BOOKED,), slot_id=slot.id, account_id=slot.account_id,
            starts_at=slot.starts_at, ends_at=slot.ends_at, kind=slot.kind, place=slot.place, coming_at=None,
            next_at=next_moment(slot.starts_at, slot.ends_at, slot.site_id, now, content),
        )  # fmt: skip
        if not moved:
            trial.rollback()
    if not moved:
        db.refresh(appointment)
        return Stale(appointment)
    _let_go(db, old, None, open_again=not by_mentor)
    news.drop_untold(db, appointment)
    something_due(db)
    return Moved(appointment, before)


def _let_go(db: Session, slot_id: int | None, until: datetime | None, *, open_again: bool) -> None:
    """The booked time is free for others (from `until` on), or is offered no more."""
    if slot_id is None:
        return
    if open_again:
        _change_slot(db, slot_id, Slot.state == SlotState.BOOKED, state=SlotState.OPEN, kept_until=until)
    else:
        offering.drop(db, [slot_id])


def say_coming(db: Session, appointment: Appointment, version: int, now: datetime) -> Booked | Stale:
    """Records that the person will be there."""
    if appointment.state != State.BOOKED or appointment.revision != version or appointment.ends_at <= now:
        return Stale(appointment)
    appointment.coming_at = now
    return Booked(appointment)


def cannot(db: Session, appointment: Appointment, version: int, now: datetime) -> CalledOff | Stale:
    """The person cannot. Until an hour before, the time is free for others, after two minutes in which it can be taken
    back."""
    if appointment.starts_at <= now:
        return Stale(appointment)
    slot_id = appointment.slot_id
    off = {"state": State.OFF, "off_by": OffBy.PERSON, "ended_at": now, "next_at": None, "coming_at": None}
    if not change(db, appointment, version, (State.BOOKED,), **off):
        return Stale(appointment)
    in_time = appointment.starts_at > now + SOONEST
    until = now + UNDO if in_time else None
    _let_go(db, slot_id, until, open_again=in_time)
    if until is None:
        wipe(appointment)
    else:
        appointment.next_at = until
    news.drop_untold(db, appointment)
    news.person_cannot(db, appointment, now, not_before=until)
    something_due(db)
    return CalledOff(appointment, until)


def take_back(
    db: Session, appointment: Appointment, version: int, now: datetime, *, content: Content
) -> Booked | HasOne | Stale:
    """The appointment that the person just called off stays after all."""
    person = db.get_one(Person, appointment.person_id)
    if appointment.state != State.OFF or appointment.off_by != OffBy.PERSON or appointment.revision != version:
        return Stale(appointment)
    if (other := booked_by(db, person)) is not None:
        return HasOne(other)
    kept = (Slot.state == SlotState.OPEN) & (Slot.kept_until > now)
    try:
        with db.begin_nested():
            if not _change_slot(db, appointment.slot_id, kept, state=SlotState.BOOKED, kept_until=None):
                return Stale(appointment)
            coming = next_moment(appointment.starts_at, appointment.ends_at, appointment.site_id, now, content)
            change(
                db, appointment, version, (State.OFF,), state=State.BOOKED, off_by=None, ended_at=None, next_at=coming
            )
    except IntegrityError:
        return Stale(appointment)
    news.drop_untold(db, appointment)
    something_due(db)
    return Booked(appointment)


def call_off(db: Session, appointment: Appointment, version: int, why: Why, now: datetime) -> CalledOff | Stale:
    """The mentor cannot. The person hears why, and when else there is time."""
    slot_id = appointment.slot_id
    if not _off(db, appointment, version, OffBy.MENTOR, now):
        return Stale(appointment)
    _let_go(db, slot_id, None, open_again=False)
    news.mentor_cannot(db, appointment, why, now)
    return CalledOff(appointment, None)


def _off(db: Session, appointment: Appointment, version: int, by: OffBy, now: datetime) -> bool:
    off = {"state": State.OFF, "off_by": by, "ended_at": now, "next_at": None, "coming_at": None}
    done = change(db, appointment, version, (State.BOOKED,), **off)
    if done:
        wipe(appointment)
        news.drop_untold(db, appointment)
    return done


def release(db: Session, account: Account, now: datetime, *, sites: frozenset[str] | None = None) -> int:
    """Frees everything of somebody who is no mentor (any more), or not at these sites: free times are offered no more,
    and each person who booked one is told, with the next free times. Returns how many were called off."""
    offering.close_at(db, account, sites)
    query = select(Appointment).where(Appointment.account_id == account.id, Appointment.state == State.BOOKED)
    if sites is not None:
        query = query.where(Appointment.site_id.in_(sorted(sites)))
    off = 0
    for one in db.scalars(query.order_by(Appointment.id).with_for_update()).all():
        slot_id = one.slot_id
        if _off(db, one, one.revision, OffBy.ROLE, now):
            _let_go(db, slot_id, None, open_again=False)
            news.mentor_cannot(db, one, None, now)
            off += 1
    theirs = update(Appointment).where(Appointment.account_id == account.id)
    if sites is not None:
        theirs = theirs.where(Appointment.site_id.in_(sorted(sites)))
    db.execute(theirs.values(address=None, latitude=None, longitude=None))  # nobody has to find the way any more
    return off


def end_of_person(db: Session, person: Person, by: OffBy, now: datetime) -> None:
    """Calls off what the person has, because they erase or freeze their data. The mentor hears why, and the time is
    free for others."""
    mine = booked_by(db, person)
    if mine is None:
        return
    slot_id, in_time = mine.slot_id, mine.starts_at > now + SOONEST
    if _off(db, mine, mine.revision, by, now):
        _let_go(db, slot_id, None, open_again=in_time)
        news.person_gone(db, mine, by, now)


# --- afterwards -------------------------------------------------------------------------------------------------------


def mark(db: Session, appointment: Appointment, met: bool, version: int, now: datetime) -> Marked | NotBegun | Stale:
    """Records whether they met; it can be said otherwise for two weeks."""
    if appointment.starts_at > now:
        return NotBegun(appointment)
    state = State.MET if met else State.MISSED
    if appointment.state == state:
        return Marked(appointment)
    if appointment.starts_at <= now - MARKED:
        return Stale(appointment)
    values: dict[str, object] = {"state": state, "ended_at": now, "next_at": _wiped_at(appointment)}
    if not change(db, appointment, version, HELD, **values):
        return Stale(appointment)
    something_due(db)
    return Marked(appointment)


def _wiped_at(appointment: Appointment) -> datetime | None:
    has = appointment.address is not None or appointment.latitude is not None
    return appointment.ends_at + WIPED if has else None


def tell_place(
    db: Session,
    appointment: Appointment,
    now: datetime,
    *,
    address: str | None = None,
    pin: tuple[float, float] | None = None,
) -> bool:
    """Keeps where to come, or the number to call; a day after the end it is emptied. False: it is over."""
    if appointment.state != State.BOOKED or appointment.ends_at <= now:
        return False
    if address is not None:
        appointment.address = address
    if pin is not None:
        appointment.latitude, appointment.longitude = pin
    return True


def wipe(appointment: Appointment) -> None:
    appointment.address = appointment.latitude = appointment.longitude = None

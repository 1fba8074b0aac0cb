"""A class that was cancelled takes place after all, within a day: the same people have their seats again.

Everybody hears it once. Who was not told of the cancellation yet, and knows the class as it is, hears neither. Whoever
took a seat in another class at the same time is asked which of the two it shall be: until they answer, the seat here is
offered to them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.actions.buttons import HELP
from bot.actions.enrolment import AcceptOffer, ConfirmMove, DeclineOffer, GetCalendar
from bot.actions.reminders import SayComing, SayNotComing
from bot.database import something_due
from bot.delivery import outbox
from bot.delivery.outbox import OutboxRow, Status, in_state
from bot.people.people import Account, Person
from bot.people.quiet_hours import Kind, OpenHours, next_opening
from bot.programme import enrolment
from bot.programme.class_telling import RESTORED, tell
from bot.programme.enrolment import Enrolment, EnrolmentStatus, offer_end
from bot.programme.sessions import ClassSession, date_leads
from bot.words.message import At, Button, Message, Value, Words, rows

RESTORABLE: Final = timedelta(hours=24)
"""So long after it was cancelled a class can be put back, if it has not begun by then."""


@dataclass(frozen=True)
class Restored:
    """`told`: how many people hear it; `asked`: how many of them have a seat in another class at that time."""

    session: ClassSession
    told: int
    asked: int


@dataclass(frozen=True)
class NotCancelled:
    session: ClassSession


@dataclass(frozen=True)
class TooLate:
    """It was cancelled too long ago, or it would have begun."""

    session: ClassSession


def may_be_restored(session: ClassSession, now: datetime) -> bool:
    cancelled_at = session.cancelled_at
    return cancelled_at is not None and now - cancelled_at <= RESTORABLE and session.starts_at > now


def those_before(db: Session, session: ClassSession) -> Sequence[tuple[Enrolment, Person, Account | None]]:
    """Returns the people who lost a seat, an offer or a place on the waitlist when the class was cancelled, and who can
    have it again. Who stopped all messages since left the waitlists with that."""
    query = (
        select(Enrolment, Person, Account)
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(Account, Account.id == Person.account_id)
        .where(Enrolment.session_id == session.id, Enrolment.status == EnrolmentStatus.CANCELLED)
        .where(Enrolment.before_cancel.is_not(None), Enrolment.changed_at >= session.cancelled_at)
        .where(Person.anonymised_at.is_(None))
        .order_by(Enrolment.id)
    )
    found = []
    for one, person, account in db.execute(query).unique():
        stopped = person.frozen_at is not None or getattr(account, "stopped_at", None) is not None
        if one.before_cancel == EnrolmentStatus.SEATED or not stopped:
            found.append((one, person, account))
    return found


def restore(
    db: Session, session: ClassSession, now: datetime, *, leads: Sequence[int], hours: OpenHours
) -> Restored | NotCancelled | TooLate:
    """Puts the class back as it was. `leads` in minutes before the start; `hours`: when the people of its site may be
    written to, and in which zone."""
    db.flush()
    db.refresh(session, with_for_update=True)
    if session.cancelled_at is None:
        return NotCancelled(session)
    if not may_be_restored(session, now):
        return TooLate(session)
    people = those_before(db, session)
    unaware = _drop_the_cancellation(db, session)
    session.cancelled_at = session.cancelled_why = session.cancelled_because = None
    session.revision += 1
    session.moved_at = session.restored_at = session.changed_at = now
    db.flush()
    asked: list[tuple[Enrolment, Person, Account | None, ClassSession]] = []
    for one, person, account in people:
        other = enrolment.clash(db, person, session) if one.before_cancel == EnrolmentStatus.SEATED else None
        if other is not None:
            asked.append((one, person, account, other))
        _give_back(one, session, now, hours, clashes=other is not None, heard=one.person_id not in unaware)
        if one.status in enrolment.HOLDING:
            session.seats_taken += 1
    session.capacity = max(session.capacity, session.seats_taken)
    db.flush()
    date_leads(db, session, leads, now)
    told = _tell_all(db, session, now, hours.zone, but={*unaware, *(person.id for _, person, *_ in asked)})
    told += sum(_ask(db, session, *one, now, hours.zone) for one in asked)
    something_due(db)
    return Restored(session, told, len(asked))


def _drop_the_cancellation(db: Session, session: ClassSession) -> frozenset[int]:
    """Drops what still waits to tell of the cancellation. Returns who hears nothing at all now: they know the class as
    it is, because nothing before that had not reached them."""
    name = f"change:{session.id}:{session.revision}:"
    mine = (OutboxRow.session_id == session.id, OutboxRow.kind == Kind.CHANGE)
    waiting = (*mine, in_state(Status.WAITING), OutboxRow.once.startswith(name, autoescape=True))
    unheard = {row.person_id: row.id for row in db.execute(select(OutboxRow.id, OutboxRow.person_id).where(*waiting))}
    if not unheard:
        return frozenset()
    before = select(OutboxRow.person_id, OutboxRow.status).where(*mine, OutboxRow.id.not_in(unheard.values()))
    last: dict[int | None, str] = {}
    for person_id, status in db.execute(before.order_by(OutboxRow.id)):
        last[person_id] = status
    knows = {person_id for person_id in unheard if last.get(person_id, Status.SENT) == Status.SENT}
    for people, reason in ((knows, RESTORED), (unheard.keys() - knows, "superseded")):
        ids = [unheard[person_id] for person_id in people]
        db.execute(update(OutboxRow).where(OutboxRow.id.in_(ids)).values(status=Status.DROPPED, reason=reason))
    return frozenset(person_id for person_id in knows if person_id is not None)


def _give_back(
    one: Enrolment, session: ClassSession, now: datetime, hours: OpenHours, *, clashes: bool, heard: bool
) -> None:
    """Makes the enrolment what it was. A seat of somebody who has another class then is offered to them, as long as an
    offer lasts; so is one that was on offer."""
    one.status = one.before_cancel or EnrolmentStatus.CANCELLED
    one.changed_at = now
    if heard:
        one.reply = one.replied_at = None  # said of a class that was cancelled since
    if clashes or one.status == EnrolmentStatus.OFFERED:
        from_ = next_opening(hours, now)
        one.status = EnrolmentStatus.OFFERED
        one.offered_until = offer_end(from_, session.starts_at, hours) or session.starts_at


def _tell_all(db: Session, session: ClassSession, now: datetime, zone: str, *, but: Collection[int]) -> int:
    values: dict[str, Value] = {
        "title": session.title,
        "starts": At(session.starts_at, zone),
        "venue": session.venue,
    }
    coming = Button("button.coming", SayComing(session.id, version=session.revision))
    not_coming = Button("button.not_coming", SayNotComing(session.id, version=session.revision))
    calendar = Button("enrolment.button.calendar_new", GetCalendar(session.id))
    take = Button("enrolment.button.accept", AcceptOffer(session.id))
    decline = Button("enrolment.button.decline", DeclineOffer(session.id))
    told = 0
    for status, question, ways in (
        (EnrolmentStatus.SEATED, "sessions.restored_seat", ([coming, not_coming], [calendar], [HELP])),
        (EnrolmentStatus.OFFERED, "sessions.still_offered", ([take, decline], [HELP])),
        (EnrolmentStatus.WAITLISTED, "sessions.still_waiting", ([not_coming], [HELP])),
    ):
        message = Message("sessions.restored", {**values, "question": Words(question)}, rows(*ways))
        which = (Enrolment.status == status) & Enrolment.person_id.not_in(sorted(but))
        told += tell(db, session, which, message, heard_by=session.starts_at, now=now)
    return told


def _ask(
    db: Session,
    session: ClassSession,
    one: Enrolment,
    person: Person,
    account: Account | None,
    other: ClassSession,
    now: datetime,
    zone: str,
) -> int:
    """Asks somebody who took a seat in another class which of the two it shall be. Returns 1 if they can be asked."""
    if account is None or account.blocked_at is not None or not person.consent_training:
        return 0
    values: dict[str, Value] = {
        "title": session.title,
        "starts": At(session.starts_at, zone),
        "venue": session.venue,
        "other": other.title,
        "until": At(one.offered_until or session.starts_at, zone),
    }
    swap = Button("sessions.button.swap_back", ConfirmMove(other.id, session.id, False), {"title": session.title})
    stay = Button("sessions.button.stay_there", DeclineOffer(session.id), {"title": other.title})
    post = outbox.to(
        account,
        Message("sessions.restored_clash", values, rows([swap], [stay], [HELP])),
        kind=Kind.CHANGE,
        person_id=person.id,
        site_id=session.site_id,
        session_id=session.id,
        starts_at=session.starts_at,
        once=f"change:{session.id}:{session.revision}:{person.id}",
        not_after=session.ends_at,
    )
    return int(outbox.post(db, post, now=now) is not None)

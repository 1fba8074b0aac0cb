"""Offers: a free seat goes to the next person on the waitlist, who has some time to answer: longer over night, shorter
before the start. In the last hour there are no offers: the first tap gets the seat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.actions.buttons import HELP, MENU
from bot.actions.enrolment import AcceptOffer, DeclineOffer, TakeSeat
from bot.capability import Context
from bot.catalogue.content import Content
from bot.delivery import outbox
from bot.people.people import Account, Person
from bot.people.quiet_hours import Kind, OpenHours, closing, is_open, next_opening
from bot.programme.enrolment.kept import LAST_HOUR, end_due, locked, next_end
from bot.programme.enrolment.seats import held_instead, leave
from bot.programme.enrolment.tables import OFFERED, Enrolment, EnrolmentStatus
from bot.programme.sessions import ClassSession
from bot.words.message import At, Button, Message, Value, rows

LONGEST_OFFER: Final = timedelta(hours=6)
SHORTEST_OFFER: Final = timedelta(minutes=15)
MORNING: Final = timedelta(hours=1)
"""How long after the next opening an offer may be answered that would otherwise end in quiet hours."""
SETTLING: Final = timedelta(minutes=30)
"""How long before the class an offer ends at the latest that runs over night."""


def offer_end(now: datetime, starts_at: datetime, hours: OpenHours) -> datetime | None:
    """Returns until when a seat offered at `now` is held: min(6 h, half the time left), at least 15 minutes.

    The end lies in open hours (the closing minute included) and before the class begins. Returns None if no such moment
    leaves 15 minutes to answer, if `now` is in quiet hours, or in the last hour, where nothing is held.
    """
    left = starts_at - now
    closes = closing(hours, now)
    if closes is None or left <= LAST_HOUR:
        return None
    end = now + max(min(LONGEST_OFFER, left / 2), SHORTEST_OFFER)
    if end <= closes or is_open(hours, end):
        return end
    opening = next_opening(hours, end)
    closes_again = closing(hours, opening)
    latest = starts_at - SETTLING
    morning = min(opening + MORNING, closes_again or opening, latest)
    if morning >= opening + SHORTEST_OFFER:
        return morning
    return closes if closes >= now + SHORTEST_OFFER else None


def due(db: Session, now: datetime, context: Context) -> None:
    """Ends what was kept and offered long enough, then offers every free seat to the next on the waitlist."""
    end_due(db, now)
    _lapse(db, now, context.content)
    for session in _with_free_seats_and_people_waiting(db, now):
        _offer_seats(db, session, now, context.content)


def next_due(db: Session, now: datetime, context: Context) -> datetime | None:
    """Returns when `due` has something to do next; None: at no known moment."""
    content, moments = context.content, []
    lapse = db.scalar(select(func.min(Enrolment.offered_until)).where(OFFERED))
    if lapse is not None:
        moments.append(lapse)
    end = next_end(db)
    if end is not None:
        moments.append(end)
    for session in _with_free_seats_and_people_waiting(db, now):
        if session.starts_at - now <= LAST_HOUR:
            continue  # told at once when the seat became free; nothing more comes by itself
        opening = next_opening(content.open_hours(session.site_id), now)
        if opening > now or offer_end(now, session.starts_at, content.open_hours(session.site_id)) is not None:
            moments.append(opening)
    return min(moments, default=None)


def offers_to_come(db: Session, session: ClassSession, now: datetime) -> int:
    """Returns how many people on the waitlist get an offer next: at once, or when people may be written to again. 0
    once the class has begun."""
    free = session.capacity - session.seats_taken
    if free <= 0 or session.starts_at <= now or session.cancelled_at is not None:
        return 0
    return min(free, sum(1 for _ in _line(db, session)))


WITH_LEAVING: Final = {
    "enrolment.offer": "enrolment.offer_instead",
    "enrolment.last_call": "enrolment.last_call_instead",
}
"""The texts for people who give back a seat in another class if they take the offer."""
REACHABLE: Final = (
    Account.blocked_at.is_(None),
    Account.stopped_at.is_(None),
    Person.consent_training,
    Person.frozen_at.is_(None),
)
"""The conditions for people who can answer an offer."""


def _with_free_seats_and_people_waiting(db: Session, now: datetime) -> Sequence[ClassSession]:
    # starts from the classes to come, which are few, and not from all people who ever signed up
    waiting = (
        select(Enrolment.id)
        .join(Person, Person.id == Enrolment.person_id)
        .join(Account, Account.id == Person.account_id)
        .where(Enrolment.session_id == ClassSession.id, Enrolment.status == EnrolmentStatus.WAITLISTED, *REACHABLE)
    )
    query = (
        select(ClassSession)
        .where(ClassSession.starts_at > now, ClassSession.cancelled_at.is_(None))
        .where(ClassSession.seats_taken < ClassSession.capacity, waiting.exists())
    )
    return sorted(db.scalars(query).all(), key=lambda session: session.id)


def _lapse(db: Session, now: datetime, content: Content) -> None:
    query = (
        select(Enrolment, ClassSession, Person, Account)
        .join(ClassSession, ClassSession.id == Enrolment.session_id)
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(Account, Account.id == Person.account_id)
        .where(OFFERED)
        # people who blocked the bot cannot answer: the seat does not wait for them
        .where((Enrolment.offered_until <= now) | Account.blocked_at.is_not(None))
    )
    # sorted here: to avoid sorting, SQLite would read all rows of everybody who ever signed up, in this order
    found = sorted(db.execute(query).unique().all(), key=lambda row: (row[1].id, row[0].id))
    for enrolment, session, person, owner in found:
        locked(db, session.id)
        db.refresh(enrolment)
        if enrolment.status != EnrolmentStatus.OFFERED:
            continue  # answered in this very moment
        leave(db, session, enrolment, EnrolmentStatus.LAPSED, now)
        outbox.drop_waiting(db, "lapsed", kinds=(Kind.OFFER,), person_id=person.id, session_id=session.id)
        if person.account_id is None or owner.blocked_at is not None:
            continue
        buttons = rows((Button("enrolment.button.again", TakeSeat(session.id)),), _ways_on())
        _tell(db, owner, person, session, now, Message("enrolment.offer_lapsed", {"title": session.title}, buttons))


def _offer_seats(db: Session, session: ClassSession, now: datetime, content: Content) -> None:
    hours = content.open_hours(session.site_id)
    if not is_open(hours, now):
        return
    if session.starts_at - now <= LAST_HOUR:
        for waiting, person, account in _line(db, session):
            left = _to_leave(db, waiting, person, now)
            message = _offer_message("enrolment.last_call", session, hours, until=session.starts_at, left=left)
            once = f"last_call:{session.id}:{session.revision}:{person.id}"
            _tell(db, account, person, session, now, message, once=once, until=session.starts_at)
        return
    until = offer_end(now, session.starts_at, hours)
    if until is None:
        return
    for enrolment, person, account in _line(db, session):
        held = db.execute(
            update(ClassSession)
            .where(ClassSession.id == session.id, ClassSession.seats_taken < ClassSession.capacity)
            .values(seats_taken=ClassSession.seats_taken + 1)
            .execution_options(synchronize_session=False)
        )
        if not held.rowcount:  # type: ignore[attr-defined]
            return
        enrolment.status, enrolment.offered_until, enrolment.changed_at = EnrolmentStatus.OFFERED, until, now
        left = _to_leave(db, enrolment, person, now)
        message = _offer_message("enrolment.offer", session, hours, until=until, left=left)
        _tell(db, account, person, session, now, message, until=until)


def _to_leave(db: Session, enrolment: Enrolment, person: Person, now: datetime) -> ClassSession | None:
    """Returns the class whose seat is given back if this person takes the offer; None: there is none."""
    return None if enrolment.instead_of is None else held_instead(db, person, enrolment.instead_of, now)


def _line(db: Session, session: ClassSession) -> Iterator[tuple[Enrolment, Person, Account]]:
    """Yields the people on the waitlist who can be asked, in order."""
    query = (
        select(Enrolment, Person, Account)
        .join(Person, Person.id == Enrolment.person_id)
        .join(Account, Account.id == Person.account_id)
        .where(Enrolment.session_id == session.id, Enrolment.status == EnrolmentStatus.WAITLISTED)
        .where(*REACHABLE)
        .order_by(Enrolment.queue_no)
    )
    yield from ((one, person, account) for one, person, account in db.execute(query).unique().all())


def _offer_message(
    key: str, session: ClassSession, hours: OpenHours, *, until: datetime, left: ClassSession | None
) -> Message:
    values: dict[str, Value] = {
        "title": session.title,
        "starts": At(session.starts_at, hours.zone),
        "venue": session.venue,
        "until": At(until, hours.zone),
    }
    take, no = AcceptOffer(session.id, left=left.id if left else None), DeclineOffer(session.id)
    if left is None:
        choice = (Button("enrolment.button.accept", take), Button("enrolment.button.decline", no))
        return Message(key, values, rows(choice, _ways_on()))
    choice = (Button("enrolment.button.accept", take), Button("enrolment.button.stay", no))
    return Message(WITH_LEAVING[key], {**values, "left": left.title}, rows(choice, _ways_on()))


def _ways_on() -> tuple[Button, ...]:
    return (MENU, HELP)


def _tell(
    db: Session,
    account: Account,
    person: Person,
    session: ClassSession,
    now: datetime,
    message: Message,
    *,
    once: str | None = None,
    until: datetime | None = None,
) -> None:
    post = outbox.to(
        account,
        message,
        kind=Kind.OFFER,
        person_id=person.id,
        site_id=session.site_id,
        session_id=session.id,
        starts_at=session.starts_at,
        once=once,
        not_after=until or session.starts_at,
    )
    outbox.post(db, post, now=now)

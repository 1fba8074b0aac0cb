"""Somebody reads a good code in a class without a free seat: the trainers are asked, on one card for all who wait.

Whoever asked can take the request back. [Terima] gives a seat that has become free, or records that they are there
without one (docs/decisions/014). Whoever has no answer when the list closes hears so; the trainers can answer for some
days more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.actions.buttons import HELP, MENU, other_classes
from bot.database import insert_or
from bot.delivery import outbox
from bot.people.people import Account, Person, account_of
from bot.people.quiet_hours import Kind
from bot.programme.attendance.at_the_door import done_with_scan, was_in_the_room
from bot.programme.attendance.codes import opens_at
from bot.programme.attendance.door_cards import people_asking, refresh_cards, show_cards, version, version_before
from bot.programme.attendance.marks import write
from bot.programme.attendance.outcomes import Cancelled, TooEarly
from bot.programme.attendance.records import is_present, locked_mark, sheet_of
from bot.programme.attendance.tables import DoorRequest, Mark
from bot.programme.enrolment import LIVE, SEATS, Enrolment, EnrolmentStatus, end, enrolment_of, locked
from bot.programme.enrolment.tables import KeptSeat
from bot.programme.sessions import ClassSession
from bot.settings import Settings
from bot.words.message import At, Message, rows

KEPT: Final = timedelta(days=7)
"""So long after it was asked a request can be answered, and is kept."""
LATELY: Final = timedelta(days=2)
"""For so long after the class somebody hears what became of their request when they say that they were there."""


@dataclass(frozen=True)
class Asked:
    """The trainers are asked. `again`: they were asked before, and have not answered."""

    session: ClassSession
    again: bool


@dataclass(frozen=True)
class NotLetIn:
    """A trainer said no."""

    session: ClassSession


@dataclass(frozen=True)
class Accepted:
    """They are there; `seat`: with a seat that was free. `late`: the class was over when that was recorded."""

    session: ClassSession
    person: Person
    seat: bool
    late: bool


@dataclass(frozen=True)
class Declined:
    session: ClassSession
    person: Person


@dataclass(frozen=True)
class AnsweredBefore:
    """Somebody answered already; `accepted` is how."""

    session: ClassSession
    person: Person
    accepted: bool


@dataclass(frozen=True)
class Withdrawn:
    """The person asks no more. `again`: they had said so before."""

    session: ClassSession
    again: bool


@dataclass(frozen=True)
class WasThere:
    """They are recorded as present in another way: nothing was changed."""

    session: ClassSession
    person: Person


def ask_at_door(
    db: Session,
    account: Account,
    person: Person,
    session: ClassSession,
    now: datetime,
    *,
    settings: Settings,
    zone: str,
) -> Asked | NotLetIn | None:
    """Asks the trainers for somebody who was in the room when they read the code. None: they were not."""
    forget_old_requests(db, now)
    if not was_in_the_room(db, account, session):
        return None
    known = db.get(DoorRequest, (session.id, person.id))
    if known is not None and known.accepted is False:
        return NotLetIn(session)
    if known is not None and known.accepted is None and known.withdrawn_at is None:
        return Asked(session, again=True)
    fresh = {"asked_at": now, "accepted": None, "withdrawn_at": None}
    row = {"session_id": session.id, "person_id": person.id, **fresh}
    writing = insert_or(db, DoorRequest).values(**row)
    db.execute(writing.on_conflict_do_update(index_elements=["session_id", "person_id"], set_=fresh))
    show_cards(db, session, now, settings=settings, zone=zone)
    return Asked(session, again=False)


def withdraw(
    db: Session, person: Person, session: ClassSession, now: datetime, *, settings: Settings, zone: str
) -> Withdrawn | AnsweredBefore | WasThere | None:
    """Takes back a person's request to come in, and shows that on the trainers' cards. A request that was answered
    stays. Returns None if there is no request (any more)."""
    session = locked(db, session.id) or session
    request = db.get(DoorRequest, (session.id, person.id), populate_existing=True)
    if request is None:
        return None
    if request.accepted is not None:
        return AnsweredBefore(session, person, request.accepted)
    if is_present(db, session, person):
        return WasThere(session, person)
    if request.withdrawn_at is not None:
        return Withdrawn(session, again=True)
    request.withdrawn_at = now
    db.flush()
    refresh_cards(db, session, now, settings=settings, zone=zone)
    return Withdrawn(session, again=False)


def request_of(db: Session, person: Person, now: datetime) -> tuple[ClassSession, bool | None] | None:
    """Returns the class of the newest request of this person that was not let in (yet), and what a trainer answered:
    False for a no, None for nothing. Requests for a class that is over for LATELY, or was cancelled, and those of
    people who are present count no more."""
    query = (
        select(DoorRequest, ClassSession)
        .join(ClassSession, ClassSession.id == DoorRequest.session_id)
        .where(DoorRequest.person_id == person.id, DoorRequest.withdrawn_at.is_(None))
        .where(ClassSession.cancelled_at.is_(None))
        .order_by(DoorRequest.asked_at.desc())
    )
    for request, session in db.execute(query):
        if session.ends_at > now - LATELY and not request.accepted and not is_present(db, session, person):
            return session, request.accepted
    return None


def forget_old_requests(db: Session, now: datetime) -> None:
    db.execute(delete(DoorRequest).where(DoorRequest.asked_at < now - KEPT))


def answer_at_door(
    db: Session,
    account: Account,
    session: ClassSession,
    person: Person,
    now: datetime,
    *,
    accept: bool,
    of: int,
    settings: Settings,
    zone: str,
    shown_in: int | None = None,
) -> Accepted | Declined | AnsweredBefore | Withdrawn | WasThere | TooEarly | Cancelled | None:
    """Records what the trainer says of the request with the version `of`; the person is told, also of an answer that
    comes late. A yes records presence whatever was recorded before: it is the newest word, and may overrule a no that
    was shown. None: there is no such request any more. `shown_in`: the message (Telegram's number) that shows the
    answer."""
    session = locked(db, session.id) or session
    request = db.get(DoorRequest, (session.id, person.id), populate_existing=True)
    if session.cancelled_at is not None:
        return Cancelled(session)
    if request is None or of not in (version(request), version_before(request)):
        return None
    if request.withdrawn_at is not None:
        return Withdrawn(session, again=True)
    changes_mind = accept and request.accepted is False and of == version(request)
    if request.accepted is not None and not changes_mind:
        return AnsweredBefore(session, person, request.accepted)
    if accept and now < opens_at(session):
        return TooEarly(session, opens_at(session))  # it was moved since they asked
    there = is_present(db, session, person)
    late = session.ends_at <= now
    request.accepted = accept or there
    db.flush()
    outcome: Accepted | Declined | WasThere = Declined(session, person)
    if there:
        outcome = WasThere(session, person)
    elif accept:
        seat = _seat_or_guest(db, session, person, now)
        locked_mark(db, session.id, person.id)
        write(db, session, person, Mark.PRESENT, account, now)
        known = locked_mark(db, session.id, person.id)
        if known is not None:
            known.told, known.tell_at = Mark.PRESENT, None  # they hear it below: a change of it is news
        outcome = Accepted(session, person, seat, late)
    refresh_cards(db, session, now, settings=settings, zone=zone, but=shown_in)
    theirs = account_of(db, person)
    if theirs is not None:
        done_with_scan(db, theirs, session)
    sheet = sheet_of(db, session.id)
    # when the list was closed "nobody answered" was said, or will be when the site opens
    heard = sheet is not None and sheet.settled_at is not None and sheet.tell_at is None and not accept
    if not there and not heard:
        answer = "let_in" if accept else "not_let_in"
        key = f"attendance.door.{answer}_late" if late else f"attendance.door.{answer}"
        _tell(db, session, person, key, now, zone=zone, at_once=not late)
    return outcome


def tell_unanswered(db: Session, session: ClassSession, now: datetime, *, zone: str) -> None:
    """Tells people whose request had no answer when the list closed, in open hours. The trainers can still answer."""
    for person in people_asking(db, session):
        _tell(db, session, person, "attendance.door.unanswered", now, zone=zone, at_once=False)


def tell_cancelled(db: Session, session: ClassSession, now: datetime, *, zone: str) -> None:
    """Ends the requests for a class that was cancelled, and tells the people who asked, unless they hear of it
    anyway."""
    for person in people_asking(db, session):
        known = enrolment_of(db, person, session.id)
        if known is not None and known.status in LIVE:
            continue
        _tell(db, session, person, "attendance.door.cancelled", now, zone=zone, at_once=True)


def _tell(
    db: Session, session: ClassSession, person: Person, key: str, now: datetime, *, zone: str, at_once: bool
) -> None:
    """Answers somebody who asked; not `at_once`: in open hours."""
    account = account_of(db, person)
    if account is None or account.blocked_at is not None:
        return
    more = [(other_classes(),)] if key == "attendance.door.not_let_in" else []
    post = outbox.to(
        account,
        Message(key, {"title": session.title, "starts": At(session.starts_at, zone)}, rows(*more, (MENU, HELP))),
        kind=Kind.CHANGE,
        person_id=person.id,
        site_id=session.site_id,
        session_id=session.id,
        starts_at=session.starts_at if at_once else None,
        not_after=max(session.ends_at, now) + KEPT,
    )
    outbox.post(db, post, now=now)


def _seat_or_guest(db: Session, session: ClassSession, person: Person, now: datetime) -> bool:
    """Gives a free seat, else a place without one. True: it is a seat."""
    known = enrolment_of(db, person, session.id)
    if known is not None and known.status in SEATS:
        return True
    offered = known is not None and known.status == EnrolmentStatus.OFFERED
    end(db, session, KeptSeat.person_id == person.id)
    taken = offered
    if not offered:
        taking = (
            update(ClassSession)
            .where(ClassSession.id == session.id, ClassSession.seats_taken < ClassSession.capacity)
            .values(seats_taken=ClassSession.seats_taken + 1)
            .execution_options(synchronize_session=False)
        )
        taken = bool(db.execute(taking).rowcount)  # type: ignore[attr-defined]
        db.refresh(session)
    if known is None:
        known = Enrolment(session_id=session.id, person_id=person.id, created_at=now)
        db.add(known)
    known.status = EnrolmentStatus.SEATED if taken else EnrolmentStatus.GUEST
    known.queue_no = known.offered_until = known.reply = known.late_at = known.instead_of = None
    known.changed_at = now
    db.flush()
    return taken

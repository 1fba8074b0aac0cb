"""Who waits to be let into a full class, and the card that trainers see of them.

The rows of a card keep their places: whoever has an answer, or asks no more, stays where they were until the card is
opened anew, so that the next tap hits nobody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot.actions.attendance import AnswerAtDoor, SeeDoor, SeeNames
from bot.actions.buttons import HELP, MENU
from bot.delivery import outbox
from bot.people import namesakes
from bot.people.people import Account, Person
from bot.people.quiet_hours import Kind
from bot.people.rights import responsible_for
from bot.programme.attendance.codes import closes_at
from bot.programme.attendance.tables import Attendance, DoorCard, DoorRequest, Mark
from bot.programme.sessions import ClassSession
from bot.settings import Settings
from bot.words.action import version_of
from bot.words.message import At, Button, Form, Lines, Message, Value, Words, rows
from bot.words.typed_buttons import actions_of

ON_CARD: Final = 6
"""So many are on one card; the next come when these are answered."""
OPEN: Final = "open"
LABELS: Final = {
    OPEN: ("let_in", "not_let_in"),
    "accepted": ("was_let_in", "not_let_in"),
    "declined": ("let_in", "was_not_let_in"),
    "withdrawn": ("asks_no_more", "not_let_in"),
    "present": ("was_let_in", "not_let_in"),
}
"""What the two buttons of a request are called, by what became of it."""


def version(request: DoorRequest) -> int:
    """Tells this request from a later one of the same person, and a refused one from one without an answer: a yes
    overrules a no only where the no was shown."""
    asked = request.asked_at.timestamp()
    return version_of(asked, "declined") if request.accepted is False else version_of(asked)


def version_before(request: DoorRequest) -> int:
    """Returns the version that the request had before it was answered."""
    return version_of(request.asked_at.timestamp())


def open_requests(db: Session, session: ClassSession) -> list[DoorRequest]:
    """Returns the requests that wait for an answer, the oldest first: not those of people who are recorded as present
    meanwhile."""
    return list(db.scalars(_open(session)))


def people_asking(db: Session, session: ClassSession) -> list[Person]:
    """Returns whose requests these are, in the same order."""
    waiting = _open(session).subquery()
    query = select(Person).join(waiting, waiting.c.person_id == Person.id)
    return list(db.scalars(query.order_by(waiting.c.asked_at, Person.id)))


def _open(session: ClassSession) -> Select[DoorRequest]:
    there = select(Attendance.person_id).where(Attendance.session_id == session.id, Attendance.mark == Mark.PRESENT)
    return (
        select(DoorRequest)
        .join(Person, Person.id == DoorRequest.person_id)
        .where(DoorRequest.session_id == session.id, Person.anonymised_at.is_(None))
        .where(DoorRequest.accepted.is_(None), DoorRequest.withdrawn_at.is_(None))
        .where(DoorRequest.person_id.not_in(there))
        .order_by(DoorRequest.asked_at, DoorRequest.person_id)
    )


# --- one card ---------------------------------------------------------------------------------------------------------


def people_on(message: Message | None) -> list[int]:
    """Returns the persons whose requests are on this card, in their order; nobody, if it is no card."""
    return list(dict.fromkeys(one.person for one in actions_of(message) if isinstance(one, AnswerAtDoor)))


def door_card(db: Session, session: ClassSession, *, zone: str, kept: Sequence[int] = ()) -> Message:
    """Returns the card with [Terima] and [Belum bisa] for each of those who wait, and their names on both. The persons
    in `kept` stay in their places, whatever became of their requests."""
    waiting = open_requests(db, session)
    shown = _requests_of(db, session, kept)[:ON_CARD]
    known = {one.person_id for one in shown}
    shown += [one for one in waiting if one.person_id not in known][: ON_CARD - len(shown)]
    people = {one.id: one for one in db.scalars(select(Person).where(Person.id.in_([r.person_id for r in shown])))}
    asking = people_asking(db, session)
    called = namesakes.called({one.id: one for one in (*asking, *people.values())}.values(), zone)
    still = {one.person_id for one in waiting}
    states = [(one, OPEN if one.person_id in still else _state(one)) for one in shown]
    buttons: list[Sequence[Button]] = []
    for one, state in states:
        for said, label in zip(("yes", "no"), LABELS[state], strict=True):
            action = AnswerAtDoor(session.id, one.person_id, "yes" if said == "yes" else "no", version(one))
            buttons.append((Button(f"attendance.button.{label}", action, {"who": called[one.person_id]}),))
    names = [Words("attendance.door.one", {"who": called[one.person_id]}) for one, state in states if state == OPEN]
    over = [
        Words(f"attendance.door.was_{state}", {"who": called[one.person_id]}) for one, state in states if state != OPEN
    ]
    values: dict[str, Value] = {
        "title": session.title,
        "starts": At(session.starts_at, zone),
        "n": len(waiting),
        "names": Lines(tuple(names)),
        "over": Lines((Words("attendance.door.over", {"names": Lines(tuple(over))}),) if over else ()),
    }
    hidden = len(still - {one.person_id for one in shown})
    more = [Button("attendance.button.door", SeeDoor(session.id), {"n": len(waiting)})] if hidden else []
    list_of_names = (Button("attendance.button.names", SeeNames(session.id)),)
    key = "attendance.door.card" if waiting else "attendance.door.done"
    return Message(key, values, rows(*buttons, more, list_of_names, (MENU, HELP)))


def _requests_of(db: Session, session: ClassSession, persons: Sequence[int]) -> list[DoorRequest]:
    """Returns the requests of these persons, in this order; whoever erased their data has none any more."""
    query = select(DoorRequest).where(DoorRequest.session_id == session.id, DoorRequest.person_id.in_(persons))
    found = {one.person_id: one for one in db.scalars(query.execution_options(populate_existing=True))}
    return [found[one] for one in persons if one in found]


def _state(request: DoorRequest) -> str:
    """Returns what became of a request that does not wait for an answer."""
    if request.withdrawn_at is not None:
        return "withdrawn"
    if request.accepted is None:
        return "present"
    return "accepted" if request.accepted else "declined"


# --- the cards of all trainers ----------------------------------------------------------------------------------------


def show_cards(db: Session, session: ClassSession, now: datetime, *, settings: Settings, zone: str) -> None:
    """Shows each trainer a new card with everybody who waits; the card before it goes. Whoever was refused on that one
    stands on the new one, too, where there is room: the trainer may still think better of it."""
    for account in responsible_for(db, session.site_id, settings):
        _show_anew(db, session, account, now, zone=zone)
    db.flush()


def refresh_cards(
    db: Session, session: ClassSession, now: datetime, *, settings: Settings, zone: str, but: int | None = None
) -> None:
    """Shows on each trainer's card what became of its requests, where it stands and without a sound. `but`: a message
    (Telegram's number) that shows it already."""
    for account in responsible_for(db, session.site_id, settings):
        card = db.get(DoorCard, (session.id, account.id))
        if card is None or card.outbox_id is None:
            continue
        _, message_id = outbox.telegram_message_of(db, card.outbox_id) or ("", None)
        if message_id is None:  # it waits for open hours
            _show_anew(db, session, account, now, zone=zone)
        elif message_id != but:
            kept = people_on(outbox.said_as(db, account, message_id))
            message = door_card(db, session, zone=zone, kept=kept)
            card.outbox_id = _post(db, session, account, message, now, edits=card.outbox_id)
    db.flush()


def _show_anew(db: Session, session: ClassSession, account: Account, now: datetime, *, zone: str) -> None:
    card = db.get(DoorCard, (session.id, account.id))
    if card is None:
        card = DoorCard(session_id=session.id, account_id=account.id)
        db.add(card)
    kept: list[int] = []
    if card.outbox_id is not None:
        kept = _still_shown(db, session, account, card.outbox_id)
        outbox.post(db, outbox.to(account, Message(form=Form.DELETE), edits=card.outbox_id), now=now)
    card.outbox_id = None
    if people_asking(db, session):
        card.outbox_id = _post(db, session, account, door_card(db, session, zone=zone, kept=kept), now)


def _still_shown(db: Session, session: ClassSession, account: Account, card: int) -> list[int]:
    """Returns who of this card (the number of its row) stands on the next one, in their order: those who wait, and as
    many as there is room for of those who were refused."""
    _, message_id = outbox.telegram_message_of(db, card) or ("", None)
    shown = people_on(outbox.said_as(db, account, message_id)) if message_id is not None else []
    waiting = {one.person_id for one in open_requests(db, session)}
    refused = [one.person_id for one in _requests_of(db, session, shown) if one.accepted is False]
    room = frozenset(refused[len(refused) - max(0, min(len(refused), ON_CARD - len(waiting))) :])
    return [one for one in shown if one in waiting or one in room]


def _post(
    db: Session, session: ClassSession, account: Account, message: Message, now: datetime, *, edits: int | None = None
) -> int | None:
    # in the room at once; after the class like everything else that staff are told
    kind = Kind.REPLY if now <= closes_at(session) else Kind.STAFF
    post = outbox.to(account, message, kind=kind, site_id=session.site_id, session_id=session.id, edits=edits)
    return outbox.post(db, post, now=now)

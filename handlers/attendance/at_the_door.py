"""Participants: who reads the code and has no seat in the class joins it, as long as there is room; of a full class the
trainers are asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from bot.actions.attendance import (
    AnswerAtDoor,
    AskToComeIn,
    JoinClass,
    JoinInstead,
    OfferToJoin,
    SeeAttendance,
    SeeDoor,
    ShareWhere,
    WithdrawRequest,
)
from bot.actions.buttons import SCHEDULE, back, other_classes
from bot.actions.enrolment import SeeClass
from bot.actions.mentoring import AskMentor
from bot.actions.registration import SeePersons
from bot.people import people
from bot.people.people import Person
from bot.programme import attendance, enrolment, sessions
from bot.programme.sessions import ClassSession
from bot.turns.turn import Turn
from bot.turns.typed_below import stands_below_newest
from bot.words.message import Button, Value
from bot.words.typed_buttons import actions_of
from bot.words.typed_presence import HOW_IT_STANDS, WITHDRAWS
from bot.words.typed_text import cleaned
from handlers.attendance.parts import class_of, no_class, not_now, starts_of

ASKED: Final = ("attendance.door.asked", "attendance.door.asked_before")
"""The messages that say that the trainers are asked."""
OTHERS: Final = 3
"""For so many others of a phone there is a button each."""


def coming_in_wanted(turn: Turn, action: AskToComeIn) -> None:
    """Answers somebody who wants to come in. If their phone has read the code, goes on from there; otherwise tells them
    to read the code, which shows that they are there."""
    doors = attendance.open_doors(turn.db, turn.person, turn.now)
    if not doors:
        return None if request_told(turn) else turn.say("attendance.door.none", buttons=[[SCHEDULE]])
    session = doors[0]
    if attendance.was_in_the_room(turn.db, turn.account, session):
        return joining_offered(turn, OfferToJoin(session.id))
    key = "attendance.door.how" if len(doors) == 1 else "attendance.door.how_any"
    turn.say(key, title=session.title, buttons=[[SCHEDULE]])


def request_told(turn: Turn) -> bool:
    """Tells somebody what became of their request to come in, and what they can do. Returns False if they have none."""
    found = attendance.request_of(turn.db, turn.person, turn.now)
    if found is None:
        return False
    session, answer = found
    facts: dict[str, Value] = {"title": session.title, "starts": starts_of(turn, session)}
    over = session.ends_at <= turn.now
    ask = Button("mentoring.button.ask", AskMentor(f"class.{session.id}"))
    ways = [[other_classes(), ask], [SCHEDULE]]
    if answer is False:
        turn.show("attendance.door.not_let_in_late" if over else "attendance.door.not_let_in", facts, buttons=ways)
    elif over:
        turn.show("attendance.door.still_unanswered", facts, buttons=ways)
    else:
        withdraw = Button("attendance.button.withdraw", WithdrawRequest(session.id))
        turn.show("attendance.door.asked_before", facts, buttons=[[withdraw], [SCHEDULE]])
    return True


def joining_offered(turn: Turn, action: OfferToJoin) -> None:
    """Offers a seat to somebody in the room while there is one; to somebody who read an old code, as long as the class
    has not begun."""
    session = sessions.get(turn.db, action.session)
    _ = turn.person
    if session is None:
        return turn.show("attendance.unknown", buttons=[[SCHEDULE]])
    in_the_room = attendance.was_in_the_room(turn.db, turn.account, session)
    open_ = session.cancelled_at is None and session.ends_at > turn.now
    free = enrolment.has_seat_for_newcomers(turn.db, session, turn.now)
    if in_the_room and open_ and free:
        join = Button("enrolment.button.take", JoinClass(session.id))
        starts = starts_of(turn, session)
        others = _for_others(turn, session)
        turn.say("attendance.join", title=session.title, starts=starts, venue=session.venue, buttons=[[join], *others])
    elif in_the_room and open_:
        _ask_trainers(turn, session)
    elif session.starts_at > turn.now:
        turn.follow(SeeClass(session.id))
    else:
        turn.say("attendance.not_enrolled", title=session.title, buttons=[[SCHEDULE]])


def _ask_trainers(turn: Turn, session: ClassSession) -> None:
    """Sends the request to the trainers, because there is no seat, and tells the person so at once."""
    zone = turn.zone(session.site_id)
    outcome = attendance.ask_at_door(
        turn.db, turn.account, turn.person, session, turn.now, settings=turn.settings, zone=zone
    )
    match outcome:
        case attendance.Asked(session, again):
            key = "attendance.door.asked_before" if again else "attendance.door.asked"
            withdraw = Button("attendance.button.withdraw", WithdrawRequest(session.id))
            turn.say(key, title=session.title, buttons=[[withdraw], *_for_others(turn, session), [SCHEDULE]])
        case attendance.NotLetIn(session):
            ways = [*_for_others(turn, session), [other_classes()], [SCHEDULE]]
            turn.say("attendance.door.not_let_in", title=session.title, buttons=ways)
        case None:
            turn.say("attendance.not_enrolled", title=session.title, buttons=[[SCHEDULE]])


def _for_others(turn: Turn, session: ClassSession) -> list[list[Button]]:
    """Returns rows for the others of this phone who have no place in the class: whoever reads the code may have come
    with them. Nobody but one person on the phone: none."""
    everybody = people.persons_of(turn.db, turn.account)
    others = [one for one in everybody if one.registered_at is not None and one.id != turn.person.id]
    rows = [
        [Button("attendance.button.also", OfferToJoin(session.id, person=one.id), {"whom": one.called})]
        for one in others
        if not attendance.has_seat(turn.db, one, session)
    ]
    if len(rows) > OTHERS or (not rows and len(everybody) > 1):
        return [[Button("menu.button.people", SeePersons())]]
    return rows


def request_withdrawn(turn: Turn, action: WithdrawRequest) -> None:
    """Takes back a request to come in. An answer that was given meanwhile stays, and is told."""
    session = sessions.get(turn.db, action.session)
    person = turn.person
    if session is None:
        return turn.show("attendance.unknown", buttons=[[SCHEDULE]])
    zone = turn.zone(session.site_id)
    outcome = attendance.withdraw(turn.db, person, session, turn.now, settings=turn.settings, zone=zone)
    facts: dict[str, Value] = {"title": session.title, "starts": starts_of(turn, session)}
    again = Button("attendance.button.ask_again", OfferToJoin(session.id))
    match outcome:
        case attendance.Withdrawn():
            turn.show("attendance.door.withdrawn", facts, buttons=[[again], [SCHEDULE]])
        case attendance.WasThere() | attendance.AnsweredBefore(_, _, True):
            turn.show("attendance.door.let_in_already", facts, buttons=[[SCHEDULE]])
        case attendance.AnsweredBefore():
            turn.show("attendance.door.not_let_in", facts, buttons=[[SCHEDULE]])
        case None:
            turn.show("attendance.door.no_request", facts, buttons=[[SCHEDULE]])


def withdrawal_typed(turn: Turn) -> bool:
    """Does what the button [Tarik permintaan] does, for "tidak jadi" or "batal" typed below the word that the trainers
    were asked; for "sudah boleh?" says how it stands."""
    newest = turn.newest.said
    if newest is None or newest.key not in ASKED or not stands_below_newest(turn):
        return False
    typed = _without_signs(turn.text)
    action = next((one for one in actions_of(newest) if isinstance(one, WithdrawRequest)), None)
    if turn.staff or action is None:
        return False
    if WITHDRAWS.fullmatch(typed):
        turn.follow(action)
    elif HOW_IT_STANDS.fullmatch(typed):
        turn.act_for(turn.newest_said_to())
        turn.follow(OfferToJoin(action.session))
    else:
        return False
    return True


def _without_signs(text: str) -> str:
    return " ".join(re.findall(r"\w+", cleaned(text).casefold()))


def door_answered(turn: Turn, action: AnswerAtDoor) -> None:
    """Records that a trainer lets somebody into a full class, or does not. The rest of the card stays."""
    session, person = class_of(turn, action.session), turn.db.get(Person, action.person)
    if session is None:
        return no_class(turn)
    zone = turn.zone(session.site_id)
    kept = _people_tapped(turn)
    outcome = None
    if person is not None and person.anonymised_at is None:
        outcome = attendance.answer_at_door(
            turn.db,
            turn.account,
            session,
            person,
            turn.now,
            accept=action.to == "yes",
            of=action.version,
            settings=turn.settings,
            zone=zone,
            shown_in=_tapped_in_place(turn),
        )
    match outcome:
        case attendance.Accepted(_, person, seat, late):
            details = {"session": session.id, "seat": seat}
            turn.note("let_in", f"person:{person.id}", site_id=session.site_id, **details)
            if late:
                turn.toast("attendance.toast.let_in_late_seat" if seat else "attendance.toast.let_in_late")
            else:
                turn.toast("attendance.toast.let_in_seat" if seat else "attendance.toast.let_in")
        case attendance.Declined(_, person):
            turn.note("not_let_in", f"person:{person.id}", site_id=session.site_id, session=session.id)
            turn.toast("attendance.toast.not_let_in")
        case attendance.AnsweredBefore(_, person, accepted):
            turn.toast("attendance.toast.was_let_in" if accepted else "attendance.toast.was_not_let_in", alert=True)
        case attendance.Withdrawn():
            turn.toast("attendance.toast.asks_no_more", alert=True)
        case attendance.WasThere():
            turn.toast("attendance.toast.was_there", alert=True)
        case attendance.TooEarly():
            return not_now(turn, outcome)
        case attendance.Cancelled(session):
            return turn.show("attendance.cancelled", title=session.title, buttons=[[SCHEDULE]])
        case None:
            turn.toast("attendance.toast.request_gone", alert=True)
    _show_card(turn, session, kept)


def door_asked_for(turn: Turn, action: SeeDoor) -> None:
    """Shows a trainer the requests that wait for an answer."""
    session = class_of(turn, action.session)
    if session is None:
        return no_class(turn)
    turn.note("attendance_seen", f"session:{session.id}", site_id=session.site_id)
    _show_card(turn, session)


def _show_card(turn: Turn, session: ClassSession, kept: Sequence[int] = ()) -> None:
    """Shows who waits. `kept`: the people of the tapped card, who keep their places on it."""
    card = attendance.door_card(turn.db, session, zone=turn.zone(session.site_id), kept=kept)
    turn.show(card.key, card.values, buttons=[*card.buttons[:-1], [back(SeeAttendance(session.id))]])


def _people_tapped(turn: Turn) -> list[int]:
    """Returns the people on the card whose button was tapped, in their order."""
    query = turn.update.callback_query
    tapped = query.message if query is not None else None
    return attendance.people_on(turn.said_as(tapped.message_id)) if tapped is not None else []


def _tapped_in_place(turn: Turn) -> int | None:
    """Returns the number of the tapped message, if what the turn shows takes its place."""
    query = turn.update.callback_query
    tapped = query.message if query is not None else None
    return tapped.message_id if tapped is not None and turn.sees_answer_in_place else None


def class_joined(turn: Turn, action: JoinClass) -> None:
    _tell(turn, attendance.join(turn.db, turn.account, turn.person, action.session, turn.now))


def joined_instead(turn: Turn, action: JoinInstead) -> None:
    """Joins a class; the seat in the class at the same hour is given back."""
    joined = attendance.join(turn.db, turn.account, turn.person, action.session, turn.now, instead_of=action.left)
    _tell(turn, joined)


def _tell(turn: Turn, outcome: attendance.Joined | enrolment.Enrolled) -> None:
    match outcome:
        case attendance.Joined(session, True):
            locate = Button("attendance.button.locate", ShareWhere(session.id))
            turn.show("attendance.joined", title=session.title, buttons=[[locate], [SCHEDULE]])
        case enrolment.Full(session):
            _ask_trainers(turn, session)
        case enrolment.Clash(session, other):
            _tell_clash(turn, session, other)
        case enrolment.Unknown():
            turn.show("attendance.unknown", buttons=[[SCHEDULE]])
        case _:
            turn.follow(SeeClass(outcome.session.id))


def _tell_clash(turn: Turn, session: ClassSession, other: ClassSession) -> None:
    """Tells that the person has a seat in another class at that hour, and offers to give that one back, unless it has
    begun."""
    values: dict[str, Value] = {"title": session.title, "other": other.title, "starts": starts_of(turn, other)}
    if other.starts_at <= turn.now:
        return turn.say("attendance.clash_begun", values, buttons=[[SCHEDULE]])
    swap = Button("enrolment.button.swap", JoinInstead(other.id, session.id))
    stay = Button("enrolment.button.stay", SeeClass(other.id))
    turn.say("enrolment.clash", values, buttons=[[swap, stay]])

"""A seat taken, or a place on the waitlist; an offer accepted; what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.actions.buttons import SCHEDULE, other_classes
from bot.actions.enrolment import AcceptOffer, ChangeClass, ConfirmMove, SeeClass, TakeSeat
from bot.actions.privacy import AskConsent, RestartMessages
from bot.people.people import Purpose, consent_of
from bot.programme import enrolment
from bot.programme.enrolment import EnrolmentStatus
from bot.programme.sessions import ClassSession
from bot.turns.turn import Turn
from bot.words.message import Button, Value, Words
from handlers.enrolment.looking import show_class
from handlers.enrolment.parts import (
    calendar_button,
    calendar_gone_button,
    card_facts,
    check_in_button,
    is_today,
    leave_button,
    map_button,
    minutes_until,
    seat_to_leave,
    start_of,
    take_back_button,
    withdraw_button,
)

WAITING: Final = (EnrolmentStatus.WAITLISTED, EnrolmentStatus.OFFERED)


def seat_asked_for(turn: Turn, action: TakeSeat) -> None:
    tell_outcome(turn, enrolment.enrol(turn.db, turn.person, action.session, turn.now, undo=True))


def offer_accepted(turn: Turn, action: AcceptOffer) -> None:
    """Takes the seat. Asks first if another seat than the one named above the button would be given back for it: the
    person moved in the meantime."""
    mine = enrolment.enrolment_of(turn.db, turn.person, action.session)
    left = seat_to_leave(turn, mine) if mine is not None and mine.status in WAITING else None
    if left is not None and left.id != action.left:
        turn.toast("enrolment.toast.other_seat")
        return turn.follow(ChangeClass(left.id, action.session))
    tell_outcome(turn, enrolment.take_offered(turn.db, turn.person, action.session, turn.now))


def tell_outcome(turn: Turn, outcome: enrolment.Enrolled) -> None:
    match outcome:
        case enrolment.Seated(session):
            turn.toast("enrolment.toast.seated")
            congratulate(turn, "enrolment.seated", session)
        case enrolment.Moved(session, left, until):
            turn.toast("enrolment.toast.seated")
            if until is None:
                ways = [calendar_gone_button(left, "enrolment.button.calendar_old"), SCHEDULE]
                congratulate(turn, "enrolment.moved", session, ways, left=left.title)
            else:
                ways = [calendar_gone_button(left, "enrolment.button.calendar_old"), take_back_button(turn, left)]
                minutes = minutes_until(turn, until)
                congratulate(turn, "enrolment.moved_kept", session, ways, left=left.title, minutes_left=minutes)
        case enrolment.Waitlisted(session, place, instead_of):
            turn.toast("enrolment.toast.waiting")
            key = "enrolment.waiting_but_stopped" if turn.account.stopped_at else "enrolment.waiting"
            rows = [[leave_button(session)], [SCHEDULE if instead_of else other_classes(session.site_id)]]
            if turn.account.stopped_at is not None:
                rows.insert(0, [Button("privacy.button.restart", RestartMessages())])
            stays = Words("enrolment.stays", {"left": instead_of.title}) if instead_of else None
            turn.show(key, title=session.title, starts=start_of(turn, session), place=place, stays=stays, buttons=rows)
        case enrolment.AlreadySeated(session):
            turn.toast("enrolment.toast.already")
            show_class(turn, session)
        case enrolment.AlreadyWaiting(session):
            turn.toast("enrolment.toast.waiting")
            show_class(turn, session)
        case enrolment.Clash(session, other):
            swap = Button("enrolment.button.swap", ConfirmMove(other.id, session.id, False))
            keep = Button("enrolment.button.stay", SeeClass(other.id))
            turn.say(
                "enrolment.clash",
                title=session.title,
                other=other.title,
                starts=start_of(turn, other),
                buttons=[[swap, keep]],
            )
        case enrolment.OfferGone(session):
            again = Button("enrolment.button.again", TakeSeat(session.id))
            turn.say("enrolment.offer_gone", title=session.title, buttons=[[again, other_classes(session.site_id)]])
        case enrolment.NotEnrolled(session):
            turn.show("enrolment.not_enrolled", title=session.title, buttons=[[other_classes(session.site_id)]])
        case enrolment.Full(session) | enrolment.Begun(session) | enrolment.Cancelled(session):
            show_class(turn, session)
        case enrolment.Unknown():
            turn.say("enrolment.unknown", buttons=[[other_classes()]])


def congratulate(turn: Turn, key: str, session: ClassSession, ways: Sequence[Button] = (), **values: Value) -> None:
    """Shows the confirmation of a seat, as the last message. If that was never asked, the question whether we may send
    reminders takes the place of the card whose seat was taken."""
    if consent_of(turn.person, Purpose.REMINDERS) is None:
        turn.follow(AskConsent(Purpose.REMINDERS, in_place=True))
    first = [*map_button(session), check_in_button() if is_today(turn, session) else calendar_button(session)]
    below = ways or [SCHEDULE, withdraw_button(session)]
    turn.show(key, {**card_facts(turn, session), **values}, buttons=[first, below])

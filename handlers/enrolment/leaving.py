"""A seat given back, an offer declined, a waitlist left; and what was given up taken back."""

from __future__ import annotations

from typing import Final

from bot.actions.buttons import SCHEDULE, other_classes
from bot.actions.enrolment import ConsiderWithdrawal, DeclineOffer, SeeClass, TakeBack, Withdraw
from bot.programme import enrolment, sessions
from bot.programme.enrolment import EnrolmentStatus
from bot.turns.turn import Turn
from bot.words.action import version_of
from bot.words.message import Button, Words
from handlers.enrolment.looking import show_class
from handlers.enrolment.parts import (
    calendar_gone_button,
    minutes_until,
    move_button,
    show_cancelled,
    start_of,
    stays_words,
    take_back_button,
)
from handlers.enrolment.taking import congratulate

KEPT: Final = {
    "enrolment.left_waiting": "enrolment.left_waiting_kept",
    "enrolment.declined": "enrolment.declined_kept",
    "enrolment.withdrawn": "enrolment.withdrawn_kept",
}
"""The messages for what can still be taken back, by those for what cannot."""


def withdrawal_considered(turn: Turn, action: ConsiderWithdrawal) -> None:
    session = sessions.get(turn.db, action.session)
    mine = enrolment.enrolment_of(turn.db, turn.person, session.id) if session else None
    if session is None:
        turn.show("enrolment.unknown", buttons=[[other_classes()]])
    elif mine is None or mine.status not in enrolment.LIVE:
        turn.show("enrolment.not_enrolled", title=session.title, buttons=[[other_classes(session.site_id)]])
    elif session.starts_at <= turn.now:
        show_class(turn, session)
    else:
        done = Withdraw(session.id, version=_version(mine))
        starts = start_of(turn, session)
        if mine.status in enrolment.HOLDING:
            keep = Button("enrolment.button.keep", SeeClass(session.id))
            buttons = [[Button("enrolment.button.withdraw_now", done), keep]]
            if mine.status == EnrolmentStatus.SEATED:
                buttons.append([move_button(session)])
            turn.show("enrolment.withdraw", title=session.title, starts=starts, buttons=buttons)
        else:
            keep = Button("enrolment.button.keep_waiting", SeeClass(session.id))
            buttons = [[Button("enrolment.button.leave_now", done)], [keep]]
            turn.show("enrolment.withdraw_waiting", title=session.title, starts=starts, buttons=buttons)


def seat_given_back(turn: Turn, action: Withdraw) -> None:
    mine = enrolment.enrolment_of(turn.db, turn.person, action.session)
    if mine is not None and mine.status in enrolment.LIVE and action.version not in (0, _version(mine)):
        return withdrawal_considered(turn, ConsiderWithdrawal(action.session))  # not the seat that was asked about
    match mine.status if mine is not None else None:
        case EnrolmentStatus.WAITLISTED:  # people who waited had no seat to give back
            _withdraw_now(turn, action.session, "enrolment.left_waiting")
        case EnrolmentStatus.OFFERED:
            _withdraw_now(turn, action.session, "enrolment.declined")
        case _:
            _withdraw_now(turn, action.session, "enrolment.withdrawn")


def _version(mine: enrolment.Enrolment) -> int:
    """Returns the version of a seat or place on the waitlist. After giving it back and taking part again it is another
    one."""
    return version_of(mine.id, mine.status, mine.changed_at.timestamp())


def offer_declined(turn: Turn, action: DeclineOffer) -> None:
    mine = enrolment.enrolment_of(turn.db, turn.person, action.session)
    if mine is not None and mine.status == EnrolmentStatus.SEATED:
        # the offer was accepted, and is a seat by now
        return withdrawal_considered(turn, ConsiderWithdrawal(action.session))
    _withdraw_now(turn, action.session, "enrolment.declined")


def _withdraw_now(turn: Turn, session_id: int, key: str) -> None:
    mine = enrolment.enrolment_of(turn.db, turn.person, session_id)
    stays = stays_words(turn, mine, "enrolment.stays") if mine is not None else None
    had_seat = mine is not None and mine.status == EnrolmentStatus.SEATED
    match enrolment.withdraw(turn.db, turn.person, session_id, turn.now, undo=True):
        case enrolment.Withdrawn(session, until):
            calendar = [calendar_gone_button(session)] if had_seat else []
            rows = [[*calendar, other_classes(session.site_id)]]
            if until is None:
                turn.show(key, title=session.title, stays=stays, buttons=rows)
            else:
                rows.insert(0, [take_back_button(turn, session)])
                turn.show(KEPT[key], title=session.title, stays=stays, minutes=minutes_until(turn, until), buttons=rows)
        case enrolment.NotEnrolled(session):
            turn.show("enrolment.not_enrolled", title=session.title, buttons=[[other_classes(session.site_id)]])
        case enrolment.Begun(session):
            show_class(turn, session)
        case enrolment.Cancelled(session):
            show_cancelled(turn, session, [[other_classes(session.site_id)]])
        case enrolment.Unknown():
            turn.show("enrolment.unknown", buttons=[[other_classes()]])


def taken_back(turn: Turn, action: TakeBack) -> None:
    """Gives the person back what they gave up ("Kembalikan"), once and within two minutes; otherwise says why not."""
    match enrolment.take_back(turn.db, turn.person, action.session, action.version, turn.now):
        case enrolment.TakenBack(session, left):
            turn.toast("enrolment.toast.taken_back")
            mine = enrolment.enrolment_of(turn.db, turn.person, session.id)
            if mine is None or mine.status != EnrolmentStatus.SEATED:
                return show_class(turn, session)
            leaves = Words("enrolment.left_again", {"left": left.title}) if left is not None else None
            congratulate(turn, "enrolment.taken_back", session, leaves=leaves)
        case enrolment.StillTheirs(session):
            turn.toast("enrolment.toast.nothing_to_take_back")
            show_class(turn, session)
        case enrolment.TooLate(session):
            see = Button("enrolment.button.see", SeeClass(session.id))
            turn.show("enrolment.too_late", title=session.title, buttons=[[see, other_classes(session.site_id)]])
        case enrolment.Clash(session, other):
            see = Button("enrolment.button.see", SeeClass(session.id))
            starts = start_of(turn, other)
            turn.show(
                "enrolment.back_clash", title=session.title, other=other.title, starts=starts, buttons=[[see, SCHEDULE]]
            )
        case enrolment.Begun(session) | enrolment.Cancelled(session):
            show_class(turn, session)
        case enrolment.Unknown():
            turn.show("enrolment.unknown", buttons=[[other_classes()]])

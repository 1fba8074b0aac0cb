"""Participants after the class: "I was there", "I was not", and what keeps them away."""

from __future__ import annotations

from bot.actions.attendance import (
    AdmitAbsence,
    ClaimPresence,
    TellReason,
)
from bot.actions.buttons import SCHEDULE, other_classes
from bot.actions.mentoring import AskMentor
from bot.actions.menu import OpenMenu
from bot.programme import attendance
from bot.programme.attendance import Reason
from bot.programme.sessions import ClassSession
from bot.turns.turn import Turn
from bot.words.message import Button


def presence_claimed(turn: Turn, action: ClaimPresence) -> None:
    person = turn.whose(action.person)
    if person is None:
        return _stale(turn)
    outcome = attendance.claim(turn.db, person, action.session, turn.now, content=turn.content)
    match outcome:
        case attendance.Claimed(session):
            turn.toast("attendance.toast.claimed")
            turn.show("attendance.claimed", title=session.title)
        case attendance.AlreadyClaimed(session):
            turn.show("attendance.already_claimed", title=session.title)
        case attendance.AlreadyIn(session):
            turn.show("attendance.already_in", title=session.title)
        case attendance.Refused(session):
            turn.show("attendance.refused", title=session.title, buttons=[[_ask(session)]])
        case attendance.NotEnrolled(session):
            turn.show("attendance.not_enrolled", title=session.title, buttons=[[SCHEDULE]])
        case attendance.TooEarly(session, _):
            turn.show("attendance.code_still_good", title=session.title)
        case attendance.TooLate(session, _):
            turn.show("attendance.too_late", title=session.title, buttons=[[_ask(session)], [SCHEDULE]])
        case attendance.Cancelled(session):
            turn.show("attendance.cancelled", title=session.title, buttons=[[SCHEDULE]])
        case attendance.Unknown():
            turn.show("attendance.unknown", buttons=[[SCHEDULE]])


def absence_admitted(turn: Turn, action: AdmitAbsence) -> None:
    person = turn.whose(action.person)
    session = attendance.not_there(turn.db, person, action.session, turn.now) if person else None
    if session is None:
        return _stale(turn)
    turn.show("attendance.thanks_for_telling", title=session.title, buttons=[[other_classes(session.site_id)]])


def reason_told(turn: Turn, action: TellReason) -> None:
    person = turn.whose(action.person)
    if person is None or action.reason not in list(Reason):
        return _stale(turn)
    session = attendance.note_reason(
        turn.db,
        person,
        action.session,
        Reason(action.reason),
        turn.now,
        content=turn.content,
        settings=turn.settings,
    )
    if session is None:
        return _stale(turn)
    turn.show(f"attendance.heard.{Reason(action.reason)}", buttons=[[other_classes(session.site_id)]])


def _ask(session: ClassSession) -> Button:
    """The way to a human being, where a button helps no more."""
    return Button("mentoring.button.ask", AskMentor(f"class.{session.id}"))


def _stale(turn: Turn) -> None:
    turn.toast("menu.stale")
    turn.follow(OpenMenu())

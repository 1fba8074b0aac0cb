"""Second taps on buttons of adding people, when the question is over: they are told what was done at the first."""

from __future__ import annotations

from bot.actions.menu import OpenMenu
from bot.actions.roster import (
    AddKnownOfList,
    AddSeat,
    AddSomebodyElse,
    LeaveOutWalkIn,
    PickWhoIsKnown,
    PickWhoRefused,
    WalkInAgreed,
    WalkInRefused,
)
from bot.turns.turn import Turn

Answer = AddSeat | AddSomebodyElse | LeaveOutWalkIn | PickWhoRefused | WalkInAgreed | PickWhoIsKnown | AddKnownOfList


def said_who_was_added(turn: Turn, version: int) -> bool:
    """Says how many were added by a button with this version. False: nobody was."""
    number = len(turn.did("walk_in_added", of=version)) if version else 0
    if number:
        turn.toast("roster.toast.added_before", n=number)
    return bool(number)


def answered_before(turn: Turn, action: Answer) -> None:
    if said_who_was_added(turn, action.version):
        return
    turn.toast("menu.stale")
    if turn.account.conversation is None:
        turn.follow(OpenMenu())
    elif not turn.sees_answer_in_place:
        turn.resume()


def refused_before(turn: Turn, action: WalkInRefused) -> None:
    """Answers [Tidak setuju] when it is tapped once more, or after somebody was added all the same."""
    if not said_who_was_added(turn, action.version):
        turn.toast("roster.toast.over")


def stopped_before(turn: Turn) -> None:
    """Tells that the question is over, when [Batal] is tapped once more."""
    turn.toast("roster.toast.over")

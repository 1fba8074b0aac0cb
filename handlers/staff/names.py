"""The name under which colleagues see what somebody did."""

from __future__ import annotations

from typing import Final

from bot.actions.staff import LeaveStaffName, TakeTelegramNameAsStaff
from bot.programme import registration
from bot.turns.turn import Turn
from bot.words.message import Button
from handlers.staff.parts import first_steps

STAFF: Final = "staff"
NAME: Final = "name"


def name_asked_for(turn: Turn) -> None:
    turn.must_serve()
    ask_name(turn)


def name_asked_again(turn: Turn) -> None:
    ask_name(turn)


def ask_name(turn: Turn, *, again: bool = False) -> None:
    buttons = [[Button("registration.button.telegram_name", TakeTelegramNameAsStaff())]] if _telegram_name(turn) else []
    later = [Button("staff.button.later", LeaveStaffName())]
    turn.say("staff.name_again" if again else "staff.name", buttons=[*buttons, later])
    turn.ask(STAFF, NAME)


def name_written(turn: Turn) -> None:
    turn.must_serve()
    _named(turn, registration.readable_name(turn.text))


def telegram_name_taken(turn: Turn) -> None:
    turn.must_serve()
    _named(turn, _telegram_name(turn))


def _named(turn: Turn, name: str | None) -> None:
    if name is None:
        return ask_name(turn, again=True)
    turn.account.staff_name = name
    turn.leave(STAFF)
    turn.note("staff_named", f"account:{turn.account.id}")
    turn.say("staff.named", staff=name, buttons=first_steps(turn), secret=True)


def name_left_out(turn: Turn) -> None:
    turn.leave(STAFF)
    turn.say("staff.unnamed", buttons=first_steps(turn))


def _telegram_name(turn: Turn) -> str | None:
    sender = turn.update.effective_user
    return registration.readable_name(sender.first_name) if sender else None

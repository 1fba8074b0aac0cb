"""The question whether anybody is in danger, where the words leave that open; and what is typed below it."""

from __future__ import annotations

from typing import Final

from bot.actions.menu import OpenMenu
from bot.actions.understanding import MeantThis
from bot.turns.turn import Turn
from bot.understanding.short_answers import yes_or_no
from bot.words.message import Button, Message
from bot.words.typed_text import cleaned
from handlers.understanding.answers import urgent
from handlers.understanding.parts import written_answer

IN_DANGER: Final = "understanding.in_danger"


def ask_whether_in_danger(turn: Turn) -> None:
    """Asks whether anybody is in danger, with the emergency number in the same message. Staff are told after the tap
    alone."""
    turn.act_for(None)
    need, none = (
        Button("understanding.button.need_help", MeantThis("urgent")),
        Button("understanding.button.no_danger", OpenMenu()),
    )
    turn.say(IN_DANGER, answer=written_answer(turn, "in_danger"), buttons=[[need], [none]])
    turn.resume()


def told_whether_in_danger(turn: Turn, newest: Message | None) -> bool:
    """Handles a typed yes or no directly below that question, as its buttons would. Returns False if it is neither."""
    if newest is None or newest.key != IN_DANGER:
        return False
    typed = cleaned(turn.text)
    answer = None if "?" in typed else yes_or_no(turn.content.spelled(typed))
    if answer is None:
        return False
    if answer:
        urgent(turn)
    else:
        turn.follow(OpenMenu())
    return True

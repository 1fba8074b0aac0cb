"""What a text may mean, offered as buttons; the tap on one."""

from __future__ import annotations

from typing import Final

from bot.actions.understanding import MeantThis
from bot.turns.turn import Turn
from bot.understanding.intents import Understood
from bot.words.message import Button
from bot.words.typed_text import cleaned
from handlers.understanding.answers import FOUND, lessons_found
from handlers.understanding.doing import OFFERED, do
from handlers.understanding.parts import ask_a_mentor

FAINT: Final = 0.1
SURELY_NOTHING: Final = 0.7
"""Between these certainties of an unclear text the next likely intent is offered as a button."""


def offer(turn: Turn, found: Understood) -> None:
    """Offers the two likeliest intents as buttons; the second time in a row, a human being."""
    before = turn.newest.said
    if before is not None and before.key in {"understanding.unclear", "understanding.which"}:
        return turn.show("understanding.human", contact=turn.contact, buttons=ask_a_mentor(turn))
    likely = list[str]()
    if found.intent != "unclear" or FAINT < found.certainty < SURELY_NOTHING:
        likely = [one for one in (found.intent, found.second) if one in OFFERED and _may_be_offered(turn, one)]
    if found.intent == "lesson_search" and not turn.content.search_lessons(cleaned(turn.text)):
        likely = [one for one in likely if one != "lesson_search"]
    if not likely:
        return turn.show("understanding.unclear", contact=turn.contact, buttons=ask_a_mentor(turn))
    buttons = []
    for one in likely:
        if one == "lesson_search":
            buttons += lessons_found(turn, FOUND - 1)
        else:
            buttons.append([_guess(one)])
    turn.show("understanding.which", buttons=[*buttons, *ask_a_mentor(turn)])


def _may_be_offered(turn: Turn, intent: str) -> bool:
    return turn.staff or not intent.startswith("t_")


def _guess(intent: str) -> Button:
    return Button(f"understanding.meant.{intent}", MeantThis(intent))


def guess_confirmed(turn: Turn, action: MeantThis) -> None:
    do(turn, action.intent)

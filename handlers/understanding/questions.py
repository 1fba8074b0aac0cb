"""Typed answers to the question that the newest message asks."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from bot.actions.attendance import ClaimPresence
from bot.actions.consents import AnswerNotice
from bot.actions.enrolment import AcceptOffer, ConfirmMove, ConsiderWithdrawal, SeeClass, Withdraw
from bot.actions.privacy import AnswerPurpose, DecideSeats, EraseNow, StopMessages
from bot.actions.quizzes import AnswerQuestion
from bot.actions.reminders import SayComing
from bot.programme.understanding import OpenQuestion
from bot.turns.turn import Turn
from bot.understanding.intents import Understood
from bot.words.message import Message
from bot.words.typed_buttons import actions_of
from bot.words.typed_text import cleaned
from handlers.understanding.parts import is_yes
from handlers.understanding.presence import present, was_there

NEEDS_TAP: Final = (EraseNow, Withdraw, ConfirmMove, StopMessages, DecideSeats, AnswerPurpose)
"""Actions that a typed "ya" below their button does not do: they need a tap."""
_ABOUT_CLASS: Final = re.compile(r"\b(kelas|kursi|class|seat)", re.IGNORECASE)


def answered_notice(turn: Turn, newest: Message) -> bool:
    """Handles a typed yes or no to a newer version of the notice. A no counts at once; a yes needs a tap, so the
    question is shown again. Returns False if it is neither."""
    asked = next((one for one in actions_of(newest) if isinstance(one, AnswerNotice)), None)
    if asked is None:
        return False
    typed = cleaned(turn.text)
    found = turn.content.understand(typed, "consent")
    if "setuju" not in typed.casefold() and not is_yes(turn):
        return False
    if found.intent == "disagree" and found.at_once:
        turn.press(replace(asked, given=False))
    else:
        turn.say("understanding.tap_it", plain=True)
        turn.say_newest_again()
    return True


def answered_by_yes_or_no(turn: Turn, newest: Message) -> bool:
    """Handles a plain yes or no below a button that gives something up, or that consents. After a yes that button is
    shown again, because it needs a tap; a no to a consent counts at once. Returns False if it is neither."""
    asked = next((one for one in actions_of(newest) if isinstance(one, NEEDS_TAP)), None)
    if asked is None:
        return False
    typed = cleaned(turn.text)
    if isinstance(asked, AnswerPurpose):
        found = turn.content.understand(typed, "consent")
        other = turn.content.understand(typed).intent in {"stop_messages", "erase_data"} or _ABOUT_CLASS.search(typed)
        if found.intent == "disagree" and found.at_once and not other:
            return turn.press(replace(asked, given=False))
    if not is_yes(turn):
        return False
    turn.say("understanding.tap_it", plain=True)
    turn.say_newest_again()
    return True


def answered(turn: Turn, found: Understood, open_: OpenQuestion, newest: Message) -> bool:
    """Handles an answer to the open question: does it at once if it is clear, otherwise asks again. Returns False if
    the text is no answer."""
    match found.intent:
        case "check_in" if found.at_once and isinstance(open_.yes, ClaimPresence):
            present(turn, open_.yes)
        case "coming" | "accept_offer" if found.at_once and open_.yes is not None:
            turn.press(open_.yes)
        case "quiz_answer" if found.at_once and (answer := _lettered(open_, found.slots.get("letter", ""))):
            turn.press(answer)
        case "give_back_seat" if isinstance(open_.yes, SayComing):
            turn.press(ConsiderWithdrawal(open_.yes.session, person=open_.yes.person))
        case "decline_offer" if isinstance(open_.yes, AcceptOffer):
            turn.press(SeeClass(open_.yes.session, person=open_.yes.person))
        case "not_sure" | "coming" | "accept_offer" | "quiz_answer":
            _ask_again(turn, newest, "understanding.no_hurry" if found.intent == "not_sure" else None)
        case "unclear" if open_.context in {"reminder", "offer", "quiz"}:
            _ask_again(turn, newest, "understanding.unclear_answer")
        case "check_in":
            was_there(turn)
        case _:
            return False
    return True


def _lettered(open_: OpenQuestion, letter: str) -> AnswerQuestion | None:
    place = "abc".find(letter) if letter else -1
    return open_.answers[place] if 0 <= place < len(open_.answers) else None


def _ask_again(turn: Turn, newest: Message, key: str | None) -> None:
    """Asks the open question again with its buttons; a quiz poll stays where it is."""
    if key is not None:
        turn.say(key, plain=newest.quiz is None)
    if newest.quiz is None:
        turn.say_newest_again()
    elif key is None:
        turn.say("understanding.unclear_answer")

"""Text that is handled before all other handlers: forwarded words, the words of a button, danger, and the ways out of a
conversation."""

from __future__ import annotations

from typing import Final

from bot.actions.by_words import BY_WORDS
from bot.actions.privacy import AnswerPurpose
from bot.actions.registration import AnswerConsent
from bot.programme.registration import Field
from bot.turns.together import same_breath
from bot.turns.turn import Turn
from bot.turns.typed_below import was_forwarded
from bot.understanding.intents import Understood
from bot.words.action import parse
from bot.words.typed_text import cleaned
from handlers.understanding.answers import scam, urgent
from handlers.understanding.doing import do
from handlers.understanding.parts import erase_button, is_yes

BACK: Final = "button.back"
REGISTRATION: Final = "registration"
CONSENT: Final = (REGISTRATION, "consent")
NAME: Final = (REGISTRATION, Field.NAME.value)
NEEDS: Final = (REGISTRATION, Field.NEEDS.value)
"""Conversation and state of these questions. Telling a special need may sound like an emergency."""


def heard_first(turn: Turn) -> bool:
    """Handles text before all other handlers: words that were forwarded, the words of a button below the newest message
    and, in the middle of a conversation, danger to life and the words that end the conversation. None of these is ever
    taken for an answer.

    Returns whether the text was one of these.
    """
    if was_forwarded(turn) and not turn.serves:
        _forwarded(turn)
        return True
    if turn.account.conversation is not None and _left_question(turn):
        return True
    newest = turn.newest.said
    action = turn.button_typed(newest) if newest is not None else None
    if newest is None or action is None:
        return False
    refuses = isinstance(action, AnswerPurpose) and not action.given
    if not (refuses or isinstance(action, BY_WORDS)) or not turn.press(action):
        turn.say("understanding.tap_it", plain=True)
        if not turn.resume():
            turn.say_newest_again()
    return True


def _forwarded(turn: Turn) -> None:
    """Answers a forwarded text, which is no answer and no wish of this person. If it is a scam, shows the help against
    scams."""
    found = turn.content.understand(cleaned(turn.text))
    if "scam_report" in (found.intent, found.second):
        return scam(turn)
    if same_breath(turn):
        return
    turn.say("understanding.forwarded", contact=turn.contact, plain=turn.account.conversation is not None)
    turn.resume()


def _left_question(turn: Turn) -> bool:
    state = (turn.account.conversation, turn.account.state)
    typed = cleaned(turn.text)
    if not turn.serves and state != NEEDS and turn.content.understand(typed, "name_question").intent == "urgent":
        urgent(turn)
        return True
    if state == CONSENT:
        return _answered_consent(turn, turn.content.understand(typed, "consent"))
    wanted = turn.content.way_out(typed)
    if state == NAME and wanted is None:
        found = turn.content.understand(typed, "name_question")
        wanted = found.intent if found.intent in {"break_off", "help"} and found.at_once else None
    match wanted:
        case "break_off":
            if not turn.break_off():
                turn.resume()
        case "back":
            return _went_back(turn)
        case "menu" | "help" | "stop_messages":
            do(turn, wanted)
        case _:
            return False
    return True


def _went_back(turn: Turn) -> bool:
    """Goes to the question before, if the newest message has a button for that. Returns False if "back" is a button
    under the typing field, whose words another handler takes."""
    newest = turn.newest.said
    if newest is not None and newest.keyboard is not None:
        return False
    ways = [button.data for row in (newest.buttons if newest else ()) for button in row if button.key == BACK]
    action = parse(ways[0]) if ways and ways[0] else None
    if action is None or not turn.press(action):
        turn.resume()
    return True


def _answered_consent(turn: Turn, found: Understood) -> bool:
    """Handles a text at the question for consent 1. A refusal, and being under 18, count at once; agreeing needs a tap,
    which is recorded. Returns False if the text is none of what it knows."""
    if found.intent in {"disagree", "under_age"} and found.at_once:
        turn.press(AnswerConsent(False))
    elif found.intent in {"stop_messages", "erase_data"} and turn.account.person is None:
        turn.say("understanding.stranger_leaves", buttons=[[erase_button()]])
    elif found.at_once and found.intent in {"help", "language", "my_data", "cost", "scam_report", "menu"}:
        do(turn, "help" if found.intent == "menu" else found.intent)
    elif found.intent == "agree" or is_yes(turn):
        turn.say("understanding.tap_it", plain=True)
        turn.resume()
    else:
        return False
    return True

"""Text that no question wanted, and text that was corrected: who takes it up, one after the other."""

from __future__ import annotations

from typing import Final

from bot.actions.faq import SeeAnswer
from bot.actions.registration import ContinueRegistration
from bot.programme import faq
from bot.programme.understanding import open_question
from bot.turns.corrections import as_written
from bot.turns.together import same_breath
from bot.turns.turn import Turn
from bot.understanding.intents import Handling, Understood
from bot.words.typed_text import cleaned
from handlers.understanding.classes import named_class, place
from handlers.understanding.danger import ask_whether_in_danger, told_whether_in_danger
from handlers.understanding.doing import do
from handlers.understanding.for_guide import in_guide
from handlers.understanding.for_staff import below_words_of_staff, for_staff
from handlers.understanding.guesses import offer
from handlers.understanding.parts import class_now, erase_button, is_yes, tell_for_whom
from handlers.understanding.presence import came_to_the_door, said_they_were_there, stand_at_the_door_themselves
from handlers.understanding.questions import answered, answered_by_yes_or_no, answered_notice

NAMES_CLASSES: Final = frozenset({"classes", "class_details", "unclear", "lesson_search"})
FOR_ANSWERS: Final = frozenset({"unclear", "lesson_search"})
"""Intents that an answer for everybody may fit, if nobody was asked."""
FOR_STRANGERS: Final = frozenset({"help", "language", "my_data", "cost", "certificate", "question_for_human"})
"""Intents that are answered before somebody registers; for all others the answer is the registration."""


def something_written(turn: Turn) -> None:
    """Answers text that no question wanted. A stranger's first message is taken as a greeting."""
    newest = turn.newest.said
    if turn.account.conversation is None:
        turn.act_for(turn.newest_said_to())
    person = turn.person if turn.registered else None
    open_ = open_question(turn.db, person, newest, class_now(turn), staff=turn.staff, now=turn.now)
    found = turn.content.understand(cleaned(turn.text), open_.context)
    if same_breath(turn) and found.intent in {"unclear", "small_talk"}:
        return  # what they had to say was answered a moment ago
    if said_they_were_there(turn, open_):
        return
    if found.intent == "urgent" and stand_at_the_door_themselves(turn) and came_to_the_door(turn, open_):
        return  # "saya sudah di depan pintu bu" is the door of a class whose code is shown now
    if found.intent in {"urgent", "scam_report"} and found.at_once:
        return do(turn, found.intent)
    if turn.account.conversation is None and told_whether_in_danger(turn, newest):
        return
    if found.intent == "urgent":
        if turn.account.conversation is None and came_to_the_door(turn, open_):
            return
        return ask_whether_in_danger(turn)
    if turn.account.conversation is not None:
        turn.say("menu.not_understood", contact=turn.contact, plain=True)
        turn.resume()
    elif (way := below_words_of_staff(turn, found)) is not None:
        turn.follow(way)
    elif (page := in_guide(turn, found)) is not None:
        turn.follow(page)
    elif newest is not None and (answered_notice(turn, newest) or answered_by_yes_or_no(turn, newest)):
        pass
    elif not turn.registered and not turn.serves:
        _stranger_wrote(turn, found)
    elif (newest is not None and answered(turn, found, open_, newest)) or came_to_the_door(turn, open_):
        pass
    elif found.intent in {"give_back_seat", "move_class"} and is_yes(turn):
        do(turn, "my_schedule")  # nobody who will come is asked to give the seat back
    elif (found.action is Handling.OFFER or found.intent in NAMES_CLASSES) and named_class(turn, found.intent):
        pass
    elif (way := for_staff(turn, found)) is not None:
        turn.follow(way)
        if found.intent == "place":
            place(turn)
    elif found.intent in FOR_ANSWERS and turn.registered and _answered_for_everybody(turn):
        pass
    elif found.at_once or found.action is Handling.CONFIRM or found.intent in {"question_for_human", "complaint"}:
        do(turn, found.intent)
    else:
        turn.act_for(None)
        offer(turn, found)


def something_corrected(turn: Turn) -> None:
    """Handles a corrected text. If it is danger to life, or the question it answers is still open, it is handled like a
    new text. Otherwise the person is told that what was done is not changed by it. A location that moves, and a message
    without words, gets no answer."""
    edited = turn.update.edited_message
    if edited is None or edited.location is not None or not (edited.text or edited.caption):
        return
    newest, person = turn.newest.said, turn.person if turn.registered else None
    asked = open_question(turn.db, person, newest, None, staff=False, now=turn.now).context != "none"
    as_written(turn)
    danger = turn.content.understand(cleaned(turn.text)).intent == "urgent"
    if danger or (asked and turn.account.conversation is None):
        return turn.dispatcher.dispatch(turn)
    turn.say("understanding.edited", plain=turn.account.conversation is not None)
    turn.resume()


def _stranger_wrote(turn: Turn, found: Understood) -> None:
    if found.intent in FOR_STRANGERS and found.action is not Handling.CONFIRM:
        do(turn, found.intent)
    elif found.intent in {"stop_messages", "erase_data"}:
        turn.say("understanding.stranger_leaves", buttons=[[erase_button()]])
    else:
        turn.follow(ContinueRegistration())


def _answered_for_everybody(turn: Turn) -> bool:
    """Shows the answer for everybody that fits these words well. Returns False if none does."""
    fits = faq.find_well(turn.db, turn.person.site_id, cleaned(turn.text), turn.now, content=turn.content)
    if fits is None:
        return False
    tell_for_whom(turn)
    turn.follow(SeeAnswer(fits.id, typed=True))
    return True

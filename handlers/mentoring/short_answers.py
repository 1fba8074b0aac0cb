"""Typed words that act as a button of a question: the number to call, whether an answer is clear, and that the question
is not to be asked after all."""

from __future__ import annotations

from typing import Final

from bot.actions.mentoring import (
    AddToQuestion,
    AnswerClear,
    AnswerUnclear,
    CancelQuestion,
    GiveNumber,
    NotForMentor,
    RefuseNumber,
    SeeQuestions,
)
from bot.programme import mentoring, registration
from bot.turns.turn import Turn
from bot.turns.typed_below import stands_below_newest
from bot.understanding.short_answers import takes_back, understood, yes_or_no
from bot.words.action import Action
from bot.words.message import At, Button, Lines, Message, Words, rows
from bot.words.typed_buttons import actions_of
from bot.words.typed_text import cleaned
from handlers.mentoring import telephone

AFTER_ANSWERS: Final = frozenset({"understanding.answer", "turn.acted_for"})
"""What the bot says to thanks: below it an answer can still be called clear."""
ENDED: Final = frozenset(
    {"mentoring.closed", "mentoring.closed_by_mentor", "mentoring.rated", "mentoring.clear_before"}
)
"""What is said when a question is over."""
WAITING: Final = frozenset(
    {
        *("mentoring.opened", "mentoring.passed_on", "mentoring.mine", "mentoring.sorry", "mentoring.contact"),
        *("mentoring.edited", "mentoring.not_taken_back", "mentoring.take_back"),
    }
)
"""What tells that a question waits."""


def heard(turn: Turn) -> bool:
    """Takes typed words that answer the newest message as its buttons do; nothing while another question is asked, and
    nothing that was forwarded."""
    if not stands_below_newest(turn):
        return False
    return _number_answered(turn) or _clear_or_not(turn) or _clear_later(turn) or _takes_back(turn)


def _number_answered(turn: Turn) -> bool:
    asked = number_asked(turn)
    if asked is None:
        return False
    number = registration.readable_phone(turn.text)
    if number is not None:
        telephone.keep(turn, asked, number)
        return True
    yes = _meant(turn, asked, RefuseNumber(asked.ticket, person=asked.person))
    return yes is not None and turn.press(yes)


def _meant(turn: Turn, yes: Action, no: Action) -> Action | None:
    typed = cleaned(turn.text)
    answer = None if "?" in typed else yes_or_no(turn.content.spelled(typed))
    if answer is not None:
        return yes if answer else no
    newest = turn.newest.said
    found = turn.button_typed(newest) if newest is not None else None
    return found if found in (yes, no) else None


def number_asked(turn: Turn) -> GiveNumber | None:
    """Returns the yes below the newest message, if it asks for a number to call and nothing else is asked."""
    if turn.account.conversation is not None:
        return None
    return next((one for one in actions_of(turn.newest.said) if isinstance(one, GiveNumber)), None)


def contact_wanted(turn: Turn) -> bool:
    return number_asked(turn) is not None


def contact_heard(turn: Turn) -> None:
    """Takes a contact that is shared below the question for a number as the answer."""
    asked, number = number_asked(turn), registration.readable_phone(telephone.typed_or_shared(turn))
    if asked is None:
        return
    if number is None:
        turn.press(asked)  # which asks for it
    else:
        telephone.keep(turn, asked, number)


def _clear_or_not(turn: Turn) -> bool:
    """Answers typed words below an answer that say whether it is clear. The answer's words are kept in its question
    alone, so its buttons are made anew."""
    typed = cleaned(turn.text)
    if "?" in typed:  # "sudah jelas?" asks
        return False
    clear = understood(turn.content.spelled(typed))
    ticket = mentoring.answer_newest(turn.db, turn.account)
    if ticket is None:
        return False
    yes = AnswerClear(ticket.id, person=ticket.person_id)
    no = AnswerUnclear(ticket.id, person=ticket.person_id)
    buttons = (Button("mentoring.button.clear", yes), Button("mentoring.button.unclear", no))
    if clear is None:
        action = turn.button_typed(Message("", buttons=rows(buttons)))
    else:
        action = yes if clear else no
    if action is None or (action == no and ticket.class_id is not None):  # a trainer's words have no such button
        return False
    return turn.press(action)


def _clear_later(turn: Turn) -> bool:
    """Takes "sudah jelas", typed after thanks or the like, for the one answer of this phone that waits for a word. Said
    again after a question ended, it changes nothing."""
    typed, newest = cleaned(turn.text), turn.newest.said
    if newest is None or newest.key not in {*AFTER_ANSWERS, *ENDED} or "?" in typed:
        return False
    if understood(turn.content.spelled(typed)) is not True:
        return False
    waiting = mentoring.answered_lately(turn.db, turn.account, turn.now) if newest.key in AFTER_ANSWERS else []
    if len(waiting) == 1:
        return turn.press(AnswerClear(waiting[0].id, person=waiting[0].person_id))
    if waiting:  # which of them?
        turn.follow(SeeQuestions(person=waiting[0].person_id))
        return True
    ended = mentoring.cleared_lately(turn.db, turn.account, turn.now)
    if ended is None:
        return False
    turn.act_for(turn.whose(ended.person_id))
    turn.say("mentoring.clear_before", buttons=[[Button("mentoring.button.more", AddToQuestion(ended.id))]])
    return True


def _takes_back(turn: Turn) -> bool:
    """Answers "batal", "gak jadi" or a mere no, typed below what tells that a question waits: names the question, with
    a button that takes it back."""
    newest, typed = turn.newest.said, cleaned(turn.text)
    if newest is None or newest.key not in WAITING or "?" in typed:
        return False
    words = turn.content.spelled(typed)
    if not takes_back(words) and yes_or_no(words) is not False:
        return False
    turn.act_for(turn.newest_said_to())
    if not turn.registered:
        return False
    below = [one for one in actions_of(newest) if isinstance(one, CancelQuestion | NotForMentor)]
    found = mentoring.may_be_cancelled(turn.db, turn.person)
    named = [one for one in found if one.id in {of.ticket for of in below if isinstance(of, CancelQuestion)}]
    found = named or found
    last = [Button("mentoring.button.not_mine", one) for one in below if isinstance(one, NotForMentor)]
    if not found and not last:
        return False
    zone = turn.zone(turn.person.site_id)
    lines = [Words("mentoring.mine_line.open", {"number": one.id, "since": At(one.opened_at, zone)}) for one in found]
    backs = [[Button("mentoring.button.cancel_one", CancelQuestion(one.id), {"number": one.id})] for one in found]
    key = "mentoring.take_back" if found else "mentoring.take_back_words"
    turn.say(key, lines=Lines(tuple(lines)) if lines else None, buttons=[*backs, last])
    return True

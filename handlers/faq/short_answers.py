"""Typed words that act as a button: below answers that are offered before a question goes out, and below the question
whether one's own may help others."""

from __future__ import annotations

import re
from typing import Final

from bot.actions.faq import Allow, AnsweredAlready, ReadLesson, SendAnyway
from bot.programme import faq
from bot.turns.turn import Turn
from bot.turns.typed_below import stands_below_newest
from bot.understanding.short_answers import is_enough, takes_back, wants_person, yes_or_no
from bot.words.action import Action
from bot.words.message import Button, Message, rows
from bot.words.typed_buttons import actions_of
from bot.words.typed_text import cleaned
from handlers.faq import person

_ASKED: Final = re.compile(r"faq:(\d{1,9}):ask")
_AGREES: Final = re.compile(r"\b(boleh|setuju|agree|yes)\b", re.IGNORECASE)


def heard(turn: Turn) -> bool:
    """Takes typed words that answer the newest message as its buttons do; nothing while another question is asked,
    nothing that asks, and nothing that was forwarded."""
    if not stands_below_newest(turn) or "?" in turn.text:
        return False
    return _near_answered(turn) or _allowed_or_not(turn)


def _near_answered(turn: Turn) -> bool:
    newest = turn.newest.said
    actions = actions_of(newest)
    send = next((one for one in actions if isinstance(one, SendAnyway)), None)
    if newest is None or send is None:
        return False
    typed, label = turn.content.spelled(cleaned(turn.text)), turn.button_typed(newest)
    if isinstance(label, AnsweredAlready | SendAnyway):
        return turn.press(label)
    if takes_back(typed):
        person.question_held_back(turn, send)
        return True
    if wants_person(typed):
        return turn.press(send)
    if yes_or_no(typed) is False:  # not to be sent, or not what was meant: nobody can tell
        turn.say("understanding.tap_it", plain=True)
        turn.say_newest_again()
        return True
    if not is_enough(typed):
        return False
    lessons = [one for one in actions if isinstance(one, ReadLesson)]
    enough = [one for one in actions if isinstance(one, AnsweredAlready)]
    if newest.key == "faq.near_lessons" and lessons and yes_or_no(typed):  # "Mau lihat dulu?"
        return turn.press(lessons[0])
    # of several answers nobody said which one it was
    return turn.press(enough[0] if len(enough) == 1 else AnsweredAlready(send.said, person=send.person))


def _allowed_or_not(turn: Turn) -> bool:
    """Answers a typed yes or no to whether one's question may help others. Only "boleh", "setuju" and the button's own
    words agree that something is published; a mere "ya" shows the buttons again."""
    asked = _asked(turn)
    if asked is None:
        return False
    yes, no = asked
    buttons = [Button("faq.button.allow", yes), Button("faq.button.refuse", no)]
    typed = cleaned(turn.text)
    action: Action | None = turn.button_typed(Message("", buttons=rows(tuple(buttons))))
    answer = yes_or_no(turn.content.spelled(typed))
    if action is None and answer is None:
        return False
    if action is None and answer and not _AGREES.search(typed):
        turn.act_for(turn.whose(yes.person))
        turn.say("understanding.tap_it", buttons=[buttons])
        return True
    return turn.press(action or (yes if answer else no))


def _asked(turn: Turn) -> tuple[Allow, Allow] | None:
    """Returns the yes and the no of the question in the newest message. Its words are not kept, but its name is."""
    found = _ASKED.fullmatch(turn.newest.name)
    if found is not None:
        one = faq.get(turn.db, int(found[1]))
        whose = turn.whose(one.person_id) if one is not None else None
        if one is None or whose is None:
            return None
        return Allow(one.id, True, person=whose.id), Allow(one.id, False, person=whose.id)
    below = [one for one in actions_of(turn.newest.said) if isinstance(one, Allow)]
    yes, no = [one for one in below if one.allowed], [one for one in below if not one.allowed]
    return (yes[0], no[0]) if yes and no else None

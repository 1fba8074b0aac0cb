"""Words that are typed below a screen of announcements and mean one of its buttons, not the words of an announcement.

What sends, stops or takes something out of people's chats needs a tap: its buttons are shown again. What asks first, or
gives up a draft, is done.
"""

from __future__ import annotations

import re
from typing import Final

from bot.actions.broadcasts import (
    AddAudience,
    AskMoment,
    BeginAnnouncement,
    BreakOffAnnouncement,
    CorrectAnnouncement,
    SeePreview,
    SeeSendingReport,
    StopSending,
    TakeBackSchedule,
    WithdrawAnnouncement,
    WithdrawNow,
)
from bot.turns.turn import Turn
from bot.turns.typed_below import stands_below_newest
from bot.understanding.announcement_words import (
    Meant,
    meant_afterwards,
    meant_instead_of_a_moment,
    meant_while_writing,
)
from bot.understanding.short_answers import takes_back, yes_or_no
from bot.words.action import Action
from bot.words.typed_buttons import actions_of, plain
from bot.words.typed_text import cleaned
from handlers.broadcasts.announcement import BROADCASTS, PREVIEW, WHEN, cancel_button

_NUMBER: Final = re.compile(r"(?:lihat|nomor|no)?\s*\.?\s*(\d{1,9})\.?")
_OWN: Final = ("broadcasts.progress", "broadcasts.correcting", "broadcasts.report", "broadcasts.correction_report")
_STANDING: Final = (*_OWN, "broadcasts.begun", "broadcasts.stopped", "broadcasts.scheduled", "broadcasts.replaced")
"""The screens of one announcement outside of a conversation."""


def typed_instead(turn: Turn) -> bool:
    """Does what a button does, if a text typed while an announcement is written means that button. Returns whether it
    did."""
    meant = meant_while_writing(_words(turn))
    number, previewed = turn.draft.get("broadcast") or 0, turn.account.state == PREVIEW
    match meant:
        case Meant.RECIPIENTS | Meant.MORE_RECIPIENTS if number and previewed:
            return turn.press(AddAudience(number, instead=meant is Meant.RECIPIENTS))
        case Meant.RECIPIENTS | Meant.MORE_RECIPIENTS:
            return turn.press(BeginAnnouncement())
        case Meant.NO:
            return turn.press(BreakOffAnnouncement(number))
        case Meant.SEND | Meant.CHANGE if not previewed:
            turn.resume()
        case Meant.SCHEDULE if previewed:
            return turn.press(AskMoment(number))
        case Meant.CHANGE:
            turn.say("broadcasts.change_what", buttons=[[cancel_button()]])
        case Meant.SEND | Meant.YES if previewed:
            turn.say("understanding.tap_it", plain=True)
            turn.resume()
        case _:
            return False
    return True


def asked_otherwise(turn: Turn, number: int) -> bool:
    """Answers a text, typed while the moment is asked for, that means to send now, or to say yes to the moment that was
    read. Returns whether it was one."""
    match meant_instead_of_a_moment(_words(turn)):
        case Meant.SEND:
            return turn.press(SeePreview(number))
        case Meant.CHANGE:
            turn.resume()
        case Meant.YES:
            turn.say("understanding.tap_it", plain=True)
            turn.say_newest_again()
            turn.ask(BROADCASTS, WHEN)
        case _:
            return False
    return True


def _words(turn: Turn) -> tuple[str, ...]:
    return turn.content.spelled(plain(cleaned(turn.text)))


def heard(turn: Turn) -> bool:
    """Does what a button does, if a text typed below the screens of what was sent or scheduled, or below the list,
    means that button. Returns whether it did."""
    if not stands_below_newest(turn) or not turn.staff or not 0 < len(turn.text) <= 40:
        return False
    newest = turn.newest.said
    if newest is None or not newest.key.startswith("broadcasts."):
        return False
    typed = plain(cleaned(turn.text))
    actions = actions_of(newest)
    if newest.key == "broadcasts.list":
        return _numbered(turn, typed, actions)
    if (asked := next((one for one in actions if isinstance(one, WithdrawNow)), None)) is not None:
        return _asked_to_withdraw(turn, asked)
    if newest.key not in _STANDING:
        return False
    numbers = [one.broadcast for one in actions if isinstance(one, CorrectAnnouncement | SeeSendingReport)]
    meant = meant_afterwards(_words(turn))
    if not numbers or meant is None:
        return False
    if meant is Meant.CHANGE:
        return turn.press(CorrectAnnouncement(numbers[0]))
    if meant is Meant.WITHDRAW and any(isinstance(one, WithdrawAnnouncement) for one in actions):
        return turn.press(WithdrawAnnouncement(numbers[0]))
    if any(isinstance(one, StopSending | TakeBackSchedule) for one in actions):
        turn.say("understanding.tap_it", plain=True)
        turn.say_newest_again()
        return True
    return newest.key == "broadcasts.begun" and turn.press(SeeSendingReport(numbers[0]))


def _asked_to_withdraw(turn: Turn, asked: WithdrawNow) -> bool:
    """Answers a typed yes or no to the question whether to withdraw: a no goes back, a yes needs the tap."""
    words = _words(turn)
    if yes_or_no(words) is False or takes_back(words) or set(words) <= {"kembali", "back"}:
        return turn.press(SeeSendingReport(asked.broadcast))
    if meant_afterwards(words) is Meant.CHANGE:
        return turn.press(CorrectAnnouncement(asked.broadcast))
    if yes_or_no(words) or meant_afterwards(words) is Meant.WITHDRAW:
        turn.say("understanding.tap_it", plain=True)
        turn.say_newest_again()
        return True
    return False


def _numbered(turn: Turn, typed: str, actions: list[Action]) -> bool:
    """Shows the announcement whose number was typed below the list. Returns False if it was none."""
    found = _NUMBER.fullmatch(typed)
    if found is None:
        return False
    wanted = int(found[1])
    shown = next((one for one in actions if isinstance(one, SeeSendingReport) and one.broadcast == wanted), None)
    return shown is not None and turn.press(shown)

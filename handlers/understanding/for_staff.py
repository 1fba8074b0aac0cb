"""Words that go to a human being: a mentor, or the trainer of a class."""

from __future__ import annotations

import re
from typing import Final

from bot.actions.faq import SendAnyway
from bot.actions.mentoring import AskWhose, HearClassWords, HearMore, SeeQuestions
from bot.programme import faq, mentoring
from bot.programme.sessions import ClassSession
from bot.turns.turn import Turn
from bot.understanding.intents import FOR_MENTORS, Understood
from bot.understanding.short_answers import takes_back
from bot.understanding.understand import EXACT
from bot.words.action import Action
from bot.words.typed_text import cleaned
from handlers.understanding.doing import SCREENS

SHORT: Final = 3
"""The most words of an answer to what a mentor or a trainer asked."""
_LEAVES: Final = re.compile(r"\b(kelas|kursi|batal|pindah|undur|class|seat|cancel|move)", re.IGNORECASE)
NEVER_FOR_STAFF: Final = frozenset(
    {
        *("urgent", "scam_report", "stop_messages", "restart_messages", "erase_data", "give_back_seat", "move_class"),
        *("running_late", "check_in"),
    }
)
"""Intents that the bot takes up itself, also below the words of a mentor or a trainer."""
RESEMBLED: Final = frozenset({"running_late", "check_in"})
"""Of these, those of which it must be sure: "hasilnya masih gelap" resembles being late."""


def below_words_of_staff(turn: Turn, found: Understood) -> Action | None:
    """Words directly below those of a mentor or a trainer are for them, whatever the bot asked before, unless they are
    plainly for the bot. A short yes or no wants no answer. Thanks are answered by the bot: nobody need read them."""
    typed = cleaned(turn.text)
    if found.slots.get("warm") == "thanks" or _LEAVES.search(typed) or turn.content.comes_in(typed):
        return None
    short = len(typed.split()) <= SHORT and (
        turn.content.understand(typed, "reminder").intent in {"coming", "give_back_seat"}
        or found.slots.get("warm") == "alright"
    )
    if not short and _for_bot(turn, found):
        return None
    ticket = mentoring.answer_newest(turn.db, turn.account)
    if ticket is None or (short and ticket.class_id is None and found.at_once):
        return None
    return HearMore(ticket.id, waits=not short)


def _only_resembles(found: Understood) -> bool:
    return found.intent in RESEMBLED and not found.at_once


def _for_bot(turn: Turn, found: Understood) -> bool:
    """Whether words are plainly for the bot: safety, somebody's rights and seats, small talk, and the very words by
    which a screen is asked for. What only resembles those ("jam 9", "besok pagi") is not."""
    if found.intent.startswith("t_") or (found.intent in NEVER_FOR_STAFF and not _only_resembles(found)):
        return True
    if turn.content.way_out(cleaned(turn.text)) is not None:
        return True
    return found.at_once and (
        found.intent == "small_talk" or (found.intent in {*SCREENS, "place"} and found.certainty >= EXACT)
    )


def for_staff(turn: Turn, found: Understood) -> Action | None:
    """Returns what passes the words on: to the trainer of the class they speak of, where the bot has no answer of its
    own; where they ask nothing of the bot, to the question under way or the class that was announced."""
    if not turn.registered:
        return None
    typed, unsure = cleaned(turn.text), not found.at_once
    if found.intent in mentoring.class_words.ABOUT_CLASS:
        return _to_trainer(turn, typed) if unsure or mentoring.class_words.asks_for_parking(typed) else None
    if found.intent not in FOR_MENTORS or not unsure:
        return None
    if (waits := faq.held(turn.db, turn.person)) is not None:  # a typed question that waits goes out first
        turn.follow(SendAnyway(waits.said))
    match mentoring.whose_words(turn.db, turn.account, turn.person, turn.now, content=turn.content):
        case mentoring.Ticket() | None if _of_whom(turn):
            return AskWhose()
        case mentoring.Ticket() if takes_back(turn.content.spelled(typed)):
            return SeeQuestions()  # there it can be taken back
        case mentoring.Ticket(id=number):
            return HearMore(number)
        case ClassSession(id=number):
            return HearClassWords(number)
        case _:
            return _to_trainer(turn, typed)


def _of_whom(turn: Turn) -> bool:
    """Whether the words may belong to the question of somebody else on this phone: another has one under way, and the
    person who was spoken to has none, or nobody in particular was spoken to."""
    others = mentoring.meant_by_others(turn.db, turn.account, turn.person, turn.now)
    if not others or mentoring.answer_newest(turn.db, turn.account) is not None:
        return False
    return turn.newest_said_to() is None or mentoring.meant(turn.db, turn.person, turn.now) is None


def _to_trainer(turn: Turn, typed: str) -> Action | None:
    """Returns what passes words of being late, of the place or of parking on to the trainer of the person's next class;
    None: they speak of none of these, no class is near, or the person did not agree to talks being kept."""
    session = mentoring.class_words.spoken_of(turn.db, turn.person, typed, turn.now)
    if session is None or not mentoring.class_words.may_talk(turn.db, turn.person, turn.now, content=turn.content):
        return None
    return HearClassWords(session.id)

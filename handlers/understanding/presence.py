"""Words of somebody who is in a class, was in one, or stands at its door."""

from __future__ import annotations

import re
from typing import Final

from bot.actions.attendance import AskToComeIn, ClaimPresence, SeeMyAttendance
from bot.people.people import persons_of
from bot.programme import attendance
from bot.programme.understanding import OpenQuestion
from bot.turns.for_whom import ask_for_whom
from bot.turns.turn import Turn
from bot.words.typed_text import cleaned
from handlers.understanding.parts import class_now, class_now_of, tell_for_whom

_AGO: Final = re.compile(r"\b(kemarin|kemaren|tadi( (pagi|siang|sore|malam))?|semalam|waktu itu|yesterday)\b", re.I)

_ONESELF: Final = re.compile(r"\b(saya|sy|aku|kami)\b", re.I)
_OTHERS: Final = re.compile(r"\b(\w*orang\w*|\w+nya|dia|ia|mereka|ada|suami|mantan|bapak|ayah|tetangga|preman)\b", re.I)


def said_they_were_there(turn: Turn, open_: OpenQuestion) -> bool:
    """Handles "saya hadir" or "kemarin saya hadir", typed when no class is on and nothing is asked, by somebody who is
    recorded as present, of whose classes one can still be recorded, or could be until lately. Returns False if it is
    not that."""
    if turn.account.conversation is not None or not turn.registered or open_.context != "none":
        return False
    typed = cleaned(turn.text)
    comes_in = turn.content.comes_in(typed)
    found = turn.content.understand(_AGO.sub(" ", typed).strip(), "in_class")
    says_so = found.intent == "check_in" and found.at_once
    if not comes_in and not says_so:
        return False
    people = persons_of(turn.db, turn.account)
    mine = [
        (one, session)
        for one in people
        for session in attendance.mine_now(turn.db, one, turn.now, content=turn.content)
    ]
    present = any(attendance.is_present(turn.db, session, one) for one, session in mine)
    if present and comes_in:
        tell_for_whom(turn)
        turn.follow(SeeMyAttendance())
        return True
    if not says_so:
        return False
    if not mine and any(attendance.request_of(turn.db, one, turn.now) is not None for one in people):
        was_there(turn)
        return True
    begun = any(session.starts_at <= turn.now for _, session in mine)
    over = not mine and any(attendance.over_lately(turn.db, one, turn.now) for one in people)
    if not begun and not present and not over:
        return False
    was_there(turn)
    return True


def was_there(turn: Turn) -> None:
    """Takes "I was there" as said if only one class of one person can be meant; otherwise shows the person's classes,
    and what is recorded in them."""
    choices = [
        (one, session)
        for one in persons_of(turn.db, turn.account)
        for session in attendance.may_claim(turn.db, one, turn.now, content=turn.content)
    ]
    if len(choices) == 1 and class_now(turn) is None:
        turn.act_for(choices[0][0])
        tell_for_whom(turn)
        return turn.follow(ClaimPresence(choices[0][1].id, choices[0][0].id))
    if len({one.id for one, _ in choices}) > 1:
        return ask_for_whom(turn, [(one, ClaimPresence(session.id, one.id)) for one, session in choices])
    tell_for_whom(turn)
    turn.follow(SeeMyAttendance())


def stand_at_the_door_themselves(turn: Turn) -> bool:
    """Whether these words speak of the person alone, who stands at a door: "orangnya di depan pintu" is about somebody
    else, and may be danger."""
    typed = cleaned(turn.text)
    return turn.account.conversation is None and _ONESELF.search(typed) is not None and not _OTHERS.search(typed)


def came_to_the_door(turn: Turn, open_: OpenQuestion) -> bool:
    """Handles words of somebody without a seat who says that they are there, or asks to come in, while a code is shown
    at their site, or who asked the trainers before. Returns False if it is not that."""
    if open_.context != "none" or not turn.registered or not turn.content.comes_in(cleaned(turn.text)):
        return False
    asked = attendance.request_of(turn.db, turn.person, turn.now)
    if asked is None and not attendance.open_doors(turn.db, turn.person, turn.now):
        return False
    turn.follow(AskToComeIn())
    return True


def present(turn: Turn, claim: ClaimPresence) -> None:
    """Records "I am here" where one person of the phone has a class now; if several have, asks which of them is
    there."""
    here = [
        (one, session) for one in persons_of(turn.db, turn.account) if (session := class_now_of(turn, one)) is not None
    ]
    if len(here) == 1 and here[0][0].id == claim.person:
        return turn.follow(claim)
    ask_for_whom(turn, [(one, ClaimPresence(session.id, one.id)) for one, session in here])

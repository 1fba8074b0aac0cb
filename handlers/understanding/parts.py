"""What the files of this package have in common."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bot.actions.mentoring import AskMentor
from bot.actions.privacy import EraseData
from bot.people.people import Person
from bot.programme import enrolment
from bot.programme.enrolment import EnrolmentStatus
from bot.programme.sessions import ClassSession
from bot.turns.turn import Turn
from bot.words.message import Button
from bot.words.typed_text import cleaned

SOON: Final = timedelta(minutes=30)
"""A class counts as on from this long before it begins: people are on their way, or have arrived."""


def is_yes(turn: Turn) -> bool:
    """Returns whether the text would be a clear yes to any question."""
    found = turn.content.understand(cleaned(turn.text), "reminder")
    return found.intent == "coming" and found.at_once


def ask_a_mentor(turn: Turn) -> list[list[Button]]:
    """Returns the row with the way to a human being in the chat, for whoever is registered: others have the contact."""
    return [[Button("mentoring.button.ask", AskMentor())]] if turn.registered else []


def written_answer(turn: Turn, name: str) -> str:
    return turn.content.answer(name, turn.language)


def tell_for_whom(turn: Turn) -> None:
    """Tells for whom something is done, if that is not the phone's current person. After a tap the toast does that."""
    if turn.acts_for is not None and turn.update.callback_query is None:
        turn.say("turn.acted_for", whom=turn.acts_for.called, plain=True)


def next_class(turn: Turn) -> ClassSession | None:
    """Returns the nearest class that is not over in which the person has a seat."""
    return _next_class_of(turn, turn.person)


def _next_class_of(turn: Turn, person: Person) -> ClassSession | None:
    mine = enrolment.mine(turn.db, person, turn.now)
    return next((session for session, one in mine if one.status == EnrolmentStatus.SEATED), None)


def class_now(turn: Turn) -> ClassSession | None:
    """Returns the person's class that is under way, or begins within SOON."""
    return class_now_of(turn, turn.person) if turn.registered else None


def class_now_of(turn: Turn, person: Person) -> ClassSession | None:
    session = _next_class_of(turn, person)
    return session if session is not None and session.starts_at - turn.now <= SOON else None


def erase_button() -> Button:
    return Button("privacy.button.erase", EraseData())

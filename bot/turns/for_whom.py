"""Asks for whom something is meant, where several people share a phone and nothing tells which of them."""

from __future__ import annotations

from collections.abc import Iterable

from bot.people.people import Person
from bot.turns.turn import Turn
from bot.words.action import Action
from bot.words.message import Button


def ask_for_whom(turn: Turn, choices: Iterable[tuple[Person, Action]]) -> None:
    """Shows a button with each person's name; the button carries the action for that person."""
    rows = [[Button("turn.button.person", action, {"whom": person.called})] for person, action in choices]
    turn.show("turn.for_whom", buttons=rows)

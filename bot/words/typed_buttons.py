"""Finds the button whose words were typed instead of tapped."""

from __future__ import annotations

import re

from bot.words.action import Action, parse
from bot.words.message import Message, people_in
from bot.words.texts import Texts


def button_typed(typed: str, message: Message, texts: Texts, language: str) -> Action | None:
    """Returns the action of this message's button whose label was typed, whatever its case and signs; None if it is
    none."""
    wanted = plain(typed)
    if not wanted:
        return None
    for button in (button for row in message.buttons for button in row):
        if people_in(Message(button.key, button.values)):
            continue  # names are looked up when a message is sent: nobody is picked from a list by typing
        if button.data is not None and plain(texts.words(button.key, button.values, language, html=False)) == wanted:
            return parse(button.data)
    return None


def actions_of(message: Message | None) -> list[Action]:
    """Returns the actions of this message's buttons, in their order; unknown ones are left out."""
    buttons = (button for row in message.buttons for button in row) if message is not None else ()
    found = (parse(button.data) for button in buttons if button.data is not None)
    return [action for action in found if action is not None]


def plain(text: str) -> str:
    """Returns the words alone, in small letters: two texts that differ in signs and case are the same."""
    return " ".join(re.findall(r"\w+", text.casefold()))

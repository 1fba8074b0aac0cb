"""What the buttons below a guess carry."""

from __future__ import annotations

from bot.words.action import Action, PersonalAction


class HearWords(Action, name="understanding:words"):
    """Handles what was typed as words, because it is no check-in code. No button carries this."""


class MeantThis(PersonalAction, name="understanding:meant"):
    """Does what was meant: `intent` is a name of `understanding.intents.KINDS`."""

    intent: str

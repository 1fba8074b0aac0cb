"""What the buttons about being told when a class opens carry."""

from __future__ import annotations

from bot.words.action import PersonalAction


class TellWhenOpen(PersonalAction, name="openings:tell"):
    """Notes that the person wants to be told when there are classes at this site."""

    site: str


class DoNotTell(PersonalAction, name="openings:no"):
    """Takes that wish back."""

    site: str

"""What the buttons of the menu, help and languages carry."""

from __future__ import annotations

from typing import Literal

from bot.words.action import Action


class OpenMenu(Action, name="menu:show"):
    """Shows the menu. `how` chooses its first words; `same`: the same person still uses the phone, after a long
    silence."""

    how: Literal["welcome", "restarted", "same"] | None = None


class OpenStaffMenu(Action, name="menu:staff"):
    """Shows the menu of trainers, mentors and admins."""


class GetHelp(Action, name="menu:help"):
    """Shows help, with a human contact."""


class GoOn(Action, name="menu:resume"):
    """Asks the question of the conversation under way again."""


class SeeLanguages(Action, name="menu:languages"):
    """Lists the languages to choose from."""


class PickLanguage(Action, name="menu:language"):
    """Sets the language in which the bot speaks to this account from now on."""

    language: Literal["id", "en"]


class SeeStatus(Action, name="menu:status"):
    """Shows the figures for admins."""


class ReloadContent(Action, name="menu:reload"):
    """Has content and words read again."""

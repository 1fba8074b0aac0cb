"""What the buttons of settings made in the chat carry."""

from __future__ import annotations

from bot.overridable import EVERYWHERE, What
from bot.words.action import Action


class SeeSettings(Action, name="overrides:list"):
    """Shows the settings of all sites."""


class PickSettingSite(Action, name="overrides:sites"):
    """Asks whose settings are wanted."""

    page: int = 0


class SeeSiteSettings(Action, name="overrides:site"):
    """Shows the settings that only this site has."""

    site: str


class SeeSiteRules(Action, name="overrides:rules"):
    """Shows the rules of this site that are those of all sites, unless it has its own."""

    site: str


class ChangeSetting(Action, name="overrides:ask"):
    """Asks for the new value of a setting, of one site or of all."""

    what: What
    site: str = EVERYWHERE


class SwitchSite(Action, name="overrides:to"):
    """Asks whether the site is to be opened or closed."""

    site: str
    active: bool


class DropHoliday(Action, name="overrides:drop"):
    """Asks whether the holiday that begins on this day (`20261224`) is to be taken away."""

    site: str
    first: int


class ConsiderReset(Action, name="overrides:back"):
    """Asks whether the file's value is to hold again."""

    what: What
    site: str = EVERYWHERE


class SaveSetting(Action, name="overrides:ok"):
    """Makes the setting that was shown. `version` is of the value that it replaces and of the new one."""

    what: What
    site: str
    version: int

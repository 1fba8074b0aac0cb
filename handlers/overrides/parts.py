"""What the screens of settings share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.actions.buttons import back
from bot.actions.overrides import SeeSettings, SeeSiteRules, SeeSiteSettings
from bot.catalogue.content import Content
from bot.catalogue.overriding import value_of
from bot.overridable import EVERYWHERE, OF_RULES, OF_SITE, What
from bot.programme import overrides, privacy, staff
from bot.programme.override_words import told, where
from bot.programme.overrides import OverrideRow
from bot.turns.turn import Turn
from bot.words.action import version_of
from bot.words.message import At, Button, Value, Words

OVERRIDES: Final = "overrides"
VALUE: Final = "value"
CONFIRM: Final = "confirm"
VERSIONS: Final = 100_000
"""Confirmations carry a version below this: with the longest id of a site a button has no room for more."""


@dataclass(frozen=True)
class Shown:
    """One setting as it stands in this turn."""

    what: What
    site: str
    content: Content
    row: OverrideRow | None

    @property
    def value(self) -> Any:
        return value_of(self.content, self.what, self.site)

    @property
    def of_file(self) -> Any:
        return value_of(self.content.written, self.what, self.site)

    @property
    def version(self) -> int:
        return overrides.version_of_row(self.row)


def setting(turn: Turn, what: What, site: str) -> Shown | None:
    """Returns the setting as it stands now; None if there is no such setting: no such site, or none that all sites
    have."""
    content = overrides.content_now(turn.db, turn.content)
    if what in OF_SITE and site == EVERYWHERE:
        return None
    if site != EVERYWHERE and content.site(site) is None:
        return None
    return Shown(what, site, content, overrides.row_of(turn.db, what, site))


def confirmation(shown: Shown, value: Any) -> int:
    """Returns the version that a confirmation carries: of the value that is replaced, and of the new one."""
    return version_of(shown.version, value) % VERSIONS


def number_of(day: str) -> int:
    """Returns an ISO date as a number that a button can carry: 20261224."""
    return int(day.replace("-", ""))


def ahead_of(turn: Turn, shown: Shown) -> list[list[str]]:
    """Returns the holidays that are not over."""
    today = turn.now.astimezone(ZoneInfo(turn.zone(shown.site or None))).date()
    return [one for one in shown.value if one[1] >= f"{today}"]


def facts_of(shown: Shown) -> dict[str, Value]:
    return {
        "what": Words(f"overrides.what.{shown.what}"),
        "where": where(shown.content, shown.what, shown.site),
        "now": told(shown.what, shown.value),
    }


def origin(turn: Turn, shown: Shown) -> Words | None:
    """Returns whether the value stands in the files, or who set it in the chat, when, and what the files say."""
    row = shown.row
    if row is None or not overrides.holds(row):
        if shown.value in (None, []):
            return None
        general = shown.site != EVERYWHERE and shown.what in OF_RULES
        same = general and shown.value == value_of(shown.content, shown.what, EVERYWHERE)
        return Words("overrides.from_all" if same else "overrides.from_file")
    return Words("overrides.from_chat", {**set_by(turn, row), "file": told(shown.what, shown.of_file)})


def set_by(turn: Turn, row: OverrideRow) -> dict[str, Value]:
    """Returns who set it, and when in the zone of the site."""
    account = staff.account_of(turn.db, row.set_by or 0)
    who: Value = account.staff_name if account is not None else None
    zone = turn.zone(row.site_id) if row.site_id else privacy.ZONE
    return {"who": who or Words("overrides.an_admin"), "at": At(row.set_at, zone)}


def to_setting(shown_of: What, site: str) -> Button:
    """Returns the way back to the screen that lists the setting."""
    if site == EVERYWHERE:
        return back(SeeSettings())
    return back(SeeSiteSettings(site) if shown_of in OF_SITE else SeeSiteRules(site))

"""The settings as they stand, and the question for another value of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.actions.buttons import back
from bot.actions.overrides import (
    ChangeSetting,
    ConsiderReset,
    DropHoliday,
    PickSettingSite,
    SeeSettings,
    SeeSiteRules,
    SeeSiteSettings,
    SwitchSite,
)
from bot.catalogue.content import Content
from bot.catalogue.overriding import value_of
from bot.overridable import EVERYWHERE, OF_RULES, What
from bot.programme import overrides
from bot.programme.override_words import days, told
from bot.turns.pages import in_pairs, page_of
from bot.turns.turn import Turn
from bot.words.message import Button, Lines, Value, Words
from handlers.overrides.parts import OVERRIDES, VALUE, ahead_of, facts_of, number_of, origin, setting, to_setting

SITES: Final = 6
DROPS: Final = 4
"""So many holidays have a button to take them away: the next ones."""
HOLIDAYS: Final = 10
"""So many of them are listed."""


def _content(turn: Turn) -> Content:
    """Returns content with the settings as they are now, for an admin, whose change that was under way is dropped."""
    turn.must_be_admin()
    turn.leave(OVERRIDES)
    return overrides.content_now(turn.db, turn.content)


def settings_asked_for(turn: Turn, _action: SeeSettings) -> None:
    content = _content(turn)
    more = Button("overrides.button.sites", PickSettingSite())
    turn.show("overrides.list", rules=_rules(content, EVERYWHERE), buttons=[*_change_rules(EVERYWHERE), [more]])


def _rules(content: Content, site: str) -> Lines:
    return Lines(
        tuple(
            Words(
                "overrides.rule",
                {
                    "what": Words(f"overrides.what.{what}"),
                    "now": told(what, value_of(content, what, site)),
                    "own": None if site == EVERYWHERE else _own(content, what, site),
                },
            )
            for what in OF_RULES
        )
    )


def _own(content: Content, what: What, site: str) -> Words | None:
    if what is What.HOLIDAYS:
        general = len(content.holidays.get(EVERYWHERE, ()))
        return Words("overrides.and_general", {"n": general}) if general else None
    same = value_of(content, what, site) == value_of(content, what, EVERYWHERE)
    return Words("overrides.as_all" if same else "overrides.its_own")


def _change_rules(site: str) -> list[list[Button]]:
    buttons = [Button(f"overrides.button.{what}", ChangeSetting(what, site)) for what in OF_RULES]
    return [buttons[:2], buttons[2:]]


def sites_asked_for(turn: Turn, action: PickSettingSite) -> None:
    content = _content(turn)
    page = page_of(content.sites, action.page, SITES)
    names = [Button("overrides.button.site", SeeSiteSettings(one.id), {"site": one.name}) for one in page.items]
    ways = [back(SeeSettings())]
    if page.after:
        ways.insert(0, Button("overrides.button.more", PickSettingSite(page.after)))
    shut = ", ".join(one.name for one in content.sites if not one.active)
    closed = Words("overrides.closed_sites", {"sites": shut}) if shut else None
    turn.show("overrides.which_site", closed=closed, buttons=[*in_pairs(names), ways])


def site_asked_for(turn: Turn, action: SeeSiteSettings) -> None:
    content = _content(turn)
    site = content.site(action.site)
    if site is None:
        return sites_asked_for(turn, PickSettingSite())
    key = "overrides.button.close" if site.active else "overrides.button.open"
    switch = Button(key, SwitchSite(site.id, not site.active))
    turn.show(
        "overrides.site",
        site=site.name,
        zone=Words("overrides.zone", {"zone": site.label}) if site.timezone else Words("overrides.no_zone"),
        active=told(What.ACTIVE, site.active),
        pin=told(What.PIN, value_of(content, What.PIN, site.id)),
        contact=told(What.CONTACT, site.contact),
        buttons=[
            [_change(What.NAME, site.id), _change(What.PIN, site.id)],
            [_change(What.CONTACT, site.id), switch],
            [Button("overrides.button.rules", SeeSiteRules(site.id))],
            [back(PickSettingSite())],
        ],
    )


def rules_asked_for(turn: Turn, action: SeeSiteRules) -> None:
    content = _content(turn)
    site = content.site(action.site)
    if site is None:
        return sites_asked_for(turn, PickSettingSite())
    ways = [*_change_rules(site.id), [back(SeeSiteSettings(site.id))]]
    turn.show("overrides.rules", site=site.name, rules=_rules(content, site.id), buttons=ways)


def _change(what: What, site: str) -> Button:
    return Button(f"overrides.button.{what}", ChangeSetting(what, site))


# --- the question -----------------------------------------------------------------------------------------------------


def change_wanted(turn: Turn, action: ChangeSetting) -> None:
    turn.must_be_admin()
    ask(turn, action.what, action.site)


def ask(turn: Turn, what: What, site: str, wrong: Words | None = None) -> None:
    """Asks for a new value; `wrong` says what was the matter with the last one."""
    shown = setting(turn, what, site)
    if shown is None or what is What.ACTIVE:
        return settings_asked_for(turn, SeeSettings())
    turn.enter(OVERRIDES, VALUE, what=what, site=site)
    turn.ask(OVERRIDES, VALUE)
    facts = facts_of(shown) | {"origin": origin(turn, shown), "wrong": wrong}
    buttons: list[Sequence[Button]] = []
    if what is What.HOLIDAYS:
        ahead = ahead_of(turn, shown)
        facts["now"] = _listed(ahead)
        buttons = _drops(ahead, site)
    elif overrides.holds(shown.row):
        buttons = [[Button("overrides.button.reset", ConsiderReset(what, site))]]
    turn.show(f"overrides.ask.{what}", facts, buttons=[*buttons, [to_setting(what, site)]])


def _drops(ahead: Sequence[Sequence[str]], site: str) -> list[Sequence[Button]]:
    """Returns buttons that take holidays away, by their numbers in the list."""
    return in_pairs(
        [
            Button("overrides.button.drop", DropHoliday(site, number_of(first)), {"n": number})
            for number, (first, _last) in enumerate(ahead[:DROPS], start=1)
        ]
    )


def _listed(ahead: Sequence[Sequence[str]]) -> Value:
    if not ahead:
        return told(What.HOLIDAYS, None)
    lines = [
        Words("overrides.holiday_line", {"n": number, "days": days(*one)})
        for number, one in enumerate(ahead[:HOLIDAYS], start=1)
    ]
    if len(ahead) > HOLIDAYS:
        lines.append(Words("overrides.more_holidays", {"n": len(ahead) - HOLIDAYS}))
    return Words("overrides.holiday_list", {"lines": Lines(tuple(lines))})


def broken_off(turn: Turn) -> None:
    turn.leave(OVERRIDES)
    turn.show("overrides.broken_off", buttons=[[Button("overrides.button.list", SeeSettings())]])

"""Settings made in the chat, for admins: /pengaturan.

looking     the settings of all sites, of one site, and one setting with the question for another value
reading     what was typed or sent, as a value, or what is wrong with it
confirming  old and new side by side, saved after a tap, and what becomes of what is planned already
typed_words "pengaturan", and a site's name typed below the list
parts       what these screens share
"""

from __future__ import annotations

from typing import Final

from telegram.ext import filters

from bot.actions.overrides import (
    ChangeSetting,
    ConsiderReset,
    DropHoliday,
    PickSettingSite,
    SaveSetting,
    SeeSettings,
    SeeSiteRules,
    SeeSiteSettings,
    SwitchSite,
)
from bot.capability import Capability, Command, Handlers
from bot.programme import overrides
from bot.turns.router import Conversation, command, sent, tap, typed
from handlers.overrides.confirming import (
    answered,
    asked_again,
    holiday_dropped,
    reset_considered,
    saved,
    switch_considered,
)
from handlers.overrides.looking import (
    broken_off,
    change_wanted,
    rules_asked_for,
    settings_asked_for,
    site_asked_for,
    sites_asked_for,
)
from handlers.overrides.parts import CONFIRM, OVERRIDES, VALUE
from handlers.overrides.typed_words import settings_typed


def handlers() -> Handlers:
    conversation = Conversation(
        OVERRIDES,
        entry_points=[
            tap(ChangeSetting, change_wanted),
            tap(SwitchSite, switch_considered),
            tap(DropHoliday, holiday_dropped),
            tap(ConsiderReset, reset_considered),
        ],
        states={
            VALUE: [sent(filters.LOCATION, answered), typed(answered)],
            CONFIRM: [sent(filters.LOCATION, answered), typed(answered)],
        },
        fallbacks=[command("batal", broken_off)],
        resume=asked_again,
    )
    return [
        conversation,
        command("pengaturan", settings_asked_for, SeeSettings()),
        tap(SeeSettings, settings_asked_for),
        tap(PickSettingSite, sites_asked_for),
        tap(SeeSiteSettings, site_asked_for),
        tap(SeeSiteRules, rules_asked_for),
        tap(SaveSetting, saved),
    ]


CAPABILITY: Final = Capability(
    "overrides",
    handlers,
    commands=(Command("pengaturan", "admin", place=25),),
    data=overrides.DATA,
    hears_first=settings_typed,
)

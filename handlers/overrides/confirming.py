"""Old and new side by side, saved after a tap."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.actions.overrides import (
    ChangeSetting,
    ConsiderReset,
    DropHoliday,
    SaveSetting,
    SeeSettings,
    SeeSiteSettings,
    SwitchSite,
)
from bot.catalogue.overriding import value_of
from bot.catalogue.site_search import distance_km
from bot.overridable import EVERYWHERE, What
from bot.programme import overrides
from bot.programme.override_words import days, told
from bot.programme.overrides import ChangedMeanwhile, NeverOpen, Saved
from bot.turns.turn import Turn
from bot.understanding.short_answers import takes_back, yes_or_no
from bot.words.message import Button, Style, Value, Words
from handlers.overrides.looking import ask, settings_asked_for, site_asked_for
from handlers.overrides.parts import (
    CONFIRM,
    OVERRIDES,
    Shown,
    confirmation,
    facts_of,
    number_of,
    set_by,
    setting,
    to_setting,
)
from handlers.overrides.reading import NotRead, reachable, read

FAR_KM: Final = 50
"""A pin so far from the one before is perhaps that of another place."""
WORDS: Final = (What.NAME, What.CONTACT)
"""Settings whose values are words that somebody wrote: the record does not hold them."""


def answered(turn: Turn) -> None:
    """Takes a value that was typed or sent; below the confirmation also yes and no."""
    turn.must_be_admin()
    shown = setting(turn, What(turn.draft["what"]), turn.draft["site"])
    if shown is None:
        return settings_asked_for(turn, SeeSettings())
    if turn.account.state == CONFIRM and turn.text:
        words = turn.content.spelled(turn.text)
        answer = False if takes_back(words) else yes_or_no(words)
        if answer:
            return _save(turn, shown)
        if answer is False or shown.what is What.ACTIVE:
            return _back_to(turn, shown)
    try:
        value = read(turn, shown)
    except NotRead as wrong:
        return ask(turn, shown.what, shown.site, wrong.words)
    _confirm(turn, shown, value)


def asked_again(turn: Turn) -> None:
    """Puts the question again where somebody was in between."""
    what = str(turn.draft.get("what"))
    shown = setting(turn, What(what), str(turn.draft.get("site", EVERYWHERE))) if what in {*What} else None
    if shown is None or not turn.admin:
        return turn.leave(OVERRIDES)
    if turn.account.state == CONFIRM:
        return _confirm(turn, shown, turn.draft["value"])
    ask(turn, shown.what, shown.site)


def _back_to(turn: Turn, shown: Shown) -> None:
    if shown.what is What.ACTIVE:
        return site_asked_for(turn, SeeSiteSettings(shown.site))
    ask(turn, shown.what, shown.site)


def switch_considered(turn: Turn, action: SwitchSite) -> None:
    turn.must_be_admin()
    shown = setting(turn, What.ACTIVE, action.site)
    if shown is None:
        return settings_asked_for(turn, SeeSettings())
    site = shown.content.site(action.site)
    if action.active and (site is None or site.timezone is None):
        turn.show("overrides.no_place", facts_of(shown), buttons=[[to_setting(What.ACTIVE, action.site)]])
        return
    _confirm(turn, shown, action.active)


def holiday_dropped(turn: Turn, action: DropHoliday) -> None:
    turn.must_be_admin()
    shown = setting(turn, What.HOLIDAYS, action.site)
    if shown is None:
        return settings_asked_for(turn, SeeSettings())
    left = [one for one in shown.value if number_of(one[0]) != action.first]
    if left == shown.value:
        turn.toast("overrides.toast.gone")
        return ask(turn, What.HOLIDAYS, action.site)
    _confirm(turn, shown, left)


def reset_considered(turn: Turn, action: ConsiderReset) -> None:
    turn.must_be_admin()
    shown = setting(turn, action.what, action.site)
    if shown is None:
        return settings_asked_for(turn, SeeSettings())
    if not overrides.holds(shown.row):
        turn.toast("overrides.toast.gone")
        return _back_to(turn, shown)
    _confirm(turn, shown, None)


def _confirm(turn: Turn, shown: Shown, value: Any) -> None:
    """Shows old and new, and what becomes of what is planned; or says that nothing changes, or that it cannot be."""
    after = overrides.preview(turn.db, shown.content, shown.what, shown.site, value)
    if after is None:
        return ask(turn, shown.what, shown.site, Words("overrides.wrong.never_open"))
    new = value_of(after, shown.what, shown.site)
    if shown.what is What.NAME and (taken := _called_so(shown, new)):
        return ask(turn, shown.what, shown.site, Words("overrides.wrong.name_taken", {"name": taken}))
    if new == shown.value and value is not None:
        return ask(turn, shown.what, shown.site, Words("overrides.wrong.same"))
    turn.enter(OVERRIDES, CONFIRM, what=shown.what, site=shown.site, value=value, replaces=shown.version)
    turn.ask(OVERRIDES, CONFIRM)
    save = SaveSetting(shown.what, shown.site, confirmation(shown, value))
    facts = facts_of(shown) | {"new": told(shown.what, new), "effect": _effect(turn, shown, new)}
    back_to = to_setting(shown.what, shown.site)
    key = "overrides.confirm_reset" if value is None else "overrides.confirm"
    if shown.what is What.ACTIVE:
        key = "overrides.confirm_open" if new else "overrides.confirm_close"
    elif shown.what is What.HOLIDAYS:
        added = [one for one in new if one not in shown.value]
        gone = [one for one in shown.value if one not in new]
        key = "overrides.confirm_holiday" if added else "overrides.confirm_drop"
        facts["days"] = days(*(added or gone)[0])
    turn.show(key, facts, buttons=[[Button("overrides.button.save", save, style=Style.PRIMARY)], [back_to]])


def _called_so(shown: Shown, name: str) -> str | None:
    """Returns the name, if another site is called so: that of the files may have been given away meanwhile."""
    others = (one for one in shown.content.sites if one.id != shown.site)
    return next((one.name for one in others if one.name.casefold() == name.casefold()), None)


def _effect(turn: Turn, shown: Shown, new: Any) -> Words:
    """Returns what the change means for people and for what is planned already."""
    coming = overrides.classes_of(turn.db, shown.site, turn.now)
    facts: dict[str, Value] = {"classes": _counted(f"overrides.classes.{shown.what}", len(coming))}
    key: str = shown.what
    match shown.what:
        case What.ACTIVE:
            key = "opens" if new else "closes"
        case What.PIN if shown.value and new and distance_km(*shown.value, *new) >= FAR_KM:
            key, facts = "pin_far", {"km": round(distance_km(*shown.value, *new))}
        case What.CONTACT:
            facts["contact"] = turn.privacy_contact
            key = "talk" if not new or reachable(new) else "talk_unreachable"
        case What.HOLIDAYS:
            added = [one for one in new if one not in shown.value]
            there = [one for one in coming if any(_is_on(turn, one.site_id, one.starts_at, free) for free in added)]
            key = "free" if added else "free_less"
            facts["classes"] = _counted("overrides.classes.free", len(there))
    return Words(f"overrides.effect.{key}", facts)


def _counted(key: str, number: int) -> Words | None:
    return Words(key, {"n": number}) if number else None


def _is_on(turn: Turn, site: str, starts: datetime, free: list[str]) -> bool:
    day = starts.astimezone(ZoneInfo(turn.zone(site))).date()
    return date.fromisoformat(free[0]) <= day <= date.fromisoformat(free[1])


# --- saving -----------------------------------------------------------------------------------------------------------


def saved(turn: Turn, action: SaveSetting) -> None:
    """Makes the setting whose confirmation was tapped. An old confirmation changes nothing: what holds now is shown, or
    that it was done before."""
    turn.must_be_admin()
    shown = setting(turn, action.what, action.site)
    if shown is None:
        return settings_asked_for(turn, SeeSettings())
    draft = turn.draft
    here = turn.account.conversation == OVERRIDES and turn.account.state == CONFIRM
    if here and (draft.get("what"), draft.get("site")) == (action.what, action.site):
        if confirmation(shown, draft["value"]) == action.version:
            return _save(turn, shown)
        if draft["replaces"] != shown.version:
            return _changed(turn, shown)
    if turn.did("setting_changed", _subject(shown), of=action.version):
        return _done(turn, shown, Words("overrides.done_before"))
    turn.toast("overrides.toast.old")
    _back_to(turn, shown)


def _save(turn: Turn, shown: Shown) -> None:
    value, replaces = turn.draft["value"], turn.draft["replaces"]
    found = overrides.save(
        turn.db,
        shown.what,
        shown.site,
        value,
        turn.now,
        replaces=replaces,
        account=turn.account,
        content=turn.content,
    )
    match found:
        case ChangedMeanwhile():
            return _changed(turn, shown)
        case NeverOpen():
            return ask(turn, shown.what, shown.site, Words("overrides.wrong.never_open"))
        case Saved(content, classes):
            of = confirmation(shown, value)
            details = {} if shown.what in WORDS else {"to": value_of(content, shown.what, shown.site)}
            turn.note("setting_changed", _subject(shown), site_id=shown.site or None, of=of, **details)
            after = setting(turn, shown.what, shown.site)
            assert after is not None
            _done(turn, after, Words("overrides.redated", {"n": classes}) if classes else None)


def _subject(shown: Shown) -> str:
    return f"setting:{shown.what}"


def _done(turn: Turn, shown: Shown, also: Words | None) -> None:
    turn.leave(OVERRIDES)
    turn.show("overrides.saved", facts_of(shown), also=also, buttons=[[to_setting(shown.what, shown.site)]])


def _changed(turn: Turn, shown: Shown) -> None:
    """Tells the second of two admins what holds now."""
    turn.leave(OVERRIDES)
    assert shown.row is not None
    again = (
        SwitchSite(shown.site, not shown.value)
        if shown.what is What.ACTIVE
        else ChangeSetting(shown.what, shown.site or EVERYWHERE)
    )
    turn.toast("overrides.toast.changed", alert=True)
    turn.show(
        "overrides.changed",
        facts_of(shown) | set_by(turn, shown.row),
        buttons=[[Button("overrides.button.again", again)], [to_setting(shown.what, shown.site)]],
    )

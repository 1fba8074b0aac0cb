"""The home site of a person: picked from a group, written, or found near a location."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.actions.registration import AskField, PickHomeSite, PickSiteGroup
from bot.catalogue.content import Site
from bot.catalogue.site_search import is_nearby
from bot.programme import enrolment, registration
from bot.programme.registration import Field
from bot.turns.pages import in_pairs
from bot.turns.turn import Turn
from bot.words.message import Button, Keyboard, Value
from bot.words.typed_text import cleaned
from handlers.registration.answers import answered
from handlers.registration.asking import ask_field, put_question, site_groups, went_back
from handlers.registration.parts import REGISTRATION

NEAREST: Final = 3
NEAR_KM: Final = 150
"""How far away a site may be, as the crow flies, to be offered as near: one farther away is no day trip on these
roads."""


def group_picked(turn: Turn, action: PickSiteGroup) -> None:
    sites = [site for site in turn.content.sites if site.kind == action.kind]
    if not sites:
        return ask_field(turn, Field.SITE)
    buttons = [_site_button(site) for site in sites]
    # names of villages are long: one in a row
    rows = in_pairs(buttons) if action.kind == "sentra_ekraf" else [[button] for button in buttons]
    put_question(turn, Field.SITE, "registration.site_list", [*rows, [_other_sites()]])


def site_written(turn: Turn) -> None:
    if registration.is_back(turn.text):
        return went_back(turn)
    near = turn.content.site(turn.draft.get("nearby") or "")
    turn.take_back("nearby")
    answer = None if near is None else registration.says_card_is_right(turn.text)
    if near is not None and answer is not None:
        return _site_answered(turn, near) if answer else ask_field(turn, Field.SITE)
    found = turn.content.search_sites(cleaned(turn.text))
    match found:
        case []:
            return ask_field(turn, Field.SITE, again=True)
        case [site] if site.active and is_nearby(site, turn.text):
            return suggest(turn, site)
        case [site]:
            return _site_answered(turn, site)
    put_question(turn, Field.SITE, "registration.site_several", _sites(found))


def suggest(turn: Turn, site: Site) -> None:
    """Says that this site is the nearest to the place that was written, which has none, and asks whether to take it."""
    put_question(turn, Field.SITE, "registration.site_nearby", _sites([site]), facts={"site": site.name})
    turn.keep(nearby=site.id)


def site_picked(turn: Turn, action: PickHomeSite) -> None:
    site = turn.content.site(action.site)
    if site is None:
        ask_field(turn, Field.SITE)
    else:
        _site_answered(turn, site)


def location_offered(turn: Turn) -> None:
    turn.keep(keyboard=True)
    turn.say("registration.share_location", keyboard=Keyboard.SHARE_LOCATION)
    turn.ask(REGISTRATION, Field.SITE)


def location_shared(turn: Turn) -> None:
    """Shows the three nearest sites, if any is near. The location is used once and never stored."""
    message = turn.update.message
    location = message.location if message else None
    if location is None:
        return ask_field(turn, Field.SITE)
    everywhere = turn.content.nearest(location.latitude, location.longitude, limit=len(turn.content.sites))
    near = [(site, max(1, round(km))) for site, km in everywhere if site.active and km <= NEAR_KM]
    if not near:
        return put_question(turn, Field.SITE, "registration.site_far", site_groups(), facts={"km": NEAR_KM})
    rows = [
        [Button("registration.button.near", PickHomeSite(site.id), {"site": _short(site), "km": km})]
        for site, km in near[:NEAREST]
    ]
    put_question(turn, Field.SITE, "registration.site_near", [*rows, [_other_sites()]])


def _site_answered(turn: Turn, site: Site) -> None:
    if not site.active:
        facts: dict[str, Value] = {"site": site.name}
        return put_question(turn, Field.SITE, "registration.site_unknown_place", site_groups(), facts=facts)
    person = turn.somebody
    if turn.registered and site.id != person.site_id:
        seats = enrolment.held(turn.db, person, turn.now)
        if any(session.site_id != site.id for session in seats):
            turn.say("registration.seats_stay", plain=True)
    answered(turn, Field.SITE, site.id)


def _sites(found: Sequence[Site]) -> list[list[Button]]:
    return [*([_site_button(site)] for site in found), [_other_sites()]]


def _site_button(site: Site) -> Button:
    key = "registration.button.site" if site.active else "registration.button.site_later"
    return Button(key, PickHomeSite(site.id), {"site": _short(site)})


def _short(site: Site) -> str:
    return site.name.removeprefix("Desa Wisata ")


def _other_sites() -> Button:
    return Button("registration.button.other_sites", AskField("site"))

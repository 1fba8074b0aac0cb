"""The card on which a newcomer's answers stand: confirmed, or changed."""

from __future__ import annotations

from bot.actions.attendance import OfferToJoin
from bot.actions.buttons import HELP, back
from bot.actions.enrolment import SeeClasses
from bot.actions.registration import AskField, SeeCard
from bot.catalogue.site_search import is_nearby
from bot.programme import attendance, registration, sessions
from bot.programme.registration import Field
from bot.turns.pages import in_pairs
from bot.turns.turn import Turn
from bot.words.message import Button, Value
from bot.words.typed_text import cleaned
from handlers.registration.asking import ask_field, go_on, put_question, site_groups
from handlers.registration.parts import REGISTRATION, site_name_of
from handlers.registration.screens import consent_buttons, show_card
from handlers.registration.sites import suggest


def card_asked_for(turn: Turn) -> None:
    go_on(turn)


def change_asked_for(turn: Turn) -> None:
    rows = in_pairs([Button(f"registration.change.{field}", AskField(field)) for field in registration.NEEDED])
    turn.show("registration.change", buttons=[*rows, [back(SeeCard()), HELP]])


def confirmed(turn: Turn) -> None:
    person = turn.somebody
    site = turn.content.site(person.site_id or "")
    if site is None or not site.active:  # the place was taken off the list in the meantime
        registration.answer(person, Field.SITE, None)
        if site is not None:
            facts: dict[str, Value] = {"site": site.name}
            return put_question(turn, Field.SITE, "registration.site_unknown_place", site_groups(), facts=facts)
    match registration.complete(person, turn.now):
        case registration.Missing(field):
            return ask_field(turn, field)
        case registration.Registered(person):
            turn.leave(REGISTRATION)
            turn.toast("registration.toast.saved")
            some = person.site_id is None or sessions.upcoming(turn.db, person.site_id, turn.now, limit=1)
            key = "registration.done" if some else "registration.done_no_class"
            turn.say(key, site=site_name_of(turn, person), plain=True)
            wanted = attendance.scanned_class(turn.db, turn.account, turn.now)
            turn.follow(OfferToJoin(wanted.id) if wanted is not None else SeeClasses(person.site_id or ""))


def confirmed_before(turn: Turn) -> None:
    _ = turn.person  # a person who is not registered after all is asked to go on
    turn.toast("registration.toast.registered")


def card_answered(turn: Turn) -> None:
    """Takes what was written below the card: yes, no, or another place or kind of business, which stands on it then."""
    right = registration.says_card_is_right(turn.text)
    if right is not None:
        return confirmed(turn) if right else change_asked_for(turn)
    text = cleaned(turn.text)
    if len(text.split()) <= registration.SHORT_ANSWER:
        sites = turn.content.search_sites(text)
        sector = registration.readable_sector(text)
        if len(sites) == 1 and sites[0].active and is_nearby(sites[0], text):
            return suggest(turn, sites[0])
        if len(sites) == 1 and sites[0].active:
            registration.answer(turn.somebody, Field.SITE, sites[0].id)
            return show_card(turn)
        if sector is not None:
            registration.answer(turn.somebody, Field.SECTOR, sector)
            return show_card(turn)
    show_card(turn, "registration.card_again")


def consent_not_read(turn: Turn) -> None:
    turn.show("registration.consent.again", buttons=consent_buttons(turn))

"""How a registration begins (by /start, a link, or something that only participants can have), and how it is broken
off."""

from __future__ import annotations

from typing import Final

from bot.actions.attendance import ScanCode
from bot.actions.buttons import back
from bot.actions.certificates import CheckCode
from bot.actions.enrolment import SeeClasses
from bot.actions.menu import OpenMenu
from bot.actions.privacy import EraseData, RestartMessages
from bot.actions.registration import ContinueRegistration, SeePersons, SeeProfile, StartFromSite
from bot.actions.staff import OpenInvitation
from bot.catalogue.content import Site
from bot.documents.deep_links import site_of
from bot.people import people
from bot.programme import attendance, certificates, registration, staff
from bot.programme.registration import Field
from bot.turns.turn import Turn
from bot.words.message import Button
from handlers.registration.asking import go_on
from handlers.registration.parts import CONSENT, REGISTRATION, switch_button, take_keyboard_away
from handlers.registration.screens import ask_consent, greet

PERSONS: Final = 8
"""The most people who may share a phone: a family or a group, not a list in which nobody finds their name."""


def started(turn: Turn) -> None:
    turn.act_for(None)  # not the person of a question under way: the greeting is to the phone's current person
    if turn.arguments.startswith(staff.LINK):
        return turn.follow(OpenInvitation(turn.arguments.removeprefix(staff.LINK)))
    if turn.arguments.startswith(attendance.LINK):
        return turn.follow(ScanCode(turn.arguments.removeprefix(attendance.LINK)))
    if turn.arguments.startswith(certificates.LINK):  # whoever holds the paper may ask, registered or not
        return turn.follow(CheckCode(turn.arguments.removeprefix(certificates.LINK)))
    linked = _linked_site(turn)
    if turn.account.stopped_at is not None:
        turn.follow(RestartMessages("start"))
    if turn.account.person is None:
        if turn.serves and linked is None:
            return turn.follow(OpenMenu())  # staff needs no consent; registering is a button there
        return greet(turn, linked)
    if linked is not None and not linked.active and not (turn.registered and linked.id == turn.person.site_id):
        turn.say("registration.site.later", site=linked.name, plain=True)
        linked = None
    if turn.registered:
        return _welcome_back(turn, linked)
    if linked is not None:
        registration.answer(turn.account.person, Field.SITE, linked.id)
    go_on(turn)


def started_from_site(turn: Turn, action: StartFromSite) -> None:
    """Begins the registration of a person who came by the link of a site's classes."""
    site = turn.content.site(action.site)
    person = turn.account.person
    if person is None:
        return greet(turn, site)
    if site is not None and site.active and not turn.registered and person.site_id is None:
        registration.answer(person, Field.SITE, site.id)
    registration_continued(turn)


def registration_needed(turn: Turn) -> None:
    """Begins the registration, because something was asked for that only participants can have."""
    if turn.account.person is None and turn.account.conversation != REGISTRATION:
        return greet(turn, None, needed=True)
    turn.say("registration.needed", plain=True)
    if turn.account.person is None:
        ask_consent(turn)
    else:
        go_on(turn)


def registration_continued(turn: Turn) -> None:
    if turn.registered:
        return turn.follow(OpenMenu())
    if turn.account.person is None:
        greet(turn, None)
    else:
        go_on(turn)


def newcomer_came(turn: Turn) -> None:
    """Begins the registration of somebody else on the same phone: a person and a consent of their own."""
    before = turn.person
    if len(people.persons_of(turn.db, turn.account)) >= PERSONS:
        turn.show("registration.people_full", buttons=[[back(SeePersons())]])
        turn.leave(REGISTRATION)
        return
    turn.leave_everything()
    turn.enter(REGISTRATION, CONSENT, before=before.id, site=before.site_id)
    turn.say("registration.newcomer", plain=True)
    ask_consent(turn)


def _linked_site(turn: Turn) -> Site | None:
    """Returns the site of the link somebody came by; None if the link is not one of ours."""
    return turn.content.site(site_of(turn.arguments) or "")


def _welcome_back(turn: Turn, linked: Site | None) -> None:
    turn.leave(REGISTRATION)
    if linked is None:
        return turn.follow(OpenMenu("welcome"))
    turn.say("registration.welcome_back", site=linked.name, buttons=[[switch_button()]], plain=True)
    turn.follow(SeeClasses(linked.id))


def broken_off(turn: Turn) -> None:
    before = turn.draft.get("before")
    consenting = turn.account.state == CONSENT
    take_keyboard_away(turn)
    turn.leave(REGISTRATION)
    if turn.registered and not consenting:
        turn.show("registration.unchanged", buttons=[[Button("menu.button.profile", SeeProfile())]])
    elif registration.go_back_to(turn.db, turn.account, before):
        turn.show("registration.other_broken_off", buttons=[[switch_button()]])
    elif consenting:
        again = Button("registration.button.begin", ContinueRegistration())
        turn.show("registration.nothing_kept", contact=turn.contact, buttons=[[again]])
    else:
        later = Button("registration.button.continue", ContinueRegistration())
        turn.show("registration.broken_off", buttons=[[later, Button("privacy.button.erase", EraseData())]])

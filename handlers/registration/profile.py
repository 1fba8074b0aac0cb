"""The profile, the people who share a phone, and who of them speaks now."""

from __future__ import annotations

from bot.actions.buttons import back
from bot.actions.enrolment import SeeSchedule
from bot.actions.menu import OpenMenu
from bot.actions.registration import AddPerson, ContinueRegistration, SwitchPerson
from bot.people import people
from bot.people.people import Person
from bot.turns.turn import NotRegisteredError, Turn
from bot.words.message import Button
from handlers.registration.beginning import PERSONS
from handlers.registration.screens import show_profile


def profile_asked_for(turn: Turn) -> None:
    _ = turn.person  # for participants only
    show_profile(turn)


def people_asked_for(turn: Turn) -> None:
    everybody = people.persons_of(turn.db, turn.account)
    if not everybody:
        raise NotRegisteredError
    current = turn.account.person
    rows = [[_person_button(person)] for person in everybody if person is not current]
    if turn.registered and len(everybody) < PERSONS:
        rows.append([Button("registration.button.newcomer", AddPerson())])
    key = "registration.people" if turn.registered else "registration.people_unfinished"
    turn.show(key, buttons=[*rows, [back(OpenMenu())]])


def person_switched(turn: Turn, action: SwitchPerson) -> None:
    person = people.switch_person(turn.db, turn.account, action.person)
    if person is None:
        return people_asked_for(turn)
    turn.leave_everything()
    if not turn.registered:
        return turn.follow(ContinueRegistration())
    turn.show("registration.switched", buttons=[[Button("menu.button.schedule", SeeSchedule())]])


def _person_button(person: Person) -> Button:
    action = SwitchPerson(person.id)
    if person.registered_at is None:
        return Button("registration.button.unfinished", action)
    return Button("registration.button.person", action, {"called": person.called})

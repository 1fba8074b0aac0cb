"""Staff correct or delete what is kept of somebody without a phone of their own here, as that person wishes."""

from __future__ import annotations

from typing import Final

from bot.actions.roster import (
    ConsiderErasingWalkIn,
    CorrectWalkInName,
    CorrectWalkInNumber,
    EraseWalkIn,
    ForgetWalkInNumber,
    PickWalkInAddress,
    SeePerson,
    SeeRoster,
    SeeRosters,
    SetWalkInAddress,
    StopCorrecting,
)
from bot.people.people import Person, Salutation
from bot.programme import privacy, registration, sessions
from bot.turns.turn import Turn
from bot.words.action import version_of
from bot.words.message import Button, Style, Who
from handlers.roster.looking import classes_asked_for
from handlers.roster.parts import called_at_site, person_of

PERSON: Final = "roster_person"
"""The conversation."""
NEW_NAME, NEW_NUMBER = "new_name", "new_number"


def name_asked(turn: Turn, action: CorrectWalkInName) -> None:
    if walk_in_of(turn, action.person) is None:
        return gone(turn)
    turn.enter(PERSON, NEW_NAME, person=action.person, session=action.session)
    _ask(turn, NEW_NAME)


def number_asked(turn: Turn, action: CorrectWalkInNumber) -> None:
    """Asks the trainer for the person's telephone number. The screen says that the person has to agree first; that is
    not checked: what is typed is kept."""
    if walk_in_of(turn, action.person) is None:
        return gone(turn)
    turn.enter(PERSON, NEW_NUMBER, person=action.person, session=action.session)
    _ask(turn, NEW_NUMBER)


def correction_asked_again(turn: Turn) -> None:
    _ask(turn, NEW_NAME if turn.account.state == NEW_NAME else NEW_NUMBER)


def _ask(turn: Turn, state: str, *, again: bool = False) -> None:
    turn.ask(PERSON, state)
    key = f"roster.person.{state}{'_again' if again else ''}"
    person = turn.db.get(Person, turn.draft["person"])
    who = called_at_site(turn, person) if person is not None else Who(turn.draft["person"])
    turn.show(key, called=who, buttons=[[Button("button.cancel", StopCorrecting())]])


def name_corrected(turn: Turn) -> None:
    person = walk_in_of(turn, turn.draft.get("person") or 0)
    if person is None:
        return gone(turn)
    name = registration.readable_name(turn.text)
    if name is None:
        return _ask(turn, NEW_NAME, again=True)
    person.name = name
    address = registration.salutation_before_name(turn.text)
    if address is not None:
        person.form_of_address = address
    _done(turn, person, "name")


def number_corrected(turn: Turn) -> None:
    person = walk_in_of(turn, turn.draft.get("person") or 0)
    if person is None:
        return gone(turn)
    number = registration.readable_phone(turn.text)
    if number is None:
        return _ask(turn, NEW_NUMBER, again=True)
    person.phone = number
    _done(turn, person, "number")


def number_forgotten(turn: Turn, action: ForgetWalkInNumber) -> None:
    person = walk_in_of(turn, action.person)
    if person is None:
        return gone(turn)
    person.phone = None
    _done(turn, person, "number", action.session)


def address_asked(turn: Turn, action: PickWalkInAddress) -> None:
    person = walk_in_of(turn, action.person)
    if person is None:
        return gone(turn)
    row = [
        Button(f"people.salutation.{one.value}", SetWalkInAddress(person.id, action.session, one.value))
        for one in Salutation
    ]
    back = Button("button.back", SeePerson(person.id, action.session))
    turn.show("roster.person.address", called=called_at_site(turn, person), buttons=[row[:2], row[2:], [back]])


def address_set(turn: Turn, action: SetWalkInAddress) -> None:
    person = walk_in_of(turn, action.person)
    if person is None or action.to not in list(Salutation):
        return gone(turn)
    person.form_of_address = Salutation(action.to)
    _done(turn, person, "address", action.session)


def correcting_stopped(turn: Turn) -> None:
    person_id, session_id = turn.draft.get("person") or 0, turn.draft.get("session") or 0
    turn.leave(PERSON)
    turn.follow(SeePerson(person_id, session_id))


def _done(turn: Turn, person: Person, what: str, session_id: int | None = None) -> None:
    turn.note("walk_in_corrected", f"person:{person.id}", site_id=person.site_id, what=what)
    session_id = turn.draft.get("session", 0) if session_id is None else session_id
    turn.leave(PERSON)
    turn.toast("roster.toast.corrected")
    turn.follow(SeePerson(person.id, session_id))


# --- deleting -------------------------------------------------------------------------------------------------------


def erasing_considered(turn: Turn, action: ConsiderErasingWalkIn) -> None:
    person = walk_in_of(turn, action.person)
    if person is None:
        return gone(turn)
    really = Button(
        "roster.button.really_erase", EraseWalkIn(person.id, action.session, _version(person)), style=Style.DANGER
    )
    back = Button("button.back", SeePerson(person.id, action.session))
    turn.show("roster.person.erase", called=called_at_site(turn, person), buttons=[[really], [back]])


def walk_in_erased(turn: Turn, action: EraseWalkIn) -> None:
    """Erases a person without a phone as if they had asked for it themselves: only figures without a name stay."""
    erased = turn.did("walk_in_erased", f"person:{action.person}")
    person = walk_in_of(turn, action.person)
    if person is None and erased:
        return turn.toast("roster.toast.erased_before")
    if person is None:
        return gone(turn)
    if action.version != _version(person):
        return erasing_considered(turn, ConsiderErasingWalkIn(person.id, action.session))
    turn.note("walk_in_erased", f"person:{person.id}", site_id=person.site_id)
    privacy.erase(turn.db, None, person, turn.now, turn.context.capabilities)
    session = sessions.get(turn.db, action.session)
    from_list = [[Button("roster.button.list", SeeRoster(session.id))]] if session else []
    turn.show("roster.person.erased", buttons=from_list)


def _version(person: Person) -> int:
    """Returns the version of the person who would be erased."""
    return version_of(person.name, person.form_of_address, person.phone)


# --- small things ---------------------------------------------------------------------------------------------------


def walk_in_of(turn: Turn, person_id: int) -> Person | None:
    """Returns somebody without an account, if the trainer looks after their site; refuses otherwise."""
    person = person_of(turn, person_id)
    return person if person is not None and person.account_id is None else None


def gone(turn: Turn) -> None:
    """Tells that the person was erased, was found to be somebody else, or has a phone of their own now."""
    turn.leave(PERSON)
    turn.toast("roster.toast.gone")
    classes_asked_for(turn, SeeRosters())

"""What the screens of the people of a class have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.actions.roster import SeeRoster
from bot.people import namesakes
from bot.people.people import Person
from bot.programme import attendance, registration, roster, sessions
from bot.programme.enrolment import Enrolment
from bot.programme.sessions import ClassSession
from bot.turns.led import led
from bot.turns.turn import Turn
from bot.words.message import At, Button, Lines, Value, Who, Words

PAGE: Final = 10
"""How many names are on one screen."""
CLASSES: Final = 6


def class_of(turn: Turn, session_id: int) -> ClassSession | None:
    """Returns the class that was picked, if the trainer looks after its site; refuses otherwise."""
    return led(turn, sessions.get(turn.db, session_id))


def line_of(turn: Turn, line_id: int) -> tuple[Enrolment, Person, ClassSession] | None:
    """Returns the entry of the roster that was picked; refuses if the trainer does not look after its class's site."""
    found = roster.entry(turn.db, line_id)
    led(turn, found[2] if found is not None else None)
    return found


def person_of(turn: Turn, person_id: int) -> Person | None:
    """Returns somebody whose site the trainer looks after; refuses otherwise. None: they are nobody any more."""
    person = turn.db.get(Person, person_id)
    gone = person is None or person.anonymised_at is not None or person.registered_at is None
    return led(turn, None if gone else person)


def too_late(turn: Turn, session: ClassSession) -> None:
    """Says that the class began or was cancelled, or that the person left it in the meantime."""
    turn.show("roster.too_late", facts_of(turn, session), buttons=[[back_to(session)]])


def starts_of(turn: Turn, session: ClassSession) -> At:
    return At(session.starts_at, turn.zone(session.site_id))


def facts_of(turn: Turn, session: ClassSession) -> dict[str, Value]:
    return {
        "title": session.title,
        "starts": starts_of(turn, session),
        "taken": session.seats_taken,
        "capacity": session.capacity,
    }


def called_in(turn: Turn, session: ClassSession, person: Person) -> Value:
    """Returns what to call somebody of a class, told apart from namesakes in it."""
    return attendance.called_in(turn.db, session, person, turn.zone(session.site_id))


def called_at_site(turn: Turn, person: Person) -> Value:
    """Returns what to call somebody where no class is in sight, told apart from namesakes at the site."""
    return namesakes.called_at_site(turn.db, person, turn.zone(person.site_id))


def back_to(session: ClassSession, key: str = "roster.button.list") -> Button:
    return Button(key, SeeRoster(session.id))


def known_lines(turn: Turn, found: Sequence[roster.Known]) -> Lines:
    """Returns a numbered line for each of these people, with what tells them apart from namesakes."""
    each = enumerate(apart_each(turn, found), 1)
    return Lines(tuple(Words("roster.known.line", {"n": at, "called": called}) for at, called in each))


def apart(turn: Turn, person: Person) -> Words | Who:
    """Returns what to call a person, with all that tells them apart from namesakes."""
    return apart_each(turn, [roster.known_of(person)])[0]


def apart_each(turn: Turn, found: Sequence[roster.Known]) -> list[Words | Who]:
    """Returns what to call each of these people, with all that tells them apart from namesakes: trade, last digits,
    since when; and the person's own number, if a namesake at the site has all of that in common with them."""
    people = [turn.db.get_one(Person, one.person_id) for one in found]
    twins = namesakes.twins(turn.db, people)
    return [
        _apart(one, turn.zone(person.site_id), twin=person.id in twins)
        for one, person in zip(found, people, strict=True)
    ]


def _apart(one: roster.Known, zone: str, *, twin: bool) -> Words | Who:
    facts: list[Words] = []
    if trade := registration.sector_words(one.sector):
        facts.append(trade)
    if one.digits:
        facts.append(Words("roster.known.digits", {"digits": one.digits}))
    elif not one.has_account:
        facts.append(Words("roster.status.without_phone"))
    if one.registered_at is not None:
        facts.append(Words("roster.known.since", {"since": At(one.registered_at, zone)}))
    if twin:
        facts.append(Words("roster.known.number", {"n": one.person_id}))
    told: Words | Who = Who(one.person_id)
    for fact in facts:
        told = Words("roster.known.and", {"first": told, "second": fact})
    return told

"""Names, buttons and the keyboard that the files of this package have in common."""

from __future__ import annotations

from typing import Final

from bot.actions.registration import SeePersons
from bot.people.people import Person
from bot.turns.turn import Turn
from bot.words.message import Button, Keyboard, Value, Words

REGISTRATION: Final = "registration"
CONSENT: Final = "consent"
CARD: Final = "card"


def take_keyboard_away(turn: Turn) -> None:
    if turn.draft.get("keyboard"):
        turn.keep(keyboard=False)
        turn.say("registration.keyboard_gone", keyboard=Keyboard.REMOVE, plain=True)


def site_name_of(turn: Turn, person: Person) -> Value:
    site = turn.content.site(person.site_id or "")
    return site.name if site else Words("registration.profile.empty")


def switch_button() -> Button:
    return Button("menu.button.people", SeePersons())

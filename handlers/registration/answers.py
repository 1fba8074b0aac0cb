"""Answers to the questions about the person: read, or asked for again."""

from __future__ import annotations

from bot.actions.registration import PickSalutation, PickSector
from bot.people.people import SECTORS, Salutation
from bot.programme import registration
from bot.programme.registration import Field
from bot.turns.turn import Turn
from bot.words.message import Button, Keyboard, Value, Words
from bot.words.typed_text import cleaned
from handlers.registration.asking import ask_field, go_on, put_question, telegram_name, went_back
from handlers.registration.parts import REGISTRATION


def answered(turn: Turn, field: Field, value: str | None) -> None:
    registration.answer(turn.somebody, field, value)
    if turn.registered:
        turn.toast("registration.toast.saved")
    go_on(turn)


def salutation_picked(turn: Turn, action: PickSalutation) -> None:
    answered(turn, Field.SALUTATION, action.salutation)


def salutation_written(turn: Turn) -> None:
    salutation = registration.readable_salutation(turn.text)
    if salutation is None:
        if registration.is_back(turn.text):
            return went_back(turn)
        possible = registration.possible_salutations(turn.text)
        if possible:
            which: dict[str, Value] = {
                "one": Words(f"people.salutation.{possible[0]}"),
                "other": Words(f"people.salutation.{possible[1]}"),
            }
            choices = [Button(f"people.salutation.{one}", PickSalutation(one)) for one in possible]
            return put_question(turn, Field.SALUTATION, "registration.salutation_which", [choices], facts=which)
        return ask_field(turn, Field.SALUTATION, again=True)
    answered(turn, Field.SALUTATION, salutation)


def telegram_name_taken(turn: Turn) -> None:
    name = telegram_name(turn)
    if name is None:
        ask_field(turn, Field.NAME)
    else:
        answered(turn, Field.NAME, name)


def name_written(turn: Turn) -> None:
    if registration.is_back(turn.text):
        return went_back(turn)
    name = registration.readable_name(turn.text)
    if name is None:
        ask_field(turn, Field.NAME, again=True)
        return
    # "IBU SITI" after [Bapak]: what was written is the newer answer, and stands on the card
    salutation = registration.salutation_before_name(turn.text)
    if salutation is not None and turn.somebody.form_of_address != Salutation.NAME:
        registration.answer(turn.somebody, Field.SALUTATION, salutation)
    answered(turn, Field.NAME, name)


def sector_picked(turn: Turn, action: PickSector) -> None:
    if action.sector in SECTORS:
        answered(turn, Field.SECTOR, action.sector)
    else:
        ask_field(turn, Field.SECTOR)


def sector_written(turn: Turn) -> None:
    sector = registration.readable_sector(turn.text)
    if sector is None:
        if registration.is_back(turn.text):
            return went_back(turn)
        return ask_field(turn, Field.SECTOR, again=True)
    answered(turn, Field.SECTOR, sector)


def phone_written(turn: Turn) -> None:
    if registration.is_back(turn.text):
        return went_back(turn)
    phone = registration.readable_phone(turn.text)
    if phone is None:
        ask_field(turn, Field.PHONE, again=True)
    else:
        answered(turn, Field.PHONE, phone)


def contact_offered(turn: Turn) -> None:
    turn.keep(keyboard=True)
    turn.say("registration.share_contact", keyboard=Keyboard.SHARE_CONTACT)
    turn.ask(REGISTRATION, Field.PHONE)


def contact_shared(turn: Turn) -> None:
    message = turn.update.message
    contact = message.contact if message else None
    sender = turn.update.effective_user
    if contact is None or sender is None or contact.user_id != sender.id:
        return ask_field(turn, Field.PHONE, again=True)  # the number of somebody else, who was not asked
    number = contact.phone_number if contact.phone_number.startswith(("+", "0")) else f"+{contact.phone_number}"
    phone = registration.readable_phone(number)
    if phone is None:
        ask_field(turn, Field.PHONE, again=True)
    else:
        answered(turn, Field.PHONE, phone)


def needs_written(turn: Turn) -> None:
    if registration.is_back(turn.text):
        return went_back(turn)
    needs = cleaned(turn.text)
    if not 0 < len(needs) <= registration.NEEDS_LENGTH:
        return ask_field(turn, Field.NEEDS, again=True)
    answered(turn, Field.NEEDS, needs)


def answer_removed(turn: Turn) -> None:
    field = Field(turn.account.state or "")
    answered(turn, field, None)

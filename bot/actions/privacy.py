"""What the buttons about people's own data carry."""

from __future__ import annotations

import dataclasses
from typing import Literal

from bot.people.people import Purpose
from bot.words.action import Action, PersonalAction


class ReadNotice(Action, name="privacy:notice"):
    """Shows the whole notice."""


class GetCopy(PersonalAction, name="privacy:copy"):
    """Sends a copy of the person's data."""


class SeeConsents(PersonalAction, name="privacy:consents"):
    """Shows what the person agreed to. `rest`: with the buttons to agree to what few people are asked about."""

    rest: bool = dataclasses.field(default=False, kw_only=True)


class ChangeConsent(PersonalAction, name="privacy:change"):
    """Gives this consent, or takes it back, from the list of consents."""

    purpose: Purpose
    given: bool


class OfferConsent(PersonalAction, name="privacy:offer"):
    """Asks for this consent, whatever was answered before. Stands below lists of settings."""

    purpose: Purpose


class AskConsent(PersonalAction, name="privacy:ask"):
    """Asks for this consent if it was never asked for. No button carries this: handlers that need a consent lead
    here. `in_place`: the question takes the place of the message whose button was tapped."""

    purpose: Purpose
    in_place: bool = dataclasses.field(default=False, kw_only=True)


class AnswerPurpose(PersonalAction, name="privacy:consent"):
    """Answers the question for this consent."""

    purpose: Purpose
    given: bool
    version: str = dataclasses.field(default="", kw_only=True)
    """The version of the words above the button; empty in buttons that were sent before they carried one."""


class StopMessages(Action, name="privacy:stop"):
    """Stops all messages to the phone, as /berhenti does."""


class StopOnly(PersonalAction, name="privacy:only"):
    """Takes back this consent alone, instead of stopping all messages."""

    purpose: Purpose


class DecideSeats(Action, name="privacy:seats"):
    """After /berhenti: keeps the seats, or gives them back. `version` is the version of the seats that were listed."""

    what: Literal["keep", "leave"]
    version: int = 0


class ConsiderFreezing(PersonalAction, name="privacy:freeze"):
    """Asks whether to freeze the person's data, as /bekukan does."""


class FreezeData(PersonalAction, name="privacy:frozen"):
    """Freezes the person's data; keeps their seats, or gives them back. `version` is the version of the seats that were
    listed."""

    seats: Literal["keep", "leave"]
    version: int = 0


class UnfreezeData(PersonalAction, name="privacy:unfreeze"):
    """Ends the freezing of the person's data."""


class RestartMessages(Action, name="privacy:restart"):
    """Lets messages come again. `start` stands in no button: /mulai leads here."""

    how: Literal["start"] | None = None


class EraseData(PersonalAction, name="privacy:erase"):
    """Asks whether to erase the person's data, as /hapus_data does. `because`: they took consent 1 back, which leads
    here."""

    because: Literal["refusal"] | None = dataclasses.field(default=None, kw_only=True)


class EraseNow(PersonalAction, name="privacy:erased"):
    """Erases the person's data. `because` as in `EraseData`."""

    because: Literal["refusal"] | None = dataclasses.field(default=None, kw_only=True)


class KeepNoFile(Action, name="privacy:not_kept"):
    """Answers that a file is not kept which nobody asked for. No button carries this: other handlers lead here."""

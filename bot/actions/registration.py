"""What the buttons of the registration, the profile and the people of a phone carry."""

from __future__ import annotations

from typing import Literal

from bot.people.people import Salutation
from bot.words.action import Action, PersonalAction


class BeginRegistration(Action, name="registration:begin"):
    """Begins the registration, because what was asked for needs it. No button carries this: other handlers lead
    here."""


class StartFromSite(Action, name="registration:from"):
    """Begins the registration with the site of a link filled in: by the link, or after a refusal below its question."""

    site: str = ""


class ContinueRegistration(Action, name="registration:continue"):
    """Begins the registration, or goes on where it was left."""


class AddPerson(Action, name="registration:newcomer"):
    """Begins the registration of somebody else on the same phone."""


class AskField(PersonalAction, name="registration:ask"):
    """Asks for `field` again: "Kembali" and "Ubah" in the registration; with `profile`, a line of the profile."""

    field: str
    origin: Literal["profile"] | None = None


class AnswerConsent(Action, name="registration:consent"):
    """Answers consent 1 (taking part). `version` is the version of who is on the phone already, where a newcomer is
    asked."""

    given: bool
    version: int = 0
    text: str = ""
    """The version of the words above the button; empty in buttons that were sent before they carried it."""


class ReadConsentNotice(Action, name="registration:notice"):
    """Shows the whole notice, while consent 1 is asked."""


class PickSalutation(PersonalAction, name="registration:salutation"):
    """Sets how the person is addressed."""

    salutation: Salutation


class TakeTelegramName(PersonalAction, name="registration:telegram_name"):
    """Takes the name in Telegram as the person's name."""


class PickSector(PersonalAction, name="registration:sector"):
    """Sets the type of business: one of `people.SECTORS`."""

    sector: str


class PickSiteGroup(PersonalAction, name="registration:group"):
    """Lists the sites of this group."""

    kind: str


class PickHomeSite(PersonalAction, name="registration:site"):
    """Sets the site where the person takes part."""

    site: str


class OfferLocation(PersonalAction, name="registration:locate"):
    """Asks for the person's location, to find the nearest sites."""


class OfferContact(PersonalAction, name="registration:contact"):
    """Asks for the person's number."""


class RemoveAnswer(PersonalAction, name="registration:empty"):
    """Empties the answer that is being asked for."""


class ConfirmCard(PersonalAction, name="registration:confirm"):
    """Confirms all answers, and registers the person."""


class ChangeCard(PersonalAction, name="registration:change"):
    """Asks which answer to change."""


class SeeCard(PersonalAction, name="registration:card"):
    """Shows the card of answers again."""


class BreakOffRegistration(PersonalAction, name="registration:cancel"):
    """Breaks the registration off."""


class SeeProfile(PersonalAction, name="registration:profile"):
    """Shows the person's answers, each with a button to change it."""


class SeePersons(Action, name="registration:people"):
    """Lists the people who share this phone."""


class SwitchPerson(Action, name="registration:switch"):
    """Makes this person the one whom the phone speaks as."""

    person: int

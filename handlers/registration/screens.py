"""The greeting, the question for consent 1, the card and the profile."""

from __future__ import annotations

from bot.actions.buttons import HELP
from bot.actions.registration import AnswerConsent, AskField, ChangeCard, ConfirmCard, ReadConsentNotice
from bot.catalogue.content import Site
from bot.people import people
from bot.people.people import Purpose
from bot.programme import privacy, registration, voices
from bot.programme.registration import Field
from bot.turns.pages import in_pairs
from bot.turns.turn import Turn
from bot.words.action import version_of
from bot.words.message import Button, Words
from handlers.registration.parts import CARD, CONSENT, REGISTRATION, site_name_of, take_keyboard_away


def greet(turn: Turn, linked: Site | None, *, needed: bool = False) -> None:
    """Says whose bot this is and what it does, and asks for the consent. Together it must be short enough to be
    read."""
    if turn.account.conversation != REGISTRATION:
        turn.enter(REGISTRATION, CONSENT)
    if linked is not None:
        turn.keep(site=linked.id)
    if linked is not None and not linked.active:
        about = Words("registration.about.site_later", {"site": linked.name})
    elif linked is not None and not needed:
        about = Words("registration.about.classes_at", {"site": linked.name})
    else:
        about = Words("registration.needed") if needed else Words("registration.about.classes")
    turn.say("registration.greeting", programme=turn.settings.programme_name, about=about, plain=True)
    ask_consent(turn)


def ask_consent(turn: Turn) -> None:
    turn.ask(REGISTRATION, CONSENT)
    turn.say(
        "registration.consent.short",
        controller=turn.settings.data_controller,
        kept=privacy.kept_until(turn.content.programme),
        buttons=consent_buttons(turn),
    )


def consent_buttons(turn: Turn) -> list[list[Button]]:
    version, text = version_of_phone(turn), turn.content.consent_version(Purpose.TRAINING)
    listen = []
    if turn.language == voices.LANGUAGE:  # else the words and the voice would be two languages
        site = turn.draft.get("site")
        listen = voices.listen_button(turn.db, voices.CONSENT, site, turn.content, turn.context.texts, turn.settings)
    return [
        [Button("registration.button.agree", AnswerConsent(True, version, text))],
        [
            Button("registration.button.refuse", AnswerConsent(False, version, text)),
            Button("registration.button.notice", ReadConsentNotice()),
        ],
        listen,
    ]


def version_of_phone(turn: Turn) -> int:
    """Returns the version of who is on this phone, which changes as soon as a newcomer has agreed; 0: nobody is."""
    everybody = [person.id for person in people.persons_of(turn.db, turn.account)]
    return version_of(everybody) if everybody else 0


def show_card(turn: Turn, key: str = "registration.card") -> None:
    turn.ask(REGISTRATION, CARD)
    take_keyboard_away(turn)
    person = turn.somebody
    right = Button("registration.button.confirm", ConfirmCard())
    change = Button("registration.button.change", ChangeCard())
    turn.show(
        key,
        sector=registration.sector_words(person.sector),
        site=site_name_of(turn, person),
        buttons=[[right], [change, HELP]],
    )


def show_profile(turn: Turn) -> None:
    person = turn.somebody
    take_keyboard_away(turn)
    turn.leave(REGISTRATION)
    nothing = Words("registration.profile.empty")
    buttons = [Button(f"registration.change.{field}", AskField(field, "profile")) for field in Field]
    turn.show(
        "registration.profile",
        sector=registration.sector_words(person.sector) or nothing,
        site=site_name_of(turn, person),
        phone=registration.masked(person.phone) if person.phone else nothing,
        # what somebody needs is not for everybody who holds the phone
        needs=Words("registration.profile.filled") if person.needs else nothing,
        buttons=in_pairs(buttons),
    )

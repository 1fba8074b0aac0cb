"""Answers to the question for consent 1."""

from __future__ import annotations

from bot.actions.privacy import EraseData, ReadNotice
from bot.actions.registration import AddPerson, AnswerConsent, ContinueRegistration, StartFromSite
from bot.people.people import Purpose
from bot.programme import consents, privacy, registration
from bot.programme.registration import Field
from bot.turns.turn import Turn
from bot.words.message import Button
from handlers.registration.asking import ask_field
from handlers.registration.beginning import registration_continued
from handlers.registration.parts import REGISTRATION, switch_button
from handlers.registration.screens import ask_consent, consent_buttons, version_of_phone


def whole_notice_asked_for(turn: Turn) -> None:
    turn.follow(ReadNotice())
    turn.say("registration.consent.again", buttons=consent_buttons(turn))


def consent_answered(turn: Turn, action: AnswerConsent) -> None:
    if not action.given:
        return _refused(turn)
    if action.text and action.text != turn.content.consent_version(Purpose.TRAINING):
        turn.toast("consents.toast.replaced")
        return ask_consent(turn)
    site = turn.content.site(turn.draft.get("site") or "")
    registration.begin(
        turn.db,
        turn.account,
        site_id=site.id if site is not None and site.active else None,
        text_version=consents.version_read(action.text, Purpose.TRAINING),
        language=turn.language,
        now=turn.now,
    )
    turn.toast("registration.toast.recorded")
    # the notice stays in the chat as it was agreed to
    ask_field(turn, Field.SALUTATION, in_place=False)


def _refused(turn: Turn) -> None:
    before, site = turn.draft.get("before"), turn.draft.get("site")
    turn.leave(REGISTRATION)
    if registration.go_back_to(turn.db, turn.account, before):
        turn.show("registration.refused_other", buttons=[[switch_button()]])
    else:
        privacy.forget_account(turn.db, turn.account)
        # nothing is kept here: the site of the link stands in the button
        again = Button("registration.button.begin", StartFromSite(site) if site else ContinueRegistration())
        turn.show("registration.refused", contact=turn.contact, buttons=[[again]])


def consent_answered_before(turn: Turn, action: AnswerConsent) -> None:
    """Handles a button of an old consent message: "Setuju" was recorded already, "Tidak setuju" is now a wish to leave.
    If the message asked a newcomer whose registration was broken off before the answer, "Setuju" asks again, and "Tidak
    setuju" changes nothing."""
    if turn.account.person is None:
        return registration_continued(turn)
    if action.version and action.version == version_of_phone(turn):
        if action.given:
            return turn.follow(AddPerson())
        turn.show("registration.refused_other", buttons=[[switch_button()]])
        return
    if not action.given:
        return turn.follow(EraseData(because="refusal"))
    turn.toast("registration.toast.recorded")

"""Becoming a participant, one question a message; the profile, where each answer can be changed; who is on the phone.

    /start -> consent -> salutation -> name -> sector -> site -> card -> registered -> classes of the site

Each answer stands on the person's row at once, so the same questions serve the profile: an answer of somebody who is
registered leads back there, one of a newcomer to the next thing that is missing.

    beginning  /start, links; a newcomer on the same phone; breaking off
    screens    the greeting, the question for consent 1, the card, the profile
    consent    answers to the question for consent 1
    asking     which question comes next, and how each is put
    answers    salutation, name, sector, phone, special needs: read, or asked for again
    sites      the home site: picked from a group, written, or found near a location
    card       what was answered, to be confirmed or changed
    profile    the profile; who shares the phone, and who speaks now
    parts      names, buttons and the keyboard that these have in common
"""

from __future__ import annotations

from typing import Final

from telegram.ext import filters

from bot.actions.registration import (
    AddPerson,
    AnswerConsent,
    AskField,
    BeginRegistration,
    BreakOffRegistration,
    ChangeCard,
    ConfirmCard,
    ContinueRegistration,
    OfferContact,
    OfferLocation,
    PickHomeSite,
    PickSalutation,
    PickSector,
    PickSiteGroup,
    ReadConsentNotice,
    RemoveAnswer,
    SeeCard,
    SeePersons,
    SeeProfile,
    StartFromSite,
    SwitchPerson,
    TakeTelegramName,
)
from bot.capability import Capability, Command, Handlers
from bot.programme.registration import Field
from bot.turns.router import Conversation, command, sent, tap, typed
from handlers.registration.answers import (
    answer_removed,
    contact_offered,
    contact_shared,
    name_written,
    needs_written,
    phone_written,
    salutation_picked,
    salutation_written,
    sector_picked,
    sector_written,
    telegram_name_taken,
)
from handlers.registration.asking import field_picked, question_asked_again
from handlers.registration.beginning import (
    broken_off,
    newcomer_came,
    registration_continued,
    registration_needed,
    started,
    started_from_site,
)
from handlers.registration.card import (
    card_answered,
    card_asked_for,
    change_asked_for,
    confirmed,
    confirmed_before,
    consent_not_read,
)
from handlers.registration.consent import consent_answered, consent_answered_before, whole_notice_asked_for
from handlers.registration.parts import CARD, CONSENT, REGISTRATION
from handlers.registration.profile import people_asked_for, person_switched, profile_asked_for
from handlers.registration.sites import group_picked, location_offered, location_shared, site_picked, site_written


def handlers() -> Handlers:
    conversation = Conversation(
        REGISTRATION,
        entry_points=[
            command("start", started),
            command("mulai", started),
            tap(BeginRegistration, registration_needed),
            tap(ContinueRegistration, registration_continued),
            tap(StartFromSite, started_from_site),
            tap(AddPerson, newcomer_came),
            tap(AskField, field_picked),
        ],
        states={
            CONSENT: [
                tap(AnswerConsent, consent_answered),
                tap(ReadConsentNotice, whole_notice_asked_for),
                typed(consent_not_read),
            ],
            Field.SALUTATION: [tap(PickSalutation, salutation_picked), typed(salutation_written)],
            Field.NAME: [tap(TakeTelegramName, telegram_name_taken), typed(name_written)],
            Field.SECTOR: [tap(PickSector, sector_picked), typed(sector_written)],
            Field.SITE: [
                tap(PickSiteGroup, group_picked),
                tap(PickHomeSite, site_picked),
                tap(OfferLocation, location_offered),
                sent(filters.LOCATION, location_shared),
                typed(site_written),
            ],
            Field.PHONE: [
                tap(OfferContact, contact_offered),
                tap(RemoveAnswer, answer_removed),
                sent(filters.CONTACT, contact_shared),
                typed(phone_written),
            ],
            Field.NEEDS: [tap(RemoveAnswer, answer_removed), typed(needs_written)],
            CARD: [
                tap(ConfirmCard, confirmed),
                tap(ChangeCard, change_asked_for),
                typed(card_answered),
            ],
        },
        fallbacks=[
            tap(SeeCard, card_asked_for),
            tap(BreakOffRegistration, broken_off),
            command("batal", broken_off),
        ],
        resume=question_asked_again,
    )
    return [
        conversation,
        # tapped a second time, or on an old message
        tap(AnswerConsent, consent_answered_before),
        tap(ConfirmCard, confirmed_before),
        command("profil", profile_asked_for),
        tap(SeeProfile, profile_asked_for),
        tap(SeePersons, people_asked_for),
        tap(SwitchPerson, person_switched),
    ]


CAPABILITY: Final = Capability(
    "registration",
    handlers,
    commands=(
        Command("mulai", "participant", place=10),
        Command("profil", "participant", place=60),
    ),
)

"""Becoming a participant, one question a message; the profile, where each answer can be changed; who is on the phone.

    /start -> consent -> salutation -> name -> sector -> site -> card -> registered -> classes of the site

Each answer stands on the person's row at once, so the same questions serve the profile: an answer of somebody who is
registered leads back there, one of a newcomer to the next thing that is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from telegram.ext import filters

from bot.capability import Capability, Command, Handlers
from bot.catalogue.content import Site
from bot.people import people
from bot.people.people import SECTORS, Person, Purpose, Salutation
from bot.programme import attendance, enrolment, privacy, registration, staff
from bot.programme.registration import Field
from bot.turns.router import Conversation, command, sent, tap, typed
from bot.turns.turn import END, HELP, NotRegisteredError, State, Turn, enter, leave
from bot.words.message import At, Button, Keyboard, Value, Words

REGISTRATION: Final = "registration"
CONSENT: Final = "consent"
CARD: Final = "card"
NEAREST: Final = 3
PERSONS: Final = 8
"""So many people may share a phone: a family or a group, no list that nobody finds their name in."""


def handlers() -> Handlers:
    conversation = Conversation(
        REGISTRATION,
        entry_points=[
            command("start", started),
            command("mulai", started),
            tap("registration:begin", registration_needed),
            tap("registration:continue", registration_continued),
            tap("registration:newcomer", newcomer_came),
            tap("registration:ask", field_picked),
        ],
        states={
            CONSENT: [
                tap("registration:consent", consent_answered),
                tap("registration:notice", whole_notice_asked_for),
                typed(wrote_instead_of_tapping),
            ],
            Field.SALUTATION: [tap("registration:salutation", salutation_picked), typed(salutation_written)],
            Field.NAME: [tap("registration:telegram_name", telegram_name_taken), typed(name_written)],
            Field.SECTOR: [tap("registration:sector", sector_picked), typed(sector_written)],
            Field.SITE: [
                tap("registration:group", group_picked),
                tap("registration:site", site_picked),
                tap("registration:locate", location_offered),
                sent(filters.LOCATION, location_shared),
                typed(site_written),
            ],
            Field.PHONE: [
                tap("registration:contact", contact_offered),
                tap("registration:empty", answer_removed),
                sent(filters.CONTACT, contact_shared),
                typed(phone_written),
            ],
            Field.NEEDS: [tap("registration:empty", answer_removed), typed(needs_written)],
            CARD: [
                tap("registration:confirm", confirmed),
                tap("registration:change", change_asked_for),
                typed(wrote_instead_of_tapping),
            ],
        },
        fallbacks=[
            tap("registration:card", card_asked_for),
            tap("registration:cancel", broken_off),
            command("batal", broken_off),
        ],
        resume=question_asked_again,
    )
    return [
        conversation,
        # tapped a second time, or on an old message
        tap("registration:consent", consent_answered_before),
        tap("registration:confirm", confirmed_before),
        command("profil", profile_asked_for),
        tap("registration:profile", profile_asked_for),
        tap("registration:people", people_asked_for),
        tap("registration:switch", person_switched),
    ]


CAPABILITY: Final = Capability(
    "registration",
    handlers,
    commands=(
        Command("mulai", "participant", place=10),
        Command("profil", "participant", place=60),
    ),
)


# --- beginning --------------------------------------------------------------------------------------------------------


def started(turn: Turn) -> State:
    if turn.choice.startswith(staff.LINK):
        return turn.follow(f"staff:invited:{turn.choice.removeprefix(staff.LINK)}")
    if turn.choice.startswith(attendance.LINK):
        return turn.follow(f"attendance:code:{turn.choice.removeprefix(attendance.LINK)}")
    linked = _linked_site(turn)
    if turn.account.stopped_at is not None:
        privacy.restart(turn.account)
        turn.say("privacy.restarted", plain=True)
    if turn.account.person is None:
        return _greet(turn, linked)
    if linked is not None and not linked.active:
        turn.say("registration.site.later", site=linked.name, plain=True)
        linked = None
    if turn.registered:
        return _welcome_back(turn, linked)
    if linked is not None:
        registration.answer(turn.account.person, Field.SITE, linked.id)
    return _go_on(turn)


def registration_needed(turn: Turn) -> State:
    """Something was asked for that only participants can have."""
    if turn.account.person is None and turn.account.conversation != REGISTRATION:
        return _greet(turn, None, needed=True)
    turn.say("registration.needed", plain=True)
    return _ask_consent(turn) if turn.account.person is None else _go_on(turn)


def registration_continued(turn: Turn) -> State:
    if turn.registered:
        return turn.follow("menu:show")
    return _greet(turn, None) if turn.account.person is None else _go_on(turn)


def newcomer_came(turn: Turn) -> State:
    """Somebody else on the same phone: a person and a consent of their own."""
    before = turn.person
    if len(people.persons_of(turn.db, turn.account)) >= PERSONS:
        turn.show("registration.people_full", buttons=[[_back_to("registration:people")]])
        return END
    _leave_everything(turn)
    enter(turn.account, REGISTRATION, CONSENT)
    turn.keep(before=before.id, site=before.site_id)
    turn.say("registration.newcomer", plain=True)
    return _ask_consent(turn)


def _linked_site(turn: Turn) -> Site | None:
    """The site of the link somebody came by; None for a link that is none of ours."""
    prefix = registration.SITE_LINK
    return turn.content.site(turn.choice.removeprefix(prefix)) if turn.choice.startswith(prefix) else None


def _welcome_back(turn: Turn, linked: Site | None) -> State:
    leave(turn.account, REGISTRATION)
    if linked is None:
        return turn.follow("menu:show:welcome")
    turn.say("registration.welcome_back", site=linked.name, buttons=[[_switch()]], plain=True)
    turn.follow(f"enrolment:classes:{linked.id}")
    return None


def _greet(turn: Turn, linked: Site | None, *, needed: bool = False) -> State:
    """Who speaks here, whose bot it is and what it does; then the consent. Together short enough to be read."""
    if turn.account.conversation != REGISTRATION:
        enter(turn.account, REGISTRATION, CONSENT)
    if linked is not None:
        turn.keep(site=linked.id)
    if linked is not None and not linked.active:
        about = Words("registration.about.site_later", {"site": linked.name})
    else:
        about = Words("registration.needed") if needed else Words("registration.about.classes")
    turn.say("registration.greeting", programme=turn.settings.programme_name, about=about, plain=True)
    return _ask_consent(turn)


# --- consent ----------------------------------------------------------------------------------------------------------


def _ask_consent(turn: Turn) -> State:
    turn.asked = True
    enter(turn.account, REGISTRATION, CONSENT)
    turn.say(
        "registration.consent.short",
        controller=turn.settings.data_controller,
        kept=_kept_until(turn),
        buttons=_consent_buttons(),
    )
    return CONSENT


def _consent_buttons() -> list[list[Button]]:
    return [
        [Button("registration.button.agree", "registration:consent:yes")],
        [
            Button("registration.button.refuse", "registration:consent:no"),
            Button("registration.button.notice", "registration:notice"),
        ],
    ]


def _kept_until(turn: Turn) -> Words:
    programme = turn.content.programme
    if programme.kept_until is None:
        return Words("registration.kept.months", {"n": programme.retention.profile_months})
    return Words("registration.kept.date", {"date": At(privacy.noon(programme.kept_until), privacy.ZONE)})


def whole_notice_asked_for(turn: Turn) -> State:
    turn.follow("privacy:notice")
    turn.say("registration.consent.again", buttons=_consent_buttons())
    return None


def consent_answered(turn: Turn) -> State:
    if turn.choice == "no":
        return _refused(turn)
    site = turn.content.site(turn.draft.get("site") or "")
    registration.begin(
        turn.db,
        turn.account,
        site_id=site.id if site is not None and site.active else None,
        text_version=turn.content.consent_version(Purpose.TRAINING),
        language=turn.language,
        now=turn.now,
    )
    turn.toast("registration.toast.recorded")
    # the notice stays in the chat as it was agreed to
    return _ask(turn, Field.SALUTATION, in_place=False)


def _refused(turn: Turn) -> State:
    before = turn.draft.get("before")
    leave(turn.account, REGISTRATION)
    if registration.go_back_to(turn.db, turn.account, before):
        turn.show("registration.refused_other", buttons=[[_switch()]])
    else:
        privacy.forget_account(turn.db, turn.account)
        again = Button("registration.button.begin", "registration:continue")
        turn.show("registration.refused", contact=_contact(turn), buttons=[[again]])
    return END


def consent_answered_before(turn: Turn) -> State:
    """An old consent message: "Setuju" was recorded already, "Tidak setuju" is now a wish to leave."""
    if turn.account.person is None:
        return registration_continued(turn)
    if turn.choice == "no":
        return turn.follow("privacy:erase")
    turn.toast("registration.toast.recorded")
    return None


def wrote_instead_of_tapping(turn: Turn) -> State:
    if turn.account.state == CARD:
        return _show_card(turn)
    turn.show("registration.consent.again", buttons=_consent_buttons())
    return None


# --- asking -----------------------------------------------------------------------------------------------------------


def _go_on(turn: Turn) -> State:
    """What comes after an answer: what is still missing, then the card; for participants their profile."""
    person = _somebody(turn)
    if turn.registered:
        return _show_profile(turn)
    missing = registration.next_missing(person)
    return _show_card(turn) if missing is None else _ask(turn, missing)


def _ask(turn: Turn, field: Field, *, again: bool = False, in_place: bool = True) -> State:
    """Put a question. `again`: the last answer to it could not be read, so it comes with an example."""
    rows: Sequence[Sequence[Button]]
    match field:
        case Field.SALUTATION:
            key = "registration.salutation_again" if again else "registration.salutation"
            rows = [[Button(f"people.salutation.{one}", f"registration:salutation:{one}") for one in Salutation]]
        case Field.NAME:
            key = "registration.name_again" if again else "registration.name"
            mine = Button("registration.button.telegram_name", "registration:telegram_name")
            rows = [[mine]] if _telegram_name(turn) else []
        case Field.SECTOR:
            key = "registration.sector_again" if again else "registration.sector"
            rows = _pairs([Button(f"people.sector.{one}", f"registration:sector:{one}") for one in SECTORS])
        case Field.SITE:
            key = "registration.site_again" if again else "registration.site"
            rows = _site_groups()
        case Field.PHONE:
            key = "registration.phone_again" if again else "registration.phone"
            rows = [[Button("button.share_contact", "registration:contact")], *_empty(_somebody(turn).phone)]
        case _:
            key = "registration.needs_again" if again else "registration.needs"
            rows = _empty(_somebody(turn).needs)
    return _put(turn, field, key, rows, in_place=in_place)


def _put(
    turn: Turn, field: Field, key: str, rows: Sequence[Sequence[Button]], *, in_place: bool = True, site: Value = None
) -> State:
    enter(turn.account, REGISTRATION, field)
    turn.asked = True
    _take_keyboard_away(turn)
    buttons = [*rows, [_way_back(turn, field), Button("button.help", HELP)]]
    if in_place:
        turn.show(key, buttons=buttons, site=site)
    else:
        turn.say(key, buttons=buttons, site=site)
    return field


def _way_back(turn: Turn, field: Field) -> Button:
    if turn.registered:
        return _back_to("registration:profile")
    if registration.next_missing(_somebody(turn)) is None:
        return _back_to("registration:card")
    at = registration.NEEDED.index(field) if field in registration.NEEDED else 0
    if at == 0:
        return Button("button.cancel", "registration:cancel")
    return _back_to(f"registration:ask:{registration.NEEDED[at - 1]}")


def _went_back(turn: Turn) -> State:
    """ "Kembali", written or tapped under the typing field."""
    field = Field(turn.account.state or Field.SALUTATION)
    if turn.draft.get("keyboard"):
        return _ask(turn, field)
    if turn.registered or registration.next_missing(_somebody(turn)) is None:
        return _go_on(turn)
    at = registration.NEEDED.index(field) if field in registration.NEEDED else 0
    return _ask(turn, registration.NEEDED[max(at - 1, 0)])


def question_asked_again(turn: Turn) -> None:
    state = turn.account.state
    if state == CONSENT:
        _ask_consent(turn)
    elif turn.account.person is None:
        _greet(turn, None)
    elif state == CARD:
        _show_card(turn)
    else:
        _ask(turn, Field(state or ""))


def field_picked(turn: Turn) -> State:
    """registration:ask:<field>: "Kembali", "Ubah" on the card; with :profile behind it, a line of the profile."""
    person = _somebody(turn)
    wanted, _, origin = turn.choice.partition(":")
    if wanted not in list(Field) or (wanted not in registration.NEEDED and not turn.registered):
        return _go_on(turn)
    if turn.registered and origin != "profile" and turn.account.state != wanted:
        # a "Kembali" of the registration, long since done: it must not wait for a new name unasked
        return _go_on(turn)
    # a "Kembali" of long ago must not jump over what was never answered
    missing = registration.next_missing(person)
    field = Field(wanted)
    if missing is not None and registration.NEEDED.index(field) > registration.NEEDED.index(missing):
        field = missing
    return _ask(turn, field)


def broken_off(turn: Turn) -> State:
    before = turn.draft.get("before")
    consenting = turn.account.state == CONSENT
    _take_keyboard_away(turn)
    leave(turn.account, REGISTRATION)
    if turn.registered and not consenting:
        turn.show("registration.unchanged", buttons=[[Button("menu.button.profile", "registration:profile")]])
    elif registration.go_back_to(turn.db, turn.account, before):
        turn.show("registration.other_broken_off", buttons=[[_switch()]])
    elif consenting:
        again = Button("registration.button.begin", "registration:continue")
        turn.show("registration.nothing_kept", contact=_contact(turn), buttons=[[again]])
    else:
        go_on = Button("registration.button.continue", "registration:continue")
        turn.show("registration.broken_off", buttons=[[go_on, Button("privacy.button.erase", "privacy:erase")]])
    return END


# --- answers ----------------------------------------------------------------------------------------------------------


def _answered(turn: Turn, field: Field, value: str | None) -> State:
    registration.answer(_somebody(turn), field, value)
    if turn.registered:
        turn.toast("registration.toast.saved")
    return _go_on(turn)


def salutation_picked(turn: Turn) -> State:
    if turn.choice not in list(Salutation):
        return _ask(turn, Field.SALUTATION)
    return _answered(turn, Field.SALUTATION, turn.choice)


def salutation_written(turn: Turn) -> State:
    salutation = registration.readable_salutation(turn.text)
    if salutation is None:
        return _went_back(turn) if registration.is_back(turn.text) else _ask(turn, Field.SALUTATION, again=True)
    return _answered(turn, Field.SALUTATION, salutation)


def telegram_name_taken(turn: Turn) -> State:
    name = _telegram_name(turn)
    return _ask(turn, Field.NAME) if name is None else _answered(turn, Field.NAME, name)


def name_written(turn: Turn) -> State:
    if registration.is_back(turn.text):
        return _went_back(turn)
    name = registration.readable_name(turn.text)
    return _ask(turn, Field.NAME, again=True) if name is None else _answered(turn, Field.NAME, name)


def _telegram_name(turn: Turn) -> str | None:
    """What Telegram says the person is called, if it looks like a name. Kept only when it is tapped."""
    sender = turn.update.effective_user
    return registration.readable_name(sender.first_name) if sender else None


def sector_picked(turn: Turn) -> State:
    return _answered(turn, Field.SECTOR, turn.choice) if turn.choice in SECTORS else _ask(turn, Field.SECTOR)


def sector_written(turn: Turn) -> State:
    sector = registration.readable_sector(turn.text)
    if sector is None:
        return _went_back(turn) if registration.is_back(turn.text) else _ask(turn, Field.SECTOR, again=True)
    return _answered(turn, Field.SECTOR, sector)


def phone_written(turn: Turn) -> State:
    if registration.is_back(turn.text):
        return _went_back(turn)
    phone = registration.readable_phone(turn.text)
    return _ask(turn, Field.PHONE, again=True) if phone is None else _answered(turn, Field.PHONE, phone)


def contact_offered(turn: Turn) -> State:
    turn.keep(keyboard=True)
    turn.say("registration.share_contact", keyboard=Keyboard.SHARE_CONTACT)
    turn.asked = True
    return None


def contact_shared(turn: Turn) -> State:
    message = turn.update.message
    contact = message.contact if message else None
    sender = turn.update.effective_user
    if contact is None or sender is None or contact.user_id != sender.id:
        return _ask(turn, Field.PHONE, again=True)  # the number of somebody else, who was not asked
    number = contact.phone_number if contact.phone_number.startswith(("+", "0")) else f"+{contact.phone_number}"
    phone = registration.readable_phone(number)
    return _ask(turn, Field.PHONE, again=True) if phone is None else _answered(turn, Field.PHONE, phone)


def needs_written(turn: Turn) -> State:
    if registration.is_back(turn.text):
        return _went_back(turn)
    needs = registration.cleaned(turn.text)
    if not 0 < len(needs) <= registration.NEEDS_LENGTH:
        return _ask(turn, Field.NEEDS, again=True)
    return _answered(turn, Field.NEEDS, needs)


def answer_removed(turn: Turn) -> State:
    field = Field(turn.account.state or "")
    return _answered(turn, field, None)


# --- the site ---------------------------------------------------------------------------------------------------------


def _site_groups() -> list[list[Button]]:
    return [
        [
            Button("registration.button.sentra_ekraf", "registration:group:sentra_ekraf"),
            Button("registration.button.destinasi", "registration:group:destinasi"),
        ],
        [Button("button.share_location", "registration:locate")],
    ]


def group_picked(turn: Turn) -> State:
    sites = [site for site in turn.content.sites if site.kind == turn.choice]
    if not sites:
        return _ask(turn, Field.SITE)
    buttons = [_site_button(site) for site in sites]
    # names of villages are long: one in a row
    rows = _pairs(buttons) if turn.choice == "sentra_ekraf" else [[button] for button in buttons]
    return _put(turn, Field.SITE, "registration.site_list", [*rows, [_other_sites()]])


def site_written(turn: Turn) -> State:
    if registration.is_back(turn.text):
        return _went_back(turn)
    found = turn.content.search_sites(registration.cleaned(turn.text))
    match found:
        case []:
            return _ask(turn, Field.SITE, again=True)
        case [site]:
            return _site_answered(turn, site)
    return _put(
        turn, Field.SITE, "registration.site_several", [*([_site_button(site)] for site in found), [_other_sites()]]
    )


def site_picked(turn: Turn) -> State:
    site = turn.content.site(turn.choice)
    return _ask(turn, Field.SITE) if site is None else _site_answered(turn, site)


def location_offered(turn: Turn) -> State:
    turn.keep(keyboard=True)
    turn.say("registration.share_location", keyboard=Keyboard.SHARE_LOCATION)
    turn.asked = True
    return None


def location_shared(turn: Turn) -> State:
    """The three nearest sites. Where somebody is, is looked at once and kept nowhere."""
    message = turn.update.message
    location = message.location if message else None
    if location is None:
        return _ask(turn, Field.SITE)
    everywhere = turn.content.nearest(location.latitude, location.longitude, limit=len(turn.content.sites))
    near = [(site, max(1, round(km))) for site, km in everywhere if site.active][:NEAREST]
    rows = [
        [Button("registration.button.near", f"registration:site:{site.id}", {"site": _short(site), "km": km})]
        for site, km in near
    ]
    return _put(turn, Field.SITE, "registration.site_near", [*rows, [_other_sites()]])


def _site_answered(turn: Turn, site: Site) -> State:
    if not site.active:
        return _put(turn, Field.SITE, "registration.site_unknown_place", _site_groups(), site=site.name)
    person = _somebody(turn)
    if turn.registered and site.id != person.site_id:
        seats = enrolment.held(turn.db, person, turn.now)
        if any(session.site_id != site.id for session in seats):
            turn.say("registration.seats_stay", plain=True)
    return _answered(turn, Field.SITE, site.id)


def _site_button(site: Site) -> Button:
    key = "registration.button.site" if site.active else "registration.button.site_later"
    return Button(key, f"registration:site:{site.id}", {"site": _short(site)})


def _short(site: Site) -> str:
    return site.name.removeprefix("Desa Wisata ")


def _other_sites() -> Button:
    return Button("registration.button.other_sites", "registration:ask:site")


# --- the card ---------------------------------------------------------------------------------------------------------


def card_asked_for(turn: Turn) -> State:
    return _go_on(turn)


def _show_card(turn: Turn) -> State:
    enter(turn.account, REGISTRATION, CARD)
    turn.asked = True
    _take_keyboard_away(turn)
    person = _somebody(turn)
    right = Button("registration.button.confirm", "registration:confirm")
    change = Button("registration.button.change", "registration:change")
    turn.show(
        "registration.card",
        sector=registration.sector_words(person.sector),
        site=_site_name(turn, person),
        buttons=[[right], [change, Button("button.help", HELP)]],
    )
    return CARD


def change_asked_for(turn: Turn) -> State:
    rows = _pairs(
        [Button(f"registration.change.{field}", f"registration:ask:{field}") for field in registration.NEEDED]
    )
    turn.show("registration.change", buttons=[*rows, [_back_to("registration:card"), Button("button.help", HELP)]])
    return None


def confirmed(turn: Turn) -> State:
    person = _somebody(turn)
    site = turn.content.site(person.site_id or "")
    if site is None or not site.active:  # the place was taken off the list in the meantime
        registration.answer(person, Field.SITE, None)
    match registration.complete(person, turn.now):
        case registration.Missing(field):
            return _ask(turn, field)
        case registration.Registered(person):
            leave(turn.account, REGISTRATION)
            turn.toast("registration.toast.saved")
            turn.say("registration.done", site=_site_name(turn, person), plain=True)
            turn.follow(f"enrolment:classes:{person.site_id}")
    return END


def confirmed_before(turn: Turn) -> State:
    _ = turn.person  # whoever is not registered after all is asked to go on
    turn.toast("registration.toast.registered")
    return None


# --- the profile, and the people of this phone ------------------------------------------------------------------------


def profile_asked_for(turn: Turn) -> State:
    _ = turn.person  # for participants only
    return _show_profile(turn)


def _show_profile(turn: Turn) -> State:
    person = _somebody(turn)
    _take_keyboard_away(turn)
    leave(turn.account, REGISTRATION)
    nothing = Words("registration.profile.empty")
    buttons = [Button(f"registration.change.{field}", f"registration:ask:{field}:profile") for field in Field]
    turn.show(
        "registration.profile",
        sector=registration.sector_words(person.sector) or nothing,
        site=_site_name(turn, person),
        phone=registration.masked(person.phone) if person.phone else nothing,
        # what somebody needs is not for everybody who holds the phone
        needs=Words("registration.profile.filled") if person.needs else nothing,
        buttons=_pairs(buttons),
    )
    return END


def people_asked_for(turn: Turn) -> State:
    everybody = people.persons_of(turn.db, turn.account)
    if not everybody:
        raise NotRegisteredError
    current = turn.account.person
    rows = [[_person_button(person)] for person in everybody if person is not current]
    if turn.registered and len(everybody) < PERSONS:
        rows.append([Button("registration.button.newcomer", "registration:newcomer")])
    key = "registration.people" if turn.registered else "registration.people_unfinished"
    turn.show(key, buttons=[*rows, [_back_to("menu:show")]])
    return None


def person_switched(turn: Turn) -> State:
    person = people.switch_person(turn.db, turn.account, turn.number() or 0)
    if person is None:
        return people_asked_for(turn)
    _leave_everything(turn)
    if not turn.registered:
        return turn.follow("registration:continue")
    turn.show("registration.switched", buttons=[[Button("menu.button.schedule", "enrolment:mine")]])
    return None


def _person_button(person: Person) -> Button:
    action = f"registration:switch:{person.id}"
    if person.registered_at is None:
        return Button("registration.button.unfinished", action)
    return Button("registration.button.person", action, {"called": person.called})


# --- small things -----------------------------------------------------------------------------------------------------


def _somebody(turn: Turn) -> Person:
    """Who consented, registered or not yet."""
    if turn.account.person is None:
        raise NotRegisteredError
    return turn.account.person


def _leave_everything(turn: Turn) -> None:
    """What was under way belonged to somebody else."""
    turn.account.parked = None
    leave(turn.account)


def _take_keyboard_away(turn: Turn) -> None:
    if turn.draft.get("keyboard"):
        turn.keep(keyboard=False)
        turn.say("registration.keyboard_gone", keyboard=Keyboard.REMOVE, plain=True)


def _site_name(turn: Turn, person: Person) -> Value:
    site = turn.content.site(person.site_id or "")
    return site.name if site else Words("registration.profile.empty")


def _contact(turn: Turn) -> Value:
    return turn.settings.privacy_contact or Words("menu.contact_trainer")


def _pairs(buttons: Sequence[Button]) -> list[Sequence[Button]]:
    return [buttons[at : at + 2] for at in range(0, len(buttons), 2)]


def _empty(value: str | None) -> list[list[Button]]:
    return [[Button("registration.button.empty", "registration:empty")]] if value else []


def _switch() -> Button:
    return Button("menu.button.people", "registration:people")


def _back_to(action: str) -> Button:
    return Button("button.back", action)

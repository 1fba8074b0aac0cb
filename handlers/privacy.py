"""People's own data: the notice, a copy, the consents, stopping, leaving; and keeping out what nobody should send."""

from __future__ import annotations

import json
from typing import Final

from telegram import Message as TelegramMessage
from telegram.ext import filters

from bot.capability import Capability, Command, Handlers
from bot.delivery import outbox
from bot.people.people import Person, Purpose
from bot.programme import enrolment, privacy, registration
from bot.turns.router import command, sent, tap
from bot.turns.turn import NotRegisteredError, State, Turn, leave
from bot.words.message import At, Button, File, Form, Lines, Message, Value, Words

COPY: Final = "data-saya.json"
ASKED_LATER: Final = (Purpose.MESSAGES, Purpose.FOLLOW_UP, Purpose.NAMES)
"""Consent 1 is asked by the registration."""


class _SecretNumber(filters.MessageFilter):
    """A text or caption with a 16-digit number: an identity card's, most likely."""

    def filter(self, message: TelegramMessage) -> bool:
        return privacy.holds_secret_number(message.text or message.caption or "")


def handlers() -> Handlers:
    return [
        sent(_SecretNumber(), secret_number_sent),
        command("privasi", notice_asked_for),
        tap("privacy:notice", whole_notice_asked_for),
        command("data_saya", copy_asked_for),
        tap("privacy:copy", copy_asked_for),
        command("izin", consents_asked_for),
        tap("privacy:consents", consents_asked_for),
        tap("privacy:change", consent_changed),
        tap("privacy:ask", consent_wanted),
        tap("privacy:consent", consent_answered),
        command("berhenti", stop_asked_for),
        tap("privacy:stop", stop_asked_for),
        tap("privacy:seats", seats_decided),
        tap("privacy:restart", restart_asked_for),
        command("hapus_data", erasure_asked_for),
        tap("privacy:erase", erasure_asked_for),
        tap("privacy:erased", erasure_confirmed),
        tap("privacy:not_kept", file_sent),
    ]


CAPABILITY: Final = Capability(
    "privacy",
    handlers,
    commands=(
        Command("privasi", "participant", place=90),
        Command("data_saya", "participant", place=80),
        Command("izin", "participant", place=70),
        Command("berhenti", "participant", place=110),
        Command("hapus_data", "participant", place=120),
    ),
    data=privacy.DATA,
)


# --- keeping out ----------------------------------------------------------------------------------------------------


def secret_number_sent(turn: Turn) -> State:
    """Nothing of it is kept: not as an answer, and the inbox forgets the message in this very commit."""
    return _warn(turn, "privacy.secret_number")


def file_sent(turn: Turn) -> State:
    """A photo or a file that nobody asked for: `menu` hands it over when no question wanted it."""
    return _warn(turn, "privacy.file_not_kept")


def _warn(turn: Turn, key: str) -> State:
    turn.say(key, plain=turn.account.conversation is not None)
    turn.resume()
    return None


# --- the notice -----------------------------------------------------------------------------------------------------


def notice_asked_for(turn: Turn) -> State:
    whole = Button("privacy.button.notice", "privacy:notice")
    mine = [Button("privacy.button.copy", "privacy:copy"), Button("privacy.button.consents", "privacy:consents")]
    ends = [Button("privacy.button.stop", "privacy:stop"), Button("privacy.button.erase", "privacy:erase")]
    turn.show(
        "privacy.short",
        controller=turn.settings.data_controller,
        contact=_contact(turn),
        buttons=[[whole], mine, ends] if turn.account.person else [[whole], *_ways_in(turn)],
    )
    return None


def whole_notice_asked_for(turn: Turn) -> State:
    turn.say("registration.consent.full", kept=_kept(turn), plain=True)
    turn.say("registration.consent.rights", controller=turn.settings.data_controller, contact=_contact(turn))
    return None


def _kept(turn: Turn) -> Words:
    programme = turn.content.programme
    if programme.kept_until is None:
        return Words("registration.kept.months", {"n": programme.retention.profile_months})
    return Words("registration.kept.date", {"date": At(privacy.noon(programme.kept_until), privacy.ZONE)})


# --- a copy ---------------------------------------------------------------------------------------------------------


def copy_asked_for(turn: Turn) -> State:
    person = turn.account.person
    if person is None:
        turn.show("privacy.copy_nothing", contact=_contact(turn), buttons=_ways_in(turn))
        return None
    site = turn.content.site(person.site_id or "")
    empty = Words("registration.profile.empty")
    turn.say(
        # somebody in the middle of registering may have no name yet
        "privacy.copy" if person.registered_at else "privacy.copy_unfinished",
        sector=registration.sector_words(person.sector) or empty,
        site=site.name if site else empty,
        phone=registration.masked(person.phone) if person.phone else empty,
        needs=Words("registration.profile.filled") if person.needs else empty,
        classes=len(enrolment.classes_of(turn.db, person)),
        messages=outbox.number_sent_to(turn.db, person),
        buttons=[
            [
                Button("menu.button.profile", "registration:profile"),
                Button("privacy.button.consents", "privacy:consents"),
            ],
            [Button("privacy.button.erase", "privacy:erase")],
        ],
    )
    copy = privacy.copy_of(turn.db, person, context=turn.context, now=turn.now)
    content = json.dumps(copy, ensure_ascii=False, indent=2).encode()
    turn.send(Message("privacy.copy_file", form=Form.DOCUMENT, file=File(COPY, "application/json", content)))
    return None


# --- consents -------------------------------------------------------------------------------------------------------


def consents_asked_for(turn: Turn) -> State:
    _show_consents(turn, _somebody(turn))
    return None


def _show_consents(turn: Turn, person: Person) -> None:
    standing = privacy.consents_now(turn.db, person)
    zone = turn.content.open_hours(person.site_id).zone
    lines = []
    rows = []
    for one in standing:
        what = Words(f"privacy.purpose.{one.purpose}")
        if one.since is None:
            lines.append(Words("privacy.line.never_asked", {"what": what}))
        elif one.given:
            lines.append(Words("privacy.line.given", {"what": what, "since": At(one.since, zone)}))
        else:
            lines.append(Words("privacy.line.withdrawn", {"what": what, "since": At(one.since, zone)}))
        if one.purpose in ASKED_LATER:
            key = f"privacy.button.withdraw.{one.purpose}" if one.given else f"privacy.button.give.{one.purpose}"
            rows.append([Button(key, f"privacy:change:{one.purpose}:{'no' if one.given else 'yes'}")])
    rows.append([Button("privacy.button.leave", "privacy:change:training:no")])
    turn.show("privacy.consents", consents=Lines(tuple(lines)), buttons=rows)


def consent_changed(turn: Turn) -> State:
    """privacy:change:<purpose>:<yes|no>, from /izin: the list is shown again as it stands now."""
    purpose, given = _read(turn.choice)
    if purpose is None:
        return consents_asked_for(turn)
    if purpose is Purpose.TRAINING:
        # without it nothing of the person may be kept: to withdraw it is to leave
        return erasure_asked_for(turn) if not given else consents_asked_for(turn)
    person = _somebody(turn)
    _record(turn, person, purpose, given)
    turn.toast("privacy.toast.given" if given else "privacy.toast.withdrawn")
    _show_consents(turn, person)
    return None


def consent_wanted(turn: Turn) -> State:
    """privacy:ask:<purpose>, from whoever needs a consent now: asked once, then only changed under /izin."""
    purpose, _ = _read(turn.choice)
    person = turn.person
    if purpose not in ASKED_LATER or getattr(person, f"consent_{purpose}") is not None:
        return None if turn.posts else consents_asked_for(turn)
    yes = f"privacy:consent:{purpose}:yes"
    no = f"privacy:consent:{purpose}:no"
    match purpose:
        case Purpose.MESSAGES:
            buttons = [Button("privacy.button.remind_me", yes), Button("privacy.button.no_reminders", no)]
            turn.say("privacy.ask_messages", buttons=[buttons])
        case Purpose.FOLLOW_UP:
            buttons = [Button("privacy.button.agree", yes), Button("privacy.button.no_thanks", no)]
            turn.say("privacy.ask_follow_up", buttons=[buttons])
        case _:
            buttons = [Button("privacy.button.agree", yes), Button("privacy.button.no_thanks", no)]
            turn.say("privacy.ask_names", buttons=[buttons])
    return None


def consent_answered(turn: Turn) -> State:
    purpose, given = _read(turn.choice)
    if purpose not in ASKED_LATER:
        return consents_asked_for(turn)
    _record(turn, _somebody(turn), purpose, given)
    change = [Button("privacy.button.consents", "privacy:consents")]
    if purpose is Purpose.MESSAGES:
        schedule = Button("menu.button.schedule", "enrolment:mine")
        turn.show("privacy.reminders_on" if given else "privacy.reminders_off", buttons=[[schedule, *change]])
    else:
        turn.show("privacy.answer_kept" if given else "privacy.answer_kept_no", buttons=[change])
    return None


def _record(turn: Turn, person: Person, purpose: Purpose, given: bool) -> None:
    privacy.answer_consent(
        turn.db,
        person,
        purpose,
        given=given,
        text_version=turn.content.consent_version(purpose),
        language=turn.language,
        now=turn.now,
    )


def _read(choice: str) -> tuple[Purpose | None, bool]:
    """<purpose>:<yes|no>; None for a forged one. Anything but a clear yes is a no."""
    purpose, _, answer = choice.partition(":")
    return (Purpose(purpose) if purpose in list(Purpose) else None), answer == "yes"


# --- stopping and leaving -------------------------------------------------------------------------------------------


def stop_asked_for(turn: Turn) -> State:
    if turn.account.person is None:
        return _forget(turn)
    _leave_everything(turn)
    stopped = privacy.stop(turn.db, turn.account, turn.now)
    ends = [Button("privacy.button.erase", "privacy:erase"), Button("privacy.button.restart", "privacy:restart")]
    if not stopped.seats:
        turn.show("privacy.stopped", buttons=[ends])
        return None
    lines = [
        Words(
            "privacy.seat",
            {"title": seat.title, "starts": At(seat.starts_at, turn.content.open_hours(seat.site_id).zone)},
        )
        for seat in stopped.seats
    ]
    seats = [
        Button("privacy.button.keep_seats", "privacy:seats:keep"),
        Button("privacy.button.leave_seats", "privacy:seats:leave"),
    ]
    turn.show("privacy.stopped_with_seats", classes=Lines(tuple(lines)), buttons=[seats, ends])
    return None


def seats_decided(turn: Turn) -> State:
    _somebody(turn)
    ends = [Button("privacy.button.erase", "privacy:erase"), Button("privacy.button.restart", "privacy:restart")]
    if turn.choice == "leave":
        privacy.give_seats_back(turn.db, turn.account, turn.now)
        turn.show("privacy.seats_left", buttons=[ends])
    else:
        turn.show("privacy.seats_kept", buttons=[ends])
    return None


def restart_asked_for(turn: Turn) -> State:
    _somebody(turn)
    privacy.restart(turn.account)
    turn.toast("privacy.toast.restarted")
    return turn.follow("menu:show:restarted")


def erasure_asked_for(turn: Turn) -> State:
    if turn.account.person is None:
        return _forget(turn)
    really = Button("privacy.button.erase_now", "privacy:erased")
    turn.show("privacy.erase", buttons=[[really], [Button("privacy.button.not_now", "menu:show")]])
    return None


def erasure_confirmed(turn: Turn) -> State:
    person = turn.account.person
    if person is None:
        return _forget(turn)
    _leave_everything(turn)
    erased = privacy.erase(turn.db, turn.account, person, turn.now, turn.context.capabilities)
    if erased.successor is None:
        again = Button("registration.button.begin", "registration:continue")
        turn.show("privacy.erased", contact=_contact(turn), buttons=[[again]])
    else:
        turn.show("privacy.erased_one", buttons=[[Button("menu.button.people", "registration:people")]])
    return None


def _forget(turn: Turn) -> State:
    """Nobody consented here: nothing but the Telegram id is kept, and that can go at once."""
    leave(turn.account)
    privacy.forget_account(turn.db, turn.account)
    again = Button("registration.button.begin", "registration:continue")
    turn.show("privacy.nothing_kept", contact=_contact(turn), buttons=[[again]])
    return None


def _leave_everything(turn: Turn) -> None:
    turn.account.parked = None
    leave(turn.account)


def _somebody(turn: Turn) -> Person:
    if turn.account.person is None:
        raise NotRegisteredError
    return turn.account.person


def _ways_in(turn: Turn) -> list[list[Button]]:
    """For who looks around before registering; a registration under way has its own way on."""
    if turn.account.conversation is not None:
        return []
    return [[Button("registration.button.begin", "registration:continue")]]


def _contact(turn: Turn) -> Value:
    return turn.settings.privacy_contact or Words("menu.contact_trainer")

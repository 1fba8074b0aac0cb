"""People's own data: the notice, a copy, the consents, stopping, leaving; and secrets that nobody should send are not
kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from telegram import Message as TelegramMessage
from telegram.ext import filters

from bot.actions.broadcasts import BeginAnnouncement
from bot.actions.buttons import back, only_these
from bot.actions.certificates import GiveUpCertificates
from bot.actions.consents import SeeNewNotice
from bot.actions.enrolment import SeeSchedule
from bot.actions.lessons import SeeDailyLesson
from bot.actions.menu import OpenMenu
from bot.actions.paper import SeePastClasses
from bot.actions.privacy import (
    AnswerPurpose,
    AskConsent,
    ChangeConsent,
    ConsiderFreezing,
    DecideSeats,
    EraseData,
    EraseNow,
    FreezeData,
    GetCopy,
    KeepNoFile,
    OfferConsent,
    ReadNotice,
    RestartMessages,
    SeeConsents,
    StopMessages,
    StopOnly,
    UnfreezeData,
)
from bot.actions.registration import ContinueRegistration, SeePersons, SeeProfile
from bot.actions.staff_data import EraseStaffData, GetStaffCopy, SeeStaffNotice
from bot.capability import Capability, Command, Handlers
from bot.delivery import outbox
from bot.documents.readable_page import MIME
from bot.people.people import (
    DIVIDED,
    PURPOSES,
    ErasedBecause,
    Person,
    Purpose,
    consent_of,
    has_consented,
    persons_of,
)
from bot.programme import consents, enrolment, privacy, registration, reminders
from bot.reports.readable_copy import readable_copy
from bot.turns.router import command, sent, tap
from bot.turns.turn import Turn
from bot.words.message import At, Button, File, Form, Lines, Message, Style, Words

COPY: Final = "data-saya.json"
PAGE: Final = "data-saya.html"
ASKED_LATER: Final = tuple(one for one in PURPOSES if one is not Purpose.TRAINING)
"""The consents that are asked for later; consent 1 is asked for by the registration."""
QUESTIONS: Final[Mapping[Purpose, tuple[str, str, str]]] = {
    Purpose.REMINDERS: ("privacy.ask_reminders", "privacy.button.remind_me", "privacy.button.no_reminders"),
    Purpose.LESSONS: ("privacy.ask_lessons", "privacy.button.send_lessons", "privacy.button.no_thanks"),
    Purpose.FOLLOW_UP: ("privacy.ask_follow_up", "privacy.button.agree", "privacy.button.no_thanks"),
    Purpose.NAMES: ("privacy.ask_names", "privacy.button.agree", "privacy.button.no_thanks"),
}
"""The words of the question, of the yes and of the no."""


class _SecretNumber(filters.MessageFilter):
    """A text or caption with a 16-digit number: most likely that of an identity card."""

    def filter(self, message: TelegramMessage) -> bool:
        return privacy.holds_secret_number(message.text or message.caption or "")


def handlers() -> Handlers:
    return [
        sent(_SecretNumber(), secret_number_sent),
        command("privasi", notice_asked_for),
        tap(ReadNotice, whole_notice_asked_for),
        command("data_saya", copy_asked_for),
        tap(GetCopy, copy_asked_for),
        command("izin", consents_asked_for, SeeConsents()),
        tap(SeeConsents, consents_asked_for),
        tap(ChangeConsent, consent_changed),
        tap(OfferConsent, consent_offered),
        tap(AskConsent, consent_wanted),
        tap(AnswerPurpose, consent_answered),
        command("berhenti", stop_asked_for),
        tap(StopMessages, stop_asked_for),
        tap(StopOnly, some_stopped),
        tap(DecideSeats, seats_decided),
        tap(RestartMessages, restart_asked_for),
        command("bekukan", freezing_asked_for),
        tap(ConsiderFreezing, freezing_asked_for),
        tap(FreezeData, data_frozen),
        tap(UnfreezeData, data_unfrozen),
        command("hapus_data", erasure_command_given),
        tap(EraseData, erasure_asked_for),
        tap(EraseNow, erasure_confirmed),
        tap(KeepNoFile, file_sent),
    ]


CAPABILITY: Final = Capability(
    "privacy",
    handlers,
    commands=(
        Command("privasi", "participant", place=90),
        Command("data_saya", "participant", place=80),
        Command("izin", "participant", place=70),
        Command("berhenti", "participant", place=110),
        Command("bekukan", "participant", place=115),
        Command("hapus_data", "participant", place=120),
    ),
    data=privacy.DATA,
)


# --- keeping out ----------------------------------------------------------------------------------------------------


def secret_number_sent(turn: Turn) -> None:
    """Answers a message with a secret number, and keeps nothing of the message: the inbox empties its row in this
    commit."""
    _warn(turn, "privacy.secret_number")


def file_sent(turn: Turn) -> None:
    """Answers a photo or a file that nobody asked for. `menu` leads here if no question wanted the file. Staff may have
    meant a signed sheet."""
    if turn.staff and turn.account.conversation is None:
        sheet = Button("paper.button.which_class", SeePastClasses())
        return turn.say(
            "privacy.file_of_staff", buttons=[[sheet], [Button("menu.button.broadcasts", BeginAnnouncement())]]
        )
    _warn(turn, "privacy.file_not_kept")


def _warn(turn: Turn, key: str) -> None:
    turn.say(key, plain=turn.account.conversation is not None)
    turn.resume()


# --- the notice -----------------------------------------------------------------------------------------------------


def notice_asked_for(turn: Turn) -> None:
    if turn.serves and turn.anybody is None:
        return turn.follow(SeeStaffNotice())
    whole = Button("privacy.button.notice", ReadNotice())
    mine = [Button("privacy.button.copy", GetCopy()), Button("privacy.button.consents", SeeConsents())]
    ends = [Button("privacy.button.stop", StopMessages()), Button("privacy.button.erase", EraseData())]
    ends = [Button("privacy.button.freeze", ConsiderFreezing()), *ends]
    if turn.serves:
        mine = [*mine, Button("privacy.button.staff", SeeStaffNotice())]
    turn.show(
        "privacy.short",
        controller=turn.settings.data_controller,
        contact=turn.privacy_contact,
        buttons=[[whole], mine, ends] if turn.anybody else [[whole], *_ways_in(turn)],
    )


def whole_notice_asked_for(turn: Turn) -> None:
    turn.say("registration.consent.full", kept=privacy.kept_until(turn.content.programme), plain=True)
    turn.say("registration.consent.rights", controller=turn.settings.data_controller, contact=turn.privacy_contact)


# --- a copy ---------------------------------------------------------------------------------------------------------


def copy_asked_for(turn: Turn) -> None:
    person = turn.anybody
    if person is None and turn.serves:
        return turn.follow(GetStaffCopy())
    if person is None:
        turn.show("privacy.copy_nothing", contact=turn.privacy_contact, buttons=_ways_in(turn))
        return
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
                Button("menu.button.profile", SeeProfile()),
                Button("privacy.button.consents", SeeConsents()),
            ],
            [Button("privacy.button.erase", EraseData())],
        ],
    )
    copy = privacy.copy_of(turn.db, person, context=turn.context, now=turn.now)
    if turn.context.texts is not None:
        page = readable_copy(
            copy,
            turn.content,
            turn.context.texts,
            turn.language,
            zone=turn.zone(person.site_id),
            name=person.called if person.registered_at else None,
            now=turn.now,
        )
        turn.send(Message("privacy.copy_page", form=Form.DOCUMENT, file=File(PAGE, MIME, page)))
    content = json.dumps(copy, ensure_ascii=False, indent=2).encode()
    turn.send(Message("privacy.copy_file", form=Form.DOCUMENT, file=File(COPY, "application/json", content)))
    if turn.serves:
        turn.follow(GetStaffCopy())


# --- consents -------------------------------------------------------------------------------------------------------


def consents_asked_for(turn: Turn, action: SeeConsents) -> None:
    _show_consents(turn, turn.somebody, rest=action.rest)


def _show_consents(turn: Turn, person: Person, *, rest: bool = False) -> None:
    """Shows all consents. What was agreed to can be taken back at once; of what can be agreed to, only what people come
    for stands there, the rest one tap further (`rest`)."""
    standing = privacy.consents_now(turn.db, person)
    zone = turn.zone(person.site_id)
    lines = []
    rows: list[list[Button]] = []
    offered: list[list[Button]] = []
    for one in standing:
        what = Words(f"privacy.purpose.{one.purpose}")
        if one.since is None:
            lines.append(Words("privacy.line.never_asked", {"what": what}))
        elif one.given:
            lines.append(Words("privacy.line.given", {"what": what, "since": At(one.since, zone)}))
        else:
            lines.append(Words("privacy.line.withdrawn", {"what": what, "since": At(one.since, zone)}))
        if one.purpose in ASKED_LATER and one.given:
            rows.append([Button(f"privacy.button.withdraw.{one.purpose}", ChangeConsent(one.purpose, False))])
        elif one.purpose in ASKED_LATER:
            offer = Button(f"privacy.button.give.{one.purpose}", OfferConsent(one.purpose))
            (rows if one.purpose in DIVIDED else offered).append([offer])
    if rest and offered:
        rows = [*offered, [back(SeeConsents())]]
        return turn.show("privacy.consents", whose=_whose(turn, person), consents=Lines(tuple(lines)), buttons=rows)
    if consent_of(person, Purpose.CERTIFICATE):
        rows.append([Button("certificates.button.withdraw", GiveUpCertificates())])
    rows += offered if len(offered) == 1 else [[Button("privacy.button.rest", SeeConsents(rest=True))]] * bool(offered)
    if consents.may_choose(turn.db, person, turn.content):
        rows.append([Button("consents.button.new", SeeNewNotice())])
    rows.append([Button("privacy.button.leave", ChangeConsent(Purpose.TRAINING, False))])
    turn.show("privacy.consents", whose=_whose(turn, person), consents=Lines(tuple(lines)), buttons=rows)


def _whose(turn: Turn, person: Person) -> Words:
    """Names the person where several use the phone."""
    if person.registered_at is None or len(persons_of(turn.db, turn.account)) < 2:
        return Words("privacy.whose_yours")
    return Words("privacy.whose", {"person": person.called})


def consent_changed(turn: Turn, action: ChangeConsent) -> None:
    """Gives or takes back a consent from /izin, and shows the list as it is now."""
    if action.purpose is Purpose.TRAINING:
        # without consent 1 nothing of the person may be kept, so to withdraw it is to leave
        if action.given:
            return _show_consents(turn, turn.somebody)
        return erasure_asked_for(turn, EraseData(because="refusal"))
    person = turn.somebody
    version: str | None = consents.version_read("", action.purpose)
    if not action.given:
        version = consents.version_of(turn.db, person, action.purpose)
    _record(turn, person, action.purpose, action.given, version)
    turn.toast("privacy.toast.given" if action.given else "privacy.toast.withdrawn")
    _show_consents(turn, person)


def consent_offered(turn: Turn, action: OfferConsent) -> None:
    """Asks for one consent of a list in the whole words, so that a yes is one to these words."""
    if action.purpose not in ASKED_LATER or not turn.registered:
        return _show_consents(turn, turn.somebody)
    _ask(turn, action.purpose)


def consent_wanted(turn: Turn, action: AskConsent) -> None:
    """Asks for a consent that another handler needs now, if it was never asked for; after that it can only be changed
    under /izin."""
    person = turn.person
    if action.purpose not in ASKED_LATER or consent_of(person, action.purpose) is not None:
        if not turn.posts:
            _show_consents(turn, turn.somebody)
        return
    consents.asked(turn.db, person, action.purpose, turn.content.consent_version(action.purpose), turn.now)
    _ask(turn, action.purpose, in_place=action.in_place)


def _ask(turn: Turn, purpose: Purpose, *, in_place: bool = False) -> None:
    """Asks for a consent. The message stays in the chat with its answer."""
    question, agree, refuse = QUESTIONS[purpose]
    version = turn.content.consent_version(purpose)
    yes, no = AnswerPurpose(purpose, True, version=version), AnswerPurpose(purpose, False, version=version)
    ask = turn.show if in_place else turn.say
    ask(question, buttons=[[Button(agree, yes), Button(refuse, no)]])


def consent_answered(turn: Turn, action: AnswerPurpose) -> None:
    purpose, given = action.purpose, action.given
    if purpose is Purpose.TRAINING:
        return _show_consents(turn, turn.somebody)
    if given and action.version and action.version != turn.content.consent_version(purpose):
        turn.toast("consents.toast.replaced")
        return _ask(turn, purpose)
    _record(turn, turn.somebody, purpose, given, consents.version_read(action.version, purpose))
    change = [Button("privacy.button.consents", SeeConsents())]
    if purpose is Purpose.LESSONS:
        settings = Button("lessons.button.daily", SeeDailyLesson())
        turn.show("privacy.lessons_on" if given else "privacy.lessons_off", buttons=[[settings, *change]])
    elif purpose in (Purpose.MESSAGES, Purpose.REMINDERS):
        schedule = Button("menu.button.schedule", SeeSchedule())
        turn.show("privacy.reminders_on" if given else "privacy.reminders_off", buttons=[[schedule, *change]])
    else:
        turn.show("privacy.answer_kept" if given else "privacy.answer_kept_no", buttons=[change])


def _record(turn: Turn, person: Person, purpose: Purpose, given: bool, version: str | None) -> bool:
    """Records an answer. `version` is the version of the words that were answered; None: today's."""
    version = version or turn.content.consent_version(purpose)
    return privacy.answer_consent(
        turn.db, person, purpose, given=given, text_version=version, language=turn.language, now=turn.now
    )


# --- stopping and leaving -------------------------------------------------------------------------------------------


def stop_asked_for(turn: Turn) -> None:
    if turn.serves and turn.anybody is None:
        turn.show("privacy.staff_go_on", buttons=[[Button("privacy.button.erase", EraseStaffData())]])
        return
    if turn.anybody is None:
        return _forget(turn)
    turn.leave_everything()
    _show_stopped(turn, privacy.stop(turn.db, turn.account, turn.now))


def _show_stopped(turn: Turn, stopped: privacy.Stopped) -> None:
    ends = [Button("privacy.button.erase", EraseData()), Button("privacy.button.restart", RestartMessages())]
    some = only_these(privacy.may_stop_alone(turn.somebody))
    if not stopped.seats:
        turn.show("privacy.stopped", buttons=[some, ends])
        return
    everybody = persons_of(turn.db, turn.account)
    lines = [
        Words(
            "privacy.seat_of" if len(everybody) > 1 else "privacy.seat",
            {"who": one.called, "title": seat.title, "starts": At(seat.starts_at, turn.zone(seat.site_id))},
        )
        for one in everybody
        for seat in enrolment.held(turn.db, one, turn.now)
    ]
    seats = [
        Button("privacy.button.keep_seats", DecideSeats("keep", stopped.version)),
        Button("privacy.button.leave_seats", DecideSeats("leave", stopped.version)),
    ]
    turn.show("privacy.stopped_with_seats", classes=Lines(tuple(lines)), buttons=[seats, some, ends])


def some_stopped(turn: Turn, action: StopOnly) -> None:
    """Takes back one consent (reminders or lessons) after the person stopped all messages, and lets the other messages
    come again.

    If that consent was taken back before, or nothing else is agreed to, messages stay as they are: stopped or not.
    """
    person = turn.somebody
    if action.purpose not in DIVIDED:
        return stop_asked_for(turn)
    taken_back = _record(turn, person, action.purpose, False, consents.version_of(turn.db, person, action.purpose))
    there_is_rest = any(has_consented(person, one) for one in DIVIDED)
    if turn.account.stopped_at is not None:
        if not (taken_back and there_is_rest):
            return stop_asked_for(turn)
        privacy.restart(turn.account)
    key = f"privacy.only.{action.purpose}" if there_is_rest else f"privacy.{action.purpose}_off"
    turn.show(key, buttons=[[Button("privacy.button.consents", SeeConsents())]])


def seats_decided(turn: Turn, action: DecideSeats) -> None:
    _ = turn.somebody
    ends = [Button("privacy.button.erase", EraseData()), Button("privacy.button.restart", RestartMessages())]
    held = privacy.seats_held(turn.db, turn.account, turn.now)
    if held.seats and action.version not in (0, held.version):  # not the seats that were listed
        if turn.account.stopped_at is not None:
            return _show_stopped(turn, held)
        turn.toast("menu.stale")
        return turn.follow(SeeSchedule())
    if action.what == "leave":
        privacy.give_seats_back(turn.db, turn.account, turn.now)
        turn.show("privacy.seats_left", buttons=[ends])
    else:
        for person in persons_of(turn.db, turn.account):
            for session in enrolment.held(turn.db, person, turn.now):
                reminders.coming(turn.db, person, session.id, turn.now)  # trainers need not ask whether they come
        turn.show("privacy.seats_kept", buttons=[ends])


def restart_asked_for(turn: Turn, action: RestartMessages) -> None:
    """Lets messages come again, and says which. People who took back both parts of consent 2 are offered both."""
    person = turn.anybody if action.how == "start" else turn.somebody
    privacy.restart(turn.account)
    turn.toast("privacy.toast.restarted")
    if turn.registered and person is not None and not any(has_consented(person, one) for one in DIVIDED):
        on = [Button(f"privacy.button.turn_on.{one.value}", OfferConsent(one)) for one in DIVIDED]
        turn.say("privacy.restarted_without", buttons=[on], plain=action.how == "start")
    elif action.how == "start":
        turn.say("privacy.restarted", plain=True)
    else:
        turn.follow(OpenMenu("restarted"))


def freezing_asked_for(turn: Turn) -> None:
    """Asks whether to freeze the data and, if the person has seats, whether to keep them."""
    if turn.serves and turn.anybody is None:
        turn.show("privacy.staff_go_on", buttons=[[Button("privacy.button.erase", EraseStaffData())]])
        return
    if turn.anybody is None:
        turn.show("privacy.copy_nothing", contact=turn.privacy_contact, buttons=_ways_in(turn))
        return
    person = turn.person
    if person.frozen_at is not None:
        return _show_frozen(turn, person)
    held = privacy.seats_of(turn.db, person, turn.now)
    no = [Button("privacy.button.not_frozen", OpenMenu())]
    keep = FreezeData("keep", held.version)
    if not held.seats:
        turn.show("privacy.freeze", buttons=[[Button("privacy.button.freeze_now", keep)], no])
        return
    zone = turn.zone(person.site_id)
    classes = [Words("privacy.seat", {"title": one.title, "starts": At(one.starts_at, zone)}) for one in held.seats]
    buttons = [
        [Button("privacy.button.freeze_keep", keep)],
        [Button("privacy.button.freeze_leave", FreezeData("leave", held.version))],
        no,
    ]
    turn.show("privacy.freeze_with_seats", classes=Lines(tuple(classes)), buttons=buttons)


def data_frozen(turn: Turn, action: FreezeData) -> None:
    person = turn.person
    held = privacy.seats_of(turn.db, person, turn.now)
    if person.frozen_at is None and action.version != held.version:  # not the seats that were listed
        turn.toast("menu.stale")
        return freezing_asked_for(turn)
    leave = action.seats == "leave"
    privacy.freeze(turn.db, person, turn.now, turn.context.capabilities, leave_seats=leave)
    if turn.acts_for is None:
        turn.leave_everything()
    _show_frozen(turn, person)


def _show_frozen(turn: Turn, person: Person) -> None:
    again = Button("privacy.button.unfreeze", UnfreezeData())
    since = At(person.frozen_at or turn.now, turn.zone(person.site_id))
    turn.show("privacy.frozen", since=since, buttons=[[again], [Button("privacy.button.erase", EraseData())]])


def data_unfrozen(turn: Turn) -> None:
    if privacy.unfreeze(turn.person):
        turn.say("privacy.unfrozen")
    else:
        turn.toast("privacy.toast.not_frozen")
        turn.follow(OpenMenu())


def erasure_command_given(turn: Turn) -> None:
    """Handles /hapus_data: asks staff about everything that they are, participants about themselves."""
    if turn.serves:
        return turn.follow(EraseStaffData())
    erasure_asked_for(turn, EraseData())


def erasure_asked_for(turn: Turn, action: EraseData) -> None:
    if _ends_service(turn):
        return turn.follow(EraseStaffData())
    if turn.anybody is None:
        return _forget(turn)
    really = Button("privacy.button.erase_now", EraseNow(because=action.because), style=Style.DANGER)
    # somebody in the middle of registering may have no name yet
    key = "privacy.erase" if turn.somebody.name else "privacy.erase_unnamed"
    turn.show(key, buttons=[[really], [Button("privacy.button.not_now", OpenMenu())]])


def erasure_confirmed(turn: Turn, action: EraseNow) -> None:
    if _ends_service(turn):
        return turn.follow(EraseStaffData())
    person = turn.anybody
    if person is None:
        return _forget(turn)
    if turn.acts_for is None:
        turn.leave_everything()  # the conversation was this person's
    if person.name:
        turn.toast("privacy.toast.erased", whom=person.called)
    because = ErasedBecause.WISH
    if action.because == "refusal":
        because = ErasedBecause.REFUSAL
        consents.withdraw_all(turn.db, person, language=turn.language, now=turn.now)
    erased = privacy.erase(turn.db, turn.account, person, turn.now, turn.context.capabilities, because=because)
    turn.act_for(None)
    if erased.successor is None:
        again = Button("registration.button.begin", ContinueRegistration())
        turn.show("privacy.erased", contact=turn.privacy_contact, buttons=[[again]])
    else:
        turn.show("privacy.erased_one", buttons=[[Button("menu.button.people", SeePersons())]])


def _ends_service(turn: Turn) -> bool:
    """Returns whether the account, and with it every right, would go with this person: that is asked in other words."""
    return turn.serves and privacy.is_last(turn.db, turn.account)


def _forget(turn: Turn) -> None:
    """Deletes the account of somebody who never consented: only the Telegram id is kept, and it can go at once."""
    turn.leave()
    privacy.forget_account(turn.db, turn.account)
    again = Button("registration.button.begin", ContinueRegistration())
    turn.show("privacy.nothing_kept", contact=turn.privacy_contact, buttons=[[again]])


def _ways_in(turn: Turn) -> list[list[Button]]:
    """Returns the buttons for people who look around before registering; during a registration its own are shown."""
    if turn.account.conversation is not None:
        return []
    return [[Button("registration.button.begin", ContinueRegistration())]]

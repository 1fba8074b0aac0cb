"""The menu, help, the language, and an answer to everything that no other handler takes. Stands last in the table of
contents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from telegram.ext import filters

from bot.actions.attendance import SeeAttendanceClasses
from bot.actions.broadcasts import BeginAnnouncement
from bot.actions.buttons import HELP, MENU, back
from bot.actions.enrolment import SeeClasses, SeeSchedule
from bot.actions.faq import SendAnyway
from bot.actions.guide import SeeGuide
from bot.actions.lessons import SeePath, SeeTasks
from bot.actions.mentoring import AskMentor, AskWhose, HearClassWords, HearMore, SeeQueue
from bot.actions.menu import (
    GetHelp,
    GoOn,
    OpenMenu,
    OpenStaffMenu,
    PickLanguage,
    ReloadContent,
    SeeLanguages,
    SeeStatus,
)
from bot.actions.overrides import SeeSettings
from bot.actions.privacy import EraseData, KeepNoFile, RestartMessages, SeeConsents, UnfreezeData
from bot.actions.registration import ContinueRegistration, SeePersons, SeeProfile
from bot.actions.reports import PickPeriod
from bot.actions.roster import SeeRosters
from bot.actions.sessions import SeeMyClasses
from bot.actions.staff import SeeStaff
from bot.capability import Capability, Command, Handlers
from bot.people import people
from bot.programme import faq, mentoring, privacy, status
from bot.programme.sessions import ClassSession
from bot.turns.router import command, sent, tap, tapped_whatever
from bot.turns.turn import Turn
from bot.words.action import Action
from bot.words.message import At, Button, Form, Lines, Message, Words

LONG_IDLE: Final = timedelta(hours=12)
"""After this long a silence somebody else may hold the phone."""
MARKED_SHOWN: Final = 5
"""How many lessons with an overdue fact /status names; `python -m bot check` names all."""
SITES_SHOWN: Final = 5
"""How many sites at which questions wait for days /status names."""
FILES: Final = filters.PHOTO | filters.Document.ALL | filters.VIDEO | filters.ANIMATION
SOUNDS: Final = filters.VOICE | filters.AUDIO | filters.VIDEO_NOTE


def handlers() -> Handlers:
    return [
        command("menu", menu_asked_for, OpenMenu()),
        tap(OpenMenu, menu_asked_for),
        tap(OpenStaffMenu, staff_menu_asked_for),
        command("bantuan", help_asked_for),
        command("help", help_asked_for),
        tap(GetHelp, help_asked_for),
        tap(GoOn, way_back_taken),
        command("bahasa", language_asked_for),
        command("language", language_asked_for),
        tap(SeeLanguages, language_asked_for),
        tap(PickLanguage, language_picked),
        command("status", status_asked_for),
        tap(SeeStatus, status_asked_for),
        command("muat_ulang", reload_asked_for),
        tap(ReloadContent, reload_asked_for),
        command("batal", nothing_to_break_off),
        sent(filters.COMMAND, unknown_command_sent),
        sent(SOUNDS, sound_sent),
        sent(FILES, file_sent),
        sent(filters.Sticker.ALL, sticker_sent),
        sent(filters.LOCATION, location_sent),
        sent(filters.CONTACT, contact_sent),
        sent(~filters.StatusUpdate.ALL, something_sent),
        tapped_whatever(old_button_tapped),
    ]


CAPABILITY: Final = Capability(
    "menu",
    handlers,
    commands=(
        Command("bantuan", "participant", place=140),
        Command("bahasa", "participant", place=100),
        Command("status", "admin", place=30),
        Command("muat_ulang", "admin", place=40),
    ),
)


# --- the menu -------------------------------------------------------------------------------------------------------


def menu_asked_for(turn: Turn, action: OpenMenu) -> None:
    if not turn.registered:
        return _menu_of_strangers(turn)
    if turn.person.frozen_at is not None:
        again = [Button("privacy.button.unfreeze", UnfreezeData()), Button("menu.button.people", SeePersons())]
        turn.show("menu.frozen", buttons=[again, [Button("privacy.button.erase", EraseData()), HELP]], plain=True)
        return
    if turn.account.stopped_at is not None:
        again = [Button("privacy.button.restart", RestartMessages())]
        mine = [Button("menu.button.schedule", SeeSchedule()), Button("privacy.button.erase", EraseData())]
        turn.show("menu.stopped", buttons=[again, mine, [HELP]], plain=True)
        return
    is_shared = len(people.persons_of(turn.db, turn.account)) > 1
    if turn.idle > LONG_IDLE and action.how != "same" and is_shared:
        yes = Button("button.yes", OpenMenu("same"))
        turn.show("menu.who", buttons=[[yes, Button("menu.button.people", SeePersons())], [HELP]], plain=True)
        return
    buttons = [
        [Button("menu.button.classes", SeeClasses()), Button("menu.button.schedule", SeeSchedule())],
        [Button("menu.button.learn", SeePath()), Button("menu.button.profile", SeeProfile())],
        # who begins anew may be somebody else; who is alone on the phone finds it under help
        *([[Button("menu.button.people", SeePersons())]] if is_shared or action.how == "welcome" else []),
        *([[Button("menu.button.tools", OpenStaffMenu())]] if turn.staff else []),
        *([[_queue()]] if turn.serves and not turn.staff else []),
        [Button("mentoring.button.ask", AskMentor()), HELP],
    ]
    match action.how:
        case "welcome":
            turn.show("menu.welcome", buttons=buttons, plain=True)
        case "restarted":
            turn.show("menu.restarted", buttons=buttons, plain=True)
        case _:
            turn.show("menu.show", buttons=buttons, plain=True)


def _menu_of_strangers(turn: Turn) -> None:
    if not turn.serves:
        return turn.follow(ContinueRegistration())
    begin = Button("registration.button.begin", ContinueRegistration())
    key = "menu.admin" if turn.admin else "menu.trainer" if turn.staff else "menu.mentor"
    turn.show(key, buttons=[*_for_staff(turn), [begin, HELP]], plain=True)


def staff_menu_asked_for(turn: Turn) -> None:
    """Shows the menu of trainers, mentors and admins, one step behind that of participants."""
    turn.must_serve()
    if not turn.registered:
        return _menu_of_strangers(turn)
    turn.show("menu.tools", buttons=[*_for_staff(turn), [back(OpenMenu()), HELP]], plain=True)


def _for_staff(turn: Turn) -> list[list[Button]]:
    if not turn.staff:
        return [[_queue()]]
    rows = [
        [Button("menu.button.sessions", SeeMyClasses()), Button("menu.button.roster", SeeRosters())],
        [
            Button("menu.button.attendance", SeeAttendanceClasses()),
            Button("menu.button.broadcasts", BeginAnnouncement()),
        ],
        [Button("menu.button.tasks", SeeTasks()), Button("menu.button.reports", PickPeriod())],
    ]
    if turn.mentor_sites:
        rows.append([_queue()])
    if turn.admin:
        rows.append([Button("menu.button.staff", SeeStaff()), _status()])
        rows.append([Button("overrides.button.list", SeeSettings())])
    return rows


def help_asked_for(turn: Turn) -> None:
    guide = Button("guide.button.open", SeeGuide())
    if turn.account.conversation is not None:
        buttons = []
    elif turn.registered:
        ask = [Button("mentoring.button.ask", AskMentor()), guide]
        mine = [Button("privacy.button.consents", SeeConsents()), Button("menu.button.people", SeePersons())]
        tools = [[Button("menu.button.tools", OpenStaffMenu())]] if turn.staff else []
        buttons = [ask, mine, *tools, [Button("menu.button.language", SeeLanguages()), MENU]]
    elif turn.serves:
        turn.show(f"menu.help.{turn.role}", contact=turn.contact, buttons=[[guide], [MENU]], plain=True)
        return
    else:
        buttons = [[Button("registration.button.begin", ContinueRegistration())]]
    turn.show("menu.help", contact=turn.contact, buttons=buttons, plain=True)


def way_back_taken(turn: Turn) -> None:
    if not turn.resume():
        menu_asked_for(turn, OpenMenu())


# --- language -------------------------------------------------------------------------------------------------------


def language_asked_for(turn: Turn) -> None:
    indonesian = Button("menu.button.indonesian", PickLanguage("id"))
    turn.show("menu.language", buttons=[[indonesian, Button("menu.button.english", PickLanguage("en"))]])


def language_picked(turn: Turn, action: PickLanguage) -> None:
    turn.account.language = action.language
    turn.show("menu.language_set")
    turn.send(Message(form=Form.COMMANDS, role=turn.role))


# --- for admins -----------------------------------------------------------------------------------------------------


def status_asked_for(turn: Turn) -> None:
    turn.must_be_admin()
    counts = status.counts(turn.db, turn.now, update_id=turn.update.update_id)
    lines = [Words(f"menu.messages.{state}", {"n": counts.messages[state]}) for state in sorted(counts.messages)]
    versions = [Words("menu.version", {"version": one, "n": n}) for one, n in sorted(counts.versions.items())]
    marked = turn.content.marked(turn.now.date())
    names = ", ".join(lesson.title for lesson in marked[:MARKED_SHOWN])
    turn.show(
        "menu.status",
        now=At(turn.now, privacy.ZONE),
        people=counts.people,
        versions=Lines(tuple(versions or [Words("menu.none_yet")])),
        classes=counts.classes,
        seats=counts.seats,
        questions=Lines(tuple(_question_lines(turn, counts.questions))),
        undone=counts.undone,
        messages=Lines(tuple(lines or [Words("menu.none_yet")])),
        marked=Words("menu.marked", {"n": len(marked), "lessons": names}) if marked else None,
        buttons=[[Button("menu.button.again", SeeStatus()), Button("menu.button.reload", ReloadContent())]],
    )


def _question_lines(turn: Turn, questions: dict[str, mentoring.figures.Figures]) -> Iterator[Words]:
    """Returns what /status says of questions to mentors: of all sites together, and where somebody waits for days."""
    yield from mentoring.figures.told(mentoring.figures.together(questions.values()))
    late = sorted((one.overdue, site_id) for site_id, one in questions.items() if one.overdue)
    for number, site_id in late[: -SITES_SHOWN - 1 : -1]:
        site = turn.content.site(site_id)
        yield Words("menu.questions_of", {"site": site.name if site else site_id, "n": number})


def reload_asked_for(turn: Turn) -> None:
    """Has content and words read again. That takes a moment, so the result comes in a message of its own."""
    turn.must_be_admin()
    turn.reload = True
    turn.say("menu.reloading", plain=True)


# --- whatever else --------------------------------------------------------------------------------------------------


def nothing_to_break_off(turn: Turn) -> None:
    """Answers /batal that nothing else took: ends the conversation under way, or says that there is none to end."""
    if turn.account.conversation is None:
        turn.show("menu.nothing_to_cancel")
    else:
        turn.leave()
        turn.show("menu.cancelled")


def unknown_command_sent(turn: Turn) -> None:
    if _is_stranger(turn):
        return turn.follow(ContinueRegistration())
    turn.show("menu.unknown_command", contact=turn.contact)


def something_sent(turn: Turn) -> None:
    _not_understood(turn)


def sound_sent(turn: Turn) -> None:
    if (way := _whose_words(turn)) is not None:
        return turn.follow(way)
    _explain(turn, Words("menu.sent.sound"))


def _whose_words(turn: Turn) -> Action | None:
    """Returns what passes a voice or a picture on, if nothing else is asked: to the open question or the class of which
    the person heard last; None: there is neither."""
    if turn.account.conversation is not None or not turn.registered:
        return None
    turn.act_for(turn.newest_said_to())
    if (waits := faq.held(turn.db, turn.person)) is not None:
        turn.follow(SendAnyway(waits.said))
    match mentoring.whose_words(turn.db, turn.account, turn.person, turn.now, content=turn.content):
        case mentoring.Ticket(id=number):
            return HearMore(number)
        case ClassSession(id=number):
            return HearClassWords(number)
        case _ if mentoring.meant_by_others(turn.db, turn.account, turn.person, turn.now):
            return AskWhose()
        case _:
            return None


def sticker_sent(turn: Turn) -> None:
    _explain(turn, Words("menu.sent.sticker"))


def location_sent(turn: Turn) -> None:
    _explain(turn, Words("menu.sent.location"))


def contact_sent(turn: Turn) -> None:
    _explain(turn, Words("menu.sent.contact"))


def _explain(turn: Turn, why: Words) -> None:
    """Says why nothing happens with what was sent, and what to do instead; then asks the open question again, or greets
    a stranger."""
    greets = _is_stranger(turn)
    turn.say("menu.sent", why=why, plain=greets or turn.account.conversation is not None)
    if greets:
        turn.follow(ContinueRegistration())
    else:
        turn.resume()


def file_sent(turn: Turn) -> None:
    greets = _is_stranger(turn)
    turn.follow(_whose_words(turn) or KeepNoFile())
    if greets:
        turn.follow(ContinueRegistration())


def _not_understood(turn: Turn) -> None:
    if turn.account.conversation is not None:
        turn.say("menu.not_understood", contact=turn.contact, plain=True)
        turn.resume()
    else:
        turn.show("menu.not_understood", contact=turn.contact)


def old_button_tapped(turn: Turn) -> None:
    """Answers a button of an old message, a second tap on one that was just answered, or one we never made."""
    turn.toast("menu.stale")
    if turn.account.conversation is None:
        return menu_asked_for(turn, OpenMenu())
    if not turn.sees_answer_in_place:  # otherwise the question stands right there
        turn.resume()


def _is_stranger(turn: Turn) -> bool:
    return turn.account.conversation is None and not turn.registered and not turn.serves


def _queue() -> Button:
    return Button("mentoring.button.queue", SeeQueue())


def _status() -> Button:
    return Button("menu.button.status", SeeStatus())

"""The menu, help, language; and an answer to whatever nobody else understood. Stands last in the table of contents."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from telegram.ext import filters

from bot.capability import Capability, Command, Handlers
from bot.people import people
from bot.programme import status
from bot.turns.router import command, sent, tap, typed
from bot.turns.turn import HELP, MENU, State, Turn, leave
from bot.words.message import Button, Form, Lines, Message, Value, Words

LANGUAGES: Final = ("id", "en")
LONG_IDLE: Final = timedelta(hours=12)
"""After so long a silence somebody else may hold the phone."""
MARKED_SHOWN: Final = 5
"""So many lessons with an overdue fact are named in /status; `python -m bot check` names all."""
FILES: Final = (
    filters.PHOTO
    | filters.Document.ALL
    | filters.VIDEO
    | filters.VIDEO_NOTE
    | filters.VOICE
    | filters.AUDIO
    | filters.ANIMATION
)


def handlers() -> Handlers:
    return [
        command("menu", menu_asked_for),
        tap("menu:show", menu_asked_for),
        tap("menu:staff", staff_menu_asked_for),
        command("bantuan", help_asked_for),
        command("help", help_asked_for),
        tap("menu:help", help_asked_for),
        tap("menu:resume", way_back_taken),
        command("bahasa", language_asked_for),
        command("language", language_asked_for),
        tap("menu:languages", language_asked_for),
        tap("menu:language", language_picked),
        command("status", status_asked_for),
        tap("menu:status", status_asked_for),
        command("muat_ulang", reload_asked_for),
        tap("menu:reload", reload_asked_for),
        command("batal", nothing_to_break_off),
        sent(filters.COMMAND, unknown_command_sent),
        typed(something_written),
        sent(FILES, file_sent),
        sent(~filters.StatusUpdate.ALL, something_sent),
        tap(r"[\s\S]*", old_button_tapped),
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


def menu_asked_for(turn: Turn) -> State:
    """menu:show, or with how it came: menu:show:welcome, :restarted, :same (the same person after a long silence)."""
    if not turn.registered:
        return _menu_of_strangers(turn)
    if turn.account.stopped_at is not None:
        again = [Button("privacy.button.restart", "privacy:restart")]
        mine = [Button("menu.button.schedule", "enrolment:mine"), Button("privacy.button.erase", "privacy:erase")]
        turn.show("menu.stopped", buttons=[again, mine, [_help()]], plain=True)
        return None
    if turn.idle > LONG_IDLE and turn.choice != "same" and len(people.persons_of(turn.db, turn.account)) > 1:
        yes = Button("button.yes", "menu:show:same")
        turn.show(
            "menu.who", buttons=[[yes, Button("menu.button.people", "registration:people")], [_help()]], plain=True
        )
        return None
    buttons = [
        [Button("menu.button.classes", "enrolment:classes"), Button("menu.button.schedule", "enrolment:mine")],
        [Button("menu.button.learn", "lessons:path"), Button("menu.button.profile", "registration:profile")],
        [Button("privacy.button.consents", "privacy:consents"), Button("menu.button.people", "registration:people")],
        *([[Button("menu.button.tools", "menu:staff")]] if turn.staff else []),
        [_help()],
    ]
    match turn.choice:
        case "welcome":
            turn.show("menu.welcome", buttons=buttons, plain=True)
        case "restarted":
            turn.show("menu.restarted", buttons=buttons, plain=True)
        case _:
            turn.show("menu.show", buttons=buttons, plain=True)
    return None


def _menu_of_strangers(turn: Turn) -> State:
    if not turn.staff:
        return turn.follow("registration:continue")
    begin = Button("registration.button.begin", "registration:continue")
    key = "menu.admin" if turn.admin else "menu.trainer"
    turn.show(key, buttons=[*_for_staff(turn), [begin, _help()]], plain=True)
    return None


def staff_menu_asked_for(turn: Turn) -> State:
    """What trainers and admins do, a step behind what they have as participants."""
    turn.must_be_staff()
    if not turn.registered:
        return _menu_of_strangers(turn)
    turn.show("menu.tools", buttons=[*_for_staff(turn), [Button("button.back", MENU), _help()]], plain=True)
    return None


def _for_staff(turn: Turn) -> list[list[Button]]:
    rows = [
        [Button("menu.button.sessions", "sessions:list"), Button("menu.button.roster", "roster:classes")],
        [Button("menu.button.attendance", "attendance:classes"), Button("menu.button.broadcasts", "broadcasts:begin")],
        [Button("menu.button.tasks", "lessons:tasks"), Button("menu.button.reports", "reports:period")],
    ]
    if turn.admin:
        rows.append([Button("menu.button.staff", "staff:list"), _status()])
    return rows


def help_asked_for(turn: Turn) -> State:
    if turn.account.conversation is not None:
        buttons = []
    elif turn.registered:
        language = Button("menu.button.language", "menu:languages")
        buttons = [[Button("menu.button.classes", "enrolment:classes"), language], [Button("button.menu", MENU)]]
    else:
        buttons = [[Button("registration.button.begin", "registration:continue")]]
    turn.show("menu.help", contact=_contact(turn), buttons=buttons, plain=True)
    return None


def way_back_taken(turn: Turn) -> State:
    return None if turn.resume() else menu_asked_for(turn)


# --- language -------------------------------------------------------------------------------------------------------


def language_asked_for(turn: Turn) -> State:
    indonesian = Button("menu.button.indonesian", "menu:language:id")
    turn.show("menu.language", buttons=[[indonesian, Button("menu.button.english", "menu:language:en")]])
    return None


def language_picked(turn: Turn) -> State:
    if turn.choice not in LANGUAGES:
        return language_asked_for(turn)
    turn.account.language = turn.choice
    turn.show("menu.language_set")
    turn.send(Message(form=Form.COMMANDS, role=turn.role))
    return None


# --- for admins -----------------------------------------------------------------------------------------------------


def status_asked_for(turn: Turn) -> State:
    turn.must_be_admin()
    counts = status.counts(turn.db, turn.now)
    lines = [Words(f"menu.messages.{state}", {"n": counts.messages[state]}) for state in sorted(counts.messages)]
    if marked := turn.content.marked(turn.now.date()):
        names = ", ".join(lesson.title for lesson in marked[:MARKED_SHOWN])
        lines.append(Words("menu.marked", {"n": len(marked), "lessons": names}))
    turn.show(
        "menu.status",
        people=counts.people,
        classes=counts.classes,
        seats=counts.seats,
        undone=counts.undone,
        messages=Lines(tuple(lines)),
        buttons=[[Button("menu.button.again", "menu:status"), Button("menu.button.reload", "menu:reload")]],
    )
    return None


def reload_asked_for(turn: Turn) -> State:
    """Content and words are read again. That takes a moment, so what came of it is told in a message of its own."""
    turn.must_be_admin()
    turn.reload = True
    turn.say("menu.reloading", plain=True)
    return None


# --- whatever else --------------------------------------------------------------------------------------------------


def nothing_to_break_off(turn: Turn) -> State:
    """/batal where the conversation under way has no words of its own for it, or where there is none."""
    if turn.account.conversation is None:
        turn.show("menu.nothing_to_cancel")
    else:
        leave(turn.account)
        turn.show("menu.cancelled")
    return None


def unknown_command_sent(turn: Turn) -> State:
    if _is_stranger(turn):
        return turn.follow("registration:continue")
    turn.show("menu.unknown_command", contact=_contact(turn))
    return None


def something_written(turn: Turn) -> State:
    """Text nobody asked for; a stranger's first word is a greeting."""
    if _is_stranger(turn):
        return turn.follow("registration:continue")
    return _not_understood(turn)


def something_sent(turn: Turn) -> State:
    return _not_understood(turn)


def file_sent(turn: Turn) -> State:
    return turn.follow("privacy:not_kept")


def _not_understood(turn: Turn) -> State:
    if turn.account.conversation is not None:
        turn.say("menu.not_understood", contact=_contact(turn), plain=True)
        turn.resume()
    else:
        turn.show("menu.not_understood", contact=_contact(turn))
    return None


def old_button_tapped(turn: Turn) -> State:
    """A button of an old message, a second tap on one that was just answered, or one we never made."""
    turn.toast("menu.stale")
    if turn.account.conversation is None:
        return menu_asked_for(turn)
    if not turn.sees_answer_in_place:  # otherwise the question stands right there
        turn.resume()
    return None


def _is_stranger(turn: Turn) -> bool:
    return turn.account.conversation is None and not turn.registered and not turn.staff


def _see_menu(turn: Turn) -> list[list[Button]]:
    if turn.account.conversation is not None or not (turn.registered or turn.staff):
        return []
    return [[Button("button.menu", MENU)]]


def _help() -> Button:
    return Button("button.help", HELP)


def _status() -> Button:
    return Button("menu.button.status", "menu:status")


def _contact(turn: Turn) -> Value:
    return turn.settings.privacy_contact or Words("menu.contact_trainer")

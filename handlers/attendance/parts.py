"""What the screens of attendance have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bot.actions.attendance import ClaimPresence, SeeAttendance, SeeAttendanceClasses, SeeDoor, SeeNames
from bot.actions.buttons import back
from bot.people.people import Person
from bot.programme import attendance, sessions
from bot.programme.attendance import Mark, Name, Recorded
from bot.programme.sessions import ClassSession
from bot.turns.led import led
from bot.turns.turn import Turn
from bot.words.action import version_of
from bot.words.message import At, Button, Value, Who, Words
from handlers.attendance.name_search import Read

NAMES: Final = 12
"""How many names are on one screen, two in a row where they fit."""
HINTS: Final = 8
"""So many of the typed words that are no one name are said back."""
SIGNS: Final[Mapping[Mark | None, str]] = {
    Mark.PRESENT: "present",
    Mark.CLAIMED: "claimed",
    Mark.ABSENT: "absent",
    None: "open",
}
"""Which words a button with a name has."""


def class_of(turn: Turn, session_id: int) -> ClassSession | None:
    """Returns the class of the button, if this trainer looks after its site; otherwise refuses, also if there is no
    such class."""
    return led(turn, sessions.get(turn.db, session_id))


def no_class(turn: Turn) -> None:
    turn.show("attendance.unknown", buttons=[[back(SeeAttendanceClasses())]])


def not_now(turn: Turn, outcome: attendance.TooEarly | attendance.Cancelled) -> None:
    """Says that the class has not begun, or is called off."""
    session = outcome.session
    ways = [[back(SeeAttendanceClasses())]]
    if isinstance(outcome, attendance.TooEarly):
        opens = At(outcome.opens_at, turn.zone(session.site_id))
        turn.show("attendance.opens_later", title=session.title, opens=opens, buttons=ways)
    else:
        turn.show("attendance.cancelled", title=session.title, buttons=ways)


def starts_of(turn: Turn, session: ClassSession) -> At:
    return At(session.starts_at, turn.zone(session.site_id))


def late_lines(persons: Sequence[int], called: Mapping[int, Value]) -> tuple[Words, ...]:
    return tuple(Words("attendance.hint.late", {"who": called.get(one) or Who(one)}) for one in persons)


def claim_of(session: ClassSession, person: Person) -> ClaimPresence:
    return ClaimPresence(session.id, person.id)


def see_button(session: ClassSession) -> Button:
    return Button("attendance.button.see", SeeAttendance(session.id))


def door_button(turn: Turn, session: ClassSession) -> list[Button]:
    """Returns a row that leads to those who ask to be let into the full class, with their number; empty without any."""
    asking = attendance.people_asking(turn.db, session)
    return [Button("attendance.button.door", SeeDoor(session.id), {"n": len(asking)})] if asking else []


def names_button(turn: Turn, session: ClassSession, person_id: int | None = None) -> Button:
    """Leads to the list of names, to the page on which this person is."""
    number = 1
    if person_id is not None:
        everybody = attendance.names(turn.db, session)
        number = next((one.number for one in everybody if one.person.id == person_id), 1)
    return Button("attendance.button.names", SeeNames(session.id, page_of(number)))


def numbering(everybody: Sequence[Name]) -> int:
    """Returns a number that changes with which number belongs to whom: lists carry it unseen, so that typed numbers
    mean the list that was shown."""
    return version_of([one.person.id for one in everybody])


def has_numbers(typed: str) -> bool:
    return any(char.isdecimal() for char in typed)


def page_of(number: int) -> int:
    """Returns the page of the list on which the name with this number is."""
    return (number - 1) // NAMES


def called_in(turn: Turn, session: ClassSession, everybody: Sequence[Name]) -> dict[int, Value]:
    """Returns what to call the people of a list, so that no two are called alike."""
    return attendance.called(everybody, turn.zone(session.site_id))


def in_words(turn: Turn, session: ClassSession, known: Recorded) -> Words:
    """Returns what is recorded of a person, and who said so: "hadir, oleh Maria"."""
    match known.mark:
        case None:
            return Words("attendance.recorded.nothing")
        case Mark.CLAIMED:
            return Words("attendance.recorded.claimed")
        case mark if known.how is not None and known.how.by_code:
            at = At(known.at, turn.zone(session.site_id)) if known.at else ""
            return Words("attendance.recorded.code", {"at": at})
        case mark if known.how == attendance.How.SELF:
            return Words("attendance.recorded.said_no")
        case mark if known.by_account_id == turn.account.id:
            return Words(f"attendance.recorded.{mark}")
        case mark:
            return Words(f"attendance.recorded.{mark}_by", {"staff": trainer_of(turn, known)})


def hints_of(turn: Turn, session: ClassSession, everybody: Sequence[Name], read: Read) -> list[Words]:
    """Returns what of the typed words is no name of the list, and what may be several."""
    called = called_in(turn, session, everybody)
    hints = unknown_lines(read)
    for part, fits in read.several[:HINTS]:
        names = attendance.name_lines(fits, called)
        hints.append(Words("attendance.all_but.several", {"typed": part, "names": names}))
    more = len(read.several) - HINTS
    return [*hints, Words("attendance.and_more", {"n": more})] if more > 0 else hints


def unknown_lines(read: Read) -> list[Words]:
    """Returns what of the typed words is no name of the list; of many the first, and how many more."""
    lines = [Words("attendance.all_but.not_found", {"typed": part}) for part in read.unknown[:HINTS]]
    more = len(read.unknown) - HINTS
    return [*lines, Words("attendance.and_more", {"n": more})] if more > 0 else lines


def closed_lines(turn: Turn, session: ClassSession) -> tuple[Words, ...]:
    """Returns that the list is closed, since when, and by whom if that was another trainer; nothing of an open one."""
    closed = attendance.closed_list(turn.db, session)
    if closed is None:
        return ()
    at = At(closed.at, turn.zone(session.site_id))
    if closed.by_account_id in (None, turn.account.id):
        return (Words("attendance.hint.closed", {"at": at}),)
    staff = attendance.trainer_named(turn.db, closed.by_account_id) or Words("attendance.other_trainer")
    return (Words("attendance.hint.closed_by", {"at": at, "staff": staff}),)


def trainer_of(turn: Turn, known: Recorded) -> Value:
    """Returns what the trainer is called who recorded it."""
    return attendance.trainer_named(turn.db, known.by_account_id) or Words("attendance.other_trainer")

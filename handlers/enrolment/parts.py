"""Words and buttons that the files of this package have in common."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.actions.attendance import SeeMyAttendance
from bot.actions.enrolment import ChangeClass, ConsiderMove, ConsiderWithdrawal, GetCalendar, SeeClass, TakeBack
from bot.actions.reminders import SeeMap
from bot.programme import class_changes, enrolment, reminders
from bot.programme.enrolment import Enrolment, EnrolmentStatus
from bot.programme.sessions import ClassSession
from bot.turns.turn import Turn
from bot.words.message import At, Button, Value, Words

SHOWN: Final = 5
"""How many of the person's own classes, and of those to move to, are on one screen."""


def start_of(turn: Turn, session: ClassSession) -> At:
    return At(session.starts_at, turn.zone(session.site_id))


def is_today(turn: Turn, session: ClassSession) -> bool:
    """Returns whether the class is on today, by the calendar of its site, and not over."""
    return reminders.is_today(session, turn.zone(session.site_id), turn.now) and session.ends_at > turn.now


def minutes_until(turn: Turn, until: datetime) -> int:
    """Returns the minutes until `until`, at least 1."""
    return max(1, round((until - turn.now).total_seconds() / 60))


def card_facts(turn: Turn, session: ClassSession, *, seated: bool = False) -> dict[str, Value]:
    """Returns the facts of a class. Those who have a seat see its contact, too."""
    trainer = Words("enrolment.trainer", {"trainer": session.trainer}) if session.trainer else None
    whom = session.contact or turn.content.contact(session.site_id)
    if seated and whom:
        contact = Words("enrolment.contact", {"contact": whom})
        trainer = Words("enrolment.trainer_and_contact", {"trainer": trainer, "contact": contact})
    return {
        "title": session.title,
        "starts": start_of(turn, session),
        "minutes": session.minutes,
        "venue": session.venue,
        "trainer": trainer,
    }


def show_cancelled(turn: Turn, session: ClassSession, ways: Sequence[Sequence[Button]]) -> None:
    """Shows that the class is cancelled, with the reason if one was given."""
    reason = class_changes.reason_of(session)
    if reason is None:
        turn.show("enrolment.cancelled", title=session.title, buttons=ways)
    else:
        turn.show("enrolment.cancelled_why", title=session.title, reason=reason, buttons=ways)


def seat_to_leave(turn: Turn, mine: Enrolment) -> ClassSession | None:
    """Returns the class whose seat the person gives back when they get this one; None if there is none."""
    return enrolment.held_instead(turn.db, turn.person, mine.instead_of, turn.now) if mine.instead_of else None


def stays_words(turn: Turn, mine: Enrolment, key: str) -> Words | None:
    """Returns words for the seat that the person gives back when they get this one; None if there is none."""
    left = seat_to_leave(turn, mine)
    return Words(key, {"left": left.title}) if left is not None else None


def see_button(turn: Turn, session: ClassSession, mine: Enrolment | None) -> Button:
    return class_button(turn, session, SeeClass(session.id), mine)


def class_button(turn: Turn, session: ClassSession, action: SeeClass | ChangeClass, mine: Enrolment | None) -> Button:
    """Returns a button with the class's title and start, and whether the person is in it, or it is full."""
    match mine.status if mine is not None else None:
        case EnrolmentStatus.SEATED:
            key = "enrolment.button.class_seated"
        case EnrolmentStatus.OFFERED:
            key = "enrolment.button.class_offered"
        case EnrolmentStatus.WAITLISTED:
            key = "enrolment.button.class_waiting"
        case _ if enrolment.has_seat_for_newcomers(turn.db, session, turn.now):
            key = "enrolment.button.class"
        case _:
            key = "enrolment.button.class_full"
    return Button(key, action, {"title": session.title, "starts": start_of(turn, session)})


def withdraw_button(session: ClassSession) -> Button:
    return Button("enrolment.button.withdraw", ConsiderWithdrawal(session.id))


def leave_button(session: ClassSession) -> Button:
    return Button("enrolment.button.leave", ConsiderWithdrawal(session.id))


def move_button(session: ClassSession) -> Button:
    return Button("enrolment.button.move", ConsiderMove(session.id))


def take_back_button(turn: Turn, session: ClassSession) -> Button:
    return Button("enrolment.button.back", TakeBack(session.id, int(turn.now.timestamp())))


def map_button(session: ClassSession) -> list[Button]:
    """Returns the way to the map, if the class has one."""
    return [Button("button.map", SeeMap(session.id))] if session.has_pin else []


def check_in_button() -> Button:
    return Button("attendance.button.check_in", SeeMyAttendance())


def calendar_button(session: ClassSession) -> Button:
    return Button("enrolment.button.calendar", GetCalendar(session.id))


def calendar_gone_button(session: ClassSession, key: str = "enrolment.button.calendar_gone") -> Button:
    return Button(key, GetCalendar(session.id))

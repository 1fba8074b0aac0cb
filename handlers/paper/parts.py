"""What the screens of attendance on paper have in common."""

from __future__ import annotations

from bot.actions.attendance import SeeAttendanceClasses
from bot.actions.buttons import back
from bot.programme import attendance, paper, sessions
from bot.programme.sessions import ClassSession
from bot.turns.led import led
from bot.turns.turn import Turn
from bot.words.message import At, Value, Words


def class_of(turn: Turn, session_id: int) -> ClassSession | None:
    """Returns the class of the button, if this trainer looks after its site; otherwise refuses, also if there is no
    such class."""
    return led(turn, sessions.get(turn.db, session_id))


def no_class(turn: Turn) -> None:
    turn.show("attendance.unknown", buttons=[[back(SeeAttendanceClasses())]])


def called_in(turn: Turn, session: ClassSession) -> dict[int, Value]:
    """Returns what to call the people of a class on paper, namesakes with what tells them apart, as on the screens."""
    return attendance.called(attendance.names(turn.db, session), turn.zone(session.site_id))


def about_of(turn: Turn, session: ClassSession) -> tuple[tuple[Words, Value], ...]:
    site = turn.content.site(session.site_id)
    return paper.about(session, site=site.name if site else session.site_id, zone=turn.zone(session.site_id))


def facts_of(turn: Turn, session: ClassSession) -> dict[str, Value]:
    return {"title": session.title, "starts": starts_of(turn, session)}


def starts_of(turn: Turn, session: ClassSession) -> At:
    return At(session.starts_at, turn.zone(session.site_id))

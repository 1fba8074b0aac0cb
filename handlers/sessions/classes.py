"""A class of one's own sites: found, and shown in words and buttons."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bot.actions.buttons import back
from bot.actions.call_list import SeeCalls
from bot.actions.sessions import SeeMyClass, SeeMyClasses
from bot.people.quiet_hours import Kind, verdict
from bot.programme import enrolment, sessions
from bot.programme.call_list import CallList
from bot.programme.enrolment import EnrolmentStatus
from bot.programme.sessions import ClassSession
from bot.turns.led import led
from bot.turns.turn import Turn
from bot.words.message import At, Button, Value, Words

SESSIONS: Final = "sessions"
CANCELLING: Final = "sessions_cancelling"
"""The conversation in which a class is cancelled, with or without a reason."""


def own_class(turn: Turn, session_id: int) -> ClassSession | None:
    """Returns the class that was picked, if the trainer looks after its site; refuses otherwise."""
    return led(turn, sessions.get(turn.db, session_id))


def class_values(turn: Turn, session: ClassSession) -> dict[str, Value]:
    """Returns the facts of a class, for texts. `taken`: seats that people have; `offered`: words about seats that are
    only offered."""
    counts = enrolment.counts(turn.db, session)
    taken = sum(counts[status] for status in enrolment.SEATS)
    offered = counts[EnrolmentStatus.OFFERED]
    return {
        "title": session.title,
        "starts": At(session.starts_at, turn.zone(session.site_id)),
        "minutes": session.minutes,
        "venue": session.venue,
        "site": site_name(turn, session.site_id),
        "taken": taken,
        "offered": Words("sessions.offered", {"n": offered}) if offered else None,
        "capacity": session.capacity,
        "code": session.code,
        "who": who_of(session),
    }


def who_of(session: ClassSession) -> Words | None:
    """Returns the lines that name the trainer and the contact of a class; None if it has neither."""
    trainer = trainer_line(session.trainer)
    contact = Words("sessions.contact", {"contact": session.contact}) if session.contact else None
    return Words("sessions.who", {"trainer": trainer, "contact": contact}) if trainer or contact else None


def trainer_line(name: str | None) -> Words | None:
    return Words("sessions.trainer", {"trainer": name}) if name else None


def site_name(turn: Turn, site_id: str) -> str:
    site = turn.content.site(site_id)
    return site.name if site else site_id


def missing(turn: Turn, calls: CallList, heard_by: datetime | None = None) -> Words | None:
    """Returns how many people the bot could not tell; None if it told all. `heard_by`: the moment by which all are to
    know; if that is far and nobody may be written to now, it is said from when on they are."""
    left = Words("call_list.missing", {"n": calls.to_call}) if calls.to_call else None
    site = calls.session.site_id
    held = verdict(Kind.CHANGE, now=turn.now, hours=turn.content.open_hours(site), starts_at=heard_by).hold_until
    if heard_by is None or held is None:
        return left
    return Words("sessions.told_later", {"opening": At(held, turn.zone(site)), "missing": left})


def call_names(calls: CallList) -> list[Button]:
    """Returns the way to the names of those whom the bot could not tell, if there are any."""
    return [Button("call_list.button.names", SeeCalls(calls.session.id))] if calls.to_call else []


def see_button(session: ClassSession) -> Button:
    return Button("sessions.button.see", SeeMyClass(session.id))


def list_button() -> Button:
    return Button("sessions.button.list", SeeMyClasses())


def back_to_list() -> Button:
    return back(SeeMyClasses())

"""Words, buttons and files that the screens of people and of mentors share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.actions.appointments import Kind
from bot.documents.calendar_file import MIME, appointment_file
from bot.documents.file_names import file_name
from bot.programme import appointments
from bot.programme.appointments import Appointment, Slot, State
from bot.turns.pages import in_pairs
from bot.turns.turn import Turn
from bot.words.action import Action
from bot.words.message import At, Button, File, Form, Lines, Message, Value, Words


def moment_of(minutes: int) -> datetime | None:
    """Returns the moment that a button carries in minutes since 1970; None: there is no such moment."""
    return second_of(minutes * 60)


def second_of(seconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def minutes_of(moment: datetime) -> int:
    return int(moment.timestamp()) // 60


def lines_of(turn: Turn, slots: Sequence[Slot]) -> Lines:
    """Returns the free times, one on a line: day, date, hour and zone, with whom and how."""
    return Lines(tuple(Words("appointments.line", _of_slot(turn, one)) for one in slots))


def _of_slot(turn: Turn, slot: Slot) -> dict[str, Value]:
    return {
        "starts": At(slot.starts_at, turn.zone(slot.site_id)),
        "minutes": _length(slot.starts_at, slot.ends_at),
        "how": appointments.news.how(slot),
        "mentor": appointments.mentor_of(turn.db, slot),
    }


def _length(start: datetime, end: datetime) -> int:
    return int((end - start).total_seconds()) // 60


def time(action: Action, slot: Slot, zone: str) -> Button:
    """Returns the button of a free time."""
    return Button("appointments.button.time", action, {"starts": At(slot.starts_at, zone)})


def pairs(buttons: Sequence[Button]) -> list[list[Button]]:
    return [list(one) for one in in_pairs(buttons)]


def send_calendar(turn: Turn, appointment: Appointment, *, mentor: bool) -> None:
    """Sends the calendar file: the appointment as it is now, or what takes it out of the calendar. No participant's
    name is in it: the row of the outbox holds the file."""
    texts = turn.context.texts
    key = "appointments.file.mentor" if mentor else "appointments.file.person"
    about: dict[str, Value] = {"number": appointment.id, **appointments.news.facts(turn.db, appointment)}
    title = texts.words(key, about, turn.language, html=False) if texts is not None else key
    how = appointments.news.how(appointment)
    place = texts.words(how.key, how.values, turn.language, html=False) if texts is not None else ""
    gone = appointment.state == State.OFF
    content = appointment_file(
        appointment.id,
        appointment.revision,
        appointment.ended_at or appointment.booked_at,
        appointment.starts_at,
        appointment.ends_at,
        title=title,
        place=place,
        zone=appointment.zone,
        description=turn.settings.programme_name,
        language=turn.language,
        gone=gone,
    )
    name = file_name("", title, appointment.starts_at, appointment.zone, "ics")
    said = "appointments.calendar_gone" if gone else "appointments.calendar"
    turn.send(Message(said, form=Form.DOCUMENT, file=File(name, MIME, content)))


def asks_where(kind: str) -> bool:
    """Whether the person tells where to come, or the number to call."""
    return kind in (Kind.VISIT, Kind.CALL)

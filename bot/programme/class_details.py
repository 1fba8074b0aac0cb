"""What is written about a class: title, length, trainer, contact. When it changes, those with a seat are told, once.

A change that nobody has heard of yet (it waits for the morning) is told together with the next one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.actions.buttons import HELP
from bot.actions.enrolment import GetCalendar, SeeClass
from bot.delivery.outbox import OutboxRow, Status, in_state
from bot.people.quiet_hours import Kind
from bot.programme.class_telling import tell
from bot.programme.enrolment import Enrolment, EnrolmentStatus
from bot.programme.sessions import ClassSession
from bot.words.message import At, Button, Lines, Message, Value, Words, rows

DETAILS: Final = ("title", "minutes", "trainer", "contact")
"""The fields, in the order in which people are told of them."""
ALWAYS_TOLD: Final = frozenset({"minutes"})
"""What nobody corrects without telling: when people are free again."""
_NAME: Final = "details"


@dataclass(frozen=True)
class Details:
    """Which fields people are to be told of, and the title by which they know the class."""

    title: str
    fields: tuple[str, ...]


def to_tell(db: Session, session: ClassSession, new: Mapping[str, Any], *, tell: bool) -> Details | None:
    """Returns what of the changes `new` people are to be told, and what waits to be told from before; None: nothing.
    What waits is dropped: it is told with this. The class must still be as it was."""
    mine = [name for name in DETAILS if name in new and (tell or name in ALWAYS_TOLD)]
    waiting = (in_state(Status.WAITING), OutboxRow.kind == Kind.CHANGE, OutboxRow.session_id == session.id)
    older = OutboxRow.once.startswith(f"{_NAME}:{session.id}:", autoescape=True)
    found = db.scalar(select(OutboxRow.message).where(*waiting, older).limit(1))
    if found is None or not {*DETAILS, "starts_at", "venue", "latitude", "longitude"} & new.keys():
        return Details(session.title, tuple(mine)) if mine else None
    said = Message.from_json(found)
    changes, title = said.values.get("changes"), said.values.get("before")
    parts = changes.parts if isinstance(changes, Lines) else ()
    before = {part.key.rpartition(".")[2].removesuffix("_none") for part in parts}
    db.execute(update(OutboxRow).where(*waiting, older).values(status=Status.DROPPED, reason="superseded"))
    return Details(
        title if isinstance(title, str) else session.title,
        tuple(name for name in DETAILS if name in mine or name in before),
    )


def announce(db: Session, session: ClassSession, details: Details | None, zone: str, now: datetime) -> int:
    """Tells everybody with a seat, or with the offer of one, what changed; returns how many. Nobody once the class is
    over."""
    if details is None or session.ends_at <= now:
        return 0
    values: dict[str, Value] = {
        "before": details.title,
        "changes": _lines(details, session, zone),
        "starts": At(session.starts_at, zone),
        "venue": session.venue,
    }
    calendar = Button("enrolment.button.calendar_new", GetCalendar(session.id))
    see = Button("sessions.button.see", SeeClass(session.id))
    told = 0
    for status, ways in ((EnrolmentStatus.SEATED, [calendar, see]), (EnrolmentStatus.OFFERED, [see])):
        message = Message("sessions.details_changed", values, rows(ways, [HELP]))
        once = f"{_NAME}:{session.id}:{session.edits}"
        which = Enrolment.status == status
        told += tell(db, session, which, message, heard_by=session.starts_at, now=now, once=once)
    return told


def beside(question: Words, details: Details | None, session: ClassSession, zone: str) -> Words:
    """Returns the question below the news of a move, with what else changed above it."""
    if details is None:
        return question
    return Words("sessions.details_and", {"changes": _lines(details, session, zone), "question": question})


def _lines(details: Details, session: ClassSession, zone: str) -> Lines:
    facts: dict[str, Value] = {
        "title": session.title,
        "minutes": session.minutes,
        "until": At(session.ends_at, zone),
        "trainer": session.trainer,
        "contact": session.contact,
    }
    return Lines(
        tuple(
            Words(f"sessions.detail.{name}" if facts[name] else f"sessions.detail.{name}_none", facts)
            for name in details.fields
        )
    )

"""Declares how the rows of seats are forgotten and copied, and why the rest stays."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.capability import CapabilityData, Told
from bot.catalogue.content import Content
from bot.people.people import Person
from bot.programme.enrolment.kept import end_of_person
from bot.programme.enrolment.offers import due, next_due
from bot.programme.enrolment.seats import withdraw_all
from bot.programme.enrolment.tables import Enrolment, KeptSeat
from bot.programme.sessions import ClassSession


def classes_of(db: Session, person: Person) -> list[tuple[ClassSession, Enrolment]]:
    """Returns every class the person ever asked for a seat in, in order of its start."""
    query = (
        select(ClassSession, Enrolment)
        .join(Enrolment, Enrolment.session_id == ClassSession.id)
        .where(Enrolment.person_id == person.id)
        .order_by(ClassSession.starts_at, ClassSession.id)
    )
    return [(session, enrolled) for session, enrolled in db.execute(query)]


def forget(db: Session, person: Person, now: datetime) -> None:
    """Gives back at once the person's seats, offers and places on waitlists of classes still to begin."""
    withdraw_all(db, person, now)
    end_of_person(db, person)


def copy(db: Session, person: Person, content: Content, told: Told) -> dict[str, Any]:
    """Returns every class the person ever asked for; its start in the zone of the class's own site."""
    return {
        "kelas": [
            {
                "kode": session.code,
                "judul": session.title,
                "lokasi": session.site_id,
                "tempat": session.venue,
                "mulai": session.starts_at.astimezone(ZoneInfo(content.open_hours(session.site_id).zone)).isoformat(),
                "menit": session.minutes,
                "status": enrolled.status,
                "jawaban_pengingat": enrolled.reply,
                "dijawab_pada": told(enrolled.replied_at),
                "bilang_terlambat_pada": told(enrolled.late_at),
                "diminta_pada": told(enrolled.created_at),
                "diubah_pada": told(enrolled.changed_at),
            }
            for session, enrolled in classes_of(db, person)
        ],
    }


DATA: Final = CapabilityData(
    "enrolment",
    tables=(Enrolment, KeptSeat),
    due=due,
    next_due=next_due,
    forget=forget,
    copy=copy,
    not_copied={"kept_seat.person_id": "Two minutes later it is gone."},
    stays={"enrolment.person_id": "Seats to come are given back; past ones count, of nobody in particular."},
)

"""What appointments owe: how a person's are forgotten and copied."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.capability import CapabilityData, Told
from bot.catalogue.content import Content
from bot.people.people import Person, account_of, persons_of
from bot.programme.appointments.booking import end_of_person, release
from bot.programme.appointments.clock import due, next_due
from bot.programme.appointments.tables import Appointment, OffBy, Slot, SlotQuarter


def forget(db: Session, person: Person, now: datetime) -> None:
    """Calls off what the person has, and takes them out of every appointment there was: what is left counts, and says
    nobody's name. If a mentor's account goes with the person, the people who booked it are told."""
    end_of_person(db, person, OffBy.ERASED, now)
    nobody = {"person_id": None, "ticket_id": None, "address": None, "latitude": None, "longitude": None}
    db.execute(update(Appointment).where(Appointment.person_id == person.id).values(**nobody))
    account = account_of(db, person)
    if account is not None and len(persons_of(db, account)) <= 1:
        release(db, account, now)


def freeze(db: Session, person: Person, now: datetime) -> None:
    """Calls off what the person has: nothing is sent to who froze their data."""
    end_of_person(db, person, OffBy.FROZEN, now)


def copy(db: Session, person: Person, content: Content, told: Told) -> dict[str, Any]:
    query = select(Appointment).where(Appointment.person_id == person.id).order_by(Appointment.id)
    return {
        "janji_pendampingan": [
            {
                "nomor": one.id,
                "lokasi": one.site_id,
                "mulai_janji": told(one.starts_at),
                "selesai_janji": told(one.ends_at),
                "cara_bertemu": one.kind,
                "tempat_kantor": one.place,
                "alamat_atau_nomor": one.address,
                "titik_lokasi": [one.latitude, one.longitude] if one.latitude is not None else None,
                "keadaan_janji": one.state,
                "dibuat_pendamping": one.by_mentor,
                "janji_dibuat": told(one.booked_at),
                "menjawab_datang": told(one.coming_at),
                "janji_dicatat": told(one.ended_at),
                "dibatalkan_oleh": one.off_by,
                "nomor_pertanyaan": one.ticket_id,
            }
            for one in db.scalars(query)
        ]
    }


_OF_MENTORS: Final = "What a member of staff did; their own record is the audit (/catatan)."

DATA: Final = CapabilityData(
    "appointments",
    tables=(Slot, SlotQuarter, Appointment),
    due=due,
    next_due=next_due,
    forget=forget,
    freeze=freeze,
    copy=copy,
    stays={"appointment.place": "Where a mentor's office is; it tells of no participant."},
    not_copied={
        "slot.account_id": "When a mentor has time is shown by /janji.",
        "slot.place": "Where a mentor's office is is shown by /janji.",
        "slot_quarter.account_id": "The same, by the quarter of an hour.",
        "appointment.account_id": _OF_MENTORS,
    },
)

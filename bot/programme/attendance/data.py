"""What attendance owes: what becomes due, the copy of a person's records, and why the rest stays."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.capability import CapabilityData, Context, Told
from bot.catalogue.content import Content
from bot.people.people import Person
from bot.programme.attendance.check_in import refresh_screens
from bot.programme.attendance.closing import (
    GRACE,
    ask_people,
    classes_not_looked_at,
    close_lists,
    ended_classes,
    look_at_ended,
    tell_in_the_morning,
)
from bot.programme.attendance.codes import closes_at, stretch_begin
from bot.programme.attendance.follow_up import ask_what_could_help
from bot.programme.attendance.news import tell_people
from bot.programme.attendance.requests import forget_old_requests
from bot.programme.attendance.tables import (
    Attendance,
    AttendanceSheet,
    CheckInScreen,
    DoorCard,
    DoorRequest,
    ScannedCode,
)
from bot.programme.sessions import ClassSession


def due(db: Session, now: datetime, context: Context) -> None:
    """Shows the code of these five minutes, closes the lists of classes that are over, tells people what changed, and
    asks those who were absent again."""
    content, settings = context.content, context.settings
    refresh_screens(db, now, content, settings, context.username)
    for session in ended_classes(db, now):
        look_at_ended(db, session, now, content, settings)
    ask_people(db, now, content)
    close_lists(db, now, content, settings)
    tell_in_the_morning(db, now, content, settings)
    tell_people(db, now, content)
    ask_what_could_help(db, now, content)
    forget_old_requests(db, now)


def next_due(db: Session, now: datetime, context: Context) -> datetime | None:
    moments: list[datetime] = []
    running = (
        select(ClassSession, CheckInScreen.stretch)
        .join(CheckInScreen, CheckInScreen.session_id == ClassSession.id)
        .join(AttendanceSheet, AttendanceSheet.session_id == ClassSession.id)
        .where(AttendanceSheet.closed_at.is_(None))
    )
    for session, stretch in db.execute(running):
        change = now if stretch is None else stretch_begin(stretch + 1)
        moments.append(min(change, closes_at(session) + timedelta(seconds=1)))
    moments += [session.ends_at + GRACE for session in db.scalars(classes_not_looked_at(now).limit(50))]
    sheet = AttendanceSheet
    for column in (sheet.ask_at, sheet.close_at, sheet.tell_at, sheet.care_at, Attendance.tell_at):
        earliest = db.scalar(select(func.min(column)).where(column.is_not(None)))
        if earliest is not None:
            moments.append(earliest)
    return min(moments, default=None)


def copy(db: Session, person: Person, content: Content, told: Told) -> dict[str, Any]:
    """Returns what is recorded of the person in each class; moments in UTC."""
    query = (
        select(Attendance, ClassSession.code)
        .join(ClassSession, ClassSession.id == Attendance.session_id)
        .where(Attendance.person_id == person.id)
        .order_by(Attendance.id)
    )
    asked = (
        select(DoorRequest, ClassSession.code)
        .join(ClassSession, ClassSession.id == DoorRequest.session_id)
        .where(DoorRequest.person_id == person.id)
        .order_by(DoorRequest.session_id)
    )
    return {
        "kehadiran": [
            {
                "kelas": code,
                "tanda": one.mark,
                "cara": one.how,
                "pada": one.at.isoformat(timespec="seconds"),
                "yang_dikabarkan": one.told,
                "dekat_lokasi": one.near,
                "alasan": one.reason,
            }
            for one, code in db.execute(query)
        ],
        "minta_masuk": [
            {"kelas": code, "pada": told(one.asked_at), "diterima": one.accepted, "ditarik": told(one.withdrawn_at)}
            for one, code in db.execute(asked)
        ],
    }


def forget(db: Session, person: Person, now: datetime) -> None:
    db.execute(delete(DoorRequest).where(DoorRequest.person_id == person.id))


DATA: Final = CapabilityData(
    "attendance",
    tables=(AttendanceSheet, CheckInScreen, Attendance, ScannedCode, DoorRequest, DoorCard),
    due=due,
    next_due=next_due,
    forget=forget,
    copy=copy,
    stays={
        "attendance.person_id": "Who came is counted in reports, of nobody in particular; no words are kept.",
        "attendance_sheet.secret": "The secret of the codes of one class, of nobody.",
    },
    not_copied={
        "attendance.by_account_id": "Whom a trainer recorded is in the copy of who was recorded.",
        "scanned_code.account_id": "Which class a phone wants to join now; it goes when the class is over.",
        "door_card.account_id": "In which chat of a trainer a card stands; nothing about the person.",
        "check_in_screen.account_id": "In which chat a code is shown now; nothing about the person.",
    },
)

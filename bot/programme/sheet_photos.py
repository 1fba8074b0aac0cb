"""Photos of signed attendance sheets. Only Telegram's file id is kept, for retention.sheet_photo_days, or until
somebody on the sheet erases their data or takes back that a photo of it may be kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ForeignKey, String, delete, exists, func, select, union, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.actions.buttons import HELP, MENU
from bot.actions.paper import SendSheetPhoto
from bot.capability import CapabilityData, Context, Told
from bot.catalogue.content import Content
from bot.database import Base, BigId, partial_index, something_due
from bot.delivery import outbox
from bot.people.people import Account, Person, Use
from bot.people.quiet_hours import Kind
from bot.people.rights import responsible_for
from bot.programme import attendance, consents, paper
from bot.programme.attendance import Attendance
from bot.programme.enrolment import SEATS, Enrolment, EnrolmentStatus
from bot.programme.paper import Line
from bot.programme.sessions import ClassSession
from bot.words.action import version_of
from bot.words.message import At, Button, Message, Value, rows

MOST: Final = 10
"""How many photos of one class are kept."""
LONGEST: Final = 200
"""The longest file id that the table holds, in characters."""
AT_ONCE: Final = 500
"""How many rows are forgotten in one transaction; the next look goes on."""


class Emptied(StrEnum):
    """Why a photo was emptied before its time."""

    ERASED = "erased"
    """Somebody on the sheet erased their data."""
    REFUSED = "refused"
    """Somebody on the sheet took back that photos of sheets may be kept."""


class SheetPhoto(Base):
    """A photo of a signed sheet of one class."""

    __tablename__ = "sheet_photo"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id"), index=True)
    file_id: Mapped[str | None] = mapped_column(String(LONGEST))
    """Empty once it may not be shown any more."""
    document: Mapped[bool]
    """Sent as a file, not as a photo: Telegram shows it again only as what it was."""
    sent_at: Mapped[datetime] = mapped_column(index=True)
    by_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    """The trainer who sent it."""
    emptied_because: Mapped[str | None] = mapped_column(String(8))
    """One of `Emptied`; the row stays until its time, so that the trainers see why."""
    untold_since: Mapped[datetime | None]
    """When it was emptied, until the trainers were told."""


partial_index("ix_sheet_photo_untold", SheetPhoto.untold_since, of="untold_since IS NOT NULL")


# --- outcomes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kept:
    """The photo is kept, until `until`. `number`: how many photos of the class are kept now."""

    number: int
    until: datetime


@dataclass(frozen=True)
class TooMany:
    """MOST photos of the class are kept already; this one is not."""


# --- looking --------------------------------------------------------------------------------------------------------


def may_be_sent(session: ClassSession, now: datetime) -> bool:
    """Returns whether there can be a signed sheet: from the moment on at which names can be ticked."""
    return session.cancelled_at is None and attendance.opens_at(session) <= now


def uncovered(db: Session, session: ClassSession, content: Content) -> list[Line]:
    """Returns the people of the sheet who have not agreed that a photo of it is kept, with their numbers on it."""
    found = []
    for line in paper.lines(db, session):
        person = db.get(Person, line.person_id) if line.person_id is not None else None
        if person is not None and not consents.covers(db, person, Use.SHEETS, content=content):
            found.append(line)
    return found


def version(found: list[Line]) -> int:
    """Returns a number that changes with these people: a confirmation carries it, so that it confirms nothing else."""
    return version_of([line.person_id for line in found])


def photos_of(db: Session, session_id: int) -> list[SheetPhoto]:
    """Returns the photos of a class, the oldest first, also those that were emptied."""
    query = select(SheetPhoto).where(SheetPhoto.session_id == session_id).order_by(SheetPhoto.id)
    return list(db.scalars(query))


def number_of(db: Session, session_id: int) -> int:
    """Returns how many photos of the class can be seen."""
    kept = (SheetPhoto.session_id == session_id, SheetPhoto.file_id.is_not(None))
    return db.scalar(select(func.count()).select_from(SheetPhoto).where(*kept)) or 0


def photo(db: Session, photo_id: int) -> tuple[SheetPhoto, ClassSession] | None:
    """Returns a photo that can be seen, with its class. The caller checks who may see it."""
    found = db.get(SheetPhoto, photo_id)
    if found is None or found.file_id is None:
        return None
    return found, db.get_one(ClassSession, found.session_id)


# --- services -------------------------------------------------------------------------------------------------------


def keep(
    db: Session, session: ClassSession, by: Account, file_id: str, now: datetime, *, document: bool, content: Content
) -> Kept | TooMany:
    """Keeps a photo; the same photo sent twice is kept once. Before that, the caller has asked the trainer to cover the
    lines of people who have not agreed to photos (`uncovered`)."""
    until = now + _kept_for(content)
    same = exists().where(SheetPhoto.session_id == session.id, SheetPhoto.file_id == file_id)
    if not db.scalar(select(same)):
        if number_of(db, session.id) >= MOST or len(file_id) > LONGEST:
            return TooMany()
        db.add(
            SheetPhoto(
                session_id=session.id,
                file_id=file_id,
                document=document,
                sent_at=now,
                by_account_id=by.id,
            )
        )
        db.flush()
        something_due(db)
    return Kept(number_of(db, session.id), until)


def remove(db: Session, photo_id: int) -> None:
    """Deletes a photo."""
    db.execute(delete(SheetPhoto).where(SheetPhoto.id == photo_id))


def empty_for(db: Session, person: Person, because: Emptied, now: datetime) -> None:
    """Empties every photo of a sheet that may show the person: of the classes in which they have or had a seat, or were
    recorded. The trainers are told by the next tick."""
    seats = (*SEATS, EnrolmentStatus.WITHDRAWN)
    mine = select(Enrolment.session_id).where(Enrolment.person_id == person.id, Enrolment.status.in_(seats))
    recorded = select(Attendance.session_id).where(Attendance.person_id == person.id)
    shown = SheetPhoto.session_id.in_(union(mine, recorded))  # for an OR of the two PostgreSQL reads every photo
    emptied = db.execute(
        update(SheetPhoto)
        .where(shown, SheetPhoto.file_id.is_not(None))
        .values(file_id=None, emptied_because=because, untold_since=now)
        .execution_options(synchronize_session="fetch")
    )
    if emptied.rowcount:  # type: ignore[attr-defined]
        something_due(db)


# --- time -----------------------------------------------------------------------------------------------------------


def due(db: Session, now: datetime, context: Context) -> None:
    """Tells the trainers of photos that were emptied, and deletes those whose time is over (only while the clock is
    known to be right)."""
    waiting = select(SheetPhoto).where(SheetPhoto.untold_since.is_not(None)).order_by(SheetPhoto.untold_since)
    told: set[tuple[int, str | None]] = set()
    for one in db.scalars(waiting.limit(AT_ONCE).with_for_update(skip_locked=True)).all():
        one.untold_since = None
        if (one.session_id, one.emptied_because) not in told:
            told.add((one.session_id, one.emptied_because))
            _tell(db, one, now, context)
    if context.clock_is_trusted:
        old = select(SheetPhoto.id).where(SheetPhoto.sent_at <= now - _kept_for(context.content))
        ids = db.scalars(old.order_by(SheetPhoto.sent_at).limit(AT_ONCE)).all()
        if ids:
            db.execute(delete(SheetPhoto).where(SheetPhoto.id.in_(ids)))


def next_due(db: Session, now: datetime, context: Context) -> datetime | None:
    if db.scalar(select(SheetPhoto.id).where(SheetPhoto.untold_since.is_not(None)).limit(1)):
        return now
    first = db.scalar(select(func.min(SheetPhoto.sent_at))) if context.clock_is_trusted else None
    return None if first is None else first + _kept_for(context.content)


def _tell(db: Session, emptied: SheetPhoto, now: datetime, context: Context) -> None:
    session = db.get_one(ClassSession, emptied.session_id)
    starts = At(session.starts_at, context.content.open_hours(session.site_id).zone)
    values: dict[str, Value] = {"title": session.title, "starts": starts}
    again = Button("paper.button.send_photo", SendSheetPhoto(session.id))
    message = Message(f"paper.emptied.{emptied.emptied_because}", values, rows((again,), (MENU, HELP)))
    for account in responsible_for(db, session.site_id, context.settings):
        once = f"sheet_photo:{emptied.id}:{account.id}"
        post = outbox.to(account, message, kind=Kind.STAFF, site_id=session.site_id, session_id=session.id, once=once)
        outbox.post(db, post, now=now)


def _kept_for(content: Content) -> timedelta:
    return timedelta(days=content.programme.retention.sheet_photo_days)


# --- what it owes ---------------------------------------------------------------------------------------------------


def forget(db: Session, person: Person, now: datetime) -> None:
    """Empties the photos that may show a person who is erased. This runs before the person's seats are forgotten,
    because erasing goes from the last capability to the first."""
    empty_for(db, person, Emptied.ERASED, now)


def copy(db: Session, person: Person, content: Content, told: Told) -> dict[str, Any]:
    """Returns of which classes' sheets there are photos that may show the person. The photos show others, too."""
    query = (
        select(ClassSession.code, SheetPhoto.sent_at)
        .join(SheetPhoto, SheetPhoto.session_id == ClassSession.id)
        .join(Enrolment, Enrolment.session_id == ClassSession.id)
        .where(Enrolment.person_id == person.id, Enrolment.status.in_(SEATS), SheetPhoto.file_id.is_not(None))
        .order_by(SheetPhoto.id)
    )
    return {"foto_lembar_hadir": [{"kelas": code, "dikirim": told(at)} for code, at in db.execute(query)]}


DATA: Final = CapabilityData(
    "sheet_photos",
    tables=(SheetPhoto,),
    due=due,
    next_due=next_due,
    forget=forget,
    copy=copy,
    stays={
        "sheet_photo.file_id": "Of a class in which the person never had a seat: of their own classes it is emptied.",
    },
    not_copied={
        "sheet_photo.file_id": "It shows everybody in the class; that there is one is told.",
        "sheet_photo.by_account_id": "Which trainer sent it is a record of staff.",
    },
)

"""Many marks at once: "everybody but these", and "all others"."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.people.people import Account
from bot.programme.attendance.codes import opens_at
from bot.programme.attendance.marks import write
from bot.programme.attendance.outcomes import Cancelled, Changed, TooEarly, Unknown
from bot.programme.attendance.records import Name, names, sheet_of, version_of_list
from bot.programme.attendance.tables import Mark
from bot.programme.enrolment import Enrolment, locked
from bot.programme.sessions import ClassSession
from bot.words.action import version_of


@dataclass(frozen=True)
class ListMarked:
    """`present` and `absent`: whose record was written. `kept`: whose record was made or changed meanwhile, or by the
    code in the room, and says something else: it stays."""

    session: ClassSession
    present: tuple[int, ...]
    absent: tuple[int, ...]
    kept: tuple[Name, ...]


def mark_all_but(
    db: Session,
    account: Account,
    session_id: int,
    absent: Collection[int],
    shown: Mapping[int, int],
    now: datetime,
) -> ListMarked | TooEarly | Cancelled | Unknown:
    """Records everybody who was `shown` (person and version of the record) as present, but these people as absent. Who
    joined the list meanwhile is not touched, and nobody who had the code becomes absent by it."""
    session = _locked_list(db, session_id, now)
    if not isinstance(session, ClassSession):
        return session
    done: dict[Mark, list[int]] = {Mark.PRESENT: [], Mark.ABSENT: []}
    kept = []
    for one in names(db, session):
        wanted = Mark.ABSENT if one.person.id in absent else Mark.PRESENT
        if one.person.id not in shown or one.mark is wanted:
            continue
        if one.version != shown[one.person.id] or one.by_code:
            kept.append(one)
            continue
        write(db, session, one.person, wanted, account, now)
        done[wanted].append(one.person.id)
    return ListMarked(session, tuple(done[Mark.PRESENT]), tuple(done[Mark.ABSENT]), tuple(kept))


def mark_others(
    db: Session, account: Account, session_id: int, now: datetime, *, present: bool, version: int
) -> ListMarked | Changed | TooEarly | Cancelled | Unknown:
    """Records those of whom nothing is recorded. Who says they were there is among them for `present` alone: nobody is
    refused in a heap."""
    session = _locked_list(db, session_id, now)
    if not isinstance(session, ClassSession):
        return session
    everybody = names(db, session)
    if version != version_to_mark(db, session, everybody):
        return Changed(session)
    others = others_of(everybody, present=present)
    what = Mark.PRESENT if present else Mark.ABSENT
    for one in others:
        write(db, session, one.person, what, account, now)
    who = tuple(one.person.id for one in others)
    return ListMarked(session, who if present else (), () if present else who, ())


def version_to_mark(db: Session, session: ClassSession, everybody: Collection[Name]) -> int:
    """Returns a number that changes with the list, and when it is closed: nobody writes into a list that another
    trainer has just closed without being told."""
    sheet = sheet_of(db, session.id)
    version = version_of_list(everybody)
    return version if sheet is None or sheet.settled_at is None else version_of(version, "closed")


def others_of(everybody: Collection[Name], *, present: bool) -> list[Name]:
    """Returns whom `mark_others` would record."""
    marks = (None, Mark.CLAIMED) if present else (None,)
    return [one for one in everybody if one.mark in marks]


def _locked_list(db: Session, session_id: int, now: datetime) -> ClassSession | TooEarly | Cancelled | Unknown:
    """Returns the class when nobody else can change its list before the end of this transaction."""
    session = locked(db, session_id)
    if session is None:
        return Unknown()
    if session.cancelled_at is not None:
        return Cancelled(session)
    if now < opens_at(session):
        return TooEarly(session, opens_at(session))
    seats = select(Enrolment.id).where(Enrolment.session_id == session.id).order_by(Enrolment.id)
    db.execute(seats.with_for_update()).all()
    return session

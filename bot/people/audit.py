"""The record of what staff did: who, what, to whom, when. A row for every action of a trainer or admin.

What was refused is counted: one row for an account and hour, with what was tried first and how often. So nobody can
fill the record, and what staff did is read without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, String, delete, exists, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.capability import CapabilityData
from bot.database import Base, BigId, insert_or
from bot.people.people import Account, Person

REFUSED: Final = "refused"
"""The action "was not allowed to do what they tried"."""
CODE_REFUSED: Final = "code_refused"
"""The action of somebody who typed a wrong check-in code: a row for each, as many as may be tried."""
REFUSALS: Final = (REFUSED, CODE_REFUSED)
"""Actions that failed: they are not deeds of staff."""
LOOKS: Final = (
    *("attendance_seen", "call_list_seen", "feedback_seen", "question_read", "roster_seen", "sheet_photo_seen"),
    *("task_seen", "unplaced_seen"),
)
"""Deeds by which staff only looked at something: there are many, and they hide the others."""


class AuditRow(Base):
    """One deed, or what one account was refused in one hour. Participants stand here by their ids, never by their
    names."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    """The account. Not a foreign key: what was done stays known when the account is gone."""
    actor_name: Mapped[str | None] = mapped_column(String(60))
    """The name of the staff member at that time; emptied when they erase their data."""
    action: Mapped[str] = mapped_column(String(40))
    """`<what>_<done>`; its words are the key `staff.audit.<action>`."""
    subject: Mapped[str] = mapped_column(String(60))
    """To whom or what it was done: `person:<id>`, `session:<id>`, `account:<id>` ..., or empty."""
    site_id: Mapped[str | None] = mapped_column(String(40))
    details: Mapped[dict[str, Any]]
    once: Mapped[str | None] = mapped_column(String(40), unique=True)
    """For refusals: the account and the hour (`12:2026-11-23T03`, UTC). Empty for deeds."""
    times: Mapped[int] = mapped_column(default=1, server_default="1")
    """How often they were refused in that hour, whatever they tried."""


def note(
    db: Session,
    *,
    actor: Account,
    action: str,
    now: datetime,
    subject: str = "",
    site_id: str | None = None,
    **details: Any,
) -> None:
    """Writes down what a member of staff does, in the commit of the action. `details` are numbers, dates and codes,
    never what people wrote or are called."""
    db.add(
        AuditRow(
            at=now,
            actor_id=actor.id,
            actor_name=actor.staff_name,
            action=action,
            subject=subject,
            site_id=site_id,
            details=details,
        )
    )


def refuse(db: Session, *, actor: Account, tried: str, now: datetime) -> None:
    """Counts something that somebody tried and may not do. `tried` is a code; the first of the hour is kept."""
    row = {
        "at": now,
        "actor_id": actor.id,
        "actor_name": actor.staff_name,
        "action": REFUSED,
        "subject": "",
        "details": {"tried": tried},
        "once": f"{actor.id}:{now.astimezone(UTC):%Y-%m-%dT%H}",
        "times": 1,
    }
    counted = insert_or(db, AuditRow).values(row)
    db.execute(
        counted.on_conflict_do_update(index_elements=["once"], set_={"times": AuditRow.times + 1}),
        execution_options={"synchronize_session": False},
    )


def number_of(db: Session, actor: Account, action: str, *, since: datetime) -> int:
    """Returns how often somebody did this (or tried to) since a moment."""
    query = select(func.count()).select_from(AuditRow)
    query = query.where(AuditRow.at > since, AuditRow.actor_id == actor.id, AuditRow.action == action)
    return db.scalar(query) or 0


def done(
    db: Session, actor: Account, action: str, *, since: datetime, subject: str | None = None, **details: Any
) -> Sequence[AuditRow]:
    """Returns when this account did this since a moment, the newest first; of one subject, and with these details, if
    they are given. So a second tap on a button is told from a stale one."""
    query = select(AuditRow).where(AuditRow.at > since, AuditRow.actor_id == actor.id, AuditRow.action == action)
    if subject is not None:
        query = query.where(AuditRow.subject == subject)
    rows = db.scalars(query.order_by(AuditRow.id.desc()))
    return [row for row in rows if all(row.details.get(name) == value for name, value in details.items())]


def actor_of(db: Session, action: str, subject: str, *, at: datetime) -> int | None:
    """Returns the account that did this to the subject at that very moment; None: nobody did."""
    query = select(AuditRow.actor_id).where(AuditRow.at == at, AuditRow.action == action, AuditRow.subject == subject)
    return db.scalars(query.limit(1)).first()


def deeds(db: Session, *, limit: int, offset: int = 0, looks: bool = True) -> Sequence[AuditRow]:
    """Returns what staff did, the newest first; without `looks` not what they only looked at."""
    left_out = REFUSALS if looks else (*REFUSALS, *LOOKS)
    query = select(AuditRow).where(AuditRow.action.not_in(left_out)).order_by(AuditRow.id.desc())
    return db.scalars(query.limit(limit).offset(offset)).all()


def deeds_between(db: Session, first: datetime, end: datetime) -> Sequence[AuditRow]:
    """Returns what staff did from `first` on and before `end`, the newest first."""
    query = select(AuditRow).where(AuditRow.at >= first, AuditRow.at < end, AuditRow.action.not_in(REFUSALS))
    return db.scalars(query.order_by(AuditRow.at.desc(), AuditRow.id.desc())).all()


def refusals(db: Session, *, limit: int, offset: int = 0) -> Sequence[AuditRow]:
    """Returns what was refused, the newest first."""
    query = select(AuditRow).where(AuditRow.action.in_(REFUSALS)).order_by(AuditRow.id.desc())
    return db.scalars(query.limit(limit).offset(offset)).all()


def deeds_of(db: Session, account_id: int) -> dict[str, int]:
    """Returns how often this account did what."""
    query = select(AuditRow.action, func.count()).where(AuditRow.actor_id == account_id)
    query = query.where(AuditRow.action.not_in(REFUSALS)).group_by(AuditRow.action).order_by(AuditRow.action)
    return {action: int(number) for action, number in db.execute(query)}


def first_deed(db: Session) -> datetime | None:
    """Returns when the oldest deed that is kept was done; None: nothing is recorded."""
    return db.scalar(select(AuditRow.at).where(AuditRow.action.not_in(REFUSALS)).order_by(AuditRow.at).limit(1))


# --- ending -----------------------------------------------------------------------------------------------------------


def forget_name(db: Session, account_id: int) -> None:
    """Empties the name in the account's deeds: they stay known by its number alone."""
    named = (AuditRow.actor_id == account_id) & AuditRow.actor_name.is_not(None)
    db.execute(update(AuditRow).where(named).values(actor_name=None))


def end(db: Session, before: datetime, *, limit: int) -> None:
    """Deletes the oldest rows from before that moment, at most so many."""
    old = select(AuditRow.id).where(AuditRow.at < before).order_by(AuditRow.at).limit(limit)
    if ids := db.scalars(old).all():
        db.execute(delete(AuditRow).where(AuditRow.id.in_(ids)))


# --- what it owes -----------------------------------------------------------------------------------------------------


def forget(db: Session, person: Person, now: datetime) -> None:
    """Empties the name under which the account did something as staff, if it goes with its last person."""
    others = exists().where(
        Person.account_id == person.account_id, Person.id != person.id, Person.anonymised_at.is_(None)
    )
    if person.account_id is not None and not db.scalar(select(others)):
        forget_name(db, person.account_id)


DATA: Final = CapabilityData(
    "audit",
    tables=(AuditRow,),
    forget=forget,
    stays={
        "audit.actor_id": "What staff did stays known when the account is gone.",
        "audit.subject": "The number of a person, account or class; once the person is nobody, it names nobody.",
        "audit.details": "Numbers, dates and codes, never what people wrote or are called.",
    },
    not_copied={"audit.actor_id": "A record of staff, shown to admins by /catatan."},
)

"""What staff did: who, what, whom, when. A row for every action of a trainer or admin, and for every refusal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.capability import CapabilityData
from bot.database import Base, BigId
from bot.people.people import Account

REFUSED: Final = "refused"
"""The action of somebody who was not allowed to do what they tried."""


class AuditRow(Base):
    """One thing that was done. Only ever added to; names of participants never stand here, their ids do."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    """The account. Not a foreign key: what was done stays known when the account is gone."""
    actor_name: Mapped[str | None] = mapped_column(String(60))
    """What the staff member was called then."""
    action: Mapped[str] = mapped_column(String(40))
    """`<what>_<done>`; its words are the key `staff.audit.<action>`."""
    subject: Mapped[str] = mapped_column(String(60))
    """Whom or what it was done to: `person:<id>`, `session:<id>`, `account:<id>` ..., or nothing."""
    site_id: Mapped[str | None] = mapped_column(String(40))
    details: Mapped[dict[str, Any]]


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
    """Write down what a member of staff does, in the commit of doing it. `details` are numbers, dates and codes, never
    what people wrote or are called."""
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


def number(db: Session) -> int:
    return db.scalar(select(func.count()).select_from(AuditRow)) or 0


def number_of(db: Session, actor: Account, action: str, *, since: datetime) -> int:
    """How often somebody did this (or tried to) since a moment."""
    query = select(func.count()).select_from(AuditRow)
    query = query.where(AuditRow.at > since, AuditRow.actor_id == actor.id, AuditRow.action == action)
    return db.scalar(query) or 0


def latest(db: Session, *, limit: int, offset: int = 0) -> Sequence[AuditRow]:
    """The newest first."""
    return db.scalars(select(AuditRow).order_by(AuditRow.id.desc()).limit(limit).offset(offset)).all()


# --- what it owes -----------------------------------------------------------------------------------------------------


DATA: Final = CapabilityData(
    "audit",
    tables=(AuditRow,),
    stays={"audit.actor_id": "What staff did stays known when the account is gone; the row names no participant."},
    not_copied={"audit.actor_id": "A record of staff, shown to admins by /catatan."},
)

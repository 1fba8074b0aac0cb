"""The one-time invitations by which people come to be staff: trainers of sites, admins.

Being staff needs no consent 1 (nobody
trains them): an account is staff by its role alone, and has a name because it was asked for one.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ForeignKey, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.capability import CapabilityData
from bot.database import Base, BigId
from bot.people.people import Account, Role, RoleGrant
from bot.people.rights import roles_of

VALID: Final = timedelta(hours=48)
LINK: Final = "t_"
"""A deep link's payload is this and the code of an invitation: `?start=t_<code>`."""
ROLES: Final = (Role.TRAINER, Role.ADMIN)


class Invitation(Base):
    """A role for whoever opens its link first. Of the code only a hash is kept: the link is shown once."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(12))
    site_id: Mapped[str | None] = mapped_column(String(40))
    made_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    used_at: Mapped[datetime | None]


# --- outcomes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Joined:
    """From now on staff. `named`: what to call them is known already."""

    grant: RoleGrant
    named: bool


@dataclass(frozen=True)
class AlreadyStaff:
    """They hold the role; the invitation stays good for somebody else."""

    grant: RoleGrant


@dataclass(frozen=True)
class Expired:
    """Too old, used by somebody, or never made: nobody is told which."""


@dataclass(frozen=True)
class Revoked:
    """`account` is who lost the role."""

    account: Account
    role: str
    site_id: str | None


# --- invitations ----------------------------------------------------------------------------------------------------


def invite(db: Session, maker: Account, role: Role, site_id: str | None, now: datetime) -> str:
    """Make an invitation; returns the code of its link. An admin's is for everywhere, a trainer's for one site."""
    code = secrets.token_urlsafe(12)
    db.add(
        Invitation(
            code_hash=_hash(code),
            role=role,
            site_id=site_id if role is Role.TRAINER else None,
            made_by=maker.id,
            created_at=now,
            expires_at=now + VALID,
        )
    )
    db.flush()
    return code


def join(db: Session, account: Account, code: str, now: datetime) -> Joined | AlreadyStaff | Expired:
    """Open an invitation's link. It serves one account once; two at the same moment are one and a refusal."""
    query = select(Invitation).where(Invitation.code_hash == _hash(code))
    invitation = db.scalars(query).one_or_none()
    if invitation is None:
        return Expired()
    held = next(
        (one for one in roles_of(db, account) if (one.role, one.site_id) == (invitation.role, invitation.site_id)), None
    )
    if held is not None:
        return AlreadyStaff(held)
    used = db.execute(
        update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.used_at.is_(None), Invitation.expires_at > now)
        .values(used_at=now, used_by=account.id)
        .execution_options(synchronize_session=False)
    )
    if not used.rowcount:  # type: ignore[attr-defined]
        return Expired()
    grant = RoleGrant(account_id=account.id, role=invitation.role, site_id=invitation.site_id, granted_at=now)
    db.add(grant)
    if account.staff_name is None and account.person is not None and account.person.registered_at is not None:
        account.staff_name = account.person.name
    db.flush()
    return Joined(grant, named=account.staff_name is not None)


def everybody(db: Session) -> list[tuple[RoleGrant, Account]]:
    """All who were made staff, admins first."""
    query = (
        select(RoleGrant, Account)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(RoleGrant.role.in_(ROLES))
        .order_by(RoleGrant.role, RoleGrant.site_id, RoleGrant.id)
    )
    return [(grant, account) for grant, account in db.execute(query).unique()]


def grant_of(db: Session, grant_id: int) -> RoleGrant | None:
    return db.get(RoleGrant, grant_id)


def account_of(db: Session, account_id: int) -> Account | None:
    return db.get(Account, account_id)


def revoke(db: Session, grant_id: int) -> Revoked | None:
    """Take a role away, from this moment; None if there is no such role any more. Links an admin made and nobody used
    go with it."""
    grant = db.get(RoleGrant, grant_id, with_for_update=True)
    if grant is None:
        return None
    account = db.get(Account, grant.account_id)
    assert account is not None
    revoked = Revoked(account, grant.role, grant.site_id)
    db.delete(grant)
    if grant.role == Role.ADMIN:
        db.execute(delete(Invitation).where(Invitation.made_by == account.id, Invitation.used_at.is_(None)))
    db.flush()
    return revoked


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


# --- what it owes -----------------------------------------------------------------------------------------------------


_BY_STAFF: Final = {
    "invitation.made_by": "Emptied with the account (ON DELETE SET NULL).",
    "invitation.used_by": "Emptied with the account (ON DELETE SET NULL).",
}

DATA: Final = CapabilityData("staff", tables=(Invitation,), stays=_BY_STAFF, not_copied=_BY_STAFF)

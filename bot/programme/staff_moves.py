"""A trainer or mentor moves to another site, and a trainer's classes are handed over to another one of the site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.catalogue.content import Content
from bot.people.people import Account, Role, RoleGrant
from bot.people.rights import roles_of
from bot.programme import class_changes
from bot.programme.class_changes import Changed
from bot.programme.sessions import ClassSession
from bot.programme.staff import OF_SITES


@dataclass(frozen=True)
class Moved:
    """`grant` is the role at the new site; `before`: the site that it was for. `held`: they had it there already."""

    account: Account
    grant: RoleGrant
    before: str
    held: bool


@dataclass(frozen=True)
class Given:
    """`classes` name the other trainer now; `told`: how many people with a seat are told, once for each class."""

    classes: int
    told: int


def move(db: Session, grant_id: int, site_id: str, now: datetime) -> Moved | None:
    """Moves a role to another site. It is a new role, so that nothing that was asked about the old one is done to it.
    Returns None if there is no such role (any more), or if it is of no site."""
    grant = db.get(RoleGrant, grant_id, with_for_update=True)
    if grant is None or grant.role not in OF_SITES or grant.site_id in (None, site_id):
        return None
    account = db.get(Account, grant.account_id)
    assert account is not None
    assert grant.site_id is not None
    before, role = grant.site_id, grant.role
    db.delete(grant)
    db.flush()
    held = next((one for one in roles_of(db, account) if (one.role, one.site_id) == (role, site_id)), None)
    new = held or RoleGrant(account_id=account.id, role=role, site_id=site_id, granted_at=now)
    db.add(new)
    db.flush()
    return Moved(account, new, before, held=held is not None)


def classes_of(db: Session, account: Account, site_id: str, now: datetime) -> list[ClassSession]:
    """Returns the classes to come at a site that name the account as their trainer, the earliest first."""
    if not account.staff_name:
        return []
    query = (
        select(ClassSession)
        .where(ClassSession.site_id == site_id, ClassSession.starts_at > now, ClassSession.cancelled_at.is_(None))
        .where(func.lower(ClassSession.trainer) == account.staff_name.lower())
        .order_by(ClassSession.starts_at, ClassSession.id)
    )
    return list(db.scalars(query))


def heirs(db: Session, account: Account, site_id: str) -> list[tuple[RoleGrant, Account]]:
    """Returns the other trainers of a site who told their name."""
    query = (
        select(RoleGrant, Account)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(RoleGrant.role == Role.TRAINER, RoleGrant.site_id == site_id, RoleGrant.account_id != account.id)
        .where(Account.staff_name.is_not(None))
        .order_by(RoleGrant.id)
    )
    return [(grant, other) for grant, other in db.execute(query).unique()]


def give(db: Session, classes: Sequence[ClassSession], heir: Account, now: datetime, *, content: Content) -> Given:
    """Names another trainer on these classes. Those with a seat are told, because the class's card says the name."""
    changed, told = 0, 0
    for session in classes:
        outcome = class_changes.change(
            db,
            session,
            now,
            trainer=heir.staff_name,
            tell_details=True,
            leads=content.leads(session.site_id),
            zone=content.open_hours(session.site_id).zone,
        )
        if isinstance(outcome, Changed):
            changed += 1
            told += outcome.told
    return Given(changed, told)

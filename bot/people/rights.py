"""Who may do what: the roles of accounts, trainers of sites and admins.

Rights are read for every batch of turns, so what is taken away is gone at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.people.people import Account, Role, RoleGrant
from bot.settings import Settings


def roles_of(db: Session, account: Account) -> list[RoleGrant]:
    return list(db.scalars(select(RoleGrant).where(RoleGrant.account_id == account.id).order_by(RoleGrant.id)))


class Rights:
    """The roles of all whose turns share a transaction: read once for everybody, when the first is asked for."""

    def __init__(self, db: Session, accounts: Iterable[Account]) -> None:
        self._db = db
        self._ids = [account.id for account in accounts]
        self._roles: dict[int, list[RoleGrant]] | None = None

    def of(self, account: Account) -> Sequence[RoleGrant]:
        if self._roles is None:
            self._roles = {}
            query = select(RoleGrant).where(RoleGrant.account_id.in_(self._ids)).order_by(RoleGrant.id)
            for grant in self._db.scalars(query):
                self._roles.setdefault(grant.account_id, []).append(grant)
        return self._roles.get(account.id, ())

    def changed(self) -> None:
        """Roles were given or taken in this transaction: whoever comes next is judged by the new ones."""
        self._roles = None


def is_admin(db: Session, account: Account, settings: Settings) -> bool:
    """By the settings, or made one by an admin."""
    if account.telegram_id in settings.admin_ids:
        return True
    return any(grant.role == Role.ADMIN for grant in roles_of(db, account))


def sites_of(db: Session, account: Account) -> frozenset[str]:
    """The sites somebody trains at."""
    return frozenset(
        grant.site_id for grant in roles_of(db, account) if grant.role == Role.TRAINER and grant.site_id is not None
    )


def leads(db: Session, account: Account, site_id: str, settings: Settings) -> bool:
    """Whether they may see and change what belongs to the site."""
    return is_admin(db, account, settings) or site_id in sites_of(db, account)

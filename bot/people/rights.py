"""Who may do what: the roles of accounts as trainers and mentors of sites, and as admins. Rights are read for every
batch of turns, so a right that was taken away is gone at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from bot.people.people import Account, Role, RoleGrant
from bot.settings import Settings


def roles_of(db: Session, account: Account) -> list[RoleGrant]:
    return list(db.scalars(select(RoleGrant).where(RoleGrant.account_id == account.id).order_by(RoleGrant.id)))


class Rights:
    """The roles of everybody whose turns share a transaction: read once for all of them, when the first is asked
    for."""

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
        """Notes that roles were given or taken in this transaction: they are read again for the turns that come
        next."""
        self._roles = None


def is_admin(db: Session, account: Account, settings: Settings) -> bool:
    """Whether the account is an admin, by the settings or by the role."""
    if account.telegram_id in settings.admin_ids:
        return True
    return any(grant.role == Role.ADMIN for grant in roles_of(db, account))


def admin_accounts(db: Session, settings: Settings) -> list[Account]:
    """Returns every admin who can be written to, named in the settings or made one by an admin."""
    granted = select(RoleGrant.account_id).where(RoleGrant.role == Role.ADMIN)
    # one set of ids: for an OR of the two PostgreSQL would read every account there is
    named = select(Account.id).where(Account.telegram_id.in_(settings.admin_ids))
    either = Account.id.in_(union_all(granted, named))
    query = select(Account).where(either, Account.blocked_at.is_(None)).order_by(Account.id)
    return list(db.scalars(query).unique())


def sites_of(db: Session, account: Account) -> frozenset[str]:
    """Returns the sites where the account is a trainer."""
    return frozenset(
        grant.site_id for grant in roles_of(db, account) if grant.role == Role.TRAINER and grant.site_id is not None
    )


def answering(*, trainers_answer: bool) -> tuple[Role, ...]:
    """Returns the roles whose holders answer the questions of their site (`trainers_answer` of programme.yaml)."""
    return (Role.MENTOR, Role.TRAINER) if trainers_answer else (Role.MENTOR,)


def mentors_of(db: Session, site_id: str, *, trainers_answer: bool) -> list[Account]:
    """Returns the accounts that answer questions at this site and can be written to, in the order of their ids."""
    roles = answering(trainers_answer=trainers_answer)
    held = select(RoleGrant.account_id).where(RoleGrant.site_id == site_id, RoleGrant.role.in_(roles))
    query = select(Account).where(Account.id.in_(held), Account.blocked_at.is_(None)).order_by(Account.id)
    return list(db.scalars(query).unique())


def trainers_of(db: Session, site_id: str) -> list[Account]:
    """Returns all trainers of this site, in the order in which they became it."""
    query = (
        select(Account)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(RoleGrant.role == Role.TRAINER, RoleGrant.site_id == site_id)
        .order_by(RoleGrant.id)
    )
    return list(db.scalars(query).unique())


def reachable_trainers(db: Session, site_id: str) -> list[Account]:
    """Returns the trainers of this site who can be written to."""
    return [account for account in trainers_of(db, site_id) if account.blocked_at is None]


def responsible_for(db: Session, site_id: str, settings: Settings) -> list[Account]:
    """Returns who hears what happens at this site and answers for it: its trainers who can be written to, or the admins
    where there is none."""
    return reachable_trainers(db, site_id) or admin_accounts(db, settings)


def leads(db: Session, account: Account, site_id: str, settings: Settings) -> bool:
    """Whether the account may see and change what belongs to the site."""
    return is_admin(db, account, settings) or site_id in sites_of(db, account)


def answers(db: Session, account: Account, settings: Settings, *, trainers_answer: bool) -> bool:
    """Whether the account answers questions anywhere."""
    roles = answering(trainers_answer=trainers_answer)
    return is_admin(db, account, settings) or any(grant.role in roles for grant in roles_of(db, account))

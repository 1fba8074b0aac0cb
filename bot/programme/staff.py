"""The one-time invitations by which people come to be staff: trainers and mentors of sites, admins.

An admin makes a link, somebody opens it, reads what they would become, and says yes. Who made it hears who that was; an
admin's role begins only when an admin has said that it was the right person. Being staff needs no consent 1 (nobody
trains them): an account is staff by its role alone, and has a name because it was asked for one.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, ForeignKey, String, and_, delete, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.actions.buttons import HELP, MENU
from bot.actions.staff import ConfirmStaff, InviteStaff, RejectStaff
from bot.capability import CapabilityData, Context
from bot.catalogue.content import Site
from bot.database import Base, BigId, partial_index, something_due
from bot.delivery import outbox
from bot.people.people import Account, Role, RoleGrant
from bot.people.quiet_hours import Kind, next_opening
from bot.people.rights import admin_accounts, is_admin, roles_of
from bot.settings import Settings
from bot.words.message import Button, Message, Style, Value, Words, rows

VALID: Final = timedelta(hours=48)
DAY: Final = timedelta(days=1)
"""So long an admin's word is awaited before they are reminded."""
AT_ONCE: Final = 50
"""Invitations that are looked at in one transaction."""
LINK: Final = "t_"
"""A deep link's payload is this and the code of an invitation: `?start=t_<code>`."""
ROLES: Final = (Role.TRAINER, Role.MENTOR, Role.ADMIN)
CONFIRM: Final = "staff_confirm"
"""What the message is called that asks an admin whether the right person accepted (`turn.newest.row`)."""
TOLD: Final = "staff_told"
"""What other messages about an invitation are called."""
OFFER: Final = "staff_offer"
"""What the question is called whether somebody wants to become what an invitation says."""
OF_SITES: Final = (Role.TRAINER, Role.MENTOR)
"""The roles that somebody has at one site."""


class Invitation(Base):
    """A role for the first account that accepts it. Only a hash of the code is kept: the link is shown once."""

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
    """When somebody said yes to it."""
    confirmed_at: Mapped[datetime | None]
    """When an admin said that the right person had accepted."""
    withdrawn_at: Mapped[datetime | None]
    look_at: Mapped[datetime | None]
    """When it is looked at next: whether it still waits for an admin's word, or has ended; empty: never again."""


partial_index("ix_invitation_look", Invitation.look_at, of="look_at IS NOT NULL")

# --- outcomes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Offered:
    """The link is good: nothing happens before the account says yes."""

    invitation: Invitation


@dataclass(frozen=True)
class Joined:
    """The account is staff from now on. `named`: its name is known already."""

    invitation: Invitation
    grant: RoleGrant
    named: bool


@dataclass(frozen=True)
class Waiting:
    """The account said yes to being an admin: an admin has to confirm that it is the right person."""

    invitation: Invitation


@dataclass(frozen=True)
class AlreadyStaff:
    """The account holds the role. `spent`: by this link; otherwise the link stays good for somebody else."""

    invitation: Invitation
    spent: bool


@dataclass(frozen=True)
class Expired:
    """The invitation is too old, withdrawn, used, or never existed: nobody is told which."""


@dataclass(frozen=True)
class Revoked:
    """`account` is who lost the role."""

    account: Account
    role: str
    site_id: str | None


# --- invitations ----------------------------------------------------------------------------------------------------


def invite(db: Session, maker: Account, role: Role, site_id: str | None, now: datetime) -> str:
    """Makes an invitation; returns the code of its link. An admin's is for everywhere, the others' for one site."""
    code = secrets.token_urlsafe(12)
    db.add(
        Invitation(
            code_hash=_hash(code),
            role=role,
            site_id=site_id if role in OF_SITES else None,
            made_by=maker.id,
            created_at=now,
            expires_at=now + VALID,
            look_at=now + VALID,
        )
    )
    db.flush()
    return code


def opened(
    db: Session, account: Account, code: str, now: datetime, *, admin: bool
) -> Offered | Waiting | AlreadyStaff | Expired:
    """Looks at an invitation whose link the account opened. Changes nothing.

    `admin`: the account is an admin, perhaps by ADMIN_IDS alone: a role in the database would outlive that setting.
    """
    invitation = db.scalars(select(Invitation).where(Invitation.code_hash == _hash(code))).one_or_none()
    return Expired() if invitation is None else _standing(db, account, invitation, now, admin=admin)


def _standing(
    db: Session, account: Account, invitation: Invitation, now: datetime, *, admin: bool
) -> Offered | Waiting | AlreadyStaff | Expired:
    mine = invitation.used_by == account.id
    if (admin and invitation.role == Role.ADMIN) or _held(db, account, invitation) is not None:
        return AlreadyStaff(invitation, spent=mine or not _is_open(invitation, now))
    if mine and is_waiting(invitation, now):
        return Waiting(invitation)
    return Offered(invitation) if _is_open(invitation, now) else Expired()


def accept(
    db: Session, account: Account, code: str, now: datetime, *, admin: bool
) -> Joined | Waiting | AlreadyStaff | Expired:
    """Says yes to an invitation. It serves one account once; if two say yes at the same moment, one is refused.

    A trainer or mentor has the role from now on. An admin has it once an admin has confirmed who it was (`confirm`).
    """
    invitation = db.scalars(select(Invitation).where(Invitation.code_hash == _hash(code))).one_or_none()
    return Expired() if invitation is None else accept_shown(db, account, invitation, now, admin=admin)


def accept_shown(
    db: Session, account: Account, invitation: Invitation, now: datetime, *, admin: bool
) -> Joined | Waiting | AlreadyStaff | Expired:
    """Says yes to an invitation whose question stands in this account's chat."""
    outcome = _standing(db, account, invitation, now, admin=admin)
    if not isinstance(outcome, Offered):
        return outcome
    used = db.execute(
        update(Invitation)
        .where(Invitation.id == invitation.id, _unused(now))
        .values(used_at=now, used_by=account.id, look_at=now + DAY if invitation.role == Role.ADMIN else None)
        .execution_options(synchronize_session=False)
    )
    db.refresh(invitation)
    if not used.rowcount:  # type: ignore[attr-defined]
        return Expired()
    if invitation.role == Role.ADMIN:
        return Waiting(invitation)
    return _join(db, account, invitation, now)


def confirm(db: Session, maker: Account, invitation_id: int, now: datetime) -> Joined | None:
    """Records that an admin (never the new member of staff themselves) confirms who accepted. A new admin has the role
    from now on. Returns None if nothing waits for that (any more)."""
    confirmed = db.execute(
        update(Invitation)
        .where(Invitation.id == invitation_id, Invitation.used_by != maker.id, *_waits(now))
        .values(confirmed_at=now, look_at=None)
        .execution_options(synchronize_session=False)
    )
    invitation = db.get(Invitation, invitation_id, populate_existing=True)
    if not confirmed.rowcount or invitation is None:  # type: ignore[attr-defined]
        return None
    account = db.get(Account, invitation.used_by)
    if account is None:
        return None
    held = _held(db, account, invitation)
    if held is not None:
        return Joined(invitation, held, named=account.staff_name is not None)
    return _join(db, account, invitation, now) if invitation.role == Role.ADMIN else None


def withdraw(db: Session, invitation_id: int, now: datetime) -> Invitation | None:
    """Ends an invitation that nobody used, or that waits for an admin's word. None: it has ended already."""
    withdrawn = db.execute(
        update(Invitation)
        .where(Invitation.id == invitation_id, or_(_unused(now), and_(Invitation.role == Role.ADMIN, *_waits(now))))
        .values(withdrawn_at=now, look_at=None)
        .execution_options(synchronize_session=False)
    )
    return db.get(Invitation, invitation_id, populate_existing=True) if withdrawn.rowcount else None  # type: ignore[attr-defined]


def open_invitations(db: Session, now: datetime) -> list[Invitation]:
    """Returns the invitations that somebody may still use, and those to be an admin that wait for an admin's word, the
    newest first."""
    waiting = and_(Invitation.role == Role.ADMIN, *_waits(now))
    query = select(Invitation).where(or_(_unused(now), waiting)).order_by(Invitation.id.desc())
    return list(db.scalars(query))


def invitation_of(db: Session, invitation_id: int) -> Invitation | None:
    return db.get(Invitation, invitation_id)


def used_grant(db: Session, invitation: Invitation) -> RoleGrant | None:
    """Returns the role that came of an invitation; None if it was taken away since, or none came yet."""
    account = db.get(Account, invitation.used_by) if invitation.used_by is not None else None
    return None if account is None else _held(db, account, invitation)


def is_waiting(invitation: Invitation, now: datetime) -> bool:
    """Whether somebody accepted, and no admin has said yet that it was the right person."""
    answered = invitation.confirmed_at or invitation.withdrawn_at
    return invitation.used_at is not None and answered is None and now < invitation.expires_at + VALID


def _waits(now: datetime) -> tuple[ColumnElement[bool], ...]:
    # two days beyond the link's own: whoever accepts in its last minute is not lost
    return (
        Invitation.used_at.is_not(None),
        Invitation.confirmed_at.is_(None),
        Invitation.withdrawn_at.is_(None),
        Invitation.expires_at > now - VALID,
    )


def _unused(now: datetime) -> ColumnElement[bool]:
    return and_(Invitation.used_at.is_(None), Invitation.withdrawn_at.is_(None), Invitation.expires_at > now)


def _is_open(invitation: Invitation, now: datetime) -> bool:
    return invitation.used_at is None and invitation.withdrawn_at is None and invitation.expires_at > now


def _held(db: Session, account: Account, invitation: Invitation) -> RoleGrant | None:
    wanted = (invitation.role, invitation.site_id)
    return next((one for one in roles_of(db, account) if (one.role, one.site_id) == wanted), None)


def _join(db: Session, account: Account, invitation: Invitation, now: datetime) -> Joined:
    grant = RoleGrant(account_id=account.id, role=invitation.role, site_id=invitation.site_id, granted_at=now)
    db.add(grant)
    if account.staff_name is None and account.person is not None and account.person.registered_at is not None:
        account.staff_name = account.person.name
    db.flush()
    return Joined(invitation, grant, named=account.staff_name is not None)


def everybody(db: Session) -> list[tuple[RoleGrant, Account]]:
    """Returns all roles that staff hold, with their accounts, admins first."""
    query = (
        select(RoleGrant, Account)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(RoleGrant.role.in_(ROLES))
        .order_by(RoleGrant.role, RoleGrant.site_id, RoleGrant.id)
    )
    return [(grant, account) for grant, account in db.execute(query).unique()]


def admins_by_settings(db: Session, settings: Settings) -> list[Account]:
    """Returns the admins whom the settings name (ADMIN_IDS) and nobody invited, as far as they have written to us."""
    granted = select(RoleGrant.account_id).where(RoleGrant.role == Role.ADMIN)
    query = select(Account).where(Account.telegram_id.in_(settings.admin_ids), Account.id.not_in(granted))
    return list(db.scalars(query.order_by(Account.id)).unique())


def grant_of(db: Session, grant_id: int) -> RoleGrant | None:
    return db.get(RoleGrant, grant_id)


def account_of(db: Session, account_id: int) -> Account | None:
    return db.get(Account, account_id)


def revoke(db: Session, grant_id: int) -> Revoked | None:
    """Takes a role away, from this moment. Returns None if there is no such role any more. Invitations that this admin
    made and nobody used are deleted; one to be an admin that somebody accepted waits for the other admins."""
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


# --- time -----------------------------------------------------------------------------------------------------------


def due(db: Session, now: datetime, context: Context) -> None:
    """Reminds of invitations that have waited for an admin's word for a day, and tells that one has ended without it,
    or without anybody having used it: whoever made it, and whoever accepted it."""
    query = select(Invitation).where(Invitation.look_at <= now).order_by(Invitation.look_at, Invitation.id)
    found = list(db.scalars(query.limit(AT_ONCE).with_for_update(skip_locked=True)))
    for invitation in found:
        answered = invitation.confirmed_at or invitation.withdrawn_at
        if answered is not None or (invitation.used_at is not None and invitation.role != Role.ADMIN):
            invitation.look_at = None
        elif invitation.used_at is None:
            invitation.look_at = None
            _tell(db, invitation, "unused", now, context)
        elif is_waiting(invitation, now):
            invitation.look_at = invitation.expires_at + VALID
            _tell(db, invitation, "waits", now, context)
        else:
            invitation.look_at = None
            _tell(db, invitation, "lapsed", now, context)
    if len(found) == AT_ONCE:
        something_due(db)


def next_due(db: Session, now: datetime, context: Context) -> datetime | None:
    return db.scalar(select(func.min(Invitation.look_at)).where(Invitation.look_at.is_not(None)))


def makers_of(db: Session, invitation: Invitation, settings: Settings) -> list[Account]:
    """Returns who is told about an invitation: the admin who made it; all admins where that account is none (any
    more)."""
    maker = db.get(Account, invitation.made_by) if invitation.made_by is not None else None
    if maker is not None and is_admin(db, maker, settings) and maker.blocked_at is None:
        return [maker]
    return admin_accounts(db, settings)


def role_named(role: Role, site: Site | None) -> Words:
    """Returns what a role is called, with its site."""
    if role is Role.ADMIN:
        return Words("staff.role.admin")
    return Words(f"staff.role.{role}", {"site": site.name if site else None})


def _tell(db: Session, invitation: Invitation, what: str, now: datetime, context: Context) -> None:
    """Tells in hours in which people of every zone may be written to."""
    account = db.get(Account, invitation.used_by) if invitation.used_by is not None else None
    name = (account.staff_name or (account.person.name if account.person else None)) if account is not None else None
    role = role_named(Role(invitation.role), context.content.site(invitation.site_id or ""))
    opens = next_opening(context.content.open_hours(invitation.site_id), now)
    values: dict[str, Value] = {"role": role, "contact": context.settings.privacy_contact or ""}
    values["who"] = name or Words("staff.nameless", {"number": account.id if account is not None else 0})
    ways = [Button("staff.button.invite", InviteStaff())]
    if what == "waits":
        ways = [
            Button("staff.button.right", ConfirmStaff(invitation.id), style=Style.PRIMARY),
            Button("staff.button.wrong", RejectStaff(invitation.id)),
        ]
    to_makers = Message(f"staff.invitation_{what}", values, rows(ways, [HELP]), secret=True)
    to_invited = Message(f"staff.invitation_{what}_invited", values, rows([MENU, HELP]), secret=True)
    asks = CONFIRM if what == "waits" else TOLD
    makers = [one for one in makers_of(db, invitation, context.settings) if one.id != invitation.used_by]
    told = [(asks, maker, to_makers) for maker in makers]
    if account is not None and account.blocked_at is None:
        told.append((TOLD, account, to_invited))
    for name, whom, message in told:
        once = f"{name}:{invitation.id}:{whom.id}:{what}@0"
        outbox.post(db, outbox.to(whom, message, kind=Kind.STAFF, once=once, not_before=opens), now=now)


# --- what it owes -----------------------------------------------------------------------------------------------------


DATA: Final = CapabilityData(
    "staff",
    tables=(Invitation,),
    due=due,
    next_due=next_due,
    stays={"invitation.code_hash": "A hash of the code of a link, which tells nothing of who made or used it."},
    not_copied={
        "invitation.made_by": "What staff did for the programme; shown to admins by /staf.",
        "invitation.used_by": "What staff did for the programme; shown to admins by /staf.",
    },
)

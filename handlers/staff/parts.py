"""What the screens about staff share: how somebody is called, what a role is called, and ways on."""

from __future__ import annotations

from typing import Final

from bot.actions.buttons import GO_ON, MENU, back
from bot.actions.sessions import SeeMyClasses
from bot.actions.staff import SeeStaff
from bot.catalogue.content import Site
from bot.people import audit, rights
from bot.people.audit import AuditRow
from bot.people.people import Account, Role, RoleGrant
from bot.programme import privacy, staff
from bot.programme.staff import Invitation
from bot.turns.turn import Turn
from bot.words.message import At, Button, Value, Who, Words

PAGE: Final = 6
"""How many people, sites, or invitations are on one screen."""


def called(account_id: int, name: str | None) -> Value:
    return name or Words("staff.nameless", {"number": account_id})


def actor_of(turn: Turn, row: AuditRow) -> Value:
    """Returns what who did something is called: by the name of that time; else as an admin of the settings, as a member
    of staff, or as the participant who tried it."""
    account = staff.account_of(turn.db, row.actor_id or 0)
    if row.actor_name or account is None or row.action not in audit.REFUSALS:
        return row.actor_name or _nameless(turn, account, row.actor_id or 0)
    person = account.person
    if account.staff_name or _serves(turn, account) or person is None or person.registered_at is None:
        return account.staff_name or _nameless(turn, account, row.actor_id or 0)
    return Words("staff.participant", {"whom": Who(person.id)})


def _nameless(turn: Turn, account: Account | None, number: int) -> Words:
    """Returns what somebody is called who has given no name as staff. `number` is the account's."""
    if account is not None and account.telegram_id in turn.settings.admin_ids:
        return Words("staff.admin_nameless", {"number": number})
    if account is not None and not _serves(turn, account) and account.person is None:
        return Words("staff.stranger", {"number": number})
    return Words("staff.nameless", {"number": number})


def _serves(turn: Turn, account: Account) -> bool:
    return account.telegram_id in turn.settings.admin_ids or bool(rights.roles_of(turn.db, account))


def name_of(turn: Turn, grant: RoleGrant) -> Value:
    account = staff.account_of(turn.db, grant.account_id)
    return called(grant.account_id, account.staff_name if account else None)


def role_of(turn: Turn, grant: RoleGrant | Invitation) -> Words:
    """Returns what the role is called, with its site."""
    return role_words(Role(grant.role), turn.content.site(grant.site_id or ""))


def role_words(role: Role, site: Site | None) -> Words:
    return staff.role_named(role, site)


def granted_at(turn: Turn, grant: RoleGrant) -> At:
    zone = turn.zone(grant.site_id) if grant.site_id else privacy.ZONE
    return At(grant.granted_at, zone)


def first_steps(turn: Turn) -> list[list[Button]]:
    if not turn.staff:
        return [[MENU]]
    return [[Button("menu.button.sessions", SeeMyClasses()), MENU]]


def to_list() -> Button:
    return back(SeeStaff())


def back_to_question(turn: Turn) -> list[list[Button]]:
    """Returns the way back for somebody who was answering another question when they opened the link."""
    return [[GO_ON]] if turn.account.conversation is not None else []

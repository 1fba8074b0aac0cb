"""The data kept of staff as staff: a copy of them, and erasing them.

Staff are an account with roles, a name and deeds in the record. When they leave, roles and name go at once; what they
did stays as the deeds of a number until the record ends. An admin named in ADMIN_IDS is one by the server's settings,
which nothing here changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.capability import CapabilityData
from bot.catalogue.content import Content
from bot.people import audit
from bot.people.people import Account, ErasedBecause, persons_of
from bot.people.rights import roles_of
from bot.programme import appointments, mentoring, privacy, staff, voices


class Extent(StrEnum):
    """What is erased when a member of staff has their data erased."""

    STAFF = "staff"
    """Everything: nobody on the phone is a participant."""
    ALL = "all"
    """Everything, with the data as a participant: they are the only person of the phone."""
    SHARED = "shared"
    """Only the data as staff; other people on the phone, and the account, stay."""


@dataclass(frozen=True)
class Ended:
    """The account is no longer staff. `account_stays`: other people use the phone."""

    account_stays: bool


def copy_of(db: Session, account: Account, *, content: Content, by_settings: bool, now: datetime) -> dict[str, Any]:
    """Returns everything that is kept about somebody as staff, for a file of their own. Moments in privacy.ZONE."""
    zone = ZoneInfo(privacy.ZONE)

    def told(moment: datetime) -> str:
        return moment.astimezone(zone).isoformat(timespec="seconds")

    roles = []
    for grant in roles_of(db, account):
        site = content.site(grant.site_id or "")
        roles.append({"peran": grant.role, "lokasi": site.name if site else None, "sejak": told(grant.granted_at)})
    return {
        "dibuat_pada": told(now),
        "akun": {
            "id_telegram": account.telegram_id,
            "bahasa": account.language,
            "dibuat_pada": told(account.created_at),
            "terakhir_terlihat": told(account.seen_at),
        },
        "nama_staf": account.staff_name,
        "peran": roles,
        "admin_menurut_pengaturan_server": by_settings,
        "jumlah_tindakan": audit.deeds_of(db, account.id),
        "rekaman_suara": voices.copy_of_account(db, account),
    }


def extent(db: Session, account: Account) -> Extent:
    match len(persons_of(db, account)):
        case 0:
            return Extent.STAFF
        case 1:
            return Extent.ALL
    return Extent.SHARED


def erase(db: Session, account: Account, now: datetime, capabilities: Sequence[CapabilityData]) -> Ended:
    """Erases what is kept of somebody as staff, at once: roles, name and unused invitations. If they are the only
    person of the phone, their data as a participant and the account go, too."""
    for grant in roles_of(db, account):
        staff.revoke(db, grant.id)
    mentoring.release(db, account, now)
    appointments.release(db, account, now)
    mentoring.cards.role_ended(db, account, now)
    voices.withdraw(db, account)
    account.staff_name = None
    audit.forget_name(db, account.id)
    people = persons_of(db, account)
    if len(people) == 1:
        privacy.erase(db, account, people[0], now, capabilities, because=ErasedBecause.WISH)
    elif not people:
        privacy.forget_account(db, account)
    db.flush()
    return Ended(account_stays=len(people) > 1)

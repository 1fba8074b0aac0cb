"""People's own data: what they agreed to, what is kept about them, stopping, leaving; and what is forgotten by itself.

Leaving is thorough: the person stays as a row without a name, so that counts stay true; the consent log keeps what was
agreed to and when, of nobody in particular. Whoever never consented leaves no row at all.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, delete, exists, func, select, update
from sqlalchemy.orm import Session

from bot.capability import CapabilityData, Context
from bot.delivery import outbox
from bot.delivery.outbox import OutboxRow, Status
from bot.people.people import (
    Account,
    Consent,
    Person,
    Purpose,
    RoleGrant,
    consents_of,
    persons_of,
    record_consent,
    switch_person,
)
from bot.people.quiet_hours import ENDED_BY_STOP, NEEDS_CONSENT
from bot.programme import enrolment
from bot.programme.enrolment import Enrolment
from bot.programme.registration import cleaned
from bot.programme.sessions import ClassSession

ZONE: Final = "Asia/Jakarta"
"""For dates that belong to no site."""
MONTH: Final = timedelta(days=30.5)
AT_ONCE: Final = 500
"""So many accounts are forgotten in one transaction; the next look goes on."""
SLICE: Final = 2_000
"""Of so many people one look finds out who has been away for long; the next look takes the next ones."""
SLICE_SECONDS: Final = 30
"""As long as a slice has its turn: about as often as the clock looks."""
_SECRET: Final = re.compile(r"(?<!\d)\d(?:[ ./_-]{0,3}\d){15}(?!\d)")


# --- outcomes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stopped:
    """No more messages. `seats`: the classes the people of this phone still have a seat in."""

    seats: tuple[ClassSession, ...]


@dataclass(frozen=True)
class Erased:
    """The person is nobody now. `successor`: who this phone speaks as from here; None: the account is gone, too."""

    successor: Person | None


@dataclass(frozen=True)
class Standing:
    """How one consent stands: None was never asked (or never answered)."""

    purpose: Purpose
    given: bool | None
    since: datetime | None


# --- decisions ------------------------------------------------------------------------------------------------------


def holds_secret_number(text: str) -> bool:
    """Whether a 16-digit number stands in the text, as on an identity card (NIK), a family card or a bank card."""
    return _SECRET.search(cleaned(text)) is not None


def noon(day: date) -> datetime:
    """A moment for a day without an hour: noon in ZONE, which is the same day all over the country."""
    return datetime.combine(day, time(12), ZoneInfo(ZONE)).astimezone(UTC)


# --- consents -------------------------------------------------------------------------------------------------------


def consents_now(db: Session, person: Person) -> list[Standing]:
    """The four consents as they stand, and since when."""
    latest: dict[str, Consent] = {consent.purpose: consent for consent in consents_of(db, person)}
    return [
        Standing(purpose, latest[purpose].given, latest[purpose].at)
        if purpose in latest
        else Standing(purpose, None, None)
        for purpose in Purpose
    ]


def answer_consent(
    db: Session, person: Person, purpose: Purpose, *, given: bool, text_version: str, language: str, now: datetime
) -> bool:
    """Record a yes or a no; False if it stood so already (a second tap). A no ends at once what rested on the yes."""
    if getattr(person, f"consent_{purpose}") is given:
        return False
    record_consent(db, person, purpose, given=given, text_version=text_version, language=language, now=now)
    if not given:
        kinds = [kind for kind, needed in NEEDS_CONSENT.items() if needed == purpose]
        if kinds:
            outbox.drop_waiting(db, "consent withdrawn", kinds=kinds, person_id=person.id)
    return True


# --- stopping -------------------------------------------------------------------------------------------------------


def stop(db: Session, account: Account, now: datetime) -> Stopped:
    """No more messages to this phone from this moment; waitlists are left, seats stay for the time being."""
    account.stopped_at = account.stopped_at or now
    seats: dict[int, ClassSession] = {}
    for person in persons_of(db, account):
        enrolment.leave_waitlists(db, person, now)
        seats |= {session.id: session for session in enrolment.held(db, person, now)}
    outbox.drop_waiting(db, "stopped", kinds=ENDED_BY_STOP, account_id=account.id)
    return Stopped(tuple(sorted(seats.values(), key=lambda session: (session.starts_at, session.id))))


def restart(account: Account) -> None:
    """Messages may come again; a place on a waitlist is not got back."""
    account.stopped_at = None


def give_seats_back(db: Session, account: Account, now: datetime) -> int:
    """Everybody's seats on this phone. Returns how many."""
    return sum(enrolment.withdraw_all(db, person, now) for person in persons_of(db, account))


# --- seeing ---------------------------------------------------------------------------------------------------------


def copy_of(db: Session, person: Person, *, context: Context, now: datetime) -> dict[str, Any]:
    """Everything that is kept about the person, for a file of their own. Moments in the zone of their site."""
    zone = ZoneInfo(context.content.open_hours(person.site_id).zone)

    def told(moment: datetime | None) -> str | None:
        return moment.astimezone(zone).isoformat(timespec="seconds") if moment else None

    copy: dict[str, Any] = {"dibuat_pada": told(now)}
    for capability in context.capabilities:
        if capability.copy is not None:
            copy |= capability.copy(db, person, context.content, told)
    return copy


# --- leaving --------------------------------------------------------------------------------------------------------


def forget_account(db: Session, account: Account) -> bool:
    """Somebody who never consented: no row with their Telegram id stays. False if somebody did consent on this phone,
    or staff use it: then nothing is forgotten."""
    if persons_of(db, account) or db.scalar(select(RoleGrant.id).where(RoleGrant.account_id == account.id).limit(1)):
        return False
    _delete_account(db, account)
    return True


def erase(
    db: Session, account: Account, person: Person, now: datetime, capabilities: Sequence[CapabilityData]
) -> Erased:
    """Let every capability forget the person, then the phone what was said in it.

    The account goes with its last person; with others on the phone it speaks as the first of them from here.
    """
    # in the order opposite to that of the copy: who the person is goes last, because the others may have to look
    for capability in reversed(capabilities):
        if capability.forget is not None:
            capability.forget(db, person, now)
    account.person = None
    db.flush()
    others = persons_of(db, account)
    if not others:
        _delete_account(db, account)
        return Erased(None)
    # what was said to the others in this chat may hold the name as well (the list of who is on the phone)
    db.execute(update(OutboxRow).where(OutboxRow.account_id == account.id, _said()).values(message=None))
    others.sort(key=lambda other: other.registered_at is None)
    return Erased(switch_person(db, account, others[0].id))


def _said() -> ColumnElement[bool]:
    """Not waiting any more. What is being sent at this moment is in the sender's hands and needs its row no longer."""
    return OutboxRow.status != Status.WAITING


def _delete_account(db: Session, account: Account) -> None:
    db.execute(delete(OutboxRow).where(OutboxRow.account_id == account.id))
    db.delete(account)
    db.flush()


# --- time -----------------------------------------------------------------------------------------------------------


def due(db: Session, now: datetime, context: Context) -> None:
    """Forget people who never consented, and those who have not been here for long."""
    retention, staff_ids = context.content.programme.retention, context.settings.admin_ids
    unconsented = now - timedelta(hours=retention.unconsented_hours)
    for account in db.scalars(_nobodies(staff_ids).where(Account.seen_at <= unconsented).limit(AT_ONCE)).unique().all():
        forget_account(db, account)
    gone = _long_gone(now - retention.profile_months * MONTH, staff_ids).where(_in_turn(db, now)).limit(AT_ONCE)
    for person, account in db.execute(gone).unique().all():
        erase(db, account, person, now, context.capabilities)


def _in_turn(db: Session, now: datetime) -> ColumnElement[bool]:
    """The people this look is about. To look at all of them each time would hold up everybody, and an index of when
    somebody was last seen would have to be written in every turn; for a promise in months they take turns, by the
    clock."""
    slices = (db.scalar(select(func.max(Person.id))) or 0) // SLICE + 1
    first = int(now.timestamp()) // SLICE_SECONDS % slices * SLICE
    return Person.id.between(first, first + SLICE - 1)


def _long_gone(before: datetime, staff_ids: Collection[int]) -> Select[Person, Account]:
    """Participants whose last class (without any: whose registration) and last word both lie before that moment."""
    last_class = (
        select(func.max(ClassSession.starts_at))
        .join(Enrolment, Enrolment.session_id == ClassSession.id)
        .where(Enrolment.person_id == Person.id)
        .scalar_subquery()
    )
    return (
        select(Person, Account)
        .join(Account, Account.id == Person.account_id)
        .where(Person.anonymised_at.is_(None), Person.registered_at < before, Account.seen_at < before)
        .where(last_class.is_(None) | (last_class < before))
        .where(Account.telegram_id.not_in(staff_ids), ~exists().where(RoleGrant.account_id == Account.id))
        .order_by(Person.id)
    )


def next_due(db: Session, now: datetime, context: Context) -> datetime | None:
    """When the next account is to be forgotten. Those who left long ago are not urgent: every look does some."""
    first = db.scalars(_nobodies(context.settings.admin_ids).order_by(Account.seen_at).limit(1)).unique().one_or_none()
    if first is None:
        return None
    return first.seen_at + timedelta(hours=context.content.programme.retention.unconsented_hours)


def _nobodies(staff_ids: Collection[int]) -> Select[Account]:
    """Accounts on which nobody ever consented; staff, and those with these Telegram ids, are left out."""
    return select(Account).where(
        Account.current_person_id.is_(None),
        Account.telegram_id.not_in(staff_ids),
        ~exists().where(Person.account_id == Account.id),
        ~exists().where(RoleGrant.account_id == Account.id),
    )


# --- what it owes -----------------------------------------------------------------------------------------------------


DATA: Final = CapabilityData("privacy", due=due, next_due=next_due)

"""Erases what was kept long enough: admins are told a day before, and only so many people are erased a day.

Somebody who has not been here for `retention.profile_months` is planned (`ErasurePlan`); at NOTICE_HOUR the admins hear
how many there are; a day later they are erased, unless they came back meanwhile. Accounts on which nobody ever
consented go after `retention.unconsented_hours`, proofs of consent `retention.consent_months` after their person, the
record of what staff did after `retention.record_months`. All of it only while the clock is known to be right.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import ColumnElement, ForeignKey, Select, delete, exists, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.capability import CapabilityData, Context
from bot.database import Base, insert_or, something_due
from bot.delivery import outbox
from bot.people import audit
from bot.people.people import Account, Consent, ErasedBecause, Person, RoleGrant
from bot.people.quiet_hours import Kind
from bot.people.rights import admin_accounts
from bot.programme.enrolment import Enrolment
from bot.programme.privacy import MONTH, ZONE, erase, forget_account
from bot.programme.sessions import ClassSession
from bot.words.message import Message

log = structlog.get_logger("retention")

NOTICE_HOUR: Final = time(9)
"""When admins are told who is erased tomorrow, in privacy.ZONE."""
NOTICE: Final = timedelta(days=1)
"""How long before people are erased the admins are told."""
AT_ONCE: Final = 500
"""How many rows are forgotten in one transaction; the next look goes on."""
SLICE: Final = 2_000
"""How many people one look checks for a long absence; the next look checks the next ones."""
SLICE_SECONDS: Final = 30
"""How long each slice is the one to be checked: about as often as the scheduler looks."""


class ErasurePlan(Base):
    """Somebody who has been away for so long that they will be erased."""

    __tablename__ = "erasure_plan"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    found_at: Mapped[datetime]
    erase_after: Mapped[datetime | None] = mapped_column(index=True)
    """Empty until the admins were told."""


# --- what becomes due -----------------------------------------------------------------------------------------------


def due(db: Session, now: datetime, context: Context) -> None:
    """Erases the next portion of what was kept long enough: nothing while the clock is not known to be right."""
    if not context.clock_is_trusted:
        return
    retention = context.content.programme.retention
    nobodies = _never_consented(context.settings.admin_ids)
    before = now - timedelta(hours=retention.unconsented_hours)
    for account in db.scalars(nobodies.where(Account.seen_at <= before).limit(AT_ONCE)).unique().all():
        forget_account(db, account)
    _plan(db, now, context)
    _announce(db, now, context)
    _erase_planned(db, now, context)
    _end_consents(db, now - retention.consent_months * MONTH)
    audit.end(db, now - retention.record_months * MONTH, limit=AT_ONCE)


def next_due(db: Session, now: datetime, context: Context) -> datetime | None:
    """Returns when the next account or planned person is to be erased. People who left long ago are not in a hurry:
    each look finds some of them."""
    if not context.clock_is_trusted:
        return None
    moments = []
    first = (
        db.scalars(_never_consented(context.settings.admin_ids).order_by(Account.seen_at).limit(1))
        .unique()
        .one_or_none()
    )
    if first is not None:
        moments.append(first.seen_at + timedelta(hours=context.content.programme.retention.unconsented_hours))
    if db.scalar(select(ErasurePlan.person_id).where(ErasurePlan.erase_after.is_(None)).limit(1)):
        moments.append(_at_hour(now, NOTICE_HOUR) if now < _at_hour(now, NOTICE_HOUR) else now + NOTICE)
    planned = db.scalar(select(func.min(ErasurePlan.erase_after)))
    if planned is not None:
        tomorrow = _at_hour(now, time(0)) + timedelta(days=1)
        moments.append(planned if planned > now or _left_today(db, now, context) else tomorrow)
    return min(moments, default=None)


def waiting(db: Session) -> int:
    """Returns how many people are planned to be erased."""
    return db.scalar(select(func.count()).select_from(ErasurePlan)) or 0


# --- people who have been away for long -----------------------------------------------------------------------------


def _plan(db: Session, now: datetime, context: Context) -> None:
    found = _long_gone(now, context).where(_present_slice(db, now), ~exists().where(ErasurePlan.person_id == Person.id))
    ids = [person.id for person, _ in db.execute(found.limit(AT_ONCE)).unique()]
    if ids:
        rows = [{"person_id": person_id, "found_at": now} for person_id in ids]
        db.execute(insert_or(db, ErasurePlan).values(rows).on_conflict_do_nothing())


def _announce(db: Session, now: datetime, context: Context) -> None:
    """Tells the admins once a day how many more people are planned to be erased, and sets when that is done."""
    if now < _at_hour(now, NOTICE_HOUR):
        return
    new = ErasurePlan.erase_after.is_(None)
    number = db.scalar(select(func.count()).where(new)) or 0
    announced_today = db.scalar(select(func.max(ErasurePlan.erase_after))) or now
    if not number or announced_today >= _at_hour(now, NOTICE_HOUR) + NOTICE:
        return
    db.execute(update(ErasurePlan).where(new).values(erase_after=now + NOTICE))
    _tell(db, "staff.retention.planned", now, context, n=number)
    log.info("people to be erased", n=number, after=(now + NOTICE).isoformat())


def _erase_planned(db: Session, now: datetime, context: Context) -> None:
    """Erases planned people whose moment has come, as many as a day allows. People who came back meanwhile are taken
    off the plan."""
    ready = ErasurePlan.erase_after <= now
    if not db.scalar(select(func.count()).where(ready)):
        return
    left = _left_today(db, now, context)
    ids = db.scalars(select(ErasurePlan.person_id).where(ready).order_by(ErasurePlan.person_id).limit(AT_ONCE)).all()
    gone = db.execute(_long_gone(now, context).where(Person.id.in_(ids))).unique().all()
    back = set(ids) - {person.id for person, _ in gone}
    db.execute(delete(ErasurePlan).where(ErasurePlan.person_id.in_(back)))
    for person, account in gone[:left]:
        erase(db, account, person, now, context.capabilities, because=ErasedBecause.RETENTION)
    if len(gone) > left:
        waits = db.scalar(select(func.count()).where(ready)) or 0
        limit = context.settings.erase_per_day
        once = f"retention:{now.astimezone(ZoneInfo(ZONE)).date()}"
        _tell(db, "staff.retention.held", now, context, once=once, n=waits, limit=limit)
    elif gone or back:
        something_due(db)


def _left_today(db: Session, now: datetime, context: Context) -> int:
    """Returns how many more people may be erased today."""
    today = select(func.count()).where(
        Person.erased_because == ErasedBecause.RETENTION, Person.anonymised_at >= _at_hour(now, time(0))
    )
    return max(0, context.settings.erase_per_day - (db.scalar(today) or 0))


def _tell(db: Session, key: str, now: datetime, context: Context, *, once: str = "", **values: int) -> None:
    admins = admin_accounts(db, context.settings)
    outbox.post_to_each(db, admins, Message(key, values), kind=Kind.STAFF, now=now, once=once)


def _at_hour(now: datetime, hour: time) -> datetime:
    """Returns that hour of the present day in ZONE."""
    zone = ZoneInfo(ZONE)
    return datetime.combine(now.astimezone(zone).date(), hour, zone).astimezone(UTC)


def _present_slice(db: Session, now: datetime) -> ColumnElement[bool]:
    """Selects the people that this look checks: a slice of SLICE ids, another one every SLICE_SECONDS. Checking
    everybody each time would hold up all turns, and an index of when somebody was last seen would have to be written in
    every turn; a promise in months does not need either."""
    slices = (db.scalar(select(func.max(Person.id))) or 0) // SLICE + 1
    first = int(now.timestamp()) // SLICE_SECONDS % slices * SLICE
    return Person.id.between(first, first + SLICE - 1)


def _long_gone(now: datetime, context: Context) -> Select[Person, Account | None]:
    """Selects participants whose last class (without any: whose first consent) and last message are both longer ago
    than the retention. Walk-ins have no account; people who never finished registering have a first consent, too."""
    before = now - context.content.programme.retention.profile_months * MONTH
    last_class = (
        select(func.max(ClassSession.starts_at))
        .join(Enrolment, Enrolment.session_id == ClassSession.id)
        .where(Enrolment.person_id == Person.id)
        .scalar_subquery()
    )
    came = select(func.min(Consent.at)).where(Consent.person_id == Person.id).scalar_subquery()
    is_staff = or_(
        Account.telegram_id.in_(context.settings.admin_ids), exists().where(RoleGrant.account_id == Account.id)
    )
    return (
        select(Person, Account)
        .outerjoin(Account, Account.id == Person.account_id)
        .where(Person.anonymised_at.is_(None), func.coalesce(Person.registered_at, came) < before)
        .where(Account.id.is_(None) | ((Account.seen_at < before) & ~is_staff))
        .where(last_class.is_(None) | (last_class < before))
        .order_by(Person.id)
    )


# --- accounts of nobody, and proofs of nobody -----------------------------------------------------------------------


def _never_consented(staff_ids: Collection[int]) -> Select[Account]:
    """Selects accounts on which nobody ever consented; staff, and accounts with these Telegram ids, are left out."""
    return select(Account).where(
        Account.current_person_id.is_(None),
        Account.telegram_id.not_in(staff_ids),
        ~exists().where(Person.account_id == Account.id),
        ~exists().where(RoleGrant.account_id == Account.id),
    )


def _end_consents(db: Session, before: datetime) -> None:
    """Deletes the consents of people who were erased before that moment."""
    old = select(Person.id).where(Person.anonymised_at < before, exists().where(Consent.person_id == Person.id))
    ids = db.scalars(old.limit(AT_ONCE)).all()
    if ids:
        db.execute(delete(Consent).where(Consent.person_id.in_(ids)))


# --- what it owes ---------------------------------------------------------------------------------------------------


def forget(db: Session, person: Person, now: datetime) -> None:
    db.execute(delete(ErasurePlan).where(ErasurePlan.person_id == person.id))


DATA: Final = CapabilityData(
    "retention",
    tables=(ErasurePlan,),
    due=due,
    next_due=next_due,
    forget=forget,
    not_copied={"erasure_plan.person_id": "That the person has been away for long; whoever asks for a copy is back."},
)

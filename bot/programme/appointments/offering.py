"""Times that mentors offer: opened, listed, found by people, closed.

Each quarter of an hour that is promised is a row with the mentor as its key, so no two times of a mentor overlap,
however many processes write at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, CursorResult, delete, func, or_, select
from sqlalchemy.orm import Session

from bot.actions.appointments import Kind
from bot.catalogue.content import Content
from bot.database import constant, insert_or
from bot.people.people import Account
from bot.people.quiet_hours import windows
from bot.programme.appointments.outcomes import Offered
from bot.programme.appointments.tables import Appointment, Slot, SlotQuarter, SlotState
from bot.programme.mentoring import called
from bot.programme.mentoring.tables import MentorPause
from bot.words.message import Value

LENGTHS: Final = (30, 60)
"""How long an appointment can be, in minutes."""
FARTHEST: Final = timedelta(days=60)
"""So far ahead times are offered."""
LONGEST: Final = timedelta(hours=10)
"""So long one stretch may be."""
SOONEST: Final = timedelta(hours=1)
"""A person books, moves and gives back no time that begins sooner."""
SHOWN: Final = 6
"""So many free times a person is shown at once."""
DAYS_AHEAD: Final = 14
"""So many days are looked through for a mentor's next hours of work."""


def offer(
    db: Session,
    account: Account,
    site_id: str,
    start: datetime,
    minutes: int,
    each: int,
    kind: Kind,
    now: datetime,
    *,
    place: str | None = None,
) -> Offered:
    """Offers the stretch as times of `each` minutes. What would overlap with another time of the mentor is left out."""
    opened, overlapping = 0, 0
    at = now.replace(microsecond=0)
    for moment in _starts(start.astimezone(UTC), minutes, each):
        if moment <= now:
            continue
        slot = _offer_one(db, account, site_id, moment, timedelta(minutes=each), kind, at, place)
        opened += slot is not None
        overlapping += slot is None
    return Offered(opened, overlapping, at)


def _starts(start: datetime, minutes: int, each: int) -> Iterator[datetime]:
    first = on_quarter(start)
    end = start + timedelta(minutes=minutes)
    while first + timedelta(minutes=each) <= end:
        yield first
        first += timedelta(minutes=each)


def on_quarter(moment: datetime) -> datetime:
    """Returns the moment, or the next quarter of an hour after it."""
    return datetime.fromtimestamp(-(-int(moment.timestamp()) // 900) * 900, UTC)


def _offer_one(
    db: Session,
    account: Account,
    site_id: str,
    start: datetime,
    length: timedelta,
    kind: Kind,
    at: datetime,
    place: str | None,
) -> Slot | None:
    """Returns the new time; None if one of its quarters is promised already, whoever asks at the same moment."""
    quarters = range(int(start.timestamp()) // 900, int((start + length).timestamp()) // 900)
    taken = select(SlotQuarter.quarter).where(
        SlotQuarter.account_id == account.id, SlotQuarter.quarter >= quarters[0], SlotQuarter.quarter <= quarters[-1]
    )
    if db.scalar(taken.limit(1)) is not None:
        return None
    with db.begin_nested() as trial:
        slot = Slot(
            account_id=account.id, site_id=site_id, starts_at=start, ends_at=start + length, kind=kind, place=place,
            state=SlotState.OPEN, opened_at=at,
        )  # fmt: skip
        db.add(slot)
        db.flush()
        rows = [{"account_id": account.id, "quarter": one, "slot_id": slot.id} for one in quarters]
        inserting = insert_or(db, SlotQuarter).values(rows).on_conflict_do_nothing()
        result = db.execute(inserting, execution_options={"preserve_rowcount": True})
        if result.rowcount == len(rows):  # type: ignore[attr-defined]
            return slot
        trial.rollback()
    return None


# --- finding ----------------------------------------------------------------------------------------------------------


def next_times(
    db: Session, site_id: str, now: datetime, *, but: int | None = None, after: datetime | None = None
) -> list[Slot]:
    """Returns the next free times of the site's mentors, one for each moment and way to meet: none that begins within
    an hour, none of mentors who rest, none of the account `but`."""
    since = max(now + SOONEST, after or now)
    resting = select(MentorPause.account_id).where(MentorPause.site_id == site_id)
    query = (
        select(func.min(Slot.id))
        .where(Slot.site_id == site_id, is_free(now), Slot.starts_at > since, Slot.account_id.not_in(resting))
        .group_by(Slot.starts_at, Slot.kind)
        .order_by(Slot.starts_at, Slot.kind)
        .limit(SHOWN)
    )
    if but is not None:
        query = query.where(Slot.account_id != but)
    ids = db.scalars(query).all()
    found = {one.id: one for one in db.scalars(select(Slot).where(Slot.id.in_(ids)))} if ids else {}
    return [found[number] for number in ids if number in found]


def is_free(now: datetime) -> ColumnElement[bool]:
    """Returns the condition for times that can be booked."""
    return (Slot.state == constant(SlotState.OPEN)) & or_(Slot.kept_until.is_(None), Slot.kept_until <= now)


def free_of(
    db: Session, account: Account, now: datetime, *, site_id: str | None = None, limit: int, offset: int = 0
) -> list[Slot]:
    """Returns the mentor's own free times to come, the earliest first."""
    query = select(Slot).where(Slot.account_id == account.id, is_free(now), Slot.starts_at > now)
    if site_id is not None:
        query = query.where(Slot.site_id == site_id)
    return list(db.scalars(query.order_by(Slot.starts_at, Slot.id).limit(limit).offset(offset)))


def slot_of(db: Session, account: Account, number: int) -> Slot | None:
    """Returns this time, if it is the mentor's."""
    found = db.get(Slot, number)
    return found if found is not None and found.account_id == account.id else None


def of_another(db: Session, account: Account, number: int) -> bool:
    """Whether this time is another mentor's."""
    found = db.get(Slot, number)
    return found is not None and found.account_id != account.id


def number_free(db: Session, account: Account, now: datetime) -> int:
    query = select(func.count()).select_from(Slot)
    return db.scalar(query.where(Slot.account_id == account.id, is_free(now), Slot.starts_at > now)) or 0


def suggestions(
    site_id: str, now: datetime, *, content: Content, promised: Sequence[datetime], most: int
) -> list[tuple[datetime, datetime]]:
    """Returns the next stretches of the site's hours of work, to be offered with one tap: those after today in which
    nothing begins yet."""
    hours = content.mentoring_hours(site_id)
    today = now.astimezone(ZoneInfo(hours.zone)).date()
    found = []
    for offset in range(1, DAYS_AHEAD + 1):
        for start, end in windows(hours, date.fromordinal(today.toordinal() + offset)):
            if not any(start <= one < end for one in promised):
                found.append((start, end))
            if len(found) == most:
                return found
    return found


def promised(db: Session, account: Account, now: datetime) -> list[datetime]:
    """Returns when the mentor's times of the next days begin, free ones and booked ones."""
    until = now + timedelta(days=DAYS_AHEAD + 1)
    query = select(Slot.starts_at).where(Slot.account_id == account.id, Slot.starts_at > now, Slot.starts_at < until)
    return list(db.scalars(query))


def office_of(db: Session, account: Account, site_id: str) -> str | None:
    """Returns where the mentor's office at this site is, as they wrote it last."""
    offered = select(Slot.place).where(Slot.account_id == account.id, Slot.site_id == site_id, Slot.place.is_not(None))
    kept = select(Appointment.place).where(
        Appointment.account_id == account.id, Appointment.site_id == site_id, Appointment.place.is_not(None)
    )
    return db.scalar(offered.order_by(Slot.id.desc()).limit(1)) or db.scalar(
        kept.order_by(Appointment.id.desc()).limit(1)
    )


def mentor_of(db: Session, slot: Slot) -> Value:
    """Returns how the mentor of this time is named to people."""
    return called(db.get_one(Account, slot.account_id))


# --- closing ----------------------------------------------------------------------------------------------------------


def close(db: Session, account: Account, slot_id: int) -> bool:
    """Offers the time no more. False: somebody has booked it meanwhile, or it is gone."""
    return bool(_close(db, Slot.id == slot_id, Slot.account_id == account.id))


def close_opened(db: Session, account: Account, at: datetime) -> int:
    """Takes back the times that were offered at that second, as far as nobody has booked them. Returns how many."""
    return _close(db, Slot.account_id == account.id, Slot.opened_at == at)


def close_at(db: Session, account: Account, sites: frozenset[str] | None) -> int:
    """Closes all free times of the mentor (at these sites)."""
    where = [Slot.account_id == account.id]
    if sites is not None:
        where.append(Slot.site_id.in_(sorted(sites)))
    return _close(db, *where)


def _close(db: Session, *which: ColumnElement[bool]) -> int:
    chosen = db.scalars(
        select(Slot.id).where(*which, Slot.state == SlotState.OPEN).with_for_update(of=Slot)
    ).all()  # locked: nobody books it between the two statements
    return drop(db, chosen)


def drop(db: Session, slots: Sequence[int]) -> int:
    """Deletes these times with their quarters."""
    if not slots:
        return 0
    db.execute(delete(SlotQuarter).where(SlotQuarter.slot_id.in_(slots)))
    gone: CursorResult[tuple[()]] = db.execute(delete(Slot).where(Slot.id.in_(slots)))  # type: ignore[assignment]
    return gone.rowcount

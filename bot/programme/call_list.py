"""The call list: who could not be told about a class that moves, is called off or starts tomorrow, and whom staff told.

Everybody concerned is in one of three groups. Either a message about the class as it is now was sent to them; or they
answered, or took their seat themselves, since then; or they are on the list, with the reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.capability import CapabilityData, Context, Told
from bot.catalogue.content import Content
from bot.database import Base, BigId, insert_or
from bot.delivery.outbox import OutboxRow, Status
from bot.people.people import Account, Person, Purpose, has_consented
from bot.people.quiet_hours import Kind
from bot.programme import broadcasts
from bot.programme.broadcasts import About, Broadcast
from bot.programme.class_telling import RESTORED
from bot.programme.enrolment import HOLDING, LIVE, Enrolment, EnrolmentStatus
from bot.programme.sessions import ClassSession, SessionLead

KEPT: Final = timedelta(days=30)
"""How long it is kept whom staff told: as long as the words of messages."""
CALLED_OFF: Final = timedelta(days=7)
"""So long after it was called off a class is offered among those whose people should be told."""
AT_ONCE: Final = 500
ABOUT_CLASS: Final = (Kind.CHANGE, Kind.REMINDER, Kind.OFFER)
"""Messages that tell when and where a class is."""
OF_REVISION: Final = frozenset({"change", "reminder", "last_call"})
"""The first part of the `once` of messages in which the third part is the revision that they tell about."""


class Occasion(StrEnum):
    """What people should know."""

    CANCELLED = "cancelled"
    MOVED = "moved"
    RESTORED = "restored"
    """The class was cancelled, and takes place after all."""
    TOMORROW = "tomorrow"
    """The class is tomorrow or today."""
    COMING = "coming"
    """Nothing in particular yet: only those who cannot be reached at all are listed."""
    NEWS = "news"
    """An announcement to the class."""


class Why(StrEnum):
    """Why somebody was not told."""

    NO_PHONE = "no_phone"
    BLOCKED = "blocked"
    STOPPED = "stopped"
    FROZEN = "frozen"
    """Their data are frozen: they hear that the class moves or is called off, and are not reminded of it."""
    NO_CONSENT = "no_consent"
    FAILED = "failed"
    """The message could not be sent, or it is not known whether it was."""
    WAITING = "waiting"
    """The message is about to be sent."""
    LATER = "later"
    """No message was written yet."""


PENDING: Final = frozenset({Why.WAITING, Why.LATER})
"""The reasons of people whom the bot is still going to tell: nobody need call them yet."""


class CallMade(Base):
    """A member of staff told a person about a class, outside the bot."""

    __tablename__ = "call_made"
    __table_args__ = (UniqueConstraint("session_id", "person_id", "about"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    about: Mapped[str] = mapped_column(String(20))
    """`r2`: the second revision of the class; `b17`: announcement 17."""
    at: Mapped[datetime] = mapped_column(index=True)
    by_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)


@dataclass(frozen=True)
class Call:
    """Who told somebody, and when. `staff` is their name; None if they gave none."""

    at: datetime
    staff: str | None


@dataclass(frozen=True)
class Entry:
    person: Person
    language: str
    why: Why
    call: Call | None


@dataclass(frozen=True)
class CallList:
    """`entries`: the people whom the bot did not tell; those whom it is still going to tell come last. `told`: how many
    it told, or who know because they answered or took a seat since."""

    session: ClassSession
    occasion: Occasion
    about: str
    entries: tuple[Entry, ...]
    told: int

    @property
    def to_call(self) -> int:
        """How many people staff should call: nobody has told them, and the bot will not."""
        return sum(one.call is None and one.why not in PENDING for one in self.entries)


# --- looking ----------------------------------------------------------------------------------------------------------


def why_unreachable(person: Person, account: Account | None) -> Why | None:
    """Returns why somebody cannot be reached through the bot at all; None if they can."""
    if person.account_id is None or account is None:
        return Why.NO_PHONE
    if account.blocked_at is not None:
        return Why.BLOCKED
    return Why.STOPPED if account.stopped_at is not None else None


def of_class(db: Session, session: ClassSession, now: datetime, content: Content) -> CallList:
    """Returns who was not told about the class as it is now. If the class moved or was called off, that concerns
    everybody who has a seat, an offer or a place on the waitlist; if it is tomorrow, people with a seat or an offer."""
    occasion, since = _occasion(session, now, content)
    about = f"r{session.revision}"
    said = _said(db, session, since)
    ahead = select(SessionLead.id).where(SessionLead.session_id == session.id, SessionLead.done_at.is_(None))
    reminds = occasion is not Occasion.CANCELLED and db.scalar(ahead.limit(1)) is not None
    entries, told = [], 0
    for enrolment, person, account in db.execute(_concerned(session, occasion)).unique():
        unreachable = why_unreachable(person, account)
        if occasion is Occasion.COMING:
            why = unreachable
        else:
            why = _why(enrolment, person, unreachable, said[person.id], since, reminds=reminds)
        if why is None:
            told += 1
        else:
            entries.append((person, account, why))
    return _listed(db, session, occasion, about, entries, told, since)


def near_classes(db: Session, sites: Iterable[str], now: datetime, *, limit: int) -> list[ClassSession]:
    """Returns the classes of these sites that are still to be told about: those to come, and among them those that were
    called off in the last days."""
    query = (
        select(ClassSession)
        .where(ClassSession.site_id.in_(sorted(sites)), ClassSession.starts_at > now)
        .where(or_(ClassSession.cancelled_at.is_(None), ClassSession.cancelled_at > now - CALLED_OFF))
        .order_by(ClassSession.starts_at, ClassSession.id)
        .limit(limit)
    )
    return list(db.scalars(query))


def of_announcement(db: Session, broadcast: Broadcast, content: Content) -> CallList | None:
    """Returns whom an announcement to one class did not reach. Returns None if the announcement goes to anybody else,
    too, or if the class is gone.

    Several people on one phone get one message: if it was sent, all of them count as told.
    """
    session = class_of(db, broadcast)
    if session is None:
        return None
    query = select(OutboxRow.account_id, OutboxRow.status).where(OutboxRow.broadcast_id == broadcast.id)
    states: dict[int | None, set[str]] = defaultdict(set)
    for account_id, status in db.execute(query):
        states[account_id].add(status)
    entries, told = [], 0
    for person, account in broadcasts.persons_meant(db, broadcast, content):
        found = states[person.account_id] if person.account_id is not None else set()
        if Status.SENT in found:
            told += 1
            continue
        why = why_unreachable(person, account)
        if why is None:
            why = _of_states(found)
        if why is None:
            heard = broadcasts.would_hear(db, person, broadcast, content)
            why = Why.LATER if heard and person.frozen_at is None else _without_consent(person)
        entries.append((person, account, why))
    return _listed(db, session, Occasion.NEWS, f"b{broadcast.id}", entries, told, None)


def missed_by(
    db: Session, broadcast: Broadcast, content: Content, *, limit: int, offset: int
) -> tuple[list[Entry], int]:
    """Returns a page of the people whom an announcement did not reach and will not (whom a draft would not reach), by
    name, and how many there are. Who registered since it began was not meant."""
    if broadcast.begun_at is None:
        reached = select(broadcasts.people_meant(broadcast, content).subquery().c.account_id)
    else:
        arrived = OutboxRow.status.in_((Status.SENT, Status.WAITING, Status.CLAIMED))
        reached = select(OutboxRow.account_id).where(
            OutboxRow.broadcast_id == broadcast.id, arrived, OutboxRow.account_id.is_not(None)
        )
    missed = (
        select(Person, Account)
        .outerjoin(Account, Account.id == Person.account_id)
        .where(broadcasts.meant(broadcast, content), Person.anonymised_at.is_(None))
        .where(Person.registered_at <= (broadcast.begun_at or broadcast.created_at))
        .where(or_(Person.account_id.is_(None), Person.account_id.not_in(reached)))
    )
    total = int(db.scalar(select(func.count()).select_from(missed.subquery())) or 0)
    page = missed.order_by(func.lower(Person.name), Person.id).limit(limit).offset(offset)
    entries = []
    found: list[tuple[Person, Account | None]] = [(person, account) for person, account in db.execute(page).unique()]
    for person, account in found:
        of_phone = (OutboxRow.broadcast_id == broadcast.id, OutboxRow.account_id == person.account_id)
        states = set(db.scalars(select(OutboxRow.status).where(*of_phone))) if account is not None else set()
        why = why_unreachable(person, account) or _of_states(states) or _without_consent(person)
        entries.append(Entry(person, account.language if account is not None else "id", why, None))
    return entries, total


def _without_consent(person: Person) -> Why:
    return Why.FROZEN if person.frozen_at is not None else Why.NO_CONSENT


def class_of(db: Session, broadcast: Broadcast) -> ClassSession | None:
    """Returns the class whose people an announcement is for; None if it is for others, too."""
    match broadcast.groups:
        case [group] if broadcasts.AUDIENCES[group.kind].about is About.CLASS and broadcast.corrects_id is None:
            return db.get(ClassSession, int(group.subject))
    return None


def _occasion(session: ClassSession, now: datetime, content: Content) -> tuple[Occasion, datetime | None]:
    """Returns what people should know now, and since when they can have been told."""
    if session.cancelled_at is not None:
        return Occasion.CANCELLED, session.cancelled_at
    moved_at = (session.moved_at or session.changed_at) if session.revision > 1 else None
    zone = content.open_hours(session.site_id).zone
    tomorrow_since = day_before(session, zone)
    if now >= tomorrow_since:
        reminded = timedelta(minutes=max(content.leads(session.site_id), default=0))
        told_since = min(tomorrow_since, session.starts_at - reminded)
        if moved_at is None or moved_at < told_since:
            return Occasion.TOMORROW, told_since
    if moved_at is None:
        return Occasion.COMING, None
    return Occasion.RESTORED if session.restored_at == moved_at else Occasion.MOVED, moved_at


def day_before(session: ClassSession, zone: str) -> datetime:
    """Returns the midnight with which the day before the class begins, in that IANA zone."""
    local = ZoneInfo(zone)
    return datetime.combine(session.starts_at.astimezone(local).date() - timedelta(days=1), time(0), local)


def _concerned(session: ClassSession, occasion: Occasion) -> Any:
    query = (
        select(Enrolment, Person, Account)
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(Account, Account.id == Person.account_id)
        .where(Enrolment.session_id == session.id, Person.anonymised_at.is_(None))
        .order_by(func.lower(Person.name), Person.id)
    )
    match occasion:
        case Occasion.CANCELLED:
            ended = Enrolment.status == EnrolmentStatus.CANCELLED
            return query.where(ended, Enrolment.changed_at >= session.cancelled_at)
        case Occasion.MOVED | Occasion.RESTORED:
            return query.where(Enrolment.status.in_(LIVE))
        case _:
            return query.where(Enrolment.status.in_(HOLDING))


@dataclass(frozen=True)
class _Said:
    """A message to somebody about the class as it is now. `by_staff`: because staff changed the person's seat."""

    status: str
    by_staff: bool


def _said(db: Session, session: ClassSession, since: datetime | None) -> dict[int | None, list[_Said]]:
    """Returns for each person the messages that told about the class as it is now."""
    said: dict[int | None, list[_Said]] = defaultdict(list)
    if since is None:
        return said
    query = select(
        OutboxRow.person_id, OutboxRow.kind, OutboxRow.once, OutboxRow.status, OutboxRow.created_at, OutboxRow.reason
    ).where(OutboxRow.session_id == session.id, OutboxRow.person_id.is_not(None), OutboxRow.kind.in_(ABOUT_CLASS))
    for person_id, kind, once, status, created_at, reason in db.execute(query):
        name, _, revision, *_ = [*(once or "").split(":"), "", "", ""]
        if reason == RESTORED and revision == str(session.revision - 1):
            # the cancellation never went out: the class is as they know it
            said[person_id].append(_Said(Status.SENT, by_staff=False))
        if name in OF_REVISION:
            if revision == str(session.revision) and created_at >= since:
                said[person_id].append(_Said(status, by_staff=False))
        elif created_at > since:
            said[person_id].append(_Said(status, by_staff=kind == Kind.CHANGE))
    return said


def _why(
    enrolment: Enrolment,
    person: Person,
    unreachable: Why | None,
    said: Collection[_Said],
    since: datetime | None,
    *,
    reminds: bool,
) -> Why | None:
    """Returns why the person was not told; None if they were, or know it by what they did themselves. `reminds`: a
    reminder of the class is still to come."""
    if any(one.status == Status.SENT for one in said):
        return None
    if unreachable is None and since is not None and not any(one.by_staff for one in said):
        took = enrolment.status in (EnrolmentStatus.SEATED, EnrolmentStatus.WAITLISTED)
        answered = enrolment.replied_at is not None and enrolment.replied_at > since
        if answered or (took and enrolment.changed_at > since):
            return None
    found = _of_states({one.status for one in said})
    if unreachable is not None and found is not Why.WAITING:
        return unreachable
    if found is not Why.WAITING and person.frozen_at is not None:
        return Why.FROZEN
    if found is not None:
        return found
    if not has_consented(person, Purpose.REMINDERS):
        return Why.NO_CONSENT
    return Why.LATER if reminds else Why.FAILED


def _of_states(states: Collection[str]) -> Why | None:
    if not states:
        return None
    if Status.BLOCKED in states:
        return Why.BLOCKED
    return Why.WAITING if {Status.WAITING, Status.CLAIMED} & set(states) else Why.FAILED


def _listed(
    db: Session,
    session: ClassSession,
    occasion: Occasion,
    about: str,
    entries: Iterable[tuple[Person, Account | None, Why]],
    told: int,
    since: datetime | None,
) -> CallList:
    query = (
        select(CallMade.person_id, CallMade.at, Account.staff_name)
        .outerjoin(Account, Account.id == CallMade.by_account_id)
        .where(CallMade.session_id == session.id, CallMade.about == about)
    )
    if since is not None:
        query = query.where(CallMade.at >= since)
    calls = {person_id: Call(at, staff) for person_id, at, staff in db.execute(query)}
    listed = [
        Entry(person, account.language if account is not None else "id", why, calls.get(person.id))
        for person, account, why in sorted(entries, key=lambda one: one[2] in PENDING)
    ]
    return CallList(session, occasion, about, tuple(listed), told)


# --- told by staff ----------------------------------------------------------------------------------------------------


def is_current(db: Session, session: ClassSession, person_id: int, about: str) -> bool:
    """Whether a button for this person and this news is still valid: the class has not changed since, the person has an
    enrolment in it (in any state), and the announcement exists."""
    if about.startswith("b") and about[1:].isdecimal():
        broadcast = db.get(Broadcast, int(about[1:]))
        found = class_of(db, broadcast) if broadcast is not None else None
        standing = found is not None and found.id == session.id
    else:
        standing = about == f"r{session.revision}"
    theirs = select(Enrolment.id).where(Enrolment.session_id == session.id, Enrolment.person_id == person_id)
    return standing and db.scalar(theirs) is not None


def mark_told(
    db: Session,
    session: ClassSession,
    person_id: int,
    about: str,
    *,
    by: Account,
    since: datetime | None,
    now: datetime,
) -> Call | None:
    """Records that `by` told the person. Returns who had told them before, since that moment; then nothing changes."""
    known = (CallMade.session_id == session.id, CallMade.person_id == person_id, CallMade.about == about)
    query = select(CallMade.at, Account.staff_name).outerjoin(Account, Account.id == CallMade.by_account_id)
    before = db.execute(query.where(*known)).first()
    if before is not None and (since is None or before.at >= since):
        return Call(before.at, before.staff_name)
    fresh = {"at": now, "by_account_id": by.id}
    writing = insert_or(db, CallMade).values(session_id=session.id, person_id=person_id, about=about, **fresh)
    index = ["session_id", "person_id", "about"]
    db.execute(writing.on_conflict_do_update(index_elements=index, set_=fresh))
    return None


def take_back(db: Session, session: ClassSession, person_id: int, about: str) -> bool:
    """Records that nobody told the person after all. Returns whether it had been recorded."""
    theirs = (CallMade.session_id == session.id, CallMade.person_id == person_id, CallMade.about == about)
    return bool(db.scalars(delete(CallMade).where(*theirs).returning(CallMade.id)).all())


def told_since(session: ClassSession, about: str, now: datetime, content: Content) -> datetime | None:
    """Returns since when staff must have told somebody for it to count."""
    return None if about.startswith("b") else _occasion(session, now, content)[1]


# --- what it owes -----------------------------------------------------------------------------------------------------


def due(db: Session, now: datetime, context: Context) -> None:
    """Deletes the records of whom staff told after KEPT."""
    old = select(CallMade.id).where(CallMade.at < now - KEPT).order_by(CallMade.at).limit(AT_ONCE)
    if ids := db.scalars(old).all():
        db.execute(delete(CallMade).where(CallMade.id.in_(ids)))


def forget(db: Session, person: Person, now: datetime) -> None:
    db.execute(delete(CallMade).where(CallMade.person_id == person.id))


def copy(db: Session, person: Person, content: Content, told: Told) -> dict[str, Any]:
    """Returns when staff told the person about which class, outside the bot."""
    query = (
        select(CallMade, ClassSession.code)
        .join(ClassSession, ClassSession.id == CallMade.session_id)
        .where(CallMade.person_id == person.id)
        .order_by(CallMade.id)
    )
    return {
        "dikabari_pelatih": [
            {"kelas": code, "tentang": one.about, "pada": told(one.at)} for one, code in db.execute(query)
        ]
    }


DATA: Final = CapabilityData(
    "call_list",
    tables=(CallMade,),
    due=due,
    forget=forget,
    copy=copy,
    not_copied={"call_made.by_account_id": "Whom a trainer told is in the copy of who was told."},
)

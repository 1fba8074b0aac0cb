"""Announcements: what a trainer says to many at once. One row per copy in the outbox, all of them sharing one body.

An announcement is drafted, seen as it will arrive, and then sent, or put down for a moment. From there it is only
rows: written in one INSERT ... SELECT, stopped by dropping those that wait, corrected by rows that edit the copies.
While it goes out one message of the trainer's chat tells how far it has come; at the end the same message is the
report. What became of a copy is never guessed: one whose answer was lost is `unknown`, and offered to be sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Select,
    SmallInteger,
    String,
    case,
    delete,
    false,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.capability import CapabilityData, Context
from bot.catalogue.content import Content
from bot.database import Base, BigId, something_due
from bot.delivery import outbox
from bot.delivery.outbox import OutboxBody, OutboxRow, Status
from bot.people import rights
from bot.people.people import Account, Person
from bot.people.quiet_hours import Kind, is_open, next_opening
from bot.programme.enrolment import Enrolment, EnrolmentStatus
from bot.programme.lessons import LessonProgress
from bot.programme.sessions import ClassSession
from bot.settings import Settings
from bot.words.message import Button, Form, Lines, Message, Value, Words, rows

EVERY: Final = timedelta(seconds=3)
"""The progress message is edited at most so often."""
FORGOTTEN: Final = timedelta(days=1)
"""A draft that nobody sent in this time is thrown away."""
LATELY: Final = timedelta(days=7)
"""A class can be written to for so long after it began."""
BAR: Final = 10
"""How many blocks long the bar of the progress is."""
CAPTION: Final = 1024
TEXT: Final = 4096
"""What Telegram takes of words, with a file and alone."""
LEAD: Final = 96
"""What a correction that cannot be made in place says above."""


class BroadcastStatus(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    STOPPED = "stopped"
    DONE = "done"
    DISCARDED = "discarded"
    """Called off before it began, or its author may no longer say it."""


class Broadcast(Base):
    """One announcement; or, with `corrects_id`, the correction of one."""

    __tablename__ = "broadcast"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    corrects_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    audience: Mapped[dict[str, Any]]
    """{"groups": [[kind, subject] ...], "sites": the author's sites then, or None for all}"""
    body_id: Mapped[int] = mapped_column(ForeignKey("outbox_body.id"))
    zone: Mapped[str] = mapped_column(String(40))
    """In which moments are told to the author."""
    urgent: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str | None] = mapped_column(String(200))
    """Why it is urgent, in the admin's words."""
    status: Mapped[str] = mapped_column(String(10), index=True)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    begun_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    recipients: Mapped[int] = mapped_column(default=0)
    """How many persons' rows were written."""
    resent: Mapped[int] = mapped_column(SmallInteger, default=0)
    """How often the unknown ones were sent again."""
    swept: Mapped[bool] = mapped_column(default=False)
    """Of a correction: every copy with the old words has been dealt with."""
    progress_id: Mapped[int | None] = mapped_column(BigInteger)
    """The row of the outbox that tells the author how far it has come."""
    told_id: Mapped[int | None] = mapped_column(BigInteger)
    """The row that told it last: the next one waits for it."""
    told_at: Mapped[datetime | None]
    shown: Mapped[str | None] = mapped_column(String(200))
    """The figures that were told last."""

    @property
    def groups(self) -> tuple[Group, ...]:
        return tuple(Group(kind, subject) for kind, subject in self.audience["groups"])

    @property
    def sites(self) -> frozenset[str] | None:
        sites = self.audience["sites"]
        return None if sites is None else frozenset(sites)

    @property
    def under_way(self) -> bool:
        return self.begun_at is not None and self.ended_at is None


# --- who hears it ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Group:
    """Part of an audience: its kind, and which site, class or module it is about."""

    kind: str
    subject: str = ""


class About(StrEnum):
    """What has to be picked to know who is meant."""

    NOTHING = "nothing"
    SITE = "site"
    CLASS = "class"
    MODULE = "module"


Sites = frozenset[str] | None
"""The sites somebody leads; None for all there are."""
Condition = Callable[[str, Sites, Content], ColumnElement[bool]]
"""Which persons are meant, of a subject, seen by somebody who leads these sites."""


@dataclass(frozen=True)
class Audience:
    """One choice of the list. `of_admins`: nobody else may write to them. `can_be_offered` looks for what it needs."""

    kind: str
    about: About
    persons: Condition
    of_admins: bool = False
    can_be_offered: Callable[[Content], bool] = lambda content: True


def _in(sites: Sites) -> ColumnElement[bool]:
    return true() if sites is None else Person.site_id.in_(sorted(sites))


def _enrolled(*statuses: EnrolmentStatus, silent: bool = False) -> Condition:
    def persons(subject: str, sites: Sites, content: Content) -> ColumnElement[bool]:
        query = select(Enrolment.person_id).where(Enrolment.session_id == int(subject), Enrolment.status.in_(statuses))
        return Person.id.in_(query.where(Enrolment.reply.is_(None)) if silent else query)

    return persons


def _lesson_ids(content: Content, module_id: str) -> tuple[str, ...]:
    module = content.module(module_id)
    return tuple(lesson.id for lesson in module.lessons) if module else ()


def _unfinished(subject: str, sites: Sites, content: Content) -> ColumnElement[bool]:
    wanted = _lesson_ids(content, subject)
    if not wanted:
        return false()
    finished = (
        select(LessonProgress.person_id)
        .where(LessonProgress.lesson_id.in_(wanted), LessonProgress.finished_at.is_not(None))
        .group_by(LessonProgress.person_id)
        .having(func.count() >= len(wanted))
    )
    return _in(sites) & Person.id.not_in(finished)


AUDIENCES: Final = {
    audience.kind: audience
    for audience in (
        Audience("everyone", About.NOTHING, lambda subject, sites, content: true(), of_admins=True),
        Audience("mine", About.NOTHING, lambda subject, sites, content: _in(sites)),
        Audience("site", About.SITE, lambda subject, sites, content: Person.site_id == subject),
        Audience(
            "class",
            About.CLASS,
            _enrolled(EnrolmentStatus.SEATED, EnrolmentStatus.ATTENDED, EnrolmentStatus.ABSENT),
        ),
        Audience("waitlist", About.CLASS, _enrolled(EnrolmentStatus.WAITLISTED, EnrolmentStatus.OFFERED)),
        Audience("silent", About.CLASS, _enrolled(EnrolmentStatus.SEATED, silent=True)),
        Audience(
            "unfinished",
            About.MODULE,
            _unfinished,
            can_be_offered=lambda content: bool(content.modules),
        ),
    )
}
"""Whom one can write to, by kind, in the order they are offered. A new kind is one more line here, with its words."""

REACHABLE: Final = (
    Person.registered_at.is_not(None),
    Person.anonymised_at.is_(None),
    Person.consent_training.is_(True),
    Person.consent_messages.is_(True),
    Account.stopped_at.is_(None),
    Account.blocked_at.is_(None),
)
"""Consent 1 and 2, not /berhenti, not blocked."""


@dataclass(frozen=True)
class Reach:
    """How many phones will be written to, by site; `beyond`: how many persons are meant but will hear nothing."""

    by_site: Mapping[str | None, int]
    beyond: int

    @property
    def people(self) -> int:
        return sum(self.by_site.values())


@dataclass(frozen=True)
class Held:
    """So many of them are in quiet hours, which end for the first of them at `opening`."""

    people: int
    opening: datetime


# --- outcomes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Begun:
    broadcast: Broadcast
    people: int


@dataclass(frozen=True)
class Scheduled:
    broadcast: Broadcast


@dataclass(frozen=True)
class Past:
    """The moment is over."""


@dataclass(frozen=True)
class Nobody:
    """There is nobody to hear it."""


@dataclass(frozen=True)
class AlreadySent:
    """Or called off: it is a draft no more."""

    broadcast: Broadcast


@dataclass(frozen=True)
class Replaced:
    """It had not begun: it simply says something else now."""

    broadcast: Broadcast


@dataclass(frozen=True)
class TooOld:
    """What it said was emptied long ago."""


@dataclass(frozen=True)
class Stopped:
    broadcast: Broadcast
    dropped: int


@dataclass(frozen=True)
class Over:
    """Nothing was waiting any more."""

    broadcast: Broadcast


# --- decisions ------------------------------------------------------------------------------------------------------

EDITABLE: Final = frozenset({Form.TEXT, Form.PHOTO, Form.VIDEO, Form.DOCUMENT, Form.VOICE})
"""What can be made right in place, by another of the same form."""
WITH_CAPTION: Final = frozenset({Form.PHOTO, Form.VIDEO, Form.DOCUMENT, Form.VOICE})


def as_announced(message: Message) -> Message:
    """With the ways on that stand under everything said unasked. They leave the announcement itself where it is."""
    return message.with_buttons([[Button("button.menu", "broadcasts:menu"), Button("button.help", "broadcasts:help")]])


def too_long(message: Message, plain: str, *, correcting: bool) -> bool:
    """Whether Telegram would not take that many characters (`plain`: without its markup)."""
    limit = CAPTION if message.form in WITH_CAPTION else TEXT
    return len(plain.encode("utf-16-le")) // 2 > limit - (LEAD if correcting else 0)


def merged(old: Message, new: Message) -> Message:
    """What a correction says: words alone are new words for the file that was sent. A voice keeps its sound."""
    if old.form in WITH_CAPTION and new.form is Form.TEXT:
        return replace(old, html=new.html)
    return new


def in_place(old: Message, new: Message) -> bool:
    """Whether a delivered copy can be turned from the one into the other."""
    if old.form is not new.form or old.form not in EDITABLE:
        return False
    return old.form is not Form.VOICE or old.file == new.file


def seconds_for(people: int, rate: float) -> int:
    """How long so many messages take."""
    return max(1, ceil(people / rate))


def held(reach: Reach, moment: datetime, content: Content) -> Held | None:
    """How many of them would be waited for if it were said at `moment`."""
    closed = {site: n for site, n in reach.by_site.items() if site and not is_open(content.open_hours(site), moment)}
    if not closed:
        return None
    return Held(sum(closed.values()), min(next_opening(content.open_hours(site), moment) for site in closed))


def offered(content: Content, *, admin: bool) -> list[Audience]:
    """The kinds of audience somebody may choose from."""
    return [one for one in AUDIENCES.values() if (admin or not one.of_admins) and one.can_be_offered(content)]


def site_of(db: Session, group: Group) -> str | None:
    """The site one must lead to write to this group; None when it is about no single site."""
    match AUDIENCES[group.kind].about:
        case About.SITE:
            return group.subject
        case About.CLASS:
            session = db.get(ClassSession, int(group.subject))
            return session.site_id if session else None
        case _:
            return None


# --- drafting -------------------------------------------------------------------------------------------------------


def draft(
    db: Session,
    account: Account,
    groups: Sequence[Group],
    sites: Sites,
    message: Message,
    now: datetime,
    *,
    zone: str,
    corrects: Broadcast | None = None,
) -> Broadcast:
    """Keep what is to be said to whom. There is one draft per account: an older one is thrown away."""
    _throw_away(db, Broadcast.account_id == account.id)
    broadcast = Broadcast(
        account_id=account.id,
        corrects_id=corrects.id if corrects else None,
        audience={
            "groups": [[group.kind, group.subject] for group in dict.fromkeys(groups)],
            "sites": None if sites is None else sorted(sites),
        },
        body_id=outbox.keep_body(db, message, now=now),
        zone=zone,
        urgent=corrects.urgent if corrects else False,
        status=BroadcastStatus.DRAFT,
        created_at=now,
    )
    db.add(broadcast)
    db.flush()
    return broadcast


def add_group(db: Session, broadcast: Broadcast, group: Group) -> None:
    """Say it to these, too. Whoever belongs to both gets it once."""
    groups = dict.fromkeys([*broadcast.groups, group])
    broadcast.audience = {**broadcast.audience, "groups": [[one.kind, one.subject] for one in groups]}


def find(db: Session, broadcast_id: int | None) -> Broadcast | None:
    """Whose it is, and who may see it, is asked by the caller."""
    return db.get(Broadcast, broadcast_id) if broadcast_id is not None else None


def latest(db: Session, account: Account, *, admin: bool, limit: int) -> list[Broadcast]:
    """The announcements of this account (of all, for admins) that are no drafts, the newest first."""
    hidden = (BroadcastStatus.DRAFT, BroadcastStatus.DISCARDED)
    query = select(Broadcast).where(Broadcast.status.not_in(hidden), Broadcast.corrects_id.is_(None))
    if not admin:
        query = query.where(Broadcast.account_id == account.id)
    return list(db.scalars(query.order_by(Broadcast.id.desc()).limit(limit)))


def message_of(db: Session, broadcast: Broadcast) -> Message | None:
    return outbox.body(db, broadcast.body_id)


def classes_to_write_to(db: Session, site_id: str, now: datetime) -> list[ClassSession]:
    """Classes of a site that are to come or were in the last week, the earliest first."""
    query = select(ClassSession).where(ClassSession.site_id == site_id, ClassSession.cancelled_at.is_(None))
    query = query.where(ClassSession.starts_at > now - LATELY)
    return list(db.scalars(query.order_by(ClassSession.starts_at, ClassSession.id)))


def reach(db: Session, broadcast: Broadcast, content: Content) -> Reach:
    """How many would get it if it were sent now."""
    people = _people(broadcast, content).subquery()
    by_site = {
        site: int(n) for site, n in db.execute(select(people.c.site_id, func.count()).group_by(people.c.site_id))
    }
    meant = _meant(broadcast, content)
    known = (Person.registered_at.is_not(None), Person.anonymised_at.is_(None))
    phones, walk_ins = db.execute(
        select(func.count(func.distinct(Person.account_id)), func.count(case((Person.account_id.is_(None), 1)))).where(
            meant, *known
        )
    ).one()
    return Reach(by_site, int(phones) + int(walk_ins) - sum(by_site.values()))


def correction_reach(db: Session, original: Broadcast, new: Message) -> tuple[int, int]:
    """How many delivered copies would be made right in place, and how many persons would get a new message."""
    editable = _editable_bodies(db, original, new)
    query = select(OutboxRow.body_id, func.count()).where(
        OutboxRow.broadcast_id == original.id, OutboxRow.status.in_((Status.SENT, Status.CLAIMED))
    )
    counts = {body: int(n) for body, n in db.execute(query.group_by(OutboxRow.body_id))}
    edits = sum(n for body, n in counts.items() if body in editable)
    return edits, sum(counts.values()) - edits


def _meant(broadcast: Broadcast, content: Content) -> ColumnElement[bool]:
    conditions = [AUDIENCES[group.kind].persons(group.subject, broadcast.sites, content) for group in broadcast.groups]
    return or_(false(), *conditions)


def _people(broadcast: Broadcast, content: Content) -> Select[*tuple[Any, ...]]:
    """One row for each phone: several persons on it hear it once."""
    chosen = (
        select(func.min(Person.id))
        .join(Account, Account.id == Person.account_id)
        .where(_meant(broadcast, content), *REACHABLE)
        .group_by(Person.account_id)
    )
    return _addressees().where(Person.id.in_(chosen))


def _addressees() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Account.id.label("account_id"),
            Person.id.label("person_id"),
            Account.telegram_id.label("chat_id"),
            Account.language.label("language"),
            Person.site_id.label("site_id"),
        )
        .select_from(Person)
        .join(Account, Account.id == Person.account_id)
    )


# --- sending --------------------------------------------------------------------------------------------------------


def send(
    db: Session, broadcast: Broadcast, now: datetime, *, content: Content
) -> Begun | Nobody | AlreadySent | Replaced | TooOld:
    """Send a draft now; a draft that corrects another announcement corrects it."""
    _lock(db, broadcast)
    if broadcast.status != BroadcastStatus.DRAFT:
        return AlreadySent(broadcast)
    if broadcast.corrects_id is not None:
        return _begin_correction(db, broadcast, now)
    if _begin(db, broadcast, now, content) == 0:
        return Nobody()
    return Begun(broadcast, broadcast.recipients)


def schedule(db: Session, broadcast: Broadcast, moment: datetime, now: datetime) -> Scheduled | Past | AlreadySent:
    _lock(db, broadcast)
    if broadcast.status != BroadcastStatus.DRAFT:
        return AlreadySent(broadcast)
    if moment <= now:
        return Past()
    broadcast.status, broadcast.due_at = BroadcastStatus.SCHEDULED, moment
    something_due(db)
    return Scheduled(broadcast)


def mark_urgent(db: Session, broadcast: Broadcast, reason: str) -> None:
    """It does not wait for open hours. An admin's word, with the reason."""
    broadcast.urgent, broadcast.reason = True, reason[:200]
    db.flush()


def call_off(db: Session, broadcast: Broadcast) -> bool:
    """Throw a draft away, or take back what was put down for later; False when it is on its way already."""
    _lock(db, broadcast)
    if broadcast.status not in (BroadcastStatus.DRAFT, BroadcastStatus.SCHEDULED):
        return False
    broadcast.status = BroadcastStatus.DISCARDED
    return True


def stop(db: Session, broadcast: Broadcast, now: datetime) -> Stopped | Over:
    """Nothing more of it leaves the ledger. What a sender has in hand at this moment may still go."""
    _lock(db, broadcast)
    if not broadcast.under_way or broadcast.status != BroadcastStatus.SENDING:
        return Over(broadcast)
    broadcast.status = BroadcastStatus.STOPPED
    dropped = outbox.drop_waiting(db, "stopped by staff", broadcast_id=broadcast.id)
    something_due(db)
    return Stopped(broadcast, dropped)


def resend(db: Session, broadcast: Broadcast, now: datetime) -> Begun | Nobody | TooOld:
    """Send it again to those of whom nobody knows whether they got it."""
    _lock(db, broadcast)
    if message_of(db, broadcast) is None:
        return TooOld()
    unknown = select(OutboxRow.person_id).where(
        OutboxRow.id.in_(_newest(broadcast)), OutboxRow.status == Status.UNKNOWN
    )
    number = broadcast.resent + 1
    written = outbox.post_to_many(
        db,
        _addressees().where(Person.id.in_(unknown), *REACHABLE),
        None,
        kind=Kind.ANNOUNCEMENT,
        once=f"broadcast:{broadcast.id}:again:{number}",
        now=now,
        body_id=broadcast.body_id,
        broadcast_id=broadcast.id,
        urgent=broadcast.urgent,
    )
    if not written:
        return Nobody()
    broadcast.resent = number
    broadcast.status, broadcast.ended_at = BroadcastStatus.SENDING, None
    broadcast.progress_id = broadcast.told_id = broadcast.told_at = broadcast.shown = None
    something_due(db)
    return Begun(broadcast, written)


def _begin(db: Session, broadcast: Broadcast, now: datetime, content: Content) -> int:
    written = outbox.post_to_many(
        db,
        _people(broadcast, content),
        None,
        kind=Kind.ANNOUNCEMENT,
        once=f"broadcast:{broadcast.id}",
        now=now,
        body_id=broadcast.body_id,
        broadcast_id=broadcast.id,
        urgent=broadcast.urgent,
    )
    if written:
        broadcast.recipients = written
        broadcast.status, broadcast.begun_at = BroadcastStatus.SENDING, now
        something_due(db)
    return written


def _lock(db: Session, broadcast: Broadcast) -> None:
    db.flush()
    db.refresh(broadcast, with_for_update=True)


def _throw_away(db: Session, which: ColumnElement[bool]) -> None:
    drafts = db.execute(
        select(Broadcast.id, Broadcast.body_id).where(which, Broadcast.status == BroadcastStatus.DRAFT)
    ).all()
    if drafts:
        db.execute(delete(Broadcast).where(Broadcast.id.in_([draft.id for draft in drafts])))
        db.execute(delete(OutboxBody).where(OutboxBody.id.in_([draft.body_id for draft in drafts])))


# --- correcting -----------------------------------------------------------------------------------------------------


def _begin_correction(
    db: Session, correction: Broadcast, now: datetime
) -> Begun | Nobody | Replaced | AlreadySent | TooOld:
    original = db.get(Broadcast, correction.corrects_id)
    if original is None:
        return TooOld()
    _lock(db, original)
    original.body_id = correction.body_id  # for what is still to be sent, and what may be sent again
    if original.status == BroadcastStatus.SCHEDULED:
        correction.status = BroadcastStatus.DONE
        return Replaced(original)
    earlier = select(Broadcast.id).where(Broadcast.corrects_id == original.id, Broadcast.id != correction.id)
    db.execute(
        update(OutboxRow)
        .where(OutboxRow.broadcast_id.in_(earlier), OutboxRow.status == Status.WAITING)
        .values(status=Status.DROPPED, reason="superseded")
    )
    db.execute(update(Broadcast).where(Broadcast.id.in_(earlier), Broadcast.ended_at.is_(None)).values(swept=True))
    correction.status, correction.begun_at = BroadcastStatus.SENDING, now
    _sweep(db, correction, original, now)
    something_due(db)
    return Begun(correction, correction.recipients)


def _sweep(db: Session, correction: Broadcast, original: Broadcast, now: datetime) -> None:
    """Deal with every copy that has the old words. One in a sender's hands has to be waited for: the next look finds
    it delivered, or waiting again."""
    new = outbox.body(db, correction.body_id)
    if new is None:
        correction.swept = True
        return
    copies = (OutboxRow.broadcast_id == original.id, OutboxRow.body_id != correction.body_id)
    db.execute(update(OutboxRow).where(*copies, OutboxRow.status == Status.WAITING).values(body_id=correction.body_id))
    in_hand = db.scalar(select(func.count()).select_from(OutboxRow).where(*copies, OutboxRow.status == Status.CLAIMED))
    editable = _editable_bodies(db, original, new)
    delivered = _delivered(*copies, OutboxRow.status == Status.SENT)
    edited = outbox.post_to_many(
        db,
        delivered.where(OutboxRow.body_id.in_(editable)),
        None,
        kind=Kind.ANNOUNCEMENT,
        once=f"broadcast:{correction.id}",
        now=now,
        body_id=correction.body_id,
        broadcast_id=correction.id,
    )
    told = _notify(db, correction, new, delivered.where(OutboxRow.body_id.not_in(editable)), now)
    correction.recipients += edited + told
    correction.swept = not in_hand


def _notify(db: Session, correction: Broadcast, new: Message, whom: Select[*tuple[Any, ...]], now: datetime) -> int:
    """A short notice with the right words, where a copy cannot be changed. Returns how many are new."""
    addressees = whom.with_only_columns(
        *(whom.selected_columns[name] for name in ("account_id", "person_id", "chat_id", "language", "site_id"))
    )

    def post(message: Message, once: str) -> int:
        same = select(OutboxRow.body_id).where(OutboxRow.broadcast_id == correction.id, OutboxRow.edits.is_(None))
        kept = [one for one in db.scalars(same.distinct()) if outbox.body(db, one or 0) == message]
        return outbox.post_to_many(
            db,
            addressees,
            None,
            kind=Kind.ANNOUNCEMENT,
            once=f"broadcast:{correction.id}:{once}",
            now=now,
            body_id=kept[0] if kept else outbox.keep_body(db, message, now=now),
            broadcast_id=correction.id,
            urgent=correction.urgent,
        )

    if not db.execute(addressees.limit(1)).first():
        return 0
    if new.form in WITH_CAPTION or new.form is Form.TEXT:
        return post(replace(new, key="broadcasts.corrected"), "told")
    post(as_announced(Message("broadcasts.corrected_below")), "above")
    return post(new, "told")


def _delivered(*which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Those who have a copy and may still be written to."""
    return (
        _addressees()
        .join(OutboxRow, OutboxRow.person_id == Person.id)
        .add_columns(OutboxRow.id.label("edits"))
        .where(OutboxRow.edits.is_(None), *which, *REACHABLE)
    )


def _editable_bodies(db: Session, original: Broadcast, new: Message) -> list[int]:
    """Of the bodies that copies of `original` have, those whose copies can be edited into `new`."""
    query = select(OutboxRow.body_id).where(OutboxRow.broadcast_id == original.id).distinct()
    found = {body_id: outbox.body(db, body_id) for body_id in db.scalars(query) if body_id is not None}
    return [body_id for body_id, old in found.items() if old is not None and in_place(old, new)]


def _notify_failed(db: Session, correction: Broadcast, now: datetime) -> int:
    """Copies that could not be edited after all (the person took it out of the chat, for one) get the notice."""
    new = outbox.body(db, correction.body_id)
    if new is None:
        return 0
    failed = select(OutboxRow.person_id).where(
        OutboxRow.broadcast_id == correction.id, OutboxRow.edits.is_not(None), OutboxRow.status == Status.FAILED
    )
    return _notify(db, correction, new, _addressees().where(Person.id.in_(failed), *REACHABLE), now)


# --- how far it has come --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tally:
    """What became of each person's copy. `gone`: whose row was erased with the person. It all adds up to `total`."""

    total: int
    states: Mapping[str, int]
    dropped: Mapping[str, int]
    """Why, and how many."""
    edited: int = 0
    """Of a correction, how many of `sent` were made right in place."""

    def of(self, status: Status) -> int:
        return self.states.get(status, 0)

    @property
    def open(self) -> int:
        return self.of(Status.WAITING) + self.of(Status.CLAIMED)

    @property
    def gone(self) -> int:
        return max(0, self.total - sum(self.states.values()))

    @property
    def done(self) -> int:
        return self.total - self.open


def tally(db: Session, broadcast: Broadcast) -> Tally:
    """Of several rows for one person the newest counts: the copy that was sent again, the notice after the edit."""
    why = case((OutboxRow.status == Status.DROPPED, OutboxRow.reason))
    in_place_ = case((OutboxRow.edits.is_not(None), 1), else_=0)
    query = select(OutboxRow.status, why, in_place_, func.count()).where(OutboxRow.broadcast_id == broadcast.id)
    if broadcast.resent or broadcast.corrects_id is not None:
        query = query.where(OutboxRow.id.in_(_newest(broadcast)))
    states: dict[str, int] = {}
    dropped: dict[str, int] = {}
    edited = 0
    for status, reason, in_place_row, number in db.execute(query.group_by(OutboxRow.status, why, in_place_)):
        states[status] = states.get(status, 0) + number
        if status == Status.DROPPED:
            dropped[reason or ""] = dropped.get(reason or "", 0) + number
        if status == Status.SENT and in_place_row:
            edited += number
    return Tally(broadcast.recipients, states, dropped, edited)


def _newest(broadcast: Broadcast) -> Select[*tuple[Any, ...]]:
    return select(func.max(OutboxRow.id)).where(OutboxRow.broadcast_id == broadcast.id).group_by(OutboxRow.person_id)


REASONS: Final = {
    "stopped by staff": "staff",
    "stopped": "stopped",
    "consent withdrawn": "consent",
    "superseded": "superseded",
    "stale": "stale",
    "its message was never sent": "erased",
    "erased": "erased",
}
"""Why something was not sent, as the ledger says it, and the end of the key that says it to people."""


def told(broadcast: Broadcast, figures: Tally) -> Message:
    """How far it has come, or what came of it."""
    counts: list[Words] = []
    if broadcast.corrects_id is not None:
        counts += _line("edited", figures.edited) + _line("told", figures.of(Status.SENT) - figures.edited)
    else:
        counts += [Words("broadcasts.count.sent", {"n": figures.of(Status.SENT)})]
    counts += _line("waiting", figures.open)
    counts += _line("blocked", figures.of(Status.BLOCKED))
    counts += _line("failed", figures.of(Status.FAILED))
    counts += _line("unknown", figures.of(Status.UNKNOWN))
    reasons: dict[str, int] = {}
    for reason, number in figures.dropped.items():
        name = REASONS.get(reason, "other")
        reasons[name] = reasons.get(name, 0) + number
    counts += [Words(f"broadcasts.dropped.{name}", {"n": number}) for name, number in sorted(reasons.items())]
    counts += _line("gone", figures.gone)
    values: dict[str, Value] = {"number": broadcast.id, "n": figures.total, "counts": Lines(tuple(counts))}
    if figures.open or not broadcast.begun_at:
        share = figures.done / figures.total if figures.total else 0.0
        blocks = int(share * BAR)
        key = "broadcasts.correcting" if broadcast.corrects_id is not None else "broadcasts.progress"
        values |= {"bar": "▓" * blocks + "░" * (BAR - blocks), "share": int(share * 100) / 100}
    elif broadcast.status == BroadcastStatus.STOPPED:
        key = "broadcasts.stopped"
    else:
        key = "broadcasts.correction_report" if broadcast.corrects_id is not None else "broadcasts.report"
    return Message(key, values, rows(*_buttons(broadcast, figures)))


def _line(name: str, number: int) -> list[Words]:
    return [Words(f"broadcasts.count.{name}", {"n": number})] if number else []


def _buttons(broadcast: Broadcast, figures: Tally) -> list[list[Button]]:
    first = []
    if figures.open and broadcast.status == BroadcastStatus.SENDING:
        first.append(Button("broadcasts.button.stop", f"broadcasts:stop:{broadcast.id}"))
    if broadcast.corrects_id is None:
        first.append(Button("broadcasts.button.correct", f"broadcasts:correct:{broadcast.id}"))
    again = []
    if figures.of(Status.UNKNOWN) and not figures.open:
        again.append(Button("broadcasts.button.again", f"broadcasts:again:{broadcast.id}"))
    again.append(Button("broadcasts.button.look", f"broadcasts:report:{broadcast.id}"))
    return [first, again, [Button("button.help", "menu:help")]]


# --- time -----------------------------------------------------------------------------------------------------------


def due(db: Session, now: datetime, context: Context) -> None:
    """Begin what was put down for now; tell how far the others have come; forget drafts that nobody sent."""
    waiting = select(Broadcast).where(Broadcast.status == BroadcastStatus.SCHEDULED, Broadcast.due_at <= now)
    for broadcast in db.scalars(waiting.order_by(Broadcast.due_at, Broadcast.id)).all():
        _begin_scheduled(db, broadcast, now, context.content, context.settings)
    for broadcast in db.scalars(_running().order_by(Broadcast.id)).all():
        _watch(db, broadcast, now)
    _throw_away(db, Broadcast.created_at <= now - FORGOTTEN)


def next_due(db: Session, now: datetime, context: Context) -> datetime | None:
    first = db.scalar(select(func.min(Broadcast.due_at)).where(Broadcast.status == BroadcastStatus.SCHEDULED))
    moments = [first] if first is not None else []
    for broadcast in db.scalars(_running()).all():
        next_word = now if broadcast.told_at is None else broadcast.told_at + EVERY
        copies = (OutboxRow.broadcast_id == broadcast.id, OutboxRow.status == Status.WAITING)
        held_until = db.scalar(select(func.min(OutboxRow.not_before)).where(*copies, OutboxRow.not_before > now))
        if held_until is not None and broadcast.told_at is not None and not _moving(db, broadcast, now):
            next_word = max(next_word, held_until)
        moments.append(next_word)
    return min(moments, default=None)


def _running() -> Select[Broadcast]:
    return select(Broadcast).where(
        Broadcast.status.in_((BroadcastStatus.SENDING, BroadcastStatus.STOPPED)), Broadcast.ended_at.is_(None)
    )


def _moving(db: Session, broadcast: Broadcast, now: datetime) -> bool:
    """Whether a row of it is being sent, or could be."""
    sendable = (OutboxRow.status == Status.WAITING) & or_(OutboxRow.not_before.is_(None), OutboxRow.not_before <= now)
    query = select(OutboxRow.id).where(
        OutboxRow.broadcast_id == broadcast.id, or_(OutboxRow.status == Status.CLAIMED, sendable)
    )
    return db.execute(query.limit(1)).first() is not None


def _begin_scheduled(db: Session, broadcast: Broadcast, now: datetime, content: Content, settings: Settings) -> None:
    _lock(db, broadcast)
    account = db.get(Account, broadcast.account_id) if broadcast.account_id is not None else None
    if account is None or not _still_may(db, account, broadcast, settings):
        broadcast.status = BroadcastStatus.DISCARDED
        _say(db, account, Message("broadcasts.rights_lost", {"number": broadcast.id}, _HELP), now)
    elif _begin(db, broadcast, now, content) == 0:
        broadcast.status, broadcast.begun_at = BroadcastStatus.DONE, now
        broadcast.ended_at = now
        _say(db, account, Message("broadcasts.nobody_then", {"number": broadcast.id}, _HELP), now)


_HELP: Final = rows([Button("button.menu", "menu:show"), Button("button.help", "menu:help")])


def _still_may(db: Session, account: Account, broadcast: Broadcast, settings: Settings) -> bool:
    """A right may have been taken away since it was put down."""
    if rights.is_admin(db, account, settings):
        return True
    if broadcast.sites is None or broadcast.urgent:
        return False
    needed = {site_of(db, group) for group in broadcast.groups} - {None}
    if any(AUDIENCES[group.kind].about in (About.NOTHING, About.MODULE) for group in broadcast.groups):
        needed |= broadcast.sites
    return needed <= rights.sites_of(db, account)


def _watch(db: Session, broadcast: Broadcast, now: datetime) -> None:
    if broadcast.told_at is not None and now - broadcast.told_at < EVERY:
        return
    _lock(db, broadcast)
    if (last := _still_fresh(db, broadcast, now)) is not None:
        broadcast.told_at = last
        return
    sending = broadcast.status == BroadcastStatus.SENDING
    if broadcast.corrects_id is not None and sending and not broadcast.swept:
        original = db.get(Broadcast, broadcast.corrects_id)
        if original is not None:
            _sweep(db, broadcast, original, now)
    figures = tally(db, broadcast)
    if broadcast.corrects_id is not None and sending and not figures.open and _notify_failed(db, broadcast, now):
        figures = tally(db, broadcast)
    if figures.total or not broadcast.swept:  # a correction that nobody has to hear of is not told
        _tell(db, broadcast, figures, now)
    if not figures.open and (broadcast.corrects_id is None or broadcast.swept or not sending):
        broadcast.ended_at = now
        if sending:
            broadcast.status = BroadcastStatus.DONE


def _still_fresh(db: Session, broadcast: Broadcast, now: datetime) -> datetime | None:
    """When the progress was told last, if that is not EVERY ago: what was posted then may have left much later."""
    row = db.get(OutboxRow, broadcast.told_id, populate_existing=True) if broadcast.told_id is not None else None
    if row is None:
        return None
    if row.status in (Status.WAITING, Status.CLAIMED):
        return now
    return row.sent_at if row.sent_at is not None and now - row.sent_at < EVERY else None


def _tell(db: Session, broadcast: Broadcast, figures: Tally, now: datetime) -> None:
    broadcast.told_at = now
    shown = f"{broadcast.status}:{figures.total}:{sorted(figures.states.items())}"[:200]
    if shown == broadcast.shown:
        return
    broadcast.shown = shown
    account = db.get(Account, broadcast.account_id) if broadcast.account_id is not None else None
    if broadcast.progress_id is None:
        broadcast.progress_id = broadcast.told_id = _say(db, account, told(broadcast, figures), now)
    else:
        broadcast.told_id = _say(db, account, told(broadcast, figures), now, edits=broadcast.progress_id)


def _say(
    db: Session, account: Account | None, message: Message, now: datetime, *, edits: int | None = None
) -> int | None:
    if account is None:
        return None
    return outbox.post(db, outbox.to(account, message, edits=edits), now=now)


# --- what it owes -----------------------------------------------------------------------------------------------------


DATA: Final = CapabilityData(
    "broadcasts",
    tables=(Broadcast,),
    due=due,
    next_due=next_due,
    stays={"broadcast.account_id": "The author's account: emptied with it (ON DELETE SET NULL)."},
    not_copied={"broadcast.account_id": "What staff wrote to others; shown to its author by /pengumuman."},
)

"""Adapts a restored database to the present: messages that waited then are dropped, and refusals said since count
again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, and_, case, func, inspect, null, or_, select, update
from sqlalchemy.orm import Session, aliased

from bot.capability import CapabilityData
from bot.clock import kept_offset
from bot.delivery.outbox import OutboxRow, Status
from bot.operations.backup.archive import Note
from bot.people.people import DIVIDED, PURPOSES, Account, Consent, ErasedBecause, Person, Purpose, has_consented
from bot.people.quiet_hours import Kind
from bot.programme import consents, privacy
from bot.programme.broadcasts import Broadcast, BroadcastStatus

RESTORED: Final = "restored"
PORTION: Final = 500


@dataclass(frozen=True)
class Restored:
    """What was brought back, and what was decided about its past (see `bot/operations/backup/__init__.py`)."""

    note: Note
    dropped: int = 0
    unknown: int = 0
    called_off: int = 0
    erased: int = 0
    stopped: int = 0
    withdrawn: int = 0
    unread: bool = False
    """Whether the replaced database could not be read: then refusals said since are not known."""


class _No(NamedTuple):
    """A refusal of a consent, with the version and language of the words that were refused. `purpose` may be one
    that is not asked for any more: consent 2, before it was divided into reminders and lessons."""

    purpose: Purpose
    version: str
    language: str


@dataclass
class Since:
    """The refusals in the database that is replaced. Persons are known by id and by their first consent."""

    erased: dict[tuple[int, datetime], ErasedBecause] = field(default_factory=dict)
    stopped: set[int] = field(default_factory=set)
    """Telegram ids."""
    withdrawn: dict[tuple[int, datetime, str], _No] = field(default_factory=dict)
    """Person and purpose -> what was refused. Of consent 1: a newer version of the notice."""


def decided(done: Restored) -> list[str]:
    """Returns what was decided about the time before the backup, as lines for the terminal."""
    found = (
        (done.dropped, "messages that waited then are not said any more"),
        (done.unknown, "copies of announcements are unknown now: /pengumuman tells of them and can send them again"),
        (done.called_off, "announcements whose moment has passed are called off; their authors are not told"),
        (done.erased, "people who had their data deleted since are forgotten again"),
        (done.stopped, "phones that stopped the messages since stay silent"),
        (done.withdrawn, "consents that were withdrawn since are withdrawn again"),
    )
    lines = [f"{number} {what}" for number, what in found if number]
    if done.unread:
        lines.append("the old database could not be read: a no that was said since the backup is not known any more")
    return lines


def what_was_refused(connection: Connection) -> Since:
    """Returns the refusals in the database that is about to be replaced, whichever version made it: of
    the columns read here only `erased_because` may be missing."""
    if not {"person", "account", "consent"} <= set(inspect(connection).get_table_names()):
        return Since()
    person, consent = Person.__table__.c, Consent.__table__.c
    came = _first_answered().scalar_subquery()
    wishes = select(person.id, came).where(person.anonymised_at.is_not(None))
    if "erased_because" in {column["name"] for column in inspect(connection).get_columns("person")}:
        # people erased by age come back: the clock may have been wrong, and if not, age erases them again; and
        # people who were merged into others: in the backup their rows are not merged yet
        wishes = wishes.add_columns(person.erased_because)
        wishes = wishes.where(
            func.coalesce(person.erased_because, "").not_in((ErasedBecause.RETENTION, ErasedBecause.MERGED))
        )
    erased = connection.execute(wishes)
    stopped = connection.execute(select(Account.telegram_id).where(Account.stopped_at.is_not(None)))
    withdrawn: dict[tuple[int, datetime, str], _No] = {}
    for purpose in (*PURPOSES, Purpose.CERTIFICATE):
        # for consent 1 this is a no to a newer version of the notice: people who take consent 1 back are erased
        latest = select(func.max(consent.id)).where(consent.purpose.in_(privacy.heard_for(purpose)))
        no = connection.execute(
            select(person.id, came, consent.purpose, consent.text_version, consent.language)
            .join(Consent.__table__, consent.person_id == person.id)
            .where(consent.id.in_(latest.group_by(consent.person_id)), consent.given.is_(False))
            .where(person.anonymised_at.is_(None))
        )
        withdrawn |= {
            (row[0], row[1], purpose.value): _No(Purpose(row[2]), row[3], row[4]) for row in no if row[1] is not None
        }
    return Since(
        {(row[0], row[1]): _why(*row[2:]) for row in erased if row[1] is not None},
        {row[0] for row in stopped},
        withdrawn,
    )


def _why(kept: str | None = None) -> ErasedBecause:
    """Returns why somebody was erased: by their wish, where no reason was kept. Versions that kept none erased people
    for good only so."""
    return ErasedBecause(kept) if kept else ErasedBecause.WISH


def _first_answered() -> Any:
    """Selects when a person first answered a consent. With the id this identifies a person; ids alone begin again in
    each database."""
    first = aliased(Consent)
    return select(func.min(first.at)).where(first.person_id == Person.id).correlate(Person)


def reconcile(
    db: Session, note: Note, since: Since | None, capabilities: Sequence[CapabilityData], moving: bool
) -> Restored:
    """Decides everything about the past, in the transaction that restores it. `since` None: the replaced database could
    not be read."""
    restored = Restored(note, unread=since is None)
    now = datetime.now(UTC) + (offset := kept_offset(db))
    if not moving:
        restored = _silence(db, restored, note.made_at + offset, now)
    return restored if since is None else _refuse_again(db, restored, since, capabilities, now)


def _silence(db: Session, restored: Restored, made_at: datetime, now: datetime) -> Restored:
    """Ends messages that people have got since the backup, or need not get any more."""
    row = OutboxRow
    waits = row.status.in_((Status.WAITING, Status.CLAIMED))
    copy = and_(row.kind == Kind.ANNOUNCEMENT, row.edits.is_(None))
    held_beyond = and_(row.status == Status.WAITING, row.not_before.is_not(None))
    unknown = _count(
        db.execute(
            update(row)
            .where(waits, copy, ~and_(held_beyond, row.not_before > now))
            .values(status=Status.UNKNOWN, reason=RESTORED, lease_until=None)
        )
    )
    # an edit of an announcement does no harm twice: it stays
    others = and_(waits, row.kind != Kind.ANNOUNCEMENT)
    dropped = _count(
        db.execute(
            update(row)
            .where(others, or_(row.kind == Kind.REPLY, ~and_(held_beyond, row.not_before > made_at)))
            .values(
                status=Status.DROPPED,
                reason=RESTORED,
                lease_until=None,
                # a reply that never comes is of no use to anybody, and may have been a secret
                message=case((row.kind == Kind.REPLY, null()), else_=row.message),
            )
        )
    )
    called_off = _count(
        db.execute(
            update(Broadcast)
            .where(Broadcast.status == BroadcastStatus.SCHEDULED, Broadcast.due_at <= now)
            .values(status=BroadcastStatus.DISCARDED)
        )
    )
    return replace(restored, unknown=unknown, dropped=dropped, called_off=called_off)


def _refuse_again(
    db: Session, restored: Restored, since: Since, capabilities: Sequence[CapabilityData], now: datetime
) -> Restored:
    """Repeats the refusals that were said since the backup."""
    erased = stopped = withdrawn = 0
    people = select(Person, Account, _first_answered().scalar_subquery()).join(Account, Account.id == Person.account_id)
    people = people.where(Person.anonymised_at.is_(None))
    wanted = sorted({one[0] for one in since.erased} | {one[0] for one in since.withdrawn})
    for few in _portions(wanted):
        for person, account, came in db.execute(people.where(Person.id.in_(few))).unique().all():
            if (person.id, came) in since.erased:
                because = since.erased[person.id, came]
                privacy.erase(db, account, person, now, capabilities, because=because)
                erased += 1
                continue
            said = {one: since.withdrawn.get((person.id, came, one.value)) for one in PURPOSES}
            withdrawn += _withdraw_all(db, person, {one: what for one, what in said.items() if what}, now)
        db.flush()
    for few in _portions(sorted(since.stopped)):
        query = select(Account).where(Account.telegram_id.in_(few), Account.stopped_at.is_(None))
        for account in db.scalars(query).unique().all():
            privacy.stop(db, account, now)
            stopped += 1
        db.flush()
    return replace(restored, erased=erased, stopped=stopped, withdrawn=withdrawn)


def _withdraw_all(db: Session, person: Person, said: dict[Purpose, _No], now: datetime) -> int:
    """Repeats what the person refused since the backup and had agreed to then. Returns how many consents end.

    A no to consent 2 before it was divided is logged as such, because its parts never had those words. Where the person
    agreed to one part again afterwards, the other part is logged with the version that the person had agreed to.
    """
    ends = {one: no for one, no in said.items() if has_consented(person, one)}
    undivided = [one for one in DIVIDED if one in ends and ends[one].purpose is Purpose.MESSAGES]
    together = undivided and not any(has_consented(person, one) for one in DIVIDED if one not in undivided)
    changed = 0
    for purpose, no in ends.items():
        if together and purpose in undivided:
            changed += 1
            if purpose is undivided[0]:
                _withdraw(db, person, Purpose.MESSAGES, no.version, no.language, now)
        else:
            version = no.version if purpose not in undivided else consents.version_of(db, person, purpose)
            changed += _withdraw(db, person, purpose, version or no.version, no.language, now)
    return changed


def _withdraw(db: Session, person: Person, purpose: Purpose, version: str, language: str, now: datetime) -> bool:
    """Repeats a no, in the version and language it was said in. Returns whether it changed anything."""
    if purpose is Purpose.TRAINING:
        refused = consents.answer_notice(db, person, given=False, version=version, language=language, now=now)
        return isinstance(refused, consents.Refused)
    return privacy.answer_consent(db, person, purpose, given=False, text_version=version, language=language, now=now)


def _portions(ids: list[int]) -> Iterator[list[int]]:
    return (ids[start : start + PORTION] for start in range(0, len(ids), PORTION))


def _count(result: Any) -> int:
    return int(result.rowcount)

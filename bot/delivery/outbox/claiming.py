"""Claims rows for a sender: they belong to it until their lease ends; then `recover` takes them back."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, case, or_, select, update
from sqlalchemy.orm import Session

from bot.delivery.outbox.tables import OUTBOX, OutboxBody, OutboxRow, Status, in_state
from bot.people.people import Account, Person
from bot.people.quiet_hours import REACHES_FROZEN, Kind, Verdict
from bot.words.message import Called, Message, named, people_in

MOST_ATTEMPTS: Final = 10
"""Rows that a dead sender had claimed are not taken up again after so many tries: such a message may be what ends the
sender, and its person has probably had it several times."""
LEASE: Final = timedelta(seconds=120)
"""How long a claimed row belongs to its holder, in real time. A live sender renews its leases long before."""


@dataclass
class ClaimedMessage:
    """A row of the outbox as the sender that claimed it holds it."""

    id: int
    account_id: int | None
    chat_id: int
    language: str
    kind: Kind
    priority: int
    message: Message
    edit_message_id: int | None = None
    edits: int | None = None
    not_after: datetime | None = None
    attempts: int = 1
    asked_at: datetime | None = None


@dataclass(frozen=True)
class Occasion:
    """The facts that decide whether a row may go out now. `edits`: it corrects a message that was said before."""

    kind: Kind
    site_id: str | None
    starts_at: datetime | None
    urgent: bool
    edits: bool


Gate = Callable[[Occasion, datetime], Verdict]
"""Asked of every row just before it goes out: send it, hold it until a moment, or drop it with a reason."""


def claim(
    db: Session,
    *,
    holder: str,
    now: datetime,
    real_now: datetime,
    limit: int,
    gate: Gate,
    priority: int = 2,
    per_chat: int | None = None,
    crowded: Collection[int] = (),
) -> list[ClaimedMessage]:
    """Claims up to `limit` waiting rows of `priority` or more urgent, the most urgent first, in a short transaction of
    its own.

    `now` is the bot's time (what is due), `real_now` the real time by which leases run. At most `per_chat` rows of one
    chat are taken, and none of the `crowded` chats: the sender holds enough of theirs, and others must not wait behind
    them.
    """
    row = OUTBOX.c
    # columns, not objects: a thousand rows a second pass here
    due = (
        select(
            row.id, row.account_id, row.chat_id, row.language, row.kind, row.priority, row.message, row.body_id,
            row.edit_message_id, row.edits, row.site_id, row.starts_at, row.urgent, row.not_after, row.attempts,
            row.person_id, row.asked_at, Account.language.label("speaks"), Account.blocked_at, Person.form_of_address,
            Person.name, Person.frozen_at,
        )
        .outerjoin(Account, Account.id == row.account_id)
        .outerjoin(Person, Person.id == row.person_id)
        .where(
            in_state(Status.WAITING),
            row.priority <= priority,
            or_(row.not_before.is_(None), row.not_before <= now),
        )
        .order_by(row.priority, row.id)
        .limit(limit)
        .with_for_update(of=OUTBOX, skip_locked=True)
    )  # fmt: skip
    if crowded:
        due = due.where(row.chat_id.not_in(sorted(crowded)))
    found = db.execute(due).all()
    if not found:
        return []
    bodies = _bodies(db, {one.body_id for one in found if one.body_id is not None})
    verdicts: dict[Occasion, Verdict] = {}
    claimed_messages: list[ClaimedMessage] = []
    others: defaultdict[tuple[tuple[str, Any], ...], list[int]] = defaultdict(list)
    """The ids of rows that are not claimed, by the changes that are written to them."""
    taken: Counter[int] = Counter()
    for one in found:
        if per_chat is not None and taken[one.chat_id] >= per_chat:
            continue
        kind = Kind(one.kind)
        message = bodies.get(one.body_id) if one.message is None else Message.from_json(one.message)
        if message is None:
            others[("status", Status.DROPPED), ("reason", "emptied")].append(one.id)
            continue
        if one.blocked_at is not None:
            emptied = (("message", None),) if kind is Kind.REPLY else ()
            others[("status", Status.BLOCKED), ("reason", "blocked before"), *emptied].append(one.id)
            continue
        if one.frozen_at is not None and kind not in REACHES_FROZEN:
            others[("status", Status.DROPPED), ("reason", "frozen")].append(one.id)
            continue
        occasion = Occasion(kind, one.site_id, one.starts_at, one.urgent, one.edits is not None)
        if occasion not in verdicts:
            verdicts[occasion] = gate(occasion, now)
        verdict = verdicts[occasion]
        if verdict.drop is not None:
            others[("status", Status.DROPPED), ("reason", verdict.drop)].append(one.id)
            continue
        if verdict.hold_until is not None:
            others[(("not_before", verdict.hold_until),)].append(one.id)
            continue
        taken[one.chat_id] += 1
        if verdict.silent:
            message = replace(message, silent=True)
        claimed_messages.append(
            ClaimedMessage(
                one.id, one.account_id, one.chat_id, one.speaks or one.language, kind, one.priority,
                addressed(message, Called(one.form_of_address, one.name) if one.name else None, one.person_id),
                one.edit_message_id, one.edits, one.not_after, one.attempts + 1, one.asked_at,
            )
        )  # fmt: skip
    for changes, ids in others.items():
        db.execute(update(OUTBOX).where(row.id.in_(ids)).values(dict(changes)))
    if claimed_messages:
        marks = {"status": Status.CLAIMED, "holder": holder, "lease_until": real_now + LEASE}
        ours = row.id.in_([claimed.id for claimed in claimed_messages])
        db.execute(update(OUTBOX).where(ours).values(attempts=row.attempts + 1, **marks))
    name_people(db, claimed_messages)
    return claimed_messages


def renew_leases(db: Session, rows: Collection[int], *, holder: str, real_now: datetime) -> None:
    """Renews the leases of rows that this holder has claimed. If the holder does not know that it claimed a row,
    because the answer to its commit was lost, the row is not among them, and its lease runs out."""
    db.execute(
        update(OutboxRow)
        .where(in_state(Status.CLAIMED), OutboxRow.holder == holder, OutboxRow.id.in_(rows))
        .values(lease_until=real_now + LEASE)
    )


def recover(db: Session, *, real_now: datetime, everything: bool) -> int:
    """Takes back what a dead sender had claimed: rows whose lease ran out, or `everything` when no other sender can be
    alive. Returns how many rows.

    Telegram has no idempotency key, so a message that was in flight may have arrived. Replies and reminders are sent
    again (`attempts` counts that), MOST_ATTEMPTS times at most; an announcement is never sent twice by itself and
    becomes `unknown`. An edit does no harm when it is made twice.
    """
    held = in_state(Status.CLAIMED)
    dead = held if everything else and_(held, OutboxRow.lease_until < real_now)
    broadcast = and_(OutboxRow.kind == Kind.ANNOUNCEMENT, OutboxRow.edits.is_(None))
    hopeless = OutboxRow.attempts >= MOST_ATTEMPTS
    ended = "the process ended while it was being sent"
    result = db.execute(
        update(OutboxRow)
        .where(dead)
        .values(
            status=case((broadcast, Status.UNKNOWN), (hopeless, Status.FAILED), else_=Status.WAITING),
            reason=case((broadcast | hopeless, ended), else_=OutboxRow.reason),
            lease_until=None,
        )
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def most_urgent(db: Session, now: datetime, *, crowded: Collection[int] = ()) -> int | None:
    """Returns the priority of the most urgent row that waits and may go out now, `crowded` chats left out; None if
    none."""
    query = (
        select(OutboxRow.priority)
        .where(in_state(Status.WAITING), or_(OutboxRow.not_before.is_(None), OutboxRow.not_before <= now))
        .order_by(OutboxRow.priority, OutboxRow.id)
        .limit(1)
    )
    return db.scalar(query.where(OutboxRow.chat_id.not_in(sorted(crowded))) if crowded else query)


def addressed(message: Message, called: Called | None, person_id: int | None) -> Message:
    """Returns the message as it is sent: the form of address of its person, and the person whom its buttons are about,
    are put in only now. So no row holds a name, and a changed name counts at once."""
    if called is not None:
        message = replace(message, values={**message.values, "person": called})
    return message if person_id is None else message.made_for(person_id)


def name_people(db: Session, claimed_messages: Sequence[ClaimedMessage]) -> None:
    """Puts the names of the people that messages tell about into the claimed messages (see `message.Who`), never into
    their rows."""
    spoken_of = {claimed.id: people for claimed in claimed_messages if (people := people_in(claimed.message))}
    if not spoken_of:
        return
    query = select(Person.id, Person.form_of_address, Person.name).where(
        Person.id.in_(frozenset().union(*spoken_of.values())), Person.anonymised_at.is_(None)
    )
    names = {person_id: Called(salutation, name) for person_id, salutation, name in db.execute(query)}
    for claimed in claimed_messages:
        if claimed.id in spoken_of:
            claimed.message = named(claimed.message, names)


def _bodies(db: Session, ids: Collection[int]) -> dict[int | None, Message]:
    if not ids:
        return {}
    query = select(OutboxBody).where(OutboxBody.id.in_(ids), OutboxBody.message.is_not(None))
    return {body.id: Message.from_json(body.message) for body in db.scalars(query) if body.message is not None}

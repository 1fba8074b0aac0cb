"""What is to be said: the ledger. Every message the bot ever wants to say is a row here, in the commit of its reason.

States (I5): waiting -> claimed (with a lease) -> sent | failed | blocked | unknown | dropped (with the reason).
`claimed` rows whose lease ran out, or whose holder is known to be dead, are taken up again by `recover()`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Select,
    SmallInteger,
    String,
    Subquery,
    Update,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    literal_column,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.capability import CapabilityData, Context, Told
from bot.database import (
    Base,
    BigId,
    Signal,
    constant,
    insert_or,
    leave_to_others,
    partial_index,
    take_left,
)
from bot.people.people import Account, Person
from bot.people.quiet_hours import Kind, Verdict
from bot.words.message import Called, Message, named, people_in

MOST_ATTEMPTS: Final = 10
"""What a dead sender held is not taken up again after so many tries: the message may be what ends it, and whoever it is
for has probably had it several times."""
LEASE: Final = timedelta(seconds=120)
"""How long a claimed row belongs to its holder, in real time. A living sender renews its leases long before."""

if TYPE_CHECKING:
    from bot.catalogue.content import Content
EMPTIED: Final = 500
"""So many messages are emptied in one transaction; the next look goes on."""


class Priority(IntEnum):
    REPLY = 0
    REMINDER = 1
    BROADCAST = 2


PRIORITY_OF: Final[dict[Kind, Priority]] = {
    Kind.REPLY: Priority.REPLY,
    Kind.CHANGE: Priority.REMINDER,
    Kind.REMINDER: Priority.REMINDER,
    Kind.OFFER: Priority.REMINDER,
    Kind.LESSON: Priority.BROADCAST,
    Kind.ANNOUNCEMENT: Priority.BROADCAST,
    Kind.SURVEY: Priority.BROADCAST,
}


class Status(StrEnum):
    WAITING = "waiting"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"
    DROPPED = "dropped"


FINAL: Final = (Status.SENT, Status.FAILED, Status.BLOCKED, Status.UNKNOWN, Status.DROPPED)


class OutboxRow(Base):
    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    """Empty once the account was erased: such a row is deleted as soon as it is sent."""
    person_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    language: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(12))
    priority: Mapped[int] = mapped_column(SmallInteger)
    message: Mapped[dict[str, Any] | None]
    """The speech as data; emptied 30 days after it was said. Empty, too, in a row that shares a body with others."""
    body_id: Mapped[int | None] = mapped_column(ForeignKey("outbox_body.id"))
    broadcast_id: Mapped[int | None] = mapped_column(BigInteger)
    """The announcement this is a copy (or the correction of a copy) of."""
    edit_message_id: Mapped[int | None] = mapped_column(BigInteger)
    """Edit this message of Telegram's (a menu whose button was tapped) instead of sending a new one."""
    edits: Mapped[int | None] = mapped_column(BigInteger)
    """Edit the message that this row of the outbox became."""
    site_id: Mapped[str | None] = mapped_column(String(40))
    """Whose open hours count, for everything that is not a reply."""
    session_id: Mapped[int | None] = mapped_column(BigInteger)
    """The class this is about, so that what became untrue can be dropped."""
    starts_at: Mapped[datetime | None]
    quiz_id: Mapped[int | None] = mapped_column(BigInteger)
    """The asking of a question that this quiz poll is: a vote names the poll, and the poll's row the asking."""
    urgent: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(String(8), default=Status.WAITING)
    reason: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    not_before: Mapped[datetime | None]
    not_after: Mapped[datetime | None]
    once: Mapped[str | None] = mapped_column(String(100), unique=True)
    holder: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    """How often it may have been said: taken up to be sent, or sent again after an answer was lost. What is given
    back unsent does not count."""
    telegram_message_id: Mapped[int | None] = mapped_column(BigInteger)
    poll_id: Mapped[str | None] = mapped_column(String(40))
    sent_at: Mapped[datetime | None]


partial_index("ix_outbox_waiting", OutboxRow.priority, OutboxRow.id, of="status = 'waiting'")
partial_index("ix_outbox_claimed", OutboxRow.lease_until, of="status = 'claimed'")
partial_index("ix_outbox_lost", OutboxRow.status, of="status IN ('failed', 'blocked', 'unknown', 'dropped')")
partial_index("ix_outbox_again", OutboxRow.attempts, of="attempts > 1")
partial_index("ix_outbox_words", OutboxRow.created_at, of="message IS NOT NULL")
partial_index("ix_outbox_sent", OutboxRow.sent_at, of="sent_at IS NOT NULL")
partial_index("ix_outbox_session", OutboxRow.session_id, of="session_id IS NOT NULL")
partial_index("ix_outbox_poll", OutboxRow.poll_id, of="poll_id IS NOT NULL")
partial_index("ix_outbox_quiz_id", OutboxRow.quiz_id, of="quiz_id IS NOT NULL")
partial_index("ix_outbox_broadcast", OutboxRow.broadcast_id, OutboxRow.status, of="broadcast_id IS NOT NULL")
partial_index("ix_outbox_body_id", OutboxRow.body_id, of="body_id IS NOT NULL")


def in_state(status: Status) -> ColumnElement[bool]:
    """The rows in this state, in words of which the planner sees that an index holds just these."""
    return OutboxRow.status == constant(status)


class OutboxBody(Base):
    """What many rows say: ten thousand copies of an announcement share one."""

    __tablename__ = "outbox_body"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message: Mapped[dict[str, Any] | None]
    """Emptied like the message of a row."""
    created_at: Mapped[datetime]


OUTBOX: Final = Base.metadata.tables["outbox"]
ACCOUNT: Final = Base.metadata.tables["account"]


class SentFile(Base):
    """What Telegram calls a file we once uploaded, by the content's SHA-256, so that nothing is uploaded twice."""

    __tablename__ = "file_id"

    content_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    form: Mapped[str] = mapped_column(String(12), primary_key=True)
    telegram_file_id: Mapped[str] = mapped_column(String(200))
    seen_at: Mapped[datetime]


@dataclass(frozen=True)
class Post:
    """One row to be: `message` to `account`, and until when and under which name it makes sense.

    `once` is a name that may be said only once ever. `not_after`: dropped as stale when still unsent then.
    """

    account_id: int | None
    chat_id: int
    language: str
    message: Message
    kind: Kind = Kind.REPLY
    person_id: int | None = None
    edit_message_id: int | None = None
    edits: int | None = None
    site_id: str | None = None
    session_id: int | None = None
    starts_at: datetime | None = None
    quiz_id: int | None = None
    urgent: bool = False
    once: str | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    called: Called | None = None
    """The person's form of address, known at once to a sender that is handed the message; never stored here."""


@dataclass
class ClaimedMessage:
    """A row of the outbox that a sender has claimed, as that sender holds it."""

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
    retries: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Result:
    """What became of a claimed message. `message_id` and `poll_id` as Telegram gave them."""

    claimed: ClaimedMessage
    status: Status
    reason: str | None = None
    message_id: int | None = None
    poll_id: str | None = None
    retry_at: datetime | None = None
    """With status WAITING: given back, not before this moment (the bot's time)."""


def to(account: Account, message: Message, **details: Any) -> Post:
    """A post to an account we have at hand."""
    return Post(account.id, account.telegram_id, account.language, message, **details)


# --- writing ------------------------------------------------------------------------------------------------------


def post(db: Session, given: Post, *, now: datetime) -> int | None:
    """Write one row; None if its `once` name was said already."""
    ids = _insert(db, [_row(given, now)])
    leave_to_others(db, Signal.OUTBOX)
    return ids[0] if ids else None


def post_all(db: Session, given: Sequence[Post], *, now: datetime) -> int:
    """Write many rows, leaving out those whose `once` name was said already. Returns how many are new."""
    if not given:
        return 0
    leave_to_others(db, Signal.OUTBOX)
    values = [_row(one, now) for one in given]
    # one statement for all of them: a daily lesson for thousands takes as long as one for a few
    db.flush()
    inserting = insert_or(db, OutboxRow).on_conflict_do_nothing()
    result = db.connection().execute(inserting, values, execution_options={"preserve_rowcount": True})
    return int(result.rowcount)


def take_written_flag(db: Session) -> bool:
    """Whether this transaction wrote rows that no sender holds yet."""
    return take_left(db, Signal.OUTBOX)


def post_claimed(
    db: Session, given: Sequence[Post], *, now: datetime, holder: str, real_now: datetime
) -> list[ClaimedMessage]:
    """Write replies that go straight into the hands of the sender of this process, without a second look-up.

    They carry no `once`. `real_now` is the time leases run on, which time travel does not move.
    """
    if not given:
        return []
    claim = {"status": Status.CLAIMED, "holder": holder, "lease_until": real_now + LEASE, "attempts": 1}
    ids = _insert(db, [_row(one, now) | claim for one in given])
    claimed_messages = [
        ClaimedMessage(
            row_id, one.account_id, one.chat_id, one.language, one.kind, PRIORITY_OF[one.kind],
            _addressed(one.message, one.called),
            one.edit_message_id, one.edits, one.not_after,
        )
        for row_id, one in zip(ids, given, strict=True)
    ]  # fmt: skip
    _name(db, claimed_messages)
    return claimed_messages


def keep_body(db: Session, message: Message, *, now: datetime) -> int:
    """Keep what many rows will say; its id is for `post_to_many`."""
    body = OutboxBody(message=message.to_json(), created_at=now)
    db.add(body)
    db.flush()
    return body.id


def body(db: Session, body_id: int) -> Message | None:
    """What the rows of a body say; None once it was emptied."""
    found = db.get(OutboxBody, body_id)
    return None if found is None or found.message is None else Message.from_json(found.message)


def recipients() -> Select[int, int, int, str]:
    """Persons with the account that speaks for them, as `post_to_many` wants them: to be joined and narrowed."""
    return (
        select(
            Account.id.label("account_id"),
            Person.id.label("person_id"),
            Account.telegram_id.label("chat_id"),
            Account.language.label("language"),
        )
        .select_from(Person)
        .join(Account, Account.id == Person.account_id)
    )


def post_to_many(
    db: Session,
    audience: Select[*tuple[Any, ...]],
    message: Message | None,
    *,
    kind: Kind,
    once: str,
    now: datetime,
    site_id: str | None = None,
    session_id: int | None = None,
    starts_at: datetime | None = None,
    not_after: datetime | None = None,
    body_id: int | None = None,
    broadcast_id: int | None = None,
    urgent: bool = False,
) -> int:
    """Write one row for each of `audience` in a single INSERT ... SELECT, whatever their number.

    `audience` selects account_id, person_id, chat_id and language under these names (see `recipients`); where
    they differ from one to the next, site_id and edits, too. Each row's `once` is `<once>:<person_id>`, so asking
    twice says it once. What is said is `message`, or the body of that id. Returns how many are new.
    """
    people = audience.subquery()
    same: dict[str, ColumnElement[Any]] = {
        "kind": literal(kind.value),
        "priority": literal(int(PRIORITY_OF[kind])),
        "body_id": literal(body_id, BigInteger),
        "broadcast_id": literal(broadcast_id, BigInteger),
        "site_id": people.c.site_id if "site_id" in people.c else literal(site_id, String),
        "edits": people.c.edits if "edits" in people.c else literal(None, BigInteger),
        "session_id": literal(session_id, BigInteger),
        "starts_at": literal(starts_at, OutboxRow.starts_at.type),
        "not_after": literal(not_after, OutboxRow.not_after.type),
        "urgent": literal(urgent),
        "created_at": literal(now, OutboxRow.created_at.type),
    }
    if message is not None:
        same["message"] = literal(message.to_json(), OutboxRow.message.type)
    result = db.execute(
        _inserting(db, people, literal(once + ":"), same), execution_options={"preserve_rowcount": True}
    )
    leave_to_others(db, Signal.OUTBOX)
    return int(result.rowcount)  # type: ignore[attr-defined]


GROUP: Final = bindparam("group", type_=BigInteger)
"""In the audience of `post_to_groups`: the id of the group that is being written to."""


@dataclass(frozen=True)
class Group:
    """People who are told the same thing, and what."""

    id: int
    message: Message
    once: str
    site_id: str | None = None
    session_id: int | None = None
    starts_at: datetime | None = None
    not_after: datetime | None = None


def post_to_groups(
    db: Session, audience: Select[*tuple[Any, ...]], groups: Sequence[Group], *, kind: Kind, now: datetime, at_most: int
) -> int:
    """What `post_to_many` does, for many groups: one statement, made ready once. Returns how many rows are new.

    `audience` selects the people of the group `GROUP`. Of each group `at_most` people are written to who were not yet:
    so a crowd can be dealt with in portions.
    """
    if not groups:
        return 0
    row = OUTBOX.alias("said")
    name = bindparam("group_once", type_=String)
    said = select(row.c.id).where(row.c.once == name.concat(cast(Person.id, String))).exists()
    people = audience.where(~said).limit(at_most).subquery()
    same = {
        "message": bindparam("group_message", type_=OutboxRow.message.type),
        "site_id": bindparam("group_site", type_=String),
        "session_id": bindparam("group_session", type_=BigInteger),
        "starts_at": bindparam("group_starts_at", type_=OutboxRow.starts_at.type),
        "not_after": bindparam("group_not_after", type_=OutboxRow.not_after.type),
        "kind": literal(kind.value),
        "priority": literal(int(PRIORITY_OF[kind])),
        "urgent": literal(False),
        "created_at": literal(now, OutboxRow.created_at.type),
    }
    db.flush()
    result = db.connection().execute(
        _inserting(db, people, name, same),
        [
            {
                "group": group.id,
                "group_once": f"{group.once}:",
                "group_message": group.message.to_json(),
                "group_site": group.site_id,
                "group_session": group.session_id,
                "group_starts_at": group.starts_at,
                "group_not_after": group.not_after,
            }
            for group in groups
        ],
        execution_options={"preserve_rowcount": True},
    )
    leave_to_others(db, Signal.OUTBOX)
    return int(result.rowcount)


def _inserting(db: Session, people: Subquery, once: ColumnElement[str], same: Mapping[str, ColumnElement[Any]]) -> Any:
    """The INSERT ... SELECT of one row for each of `people`, whose name is `once` and their number."""
    columns = {
        "account_id": people.c.account_id,
        "person_id": people.c.person_id,
        "chat_id": people.c.chat_id,
        "language": people.c.language,
        "once": once.concat(cast(people.c.person_id, String)),
        "status": literal(Status.WAITING.value),
        "attempts": literal(0),
        **same,
    }
    each = select(*columns.values()).where(people.c.account_id.is_not(None))
    return insert_or(db, OutboxRow).from_select(list(columns), each).on_conflict_do_nothing()


def _addressed(message: Message, called: Called | None) -> Message:
    """The value `person` is put in at sending: no row holds a name, and a changed name counts at once."""
    return message if called is None else replace(message, values={**message.values, "person": called})


def _name(db: Session, claimed_messages: Sequence[ClaimedMessage]) -> None:
    """Put the names of those they speak of into the claimed messages (see messages.Who), never into their rows."""
    spoken_of = {claimed.id: people for claimed in claimed_messages if (people := people_in(claimed.message))}
    if not spoken_of:
        return
    query = select(Person.id, Person.salutation, Person.name).where(
        Person.id.in_(frozenset().union(*spoken_of.values())), Person.anonymised_at.is_(None)
    )
    names = {person_id: Called(salutation, name) for person_id, salutation, name in db.execute(query)}
    for claimed in claimed_messages:
        if claimed.id in spoken_of:
            claimed.message = named(claimed.message, names)


def _row(given: Post, now: datetime) -> dict[str, Any]:
    return {
        "account_id": given.account_id,
        "person_id": given.person_id,
        "chat_id": given.chat_id,
        "language": given.language,
        "kind": given.kind,
        "priority": PRIORITY_OF[given.kind],
        "message": given.message.to_json(),
        "edit_message_id": given.edit_message_id,
        "edits": given.edits,
        "site_id": given.site_id,
        "session_id": given.session_id,
        "starts_at": given.starts_at,
        "quiz_id": given.quiz_id,
        "urgent": given.urgent,
        "status": Status.WAITING,
        "created_at": now,
        "not_before": given.not_before,
        "not_after": given.not_after,
        "once": given.once,
        "attempts": 0,
    }


def _insert(db: Session, values: list[dict[str, Any]]) -> list[int]:
    if all(row["once"] is None for row in values):
        # the table, not the class: nobody needs objects of these rows
        statement = insert(OUTBOX).returning(OUTBOX.c.id, sort_by_parameter_order=True)
        return list(db.scalars(statement, values))
    ids: list[int] = []
    for row in values:  # few: a person's own notices. What goes to many is one INSERT ... SELECT elsewhere
        inserting = insert_or(db, OutboxRow).values(**row).on_conflict_do_nothing().returning(OutboxRow.id)
        ids += db.scalars(inserting)
    return ids


def drop_waiting(
    db: Session,
    reason: str,
    *,
    kinds: Iterable[Kind] = (),
    account_id: int | None = None,
    person_id: int | None = None,
    session_id: int | None = None,
    broadcast_id: int | None = None,
) -> int:
    """What has become untrue or unwanted is not said: waiting rows that fit are dropped, with the reason."""
    where = [in_state(Status.WAITING)]
    if kinds := tuple(kinds):
        where.append(OutboxRow.kind.in_(kinds))
    if account_id is not None:
        where.append(OutboxRow.account_id == account_id)
    if person_id is not None:
        where.append(OutboxRow.person_id == person_id)
    if session_id is not None:
        where.append(OutboxRow.session_id == session_id)
    if broadcast_id is not None:
        where.append(OutboxRow.broadcast_id == broadcast_id)
    if len(where) == 1:
        raise ValueError("drop_waiting needs to know what to drop")
    result = db.execute(update(OutboxRow).where(and_(*where)).values(status=Status.DROPPED, reason=reason))
    return int(result.rowcount)  # type: ignore[attr-defined]


# --- claiming and settling ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Occasion:
    """What decides whether a row may go out now. `edits`: it makes a message right that was said before."""

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
    """Take up to `limit` waiting rows of `priority` or more urgent, the most urgent first. Its own short transaction.

    `now` is the bot's time (what is due), `real_now` the time that leases run on. At most `per_chat` rows of one chat
    are taken, and none of the `crowded` chats: they have enough in hand, and others must not wait behind them.
    """
    row = OUTBOX.c
    # columns, not objects: a thousand rows a second pass here
    due = (
        select(
            row.id, row.account_id, row.chat_id, row.language, row.kind, row.priority, row.message, row.body_id,
            row.edit_message_id, row.edits, row.site_id, row.starts_at, row.urgent, row.not_after, row.attempts,
            Account.language.label("speaks"), Account.blocked_at, Person.salutation, Person.name,
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
    """Rows that are not taken, by what is written into them."""
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
        claimed_messages.append(
            ClaimedMessage(
                one.id, one.account_id, one.chat_id, one.speaks or one.language, kind, one.priority,
                _addressed(message, Called(one.salutation, one.name) if one.name else None),
                one.edit_message_id, one.edits, one.not_after, one.attempts + 1,
            )
        )  # fmt: skip
    for changes, ids in others.items():
        db.execute(update(OUTBOX).where(row.id.in_(ids)).values(dict(changes)))
    if claimed_messages:
        marks = {"status": Status.CLAIMED, "holder": holder, "lease_until": real_now + LEASE}
        ours = row.id.in_([claimed.id for claimed in claimed_messages])
        db.execute(update(OUTBOX).where(ours).values(attempts=row.attempts + 1, **marks))
    _name(db, claimed_messages)
    return claimed_messages


def _bodies(db: Session, ids: Collection[int]) -> dict[int | None, Message]:
    if not ids:
        return {}
    query = select(OutboxBody).where(OutboxBody.id.in_(ids), OutboxBody.message.is_not(None))
    return {body.id: Message.from_json(body.message) for body in db.scalars(query) if body.message is not None}


def settle(db: Session, results: Sequence[Result], *, holder: str, now: datetime) -> None:
    """Write what became of messages that `holder` had: one statement for all, and what follows for their accounts.

    A sender that lost its place may come late: what it held was taken back, and perhaps is in other hands. Then only
    that a message was sent is still news, and not for a row that somebody holds.
    """
    if not results:
        return
    db.execute(
        _settling(),
        [
            {
                "row_id": result.claimed.id,
                "by": holder,
                "to_status": result.status,
                "to_reason": result.reason,
                "to_message_id": result.message_id,
                "to_poll_id": result.poll_id,
                "to_sent_at": now if result.status is Status.SENT else None,
                "to_not_before": result.retry_at,
                "to_attempts": result.claimed.attempts,
            }
            for result in results
        ],
    )
    ended = OutboxRow.status.in_(FINAL)
    secrets = [result.claimed.id for result in results if result.claimed.message.secret and result.status in FINAL]
    if secrets:
        db.execute(update(OutboxRow).where(OutboxRow.id.in_(secrets), ended).values(message=None))
    newest: dict[int, int] = {}
    for result in results:
        account = result.claimed.account_id
        if account is not None and result.message_id is not None:
            newest[account] = max(newest.get(account, 0), result.message_id)
    if newest:
        db.execute(
            _newest_message(),
            [{"account": account, "newest": message_id} for account, message_id in sorted(newest.items())],
        )
    blocked = sorted({r.claimed.account_id for r in results if r.status is Status.BLOCKED and r.claimed.account_id})
    if blocked:
        db.execute(update(Account).where(Account.id.in_(blocked), Account.blocked_at.is_(None)).values(blocked_at=now))
        db.execute(
            update(OutboxRow)
            .where(OutboxRow.account_id.in_(blocked), in_state(Status.WAITING))
            .values(
                status=Status.BLOCKED,
                reason="blocked",
                # a reply that never comes is of no use to anybody, and may have been a secret
                message=case((OutboxRow.kind == Kind.REPLY, null()), else_=OutboxRow.message),
            )
        )
    orphans = [r.claimed.id for r in results if r.claimed.account_id is None and r.status in FINAL]
    if orphans:
        db.execute(delete(OutboxRow).where(OutboxRow.id.in_(orphans), OutboxRow.account_id.is_(None), ended))


@cache
def _settling() -> Update:
    """Built once: fifty times a second that would be a good part of the work."""
    row, to_status = OUTBOX.c, bindparam("to_status", type_=String)
    to_attempts = bindparam("to_attempts", type_=SmallInteger)
    ours = and_(row.status == Status.CLAIMED, row.holder == bindparam("by"))
    # no IN: it cannot be filled in for many rows at once
    free = or_(*(row.status == status for status in (Status.WAITING, Status.UNKNOWN, Status.DROPPED)))
    late = and_(to_status == Status.SENT, free)
    # the table, not the class: the ORM would take a list of parameters for its own bulk update by primary key
    return (
        update(OUTBOX)
        .where(row.id == bindparam("row_id"), or_(ours, late))
        .values(
            status=to_status,
            reason=bindparam("to_reason"),
            telegram_message_id=func.coalesce(bindparam("to_message_id"), row.telegram_message_id),
            poll_id=bindparam("to_poll_id"),
            sent_at=bindparam("to_sent_at"),
            not_before=func.coalesce(bindparam("to_not_before", type_=row.not_before.type), row.not_before),
            attempts=case((or_(ours, row.attempts < to_attempts), to_attempts), else_=row.attempts),
            lease_until=case((to_status == Status.CLAIMED, row.lease_until), else_=null()),
        )
    )


@cache
def _newest_message() -> Update:
    newest = bindparam("newest", type_=BigInteger)
    return (
        update(ACCOUNT)
        .where(ACCOUNT.c.id == bindparam("account"), ACCOUNT.c.last_message_id < newest)
        .values(last_message_id=newest)
    )


def renew_leases(db: Session, rows: Collection[int], *, holder: str, real_now: datetime) -> None:
    """Of the rows that are in the holder's hands. One that was claimed by a commit of which the holder never heard is
    not among them: its lease runs out."""
    db.execute(
        update(OutboxRow)
        .where(in_state(Status.CLAIMED), OutboxRow.holder == holder, OutboxRow.id.in_(rows))
        .values(lease_until=real_now + LEASE)
    )


def recover(db: Session, *, real_now: datetime, everything: bool) -> int:
    """Take back what a dead sender held: rows whose lease ran out, or `everything` when no other sender can live.

    Telegram has no idempotency key: what was in flight may have been said. Replies and reminders are said (perhaps
    once more, `attempts` counts it), MOST_ATTEMPTS times at most; an announcement is never said twice by itself and
    becomes `unknown`. To edit one twice does no harm.
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
    """The priority of the most urgent row that waits and may go out now, `crowded` chats left out; None if none."""
    query = (
        select(OutboxRow.priority)
        .where(in_state(Status.WAITING), or_(OutboxRow.not_before.is_(None), OutboxRow.not_before <= now))
        .order_by(OutboxRow.priority, OutboxRow.id)
        .limit(1)
    )
    return db.scalar(query.where(OutboxRow.chat_id.not_in(sorted(crowded))) if crowded else query)


def said_as(db: Session, account: Account, telegram_message_id: int) -> Message | None:
    """What a message of this chat was as speech; None for what was never ours, or was emptied since."""
    query = select(OutboxRow.message).where(
        OutboxRow.account_id == account.id, OutboxRow.telegram_message_id == telegram_message_id
    )
    row = db.scalar(query.order_by(OutboxRow.id.desc()).limit(1))
    return Message.from_json(row) if row else None


def telegram_message_of(db: Session, row_id: int) -> tuple[str, int | None] | None:
    """State and Telegram id of the message a row became; None when there is no such row."""
    row = db.execute(select(OutboxRow.status, OutboxRow.telegram_message_id).where(OutboxRow.id == row_id)).first()
    return None if row is None else (row[0], row[1])


# --- looking ------------------------------------------------------------------------------------------------------


def next_due(db: Session, now: datetime) -> datetime | None:
    """The next moment a held row may go out."""
    return db.scalar(select(func.min(OutboxRow.not_before)).where(in_state(Status.WAITING), OutboxRow.not_before > now))


def oldest_waiting(db: Session, now: datetime) -> datetime | None:
    """Since when the longest-waiting row that could go out has been waiting for that: the outbox's age."""
    since = func.coalesce(OutboxRow.not_before, OutboxRow.created_at)
    return db.scalar(select(func.min(since)).where(in_state(Status.WAITING), since <= now))


def last_sent(db: Session, now: datetime) -> datetime | None:
    return db.scalar(
        select(func.max(OutboxRow.sent_at)).where(OutboxRow.sent_at.is_not(None), OutboxRow.sent_at <= now)
    )


def tally(db: Session, *, sent_since: datetime) -> dict[str, int]:
    """How many rows stand in each state; of those that were sent, how many since that moment: all of them nobody can
    count in passing, when there are millions."""
    queries = [
        select(OutboxRow.status, func.count()).where(condition).group_by(OutboxRow.status)
        for condition in (
            in_state(Status.WAITING),
            in_state(Status.CLAIMED),
            OutboxRow.status.in_([constant(status) for status in FINAL if status is not Status.SENT]),
            (OutboxRow.sent_at >= sent_since) & (OutboxRow.status == Status.SENT),
        )
    ]
    return {status: number for query in queries for status, number in db.execute(query)}


def said_more_than_once(db: Session) -> int:
    """How many messages people may have got once too often, because a process died holding them. A message that was
    in hand at two such moments counts twice."""
    again = OutboxRow.attempts > literal_column("1")
    return int(db.scalar(select(func.sum(OutboxRow.attempts - 1)).where(again, OutboxRow.status == Status.SENT)) or 0)


def empty_old(db: Session, *, before: datetime, limit: int) -> int:
    """Forget what was said before `before`, the oldest first, at most so many rows; that it was said stays."""
    said = OutboxRow.status.in_(FINAL)
    old = (
        select(OutboxRow.id)
        .where(OutboxRow.created_at < before, OutboxRow.message.is_not(None), said)
        .order_by(OutboxRow.created_at)
        .limit(limit)
    )
    result = db.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_(old), said)
        .values(message=None)
        .execution_options(synchronize_session=False)
    )
    rows = select(OutboxRow.id).where(OutboxRow.body_id == OutboxBody.id)
    recent = or_(OutboxRow.created_at >= before, OutboxRow.status.not_in(FINAL))
    db.execute(
        update(OutboxBody)
        .where(OutboxBody.created_at < before, OutboxBody.message.is_not(None))
        .where(rows.exists(), ~rows.where(recent).exists())
        .values(message=None)
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


# --- what it owes -----------------------------------------------------------------------------------------------------


def due(db: Session, now: datetime, context: Context) -> None:
    """Empties what was said so long ago that its words are kept no longer, a portion at a time."""
    empty_old(db, before=now - timedelta(days=context.content.programme.retention.outbox_words_days), limit=EMPTIED)


def forget(db: Session, person: Person, now: datetime) -> None:
    """Drops what still waits to be said to the person; what was said is emptied with the chat (privacy.erase)."""
    drop_waiting(db, "erased", person_id=person.id)


def copy(db: Session, person: Person, content: Content, told: Told) -> dict[str, Any]:
    """Returns how many messages were sent to the person; their words are emptied after some days."""
    return {"jumlah_pesan_terkirim": number_sent_to(db, person)}


def number_sent_to(db: Session, person: Person) -> int:
    query = select(func.count()).select_from(OutboxRow)
    return db.scalar(query.where(OutboxRow.person_id == person.id, OutboxRow.status == Status.SENT)) or 0


DATA: Final = CapabilityData(
    "outbox",
    tables=(OutboxRow, OutboxBody, SentFile),
    due=due,
    next_due=lambda db, now, context: next_due(db, now),
    forget=forget,
    copy=copy,
    not_copied={
        "outbox.account_id": "The phone's messages, counted by person.",
        "outbox.chat_id": "The chat, which is the Telegram id that the copy holds.",
    },
)

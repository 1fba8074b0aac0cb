"""What is to be said: the ledger. Every message the bot ever wants to say is a row here, in the commit of its reason.

States (I5): waiting -> claimed (with a lease) -> sent | failed | blocked | unknown | dropped (with the reason).
`claimed` rows whose lease ran out, or whose holder is known to be dead, are taken up again by `recover()`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    ForeignKey,
    Select,
    SmallInteger,
    String,
    Subquery,
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
from bot.messages import Called, Message, named, people_in
from bot.programme.people import Account, Person
from bot.programme.quiet_hours import Kind, Verdict

LEASE: Final = timedelta(seconds=120)
"""How long a claimed row belongs to its holder, in real time. A living sender renews its leases long before."""


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
    """The person's form of address, known at once to a sender that is handed the parcel; never stored here."""


@dataclass
class Parcel:
    """A row in the hands of a sender."""

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
    """What became of a parcel. `message_id` and `poll_id` as Telegram gave them."""

    parcel: Parcel
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


def post_claimed(db: Session, given: Sequence[Post], *, now: datetime, holder: str, real_now: datetime) -> list[Parcel]:
    """Write replies that go straight into the hands of the sender of this process, without a second look-up.

    They carry no `once`. `real_now` is the time leases run on, which time travel does not move.
    """
    if not given:
        return []
    claim = {"status": Status.CLAIMED, "holder": holder, "lease_until": real_now + LEASE, "attempts": 1}
    ids = _insert(db, [_row(one, now) | claim for one in given])
    parcels = [
        Parcel(
            row_id, one.account_id, one.chat_id, one.language, one.kind, PRIORITY_OF[one.kind],
            _addressed(one.message, one.called),
            one.edit_message_id, one.edits, one.not_after,
        )
        for row_id, one in zip(ids, given, strict=True)
    ]  # fmt: skip
    _name(db, parcels)
    return parcels


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


def _name(db: Session, parcels: Sequence[Parcel]) -> None:
    """Put the names of those they speak of into the parcels (see messages.Who), never into their rows."""
    spoken_of = {parcel.id: people for parcel in parcels if (people := people_in(parcel.message))}
    if not spoken_of:
        return
    query = select(Person.id, Person.salutation, Person.name).where(
        Person.id.in_(frozenset().union(*spoken_of.values())), Person.anonymised_at.is_(None)
    )
    names = {person_id: Called(salutation, name) for person_id, salutation, name in db.execute(query)}
    for parcel in parcels:
        if parcel.id in spoken_of:
            parcel.message = named(parcel.message, names)


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

Gate = Callable[[OutboxRow, datetime], Verdict]
"""Asked for every row just before it goes out: send it, hold it until a moment, or drop it with a reason."""


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
) -> list[Parcel]:
    """Take up to `limit` waiting rows of `priority` or more urgent, the most urgent first. Its own short transaction.

    `now` is the bot's time (what is due), `real_now` the time that leases run on. At most `per_chat` rows of one chat
    are taken, and none of the `crowded` chats: they have enough in hand, and others must not wait behind them.
    """
    due = (
        select(OutboxRow.id)
        .where(
            in_state(Status.WAITING),
            OutboxRow.priority <= priority,
            or_(OutboxRow.not_before.is_(None), OutboxRow.not_before <= now),
        )
        .order_by(OutboxRow.priority, OutboxRow.id)
        .limit(limit)
    )
    if crowded:
        due = due.where(OutboxRow.chat_id.not_in(sorted(crowded)))
    if db.get_bind().dialect.name == "postgresql":
        due = due.with_for_update(skip_locked=True)
    ids = list(db.scalars(due))
    if not ids:
        return []
    query = (
        select(OutboxRow, Account.language, Account.blocked_at, Person.salutation, Person.name)
        .outerjoin(Account, Account.id == OutboxRow.account_id)
        .outerjoin(Person, Person.id == OutboxRow.person_id)
        .where(OutboxRow.id.in_(ids))
        .order_by(OutboxRow.priority, OutboxRow.id)
    )
    parcels: list[Parcel] = []
    taken: Counter[int] = Counter()
    found = db.execute(query).all()
    bodies = _bodies(db, {row.body_id for row, *_ in found if row.body_id is not None})
    for row, language, blocked_at, salutation, name in found:
        if per_chat is not None and taken[row.chat_id] >= per_chat:
            continue
        message = bodies.get(row.body_id) if row.message is None else Message.from_json(row.message)
        if message is None:
            row.status, row.reason = Status.DROPPED, "emptied"
            continue
        if blocked_at is not None:
            row.status, row.reason = Status.BLOCKED, "blocked before"
            row.message = None if row.kind == Kind.REPLY else row.message
            continue
        verdict = gate(row, now)
        if verdict.drop is not None:
            row.status, row.reason = Status.DROPPED, verdict.drop
            continue
        if verdict.hold_until is not None:
            row.not_before = verdict.hold_until
            continue
        row.status, row.holder, row.lease_until = Status.CLAIMED, holder, real_now + LEASE
        row.attempts += 1
        taken[row.chat_id] += 1
        parcels.append(
            Parcel(
                row.id, row.account_id, row.chat_id, language or row.language, Kind(row.kind), row.priority,
                _addressed(message, Called(salutation, name) if name else None),
                row.edit_message_id, row.edits, row.not_after, row.attempts,
            )
        )  # fmt: skip
    _name(db, parcels)
    return parcels


def _bodies(db: Session, ids: Collection[int]) -> dict[int | None, Message]:
    if not ids:
        return {}
    query = select(OutboxBody).where(OutboxBody.id.in_(ids), OutboxBody.message.is_not(None))
    return {body.id: Message.from_json(body.message) for body in db.scalars(query) if body.message is not None}


def settle(db: Session, results: Sequence[Result], *, now: datetime, holder: str) -> None:
    """Write what became of parcels: one statement for all, and what follows for their accounts.

    A row that `holder` no longer holds is left as it is: another sender has it now. Only that a message did go out is
    still written, so that it is not said again if that can be helped.
    """
    if not results:
        return
    ours = and_(OUTBOX.c.status == Status.CLAIMED, OUTBOX.c.holder == holder)
    # no IN: it cannot be filled in for many rows at once
    open_still = or_(*[OUTBOX.c.status == status for status in (Status.WAITING, Status.CLAIMED, Status.UNKNOWN)])
    # the table, not the class: the ORM would take a list of parameters for its own bulk update by primary key
    db.execute(
        update(OUTBOX)
        .where(
            OUTBOX.c.id == bindparam("row_id"),
            or_(ours, and_(bindparam("went_out", type_=Boolean), open_still)),
        )
        .values(
            status=bindparam("to_status"),
            reason=bindparam("to_reason"),
            telegram_message_id=func.coalesce(bindparam("to_message_id"), OUTBOX.c.telegram_message_id),
            poll_id=bindparam("to_poll_id"),
            sent_at=bindparam("to_sent_at"),
            not_before=func.coalesce(bindparam("to_not_before"), OUTBOX.c.not_before),
            attempts=case((ours, bindparam("to_attempts")), else_=OUTBOX.c.attempts),
            lease_until=None,
        ),
        [
            {
                "row_id": result.parcel.id,
                "to_status": result.status,
                "to_reason": result.reason,
                "to_message_id": result.message_id,
                "to_poll_id": result.poll_id,
                "to_sent_at": now if result.status is Status.SENT else None,
                "to_not_before": result.retry_at,
                "to_attempts": result.parcel.attempts,
                "went_out": result.status is Status.SENT,
            }
            for result in results
        ],
    )
    secrets = [result.parcel.id for result in results if result.parcel.message.secret and result.status in FINAL]
    if secrets:
        db.execute(update(OutboxRow).where(OutboxRow.id.in_(secrets)).values(message=None))
    newest: dict[int, int] = {}
    for result in results:
        account = result.parcel.account_id
        if account is not None and result.message_id is not None:
            newest[account] = max(newest.get(account, 0), result.message_id)
    if newest:
        db.execute(
            update(ACCOUNT)
            .where(ACCOUNT.c.id == bindparam("account"), ACCOUNT.c.last_message_id < bindparam("newest"))
            .values(last_message_id=bindparam("newest")),
            [{"account": account, "newest": message_id} for account, message_id in sorted(newest.items())],
        )
    blocked = sorted({r.parcel.account_id for r in results if r.status is Status.BLOCKED and r.parcel.account_id})
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
    orphans = [r.parcel.id for r in results if r.parcel.account_id is None and r.status in FINAL]
    if orphans:
        db.execute(delete(OutboxRow).where(OutboxRow.id.in_(orphans), OutboxRow.account_id.is_(None)))


def renew_leases(db: Session, *, holder: str, real_now: datetime) -> None:
    db.execute(
        update(OutboxRow)
        .where(in_state(Status.CLAIMED), OutboxRow.holder == holder)
        .values(lease_until=real_now + LEASE)
    )


def recover(db: Session, *, real_now: datetime, everything: bool) -> int:
    """Take back what a dead sender held: rows whose lease ran out, or `everything` when no other sender can live.

    Telegram has no idempotency key: what was in flight may have been said. Replies and reminders are said (perhaps
    once more, `attempts` counts it); an announcement is never said twice by itself and becomes `unknown`. To edit one
    twice does no harm.
    """
    held = in_state(Status.CLAIMED)
    dead = held if everything else and_(held, OutboxRow.lease_until < real_now)
    broadcast = and_(OutboxRow.kind == Kind.ANNOUNCEMENT, OutboxRow.edits.is_(None))
    result = db.execute(
        update(OutboxRow)
        .where(dead)
        .values(
            status=case((broadcast, Status.UNKNOWN), else_=Status.WAITING),
            reason=case((broadcast, "the process ended while it was being sent"), else_=OutboxRow.reason),
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


def telegram_message_of(db: Session, row_id: int) -> tuple[str, int | None] | None:
    """State and Telegram id of the message a row became; None when there is no such row."""
    row = db.execute(select(OutboxRow.status, OutboxRow.telegram_message_id).where(OutboxRow.id == row_id)).first()
    return None if row is None else (row[0], row[1])


# --- looking ------------------------------------------------------------------------------------------------------


def next_due(db: Session, now: datetime) -> datetime | None:
    """The next moment a held row may go out."""
    return db.scalar(select(func.min(OutboxRow.not_before)).where(in_state(Status.WAITING), OutboxRow.not_before > now))


def oldest_waiting(db: Session, now: datetime) -> datetime | None:
    """Since when the longest-waiting row that could go out has been waiting: the outbox's age."""
    due = or_(OutboxRow.not_before.is_(None), OutboxRow.not_before <= now)
    return db.scalar(select(func.min(OutboxRow.created_at)).where(in_state(Status.WAITING), due))


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

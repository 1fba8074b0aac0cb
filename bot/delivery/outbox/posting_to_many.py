"""Writes the same message to many people: one INSERT ... SELECT, whatever their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Select, String, Subquery, bindparam, cast, literal, select
from sqlalchemy.orm import Session

from bot.database import Signal, insert_or, leave_to_others
from bot.delivery.outbox.tables import OUTBOX, PRIORITY_OF, OutboxBody, OutboxRow, Status
from bot.people.people import Account, Person
from bot.people.quiet_hours import Kind
from bot.words.message import Message


def keep_body(db: Session, message: Message, *, now: datetime) -> int:
    """Stores a message that many rows will share; returns its id, for `post_to_many`."""
    body = OutboxBody(message=message.to_json(), created_at=now)
    db.add(body)
    db.flush()
    return body.id


def body(db: Session, body_id: int) -> Message | None:
    """Returns the message of a body; None once it was emptied."""
    found = db.get(OutboxBody, body_id)
    return None if found is None or found.message is None else Message.from_json(found.message)


def recipients() -> Select[int, int, int, str]:
    """Selects persons with the account that speaks for them, as `post_to_many` wants them: to be joined and
    narrowed."""
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
    """Writes one row for each of `audience` in a single INSERT ... SELECT, whatever their number. Returns how many are
    new.

    `audience` selects account_id, person_id, chat_id and language under these names (see `recipients`), and also
    site_id and edits where they differ from one person to the next. Each row's `once` is `<once>:<person_id>`: called
    twice, the message is still said once. The message is `message`, or the body with the id `body_id`.
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
"""The id of the group that is being written to, in the audience of `post_to_groups`."""


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
    db: Session,
    audience: Select[*tuple[Any, ...]],
    groups: Sequence[Group],
    *,
    kind: Kind,
    now: datetime,
    at_most: int | None,
) -> int:
    """Does what `post_to_many` does for many groups, with one statement that is prepared once. Returns how many rows
    are new.

    `audience` selects the people of the group `GROUP`. Of each group at most `at_most` people are written to who have
    no such row yet: so a very large audience can be handled in portions. None: all at once, which is quicker.
    """
    if not groups:
        return 0
    name = bindparam("group_once", type_=String)
    if at_most is not None:
        row = OUTBOX.alias("said")
        said = select(row.c.id).where(row.c.once == name.concat(cast(Person.id, String))).exists()
        audience = audience.where(~said).limit(at_most)
    people = audience.subquery()
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
    """Returns the INSERT ... SELECT of one row for each of `people`. A row's name is `once` and the person's number."""
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

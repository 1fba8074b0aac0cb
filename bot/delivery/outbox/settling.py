"""Writes down the results of claimed messages, and what follows from them for accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from sqlalchemy import (
    BigInteger,
    SmallInteger,
    String,
    Update,
    and_,
    bindparam,
    case,
    delete,
    func,
    null,
    or_,
    update,
)
from sqlalchemy.orm import Session

from bot.database import Base
from bot.delivery.outbox.claiming import ClaimedMessage
from bot.delivery.outbox.tables import FINAL, OUTBOX, OutboxRow, Status, in_state
from bot.people.people import Account
from bot.people.quiet_hours import Kind

ACCOUNT: Final = Base.metadata.tables["account"]


@dataclass(frozen=True)
class Result:
    """The result of a claimed message. `message_id` and `poll_id` as Telegram gave them."""

    claimed: ClaimedMessage
    status: Status
    reason: str | None = None
    message_id: int | None = None
    poll_id: str | None = None
    retry_at: datetime | None = None
    """With status WAITING: given back, and not to be sent before this moment (the bot's time)."""


def settle(db: Session, results: Sequence[Result], *, holder: str, now: datetime) -> None:
    """Writes the results of messages that `holder` had claimed, with one statement, and what follows from them for
    their accounts.

    A sender that lost its place may come late: its rows were taken back, and perhaps another sender has claimed them.
    Then only a result "sent" is still written, and not for a row that is claimed.
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
                # a reply or an answer that never comes is of no use to anybody here, and may have been a secret
                message=case((OutboxRow.kind.in_((Kind.REPLY, Kind.ANSWER)), null()), else_=OutboxRow.message),
            )
        )
    orphans = [r.claimed.id for r in results if r.claimed.account_id is None and r.status in FINAL]
    if orphans:
        db.execute(delete(OutboxRow).where(OutboxRow.id.in_(orphans), OutboxRow.account_id.is_(None), ended))


@cache
def _settling() -> Update:
    """Returns the statement. It is built once: built fifty times a second it would be a good part of the work."""
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

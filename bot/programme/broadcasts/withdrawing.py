"""Withdraws an announcement: copies that wait are not sent, copies in chats are deleted. Telegram lets a bot delete
what it said for 48 hours: an older copy is edited into a line that says it was withdrawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update
from sqlalchemy.orm import Session

from bot.database import something_due
from bot.delivery import outbox
from bot.delivery.outbox import OutboxRow, Status
from bot.people.people import Account
from bot.people.quiet_hours import Kind
from bot.programme.broadcasts.content import EDITABLE, as_announced
from bot.programme.broadcasts.drafting import lock, message_of
from bot.programme.broadcasts.outcomes import AlreadySent, TooOld, Withdrawn
from bot.programme.broadcasts.tables import Broadcast, BroadcastStatus
from bot.words.message import Form, Message

DELETABLE: Final = timedelta(hours=48) - timedelta(minutes=2)
"""How long after it was sent a message can be deleted, by Telegram's limit, less what a deletion may take."""
LINE: Final = "broadcasts.withdrawn_line"
"""The key of what stands in the place of a copy that cannot be deleted any more."""


@dataclass(frozen=True)
class Copies:
    """The copies of an announcement, of its corrections too: how many would be deleted, edited into a line, stay as
    they are (old places), not be sent after all, and of how many it is not known whether they arrived."""

    deleted: int
    edited: int
    stay: int
    dropped: int
    unknown: int


def copies_of(db: Session, broadcast: Broadcast, now: datetime) -> Copies:
    young = OutboxRow.sent_at > now - DELETABLE
    fate = case(
        (and_(OutboxRow.status == Status.SENT, young), "deleted"),
        (OutboxRow.status == Status.SENT, "edited"),
        (OutboxRow.status == Status.WAITING, "dropped"),
        (OutboxRow.status == Status.CLAIMED, "deleted"),
        (OutboxRow.status == Status.UNKNOWN, "unknown"),
    )
    query = select(fate, OutboxRow.body_id, func.count()).where(*_copies(db, broadcast))
    found: Counter[str] = Counter()
    for name, body_id, number in db.execute(query.group_by(fate, OutboxRow.body_id)):
        body = outbox.body(db, body_id) if name == "edited" else None
        found["stay" if body is not None and body.form not in EDITABLE else name] += int(number)
    return Copies(*(found[name] for name in ("deleted", "edited", "stay", "dropped", "unknown")))


def withdraw(db: Session, broadcast: Broadcast, by: Account, now: datetime) -> Withdrawn | AlreadySent | TooOld:
    """Withdraws an announcement that has begun. Done twice, or by two at once, it is done once."""
    lock(db, broadcast)
    if broadcast.begun_at is None or broadcast.status == BroadcastStatus.WITHDRAWN:
        return AlreadySent(broadcast)
    if message_of(db, broadcast) is None:
        return TooOld()
    dropped = copies_of(db, broadcast, now).dropped  # an edit that waits for a copy is none
    for one in _family(db, broadcast):
        outbox.drop_waiting(db, "withdrawn", broadcast_id=one)
    family = or_(Broadcast.id == broadcast.id, Broadcast.corrects_id == broadcast.id)
    begun = Broadcast.status.in_((BroadcastStatus.SENDING, BroadcastStatus.STOPPED, BroadcastStatus.DONE))
    ended = {"status": BroadcastStatus.WITHDRAWN, "swept": True, "ended_at": func.coalesce(Broadcast.ended_at, now)}
    db.execute(update(Broadcast).where(family, begun).values(ended))
    db.refresh(broadcast)
    withdrawal = Broadcast(
        account_id=by.id,
        corrects_id=broadcast.id,
        withdraws=True,
        audience=broadcast.audience,
        body_id=outbox.keep_body(db, Message(form=Form.DELETE), now=now),
        zone=broadcast.zone,
        status=BroadcastStatus.SENDING,
        created_at=now,
        begun_at=now,
        recipients=0,
    )
    db.add(withdrawal)
    db.flush()
    withdraw_copies(db, withdrawal, broadcast, now)
    something_due(db)
    return Withdrawn(withdrawal, dropped)


def withdrawal_of(db: Session, broadcast: Broadcast) -> Broadcast | None:
    """Returns the withdrawal of an announcement that was withdrawn."""
    query = select(Broadcast).where(Broadcast.corrects_id == broadcast.id, Broadcast.withdraws.is_(True))
    return db.scalar(query.order_by(Broadcast.id.desc()).limit(1))


def withdraw_copies(db: Session, withdrawal: Broadcast, original: Broadcast, now: datetime) -> None:
    """Writes the deletion (or the edit) of every delivered copy that has none yet. A copy that a sender is just sending
    has to be waited for."""
    copies = _copies(db, original)
    in_hand = db.scalar(select(func.count()).select_from(OutboxRow).where(*copies, OutboxRow.status == Status.CLAIMED))
    young = OutboxRow.sent_at > now - DELETABLE
    for broadcast_id, body_id in _bodies(db, copies):
        these = (OutboxRow.broadcast_id == broadcast_id, OutboxRow.body_id == body_id, *_there())
        once = f"broadcast:{withdrawal.id}:{broadcast_id}:{body_id}"
        withdrawal.recipients += _post(db, withdrawal, [*these, young], withdrawal.body_id, once, now)
        old = [*these, ~young]
        line = _line(db, withdrawal, body_id, now) if _any(db, old) else None
        if line is not None:
            withdrawal.recipients += _post(db, withdrawal, old, line, once, now)
    withdrawal.swept = not in_hand


def look_after(db: Session, withdrawal: Broadcast, now: datetime) -> int:
    """Notes which copies are gone from people's chats, so that nobody's answer is taken for one to them; edits those
    that Telegram would not delete. Returns how many are to be edited now."""
    mine = OutboxRow.broadcast_id == withdrawal.id
    done = select(OutboxRow.edits).where(mine, OutboxRow.status == Status.SENT, OutboxRow.body_id == withdrawal.body_id)
    db.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_(done), OutboxRow.telegram_message_id.is_not(None))
        .values(telegram_message_id=None)
        .execution_options(synchronize_session=False)
    )
    failed = select(OutboxRow.edits).where(
        mine, OutboxRow.status == Status.FAILED, OutboxRow.body_id == withdrawal.body_id
    )
    written = 0
    for broadcast_id, body_id in _bodies(db, [OutboxRow.id.in_(failed)]):
        line = _line(db, withdrawal, body_id, now)
        if line is not None:
            these = [OutboxRow.id.in_(failed), OutboxRow.body_id == body_id, *_there()]
            once = f"broadcast:{withdrawal.id}:{broadcast_id}:{body_id}:line"
            written += _post(db, withdrawal, these, line, once, now)
    return written


def _family(db: Session, broadcast: Broadcast) -> list[int]:
    """Returns the numbers of the announcement and of its corrections: what they sent is a copy, too."""
    query = select(Broadcast.id).where(Broadcast.corrects_id == broadcast.id, Broadcast.withdraws.is_(False))
    return [broadcast.id, *db.scalars(query)]


def _copies(db: Session, broadcast: Broadcast) -> tuple[ColumnElement[bool], ...]:
    return OutboxRow.broadcast_id.in_(_family(db, broadcast)), OutboxRow.edits.is_(None)


def _there() -> tuple[ColumnElement[bool], ...]:
    return OutboxRow.status == Status.SENT, OutboxRow.telegram_message_id.is_not(None)


def _any(db: Session, which: Sequence[ColumnElement[bool]]) -> bool:
    return db.execute(select(OutboxRow.id).where(*which).limit(1)).first() is not None


def _bodies(db: Session, which: Sequence[ColumnElement[bool]]) -> list[tuple[int, int]]:
    query = select(OutboxRow.broadcast_id, OutboxRow.body_id).where(*which, *_there()).distinct()
    return [(int(one), int(body)) for one, body in db.execute(query) if one is not None and body is not None]


def _post(
    db: Session, withdrawal: Broadcast, which: Sequence[ColumnElement[bool]], body_id: int, once: str, now: datetime
) -> int:
    """Writes one row for each of these copies, to the chat that the copy is in, also after /berhenti: what is taken out
    of a chat is no message to anybody."""
    copies = select(
        OutboxRow.account_id,
        OutboxRow.person_id,
        OutboxRow.chat_id,
        OutboxRow.language,
        OutboxRow.site_id,
        OutboxRow.id.label("edits"),
    ).where(*which)
    return outbox.post_to_many(
        db, copies, None, kind=Kind.ANNOUNCEMENT, once=once, now=now, body_id=body_id, broadcast_id=withdrawal.id
    )


def _line(db: Session, withdrawal: Broadcast, body_id: int, now: datetime) -> int | None:
    """Returns the body that a copy with this body is edited into; None: such a copy cannot be edited (a place)."""
    old = outbox.body(db, body_id)
    if old is None or old.form not in EDITABLE:
        return None
    line = as_announced(replace(old, key=LINE, values={}, html=""))
    used = select(OutboxRow.body_id).where(
        OutboxRow.broadcast_id == withdrawal.id, OutboxRow.body_id != withdrawal.body_id
    )
    for known in db.scalars(used.distinct()):
        if outbox.body(db, known or 0) == line:
            return known
    return outbox.keep_body(db, line, now=now)

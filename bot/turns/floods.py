"""Limits what one account may send: updates that come too fast wait, very many are dropped, and a message says so."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.delivery.outbox import OutboxRow
from bot.people.people import accounts_of
from bot.turns.pace import Pace
from bot.words.message import Message

log = structlog.get_logger("inbox")

MAX_UNHANDLED_PER_PERSON: Final = 100
"""How many unhandled updates one person may have before further ones are let go: half a minute of them."""
MAX_WHEN_CROWDED: Final = 20
"""The limit while very many updates wait for their pace, so that the memory they take is bounded."""
FLOOD_NOTICE_INTERVAL: Final = timedelta(minutes=10)
"""How often at most somebody is told that they send too much."""


class Judged(NamedTuple):
    let_go: frozenset[int]
    """The ids of the updates that get no turn."""
    told: frozenset[int]
    """Accounts to be told: some of their updates have to wait, or are dropped."""


def judge(
    arrivals: Iterable[tuple[int | None, int | None]],
    waiting: Callable[[int], int],
    pace: Pace | None,
    limit: int = MAX_UNHANDLED_PER_PERSON,
    again: Collection[int] = (),
) -> Judged:
    """Judges updates in their order, each by its id and its account. `waiting` tells how many updates of an account are
    unhandled already. The ids in `again` are brought once more because they could not be stored: they were counted."""
    count: dict[int, int] = {}
    let_go: set[int] = set()
    told: set[int] = set()
    seen: set[int] = set()
    for update_id, sender in arrivals:
        if update_id is None or sender is None or update_id in seen:
            continue
        seen.add(update_id)  # an update that came twice counts once
        unhandled = count.get(sender, waiting(sender)) + 1
        if unhandled > limit:
            let_go.add(update_id)
            told.add(sender)
            continue
        count[sender] = unhandled
        if pace is not None and update_id not in again and pace.came(sender):
            told.add(sender)
    return Judged(frozenset(let_go), frozenset(told))


def slow_down(db: Session, flooding: Collection[int], now: datetime) -> None:
    """Tells an account, once in FLOOD_NOTICE_INTERVAL, that what is sent from it has to wait or is dropped."""
    if not flooding:
        return
    while_ = int(now.timestamp() // FLOOD_NOTICE_INTERVAL.total_seconds())
    accounts = accounts_of(db, flooding, now).values()
    # a flood that lies in two of these intervals is still one
    before = [f"slow_down:{account.id}:{while_ - 1}" for account in accounts]
    just_told = set(
        db.scalars(
            select(OutboxRow.once).where(OutboxRow.once.in_(before), OutboxRow.created_at > now - FLOOD_NOTICE_INTERVAL)
        )
    )
    for account, name in zip(accounts, before, strict=True):
        if name not in just_told:
            once = f"slow_down:{account.id}:{while_}"
            row = outbox.post(db, outbox.to(account, Message("turn.slow_down"), once=once), now=now)
            if row is not None:
                log.info("somebody writes faster than we answer")

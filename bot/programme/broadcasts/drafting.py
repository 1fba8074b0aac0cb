"""Drafts of announcements: stored, added to, found again and thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from bot.catalogue.content import Content
from bot.delivery import outbox
from bot.delivery.outbox import OutboxBody
from bot.people.people import Account
from bot.programme.broadcasts.audience import BEGUN_ONLY, COMING_ONLY, Sites
from bot.programme.broadcasts.speaking import one_site, with_head
from bot.programme.broadcasts.tables import Broadcast, BroadcastStatus, Group
from bot.programme.sessions import ClassSession
from bot.words.message import Message

LATELY: Final = timedelta(days=7)
"""A class can be written to for this long after it began."""
LONG_AFTER: Final = timedelta(days=30)
"""People who came to a class, or did not, can be written to for this long."""


def draft(
    db: Session,
    account: Account,
    groups: Sequence[Group],
    sites: Sites,
    message: Message,
    now: datetime,
    *,
    zone: str,
    content: Content,
    corrects: Broadcast | None = None,
    source: int | None = None,
) -> Broadcast:
    """Stores an announcement as a draft: its words and its audience. Others that the account has begun stay as they
    are. `source`: Telegram's number of the message that said the words."""
    told = tuple(dict.fromkeys(groups))
    headed = with_head(db, account, told, sites, message, content)
    broadcast = Broadcast(
        account_id=account.id,
        corrects_id=corrects.id if corrects else None,
        audience={
            "groups": [[group.kind, group.subject] for group in told],
            "sites": None if sites is None else sorted(sites),
        },
        body_id=outbox.keep_body(db, headed, now=now),
        site_id=one_site(db, told, sites),
        source_message_id=source,
        zone=zone,
        urgent=corrects.urgent if corrects else False,
        status=BroadcastStatus.DRAFT,
        created_at=now,
    )
    db.add(broadcast)
    db.flush()
    return broadcast


def rewrite(
    db: Session, broadcast: Broadcast, message: Message, now: datetime, *, content: Content, source: int | None = None
) -> None:
    """Gives a draft other words; its older previews show what it says no more."""
    old = broadcast.body_id
    account = db.get(Account, broadcast.account_id) if broadcast.account_id is not None else None
    headed = with_head(db, account, broadcast.groups, broadcast.sites, message, content)
    broadcast.body_id, broadcast.created_at = outbox.keep_body(db, headed, now=now), now
    if source is not None:
        broadcast.source_message_id = source
    db.flush()
    db.execute(delete(OutboxBody).where(OutboxBody.id == old))


def set_groups(db: Session, broadcast: Broadcast, groups: Sequence[Group], *, content: Content) -> None:
    """Changes the audience of a draft. People who belong to two of its groups get it once."""
    told = dict.fromkeys(groups)
    broadcast.audience = {**broadcast.audience, "groups": [[one.kind, one.subject] for one in told]}
    broadcast.site_id = one_site(db, told, broadcast.sites)
    say_who_speaks(db, broadcast, content)


def say_who_speaks(db: Session, broadcast: Broadcast, content: Content) -> None:
    """Writes the lines above the words of an announcement that has not begun anew: its audience changed, or its class
    was moved. A place keeps its name."""
    body = db.get(OutboxBody, broadcast.body_id)
    message = message_of(db, broadcast)
    if body is None or message is None or message.place is not None:
        return
    account = db.get(Account, broadcast.account_id) if broadcast.account_id is not None else None
    body.message = with_head(db, account, broadcast.groups, broadcast.sites, message, content).to_json()


def find(db: Session, broadcast_id: int | None) -> Broadcast | None:
    """Returns the announcement with this number. The caller checks whose it is, and who may see it."""
    return db.get(Broadcast, broadcast_id) if broadcast_id is not None else None


def latest(db: Session, account: Account, sites: Sites, *, limit: int) -> list[Broadcast]:
    """Returns the announcements of this account and those to people of one of these sites (of all, where `sites` is
    None) that are not drafts, the newest first."""
    hidden = (BroadcastStatus.DRAFT, BroadcastStatus.DISCARDED)
    query = select(Broadcast).where(Broadcast.status.not_in(hidden), Broadcast.corrects_id.is_(None))
    query = query.order_by(Broadcast.id.desc()).limit(limit)
    if sites is None:
        return list(db.scalars(query))
    found = [*db.scalars(query.where(Broadcast.account_id == account.id))]
    found += db.scalars(query.where(Broadcast.site_id.in_(sorted(sites))))
    return sorted(dict.fromkeys(found), key=lambda one: -one.id)[:limit]


def said_in(db: Session, account: Account, message_id: int) -> Broadcast | None:
    """Returns the newest announcement (or correction) that says the words of this message of the author's chat."""
    query = select(Broadcast).where(Broadcast.account_id == account.id, Broadcast.source_message_id == message_id)
    return db.scalar(query.order_by(Broadcast.id.desc()).limit(1))


def message_of(db: Session, broadcast: Broadcast) -> Message | None:
    return outbox.body(db, broadcast.body_id)


def classes_to_write_to(db: Session, site_id: str, now: datetime, *, kind: str = "class") -> list[ClassSession]:
    """Returns the classes of a site to whose people (of this kind) one may write: those to come, the earliest first,
    then those that began lately, the newest first."""
    query = select(ClassSession).where(ClassSession.site_id == site_id, ClassSession.cancelled_at.is_(None))
    since = now - (LONG_AFTER if kind in BEGUN_ONLY else LATELY)
    query = query.where(ClassSession.starts_at > since).order_by(ClassSession.starts_at, ClassSession.id)
    found = list(db.scalars(query))
    coming = [] if kind in BEGUN_ONLY else [one for one in found if one.starts_at > now]
    begun = [] if kind in COMING_ONLY else [one for one in found if one.starts_at <= now]
    return coming + begun[::-1]


def lock(db: Session, broadcast: Broadcast) -> None:
    db.flush()
    db.refresh(broadcast, with_for_update=True)


def throw_away(db: Session, which: ColumnElement[bool]) -> None:
    drafts = db.execute(
        select(Broadcast.id, Broadcast.body_id).where(which, Broadcast.status == BroadcastStatus.DRAFT)
    ).all()
    if drafts:
        db.execute(delete(Broadcast).where(Broadcast.id.in_([draft.id for draft in drafts])))
        db.execute(delete(OutboxBody).where(OutboxBody.id.in_([draft.body_id for draft in drafts])))

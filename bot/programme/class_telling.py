"""Tells the people of a class that it changed: one row each, written by one statement."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.people.people import Account, Person
from bot.people.quiet_hours import Kind
from bot.programme.enrolment import HOLDING, Enrolment
from bot.programme.sessions import ClassSession
from bot.words.message import Message

RESTORED: Final = "restored"
"""Why a waiting message is dropped: the class that it calls off takes place, and its person never heard otherwise."""


def tell(
    db: Session,
    session: ClassSession,
    which: ColumnElement[bool],
    message: Message,
    *,
    heard_by: datetime,
    now: datetime,
    once: str = "",
) -> int:
    """Posts the message to the listeners among `which`; returns how many are told. `heard_by`: in the 24 hours before
    it they are told at any hour. `once`: the name under which it is said only once; empty: that of this revision."""
    return outbox.post_to_many(
        db,
        listeners(session, which),
        message,
        kind=Kind.CHANGE,
        once=once or f"change:{session.id}:{session.revision}",
        now=now,
        site_id=session.site_id,
        session_id=session.id,
        starts_at=heard_by,
        not_after=session.ends_at,
    )


def listeners(session: ClassSession, which: ColumnElement[bool]) -> Select[int, int, int, str]:
    """Selects the people who must be told that the class moved or is cancelled: everybody enrolled who can be written
    to and agreed to take part. After /berhenti only those who hold a seat."""
    return (
        outbox.recipients()
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(Enrolment.session_id == session.id, which, Person.consent_training)
        .where(Account.blocked_at.is_(None))
        .where(or_(Account.stopped_at.is_(None), Enrolment.status.in_(HOLDING)))
    )


def number_of_listeners(db: Session, session: ClassSession, statuses: Collection[str]) -> int:
    """Returns how many of the people in these states can be told something about the class."""
    found = listeners(session, Enrolment.status.in_(statuses)).subquery()
    return db.scalar(select(func.count()).select_from(found)) or 0

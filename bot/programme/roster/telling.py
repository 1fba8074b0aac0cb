"""Tells people what staff did with their seat."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from bot.actions.buttons import HELP
from bot.actions.enrolment import SeeClasses, SeeSchedule
from bot.delivery import outbox
from bot.people.people import Person, account_of
from bot.people.quiet_hours import Kind
from bot.programme.sessions import ClassSession
from bot.words.message import Button, Message, Value, rows


def tell(
    db: Session,
    person: Person,
    session: ClassSession,
    key: str,
    values: Mapping[str, Value],
    now: datetime,
    *,
    not_after: datetime,
) -> None:
    """Tells somebody that their seat changed, as for a change of the class; people without a phone, who blocked the bot
    or took consent 1 back are not told. After `not_after` the message is not sent any more."""
    account = account_of(db, person)
    if account is None or account.blocked_at is not None or not person.consent_training:
        return
    buttons = rows(
        [Button("enrolment.button.mine", SeeSchedule())],
        [Button("button.other_classes", SeeClasses(session.site_id)), HELP],
    )
    post = outbox.to(
        account,
        Message(key, dict(values), buttons),
        kind=Kind.CHANGE,
        person_id=person.id,
        site_id=session.site_id,
        session_id=session.id,
        starts_at=session.starts_at,
        not_after=not_after,
    )
    outbox.post(db, post, now=now)

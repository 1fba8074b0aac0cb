"""Tells people that a trainer answered "I was there", and that what they know of their presence has changed.

Not at once: what is corrected within NEWS_WAIT is never told, and what is recorded in several classes meanwhile is told
together. Sent in open hours, to people who agreed to messages about their classes and have not stopped them.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.actions.buttons import HELP, MENU
from bot.catalogue.content import Content
from bot.delivery import outbox
from bot.people.people import Person, Purpose, account_of, has_consented
from bot.people.quiet_hours import Kind, next_opening
from bot.programme.attendance.tables import Attendance, Mark
from bot.programme.sessions import ClassSession
from bot.words.message import At, Lines, Message, Words, rows

PORTION: Final = 200
"""How many changes are told in one transaction."""
USEFUL_FOR: Final = timedelta(days=3)
"""How long a message may wait to be sent; after that it is dropped."""

Row = tuple[Attendance, ClassSession, Person]


def tell_people(db: Session, now: datetime, content: Content) -> None:
    """Tells people whose record changed, if it still differs from what they know."""
    query = (
        select(Attendance, ClassSession, Person)
        .join(ClassSession, ClassSession.id == Attendance.session_id)
        .join(Person, Person.id == Attendance.person_id)
        .where(Attendance.tell_at <= now)
        .order_by(Attendance.tell_at, Attendance.id)
        .limit(PORTION)
        .with_for_update(of=Attendance, skip_locked=True)
    )
    of_person: dict[int, list[Row]] = defaultdict(list)
    for known, session, person in db.execute(query.execution_options(populate_existing=True)).all():
        opening = next_opening(content.open_hours(session.site_id), now)
        if opening > now:
            known.tell_at = opening
        else:
            of_person[person.id].append((known, session, person))
    for rows_of_one in of_person.values():
        _tell(db, rows_of_one, now, content)


def _tell(db: Session, found: list[Row], now: datetime, content: Content) -> None:
    news = [one for one in found if one[0].mark != one[0].told and one[1].cancelled_at is None]
    for known, _, _ in found:
        known.tell_at = None
    _, session, person = found[0]
    account = account_of(db, person)
    if not news or account is None or account.stopped_at or account.blocked_at:
        return
    if not has_consented(person, Purpose.REMINDERS):
        return
    asked = all(known.told == Mark.CLAIMED for known, _, _ in news)
    lines = []
    for known, one, _ in news:
        starts = At(one.starts_at, content.open_hours(one.site_id).zone)
        lines.append(Words(f"attendance.news.{known.mark}", {"title": one.title, "starts": starts}))
        known.told = known.mark
    key = "attendance.news.checked" if asked else "attendance.news.changed"
    message = Message(key, {"lines": Lines(tuple(lines))}, rows((MENU, HELP)))
    told = outbox.to(
        account,
        message,
        kind=Kind.LESSON,
        person_id=person.id,
        site_id=session.site_id,
        session_id=session.id,
        not_after=now + USEFUL_FOR,
    )
    outbox.post(db, told, now=now)

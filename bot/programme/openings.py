"""A person can ask to be told when a site without classes has one: they are told once, at the first class.

A row is a wish. It is deleted when the person was told, no longer wants it, or stops all messages.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ForeignKey, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.actions.buttons import HELP
from bot.actions.enrolment import SeeClasses
from bot.capability import CapabilityData, Context, Told
from bot.catalogue.content import Content, Site
from bot.database import Base, insert_or
from bot.delivery import outbox
from bot.people.people import Account, Person
from bot.people.quiet_hours import Kind
from bot.programme import sessions
from bot.programme.sessions import ClassSession
from bot.words.message import Button, Message, rows

USEFUL: Final = timedelta(days=3)
"""How long the message may wait to be sent; after that it is dropped."""


class ClassWish(Base):
    """Somebody wants to be told when there are classes at a site."""

    __tablename__ = "class_wish"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    site_id: Mapped[str] = mapped_column(String(40), primary_key=True, index=True)
    asked_at: Mapped[datetime]


# --- services -------------------------------------------------------------------------------------------------------


def wish(db: Session, person: Person, site_id: str, now: datetime) -> bool:
    """Notes the wish. False if there are classes already: nothing is noted then."""
    if sessions.upcoming(db, site_id, now, limit=1):
        return False
    row = insert_or(db, ClassWish).values(person_id=person.id, site_id=site_id, asked_at=now)
    db.execute(row.on_conflict_do_nothing())
    return True


def drop(db: Session, person: Person, site_id: str) -> None:
    db.execute(delete(ClassWish).where(ClassWish.person_id == person.id, ClassWish.site_id == site_id))


def drop_all(db: Session, person: Person) -> None:
    db.execute(delete(ClassWish).where(ClassWish.person_id == person.id))


def is_wished(db: Session, person: Person, site_id: str) -> bool:
    return db.get(ClassWish, (person.id, site_id)) is not None


# --- time -----------------------------------------------------------------------------------------------------------


def due(db: Session, now: datetime, context: Context) -> int:
    """Tells everybody who waits for classes at a site that has some now. Returns how many."""
    told = 0
    for site, first in _opened(db, now, context.content):
        site_id = site.id
        waiting = select(ClassWish.person_id).where(ClassWish.site_id == site_id)
        audience = outbox.recipients().where(
            Person.id.in_(waiting),
            Person.consent_training,
            Account.stopped_at.is_(None),
            Account.blocked_at.is_(None),
        )
        told += outbox.post_to_many(
            db,
            audience,
            Message(
                "openings.open",
                {"site": site.name},
                rows([Button("enrolment.button.pick", SeeClasses(site_id))], [HELP]),
            ),
            kind=Kind.OFFER,
            once=f"opened:{site_id}:{first.id}",
            now=now,
            site_id=site_id,
            not_after=now + USEFUL,
        )
        db.execute(delete(ClassWish).where(ClassWish.site_id == site_id))
    return told


def next_due(db: Session, now: datetime, context: Context) -> datetime | None:
    return now if any(_opened(db, now, context.content)) else None


def _opened(db: Session, now: datetime, content: Content) -> Iterator[tuple[Site, ClassSession]]:
    """Yields the sites that somebody waits for and that have classes now, with the first of these."""
    if db.scalar(select(func.min(ClassWish.site_id))) is None:
        return  # mostly: one question in place of one for each site
    for site in content.sites:
        wished = select(ClassWish.person_id).where(ClassWish.site_id == site.id).limit(1)
        if db.scalar(wished) is not None and (found := sessions.upcoming(db, site.id, now, limit=1)):
            yield site, found[0]


# --- what it owes -----------------------------------------------------------------------------------------------------


def forget(db: Session, person: Person, now: datetime) -> None:
    drop_all(db, person)


def copy(db: Session, person: Person, content: Content, told: Told) -> dict[str, Any]:
    """Returns the sites of whose classes the person wants to hear."""
    wishes = db.scalars(select(ClassWish).where(ClassWish.person_id == person.id).order_by(ClassWish.site_id))
    return {"kabar_kelas": [{"lokasi": one.site_id, "minta_kabar_pada": told(one.asked_at)} for one in wishes]}


DATA: Final = CapabilityData("openings", tables=(ClassWish,), due=due, next_due=next_due, forget=forget, copy=copy)

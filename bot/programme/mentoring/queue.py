"""The queue: what waits at a mentor's sites, the longest first, and what a mentor has."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from bot.catalogue.content import Content
from bot.database import constant
from bot.people.people import Account, Person, frozen
from bot.programme.mentoring.tables import ALIVE, State, Ticket

FAR: Final = 3
"""From this step of the clock on mentors of other sites of the province see the question, too."""


def neighbours(sites: Collection[str], content: Content) -> frozenset[str]:
    """Returns the other sites of the provinces in which these lie."""
    provinces = {site.province for site in content.sites if site.id in sites and site.province}
    return frozenset(site.id for site in content.sites if site.province in provinces) - frozenset(sites)


def waiting(
    db: Session, account: Account, sites: Collection[str], near: Collection[str], *, limit: int, offset: int = 0
) -> list[Ticket]:
    """Returns questions that nobody has, the longest waiting first: of these sites, and of those near them whose time
    is over twice; none of this phone's own."""
    query = (
        select(Ticket).where(_open(), _seen(sites, near), _of_others(account)).order_by(Ticket.waiting_since, Ticket.id)
    )
    return list(db.scalars(query.limit(limit).offset(offset)))


def number_waiting(db: Session, account: Account, sites: Collection[str], near: Collection[str]) -> int:
    query = select(func.count()).select_from(Ticket).where(_open(), _seen(sites, near), _of_others(account))
    return db.scalar(query) or 0


def held(db: Session, account: Account) -> list[Ticket]:
    """Returns the questions that a mentor has, those in which somebody waits first."""
    query = select(Ticket).where(Ticket.claimed_by == account.id, Ticket.state.in_(ALIVE))
    found = list(db.scalars(query))
    return sorted(found, key=lambda one: (one.waiting_since is None, one.waiting_since or one.said_at, one.id))


def due_since(db: Session, since: datetime, sites: Collection[str], *, limit: int) -> list[Ticket]:
    """Returns the questions of these sites whose first reply was due since then, the newest first; none of who froze
    their data, and nothing that is said about a class."""
    query = select(Ticket).where(
        Ticket.reply_due_at.is_not(None), Ticket.reply_due_at >= since, Ticket.site_id.in_(sorted(sites))
    )
    query = query.where(Ticket.person_id.not_in(frozen()))
    return list(db.scalars(query.order_by(Ticket.reply_due_at.desc(), Ticket.id.desc()).limit(limit)))


def askers(db: Session, tickets: Collection[Ticket]) -> list[Person]:
    """Returns whose questions they are; none who deleted their data."""
    ids = {one.person_id for one in tickets}
    query = select(Person).where(Person.id.in_(ids), Person.anonymised_at.is_(None)).order_by(Person.id)
    return list(db.scalars(query).unique())


def may_see(ticket: Ticket, sites: Collection[str], near: Collection[str]) -> bool:
    """Whether a mentor of these sites may see the question."""
    return ticket.site_id in sites or (ticket.site_id in near and ticket.level >= FAR)


def _of_others(account: Account) -> ColumnElement[bool]:
    return Ticket.person_id.not_in(select(Person.id).where(Person.account_id == account.id))


def _open() -> ColumnElement[bool]:
    return Ticket.state == constant(State.OPEN)


def _seen(sites: Collection[str], near: Collection[str]) -> ColumnElement[bool]:
    here = Ticket.site_id.in_(sorted(sites))
    return or_(here, and_(Ticket.site_id.in_(sorted(near)), Ticket.level >= FAR)) if near else here

"""People of a site who have no class to come: neither a seat nor an offer nor a place on a waitlist."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bot.people.people import Account, Person
from bot.programme.enrolment.tables import LIVE, Enrolment
from bot.programme.sessions import ClassSession


def _people(site_id: str, now: datetime) -> Select[Person, str]:
    placed = (
        select(Enrolment.id)
        .join(ClassSession, ClassSession.id == Enrolment.session_id)
        .where(Enrolment.person_id == Person.id, Enrolment.status.in_(LIVE))
        .where(ClassSession.starts_at > now, ClassSession.cancelled_at.is_(None))
    )
    return (
        select(Person, Account.language)
        .join(Account, Account.id == Person.account_id)
        .where(Person.site_id == site_id, Person.registered_at.is_not(None), Person.consent_training)
        .where(Person.anonymised_at.is_(None), Person.frozen_at.is_(None), ~placed.exists())
    )


def number_without_class(db: Session, site_id: str, now: datetime) -> int:
    return db.scalar(select(func.count()).select_from(_people(site_id, now).subquery())) or 0


def without_class(db: Session, site_id: str, now: datetime, *, first: int, limit: int) -> Sequence[tuple[Person, str]]:
    """Returns them with their language, those who registered last first; at most `limit`, from number `first` on."""
    query = _people(site_id, now).order_by(Person.registered_at.desc(), Person.id.desc()).offset(first).limit(limit)
    return [(person, language) for person, language in db.execute(query).unique()]

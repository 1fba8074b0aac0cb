"""The ledger brought up to date for a quarter: counted beside everybody who writes, then written at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.catalogue.content import Content
from bot.database import PATIENTLY, Database
from bot.people.people import SECTORS
from bot.programme import released
from bot.programme.privacy import ZONE
from bot.programme.released import Counted, Quarter

FRESH: Final = timedelta(hours=30)
"""So long a page tells what the last night counted."""
STILL_COUNTED: Final = timedelta(days=45)
"""So long after its end a quarter is counted anew each night: lists are closed late."""


def sectors_of(content: Content) -> Mapping[str, frozenset[str]]:
    """Returns which types of business are asked about each practice; empty for one that all are asked about."""
    everybody = frozenset(SECTORS)
    return {
        one.code: frozenset() if frozenset(one.sectors) == everybody else frozenset(one.sectors)
        for one in content.practices
    }


def write(db: Session, counted: Counted, content: Content, now: datetime) -> None:
    released.write(db, counted, now, sectors=sectors_of(content), all_sites=tuple(site.id for site in content.sites))


def renew(
    database: Database, content: Content, quarter: Quarter, now: datetime, sites: Sequence[str] | None = None
) -> None:
    """Brings the quarter up to date, of these sites or (None) of all. In a process of its own."""
    with Session(database.engine.execution_options(only_reads=True)) as db, db.begin():
        if not database.is_sqlite:
            db.execute(text(PATIENTLY))
        counted = released.gather(db, content, quarter, now, sites)
    with database.transaction() as db:
        write(db, counted, content, now)


def quarters_to_count(now: datetime) -> list[Quarter]:
    """Returns the quarters that are counted anew in a night: this one, and the last for some weeks."""
    this = released.quarter_of(now, ZONE)
    last = [this.before] if now - this.begins(ZONE) < STILL_COUNTED else []
    return [*last, this]

"""What stands in the ledger of a quarter: pages, spreadsheets and files are made of this."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.programme.released.tables import Released, Topic


@dataclass(frozen=True)
class Figure:
    """One row as it stands."""

    topic: str
    site_id: str
    code: str
    part: str
    period: str
    n: int | None
    k: int | None
    before: int | None
    word: str | None
    word_before: str | None
    value: float | None
    value_before: float | None
    sites: int | None
    day: date | None
    counted_at: datetime


@dataclass(frozen=True)
class Reading:
    period: str
    figures: tuple[Figure, ...]

    def one(self, site_id: str, code: str, part: str = "") -> Figure | None:
        return next(
            (one for one in self.figures if (one.site_id, one.code, one.part) == (site_id, code, part)),
            None,
        )

    def parts(self, site_id: str, code: str) -> dict[str, Figure]:
        """Returns the parts of a figure, without itself."""
        return {one.part: one for one in self.figures if one.part and (one.site_id, one.code) == (site_id, code)}

    def codes(self, site_id: str, beginning: str) -> list[str]:
        """Returns the codes of a site that begin so, each once."""
        return sorted({one.code for one in self.figures if one.site_id == site_id and one.code.startswith(beginning)})


def read(db: Session, period: str, sites: Collection[str], topics: Iterable[Topic] | None = None) -> Reading:
    """Returns what stands of these sites (the empty text: all together) in the quarter."""
    query = (
        select(Released)
        .where(Released.period == period, Released.site_id.in_(sorted(sites)), Released.replaced_at.is_(None))
        .where(Released.topic.in_([*(topics or Topic)]))
        .order_by(Released.topic, Released.site_id, Released.code, Released.part, Released.id)
    )
    return Reading(period, tuple(_figure(row) for row in db.scalars(query)))


def _figure(row: Released) -> Figure:
    return Figure(**{name: getattr(row, name) for name in Figure.__dataclass_fields__})


def was_released(db: Session, period: str, site_id: str) -> datetime | None:
    """Returns when the service figures of a site were last brought up to date in a quarter; None: never."""
    return db.scalar(
        select(func.max(Released.at)).where(
            Released.topic == Topic.SERVICE, Released.period == period, Released.site_id == site_id
        )
    )

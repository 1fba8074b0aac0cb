"""Plans the rounds of a person: from the first class they attended, or from their third lesson.

Each row is planned whether or not the person may be asked; that is looked at when it is due. Nothing here reads the
tables of classes and lessons: who records them says what happened.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.actions.follow_up import RoundKind
from bot.database import insert_or, something_due
from bot.people.people import Person
from bot.programme.follow_up.tables import FollowUpRound
from bot.programme.follow_up.values import CLOSES, OPENS

AFTER_CLASS: Final = timedelta(hours=6)
"""The baseline is asked so long after the first class began: not in the class, nor beside what is asked at its end."""
AFTER_LESSON: Final = timedelta(hours=1)
"""The baseline is asked so long after the third lesson: not beside its question."""
LESSONS: Final = 3
"""After so many finished lessons the baseline is asked of who has been to no class yet."""


def attended(db: Session, person: Person, class_began: datetime) -> None:
    """Plans the four rounds from this class, if it is the first that the person attended as far as is known. Of a round
    that was asked already nothing changes."""
    rows = [
        _row(person, kind, class_began, class_began + (AFTER_CLASS if kind is RoundKind.D0 else OPENS[kind]))
        for kind in RoundKind
    ]
    _write(db, rows)


def learnt(db: Session, person: Person, now: datetime) -> None:
    """Plans the baseline, because the person has finished LESSONS lessons."""
    _write(db, [_row(person, RoundKind.D0, now, now + AFTER_LESSON)])


def not_attended(db: Session, person: Person, class_began: datetime, first: datetime | None) -> None:
    """Plans anew, because it is not true that the person attended this class. `first`: when the first class began that
    they did attend; None: there is none."""
    db.flush()
    mine = (FollowUpRound.person_id == person.id, FollowUpRound.counted_from == class_began)
    unasked = (FollowUpRound.asked_at.is_(None), FollowUpRound.ended_at.is_(None))
    db.execute(delete(FollowUpRound).where(*mine, *unasked), execution_options={"synchronize_session": "fetch"})
    if first is not None:
        attended(db, person, first)


def agreed(db: Session, person: Person, now: datetime) -> None:
    """Looks again at once at the rounds that could not be asked so far, because the person agreed to being asked."""
    for one in _open(db, person):
        opens = one.counted_from + (AFTER_CLASS if one.kind == RoundKind.D0 else OPENS[RoundKind(one.kind)])
        if one.asked_at is None and one.due_at is not None and opens <= now < one.due_at:
            one.due_at = now
            something_due(db)


def closes_at(one: FollowUpRound) -> datetime:
    """Returns from when on the round is not asked any more."""
    return one.counted_from + CLOSES[RoundKind(one.kind)]


def _open(db: Session, person: Person) -> Iterable[FollowUpRound]:
    query = select(FollowUpRound).where(FollowUpRound.person_id == person.id, FollowUpRound.ended_at.is_(None))
    return db.scalars(query.order_by(FollowUpRound.counted_from)).all()


def _row(person: Person, kind: RoundKind, counted_from: datetime, due_at: datetime) -> dict[str, Any]:
    return {
        "person_id": person.id,
        "kind": kind,
        "site_id": person.site_id,
        "counted_from": counted_from,
        "due_at": due_at,
        "parts": 0,
        "version": 0,
    }


def _write(db: Session, rows: list[dict[str, Any]]) -> None:
    """Adds rows. One that is there already is only moved to an earlier beginning, and only before it was asked. None is
    due at once: the scheduler finds it at its next look."""
    db.flush()
    row = FollowUpRound.__table__.c
    adding = insert_or(db, FollowUpRound).values(rows)
    new = adding.excluded
    earlier = (row.asked_at.is_(None), row.ended_at.is_(None), new.counted_from < row.counted_from)
    changes = {"counted_from": new.counted_from, "due_at": new.due_at, "site_id": new.site_id}
    condition = earlier[0] & earlier[1] & earlier[2]
    db.execute(adding.on_conflict_do_update(index_elements=["person_id", "kind"], set_=changes, where=condition))

"""How a round of a person stands: which practices are asked about, which are ticked, which is asked again, and which
question is open. Read from the tables, for many people at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.actions.follow_up import OutcomeKey, RoundKind
from bot.catalogue.content import Content
from bot.programme.follow_up.tables import Practice, PracticeState
from bot.programme.follow_up.values import PARTS

_NOT_ASKED: Final = frozenset({PracticeState.YES.value, PracticeState.NOT_MINE.value})
"""What stood so before a round is not among its boxes."""


@dataclass(frozen=True)
class Standing:
    """The practices of one person as a round sees them."""

    boxes: tuple[str, ...]
    """The codes of the first question, in their order."""
    ticked: frozenset[str]
    """Of these, what the person said in this round is there."""
    missing: tuple[str, ...]
    """Of the boxes, what the person once said is not there: they are reminded of it."""
    again: str | None
    """The code that stood at yes and is asked about again; None: none did, or this is the baseline."""
    said: Mapping[str, str] = field(default_factory=dict)
    """The newest state said in this round, by code."""

    def asks(self, kind: RoundKind, part: int) -> bool:
        """Returns whether the question number `part` (from 0) has anything to ask."""
        if part == 0:
            return bool(self.boxes)
        return part != 1 or kind is RoundKind.D0 or self.again is not None

    def open_part(self, kind: RoundKind, parts: int) -> int:
        """Returns the number (from 0) of the question that is open after `parts` were answered; PARTS: none is."""
        while parts < PARTS and not self.asks(kind, parts):
            parts += 1
        return parts

    def numbered(self, kind: RoundKind, part: int) -> tuple[int, int]:
        """Returns which question this is of how many, from 1, leaving out those that ask nothing."""
        asked = [one for one in range(PARTS) if self.asks(kind, one)]
        return asked.index(part) + 1, len(asked)


def standings(db: Session, people: Mapping[int, tuple[RoundKind, str | None]], content: Content) -> dict[int, Standing]:
    """Returns how the practices stand for each of these people: by number, which round and which type of business."""
    said = _said(db, people.keys())
    sectors = {sector for _, sector in people.values()}
    codes = {sector: [one.code for one in content.practices_of(sector)] for sector in sectors}
    return {number: standing(said.get(number, ()), kind, codes[sector]) for number, (kind, sector) in people.items()}


def standing(said: Sequence[tuple[str, str, str | None]], kind: RoundKind, codes: Sequence[str]) -> Standing:
    """Returns how the practices `codes` stand in this round. `said`: code, state and round of everything that was said,
    the oldest first."""
    before: dict[str, str] = {}
    last: dict[str, int] = {}
    here: dict[str, str] = {}
    for place, (code, state, round_) in enumerate(said):
        if round_ == kind:
            here[code] = state
        else:
            before[code], last[code] = state, place
    boxes = tuple(code for code in codes if before.get(code) not in _NOT_ASKED)
    stood = [code for code in codes if before.get(code) == PracticeState.YES]
    again = None if kind is RoundKind.D0 else min(stood, key=lambda code: last[code], default=None)
    return Standing(
        boxes=boxes,
        ticked=frozenset(code for code in boxes if here.get(code) == PracticeState.YES),
        missing=tuple(code for code in boxes if code in before),
        again=again,
        said=here,
    )


def _said(db: Session, people: Collection[int]) -> dict[int, list[tuple[str, str, str | None]]]:
    found: dict[int, list[tuple[str, str, str | None]]] = defaultdict(list)
    query = select(Practice.person_id, Practice.code, Practice.state, Practice.round)
    query = query.where(Practice.person_id.in_(people)).order_by(Practice.id)
    for person, code, state, round_ in db.execute(query):
        found[person].append((code, state, round_))
    return found


MORE: Final[Mapping[RoundKind, tuple[OutcomeKey, ...]]] = {
    RoundKind.D0: (),
    RoundKind.D30: (),
    RoundKind.D90: (OutcomeKey.WORKERS, OutcomeKey.TURNOVER),
    RoundKind.D180: (OutcomeKey.WORKERS, OutcomeKey.TURNOVER, OutcomeKey.OBSTACLE),
}
"""What is offered after the thanks."""
PART_OF: Final[Mapping[RoundKind, Mapping[OutcomeKey, int]]] = {
    RoundKind.D0: {OutcomeKey.WORKERS: 1, OutcomeKey.TURNOVER: 2},
    RoundKind.D30: {OutcomeKey.ORDERS: 2},
    RoundKind.D90: {OutcomeKey.ORDERS: 2},
    RoundKind.D180: {OutcomeKey.ORDERS: 2},
}
"""Which of the three questions (from 0) asks for it."""

"""What is counted of the follow-up rounds, site by site. As it is: `releasing` decides what of it is printed.

People whose data are frozen are in no count, nor are people who were erased: their answers are gone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from bot.people.people import Person
from bot.programme.follow_up import (
    SKIPPED,
    VALUES,
    AboutPerson,
    Ended,
    FollowUpRound,
    Outcome,
    OutcomeKey,
    Practice,
    PracticeState,
    RoundKind,
)
from bot.programme.released.rules import Fact

LATER: Final = (RoundKind.D30, RoundKind.D90, RoundKind.D180)
ORDERS_AT: Final = (RoundKind.D30, RoundKind.D90, RoundKind.D180)
ANSWERS: Final = (PracticeState.YES, PracticeState.NO, PracticeState.PROGRESS)
"""What people say of a practice that is theirs."""
UP, SAME, DOWN = "up", "same", "down"
DIMENSIONS: Final = ("sex", "age", "sector")
UNSAID: Final = "unsaid"

ANSWERED, SILENT, OTHER = "answered", "silent", "other"
WHY: Final = (ANSWERED, SILENT, Ended.NO_CONSENT.value, Ended.STOPPED.value, Ended.BLOCKED.value, OTHER)
"""What became of everybody in a round: the parts of the split `why`, in their order."""

BySite = Mapping[str, Any]


@dataclass
class Round:
    """One round at one site: those of whom it is over."""

    planned: int = 0
    asked: int = 0
    reached: int = 0
    answered: int = 0
    why: Counter[tuple[str, bool]] = field(default_factory=Counter)
    """How many by what happened, and whether they were asked."""


@dataclass
class Answers:
    """What was answered at one site up to a moment."""

    practices: dict[str, Fact] = field(default_factory=dict)
    rounds: dict[str, Round] = field(default_factory=dict)
    orders: dict[str, Counter[str]] = field(default_factory=dict)
    moved: dict[str, Counter[str]] = field(default_factory=dict)
    """`workers` and `turnover`: up, same, down."""


def answers(db: Session, sites: Collection[str], until: datetime) -> dict[str, Answers]:
    """Returns what people of each of these sites answered up to `until`."""
    found: dict[str, Answers] = defaultdict(Answers)
    for site_id, facts in practices(db, sites, until).items():
        found[site_id].practices = facts
    _rounds(db, sites, until, found)
    _orders(db, sites, until, found)
    _moved(db, sites, until, found)
    return dict(found)


# --- practices --------------------------------------------------------------------------------------------------------


def _said(until: datetime, rounds: Iterable[RoundKind], name: str) -> Any:
    """Returns the newest answer (its id) of each person about each practice in these rounds."""
    return (
        select(func.max(Practice.id).label("id"), Practice.person_id, Practice.code)
        .where(Practice.round.in_([one.value for one in rounds]), Practice.at < until)
        .group_by(Practice.person_id, Practice.code)
        .subquery(name)
    )


def _pairs(until: datetime, *more: Any) -> Select[Any]:
    """Returns the query for people with a first and a later answer: site, practice, whether each was yes, how many."""
    first, last = _said(until, [RoundKind.D0], "first"), _said(until, LATER, "last")
    before, after = aliased(Practice), aliased(Practice)
    was, now = _yes(before), _yes(after)
    return (
        select(Person.site_id, before.code, was, now, func.count(), *more)
        .select_from(first)
        .join(last, and_(last.c.person_id == first.c.person_id, last.c.code == first.c.code))
        .join(before, before.id == first.c.id)
        .join(after, after.id == last.c.id)
        .join(Person, Person.id == first.c.person_id)
        .where(Person.frozen_at.is_(None), before.state.in_(ANSWERS), after.state.in_(ANSWERS))
        .group_by(Person.site_id, before.code, was, now, *more)
    )


def _yes(answer: Any) -> Any:
    return case((answer.state == PracticeState.YES.value, 1), else_=0)


def _of_sites(query: Any, sites: Collection[str]) -> Any:
    return query.where(Person.site_id.in_(sorted(sites)))


def practices(db: Session, sites: Collection[str], until: datetime) -> dict[str, dict[str, Fact]]:
    """Returns, by site and practice, how many of those who answered twice said yes the last time, and the first."""
    facts: dict[str, dict[str, Fact]] = defaultdict(dict)
    for site_id, code, was, now, number in db.execute(_of_sites(_pairs(until), sites)):
        facts[site_id][code] = _plus(facts[site_id].get(code), was, now, number)
    return dict(facts)


def _plus(fact: Fact | None, was: int, now: int, number: int) -> Fact:
    so_far = fact or Fact(0, 0, 0)
    return Fact(so_far.n + number, (so_far.k or 0) + now * number, (so_far.before or 0) + was * number)


def practices_split(
    db: Session, sites: Collection[str], until: datetime, by: str
) -> dict[str, dict[str, dict[str, Fact]]]:
    """Returns the same, split by sex, age or sector: by site, practice and part."""
    of: Any = {"sex": AboutPerson.sex, "age": AboutPerson.age_band, "sector": Person.sector}[by]
    part = func.coalesce(of, UNSAID)
    query = _of_sites(_pairs(until, part), sites)
    if by != "sector":
        query = query.outerjoin(AboutPerson, AboutPerson.person_id == Person.id)
    facts: dict[str, dict[str, dict[str, Fact]]] = defaultdict(lambda: defaultdict(dict))
    for site_id, code, was, now, number, name in db.execute(query):
        parts = facts[site_id][code]
        parts[name] = _plus(parts.get(name), was, now, number)
    return facts


def silent(db: Session, sites: Collection[str], until: datetime) -> dict[str, dict[str, Fact]]:
    """Returns the first answers of those who answered nothing later, though a later round of theirs is over."""
    first = _said(until, [RoundKind.D0], "first")
    before = aliased(Practice)
    spoke = select(Practice.person_id).where(Practice.round.in_([one.value for one in LATER]), Practice.at < until)
    over = select(FollowUpRound.person_id).where(
        FollowUpRound.kind.in_([one.value for one in LATER]),
        FollowUpRound.asked_at.is_not(None),
        FollowUpRound.answered_at.is_(None),
        FollowUpRound.ended_at < until,
    )
    query = (
        select(Person.site_id, before.code, func.sum(_yes(before)), func.count())
        .select_from(first)
        .join(before, before.id == first.c.id)
        .join(Person, Person.id == first.c.person_id)
        .where(Person.frozen_at.is_(None), before.state.in_(ANSWERS))
        .where(Person.id.in_(over), Person.id.not_in(spoke))
        .group_by(Person.site_id, before.code)
    )
    facts: dict[str, dict[str, Fact]] = defaultdict(dict)
    for site_id, code, yes, number in db.execute(_of_sites(query, sites)):
        facts[site_id][code] = Fact(number, int(yes))
    return dict(facts)


# --- who was asked ----------------------------------------------------------------------------------------------------


def _rounds(db: Session, sites: Collection[str], until: datetime, found: dict[str, Answers]) -> None:
    one = FollowUpRound
    was_asked, was_reached, said = one.asked_at.is_not(None), one.reached_at.is_not(None), one.answered_at.is_not(None)
    facts = (one.kind, was_asked, or_(was_reached, said), said, one.ended_because)
    query = (
        select(Person.site_id, *facts, func.count())
        .join(Person, Person.id == one.person_id)
        .where(Person.frozen_at.is_(None), one.ended_at < until)
        .group_by(Person.site_id, *facts)
    )
    for site_id, kind, asked, reached, answered, because, number in db.execute(_of_sites(query, sites)):
        counted = found[site_id].rounds.setdefault(kind, Round())
        counted.planned += number
        counted.asked += number if asked else 0
        counted.reached += number if asked and reached else 0
        counted.answered += number if asked and answered else 0
        counted.why[why(bool(asked), bool(answered), because), bool(asked)] += number


def why(asked: bool, answered: bool, because: str | None) -> str:
    """Returns what became of somebody in a round that is over, as a part of the split `why`."""
    if asked and answered:
        return ANSWERED
    if because in (Ended.NO_CONSENT, Ended.STOPPED, Ended.BLOCKED):
        return str(because)
    return SILENT if asked else OTHER


# --- what else they answered ------------------------------------------------------------------------------------------


def _orders(db: Session, sites: Collection[str], until: datetime, found: dict[str, Answers]) -> None:
    query = (
        select(Person.site_id, Outcome.round, Outcome.value, func.count())
        .join(Person, Person.id == Outcome.person_id)
        .where(Outcome.key == OutcomeKey.ORDERS.value, Outcome.at < until, Person.frozen_at.is_(None))
        .group_by(Person.site_id, Outcome.round, Outcome.value)
    )
    for site_id, kind, value, number in db.execute(_of_sites(query, sites)):
        found[site_id].orders.setdefault(kind, Counter(dict.fromkeys(VALUES[OutcomeKey.ORDERS], 0)))[value] += number


def _moved(db: Session, sites: Collection[str], until: datetime, found: dict[str, Answers]) -> None:
    first, middle, last = (aliased(Outcome) for _ in range(3))
    newest = func.coalesce(last.value, middle.value)

    def of(answer: Any, kind: RoundKind) -> Any:
        return and_(
            answer.person_id == first.person_id,
            answer.key == first.key,
            answer.round == kind.value,
            answer.at < until,
            answer.value != SKIPPED,
        )

    query = (
        select(Person.site_id, first.key, first.value, newest, func.count())
        .join(Person, Person.id == first.person_id)
        .outerjoin(middle, of(middle, RoundKind.D90))
        .outerjoin(last, of(last, RoundKind.D180))
        .where(first.round == RoundKind.D0.value, first.key.in_([OutcomeKey.WORKERS.value, OutcomeKey.TURNOVER.value]))
        .where(first.value != SKIPPED, first.at < until, newest.is_not(None), Person.frozen_at.is_(None))
        .group_by(Person.site_id, first.key, first.value, newest)
    )
    for site_id, key, was, now, number in db.execute(_of_sites(query, sites)):
        moved = found[site_id].moved.setdefault(key, Counter({UP: 0, SAME: 0, DOWN: 0}))
        moved[_way(VALUES[OutcomeKey(key)], was, now)] += number


def _way(ranges: tuple[str, ...], was: str, now: str) -> str:
    if was == now:
        return SAME
    return UP if ranges.index(now) > ranges.index(was) else DOWN

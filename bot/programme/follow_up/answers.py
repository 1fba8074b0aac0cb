"""What is done with the answers. Each is kept as it comes, whether or not the round is finished; the same answer a
second time changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.actions.follow_up import AgeBand, OutcomeKey, RoundKind, Sex
from bot.catalogue.content import Content
from bot.database import insert_or, something_due
from bot.delivery import outbox
from bot.people.people import Person, Purpose, has_consented
from bot.people.quiet_hours import Kind
from bot.programme.follow_up.planning import closes_at
from bot.programme.follow_up.state import MORE, PART_OF, Standing, standings
from bot.programme.follow_up.tables import AboutPerson, Ended, FollowUpRound, Outcome, Practice, PracticeState, Source
from bot.programme.follow_up.values import ANSWERED_FOR, OPENS, PARTS, VALUES


@dataclass(frozen=True)
class Open:
    """The round can be answered; `standing` as it is before the answer."""

    round: FollowUpRound
    standing: Standing

    @property
    def kind(self) -> RoundKind:
        return RoundKind(self.round.kind)

    @property
    def part(self) -> int:
        """Which question is open, from 0; PARTS: none is, it is finished."""
        return self.standing.open_part(self.kind, self.round.parts)


@dataclass(frozen=True)
class Over:
    """The round is over, or was never asked of this person."""


@dataclass(frozen=True)
class NeedsConsent:
    """The person took the consent back, or never gave it."""


@dataclass(frozen=True)
class BusinessClosed:
    """The person said that the business has closed."""

    round: FollowUpRound | None


@dataclass(frozen=True)
class Stale:
    """The button stood on an older showing of the round; nothing was changed."""

    now: Open


NotOpen = Over | NeedsConsent | BusinessClosed


def opened(db: Session, person: Person, kind: RoundKind, now: datetime, *, content: Content) -> Open | NotOpen:
    """Returns a round that can be answered now, locked; or why it cannot."""
    query = select(FollowUpRound).where(FollowUpRound.person_id == person.id, FollowUpRound.kind == kind)
    row = db.scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()
    about = db.get(AboutPerson, person.id)
    if about is not None and about.closed_at is not None:
        return BusinessClosed(row)
    if row is None or row.asked_at is None or now >= last_moment(row):
        return Over()
    if row.ended_because not in (None, Ended.DONE):
        return Over()
    if not has_consented(person, Purpose.FOLLOW_UP):
        return NeedsConsent()
    return Open(row, standings(db, {person.id: (kind, person.sector)}, content)[person.id])


def to_answer(
    db: Session, person: Person, kind: RoundKind, version: int, now: datetime, *, content: Content
) -> Open | Stale | NotOpen:
    """Like `opened`; Stale for the button of an older showing. Notes that the question arrived, and is answered."""
    found = opened(db, person, kind, now, content=content)
    if not isinstance(found, Open):
        return found
    row = found.round
    row.reached_at = row.reached_at or now
    if row.version != version:
        return Stale(found)
    row.answered_at = row.answered_at or now
    return found


def last_moment(row: FollowUpRound) -> datetime:
    """Returns until when a round that was asked can be answered."""
    return max(closes_at(row), row.asked_at + ANSWERED_FOR) if row.asked_at is not None else closes_at(row)


# --- practices ------------------------------------------------------------------------------------------------------


def set_practice(db: Session, person: Person, found: Open, code: str, *, has: bool, now: datetime) -> None:
    """Keeps that the business has a practice of the first question, or has it not."""
    if code in found.standing.boxes:
        _say(db, person, found, code, has=has, now=now)


def save_practices(db: Session, person: Person, found: Open, now: datetime) -> None:
    """Ends the first question: of what has no tick is kept that it is not there."""
    for code in found.standing.boxes:
        _say(db, person, found, code, has=code in found.standing.ticked, now=now)
    _answered(db, found, 1, now)


def say_still(db: Session, person: Person, found: Open, code: str, *, has: bool, now: datetime) -> None:
    """Keeps whether a practice that was there goes on."""
    if code == found.standing.again:
        _say(db, person, found, code, has=has, now=now)
        _answered(db, found, 2, now)


def _say(db: Session, person: Person, found: Open, code: str, *, has: bool, now: datetime) -> None:
    state = PracticeState.YES if has else PracticeState.NO
    if found.standing.said.get(code) != state:
        db.add(Practice(person_id=person.id, code=code, state=state, at=now, source=Source.SELF, round=found.kind))


def note_practice(db: Session, person: Person, code: str, state: PracticeState, source: Source, now: datetime) -> None:
    """Keeps what a mentor says or saw of a practice, outside of the rounds: a goal that was reached, for instance. The
    next round asks about it as it stands then."""
    db.add(Practice(person_id=person.id, code=code, state=state, at=now, source=source, round=None))


def answered_before(db: Session, person: Person, began: datetime, *, has: set[str], content: Content) -> None:
    """Writes a baseline that was answered when the first class began: for sample people."""
    row = db.get_one(FollowUpRound, (person.id, RoundKind.D0.value), populate_existing=True)
    row.asked_at = row.reached_at = row.answered_at = began
    found = Open(row, standings(db, {person.id: (RoundKind.D0, person.sector)}, content)[person.id])
    for code in found.standing.boxes:
        _say(db, person, found, code, has=code in has, now=began)
    give_outcome(db, person, found, OutcomeKey.WORKERS, "0", began)
    give_outcome(db, person, found, OutcomeKey.TURNOVER, "1-5", began)
    about = about_of(db, person)
    about.asked_at, about.age_band, about.sex = began, AgeBand.TO_44, Sex.FEMALE


# --- the other answers ----------------------------------------------------------------------------------------------


def give_outcome(db: Session, person: Person, found: Open, key: OutcomeKey, value: str, now: datetime) -> bool:
    """Keeps an answer; a later one replaces it. Returns False for what this round does not ask."""
    kind = found.kind
    offered = key in MORE[kind] or (key is OutcomeKey.RECOMMEND and kind is RoundKind.D180)
    if value not in VALUES[key] or not (key in PART_OF[kind] or offered):
        return False
    fresh: dict[str, Any] = {"value": value, "at": now}
    writing = insert_or(db, Outcome).values(person_id=person.id, round=kind, key=key, **fresh)
    db.flush()
    db.execute(writing.on_conflict_do_update(index_elements=["person_id", "round", "key"], set_=fresh))
    if key in PART_OF[kind]:
        _answered(db, found, PART_OF[kind][key] + 1, now)
    return True


def outcomes_of(db: Session, person: Person, kind: RoundKind) -> dict[OutcomeKey, str]:
    """Returns what the person answered in this round besides the practices."""
    query = select(Outcome.key, Outcome.value).where(Outcome.person_id == person.id, Outcome.round == kind)
    return {OutcomeKey(key): value for key, value in db.execute(query)}


def _answered(db: Session, found: Open, parts: int, now: datetime) -> None:
    """Notes that so many of the three questions are answered. The third finishes the round."""
    row = found.round
    row.parts = found.standing.open_part(found.kind, max(row.parts, parts))
    if row.parts == PARTS and row.done_at is None:
        row.done_at = row.ended_at = now
        row.ended_because, row.due_at = Ended.DONE, None


def amend(db: Session, found: Open) -> None:
    """Opens the answers again, from the first question: buttons of before count no more. A finished round stays
    finished."""
    found.round.parts = 0
    found.round.version += 1


# --- once ever ------------------------------------------------------------------------------------------------------


def about_open(db: Session, person: Person, row: FollowUpRound, now: datetime) -> type[AgeBand] | type[Sex] | None:
    """Returns which of the two questions that are asked once ever is to be asked below the thanks for this round; None:
    neither. They are asked once: whoever did not answer then is not asked again."""
    about = about_of(db, person)
    if about.asked_at is None:
        about.asked_at = now
        return AgeBand
    if row.done_at is None or about.asked_at < row.done_at:
        return None
    if about.age_band is None:
        return AgeBand
    return Sex if about.sex is None else None


def about_of(db: Session, person: Person) -> AboutPerson:
    """Returns the row of the person; it is made where there is none."""
    about = db.get(AboutPerson, person.id)
    if about is None:
        db.flush()
        db.execute(insert_or(db, AboutPerson).values(person_id=person.id).on_conflict_do_nothing())
        about = db.get_one(AboutPerson, person.id)
    return about


def round_of_about(db: Session, person: Person) -> FollowUpRound | None:
    """Returns the round below whose thanks the two questions were asked."""
    about = db.get(AboutPerson, person.id)
    if about is None or about.asked_at is None:
        return None
    query = select(FollowUpRound).where(FollowUpRound.person_id == person.id, FollowUpRound.done_at <= about.asked_at)
    return db.scalars(query.order_by(FollowUpRound.done_at.desc()).limit(1)).first()


# --- a business that has closed ---------------------------------------------------------------------------------------


def close_business(db: Session, person: Person, now: datetime) -> None:
    """Keeps that the business has closed: nothing is asked any more."""
    about = about_of(db, person)
    about.closed_at = about.closed_at or now
    for row in _rounds(db, person):
        if row.ended_at is None:
            row.ended_at, row.ended_because, row.due_at = now, Ended.CLOSED, None
    outbox.drop_waiting(db, "business closed", kinds=(Kind.SURVEY,), person_id=person.id)


def open_business(db: Session, person: Person, now: datetime) -> None:
    """Takes back that the business has closed: what is still to come is asked again."""
    about_of(db, person).closed_at = None
    for row in _rounds(db, person):
        if row.ended_because == Ended.CLOSED and now < last_moment(row):
            row.ended_at = row.ended_because = None
            opens = row.counted_from + OPENS[RoundKind(row.kind)]
            row.due_at = last_moment(row) if row.asked_at is not None else max(now, opens)
            something_due(db)


def _rounds(db: Session, person: Person) -> list[FollowUpRound]:
    query = select(FollowUpRound).where(FollowUpRound.person_id == person.id)
    return list(db.scalars(query.with_for_update().execution_options(populate_existing=True)))

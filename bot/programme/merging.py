"""Merges two rows of the same human being: a person without an account is merged into another person. For a day that
can be undone. Two people with accounts are never merged.

What each agreed to stays as it was, but a no of either counts from then on. In a class that both are in, the better
proof of presence is kept, and the seat that is left over is held while the merge can be undone (docs/decisions/013).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import DateTime, ForeignKey, Table, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.capability import CapabilityData, Context, Told
from bot.catalogue.content import Content
from bot.database import Base, BigId, partial_index, something_due
from bot.people import people
from bot.people.people import Account, Consent, ErasedBecause, Person, Purpose, consent_of, consents_of
from bot.programme import enrolment, privacy
from bot.programme.attendance import Attendance, Mark, sheet_of
from bot.programme.enrolment import LAST_HOUR, LIVE, SEATS, TAKEN, Enrolment, EnrolmentStatus, KeptSeat
from bot.programme.sessions import ClassSession

UNDO: Final = timedelta(days=1)
"""How long a merge can be undone."""
ENROLMENT: Final = Base.metadata.tables[Enrolment.__tablename__]
ATTENDANCE: Final = Base.metadata.tables[Attendance.__tablename__]
OWN: Final = frozenset({"enrolment", "attendance", "kept_seat", "consent", "consent_question", "erasure_plan"})
"""Tables of people that have code of their own here; the rows of every other table are moved as they are. Consents stay
with the person who gave them, as the proof. Which consent was asked for, and that somebody is to be erased, is deleted
with the person who goes."""
MARKS: Final = {Mark.PRESENT: 3, Mark.CLAIMED: 2, Mark.ABSENT: 1}
STATES: Final = (
    EnrolmentStatus.CANCELLED,
    EnrolmentStatus.WITHDRAWN,
    EnrolmentStatus.LAPSED,
    EnrolmentStatus.WAITLISTED,
    EnrolmentStatus.GUEST,
    EnrolmentStatus.OFFERED,
    EnrolmentStatus.ABSENT,
    EnrolmentStatus.UNRECORDED,
    EnrolmentStatus.SEATED,
    EnrolmentStatus.ATTENDED,
)
"""The states of an enrolment, from the weakest hold on a class to the strongest."""
PROFILE: Final = (
    "name", "salutation", "name_alone", "sector", "site_id", "phone", "needs", "saves_data", "learning_path",
)  # fmt: skip
CONSENTS: Final = (
    "consent_training", "consent_messages", "consent_reminders", "consent_lessons", "consent_follow_up",
    "consent_names", "training_version",
)  # fmt: skip


class PersonMerge(Base):
    """One merge, with everything that is needed to undo it; deleted after a day."""

    __tablename__ = "person_merge"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    gone_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    by_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    at: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(index=True)
    before: Mapped[dict[str, Any]]
    """What was there before: the profile of the one, the consents of the other, the seats and marks of both."""


partial_index("ix_person_merge_by", PersonMerge.by_account_id, of="by_account_id IS NOT NULL")  # an account is deleted


# --- outcomes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Merged:
    """`merge_id` is the number by which the merge can be undone; `classes`: how many classes the merged person had."""

    merge_id: int
    classes: int


@dataclass(frozen=True)
class NotMergeable:
    """One of the two is erased or has not finished registering, or both have an account."""


@dataclass(frozen=True)
class Parted:
    """The two are separate people again."""

    gone: Person
    kept: Person


@dataclass(frozen=True)
class TooLate:
    """The merge cannot be undone: it was undone before, is over a day old, or one of the two was erased since."""


@dataclass(frozen=True)
class NoSeat:
    """The merge cannot be undone because somebody else has the seat by now: the class has to be made bigger first."""

    session: ClassSession


@dataclass(frozen=True)
class Going:
    """What a merge would move: classes ahead and past, marks as present, and answers of other kinds."""

    classes: int
    present: int
    answers: int


# --- looking --------------------------------------------------------------------------------------------------------


def may_be_merged(gone: Person, kept: Person) -> bool:
    """Returns whether `gone` may be merged into `kept`."""
    real = all(one.anonymised_at is None and one.registered_at and one.consent_training for one in (gone, kept))
    return real and gone.id != kept.id and gone.account_id is None


def going(db: Session, gone: Person) -> Going:
    """Counts what a merge of this person would move."""
    classes = select(func.count()).where(Enrolment.person_id == gone.id, Enrolment.status.in_((*LIVE, *SEATS)))
    present = select(func.count()).where(Attendance.person_id == gone.id, Attendance.mark == Mark.PRESENT)
    answers = sum(
        db.scalar(select(func.count()).select_from(table).where(table.c.person_id == gone.id)) or 0
        for table in _others()
    )
    return Going(db.scalar(classes) or 0, db.scalar(present) or 0, answers)


def sites_of(db: Session, merge_id: int) -> set[str | None] | None:
    """Returns the sites of the two who were merged; None if the merge cannot be undone any more."""
    row = db.get(PersonMerge, merge_id)
    if row is None:
        return None
    return {row.before["profile"]["site_id"], db.get_one(Person, row.kept_id).site_id}


# --- merging --------------------------------------------------------------------------------------------------------


def merge(db: Session, by: Account, gone: Person, kept: Person, now: datetime) -> Merged | NotMergeable:
    """Merges `gone` into `kept`: everything of the first belongs to the second. The row of the first stays,
    anonymous."""
    if not may_be_merged(gone, kept):
        return NotMergeable()
    before: dict[str, Any] = {
        "profile": {name: getattr(gone, name) for name in (*PROFILE, *CONSENTS)},
        "consents": {name: getattr(kept, name) for name in CONSENTS},
        "phone": kept.phone,
        "classes": [_merge_class(db, session, gone, kept, now) for session in _classes_of(db, gone)],
        "rows": _move_rows(db, gone, kept),
    }
    before["noes"] = _repeat_noes(db, gone, kept, now)
    if kept.phone is None and kept.account_id is None:
        kept.phone = gone.phone
    kept.learning_path = kept.learning_path or gone.learning_path
    for name in ("consent_question", "erasure_plan"):
        table = Base.metadata.tables[name]
        db.execute(delete(table).where(table.c.person_id == gone.id))
    people.forget(db, gone, now)
    gone.erased_because = ErasedBecause.MERGED
    row = PersonMerge(gone_id=gone.id, kept_id=kept.id, by_account_id=by.id, at=now, until=now + UNDO, before=before)
    db.add(row)
    db.flush()
    something_due(db)
    return Merged(row.id, len(before["classes"]))


def _classes_of(db: Session, person: Person) -> list[ClassSession]:
    """Returns the classes in which the person has a seat or a mark, their rows locked, the lowest number first."""
    ids = set(db.scalars(select(Enrolment.session_id).where(Enrolment.person_id == person.id)))
    ids |= set(db.scalars(select(Attendance.session_id).where(Attendance.person_id == person.id)))
    return [session for one in sorted(ids) if (session := enrolment.locked(db, one)) is not None]


def _merge_class(db: Session, session: ClassSession, gone: Person, kept: Person, now: datetime) -> dict[str, Any]:
    db.flush()
    seats = {one: _row(db, ENROLMENT, session.id, person.id) for one, person in (("gone", gone), ("kept", kept))}
    marks = {one: _row(db, ATTENDANCE, session.id, person.id) for one, person in (("gone", gone), ("kept", kept))}
    mark = max((one for one in marks.values() if one), key=_worth_of_mark, default=None)
    seat = max((one for one in seats.values() if one), key=_worth_of_seat, default=None)
    offered = seat is not None and seat["status"] == EnrolmentStatus.OFFERED
    if seat is not None and mark is not None and offered and mark["mark"] == Mark.PRESENT:
        # a person who was let in without a seat, and is offered one, takes it
        seat = {**seat, "status": EnrolmentStatus.SEATED, "offered_until": None}
    if seat is not None and mark is not None:
        seat = {**seat, "status": _settled(db, session, seat["status"], mark["mark"])}
    _put(db, ATTENDANCE, session.id, gone.id, None)
    _put(db, ENROLMENT, session.id, gone.id, None)
    _put(db, ENROLMENT, session.id, kept.id, seat)
    _put(db, ATTENDANCE, session.id, kept.id, mark)
    left_over = sum(_is_taken(one) for one in seats.values()) - _is_taken(seat)
    if left_over and session.cancelled_at is None:
        until = min(now + UNDO, session.starts_at - LAST_HOUR)
        if until > now:
            theirs = seats["gone"]
            assert theirs is not None
            db.add(
                KeptSeat(
                    session_id=session.id,
                    person_id=gone.id,
                    given_up_at=now,
                    until=until,
                    holds=True,
                    status=theirs["status"],
                )
            )
            db.flush()
        else:
            enrolment.free(db, session)
    return {
        "session": session.id,
        "seats": {one: _written(row) for one, row in seats.items()},
        "marks": {one: _written(row) for one, row in marks.items()},
        "made": [_written(seat), _written(mark)],
    }


def _worth_of_mark(row: Mapping[str, Any]) -> tuple[int, bool, datetime]:
    """Returns how good a proof this mark is, for comparing: present by code, present by a trainer, "I was there"; of
    two equal ones the later."""
    return (MARKS.get(row["mark"], 0), row["how"] in ("link", "code"), row["at"])


def _worth_of_seat(row: Mapping[str, Any]) -> tuple[int, int]:
    """Returns how strong the hold of this row on the class is, for comparing; of two on the waitlist the one in
    front."""
    return (STATES.index(row["status"]), -(row["queue_no"] or 0))


def _settled(db: Session, session: ClassSession, status: str, mark: str | None) -> str:
    """Returns the state of a seat for a class whose list is closed, by the mark; `status` if the list is open."""
    sheet = sheet_of(db, session.id)
    if sheet is None or sheet.settled_at is None or status not in SEATS:
        return status
    if mark == Mark.PRESENT:
        return EnrolmentStatus.ATTENDED
    return EnrolmentStatus.ABSENT if mark == Mark.ABSENT else EnrolmentStatus.UNRECORDED


def _repeat_noes(db: Session, gone: Person, kept: Person, now: datetime) -> list[int]:
    """Records every no of `gone` as a no of `kept`, too. Returns the ids of the new rows in the log of consents."""
    last = db.scalar(select(func.max(Consent.id))) or 0
    for purpose in (Purpose.REMINDERS, Purpose.LESSONS, Purpose.FOLLOW_UP, Purpose.NAMES):
        if consent_of(gone, purpose) is not False or consent_of(kept, purpose) is False:
            continue
        said = [one for one in consents_of(db, gone) if one.purpose in privacy.heard_for(purpose) and not one.given]
        version, language = (said[-1].text_version, said[-1].language) if said else ("", "id")
        privacy.answer_consent(db, kept, purpose, given=False, text_version=version, language=language, now=now)
    db.flush()
    return list(db.scalars(select(Consent.id).where(Consent.person_id == kept.id, Consent.id > last)))


def _others() -> list[Table]:
    """Returns the tables whose rows belong to a person and that are not in OWN."""
    person = Base.metadata.tables["person"]
    return [
        table
        for table in Base.metadata.sorted_tables
        if table.name not in OWN
        and "person_id" in table.c
        and any(key.column.table is person for key in table.c.person_id.foreign_keys)
    ]


def _move_rows(db: Session, gone: Person, kept: Person) -> list[list[Any]]:
    """Gives the rows of `gone` in all other tables to `kept`, except where `kept` has a row of their own."""
    moved: list[list[Any]] = []
    for table in _others():
        keys = list(table.primary_key.columns)
        for row in db.execute(select(*keys).where(table.c.person_id == gone.id)).all():
            old = dict(zip((key.name for key in keys), row, strict=True))
            new = {**old, "person_id": kept.id} if "person_id" in old else old
            if _point_at(db, table, old, kept.id):
                moved.append([table.name, {name: _plain(value) for name, value in new.items()}])
    return moved


def _point_at(db: Session, table: Table, key: Mapping[str, Any], person_id: int) -> bool:
    where = [table.c[name] == value for name, value in key.items()]
    try:
        with db.begin_nested():
            db.execute(update(table).where(*where).values(person_id=person_id))
    except IntegrityError:
        return False
    return True


# --- parting --------------------------------------------------------------------------------------------------------


def part(db: Session, merge_id: int, now: datetime) -> Parted | TooLate | NoSeat:
    """Undoes a merge: there are two people again, as they were. What happened since about the one who stayed stays
    theirs."""
    row = db.get(PersonMerge, merge_id)
    if row is None or row.until <= now:
        return TooLate()
    gone, kept = db.get_one(Person, row.gone_id), db.get_one(Person, row.kept_id)
    if kept.anonymised_at is not None:  # `kept` was merged into somebody else since: that merge has to be undone first
        return TooLate()
    before = row.before
    sessions = {one["session"]: enrolment.locked(db, one["session"]) for one in before["classes"]}
    plans = []
    for one in before["classes"]:
        session = sessions[one["session"]]
        if session is None:
            continue
        plan = _plan_class(db, session, one, gone, kept)
        if session.cancelled_at is None and plan.needed > session.capacity - session.seats_taken + plan.held:
            return NoSeat(session)
        plans.append((session, plan))
    for session, plan in plans:
        _part_class(db, session, plan, gone, kept)
    for name, key in before["rows"]:
        table = Base.metadata.tables[name]
        _point_at(db, table, {at: _read(table, at, value) for at, value in key.items()}, gone.id)
    _take_noes_back(db, kept, row)
    for name, value in before["profile"].items():
        setattr(gone, name, value)
    gone.anonymised_at = gone.erased_because = None
    if kept.phone == gone.phone:
        kept.phone = before["phone"]
    db.delete(row)
    db.flush()
    something_due(db)
    return Parted(gone, kept)


@dataclass(frozen=True)
class _Plan:
    """What each of the two will have in one class after the merge is undone: `needed` more seats than are counted now,
    of which `held` were kept for that."""

    gone: dict[str, Any] | None
    kept: dict[str, Any] | None
    gone_mark: dict[str, Any] | None
    kept_mark: dict[str, Any] | None
    needed: int
    held: int


def _plan_class(db: Session, session: ClassSession, was: Mapping[str, Any], gone: Person, kept: Person) -> _Plan:
    db.flush()
    seat, mark = _row(db, ENROLMENT, session.id, kept.id), _row(db, ATTENDANCE, session.id, kept.id)
    made_seat, made_mark = (_unwritten(t, one) for t, one in zip((ENROLMENT, ATTENDANCE), was["made"], strict=True))
    theirs, own = (_unwritten(ENROLMENT, was["seats"][one]) for one in ("gone", "kept"))
    theirs_mark, own_mark = (_unwritten(ATTENDANCE, was["marks"][one]) for one in ("gone", "kept"))
    if not _is_as_made(
        seat, mark, made_seat, made_mark
    ):  # what changed since the merge belongs to the person who stayed
        own, own_mark = seat, mark
    for one, its_mark in ((theirs, theirs_mark), (own, own_mark)):
        if one is not None and session.cancelled_at is not None and one["status"] in LIVE:
            one["status"] = EnrolmentStatus.CANCELLED
        elif one is not None and one["status"] == EnrolmentStatus.SEATED:
            one["status"] = _settled(db, session, one["status"], its_mark["mark"] if its_mark else None)
    query = select(func.count()).where(KeptSeat.session_id == session.id, KeptSeat.person_id == gone.id, KeptSeat.holds)
    held = db.scalar(query) or 0
    needed = _is_taken(theirs) + _is_taken(own) - _is_taken(seat)
    return _Plan(theirs, own, theirs_mark, own_mark, needed, held)


def _is_as_made(
    seat: Mapping[str, Any] | None,
    mark: Mapping[str, Any] | None,
    made_seat: Mapping[str, Any] | None,
    made_mark: Mapping[str, Any] | None,
) -> bool:
    """Returns whether the seat and the mark are still as the merge wrote them; that the list was closed since does not
    count as a change."""
    if (seat is None) != (made_seat is None) or (mark is None) != (made_mark is None):
        return False
    if (
        mark is not None
        and made_mark is not None
        and (mark["mark"], mark["at"]) != (made_mark["mark"], made_mark["at"])
    ):
        return False
    if seat is None or made_seat is None:
        return True
    return seat["status"] == made_seat["status"] or {seat["status"], made_seat["status"]} <= set(SEATS)


def _part_class(db: Session, session: ClassSession, plan: _Plan, gone: Person, kept: Person) -> None:
    db.execute(delete(KeptSeat).where(KeptSeat.session_id == session.id, KeptSeat.person_id == gone.id))
    for table, mine, other in ((ATTENDANCE, plan.kept_mark, plan.gone_mark), (ENROLMENT, plan.kept, plan.gone)):
        _put(db, table, session.id, kept.id, mine)
        _put(db, table, session.id, gone.id, other)
    if session.cancelled_at is None and plan.needed != plan.held:
        enrolment.free(db, session, plan.held - plan.needed)


def _take_noes_back(db: Session, kept: Person, row: PersonMerge) -> None:
    """Takes the noes that came from the other person out of the log again, unless this person answered since."""
    noes = row.before["noes"]
    if not noes:
        return
    since = select(func.count()).where(Consent.person_id == kept.id, Consent.id > max(noes))
    db.execute(delete(Consent).where(Consent.id.in_(noes), Consent.person_id == kept.id))
    if not db.scalar(since):
        for name, value in row.before["consents"].items():
            setattr(kept, name, value)


# --- rows -----------------------------------------------------------------------------------------------------------


def _is_taken(row: Mapping[str, Any] | None) -> int:
    return int(row is not None and row["status"] in TAKEN)


def _row(db: Session, table: Table, session_id: int, person_id: int) -> dict[str, Any] | None:
    columns = [column for column in table.columns if column.name not in ("id", "session_id", "person_id")]
    query = select(*columns).where(table.c.session_id == session_id, table.c.person_id == person_id)
    row = db.execute(query).mappings().one_or_none()
    return dict(row) if row is not None else None


def _put(db: Session, table: Table, session_id: int, person_id: int, row: Mapping[str, Any] | None) -> None:
    """Writes the row of a person and a class with these values; None deletes it."""
    where = (table.c.session_id == session_id, table.c.person_id == person_id)
    if row is None:
        db.execute(delete(table).where(*where))
    elif db.scalar(select(func.count()).select_from(table).where(*where)):
        db.execute(update(table).where(*where).values(**row))
    else:
        db.execute(table.insert().values(session_id=session_id, person_id=person_id, **row))
    db.expire_all()


def _written(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if row is None else {name: _plain(value) for name, value in row.items()}


def _unwritten(table: Table, row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if row is None else {name: _read(table, name, value) for name, value in row.items() if name in table.c}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _read(table: Table, name: str, value: Any) -> Any:
    kind = table.c[name].type
    kind = getattr(kind, "impl", kind)
    return datetime.fromisoformat(value) if isinstance(kind, DateTime) and value is not None else value


# --- what it owes ---------------------------------------------------------------------------------------------------


def due(db: Session, now: datetime, context: Context) -> None:
    """Deletes merges that cannot be undone any more."""
    db.execute(delete(PersonMerge).where(PersonMerge.until <= now))


def next_due(db: Session, now: datetime, context: Context) -> datetime | None:
    return db.scalar(select(func.min(PersonMerge.until)))


def forget(db: Session, person: Person, now: datetime) -> None:
    """Deletes the merges of a person who is erased: they are not to be undone any more."""
    db.execute(delete(PersonMerge).where(or_(PersonMerge.gone_id == person.id, PersonMerge.kept_id == person.id)))


def copy(db: Session, person: Person, content: Content, told: Told) -> dict[str, Any]:
    """Returns when somebody without a phone was found to be this person, while it can still be undone."""
    either = or_(PersonMerge.gone_id == person.id, PersonMerge.kept_id == person.id)
    rows: Iterable[PersonMerge] = db.scalars(select(PersonMerge).where(either).order_by(PersonMerge.id))
    return {"digabung": [{"pada": told(one.at), "bisa_dipisah_sampai": told(one.until)} for one in rows]}


DATA: Final = CapabilityData(
    "merging",
    tables=(PersonMerge,),
    due=due,
    next_due=next_due,
    forget=forget,
    copy=copy,
    not_copied={
        "person_merge.gone_id": "That somebody was found to be this person is told, without the other's number.",
        "person_merge.kept_id": "That somebody was found to be this person is told, without the other's number.",
        "person_merge.before": "What stood there before two rows of one person became one; the seats and marks are in"
        " the copy as they are now.",
        "person_merge.by_account_id": "Which trainer did it is in the record that /catatan shows.",
    },
)

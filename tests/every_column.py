"""Writes rows of one person into every table: one for each column that can hold somebody's id, marked in every other.

What erasing leaves and what the copy tells of can then be compared column by column, whatever the tables are called and
however many there will be. A column counts as somebody's unless it is known not to be (`CODES`, keys, foreign keys to
tables of things): so a column nobody thought of is noticed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Integer,
    SmallInteger,
    String,
    Table,
    TypeDecorator,
    insert,
    select,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from bot.database import Base

ACCOUNTS: Final = frozenset({"account_id", "chat_id", "telegram_id"})
"""Columns of one table that always hold the same phone: they are filled together."""
TELEGRAM: Final = frozenset({"chat_id", "telegram_id", "sender_id"})
"""Columns that hold a Telegram id; the others of a phone hold the id of the account."""
CODES: Final[Mapping[str, Any]] = {
    "about_person.age_band": "35-44",
    "about_person.sex": "female",
    "appointment.revision": 1,
    "appointment.kind": "visit",
    "appointment.off_by": None,
    "appointment.slot_id": None,
    "appointment.state": "over",
    "appointment.ticket_id": None,
    "appointment.zone": "Asia/Makassar",
    "slot.kind": "visit",
    "slot.state": "open",
    "slot_quarter.quarter": 5,
    "account.conversation": None,
    "account.current_person_id": None,
    "account.language": "id",
    "account.last_message_id": 5,
    "account.parked": None,
    "account.state": None,
    "audit.action": "class_called_off",
    "audit.once": None,
    "audit.times": 1,
    "attendance.how": "code",
    "attendance.mark": "present",
    "attendance.reason": None,
    "attendance.told": "present",
    "broadcast.corrects_id": None,
    "broadcast.progress_id": None,
    "broadcast.recipients": 3,
    "broadcast.status": "ended",
    "broadcast.told_id": None,
    "broadcast.zone": "Asia/Makassar",
    "trainer_news.what": "task",
    "call_made.about": "r1",
    "certificate.kind": "class",
    "certificate.reason": None,
    "certificate.replaces_id": None,
    "certificate.template": "1",
    "certificate_news.what": "class",
    "certificate_wave.told_up_to": 0,
    "check_in_screen.outbox_id": None,
    "check_in_screen.stretch": None,
    "consent.language": "id",
    "consent.purpose": "follow_up",
    "consent.text_version": "v1",
    "enrolment.before_cancel": None,
    "enrolment.instead_of": None,
    "enrolment.queue_no": None,
    "enrolment.reply": None,
    "enrolment.status": "seated",
    "door_card.outbox_id": None,
    "errand.kind": "qr",
    "errand.status": "done",
    "faq.audience": "labuan-bajo",
    "faq.fact": "F03",
    "faq.hidden_for": None,
    "faq.helped": 2,
    "faq.shown": 3,
    "faq.state": "waiting",
    "faq.topic": "M01",
    "feedback.face": 1,
    "follow_up_round.ended_because": None,
    "follow_up_round.kind": "d30",
    "follow_up_round.parts": 2,
    "follow_up_round.version": 1,
    "held_question.origin": "lesson.M01L1",
    "held_question.said": 77,
    "incident.reminded": 1,
    "invitation.role": "trainer",
    "kept_seat.instead_of": None,
    "kept_seat.queue_no": None,
    "kept_seat.reply": None,
    "kept_seat.status": "seated",
    "lesson_plan.ended_because": None,
    "lesson_progress.lesson_id": "M01L1",
    "outcome.key": "orders",
    "outcome.round": "d30",
    "outcome.value": "up",
    "outbox.broadcast_id": None,
    "outbox.edit_message_id": None,
    "outbox.edits": None,
    "override.version": 1,
    "outbox.kind": "reply",
    "outbox.language": "id",
    "outbox.quiz_id": None,
    "outbox.session_id": None,
    "outbox.status": "sent",
    "outbox.telegram_message_id": 77,
    "person.learning_path": "2",
    "person.erased_because": None,
    "person.salutation": "ibu",
    "person.sector": "kuliner",
    "practice.code": "qris",
    "practice.round": "d30",
    "practice.source": "self",
    "practice.state": "yes",
    "quiz.edition": "e1",
    "quiz.purpose": "lesson",
    "quiz.question_id": "M01L1Q1",
    "quiz.shown_order": [0, 1, 2],
    "recording.edition": 5,
    "recording.heard": 3,
    "recording.size": 90_000,
    "recording.state": "approved",
    "recording.what": "consent",
    "review.question_id": "M01L1Q1",
    "released.before": 3,
    "released.code": "practice.qris",
    "released.k": 4,
    "released.n": 12,
    "released.part": "",
    "released.period": "2027Q1",
    "released.site_id": "labuan-bajo",
    "released.topic": "answers",
    "released.word": "most",
    "released.word_before": None,
    "role.role": "trainer",
    "session.cancelled_why": None,
    "session.edits": 0,
    "session.queue_tail": 0,
    "session.revision": 1,
    "session_lead.lead_minutes": 60,
    "sheet_photo.emptied_because": None,
    "sitting.purpose": "pretest",
    "sitting.questions": ["M01L1Q1"],
    "task_done.lesson_id": "M01L1",
    "ticket.closed_because": "clear",
    "ticket.origin": "lesson.M01L1",
    "ticket.reply_minutes": 30,
    "ticket.state": "closed",
    "ticket.topic": "M01",
    "ticket_card.message_id": None,
    "ticket_card.outbox_id": 55,
    "ticket_message.form": "text",
    "ticket_message.outbox_id": 55,
    "ticket_message.telegram_message_id": None,
    "ticket_message.way": "in",
}
"""Values of columns that hold a code, or the number of a thing: nothing of anybody. Sites: SITE."""
IDS_IN_TEXT: Final = {"audit.subject": "person:{0.person_id}"}
"""Texts that hold somebody's id."""
NEVER: Final = frozenset(
    {"person.anonymised_at", "person.frozen_at", "session.cancelled_at", "account.stopped_at", "account.blocked_at"}
)
"""Moments that have not come for the people of this test."""
SITE: Final = "labuan-bajo"
START: Final = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


@dataclass
class Row:
    """A row that was written about somebody."""

    table: Table
    because: str
    """The column (`table.column`) that holds them."""
    key: tuple[Any, ...] = ()
    ids: dict[str, int] = field(default_factory=dict)
    """By name of column: the person's id in it."""
    of_another: bool = False
    """Whether the row is somebody else's, in which the person did something: its words are not theirs."""
    marks: dict[str, str] = field(default_factory=dict)
    """By name of column: the text in it, which stands nowhere else."""
    moments: dict[str, datetime | date] = field(default_factory=dict)
    """By name of column: the moment or day in it, which stands nowhere else."""

    def now(self, db: Session) -> Mapping[str, Any] | None:
        """Reads the row as it is now; None: it is gone."""
        where = [column == value for column, value in zip(self.table.primary_key, self.key, strict=True)]
        found = db.execute(select(self.table).where(*where)).mappings().one_or_none()
        return None if found is None else dict(found)


@dataclass
class Somebody:
    """A person on a phone of their own, and all rows written about them."""

    number: int
    """Tells this person's marks from another's."""
    person_id: int
    account_id: int
    telegram_id: int
    rows: list[Row] = field(default_factory=list)


def holds_people(column: Column[Any]) -> bool:
    """Whether the column can hold somebody's id: it points at one, or is a number that nobody declared as harmless."""
    kind = real_type(column)
    if column.foreign_keys:
        return any(key.column.table.name in {"person", "account"} for key in column.foreign_keys)
    number = isinstance(kind, Integer) and not isinstance(kind, SmallInteger)
    return number and not column.primary_key and name_of(column) not in CODES


def real_type(column: Column[Any]) -> TypeEngine[Any]:
    """Returns the type of the column as the database has it."""
    kind = column.type
    return kind.impl_instance if isinstance(kind, TypeDecorator) else kind


def name_of(column: Column[Any]) -> str:
    return f"{column.table.name}.{column.name}"


class Writer:
    """Writes the rows. `db` is left uncommitted."""

    def __init__(self, db: Session) -> None:
        self._db = db
        self._count = 0

    def somebody(self, number: int) -> Somebody:
        """Adds a person on a phone of their own, with every column of both filled."""
        one = Somebody(number, person_id=7000 + number, account_id=8000 + number, telegram_id=90_000 + number)
        tables = Base.metadata.tables
        account = tables["account"]
        self._write(account, one, {"id": one.account_id, "telegram_id": one.telegram_id}, "account.id")
        self._write(tables["person"], one, {"id": one.person_id, "account_id": one.account_id}, "person.id")
        self._db.execute(account.update().where(account.c.id == one.account_id).values(current_person_id=one.person_id))
        return one

    def fill(self, one: Somebody) -> None:
        """Adds a row for every column of every table that can hold the person. Where a second person is needed, it is
        somebody new each time."""
        for table in Base.metadata.sorted_tables:
            if table.name in {"person", "account"}:
                continue
            columns = [column for column in table.columns if holds_people(column)]
            phone = [column for column in columns if column.name in ACCOUNTS]
            for group in ([phone] if phone else []) + [[column] for column in columns if column not in phone]:
                values = {column.name: id_in(column, one) for column in group}
                self._write(table, one, values, name_of(group[0]))

    def _write(self, table: Table, one: Somebody, given: Mapping[str, Any], because: str) -> Row:
        """Adds a row. Nothing `because` of anybody: a thing that a row about somebody points at."""
        self._count += 1
        row, values = Row(table, because, ids=dict(given)), dict(given)
        for column in table.columns:
            counted = column.primary_key and isinstance(real_type(column), Integer) and not column.foreign_keys
            if column.name not in values and column.computed is None:
                value = 50_000 + self._count if counted else self._value(column, one, row)
                values[column.name] = value
        self._db.execute(insert(table).values(values))
        row.key = tuple(values[column.name] for column in table.primary_key)
        if row.of_another:
            row.marks, row.moments = {}, {}
        if because:
            one.rows.append(row)
        return row

    def _value(self, column: Column[Any], one: Somebody, row: Row) -> Any:
        name, kind = name_of(column), real_type(column)
        if name in CODES or name in NEVER:
            return CODES.get(name)
        if holds_people(column):
            if column.nullable:
                return None
            another = self.somebody(1000 + self._count)
            row.of_another |= id_in(column, another) == another.person_id
            return id_in(column, another)
        if column.foreign_keys:
            return None if column.nullable else self._thing(column, one)
        if column.name == "site_id":
            return SITE
        if isinstance(kind, DateTime):
            row.moments[column.name] = START + timedelta(minutes=self._count, seconds=one.number)
            return row.moments[column.name]
        if isinstance(kind, Date):
            row.moments[column.name] = (START + timedelta(days=self._count)).date()
            return row.moments[column.name]
        if isinstance(kind, Boolean):
            return True
        if isinstance(kind, (Integer, Float)):
            return 1
        mark = IDS_IN_TEXT[name].format(one) if name in IDS_IN_TEXT else f"q{one.number}z{self._count}z"
        if not isinstance(kind, JSON):
            assert isinstance(kind, String), f"{name}: what would stand in {kind}?"
            assert kind.length is None or kind.length > len(mark), f"{name}: a code? Then it belongs into CODES"
        row.marks[column.name] = mark
        return {"mark": mark} if isinstance(kind, JSON) else mark

    def _thing(self, column: Column[Any], one: Somebody) -> Any:
        """Makes the thing that a column points at: a class, a message."""
        (key,) = column.foreign_keys
        made = self._write(key.column.table, one, {}, "")
        return made.key[[part.name for part in key.column.table.primary_key].index(key.column.name)]


def id_in(column: Column[Any], one: Somebody) -> int:
    """Returns the id of the person that such a column holds: of the person, the account or the chat."""
    targets = {key.column.table.name for key in column.foreign_keys}
    if "person" in targets or (not targets and "person" in column.name):
        return one.person_id
    return one.telegram_id if column.name in TELEGRAM else one.account_id

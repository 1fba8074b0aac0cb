"""What capabilities declare (bot/capability.py): every table has an owner, and no person can be left in one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Table, event
from sqlalchemy.orm import Mapped, Session, mapped_column

import handlers
from bot.app import COMMANDS_OF, DATA
from bot.capability import CapabilityData, command_menus
from bot.database import Base, Database
from bot.people import people
from bot.programme import privacy
from tests.chat import Chat, registered

IDS = re.compile(r"(.*_)?(person_id|account_id|actor_id|sender_id|chat_id|telegram_id)")
"""Names of columns that hold somebody's id without a foreign key."""
OF_PEOPLE = {"person", "account"}


def points_at_somebody(column: Column[Any]) -> bool:
    if any(key.column.table.name in OF_PEOPLE for key in column.foreign_keys):
        return True
    return IDS.fullmatch(column.name) is not None


def owners(table: Table, declared: Sequence[CapabilityData]) -> list[CapabilityData]:
    return [one for one in declared for model in one.tables if model.__table__ is table]


def left_out(declared: Sequence[CapabilityData], erased: Sequence[str], copied: Sequence[str]) -> list[str]:
    """What is not declared, or is declared and not done: `erased` and `copied` are the statements of both."""
    wrong = []
    for table in Base.metadata.sorted_tables:
        found = owners(table, declared)
        if len(found) != 1:
            wrong.append(f"{table.name}: belongs to {len(found)} capabilities")
            continue
        named = re.compile(rf'\b(FROM|JOIN|UPDATE|INTO) "?{table.name}\b')
        for column in table.columns:
            where = f"{table.name}.{column.name}"
            if not points_at_somebody(column) or table.name in OF_PEOPLE:
                continue
            if where not in found[0].stays and not any(named.search(one) for one in erased):
                wrong.append(f"{where}: /hapus_data does not forget it")
            if where not in found[0].not_copied and not any(named.search(one) for one in copied):
                wrong.append(f"{where}: /data_saya does not tell of it")
    return wrong


@contextmanager
def statements(db: Session) -> Iterator[list[str]]:
    said: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        said.append(statement)

    engine = db.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)


def done_by(chat: Chat, declared: Sequence[CapabilityData]) -> tuple[list[str], list[str]]:
    """The statements with which a registered person is erased, and those with which their data are copied."""
    siti = registered(chat)
    with chat.database.transaction() as db:
        person, account = siti.person(db), siti.account(db)
        assert account is not None
        context = replace(chat.context, capabilities=declared)
        with statements(db) as copied:
            privacy.copy_of(db, person, context=context, now=chat.now)
        with statements(db) as erased:
            privacy.erase(db, account, person, chat.now, declared)
    return erased, copied


def test_every_table_belongs_to_a_capability_that_forgets_and_copies_it(chat: Chat) -> None:
    assert left_out(DATA, *done_by(chat, DATA)) == []


def test_a_table_nobody_thought_of_is_found(sqlite_url: str) -> None:
    """Proof that the test above can fail: tables with a person or an account in them, declared badly or not at all."""
    chat = Chat(sqlite_url)

    class Forgotten(Base):
        __tablename__ = "forgotten"
        id: Mapped[int] = mapped_column(primary_key=True)
        person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))

    class ByName(Base):
        __tablename__ = "by_name"
        id: Mapped[int] = mapped_column(primary_key=True)
        praised_person_id: Mapped[int] = mapped_column(BigInteger)

    try:
        erased, copied = done_by(chat, DATA)
        assert left_out(DATA, erased, copied) == [
            "by_name: belongs to 0 capabilities",
            "forgotten: belongs to 0 capabilities",
        ]
        careless = (*DATA, CapabilityData("careless", tables=(Forgotten, ByName)))
        assert left_out(careless, erased, copied) == [
            "by_name.praised_person_id: /hapus_data does not forget it",
            "by_name.praised_person_id: /data_saya does not tell of it",
            "forgotten.person_id: /hapus_data does not forget it",
            "forgotten.person_id: /data_saya does not tell of it",
        ]
        with_reasons = {"forgotten.person_id": "why", "by_name.praised_person_id": "why"}
        explained = CapabilityData("explained", (Forgotten, ByName), stays=with_reasons, not_copied=with_reasons)
        assert left_out((*DATA, explained), erased, copied) == []
        twice = (*DATA, explained, replace(explained, name="twice"))
        assert "forgotten: belongs to 2 capabilities" in left_out(twice, erased, copied)
    finally:
        chat.close()
        for model in (Forgotten, ByName):
            Base.metadata.remove(model.__table__)  # type: ignore[arg-type]


def test_reasons_are_about_columns_that_exist() -> None:
    columns = {f"{table.name}.{column.name}" for table in Base.metadata.sorted_tables for column in table.columns}
    for one in DATA:
        mine = {f"{model.__tablename__}.{column.name}" for model in one.tables for column in model.__table__.columns}
        for where, reason in (*one.stays.items(), *one.not_copied.items()):
            assert where in mine & columns, where
            assert len(reason) > 20, where


def test_names_of_capabilities_are_those_of_their_files() -> None:
    for one in DATA:
        module = one.tables[0].__module__ if one.tables else f"bot.programme.{one.name}"
        assert module.rpartition(".")[2] == one.name
    assert len({one.name for one in DATA}) == len(DATA)


def test_erasing_takes_the_capabilities_in_the_opposite_order(chat: Chat) -> None:
    """A capability may look at who the person is while it forgets them: that itself goes last of all."""
    siti, seen = registered(chat), []

    def forget(db: Session, person: people.Person, now: datetime) -> None:
        seen.append(person.name)

    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        late = CapabilityData("late", forget=forget)
        privacy.erase(db, account, siti.person(db), datetime(2026, 11, 23, tzinfo=UTC), (*DATA, late))
    assert seen == ["Siti"]


def test_the_command_menus_are_joined_from_all_capabilities() -> None:
    """What people know keeps its order, whatever comes in between."""
    assert command_menus(handlers.CAPABILITIES) == COMMANDS_OF
    known = (
        "mulai", "belajar", "jadwal", "kelas", "hadir", "profil", "izin", "data_saya", "privasi", "bahasa",
        "berhenti", "hapus_data", "batal", "bantuan",
    )  # fmt: skip
    trainers = ("sesi", "peserta", "pengumuman", "tugas", "laporan", *known)
    admins = (*trainers[:5], "staf", "catatan", "status", "muat_ulang", "laporan_kuis", *known)
    for role, names in {"participant": known, "trainer": trainers, "admin": admins}.items():
        assert tuple(name for name in COMMANDS_OF[role] if name in names) == names
    places = [(command.role, command.place) for one in handlers.CAPABILITIES for command in one.commands]
    assert len(set(places)) == len(places), "two commands want the same place"


def test_a_database_of_the_tests_has_every_table(database_url: str) -> None:
    database = Database(database_url)
    try:
        with database.transaction() as db:
            for one in DATA:
                for model in one.tables:
                    db.query(model).first()
    finally:
        database.close()

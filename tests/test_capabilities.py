"""What capabilities declare (bot/capability.py): every table has an owner, and no person can be left in one."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import JSON, Column, ForeignKey, Integer, String, delete, func, select, update
from sqlalchemy.orm import Session, mapped_column

import handlers
from bot.app import COMMANDS_OF, DATA
from bot.capability import CapabilityData, command_menus
from bot.database import Base, BigId, Database
from bot.people import people
from bot.programme import privacy
from tests.chat import Chat, registered
from tests.every_column import CODES, Somebody, Writer, holds_people, name_of, real_type

pytestmark = pytest.mark.both_databases

OF_PEOPLE = {"person", "account"}


def text_of(column: Column[Any]) -> bool:
    return isinstance(real_type(column), (String, JSON)) and column.name != "site_id" and name_of(column) not in CODES


def undeclared(declared: Sequence[CapabilityData]) -> list[str]:
    """Tables without exactly one owner; texts without a word about them in tables that hold nobody."""
    wrong = []
    for table in Base.metadata.sorted_tables:
        found = [one for one in declared for model in one.tables if model.__table__ is table]
        if len(found) != 1:
            wrong.append(f"{table.name}: belongs to {len(found)} capabilities")
        elif not any(holds_people(column) for column in table.columns) and table.name not in OF_PEOPLE:
            texts = [name_of(column) for column in table.columns if text_of(column)]
            wrong += [f"{where}: may hold words about people" for where in texts if where not in found[0].stays]
    return wrong


def left_of(chat: Chat, declared: Sequence[CapabilityData]) -> list[str]:
    """What is wrong with erasing and with the copy: two people are in every table; one is copied, then erased."""
    with chat.database.transaction() as db:
        writer = Writer(db)
        siti, budi = writer.somebody(1), writer.somebody(2)
        writer.fill(siti)
        writer.fill(budi)
        db.expire_all()
        context = replace(chat.context, capabilities=declared)
        person, account = db.get_one(people.Person, siti.person_id), db.get_one(people.Account, siti.account_id)
        wrong = not_told(siti, budi, json.dumps(privacy.copy_of(db, person, context=context, now=chat.now)), declared)
        before = [row.now(db) for row in budi.rows]
        privacy.erase(db, account, person, chat.now, declared)
        db.flush()
        after = [row.now(db) for row in budi.rows]
        wrong += [
            f"{row.because}: somebody else's row is changed"
            for row, was, now in zip(budi.rows, before, after, strict=True)
            if was != now
        ]
        return sorted([*wrong, *not_forgotten(db, siti, declared)])


def not_told(siti: Somebody, budi: Somebody, copy: str, declared: Sequence[CapabilityData]) -> list[str]:
    """What the copy leaves out, and what stands in it of somebody else."""
    excused = {where for one in declared for where in one.not_copied}
    wrong = []
    for row in siti.rows:
        if row.because in excused:
            continue
        moments = [spelled for moment in row.moments.values() for spelled in spellings(moment)]
        if not any(one in copy for one in (*row.marks.values(), *moments)):
            wrong.append(f"{row.because}: /data_saya does not tell of it")
            continue
        for name, mark in row.marks.items():
            if mark not in copy and f"{row.table.name}.{name}" not in excused:
                wrong.append(f"{row.table.name}.{name}: /data_saya does not tell of it")
    others = [mark for row in budi.rows for mark in row.marks.values()]
    return [*wrong, *(f"/data_saya tells of somebody else: {mark}" for mark in others if mark in copy)]


def spellings(moment: datetime | date) -> tuple[str, ...]:
    """How a copy may tell the moment: in the zone of the person's site, or in UTC."""
    if not isinstance(moment, datetime):
        return (moment.isoformat(),)
    there = moment.astimezone(ZoneInfo("Asia/Makassar"))
    return (there.isoformat(timespec="seconds"), moment.isoformat(timespec="seconds"))


def not_forgotten(db: Session, siti: Somebody, declared: Sequence[CapabilityData]) -> list[str]:
    """What of the person is still there without a reason, and reasons for what is gone anyway."""
    reasons = {where for one in declared for where in one.stays}
    left = set()
    for row in siti.rows:
        values = row.now(db) or {}
        left |= {f"{row.table.name}.{name}" for name, number in row.ids.items() if values.get(name) == number}
        left |= {f"{row.table.name}.{name}" for name, mark in row.marks.items() if mark in str(values.get(name))}
    idle = {where for where in reasons - left if where.partition(".")[0] in {row.table.name for row in siti.rows}}
    return [
        *(f"{where}: /hapus_data does not forget it" for where in left - reasons),
        *(f"{where}: said to stay, and is forgotten" for where in idle),
    ]


def test_every_table_belongs_to_a_capability() -> None:
    assert undeclared(DATA) == []


def test_a_person_is_copied_and_erased_in_every_column_that_belongs_to_them_and_nobody_else_is(chat: Chat) -> None:
    assert "\n".join(left_of(chat, DATA)) == ""


numbers = itertools.count()


@contextmanager
def a_table_more(chat: Chat, **columns: Any) -> Iterator[type[Base]]:
    """A table `praise` with these columns, as a new capability would bring it."""
    name = f"Praise{next(numbers)}"  # SQLAlchemy remembers the names of classes that are gone
    model = type(name, (Base,), {"__tablename__": "praise", "id": mapped_column(BigId, primary_key=True), **columns})
    table = Base.metadata.tables["praise"]
    try:
        table.create(chat.database.engine)
        yield model
    finally:
        Base.metadata.remove(table)


def careless(model: Any) -> dict[str, tuple[CapabilityData, list[str]]]:
    """Declarations that do not do what they owe, and what is to be found about each."""
    data = CapabilityData("praise", tables=(model,), not_copied={"praise.person_id": "why"})

    def looked_at(db: Session, person: people.Person, now: datetime) -> None:
        db.execute(select(model).where(model.person_id == person.id)).all()

    def all_of_it(db: Session, person: people.Person, now: datetime) -> None:
        db.execute(delete(model))

    def half_of_it(db: Session, person: people.Person, now: datetime) -> None:
        db.execute(update(model).where(model.person_id == person.id).values(words=""))

    def mine(db: Session, person: people.Person, now: datetime) -> None:
        db.execute(delete(model).where(model.person_id == person.id))

    def everybodys(db: Session, person: people.Person, *rest: Any) -> dict[str, Any]:
        return {"pujian": list(db.scalars(select(model.words)))}

    def numbers(db: Session, person: people.Person, *rest: Any) -> dict[str, Any]:
        return {"pujian": db.scalar(select(func.count()).select_from(model))}

    person, words = "praise.person_id: /hapus_data does not forget it", "praise.words: /hapus_data does not forget it"
    return {
        "nothing": (data, [person, words]),
        "a look": (replace(data, forget=looked_at), [person, words]),
        "a half": (replace(data, forget=half_of_it), [person]),
        "too much": (replace(data, forget=all_of_it), ["praise.person_id: somebody else's row is changed"]),
        "well": (replace(data, forget=mine), []),
        "an idle reason": (
            replace(data, forget=mine, stays={"praise.words": "why"}),
            ["praise.words: said to stay, and is forgotten"],
        ),
        "not copied": (
            replace(data, forget=mine, not_copied={}),
            ["praise.person_id: /data_saya does not tell of it"],
        ),
        "only counted": (
            replace(data, forget=mine, not_copied={}, copy=numbers),
            ["praise.person_id: /data_saya does not tell of it"],
        ),
        "others copied": (
            replace(data, forget=mine, not_copied={}, copy=everybodys),
            ["/data_saya tells of somebody else: q2z"],
        ),
    }


@pytest.mark.parametrize(
    "how",
    [
        "nothing",
        "a look",
        "a half",
        "too much",
        "well",
        "an idle reason",
        "not copied",
        "only counted",
        "others copied",
    ],
)
def test_a_capability_that_does_not_do_what_it_owes_is_found(sqlite_url: str, how: str) -> None:
    """Proof that the test above can fail."""
    chat = Chat(sqlite_url)
    try:
        person, words = mapped_column(ForeignKey("person.id")), mapped_column(String(40))
        with a_table_more(chat, person_id=person, words=words) as model:
            data, expected = careless(model)[how]
            found = left_of(chat, (*DATA, data))
            assert len(found) == len(expected)
            assert all(one.startswith(which) for one, which in zip(found, expected, strict=True)), found
    finally:
        chat.close()


@pytest.mark.parametrize("name", ["user_id", "participant", "praised_person_id", "telefon"])
def test_somebodys_id_is_seen_whatever_its_column_is_called(sqlite_url: str, name: str) -> None:
    chat = Chat(sqlite_url)
    try:
        with a_table_more(chat, **{name: mapped_column(Integer)}) as model:
            assert undeclared(DATA) == ["praise: belongs to 0 capabilities"]
            data = CapabilityData("praise", tables=(model,))
            assert undeclared((*DATA, data, data)) == ["praise: belongs to 2 capabilities"]
            assert left_of(chat, (*DATA, data)) == [
                f"praise.{name}: /data_saya does not tell of it",
                f"praise.{name}: /hapus_data does not forget it",
            ]
    finally:
        chat.close()


def test_words_in_a_table_that_names_nobody_need_a_reason(sqlite_url: str) -> None:
    chat = Chat(sqlite_url)
    try:
        with a_table_more(
            chat, enrolment_id=mapped_column(ForeignKey("enrolment.id")), ids=mapped_column(JSON)
        ) as model:
            data = CapabilityData("praise", tables=(model,))
            assert undeclared((*DATA, data)) == ["praise.ids: may hold words about people"]
            assert undeclared((*DATA, replace(data, stays={"praise.ids": "why"}))) == []
    finally:
        chat.close()


def test_two_capabilities_cannot_tell_the_same_section_of_a_copy(chat: Chat) -> None:
    siti = registered(chat)
    again = CapabilityData("again", copy=lambda db, person, content, told: {"profil": {}})
    with chat.database.transaction() as db, pytest.raises(ValueError, match=r"again .*profil"):
        privacy.copy_of(db, siti.person(db), context=replace(chat.context, capabilities=(*DATA, again)), now=chat.now)


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
        assert module.removesuffix(".tables").rpartition(".")[2] == one.name
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
    admins = (*trainers[:5], "staf", "catatan", "pengaturan", "status", "muat_ulang", "laporan_kuis", *known)
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

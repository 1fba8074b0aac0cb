"""Migrations run while the old version still serves: they only add, lose nothing, and hold nobody up."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.engine.interfaces import ReflectedColumn

from bot.database import Base, Database, alone_migrating, changing_schema, known_revisions, migrate, schema_revision
from bot.report_views import drop_views

SECONDS = 30
"""Longer than anything here takes: so long is waited before a test gives up."""
FIRST = "0001"


def emptied(url: str) -> str:
    """The database without its tables: the fixtures give a migrated one."""
    with closing(Database(url)) as database, database.engine.begin() as connection:
        if not database.is_sqlite:
            connection.execute(sa.text("DROP SCHEMA public CASCADE"))
            connection.execute(sa.text("CREATE SCHEMA public"))
            return url
        tables = sa.inspect(connection).get_table_names()
    with closing(Database(url)) as database, database.engine.connect() as connection, changing_schema(connection):
        drop_views(connection)
        for table in tables:
            connection.execute(sa.text(f'DROP TABLE "{table}"'))
    return url


def until(condition: Callable[[], bool]) -> None:
    """Wait for it, but not for ever."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


# --- only adding ----------------------------------------------------------------------------------------------------


@dataclass
class Table:
    """What a version that was written for this table relies on."""

    columns: dict[str, ReflectedColumn]
    rules: dict[str, frozenset[str]] = field(default_factory=dict)
    """Every condition on its rows, as words, with the columns it is about (none: unknown)."""


def schema(connection: sa.Connection) -> dict[str, Table]:
    look = sa.inspect(connection)
    found = {
        name: Table({str(column["name"]): column for column in columns})
        for (_, name), columns in look.get_multi_columns().items()
    }
    for (_, name), uniques in look.get_multi_unique_constraints().items():
        for unique in uniques:
            found[name].rules[f"unique {sorted(unique['column_names'])}"] = frozenset(unique["column_names"])
    for (_, name), indexes in look.get_multi_indexes().items():
        for index in indexes:
            if index["unique"]:
                columns_of = frozenset(column or "" for column in index["column_names"])
                found[name].rules[f"unique {sorted(columns_of)}"] = columns_of
    for (_, name), checks in look.get_multi_check_constraints().items():
        for check in checks:
            found[name].rules[f"check {check['sqltext']}"] = frozenset()
    for (_, name), keys in look.get_multi_foreign_keys().items():
        for key in keys:
            columns_of = frozenset(key["constrained_columns"])
            found[name].rules[f"{sorted(columns_of)} refers to {key['referred_table']}"] = columns_of
    return found


def what_breaks(before: dict[str, Table], after: dict[str, Table]) -> list[str]:
    """What the version before could not do any more on the schema after."""
    wrong = []
    for name, old in before.items():
        new = after.get(name)
        if new is None:
            wrong.append(f"{name} is gone")
            continue
        for column, was in old.columns.items():
            now = new.columns.get(column)
            if now is None:
                wrong.append(f"{name}.{column} is gone")
                continue
            if str(was["type"]) != str(now["type"]):
                wrong.append(f"{name}.{column} was {was['type']} and is {now['type']}")
            if was["nullable"] and not now["nullable"]:
                wrong.append(f"{name}.{column} must be filled in now")
            if was["default"] is not None and now["default"] is None:
                wrong.append(f"{name}.{column} has no default any more")
        for column in new.columns.keys() - old.columns.keys():
            if not new.columns[column]["nullable"] and new.columns[column]["default"] is None:
                wrong.append(f"{name}.{column} is new and must be filled in")
        for rule in new.rules.keys() - old.rules.keys():
            # a rule on columns that the old version leaves empty binds it to nothing
            if not new.rules[rule] or new.rules[rule] & old.columns.keys():
                wrong.append(f"{name} has a new rule: {rule}")
    return wrong


def test_every_migration_only_adds(database_url: str) -> None:
    url = emptied(database_url)
    revisions = known_revisions()
    assert revisions[0] == FIRST
    migrate(url, FIRST)
    with closing(Database(url)) as database:
        with database.engine.connect() as connection:
            before = schema(connection)
        for revision in revisions[1:]:
            migrate(url, revision)
            assert schema_revision(database) == revision
            with database.engine.connect() as connection:
                after = schema(connection)
            assert what_breaks(before, after) == [], revision
            before = after


def _drop_column(op: Operations) -> None:
    with op.batch_alter_table("person") as table:
        table.drop_column("needs")


def _rename_column(op: Operations) -> None:
    with op.batch_alter_table("person") as table:
        table.alter_column("needs", new_column_name="wishes", existing_type=sa.String(200))


def _fill_in(op: Operations) -> None:
    with op.batch_alter_table("person") as table:
        table.alter_column("sector", nullable=False, existing_type=sa.String(20))


def _lose_default(op: Operations) -> None:
    with op.batch_alter_table("person") as table:
        table.alter_column("saves_data", server_default=None, existing_type=sa.Boolean())


def _need_new(op: Operations) -> None:
    with op.batch_alter_table("clock_offset") as table:
        table.add_column(sa.Column("zone", sa.String(20), nullable=False))


def _narrow(op: Operations) -> None:
    with op.batch_alter_table("person") as table:
        table.alter_column("name", type_=sa.String(10), existing_type=sa.String(60))


def _unique(op: Operations) -> None:
    op.create_index("ix_person_phone", "person", ["phone"], unique=True)


def _check(op: Operations) -> None:
    with op.batch_alter_table("person") as table:
        table.create_check_constraint("phone", "phone <> ''")


def _refer(op: Operations) -> None:
    with op.batch_alter_table("inbox") as table:
        table.create_foreign_key("fk_inbox_sender", "account", ["sender_id"], ["telegram_id"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda op: op.drop_table("file_id"), "file_id is gone"),
        (lambda op: op.rename_table("file_id", "sent_file"), "file_id is gone"),
        (_drop_column, "person.needs is gone"),
        (_rename_column, "person.needs is gone"),
        (_fill_in, "person.sector must be filled in now"),
        (_lose_default, "person.saves_data has no default any more"),
        (_need_new, "clock_offset.zone is new and must be filled in"),
        (_narrow, "person.name was VARCHAR(60) and is VARCHAR(10)"),
        (_unique, "person has a new rule: unique ['phone']"),
        (_check, "person has a new rule: check"),
        (_refer, "inbox has a new rule: ['sender_id'] refers to account"),
    ],
)
def test_what_would_break_the_old_version_is_seen(
    database_url: str, change: Callable[[Operations], None], said: str
) -> None:
    with (
        closing(Database(database_url)) as database,
        database.engine.connect() as connection,
        changing_schema(connection),
    ):
        before = schema(connection)
        change(Operations(MigrationContext.configure(connection)))
        assert any(one.startswith(said) for one in what_breaks(before, schema(connection)))


def test_what_is_new_and_may_stay_empty_breaks_nothing(database_url: str) -> None:
    with (
        closing(Database(database_url)) as database,
        database.engine.connect() as connection,
        changing_schema(connection),
    ):
        before = schema(connection)
        op = Operations(MigrationContext.configure(connection))
        op.create_table("keepsake", sa.Column("id", sa.Integer(), primary_key=True))
        with op.batch_alter_table("person") as table:
            table.add_column(sa.Column("nick", sa.String(20), nullable=True))
            table.add_column(sa.Column("level", sa.Integer(), nullable=False, server_default="0"))
            table.create_unique_constraint("uq_person_nick", ["nick"])
        assert what_breaks(before, schema(connection)) == []


# --- the old version writes on ----------------------------------------------------------------------------------------


def a_row(table: sa.Table, number: int) -> dict[str, Any]:
    """Something for every column: ids, what refers to them and all other numbers are `number`."""
    row: dict[str, Any] = {}
    for column in table.columns:
        value: Any
        if isinstance(column.type, sa.Boolean):
            value = True
        elif isinstance(column.type, sa.DateTime):
            value = datetime(2026, 11, 23, 2, tzinfo=UTC)
        elif isinstance(column.type, sa.Date):
            value = datetime(2026, 11, 23, 2, tzinfo=UTC).date()
        elif isinstance(column.type, sa.JSON):
            value = {}
        elif isinstance(column.type, (sa.Integer, sa.Numeric)):
            value = number
        else:
            value = str(number)
        row[column.name] = value
    return row


def test_every_old_version_writes_on_after_the_migrations(database_url: str) -> None:
    """One walk through all of them: what each version has written stays as it was, and each goes on to write."""
    url = emptied(database_url)
    tables_of: dict[str, list[sa.Table]] = {}
    seen: dict[tuple[Any, ...], sa.Table] = {}
    written: dict[str, dict[str, Any]] = {}

    def as_before(table: sa.Table) -> sa.Table:
        """The table, or an earlier one of the same shape: its statements are compiled already."""
        columns = [(one.name, str(one.type), one.primary_key) for one in table.columns]
        return seen.setdefault((table.name, *columns), table)

    def write(revision: str, number: int) -> None:
        with database.engine.begin() as connection:
            for table in tables_of[revision]:
                connection.execute(table.insert().values(a_row(table, number)))

    def row_of(connection: sa.Connection, table: sa.Table, number: int) -> Any:
        (key, *_) = table.primary_key.columns
        return connection.execute(table.select().where(key == a_row(table, number)[key.name])).one()

    with closing(Database(url)) as database:
        for number, revision in enumerate(known_revisions()[:-1], start=1):
            migrate(url, revision)
            tables = sa.MetaData()
            tables.reflect(database.engine)
            tables_of[revision] = [
                as_before(table) for table in tables.sorted_tables if table.name != "alembic_version"
            ]
            assert len(tables_of[revision]) > 8
            write(revision, number)
            with database.engine.connect() as connection:
                written[revision] = {table.name: row_of(connection, table, number) for table in tables_of[revision]}
        migrate(url)
        for number, revision in enumerate(tables_of, start=1):
            write(revision, later := number + len(tables_of))
            with database.engine.connect() as connection:
                for table in tables_of[revision]:
                    assert row_of(connection, table, number) == written[revision][table.name], (revision, table.name)
                    assert row_of(connection, table, later) != written[revision][table.name]
        counts = Counter(table.name for tables in tables_of.values() for table in tables)
        assert read_by_the_new_version(database) == {name: 2 * versions for name, versions in counts.items()}


def read_by_the_new_version(database: Database) -> dict[str, int]:
    """How many rows of the tables that were filled it finds, each read whole."""
    with database.transaction() as db:
        found = {table.name: len(db.execute(sa.select(table)).all()) for table in Base.metadata.sorted_tables}
    return {name: number for name, number in found.items() if number}


def test_changing_a_table_does_not_delete_what_refers_to_it(sqlite_url: str) -> None:
    """SQLite changes a table by copying and dropping it, which with foreign keys switched on empties others."""
    with closing(Database(sqlite_url)) as database:
        with database.engine.begin() as connection:
            metadata = sa.MetaData()
            metadata.reflect(connection)
            for name in ("account", "role", "person", "errand"):
                connection.execute(metadata.tables[name].insert().values(a_row(metadata.tables[name], 1)))
        with database.engine.connect() as connection, changing_schema(connection):
            op = Operations(MigrationContext.configure(connection))
            with op.batch_alter_table("account", recreate="always") as table:
                table.add_column(sa.Column("nick", sa.String(20), nullable=True))
        with database.engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT account_id FROM person")) == 1
            assert connection.scalar(sa.text("SELECT count(*) FROM role")) == 1
            assert connection.scalar(sa.text("SELECT count(*) FROM errand")) == 1
            assert connection.scalar(sa.text("PRAGMA foreign_keys")) == 1


def test_a_migration_that_orphans_rows_is_undone(sqlite_url: str) -> None:
    with closing(Database(sqlite_url)) as database:
        role = sa.Table("role", sa.MetaData(), autoload_with=database.engine)

        def orphan() -> None:
            with database.engine.connect() as connection, changing_schema(connection):
                connection.execute(role.insert().values(a_row(role, 7)))

        with pytest.raises(RuntimeError, match="1 rows that refer to nothing"):
            orphan()
        with database.engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM role")) == 0


# --- beside the others ------------------------------------------------------------------------------------------------


class InThread(threading.Thread):
    """`work`, at the same time; `done()` waits for it and raises what it raised."""

    def __init__(self, work: Callable[..., object], *args: str) -> None:
        super().__init__(daemon=True)
        self._work = partial(work, *args)
        self._problem: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._work()
        except BaseException as problem:
            self._problem = problem

    def done(self) -> None:
        self.join(SECONDS)
        assert not self.is_alive(), "it does not come to an end"
        if self._problem is not None:
            raise self._problem


class Writer:
    """Somebody who serves: writes a job again and again, each in a transaction of its own."""

    def __init__(self, url: str) -> None:
        self.written = 0
        self._database = Database(url)
        with self._database.engine.begin() as connection:
            metadata = sa.MetaData()
            metadata.reflect(connection, only=["account", "errand"])
            account, self._errand = metadata.tables["account"], metadata.tables["errand"]
            connection.execute(account.insert().values(a_row(account, 1)))
        self._stop = threading.Event()
        self._thread = InThread(self._write)

    def _write(self) -> None:
        while not self._stop.is_set():
            row = a_row(self._errand, self.written + 1) | {"account_id": 1}
            with self._database.engine.begin() as connection:
                connection.execute(self._errand.insert().values(row))
            self.written += 1

    def goes_on(self, more: int = 20) -> None:
        """Wait until it has written so much more."""
        aim = self.written + more
        until(lambda: self.written >= aim)

    def close(self) -> None:
        self._stop.set()
        self._thread.done()
        with self._database.engine.connect() as connection:
            kept = connection.scalar(sa.text("SELECT count(*) FROM errand"))
        self._database.close()
        assert kept == self.written


@pytest.fixture
def old_url(database_url: str) -> str:
    """A database that an older version has made."""
    url = emptied(database_url)
    migrate(url, "0003")
    return url


@pytest.fixture
def writer(old_url: str) -> Iterator[Writer]:
    with closing(Writer(old_url)) as writer:
        writer.goes_on()
        yield writer


def test_the_old_version_writes_during_the_migration(old_url: str, writer: Writer) -> None:
    migrate(old_url)
    writer.goes_on()
    with closing(Database(old_url)) as database:
        assert schema_revision(database) == known_revisions()[-1]


def ungranted(connection: sa.Connection, mode: str) -> bool:
    query = "SELECT count(*) FROM pg_locks WHERE mode = :mode AND NOT granted"
    return bool(connection.scalar(sa.text(query), {"mode": mode}))


@pytest.mark.postgresql
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_migration_that_has_to_wait_lets_the_others_pass(old_url: str, writer: Writer) -> None:
    with closing(Database(old_url)) as database, database.engine.connect() as reader:
        # a long look at the table that 0004 changes: it cannot be changed before this is over
        reader.execute(sa.text("SELECT count(*) FROM errand"))
        migrating = InThread(migrate, old_url)
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as look:
            until(lambda: ungranted(look, "AccessExclusiveLock"))
            writer.goes_on()
            assert migrating.is_alive()
            reader.rollback()
        migrating.done()
        assert schema_revision(database) == known_revisions()[-1]


@pytest.mark.postgresql
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_migration_waits_for_a_backup_without_holding_anybody_up(old_url: str, writer: Writer) -> None:
    with closing(Database(old_url)) as database:
        with alone_migrating(database, shared=True):
            migrating = InThread(migrate, old_url)
            with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as look:
                until(lambda: ungranted(look, "ExclusiveLock"))
                writer.goes_on()
            assert schema_revision(database) == "0003"
        migrating.done()
        assert schema_revision(database) == known_revisions()[-1]


def test_two_migrate_at_once(old_url: str) -> None:
    both = [InThread(migrate, old_url) for _ in range(2)]
    for one in both:
        one.done()
    with closing(Database(old_url)) as database:
        assert schema_revision(database) == known_revisions()[-1]


def stamp(url: str, revision: str) -> None:
    with closing(Database(url)) as database, database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def test_the_old_version_starts_again_after_a_newer_one_has_migrated(database_url: str) -> None:
    stamp(database_url, "9999")
    migrate(database_url)
    with closing(Database(database_url)) as database:
        assert schema_revision(database) == "9999"


def test_a_revision_that_is_nobodys_is_refused(database_url: str) -> None:
    stamp(database_url, "strange")
    with pytest.raises(Exception, match="strange"):
        migrate(database_url)

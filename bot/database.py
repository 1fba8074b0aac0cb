"""The engine, the declarative base and transactions; the same code on SQLite and PostgreSQL.

A turn never waits for anything but the database, so everything here is synchronous and runs in database threads:
one for SQLite (one writer is all it has), a small pool for PostgreSQL.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    DateTime,
    Engine,
    Index,
    Integer,
    MetaData,
    String,
    create_engine,
    event,
    literal_column,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import URL, Connection, Dialect, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from alembic.config import Config

T = TypeVar("T")

POSTGRESQL_THREADS: Final = 4
ABANDONED: Final = (
    "-c idle_in_transaction_session_timeout=8s -c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5"
    " -c tcp_keepalives_count=3"
)
"""Where a process hangs, or the way to it is gone, PostgreSQL is to notice, or its locks would stay for hours: sooner
than another sender takes its place (`coordination.IDLE_SECONDS`), or that one would pass over the rows it holds."""
PATIENTLY: Final = "SET LOCAL idle_in_transaction_session_timeout = 0"
"""For a transaction that may do something else for long, and holds up nobody."""
MIGRATING: Final = 7_411_226_100
"""The key of PostgreSQL's advisory lock of whoever migrates, and (shared) of whoever makes a backup."""
QUEUE_SECONDS: Final = 600
LOCK_SECONDS: Final = 1
"""So long a migration waits for a table, and everybody who serves waits behind it."""
LOCK_WAITS: Final = (0.5, 1.0, 2.0, 4.0, *(5.0,) * 10)
"""Seconds between its tries, in which the others go on."""
_LOCKED_OUT: Final = ("55P03", "40P01")
"""lock_not_available, deadlock_detected"""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC moment. SQLite forgets zones, so they are taken off going in and put back coming out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone was given to the database")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigId = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit key; SQLite numbers rows by itself only when the type is INTEGER."""

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime(), dict[str, Any]: Json}


def partial_index(name: str, *columns: Any, of: str) -> Index:
    """An index of those rows alone for which the SQL `of` is true: tables grow by millions, and what is settled must
    not be in the way of what is looked for, nor cost anything when it is written.

    SQLite uses it only for a query that says the same with constants: see `constant`.
    """
    return Index(name, *columns, sqlite_where=text(of), postgresql_where=text(of))


def constant(value: StrEnum) -> ColumnElement[str]:
    """A value that stands in the SQL itself, as the planner has to know it to choose a partial index. With a parameter
    SQLite has to plan the statement anew each time, which takes ten times as long as a short one itself."""
    return literal_column(f"'{value.value}'", String)


class DatabaseUnavailableError(Exception):
    """The database could not be reached or written, and it is worth trying again. Nothing happened, but for `done`:
    what of a batch could be committed before, for whoever knows what to do with it."""

    done: Any = None


class Database:
    """One database: transactions for those who are in a database thread, `run()` for those in the event loop."""

    def __init__(self, url: str, *, durable: bool = True) -> None:
        """`url` as SQLAlchemy writes it. `durable=False` is for tests: SQLite then does not wait for the disk."""
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _engine(url, durable=durable)
        self.tells_others = False
        """Other processes serve, too: what a transaction leaves for them to do is told in its commit (NOTIFY)."""
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reader")
        self._threads = ThreadPoolExecutor(
            max_workers=1 if self.is_sqlite else POSTGRESQL_THREADS, thread_name_prefix="database"
        )

    @property
    def threads(self) -> int:
        """How many transactions can be under way at once."""
        return 1 if self.is_sqlite else POSTGRESQL_THREADS

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Everything inside is committed together or not at all."""
        with Session(self.engine, expire_on_commit=False) as db, db.begin():
            yield db
            if self.tells_others:
                for signal in sorted(db.info.get("told", ())):
                    db.execute(text("SELECT pg_notify(:channel, '')"), {"channel": channel(signal)})

    async def run(self, work: Callable[..., T], *args: Any) -> T:
        """Do `work(*args)` in a database thread; it opens its own transaction."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)

    async def in_transaction(self, work: Callable[..., T], *args: Any) -> T:
        """Do `work(db, *args)` in a database thread, in one transaction."""

        def whole() -> T:
            with self.transaction() as db:
                return work(db, *args)

        return await self.run(whole)

    async def read(self, work: Callable[..., T], *args: Any) -> T:
        """Do `work(db, *args)`, which only reads and may take long, beside all others: nobody waits for it."""

        def whole() -> T:
            with Session(self.engine.execution_options(only_reads=True)) as db, db.begin():
                if not self.is_sqlite:
                    db.execute(text(PATIENTLY))
                return work(db, *args)

        return await asyncio.get_running_loop().run_in_executor(self._reader, whole)

    def close(self) -> None:
        self._reader.shutdown(wait=True)
        self._threads.shutdown(wait=True)
        self.engine.dispose()


def insert_or(db: Session, table: type[Base]) -> Any:
    """An INSERT that can say ON CONFLICT, in the dialect of this database."""
    dialect = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


class Signal(StrEnum):
    """What a transaction leaves to be done by somebody else, in this process or in another."""

    INBOX = "inbox"
    """Updates wait for their turn."""
    OUTBOX = "outbox"
    """Rows wait that no sender holds."""
    DUE = "due"
    """Something may have become due."""
    ERRAND = "errand"
    """Something slow was asked for."""
    RELOAD = "reload"
    """Content and words are to be read again."""


def channel(signal: Signal) -> str:
    """Its name between processes on PostgreSQL."""
    return f"jalin_{signal}"


def leave_to_others(db: Session, signal: Signal) -> None:
    """This transaction leaves something to be done: whoever does it is woken after the commit."""
    db.info.setdefault("left", set()).add(signal)
    db.info.setdefault("told", set()).add(signal)


def take_left(db: Session, signal: Signal) -> bool:
    """Whether this transaction has left that to be done, since the last time this was asked."""
    left: set[Signal] = db.info.get("left", set())
    found = signal in left
    left.discard(signal)
    return found


def something_due(db: Session) -> None:
    """Tell that this transaction may have made something due: the clock looks right after the commit."""
    leave_to_others(db, Signal.DUE)


def take_due_flag(db: Session) -> bool:
    return take_left(db, Signal.DUE)


def _engine(url: str, *, durable: bool) -> Engine:
    # hide_parameters: what people wrote must not reach a log through an error's text
    if not url.startswith("sqlite"):
        return create_engine(
            url,
            hide_parameters=True,
            pool_size=POSTGRESQL_THREADS,
            max_overflow=4,
            pool_pre_ping=True,
            connect_args={"options": ABANDONED, "connect_timeout": 10},
        )
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, hide_parameters=True, connect_args={"check_same_thread": False, "timeout": 30})

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves: the driver's own begins too late
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'OFF'}")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA busy_timeout=30000")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        # IMMEDIATE: a reader that turns writer half-way would fail with "database is locked"
        only_reads = connection.get_execution_options().get("only_reads", False)
        connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")

    return engine


# --- the schema -----------------------------------------------------------------------------------------------------


def migrate(url: str, to: str = "head") -> None:
    """Bring the database at `url` up to the revision `to`, while others go on using it.

    Where there is nothing to do, nobody is waited for. That holds, too, where a newer version has migrated the
    database already: the old one serves on, or serves again after a roll-back, for migrations only ever add.
    On PostgreSQL this waits for a backup that is being made (at most QUEUE_SECONDS). Alembic takes a second to
    import: only where there is something to do.
    """
    database = Database(url)
    try:
        known = known_revisions()
        wanted = known[-1] if to == "head" else to
        if _stands_at(database, wanted, known):
            return
        if database.is_sqlite:
            with database.engine.connect() as connection, changing_schema(connection):
                upgrade(connection, wanted)
            return
        with alone_migrating(database):
            for wait in (*LOCK_WAITS, None):
                # somebody else may have done it while we stood in the queue
                if _stands_at(database, wanted, known):
                    return
                try:
                    with database.engine.connect() as connection, changing_schema(connection):
                        upgrade(connection, wanted)
                    return
                except OperationalError as problem:
                    if wait is None or getattr(problem.orig, "sqlstate", None) not in _LOCKED_OUT:
                        raise
                    time.sleep(wait)
    finally:
        database.close()


def upgrade(connection: Connection, to: str = "head") -> None:
    """Run the migrations up to `to` in the transaction of this connection (see `changing_schema`)."""
    from alembic import command

    config = _alembic()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


@contextmanager
def changing_schema(connection: Connection) -> Iterator[None]:
    """A transaction for migrations beside a bot that serves.

    PostgreSQL: a table's lock is waited for shortly only, because everybody who comes later waits behind us.
    SQLite: to change a table Alembic may copy and drop it, and with foreign keys switched on dropping a table deletes
    the rows that refer to it; so they are off meanwhile, and are checked before the commit.
    """
    if connection.dialect.name != "sqlite":
        with connection.begin():
            connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
            connection.execute(text(PATIENTLY))
            yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")  # means nothing inside a transaction
    try:
        with connection.begin():
            yield
            if broken := connection.execute(text("PRAGMA foreign_key_check")).fetchall():
                raise RuntimeError(f"a migration left {len(broken)} rows that refer to nothing")
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


@contextmanager
def alone_migrating(database: Database, *, shared: bool = False) -> Iterator[None]:
    """On PostgreSQL: nobody else migrates meanwhile. `shared`: by several at once, who only want the schema to stay.

    Waiting for this lock holds up nobody who serves, as waiting for a table would.
    """
    lock = "pg_advisory_lock_shared" if shared else "pg_advisory_lock"
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"SET lock_timeout = '{QUEUE_SECONDS}s'"))
        connection.execute(text(f"SELECT {lock}(:key)"), {"key": MIGRATING})
        try:
            yield
        finally:
            connection.invalidate()  # ends the session: the lock and the time limit go with it


def known_revisions() -> list[str]:
    """Every revision this version knows, the oldest first: they are numbered, and each file begins with its number."""
    return sorted(path.name[:4] for path in (Path(__file__).parent / "migrations" / "versions").glob("[0-9]*.py"))


def newest_revision() -> str:
    """The revision this code is written for."""
    return known_revisions()[-1]


def is_newer(revision: str | None, known: Sequence[str]) -> bool:
    """Whether a revision comes from a newer version of the bot: they are numbered."""
    return revision is not None and revision.isdigit() and revision not in known and int(revision) > int(known[-1])


def _stands_at(database: Database, wanted: str, known: Sequence[str]) -> bool:
    at = schema_revision(database)
    return is_newer(at, known) or (at in known and known.index(at) >= known.index(wanted))


def _alembic() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def shown_url(url: str) -> str:
    """Which database this is, for people: the file, or host and name; never a password."""
    read = make_url(url)
    if read.get_backend_name() == "sqlite":
        return read.database or "a database in memory"
    return URL.create(read.drivername, read.username, None, read.host, read.port, read.database).render_as_string()


def schema_revision(database: Database) -> str | None:
    """The revision the database stands at; None when it was never migrated."""
    with database.engine.connect() as connection:
        return revision_of(connection)


def revision_of(connection: Connection) -> str | None:
    """The same, as this connection finds it in its transaction."""
    from sqlalchemy import inspect

    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
    return None if row is None else str(row[0])

"""The engine, the declarative base and transactions; the same code on SQLite and PostgreSQL.

A turn waits for nothing but the database, so everything here is synchronous and runs in database threads: one for
SQLite (which allows one writer), a small pool for PostgreSQL.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
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

from bot.database_trouble import Outage, is_away
from bot.private_files import make_private, make_private_file, make_private_folder

if TYPE_CHECKING:
    from alembic.config import Config

T = TypeVar("T")

POSTGRESQL_THREADS: Final = 4
ABANDONED: Final = (
    "-c idle_in_transaction_session_timeout=8s -c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5"
    " -c tcp_keepalives_count=3"
)
"""Settings by which PostgreSQL notices that a process hangs, or that the network to it is cut, and frees its locks;
without them the locks would stay for hours. It must notice before another sender takes over
(`leadership.IDLE_SECONDS`), because that sender would pass over the locked rows."""
PATIENTLY: Final = "SET LOCAL idle_in_transaction_session_timeout = 0"
"""Settings of a transaction that may be idle for long, and holds up nobody."""
MIGRATING: Final = 7_411_226_100
"""The key of PostgreSQL's advisory lock that a migration takes, and a backup shares."""
QUEUE_SECONDS: Final = 600
LOCK_SECONDS: Final = 1
"""How long a migration waits for a table's lock: everybody who serves waits behind it."""
LOCK_WAITS: Final = (0.5, 1.0, 2.0, 4.0, *(5.0,) * 10)
"""Seconds between its tries, in which others can go on."""
_LOCKED_OUT: Final = ("55P03", "40P01")
"""lock_not_available, deadlock_detected"""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC moment. SQLite stores no zones, so the zone is taken off when a value is written, and put back when
    it is read."""

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
    """Returns an index of those rows alone for which the SQL `of` is true: tables grow by millions, and what is settled
    must not be in the way of what is looked for, nor cost anything when it is written.

    SQLite uses it only for a query that says the same with constants: see `constant`.
    """
    return Index(name, *columns, sqlite_where=text(of), postgresql_where=text(of))


def constant(value: StrEnum) -> ColumnElement[str]:
    """Returns a value that stands in the SQL itself, because the planner must know it to choose a partial index.

    With a parameter SQLite has to plan the statement anew each time, which takes ten times as long as a short statement
    itself.
    """
    return literal_column(f"'{value.value}'", String)


class Database:
    """One database: transactions for those who are in a database thread, `run()` for those in the event loop."""

    def __init__(self, url: str, *, durable: bool = True) -> None:
        """`url` as SQLAlchemy writes it. `durable=False` is for tests: SQLite then does not wait for the disk."""
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _engine(url, durable=durable)
        self.tells_others = False
        """Other processes serve, too: what a transaction leaves for them is told in its commit (NOTIFY)."""
        self.outage = Outage()
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
        """Commits everything inside together, or nothing."""
        with Session(self.engine, expire_on_commit=False) as db, db.begin():
            yield db
            if self.tells_others:
                for signal in sorted(db.info.get("told", ())):
                    db.execute(text("SELECT pg_notify(:channel, '')"), {"channel": channel(signal)})

    async def run(self, work: Callable[..., T], *args: Any) -> T:
        """Runs `work(*args)` in a database thread; `work` opens its own transaction. That the database is away is told
        here (`outage`): whoever catches the error has nothing to log."""
        return await self._watched(self._threads, lambda: work(*args))

    async def _watched(self, threads: ThreadPoolExecutor, whole: Callable[[], T]) -> T:
        try:
            done = await asyncio.get_running_loop().run_in_executor(threads, whole)
        except Exception as problem:
            if is_away(problem):
                self.outage.failed(problem)
            raise
        self.outage.worked()
        return done

    async def in_transaction(self, work: Callable[..., T], *args: Any) -> T:
        """Runs `work(db, *args)` in a database thread, in one transaction."""

        def whole() -> T:
            with self.transaction() as db:
                return work(db, *args)

        return await self.run(whole)

    async def read(self, work: Callable[..., T], *args: Any) -> T:
        """Runs `work(db, *args)`, which only reads and may take long, beside all other transactions: nobody waits for
        it."""

        def whole() -> T:
            with Session(self.engine.execution_options(only_reads=True)) as db, db.begin():
                if not self.is_sqlite:
                    db.execute(text(PATIENTLY))
                return work(db, *args)

        return await self._watched(self._reader, whole)

    async def empty_log(self) -> bool:
        """SQLite: copies what stands in the write-ahead log into the database and cuts the log off, so that no file
        holds any more what was overwritten or deleted. Writers wait for a moment at most. Returns whether the log is
        empty: it is not while somebody writes, or reads what stands in it. Raises sqlite3.Error."""
        path = sqlite_file(self.url)
        if path is None:
            return True
        return await asyncio.get_running_loop().run_in_executor(self._reader, _empty_log, path)

    def close(self) -> None:
        self._reader.shutdown(wait=True)
        self._threads.shutdown(wait=True)
        self.engine.dispose()


def _empty_log(path: Path) -> bool:
    log = path.with_name(f"{path.name}-wal")
    if not log.exists() or log.stat().st_size == 0:
        return True
    uri = f"{path.absolute().as_uri()}?mode=rw"  # never a new file where there is none
    with closing(sqlite3.connect(uri, uri=True, timeout=0, isolation_level=None)) as connection:
        # the long part is done beside all writers; then few pages are left for which they have to wait
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    return not busy


def sqlite_file(url: URL) -> Path | None:
    """Returns the file of an SQLite database; None for one in memory, and for PostgreSQL."""
    named = url.get_backend_name() == "sqlite" and url.database
    return Path(named) if named and named != ":memory:" and not named.startswith("file:") else None


def insert_or(db: Session, table: type[Base]) -> Any:
    """Returns an INSERT that can say ON CONFLICT, in the dialect of this database."""
    dialect = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


class Signal(StrEnum):
    """Work that a transaction leaves to another part, in this process or in another."""

    INBOX = "inbox"
    """Updates wait for their turn."""
    OUTBOX = "outbox"
    """Rows wait that no sender has claimed."""
    DUE = "due"
    """Something may have become due."""
    ERRAND = "errand"
    """A background job was asked for."""
    RELOAD = "reload"
    """Content and words are to be read again."""


def channel(signal: Signal) -> str:
    """Returns the signal's channel name on PostgreSQL."""
    return f"jalin_{signal}"


def leave_to_others(db: Session, signal: Signal) -> None:
    """Notes that this transaction leaves work behind: the process or part that does it is woken after the commit."""
    db.info.setdefault("left", set()).add(signal)
    db.info.setdefault("told", set()).add(signal)


def take_left(db: Session, signal: Signal) -> bool:
    """Returns whether this transaction left such work since the last time this was asked."""
    left: set[Signal] = db.info.get("left", set())
    found = signal in left
    left.discard(signal)
    return found


def something_due(db: Session) -> None:
    """Notes that this transaction may have made something due: the scheduler looks right after the commit."""
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
    path = sqlite_file(make_url(url))
    if path is not None:
        make_private_folder(path.parent)
        with suppress(OSError):  # SQLite reports the same when a connection is opened
            make_private_file(path)  # SQLite gives the same rights to the log and to its index
            for suffix in ("-wal", "-shm"):
                make_private(path.with_name(path.name + suffix))
    engine = create_engine(url, hide_parameters=True, connect_args={"check_same_thread": False, "timeout": 30})

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves: the driver's own begins too late
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'OFF'}")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA secure_delete=ON")  # what was deleted is written over with zeros
        connection.execute("PRAGMA busy_timeout=30000")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        # IMMEDIATE: a transaction that only reads first and writes later would fail with "database is locked"
        only_reads = connection.get_execution_options().get("only_reads", False)
        connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")

    return engine


# --- the schema -----------------------------------------------------------------------------------------------------


def migrate(url: str, to: str = "head") -> None:
    """Brings the database at `url` up to the revision `to`, while others go on using it.

    Where there is nothing to do, nobody is waited for, also if a newer version has migrated the database already:
    migrations only add, so the old version goes on serving, or serves again after a roll-back. On PostgreSQL this waits
    for a backup that is being made (at most QUEUE_SECONDS).
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
                # another process may have migrated while we waited for the lock
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
    """Runs the migrations up to `to` in the transaction of this connection (see `changing_schema`)."""
    from alembic import command

    config = _alembic()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


@contextmanager
def changing_schema(connection: Connection) -> Iterator[None]:
    """Opens a transaction for migrations beside a bot that serves.

    PostgreSQL: the lock of a table is waited for shortly only, because everybody who comes later waits behind it.
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
    """On PostgreSQL: holds the lock of migrations, so that nobody else migrates meanwhile. `shared`: several may hold
    the lock at once, who only want the schema to stay. Waiting for this lock holds up nobody who serves, as waiting for
    a table would."""
    lock = "pg_advisory_lock_shared" if shared else "pg_advisory_lock"
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"SET lock_timeout = '{QUEUE_SECONDS}s'"))
        connection.execute(text(f"SELECT {lock}(:key)"), {"key": MIGRATING})
        try:
            yield
        finally:
            connection.invalidate()  # ends the session: the lock and the time limit go with it


def known_revisions() -> list[str]:
    """Returns every revision this version of the code knows, the oldest first: they are numbered, and each file begins
    with its number."""
    return sorted(path.name[:4] for path in (Path(__file__).parent / "migrations" / "versions").glob("[0-9]*.py"))


def newest_revision() -> str:
    """Returns the revision this code is written for."""
    return known_revisions()[-1]


def is_newer(revision: str | None, known: Sequence[str]) -> bool:
    """Returns whether a revision comes from a newer version of the bot: they are numbered."""
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
    """Returns which database this is, for people: the file, or host and name; never a password."""
    read = make_url(url)
    if read.get_backend_name() == "sqlite":
        return read.database or "a database in memory"
    return URL.create(read.drivername, read.username, None, read.host, read.port, read.database).render_as_string()


def schema_revision(database: Database) -> str | None:
    """Returns the revision of the database's schema; None when it was never migrated."""
    with database.engine.connect() as connection:
        return revision_of(connection)


def revision_of(connection: Connection) -> str | None:
    """Returns the schema revision as this connection sees it in its transaction."""
    from sqlalchemy import inspect

    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
    return None if row is None else str(row[0])

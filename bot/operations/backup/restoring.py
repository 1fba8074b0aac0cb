"""Restores a database from a backup: all of it, or nothing."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Final

import psycopg
from sqlalchemy import Connection, false, func, insert, inspect, null, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from bot.capability import CapabilityData
from bot.database import (
    PATIENTLY,
    Base,
    Database,
    alone_migrating,
    changing_schema,
    is_newer,
    known_revisions,
    migrate,
    revision_of,
    upgrade,
)
from bot.operations.backup.archive import (
    DATABASE,
    TEMPORARY_PREFIX,
    BackupError,
    Note,
    kind_of,
    must_be_whole,
    read_note,
    reason_of,
    sqlite_path,
    sync_to_disk,
    unpack,
)
from bot.operations.backup.programs import program_path, running_program
from bot.operations.backup.reconciling import PORTION, Restored, Since, reconcile, what_was_refused
from bot.operations.leadership import SERVING
from bot.private_files import make_private_folder
from bot.report_views import drop_views, make_views

_NOT_DATA: Final = {"alembic_version", "clock_offset"}
_COPY: Final = re.compile(rb"COPY .* FROM stdin;\n")
_NO_LIMIT: Final = re.compile(rb"SET \w+_timeout = 0;\n")


def may_restore(url: str, file: Path) -> Note:
    """Returns the note of a backup that fits this database and this version of the bot. Raises BackupError."""
    note, kind, known = read_note(file), kind_of(url), known_revisions()
    if note.kind != kind == "sqlite":
        raise BackupError(f"{file}: is a backup of PostgreSQL, and DATABASE_URL names an SQLite file")
    if note.revision not in known:
        why = "a newer version" if is_newer(note.revision, known) else "another programme"
        raise BackupError(f"{file}: is from {why} (revision {note.revision}; this version knows up to {known[-1]})")
    if kind == "sqlite" and os.geteuid() == 0:
        folder = next(one for one in sqlite_path(url).absolute().parents if one.exists())
        if folder.stat().st_uid != 0:  # the bot could not write to what root leaves there
            raise BackupError(f"do this as the user whom {folder} belongs to: sudo -u {folder.owner()} ...")
    return note


def restore(
    url: str,
    file: Path,
    *,
    capabilities: Sequence[CapabilityData],
    replaces: bool = False,
    moving: bool = False,
) -> Restored:
    """Replaces the database at `url` by the backup, and migrates it to this version's schema: all of it, or nothing. A
    backup of an SQLite file can be restored into PostgreSQL, too: so the bot moves when it outgrows one process.

    `capabilities`: all of them; each forgets people who were erased since the backup. `replaces`: the data in the
    database may be deleted. `moving`: the bot was stopped before the backup was made, so messages that waited are still
    to be sent. Nobody may serve the database: the caller holds an SQLite file's lock, PostgreSQL's is taken here.
    Raises BackupError.
    """
    note = may_restore(url, file)
    bring_back = _restore_sqlite if kind_of(url) == "sqlite" else _restore_postgresql
    try:
        return bring_back(url, file, note, capabilities, replaces, moving)
    except (OSError, sqlite3.Error, psycopg.Error, SQLAlchemyError, RuntimeError) as problem:
        raise BackupError(f"nothing was restored or changed ({reason_of(problem)})") from None


def _restore_sqlite(
    url: str, file: Path, note: Note, capabilities: Sequence[CapabilityData], replaces: bool, moving: bool
) -> Restored:
    path = sqlite_path(url)
    make_private_folder(path.parent)
    since: Since | None = Since()
    if path.exists():
        try:
            with contextlib.closing(Database(url)) as old, old.engine.connect() as connection:
                _may_be_replaced(connection, replaces)
                since = what_was_refused(connection)
        except DBAPIError:  # it cannot be read: that may be why somebody restores
            if not replaces:
                raise BackupError(f"{path}: cannot be read; with --replace the backup takes its place") from None
            since = None
    with tempfile.TemporaryDirectory(prefix=TEMPORARY_PREFIX, dir=path.parent) as folder:
        fresh = Path(folder) / DATABASE["sqlite"]
        unpack(file, note, fresh)
        with contextlib.closing(sqlite3.connect(fresh)) as opened:
            must_be_whole(opened)
        migrate(f"sqlite:///{fresh}")
        with contextlib.closing(Database(f"sqlite:///{fresh}")) as database, database.transaction() as db:
            restored = reconcile(db, note, since, capabilities, moving)
        with contextlib.closing(sqlite3.connect(fresh)) as opened:
            opened.execute("PRAGMA journal_mode=DELETE")  # one file, with no log beside it
        if path.exists():
            _let_go(path)
            shutil.copymode(path, fresh)
        sync_to_disk(fresh)
        for beside in ("-wal", "-shm", "-journal"):  # a log of the old pages must never meet the new ones
            Path(f"{path}{beside}").unlink(missing_ok=True)
        fresh.replace(path)
        sync_to_disk(path.parent)
    return restored


def _let_go(path: Path) -> None:
    """Merges the old database's write-ahead log into its file, which is only possible when nobody has it open."""
    with contextlib.closing(sqlite3.connect(path, timeout=2)) as old:
        try:
            old.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError as problem:
            if problem.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise BackupError("DATABASE_URL: somebody has the database open; nothing was changed") from None
        except sqlite3.DatabaseError:
            pass  # not a database any more


def _restore_postgresql(
    url: str, file: Path, note: Note, capabilities: Sequence[CapabilityData], replaces: bool, moving: bool
) -> Restored:
    with (
        tempfile.TemporaryDirectory(prefix=TEMPORARY_PREFIX) as folder,
        contextlib.closing(Database(url)) as database,
        alone_migrating(database),
    ):
        unpacked = Path(folder) / DATABASE[note.kind]
        unpack(file, note, unpacked)
        with database.engine.connect() as connection, changing_schema(connection):
            if not connection.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": SERVING}).scalar():
                raise BackupError("DATABASE_URL: another process serves this database; stop it first")
            present = inspect(connection).get_table_names()
            ours = {*Base.metadata.tables, "alembic_version"}
            if foreign := sorted(set(present) - ours):
                raise BackupError(f"DATABASE_URL: there are tables that are not ours ({', '.join(foreign[:3])})")
            _may_be_replaced(connection, replaces)
            since = what_was_refused(connection)
            if present:
                drop_views(connection)
                connection.exec_driver_sql("DROP TABLE " + ", ".join(f'"{table}"' for table in present))
            (_copy_rows if note.kind == "sqlite" else _replay_dump)(connection, unpacked, note)
            make_views(connection)  # a backup holds tables alone
            with Session(connection, expire_on_commit=False) as db:
                restored = reconcile(db, note, since, capabilities, moving)
                db.commit()
    return restored


def _copy_rows(connection: Connection, unpacked: Path, note: Note) -> None:
    """Fills new tables with the rows of the SQLite database. PostgreSQL is stricter: where a text is too long for its
    column, or a reference refers to nothing, nothing is copied."""
    with contextlib.closing(sqlite3.connect(unpacked)) as opened:
        must_be_whole(opened)
    migrate(f"sqlite:///{unpacked}")
    upgrade(connection)
    with contextlib.closing(Database(f"sqlite:///{unpacked}")) as source, source.engine.connect() as reading:
        for table in Base.metadata.sorted_tables:
            found = reading.execution_options(stream_results=True).execute(select(table))
            for rows in found.mappings().partitions(PORTION):
                connection.execute(insert(table), [dict(row) for row in rows])
            number = table.autoincrement_column
            if number is not None:  # new rows go on after the highest
                highest = select(func.max(number)).scalar_subquery()
                sequence = func.pg_get_serial_sequence(f'"{table.name}"', number.name)
                connection.execute(select(func.setval(sequence, func.coalesce(highest, 0) + 1, false())))


def _replay_dump(connection: Connection, unpacked: Path, note: Note) -> None:
    """Runs what pg_restore writes on our own connection, so that it is one transaction with the migration and the
    rest."""
    command = [program_path("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(unpacked)]
    with running_program(command, unpacked.parent, {}) as script:
        _replay(connection, script)
    connection.exec_driver_sql("RESET ALL")
    connection.exec_driver_sql(PATIENTLY)
    if revision_of(connection) != note.revision:
        raise BackupError("DATABASE_URL: its search_path does not name the schema of the backup")
    upgrade(connection)


def _replay(connection: Connection, script: IO[bytes]) -> None:
    """Runs a script: statements, and between them the rows of a table after its COPY."""
    driver: Any = connection.connection.driver_connection
    statements = bytearray()
    with driver.cursor() as cursor:
        for line in script:
            if _COPY.fullmatch(line):
                cursor.execute(bytes(statements))
                statements.clear()
                with cursor.copy(line.rstrip(b";\n")) as copy:
                    for row in script:
                        if row == b"\\.\n":
                            break
                        copy.write(row)
            elif not line.startswith(b"\\") and not _NO_LIMIT.fullmatch(line):
                # left out: commands for psql, and the lifting of time limits that an older server may not know
                statements += line
        cursor.execute(bytes(statements))


def _may_be_replaced(connection: Connection, replaces: bool) -> None:
    """Raises BackupError if the database has data and the caller did not say that they may go."""
    if replaces:
        return
    present = set(inspect(connection).get_table_names())
    for name, table in Base.metadata.tables.items():
        if name in present - _NOT_DATA and connection.execute(select(null()).select_from(table).limit(1)).first():
            raise BackupError("DATABASE_URL: there are data in this database; --replace puts the backup in their place")

"""Makes a backup, and removes old ones in the same folder."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import sqlite3
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError

from bot.database import Database, alone_migrating, schema_revision
from bot.operations.backup.archive import (
    CHUNK,
    DATABASE,
    FORMAT,
    NOTE,
    TEMPORARY_PREFIX,
    BackupError,
    Note,
    kind_of,
    must_be_whole,
    reason_of,
    sqlite_path,
    sync_to_disk,
)
from bot.operations.backup.programs import libpq_connection, program_path, running_program
from bot.operations.encryption import ENDING, encrypting
from bot.private_files import make_private_folder

KEEP_DAYS: Final = 34
"""How many days backups in a folder are kept. The notice of deletion promises people 35 days, and a backup that is not
removed tonight is a day older at the next look."""
HALF_A_NIGHT: Final = timedelta(hours=12)
"""Subtracted from the age limit, because backups are not made exactly a day apart: their age counts in whole nights."""
LEFT_OVER_SECONDS: Final = 86_400.0
"""Unfinished backups of a killed process are removed when they are older than this."""
_DATED: Final = re.compile(r"jalin-(\d{8}T\d{6}Z)\.zip(?:\.age)?")
_STAMP: Final = "%Y%m%dT%H%M%SZ"


def make(url: str, file: Path, recipients: Sequence[str] = ()) -> Note:
    """Backs up the database at `url` into a new file, readable by its owner alone. The bot may serve meanwhile.

    `recipients`: public keys, for which the backup is encrypted. On SQLite a whole copy of the database is made first:
    beside `file`, or, if only encrypted files may lie there, beside the database. Raises BackupError; then no file is
    left.
    """
    if file.exists():
        raise BackupError(f"{file}: there is such a file already")
    pack = _pack_sqlite if kind_of(url) == "sqlite" else _pack_postgresql
    try:
        with (
            tempfile.TemporaryDirectory(prefix=TEMPORARY_PREFIX, dir=file.parent) as folder,
            _room_for_copy(url, Path(folder), recipients) as room,
        ):
            part = Path(folder) / "part.zip"
            written = encrypting(part, recipients) if recipients else part.open("xb")
            with (
                written as stream,
                zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
            ):
                note = pack(url, archive, room)
                archive.writestr(
                    NOTE, json.dumps(asdict(note) | {"format": FORMAT, "made_at": note.made_at.isoformat()})
                )
            part.chmod(0o600)
            sync_to_disk(part)
            part.rename(file)
            sync_to_disk(file.parent)
    except (OSError, sqlite3.Error, SQLAlchemyError) as problem:
        raise BackupError(f"the backup could not be made ({reason_of(problem)}); no file was left behind") from None
    return note


@contextlib.contextmanager
def _room_for_copy(url: str, folder: Path, recipients: Sequence[str]) -> Iterator[Path]:
    """Yields the folder in which the unencrypted copy may lie while the backup is being made."""
    if not recipients or kind_of(url) != "sqlite":
        yield folder
        return
    beside = sqlite_path(url).absolute().parent
    _remove_left_over(beside)
    with tempfile.TemporaryDirectory(prefix=TEMPORARY_PREFIX, dir=beside) as room:
        yield Path(room)


def make_dated(
    url: str, folder: Path, keep_days: int = KEEP_DAYS, recipients: Sequence[str] = ()
) -> tuple[Path, Note, list[Path]]:
    """Backs up into `folder` under today's name, and removes backups that are `keep_days` nights old or older. Other
    files stay.

    The old ones are removed even if the new backup fails: people were promised so. Raises BackupError in either case.
    """
    try:
        make_private_folder(folder)
    except OSError as problem:
        raise BackupError(f"{folder}: cannot be made ({reason_of(problem)})") from None
    now = datetime.now(UTC)
    file = folder / f"jalin-{now.strftime(_STAMP)}.zip{ENDING if recipients else ''}"
    try:
        note = make(url, file, recipients)
    finally:
        old = _remove_old(folder, now, timedelta(days=keep_days) - HALF_A_NIGHT)
    return file, note, old


def _remove_old(folder: Path, now: datetime, age: timedelta) -> list[Path]:
    try:
        old = [path for path in sorted(folder.iterdir()) if _age(path, now) > age]
        for path in old:
            path.unlink(missing_ok=True)
    except OSError as problem:
        raise BackupError(f"{folder}: old backups could not be removed ({reason_of(problem)})") from None
    _remove_left_over(folder)
    return old


def _remove_left_over(folder: Path) -> None:
    for path in folder.glob(f"{TEMPORARY_PREFIX}*"):
        if time.time() - path.stat().st_mtime > LEFT_OVER_SECONDS:
            shutil.rmtree(path, ignore_errors=True)


def _age(path: Path, now: datetime) -> timedelta:
    """Returns a backup's age by its name, because copying a file gives it a new date."""
    dated = _DATED.fullmatch(path.name)
    return now - datetime.strptime(dated[1], _STAMP).replace(tzinfo=UTC) if dated else timedelta(0)


def _pack_sqlite(url: str, archive: zipfile.ZipFile, folder: Path) -> Note:
    source, copy = sqlite_path(url), folder / DATABASE["sqlite"]
    if not source.exists():
        raise BackupError(f"DATABASE_URL: there is no database at {source}")
    # Opened to read and write, for only so can a log be read that nobody else has open. All pages in one step: one
    # look at one moment, during which others write on; in several steps it would begin anew at each commit.
    with (
        contextlib.closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=rw", uri=True, timeout=30)) as opened,
        contextlib.closing(sqlite3.connect(copy)) as target,
    ):
        opened.backup(target)
        made_at = datetime.now(UTC)
        target.execute("PRAGMA journal_mode=DELETE")
        must_be_whole(target)
        try:
            revision = target.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError:
            revision = None
    if revision is None:
        raise BackupError(f"DATABASE_URL: {source} is no database of the bot's")
    archive.write(copy, DATABASE["sqlite"])
    return Note("sqlite", str(revision[0]), made_at)


def _pack_postgresql(url: str, archive: zipfile.ZipFile, folder: Path) -> Note:
    with contextlib.closing(Database(url)) as database, alone_migrating(database, shared=True):
        revision = schema_revision(database)
        if revision is None:
            raise BackupError("DATABASE_URL: there are no tables of the bot's in this database")
        with database.engine.connect() as connection:
            look = inspect(connection)
            schema = look.default_schema_name
            tables = [f'--table="{schema}"."{table}"' for table in look.get_table_names()]
        connection_string, environment = libpq_connection(database)
        command = [
            program_path("pg_dump"), "--format=custom", "--no-owner", "--no-privileges", "--no-password",
            "--compress=0",  # the archive does that
            "--lock-wait-timeout=60s", *tables, f"--dbname={connection_string}",
        ]  # fmt: skip
        info = zipfile.ZipInfo(DATABASE["postgresql"], date_time=time.gmtime()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED
        with (
            running_program(command, folder, environment) as dump,
            archive.open(info, "w", force_zip64=True) as packed,
        ):
            shutil.copyfileobj(dump, packed, CHUNK)
    return Note("postgresql", revision, datetime.now(UTC))

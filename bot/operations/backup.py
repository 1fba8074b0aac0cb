"""Backups of either database, made while the bot serves, and the way back from one.

A backup is a .zip with two files in it: `jalin.sqlite` (a whole SQLite database) or `jalin.pgdump` (what pg_dump writes
in its custom format), and `note.json`, which says what it is. Without the bot, unzip and the database's own programs
read it. Its checksums tell one that was cut off or damaged, before anything is touched.

A restored database is a past that people have lived on from. So that nobody is told what is long over, or told twice:

- Replies that waited are dropped, and so are reminders and other notices that could have gone out before the backup
  was made: they went out a moment later. Their reason in the ledger is `restored`.
- An announcement that waited becomes `unknown`, as at a crash: its author sees how many, and may send it again. One
  that was put down for a moment which has passed meanwhile is called off.
- What is held for a later moment stays, and so do undone updates and jobs: nobody else will do them. A reminder
  that came due between backup and restore may be heard twice; dropping it could mean that nobody hears it.
- Where the replaced database can still be read, a no that was said there since stays a no: who had their data deleted,
  stopped the messages or withdrew a consent does not find that undone. From a lost disk nobody can know.

`moving` says that the bot has been stopped since the backup: then everything that waits is still to be said.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, Final, Literal, NoReturn

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, and_, case, false, func, insert, inspect, null, or_, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session, aliased

from bot.capability import CapabilityData
from bot.clock import kept_offset
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
    schema_revision,
    upgrade,
)
from bot.delivery.outbox import OutboxRow, Status
from bot.operations.leadership import SERVING
from bot.people.people import Account, Consent, Person, Purpose
from bot.people.quiet_hours import Kind
from bot.programme import privacy
from bot.programme.broadcasts import Broadcast, BroadcastStatus

KEEP_DAYS: Final = 34
"""How old backups in a folder become. The notice of deletion promises people 35 days, and what is not removed tonight
is a day older when we look again."""
HALF_A_NIGHT: Final = timedelta(hours=12)
"""Nobody's nights are of exactly a day: ages are told in whole nights."""
RESTORED: Final = "restored"
NOTE: Final = "note.json"
DATABASE: Final = {"sqlite": "jalin.sqlite", "postgresql": "jalin.pgdump"}
FORMAT: Final = 1
CHUNK: Final = 1 << 20
PORTION: Final = 500
LEFT_OVER_SECONDS: Final = 86_400.0
"""Half-made backups of a process that was killed are removed when they are so old."""
_DATED: Final = re.compile(r"jalin-(\d{8}T\d{6}Z)\.zip")
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_PART: Final = ".jalin-backup-"
_NOT_DATA: Final = {"alembic_version", "clock_offset"}
_COPY: Final = re.compile(rb"COPY .* FROM stdin;\n")
_NO_LIMIT: Final = re.compile(rb"SET \w+_timeout = 0;\n")

Kept = Literal["sqlite", "postgresql"]


class BackupError(Exception):
    """One line for the person at the terminal."""


@dataclass(frozen=True)
class Note:
    """What a backup says of itself. `made_at` is real time, UTC."""

    kind: Kept
    revision: str
    made_at: datetime


@dataclass(frozen=True)
class Restored:
    """What was brought back, and what was decided about its past (see above)."""

    note: Note
    dropped: int = 0
    unknown: int = 0
    called_off: int = 0
    erased: int = 0
    stopped: int = 0
    withdrawn: int = 0
    unread: bool = False
    """The database that was replaced could not be read: nobody knows who said no since."""


@dataclass
class Since:
    """The no's that stand in the database that is replaced. Persons are known by id and by when they came."""

    erased: set[tuple[int, datetime]] = field(default_factory=set)
    stopped: set[int] = field(default_factory=set)
    """Telegram ids."""
    withdrawn: dict[tuple[int, datetime, str], tuple[str, str]] = field(default_factory=dict)
    """Person and purpose -> version and language of the text the no was said to."""


# --- making ---------------------------------------------------------------------------------------------------------


def make(url: str, file: Path) -> Note:
    """Back up the database at `url` into a new file, readable by its owner alone. The bot may serve meanwhile.

    On SQLite it takes room for a whole copy of the database beside `file` while it is being made. Raises BackupError;
    then no file is there.
    """
    if file.exists():
        raise BackupError(f"{file}: there is such a file already")
    pack = _pack_sqlite if _kind(url) == "sqlite" else _pack_postgresql
    try:
        with tempfile.TemporaryDirectory(prefix=_PART, dir=file.parent) as folder:
            part = Path(folder) / "part.zip"
            with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                note = pack(url, archive, Path(folder))
                archive.writestr(
                    NOTE, json.dumps(asdict(note) | {"format": FORMAT, "made_at": note.made_at.isoformat()})
                )
            part.chmod(0o600)
            _sync(part)
            part.rename(file)
            _sync(file.parent)
    except (OSError, sqlite3.Error, SQLAlchemyError) as problem:
        raise BackupError(f"the backup could not be made ({_reason(problem)}); no file was left behind") from None
    return note


def make_dated(url: str, folder: Path, keep_days: int = KEEP_DAYS) -> tuple[Path, Note, list[Path]]:
    """Back up into `folder` under today's name, and remove such files of `keep_days` nights and more. Other files stay.

    The old ones go even if there is no new one: people were promised so. Raises BackupError in either case.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise BackupError(f"{folder}: cannot be made ({_reason(problem)})") from None
    now = datetime.now(UTC)
    file = folder / f"jalin-{now.strftime(_STAMP)}.zip"
    try:
        note = make(url, file)
    finally:
        old = _remove_old(folder, now, timedelta(days=keep_days) - HALF_A_NIGHT)
    return file, note, old


def _remove_old(folder: Path, now: datetime, age: timedelta) -> list[Path]:
    try:
        old = [path for path in sorted(folder.iterdir()) if _age(path, now) > age]
        for path in old:
            path.unlink(missing_ok=True)
    except OSError as problem:
        raise BackupError(f"{folder}: old backups could not be removed ({_reason(problem)})") from None
    for path in folder.glob(f"{_PART}*"):
        if time.time() - path.stat().st_mtime > LEFT_OVER_SECONDS:
            shutil.rmtree(path, ignore_errors=True)
    return old


def _age(path: Path, now: datetime) -> timedelta:
    """By the name: copying a file somewhere gives it a new date."""
    dated = _DATED.fullmatch(path.name)
    return now - datetime.strptime(dated[1], _STAMP).replace(tzinfo=UTC) if dated else timedelta(0)


def _pack_sqlite(url: str, archive: zipfile.ZipFile, folder: Path) -> Note:
    source, copy = _path(url), folder / DATABASE["sqlite"]
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
        _must_be_whole(target)
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
        connection_string, environment = _connection_of(database)
        command = [
            _program("pg_dump"), "--format=custom", "--no-owner", "--no-privileges", "--no-password",
            "--compress=0",  # the archive does that
            "--lock-wait-timeout=60s", *tables, f"--dbname={connection_string}",
        ]  # fmt: skip
        info = zipfile.ZipInfo(DATABASE["postgresql"], date_time=time.gmtime()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED
        with (
            _running(command, folder, environment) as dump,
            archive.open(info, "w", force_zip64=True) as packed,
        ):
            shutil.copyfileobj(dump, packed, CHUNK)
    return Note("postgresql", revision, datetime.now(UTC))


# --- bringing back --------------------------------------------------------------------------------------------------


def read_note(file: Path) -> Note:
    """What the backup says of itself. Raises BackupError where it is none, or was cut off."""
    with _opened(file) as archive:
        try:
            said = json.loads(archive.read(NOTE))
            note = Note(said["kind"], str(said["revision"]), datetime.fromisoformat(said["made_at"]))
            if said["format"] != FORMAT or DATABASE[note.kind] not in archive.namelist():
                raise ValueError
        except (KeyError, TypeError, ValueError):
            _no_backup(file)
    return note


def may_restore(url: str, file: Path) -> Note:
    """Whether this backup fits this database and this version of the bot. Raises BackupError."""
    note, kind, known = read_note(file), _kind(url), known_revisions()
    if note.kind != kind == "sqlite":
        raise BackupError(f"{file}: is a backup of PostgreSQL, and DATABASE_URL names an SQLite file")
    if note.revision not in known:
        why = "a newer version" if is_newer(note.revision, known) else "another programme"
        raise BackupError(f"{file}: is from {why} (revision {note.revision}; this version knows up to {known[-1]})")
    if kind == "sqlite" and os.geteuid() == 0:
        folder = next(one for one in _path(url).absolute().parents if one.exists())
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
    """Put the database at `url` back to what it was in the backup, and bring it to this version's form. A backup of an
    SQLite file fits PostgreSQL, too: so the bot moves when it outgrows one process.

    All of it, or nothing. `capabilities`: all of them; each forgets whoever was erased since. `replaces`: what is there
    now goes. `moving`: see above. Nobody may serve the database: an SQLite file's lock is held by the caller,
    PostgreSQL's is taken here. Raises BackupError.
    """
    note = may_restore(url, file)
    bring_back = _restore_sqlite if _kind(url) == "sqlite" else _restore_postgresql
    try:
        return bring_back(url, file, note, capabilities, replaces, moving)
    except (OSError, sqlite3.Error, psycopg.Error, SQLAlchemyError, RuntimeError) as problem:
        raise BackupError(f"nothing was restored or changed ({_reason(problem)})") from None


def decided(done: Restored) -> list[str]:
    """What was decided about the past, for the person at the terminal."""
    found = (
        (done.dropped, "messages that waited then are not said any more"),
        (done.unknown, "copies of announcements are unknown now: /pengumuman tells of them and can send them again"),
        (done.called_off, "announcements whose moment has passed are called off; their authors are not told"),
        (done.erased, "people who had their data deleted since are forgotten again"),
        (done.stopped, "phones that stopped the messages since stay silent"),
        (done.withdrawn, "consents that were withdrawn since are withdrawn again"),
    )
    lines = [f"{number} {what}" for number, what in found if number]
    if done.unread:
        lines.append("the old database could not be read: a no that was said since the backup is not known any more")
    return lines


def _restore_sqlite(
    url: str, file: Path, note: Note, capabilities: Sequence[CapabilityData], replaces: bool, moving: bool
) -> Restored:
    path = _path(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    since: Since | None = Since()
    if path.exists():
        try:
            with contextlib.closing(Database(url)) as old, old.engine.connect() as connection:
                _may_be_replaced(connection, replaces)
                since = _what_was_refused(connection)
        except DBAPIError:  # it cannot be read: that may be why somebody restores
            if not replaces:
                raise BackupError(f"{path}: cannot be read; with --replace the backup takes its place") from None
            since = None
    with tempfile.TemporaryDirectory(prefix=_PART, dir=path.parent) as folder:
        fresh = Path(folder) / DATABASE["sqlite"]
        _unpack(file, note, fresh)
        with contextlib.closing(sqlite3.connect(fresh)) as opened:
            _must_be_whole(opened)
        migrate(f"sqlite:///{fresh}")
        with contextlib.closing(Database(f"sqlite:///{fresh}")) as database, database.transaction() as db:
            restored = _reconcile(db, note, since, capabilities, moving)
        with contextlib.closing(sqlite3.connect(fresh)) as opened:
            opened.execute("PRAGMA journal_mode=DELETE")  # one file, with no log beside it
        if path.exists():
            _let_go(path)
            shutil.copymode(path, fresh)
        _sync(fresh)
        for beside in ("-wal", "-shm", "-journal"):  # a log of the old pages must never meet the new ones
            Path(f"{path}{beside}").unlink(missing_ok=True)
        fresh.replace(path)
        _sync(path.parent)
    return restored


def _let_go(path: Path) -> None:
    """Take the old database's log into it, which is only possible when nobody has it open."""
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
        tempfile.TemporaryDirectory(prefix=_PART) as folder,
        contextlib.closing(Database(url)) as database,
        alone_migrating(database),
    ):
        unpacked = Path(folder) / DATABASE[note.kind]
        _unpack(file, note, unpacked)
        with database.engine.connect() as connection, changing_schema(connection):
            if not connection.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": SERVING}).scalar():
                raise BackupError("DATABASE_URL: another process serves this database; stop it first")
            present = inspect(connection).get_table_names()
            ours = {*Base.metadata.tables, "alembic_version"}
            if foreign := sorted(set(present) - ours):
                raise BackupError(f"DATABASE_URL: there are tables that are not ours ({', '.join(foreign[:3])})")
            _may_be_replaced(connection, replaces)
            since = _what_was_refused(connection)
            if present:
                connection.exec_driver_sql("DROP TABLE " + ", ".join(f'"{table}"' for table in present))
            (_copy_rows if note.kind == "sqlite" else _replay_dump)(connection, unpacked, note)
            with Session(connection, expire_on_commit=False) as db:
                restored = _reconcile(db, note, since, capabilities, moving)
                db.commit()
    return restored


def _copy_rows(connection: Connection, unpacked: Path, note: Note) -> None:
    """Fill new tables with what stands in the SQLite database. PostgreSQL looks more closely: where a text is too long
    for its column, or a reference refers to nothing, nothing is copied."""
    with contextlib.closing(sqlite3.connect(unpacked)) as opened:
        _must_be_whole(opened)
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
    """Run what pg_restore writes on our own connection: so it is one transaction with the migration and the rest."""
    command = [_program("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(unpacked)]
    with _running(command, unpacked.parent, {}) as script:
        _replay(connection, script)
    connection.exec_driver_sql("RESET ALL")
    connection.exec_driver_sql(PATIENTLY)
    if revision_of(connection) != note.revision:
        raise BackupError("DATABASE_URL: its search_path does not name the schema of the backup")
    upgrade(connection)


def _replay(connection: Connection, script: IO[bytes]) -> None:
    """Run a script: statements, and between them the rows of a table after its COPY."""
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
                # left out: words for psql, and taking off time limits, not all of which an older server knows
                statements += line
        cursor.execute(bytes(statements))


def _may_be_replaced(connection: Connection, replaces: bool) -> None:
    """Raises BackupError where there are data and nobody said that they may go."""
    if replaces:
        return
    present = set(inspect(connection).get_table_names())
    for name, table in Base.metadata.tables.items():
        if name in present - _NOT_DATA and connection.execute(select(null()).select_from(table).limit(1)).first():
            raise BackupError("DATABASE_URL: there are data in this database; --replace puts the backup in their place")


# --- the past -------------------------------------------------------------------------------------------------------


def _what_was_refused(connection: Connection) -> Since:
    """The no's in the database that is about to go. An older or newer form of it has these columns, too."""
    if not {"person", "account", "consent"} <= set(inspect(connection).get_table_names()):
        return Since()
    person, consent = Person.__table__.c, Consent.__table__.c
    came = _came().scalar_subquery()
    erased = connection.execute(select(person.id, came).where(person.anonymised_at.is_not(None)))
    stopped = connection.execute(select(Account.telegram_id).where(Account.stopped_at.is_not(None)))
    latest = select(func.max(consent.id)).group_by(consent.person_id, consent.purpose)
    no = connection.execute(
        select(person.id, came, consent.purpose, consent.text_version, consent.language)
        .join(Consent.__table__, consent.person_id == person.id)
        .where(consent.id.in_(latest), consent.given.is_(False))
    )
    return Since(
        {(row[0], row[1]) for row in erased if row[1] is not None},
        {row[0] for row in stopped},
        {(row[0], row[1], row[2]): (row[3], row[4]) for row in no if row[1] is not None},
    )


def _came() -> Any:
    """When somebody first answered: with the id it says who a person is. Ids alone begin anew in each database."""
    first = aliased(Consent)
    return select(func.min(first.at)).where(first.person_id == Person.id).correlate(Person)


def _reconcile(
    db: Session, note: Note, since: Since | None, capabilities: Sequence[CapabilityData], moving: bool
) -> Restored:
    """Everything that has to be decided about a past, in the transaction that brings it back. `since` None: what was
    replaced could not be read."""
    restored = Restored(note, unread=since is None)
    now = datetime.now(UTC) + (offset := kept_offset(db))
    if not moving:
        restored = _silence(db, restored, note.made_at + offset, now)
    return restored if since is None else _refuse_again(db, restored, since, capabilities, now)


def _silence(db: Session, restored: Restored, made_at: datetime, now: datetime) -> Restored:
    """Close what people have heard by now, or need not hear any more."""
    row = OutboxRow
    waits = row.status.in_((Status.WAITING, Status.CLAIMED))
    copy = and_(row.kind == Kind.ANNOUNCEMENT, row.edits.is_(None))
    held_beyond = and_(row.status == Status.WAITING, row.not_before.is_not(None))
    unknown = _count(
        db.execute(
            update(row)
            .where(waits, copy, ~and_(held_beyond, row.not_before > now))
            .values(status=Status.UNKNOWN, reason=RESTORED, lease_until=None)
        )
    )
    # an edit of an announcement does no harm twice: it stays
    others = and_(waits, row.kind != Kind.ANNOUNCEMENT)
    dropped = _count(
        db.execute(
            update(row)
            .where(others, or_(row.kind == Kind.REPLY, ~and_(held_beyond, row.not_before > made_at)))
            .values(
                status=Status.DROPPED,
                reason=RESTORED,
                lease_until=None,
                # a reply that never comes is of no use to anybody, and may have been a secret
                message=case((row.kind == Kind.REPLY, null()), else_=row.message),
            )
        )
    )
    called_off = _count(
        db.execute(
            update(Broadcast)
            .where(Broadcast.status == BroadcastStatus.SCHEDULED, Broadcast.due_at <= now)
            .values(status=BroadcastStatus.DISCARDED)
        )
    )
    return replace(restored, unknown=unknown, dropped=dropped, called_off=called_off)


def _refuse_again(
    db: Session, restored: Restored, since: Since, capabilities: Sequence[CapabilityData], now: datetime
) -> Restored:
    """Whoever said no since the backup has said no."""
    erased = stopped = withdrawn = 0
    people = select(Person, Account, _came().scalar_subquery()).join(Account, Account.id == Person.account_id)
    people = people.where(Person.anonymised_at.is_(None))
    wanted = sorted({one[0] for one in since.erased} | {one[0] for one in since.withdrawn})
    for few in _portions(wanted):
        for person, account, came in db.execute(people.where(Person.id.in_(few))).unique().all():
            if (person.id, came) in since.erased:
                privacy.erase(db, account, person, now, capabilities)
                erased += 1
                continue
            for purpose in Purpose:
                said = since.withdrawn.get((person.id, came, purpose))
                if said and getattr(person, f"consent_{purpose}"):
                    privacy.answer_consent(
                        db, person, purpose, given=False, text_version=said[0], language=said[1], now=now
                    )
                    withdrawn += 1
        db.flush()
    for few in _portions(sorted(since.stopped)):
        query = select(Account).where(Account.telegram_id.in_(few), Account.stopped_at.is_(None))
        for account in db.scalars(query).unique().all():
            privacy.stop(db, account, now)
            stopped += 1
        db.flush()
    return replace(restored, erased=erased, stopped=stopped, withdrawn=withdrawn)


def _portions(ids: list[int]) -> Iterator[list[int]]:
    return (ids[start : start + PORTION] for start in range(0, len(ids), PORTION))


def _count(result: Any) -> int:
    return int(result.rowcount)


# --- files and programs ---------------------------------------------------------------------------------------------


def _kind(url: str) -> Kept:
    return "sqlite" if make_url(url).get_backend_name() == "sqlite" else "postgresql"


def _path(url: str) -> Path:
    path = make_url(url).database
    if not path or path == ":memory:":
        raise BackupError("DATABASE_URL: names no file")
    return Path(path)


def _must_be_whole(database: sqlite3.Connection) -> None:
    found = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise BackupError("the database is damaged (PRAGMA integrity_check finds faults)")


def _no_backup(file: Path) -> NoReturn:
    raise BackupError(f"{file}: is no backup of the bot's, or was cut off or damaged") from None


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        opened = file.open("rb")
    except OSError as problem:
        raise BackupError(f"{file}: cannot be read ({_reason(problem)})") from None
    with opened:
        try:
            with zipfile.ZipFile(opened) as archive:
                yield archive
        except (zipfile.BadZipFile, zlib.error, EOFError):
            _no_backup(file)


def _unpack(file: Path, note: Note, to: Path) -> None:
    """Reading to the end checks every byte against the checksum, before anything is done with them."""
    with _opened(file) as archive, archive.open(DATABASE[note.kind]) as packed, to.open("xb") as unpacked:
        to.chmod(0o600)
        shutil.copyfileobj(packed, unpacked, CHUNK)


def _sync(path: Path) -> None:
    """See that a file (or a folder's list of files) has reached the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _program(name: str) -> str:
    """PostgreSQL's own program. The newest first: pg_dump must be as new as the server."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    for path in (folder / name for folder in folders):
        if os.access(path, os.X_OK):
            return str(path)
    if found := shutil.which(name):
        return found
    raise BackupError(f"{name} is needed and not here: on Debian, apt install postgresql-client")


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", folder.parent.name))


def _connection_of(database: Database) -> tuple[str, dict[str, str]]:
    """How libpq's programs reach the database; the password goes by the environment, where nobody else can see it."""
    _, given = database.engine.dialect.create_connect_args(database.url)
    password = given.pop("password", None)
    # among what is given to the driver is something that is no word of libpq's
    words: dict[str, Any] = {name: value for name, value in given.items() if isinstance(value, (str, int))}
    return make_conninfo(**words), {"PGPASSWORD": str(password)} if password else {}


@contextlib.contextmanager
def _running(command: list[str], folder: Path, environment: dict[str, str]) -> Iterator[IO[bytes]]:
    """What the program writes. At the end it must have done its work: BackupError with its own words otherwise."""
    with (folder / "errors").open("w+b") as errors:
        process = subprocess.Popen(  # noqa: S603 - PostgreSQL's program, our own arguments
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, env=os.environ | environment
        )
        try:
            assert process.stdout is not None
            with process.stdout:
                yield process.stdout
            code = process.wait()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if code != 0:
            errors.seek(0)
            lines = errors.read(4000).decode(errors="replace").splitlines()
            said = lines[0] if lines else f"ended with {code}"
            raise BackupError(f"{said.removeprefix(Path(command[0]).name + ': ')} ({Path(command[0]).name})")


def _reason(problem: BaseException) -> str:
    """What went wrong, without anything that stood in a row."""
    cause = getattr(problem, "orig", None) or problem
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    if isinstance(cause, (sqlite3.Error, RuntimeError)):
        return str(cause)
    return type(cause).__name__

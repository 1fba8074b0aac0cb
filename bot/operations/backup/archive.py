"""The file of a backup: what it holds, its note, and how it is opened, checked and unpacked."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, NoReturn

from sqlalchemy.engine import make_url

from bot.database_trouble import why
from bot.operations.encryption import ENDING, DamagedError, NotDecryptedError, decrypt, is_encrypted

NOTE: Final = "note.json"
DATABASE: Final = {"sqlite": "jalin.sqlite", "postgresql": "jalin.pgdump"}
FORMAT: Final = 1
CHUNK: Final = 1 << 20
TEMPORARY_PREFIX: Final = ".jalin-backup-"

Kept = Literal["sqlite", "postgresql"]


class BackupError(Exception):
    """One line for the person at the terminal."""


@dataclass(frozen=True)
class Note:
    """What is written in a backup about it. `made_at` is real time, UTC."""

    kind: Kept
    revision: str
    made_at: datetime


@contextlib.contextmanager
def readable(file: Path, identity: Path | None) -> Iterator[Path]:
    """Yields the backup itself, or its decrypted content in a temporary folder that only the owner may read and that is
    deleted after the block. `identity`: the file with the secret key. Raises BackupError."""
    try:
        encrypted = is_encrypted(file)
    except OSError as problem:
        raise BackupError(f"{file}: cannot be read ({reason_of(problem)})") from None
    if not encrypted:
        yield file
        return
    if identity is None:
        raise BackupError(f"{file}: is encrypted; say where the key is: --identity FILE")
    with tempfile.TemporaryDirectory(prefix=TEMPORARY_PREFIX) as folder:
        plain = Path(folder) / file.name.removesuffix(ENDING)
        try:
            decrypt(file, identity, plain)
        except NotDecryptedError as problem:
            raise BackupError(f"{file}: {problem}") from None
        except DamagedError:
            raise_no_backup(file)
        except OSError as problem:
            raise BackupError(f"nothing was restored or changed ({reason_of(problem)})") from None
        yield plain


def read_note(file: Path) -> Note:
    """Returns the note in the backup. Raises BackupError for a file that is no backup, or was cut off."""
    with opened_archive(file) as archive:
        try:
            said = json.loads(archive.read(NOTE))
            note = Note(said["kind"], str(said["revision"]), datetime.fromisoformat(said["made_at"]))
            if said["format"] != FORMAT or DATABASE[note.kind] not in archive.namelist():
                raise ValueError
        except (KeyError, TypeError, ValueError):
            raise_no_backup(file)
    return note


def kind_of(url: str) -> Kept:
    return "sqlite" if make_url(url).get_backend_name() == "sqlite" else "postgresql"


def sqlite_path(url: str) -> Path:
    path = make_url(url).database
    if not path or path == ":memory:":
        raise BackupError("DATABASE_URL: names no file")
    return Path(path)


def must_be_whole(database: sqlite3.Connection) -> None:
    found = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise BackupError("the database is damaged (PRAGMA integrity_check finds faults)")


def raise_no_backup(file: Path) -> NoReturn:
    raise BackupError(f"{file}: is no backup of the bot's, or was cut off or damaged") from None


@contextlib.contextmanager
def opened_archive(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        opened = file.open("rb")
    except OSError as problem:
        raise BackupError(f"{file}: cannot be read ({reason_of(problem)})") from None
    with opened:
        try:
            with zipfile.ZipFile(opened) as archive:
                yield archive
        except (zipfile.BadZipFile, zlib.error, EOFError):
            raise_no_backup(file)


def unpack(file: Path, note: Note, to: Path) -> None:
    """Unpacks the database. Reading to the end checks every byte against the checksum, before anything is done with
    it."""
    with opened_archive(file) as archive, archive.open(DATABASE[note.kind]) as packed, to.open("xb") as unpacked:
        to.chmod(0o600)
        shutil.copyfileobj(packed, unpacked, CHUNK)


def sync_to_disk(path: Path) -> None:
    """Waits until a file (or a folder's list of files) has reached the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def reason_of(problem: BaseException) -> str:
    """Returns what went wrong, without anything that stood in a row."""
    cause = getattr(problem, "orig", None) or problem
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    said = isinstance(cause, sqlite3.Error) and not getattr(cause, "sqlite_errorname", None)
    return str(cause) if said or isinstance(cause, RuntimeError) else str(why(problem))

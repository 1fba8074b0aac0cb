"""An SQLite database as a file: locked by one process alone, and watched while it serves.

A file can be removed while a process has it open: the process notices nothing, and the data are gone at its next start.
So every few seconds it is checked whether the path still leads to the open file. And the write-ahead log is emptied now
and then: otherwise what people had deleted would stay in it until it is overwritten.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import structlog

from bot.database import Database
from bot.private_files import FILE_MODE, make_private_file, make_private_folder

log = structlog.get_logger("database")

LOOK_SECONDS: Final = 2.0
LOG_LOOKS: Final = 3
"""The log is emptied at each such look, if something stands in it."""

GONE: Final = "gone"
REPLACED: Final = "replaced"
SHARED: Final = "served by another process, too"


class ServedAlreadyError(Exception):
    """Another process holds this file."""


class HeldFile:
    """This process's lock on an SQLite file, as long as the process lives: on `path` and on the file `path`.lock beside
    it.

    Every version of the bot locks the lock file, also where there is no database yet. On Linux the database itself is
    locked, too, so that removing the lock file lets nobody in. (There this lock and SQLite's own do not affect each
    other. On other systems they may.)
    """

    def __init__(self, path: Path, *, makes: bool = True) -> None:
        """`makes`: an empty database where there is none. Raises ServedAlreadyError, or OSError where nothing can be
        written there."""
        self.path = path
        self._lock_path = path.with_name(f"{path.name}.lock")
        make_private_folder(path.parent)
        self._lock = _locked(self._lock_path)
        self._database: int | None = None
        if sys.platform == "linux" and (makes or path.exists()):
            try:
                self._database = _locked(path)
            except BaseException:
                os.close(self._lock)
                raise

    def lock_is_ours(self) -> bool:
        """Returns whether the lock file is the one we have locked. A lock file that was removed is made again, unless
        another process did."""
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(self._lock_path.stat(), os.fstat(self._lock)):
                return True
        try:
            fresh = _locked(self._lock_path)
        except (ServedAlreadyError, OSError):
            return False
        os.close(self._lock)
        self._lock = fresh
        log.warning("the lock file was removed; it is there again", file=self._lock_path.name)
        return True

    def let_go(self) -> None:
        """Releases the file. Only when nobody in this process has the database open: it ends SQLite's locks, too."""
        os.close(self._lock)
        if self._database is not None:
            os.close(self._database)


def _locked(path: Path) -> int:
    """Returns the descriptor of a file that only this process has locked; the file is made if it is missing. Raises
    ServedAlreadyError, or OSError."""
    make_private_file(path)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise ServedAlreadyError from None
    return descriptor


@contextlib.contextmanager
def held(path: Path, *, makes: bool = True) -> Iterator[HeldFile]:
    """Locks the file of an SQLite database for this process: a second process would send the same messages. Raises as
    HeldFile does."""
    file = HeldFile(path, makes=makes)
    try:
        yield file
    finally:
        file.let_go()


class FileWatch:
    """Checks the file of a database that is served. `trouble` says what is wrong with it, for /health."""

    def __init__(self, database: Database, path: Path, held_file: HeldFile | None = None) -> None:
        self._database = database
        self._path = path
        self._held = held_file
        self._opened: os.stat_result | None = None
        self.trouble: str | None = None

    def begin(self) -> None:
        """Notes which file is open: the one that the path leads to now."""
        self._opened = self._path.stat()

    async def run(self) -> None:
        """Checks the file until cancelled."""
        looks = 0
        while True:
            self.look()
            if looks % LOG_LOOKS == 0:
                await self.empty_log()
            looks += 1
            await asyncio.sleep(LOOK_SECONDS)

    def look(self) -> None:
        """Updates `trouble`, and logs when trouble begins and when it is over."""
        found = self._look()
        if found is not None and found != self.trouble:
            log.error("the database file is not as it should be", trouble=found, file=self._path.name)
        elif found is None and self.trouble is not None:
            log.info("the database file is as it should be again", file=self._path.name)
        self.trouble = found

    def _look(self) -> str | None:
        try:
            if self._opened is None or not os.path.samestat(self._path.stat(), self._opened):
                return REPLACED
        except OSError:
            return GONE
        if self._held is not None and not self._held.lock_is_ours():
            return SHARED
        return None

    async def empty_log(self) -> None:
        """Empties the database's log if something stands in it and nobody is just reading or writing; otherwise a later
        look does."""
        if self.trouble in (GONE, REPLACED):
            return  # the log belongs to a file that nobody finds any more
        with contextlib.suppress(sqlite3.Error, OSError):  # a full or broken disk is reported by the next write
            await self._database.empty_log()

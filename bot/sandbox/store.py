"""Keeps the sandbox's world between two starts, in one SQLite file that is written before anything is answered.

Everything is a JSON document under (kind, id); the bytes of files lie beside them. WAL with synchronous=NORMAL: a
killed process loses nothing that was committed; only a power cut may lose the last moments, which a sandbox can bear.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_FORMAT = 1
_FILES = ("sandbox.sqlite3", "sandbox.sqlite3-wal", "sandbox.sqlite3-shm")


class Store:
    """Documents by (kind, id). `put` and `delete` only remember; `flush` commits them all in one transaction.

    `folder` None keeps nothing. A file written by another format of the sandbox is begun anew.
    """

    def __init__(self, folder: Path | None, *, fresh: bool = False) -> None:
        self._db: sqlite3.Connection | None = None
        self._changed: dict[tuple[str, str], Any] = {}
        self._blobs: dict[str, bytes] = {}
        if folder is None:
            return
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if fresh:
            # Numbers go on: a bot that was not emptied with its sandbox must not meet an old update id again.
            counters = _counters(folder)
            _remove(folder)
            if counters is not None:
                self._changed["counters", "all"] = counters
        self._db = _open(folder)
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version not in (0, _FORMAT):
            self._db.close()
            _remove(folder)
            self._db = _open(folder)
        self._db.executescript(
            f"""
            CREATE TABLE IF NOT EXISTS document (kind TEXT, id TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, id))
                WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS blob (id TEXT PRIMARY KEY, body BLOB NOT NULL);
            PRAGMA user_version = {_FORMAT};
            """
        )
        self.flush()

    def load(self, kind: str) -> Iterator[tuple[str, Any]]:
        """Yields all documents of a kind as committed, in no order."""
        if self._db is None:
            return
        for key, body in self._db.execute("SELECT id, body FROM document WHERE kind = ?", (kind,)):
            yield key, json.loads(body)

    def put(self, kind: str, key: str | int, document: Any) -> None:
        """Remembers a document, which is written by the next `flush`: later changes of the same object count, too."""
        if self._db is not None:
            self._changed[kind, str(key)] = document

    def delete(self, kind: str, key: str | int) -> None:
        if self._db is not None:
            self._changed[kind, str(key)] = None

    def clear(self, *, but: tuple[str, ...]) -> None:
        """Deletes all documents except those of the kinds `but`, and the bytes of all files, in one transaction."""
        self._changed = {key: document for key, document in self._changed.items() if key[0] in but}
        self._blobs.clear()
        if self._db is None:
            return
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            kinds = ", ".join("?" * len(but))
            self._db.execute(f"DELETE FROM document WHERE kind NOT IN ({kinds})", but)  # noqa: S608 - only ?
            self._db.execute("DELETE FROM blob")

    def put_blob(self, key: str, body: bytes) -> None:
        self._blobs[key] = body

    def blob(self, key: str) -> bytes | None:
        """Returns the bytes of a file; None if there is none."""
        if key in self._blobs or self._db is None:
            return self._blobs.get(key)
        row = self._db.execute("SELECT body FROM blob WHERE id = ?", (key,)).fetchone()
        return row[0] if row else None

    def flush(self) -> None:
        """Commits what was remembered. Takes about 0.1 ms, and nothing when there is nothing to write."""
        if self._db is None or not (self._changed or self._blobs):
            return
        puts = []
        deletes = []
        for (kind, key), document in self._changed.items():
            if document is None:
                deletes.append((kind, key))
            else:
                puts.append((kind, key, json.dumps(document, ensure_ascii=False, separators=(",", ":"))))
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT OR REPLACE INTO document VALUES (?, ?, ?)", puts)
            self._db.executemany("DELETE FROM document WHERE kind = ? AND id = ?", deletes)
            self._db.executemany("INSERT OR REPLACE INTO blob VALUES (?, ?)", list(self._blobs.items()))
        self._changed.clear()
        self._blobs.clear()

    def close(self) -> None:
        """Commits and closes the file."""
        if self._db is not None:
            self.flush()
            self._db.close()
            self._db = None


def _open(folder: Path) -> sqlite3.Connection:
    db = sqlite3.connect(folder / _FILES[0], isolation_level=None, check_same_thread=False, timeout=5)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    return db


def _counters(folder: Path) -> Any:
    if not (folder / _FILES[0]).exists():
        return None
    try:
        with contextlib.closing(_open(folder)) as db:
            row = db.execute("SELECT body FROM document WHERE kind = 'counters' AND id = 'all'").fetchone()
            return json.loads(row[0]) if row else None
    except (sqlite3.DatabaseError, ValueError):  # a file that cannot be read is what --fresh is for
        return None


def _remove(folder: Path) -> None:
    for name in _FILES:
        (folder / name).unlink(missing_ok=True)

"""Why a database cannot be used, in words for the person who runs the bot; and an outage, told once and not each time.

Reasons hold what the server or the system says of the connection, the disk and the rights: never what stood in a row.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

log = structlog.get_logger("database")

PASSING: Final = frozenset({"25006", "25P03", "25P04"})
"""PostgreSQL's codes of what may pass though its library counts it as an error of ours: a standby that has not taken
over yet, and transactions that the server ended because they took too long. On a machine that stands still for seconds
that happens to anybody."""

STATES: Final = {
    "28P01": "the password was refused",
    "28000": "this user or machine is not let in",
    "3D000": "there is no such database",
    "42501": "no right to do that",
    "25006": "the database is read-only",
    "25P03": "the server ended a transaction that was idle for too long",
    "40P01": "two transactions waited for each other",
    "53100": "no space is left on the database's disk",
    "53200": "the server has no memory left",
    "53300": "the server takes no more connections",
    "55P03": "somebody holds a lock",
    "57014": "the server called it off, it took too long",
    "57P01": "the server was stopped",
    "57P02": "the server crashed",
    "57P03": "the server is just starting or stopping",
    "57P05": "the server ended a connection that was silent for too long",
    "58030": "the server cannot read or write its disk",
    "XX001": "the database is damaged",
    "XX002": "an index of the database is damaged",
}
"""What an SQLSTATE of PostgreSQL means."""
CLASSES: Final = {"08": "the connection was cut", "28": "this user is not let in", "53": "the server lacks something"}
"""What it means by its first two letters, where it is none of those."""
FILES: Final = {
    "SQLITE_FULL": "no space is left on the disk",
    "SQLITE_CANTOPEN": "the file cannot be opened: is the folder there, and may this user use it?",
    "SQLITE_READONLY": "no right to write to the file",
    "SQLITE_PERM": "no right to use the file",
    "SQLITE_IOERR": "the disk cannot be read or written",
    "SQLITE_BUSY": "somebody else holds the file",
    "SQLITE_LOCKED": "somebody else holds a table",
    "SQLITE_CORRUPT": "the file is damaged",
    "SQLITE_NOTADB": "the file is no SQLite database",
    "SQLITE_NOMEM": "no memory is left",
}
"""What an error of SQLite means; its longer names (SQLITE_IOERR_FSYNC) begin with these."""
SYSTEM: Final = {
    errno.ECONNREFUSED: "nobody listens there",
    errno.ENOENT: "there is no such file or socket",
    errno.ENOTDIR: "there is no such folder",
    errno.ETIMEDOUT: "no answer in time",
    errno.ECONNRESET: "the connection was cut",
    errno.EPIPE: "the connection was cut",
    errno.EHOSTUNREACH: "there is no way to that machine",
    errno.ENETUNREACH: "there is no way to that network",
    errno.EACCES: "no right to do that",
    errno.EPERM: "no right to do that",
    errno.ENOSPC: "no space is left on the disk",
    errno.EDQUOT: "no space is left for this user",
    errno.EROFS: "the disk is read-only",
    errno.EIO: "the disk cannot be read or written",
}
_SAID: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), code)
    for pattern, code in (
        (r"password authentication failed|no password supplied", "28P01"),
        (r'database ".*" does not exist', "3D000"),
        (r'role ".*" does not exist|authentication failed|no pg_hba\.conf entry|is not permitted to log in', "28000"),
        (r"permission denied for database", "42501"),
        (r"too many (clients|connections)|connection slots", "53300"),
        (r"the database system is (starting up|shutting down|in recovery|not yet accepting)", "57P03"),
        (r"terminating connection due to administrator command", "57P01"),
        (r"terminating connection due to idle-session timeout", "57P05"),
        (r"because of crash of another server process|crash", "57P02"),
        (r"no space left on device", "53100"),
        (r"connection refused", "ECONNREFUSED"),
        (r"failed to resolve|could not translate host name|name or service not known", "EAI_NONAME"),
        (r"no such file or directory", "ENOENT"),
        (r"permission denied", "EACCES"),
        (r"timeout expired|timed out|connection timeout", "ETIMEDOUT"),
        (r"no route to host", "EHOSTUNREACH"),
        (r"network is unreachable", "ENETUNREACH"),
        (r"server closed the connection|connection (is|was) (lost|closed)|consuming input failed", "ECONNRESET"),
    )
)
"""PostgreSQL's library tells no SQLSTATE of a connection that was never made: its English words are all there is. A
server that speaks another language is quoted instead."""
_UNNAMED: Final = {"EAI_NONAME": "there is no machine of that name"}
QUOTED: Final = 200
"""So many characters of a server's own words are told."""

AGAIN_SECONDS: Final = 60.0
"""How often an outage that lasts is told of."""
QUIET_SECONDS: Final = 5.0
"""An outage is over when something worked, and nothing has failed for so long: others may fail a moment later."""
QUIET_WRITING_SECONDS: Final = 60.0
"""The same where only writing fails (a full disk): what reads works all the time."""
_ONLY_WRITING: Final = (
    "53100",
    "25006",
    "42501",
    "ENOSPC",
    "EDQUOT",
    "EROFS",
    "SQLITE_FULL",
    "SQLITE_READONLY",
    "SQLITE_IOERR",
    "58030",
)


@dataclass(frozen=True)
class Reason:
    """Why the database could not be used."""

    words: str
    code: str
    """An SQLSTATE, a name of the system's (ECONNREFUSED) or of SQLite's (SQLITE_FULL); or the kind of the error."""

    def __str__(self) -> str:
        return f"{self.words} ({self.code})" if self.words else self.code


class DatabaseUnavailableError(Exception):
    """The database could not be reached or written, and it is worth trying again. Nothing was written, except `done`:
    the part of a batch that was committed before, for callers that know what to do with it. `reason` tells why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.done: Any = None


def why(problem: BaseException) -> Reason:
    """Returns why the database could not be used, as far as the error tells."""
    if isinstance(problem, DatabaseUnavailableError):
        return problem.reason
    cause = getattr(problem, "orig", None) or problem
    kind = type(cause).__name__
    if isinstance(problem, NoConnectionFree):
        return Reason("all connections of this process are in use", kind)
    if state := getattr(cause, "sqlstate", None):
        return Reason(STATES.get(state) or CLASSES.get(state[:2], ""), state)
    if isinstance(cause, sqlite3.Error):
        name = getattr(cause, "sqlite_errorname", None) or kind
        return Reason(next((words for start, words in FILES.items() if name.startswith(start)), ""), name)
    if isinstance(cause, socket.gaierror):
        return Reason(_UNNAMED["EAI_NONAME"], "EAI_NONAME")
    if isinstance(cause, TimeoutError) and not cause.errno:
        return _named("ETIMEDOUT")
    if isinstance(cause, OSError) and cause.errno:
        words = SYSTEM.get(cause.errno) or os.strerror(cause.errno)
        return Reason(words, errno.errorcode.get(cause.errno, str(cause.errno)))
    if not _of_the_connection(cause):
        return Reason("", kind)
    text = str(cause)
    for pattern, code in _SAID:
        if pattern.search(text):
            return _named(code)
    return Reason(" ".join(text.split())[:QUOTED], kind)


def _of_the_connection(cause: BaseException) -> bool:
    """Returns whether this is PostgreSQL's driver speaking of the connection itself, and not of a statement: such an
    error comes without an SQLSTATE, and its words can be quoted."""
    return type(cause).__module__.partition(".")[0] == "psycopg"


def _named(code: str) -> Reason:
    if code in STATES:
        return Reason(STATES[code], code)
    return Reason(_UNNAMED.get(code) or SYSTEM[getattr(errno, code)], code)


def is_away(problem: BaseException) -> bool:
    """Returns whether the error means that the database is away or accepts nothing, which may pass."""
    return may_pass(problem) and not our_own_mistake(problem)


def may_pass(problem: BaseException) -> bool:
    """Returns whether the error is of a kind that may pass by itself, a mistake of ours included (`is_away` is
    without)."""
    if isinstance(problem, DatabaseUnavailableError | NoConnectionFree):
        return True
    passing = isinstance(problem, DBAPIError) and getattr(problem.orig, "sqlstate", None) in PASSING
    return passing or isinstance(problem, OperationalError | InterfaceError)


def our_own_mistake(problem: BaseException) -> bool:
    """Returns whether the error is a mistake in our code. SQLite raises OperationalError also for a table or column
    that it does not know, which no waiting will cure."""
    words = str(problem.orig) if isinstance(problem, DBAPIError) else ""
    return words.startswith("no such ") or "syntax error" in words


class Outage:
    """Tells in the log when the database is away and when it is back: a line when it begins, one a minute with the
    number of tries that failed, one when it is over; however many tasks of this process try. Another process tells of
    its own. All methods belong to one event loop. `monotonic`: real seconds."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self.reason: Reason | None = None
        """Why the last try failed; None when all is well."""
        self._began = 0.0
        self._told = 0.0
        self._failed_at = 0.0
        self._failures = 0
        self._quiet = QUIET_SECONDS

    def failed(self, problem: BaseException) -> None:
        """Notes that something could not be done."""
        now, reason = self._monotonic(), why(problem)
        if self.reason is None:
            self._began = self._told = now
            self._failures, self._quiet = 0, QUIET_SECONDS
            log.error("the database is not available, trying again", reason=reason.words, code=reason.code)
        self.reason = reason
        self._failures += 1
        self._failed_at = now
        if reason.code.startswith(_ONLY_WRITING):
            self._quiet = QUIET_WRITING_SECONDS
        if now - self._told >= AGAIN_SECONDS:
            self._told = now
            log.error(
                "the database is still not available",
                reason=reason.words,
                code=reason.code,
                seconds=round(now - self._began),
                failures=self._failures,
            )

    def worked(self) -> None:
        """Notes that something was done."""
        if self.reason is None or self._monotonic() - self._failed_at < self._quiet:
            return
        self.reason = None
        log.info(
            "the database is available again", seconds=round(self._failed_at - self._began), failures=self._failures
        )

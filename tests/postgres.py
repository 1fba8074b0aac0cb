"""A real PostgreSQL for tests: a throw-away server on the system's own programs.

PostgreSQL refuses to run as root, so root lends it to an existing plain user. It listens on a socket in its own folder
only: no port to collide, nobody else can reach it. It does not sync to disk: that buys speed, and what a crash of the
machine would lose are tests.
"""

import contextlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from tests.temp_databases import scratch_folder

SUPERUSER = "jalin"
START_SECONDS = 30.0
STOP_SECONDS = 10.0
PLAIN_USERS = ("postgres", "nobody")
SERVER_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    # Far from UTC on purpose: code that leans on the server's zone fails here and not in Papua.
    "timezone": "Asia/Jayapura",
}


SHAPE = """
SELECT (SELECT max(oid) FROM pg_class), (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_constraint),
    (SELECT max(version_num) FROM alembic_version),
    md5(string_agg(concat_ws(' ', attrelid, attname, atttypid, attnotnull, atthasdef), ',' ORDER BY attrelid, attnum))
FROM pg_attribute WHERE attrelid >= 16384
"""
EMPTY = """
DO $$
DECLARE
    one record;
    found boolean;
BEGIN
    SET LOCAL lock_timeout = '200ms';
    SET LOCAL session_replication_role = replica;  -- foreign keys do not matter when all goes
    FOR one IN
        SELECT relname AS name FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
            AND pg_relation_size(oid) > 0  -- the others have never held anything
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', one.name) INTO found;
        IF found THEN
            EXECUTE format('DELETE FROM %I', one.name);
        END IF;
    END LOOP;
    FOR one IN SELECT sequencename AS name FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
        PERFORM setval(format('%I', one.name)::regclass, 1, false);
    END LOOP;
END $$
"""
"""Quicker than a new copy, above all because the connections stay: a new one knows nothing of the tables."""
USES = 50
"""So often a database is emptied before it goes: deleted rows leave traces that nobody clears away here."""


class Unavailable(Exception):
    """This machine has no PostgreSQL that could be started; the message says what is missing."""


class Server:
    """A running server. Databases are made in milliseconds as copies of a template."""

    def __init__(self, folder: Path, start: Callable[[], subprocess.Popen[bytes]]) -> None:
        """`start` starts a process on `folder`. Raises RuntimeError when it cannot be reached."""
        self._folder = folder
        self._start = start
        self._count = 0
        self._uses: dict[str, int] = {}
        self._shapes: dict[str, object] = {}
        self._cleaners: dict[str, psycopg.Connection[tuple[object, ...]]] = {}
        self._process = start()
        # One connection for all: a new one costs as much as the copy.
        self._admin = self._connected()

    def _connected(self) -> psycopg.Connection[tuple[object, ...]]:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return psycopg.connect(self.url("postgres"), autocommit=True)
            except psycopg.OperationalError as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"PostgreSQL did not start:\n{_log(self._folder)}") from error
                time.sleep(0.02)

    def url(self, database: str) -> str:
        """The address of a database, as SQLAlchemy and psycopg read it."""
        return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(self._folder), safe='')}"

    def create(self, template: str = "template1") -> str:
        """Make a database as a copy of `template`, to which nobody may be connected; return its name."""
        self._count += 1
        name = f"test_{self._count}"
        # Without a disk to wait for, copying files beats the write-ahead log; before 15 there is no other way.
        strategy = "STRATEGY file_copy" if self._admin.info.server_version >= 150000 else ""
        self._admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} {}").format(
                sql.Identifier(name), sql.Identifier(template), sql.SQL(strategy)
            )
        )
        return name

    def empty(self, name: str) -> bool:
        """Take everything out of a database whose tables are as `create` made them and held nothing then. False if that
        is not so any more, or somebody holds on to them: then it is to be dropped."""
        self._uses[name] = self._uses.get(name, 0) + 1
        if self._uses[name] > USES:
            return False
        try:
            cleaner = self._cleaners[name]
            if self._shapes[name] != cleaner.execute(SHAPE).fetchone():
                return False
            cleaner.execute(EMPTY)
        except psycopg.Error:
            return False
        return True

    def remember_shape(self, name: str) -> None:
        """What `empty` compares with."""
        self._cleaners[name] = psycopg.connect(self.url(name), autocommit=True)
        self._shapes[name] = self._cleaners[name].execute(SHAPE).fetchone()

    def drop(self, name: str) -> None:
        """Remove a database, throwing out whoever is still connected."""
        if (cleaner := self._cleaners.pop(name, None)) is not None:
            cleaner.close()
        self._admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def cut(self, database: str) -> None:
        """Cut all connections to a database."""
        self._admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (database,))

    def restart(self) -> None:
        """End the server at once, without a word to anybody, and start it again."""
        self._admin.close()
        self._end()
        self._process = self._start()
        self._admin = self._connected()

    def close(self) -> None:
        for connection in (self._admin, *self._cleaners.values()):
            connection.close()
        self._end()

    def _end(self) -> None:
        # QUIT: stop at once. There is nothing to save.
        self._process.send_signal(signal.SIGQUIT)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextlib.contextmanager
def running_server(*, on_disk: bool = False, **settings: str) -> Iterator[Server]:
    """Start a server, stop it and remove its folder at the end. `settings` differ from those above; `on_disk`: its
    folder is not in memory, whatever that costs. Raises `Unavailable`."""
    programs = find_programs()
    user = _plain_user()
    with scratch_folder(on_disk=on_disk) as folder:
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        _initialise(programs, folder, user)
        with contextlib.closing(Server(folder, lambda: _started(programs, folder, user, settings))) as server:
            yield server


def find_programs() -> Path:
    """The folder with the newest `initdb` and `postgres` here: Debian's folders, then PATH. Raises `Unavailable`."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    on_path = shutil.which("initdb")
    if on_path is not None:
        folders.append(Path(on_path).resolve().parent)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise Unavailable("no PostgreSQL programs (initdb, postgres) on this machine: on Debian, apt install postgresql")


def _version(programs: Path) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", programs.parent.name))


def _plain_user() -> pwd.struct_passwd | None:
    """The user the server is lent to, None where we are a plain user ourselves."""
    if os.geteuid() != 0:
        return None
    for name in PLAIN_USERS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise Unavailable(f"PostgreSQL does not run as root, and there is no user {' or '.join(PLAIN_USERS)}")


def _popen(command: list[str], folder: Path, user: pwd.struct_passwd | None, log: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        # A session of its own: Ctrl-C reaches the tests first, which then stop the server.
        start_new_session=True,
        user=None if user is None else user.pw_uid,
        group=None if user is None else user.pw_gid,
        extra_groups=None if user is None else [],
    )


def _initialise(programs: Path, folder: Path, user: pwd.struct_passwd | None) -> None:
    locale = "C.UTF-8" if sys.platform == "linux" else "C"
    command = [str(programs / "initdb"), "-D", str(folder / "data"), "-U", SUPERUSER, "-A", "trust", "-E", "UTF8"]
    command += [f"--locale={locale}", "--no-sync", "--no-instructions"]
    with open(folder / "log", "ab") as log:
        process = _popen(command, folder, user, log.fileno())
        try:
            code = process.wait(START_SECONDS)
        except BaseException:
            process.kill()
            process.wait()
            raise
    if code != 0:
        raise RuntimeError(f"initdb failed:\n{_log(folder)}")


def _started(
    programs: Path, folder: Path, user: pwd.struct_passwd | None, settings: dict[str, str]
) -> subprocess.Popen[bytes]:
    command = [str(programs / "postgres"), "-D", str(folder / "data"), "-k", str(folder)]
    for name, value in (SERVER_SETTINGS | settings).items():
        command += ["-c", f"{name}={value}"]
    setpriv = shutil.which("setpriv")
    if setpriv is not None:
        # If the tests are killed with no chance to tidy up, the kernel stops the server.
        command = [setpriv, "--pdeathsig", "QUIT", "--", *command]
    with open(folder / "log", "ab") as log:
        return _popen(command, folder, user, log.fileno())


def _log(folder: Path) -> str:
    return (folder / "log").read_text(errors="replace")[-4000:]

"""A database that cannot be used: the operator is told why, and once, not each time."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from structlog.testing import capture_logs
from typer.testing import CliRunner

from bot.__main__ import cli
from bot.database import Database
from bot.database_trouble import AGAIN_SECONDS, QUIET_SECONDS, QUIET_WRITING_SECONDS, Outage, is_away, why
from tests.bot_process import free_port

BEGAN, STILL, OVER = (
    "the database is not available, trying again",
    "the database is still not available",
    "the database is available again",
)


class NoSpace(psycopg.OperationalError):
    sqlstate = "53100"


def refused() -> OperationalError:
    return OperationalError("SELECT 'a name'", {}, psycopg.OperationalError("connection failed: Connection refused"))


# --- why --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            'connection failed: connection to server at "127.0.0.1", port 5432 failed: '
            'FATAL:  password authentication failed for user "jalin"',
            "the password was refused (28P01)",
        ),
        (
            'connection failed: FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "jalin", database "jalin"',
            "this user or machine is not let in (28000)",
        ),
        ("connection failed: FATAL:  sorry, too many clients already", "the server takes no more connections (53300)"),
        (
            "connection failed: FATAL:  the database system is starting up",
            "the server is just starting or stopping (57P03)",
        ),
        ('connection failed: FATAL:  role "jalin" does not exist', "this user or machine is not let in (28000)"),
        ("consuming input failed: server closed the connection unexpectedly", "the connection was cut (ECONNRESET)"),
        ("connection timeout expired", "no answer in time (ETIMEDOUT)"),
        # a server that speaks another language is quoted
        ("connection failed: FATAL:  la base est en vacances", "connection failed: FATAL: la base est en vacances"),
    ],
)
def test_what_a_server_says_of_a_connection_is_told(said: str, reason: str) -> None:
    assert str(why(OperationalError("SELECT 1", {}, psycopg.OperationalError(said)))).startswith(reason)


def test_an_sqlstate_is_told_and_nothing_of_a_row() -> None:
    problem = DBAPIError("INSERT", {"name": "Siti"}, NoSpace("could not extend file: Siti"))
    assert str(why(problem)) == "no space is left on the database's disk (53100)"
    unknown = DBAPIError("INSERT", {}, psycopg.errors.UniqueViolation("Key (name)=(Siti) already exists"))
    assert str(why(unknown)) == "23505"
    assert str(why(DBAPIError("INSERT", {}, ValueError("Siti")))) == "ValueError"


def test_what_sqlite_says_is_told(tmp_path: Path) -> None:
    def problem_of(work: Callable[[], object]) -> BaseException:
        with pytest.raises((OSError, sqlite3.Error)) as found:
            work()
        return found.value

    with closing(sqlite3.connect(tmp_path / "small")) as small:
        small.execute("CREATE TABLE t (x)")
        small.execute("PRAGMA max_page_count = 2")
        full = problem_of(lambda: small.execute("INSERT INTO t VALUES (zeroblob(9000))"))
    (tmp_path / "odd").write_text("no database at all, but long enough to be read as one" * 20)
    with closing(sqlite3.connect(tmp_path / "odd")) as odd:
        no_database = problem_of(lambda: odd.execute("SELECT * FROM t"))
    with closing(sqlite3.connect((tmp_path / "small").as_uri() + "?mode=ro", uri=True)) as read:
        read_only = problem_of(lambda: read.execute("INSERT INTO t VALUES (1)"))
    assert str(why(full)) == "no space is left on the disk (SQLITE_FULL)"
    assert str(why(no_database)) == "the file is no SQLite database (SQLITE_NOTADB)"
    assert str(why(read_only)) == "no right to write to the file (SQLITE_READONLY)"
    assert str(why(problem_of((tmp_path / "none").read_bytes))) == "there is no such file or socket (ENOENT)"


@pytest.mark.postgresql
def test_a_database_that_is_not_there_is_told_at_the_start(postgresql_url: str) -> None:
    url = postgresql_url.replace("/test_", "/nowhere_")
    ran = CliRunner().invoke(cli, ["migrate"], env={"DATABASE_URL": url})
    assert ran.stderr.endswith(": there is no such database (3D000)\n")


def test_why_it_does_not_start_is_told_and_whether_starting_again_may_help(tmp_path: Path) -> None:
    closed = f"postgresql://jalin:secret@127.0.0.1:{free_port()}/jalin"
    away = CliRunner().invoke(cli, ["migrate"], env={"DATABASE_URL": closed})
    assert away.stderr == (
        "DATABASE_URL: the database could not be opened or migrated: nobody listens there (ECONNREFUSED)\n"
    )
    assert away.exit_code == 1, "it may be there the next time"
    (tmp_path / "file").touch()
    nowhere = CliRunner().invoke(cli, ["migrate"], env={"DATABASE_URL": f"sqlite:///{tmp_path}/file/x/b.sqlite"})
    assert nowhere.stderr.endswith(": there is no such folder (ENOTDIR)\n")
    wrong = CliRunner().invoke(cli, ["migrate"], env={"DATABASE_URL": "mysql://x"})
    assert wrong.exit_code == 2, "only somebody who puts it right helps"
    backed_up = CliRunner().invoke(cli, ["backup", str(tmp_path / "b.zip")], env={"DATABASE_URL": closed})
    assert "nobody listens there (ECONNREFUSED)" in backed_up.stderr


def test_a_mistake_of_ours_is_no_outage() -> None:
    assert is_away(refused())
    assert not is_away(OperationalError("SELECT", {}, sqlite3.OperationalError("no such table: person")))
    assert not is_away(ValueError("away"))


# --- once -------------------------------------------------------------------------------------------------------------


class Time:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


def test_an_outage_is_a_line_one_a_minute_and_a_line(time: Time) -> None:
    outage = Outage(time)
    with capture_logs() as logs:
        for _ in range(150):  # eight tasks, say
            time.now += 1
            for _ in range(8):
                outage.failed(refused())
        time.now += 1
        outage.worked()
        assert outage.reason is not None, "another may fail a moment later"
        time.now += QUIET_SECONDS
        outage.worked()
        outage.worked()
    assert [line["event"] for line in logs] == [BEGAN, STILL, STILL, OVER]
    assert {(line["reason"], line["code"]) for line in logs[:3]} == {("nobody listens there", "ECONNREFUSED")}
    assert [line.get("seconds") for line in logs] == [None, AGAIN_SECONDS, 2 * AGAIN_SECONDS, 149]
    assert [line.get("failures") for line in logs] == [None, 8 * 60 + 1, 8 * 120 + 1, 8 * 150]
    assert outage.reason is None


def test_a_full_disk_is_not_over_because_something_was_read(time: Time) -> None:
    outage = Outage(time)
    with capture_logs() as logs:
        for _ in range(10):
            outage.failed(DBAPIError("INSERT", {}, NoSpace()))
            time.now += QUIET_SECONDS * 2
            outage.worked()
        time.now += QUIET_WRITING_SECONDS
        outage.worked()
    assert [line["event"] for line in logs] == [BEGAN, STILL, OVER]


def test_all_tasks_of_a_process_tell_of_it_once() -> None:
    async def scene() -> None:
        tasks = [database.in_transaction(lambda db: db.execute(text("SELECT 1"))) for _ in range(8)]
        tasks += [database.read(lambda db: db.execute(text("SELECT 1"))) for _ in range(2)]
        found = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(one, OperationalError) for one in found)

    database = Database(f"postgresql+psycopg://jalin@127.0.0.1:{free_port()}/jalin")
    with capture_logs() as logs:
        asyncio.run(scene())
    database.close()
    assert [line["event"] for line in logs] == [BEGAN]
    assert str(database.outage.reason) == "nobody listens there (ECONNREFUSED)"

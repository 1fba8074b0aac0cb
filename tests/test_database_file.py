"""The SQLite file: one process alone, watched, readable by its owner alone, and nothing in it that was deleted."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import sqlite3
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.database import Database, sqlite_file
from bot.operations import backup, health
from bot.operations.database_file import GONE, REPLACED, SHARED, FileWatch, HeldFile, ServedAlreadyError
from tests.bot_process import Bot, asked, running, until
from tests.chat import Chat, registered
from tests.databases import quick_database
from tests.fake_api import StandIn, text_update

WITH_OPEN_UMASK: Final = "import os, runpy; os.umask(0); runpy.run_module('bot', run_name='__main__', alter_sys=True)"


@contextlib.contextmanager
def watched(url: str, held: HeldFile | None = None) -> Iterator[tuple[Path, FileWatch]]:
    path = sqlite_file(quick_database(url).url)
    assert path is not None
    with contextlib.closing(quick_database(url)) as database:
        with database.transaction() as db:
            db.execute(text("SELECT 1"))
        watch = FileWatch(database, path, held)
        watch.begin()
        yield path, watch


def found(watch: FileWatch) -> str | None:
    watch.look()
    return watch.trouble


def test_a_file_that_was_taken_away_is_told_once_and_so_is_its_return(sqlite_url: str) -> None:
    with watched(sqlite_url) as (path, watch), capture_logs() as lines:
        assert found(watch) is None
        path.rename(aside := path.with_suffix(".aside"))
        assert [found(watch), found(watch)] == [GONE, GONE]
        path.write_bytes(aside.read_bytes())
        assert [found(watch), found(watch)] == [REPLACED, REPLACED]
        aside.replace(path)
        assert found(watch) is None
    assert [(line["log_level"], line.get("trouble")) for line in lines] == [
        ("error", GONE), ("error", REPLACED), ("info", None),
    ]  # fmt: skip


def test_health_tells_it(sqlite_url: str) -> None:
    with contextlib.closing(Chat(sqlite_url)) as chat:
        watch = chat.app.file_watch
        assert watch is not None

        def state() -> tuple[bool, Any]:
            watch.look()
            facts = chat._loop.run_until_complete(health.state(chat.app))
            return facts["ok"], facts["database_file"]

        watch.begin()
        path = sqlite_file(chat.database.url)
        assert path is not None
        assert state() == (True, None)
        path.unlink()
        assert state() == (False, GONE)


def test_a_lock_file_that_was_removed_is_made_again_and_lets_nobody_in_meanwhile(sqlite_url: str) -> None:
    path = sqlite_file(quick_database(sqlite_url).url)
    assert path is not None
    lock = path.with_name(f"{path.name}.lock")
    held = HeldFile(path)
    try:
        with watched(sqlite_url, held) as (_, watch), capture_logs() as lines:
            lock.unlink()
            with pytest.raises(ServedAlreadyError):
                HeldFile(path)
            lock.unlink()
            assert found(watch) is None
            assert lock.exists()
            assert [line["event"] for line in lines] == ["the lock file was removed; it is there again"]
            with pytest.raises(ServedAlreadyError):
                HeldFile(path)
    finally:
        held.let_go()
    HeldFile(path).let_go()


def test_an_older_version_that_came_in_by_a_lock_file_of_its_own_is_noticed(sqlite_url: str) -> None:
    """It looks at the lock file alone."""
    path = sqlite_file(quick_database(sqlite_url).url)
    assert path is not None
    lock = path.with_name(f"{path.name}.lock")
    held = HeldFile(path)
    try:
        with watched(sqlite_url, held) as (_, watch):
            lock.unlink()
            with lock.open("w") as another:
                fcntl.flock(another, fcntl.LOCK_EX | fcntl.LOCK_NB)
                assert found(watch) == SHARED
            assert found(watch) is None, "it has ended"
    finally:
        held.let_go()


def test_the_lock_on_the_file_is_in_nobodys_way_who_reads_and_writes(sqlite_url: str) -> None:
    path = sqlite_file(quick_database(sqlite_url).url)
    assert path is not None
    held = HeldFile(path)
    try:
        with contextlib.closing(sqlite3.connect(path)) as other, watched(sqlite_url) as (_, watch):
            other.execute("CREATE TABLE more (x)")
            other.commit()
            with watch._database.transaction() as db:
                db.execute(text("INSERT INTO more VALUES (1)"))
            assert other.execute("SELECT x FROM more").fetchall() == [(1,)]
    finally:
        held.let_go()


# --- bytes ------------------------------------------------------------------------------------------------------------


def in_files(path: Path, *words: str) -> list[tuple[str, str]]:
    """Which of the words stand in the bytes of which of the database's files."""
    files = [one for one in path.parent.iterdir() if one.name.startswith(path.name)]
    assert path in files
    return [(one.name, word) for one in files for word in words if word.encode() in one.read_bytes()]


def emptied(database: Database) -> bool:
    return asyncio.run(database.empty_log())


def test_the_log_is_emptied_when_nobody_reads_or_writes(sqlite_url: str) -> None:
    with watched(sqlite_url) as (path, watch):
        log, database = path.with_name(f"{path.name}-wal"), watch._database
        with database.transaction() as db:
            db.execute(text("CREATE TABLE more (x)"))
            db.execute(text("INSERT INTO more VALUES ('Zulkarnaen')"))
        with database.transaction() as db:
            db.execute(text("DELETE FROM more"))
        assert (log.name, "Zulkarnaen") in in_files(path, "Zulkarnaen")
        with database.transaction() as db:
            db.execute(text("INSERT INTO more VALUES (1)"))
            assert not emptied(database), "somebody writes"
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM more").fetchall()
            with database.transaction() as db:
                db.execute(text("INSERT INTO more VALUES (2)"))
            assert not emptied(database), "somebody reads what was there before"
        asyncio.run(watch.empty_log())
        assert log.stat().st_size == 0
        assert in_files(path, "Zulkarnaen") == []


def test_what_was_deleted_is_written_over_whichever_sqlite_it_is(sqlite_url: str) -> None:
    with contextlib.closing(quick_database(sqlite_url)) as database, database.transaction() as db:
        assert db.execute(text("PRAGMA secure_delete")).scalar() == 1


NAME, PHONE, NEEDS, WORDS = "Zulkarnaen", "081298765432", "kursi roda merah", "tolong carikan pempek"
CARD: Final = "3201010101010001"


def person_who_left(chat: Chat) -> None:
    """Somebody who told us everything, took a seat, wrote this and that, and had it all deleted."""
    other = registered(chat, "Siti")
    phone = registered(chat, NAME)
    phone.types("/profil").taps("Ubah nomor HP").types(PHONE).taps("Ubah kebutuhan").types(NEEDS)
    phone.types(CARD).types(WORDS).types("/data_saya")
    with chat.database.transaction() as db:
        kept = " ".join(str(row) for table in tables(db) for row in db.execute(text(f'SELECT * FROM "{table}"')))
        assert NAME in kept
        assert NEEDS in kept
    phone.types("/hapus_data").taps("Ya, hapus data")
    other.types("/menu").sees("Siti")


def tables(db: Any) -> list[str]:
    sqlite = db.get_bind().dialect.name == "sqlite"
    query = "SELECT name FROM sqlite_master WHERE type = 'table'" if sqlite else (
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    )  # fmt: skip
    return [name for (name,) in db.execute(text(query))]


def traces() -> tuple[str, ...]:
    return (NAME, NAME.upper(), PHONE, PHONE[1:], "1298-7654", NEEDS, WORDS, CARD)


def test_of_who_had_their_data_deleted_no_byte_is_left(sqlite_url: str, tmp_path: Path) -> None:
    with contextlib.closing(Chat(sqlite_url)) as chat:
        path = sqlite_file(chat.database.url)
        assert path is not None
        person_who_left(chat)
        assert in_files(path, *traces()), "they stand in the log"
        backup.make(sqlite_url, tmp_path / "while.zip")
        assert chat._loop.run_until_complete(chat.database.empty_log())
        assert in_files(path, *traces()) == []
        assert in_files(path, "Siti"), "the others are there"
        backup.make(sqlite_url, tmp_path / "after.zip")
    for name in ("while.zip", "after.zip"):
        with zipfile.ZipFile(tmp_path / name) as archive:
            packed = archive.read("jalin.sqlite")
        assert [word for word in traces() if word.encode() in packed] == []
        assert b"Siti" in packed


@pytest.mark.postgresql
def test_of_who_had_their_data_deleted_nothing_is_left_in_tables_or_dump(postgresql_url: str, tmp_path: Path) -> None:
    with contextlib.closing(Chat(postgresql_url)) as chat:
        person_who_left(chat)
        with chat.database.transaction() as db:
            kept = " ".join(str(row) for table in tables(db) for row in db.execute(text(f'SELECT * FROM "{table}"')))
        assert [word for word in traces() if word in kept] == []
        assert "Siti" in kept
        backup.make(postgresql_url, tmp_path / "after.zip")
    with zipfile.ZipFile(tmp_path / "after.zip") as archive:
        packed = archive.read("jalin.pgdump")
    assert [word for word in traces() if word.encode() in packed] == []
    assert b"Siti" in packed


# --- the real process -------------------------------------------------------------------------------------------------


def modes(folder: Path) -> dict[str, int]:
    return {
        str(one.relative_to(folder)): stat.S_IMODE(one.stat().st_mode)
        for one in folder.rglob("*")
        if one.suffix != ".txt"
    }


@pytest.mark.slow
def test_nobody_else_may_read_the_files_whatever_the_umask(tmp_path: Path) -> None:
    with StandIn() as telegram:
        url = f"sqlite:///{tmp_path}/new/folder/bot.sqlite"
        bot = Bot(tmp_path, program=WITH_OPEN_UMASK, BOT_API_URL=telegram.address, DATABASE_URL=url)
        try:
            bot.start()
            telegram.feed([text_update(701, "/start", 1)])
            until(lambda: len(telegram.log()["sent"]) >= 1, 20, lambda: bot.output)
            files = modes(tmp_path)
            assert {name for name in files if "." in name} == {
                f"new/folder/bot.sqlite{end}" for end in ("", "-wal", "-shm", ".lock")
            }
            assert {mode for name, mode in files.items() if "." in name} == {0o600}
            assert {mode for name, mode in files.items() if "." not in name} == {0o700}
            assert bot.end(signal.SIGTERM) == 0
            for one in (tmp_path / "new" / "folder").iterdir():
                one.chmod(0o644)  # as an older version left them
            bot.start()
            until(lambda: asked(bot.port, "/health")[0] == 200, 20, lambda: bot.output)
            assert {mode for name, mode in modes(tmp_path).items() if "." in name} == {0o600}
        finally:
            bot.close()


@pytest.mark.slow
def test_a_database_that_is_taken_away_while_it_serves_is_told(tmp_path: Path) -> None:
    with StandIn() as telegram, running(tmp_path, telegram) as bot:
        until(lambda: asked(bot.port, "/health")[0] == 200, 20, lambda: bot.output)
        for one in tmp_path.glob("bot.sqlite*"):
            one.unlink()
        until(lambda: asked(bot.port, "/health")[0] == 503, 20, lambda: bot.output)
        assert json.loads(asked(bot.port, "/health")[1])["database_file"] == GONE
        assert bot.output.count("the database file is not as it should be") == 1


@pytest.mark.slow
def test_a_second_process_is_refused_also_where_the_lock_file_was_removed(tmp_path: Path) -> None:
    with StandIn() as telegram, running(tmp_path, telegram) as first:
        (tmp_path / "bot.sqlite.lock").unlink()
        second = Bot(tmp_path, name="second", BOT_API_URL=telegram.address)
        try:
            second.start()
            assert second.process is not None
            assert second.process.wait(20) == 1
            assert "another process serves this database already" in second.output
        finally:
            second.close()
        until(lambda: "the lock file was removed" in first.output, 20, lambda: first.output)
        assert asked(first.port, "/health")[0] == 200


@pytest.mark.slow
def test_the_log_is_emptied_while_it_serves(tmp_path: Path) -> None:
    with StandIn() as telegram, running(tmp_path, telegram):
        telegram.feed([text_update(person, "halo", 1) for person in range(701, 721)])
        log = tmp_path / "bot.sqlite-wal"
        until(lambda: len(telegram.log()["sent"]) >= 20, 20, lambda: "nobody is answered")
        until(lambda: log.stat().st_size == 0, 30, lambda: f"{log.stat().st_size} bytes stay in the log")
        assert os.path.getsize(tmp_path / "bot.sqlite") > 100_000

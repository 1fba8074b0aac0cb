"""Backups: made while the bot serves, brought back whole or not at all, and nobody hears what is long over."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from typer.testing import CliRunner, Result

from bot.__main__ import cli
from bot.app import DATA
from bot.database import Base, Database, known_revisions, migrate, schema_revision
from bot.delivery import outbox
from bot.delivery.outbox import OutboxRow
from bot.operations import backup
from bot.operations.backup import NOTE, BackupError, make, make_dated
from bot.operations.backup.programs import libpq_connection
from bot.operations.leadership import SERVING
from bot.people import people
from bot.people.people import Account, Purpose
from bot.people.quiet_hours import Kind
from bot.programme import consents, privacy
from bot.programme.broadcasts import Broadcast
from bot.settings import ROOT
from bot.turns.inbox import InboxRow
from bot.words.message import Message
from tests.chat import MONDAY, Chat, add_registered, enrolled
from tests.databases import quick_database
from tests.test_migrations import InThread, a_row, emptied, stamp, until

restore = partial(backup.restore, capabilities=DATA)

Contents = dict[str, list[Any]]


def contents(url: str) -> Contents:
    """Every row of every table."""
    with closing(quick_database(url)) as database, database.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(table.select().order_by(*table.primary_key.columns))]
            for table in Base.metadata.sorted_tables
        }


@contextlib.contextmanager
def transaction(url: str) -> Iterator[Session]:
    with closing(quick_database(url)) as database, database.transaction() as db:
        yield db


def command(url: str, *words: str) -> Result:
    """What somebody types, without the start of a process."""
    return CliRunner(env={"DATABASE_URL": url, "BOT_TOKEN": ""}).invoke(cli, words)


def process(url: str, *words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """The real command, in a process of its own."""
    environment = os.environ | {"DATABASE_URL": url, "BOT_TOKEN": "", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, **options,
    )  # fmt: skip


@pytest.fixture
def lived_in(database_url: str) -> str:
    """A database in which people registered, took seats, wait for one, were told of it; one update is not handled."""
    chat = Chat(database_url)
    try:
        session = chat.add_class(capacity=1)
        siti = enrolled(chat, "Siti", session=session).types("/jadwal").sees("Foto Produk")
        enrolled(chat, "Anton", session=session)
        chat.travel(days=2, hours=1)
        siti.sees("besok")
    finally:
        chat.close()
    with transaction(database_url) as db:
        # time travel is of the sandbox: here the present is the present
        db.execute(sa.text("DELETE FROM clock_offset"))
        now = datetime.now(UTC)
        db.add(
            InboxRow(
                update_id=10**6,
                sender_id=siti.id,
                payload=json.dumps({"update_id": 10**6, **siti.message(text="/menu")}),
                received_at=now,
            )
        )
    return database_url


@pytest.fixture
def peopled(database_url: str) -> str:
    """A database with some rows."""
    with transaction(database_url) as db:
        for telegram_id in range(101, 131):
            add_registered(db, telegram_id, f"Siti {telegram_id}", datetime.now(UTC))
    return database_url


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept.zip"


# --- there and back ---------------------------------------------------------------------------------------------------


@pytest.mark.today
def test_what_was_kept_comes_back(lived_in: str, file: Path) -> None:
    before = contents(lived_in)
    assert len(before["person"]) == 2
    assert len(before["enrolment"]) == 2
    assert len(before["consent"]) == 6
    assert len(before["outbox"]) >= 4
    note = make(lived_in, file)
    assert (note.kind, note.revision) == (sa.make_url(lived_in).get_backend_name(), known_revisions()[-1])
    assert file.stat().st_mode & 0o077 == 0
    assert os.listdir(file.parent) == [file.name]

    done = restore(emptied(lived_in), file)

    assert done == backup.Restored(note)
    assert contents(lived_in) == before
    # and life goes on: new rows get new numbers, the update that was not handled is
    chat = Chat(lived_in, now=datetime.now(UTC))
    try:
        siti, _ = chat.phone("Siti"), chat.phone("Anton")
        chat.look()
        siti.sees("Ada yang bisa kami bantu")
        dewi = enrolled(chat, "Dewi", session=chat.add_class("LB-2"))
        dewi.types("/jadwal").sees("Foto Produk")
        with chat.database.transaction() as db:
            assert db.get_one(InboxRow, 10**6).done_at is not None
    finally:
        chat.close()


def test_the_commands_do_it(peopled: str, file: Path) -> None:
    before = contents(peopled)
    made = command(peopled, "backup", str(file))
    assert made.exit_code == 0, made.stderr
    assert f"revision {known_revisions()[-1]}" in made.stdout

    refused = command(peopled, "restore", str(file))
    assert refused.exit_code == 2
    assert refused.stderr.splitlines()[-1].startswith("DATABASE_URL: there are data in this database; --replace")

    with transaction(peopled) as db:
        db.execute(sa.text("DELETE FROM consent"))
    brought_back = command(peopled, "restore", "--replace", str(file))
    assert brought_back.exit_code == 0, brought_back.stderr
    assert brought_back.stdout.startswith("restored: ")
    assert contents(peopled) == before


def test_a_backup_of_an_older_version_is_brought_to_todays_form(database_url: str, file: Path) -> None:
    url = emptied(database_url)
    migrate(url, "0001")
    with closing(Database(url)) as database, database.engine.begin() as connection:
        account = sa.Table("account", sa.MetaData(), autoload_with=connection)
        connection.execute(account.insert().values(a_row(account, 1)))
    assert make(url, file).revision == "0001"
    migrate(url)
    assert restore(url, file, replaces=True).note.revision == "0001"
    with closing(Database(url)) as database:
        assert schema_revision(database) == known_revisions()[-1]
    with transaction(url) as db:
        assert db.scalar(sa.select(Account.staff_name).where(Account.id == 1)) is None


@pytest.mark.today
@pytest.mark.postgresql
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_bot_moves_from_sqlite_to_postgresql(lived_in: str, postgresql_url: str, file: Path) -> None:
    before = contents(lived_in)
    make(lived_in, file)
    restore(postgresql_url, file, moving=True)
    assert contents(postgresql_url) == before
    chat = Chat(postgresql_url, now=datetime.now(UTC))
    try:
        _, _ = chat.phone("Siti"), chat.phone("Anton")
        dewi = enrolled(chat, "Dewi", session=chat.add_class("LB-2"))
        dewi.types("/jadwal").sees("Foto Produk")
    finally:
        chat.close()


@pytest.mark.postgresql
def test_the_bot_does_not_move_back_to_sqlite(sqlite_url: str, postgresql_url: str, file: Path) -> None:
    make(postgresql_url, file)
    with pytest.raises(BackupError, match="is a backup of PostgreSQL, and DATABASE_URL names an SQLite file"):
        restore(sqlite_url, file)


# --- while the bot serves ---------------------------------------------------------------------------------------------


class Bookkeeper:
    """Writes a job and its number into the account, both in one transaction, again and again."""

    def __init__(self, url: str) -> None:
        self.written = 0
        self._database = Database(url)
        with self._database.engine.begin() as connection:
            metadata = sa.MetaData()
            metadata.reflect(connection, only=["account", "errand"])
            self._account, self._errand = metadata.tables["account"], metadata.tables["errand"]
            row = a_row(self._account, 1) | {"last_message_id": 0}
            connection.execute(self._account.insert().values(row))
        self._stop = threading.Event()
        self._thread = InThread(self._write)

    def _write(self) -> None:
        while not self._stop.is_set():
            number = self.written + 1
            with self._database.engine.begin() as connection:
                # longer than a page: the copying takes its time
                row = a_row(self._errand, number) | {"account_id": 1, "args": {"n": str(number) * 2000}}
                connection.execute(self._errand.insert().values(row))
                connection.execute(self._account.update().values(last_message_id=number))
            self.written = number

    def close(self) -> None:
        self._stop.set()
        self._thread.done()
        self._database.close()


def test_a_backup_under_load_is_of_one_moment_and_holds_nobody_up(database_url: str, tmp_path: Path) -> None:
    with closing(Bookkeeper(database_url)) as bookkeeper:
        until(lambda: bookkeeper.written > 100)
        make(database_url, tmp_path / "0.zip")
        before = bookkeeper.written
        made = process(database_url, "backup", str(tmp_path / "1.zip"))  # a process of its own, as it is done
        assert made.returncode == 0, made.stderr
        assert bookkeeper.written > before
        until(lambda: bookkeeper.written > before + 10)
    written = 0
    place = list(Account.__table__.columns.keys()).index("last_message_id")
    for number in range(2):
        restore(database_url, tmp_path / f"{number}.zip", replaces=True)
        kept = contents(database_url)
        assert len(kept["errand"]) == kept["account"][0][place]
        assert len(kept["errand"]) > written
        written = len(kept["errand"])


@contextlib.contextmanager
def _serving(url: str) -> Iterator[None]:
    """The lock of somebody who serves."""
    if url.startswith("sqlite"):
        with Path(f"{sa.make_url(url).database}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    else:
        with closing(Database(url)) as database, database.engine.connect() as connection:
            connection.execute(sa.text("SELECT pg_advisory_lock_shared(:key)"), {"key": SERVING})
            yield


def test_nothing_is_restored_under_somebody_who_serves(peopled: str, file: Path) -> None:
    make(peopled, file)
    before = contents(peopled)
    with _serving(peopled):
        refused = command(peopled, "restore", "--replace", str(file))
    assert refused.exit_code in (1, 2)  # SQLite refuses before it looks at the backup
    assert "another process serves this database" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert contents(peopled) == before


def test_nothing_is_restored_under_a_command_that_has_the_file_open(sqlite_url: str, file: Path) -> None:
    make(sqlite_url, file)
    path = sa.make_url(sqlite_url).database or ""
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM account")
        with pytest.raises(BackupError, match="somebody has the database open"):
            restore(sqlite_url, file, replaces=True)
        other.execute("SELECT count(*) FROM account")
    restore(sqlite_url, file, replaces=True)


# --- refusals -------------------------------------------------------------------------------------------------------


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _spoil(file: Path) -> None:
    whole = bytearray(file.read_bytes())
    for at in range(len(whole) // 3, len(whole) // 3 + 40):
        whole[at] ^= 0xFF
    file.write_bytes(whole)


def _scribble(file: Path) -> None:
    file.write_text("not a backup")


def _foreign(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("letter.txt", "Selamat pagi")


def _rewrite(file: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None]) -> None:
    """A sound archive of something else."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    note = json.loads(members.pop(NOTE))
    change(note, members)
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        archive.writestr(NOTE, json.dumps(note))


def _later(file: Path) -> None:
    _rewrite(file, lambda note, _: note.update(revision="9999"))


def _somebody_elses(file: Path) -> None:
    _rewrite(file, lambda note, _: note.update(revision="a1b2c3"))


def _of_no_kind(file: Path) -> None:
    _rewrite(file, lambda note, _: note.update(kind="oracle"))


def _half_inside(file: Path) -> None:
    def halve(_: dict[str, Any], members: dict[str, bytes]) -> None:
        for name, content in members.items():
            members[name] = content[: len(content) // 2]

    _rewrite(file, halve)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_cut, "is no backup of the bot's, or was cut off"),
        (_spoil, "is no backup of the bot's, or was cut off"),
        (_scribble, "is no backup of the bot's, or was cut off"),
        (_foreign, "is no backup of the bot's, or was cut off"),
        (_later, r"is from a newer version \(revision 9999"),
        (_somebody_elses, "is from another programme"),
        (_of_no_kind, "is no backup of the bot's"),
        (_half_inside, "damaged|malformed|nothing was restored|pg_restore"),
        (Path.unlink, "No such file"),
    ],
)
def test_what_is_no_sound_backup_changes_nothing(
    peopled: str, file: Path, spoil: Callable[[Path], None], said: str
) -> None:
    make(peopled, file)
    spoil(file)
    before = contents(peopled)
    with pytest.raises(BackupError, match=said) as refused:
        restore(peopled, file, replaces=True)
    assert "\n" not in str(refused.value)
    assert contents(peopled) == before


@pytest.mark.parametrize(
    "breaks",
    [
        "bot.operations.backup.restoring.reconcile",
        "pathlib.Path.replace",
        "bot.operations.backup.restoring.upgrade",
    ],
)
def test_a_restore_that_breaks_off_changes_nothing(
    peopled: str, file: Path, breaks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(peopled, file)
    with transaction(peopled) as db:
        db.execute(sa.text("DELETE FROM consent"))
    before = contents(peopled)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(breaks, full)
    if breaks == (
        "bot.operations.backup.restoring.upgrade" if peopled.startswith("sqlite") else "pathlib.Path.replace"
    ):
        restore(peopled, file, replaces=True)  # is no part of it on this kind of database
        return
    with pytest.raises(BackupError, match=r"nothing was restored or changed \(No space left"):
        restore(peopled, file, replaces=True)
    assert contents(peopled) == before


def test_a_full_disk_leaves_nothing_behind(peopled: str, file: Path) -> None:
    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, 8_000))

    made = process(peopled, "backup", str(file), preexec_fn=small)
    assert made.returncode == 2, made.stdout
    assert made.stderr.startswith("the backup could not be made")
    assert len(made.stderr.splitlines()) == 1
    assert os.listdir(file.parent) == []


def test_a_restore_onto_a_full_disk_leaves_the_old_database(sqlite_url: str, file: Path) -> None:
    make(sqlite_url, file)
    before = contents(sqlite_url)

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = process(sqlite_url, "restore", "--replace", str(file), preexec_fn=small)
    assert done.returncode == 2, done.stdout
    assert "nothing was restored or changed" in done.stderr
    assert contents(sqlite_url) == before
    folder = Path(sa.make_url(sqlite_url).database or "").parent
    assert not list(folder.glob(".jalin-backup-*"))


def test_no_file_is_overwritten(sqlite_url: str, file: Path) -> None:
    file.write_text("dear to somebody")
    with pytest.raises(BackupError, match="there is such a file already"):
        make(sqlite_url, file)
    assert file.read_text() == "dear to somebody"


def test_no_database_is_no_backup(tmp_path: Path, database_url: str) -> None:
    with pytest.raises(BackupError, match="there is no database at"):
        make(f"sqlite:///{tmp_path}/nowhere.sqlite", tmp_path / "a.zip")
    with pytest.raises(BackupError, match=r"of the bot's"):
        make(emptied(database_url), tmp_path / "b.zip")
    assert os.listdir(tmp_path) == []


def test_a_database_that_is_broken_is_replaced_when_told_to(sqlite_url: str, file: Path) -> None:
    before = contents(sqlite_url)
    make(sqlite_url, file)
    Path(sa.make_url(sqlite_url).database or "").write_bytes(b"no database any more" * 500)
    with pytest.raises(BackupError, match="cannot be read; with --replace"):
        restore(sqlite_url, file)
    done = restore(sqlite_url, file, replaces=True)
    assert done.unread
    assert "could not be read" in backup.decided(done)[0]
    assert contents(sqlite_url) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can leave files that the bot cannot write")
def test_root_does_not_leave_a_file_that_the_bot_cannot_write(sqlite_url: str, file: Path) -> None:
    make(sqlite_url, file)
    os.chown(Path(sa.make_url(sqlite_url).database or "").parent, 65534, 65534)
    with pytest.raises(BackupError, match="do this as the user"):
        restore(sqlite_url, file, replaces=True)


@pytest.mark.postgresql
def test_tables_of_somebody_else_are_not_touched(postgresql_url: str, file: Path) -> None:
    make(postgresql_url, file)
    with transaction(postgresql_url) as db:
        db.execute(sa.text("CREATE TABLE ledger (id INTEGER)"))
    with pytest.raises(BackupError, match=r"tables that are not ours \(ledger\)"):
        restore(postgresql_url, file, replaces=True)


@pytest.mark.postgresql
def test_a_missing_program_is_named(
    postgresql_url: str, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "glob", lambda *_: iter(()))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match="pg_dump is needed and not here: on Debian, apt install postgresql-client"):
        make(postgresql_url, file)


def test_the_password_is_told_to_nobody(file: Path) -> None:
    url = "postgresql://jalin:rahasia@127.0.0.1:1/jalin?connect_timeout=2"
    with closing(Database(url)) as database:
        words, environment = libpq_connection(database)
    assert "rahasia" not in words
    assert environment == {"PGPASSWORD": "rahasia"}
    tried = command(url, "backup", str(file))
    assert tried.exit_code == 2
    assert "the backup could not be made" in tried.stderr
    assert "rahasia" not in tried.stdout + tried.stderr


# --- a folder of backups ----------------------------------------------------------------------------------------------


@pytest.mark.today
def test_nothing_in_a_folder_becomes_thirty_five_days_old(sqlite_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    made = command(sqlite_url, "backup", f"{folder}/")
    assert made.exit_code == 0, made.stderr
    (first,) = folder.iterdir()
    assert folder.stat().st_mode & 0o077 == 0

    def dated(days: float) -> Path:
        moment = datetime.now(UTC) - timedelta(days=days)
        return Path(shutil.copy(first, folder / f"jalin-{moment.strftime('%Y%m%dT%H%M%SZ')}.zip"))

    # tonight's is that of 34 nights ago, some minutes more or less; tomorrow it would be too late
    young, old, older = dated(33.02), dated(33.98), dated(400)
    others = [folder / "jalin-keep.zip", folder / "jalin-20200101T000000Z.zip.gpg"]
    for other in others:
        other.write_text("of somebody else")
    left_over = folder / ".jalin-backup-dead"
    left_over.mkdir()
    os.utime(left_over, (time.time() - 90_000,) * 2)
    first.unlink()

    file, _, removed = make_dated(sqlite_url, folder)
    assert removed == [older, old]
    assert sorted(folder.iterdir()) == sorted([*others, young, file])


@pytest.mark.today
def test_old_backups_go_even_when_the_new_one_fails(tmp_path: Path) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    old, young = tmp_path / "jalin-20200101T000000Z.zip", tmp_path / f"jalin-{yesterday.strftime('%Y%m%dT%H%M%SZ')}.zip"
    old.write_text("promised to be gone")
    young.write_text("the newest")
    made = command(f"sqlite:///{tmp_path}/nowhere.sqlite", "backup", f"{tmp_path}/")
    assert made.exit_code == 2
    assert "there is no database" in made.stderr
    assert list(tmp_path.iterdir()) == [young]


# --- the past ---------------------------------------------------------------------------------------------------------

HOUR = timedelta(hours=1)


class Ledger:
    """Rows of the outbox, by name."""

    def __init__(self, url: str) -> None:
        self.url = url
        with transaction(url) as db:
            account = add_registered(db, 101, "Siti", datetime.now(UTC)).account_id
            self.account: int = account or 0

    def holds(self, once: str, kind: Kind, **columns: Any) -> None:
        with transaction(self.url) as db:
            account = db.get_one(Account, self.account)
            values = {name: columns.pop(name) for name in ("edits", "not_before") if name in columns}
            post = outbox.to(account, Message("menu.show"), kind=kind, once=once, **values)
            row = outbox.post(db, post, now=datetime.now(UTC) - HOUR)
            db.execute(sa.update(OutboxRow).where(OutboxRow.id == row).values(**columns or {"status": "waiting"}))

    def state(self, once: str) -> tuple[str, str | None]:
        with transaction(self.url) as db:
            row = db.scalars(sa.select(OutboxRow).where(OutboxRow.once == once)).one()
            return row.status, row.reason


def test_what_people_heard_long_ago_is_not_said_again(database_url: str, file: Path) -> None:
    ledger = Ledger(database_url)
    now = datetime.now(UTC)
    held = {"status": "claimed", "holder": "dead", "lease_until": now + HOUR}
    ledger.holds("reply", Kind.REPLY)
    ledger.holds("reply for later", Kind.REPLY, not_before=now + HOUR)
    ledger.holds("reply in hand", Kind.REPLY, **held)
    ledger.holds("reminder", Kind.REMINDER)
    ledger.holds("reminder in hand", Kind.REMINDER, **held)
    ledger.holds("reminder that was held", Kind.REMINDER, not_before=now - HOUR)
    ledger.holds("reminder for the morning", Kind.REMINDER, not_before=now + HOUR)
    ledger.holds("lesson for the morning", Kind.LESSON, not_before=now + HOUR)
    ledger.holds("announcement", Kind.ANNOUNCEMENT)
    ledger.holds("announcement in hand", Kind.ANNOUNCEMENT, **held)
    ledger.holds("announcement for the morning", Kind.ANNOUNCEMENT, not_before=now + HOUR)
    ledger.holds("correction", Kind.ANNOUNCEMENT, edits=1)
    ledger.holds("said", Kind.REPLY, status="sent")
    make(database_url, file)

    done = restore(database_url, file, replaces=True)

    gone, unsure, stays = ("dropped", "restored"), ("unknown", "restored"), ("waiting", None)
    assert {once: ledger.state(once) for once in ("reply", "reply for later", "reply in hand")} == {
        "reply": gone,
        "reply for later": gone,
        "reply in hand": gone,
    }
    assert ledger.state("reminder") == gone
    assert ledger.state("reminder in hand") == gone
    assert ledger.state("reminder that was held") == gone
    assert ledger.state("reminder for the morning") == stays
    assert ledger.state("lesson for the morning") == stays
    assert ledger.state("announcement") == unsure
    assert ledger.state("announcement in hand") == unsure
    assert ledger.state("announcement for the morning") == stays
    assert ledger.state("correction") == stays
    assert ledger.state("said") == ("sent", None)
    assert (done.dropped, done.unknown) == (6, 2)
    with transaction(database_url) as db:
        # what a reply would have told stays nowhere: it may have been a secret
        left = db.scalars(sa.select(OutboxRow.message).where(OutboxRow.once == "reply")).one()
        assert left is None


def _set_back(file: Path, by: timedelta) -> None:
    def earlier(note: dict[str, Any], _: dict[str, bytes]) -> None:
        note["made_at"] = (datetime.fromisoformat(note["made_at"]) - by).isoformat()

    _rewrite(file, earlier)


def test_what_came_due_since_the_backup_may_be_heard_twice_but_no_announcement_is(
    database_url: str, file: Path
) -> None:
    ledger = Ledger(database_url)
    now = datetime.now(UTC)
    ledger.holds("reminder", Kind.REMINDER, not_before=now - HOUR)
    ledger.holds("announcement", Kind.ANNOUNCEMENT, not_before=now - HOUR)
    make(database_url, file)
    _set_back(file, 2 * HOUR)
    restore(database_url, file, replaces=True)
    assert ledger.state("reminder") == ("waiting", None)
    assert ledger.state("announcement") == ("unknown", "restored")


def test_when_the_bot_has_only_moved_everything_is_still_to_be_said(database_url: str, file: Path) -> None:
    ledger = Ledger(database_url)
    ledger.holds("reply", Kind.REPLY)
    ledger.holds("announcement", Kind.ANNOUNCEMENT)
    before = contents(database_url)
    make(database_url, file)
    emptied(database_url)
    restore(database_url, file, moving=True)
    assert contents(database_url) == before


def test_an_announcement_whose_moment_has_passed_is_called_off(database_url: str, file: Path) -> None:
    now = datetime.now(UTC)
    with transaction(database_url) as db:
        for number, due_at in enumerate((now - HOUR, now + HOUR), 1):
            body = outbox.keep_body(db, Message("menu.show"), now=now)
            audience: dict[str, Any] = {"groups": [], "sites": None}
            db.add(
                Broadcast(
                    id=number, body_id=body, audience=audience, zone="Asia/Makassar", status="scheduled",
                    created_at=now - 2 * HOUR, due_at=due_at,
                )
            )  # fmt: skip
    make(database_url, file)
    assert restore(database_url, file, replaces=True).called_off == 1
    with transaction(database_url) as db:
        assert list(db.scalars(sa.select(Broadcast.status).order_by(Broadcast.id))) == ["discarded", "scheduled"]


@pytest.mark.today
def test_people_hear_nothing_of_a_restore(lived_in: str, file: Path) -> None:
    with transaction(lived_in) as db:
        account = db.scalars(sa.select(Account).order_by(Account.id)).unique().first()
        assert account is not None
        outbox.post(db, outbox.to(account, Message("menu.show")), now=datetime.now(UTC))
        db.execute(sa.delete(InboxRow))
    make(lived_in, file)
    restore(lived_in, file, replaces=True)
    chat = Chat(lived_in, now=datetime.now(UTC))
    try:
        siti = chat.phone("Siti")
        chat.look()
        siti.sees_nothing_new()
    finally:
        chat.close()


def test_a_no_that_was_said_since_the_backup_stays_a_no(database_url: str, file: Path) -> None:
    now = datetime.now(UTC)
    with transaction(database_url) as db:
        for telegram_id, name in ((101, "Siti"), (102, "Anton"), (103, "Dewi"), (104, "Budi")):
            add_registered(db, telegram_id, name, now)
    make(database_url, file)

    def account(db: Session, telegram_id: int) -> Account:
        return db.scalars(sa.select(Account).where(Account.telegram_id == telegram_id)).unique().one()

    with transaction(database_url) as db:
        siti, anton, dewi = (account(db, telegram_id) for telegram_id in (101, 102, 103))
        assert siti.person
        assert dewi.person
        privacy.erase(db, siti, siti.person, now, DATA)
        privacy.stop(db, anton, now)
        privacy.answer_consent(db, dewi.person, Purpose.MESSAGES, given=False, text_version="2", language="id", now=now)

    done = restore(database_url, file, replaces=True)

    assert (done.erased, done.stopped, done.withdrawn) == (1, 1, 2)
    with transaction(database_url) as db:
        assert not db.scalars(sa.select(Account).where(Account.telegram_id == 101)).unique().all()
        names = db.scalars(sa.select(people.Person.name).order_by(people.Person.id)).all()
        assert names == ["", "Anton", "Dewi", "Budi"]
        assert account(db, 102).stopped_at is not None
        dewi = account(db, 103)
        assert dewi.person
        assert [people.consent_of(dewi.person, one) for one in people.DIVIDED] == [False, False]
        last = people.consents_of(db, dewi.person)[-1]
        assert (last.purpose, last.text_version, last.given) == (Purpose.MESSAGES, "2", False)  # the words that she saw
        budi = account(db, 104)
        assert budi.person
        assert [people.consent_of(budi.person, one) for one in people.DIVIDED] == [True, True]
        assert budi.stopped_at is None


@pytest.mark.today
def test_a_no_to_both_messages_of_which_one_came_again_ends_the_other_in_its_own_words(
    database_url: str, file: Path
) -> None:
    now = datetime.now(UTC)
    with transaction(database_url) as db:
        add_registered(db, 101, "Siti", now)
    make(database_url, file)
    with transaction(database_url) as db:
        siti = db.scalars(sa.select(people.Person)).one()
        stood = consents.version_of(db, siti, Purpose.LESSONS)
        privacy.answer_consent(db, siti, Purpose.MESSAGES, given=False, text_version="2", language="id", now=now)
        privacy.answer_consent(db, siti, Purpose.REMINDERS, given=True, text_version="9", language="id", now=now)

    assert restore(database_url, file, replaces=True).withdrawn == 1
    with transaction(database_url) as db:
        siti = db.scalars(sa.select(people.Person)).one()
        assert [people.consent_of(siti, one) for one in people.DIVIDED] == [True, False]
        last = people.consents_of(db, siti)[-1]
        assert (last.purpose, last.text_version, last.given) == (Purpose.LESSONS, stood, False)


def test_so_does_a_no_to_lessons_and_to_a_newer_notice_and_why_somebody_left(database_url: str, file: Path) -> None:
    now = MONDAY
    with transaction(database_url) as db:
        for telegram_id, name in ((101, "Siti"), (102, "Anton"), (103, "Dewi")):
            person = add_registered(db, telegram_id, name, now)
            db.execute(sa.update(people.Consent).values(text_version="1"))
            person.training_version = None
    make(database_url, file)

    with transaction(database_url) as db:
        siti, anton, dewi = db.scalars(sa.select(people.Person).order_by(people.Person.id)).all()
        account = db.get_one(Account, siti.account_id)
        privacy.erase(db, account, siti, now, DATA, because=people.ErasedBecause.REFUSAL)
        privacy.answer_consent(db, anton, Purpose.LESSONS, given=False, text_version="1", language="id", now=now)
        consents.answer_notice(db, dewi, given=False, version="2", language="id", now=now)

    done = restore(database_url, file, replaces=True)

    assert (done.erased, done.withdrawn) == (1, 2)
    with transaction(database_url) as db:
        siti, anton, dewi = db.scalars(sa.select(people.Person).order_by(people.Person.id)).all()
        assert (siti.name, siti.erased_because) == ("", people.ErasedBecause.REFUSAL)
        assert [people.consent_of(anton, one) for one in people.DIVIDED] == [True, False]
        assert (dewi.consent_training, consents.standing_version(db, dewi)) == (True, "1")
        last = people.consents_of(db, dewi)[-1]
        assert (last.purpose, last.text_version, last.given) == ("training", "2", False)


def test_who_was_forgotten_in_another_database_is_nobody_here(database_url: str, file: Path) -> None:
    """The ids of persons begin anew in each database: an id alone is nobody."""
    now = datetime.now(UTC)
    with transaction(database_url) as db:
        add_registered(db, 101, "Siti", now)
    make(database_url, file)
    migrate(emptied(database_url))
    with transaction(database_url) as db:
        stranger = add_registered(db, 999, "Anton", now + HOUR)
        account = db.get_one(Account, stranger.account_id)
        privacy.erase(db, account, stranger, now, DATA)
    assert restore(database_url, file, replaces=True).erased == 0
    with transaction(database_url) as db:
        assert db.scalars(sa.select(people.Person.name)).all() == ["Siti"]


def test_a_backup_beside_a_newer_version_can_only_be_restored_by_it(database_url: str, file: Path) -> None:
    stamp(database_url, "9999")
    assert make(database_url, file).revision == "9999"
    with pytest.raises(BackupError, match="is from a newer version"):
        restore(database_url, file, replaces=True)

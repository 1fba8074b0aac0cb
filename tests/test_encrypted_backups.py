"""Backups for somebody's key: whoever has it restores them, and nobody else reads a name in them."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyrage
import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import cli
from bot.operations import backup
from bot.operations.backup.archive import must_be_whole
from tests import test_backup
from tests.test_backup import contents, process

peopled = test_backup.peopled

NAME = b"Siti 101"
BEGINS = b"age-encryption.org/v1"


class Key:
    """A pair of keys; the secret one in a file, as age-keygen writes it."""

    def __init__(self, file: Path) -> None:
        identity = pyrage.x25519.Identity.generate()
        self.public = str(identity.to_public())
        self.file = file
        file.write_text(f"# created: 2026-11-23T09:00:00+07:00\n# public key: {self.public}\n{identity}\n")


@pytest.fixture
def key(tmp_path: Path) -> Key:
    return Key(tmp_path / "jalin-backup.key")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "backups"
    made.mkdir()
    return made


def command(url: str, *words: str, recipients: str = "") -> Result:
    environment = {"DATABASE_URL": url, "BOT_TOKEN": "", "BACKUP_RECIPIENTS": recipients}
    return CliRunner(env=environment).invoke(cli, words)


def test_each_of_the_keys_restores_it_and_no_name_is_to_be_read(
    peopled: str, key: Key, folder: Path, tmp_path: Path
) -> None:
    other = Key(tmp_path / "other.key")
    before = contents(peopled)
    made = command(peopled, "backup", f"{folder}/", recipients=f"{key.public}, {other.public}")
    assert made.exit_code == 0, made.stderr
    (file,) = folder.iterdir()
    assert file.name.endswith(".zip.age")
    assert file.stat().st_mode & 0o077 == 0
    assert file.read_bytes().startswith(BEGINS)
    assert NAME not in file.read_bytes()
    for one in (key, other):
        done = command(peopled, "restore", "--replace", "--identity", str(one.file), str(file))
        assert done.exit_code == 0, done.stderr
        assert contents(peopled) == before


def test_without_keys_it_is_a_zip_as_before_and_restores_with_or_without_one(
    peopled: str, key: Key, folder: Path
) -> None:
    before = contents(peopled)
    assert command(peopled, "backup", f"{folder}/").exit_code == 0
    (file,) = folder.iterdir()
    assert file.name.endswith(".zip")
    for more in ([], ["--identity", str(key.file)]):
        assert command(peopled, "restore", "--replace", *more, str(file)).exit_code == 0
        assert contents(peopled) == before


def test_nothing_that_can_be_read_lies_beside_it_at_any_moment(
    sqlite_url: str, key: Key, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[bytes] = []
    real = must_be_whole

    def look(database: Any) -> None:
        looked.extend(one.read_bytes()[:16] for one in folder.rglob("*") if one.is_file())
        looked.append(b"looked")
        real(database)

    monkeypatch.setattr("bot.operations.backup.making.must_be_whole", look)
    before = set(Path(sqlite_url.removeprefix("sqlite:///")).parent.iterdir())
    backup.make(sqlite_url, folder / "kept.zip.age", [key.public])
    assert looked[-1] == b"looked"
    assert [one for one in looked if one.startswith((b"SQLite", b"PK"))] == []
    assert set(Path(sqlite_url.removeprefix("sqlite:///")).parent.iterdir()) == before, "nor is anything left there"


def _cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size - 100)


def _changed(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-1000] ^= 1
    file.write_bytes(content)


def _no_key(file: Path) -> None: ...


@pytest.mark.parametrize(
    ("spoil", "identity", "words"),
    [
        (_no_key, None, "{file}: is encrypted; say where the key is: --identity FILE"),
        (_no_key, "another", "{file}: no key in {identity} opens it: it was encrypted for another"),
        (_no_key, "empty", "{file}: {identity} holds no key: a line that begins with AGE-SECRET-KEY-1"),
        (_no_key, "public", "{file}: {identity} holds no key: a line that begins with AGE-SECRET-KEY-1"),
        (_no_key, "nowhere", "{file}: the key {identity} cannot be read (No such file or directory)"),
        (_cut, "right", "{file}: is no backup of the bot's, or was cut off or damaged"),
        (_changed, "right", "{file}: is no backup of the bot's, or was cut off or damaged"),
    ],
)
def test_what_does_not_open_it_is_one_line_and_changes_nothing(
    sqlite_url: str, tmp_path: Path, key: Key, spoil: Callable[[Path], None], identity: str | None, words: str
) -> None:
    file = tmp_path / "kept.zip.age"
    backup.make(sqlite_url, file, [key.public])
    spoil(file)
    files = {"another": Key(tmp_path / "another.key").file, "right": key.file}
    chosen = files.get(identity or "", tmp_path / f"{identity}.key")
    (tmp_path / "empty.key").write_text("")
    (tmp_path / "public.key").write_text(key.public)
    before = contents(sqlite_url)
    more = ["--identity", str(chosen)] if identity else []
    refused = command(sqlite_url, "restore", "--replace", *more, str(file))
    assert refused.exit_code == 2
    assert refused.stderr.splitlines() == [words.format(file=file, identity=chosen)]
    assert contents(sqlite_url) == before


@pytest.mark.parametrize("given", ["age1", "AGE-SECRET-KEY-1", "age1" + "q" * 58, "ssh-ed25519 AAAA"])
def test_a_wrong_public_key_is_one_line(sqlite_url: str, folder: Path, given: str) -> None:
    refused = command(sqlite_url, "backup", f"{folder}/", recipients=given)
    assert refused.exit_code == 2
    (line,) = refused.stderr.splitlines()
    assert line.startswith("BACKUP_RECIPIENTS: must be public keys")
    assert list(folder.iterdir()) == []


def test_old_ones_go_encrypted_or_not(sqlite_url: str, key: Key, folder: Path) -> None:
    now = datetime.now(UTC)
    for nights, ending in ((33, ".zip.age"), (34, ".zip.age"), (34, ".zip"), (90, ".zip.age.part")):
        (folder / f"jalin-{now - timedelta(days=nights):%Y%m%dT%H%M%SZ}{ending}").write_bytes(BEGINS)
    path, _, old = backup.make_dated(sqlite_url, folder, recipients=[key.public])
    assert sorted(one.name.partition(".")[2] for one in old) == ["zip", "zip.age"]
    assert path.name.endswith(".zip.age")
    assert len(list(folder.iterdir())) == 3


def test_a_full_disk_leaves_nothing_behind(
    peopled: str, key: Key, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, 8_000))

    file = folder / "kept.zip.age"
    monkeypatch.setenv("BACKUP_RECIPIENTS", key.public)
    failed = process(peopled, "backup", str(file), preexec_fn=little_room)
    assert failed.returncode == 2, failed.stderr
    (line,) = failed.stderr.splitlines()
    assert "no file was left behind" in line
    assert list(folder.iterdir()) == []

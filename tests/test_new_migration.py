"""`make migration NAME=...` writes a migration that runs as it is; `python -m bot migrate` says what it did."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from typer.testing import CliRunner

from bot.__main__ import cli
from bot.database import Database, changing_schema, known_revisions, newest_revision, shown_url
from bot.migrations import new
from bot.settings import ROOT
from tests import warm_start
from tests.test_migrations import emptied

WITH_A_TABLE = """
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from sqlalchemy import ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column
import bot.app
from bot.database import Base, BigId, partial_index
from bot.migrations import new

class Tip(Base):
    __tablename__ = "tip"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    words: Mapped[str | None] = mapped_column(String(200))
    shown_at: Mapped[datetime | None]
    details: Mapped[dict[str, Any]]
    liked: Mapped[bool] = mapped_column(default=False, server_default=false())

partial_index("ix_tip_waiting", Tip.shown_at, of="shown_at IS NOT NULL")
print(new.write("tips", Path(sys.argv[1])))
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is written for a new table, in a copy of the migrations."""
    copy = tmp_path_factory.mktemp("new") / "migrations"
    shutil.copytree(ROOT / "bot" / "migrations", copy, ignore=shutil.ignore_patterns("__pycache__"))
    done = warm_start.run(["-c", WITH_A_TABLE, str(copy)], cwd=ROOT, timeout=100)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


def test_the_file_has_the_next_number_and_looks_like_the_others(written: Path) -> None:
    number = f"{int(newest_revision()) + 1:04}"
    assert written.name == f"{number}_tips.py"
    words = written.read_text()
    assert words.startswith(f'"""Tips.\n\nRevision ID: {number}\nRevises: {newest_revision()}\n"""\n\nfrom __future__')
    assert "###" not in words
    assert "bot" not in words  # it stays true when the code it came from changes
    for rules in (["check"], ["format", "--check"]):
        command_line = [sys.executable, "-m", "ruff", *rules, "--config", str(ROOT / "pyproject.toml"), str(written)]
        subprocess.run(command_line, check=True)


def test_the_file_migrates_and_takes_it_back(written: Path, database_url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(written.parent.parent))

    def go(to: str) -> set[str]:
        with closing(Database(database_url)) as database, database.engine.connect() as connection:
            with changing_schema(connection):
                config.attributes["connection"] = connection
                (command.upgrade if to == "head" else command.downgrade)(config, to)
            return set(sa.inspect(connection).get_table_names())

    assert "tip" in go("head")
    with closing(Database(database_url)) as database, database.engine.begin() as connection:
        person = "INSERT INTO person (id, name, salutation, consent_training) VALUES (7, '', '', false)"
        for statement in (person, "INSERT INTO tip (person_id, details) VALUES (7, '{}')"):
            connection.execute(sa.text(statement))
        assert connection.execute(sa.text("SELECT liked FROM tip")).scalar_one() in (False, 0)
        connection.execute(sa.text("DELETE FROM tip"))
        indexes = {index["name"] for index in sa.inspect(connection).get_indexes("tip")}
    assert indexes == {"ix_tip_person_id", "ix_tip_waiting"}
    assert "tip" not in go(newest_revision())


def test_where_the_tables_are_the_newest_nothing_is_written() -> None:
    before = known_revisions()
    done = warm_start.run(["-m", "bot.migrations.new", "tips"], cwd=ROOT, timeout=100)
    assert done.returncode == 1
    assert done.stderr.startswith("The tables in the code are those of the newest revision")
    assert known_revisions() == before


@pytest.mark.parametrize("name", ["", "Tips", "two words", "../tips", "7", "tips.py", "x" * 41])
def test_a_name_that_is_no_file_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="NAME: "):
        new.write(name)


# --- python -m bot migrate --------------------------------------------------------------------------------------------


def migrated(tmp_path: Path, **settings: str) -> str:
    mine = {name: value for name, value in os.environ.items() if name not in ("BOT_TOKEN", "DATABASE_URL")}
    environment = mine | {"PYTHONPATH": str(ROOT)} | settings
    done = warm_start.run(["-m", "bot", "migrate"], cwd=tmp_path, env=environment, timeout=100)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def migrated_here(url: str) -> str:
    """In this process: a new one takes two seconds to start."""
    result = CliRunner(env={"DATABASE_URL": url, "BOT_TOKEN": ""}).invoke(cli, ["migrate"])
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def test_migrate_says_what_it_did_and_for_which_database(database_url: str) -> None:
    url, newest = emptied(database_url), newest_revision()
    shown = shown_url(url)
    assert migrated_here(url) == f"{shown}: made, revision {newest}"
    assert migrated_here(url) == f"{shown}: is up to date, revision {newest}"
    with closing(Database(url)) as database, database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0999'"))
    newer = f"{shown}: left as a newer version of the bot has made it, revision 0999"
    assert migrated_here(url) == newer


def test_migrate_tells_from_where_to_where(tmp_path: Path, sqlite_url: str) -> None:
    from bot.database import migrate

    url = emptied(sqlite_url)
    migrate(url, "0005")
    assert migrated(tmp_path, DATABASE_URL=url).endswith(f": brought from revision 0005 to {newest_revision()}")


@pytest.mark.usefixtures("anew")
def test_migrate_without_settings_says_that_it_did_nothing(tmp_path: Path) -> None:
    assert migrated(tmp_path).startswith("nothing was migrated: neither BOT_TOKEN nor DATABASE_URL is set")


def test_a_password_is_never_shown() -> None:
    shown = shown_url("postgresql://jalin:geheim@db.example:5433/jalin")
    assert shown == "postgresql://jalin@db.example:5433/jalin"
    assert shown_url("sqlite:////srv/jalin.sqlite") == "/srv/jalin.sqlite"

"""A thousand certificates over a restart, a restored backup, a migration, another template and other criteria: none is
issued, none is changed, and nothing is sent."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from bot.app import DATA
from bot.database import Database, changing_schema
from bot.operations.backup import make, restore
from bot.programme.attendance.tables import Attendance
from bot.programme.certificates import Certificate
from bot.settings import ROOT
from tests.chat import Chat, add_registered, content
from tests.test_attendance import START
from tests.test_certificates import after_class, taken

MANY: Final = 1_000


def state(url: str) -> tuple[list[Any], int]:
    """Every certificate as it stands, and how many messages were ever written."""
    with closing(Database(url)) as database, database.transaction() as db:
        rows = [tuple(row) for row in db.execute(sa.select(Certificate.__table__).order_by(Certificate.id))]
        return rows, db.scalar(sa.text("SELECT count(*) FROM outbox")) or 0


@pytest.fixture
def settled(database_url: str) -> tuple[str, datetime]:
    """A database in which a thousand people were in a class and took their certificate, and the moment after it."""
    chat = Chat(database_url)
    try:
        siti, session = after_class(chat)
        made = taken(chat, siti)
        with chat.database.transaction() as db:
            first = db.get_one(Certificate, made.id)
            fields = {column.name: getattr(first, column.name) for column in Certificate.__table__.columns}
            there = {"session_id": session, "mark": "present", "how": "code", "at": START, "told": "present"}
            for number in range(1, MANY):
                person = add_registered(db, 50_000 + number, f"Orang {number}", chat.now)
                db.flush()
                row = fields | {"id": None, "person_id": person.id, "code": f"A{number:09}"}
                db.execute(sa.insert(Certificate).values({name: value for name, value in row.items() if name != "id"}))
                db.execute(sa.insert(Attendance).values(person_id=person.id, **there))
        now = chat.now
    finally:
        chat.close()
    return database_url, now


def lives_on(url: str, now: datetime, **changes: Any) -> None:
    """A new process serves the database for a day; `changes` of the programme hold from its beginning."""
    chat = Chat(url, now=now)
    try:
        if changes:
            programme = content().programme.model_copy(update=changes)
            chat.app.content = replace(chat.app.content, programme=programme)
        chat.look()
    finally:
        chat.close()


@pytest.mark.both_databases
def test_nothing_but_a_tap_issues_or_changes_or_tells_of_a_certificate(
    settled: tuple[str, datetime], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, now = settled
    lives_on(url, now)  # what the class itself still has to say is said
    before = state(url)
    assert len(before[0]) == MANY

    lives_on(url, now)
    assert state(url) == before, "a restart"

    rules = content().programme.certificates
    stricter = rules.model_copy(update={"completion": rules.completion.model_copy(update={"classes": None})})
    lives_on(url, now, certificates=stricter)
    assert state(url) == before, "other criteria"

    monkeypatch.setattr("bot.programme.certificates.issuing.NEWEST", "2")
    lives_on(url, now)
    assert state(url) == before, "another template"

    backup = tmp_path / "kept.zip"
    make(url, backup)
    restore(url, backup, replaces=True, capabilities=DATA)
    assert state(url)[0] == before[0], "a restored backup"
    told = state(url)
    lives_on(url, now)
    assert state(url) == told, "after it"


@pytest.mark.both_databases
def test_a_migration_issues_and_changes_and_sends_nothing(settled: tuple[str, datetime]) -> None:
    url, now = settled
    lives_on(url, now)
    before = state(url)
    config = Config()
    config.set_main_option("script_location", str(ROOT / "bot" / "migrations"))
    for go, to in ((command.downgrade, "0043"), (command.upgrade, "head")):
        with closing(Database(url)) as database, database.engine.connect() as connection, changing_schema(connection):
            config.attributes["connection"] = connection
            go(config, to)
    lives_on(url, now)
    assert state(url) == before

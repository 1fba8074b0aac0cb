"""/health: when a watchdog is told that something is wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot import web
from bot.outbox import OutboxRow, Status
from tests.chat import Chat, registered


def health(chat: Chat) -> dict[str, Any]:
    return chat._loop.run_until_complete(web.state(chat.app))


def test_all_is_well(chat: Chat) -> None:
    registered(chat)
    assert health(chat)["ok"]


def test_messages_that_wait_while_nothing_is_sent_are_told(chat: Chat) -> None:
    registered(chat).types("/menu").types("/jadwal")
    with chat.database.transaction() as db:
        db.execute(update(OutboxRow).values(status=Status.WAITING, sent_at=None, created_at=chat.now))
    chat.app.clock.offset += timedelta(minutes=4)
    assert health(chat)["ok"]
    chat.app.clock.offset += timedelta(minutes=2)
    found = health(chat)
    assert not found["ok"]
    assert found["outbox_age_seconds"] >= 360


def test_an_announcement_that_takes_long_is_no_alarm(chat: Chat) -> None:
    registered(chat).types("/menu").types("/jadwal")
    with chat.database.transaction() as db:
        db.execute(update(OutboxRow).values(created_at=chat.now))
        row = db.query(OutboxRow).order_by(OutboxRow.id).first()
        assert row is not None
        row.status = Status.WAITING
        row.sent_at = None
    chat.app.clock.offset += timedelta(minutes=10)
    assert not health(chat)["ok"]
    with chat.database.transaction() as db:
        sent = update(OutboxRow).where(OutboxRow.status == Status.SENT).values(sent_at=chat.now - timedelta(seconds=30))
        db.execute(sent)
    found = health(chat)
    assert found["ok"]
    assert found["outbox_age_seconds"] >= 600


def test_a_silent_telegram_is_told(chat: Chat) -> None:
    chat.app.inbox.last_poll -= web.SILENCE + 1
    assert not health(chat)["ok"]


def test_a_database_that_is_away_is_told(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> object:
        raise OSError

    monkeypatch.setattr(chat.database, "in_transaction", away)
    found = health(chat)
    assert (found["ok"], found["database"], found["inbox_waiting"]) == (False, False, None)

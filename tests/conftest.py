"""Fixtures of the whole suite."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.chat import Chat

gc.set_threshold(20_000)  # as the bot does: content, words and libraries are many, and stay

pytest_plugins = ("tests.requirements", "tests.databases", "tests.browser", "tests.days")


@pytest.fixture
def admins() -> tuple[int, ...]:
    """Telegram ids of the admins; a test file can put its own in this place."""
    return ()


@pytest.fixture
def chat(database_url: str, admins: tuple[int, ...]) -> Iterator[Chat]:
    """The bot in a chat, on SQLite and on PostgreSQL."""
    from tests.chat import Chat  # only chats need the whole bot

    opened = Chat(database_url, admin_ids=admins)
    try:
        yield opened
    finally:
        opened.close()

"""Fixtures of the whole suite."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.chat import Chat

pytest_plugins = ("tests.needs", "tests.databases", "tests.browser")


@pytest.fixture
def chat(database_url: str) -> Iterator[Chat]:
    """The bot in a chat, on SQLite and on PostgreSQL."""
    from tests.chat import Chat  # only chats need the whole bot

    opened = Chat(database_url)
    try:
        yield opened
    finally:
        opened.close()

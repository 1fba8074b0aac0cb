"""Fixtures of the whole suite."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.warm_start import ANEW

if TYPE_CHECKING:
    from tests.chat import Chat, Phone

gc.set_threshold(20_000)  # as the bot does: content, words and libraries are many, and stay

# Every process that the tests start would else compile the bot anew, half of the time it takes to start.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# They are started as an operator starts them, whatever the terminal is set to.
os.environ.pop("PYTHONUNBUFFERED", None)

# a machine that is busy is no failure
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")

SLOW = ("slow", "browser")

pytest_plugins = ("tests.requirements", "tests.databases", "tests.browser", "tests.days")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several processes share the tests, each begins with some of those that take long: whoever has nothing left
    to do takes of what is still waiting, but nobody can help with a test under way."""
    if hasattr(config, "workerinput"):
        items[:] = in_shares(items, int(config.workerinput["workercount"]))


def pytest_collection_finish() -> None:
    """What was loaded until here stays: the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


def in_shares(items: Sequence[pytest.Item], shares: int) -> list[pytest.Item]:
    """The tests in an order of which pytest-xdist gives each process an equal part; the slow tests of a file stay
    together, because they share a browser."""
    slow: dict[Path, list[pytest.Item]] = {}
    quick: list[pytest.Item] = []
    for item in items:
        here = any(item.get_closest_marker(mark) for mark in SLOW)
        (slow.setdefault(item.path, []) if here else quick).append(item)
    heads: list[list[pytest.Item]] = [[] for _ in range(shares)]
    for of_file in sorted(slow.values(), key=len, reverse=True):
        min(heads, key=_weight).extend(of_file)
    found: list[pytest.Item] = []
    for at, head in enumerate(heads):
        rest = max(0, (len(items) - len(found)) // (shares - at) - len(head))
        found += [*head, *quick[:rest]]
        del quick[:rest]
    return found + quick


def _weight(items: Sequence[pytest.Item]) -> int:
    """About how many seconds they take."""
    return sum(20 if item.get_closest_marker("browser") else 3 for item in items)


@pytest.fixture
def admins() -> tuple[int, ...]:
    """Telegram ids of the admins; a test file can put its own in this place."""
    return ()


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every process that the test starts loads what it needs itself, as one that an operator starts."""
    monkeypatch.setenv(ANEW, "1")


@pytest.fixture
def chat(database_url: str, admins: tuple[int, ...]) -> Iterator[Chat]:
    """The bot in a chat, on SQLite and on PostgreSQL."""
    from tests.chat import Chat  # only chats need the whole bot

    opened = Chat(database_url, admin_ids=admins)
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture
def maria(chat: Chat) -> Phone:
    """A trainer of Labuan Bajo."""
    from tests.chat import staffed

    return staffed(chat, "Maria")

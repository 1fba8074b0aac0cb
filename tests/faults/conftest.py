"""Fixtures of the crash tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import postgres, warm_start
from tests.databases import _migrate
from tests.requirements import missing


@pytest.fixture(scope="session", autouse=True)
def begun_as_by_an_operator() -> Iterator[None]:
    """What is killed and starved here has loaded itself what it needs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(warm_start.ANEW, "1")
        yield


@pytest.fixture(scope="session")
def hard_postgresql() -> Iterator[postgres.Server]:
    """A PostgreSQL whose commits outlive its own crash. (Not the machine's: it does not wait for the disk.)"""
    try:
        with postgres.running_server(synchronous_commit="on", full_page_writes="on") as server:
            yield server
    except postgres.Unavailable as error:
        missing("postgresql", str(error))


@pytest.fixture
def hard_url(hard_postgresql: postgres.Server) -> Iterator[str]:
    name = hard_postgresql.create()
    _migrate(hard_postgresql.url(name))
    try:
        yield hard_postgresql.url(name)
    finally:
        hard_postgresql.drop(name)

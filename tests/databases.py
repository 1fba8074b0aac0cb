"""Fixtures: an empty, migrated database for one test, on SQLite and on PostgreSQL.

A test that asks for `database_url` is run on both. A chat is run on one of the two, chosen by its name, so that each
database sees half of all chats: what chats differ in is seldom what a database is asked, and thousands of them took
half of the suite's time to say everything twice. Those marked `both_databases` (seats, erasing, figures, races) are
run on both, and so is every chat with `--both-databases`. With `-m "not postgresql"`, and where a machine has no
PostgreSQL, all chats are run on SQLite.

Migrations run once per test process and kind. Each test gets a copy of the SQLite file; a PostgreSQL database is
emptied and used again, by the same connections.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import pytest

from tests import postgres
from tests.requirements import missing, required
from tests.temp_databases import scratch_folder

if TYPE_CHECKING:
    from sqlalchemy import Pool
    from sqlalchemy.engine import Dialect

    from bot.database import Database

MakeDatabase = Callable[[], contextlib.AbstractContextManager[str]]

_dialects: dict[str, Dialect] = {}
_compiled: dict[str, dict[Any, Any]] = {}
_pools: dict[str, Pool] = {}


def quick_database(url: str) -> Database:
    """The database at `url` as one test wants it: SQLite does not wait for the disk, and SQL that an earlier test of
    this process has had compiled is not compiled again (for that, all of a kind have one dialect). PostgreSQL's
    connections outlive the test."""
    from bot.database import Database

    database = Database(url, durable=False)
    engine = database.engine
    kind = engine.dialect.name
    engine.dialect = _dialects.setdefault(kind, engine.dialect)
    engine.update_execution_options(compiled_cache=_compiled.setdefault(kind, {}))
    if kind == "postgresql":
        engine.pool = _pools.setdefault(url, engine.pool)
        engine.pool._pre_ping = False  # these connections are never cut
        engine.dispose = lambda close=True: None  # type: ignore[method-assign]
    return database


POSTGRESQL: Final = pytest.param("postgresql", marks=pytest.mark.postgresql)
EITHER: Final = "either"
"""In the place of PostgreSQL, by a chat that may be run on SQLite where there is none."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--both-databases", action="store_true", help="run every chat on SQLite and on PostgreSQL")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Says on which databases a test is run, unless it says so itself."""
    if "database_url" not in metafunc.fixturenames or _says_itself(metafunc.definition):
        return
    metafunc.parametrize("database_url", _databases(metafunc), indirect=True)


def _says_itself(test: pytest.Item) -> bool:
    return any("database_url" in str(mark.args[:1]) for mark in test.iter_markers("parametrize"))


def _databases(metafunc: pytest.Metafunc) -> Sequence[Any]:
    if (
        "chat" not in metafunc.fixturenames
        or metafunc.definition.get_closest_marker("both_databases")
        or metafunc.config.getoption("--both-databases")
    ):
        return ["sqlite", POSTGRESQL]
    if "not postgresql" in metafunc.config.getoption("-m") or crc32(metafunc.definition.nodeid.encode()) % 2:
        return ["sqlite"]
    return [pytest.param(EITHER, marks=pytest.mark.postgresql, id="postgresql")]


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a database of the test's own, on SQLite or on PostgreSQL."""
    kind = request.param
    if kind == EITHER:
        server = request.getfixturevalue("_postgresql")
        kind = "sqlite" if isinstance(server, str) and not required("postgresql") else "postgresql"
    url = request.getfixturevalue(f"{kind}_url")
    assert isinstance(url, str)
    return url


def by_turns(names: str, cases: Iterable[Any], ids: Sequence[str] | None = None) -> pytest.MarkDecorator:
    """In place of pytest.mark.parametrize: the first case is run on SQLite, the second on PostgreSQL, and so on. For
    random stories, and for cases that differ in words and not in what the database is asked: a case on the other
    database would find little that the cases that are run there do not find."""
    several = "," in names
    params = [
        pytest.param(
            "postgresql" if at % 2 else "sqlite",
            *(one if several else (one,)),
            marks=[pytest.mark.postgresql] if at % 2 else [],
            id=None if ids is None else f"{'postgresql' if at % 2 else 'sqlite'}-{ids[at]}",
        )
        for at, one in enumerate(cases)
    ]
    return pytest.mark.parametrize(f"database_url,{names}", params, indirect=["database_url"])


@pytest.fixture
def sqlite_url(sqlite_template: Path) -> Iterator[str]:
    """The address of an SQLite database of the test's own."""
    with tempfile.TemporaryDirectory(dir=sqlite_template.parent) as folder:
        path = Path(folder) / "bot.sqlite"
        shutil.copyfile(sqlite_template, path)
        yield f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(postgresql_databases: MakeDatabase) -> Iterator[str]:
    """The address of a PostgreSQL database of the test's own. Mark the test `postgresql`."""
    with postgresql_databases() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template() -> Iterator[Path]:
    """A migrated SQLite file, to be copied."""
    with scratch_folder() as folder:
        path = folder / "template.sqlite"
        _migrate(f"sqlite:///{path}")
        # In WAL mode the newest pages may still lie in the file beside it, which is not copied.
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        yield path


@pytest.fixture(scope="session")
def postgresql_databases(_postgresql: postgres.Server | str) -> MakeDatabase:
    """A function that makes a migrated PostgreSQL database for as long as its `with` block."""
    if isinstance(_postgresql, str):
        missing("postgresql", _postgresql)
    server = _postgresql
    template = server.create()
    _migrate(server.url(template))

    spare: list[str] = []

    @contextlib.contextmanager
    def database() -> Iterator[str]:
        if spare:
            name = spare.pop()
        else:
            name = server.create(template)
            server.remember_shape(name)
        try:
            yield server.url(name)
        finally:
            if server.empty(name):
                spare.append(name)
            else:
                if (pool := _pools.pop(server.url(name), None)) is not None:
                    pool.dispose()
                server.drop(name)

    return database


@pytest.fixture(scope="session")
def _postgresql() -> Iterator[postgres.Server | str]:
    """The server of this test process, or why there is none."""
    with contextlib.ExitStack() as stack:
        try:
            server: postgres.Server | str = stack.enter_context(postgres.running_server())
        except postgres.Unavailable as error:
            server = str(error)
        yield server


def _migrate(url: str) -> None:
    # Imported here, because Alembic takes a second to load and many tests need no database.
    from bot.database import migrate

    migrate(url)

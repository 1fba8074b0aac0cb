"""The test databases themselves: migrated, the right kind, and each test's own."""

import re
import subprocess
import sys

import pytest
import sqlalchemy as sa

from bot.settings import ROOT

LEFT_BEHIND = sa.table("left_behind", sa.column("word"))


def test_a_database_is_migrated_and_of_the_kind_that_was_asked_for(
    database_url: str, request: pytest.FixtureRequest
) -> None:
    engine = sa.create_engine(database_url, poolclass=sa.NullPool)
    assert engine.dialect.name == request.node.callspec.params["database_url"]
    assert "alembic_version" in sa.inspect(engine).get_table_names()
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM alembic_version")) == 1


@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_one_test_leaves_behind_no_other_finds(database_url: str, turn: str) -> None:
    # Whichever of the two runs second would find the table of the first.
    engine = sa.create_engine(database_url, poolclass=sa.NullPool)
    assert "left_behind" not in sa.inspect(engine).get_table_names()
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE left_behind (word VARCHAR(10))"))
        connection.execute(LEFT_BEHIND.insert().values(word=turn))
    with engine.connect() as connection:
        assert connection.scalars(sa.select(LEFT_BEHIND.c.word)).all() == [turn]


COLLECTED = """
import sys
import pytest
for options in ([], ["--both-databases"], ["-m", "not postgresql"]):
    if pytest.main(["-p", "no:cacheprovider", "--collect-only", "tests/test_surveys.py", *options]):
        sys.exit("nothing was collected")
    print("---")
"""


def collected() -> list[list[tuple[str, str]]]:
    """The chats of a file that says nothing of databases: name of the test, and the database. As they come; with both
    databases; and without PostgreSQL."""
    command = [sys.executable, "-c", COLLECTED]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [re.findall(r"::(\w+)\[(sqlite|postgresql)", part) for part in printed.split("---\n")[:-1]]


def test_a_chat_is_run_on_one_database_each_sees_some_of_them_and_either_can_be_asked_for() -> None:
    one, both, without = collected()
    names = {name for name, _ in both}
    assert len(names) > 5
    assert {name for name, _ in one} == names, "no chat is left out"
    assert {kind for _, kind in one} == {"sqlite", "postgresql"}
    assert all(len({kind for name, kind in one if name == each}) == 1 for each in names)
    assert sorted({*both}) == sorted((name, kind) for name in names for kind in ("postgresql", "sqlite"))
    assert {*without} == {(name, "sqlite") for name in names}

"""The test databases themselves: migrated, the right kind, and each test's own."""

import pytest
import sqlalchemy as sa

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

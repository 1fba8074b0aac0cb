"""Alembic's way in: `bot.database.migrate` and `bot.migrations.new` give it a connection; developers may also use the
alembic command."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

from bot.app import DATA
from bot.database import Base, Database, UtcDateTime, changing_schema
from bot.settings import read_settings

assert DATA  # every table was imported


def rendered(kind: str, item: Any, autogen_context: Any) -> str | Literal[False]:
    """How a new migration writes a type of ours: as what it is in the database, so that it needs nothing of us."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        transaction_per_migration=False,
        compare_type=True,
        render_item=rendered,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    database = Database(read_settings().database_url)
    with database.engine.connect() as opened, changing_schema(opened):
        run(opened)
    database.close()

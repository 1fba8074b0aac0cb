"""Alembic's way in: `bot.database.migrate` gives it a connection; developers may also use the alembic command."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from bot.app import DATA
from bot.database import Base, Database, changing_schema
from bot.settings import read_settings

assert DATA  # every table was imported


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        transaction_per_migration=False,
        compare_type=True,
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

"""What the commands have in common: settings, an end with one line that says why, a database brought up to date."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NoReturn

from sqlalchemy.engine import make_url

from bot.command_line.logs import journal_prefix
from bot.database_trouble import why
from bot.settings import ROOT, Settings, SettingsError, read_settings

if TYPE_CHECKING:
    from bot.catalogue.content import Content
    from bot.operations.database_file import HeldFile

SANDBOX = ROOT / "data" / "sandbox"


def settings_or_stop(**given: Any) -> Settings:
    try:
        return read_settings(**given)
    except SettingsError as problem:
        stop_with(str(problem))


WRONG: Final = 2
"""The exit status where somebody must put something right: systemd does not start the bot again then."""
NOT_NOW: Final = 1
"""The exit status where it may go better the next time: the database is away, say."""


def stop_with(words: str, status: int = WRONG) -> NoReturn:
    print(journal_prefix("error") + words, file=sys.stderr)
    raise SystemExit(status)


def is_sqlite(settings: Settings) -> bool:
    return make_url(settings.database_url).get_backend_name() == "sqlite"


@contextlib.contextmanager
def only_one(settings: Settings, *, makes: bool = True) -> Iterator[HeldFile | None]:
    """Locks an SQLite file for this process. On PostgreSQL the app takes its lock itself (`leadership`)."""
    from bot.database import sqlite_file
    from bot.operations.database_file import ServedAlreadyError, held
    from bot.serving import SERVED_ALREADY

    path = sqlite_file(make_url(settings.database_url))
    if path is None:
        yield None
        return
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(held(path.absolute(), makes=makes))
        except ServedAlreadyError:
            stop_with(SERVED_ALREADY, NOT_NOW)
        except OSError as problem:
            where = path.absolute().parent
            stop_with(f"DATABASE_URL: nothing can be written into {where}: {why(problem)}; is it set right?", NOT_NOW)
        yield file


def trouble_with_schema(settings: Settings) -> str | None:
    """Returns what is wrong with the schema, in one line. Several processes do not migrate: `python -m bot migrate`
    did that once, while the old version still served. A schema newer than this code is fine, because migrations only
    add."""
    from sqlalchemy.exc import SQLAlchemyError

    from bot.database import Database, newest_revision, schema_revision

    try:
        with contextlib.closing(Database(settings.database_url)) as database:
            found = schema_revision(database)
    except (OSError, SQLAlchemyError) as problem:
        if _called_off(problem):
            raise KeyboardInterrupt from problem
        return f"DATABASE_URL: the database could not be opened: {why(problem)}"
    if found is None or found < newest_revision():
        return "DATABASE_URL: the database is not in the newest form yet: python -m bot migrate"
    return None


def trouble_migrating(settings: Settings) -> str | None:
    """Brings the database to the newest schema; returns what went wrong, in one line."""
    from bot.database import migrate as upgrade

    try:
        upgrade(settings.database_url)
    except Exception as problem:
        if _called_off(problem):
            raise KeyboardInterrupt from problem
        return f"DATABASE_URL: the database could not be opened or migrated: {why(problem)}"
    return None


def _called_off(problem: BaseException) -> bool:
    """Returns whether this came up while Ctrl-C was ending something: to close what a migration has open fails, then,
    and would be told as trouble with the database."""
    seen = problem.__context__
    while seen is not None and not isinstance(seen, KeyboardInterrupt):
        seen = seen.__context__
    return seen is not None


def settings_of_chat(settings: Settings, content: Content) -> list[str]:
    """Returns what admins set in the chat in place of content/, one line each; what is in the way of knowing, if the
    database cannot be read; nothing for a database that does not exist yet, or is older than such settings."""
    from sqlalchemy import inspect
    from sqlalchemy.exc import SQLAlchemyError

    from bot.database import Database, sqlite_file
    from bot.programme.overrides import OverrideRow, lines_about

    path = sqlite_file(make_url(settings.database_url))
    if path is not None and not path.exists():
        return []
    database = Database(settings.database_url)
    try:
        if not inspect(database.engine).has_table(OverrideRow.__tablename__):
            return []
        with database.transaction() as db:
            return lines_about(db, content)
    except SQLAlchemyError as problem:
        return [f"DATABASE_URL: what is set in the chat could not be read: {why(problem)}"]
    finally:
        database.close()


def of_sandbox_unless_named(settings: Settings) -> Settings:
    """Returns the settings with the sandbox's database, if they name neither a bot nor a database."""
    if settings.bot_token is None and "database_url" not in settings.model_fields_set:
        return settings.model_copy(update={"database_url": f"sqlite:///{SANDBOX / 'bot.sqlite'}"})
    return settings


def migrate_or_stop(settings: Settings) -> None:
    if trouble := trouble_migrating(settings):
        stop_with(trouble, NOT_NOW)

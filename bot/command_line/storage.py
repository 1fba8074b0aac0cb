"""The commands for the database as a whole: `migrate`, `backup` and `restore`."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from bot.command_line.parts import migrate_or_stop, only_one, settings_or_stop, stop_with
from bot.settings import Settings


def migrate() -> None:
    """Bring the database of DATABASE_URL (with BOT_TOKEN alone: data/jalin.sqlite) to the newest schema, and say so.

    With neither of them `python -m bot` runs the sandbox, which keeps a database of its own and migrates it itself.
    """
    from bot.database import newest_revision, shown_url

    settings = settings_or_stop()
    if settings.bot_token is None and "database_url" not in settings.model_fields_set:
        print("nothing was migrated: neither BOT_TOKEN nor DATABASE_URL is set (the sandbox migrates its own database)")
        return
    before = _revision(settings)
    migrate_or_stop(settings)
    after, what = _revision(settings), shown_url(settings.database_url)
    if before is None:
        print(f"{what}: made, revision {after}")
    elif before != after:
        print(f"{what}: brought from revision {before} to {after}")
    elif after == newest_revision():
        print(f"{what}: is up to date, revision {after}")
    else:
        print(f"{what}: left as a newer version of the bot has made it, revision {after}")


def _revision(settings: Settings) -> str | None:
    """Returns the database's schema revision; None if it was never migrated, or cannot be opened."""
    from sqlalchemy.exc import SQLAlchemyError

    from bot.database import Database, schema_revision

    try:
        with contextlib.closing(Database(settings.database_url)) as database:
            return schema_revision(database)
    except (OSError, SQLAlchemyError):
        return None


def backup(
    target: Annotated[str, typer.Argument(help="A new file; or a folder, for a file named after the moment")],
    keep_days: Annotated[int, typer.Option(min=1, help="In a folder: how many nights such files stay")] = 34,
) -> None:
    """Back up the database of DATABASE_URL into one file, while the bot serves: encrypted, if BACKUP_RECIPIENTS is
    set."""
    from bot.operations.backup import BackupError, make, make_dated

    settings, path = settings_or_stop(), Path(target)
    url, recipients = settings.database_url, settings.backup_recipients
    try:
        if path.is_dir() or target.endswith("/"):
            path, note, old = make_dated(url, path, keep_days, recipients)
        else:
            note, old = make(url, path, recipients), []
    except BackupError as problem:
        stop_with(str(problem))
    print(f"{path}: {note.kind}, revision {note.revision}, {path.stat().st_size:,} bytes")
    if old:
        print(f"removed {len(old)} of {keep_days} days and more")


def restore(
    file: Annotated[Path, typer.Argument(help="What `backup` has made")],
    replace: Annotated[bool, typer.Option("--replace", help="What is in the database now goes.")] = False,
    moving: Annotated[
        bool,
        typer.Option("--moving", help="The bot has not run since the backup was made: say everything that waits."),
    ] = False,
    identity: Annotated[
        Path | None, typer.Option(help="For an encrypted backup: the file with the secret key (AGE-SECRET-KEY-1...)")
    ] = None,
) -> None:
    """Put the database of DATABASE_URL back to what a backup holds: all of it, or nothing. The bot must be stopped."""
    from bot.app import DATA
    from bot.operations import backup

    settings = settings_or_stop()
    try:
        with backup.readable(file, identity) as plain:
            backup.may_restore(settings.database_url, plain)
            with only_one(settings, makes=False):  # on PostgreSQL `restore` takes the lock, in its own transaction
                done = backup.restore(settings.database_url, plain, capabilities=DATA, replaces=replace, moving=moving)
    except backup.BackupError as problem:
        stop_with(str(problem))
    print(f"restored: {done.note.kind}, revision {done.note.revision}, as of {done.note.made_at:%Y-%m-%d %H:%M:%S} UTC")
    for line in backup.decided(done):
        print(f"  {line}")

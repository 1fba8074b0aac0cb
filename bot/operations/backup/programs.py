"""PostgreSQL's own programs, pg_dump and pg_restore: found, and run with what they need to reach the database."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from psycopg.conninfo import make_conninfo

from bot.database import Database
from bot.operations.backup.archive import BackupError


def program_path(name: str) -> str:
    """Returns the path of one of PostgreSQL's programs. The newest comes first: pg_dump must be as new as the
    server."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    for path in (folder / name for folder in folders):
        if os.access(path, os.X_OK):
            return str(path)
    if found := shutil.which(name):
        return found
    raise BackupError(f"{name} is needed and not here: on Debian, apt install postgresql-client")


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", folder.parent.name))


def libpq_connection(database: Database) -> tuple[str, dict[str, str]]:
    """Returns how libpq's programs reach the database. The password goes into the environment, where nobody else can
    see it."""
    _, given = database.engine.dialect.create_connect_args(database.url)
    password = given.pop("password", None)
    # the driver is also given values that libpq does not know
    words: dict[str, Any] = {name: value for name, value in given.items() if isinstance(value, (str, int))}
    return make_conninfo(**words), {"PGPASSWORD": str(password)} if password else {}


@contextlib.contextmanager
def running_program(command: list[str], folder: Path, environment: dict[str, str]) -> Iterator[IO[bytes]]:
    """Yields what the program writes. Raises BackupError with the program's own words if it fails."""
    with (folder / "errors").open("w+b") as errors:
        process = subprocess.Popen(  # noqa: S603 - PostgreSQL's program, our own arguments
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, env=os.environ | environment
        )
        try:
            assert process.stdout is not None
            with process.stdout:
                yield process.stdout
            code = process.wait()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if code != 0:
            errors.seek(0)
            lines = errors.read(4000).decode(errors="replace").splitlines()
            said = lines[0] if lines else f"ended with {code}"
            raise BackupError(f"{said.removeprefix(Path(command[0]).name + ': ')} ({Path(command[0]).name})")

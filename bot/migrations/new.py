"""python -m bot.migrations.new NAME (`make migration NAME=tips`): writes the migration that the code's tables need.

A temporary SQLite database is brought to the newest revision and compared with the tables; what differs becomes the
next numbered file, formatted and importable. Read it before you commit it: Alembic sees no renaming, only one column
that went and one that came.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from argparse import Namespace
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from bot.database import Database, changing_schema

HERE: Final = Path(__file__).parent
REPLACED: Final = (
    (r" *# ###.*\n", ""),
    # Alembic writes what the temporary database calls it, and forgets where Text comes from
    (r'(sa\.Boolean\(\), server_default=)sa\.text\(["\x27]0["\x27]\)', r"\1sa.false()"),
    (r'(sa\.Boolean\(\), server_default=)sa\.text\(["\x27]1["\x27]\)', r"\1sa.true()"),
    (r"astext_type=Text\(\)", "astext_type=sa.Text()"),
)
NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,39}")


class NotNeededError(Exception):
    """The tables are what the newest revision makes: there is nothing to migrate."""


def write(name: str, location: Path = HERE) -> Path:
    """Writes the next migration of the folder `location` and returns its file. Raises NotNeededError, and ValueError
    for a name that is no file name."""
    if not NAME.fullmatch(name):
        raise ValueError(f"NAME: {name!r} does not fit; small letters, digits and _ as in tips or opening_hours")
    config = Config(cmd_opts=Namespace(quiet=True))
    config.set_main_option("script_location", str(location))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    newest = ScriptDirectory.from_config(config).get_current_head()
    assert newest is not None

    def unless_empty(context: Any, revision: Any, directives: list[Any]) -> None:
        if directives[0].upgrade_ops.is_empty():
            raise NotNeededError

    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Database(f"sqlite:///{folder}/newest.sqlite")) as database,
        database.engine.connect() as connection,
        changing_schema(connection),
    ):
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        made = command.revision(
            config,
            message=name.replace("_", " ").capitalize() + ".",
            autogenerate=True,
            rev_id=f"{int(newest) + 1:04}",
            process_revision_directives=unless_empty,
        )
    assert made is not None
    assert not isinstance(made, list)
    written = Path(made.path)
    file = written.rename(written.with_name(f"{made.revision}_{name}.py"))
    words = file.read_text()
    for alembics, ours in REPLACED:
        words = re.sub(alembics, ours, words)
    file.write_text(words)
    rules = ["--quiet", "--config", str(HERE.parent.parent / "pyproject.toml"), str(file)]
    for step in (["format"], ["check", "--fix"], ["format"]):
        subprocess.run([sys.executable, "-m", "ruff", *step, *rules], check=True)  # noqa: S603 - our own
    return file


def main() -> None:
    try:
        file = write(sys.argv[1] if len(sys.argv) == 2 else "")
    except NotNeededError:
        sys.exit("The tables in the code are those of the newest revision: no migration is needed, none was written.")
    except ValueError as problem:
        sys.exit(str(problem))
    sys.stdout.write(f"{file.relative_to(HERE.parent.parent)} is written. Read it; `make test` runs it.\n")


if __name__ == "__main__":
    main()

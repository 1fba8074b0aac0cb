"""Which version this is: the number in pyproject.toml, and the commit, where the project's folder is a clone."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from bot.settings import ROOT


@cache
def version() -> str:
    """Returns the number, for instance 0.2.0."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


@cache
def commit() -> str | None:
    """Returns the first letters of the commit; None where there is no clone (an image). git itself is not asked: it
    refuses to read a clone of another user, and the bot's user owns none."""
    return commit_of(ROOT)


def commit_of(folder: Path) -> str | None:
    """Returns the first letters of the commit that is checked out in this clone or work tree; None if there is none."""
    try:
        git = folder / ".git"
        if git.is_file():  # a work tree names the folder of its own
            git = folder / git.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
        head = (git / "HEAD").read_text(encoding="utf-8").strip()
        common = git / "commondir"
        shared = git / common.read_text(encoding="utf-8").strip() if common.is_file() else git
        if head.startswith("ref:"):
            name = head.removeprefix("ref:").strip()
            loose = next((place / name for place in (git, shared) if (place / name).is_file()), None)
            head = loose.read_text(encoding="utf-8").strip() if loose else _packed(shared / "packed-refs", name)
    except (OSError, UnicodeDecodeError):
        return None
    return head[:9] if re.fullmatch(r"[0-9a-f]{40,64}", head) else None


def _packed(file: Path, name: str) -> str:
    lines = (line.split() for line in file.read_text(encoding="utf-8").splitlines())
    return next((words[0] for words in lines if words[1:] == [name]), "")


def full_version() -> str:
    """Returns number and commit for people, for instance `0.2.0 (1a2b3c4d5)`."""
    return f"{version()} ({commit()})" if commit() else version()

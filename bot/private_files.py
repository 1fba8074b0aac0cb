"""Files and folders that only their owner may read: from the first byte, and whatever the umask is."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import Final

FILE_MODE: Final = 0o600
FOLDER_MODE: Final = 0o700


def make_private_folder(folder: Path) -> None:
    """Makes this folder and those above it that are missing, readable by their owner alone. Folders that exist stay as
    they are. Raises OSError."""
    missing = []
    for one in (folder.absolute(), *folder.absolute().parents):
        if one.exists():
            break
        missing.append(one)
    for one in reversed(missing):
        one.mkdir(mode=FOLDER_MODE, exist_ok=True)
    folder.mkdir(exist_ok=True)  # raises where it is something else


def make_private_file(path: Path) -> None:
    """Makes sure that the file exists (empty if it is new) and belongs to its owner alone.

    A file that exists is not opened: closing it would release the locks that SQLite holds on it in this process. Raises
    OSError, but not where a file belongs to another user who lets us in.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, FILE_MODE))
    except FileExistsError:
        make_private(path)


def make_private(path: Path) -> None:
    """Takes the rights of everybody but the owner from a file, if the file exists."""
    with contextlib.suppress(FileNotFoundError, PermissionError):
        mode = path.stat().st_mode
        if stat.S_ISREG(mode) and mode & 0o077:
            path.chmod(FILE_MODE)

"""Folders for test databases: in memory where there is room, gone after the test run.

Making a database means making hundreds of small files: on a disk that takes ten times as long.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

PREFIX = "jalin-test-"
MEMORY = Path("/dev/shm")  # noqa: S108 - used through mkdtemp only
ENOUGH_BYTES = 1 << 30


@contextlib.contextmanager
def scratch_folder(*, on_disk: bool = False) -> Iterator[Path]:
    """A new folder, removed at the end; `on_disk`: never in memory. Its parents can be entered by every user; its path
    is short (sockets)."""
    base = _base(on_disk)
    _remove_leftovers(base)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=base))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _base(on_disk: bool) -> Path:
    memory = not on_disk and MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    if memory and shutil.disk_usage(MEMORY).free >= ENOUGH_BYTES:
        return MEMORY
    for candidate in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):  # noqa: S108 - mkdtemp, too
        folder = candidate.resolve()
        if len(str(folder)) < 50 and folder.is_dir() and all(map(_enterable, (folder, *folder.parents))):
            return folder
    raise RuntimeError("no temporary folder that every user can enter")


def _enterable(folder: Path) -> bool:
    return bool(folder.stat().st_mode & 0o001)


def _remove_leftovers(base: Path) -> None:
    """Remove our own folders of test runs that were killed before they could do it."""
    for folder in base.glob(f"{PREFIX}*"):
        maker = folder.name.removeprefix(PREFIX).split("-")[0]
        # Root lends a folder to a plain user, so to root any owner's folder may be its own.
        if maker.isdigit() and not _alive(int(maker)) and os.geteuid() in (0, folder.stat().st_uid):
            shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

"""What was learned from content/understanding.yaml, kept in a file: learning it takes a second, reading it a few
milliseconds.

The file is used only where it was made of the same phrases by the same code, and is whole; otherwise it is as if there
were none. Nothing is wrong where no file can be written: it is learned anew at each start. systemd names the folder
(CACHE_DIRECTORY); without it, it is data/cache.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import io
import os
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import rapidfuzz

from bot import understanding
from bot.settings import ROOT
from bot.understanding.alarm import Alarm, Lexicon
from bot.understanding.model import Model
from bot.understanding.normalise import Normaliser
from bot.understanding.understand import Understanding

AS_MANY: Final = 3
"""So many files stay: those of the version before, and of content that is tried out, too."""
_LEARNED: Final = (Understanding, Normaliser, Model, Alarm, Lexicon)
_CLASSES: Final = {(one.__module__, one.__qualname__): one for one in _LEARNED}


def read(text: bytes) -> bytes | None:
    """Returns what was learned from this text of understanding.yaml; None where nothing usable is kept."""
    try:
        kept = _path(text).read_bytes()
    except OSError:
        return None
    digest, learned = kept[:32], kept[32:]
    return learned if hashlib.sha256(learned).digest() == digest else None


def understanding_of(learned: bytes) -> Understanding | None:
    """Returns the Understanding that was kept; None if these bytes hold none."""
    try:
        found = _OfLearned(io.BytesIO(learned)).load()
    except Exception:  # whatever is wrong with the bytes: it is learned anew
        return None
    return found if isinstance(found, Understanding) else None


def keep(text: bytes, made: Understanding) -> bytes:
    """Writes what was learned from this text, as far as a file can be written. Returns what was written."""
    learned = pickle.dumps(made, protocol=5)
    path = _path(text)
    beside = path.with_suffix(f".{os.getpid()}")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            beside.write_bytes(hashlib.sha256(learned).digest() + learned)
            beside.replace(path)  # whole or not at all, whoever else writes it
        finally:
            beside.unlink(missing_ok=True)
        for old in sorted(_all(path.parent), key=lambda one: one.stat().st_mtime)[:-AS_MANY]:
            old.unlink(missing_ok=True)
    return learned


def _all(folder: Path) -> Iterator[Path]:
    return folder.glob("understanding-*.kept")


def _path(text: bytes) -> Path:
    folder = os.environ.get("CACHE_DIRECTORY")
    name = hashlib.sha256(_code() + text).hexdigest()
    return (Path(folder) if folder else ROOT / "data" / "cache") / f"understanding-{name[:32]}.kept"


@functools.cache
def _code() -> bytes:
    """Returns what changes with the code that learns and that checks the text."""
    here = Path(__file__).parent
    sources = [*sorted(Path(understanding.__path__[0]).glob("*.py")), here / "understanding_file.py", Path(__file__)]
    whole = hashlib.sha256(f"{sys.version} {rapidfuzz.__version__}".encode())
    for one in sources:
        whole.update(one.read_bytes())
    return whole.digest()


class _OfLearned(pickle.Unpickler):
    """Reads the classes of what was learned, and nothing else: a foreign file can run no code."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        if (module_name, global_name) not in _CLASSES:
            raise pickle.UnpicklingError(f"{module_name}.{global_name} is not kept here")
        return _CLASSES[module_name, global_name]

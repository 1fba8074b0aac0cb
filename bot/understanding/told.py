"""Writes what `python -m bot understand` prints."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bot.understanding.intents import CONTEXTS
from bot.understanding.understand import Understanding

COLUMNS: Final = ("id", "context", "text")


def told(understanding: Understanding, text: str, context: str) -> Iterator[str]:
    """Yields the lines for one message: intent, certainty, what would be done, the second intent, and what else was
    found."""
    found = understanding.understand(text, context)
    yield f"intent:    {found.intent}"
    yield f"certainty: {found.certainty:.2f}"
    yield f"done:      {found.action}"
    if found.second is not None:
        yield f"second:    {found.second}"
    for name, value in sorted(found.slots.items()):
        yield f"{name + ':':<10} {value}"


def told_csv(understanding: Understanding, file: Path) -> Iterator[str]:
    """Yields the lines for a table of messages: id,intent,action_at_once. Raises ValueError if the file cannot be
    read."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = list(csv.DictReader(opened))
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{file}: cannot be read ({getattr(error, 'strerror', None) or error})") from None
    yield "id,intent,action_at_once"
    for number, row in enumerate(rows, start=2):
        if any(row.get(name) is None for name in COLUMNS):
            raise ValueError(f"{file}, line {number}: the columns id, context and text are needed")
        if row["context"] not in CONTEXTS:
            raise ValueError(f"{file}, line {number}: there is no context '{row['context']}'")
        found = understanding.understand(row["text"], row["context"])
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow([row["id"], found.intent, "yes" if found.at_once else "no"])
        yield line.getvalue()

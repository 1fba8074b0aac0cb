"""Names for files that people keep: lower-case ASCII that says which class and which day, and is safe everywhere."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

LONGEST: Final = 40
"""The most characters of a title in a name; it ends at a word."""


def file_name(kind: str, title: str, starts: datetime, zone: str, ending: str) -> str:
    """Returns `peserta-foto-produk-2026-11-24.xlsx`: what it is, of which class, on which day in `zone` (IANA). An
    empty `kind`, or a title without Latin letters, is left out."""
    day = f"{starts.astimezone(ZoneInfo(zone)):%Y-%m-%d}"
    return f"{'-'.join(part for part in (kind, in_ascii(title), day) if part)}.{ending}"


def in_ascii(text: str) -> str:
    """Returns the text as lower-case letters, digits and single hyphens, at most LONGEST of them; perhaps nothing."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if len(name) > LONGEST:
        whole_words = name[: LONGEST + 1].rpartition("-")[0]
        name = whole_words or name[:LONGEST]
    return name.strip("-")

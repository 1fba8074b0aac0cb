"""What stands on top of a table of classes: which of its rows is the header, and which column is meant by each heading,
as people write them in Bahasa Indonesia and in English."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

COLUMNS: Final = ("code", "site", "title", "starts", "minutes", "capacity", "venue", "lat", "lon", "trainer")
PARTS: Final = ("date", "time", "weekday", "ends")
"""Columns that say together what `starts` and `minutes` say, in tables that have them instead."""
NEEDED: Final = ("title", "starts", "venue")
"""Whatever else is missing is read as empty; what is missing of a length, each row tells. Without a code a class is
found by its site, title and start; without a site it is at the only one of whoever sends the table."""
LOOKED_AT: Final = 20
"""In how many rows the header is looked for: titles and blank rows may stand above it."""
LONGEST: Final = 100
"""How much of a cell is looked at for a heading, characters."""
ENOUGH: Final = 3
"""A row with so many known headings is the header; with fewer than two of them, the table is another one altogether."""

_NAMES: Final[Mapping[str, str]] = {
    name: column
    for column, names in {
        "code": "code|class code|kode|kode kelas|id kelas|kode sesi",
        "site": "site|location|lokasi|lokasi kelas|nama lokasi|situs|wilayah|kota|desa wisata|sentra",
        "title": "title|class|class title|topic|judul|judul kelas|nama kelas|kelas|materi|topik|tema|judul materi"
        "|kegiatan|nama kegiatan|pelatihan|nama pelatihan",
        "starts": "starts|start|begins|starts at|date and time|mulai|waktu|waktu mulai|mulai pada|tanggal dan jam"
        "|tanggal jam|tanggal & jam|tanggal dan waktu|hari tanggal jam|jadwal|waktu pelaksanaan",
        "date": "date|day and date|tanggal|tgl|tanggal kelas|hari tanggal|hari tgl|hari dan tanggal|tanggal mulai"
        "|tanggal pelaksanaan|hari, tanggal",
        "time": "time|start time|jam|pukul|jam mulai|pukul mulai|jam kelas|jam pelaksanaan",
        "weekday": "weekday|day|hari",
        "ends": "ends|end|until|end time|selesai|jam selesai|waktu selesai|pukul selesai|berakhir|sampai|sampai jam",
        "minutes": "minutes|length|duration|lama|lama kelas|lamanya|durasi|durasi kelas|menit|lama menit|durasi menit",
        "capacity": "capacity|seats|kursi|jumlah kursi|kapasitas|kuota|peserta maks|peserta maksimal|maks peserta"
        "|maksimal peserta|jumlah peserta|daya tampung|target peserta",
        "venue": "venue|place|address|tempat|tempat kelas|tempat pelaksanaan|nama tempat|alamat|gedung|ruang|ruangan",
        "lat": "lat|latitude|lintang|garis lintang",
        "lon": "lon|lng|long|longitude|bujur|garis bujur",
        "trainer": "trainer|teacher|facilitator|pelatih|nama pelatih|pengajar|fasilitator|narasumber|instruktur"
        "|pemateri|pengampu",
    }.items()
    for name in names.split("|")
}


def heading(cell: object) -> str:
    """Returns the heading as it is compared: without case, stars, notes in brackets and signs."""
    words = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", str(cell or "")[:LONGEST].replace("\ufeff", "").casefold())
    return " ".join(re.sub(r"[*:./_\-–#]+", " ", words).split())


def columns_of(cells: Sequence[object]) -> list[str | None]:
    """Returns which column each heading of a row means (None: none of ours). "Mulai" beside "Tanggal" is the hour
    alone."""
    found = [_NAMES.get(heading(cell)) for cell in cells]
    if "date" not in found and "starts" not in found and "weekday" in found:  # "Hari": "Sabtu, 5 Desember 2026"
        found = ["date" if one == "weekday" else one for one in found]
    if "date" in found and "time" not in found:
        found = ["time" if one == "starts" else one for one in found]
    return found


def known(cells: Sequence[object]) -> int:
    """Returns how many different columns of ours the row names."""
    return len(set(columns_of(cells)) - {None})


def header_at(rows: Sequence[Sequence[object]]) -> int | None:
    """Returns which of the first rows is the header; None if nothing fits."""
    counts = [known(cells) for cells in rows[:LOOKED_AT]]
    for least in (ENOUGH, 2):
        for index, count in enumerate(counts):
            if count >= least:
                return index
    return None


def is_lower_part(row: Sequence[object]) -> bool:
    """Whether a row just below the header belongs to it, as where "Waktu" stands over "Tanggal" and "Jam"."""
    return known(row) >= 2 and all(heading(cell) in _NAMES for cell in row if heading(cell))


def missing(columns: Sequence[str | None]) -> list[str]:
    """Returns the columns without which no class can be made."""
    return [name for name in NEEDED if name not in columns and not (name == "starts" and "date" in columns)]

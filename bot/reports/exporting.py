"""The figures of the ledger for machines: three CSVs with their dictionary, and an SQLite file; and for people a
spreadsheet. All of what was printed, and of nothing else."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.catalogue.content import Content
from bot.documents.xlsx_writer import Cell, Page, workbook
from bot.programme.privacy import ZONE
from bot.programme.released import Figure, Quarter, Reading
from bot.report_views import VIEWS, name_of
from bot.words.texts import REFERENCE, Texts

INDICATORS: Final = "indikator.csv"
SITES: Final = "lokasi.csv"
CLASSES: Final = "kelas.csv"
PACKAGE: Final = "datapackage.json"
DATABASE: Final = "laporan.sqlite"
TOLD: Final = ("service", "answers", "question")

Field = tuple[str, str, str, bool]
"""Name, type of Table Schema, what it is, and whether it is always there."""
FIELDS: Final[Mapping[str, Sequence[Field]]] = {
    INDICATORS: (
        ("site", "string", "Kode lokasi; kosong: semua lokasi bersama", False),
        ("period", "string", "Kuartal, misalnya 2027Q1", True),
        ("code", "string", "Kode indikator; di belakang titik: tentang apa", True),
        ("part", "string", "Bagian, kalau angkanya dibagi; kosong: angkanya sendiri", False),
        ("n", "integer", "Dari berapa orang (atau kelas, kursi, pertanyaan)", False),
        ("k", "integer", "Berapa dari n; kosong kalau tidak boleh dicetak", False),
        ("k_before", "integer", "Berapa dari n pada jawaban pertama", False),
        ("word", "string", "Pengganti k: most, minor, some; pada pesanan: jawaban lebih dari separuh", False),
        ("word_before", "string", "Pengganti k_before", False),
        ("value", "number", "Nilai: rata-rata, nilai tengah atau jumlah, menurut satuan indikatornya", False),
        ("value_before", "number", "Nilai pada tes awal", False),
        ("sites", "integer", "Jumlah dari berapa lokasi", False),
        ("counted_on", "date", "Tanggal angka dihitung", True),
    ),
    SITES: (
        ("site", "string", "Kode lokasi", True),
        ("name", "string", "Nama lokasi", True),
        ("regency", "string", "Kabupaten atau kota", False),
        ("province", "string", "Provinsi", False),
        ("timezone", "string", "Zona waktu", True),
        ("period", "string", "Kuartal", True),
        ("classes", "integer", "Kelas selesai dalam kuartal ini", True),
    ),
    CLASSES: (
        ("class", "string", "Kode kelas", True),
        ("site", "string", "Kode lokasi", True),
        ("period", "string", "Kuartal", True),
        ("day", "date", "Tanggal kelas di lokasinya", True),
        ("seats", "integer", "Kursi", True),
        ("expected", "integer", "Hadir dan tidak hadir", True),
        ("present", "integer", "Hadir", True),
    ),
}
KEYS: Final[Mapping[str, Sequence[str]]] = {
    INDICATORS: ("site", "period", "code", "part"),
    SITES: ("site", "period"),
    CLASSES: ("class",),
}

Row = Sequence[str | int | float | None]


# --- rows -------------------------------------------------------------------------------------------------------------


def tables(readings: Sequence[Reading], content: Content, sites: Sequence[str]) -> dict[str, list[Row]]:
    """Returns the rows of each file, of these sites (the empty text: what is of all together)."""
    figures = [one for reading in readings for one in reading.figures if one.site_id in sites]
    named = [site for one in sites if (site := content.site(one))]
    held = {(one.site_id, one.period): one.n or 0 for one in figures if one.code == "classes"}
    return {
        INDICATORS: [_indicator(one) for one in figures if one.topic in TOLD],
        SITES: [
            (
                site.id,
                site.name,
                site.regency,
                site.province,
                content.open_hours(site.id).zone,
                reading.period,
                held.get((site.id, reading.period), 0),
            )
            for reading in readings
            for site in named
        ],
        CLASSES: [
            (one.part, one.site_id, one.period, str(one.day), int(one.value or 0), one.n, one.k)
            for one in figures
            if one.topic == "class"
        ],
    }


def _indicator(one: Figure) -> Row:
    return (
        one.site_id,
        one.period,
        one.code,
        one.part,
        one.n,
        one.k,
        one.before,
        one.word,
        one.word_before,
        one.value,
        one.value_before,
        one.sites,
        one.counted_at.astimezone(ZoneInfo(ZONE)).date().isoformat(),
    )


def files(readings: Sequence[Reading], content: Content, sites: Sequence[str], now: datetime) -> dict[str, bytes]:
    """Returns the files by name: the CSVs (UTF-8, commas, ISO dates, dots in numbers) and their dictionary."""
    rows = tables(readings, content, sites)
    made = {name: _csv([field[0] for field in FIELDS[name]], rows[name]) for name in FIELDS}
    package = dictionary(content, made, [one.period for one in readings], now)
    return made | {PACKAGE: json.dumps(package, ensure_ascii=False, indent=2).encode()}


def _csv(head: Sequence[str], rows: Iterable[Row]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue().encode()


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Returns the files as one zip: the same files are the same zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def dictionary(content: Content, made: Mapping[str, bytes], periods: Sequence[str], now: datetime) -> dict[str, Any]:
    """Returns the data dictionary: a Data Package with a Table Schema for each file, and what each indicator means."""
    return {
        "name": f"jalin-{'-'.join(periods).lower()}",
        "title": f"Laporan {', '.join(periods)}",
        "description": (
            "Angka layanan (kursi, kehadiran, pelajaran, pertanyaan) ditulis apa adanya. Jawaban peserta: hanya kalau "
            "tidak ada jumlah orang 1 sampai 4 yang bisa dihitung darinya."
        ),
        "created": now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "licenses": [],
        "resources": [
            {
                "name": name.removesuffix(".csv"),
                "path": name,
                "type": "table",
                "profile": "tabular-data-resource",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "bytes": len(made[name]),
                "dialect": {"delimiter": ",", "lineTerminator": "\r\n"},
                "schema": {
                    "fields": [
                        {
                            "name": field,
                            "type": kind,
                            "description": words,
                            **({"constraints": {"required": True}} if always else {}),
                        }
                        for field, kind, words, always in FIELDS[name]
                    ],
                    "missingValues": [""],
                    # an empty site means all sites, and Table Schema wants a key to be there
                    **({} if name == INDICATORS else {"primaryKey": list(KEYS[name])}),
                },
            }
            for name in FIELDS
        ],
        "indicators": [
            {
                "code": one.code,
                "name": {"id": one.name.id, "en": one.name.en},
                "definition": {"id": one.definition.id, "en": one.definition.en},
                "formula": one.formula,
                "unit": one.unit,
                "answers": one.answers,
                "split": list(one.split),
                "standards": list(content.indicators.standards_of(one.code)),
                "since": one.since.isoformat(),
            }
            for one in content.indicators.indicators
        ],
    }


# --- for people -------------------------------------------------------------------------------------------------------


def spreadsheet(reading: Reading, content: Content, texts: Texts, sites: Sequence[str]) -> bytes:
    """Returns the figures as an .xlsx: one row each, with its name, and what each means on the second sheet."""

    def words(key: str) -> str:
        return texts.words(f"reports.table.{key}", {}, REFERENCE, html=False)

    columns = ("site", "code", "name", "part", "n", "k", "before", "word", "value_before", "value", "counted")
    practices = {one.code: one.label(REFERENCE) for one in content.practices}
    rows: list[Sequence[Cell]] = []
    for one in (one for one in reading.figures if one.site_id in sites and one.topic in TOLD):
        site = content.site(one.site_id)
        indicator = content.indicators.of(one.code)
        about = one.code.partition(".")[2]
        name = indicator.name.id if indicator is not None else one.code
        word = [words(f"word_{each}") for each in (one.word_before, one.word) if each in ("most", "minor", "some")]
        rows.append(
            (
                site.name if site is not None else words("whole"),
                one.code,
                f"{name}: {practices.get(about, about)}" if about else name,
                one.part,
                one.n,
                one.k,
                one.before,
                ", ".join(word) or one.word,
                one.value_before,
                one.value,
                one.counted_at.astimezone(ZoneInfo(ZONE)).date(),
            )
        )
    meanings: list[Sequence[Cell]] = [
        (
            one.code,
            one.name.id,
            one.definition.id,
            one.formula,
            one.unit,
            ", ".join(content.indicators.standards_of(one.code)),
        )
        for one in content.indicators.indicators
    ]
    about_columns = ("code", "name", "definition", "formula", "unit", "standards")
    return workbook(
        [
            Page(words("figures"), [words(one) for one in columns], rows, [(words("period"), reading.period)]),
            Page(words("meanings"), [words(one) for one in about_columns], meanings),
        ]
    )


# --- a folder for others ----------------------------------------------------------------------------------------------


def write_sqlite(db: Session, path: Path) -> None:
    """Writes an SQLite file that holds the rows of the views, each as a table, and nothing else."""
    dialect = db.get_bind().dialect.name
    with closing(sqlite3.connect(path)) as target, target:
        for view in VIEWS:
            found = db.execute(text(f"SELECT * FROM {name_of(view, dialect)}"))  # noqa: S608 - our own names
            columns = list(found.keys())
            target.execute(f"CREATE TABLE {view} ({', '.join(columns)})")
            marks = ", ".join("?" for _ in columns)
            rows = ([_plain(value) for value in row] for row in found)
            target.executemany(f"INSERT INTO {view} VALUES ({marks})", rows)  # noqa: S608


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int | float | str) else str(value)


def name_of_file(site_id: str, quarter: Quarter) -> str:
    return f"laporan-{site_id or 'semua'}-{quarter}"

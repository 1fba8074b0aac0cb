"""Workbooks that are none, or more than one: `python -m tests.odd_workbooks` reads them all, apart from the test run.

What goes wrong in the reader's Rust may end the process, so the tests read them in one of its own.
"""

from __future__ import annotations

import io
import itertools
import json
import os
import re
import resource
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Final

import xlsxwriter

from bot.class_import import table_files
from bot.class_import.headings import COLUMNS
from bot.class_import.table_files import TableError, rows_of

EVERY: Final = int(os.environ.get("JALIN_ODD", "37"))
"""So many variants are left out between two; 1 when somebody looks for trouble."""
NS: Final = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
CELL: Final = f'<worksheet {NS}><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>code</t></is></c></row></sheetData></worksheet>'  # noqa: E501
LAUGHS: Final = '<!DOCTYPE z [<!ENTITY a0 "ha">' + "".join(
    f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 10)
) + "]>"  # fmt: skip
ODS: Final = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet><table:table table:name="s"><table:table-row table:number-rows-repeated="1048576">
<table:table-cell office:value-type="string" table:number-columns-repeated="16384"><text:p>code</text:p>
</table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"""


@cache
def genuine() -> dict[str, bytes]:
    """A workbook with all kinds of parts, as a spreadsheet program writes it."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("kelas")
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_row(0, 0, COLUMNS)
        sheet.write_row(1, 0, ["A", "labuan-bajo", "Foto"])
        sheet.write_datetime(1, 3, datetime(2026, 11, 24, 9), moment)  # noqa: DTZ001 - wall time
        sheet.write_row(1, 4, [120, 20, "Balai"])
        sheet.write_formula(2, 2, "=1+1", None, "2")
        sheet.write_boolean(2, 3, True)
        sheet.merge_range("A5:B6", "m")
        sheet.write_comment("A1", "c")
        book.define_name("n", "=kelas!$A$1")
    with zipfile.ZipFile(out) as packed_parts:
        return {name: packed_parts.read(name) for name in packed_parts.namelist()}


def packed(parts: dict[str, bytes], *, squeeze: bool = True) -> bytes:
    out = io.BytesIO()
    kind = zipfile.ZIP_DEFLATED if squeeze else zipfile.ZIP_STORED
    with zipfile.ZipFile(out, "w", kind) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_part(name: str, content: str | bytes) -> bytes:
    return packed(genuine() | {name: content if isinstance(content, bytes) else content.encode()})


def bombs() -> Iterator[tuple[str, bytes]]:
    """Small files that would like to fill the memory."""
    sheet, strings = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
    huge = "4294967295"
    yield (
        "claims all cells",
        with_part(sheet, CELL.replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')),
    )
    yield (
        "promises strings",
        with_part(strings, f'<sst {NS} count="{huge}" uniqueCount="{huge}"><si><t>x</t></si></sst>'),
    )
    yield "promises more", with_part(strings, f'<sst {NS} uniqueCount="18446744073709551615"><si><t>x</t></si></sst>')
    yield "promises with a sign", with_part(strings, f'<sst {NS} uniqueCount="+00000000000000000000{huge}"/>')
    yield "laughs in strings", with_part(strings, f"{LAUGHS}<sst {NS}><si><t>&a9;</t></si></sst>")
    yield "laughs in the sheet", with_part(sheet, LAUGHS + CELL.replace("code", "&a9;"))
    yield "deep", with_part(sheet, f"<worksheet {NS}><sheetData>" + "<row>" * 500_000)
    yield "deep strings", with_part(strings, f"<sst {NS}>" + "<si>" * 500_000)
    yield "wide", with_part(sheet, f"<worksheet {NS}><sheetData><row>" + "<c/>" * 1_100_000)
    yield "far", with_part(sheet, CELL.replace("A1", "XFD1048576"))
    yield "zeros", with_part(sheet, bytes(table_files.MAX_UNPACKED_BYTES + 1))
    yield "many parts", packed(genuine() | {f"xl/{number}.xml": b"" for number in range(table_files.MAX_PARTS)})
    yield "nested", packed(genuine() | {"xl/worksheets/sheet1.xml": packed(genuine())})
    manifest = b'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    ods = {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": ODS.encode()}
    yield "another format", packed(ods | {"META-INF/manifest.xml": manifest}, squeeze=False)
    yield "a workbook and another format", packed({"xl/workbook.xml": b"<x/>"} | ods, squeeze=False)
    yield "unknown letters", with_part(sheet, '<?xml version="1.0" encoding="klingon"?>' + CELL)
    yield "a way up", with_part("../../../../tmp/jalin.xml", "<x/>")


ODD: Final = (
    "",
    "-1",
    "4294967295",
    "18446744073709551615",
    "ZZZZZZZ99999999999",
    "&#0;",
    "NaN",
    "A0",
    "A1:",
    "../../x",
)


def variants() -> Iterator[tuple[str, bytes]]:
    """The genuine workbook with one value, one element or one part changed, each in every odd way."""
    whole = genuine()
    for name, part in whole.items():
        if not name.endswith((".xml", ".rels")) or "theme" in name or "docProps" in name:
            continue
        for found in re.finditer(rb'="([^"]*)"|>([^<]+)<', part):
            first, last = found.span(1 if found[1] is not None else 2)
            for odd in ODD:
                yield (
                    f"{name} {first} {odd}",
                    packed(whole | {name: part[:first] + odd.encode() + part[last:]}, squeeze=False),
                )
        for found in re.finditer(rb"<[^>]*>", part):
            yield f"{name} {found.start()} cut", packed(whole | {name: part[: found.start()]}, squeeze=False)
            left_out = part[: found.start()] + part[found.end() :]
            yield f"{name} {found.start()} left out", packed(whole | {name: left_out}, squeeze=False)


def read_all(files: Iterable[tuple[str, bytes]]) -> dict[str, str]:
    """What became of each file."""
    told = {}
    for name, content in files:
        print(name, file=sys.stderr, flush=True)  # noqa: T201 - the last one is what ended the process
        try:
            told[name] = f"{len(rows_of(content))} rows"
        except TableError as error:
            told[name] = str(error)
    return told


def main() -> None:
    """Print what became of all, and by how much the memory grew (MB)."""
    rows_of(packed(genuine()))  # everything is loaded
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    told = {"bombs": read_all(bombs()), "variants": read_all(itertools.islice(variants(), 0, None, EVERY))}
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    print(json.dumps([told, grown]))  # noqa: T201


if __name__ == "__main__":
    main()

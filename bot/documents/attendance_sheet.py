"""A list of names for signatures, as a PDF on A4, typeset by typst with the fonts in its wheel.

What stands on it is data (words are ready to be read); nothing of it is taken for markup, and nothing is fetched.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

from bot.telegram.sanitize import plain

if TYPE_CHECKING:
    import typst

MIME: Final = "application/pdf"
LETTERS: Final = "ABCDEFGHIJKLMNOPQRST"
"""Empty rows have letters: their people have no number on the screen yet."""
BREAK_AFTER: Final = 18
"""A word of more letters than this may go on in the next line, after any letter."""
ZERO_WIDTH_SPACE: Final = "\u200b"


@dataclass(frozen=True)
class SheetOfNames:
    """`facts`: label and value, above the names. `head`: of the columns number, name, signature. `names`: number,
    name, and what stands in the place of the signature. Below stand `blank` empty rows (20 at most), under the words
    `blank_head` and `note`; `footer` is on every page, with its number."""

    title: str
    facts: Sequence[tuple[str, str]]
    head: tuple[str, str, str]
    names: Sequence[tuple[str, str, str]]
    blank: int
    blank_head: str
    note: str
    footer: str


_TEMPLATE: Final = r"""
#let sheet = json(bytes(sys.inputs.sheet))
#let grey = rgb("#5b646b")
#let rule = 0.6pt + rgb("#8a949b")
#set document(title: sheet.title, date: none)
#set text(font: "Libertinus Serif", size: 12pt, lang: "id", hyphenate: false)
#set page("a4", margin: (x: 16mm, top: 15mm, bottom: 18mm), footer: context {
  set text(size: 9pt, fill: grey)
  grid(columns: (1fr, auto), column-gutter: 10mm, sheet.footer,
    str(here().page()) + " / " + str(counter(page).final().first()))
})

#text(size: 19pt, weight: "bold", sheet.title)
#v(-1mm)
#grid(columns: (auto, 1fr), column-gutter: 5mm, row-gutter: 2mm,
  ..sheet.facts.map(fact => (text(fill: grey, fact.at(0)), fact.at(1))).flatten())
#v(2mm)

#let columns = (12mm, 1fr, 66mm)
#let across = (right + horizon, left + horizon, left + horizon)
#let heading = sheet.head.map(words => text(weight: "bold", size: 11pt, words))
#let row(number, name, remark) = (
  box(height: 6mm, align(horizon, number)), text(size: 13pt, name), text(size: 10.5pt, fill: grey, remark))
#if sheet.names.len() > 0 {
  table(columns: columns, align: across, stroke: rule, inset: (x: 2mm, y: 1.8mm),
    table.header(..heading), ..sheet.names.map(one => row(..one)).flatten())
}
// on one page: whoever signs has the note before them
#if sheet.blank.len() > 0 {
  block(breakable: false, above: 6mm, {
    block(below: 2mm, text(weight: "bold", sheet.blank_head))
    block(below: 3mm, text(size: 10.5pt, sheet.note))
    table(columns: columns, align: across, stroke: rule, inset: (x: 2mm, y: 1.8mm),
      ..heading, ..sheet.blank.map(letter => row(text(fill: grey, letter), "", "")).flatten())
  })
}
"""


@cache
def fonts() -> typst.Fonts:
    """Returns the fonts in the wheel, and no others: the paper is the same on every machine."""
    import typst

    return typst.Fonts(include_system_fonts=False)


def pdf(sheet: SheetOfNames) -> bytes:
    """Returns the sheet as a PDF with its fonts. Some hundredths of a second and 50 MB at most, once: never in a turn
    or on the event loop. The same sheet is the same file."""
    made = _typeset(sheet, "pdf")
    assert isinstance(made, bytes)
    return made


def pages(sheet: SheetOfNames, pixels_per_inch: float = 100.0) -> list[bytes]:
    """Returns its pages as PNGs: to be looked at."""
    made = _typeset(sheet, "png", pixels_per_inch)
    return [made] if isinstance(made, bytes) else made


def _typeset(sheet: SheetOfNames, form: Literal["pdf", "png"], pixels_per_inch: float | None = None) -> Any:
    import typst  # 7 MB, which only a bot that prints needs

    data = asdict(sheet)
    data["blank"] = list(LETTERS[: sheet.blank])
    return typst.compile(
        _TEMPLATE.encode(),
        format=form,
        ppi=pixels_per_inch,
        font_paths=fonts(),
        sys_inputs={"sheet": json.dumps(printable(data))},
        timestamp=0,
    )


def printable(value: object) -> object:
    """Takes out what paper cannot show (control characters), and lets long words break."""
    match value:
        case str():
            return re.sub(rf"\S{{{BREAK_AFTER + 1},}}", lambda word: ZERO_WIDTH_SPACE.join(word[0]), plain(value))
        case dict():
            return {key: printable(inner) for key, inner in value.items()}
        case list() | tuple():
            return [printable(inner) for inner in value]
    return value

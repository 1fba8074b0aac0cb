"""A chart as a PNG for the phone: bars under a title, one block each, typeset by typst with the fonts in its wheel.

What is drawn is data (words are ready to be read); nothing of it is taken for markup.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import typst

PIXELS_PER_INCH: Final = 216.0
"""A page is 360 points wide like a phone: three pixels for each."""
BLOCKS_WITH_NOTES: Final = 8
"""With more blocks than this their notes are left out: the picture would be too tall for Telegram to keep it sharp."""


@dataclass(frozen=True)
class Bar:
    """`share` from 0 to 1; None: it must not be shown, and `words` say why. `colour` is the place in the legend."""

    share: float | None
    words: str
    colour: int


@dataclass(frozen=True)
class Block:
    title: str
    aside: str
    bars: Sequence[Bar]
    note: str = ""


@dataclass(frozen=True)
class Chart:
    title: str
    subtitle: str
    legend: Sequence[str]
    blocks: Sequence[Block]
    notes: Sequence[str]
    empty: str = ""
    """The words shown when there are no blocks."""


_TEMPLATE: Final = r"""
#let chart = json(bytes(sys.inputs.chart))
#let colours = (rgb("#0b6e75"), rgb("#d9822b"), rgb("#5a4fa3"))
#let ink = rgb("#1d2327")
#let grey = rgb("#5b646b")
#set page(width: 360pt, height: auto, margin: (x: 18pt, y: 20pt), fill: white)
#set text(font: "Libertinus Serif", size: 15pt, fill: ink, lang: "id", hyphenate: false)
#set par(leading: 0.5em, spacing: 0.55em)

#text(size: 23pt, weight: "bold", chart.title)

#text(size: 14.5pt, fill: grey, chart.subtitle)

#v(3pt)
#for (place, words) in chart.legend.enumerate() {
  box(baseline: 1pt, rect(width: 12pt, height: 12pt, radius: 2pt, fill: colours.at(place)))
  h(5pt)
  text(size: 14.5pt, words)
  h(16pt)
}
#v(2pt)

#if chart.blocks.len() == 0 { v(6pt); text(size: 16pt, chart.empty); v(6pt) }

#for part in chart.blocks {
  block(breakable: false, above: 17pt, below: 0pt, width: 100%, {
    grid(columns: (1fr, auto), column-gutter: 8pt, align: (left, right + bottom),
      text(size: 16pt, weight: "bold", part.title), text(size: 14pt, fill: grey, part.aside))
    v(-3pt)
    for bar in part.bars {
      grid(columns: (1fr, 62pt), column-gutter: 8pt, align: (left + horizon, right + horizon),
        {
          let line = 15pt
          place(rect(width: 100%, height: line, radius: 3pt, fill: rgb("#e9edf0")))
          if bar.share != none and bar.share > 0 {
            place(rect(width: calc.min(bar.share, 1) * 100%, height: line, radius: 3pt, fill: colours.at(bar.colour)))
          }
          box(height: line)
        },
        text(size: 15pt, weight: "bold",
          fill: if bar.share == none { grey } else { colours.at(bar.colour).darken(15%) }, bar.words))
      v(-6pt)
    }
    if part.note != "" { v(5pt); text(size: 13.5pt, fill: grey, part.note) }
  })
}

#block(above: 20pt, below: 9pt, line(length: 100%, stroke: 0.7pt + rgb("#c5ccd1")))
#set text(size: 13pt, fill: grey)
#for words in chart.notes { block(above: 6pt, below: 0pt, words) }
"""


@cache
def _fonts() -> typst.Fonts:
    """Returns the fonts in the wheel, and no others: the picture is the same on every machine."""
    import typst

    return typst.Fonts(include_system_fonts=False)


def png(chart: Chart) -> bytes:
    """Returns the chart as a PNG, 1080 pixels wide. It takes some tenths of a second: never call it in a turn."""
    import typst  # 7 MB, which only a bot that draws needs

    data = asdict(chart)
    if len(chart.blocks) > BLOCKS_WITH_NOTES:
        for block in data["blocks"]:
            block["note"] = ""
    page = typst.compile(
        _TEMPLATE.encode(),
        format="png",
        ppi=PIXELS_PER_INCH,
        font_paths=_fonts(),
        sys_inputs={"chart": json.dumps(data)},
    )
    assert isinstance(page, bytes)  # a page of automatic height is one page
    return page

"""One page of figures on A4 as a PDF (PDF/A-2b, to be kept), typeset by typst with the fonts in its wheel.

What stands on it is data (words are ready to be read); nothing of it is taken for markup, and nothing is fetched.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from bot.documents.attendance_sheet import fonts, printable

MIME: Final = "application/pdf"
STANDARD: Final = "a-2b"
PIXELS_PER_INCH: Final = 110.0


@dataclass(frozen=True)
class Number:
    label: str
    value: str
    note: str


@dataclass(frozen=True)
class Pair:
    """A pair of bars: at the first answer, and at the last. A share is None where a word stands in place of the
    number."""

    label: str
    before: str
    before_share: float | None
    after: str
    after_share: float | None
    note: str = ""


@dataclass(frozen=True)
class Split:
    label: str
    words: str
    shares: Sequence[float] = ()


@dataclass(frozen=True)
class OnePage:
    programme: str
    title: str
    period: str
    made: str
    day: tuple[int, int, int]
    """Year, month and day on which it was made: a file that is to be kept has a date."""
    logos: Sequence[str]
    numbers: Sequence[Number]
    service: str
    """What stands under the numbers: that they are of the service."""
    pairs_title: str
    pairs_legend: tuple[str, str]
    pairs: Sequence[Pair]
    pairs_none: str
    """The words in place of the pairs where there are none."""
    orders_title: str
    orders_legend: Sequence[str]
    orders: Sequence[Split]
    orders_none: str
    answered_title: str
    answered: Sequence[str]
    sites_title: str
    sites: Sequence[tuple[str, str, bool]]
    """Name, what was held there, and whether anything was."""
    definitions: Sequence[str]
    footer: str


_TEMPLATE: Final = r"""
#let page_ = json(bytes(sys.inputs.page))
#let grey = rgb("#5b646b")
#let ink = rgb("#1d2327")
#let green = rgb("#0b6e75")
#let pale = rgb("#a9cfd2")
#let ground = rgb("#eef1f3")
#let many = page_.sites.len() > 0
#let orders = (green, rgb("#b9c2c8"), rgb("#d9822b"), rgb("#e4e8eb"))
#set document(title: page_.title + ", " + page_.period,
  date: datetime(year: page_.day.at(0), month: page_.day.at(1), day: page_.day.at(2)))
#set text(font: "Libertinus Serif", size: if many { 10pt } else { 11pt }, fill: ink, lang: "id", hyphenate: false)
#set page("a4", margin: (x: 17mm, top: 14mm, bottom: 15mm), footer: text(size: 8pt, fill: grey, page_.footer))
#set par(leading: 0.5em, spacing: 0.5em)
#let heading_(words) = block(above: if many { 5mm } else { 7mm }, below: 2.5mm, sticky: true,
  text(size: 12.5pt, weight: "bold", fill: green, words))

#grid(columns: (1fr, auto), column-gutter: 6mm, align: (left, right + top),
  {
    text(size: 10pt, fill: grey, page_.programme)
    v(-1mm)
    text(size: 21pt, weight: "bold", page_.title)
    v(-1mm)
    text(size: 12pt, page_.period)
  },
  {
    set text(size: 9pt, fill: grey)
    for logo in page_.logos { block(below: 1.2mm, text(weight: "bold", fill: ink, logo)) }
    page_.made
  })
#line(length: 100%, stroke: 0.8pt + green)

#grid(columns: (1fr, 1fr, 1fr), gutter: 3mm,
  ..page_.numbers.map(one => block(fill: ground, radius: 1.5mm, inset: (x: 3mm, y: 2.4mm), width: 100%, {
    text(size: 9.5pt, fill: grey, one.label)
    v(-1.4mm)
    text(size: 17pt, weight: "bold", one.value)
    v(-1.4mm)
    text(size: 9pt, fill: grey, one.note)
  })))
#v(-1mm)
#text(size: 8.5pt, fill: grey, page_.service)

#heading_(page_.pairs_title)
#if page_.pairs.len() == 0 { text(fill: grey, page_.pairs_none) } else {
  let bar(share, colour, words) = grid(columns: (1fr, 47mm), column-gutter: 3mm, align: left + horizon, {
      let high = if many { 2.6mm } else { 3.2mm }
      place(rect(width: 100%, height: high, radius: 0.7mm,
        fill: if share == none { none } else { ground },
        stroke: if share == none { (paint: rgb("#8a949b"), thickness: 0.5pt, dash: "dashed") } else { none }))
      if share != none and share > 0 {
        place(rect(width: calc.min(share, 1) * 100%, height: high, radius: 0.7mm, fill: colour))
      }
      box(height: high)
    }, text(size: 9.5pt, words))
  block(below: 2mm, {
    for (colour, words) in ((pale, page_.pairs_legend.at(0)), (green, page_.pairs_legend.at(1))) {
      box(baseline: 0.3mm, rect(width: 3mm, height: 3mm, radius: 0.6mm, fill: colour))
      h(1.5mm)
      text(size: 9pt, fill: grey, words)
      h(6mm)
    }
  })
  for one in page_.pairs {
    block(below: if many { 1.6mm } else { 2.6mm }, breakable: false,
      grid(columns: (36mm, 1fr), column-gutter: 3mm, align: (left + horizon, left + horizon),
        { text(weight: "bold", one.label); if one.note != "" { linebreak(); text(size: 8pt, fill: grey, one.note) } },
        { bar(one.before_share, pale, one.before); v(-1.2mm); bar(one.after_share, green, one.after) }))
  }
}

#heading_(page_.orders_title)
#if page_.orders.len() == 0 { text(fill: grey, page_.orders_none) } else {
  for one in page_.orders {
    block(below: 2mm, breakable: false, grid(columns: (36mm, 1fr), column-gutter: 3mm, align: left + horizon,
      text(weight: "bold", one.label),
      {
        if one.shares.len() > 0 {
          grid(columns: one.shares.map(share => calc.max(share, 0.0001) * 1fr), gutter: 0mm,
            ..one.shares.enumerate().map(((place, share)) =>
              rect(width: 100%, height: 3.2mm, fill: orders.at(place), stroke: none)))
          v(-1.2mm)
        }
        text(size: 9.5pt, one.words)
      }))
  }
  if page_.orders.any(one => one.shares.len() > 0) {
    for (place, words) in page_.orders_legend.enumerate() {
      box(baseline: 0.3mm, rect(width: 3mm, height: 3mm, radius: 0.6mm, fill: orders.at(place)))
      h(1.5mm)
      text(size: 9pt, fill: grey, words)
      h(6mm)
    }
  }
}

#if page_.answered.len() > 0 {
  heading_(page_.answered_title)
  for words in page_.answered { block(below: 1.4mm, words) }
}

#if many {
  heading_(page_.sites_title)
  set text(size: 9pt)
  let list(sites) = for (name, held, awake) in sites {
    block(below: 1.1mm, breakable: false, grid(columns: (1fr, auto), column-gutter: 3mm,
      text(weight: if awake { "bold" } else { "regular" }, fill: if awake { ink } else { grey }, name),
      text(fill: if awake { ink } else { rgb("#a4501a") }, held)))
  }
  let half = calc.ceil(page_.sites.len() / 2)
  grid(columns: (1fr, 1fr), column-gutter: 10mm, list(page_.sites.slice(0, half)), list(page_.sites.slice(half)))
}

#v(1fr)
#line(length: 100%, stroke: 0.5pt + rgb("#c5ccd1"))
#v(-1mm)
#set text(size: 8.5pt, fill: grey)
#for words in page_.definitions { block(above: 1.2mm, below: 0mm, words) }
"""


def pdf(page: OnePage) -> bytes:
    """Returns the page as a PDF/A-2b. A tenth of a second: never in a turn or on the event loop. The same page is the
    same file."""
    return _typeset(page, "pdf")[0]


def pictures(page: OnePage, pixels_per_inch: float = PIXELS_PER_INCH) -> list[bytes]:
    """Returns it as PNGs: to be looked at. More than one: it did not fit."""
    return _typeset(page, "png", pixels_per_inch)


def _typeset(page: OnePage, form: Literal["pdf", "png"], pixels_per_inch: float | None = None) -> list[bytes]:
    import typst  # 7 MB, which only a bot that prints needs

    made: Any = typst.compile(
        _TEMPLATE.encode(),
        format=form,
        ppi=pixels_per_inch,
        font_paths=fonts(),
        sys_inputs={"page": json.dumps(printable(asdict(page)))},
        pdf_standards=[STANDARD] if form == "pdf" else [],
        timestamp=0,
    )
    return [made] if isinstance(made, bytes) else list(made)

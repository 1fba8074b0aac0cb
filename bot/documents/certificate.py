"""A certificate on A4, as a PDF to be kept and as a picture for a phone, typeset by typst with the fonts in its wheel.

What stands on it is data: nothing of it is taken for markup, and nothing is fetched. The PDF keeps to PDF/A-2b, in
which typst refuses a letter that it has no font for, where it would otherwise print a box. The same certificate is the
same file, so nothing but its row need be kept.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any, Final, Literal

import segno

from bot.documents.attendance_sheet import fonts

PDF: Final = "application/pdf"
PNG: Final = "image/png"
NEWEST: Final = "1"
"""The template of certificates that are issued now. A certificate keeps the template it was issued with: who changes
how it looks, or what its words say, adds a template."""


class NotPrintable(ValueError):
    """There is a letter that the fonts do not have."""


@dataclass(frozen=True)
class PrintedCertificate:
    """What is printed, ready to be read. `lines`: what it is for; `facts`: label and value; `signed`: name and position
    of whoever signs, or nothing; `check`: how it is checked, with the address to type."""

    link: str
    programme: str
    title: str
    given_to: str
    name: str
    lines: Sequence[str]
    facts: Sequence[tuple[str, str]]
    signed: Sequence[str]
    check: Sequence[str]
    issued: int
    """The moment of issue, in seconds since 1970 (UTC): the date of the document."""


# What the two forms share: `c` is the certificate, `code` its QR code.
_PARTS: Final = r"""
#let c = json(bytes(sys.inputs.certificate))
#let qr = bytes(sys.inputs.code)
#let green = rgb("#0b6b4f")
#let grey = rgb("#4d565d")
#let gold = rgb("#b8892b")
#set text(font: "Libertinus Serif", lang: "id", hyphenate: false)
#set par(leading: 0.6em)
// one line, as large as fits; at the least size as many as it needs
#let fitted(most, least, words) = layout(room => {
  let size = most
  while size > least and measure(text(size: size, weight: "bold", words)).width > room.width { size = size - 0.5pt }
  text(size: size, weight: "bold", fill: green, words)
})
#let facts(size, gap) = grid(columns: (auto, auto), align: left, column-gutter: 1.2em, row-gutter: gap,
  ..c.facts.map(fact => (text(size: size, fill: grey, fact.at(0)), text(size: size, fact.at(1)))).flatten())
"""
_PAGE: Final = (
    _PARTS
    + r"""
#set document(title: "%TITLE%", date: auto)
#set page("a4", flipped: true, margin: (x: 24mm, top: 20mm, bottom: 16mm), background: {
  place(center + horizon, rect(width: 100% - 18mm, height: 100% - 18mm, stroke: 1.6pt + green))
  place(center + horizon, rect(width: 100% - 22mm, height: 100% - 22mm, stroke: 0.6pt + gold))
})

#v(1fr)
#align(center, {
  block(below: 9mm, text(size: 15pt, fill: grey, c.programme))
  block(below: 10mm, text(size: 36pt, weight: "bold", tracking: 1.5pt, upper(c.title)))
  block(below: 7mm, text(size: 14pt, fill: grey, c.given_to))
  block(below: 6mm, width: 100%, fitted(40pt, 14pt, c.name))
  block(below: 8mm, line(length: 100mm, stroke: 0.8pt + gold))
  for words in c.lines { block(below: 3.5mm, width: 82%, text(size: 16pt, words)) }
})
#v(1fr)
#grid(columns: (1fr, auto), column-gutter: 10mm, align: (left + bottom, right + bottom),
  {
    facts(12pt, 2.6mm)
    if c.signed.len() > 0 {
      block(above: 5mm, below: 1.5mm, text(size: 13pt, weight: "bold", c.signed.at(0)))
      if c.signed.len() > 1 { text(size: 11.5pt, fill: grey, c.signed.at(1)) }
    }
  },
  align(center, {
    block(below: 2mm, image(qr, format: "svg", width: 34mm))
    for words in c.check { block(below: 1.2mm, text(size: 9.5pt, fill: grey, words)) }
  }))
"""
)
_CARD: Final = (
    _PARTS
    + r"""
#set document(title: "%TITLE%", date: auto)
#set page(width: 1080pt, height: 1350pt, margin: (x: 92pt, top: 96pt, bottom: 84pt), background: {
  place(center + horizon, rect(width: 100% - 60pt, height: 100% - 60pt, stroke: 6pt + green))
  place(center + horizon, rect(width: 100% - 84pt, height: 100% - 84pt, stroke: 2pt + gold))
})

#align(center, {
  block(above: 20pt, below: 44pt, text(size: 36pt, fill: grey, c.programme))
  block(below: 60pt, width: 100%, {
    set text(tracking: 2pt)
    layout(room => {
      let size = 84pt
      while measure(text(size: size, weight: "bold", upper(c.title))).width > room.width { size = size - 2pt }
      text(size: size, weight: "bold", upper(c.title))
    })
  })
  block(below: 38pt, text(size: 34pt, fill: grey, c.given_to))
  let longest = calc.max(..c.name.split(" ").map(word => word.len()))
  block(below: 36pt, width: 100%, fitted(84pt, if longest > 18 { 16pt } else { 52pt }, c.name))
  block(below: 44pt, line(length: 420pt, stroke: 3pt + gold))
  for words in c.lines { block(below: 20pt, text(size: 36pt, words)) }
})
#v(1fr)
#align(center, facts(32pt, 18pt))
#v(1fr)
#grid(columns: (1fr, auto), column-gutter: 30pt, align: (left + bottom, right + bottom),
  {
    if c.signed.len() > 0 {
      block(below: 8pt, text(size: 34pt, weight: "bold", c.signed.at(0)))
      if c.signed.len() > 1 { block(below: 20pt, text(size: 28pt, fill: grey, c.signed.at(1))) }
    }
    for words in c.check { block(below: 6pt, text(size: 26pt, fill: grey, words)) }
  },
  image(qr, format: "svg", width: 250pt))
"""
)


def drawn(certificate: PrintedCertificate, form: Literal["pdf", "png"], template: str = NEWEST) -> bytes:
    """Returns the certificate; the picture is 1080 by 1350 pixels, which WhatsApp shows whole in a status. Some
    hundredths of a second: never in a turn or on the event loop. Raises NotPrintable if there is a letter for which
    there is no font, LookupError if there is no such template."""
    import typst  # 7 MB, which only a bot that prints needs

    page, card = {"1": (_PAGE, _CARD)}[template]
    code = BytesIO()
    segno.make(certificate.link, error="m", micro=False).save(code, kind="svg", border=2, xmldecl=False)
    given: dict[str, Any] = {
        "font_paths": fonts(),
        "sys_inputs": {"certificate": json.dumps(asdict(certificate)), "code": code.getvalue().decode()},
        "timestamp": certificate.issued,
    }
    try:
        # also for the picture: a box where a letter should be is found by the PDF alone
        pdf: Any = typst.compile(_with_title(page, certificate), format="pdf", pdf_standards=["a-2b"], **given)
        if form == "pdf":
            return bytes(pdf)
        made: Any = typst.compile(_with_title(card, certificate), format="png", ppi=72.0, **given)
    except typst.TypstError as problem:
        if "glyph" in str(problem) or "could not be displayed" in str(problem):
            raise NotPrintable("a letter that no font has") from None
        raise
    return bytes(made if isinstance(made, bytes) else made[0])


def _with_title(template: str, certificate: PrintedCertificate) -> bytes:
    return template.replace('"%TITLE%"', json.dumps(certificate.title)).encode()

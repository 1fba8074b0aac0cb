"""A poster with the QR code of a site's link, on A4: as a PDF to be printed, and as a picture for chat groups.

Typeset by typst with the fonts in its wheel; nothing of what stands on it is taken for markup, and nothing is fetched.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any, Final, Literal

from bot.documents.attendance_sheet import fonts, printable

PDF: Final = "application/pdf"
PNG: Final = "image/png"
PIXELS_PER_INCH: Final = 110.0
"""Of the picture: 909 by 1286 pixels, which is sharp on a phone and small to send."""


@dataclass(frozen=True)
class PosterOfSite:
    """`link` is what the code opens; `steps` are numbered; `below` stands under them, smaller."""

    link: str
    programme: str
    title: str
    place: str
    steps: Sequence[str]
    below: Sequence[str]


_TEMPLATE: Final = r"""
#let poster = json(bytes(sys.inputs.poster))
#let grey = rgb("#5b646b")
#let green = rgb("#0b6b4f")
#set document(title: poster.title + " " + poster.place, date: none)
#set text(font: "Libertinus Serif", size: 19pt, lang: "id", hyphenate: false)
#set page("a4", margin: (x: 20mm, top: 18mm, bottom: 16mm))
#set par(leading: 0.55em)

#align(center, {
  block(below: 6mm, text(size: 17pt, fill: grey, poster.programme))
  block(below: 5mm, text(size: 38pt, weight: "bold", poster.title))
  block(below: 9mm, text(size: 28pt, weight: "bold", fill: green, poster.place))
  block(below: 9mm, image(bytes(sys.inputs.code), format: "svg", width: 98mm))
})
#pad(x: 8mm, for (number, step) in poster.steps.enumerate(start: 1) {
  grid(columns: (11mm, 1fr), row-gutter: 3mm, text(weight: "bold", fill: green, str(number) + "."), step)
  v(4.5mm)
})
#v(1fr)
#align(center, for line in poster.below { block(below: 2.5mm, text(size: 14pt, fill: grey, line)) })
"""


def drawn(poster: PosterOfSite, form: Literal["pdf", "png"]) -> bytes:
    """Returns the poster. A tenth of a second: never in a turn or on the event loop. The same poster is the same
    file, so Telegram is sent it once."""
    import segno
    import typst  # 7 MB, which only a bot that prints needs

    code = BytesIO()
    segno.make(poster.link, error="m", micro=False).save(code, kind="svg", border=2, xmldecl=False)
    made: Any = typst.compile(
        _TEMPLATE.encode(),
        format=form,
        ppi=PIXELS_PER_INCH if form == "png" else None,
        font_paths=fonts(),
        sys_inputs={"poster": json.dumps(printable(asdict(poster))), "code": code.getvalue().decode()},
        timestamp=0,
    )
    found: bytes = made if isinstance(made, bytes) else made[0]
    return found

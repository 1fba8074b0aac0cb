"""Makes a page of facts as one HTML file that a phone opens by itself: no program, no network, no script in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

MIME: Final = "text/html"
_STYLE: Final = """\
:root { color-scheme: light dark; }
body { font: 1.05rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; } h3 { font-size: 1rem; margin: 1rem 0 .3rem; }
dl { border: 1px solid #8888; border-radius: .5rem; padding: .6rem .8rem; margin: .5rem 0; }
dt { opacity: .75; font-size: .9rem; } dd { margin: 0 0 .5rem; overflow-wrap: anywhere; }
dd:last-child { margin-bottom: 0; }
"""

Facts = Sequence[tuple[str, str]]
"""Labels and their values, one box on the page."""


@dataclass(frozen=True)
class Section:
    """A heading with boxes below it. `level` 1 is a part of the page, 2 a part of the section before."""

    heading: str
    boxes: Sequence[Facts]
    level: int = 1


def readable_page(title: str, opening: str, language: str, sections: Sequence[Section]) -> bytes:
    """Returns the page. All words are escaped: a name cannot become a part of the page."""
    parts = [f"<h1>{escape(title)}</h1>", f"<p>{escape(opening)}</p>"]
    for section in sections:
        parts.append(f"<h{section.level + 1}>{escape(section.heading)}</h{section.level + 1}>")
        for box in section.boxes:
            facts = "".join(f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>" for label, value in box)
            parts.append(f"<dl>{facts}</dl>")
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    ).encode()

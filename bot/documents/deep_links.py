"""Links that open the bot at a site's classes, and their QR codes for posters and WhatsApp groups."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Final, Protocol

PAYLOAD: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""The characters that Telegram allows behind `?start=`."""
USERNAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")
SITE_PREFIX: Final = "s_"
"""A link's payload is this and the id of a site: `?start=s_samosir`."""
PIXELS_PER_MODULE: Final = 20
"""A link makes 29 to 37 modules and 8 of margin: printed at 300 dpi that is 6 to 8 cm, and sharp."""
PIXELS_ON_SCREEN: Final = 12
QUIET_ZONE: Final = 4
"""Modules of white around the code; the standard asks for four."""


class Site(Protocol):
    """The fields of a site that a link needs (content.Site)."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def active(self) -> bool: ...


def link(username: str, payload: str) -> str:
    """Returns the address that opens the chat with the bot and sends it `/start payload`. `username` is the bot's, with
    or without @.

    Raises ValueError if Telegram would not take it or the payload.
    """
    name = username.removeprefix("@")
    if not USERNAME.fullmatch(name):
        raise ValueError(f"'{username}' is not a Telegram username")
    if not PAYLOAD.fullmatch(payload):
        raise ValueError(f"'{payload}' cannot stand in a link: 1 to 64 of A-Z, a-z, 0-9, _ and - can")
    return f"https://t.me/{name}?start={payload}"


def site_link(username: str, site_id: str) -> str:
    """Returns the link of one site: registration begins with the site filled in. Errors as `link`."""
    return link(username, SITE_PREFIX + site_id)


def qr_png(address: str) -> bytes:
    """Returns a QR code to be read from a phone's screen, about 450 pixels wide, with a white margin."""
    import segno  # only who makes a code needs it

    out = BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="png", scale=PIXELS_ON_SCREEN, border=QUIET_ZONE)
    return out.getvalue()


def site_of(payload: str) -> str | None:
    """Returns the site id in a /start payload; None if the payload is about something else."""
    return payload.removeprefix(SITE_PREFIX) if payload.startswith(SITE_PREFIX) and payload != SITE_PREFIX else None


def site_links(username: str, sites: Iterable[Site]) -> list[tuple[Site, str]]:
    """Returns every active site with its link, in the order given."""
    return [(site, site_link(username, site.id)) for site in sites if site.active]


def write_qr_pngs(folder: Path, username: str, sites: Iterable[Site]) -> list[Path]:
    """Writes one QR code per active site into `folder` (made if missing), named after the site. Returns the files.

    Error correction M or better: a poster may be creased or stained a little.
    """
    import segno

    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for site, address in site_links(username, sites):
        path = folder / f"{_file_stem(site.name) or site.id}.png"
        if path in written:  # two sites of one name
            path = folder / f"{path.stem} ({site.id}).png"
        code = segno.make(address, error="m", micro=False)
        code.save(str(path), kind="png", scale=PIXELS_PER_MODULE, border=QUIET_ZONE, dpi=300)
        written.append(path)
    return written


def _file_stem(name: str) -> str:
    """Returns `name` as a file name that every system takes."""
    plain = unicodedata.normalize("NFC", name)
    plain = "".join(" " if char in '<>:"/\\|?*' or not char.isprintable() else char for char in plain)
    return " ".join(plain.split()).strip(". ")[:80]

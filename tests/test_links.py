"""Links that open the bot at a site, and their QR codes."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from bot.__main__ import cli
from bot.catalogue.content import load_content
from bot.documents import deep_links
from bot.settings import ROOT


@dataclass
class Place:
    id: str
    name: str
    active: bool = True


def test_a_link_opens_the_bot_at_a_site() -> None:
    assert deep_links.site_link("jalin_bot", "labuan-bajo") == "https://t.me/jalin_bot?start=s_labuan-bajo"
    assert deep_links.link("@jalin_bot", "s_jayapura") == "https://t.me/jalin_bot?start=s_jayapura"
    assert deep_links.site_of("s_labuan-bajo") == "labuan-bajo"
    assert deep_links.site_of("s_") is deep_links.site_of("c_12") is deep_links.site_of("") is None


@pytest.mark.parametrize("payload", ["", "a" * 65, "s_labuan bajo", "s_é", "a=b", "a\n"])
def test_what_telegram_would_not_take_is_refused(payload: str) -> None:
    with pytest.raises(ValueError, match="cannot stand in a link"):
        deep_links.link("jalin_bot", payload)


@pytest.mark.parametrize("username", ["", "@", "bot", "jalin bot", "1jalin_bot", "x" * 33, "jalin_bot\n"])
def test_what_is_no_username_is_refused(username: str) -> None:
    with pytest.raises(ValueError, match="not a Telegram username"):
        deep_links.link(username, "s_jayapura")


@given(st.from_regex(r"[A-Za-z0-9_-]{1,62}", fullmatch=True))
def test_a_site_comes_back_out_of_its_link(site_id: str) -> None:
    assert deep_links.site_of(deep_links.site_link("jalin_bot", site_id).partition("?start=")[2]) == site_id


def test_every_active_site_has_a_link() -> None:
    sites = load_content(ROOT / "content").sites
    found = deep_links.site_links("jalin_bot", sites)
    assert [site.id for site, _ in found] == [site.id for site in sites if site.active]
    assert len({address for _, address in found}) == len(found) >= 18


def dark_modules(path: Path) -> list[list[bool]]:
    """The pixels of a PNG of one bit per pixel, True where dark: decoded by hand, so that what is printed is seen."""
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    chunks: dict[bytes, bytes] = {}
    at = 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        name = data[at + 4 : at + 8]
        chunks[name] = chunks.get(name, b"") + data[at + 8 : at + 8 + length]
        at += 12 + length
    width, height, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (depth, colour) == (1, 0)  # grey, 0 is black
    assert struct.unpack(">II", chunks[b"pHYs"][:8]) == (11811, 11811)  # 300 dpi in pixels per metre
    raw = zlib.decompress(chunks[b"IDAT"])
    stride = (width + 7) // 8 + 1
    rows: list[bytes] = []
    for row in range(height):
        how, line = raw[row * stride], raw[row * stride + 1 : (row + 1) * stride]
        assert how in {0, 2}  # as it is, or the difference to the line above
        rows.append(line if how == 0 else bytes((new + old) & 255 for new, old in zip(line, rows[-1], strict=True)))
    return [[not (row[x // 8] >> (7 - x % 8)) & 1 for x in range(width)] for row in rows]


def test_a_printed_code_is_the_sites_link(tmp_path: Path) -> None:
    place = Place("labuan-bajo", "Labuan Bajo")
    (path,) = deep_links.write_qr_pngs(tmp_path / "qr", "jalin_bot", [place, Place("later", "Lokasi menyusul", False)])
    assert path.name == "Labuan Bajo.png"
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    pixels = dark_modules(path)
    expected = segno.make("https://t.me/jalin_bot?start=s_labuan-bajo", error="m", micro=False)
    assert expected.error in {"M", "Q", "H"}
    size = len(expected.matrix)
    scale, margin = deep_links.PIXELS_PER_MODULE, deep_links.QUIET_ZONE
    assert len(pixels) == len(pixels[0]) == (size + 2 * margin) * scale >= 700
    for y in range(-margin, size + margin):
        for x in range(-margin, size + margin):
            inside = 0 <= y < size and 0 <= x < size
            wanted = bool(expected.matrix[y][x]) if inside else False
            left, top = (x + margin) * scale, (y + margin) * scale
            corners = [(top, left), (top + scale - 1, left + scale - 1), (top + scale // 2, left + scale // 2)]
            assert {pixels[row][column] for row, column in corners} == {wanted}


def test_names_become_files_that_every_system_takes(tmp_path: Path) -> None:
    places = [
        Place("a", "Desa: Air/Darat?"),
        Place("b", "Golo Loni"),
        Place("c", "Golo Loni"),
        Place("d", "..."),
        Place("e", "../../keluar"),
    ]
    written = deep_links.write_qr_pngs(tmp_path, "jalin_bot", places)
    assert [path.name for path in written] == [
        "Desa Air Darat.png",
        "Golo Loni.png",
        "Golo Loni (c).png",
        "d.png",
        "keluar.png",
    ]
    assert {path.parent for path in written} == {tmp_path}
    assert all(path.is_file() for path in written)


def test_a_folder_that_takes_nothing_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("here is no room for a folder")
    result = CliRunner().invoke(cli, ["links", "@jalin_bot", "--folder", str(tmp_path / "taken" / "qr")])
    assert result.exit_code == 2
    assert result.stderr.startswith("--folder: ")
    assert result.stderr.count("\n") == 1

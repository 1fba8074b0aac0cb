"""Reads how big pictures are, and makes a picture for people who have none at hand."""

from __future__ import annotations

import struct
import zlib


def picture_size(body: bytes) -> tuple[int, int] | None:
    """Returns width and height in pixels of a PNG, JPEG, GIF, WebP or BMP; None if the file is none of them."""
    try:
        if body.startswith(b"\x89PNG\r\n\x1a\n"):
            return _pair(struct.unpack(">II", body[16:24]))
        if body[:6] in (b"GIF87a", b"GIF89a"):
            return _pair(struct.unpack("<HH", body[6:10]))
        if body.startswith(b"BM"):
            width, height = struct.unpack("<ii", body[18:26])
            return _pair((width, abs(height)))
        if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
            return _webp(body)
        if body.startswith(b"\xff\xd8"):
            return _jpeg(body)
    except (struct.error, IndexError):
        return None
    return None


def _pair(values: tuple[int, ...]) -> tuple[int, int] | None:
    width, height = values
    return (width, height) if width > 0 and height > 0 else None


def _webp(body: bytes) -> tuple[int, int] | None:
    kind = body[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(body[24:27], "little"), 1 + int.from_bytes(body[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(body[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", body[26:30])
        return _pair((width & 0x3FFF, height & 0x3FFF))
    return None


def _jpeg(body: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(body):
        if body[at] != 0xFF:
            return None
        marker = body[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", body[at + 5 : at + 9])
            return _pair((width, height))
        at += 2 + int(struct.unpack(">H", body[at + 2 : at + 4])[0])
    return None


def sample_picture(seed: int) -> bytes:
    """Returns a small PNG (160 x 120) whose colours depend on the seed: what a person "photographs" in the sandbox."""
    width, height = 160, 120
    red, green, blue = 80 + seed * 37 % 150, 80 + seed * 61 % 150, 80 + seed * 89 % 150
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        shade = y // 2
        light = bytes((min(red + shade, 255), min(green + shade, 255), min(blue + shade, 255)))
        dark = bytes((red // 2, green // 2, blue // 2))
        rows += b"".join(light if (x // 20 + y // 20) % 2 else dark for x in range(width))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(rows), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")

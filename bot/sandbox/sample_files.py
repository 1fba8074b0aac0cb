"""Small files that people of the sandbox send when they have none at hand: a voice message, a sticker, a document."""

from __future__ import annotations

import math
import struct
from functools import cache
from typing import Final

VOICE_SECONDS: Final = 5
"""The longest that fits one page; the shortest that is taken as a recording."""
SAMPLE_ALBUM: Final = 3
"""How many pictures a sample album has."""
STICKER_SIZE: Final = 512
"""Width and height of a sticker in pixels, as Telegram wants it."""
DOCUMENT: Final = ("catatan.txt", "text/plain", b"Catatan dari sandbox.\n")
_RATE: Final = 48_000
_FRAME: Final = 960
"""Samples in one Opus packet of 20 ms."""
_SILENCE: Final = b"\xf8\xff\xfe"
"""An Opus packet that holds 20 ms of silence."""


@cache
def sample_voice() -> bytes:
    """Returns VOICE_SECONDS seconds of silence as Ogg Opus, the format of Telegram's voice messages."""
    packets = [_SILENCE] * (VOICE_SECONDS * _RATE // _FRAME)
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, _RATE, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 7) + b"sandbox" + struct.pack("<I", 0)
    return _ogg_page(0, 0, 2, [head]) + _ogg_page(1, 0, 0, [tags]) + _ogg_page(2, len(packets) * _FRAME, 4, packets)


def _ogg_page(number: int, position: int, flags: int, packets: list[bytes]) -> bytes:
    """Returns one page of an Ogg stream; each packet must be shorter than 255 bytes, and there are at most 255 of
    them."""
    lengths = bytes(len(packet) for packet in packets)
    header = b"OggS" + struct.pack("<BBqIII", 0, flags, position, 1, number, 0) + bytes([len(packets)]) + lengths
    page = bytearray(header + b"".join(packets))
    page[22:26] = struct.pack("<I", _ogg_checksum(page))
    return bytes(page)


def _ogg_checksum(page: bytearray) -> int:
    checksum = 0
    for byte in page:
        checksum ^= byte << 24
        for _ in range(8):
            checksum = (checksum << 1 ^ 0x04C11DB7 if checksum & 0x80000000 else checksum << 1) & 0xFFFFFFFF
    return checksum


@cache
def sample_sticker() -> bytes:
    """Returns a smiling face on a transparent ground as lossless WebP, the format of Telegram's stickers."""
    red, green, blue = 0xF5, 0xB9, 0x2E
    fields = [  # value, bits; the lowest bit of the stream first
        (0x2F, 8), (STICKER_SIZE - 1, 14), (STICKER_SIZE - 1, 14), (1, 1), (0, 3),  # there is alpha; version 0
        (0, 3),  # no transform, no colour cache, one group of codes
        *_one_symbol(green), *_one_symbol(red), *_one_symbol(blue),
        (1, 1), (1, 1), (1, 1), (0, 8), (255, 8),  # alpha: two symbols, so one bit a pixel
        (1, 1), (0, 1), (0, 1), (0, 1),  # distances: one symbol, never used
    ]  # fmt: skip
    stream, at = 0, 0
    for value, bits in fields:
        stream |= value << at
        at += bits
    for y in range(STICKER_SIZE):
        stream |= _row_of_face(y) << (at + y * STICKER_SIZE)
    length = (at + STICKER_SIZE * STICKER_SIZE + 7) // 8
    body = stream.to_bytes(length + length % 2, "little")
    chunk = b"VP8L" + struct.pack("<I", length) + body
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def _one_symbol(value: int) -> list[tuple[int, int]]:
    """Returns a prefix code with a single symbol of 8 bits: its pixels take no bits at all."""
    return [(1, 1), (0, 1), (1, 1), (value, 8)]


def _row_of_face(y: int) -> int:
    """Returns which pixels of a row are drawn, as bits, the leftmost first."""
    middle = STICKER_SIZE // 2
    drawn = _span(middle, middle, 240, y)
    for eye in (middle - 90, middle + 90):
        drawn &= ~_span(eye, 190, 34, y)
    if y > 290:  # the mouth: the lower part of a ring
        drawn &= ~(_span(middle, 270, 150, y) & ~_span(middle, 270, 115, y))
    return drawn


def _span(x: int, centre: int, radius: int, y: int) -> int:
    """Returns the pixels of row `y` inside a circle around (x, centre), as bits."""
    inside = radius * radius - (y - centre) ** 2
    if inside <= 0:
        return 0
    half = math.isqrt(inside)
    return ((1 << 2 * half) - 1) << (x - half)

"""Reads QR codes in pictures, as a phone's camera does."""

from __future__ import annotations

from io import BytesIO

import zxingcpp
from PIL import Image


def read(picture: bytes, *, width: int | None = None) -> str:
    """Returns what the only code in the picture says. `width`: the picture is made so many pixels wide first, as a
    screen or a poor camera does."""
    image = Image.open(BytesIO(picture)).convert("L")
    if width is not None:
        image = image.resize((width, round(image.height * width / image.width)))
    (code,) = zxingcpp.read_barcodes(image)
    return str(code.text)

"""The code of a certificate: ten characters of Crockford's base 32 (50 random bits), shown as ABCD-EFGH-JK."""

from __future__ import annotations

import re
import secrets
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: without I, L, O, which are read as 1, 1, 0, and without U."""
LENGTH: Final = 10
LINK: Final = "v_"
"""A link's payload is this and a code: `?start=v_ABCDEFGHJK`."""
_READ_AS: Final = str.maketrans("OIL", "011")
_BETWEEN: Final = re.compile(r"[\s\-_.–—]+")


def new_code() -> str:
    """Returns a code that nobody can guess."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def shown(code: str) -> str:
    """Returns the code as it is printed."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def read_code(text: str) -> str | None:
    """Returns the code that somebody typed or scanned, whatever stands between its letters, O for 0, I and L for 1;
    None: it is no code."""
    if len(text) > 40:
        return None
    code = _BETWEEN.sub("", text).upper().translate(_READ_AS)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None

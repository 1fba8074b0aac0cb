"""Makes what strangers send storable: afterwards every text in it can be stored, sent, logged and put in a file.

PostgreSQL refuses NUL, UTF-8 knows no lone surrogates (JSON does), XML no control characters. Each such character is
replaced by one of the same length in UTF-16, so that the offsets of Telegram's entities still fit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

BIGGEST: Final = 2**63 - 1
"""The largest number a column can hold."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""All but the tab and the line feed."""
_NO_CHARACTER: Final = re.compile("[\ud800-\udfff\ufffe\uffff]")
_UNFIT_IN_JSON: Final = re.compile(r"\\(?:u(?:00[01]|007f|00[89]|d[89a-f]|fff[ef])|[bfr])|\x7f", re.IGNORECASE)
"""Characters in ASCII JSON that may be unfit. Half of an emoji looks the same: then every text is looked at."""


def plain(text: str) -> str:
    """Returns the text with blanks for control characters and U+FFFD for what is not a character."""
    return _NO_CHARACTER.sub("\ufffd", _CONTROL.sub(" ", text))


def plain_json(value: Any, ascii_json: str) -> Any:
    """Returns the JSON value with `plain` done to every text in it. `ascii_json` is the same value as json.dumps writes
    it: one look at it shows whether anything has to be changed at all, which is rare."""
    return _plain(value) if _UNFIT_IN_JSON.search(ascii_json) else value


def _plain(value: Any) -> Any:
    match value:
        case str():
            return plain(value)
        case dict():
            return {plain(str(name)): _plain(inner) for name, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
    return value


def id_in(value: Any, name: str) -> int | None:
    """Returns the number that the object `value` has under this name; None if there is none, or none that a column can
    hold. `value` may be anything."""
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, int) and not isinstance(found, bool) and 0 < found <= BIGGEST else None


def part_of(value: Any, name: str) -> Mapping[str, Any]:
    """Returns the object that the object `value` has under this name; an empty one if there is none. `value` may be
    anything."""
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}

"""`locales/bot.pot`: what the code says of each key. For people who write words, and for `python -m bot check`.

    #. shown as: button
    #. values: minutes, n
    msgid "sessions.button.length"
    msgstr ""

`make keys` makes the file from the source, and a test compares the two (tests/source_reading.py): so words can be
checked where there is no source to read, and a translator who renames a placeholder is told which values there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from babel.messages.pofile import PoFileError, read_po

TEMPLATE: Final = Path("locales") / "bot.pot"
_HEAD: Final = """\
# What the bot says of each key: how it is shown when it is no message, and the values its words may use.
# Made from the source by: make keys
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"""


@dataclass(frozen=True)
class Known:
    """What the code says of a key: it is shown as button, caption, command or toast (else as a message), and which
    values its words may use."""

    shown_as: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()


def read_template(path: Path) -> dict[str, Known]:
    """Returns what the code says of each key. Raises ValueError with file and line."""
    if not path.is_file():
        raise ValueError(f"{path}:1: does not exist; make it with: make keys")
    try:
        with path.open("rb") as file:
            read = read_po(file, abort_invalid=True)
    except PoFileError as error:
        raise ValueError(f"{path}:{error.lineno + 1}: {error}") from None
    known: dict[str, Known] = {}
    for message in read:
        if message.id and isinstance(message.id, str):
            said = dict(_named(comment) for comment in message.auto_comments)
            known[message.id] = Known(said.get("shown as", frozenset()), said.get("values", frozenset()))
    return known


def _named(comment: str) -> tuple[str, frozenset[str]]:
    name, _, listed = comment.partition(":")
    return name.strip(), frozenset(one.strip() for one in listed.split(",")) - {""}


def written_template(known: Mapping[str, Known]) -> str:
    """Returns the text of the file, in the order of the keys."""
    out = [_HEAD]
    for key, its in sorted(known.items()):
        said = (("shown as", its.shown_as), ("values", its.values))
        lines = [f"#. {name}: {', '.join(sorted(listed))}" for name, listed in said if listed]
        out.append("\n".join((*lines, f'msgid "{key}"', 'msgstr ""', "")))
    return "\n".join(out)

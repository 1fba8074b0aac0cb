"""What an announcement says: how long it may be, its buttons, and what a correction makes of it. No database."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import Final

from bot.actions.broadcasts import GetHelpBelow, OpenMenuBelow
from bot.words.message import Button, Form, Message, Words

CAPTION: Final = 1024
TEXT: Final = 4096
"""Telegram's limits for the text of a message, with a file and without."""
LEAD: Final = 96
"""The most characters of the line above a correction that cannot be made in place."""
QUOTED: Final = 120
"""So many letters of an announcement stand in lists and reports."""
_TAG: Final = re.compile(r"<[^>]*>")

EDITABLE: Final = frozenset({Form.TEXT, Form.PHOTO, Form.VIDEO, Form.DOCUMENT, Form.VOICE})
"""Messages that can be corrected in place, by another of the same form."""
WITH_CAPTION: Final = frozenset({Form.PHOTO, Form.VIDEO, Form.DOCUMENT, Form.VOICE})


def as_announced(message: Message) -> Message:
    """Returns the message with the buttons that stand under everything said unasked. They leave the announcement where
    it is."""
    return message.with_buttons([[Button("button.menu", OpenMenuBelow()), Button("button.help", GetHelpBelow())]])


def room(message: Message, *, above: int) -> int:
    """Returns how many characters the words of such a message may have, with so many characters above them."""
    return (CAPTION if message.form in WITH_CAPTION else TEXT) - LEAD - above


def too_long(message: Message, plain: str, *, above: int) -> bool:
    """Returns whether Telegram would refuse the message as too long, now or in a correction (`plain`: its text without
    markup; `above`: how many characters stand above it)."""
    return length(plain) > room(message, above=above)


def length(text: str) -> int:
    """Returns how many characters Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def quote(message: Message, most: int = QUOTED) -> Words:
    """Returns the beginning of what an announcement says, as words: «Besok bawa ...», or (foto)."""
    text = excerpt(message, most)
    if message.place is not None:
        return Words("broadcasts.quote.place", {"text": message.place.title})
    if message.form is Form.TEXT:
        return Words("broadcasts.quote.text", {"text": text})
    what = Words(f"broadcasts.what.{message.form}")
    return Words("broadcasts.quote.file", {"what": what, "text": text}) if text else what


def excerpt(message: Message, most: int) -> str:
    """Returns the first letters of what somebody wrote, without markup, on one line."""
    plain = " ".join(unescape(_TAG.sub("", message.html)).split())
    return plain if len(plain) <= most else plain[: most - 1].rstrip() + "…"


def merged(old: Message, new: Message) -> Message:
    """Returns what a correction says: words alone are new words for the file that was sent. A voice keeps its sound."""
    if old.form in WITH_CAPTION and new.form is Form.TEXT:
        return replace(old, html=new.html)
    return new


def in_place(old: Message, new: Message) -> bool:
    """Returns whether a delivered copy can be edited from the one into the other."""
    if old.form is not new.form or old.form not in EDITABLE:
        return False
    return old.form is not Form.VOICE or old.file == new.file

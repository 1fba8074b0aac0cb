"""Telegram's HTML, read as Telegram reads it: `parse_html` gives the plain text and its entities.

Telegram's parser is no HTML parser: a lone `&`, an unknown `&nbsp;` and extra attributes pass, `<br>` and `a < b` are
refused, and it names what is wrong by its place in UTF-8 bytes. Entity offsets and lengths count UTF-16 code units.
Standard library only, so that a desk check of texts can use it without starting anything.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_RAW_BYTES = 32768
MAX_ENTITIES = 100

_SPACE = b" \t\r\n\0\v"
_ALNUM = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_STYLES = {
    b"b": "bold",
    b"strong": "bold",
    b"i": "italic",
    b"em": "italic",
    b"u": "underline",
    b"ins": "underline",
    b"s": "strikethrough",
    b"strike": "strikethrough",
    b"del": "strikethrough",
    b"tg-spoiler": "spoiler",
    b"span": "spoiler",
}
_TAGS = frozenset(_STYLES) | {b"a", b"pre", b"code", b"blockquote", b"tg-emoji", b"tg-time"}
_NAMED = {b"lt": 0x3C, b"gt": 0x3E, b"amp": 0x26, b"quot": 0x22}
# At the same place and length the outer entity comes first; a lower number is further out.
_PRIORITY = {
    "blockquote": 0,
    "expandable_blockquote": 0,
    "pre": 10,
    "code": 20,
    "text_link": 49,
    "text_mention": 49,
    "date_time": 49,
    "bold": 90,
    "italic": 91,
    "underline": 92,
    "strikethrough": 93,
    "spoiler": 94,
    "custom_emoji": 99,
}


class EntityError(ValueError):
    """The text cannot be parsed; the message is Telegram's own words, e.g. `Unexpected end tag at byte offset 0`."""


@dataclass(frozen=True)
class Entity:
    """One formatted part of a text. `offset` and `length` are in UTF-16 code units."""

    type: str
    offset: int
    length: int
    url: str | None = None
    user_id: int | None = None
    language: str | None = None
    custom_emoji_id: str | None = None
    unix_time: int | None = None
    date_time_format: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Returns a MessageEntity as the Bot API has it, but for one thing: a text_mention has `user_id`, in whose
        place the server that answers puts the whole User."""
        fields: dict[str, Any] = {"type": self.type, "offset": self.offset, "length": self.length}
        for name in ("url", "user_id", "language", "custom_emoji_id", "unix_time", "date_time_format"):
            value = getattr(self, name)
            if value is not None:
                fields[name] = value
        return fields


@dataclass
class _Open:
    tag: bytes
    argument: bytes
    offset: int
    begin: int
    unix: bytes = b""


def utf16_length(text: str) -> int:
    """Returns the length in UTF-16 code units, in which Telegram measures entities."""
    return len(text) + sum(1 for character in text if ord(character) > 0xFFFF)


def parse_html(text: str) -> tuple[str, list[Entity]]:
    """Parses `parse_mode=HTML` text into plain text and sorted entities.

    Nothing is trimmed and no links are detected (see `finish`). Raises EntityError in Telegram's words, without the
    Bot API's prefix "Bad Request: can't parse entities: ".
    """
    try:
        raw = text.encode("utf-8")
    except UnicodeEncodeError:
        raise EntityError("Text must be encoded in UTF-8") from None
    raw = raw.replace(b"\0", b" ")
    return _Parser(raw).parse()


class _Parser:
    def __init__(self, raw: bytes) -> None:
        self.size = len(raw)
        self.raw = raw + b"\0"  # the end mark spares a bounds check at every look-ahead
        self.plain = bytearray()
        self.utf16 = 0
        self.open: list[_Open] = []
        self.entities: list[Entity] = []
        self.code_arguments: dict[int, bytes] = {}

    def parse(self) -> tuple[str, list[Entity]]:
        raw, position = self.raw, 0
        while position < self.size:
            byte = raw[position]
            if byte == 0x3C:
                closing = raw[position + 1] == 0x2F
                position = self._end_tag(position) if closing else self._start_tag(position)
                continue
            if byte == 0x26:
                code, after = _character_reference(raw, position)
                if code:
                    self.plain += chr(code).encode("utf-8", "surrogatepass")
                    self.utf16 += 2 if code > 0xFFFF else 1
                    position = after
                    continue
            if byte & 0xC0 != 0x80:
                self.utf16 += 2 if byte >= 0xF0 else 1
            self.plain.append(byte)
            position += 1
        if self.open:
            raise EntityError(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag.decode()}"')
        try:
            plain = self.plain.decode("utf-8")
        except UnicodeDecodeError:
            raise EntityError(
                "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched "
                "surrogate code units"
            ) from None
        return plain, sort_entities(self.entities)

    def _start_tag(self, begin: int) -> int:
        raw = self.raw
        at = begin + 1
        while raw[at] not in _SPACE and raw[at] != 0x3E:
            at += 1
        if at >= self.size:
            raise EntityError(f"Unclosed start tag at byte offset {begin}")
        tag = raw[begin + 1 : at].lower()
        if tag not in _TAGS:
            raise EntityError(f'Unsupported start tag "{_shown(tag)}" at byte offset {begin}')
        opened = _Open(tag, b"", self.utf16, len(self.plain))
        while raw[at] != 0x3E:
            at = self._skip_space(at)
            if raw[at] == 0x3E:
                break
            at = self._attribute(begin, at, opened)
        if tag == b"span" and opened.argument != b"spoiler":
            raise EntityError(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self.open.append(opened)
        return at + 1

    def _attribute(self, begin: int, at: int, opened: _Open) -> int:
        raw, tag = self.raw, opened.tag
        if at >= self.size:
            raise EntityError(f'Unclosed start tag "{tag.decode()}" at byte offset {begin}')
        name_begin = at
        while raw[at] not in _SPACE and raw[at] not in b"=>/\"'":
            at += 1
        name = raw[name_begin:at]
        if not name:
            raise EntityError(f'Empty attribute name in the tag "{tag.decode()}" at byte offset {begin}')
        at = self._skip_space(at)
        if raw[at] != 0x3D:
            if at >= self.size:
                raise EntityError(f'Unclosed start tag "{tag.decode()}" at byte offset {begin}')
            if tag == b"blockquote" and name == b"expandable":
                opened.argument = b"1"
            return at
        at = self._skip_space(at + 1)
        if at >= self.size:
            raise EntityError(f'Unclosed start tag "{tag.decode()}" at byte offset {begin}')
        value, at = self._attribute_value(at)
        if at >= self.size:
            raise EntityError(f"Unclosed start tag at byte offset {begin}")
        match (tag, name):
            case (b"a", b"href") | (b"tg-emoji", b"emoji-id") | (b"tg-time", b"format"):
                opened.argument = value
            case (b"tg-time", b"unix"):
                opened.unix = value
            case (b"code", b"class") if value.startswith(b"language-"):
                opened.argument = value[9:]
            case (b"span", b"class") if value.startswith(b"tg-"):
                opened.argument = value[3:]
            case (b"blockquote", b"expandable"):
                opened.argument = b"1"
            case _:
                pass
        return at

    def _attribute_value(self, at: int) -> tuple[bytes, int]:
        raw = self.raw
        if raw[at] not in b"'\"":
            begin = at
            while raw[at] in _ALNUM or raw[at] in b".-":
                at += 1
            if raw[at] not in _SPACE and raw[at] != 0x3E:
                raise EntityError(f"Unexpected end of name token at byte offset {begin}")
            return raw[begin:at].lower(), at
        quote = raw[at]
        at += 1
        value = bytearray()
        while at < self.size and raw[at] != quote:
            if raw[at] == 0x26:
                code, after = _character_reference(raw, at)
                if code:
                    value += chr(code).encode("utf-8", "surrogatepass")
                    at = after
                    continue
            value.append(raw[at])
            at += 1
        if raw[at] == quote:
            at += 1
        return bytes(value), at

    def _end_tag(self, begin: int) -> int:
        raw = self.raw
        if not self.open:
            raise EntityError(f"Unexpected end tag at byte offset {begin}")
        at = begin + 2
        while raw[at] not in _SPACE and raw[at] != 0x3E:
            at += 1
        name = raw[begin + 2 : at].lower()
        at = self._skip_space(at)
        if raw[at] != 0x3E:
            raise EntityError(f"Unclosed end tag at byte offset {begin}")
        opened = self.open[-1]
        if name and name != opened.tag:
            raise EntityError(
                f'Unmatched end tag at byte offset {begin}, expected "</{opened.tag.decode()}>", '
                f'found "</{_shown(name)}>"'
            )
        if self.utf16 > opened.offset:
            self._close(opened)
        self.open.pop()
        return at + 1

    def _close(self, opened: _Open) -> None:
        offset, length = opened.offset, self.utf16 - opened.offset
        tag, argument = opened.tag, opened.argument.decode("utf-8", "replace")
        if tag in _STYLES:
            self.entities.append(Entity(_STYLES[tag], offset, length))
        elif tag == b"blockquote":
            kind = "expandable_blockquote" if argument else "blockquote"
            self.entities.append(Entity(kind, offset, length))
        elif tag == b"tg-emoji":
            if not re.fullmatch(r"-?\d{1,19}", argument) or int(argument) == 0:
                raise EntityError("Invalid custom emoji identifier specified")
            self.entities.append(Entity("custom_emoji", offset, length, custom_emoji_id=argument))
        elif tag == b"tg-time":
            self.entities.append(_date_time(opened.unix.decode("utf-8", "replace"), argument, offset, length))
        elif tag == b"a":
            link = argument or self.plain[opened.begin :].decode("utf-8", "replace")
            user = re.match(r"tg:(?://)?user/?\?(?:.*&)?id=(\d{1,19})(?:$|[&#])", link, re.IGNORECASE)
            if user:
                self.entities.append(Entity("text_mention", offset, length, user_id=int(user[1])))
            elif checked := checked_link(link):
                self.entities.append(Entity("text_link", offset, length, url=checked))
        elif tag == b"pre":
            last = self.entities[-1] if self.entities else None
            language = self.code_arguments.get(len(self.entities) - 1)
            if last and last.type == "code" and (last.offset, last.length) == (offset, length) and language:
                # <pre><code class="language-x">: the inner code becomes the language of the outer block.
                self.entities[-1] = Entity("pre", offset, length, language=language.decode("utf-8", "replace"))
            else:
                self.entities.append(Entity("pre", offset, length))
        elif tag == b"code":
            last = self.entities[-1] if self.entities else None
            if last and last.type == "pre" and (last.offset, last.length) == (offset, length) and argument:
                self.entities[-1] = replace(last, language=argument)
            else:
                self.entities.append(Entity("code", offset, length))
                self.code_arguments[len(self.entities) - 1] = opened.argument

    def _skip_space(self, at: int) -> int:
        while at < self.size and self.raw[at] in _SPACE:
            at += 1
        return at


def _shown(name: bytes) -> str:
    return name.decode("utf-8", "replace")


def _character_reference(raw: bytes, at: int) -> tuple[int, int]:
    """Returns the code point of the reference at `at` (0 if Telegram leaves it as it stands) and the place after it."""
    end = at + 1
    if raw[end] == 0x23:
        end += 1
        base, digits = 10, b"0123456789"
        if raw[end] == 0x78:
            end += 1
            base, digits = 16, b"0123456789abcdefABCDEF"
        begin = end
        while raw[end] in digits:
            end += 1
        code = int(raw[begin:end], base) if 0 < end - begin < 12 else 0
        if code == 0 or code >= 0x10FFFF or end - at >= 10:
            return 0, at
    else:
        while chr(raw[end]).isascii() and chr(raw[end]).isalpha():
            end += 1
        code = _NAMED.get(raw[at + 1 : end], 0)
        if code == 0:
            return 0, at
    return code, end + 1 if raw[end] == 0x3B else end


def _date_time(unix: str, form: str, offset: int, length: int) -> Entity:
    # A relative time stands alone; otherwise letters for time (t, T), date (d, D) and weekday (w, W), in any order.
    if form and form != "r" and not re.fullmatch(r"[tTdDwW]+", form):
        raise EntityError("Invalid date format used")
    if not re.fullmatch(r"-?\d{1,10}", unix) or int(unix) == 0:
        raise EntityError("Invalid Unix time specified")
    return Entity("date_time", offset, length, unix_time=int(unix), date_time_format=form or None)


def checked_link(link: str) -> str:
    """Returns the link as Telegram keeps it (scheme and trailing slash added), or "" if it is none; then no entity is
    made."""
    link = link.strip()
    special = re.fullmatch(r"(tg|ton|tonsite):(?://)?(\S+)", link, re.IGNORECASE)
    if special:
        return f"{special[1].lower()}://{special[2]}"
    match = re.fullmatch(r"(?:(https?)://)?([^\s/?#@:]+@)?([^\s/?#:@]+)(:\d{1,5})?([/?#]\S*)?", link, re.IGNORECASE)
    if not match:
        return ""
    scheme, user, host, port, rest = match.groups()
    if "." not in host.strip(".") or ".." in host or host.startswith("."):
        return ""
    rest = rest or "/"
    if not rest.startswith("/"):
        rest = "/" + rest
    return f"{(scheme or 'http').lower()}://{user or ''}{host.lower()}{port or ''}{rest}"


def sort_entities(entities: Sequence[Entity]) -> list[Entity]:
    """Sorts entities as Telegram does: by offset, the longer first, the outer kind first."""
    return sorted(entities, key=lambda e: (e.offset, -e.length, _PRIORITY.get(e.type, 50)))


# --- what Telegram does to every text, formatted or not -------------------------------------------------------------

_TLD = (
    "com|org|net|edu|gov|mil|int|info|biz|name|pro|aero|museum|id|io|me|co|app|dev|ai|xyz|shop|store|online|site|"
    "tv|cc|uk|us|sg|my|au|nl|de|fr|jp|cn|in|ru|eu|link|page|asia"
)
_WORD = r"[^\W_]"
_FOUND = re.compile(
    rf"""
      (?P<email>(?<![\w.+-])[a-zA-Z0-9][\w.+-]{{0,63}}@(?:[a-zA-Z0-9-]{{1,63}}\.)+(?:{_TLD})(?![\w-]))
    | (?P<url>(?<![\w@./-])
        (?:(?:https?://)(?:[\w-]{{1,63}}\.)*[\w-]{{1,63}}(?::\d{{1,5}})?
          |(?:{_WORD}(?:[\w-]{{0,61}}{_WORD})?\.)+(?:{_TLD})(?::\d{{1,5}})?(?![\w-]))
        (?:[/?\#][^\s<>"]*[^\s<>".,;:!?')\]}}])?/?)
    | (?P<mention>(?<![\w`@])@[a-zA-Z]\w{{2,31}}(?!\w))
    | (?P<bot_command>(?<![\w/<>`])/[a-zA-Z0-9_]{{1,64}}(?:@\w{{3,32}})?(?![\w/]))
    | (?P<hashtag>(?<![\w&#])\#(?=\w*[^\W\d_])\w{{1,256}})
    | (?P<cashtag>(?<![\w$])\$[A-Z]{{1,8}}(?![\w$]))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_HINT = re.compile(r"[@/#$.]")
_CONTROL = re.compile("[\0-\x09\x0b\x0c\x0e-\x1f]")
_INVISIBLE = re.compile("[\r\u2028-\u202e\u200e\u200f\ufff9-\ufffb]")


def found_entities(text: str, taken: Sequence[Entity] = ()) -> list[Entity]:
    """Links, mentions, commands, hashtags, cashtags and e-mail addresses Telegram makes out of plain text by itself."""
    if not _HINT.search(text):
        return []
    blocked = [e for e in taken if e.type in ("pre", "code", "text_link", "text_mention", "custom_emoji")]
    found = []
    for match in _FOUND.finditer(text):
        kind = match.lastgroup or ""
        if kind == "cashtag" and not match.group()[1:].isupper():
            continue
        offset, length = utf16_length(text[: match.start()]), utf16_length(match.group())
        if any(offset < e.offset + e.length and e.offset < offset + length for e in blocked):
            continue
        found.append(Entity(kind, offset, length))
    return found


def finish(text: str, entities: Sequence[Entity] = (), *, detect: bool = True) -> tuple[str, list[Entity]]:
    """Returns what Telegram keeps of a parsed text: without control characters, outer whitespace and blank entities,
    with links and commands found, at most 100 entities. The result may be empty."""
    kept = list(entities)
    if _CONTROL.search(text):
        text = _CONTROL.sub(" ", text)
    if _INVISIBLE.search(text):
        text, kept = _without_invisible(text, kept)
    stripped = text.rstrip(" \n")
    lead = len(stripped) - len(stripped.lstrip(" \n"))
    if kept:  # leading blanks inside the first entity stay
        first = min(e.offset for e in kept)
        lead = min(lead, _index_of_utf16(stripped, first))
    stripped = stripped[lead:]
    size = utf16_length(stripped)
    moved = []
    for entity in kept:
        begin = max(entity.offset - lead, 0)
        end = min(entity.offset + entity.length - lead, size)
        if end <= begin:
            continue
        if not stripped[_index_of_utf16(stripped, begin) : _index_of_utf16(stripped, end)].strip():
            continue
        moved.append(entity if (begin, end - begin) == (entity.offset, entity.length)
                     else replace(entity, offset=begin, length=end - begin))  # fmt: skip
    if detect:
        moved += found_entities(stripped, moved)
    return stripped, sort_entities(moved)[:MAX_ENTITIES]


def _index_of_utf16(text: str, offset: int) -> int:
    """Returns the index in `text` of the UTF-16 offset; offsets inside a surrogate pair count as after it."""
    if text.isascii():
        return min(offset, len(text))
    index = 0
    while offset > 0 and index < len(text):
        offset -= 2 if ord(text[index]) > 0xFFFF else 1
        index += 1
    return index


def _without_invisible(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    gone: list[int] = []
    at = 0
    for character in text:
        if _INVISIBLE.match(character):
            gone.append(at)
        at += 2 if ord(character) > 0xFFFF else 1

    def shifted(place: int) -> int:
        return place - sum(1 for removed in gone if removed < place)

    kept = []
    for entity in entities:
        begin, end = shifted(entity.offset), shifted(entity.offset + entity.length)
        if end > begin:
            kept.append(replace(entity, offset=begin, length=end - begin))
    return _INVISIBLE.sub("", text), kept

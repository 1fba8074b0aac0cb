"""Reads the arguments of one Bot API request as Telegram does, however they came: query, form, JSON or multipart.

Numbers may be text, JSON values may be JSON text; integers are clamped, not refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Receive, Scope

from bot.telegram.html import MAX_RAW_BYTES, Entity, EntityError, finish, parse_html

from .files import MAX_UPLOAD
from .refusals import Refused

_MAX_BODY = MAX_UPLOAD + (1 << 20)
_MAX_PLAIN_BODY = 4 << 20
_BOUND = 2**63 - 1


@dataclass(frozen=True)
class Upload:
    """One uploaded file of a multipart request."""

    name: str
    mime: str | None
    body: bytes


class Arguments:
    """Arguments by name. The readers raise Refused in Telegram's words."""

    def __init__(self, values: Mapping[str, Any], uploads: Mapping[str, Upload] | None = None) -> None:
        self.values = values
        self.uploads = uploads or {}

    def has(self, name: str) -> bool:
        return self.values.get(name) not in (None, "")

    def text(self, name: str) -> str:
        """Returns the argument as text; "" if it is missing."""
        value = self.values.get(name)
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        return value if isinstance(value, str) else json.dumps(value) if isinstance(value, dict | list) else str(value)

    def flag(self, name: str) -> bool:
        return self.text(name).strip().lower() in ("true", "yes", "1")

    def integer(self, name: str, default: int = 0, low: int = -_BOUND, high: int = _BOUND) -> int:
        """Returns the argument as an integer, clamped to low..high; `default` if it is missing or no number."""
        raw = self.values.get(name)
        if isinstance(raw, int):
            return min(max(int(raw), low), high)
        text = self.text(name).strip()
        try:
            value = int(text[:40]) if text else default
        except ValueError:
            try:
                value = int(float(text[:40]))
            except (ValueError, OverflowError):
                value = default
        return min(max(value, low), high)

    def number(self, name: str, words: str, low: float, high: float) -> float:
        """Returns the argument as a decimal number. Raises Refused, with `words`, if it is missing or not within
        low..high."""
        try:
            value = float(self.text(name))
        except ValueError:
            raise Refused(words) from None
        if not low <= value <= high:
            raise Refused(words)
        return value

    def json(self, name: str, words: str) -> Any:
        """Returns a JSON argument, decoded; None if it is missing."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            raise Refused(words) from None

    def names(self, name: str) -> list[str] | None:
        """Returns a list of names; None if it is missing or no list: Telegram ignores that."""
        try:
            value = self.json(name, "")
        except Refused:
            return None
        return [each for each in value if isinstance(each, str)] if isinstance(value, list) else None

    def formatted(self, field: str, prefix: str = "") -> tuple[str, list[Entity]]:
        """Returns the text of a field with its formatting (`<prefix>parse_mode`, `<prefix>entities`), trimmed and with
        links found."""
        entities = self.json(f"{prefix}entities", "can't parse entities JSON object")
        return read_formatted(self.text(field), self.text(f"{prefix}parse_mode"), entities)


def read_formatted(text: str, parse_mode: str, entities: Any = None) -> tuple[str, list[Entity]]:
    """Returns text and entities as `parse_mode` asks for. Only HTML is supported: Markdown is refused, not guessed
    at."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_RAW_BYTES:
        raise Refused("text is too long")
    mode = parse_mode.strip().lower()
    if mode == "html":
        try:
            plain, found = parse_html(text)
        except EntityError as error:
            raise Refused(f"can't parse entities: {error}") from None
        return finish(plain, found)
    if mode in ("markdown", "markdownv2"):
        raise Refused("unsupported parse_mode: the sandbox reads HTML only")
    if mode:
        raise Refused("unsupported parse_mode")
    return finish(text, _given_entities(entities))


def _given_entities(value: Any) -> list[Entity]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise Refused("expected an Array of MessageEntity")
    result = []
    for item in value:
        if not isinstance(item, dict):
            raise Refused("can't parse MessageEntity: expected an Object")
        kind, offset, length = item.get("type"), item.get("offset"), item.get("length")
        if not isinstance(kind, str) or not isinstance(offset, int) or not isinstance(length, int):
            raise Refused("can't parse MessageEntity: Can't find field \"offset\"")
        if offset < 0 or length <= 0:
            continue
        user = item.get("user")
        result.append(
            Entity(
                kind,
                offset,
                length,
                url=_text_or_none(item.get("url")),
                user_id=user.get("id") if isinstance(user, dict) and isinstance(user.get("id"), int) else None,
                language=_text_or_none(item.get("language")),
                custom_emoji_id=_text_or_none(item.get("custom_emoji_id")),
            )
        )
    # Those Telegram finds by itself are found again, whatever was sent.
    found = ("mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number")
    return [entity for entity in result if entity.type not in found]


def _text_or_none(value: Any) -> str | None:
    return value if isinstance(value, str) else None


async def read_arguments(scope: Scope, receive: Receive) -> Arguments:
    """Returns the arguments of a request. Raises Refused if they cannot be read, ConnectionAbortedError if the bot
    closed the connection."""
    values: dict[str, Any] = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    kind, length = "", 0
    for name, value in scope["headers"]:
        if name == b"content-type":
            kind = value.decode("latin-1").lower()
        elif name == b"content-length" and value.isdigit():
            length = int(value)
    multipart = kind.startswith("multipart/form-data")
    if length > (_MAX_BODY if multipart else _MAX_PLAIN_BODY):
        raise Refused("", 413)
    if multipart:
        return await _read_multipart(scope, receive, values)
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionAbortedError
        body += message.get("body", b"")
        if len(body) > _MAX_PLAIN_BODY:
            raise Refused("", 413)
        more = message.get("more_body", False)
    if not body:
        return Arguments(values)
    if kind.startswith("application/json"):
        try:
            decoded = json.loads(body)
        except (ValueError, RecursionError):
            raise Refused("can't parse request: JSON object expected") from None
        if not isinstance(decoded, dict):
            raise Refused("can't parse request: JSON object expected")
        if b"\\u" in body:
            try:
                json.dumps(decoded, ensure_ascii=False).encode()
            except UnicodeEncodeError:
                raise Refused("strings must be encoded in UTF-8") from None
        values.update(decoded)
    else:
        values.update(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return Arguments(values)


async def _read_multipart(scope: Scope, receive: Receive, values: dict[str, Any]) -> Arguments:
    uploads: dict[str, Upload] = {}
    try:
        async with Request(scope, receive).form(max_part_size=_MAX_BODY, max_files=20, max_fields=200) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    # Read whole, but never more than may be kept: the check of its kind comes later.
                    body = await value.read(MAX_UPLOAD + 1)
                    uploads[name] = Upload(value.filename or "", value.content_type, body)
                else:
                    values[name] = value
    except HTTPException:
        raise Refused("can't parse multipart request") from None
    return Arguments(values, uploads)

"""Handles requests with JSON bodies to the sandbox's own API: a mistake is answered with one English line."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .refusals import Refused
from .world import World

_MAX_JSON = 1 << 20


class Refusal(Exception):
    """What the page asked for cannot be done; `words` are English, for the page's own error line."""

    def __init__(self, words: str, code: int = 400) -> None:
        super().__init__(words)
        self.words = words
        self.code = code


Handler = Callable[[Request], Awaitable[Response]]


def route(world: World, path: str, handler: Handler, method: str = "GET") -> Route:
    """Returns a route whose effect is committed before it is answered, and whose refusals are answers."""

    async def guarded(request: Request) -> Response:
        try:
            response = await handler(request)
            world.commit()
            return response
        except Refusal as refusal:
            return JSONResponse({"error": refusal.words}, refusal.code)
        except Refused as refused:
            return JSONResponse({"error": refused.description}, refused.code)

    return Route(path, guarded, methods=[method])


async def read_json(request: Request) -> dict[str, Any]:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _MAX_JSON:
            raise Refusal("too long", 413)
    if not body.strip():
        return {}
    try:
        value = json.loads(body)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Refusal("the body must be JSON") from None
    if not isinstance(value, dict):
        raise Refusal("the body must be a JSON object")
    return value


def read_text(body: dict[str, Any], name: str, default: str | None = None) -> str:
    value = body.get(name, default)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise Refusal(f"{name} must be text")
    return value


def read_number(body: dict[str, Any], name: str, default: float | None = None) -> float:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e6:
        raise Refusal(f"{name} must be a number")
    return float(value)

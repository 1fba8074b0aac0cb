"""Decides which requests the sandbox takes: those of its own page, and of programs on this machine, but no other web
page's.

Any page open in the same browser can send requests to 127.0.0.1, and one whose name was made to lead to 127.0.0.1 (DNS
rebinding) could read the answers, too. Browsers tell both: by the Host, the Origin and Sec-Fetch-Site of each request.
Programs send no Origin and no Sec-Fetch-Site.
"""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Message, Scope, Send

NAMES: Final = ("127.0.0.1", "localhost", "[::1]")
"""The names by which this machine calls itself."""
_ITSELF: Final = ("same-origin", "none")
"""The values of Sec-Fetch-Site for our page, and for an address that a person typed. "same-site" is every other port,
too."""

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_KEEPS_OTHERS_OUT: Final = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
)
_PAGE: Final = """<!doctype html><meta charset="utf-8"><title>Sandbox</title>
<p>{words}.</p><p><a href="{address}">{address}</a></p>
"""


def refusal(scope: Scope) -> Response | None:
    """Returns the answer to a request that is not taken; None if it is taken."""
    headers = Headers(scope=scope)
    port = _port(scope)
    host = headers.get("host", "").lower()
    words = None
    if host not in {f"{name}:{port}" for name in NAMES} | (set(NAMES) if port == 80 else set()):
        words = f"the sandbox is reached as 127.0.0.1:{port} or localhost:{port} only"
    elif (
        headers.get("origin", f"http://{host}") != f"http://{host}"
        or headers.get("sec-fetch-site", "none") not in _ITSELF
    ):
        words = "requests come from the sandbox's own page only"
    if words is None:
        return None
    if headers.get("sec-fetch-dest") == "document":  # somebody followed a link, and can follow one more
        return HTMLResponse(_PAGE.format(words=words.capitalize(), address=f"http://127.0.0.1:{port}/"), 403)
    if scope["path"].startswith(("/bot", "/file/bot")):
        return JSONResponse({"ok": False, "error_code": 403, "description": f"Forbidden: {words}"}, 403)
    return JSONResponse({"error": words}, 403)


def in_no_other_page(send: Send) -> Send:
    """Adds headers to each answer, so that no other page can show it (the sandbox's own shows a second phone in a
    frame), and it loads nothing from them. An answer that has such a header keeps its own: the page that checks
    certificates has stricter ones, and a style of its own."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = list(message.get("headers", ()))
            has = {name.lower() for name, _ in given}
            message["headers"] = [*given, *(one for one in _KEEPS_OTHERS_OUT if one[0] not in has)]
        await send(message)

    return sent


def _port(scope: Scope) -> int:
    server = scope.get("server")
    return server[1] if server is not None and server[1] is not None else 80

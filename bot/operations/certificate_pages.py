"""GET /v/<code> and /v/<code>.json: what a certificate's code says. For anybody, without a cookie or a script; nothing
is kept of who asked.

Only unknown codes are limited, for each address: carriers share one among thousands of phones, and whoever has a paper
in hand has a known code. Behind a proxy the address is what the proxy says (TRUSTED_PROXIES), otherwise that of the
connection.
"""

from __future__ import annotations

import ipaddress
import json
import zlib
from typing import TYPE_CHECKING, Final

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.allowance import Allowance
from bot.database_trouble import is_away
from bot.operations.certificate_page import UNKNOWN, as_data, as_page, status_of
from bot.programme import certificates
from bot.programme.certificates import Status

if TYPE_CHECKING:
    from bot.app import App

UNKNOWN_A_MINUTE: Final = 30
"""So many unknown codes may come from one address at once, and then as many a minute."""
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
STATUS: Final = {UNKNOWN: 404, Status.GONE.value: 410}
"""The HTTP status of what is not a certificate (any more); 200 otherwise, also for one that was revoked."""


def routes(app: App) -> list[Route]:
    """Returns the two addresses. HEAD answers as GET does."""
    misses = Allowance(UNKNOWN_A_MINUTE / 60, UNKNOWN_A_MINUTE)

    def told(db: Session, code: str | None, as_json: bool) -> tuple[str, bytes]:
        found = None if code is None else certificates.find(db, code)
        body = json.dumps(as_data(code or "", found)).encode() if as_json else as_page(found, app.texts)
        return status_of(found), body

    async def check(request: Request) -> Response:
        written = str(request.path_params["code"])
        as_json = written.endswith(".json")
        code = certificates.read_code(written.removesuffix(".json"))
        try:
            status, body = await app.database.read(told, code, as_json)
        except Exception as problem:
            if not is_away(problem):
                raise
            return Response("503", 503, HEADERS | {"Retry-After": "60"}, "text/plain")
        if status == UNKNOWN:
            address = _of(request)
            if (wait := misses.wait(address)) > 0:
                return Response("429", 429, HEADERS | {"Retry-After": str(int(wait) + 1)}, "text/plain")
            misses.take(address)
        kind = "application/json" if as_json else "text/html; charset=utf-8"
        return Response(body, STATUS.get(status, 200), HEADERS, kind)

    return [Route("/v/{code:str}", check, methods=["GET"])]


def _of(request: Request) -> int:
    """Returns a number for the address that asks; of IPv6 the network of its line, which has more addresses than
    anybody could count."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return zlib.crc32(host.encode())
    return int(address) >> 64 if address.version == 6 else int(address)

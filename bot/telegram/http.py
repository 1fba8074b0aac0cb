"""Telegram over HTTP, on aiohttp with JSON bodies: for our own calls, and as python-telegram-bot's request.

What matters to a sender is how far a request came, so there are three ways to fail: `Refused` (Telegram said no),
`NotReached` (it surely never left) and `AnswerLost` (it left, and what came of it is not known). The token stands in
every address; it is kept out of logs, representations and the texts of errors.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple, NoReturn
from urllib.parse import quote, urlsplit
from urllib.request import getproxies

import aiohttp
from telegram._utils.types import ODVInput
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

UNKNOWN_BOT: Final = "BOT_TOKEN: Telegram does not know this token"
"""What the log tells after a 401, or a 404 for every method."""
CONNECTIONS: Final = 160
CALL_SECONDS: Final = 30.0
"""How long a call may take in all, unless the caller says otherwise."""
CONNECT_SECONDS: Final = 10.0
"""How much of that time connecting to the server may take, including the wait for a free connection."""
DOWNLOAD_SECONDS: Final = 120.0
DOWNLOAD_LIMIT: Final = 20 * 1024 * 1024
"""Telegram lets a bot fetch files up to 20 MB."""
KEEP_ALIVE_SECONDS: Final = 20.0
"""Idle connections are closed by us before a server does it, so that hardly a request meets a closing one."""

_in_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
TIME_SECONDS: Final = 5.0
"""An answer is read for Telegram's time at most this often."""
JSON_BODY: Final = {"Content-Type": "application/json"}

File = tuple[str, bytes, str]
"""A file to upload: its name, its bytes, its MIME type."""


class Refused(Exception):
    """Telegram answered, and the answer is no. `retry_after` is in seconds and comes with a 429."""

    def __init__(self, code: int, description: str, retry_after: float | None = None) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.retry_after = retry_after


class NotReached(Exception):
    """The request surely never left: no address, no connection. It may safely be made again."""


class AnswerLost(Exception):
    """The request left and no usable answer came: it may or may not have had its effect."""


HearTime = Callable[[datetime, bool], None]
"""Called with what Telegram's clock shows: the moment, and whether it is that of a message just sent (else of an
answer)."""


class _Reply(NamedTuple):
    status: int
    retry_after: str | None
    date: str | None
    body: bytes


_NEVER_LEFT: Final = (
    aiohttp.ClientConnectorError,  # DNS, TCP, TLS, the way to a proxy
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
)


class TelegramHttp(BaseRequest):
    """One client for one token. `base_url` is the address of a Bot API server, without `/bot`.

    Our own code uses `call()` and `download()`; a python-telegram-bot `Bot` may be given it as its request.
    Raises ValueError if `base_url` is no http(s) address.
    """

    def __init__(self, token: str, base_url: str, *, hear_time: HearTime | None = None) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
            raise ValueError("the address of a Bot API server begins with http:// or https://")
        self._token = token
        self._secret = token.partition(":")[2]
        base = base_url.rstrip("/")
        self._methods = f"{base}/bot{token}/"
        self._urls: dict[str, URL] = {}
        self._files = f"{base}/file/bot{token}/"
        self._host = parts.hostname
        # A proxy named in the environment is for the way out, not for a server on this machine. Where none is named,
        # aiohttp would look for one at each request, in a thread.
        self._trust_env = parts.scheme == "https" and "https" in getproxies()
        self._session: aiohttp.ClientSession | None = None
        self._hear_time = hear_time
        self._time_heard = -TIME_SECONDS

    def __repr__(self) -> str:
        return f"<TelegramHttp {self._host}>"

    # --- life -----------------------------------------------------------------------------------------------------

    async def initialize(self) -> None:
        """Makes the session; called again, it changes nothing."""
        self._open()

    async def shutdown(self) -> None:
        """Closes all connections. The next call would open a new session."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=KEEP_ALIVE_SECONDS),
                trust_env=self._trust_env,
                auto_decompress=True,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    # --- our own calls --------------------------------------------------------------------------------------------

    async def call(
        self,
        method: str,
        params: Mapping[str, Any],
        files: Mapping[str, File] | None = None,
        timeout: float = CALL_SECONDS,  # noqa: ASYNC109 - it is told to the HTTP client, which knows how far it came
    ) -> Any:
        """Calls a method of the Bot API and returns its `result`. `timeout` is in seconds, for everything. Raises
        Refused, NotReached or AnswerLost."""
        url = self._urls.get(method)
        if url is None:
            url = self._urls[method] = URL(self._methods + method, encoded=True)
        reply = await self._exchange("POST", url, _body(params, files), _total(timeout))
        result = self._result(reply)
        if self._hear_time is not None and time.monotonic() - self._time_heard >= TIME_SECONDS:
            self._tell_time(self._hear_time, method, reply, result)
        return result

    def _tell_time(self, hear_time: HearTime, method: str, reply: _Reply, result: Any) -> None:
        """Passes on what Telegram's clock shows, by an answer that came just now."""
        self._time_heard = time.monotonic()
        with contextlib.suppress(TypeError, ValueError):  # none, or none that can be read
            hear_time(parsedate_to_datetime(reply.date or ""), False)
        sent = result.get("date") if method.startswith("send") and isinstance(result, dict) else None
        if isinstance(sent, int) and sent > 0:
            hear_time(datetime.fromtimestamp(sent, UTC), True)

    async def download(self, file_path: str, limit_bytes: int = DOWNLOAD_LIMIT) -> bytes:
        """Returns the content of a file that getFile named. Raises like `call()`; Refused(413) if it is over the
        limit."""
        url = URL(self._files + quote(file_path), encoded=True)
        reply = await self._exchange("GET", url, None, _total(DOWNLOAD_SECONDS), limit=limit_bytes)
        if reply.status == 200:
            return reply.body
        self._result(reply)
        raise AnswerLost(f"HTTP {reply.status} instead of a file")

    def _result(self, reply: _Reply) -> Any:
        try:
            data = json.loads(reply.body)
        except ValueError:
            data = None
        if isinstance(data, dict) and isinstance(data.get("ok"), bool):
            if data["ok"]:
                if "result" in data:
                    return data["result"]
            else:
                self._refuse(data, reply)
        # Somebody on the way answered. Of what such answers say only these two are to be relied on: a proxy's own
        # 403 must not count as a person who blocked us.
        if reply.status == 429:
            raise Refused(429, "Too Many Requests", _seconds(reply.retry_after))
        if reply.status == 413:
            raise Refused(413, "Request Entity Too Large")
        raise AnswerLost(f"HTTP {reply.status} without an answer of the Bot API")

    def _refuse(self, data: dict[str, Any], reply: _Reply) -> NoReturn:
        code = data.get("error_code")
        code = code if isinstance(code, int) else reply.status
        description = self._masked(str(data.get("description", "")))
        if code >= 500:
            raise AnswerLost(f"{code} {description}")
        parameters = data.get("parameters")
        retry_after = _seconds(parameters.get("retry_after")) if isinstance(parameters, dict) else None
        if retry_after is None:
            retry_after = _seconds(reply.retry_after)
        raise Refused(code, description, retry_after)

    async def _exchange(
        self,
        verb: str,
        url: URL,
        body: bytes | aiohttp.FormData | None,
        limits: aiohttp.ClientTimeout,
        *,
        limit: int | None = None,
    ) -> _Reply:
        """Makes one request and reads its whole answer; more than `limit` bytes are refused. Raises NotReached or
        AnswerLost."""
        kind = JSON_BODY if isinstance(body, bytes) else None
        try:
            async with self._open().request(
                verb, url, data=body, headers=kind, timeout=limits, allow_redirects=False
            ) as response:
                content = await (response.read() if limit is None else _read(response, limit))
                if content is not None:
                    headers = response.headers
                    return _Reply(response.status, headers.get("Retry-After"), headers.get("Date"), content)
                problem: Exception = Refused(413, "file is too big")
        except _NEVER_LEFT as error:
            problem = NotReached(self._told(error))
        except Exception as error:
            # Whatever it was: after this point nobody can say that the request did not leave.
            problem = AnswerLost(self._told(error))
        # Raised out here, the new error has no other behind it that could show the address.
        raise problem

    def _told(self, error: Exception) -> str:
        text = self._masked(str(error))
        return f"{type(error).__name__}: {text}"[:200] if text else type(error).__name__

    def _masked(self, text: str) -> str:
        for secret in (self._token, quote(self._token, safe=""), self._secret):
            if secret:
                text = text.replace(secret, "***")
        return text

    # --- python-telegram-bot's request ------------------------------------------------------------------------------

    @property
    def read_timeout(self) -> float | None:
        """Seconds python-telegram-bot may count on when it gives no read timeout of its own."""
        return CALL_SECONDS

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Parses as the base class does, but does not write the content into the log."""
        try:
            parsed = json.loads(payload)
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict):
            raise TelegramError("Invalid server response")
        return parsed

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Called by python-telegram-bot. Raises its TimedOut and NetworkError; times are in seconds."""
        body: bytes | aiohttp.FormData | None = None
        if request_data is not None and request_data.contains_files:
            body = aiohttp.FormData(quote_fields=False)
            for name, value in request_data.json_parameters.items():
                body.add_field(name, value)
            for name, (file_name, content, mime) in request_data.multipart_data.items():
                body.add_field(name, content, filename=file_name, content_type=mime)
        elif request_data is not None:
            body = _compact(request_data.parameters)
        limits = aiohttp.ClientTimeout(
            total=None,
            connect=_given(connect_timeout, CONNECT_SECONDS),
            sock_read=_given(read_timeout, CALL_SECONDS),
        )
        try:
            reply = await self._exchange(method, URL(url, encoded=True), body, limits)
        except (NotReached, AnswerLost) as error:
            words = str(error)
        else:
            return reply.status, reply.body
        raise TimedOut(words) if "Timeout" in words else NetworkError(words)


def _body(params: Mapping[str, Any], files: Mapping[str, File] | None) -> bytes | aiohttp.FormData:
    if not files:
        return _compact(params)
    # quote_fields=False: Telegram shows a file's name as it comes, percent signs and all
    form = aiohttp.FormData(quote_fields=False)
    for name, value in params.items():
        form.add_field(name, value if isinstance(value, str) else _compact(value).decode())
    for name, (file_name, content, mime) in files.items():
        form.add_field(name, content, filename=file_name, content_type=mime)
    return form


def _compact(data: Any) -> bytes:
    return _in_json(data).encode()


@lru_cache(maxsize=64)
def _total(seconds: float) -> aiohttp.ClientTimeout:
    # Connecting has to fail first: only then is it known that nothing left.
    return aiohttp.ClientTimeout(total=seconds, connect=min(CONNECT_SECONDS, seconds * 0.8))


def _given(value: ODVInput[float], default: float) -> float | None:
    return value if value is None or isinstance(value, int | float) else default


def _seconds(value: Any) -> float | None:
    """Returns a number of seconds, or None for anything else (Retry-After may also hold a date)."""
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return None
    return seconds if 0 <= seconds < 1e9 else None


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes | None:
    """Returns the answer's content; None as soon as it is known to be longer than `limit`."""
    if (response.content_length or 0) > limit:
        return None
    parts: list[bytes] = []
    left = limit
    async for part in response.content.iter_chunked(65536):
        left -= len(part)
        if left < 0:
            return None
        parts.append(part)
    return b"".join(parts)

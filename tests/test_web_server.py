"""The web server of /health and the webhook: who says nothing, or half of something, holds up nobody and is closed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import resource
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from structlog.testing import capture_logs

from bot.operations import web_server
from bot.operations.web_server import WebServer
from bot.telegram.webhook import SECRET_HEADER, WebhookReceiver
from tests.bot_process import Bot, asked, until
from tests.fake_api import StandIn, text_update
from tests.processes import SECRET

HALF: Final = b"GET /there HTTP/1.1\r\nHost: bot\r\nX-Slow: "
WHOLE: Final = b"GET /there HTTP/1.1\r\nHost: bot\r\n\r\n"
CLOSING: Final = b"GET /there HTTP/1.1\r\nHost: bot\r\nConnection: close\r\n\r\n"
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
MANY: Final = 1_400
DESCRIPTORS: Final = 1_024
WITH_FEW_DESCRIPTORS: Final = (
    f"import resource, runpy; resource.setrlimit(resource.RLIMIT_NOFILE, ({DESCRIPTORS}, {DESCRIPTORS}));"
    "runpy.run_module('bot', run_name='__main__', alter_sys=True)"
)


async def there(_request: Request) -> Response:
    return PlainTextResponse("here")


@contextlib.asynccontextmanager
async def served(*routes: Route) -> AsyncIterator[Callable[[], Awaitable[Connection]]]:
    """Our server on a port of its own; gives what opens a connection to it."""
    listener = socket.create_server(("127.0.0.1", 0))
    app = Starlette(routes=routes or [Route("/there", there)])
    app.router.redirect_slashes = False
    server = WebServer(app)
    serving = asyncio.create_task(server.serve_on(listener))
    opened: list[asyncio.StreamWriter] = []

    async def connect() -> Connection:
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        opened.append(writer)
        return reader, writer

    try:
        async with asyncio.timeout(30):
            while not server.started:  # noqa: ASYNC110 - no event tells it
                await asyncio.sleep(0.01)
            yield connect
    finally:
        for writer in opened:
            writer.close()
        server.should_exit = True
        await serving


async def everything_said(reader: asyncio.StreamReader) -> bytes:
    """What comes until the other side hangs up."""
    with contextlib.suppress(ConnectionResetError):
        return await reader.read()
    return b""


def test_a_connection_without_a_whole_head_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_server, "HEAD_SECONDS", 0.3)

    async def scene() -> None:
        async with served() as connect:
            (silent, _), (half, halves), (slow, slows) = [await connect() for _ in range(3)]
            halves.write(HALF)

            async def drip() -> None:
                with contextlib.suppress(ConnectionError):
                    slows.write(HALF)
                    while not slows.is_closing():
                        slows.write(b"x")
                        await slows.drain()
                        await asyncio.sleep(0.02)

            dripping = asyncio.create_task(drip())
            assert [await everything_said(one) for one in (silent, half, slow)] == [b"", b"", b""]
            dripping.cancel()

    asyncio.run(scene())


def test_the_second_head_of_a_connection_has_a_deadline_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_server, "HEAD_SECONDS", 0.3)

    async def scene() -> None:
        async with served() as connect:
            reader, writer = await connect()
            writer.write(WHOLE + WHOLE)
            said = b""
            while said.count(b"here") < 2:
                said += await reader.read(1_000)
            writer.write(HALF)
            assert await everything_said(reader) == b""

    asyncio.run(scene())


def test_what_is_left_of_a_request_that_was_answered_holds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_server, "HEAD_SECONDS", 0.3)

    async def scene() -> None:
        async with served() as connect:
            reader, writer = await connect()
            writer.write(b"POST /nowhere HTTP/1.1\r\nHost: bot\r\nContent-Length: 1000000\r\n\r\n")
            assert (await reader.readline()).startswith(b"HTTP/1.1 404")

            async def drip() -> None:
                with contextlib.suppress(ConnectionError):
                    while not writer.is_closing():
                        writer.write(b"x")
                        await writer.drain()
                        await asyncio.sleep(0.02)

            dripping = asyncio.create_task(drip())
            await everything_said(reader)
            dripping.cancel()

    asyncio.run(scene())


def test_a_request_has_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_server, "REQUEST_SECONDS", 0.3)

    async def waits(request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    async def scene() -> None:
        async with served(Route("/", waits, methods=["POST"])) as connect:
            reader, writer = await connect()
            writer.write(b"POST / HTTP/1.1\r\nHost: bot\r\nContent-Length: 9\r\n\r\n1234")
            assert await everything_said(reader) == b""

    asyncio.run(scene())


def test_with_too_many_connections_the_one_that_waited_longest_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_server, "CONNECTIONS", 4)
    answer = asyncio.Event()

    async def slow(_request: Request) -> Response:
        await answer.wait()
        return PlainTextResponse("late")

    async def scene() -> None:
        async with served(Route("/there", there), Route("/slow", slow)) as connect:
            asked_first, asking = await connect()
            asking.write(b"GET /slow HTTP/1.1\r\nHost: bot\r\nConnection: close\r\n\r\n")
            await asyncio.sleep(0.1)
            crowd = []
            for _ in range(8):
                crowd.append(await connect())
                crowd[-1][1].write(HALF)
                await asyncio.sleep(0.02)
            for _ in range(3):
                reader, writer = await connect()
                writer.write(CLOSING)
                assert (await everything_said(reader)).endswith(b"here")
            assert [await everything_said(reader) for reader, _ in crowd[:6]] == [b""] * 6
            assert not crowd[-1][0].at_eof(), "there is room for the newest"
            answer.set()
            assert (await everything_said(asked_first)).endswith(b"late"), "whoever has a request is not in the way"

    with capture_logs() as lines:
        asyncio.run(scene())
    assert len([line for line in lines if "too many connections" in line["event"]]) == 1


def test_the_webhooks_path_cannot_be_told_from_one_that_is_not_there() -> None:
    """By the bytes of the answer to whatever may be asked, and by what happens to the connection."""

    async def nothing(_updates: object) -> None: ...

    async def scene() -> None:
        hook = WebhookReceiver(path="/telegram", secret=SECRET, accept=nothing, has_room=lambda: True)
        async with served(Route("/health", there), hook.route) as connect:

            async def said(path: str, method: str, *more: str, body: str = "") -> bytes:
                reader, writer = await connect()
                head = [f"{method} {path} HTTP/1.1", "Host: bot", "Connection: close", *more]
                writer.write("\r\n".join([*head, "", body]).encode())
                return re.sub(rb"\r\ndate: [^\r]*", b"", await everything_said(reader))

            methods = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "PURGE", "X")
            secrets = ((), (f"{SECRET_HEADER}: wrong-{SECRET}",), (f"{SECRET_HEADER}: ", f"{SECRET_HEADER}: {SECRET}"))
            bodies: tuple[tuple[str, tuple[str, ...]], ...] = (
                ("", ()),
                ("{}", ("Content-Length: 2",)),
                ("", ("Content-Length: 99999999999",)),
                ('5\r\n{"a":\r\n', ("Transfer-Encoding: chunked",)),
                ("", ("Expect: 100-continue", "Content-Length: 9")),
                ("", ("Upgrade: websocket", "Connection: upgrade")),
            )
            tried = 0
            for method in methods:
                for secret in secrets:
                    for body, heads in bodies:
                        found = [
                            await said(path, method, *secret, *heads, body=body)
                            for path in ("/telegram", "/nowhere", "/telegran")
                        ]
                        assert found[0].startswith(b"HTTP/1.1 404"), (method, found[0])
                        assert len(set(found)) == 1, (method, secret, heads, found)
                        tried += 1
            assert tried == 198
            assert [(await said(path, "POST"))[:12] for path in ("/telegram/", "//telegram", "/health")] == [
                b"HTTP/1.1 404", b"HTTP/1.1 404", b"HTTP/1.1 405",
            ]  # fmt: skip

    asyncio.run(scene())


@pytest.mark.slow
def test_a_crowd_with_half_a_request_each_keeps_nobody_away(tmp_path: Path) -> None:
    """More of them than the process has descriptors: /health and people go on being answered."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4_096)), hard))
    crowd: list[socket.socket] = []
    with StandIn() as telegram:
        bot = Bot(tmp_path, program=WITH_FEW_DESCRIPTORS, BOT_API_URL=telegram.address)
        try:
            bot.start()
            until(lambda: asked(bot.port, "/health")[0] == 200, 30, lambda: bot.output)
            for _ in range(MANY):
                crowd.append(socket.create_connection(("127.0.0.1", bot.port), timeout=10))
                crowd[-1].sendall(HALF)
            for number in range(5):
                status, words = asked(bot.port, "/health")
                assert (status, json.loads(words)["ok"]) == (200, True)
                telegram.feed([text_update(700 + number, "/start", number + 1)])
            until(lambda: len(telegram.log()["sent"]) >= 5, 10, lambda: f"nobody is answered:\n{bot.output}")
            assert "Too many open files" not in bot.output
            assert bot.output.count("too many connections") == 1
        finally:
            bot.close()
            for one in crowd:
                one.close()
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

"""HTTP to Telegram: how far a request came, what is sent, and that the token never shows. Against a real server."""

from __future__ import annotations

import asyncio
import json
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from telegram import Bot, InputFile
from telegram.error import Forbidden, NetworkError, RetryAfter, TimedOut

from bot.telegram.http import AnswerLost, NotReached, Refused, TelegramHttp

TOKEN = "123456:AAtheSecretPart"
ME = {"id": 123456, "is_bot": True, "first_name": "Bot", "username": "latihan_bot"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def server(handler: Handler) -> AsyncIterator[str]:
    """The address of a server on a free port that gives everything to `handler`."""
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", "/{rest:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def with_client(handler: Handler, use: Callable[[TelegramHttp], Awaitable[Any]]) -> Any:
    async def whole() -> Any:
        async with server(handler) as address, TelegramHttp(TOKEN, address) as client:
            return await use(client)

    return asyncio.run(whole())


def answering(data: Any, status: int = 200, **details: Any) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.json_response(data, status=status, **details)

    return handler


def failure(handler: Handler, **details: Any) -> BaseException:
    """What calling sendMessage raises when `handler` serves."""

    async def use(client: TelegramHttp) -> BaseException:
        with pytest.raises((Refused, NotReached, AnswerLost)) as caught:
            await client.call("sendMessage", {"chat_id": 1}, **details)
        return caught.value

    error = with_client(handler, use)
    assert isinstance(error, BaseException)
    return error


def test_parameters_go_out_as_json_and_the_result_comes_back() -> None:
    seen: list[tuple[str, str, Any]] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        seen.append((request.path, request.content_type, json.loads(await request.read())))
        return web.json_response({"ok": True, "result": {"message_id": 7}})

    params = {"chat_id": 5, "text": "Selamat 🌞", "options": [{"text": "a"}], "is_anonymous": False}
    assert with_client(handler, lambda client: client.call("sendPoll", params)) == {"message_id": 7}
    assert seen == [(f"/bot{TOKEN}/sendPoll", "application/json", params)]


def test_files_go_out_as_multipart_under_their_own_names() -> None:
    seen: dict[str, Any] = {}

    async def handler(request: web.Request) -> web.StreamResponse:
        for name, value in (await request.post()).items():
            seen[name] = (
                (value.filename, value.file.read(), value.content_type) if isinstance(value, web.FileField) else value
            )
        return web.json_response({"ok": True, "result": True})

    params = {"chat_id": 5, "caption": "Jadwal", "reply_markup": {"inline_keyboard": []}}
    files = {"document": ("kelas é 1.ics", b"BEGIN:VCALENDAR", "text/calendar")}
    with_client(handler, lambda client: client.call("sendDocument", params, files))
    assert seen == {
        "chat_id": "5",
        "caption": "Jadwal",
        "reply_markup": '{"inline_keyboard":[]}',
        "document": ("kelas é 1.ics", b"BEGIN:VCALENDAR", "text/calendar"),
    }


def test_a_refusal_is_told_with_its_code_and_words() -> None:
    words = "Forbidden: bot was blocked by the user"
    error = failure(answering({"ok": False, "error_code": 403, "description": words}, 403))
    assert isinstance(error, Refused)
    assert (error.code, error.description, error.retry_after) == (403, words, None)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"ok": False, "error_code": 429, "description": "x", "parameters": {"retry_after": 3}}, {}),
        ({"ok": False, "error_code": 429, "description": "x"}, {"Retry-After": "3"}),
        ("<html>slow down</html>", {"Retry-After": "3"}),
    ],
)
def test_a_429_says_how_long_to_wait_wherever_it_stands(body: Any, headers: dict[str, str]) -> None:
    error = failure(answering(body, 429, headers=headers))
    assert isinstance(error, Refused)
    assert (error.code, error.retry_after) == (429, 3.0)


@pytest.mark.parametrize(
    "handler",
    [
        answering({"ok": False, "error_code": 502, "description": "Bad Gateway"}, 502),
        answering("<html>Forbidden by a proxy</html>", 403),  # not to be taken for a person who blocked us
        answering({"ok": True}),
        answering(["no", "object"]),
        answering({}, 302, headers={"Location": "/elsewhere"}),
    ],
)
def test_an_answer_that_says_nothing_is_lost(handler: Handler) -> None:
    assert isinstance(failure(handler), AnswerLost)


def test_a_connection_cut_before_the_answer_is_a_lost_answer() -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        await request.read()
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    assert isinstance(failure(cut), AnswerLost)


def test_a_server_too_slow_to_answer_is_a_lost_answer() -> None:
    async def slow(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(2)
        return web.Response()

    assert isinstance(failure(slow, timeout=0.1), AnswerLost)


def test_where_nobody_listens_nothing_has_left() -> None:
    async def whole() -> None:
        async with server(answering({})) as address:
            pass
        async with TelegramHttp(TOKEN, address) as client:
            with pytest.raises(NotReached):
                await client.call("getMe", {})
        async with TelegramHttp(TOKEN, "https://no-such-host.invalid") as client:
            with pytest.raises(NotReached):
                await client.call("getMe", {})

    asyncio.run(whole())


def test_the_token_never_shows() -> None:
    async def whole() -> list[BaseException]:
        errors: list[BaseException] = []
        handlers = [
            answering({"ok": False, "error_code": 404, "description": f"no such path /bot{TOKEN}/x"}, 404),
            answering("", 200),
            answering({"ok": False, "error_code": 500, "description": TOKEN}, 500),
        ]
        for handler in handlers:
            async with server(handler) as address, TelegramHttp(TOKEN, address) as client:
                assert "Secret" not in repr(client)
                with pytest.raises((Refused, AnswerLost)) as caught:
                    await client.call("getMe", {})
                errors.append(caught.value)
        async with server(answering({})) as gone:
            pass
        async with TelegramHttp(TOKEN, gone) as client:
            with pytest.raises(NotReached) as unreached:
                await client.call("getMe", {})
            errors.append(unreached.value)
            with pytest.raises(NetworkError) as of_ptb:
                await Bot(TOKEN, base_url=f"{gone}/bot", request=client).get_me()
            errors.append(of_ptb.value)
        return errors

    for error in asyncio.run(whole()):
        assert "Secret" not in "".join(traceback.format_exception(error)) + repr(error)
        before: BaseException | None = error
        while before is not None:
            assert "Secret" not in str(before)
            before = before.__context__


def test_a_file_is_fetched_and_one_too_big_is_not() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path != f"/file/bot{TOKEN}/photos/foto 1.jpg":
            return web.json_response({"ok": False, "error_code": 404, "description": "Not Found"}, status=404)
        response = web.StreamResponse()  # in pieces, without a length
        await response.prepare(request)
        for _ in range(4):
            await response.write(b"x" * 50_000)
        return response

    async def use(client: TelegramHttp) -> None:
        assert len(await client.download("photos/foto 1.jpg")) == 200_000
        with pytest.raises(Refused, match="too big"):
            await client.download("photos/foto 1.jpg", limit_bytes=100_000)
        with pytest.raises(Refused, match="404"):
            await client.download("photos/none.jpg")

    with_client(handler, use)


def test_python_telegram_bot_can_use_it() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        match request.path.rpartition("/")[2]:
            case "getMe":
                return web.json_response({"ok": True, "result": ME})
            case "sendDocument":
                form = await request.post()
                document = form["document"]
                assert isinstance(document, web.FileField)
                assert (document.file.read(), form["chat_id"]) == (b"abc", "5")
                message = {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}}
                return web.json_response({"ok": True, "result": message})
            case "sendMessage":
                words = "Forbidden: bot was blocked by the user"
                return web.json_response({"ok": False, "error_code": 403, "description": words}, status=403)
            case "sendDice":
                limits = {"ok": False, "error_code": 429, "description": "x", "parameters": {"retry_after": 3}}
                return web.json_response(limits, status=429)
        await asyncio.sleep(2)
        return web.Response()

    async def use(client: TelegramHttp) -> None:
        bot = Bot(TOKEN, base_url=client._methods.removesuffix(f"{TOKEN}/"), request=client, get_updates_request=client)
        async with bot:
            assert (await bot.get_me()).username == "latihan_bot"
            sent = await bot.send_document(5, InputFile(b"abc", filename="a.txt"))
            assert sent.message_id == 1
            with pytest.raises(Forbidden):
                await bot.send_message(5, "x")
            with pytest.raises(RetryAfter):
                await bot.send_dice(5)
            with pytest.raises(TimedOut):
                await bot.get_chat(5, read_timeout=0.1)

    with_client(handler, use)


@pytest.mark.parametrize("address", ["api.telegram.org", "ftp://127.0.0.1", "http://127.0.0.1:0", "http://a:99999"])
def test_an_address_that_is_none_is_refused_at_once(address: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - each has words of its own
        TelegramHttp(TOKEN, address)
    assert "SecretPart" not in str(caught.value)


@pytest.mark.parametrize("named", [True, False])
def test_a_proxy_is_used_where_the_environment_names_one(named: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    async def whole() -> None:
        async with await asyncio.start_server(proxy, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            for name in ("HTTPS_PROXY", "https_proxy"):
                monkeypatch.delenv(name, raising=False)
            if named:
                monkeypatch.setenv("HTTPS_PROXY", f"http://siti:rahasia@127.0.0.1:{port}")
            async with TelegramHttp(TOKEN, "https://telegram.invalid") as client:
                with pytest.raises(NotReached):
                    await client.call("getMe", {})

    asyncio.run(whole())
    assert len(asked) == named
    for head in asked:
        assert head.startswith("CONNECT telegram.invalid:443 ")
        assert "Proxy-Authorization: Basic " in head

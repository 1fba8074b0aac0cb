"""Webhook delivery of the sandbox: lanes in order and side by side, retries, conflicts, replays."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from telegram.error import BadRequest, Conflict

from tests.test_sandbox import ANTON, SITI, Telegram, eventually, keyboard, opened, talk, with_siti

Answer = Callable[[dict[str, Any]], Awaitable[web.Response | None]]


@dataclass
class Hook:
    """A bot's webhook server. `answer` may hold an update up and say what is answered; None: 200."""

    url: str = ""
    got: list[dict[str, Any]] = field(default_factory=list)
    secrets: list[str | None] = field(default_factory=list)
    answer: Answer | None = None
    at_once: int = 0
    most_at_once: int = 0

    async def handle(self, request: web.BaseRequest) -> web.Response:
        update = await request.json()
        self.got.append(update)
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return (await self.answer(update) if self.answer else None) or web.Response()
        finally:
            self.at_once -= 1

    def texts(self) -> list[str]:
        return [update["message"]["text"] for update in self.got if "message" in update]

    def numbers(self) -> list[int]:
        return [update["update_id"] for update in self.got]


@contextlib.asynccontextmanager
async def hooked() -> AsyncIterator[Hook]:
    hook = Hook()
    runner = web.ServerRunner(web.Server(hook.handle, access_log=None), shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield hook
    finally:
        await runner.cleanup()


async def delivered(t: Telegram) -> None:
    await eventually(lambda: not t.sandbox.world.updates)


async def quickly(t: Telegram, **more: Any) -> None:
    """Waits of a hundredth, so that tests need not wait for minutes."""
    await t.page("webhook", first_wait=0.01, longest_wait=0.1, **more)


@talk
async def test_updates_are_brought_with_the_secret() -> None:
    async with with_siti() as t, hooked() as hook:
        await t.says(SITI, "sebelumnya")
        assert await t.bot.set_webhook(hook.url, secret_token="rahasia_1", max_connections=7)
        await t.says(SITI, "sesudahnya")
        await delivered(t)
        assert hook.texts()[-2:] == ["sebelumnya", "sesudahnya"]
        assert set(hook.secrets) == {"rahasia_1"}
        info = await t.bot.get_webhook_info()
        assert (info.url, info.max_connections, info.pending_update_count) == (hook.url, 7, 0)
        assert info.last_error_message is None
        assert (await t.raw("setWebhook", url=hook.url, secret_token="rahasia_1", max_connections=7)) == {
            "ok": True,
            "result": True,
            "description": "Webhook is already set",
        }
        with pytest.raises(Conflict, match="webhook is active"):
            await t.bot.get_updates()
        deleted = [(await t.raw("deleteWebhook"))["description"] for _ in range(2)]
        assert deleted == ["Webhook was deleted", "Webhook is already deleted"]
        await t.says(SITI, "lagi")
        message = (await t.update()).message
        assert message is not None
        assert message.text == "lagi"


@talk
async def test_setting_a_webhook_ends_a_waiting_poll_and_may_drop_what_waits() -> None:
    async with with_siti() as t, hooked() as hook:
        polling = asyncio.create_task(t.raw("getUpdates", offset=t.offset, timeout=20))
        await asyncio.sleep(0.1)
        await t.bot.set_webhook(hook.url)
        assert (await polling)["description"] == "Conflict: terminated by setWebhook request"
        await t.bot.delete_webhook()
        await t.says(SITI, "dulu")
        await t.bot.set_webhook(hook.url, drop_pending_updates=True, allowed_updates=["message"])
        await t.says(SITI, "kini")
        await delivered(t)
        assert hook.texts() == ["kini"]
        message = await t.bot.send_message(SITI, "Pilih", reply_markup=keyboard("a"))
        await t.page(f"chat/{SITI}/tap", message_id=message.message_id, data="a")
        assert not t.sandbox.world.updates
        assert (await t.bot.get_webhook_info()).allowed_updates == ("message",)


@talk
async def test_bad_webhooks_are_refused() -> None:
    async with opened() as t:
        for url, words in {
            "https://example.org/hook": "the sandbox delivers to 127.0.0.1 only",
            "ftp://127.0.0.1/": "(?i)invalid url",
            "http://127.0.0.1:99999/": "(?i)invalid url",
        }.items():
            with pytest.raises(BadRequest, match=words):
                await t.bot.set_webhook(url)
        for secret, words in {"a b": "(?i)unallowed characters", "x" * 257: "(?i)too long"}.items():
            with pytest.raises(BadRequest, match=words):
                await t.bot.set_webhook("http://127.0.0.1:9/", secret_token=secret)
        assert (await t.bot.get_webhook_info()).url == ""


@talk
async def test_a_lane_keeps_its_order_and_lanes_do_not_wait_for_each_other() -> None:
    async with with_siti() as t, hooked() as hook:
        await t.says(ANTON, "/start")
        shown = await t.bot.send_message(SITI, "Pilih", reply_markup=keyboard("a"))
        held = asyncio.Event()

        async def hold(update: dict[str, Any]) -> None:
            if update.get("message", {}).get("text") == "satu":
                await held.wait()

        hook.answer = hold
        await t.bot.set_webhook(hook.url, drop_pending_updates=True)
        await t.says(SITI, "satu")
        await t.says(SITI, "dua")
        await t.page(f"chat/{SITI}/tap", message_id=shown.message_id, data="a")
        await t.says(ANTON, "tiga")
        await eventually(lambda: len(hook.got) == 3)  # the tap has overtaken the message of the same person
        assert hook.texts() == ["satu", "tiga"]
        assert any("callback_query" in update for update in hook.got)
        assert (await t.bot.get_webhook_info()).pending_update_count == 2
        held.set()
        await delivered(t)
        assert hook.texts() == ["satu", "tiga", "dua"]


@talk
async def test_no_more_at_once_than_the_bot_wants() -> None:
    async with opened() as t, hooked() as hook:

        async def slowly(update: dict[str, Any]) -> None:
            await eventually(lambda: hook.most_at_once >= 3)
            await asyncio.sleep(0.02)

        hook.answer = slowly
        people = [(await t.page("people", first_name="Orang"))["id"] for _ in range(12)]
        await t.bot.set_webhook(hook.url, max_connections=3)
        for person in people:
            await t.says(person, "halo")
        await delivered(t)
        assert hook.most_at_once == 3


@talk
async def test_what_is_not_taken_is_brought_again_in_order() -> None:
    async with with_siti() as t, hooked() as hook:
        await quickly(t)
        tries = 0

        async def thrice(update: dict[str, Any]) -> web.Response:
            nonlocal tries
            tries += 1
            return web.Response(status=500 if tries < 4 else 204)

        hook.answer = thrice
        await t.bot.set_webhook(hook.url, drop_pending_updates=True)
        await t.says(SITI, "satu")
        await t.says(SITI, "dua")
        await eventually(lambda: tries >= 1)
        await delivered(t)
        assert hook.texts() == ["satu", "satu", "satu", "satu", "dua"]
        info = await t.bot.get_webhook_info()
        assert info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"
        assert info.last_error_date is not None
        report = await t.get("report")
        assert {name: report["updates"][name] for name in ("delivered", "delivered_again", "refused")} == {
            "delivered": 2,
            "delivered_again": 0,
            "refused": 3,
        }


@talk
async def test_a_server_that_is_not_there_is_tried_until_it_is() -> None:
    async with with_siti() as t:
        await quickly(t)
        async with hooked() as closed:
            port = int(closed.url.split(":")[2].partition("/")[0])
        await t.bot.set_webhook(closed.url, drop_pending_updates=True)
        await t.says(SITI, "masih tutup")
        await eventually(lambda: "last_error_message" in t.sandbox.webhook.info())
        info = await t.bot.get_webhook_info()
        assert (info.last_error_message, info.pending_update_count) == ("Connection refused", 1)
        hook = Hook()
        runner = web.ServerRunner(web.Server(hook.handle, access_log=None))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
        await delivered(t)
        assert hook.texts() == ["masih tutup"]
        await runner.cleanup()


@talk
async def test_retry_after_is_honoured() -> None:
    async with with_siti() as t, hooked() as hook:
        await quickly(t)
        loop = asyncio.get_running_loop()
        moments: list[float] = []

        async def busy(update: dict[str, Any]) -> web.Response:
            moments.append(loop.time())
            return web.Response(status=503, headers={"Retry-After": "1"}) if len(moments) == 1 else web.Response()

        hook.answer = busy
        await t.bot.set_webhook(hook.url, drop_pending_updates=True)
        await t.says(SITI, "halo")
        await delivered(t)
        assert moments[1] - moments[0] >= 0.99


@talk
async def test_the_answer_may_ask_for_a_method() -> None:
    async with with_siti() as t, hooked() as hook:

        async def reply(update: dict[str, Any]) -> web.Response:
            asked = {"method": "sendMessage", "chat_id": SITI, "text": "Terima kasih"}
            if update["message"]["text"] == "hapus":
                asked = {"method": "deleteWebhook"}
            return web.json_response(asked)

        hook.answer = reply
        await t.bot.set_webhook(hook.url, drop_pending_updates=True)
        await t.says(SITI, "halo")
        await t.says(SITI, "hapus")
        await delivered(t)
        assert [m["text"] for m in (await t.get(f"chat/{SITI}"))["messages"] if m["from"] == "bot"] == ["Terima kasih"]
        assert (await t.bot.get_webhook_info()).url == hook.url
        assert [entry["hook"] for entry in t.sandbox.transcript.entries if entry.get("text") == "Terima kasih"] == [
            True
        ]


@talk
async def test_updates_come_again_on_request() -> None:
    async with with_siti() as t, hooked() as hook:
        await t.bot.set_webhook(hook.url, drop_pending_updates=True)
        await t.says(SITI, "satu")
        await t.says(SITI, "dua")
        await delivered(t)
        first, second = hook.numbers()
        replayed = await t.page("replay", updates=[first])
        assert replayed == {"replayed": [{"update_id": first, "status": 200}]}
        await t.page("replay", last=2)
        assert sorted(hook.numbers()) == [first] * 3 + [second] * 2
        assert await t.refused("replay", updates=[1]) == (409, "update 1 was not delivered lately")
        assert (await t.get("report"))["updates"]["delivered_again"] == 3


@talk
async def test_duplicates_and_pauses_by_the_manner_of_delivery() -> None:
    async with with_siti() as t, hooked() as hook:
        shown = await t.page("webhook", twice=1.0, jitter=0.01, seed=3, paused=True)
        assert shown["manner"]["twice"] == 1.0
        await t.bot.set_webhook(hook.url, drop_pending_updates=True)
        for number in range(3):
            await t.says(SITI, str(number))
        await asyncio.sleep(0.1)
        assert hook.got == []
        await t.page("webhook", paused=False)
        await delivered(t)
        assert hook.texts() == ["0", "0", "1", "1", "2", "2"]


@talk
async def test_a_restart_of_the_sandbox_goes_on_delivering(tmp_path: Path) -> None:
    async with hooked() as hook:

        async def not_now(update: dict[str, Any]) -> web.Response:
            return web.Response(status=500)

        hook.answer = not_now
        async with with_siti(folder=tmp_path) as t:
            await t.bot.set_webhook(hook.url, drop_pending_updates=True)
            await t.says(SITI, "satu")
            await t.says(SITI, "dua")
            await eventually(lambda: bool(hook.got))
        hook.answer = None
        hook.got.clear()
        async with opened(tmp_path) as t:
            await delivered(t)
            assert hook.texts() == ["satu", "dua"]

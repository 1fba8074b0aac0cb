"""The sandbox as the bot and the page meet it: real HTTP, python-telegram-bot's Bot on one side, JSON on the other."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ParamSpec

import httpx
import pytest
import telegram
import uvicorn
from starlette.types import Receive
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    KeyboardButton,
    MenuButtonCommands,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
    Update,
)
from telegram.error import BadRequest, Conflict, Forbidden, RetryAfter
from telegram.request import HTTPXRequest

import bot.sandbox.world as rules
from bot.sandbox import SamplePerson, Sandbox
from bot.sandbox.arguments import Arguments
from bot.sandbox.pictures import picture_size, sample_picture
from bot.sandbox.polling import HURRY_SECONDS, Polling
from bot.sandbox.population_script import read_script

P = ParamSpec("P")
TOKEN = "1234567:sandbox-token"
SITI, ANTON = 101, 102
PEOPLE = (SamplePerson(SITI, "Siti", "participant"), SamplePerson(ANTON, "Anton", "trainer"))


def talk(test: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """Run an async test in a loop of its own, for at most 20 seconds."""

    @functools.wraps(test)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        async def bounded() -> None:
            await asyncio.wait_for(test(*args, **kwargs), 20)

        asyncio.run(bounded())

    return wrapped


@dataclass
class Telegram:
    """A running sandbox and both ways to speak to it."""

    sandbox: Sandbox
    url: str
    http: httpx.AsyncClient
    bot: Bot
    offset: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)

    async def raw(self, method: str, **params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.http.post(f"{self.url}/bot{TOKEN}/{method}", json=params)).json()
        return answer

    async def page(self, path: str, /, **body: Any) -> dict[str, Any]:
        response = await self.http.post(f"{self.url}/sandbox/{path}", json=body)
        assert response.status_code < 300, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def refused(self, path: str, /, **body: Any) -> tuple[int, str]:
        response = await self.http.post(f"{self.url}/sandbox/{path}", json=body)
        return response.status_code, response.json()["error"]

    async def get(self, path: str) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.http.get(f"{self.url}/sandbox/{path}")).json()
        return answer

    async def says(self, person: int, text: str) -> dict[str, Any]:
        message: dict[str, Any] = (await self.page(f"chat/{person}/say", text=text))["message"]
        return message

    async def updates(self) -> list[Update]:
        """What the bot is told next; confirms it."""
        found = await self.bot.get_updates(offset=self.offset, timeout=5)
        if found:
            self.offset = found[-1].update_id + 1
        return list(found)

    async def update(self) -> Update:
        (only,) = await self.updates()
        return only

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[list[dict[str, Any]]]:
        """The page's events while the block runs."""
        heard: list[dict[str, Any]] = []
        opened = asyncio.Event()

        async def listen() -> None:
            async with self.http.stream("GET", f"{self.url}/sandbox/events", timeout=None) as response:
                assert response.headers["content-type"].startswith("text/event-stream")
                async for line in response.aiter_lines():
                    opened.set()
                    if line.startswith("data: "):
                        heard.append(json.loads(line[6:]))

        task = asyncio.create_task(listen())
        await asyncio.wait_for(opened.wait(), 5)
        try:
            yield heard
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def eventually(check: Callable[[], Any]) -> None:
    for _ in range(300):
        if check():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come about within 3 seconds")


@contextlib.asynccontextmanager
async def opened(folder: Path | None = None, **options: Any) -> AsyncIterator[Telegram]:
    """A sandbox behind uvicorn on a free port, and PTB's Bot pointed at it."""
    sandbox = Sandbox(folder, token=TOKEN, bot_username="kelas_bot", people=PEOPLE, **options)
    # Named as TCP, so that asyncio turns off Nagle's delay on what it accepts (40 ms an answer otherwise).
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(sandbox.asgi, log_level="warning", access_log=False))
    serving = asyncio.create_task(server.serve([listener]))
    await eventually(lambda: server.started)
    bot = Bot(TOKEN, f"{url}/bot", f"{url}/file/bot", request=HTTPXRequest(8), get_updates_request=HTTPXRequest(2))
    try:
        async with bot, httpx.AsyncClient(timeout=15) as http:
            yield Telegram(sandbox, url, http, bot)
            await sandbox.stop()
    finally:
        server.should_exit = True
        await serving
        listener.close()
        sandbox.close()


@contextlib.asynccontextmanager
async def with_siti(**options: Any) -> AsyncIterator[Telegram]:
    """As `opened`, and Siti has written to the bot already."""
    async with opened(**options) as t:
        await t.says(SITI, "/start")
        await t.updates()
        yield t


def keyboard(*data: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(each.capitalize(), callback_data=each)] for each in data])


# --- the Bot API, through python-telegram-bot -------------------------------------------------------------------------


@talk
async def test_the_bot_knows_itself_and_is_told_what_people_write() -> None:
    async with opened() as t:
        me = await t.bot.get_me()
        assert (me.id, me.is_bot, me.username) == (1234567, True, "kelas_bot")
        with pytest.raises(BadRequest, match="Chat not found"):
            await t.bot.send_message(SITI, "Halo")
        await t.page(f"chat/{SITI}/start", payload="s_borobudur")
        update = await t.update()
        assert update.message is not None
        assert update.message.text == "/start s_borobudur"
        assert update.message.entities[0].type == "bot_command"
        assert update.message.from_user is not None
        assert (update.message.from_user.first_name, update.message.from_user.language_code) == ("Siti", "id")
        assert update.message.chat.type == "private"


@talk
async def test_every_kind_of_message_comes_back_whole() -> None:
    async with with_siti() as t:
        bot = t.bot
        text = await bot.send_message(
            SITI, "<b>Halo</b> 😀 <i>Ibu</i>", parse_mode="HTML", reply_markup=keyboard("a:1"), protect_content=True
        )
        assert text.text == "Halo 😀 Ibu"
        assert [(e.type, e.offset, e.length) for e in text.entities] == [("bold", 0, 4), ("italic", 8, 3)]
        assert text.reply_markup == keyboard("a:1")
        assert text.has_protected_content
        assert text.from_user is not None
        assert text.from_user.is_bot
        reply = await bot.send_message(SITI, "jawab", reply_parameters=ReplyParameters(text.message_id))
        assert reply.message_id > text.message_id
        assert reply.reply_to_message is not None
        assert reply.reply_to_message.message_id == text.message_id
        photo = await bot.send_photo(SITI, sample_picture(1), caption="<u>Poster</u>", parse_mode="HTML")
        assert (photo.photo[-1].width, photo.photo[-1].height) == (160, 120)
        assert photo.photo[-1].file_unique_id
        assert photo.caption_entities[0].type == "underline"
        document = await bot.send_document(SITI, io.BytesIO(b"BEGIN:VCALENDAR"), filename="kelas.ics")
        assert document.document is not None
        assert (document.document.file_name, document.document.mime_type) == ("kelas.ics", "text/calendar")
        voice = await bot.send_voice(SITI, b"OggS-voice", duration=7)
        assert voice.voice is not None
        assert voice.voice.to_dict()["duration"] == 7
        video = await bot.send_video(SITI, b"video", duration=3, width=320, height=200)
        assert video.video is not None
        assert video.video.width == 320
        venue = await bot.send_venue(SITI, -7.6079, 110.2038, "Balai", "Jalan Badrawati 1")
        assert venue.venue is not None
        assert venue.venue.location.latitude == -7.6079
        location = await bot.send_location(SITI, -8.5, 119.88)
        assert location.location is not None
        contact = await bot.send_contact(SITI, "+62812", "Mentor")
        assert contact.contact is not None
        assert await bot.send_chat_action(SITI, "typing")
        assert await bot.set_message_reaction(SITI, text.message_id, "👍")
        with pytest.raises(BadRequest, match="protected content"):
            await bot.forward_message(SITI, SITI, text.message_id)
        forwarded = await bot.forward_message(SITI, SITI, reply.message_id)
        assert forwarded.forward_origin is not None
        copied = await bot.copy_message(SITI, SITI, photo.message_id, caption="lain")
        assert copied.message_id > forwarded.message_id
        chat = await bot.get_chat(SITI)
        assert (chat.first_name, chat.max_reaction_count) == ("Siti", 11)
        shown = (await t.get(f"chat/{SITI}"))["messages"]
        assert [m["id"] for m in shown] == sorted(m["id"] for m in shown)
        assert next(m for m in shown if m["id"] == copied.message_id)["caption"] == "lain"
        assert next(m for m in shown if m["id"] == text.message_id)["reaction"] == "👍"
        assert next(m for m in shown if m["id"] == text.message_id)["buttons"] == [[{"text": "A:1", "data": "a:1"}]]


@talk
async def test_editing() -> None:
    async with with_siti() as t:
        sent = await t.bot.send_message(SITI, "satu", reply_markup=keyboard("a"))
        same = "Message is not modified"
        with pytest.raises(BadRequest, match=same):
            await t.bot.edit_message_text("satu", SITI, sent.message_id, reply_markup=keyboard("a"))
        dropped = await t.bot.edit_message_text("satu", SITI, sent.message_id)
        assert isinstance(dropped, telegram.Message)
        assert dropped.reply_markup is None
        assert dropped.edit_date is None
        edited = await t.bot.edit_message_text("dua", SITI, sent.message_id, reply_markup=keyboard("b"))
        assert isinstance(edited, telegram.Message)
        assert edited.edit_date is not None
        await t.bot.edit_message_reply_markup(SITI, sent.message_id, reply_markup=keyboard("c"))
        with pytest.raises(BadRequest, match=same):
            await t.bot.edit_message_reply_markup(SITI, sent.message_id, reply_markup=keyboard("c"))
        photo = await t.bot.send_photo(SITI, sample_picture(2))
        captioned = await t.bot.edit_message_caption(SITI, photo.message_id, caption="Keterangan")
        assert isinstance(captioned, telegram.Message)
        assert captioned.caption == "Keterangan"
        other = await t.bot.edit_message_media(InputMediaPhoto(sample_picture(3)), SITI, photo.message_id)
        assert isinstance(other, telegram.Message)
        assert other.caption is None
        assert other.photo[-1].file_id != photo.photo[-1].file_id
        with pytest.raises(BadRequest, match="There is no text in the message to edit"):
            await t.bot.edit_message_text("teks", SITI, photo.message_id)
        with pytest.raises(BadRequest, match="There is no caption in the message to edit"):
            await t.bot.edit_message_caption(SITI, sent.message_id, caption="x")
        theirs = await t.says(SITI, "punyaku")
        with pytest.raises(BadRequest, match="Message can't be edited"):
            await t.bot.edit_message_text("x", SITI, theirs["id"])
        asked = await t.bot.send_message(SITI, "Pilih", reply_markup=ReplyKeyboardMarkup([["Ya"]]))
        assert asked.reply_markup is None
        with pytest.raises(BadRequest, match="Message can't be edited"):
            await t.bot.edit_message_text("x", SITI, asked.message_id)
        assert await t.bot.delete_message(SITI, sent.message_id)
        with pytest.raises(BadRequest, match="Message to edit not found"):
            await t.bot.edit_message_text("x", SITI, sent.message_id)
        with pytest.raises(BadRequest, match="Message to delete not found"):
            await t.bot.delete_message(SITI, sent.message_id)
        assert await t.bot.delete_messages(SITI, [asked.message_id, 99999])


BUTTON = {"text": "A", "callback_data": "a"}
REFUSALS: list[tuple[str, dict[str, Any], str]] = [
    ("sendMessage", {"text": "x"}, "Bad Request: chat_id is empty"),
    ("sendMessage", {"chat_id": 5, "text": "x"}, "Bad Request: chat not found"),
    ("sendMessage", {"chat_id": "@siti", "text": "x"}, "Bad Request: chat not found"),
    ("sendMessage", {"chat_id": SITI}, "Bad Request: message text is empty"),
    ("sendMessage", {"chat_id": SITI, "text": " \n"}, "Bad Request: message text is empty"),
    ("sendMessage", {"chat_id": SITI, "text": "<b> </b>", "parse_mode": "HTML"}, "Bad Request: message text is empty"),
    ("sendMessage", {"chat_id": SITI, "text": "x" * 4097}, "Bad Request: message is too long"),
    ("sendMessage", {"chat_id": SITI, "text": "x" * 32769}, "Bad Request: text is too long"),
    (
        "sendMessage",
        {"chat_id": SITI, "text": "a<br>b", "parse_mode": "html"},
        'Bad Request: can\'t parse entities: Unsupported start tag "br" at byte offset 1',
    ),
    ("sendMessage", {"chat_id": SITI, "text": "x", "parse_mode": "bbcode"}, "Bad Request: unsupported parse_mode"),
    (
        "sendMessage",
        {"chat_id": SITI, "text": "x", "reply_parameters": {"message_id": 9999}},
        "Bad Request: message to be replied not found",
    ),
    (
        "sendMessage",
        {"chat_id": SITI, "text": "x", "reply_markup": "{"},
        "Bad Request: can't parse reply keyboard markup JSON object",
    ),
    (
        "sendMessage",
        {"chat_id": SITI, "text": "x", "reply_markup": "[]"},
        "Bad Request: object expected as reply markup",
    ),
    (
        "sendMessage",
        {
            "chat_id": SITI,
            "text": "x",
            "reply_markup": {"inline_keyboard": [[{"text": "A", "callback_data": "é" * 33}]]},
        },
        "Bad Request: BUTTON_DATA_INVALID",
    ),
    (
        "sendMessage",
        {"chat_id": SITI, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "A"}]]}},
        "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    ),
    (
        "sendMessage",
        {"chat_id": SITI, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": " ", "callback_data": "a"}]]}},
        "Bad Request: inline keyboard button text must be non-empty",
    ),
    (
        "sendMessage",
        {"chat_id": SITI, "text": "x", "reply_markup": {"inline_keyboard": [BUTTON]}},
        'Bad Request: field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
    ),
    (
        "sendMessage",
        {"chat_id": SITI, "text": "x", "reply_markup": {"inline_keyboard": [[BUTTON] * 8] * 13}},
        "Bad Request: reply markup is too long",
    ),
    ("sendPhoto", {"chat_id": SITI}, "Bad Request: there is no photo in the request"),
    ("sendDocument", {"chat_id": SITI, "document": "attach://x"}, "Bad Request: there is no document in the request"),
    (
        "sendDocument",
        {"chat_id": SITI, "document": "AAAA"},
        "Bad Request: wrong remote file identifier specified: can't unserialize it. Wrong last symbol",
    ),
    (
        "sendDocument",
        {"chat_id": SITI, "document": "A A"},
        "Bad Request: wrong remote file identifier specified: Wrong character in the string",
    ),
    (
        "sendDocument",
        {"chat_id": SITI, "document": "AAAA", "caption": "x" * 1025},
        "Bad Request: message caption is too long",
    ),
    ("getFile", {"file_id": "AAAA"}, "Bad Request: invalid file_id"),
    ("sendPoll", {"chat_id": SITI, "options": ["a", "b"]}, "Bad Request: poll question must be non-empty"),
    (
        "sendPoll",
        {"chat_id": SITI, "question": "x" * 301, "options": ["a", "b"]},
        "Bad Request: poll question length must not exceed 300",
    ),
    (
        "sendPoll",
        {"chat_id": SITI, "question": "x", "options": ["a"] * 13},
        "Bad Request: poll can't have more than 12 options",
    ),
    (
        "sendPoll",
        {"chat_id": SITI, "question": "x", "options": ["a" * 101]},
        "Bad Request: poll options length must not exceed 100",
    ),
    (
        "sendPoll",
        {"chat_id": SITI, "question": "x", "options": ["a", "b"], "type": "quiz"},
        "Bad Request: correct quiz option list must be non-empty",
    ),
    (
        "sendPoll",
        {"chat_id": SITI, "question": "x", "options": ["a", "b"], "type": "quiz", "correct_option_ids": [2]},
        "Bad Request: wrong quiz correct_option_id",
    ),
    ("stopPoll", {"chat_id": SITI, "message_id": 9999}, "Bad Request: message with poll to stop not found"),
    ("editMessageText", {"text": "x"}, "Bad Request: message identifier is not specified"),
    ("editMessageText", {"chat_id": SITI, "message_id": 9999, "text": "x"}, "Bad Request: message to edit not found"),
    ("deleteMessage", {"chat_id": SITI, "message_id": 9999}, "Bad Request: message to delete not found"),
    (
        "setMessageReaction",
        {"chat_id": SITI, "message_id": 1, "reaction": [{"type": "emoji", "emoji": "🥥"}]},
        "Bad Request: REACTION_INVALID",
    ),
    (
        "answerCallbackQuery",
        {"callback_query_id": "1"},
        "Bad Request: query is too old and response timeout expired or query ID is invalid",
    ),
    (
        "setMyCommands",
        {"commands": [{"command": "x" * 33, "description": "x"}]},
        "Bad Request: command length must not exceed 32",
    ),
    ("setMyCommands", {"commands": [{"command": "Mulai!", "description": "x"}]}, "Bad Request: BOT_COMMAND_INVALID"),
    ("leaveChat", {"chat_id": SITI}, "Bad Request: chat member status can't be changed in private chats"),
    ("sendChatAction", {"chat_id": SITI, "action": "dance"}, "Bad Request: wrong parameter action in request"),
    (
        "sendLocation",
        {"chat_id": SITI, "latitude": 91, "longitude": 0},
        "Bad Request: wrong parameter latitude in request",
    ),
]


@talk
async def test_refusals_in_telegrams_words() -> None:
    async with with_siti() as t:
        for method, params, words in REFUSALS:
            answer = await t.raw(method, **params)
            assert (answer.get("error_code"), answer.get("description")) == (400, words), (method, params)
        # Nothing that was refused left a trace.
        assert len((await t.get(f"chat/{SITI}"))["messages"]) == 1
        assert (await t.raw("sendMessage", chat_id=SITI, text="😀" * 4096))["ok"]


@talk
async def test_requests_in_every_shape() -> None:
    async with with_siti() as t:
        base = f"{t.url}/bot{TOKEN}"
        answers = [
            await t.http.get(f"{base}/SENDMESSAGE", params={"chat_id": SITI, "text": "query & <b>"}),
            await t.http.post(f"{base}/sendMessage?chat_id={SITI}", data={"text": "query & <b>"}),
            await t.http.post(f"{base}/sendmessage", json={"chat_id": str(SITI), "text": "query & <b>"}),
            await t.http.post(f"{base}/sendMessage", data={"chat_id": SITI, "text": "query & <b>"}, files={"x": b""}),
        ]
        assert [a.json()["result"]["text"] for a in answers] == ["query & <b>"] * 4
        markup = json.dumps({"inline_keyboard": [[BUTTON]]})
        sent = await t.http.post(f"{base}/sendMessage", data={"chat_id": SITI, "text": "x", "reply_markup": markup})
        assert sent.json()["result"]["reply_markup"] == {"inline_keyboard": [[BUTTON]]}

        unknown = await t.http.post(f"{base}/sendNothing")
        assert (unknown.status_code, unknown.json()["description"]) == (404, "Not Found: method not found")
        wrong = await t.http.post(f"{t.url}/botnonsense/getMe")
        assert (wrong.status_code, wrong.json()["description"]) == (401, "Unauthorized: invalid token specified")
        other = await t.http.post(f"{t.url}/bot99:other/getMe")
        assert (other.status_code, other.json()["description"]) == (401, "Unauthorized")
        for body in (b"{", b"[]", b"\xff", b'{"chat_id": 101, "text": "\\ud83d"}'):
            bad = await t.http.post(f"{base}/sendMessage", content=body, headers={"content-type": "application/json"})
            assert bad.status_code == 400, body
        cut = await t.http.post(
            f"{base}/sendDocument", content=b"--x\r\n", headers={"content-type": "multipart/form-data; boundary=x"}
        )
        assert cut.status_code == 400


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
@talk
async def test_a_test_may_make_telegram_refuse() -> None:
    async with with_siti(record=True) as t:
        t.sandbox.fail("sendMessage", "retry after 3", 429, retry_after=3)
        with pytest.raises(RetryAfter):
            await t.bot.send_message(SITI, "x")
        await t.bot.send_message(SITI, "y")
        t.sandbox.fail("*", "Bad Gateway", 502, times=2)
        response = await t.http.post(f"{t.url}/bot{TOKEN}/getMe")
        assert response.status_code == 502
        t.sandbox.fail("getMe", "", 429, retry_after=5)
        response = await t.http.post(f"{t.url}/bot{TOKEN}/sendMessage")
        assert response.status_code == 502
        response = await t.http.post(f"{t.url}/bot{TOKEN}/getMe")
        assert response.headers["retry-after"] == "5"
        sends = [call for call in t.sandbox.calls if call.method == "sendmessage"]
        assert [call.answer["ok"] for call in sends] == [False, True, False]
        assert sends[1].params["text"] == "y"


# --- getUpdates -------------------------------------------------------------------------------------------------------


@talk
async def test_offsets() -> None:
    async with with_siti() as t:
        for number in range(5):
            await t.says(SITI, str(number))

        async def texts(**params: Any) -> list[str]:
            result = (await t.raw("getUpdates", **params))["result"]
            return [update["message"]["text"] for update in result]

        first = t.offset
        assert await texts(offset=first, limit=2) == ["0", "1"]
        # The same offset again in a hurry: one at a time. Nothing was confirmed.
        assert await texts(offset=first) == ["0"]
        assert await texts(offset=first + 2, limit=0) == ["2"]
        assert await texts(offset=-2, limit=1000) == ["3", "4"]
        assert (await t.bot.get_webhook_info()).pending_update_count == 2
        assert await texts(offset=first + 5) == []
        assert (await t.bot.get_webhook_info()).pending_update_count == 0
        await t.says(SITI, "lagi")
        assert await t.bot.delete_webhook(drop_pending_updates=True)
        assert (await t.bot.get_webhook_info()).pending_update_count == 0
        refused = await t.raw("setWebhook", url="https://example.org/hook")
        assert refused["error_code"] == 400
        assert "127.0.0.1 only" in refused["description"]


def polls_waited(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, str]]:
    """How long each poll from now on was to wait at most, and what ended its waiting."""
    noted: list[tuple[float, str]] = []
    wait = Polling._wait

    async def waits(self: Polling, seconds: float, receive: Receive) -> str:
        why = await wait(self, seconds, receive)
        noted.append((seconds, why))
        return why

    monkeypatch.setattr(Polling, "_wait", waits)
    return noted


class NotedSleep:
    """asyncio for one module, which sleeps no time there and remembers how long it would have been."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)


def test_asking_the_same_again_in_a_hurry_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.sandbox.polling.HURRY_SECONDS", 0.1)

    @talk
    async def held() -> None:
        async with with_siti() as t:
            await t.raw("getUpdates", offset=t.offset)
            waited = polls_waited(monkeypatch)
            assert (await t.raw("getUpdates", offset=t.offset))["result"] == []
            assert waited, "it was not answered at once"
            assert 0 < waited[0][0] <= 0.1
            assert {why for _, why in waited} == {"timeout"}

    held()


@talk
async def test_a_waiting_poll_hears_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    waited = polls_waited(monkeypatch)
    async with with_siti() as t:
        poll = asyncio.create_task(t.updates())
        await asyncio.sleep(0.2)
        await t.says(SITI, "halo")
        (update,) = await poll
        assert [why for _, why in waited] == ["arrived"]
        assert update.message is not None
        assert update.message.text == "halo"


def test_a_second_poller_ends_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    noted = NotedSleep()
    monkeypatch.setattr("bot.sandbox.polling.asyncio", noted)

    @talk
    async def ended() -> None:
        async with with_siti() as t:
            older = asyncio.create_task(t.raw("getUpdates", offset=t.offset, timeout=20))
            await asyncio.sleep(0.2)
            newer = asyncio.create_task(t.bot.get_updates(offset=t.offset, timeout=20))
            assert await older == {
                "ok": False,
                "error_code": 409,
                "description": "Conflict: terminated by other getUpdates request; "
                "make sure that only one bot instance is running",
            }
            assert noted.slept == []
            newest = asyncio.create_task(t.raw("getUpdates", offset=t.offset, timeout=20))
            with pytest.raises(Conflict):  # told late: conflicts do not come thick and fast
                await newer
            assert noted.slept == [HURRY_SECONDS]
            await t.says(SITI, "halo")
            assert len((await newest)["result"]) == 1

    ended()


@talk
async def test_a_stop_comes_through_to_a_poller_who_was_woken_a_moment_before() -> None:
    async with with_siti() as t:
        poll = asyncio.create_task(t.raw("getUpdates", offset=t.offset, timeout=20))
        await asyncio.sleep(0.2)
        t.sandbox._polling.wake()
        t.sandbox._polling.close()
        assert (await asyncio.wait_for(poll, 5))["error_code"] == 500


@talk
async def test_so_does_a_webhook() -> None:
    async with with_siti() as t:
        poll = asyncio.create_task(t.raw("getUpdates", offset=t.offset, timeout=20))
        await asyncio.sleep(0.2)
        t.sandbox._polling.wake()
        t.sandbox.webhook.set(Arguments({"url": "http://127.0.0.1:1/"}))
        assert "setWebhook" in (await asyncio.wait_for(poll, 5))["description"]


@talk
async def test_a_sandbox_that_was_stopped_before_it_started_stays_stopped() -> None:
    sandbox = Sandbox(None, token=TOKEN, bot_username="jalin_bot", people=PEOPLE)
    before = asyncio.all_tasks()
    await sandbox.stop()
    await sandbox.start()
    await sandbox.populate(read_script({"people": 1}))
    assert asyncio.all_tasks() == before
    sandbox.close()


@talk
async def test_a_poller_that_hung_up_takes_nothing_with_it() -> None:
    async with with_siti() as t:
        with pytest.raises(httpx.ReadTimeout):
            await t.http.post(f"{t.url}/bot{TOKEN}/getUpdates", json={"offset": t.offset, "timeout": 30}, timeout=0.3)
        await t.says(SITI, "halo")
        assert (await t.update()).message is not None


@talk
async def test_allowed_updates_count_when_the_update_is_made() -> None:
    async with with_siti() as t:
        message = await t.bot.send_message(SITI, "halo")
        await t.page(f"chat/{SITI}/react", message_id=message.message_id, emoji="🔥")  # not asked for: never made
        await t.raw("getUpdates", offset=t.offset, limit=1, allowed_updates=["message_reaction"])
        await t.says(SITI, "tidak terdengar")
        await t.page(f"chat/{SITI}/react", message_id=message.message_id, emoji="👍")
        reaction = (await t.update()).message_reaction
        assert reaction is not None
        assert [r.to_dict()["emoji"] for r in reaction.old_reaction] == ["🔥"]
        assert [r.to_dict()["emoji"] for r in reaction.new_reaction] == ["👍"]
        await t.raw("getUpdates", offset=t.offset, limit=1, timeout=0, allowed_updates="[]")
        await t.says(SITI, "terdengar")
        assert (await t.update()).message is not None


# --- taps, quizzes, files, commands, blocking -------------------------------------------------------------------------


@talk
async def test_a_tap_and_its_answer() -> None:
    async with with_siti() as t, t.listening() as heard:
        sent = await t.bot.send_message(SITI, "Hadir?", reply_markup=keyboard("ya", "tidak"))
        assert await t.refused(f"chat/{SITI}/tap", message_id=sent.message_id, data="lain") == (
            409,
            "the message has no such button",
        )
        query_id = (await t.page(f"chat/{SITI}/tap", message_id=sent.message_id, data="ya"))["query_id"]
        query = (await t.update()).callback_query
        assert query is not None
        assert (query.id, query.data, query.from_user.id) == (query_id, "ya", SITI)
        assert isinstance(query.message, telegram.Message)
        assert query.message.reply_markup == keyboard("ya", "tidak")
        assert query.chat_instance
        with pytest.raises(BadRequest, match=r"(?i)message_too_long"):
            await t.bot.answer_callback_query(query.id, "x" * 201)
        assert await t.bot.answer_callback_query(query.id, "Terima kasih", show_alert=True)
        with pytest.raises(BadRequest, match="Query is too old"):
            await t.bot.answer_callback_query(query.id)
        await eventually(lambda: any(e["type"] == "toast" for e in heard))
        toast = next(e for e in heard if e["type"] == "toast")
        assert toast == {"type": "toast", "person": SITI, "query_id": query_id, "text": "Terima kasih", "alert": True}


def test_a_tap_nobody_answers_is_told_as_expired(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "QUERY_SECONDS", 0.2)

    @talk
    async def told() -> None:
        async with with_siti() as t, t.listening() as heard:
            sent = await t.bot.send_message(SITI, "Hadir?", reply_markup=keyboard("ya"))
            query_id = (await t.page(f"chat/{SITI}/tap", message_id=sent.message_id, data="ya"))["query_id"]
            await eventually(lambda: any(e.get("expired") for e in heard))
            assert next(e for e in heard if e.get("expired"))["query_id"] == query_id
            with pytest.raises(BadRequest, match="Query is too old"):
                await t.bot.answer_callback_query(query_id)

    told()


@talk
async def test_a_quiz() -> None:
    async with with_siti() as t:
        sent = await t.bot.send_poll(
            SITI,
            "QRIS itu apa?",
            ["Standar kode QR", "Nama bank"],
            type="quiz",
            correct_option_ids=[0],
            is_anonymous=False,
            explanation="<b>Satu</b> kode",
            explanation_parse_mode="HTML",
        )
        assert sent.poll is not None
        assert (sent.poll.type, sent.poll.is_anonymous, sent.poll.total_voter_count) == ("quiz", False, 0)
        assert sent.poll.explanation_entities[0].type == "bold"
        (shown,) = (await t.get(f"chat/{SITI}?after={sent.message_id - 1}"))["messages"]
        assert (shown["poll"]["correct"], shown["poll"]["chosen"], shown["poll"]["explanation"]) == (None, None, None)
        voted = (await t.page(f"chat/{SITI}/vote", message_id=sent.message_id, option=1))["message"]["poll"]
        assert (voted["correct"], voted["chosen"], voted["explanation"]) == (0, 1, "Satu kode")
        assert [o["votes"] for o in voted["options"]] == [0, 1]
        answer = (await t.update()).poll_answer
        assert answer is not None
        assert (answer.poll_id, answer.option_ids, answer.option_persistent_ids) == (sent.poll.id, (1,), ("1",))
        assert answer.user is not None
        assert (await t.refused(f"chat/{SITI}/vote", message_id=sent.message_id, option=0))[0] == 409
        assert (await t.refused(f"chat/{SITI}/vote", message_id=sent.message_id, option=7))[0] == 400
        stopped = await t.bot.stop_poll(SITI, sent.message_id)
        assert (stopped.is_closed, stopped.total_voter_count, stopped.options[1].voter_count) == (True, 1, 1)
        poll = (await t.update()).poll
        assert poll is not None
        assert poll.is_closed
        with pytest.raises(BadRequest, match="Poll has already been closed"):
            await t.bot.stop_poll(SITI, sent.message_id)


@talk
async def test_a_vote_in_a_plain_poll_can_be_changed_and_taken_back() -> None:
    async with with_siti() as t:
        sent = await t.bot.send_poll(SITI, "Hari apa?", ["Senin", "Selasa"], is_anonymous=False)
        shown: dict[str, Any] = {}
        for options in (0, 1, None):
            shown = (await t.page(f"chat/{SITI}/vote", message_id=sent.message_id, option=options))["message"]["poll"]
            answer = (await t.update()).poll_answer
            assert answer is not None
            assert list(answer.option_ids) == ([] if options is None else [options])
        assert [o["votes"] for o in shown["options"]] == [0, 0]


@talk
async def test_files_up_down_and_again() -> None:
    async with with_siti() as t:
        sent = await t.bot.send_document(SITI, b"isi berkas", filename="../materi kelas.pdf")
        assert sent.document is not None
        assert sent.document.file_name == "materi kelas.pdf"
        again = await t.bot.send_document(SITI, sent.document.file_id)
        assert again.document == sent.document
        with pytest.raises(BadRequest, match=r"(?i)can't use file of type document as photo"):
            await t.bot.send_photo(SITI, sent.document.file_id)
        with pytest.raises(BadRequest, match=r"(?i)image_process_failed"):
            await t.bot.send_photo(SITI, b"bukan gambar")
        file = await t.bot.get_file(sent.document.file_id)
        assert bytes(await file.download_as_bytearray()) == b"isi berkas"
        shown = (await t.get(f"chat/{SITI}?after={sent.message_id - 1}"))["messages"][0]["document"]
        assert (shown["name"], shown["size"]) == ("materi kelas.pdf", 10)
        download = await t.http.get(t.url + shown["file"])
        assert download.content == b"isi berkas"
        assert download.headers["content-disposition"].startswith("attachment")
        assert (await t.http.get(f"{t.url}/file/bot{TOKEN}/documents/nothing")).status_code == 404
        assert (await t.http.get(f"{t.url}/file/bot1:x/{file.file_path}")).status_code in (401, 404)

        photo = (await t.page(f"chat/{SITI}/photo"))["message"]["photo"]
        assert (photo["width"], photo["height"]) == (160, 120)
        received = (await t.update()).message
        assert received is not None
        assert picture_size(bytes(await (await received.photo[-1].get_file()).download_as_bytearray())) == (160, 120)
        upload = {"file": ("laporan.txt", b"angka", "text/plain")}
        response = await t.http.post(f"{t.url}/sandbox/chat/{SITI}/document", files=upload)
        assert response.json()["message"]["document"]["name"] == "laporan.txt"
        assert (await t.update()).message is not None
        bad = await t.http.post(f"{t.url}/sandbox/chat/{SITI}/photo", files={"file": ("a.png", b"x", "image/png")})
        assert bad.status_code == 400


def test_files_that_are_too_big(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.sandbox.files.MAX_UPLOAD", 1000)
    monkeypatch.setattr("bot.sandbox.bot_api.MAX_DOWNLOAD", 500)

    @talk
    async def refused() -> None:
        async with with_siti() as t:
            answer = await t.http.post(
                f"{t.url}/bot{TOKEN}/sendDocument", data={"chat_id": SITI}, files={"document": b"x" * 1001}
            )
            assert (answer.status_code, answer.json()["description"]) == (413, "Request Entity Too Large")
            sent = await t.bot.send_document(SITI, b"x" * 600)
            assert sent.document is not None
            with pytest.raises(BadRequest, match="File is too big"):
                await t.bot.get_file(sent.document.file_id)

    refused()


@talk
async def test_commands_by_scope_and_language() -> None:
    async with with_siti() as t, t.listening() as heard:

        async def menu(person: int) -> list[str]:
            return [c["command"] for c in (await t.get(f"chat/{person}"))["commands"]]

        assert await t.bot.set_my_commands([BotCommand("help", "Help")])
        everyone = BotCommandScopeAllPrivateChats()
        assert await t.bot.set_my_commands([BotCommand("menu", "Menu")], scope=everyone)
        assert await menu(SITI) == ["menu"]
        assert await t.bot.set_my_commands([BotCommand("bantuan", "Bantuan")], scope=everyone, language_code="id")
        own = BotCommandScopeChat(SITI)
        assert await t.bot.set_my_commands([BotCommand("jadwal", "Jadwal")], scope=own)
        assert (await menu(SITI), await menu(ANTON)) == (["jadwal"], ["bantuan"])
        assert [c.command for c in await t.bot.get_my_commands(scope=own)] == ["jadwal"]
        assert await t.bot.get_my_commands(scope=own, language_code="id") == ()
        assert await t.bot.delete_my_commands(scope=own)
        assert await menu(SITI) == ["bantuan"]
        assert [e["commands"][0]["command"] for e in heard if e["type"] == "commands" and e["person"] == SITI]
        assert await t.bot.set_chat_menu_button(SITI, MenuButtonCommands())
        assert (await t.bot.get_chat_menu_button(SITI)).type == "commands"


@talk
async def test_blocking_and_coming_back() -> None:
    async with with_siti() as t, t.listening() as heard:
        await t.page(f"chat/{SITI}/block")
        member = (await t.update()).my_chat_member
        assert member is not None
        assert (member.old_chat_member.status, member.new_chat_member.status) == ("member", "kicked")
        assert member.new_chat_member.user.username == "kelas_bot"
        with pytest.raises(Forbidden, match="bot was blocked by the user"):
            await t.bot.send_message(SITI, "x")
        assert (await t.refused(f"chat/{SITI}/say", text="x")) == (409, "this person has blocked the bot")
        assert (await t.get("world"))["people"][0]["blocked"]
        await t.page(f"chat/{SITI}/start", payload="")
        back, start = await t.updates()
        assert back.my_chat_member is not None
        assert back.my_chat_member.new_chat_member.status == "member"
        assert start.message is not None
        assert start.message.text == "/start"
        await t.bot.send_message(SITI, "x")
        assert [e["type"] for e in heard].count("people") == 2


@talk
async def test_reply_keyboards_are_the_chats_own() -> None:
    async with with_siti() as t, t.listening() as heard:
        share = KeyboardButton("Bagikan lokasi", request_location=True)
        once = ReplyKeyboardMarkup([[share], ["Lewati"]], one_time_keyboard=True, resize_keyboard=True)
        await t.bot.send_message(SITI, "Di mana?", reply_markup=once)
        assert (await t.get(f"chat/{SITI}"))["keyboard"]["keyboard"] == [
            [{"text": "Bagikan lokasi", "request_location": True}],
            [{"text": "Lewati"}],
        ]
        await t.page(f"chat/{SITI}/location", latitude=-7.6, longitude=110.2)
        message = (await t.update()).message
        assert message is not None
        assert message.location is not None
        assert message.location.longitude == 110.2
        assert (await t.get(f"chat/{SITI}"))["keyboard"] is None
        ask = KeyboardButton("Bagikan nomor", request_contact=True)
        await t.bot.send_message(SITI, "Nomor?", reply_markup=ReplyKeyboardMarkup([[ask]]))
        await t.page(f"chat/{SITI}/contact")
        message = (await t.update()).message
        assert message is not None
        assert message.contact is not None
        assert message.contact.user_id == SITI
        assert (await t.get(f"chat/{SITI}"))["keyboard"] is not None
        await t.bot.send_message(SITI, "Selesai", reply_markup=ReplyKeyboardRemove())
        assert (await t.get(f"chat/{SITI}"))["keyboard"] is None
        await eventually(lambda: len([e for e in heard if e["type"] == "keyboard"]) == 4)


# --- the page ---------------------------------------------------------------------------------------------------------


@talk
async def test_the_page_hears_everything() -> None:
    async with with_siti() as t, t.listening() as heard:
        sent = await t.bot.send_message(SITI, "satu")
        await t.bot.edit_message_text("dua", SITI, sent.message_id)
        await t.bot.send_chat_action(SITI, "typing")
        await t.bot.set_message_reaction(SITI, sent.message_id, "🎉")
        await t.bot.delete_message(SITI, sent.message_id)
        await t.says(SITI, "tiga")
        await eventually(lambda: len(heard) >= 6)
        assert [e["type"] for e in heard] == ["message", "edited", "typing", "reaction", "deleted", "message"]
        assert {e["person"] for e in heard} == {SITI}
        assert (heard[0]["message"]["text"], heard[0]["message"]["from"]) == ("satu", "bot")
        assert heard[1]["message"]["edited"] is not None
        assert (heard[3]["message_id"], heard[3]["emoji"]) == (sent.message_id, "🎉")
        assert heard[4]["message_id"] == sent.message_id
        assert heard[5]["message"]["from"] == "person"


@talk
async def test_people_and_what_they_have_not_read() -> None:
    async with with_siti() as t:
        new = await t.page("people", first_name="Wayan")
        assert new["role"] == "participant"
        await t.says(new["id"], "halo")
        await t.bot.send_message(new["id"], "satu")
        await t.bot.send_message(new["id"], "dua")
        world = await t.get("world")
        assert [p["first_name"] for p in world["people"]] == ["Siti", "Anton", "Wayan"]
        assert world["people"][2]["unread"] == 2
        await t.get(f"chat/{new['id']}")
        assert (await t.get("world"))["people"][2]["unread"] == 0
        assert world["bot"] == {"username": "kelas_bot", "first_name": "kelas_bot"}
        assert world["time"]["moved"] is False


class StoppedClock:
    """A present that moves only when told, with one thing due."""

    def __init__(self) -> None:
        self.present = datetime(2020, 12, 1, 1, 0, tzinfo=UTC)
        self.due: datetime | None = self.present + timedelta(hours=5)

    def now(self) -> datetime:
        return self.present

    async def travel(self, to: datetime) -> datetime:
        if self.due is not None and to >= self.due:
            self.due = None
        self.present = to
        return to

    async def next_due(self) -> datetime | None:
        return self.due


@talk
async def test_time_travel() -> None:
    async with with_siti(time=StoppedClock()) as t:
        sent = await t.bot.send_message(SITI, "x")
        assert sent.date == datetime(2020, 12, 1, 1, 0, tzinfo=UTC)
        state = (await t.get("world"))["time"]
        assert state == {"now": "2020-12-01T01:00:00Z", "next_due": "2020-12-01T06:00:00Z", "moved": True}
        poll = await t.bot.send_poll(SITI, "?", ["a", "b"], open_period=3600)
        async with t.listening() as heard:
            arrived = await t.page("travel", hours=1)
            assert arrived["arrived_at"] == arrived["now"] == "2020-12-01T02:00:00Z"
            closed = (await t.update()).poll
            assert closed is not None
            assert poll.poll is not None
            assert (closed.id, closed.is_closed) == (poll.poll.id, True)
            assert (await t.page("travel", next=True)) == {
                "now": "2020-12-01T06:00:00Z",
                "arrived_at": "2020-12-01T06:00:00Z",
                "next_due": None,
                "told": [],
            }
            assert (await t.refused("travel", next=True)) == (409, "nothing is due")
            await t.page("travel", days=2)
            await eventually(lambda: [e["now"][:10] for e in heard if e["type"] == "time"][-1:] == ["2020-12-03"])
        for body in ({}, {"hours": -1}, {"hours": "x"}, {"days": 9999}, {"hours": True}):
            assert (await t.refused("travel", **body))[0] == 400
        with pytest.raises(BadRequest, match="Message can't be deleted"):
            await t.bot.delete_message(SITI, sent.message_id)


class WritesAtTheThird(StoppedClock):
    """Three moments are due in a row; at the third the bot writes."""

    bot: Bot

    def __init__(self) -> None:
        super().__init__()
        self.moments = [self.present + timedelta(hours=hours) for hours in (2, 3, 30)]
        self.due = self.moments[0]

    async def travel(self, to: datetime) -> datetime:
        self.present = to
        while self.moments and self.moments[0] <= to:
            self.moments.pop(0)
            if not self.moments:
                await self.bot.send_message(SITI, "Besok ada kelas")
        self.due = self.moments[0] if self.moments else None
        return to


@talk
async def test_time_goes_on_to_the_next_message_and_tells_whom_it_is_for() -> None:
    clock = WritesAtTheThird()
    async with opened(time=clock) as t:
        clock.bot = t.bot
        assert await t.refused("travel", message=True) == (409, "the bot knows nobody it could write to")
        assert clock.present.hour == 1, "nobody was there, so time stood still"
        await t.says(SITI, "/start")
        arrived = await t.page("travel", message=True)
        assert (arrived["now"], arrived["told"]) == ("2020-12-02T07:00:00Z", ["Siti"])
        assert await t.refused("travel", message=True) == (409, "nothing is due")
        clock.moments = [clock.present + timedelta(days=40)]
        clock.due = clock.moments[0]
        arrived = await t.page("travel", message=True)
        assert (arrived["now"][:10], arrived["told"]) == ("2020-12-23", []), "it does not search for ever"


@talk
async def test_what_stands_in_brackets_behind_a_name_is_for_the_page_alone() -> None:
    async with opened() as t:
        sample = await t.page("people", first_name="Wayan (contoh)")
        assert sample["first_name"] == "Wayan (contoh)"
        await t.says(sample["id"], "halo")
        message = (await t.update()).message
        assert message is not None
        assert message.from_user is not None
        assert (message.from_user.first_name, message.chat.first_name) == ("Wayan", "Wayan")


@talk
async def test_the_page_is_told_in_which_zone_people_live() -> None:
    async def zones() -> dict[int, str]:
        return {SITI: "WIT"}

    async with opened(zones=zones) as t:
        siti, anton = (await t.get("world"))["people"]
        assert (siti["zone"], "zone" in anton) == ("WIT", False)


@talk
async def test_time_stays_where_it_is_real() -> None:
    async with opened() as t:
        assert await t.refused("travel", hours=1) == (409, "time cannot be moved here")


@talk
async def test_bad_requests_of_the_page_are_refused_not_failed() -> None:
    async with with_siti() as t:
        bodies: list[Any] = [
            None, [], 1, "x", {}, {"text": 1}, {"text": ""}, {"text": "x" * 5000}, {"payload": "a b"}, {"payload": 1},
            {"message_id": "x"}, {"message_id": 1}, {"message_id": 1, "data": 5}, {"latitude": "a", "longitude": None},
            {"latitude": 95, "longitude": 0}, {"latitude": 1e999, "longitude": 0}, {"message_id": 1, "option": "x"},
            {"first_name": ""}, {"first_name": [1]}, {"emoji": "x", "message_id": 1}, {"next": "x"}, {"hours": None},
        ]  # fmt: skip
        paths = ["people", "travel"] + [
            f"chat/{SITI}/{name}"
            for name in ("say", "start", "tap", "location", "contact", "vote", "photo", "document", "react", "read")
        ]
        for path in paths:
            for body in bodies:
                response = await t.http.post(f"{t.url}/sandbox/{path}", content=json.dumps(body))
                assert response.status_code < 500, (path, body, response.text)
                assert response.status_code < 300 or response.json()["error"], (path, body)
            for content in (b"\xff\xfe", b"{", b'{"text":"\\ud800"}'):
                response = await t.http.post(f"{t.url}/sandbox/{path}", content=content)
                assert response.status_code == 400, (path, content)
        for path in ("chat/x", "chat/999", f"chat/{SITI}?after=x", "file/none/x"):
            assert (await t.http.get(f"{t.url}/sandbox/{path}")).status_code in (400, 404)
        foreign = await t.http.post(
            f"{t.url}/sandbox/chat/{SITI}/say", json={"text": "x"}, headers={"origin": "https://example.org"}
        )
        assert foreign.status_code == 403
        for path in ("/page/../store.py", "/page/%2e%2e/store.py", "/page//etc/passwd", "/page/none.js"):
            assert (await t.http.get(t.url + path)).status_code == 404


def test_the_page_is_served_as_it_lies_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html>halo", "utf-8")
    (tmp_path / "chat.js").write_text("export {}", "utf-8")
    monkeypatch.setattr("bot.sandbox.page_api.PAGE", tmp_path)

    @talk
    async def served() -> None:
        async with opened() as t:
            index = await t.http.get(t.url + "/")
            assert (index.text, index.headers["content-type"]) == ("<!doctype html>halo", "text/html; charset=utf-8")
            script = await t.http.get(t.url + "/page/chat.js")
            assert script.headers["content-type"] == "text/javascript; charset=utf-8"
            assert script.headers["cache-control"] == "no-store"

    served()


# --- going on after a restart -----------------------------------------------------------------------------------------


@talk
async def test_a_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    async with with_siti(folder=tmp_path) as t:
        new = await t.page("people", first_name="Wayan")
        asked = await t.bot.send_message(SITI, "Pilih", reply_markup=keyboard("a"))
        await t.bot.send_message(SITI, "Tombol", reply_markup=ReplyKeyboardMarkup([["Ya"]]))
        quiz = await t.bot.send_poll(SITI, "?", ["a", "b"], type="quiz", correct_option_ids=[1], is_anonymous=False)
        document = await t.bot.send_document(SITI, b"isi", filename="a.txt")
        await t.bot.set_my_commands([BotCommand("menu", "Menu")])
        await t.raw(
            "getUpdates", offset=t.offset, limit=1, allowed_updates=["message", "callback_query", "poll_answer"]
        )
        await t.says(SITI, "belum terkonfirmasi")
        await t.page(f"chat/{SITI}/vote", message_id=quiz.message_id, option=0)
        query = (await t.page(f"chat/{SITI}/tap", message_id=asked.message_id, data="a"))["query_id"]
        await t.page(f"chat/{ANTON}/block")
        before, offset = await t.get(f"chat/{SITI}"), t.offset
    async with opened(tmp_path) as t:
        assert await t.get(f"chat/{SITI}") == before
        people = (await t.get("world"))["people"]
        assert [(p["id"], p["blocked"]) for p in people] == [(SITI, False), (ANTON, True), (new["id"], False)]
        t.offset = offset
        message, answer, tap = await t.updates()
        assert message.update_id == offset
        assert message.message is not None
        assert message.message.text == "belum terkonfirmasi"
        assert answer.poll_answer is not None
        assert tap.callback_query is not None
        assert await t.bot.answer_callback_query(query)
        assert await t.bot.edit_message_text("Dipilih", SITI, asked.message_id)
        assert document.document is not None
        again = await t.bot.send_document(SITI, document.document.file_id)
        assert again.message_id > message.message.message_id
        assert bytes(await (await t.bot.get_file(document.document.file_id)).download_as_bytearray()) == b"isi"
        stopped = await t.bot.stop_poll(SITI, quiz.message_id)
        assert stopped.options[0].voter_count == 1
        (shown,) = [m for m in (await t.get(f"chat/{SITI}"))["messages"] if m["id"] == quiz.message_id]
        assert shown["poll"]["closed"]
        last = again.message_id
    async with opened(tmp_path, fresh=True) as t:
        assert (await t.get(f"chat/{SITI}"))["messages"] == []
        # All is gone, but no number is given out twice.
        assert (await t.says(SITI, "baru"))["id"] > last
        assert (await t.update()).update_id > tap.update_id
    (tmp_path / "sandbox.sqlite3").write_bytes(b"broken")
    async with opened(tmp_path, fresh=True) as t:
        assert (await t.get(f"chat/{SITI}"))["messages"] == []


_SERVER = """
import sys, uvicorn
from pathlib import Path
from bot.sandbox import SamplePerson, Sandbox
siti = SamplePerson(101, "Siti", "participant")
sandbox = Sandbox(Path(sys.argv[1]), token=sys.argv[2], bot_username="b", people=[siti])
uvicorn.run(sandbox.asgi, host="127.0.0.1", port=int(sys.argv[3]), log_level="error", access_log=False)
"""


def test_a_kill_loses_no_update_that_was_answered(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", _SERVER, str(tmp_path), TOKEN, str(port)]
    child = subprocess.Popen(command, cwd=Path(__file__).resolve().parents[1])
    said: list[str] = []

    @talk
    async def talked_to_until_it_died() -> None:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            for _ in range(400):
                with contextlib.suppress(httpx.TransportError):
                    if (await http.get("/sandbox/world")).status_code == 200:
                        break
                await asyncio.sleep(0.02)

            async def say() -> None:
                with contextlib.suppress(httpx.TransportError):
                    for _ in range(1000):
                        text = f"pesan {time.monotonic_ns()}"
                        response = await http.post(f"/sandbox/chat/{SITI}/say", json={"text": text})
                        assert response.status_code == 200
                        said.append(text)

            talking = [asyncio.create_task(say()) for _ in range(4)]
            await eventually(lambda: len(said) >= 60)
            os.kill(child.pid, signal.SIGKILL)
            await asyncio.gather(*talking)

    try:
        talked_to_until_it_died()
    finally:
        child.kill()
        child.wait()
    sandbox = Sandbox(tmp_path, token=TOKEN, bot_username="b", people=PEOPLE)
    kept = [json.loads(text)["message"]["text"] for text in sandbox.world.updates.pending(10_000)]
    sandbox.close()
    assert set(said) <= set(kept)
    assert len(kept) == len(set(kept)) <= len(said) + 4

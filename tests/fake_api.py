"""A fast stand-in for the Bot API, in a process of its own: for crash tests and benches.

    python -m tests.fake_api --port 0 --latency 0

It prints its port. It accepts what is sent without checking it (the sandbox does that), remembers it, and hands out
updates by Telegram's offset rules. It is steered over HTTP, too:

    POST /control/updates     a list of updates without ids; answers with the ids they got
    GET  /control/log         everything that was sent, and every answer to a tap, with its moment (?since=, ?taps=)
    POST /control/people      a scripted population, as `Script` says it; an empty object ends it
    GET  /control/figures     what the population has seen since the last reset
    POST /control/reset       figures from zero; with {"all": true} also the queue and the log
    POST /control/latency     {"seconds": ...}: how long every answer but getUpdates takes from now on
    POST /control/faults      how Telegram misbehaves from now on, as `Faults` says it; {} ends it; GET: how often

Moments are monotonic seconds, which all processes of a machine share.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import itertools
import json
import os
import signal
import sys
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl, urlsplit

from aiohttp import web

from tests import warm_start

ROOT: Final = Path(__file__).resolve().parent.parent
CONFLICT: Final = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
SLICE: Final = 0.005
"""Seconds between two looks of an open population at who is to speak."""
FIRST_PERSON: Final = 1_000_001
TAP: Final = "tap "
"""So begin those of a script's texts that are taps."""


@dataclass(frozen=True)
class Script:
    """Who says what. `texts` are said by each person in turn, beginning anew at the end; one that begins with TAP is a
    tap on a button with what follows, under the newest message of the chat.

    Without `rate` the loop is closed: `under_way` updates are always unanswered, and as soon as one is answered the
    person who has been silent longest speaks. With `rate` that many updates a second come, answered or not. `rounds`:
    each person says everything so often and is silent then.
    """

    people: int = 3000
    apart: int = 1
    """How far their Telegram ids are apart: 1000 makes one of a thousand people speak."""
    under_way: int = 500
    texts: tuple[str, ...] = ("halo",)
    rate: float | None = None
    rounds: int | None = None


@dataclass(frozen=True)
class Faults:
    """What goes wrong with text messages to people (`begins`: only with those whose words begin so)."""

    begins: str = ""
    blocked: tuple[int, ...] = ()
    """403 for these chats."""
    flood_every: int = 0
    """After so many of these calls a flood is found: the next `flood_calls` are refused with a 429."""
    flood_calls: int = 0
    flood_chats: tuple[int, ...] = ()
    """In these chats, and only there, the first `flood_calls` of each are refused with a 429."""
    retry_after: float = 1.0
    lost_every: int = 0
    """Each so-manieth of those that took effect is never answered: the connection is closed."""


class Population:
    """People who speak by a script and look at the clock until they are answered."""

    def __init__(self, script: Script, bot_api: BotApi) -> None:
        self._script = script
        self._api = bot_api
        self._silent = deque(FIRST_PERSON + script.apart * number for number in range(script.people))
        self._said: dict[int, int] = {}
        self._newest: dict[int, int] = {}
        self._taps = itertools.count(1)
        self._since: dict[int, float] = {}
        self._speaking = True
        self._latencies: list[float] = []
        self._began = time.monotonic()
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        if self._script.rate is not None:
            self._task = asyncio.create_task(self._speak_at(self._script.rate))
            return
        for _ in range(min(self._script.under_way, self._script.people)):
            self._speak()

    def end(self) -> None:
        self._speaking = False
        if self._task is not None:
            self._task.cancel()

    async def _speak_at(self, rate: float) -> None:
        began, spoken = time.monotonic(), 0
        while True:
            while spoken < (time.monotonic() - began) * rate and self._silent:
                self._speak()
                spoken += 1
            await asyncio.sleep(SLICE)

    def _speak(self) -> None:
        person = self._silent.popleft()
        number = self._said.get(person, 0)
        self._said[person] = number + 1
        text = self._script.texts[number % len(self._script.texts)]
        self._since[person] = time.monotonic()
        if text.startswith(TAP):
            query_id = f"{person}-{next(self._taps)}"
            update = tap_update(person, text.removeprefix(TAP), query_id, self._newest.get(person, 1))
        else:
            update = text_update(person, text, self._api.next_message_id())
        self._api.arrive(update)

    def answered(self, chat_id: int, message_id: int) -> None:
        """Something was sent to this chat: if the person was waiting, that was the answer."""
        self._newest[chat_id] = max(message_id, self._newest.get(chat_id, 0))
        since = self._since.pop(chat_id, None)
        if since is None:
            return
        self._latencies.append(time.monotonic() - since)
        rounds = self._script.rounds
        if rounds is None or self._said[chat_id] < rounds * len(self._script.texts):
            self._silent.append(chat_id)
        if self._silent and self._speaking and self._script.rate is None:
            self._speak()

    def reset(self) -> None:
        self._latencies.clear()
        self._began = time.monotonic()

    def figures(self) -> dict[str, Any]:
        ordered = sorted(self._latencies)
        seconds = time.monotonic() - self._began

        def part(share: float) -> float | None:
            return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else None

        return {
            "answered": len(ordered),
            "seconds": seconds,
            "p50": part(0.5),
            "p95": part(0.95),
            "p99": part(0.99),
            "worst": ordered[-1] if ordered else None,
            "unanswered": len(self._since),
        }


class BotApi:
    """Telegram's side: a queue of updates, and a log of what was sent."""

    def __init__(self, *, latency: float, token: str | None, keep_log: bool) -> None:
        self.latency = latency
        self._token = token
        self._keep_log = keep_log
        self._updates: deque[tuple[int, bytes]] = deque()
        self._update_ids = itertools.count(1)
        self._message_ids = itertools.count(100)
        self._news = asyncio.Event()
        self._polls = 0
        self.sent: list[dict[str, Any]] = []
        self.taps: list[dict[str, Any]] = []
        self.calls: dict[str, int] = {}
        self.population: Population | None = None
        self.faults: Faults | None = None
        self.webhook = ""
        """The address that was set; nothing is brought there."""
        self.happened = {"blocked": 0, "flood": 0, "lost": 0}
        self._asked = self._flooded = self._done = 0
        self._flooded_in: Counter[int] = Counter()

    # --- what people do -------------------------------------------------------------------------------------------

    def next_message_id(self) -> int:
        return next(self._message_ids)

    def arrive(self, update: Mapping[str, Any]) -> int:
        update_id = next(self._update_ids)
        self._updates.append((update_id, json.dumps({"update_id": update_id, **update}).encode()))
        self._news.set()
        return update_id

    # --- what the bot does ----------------------------------------------------------------------------------------

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path.startswith("/control/"):
            return await self._control(request, path.removeprefix("/control/"))
        token, _, method = path.removeprefix("/bot").partition("/")
        if self._token is not None and token != self._token:
            return _refusal(401, "Unauthorized")
        params = await _params(request)
        self.calls[method] = self.calls.get(method, 0) + 1
        if method == "getUpdates":
            return await self._get_updates(params)
        faults = self.faults
        if faults is not None and not ("chat_id" in params and str(params.get("text", "")).startswith(faults.begins)):
            faults = None
        answer = self._refuse(faults, params) if faults is not None else None
        answer = answer or self._do(method, params, int(token.partition(":")[0]))
        if self.latency:
            await asyncio.sleep(self.latency)
        if faults is not None and answer.status == 200:
            self._done += 1
            if faults.lost_every and self._done % faults.lost_every == 0:
                self.happened["lost"] += 1
                if request.transport is not None:  # else whoever asked is gone already
                    request.transport.close()
        return answer

    def _refuse(self, faults: Faults, params: Mapping[str, Any]) -> web.Response | None:
        self._asked += 1
        if faults.flood_every and self._asked % faults.flood_every == 0:
            self._flooded = faults.flood_calls
        chat_id = int(params["chat_id"])
        in_chat = chat_id in faults.flood_chats and self._flooded_in[chat_id] < faults.flood_calls
        if in_chat:
            self._flooded_in[chat_id] += 1
        if self._flooded or in_chat:
            self._flooded = max(0, self._flooded - 1)
            self.happened["flood"] += 1
            wait = {"parameters": {"retry_after": faults.retry_after}}
            return web.json_response(
                {"ok": False, "error_code": 429, "description": "Too Many Requests", **wait}, status=429
            )
        if chat_id in faults.blocked:
            self.happened["blocked"] += 1
            return _refusal(403, "Forbidden: bot was blocked by the user")
        return None

    async def _get_updates(self, params: Mapping[str, Any]) -> web.Response:
        self._polls += 1
        mine = self._polls
        self._news.set()  # an older question that still hangs is told to end
        offset, limit = int(params.get("offset") or 0), int(params.get("limit") or 100)
        while self._updates and self._updates[0][0] < offset:
            self._updates.popleft()
        deadline = time.monotonic() + float(params.get("timeout") or 0)
        while not self._updates:
            self._news.clear()
            left = deadline - time.monotonic()
            if left <= 0:
                break
            try:
                await asyncio.wait_for(self._news.wait(), left)
            except TimeoutError:
                break
            if mine != self._polls:
                return _refusal(409, CONFLICT)
        batch = b",".join(body for _, body in itertools.islice(self._updates, limit))
        return web.Response(body=b'{"ok":true,"result":[' + batch + b"]}", content_type="application/json")

    def _do(self, method: str, params: Mapping[str, Any], bot_id: int) -> web.Response:
        if method == "getMe":
            return _result(_me(bot_id) | {"can_join_groups": False, "can_read_all_group_messages": False})
        if method in ("setWebhook", "deleteWebhook"):
            self.webhook = str(params.get("url") or "") if method == "setWebhook" else ""
            return _result(True)
        if method == "getWebhookInfo":
            return _result(
                {"url": self.webhook, "has_custom_certificate": False, "pending_update_count": len(self._updates)}
            )
        if method == "answerCallbackQuery":
            self.taps.append(
                {"at": time.monotonic(), "id": params.get("callback_query_id"), "text": params.get("text")}
            )
            return _result(True)
        if not method.startswith(("send", "edit")) or method == "sendChatAction":
            known = method.startswith(("set", "delete", "get", "sendChatAction", "logOut", "close"))
            return _result(True) if known else _refusal(404, "Not Found: method not found")
        chat_id = int(params["chat_id"])
        edited = int(params["message_id"]) if method.startswith("edit") else None
        message: dict[str, Any] = {
            "message_id": self.next_message_id() if edited is None else edited,
            "from": _me(bot_id),
            "chat": {"id": chat_id, "type": "private", "first_name": "Siti"},
            "date": int(time.time()),
            **_content(method, params),
        }
        if edited is not None:
            message["edit_date"] = message["date"]
        if self._keep_log:
            text = params.get("text") or params.get("caption") or params.get("title") or params.get("question") or ""
            self.sent.append(
                {
                    "at": time.monotonic(),
                    "chat": chat_id,
                    "method": method,
                    "text": text,
                    "message_id": message["message_id"],
                }
            )
        if self.population is not None:
            self.population.answered(chat_id, message["message_id"])
        return _result(message)

    # --- steering -------------------------------------------------------------------------------------------------

    async def _control(self, request: web.BaseRequest, what: str) -> web.Response:
        body = await request.read()
        given = json.loads(body) if body else {}
        query = {name: values[-1] for name, values in parse_qs(urlsplit(request.path_qs).query).items()}
        match what:
            case "updates":
                return web.json_response([self.arrive(update) for update in given])
            case "log":
                return web.json_response(
                    {
                        "sent": self.sent[int(query.get("since", 0)) :],
                        "taps": self.taps[int(query.get("taps", 0)) :],
                        "calls": self.calls,
                        "waiting": len(self._updates),
                    }
                )
            case "people":
                if self.population is not None:
                    self.population.end()
                if given:
                    self.population = Population(Script(**{**given, "texts": tuple(given["texts"])}), self)
                    self.population.begin()
                return web.json_response(True)
            case "figures":
                figures = self.population.figures() if self.population is not None else {}
                return web.json_response(figures | {"polls": self._polls, "waiting": len(self._updates)})
            case "reset":
                if self.population is not None:
                    self.population.reset()
                if given.get("all"):
                    self._updates.clear()
                    self.sent.clear()
                    self.taps.clear()
                    self.calls.clear()
                return web.json_response(True)
            case "faults":
                if body:
                    self.faults = Faults(**given) if given else None
                return web.json_response(self.happened)
            case "latency":
                self.latency = float(given["seconds"])
                return web.json_response(True)
        return web.json_response(False, status=404)


def text_update(person: int, text: str, message_id: int) -> dict[str, Any]:
    """A message of a person; a command is marked as Telegram marks it."""
    message: dict[str, Any] = {
        "message_id": message_id,
        "from": _person(person),
        "chat": {"id": person, "type": "private", "first_name": "Siti"},
        "date": int(time.time()),
        "text": text,
    }
    if text.startswith("/"):
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
    return {"message": message}


def tap_update(person: int, data: str, query_id: str, message_id: int = 1) -> dict[str, Any]:
    """A tap on a button of one of the bot's messages."""
    chat = {"id": person, "type": "private", "first_name": "Siti"}
    return {
        "callback_query": {
            "id": query_id,
            "from": _person(person),
            "chat_instance": str(person),
            "data": data,
            "message": {"message_id": message_id, "from": _me(1), "chat": chat, "date": 1, "text": "menu"},
        }
    }


def _person(person: int) -> dict[str, Any]:
    return {"id": person, "is_bot": False, "first_name": "Siti", "language_code": "id"}


def _me(bot_id: int) -> dict[str, Any]:
    return {"id": bot_id, "is_bot": True, "first_name": "Jalin", "username": "jalin_bot"}


def _content(method: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """What the message holds, as Telegram gives it back."""
    file = {"file_id": "file-1", "file_unique_id": "unique-1", "file_size": 1}
    place = {"latitude": float(params.get("latitude") or 0), "longitude": float(params.get("longitude") or 0)}
    match method:
        case "sendDocument":
            return {"document": file | {"file_name": "file"}, "caption": params.get("caption") or ""}
        case "sendPhoto":
            return {"photo": [file | {"width": 1, "height": 1}], "caption": params.get("caption") or ""}
        case "sendVoice":
            return {"voice": file | {"duration": 1}}
        case "sendLocation":
            return {"location": place}
        case "sendVenue":
            venue = {"location": place, "title": params.get("title"), "address": params.get("address")}
            return {"location": place, "venue": venue}
        case "sendPoll":
            options = params.get("options") or []
            options = json.loads(options) if isinstance(options, str) else options
            return {
                "poll": {
                    "id": "1",
                    "question": params.get("question"),
                    "options": [
                        {"persistent_id": str(at), "text": one["text"], "voter_count": 0}
                        for at, one in enumerate(options)
                    ],
                    "total_voter_count": 0,
                    "is_closed": False,
                    "is_anonymous": False,
                    "type": "quiz",
                    "allows_multiple_answers": False,
                    "allows_revoting": False,
                    "members_only": False,
                }
            }
    return {"text": params.get("text") or ""}


async def _params(request: web.BaseRequest) -> Mapping[str, Any]:
    """The parameters, in whichever of the ways the Bot API takes them."""
    kind = request.content_type
    if kind == "multipart/form-data":
        return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    body = await request.read()
    if kind == "application/json":
        loaded = json.loads(body) if body else {}
        assert isinstance(loaded, dict)
        return loaded
    return dict(parse_qsl(body.decode() or urlsplit(request.path_qs).query))


def _result(result: Any) -> web.Response:
    return web.Response(body=json.dumps({"ok": True, "result": result}).encode(), content_type="application/json")


def _refusal(code: int, description: str) -> web.Response:
    return web.json_response({"ok": False, "error_code": code, "description": description}, status=code)


# --- the process, from outside ------------------------------------------------------------------------------------


class StandIn:
    """A stand-in in a process of its own, for as long as its `with` block; `core` binds it to one."""

    def __init__(self, *, latency: float = 0, token: str | None = None, keep_log: bool = True, core: int | None = None):
        command = ["-m", "tests.fake_api", "--port", "0", "--latency", str(latency)]
        command += ["--token", token] if token else []
        command += [] if keep_log else ["--no-log"]
        self._process = warm_start.start(command, cwd=ROOT)
        try:
            if core is not None:
                os.sched_setaffinity(self._process.pid, {core})
            assert self._process.stdout is not None
            self.port = int(self._process.stdout.readline())
        except BaseException:
            self.close()
            raise
        self.address = f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self._process.pid

    def __enter__(self) -> StandIn:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def control(self, what: str, body: Any = None) -> Any:
        """GET /control/<what>, or POST it when there is a body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            content = None if body is None else json.dumps(body)
            connection.request("GET" if body is None else "POST", f"/control/{what}", content)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def feed(self, updates: Sequence[Mapping[str, Any]]) -> list[int]:
        ids: list[int] = self.control("updates", list(updates))
        return ids

    def log(self) -> dict[str, Any]:
        log: dict[str, Any] = self.control("log")
        return log


# --- the process, from inside -------------------------------------------------------------------------------------


async def serve(arguments: argparse.Namespace) -> None:
    bot_api = BotApi(latency=arguments.latency, token=arguments.token, keep_log=not arguments.no_log)
    runner = web.ServerRunner(web.Server(bot_api.handle, access_log=None))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", arguments.port)
    await site.start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    parent = os.getppid()
    while not stop.is_set() and os.getppid() == parent:  # nobody is left behind when a test run is killed
        try:
            await asyncio.wait_for(stop.wait(), 1)
        except TimeoutError:
            continue
    await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fake_api", description="A fast stand-in for the Bot API")
    parser.add_argument("--port", type=int, default=0, help="0: any free one; it is printed")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds until an answer (not of getUpdates)")
    parser.add_argument("--token", help="the only token that is known; without it every one is")
    parser.add_argument("--no-log", action="store_true", help="do not remember what was sent")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()

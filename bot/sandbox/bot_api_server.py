"""The Bot API's server: /bot<token>/<method> and /file/bot<token>/<path>, answered as Telegram answers them.

A call passes the faults and the rates before it has its effect, and leaves an entry in the transcript.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import socket
import struct
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.types import Receive, Scope, Send

from .arguments import Arguments, read_arguments
from .bot_api import BotApi
from .faults import Fault, Faults
from .polling import Polling, Updates, until_gone
from .rates import Gate
from .refusals import Refused
from .transcript import Transcript, call_details
from .webhook import Told
from .world import World

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Call:
    """One request the bot made, as kept when the sandbox records: what came in and what was answered."""

    method: str
    params: dict[str, Any]
    answer: dict[str, Any]


class _Reset(Exception):
    """The connection is to be reset before anything happens."""


class BotApiServer:
    """An ASGI application for one bot. `calls` is filled when `record` is true."""

    def __init__(
        self,
        world: World,
        api: BotApi,
        polling: Polling,
        *,
        token: str,
        faults: Faults,
        gate: Gate,
        transcript: Transcript,
        record: bool,
    ) -> None:
        self.world = world
        self.api = api
        self.polling = polling
        self.token = token
        self.faults = faults
        self.gate = gate
        self.transcript = transcript
        self.record = record
        self.calls: list[Call] = []

    # --- one request -------------------------------------------------------------------------------------------------

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path.startswith("/file/bot"):
            await self._file(path[len("/file/bot") :], receive, send)
            return
        token, _, method = path[len("/bot") :].rpartition("/")
        try:
            self._check_token(unquote(token))
            arguments = await read_arguments(scope, receive)
        except Refused as refused:
            details = {"method": method[:64], "ok": False, "code": refused.code, "description": refused.description}
            self.transcript.add("called", **details)
            await self._answer(send, refused.answer(), refused.code)
            return
        except ConnectionAbortedError:
            return
        try:
            answer, code, fault = await self._act(method, arguments, receive)
        except ConnectionAbortedError:
            return
        except _Reset:
            await hang_up(receive, send, hard=True)
            return
        if self.record:
            self.calls.append(_as_call(method, arguments, answer))
        if fault is not None:
            await asyncio.sleep(fault.seconds)
            await hang_up(receive, send, hard=False)
            return
        await self._answer(send, answer, code)

    async def perform(self, method: str, params: dict[str, Any]) -> None:
        """Calls the method that a bot asked for in its answer to a webhook; the bot never learns the result."""
        with contextlib.suppress(_Reset):
            await self._act(method, Arguments(params), None)

    async def _act(
        self, method: str, arguments: Arguments, receive: Receive | None
    ) -> tuple[dict[str, Any], int, Fault | None]:
        """Does what a call asks for. Returns the answer, its HTTP status, and the fault that keeps the answer from
        arriving."""
        name = method.lower()
        chat = self._chat(name, arguments)
        details: dict[str, Any] = {"method": method[:64]}
        if chat is not None:
            details["person"] = chat
        if receive is None:
            details["hook"] = True
        if name == "answercallbackquery":
            details["query_id"] = arguments.text("callback_query_id")
            if arguments.has("text"):
                details["text"] = arguments.text("text")[:200]
        fate = self.faults.strike(name, chat, arguments.text("text") or arguments.text("caption"))
        fault = fate.fault
        if fate.seconds:
            await asyncio.sleep(fate.seconds)
        lost = fault if fault is not None and fault.what == "lost" else None
        if fault is not None:
            details["fault"] = fault.what
        result: Any = None
        try:
            if fault is not None and fault.what == "reset":
                self.transcript.add("called", ok=False, **details)
                raise _Reset
            if fault is not None and lost is None:
                raise fault.refusal()
            result = await self._result(name, chat, arguments, receive)
        except Refused as refused:
            answer, code = refused.answer(), refused.code
        except (ConnectionAbortedError, _Reset):
            raise
        except Exception:
            log.exception("sandbox: %s failed", name)
            answer, code = Refused("sandbox failure, see its log", 500).answer(), 500
        else:
            answer, code = {"ok": True, "result": result}, 200
            if isinstance(result, Told):
                answer = {"ok": True, "result": result.result, "description": result.description}
        self.world.commit()
        if lost is not None:
            details["lost"] = True
        if not answer["ok"]:
            self.transcript.add("called", ok=False, code=code, description=answer["description"], **details)
        elif isinstance(result, Updates):
            if result.texts:
                self.transcript.add("handed", updates=result.numbers, **({"lost": True} if lost else {}))
        else:
            self.transcript.add("called", ok=True, **details, **call_details(result))
        return answer, code, lost

    async def _result(self, name: str, chat: int | None, arguments: Arguments, receive: Receive | None) -> Any:
        if name == "getupdates":
            assert receive is not None
            return await self.polling.get_updates(arguments, receive)
        handler = self.api.methods.get(name)
        if handler is None:
            raise Refused("method not found", 404)
        upload = max((len(each.body) for each in arguments.uploads.values()), default=0)
        self.gate.pass_(name, chat, paid=arguments.flag("allow_paid_broadcast"), upload=upload)
        return handler(arguments)

    def _chat(self, name: str, arguments: Arguments) -> int | None:
        if name == "answercallbackquery":
            query = self.world.queries.get(arguments.text("callback_query_id"))
            return query.person if query else None
        text = arguments.text("chat_id").strip()
        return int(text) if re.fullmatch(r"-?\d{1,19}", text, re.ASCII) else None

    def _check_token(self, token: str) -> None:
        if token == self.token:
            return
        if not re.fullmatch(r"\d+:[\w-]+", token):
            raise Refused("invalid token specified", 401)
        raise Refused("", 401)

    async def _answer(self, send: Send, answer: dict[str, Any], code: int) -> None:
        result = answer.get("result")
        if isinstance(result, Updates):
            body = b'{"ok":true,"result":[' + ",".join(result.texts).encode("utf-8", "replace") + b"]}"
        else:
            body = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        if code == 429:
            headers.append((b"retry-after", b"%d" % answer["parameters"]["retry_after"]))
        if code == 413:
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": code, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _file(self, rest: str, receive: Receive, send: Send) -> None:
        token, _, path = rest.partition("/")
        fate = self.faults.strike("file", None, "")
        await asyncio.sleep(fate.seconds)
        if fate.fault is not None and fate.fault.what in ("reset", "lost"):
            await hang_up(receive, send, hard=fate.fault.what == "reset")
            return
        refused = fate.fault.refusal() if fate.fault is not None else None
        file = self.world.files.at_path(path)
        known = unquote(token) == self.token
        body = self.world.files.body(file) if file and known and refused is None else None
        if body is None:
            refused = refused or Refused("", 404 if known else 401)
            await self._answer(send, refused.answer(), refused.code)
            return
        headers = [(b"content-type", b"application/octet-stream"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _as_call(method: str, arguments: Arguments, answer: dict[str, Any]) -> Call:
    if isinstance(answer.get("result"), Updates):
        answer = answer | {"result": [json.loads(text) for text in answer["result"].texts]}
    return Call(method.lower(), {**arguments.values, **arguments.uploads}, answer)


async def hang_up(receive: Receive, send: Send, *, hard: bool) -> None:
    """Closes the connection without an answer; with `hard`, by a reset.

    ASGI has no event for that; uvicorn's `send` belongs to an object that holds the connection.
    """
    transport: asyncio.Transport | None = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise RuntimeError("only uvicorn's connections can be closed without an answer")
    if hard:
        connection = transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()
    await until_gone(receive)

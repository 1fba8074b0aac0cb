"""The page's side of the sandbox: people who write, tap, vote and share, as JSON; live news as server-sent events."""

from __future__ import annotations

import asyncio
import json
import logging
import mimetypes
import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from .json_requests import Refusal, read_json, read_number, read_text, route
from .pictures import sample_picture
from .telegram import QUERY_SECONDS, REACTIONS, Event, File, Message, Person, World

log = logging.getLogger(__name__)

PAGE = Path(__file__).parent / "page"
_MAX_FILE = 21 << 20
_MAX_TRAVEL = timedelta(days=366)
_WAITING_EVENTS = 2000
_KEEP_ALIVE = 15.0
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
_SHOWN_INLINE = frozenset(
    {"image/png", "image/jpeg", "image/gif", "image/webp", "audio/ogg", "audio/mpeg", "video/mp4"}
)
_SAFE = {"x-content-type-options": "nosniff", "cache-control": "no-store"}


class TimeControl(Protocol):
    """The bot's present, which the sandbox may move forward."""

    def now(self) -> datetime:
        """The bot's present, aware, in UTC."""
        ...

    async def travel(self, to: datetime) -> datetime:
        """Move the present forward to `to` (aware) through every due moment; returns the present arrived at."""
        ...

    async def next_due(self) -> datetime | None:
        """The next moment something is due (a reminder, an offer's end ...), aware; None if nothing is."""
        ...


class PageApi:
    """Routes of the page. `time()` gives the current TimeControl, or None where time cannot be moved."""

    def __init__(self, world: World, time: Callable[[], TimeControl | None]) -> None:
        self.world = world
        self.time = time
        self.closing = False
        self._listeners: set[asyncio.Queue[str | None]] = set()
        self._travelling = asyncio.Lock()
        self._next_due: str | None = None
        world.listeners.append(self._publish)
        self.routes = [
            route(world, "/", self._index),
            route(world, "/page/{file:path}", self._page_file),
            route(world, "/sandbox/world", self._world),
            route(world, "/sandbox/events", self._events),
            route(world, "/sandbox/file/{unique}/{name}", self._file),
            route(world, "/sandbox/people", self._new_person, "POST"),
            route(world, "/sandbox/travel", self._travel, "POST"),
            route(world, "/sandbox/chat/{person}", self._chat),
        ]
        for handler in (
            self._say, self._start, self._tap, self._location, self._contact, self._vote, self._photo, self._document,
            self._block, self._unblock, self._react, self._read,
        ):  # fmt: skip
            name = handler.__name__.removeprefix("_")
            self.routes.append(route(world, f"/sandbox/chat/{{person}}/{name}", handler, "POST"))

    # --- news --------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """End every open event stream."""
        self.closing = True
        for queue in list(self._listeners):
            self._drop(queue)

    def _drop(self, queue: asyncio.Queue[str | None]) -> None:
        self._listeners.discard(queue)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)

    def _publish(self, event: Event) -> None:
        if not self._listeners:
            return
        body: dict[str, Any] = {"type": event.type, "person": event.person} | event.fields
        if event.message is not None:
            body["message"] = self.as_page(event.message)
            if event.type == "poll":
                body["poll"] = body["message"]["poll"]
        self._tell(body)

    def _tell(self, body: dict[str, Any]) -> None:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        for queue in list(self._listeners):
            if queue.qsize() >= _WAITING_EVENTS:
                self._drop(queue)  # a page that stopped listening: it reconnects and loads anew
            else:
                queue.put_nowait(text)

    async def _events(self, request: Request) -> Response:
        queue: asyncio.Queue[str | None] = asyncio.Queue()
        if not self.closing:
            self._listeners.add(queue)

        async def stream() -> AsyncIterator[str]:
            try:
                yield "retry: 1000\n: open\n\n"
                while not self.closing:
                    try:
                        async with asyncio.timeout(_KEEP_ALIVE):
                            text = await queue.get()
                    except TimeoutError:
                        yield ": still here\n\n"
                        continue
                    if text is None:
                        return
                    yield f"data: {text}\n\n"
            finally:
                self._listeners.discard(queue)

        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(stream(), media_type="text/event-stream", headers=headers)

    async def tick(self) -> None:
        """Once a second: polls whose time is over, taps never answered, and the next due moment if it changed."""
        self.world.close_due_polls()
        self.world.expire_queries()
        self.world.commit()
        if self._listeners and not self._travelling.locked():
            state = await self._time_state()
            if state["next_due"] != self._next_due:
                self._next_due = state["next_due"]
                self._tell({"type": "time", "person": 0} | state)

    # --- the world ---------------------------------------------------------------------------------------------------

    async def _time_state(self) -> dict[str, Any]:
        control = self.time()
        due = None
        if control is not None:
            try:
                due = await control.next_due()
            except Exception:  # the bot's own trouble must not take the page away
                log.exception("sandbox: next_due failed")
        now = self.world.now()
        moved = abs((now - datetime.now(UTC)).total_seconds()) > 5
        return {"now": _iso(now), "next_due": _iso(due) if due else None, "moved": moved}

    async def _world(self, request: Request) -> Response:
        state = await self._time_state()
        self._next_due = state["next_due"]
        bot = self.world.bot
        return JSONResponse(
            {
                "bot": {"username": bot["username"], "first_name": bot["first_name"]},
                "people": [self._as_person(person) for person in self.world.people.values()],
                "time": state,
            },
            headers=_SAFE,
        )

    def _as_person(self, person: Person) -> dict[str, Any]:
        return {
            "id": person.id,
            "first_name": person.first_name,
            "role": person.role,
            "blocked": person.blocked,
            "unread": self.world.unread(person),
        }

    async def _new_person(self, request: Request) -> Response:
        name = read_text(await read_json(request), "first_name").strip()
        if not 0 < len(name) <= 64:
            raise Refusal("first_name must have 1 to 64 characters")
        if len(self.world.people) >= 500:
            raise Refusal("there are enough people here", 409)
        return JSONResponse(self._as_person(self.world.add_person(name)), 201)

    async def _travel(self, request: Request) -> Response:
        body = await read_json(request)
        control = self.time()
        if control is None:
            raise Refusal("time cannot be moved here", 409)
        async with self._travelling:
            now = control.now()
            if body.get("next") is True:
                target = await control.next_due()
                if target is None:
                    raise Refusal("nothing is due", 409)
                target = max(target, now)
            else:
                step = timedelta(hours=read_number(body, "hours", 0.0), days=read_number(body, "days", 0.0))
                if not timedelta(0) < step <= _MAX_TRAVEL:
                    raise Refusal("say hours or days (more than 0, at most 366 days) or next")
                target = now + step
            try:
                arrived = await control.travel(target)
            except ValueError as error:
                raise Refusal(str(error) or "time does not go there") from None
        self.world.close_due_polls()
        state = await self._time_state()
        self._next_due = state["next_due"]
        self._tell({"type": "time", "person": 0} | state)
        return JSONResponse({"now": state["now"], "arrived_at": _iso(arrived), "next_due": state["next_due"]})

    # --- one chat ----------------------------------------------------------------------------------------------------

    def _person(self, request: Request) -> Person:
        key = request.path_params["person"]
        person = self.world.people.get(int(key)) if re.fullmatch(r"\d{1,18}", key, re.ASCII) else None
        if person is None:
            raise Refusal("no such person", 404)
        return person

    def _writer(self, request: Request) -> Person:
        person = self._person(request)
        if person.blocked:
            raise Refusal("this person has blocked the bot", 409)
        return person

    def _message(self, person: Person, body: dict[str, Any]) -> Message:
        number = body.get("message_id")
        message = self.world.chats.get(person.id, {}).get(number) if isinstance(number, int) else None
        if message is None:
            raise Refusal("no such message", 404)
        return message

    def _sent(self, message: Message) -> Response:
        return JSONResponse({"message": self.as_page(message)})

    async def _chat(self, request: Request) -> Response:
        person = self._person(request)
        after = request.query_params.get("after", "0")
        if not re.fullmatch(r"\d{1,18}", after, re.ASCII):
            raise Refusal("after must be a message id")
        messages = [m for m in self.world.chats.get(person.id, {}).values() if m.id > int(after)]
        self.world.mark_read(person)
        return JSONResponse(
            {
                "messages": [self.as_page(message) for message in messages],
                "keyboard": person.keyboard,
                "commands": self.world.commands_for(person),
                "blocked": person.blocked,
            },
            headers=_SAFE,
        )

    async def _read(self, request: Request) -> Response:
        await read_json(request)
        self.world.mark_read(self._person(request))
        return JSONResponse({})

    async def _say(self, request: Request) -> Response:
        person = self._writer(request)
        text = read_text(await read_json(request), "text")
        try:
            return self._sent(self.world.say(person, text))
        except ValueError as error:
            raise Refusal(str(error)) from None

    async def _start(self, request: Request) -> Response:
        person = self._person(request)
        payload = read_text(await read_json(request), "payload", "")
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,64}", payload, re.ASCII):
            raise Refusal("a deep link's payload has at most 64 of A-Z a-z 0-9 _ -")
        self.world.block(person, False)  # the app's START button un-blocks
        return self._sent(self.world.say(person, f"/start {payload}".strip()))

    async def _tap(self, request: Request) -> Response:
        person = self._writer(request)
        body = await read_json(request)
        message = self._message(person, body)
        data = read_text(body, "data")
        rows = message.body.get("reply_markup", {}).get("inline_keyboard", [])
        if not any(button.get("callback_data") == data for row in rows for button in row):
            raise Refusal("the message has no such button", 409)
        return JSONResponse({"query_id": self.world.tap(person, message, data).id, "seconds": QUERY_SECONDS})

    async def _location(self, request: Request) -> Response:
        person = self._writer(request)
        body = await read_json(request)
        location = {"latitude": read_number(body, "latitude"), "longitude": read_number(body, "longitude")}
        if abs(location["latitude"]) > 90 or abs(location["longitude"]) > 180:
            raise Refusal("latitude is -90 to 90, longitude -180 to 180")
        return self._sent(self.world.receive(person, {"location": location}))

    async def _contact(self, request: Request) -> Response:
        person = self._writer(request)
        await read_json(request)
        contact = {
            "phone_number": f"62812{person.id % 10**8:08d}",
            "first_name": person.first_name,
            "user_id": person.id,
        }
        return self._sent(self.world.receive(person, {"contact": contact}))

    async def _vote(self, request: Request) -> Response:
        person = self._writer(request)
        body = await read_json(request)
        message = self._message(person, body)
        poll = self.world.poll_of(message)
        if poll is None:
            raise Refusal("the message has no quiz", 409)
        self.world.close_due_polls()
        if poll.body["is_closed"]:
            raise Refusal("the poll is closed", 409)
        given = body.get("option")
        options = given if isinstance(given, list) else [] if given is None else [given]
        count = len(poll.body["options"])
        if not all(isinstance(i, int) and not isinstance(i, bool) and 0 <= i < count for i in options):
            raise Refusal("no such option")
        if len(set(options)) != len(options) or (len(options) > 1 and not poll.body["allows_multiple_answers"]):
            raise Refusal("one option only")
        voted = str(person.id) in poll.votes
        if voted and not poll.body["allows_revoting"]:
            raise Refusal("this vote cannot be changed", 409)
        if not options and not voted:
            raise Refusal("nothing to take back", 409)
        self.world.vote(person, poll, sorted(options))
        return self._sent(message)

    async def _photo(self, request: Request) -> Response:
        person = self._writer(request)
        upload = await _upload(request) or ("photo.png", "image/png", sample_picture(person.id))
        return self._sent(self._receive_file(person, "photo", upload))

    async def _document(self, request: Request) -> Response:
        person = self._writer(request)
        upload = await _upload(request) or ("catatan.txt", "text/plain", b"Catatan dari sandbox.\n")
        return self._sent(self._receive_file(person, "document", upload))

    def _receive_file(self, person: Person, kind: str, upload: tuple[str, str | None, bytes]) -> Message:
        file = self.world.add_file(kind, *upload)
        return self.world.receive(person, self.world.file_content(file))

    async def _block(self, request: Request) -> Response:
        await read_json(request)
        self.world.block(self._person(request), True)
        return JSONResponse({"blocked": True})

    async def _unblock(self, request: Request) -> Response:
        await read_json(request)
        self.world.block(self._person(request), False)
        return JSONResponse({"blocked": False})

    async def _react(self, request: Request) -> Response:
        person = self._writer(request)
        body = await read_json(request)
        emoji = body.get("emoji") or None
        if emoji is not None and emoji not in REACTIONS:
            raise Refusal("Telegram has no such reaction")
        message = self._message(person, body)
        self.world.person_reacts(person, message, emoji)
        return self._sent(message)

    # --- how a message looks -----------------------------------------------------------------------------------------

    def as_page(self, message: Message) -> dict[str, Any]:
        """A message as the page shows it to the person of its chat."""
        body = message.body
        shown: dict[str, Any] = {
            "id": message.id,
            "from": "bot" if message.from_bot else "person",
            "date": _iso(datetime.fromtimestamp(body["date"], UTC)),
            "edited": _iso(datetime.fromtimestamp(body["edit_date"], UTC)) if "edit_date" in body else None,
            "text": body.get("text"),
            "entities": body.get("entities", []),
            "caption": body.get("caption"),
            "caption_entities": body.get("caption_entities", []),
            "buttons": None,
            "reaction": message.bot_reaction or message.person_reaction,
            "bot_reaction": message.bot_reaction,
            "person_reaction": message.person_reaction,
        }
        if "reply_to_message" in body:
            shown["reply_to"] = body["reply_to_message"]["message_id"]
        if "forward_origin" in body:
            shown["forwarded"] = True
        for kind in ("photo", "document", "voice", "video", "audio"):
            if kind in body:
                media = body[kind][-1] if kind == "photo" else body[kind]
                shown[kind] = self._as_file(self.world.files[media["file_id"]])
        if "venue" in body:
            venue = body["venue"]
            shown["venue"] = {"title": venue["title"], "address": venue["address"], **venue["location"]}
        elif "location" in body:
            shown["location"] = body["location"]
        if "contact" in body:
            shown["contact"] = body["contact"]
        if "poll" in body:
            shown["poll"] = self._as_poll(message.chat, body["poll"])
        if "reply_markup" in body:
            rows = body["reply_markup"]["inline_keyboard"]
            shown["buttons"] = [[_as_button(button) for button in row] for row in rows]
        return shown

    def _as_file(self, file: File) -> dict[str, Any]:
        address = f"/sandbox/file/{file.unique}/{quote(file.name or file.path.rsplit('/', 1)[-1], safe='')}"
        shown: dict[str, Any] = {"file": address, "name": file.name or None, "mime": file.mime, "size": file.size}
        if file.kind in ("photo", "video"):
            shown |= {"width": file.width, "height": file.height}
        if file.kind in ("voice", "video", "audio"):
            shown["duration"] = file.duration
        return shown

    def _as_poll(self, person: int, body: dict[str, Any]) -> dict[str, Any]:
        votes = self.world.polls[body["id"]].votes.get(str(person))
        open_to_them = votes is not None or body["is_closed"]
        correct = body.get("correct_option_ids")
        return {
            "id": body["id"],
            "question": body["question"],
            "options": [
                {"text": option["text"], "votes": option["voter_count"] if open_to_them else 0}
                for option in body["options"]
            ],
            "type": body["type"],
            "correct": correct[0] if correct and open_to_them else None,
            "explanation": body.get("explanation") if open_to_them else None,
            "explanation_entities": body.get("explanation_entities", []) if open_to_them else [],
            "chosen": votes[0] if votes else None,
            "closed": body["is_closed"],
        }

    # --- files -------------------------------------------------------------------------------------------------------

    async def _file(self, request: Request) -> Response:
        file = self.world.by_unique.get(request.path_params["unique"])
        body = self.world.store.blob(file.unique) if file else None
        if file is None or body is None:
            raise Refusal("no such file", 404)
        # Only pictures and sound are shown in place; everything else is downloaded, so that no upload becomes a page.
        inline = file.mime in _SHOWN_INLINE
        name = quote(file.name or file.path.rsplit("/", 1)[-1], safe="")
        headers = _SAFE | {"content-disposition": f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{name}"}
        return Response(body, media_type=file.mime if inline else _plain_type(file.mime), headers=headers)

    async def _index(self, request: Request) -> Response:
        return _static("index.html")

    async def _page_file(self, request: Request) -> Response:
        return _static(request.path_params["file"])


def _static(name: str) -> Response:
    path = (PAGE / name).resolve()
    if not path.is_relative_to(PAGE.resolve()) or not path.is_file():
        raise Refusal("no such file", 404)
    kind = _TYPES.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Response(path.read_bytes(), headers={**_SAFE, "content-type": kind})


def _plain_type(mime: str) -> str:
    return mime if re.fullmatch(r"[\w.+-]+/[\w.+-]+", mime) else "application/octet-stream"


def _as_button(button: dict[str, Any]) -> dict[str, Any]:
    shown = dict(button)
    if "callback_data" in shown:
        shown["data"] = shown.pop("callback_data")
    return shown


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


async def _upload(request: Request) -> tuple[str, str | None, bytes] | None:
    """The first file of a multipart body; None if the request brings none."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        await read_json(request)
        return None
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > _MAX_FILE:
        raise Refusal("the file is too big", 413)
    try:
        async with request.form(max_files=1, max_part_size=_MAX_FILE) as form:
            for _, value in form.multi_items():
                if isinstance(value, UploadFile):
                    body = await value.read(_MAX_FILE)
                    return value.filename or "file", value.content_type, body
    except HTTPException:
        raise Refusal("the upload cannot be read") from None
    return None

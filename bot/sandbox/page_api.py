"""The page's side of the sandbox: people who write, tap, vote and share, as JSON; live news as server-sent events."""

from __future__ import annotations

import asyncio
import json
import logging
import mimetypes
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from . import polls
from .json_requests import Refusal, read_json, read_number, read_text, route
from .models import Event, Person
from .page_chat import ChatApi
from .page_view import NOT_KEPT, PageView, iso
from .world import World

log = logging.getLogger(__name__)

PAGE = Path(__file__).parent / "page"
_MAX_TRAVEL = timedelta(days=366)
_LONGEST_WAIT = timedelta(days=21)
"""How far `travel` goes in search of a moment at which the bot writes to somebody."""
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


class TimeControl(Protocol):
    """The bot's present, which the sandbox may move forward."""

    def now(self) -> datetime:
        """The bot's present, aware, in UTC."""
        ...

    async def travel(self, to: datetime) -> datetime:
        """Moves the present forward to `to` (aware) through every due moment; returns the present arrived at."""
        ...

    async def next_due(self) -> datetime | None:
        """The next moment something is due (a reminder, an offer's end ...), aware; None if nothing is."""
        ...


Zones = Callable[[], Awaitable[Mapping[int, str]]]
"""Tells in which zone people live whose place is known: their ids -> WIB, WITA or WIT. The page shows a chat's hours in
it."""


Tries = Callable[[], Awaitable[Sequence[Mapping[str, Any]]]]
"""Tells what the page offers to try at this moment, in order. Each has an `id`, for which the page has words, and of
these what belongs to it, done in this order: `at` (time is moved there, unless it is past), `person` (whose chat is
opened), `travel` (as /sandbox/travel takes it), `start` (a link's payload), `say` (a text). `class` (title,
starts_at) is the class it is about. Where `missing` is true it cannot be done yet."""


class PageApi:
    """Routes of the page. `time()` gives the current TimeControl, or None where time cannot be moved; `zones()` and
    `tries()` give what tells people's zones and what there is to try, or None; `begin_anew` empties the sandbox, and
    raises LookupError where it cannot."""

    def __init__(
        self,
        world: World,
        time: Callable[[], TimeControl | None],
        zones: Callable[[], Zones | None],
        tries: Callable[[], Tries | None],
        begin_anew: Callable[[], Awaitable[None]],
    ) -> None:
        self.world = world
        self.time = time
        self.zones = zones
        self.tries = tries
        self.begin_anew = begin_anew
        self.view = PageView(world)
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
            route(world, "/sandbox/begin-anew", self._begin_anew, "POST"),
        ]
        self.routes += ChatApi(world, self.view).routes

    # --- news --------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Ends every open event stream."""
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
            body["message"] = self.view.as_page(event.message)
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
        """Runs once a second: closes polls whose time is over, expires taps that were not answered, and tells the next
        due moment if it changed."""
        polls.close_due(self.world)
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
            except Exception:  # an error of the bot must not end the page's work
                log.exception("sandbox: next_due failed")
        now = self.world.now()
        moved = abs((now - datetime.now(UTC)).total_seconds()) > 5
        return {"now": iso(now), "next_due": iso(due) if due else None, "moved": moved}

    async def _world(self, request: Request) -> Response:
        state = await self._time_state()
        self._next_due = state["next_due"]
        bot = self.world.bot
        asked = self.zones()
        zones = await asked() if asked is not None else {}
        offered = self.tries()
        tries = await offered() if offered is not None else ()
        return JSONResponse(
            {
                "bot": {"username": bot["username"], "first_name": bot["first_name"]},
                "people": [
                    self._as_person(person) | ({"zone": zones[person.id]} if person.id in zones else {})
                    for person in self.world.people.values()
                ],
                "time": state,
                "tries": list(tries),
            },
            headers=NOT_KEPT,
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

    async def _begin_anew(self, request: Request) -> Response:
        """Forgets everything. Every open page is told, and loads anew."""
        await read_json(request)
        async with self._travelling:
            try:
                await self.begin_anew()
            except LookupError as error:
                raise Refusal(str(error.args[0]), 409) from None
        self._tell({"type": "begun_anew", "person": 0})
        return JSONResponse({})

    async def _travel(self, request: Request) -> Response:
        body = await read_json(request)
        control = self.time()
        if control is None:
            raise Refusal("time cannot be moved here", 409)
        async with self._travelling:
            now = control.now()
            told: list[int] = []

            def note(event: Event) -> None:
                if event.type == "message" and event.message is not None and event.message.from_bot:
                    told.append(event.person)

            self.world.listeners.append(note)
            try:
                if body.get("message") is True:
                    arrived = await self._to_message(control, told)
                elif body.get("next") is True:
                    arrived = await control.travel(max(await self._due(control), now))
                else:
                    step = timedelta(hours=read_number(body, "hours", 0.0), days=read_number(body, "days", 0.0))
                    if not timedelta(0) < step <= _MAX_TRAVEL:
                        raise Refusal("say hours or days (more than 0, at most 366 days), next or message")
                    arrived = await control.travel(now + step)
            except ValueError as error:
                raise Refusal(str(error) or "time does not go there") from None
            finally:
                self.world.listeners.remove(note)
        polls.close_due(self.world)
        state = await self._time_state()
        self._next_due = state["next_due"]
        self._tell({"type": "time", "person": 0} | state)
        return JSONResponse(
            {
                "now": state["now"],
                "arrived_at": iso(arrived),
                "next_due": state["next_due"],
                "told": [self.world.people[one].first_name for one in dict.fromkeys(told)],
            }
        )

    async def _due(self, control: TimeControl) -> datetime:
        due = await control.next_due()
        if due is None:
            raise Refusal("nothing is due", 409)
        return due

    async def _to_message(self, control: TimeControl, told: list[int]) -> datetime:
        """Moves time from one due moment to the next until the bot has written to somebody, or no message came for
        _LONGEST_WAIT. `told` is filled by the world's news."""
        if not any(person.started and not person.blocked for person in self.world.people.values()):
            raise Refusal("the bot knows nobody it could write to", 409)
        arrived = control.now()
        end = arrived + _LONGEST_WAIT
        due: datetime | None = await self._due(control)
        while not told:
            if due is None or due > end:
                return await control.travel(end)
            before = arrived
            arrived = await control.travel(max(due, arrived))
            due = await control.next_due()
            if due is not None and due <= arrived == before:
                due = arrived + timedelta(minutes=1)  # a tick that is never done does not stop time travel
        return arrived

    # --- files -------------------------------------------------------------------------------------------------------

    async def _file(self, request: Request) -> Response:
        file = self.world.files.of_unique_id(request.path_params["unique"])
        body = self.world.files.body(file) if file else None
        if file is None or body is None:
            raise Refusal("no such file", 404)
        # Only pictures and sound are shown in place; everything else is downloaded, so that no upload becomes a page.
        inline = file.mime in _SHOWN_INLINE
        name = quote(file.name or file.path.rsplit("/", 1)[-1], safe="")
        headers = NOT_KEPT | {"content-disposition": f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{name}"}
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
    return Response(path.read_bytes(), headers={**NOT_KEPT, "content-type": kind})


def _plain_type(mime: str) -> str:
    return mime if re.fullmatch(r"[\w.+-]+/[\w.+-]+", mime) else "application/octet-stream"

"""The routes by which tests steer a sandbox, under /sandbox/: rates, faults, webhook, transcript, report,
population."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .faults import read_fault
from .json_requests import Handler, Refusal, read_json, route
from .population_script import read_script
from .transcript import line_of

if TYPE_CHECKING:
    from .server import Sandbox

_MOST_ENTRIES = 100_000


class ControlApi:
    """The routes to steer a sandbox from outside; docs/sandbox.md shows them all."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        endpoints: list[tuple[str, str, Handler]] = [
            ("GET", "state", self._state),
            ("GET", "rates", self._rates),
            ("POST", "rates", self._set_rates),
            ("GET", "faults", self._faults),
            ("POST", "faults", self._add_fault),
            ("DELETE", "faults", self._end_faults),
            ("DELETE", "faults/{number}", self._end_faults),
            ("GET", "webhook", self._webhook),
            ("POST", "webhook", self._set_webhook),
            ("POST", "replay", self._replay),
            ("GET", "population", self._population),
            ("POST", "population", self._populate),
            ("DELETE", "population", self._end_population),
            ("GET", "transcript", self._transcript),
            ("GET", "report", self._report),
            ("DELETE", "report", self._begin_report),
        ]
        self.routes = [
            route(sandbox.world, f"/sandbox/{path}", _plain(handler), method) for method, path, handler in endpoints
        ]

    async def _state(self, request: Request) -> Response:
        box = self._sandbox
        last = box.transcript.entries[-1]["at"] if box.transcript.entries else box.report.since
        return JSONResponse(
            {
                "people": len(box.world.people),
                "updates_waiting": len(box.world.updates),
                "under_way": box.webhook.under_way,
                "open_taps": len(box.report.taps.open),
                "open_texts": len(box.report.texts.open),
                "entries": box.transcript.last,
                "quiet_for": round(max(time.time() - last, 0.0), 3),
                "calls": sum(box.report.calls.values()),
                "acting": box.population is not None and box.population.running,
            }
        )

    async def _rates(self, request: Request) -> Response:
        return JSONResponse(vars(self._sandbox.gate.rates))

    async def _set_rates(self, request: Request) -> Response:
        self._sandbox.gate.change(await read_json(request))
        return await self._rates(request)

    async def _faults(self, request: Request) -> Response:
        faults = self._sandbox.faults
        rules, ended = ([rule.as_json() for rule in which] for which in (faults.rules, faults.ended))
        return JSONResponse({"faults": rules, "ended": ended})

    async def _add_fault(self, request: Request) -> Response:
        number = self._sandbox.faults.add(read_fault(await read_json(request)))
        return JSONResponse({"id": number}, 201)

    async def _end_faults(self, request: Request) -> Response:
        number = request.path_params.get("number")
        if number is not None and not re.fullmatch(r"\d{1,9}", number, re.ASCII):
            raise Refusal("no such fault", 404)
        if not self._sandbox.faults.remove(None if number is None else int(number)):
            raise Refusal("no such fault", 404)
        return await self._faults(request)

    async def _webhook(self, request: Request) -> Response:
        return JSONResponse(self._sandbox.webhook.as_json())

    async def _set_webhook(self, request: Request) -> Response:
        self._sandbox.webhook.change(await read_json(request))
        return await self._webhook(request)

    async def _replay(self, request: Request) -> Response:
        body = await read_json(request)
        numbers, last = body.get("updates"), body.get("last", 1)
        if numbers is not None and not (isinstance(numbers, list) and all(isinstance(n, int) for n in numbers)):
            raise Refusal("updates must be a list of update ids")
        if not isinstance(last, int) or isinstance(last, bool) or not 1 <= last <= 1000:
            raise Refusal("last must be 1 to 1000")
        return JSONResponse({"replayed": await self._sandbox.webhook.replay(numbers, last)})

    async def _population(self, request: Request) -> Response:
        population = self._sandbox.population
        if population is None:
            raise Refusal("there is no population", 404)
        return JSONResponse(population.as_json())

    async def _populate(self, request: Request) -> Response:
        await self._sandbox.populate(read_script(await read_json(request)))
        return await self._population(request)

    async def _end_population(self, request: Request) -> Response:
        await self._sandbox.populate(None)
        return await self._population(request)

    async def _transcript(self, request: Request) -> Response:
        query = request.query_params
        person = query.get("person")
        if person is not None and not re.fullmatch(r"\d{1,18}", person, re.ASCII):
            raise Refusal("person must be a number")
        found = self._sandbox.transcript.after(
            _whole(query.get("after", "0"), "after"),
            min(_whole(query.get("limit", "10000"), "limit"), _MOST_ENTRIES),
            whats=[name for name in query.get("what", "").split(",") if name],
            person=int(person) if person is not None else None,
        )
        lines = "".join(line_of(entry) for entry in found)
        return Response(lines, media_type="application/x-ndjson", headers={"cache-control": "no-store"})

    async def _report(self, request: Request) -> Response:
        return JSONResponse(self._sandbox.report.as_json())

    async def _begin_report(self, request: Request) -> Response:
        self._sandbox.report.begin()
        return await self._report(request)


def _whole(text: str, name: str) -> int:
    if not re.fullmatch(r"\d{1,15}", text, re.ASCII):
        raise Refusal(f"{name} must be a number")
    return int(text)


def _plain(handler: Handler) -> Callable[[Request], Awaitable[Any]]:
    """Turns a ValueError or LookupError of the sandbox into an answer that the caller can read."""

    async def told(request: Request) -> Response:
        try:
            return await handler(request)
        except ValueError as error:
            raise Refusal(str(error)) from None
        except LookupError as error:
            raise Refusal(str(error.args[0]), 409) from None

    return told

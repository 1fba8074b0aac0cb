"""The webhook: only Telegram's requests are accepted, and 200 is said only of stored updates."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from bot.database import Database
from bot.telegram.webhook import BODY_LIMIT, SECRET_HEADER, WAITING_LIMIT, WebhookReceiver
from bot.turns import inbox
from tests.chat import MONDAY
from tests.databases import quick_database
from tests.fake_api import text_update

SECRET: Final = "a-secret-of-the-tests-0123456789"


class Shelf:
    """Stores the updates that the receiver accepts."""

    def __init__(self) -> None:
        self.stored: list[list[int]] = []
        self.full = False
        self.away: Exception | None = None
        self.bad: set[int] = set()
        self.slow: asyncio.Event | None = None

    async def accept(self, updates: Sequence[Mapping[str, Any]]) -> None:
        if self.slow is not None:
            await self.slow.wait()
        if self.away is not None:
            raise self.away
        ids = [int(payload["update_id"]) for payload in updates]
        if self.bad & set(ids):
            raise ValueError
        self.stored.append(ids)


def answers_to(shelf: Shelf, *requests: Mapping[str, Any]) -> list[int]:
    """What each request is answered; all are made at once."""

    async def go() -> list[int]:
        receiver = WebhookReceiver(
            path="/telegram", secret=SECRET, accept=shelf.accept, has_room=lambda: not shelf.full
        )
        running = asyncio.create_task(receiver.run())
        await asyncio.sleep(0)
        app = Starlette(routes=[receiver.route])
        app.router.redirect_slashes = False
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
            made = [client.request(**{"method": "POST", "url": "/telegram", **request}) for request in requests]
            answers = await asyncio.gather(*made)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return [answer.status_code for answer in answers]

    return asyncio.run(go())


def brought(update_id: Any = 1, secret: str = SECRET, **more: Any) -> dict[str, Any]:
    body = json.dumps({"update_id": update_id, **text_update(101, "halo", 1)})
    return {"content": body, "headers": {SECRET_HEADER: secret}, **more}


def test_an_update_is_stored_before_it_is_acknowledged() -> None:
    shelf = Shelf()
    assert answers_to(shelf, brought(1), brought(2)) == [200, 200]
    assert sorted(one for batch in shelf.stored for one in batch) == [1, 2]


def test_requests_at_the_same_time_share_a_commit() -> None:
    shelf = Shelf()
    assert set(answers_to(shelf, *[brought(number) for number in range(50)])) == {200}
    assert len(shelf.stored) < 10


@pytest.mark.parametrize("secret", ["", "wrong", SECRET[:-1], SECRET + "x", SECRET.upper()])
def test_whoever_does_not_know_the_secret_finds_nothing(secret: str) -> None:
    shelf = Shelf()
    assert answers_to(shelf, brought(secret=secret), {"content": "{}"}) == [404, 404]
    assert not shelf.stored


def test_everything_else_is_not_there() -> None:
    shelf = Shelf()
    asked = [
        brought(url="/"), brought(url="/telegram/"), brought(url="/telegram/x"), brought(url="/admin"),
        brought(url="//telegram"),
    ]  # fmt: skip
    asked += [brought(method=method) for method in ("GET", "PUT", "DELETE", "OPTIONS")]
    assert set(answers_to(shelf, *asked)) == {404}
    assert not shelf.stored


def test_a_body_has_an_end() -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(BODY_LIMIT // 65536 + 2):
            yield b"x" * 65536

    large = {"content": b"x" * (BODY_LIMIT + 1), "headers": {SECRET_HEADER: SECRET}}
    unsaid = {"content": endless(), "headers": {SECRET_HEADER: SECRET}}
    lying = {"content": b"{}", "headers": {SECRET_HEADER: SECRET, "content-length": "9" * 30}}
    shelf = Shelf()
    assert answers_to(shelf, large, unsaid, lying, brought(7)) == [413, 413, 413, 200]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=40) | JSON.map(lambda value: json.dumps(value).encode()))
def test_what_is_no_update_is_not_stored(body: bytes) -> None:
    shelf = Shelf()
    (answer,) = answers_to(shelf, {"content": body, "headers": {SECRET_HEADER: SECRET}})
    assert answer in (200, 400)
    assert bool(shelf.stored) == (answer == 200)


@pytest.mark.parametrize("update_id", [None, "1", 1.0, True, -1, 2**63, 10**400, [1]])
def test_the_number_of_an_update_is_a_number(update_id: Any) -> None:
    assert answers_to(Shelf(), brought(update_id)) == [400]


def test_what_could_not_be_stored_is_brought_again() -> None:
    shelf = Shelf()
    shelf.away = RuntimeError("the database is away")
    assert answers_to(shelf, brought(1), brought(2)) == [503, 503]
    shelf.away = None
    shelf.bad = {2}
    assert answers_to(shelf, brought(1), brought(2), brought(3)) == [200, 503, 200], "one does not spoil the others"


def test_a_full_house_sends_back() -> None:
    shelf = Shelf()
    shelf.full = True
    assert answers_to(shelf, brought(1)) == [503]
    shelf.full = False
    shelf.slow = asyncio.Event()

    async def crowd() -> list[int]:
        receiver = WebhookReceiver(path="/telegram", secret=SECRET, accept=shelf.accept, has_room=lambda: True)
        running = asyncio.create_task(receiver.run())
        await asyncio.sleep(0)
        transport = httpx.ASGITransport(Starlette(routes=[receiver.route]))
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            made = [client.post("/telegram", **brought(number)) for number in range(WAITING_LIMIT + 50)]
            asked = [asyncio.create_task(one) for one in made]
            while sum(one.done() for one in asked) < 50:  # noqa: ASYNC110 - no event tells it
                await asyncio.sleep(0.01)
            assert shelf.slow is not None
            shelf.slow.set()
            answers = await asyncio.gather(*asked)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return [answer.status_code for answer in answers]

    answers = asyncio.run(crowd())
    assert answers.count(503) == 50
    assert answers.count(200) == WAITING_LIMIT


def test_a_door_that_closes_sends_back_what_waits() -> None:
    async def closing() -> int:
        shelf = Shelf()
        shelf.slow = asyncio.Event()
        receiver = WebhookReceiver(path="/telegram", secret=SECRET, accept=shelf.accept, has_room=lambda: True)
        running = asyncio.create_task(receiver.run())
        await asyncio.sleep(0)
        transport = httpx.ASGITransport(Starlette(routes=[receiver.route]))
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            asked = asyncio.create_task(client.post("/telegram", **brought(1)))
            await asyncio.sleep(0.05)
            running.cancel()
            return (await asked).status_code

    assert asyncio.run(closing()) == 503


def test_what_comes_twice_is_stored_once(database_url: str) -> None:
    database: Database = quick_database(database_url)
    try:
        twice = [{"update_id": 5, **text_update(101, "halo", 1)}] * 2
        with database.transaction() as db:
            assert [one.update_id for one in inbox.receive(db, twice, MONDAY).arrivals] == [5]
        with database.transaction() as db:
            assert inbox.receive(db, twice, MONDAY).arrivals == []
    finally:
        database.close()

"""The sender: rate, order, what each refusal means, and that the ledger tells the truth. Telegram's side is faked."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from bot.delivery import outbox, sent_messages
from bot.delivery.connection import PAUSE_MARGIN
from bot.delivery.outbox import ClaimedMessage, OutboxRow, SentFile
from bot.delivery.sender import Sender, SenderOptions
from bot.delivery.tap_answers import ANSWERS_AT_ONCE
from bot.people.people import Account
from bot.people.quiet_hours import SEND, Kind, Verdict
from bot.telegram.http import AnswerLost, NotReached, Refused
from bot.words.action import Packed
from bot.words.message import Button, File, Form, Keyboard, Message, Place, Quiz
from tests.databases import quick_database

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
QUICK = 50.0
"""Real time runs so much faster for the senders of these tests."""

# --- the sender -----------------------------------------------------------------------------------------------------


@dataclass
class Words:
    text: str
    reply_markup: dict[str, Any] | None = None


class Texts:
    """Keys for words."""

    def render(self, message: Message, language: str) -> Words:
        if message.key == "unknown":
            raise KeyError(message.key)
        markup: dict[str, Any] | None = None
        if message.buttons:
            keys = [[{"text": b.key, "callback_data": b.action} for b in row] for row in message.buttons]
            markup = {"inline_keyboard": keys}
        elif message.keyboard:
            markup = {"keyboard": [[{"text": "share"}]]}
        return Words(f"{language}:{message.key}" if message.key else "", markup)

    def workbook(self, message: Message, language: str) -> bytes:
        raise NotImplementedError("no table is sent in these tests")

    def printed(self, message: Message) -> bytes:
        raise NotImplementedError("nothing is printed in these tests")

    def commands(self, role: str, language: str) -> list[dict[str, str]]:
        return [{"command": role, "description": language}]


class VirtualTime:
    """Stands still while anything happens; when nothing does, it goes on to where the next sleeper wakes."""

    IDLE_ROUNDS: Final = 20
    """So many rounds of the event loop in which nothing is said: more than it takes from leaving to Telegram."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.activity = 0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()
        self._moving: asyncio.Task[None] | None = None

    async def sleep(self, seconds: float) -> None:
        wakes = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._numbers), wakes))
        if self._moving is None or self._moving.done():
            self._moving = asyncio.create_task(self._move())
        await wakes

    async def _move(self) -> None:
        while self._sleepers:
            seen = -1
            while seen != self.activity:
                seen = self.activity
                await asyncio.sleep(0.001)  # the threads of the database have their time, too
                for _ in range(self.IDLE_ROUNDS):
                    await asyncio.sleep(0)
            at, _, wakes = heapq.heappop(self._sleepers)
            if not wakes.done():  # who was cancelled moves nothing
                self.now = max(self.now, at)
                wakes.set_result(None)


Answer = Exception | None
Behaviour = Callable[[str, dict[str, Any]], Answer]


class Telegram:
    """Answers at once, as `behaviour` has it: None is yes. Keeps what it was asked, with the virtual time of it."""

    def __init__(self, time: VirtualTime) -> None:
        self.time = time
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.uploads: list[bytes] = []
        self.times: list[float] = []
        self.behaviour: Behaviour = lambda method, params: None
        self.delay: float = 0.0
        self.under_way: Counter[int] = Counter()
        self._last = 100

    async def call(
        self,
        method: str,
        params: Mapping[str, Any],
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        timeout: float = 30.0,  # noqa: ASYNC109
    ) -> Any:
        chat = params.get("chat_id")
        if chat is not None:
            self.under_way[chat] += 1
            assert self.under_way[chat] == 1, "two calls at once to one chat"
        try:
            self.calls.append((method, dict(params)))
            self.times.append(self.time.now)
            self.time.activity += 1
            if self.delay:
                await asyncio.sleep(self.delay)
            error = self.behaviour(method, dict(params))
            if error is not None:
                raise error
        finally:
            if chat is not None:
                self.under_way[chat] -= 1
        if not method.startswith("send"):
            return True
        self._last += 1
        answer: dict[str, Any] = {"message_id": self._last}
        if method == "sendPoll":
            answer["poll"] = {"id": f"poll{self._last}"}
        for name, (_, content, _mime) in (files or {}).items():
            self.uploads.append(content)
            found = {"file_id": f"id{len(self.uploads)}"}
            answer[name] = [{"file_id": "small"}, found] if name == "photo" else found
        return answer

    def said(self) -> list[str]:
        """The words of all messages, in order."""
        return [params["text"].removeprefix("id:") for method, params in self.calls if "text" in params]

    def methods(self) -> list[str]:
        return [method for method, _ in self.calls]


class House:
    """A database with some accounts, a Telegram and a sender between them."""

    def __init__(self, url: str, root: Path) -> None:
        self.database = quick_database(url)
        self.time = VirtualTime()
        self.telegram = Telegram(self.time)
        self.root = root
        self.now = NOW
        self.gate: outbox.Gate = lambda given, now: SEND
        self.sender = self.new_sender()
        self._accounts: dict[int, Account] = {}

    def new_sender(self, **options: Any) -> Sender:
        given: dict[str, Any] = {
            "rate": 1000,
            "chat_rate": 1000,
            "chat_burst": 100,
            "monotonic": lambda: time.monotonic() * QUICK,
            "sleep": lambda seconds: asyncio.sleep(seconds / QUICK),
        } | options
        defaults = SenderOptions(
            holder="me", gate=lambda given, now: self.gate(given, now), now=lambda: self.now, root=self.root
        )
        self.sender = Sender(self.telegram, self.database, Texts(), replace(defaults, **given))
        return self.sender

    def new_sender_on_virtual_time(self, **options: Any) -> Sender:
        """Its pace can be told exactly, however busy the machine is."""
        return self.new_sender(monotonic=lambda: self.time.now, sleep=self.time.sleep, **options)

    def account(self, chat: int) -> Account:
        if chat not in self._accounts:
            with self.database.transaction() as db:
                made = Account(telegram_id=chat, language="id", created_at=NOW, seen_at=NOW, draft={})
                db.add(made)
            self._accounts[chat] = made
        return self._accounts[chat]

    def post(self, chat: int, message: Message | str, kind: Kind = Kind.REPLY, **details: Any) -> int:
        given = Message(message) if isinstance(message, str) else message
        to = self.account(chat)
        with self.database.transaction() as db:
            row = outbox.post(db, outbox.to(to, given, kind=kind, **details), now=self.now)
        assert row is not None
        return row

    def claimed(self, chat: int, messages: Sequence[Message | str], **details: Any) -> list[ClaimedMessage]:
        """As a turn writes its replies."""
        given = [Message(message) if isinstance(message, str) else message for message in messages]
        posts = [outbox.to(self.account(chat), message, **details) for message in given]
        with self.database.transaction() as db:
            return outbox.post_claimed(db, posts, now=self.now, holder="me", real_now=datetime.now(UTC))

    def drain(self) -> None:
        asyncio.run(self.sender.drain(timeout=10))

    def row(self, row: int) -> OutboxRow:
        with self.database.transaction() as db:
            return db.get_one(OutboxRow, row)

    def state(self, row: int) -> tuple[str, str | None]:
        found = self.row(row)
        return found.status, found.reason


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    made = House(database_url, tmp_path)
    yield made
    made.database.close()


@pytest.fixture
def small_house(sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    """Where the database makes no difference."""
    made = House(sqlite_url, tmp_path)
    yield made
    made.database.close()


def while_running(house: House, work: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        running = asyncio.create_task(house.sender.run())
        # it begins before the work does: since Python 3.12 `wait_for` starts no task of its own
        await asyncio.sleep(0)
        try:
            await asyncio.wait_for(work(), 10)
        finally:
            await house.sender.stop()
            await running

    asyncio.run(whole())


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - what is waited for knows nothing of events
        await asyncio.sleep(0.001)


def failing(times: int, error: Callable[[], Exception], method: str = "send") -> Behaviour:
    """The first `times` calls of a kind fail."""
    left = [times]

    def behaviour(called: str, params: dict[str, Any]) -> Answer:
        if called.startswith(method) and left[0]:
            left[0] -= 1
            return error()
        return None

    return behaviour


def test_what_is_handed_over_leaves_and_is_written_down(house: House) -> None:
    first, second = house.claimed(5, ["a", "b"])
    house.sender.submit([first, second])
    house.drain()
    assert house.telegram.said() == ["a", "b"]
    assert house.telegram.calls[0] == (
        "sendMessage",
        {"chat_id": 5, "text": "id:a", "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}},
    )
    row = house.row(second.id)
    assert (row.status, row.telegram_message_id, row.sent_at, row.attempts) == ("sent", 102, NOW, 1)
    with house.database.transaction() as db:
        assert db.get_one(Account, house.account(5).id).last_message_id == 102
    assert (house.sender.sent, house.sender.in_hand) == (2, 0)


def test_a_reply_leaves_at_once_without_a_look_into_the_ledger(
    small_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = small_house
    house.new_sender_on_virtual_time()
    claimed_messages = house.claimed(5, ["a"])
    in_transaction, asked = house.database.in_transaction, []

    async def noted(work: Callable[..., Any], *args: Any) -> Any:
        asked.append((getattr(work, "__name__", work), len(house.telegram.calls)))
        return await in_transaction(work, *args)

    async def work() -> None:
        await until(lambda: house.sender._claims.idle)
        house.sender._claims._next_poll = math.inf  # the look from time to time does not happen to fall into this
        monkeypatch.setattr(house.database, "in_transaction", noted)
        handed_over = house.time.now
        house.sender.submit(claimed_messages)
        await until(lambda: bool(house.telegram.times))
        assert house.telegram.times == [handed_over], "nobody slept"

    while_running(house, work)
    assert asked, "what was said is written down"
    assert all(said == 1 for _, said in asked), asked


def test_replies_overtake_broadcasts_and_each_chat_keeps_its_order(house: House) -> None:
    for chat in range(10, 60):
        house.post(chat, "news", Kind.ANNOUNCEMENT)
    house.new_sender(rate=20)

    async def work() -> None:
        await until(lambda: len(house.telegram.calls) >= 20)
        for number in range(6):
            house.sender.submit(house.claimed(5, [f"r{number}"]))
        house.sender.submit(house.claimed(59, ["to one who waits for news"]))
        await house.sender.drain()

    while_running(house, work)
    said = house.telegram.said()
    replies = [words for words in said if words.startswith("r")]
    assert replies == ["r0", "r1", "r2", "r3", "r4", "r5"]
    # news is spread over the second, so that a reply need not wait for the next one
    assert max(number for number, words in enumerate(said) if words != "news") < 45
    assert len(said) == 57


def test_at_most_a_second_of_broadcast_is_in_hand(small_house: House) -> None:
    house = small_house
    with house.database.transaction() as db:
        accounts = [Account(telegram_id=chat, created_at=NOW, seen_at=NOW, draft={}) for chat in range(100)]
        db.add_all(accounts)
        db.flush()
        posts = [outbox.to(account, Message("news"), kind=Kind.ANNOUNCEMENT) for account in accounts]
        outbox.post_all(db, posts, now=NOW)
    house.new_sender(rate=10)
    most = 0

    async def work() -> None:
        nonlocal most
        while len(house.telegram.calls) < 60:
            most = max(most, house.sender.in_hand)
            await asyncio.sleep(0)

    while_running(house, work)
    assert 0 < most <= 10
    with house.database.transaction() as db:  # stopped: nothing is left in our hands
        assert set(outbox.tally(db, sent_since=NOW)) == {"sent", "waiting"}
        assert db.scalar(select(func.max(OutboxRow.attempts)).where(OutboxRow.status == "waiting")) == 0


def test_the_pace_holds_over_everything(small_house: House) -> None:
    house = small_house
    for chat in range(30):
        house.post(chat, "news", Kind.ANNOUNCEMENT)
    house.post(99, "a")
    house.new_sender_on_virtual_time(rate=10)
    house.drain()
    times = house.telegram.times
    assert len(times) == 31
    assert all(times[n + 10] - times[n] >= 1.0 - 1e-6 for n in range(len(times) - 10))


def test_one_chat_gets_a_burst_and_then_one_a_second(small_house: House) -> None:
    house = small_house
    house.new_sender_on_virtual_time(chat_rate=1.0, chat_burst=3)
    house.sender.submit(house.claimed(5, [str(n) for n in range(6)]))
    house.drain()
    times = house.telegram.times
    assert house.telegram.said() == ["0", "1", "2", "3", "4", "5"]
    assert times[:3] == [times[0]] * 3
    assert [later - times[0] for later in times[3:]] == pytest.approx([1, 2, 3])


def test_a_429_of_one_chat_holds_up_nobody_else_and_loses_nothing(house: House) -> None:
    house.telegram.behaviour = failing(1, lambda: Refused(429, "Too Many Requests: retry after 6", 6.0))
    rows = house.claimed(1, ["a1", "a2"])
    rows += [one for chat in range(2, 9) for one in house.claimed(chat, [f"c{chat}"])]
    house.new_sender_on_virtual_time(concurrency=1)
    house.sender.submit(rows)
    house.drain()
    times, said = house.telegram.times, house.telegram.said()
    assert said == ["a1", *(f"c{chat}" for chat in range(2, 9)), "a1", "a2"]
    assert times[7] - times[0] < 1.0 < 6.0 <= times[8] - times[0]
    assert {house.state(one.id)[0] for one in rows} == {"sent"}


def test_what_can_wait_of_a_chat_that_is_held_for_long_leaves_room_for_others(house: House) -> None:
    def behaviour(method: str, params: dict[str, Any]) -> Answer:
        return Refused(429, "x", 1000.0) if params["chat_id"] <= 20 and not params["chat_id"] % 2 else None

    house.telegram.behaviour = behaviour
    rows = {chat: house.post(chat, f"c{chat}", Kind.ANNOUNCEMENT) for chat in range(1, 41)}
    house.new_sender_on_virtual_time(rate=8, concurrency=1)  # of which no more than four are held
    house.drain()
    assert {chat for chat, row in rows.items() if house.state(row)[0] == "waiting"} == set(range(2, 21, 2))
    assert {house.row(rows[chat]).not_before for chat in (2, 20)} == {NOW + timedelta(seconds=1000 * PAUSE_MARGIN)}
    assert house.row(rows[2]).attempts == 0
    house.telegram.behaviour = lambda method, params: None
    house.now += timedelta(seconds=1100)
    house.new_sender_on_virtual_time()
    house.drain()
    assert {house.state(row)[0] for row in rows.values()} == {"sent"}


def test_a_429_that_means_all_stops_everybody_and_loses_nothing(house: House) -> None:
    house.telegram.behaviour = failing(2, lambda: Refused(429, "Too Many Requests: retry after 4", 4.0))
    rows = [house.post(chat, f"c{chat}", Kind.REMINDER) for chat in range(1, 9)]
    house.new_sender_on_virtual_time(concurrency=1)
    house.drain()
    times = house.telegram.times
    assert times[2] - times[1] >= 4.0
    assert house.telegram.said() == ["c1", "c2"] + [f"c{chat}" for chat in range(1, 9)]
    assert all(house.row(row).attempts == 1 for row in rows)
    with house.database.transaction() as db:
        assert outbox.tally(db, sent_since=NOW) == {"sent": 8}


def test_in_a_long_pause_what_can_wait_goes_back_into_the_ledger(small_house: House) -> None:
    house = small_house
    house.telegram.behaviour = failing(2, lambda: Refused(429, "x", 1000.0))
    rows = [house.post(chat, "news", Kind.ANNOUNCEMENT) for chat in range(1, 5)]
    house.new_sender(concurrency=1)

    async def work() -> None:
        await until(lambda: bool(house.telegram.calls) and house.state(rows[3])[0] == "waiting")
        assert not house.sender.accepts()

    while_running(house, work)
    assert {house.state(row)[0] for row in rows} == {"waiting"}


@pytest.mark.parametrize(
    "refusal",
    [
        Refused(403, "Forbidden: bot was blocked by the user"),
        Refused(400, "Bad Request: chat not found"),
        Refused(400, "Bad Request: PEER_ID_INVALID"),
    ],
)
def test_who_blocked_us_stops_only_themselves(house: House, refusal: Refused) -> None:
    house.telegram.behaviour = lambda method, params: refusal if params["chat_id"] == 5 else None
    blocked = [house.post(5, "a", Kind.REMINDER), house.post(5, "b", Kind.REMINDER)]
    fine = house.post(6, "a", Kind.REMINDER)
    house.drain()
    assert [house.state(row)[0] for row in (*blocked, fine)] == ["blocked", "blocked", "sent"]
    assert len(house.telegram.calls) == 2
    with house.database.transaction() as db:
        assert db.get_one(Account, house.account(5).id).blocked_at == NOW
    assert house.sender.blocked == 2


def test_what_telegram_will_not_have_fails_with_its_words_and_stops_nobody(house: House) -> None:
    words = "Bad Request: message is too long"
    house.telegram.behaviour = lambda method, params: Refused(400, words) if "long" in params["text"] else None
    long, unknown, next_one = house.claimed(5, ["too.long", "unknown", "b"])
    house.sender.submit([long, unknown, next_one])
    with capture_logs() as logs:
        house.drain()
    assert house.state(long.id) == ("failed", words)
    assert house.state(unknown.id) == ("failed", "not in words: KeyError")
    assert house.state(next_one.id) == ("sent", None)
    assert [line.get("key") for line in logs] == ["too.long", "unknown"]


def test_a_token_refused_ends_everything_and_gives_all_back(house: House) -> None:
    house.telegram.behaviour = lambda method, params: Refused(401, "Unauthorized")
    rows = [house.post(chat, "a") for chat in range(5)]
    house.new_sender(concurrency=1)

    async def whole() -> None:
        running = asyncio.create_task(house.sender.run())
        await asyncio.wait_for(house.sender.fatal_event.wait(), 5)
        await asyncio.wait_for(running, 5)

    asyncio.run(whole())
    assert house.sender.fatal is not None
    assert "BOT_TOKEN" in house.sender.fatal
    assert len(house.telegram.calls) == 1
    assert not house.sender.accepts()
    assert {house.state(row) for row in rows} == {("waiting", None)}


def test_after_a_lost_answer_a_reply_is_said_again_and_an_announcement_is_not(house: House) -> None:
    lost = {"reply", "news"}

    def behaviour(method: str, params: dict[str, Any]) -> Answer:
        words = params.get("text", "").removeprefix("id:")
        if words in lost:
            lost.discard(words)
            return AnswerLost("HTTP 502")
        return None

    house.telegram.behaviour = behaviour
    reply, after, news = house.post(5, "reply"), house.post(5, "after"), house.post(6, "news", Kind.ANNOUNCEMENT)
    house.drain()
    assert house.state(news) == ("unknown", "no answer: HTTP 502")
    assert [words for words in house.telegram.said() if words != "news"] == ["reply", "reply", "after"]
    assert (house.row(reply).status, house.row(reply).attempts) == ("sent", 2)
    assert (house.row(after).status, house.row(after).attempts) == ("sent", 1)
    with house.database.transaction() as db:
        assert outbox.said_more_than_once(db) == 1


def test_a_reply_is_not_tried_for_ever(small_house: House) -> None:
    house = small_house
    house.telegram.behaviour = failing(1000, lambda: AnswerLost("HTTP 500"))
    house.new_sender(monotonic=lambda: time.monotonic() * 20_000, sleep=lambda seconds: asyncio.sleep(seconds / 20_000))
    (claimed,) = house.claimed(5, ["a"])
    house.sender.submit([claimed])
    house.drain()
    assert house.state(claimed.id) == ("failed", "no answer")
    assert 20 < house.telegram.methods().count("sendMessage") < 500


def test_while_telegram_is_not_there_nobody_is_tried_and_then_all_are_sent(house: House) -> None:
    there = False
    house.telegram.behaviour = lambda method, params: None if there else NotReached("no route")
    rows = [house.post(chat, "news", Kind.ANNOUNCEMENT) for chat in range(20)]

    async def work() -> None:
        nonlocal there
        await until(lambda: house.telegram.methods().count("getMe") >= 3)
        assert house.telegram.methods().count("sendMessage") <= 20
        there = True
        await house.sender.drain()

    while_running(house, work)
    assert {house.state(row) for row in rows} == {("sent", None)}
    assert {house.row(row).attempts for row in rows} == {1}


def test_an_outage_makes_few_announcements_unknown(small_house: House) -> None:
    house = small_house
    there = False
    house.telegram.behaviour = lambda method, params: None if there else AnswerLost("HTTP 502")
    for chat in range(50):
        house.post(chat, "news", Kind.ANNOUNCEMENT)
    house.new_sender(concurrency=4)

    async def work() -> None:
        nonlocal there
        await until(lambda: house.telegram.methods().count("getMe") >= 3)
        there = True
        await house.sender.drain()

    while_running(house, work)
    assert 3 <= house.sender.unknown <= 7
    assert house.sender.sent == 50 - house.sender.unknown


def test_a_killed_process_leaves_nothing_unsaid(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What recover() does with what a sender held that was killed in the middle of its calls."""
    replies = [house.post(chat, "reply") for chat in range(4)]
    news = [house.post(chat, "news", Kind.ANNOUNCEMENT) for chat in range(4, 8)]

    house.telegram.delay = 60
    monkeypatch.setattr("bot.delivery.sender.STOP_SECONDS", 0.01)
    house.new_sender(sleep=asyncio.sleep)

    async def dead(*args: Any) -> Any:
        raise OperationalError("", {}, Exception("killed"))

    async def killed() -> None:
        await until(lambda: len(house.telegram.calls) >= 8)
        gone.setattr(house.database, "in_transaction", dead)

    with monkeypatch.context() as gone:
        while_running(house, killed)
    with house.database.transaction() as db:
        assert outbox.tally(db, sent_since=NOW) == {"claimed": 8}
        outbox.recover(db, real_now=datetime.now(UTC), everything=True)
    house.telegram.delay = 0
    house.telegram.under_way.clear()
    house.new_sender(holder="next")
    house.drain()
    assert {house.state(row)[0] for row in replies} == {"sent"}
    assert {house.state(row)[0] for row in news} == {"unknown"}
    with house.database.transaction() as db:
        assert outbox.said_more_than_once(db) == 4


def test_stopping_waits_shortly_and_gives_the_rest_back(small_house: House) -> None:
    house = small_house
    house.telegram.delay = 0.05
    rows = [house.post(chat, "a") for chat in range(4)]
    house.new_sender(concurrency=2)

    async def work() -> None:
        await until(lambda: len(house.telegram.calls) >= 2)

    while_running(house, work)
    assert Counter(house.state(row)[0] for row in rows) == {"sent": 2, "waiting": 2}
    assert {house.row(row).attempts for row in rows if house.state(row)[0] == "waiting"} == {0}


def test_the_gate_holds_and_drops_and_the_stale_is_not_said(house: House) -> None:
    def gate(given: outbox.Occasion, now: datetime) -> Verdict:
        return {
            "night": Verdict(hold_until=NOW + timedelta(hours=9)) if now < NOW + timedelta(hours=9) else SEND,
            "stopped": Verdict(drop="stopped"),
        }.get(given.site_id or "", SEND)

    house.gate = gate
    night = house.post(5, "night", Kind.LESSON, site_id="night")
    stopped = house.post(5, "stopped", Kind.LESSON, site_id="stopped")
    stale = house.post(5, "stale", Kind.REMINDER, not_after=NOW - timedelta(seconds=1))
    house.drain()
    assert house.telegram.calls == []
    assert house.state(night) == ("waiting", None)
    assert house.state(stopped) == ("dropped", "stopped")
    assert house.state(stale) == ("dropped", "stale")
    house.now = NOW + timedelta(hours=9)  # the bot's time is moved, not ours
    house.drain()
    assert house.telegram.said() == ["night"]


def test_a_name_is_said_once_however_often_it_is_posted(house: House) -> None:
    for _ in range(3):
        with house.database.transaction() as db:
            reminder = outbox.to(house.account(5), Message("a"), kind=Kind.REMINDER, once="reminder:1")
            outbox.post(db, reminder, now=NOW)
        house.drain()
    assert house.telegram.said() == ["a"]


# --- edits ----------------------------------------------------------------------------------------------------------


def test_a_menu_is_edited_in_place(small_house: House) -> None:
    house = small_house
    menu = Message("menu", buttons=((Button("b", Packed("x:y")),),))
    (claimed,) = house.claimed(5, [menu], edit_message_id=42)
    house.sender.submit([claimed])
    house.drain()
    method, params = house.telegram.calls[0]
    assert (method, params["message_id"], params["reply_markup"]["inline_keyboard"][0][0]["callback_data"]) == (
        "editMessageText",
        42,
        "x:y",
    )
    assert house.row(claimed.id).telegram_message_id == 42


def test_an_edit_that_changes_nothing_is_not_made(small_house: House) -> None:
    house = small_house
    one, other = (Message(name, buttons=((Button("b", Packed("x:y")),),)) for name in ("menu", "help"))
    for message, calls in ((one, 1), (one, 1), (other, 2), (one, 3), (one, 3)):
        (claimed,) = house.claimed(5, [message], edit_message_id=42)
        house.sender.submit([claimed])
        house.drain()
        assert len(house.telegram.calls) == calls
        assert (house.row(claimed.id).status, house.row(claimed.id).telegram_message_id) == ("sent", 42)
    house.telegram.behaviour = failing(1, lambda: AnswerLost("cut"), "editMessageText")
    for _ in range(2):  # what became of it is not known, so it is tried again; then it is
        house.sender.submit(house.claimed(5, [other], edit_message_id=42))
        house.drain()
    assert len(house.telegram.calls) == 5


@pytest.mark.parametrize(
    ("words", "new"),
    [
        ("Bad Request: message is not modified: specified new message content and reply markup are the same", False),
        ("Bad Request: message to edit not found", True),
        ("Bad Request: message can't be edited", True),
        ("Bad Request: there is no text in the message to edit", True),
    ],
)
def test_what_cannot_be_edited_is_said_anew(small_house: House, words: str, new: bool) -> None:
    house = small_house
    house.telegram.behaviour = failing(1, lambda: Refused(400, words), "editMessageText")
    claimed_messages = house.claimed(5, ["menu"], edit_message_id=42) + house.claimed(5, ["next"])
    house.sender.submit(claimed_messages)
    house.drain()
    sent = ["editMessageText", "sendMessage", "sendMessage"] if new else ["editMessageText", "sendMessage"]
    assert house.telegram.methods() == sent
    assert house.telegram.said()[-1] == "next"
    row = house.row(claimed_messages[0].id)
    assert (row.status, row.telegram_message_id) == ("sent", 101 if new else 42)


def test_only_buttons_and_words_can_be_edited_in(small_house: House) -> None:
    house = small_house
    share = Message("where", keyboard=Keyboard.SHARE_LOCATION)
    map_pin = Message(form=Form.LOCATION, place=Place(-8.5, 115.2))
    house.sender.submit(house.claimed(5, [share, map_pin], edit_message_id=42))
    house.drain()
    assert house.telegram.methods() == ["sendMessage", "sendLocation"]


def test_an_edit_waits_for_the_row_it_edits(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sent_messages, "EDIT_PATIENCE", 1e6)  # it waits, however busy the machine is
    house.telegram.behaviour = failing(1, lambda: AnswerLost("x"), "sendMessage")
    first = house.post(5, "wait", Kind.REMINDER)
    (edit,) = house.claimed(5, ["done"], edits=first)  # more urgent than what it edits
    house.sender.submit([edit])
    house.drain()
    assert house.telegram.methods() == ["sendMessage", "sendMessage", "editMessageText"]
    assert house.telegram.calls[-1][1]["message_id"] == house.row(first).telegram_message_id == 101
    # and another process, which did not send the first one, finds it in the ledger
    house.new_sender()
    house.sender.submit(house.claimed(5, ["done again"], edits=first))
    house.drain()
    assert house.telegram.calls[-1][1]["message_id"] == 101


def test_an_edit_of_what_was_never_said_is_said_anew(small_house: House) -> None:
    house = small_house
    house.telegram.behaviour = failing(1, lambda: Refused(400, "Bad Request: message is too long"))
    first = house.post(5, "wait")
    house.drain()
    held = house.post(5, "later", not_before=NOW + timedelta(days=1))
    delete = Message(form=Form.DELETE)
    claimed_messages = [house.claimed(5, [words], edits=row)[0] for words, row in (("new", first), ("late", held))]
    claimed_messages += house.claimed(5, [delete], edits=first)
    house.sender.submit(claimed_messages)
    house.drain()
    assert house.telegram.said() == ["wait", "new", "late"]
    assert house.state(claimed_messages[2].id) == ("dropped", "its message was never sent")


# --- forms and files ------------------------------------------------------------------------------------------------


def test_every_form_is_said_as_the_bot_api_wants_it(small_house: House) -> None:
    house = small_house
    messages = [
        Message(form=Form.VENUE, place=Place(-8.5, 115.2, "Balai", "Jl. Raya 1")),
        Message(form=Form.LOCATION, place=Place(-8.5, 115.2)),
        Message(form=Form.QUIZ, quiz=Quiz("2+2?", ("3", "4"), 1, "Tambah.")),
        Message(form=Form.COMMANDS, role="admin"),
    ]
    house.sender.submit(house.claimed(5, messages))
    ended = [Message(form=Form.DELETE), Message(form=Form.REACTION, emoji="👍")]
    house.sender.submit(house.claimed(5, ended, edit_message_id=42))
    house.drain()
    place = {"chat_id": 5, "latitude": -8.5, "longitude": 115.2}
    assert house.telegram.calls == [
        ("sendVenue", place | {"title": "Balai", "address": "Jl. Raya 1"}),
        ("sendLocation", place),
        (
            "sendPoll",
            {
                "chat_id": 5,
                "question": "2+2?",
                "options": [{"text": "3"}, {"text": "4"}],
                "type": "quiz",
                "is_anonymous": False,
                "correct_option_ids": [1],
                "explanation": "Tambah.",
            },
        ),
        (
            "setMyCommands",
            {"commands": [{"command": "admin", "description": "id"}], "scope": {"type": "chat", "chat_id": 5}},
        ),
        ("deleteMessage", {"chat_id": 5, "message_id": 42}),
        ("setMessageReaction", {"chat_id": 5, "message_id": 42, "reaction": [{"type": "emoji", "emoji": "👍"}]}),
    ]


def test_the_id_of_a_quiz_is_written_down_before_anything_else_is_said(house: House) -> None:
    quiz, after = house.claimed(5, [Message(form=Form.QUIZ, quiz=Quiz("2+2?", ("3", "4"), 1)), "after"])
    seen: list[str | None] = []

    def behaviour(method: str, params: dict[str, Any]) -> Answer:
        if method == "sendMessage":
            seen.append(house.row(quiz.id).poll_id)
        return None

    house.telegram.behaviour = behaviour
    house.sender.submit([quiz, after])
    house.drain()
    assert seen == ["poll101"]


def test_a_file_is_uploaded_once_even_when_many_want_it_first_and_by_every_process(house: House) -> None:
    (house.root / "map.jpg").write_bytes(b"picture")
    picture = Message("map", form=Form.PHOTO, file=File("map.jpg", "image/jpeg", path="map.jpg"))
    same = Message(form=Form.DOCUMENT, file=File("map.jpg", "image/jpeg", content=b"picture"))
    house.telegram.delay = 0.02
    for chat in range(8):
        house.post(chat, picture)
    house.drain()
    assert len(house.telegram.uploads) == 1
    assert [params.get("photo") for _, params in house.telegram.calls] == [None] + ["id1"] * 7
    assert house.telegram.calls[0][1]["caption"] == "id:map"
    house.new_sender(holder="next process")
    house.post(5, picture)
    house.post(5, same)  # a photo's id is no document's
    house.post(5, same)
    house.drain()
    assert [params.get("photo") or params.get("document") for _, params in house.telegram.calls[8:]] == [
        "id1",
        None,
        "id2",
    ]


def test_a_file_id_telegram_no_longer_knows_is_forgotten_and_the_file_uploaded_once_more(house: House) -> None:
    voice = Message(form=Form.VOICE, file=File("a.ogg", "audio/ogg", content=b"voice"))
    house.post(5, voice)
    house.drain()
    wrong = Refused(400, "Bad Request: wrong remote file identifier specified: Wrong string length")
    house.telegram.behaviour = lambda method, params: wrong if params.get("voice") == "id1" else None
    rows = [house.post(chat, voice) for chat in (5, 6, 7)]
    house.drain()
    assert {house.state(row)[0] for row in rows} == {"sent"}
    assert len(house.telegram.uploads) == 2
    with house.database.transaction() as db:
        assert db.scalars(select(SentFile.telegram_file_id)).all() == ["id2"]


def test_a_file_that_is_not_there_fails_alone(small_house: House) -> None:
    house = small_house
    lost = house.post(5, Message(form=Form.PHOTO, file=File("no.jpg", "image/jpeg", path="no.jpg")))
    fine = house.post(5, "a")
    house.drain()
    assert house.state(lost) == ("failed", "file: FileNotFoundError")
    assert house.state(fine)[0] == "sent"


# --- taps, the ledger -----------------------------------------------------------------------------------------------


def test_taps_are_answered_beside_everything_else_and_late_ones_let_go(small_house: House) -> None:
    house = small_house
    house.new_sender(rate=0.01)

    async def work() -> None:
        house.sender.submit(house.claimed(5, ["a", "b"]))  # b would wait for 100 s
        house.sender.answer("q1", "Tersimpan", alert=True)
        house.sender.answer("q2")
        await until(lambda: len(house.telegram.calls) >= 3)
        house.telegram.behaviour = lambda method, params: Refused(429, "x", 100.0)
        house.sender.answer("q3")
        await asyncio.sleep(0.01)
        house.sender.answer("q4")
        await asyncio.sleep(0.01)

    while_running(house, work)
    answers = [params for method, params in house.telegram.calls if method == "answerCallbackQuery"]
    assert answers == [
        {"callback_query_id": "q1", "text": "Tersimpan", "show_alert": True},
        {"callback_query_id": "q2"},
        {"callback_query_id": "q3"},
    ]
    assert house.sender.answers_failed == 2


@pytest.mark.parametrize("sends", [True, False], ids=["a sender", "a worker, which only answers"])
def test_who_stops_answers_the_taps_of_turns_that_are_over(small_house: House, sends: bool) -> None:
    house = small_house
    house.telegram.delay = 0.001
    taps = [f"q{number}" for number in range(3 * ANSWERS_AT_ONCE)]

    async def work() -> None:
        for tap in taps:
            house.sender.answer(tap)
        await house.sender.stop()

    if sends:
        while_running(house, work)
    else:
        asyncio.run(work())
    assert [params["callback_query_id"] for _, params in house.telegram.calls] == taps
    assert not house.sender.answers_failed


def test_results_are_kept_while_the_database_fails(small_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house = small_house
    (claimed,) = house.claimed(5, ["a"])
    failures = [3]
    settle = outbox.settle

    def broken(db: Session, batch: Sequence[outbox.Result], **by: Any) -> None:
        if failures[0]:
            failures[0] -= 1
            raise OperationalError("UPDATE", {}, Exception("disk full"))
        settle(db, batch, **by)

    monkeypatch.setattr(outbox, "settle", broken)
    house.sender.submit([claimed])
    with capture_logs() as logs:
        house.drain()
    assert house.state(claimed.id)[0] == "sent"
    assert house.telegram.said() == ["a"]
    assert len(logs) == 1


def test_a_stop_before_the_first_step_of_a_run_is_heeded_once(small_house: House) -> None:
    house = small_house

    async def whole() -> None:
        house.post(5, "a")
        running = asyncio.create_task(house.sender.run())
        await house.sender.stop()
        await asyncio.wait_for(running, 10)
        assert house.telegram.said() == []
        running = asyncio.create_task(house.sender.run())
        await asyncio.wait_for(until(lambda: house.telegram.said() == ["a"]), 10)
        await house.sender.stop()
        await asyncio.wait_for(running, 10)

    asyncio.run(whole())


def test_what_was_about_to_be_got_ready_when_the_event_loop_ended_is_sent_by_the_next_run(small_house: House) -> None:
    """Its task is cancelled before its first step: none of it runs, and its chat must be free all the same."""
    house = small_house
    row = house.post(5, Message(form=Form.PHOTO, file=File("map.jpg", "image/jpeg", content=b"picture")))
    loop = asyncio.new_event_loop()

    def end_of_the_loop() -> bool:
        if house.sender.in_hand:
            loop.stop()  # with the end of this step
        return True

    house.new_sender(may_send=end_of_the_loop)
    running = loop.create_task(house.sender.run())
    loop.run_forever()
    assert house.telegram.calls == []
    for task in asyncio.all_tasks(loop):
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(running)
    loop.close()
    assert house.state(row)[0] == "waiting"
    house.drain()
    assert house.state(row)[0] == "sent"


def test_turns_hand_over_only_while_no_older_reply_waits(small_house: House) -> None:
    house = small_house

    async def work() -> None:
        await until(house.sender.accepts)
        house.post(5, "a")
        house.sender.wake()
        assert not house.sender.accepts()
        await until(house.sender.accepts)
        assert house.telegram.said() == ["a"] or house.sender.in_hand == 1

    while_running(house, work)


def test_a_flood_to_one_chat_holds_up_nobody(small_house: House) -> None:
    house = small_house
    for number in range(40):
        house.post(5, str(number))
    house.post(6, "other")
    house.new_sender(chat_rate=5, chat_burst=3, rate=30)
    house.drain()
    said = house.telegram.said()
    assert said.index("other") < 10
    assert [words for words in said if words != "other"] == [str(number) for number in range(40)]


def test_any_mixture_of_trouble_ends_with_each_message_settled_and_in_order(house: House) -> None:
    tries: defaultdict[str, int] = defaultdict(int)

    def behaviour(method: str, params: dict[str, Any]) -> Answer:
        words = params.get("text", "")
        tries[words] += 1
        number = sum(words.encode()) % 7
        if tries[words] > 1 or not words:
            return None
        return {1: AnswerLost("x"), 2: NotReached("x"), 3: Refused(429, "x", 0.2), 4: Refused(400, "Bad")}.get(number)

    house.telegram.behaviour = behaviour
    rows = []
    for number in range(60):
        if number % 2:
            (claimed,) = house.claimed(number % 5, [f"m{number:02}"])
            house.sender.submit([claimed])
            rows.append(claimed.id)
        else:
            rows.append(house.post(number % 5 + 10, f"m{number:02}"))
    house.drain()
    states = {row: house.state(row)[0] for row in rows}
    assert set(states.values()) == {"sent", "failed"}
    for chat in range(15):
        last = [params["text"] for method, params in house.telegram.calls if params.get("chat_id") == chat]
        assert last == sorted(last)

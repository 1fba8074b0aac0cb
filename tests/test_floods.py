"""Floods: whoever floods is slowed and told once; the others do not notice; nothing grows without bound."""

from __future__ import annotations

import asyncio
import itertools
import math
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from bot.delivery.outbox import OutboxRow
from bot.people import audit
from bot.people.people import Account
from bot.turns import inbox, intake
from bot.turns.floods import MAX_UNHANDLED_PER_PERSON
from bot.turns.inbox import InboxRow
from bot.turns.pace import BURST, RATE, Pace
from tests.chat import Chat, Phone, registered, staffed
from tests.sender_time import SenderTime
from tests.test_record import cancelled

ADMIN = 9001
BATCH = 100
"""As many as Telegram gives at once."""


@pytest.fixture
def real_time() -> SenderTime:
    """Passes when somebody waits for the pace, and only then."""
    return SenderTime()


def at_pace(url: str, real_time: SenderTime) -> Chat:
    """A chat in which nobody may be quicker than outside of tests."""
    pace = Pace(monotonic=lambda: real_time.now, sleep=real_time.sleep)
    return Chat(url, admin_ids=(ADMIN,), pace=pace)


@pytest.fixture
def paced(database_url: str, real_time: SenderTime) -> Iterator[Chat]:
    with closing(at_pace(database_url, real_time)) as opened:
        yield opened


def command(text: str) -> dict[str, Any]:
    return {"type": "bot_command", "offset": 0, "length": len(text)}


def pours(
    chat: Chat, updates: Sequence[Mapping[str, Any]], pause: Callable[[], Awaitable[None]] = lambda: asyncio.sleep(0)
) -> int:
    """All of them come as fast as they are taken, with a pause after each batch; returns how many were in memory at
    the most."""
    numbered = [{"update_id": 10_000 + number, **update} for number, update in enumerate(updates)]
    most = 0

    async def pour() -> None:
        nonlocal most
        for begin in range(0, len(numbered), BATCH):
            await chat.app.inbox.take(numbered[begin : begin + BATCH])
            most = max(most, sum(map(len, chat.app.inbox._queues.values())))
            await pause()
        await chat.app.settled()

    chat._loop.run_until_complete(pour())
    return most


def told_to_slow_down(chat: Chat, phone: Phone) -> int:
    with chat.database.transaction() as db:
        account = phone.account(db)
        assert account is not None
        query = select(func.count()).where(OutboxRow.account_id == account.id, OutboxRow.once.like("slow_down:%"))
        return db.scalar(query) or 0


def test_five_thousand_messages_of_one_person(chat: Chat) -> None:
    siti, anton = registered(chat, "Siti"), registered(chat, "Anton")
    flood: list[Mapping[str, Any]] = [siti.message(text=f"halo {number}") for number in range(5_000)]
    for place in range(4_500, 0, -500):
        flood.insert(place, anton.message(text="/menu"))
    most = pours(chat, flood)
    assert most <= MAX_UNHANDLED_PER_PERSON + 10
    assert chat.app.inbox.failed == 0
    assert told_to_slow_down(chat, siti) == 1
    assert told_to_slow_down(chat, anton) == 0
    assert len(anton.bubbles) == 9  # each of Anton's messages has its answer
    assert MAX_UNHANDLED_PER_PERSON <= len(siti.bubbles) <= chat.app.inbox.handled
    said = [int(params["chat_id"]) for method, params in chat.telegram.calls if method == "sendMessage"]
    between = [at for at, who in enumerate(said) if who == anton.id]
    assert between[0] < len(said) - 1 - said[::-1].index(siti.id), "Anton waited behind the flood"
    with chat.database.transaction() as db:
        assert inbox.number_undone(db) == 0
        assert not db.scalar(select(func.count()).where(InboxRow.payload.is_not(None)))


# --- the pace of one account ----------------------------------------------------------------------------------------


def menus(chat: Chat, phone: Phone) -> list[str]:
    """What the bot said to this phone, the word about the pace apart."""
    return [bubble.text for bubble in phone.bubbles if "banyak sekaligus" not in bubble.text]


def test_whoever_is_too_fast_waits_is_told_once_and_loses_nothing(paced: Chat, real_time: SenderTime) -> None:
    siti, anton = registered(paced, "Siti"), registered(paced, "Anton")
    began = real_time.now
    texts = [f"/{('jadwal', 'kelas')[number % 2]}" for number in range(BURST + 30)]
    many = [siti.message(text=text, entities=[command(text)]) for text in texts]
    before = len(paced.telegram.calls)
    paced.deliver_all([*many, anton.message(text="/jadwal", entities=[command("/jadwal")])])
    expected = ["belum punya kelas" if text == "/jadwal" else "Belum ada kelas" for text in texts]
    assert len(menus(paced, siti)) == len(texts)
    assert all(words in text for words, text in zip(expected, menus(paced, siti), strict=True)), "in their order"
    assert told_to_slow_down(paced, siti) == 1
    assert told_to_slow_down(paced, anton) == 0
    assert real_time.now - began == pytest.approx(30 / RATE)
    said = [int(params["chat_id"]) for method, params in paced.telegram.calls[before:] if method == "sendMessage"]
    assert said.index(anton.id) <= BURST + 1, "nobody else waits for those that are slowed"


def test_whoever_stays_below_the_pace_never_meets_it(paced: Chat, real_time: SenderTime) -> None:
    """A trainer ticks off a whole class, a dozen names in a breath."""
    maria = staffed(paced, "Maria")
    began = real_time.now
    for _ in range(20):
        paced.deliver_all([maria.tap_update("menu:show") for _ in range(12)], maria)
        assert real_time.now == began
        real_time.now = began = began + 12 / RATE
    assert told_to_slow_down(paced, maria) == 0


def test_two_thousand_forged_taps_are_slowed_and_push_no_deed_out_of_the_record(
    paced: Chat, real_time: SenderTime
) -> None:
    paced.add_class()
    maria, anton = staffed(paced, "Maria"), registered(paced, "Anton")
    cancelled(maria)
    boss = paced.phone("Dewi", ADMIN).types("/status")
    stranger = paced.phone("Joni")
    began = real_time.now
    taps = [stranger.tap_update("staff:list") for _ in range(2_000)]
    flood: list[Mapping[str, Any]] = [*taps]
    for place in range(1_900, 0, -100):
        flood.insert(place, anton.message(text="/jadwal", entities=[command("/jadwal")]))
    pours(paced, flood, pause=lambda: real_time.sleep(0.02 * BATCH))  # fifty a second
    assert len(menus(paced, anton)) == 19
    assert set(paced.telegram.answers) >= {tap["callback_query"]["id"] for tap in taps}, "a button turns for ever"
    with paced.database.transaction() as db:
        refused = sum(row.times for row in audit.refusals(db, limit=1_000))
    assert BURST < refused <= BURST + RATE * (real_time.now - began) + 1
    assert refused < len(taps) / 2, "nobody was slowed"
    assert told_to_slow_down(paced, stranger) == 1
    assert told_to_slow_down(paced, anton) == 0
    real_time.now += 60
    boss.types("/catatan").sees("Maria membatalkan kelas").does_not_see("tidak diizinkan")


def test_nobody_is_too_fast_because_the_database_was_away(paced: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be stored is brought again and again."""
    siti = registered(paced, "Siti")
    few = [{"update_id": 1_000 + one, **siti.message(text="/jadwal")} for one in range(5)]
    real, failures = paced.app.inbox._store, itertools.count(1)

    def store(*given: Any) -> inbox.Received:
        received = real(*given)
        if next(failures) <= 2 * BURST:
            raise OperationalError("COMMIT", {}, RuntimeError("the disk is full"))
        return received

    monkeypatch.setattr(paced.app.inbox, "_store", store)
    for _ in range(2 * BURST):
        with pytest.raises(OperationalError):
            paced.wait_for(paced.app.inbox.accept(few))
    paced.wait_for(paced.app.inbox.accept(few))
    paced.wait_for(paced.app.settled())
    assert len(menus(paced, siti)) == len(few)
    assert told_to_slow_down(paced, siti) == 0


def test_a_stop_waits_for_nobody_who_is_held_and_the_next_process_goes_on(paced: Chat, real_time: SenderTime) -> None:
    siti = registered(paced, "Siti")
    stand_still = asyncio.Event()

    async def sleep(_seconds: float) -> None:
        await stand_still.wait()

    paced.app.pace.sleep = sleep
    many = [{"update_id": 1_000 + one, **siti.message(text="/jadwal")} for one in range(BURST + 5)]

    async def stop() -> None:
        await paced.app.inbox.take(many)
        async with asyncio.timeout(10):
            await paced.app.inbox.until_idle(held=False)

    paced.wait_for(stop())
    with paced.database.transaction() as db:
        assert inbox.number_undone(db) == 5
    paced.app.pace.sleep = real_time.sleep
    paced.restart()
    paced.wait_for(paced.app.settled())
    with paced.database.transaction() as db:
        assert inbox.number_undone(db) == 0
    assert len(menus(paced, siti)) == BURST + 5


def test_those_who_are_held_leave_room_for_all_others(paced: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for the sake of its pace does not count as too much in memory, and is bounded by itself."""
    monkeypatch.setattr(intake, "MAX_IN_MEMORY", 150)
    stand_still = asyncio.Event()

    async def sleep(_seconds: float) -> None:
        await stand_still.wait()

    paced.app.pace.sleep = sleep
    loud = [registered(paced, f"Orang {number}") for number in range(5)]
    anton = registered(paced, "Anton")
    ids = itertools.count(1_000)

    async def pour() -> None:
        for _ in range(BURST + MAX_UNHANDLED_PER_PERSON):
            await paced.app.inbox.take([{"update_id": next(ids), **one.message(text="/jadwal")} for one in loud])
            async with asyncio.timeout(10):
                await paced.app.inbox.until_idle(held=False)
        assert paced.app.inbox.has_room
        await paced.app.inbox.take([{"update_id": next(ids), **anton.message(text="/jadwal")}])
        async with asyncio.timeout(10):
            await paced.app.inbox.until_idle(held=False)

    paced.wait_for(pour())
    with paced.database.transaction() as db:
        waiting = inbox.number_undone(db)
    assert 150 <= waiting <= 150 + len(loud)
    paced.wait_for(paced.app.sender.drain())
    assert menus(paced, anton)


@pytest.mark.postgresql
def test_a_worker_leaves_out_who_is_too_fast(postgresql_url: str, real_time: SenderTime) -> None:
    """Several processes claim from the table; each keeps the pace of what it claims."""
    with closing(at_pace(postgresql_url, real_time)) as paced:
        _is_left_out(paced, real_time)


def _is_left_out(paced: Chat, real_time: SenderTime) -> None:
    siti, anton = registered(paced, "Siti"), registered(paced, "Anton")
    with paced.database.transaction() as db:
        many = [siti.message(text="/jadwal") | {"update_id": 1_000 + one} for one in range(BURST + 10)]
        inbox.receive(db, [*many, anton.message(text="/jadwal") | {"update_id": 2_000}], paced.now, paced.app.pace)
    turns, pace = paced.app.turns, paced.app.pace

    def handled() -> int:
        number = 0
        while (done := turns.run_next(64)) is not None:
            number += done.handled
        return number

    assert handled() == BURST + 1
    assert pace.until_next() == pytest.approx(1 / RATE)
    real_time.now += 2.001 / RATE
    assert handled() == 2
    real_time.now += 60
    assert handled() == 8
    assert pace.until_next() == math.inf
    assert told_to_slow_down(paced, siti) == 1


# --- many at once ---------------------------------------------------------------------------------------------------


def test_after_the_flood_all_is_as_before(chat: Chat) -> None:
    siti = registered(chat, "Siti")
    pours(chat, [siti.message(text="halo") for _ in range(300)])
    siti.types("/menu").sees("Ada yang bisa kami bantu")
    pours_again = [siti.message(text="halo") for _ in range(300)]
    chat.travel(minutes=11)
    before = told_to_slow_down(chat, siti)
    chat.deliver_all(pours_again)
    assert told_to_slow_down(chat, siti) == before + 1  # another flood, another word


def test_a_flood_across_ten_minutes_to_the_hour_is_told_once(chat: Chat) -> None:
    siti = registered(chat, "Siti")
    chat.travel(minutes=(9 - chat.now.minute) % 10)
    chat.deliver_all([siti.message(text="halo") for _ in range(MAX_UNHANDLED_PER_PERSON + 1)])
    chat.travel(minutes=2)
    chat.deliver_all([siti.message(text="halo") for _ in range(MAX_UNHANDLED_PER_PERSON + 1)])
    assert told_to_slow_down(chat, siti) == 1
    chat.travel(minutes=9)
    chat.deliver_all([siti.message(text="halo") for _ in range(MAX_UNHANDLED_PER_PERSON + 1)])
    assert told_to_slow_down(chat, siti) == 2


def test_strangers_who_flood_are_told_too(chat: Chat) -> None:
    """Two hundred at once, and one of them all the time. Nobody knows them yet when their first message comes."""
    phones = [chat.phone(f"Orang {number}") for number in range(200)]
    siti = registered(chat, "Siti")
    loud = [phones[0].message(text="/start") for _ in range(10 * MAX_UNHANDLED_PER_PERSON)]
    most = pours(chat, [*loud, *(phone.message(text="/start") for phone in phones * 3), siti.message(text="/menu")])
    assert most <= MAX_UNHANDLED_PER_PERSON + 3 * len(phones) + 1
    assert siti.bubbles
    assert all(phone.bubbles for phone in phones)
    assert [told_to_slow_down(chat, phone) for phone in phones[:3]] == [1, 0, 0]
    with chat.database.transaction() as db:
        assert db.scalar(select(func.count()).select_from(Account)) == len(phones) + 1
        assert inbox.number_undone(db) == 0
    assert chat.app.inbox.failed == 0


def test_every_tap_of_a_flood_stops_spinning_once(chat: Chat) -> None:
    siti = registered(chat, "Siti").types("/menu")
    taps = [siti.tap_update("menu:show") for _ in range(1_000)]
    pours(chat, taps)
    assert set(chat.telegram.answers) == {tap["callback_query"]["id"] for tap in taps}


def test_a_flood_by_the_webhook_is_judged_by_what_waits_in_the_table(chat: Chat) -> None:
    """Other processes handle what comes: how much of somebody's waits, only the table knows."""
    siti, anton = registered(chat, "Siti"), registered(chat, "Anton")
    with chat.database.transaction() as db:
        waiting = 0
        for number in range(30):
            updates = [siti.message(text="halo") | {"update_id": 1_000 + 10 * number + one} for one in range(10)]
            received = inbox.receive(db, updates, chat.now)
            waiting += len(received.arrivals)
            assert len(received.arrivals) + len(received.let_go) == 10
        assert waiting == MAX_UNHANDLED_PER_PERSON
        assert len(inbox.receive(db, [anton.message(text="/menu") | {"update_id": 5}], chat.now).arrivals) == 1
    assert told_to_slow_down(chat, siti) == 1

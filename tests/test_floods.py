"""Floods: whoever floods is slowed and told once; the others do not notice; nothing grows without bound."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from bot.delivery.outbox import OutboxRow
from bot.people.people import Account
from bot.turns import inbox
from bot.turns.inbox import MAX_UNHANDLED_PER_PERSON, InboxRow
from tests.chat import Chat, Phone, registered

BATCH = 100
"""As many as Telegram gives at once."""


def pours(chat: Chat, updates: Sequence[Mapping[str, Any]]) -> int:
    """All of them come as fast as they are taken; returns how many were in memory at the most."""
    numbered = [{"update_id": 10_000 + number, **update} for number, update in enumerate(updates)]
    most = 0

    async def pour() -> None:
        nonlocal most
        for begin in range(0, len(numbered), BATCH):
            await chat.app.inbox.take(numbered[begin : begin + BATCH])
            most = max(most, sum(map(len, chat.app.inbox._queues.values())))
            await asyncio.sleep(0)
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
    chat.deliver_all([siti.message(text="halo") for _ in range(60)])
    chat.travel(minutes=2)
    chat.deliver_all([siti.message(text="halo") for _ in range(60)])
    assert told_to_slow_down(chat, siti) == 1
    chat.travel(minutes=9)
    chat.deliver_all([siti.message(text="halo") for _ in range(60)])
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

"""Updates as no Telegram sends them: of any shape, out of order, twice; and kinds of messages nobody asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot import inbox
from bot.inbox import InboxRow
from bot.wellformed import plain, plain_json
from tests.chat import Chat, registered

quick = settings(
    deadline=None,
    derandomize=True,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

TEXTS = st.text(
    st.one_of(st.characters(codec=None), st.sampled_from("\x00\x1b\x85\ud800\udfff\ufffe\u202e")), max_size=9
)
NUMBERS = st.one_of(
    st.integers(), st.sampled_from([0, -1, 2**63 - 1, 2**63, 10**400]), st.floats(), st.booleans(), st.none()
)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.one_of(NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=8,
)


def shaped(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """An object with some of these fields, or anything else."""
    return st.one_of(st.fixed_dictionaries({}, optional=fields), ANYTHING)


CHAT = shaped(id=NUMBERS, type=st.sampled_from(["private", "group", "channel", None, 7]))
USER = shaped(id=st.one_of(st.integers(1, 10**6), NUMBERS, TEXTS), is_bot=st.booleans(), first_name=TEXTS)
MESSAGE = shaped(message_id=NUMBERS, date=NUMBERS, chat=CHAT, **{"from": USER}, text=ANYTHING)
UPDATE = shaped(
    update_id=st.one_of(st.integers(1, 10**6), NUMBERS, TEXTS),
    message=MESSAGE,
    callback_query=shaped(id=st.one_of(TEXTS, NUMBERS), message=MESSAGE, data=ANYTHING, **{"from": USER}),
    poll_answer=shaped(user=USER, poll_id=ANYTHING),
    my_chat_member=MESSAGE,
    business_message=MESSAGE,
    edited_message=MESSAGE,
)


# --- any shape ----------------------------------------------------------------------------------------------------


@quick
@given(st.lists(UPDATE, max_size=4))
def test_whatever_json_comes_is_kept_or_left_out(chat: Chat, updates: list[Any]) -> None:
    """None of it stops what came beside it, and what is kept can be read again after a crash."""
    with chat.database.transaction() as db:
        begun = db.begin_nested()
        received = inbox.receive(db, updates, chat.now)
        kept = {row.update_id: row for row in db.scalars(select(InboxRow))}
        assert set(kept) == {number for one in updates if (number := inbox.number_of(one)) is not None}
        for arrival in received.arrivals:
            payload = kept[arrival.update_id].payload
            assert payload is not None
            again = json.loads(payload)
            json.dumps(again, ensure_ascii=False).encode()
            assert "\\u0000" not in payload
            assert (again == arrival.payload) or "NaN" in payload
        inbox.spinners(updates, set(kept))
        begun.rollback()


def test_what_cannot_be_written_down_is_let_pass(chat: Chat) -> None:
    siti = registered(chat)
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    chat.deliver_all([{"message": deep}, siti.message(text=deep), siti.message(text="/menu")], siti)
    siti.sees("Menu")
    assert chat.app.inbox.failed == 0


@pytest.mark.parametrize("update_id", ["7", -7, 0, True, 2**63, 7.5, None, [7]])
def test_a_number_that_is_none_stops_nobody(chat: Chat, update_id: Any) -> None:
    siti = registered(chat)
    chat.deliver_all([siti.message(text="/menu") | {"update_id": update_id}, siti.message(text="/menu")], siti)
    siti.sees("Menu")
    assert chat.app.inbox.failed == 0


@quick
@given(TEXTS, ANYTHING)
def test_texts_become_plain_and_keep_their_length_in_utf_16(text: str, value: Any) -> None:
    clean = plain(text)
    assert len(clean) == len(text)
    clean.encode()
    assert plain(clean) == clean
    assert plain_json(text, json.dumps(text)) == clean
    written = json.dumps(value)
    kept = plain_json(value, written)
    json.dumps(kept, ensure_ascii=False).encode()
    assert "\\u0000" not in json.dumps(kept)


# --- twice, and in any order ----------------------------------------------------------------------------------------


def test_replays_are_handled_once_wherever_they_come(chat: Chat) -> None:
    """In one batch, in the next, after it was handled, and in the next process."""
    session = chat.add_class(capacity=1)
    siti = registered(chat, "Siti")
    take = siti.tap_update(f"enrolment:take:{session}") | {"update_id": 900}
    chat.deliver_all([take, take, siti.message(text="/jadwal") | {"update_id": 901}, take], siti)
    siti.sees("Foto Produk")
    for _ in range(2):
        chat.deliver_all([take], siti)
        siti.sees_nothing_new()
        chat.restart()
    assert chat.app.inbox.failed == 0


def test_an_older_number_that_comes_later_is_handled_too(chat: Chat) -> None:
    siti, anton = registered(chat, "Siti"), registered(chat, "Anton")
    chat.deliver_all([siti.message(text="/menu") | {"update_id": 2**62}], siti)
    chat.deliver_all([anton.message(text="/menu") | {"update_id": 5}], anton)
    anton.sees("Menu")


def test_a_batch_that_comes_twice_tries_nobodys_patience(chat: Chat) -> None:
    """Fifteen messages and their fifteen replays are no flood."""
    siti = registered(chat, "Siti")
    fifteen = [siti.message(text=f"halo {n}") | {"update_id": 1000 + n} for n in range(15)]
    chat.deliver_all(fifteen + fifteen, siti)
    assert chat.app.inbox.let_go == 0
    assert chat.app.inbox.handled == 15

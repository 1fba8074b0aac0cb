"""Updates as no Telegram sends them: of any shape, out of order, twice; and kinds of messages nobody asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from telegram import Message as TelegramMessage

from bot.people.people import Person
from bot.telegram.html import parse_html
from bot.telegram.sanitize import plain, plain_json
from bot.turns import inbox
from bot.turns.inbox import InboxRow
from handlers.broadcasts.writing import marked_up
from tests.chat import Chat, registered
from tests.every_question import ADMIN, Rooms

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
        inbox.unanswered_callback_ids(updates, set(kept))
        begun.rollback()


def test_what_cannot_be_written_down_is_let_pass(chat: Chat) -> None:
    siti = registered(chat)
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    chat.deliver_all([{"message": deep}, siti.message(text=deep), siti.message(text="/menu")], siti)
    siti.sees("Ada yang bisa kami bantu")
    assert chat.app.inbox.failed == 0


@pytest.mark.parametrize("update_id", ["7", -7, 0, True, 2**63, 7.5, None, [7]])
def test_a_number_that_is_none_stops_nobody(chat: Chat, update_id: Any) -> None:
    siti = registered(chat)
    chat.deliver_all([siti.message(text="/menu") | {"update_id": update_id}, siti.message(text="/menu")], siti)
    siti.sees("Ada yang bisa kami bantu")
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
    anton.sees("Ada yang bisa kami bantu")


def test_a_batch_that_comes_twice_tries_nobodys_patience(chat: Chat) -> None:
    """Fifteen messages and their fifteen replays are no flood."""
    siti = registered(chat, "Siti")
    fifteen = [siti.message(text=f"halo {n}") | {"update_id": 1000 + n} for n in range(15)]
    chat.deliver_all(fifteen + fifteen, siti)
    assert chat.app.inbox.let_go == 0
    assert chat.app.inbox.handled == 15


# --- kinds nobody asked for -------------------------------------------------------------------------------------------

FILE = {"file_id": "f", "file_unique_id": "f"}
PHOTO = [FILE | {"width": 9, "height": 9}]
OTHER = {"id": 77, "is_bot": False, "first_name": "Orang"}
KINDS: dict[str, dict[str, Any]] = {
    "photo": {"photo": PHOTO, "caption": "KTP saya"},
    "album": {"photo": PHOTO, "media_group_id": "1"},
    "no photo": {"photo": []},
    "sticker": {"sticker": FILE | {"type": "regular", "width": 1, "height": 1, "is_animated": False,
                                   "is_video": False}},
    "voice": {"voice": FILE | {"duration": 1}},
    "audio": {"audio": FILE | {"duration": 1}},
    "video note": {"video_note": FILE | {"duration": 1, "length": 1}},
    "animation": {"animation": FILE | {"duration": 1, "width": 1, "height": 1}, "document": FILE},
    "document": {"document": FILE | {"file_name": "x" * 255 + ".exe", "mime_type": "\x00"}},
    "nameless document": {"document": FILE},
    "a contact of somebody else": {"contact": {"phone_number": "+628111", "first_name": "Orang", "user_id": 77}},
    "a contact without a user": {"contact": {"phone_number": "+628111234567", "first_name": "\u202e"}},
    "location": {"location": {"latitude": -8.5, "longitude": 119.88}},
    "a location nowhere": {"location": {"latitude": 1e9, "longitude": -1e9}},
    "venue": {"venue": {"location": {"latitude": -8.5, "longitude": 119.88}, "title": "<b>", "address": "&"},
              "location": {"latitude": -8.5, "longitude": 119.88}},
    "dice": {"dice": {"emoji": "🎲", "value": 6}},
    "game": {"game": {"title": "x", "description": "x", "photo": PHOTO}},
    "poll": {"poll": {"id": "9", "question": "?", "options": [], "total_voter_count": 0, "is_closed": False,
                      "is_anonymous": True, "type": "regular", "allows_multiple_answers": False,
                      "allows_revoting": False, "members_only": False}},
    "forwarded": {"text": "/hapus_data", "forward_origin": {"type": "user", "date": 0, "sender_user": OTHER}},
    "by a bot": {"text": "Siti", "via_bot": {"id": 5, "is_bot": True, "first_name": "x", "username": "x_bot"}},
    "a reply": {"text": "Siti", "reply_to_message": {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}}},
    "passport": {"passport_data": {"data": [], "credentials": {"data": "", "hash": "", "secret": ""}}},
    "something new": {"hologram": {"depth": 3}},
    "odd markup": {"text": "Siti", "entities": [{"type": "bold", "offset": 2, "length": 999},
                                                {"type": "text_link", "offset": 0, "length": 4, "url": "javascript:x"},
                                                {"type": "text_mention", "offset": 0, "length": 1, "user": OTHER},
                                                {"type": "new", "offset": -5, "length": 0}]},
    "markup amid an emoji": {"text": "😀😀", "entities": [{"type": "bold", "offset": 1, "length": 2},
                                                         {"type": "italic", "offset": 2, "length": 2}]},
    "a command further on": {"text": "eh /menu", "entities": [{"type": "bot_command", "offset": 3, "length": 5}]},
    "a command out of bounds": {"text": "/", "entities": [{"type": "bot_command", "offset": 0, "length": 50}]},
}  # fmt: skip
SERVICE: dict[str, dict[str, Any]] = {
    "web app": {"web_app_data": {"data": "x", "button_text": "x"}},
    "shared users": {"users_shared": {"request_id": 1, "users": [{"user_id": 77}]}},
    "pinned": {"pinned_message": {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}}},
    "allowed": {"write_access_allowed": {"from_request": True}},
}
"""What Telegram notes down in a chat: nobody waits for an answer."""


@pytest.fixture
def rooms(database_url: str) -> Iterator[Rooms]:
    opened = Chat(database_url, admin_ids=(ADMIN, ADMIN + 1))
    try:
        yield Rooms(opened)
    finally:
        opened.close()


def test_whatever_people_send_is_answered_in_every_room_and_not_kept(
    rooms: Rooms, capsys: pytest.CaptureFixture[str]
) -> None:
    everywhere = list(rooms.people.items())
    step = 4 if rooms.chat.database.is_sqlite else 8
    for number, (kind, content) in enumerate(KINDS.items()):
        people = dict(everywhere[number % step :: step])
        rooms.hear([(phone, phone.message(**content)) for phone in people.values()])
        said = capsys.readouterr().out
        assert "turn failed" not in said, f"{kind}: {said}"
        rooms.nothing_failed()
        rooms.all_can_be_sent()
        for name, phone in people.items():
            assert phone.new, f"{name} heard nothing after {kind}"
        for phone in rooms.others(people):
            phone.sees_nothing_new()
        rooms.put_back()
    with rooms.chat.database.transaction() as db:
        assert inbox.number_undone(db) == 0
        assert not list(db.scalars(select(InboxRow.payload).where(InboxRow.payload.is_not(None))))
        phones = list(db.scalars(select(Person.phone).where(Person.phone.is_not(None))))
        assert not phones, "the number of somebody who was not asked"


def test_what_is_not_for_us_is_left_alone(chat: Chat) -> None:
    siti = registered(chat, "Siti")
    message = siti.message(text="/menu")["message"]
    group = message | {"chat": {"id": -100, "type": "supergroup", "title": "RT 05"}}
    nobody = {name: value for name, value in message.items() if name != "from"}
    updates: list[dict[str, Any]] = [
        {"edited_message": message | {"chat": {"id": -100, "type": "supergroup", "title": "RT 05"}}},
        {"edited_message": message | {"text": None, "location": {"latitude": -8.5, "longitude": 119.9}}},
        {"channel_post": message | {"chat": {"id": -1, "type": "channel"}}},
        {"business_message": message},
        {"deleted_business_messages": {"business_connection_id": "x", "chat": message["chat"], "message_ids": [1]}},
        {"message_reaction": {"chat": message["chat"], "message_id": 1, "user": siti.user, "date": 0}},
        {"inline_query": {"id": "1", "from": siti.user, "query": "x", "offset": ""}},
        {"pre_checkout_query": {"id": "1", "from": siti.user, "currency": "IDR", "total_amount": 1}},
        {"something_new": {"from": siti.user}},
        {},
        {"message": group},
        {"message": nobody},
        {"message": message | {"sender_chat": {"id": -5, "type": "channel"}, "from": None}},
        {"callback_query": siti.tap_update("menu:show")["callback_query"] | {"message": group}},
        *(siti.message(**content) for content in SERVICE.values()),
    ]
    for update in updates:
        chat.deliver(update, siti)
        siti.sees_nothing_new()
    assert chat.app.inbox.failed == 0
    with chat.database.transaction() as db:
        assert inbox.number_undone(db) == 0
        assert not list(db.scalars(select(InboxRow.sender_id).where(InboxRow.sender_id.is_not(None))))


def test_blocked_by_anything_is_only_noted(chat: Chat) -> None:
    siti = registered(chat, "Siti")
    for status in ("kicked", "left", "member", "restricted", "administrator", "owner of all"):
        member = {"user": {"id": 1, "is_bot": True, "first_name": "Jalin"}, "status": status}
        change = {"chat": {"id": siti.id, "type": "private"}, "from": siti.user, "date": 0,
                  "old_chat_member": member, "new_chat_member": member}  # fmt: skip
        chat.deliver({"my_chat_member": change}, siti)
        siti.sees_nothing_new()
    assert chat.app.inbox.failed == 0


@quick
@given(st.lists(st.tuples(st.sampled_from(["bold", "italic", "text_link", "code", "pre", "blockquote", "spoiler", "x"]),
                          st.integers(-3, 12), st.integers(-3, 12)), max_size=5), TEXTS)  # fmt: skip
def test_any_markup_of_an_announcement_is_what_telegram_takes(marks: list[tuple[str, int, int]], text: str) -> None:
    url = "http://x?a=\"'<&"
    entities = [{"type": kind, "offset": at, "length": length, "url": url} for kind, at, length in marks]
    content = {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}, "text": plain(text) or "x"}
    received = TelegramMessage.de_json(content | {"entities": entities}, None)
    html = marked_up(received)
    assert parse_html(html)[0] == received.text


def test_only_ones_own_number_is_kept(chat: Chat) -> None:
    """A card from the phone's address book: of somebody on Telegram, or of somebody who is not."""
    siti = registered(chat, "Siti")
    for owner in ({"user_id": 77}, {}):
        siti.sends_tap("registration:ask:phone:profile")
        siti.sends(contact={"phone_number": "+6281234567890", "first_name": "Orang", **owner}).sees("Belum terbaca")
    with chat.database.transaction() as db:
        assert siti.person(db).phone is None

"""An update that is read only as far as somebody asks answers every question as python-telegram-bot's own does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from telegram import Bot, Message, TelegramObject, Update
from telegram.ext import filters

from bot.telegram import updates
from bot.telegram.updates import LazyMessage

BOT = Bot("1:made-up")
PERSON = {"id": 1_000_001, "is_bot": False, "first_name": "Siti", "language_code": "id"}
CHAT = {"id": 1_000_001, "type": "private", "first_name": "Siti"}
FILE = {"file_id": "file-1", "file_unique_id": "unique-1", "file_size": 1}
PLACE = {"latitude": -8.5, "longitude": 119.9}
BOLD = {"type": "bold", "offset": 0, "length": 4}
KEYBOARD = {"inline_keyboard": [[{"text": "Menu", "callback_data": "menu:show"}]]}

SAID: dict[str, dict[str, Any]] = {
    "text": {"text": "Siti"},
    "bold": {"text": "Siti", "entities": [BOLD]},
    "command": {"text": "/menu", "entities": [{"type": "bot_command", "offset": 0, "length": 5}]},
    "reply": {"text": "Ya", "reply_to_message": {"message_id": 3, "date": 1, "chat": CHAT, "text": "Ikut?"}},
    "with link": {"text": "https://example.org", "link_preview_options": {"is_disabled": True}},
    "forwarded": {"text": "Ya", "forward_origin": {"type": "hidden_user", "sender_user_name": "Ani", "date": 1}},
    "forwarded long ago": {"text": "Ya", "forward_sender_name": "Ani", "forward_date": 1},
    "picture": {"photo": [FILE | {"width": 1, "height": 1}], "caption": "Kue", "caption_entities": [BOLD]},
    "document": {"document": FILE | {"file_name": "kelas.xlsx"}},
    "voice": {"voice": FILE | {"duration": 3}},
    "video": {"video": FILE | {"duration": 3, "width": 1, "height": 1}, "media_group_id": "9"},
    "sticker": {
        "sticker": FILE | {"width": 1, "height": 1, "is_animated": False, "is_video": False, "type": "regular"}
    },
    "location": {"location": PLACE},
    "venue": {"location": PLACE, "venue": {"location": PLACE, "title": "Aula", "address": "Jl. Soekarno"}},
    "contact": {"contact": {"phone_number": "+62800", "first_name": "Siti", "user_id": 1_000_001}},
    "dice": {"dice": {"emoji": "🎲", "value": 3}},
    "joined": {"new_chat_members": [PERSON]},
    "pinned": {"pinned_message": {"message_id": 3, "date": 0, "chat": CHAT}},
    "edited": {"text": "Siti", "edit_date": 2, "via_bot": {"id": 5, "is_bot": True, "first_name": "Bot"}},
    "buttons": {"text": "Menu", "entities": [BOLD], "reply_markup": KEYBOARD},
    "of tomorrow": {"text": "Siti", "hologram": {"size": 3}},
    "empty": {},
}


def message(content: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {"message_id": 5, "date": 1_700_000_000, "from": PERSON, "chat": CHAT, **content, **changed}


def tap(content: dict[str, Any], **changed: Any) -> dict[str, Any]:
    query = {"id": "77", "from": PERSON, "chat_instance": "1", "data": "menu:show", "message": message(content)}
    return {"callback_query": query | changed}


UPDATES: dict[str, dict[str, Any]] = {
    **{f"message, {name}": {"message": message(content)} for name, content in SAID.items()},
    **{f"tap, {name}": tap(content) for name, content in SAID.items()},
    "without a sender": {"message": {name: value for name, value in message(SAID["text"]).items() if name != "from"}},
    "in a group": {"message": message(SAID["text"], chat={"id": -5, "type": "supergroup", "title": "Kelas"})},
    "tap, too old": tap({}, message={"message_id": 5, "date": 0, "chat": CHAT}),
    "tap, inline": {"callback_query": {"id": "77", "from": PERSON, "chat_instance": "1", "inline_message_id": "8"}},
    "tap, of tomorrow": tap(SAID["text"], hologram=1),
    "message and more": {"message": message(SAID["text"]), "hologram": 1},
    "edited message": {"edited_message": message(SAID["text"])},
    "vote": {"poll_answer": {"poll_id": "9", "user": PERSON, "option_ids": [1], "option_persistent_ids": ["1"]}},
    "blocked": {
        "my_chat_member": {
            "chat": CHAT,
            "from": PERSON,
            "date": 1,
            "old_chat_member": {"user": PERSON, "status": "member"},
            "new_chat_member": {"user": PERSON, "status": "kicked", "until_date": 0},
        }
    },
}


def answers(thing: Any) -> Any:
    """All that an object of python-telegram-bot tells, down to the last."""
    if isinstance(thing, tuple | list):
        return [answers(one) for one in thing]
    if not isinstance(thing, TelegramObject):
        return thing
    kind = Message if isinstance(thing, Message) else type(thing)
    told = {name: answers(getattr(thing, name)) for name in fields(kind)}
    return kind, told


def fields(kind: type) -> Iterator[str]:
    for one in kind.__mro__[:-1]:
        for name in one.__slots__:  # type: ignore[attr-defined]
            # when these were worked out is their own affair
            if name not in ("_bot", "_id_attrs", "_frozen") and not name.startswith("_effective"):
                yield name


@pytest.mark.parametrize("name", UPDATES)
def test_it_answers_as_the_library_does(name: str) -> None:
    payload = {"update_id": 1, **UPDATES[name]}
    theirs, ours = Update.de_json(dict(payload), BOT), updates.read(payload, BOT)
    assert answers(ours) == answers(theirs)
    assert ours == theirs
    assert ours.to_dict() == theirs.to_dict()
    assert answers(ours.effective_user) == answers(theirs.effective_user)
    assert answers(ours.effective_chat) == answers(theirs.effective_chat)
    mine, other = ours.effective_message, theirs.effective_message
    assert answers(mine) == answers(other)
    if mine is not None and other is not None:
        assert answers(mine.effective_attachment) == answers(other.effective_attachment)
        assert mine.is_accessible == other.is_accessible
        assert mine.text_html == other.text_html
        assert mine.get_bot() is BOT
        with pytest.raises(AttributeError):
            mine.text = "something else"


def test_the_filters_decide_alike() -> None:
    chosen = [filters.TEXT, filters.COMMAND, filters.LOCATION, filters.CONTACT, filters.PHOTO, filters.Document.ALL,
              filters.VIDEO, filters.VOICE, filters.StatusUpdate.ALL, filters.ChatType.PRIVATE,
              filters.UpdateType.MESSAGE, filters.ATTACHMENT, filters.FORWARDED, filters.REPLY]  # fmt: skip
    for payload in ({"update_id": 1, **one} for one in UPDATES.values()):
        theirs, ours = Update.de_json(dict(payload), BOT), updates.read(payload, BOT)
        for one in chosen:
            assert bool(one.check_update(ours)) == bool(one.check_update(theirs))


def test_only_what_is_asked_for_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    whole = Message.de_json

    def noted(data: dict[str, Any], bot: Bot | None = None) -> Message:
        made.append(data)
        return whole(data, bot)

    monkeypatch.setattr(Message, "de_json", noted)
    heard = updates.read({"update_id": 1, "message": message(SAID["picture"])}, BOT).message
    assert isinstance(heard, LazyMessage)
    assert (heard.text, heard.location, heard.contact) == (None, None, None)
    assert not made
    assert heard.photo[0].file_id == "file-1"
    assert heard.caption == "Kue"
    assert len(made) == 1
    with pytest.raises(AttributeError):
        heard.hologram  # noqa: B018 - asking for it is what is tested

"""Reads an update into python-telegram-bot's objects, of which only those are made that are asked for.

Its `Message` has more than a hundred fields, and making one sets each of them: a tenth of a turn's time, for a text of
which our filters and handlers read four. So messages are `LazyMessage`s here. Each field of a LazyMessage is what
python-telegram-bot's own message would have, because that one is made when the field is asked for
(tests/test_updates.py compares them field by field).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from telegram import (
    Bot,
    CallbackQuery,
    Chat,
    Message,
    MessageEntity,
    ReactionTypeEmoji,
    TelegramObject,
    Update,
    User,
)

EMPTY: Final = Message(message_id=0, date=datetime.fromtimestamp(1, UTC), chat=Chat(id=0, type=Chat.PRIVATE))
"""The values of the fields that a message does not hold."""

_OF_MESSAGE: Final = {"message_id", "date", "chat", "from", *Message.__slots__}
_OF_QUERY: Final = {"id", "from", "chat_instance", "data", "message"}


class LazyMessage(Message):
    """A message of which only the first fields were made. The other fields are read from `heard` when they are asked
    for."""

    __slots__ = ("_heard", "_whole")
    _whole: Message | None

    def __init__(self, heard: Mapping[str, Any], bot: Bot) -> None:
        TelegramObject.__init__(self)
        self._heard, self._bot, self._whole = heard, bot, None
        self.message_id = heard["message_id"]
        self.chat = Chat.de_json(heard["chat"], bot)
        self.text = heard.get("text")
        self.entities = MessageEntity.de_list(heard["entities"], bot) if "entities" in heard else ()
        self._id_attrs = (self.message_id, self.chat)
        self._freeze()

    def __getattr__(self, name: str) -> Any:
        """Called for a field that was not made yet."""
        if name in ("_heard", "_whole"):
            raise AttributeError(name)
        if name == "from_user":
            return User.de_json(self._heard["from"], self._bot) if "from" in self._heard else None
        if name == "date":
            return datetime.fromtimestamp(self._heard["date"], UTC)
        if name not in self._heard:
            return getattr(EMPTY, name)
        if self._whole is None:
            self._whole = Message.de_json(dict(self._heard), self._bot)
        return getattr(self._whole, name)


def read(payload: Mapping[str, Any], bot: Bot) -> Update:
    """Returns the update that Telegram sent as `payload`."""
    message, query = payload.get("message"), payload.get("callback_query")
    if message is not None and len(payload) == 2 and message.keys() <= _OF_MESSAGE:
        update = Update(payload["update_id"], message=LazyMessage(message, bot))
    elif query is not None and len(payload) == 2 and _is_simple(query):
        update = Update(payload["update_id"], callback_query=_tap(query, bot))
    else:
        return Update.de_json(dict(payload), bot)
    update.set_bot(bot)
    return update


def _is_simple(query: Mapping[str, Any]) -> bool:
    return query.keys() == _OF_QUERY and query["message"].keys() <= _OF_MESSAGE


def _tap(query: Mapping[str, Any], bot: Bot) -> CallbackQuery:
    tap = CallbackQuery(
        query["id"],
        User.de_json(query["from"], bot),
        query["chat_instance"],
        message=LazyMessage(query["message"], bot),
        data=query["data"],
    )
    tap.set_bot(bot)
    return tap


def new_reaction(update: Update) -> tuple[int, frozenset[str]] | None:
    """Returns the message (Telegram's number of it) on which an emoji was put, and the emoji that are new; None if the
    update is something else."""
    changed = update.message_reaction
    if changed is None:
        return None
    old, new = (
        frozenset(one.emoji for one in given if isinstance(one, ReactionTypeEmoji))
        for given in (changed.old_reaction, changed.new_reaction)
    )
    return changed.message_id, new - old

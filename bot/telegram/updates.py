"""An update as python-telegram-bot's objects, of which only that is made which somebody asks for.

Its `Message` has more than a hundred fields, and making one sets each of them: a tenth of a turn's time, for a text of
which our filters and handlers read four. So messages are `LazyMessage`s here. They answer every question as
python-telegram-bot's own would, for it is those that are asked (tests/test_updates.py compares them field by field).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from telegram import Bot, CallbackQuery, Chat, Message, MessageEntity, TelegramObject, Update, User

EMPTY: Final = Message(message_id=0, date=datetime.fromtimestamp(1, UTC), chat=Chat(id=0, type=Chat.PRIVATE))
"""What a message says of everything that it does not hold."""

_OF_MESSAGE: Final = {"message_id", "date", "chat", "from", *Message.__slots__}
_OF_QUERY: Final = {"id", "from", "chat_instance", "data", "message"}


class LazyMessage(Message):
    """A message of which only the beginning was made. What else it `heard` is read in full when it is asked for."""

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
        """Called for what was not made yet."""
        if name in ("_heard", "_whole"):
            raise AttributeError(name)
        if name == "from_user":
            return User.de_json(self._heard["from"], self._bot) if "from" in self._heard else None
        if name not in self._heard:
            return getattr(EMPTY, name)
        if self._whole is None:
            self._whole = Message.de_json(dict(self._heard), self._bot)
        return getattr(self._whole, name)


def read(payload: Mapping[str, Any], bot: Bot) -> Update:
    """The update in what Telegram sent."""
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

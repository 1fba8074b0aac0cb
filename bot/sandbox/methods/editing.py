"""Methods that change, delete and mark messages, and that answer taps."""

from __future__ import annotations

from typing import Any

from ..arguments import Arguments
from ..files import content_of
from ..keyboards import read_markup
from ..models import REACTIONS, Message
from ..refusals import Refused
from .reading_arguments import CAPTION_FIELDS, MEDIA_FIELDS, TEXT_FIELDS, Methods, inline_only


class Editing(Methods):
    """editMessageText and the like, deleteMessage, setMessageReaction, answerCallbackQuery."""

    def _editable(self, a: Arguments) -> Message:
        if not a.has("chat_id") and not a.has("message_id"):
            raise Refused("message identifier is not specified")
        person = self.writable(a)
        return self.world.editable(person.id, a.integer("message_id"))

    def do_edit_message_text(self, a: Arguments) -> dict[str, Any]:
        content = self.text(a, "MESSAGE_TOO_LONG")
        markup = inline_only(read_markup(a.values.get("reply_markup")))
        message = self._editable(a)
        if "text" not in message.body:
            raise Refused("there is no text in the message to edit")
        return self.world.edit(message, content, TEXT_FIELDS, markup).body

    def do_edit_message_caption(self, a: Arguments) -> dict[str, Any]:
        content = self.caption(a)
        markup = inline_only(read_markup(a.values.get("reply_markup")))
        message = self._editable(a)
        if not any(field in message.body for field in MEDIA_FIELDS):
            raise Refused("there is no caption in the message to edit")
        return self.world.edit(message, content, CAPTION_FIELDS, markup).body

    def do_edit_message_reply_markup(self, a: Arguments) -> dict[str, Any]:
        markup = inline_only(read_markup(a.values.get("reply_markup")))
        return self.world.edit(self._editable(a), {}, (), markup).body

    def do_edit_message_media(self, a: Arguments) -> dict[str, Any]:
        media = a.json("media", "can't parse input media JSON object")
        if not isinstance(media, dict):
            raise Refused("input media not specified" if media is None else "expected an Object")
        kind = media.get("type")
        if kind not in ("photo", "document", "video", "audio"):
            raise Refused(f"type must be one of photo, document, video, audio, got {kind!s:.20}")
        markup = inline_only(read_markup(a.values.get("reply_markup")))
        message = self._editable(a)
        if not any(field in message.body for field in (*MEDIA_FIELDS, "text")) or "voice" in message.body:
            raise Refused("there is no media in the message to edit")
        file = self.input_file(a, kind, media.get("media"), kind)
        caption = media.get("caption")
        mode = media.get("parse_mode")
        content = content_of(file) | self.checked_caption(
            caption if isinstance(caption, str) else "",
            mode if isinstance(mode, str) else "",
            media.get("caption_entities"),
            above=bool(media.get("show_caption_above_media")),
        )
        replaced = (*TEXT_FIELDS, *MEDIA_FIELDS, *CAPTION_FIELDS, "has_media_spoiler")
        return self.world.edit(message, content, replaced, markup).body

    def do_delete_message(self, a: Arguments) -> bool:
        person = self.world.chat_of(self.chat_id(a))
        self.world.delete(person.id, a.integer("message_id"))
        return True

    def do_delete_messages(self, a: Arguments) -> bool:
        person = self.world.chat_of(self.chat_id(a))
        numbers = a.json("message_ids", "can't parse message identifiers JSON object")
        if not isinstance(numbers, list) or not 1 <= len(numbers) <= 100:
            raise Refused("message identifiers are not specified" if not numbers else "too many messages to delete")
        for number in numbers:
            if number in self.world.chats.get(person.id, {}):  # those that cannot be found are skipped
                self.world.delete(person.id, number)
        return True

    def do_set_message_reaction(self, a: Arguments) -> bool:
        person = self.writable(a)
        message = self.world.message_of(person.id, a.integer("message_id"), "message to react not found")
        reactions = a.json("reaction", "can't parse reaction types JSON object") or []
        if not isinstance(reactions, list):
            raise Refused("expected an Array of ReactionType")
        if len(reactions) > 1:
            raise Refused("REACTIONS_TOO_MANY")
        emoji = None
        for reaction in reactions:
            emoji = reaction.get("emoji") if isinstance(reaction, dict) else None
            if emoji not in REACTIONS:
                raise Refused("REACTION_INVALID")
        self.world.react(message, emoji)
        return True

    def do_answer_callback_query(self, a: Arguments) -> bool:
        self.world.answer_query(
            a.text("callback_query_id"), a.text("text"), alert=a.flag("show_alert"), url=a.text("url") or None
        )
        return True

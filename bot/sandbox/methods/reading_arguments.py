"""What several methods of the Bot API need: whose chat, which text, which file, which message is answered."""

from __future__ import annotations

import re
from typing import Any

from bot.telegram.html import MAX_CAPTION, MAX_TEXT

from ..arguments import Arguments, read_formatted
from ..keyboards import Markup, read_markup
from ..models import File, Message, Person
from ..refusals import Refused
from ..world import World

TEXT_FIELDS = ("text", "entities", "link_preview_options")
CAPTION_FIELDS = ("caption", "caption_entities", "show_caption_above_media")
MEDIA_FIELDS = ("photo", "document", "video", "audio", "voice")


class Methods:
    """Methods of one topic. Each `do_` method is one of the Bot API; it raises Refused in Telegram's words."""

    def __init__(self, world: World) -> None:
        self.world = world

    def chat_id(self, a: Arguments, field: str = "chat_id") -> int:
        text = a.text(field).strip()
        if not text:
            raise Refused(f"{field} is empty")
        if not re.fullmatch(r"-?\d{1,19}", text):
            raise Refused("chat not found")
        return int(text)

    def writable(self, a: Arguments) -> Person:
        return self.world.writable(self.chat_id(a))

    def send(self, a: Arguments, person: Person, content: dict[str, Any]) -> Message:
        return self.world.send(
            person,
            content,
            markup=read_markup(a.values.get("reply_markup")),
            reply_to=self.reply_to(a, person),
            protect=a.flag("protect_content"),
        )

    def reply_to(self, a: Arguments, person: Person) -> Message | None:
        given = a.json("reply_parameters", "can't parse reply parameters JSON object")
        if isinstance(given, dict):
            wanted, without = given.get("message_id", 0), bool(given.get("allow_sending_without_reply"))
        else:
            wanted, without = a.integer("reply_to_message_id"), a.flag("allow_sending_without_reply")
        if not isinstance(wanted, int) or wanted <= 0:
            return None
        message = self.world.chats.get(person.id, {}).get(wanted)
        if message is None and not without:
            raise Refused("message to be replied not found")
        return message

    def text(self, a: Arguments, too_long: str) -> dict[str, Any]:
        text, entities = a.formatted("text")
        if not text:
            raise Refused("message text is empty")
        if len(text) > MAX_TEXT:
            raise Refused(too_long)
        content: dict[str, Any] = {"text": text}
        if shown := self.world.entities_json(entities):
            content["entities"] = shown
        preview = a.json("link_preview_options", "can't parse link preview options JSON object")
        if isinstance(preview, dict):
            content["link_preview_options"] = preview
        elif a.flag("disable_web_page_preview"):
            content["link_preview_options"] = {"is_disabled": True}
        return content

    def caption(self, a: Arguments) -> dict[str, Any]:
        text, parse_mode = a.text("caption"), a.text("parse_mode")
        entities = a.json("caption_entities", "can't parse entities JSON object")
        return self.checked_caption(text, parse_mode, entities, above=a.flag("show_caption_above_media"))

    def checked_caption(self, text: str, parse_mode: str, entities: Any, *, above: bool) -> dict[str, Any]:
        caption, found = read_formatted(text, parse_mode, entities)
        if len(caption) > MAX_CAPTION:
            raise Refused("message caption is too long")
        content: dict[str, Any] = {}
        if caption:
            content["caption"] = caption
            if shown := self.world.entities_json(found):
                content["caption_entities"] = shown
            if above:
                content["show_caption_above_media"] = True
        return content

    def input_file(self, a: Arguments, kind: str, given: Any, field: str) -> File:
        upload = a.uploads.get(field)
        if isinstance(given, str) and given:
            if given.startswith("attach://"):
                upload = a.uploads.get(given[len("attach://") :])
            else:
                return self._known_file(kind, given)
        if upload is None:
            raise Refused(f"there is no {kind} in the request")
        measures = {}
        if kind in ("voice", "video", "audio"):
            measures["duration"] = a.integer("duration", 0, 0, 10**6)
        if kind == "video":
            measures |= {"width": a.integer("width", 0, 0, 10**5), "height": a.integer("height", 0, 0, 10**5)}
        return self.world.files.add(kind, upload.name, upload.mime, upload.body, **measures)

    def _known_file(self, kind: str, given: str) -> File:
        given = given.strip()
        file = self.world.files.get(given)
        if file is not None:
            if file.kind != kind:
                raise Refused(f"can't use file of type {file.kind.capitalize()} as {kind.capitalize()}")
            return file
        if "." in given or "://" in given:
            if not re.match(r"https?://", given):
                raise Refused("wrong file identifier/HTTP URL specified")
            raise Refused("failed to get HTTP URL content")  # true: the sandbox fetches nothing from the network
        if not re.fullmatch(r"[\w-]+=*", given, re.ASCII):
            raise Refused("wrong remote file identifier specified: Wrong character in the string")
        if len(given.rstrip("=")) % 4 == 1:
            raise Refused("wrong remote file identifier specified: Wrong padding in the string")
        raise Refused("wrong remote file identifier specified: can't unserialize it. Wrong last symbol")


def inline_only(markup: Markup | None) -> Markup | None:
    if markup is not None and markup.kind != "inline":
        raise Refused("inline keyboard expected")
    return markup

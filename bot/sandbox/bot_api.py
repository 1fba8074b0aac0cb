"""What the methods of the Bot API do, in Telegram's order of checks and in its words."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from bot.telegram.html import MAX_CAPTION, MAX_TEXT

from .arguments import Arguments, read_formatted
from .keyboards import Markup, read_markup
from .refusals import Refused
from .telegram import MAX_DOWNLOAD, REACTIONS, Event, File, Message, Person, World, commands_key
from .webhook import Told, Webhook

_CHAT_ACTIONS = frozenset(
    {
        "cancel",
        "typing",
        "record_video",
        "upload_video",
        "record_audio",
        "record_voice",
        "upload_audio",
        "upload_voice",
        "upload_photo",
        "upload_document",
        "choose_sticker",
        "pick_up_location",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)
_TEXT_FIELDS = ("text", "entities", "link_preview_options")
_CAPTION_FIELDS = ("caption", "caption_entities", "show_caption_above_media")
_MEDIA_FIELDS = ("photo", "document", "video", "audio", "voice")
_COPIED = (
    *_TEXT_FIELDS, *_CAPTION_FIELDS, *_MEDIA_FIELDS, "location", "venue", "contact", "has_media_spoiler",
)  # fmt: skip


class BotApi:
    """What each method does: `methods`, by their names in lower case. They raise Refused in Telegram's words."""

    def __init__(self, world: World, webhook: Webhook) -> None:
        self.world = world
        self.webhook = webhook
        self.methods: dict[str, Callable[[Arguments], Any]] = {
            name.removeprefix("do").replace("_", ""): getattr(self, name)
            for name in dir(self)
            if name.startswith("do_")
        }

    # --- webhook -----------------------------------------------------------------------------------------------------

    def do_set_webhook(self, a: Arguments) -> Told:
        return self.webhook.set(a)

    def do_delete_webhook(self, a: Arguments) -> Told:
        return self.webhook.delete(drop_pending=a.flag("drop_pending_updates"))

    def do_get_webhook_info(self, a: Arguments) -> dict[str, Any]:
        return self.webhook.info()

    # --- who and where -----------------------------------------------------------------------------------------------

    def do_get_me(self, a: Arguments) -> dict[str, Any]:
        return self.world.bot

    def _chat_id(self, a: Arguments, field: str = "chat_id") -> int:
        text = a.text(field).strip()
        if not text:
            raise Refused(f"{field} is empty")
        if not re.fullmatch(r"-?\d{1,19}", text):
            raise Refused("chat not found")
        return int(text)

    def _writable(self, a: Arguments) -> Person:
        return self.world.writable(self._chat_id(a))

    def do_get_chat(self, a: Arguments) -> dict[str, Any]:
        person = self.world.chat_of(self._chat_id(a))
        return person.as_chat() | {
            "accent_color_id": person.id % 7,
            "max_reaction_count": 11,
            "accepted_gift_types": {
                "unlimited_gifts": True,
                "limited_gifts": True,
                "unique_gifts": True,
                "premium_subscription": True,
                "gifts_from_channels": True,
            },
        }

    def do_leave_chat(self, a: Arguments) -> bool:
        self.world.chat_of(self._chat_id(a))
        raise Refused("chat member status can't be changed in private chats")

    def do_send_chat_action(self, a: Arguments) -> bool:
        person = self._writable(a)
        action = a.text("action").lower()
        if action not in _CHAT_ACTIONS:
            raise Refused("wrong parameter action in request")
        self.world.on_event(Event("typing", person.id, fields={"action": action}))
        return True

    # --- sending -----------------------------------------------------------------------------------------------------

    def _send(self, a: Arguments, person: Person, content: dict[str, Any]) -> Message:
        return self.world.send(
            person,
            content,
            markup=read_markup(a.values.get("reply_markup")),
            reply_to=self._reply_to(a, person),
            protect=a.flag("protect_content"),
        )

    def _reply_to(self, a: Arguments, person: Person) -> Message | None:
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

    def _text(self, a: Arguments, too_long: str) -> dict[str, Any]:
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

    def _caption(self, a: Arguments) -> dict[str, Any]:
        text, parse_mode = a.text("caption"), a.text("parse_mode")
        entities = a.json("caption_entities", "can't parse entities JSON object")
        return self._checked_caption(text, parse_mode, entities, above=a.flag("show_caption_above_media"))

    def _checked_caption(self, text: str, parse_mode: str, entities: Any, *, above: bool) -> dict[str, Any]:
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

    def do_send_message(self, a: Arguments) -> dict[str, Any]:
        content = self._text(a, "message is too long")
        return self._send(a, self._writable(a), content).body

    def _send_file(self, a: Arguments, kind: str) -> dict[str, Any]:
        caption = self._caption(a)
        person = self._writable(a)
        read_markup(a.values.get("reply_markup"))  # refused before the upload is kept
        file = self._input_file(a, kind, a.values.get(kind), kind)
        content = self.world.file_content(file) | caption
        if kind in ("photo", "video") and a.flag("has_spoiler"):
            content["has_media_spoiler"] = True
        return self._send(a, person, content).body

    def _input_file(self, a: Arguments, kind: str, given: Any, field: str) -> File:
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
        return self.world.add_file(kind, upload.name, upload.mime, upload.body, **measures)

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

    def do_send_photo(self, a: Arguments) -> dict[str, Any]:
        return self._send_file(a, "photo")

    def do_send_document(self, a: Arguments) -> dict[str, Any]:
        return self._send_file(a, "document")

    def do_send_voice(self, a: Arguments) -> dict[str, Any]:
        return self._send_file(a, "voice")

    def do_send_video(self, a: Arguments) -> dict[str, Any]:
        return self._send_file(a, "video")

    def do_send_audio(self, a: Arguments) -> dict[str, Any]:
        return self._send_file(a, "audio")

    def _location(self, a: Arguments) -> dict[str, Any]:
        words = "wrong parameter {} in request"
        if not a.has("latitude"):
            raise Refused("latitude is empty")
        if not a.has("longitude"):
            raise Refused("longitude is empty")
        return {
            "latitude": a.number("latitude", words.format("latitude"), -90, 90),
            "longitude": a.number("longitude", words.format("longitude"), -180, 180),
        }

    def do_send_location(self, a: Arguments) -> dict[str, Any]:
        location = self._location(a)
        return self._send(a, self._writable(a), {"location": location}).body

    def do_send_venue(self, a: Arguments) -> dict[str, Any]:
        venue = {"location": self._location(a), "title": a.text("title").strip(), "address": a.text("address").strip()}
        for name in ("title", "address"):
            if not venue[name]:
                raise Refused(f"{name} is empty")
        # A venue's message carries the bare location as well, for clients that know no venues.
        content = {"venue": venue, "location": venue["location"]}
        return self._send(a, self._writable(a), content).body

    def do_send_contact(self, a: Arguments) -> dict[str, Any]:
        contact = {"phone_number": a.text("phone_number"), "first_name": a.text("first_name")}
        for name, value in contact.items():
            if not value:
                raise Refused(f"{name} is empty" if name == "first_name" else "contact phone number is empty")
        for name in ("last_name", "vcard"):
            if a.has(name):
                contact[name] = a.text(name)
        return self._send(a, self._writable(a), {"contact": contact}).body

    def do_copy_message(self, a: Arguments) -> dict[str, Any]:
        person = self._writable(a)
        source = self.world.chat_of(self._chat_id(a, "from_chat_id"))
        original = self.world.forwardable(source.id, a.integer("message_id"), "copy")
        content = {name: original.body[name] for name in _COPIED if name in original.body}
        if not content:
            raise Refused("message can't be copied")
        if "text" not in content and "caption" in a.values:
            content = {k: v for k, v in content.items() if k not in _CAPTION_FIELDS} | self._caption(a)
        return {"message_id": self._send(a, person, content).id}

    def do_forward_message(self, a: Arguments) -> dict[str, Any]:
        person = self._writable(a)
        source = self.world.chat_of(self._chat_id(a, "from_chat_id"))
        original = self.world.forwardable(source.id, a.integer("message_id"), "forward")
        content = {name: original.body[name] for name in (*_COPIED, "poll") if name in original.body}
        content["forward_origin"] = original.body.get("forward_origin") or {
            "type": "user",
            "sender_user": original.body["from"],
            "date": original.body["date"],
        }
        return self._send(a, person, content).body

    # --- polls -------------------------------------------------------------------------------------------------------

    def do_send_poll(self, a: Arguments) -> dict[str, Any]:
        question, question_entities = a.formatted("question", "question_")
        if not question:
            raise Refused("Poll question must be non-empty")
        if len(question) > 300:
            raise Refused("Poll question length must not exceed 300")
        options = self._poll_options(a)
        kind = a.text("type").lower() or "regular"
        if kind not in ("regular", "quiz"):
            raise Refused("unsupported poll type specified")
        several = a.flag("allows_multiple_answers")
        body: dict[str, Any] = {
            "id": "",
            "question": question,
            "options": options,
            "total_voter_count": 0,
            "is_closed": a.flag("is_closed"),
            "is_anonymous": a.flag("is_anonymous") if a.has("is_anonymous") else True,
            "type": kind,
            "allows_multiple_answers": several,
            "allows_revoting": a.flag("allows_revoting") if a.has("allows_revoting") else kind == "regular",
            "members_only": a.flag("members_only"),
        }
        if shown := self.world.entities_json(question_entities):
            body["question_entities"] = shown
        if kind == "quiz":
            body["correct_option_ids"] = self._correct_options(a, len(options), several=several)
            explanation, found = a.formatted("explanation", "explanation_")
            if len(explanation) > 200:
                raise Refused("Poll explanation length must not exceed 200")
            if explanation.count("\n") > 2:
                raise Refused("Poll explanation must have at most 2 line feeds")
            if explanation:
                body["explanation"] = explanation
                body["explanation_entities"] = self.world.entities_json(found)
        self._poll_end(a, body)
        description, found = a.formatted("description", "description_")
        if len(description) > 1024:
            raise Refused("Poll description length must not exceed 1024")
        if description:
            body["description"] = description
            if shown := self.world.entities_json(found):
                body["description_entities"] = shown
        person = self._writable(a)
        read_markup(a.values.get("reply_markup"))  # refused before the poll is made
        self._reply_to(a, person)
        message = self._send(a, person, {"poll": self.world.new_poll(person, body)})
        self.world.place_poll(message)
        return message.body

    def _poll_options(self, a: Arguments) -> list[dict[str, Any]]:
        given = a.json("options", "can't parse options JSON object")
        if not isinstance(given, list):
            raise Refused("expected an Array of String as options" if given is not None else "options is empty")
        if not given:
            raise Refused("Poll must have at least 1 option")
        if len(given) > 12:
            raise Refused("Poll can't have more than 12 options")
        options = []
        for number, option in enumerate(given):
            fields = option if isinstance(option, dict) else {"text": option}
            if not isinstance(fields.get("text"), str):
                raise Refused("can't parse poll option: Can't find field \"text\"")
            mode = fields.get("text_parse_mode")
            mode = mode if isinstance(mode, str) else ""
            text, found = read_formatted(fields["text"], mode, fields.get("text_entities"))
            if not text:
                raise Refused("Poll options must be non-empty")
            if len(text) > 100:
                raise Refused("Poll options length must not exceed 100")
            shown = {"persistent_id": str(number), "text": text, "voter_count": 0}
            if entities := self.world.entities_json(found):
                shown["text_entities"] = entities
            options.append(shown)
        return options

    def _correct_options(self, a: Arguments, count: int, *, several: bool) -> list[int]:
        correct = a.json("correct_option_ids", "can't parse correct_option_ids JSON object")
        if correct is None and a.has("correct_option_id"):
            correct = [a.integer("correct_option_id", -1)]
        if not isinstance(correct, list) or not correct:
            raise Refused("Correct quiz option list must be non-empty")
        if not all(isinstance(i, int) and 0 <= i < count for i in correct):
            raise Refused("wrong quiz correct_option_id")
        if any(later <= earlier for earlier, later in pairwise(correct)):
            raise Refused("Correct quiz option list must be increasing")
        if len(correct) > 1 and not several:
            raise Refused("wrong quiz correct_option_id")
        return correct

    def _poll_end(self, a: Arguments, body: dict[str, Any]) -> None:
        now = self.world.timestamp()
        period, end = a.integer("open_period"), a.integer("close_date")
        if period and end:
            raise Refused("can't specify open_period and close_date simultaneously")
        if period:
            body["open_period"] = min(max(period, 5), 2_628_000)
            body["close_date"] = now + body["open_period"]
        elif end:
            if not now + 5 <= end <= now + 2_628_000:
                raise Refused("wrong poll close_date specified")
            body["close_date"] = end

    def do_stop_poll(self, a: Arguments) -> dict[str, Any]:
        person = self._writable(a)
        message = self.world.message_of(person.id, a.integer("message_id"), "message with poll to stop not found")
        poll = self.world.poll_of(message)
        if poll is None or not message.from_bot or "forward_origin" in message.body:
            raise Refused("poll can't be stopped")
        if poll.body["is_closed"]:
            raise Refused("poll has already been closed")
        markup = _inline_only(read_markup(a.values.get("reply_markup")))
        self.world.close_poll(poll)
        if (markup.body if markup else None) != message.body.get("reply_markup"):
            self.world.edit(message, {}, (), markup)
        return poll.body

    # --- editing -----------------------------------------------------------------------------------------------------

    def _editable(self, a: Arguments) -> Message:
        if not a.has("chat_id") and not a.has("message_id"):
            raise Refused("message identifier is not specified")
        person = self._writable(a)
        return self.world.editable(person.id, a.integer("message_id"))

    def do_edit_message_text(self, a: Arguments) -> dict[str, Any]:
        content = self._text(a, "MESSAGE_TOO_LONG")
        markup = _inline_only(read_markup(a.values.get("reply_markup")))
        message = self._editable(a)
        if "text" not in message.body:
            raise Refused("there is no text in the message to edit")
        return self.world.edit(message, content, _TEXT_FIELDS, markup).body

    def do_edit_message_caption(self, a: Arguments) -> dict[str, Any]:
        content = self._caption(a)
        markup = _inline_only(read_markup(a.values.get("reply_markup")))
        message = self._editable(a)
        if not any(field in message.body for field in _MEDIA_FIELDS):
            raise Refused("there is no caption in the message to edit")
        return self.world.edit(message, content, _CAPTION_FIELDS, markup).body

    def do_edit_message_reply_markup(self, a: Arguments) -> dict[str, Any]:
        markup = _inline_only(read_markup(a.values.get("reply_markup")))
        return self.world.edit(self._editable(a), {}, (), markup).body

    def do_edit_message_media(self, a: Arguments) -> dict[str, Any]:
        media = a.json("media", "can't parse input media JSON object")
        if not isinstance(media, dict):
            raise Refused("input media not specified" if media is None else "expected an Object")
        kind = media.get("type")
        if kind not in ("photo", "document", "video", "audio"):
            raise Refused(f"type must be one of photo, document, video, audio, got {kind!s:.20}")
        markup = _inline_only(read_markup(a.values.get("reply_markup")))
        message = self._editable(a)
        if not any(field in message.body for field in (*_MEDIA_FIELDS, "text")) or "voice" in message.body:
            raise Refused("there is no media in the message to edit")
        file = self._input_file(a, kind, media.get("media"), kind)
        caption = media.get("caption")
        mode = media.get("parse_mode")
        content = self.world.file_content(file) | self._checked_caption(
            caption if isinstance(caption, str) else "",
            mode if isinstance(mode, str) else "",
            media.get("caption_entities"),
            above=bool(media.get("show_caption_above_media")),
        )
        replaced = (*_TEXT_FIELDS, *_MEDIA_FIELDS, *_CAPTION_FIELDS, "has_media_spoiler")
        return self.world.edit(message, content, replaced, markup).body

    def do_delete_message(self, a: Arguments) -> bool:
        person = self.world.chat_of(self._chat_id(a))
        self.world.delete(person.id, a.integer("message_id"))
        return True

    def do_delete_messages(self, a: Arguments) -> bool:
        person = self.world.chat_of(self._chat_id(a))
        numbers = a.json("message_ids", "can't parse message identifiers JSON object")
        if not isinstance(numbers, list) or not 1 <= len(numbers) <= 100:
            raise Refused("message identifiers are not specified" if not numbers else "too many messages to delete")
        for number in numbers:
            if number in self.world.chats.get(person.id, {}):  # those that cannot be found are skipped
                self.world.delete(person.id, number)
        return True

    def do_set_message_reaction(self, a: Arguments) -> bool:
        person = self._writable(a)
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

    # --- the bot's own looks -----------------------------------------------------------------------------------------

    def _commands_key(self, a: Arguments) -> str:
        scope = a.json("scope", "can't parse BotCommandScope JSON object") or {"type": "default"}
        if not isinstance(scope, dict):
            raise Refused("BotCommandScope must be an Object")
        kind = scope.get("type")
        language = a.text("language_code")
        if language and not re.fullmatch(r"[a-z]{2}", language):
            raise Refused("invalid language code specified")
        if kind == "chat":
            person = self.world.chat_of(self._chat_id(Arguments({"chat_id": scope.get("chat_id")})))
            return commands_key(f"chat:{person.id}", language)
        if kind in ("default", "all_private_chats", "all_group_chats", "all_chat_administrators"):
            return commands_key(kind, language)
        if kind in ("chat_administrators", "chat_member"):
            raise Refused("can't use specified scope in private chats")
        raise Refused("unsupported type specified")

    def do_set_my_commands(self, a: Arguments) -> bool:
        given = a.json("commands", "can't parse commands JSON object")
        if given is None or not isinstance(given, list):
            raise Refused("expected an Array of BotCommand")
        if len(given) > 100:
            raise Refused("BOT_COMMANDS_TOO_MUCH")
        commands = []
        for item in given:
            if not isinstance(item, dict):
                raise Refused("can't parse BotCommand: expected an Object")
            command, description = item.get("command"), item.get("description")
            for name, value in (("command", command), ("description", description)):
                if not isinstance(value, str):
                    raise Refused(f"can't parse BotCommand: Can't find field \"{name}\"")
            command = str(command).strip().removeprefix("/")
            description = str(description).strip()
            if not command:
                raise Refused("Command must be non-empty")
            if len(command) > 32:
                raise Refused("Command length must not exceed 32")
            if not re.fullmatch(r"[a-z0-9_]+", command):
                raise Refused("BOT_COMMAND_INVALID")
            if not description:
                raise Refused("Command description must be non-empty")
            if len(description) > 256:
                raise Refused("Command description length must not exceed 256")
            commands.append({"command": command, "description": description})
        self.world.set_commands(self._commands_key(a), commands)
        return True

    def do_get_my_commands(self, a: Arguments) -> list[dict[str, str]]:
        return self.world.commands.get(self._commands_key(a), [])

    def do_delete_my_commands(self, a: Arguments) -> bool:
        self.world.set_commands(self._commands_key(a), None)
        return True

    def _menu_key(self, a: Arguments) -> str:
        return f"menu:{self.world.chat_of(self._chat_id(a)).id}" if a.has("chat_id") else "menu"

    def do_set_chat_menu_button(self, a: Arguments) -> bool:
        button = a.json("menu_button", "can't parse menu button JSON object") or {"type": "default"}
        kind = button.get("type") if isinstance(button, dict) else None
        if kind not in ("default", "commands", "web_app"):
            raise Refused("MenuButton has unsupported type")
        if kind == "web_app" and not (button.get("text") and isinstance(button.get("web_app"), dict)):
            raise Refused("can't parse menu button: Can't find field \"text\"")
        self.world.save_setting(self._menu_key(a), button)
        return True

    def do_get_chat_menu_button(self, a: Arguments) -> dict[str, Any]:
        key = self._menu_key(a)
        button: dict[str, Any] = self.world.settings.get(key) or self.world.settings.get("menu") or {"type": "commands"}
        return {"type": "commands"} if button["type"] == "default" else button

    def _set_profile(self, a: Arguments, field: str, limit: int, refusal: str) -> bool:
        text = a.text(field).strip()
        if len(text) > limit:
            raise Refused(refusal)
        self.world.save_setting(f"{field}:{a.text('language_code')}", text)
        return True

    def _get_profile(self, a: Arguments, field: str, default: str = "") -> dict[str, str]:
        settings = self.world.settings
        return {field: settings.get(f"{field}:{a.text('language_code')}") or settings.get(f"{field}:") or default}

    def do_set_my_name(self, a: Arguments) -> bool:
        return self._set_profile(a, "name", 64, "BOT_TITLE_INVALID")

    def do_get_my_name(self, a: Arguments) -> dict[str, str]:
        return self._get_profile(a, "name", self.world.bot["first_name"])

    def do_set_my_description(self, a: Arguments) -> bool:
        return self._set_profile(a, "description", 512, "BOT_DESCRIPTION_TOO_LONG")

    def do_get_my_description(self, a: Arguments) -> dict[str, str]:
        return self._get_profile(a, "description")

    def do_set_my_short_description(self, a: Arguments) -> bool:
        return self._set_profile(a, "short_description", 120, "BOT_ABOUT_TOO_LONG")

    def do_get_my_short_description(self, a: Arguments) -> dict[str, str]:
        return self._get_profile(a, "short_description")

    # --- files -------------------------------------------------------------------------------------------------------

    def do_get_file(self, a: Arguments) -> dict[str, Any]:
        file = self.world.files.get(a.text("file_id").strip())
        if file is None:
            raise Refused("invalid file_id")
        if file.size > MAX_DOWNLOAD:
            raise Refused("file is too big")
        return {"file_id": file.id, "file_unique_id": file.unique, "file_size": file.size, "file_path": file.path}


def _inline_only(markup: Markup | None) -> Markup | None:
    if markup is not None and markup.kind != "inline":
        raise Refused("inline keyboard expected")
    return markup

"""What people do on their phones: they write, send files, tap, react, block the bot. Each becomes an update."""

from __future__ import annotations

import hashlib
import time
from datetime import timedelta
from typing import Any

from bot.telegram.html import MAX_CAPTION, MAX_TEXT, finish

from .models import Event, Message, Person, Query
from .refusals import Refused
from .world import QUERY_UPDATE_SECONDS, World

EDIT_WITHIN = timedelta(hours=48)
"""How long after sending it people can edit what they sent."""
MAX_ALBUM = 10
_SHARED = ("location", "contact", "photo", "document", "voice", "sticker")
_NEVER_FORWARDED = (
    "message_id", "from", "chat", "date", "edit_date", "reply_to_message", "reply_markup", "media_group_id",
)  # fmt: skip
"""Fields of a message that a forwarded one has of its own, or does not have."""


def block(world: World, person: Person, blocked: bool) -> None:
    """The person blocks or unblocks the bot; the bot gets a my_chat_member update."""
    if person.blocked == blocked:
        return
    person.blocked = blocked
    world.keep_person(person)
    update = None
    banned = {"user": world.bot_user(), "status": "kicked", "until_date": 0}
    member = {"user": world.bot_user(), "status": "member"}
    if person.started:
        update = world.updates.add(
            "my_chat_member",
            {
                "chat": person.as_chat(),
                "from": person.as_user(),
                "date": world.timestamp(),
                "old_chat_member": member if blocked else banned,
                "new_chat_member": banned if blocked else member,
            },
        )
    world.on_deed("blocked" if blocked else "unblocked", person.id, {"update_id": update})
    world.on_event(Event("people", person.id))


def receive(world: World, person: Person, content: dict[str, Any]) -> Message:
    """The person sends something to the bot. The page has checked that they have not blocked it."""
    first = not person.started
    body = {
        "message_id": world.next_number("message"),
        "from": person.as_user(),
        "chat": person.as_chat(),
        "date": world.timestamp(),
        **content,
    }
    message = Message(person.id, body["message_id"], body)
    person.started = True
    person.read_to = message.id
    world.keep_person(person)
    world.add_message(message)
    update = world.updates.add("message", body)
    shown = next((name for name in _SHARED if name in content), None)
    details = {"text": content["text"]} if "text" in content else {"shared": shown}
    world.on_deed("said", person.id, {"message_id": message.id, "update_id": update} | details)
    world.on_event(Event("message", person.id, message))
    keyboard = person.keyboard
    if keyboard is not None and (keyboard.get("force_reply") or keyboard.get("one_time_keyboard")):
        world.set_keyboard(person, None)
    if first:
        world.on_event(Event("commands", person.id, fields={"commands": world.commands_for(person)}))
    return message


def say(world: World, person: Person, text: str) -> Message:
    """The person sends a text; commands and links in it become entities. Raises ValueError over 4096 characters."""
    return receive(world, person, _typed(world, text, "text"))


def _typed(world: World, text: str, field: str) -> dict[str, Any]:
    """Returns what somebody typed as fields of a message: its text, or the caption of a picture. Raises ValueError if
    it is too long."""
    limit = MAX_TEXT if field == "text" else MAX_CAPTION
    text, entities = finish(text)
    if not text:
        raise ValueError("the text is empty")
    if len(text) > limit:
        raise ValueError(f"the text is longer than {limit} characters; Telegram's app would split it")
    content: dict[str, Any] = {field: text}
    if entities:
        content["entities" if field == "text" else "caption_entities"] = world.entities_json(entities)
    return content


def send_album(world: World, person: Person, contents: list[dict[str, Any]], caption: str = "") -> list[Message]:
    """The person sends several pictures at once: as many messages with the same `media_group_id`, each in an update of
    its own, the first one with the caption."""
    if not 2 <= len(contents) <= MAX_ALBUM:
        raise ValueError(f"an album has 2 to {MAX_ALBUM} pictures")
    group = {"media_group_id": str(world.bot["id"] % 10_000 * 10**13 + world.next_number("album"))}
    described = _typed(world, caption, "caption") if caption else {}
    return [
        receive(world, person, group | content | (described if at == 0 else {})) for at, content in enumerate(contents)
    ]


def send_file(world: World, person: Person, content: dict[str, Any], caption: str = "") -> Message:
    """The person sends one file, with or without words under it."""
    return receive(world, person, content | (_typed(world, caption, "caption") if caption else {}))


def edit(world: World, person: Person, message: Message, text: str) -> Message:
    """The person changes the words of a message of their own; the bot gets the whole message as it is now. Raises
    ValueError or Refused where Telegram's app offers no editing."""
    body = message.body
    field = next((name for name in ("text", "caption") if name in body), None)
    if message.from_bot or field is None or "forward_origin" in body:
        raise Refused("message can't be edited")
    if world.timestamp() - body["date"] >= EDIT_WITHIN.total_seconds():
        raise Refused("message can't be edited")
    content = _typed(world, text, field)
    if content[field] == body[field]:
        return message
    for name in ("entities", "caption_entities"):
        body.pop(name, None)
    body.update(content)
    body["edit_date"] = world.timestamp()
    world.keep_message(message)
    update = world.updates.add("edited_message", body)
    world.on_deed("edited", person.id, {"message_id": message.id, "update_id": update, "text": content[field]})
    world.on_event(Event("edited", person.id, message))
    return message


def forward(world: World, person: Person, message: Message) -> Message:
    """The person forwards a message of the chat to the bot; who wrote it first is told as its origin."""
    body = message.body
    if body.get("has_protected_content"):
        raise Refused("message has protected content and can't be forwarded")
    if "poll" in body:
        raise Refused("polls are not forwarded in the sandbox")
    origin = {"type": "user", "date": body["date"], "sender_user": body["from"]}
    content = {name: value for name, value in body.items() if name not in _NEVER_FORWARDED}
    return receive(world, person, {"forward_origin": origin} | content)


def forward_from_elsewhere(world: World, person: Person, text: str, sender: str) -> Message:
    """The person forwards what somebody outside wrote, whose account is hidden: the bot is told a name alone."""
    origin = {"type": "hidden_user", "date": world.timestamp() - 3600, "sender_user_name": sender}
    return receive(world, person, {"forward_origin": origin} | _typed(world, text, "text"))


def tap(world: World, person: Person, message: Message, data: str) -> Query:
    """The person taps an inline button; the bot gets a callback query and has QUERY_SECONDS to answer."""
    number = world.next_number("query")
    query = Query(str(world.bot["id"] % 10_000 * 10**15 + number * 7919), person.id, time.time())
    world.queries[query.id] = query
    world.store.put("query", query.id, vars(query))
    instance = hashlib.sha256(f"{world.bot['id']}:{person.id}".encode()).digest()
    update = world.updates.add(
        "callback_query",
        {
            "id": query.id,
            "from": person.as_user(),
            "message": message.body,
            "chat_instance": str(int.from_bytes(instance[:8], "big", signed=True)),
            "data": data,
        },
        QUERY_UPDATE_SECONDS,
    )
    world.on_deed(
        "tapped",
        person.id,
        {"message_id": message.id, "update_id": update, "query_id": query.id, "data": data},
    )
    return query


def react(world: World, person: Person, message: Message, emoji: str | None) -> None:
    def as_list(value: str | None) -> list[dict[str, str]]:
        return [{"type": "emoji", "emoji": value}] if value else []

    old, message.person_reaction = message.person_reaction, emoji
    if old == emoji:
        return
    world.keep_message(message)
    update = world.updates.add(
        "message_reaction",
        {
            "chat": person.as_chat(),
            "message_id": message.id,
            "user": person.as_user(),
            "date": world.timestamp(),
            "old_reaction": as_list(old),
            "new_reaction": as_list(emoji),
        },
    )
    world.on_deed("reacted", person.id, {"message_id": message.id, "update_id": update, "emoji": emoji})
    world.on_event(Event("reaction", person.id, message, {"message_id": message.id, "emoji": emoji}))

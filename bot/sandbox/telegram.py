"""The sandbox's Telegram: people and their private chats with one bot, messages, polls, files and the update queue.

All of it runs in the event loop's thread and never waits; whoever answers a request calls `commit` first, so what was
answered outlives a kill. Dates shown to people come from the movable present (`now`); what Telegram measures in real
seconds (a callback query's life, an update's 24 hours) runs on the real clock.
"""

from __future__ import annotations

import base64
import hashlib
import json
import mimetypes
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from bot.telegram.html import Entity, finish

from .keyboards import Markup
from .pictures import picture_size
from .refusals import NOT_MODIFIED, QUERY_TOO_OLD, Refused
from .store import Store

QUERY_SECONDS = 30.0  # how old a callback query may be when it is answered; Telegram does not publish its own figure
QUERY_UPDATE_SECONDS = 150.0
UPDATE_SECONDS = 24 * 3600.0
ANSWER_BYTES = 1 << 22
MAX_UPLOAD = 50 << 20
MAX_PHOTO = 10 << 20
MAX_DOWNLOAD = 20 << 20
DELETE_WITHIN = timedelta(hours=48)
_ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
REACTIONS = frozenset(
    {
        "👍", "👎", "❤", "🔥", "🥰", "👏", "😁", "🤔", "🤯", "😱", "🤬", "😢",
        "🎉", "🤩", "🤮", "💩", "🙏", "👌", "🕊", "🤡", "🥱", "🥴", "😍", "🐳",
        "❤‍🔥", "❤️‍🔥", "🌚", "🌭", "💯", "🤣", "⚡", "🍌", "🏆", "💔", "🤨", "😐",
        "🍓", "🍾", "💋", "🖕", "😈", "😴", "😭", "🤓", "👻", "👨‍💻", "👀", "🎃",
        "🙈", "😇", "😨", "🤝", "✍", "🤗", "🫡", "🎅", "🎄", "☃", "💅", "🤪",
        "🗿", "🆒", "💘", "🙉", "🦄", "😘", "💊", "🙊", "😎", "👾", "🤷‍♂", "🤷‍♂️",
        "🤷", "🤷‍♀", "🤷‍♀️", "😡",
    }
)  # fmt: skip


@dataclass
class Person:
    """Somebody with a phone. The bot knows them only once they have written (`started`)."""

    id: int
    first_name: str
    role: str
    started: bool = False
    blocked: bool = False
    keyboard: dict[str, Any] | None = None
    read_to: int = 0
    language: str = "id"

    def as_user(self) -> dict[str, Any]:
        return {"id": self.id, "is_bot": False, "first_name": self.first_name, "language_code": self.language}

    def as_chat(self) -> dict[str, Any]:
        return {"id": self.id, "first_name": self.first_name, "type": "private"}


@dataclass
class Message:
    """`body` is the Bot API's Message, whole. `frozen`: sent with a reply keyboard, so never editable."""

    chat: int
    id: int
    body: dict[str, Any]
    frozen: bool = False
    bot_reaction: str | None = None
    person_reaction: str | None = None

    @property
    def from_bot(self) -> bool:
        return bool(self.body["from"]["is_bot"])


@dataclass
class Poll:
    """`body` is the Bot API's Poll. `votes`: person id -> the options chosen (JSON keys are text)."""

    chat: int
    message: int
    body: dict[str, Any]
    votes: dict[str, list[int]] = field(default_factory=dict)


@dataclass
class File:
    """An uploaded file; its bytes are the store's blob `unique`."""

    id: str
    unique: str
    kind: str
    name: str
    mime: str
    size: int
    path: str
    width: int = 0
    height: int = 0
    duration: int = 0


@dataclass
class Query:
    """A tap waiting for its answer. `asked` is real time in seconds since 1970; `told`: the page heard it expired."""

    id: str
    person: int
    asked: float
    told: bool = False


@dataclass(frozen=True)
class Event:
    """Something the page should hear. `message` is set for what concerns one message."""

    type: str
    person: int
    message: Message | None = None
    fields: dict[str, Any] = field(default_factory=dict)


class Queued(NamedTuple):
    """An update that waits for the bot: its JSON, real seconds since 1970 until which it is kept, and the lane in which
    a webhook gets it (one after the other within a lane, lanes side by side)."""

    text: str
    expires: float
    lane: str


Deed = Callable[[str, int, dict[str, Any]], None]
"""Told what a person did: "said", "tapped", "voted", "reacted", "blocked" or "unblocked", their id, and the details."""


class World:
    """The state of the sandbox and Telegram's rules about it. Methods raise Refused in Telegram's words.

    `history`: how many messages of a chat are remembered at most; older ones can no longer be edited. None: all.
    """

    def __init__(
        self, store: Store, *, bot: dict[str, Any], now: Callable[[], datetime], history: int | None = None
    ) -> None:
        self.store = store
        self.bot = bot
        self.now = now
        self.history = history
        self.people: dict[int, Person] = {}
        self.chats: dict[int, dict[int, Message]] = {}
        self.polls: dict[str, Poll] = {}
        self.files: dict[str, File] = {}
        self.paths: dict[str, File] = {}
        self.by_unique: dict[str, File] = {}
        self.queries: dict[str, Query] = {}
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.settings: dict[str, Any] = {}  # menu buttons, descriptions, allowed_updates
        self.updates: OrderedDict[int, Queued] = OrderedDict()
        # A new sandbox must not give out update ids a bot has seen from an older one: they begin by the clock.
        self.counters: dict[str, int] = {"update": max(int((time.time() - 1_750_000_000) * 8), 1)}
        self.on_update: Callable[[int, str], None] = lambda number, lane: None
        self.on_deed: Deed = lambda what, person, details: None
        self.listeners: list[Callable[[Event], None]] = []
        self._load()

    # --- keeping -----------------------------------------------------------------------------------------------------

    def _load(self) -> None:
        for _, document in self.store.load("person"):
            self.people[document["id"]] = Person(**document)
        for _, document in self.store.load("poll"):
            self.polls[document["body"]["id"]] = Poll(**document)
        messages = [Message(**document) for _, document in self.store.load("message")]
        for message in sorted(messages, key=lambda m: m.id):
            if "poll" in message.body:  # a message shows its poll as it stands now
                message.body["poll"] = self.polls[message.body["poll"]["id"]].body
            self.chats.setdefault(message.chat, {})[message.id] = message
        for _, document in self.store.load("file"):
            self._index(File(**document))
        for _, document in self.store.load("query"):
            query = Query(**document)
            self.queries[query.id] = query
        for key, document in self.store.load("commands"):
            self.commands[key] = document
        for key, document in self.store.load("setting"):
            self.settings[key] = document
        for _, document in self.store.load("counters"):
            self.counters.update(document)
        for key, document in sorted(self.store.load("update"), key=lambda pair: int(pair[0])):
            update = json.loads(document["json"])
            (kind,) = set(update) - {"update_id"}
            self.updates[int(key)] = Queued(document["json"], document["expires"], _lane(kind, update[kind]))

    def commit(self) -> None:
        """Make everything so far durable. To be called before a request is answered."""
        self.store.flush()

    def on_event(self, event: Event) -> None:
        for listener in self.listeners:
            listener(event)

    def _next(self, what: str) -> int:
        self.counters[what] = self.counters.get(what, 0) + 1
        self.store.put("counters", "all", self.counters)
        return self.counters[what]

    def _keep_person(self, person: Person) -> None:
        self.store.put("person", person.id, vars(person))

    def _keep_message(self, message: Message) -> None:
        self.store.put("message", message.id, vars(message))

    def _add_message(self, message: Message) -> None:
        chat = self.chats.setdefault(message.chat, {})
        chat[message.id] = message
        self._keep_message(message)
        if self.history is not None and len(chat) > self.history:
            oldest = chat.pop(next(iter(chat)))
            self.store.delete("message", oldest.id)
            if "poll" in oldest.body:
                self.polls.pop(oldest.body["poll"]["id"], None)
                self.store.delete("poll", oldest.body["poll"]["id"])

    def _keep_poll(self, poll: Poll) -> None:
        self.store.put("poll", poll.body["id"], vars(poll))

    def _index(self, file: File) -> None:
        self.files[file.id] = self.paths[file.path] = self.by_unique[file.unique] = file

    def timestamp(self) -> int:
        """The sandbox's present in seconds since 1970."""
        return int(self.now().timestamp())

    # --- people ------------------------------------------------------------------------------------------------------

    def add_person(self, first_name: str, *, role: str = "participant", person_id: int | None = None) -> Person:
        if person_id is None:
            person_id = max(self.people, default=7_000_000_000) + 1
        person = Person(person_id, first_name, role)
        self.people[person.id] = person
        self._keep_person(person)
        self.on_event(Event("people", person.id))
        return person

    def make_known(self, person: Person) -> None:
        """As if the person had written to the bot before: it may write to them."""
        if not person.started:
            person.started = True
            self._keep_person(person)

    def unread(self, person: Person) -> int:
        count = 0
        for message in reversed(self.chats.get(person.id, {}).values()):
            if message.id <= person.read_to:
                break
            count += message.from_bot
        return count

    def mark_read(self, person: Person) -> None:
        last = next(reversed(self.chats.get(person.id, {})), 0)
        if last > person.read_to:
            person.read_to = last
            self._keep_person(person)

    def chat_of(self, chat_id: int) -> Person:
        """The private chat the bot may look at. A person who never wrote is unknown to the bot, as at Telegram."""
        person = self.people.get(chat_id)
        if person is None or not person.started:
            raise Refused("chat not found")
        return person

    def writable(self, chat_id: int) -> Person:
        person = self.chat_of(chat_id)
        if person.blocked:
            raise Refused("bot was blocked by the user", 403)
        return person

    def block(self, person: Person, blocked: bool) -> None:
        """The person blocks or unblocks the bot; the bot hears it as my_chat_member."""
        if person.blocked == blocked:
            return
        person.blocked = blocked
        self._keep_person(person)
        update = None
        banned = {"user": self.bot_user(), "status": "kicked", "until_date": 0}
        member = {"user": self.bot_user(), "status": "member"}
        if person.started:
            update = self.queue(
                "my_chat_member",
                {
                    "chat": person.as_chat(),
                    "from": person.as_user(),
                    "date": self.timestamp(),
                    "old_chat_member": member if blocked else banned,
                    "new_chat_member": banned if blocked else member,
                },
            )
        self.on_deed("blocked" if blocked else "unblocked", person.id, {"update_id": update})
        self.on_event(Event("people", person.id))

    def bot_user(self) -> dict[str, Any]:
        return {name: self.bot[name] for name in ("id", "is_bot", "first_name", "username")}

    # --- the update queue --------------------------------------------------------------------------------------------

    def allowed(self, kind: str) -> bool:
        chosen = self.settings.get("allowed_updates")
        return kind in chosen if chosen else kind not in _ON_REQUEST

    def allow(self, kinds: Sequence[str] | None) -> None:
        """Remember the kinds of update the bot wants; they count for updates made from now on. Empty: the default;
        None: as they were."""
        if kinds is not None and self.settings.get("allowed_updates", []) != list(kinds):
            self.settings["allowed_updates"] = list(kinds)
            self.store.put("setting", "allowed_updates", self.settings["allowed_updates"])

    def queue(self, kind: str, body: dict[str, Any], seconds: float = UPDATE_SECONDS) -> int | None:
        """Put an update into the queue; returns its id, or None if the bot does not want this kind."""
        if not self.allowed(kind):
            return None
        number = self._next("update")
        text = json.dumps({"update_id": number, kind: body}, ensure_ascii=False, separators=(",", ":"))
        queued = Queued(text, time.time() + seconds, _lane(kind, body))
        self.updates[number] = queued
        self.store.put("update", number, {"json": text, "expires": queued.expires})
        self.on_update(number, queued.lane)
        return number

    def forget_updates(self, numbers: Iterable[int]) -> None:
        for number in list(numbers):
            del self.updates[number]
            self.store.delete("update", number)

    def confirm(self, offset: int) -> None:
        """Telegram's offset: everything below is confirmed; a negative one keeps the last -offset, the rest goes."""
        if offset < 0:
            self.forget_updates(list(self.updates)[:offset])
            return
        gone = []
        for number in self.updates:
            if number >= offset:
                break
            gone.append(number)
        self.forget_updates(gone)

    def pending(self, limit: int) -> list[str]:
        """The oldest unconfirmed updates as JSON texts: at most `limit`, at most 4 MiB together."""
        now, size = time.time(), 0
        texts: list[str] = []
        stale: list[int] = []
        for number, queued in self.updates.items():
            if queued.expires < now:
                stale.append(number)
                continue
            size += 50 + len(queued.text.encode())
            if len(texts) == limit or (texts and size > ANSWER_BYTES):
                break
            texts.append(queued.text)
        self.forget_updates(stale)
        return texts

    # --- messages ----------------------------------------------------------------------------------------------------

    def entities_json(self, entities: Iterable[Entity]) -> list[dict[str, Any]]:
        """The Bot API's entities; mentions of people the bot does not know are dropped, as Telegram does."""
        result = []
        for entity in entities:
            fields = entity.as_json()
            if entity.type == "text_mention":
                person = self.people.get(entity.user_id or 0)
                if person is None or not person.started:
                    continue
                del fields["user_id"]
                fields["user"] = person.as_user()
            result.append(fields)
        return result

    def message_of(self, chat_id: int, message_id: int, words: str) -> Message:
        message = self.chats.get(chat_id, {}).get(message_id)
        if message is None:
            raise Refused(words)
        return message

    def send(
        self,
        person: Person,
        content: dict[str, Any],
        *,
        markup: Markup | None = None,
        reply_to: Message | None = None,
        protect: bool = False,
    ) -> Message:
        """The bot sends `content` (the Message's own fields: text, photo, poll ...) to a person."""
        body: dict[str, Any] = {
            "message_id": self._next("message"),
            "from": self.bot_user(),
            "chat": person.as_chat(),
            "date": self.timestamp(),
        }
        if reply_to is not None:
            body["reply_to_message"] = {k: v for k, v in reply_to.body.items() if k != "reply_to_message"}
        if protect:
            body["has_protected_content"] = True
        body.update(content)
        message = Message(person.id, body["message_id"], body)
        if markup is not None:
            if markup.kind == "inline":
                body["reply_markup"] = markup.body
            else:
                message.frozen = True
        self._add_message(message)
        self.on_event(Event("message", person.id, message))
        if markup is not None and markup.kind != "inline":
            self.set_keyboard(person, None if markup.kind == "remove" else markup.body)
        return message

    def set_keyboard(self, person: Person, keyboard: dict[str, Any] | None) -> None:
        if person.keyboard != keyboard:
            person.keyboard = keyboard
            self._keep_person(person)
            self.on_event(Event("keyboard", person.id, fields={"keyboard": keyboard}))

    def editable(self, chat_id: int, message_id: int) -> Message:
        message = self.message_of(chat_id, message_id, "message to edit not found")
        if not message.from_bot or message.frozen or "forward_origin" in message.body:
            raise Refused("message can't be edited")
        return message

    def edit(
        self, message: Message, content: dict[str, Any], replaced: Sequence[str], markup: Markup | None
    ) -> Message:
        """Change a message: the fields `replaced` go, `content` comes, and the keyboard is what `markup` says (none
        given: none left). Refuses a change that changes nothing."""
        keyboard = markup.body if markup is not None and markup.kind == "inline" else None
        if markup is not None and markup.kind != "inline":
            raise Refused("inline keyboard expected")
        before = {name: message.body.get(name) for name in replaced}
        after = {name: content.get(name) for name in replaced}
        if before == after and message.body.get("reply_markup") == keyboard:
            raise Refused(NOT_MODIFIED)
        for name in replaced:
            message.body.pop(name, None)
        message.body.pop("reply_markup", None)
        message.body.update(content)
        if before != after:
            message.body["edit_date"] = self.timestamp()
        if keyboard is not None:
            message.body["reply_markup"] = keyboard
        self._keep_message(message)
        self.on_event(Event("edited", message.chat, message))
        return message

    def delete(self, chat_id: int, message_id: int) -> None:
        message = self.message_of(chat_id, message_id, "message to delete not found")
        if self.timestamp() - message.body["date"] >= DELETE_WITHIN.total_seconds():
            raise Refused("message can't be deleted")
        del self.chats[chat_id][message_id]
        self.store.delete("message", message_id)
        self.on_event(Event("deleted", chat_id, fields={"message_id": message_id}))

    def react(self, message: Message, emoji: str | None) -> None:
        """The bot's reaction to a message."""
        message.bot_reaction = emoji
        self._keep_message(message)
        self.on_event(Event("reaction", message.chat, message, {"message_id": message.id, "emoji": emoji}))

    def forwardable(self, chat_id: int, message_id: int, what: str) -> Message:
        message = self.message_of(chat_id, message_id, f"message to {what} not found")
        if message.body.get("has_protected_content"):
            words = "message has protected content and can't be forwarded"
            raise Refused(words if what == "forward" else "message can't be copied")
        return message

    # --- what a person does ------------------------------------------------------------------------------------------

    def receive(self, person: Person, content: dict[str, Any]) -> Message:
        """The person sends something to the bot. The page has checked that they have not blocked it."""
        first = not person.started
        body = {
            "message_id": self._next("message"),
            "from": person.as_user(),
            "chat": person.as_chat(),
            "date": self.timestamp(),
            **content,
        }
        message = Message(person.id, body["message_id"], body)
        person.started = True
        person.read_to = message.id
        self._keep_person(person)
        self._add_message(message)
        update = self.queue("message", body)
        shown = next((name for name in ("location", "contact", "photo", "document") if name in content), None)
        details = {"text": content["text"]} if "text" in content else {"shared": shown}
        self.on_deed("said", person.id, {"message_id": message.id, "update_id": update} | details)
        self.on_event(Event("message", person.id, message))
        keyboard = person.keyboard
        if keyboard is not None and (keyboard.get("force_reply") or keyboard.get("one_time_keyboard")):
            self.set_keyboard(person, None)
        if first:
            self.on_event(Event("commands", person.id, fields={"commands": self.commands_for(person)}))
        return message

    def say(self, person: Person, text: str) -> Message:
        """Text as the person typed it; commands and links become entities. Over 4096 characters: ValueError."""
        text, entities = finish(text)
        if not text:
            raise ValueError("the text is empty")
        if len(text) > 4096:
            raise ValueError("the text is longer than 4096 characters; Telegram's app would split it")
        content: dict[str, Any] = {"text": text}
        if entities:
            content["entities"] = self.entities_json(entities)
        return self.receive(person, content)

    def tap(self, person: Person, message: Message, data: str) -> Query:
        """The person taps an inline button; the bot gets a callback query and has QUERY_SECONDS to answer."""
        number = self._next("query")
        query = Query(str(self.bot["id"] % 10_000 * 10**15 + number * 7919), person.id, time.time())
        self.queries[query.id] = query
        self.store.put("query", query.id, vars(query))
        instance = hashlib.sha256(f"{self.bot['id']}:{person.id}".encode()).digest()
        update = self.queue(
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
        self.on_deed(
            "tapped",
            person.id,
            {"message_id": message.id, "update_id": update, "query_id": query.id, "data": data},
        )
        return query

    def answer_query(self, query_id: str, text: str, *, alert: bool, url: str | None) -> None:
        query = self.queries.get(query_id)
        if query is None or time.time() - query.asked > QUERY_SECONDS:
            raise Refused(QUERY_TOO_OLD)
        if len(text) > 200:
            raise Refused("MESSAGE_TOO_LONG")
        self._forget_query(query)
        fields: dict[str, Any] = {"query_id": query.id, "text": text, "alert": alert}
        if url:
            fields["url"] = url
        self.on_event(Event("toast", query.person, fields=fields))

    def _forget_query(self, query: Query) -> None:
        del self.queries[query.id]
        self.store.delete("query", query.id)

    def expire_queries(self) -> None:
        """Tell the page, once, about taps the bot never answered."""
        for query in list(self.queries.values()):
            if time.time() - query.asked > QUERY_SECONDS:
                self._forget_query(query)
                fields = {"query_id": query.id, "text": "", "alert": False, "expired": True}
                self.on_event(Event("toast", query.person, fields=fields))

    def person_reacts(self, person: Person, message: Message, emoji: str | None) -> None:
        def as_list(value: str | None) -> list[dict[str, str]]:
            return [{"type": "emoji", "emoji": value}] if value else []

        old, message.person_reaction = message.person_reaction, emoji
        if old == emoji:
            return
        self._keep_message(message)
        update = self.queue(
            "message_reaction",
            {
                "chat": person.as_chat(),
                "message_id": message.id,
                "user": person.as_user(),
                "date": self.timestamp(),
                "old_reaction": as_list(old),
                "new_reaction": as_list(emoji),
            },
        )
        self.on_deed("reacted", person.id, {"message_id": message.id, "update_id": update, "emoji": emoji})
        self.on_event(Event("reaction", person.id, message, {"message_id": message.id, "emoji": emoji}))

    # --- polls -------------------------------------------------------------------------------------------------------

    def new_poll(self, person: Person, body: dict[str, Any]) -> dict[str, Any]:
        """Give the checked poll an id; `place_poll` ties it to its message once that is sent."""
        body["id"] = str(self.bot["id"] % 10_000 * 10**15 + self._next("poll") * 6007)
        self.polls[body["id"]] = Poll(person.id, 0, body)
        return body

    def place_poll(self, message: Message) -> None:
        poll = self.polls[message.body["poll"]["id"]]
        poll.message = message.id
        self._keep_poll(poll)

    def poll_of(self, message: Message) -> Poll | None:
        body = message.body.get("poll")
        return self.polls.get(body["id"]) if body else None

    def vote(self, person: Person, poll: Poll, options: list[int]) -> None:
        """The person's vote; an empty list takes it back. The page has checked that it is allowed."""
        key = str(person.id)
        for option in poll.votes.pop(key, []):
            poll.body["options"][option]["voter_count"] -= 1
        if options:
            poll.votes[key] = options
        for option in options:
            poll.body["options"][option]["voter_count"] += 1
        poll.body["total_voter_count"] = len(poll.votes)
        self._keep_poll(poll)
        if poll.body["is_anonymous"]:
            update = self.queue("poll", poll.body)
        else:
            update = self.queue(
                "poll_answer",
                {
                    "poll_id": poll.body["id"],
                    "user": person.as_user(),
                    "option_ids": options,
                    "option_persistent_ids": [poll.body["options"][option]["persistent_id"] for option in options],
                },
            )
        self.on_deed("voted", person.id, {"message_id": poll.message, "update_id": update, "options": options})
        self._poll_changed(poll)

    def close_poll(self, poll: Poll) -> None:
        poll.body["is_closed"] = True
        self._keep_poll(poll)
        self.queue("poll", poll.body)
        self._poll_changed(poll)

    def close_due_polls(self) -> None:
        """Close polls whose time is over in the sandbox's present."""
        now = self.timestamp()
        for poll in self.polls.values():
            if not poll.body["is_closed"] and poll.body.get("close_date", now + 1) <= now:
                self.close_poll(poll)

    def _poll_changed(self, poll: Poll) -> None:
        message = self.chats.get(poll.chat, {}).get(poll.message)
        if message is not None:
            self._keep_message(message)
            self.on_event(Event("poll", poll.chat, message, {"message_id": message.id}))

    # --- files -------------------------------------------------------------------------------------------------------

    def add_file(self, kind: str, name: str, mime: str | None, body: bytes, **measures: int) -> File:
        """Keep an upload. `kind`: photo, document, voice, video, audio. Refused if Telegram would not take it."""
        if not body:
            raise Refused("file must be non-empty")
        if len(body) > (MAX_PHOTO if kind == "photo" else MAX_UPLOAD):
            raise Refused("", 413)
        name = name.replace("\\", "/").rsplit("/", 1)[-1][:120]
        guessed = mimetypes.guess_type(name)[0]
        if kind == "photo":
            size = picture_size(body)
            if size is None:
                raise Refused("IMAGE_PROCESS_FAILED")
            width, height = size
            if width + height > 10_000 or max(size) > 20 * min(size):
                raise Refused("PHOTO_INVALID_DIMENSIONS")
            measures = {"width": width, "height": height}
            mime = guessed = guessed if guessed and guessed.startswith("image/") else "image/jpeg"
        folder, prefix, plain = {
            "photo": ("photos", "AgACAgUAAxkB", "image/jpeg"),
            "document": ("documents", "BQACAgUAAxkB", "application/octet-stream"),
            "voice": ("voice", "AwACAgUAAxkB", "audio/ogg"),
            "video": ("videos", "BAACAgUAAxkB", "video/mp4"),
            "audio": ("music", "CQACAgUAAxkB", "audio/mpeg"),
        }[kind]
        number = self._next("file")
        digest = hashlib.sha256(f"{self.bot['id']}:{number}:{len(body)}".encode()).digest()
        unique = "Ag" + base64.urlsafe_b64encode(digest[:9]).decode().rstrip("=")
        ending = name.rsplit(".", 1)[-1] if "." in name else {"photo": "jpg", "voice": "oga"}.get(kind, "")
        ending = "".join(c for c in ending if c.isascii() and c.isalnum())[:8].lower()
        mime = guessed or mime or plain
        file = File(
            id=prefix + base64.urlsafe_b64encode(digest[:27] + b"\x02").decode().rstrip("="),
            unique=unique,
            kind=kind,
            name=name,
            mime=mime,
            size=len(body),
            path=f"{folder}/file_{number}" + (f".{ending}" if ending else ""),
            **measures,
        )
        self._index(file)
        self.store.put("file", file.id, vars(file))
        self.store.put_blob(file.unique, body)
        return file

    def file_content(self, file: File) -> dict[str, Any]:
        """The Message field that shows the file."""
        base: dict[str, Any] = {"file_id": file.id, "file_unique_id": file.unique}
        match file.kind:
            case "photo":
                return {"photo": [base | {"width": file.width, "height": file.height, "file_size": file.size}]}
            case "voice":
                return {"voice": base | {"duration": file.duration, "mime_type": file.mime, "file_size": file.size}}
            case "video" | "audio":
                named = base | {"duration": file.duration, "mime_type": file.mime, "file_size": file.size}
                if file.name:
                    named["file_name"] = file.name
                if file.kind == "video":
                    named |= {"width": file.width, "height": file.height}
                return {file.kind: named}
            case _:
                return {
                    "document": base
                    | {"file_name": file.name or "file", "mime_type": file.mime, "file_size": file.size}
                }

    # --- commands ----------------------------------------------------------------------------------------------------

    def set_commands(self, key: str, commands: list[dict[str, str]] | None) -> None:
        """`key`: scope and language as `commands_key` writes them. None or an empty list removes the entry."""
        scope = key.partition("|")[0]
        one = self.people.get(int(scope.removeprefix("chat:"))) if scope.startswith("chat:") else None
        concerned = list(self.people.values()) if one is None else [one]
        before = {person.id: self.commands_for(person) for person in concerned}
        if commands:
            self.commands[key] = commands
            self.store.put("commands", key, commands)
        else:
            self.commands.pop(key, None)
            self.store.delete("commands", key)
        for person in concerned:
            after = self.commands_for(person)
            if after != before[person.id]:
                self.on_event(Event("commands", person.id, fields={"commands": after}))

    def commands_for(self, person: Person) -> list[dict[str, str]]:
        """The menu this person sees: Telegram's fall-back from their chat to all private chats to the default, in each
        step first their language, then the entry without one."""
        for scope in (f"chat:{person.id}", "all_private_chats", "default"):
            for language in (person.language, ""):
                if commands := self.commands.get(commands_key(scope, language)):
                    return commands
        return []

    def save_setting(self, key: str, value: Any) -> None:
        self.settings[key] = value
        self.store.put("setting", key, value)


def _lane(kind: str, body: dict[str, Any]) -> str:
    """Telegram keeps order among the messages of a chat, the taps of a user, the news of a poll; not between them."""
    match kind:
        case "callback_query":
            return f"taps of {body['from']['id']}"
        case "poll":
            return f"poll {body['id']}"
        case "poll_answer":
            return f"votes of {body['user']['id']}"
        case "message":
            return f"chat {body['chat']['id']}"
    return f"{kind} {body['chat']['id']}"


def commands_key(scope: str, language: str) -> str:
    """Scope ("default", "all_private_chats", "chat:<id>") and two-letter language as one key."""
    return f"{scope}|{language}"

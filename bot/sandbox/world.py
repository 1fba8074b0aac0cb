"""The sandbox's Telegram: people and their private chats with one bot, and what the bot does in them.

All of it runs in the event loop's thread and never waits. Before a request is answered, `commit` must be called, so
that what was answered is not lost if the process is killed. Dates shown to people come from the movable present
(`now`); what Telegram measures in real seconds (a callback query's life, an update's 24 hours) runs on the real clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bot.telegram.html import Entity

from .files import Files
from .keyboards import Markup
from .models import Deed, Event, Message, Person, Poll, Query
from .refusals import NOT_MODIFIED, QUERY_TOO_OLD, Refused
from .store import Store
from .update_queue import UpdateQueue

QUERY_SECONDS = 30.0  # how old a callback query may be when it is answered; Telegram does not publish its own figure
QUERY_UPDATE_SECONDS = 150.0
DELETE_WITHIN = timedelta(hours=48)


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
        self.queries: dict[str, Query] = {}
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.settings: dict[str, Any] = {}  # the webhook, menu buttons, descriptions
        # A new sandbox must not give out update ids a bot has seen from an older one: they begin by the clock.
        self.counters: dict[str, int] = {"update": max(int((time.time() - 1_750_000_000) * 8), 1)}
        self.on_deed: Deed = lambda what, person, details: None
        self.listeners: list[Callable[[Event], None]] = []
        self._load()
        self.files = Files(store, int(bot["id"]), partial(self.next_number, "file"))
        self.updates = UpdateQueue(store, partial(self.next_number, "update"))

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
        for _, document in self.store.load("query"):
            query = Query(**document)
            self.queries[query.id] = query
        for key, document in self.store.load("commands"):
            self.commands[key] = document
        for key, document in self.store.load("setting"):
            if key != "allowed_updates":  # the update queue's
                self.settings[key] = document
        for _, document in self.store.load("counters"):
            self.counters.update(document)

    def begin_anew(self) -> None:
        """Forgets people, chats, polls, files, taps and waiting updates. What the bot set for everybody stays, and
        numbers go on: no id is given out twice."""
        self.store.clear(but=("counters", "setting"))
        for kept in (self.people, self.chats, self.polls, self.queries, self.commands):
            kept.clear()
        self.files.clear()
        self.updates.clear()
        for key in [key for key in self.settings if key.startswith("menu:")]:
            del self.settings[key]
            self.store.delete("setting", key)

    def commit(self) -> None:
        """Makes everything so far durable. To be called before a request is answered."""
        self.store.flush()

    def on_event(self, event: Event) -> None:
        for listener in self.listeners:
            listener(event)

    def next_number(self, what: str) -> int:
        """Returns the next number of messages, taps, polls, files or updates."""
        self.counters[what] = self.counters.get(what, 0) + 1
        self.store.put("counters", "all", self.counters)
        return self.counters[what]

    def keep_person(self, person: Person) -> None:
        self.store.put("person", person.id, vars(person))

    def keep_message(self, message: Message) -> None:
        self.store.put("message", message.id, vars(message))

    def add_message(self, message: Message) -> None:
        chat = self.chats.setdefault(message.chat, {})
        chat[message.id] = message
        self.keep_message(message)
        if self.history is not None and len(chat) > self.history:
            oldest = chat.pop(next(iter(chat)))
            self.store.delete("message", oldest.id)
            if "poll" in oldest.body:
                self.polls.pop(oldest.body["poll"]["id"], None)
                self.store.delete("poll", oldest.body["poll"]["id"])

    def keep_poll(self, poll: Poll) -> None:
        self.store.put("poll", poll.body["id"], vars(poll))

    def timestamp(self) -> int:
        """Returns the sandbox's present in seconds since 1970."""
        return int(self.now().timestamp())

    # --- people ------------------------------------------------------------------------------------------------------

    def add_person(self, first_name: str, *, role: str = "participant", person_id: int | None = None) -> Person:
        if person_id is None:
            person_id = max(self.people, default=7_000_000_000) + 1
        person = Person(person_id, first_name, role)
        self.people[person.id] = person
        self.keep_person(person)
        self.on_event(Event("people", person.id))
        return person

    def make_known(self, person: Person) -> None:
        """Lets the bot write to the person, as if they had written to it before."""
        if not person.started:
            person.started = True
            self.keep_person(person)

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
            self.keep_person(person)

    def chat_of(self, chat_id: int) -> Person:
        """Returns the person of a private chat, if the bot may look at the chat. A person who never wrote is unknown to
        the bot, as at Telegram."""
        person = self.people.get(chat_id)
        if person is None or not person.started:
            raise Refused("chat not found")
        return person

    def writable(self, chat_id: int) -> Person:
        person = self.chat_of(chat_id)
        if person.blocked:
            raise Refused("bot was blocked by the user", 403)
        return person

    def bot_user(self) -> dict[str, Any]:
        return {name: self.bot[name] for name in ("id", "is_bot", "first_name", "username")}

    # --- messages ----------------------------------------------------------------------------------------------------

    def entities_json(self, entities: Iterable[Entity]) -> list[dict[str, Any]]:
        """Returns the entities as the Bot API shows them; mentions of people the bot does not know are dropped, as
        Telegram does."""
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
            "message_id": self.next_number("message"),
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
        self.add_message(message)
        self.on_event(Event("message", person.id, message))
        if markup is not None and markup.kind != "inline":
            self.set_keyboard(person, None if markup.kind == "remove" else markup.body)
        return message

    def set_keyboard(self, person: Person, keyboard: dict[str, Any] | None) -> None:
        if person.keyboard != keyboard:
            person.keyboard = keyboard
            self.keep_person(person)
            self.on_event(Event("keyboard", person.id, fields={"keyboard": keyboard}))

    def editable(self, chat_id: int, message_id: int) -> Message:
        message = self.message_of(chat_id, message_id, "message to edit not found")
        if not message.from_bot or message.frozen or "forward_origin" in message.body:
            raise Refused("message can't be edited")
        return message

    def edit(
        self, message: Message, content: dict[str, Any], replaced: Sequence[str], markup: Markup | None
    ) -> Message:
        """Changes a message: the fields `replaced` are removed, `content` is added, and the keyboard becomes `markup`
        (None: none). Raises Refused if nothing would change."""
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
        self.keep_message(message)
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
        """Sets the bot's reaction to a message; None removes it."""
        message.bot_reaction = emoji
        self.keep_message(message)
        self.on_event(Event("reaction", message.chat, message, {"message_id": message.id, "emoji": emoji}))

    def forwardable(self, chat_id: int, message_id: int, what: str) -> Message:
        message = self.message_of(chat_id, message_id, f"message to {what} not found")
        if message.body.get("has_protected_content"):
            words = "message has protected content and can't be forwarded"
            raise Refused(words if what == "forward" else "message can't be copied")
        return message

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
        """Tells the page, once for each, of taps that the bot never answered."""
        for query in list(self.queries.values()):
            if time.time() - query.asked > QUERY_SECONDS:
                self._forget_query(query)
                fields = {"query_id": query.id, "text": "", "alert": False, "expired": True}
                self.on_event(Event("toast", query.person, fields=fields))

    # --- commands ----------------------------------------------------------------------------------------------------

    def set_commands(self, key: str, commands: list[dict[str, str]] | None) -> None:
        """Sets the commands for `key`: scope and language as `commands_key` writes them. None or an empty list removes
        the entry."""
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
        """Returns the menu that this person sees. Telegram looks in the person's chat, then in all private chats, then
        in the default; in each first for their language, then for the entry without one."""
        for scope in (f"chat:{person.id}", "all_private_chats", "default"):
            for language in (person.language, ""):
                if commands := self.commands.get(commands_key(scope, language)):
                    return commands
        return []

    def save_setting(self, key: str, value: Any) -> None:
        self.settings[key] = value
        self.store.put("setting", key, value)


def commands_key(scope: str, language: str) -> str:
    """Returns scope ("default", "all_private_chats", "chat:<id>") and two-letter language as one key."""
    return f"{scope}|{language}"

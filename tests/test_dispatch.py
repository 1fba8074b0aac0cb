"""The handlers that may want an update are found by name; the choice is the same as if each of them were asked."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cache
from typing import Any, Final, cast

import pytest
from sqlalchemy.orm import Session
from telegram import Bot, Update, User
from telegram.ext import BaseHandler, CommandHandler

import handlers
from bot.capability import Context
from bot.delivery import outbox
from bot.people.people import Account, RoleGrant
from bot.people.rights import Rights
from bot.settings import Settings
from bot.telegram import updates
from bot.turns.dispatcher import Candidates, Dispatcher
from bot.turns.router import Conversation, Tap, Wanted
from bot.turns.turn import Turn
from tests.buttons import example
from tests.chat import MONDAY, content

PERSON = {"id": 5, "is_bot": False, "first_name": "Siti", "language_code": "id"}
CHAT = {"id": 5, "type": "private", "first_name": "Siti"}
FILE = {"file_id": "file-1", "file_unique_id": "unique-1", "file_size": 1}
CONTENTS: tuple[dict[str, Any], ...] = (
    {"text": "halo"},
    {"text": "halo /menu", "entities": [{"type": "bot_command", "offset": 5, "length": 5}]},
    {"text": "3201012345678901"},
    {"text": "BKDF"},
    {"text": "BKD7"},
    {"location": {"latitude": -8.5, "longitude": 119.9}},
    {"contact": {"phone_number": "+62800", "first_name": "Siti", "user_id": 5}},
    {"photo": [FILE | {"width": 1, "height": 1}]},
    {"document": FILE | {"file_name": "kelas.xlsx"}},
    {"voice": FILE | {"duration": 3}},
    {"sticker": FILE | {"width": 1, "height": 1, "is_animated": False, "is_video": False, "type": "regular"}},
    {"dice": {"emoji": "🎲", "value": 3}},
    {"new_chat_title": "Kelas"},
)


class Everybody(Candidates):
    """Asks each handler, from the first to the last."""

    def of(self, update: Update, under_way: str | None) -> list[BaseHandler[Any, Any, Any]]:
        return list(self._handlers)


@pytest.fixture(scope="module")
def dispatcher() -> Dispatcher:
    bot = Bot("1:made-up")
    bot._bot_user = User(1, "Jalin", True, username="jalin_bot")
    return Dispatcher(bot, handlers.CAPABILITIES)


def everything(dispatcher: Dispatcher) -> list[dict[str, Any]]:
    """Every button with and without a choice, every command, all that can be sent; and what nobody has heard of."""
    taps = ["", "\n", ":", "menu", "menu:", "nobody:knows", "nobody:knows:this", "menu:show\n", "menu:show\nmore"]
    commands = ["tidak_ada"]
    for handler in flat(dispatcher.application.handlers[0]):
        if isinstance(handler, Tap):
            action = handler.action.name
            taps += [
                example(handler.action).pack(),
                action,
                f"{action}:",
                f"{action}:1",
                f"{action}:samosir:2:x",
                f"{action}x",
                f"x{action}",
            ]
        elif isinstance(handler, CommandHandler):
            commands += handler.commands
    said = [*CONTENTS]
    for name in commands:
        for words in (f"/{name}", f"/{name.upper()} satu dua", f"/{name}@jalin_bot", f"/{name}@another_bot"):
            length = len(words.split()[0])
            said.append({"text": words, "entities": [{"type": "bot_command", "offset": 0, "length": length}]})
        said.append({"text": f"/{name}"})
    menu = {"message_id": 4, "date": 1, "chat": CHAT, "text": "Menu"}
    query = {"id": "7", "from": PERSON, "chat_instance": "5", "message": menu}
    return [
        *({"message": {"message_id": 5, "date": 1, "from": PERSON, "chat": CHAT, **one}} for one in said),
        *({"callback_query": query | {"data": data}} for data in taps),
        {"callback_query": query},
        {"edited_message": {"message_id": 5, "date": 1, "edit_date": 2, "from": PERSON, "chat": CHAT, "text": "Siti"}},
        {
            "message_reaction": {
                "chat": CHAT,
                "message_id": 5,
                "user": PERSON,
                "date": 1,
                "old_reaction": [],
                "new_reaction": [{"type": "emoji", "emoji": "👍"}],
            }
        },
        {"poll_answer": {"poll_id": "9", "user": PERSON, "option_ids": [1], "option_persistent_ids": ["1"]}},
    ]


def flat(given: Sequence[BaseHandler[Any, Any, Any]]) -> Iterator[BaseHandler[Any, Any, Any]]:
    for handler in given:
        if isinstance(handler, Conversation):
            for inner in (handler.entry_points, *handler.states.values(), handler.fallbacks):
                yield from inner
        else:
            yield handler


class _NoRoles(Rights):
    """The rights of people who have no role."""

    def of(self, account: Account) -> Sequence[RoleGrant]:
        return ()


NO_ROLES: Final = _NoRoles(cast(Session, None), ())


@cache
def context() -> Context:
    return Context(content(), Settings(_env_file=None))


def a_turn(dispatcher: Dispatcher, update: Update, conversation: str | None, state: str | None) -> Turn:
    account = Account(telegram_id=5, language="id", draft={}, conversation=conversation, state=state)
    turn = Turn(
        db=cast(Session, None),
        account=account,
        update=update,
        now=MONDAY,
        context=context(),
        dispatcher=dispatcher,
        rights=NO_ROLES,
        idle=timedelta(0),
    )
    # nothing was said to this chat: there is no database to look it up in
    turn.newest.__dict__["_found"] = outbox.Newest(None, None, None)
    return turn


def test_the_choice_is_that_of_asking_everybody(dispatcher: Dispatcher) -> None:
    updates_of_all_kinds = [
        updates.read({"update_id": 1, **payload}, dispatcher.application.bot) for payload in everything(dispatcher)
    ]
    by_name, everybody = dispatcher.candidates, Everybody(dispatcher.application.handlers[0])
    chance = random.Random(6)
    chosen: set[int] = set()
    states: list[tuple[str | None, str | None]] = [(None, None), ("of_last_year", "gone")]
    for name, conversation in dispatcher.conversations.items():
        states += [(name, str(state)) for state in conversation.states]
    for conversation_name, state in states:
        some = updates_of_all_kinds if conversation_name is None else chance.sample(updates_of_all_kinds, 300)
        for update in some:
            turn = a_turn(dispatcher, update, conversation_name, state)
            dispatcher.candidates = by_name
            handler, found = dispatcher.choose(turn)
            dispatcher.candidates = everybody
            wanted, meant = dispatcher.choose(turn)
            assert handler is wanted, (update, conversation_name, state)
            assert repr(found) == repr(meant)
            chosen.add(id(wanted))
    dispatcher.candidates = by_name
    # nobody stands in the list of contents in vain
    # (but for those that ask the database, which is not there)
    unheard = [
        one for one in dispatcher.application.handlers[0] if id(one) not in chosen and not isinstance(one, Wanted)
    ]
    assert [getattr(one, "action", one) for one in unheard] == []


def test_few_are_asked(dispatcher: Dispatcher) -> None:
    asked = [
        len(dispatcher.candidates.of(updates.read({"update_id": 1, **one}, dispatcher.application.bot), None))
        for one in everything(dispatcher)
        if "callback_query" in one
    ]
    assert max(asked) <= 4
    assert len(dispatcher.application.handlers[0]) > 100

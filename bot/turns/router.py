"""Which handler gets an update: python-telegram-bot's adapter.

PTB's handlers and ConversationHandlers are driven synchronously in a database thread. Conversations keep their state in
the person's row, which is read when the turn begins and goes back into it in the same commit. Beware: this file
uses private names of PTB 22.8 (`_conversations`, `_timeout_jobs_lock`, `_get_key`); read it again when PTB is
upgraded, and run tests/test_dispatch.py, which asks each handler in turn and compares.
"""

from __future__ import annotations

import re
import threading
import warnings
from collections.abc import Callable, Coroutine, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import replace
from typing import Any

import structlog
from telegram import Bot, Update
from telegram.ext import (
    Application,
    BaseHandler,
    CallbackQueryHandler,
    CommandHandler,
    ConversationHandler,
    MessageHandler,
    MessageReactionHandler,
    PollAnswerHandler,
    filters,
)
from telegram.warnings import PTBUserWarning

from bot.capability import Capability
from bot.people import audit
from bot.turns.turn import RESUME, Handler, NotAllowedError, NotRegisteredError, Resume, State, Turn, enter, leave
from bot.words.message import Button, Form, Words

log = structlog.get_logger("turn")

# --- the handlers' vocabulary: what a person can do ---------------------------------------------------------------


class _Context:
    """What python-telegram-bot hands to a callback; ours carries the turn."""

    def __init__(self, turn: Turn) -> None:
        self.turn = turn
        self.args: list[str] | None = None
        self.matches: list[Any] | None = None

    def update(self, data: dict[str, Any]) -> None:
        """PTB puts what a filter found here; our filters find nothing but yes or no."""


def _callback(handler: Handler) -> Callable[[Update, Any], Coroutine[Any, Any, State]]:
    async def callback(_update: Update, context: _Context) -> State:
        turn = context.turn
        if context.args is not None:
            turn.choice = " ".join(context.args)
        elif context.matches:
            turn.choice = context.matches[0].group(1) or ""
        return handler(turn)

    return callback


_PRIVATE = filters.ChatType.PRIVATE


class Tap(CallbackQueryHandler[Any, Any]):
    """A tapped button: `capability:action`, with or without `:choice` behind it."""

    def __init__(self, action: str, handler: Handler) -> None:
        self.form = re.compile(rf"^{action}(?::(.*))?$")
        super().__init__(_callback(handler), pattern=self.form)
        self.action = action
        self.handler = handler

    def check_update(self, update: object) -> re.Match[str] | None:
        """A tap that carries nothing is everybody's for python-telegram-bot; here it is an old button's."""
        query = update.callback_query if isinstance(update, Update) else None
        return None if query is None else self.form.match(query.data or "")


def tap(action: str, handler: Handler) -> BaseHandler[Any, Any, Any]:
    return Tap(action, handler)


def command(name: str, handler: Handler) -> BaseHandler[Any, Any, Any]:
    """A command like /jadwal, in a private chat."""
    return CommandHandler(name, _callback(handler), filters=_PRIVATE & filters.UpdateType.MESSAGE)


def typed(handler: Handler) -> BaseHandler[Any, Any, Any]:
    """Text that is no command."""
    return MessageHandler(_PRIVATE & filters.UpdateType.MESSAGE & filters.TEXT & ~filters.COMMAND, _callback(handler))


def sent(what: filters.BaseFilter, handler: Handler) -> BaseHandler[Any, Any, Any]:
    """Any other message: a location, a contact, a photo ..."""
    return MessageHandler(_PRIVATE & filters.UpdateType.MESSAGE & what, _callback(handler))


def answered(handler: Handler) -> BaseHandler[Any, Any, Any]:
    """A vote in a quiz poll. It has no chat, so no conversation ever wants it: PTB's ask for one."""
    return PollAnswerHandler(_callback(handler))


def reacted(handler: Handler) -> BaseHandler[Any, Any, Any]:
    """An emoji put on a message, changed, or taken away. What nobody wants stays without an answer."""
    return MessageReactionHandler(_callback(handler))


class _RowState(MutableMapping[Any, Any]):
    """The one conversation state PTB may see: the one in the row of the person whose turn it is."""

    def __init__(self, name: str) -> None:
        self.name = name

    def get(self, key: Any, default: Any = None) -> Any:
        account = _current.turn.account
        return account.state if account.conversation == self.name else default

    def __getitem__(self, key: Any) -> Any:
        account = _current.turn.account
        if account.conversation != self.name:
            raise KeyError(key)
        return account.state

    def __contains__(self, key: object) -> bool:
        return bool(_current.turn.account.conversation == self.name)

    def __setitem__(self, key: Any, state: Any) -> None:
        enter(_current.turn.account, self.name, state)

    def __delitem__(self, key: Any) -> None:
        leave(_current.turn.account, self.name)

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0


class _NoLock:
    """PTB guards its timeouts with an asyncio.Lock, which breaks when driven from a database thread. We use none."""

    async def __aenter__(self) -> None: ...

    async def __aexit__(self, *_: object) -> None: ...


class Conversation(ConversationHandler[Any]):
    """A PTB ConversationHandler whose state lives in the person's row. `resume` asks the current question again."""

    def __init__(
        self,
        name: str,
        *,
        entry_points: list[BaseHandler[Any, Any, Any]],
        states: Mapping[str, list[BaseHandler[Any, Any, Any]]],
        fallbacks: list[BaseHandler[Any, Any, Any]],
        resume: Resume,
    ) -> None:
        of_states: dict[object, list[BaseHandler[Any, Any, Any]]] = {state: states[state] for state in states}
        with warnings.catch_warnings():
            # PTB warns that taps are not followed per message; we mean that: one conversation per person
            warnings.simplefilter("ignore", PTBUserWarning)
            super().__init__(
                entry_points=entry_points, states=of_states, fallbacks=fallbacks, allow_reentry=True, name=name
            )
        self.resume = resume
        self._conversations = _RowState(name)
        self._timeout_jobs_lock = _NoLock()  # type: ignore[assignment]

    def _get_key(self, update: Update) -> tuple[int | str, ...]:
        return (0,)


class _Current(threading.local):
    turn: Turn


_current = _Current()


# --- dispatching --------------------------------------------------------------------------------------------------


class Candidates:
    """Which handlers may want an update at all, in their order. There are some 150, nearly all of them for one button
    or one command: these are found by its name. Whether one really wants it, it says itself, as always.
    """

    def __init__(self, handlers: Sequence[BaseHandler[Any, Any, Any]]) -> None:
        self._handlers = handlers
        self._conversations = {str(one.name): at for at, one in enumerate(handlers) if isinstance(one, Conversation)}
        self._of_action: dict[str, list[int]] = {}
        self._of_command: dict[str, list[int]] = {}
        self._of_every_tap: list[int] = []
        self._of_every_message: list[int] = []
        for at, handler in enumerate(handlers):
            # a conversation that is not under way can only be entered
            for one in handler.entry_points if isinstance(handler, Conversation) else [handler]:
                self._note(one, at)

    def _note(self, handler: BaseHandler[Any, Any, Any], at: int) -> None:
        match handler:
            case Tap():
                named = re.fullmatch(r"[a-z_]+:[a-z_]+", handler.action)
                (self._of_action.setdefault(handler.action, []) if named else self._of_every_tap).append(at)
            case CommandHandler():
                for name in handler.commands:
                    self._of_command.setdefault(name, []).append(at)
            case MessageHandler():
                self._of_every_message.append(at)
            case PollAnswerHandler() | MessageReactionHandler():
                pass  # neither taps nor messages: for these, everybody is asked
            case _:
                self._of_every_tap.append(at)
                self._of_every_message.append(at)

    def of(self, update: Update, under_way: str | None) -> list[BaseHandler[Any, Any, Any]]:
        """`under_way`: the conversation that the person is in, which may want anything."""
        query, message = update.callback_query, update.message
        if query is not None:
            found = set(self._of_every_tap)
            action = (query.data or "").rstrip("\n")  # the end of a pattern is also before a last new line
            while action:
                found.update(self._of_action.get(action, ()))
                action = action.rpartition(":")[0]
        elif message is not None:
            found = set(self._of_every_message)
            if message.text and message.entities:
                name = message.text[1 : message.entities[0].length].partition("@")[0]
                found.update(self._of_command.get(name.lower(), ()))
        else:
            return list(self._handlers)
        if under_way in self._conversations:
            found.add(self._conversations[under_way])
        return [self._handlers[at] for at in sorted(found)]


class Dispatcher:
    """Finds the handler for an update, PTB's way. Each database thread has its own: PTB's handlers keep state."""

    def __init__(self, bot: Bot, capabilities: Sequence[Capability]) -> None:
        self.application: Application[Any, Any, Any, Any, Any, Any] = (
            Application.builder().bot(bot).updater(None).job_queue(None).build()
        )
        self.conversations: dict[str, Conversation] = {}
        self._taps: dict[str, tuple[Handler, Conversation | None]] = {}
        for capability in capabilities:
            for handler in capability.handlers():
                self.application.add_handler(handler)
                if isinstance(handler, Conversation):
                    self.conversations[str(handler.name)] = handler
                    for entry in handler.entry_points:
                        if isinstance(entry, Tap):
                            self._taps[entry.action] = (entry.handler, handler)
                elif isinstance(handler, Tap):
                    self._taps[handler.action] = (handler.handler, None)
        self.candidates = Candidates(self.application.handlers[0])

    def dispatch(self, turn: Turn) -> None:
        """Run the first handler that wants the update. The last ones of the last capability want everything."""
        under_way = turn.account.conversation
        wanted: BaseHandler[Any, Any, Any] | None = None
        try:
            wanted, found = self.choose(turn)
            if wanted is None:
                return
            _drive(wanted.handle_update(turn.update, self.application, found, _Context(turn)))
            if under_way and under_way == turn.account.conversation and wanted is not self.conversations[under_way]:
                _offer_to_go_on(turn)
        except NotRegisteredError:
            self.follow(turn, "registration:begin")
        except NotAllowedError:
            _refuse(turn)
            if wanted is not None and wanted is self.conversations.get(under_way or ""):
                leave(turn.account, under_way)
        finally:
            del _current.turn

    def choose(self, turn: Turn) -> tuple[BaseHandler[Any, Any, Any] | None, Any]:
        """The handler that wants the update, and what it found in it."""
        _current.turn = turn
        for handler in self.candidates.of(turn.update, turn.account.conversation):
            found = handler.check_update(turn.update)
            if found is not None and found is not False:
                return handler, found
        return None, None

    def follow(self, turn: Turn, action: str) -> State:
        name, choice = action, ""
        while name not in self._taps:
            name, colon, part = name.rpartition(":")
            if not colon:
                raise LookupError(f"no handler for the action {action}")
            choice = f"{part}:{choice}" if choice else part
        handler, conversation = self._taps[name]
        turn.choice = choice
        turn.asked = turn.asked or conversation is not None
        state = handler(turn)
        if conversation is not None and isinstance(state, str):
            enter(turn.account, str(conversation.name), state)
            return None
        return state

    def resume(self, turn: Turn) -> bool:
        conversation = self.conversations.get(turn.account.conversation or "")
        if conversation is None or turn.account.state not in conversation.states:
            leave(turn.account)  # a conversation that no longer exists after an upgrade
            return False
        turn.asked = True
        conversation.resume(turn)
        return True


def _offer_to_go_on(turn: Turn) -> None:
    """Something else was answered in the middle of a conversation: the way back to its question."""
    texts = [at for at, post in enumerate(turn.posts) if post.message.form is Form.TEXT and not post.message.keyboard]
    if turn.asked or not texts:
        return
    post = turn.posts[texts[-1]]
    message = post.message
    if all(button.action != RESUME for row in message.buttons for button in row):
        go_on = (Button("menu.button.go_on", RESUME),)
        turn.posts[texts[-1]] = replace(post, message=message.with_buttons([go_on, *message.buttons]))


def _refuse(turn: Turn) -> None:
    """Somebody tried what is for staff. No blame: they may have tapped an old button, or lost the role since."""
    action = _tried(turn.update)
    log.warning("refused", action=action, account=turn.account.id)
    turn.note(audit.REFUSED, tried=action)
    turn.posts.clear()
    turn.answer = None
    turn.say("turn.not_allowed", contact=turn.settings.privacy_contact or Words("menu.contact_trainer"))


def _tried(update: Update) -> str:
    """What was tapped or typed, without what stands behind it: `sessions:cancel`, `/sesi`, or only `message`."""
    query, message = update.callback_query, update.message
    if query is not None and isinstance(query.data, str):
        found = re.match(r"[a-z_]{1,20}:[a-z_]{1,20}(?=:|$)", query.data)
        return found[0] if found else "button"
    found = re.match(r"/[a-z_]{1,20}(?=[\s@]|$)", (message.text or "") if message else "")
    return found[0] if found else "message"


def _drive(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine that never waits, without an event loop."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    coroutine.close()
    raise RuntimeError("a handler waited for something: a turn only reads and writes the database")

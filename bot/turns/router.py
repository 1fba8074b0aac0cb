"""What a handler takes: taps, commands, texts, and the conversations, as python-telegram-bot's handlers. Which of them
gets an update, `dispatcher` finds.

PTB's handlers and ConversationHandlers are driven synchronously in a database thread. Conversations keep their state in
the person's row, which is read when the turn begins and goes back into it in the same commit. Beware: this file
uses private names of PTB 22.8 (`_conversations`, `_timeout_jobs_lock`, `_get_key`); read it again when PTB is
upgraded, and run tests/test_dispatch.py, which asks each handler in turn and compares.
"""

from __future__ import annotations

import inspect
import threading
import warnings
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar, overload

from telegram import Chat, Update
from telegram.ext import (
    Application,
    BaseHandler,
    CommandHandler,
    ConversationHandler,
    MessageHandler,
    MessageReactionHandler,
    PollAnswerHandler,
    filters,
)
from telegram.warnings import PTBUserWarning

from bot.actions.menu import OpenMenu
from bot.people.people import persons_of
from bot.turns.for_whom import ask_for_whom
from bot.turns.turn import ABOUT, Handler, Resume, Turn
from bot.words.action import Action, PersonalAction


class _Current(threading.local):
    turn: Turn


current = _Current()
"""The turn that this thread handles: python-telegram-bot asks its handlers about an update alone."""


# --- the handlers' vocabulary: what a person can do ---------------------------------------------------------------


class CallbackContext:
    """The object that python-telegram-bot hands to a callback; it carries the turn."""

    def __init__(self, turn: Turn) -> None:
        self.turn = turn
        self.args: list[str] | None = None

    def update(self, data: dict[str, Any]) -> None:
        """Takes what a filter found: PTB puts it here. Our filters find nothing but yes or no."""


def _callback(handler: Handler) -> Callable[[Update, Any], Coroutine[Any, Any, None]]:
    """Returns the handler as python-telegram-bot calls it. It returns None, which leaves PTB's states as they are:
    handlers move in a conversation by `turn.ask`, `turn.enter` and `turn.leave`."""

    async def callback(_update: Update, context: CallbackContext) -> None:
        turn = context.turn
        if context.args is not None:
            turn.arguments = " ".join(context.args)
        handler(turn)

    return callback


def _parameters(handler: Callable[..., None]) -> int:
    """Returns how many parameters a handler has. `inspect` tells it of everything that can be called, but takes half of
    the time in which a dispatcher is made."""
    code = getattr(handler, "__code__", None)
    if code is None or inspect.ismethod(handler) or code.co_kwonlyargcount:
        return len(inspect.signature(handler).parameters)
    return int(code.co_argcount)


class _InPrivateChat(filters.UpdateFilter):
    """Lets updates of private chats through that are, or correct, a message. One filter in place of several that PTB
    would combine and ask one by one: every text passes all of them."""

    def __init__(self, *, corrected: bool | None = None, text: bool = False) -> None:
        """`corrected`: only a corrected message, or only one that is none; `text`: only text that is no command."""
        super().__init__()
        self._corrected, self._text = corrected, text

    def filter(self, update: Update) -> bool:
        message = update.message
        if message is None:
            message, corrected = update.edited_message, True
        else:
            corrected = False
        if message is None or message.chat.type != Chat.PRIVATE or self._corrected not in (None, corrected):
            return False
        return not self._text or (bool(message.text) and not filters.COMMAND.filter(message))


_PRIVATE: Final = _InPrivateChat()
_MESSAGE: Final = _InPrivateChat(corrected=False)
_TEXT: Final = _InPrivateChat(corrected=False, text=True)
_CORRECTED: Final = _InPrivateChat(corrected=True)


class Tap(BaseHandler[Update, Any, None]):
    """Handles a tapped button that carries an action of this class. Taps on buttons that nobody can have been sent are
    not taken."""

    def __init__(self, action: type[Action], handler: Callable[..., None]) -> None:
        super().__init__(_callback(handler))  # not called: the action is handed over by `run`
        self.action = action
        self.handler = handler
        self.answers_question = False
        """Whether the button answers a question of a conversation; then it does not count under any other message."""
        self._takes_action = _parameters(handler) > 1

    def check_update(self, update: object) -> Action | None:
        query = update.callback_query if isinstance(update, Update) else None
        return None if query is None else self.action.parse(query.data or "")

    async def handle_update(
        self, update: Update, application: Application[Any, Any, Any, Any, Any, Any], check_result: Any, context: Any
    ) -> None:
        self.pressed(context.turn, check_result)

    def pressed(self, turn: Turn, action: Action) -> None:
        """Handles the button, tapped or typed, for the person it is about, if that person can be told."""
        if isinstance(action, PersonalAction):
            if not _finds_whom(turn, action, self.answers_question):
                return
        elif not self.answers_question:
            turn.act_for(None)  # about the phone, not about the person of the question under way
        if turn.acts_for is not None and turn.update.callback_query is None:  # text that is typed has no toast
            turn.say("turn.acted_for", whom=turn.acts_for.called, plain=True)
        self.run(turn, action)
        if turn.acts_for is not None and turn.answer is None:
            turn.toast("turn.acted_for", whom=turn.acts_for.called)

    def run(self, turn: Turn, action: Action) -> None:
        if self._takes_action:
            self.handler(turn, action)
        else:
            self.handler(turn)


def _finds_whom(turn: Turn, action: PersonalAction, answers_question: bool) -> bool:
    """Makes the turn about the person whom a tap is about. Returns False if that person cannot be told; then the phone
    has been answered or asked."""
    account = turn.account
    under_way = turn.draft.get(ABOUT, account.current_person_id) if answers_question else None
    if action.person:
        person = turn.whose(action.person)
        if person is None or (answers_question and person.id != under_way):
            turn.toast("turn.not_of_this_phone" if person is None else "turn.question_of_another")
            turn.act_for(None)
            turn.follow(OpenMenu())
            return False
        turn.act_for(person)
        return True
    if answers_question:
        return True  # sent before buttons carried a person: the question is about somebody
    people = persons_of(turn.db, account)
    if len(people) < 2:
        return True
    # sent before buttons carried a person, and nobody can say for whom; not for somebody who has no name yet
    named = [one for one in people if one.name]
    ask_for_whom(turn, [(one, replace(action, person=one.id)) for one in named])
    return False


class AnyTap(BaseHandler[Update, Any, None]):
    """Handles any tapped button, also one that carries nothing."""

    def check_update(self, update: object) -> bool:
        return isinstance(update, Update) and update.callback_query is not None


A = TypeVar("A", bound=Action)


def tap(action: type[A], handler: Handler | Callable[[Turn, A], None]) -> BaseHandler[Any, Any, Any]:
    """Returns the handler of a tapped button. `handler` gets the action, if it takes one."""
    return Tap(action, handler)


def tapped_whatever(handler: Handler) -> BaseHandler[Any, Any, Any]:
    """Returns the handler of all taps that nobody else takes: old, forged or malformed buttons."""
    return AnyTap(_callback(handler))


@overload
def command(name: str, handler: Handler) -> BaseHandler[Any, Any, Any]: ...


@overload
def command(name: str, handler: Callable[[Turn, A], None], action: A) -> BaseHandler[Any, Any, Any]: ...


def command(name: str, handler: Callable[..., None], action: Action | None = None) -> BaseHandler[Any, Any, Any]:
    """Returns the handler of a command like /jadwal, in a private chat. With an `action` it is as if that button had
    been tapped."""
    asked = handler if action is None else lambda turn: handler(turn, action)
    return CommandHandler(name, _callback(asked), filters=_MESSAGE)


def typed(handler: Handler) -> BaseHandler[Any, Any, Any]:
    """Returns the handler of text that is no command."""
    return MessageHandler(_TEXT, _callback(handler))


def corrected(handler: Handler) -> BaseHandler[Any, Any, Any]:
    """Returns the handler of a message that was edited after it had been sent, and that is no answer in the
    conversation under way."""
    return MessageHandler(_CORRECTED, _callback(handler))


def sent(what: filters.BaseFilter, handler: Handler) -> BaseHandler[Any, Any, Any]:
    """Returns the handler of any other message: a location, a contact, a photo ..."""
    return MessageHandler(_MESSAGE & what, _callback(handler))


class Wanted(MessageHandler[Any, Any]):
    """Handles messages where `when(turn)`, a question to the database, says so."""

    def __init__(
        self, what: filters.BaseFilter, when: Callable[[Turn], bool], handler: Handler, *, takes_albums: bool = False
    ) -> None:
        super().__init__(_PRIVATE & what, _callback(handler))
        self._when = when
        self.takes_albums = takes_albums

    def check_update(self, update: object) -> Any:
        found = super().check_update(update)
        return found if found is not None and found is not False and self._when(current.turn) else None


def wanted(
    what: filters.BaseFilter, when: Callable[[Turn], bool], handler: Handler, *, takes_albums: bool = False
) -> BaseHandler[Any, Any, Any]:
    """Returns the handler of messages of this kind, but only where `when(turn)` says so; others go on to the next.
    `takes_albums`: also the pictures of an album after the first."""
    return Wanted(what, when, handler, takes_albums=takes_albums)


def answered(handler: Handler) -> BaseHandler[Any, Any, Any]:
    """Returns the handler of a vote in a quiz poll. A vote has no chat, so no conversation takes it: PTB's need a
    chat."""
    return PollAnswerHandler(_callback(handler))


def reacted(handler: Handler) -> BaseHandler[Any, Any, Any]:
    """Returns the handler of an emoji put on a message, changed, or taken away. If nobody takes it, nothing is said."""
    return MessageReactionHandler(_callback(handler))


class _RowState(Mapping[Any, Any]):
    """The conversation state as PTB sees it: that of the person whose turn it is, read from their row. PTB never writes
    it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def get(self, key: Any, default: Any = None) -> Any:
        account = current.turn.account
        return account.state if account.conversation == self.name else default

    def __getitem__(self, key: Any) -> Any:
        account = current.turn.account
        if account.conversation != self.name:
            raise KeyError(key)
        return account.state

    def __contains__(self, key: object) -> bool:
        return bool(current.turn.account.conversation == self.name)

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0


class _NoLock:
    """Stands in for the asyncio.Lock by which PTB guards its timeouts: that breaks when driven from a database thread,
    and we use no timeouts."""

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
        asks_before_sending: bool = False,
    ) -> None:
        of_states: dict[object, list[BaseHandler[Any, Any, Any]]] = {state: states[state] for state in states}
        with warnings.catch_warnings():
            # PTB warns that taps are not followed per message; we mean that: one conversation per person
            warnings.simplefilter("ignore", PTBUserWarning)
            super().__init__(
                entry_points=entry_points, states=of_states, fallbacks=fallbacks, allow_reentry=True, name=name
            )
        for one in (*(handler for state in of_states.values() for handler in state), *fallbacks):
            if isinstance(one, Tap):
                one.answers_question = True
        self.resume = resume
        self.asks_before_sending = asks_before_sending
        """Its answers go to somebody: after something else was looked at, its draft says so (`turn.ASIDE`)."""
        self.corrected_elsewhere: frozenset[str] = frozenset()
        """States whose answers are not corrected by answering the question anew: the capability has a handler of edited
        messages for them."""
        self._conversations = _RowState(name)  # type: ignore[assignment]
        self._timeout_jobs_lock = _NoLock()  # type: ignore[assignment]

    def _get_key(self, update: Update) -> tuple[int | str, ...]:
        return (0,)

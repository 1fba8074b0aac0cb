"""Finds the handler that takes an update, and runs it: the first that wants it, in the order of the capabilities.

An update is first a correction, or a further piece of a long text; then each capability's `hears_first` is asked about
text; then the handlers. Afterwards the question of a conversation that something else interrupted is offered again.
"""

from __future__ import annotations

import re
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any

import structlog
from telegram import Bot, Update
from telegram.ext import (
    Application,
    BaseHandler,
    CommandHandler,
    MessageHandler,
    MessageReactionHandler,
    PollAnswerHandler,
)

from bot.actions.buttons import GO_ON
from bot.actions.menu import OpenMenu
from bot.actions.registration import BeginRegistration
from bot.capability import Capability
from bot.people import audit
from bot.people.parking import leave
from bot.turns.corrections import as_written, note_answer, state_corrected
from bot.turns.router import AnyTap, CallbackContext, Conversation, Tap, Wanted, current
from bot.turns.together import rest_of_album, rest_of_long_text, tapped
from bot.turns.turn import ABOUT, ASIDE, NotAllowedError, NotRegisteredError, Turn
from bot.words.action import Action
from bot.words.message import Form

log = structlog.get_logger("turn")


class Candidates:
    """Finds the handlers that may take an update, in their order.

    There are some 150, nearly all of them for one button or one command: those are found by its name. Whether a handler
    really takes the update, the handler still decides itself.
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
                self._of_action.setdefault(handler.action.name, []).append(at)
            case AnyTap():
                self._of_every_tap.append(at)
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
        """Returns the candidates. `under_way`: the conversation that the person is in, which may take anything."""
        query, message = update.callback_query, update.message
        if query is not None:
            name = ":".join((query.data or "").split(":")[:2])
            found = {*self._of_every_tap, *self._of_action.get(name, ())}
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
    """Finds the handler for an update, as PTB does. Each database thread has a dispatcher of its own, because PTB's
    handlers keep state."""

    def __init__(self, bot: Bot, capabilities: Sequence[Capability]) -> None:
        self.application: Application[Any, Any, Any, Any, Any, Any] = (
            Application.builder().bot(bot).updater(None).job_queue(None).build()
        )
        self.conversations: dict[str, Conversation] = {}
        self._taps: dict[type[Action], tuple[Tap, Conversation | None]] = {}
        for capability in capabilities:
            for handler in capability.handlers():
                self.application.add_handler(handler)
                if isinstance(handler, Conversation):
                    self.conversations[str(handler.name)] = handler
                    for entry in handler.entry_points:
                        if isinstance(entry, Tap):
                            self._taps[entry.action] = (entry, handler)
                elif isinstance(handler, Tap):
                    self._taps[handler.action] = (handler, None)
        self._hear_first = [one.hears_first for one in capabilities if one.hears_first is not None]
        self._speak_last = [one.speaks_last for one in capabilities if one.speaks_last is not None]
        self.candidates = Candidates(self.application.handlers[0])

    def dispatch(self, turn: Turn) -> None:
        """Runs the first handler that takes the update. The last handlers of the last capability take everything."""
        came = turn.update
        if self._handled(turn) and turn.update is came:  # a correction was dispatched anew, and all was said then
            current.turn = turn
            try:
                for speaks in self._speak_last:
                    speaks(turn)
            finally:
                del current.turn

    def _handled(self, turn: Turn) -> bool:
        """Runs the handler that takes the update. Returns False if no handler does, if the account may not, or if the
        update was handled as part of an earlier message (its correction, the rest of a long text)."""
        if turn.update.callback_query is not None or turn.update.poll_answer is not None:
            tapped(turn)
        if self._corrected(turn) or rest_of_long_text(turn):
            return False
        under_way, state = turn.account.conversation, turn.account.state
        current.turn = turn
        wanted: BaseHandler[Any, Any, Any] | None = None
        try:
            if self._heard_first(turn):
                if under_way and under_way == turn.account.conversation:
                    _offer_to_go_on(turn, notes=self.conversations[under_way].asks_before_sending)
                return True
            wanted, found = self.choose(turn)
            if wanted is None:
                return False
            answers = under_way is not None and wanted is self.conversations[under_way]
            if answers and not self._knows_whom(turn):
                return True
            whole_album = isinstance(wanted, Wanted) and wanted.takes_albums
            if not whole_album and rest_of_album(turn, begins=not answers):
                return False
            _drive(wanted.handle_update(turn.update, self.application, found, CallbackContext(turn)))
            if answers and turn.account.conversation != under_way:
                rest_of_album(turn)  # the album answered what was asked: no further picture of it begins anything
            if under_way and answers and state and turn.account.conversation == under_way:
                elsewhere = self.conversations[under_way].corrected_elsewhere
                if turn.account.state != state and state not in elsewhere:
                    note_answer(turn, state)
            if under_way and under_way == turn.account.conversation and wanted is not self.conversations[under_way]:
                _offer_to_go_on(turn, notes=self.conversations[under_way].asks_before_sending)
            return True
        except NotRegisteredError:
            # staff have no seat or lesson of their own that typed words could be about: they asked for no registration
            typed = bool(turn.text) and not turn.text.startswith("/")
            self.follow(turn, OpenMenu() if typed and turn.serves else BeginRegistration())
            return True
        except NotAllowedError:
            _refuse(turn)
            if wanted is not None and wanted is self.conversations.get(under_way or ""):
                leave(turn.account, under_way)
            return False
        finally:
            current.__dict__.pop("turn", None)  # gone already where a correction was dispatched as a message

    def _corrected(self, turn: Turn) -> bool:
        """Handles an update that corrects an answer in the conversation under way: the new words answer the same
        question, and the conversation stays where it was. Returns False if the update is no such correction; a location
        that moves is none."""
        account, state = turn.account, state_corrected(turn)
        if state is None:
            return False
        under_way, asked = account.conversation, account.state
        account.state = state
        as_written(turn)
        self.dispatch(turn)
        if account.conversation == under_way and account.state not in (state, asked):
            turn.posts.clear()
            account.state = asked
            self.resume(turn)
        return True

    def _knows_whom(self, turn: Turn) -> bool:
        """Makes the turn about the person whom the conversation under way is about. Returns False if that person is
        gone from the phone; then the conversation has been ended."""
        number = turn.draft.get(ABOUT)
        if number is None:
            return True
        turn.act_for(turn.whose(number))
        if turn.acts_for is not None or number == turn.account.current_person_id:
            return True
        turn.leave_everything()
        turn.toast("turn.not_of_this_phone")
        self.follow(turn, OpenMenu())
        return False

    def choose(self, turn: Turn) -> tuple[BaseHandler[Any, Any, Any] | None, Any]:
        """Returns the handler that takes the update, and what it found in it."""
        current.turn = turn
        for handler in self.candidates.of(turn.update, turn.account.conversation):
            found = handler.check_update(turn.update)
            if found is not None and found is not False:
                return handler, found
        return None, None

    def _heard_first(self, turn: Turn) -> bool:
        return bool(turn.text) and not turn.text.startswith("/") and any(hears(turn) for hears in self._hear_first)

    def press(self, turn: Turn, action: Action) -> bool:
        """Handles the action as if its button had been tapped below the open question. False if nobody takes it (any
        more)."""
        conversation = self.conversations.get(turn.account.conversation or "")
        waiting = conversation.states.get(turn.account.state or "", ()) if conversation is not None else ()
        for handler in (*waiting, *(conversation.fallbacks if conversation is not None else ())):
            if isinstance(handler, Tap) and handler.action is type(action):
                handler.pressed(turn, action)
                return True
        if type(action) not in self._taps:
            return False
        entry, begun = self._taps[type(action)]
        turn.asked = turn.asked or begun is not None
        entry.pressed(turn, action)
        return True

    def break_off(self, turn: Turn) -> bool:
        """Handles the turn as if /batal had been sent to the conversation under way; False if it has no handler for
        that."""
        conversation = self.conversations.get(turn.account.conversation or "")
        for handler in conversation.fallbacks if conversation is not None else ():
            if isinstance(handler, CommandHandler) and "batal" in handler.commands:
                _drive(handler.callback(turn.update, CallbackContext(turn)))
                return True
        return False

    def follow(self, turn: Turn, action: Action) -> None:
        """Handles the action as if its button had been tapped. Raises KeyError if nobody takes it outside of a
        conversation."""
        handler, conversation = self._taps[type(action)]
        turn.asked = turn.asked or conversation is not None
        handler.run(turn, action)

    def resume(self, turn: Turn) -> bool:
        conversation = self.conversations.get(turn.account.conversation or "")
        if conversation is None or turn.account.state not in conversation.states:
            leave(turn.account)  # a conversation that no longer exists after an upgrade
            return False
        turn.asked = True
        if self._knows_whom(turn):
            conversation.resume(turn)
        return True


def _offer_to_go_on(turn: Turn, *, notes: bool) -> None:
    """Offers the way back to the question of a conversation, after something else was answered in the middle of it.
    Never beside a button with a colour, which decides something: "go on" would be read as "yes". `notes`: the draft
    keeps that this was so."""
    if turn.asked:
        return
    if notes and (turn.update.callback_query is not None or turn.update.message is not None):
        turn.keep(**{ASIDE: True})
    texts = [at for at, post in enumerate(turn.posts) if post.message.form is Form.TEXT and not post.message.keyboard]
    if not texts:
        return
    post = turn.posts[texts[-1]]
    message = post.message
    buttons = [button for row in message.buttons for button in row]
    if all(button.data != GO_ON.data and button.style is None for button in buttons):
        go_on = (GO_ON,)
        turn.posts[texts[-1]] = replace(post, message=message.with_buttons([go_on, *message.buttons]))


def _refuse(turn: Turn) -> None:
    """Answers somebody who tried what only staff may do, without blame: they may have tapped an old button, or lost the
    role since."""
    action = _tried(turn.update)
    log.warning("refused", action=action, account=turn.account.id)
    audit.refuse(turn.db, actor=turn.account, tried=action, now=turn.now)
    turn.posts.clear()
    turn.answer = None
    turn.say("turn.not_allowed", contact=turn.contact)


def _tried(update: Update) -> str:
    """Returns what was tapped or typed, without its values: `sessions:cancel`, `/sesi`, or only `message`."""
    query, message = update.callback_query, update.message
    if query is not None and isinstance(query.data, str):
        found = re.match(r"[a-z_]{1,20}:[a-z_]{1,20}(?=:|$)", query.data)
        return found[0] if found else "button"
    found = re.match(r"/[a-z_]{1,20}(?=[\s@]|$)", (message.text or "") if message else "")
    return found[0] if found else "message"


def _drive(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Runs a coroutine that never waits, without an event loop."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    coroutine.close()
    raise RuntimeError("a handler waited for something: a turn only reads and writes the database")

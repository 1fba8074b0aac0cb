"""One turn: what one person did, what the programme decides, what is said, all in one commit.

Many people's turns share one transaction (up to BATCH people, one update each); a batch that fails is rolled back and
its turns are run one by one, so that only the bad one fails. Handlers are plain functions of a `Turn`; they are driven
through python-telegram-bot's own handlers and ConversationHandlers, whose state is read from the person's row when the
turn begins and goes back into it in the same commit.
"""

from __future__ import annotations

import re
import secrets
import threading
import traceback
import warnings
from collections.abc import Callable, Coroutine, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import structlog
import telegram
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session
from telegram import Bot, PollAnswer, ReactionTypeEmoji, Update
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

from bot.capability import Capability, Context
from bot.catalogue.content import Content
from bot.database import Database, DatabaseUnavailableError, Signal, leave_to_others, take_due_flag
from bot.delivery import background_jobs, outbox
from bot.delivery.outbox import ClaimedMessage, Post
from bot.people import audit
from bot.people.people import Account, Person, Role, RoleGrant, accounts_of, was_here, whose, write_presence
from bot.people.rights import Rights
from bot.settings import Settings
from bot.telegram import updates
from bot.telegram.sanitize import part_of
from bot.turns import inbox
from bot.words.message import Button, Form, Keyboard, Message, Rows, Value, Words, rows

log = structlog.get_logger("turn")

BATCH: Final = 64
"""How many people's turns share one transaction at the most."""

State = str | int | None
END: Final = ConversationHandler.END
"""A conversation's handler returns the next state, None to stay at the same question, or END."""

Handler = Callable[["Turn"], State]
Resume = Callable[["Turn"], None]

MENU: Final = "menu:show"
HELP: Final = "menu:help"
RESUME: Final = "menu:resume"


class NotRegisteredError(Exception):
    """The handler needs a registered person and there is none: the turn goes on with the registration."""


class NotAllowedError(Exception):
    """The handler is for staff, or for the staff of another site: refused politely, logged, and in the audit."""


@dataclass(frozen=True)
class Answer:
    """How a tap is answered: the spinner stops, and perhaps a short word is shown."""

    query_id: str
    message: Message | None
    language: str
    alert: bool = False


@dataclass
class Turn:
    """What a handler sees of the world, and how it speaks."""

    db: Session
    account: Account
    update: Update
    now: datetime
    """The bot's present (UTC); tests and the sandbox can move it."""
    context: Context
    dispatcher: Dispatcher
    rights: Rights
    choice: str = ""
    """What stands behind the action in the button that was tapped; or a command's arguments."""
    posts: list[Post] = field(default_factory=list)
    answer: Message | None = None
    alert: bool = False
    idle: timedelta = timedelta(0)
    """How long this phone had been silent before this turn."""
    reload: bool = False
    """Wanted: content and words are read again after the commit, and this chat is told what came of it."""
    asked: bool = False
    """The question of the conversation under way was put (again) in this turn."""
    keeps_tapped: bool = False
    """The tapped message is no menu and stays as it is: what it leads to is a new message."""

    # --- who and what ----------------------------------------------------------------------------------------------

    @property
    def person(self) -> Person:
        """Who speaks. Raises NotRegisteredError before registration is finished, which brings the person there."""
        if self.account.person is None or not self.registered:
            raise NotRegisteredError
        return self.account.person

    @property
    def registered(self) -> bool:
        person = self.account.person
        return person is not None and person.registered_at is not None and bool(person.consent_training)

    def whose(self, person_id: int | None) -> Person | None:
        """The person a button was made for, whoever is this phone's current person; None: nobody of this phone."""
        return whose(self.db, self.account, person_id or 0)

    @property
    def content(self) -> Content:
        return self.context.content

    @property
    def settings(self) -> Settings:
        return self.context.settings

    @property
    def language(self) -> str:
        return self.account.language

    # --- rights: read anew for every batch of turns, so that what is taken away is gone at once --------------------

    @property
    def admin(self) -> bool:
        """By the settings, or made one by an admin."""
        return self.account.telegram_id in self.settings.admin_ids or any(
            grant.role == Role.ADMIN for grant in self._grants
        )

    @property
    def staff_sites(self) -> frozenset[str]:
        """The sites whose classes and people the account looks after: an admin's are all, a participant's none."""
        if self.admin:
            return frozenset(site.id for site in self.content.sites)
        return frozenset(grant.site_id for grant in self._grants if grant.role == Role.TRAINER and grant.site_id)

    @property
    def staff(self) -> bool:
        """A trainer or an admin."""
        return self.admin or bool(self.staff_sites)

    @property
    def role(self) -> Role:
        """The highest of them: which command menu this chat has."""
        return Role.ADMIN if self.admin else Role.TRAINER if self.staff else Role.PARTICIPANT

    def must_be_staff(self) -> None:
        """Raises NotAllowedError for whoever is neither trainer nor admin. Ask before anything is changed."""
        if not self.staff:
            raise NotAllowedError

    def must_lead(self, site_id: str | None) -> None:
        """Raises NotAllowedError unless the account looks after this site. Ask before anything is changed."""
        if not self.admin and site_id not in self.staff_sites:
            raise NotAllowedError

    def must_be_admin(self) -> None:
        """Raises NotAllowedError for everybody else. Ask before anything is changed."""
        if not self.admin:
            raise NotAllowedError

    @property
    def _grants(self) -> Sequence[RoleGrant]:
        return self.rights.of(self.account)

    def rights_changed(self) -> None:
        """Roles were given or taken in this very turn, this account's or another's: read them anew."""
        self.rights.changed()

    def note(self, action: str, subject: str = "", *, site_id: str | None = None, **details: Any) -> None:
        """Write a staff action into the audit (`programme/audit.py`; its words: `staff.audit.<action>`)."""
        audit.note(
            self.db, actor=self.account, action=action, now=self.now, subject=subject, site_id=site_id, **details
        )

    @property
    def bot_username(self) -> str:
        return str(self.dispatcher.application.bot.username)

    @property
    def draft(self) -> dict[str, Any]:
        """What was told so far in the conversation. Read it here, change it with `keep`."""
        return self.account.draft

    def keep(self, **facts: Any) -> None:
        """Put facts into the draft (a new dict each time: only then does the database see the change)."""
        self.account.draft = {**self.account.draft, **facts}

    @property
    def text(self) -> str:
        """What the person wrote; empty for everything else."""
        message = self.update.message
        return (message.text or "") if message else ""

    def number(self, at: int = 0) -> int | None:
        """The choice as a number (its `at`-th part between colons); None when a forged button holds something else, or
        one so large that a page of that number is none for the database."""
        parts = self.choice.split(":")
        if at >= len(parts) or not parts[at].isascii() or not parts[at].isdigit() or len(parts[at]) > 15:
            return None
        return int(parts[at])

    @property
    def poll_answer(self) -> PollAnswer | None:
        """The vote in a quiz poll, if that is what came. It has no chat: only its person is known."""
        return self.update.poll_answer

    @property
    def reaction(self) -> tuple[int, frozenset[str]] | None:
        """On which message (Telegram's id) an emoji was put, and which were not there before; None for all else."""
        changed = self.update.message_reaction
        if changed is None:
            return None
        old, new = (
            frozenset(one.emoji for one in given if isinstance(one, ReactionTypeEmoji))
            for given in (changed.old_reaction, changed.new_reaction)
        )
        return changed.message_id, new - old

    def said_as(self, message_id: int) -> Message | None:
        """The speech that this message of the chat (Telegram's id) was; None if it was not ours, or is long ago."""
        return outbox.said_as(self.db, self.account, message_id)

    @property
    def sees_answer_in_place(self) -> bool:
        """The tapped message is the last of the chat: what it asks or says now is what the person sees."""
        query = self.update.callback_query
        return (
            query is not None and query.message is not None and query.message.message_id >= self.account.last_message_id
        )

    # --- speaking --------------------------------------------------------------------------------------------------

    def say(
        self,
        key: str,
        facts: Mapping[str, Value] | None = None,
        /,
        *,
        buttons: Sequence[Sequence[Button]] = (),
        keyboard: Keyboard | None = None,
        plain: bool = False,
        secret: bool = False,
        **values: Value,
    ) -> None:
        """Send a message: news. A last row [Menu] [Bantuan] is added where it is missing, unless `plain`.

        `facts` and `values` together fill the placeholders of the text. `secret`: nothing of it stays in the ledger.
        """
        values = {**(facts or {}), **values}
        ways = self._with_ways_out(buttons, keyboard, plain)
        self.send(Message(key, values, ways, keyboard=keyboard, secret=secret))

    def show(
        self,
        key: str,
        facts: Mapping[str, Value] | None = None,
        /,
        *,
        buttons: Sequence[Sequence[Button]] = (),
        plain: bool = False,
        secret: bool = False,
        **values: Value,
    ) -> None:
        """A menu or a question: takes the place of the message whose button was tapped, if that is still the last
        of the chat; otherwise it is a new message."""
        message = Message(key, {**(facts or {}), **values}, self._with_ways_out(buttons, None, plain), secret=secret)
        self._post(message, edit_message_id=self._menu_in_place())

    def send(self, message: Message, *, quiz_id: int | None = None) -> None:
        """Send a message of any form, as it is. `quiz_id` names the asking of a question that a quiz poll is."""
        self._post(message, quiz_id=quiz_id)

    def toast(self, key: str, *, alert: bool = False, **values: Value) -> None:
        """Answer a tap with a short word over the chat (200 characters). Nothing for what is not a tap."""
        self.answer = Message(key, values)
        self.alert = alert

    def tell(self, account: Account, message: Message) -> None:
        """Say something to somebody else's phone, because of what was done here."""
        if account.blocked_at is None:
            outbox.post(self.db, outbox.to(account, message, person_id=account.current_person_id), now=self.now)

    def follow(self, action: str) -> State:
        """Go on as if the button with this action had been tapped: how one capability hands over to another."""
        return self.dispatcher.follow(self, action)

    def resume(self) -> bool:
        """Ask again what is being asked; False when no conversation is under way."""
        return self.dispatcher.resume(self)

    def _post(self, message: Message, **details: Any) -> None:
        person = self.account.person
        self.posts.append(
            outbox.to(
                self.account,
                message,
                person_id=person.id if person else None,
                called=person.called if person else None,
                **details,
            )
        )

    def _menu_in_place(self) -> int | None:
        query = self.update.callback_query
        if query is None or query.message is None or self.posts or not self.sees_answer_in_place:
            return None
        if self.keeps_tapped:
            return None
        # a quiz, a picture or a pin cannot become a text: what is shown instead is a new message
        shown = query.message.text if isinstance(query.message, telegram.Message) else None
        return query.message.message_id if shown is not None else None

    def _with_ways_out(self, buttons: Sequence[Sequence[Button]], keyboard: Keyboard | None, plain: bool) -> Rows:
        given = rows(*buttons)
        if plain or keyboard in (Keyboard.SHARE_LOCATION, Keyboard.SHARE_CONTACT):
            return given
        actions = {button.action for row in given for button in row}
        out = []
        if MENU not in actions and self.account.conversation is None and (self.registered or self.staff):
            out.append(Button("button.menu", MENU))
        if HELP not in actions:
            out.append(Button("button.help", HELP))
        return (*given, tuple(out)) if out else given


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


def enter(account: Account, conversation: str, state: str) -> None:
    """Be in this conversation. Another one that was under way is parked, and taken up again when this one ends."""
    if account.conversation not in (None, conversation):
        account.parked = {"conversation": account.conversation, "state": account.state, "draft": account.draft}
        account.draft = {}
    account.conversation, account.state = conversation, state


def leave(account: Account, conversation: str | None = None) -> None:
    """End the conversation and its draft; a parked one comes back."""
    if conversation is not None and account.conversation != conversation:
        return
    parked = account.parked
    account.conversation = account.state = account.parked = None
    account.draft = {}
    if parked:
        account.conversation, account.state = parked["conversation"], parked["state"]
        account.draft = dict(parked["draft"])


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


# --- running ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Done:
    """What a batch of turns leaves to do once it is committed."""

    claimed: list[ClaimedMessage]
    answers: list[Answer]
    something_due: bool
    written: bool
    """Rows were written that nobody holds yet: the sender must look into the ledger."""
    handled: int = 0
    """How many updates these were."""
    failed: int = 0
    reload_for: Sequence[int] = ()
    """Accounts that asked for content to be read again."""
    asked: bool = False
    """Something slow was asked for: see errands."""


READ_ONLY: Final = "25006"
"""PostgreSQL's word for a standby that has not taken over yet."""


class EndsTheProcessError(Exception):
    """An update was begun again and again, and each time the process ended."""


class Turns:
    """Runs batches of inbox rows, in a database thread."""

    def __init__(
        self,
        *,
        database: Database,
        bot: Bot,
        capabilities: Sequence[Capability],
        context: Callable[[], Context],
        now: Callable[[], datetime],
        holder: str,
        alone: bool,
    ) -> None:
        """`alone`: no other process handles updates of this database."""
        self._database = database
        self._bot = bot
        self._capabilities = capabilities
        self._context = context
        self._now = now
        self._holder = holder
        self._alone = alone
        self._left_over_until: datetime | None = None
        self._not_to_blame: dict[int, int] = {}
        """Updates that were begun again and not done because the database was away, with their `tries` before that."""
        self._threads = threading.local()

    def _dispatcher(self) -> Dispatcher:
        found: Dispatcher | None = getattr(self._threads, "dispatcher", None)
        if found is None:
            found = self._threads.dispatcher = Dispatcher(self._bot, self._capabilities)
        return found

    def run(self, batch: Sequence[inbox.Arrival], hand_over: bool) -> Done:
        """Handle a batch: one update each of different people. `hand_over`: replies go straight to our own sender.

        All or none of them are left over from an earlier process; then they are begun `inbox.with_care`. Raises
        DatabaseUnavailableError, whose `done` tells what could be committed before, if anything.
        """
        tries = batch[0].tries
        if tries is None:
            return self._run(batch, hand_over)
        if tries >= inbox.TRIES:
            return self._apologise(batch[0], EndsTheProcessError(), hand_over)
        ids = [arrival.update_id for arrival in batch]
        try:
            with _or_unavailable(), self._database.transaction() as db:
                inbox.count_tries(db, ids, tries + 1)
            return self._run(batch, hand_over)
        except DatabaseUnavailableError:
            self._not_to_blame.update(dict.fromkeys(ids, tries))
            with suppress(DatabaseUnavailableError):
                self._clear_the_innocent()
            raise

    def _clear_the_innocent(self) -> None:
        """They did not end the process: take back that they were begun again."""
        counted = dict(self._not_to_blame)
        if not counted:
            return
        with _or_unavailable(), self._database.transaction() as db:
            for tries in set(counted.values()):
                inbox.count_tries(db, [one for one, before in counted.items() if before == tries], tries)
        for update_id in counted:
            self._not_to_blame.pop(update_id, None)

    def _run(self, batch: Sequence[inbox.Arrival], hand_over: bool) -> Done:
        try:
            try:
                with self._database.transaction() as db:
                    return self._handle(db, inbox.still_undone(db, batch, shared=not self._alone), hand_over)
            except Exception as problem:
                if len(batch) == 1 or _connection_lost(problem):
                    raise
            return self._one_by_one(batch, hand_over)
        except DatabaseUnavailableError:
            raise
        except Exception as problem:
            if (away := _away(problem)) is not None and not _our_own_mistake(problem):
                raise away from None
            return self._apologise(batch[0], problem, hand_over)

    def _one_by_one(self, batch: Sequence[inbox.Arrival], hand_over: bool) -> Done:
        """All of a batch was rolled back: so that only the bad one fails."""
        done: list[Done] = []
        for arrival in batch:
            try:
                done.append(self._run([arrival], hand_over))
            except DatabaseUnavailableError as problem:
                problem.done = _together(done) if done else None
                raise
        return _together(done)

    def run_left_over(self, limit: int) -> Done | None:
        """Like `run_next`, for what a process that ended may have had in hand: begun `inbox.with_care`."""
        until = self._left_over_until = self._left_over_until or self._now()
        self._clear_the_innocent()
        with _or_unavailable(), self._database.transaction() as db:
            batch = inbox.with_care(inbox.claim(db, limit, left_over=until))
        return self.run(batch, hand_over=False) if batch else None

    def run_next(self, limit: int) -> Done | None:
        """Claim and handle the next updates of up to `limit` people (PostgreSQL); None if none waits for us.

        Replies go into the ledger: who sends them is another process. Raises DatabaseUnavailableError like `run`.
        """
        batch: list[inbox.Arrival] = []
        try:
            with self._database.transaction() as db:
                batch = inbox.claim(db, limit)
                return self._handle(db, batch, hand_over=False) if batch else None
        except Exception as problem:
            if not batch or _connection_lost(problem):
                raise _away(problem) or problem from None
        return self._one_by_one(batch, hand_over=False)

    def _handle(self, db: Session, fresh: Sequence[inbox.Arrival], hand_over: bool) -> Done:
        """The turns of a batch, inside a transaction; what is said of them is only true once that is committed."""
        dispatcher = self._dispatcher()
        now = self._now()
        posts: list[Post] = []
        answers: list[Answer] = []
        reload_for: list[int] = []
        accounts = accounts_of(db, [arrival.sender_id for arrival in fresh], now, lock=True)
        rights = Rights(db, accounts.values())
        turns = [self._turn(db, accounts[one.sender_id], one, now, dispatcher, rights) for one in fresh]
        write_presence(db, accounts.values())
        for turn in turns:
            if turn is None:
                continue
            dispatcher.dispatch(turn)
            posts += turn.posts
            if turn.reload:
                reload_for.append(turn.account.id)
            query = turn.update.callback_query
            if query is not None:
                answers.append(Answer(query.id, turn.answer, turn.account.language, turn.alert))
        db.flush()
        # an account that was erased in its own turn is still owed its last word
        posts = [replace(post, account_id=None) if _is_gone(db, post, accounts) else post for post in posts]
        inbox.settle(db, fresh, now=now)
        if hand_over:
            claimed = outbox.post_claimed(db, posts, now=now, holder=self._holder, real_now=datetime.now(UTC))
        else:
            outbox.post_all(db, posts, now=now)
            claimed = []
        if reload_for:
            leave_to_others(db, Signal.RELOAD)
        return Done(
            claimed,
            answers,
            take_due_flag(db),
            outbox.take_written_flag(db),
            len(fresh),
            reload_for=reload_for,
            asked=background_jobs.take_asked_flag(db),
        )

    def _turn(
        self,
        db: Session,
        account: Account,
        arrival: inbox.Arrival,
        now: datetime,
        dispatcher: Dispatcher,
        rights: Rights,
    ) -> Turn | None:
        idle = now - account.seen_at
        if member := part_of(arrival.payload, "my_chat_member"):
            # Telegram tells us itself that it was blocked or let in again; nobody waits for an answer
            was_here(account, now, blocked=part_of(member, "new_chat_member").get("status") in ("kicked", "left"))
            return None
        update = updates.read(arrival.payload, self._bot)
        was_here(account, now, message_id=update.message.message_id if update.message is not None else 0)
        return Turn(
            db=db,
            account=account,
            update=update,
            now=now,
            context=self._context(),
            dispatcher=dispatcher,
            rights=rights,
            idle=idle,
        )

    def _apologise(self, arrival: inbox.Arrival, problem: Exception, hand_over: bool) -> Done:
        """The failed turn was rolled back. Say so once, with a reference that also stands in the log."""
        reference = secrets.token_hex(3).upper()
        # no message of the exception: it may quote what the person wrote
        log.error(
            "turn failed",
            reference=reference,
            update_id=arrival.update_id,
            error=type(problem).__name__,
            cause=type(problem.orig).__name__ if isinstance(problem, DBAPIError) else None,
            at=[f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in traceback.extract_tb(problem.__traceback__)],
        )
        now = self._now()
        query_id = inbox.tap_of(arrival.payload)
        words = Message(
            "turn.failed", {"reference": reference}, rows((Button("button.menu", MENU), Button("button.help", HELP)))
        )
        with _or_unavailable(), self._database.transaction() as db:
            if not inbox.still_undone(db, [arrival], shared=not self._alone):
                return _together([])  # another process has done it, or has it in hand
            account = accounts_of(db, [arrival.sender_id], now, lock=True)[arrival.sender_id]
            inbox.settle(db, [arrival], now=now)
            posts = [outbox.to(account, words, person_id=account.current_person_id)]
            if hand_over:
                claimed = outbox.post_claimed(db, posts, now=now, holder=self._holder, real_now=datetime.now(UTC))
            else:
                outbox.post_all(db, posts, now=now)
                claimed = []
            language = account.language
        answers = [Answer(query_id, None, language)] if query_id is not None else []
        return Done(claimed, answers, False, written=not hand_over, handled=1, failed=1)


@contextmanager
def _or_unavailable() -> Iterator[None]:
    """A database that is away in one word, for who tries again."""
    try:
        yield
    except DBAPIError as problem:
        raise _away(problem) or problem from None


def _together(done: Sequence[Done]) -> Done:
    return Done(
        [reply for one in done for reply in one.claimed],
        [answer for one in done for answer in one.answers],
        any(one.something_due for one in done),
        any(one.written for one in done),
        sum(one.handled for one in done),
        sum(one.failed for one in done),
        [account_id for one in done for account_id in one.reload_for],
        any(one.asked for one in done),
    )


def _is_gone(db: Session, post: Post, accounts: Mapping[int, Account]) -> bool:
    account = accounts.get(post.chat_id)
    return account is None or account not in db


def _away(problem: Exception) -> DatabaseUnavailableError | None:
    """What it comes to, where the database is away or takes nothing: that may pass."""
    if not isinstance(problem, DBAPIError):
        return None
    read_only = getattr(problem.orig, "sqlstate", None) == READ_ONLY
    passing = read_only or isinstance(problem, OperationalError | InterfaceError)
    return DatabaseUnavailableError(type(problem.orig).__name__) if passing else None


def _our_own_mistake(problem: Exception) -> bool:
    """SQLite says OperationalError also of what no waiting will cure: a table or column it has never heard of."""
    words = str(problem.orig) if isinstance(problem, DBAPIError) else ""
    return words.startswith("no such ") or "syntax error" in words


def _connection_lost(problem: Exception) -> bool:
    return isinstance(problem, DBAPIError) and bool(problem.connection_invalidated)

"""One turn: what a handler sees of the world, and how it speaks.

Handlers are plain functions of a `Turn`. What they say is posted to the outbox, and the conversation goes on, in the
commit of the batch the turn belongs to (`batch`). Which handler it is, `router` decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import telegram
from sqlalchemy.orm import Session
from telegram import PollAnswer, ReactionTypeEmoji, Update
from telegram.ext import (
    ConversationHandler,
)

from bot.capability import Context
from bot.catalogue.content import Content
from bot.delivery import outbox
from bot.delivery.outbox import Post
from bot.people import audit
from bot.people.people import Account, Person, Role, RoleGrant, whose
from bot.people.rights import Rights
from bot.settings import Settings
from bot.words.message import Button, Keyboard, Message, Rows, Value, rows

if TYPE_CHECKING:
    from bot.turns.router import Dispatcher

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


# --- conversations ----------------------------------------------------------------------------------------------------


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

"""One turn: what a handler sees of the world, and how it speaks.

Handlers are plain functions of a `Turn`. What they say is posted to the outbox, and the conversation goes on, in the
commit of the batch the turn belongs to (`batch`). Which handler it is, `dispatcher` decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.orm import Session
from telegram import PollAnswer, Update

from bot.capability import Context
from bot.catalogue.content import Content
from bot.delivery import outbox
from bot.delivery.outbox import Post
from bot.people import audit
from bot.people.parking import enter, leave
from bot.people.people import Account, Person, Role, RoleGrant, whose
from bot.people.rights import Rights, answering
from bot.settings import Settings
from bot.telegram.updates import new_reaction
from bot.turns.newest import Newest
from bot.turns.placing import is_last_message, place_of_menu, with_ways_out
from bot.words.action import Action
from bot.words.message import Button, Keyboard, Message, Rows, Value, Words, rows
from bot.words.typed_buttons import button_typed

if TYPE_CHECKING:
    from bot.turns.dispatcher import Dispatcher

ASIDE: Final = "aside"
"""The key in a draft that tells that something else was answered since the question was put: what is typed now may be
about that."""
ABOUT: Final = "about"
"""The key in a draft of the person whom the conversation is about, if the phone spoke as another when it began."""
TAPPED_TWICE: Final = timedelta(hours=12)
"""So long a tap on a button that did its work already is told what was done, not that the button is old."""

Handler = Callable[["Turn"], None]
"""A handler speaks through the turn. By `ask`, `enter` and `leave` it says where the conversation goes on."""
Resume = Callable[["Turn"], None]


class NotRegisteredError(Exception):
    """The handler needs a registered person and there is none: the turn goes on with the registration."""


class NotAllowedError(Exception):
    """The handler is for staff, or for the staff of another site: refused politely, logged, and in the audit."""


@dataclass(frozen=True)
class Answer:
    """The answer to a tap: the spinner stops, and perhaps a short word is shown."""

    query_id: str
    message: Message | None
    language: str
    alert: bool = False


@dataclass
class Turn:
    """One update as a handler sees it, and all that the handler can say and do."""

    db: Session
    account: Account
    update: Update
    now: datetime
    """The bot's present (UTC); tests and the sandbox can move it."""
    context: Context
    dispatcher: Dispatcher
    rights: Rights
    arguments: str = ""
    """The words typed after a command."""
    posts: list[Post] = field(default_factory=list)
    answer: Message | None = None
    alert: bool = False
    idle: timedelta = timedelta(0)
    """How long this phone had been silent before this turn."""
    asked_at: datetime | None = None
    """When the update came (the bot's time)."""
    reload: bool = False
    """Set to ask for content and words to be read again after the commit; this chat is told the result."""
    asked: bool = False
    """Whether the question of the conversation under way was put (again) in this turn."""
    keeps_tapped: bool = False
    """Set if the tapped message is no menu and stays as it is: the answer is then a new message."""

    acts_for: Person | None = None
    """The person whom the tapped button (or the conversation under way) is about, if the phone speaks as somebody
    else."""

    # --- who and what ----------------------------------------------------------------------------------------------

    @property
    def anybody(self) -> Person | None:
        """The person whom this turn is about: the person of the button, else the phone's current person; None: nobody
        consented."""
        return self.acts_for or self.account.person

    @property
    def person(self) -> Person:
        """The person whom this turn is about, who is registered. Raises NotRegisteredError if nobody is, or not yet:
        then the turn goes on with the registration."""
        person = self.anybody
        if person is None or not self.registered:
            raise NotRegisteredError
        return person

    @property
    def registered(self) -> bool:
        person = self.anybody
        return person is not None and person.registered_at is not None and bool(person.consent_training)

    @property
    def somebody(self) -> Person:
        """Like `anybody`, registered or not yet. Raises NotRegisteredError if nobody consented so far."""
        person = self.anybody
        if person is None:
            raise NotRegisteredError
        return person

    def act_for(self, person: Person | None) -> None:
        """Makes the rest of this turn about that person; the phone's current person stays the same."""
        self.acts_for = person if person is not None and person.id != self.account.current_person_id else None

    def whose(self, person_id: int | None) -> Person | None:
        """Returns the person of this phone that a button was made for, whoever is the current person; None if nobody of
        this phone."""
        if self.account.person is not None and person_id == self.account.current_person_id:
            return self.account.person  # read with the account: most taps are about the phone's current person
        return whose(self.db, self.account, person_id or 0)

    @property
    def content(self) -> Content:
        return self.context.content

    @property
    def settings(self) -> Settings:
        return self.context.settings

    @property
    def contact(self) -> Value:
        """Returns whom people ask for help, as words: the contact of their site, if it has one of its own."""
        return self.content.contact(self.anybody.site_id if self.anybody else None) or self.privacy_contact

    @property
    def privacy_contact(self) -> Value:
        """Returns whom people ask about their data, as words: at every site whom the privacy notice names."""
        return self.settings.privacy_contact or Words("menu.contact_trainer")

    def zone(self, site_id: str | None) -> str:
        """Returns the zone in which moments at this site are told; without a site the programme's."""
        return self.content.open_hours(site_id).zone

    @property
    def language(self) -> str:
        return self.account.language

    # --- rights: read anew for every batch of turns, so that what is taken away is gone at once --------------------

    @property
    def admin(self) -> bool:
        """Whether the account is an admin, by the settings or by the role."""
        return self.account.telegram_id in self.settings.admin_ids or any(
            grant.role == Role.ADMIN for grant in self._grants
        )

    @property
    def staff_sites(self) -> frozenset[str]:
        """The sites whose classes and people the account looks after: all for an admin, none for a participant."""
        if self.admin:
            return frozenset(site.id for site in self.content.sites)
        return frozenset(grant.site_id for grant in self._grants if grant.role == Role.TRAINER and grant.site_id)

    @property
    def staff(self) -> bool:
        """Whether the account is a trainer or an admin."""
        return self.admin or bool(self.staff_sites)

    @property
    def mentor_sites(self) -> frozenset[str]:
        """The sites whose questions the account answers: all for an admin, a trainer's too unless programme.yaml says
        otherwise."""
        if self.admin:
            return frozenset(site.id for site in self.content.sites)
        answer = answering(trainers_answer=self.content.programme.mentoring.trainers_answer)
        return frozenset(grant.site_id for grant in self._grants if grant.role in answer and grant.site_id)

    @property
    def serves(self) -> bool:
        """Whether the account has any role: trainer, mentor or admin."""
        return self.admin or bool(self._grants)

    @property
    def role(self) -> Role:
        """The account's highest role: it decides which command menu the chat has."""
        if self.staff:
            return Role.ADMIN if self.admin else Role.TRAINER
        return Role.MENTOR if self.serves else Role.PARTICIPANT

    def must_serve(self) -> None:
        """Raises NotAllowedError unless the account has a role: trainer, mentor or admin. Ask before anything is
        changed."""
        if not self.serves:
            raise NotAllowedError

    def must_mentor(self, site_id: str | None = None) -> None:
        """Raises NotAllowedError unless the account answers questions at this site (without one: at any). Ask before
        anything is changed."""
        mine = self.mentor_sites
        if not self.admin and (not mine if site_id is None else site_id not in mine):
            raise NotAllowedError

    def must_be_staff(self) -> None:
        """Raises NotAllowedError unless the account is a trainer or an admin. Ask before anything is changed."""
        if not self.staff:
            raise NotAllowedError

    def must_lead(self, site_id: str | None) -> None:
        """Raises NotAllowedError unless the account looks after this site. Ask before anything is changed."""
        if not self.admin and site_id not in self.staff_sites:
            raise NotAllowedError

    def must_be_admin(self) -> None:
        """Raises NotAllowedError unless the account is an admin. Ask before anything is changed."""
        if not self.admin:
            raise NotAllowedError

    @property
    def _grants(self) -> Sequence[RoleGrant]:
        return self.rights.of(self.account)

    def rights_changed(self) -> None:
        """Tells that roles were given or taken in this turn, this account's or another's: they are read anew."""
        self.rights.changed()

    def note(self, action: str, subject: str = "", *, site_id: str | None = None, **details: Any) -> None:
        """Writes an action of staff into the audit (`bot/people/audit.py`; its words: `staff.audit.<action>`)."""
        audit.note(
            self.db, actor=self.account, action=action, now=self.now, subject=subject, site_id=site_id, **details
        )

    def did(self, action: str, subject: str | None = None, **details: Any) -> Sequence[audit.AuditRow]:
        """Returns what this account noted of that kind within TAPPED_TWICE, the newest first: a second tap on a button
        is answered by what was done at the first."""
        since = self.now - TAPPED_TWICE
        return audit.done(self.db, self.account, action, since=since, subject=subject, **details)

    @property
    def bot_username(self) -> str:
        return str(self.dispatcher.application.bot.username)

    @property
    def draft(self) -> dict[str, Any]:
        """The answers so far in the conversation. Read them here, change them with `keep`."""
        return self.account.draft

    def keep(self, **facts: Any) -> None:
        """Puts values into the draft (a new dict each time: only then does the database see the change)."""
        self.account.draft = {**self.account.draft, **facts}

    def take_back(self, fact: str) -> None:
        """Takes a value out of the draft again."""
        self.account.draft = {name: value for name, value in self.draft.items() if name != fact}

    @property
    def text(self) -> str:
        """What the person wrote; empty for everything else."""
        message = self.update.message
        return (message.text or "") if message else ""

    @property
    def poll_answer(self) -> PollAnswer | None:
        """The vote in a quiz poll, if that is what came. It has no chat: only its person is known."""
        return self.update.poll_answer

    @property
    def reaction(self) -> tuple[int, frozenset[str]] | None:
        """The message (Telegram's id) on which an emoji was put, and the emoji that are new; None for everything
        else."""
        return new_reaction(self.update)

    def said_as(self, message_id: int) -> Message | None:
        """Returns the speech that this message of the chat (Telegram's id) was; None if it was not ours, or is too
        old."""
        return outbox.said_as(self.db, self.account, message_id)

    @cached_property
    def newest(self) -> Newest:
        """The newest message that this chat was sent."""
        return Newest(self.db, self.account)

    def newest_said_to(self) -> Person | None:
        """Returns the person of this phone whom the newest message was said to: typed words are about them. None if it
        was said to nobody in particular, or to somebody who is gone."""
        person_id = self.newest.person_id
        return None if person_id is None else self.whose(person_id)

    def say_newest_again(self) -> None:
        """Sends the newest message of this chat once more, to the person whom it was said to: its buttons act for that
        person. Does nothing if that person is not on this phone any more."""
        person_id = self.newest.person_id
        person = self.whose(person_id) if person_id is not None else None
        if self.newest.said is not None and (person is not None or person_id is None):
            self._post(self.newest.said, person=person)

    @property
    def sees_answer_in_place(self) -> bool:
        """Whether the tapped message is the last of the chat, so that the person sees what it says now."""
        return is_last_message(self.update.callback_query, self.account)

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
        protected: bool = False,
        row: str = "",
        **values: Value,
    ) -> None:
        """Sends a new message. A last row [Menu] [Bantuan] is added where it is missing, unless `plain`.

        `facts` and `values` together fill the placeholders of the text. `secret`: nothing of it stays in the ledger,
        but for what the `row` is called (see `newest.row`); `protected`: it cannot be forwarded.
        """
        values = {**(facts or {}), **values}
        ways = self._with_ways_out(buttons, keyboard, plain)
        message = Message(key, values, ways, keyboard=keyboard, secret=secret, protected=protected)
        self._post(message, **self._named(row))

    def show(
        self,
        key: str,
        facts: Mapping[str, Value] | None = None,
        /,
        *,
        buttons: Sequence[Sequence[Button]] = (),
        plain: bool = False,
        secret: bool = False,
        protected: bool = False,
        row: str = "",
        **values: Value,
    ) -> None:
        """Shows a menu or a question: it takes the place of the message whose button was tapped, if that is still the
        last of the chat; otherwise it is a new message."""
        ways = self._with_ways_out(buttons, None, plain)
        message = Message(key, {**(facts or {}), **values}, ways, secret=secret, protected=protected)
        self._post(message, edit_message_id=self._menu_in_place(), **self._named(row))

    def send(self, message: Message, *, quiz_id: int | None = None) -> None:
        """Sends a message of any form, as it is. `quiz_id` names the asking of a question that a quiz poll is."""
        self._post(message, quiz_id=quiz_id)

    def toast(self, key: str, *, alert: bool = False, **values: Value) -> None:
        """Answers a tap with a short text over the chat (200 characters). Does nothing if there was no tap."""
        self.answer = Message(key, values)
        self.alert = alert

    def tell(self, account: Account, message: Message) -> None:
        """Sends a message to another phone, because of what was done here."""
        if account.blocked_at is None:
            outbox.post(self.db, outbox.to(account, message, person_id=account.current_person_id), now=self.now)

    def follow(self, action: Action) -> None:
        """Goes on as if the button with this action had been tapped: so one capability leads to another."""
        self.dispatcher.follow(self, action)

    def resume(self) -> bool:
        """Asks the open question again; False when no conversation is under way."""
        return self.dispatcher.resume(self)

    def press(self, action: Action) -> bool:
        """Goes on as if the button with this action had been tapped below the open question. Returns False if no
        handler takes the action (any more)."""
        return self.dispatcher.press(self, action)

    def break_off(self) -> bool:
        """Goes on as if /batal had been sent to the conversation under way; False if none is."""
        return self.dispatcher.break_off(self)

    def button_typed(self, said: Message) -> Action | None:
        """Returns the action of this message's button whose label is the text that was typed."""
        texts = self.context.texts
        return None if texts is None else button_typed(self.text, said, texts, self.language)

    # --- conversations: what is asked, and its answers so far --------------------------------------------------------

    def enter(self, conversation: str, state: str, **facts: Any) -> None:
        """Begins a conversation, with a draft of these values alone. Another one that was under way is parked, and
        taken up again when this one ends."""
        enter(self.account, conversation, state)
        self.account.draft = facts
        self._keep_whom()

    def ask(self, conversation: str, state: str) -> None:
        """Notes that the question of this state is put in this turn: the conversation waits there, with its draft."""
        enter(self.account, conversation, state)
        self._keep_whom()
        self.take_back(ASIDE)
        self.asked = True

    def _keep_whom(self) -> None:
        """Keeps in the draft whom this turn is about, if the phone speaks as another person: the answers that follow
        are about the same person."""
        if self.acts_for is not None:
            self.keep(**{ABOUT: self.acts_for.id})
        elif ABOUT in self.draft:
            self.account.draft = {name: value for name, value in self.draft.items() if name != ABOUT}

    def leave(self, conversation: str | None = None) -> None:
        """Ends this conversation with its draft, if it is under way; without a name, the one that is under way. A
        parked one comes back."""
        leave(self.account, conversation)

    def leave_everything(self) -> None:
        """Ends the conversation under way and the parked one, because they belonged to somebody who is gone."""
        self.account.parked = None
        leave(self.account)

    def _post(self, message: Message, *, person: Person | None = None, **details: Any) -> None:
        """Adds a message to what the turn says. `person`: whom the message is said to, if not the person whom the turn
        is about."""
        person = person or self.anybody
        self.posts.append(
            outbox.to(
                self.account,
                message,
                person_id=person.id if person else None,
                called=person.called if person else None,
                asked_at=self.asked_at,
                **details,
            )
        )

    def _named(self, name: str) -> dict[str, Any]:
        return {"once": f"{name}@{self.update.update_id}"} if name else {}

    def _menu_in_place(self) -> int | None:
        if self.posts or self.keeps_tapped:
            return None
        return place_of_menu(self.update.callback_query, self.account)

    def _with_ways_out(self, buttons: Sequence[Sequence[Button]], keyboard: Keyboard | None, plain: bool) -> Rows:
        if plain:
            return rows(*buttons)
        menu = self.account.conversation is None and (self.registered or self.serves)
        return with_ways_out(buttons, keyboard, menu=menu)

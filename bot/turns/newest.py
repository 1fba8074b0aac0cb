"""The newest message that a chat was sent before this turn: what is typed below it is about it."""

from __future__ import annotations

from functools import cached_property

from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.people.people import Account
from bot.words.message import Message


class Newest:
    """Reads the newest message of one chat, once: what this turn says is sent after it."""

    def __init__(self, db: Session, account: Account) -> None:
        self._db, self._account = db, account

    @cached_property
    def _found(self) -> outbox.Newest:
        return outbox.newest(self._db, self._account)

    @property
    def said(self) -> Message | None:
        """The message, as speech; None if there was none, or its words are gone."""
        return self._found.said

    @property
    def person_id(self) -> int | None:
        """The person whom it was said to, also where its words are gone; None if it was said to nobody in
        particular."""
        return self._found.person_id

    @property
    def name(self) -> str:
        """What the message is called (its `once`), if it was a secret of which nothing else stays; empty otherwise."""
        return self._found.name or ""

    @property
    def row(self) -> str:
        """The part of its name that `turn.say(row=...)` gave; empty if it has none."""
        name, _, number = self.name.rpartition("@")
        return name if number.isdecimal() else ""

"""The tables of mentoring: questions and words about a class, what was said in them, which staff were shown them, words
that wait for a yes, and mentors who rest."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import BigInteger, ForeignKey, SmallInteger, String, false
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base, BigId, partial_index

MOST_LETTERS: Final = 1000
"""So many characters one message of a question may have."""
MOST_ANSWER_LETTERS: Final = 2000
"""So many an answer may have."""
CLASS: Final = "class"
"""How the origin begins of what is about a class."""
ALBUM_LETTERS: Final = 40
"""So many of the name of an album are kept."""
NOTE_LETTERS: Final = 200
"""So many the note may have with which a mentor hands a question over."""


class State(StrEnum):
    OPEN = "open"
    """Nobody has it; the person waits."""
    CLAIMED = "claimed"
    """A mentor has it; the person waits."""
    ANSWERED = "answered"
    """The person was answered."""
    CLOSED = "closed"
    CANCELLED = "cancelled"
    """Taken back by the person before anybody answered."""


WAITS: Final = (State.OPEN, State.CLAIMED)
"""The states in which a person waits."""
ALIVE: Final = (*WAITS, State.ANSWERED)


class Closed(StrEnum):
    """Why a question is over."""

    CLEAR = "clear"
    """The person says that the answer is clear."""
    DONE = "done"
    """The mentor says so."""
    SILENCE = "silence"
    """Nobody wrote for five days after an answer."""
    CANCELLED = "cancelled"
    BLOCKED = "blocked"
    """An admin ended it: the person asks nothing for a while."""
    ERASED = "erased"
    FROZEN = "frozen"


class Way(StrEnum):
    """Whose words a message is, and who may read it."""

    IN = "in"
    """The person's."""
    OUT = "out"
    """A mentor's, to the person."""
    INTERNAL = "internal"
    """A mentor's, to colleagues. It belongs to the person's data all the same."""


class Ticket(Base):
    """A question of one person to the mentors of a site, or the talk of one person and the trainer about a class."""

    __tablename__ = "ticket"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    site_id: Mapped[str] = mapped_column(String(40))
    topic: Mapped[str] = mapped_column(String(8))
    """A module's id, or `lain`."""
    origin: Mapped[str | None] = mapped_column(String(40))
    """Where it was asked: `lesson.M01L1`, or which class it is about: `class.12`."""
    from_staff: Mapped[bool] = mapped_column(default=False, server_default=false())
    """A trainer began it by writing to the person: it has no first reply, and no figure counts it."""
    state: Mapped[str] = mapped_column(String(10))
    opened_at: Mapped[datetime]
    claimed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    """The account whose question it is to answer, or who answered last."""
    claimed_at: Mapped[datetime | None]
    first_reply_at: Mapped[datetime | None]
    reply_due_at: Mapped[datetime | None]
    """By when the first reply is due: `first_reply` minutes of work after it was opened, by the hours as they stood."""
    reply_minutes: Mapped[int | None]
    """After so many minutes of work the first reply came, by the hours as they stood."""
    reply_lost: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The first reply did not arrive, nor has any since: the phone cannot be written to. No figure counts it."""
    waiting_since: Mapped[datetime | None]
    """Since when the person waits; empty while they do not."""
    said_at: Mapped[datetime]
    """When the last message to or from the person was written."""
    turn: Mapped[int] = mapped_column(SmallInteger, default=0)
    """How often the person began to wait: the steps of the clock are said once for each."""
    level: Mapped[int] = mapped_column(SmallInteger, default=0)
    """The highest step of the clock that was taken since they wait."""
    next_at: Mapped[datetime | None]
    """When the clock has something to do with it; empty: never again by itself."""
    closed_at: Mapped[datetime | None]
    closed_because: Mapped[str | None] = mapped_column(String(10))
    face: Mapped[int | None] = mapped_column(SmallInteger)
    """How the answer was found: 1 not good, 2 middling, 3 good."""
    reopened: Mapped[int] = mapped_column(SmallInteger, default=0)
    phone: Mapped[str | None] = mapped_column(String(20))
    """The number under which the mentor of this question may call, in international form; of use here alone."""
    phone_asked_at: Mapped[datetime | None]
    """When a mentor asked for the number."""
    blocked_until: Mapped[datetime | None]
    """Until when its person may ask nothing more, because an admin said so here."""
    emptied_at: Mapped[datetime | None]
    """When what was said in it was deleted."""

    @property
    def class_id(self) -> int | None:
        """The number of the class it is about; None: it is about none."""
        kind, _, number = (self.origin or "").partition(".")
        return int(number) if kind == CLASS and number.isdecimal() else None

    @property
    def answered(self) -> bool:
        """Whether staff said anything in it."""
        return self.from_staff or self.first_reply_at is not None


partial_index("ix_ticket_open", Ticket.waiting_since, Ticket.site_id, of="state = 'open'")
partial_index("ix_ticket_next", Ticket.next_at, of="next_at IS NOT NULL")
partial_index("ix_ticket_claimed_by", Ticket.claimed_by, Ticket.state, of="claimed_by IS NOT NULL")
partial_index("ix_ticket_replied", Ticket.site_id, Ticket.first_reply_at, of="first_reply_at IS NOT NULL")
partial_index("ix_ticket_kept", Ticket.closed_at, of="closed_at IS NOT NULL AND emptied_at IS NULL")
partial_index("ix_ticket_reply_due", Ticket.reply_due_at, Ticket.site_id, of="reply_due_at IS NOT NULL")
partial_index("ix_ticket_waiting", Ticket.site_id, Ticket.state, of="waiting_since IS NOT NULL")
partial_index("ix_ticket_overdue", Ticket.site_id, of="level = 4")


class TicketMessage(Base):
    """One thing that was said in a question."""

    __tablename__ = "ticket_message"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    """Whose question it is, whoever said this."""
    way: Mapped[str] = mapped_column(String(8))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    """Which mentor said it; empty for the person's own words."""
    form: Mapped[str] = mapped_column(String(8))
    """text, voice, photo or video."""
    text: Mapped[str | None] = mapped_column(String(MOST_ANSWER_LETTERS))
    file_id: Mapped[str | None] = mapped_column(String(200))
    seconds: Mapped[int | None] = mapped_column(SmallInteger)
    at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    outbox_id: Mapped[int | None] = mapped_column(BigInteger)
    """The row of the outbox by which an answer went to the person."""
    telegram_message_id: Mapped[int | None] = mapped_column(BigInteger)
    """Telegram's number of it in the chat in which it was written."""
    album: Mapped[str | None] = mapped_column(String(ALBUM_LETTERS))
    """Telegram's name of the album that this picture is one of: pictures that were sent at once are one thing."""


partial_index("ix_ticket_message_outbox", TicketMessage.outbox_id, of="outbox_id IS NOT NULL")
partial_index("ix_ticket_message_account", TicketMessage.account_id, of="account_id IS NOT NULL")
partial_index("ix_ticket_message_album", TicketMessage.album, of="album IS NOT NULL")


class TicketCard(Base):
    """A message by which a member of staff was shown a question, or a part of it."""

    __tablename__ = "ticket_card"

    outbox_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    """The `ticket_message` it shows; empty for the card that shows the question as a whole; `cards.NUMBER` and
    `cards.NOTE` for what is no message of the question."""


class MentorPause(Base):
    """A mentor who is shown no new questions of a site for the time being."""

    __tablename__ = "mentor_pause"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    site_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    since: Mapped[datetime]


class HeldWords(Base):
    """Words may wait in an account's draft until it is said whether to send them."""

    __tablename__ = "held_words"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    """Whose question they are about, whoever wrote them; empty: not known yet, or gone."""
    at: Mapped[datetime]
    """When the newest of them were written."""
    asked: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether it was asked once more if they are to be sent."""
    due_at: Mapped[datetime] = mapped_column(index=True)


class ReadyAnswer(Base):
    """Words that the mentors of a site say often. They are sent only after being shown."""

    __tablename__ = "ready_answer"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    site_id: Mapped[str] = mapped_column(String(40), index=True)
    text: Mapped[str] = mapped_column(String(MOST_LETTERS))
    written_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime]

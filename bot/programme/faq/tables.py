"""The tables of answers for everybody: the answers, and typed questions that wait whether one of them was enough."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base, BigId, partial_index

QUESTION_LETTERS: Final = 120
ANSWER_LETTERS: Final = 400
NO_FACT: Final = "-"
"""Stands for the fact of an answer in which there is neither a rule nor a figure."""
EVERYWHERE: Final = "*"
GONE: Final = "gone"
"""Stands for the date of a fact that is no longer in facts.yaml."""


class State(StrEnum):
    ASKED = "asked"
    """The person who asked is asked whether their question may help others."""
    REFUSED = "refused"
    """They said no, or nothing."""
    DRAFT = "draft"
    """They said yes; a mentor writes it anew."""
    WAITING = "waiting"
    """A second one is to look at it."""
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    """Shown to nobody (any more)."""


UNFINISHED: Final = (State.ASKED, State.DRAFT, State.WAITING)


class Faq(Base):
    """A question and its answer, written for everybody: no name is in it."""

    __tablename__ = "faq"
    __table_args__ = (Index("ix_faq_site", "site_id", "state"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    """Who asked; empty once they erased their data, and for what the programme wrote by itself."""
    from_ticket: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), unique=True)
    site_id: Mapped[str] = mapped_column(String(40))
    """The site whose staff it belongs to; empty: the programme's own."""
    audience: Mapped[str] = mapped_column(String(40))
    """The site whose people are shown it, or EVERYWHERE."""
    topic: Mapped[str] = mapped_column(String(8))
    """A module's id, or `lain`."""
    state: Mapped[str] = mapped_column(String(10))
    question: Mapped[str | None] = mapped_column(String(QUESTION_LETTERS))
    answer: Mapped[str | None] = mapped_column(String(ANSWER_LETTERS))
    fact: Mapped[str | None] = mapped_column(String(4))
    """The fact of facts.yaml it hangs on; NO_FACT: none; empty: not decided yet."""
    hidden_for: Mapped[str | None] = mapped_column(String(10))
    """The `review_by` of the fact (or GONE) because of which staff were told that it is hidden."""
    next_at: Mapped[datetime | None]
    """Until when the person may answer; empty in every other state."""
    changed_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    written_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    shown: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often somebody was shown it for a question they had typed, or opened it."""
    helped: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often somebody said that it was enough."""


partial_index("ix_faq_next", Faq.next_at, of="next_at IS NOT NULL")
partial_index("ix_faq_published", Faq.audience, Faq.topic, of="state = 'published'")
partial_index("ix_faq_fact", Faq.fact, of="state = 'published' AND fact <> '-'")
partial_index("ix_faq_old", Faq.changed_at, of="state <> 'published' AND person_id IS NOT NULL")


class HeldQuestion(Base):
    """A typed question for which there may be an answer already. It goes out by itself when nobody says otherwise."""

    __tablename__ = "held_question"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    said: Mapped[int] = mapped_column(BigInteger)
    """Telegram's number of the message by which it was typed."""
    text: Mapped[str] = mapped_column(String(1000))
    origin: Mapped[str | None] = mapped_column(String(40))
    at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)

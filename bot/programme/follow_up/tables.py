"""The tables of the follow-up rounds: when a person is asked, which practices they have, what else they answered, and
what is asked of a person once ever."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base, BigId, partial_index


class Ended(StrEnum):
    """Why a round is over. Of a round that is not over the column is empty."""

    DONE = "done"
    """All three questions were answered."""
    SILENT = "silent"
    """Asked, and not answered to the end in time. What was answered counts (`parts`)."""
    LATE = "late"
    """The window closed before it could be asked: a new site's hours, a bot that was down, an earlier round under
    way."""
    NO_CONSENT = "no_consent"
    """No consent 3, or it was taken back."""
    STOPPED = "stopped"
    """After /berhenti."""
    BLOCKED = "blocked"
    """The phone cannot be written to."""
    FROZEN = "frozen"
    NO_PHONE = "no_phone"
    """A person without a Telegram account."""
    CLOSED = "closed"
    """The business has closed."""


class PracticeState(StrEnum):
    YES = "yes"
    NO = "no"
    PROGRESS = "progress"
    """Under way: mentors say so of a goal; the rounds ask yes or no."""
    NOT_MINE = "not_mine"
    """The business does not need it: mentors say so of a goal."""


class Source(StrEnum):
    """Who says so."""

    SELF = "self"
    MENTOR = "mentor"
    PROOF = "proof"
    """A mentor saw it, or a picture of it."""


class FollowUpRound(Base):
    """One round of one person, whether or not they can be asked: who was not asked, and why, is counted, too."""

    __tablename__ = "follow_up_round"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(4), primary_key=True)
    """A RoundKind."""
    site_id: Mapped[str | None] = mapped_column(String(40))
    """The person's site when the round was planned; from `asked_at` on, when they were asked."""
    counted_from: Mapped[datetime]
    """When the first class began that the person attended; of D0 also when they finished their third lesson."""
    due_at: Mapped[datetime | None]
    """When there is something to do with it next: to ask, to remind, to end it. Empty once it is over."""
    asked_at: Mapped[datetime | None]
    """When the question was posted."""
    reached_at: Mapped[datetime | None]
    """When the question arrived, as far as is known: looked up when it is reminded of or ended, or the first tap."""
    reminded_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    """The first answer of any kind: half an answer counts for what it is."""
    parts: Mapped[int] = mapped_column(SmallInteger, default=0)
    """How many of its three questions are answered; 3: finished."""
    version: Mapped[int] = mapped_column(SmallInteger, default=0)
    """Grows each time the round begins anew on a fresh message: buttons of older ones are told apart."""
    done_at: Mapped[datetime | None]
    """When the third question was answered."""
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None] = mapped_column(String(10))
    """An Ended; empty while it is not over."""


partial_index("ix_follow_up_round_due", FollowUpRound.due_at, of="due_at IS NOT NULL")
partial_index("ix_follow_up_round_asked", FollowUpRound.site_id, FollowUpRound.asked_at, of="asked_at IS NOT NULL")
partial_index("ix_follow_up_round_ended", FollowUpRound.site_id, FollowUpRound.ended_at, of="ended_at IS NOT NULL")


class Practice(Base):
    """Somebody said of a practice of a person's business how it stands. Only added to: the newest (highest id) of a
    person and a code counts, within a round the newest of that round."""

    __tablename__ = "practice"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    code: Mapped[str] = mapped_column(String(12))
    """A code of `practices:` in content/indicators.yaml."""
    state: Mapped[str] = mapped_column(String(8))
    """A PracticeState."""
    at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(6))
    """A Source."""
    round: Mapped[str | None] = mapped_column(String(4))
    """The RoundKind in which it was said; empty: outside of a round, by a mentor."""


class Outcome(Base):
    """What a person answered in a round, besides the practices; a later answer replaces it."""

    __tablename__ = "outcome"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    round: Mapped[str] = mapped_column(String(4), primary_key=True)
    key: Mapped[str] = mapped_column(String(10), primary_key=True)
    """An OutcomeKey."""
    value: Mapped[str] = mapped_column(String(10))
    """One of `answers.VALUES[key]`."""
    at: Mapped[datetime]


class AboutPerson(Base):
    """What is asked of a person once ever, and whether their business has closed."""

    __tablename__ = "about_person"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    sex: Mapped[str | None] = mapped_column(String(8))
    """A Sex; empty: not answered."""
    age_band: Mapped[str | None] = mapped_column(String(8))
    """An AgeBand; empty: not answered."""
    asked_at: Mapped[datetime | None]
    """When the two were asked: they are not asked again."""
    closed_at: Mapped[datetime | None]
    """When the person said that the business has closed; they are asked nothing more."""

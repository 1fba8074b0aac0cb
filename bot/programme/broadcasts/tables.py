"""The table of announcements, and the part of an audience that its rows name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, SmallInteger, String, false
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base, BigId


class BroadcastStatus(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    STOPPED = "stopped"
    DONE = "done"
    DISCARDED = "discarded"
    """Called off before it began, or its author may no longer say it."""
    WITHDRAWN = "withdrawn"
    """It was sent, and taken out of people's chats again."""


class Broadcast(Base):
    """One announcement; or, with `corrects_id`, the correction or the withdrawal of one."""

    __tablename__ = "broadcast"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    corrects_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    audience: Mapped[dict[str, Any]]
    """{"groups": [[kind, subject] ...], "sites": the author's sites then, or None for all}"""
    body_id: Mapped[int] = mapped_column(ForeignKey("outbox_body.id"))
    zone: Mapped[str] = mapped_column(String(40))
    """The zone in which moments are told to the author."""
    urgent: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str | None] = mapped_column(String(200))
    """Why it is urgent, in the admin's words."""
    status: Mapped[str] = mapped_column(String(10), index=True)
    site_id: Mapped[str | None] = mapped_column(String(40), index=True)
    """The one site whose people it is for: its trainers see, stop, correct and withdraw each other's. Empty if it is
    for several sites, and for announcements that were made before this was kept."""
    source_message_id: Mapped[int | None] = mapped_column(BigInteger)
    """Telegram's number of the author's message whose words it says: edited there, it is edited here."""
    withdraws: Mapped[bool] = mapped_column(default=False, server_default=false())
    """With `corrects_id`: it deletes the copies of that announcement."""
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    begun_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    recipients: Mapped[int] = mapped_column(default=0)
    """How many persons the announcement was written to, a row for each."""
    resent: Mapped[int] = mapped_column(SmallInteger, default=0)
    """How often copies of unknown state were sent again."""
    swept: Mapped[bool] = mapped_column(default=False)
    """For a correction: nothing is left to be done, because every copy with the old words was handled, or a newer
    correction came."""
    progress_id: Mapped[int | None] = mapped_column(BigInteger)
    """The row of the outbox that tells the author how far the announcement has come."""
    told_id: Mapped[int | None] = mapped_column(BigInteger)
    """The row of the last progress message: the next one waits for it."""
    told_at: Mapped[datetime | None]
    shown: Mapped[str | None] = mapped_column(String(200))
    """The figures in the last progress message."""

    @property
    def groups(self) -> tuple[Group, ...]:
        return tuple(Group(kind, subject) for kind, subject in self.audience["groups"])

    @property
    def sites(self) -> frozenset[str] | None:
        sites = self.audience["sites"]
        return None if sites is None else frozenset(sites)

    @property
    def under_way(self) -> bool:
        return self.begun_at is not None and self.ended_at is None


@dataclass(frozen=True)
class Group:
    """Part of an audience: its kind, and which site, class or module it is about."""

    kind: str
    subject: str = ""

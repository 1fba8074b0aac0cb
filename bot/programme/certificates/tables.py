"""The tables of certificates: what was issued, the waves as they were when they began, and of which classes people were
told."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base, BigId, partial_index


class CertificateKind(StrEnum):
    CLASS = "class"
    """A class attended (kehadiran)."""
    WAVE = "wave"
    """A wave completed (penyelesaian)."""


class Revoked(StrEnum):
    """Why a certificate no longer counts."""

    WRONG_PERSON = "wrong_person"
    NOT_THERE = "not_there"
    """The person was not in the class, or did not do what it says."""
    ASKED = "asked"
    """The holder asked for it."""
    CONSENT = "consent"
    """The holder took back the consent to print their name."""


class Status(StrEnum):
    """What anybody is told of a code."""

    VALID = "valid"
    REPLACED = "replaced"
    REVOKED = "revoked"
    GONE = "gone"
    """The holder erased their data: only the code is left."""


class Certificate(Base):
    """A certificate as it was printed. A corrected name is a new row that replaces this one. When its holder is erased
    everything but the code and the moments is emptied, so that the code is never given again."""

    __tablename__ = "certificate"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(10), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id", ondelete="SET NULL"), index=True)
    wave_id: Mapped[int | None] = mapped_column(ForeignKey("certificate_wave.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(String(60))
    """As it is printed."""
    site_id: Mapped[str] = mapped_column(String(40), index=True)
    facts: Mapped[dict[str, Any]]
    """Everything else that is printed (`facts.Facts`)."""
    template: Mapped[str] = mapped_column(String(8))
    issued_at: Mapped[datetime]
    replaces_id: Mapped[int | None] = mapped_column(BigInteger)
    replaced_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(12))
    """A Revoked."""
    rename_allowed: Mapped[bool] = mapped_column(default=False)
    """Whether an admin lets the holder correct the name once more."""
    erased_at: Mapped[datetime | None]

    @property
    def status(self) -> Status:
        if self.erased_at is not None:
            return Status.GONE
        if self.revoked_at is not None:
            return Status.REVOKED
        return Status.VALID if self.replaced_at is None else Status.REPLACED


_COUNTS = text("replaced_at IS NULL AND revoked_at IS NULL AND erased_at IS NULL")
Index(
    "ix_certificate_of_class", Certificate.person_id, Certificate.session_id,
    unique=True, sqlite_where=_COUNTS, postgresql_where=_COUNTS,
)  # fmt: skip
Index(
    "ix_certificate_of_wave", Certificate.person_id, Certificate.wave_id,
    unique=True, sqlite_where=_COUNTS, postgresql_where=_COUNTS,
)  # fmt: skip


class CertificateWave(Base):
    """A wave of content/programme.yaml as it was on its first day: what is changed there later counts for later
    waves."""

    __tablename__ = "certificate_wave"
    __table_args__ = (UniqueConstraint("site_id", "first"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    site_id: Mapped[str] = mapped_column(String(40))
    first: Mapped[date]
    last: Mapped[date]
    criteria: Mapped[dict[str, Any]]
    fixed_at: Mapped[datetime]
    tell_at: Mapped[datetime | None]
    """When whoever has done everything is told so: the first open hour after the lists of its classes are closed. Empty
    once everybody was looked at."""
    told_up_to: Mapped[int] = mapped_column(BigInteger, default=0)
    """The largest id of a person who was looked at."""


partial_index("ix_certificate_wave_tell", CertificateWave.tell_at, of="tell_at IS NOT NULL")


class CertificateNews(Base):
    """Somebody was told that they can have a certificate: for their first class, and for each wave."""

    __tablename__ = "certificate_news"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    what: Mapped[str] = mapped_column(String(20), primary_key=True)
    """`class`, or `wave:` and its number."""
    at: Mapped[datetime]

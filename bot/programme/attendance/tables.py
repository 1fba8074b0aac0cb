"""The tables of attendance: a class's check-in, the chats in which its code is shown, and what was recorded of each
person."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.database import Base, BigId, partial_index


class Mark(StrEnum):
    PRESENT = "present"
    ABSENT = "absent"
    """The trainer or the person said so."""
    CLAIMED = "claimed"
    """The person says they were there, and the trainer has not answered yet."""


class How(StrEnum):
    LINK = "link"
    CODE = "code"
    TRAINER = "trainer"
    SELF = "self"

    @property
    def by_code(self) -> bool:
        """Whether the person had the code that was shown in the room."""
        return self in (How.LINK, How.CODE)


class Reason(StrEnum):
    """Why somebody does not come, as far as a button can tell."""

    TIME = "time"
    FAR = "far"
    BUSY = "busy"
    CALL = "call"
    """The person asks to be called."""


class AttendanceSheet(Base):
    """The state of one class: its check-in, and whether its list is settled."""

    __tablename__ = "attendance_sheet"

    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(64))
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    looked_at: Mapped[datetime | None]
    """When the end of the class was handled: its list was complete, or its trainers were asked about it."""
    ask_at: Mapped[datetime | None]
    """When people of whom nothing is recorded are asked whether they were there; empty after they were."""
    close_at: Mapped[datetime | None]
    """When the list closes by itself; empty before the trainers were asked, and after it was closed."""
    settled_at: Mapped[datetime | None]
    """When the list was closed. Single names can be changed afterwards, too."""
    tell_at: Mapped[datetime | None]
    """When it is told that the list was closed, or the trainers are asked about it: the hour when the site opens, where
    that came up at night; empty afterwards. What is told is looked at then."""
    care_at: Mapped[datetime | None]
    """When people who were absent again are asked what could help; empty before the class is settled, and after they
    were asked."""
    certificates_at: Mapped[datetime | None]
    """When people who came are told of certificates; empty before the list was closed, and after they were told."""


partial_index("ix_attendance_sheet_open", AttendanceSheet.session_id, of="opened_at IS NOT NULL AND closed_at IS NULL")
partial_index("ix_attendance_sheet_ask", AttendanceSheet.ask_at, of="ask_at IS NOT NULL")
partial_index("ix_attendance_sheet_close", AttendanceSheet.close_at, of="close_at IS NOT NULL")
partial_index("ix_attendance_sheet_tell", AttendanceSheet.tell_at, of="tell_at IS NOT NULL")
partial_index("ix_attendance_sheet_care", AttendanceSheet.care_at, of="care_at IS NOT NULL")
partial_index("ix_attendance_sheet_certificates", AttendanceSheet.certificates_at, of="certificates_at IS NOT NULL")


class CheckInScreen(Base):
    """A trainer's chat in which the QR code of a class is shown, and the message that shows it."""

    __tablename__ = "check_in_screen"
    __table_args__ = (UniqueConstraint("session_id", "account_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("attendance_sheet.session_id", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    stretch: Mapped[int | None] = mapped_column(BigInteger)
    """The five minutes that the shown code belongs to; empty: none is shown yet."""
    outbox_id: Mapped[int | None] = mapped_column(BigInteger)


class Attendance(Base):
    """The record of one person and one class. Without a row nothing was recorded."""

    __tablename__ = "attendance"
    __table_args__ = (UniqueConstraint("session_id", "person_id"), Index("ix_attendance_person", "person_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    mark: Mapped[str] = mapped_column(String(8))
    how: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime]
    by_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    """The trainer who said so."""
    told: Mapped[str | None] = mapped_column(String(8))
    """The mark that the person knows of: they made it themselves, or were told. Empty: they know of none."""
    tell_at: Mapped[datetime | None]
    """When the person is told that the mark is another one than they know of, if it still is then."""
    near: Mapped[bool | None]
    """Whether a location that the person chose to send was within NEAR_KM of the class: a hint, never a condition."""
    reason: Mapped[str | None] = mapped_column(String(8))
    """The answer to the question what could help."""


partial_index("ix_attendance_tell", Attendance.tell_at, of="tell_at IS NOT NULL")
partial_index("ix_attendance_by", Attendance.by_account_id, of="by_account_id IS NOT NULL")  # an account is deleted


class ScannedCode(Base):
    """The code of a class was read or typed on a phone whose person has no seat in the class yet, or on which nobody
    has registered yet."""

    __tablename__ = "scanned_code"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), primary_key=True, index=True)
    good_at: Mapped[datetime | None]
    """When it was, if the code was good then: a person who reads a good code is in the room. Empty: it never was."""


class DoorRequest(Base):
    """Somebody read a good code in a class without a free seat, and the trainers are asked."""

    __tablename__ = "door_request"

    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    asked_at: Mapped[datetime] = mapped_column(index=True)
    accepted: Mapped[bool | None]
    """What a trainer answered; empty until then."""
    withdrawn_at: Mapped[datetime | None]
    """When the person said that they do not want to come in after all."""


class DoorCard(Base):
    """The card in a trainer's chat with everybody who waits to be let into a class."""

    __tablename__ = "door_card"

    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, index=True)
    outbox_id: Mapped[int | None] = mapped_column(BigInteger)
    """The row of the message, to take it away when another follows."""

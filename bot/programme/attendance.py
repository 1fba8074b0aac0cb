"""Who came: a code that changes every five minutes, ticks in the list of names, and "I was there" of those who forgot.

A class's check-in has a secret; the code of a stretch of five minutes is made of it by HMAC, so nothing but the secret
is kept and the code of the stretch before still counts. What is recorded stands in `attendance`; the seat stays as it
is until the class is settled, two hours after its end: then who came has ATTENDED and who did not is ABSENT. A class
in which nobody was recorded is not settled by itself: no list is no proof that nobody came.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as wall_time
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ForeignKey, Index, Select, String, UniqueConstraint, func, select, union_all, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.capability import CapabilityData, Context, Told
from bot.catalogue.content import Content
from bot.database import Base, BigId, insert_or, partial_index, something_due
from bot.delivery import outbox
from bot.documents.deep_links import link, qr_png
from bot.people import audit, rights
from bot.people.people import Account, Person, Role, RoleGrant
from bot.people.quiet_hours import Kind, OpenHours, next_opening
from bot.programme.enrolment import TAKEN, Enrolment, EnrolmentStatus, enrolment_of
from bot.programme.sessions import ClassSession
from bot.settings import Settings
from bot.words.message import At, Button, File, Form, Message, Value, Who, rows

BEFORE: Final = timedelta(minutes=30)
AFTER: Final = timedelta(minutes=30)
"""Codes are good from so long before the start to so long after it."""
CHANGE_SECONDS: Final = 300
LETTERS: Final = "BCDFGHJKLMNPRSTVWXYZ"
"""Neither vowels (no code is a word, no word is a code) nor Q, which is hard to read aloud."""
CODE_LENGTH: Final = 4
TRIES: Final = 10
TRIES_FORGET: Final = timedelta(minutes=10)
"""So many wrong codes in so long a time from one phone: then no code counts there, not even the right one. At any
moment two of 160,000 are good; whoever sends one a second for a whole class would find one in ten times."""
LINK: Final = "h_"
"""A deep link's payload is this, the class's number in base 36, and the code: `?start=h_2s_KTRB`."""
GRACE: Final = timedelta(hours=2)
"""After the end, for the trainer to tick names; then the class is settled."""
LOOK_BACK: Final = timedelta(days=14)
"""Classes that ended longer ago are not settled by themselves any more (the bot was down, or was not there yet)."""
FEW_CLAIMS: Final = 3
"""So many who say they were there are told to the trainer one by one; then the list tells the rest."""
NEAR_KM: Final = 1.0
STREAK: Final = 2
"""So many absences in a row are a reason to ask what could help; once, not at the third again."""
DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


class Mark(StrEnum):
    PRESENT = "present"
    ABSENT = "absent"
    """Said by the trainer or by the person."""
    CLAIMED = "claimed"
    """The person says they were there, and the trainer has not answered yet."""


class How(StrEnum):
    LINK = "link"
    CODE = "code"
    TRAINER = "trainer"
    SELF = "self"


class Reason(StrEnum):
    """What keeps somebody away, as far as a button can tell."""

    TIME = "time"
    FAR = "far"
    BUSY = "busy"
    CALL = "call"
    """Asks to be spoken to."""


class AttendanceSheet(Base):
    """What is under way for one class: its check-in, and how far its list is settled."""

    __tablename__ = "attendance_sheet"

    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(64))
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    looked_at: Mapped[datetime | None]
    """When the class's end was dealt with: settled, or its trainer reminded of the list."""
    settled_at: Mapped[datetime | None]
    care_at: Mapped[datetime | None]
    """When those who were absent again are asked what could help; empty before the class is settled and after it."""


partial_index("ix_attendance_sheet_open", AttendanceSheet.session_id, of="opened_at IS NOT NULL AND closed_at IS NULL")
partial_index("ix_attendance_sheet_care", AttendanceSheet.care_at, of="care_at IS NOT NULL")


class CheckInScreen(Base):
    """A trainer's chat in which the QR code of a class stands, and which message it is."""

    __tablename__ = "check_in_screen"
    __table_args__ = (UniqueConstraint("session_id", "account_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("attendance_sheet.session_id", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    stretch: Mapped[int | None] = mapped_column(BigInteger)
    """Which five minutes the code shown belongs to; empty: none is shown yet."""
    outbox_id: Mapped[int | None] = mapped_column(BigInteger)


class Attendance(Base):
    """What was recorded of one person and one class. Its absence means that nothing was."""

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
    near: Mapped[bool | None]
    """Whether a location that was sent of free will lay within NEAR_KM of the class: a hint, never a gate."""
    reason: Mapped[str | None] = mapped_column(String(8))
    """What the person answered when asked what could help."""


partial_index("ix_attendance_by", Attendance.by_account_id, of="by_account_id IS NOT NULL")  # an account is deleted


# --- outcomes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unknown:
    """No such class."""


@dataclass(frozen=True)
class Cancelled:
    session: ClassSession


@dataclass(frozen=True)
class Opened:
    session: ClassSession


@dataclass(frozen=True)
class AlreadyOpen:
    session: ClassSession


@dataclass(frozen=True)
class TooEarly:
    session: ClassSession
    opens_at: datetime


@dataclass(frozen=True)
class TooLate:
    """The codes are over. `until`: so long the person can still say they were there; None: not any more."""

    session: ClassSession
    until: datetime | None


@dataclass(frozen=True)
class CheckedIn:
    session: ClassSession


@dataclass(frozen=True)
class AlreadyIn:
    session: ClassSession


@dataclass(frozen=True)
class NotEnrolled:
    session: ClassSession


@dataclass(frozen=True)
class NotOpen:
    """No trainer opened (or one closed) the check-in."""

    session: ClassSession


@dataclass(frozen=True)
class Stale:
    """A code of this class that changed since."""

    session: ClassSession


@dataclass(frozen=True)
class WrongCode:
    session: ClassSession


@dataclass(frozen=True)
class TooManyTries:
    """Too many wrong codes came from this phone just now."""

    session: ClassSession


@dataclass(frozen=True)
class NoCodeNow:
    """Nobody asks for a code at this moment."""


@dataclass(frozen=True)
class Claimed:
    session: ClassSession


@dataclass(frozen=True)
class AlreadyClaimed:
    session: ClassSession


@dataclass(frozen=True)
class Refused:
    """The trainer has said no."""

    session: ClassSession


@dataclass(frozen=True)
class Marked:
    session: ClassSession
    person: Person
    present: bool


@dataclass(frozen=True)
class Settled:
    session: ClassSession
    present: int
    absent: int


CheckIn = (
    CheckedIn | AlreadyIn | NotEnrolled | TooEarly | TooLate | NotOpen | Stale | WrongCode | NoCodeNow | Cancelled
    | TooManyTries | Unknown
)  # fmt: skip


@dataclass(frozen=True)
class Name:
    """One line of the list. `mark` is None when nothing was recorded."""

    person: Person
    mark: Mark | None
    near: bool | None


@dataclass(frozen=True)
class Count:
    """How a class's list stands. `claims`: those who say they were there and wait for the trainer's word."""

    expected: int
    present: int
    claims: int
    settled: bool
    open: bool


# --- decisions ------------------------------------------------------------------------------------------------------


def stretch_of(moment: datetime) -> int:
    """Which five minutes a moment lies in."""
    return int(moment.timestamp()) // CHANGE_SECONDS


def stretch_begin(stretch: int) -> datetime:
    return datetime.fromtimestamp(stretch * CHANGE_SECONDS, UTC)


def code_of(secret: str, session_id: int, stretch: int) -> str:
    digest = hmac.digest(bytes.fromhex(secret), f"{session_id}:{stretch}".encode(), hashlib.sha256)
    number = int.from_bytes(digest[:8], "big")
    letters = []
    for _ in range(CODE_LENGTH):
        number, at = divmod(number, len(LETTERS))
        letters.append(LETTERS[at])
    return "".join(letters)


def payload(session_id: int, code: str) -> str:
    """What stands behind `?start=`."""
    digits, number = "", session_id
    while number:
        number, at = divmod(number, 36)
        digits = DIGITS[at] + digits
    return f"{LINK}{digits}_{code}"


def read_payload(text: str) -> tuple[int, str] | None:
    """Class and code of a payload (with or without LINK); None for what is none of ours."""
    match = re.fullmatch(r"([0-9a-z]{1,11})_([A-Za-z]{4})", text.removeprefix(LINK))
    return (int(match[1], 36), match[2].upper()) if match else None


def readable_code(text: str) -> str | None:
    """The four letters somebody typed, however they did; None for what is no code."""
    letters = re.sub(r"[\s.\-_]+", "", text).upper()
    return letters if re.fullmatch(f"[{LETTERS}]{{{CODE_LENGTH}}}", letters) else None


def opens_at(session: ClassSession) -> datetime:
    return session.starts_at - BEFORE


def closes_at(session: ClassSession) -> datetime:
    return session.starts_at + AFTER


def claim_until(session: ClassSession, hours: OpenHours) -> datetime:
    """Until the evening after the class somebody can say they were there."""
    zone = ZoneInfo(hours.zone)
    day = session.starts_at.astimezone(zone).date() + timedelta(days=1)
    evening = hours.closes if hours.closes > wall_time(12) else wall_time(19, 30)
    return datetime.combine(day, evening, zone).astimezone(UTC)


def distance_km(first: tuple[float, float], second: tuple[float, float]) -> float:
    """As the crow flies, between two points in degrees."""
    (lat1, lon1), (lat2, lon2) = ((math.radians(a), math.radians(b)) for a, b in (first, second))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 12_742 * math.asin(min(1.0, math.sqrt(half)))


# --- looking --------------------------------------------------------------------------------------------------------


def sheet_of(db: Session, session_id: int) -> AttendanceSheet | None:
    return db.get(AttendanceSheet, session_id)


def mark_of(db: Session, session_id: int, person_id: int) -> Attendance | None:
    query = select(Attendance).where(Attendance.session_id == session_id, Attendance.person_id == person_id)
    return db.scalars(query.execution_options(populate_existing=True)).one_or_none()


def count(db: Session, session: ClassSession) -> Count:
    """The numbers of one class's list; whoever has left it since does not count."""
    query = (
        select(Attendance.mark, func.count())
        .select_from(Enrolment)
        .outerjoin(
            Attendance,
            (Attendance.session_id == Enrolment.session_id) & (Attendance.person_id == Enrolment.person_id),
        )
        .where(Enrolment.session_id == session.id, Enrolment.status.in_(TAKEN))
        .group_by(Attendance.mark)
    )
    marks: dict[str | None, int] = {row[0]: row[1] for row in db.execute(query)}
    sheet = sheet_of(db, session.id)
    return Count(
        expected=sum(marks.values()),
        present=marks.get(Mark.PRESENT, 0),
        claims=marks.get(Mark.CLAIMED, 0),
        settled=sheet is not None and sheet.settled_at is not None,
        open=sheet is not None and _is_open(sheet),
    )


def names(db: Session, session: ClassSession) -> list[Name]:
    """Everybody who has (or had) a seat, by name; whoever erased their data has none."""
    query = (
        select(Person, Attendance.mark, Attendance.near)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .outerjoin(
            Attendance,
            (Attendance.session_id == Enrolment.session_id) & (Attendance.person_id == Enrolment.person_id),
        )
        .where(Enrolment.session_id == session.id, Enrolment.status.in_(TAKEN), Person.anonymised_at.is_(None))
        .order_by(func.lower(Person.name), Person.id)
    )
    return [Name(person, Mark(mark) if mark else None, near) for person, mark, near in db.execute(query)]


def classes_to_record(
    db: Session, sites: Iterable[str] | None, now: datetime, *, limit: int, offset: int = 0
) -> list[ClassSession]:
    """The classes of these sites (None: of all) that begin within a day or have begun, the newest first."""
    query = (
        select(ClassSession)
        .where(ClassSession.starts_at < now + timedelta(days=1), ClassSession.cancelled_at.is_(None))
        .order_by(ClassSession.starts_at.desc(), ClassSession.id)
        .limit(limit)
        .offset(offset)
    )
    if sites is not None:
        query = query.where(ClassSession.site_id.in_(sorted(sites)))
    return list(db.scalars(query))


def mine_now(db: Session, person: Person, now: datetime, *, content: Content) -> list[ClassSession]:
    """The person's classes whose code is good now or soon, or of which they can still say that they were there."""
    query = (
        select(ClassSession)
        .join(Enrolment, Enrolment.session_id == ClassSession.id)
        .where(Enrolment.person_id == person.id, Enrolment.status.in_(TAKEN), ClassSession.cancelled_at.is_(None))
        .where(ClassSession.starts_at < now + timedelta(days=1), ClassSession.starts_at > now - timedelta(days=3))
        .order_by(ClassSession.starts_at, ClassSession.id)
    )
    return [one for one in db.scalars(query) if claim_until(one, content.open_hours(one.site_id)) > now]


def trainers_of(db: Session, site_id: str, settings: Settings) -> list[Account]:
    """Whom a class's questions go to: the trainers of its site; where there are none, the admins."""
    roles = select(RoleGrant.account_id).where(RoleGrant.role == Role.TRAINER, RoleGrant.site_id == site_id)
    found = list(db.scalars(select(Account).where(Account.id.in_(roles)).order_by(Account.id)).unique())
    if not found:
        admins = select(RoleGrant.account_id).where(RoleGrant.role == Role.ADMIN)
        # one set of ids: for an OR of the two PostgreSQL would read every account there is
        named = select(Account.id).where(Account.telegram_id.in_(settings.admin_ids))
        either = Account.id.in_(union_all(admins, named))
        found = list(db.scalars(select(Account).where(either).order_by(Account.id)).unique())
    return [account for account in found if account.blocked_at is None]


def _is_open(sheet: AttendanceSheet) -> bool:
    return sheet.opened_at is not None and sheet.closed_at is None


# --- the check-in ---------------------------------------------------------------------------------------------------


def open_check_in(
    db: Session, account: Account, session_id: int, now: datetime, *, content: Content
) -> Opened | AlreadyOpen | TooEarly | TooLate | Cancelled | Unknown:
    """Show the code of a class in this trainer's chat, from the next tick on. A second trainer shows the same code."""
    session = db.get(ClassSession, session_id)
    if session is None:
        return Unknown()
    if session.cancelled_at is not None:
        return Cancelled(session)
    if now < opens_at(session):
        return TooEarly(session, opens_at(session))
    if now > closes_at(session):
        return TooLate(session, None)
    sheet = _sheet(db, session)
    already = _is_open(sheet)
    if not already:
        sheet.opened_at, sheet.closed_at = now, None
    showing = insert_or(db, CheckInScreen).values(session_id=session.id, account_id=account.id)
    db.execute(showing.on_conflict_do_nothing())
    # asked for once more, the code comes again: the message with it may have scrolled away
    screen = db.scalars(_screens(session.id).where(CheckInScreen.account_id == account.id)).one()
    shown_already = screen.stretch is not None
    screen.stretch = None
    something_due(db)
    return AlreadyOpen(session) if already and shown_already else Opened(session)


def close_check_in(db: Session, session: ClassSession, now: datetime) -> bool:
    """Take the code away everywhere; False if it was not shown."""
    sheet = sheet_of(db, session.id)
    if sheet is None or not _is_open(sheet):
        return False
    sheet.closed_at = now
    for screen in db.scalars(_screens(session.id)).all():
        account = db.get(Account, screen.account_id)
        if account is not None:
            _take_down(db, account, screen, now)
        db.delete(screen)
    db.flush()
    return True


def check_in_by_link(db: Session, person: Person, text: str, now: datetime, *, content: Content) -> CheckIn:
    """A QR code was read: its payload names the class and the code."""
    read = read_payload(text)
    session = db.get(ClassSession, read[0]) if read and read[0] < 2**62 else None
    if read is None or session is None:
        return Unknown()
    return _check_in(db, person, session, read[1], How.LINK, now, content)


def check_in_by_code(db: Session, person: Person, letters: str, now: datetime, *, content: Content) -> CheckIn:
    """Four letters were typed. They count where exactly one class now under way has this code."""
    query = (
        select(ClassSession, AttendanceSheet)
        .join(AttendanceSheet, AttendanceSheet.session_id == ClassSession.id)
        .where(AttendanceSheet.opened_at.is_not(None), AttendanceSheet.closed_at.is_(None))
        .order_by(ClassSession.id)
    )
    running = [(session, sheet) for session, sheet in db.execute(query)]
    mine = [session for session, _ in running if _has_seat(db, person, session)]
    fitting = [session for session, sheet in running if letters in _codes(sheet, now)]
    if len(fitting) > 1:  # by chance the same letters: then the class one has a seat in is meant
        fitting = [session for session in fitting if session in mine]
    if len(fitting) == 1:
        return _check_in(db, person, fitting[0], letters, How.CODE, now, content)
    if mine:
        return _check_in(db, person, mine[0], letters, How.CODE, now, content)
    over = [one for one in mine_now(db, person, now, content=content) if opens_at(one) <= now]
    if not over:
        return NoCodeNow()
    return _check_in(db, person, over[-1], letters, How.CODE, now, content)


def _check_in(
    db: Session, person: Person, session: ClassSession, code: str, how: How, now: datetime, content: Content
) -> CheckIn:
    if session.cancelled_at is not None:
        return Cancelled(session)
    known = mark_of(db, session.id, person.id)
    if known is not None and known.mark == Mark.PRESENT:
        return AlreadyIn(session)
    if not _has_seat(db, person, session):
        return NotEnrolled(session)
    if now < opens_at(session):
        return TooEarly(session, opens_at(session))
    if now > closes_at(session):
        until = claim_until(session, content.open_hours(session.site_id))
        return TooLate(session, until if now < until else None)
    sheet = sheet_of(db, session.id)
    if sheet is None or not _is_open(sheet):
        return NotOpen(session)
    account = db.get(Account, person.account_id) if person.account_id is not None else None
    if account is not None and audit.number_of(db, account, "code_refused", since=now - TRIES_FORGET) >= TRIES:
        return TooManyTries(session)
    if code not in _codes(sheet, now):
        if code in _old_codes(sheet, session, now):
            return Stale(session)
        if account is not None:
            subject = f"session:{session.id}"
            audit.note(db, actor=account, action="code_refused", now=now, subject=subject, site_id=session.site_id)
        return WrongCode(session)
    _record(db, session, person, Mark.PRESENT, how, now)
    return CheckedIn(session)


def _codes(sheet: AttendanceSheet, now: datetime) -> tuple[str, str]:
    """This stretch's code, and the one before it."""
    stretch = stretch_of(now)
    return code_of(sheet.secret, sheet.session_id, stretch), code_of(sheet.secret, sheet.session_id, stretch - 1)


def _old_codes(sheet: AttendanceSheet, session: ClassSession, now: datetime) -> frozenset[str]:
    first, last = stretch_of(opens_at(session)) - 1, stretch_of(now) - 2
    return frozenset(code_of(sheet.secret, sheet.session_id, stretch) for stretch in range(first, last + 1))


def _has_seat(db: Session, person: Person, session: ClassSession) -> bool:
    known = enrolment_of(db, person, session.id)
    return known is not None and known.status in TAKEN and known.status != EnrolmentStatus.OFFERED


def note_location(
    db: Session, person: Person, session_id: int, latitude: float, longitude: float
) -> ClassSession | None:
    """Keep of a location only whether it lay near the class; None if the person is not recorded as present there."""
    session = db.get(ClassSession, session_id)
    known = mark_of(db, session_id, person.id)
    if session is None or known is None or known.mark != Mark.PRESENT:
        return None
    if session.latitude is not None and session.longitude is not None:
        known.near = distance_km((session.latitude, session.longitude), (latitude, longitude)) <= NEAR_KM
    return session


# --- those who forgot -----------------------------------------------------------------------------------------------


def claim(
    db: Session, person: Person, session_id: int, now: datetime, *, content: Content, settings: Settings
) -> Claimed | AlreadyClaimed | AlreadyIn | Refused | NotEnrolled | TooEarly | TooLate | Cancelled | Unknown:
    """ "I was there." The trainer confirms it; until the evening after the class."""
    session = db.get(ClassSession, session_id)
    if session is None:
        return Unknown()
    if session.cancelled_at is not None:
        return Cancelled(session)
    if not _has_seat(db, person, session):
        return NotEnrolled(session)
    known = mark_of(db, session.id, person.id)
    match known.mark if known else None:
        case Mark.PRESENT:
            return AlreadyIn(session)
        case Mark.CLAIMED:
            return AlreadyClaimed(session)
        case Mark.ABSENT if known is not None and known.how == How.TRAINER:
            return Refused(session)
    hours = content.open_hours(session.site_id)
    if now <= closes_at(session):
        return TooEarly(session, closes_at(session))  # the code is still good
    if now >= claim_until(session, hours):
        return TooLate(session, None)
    _record(db, session, person, Mark.CLAIMED, How.SELF, now)
    _tell_trainers_of_claim(db, session, person, now, hours, settings)
    return Claimed(session)


def _tell_trainers_of_claim(
    db: Session, session: ClassSession, person: Person, now: datetime, hours: OpenHours, settings: Settings
) -> None:
    claims = count(db, session).claims
    values: dict[str, Value] = {"title": session.title, "starts": At(session.starts_at, hours.zone)}
    names_button = Button("attendance.button.names", f"attendance:names:{session.id}")
    if claims <= FEW_CLAIMS:
        yes = Button("attendance.button.came", f"attendance:came:{session.id}:{person.id}")
        no = Button("attendance.button.not_came", f"attendance:not_came:{session.id}:{person.id}")
        message = Message(
            "attendance.claim", values | {"who": Who(person.id)}, rows((yes, no), (names_button,), _ways_on())
        )
    elif claims == FEW_CLAIMS + 1:
        message = Message("attendance.claims", values, rows((names_button,), _ways_on()))
    else:
        return
    _tell_trainers(db, session, message, now, hours, settings)


def _tell_trainers(
    db: Session, session: ClassSession, message: Message, now: datetime, hours: OpenHours, settings: Settings
) -> None:
    """In open hours: trainers sleep, too."""
    opening = next_opening(hours, now)
    for account in trainers_of(db, session.site_id, settings):
        post = outbox.to(
            account,
            message,
            session_id=session.id,
            site_id=session.site_id,
            not_before=opening if opening > now else None,
        )
        outbox.post(db, post, now=now)


def not_there(db: Session, person: Person, session_id: int, now: datetime) -> ClassSession | None:
    """The person says they did not come; None if there is nothing to say it of."""
    session = db.get(ClassSession, session_id)
    if session is None or not _has_seat(db, person, session):
        return None
    if mark_of(db, session.id, person.id) is None:
        _record(db, session, person, Mark.ABSENT, How.SELF, now)
    return session


def note_reason(
    db: Session,
    person: Person,
    session_id: int,
    reason: Reason,
    now: datetime,
    *,
    content: Content,
    settings: Settings,
) -> ClassSession | None:
    """What could help somebody who was absent twice; the trainers hear of it, once for each answer."""
    session = db.get(ClassSession, session_id)
    enrolled = enrolment_of(db, person, session_id)
    if session is None or enrolled is None or enrolled.status != EnrolmentStatus.ABSENT:
        return None
    known = mark_of(db, session.id, person.id)
    if known is None:
        known = _record(db, session, person, Mark.ABSENT, How.SELF, now)
    if known.reason != reason:
        known.reason = reason
        hours = content.open_hours(session.site_id)
        values: dict[str, Value] = {"who": Who(person.id), "title": session.title}
        message = Message(f"attendance.reason.{reason}", values, rows(_ways_on()))
        _tell_trainers(db, session, message, now, hours, settings)
    return session


# --- the trainer's list ---------------------------------------------------------------------------------------------


def mark(
    db: Session, account: Account, session_id: int, person_id: int, now: datetime, *, present: bool
) -> Marked | NotEnrolled | TooEarly | Cancelled | Unknown:
    """The trainer's word, at any time from half an hour before the start on; it stands above all others."""
    session = db.get(ClassSession, session_id)
    person = db.get(Person, person_id)
    if session is None or person is None or person.anonymised_at is not None:
        return Unknown()
    if session.cancelled_at is not None:
        return Cancelled(session)
    if not _has_seat(db, person, session):
        return NotEnrolled(session)
    if now < opens_at(session):
        return TooEarly(session, opens_at(session))
    _record(db, session, person, Mark.PRESENT if present else Mark.ABSENT, How.TRAINER, now, by=account)
    sheet = sheet_of(db, session.id)
    if sheet is not None and sheet.settled_at is not None:
        _write_status(db, session.id, now)
    return Marked(session, person, present)


def settle(
    db: Session, session_id: int, now: datetime, *, content: Content
) -> Settled | TooEarly | Cancelled | Unknown:
    """The list is whole: who was not recorded did not come. Seats stay taken. Those who did not come are asked whether
    that is right, as long as they can still say so; again, and nothing changes but for those ticked since."""
    session = db.get(ClassSession, session_id, populate_existing=True, with_for_update={"of": ClassSession})
    if session is None:
        return Unknown()
    if session.cancelled_at is not None:
        return Cancelled(session)
    if now < session.ends_at:
        return TooEarly(session, session.ends_at)
    sheet = _sheet(db, session)
    close_check_in(db, session, now)
    first = sheet.settled_at is None
    sheet.settled_at = sheet.settled_at or now
    sheet.looked_at = sheet.looked_at or now
    _write_status(db, session.id, now)
    if first:
        hours = content.open_hours(session.site_id)
        until = claim_until(session, hours)
        sheet.care_at = next_opening(hours, max(until, now))
        if now < until:
            _ask_the_absent(db, session, until, now, hours)
        something_due(db)
    query = select(Enrolment.status, func.count()).where(Enrolment.session_id == session.id).group_by(Enrolment.status)
    counts = {row[0]: row[1] for row in db.execute(query)}
    return Settled(session, counts.get(EnrolmentStatus.ATTENDED, 0), counts.get(EnrolmentStatus.ABSENT, 0))


def _write_status(db: Session, session_id: int, now: datetime) -> None:
    """ATTENDED for whoever is marked present, ABSENT for all others with a seat; a class's row is not touched."""
    here = select(Attendance.person_id).where(Attendance.session_id == session_id, Attendance.mark == Mark.PRESENT)
    settled = (EnrolmentStatus.SEATED, EnrolmentStatus.ATTENDED, EnrolmentStatus.ABSENT)
    db.flush()
    for status, which in (
        (EnrolmentStatus.ATTENDED, Enrolment.person_id.in_(here)),
        (EnrolmentStatus.ABSENT, Enrolment.person_id.not_in(here)),
    ):
        db.execute(
            update(Enrolment)
            .where(Enrolment.session_id == session_id, Enrolment.status.in_(settled), Enrolment.status != status, which)
            .values(status=status, changed_at=now)
            .execution_options(synchronize_session="fetch")
        )


def _ask_the_absent(db: Session, session: ClassSession, until: datetime, now: datetime, hours: OpenHours) -> None:
    values: dict[str, Value] = {"title": session.title, "starts": At(session.starts_at, hours.zone)}
    posts = []
    for person, account in db.execute(_absent(session.id)).unique():
        said = mark_of(db, session.id, person.id)
        if said is not None:  # claimed, or said no: there is nothing left to ask
            continue
        yes = Button("attendance.button.was_there", f"attendance:claim:{session.id}:{person.id}")
        no = Button("attendance.button.was_not_there", f"attendance:missed:{session.id}:{person.id}")
        message = Message("attendance.missed", values, rows((yes, no), _ways_on()))
        posts.append(_to_participant(account, person, session, message, f"missed:{session.id}:{person.id}", until))
    outbox.post_all(db, posts, now=now)


def _absent(session_id: int) -> Select[Person, Account]:
    """Those who did not come and may be written to (consent 2)."""
    return (
        select(Person, Account)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .join(Account, Account.id == Person.account_id)
        .where(Enrolment.session_id == session_id, Enrolment.status == EnrolmentStatus.ABSENT)
        .where(Person.consent_messages.is_(True), Account.stopped_at.is_(None), Account.blocked_at.is_(None))
        .order_by(Person.id)
    )


def _to_participant(
    account: Account, person: Person, session: ClassSession, message: Message, once: str, until: datetime
) -> outbox.Post:
    return outbox.to(
        account,
        message,
        kind=Kind.LESSON,
        person_id=person.id,
        site_id=session.site_id,
        session_id=session.id,
        once=once,
        not_after=until,
    )


def _record(
    db: Session,
    session: ClassSession,
    person: Person,
    what: Mark,
    how: How,
    now: datetime,
    *,
    by: Account | None = None,
) -> Attendance:
    fresh = {"mark": what, "how": how, "at": now, "by_account_id": by.id if by else None}
    writing = insert_or(db, Attendance).values(session_id=session.id, person_id=person.id, **fresh)
    db.flush()
    db.execute(writing.on_conflict_do_update(index_elements=["session_id", "person_id"], set_=fresh))
    known = mark_of(db, session.id, person.id)
    assert known is not None
    return known


def _sheet(db: Session, session: ClassSession) -> AttendanceSheet:
    making = insert_or(db, AttendanceSheet).values(session_id=session.id, secret=secrets.token_hex(32))
    db.execute(making.on_conflict_do_nothing())
    sheet = db.get(AttendanceSheet, session.id)
    assert sheet is not None
    return sheet


def _screens(session_id: int) -> Select[CheckInScreen]:
    return select(CheckInScreen).where(CheckInScreen.session_id == session_id).order_by(CheckInScreen.id)


# --- time -----------------------------------------------------------------------------------------------------------


def due(db: Session, now: datetime, context: Context) -> None:
    """Show the code of these five minutes, settle the classes that are over, and ask those who were absent again."""
    content, settings = context.content, context.settings
    _refresh_screens(db, now, content, settings, context.username)
    for session in _ended(db, now):
        _look_at_ended(db, session, now, content, settings)
    _care(db, now, content)


def next_due(db: Session, now: datetime, context: Context) -> datetime | None:
    moments: list[datetime] = []
    running = (
        select(ClassSession, CheckInScreen.stretch)
        .join(CheckInScreen, CheckInScreen.session_id == ClassSession.id)
        .join(AttendanceSheet, AttendanceSheet.session_id == ClassSession.id)
        .where(AttendanceSheet.closed_at.is_(None))
    )
    for session, stretch in db.execute(running):
        change = now if stretch is None else stretch_begin(stretch + 1)
        moments.append(min(change, closes_at(session) + timedelta(seconds=1)))
    moments += [session.ends_at + GRACE for session in db.scalars(_unsettled(now).limit(50))]
    care = db.scalar(select(func.min(AttendanceSheet.care_at)).where(AttendanceSheet.care_at.is_not(None)))
    if care is not None:
        moments.append(care)
    return min(moments, default=None)


def _refresh_screens(db: Session, now: datetime, content: Content, settings: Settings, username: str) -> None:
    """Telegram's photo cannot be exchanged for one it does not know: a new one is posted and the former deleted, in
    this order, so that there is always one to be read."""
    query = (
        select(AttendanceSheet)
        .where(AttendanceSheet.opened_at.is_not(None), AttendanceSheet.closed_at.is_(None))
        .order_by(AttendanceSheet.session_id)
        .with_for_update(skip_locked=True)
    )
    for sheet in db.scalars(query).all():
        session = db.get(ClassSession, sheet.session_id)
        assert session is not None
        zone = content.open_hours(session.site_id).zone
        if session.cancelled_at is not None or not opens_at(session) <= now <= closes_at(session):
            accounts = [db.get(Account, screen.account_id) for screen in db.scalars(_screens(session.id)).all()]
            close_check_in(db, session, now)
            for account in accounts:
                if account is not None and session.cancelled_at is None:
                    outbox.post(db, outbox.to(account, _over(db, session), session_id=session.id), now=now)
            continue
        stretch = stretch_of(now)
        for screen in db.scalars(_screens(session.id)).all():
            account = db.get(Account, screen.account_id)
            if account is None or not rights.leads(db, account, session.site_id, settings):
                if account is not None:  # the role was taken away
                    _take_down(db, account, screen, now)
                db.delete(screen)
                continue
            if screen.stretch == stretch:
                continue
            until = stretch_begin(stretch + 1)
            message = _screen(db, session, sheet, stretch, At(until, zone), username)
            shown = outbox.post(db, outbox.to(account, message, session_id=session.id, not_after=until), now=now)
            _take_down(db, account, screen, now)
            screen.stretch, screen.outbox_id = stretch, shown


def _screen(
    db: Session, session: ClassSession, sheet: AttendanceSheet, stretch: int, until: At, username: str
) -> Message:
    code = code_of(sheet.secret, session.id, stretch)
    numbers = count(db, session)
    values: dict[str, Value] = {
        "title": session.title,
        "code": " ".join(code),
        "until": until,
        "present": numbers.present,
        "expected": numbers.expected,
    }
    buttons = rows(
        (Button("attendance.button.names", f"attendance:names:{session.id}"),),
        (Button("attendance.button.close", f"attendance:close:{session.id}"), Button("button.help", "menu:help")),
    )
    picture = File("kode-hadir.png", "image/png", qr_png(link(username, payload(session.id, code))))
    return Message("attendance.screen", values, buttons, form=Form.PHOTO, file=picture, secret=True)


def _take_down(db: Session, account: Account, screen: CheckInScreen, now: datetime) -> None:
    if screen.outbox_id is not None:
        outbox.post(db, outbox.to(account, Message(form=Form.DELETE), edits=screen.outbox_id), now=now)


def _over(db: Session, session: ClassSession) -> Message:
    numbers = count(db, session)
    values: dict[str, Value] = {"title": session.title, "present": numbers.present, "expected": numbers.expected}
    names_button = Button("attendance.button.names", f"attendance:names:{session.id}")
    return Message("attendance.over", values, rows((names_button,), _ways_on()))


def _unsettled(now: datetime) -> Select[ClassSession]:
    return (
        select(ClassSession)
        .outerjoin(AttendanceSheet, AttendanceSheet.session_id == ClassSession.id)
        .where(ClassSession.starts_at > now - LOOK_BACK, ClassSession.cancelled_at.is_(None))
        .where(AttendanceSheet.looked_at.is_(None))
        .order_by(ClassSession.starts_at, ClassSession.id)
    )


def _ended(db: Session, now: datetime) -> list[ClassSession]:
    query = _unsettled(now).where(ClassSession.starts_at <= now - GRACE)
    return [session for session in db.scalars(query) if session.ends_at + GRACE <= now]


def _look_at_ended(db: Session, session: ClassSession, now: datetime, content: Content, settings: Settings) -> None:
    sheet = _sheet(db, session)
    sheet.looked_at = now
    numbers = count(db, session)
    if numbers.present:
        settle(db, session.id, now, content=content)
    elif numbers.expected:
        hours = content.open_hours(session.site_id)
        values: dict[str, Value] = {"title": session.title, "starts": At(session.starts_at, hours.zone)}
        names_button = Button("attendance.button.names", f"attendance:names:{session.id}")
        message = Message("attendance.unrecorded", values, rows((names_button,), _ways_on()))
        _tell_trainers(db, session, message, now, hours, settings)


def _care(db: Session, now: datetime, content: Content) -> None:
    query = (
        select(AttendanceSheet)
        .where(AttendanceSheet.care_at <= now)
        .order_by(AttendanceSheet.care_at, AttendanceSheet.session_id)
        .with_for_update(skip_locked=True)
    )
    for sheet in db.scalars(query).all():
        session = db.get(ClassSession, sheet.session_id)
        assert session is not None
        sheet.care_at = None
        hours = content.open_hours(session.site_id)
        posts = []
        for person, account in db.execute(_absent(session.id)).unique().all():
            if _absences_in_a_row(db, person, session) != STREAK:
                continue
            choices = [
                Button(f"attendance.button.{reason}", f"attendance:reason:{session.id}:{person.id}:{reason}")
                for reason in Reason
            ]
            message = Message("attendance.care", {}, rows(choices[:2], choices[2:], _ways_on()))
            once = f"care:{session.id}:{person.id}"
            posts.append(
                _to_participant(account, person, session, message, once, next_opening(hours, now) + timedelta(days=3))
            )
        outbox.post_all(db, posts, now=now)


def _absences_in_a_row(db: Session, person: Person, session: ClassSession) -> int:
    """How many classes the person missed one after the other, this one the last."""
    query = (
        select(Enrolment.status)
        .join(ClassSession, ClassSession.id == Enrolment.session_id)
        .where(Enrolment.person_id == person.id)
        .where(Enrolment.status.in_((EnrolmentStatus.ATTENDED, EnrolmentStatus.ABSENT)))
        .where(ClassSession.starts_at <= session.starts_at)
        .order_by(ClassSession.starts_at.desc(), ClassSession.id.desc())
        .limit(STREAK + 1)
    )
    missed = 0
    for status in db.scalars(query):
        if status != EnrolmentStatus.ABSENT:
            break
        missed += 1
    return missed


def _ways_on() -> tuple[Button, ...]:
    return (Button("button.menu", "menu:show"), Button("button.help", "menu:help"))


# --- a person's own data --------------------------------------------------------------------------------------------


def copy(db: Session, person: Person, content: Content, told: Told) -> dict[str, Any]:
    """Returns what is recorded of the person in each class; moments in UTC."""
    query = (
        select(Attendance, ClassSession.code)
        .join(ClassSession, ClassSession.id == Attendance.session_id)
        .where(Attendance.person_id == person.id)
        .order_by(Attendance.id)
    )
    return {
        "kehadiran": [
            {
                "kelas": code,
                "tanda": one.mark,
                "cara": one.how,
                "pada": one.at.isoformat(timespec="seconds"),
                "dekat_lokasi": one.near,
                "alasan": one.reason,
            }
            for one, code in db.execute(query)
        ]
    }


# --- what it owes -----------------------------------------------------------------------------------------------------


DATA: Final = CapabilityData(
    "attendance",
    tables=(AttendanceSheet, CheckInScreen, Attendance),
    due=due,
    next_due=next_due,
    copy=copy,
    stays={
        "attendance.person_id": "Who came is counted in reports, of nobody in particular; no words are kept.",
        "attendance.by_account_id": "Who recorded it: emptied with the account (ON DELETE SET NULL).",
        "check_in_screen.account_id": "A trainer's chat: goes with the account (ON DELETE CASCADE).",
    },
    not_copied={
        "check_in_screen.account_id": "In which chat a code is shown now; nothing about the person.",
    },
)

"""Feedback after a class: three faces and one optional sentence, asked once at the next open hour after its end.

Trainers hear averages, never who said what, and only when at least five have answered; sentences come without a name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Final

from sqlalchemy import ForeignKey, Select, SmallInteger, String, UniqueConstraint, exists, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.actions.buttons import HELP, MENU
from bot.actions.surveys import PickFace, ReadSentences, SeeAverage
from bot.capability import CapabilityData, Context, Told
from bot.catalogue.content import Content
from bot.database import Base, BigId, insert_or, partial_index, something_due
from bot.delivery import outbox
from bot.people.people import Account, Person, Purpose, agreed_to
from bot.people.quiet_hours import Kind, next_opening, verdict
from bot.people.rights import responsible_for
from bot.programme import attendance
from bot.programme.attendance import Attendance, Mark
from bot.programme.enrolment import CAME, Enrolment, EnrolmentStatus, enrolment_of
from bot.programme.sessions import ClassSession
from bot.settings import Settings
from bot.words.message import At, Button, Message, Value, rows
from bot.words.typed_text import cleaned

FEW: Final = 5
"""Averages of fewer answers are not told."""
SENTENCE_LENGTH: Final = 300
ANSWERED_UNTIL: Final = timedelta(days=7)
"""How long after the end answers count: later people remember another class."""
TOLD_AFTER: Final = timedelta(hours=20)
"""How long after the question the trainers are told the average: most have answered then."""
ASKED_LATEST: Final = timedelta(days=3)
"""How long after the end people are still asked (the bot may have been down)."""


class Face(IntEnum):
    SAD = 1
    PLAIN = 2
    GLAD = 3


NOT_THERE: Final = 0
"""In place of a face: the person says that they were not in the class. Nothing is recorded of it."""


class FeedbackRound(Base):
    """The feedback of one class: when people were asked, and when its trainers are told the average."""

    __tablename__ = "feedback_round"

    session_id: Mapped[int] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), primary_key=True)
    asked_at: Mapped[datetime]
    tell_at: Mapped[datetime | None]
    """Empty once told, or once too few had answered in time: then the fifth answer tells it."""
    told_at: Mapped[datetime | None]


partial_index("ix_feedback_round_tell", FeedbackRound.tell_at, of="tell_at IS NOT NULL")


class Feedback(Base):
    __tablename__ = "feedback"
    __table_args__ = (UniqueConstraint("session_id", "person_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    face: Mapped[int] = mapped_column(SmallInteger)
    sentence: Mapped[str | None] = mapped_column(String(SENTENCE_LENGTH))
    at: Mapped[datetime]


# --- outcomes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Noted:
    session: ClassSession
    face: Face


@dataclass(frozen=True)
class Away:
    """The person, who had a seat, says that they were not there. Nothing is recorded."""


@dataclass(frozen=True)
class NotAsked:
    """The person was not in the class, so they cannot rate it; or there is no such class."""


@dataclass(frozen=True)
class Over:
    session: ClassSession


@dataclass(frozen=True)
class SentenceKept:
    session: ClassSession


@dataclass(frozen=True)
class TooLong:
    limit: int


@dataclass(frozen=True)
class Average:
    """The mean, from 1 to 3, of `n` answers, at least FEW; how many were `glad`, `plain` and `sad`; `sentences`: how
    many wrote one."""

    session: ClassSession
    mean: float
    glad: int
    plain: int
    sad: int
    sentences: int

    @property
    def n(self) -> int:
        return self.glad + self.plain + self.sad


@dataclass(frozen=True)
class TooFew:
    session: ClassSession


# --- services -------------------------------------------------------------------------------------------------------


def answer(db: Session, person: Person, session_id: int, face: int, now: datetime) -> Noted | Away | NotAsked | Over:
    """Records a face; a later one replaces it."""
    session = db.get(ClassSession, session_id)
    if session is None or face not in (NOT_THERE, *Face) or not _was_there(db, person, session, now):
        return NotAsked()
    if face == NOT_THERE:
        return Away()
    if now > session.ends_at + ANSWERED_UNTIL:
        return Over(session)
    fresh = {"face": face, "at": now}
    writing = insert_or(db, Feedback).values(session_id=session.id, person_id=person.id, **fresh)
    db.execute(writing.on_conflict_do_update(index_elements=["session_id", "person_id"], set_=fresh))
    round_ = db.get(FeedbackRound, session.id)
    if round_ is not None and round_.told_at is None and round_.tell_at is None:
        round_.tell_at = now  # too few had answered when it was to be told
        something_due(db)
    return Noted(session, Face(face))


def _was_there(db: Session, person: Person, session: ClassSession, now: datetime) -> bool:
    enrolled = enrolment_of(db, person, session.id)
    if enrolled is None or session.cancelled_at is not None or now < session.ends_at:
        return False
    return enrolled.status in (EnrolmentStatus.SEATED, EnrolmentStatus.UNRECORDED, *CAME)


def keep_sentence(
    db: Session, person: Person, session_id: int, text: str, now: datetime
) -> SentenceKept | TooLong | NotAsked:
    """Stores one sentence with the face."""
    session = db.get(ClassSession, session_id)
    known = _feedback(db, person, session_id)
    sentence = cleaned(text)
    if session is None or known is None or not sentence:
        return NotAsked()
    if len(sentence) > SENTENCE_LENGTH:
        return TooLong(SENTENCE_LENGTH)
    known.sentence, known.at = sentence, now
    return SentenceKept(session)


def average(db: Session, session: ClassSession) -> Average | TooFew:
    """Returns the average of the answers so far, with how many chose each face; TooFew below FEW answers."""
    query = select(Feedback.face, func.count(), func.count(Feedback.sentence)).where(Feedback.session_id == session.id)
    found = db.execute(query.group_by(Feedback.face)).all()
    faces = {Face(face): number for face, number, _ in found}
    n = sum(faces.values())
    if n < FEW:
        return TooFew(session)
    mean = sum(face * number for face, number in faces.items()) / n
    glad, plain, sad = (faces.get(face, 0) for face in (Face.GLAD, Face.PLAIN, Face.SAD))
    return Average(session, mean, glad, plain, sad, sum(sentences for _, _, sentences in found))


def average_message(told: Average, zone: str) -> Message:
    """Returns the message by which trainers read the average. `zone` is the site's IANA zone. Its buttons lead to the
    newest figures and to the sentences."""
    session = told.session
    values: dict[str, Value] = {
        "title": session.title,
        "starts": At(session.starts_at, zone),
        "mean": round(told.mean, 1),
        "n": told.n,
        "glad": told.glad,
        "plain": told.plain,
        "sad": told.sad,
        "sentences": told.sentences,
    }
    read = (Button("surveys.button.read", ReadSentences(session.id)),) if told.sentences else ()
    return Message("surveys.average", values, rows(read, (Button("surveys.button.now", SeeAverage(session.id)),)))


def sentences(db: Session, session: ClassSession, *, limit: int, offset: int = 0) -> list[str]:
    """Returns the sentences people wrote, without names, the shortest first: the order in which they came would tell
    who wrote them. Nothing while fewer than FEW have answered."""
    if isinstance(average(db, session), TooFew):
        return []
    query = (
        select(Feedback.sentence)
        .where(Feedback.session_id == session.id, Feedback.sentence.is_not(None))
        .order_by(func.length(Feedback.sentence), Feedback.sentence)
        .limit(limit)
        .offset(offset)
    )
    return [sentence for sentence in db.scalars(query) if sentence]


def _feedback(db: Session, person: Person, session_id: int) -> Feedback | None:
    query = select(Feedback).where(Feedback.session_id == session_id, Feedback.person_id == person.id)
    return db.scalars(query.execution_options(populate_existing=True)).one_or_none()


# --- time -----------------------------------------------------------------------------------------------------------


def due(db: Session, now: datetime, context: Context) -> int:
    """Asks people about the classes that are over; tells the averages of classes they were asked about a day ago.
    Returns how many posts."""
    content, posted = context.content, 0
    for session in db.scalars(_to_ask(now)).all():
        hours = content.open_hours(session.site_id)
        if session.ends_at <= now and verdict(Kind.LESSON, now=now, hours=hours).hold_until is None:
            posted += _ask(db, session, now, hours.zone, content)
    telling = select(FeedbackRound).where(FeedbackRound.tell_at <= now).order_by(FeedbackRound.tell_at)
    for round_ in db.scalars(telling.with_for_update(skip_locked=True)).all():
        _tell(db, round_, now, content, context.settings)
    return posted


def next_due(db: Session, now: datetime, context: Context) -> datetime | None:
    moments = [
        next_opening(context.content.open_hours(session.site_id), max(session.ends_at, now))
        for session in db.scalars(_to_ask(now, whenever=True).limit(50))
    ]
    tell = db.scalar(select(func.min(FeedbackRound.tell_at)).where(FeedbackRound.tell_at.is_not(None)))
    return min([*moments, *([tell] if tell else [])], default=None)


def _to_ask(now: datetime, *, whenever: bool = False) -> Select[ClassSession]:
    """Selects classes nobody was asked about yet: those that have begun, or `whenever` they begin."""
    query = (
        select(ClassSession)
        .where(ClassSession.starts_at > now - ASKED_LATEST, ClassSession.cancelled_at.is_(None))
        .where(~exists().where(FeedbackRound.session_id == ClassSession.id))
        .order_by(ClassSession.starts_at, ClassSession.id)
    )
    return query if whenever else query.where(ClassSession.starts_at < now)


def _ask(db: Session, session: ClassSession, now: datetime, zone: str, content: Content) -> int:
    hours = content.open_hours(session.site_id)
    tell_at = next_opening(hours, now + TOLD_AFTER)
    making = insert_or(db, FeedbackRound).values(session_id=session.id, asked_at=now, tell_at=tell_at)
    made = db.execute(making.on_conflict_do_nothing())
    if not made.rowcount:  # type: ignore[attr-defined]
        return 0
    values: dict[str, Value] = {"title": session.title, "starts": At(session.starts_at, zone)}
    posts = []
    recorded = attendance.count(db, session).present > 0
    for person, account in db.execute(_listeners(session, recorded=recorded)).unique():
        faces = [
            Button(f"surveys.button.{face.name.lower()}", PickFace(session.id, person.id, face))
            for face in reversed(Face)
        ]
        ways = (MENU, HELP)
        away = () if recorded else (Button("surveys.button.away", PickFace(session.id, person.id, NOT_THERE)),)
        posts.append(
            outbox.to(
                account,
                Message("surveys.ask" if recorded else "surveys.ask_unsure", values, rows(faces, away, ways)),
                kind=Kind.LESSON,
                person_id=person.id,
                site_id=session.site_id,
                session_id=session.id,
                once=f"feedback:{session.id}:{person.id}",
                not_after=now + timedelta(days=2),
            )
        )
    return outbox.post_all(db, posts, now=now)


def _listeners(session: ClassSession, *, recorded: bool) -> Select[Person, Account]:
    """Selects people recorded as present. Where nobody was `recorded` as present (yet), everybody with a seat but who
    was recorded as absent: they can answer that they were not there."""
    marked = select(Attendance.person_id).where(Attendance.session_id == session.id)
    here, absent = (marked.where(Attendance.mark == mark) for mark in (Mark.PRESENT, Mark.ABSENT))
    query = (
        select(Person, Account)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .join(Account, Account.id == Person.account_id)
        .where(Enrolment.session_id == session.id)
        .where(Enrolment.status.in_((EnrolmentStatus.SEATED, EnrolmentStatus.UNRECORDED, *CAME)))
        .where(agreed_to(Purpose.REMINDERS), Account.stopped_at.is_(None), Account.blocked_at.is_(None))
        .order_by(Person.id)
    )
    return query.where(Person.id.in_(here) if recorded else Person.id.not_in(absent))


def _tell(db: Session, round_: FeedbackRound, now: datetime, content: Content, settings: Settings) -> None:
    session = db.get(ClassSession, round_.session_id)
    assert session is not None
    round_.tell_at = None
    match average(db, session):
        case Average() as told:
            round_.told_at = now
            message = average_message(told, content.open_hours(session.site_id).zone)
            message = message.with_buttons([*message.buttons, (MENU, HELP)])
            staff = responsible_for(db, session.site_id, settings)
            about: dict[str, Any] = {"site_id": session.site_id, "session_id": session.id}
            outbox.post_to_each(db, staff, message, kind=Kind.STAFF, now=now, **about)


# --- a person's own data --------------------------------------------------------------------------------------------


def copy(db: Session, person: Person, content: Content, told: Told) -> dict[str, Any]:
    """Returns what the person said of classes; moments in UTC."""
    query = (
        select(Feedback, ClassSession.code)
        .join(ClassSession, ClassSession.id == Feedback.session_id)
        .where(Feedback.person_id == person.id)
        .order_by(Feedback.id)
    )
    return {
        "tanggapan_kelas": [
            {"kelas": code, "wajah": one.face, "kalimat": one.sentence, "pada": one.at.isoformat(timespec="seconds")}
            for one, code in db.execute(query)
        ]
    }


def forget(db: Session, person: Person, now: datetime) -> None:
    """Makes the faces anonymous; deletes what was written."""
    for one in db.scalars(select(Feedback).where(Feedback.person_id == person.id)):
        one.sentence = None


# --- what it owes -----------------------------------------------------------------------------------------------------


DATA: Final = CapabilityData(
    "surveys",
    tables=(FeedbackRound, Feedback),
    due=due,
    next_due=next_due,
    forget=forget,
    copy=copy,
    stays={"feedback.person_id": "Faces count for the class, of nobody in particular; the sentence is emptied."},
)

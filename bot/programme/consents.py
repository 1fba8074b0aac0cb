"""When people are asked for a consent, and what their answers cover.

Somebody who agreed to an older version of the notice is asked about the newer one; whatever they answer, all that the
older one covers goes on. Consents 3 and 4 are asked after the first attended class or the third lesson. At most one
question a day; a question that is put off or not answered comes again after a week, three times in all. After that
people must look for it themselves (docs/decisions/010).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    CursorResult,
    ForeignKey,
    Select,
    SmallInteger,
    String,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.capability import CapabilityData, Told
from bot.catalogue.content import Content
from bot.database import Base
from bot.delivery.outbox import OutboxRow
from bot.people.people import (
    Account,
    Consent,
    Person,
    Purpose,
    Use,
    agreed_version,
    consent_of,
    consents_of,
    has_consented,
    record_consent,
)
from bot.people.quiet_hours import Kind
from bot.programme.attendance import Attendance, Mark
from bot.programme.enrolment import CAME, LIVE, Enrolment
from bot.programme.lessons import LessonProgress
from bot.programme.quizzes import Quiz
from bot.programme.roster import ORAL
from bot.programme.sessions import ClassSession

AGAIN: Final = timedelta(days=7)
"""How long after a question was asked or put off it is not asked again."""
TIMES: Final = 3
"""How often a question is asked by itself."""
APART: Final = timedelta(days=1)
"""How long after one question the person is not asked another."""
LOOK_AGAIN: Final = timedelta(hours=1)
"""How long it is taken for granted that there is nothing to ask a person who has not learnt enough yet, unless they
learn something meanwhile."""
NEVER: Final = timedelta(days=30)
"""How long it is taken for granted that there is nothing to ask a person who was asked everything often enough."""
BESIDE_LESSON: Final = timedelta(minutes=1)
"""How long after a quiz question or a daily lesson nothing is asked."""
AT_THE_DOOR: Final = timedelta(minutes=30)
"""How long before a class nothing is asked, nor during the class."""
LESSONS: Final = 3
"""After how many finished lessons a person is asked for consents 3 and 4."""
UNMARKED: Final[Mapping[Purpose, str]] = {
    Purpose.TRAINING: "1",
    Purpose.MESSAGES: "2",
    Purpose.FOLLOW_UP: "1",
    Purpose.NAMES: "1",
}
"""The version of the words above a button that carries none: it was sent before buttons carried one."""


class ConsentQuestion(Base):
    """A consent that the person was asked for: which version, when last, and how often."""

    __tablename__ = "consent_question"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    purpose: Mapped[str] = mapped_column(String(12), primary_key=True)
    version: Mapped[str] = mapped_column(String(20))
    asked_at: Mapped[datetime]
    """When the person was asked last, or put the question off."""
    times: Mapped[int] = mapped_column(SmallInteger)
    """How often the person was asked; TIMES also after a refusal."""


# --- outcomes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Agreed:
    """The newer version counts from this moment."""


@dataclass(frozen=True)
class Refused:
    """The older version goes on counting."""


@dataclass(frozen=True)
class Unchanged:
    """That was the answer already."""


@dataclass(frozen=True)
class NothingOlder:
    """There is no older version that the person agreed to: who refuses this one can only leave."""


@dataclass(frozen=True)
class PutOff:
    """The question was not answered. `again`: it comes once more by itself."""

    again: bool


# --- what was agreed to ---------------------------------------------------------------------------------------------


def version_read(button: str, purpose: Purpose) -> str:
    """Returns the version of the words that stood above a button, which may carry none."""
    return button or UNMARKED.get(purpose, "")


def standing_version(db: Session, person: Person) -> str | None:
    """Returns the version of the notice that the person agreed to and that counts now; None: none (any more)."""
    if person.training_version is None:
        person.training_version = _standing(db, person, Purpose.TRAINING)
    return _without_oral_mark(person.training_version)


def version_of(db: Session, person: Person, purpose: Purpose) -> str | None:
    """Returns the version of a consent that the person agreed to last and has not refused since; None: none."""
    return (
        standing_version(db, person)
        if purpose is Purpose.TRAINING
        else _without_oral_mark(_standing(db, person, purpose))
    )


def _standing(db: Session, person: Person, purpose: Purpose) -> str | None:
    standing: list[str] = []
    for answer in consents_of(db, person):
        if answer.purpose == purpose:
            standing = [one for one in standing if _without_oral_mark(one) != _without_oral_mark(answer.text_version)]
            if answer.given:
                standing.append(answer.text_version)
    return standing[-1] if standing else None


def _without_oral_mark(version: str | None) -> str | None:
    """Returns the version without the mark (ORAL) that the log has for a consent by word of mouth."""
    return version.removeprefix(f"{ORAL} ") if version else None


def covers(db: Session, person: Person, use: Use, *, content: Content) -> bool:
    """Returns whether what the person agreed to covers this use of their data. If not, they must be asked first:
    `AskFirst(use)`."""
    purpose, versions = content.covered_by(use)
    return has_consented(person, purpose) and version_of(db, person, purpose) in versions


def stands_by_newest(db: Session, person: Person, content: Content) -> bool:
    """Returns whether the person agreed to the newest version of the notice."""
    return standing_version(db, person) == content.consent_version(Purpose.TRAINING)


def need_only_be_told(db: Session, person: Person, content: Content) -> bool:
    """Returns whether the newest version of the notice covers no use that the person did not agree to: it only says
    more exactly what they agreed to, so they are told of it and asked nothing."""
    uses = [use for use in Use if content.covered_by(use)[0] is Purpose.TRAINING]
    return all(covers(db, person, use, content=content) for use in uses)


def refused_the_same(db: Session, person: Person, content: Content) -> bool:
    """Returns whether the person refused an older version that covers all that the newest does: they are not asked for
    the same again."""
    uses = [content.covered_by(use) for use in Use]
    whole = frozenset.intersection(*(versions for purpose, versions in uses if purpose is Purpose.TRAINING))
    said = [one for one in consents_of(db, person) if one.purpose == Purpose.TRAINING and not one.given]
    refused = {_without_oral_mark(one.text_version) for one in said} - {content.consent_version(Purpose.TRAINING)}
    return bool(refused & whole)


def told(db: Session, person: Person, version: str, now: datetime) -> None:
    """Notes that the person was told of this version of the notice: they are neither told again nor asked."""
    _note(db, person, Purpose.TRAINING, version, now, times=TIMES)


def may_choose(db: Session, person: Person, content: Content) -> bool:
    """Returns whether there are two versions of the notice between which the person can choose."""
    versions = {
        _without_oral_mark(one.text_version) for one in consents_of(db, person) if one.purpose == Purpose.TRAINING
    }
    return bool(versions) and len(versions | {content.consent_version(Purpose.TRAINING)}) > 1


def answer_notice(
    db: Session, person: Person, *, given: bool, version: str, language: str, now: datetime
) -> Agreed | Refused | Unchanged | NothingOlder:
    """Records the answer to this version of the notice. After a no the older version goes on counting, and the person
    is not asked about this one again."""
    answers = [one for one in consents_of(db, person) if one.purpose == Purpose.TRAINING]
    said = {_without_oral_mark(one.text_version): one.given for one in answers}
    if given:
        if said.get(version) is True and standing_version(db, person) == version:
            return Unchanged()
        record_consent(db, person, Purpose.TRAINING, given=True, text_version=version, language=language, now=now)
        return Agreed()
    if said.get(version) is False:
        return Unchanged()
    if not any(yes for one, yes in said.items() if one != version):
        return NothingOlder()
    # not `record_consent`: the person goes on taking part
    db.add(
        Consent(
            person_id=person.id, purpose=Purpose.TRAINING, text_version=version, language=language, given=False, at=now
        )
    )
    db.flush()
    person.training_version = _standing(db, person, Purpose.TRAINING)
    _note(db, person, Purpose.TRAINING, version, now, times=TIMES)
    return Refused()


def withdraw_all(db: Session, person: Person, *, language: str, now: datetime) -> None:
    """Logs that the person takes consent 1 back. Without consent 1 nothing about them may be kept, so the caller erases
    them next."""
    version = standing_version(db, person) or UNMARKED[Purpose.TRAINING]
    record_consent(db, person, Purpose.TRAINING, given=False, text_version=version, language=language, now=now)


# --- when somebody is asked -----------------------------------------------------------------------------------------


def next_question(db: Session, person: Person, now: datetime, *, content: Content) -> Purpose | None:
    """Returns the consent that the person is to be asked for now; None: none. For people who have nothing to be asked
    this makes no query; who has not learnt enough yet costs two, once an hour."""
    if person.registered_at is None or not person.consent_training:
        return None
    if person.ask_after and now < person.ask_after and not _newer_words(db, person, now, content):
        return None
    unanswered = [one for one in (Purpose.FOLLOW_UP, Purpose.NAMES) if consent_of(person, one) is None]
    if not stands_by_newest(db, person, content):
        unanswered.insert(0, Purpose.TRAINING)
    if not unanswered:
        return None
    asked = {one.purpose: one for one in _questions(db, person)}
    free = max((one.asked_at for one in asked.values()), default=now - APART) + APART
    moments = list[datetime]()
    ripe: bool | None = None
    for purpose in unanswered:
        before = asked.get(purpose)
        if before is not None and before.version == content.consent_version(purpose):
            if before.times >= TIMES:
                continue
            again = max(free, before.asked_at + AGAIN)
        else:
            again = free
        if again > now:
            moments.append(again)
            continue
        if purpose is not Purpose.TRAINING:
            ripe = _is_ripe(db, person) if ripe is None else ripe
            if not ripe:
                moments.append(now + LOOK_AGAIN)
                continue
        return None if _is_busy(db, person, now) else purpose
    person.ask_after = min(moments, default=now + NEVER)
    return None


def _newer_words(db: Session, person: Person, now: datetime, content: Content) -> bool:
    """Returns whether the notice has a newer version than the one the person was asked about last. They are asked about
    it the next time they do something, but not within APART of another question."""
    assert person.ask_after is not None
    if person.ask_after - now <= APART or stands_by_newest(db, person, content):
        return False
    before = db.get(ConsentQuestion, (person.id, Purpose.TRAINING.value))
    return before is None or before.version != content.consent_version(Purpose.TRAINING)


def asked(db: Session, person: Person, purpose: Purpose, version: str, now: datetime) -> None:
    """Notes that the person was asked the question."""
    times = min(TIMES, _times(db, person, purpose, version) + 1)
    _note(db, person, purpose, version, now, times=times)


def put_off(db: Session, person: Person, version: str, now: datetime) -> PutOff:
    """Notes that the person answered "not now" about a version of the notice: they are asked again after AGAIN."""
    times = _times(db, person, Purpose.TRAINING, version) or 1
    _note(db, person, Purpose.TRAINING, version, now, times=times)
    return PutOff(again=times < TIMES)


def _times(db: Session, person: Person, purpose: Purpose, version: str) -> int:
    """Returns how often the person was asked with this version of the words."""
    before = db.get(ConsentQuestion, (person.id, purpose.value))
    return before.times if before is not None and before.version == version else 0


def _note(db: Session, person: Person, purpose: Purpose, version: str, now: datetime, *, times: int) -> None:
    row = db.get(ConsentQuestion, (person.id, purpose.value))
    if row is None:
        row = ConsentQuestion(person_id=person.id, purpose=purpose)
        db.add(row)
    row.version, row.asked_at, row.times = version, now, times
    person.ask_after = now + APART


_QUESTIONS: Final = select(ConsentQuestion.__table__).where(
    ConsentQuestion.__table__.c.person_id == bindparam("person")
)
"""Made once, as the queries below: they are asked at the end of many turns."""


def _asked_in_this_turn(db: Session, query: Select[Any], values: Mapping[str, Any]) -> CursorResult[Any]:
    """Runs a query at the end of a turn. What waits to be written is written before, but not where it is only accounts
    and people: those of a whole batch are then written together."""
    if any(not isinstance(one, Account | Person) for one in (*db.new, *db.dirty)):
        db.flush()
    return db.connection().execute(query, values)


def _questions(db: Session, person: Person) -> Sequence[Any]:
    return _asked_in_this_turn(db, _QUESTIONS, {"person": person.id}).all()


_IS_RIPE: Final = select(
    or_(
        exists().where(Attendance.person_id == bindparam("person"), Attendance.mark == Mark.PRESENT),
        select(LessonProgress.id)
        .where(LessonProgress.person_id == bindparam("person"), LessonProgress.finished_at.is_not(None))
        .offset(LESSONS - 1)
        .limit(1)
        .exists(),
    )
)


def _is_ripe(db: Session, person: Person) -> bool:
    """Returns whether the person knows the programme enough to be asked: has been to a class, or finished LESSONS
    lessons."""
    return bool(_asked_in_this_turn(db, _IS_RIPE, {"person": person.id}).scalar())


_LEARNS_NOW: Final = select(
    or_(
        exists().where(
            Quiz.person_id == bindparam("person"),
            or_(Quiz.asked_at > bindparam("since"), Quiz.answered_at > bindparam("since")),
        ),
        exists().where(
            OutboxRow.person_id == bindparam("person"),
            OutboxRow.kind == Kind.LESSON,
            OutboxRow.sent_at > bindparam("since"),
        ),
    )
)
_CLASSES_NOW: Final = (
    select(ClassSession)
    .join(Enrolment, Enrolment.session_id == ClassSession.id)
    .where(Enrolment.person_id == bindparam("person"), Enrolment.status.in_((*LIVE, *CAME)))
    .where(ClassSession.cancelled_at.is_(None), ClassSession.starts_at <= bindparam("soon"))
    .where(ClassSession.starts_at > bindparam("yesterday"))
)


def _is_busy(db: Session, person: Person, now: datetime) -> bool:
    """Returns whether the person should not be disturbed: is in a class or close to its start, or was given a lesson or
    asked a quiz question within BESIDE_LESSON."""
    if _asked_in_this_turn(db, _LEARNS_NOW, {"person": person.id, "since": now - BESIDE_LESSON}).scalar():
        return True
    moments = {"soon": now + AT_THE_DOOR, "yesterday": now - timedelta(days=1)}
    return any(one.ends_at > now for one in db.scalars(_CLASSES_NOW, {"person": person.id, **moments}))


# --- counting -------------------------------------------------------------------------------------------------------


def counts_of_versions(db: Session) -> Counter[str]:
    """Returns how many registered people are under each version of the notice, read or heard."""
    version = agreed_version()
    query = select(version, func.count()).where(Person.registered_at.is_not(None), Person.anonymised_at.is_(None))
    query = query.where(Person.frozen_at.is_(None))
    found = Counter[str]()
    for said, number in db.execute(query.group_by(version)):
        found[_without_oral_mark(said) or "?"] += number
    return found


# --- what it owes ---------------------------------------------------------------------------------------------------


def forget(db: Session, person: Person, now: datetime) -> None:
    db.execute(delete(ConsentQuestion).where(ConsentQuestion.person_id == person.id))


def copy(db: Session, person: Person, content: Content, told: Told) -> dict[str, Any]:
    """Returns what the person was asked for; the answers stand among the consents."""
    asked_for = [
        {
            "untuk": one.purpose,
            "versi_teks": one.version,
            "ditanya_pada": told(one.asked_at),
            "kali": one.times,
        }
        for one in sorted(_questions(db, person), key=lambda one: one.purpose)
    ]
    return {"pertanyaan_persetujuan": asked_for}


DATA: Final = CapabilityData("consents", tables=(ConsentQuestion,), forget=forget, copy=copy)

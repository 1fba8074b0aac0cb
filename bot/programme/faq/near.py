"""A typed question and what was answered already: found, shown before it goes out, and sent by itself in the end."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, delete, select, update
from sqlalchemy.orm import Session

from bot.catalogue.content import Content
from bot.catalogue.lesson_files import Lesson
from bot.database import constant, something_due
from bot.people.people import Person
from bot.programme import mentoring
from bot.programme.faq.matching import BESIDE, FITS, FITS_TOPIC, FITS_WELL, Entry, Index, Match
from bot.programme.faq.tables import EVERYWHERE, NO_FACT, Faq, HeldQuestion, State
from bot.programme.mentoring import Blocked, Given, Opened, TooMany

_UNSEEN: Final = {"synchronize_session": False}
LOOKED_AT: Final = 50
"""So many answers are looked at for one that is not hidden."""
SHOWN: Final = 2
"""So many answers and lessons are shown for one question."""
WAITS: Final = timedelta(minutes=10)
"""After so long without a word the question goes out by itself."""
TITLE, GOAL, POINT, QUESTION, TASK, MODULE = 1.0, 0.9, 0.8, 0.7, 0.6, 0.5
"""How much a word tells of a lesson, by where it stands."""


@dataclass(frozen=True)
class Near:
    """What fits a question: at most SHOWN in all, answers before lessons."""

    answers: tuple[Faq, ...] = ()
    lessons: tuple[Lesson, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.answers or self.lessons)


# --- finding ----------------------------------------------------------------------------------------------------------


def published(db: Session, site_id: str | None, now: datetime, *, content: Content) -> list[Faq]:
    """Returns the answers that people of this site are shown, the oldest first: none whose fact has to be looked at
    again."""
    query = select(Faq).where(*_shown_at(site_id))
    day = day_at(content, site_id, now)
    return [one for one in db.scalars(query.order_by(Faq.id)) if not outdated(one.fact, day, content)]


def some_published(db: Session, site_id: str | None, now: datetime, *, content: Content) -> bool:
    """Whether people of this site are shown any answer."""
    query = select(Faq.fact).where(*_shown_at(site_id)).limit(LOOKED_AT)
    day = day_at(content, site_id, now)
    return any(not outdated(fact, day, content) for fact in db.scalars(query))


def _shown_at(site_id: str | None) -> tuple[ColumnElement[bool], ...]:
    return Faq.state == constant(State.PUBLISHED), Faq.audience.in_([site_id or "", EVERYWHERE])


def day_at(content: Content, site_id: str | None, now: datetime) -> date:
    """Returns the calendar day at the site."""
    return now.astimezone(ZoneInfo(content.open_hours(site_id).zone)).date()


def hidden(faq: Faq, day: date, content: Content) -> bool:
    """Whether the answer states something that has to be looked at again."""
    return outdated(faq.fact, day, content)


def outdated(code: str | None, day: date, content: Content) -> bool:
    """Whether a fact has to be looked at again, or is no longer in facts.yaml."""
    if code in (None, NO_FACT):
        return False
    fact = content.facts.get(code or "")
    return fact is None or fact.is_overdue(day)


def find(
    db: Session, site_id: str | None, text: str, now: datetime, *, content: Content, origin: str | None = None
) -> Near:
    """Returns what fits a typed question; never the lesson from which it is asked (`origin`)."""
    words = content.spelled(text)
    found = _fitting(_answers(db, site_id, now, content).search(words))[:SHOWN]
    answers = [one for match in found if (one := db.get(Faq, int(match.key))) is not None]
    if len(answers) >= SHOWN:
        return Near(tuple(answers))
    day = day_at(content, site_id, now)
    matches = [
        one for one in _fitting(_lessons(content).search(words))
        if (one.words > 1 or one.surely) and f"lesson.{one.key}" != origin
    ]  # fmt: skip
    known = (content.lesson(one.key) for one in matches)
    lessons = [one for one in known if one is not None and not content.overdue(one, day)]
    return Near(tuple(answers), tuple(lessons[: SHOWN - len(answers)]))


def find_well(db: Session, site_id: str | None, text: str, now: datetime, *, content: Content) -> Faq | None:
    """Returns the answer that fits these words well; None: none does."""
    best = _answers(db, site_id, now, content).search(content.spelled(text), 1)
    return db.get(Faq, int(best[0].key)) if best and best[0].likeness >= FITS_WELL else None


def topic_of(text: str, *, content: Content) -> str | None:
    """Returns the module that a text is likely about; None: no lesson has much to do with it."""
    best = _lessons(content).search(content.spelled(text), 1)
    return best[0].key[:3] if best and best[0].likeness >= FITS_TOPIC else None


def _fitting(found: list[Match]) -> list[Match]:
    return [one for one in found if one.likeness >= max(FITS, BESIDE * found[0].likeness)]


def _answers(db: Session, site_id: str | None, now: datetime, content: Content) -> Index:
    """Returns the index of the answers that people of this site are shown. Three columns of each are read, no objects
    are made: there may be hundreds."""
    day, spelled = day_at(content, site_id, now), content.spelled_often
    rows = db.execute(select(Faq.id, Faq.question, Faq.fact).where(*_shown_at(site_id)).order_by(Faq.id))
    shown = ((number, question) for number, question, fact in rows if not outdated(fact, day, content))
    return Index([Entry(str(number), ((spelled(question or ""), 1.0),)) for number, question in shown])


_newest: tuple[Content, Index] | None = None


def _lessons(content: Content) -> Index:
    """Returns the index of the lessons; made once for each edition of content/."""
    global _newest
    if _newest is None or _newest[0] is not content:
        _newest = (content, Index([_entry(one, content) for module in content.modules for one in module.lessons]))
    return _newest[1]


def _entry(lesson: Lesson, content: Content) -> Entry:
    module = content.module(lesson.id[:3])
    texts = [(lesson.title, TITLE), (lesson.goal, GOAL), (module.title if module else "", MODULE)]
    texts += [(point, POINT) for point in lesson.points]
    texts += [(lesson.question.text, QUESTION), (lesson.task, TASK)]
    return Entry(lesson.id, tuple((" ".join(content.spelled(text)), weight) for text, weight in texts), short=False)


# --- held until it is clear -------------------------------------------------------------------------------------------


def hold(
    db: Session, person: Person, given: Given, now: datetime, *, content: Content, origin: str | None
) -> HeldQuestion | None:
    """Keeps a typed question for which there may be an answer already; None: nothing fits, so nothing is kept."""
    if given.form != "text" or given.text is None or given.telegram_message_id is None:
        return None
    if not find(db, person.site_id, given.text, now, content=content, origin=origin):
        return None
    question = HeldQuestion(
        person_id=person.id, said=given.telegram_message_id, text=given.text, origin=origin, at=now, due_at=now + WAITS
    )
    db.add(question)
    db.flush()
    something_due(db)
    return question


def held(db: Session, person: Person) -> HeldQuestion | None:
    return db.get(HeldQuestion, person.id)


def send(db: Session, question: HeldQuestion, now: datetime, *, content: Content) -> Opened | Blocked | None:
    """Sends it to the mentors, however many the person has open: that was promised. Blocked: an admin took the person's
    questions away meanwhile. None: it went already, or the person is gone."""
    person = db.get(Person, question.person_id)
    given = Given("text", question.text, telegram_message_id=question.said)
    origin = question.origin
    if not drop(db, question) or person is None or person.anonymised_at is not None:
        return None
    opened = mentoring.ask(db, person, given, now, content=content, origin=origin, promised=True)
    assert not isinstance(opened, TooMany)
    return opened


def drop(db: Session, question: HeldQuestion) -> bool:
    """Removes it; False: somebody else did at the same moment, and it is gone already."""
    db.flush()
    this = (HeldQuestion.person_id == question.person_id) & (HeldQuestion.said == question.said)
    gone = db.execute(delete(HeldQuestion).where(this).execution_options(**_UNSEEN))
    db.expunge(question)
    return bool(gone.rowcount)  # type: ignore[attr-defined]


# --- for staff --------------------------------------------------------------------------------------------------------

_FIRST: Final = {State.WAITING: 0, State.DRAFT: 1, State.ASKED: 2, State.PUBLISHED: 3}


def of_sites(db: Session, sites: Collection[str], *, limit: int, offset: int = 0) -> list[Faq]:
    """Returns the answers of these sites that are not over: what there is to do first, then the newest."""
    order = case({state.value: place for state, place in _FIRST.items()}, value=Faq.state)
    query = select(Faq).where(Faq.site_id.in_(sorted(sites)), Faq.state.in_([one.value for one in _FIRST]))
    return list(db.scalars(query.order_by(order, Faq.id.desc()).limit(limit).offset(offset)))


# --- counting ---------------------------------------------------------------------------------------------------------


def count_shown(db: Session, faqs: tuple[Faq, ...]) -> None:
    if faqs:
        ids = [one.id for one in faqs]
        db.execute(update(Faq).where(Faq.id.in_(ids)).values(shown=Faq.shown + 1), execution_options=_UNSEEN)


def count_helped(db: Session, ids: list[int]) -> None:
    if ids:
        db.execute(update(Faq).where(Faq.id.in_(ids)).values(helped=Faq.helped + 1), execution_options=_UNSEEN)

"""From an answered question to one for everybody: its asker agrees, a mentor writes it anew, a second one approves.

    asked -> draft (yes) | refused (no, or nothing within seven days)
    draft -> waiting (written) -> published (approved) | draft (sent back)
    published -> withdrawn (by an admin); every one before it -> withdrawn (the asker erases their data)

Every change is one conditional UPDATE, so of two who tap at once one does it. Nobody is written to here: `news` does.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.catalogue.content import Content
from bot.catalogue.lesson_files import Fact
from bot.database import insert_or, something_due
from bot.people.people import Account, Person, account_of
from bot.programme import mentoring, privacy
from bot.programme.faq.matching import Entry, Index
from bot.programme.faq.near import topic_of
from bot.programme.faq.tables import (
    ANSWER_LETTERS,
    EVERYWHERE,
    NO_FACT,
    QUESTION_LETTERS,
    UNFINISHED,
    Faq,
    State,
)
from bot.programme.mentoring import OTHER, Ticket, Way
from bot.words import writing_rules
from bot.words.action import version_of

TIME_TO_AGREE: Final = timedelta(days=7)
"""So long the asker may say yes; then it counts as a no."""
SHORTEST_NAME: Final = 3
"""Shorter names are no reason to refuse a text: they are parts of too many words."""
FACTS_SHOWN: Final = 3
LIKELY_FACT: Final = 0.25
"""From this likeness to the words of an answer on a fact is suggested for it."""
_NAMED: Final = re.compile(r"\b(?:Bu|Ibu|Pak|Bapak|Kak|Kakak|Mas|Mbak|Om|Tante|Mama)\s+([A-Z]\w{2,})")
_PHONE: Final = re.compile(r"(?:\+62|\b0)[\d .-]{8,}\d")
_RULE: Final = re.compile(
    r"\b(wajib|dilarang|harus punya|izin|pajak|nib|p-?irt|halal|qris|tarif|denda|sertifikat|undang-undang|peraturan)\b"
    r"|Rp ?\d|\d ?%|\d persen",
    re.IGNORECASE,
)
_QUOTED: Final = re.compile(r"'([^']*)'")


class Refused(StrEnum):
    """Why words cannot be taken. Each is the end of a key: `faq.refused.<value>`."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    NAME = "name"
    NUMBER = "number"


class Advice(StrEnum):
    """What would make the words better. Each is the end of a key: `faq.advice.<value>`."""

    LONG_SENTENCE = "long_sentence"
    WORDS = "words"
    LOUD = "loud"
    SUMS = "sums"
    RULE = "rule"


@dataclass(frozen=True)
class Problem:
    """Words that cannot be taken, and the part of them because of which."""

    why: Refused
    what: str = ""
    most: int = 0


class CannotAsk(StrEnum):
    """Why no answer for everybody can be made of a question. Each is the end of a key: `faq.cannot.<value>`."""

    NOT_ANSWERED = "not_answered"
    """Nobody answered it, its words are gone, or it is a talk about a class."""
    NOT_YOURS = "not_yours"
    """Somebody else answered it."""
    UNREACHABLE = "unreachable"
    """Its asker cannot be asked."""


# --- asking -----------------------------------------------------------------------------------------------------------


def get(db: Session, faq_id: int) -> Faq | None:
    return db.get(Faq, faq_id)


def of_ticket(db: Session, ticket_id: int) -> Faq | None:
    return db.scalars(select(Faq).where(Faq.from_ticket == ticket_id)).first()


def begin(db: Session, ticket: Ticket, now: datetime, *, by: Account) -> Faq | CannotAsk:
    """Notes that the asker of this question is asked; once for each question, whoever taps how often."""
    if ticket.first_reply_at is None or ticket.emptied_at is not None or ticket.class_id is not None:
        return CannotAsk.NOT_ANSWERED
    if not answered_by(db, ticket, by):
        return CannotAsk.NOT_YOURS
    if asker(db, ticket.person_id) is None:
        return CannotAsk.UNREACHABLE
    values = {
        "person_id": ticket.person_id, "from_ticket": ticket.id, "site_id": ticket.site_id, "audience": ticket.site_id,
        "topic": ticket.topic, "state": State.ASKED, "next_at": now + TIME_TO_AGREE, "changed_at": now,
        "written_by": by.id, "shown": 0, "helped": 0,
    }  # fmt: skip
    db.execute(insert_or(db, Faq).values(values).on_conflict_do_nothing(index_elements=["from_ticket"]))
    something_due(db)
    found = of_ticket(db, ticket.id)
    assert found is not None
    return found


def answered_by(db: Session, ticket: Ticket, account: Account) -> bool:
    """Whether this account said something to the asker in the question."""
    said = mentoring.messages(db, ticket)
    return any(one.way == Way.OUT and one.account_id == account.id for one in said)


def asker(db: Session, person_id: int | None) -> Account | None:
    """Returns the account on which the asker can be asked; None: they cannot, or do not wish to be written to."""
    person = db.get(Person, person_id) if person_id is not None else None
    account = account_of(db, person)
    if person is None or account is None or person.frozen_at is not None:
        return None
    return account if account.blocked_at is None and account.stopped_at is None else None


def agree(db: Session, faq: Faq, now: datetime) -> bool:
    """Records that the asker agrees. Returns False if that was decided before."""
    return change(db, faq, (State.ASKED,), now, state=State.DRAFT, next_at=None)


def refuse(db: Session, faq: Faq, now: datetime) -> bool:
    """Records that the asker does not agree (any more), and deletes what was written. Returns False if it is published,
    or over."""
    return change(db, faq, UNFINISHED, now, state=State.REFUSED, next_at=None, question=None, answer=None)


# --- writing ----------------------------------------------------------------------------------------------------------


def problem_of(db: Session, faq: Faq, text: str, most: int, *, content: Content) -> Problem | None:
    """Returns why these words cannot be taken; None: they can."""
    if not re.search(r"\w", text):
        return Problem(Refused.EMPTY)
    if len(text) > most:
        return Problem(Refused.TOO_LONG, str(len(text)), most)
    if privacy.holds_secret_number(text) or (found := _PHONE.search(text)):
        return Problem(Refused.NUMBER)
    found = _NAMED.search(text)
    name = found[0] if found else next(_names_in(text, _names(db, faq), content), "")
    return Problem(Refused.NAME, name) if name else None


def _names(db: Session, faq: Faq) -> list[str]:
    """Returns the names that may have slipped into the words: the asker's, and that of the member of staff who
    answers."""
    person = db.get(Person, faq.person_id) if faq.person_id is not None else None
    author = db.get(Account, faq.written_by) if faq.written_by is not None else None
    return [person.name if person else "", (author.staff_name or "") if author else ""]


def _names_in(text: str, names: Collection[str], content: Content) -> Iterator[str]:
    """Yields the names that stand in the text. In small letters a name may be an ordinary word ("bunga"): then it
    counts only if no lesson has it."""
    for name in (part for whole in names for part in whole.split() if len(part) >= SHORTEST_NAME):
        for found in re.findall(rf"\b{re.escape(name)}\b", text, re.IGNORECASE):
            if found[0].isupper() or found.casefold() not in _ordinary(content):
                yield found


_newest: tuple[Content, frozenset[str]] | None = None


def _ordinary(content: Content) -> frozenset[str]:
    """Returns the words of the lessons."""
    global _newest
    if _newest is None or _newest[0] is not content:
        texts = [
            text for module in content.modules for one in module.lessons
            for text in (one.title, one.goal, one.opening, *one.points, one.task, one.example or "")
        ]  # fmt: skip
        words = re.findall(r"[^\W\d_]+", " ".join(texts).casefold())
        _newest = (content, frozenset(words))
    return _newest[1]


def advice_for(faq: Faq) -> list[tuple[Advice, str]]:
    """Returns what would make the words better, each with the words it is about. Nobody has to follow it."""
    found: list[tuple[Advice, str]] = []
    for text in (faq.question or "", faq.answer or ""):
        if any(writing_rules.long_sentences(text)):
            found.append((Advice.LONG_SENTENCE, ""))
        bad = [*writing_rules.forbidden(text), *writing_rules.in_messages(text)]
        if words := [match[1] for one in bad if (match := _QUOTED.search(one))]:
            found.append((Advice.WORDS, ", ".join(words)))
        if any(writing_rules.loud(text)):
            found.append((Advice.LOUD, ""))
        if any(writing_rules.times_and_sums(text)):
            found.append((Advice.SUMS, ""))
    if faq.fact in (None, NO_FACT) and _RULE.search(faq.answer or ""):
        found.append((Advice.RULE, ""))
    return list(dict.fromkeys(found))


def write_question(db: Session, faq: Faq, text: str, now: datetime) -> bool:
    return change(db, faq, (State.DRAFT,), now, question=" ".join(text.split()))


def write_answer(db: Session, faq: Faq, text: str, now: datetime, *, content: Content) -> bool:
    """Keeps the answer. If the question came from no lesson, its topic is that of the lesson it is most like."""
    topic = faq.topic
    if content.module(topic) is None:
        topic = topic_of(f"{faq.question or ''} {text}", content=content) or topic
    return change(db, faq, (State.DRAFT,), now, answer=text.strip(), topic=topic)


def hang_on(db: Session, faq: Faq, fact: str, now: datetime, *, content: Content) -> bool:
    """Hangs the answer on a fact (NO_FACT: on none); False: there is no such fact, or it is not being written."""
    if fact != NO_FACT and fact not in content.facts:
        return False
    return change(db, faq, (State.DRAFT,), now, fact=fact)


def facts_for(faq: Faq, text: str, *, content: Content) -> list[Fact]:
    """Returns the facts that an answer may hang on, the likeliest first: by typed words or the code of a fact; without
    any, those that the question and the answer speak of."""
    if (named := content.facts.get(text.strip().upper())) is not None:
        return [named]
    least = LIKELY_FACT if not text else 0.0
    words = content.spelled(text or f"{faq.question or ''} {faq.answer or ''}")
    found = _facts(content).search(words, FACTS_SHOWN)
    return [content.facts[one.key] for one in found if one.likeness >= least]


_facts_of: tuple[Content, Index] | None = None


def _facts(content: Content) -> Index:
    """Returns the index of the facts; made once for each edition of content/."""
    global _facts_of
    if _facts_of is None or _facts_of[0] is not content:
        entries = [
            Entry(one.id, ((" ".join(content.spelled(one.fact)), 1.0),), short=False) for one in content.facts.values()
        ]
        _facts_of = (content, Index(entries))
    return _facts_of[1]


# --- approving --------------------------------------------------------------------------------------------------------


def version(faq: Faq) -> int:
    """Names the words as they are: a tap confirms nothing else."""
    return version_of(faq.question, faq.answer, faq.fact)


def submit(db: Session, faq: Faq, now: datetime) -> bool:
    """Asks for a second pair of eyes; False: something is missing, or it is not being written."""
    if not faq.question or not faq.answer or faq.fact is None:
        return False
    return change(db, faq, (State.DRAFT,), now, state=State.WAITING)


def approve(db: Session, faq: Faq, seen: int, now: datetime, *, by: Account) -> bool:
    """Publishes it; False: it does not wait (any more), or its words are not those that were `seen` (a `version`)."""
    db.refresh(faq, with_for_update=True)
    if version(faq) != seen:
        return False
    return change(db, faq, (State.WAITING,), now, state=State.PUBLISHED, approved_by=by.id, published_at=now)


def send_back(db: Session, faq: Faq, seen: int, now: datetime) -> bool:
    """Gives it back to who wrote it; False as in `approve`."""
    db.refresh(faq, with_for_update=True)
    if version(faq) != seen:
        return False
    return change(db, faq, (State.WAITING,), now, state=State.DRAFT)


def remove(db: Session, faq: Faq, now: datetime) -> bool:
    """Shows it to nobody any more; False: it was not shown."""
    return change(db, faq, (State.PUBLISHED,), now, state=State.WITHDRAWN)


def show_to(db: Session, faq: Faq, everywhere: bool, now: datetime) -> bool:
    """Shows it to the people of all sites, or of its own alone."""
    audience = EVERYWHERE if everywhere or not faq.site_id else faq.site_id
    return change(db, faq, (State.PUBLISHED,), now, audience=audience)


def published_by_programme(
    db: Session,
    question: str,
    answer: str,
    now: datetime,
    *,
    topic: str = OTHER,
    site_id: str = "",
    fact: str = NO_FACT,
) -> Faq:
    """Publishes an answer that the programme wrote by itself: nobody asked it. Without a site for everybody."""
    faq = Faq(
        site_id=site_id, audience=site_id or EVERYWHERE, topic=topic, state=State.PUBLISHED,
        question=question[:QUESTION_LETTERS], answer=answer[:ANSWER_LETTERS], fact=fact,
        changed_at=now, published_at=now,
    )  # fmt: skip
    db.add(faq)
    db.flush()
    return faq


def change(db: Session, faq: Faq, standing: Collection[State], now: datetime, **values: object) -> bool:
    """Changes an answer if it still stands so; two taps at once change it once."""
    db.flush()
    changed = db.execute(
        update(Faq)
        .where(Faq.id == faq.id, Faq.state.in_([one.value for one in standing]))
        .values(changed_at=now, **values)
        .execution_options(synchronize_session=False)
    )
    db.refresh(faq)
    return bool(changed.rowcount)  # type: ignore[attr-defined]

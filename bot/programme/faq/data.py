"""What answers for everybody owe: how a person's part in them is forgotten and copied, and what stays."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.capability import CapabilityData, Told
from bot.catalogue.content import Content
from bot.people.people import Person
from bot.programme.faq import news
from bot.programme.faq.clock import due, end, next_due
from bot.programme.faq.tables import UNFINISHED, Faq, HeldQuestion, State


def forget(db: Session, person: Person, now: datetime) -> None:
    """Withdraws and empties what is not published yet. A published answer stays, without the person. A question that
    waits is not sent to anybody."""
    db.execute(delete(HeldQuestion).where(HeldQuestion.person_id == person.id))
    for faq in db.scalars(select(Faq).where(Faq.person_id == person.id)).all():
        if faq.state == State.PUBLISHED:
            faq.person_id = faq.from_ticket = None
            continue
        if faq.state in UNFINISHED:
            news.tell_erased(db, faq, now)
        end(faq)
    db.flush()


def freeze(db: Session, person: Person, now: datetime) -> None:
    """Ends a question that waits, and the work on an answer from the person's question."""
    db.execute(delete(HeldQuestion).where(HeldQuestion.person_id == person.id))
    mine = select(Faq).where(Faq.person_id == person.id, Faq.state.in_([one.value for one in UNFINISHED]))
    for faq in db.scalars(mine).all():
        news.tell_refused(db, faq, now)
        faq.state, faq.next_at, faq.question, faq.answer, faq.changed_at = State.REFUSED, None, None, None, now
    db.flush()


def copy(db: Session, person: Person, content: Content, told: Told) -> dict[str, Any]:
    """Returns the answers that were written from the person's questions, and the question that waits."""
    waits = db.get(HeldQuestion, person.id)
    query = select(Faq).where(Faq.person_id == person.id).order_by(Faq.id)
    return {
        "jawaban_umum": [
            {
                "dari_pertanyaan": faq.from_ticket,
                "keadaan": faq.state,
                "pertanyaan": faq.question,
                "jawaban": faq.answer,
                "diubah": told(faq.changed_at),
                "menunggu_izin_sampai": told(faq.next_at),
                "terbit": told(faq.published_at),
            }
            for faq in db.scalars(query)
        ],
        "pertanyaan_menunggu": waits
        and {
            "isi": waits.text,
            "dari": waits.origin,
            "ditulis": told(waits.at),
            "dikirim_paling_lambat": told(waits.due_at),
        },
    }


_OF_STAFF: Final = "What a member of staff did; their own record is the audit (/catatan)."

DATA: Final = CapabilityData(
    "faq",
    tables=(Faq, HeldQuestion),
    due=due,
    next_due=next_due,
    forget=forget,
    freeze=freeze,
    copy=copy,
    stays={
        "faq.question": "Once published it is written anew, without a name, and seen by a second one.",
        "faq.answer": "As the question: without a name, and seen by a second one.",
    },
    not_copied={"faq.written_by": _OF_STAFF, "faq.approved_by": _OF_STAFF},
)

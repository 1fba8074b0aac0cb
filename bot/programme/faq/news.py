"""What people and staff are told of answers for everybody: the asker is asked, a mentor may write, others may look."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from bot.actions.faq import Allow, ApproveFaq, ConsiderReturn, SeeFaq, SeeFaqs, WriteFaq
from bot.capability import Context
from bot.delivery import outbox
from bot.people.people import Account, Person, account_of
from bot.people.quiet_hours import Kind, next_opening
from bot.people.rights import admin_accounts, mentors_of
from bot.programme import mentoring
from bot.programme.faq.tables import NO_FACT, Faq, State
from bot.programme.faq.writing import advice_for, asker, version
from bot.programme.mentoring import Way
from bot.words.message import Button, Lines, Message, Style, Value, Words, rows

QUOTED: Final = 100
"""So many letters of the question remind its asker which one is meant."""


def ask(db: Session, faq: Faq, now: datetime, context: Context) -> None:
    """Asks the asker whether the question may help others; said once, in open hours."""
    account = asker(db, faq.person_id)
    if account is None:
        return
    shared = account.current_person_id != faq.person_id
    buttons = rows(
        (Button("faq.button.allow", Allow(faq.id, True)), Button("faq.button.refuse", Allow(faq.id, False))),
    )
    message = Message(
        "faq.ask_for" if shared else "faq.ask", {"question": _quoted(db, faq)}, buttons, secret=True
    )  # fmt: skip
    opens = next_opening(context.content.open_hours(faq.site_id), now)
    post = outbox.to(
        account, message, kind=Kind.ANSWER, person_id=faq.person_id, site_id=faq.site_id,
        once=f"faq:{faq.id}:ask", not_before=opens if opens > now else None,
    )  # fmt: skip
    outbox.post(db, post, now=now)


def _quoted(db: Session, faq: Faq) -> Value:
    ticket = mentoring.get(db, faq.from_ticket or 0)
    said = mentoring.messages(db, ticket) if ticket is not None else []
    first = next((one.text for one in said if one.way == Way.IN and one.text), None)
    if first is None:
        return Words("faq.spoken")
    first = " ".join(first.split())
    return first if len(first) <= QUOTED else first[:QUOTED].rstrip() + "…"


def may_write(db: Session, faq: Faq, now: datetime) -> None:
    """Tells the member of staff who answered the question that its asker agreed, with a button to write the answer for
    everybody."""
    write = rows((Button("faq.button.write", WriteFaq(faq.id)), _all()))
    tell_writer(db, faq, Message("faq.told_allowed", _number(faq), write), now)


def tell_writer(db: Session, faq: Faq, message: Message, now: datetime) -> None:
    account = db.get(Account, faq.written_by) if faq.written_by is not None else None
    _tell(db, faq, [account] if account is not None else [], message, now)


def tell_refused(db: Session, faq: Faq, now: datetime) -> None:
    tell_writer(db, faq, Message("faq.told_refused", _number(faq), rows((_all(),))), now)


def tell_erased(db: Session, faq: Faq, now: datetime) -> None:
    tell_writer(db, faq, Message("faq.told_erased", _number(faq), rows((_all(),))), now)


def tell_published(db: Session, faq: Faq, now: datetime) -> None:
    see = rows((Button("faq.button.see", SeeFaq(faq.id)), _all()))
    tell_writer(db, faq, Message("faq.told_published", {"question": faq.question}, see), now)


def tell_returned(db: Session, faq: Faq, why: str, now: datetime) -> None:
    write = rows((Button("faq.button.write", WriteFaq(faq.id)), _all()))
    values: dict[str, Value] = {"question": faq.question, "why": Words(f"faq.why.{why}")}
    tell_writer(db, faq, Message("faq.told_returned", values, write), now)


def ask_second(db: Session, faq: Faq, now: datetime, context: Context) -> int:
    """Asks the others of the site to look at it; if there are none, the admins. Returns how many were asked."""
    others = others_of(db, faq, context)
    buttons = rows(
        (Button("faq.button.approve", ApproveFaq(faq.id, version(faq)), style=Style.PRIMARY),),
        (Button("faq.button.return", ConsiderReturn(faq.id, version(faq))), _all()),
    )
    _tell(db, faq, others, Message("faq.look", described(faq, context), buttons), now)
    return len(others)


def others_of(db: Session, faq: Faq, context: Context) -> list[Account]:
    """Returns who may look at it as a second one: the staff of its site, or the admins where there is nobody else.
    Never who wrote it, nor the phone of who asked."""
    person = db.get(Person, faq.person_id) if faq.person_id is not None else None
    asked = account_of(db, person)
    but = {faq.written_by, asked.id if asked is not None else None}
    answer = context.content.programme.mentoring.trainers_answer
    here = mentors_of(db, faq.site_id, trainers_answer=answer)
    for found in (here, admin_accounts(db, context.settings)):
        if others := [one for one in found if one.id not in but]:
            return others
    return []


def tell_hidden(db: Session, faq: Faq, now: datetime, context: Context) -> None:
    """Its fact has to be looked at again: the staff hear once that nobody is shown the answer until then."""
    answer = context.content.programme.mentoring.trainers_answer
    staff = mentors_of(db, faq.site_id, trainers_answer=answer) or admin_accounts(db, context.settings)
    see = rows((Button("faq.button.see", SeeFaq(faq.id)), _all()))
    _tell(db, faq, staff, Message("faq.told_hidden", {"question": faq.question, "fact": faq.fact}, see), now)


def described(faq: Faq, context: Context) -> dict[str, Value]:
    """Returns the question, the answer, its topic, its fact and advice, as values of words."""
    module = context.content.module(faq.topic)
    fact = context.content.facts.get(faq.fact or "")
    shown: Value = Words("faq.fact.none")
    if fact is not None:
        shown = Words("faq.fact.one", {"code": fact.id, "fact": fact.fact})
    elif faq.fact not in (None, NO_FACT):
        shown = Words("faq.fact.gone", {"code": faq.fact})
    return {
        "question": faq.question,
        "answer": faq.answer,
        "topic": module.title if module is not None else Words("faq.topic.other"),
        "fact": shown,
        "advice": _advice(faq),
    }


def _advice(faq: Faq) -> Value:
    """Returns what would make the words better, while they can still be changed."""
    if faq.state not in (State.DRAFT, State.WAITING):
        return None
    found = [Words(f"faq.advice.{what}", {"words": words}) for what, words in advice_for(faq)]
    return Words("faq.advice", {"lines": Lines(tuple(found))}) if found else None


def _tell(db: Session, faq: Faq, accounts: Iterable[Account], message: Message, now: datetime) -> None:
    for account in accounts:
        if account.blocked_at is None:
            outbox.post(db, outbox.to(account, message, kind=Kind.DUTY, site_id=faq.site_id or None), now=now)


def _number(faq: Faq) -> dict[str, Value]:
    return {"number": faq.from_ticket}


def _all() -> Button:
    return Button("faq.button.list", SeeFaqs())

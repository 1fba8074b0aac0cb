"""Decides what typed words may answer, and what is done about them: the staff of a site are told that somebody is in
danger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from bot.actions.attendance import ClaimPresence
from bot.actions.enrolment import AcceptOffer
from bot.actions.quizzes import AnswerQuestion
from bot.actions.reminders import SayComing
from bot.actions.roster import SeeRosters
from bot.capability import Context
from bot.delivery import outbox
from bot.people import namesakes
from bot.people.people import Person
from bot.people.quiet_hours import Kind
from bot.people.rights import admin_accounts, responsible_for
from bot.programme import quizzes
from bot.programme.sessions import ClassSession
from bot.words.action import Action
from bot.words.message import Button, Message, rows
from bot.words.typed_buttons import actions_of

ONE_ALARM: Final = timedelta(minutes=15)
"""Within this time several messages of a person raise one alarm only, so that the staff's chat stays readable."""


@dataclass(frozen=True)
class OpenQuestion:
    """The question in the newest message of a chat: the context in which words are understood
    (`understanding.intents`), what a clear yes does, and what the letters of a quiz do."""

    context: str
    yes: Action | None = None
    answers: tuple[AnswerQuestion, ...] = ()


def open_question(
    db: Session,
    person: Person | None,
    newest: Message | None,
    class_now: ClassSession | None,
    *,
    staff: bool,
    now: datetime,
) -> OpenQuestion:
    """Returns the question that the newest message asks. `person` is None for somebody who is not registered;
    `class_now` is the class they may be in. Once that class has begun, they are not asked any more whether they come to
    it."""
    actions = actions_of(newest)
    begun = class_now.id if class_now is not None and class_now.starts_at <= now else None
    for action in actions:
        if isinstance(action, SayComing) and action.session != begun:
            return OpenQuestion("reminder", action)
        if isinstance(action, AcceptOffer):
            return OpenQuestion("offer", action)
    if answers := tuple(action for action in actions if isinstance(action, AnswerQuestion)):
        return OpenQuestion("quiz", answers=answers)
    if person is not None and newest is not None and newest.quiz is not None:
        poll = quizzes.newest_open_poll(db, person)
        if poll is not None:
            places = range(len(newest.quiz.options))
            return OpenQuestion("quiz", answers=tuple(AnswerQuestion(poll.id, place) for place in places))
    if person is not None and class_now is not None:
        return OpenQuestion("in_class", ClaimPresence(class_now.id, person.id))
    return OpenQuestion("trainer" if staff else "none")


def raise_alarm(db: Session, person: Person, now: datetime, context: Context) -> int:
    """Tells the trainers of the person's site (the admins if it has none) who is in danger and where, at any hour, but
    nothing of what the person wrote. Returns how many of them are told, or were told within ONE_ALARM."""
    site = context.content.site(person.site_id or "")
    staff = responsible_for(db, site.id, context.settings) if site else admin_accounts(db, context.settings)
    stretch = int(now.timestamp() // ONE_ALARM.total_seconds())
    who = namesakes.called_at_site(db, person, context.content.open_hours(person.site_id).zone)
    message = Message(
        "understanding.alarm",
        {"who": who, "site": site.name if site else "…"},
        rows((Button("menu.button.roster", SeeRosters()),)),
    )
    others = [account for account in staff if account.id != person.account_id]
    once, site_id = f"alarm:{person.id}:{stretch}", site.id if site else None
    outbox.post_to_each(db, others, message, kind=Kind.ALARM, now=now, once=once, site_id=site_id)
    return len(others)

"""What a participant answers to a reminder: coming, not coming, where is it."""

from __future__ import annotations

from typing import Final

from bot.capability import Capability, Handlers
from bot.programme import enrolment, reminders, sessions
from bot.turns.router import tap
from bot.turns.turn import State, Turn
from bot.words.message import At, Button, Form, Message, Place


def handlers() -> Handlers:
    return [
        tap("reminders:coming", said_coming),
        tap("reminders:not_coming", said_not_coming),
        tap("reminders:map", asked_for_map),
    ]


CAPABILITY: Final = Capability("reminders", handlers, data=reminders.DATA)


def said_coming(turn: Turn) -> State:
    match reminders.coming(turn.db, turn.person, turn.number() or 0, turn.now):
        case reminders.Coming(session):
            turn.toast("reminders.toast.coming")
            turn.say(
                "reminders.coming",
                title=session.title,
                starts=_starts(turn, session),
                buttons=[[_schedule()], [_cannot_come(session)]],
            )
        case enrolment.NotEnrolled(session):
            turn.say("reminders.no_seat", title=session.title, buttons=[[_see_class(session)]])
        case enrolment.Begun(session):
            turn.say("reminders.over", title=session.title, buttons=[[_other_classes(session)]])
        case enrolment.Cancelled(session):
            turn.say("reminders.was_cancelled", title=session.title, buttons=[[_other_classes(session)]])
        case enrolment.Unknown():
            turn.say("enrolment.unknown", buttons=[[_classes()]])
    return None


def said_not_coming(turn: Turn) -> State:
    match enrolment.withdraw(turn.db, turn.person, turn.number() or 0, turn.now):
        case enrolment.Withdrawn(session):
            turn.toast("reminders.toast.not_coming")
            turn.say("reminders.not_coming", title=session.title, buttons=[[_other_classes(session)]])
        case enrolment.NotEnrolled(session):
            turn.say("reminders.already_free", title=session.title, buttons=[[_other_classes(session)]])
        case enrolment.Begun(session):
            turn.say("reminders.begun", title=session.title, buttons=[[_schedule()]])
        case enrolment.Cancelled(session):
            turn.say("reminders.was_cancelled", title=session.title, buttons=[[_other_classes(session)]])
        case enrolment.Unknown():
            turn.say("enrolment.unknown", buttons=[[_classes()]])
    return None


def asked_for_map(turn: Turn) -> State:
    session = sessions.get(turn.db, turn.number() or 0)
    if session is None:
        turn.say("enrolment.unknown", buttons=[[_classes()]])
    else:
        site = turn.content.site(session.site_id)
        name = site.name if site else session.site_id
        if session.latitude is None or session.longitude is None:
            turn.say("reminders.no_pin", venue=session.venue, site=name, buttons=[[_schedule()]])
        else:
            place = Place(session.latitude, session.longitude, session.venue, name)
            turn.send(Message(form=Form.VENUE, place=place))
    return None


def _starts(turn: Turn, session: sessions.ClassSession) -> At:
    return At(session.starts_at, turn.content.open_hours(session.site_id).zone)


def _see_class(session: sessions.ClassSession) -> Button:
    return Button("enrolment.button.see", f"enrolment:show:{session.id}")


def _cannot_come(session: sessions.ClassSession) -> Button:
    return Button("button.not_coming", f"reminders:not_coming:{session.id}")


def _other_classes(session: sessions.ClassSession) -> Button:
    return Button("button.other_classes", f"enrolment:classes:{session.site_id}")


def _classes() -> Button:
    return Button("button.other_classes", "enrolment:classes")


def _schedule() -> Button:
    return Button("enrolment.button.mine", "enrolment:mine")

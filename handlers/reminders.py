"""A participant's answers to a reminder, and what they say on the way: coming, not coming, late, where it is."""

from __future__ import annotations

from typing import Final

from bot.actions.buttons import SCHEDULE, other_classes
from bot.actions.enrolment import GetCalendar, SeeClass, TakeBack
from bot.actions.reminders import SayComing, SayLate, SayNotComing, SayOnTime, SeeMap
from bot.capability import Capability, Handlers
from bot.programme import enrolment, reminders, sessions
from bot.turns.router import tap
from bot.turns.turn import Turn
from bot.words.message import At, Button, Form, Message, Place, Value


def handlers() -> Handlers:
    return [
        tap(SayComing, said_coming),
        tap(SayNotComing, said_not_coming),
        tap(SayLate, said_late),
        tap(SayOnTime, said_on_time),
        tap(SeeMap, asked_for_map),
    ]


CAPABILITY: Final = Capability("reminders", handlers, data=reminders.DATA)


def _is_another_by_now(turn: Turn, action: SayComing | SayNotComing) -> bool:
    """Whether the class has moved in time or place since it was asked about; then it is shown as it is."""
    session = sessions.get(turn.db, action.session)
    if session is None or action.version in (0, session.revision):
        return False
    if session.cancelled_at is not None or session.starts_at <= turn.now:
        return False
    turn.toast("menu.stale")
    turn.follow(SeeClass(session.id))
    return True


def said_coming(turn: Turn, action: SayComing) -> None:
    if not _is_another_by_now(turn, action):
        _told(turn, reminders.coming(turn.db, turn.person, action.session, turn.now))


def said_on_time(turn: Turn, action: SayOnTime) -> None:
    _told(turn, reminders.on_time(turn.db, turn.person, action.session, turn.now))


def said_late(turn: Turn, action: SayLate) -> None:
    """Records that the person comes late, so that the trainer sees it. Nothing of what they wrote is kept."""
    session = sessions.get(turn.db, action.session)
    zone = turn.zone(session.site_id if session else None)
    answer = reminders.late(turn.db, turn.person, action.session, turn.now, zone=zone)
    match answer:
        case reminders.Late(session):
            after_all = [_on_time(turn, session)] if session.starts_at > turn.now else []
            buttons = [after_all, [*_map(session), SCHEDULE]]
            turn.say("reminders.late", _facts(turn, session), buttons=buttons)
        case reminders.NotToday(session):
            turn.say("reminders.late_another_day", _facts(turn, session), buttons=[[*_map(session), SCHEDULE]])
        case _:
            _told(turn, answer)


def _told(turn: Turn, answer: reminders.Replied) -> None:
    match answer:
        case reminders.Coming(session):
            turn.toast("reminders.toast.coming")
            turn.say(
                "reminders.coming",
                title=session.title,
                starts=_starts(turn, session),
                buttons=[[SCHEDULE], [_cannot_come(session)]],
            )
        case enrolment.NotEnrolled(session):
            turn.say("reminders.no_seat", title=session.title, buttons=[[_see_class(session)]])
        case enrolment.Begun(session):
            turn.say("reminders.over", title=session.title, buttons=[[other_classes(session.site_id)]])
        case enrolment.Cancelled(session):
            turn.say("reminders.was_cancelled", title=session.title, buttons=[[other_classes(session.site_id)]])
        case enrolment.Unknown():
            turn.say("enrolment.unknown", buttons=[[other_classes()]])


def said_not_coming(turn: Turn, action: SayNotComing) -> None:
    if _is_another_by_now(turn, action):
        return
    match enrolment.withdraw(turn.db, turn.person, action.session, turn.now, undo=True):
        case enrolment.Withdrawn(session, until):
            turn.toast("reminders.toast.not_coming")
            ways = [Button("enrolment.button.calendar_gone", GetCalendar(session.id)), other_classes(session.site_id)]
            if until is None:
                turn.say("reminders.not_coming", title=session.title, buttons=[ways])
            else:
                undo = Button("enrolment.button.back", TakeBack(session.id, int(turn.now.timestamp())))
                left = max(1, round((until - turn.now).total_seconds() / 60))
                turn.say("reminders.not_coming_kept", title=session.title, minutes=left, buttons=[[undo], ways])
        case enrolment.NotEnrolled(session):
            turn.say("reminders.already_free", title=session.title, buttons=[[other_classes(session.site_id)]])
        case enrolment.Begun(session):
            turn.say("reminders.begun", title=session.title, buttons=[[SCHEDULE]])
        case enrolment.Cancelled(session):
            turn.say("reminders.was_cancelled", title=session.title, buttons=[[other_classes(session.site_id)]])
        case enrolment.Unknown():
            turn.say("enrolment.unknown", buttons=[[other_classes()]])


def asked_for_map(turn: Turn, action: SeeMap) -> None:
    session = sessions.get(turn.db, action.session)
    if session is None:
        turn.say("enrolment.unknown", buttons=[[other_classes()]])
    else:
        site = turn.content.site(session.site_id)
        name = site.name if site else session.site_id
        if session.latitude is None or session.longitude is None:
            turn.say("reminders.no_pin", venue=session.venue, site=name, buttons=[[SCHEDULE]])
        else:
            place = Place(session.latitude, session.longitude, session.venue, name)
            turn.send(Message(form=Form.VENUE, place=place))


def _facts(turn: Turn, session: sessions.ClassSession) -> dict[str, Value]:
    return {"title": session.title, "starts": _starts(turn, session), "venue": session.venue}


def _starts(turn: Turn, session: sessions.ClassSession) -> At:
    return At(session.starts_at, turn.zone(session.site_id))


def _see_class(session: sessions.ClassSession) -> Button:
    return Button("enrolment.button.see", SeeClass(session.id))


def _on_time(turn: Turn, session: sessions.ClassSession) -> Button:
    return Button("reminders.button.on_time", SayOnTime(session.id, person=turn.person.id))


def _map(session: sessions.ClassSession) -> list[Button]:
    return [Button("button.map", SeeMap(session.id))] if session.has_pin else []


def _cannot_come(session: sessions.ClassSession) -> Button:
    return Button("button.not_coming", SayNotComing(session.id, version=session.revision))

"""A class that was cancelled: its card, and how it is put back within a day."""

from __future__ import annotations

from bot.actions.call_list import SeeCalls
from bot.actions.sessions import ConsiderRestoring, CopyClass, RestoreClass, SeeMyClass
from bot.programme import call_list, class_changes, class_conflicts, class_restoring
from bot.programme.enrolment import EnrolmentStatus
from bot.programme.sessions import ClassSession
from bot.turns.turn import Turn
from bot.words.action import version_of
from bot.words.message import At, Button, Words
from handlers.sessions.classes import (
    back_to_list,
    call_names,
    class_values,
    list_button,
    missing,
    own_class,
    see_button,
)
from handlers.sessions.warnings import warning_of


def _version(session: ClassSession) -> int:
    return version_of(session.revision)


def restore_button(session: ClassSession) -> Button:
    return Button("sessions.button.restore", ConsiderRestoring(session.id))


def show_cancelled(turn: Turn, session: ClassSession) -> None:
    """Shows a class that was cancelled: when, why, and what can still be done with it."""
    assert session.cancelled_at is not None
    zone = turn.zone(session.site_id)
    reason = class_changes.reason_of(session)
    why = Words("sessions.cancelled_reason", {"reason": reason}) if reason is not None else None
    may = class_restoring.may_be_restored(session, turn.now)
    until = At(min(session.cancelled_at + class_restoring.RESTORABLE, session.starts_at), zone)
    turn.show(
        "sessions.card_cancelled",
        class_values(turn, session),
        at=At(session.cancelled_at, zone),
        why=why,
        until=Words("sessions.restorable_until", {"until": until}) if may else None,
        buttons=[
            [restore_button(session)] if may else [],
            [Button("sessions.button.copy", CopyClass(session.id))],
            [Button("call_list.button.see", SeeCalls(session.id))],
            [back_to_list()],
        ],
    )


def restoring_considered(turn: Turn, action: ConsiderRestoring) -> None:
    session = own_class(turn, action.session)
    if session is None:
        turn.show("sessions.unknown", buttons=[[list_button()]])
        return
    if session.cancelled_at is None:
        return turn.follow(SeeMyClass(session.id))
    if not class_restoring.may_be_restored(session, turn.now):
        return _too_late(turn, session)
    people = [one.before_cancel for one, *_ in class_restoring.those_before(turn.db, session)]
    warning, _ = warning_of(turn, class_conflicts.as_it_is(session))
    really = RestoreClass(session.id, _version(session))
    turn.show(
        "sessions.restore",
        class_values(turn, session),
        seated=people.count(EnrolmentStatus.SEATED),
        waiting=len(people) - people.count(EnrolmentStatus.SEATED),
        warning=warning,
        buttons=[
            [Button("sessions.button.really_restore", really), Button("sessions.button.keep", SeeMyClass(session.id))]
        ],
    )


def class_restored(turn: Turn, action: RestoreClass) -> None:
    session = own_class(turn, action.session)
    if session is None:
        turn.show("sessions.unknown", buttons=[[list_button()]])
        return
    subject, site = f"session:{session.id}", session.site_id
    if session.cancelled_at is not None and action.version != _version(session):
        turn.toast("sessions.toast.changed", alert=True)
        return restoring_considered(turn, ConsiderRestoring(session.id))
    leads, hours = turn.content.leads(site), turn.content.open_hours(site)
    match class_restoring.restore(turn.db, session, turn.now, leads=leads, hours=hours):
        case class_restoring.Restored(session, told, asked):
            turn.note("session_restored", subject, site_id=site, told=told, asked=asked, of=action.version)
            calls = call_list.of_class(turn.db, session, turn.now, turn.content)
            clash = Words("sessions.restored_asked", {"n": asked}) if asked else None
            ways = [call_names(calls), [see_button(session), list_button()]]
            facts = class_values(turn, session)
            turn.show("sessions.restored_now", facts, n=told, asked=clash, missing=missing(turn, calls), buttons=ways)
        case class_restoring.NotCancelled(session):
            done = turn.did("session_restored", subject, of=action.version)
            turn.toast("sessions.toast.restored" if done else "sessions.toast.changed", alert=not done)
            turn.follow(SeeMyClass(session.id))
        case class_restoring.TooLate(session):
            _too_late(turn, session)


def _too_late(turn: Turn, session: ClassSession) -> None:
    ways = [[Button("sessions.button.copy", CopyClass(session.id))], [list_button()]]
    turn.show("sessions.restore_too_late", class_values(turn, session), buttons=ways)

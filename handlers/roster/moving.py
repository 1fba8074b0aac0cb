"""A seat is freed, and somebody is moved to another class of the site."""

from __future__ import annotations

from collections.abc import Sequence

from bot.actions.roster import (
    ConsiderFreeing,
    ConsiderMovingLine,
    FreeSeat,
    MoveLine,
    PickTarget,
    SeeRosters,
)
from bot.programme import enrolment, roster, sessions
from bot.programme.enrolment import Enrolment, EnrolmentStatus
from bot.programme.sessions import ClassSession
from bot.turns.class_buttons import class_button
from bot.turns.turn import Turn
from bot.words.action import version_of
from bot.words.message import Button, Style
from handlers.roster.looking import classes_asked_for
from handlers.roster.parts import CLASSES, back_to, called_in, facts_of, line_of, too_late


def freeing_considered(turn: Turn, action: ConsiderFreeing) -> None:
    found = line_of(turn, action.line)
    if found is None:
        return classes_asked_for(turn, SeeRosters())
    one, person, session = found
    if one.status not in enrolment.LIVE or session.starts_at <= turn.now:
        return too_late(turn, session)
    really = Button("roster.button.really_free", FreeSeat(one.id, _version_of(one, session)), style=Style.DANGER)
    key = "roster.free_line" if one.status == EnrolmentStatus.WAITLISTED else "roster.free"
    turn.show(
        key, facts_of(turn, session), called=called_in(turn, session, person), buttons=[[really], [back_to(session)]]
    )


def seat_freed(turn: Turn, action: FreeSeat) -> None:
    found = line_of(turn, action.line)
    if found is None:
        return classes_asked_for(turn, SeeRosters())
    one, person, session = found
    if one.status not in enrolment.LIVE and turn.did("seat_freed", f"person:{person.id}", session=session.id):
        return turn.toast("roster.toast.freed_before")
    if one.status in enrolment.LIVE and action.version not in (0, _version_of(one, session)):
        return freeing_considered(turn, ConsiderFreeing(one.id))
    match roster.free(turn.db, one.id, turn.now, zone=turn.zone(session.site_id)):
        case enrolment.Withdrawn(session):
            turn.note("seat_freed", f"person:{person.id}", site_id=session.site_id, session=session.id)
            turn.show(
                "roster.freed",
                facts_of(turn, session),
                called=called_in(turn, session, person),
                buttons=[[back_to(session)]],
            )
        case _:
            return too_late(turn, session)


def move_considered(turn: Turn, action: PickTarget) -> None:
    """Asks for the other class of the same site."""
    found = line_of(turn, action.line)
    if found is None:
        return classes_asked_for(turn, SeeRosters())
    one, person, session = found
    others = [
        other
        for other in sessions.upcoming(turn.db, session.site_id, turn.now)
        if other.id != session.id and enrolment.has_seat_for_newcomers(turn.db, other, turn.now)
    ]
    if one.status not in enrolment.LIVE or session.starts_at <= turn.now:
        return too_late(turn, session)
    buttons: list[Sequence[Button]] = [
        [class_button(turn, other, ConsiderMovingLine(one.id, other.id))] for other in others[:CLASSES]
    ]
    key = "roster.move" if others else "roster.move_nowhere"
    turn.show(
        key, facts_of(turn, session), called=called_in(turn, session, person), buttons=[*buttons, [back_to(session)]]
    )


def target_picked(turn: Turn, action: ConsiderMovingLine) -> None:
    """Repeats back what would be done."""
    found, target = line_of(turn, action.line), sessions.get(turn.db, action.session)
    if found is None or target is None:
        return classes_asked_for(turn, SeeRosters())
    turn.must_lead(target.site_id)
    one, person, session = found
    really = Button(
        "roster.button.really_move", MoveLine(one.id, target.id, _version_of(one, session, target)), style=Style.PRIMARY
    )
    turn.show(
        "roster.move_confirm",
        facts_of(turn, target),
        called=called_in(turn, session, person),
        left=session.title,
        buttons=[[really], [back_to(session)]],
    )


def moved(turn: Turn, action: MoveLine) -> None:
    found, target = line_of(turn, action.line), sessions.get(turn.db, action.session)
    if found is None or target is None:
        return classes_asked_for(turn, SeeRosters())
    turn.must_lead(target.site_id)
    one, person, session = found
    if one.status not in enrolment.LIVE and turn.did("person_moved", f"person:{person.id}", session=target.id):
        return turn.toast("roster.toast.moved_before")
    if one.status not in enrolment.LIVE or session.starts_at <= turn.now:
        return too_late(turn, session)
    if action.version not in (0, _version_of(one, session, target)):
        return target_picked(turn, ConsiderMovingLine(one.id, target.id))
    called = called_in(turn, session, person)
    match roster.move(turn.db, one.id, target.id, turn.now, zone=turn.zone(target.site_id)):
        case enrolment.Moved(target, left):
            details = {"left": left.id, "session": target.id}
            turn.note("person_moved", f"person:{person.id}", site_id=target.site_id, **details)
            buttons = [[back_to(target), back_to(left, "roster.button.old")]]
            turn.show("roster.moved", facts_of(turn, target), called=called, buttons=buttons)
        case enrolment.Clash(_, other):
            turn.show(
                "roster.clash",
                facts_of(turn, other),
                called=called,
                buttons=[[back_to(session)]],
            )
        case enrolment.AlreadySeated(target):
            turn.show(
                "roster.already",
                facts_of(turn, target),
                called=called,
                buttons=[[back_to(session)]],
            )
        case enrolment.OfferGone(target) | enrolment.Waitlisted(target, _) | enrolment.AlreadyWaiting(target):
            turn.show("roster.target_full", facts_of(turn, target), buttons=[[back_to(session)]])
        case _:
            return too_late(turn, target)


def _version_of(one: Enrolment, *classes: ClassSession) -> int:
    """Returns the version of a seat or a place on the waitlist, and of the classes as they were told."""
    return version_of(one.status, one.changed_at.timestamp(), [session.revision for session in classes])

"""Another class in place of this one: which, and what becomes of the old seat."""

from __future__ import annotations

from bot.actions.buttons import SCHEDULE, back, other_classes
from bot.actions.enrolment import ChangeClass, ConfirmMove, ConsiderMove, SeeClass
from bot.programme import enrolment, sessions
from bot.programme.enrolment import SEATS, EnrolmentStatus
from bot.turns.turn import Turn
from bot.words.message import Button
from handlers.enrolment.looking import show_class
from handlers.enrolment.parts import SHOWN, class_button, start_of
from handlers.enrolment.taking import tell_outcome


def move_considered(turn: Turn, action: ConsiderMove) -> None:
    """Asks which class to take instead."""
    _ = turn.person
    session = sessions.get(turn.db, action.session)
    if session is None:
        turn.show("enrolment.unknown", buttons=[[other_classes()]])
        return
    if session.starts_at <= turn.now:
        return show_class(turn, session)
    mine = {one.id: enrolled for one, enrolled in enrolment.mine(turn.db, turn.person, turn.now)}
    coming = sessions.upcoming(turn.db, session.site_id, turn.now, limit=SHOWN + len(mine))
    seats = {number for number, enrolled in mine.items() if enrolled.status == EnrolmentStatus.SEATED}
    others = [one for one in coming if one.id not in {session.id, *seats}]
    to_class = [back(SeeClass(session.id))]
    if not others:
        turn.show("enrolment.nothing_to_move_to", title=session.title, buttons=[to_class])
        return
    buttons = [[class_button(turn, one, ChangeClass(session.id, one.id), mine.get(one.id))] for one in others[:SHOWN]]
    turn.show("enrolment.move", title=session.title, buttons=[*buttons, to_class])


def move_picked(turn: Turn, action: ChangeClass) -> None:
    """Says what becomes of the old seat, and asks whether to move."""
    old, session = (sessions.get(turn.db, one) for one in (action.left, action.session))
    mine = enrolment.enrolment_of(turn.db, turn.person, action.left)
    if old is None or session is None:
        return turn.show("enrolment.unknown", buttons=[[other_classes()]])
    if mine is None or mine.status not in enrolment.LIVE:
        wished = class_button(turn, session, SeeClass(session.id), None)
        return turn.show("enrolment.not_enrolled", title=old.title, buttons=[[wished], [other_classes(old.site_id)]])
    if old.starts_at <= turn.now:
        return turn.show("reminders.begun", title=old.title, buttons=[[SCHEDULE]])
    wanted = enrolment.enrolment_of(turn.db, turn.person, session.id)
    has_seat = wanted is not None and wanted.status in SEATS
    if has_seat or session.cancelled_at is not None or session.starts_at <= turn.now:
        return show_class(turn, session)
    is_offered = wanted is not None and wanted.status == EnrolmentStatus.OFFERED
    free = is_offered or enrolment.has_seat_for_newcomers(turn.db, session, turn.now)
    yes = Button(
        "enrolment.button.swap" if free else "enrolment.button.wait", ConfirmMove(old.id, session.id, not free)
    )
    turn.show(
        "enrolment.move_sure" if free else "enrolment.move_full",
        title=session.title,
        starts=start_of(turn, session),
        venue=session.venue,
        left=old.title,
        before=start_of(turn, old),
        buttons=[[yes, Button("enrolment.button.stay", SeeClass(old.id))]],
    )


def class_changed(turn: Turn, action: ConfirmMove) -> None:
    match enrolment.move(turn.db, turn.person, action.left, action.session, turn.now, waits=action.waits):
        case enrolment.Full(_) | enrolment.OfferGone(_) | enrolment.NotEnrolled(_):
            # seats are not as they were when the person was asked, or there is nothing to move from any more
            move_picked(turn, ChangeClass(action.left, action.session))
        case enrolment.Begun(session) if session.id == action.left:
            turn.show("reminders.begun", title=session.title, buttons=[[SCHEDULE]])
        case outcome:
            tell_outcome(turn, outcome)

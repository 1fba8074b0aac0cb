"""Trainers: the end of a list, and everybody of whom nothing is recorded at once."""

from __future__ import annotations

from typing import Literal

from bot.actions.attendance import ConsiderFinishing, ConsiderOthers, FinishList, MarkOthers, SeeClaims, SeeNames
from bot.actions.buttons import back
from bot.programme import attendance
from bot.programme.sessions import ClassSession
from bot.turns.turn import Turn
from bot.words.message import At, Button, Lines, Words
from handlers.attendance.names import LIST_DEED, note_list, note_mark, show_names
from handlers.attendance.parts import (
    called_in,
    class_of,
    closed_lines,
    door_button,
    no_class,
    not_now,
    see_button,
    starts_of,
)


def list_considered(turn: Turn, action: ConsiderFinishing) -> None:
    """Tells what closing the list does to whom, before it is done."""
    session = class_of(turn, action.session)
    if session is None:
        return no_class(turn)
    if session.cancelled_at is not None:
        return not_now(turn, attendance.Cancelled(session))
    if turn.now < session.ends_at:
        return _not_over(turn, session)
    _consider(turn, session)


def _not_over(turn: Turn, session: ClassSession) -> None:
    ends = At(session.ends_at, turn.zone(session.site_id))
    turn.show("attendance.settles_later", title=session.title, ends=ends, buttons=[[see_button(session)]])


def _consider(turn: Turn, session: ClassSession) -> None:
    numbers = attendance.count(turn.db, session)
    everybody = attendance.names(turn.db, session)
    called = called_in(turn, session, everybody)
    claims = attendance.claims_of(everybody)
    nothing = [one for one in everybody if one.mark is None]
    left = []
    if claims:
        names = attendance.name_lines(claims, called)
        left.append(Words("attendance.finish.claims", {"n": len(claims), "names": names}))
    if nothing:
        names = attendance.name_lines(nothing, called)
        left.append(Words("attendance.finish.unmarked", {"n": len(nothing), "names": names}))
    asking = attendance.people_asking(turn.db, session)
    left += attendance.door_lines(asking, turn.zone(session.site_id)).parts
    finish = FinishList(session.id, attendance.version_of_list(everybody))
    buttons = [door_button(turn, session)]
    if claims:
        buttons.append([Button("attendance.button.answer_first", SeeClaims(session.id))])
    if nothing:
        buttons.append([Button("attendance.button.all_present", ConsiderOthers(session.id, "present"))])
        buttons.append([Button("attendance.button.all_absent", ConsiderOthers(session.id, "absent"))])
    close = "attendance.button.close_anyway" if left else "attendance.button.really_finish"
    turn.show(
        "attendance.finish",
        title=session.title,
        starts=starts_of(turn, session),
        present=numbers.present,
        absent=numbers.absent,
        left=Lines(tuple(left)),
        buttons=[*buttons, [Button(close, finish)], [back(SeeNames(session.id))]],
    )


def list_finished(turn: Turn, action: FinishList) -> None:
    session = class_of(turn, action.session)
    if session is None:
        return no_class(turn)
    asking = attendance.people_asking(turn.db, session)
    match attendance.settle(turn.db, session.id, turn.now, content=turn.content, version=action.version):
        case attendance.Settled(session, present, absent, unrecorded, first):
            if first:
                turn.note(
                    attendance.CLOSED_DEED,
                    f"session:{session.id}",
                    site_id=session.site_id,
                    present=present,
                    absent=absent,
                    unrecorded=unrecorded,
                )
            else:
                _say_who_closed_it(turn, session)
            everybody = attendance.names(turn.db, session)
            left, answers = attendance.whose_word_is_open(session, everybody, turn.zone(session.site_id))
            if unrecorded:
                left = [Words("attendance.settled.unrecorded", {"n": unrecorded}), *left]
            if asking and first:
                left.append(Words("attendance.settled.asking", {"n": len(asking)}))
            turn.show(
                "attendance.settled",
                title=session.title,
                starts=starts_of(turn, session),
                present=present,
                absent=absent,
                left=Lines(tuple(left)),
                buttons=[*answers, [see_button(session)]],
            )
        case attendance.Changed(session):
            turn.toast("attendance.toast.list_changed")
            _consider(turn, session)
        case attendance.TooEarly():
            _not_over(turn, session)
        case attendance.Cancelled() as outcome:
            not_now(turn, outcome)
        case attendance.Unknown():
            return no_class(turn)


def _say_who_closed_it(turn: Turn, session: ClassSession) -> None:
    """Tells who closed the list, after a second tap or one that came after another trainer's."""
    closed = attendance.closed_list(turn.db, session)
    if closed is not None and closed.by_account_id not in (None, turn.account.id):
        staff = attendance.trainer_named(turn.db, closed.by_account_id) or Words("attendance.other_trainer")
        turn.toast("attendance.toast.settled_by", staff=staff)
    else:
        turn.toast("attendance.toast.settled")


# --- all others -----------------------------------------------------------------------------------------------------


def others_considered(turn: Turn, action: ConsiderOthers) -> None:
    session = class_of(turn, action.session)
    if session is None:
        return no_class(turn)
    _consider_others(turn, session, action.to)


def _consider_others(turn: Turn, session: ClassSession, to: Literal["present", "absent"]) -> None:
    everybody = attendance.names(turn.db, session)
    others = attendance.others_of(everybody, present=to == "present")
    if not others:
        turn.toast("attendance.toast.nobody_left")
        return show_names(turn, session, 0)
    version = attendance.version_to_mark(turn.db, session, everybody)
    record = Button(f"attendance.button.record_{to}", MarkOthers(session.id, to, version))
    turn.show(
        f"attendance.others.{to}",
        title=session.title,
        starts=starts_of(turn, session),
        n=len(others),
        names=attendance.name_lines(others, called_in(turn, session, everybody)),
        notes=Lines(tuple(Words("attendance.all_but.note", {"note": one}) for one in closed_lines(turn, session))),
        buttons=[[record], [back(SeeNames(session.id))]],
    )


def others_marked(turn: Turn, action: MarkOthers) -> None:
    session = class_of(turn, action.session)
    if session is None:
        return no_class(turn)
    present = action.to == "present"
    outcome = attendance.mark_others(
        turn.db, turn.account, session.id, turn.now, present=present, version=action.version
    )
    match outcome:
        case attendance.ListMarked(session, came, stayed_away):
            for person_id in (*came, *stayed_away):
                note_mark(turn, session, person_id, present=present)
            note_list(turn, session, len(came), len(stayed_away), of=action.version)
            turn.toast("attendance.toast.others", n=len(came) + len(stayed_away))
            show_names(turn, session, 0)
        case attendance.Changed(session):
            before = turn.did(LIST_DEED, f"session:{session.id}", of=action.version)
            if before:
                done = int(before[0].details["present"]) + int(before[0].details["absent"])
                return turn.toast("attendance.toast.others_before", n=done)
            turn.toast("attendance.toast.list_changed")
            _consider_others(turn, session, action.to)
        case attendance.TooEarly() | attendance.Cancelled():
            not_now(turn, outcome)
        case attendance.Unknown():
            no_class(turn)

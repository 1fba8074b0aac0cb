"""Trainers: their classes, and the check-in of one."""

from __future__ import annotations

from typing import Final

from bot.actions.attendance import (
    CloseCheckIn,
    CloseForAll,
    ConsiderFinishing,
    OpenCheckIn,
    SeeAttendance,
    SeeAttendanceClasses,
    SeeMyAttendance,
    SeeNames,
)
from bot.actions.buttons import back
from bot.actions.paper import GetSheet, SeePastClasses, SeeSheetPhotos, SendSheetPhoto
from bot.programme import attendance, sheet_photos
from bot.programme.sessions import ClassSession
from bot.turns.class_buttons import class_button, title_in_list
from bot.turns.turn import Turn
from bot.words.message import At, Button, Lines, Value, Words
from handlers.attendance.checking_in import mine_asked_for
from handlers.attendance.parts import (
    NAMES,
    called_in,
    class_of,
    door_button,
    late_lines,
    no_class,
    see_button,
    starts_of,
)

PAGE: Final = 5
"""How many classes are on one screen."""


def attendance_asked_for(turn: Turn) -> None:
    """Shows the trainer's classes after /hadir, or a participant's own."""
    if turn.staff:
        classes_asked_for(turn, SeeAttendanceClasses())
    else:
        mine_asked_for(turn)


def classes_asked_for(turn: Turn, action: SeeAttendanceClasses) -> None:
    """Shows the classes from tomorrow back into the past."""
    turn.must_be_staff()
    page = min(action.page, 1000)
    sites = None if turn.admin else turn.staff_sites
    found = attendance.classes_to_record(turn.db, sites, turn.now, limit=PAGE + 1, offset=page * PAGE)
    mine = [[Button("attendance.button.mine", SeeMyAttendance())]] if turn.registered else []
    if not found:
        turn.show("attendance.no_classes", buttons=mine)
        return
    shown = found[:PAGE]
    buttons = [[class_button(turn, session, SeeAttendance(session.id))] for session in shown]
    if len(found) > PAGE:
        buttons.append([Button("attendance.button.older", SeeAttendanceClasses(page + 1))])
    lines = Lines(tuple(_class_line(turn, session) for session in shown))
    past = [Button("paper.button.past", SeePastClasses())]
    turn.show("attendance.classes", classes=lines, buttons=[*buttons, past, *mine])


def class_picked(turn: Turn, action: SeeAttendance) -> None:
    session = class_of(turn, action.session)
    if session is None:
        no_class(turn)
    else:
        _show_class(turn, session)


def _show_class(turn: Turn, session: ClassSession) -> None:
    numbers = attendance.count(turn.db, session)
    buttons: list[list[Button]] = [door_button(turn, session)] if session.cancelled_at is None else []
    if session.cancelled_at is None and attendance.opens_at(session) <= turn.now <= attendance.closes_at(session):
        show = Button("attendance.button.open", OpenCheckIn(session.id))
        buttons.append([show, *_ways_to_close(turn, session)] if numbers.open else [show])
    names = Button("attendance.button.names", SeeNames(session.id))
    finish = Button("attendance.button.finish", ConsiderFinishing(session.id))
    begun = attendance.opens_at(session) <= turn.now
    if begun:
        buttons += [[names], [finish]] if session.ends_at <= turn.now and not numbers.settled else [[names]]
    if session.cancelled_at is None:
        buttons.append([Button("paper.button.sheet", GetSheet(session.id))])
    if sheet_photos.may_be_sent(session, turn.now):
        photos = [Button("paper.button.send_photo", SendSheetPhoto(session.id))]
        if sheet_photos.number_of(turn.db, session.id):
            photos.append(Button("paper.button.photos", SeeSheetPhotos(session.id)))
        buttons.append(photos)
    key = "attendance.class_settled" if numbers.settled else "attendance.class" if begun else "attendance.class_ahead"
    turn.show(
        key,
        title=session.title,
        starts=starts_of(turn, session),
        present=numbers.present,
        expected=numbers.expected,
        left=Lines(_left(numbers)),
        opens=At(attendance.opens_at(session), turn.zone(session.site_id)),
        late=Lines(_late(turn, session)),
        buttons=[*buttons, [back(SeeAttendanceClasses())]],
    )


def _late(turn: Turn, session: ClassSession) -> tuple[Words, ...]:
    late = attendance.late(turn.db, session)[:NAMES]
    return late_lines(late, called_in(turn, session, attendance.names(turn.db, session))) if late else ()


def _ways_to_close(turn: Turn, session: ClassSession) -> list[Button]:
    """Returns buttons that hide the code: on this phone, and on all phones if other trainers show it, too."""
    showing = attendance.showing(turn.db, session)
    mine = Button("attendance.button.close", CloseCheckIn(session.id))
    for_all = Button("attendance.button.close_all", CloseForAll(session.id))
    others = [one for one in showing if one != turn.account.id]
    return [*([mine] if turn.account.id in showing or not others else []), *([for_all] if others else [])]


def _left(numbers: attendance.Count) -> tuple[Words, ...]:
    """Returns how many people are not recorded as present, as lines."""
    unrecorded = numbers.unmarked + numbers.claims
    lines = [Words("attendance.class_absent", {"n": numbers.absent})] if numbers.absent else []
    if unrecorded and numbers.settled:
        lines.append(Words("attendance.class_unrecorded", {"n": unrecorded}))
    return tuple(lines)


def check_in_opened(turn: Turn, action: OpenCheckIn) -> None:
    session = class_of(turn, action.session)
    if session is None:
        return no_class(turn)
    match attendance.open_check_in(turn.db, turn.account, session.id, turn.now, content=turn.content):
        case attendance.Opened(session):
            turn.note("check_in_opened", f"session:{session.id}", site_id=session.site_id)
            turn.say(
                "attendance.opened",
                title=session.title,
                closes=_at_time(turn, session),
                buttons=[[see_button(session)]],
            )
        case attendance.AlreadyOpen():
            turn.toast("attendance.toast.shown_again")
        case attendance.TooEarly(session, opens_at):
            turn.show(
                "attendance.opens_later",
                title=session.title,
                opens=At(opens_at, turn.zone(session.site_id)),
                buttons=[[back(SeeAttendanceClasses())]],
            )
        case attendance.TooLate(session, _):
            names = Button("attendance.button.names", SeeNames(session.id))
            turn.show("attendance.opens_no_more", title=session.title, buttons=[[names]])
        case attendance.Cancelled(session):
            turn.show("attendance.cancelled", title=session.title, buttons=[[back(SeeAttendanceClasses())]])
        case attendance.Unknown():
            return no_class(turn)


def check_in_closed(turn: Turn, action: CloseCheckIn) -> None:
    session = class_of(turn, action.session)
    if session is None:
        return no_class(turn)
    match attendance.close_screen(turn.db, turn.account, session, turn.now):
        case attendance.Closed(session):
            turn.note("check_in_closed", f"session:{session.id}", site_id=session.site_id)
            turn.toast("attendance.toast.closed")
        case attendance.StillShown(session, others, mine):
            turn.toast("attendance.toast.still_shown" if mine else "attendance.toast.shown_by_others", n=others)
        case attendance.NotShown():
            turn.toast("attendance.toast.closed")
    _show_class(turn, session)


def check_in_closed_for_all(turn: Turn, action: CloseForAll) -> None:
    session = class_of(turn, action.session)
    if session is None:
        return no_class(turn)
    if isinstance(attendance.close_for_all(turn.db, turn.account, session, turn.now), attendance.Closed):
        turn.note("check_in_closed", f"session:{session.id}", site_id=session.site_id)
    turn.toast("attendance.toast.closed")  # also for who taps twice, or after another trainer
    _show_class(turn, session)


def _class_line(turn: Turn, session: ClassSession) -> Words:
    numbers = attendance.count(turn.db, session)
    values: dict[str, Value] = {
        "title": title_in_list(turn, session),
        "starts": starts_of(turn, session),
        "present": numbers.present,
        "expected": numbers.expected,
    }
    if not numbers.expected:
        return Words("attendance.class_line.empty", values)
    unrecorded = numbers.unmarked + numbers.claims
    if numbers.settled and unrecorded:
        return Words("attendance.class_line.settled_without", values | {"unrecorded": unrecorded})
    if numbers.settled:
        return Words("attendance.class_line.settled", values)
    if session.ends_at <= turn.now and not numbers.present:
        return Words("attendance.class_line.unrecorded", values)
    return Words("attendance.class_line.open", values)


def _at_time(turn: Turn, session: ClassSession) -> At:
    return At(attendance.closes_at(session), turn.zone(session.site_id))

"""Trainers: the list of names, and the ticks in it.

A button carries what it was shown with; what was recorded otherwise meanwhile stays, and is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.actions.attendance import (
    BeginAllBut,
    ConsiderFinishing,
    SeeAttendance,
    SeeNames,
    TakeBackPresence,
    TickName,
)
from bot.actions.buttons import back
from bot.actions.roster import AddWalkIn
from bot.programme import attendance
from bot.programme.attendance import Mark, Name
from bot.programme.sessions import ClassSession
from bot.turns.pages import in_pairs
from bot.turns.turn import Turn
from bot.words.message import At, Button, Lines, Value, Who, Words
from handlers.attendance.parts import (
    NAMES,
    SIGNS,
    called_in,
    class_of,
    closed_lines,
    door_button,
    in_words,
    late_lines,
    no_class,
    not_now,
    numbering,
    page_of,
    starts_of,
    trainer_of,
)

LIST_DEED: Final = "list_recorded"
"""How the record of what staff did names many marks at once."""


def names_asked_for(turn: Turn, action: SeeNames) -> None:
    session = class_of(turn, action.session)
    if session is None:
        return no_class(turn)
    turn.note("attendance_seen", f"session:{session.id}", site_id=session.site_id)
    show_names(turn, session, action.page)


def show_names(turn: Turn, session: ClassSession, page: int, hints: Sequence[Words] = ()) -> None:
    everybody = attendance.names(turn.db, session)
    to_class = back(SeeAttendance(session.id))
    door = door_button(turn, session)
    if not everybody:
        add = [Button("roster.button.walk_in", AddWalkIn(session.id))]
        turn.show(
            "attendance.nobody",
            title=session.title,
            starts=starts_of(turn, session),
            numbering=numbering(everybody),
            buttons=[door, add, [to_class]],
        )
        return
    pages = page_of(len(everybody)) + 1
    page = min(page, pages - 1)
    shown = everybody[page * NAMES : (page + 1) * NAMES]
    turns = []
    if page > 0:
        turns.append(Button("attendance.button.previous", SeeNames(session.id, page - 1)))
    if page + 1 < pages:
        turns.append(Button("attendance.button.next", SeeNames(session.id, page + 1)))
    numbers = attendance.count(turn.db, session)
    all_but = [Button("attendance.button.all_but", BeginAllBut(session.id))]
    begun = attendance.opens_at(session) <= turn.now
    finish = [Button("attendance.button.finish", ConsiderFinishing(session.id))]
    last = [finish] if session.ends_at <= turn.now and not numbers.settled else []
    turn.show(
        "attendance.names" if pages > 1 else "attendance.names_at_once",
        title=session.title,
        starts=starts_of(turn, session),
        present=numbers.present,
        expected=numbers.expected,
        page=page + 1,
        pages=pages,
        hints=Lines((*hints, *_hints(turn, session, numbers.claims, everybody, shown))),
        numbering=numbering(everybody),
        buttons=[
            *in_pairs(name_buttons(turn, session, everybody, shown, page)),
            turns,
            door,
            *([all_but] if begun else []),
            *last,
            [to_class],
        ],
    )


def _hints(
    turn: Turn, session: ClassSession, claims: int, everybody: Sequence[Name], shown: Sequence[Name]
) -> list[Words]:
    called = called_in(turn, session, everybody)
    lines = list(closed_lines(turn, session))
    lines += [Words("attendance.hint.claims", {"n": claims})] if claims else []
    far = [one.person.id for one in shown if one.near is False]
    lines += [Words("attendance.hint.far", {"who": called[one]}) for one in far]
    return [*lines, *late_lines([one.person.id for one in shown if one.late], called)]


def name_buttons(
    turn: Turn,
    session: ClassSession,
    everybody: Sequence[Name],
    shown: Sequence[Name],
    page: int,
    *,
    present: bool | None = None,
) -> list[Button]:
    """Returns a button for each. `present`: what their taps record; None: the other of what is recorded."""
    called = called_in(turn, session, everybody)
    return [_name_button(session, one, called[one.person.id], page, present) for one in shown]


def _name_button(session: ClassSession, one: Name, who: Value, page: int, present: bool | None) -> Button:
    wanted = one.mark is not Mark.PRESENT if present is None else present
    to: Final = "present" if wanted else "absent"
    action = TickName(session.id, one.person.id, page, to, one.version)
    return Button(f"attendance.button.name_{SIGNS[one.mark]}", action, {"n": one.number, "who": who})


def name_ticked(turn: Turn, action: TickName) -> None:
    """Records the person as present or absent, as the button showed. Buttons of earlier versions that carry neither are
    taken as "present"."""
    session = class_of(turn, action.session)
    if session is not None:
        present = action.to != "absent"
        outcome = attendance.mark(
            turn.db, turn.account, session.id, action.person, turn.now, present=present, version=action.version
        )
        return _ticked(turn, session, action.person, action.page, outcome)
    no_class(turn)


def presence_taken_back(turn: Turn, action: TakeBackPresence) -> None:
    session = class_of(turn, action.session)
    if session is None:
        return no_class(turn)
    outcome = attendance.mark(
        turn.db,
        turn.account,
        session.id,
        action.person,
        turn.now,
        present=False,
        version=action.version,
        sure=True,
    )
    _ticked(turn, session, action.person, action.page, outcome)


def _ticked(turn: Turn, session: ClassSession, person_id: int, page: int, outcome: attendance.Ticked) -> None:
    match outcome:
        case attendance.Marked(session, person, present, before):
            note_mark(turn, session, person.id, present=present)
            if not attendance.has_seat(turn.db, person, session):
                turn.toast("attendance.toast.absent_gone")
            elif before.by_account_id not in (None, turn.account.id) and before.mark is not Mark.CLAIMED:
                key = "attendance.toast.now_present" if present else "attendance.toast.now_absent"
                turn.toast(key, staff=trainer_of(turn, before))
            else:
                turn.toast("attendance.toast.present" if present else "attendance.toast.absent")
        case attendance.Unchanged(session, _, known):
            turn.toast("attendance.toast.unchanged", recorded=in_words(turn, session, known))
        case attendance.CameByCode(session, person, known) | attendance.HasNoSeat(session, person, known):
            return ask_before_taking_back(turn, session, person.id, page, known)
        case attendance.TooEarly() | attendance.Cancelled():
            return not_now(turn, outcome)
        case attendance.NotEnrolled() | attendance.Unknown():
            turn.toast("attendance.toast.gone")  # gave the seat back, or erased their data, since the list was shown
    show_names(turn, session, page)


def ask_before_taking_back(
    turn: Turn, session: ClassSession, person_id: int, page: int, known: attendance.Recorded
) -> None:
    """Asks before presence by the code is taken back: names the person who would be recorded as absent, the class, and
    what that leads to."""
    yes = Button("attendance.button.take_back", TakeBackPresence(session.id, person_id, page, known.version))
    no = Button("attendance.button.leave_present", SeeNames(session.id, page))
    at = At(known.at, turn.zone(session.site_id)) if known.at else ""
    everybody = attendance.names(turn.db, session)
    who = called_in(turn, session, everybody).get(person_id) or Who(person_id)
    guest = any(one.guest and one.person.id == person_id for one in everybody)
    key = "attendance.take_back_guest" if guest else "attendance.take_back"
    turn.show(key, who=who, title=session.title, starts=starts_of(turn, session), at=at, buttons=[[yes], [no]])


def note_mark(turn: Turn, session: ClassSession, person_id: int, *, present: bool) -> None:
    """Writes into the record of what staff did who was marked."""
    action = "presence_ticked" if present else "absence_ticked"
    turn.note(action, f"person:{person_id}", site_id=session.site_id, session=session.id)


def note_list(turn: Turn, session: ClassSession, present: int, absent: int, *, of: int) -> None:
    """Writes into the record of what staff did that many were recorded at once. `of`: what the button carried; by it a
    second tap is known."""
    turn.note(LIST_DEED, f"session:{session.id}", site_id=session.site_id, present=present, absent=absent, of=of)

"""Trainers: everybody was there but these: tapped, or typed by number and name; repeated back, and recorded at once.

    names -> [everybody but ...] -> who was not there, tapped or typed -> names repeated back -> recorded

The picking stands in the draft. What was recorded meanwhile, by whomever, stays; so does presence by the code.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.actions.attendance import (
    BeginAllBut,
    PickAbsent,
    RecordAllBut,
    ReviewAllBut,
    SeeAllBut,
    StopAllBut,
)
from bot.actions.menu import OpenMenu
from bot.programme import attendance, sessions
from bot.programme.attendance import Mark, Name
from bot.programme.sessions import ClassSession
from bot.turns.pages import in_pairs
from bot.turns.turn import Turn
from bot.words.action import version_of
from bot.words.message import Button, Lines, Words
from bot.words.typed_presence import ENOUGH, EVERYBODY, NOBODY, NOT_THESE, THESE, YES
from handlers.attendance.name_search import in_one_line, read_several, who_is_left_out
from handlers.attendance.names import LIST_DEED, note_list, note_mark, show_names
from handlers.attendance.parts import (
    NAMES,
    called_in,
    class_of,
    closed_lines,
    has_numbers,
    hints_of,
    names_button,
    no_class,
    not_now,
    numbering,
    page_of,
    see_button,
    starts_of,
)

ALL_BUT: Final = "attendance_all_but"
PICK, REVIEW = "pick", "review"


def all_but_begun(turn: Turn, action: BeginAllBut) -> None:
    """Begins with those who are recorded as absent already."""
    session = class_of(turn, action.session)
    if session is None:
        return no_class(turn)
    if _begin(turn, session):
        _show_picking(turn, session)


def all_but_typed(turn: Turn, session: ClassSession, out: str, seen: int) -> None:
    """Begins the picking with the people named in `out`, for "Semua hadir kecuali 2 dan 5" typed below a list. `seen`:
    the numbering of that list."""
    if _begin(turn, session):
        turn.keep(numbering=seen)
        _take(turn, session, out)


def _begin(turn: Turn, session: ClassSession) -> bool:
    """Enters the conversation; False if nobody can be recorded now, which has been told."""
    if session.cancelled_at is not None:
        not_now(turn, attendance.Cancelled(session))
        return False
    if turn.now < attendance.opens_at(session):
        not_now(turn, attendance.TooEarly(session, attendance.opens_at(session)))
        return False
    everybody = attendance.names(turn.db, session)
    if not everybody:
        show_names(turn, session, 0)
        return False
    out = _recorded_absent(everybody)
    begun = version_of(session.id, turn.update.update_id)
    turn.enter(ALL_BUT, PICK, session=session.id, out=out, begun=begun, page=0)
    return True


def _recorded_absent(everybody: Sequence[Name]) -> list[int]:
    return [one.person.id for one in everybody if one.mark is Mark.ABSENT]


def question_asked_again(turn: Turn) -> None:
    session = _of_draft(turn)
    if session is None:
        return _gone(turn)
    if turn.account.state == REVIEW:
        _repeat_back(turn, session)
    else:
        _show_picking(turn, session)


def page_turned(turn: Turn, action: SeeAllBut) -> None:
    session = _of_draft(turn)
    if session is None:
        return _gone(turn)
    if action.version != turn.draft["begun"]:
        turn.toast("menu.stale")
    else:
        turn.keep(page=action.page)
    _show_picking(turn, session)


def absent_picked(turn: Turn, action: PickAbsent) -> None:
    session = _of_draft(turn)
    if session is None:
        return _gone(turn)
    everybody = attendance.names(turn.db, session)
    one = next((name for name in everybody if name.person.id == action.person), None)
    if action.version != turn.draft["begun"]:
        turn.toast("menu.stale")
    elif one is None:
        turn.toast("attendance.toast.gone")
    elif one.by_code:
        turn.toast("attendance.toast.came_by_code")
    else:
        _pick(turn, [one], out=action.out)
        turn.keep(page=action.page)
    _show_picking(turn, session)


def _pick(turn: Turn, people: Sequence[Name], *, out: bool) -> None:
    picked = {one.person.id for one in people}
    others = [one for one in turn.draft["out"] if one not in picked]
    turn.keep(out=[*others, *sorted(picked)] if out else others)


def names_typed(turn: Turn) -> None:
    """Takes numbers and names; what could be read counts, and the rest is asked for again. "Bukan 1" takes 1 back,
    "tidak ada" all of them, "semua hadir kecuali 1" begins anew, and "lanjut" goes on."""
    session = _of_draft(turn)
    if session is None:
        return _gone(turn)
    typed = in_one_line(turn.text).casefold().strip(" .!")
    if turn.account.state == REVIEW and YES.fullmatch(typed):
        turn.say("understanding.tap_it", plain=True)
        return question_asked_again(turn)
    if ENOUGH.fullmatch(typed):
        return _repeat_back(turn, session)
    if NOBODY.fullmatch(typed):
        turn.keep(out=[])
        return _repeat_back(turn, session)
    if found := EVERYBODY.fullmatch(typed):  # the whole of it said anew: what was picked before is not meant
        turn.keep(out=_recorded_absent(attendance.names(turn.db, session)))
        return _take(turn, session, who_is_left_out(found))
    for form, out in ((THESE, True), (NOT_THESE, False)):
        if found := form.fullmatch(typed):
            return _take(turn, session, found["these"] or found["those"], out=out)
    _take(turn, session, turn.text)


def _take(turn: Turn, session: ClassSession, text: str, *, out: bool = True) -> None:
    """Picks the people whose numbers or names these are, or takes them back, and repeats back who is picked now."""
    everybody = attendance.names(turn.db, session)
    if turn.draft.get("numbering", numbering(everybody)) != numbering(everybody) and has_numbers(text):
        return _show_picking(turn, session, [Words("attendance.hint.list_changed")])
    read = read_several(text, everybody)
    _pick(turn, [one for one in read.found if not one.by_code], out=out)
    hints = hints_of(turn, session, everybody, read)
    came = [one for one in read.found if one.by_code]
    if came and out:
        names = attendance.name_lines(came, called_in(turn, session, everybody))
        hints.append(Words("attendance.all_but.came", {"names": names}))
    if hints:
        _show_picking(turn, session, hints)
    else:
        _repeat_back(turn, session)


def _show_picking(turn: Turn, session: ClassSession, hints: Sequence[Words] = ()) -> None:
    turn.ask(ALL_BUT, PICK)
    turn.take_back("again")
    everybody = attendance.names(turn.db, session)
    turn.keep(numbering=numbering(everybody))
    begun, out = int(turn.draft["begun"]), frozenset(turn.draft["out"])
    pages = max(1, page_of(len(everybody)) + 1)
    page = min(int(turn.draft["page"]), pages - 1)
    called = called_in(turn, session, everybody)
    claims = attendance.claims_of(everybody)
    listed = attendance.name_lines(claims, called)
    who_claims = [Words("attendance.all_but.claims", {"n": len(claims), "names": listed})] if claims else []
    buttons = []
    for one in everybody[page * NAMES : (page + 1) * NAMES]:
        person = one.person.id
        is_out = person in out and not one.by_code
        claims_so = one.mark is Mark.CLAIMED
        sign = "out" if is_out else "came" if one.by_code else "in"
        if claims_so:
            sign = "out_claimed" if is_out else "claimed"
        action = PickAbsent(person, not is_out, page, begun)
        buttons.append(Button(f"attendance.button.pick_{sign}", action, {"n": one.number, "who": called[person]}))
    turns = []
    if page > 0:
        turns.append(Button("attendance.button.previous", SeeAllBut(page - 1, begun)))
    if page + 1 < pages:
        turns.append(Button("attendance.button.next", SeeAllBut(page + 1, begun)))
    turn.show(
        "attendance.all_but",
        title=session.title,
        starts=starts_of(turn, session),
        n=sum(one.person.id in out and not one.by_code for one in everybody),
        where=Words("attendance.all_but.page", {"page": page + 1, "pages": pages}) if pages > 1 else None,
        hints=Lines((*hints, *who_claims)),
        buttons=[
            *in_pairs(buttons),
            turns,
            [Button("attendance.button.review", ReviewAllBut(begun)), _stop()],
        ],
    )


def reviewed(turn: Turn, action: ReviewAllBut) -> None:
    session = _of_draft(turn)
    if session is None:
        return _gone(turn)
    if action.version != turn.draft["begun"]:
        turn.toast("menu.stale")
        return _show_picking(turn, session)
    _repeat_back(turn, session)


def _repeat_back(turn: Turn, session: ClassSession, *, closed_meanwhile: bool = False) -> None:
    """Repeats back who is recorded as absent, how many as present, and what is recorded of those who say they were
    there. What is recorded now is kept in the draft: what changes after it is not overruled. `closed_meanwhile`: it was
    repeated back already, and the list was closed since; what was shown then stays what may be changed."""
    turn.ask(ALL_BUT, REVIEW)
    everybody = attendance.names(turn.db, session)
    closed_meanwhile = closed_meanwhile or bool(turn.draft.get("again"))
    if closed_meanwhile:
        turn.keep(again=True)
    else:
        turn.keep(shown=[[one.person.id, one.version] for one in everybody])
    turn.keep(closed=_closed_at(turn, session))
    out = frozenset(turn.draft["out"])
    absent = [one for one in everybody if one.person.id in out and not one.by_code]
    called = called_in(turn, session, everybody)
    notes = list(closed_lines(turn, session))
    for key, is_out in (("claims_out", True), ("claims_in", False)):
        claims = [one for one in attendance.claims_of(everybody) if (one.person.id in out) is is_out]
        if claims:
            names = attendance.name_lines(claims, called)
            notes.append(Words(f"attendance.all_but.{key}", {"n": len(claims), "names": names}))
    guests = [one for one in absent if one.guest]
    if guests:
        names = attendance.name_lines(guests, called)
        notes.append(Words("attendance.all_but.guests_out", {"n": len(guests), "names": names}))
    record = Button(
        "attendance.button.record_closed" if closed_meanwhile else "attendance.button.record",
        RecordAllBut(_version(turn)),
    )
    change = Button("attendance.button.change", SeeAllBut(int(turn.draft["page"]), int(turn.draft["begun"])))
    turn.show(
        "attendance.all_but.review" if absent else "attendance.all_but.everybody",
        title=session.title,
        starts=starts_of(turn, session),
        present=len(everybody) - len(absent),
        absent=len(absent),
        names=attendance.name_lines(absent, called),
        notes=Lines(tuple(Words("attendance.all_but.note", {"note": one}) for one in notes)),
        buttons=[[record], [change, _stop()]],
    )


def _closed_at(turn: Turn, session: ClassSession) -> str | None:
    """Returns when the list was closed; None: it is open."""
    closed = attendance.closed_list(turn.db, session)
    return closed.at.isoformat() if closed is not None else None


def _version(turn: Turn) -> int:
    """Returns the version of what was repeated back."""
    shown = (turn.draft["begun"], sorted(turn.draft["out"]), turn.draft["shown"])
    return version_of(*shown, turn.draft["closed"]) if turn.draft.get("closed") else version_of(*shown)


def recorded(turn: Turn, action: RecordAllBut) -> None:
    session = _of_draft(turn)
    if session is None:
        return _gone(turn)
    if "shown" not in turn.draft or action.version != _version(turn):
        if not _said_what_was_recorded(turn, action.version):
            turn.toast("menu.stale")
        return question_asked_again(turn)
    if _closed_at(turn, session) != turn.draft.get("closed"):
        turn.toast("attendance.toast.closed_meanwhile")
        return _repeat_back(turn, session, closed_meanwhile=True)
    shown = dict(turn.draft["shown"])
    out = frozenset(turn.draft["out"])
    turn.leave(ALL_BUT)
    outcome = attendance.mark_all_but(turn.db, turn.account, session.id, out, shown, turn.now)
    match outcome:
        case attendance.ListMarked(session, came, stayed_away, kept):
            for persons, present in ((came, True), (stayed_away, False)):
                for person in persons:
                    note_mark(turn, session, person, present=present)
            numbers = attendance.count(turn.db, session)
            note_list(turn, session, numbers.present, numbers.absent, of=action.version)
            names = attendance.name_lines(kept, called_in(turn, session, attendance.names(turn.db, session)))
            turn.show(
                "attendance.all_but.recorded",
                title=session.title,
                starts=starts_of(turn, session),
                present=numbers.present,
                absent=numbers.absent,
                kept=Lines((Words("attendance.all_but.kept", {"names": names}),) if kept else ()),
                buttons=[[names_button(turn, session), see_button(session)]],
            )
        case attendance.TooEarly() | attendance.Cancelled():
            not_now(turn, outcome)
        case attendance.Unknown():
            no_class(turn)


def recorded_before(turn: Turn, action: RecordAllBut) -> None:
    """Tells what was recorded, after a second tap on [Ya, catat] or one below a picking that is over."""
    if not _said_what_was_recorded(turn, action.version):
        turn.toast("menu.stale")
        turn.follow(OpenMenu())


def _said_what_was_recorded(turn: Turn, version: int) -> bool:
    deeds = turn.did(LIST_DEED, of=version)
    if deeds:
        turn.toast("attendance.toast.recorded_before", n=int(deeds[0].details["present"]))
    return bool(deeds)


def stopped_before(turn: Turn) -> None:
    """Answers a second tap on [Batalkan pilihan], or a tap on an old one."""
    turn.toast("attendance.toast.picking_over")


def broken_off(turn: Turn) -> None:
    """Ends the picking; nothing is recorded. Works for somebody who lost the role meanwhile, too."""
    session = sessions.get(turn.db, int(turn.draft.get("session", 0)))
    turn.leave(ALL_BUT)
    if session is None or session.site_id not in turn.staff_sites:
        return turn.follow(OpenMenu())
    turn.toast("attendance.toast.nothing_recorded")
    show_names(turn, session, 0)


def _of_draft(turn: Turn) -> ClassSession | None:
    """Returns the class of the draft, if this trainer (still) looks after it."""
    session = sessions.get(turn.db, int(turn.draft.get("session", 0)))
    if session is not None:
        turn.must_be_staff()
        turn.must_lead(session.site_id)
    return session


def _gone(turn: Turn) -> None:
    turn.leave(ALL_BUT)
    no_class(turn)


def _stop() -> Button:
    return Button("attendance.button.stop", StopAllBut())

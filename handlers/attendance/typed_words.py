"""Trainers: words typed below a list of names or a screen of a class, understood as the taps they stand for.

    "rina", "3", "3, 7"              leads to these names, to be tapped
    "rina hadir", "3 tidak hadir"    is recorded, if there is no doubt who is meant
    "semua hadir kecuali 2 dan 5"    is repeated back, as by [Semua hadir kecuali…]
    "tutup daftar", "selesai"        asks, as the button does
    "tambah orang", "kode"           begins to add somebody; shows the code
    "lanjut", "kembali", "batal"     the next names; the list again, with nothing undone

What may be several people, or nobody, is asked about; nothing of it is recorded then. Where a question of something
else is open above the list, words that are not about names or presence answer that question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from bot.actions.attendance import (
    CloseCheckIn,
    ConsiderFinishing,
    ConsiderOthers,
    OpenCheckIn,
    SeeAttendance,
    SeeNames,
    TickName,
)
from bot.actions.roster import AddWalkIn
from bot.programme import attendance, sessions
from bot.programme.attendance import Mark, Name
from bot.programme.registration import readable_name
from bot.programme.sessions import ClassSession
from bot.turns.pages import in_pairs
from bot.turns.turn import Turn
from bot.turns.typed_below import is_of_list, was_forwarded
from bot.words.message import Button, Lines, Message, Words
from bot.words.typed_buttons import actions_of
from bot.words.typed_presence import (
    ABSENT,
    ADD,
    BACK,
    CLOSE,
    DONE,
    EVERYBODY,
    HIDE_CODE,
    NEXT,
    PRESENT,
    SAID_OF,
    SHOW_CODE,
    UNDO,
    WHO_CAME,
)
from bot.words.typed_text import cleaned
from handlers.attendance.all_but import all_but_typed
from handlers.attendance.closing import list_considered
from handlers.attendance.name_search import Read, in_one_line, read_several, search, who_is_left_out
from handlers.attendance.names import ask_before_taking_back, name_buttons, note_mark, show_names
from handlers.attendance.parts import (
    NAMES,
    called_in,
    has_numbers,
    names_button,
    not_now,
    numbering,
    page_of,
    starts_of,
    unknown_lines,
)

LIST_KEYS: Final = (
    *("attendance.names", "attendance.names_at_once", "attendance.nobody", "attendance.found", "attendance.typed"),
    *("attendance.found_present", "attendance.found_absent", "attendance.screen"),
    *("attendance.no_such_name", "attendance.no_such_number"),
)
"""The screens below which a typed name or number alone is looked for in the list."""
SHOWS_CLASS: Final = (SeeNames, TickName, SeeAttendance, ConsiderFinishing, ConsiderOthers, OpenCheckIn, AddWalkIn)
"""By these buttons it is known which class a screen is about."""
_ENDS: Final = re.compile(r"^[ .!]+|[^\w?()❌❎🚫⛔👎✗✘✖×❓]+$")
"""Blanks, dots and smileys around the words; a sign that says no, or a question, is none of them."""
WORDS: Final = 3
"""So many words may be a name that is not on the list; what is longer is a sentence."""


def words_typed(turn: Turn) -> bool:
    """Returns whether the words were about the list of names, or the class, that is the newest message."""
    if not turn.text or turn.text.startswith("/") or was_forwarded(turn) or turn.update.message is None:
        return False
    shown = _shown(turn)
    if shown is None and turn.serves:
        return _everybody_came(turn)
    asked = turn.account.conversation is not None
    if shown is None or (asked and shown[0] not in LIST_KEYS):
        return False
    key, session, seen = shown
    everybody = attendance.names(turn.db, session)
    seen = numbering(everybody) if seen is None else seen
    typed = _ENDS.sub("", in_one_line(turn.text).casefold())
    if CLOSE.fullmatch(typed):
        list_considered(turn, ConsiderFinishing(session.id))
        return True
    if not asked and (_way_typed(turn, session, key, typed) or _deed_typed(turn, session, typed)):
        return True
    changed = seen != numbering(everybody) and has_numbers(typed)
    if found := EVERYBODY.fullmatch(typed):
        if changed:
            return _list_changed(turn, session)
        all_but_typed(turn, session, who_is_left_out(found), seen)
        return True
    for form, present in ((ABSENT, False), (PRESENT, True)):
        if found := form.fullmatch(typed):
            read = read_several(found["before"] or found["after"], everybody)
            if _is_about_names(read) or (changed and not _is_sentence(read)):
                if changed:
                    return _list_changed(turn, session)
                _mark(turn, session, everybody, read, seen, present=present)
                return True
    if key not in LIST_KEYS:
        return False
    read = _without_what_is_said(read_several(turn.text, everybody), everybody)
    if asked and not _is_about_names(read):
        return False
    if changed and not _is_sentence(read):
        return _list_changed(turn, session)
    if not _is_about_names(read):
        return _nobody_found(turn, session, len(everybody), seen)
    _show_found(turn, session, everybody, read, seen)
    return True


def _everybody_came(turn: Turn) -> bool:
    """ "Semua hadir kecuali 2 dan 5" typed where no list is in sight: it is about the one class that is under way, and
    repeated back as it is below its list."""
    if turn.account.conversation is not None:
        return False
    found = EVERYBODY.fullmatch(_ENDS.sub("", in_one_line(turn.text).casefold()))
    out = who_is_left_out(found) if found is not None else ""
    session = attendance.under_way(turn.db, None if turn.admin else turn.staff_sites, turn.now) if out else None
    if session is None:
        return False
    everybody = attendance.names(turn.db, session)
    if not read_several(out, everybody).found:
        return False
    all_but_typed(turn, session, out, numbering(everybody))
    return True


def _way_typed(turn: Turn, session: ClassSession, key: str, typed: str) -> bool:
    """Words that lead somewhere: the end of the list, its next page, back to it. What was recorded stays recorded."""
    newest = turn.newest.said
    if newest is not None and BACK.fullmatch(typed) and _has_way_back(newest):
        return False  # the words are on a button
    following = _next_page(newest) if newest is not None else None
    if NEXT.fullmatch(typed) and following is not None:
        show_names(turn, session, following)
    elif DONE.fullmatch(typed) or NEXT.fullmatch(typed):
        if attendance.closed_list(turn.db, session) is not None:
            show_names(turn, session, 0)  # which says that it is closed
            return True
        list_considered(turn, ConsiderFinishing(session.id))
    elif UNDO.fullmatch(typed):
        show_names(turn, session, 0, [Words("attendance.hint.nothing_undone")])
    elif BACK.fullmatch(typed):
        show_names(turn, session, 0)
    else:
        return False
    return True


def _deed_typed(turn: Turn, session: ClassSession, typed: str) -> bool:
    """Words that ask for what a button of the class does."""
    if ADD.fullmatch(typed):
        turn.follow(AddWalkIn(session.id))
    elif SHOW_CODE.fullmatch(typed):
        turn.follow(OpenCheckIn(session.id))
    elif HIDE_CODE.fullmatch(typed):
        turn.follow(CloseCheckIn(session.id))
    elif WHO_CAME.fullmatch(typed):
        show_names(turn, session, 0)
    else:
        return False
    return True


def _without_what_is_said(read: Read, everybody: Sequence[Name]) -> Read:
    """Looks once more for what is no name of the list, without the words behind it that say something of somebody ("ana
    belum datang"). Whoever is found so is shown, and nothing is recorded of them."""
    several, unknown = list(read.several), []
    for part in read.unknown:
        name = SAID_OF.sub(" ", f"{part} ") if SAID_OF.search(part) else ""
        fits = search(name, everybody) if cleaned(name) else []
        if fits:
            several.append((part, tuple(fits)))
        else:
            unknown.append(part)
    return Read(read.found, tuple(several), tuple(unknown))


def _next_page(newest: Message) -> int | None:
    """Returns the page to which [Lihat berikutnya] leads; None without such a button."""
    for button in (button for row in newest.buttons for button in row):
        action = SeeNames.parse(button.data) if button.key == "attendance.button.next" and button.data else None
        if action is not None:
            return action.page
    return None


def _has_way_back(newest: Message) -> bool:
    return any(button.key == "button.back" for row in newest.buttons for button in row)


def _list_changed(turn: Turn, session: ClassSession) -> bool:
    """Shows the names as they are now: the typed numbers are of a list that is another by now, and nothing is done."""
    turn.note("attendance_seen", f"session:{session.id}", site_id=session.site_id)
    show_names(turn, session, 0, [Words("attendance.hint.list_changed")])
    return True


def _is_sentence(read: Read) -> bool:
    return any(len(one.split()) > WORDS for one in read.unknown)


def _is_about_names(read: Read) -> bool:
    """Whether some of it is on the list, and the rest is no sentence."""
    some = len(read.found) + len(read.several)
    return bool(some) and len(read.unknown) <= some and not _is_sentence(read)


def _nobody_found(turn: Turn, session: ClassSession, entries: int, seen: int) -> bool:
    """Says that no such name (or number) is on the list, and leads to adding a participant. Returns False where the
    words mean something by themselves, or are no name."""
    typed = cleaned(turn.text)
    number = re.fullmatch(r"\d{1,4}", typed)
    if number is None and (readable_name(typed) is None or turn.content.is_no_name(typed)):
        return False
    add = [Button("roster.button.walk_in", AddWalkIn(session.id))]
    key = "attendance.no_such_number" if number else "attendance.no_such_name"
    starts = starts_of(turn, session)
    turn.say(
        key, title=session.title, starts=starts, n=entries, numbering=seen, buttons=[add, [names_button(turn, session)]]
    )
    return True


def _show_found(
    turn: Turn, session: ClassSession, everybody: Sequence[Name], read: Read, seen: int, *, present: bool | None = None
) -> None:
    """Shows the names that fit, to be tapped. `present`: what was said of them, which the taps record; None: nothing
    was. `seen`: the numbering of the list that was shown before."""
    fits = {one.person.id: one for one in (*read.found, *(each for _, those in read.several for each in those))}
    found = sorted(fits.values(), key=lambda one: one.number)
    turn.note("attendance_seen", f"session:{session.id}", site_id=session.site_id)
    buttons = in_pairs(name_buttons(turn, session, everybody, found[:NAMES], page_of(found[0].number), present=present))
    said = {None: "", True: "_present", False: "_absent"}[present]
    turn.say(
        f"attendance.found{said}",
        title=session.title,
        starts=starts_of(turn, session),
        n=len(found),
        numbering=seen,
        hints=Lines(tuple(Words("attendance.found.hint", {"hint": one}) for one in unknown_lines(read))),
        buttons=[*buttons, [names_button(turn, session, found[0].person.id)]],
    )


def _mark(
    turn: Turn, session: ClassSession, everybody: Sequence[Name], read: Read, seen: int, *, present: bool
) -> None:
    """Records what was said of these people, as ticks would; nothing while it is in doubt who is meant. Who says they
    were there is not recorded as absent: that is asked."""
    if read.several or read.unknown:
        return _show_found(turn, session, everybody, read, seen, present=present)
    if session.cancelled_at is not None:
        return not_now(turn, attendance.Cancelled(session))
    wanted = Mark.PRESENT if present else Mark.ABSENT
    done, came, guests = [], [], []
    claims = [] if present else attendance.claims_of(read.found)
    for one in read.found:
        if one in claims:
            continue
        outcome = attendance.mark(
            turn.db, turn.account, session.id, one.person.id, turn.now, present=present, version=one.version
        )
        match outcome:
            case attendance.TooEarly():
                return not_now(turn, outcome)
            case attendance.Marked(_, person, _, _):
                note_mark(turn, session, person.id, present=present)
                done.append(one)
            case attendance.Unchanged(_, _, known) if known.mark is wanted:
                done.append(one)
            case attendance.CameByCode(_, person, known) | attendance.HasNoSeat(_, person, known) if (
                len(read.found) == 1
            ):
                return ask_before_taking_back(turn, session, person.id, page_of(one.number), known)
            case attendance.HasNoSeat():
                guests.append(one)
            case _:
                came.append(one)
    called = called_in(turn, session, everybody)
    lines = []
    if done:
        names = attendance.name_lines(done, called)
        lines.append(Words(f"attendance.typed.{wanted}", {"n": len(done), "names": names}))
    if came:
        lines.append(Words("attendance.all_but.came", {"names": attendance.name_lines(came, called)}))
    if guests:
        lines.append(Words("attendance.typed.guests", {"names": attendance.name_lines(guests, called)}))
    if claims:
        lines.append(Words("attendance.typed.claims", {"names": attendance.name_lines(claims, called)}))
    numbers = attendance.count(turn.db, session)
    turn.say(
        "attendance.typed",
        title=session.title,
        starts=starts_of(turn, session),
        lines=Lines(tuple(lines)),
        numbering=seen,
        present=numbers.present,
        expected=numbers.expected,
        buttons=[*attendance.claim_rows(session, claims), [names_button(turn, session, read.found[0].person.id)]],
    )


def _shown(turn: Turn) -> tuple[str, ClassSession, int | None] | None:
    """Returns what the newest message of the chat is, if it is about the attendance of a class this trainer looks
    after: its key, the class, and the `numbering` of the list that it showed."""
    newest = turn.newest.said
    if newest is None and turn.serves and not turn.newest.row and turn.account.conversation is None:
        session = attendance.shown_by(turn.db, turn.account)  # the code is a secret, of which no words stay
        led = session is not None and is_of_list(turn, session.site_id)
        return ("attendance.screen", session, None) if session is not None and led else None
    if newest is None or not newest.key.startswith("attendance."):
        return None
    for action in actions_of(newest):
        if isinstance(action, SHOWS_CLASS):
            session = sessions.get(turn.db, action.session)
            if session is None or not is_of_list(turn, session.site_id):
                return None
            seen = newest.values.get("numbering")
            return newest.key, session, seen if isinstance(seen, int) else None
    return None

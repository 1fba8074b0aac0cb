"""Attendance: the trainer shows a code or ticks names; participants read or type the code, or say they were there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from telegram import Message as TelegramMessage
from telegram.ext import filters

from bot.capability import Capability, Command, Handlers
from bot.people import people
from bot.people.people import Person
from bot.programme import attendance, sessions
from bot.programme.attendance import Mark, Reason
from bot.programme.sessions import ClassSession
from bot.turns.router import Conversation, command, sent, tap, typed
from bot.turns.turn import END, State, Turn, enter, leave
from bot.words.message import At, Button, Keyboard, Lines, Value, Who, Words

PAGE: Final = 5
"""Classes on one screen."""
NAMES: Final = 8
"""Names on one screen, each a button to be ticked."""
LOCATION: Final = "attendance_location"
LOCATE: Final = "locate"


class _Code(filters.MessageFilter):
    """Four letters that may be a code: no word is made of consonants alone."""

    def filter(self, message: TelegramMessage) -> bool:
        return attendance.readable_code(message.text or "") is not None


def handlers() -> Handlers:
    location = Conversation(
        LOCATION,
        entry_points=[tap("attendance:locate", location_offered)],
        states={LOCATE: [sent(filters.LOCATION, location_shared), typed(wrote_instead_of_sharing)]},
        fallbacks=[command("batal", location_kept_back)],
        resume=location_offered_again,
    )
    return [
        location,
        command("hadir", attendance_asked_for),
        tap("attendance:mine", mine_asked_for),
        tap("attendance:code", code_scanned),
        tap("attendance:claim", presence_claimed),
        tap("attendance:missed", absence_admitted),
        tap("attendance:reason", reason_told),
        # trainers
        tap("attendance:classes", classes_asked_for),
        tap("attendance:class", class_picked),
        tap("attendance:open", check_in_opened),
        tap("attendance:close", check_in_closed),
        tap("attendance:names", names_asked_for),
        tap("attendance:tick", name_ticked),
        tap("attendance:came", claim_confirmed),
        tap("attendance:not_came", claim_refused),
        tap("attendance:finish", list_considered),
        tap("attendance:finished", list_finished),
        sent(_Code(), code_typed),
    ]


CAPABILITY: Final = Capability(
    "attendance",
    handlers,
    commands=(
        Command("batal", "participant", place=130),
        Command("hadir", "participant", place=50),
    ),
    data=attendance.DATA,
)


# --- participants: the code -----------------------------------------------------------------------------------------


def attendance_asked_for(turn: Turn) -> State:
    """/hadir: the trainer's classes, or one's own."""
    return classes_asked_for(turn) if turn.staff else mine_asked_for(turn)


def mine_asked_for(turn: Turn) -> State:
    mine = attendance.mine_now(turn.db, turn.person, turn.now, content=turn.content)
    if not mine:
        turn.show("attendance.mine_empty", buttons=[[_schedule()]])
        return None
    claimable = [session for session in mine if attendance.closes_at(session) < turn.now]
    buttons = [
        [Button("attendance.button.was_there_in", _claim(session, turn.person), {"title": session.title})]
        for session in claimable
    ]
    lines = [Words("attendance.line", {"title": one.title, "starts": _starts(turn, one)}) for one in mine]
    key = "attendance.mine" if len(claimable) < len(mine) else "attendance.mine_over"
    turn.show(key, classes=Lines(tuple(lines)), buttons=[*buttons, [_schedule()]])
    return None


def code_scanned(turn: Turn) -> State:
    """attendance:code:<class>_<code>, from the QR code's link."""
    outcome = attendance.check_in_by_link(turn.db, turn.person, turn.choice, turn.now, content=turn.content)
    return _tell(turn, outcome)


def code_typed(turn: Turn) -> State:
    letters = attendance.readable_code(turn.text) or ""
    outcome = attendance.check_in_by_code(turn.db, turn.person, letters, turn.now, content=turn.content)
    return _tell(turn, outcome)


def _tell(turn: Turn, outcome: attendance.CheckIn) -> State:
    match outcome:
        case attendance.CheckedIn(session):
            locate = Button("attendance.button.locate", f"attendance:locate:{session.id}")
            turn.say("attendance.checked_in", title=session.title, buttons=[[locate]])
        case attendance.AlreadyIn(session):
            turn.say("attendance.already_in", title=session.title)
        case attendance.NotEnrolled(session):
            several = len(people.persons_of(turn.db, turn.account)) > 1
            switch = [[Button("menu.button.people", "registration:people")]] if several else []
            turn.say("attendance.not_enrolled", title=session.title, buttons=[*switch, [_schedule()]])
        case attendance.TooEarly(session, opens_at):
            turn.say("attendance.too_early", title=session.title, opens=At(opens_at, _zone(turn, session)))
        case attendance.TooLate(session, None):
            turn.say("attendance.too_late", title=session.title, buttons=[[_schedule()]])
        case attendance.TooLate(session, until) if until is not None:
            was_there = Button("attendance.button.was_there", _claim(session, turn.person))
            turn.say(
                "attendance.code_over",
                title=session.title,
                until=At(until, _zone(turn, session)),
                buttons=[[was_there]],
            )
        case attendance.NotOpen(session):
            turn.say("attendance.not_open", title=session.title)
        case attendance.Stale(session):
            turn.say("attendance.stale", title=session.title)
        case attendance.WrongCode(session):
            turn.say("attendance.wrong_code", title=session.title)
        case attendance.TooManyTries(session):
            minutes = int(attendance.TRIES_FORGET.total_seconds() // 60)
            turn.say("attendance.too_many_tries", title=session.title, minutes=minutes)
        case attendance.NoCodeNow():
            turn.say("attendance.no_code_now", buttons=[[_schedule()]])
        case attendance.Cancelled(session):
            turn.say("attendance.cancelled", title=session.title, buttons=[[_schedule()]])
        case attendance.Unknown():
            turn.say("attendance.unknown", buttons=[[_schedule()]])
    return None


# --- participants: where they are, if they like ---------------------------------------------------------------------


def location_offered(turn: Turn) -> State:
    session = sessions.get(turn.db, turn.number() or 0)
    _ = turn.person
    if session is None:
        turn.say("attendance.unknown", buttons=[[_schedule()]])
        return None
    enter(turn.account, LOCATION, LOCATE)
    turn.keep(session=session.id)
    location_offered_again(turn)
    return LOCATE


def location_offered_again(turn: Turn) -> None:
    turn.asked = True
    turn.say("attendance.share_location", keyboard=Keyboard.SHARE_LOCATION)


def location_shared(turn: Turn) -> State:
    message = turn.update.message
    point = message.location if message else None
    session_id = int(turn.draft.get("session", 0))
    leave(turn.account, LOCATION)
    session = None
    if point is not None:
        session = attendance.note_location(turn.db, turn.person, session_id, point.latitude, point.longitude)
    turn.say("attendance.located" if session else "attendance.not_located", keyboard=Keyboard.REMOVE, plain=True)
    turn.follow("menu:show")
    return END


def wrote_instead_of_sharing(turn: Turn) -> State:
    """ "Kembali", or something else: nobody has to say where they are."""
    return location_kept_back(turn)


def location_kept_back(turn: Turn) -> State:
    leave(turn.account, LOCATION)
    turn.say("attendance.not_located", keyboard=Keyboard.REMOVE, plain=True)
    turn.follow("menu:show")
    return END


# --- participants: those who forgot ---------------------------------------------------------------------------------


def presence_claimed(turn: Turn) -> State:
    """attendance:claim:<class>:<person>"""
    person = _asked(turn)
    if person is None:
        return _stale(turn)
    outcome = attendance.claim(
        turn.db, person, turn.number() or 0, turn.now, content=turn.content, settings=turn.settings
    )
    match outcome:
        case attendance.Claimed(session):
            turn.toast("attendance.toast.claimed")
            turn.show("attendance.claimed", title=session.title)
        case attendance.AlreadyClaimed(session):
            turn.show("attendance.already_claimed", title=session.title)
        case attendance.AlreadyIn(session):
            turn.show("attendance.already_in", title=session.title)
        case attendance.Refused(session):
            turn.show("attendance.refused", title=session.title)
        case attendance.NotEnrolled(session):
            turn.show("attendance.not_enrolled", title=session.title, buttons=[[_schedule()]])
        case attendance.TooEarly(session, _):
            turn.show("attendance.code_still_good", title=session.title)
        case attendance.TooLate(session, _):
            turn.show("attendance.too_late", title=session.title, buttons=[[_schedule()]])
        case attendance.Cancelled(session):
            turn.show("attendance.cancelled", title=session.title, buttons=[[_schedule()]])
        case attendance.Unknown():
            turn.show("attendance.unknown", buttons=[[_schedule()]])
    return None


def absence_admitted(turn: Turn) -> State:
    """attendance:missed:<class>:<person>"""
    person = _asked(turn)
    session = attendance.not_there(turn.db, person, turn.number() or 0, turn.now) if person else None
    if session is None:
        return _stale(turn)
    turn.show("attendance.thanks_for_telling", title=session.title, buttons=[[_other_classes(session)]])
    return None


def reason_told(turn: Turn) -> State:
    """attendance:reason:<class>:<person>:<reason>"""
    person = _asked(turn)
    reason = turn.choice.rpartition(":")[2]
    if person is None or reason not in list(Reason):
        return _stale(turn)
    session = attendance.note_reason(
        turn.db,
        person,
        turn.number() or 0,
        Reason(reason),
        turn.now,
        content=turn.content,
        settings=turn.settings,
    )
    if session is None:
        return _stale(turn)
    turn.show(f"attendance.heard.{Reason(reason)}", buttons=[[_other_classes(session)]])
    return None


def _asked(turn: Turn) -> Person | None:
    """Whom of this phone the button was made for."""
    return turn.whose(turn.number(1))


def _stale(turn: Turn) -> State:
    turn.toast("menu.stale")
    return turn.follow("menu:show")


# --- trainers: the classes ------------------------------------------------------------------------------------------


def classes_asked_for(turn: Turn) -> State:
    """attendance:classes[:<page>]: from tomorrow back into the past."""
    turn.must_be_staff()
    page = min(turn.number() or 0, 1000)
    sites = None if turn.admin else turn.staff_sites
    found = attendance.classes_to_record(turn.db, sites, turn.now, limit=PAGE + 1, offset=page * PAGE)
    mine = [[Button("attendance.button.mine", "attendance:mine")]] if turn.registered else []
    if not found:
        turn.show("attendance.no_classes", buttons=mine)
        return None
    shown = found[:PAGE]
    buttons = [
        [
            Button(
                "attendance.button.class",
                f"attendance:class:{session.id}",
                {"title": session.title, "starts": _starts(turn, session)},
            )
        ]
        for session in shown
    ]
    if len(found) > PAGE:
        buttons.append([Button("attendance.button.older", f"attendance:classes:{page + 1}")])
    lines = Lines(tuple(_class_line(turn, session) for session in shown))
    turn.show("attendance.classes", classes=lines, buttons=[*buttons, *mine])
    return None


def class_picked(turn: Turn) -> State:
    session = _led(turn)
    return _no_class(turn) if session is None else _show_class(turn, session)


def _show_class(turn: Turn, session: ClassSession) -> State:
    numbers = attendance.count(turn.db, session)
    buttons: list[list[Button]] = []
    if session.cancelled_at is None and attendance.opens_at(session) <= turn.now <= attendance.closes_at(session):
        show = Button("attendance.button.open", f"attendance:open:{session.id}")
        close = Button("attendance.button.close", f"attendance:close:{session.id}")
        buttons.append([show, close] if numbers.open else [show])
    names = Button("attendance.button.names", f"attendance:names:{session.id}")
    finish = Button("attendance.button.finish", f"attendance:finish:{session.id}")
    begun = attendance.opens_at(session) <= turn.now
    if begun:
        buttons.append([names, finish] if session.ends_at <= turn.now and not numbers.settled else [names])
    key = "attendance.class_settled" if numbers.settled else "attendance.class" if begun else "attendance.class_ahead"
    turn.show(
        key,
        title=session.title,
        starts=_starts(turn, session),
        present=numbers.present,
        expected=numbers.expected,
        opens=At(attendance.opens_at(session), _zone(turn, session)),
        buttons=[*buttons, [_back_to("attendance:classes")]],
    )
    return None


def check_in_opened(turn: Turn) -> State:
    session = _led(turn)
    if session is None:
        return _no_class(turn)
    match attendance.open_check_in(turn.db, turn.account, session.id, turn.now, content=turn.content):
        case attendance.Opened(session):
            turn.note("check_in_opened", f"session:{session.id}", site_id=session.site_id)
            turn.say(
                "attendance.opened", title=session.title, closes=_at_time(turn, session), buttons=[[_see(session)]]
            )
        case attendance.AlreadyOpen():
            turn.toast("attendance.toast.shown_again")
        case attendance.TooEarly(session, opens_at):
            turn.show(
                "attendance.opens_later",
                title=session.title,
                opens=At(opens_at, _zone(turn, session)),
                buttons=[[_back_to("attendance:classes")]],
            )
        case attendance.TooLate(session, _):
            names = Button("attendance.button.names", f"attendance:names:{session.id}")
            turn.show("attendance.opens_no_more", title=session.title, buttons=[[names]])
        case attendance.Cancelled(session):
            turn.show("attendance.cancelled", title=session.title, buttons=[[_back_to("attendance:classes")]])
        case attendance.Unknown():
            return _no_class(turn)
    return None


def check_in_closed(turn: Turn) -> State:
    session = _led(turn)
    if session is None:
        return _no_class(turn)
    if attendance.close_check_in(turn.db, session, turn.now):
        turn.note("check_in_closed", f"session:{session.id}", site_id=session.site_id)
        turn.toast("attendance.toast.closed")
    return _show_class(turn, session)


# --- trainers: the list of names ------------------------------------------------------------------------------------


def names_asked_for(turn: Turn) -> State:
    """attendance:names:<class>[:<page>]"""
    session = _led(turn)
    if session is None:
        return _no_class(turn)
    turn.note("attendance_seen", f"session:{session.id}", site_id=session.site_id)
    return _show_names(turn, session, turn.number(1) or 0)


def _show_names(turn: Turn, session: ClassSession, page: int) -> State:
    everybody = attendance.names(turn.db, session)
    back = _back_to(f"attendance:class:{session.id}")
    if not everybody:
        turn.show("attendance.nobody", title=session.title, buttons=[[back]])
        return None
    pages = (len(everybody) + NAMES - 1) // NAMES
    page = min(page, pages - 1)
    shown = everybody[page * NAMES : (page + 1) * NAMES]
    buttons = [[_name_button(session, name, page)] for name in shown]
    turns = []
    if page > 0:
        turns.append(Button("attendance.button.previous", f"attendance:names:{session.id}:{page - 1}"))
    if page + 1 < pages:
        turns.append(Button("attendance.button.next", f"attendance:names:{session.id}:{page + 1}"))
    finish = [Button("attendance.button.finish", f"attendance:finish:{session.id}")]
    numbers = attendance.count(turn.db, session)
    last = [finish] if session.ends_at <= turn.now and not numbers.settled else []
    far = [name for name in shown if name.near is False]
    turn.show(
        "attendance.names" if pages > 1 else "attendance.names_at_once",
        title=session.title,
        starts=_starts(turn, session),
        present=numbers.present,
        expected=numbers.expected,
        page=page + 1,
        pages=pages,
        hints=_hints(numbers.claims, far),
        buttons=[*buttons, turns, *last, [back]],
    )
    return None


def _hints(claims: int, far: Sequence[attendance.Name]) -> Lines:
    lines = [Words("attendance.hint.claims", {"n": claims})] if claims else []
    lines += [Words("attendance.hint.far", {"who": Who(name.person.id)}) for name in far]
    return Lines(tuple(lines))


def _name_button(session: ClassSession, name: attendance.Name, page: int) -> Button:
    action = f"attendance:tick:{session.id}:{name.person.id}:{page}"
    who = {"who": Who(name.person.id)}
    match name.mark:
        case Mark.PRESENT:
            return Button("attendance.button.name_present", action, who)
        case Mark.CLAIMED:
            return Button("attendance.button.name_claimed", action, who)
        case Mark.ABSENT:
            return Button("attendance.button.name_absent", action, who)
    return Button("attendance.button.name_open", action, who)


def name_ticked(turn: Turn) -> State:
    """attendance:tick:<class>:<person>:<page>: present, and at the next tap absent."""
    session = _led(turn)
    if session is None:
        return _no_class(turn)
    person_id = turn.number(1) or 0
    known = attendance.mark_of(turn.db, session.id, person_id)
    present = known is None or known.mark != Mark.PRESENT
    return _mark(turn, session, person_id, present=present, page=turn.number(2) or 0)


def claim_confirmed(turn: Turn) -> State:
    """attendance:came:<class>:<person>"""
    return _answer_claim(turn, present=True)


def claim_refused(turn: Turn) -> State:
    """attendance:not_came:<class>:<person>"""
    return _answer_claim(turn, present=False)


def _answer_claim(turn: Turn, *, present: bool) -> State:
    session = _led(turn)
    if session is None:
        return _no_class(turn)
    return _mark(turn, session, turn.number(1) or 0, present=present, page=None)


def _mark(turn: Turn, session: ClassSession, person_id: int, *, present: bool, page: int | None) -> State:
    match attendance.mark(turn.db, turn.account, session.id, person_id, turn.now, present=present):
        case attendance.Marked(session, person, present):
            action = "presence_ticked" if present else "absence_ticked"
            turn.note(action, f"person:{person.id}", site_id=session.site_id, session=session.id)
            if page is None:
                key = "attendance.confirmed" if present else "attendance.denied"
                names = Button("attendance.button.names", f"attendance:names:{session.id}")
                turn.show(key, who=Who(person.id), title=session.title, buttons=[[names]])
                return None
            turn.toast("attendance.toast.present" if present else "attendance.toast.absent")
        case attendance.TooEarly(session, opens_at):
            turn.show(
                "attendance.opens_later",
                title=session.title,
                opens=At(opens_at, _zone(turn, session)),
                buttons=[[_back_to("attendance:classes")]],
            )
            return None
        case attendance.Cancelled(session):
            turn.show("attendance.cancelled", title=session.title, buttons=[[_back_to("attendance:classes")]])
            return None
        case _:  # gave the seat back, or erased their data, since the list was shown
            turn.toast("attendance.toast.gone")
    return _show_names(turn, session, page or 0)


def list_considered(turn: Turn) -> State:
    """attendance:finish:<class>: whom it touches, before it is done."""
    session = _led(turn)
    if session is None:
        return _no_class(turn)
    numbers = attendance.count(turn.db, session)
    finish = Button("attendance.button.really_finish", f"attendance:finished:{session.id}")
    turn.show(
        "attendance.finish",
        title=session.title,
        present=numbers.present,
        absent=numbers.expected - numbers.present,
        buttons=[[finish], [_back_to(f"attendance:names:{session.id}")]],
    )
    return None


def list_finished(turn: Turn) -> State:
    session = _led(turn)
    if session is None:
        return _no_class(turn)
    match attendance.settle(turn.db, session.id, turn.now, content=turn.content):
        case attendance.Settled(session, present, absent):
            turn.note(
                "attendance_settled", f"session:{session.id}", site_id=session.site_id, present=present, absent=absent
            )
            turn.show(
                "attendance.settled", title=session.title, present=present, absent=absent, buttons=[[_see(session)]]
            )
        case attendance.TooEarly(session, ends_at):
            ends = At(ends_at, _zone(turn, session))
            turn.show("attendance.settles_later", title=session.title, ends=ends, buttons=[[_see(session)]])
        case attendance.Cancelled(session):
            turn.show("attendance.cancelled", title=session.title, buttons=[[_back_to("attendance:classes")]])
        case attendance.Unknown():
            return _no_class(turn)
    return None


# --- small things ---------------------------------------------------------------------------------------------------


def _led(turn: Turn) -> ClassSession | None:
    """The class of the button, if this trainer looks after its site; refused otherwise, also where there is none."""
    turn.must_be_staff()
    session = sessions.get(turn.db, turn.number() or 0)
    if session is not None:
        turn.must_lead(session.site_id)
    return session


def _no_class(turn: Turn) -> State:
    turn.show("attendance.unknown", buttons=[[_back_to("attendance:classes")]])
    return None


def _class_line(turn: Turn, session: ClassSession) -> Words:
    numbers = attendance.count(turn.db, session)
    values: dict[str, Value] = {
        "title": session.title,
        "starts": _starts(turn, session),
        "present": numbers.present,
        "expected": numbers.expected,
    }
    if not numbers.expected:
        return Words("attendance.class_line.empty", values)
    if numbers.settled:
        return Words("attendance.class_line.settled", values)
    if session.ends_at <= turn.now and not numbers.present:
        return Words("attendance.class_line.unrecorded", values)
    return Words("attendance.class_line.open", values)


def _zone(turn: Turn, session: ClassSession) -> str:
    return turn.content.open_hours(session.site_id).zone


def _starts(turn: Turn, session: ClassSession) -> At:
    return At(session.starts_at, _zone(turn, session))


def _at_time(turn: Turn, session: ClassSession) -> At:
    return At(attendance.closes_at(session), _zone(turn, session))


def _claim(session: ClassSession, person: Person) -> str:
    return f"attendance:claim:{session.id}:{person.id}"


def _see(session: ClassSession) -> Button:
    return Button("attendance.button.see", f"attendance:class:{session.id}")


def _back_to(action: str) -> Button:
    return Button("button.back", action)


def _schedule() -> Button:
    return Button("enrolment.button.mine", "enrolment:mine")


def _other_classes(session: ClassSession) -> Button:
    return Button("button.other_classes", f"enrolment:classes:{session.site_id}")

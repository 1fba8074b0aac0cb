"""Who comes to a class: the list of names in pages and as a file; move somebody, free a seat, add who just came.

/peserta -> class -> names -> one of them -> move or free (told) · add a name, consent read out -> seat
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bot.capability import Capability, Command, Handlers
from bot.class_import.tables import CAPACITY
from bot.documents.xlsx_writer import MIME
from bot.people.people import Person, Purpose, Salutation
from bot.programme import class_changes, enrolment, privacy, registration, roster, sessions
from bot.programme.enrolment import Enrolment, EnrolmentStatus
from bot.programme.roster import Entry
from bot.programme.sessions import ClassSession
from bot.turns.pages import page_of
from bot.turns.router import Conversation, command, tap, typed
from bot.turns.turn import END, State, Turn, enter, leave
from bot.words.message import At, Button, File, Form, Lines, Message, Sheet, Value, Who, Words

ROSTER: Final = "roster"
NAME, CONSENT, FULL = "name", "consent", "full"
PAGE: Final = 10
"""Names on one screen."""
CLASSES: Final = 6
FILE_NAME: Final = "peserta.xlsx"


def handlers() -> Handlers:
    conversation = Conversation(
        ROSTER,
        entry_points=[tap("roster:walk_in", walk_in_came)],
        states={
            NAME: [typed(name_written)],
            CONSENT: [
                tap("roster:agreed", consent_given),
                tap("roster:refused", consent_refused),
                typed(question_repeated),
            ],
            FULL: [tap("roster:raise", seat_added), typed(question_repeated)],
        },
        fallbacks=[tap("roster:stop", broken_off), command("batal", broken_off)],
        resume=question_asked_again,
    )
    return [
        conversation,
        command("peserta", classes_asked_for),
        tap("roster:classes", classes_asked_for),
        tap("roster:list", names_asked_for),
        tap("roster:file", file_asked_for),
        tap("roster:one", one_picked),
        tap("roster:free", freeing_considered),
        tap("roster:freed", seat_freed),
        tap("roster:move", move_considered),
        tap("roster:to", target_picked),
        tap("roster:moved", moved),
    ]


CAPABILITY: Final = Capability("roster", handlers, commands=(Command("peserta", "trainer", place=20),))


# --- looking --------------------------------------------------------------------------------------------------------


def classes_asked_for(turn: Turn) -> State:
    """roster:classes[:<page>]: those of my sites, of the last days too: a list may be completed from paper."""
    turn.must_be_staff()
    leave(turn.account, ROSTER)
    found = sessions.of_sites(turn.db, turn.staff_sites, turn.now - roster.LATE)
    begun = [session for session in found if session.starts_at <= turn.now - timedelta(hours=12)]
    found = [*found[len(begun) :], *reversed(begun)]  # what is near comes first, what is past last
    page = page_of(found, turn.number(), CLASSES)
    buttons: list[Sequence[Button]] = [
        [
            Button(
                "roster.button.class",
                f"roster:list:{session.id}",
                {"title": session.title, "starts": _starts(turn, session)},
            )
        ]
        for session in page.items
    ]
    if page.after:
        buttons.append([Button("roster.button.more", f"roster:classes:{page.after}")])
    if not found:
        buttons.append([Button("menu.button.sessions", "sessions:list")])
    turn.show("roster.classes" if found else "roster.no_classes", buttons=buttons)
    return None


def names_asked_for(turn: Turn) -> State:
    """roster:list:<class>[:<page>]"""
    session = _mine(turn)
    if session is None:
        return classes_asked_for(turn)
    turn.note("roster_seen", f"session:{session.id}", site_id=session.site_id)
    _show_names(turn, session, turn.number(1) or 0)
    return None


def _show_names(turn: Turn, session: ClassSession, number: int) -> None:
    everybody = roster.entries(turn.db, session.id)
    page = page_of(everybody, number, PAGE)
    numbered = list(enumerate(page.items, page.first + 1))
    names = [
        Button("roster.button.one", f"roster:one:{one.enrolment_id}", {"n": at, "called": Who(one.person_id)})
        for at, one in numbered
    ]
    buttons: list[Sequence[Button]] = [names[at : at + 2] for at in range(0, len(names), 2)]
    pages = []
    if page.before is not None:
        pages.append(Button("roster.button.before", f"roster:list:{session.id}:{page.before}"))
    if page.after:
        pages.append(Button("roster.button.more", f"roster:list:{session.id}:{page.after}"))
    add = Button("roster.button.walk_in", f"roster:walk_in:{session.id}")
    file = [Button("roster.button.file", f"roster:file:{session.id}")] if everybody else []
    back = Button("roster.button.session", f"sessions:show:{session.id}")
    lines = Lines(tuple(_line(at, one) for at, one in numbered))
    turn.show(
        "roster.names" if everybody else "roster.nobody",
        _facts(turn, session),
        coming=sum(one.coming for one in everybody),
        waiting=sum(one.status is EnrolmentStatus.WAITLISTED for one in everybody),
        names=lines,
        buttons=[*buttons, pages, [add, *file], [back]],
    )


def _line(at: int, one: Entry) -> Words:
    return Words("roster.line", {"n": at, "called": Who(one.person_id), "status": _status(one)})


def _status(one: Entry) -> Words:
    if one.status is EnrolmentStatus.WAITLISTED:
        return Words("roster.status.waiting", {"place": one.place})
    if one.status is EnrolmentStatus.SEATED:
        if one.coming:
            return Words("roster.status.coming")
        return Words("roster.status.without_phone" if one.without_phone else "roster.status.silent")
    return Words(f"roster.status.{one.status.value}")


def file_asked_for(turn: Turn) -> State:
    """The whole list as .xlsx. It is made when it is sent: no row of ours holds the names."""
    session = _mine(turn)
    if session is None:
        return classes_asked_for(turn)
    everybody = roster.entries(turn.db, session.id)
    turn.note("roster_taken", f"session:{session.id}", site_id=session.site_id, rows=len(everybody))
    head = tuple(
        Words(key) for key in ("roster.head.number", "roster.head.name", "roster.head.status", "roster.head.since")
    )
    zone = _zone(turn, session)
    rows = tuple((at, Who(one.person_id), _status(one), At(one.since, zone)) for at, one in enumerate(everybody, 1))
    sheet = Sheet(Words("roster.head.title"), head, rows)
    turn.send(
        Message("roster.file", _facts(turn, session), form=Form.DOCUMENT, file=File(FILE_NAME, MIME), sheets=(sheet,))
    )
    return None


def one_picked(turn: Turn) -> State:
    found = _one(turn)
    if found is None:
        return classes_asked_for(turn)
    one, person, session = found
    buttons: list[Sequence[Button]] = []
    if session.starts_at > turn.now and one.status in enrolment.LIVE:
        buttons.append(
            [
                Button("roster.button.move", f"roster:move:{one.id}"),
                Button("roster.button.free", f"roster:free:{one.id}"),
            ]
        )
    entry = next((line for line in roster.entries(turn.db, session.id) if line.enrolment_id == one.id), None)
    status = _status(entry) if entry else Words("roster.status.gone")
    back = [[_back_to(session)]]
    turn.show("roster.one", _facts(turn, session), called=Who(person.id), status=status, buttons=[*buttons, *back])
    return None


# --- freeing a seat, moving somebody ----------------------------------------------------------------------------------


def freeing_considered(turn: Turn) -> State:
    found = _one(turn)
    if found is None:
        return classes_asked_for(turn)
    one, person, session = found
    if one.status not in enrolment.LIVE or session.starts_at <= turn.now:
        return _too_late(turn, session)
    really = Button("roster.button.really_free", f"roster:freed:{one.id}")
    key = "roster.free_line" if one.status == EnrolmentStatus.WAITLISTED else "roster.free"
    turn.show(key, _facts(turn, session), called=Who(person.id), buttons=[[really], [_back_to(session)]])
    return None


def seat_freed(turn: Turn) -> State:
    found = _one(turn)
    if found is None:
        return classes_asked_for(turn)
    one, person, session = found
    match roster.free(turn.db, one.id, turn.now, zone=_zone(turn, session)):
        case enrolment.Withdrawn(session):
            turn.note("seat_freed", f"person:{person.id}", site_id=session.site_id, session=session.id)
            turn.show("roster.freed", _facts(turn, session), called=Who(person.id), buttons=[[_back_to(session)]])
        case _:
            return _too_late(turn, session)
    return None


def move_considered(turn: Turn) -> State:
    """roster:move:<line>: into which class of the same site?"""
    found = _one(turn)
    if found is None:
        return classes_asked_for(turn)
    one, person, session = found
    others = [
        other
        for other in sessions.upcoming(turn.db, session.site_id, turn.now)
        if other.id != session.id and enrolment.has_seat_for_newcomers(turn.db, other, turn.now)
    ]
    if one.status not in enrolment.LIVE or session.starts_at <= turn.now:
        return _too_late(turn, session)
    buttons: list[Sequence[Button]] = [
        [
            Button(
                "roster.button.class",
                f"roster:to:{one.id}:{other.id}",
                {"title": other.title, "starts": _starts(turn, other)},
            )
        ]
        for other in others[:CLASSES]
    ]
    key = "roster.move" if others else "roster.move_nowhere"
    turn.show(key, _facts(turn, session), called=Who(person.id), buttons=[*buttons, [_back_to(session)]])
    return None


def target_picked(turn: Turn) -> State:
    """roster:to:<line>:<class>: say it back before doing it."""
    found, target = _one(turn), sessions.get(turn.db, turn.number(1) or 0)
    if found is None or target is None:
        return classes_asked_for(turn)
    turn.must_lead(target.site_id)
    one, person, session = found
    really = Button("roster.button.really_move", f"roster:moved:{one.id}:{target.id}")
    turn.show(
        "roster.move_confirm",
        _facts(turn, target),
        called=Who(person.id),
        left=session.title,
        buttons=[[really], [_back_to(session)]],
    )
    return None


def moved(turn: Turn) -> State:
    found, target = _one(turn), sessions.get(turn.db, turn.number(1) or 0)
    if found is None or target is None:
        return classes_asked_for(turn)
    turn.must_lead(target.site_id)
    one, person, session = found
    if one.status not in enrolment.LIVE or session.starts_at <= turn.now:
        return _too_late(turn, session)
    match roster.move(turn.db, one.id, target.id, turn.now, zone=_zone(turn, target)):
        case enrolment.Moved(target, left):
            details = {"left": left.id, "session": target.id}
            turn.note("person_moved", f"person:{person.id}", site_id=target.site_id, **details)
            buttons = [[_back_to(target), _back_to(left, "roster.button.old")]]
            turn.show("roster.moved", _facts(turn, target), called=Who(person.id), buttons=buttons)
        case enrolment.Clash(_, other):
            turn.show("roster.clash", _facts(turn, other), called=Who(person.id), buttons=[[_back_to(session)]])
        case enrolment.AlreadySeated(target):
            turn.show("roster.already", _facts(turn, target), called=Who(person.id), buttons=[[_back_to(session)]])
        case enrolment.OfferGone(target) | enrolment.Waitlisted(target, _) | enrolment.AlreadyWaiting(target, _):
            turn.show("roster.target_full", _facts(turn, target), buttons=[[_back_to(session)]])
        case _:
            return _too_late(turn, target)
    return None


def _too_late(turn: Turn, session: ClassSession) -> State:
    """The class began, was cancelled, or the person left it in the meantime."""
    turn.show("roster.too_late", _facts(turn, session), buttons=[[_back_to(session)]])
    return None


# --- who came without registering -------------------------------------------------------------------------------------


def walk_in_came(turn: Turn) -> State:
    session = _mine(turn)
    if session is None:
        return classes_asked_for(turn)
    if session.cancelled_at is not None or session.ends_at + roster.LATE <= turn.now:
        return _too_late(turn, session)
    enter(turn.account, ROSTER, NAME)
    turn.account.draft = {"session": session.id}
    return _ask_name(turn, session)


def question_asked_again(turn: Turn) -> None:
    session = _of_draft(turn)
    if session is None:
        leave(turn.account, ROSTER)
        classes_asked_for(turn)
    elif turn.account.state == NAME:
        _ask_name(turn, session)
    elif turn.account.state == FULL:
        _ask_to_raise(turn, session)
    else:
        _ask_consent(turn)


def question_repeated(turn: Turn) -> State:
    question_asked_again(turn)
    return turn.account.state or END


def _ask_name(turn: Turn, session: ClassSession, *, again: bool = False) -> State:
    enter(turn.account, ROSTER, NAME)
    turn.asked = True
    key = "roster.walk_in.name_again" if again else "roster.walk_in.name"
    turn.show(key, _facts(turn, session), buttons=[[_stop()]])
    return NAME


def name_written(turn: Turn) -> State:
    session = _of_draft(turn)
    if session is None:
        return broken_off(turn)
    name = registration.readable_name(turn.text)
    if name is None:
        return _ask_name(turn, session, again=True)
    salutation = registration.readable_salutation(turn.text.split()[0]) or Salutation.KAKAK
    turn.keep(name=name, salutation=salutation.value)
    return _ask_consent(turn)


def _ask_consent(turn: Turn) -> State:
    """The text of consent 1, to be read out; what was agreed to and in which version is logged."""
    enter(turn.account, ROSTER, CONSENT)
    turn.asked = True
    text = Words("registration.consent.short", {"controller": turn.settings.data_controller, "kept": _kept(turn)})
    agreed, refused = Button("roster.button.agreed", "roster:agreed"), Button("roster.button.refused", "roster:refused")
    turn.say("roster.walk_in.consent", name=turn.draft["name"], text=text, buttons=[[agreed, refused]], secret=True)
    return CONSENT


def consent_given(turn: Turn) -> State:
    session = _of_draft(turn)
    if session is None:
        return broken_off(turn)
    return _add(turn, session)


def consent_refused(turn: Turn) -> State:
    """Nothing is kept; whoever does not agree may still sit in."""
    session = _of_draft(turn)
    leave(turn.account, ROSTER)
    turn.show("roster.walk_in.refused", buttons=[[_back_to(session)]] if session else [])
    return END


def _add(turn: Turn, session: ClassSession) -> State:
    match roster.add_walk_in(
        turn.db,
        session,
        name=turn.draft["name"],
        salutation=Salutation(turn.draft["salutation"]),
        text_version=turn.content.consent_version(Purpose.TRAINING),
        language=turn.language,
        now=turn.now,
    ):
        case roster.WalkedIn(session, person):
            leave(turn.account, ROSTER)
            turn.note("walk_in_added", f"person:{person.id}", site_id=session.site_id, session=session.id)
            again = Button("roster.button.walk_in", f"roster:walk_in:{session.id}")
            facts = _facts(turn, session)
            turn.say("roster.walk_in.added", facts, called=Who(person.id), buttons=[[again, _back_to(session)]])
        case roster.Full(session):
            return _ask_to_raise(turn, session)
        case roster.OthersWait(session, waiting):
            leave(turn.account, ROSTER)
            turn.show("roster.walk_in.others_wait", _facts(turn, session), n=waiting, buttons=[[_back_to(session)]])
        case roster.Closed(session):
            leave(turn.account, ROSTER)
            return _too_late(turn, session)
    return END


def _ask_to_raise(turn: Turn, session: ClassSession) -> State:
    enter(turn.account, ROSTER, FULL)
    turn.asked = True
    more = [Button("roster.button.raise", "roster:raise")] if session.capacity < CAPACITY[1] else []
    turn.show("roster.walk_in.full", _facts(turn, session), buttons=[more, [_stop()]])
    return FULL


def seat_added(turn: Turn) -> State:
    """One seat more, by the trainer's own decision; then the seat is taken."""
    session = _of_draft(turn)
    if session is None:
        return broken_off(turn)
    leads, zone = turn.content.leads(session.site_id), _zone(turn, session)
    size = min(session.capacity + 1, CAPACITY[1])
    outcome = class_changes.change(turn.db, session, turn.now, capacity=size, leads=leads, zone=zone)
    if isinstance(outcome, class_changes.Changed):
        turn.note("seat_added", f"session:{session.id}", site_id=session.site_id, seats=size)
    return _add(turn, session)


def broken_off(turn: Turn) -> State:
    session = sessions.get(turn.db, turn.draft.get("session") or 0)
    leave(turn.account, ROSTER)
    turn.show("roster.walk_in.stopped", buttons=[[_back_to(session)]] if session else [])
    return END


# --- small things -----------------------------------------------------------------------------------------------------


def _mine(turn: Turn) -> ClassSession | None:
    """The class that was picked, if its site is one of mine; refused if it is somebody else's."""
    turn.must_be_staff()
    session = sessions.get(turn.db, turn.number() or 0)
    if session is not None:
        turn.must_lead(session.site_id)
    return session


def _one(turn: Turn) -> tuple[Enrolment, Person, ClassSession] | None:
    """The line of the roster that was picked; refused if its class is at somebody else's site."""
    turn.must_be_staff()
    found = roster.entry(turn.db, turn.number() or 0)
    if found is not None:
        turn.must_lead(found[2].site_id)
    return found


def _of_draft(turn: Turn) -> ClassSession | None:
    turn.must_be_staff()
    session = sessions.get(turn.db, turn.draft.get("session") or 0)
    if session is not None:
        turn.must_lead(session.site_id)
    return session


def _kept(turn: Turn) -> Words:
    programme = turn.content.programme
    if programme.kept_until is None:
        return Words("registration.kept.months", {"n": programme.retention.profile_months})
    return Words("registration.kept.date", {"date": At(privacy.noon(programme.kept_until), privacy.ZONE)})


def _zone(turn: Turn, session: ClassSession) -> str:
    return turn.content.open_hours(session.site_id).zone


def _starts(turn: Turn, session: ClassSession) -> At:
    return At(session.starts_at, _zone(turn, session))


def _facts(turn: Turn, session: ClassSession) -> dict[str, Value]:
    return {
        "title": session.title,
        "starts": _starts(turn, session),
        "taken": session.seats_taken,
        "capacity": session.capacity,
    }


def _back_to(session: ClassSession, key: str = "roster.button.list") -> Button:
    return Button(key, f"roster:list:{session.id}")


def _stop() -> Button:
    return Button("button.cancel", "roster:stop")

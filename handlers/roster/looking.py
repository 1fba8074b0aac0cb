"""The classes of the trainer's sites, the names of one, also as a file, and one of the names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from bot.actions.attendance import SeeNames
from bot.actions.call_list import SeeCalls
from bot.actions.mentoring import WriteToPerson
from bot.actions.paper import GetAttendanceFile, GetSheet, SeePastClasses
from bot.actions.roster import (
    AddWalkIn,
    ConsiderErasingWalkIn,
    ConsiderFreeing,
    CorrectWalkInName,
    CorrectWalkInNumber,
    ForgetWalkInNumber,
    GetRosterFile,
    PickMerge,
    PickTarget,
    PickWalkInAddress,
    SeeLine,
    SeePerson,
    SeeRoster,
    SeeRosters,
)
from bot.actions.sessions import SeeMyClass, SeeMyClasses
from bot.documents.file_names import file_name
from bot.documents.xlsx_writer import MIME
from bot.people import namesakes
from bot.people.people import Person
from bot.programme import attendance, enrolment, paper, roster, sessions
from bot.programme.attendance import Mark
from bot.programme.enrolment import Enrolment, EnrolmentStatus
from bot.programme.roster import Entry
from bot.programme.sessions import ClassSession
from bot.turns.class_buttons import class_button
from bot.turns.pages import in_pairs, page_of
from bot.turns.turn import Turn
from bot.turns.typed_below import is_of_list, was_forwarded
from bot.words.message import At, Button, File, Form, Lines, Message, Sheet, Value, Words
from bot.words.typed_buttons import actions_of
from bot.words.typed_presence import BACK, CLOSE, DONE, EVERYBODY, NEXT, UNDO
from bot.words.typed_text import cleaned
from handlers.roster.parts import CLASSES, PAGE, apart, back_to, class_of, facts_of, line_of, person_of

ROSTER: Final = "roster"
"""The conversation."""
LISTS: Final = (
    "roster.names",
    "roster.names_begun",
    "roster.nobody",
    "roster.found",
    "roster.found_nobody",
    "roster.no_such_number",
)
"""Messages below which a name may be typed."""
NUMBER: Final = re.compile(r"(?:no\.?|nomor)?\s*(\d{1,4})[.)]?", re.IGNORECASE)
"""The number that stands before a name on the list."""
LONGEST: Final = 40
"""So many letters may be a name."""


def classes_asked_for(turn: Turn, action: SeeRosters) -> None:
    """Shows the classes of the trainer's sites, those of the last days too: a list may be completed from paper."""
    turn.must_be_staff()
    turn.leave(ROSTER)
    found = sessions.of_sites(turn.db, turn.staff_sites, turn.now - roster.LATE)
    begun = [session for session in found if session.starts_at <= turn.now - timedelta(hours=12)]
    found = [*found[len(begun) :], *reversed(begun)]  # what is near comes first, what is past last
    page = page_of(found, action.page, CLASSES)
    buttons: list[Sequence[Button]] = [[class_button(turn, session, SeeRoster(session.id))] for session in page.items]
    if page.after:
        buttons.append([Button("roster.button.more", SeeRosters(page.after))])
    buttons.append([Button("paper.button.past", SeePastClasses())])
    if not found:
        buttons.append([Button("menu.button.sessions", SeeMyClasses())])
    turn.show("roster.classes" if found else "roster.no_classes", buttons=buttons)


def names_asked_for(turn: Turn, action: SeeRoster) -> None:
    session = class_of(turn, action.session)
    if session is None:
        return classes_asked_for(turn, SeeRosters())
    turn.note("roster_seen", f"session:{session.id}", site_id=session.site_id)
    show_names(turn, session, action.page)


def show_names(turn: Turn, session: ClassSession, number: int) -> None:
    everybody = roster.entries(turn.db, session.id)
    numbers = roster.numbers_of(everybody)
    page = page_of(everybody, number, PAGE)
    numbered = list(enumerate(page.items, page.first + 1))
    called = _called(turn, session, everybody)
    names = [_name_button(at, one, called) for at, one in numbered]
    buttons = in_pairs(names)
    pages = []
    if page.before is not None:
        pages.append(Button("roster.button.before", SeeRoster(session.id, page.before)))
    if page.after:
        pages.append(Button("roster.button.more", SeeRoster(session.id, page.after)))
    add = Button("roster.button.walk_in", AddWalkIn(session.id))
    file = [Button("roster.button.file", GetRosterFile(session.id))] if everybody else []
    calls = [Button("call_list.button.see", SeeCalls(session.id))] if everybody and session.ends_at > turn.now else []
    back = Button("roster.button.session", SeeMyClass(session.id))
    lines = Lines(tuple(_line(at, one, called, _status(turn, session, one)) for at, one in numbered))
    recorded = attendance.count(turn.db, session)
    begun = "roster.names_begun" if session.starts_at <= turn.now else "roster.names"
    turn.show(
        begun if everybody else "roster.nobody",
        facts_of(turn, session),
        present=recorded.present,
        absent=recorded.absent,
        seated=numbers.seated,
        offered=numbers.offered,
        waiting=numbers.waiting,
        coming=numbers.coming,
        names=lines,
        buttons=[*buttons, pages, [add, *file], calls, [Button("paper.button.sheet", GetSheet(session.id))], [back]],
    )


def _line(at: int, one: Entry, called: Mapping[int, Value], status: Words) -> Words:
    return Words("roster.line", {"n": at, "called": called[one.person_id], "status": status})


def _name_button(at: int, one: Entry, called: Mapping[int, Value]) -> Button:
    return Button("roster.button.one", SeeLine(one.enrolment_id), {"n": at, "called": called[one.person_id]})


def _called(turn: Turn, session: ClassSession, everybody: Sequence[Entry]) -> dict[int, Value]:
    """Returns what each person of the list is called; namesakes with what tells them apart."""
    return namesakes.called((one.person for one in everybody), turn.zone(session.site_id))


def _status(turn: Turn, session: ClassSession, one: Entry) -> Words:
    """Returns what is known of somebody in the class. Once it has begun, what they answered before no longer counts,
    but that they come late, while it lasts: it is said that nothing is recorded yet."""
    if one.status is EnrolmentStatus.WAITLISTED:
        return Words("roster.status.waiting", {"place": one.place})
    if one.present and one.status is not EnrolmentStatus.GUEST:
        return Words("roster.status.attended")
    if one.mark is Mark.ABSENT:
        return Words("roster.status.absent")
    if one.mark is Mark.CLAIMED:
        return Words("roster.status.claimed")
    if one.status is EnrolmentStatus.SEATED:
        if one.late and session.ends_at > turn.now:
            return Words("roster.status.late")
        if session.starts_at <= turn.now:
            return Words("roster.status.not_yet")
        if one.coming:
            return Words("roster.status.coming")
        if one.unreachable:
            return Words("roster.status.unreachable")
        return Words("roster.status.without_phone" if one.without_phone else "roster.status.silent")
    return Words(f"roster.status.{one.status.value}")


def file_asked_for(turn: Turn, action: GetRosterFile) -> None:
    """Sends the whole list as .xlsx; once the class has begun, who was there. It is made when it is sent, so that no
    row holds the names."""
    session = class_of(turn, action.session)
    if session is None:
        return classes_asked_for(turn, SeeRosters())
    if session.starts_at <= turn.now:
        return turn.follow(GetAttendanceFile(session.id))
    everybody = roster.entries(turn.db, session.id)
    turn.note("roster_taken", f"session:{session.id}", site_id=session.site_id, rows=len(everybody))
    head = tuple(
        Words(key) for key in ("roster.head.number", "roster.head.name", "roster.head.status", "roster.head.since")
    )
    zone = turn.zone(session.site_id)
    called = _called(turn, session, everybody)
    rows = tuple(
        (at, called[one.person_id], _status(turn, session, one), At(one.since, zone))
        for at, one in enumerate(everybody, 1)
    )
    sheet = Sheet(Words("roster.head.title"), head, rows)
    site = turn.content.site(session.site_id)
    turn.send(
        Message(
            "roster.file",
            facts_of(turn, session),
            form=Form.DOCUMENT,
            file=File(file_name("peserta", session.title, session.starts_at, zone, "xlsx"), MIME),
            sheets=(sheet,),
            about=paper.about(session, site=site.name if site else session.site_id, zone=zone),
        )
    )


def one_picked(turn: Turn, action: SeeLine) -> None:
    found = line_of(turn, action.line)
    if found is None:
        return classes_asked_for(turn, SeeRosters())
    _show_person(turn, found[1], found[2], found[0])


def person_asked_for(turn: Turn, action: SeePerson) -> None:
    """Shows the card of a person, also of one who has left the class."""
    person = person_of(turn, action.person)
    session = class_of(turn, action.session) if action.session else None
    if person is None or session is None:
        return classes_asked_for(turn, SeeRosters())
    _show_person(turn, person, session, enrolment.enrolment_of(turn.db, person, session.id))


def _show_person(turn: Turn, person: Person, session: ClassSession, one: Enrolment | None) -> None:
    """Shows what can be done about a person: their seat, and what is kept of them if they have no phone of their own
    here."""
    buttons: list[Sequence[Button]] = []
    if one is not None and session.starts_at > turn.now and one.status in enrolment.LIVE:
        move = Button("roster.button.move", PickTarget(one.id))
        buttons.append([move, Button("roster.button.free", ConsiderFreeing(one.id))])
    whom = (person.id, session.id)
    if one is not None and person.account_id is not None and person.anonymised_at is None:
        buttons.append([Button("mentoring.button.write", WriteToPerson(*whom))])
    if person.account_id is None and person.anonymised_at is None:
        name = Button("roster.button.rename", CorrectWalkInName(*whom))
        buttons.append([name, Button("roster.button.address", PickWalkInAddress(*whom))])
        number = Button("roster.button.number", CorrectWalkInNumber(*whom))
        without = [Button("roster.button.no_number", ForgetWalkInNumber(*whom))] if person.phone else []
        buttons.append([number, *without])
        buttons.append([Button("roster.button.same", PickMerge(*whom)), _erase(*whom)])
    elif person.anonymised_at is None:
        buttons.append([Button("roster.button.same", PickMerge(*whom))])
    lines = roster.entries(turn.db, session.id)
    entry = next((line for line in lines if one is not None and line.enrolment_id == one.id), None)
    status = _status(turn, session, entry) if entry else Words("roster.status.gone")
    turn.show(
        "roster.one",
        facts_of(turn, session),
        called=apart(turn, person),
        status=status,
        buttons=[*buttons, [back_to(session)]],
    )


def _erase(person: int, session: int) -> Button:
    return Button("roster.button.erase", ConsiderErasingWalkIn(person, session))


# --- a name typed below the list --------------------------------------------------------------------------------------


def name_typed(turn: Turn) -> bool:
    """Shows the people whose number or part of a name was typed while a list of names is the newest message. Returns
    False for everything else, and for what means something by itself. Where a question is open above the list, what is
    no name of it is left to the question."""
    asked = turn.account.conversation is not None
    if was_forwarded(turn) or not turn.text or len(turn.text) > LONGEST:
        return False
    said = turn.newest.said
    if said is None or said.key not in LISTS or turn.text.startswith("/"):
        return False
    buttons = [button.data for row in said.buttons for button in row if button.data]
    listed = next((found for data in buttons if (found := AddWalkIn.parse(data)) is not None), None)
    session = sessions.get(turn.db, listed.session) if listed is not None else None
    if session is None or not is_of_list(turn, session.site_id):
        return False
    if not asked and _way_typed(turn, session, said):
        return True
    everybody = roster.entries(turn.db, session.id)
    number = NUMBER.fullmatch(cleaned(turn.text))
    wanted = roster.folded(turn.text)
    fitting = [
        (at, one)
        for at, one in enumerate(everybody, 1)
        if (number is not None and at == int(number[1]))
        or roster.likeness_of(wanted, roster.folded(one.name), shortest=2) >= roster.ALIKE
    ]
    if not fitting and asked:
        return False
    if not fitting and number is None and (not wanted or turn.content.is_no_name(cleaned(turn.text))):
        return False
    turn.note("roster_seen", f"session:{session.id}", site_id=session.site_id)
    if number is not None and fitting:
        turn.follow(SeeLine(fitting[0][1].enrolment_id))
        return True
    called = _called(turn, session, everybody)
    shown = fitting[:PAGE]
    names = [_name_button(at, one, called) for at, one in shown]
    add = Button("roster.button.walk_in", AddWalkIn(session.id))
    key = "roster.found" if fitting else "roster.found_nobody" if number is None else "roster.no_such_number"
    turn.show(
        key,
        facts_of(turn, session),
        n=len(everybody),
        names=Lines(tuple(_line(at, one, called, _status(turn, session, one)) for at, one in shown)),
        buttons=[*([one] for one in names), [add, back_to(session)]],
    )
    return True


def _way_typed(turn: Turn, session: ClassSession, said: Message) -> bool:
    """Words that lead somewhere: the next names, back, and to the list in which presence is recorded. Nothing is to be
    closed or undone here, which is said."""
    typed = cleaned(turn.text).casefold().strip(" .!")
    pages = [action for action in actions_of(said) if isinstance(action, SeeRoster) and action.page]
    has_next = any(button.key == "roster.button.more" for row in said.buttons for button in row)
    if NEXT.fullmatch(typed):
        turn.follow(pages[-1] if has_next and pages else SeeRoster(session.id))
    elif BACK.fullmatch(typed):
        turn.follow(SeeRosters())
    elif any(form.fullmatch(typed) for form in (DONE, UNDO, CLOSE, EVERYBODY)):
        names = Button("roster.button.attendance", SeeNames(session.id))
        key = "roster.recorded_elsewhere" if EVERYBODY.fullmatch(typed) else "roster.nothing_to_end"
        turn.say(key, facts_of(turn, session), buttons=[[names], [back_to(session)]])
    else:
        return False
    return True

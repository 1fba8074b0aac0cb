"""Who just came is added to a class: somebody the bot knows, somebody new, or a whole list of them.

a name -> somebody known like it? -> seat · else the consent read out -> seat · several names, one a line: read out once
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.actions.roster import (
    AddKnown,
    AddKnownOfList,
    AddSeat,
    AddSomebodyElse,
    AddWalkIn,
    LeaveOutWalkIn,
    PickWhoIsKnown,
    PickWhoRefused,
    SeeRoster,
    SeeRosters,
    StopWalkIn,
    WalkInAgreed,
    WalkInRefused,
)
from bot.class_import.cells import CAPACITY
from bot.people.people import Person, Purpose, Salutation
from bot.programme import attendance, class_changes, consents, privacy, registration, roster, sessions
from bot.programme.roster import Unread, Written
from bot.programme.sessions import ClassSession
from bot.turns.led import led
from bot.turns.pages import in_pairs
from bot.turns.turn import Turn
from bot.words.action import version_of
from bot.words.message import Button, Called, Lines, Value, Who, Words
from handlers.roster.doubts import doubts_about, doubts_about_number, known_of, listed
from handlers.roster.looking import ROSTER, classes_asked_for
from handlers.roster.parts import back_to, called_in, class_of, facts_of, known_lines, too_late
from handlers.roster.tapped_twice import said_who_was_added

NAME, KNOWN, CONSENT, FULL = "name", "known", "consent", "full"
OfList = PickWhoRefused | LeaveOutWalkIn | PickWhoIsKnown | AddKnownOfList
"""Answers about the lines of a list."""
OFFERED: Final = 5
"""So many people who may be meant are offered."""


def walk_in_came(turn: Turn, action: AddWalkIn) -> None:
    session = class_of(turn, action.session)
    if session is None:
        return classes_asked_for(turn, SeeRosters())
    if not roster.may_be_added_to(session, turn.now):
        return too_late(turn, session)
    turn.enter(ROSTER, NAME, session=session.id)
    _ask_name(turn, session)


def question_asked_again(turn: Turn) -> None:
    session = of_draft(turn)
    if session is None:
        turn.leave(ROSTER)
        classes_asked_for(turn, SeeRosters())
    elif turn.account.state == NAME:
        _ask_name(turn, session)
    elif turn.account.state == KNOWN:
        _ask_whether_known(turn, session, _alike(turn, session))
    elif turn.account.state == FULL and session.seats_taken < session.capacity:
        _add(turn, session)  # somebody gave a seat back since the question was put
    elif turn.account.state == FULL:
        _ask_to_raise(turn, session)
    else:
        ask_consent(turn)


# --- who it is ------------------------------------------------------------------------------------------------------


def _ask_name(turn: Turn, session: ClassSession, *, again: bool = False) -> None:
    turn.ask(ROSTER, NAME)
    key = "roster.walk_in.name_again" if again else "roster.walk_in.name"
    if again and roster.is_of_several(turn.text):
        key = "roster.walk_in.one_a_line"
    turn.show(key, facts_of(turn, session), buttons=[[_stop()]])


def list_with_secrets_heard(turn: Turn) -> bool:
    """Reads a list in which some lines hold a number as on an identity card without these lines, and says so. Returns
    False for everything else, and where nothing would be left."""
    if turn.account.conversation != ROSTER or turn.account.state not in (NAME, KNOWN, CONSENT):
        return False
    lines = turn.text.splitlines()
    secret = [number for number, line in enumerate(lines, 1) if privacy.holds_secret_number(line)]
    session = of_draft(turn) if secret else None
    people, unread = roster.people_in("\n".join("" if at in secret else line for at, line in enumerate(lines, 1)))
    if session is None or not people:
        return False
    if turn.account.state == CONSENT and "people" in turn.draft:
        people = _joined(people_of_draft(turn), people)
    _keep_people(turn, people, unread)
    turn.keep(secret=secret)
    ask_consent(turn)
    return True


def name_written(turn: Turn) -> None:
    """Takes one name, or several, one a line. Of one name it asks first whether somebody known is meant."""
    session = of_draft(turn)
    if session is None:
        return broken_off(turn)
    if turn.account.state == KNOWN and _number_written(turn):
        return _ask_whether_known(turn, session, _alike(turn, session))
    people, unread = roster.people_in(turn.text)
    if not people:
        return _ask_name(turn, session, again=True)
    if len(people) + len(unread) > 1:
        _keep_people(turn, people, unread)
        return ask_consent(turn)
    one = people[0]
    for fact in ("people", "unread", "secret", "seated", "agreed", "numbers"):
        turn.take_back(fact)
    turn.keep(name=one.name, salutation=one.salutation.value)
    _keep_number(turn, one.phone, one.odd_phone)
    alike = _alike(turn, session)
    if alike:
        _ask_whether_known(turn, session, alike)
    else:
        ask_consent(turn)


def more_written(turn: Turn) -> None:
    """Takes, while the consent is asked for, the telephone number of the person who is added, or more lines of a list.
    A line that names somebody whose number could not be read takes the place of that person's line."""
    session = of_draft(turn)
    if session is not None and _number_written(turn):
        return ask_consent(turn)
    people, unread = roster.people_in(turn.text)
    if session is None or not people or "people" not in turn.draft:
        return question_asked_again(turn)
    _keep_people(turn, _joined(people_of_draft(turn), people), unread)
    ask_consent(turn)


def _joined(known_people: Sequence[Written], more: Sequence[Written]) -> list[Written]:
    """Returns the people of a list and those who were written afterwards: who stands there with a number that could not
    be read is replaced."""
    everybody = list(known_people)
    for one in more:
        same = (at for at, known in enumerate(everybody) if known.odd_phone and _same_name(known.name, one.name))
        at = next(same, None)
        if at is None:
            everybody.append(one)
        else:
            everybody[at] = one
    return everybody


def _number_written(turn: Turn) -> bool:
    """Keeps the number of the one who is being added, if that was written: alone, or behind the same name."""
    name = turn.draft.get("name")
    if "people" in turn.draft or not name:
        return False
    phone, odd = roster.number_in(turn.text)
    people, _ = roster.people_in(turn.text)
    if not phone and not odd and len(people) == 1 and _same_name(people[0].name, name):
        phone, odd = people[0].phone, people[0].odd_phone
    if phone or odd:
        _keep_number(turn, phone, odd)
    return bool(phone or odd)


def _same_name(first: str, second: str) -> bool:
    return roster.folded(first) == roster.folded(second)


def _alike(turn: Turn, session: ClassSession) -> list[roster.Known]:
    text = f"{turn.draft['name']} {turn.draft.get('phone') or ''}"
    return roster.alike(turn.db, [session.site_id], text, limit=OFFERED)


def _ask_whether_known(turn: Turn, session: ClassSession, alike: Sequence[roster.Known]) -> None:
    turn.ask(ROSTER, KNOWN)
    buttons: list[Sequence[Button]] = [
        [Button("roster.button.known", AddKnown(session.id, one.person_id), {"n": at, "called": Who(one.person_id)})]
        for at, one in enumerate(alike, 1)
    ]
    other = Button("roster.button.other", AddSomebodyElse(version_of_draft(turn)))
    turn.say(
        "roster.walk_in.known",
        facts_of(turn, session),
        name=turn.draft["name"],
        people=known_lines(turn, alike),
        doubts=doubts_about_number(turn),
        buttons=[*buttons, [other, _stop()]],
        secret=True,
    )


def known_picked(turn: Turn, action: AddKnown) -> None:
    """Gives somebody known a seat and, during or after the class, records them as present, in one step; they are told
    on their phone."""
    session = class_of(turn, action.session)
    if session is None:
        return classes_asked_for(turn, SeeRosters())
    person = turn.db.get(Person, action.person)
    if person is None or person.anonymised_at is not None:
        turn.toast("roster.toast.gone")
        return question_asked_again(turn) if turn.account.conversation == ROSTER else turn.follow(SeeRoster(session.id))
    turn.must_lead(person.site_id)
    if action.capacity > session.capacity and session.seats_taken >= session.capacity:
        session = _raise_to(turn, session, action.capacity)
    outcome = roster.add_known(turn.db, turn.account, session, person, turn.now, zone=turn.zone(session.site_id))
    again = Button("roster.button.walk_in", AddWalkIn(session.id))
    ways = [[again, back_to(session)]]
    match outcome:
        case roster.Added(session, person, present):
            turn.leave(ROSTER)
            turn.note("known_person_added", f"person:{person.id}", site_id=session.site_id, session=session.id)
            key = "roster.walk_in.added_present" if present else "roster.walk_in.added"
            turn.show(key, facts_of(turn, session), called=called_in(turn, session, person), buttons=ways)
        case roster.HadSeat(session, person, False) if _added_before(turn, session, person):
            turn.leave(ROSTER)
            turn.toast("roster.toast.added_before", n=1)
        case roster.HadSeat(session, person, False) if attendance.is_present(turn.db, session, person):
            turn.leave(ROSTER)
            called = called_in(turn, session, person)
            turn.show("roster.walk_in.present_already", facts_of(turn, session), called=called, buttons=ways)
        case roster.HadSeat(session, person, present):
            turn.leave(ROSTER)
            if present:
                turn.note("presence_ticked", f"person:{person.id}", site_id=session.site_id, session=session.id)
            key = "roster.walk_in.had_seat_present" if present else "roster.walk_in.had_seat"
            turn.show(key, facts_of(turn, session), called=called_in(turn, session, person), buttons=ways)
        case roster.Full(session):
            bigger = AddKnown(session.id, person.id, session.capacity + 1)
            more = [Button("roster.button.raise", bigger, {"n": 1})] if _room(session) else []
            turn.show("roster.walk_in.full", facts_of(turn, session), n=1, buttons=[more, [back_to(session)]])
        case roster.OthersWait(session, waiting):
            turn.leave(ROSTER)
            turn.show("roster.walk_in.others_wait", facts_of(turn, session), n=waiting, buttons=[[back_to(session)]])
        case roster.Closed(session):
            turn.leave(ROSTER)
            too_late(turn, session)


def _added_before(turn: Turn, session: ClassSession, person: Person) -> bool:
    """Whether this is a second tap, not the answer to a new question."""
    return turn.account.conversation != ROSTER and bool(
        turn.did("known_person_added", f"person:{person.id}", session=session.id)
    )


def somebody_else_meant(turn: Turn, action: AddSomebodyElse) -> None:
    """Goes on to the consent, which is read out, because none of the known people is meant."""
    if of_draft(turn) is None:
        return broken_off(turn)
    if not is_of_another(turn, action):
        ask_consent(turn)


# --- the consent ----------------------------------------------------------------------------------------------------


def ask_consent(turn: Turn) -> None:
    """Shows the text of consent 1, to be read out once to all of them; what was agreed to, and in which version, is
    logged for each."""
    turn.ask(ROSTER, CONSENT)
    people = people_of_draft(turn)
    text = Words(
        "registration.consent.short",
        {"controller": turn.settings.data_controller, "kept": privacy.kept_until(turn.content.programme)},
    )
    version = turn.content.consent_version(Purpose.TRAINING)
    refused = Button("roster.button.refused", WalkInRefused(version_of_draft(turn)))
    numbers = any(one.phone for one in people)
    with_numbers = [Button("roster.button.agreed_numbers", WalkInAgreed(version_of_draft(turn), version, numbers=True))]
    key = "roster.button.agreed_no_numbers" if numbers else "roster.button.agreed"
    agreed = Button(key, WalkInAgreed(version_of_draft(turn), version))
    rows: list[Sequence[Button]] = [with_numbers] if numbers else []
    if "people" not in turn.draft:
        rows.append([agreed, refused])
        one = people[0]
        if one.phone:
            said: dict[str, Value] = {"name": one.name, "text": text, "phone": registration.as_dialled(one.phone)}
            return turn.say("roster.walk_in.consent_number", said, buttons=rows, secret=True)
        doubts = doubts_about_number(turn)
        return turn.say("roster.walk_in.consent", name=one.name, text=text, doubts=doubts, buttons=rows, secret=True)
    session = of_draft(turn)
    if known := known_of(turn, session, people):
        same = PickWhoIsKnown(version_of_draft(turn))
        rows.insert(0, [Button("roster.button.same_ones", same, {"n": len({at for at, _, _ in known})})])
    some = Button("roster.button.some_refused", PickWhoRefused(version_of_draft(turn)))
    rows += [[agreed], [some, refused]] if len(people) > 1 else [[agreed, refused]]
    turn.say(
        "roster.walk_in.consent_of_all_numbers" if numbers else "roster.walk_in.consent_of_all",
        text=text,
        n=len(people),
        names=Lines(tuple(listed(at, one) for at, one in enumerate(people, 1))),
        doubts=Lines(tuple(doubts_about(turn, session, people))),
        buttons=rows,
        secret=True,
    )


def who_refused_asked(turn: Turn, action: PickWhoRefused) -> None:
    """Shows the names, to take out who does not agree: nothing of them is kept."""
    if of_draft(turn) is None:
        return broken_off(turn)
    if is_of_another(turn, action):
        return
    turn.ask(ROSTER, CONSENT)
    names = [
        Button(
            "roster.button.leave_out", LeaveOutWalkIn(at, version_of_draft(turn)), {"n": at + 1, "called": _called(one)}
        )
        for at, one in enumerate(people_of_draft(turn))
    ]
    turn.say("roster.walk_in.who_refused", buttons=[*in_pairs(names), [_stop()]], secret=True)


def left_out(turn: Turn, action: LeaveOutWalkIn) -> None:
    session = of_draft(turn)
    if session is None or "people" not in turn.draft:
        return broken_off(turn)
    if is_of_another(turn, action):
        return
    people = people_of_draft(turn)
    people = [one for at, one in enumerate(people) if at != action.at]
    if not people:
        return consent_refused(turn, WalkInRefused())
    keep_rest(turn, people)
    ask_consent(turn)


def consent_given(turn: Turn, action: WalkInAgreed) -> None:
    session = of_draft(turn)
    if session is None:
        return broken_off(turn)
    if is_of_another(turn, action):
        return
    if action.text and action.text != turn.content.consent_version(Purpose.TRAINING):
        turn.toast("consents.toast.replaced")
        return ask_consent(turn)
    turn.keep(agreed=consents.version_read(action.text, Purpose.TRAINING), numbers=action.numbers)
    _add(turn, session)


def consent_refused(turn: Turn, action: WalkInRefused) -> None:
    """Keeps nothing; people who do not agree may still take part in the class."""
    session = of_draft(turn)
    if is_of_another(turn, action):
        return
    turn.leave(ROSTER)
    turn.show("roster.walk_in.refused", buttons=[[back_to(session)]] if session else [])


# --- the seats ------------------------------------------------------------------------------------------------------


def _add(turn: Turn, session: ClassSession) -> None:
    people, of = people_of_draft(turn), version_of_draft(turn)
    outcome = roster.add_walk_ins(
        turn.db,
        turn.account,
        session,
        people,
        keeps_numbers=turn.draft.get("numbers", False),
        text_version=turn.draft.get("agreed") or consents.version_read("", Purpose.TRAINING),
        language=turn.language,
        now=turn.now,
    )
    if isinstance(outcome, roster.Closed):
        turn.leave(ROSTER)
        return too_late(turn, session)
    for person in outcome.added:
        turn.note("walk_in_added", f"person:{person.id}", site_id=session.site_id, session=session.id, of=of)
    again = Button("roster.button.walk_in", AddWalkIn(session.id))
    facts = facts_of(turn, outcome.session)
    if not outcome.left:
        turn.leave(ROSTER)
        if len(outcome.added) == 1:
            key = "roster.walk_in.added_present" if outcome.present else "roster.walk_in.added"
            turn.say(key, facts, called=called_in(turn, session, outcome.added[0]), buttons=[[again, back_to(session)]])
        else:
            key = "roster.walk_in.all_added_present" if outcome.present else "roster.walk_in.all_added"
            turn.say(key, facts, n=len(outcome.added), buttons=[[again, back_to(session)]])
        return
    rest = people[len(outcome.added) :]
    if outcome.others_wait:
        turn.leave(ROSTER)
        names = Lines(tuple(Words("roster.walk_in.named", {"called": _called(one)}) for one in rest))
        key = "roster.walk_in.rest_waits" if len(people) > 1 else "roster.walk_in.others_wait"
        turn.show(key, facts, n=outcome.others_wait, names=names, buttons=[[back_to(session)]], secret=True)
        return
    if "people" in turn.draft:
        seated = [*turn.draft.get("seated", ()), *(one.id for one in outcome.added)]
        turn.keep(people=[_packed(one) for one in rest], seated=seated)
    _ask_to_raise(turn, outcome.session)


def _ask_to_raise(turn: Turn, session: ClassSession) -> None:
    turn.ask(ROSTER, FULL)
    rest = people_of_draft(turn)
    room = min(len(rest), _room(session))
    more = [Button("roster.button.raise", AddSeat(version_of_draft(turn), room), {"n": room})] if room else []
    facts = facts_of(turn, session)
    if "people" not in turn.draft:
        return turn.show("roster.walk_in.full", facts, n=1, buttons=[more, [_stop()]])
    names = Lines(tuple(Words("roster.walk_in.named", {"called": _called(one)}) for one in rest))
    seated = turn.draft.get("seated", ())
    present = roster.has_begun(session, turn.now)
    key = "roster.walk_in.rest_present" if present else "roster.walk_in.rest"
    if not seated:
        key = "roster.walk_in.rest_none"
    turn.show(
        key,
        facts,
        n=len(rest),
        done=len(seated),
        seated=Lines(tuple(Words("roster.walk_in.named", {"called": Who(one)}) for one in seated)),
        names=names,
        buttons=[more, [_stop()]],
        secret=True,
    )


def seat_added(turn: Turn, action: AddSeat) -> None:
    """Adds so many seats, by the trainer's own decision, and gives them to the people."""
    session = of_draft(turn)
    if session is None:
        return broken_off(turn)
    if is_of_another(turn, action):
        return
    _add(turn, _raise_to(turn, session, session.seats_taken + max(1, action.number)))


def _raise_to(turn: Turn, session: ClassSession, capacity: int) -> ClassSession:
    leads, zone = turn.content.leads(session.site_id), turn.zone(session.site_id)
    size = min(capacity, CAPACITY[1])
    if size <= session.capacity:
        return session
    outcome = class_changes.change(turn.db, session, turn.now, capacity=size, leads=leads, zone=zone)
    if isinstance(outcome, class_changes.Changed):
        turn.note("seat_added", f"session:{session.id}", site_id=session.site_id, seats=size)
    return session


def broken_off(turn: Turn) -> None:
    session = sessions.get(turn.db, turn.draft.get("session") or 0)
    turn.leave(ROSTER)
    turn.show("roster.walk_in.stopped", buttons=[[back_to(session)]] if session else [])


# --- the draft ------------------------------------------------------------------------------------------------------


def _keep_people(turn: Turn, people: Sequence[Written], unread: Sequence[Unread]) -> None:
    turn.keep(people=[_packed(one) for one in people], unread=[[one.line, one.text] for one in unread])
    turn.take_back("secret")


def keep_rest(turn: Turn, people: Sequence[Written]) -> None:
    """Keeps who is still to be added, after others left the list."""
    turn.keep(people=[_packed(one) for one in people])


def _keep_number(turn: Turn, phone: str | None, odd: str) -> None:
    for fact, value in (("phone", phone), ("odd_phone", odd)):
        turn.take_back(fact)
        if value:
            turn.keep(**{fact: value})


def _packed(one: Written) -> list[str | None]:
    return [one.name, one.salutation.value, one.phone, one.odd_phone]


def people_of_draft(turn: Turn) -> list[Written]:
    """Returns the people who are being added: one, or a list."""
    if "people" in turn.draft:
        return [Written(name, Salutation(how), phone, odd or "") for name, how, phone, odd in turn.draft["people"]]
    name, how = turn.draft.get("name"), turn.draft.get("salutation")
    return [Written(name, Salutation(how), turn.draft.get("phone"))] if name and how else []


def _called(one: Written) -> Called:
    return Called(one.salutation, one.name)


def version_of_draft(turn: Turn) -> int:
    """Returns the version of who is being added, and to which class."""
    if "people" in turn.draft:
        return version_of(turn.draft["people"], turn.draft["session"])
    number = [turn.draft["phone"]] if "phone" in turn.draft else []
    return version_of(turn.draft["name"], turn.draft["salutation"], turn.draft["session"], *number)


def is_of_another(
    turn: Turn,
    action: WalkInAgreed | WalkInRefused | AddSeat | AddSomebodyElse | OfList,
) -> bool:
    """Asks the question about the person under way again, if the tapped button stands below a question about somebody
    else. Returns whether it did."""
    if action.version == 0 and "people" not in turn.draft:
        return False
    if action.version == version_of_draft(turn):
        return False
    if not said_who_was_added(turn, action.version):
        turn.toast("menu.stale")
    question_asked_again(turn)
    return True


def of_draft(turn: Turn) -> ClassSession | None:
    return led(turn, sessions.get(turn.db, turn.draft.get("session") or 0))


def _room(session: ClassSession) -> int:
    """Returns how many more seats the class may have."""
    return CAPACITY[1] - session.capacity


def _stop() -> Button:
    return Button("button.cancel", StopWalkIn())

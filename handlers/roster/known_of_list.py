"""Of a pasted list, those whom the bot knows already: each gets the seat as the person they are, and leaves the list.
Nothing is read out to them again."""

from __future__ import annotations

from collections.abc import Sequence

from bot.actions.roster import AddKnownOfList, AddWalkIn, PickWhoIsKnown
from bot.people.people import Person
from bot.programme import roster
from bot.programme.sessions import ClassSession
from bot.turns.turn import Turn
from bot.words.message import Button, Lines, Who, Words
from handlers.roster.adding import (
    CONSENT,
    ask_consent,
    broken_off,
    is_of_another,
    keep_rest,
    of_draft,
    version_of_draft,
)
from handlers.roster.adding import people_of_draft as people_of
from handlers.roster.doubts import known_of
from handlers.roster.looking import ROSTER
from handlers.roster.parts import apart_each, back_to, called_in, facts_of, too_late


def who_is_known_asked(turn: Turn, action: PickWhoIsKnown) -> None:
    """Shows the lines whose names the site has already, with each person who may be meant; or the list again."""
    session = of_draft(turn)
    if session is None:
        return broken_off(turn)
    if is_of_another(turn, action):
        return
    if action.back or not _show(turn, session):
        ask_consent(turn)


def _show(turn: Turn, session: ClassSession) -> bool:
    """Shows who may be meant; False if nobody of the list is known."""
    found = known_of(turn, session, people_of(turn))
    if not found:
        return False
    turn.ask(ROSTER, CONSENT)
    version = version_of_draft(turn)
    told = apart_each(turn, [roster.known_of(person) for _, _, person in found])
    lines = [
        Words("roster.walk_in.is_known", {"n": at, "called": called, "known": apart})
        for (at, called, _), apart in zip(found, told, strict=True)
    ]
    buttons: list[Sequence[Button]] = [
        [
            Button(
                "roster.button.known",
                AddKnownOfList(at - 1, person.id, version),
                {"n": at, "called": Who(person.id)},
            )
        ]
        for at, _, person in found
    ]
    back = Button("button.back", PickWhoIsKnown(version, back=True))
    turn.say("roster.walk_in.who_is_known", lines=Lines(tuple(lines)), buttons=[*buttons, [back]], secret=True)
    return True


def known_of_list_picked(turn: Turn, action: AddKnownOfList) -> None:
    """Gives the person of a line the seat, and during or after the class the mark; goes on with the rest of the list.
    If the class is full, or others wait, tells that, and the line stays."""
    session = of_draft(turn)
    if session is None or "people" not in turn.draft:
        return broken_off(turn)
    if is_of_another(turn, action):
        return
    person = turn.db.get(Person, action.person)
    if person is None or person.anonymised_at is not None or action.at >= len(people_of(turn)):
        turn.toast("roster.toast.gone")
        return ask_consent(turn)
    turn.must_lead(person.site_id)
    outcome = roster.add_known(turn.db, turn.account, session, person, turn.now, zone=turn.zone(session.site_id))
    match outcome:
        case roster.Added(session, person, present):
            turn.note("known_person_added", f"person:{person.id}", site_id=session.site_id, session=session.id)
        case roster.HadSeat(session, person, present):
            if present:
                turn.note("presence_ticked", f"person:{person.id}", site_id=session.site_id, session=session.id)
        case roster.Full():
            turn.toast("roster.toast.full", alert=True)
            return ask_consent(turn)
        case roster.OthersWait(_, waiting):
            turn.toast("roster.toast.others_wait", n=waiting, alert=True)
            return ask_consent(turn)
        case roster.Closed(session):
            turn.leave(ROSTER)
            return too_late(turn, session)
    _go_on(turn, session, person, action.at)


def _go_on(turn: Turn, session: ClassSession, person: Person, at: int) -> None:
    rest = [one for place, one in enumerate(people_of(turn)) if place != at]
    called = called_in(turn, session, person)
    begun = roster.has_begun(session, turn.now)
    if rest:
        keep_rest(turn, rest)
        turn.toast("roster.toast.known_present" if begun else "roster.toast.known_seated")
        if not _show(turn, session):
            ask_consent(turn)
        return
    turn.leave(ROSTER)
    ways = [[Button("roster.button.walk_in", AddWalkIn(session.id)), back_to(session)]]
    key = "roster.walk_in.added_present" if begun else "roster.walk_in.added"
    turn.show(key, facts_of(turn, session), called=called, buttons=ways)

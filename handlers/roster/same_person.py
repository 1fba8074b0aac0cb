"""Two rows of one human being become one: staff say who is who, and can take it back for a day."""

from __future__ import annotations

from collections.abc import Sequence

from bot.actions.roster import (
    ConsiderMerging,
    MergePeople,
    PartPeople,
    PickMerge,
    SeePerson,
    SeeRoster,
    SeeRosters,
)
from bot.people.people import Person
from bot.programme import merging, roster
from bot.turns.turn import Turn
from bot.words.action import version_of
from bot.words.message import Button, Style, Who
from handlers.roster.correcting import PERSON
from handlers.roster.looking import classes_asked_for
from handlers.roster.parts import apart, called_at_site, known_lines, person_of

OTHER_NAME = "other_name"
OFFERED = 6


def merge_asked(turn: Turn, action: PickMerge) -> None:
    """Asks which person may be the same: shows names at the site that are alike, and takes any name that is typed
    now."""
    person = person_of(turn, action.person)
    if person is None:
        return _gone(turn)
    turn.enter(PERSON, OTHER_NAME, person=person.id, session=action.session)
    _ask_who(turn, person, person.name, first=True)


def other_name_written(turn: Turn) -> None:
    person = person_of(turn, turn.draft.get("person") or 0)
    if person is None:
        return _gone(turn)
    _ask_who(turn, person, turn.text)


def merge_asked_again(turn: Turn) -> None:
    person = person_of(turn, turn.draft.get("person") or 0)
    if person is None:
        return _gone(turn)
    _ask_who(turn, person, person.name, first=True)


def _ask_who(turn: Turn, person: Person, text: str, *, first: bool = False) -> None:
    turn.ask(PERSON, OTHER_NAME)
    session_id = turn.draft.get("session") or 0
    found = roster.alike(
        turn.db,
        [person.site_id or ""],
        text,
        limit=OFFERED,
        without=[person.id],
        accountless=person.account_id is not None,
    )
    buttons: list[Sequence[Button]] = []
    for at, one in enumerate(found, 1):
        gone, kept = (person.id, one.person_id) if person.account_id is None else (one.person_id, person.id)
        pick = ConsiderMerging(gone, kept, session_id)
        buttons.append([Button("roster.button.known", pick, {"n": at, "called": Who(one.person_id)})])
    key = "roster.merge.who" if found else "roster.merge.nobody" if first else "roster.merge.nobody_so"
    back = [Button("button.back", SeePerson(person.id, session_id))]
    turn.show(key, called=called_at_site(turn, person), people=known_lines(turn, found), buttons=[*buttons, back])


def merging_considered(turn: Turn, action: ConsiderMerging) -> None:
    """Names both with what tells them apart, and what goes along."""
    pair = _pair(turn, action.gone, action.kept)
    if pair is None:
        return _gone(turn)
    gone, kept = pair
    if not merging.may_be_merged(gone, kept):
        return turn.show("roster.merge.never", buttons=[_back(action.session)])
    going = merging.going(turn.db, gone)
    really = MergePeople(gone.id, kept.id, action.session, _version(turn, gone, kept))
    turn.show(
        "roster.merge.confirm",
        gone=apart(turn, gone),
        kept=apart(turn, kept),
        classes=going.classes,
        present=going.present,
        answers=going.answers,
        buttons=[[Button("roster.button.really_merge", really, style=Style.PRIMARY)], _back(action.session)],
    )


def people_merged(turn: Turn, action: MergePeople) -> None:
    pair = _pair(turn, action.gone, action.kept)
    if pair is None and turn.did("people_merged", f"person:{action.kept}", gone=action.gone):
        return turn.toast("roster.toast.merged_before")
    if pair is None:
        return _gone(turn)
    gone, kept = pair
    if action.version != _version(turn, gone, kept):
        return merging_considered(turn, ConsiderMerging(gone.id, kept.id, action.session))
    match merging.merge(turn.db, turn.account, gone, kept, turn.now):
        case merging.Merged(merge_id, classes):
            turn.leave(PERSON)
            turn.note("people_merged", f"person:{kept.id}", site_id=kept.site_id, gone=gone.id, classes=classes)
            undo = [Button("roster.button.part", PartPeople(merge_id))]
            turn.show("roster.merge.done", called=called_at_site(turn, kept), buttons=[undo, _back(action.session)])
        case merging.NotMergeable():
            turn.show("roster.merge.never", buttons=[_back(action.session)])


def people_parted(turn: Turn, action: PartPeople) -> None:
    turn.must_be_staff()
    found = merging.sites_of(turn.db, action.merge)
    if found is None and turn.did("people_parted", merge=action.merge):
        return turn.toast("roster.toast.parted_before")
    if found is None:
        return turn.show("roster.merge.too_late", buttons=[[Button("menu.button.roster", SeeRosters())]])
    for site_id in found:
        turn.must_lead(site_id)
    match merging.part(turn.db, action.merge, turn.now):
        case merging.Parted(gone, kept):
            turn.note("people_parted", f"person:{kept.id}", site_id=kept.site_id, gone=gone.id, merge=action.merge)
            both = [Button("menu.button.roster", SeeRosters())]
            turn.show("roster.merge.parted", gone=apart(turn, gone), kept=apart(turn, kept), buttons=[both])
        case merging.NoSeat(session):
            turn.show(
                "roster.merge.no_seat",
                title=session.title,
                buttons=[[Button("roster.button.list", SeeRoster(session.id))]],
            )
        case merging.TooLate():
            turn.show("roster.merge.too_late", buttons=[[Button("menu.button.roster", SeeRosters())]])


def _pair(turn: Turn, gone_id: int, kept_id: int) -> tuple[Person, Person] | None:
    gone, kept = person_of(turn, gone_id), person_of(turn, kept_id)
    return None if gone is None or kept is None else (gone, kept)


def _version(turn: Turn, gone: Person, kept: Person) -> int:
    """Returns the version of both persons, and of what would go from the one to the other."""
    going = merging.going(turn.db, gone)
    names = [[one.name, one.form_of_address, one.account_id is None] for one in (gone, kept)]
    return version_of(names, going.classes, going.present, going.answers)


def _gone(turn: Turn) -> None:
    turn.leave(PERSON)
    turn.toast("roster.toast.gone")
    classes_asked_for(turn, SeeRosters())


def _back(session_id: int) -> list[Button]:
    return [Button("roster.button.list", SeeRoster(session_id) if session_id else SeeRosters())]

"""A trainer or mentor moves to another site; a trainer's classes are handed over to another trainer of the site."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.actions.buttons import MENU, back
from bot.actions.staff import (
    ConsiderGiving,
    ConsiderMovingStaff,
    GiveClasses,
    LeaveTheirs,
    MoveStaff,
    PickHeir,
    PickNewSite,
    SeeGrant,
    StopTheirs,
)
from bot.people.people import Account, Role, RoleGrant
from bot.programme import staff, staff_moves
from bot.programme.sessions import ClassSession
from bot.turns.pages import page_of
from bot.turns.turn import Turn
from bot.words.action import version_of
from bot.words.message import At, Button, Form, Lines, Message, Style, Value, Words, rows
from handlers.staff.parts import PAGE, called, name_of, role_of, role_words, to_list
from handlers.staff.people import give_button, let_go, under_way

SHOWN: Final = 5
"""So many classes are named before they are handed over."""


# --- to another site --------------------------------------------------------------------------------------------------


def _of_site(turn: Turn, grant_id: int) -> RoleGrant | None:
    """Returns the role, if it is of a site; otherwise says that it is gone and returns None."""
    turn.must_be_admin()
    grant = staff.grant_of(turn.db, grant_id)
    if grant is None or grant.role not in staff.OF_SITES:
        turn.show("staff.moved_before", buttons=[[to_list()]])
        return None
    return grant


def new_site_asked_for(turn: Turn, action: PickNewSite) -> None:
    grant = _of_site(turn, action.grant)
    if grant is None:
        return
    page = page_of([one for one in turn.content.sites if one.active and one.id != grant.site_id], action.page, PAGE)
    names = [
        Button("staff.button.site", ConsiderMovingStaff(grant.id, site.id), {"site": site.name}) for site in page.items
    ]
    buttons: list[Sequence[Button]] = [names[at : at + 2] for at in range(0, len(names), 2)]
    if page.after:
        buttons.append([Button("staff.button.more", PickNewSite(grant.id, page.after))])
    buttons.append([back(SeeGrant(grant.id))])
    turn.show("staff.new_site", staff=name_of(turn, grant), role=role_of(turn, grant), buttons=buttons, secret=True)


def move_considered(turn: Turn, action: ConsiderMovingStaff) -> None:
    grant = _of_site(turn, action.grant)
    if grant is None:
        return
    site = turn.content.site(action.site)
    if site is None or not site.active or site.id == grant.site_id:
        return new_site_asked_for(turn, PickNewSite(grant.id))
    account = staff.account_of(turn.db, grant.account_id)
    classes = len(staff_moves.classes_of(turn.db, account, grant.site_id or "", turn.now)) if account is not None else 0
    turn.show(
        "staff.move",
        staff=name_of(turn, grant),
        role=role_of(turn, grant),
        new=role_words(Role(grant.role), site),
        classes=Words("staff.classes_stay", {"n": classes}) if classes and grant.role == Role.TRAINER else None,
        buttons=[
            [Button("staff.button.move_now", MoveStaff(grant.id, site.id), style=Style.PRIMARY)],
            [back(PickNewSite(grant.id))],
        ],
        secret=True,
    )


def moved(turn: Turn, action: MoveStaff) -> None:
    """Moves the role; a second tap finds it moved."""
    grant = _of_site(turn, action.grant)
    if grant is None:
        return
    site = turn.content.site(action.site)
    if site is None or not site.active:
        return new_site_asked_for(turn, PickNewSite(grant.id))
    name, role = name_of(turn, grant), role_of(turn, grant)
    outcome = staff_moves.move(turn.db, grant.id, site.id, turn.now)
    if outcome is None:
        return new_site_asked_for(turn, PickNewSite(grant.id))
    account, new = outcome.account, role_words(Role(outcome.grant.role), site)
    turn.note("role_moved", f"account:{account.id}", site_id=outcome.before, role=outcome.grant.role, to=site.id)
    turn.rights_changed()
    menu = let_go(turn, staff.Revoked(account, outcome.grant.role, outcome.before))
    turn.tell(account, Message("staff.told_moved", {"role": role, "new": new, "contact": turn.contact}, rows([MENU])))
    turn.tell(account, Message(form=Form.COMMANDS, role=menu))
    theirs = under_way(turn, account)
    give = give_button(turn, account, outcome.before) if outcome.grant.role == Role.TRAINER else []
    ways: list[Sequence[Button]] = [give]
    if theirs:
        ways += [[Button("staff.button.stop_theirs", StopTheirs(account.id))]]
        ways += [[Button("staff.button.leave_theirs", LeaveTheirs(account.id))]]
    facts: dict[str, Value] = {"staff": name, "role": role, "new": new}
    facts["under_way"] = Words("staff.under_way", theirs) if theirs else None
    turn.show("staff.moved", facts, buttons=[*ways, [to_list()]], secret=True)


# --- classes to another trainer ---------------------------------------------------------------------------------------


def heir_asked_for(turn: Turn, action: PickHeir) -> None:
    turn.must_be_admin()
    account = staff.account_of(turn.db, action.account)
    classes = staff_moves.classes_of(turn.db, account, action.site, turn.now) if account is not None else []
    if account is None or not classes:
        turn.show("staff.no_classes_to_give", buttons=[[to_list()]])
        return
    page = page_of(staff_moves.heirs(turn.db, account, action.site), action.page, PAGE)
    buttons: list[Sequence[Button]] = [
        [Button("staff.button.one", ConsiderGiving(account.id, grant.id), {"staff": other.staff_name})]
        for grant, other in page.items
    ]
    if page.after:
        buttons.append([Button("staff.button.more", PickHeir(account.id, action.site, page.after))])
    key = "staff.which_heir" if page.items else "staff.no_heir"
    facts = _facts(turn, account, classes)
    turn.show(key, facts, buttons=[*buttons, [to_list()]], secret=True)


def giving_considered(turn: Turn, action: ConsiderGiving) -> None:
    found = _found(turn, action.account, action.grant)
    if found is not None:
        _ask_to_give(turn, *found)


def classes_given(turn: Turn, action: GiveClasses) -> None:
    """Hands over the classes that were shown; where they are other ones by now, asks again."""
    found = _found(turn, action.account, action.grant)
    if found is None:
        return
    account, grant, heir, classes = found
    if action.version != _version(classes):
        turn.toast("staff.toast.changed", alert=True)
        return _ask_to_give(turn, account, grant, heir, classes)
    given = staff_moves.give(turn.db, classes, heir, turn.now, content=turn.content)
    facts = _facts(turn, account, classes)
    turn.note("classes_handed_over", f"account:{account.id}", site_id=grant.site_id, to=heir.id, classes=given.classes)
    if heir.id != turn.account.id:
        turn.tell(heir, Message("staff.told_given", facts, rows([MENU]), secret=True))
    turn.show("staff.given", {**facts, "heir": heir.staff_name, "told": given.told}, buttons=[[to_list()]], secret=True)


def _found(turn: Turn, account_id: int, grant_id: int) -> tuple[Account, RoleGrant, Account, list[ClassSession]] | None:
    """Returns whose classes, who takes them over, and the classes; otherwise says that there are none."""
    turn.must_be_admin()
    account, grant = staff.account_of(turn.db, account_id), staff.grant_of(turn.db, grant_id)
    heir = staff.account_of(turn.db, grant.account_id) if grant is not None else None
    if account is None or grant is None or heir is None or grant.role != Role.TRAINER or not heir.staff_name:
        turn.show("staff.no_classes_to_give", buttons=[[to_list()]])
        return None
    classes = staff_moves.classes_of(turn.db, account, grant.site_id or "", turn.now)
    if not classes or account.id == heir.id:
        turn.show("staff.no_classes_to_give", buttons=[[to_list()]])
        return None
    return account, grant, heir, classes


def _ask_to_give(turn: Turn, account: Account, grant: RoleGrant, heir: Account, classes: list[ClassSession]) -> None:
    now = Button("staff.button.give_now", GiveClasses(account.id, grant.id, _version(classes)), style=Style.PRIMARY)
    facts = {**_facts(turn, account, classes), "heir": heir.staff_name}
    ways = [[now], [back(PickHeir(account.id, grant.site_id or ""))]]
    turn.show("staff.give", facts, buttons=ways, secret=True)


def _version(classes: Sequence[ClassSession]) -> int:
    return version_of([one.id for one in classes])


def _facts(turn: Turn, account: Account, classes: Sequence[ClassSession]) -> dict[str, Value]:
    lines = [
        Words("staff.class_line", {"title": one.title, "starts": At(one.starts_at, turn.zone(one.site_id))})
        for one in classes[:SHOWN]
    ]
    if len(classes) > SHOWN:
        lines.append(Words("staff.more_classes", {"n": len(classes) - SHOWN}))
    return {"staff": called(account.id, account.staff_name), "n": len(classes), "classes": Lines(tuple(lines))}

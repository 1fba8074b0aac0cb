"""Who serves as staff, and taking a role away."""

from __future__ import annotations

from collections import Counter

from bot.actions.staff import (
    ConsiderRevoking,
    InviteStaff,
    LeaveTheirs,
    PickHeir,
    PickNewSite,
    RenameStaff,
    RevokeGrant,
    SeeGrant,
    SeeInvitations,
    SeeRecord,
    SeeStaff,
    StopTheirs,
)
from bot.people import rights
from bot.people.people import Account, Role, RoleGrant
from bot.programme import appointments, broadcasts, mentoring, staff, staff_moves
from bot.programme.broadcasts import BroadcastStatus
from bot.turns.pages import page_of
from bot.turns.turn import Turn
from bot.words.message import Button, Form, Lines, Message, Style, Value, Words
from handlers.staff.parts import PAGE, called, granted_at, name_of, role_of, to_list


def list_asked_for(turn: Turn, action: SeeStaff) -> None:
    turn.must_be_admin()
    page = page_of(staff.everybody(turn.db), action.page, PAGE)
    roles = Counter(account.id for _, account in page.items)
    buttons = [[_to_grant(turn, grant, account, apart=roles[account.id] > 1)] for grant, account in page.items]
    if page.after:
        buttons.append([Button("staff.button.more", SeeStaff(page.after))])
    buttons.append([Button("staff.button.invite", InviteStaff()), Button("staff.button.record", SeeRecord())])
    if waiting := len(staff.open_invitations(turn.db, turn.now)):
        buttons.append([Button("staff.button.invitations", SeeInvitations(), {"n": waiting})])
    buttons.append([Button("staff.button.rename", RenameStaff())])
    lines = [
        Words("staff.line", {"staff": called(account.id, account.staff_name), "role": role_of(turn, grant)})
        for grant, account in page.items
    ]
    shown = [account for _, account in page.items]
    if not action.page:
        by_settings = staff.admins_by_settings(turn.db, turn.settings)
        shown += by_settings
        lines += [
            Words("staff.line_settings", {"staff": one.staff_name or Words("staff.number", {"number": one.id})})
            for one in by_settings
        ]
    numbers = None if all(one.staff_name for one in shown) else Words("staff.numbers")
    key = "staff.list" if page.items else "staff.nobody"
    turn.show(key, people=Lines(tuple(lines)), numbers=numbers, buttons=buttons, secret=True)


def _to_grant(turn: Turn, grant: RoleGrant, account: Account, *, apart: bool) -> Button:
    """Returns the button to one role of somebody; `apart`: with its place, where they have several."""
    values: dict[str, Value] = {"staff": called(account.id, account.staff_name)}
    if not apart:
        return Button("staff.button.one", SeeGrant(grant.id), values)
    site = turn.content.site(grant.site_id or "")
    where = site.name if site is not None else role_of(turn, grant)
    return Button("staff.button.one_of_several", SeeGrant(grant.id), {**values, "where": where})


def one_picked(turn: Turn, action: SeeGrant) -> None:
    turn.must_be_admin()
    grant = staff.grant_of(turn.db, action.grant)
    if grant is None:
        return list_asked_for(turn, SeeStaff())
    account = staff.account_of(turn.db, grant.account_id)
    move = [Button("staff.button.move", PickNewSite(grant.id))] if grant.role in staff.OF_SITES else []
    give = give_button(turn, account, grant.site_id) if account is not None and grant.role == Role.TRAINER else []
    turn.show(
        "staff.one",
        staff=name_of(turn, grant),
        role=role_of(turn, grant),
        since=granted_at(turn, grant),
        buttons=[move, give, [Button("staff.button.revoke", ConsiderRevoking(grant.id))], [to_list()]],
        secret=True,
    )


def revoking_considered(turn: Turn, action: ConsiderRevoking) -> None:
    turn.must_be_admin()
    grant = staff.grant_of(turn.db, action.grant)
    if grant is None:
        return list_asked_for(turn, SeeStaff())
    really = Button("staff.button.revoke_now", RevokeGrant(grant.id), style=Style.DANGER)
    turn.show(
        "staff.revoke",
        staff=name_of(turn, grant),
        role=role_of(turn, grant),
        buttons=[[really], [to_list()]],
        secret=True,
    )


def revoked(turn: Turn, action: RevokeGrant) -> None:
    turn.must_be_admin()
    grant = staff.grant_of(turn.db, action.grant)
    if grant is None:
        turn.show("staff.revoked_before", buttons=[[to_list()]])
        return
    name, role = name_of(turn, grant), role_of(turn, grant)
    outcome = staff.revoke(turn.db, grant.id)
    assert outcome is not None
    subject = f"account:{outcome.account.id}"
    turn.note("role_revoked", subject, site_id=outcome.site_id, role=outcome.role)
    turn.rights_changed()
    menu = let_go(turn, outcome)
    turn.tell(outcome.account, Message("staff.told_revoked", {"role": role, "contact": turn.contact}))
    turn.tell(outcome.account, Message(form=Form.COMMANDS, role=menu))
    theirs = under_way(turn, outcome.account)
    give = give_button(turn, outcome.account, outcome.site_id) if outcome.role == Role.TRAINER else []
    if not theirs:
        turn.show("staff.revoked", staff=name, role=role, buttons=[give, [to_list()]], secret=True)
        return
    stop = Button("staff.button.stop_theirs", StopTheirs(outcome.account.id))
    leave = Button("staff.button.leave_theirs", LeaveTheirs(outcome.account.id))
    ways = [[stop], [leave], give]
    turn.show("staff.revoked_under_way", {**theirs, "staff": name, "role": role}, buttons=ways, secret=True)


def let_go(turn: Turn, outcome: staff.Revoked) -> Role:
    """Ends what somebody did by a role that they no longer have. Returns the command menu that they have now."""
    left = rights.roles_of(turn.db, outcome.account)
    lost = no_longer_answered(turn, outcome)
    mentoring.release(turn.db, outcome.account, turn.now, sites=lost)  # people's questions must not wait for nobody
    appointments.release(turn.db, outcome.account, turn.now, sites=lost)
    mentoring.cards.role_ended(turn.db, outcome.account, turn.now, sites=lost)
    held = {one.role for one in left}
    menu = next((role for role in (Role.ADMIN, Role.TRAINER, Role.MENTOR) if role in held), Role.PARTICIPANT)
    if outcome.account.telegram_id in turn.settings.admin_ids:
        menu = Role.ADMIN
    return menu


def give_button(turn: Turn, account: Account, site_id: str | None) -> list[Button]:
    """Returns the button that hands over the classes which name the account, if there are any."""
    n = len(staff_moves.classes_of(turn.db, account, site_id, turn.now)) if site_id is not None else 0
    return [Button("staff.button.give", PickHeir(account.id, site_id or ""), {"n": n})] if n else []


def no_longer_answered(turn: Turn, outcome: staff.Revoked) -> frozenset[str]:
    """Returns the sites whose questions the account answered by the role it lost, and answers no more."""
    if rights.is_admin(turn.db, outcome.account, turn.settings):
        return frozenset()
    answer = rights.answering(trainers_answer=turn.content.programme.mentoring.trainers_answer)
    left = {one.site_id for one in rights.roles_of(turn.db, outcome.account) if one.role in answer}
    of_role = {site.id for site in turn.content.sites} if outcome.site_id is None else {outcome.site_id}
    return frozenset(of_role - left)


def theirs_stopped(turn: Turn, action: StopTheirs) -> None:
    turn.must_be_admin()
    account = staff.account_of(turn.db, action.account)
    found = broadcasts.without_rights(turn.db, account, turn.settings) if account else []
    if not found:
        turn.show("staff.nothing_under_way", buttons=[[to_list()]])
        return
    dropped = 0
    for broadcast in found:
        copies = broadcasts.end(turn.db, broadcast, turn.now)
        turn.note("broadcast_stopped", f"broadcast:{broadcast.id}", dropped=copies)
        dropped += copies
    turn.show("staff.theirs_stopped", n=len(found), copies=dropped, buttons=[[to_list()]])


def theirs_left(turn: Turn, action: LeaveTheirs) -> None:
    """Lets announcements that are being sent go on. Scheduled ones are called off when their moment comes: their author
    may not send them any more."""
    turn.must_be_admin()
    account = staff.account_of(turn.db, action.account)
    theirs = under_way(turn, account) if account else {}
    turn.show("staff.theirs_left" if theirs else "staff.nothing_under_way", theirs, buttons=[[to_list()]])


def under_way(turn: Turn, account: Account) -> dict[str, Value]:
    """Returns how many announcements of the account are scheduled, and how many are being sent; empty: none."""
    found = broadcasts.without_rights(turn.db, account, turn.settings)
    later = sum(broadcast.status == BroadcastStatus.SCHEDULED for broadcast in found)
    return {"later": later, "going": len(found) - later} if found else {}

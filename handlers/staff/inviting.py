"""Invitations of staff.

    admin: role -> site -> link and QR code      somebody: opens it -> reads what they would become -> [Ya, saya mau]
    the admin who made it hears who that was, as Telegram shows them -> [Benar] or [Bukan]

A trainer or mentor has the role from their yes on; an admin from the other admin's [Benar] on.
"""

from __future__ import annotations

from typing import Final

from bot.actions.buttons import HELP, MENU, back
from bot.actions.staff import (
    AcceptInvitation,
    ConfirmStaff,
    ConsiderRevoking,
    DeclineInvitation,
    InviteStaff,
    MakeLink,
    OpenInvitation,
    PickStaffSite,
    RejectStaff,
    RenameStaff,
    SeeGrant,
    SeeInvitations,
    SeeStaff,
    WithdrawInvitation,
)
from bot.delivery import outbox
from bot.documents import deep_links
from bot.people.people import Role
from bot.programme import privacy, staff
from bot.programme.staff import Invitation
from bot.turns.pages import in_pairs, page_of
from bot.turns.turn import Turn
from bot.words.message import At, Button, File, Form, Lines, Message, Style, Value, Words, rows
from handlers.staff.names import ask_name
from handlers.staff.parts import PAGE, back_to_question, called, first_steps, name_of, role_of, role_words, to_list

QR: Final = "undangan.png"
NAME_LENGTH: Final = 64
"""Letters of a name as Telegram shows it that are told: Telegram allows 129."""


def role_asked_for(turn: Turn) -> None:
    turn.must_be_admin()
    trainer = Button("staff.button.trainer", PickStaffSite())
    mentor = Button("staff.button.mentor", PickStaffSite(role=Role.MENTOR))
    admin = Button("staff.button.admin", MakeLink(Role.ADMIN))
    turn.show("staff.invite", buttons=[[trainer, mentor], [admin], [to_list()]])


def site_asked_for(turn: Turn, action: PickStaffSite) -> None:
    turn.must_be_admin()
    page = page_of([site for site in turn.content.sites if site.active], action.page, PAGE)
    names = [Button("staff.button.site", MakeLink(action.role, site.id), {"site": site.name}) for site in page.items]
    buttons = in_pairs(names)
    if page.after:
        buttons.append([Button("staff.button.more", PickStaffSite(page.after, action.role))])
    key = "staff.which_site" if action.role == Role.TRAINER else "staff.which_site_mentor"
    turn.show(key, buttons=[*buttons, [back(InviteStaff())]])


def link_asked_for(turn: Turn, action: MakeLink) -> None:
    """Makes a link; each tap makes another."""
    turn.must_be_admin()
    role, site = action.role, turn.content.site(action.site)
    if role not in staff.ROLES:
        return role_asked_for(turn)
    if role is not Role.ADMIN and (site is None or not site.active):
        return site_asked_for(turn, PickStaffSite(role=role))
    code = staff.invite(turn.db, turn.account, role, site.id if site else None, turn.now)
    turn.note("staff_invited", site_id=site.id if site else None, role=role)
    address = deep_links.link(turn.bot_username, staff.LINK + code)
    until = At(turn.now + staff.VALID, turn.zone(site.id if site else None))
    values: dict[str, Value] = {"role": role_words(role, site), "link": address, "until": until}
    buttons = ((Button("staff.button.list", SeeStaff()), HELP),)
    picture = File(QR, "image/png", deep_links.qr_png(address))
    # the link gives rights to whoever has it: nothing of it stays in the ledger
    turn.send(Message("staff.link", values, buttons, form=Form.PHOTO, file=picture, secret=True))


def invitation_opened(turn: Turn, action: OpenInvitation) -> None:
    """Opens the link ?start=t_<code>: says what the account would become, and asks."""
    match staff.opened(turn.db, turn.account, action.code, turn.now, admin=turn.admin):
        case staff.Offered(invitation):
            role = role_of(turn, invitation)
            yes = Button("staff.button.accept", AcceptInvitation(action.code), style=Style.PRIMARY)
            no = Button("staff.button.decline", DeclineInvitation(action.code))
            # the code gives rights to whoever has it: nothing of it stays in the ledger
            turn.say(
                f"staff.offered.{invitation.role}",
                role=role,
                maker=_maker(turn, invitation),
                buttons=[[yes, no]],
                secret=True,
                row=f"{staff.OFFER}:{invitation.id}",
            )
        case outcome:
            _say_how_it_stands(turn, outcome)


def invitation_accepted(turn: Turn, action: AcceptInvitation) -> None:
    _accepted(turn, staff.accept(turn.db, turn.account, action.code, turn.now, admin=turn.admin))


def accepted_in_words(turn: Turn, invitation: Invitation) -> None:
    """A typed yes below the question."""
    _accepted(turn, staff.accept_shown(turn.db, turn.account, invitation, turn.now, admin=turn.admin))


def _accepted(turn: Turn, outcome: staff.Joined | staff.Waiting | staff.AlreadyStaff | staff.Expired) -> None:
    match outcome:
        case staff.Joined() as joined:
            _become(turn, joined)
            _tell_maker(turn, joined.invitation, "staff.told_accepted")
        case staff.Waiting(invitation):
            turn.note("invitation_accepted", f"account:{turn.account.id}", role=invitation.role)
            turn.say("staff.waiting", role=role_of(turn, invitation), buttons=back_to_question(turn))
            _tell_maker(turn, invitation, "staff.told_accepted_admin")
        case staff.AlreadyStaff() | staff.Expired():
            _say_how_it_stands(turn, outcome)


def invitation_declined(turn: Turn, action: DeclineInvitation) -> None:
    """Says no. The link stays good: it was perhaps forwarded to the wrong person."""
    outcome = staff.opened(turn.db, turn.account, action.code, turn.now, admin=turn.admin)
    if not isinstance(outcome, staff.Offered):
        return _say_how_it_stands(turn, outcome)
    declined(turn, outcome.invitation)


def declined(turn: Turn, invitation: Invitation) -> None:
    turn.say("staff.declined", buttons=[*back_to_question(turn), [MENU]])
    withdraw = Button("staff.button.withdraw", WithdrawInvitation(invitation.id))
    _tell_makers(turn, invitation, "staff.told_declined", [[withdraw]])


def _become(turn: Turn, joined: staff.Joined) -> None:
    """Welcomes the account of this turn as staff, and asks for its name if nobody knows it."""
    grant = joined.grant
    if not turn.registered and turn.account.conversation == "registration":
        turn.leave()  # whoever looked at the bot before being invited; [Ayo daftar] asks again where it stopped
    turn.rights_changed()
    turn.note("role_taken", f"account:{turn.account.id}", site_id=grant.site_id, role=grant.role)
    turn.send(Message(form=Form.COMMANDS, role=turn.role))
    if not joined.named:
        turn.say("staff.welcome", role=role_of(turn, grant), plain=True)
        ask_name(turn)
        return
    key = "staff.welcome_named" if turn.staff else "staff.welcome"
    turn.say(key, role=role_of(turn, grant), buttons=[*back_to_question(turn), *first_steps(turn)])


def _say_how_it_stands(turn: Turn, outcome: staff.Offered | staff.Waiting | staff.AlreadyStaff | staff.Expired) -> None:
    match outcome:
        case staff.AlreadyStaff(invitation, spent):
            key = "staff.already_spent" if spent else "staff.already"
            turn.say(key, role=role_of(turn, invitation), buttons=[*back_to_question(turn), *first_steps(turn)])
        case staff.Waiting(invitation):
            turn.say("staff.still_waiting", role=role_of(turn, invitation), buttons=back_to_question(turn))
        case _:
            turn.say("staff.expired", contact=turn.contact, buttons=back_to_question(turn))


# --- who accepted ---------------------------------------------------------------------------------------------------


def _tell_maker(turn: Turn, invitation: Invitation, key: str) -> None:
    right = Button("staff.button.right", ConfirmStaff(invitation.id), style=Style.PRIMARY)
    wrong = Button("staff.button.wrong", RejectStaff(invitation.id))
    _tell_makers(turn, invitation, key, [[right, wrong]])


def _tell_makers(turn: Turn, invitation: Invitation, key: str, buttons: list[list[Button]]) -> None:
    """Tells whoever made the invitation; all admins where that account is no admin (any more)."""
    values: dict[str, Value] = {"role": role_of(turn, invitation), "who": _shown_by_telegram(turn)}
    message = Message(key, values, rows(*buttons), secret=True)
    for account in staff.makers_of(turn.db, invitation, turn.settings):
        if account.id != turn.account.id and account.blocked_at is None:
            name = staff.CONFIRM if invitation.used_at is not None else staff.TOLD
            once = f"{name}:{invitation.id}:{account.id}@{turn.update.update_id}"
            outbox.post(turn.db, outbox.to(account, message, once=once), now=turn.now)


def _shown_by_telegram(turn: Turn) -> str:
    """Returns the name and @username of the person who writes, as Telegram shows them to anybody."""
    sender = turn.update.effective_user
    if sender is None:
        return str(turn.account.id)
    name = " ".join((sender.full_name or "").split())[:NAME_LENGTH] or str(turn.account.id)
    return f"{name} (@{sender.username})" if sender.username else name


def staff_confirmed(turn: Turn, action: ConfirmStaff) -> None:
    """Records that the right person accepted. A new admin's rights begin here."""
    turn.must_be_admin()
    joined = staff.confirm(turn.db, turn.account, action.invitation, turn.now)
    if joined is None:
        return _nothing_waits(turn, action.invitation)
    account = staff.account_of(turn.db, joined.grant.account_id)
    assert account is not None
    role = role_of(turn, joined.grant)
    subject = f"account:{account.id}"
    turn.note("staff_confirmed", subject, site_id=joined.grant.site_id, role=joined.grant.role)
    if joined.grant.role == Role.ADMIN:
        turn.rights_changed()
        turn.note("role_taken", subject, role=joined.grant.role)
        turn.tell(account, Message(form=Form.COMMANDS, role=Role.ADMIN))
        rename = Button("staff.button.tell_name", RenameStaff())
        turn.tell(account, Message("staff.told_confirmed", {"role": role}, rows([rename], [MENU])))
    turn.show("staff.confirmed", staff=name_of(turn, joined.grant), role=role, buttons=[[to_list()]], secret=True)


def staff_rejected(turn: Turn, action: RejectStaff) -> None:
    """Records that somebody else accepted. A role that began is taken away after a question; one that did not begin is
    not given."""
    turn.must_be_admin()
    invitation = staff.invitation_of(turn.db, action.invitation)
    grant = staff.used_grant(turn.db, invitation) if invitation is not None else None
    if grant is not None:
        return turn.follow(ConsiderRevoking(grant.id))
    withdraw_asked_for(turn, WithdrawInvitation(action.invitation))


def _nothing_waits(turn: Turn, invitation_id: int) -> None:
    """Tells, after a second tap, how the invitation stands."""
    invitation = staff.invitation_of(turn.db, invitation_id)
    grant = staff.used_grant(turn.db, invitation) if invitation is not None else None
    if grant is not None:
        role = role_of(turn, grant)
        turn.show("staff.confirmed", staff=name_of(turn, grant), role=role, buttons=[[to_list()]], secret=True)
    else:
        turn.show("staff.invitation_over", buttons=[[to_list()]])


# --- invitations that are still good --------------------------------------------------------------------------------


def invitations_asked_for(turn: Turn, action: SeeInvitations) -> None:
    turn.must_be_admin()
    page = page_of(staff.open_invitations(turn.db, turn.now), action.page, PAGE)
    if not page.items:
        turn.show("staff.no_invitations", buttons=[[Button("staff.button.invite", InviteStaff())], [to_list()]])
        return
    buttons: list[list[Button]] = []
    lines = []
    for number, invitation in enumerate(page.items, page.first + 1):
        zone = turn.zone(invitation.site_id) if invitation.site_id else privacy.ZONE
        values: dict[str, Value] = {
            "number": number, "role": role_of(turn, invitation), "maker": _maker(turn, invitation),
            "until": At(invitation.expires_at, zone),
        }  # fmt: skip
        if staff.is_waiting(invitation, turn.now):
            values["who"] = _accepted_by(turn, invitation)
            lines.append(Words("staff.invitation.waits", values))
            right = Button("staff.button.right_one", ConfirmStaff(invitation.id), {"number": number})
            buttons.append([right, Button("staff.button.withdraw_one", WithdrawInvitation(invitation.id), values)])
        else:
            lines.append(Words("staff.invitation.open", values))
            buttons.append([Button("staff.button.withdraw_one", WithdrawInvitation(invitation.id), values)])
    if page.after:
        buttons.append([Button("staff.button.more", SeeInvitations(page.after))])
    turn.show("staff.invitations", lines=Lines(tuple(lines)), buttons=[*buttons, [to_list()]], secret=True)


def withdraw_asked_for(turn: Turn, action: WithdrawInvitation) -> None:
    """Ends an invitation: at once, because another can be made."""
    turn.must_be_admin()
    invitation = staff.withdraw(turn.db, action.invitation, turn.now)
    if invitation is None:
        found = staff.invitation_of(turn.db, action.invitation)
        grant = staff.used_grant(turn.db, found) if found is not None else None
        if grant is not None:  # somebody accepted it meanwhile
            return turn.follow(SeeGrant(grant.id))
        turn.show("staff.invitation_over", buttons=[[to_list()]])
        return
    turn.note("invitation_withdrawn", site_id=invitation.site_id, role=invitation.role)
    account = staff.account_of(turn.db, invitation.used_by) if invitation.used_by is not None else None
    if account is not None:
        told: dict[str, Value] = {"role": role_of(turn, invitation), "contact": turn.contact}
        turn.tell(account, Message("staff.told_withdrawn", told, rows([MENU])))
    turn.show("staff.withdrawn", role=role_of(turn, invitation), buttons=[[to_list()]])


def _maker(turn: Turn, invitation: Invitation) -> Value:
    """Returns how the admin who made the invitation is called; "the programme's admin" if that is not known."""
    maker = staff.account_of(turn.db, invitation.made_by) if invitation.made_by is not None else None
    return (maker.staff_name if maker is not None else None) or Words("staff.an_admin")


def _accepted_by(turn: Turn, invitation: Invitation) -> Value:
    account = staff.account_of(turn.db, invitation.used_by or 0)
    return (
        called(account.id, account.staff_name or (account.person.name if account.person else None)) if account else ""
    )

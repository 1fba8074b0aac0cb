"""Who serves as staff: invitations by link, taking rights away, and the record of what staff did. For admins; the
invited meet it first.

    admin: /staf -> role -> site -> link and QR code -> somebody opens it -> staff at once -> (their name, asked once)

Being staff needs no consent 1: somebody who trains others takes no part. They are asked for a name because what they do
is written down, and their colleagues must know who it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.capability import Capability, Command, Handlers
from bot.catalogue.content import Site
from bot.documents import deep_links
from bot.documents.xlsx_writer import MIME
from bot.people import audit, rights
from bot.people.audit import AuditRow
from bot.people.people import Role, RoleGrant
from bot.programme import privacy, registration, sessions, staff
from bot.turns.pages import page_of
from bot.turns.router import Conversation, command, tap, typed
from bot.turns.turn import END, State, Turn, leave
from bot.words.message import At, Button, File, Form, Lines, Message, Sheet, Value, Who, Words

STAFF: Final = "staff"
NAME: Final = "name"
PAGE: Final = 6
"""People, or sites, on one screen."""
RECORDS: Final = 10
RECORDS_IN_FILE: Final = 2_000
RECORD: Final = "catatan.xlsx"
QR: Final = "undangan.png"


def handlers() -> Handlers:
    conversation = Conversation(
        STAFF,
        entry_points=[tap("staff:rename", name_asked_for), tap("staff:invited", invitation_opened)],
        states={NAME: [tap("staff:telegram_name", telegram_name_taken), typed(name_written)]},
        fallbacks=[command("batal", name_left_out), tap("staff:later", name_left_out)],
        resume=name_asked_again,
    )
    return [
        conversation,
        command("staf", list_asked_for),
        tap("staff:list", list_asked_for),
        tap("staff:show", one_picked),
        tap("staff:revoke", revoking_considered),
        tap("staff:revoked", revoked),
        tap("staff:invite", role_asked_for),
        tap("staff:sites", site_asked_for),
        tap("staff:link", link_asked_for),
        command("catatan", record_asked_for),
        tap("staff:record", record_asked_for),
        tap("staff:record_file", record_file_asked_for),
    ]


CAPABILITY: Final = Capability(
    "staff",
    handlers,
    commands=(
        Command("staf", "admin", place=10),
        Command("catatan", "admin", place=20),
    ),
    data=staff.DATA,
)


# --- who there is ---------------------------------------------------------------------------------------------------


def list_asked_for(turn: Turn) -> State:
    """staff:list[:<page>]"""
    turn.must_be_admin()
    page = page_of(staff.everybody(turn.db), turn.number(), PAGE)
    buttons = [
        [Button("staff.button.one", f"staff:show:{grant.id}", {"staff": _called(account.id, account.staff_name)})]
        for grant, account in page.items
    ]
    if page.after:
        buttons.append([Button("staff.button.more", f"staff:list:{page.after}")])
    buttons.append([Button("staff.button.invite", "staff:invite"), Button("staff.button.record", "staff:record")])
    buttons.append([Button("staff.button.rename", "staff:rename")])
    lines = Lines(
        tuple(
            Words("staff.line", {"staff": _called(account.id, account.staff_name), "role": _role(turn, grant)})
            for grant, account in page.items
        )
    )
    turn.show("staff.list" if page.items else "staff.nobody", people=lines, buttons=buttons, secret=True)
    return None


def one_picked(turn: Turn) -> State:
    turn.must_be_admin()
    grant = staff.grant_of(turn.db, turn.number() or 0)
    if grant is None:
        return list_asked_for(turn)
    turn.show(
        "staff.one",
        staff=_name_of(turn, grant),
        role=_role(turn, grant),
        since=_at(turn, grant),
        buttons=[[Button("staff.button.revoke", f"staff:revoke:{grant.id}")], [_back()]],
        secret=True,
    )
    return None


def revoking_considered(turn: Turn) -> State:
    turn.must_be_admin()
    grant = staff.grant_of(turn.db, turn.number() or 0)
    if grant is None:
        return list_asked_for(turn)
    really = Button("staff.button.revoke_now", f"staff:revoked:{grant.id}")
    turn.show(
        "staff.revoke", staff=_name_of(turn, grant), role=_role(turn, grant), buttons=[[really], [_back()]], secret=True
    )
    return None


def revoked(turn: Turn) -> State:
    turn.must_be_admin()
    grant = staff.grant_of(turn.db, turn.number() or 0)
    if grant is None:
        turn.show("staff.revoked_before", buttons=[[_back()]])
        return None
    name, role = _name_of(turn, grant), _role(turn, grant)
    outcome = staff.revoke(turn.db, grant.id)
    assert outcome is not None
    subject = f"account:{outcome.account.id}"
    turn.note("role_revoked", subject, site_id=outcome.site_id, role=outcome.role)
    turn.rights_changed()
    left = rights.roles_of(turn.db, outcome.account)
    menu = Role.ADMIN if any(one.role == Role.ADMIN for one in left) else Role.TRAINER if left else Role.PARTICIPANT
    if outcome.account.telegram_id in turn.settings.admin_ids:
        menu = Role.ADMIN
    turn.tell(outcome.account, Message("staff.told_revoked", {"role": role, "contact": _contact(turn)}))
    turn.tell(outcome.account, Message(form=Form.COMMANDS, role=menu))
    turn.show("staff.revoked", staff=name, role=role, buttons=[[_back()]], secret=True)
    return None


# --- inviting -------------------------------------------------------------------------------------------------------


def role_asked_for(turn: Turn) -> State:
    turn.must_be_admin()
    trainer, admin = Button("staff.button.trainer", "staff:sites"), Button("staff.button.admin", "staff:link:admin")
    turn.show("staff.invite", buttons=[[trainer, admin], [_back()]])
    return None


def site_asked_for(turn: Turn) -> State:
    """staff:sites[:<page>]"""
    turn.must_be_admin()
    page = page_of([site for site in turn.content.sites if site.active], turn.number(), PAGE)
    names = [Button("staff.button.site", f"staff:link:trainer:{site.id}", {"site": site.name}) for site in page.items]
    buttons: list[Sequence[Button]] = [names[at : at + 2] for at in range(0, len(names), 2)]
    if page.after:
        buttons.append([Button("staff.button.more", f"staff:sites:{page.after}")])
    turn.show("staff.which_site", buttons=[*buttons, [Button("button.back", "staff:invite")]])
    return None


def link_asked_for(turn: Turn) -> State:
    """staff:link:<role>[:<site>]. Each tap makes a link of its own."""
    turn.must_be_admin()
    role, _, site_id = turn.choice.partition(":")
    site = turn.content.site(site_id)
    if role == Role.TRAINER and (site is None or not site.active):
        return site_asked_for(turn)
    if role not in staff.ROLES:
        return role_asked_for(turn)
    code = staff.invite(turn.db, turn.account, Role(role), site.id if site else None, turn.now)
    turn.note("staff_invited", site_id=site.id if site else None, role=role)
    address = deep_links.link(turn.bot_username, staff.LINK + code)
    until = At(turn.now + staff.VALID, turn.content.open_hours(site.id if site else None).zone)
    values: dict[str, Value] = {"role": _role_words(Role(role), site), "link": address, "until": until}
    buttons = ((Button("staff.button.list", "staff:list"), Button("button.help", "menu:help")),)
    picture = File(QR, "image/png", deep_links.qr_png(address))
    # the link gives rights to whoever has it: nothing of it stays in the ledger
    turn.send(Message("staff.link", values, buttons, form=Form.PHOTO, file=picture, secret=True))
    return None


def invitation_opened(turn: Turn) -> State:
    """staff:invited:<code>, from the link ?start=t_<code>."""
    match staff.join(turn.db, turn.account, turn.choice, turn.now):
        case staff.Joined(grant, named):
            turn.rights_changed()
            turn.note("role_taken", f"account:{turn.account.id}", site_id=grant.site_id, role=grant.role)
            turn.send(Message(form=Form.COMMANDS, role=turn.role))
            if not named:
                turn.say("staff.welcome", role=_role(turn, grant), plain=True)
                return _ask_name(turn)
            turn.say("staff.welcome_named", role=_role(turn, grant), buttons=_first_steps())
        case staff.AlreadyStaff(grant):
            turn.say("staff.already", role=_role(turn, grant), buttons=_first_steps())
        case staff.Expired():
            turn.say("staff.expired", contact=_contact(turn))
    return None


# --- a name ---------------------------------------------------------------------------------------------------------


def name_asked_for(turn: Turn) -> State:
    turn.must_be_staff()
    return _ask_name(turn)


def name_asked_again(turn: Turn) -> None:
    _ask_name(turn)


def _ask_name(turn: Turn, *, again: bool = False) -> State:
    turn.asked = True
    buttons = [[Button("registration.button.telegram_name", "staff:telegram_name")]] if _telegram_name(turn) else []
    later = [Button("staff.button.later", "staff:later")]
    turn.say("staff.name_again" if again else "staff.name", buttons=[*buttons, later])
    return NAME


def name_written(turn: Turn) -> State:
    turn.must_be_staff()
    return _named(turn, registration.readable_name(turn.text))


def telegram_name_taken(turn: Turn) -> State:
    turn.must_be_staff()
    return _named(turn, _telegram_name(turn))


def _named(turn: Turn, name: str | None) -> State:
    if name is None:
        return _ask_name(turn, again=True)
    turn.account.staff_name = name
    leave(turn.account, STAFF)
    turn.note("staff_named", f"account:{turn.account.id}")
    turn.say("staff.named", staff=name, buttons=_first_steps(), secret=True)
    return END


def name_left_out(turn: Turn) -> State:
    leave(turn.account, STAFF)
    turn.say("staff.unnamed", buttons=_first_steps())
    return END


def _telegram_name(turn: Turn) -> str | None:
    sender = turn.update.effective_user
    return registration.readable_name(sender.first_name) if sender else None


# --- what staff did -------------------------------------------------------------------------------------------------


def record_asked_for(turn: Turn) -> State:
    """staff:record[:<page>]"""
    turn.must_be_admin()
    page = turn.number() or 0
    found = audit.latest(turn.db, limit=RECORDS + 1, offset=page * RECORDS)
    if not found and page == 0:
        turn.show("staff.record_empty", buttons=[[_back()]])
        return None
    lines = Lines(tuple(Words("staff.record_line", _record(turn, row)) for row in found[:RECORDS]))
    buttons = [[Button("staff.button.record_file", "staff:record_file")]]
    if len(found) > RECORDS:
        buttons.insert(0, [Button("staff.button.older", f"staff:record:{page + 1}")])
    turn.show("staff.record", lines=lines, buttons=[*buttons, [_back()]], secret=True)
    return None


def record_file_asked_for(turn: Turn) -> State:
    turn.must_be_admin()
    found = audit.latest(turn.db, limit=RECORDS_IN_FILE)
    turn.note("record_taken", rows=len(found))
    head = tuple(
        Words(key)
        for key in (
            "staff.head.at", "staff.head.who", "staff.head.what", "staff.head.whom", "staff.head.site",
            "staff.head.details",
        )
    )  # fmt: skip
    rows = []
    for row in found:
        told = _record(turn, row)
        details = ", ".join(f"{name}={value}" for name, value in sorted(row.details.items()))
        rows.append((told["at"], told["staff"], told["what"], told["whom"], told["site"], details))
    sheet = Sheet(Words("staff.head.title"), head, tuple(rows))
    file = File(RECORD, MIME)
    turn.send(Message("staff.record_file", form=Form.DOCUMENT, file=file, sheets=(sheet,), secret=True))
    return None


def _record(turn: Turn, row: AuditRow) -> dict[str, Value]:
    site = turn.content.site(row.site_id or "")
    return {
        "at": At(row.at, turn.content.open_hours(row.site_id).zone),
        "staff": _called(row.actor_id or 0, row.actor_name),
        "what": Words(f"staff.audit.{row.action}"),
        "whom": _subject(turn, row.subject),
        "site": site.name if site else None,
    }


def _subject(turn: Turn, subject: str) -> Value:
    kind, _, number = subject.partition(":")
    if not number.isdigit():
        return None
    match kind:
        case "person":
            return Words("staff.subject", {"whom": Who(int(number))})
        case "broadcast":
            return Words("staff.subject", {"whom": number})
        case "session":
            session = sessions.get(turn.db, int(number))
            return Words("staff.subject", {"whom": session.title}) if session else None
        case "account":
            account = staff.account_of(turn.db, int(number))
            called = _called(int(number), account.staff_name if account else None)
            return Words("staff.subject", {"whom": called})
    return None


# --- words and buttons ----------------------------------------------------------------------------------------------


def _called(account_id: int, name: str | None) -> Value:
    return name or Words("staff.nameless", {"number": account_id})


def _name_of(turn: Turn, grant: RoleGrant) -> Value:
    account = staff.account_of(turn.db, grant.account_id)
    return _called(grant.account_id, account.staff_name if account else None)


def _role(turn: Turn, grant: RoleGrant) -> Words:
    return _role_words(Role(grant.role), turn.content.site(grant.site_id or ""))


def _role_words(role: Role, site: Site | None) -> Words:
    if role is Role.ADMIN:
        return Words("staff.role.admin")
    return Words("staff.role.trainer", {"site": site.name if site else None})


def _at(turn: Turn, grant: RoleGrant) -> At:
    zone = turn.content.open_hours(grant.site_id).zone if grant.site_id else privacy.ZONE
    return At(grant.granted_at, zone)


def _first_steps() -> list[list[Button]]:
    return [[Button("menu.button.sessions", "sessions:list"), Button("button.menu", "menu:show")]]


def _back() -> Button:
    return Button("button.back", "staff:list")


def _contact(turn: Turn) -> Value:
    return turn.settings.privacy_contact or Words("menu.contact_trainer")

"""The data kept of staff: a notice, a copy, and an end that says what goes and what stays."""

from __future__ import annotations

import json
from typing import Final

from bot.actions.buttons import MENU
from bot.actions.menu import OpenMenu
from bot.actions.privacy import EraseData, ReadNotice
from bot.actions.registration import ContinueRegistration
from bot.actions.staff import SeeStaff
from bot.actions.staff_data import EraseStaffData, EraseStaffDataNow, GetStaffCopy, SeeStaffNotice
from bot.capability import Capability, Handlers
from bot.people import audit, rights
from bot.people.people import Role
from bot.programme import staff_data
from bot.programme.staff_data import Extent
from bot.turns.router import tap
from bot.turns.turn import Turn
from bot.words.message import Button, File, Form, Lines, Message, Style, Value, Words, rows

COPY: Final = "data-staf.json"


def handlers() -> Handlers:
    return [
        tap(SeeStaffNotice, notice_asked_for),
        tap(GetStaffCopy, copy_asked_for),
        tap(EraseStaffData, erasure_asked_for),
        tap(EraseStaffDataNow, erasure_confirmed),
    ]


CAPABILITY: Final = Capability("staff_data", handlers)


def notice_asked_for(turn: Turn) -> None:
    turn.must_serve()
    turn.show(
        "staff_data.notice",
        n=_months(turn),
        controller=turn.settings.data_controller,
        contact=turn.privacy_contact,
        buttons=[
            [Button("staff_data.button.copy", GetStaffCopy()), Button("staff_data.button.erase", EraseStaffData())],
            [Button("privacy.button.notice", ReadNotice())],
        ],
    )


def copy_asked_for(turn: Turn) -> None:
    turn.must_serve()
    turn.say(
        "staff_data.copy",
        staff=_called(turn),
        roles=_roles(turn),
        n=sum(audit.deeds_of(turn.db, turn.account.id).values()),
        secret=True,
        buttons=[[Button("staff_data.button.erase", EraseStaffData())]],
    )
    copy = staff_data.copy_of(turn.db, turn.account, content=turn.content, by_settings=_by_settings(turn), now=turn.now)
    content = json.dumps(copy, ensure_ascii=False, indent=2).encode()
    file = File(COPY, "application/json", content)
    turn.send(Message("staff_data.copy_file", form=Form.DOCUMENT, file=file, secret=True))


def erasure_asked_for(turn: Turn) -> None:
    if not turn.serves:
        return turn.follow(EraseData())
    extent = staff_data.extent(turn.db, turn.account)
    buttons = [
        [
            Button(
                "staff_data.button.erase_now",
                EraseStaffDataNow(turn.account.id),
                {"staff": _called(turn)},
                style=Style.DANGER,
            )
        ]
    ]
    if extent is Extent.SHARED:
        buttons.append([Button("staff_data.button.participant", EraseData())])
    turn.show(
        "staff_data.erase",
        staff=_called(turn),
        goes=Words(f"staff_data.goes.{extent}"),
        stays=_stays(turn, extent),
        buttons=[*buttons, [Button("privacy.button.not_now", OpenMenu())]],
        secret=True,
    )


def erasure_confirmed(turn: Turn, action: EraseStaffDataNow) -> None:
    if not turn.serves or action.account != turn.account.id:
        return erasure_asked_for(turn)
    extent, by_settings = staff_data.extent(turn.db, turn.account), _by_settings(turn)
    stays = _stays(turn, extent)
    told: dict[str, Value] = {"staff": _called(turn), "roles": _roles(turn)}
    turn.leave_everything()
    turn.account.staff_name = None
    turn.note("staff_erased", f"account:{turn.account.id}")
    turn.db.flush()
    turn.send(Message(form=Form.COMMANDS, role=Role.ADMIN if by_settings else Role.PARTICIPANT))
    ended = staff_data.erase(turn.db, turn.account, turn.now, turn.context.capabilities)
    turn.rights_changed()
    for admin in rights.admin_accounts(turn.db, turn.settings):
        if admin.id != turn.account.id:
            button = Button("staff.button.list", SeeStaff())
            turn.tell(admin, Message("staff_data.told_admins", told, rows([button]), secret=True))
    again = MENU if ended.account_stays else Button("registration.button.begin", ContinueRegistration())
    turn.show("staff_data.erased", stays=stays, contact=turn.privacy_contact, buttons=[[again]])


def _stays(turn: Turn, extent: Extent) -> Lines:
    lines = [Words("staff_data.stays.record", {"n": _months(turn)})]
    if extent is Extent.ALL:
        lines.append(Words("staff_data.stays.counts"))
    if extent is Extent.SHARED:
        lines.append(Words("staff_data.stays.people"))
    if _by_settings(turn):
        lines.append(Words("staff_data.stays.settings"))
    return Lines(tuple(lines))


def _months(turn: Turn) -> int:
    return turn.content.programme.retention.record_months


def _by_settings(turn: Turn) -> bool:
    """Whether the account is an admin by the settings of the server, which no button changes."""
    return turn.account.telegram_id in turn.settings.admin_ids


def _called(turn: Turn) -> Value:
    return turn.account.staff_name or Words("staff.nameless", {"number": turn.account.id})


def _roles(turn: Turn) -> Lines:
    lines = []
    for grant in rights.roles_of(turn.db, turn.account):
        site = turn.content.site(grant.site_id or "")
        at_site = Words(f"staff.role.{grant.role}", {"site": site.name if site else None})
        lines.append(Words("staff.role.admin") if grant.role == Role.ADMIN else at_site)
    if _by_settings(turn):
        lines.append(Words("staff_data.admin_by_settings"))
    return Lines(tuple(lines))

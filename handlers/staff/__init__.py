"""Staff: invitations by link, taking roles away, and the record of what staff did. For admins; new staff meet it first.

    people    who serves as staff; taking a role away
    moving    to another site; classes handed over to another trainer
    inviting  invitations: made, opened, accepted, confirmed, withdrawn
    names     the name of a new member of staff, asked once
    typed_words  a yes or no that was typed below an invitation
    record    what staff did, on the screen and as a file
    parts     what these screens share

Being staff needs no consent 1: somebody who trains others takes no part. They are asked for a name because what they do
is written down, and their colleagues must know who it was.
"""

from __future__ import annotations

from typing import Final

from bot.actions.staff import (
    AcceptInvitation,
    ConfirmStaff,
    ConsiderGiving,
    ConsiderMovingStaff,
    ConsiderRevoking,
    DeclineInvitation,
    GetRecordFile,
    GiveClasses,
    InviteStaff,
    LeaveStaffName,
    LeaveTheirs,
    MakeLink,
    MoveStaff,
    OpenInvitation,
    PickHeir,
    PickNewSite,
    PickRecordMonth,
    PickStaffSite,
    RejectStaff,
    RenameStaff,
    RevokeGrant,
    SeeGrant,
    SeeInvitations,
    SeeRecord,
    SeeRefusals,
    SeeStaff,
    StopTheirs,
    TakeTelegramNameAsStaff,
    WithdrawInvitation,
)
from bot.capability import Capability, Command, Handlers
from bot.programme import staff
from bot.turns.router import Conversation, command, tap, typed
from handlers.staff.inviting import (
    invitation_accepted,
    invitation_declined,
    invitation_opened,
    invitations_asked_for,
    link_asked_for,
    role_asked_for,
    site_asked_for,
    staff_confirmed,
    staff_rejected,
    withdraw_asked_for,
)
from handlers.staff.moving import (
    classes_given,
    giving_considered,
    heir_asked_for,
    move_considered,
    moved,
    new_site_asked_for,
)
from handlers.staff.names import (
    NAME,
    STAFF,
    name_asked_again,
    name_asked_for,
    name_left_out,
    name_written,
    telegram_name_taken,
)
from handlers.staff.people import (
    list_asked_for,
    one_picked,
    revoked,
    revoking_considered,
    theirs_left,
    theirs_stopped,
)
from handlers.staff.record import month_asked_for, record_asked_for, record_file_asked_for, refusals_asked_for
from handlers.staff.typed_words import heard


def handlers() -> Handlers:
    conversation = Conversation(
        STAFF,
        # opening one is a question of its own: no [Lanjutkan] of another stands beside it
        entry_points=[
            tap(RenameStaff, name_asked_for),
            tap(OpenInvitation, invitation_opened),
            tap(AcceptInvitation, invitation_accepted),
        ],
        states={NAME: [tap(TakeTelegramNameAsStaff, telegram_name_taken), typed(name_written)]},
        fallbacks=[command("batal", name_left_out), tap(LeaveStaffName, name_left_out)],
        resume=name_asked_again,
    )
    return [
        conversation,
        command("staf", list_asked_for, SeeStaff()),
        tap(SeeStaff, list_asked_for),
        tap(SeeGrant, one_picked),
        tap(ConsiderRevoking, revoking_considered),
        tap(RevokeGrant, revoked),
        tap(StopTheirs, theirs_stopped),
        tap(LeaveTheirs, theirs_left),
        tap(PickNewSite, new_site_asked_for),
        tap(ConsiderMovingStaff, move_considered),
        tap(MoveStaff, moved),
        tap(PickHeir, heir_asked_for),
        tap(ConsiderGiving, giving_considered),
        tap(GiveClasses, classes_given),
        tap(InviteStaff, role_asked_for),
        tap(PickStaffSite, site_asked_for),
        tap(MakeLink, link_asked_for),
        tap(DeclineInvitation, invitation_declined),
        tap(ConfirmStaff, staff_confirmed),
        tap(RejectStaff, staff_rejected),
        tap(SeeInvitations, invitations_asked_for),
        tap(WithdrawInvitation, withdraw_asked_for),
        command("catatan", record_asked_for, SeeRecord()),
        tap(SeeRecord, record_asked_for),
        tap(SeeRefusals, refusals_asked_for),
        tap(PickRecordMonth, month_asked_for),
        tap(GetRecordFile, record_file_asked_for),
    ]


CAPABILITY: Final[Capability] = Capability(
    "staff",
    handlers,
    commands=(
        Command("staf", "admin", place=10),
        Command("catatan", "admin", place=20),
    ),
    data=staff.DATA,
    hears_first=heard,
)

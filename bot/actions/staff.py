"""What the buttons about staff carry. `grant` is the number of a role that somebody was given."""

from __future__ import annotations

from typing import Literal

from bot.people.people import Role
from bot.words.action import Action


class SeeStaff(Action, name="staff:list"):
    """Lists the members of staff."""

    page: int = 0


class SeeGrant(Action, name="staff:show"):
    """Shows one role of a member of staff, with the button to take it away."""

    grant: int


class ConsiderRevoking(Action, name="staff:revoke"):
    """Asks whether to take the role away."""

    grant: int


class RevokeGrant(Action, name="staff:revoked"):
    """Takes the role away."""

    grant: int


class StopTheirs(Action, name="staff:stop_theirs"):
    """Stops the announcements of an account that lost its role."""

    account: int


class LeaveTheirs(Action, name="staff:leave_theirs"):
    """Lets the announcements go on that an account which lost its role is sending."""

    account: int


class PickNewSite(Action, name="staff:new_site"):
    """Asks to which site a trainer or mentor moves."""

    grant: int
    page: int = 0


class ConsiderMovingStaff(Action, name="staff:move"):
    """Asks whether the role moves to this site."""

    grant: int
    site: str


class MoveStaff(Action, name="staff:moved"):
    """Moves the role to this site. The grant is that of the site before: moved once, it is gone."""

    grant: int
    site: str


class PickHeir(Action, name="staff:heirs"):
    """Asks which trainer of the site takes over the classes that name this account as their trainer."""

    account: int
    site: str
    page: int = 0


class ConsiderGiving(Action, name="staff:give"):
    """Asks whether this trainer (`grant`) takes over the account's classes at the grant's site."""

    account: int
    grant: int


class GiveClasses(Action, name="staff:given"):
    """Names this trainer on the account's classes. `version` is the version of the classes that were shown."""

    account: int
    grant: int
    version: int = 0


class InviteStaff(Action, name="staff:invite"):
    """Asks for which role to invite."""


class PickStaffSite(Action, name="staff:sites"):
    """Asks for the site of the new trainer or mentor."""

    page: int = 0
    role: Literal[Role.TRAINER, Role.MENTOR] = Role.TRAINER


class MakeLink(Action, name="staff:link"):
    """Makes an invitation as trainer or mentor of this site, or as admin."""

    role: Role
    site: str = ""


class OpenInvitation(Action, name="staff:invited"):
    """Opens an invitation by its link. No button carries this: /start leads here."""

    code: str


class AcceptInvitation(Action, name="staff:accept"):
    """Become what the invitation says. `code` is the link's own: whoever has not opened it cannot know it."""

    code: str


class DeclineInvitation(Action, name="staff:decline"):
    """The invitation is not for me."""

    code: str


class ConfirmStaff(Action, name="staff:confirm"):
    """The right person accepted this invitation."""

    invitation: int


class RejectStaff(Action, name="staff:reject"):
    """It was somebody else: take the role away, or do not give it."""

    invitation: int


class SeeInvitations(Action, name="staff:open"):
    """Invitations that are still good."""

    page: int = 0


class WithdrawInvitation(Action, name="staff:withdraw"):
    """Nobody may use this invitation any more."""

    invitation: int


class RenameStaff(Action, name="staff:rename"):
    """Asks for the name by which colleagues know this member of staff."""


class TakeTelegramNameAsStaff(Action, name="staff:telegram_name"):
    """Takes the name in Telegram as the name among staff."""


class LeaveStaffName(Action, name="staff:later"):
    """Puts the question for the name off."""


class SeeRecord(Action, name="staff:record"):
    """Shows what staff did; `looks`: also what they only looked at."""

    page: int = 0
    looks: bool = False


class SeeRefusals(Action, name="staff:refusals"):
    """Shows what was refused."""

    page: int = 0


class PickRecordMonth(Action, name="staff:record_months"):
    """Asks for the month of the record."""

    page: int = 0


class GetRecordFile(Action, name="staff:record_file"):
    """Sends what staff did in a month (`2026-11`), as a spreadsheet. Without a month: asks which."""

    month: str = ""

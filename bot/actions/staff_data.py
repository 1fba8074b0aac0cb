"""What the buttons about the data of staff carry."""

from __future__ import annotations

from bot.words.action import Action


class SeeStaffNotice(Action, name="staff_data:notice"):
    """Shows what is kept of staff, and why."""


class GetStaffCopy(Action, name="staff_data:copy"):
    """Sends a copy of what is kept of this member of staff."""


class EraseStaffData(Action, name="staff_data:erase"):
    """Asks whether to end being staff and erase the data kept of it."""


class EraseStaffDataNow(Action, name="staff_data:erased"):
    """Ends being staff and erases the data kept of it, for this account."""

    account: int

"""What people can do, in the order a participant meets it: the table of contents.

The order also decides: the first handler that wants an update gets it, so `privacy` (which keeps secrets out) stands
before everything that reads text, `broadcasts` before `sessions` (which takes any table), and `menu` (which answers
whatever nobody else understood) stands last.
"""

from __future__ import annotations

from typing import Final

from bot.capability import Capability
from handlers import (
    attendance,
    broadcasts,
    enrolment,
    lessons,
    menu,
    privacy,
    quizzes,
    registration,
    reminders,
    reports,
    roster,
    sessions,
    staff,
    surveys,
)

CAPABILITIES: Final[tuple[Capability, ...]] = (
    privacy.CAPABILITY,
    registration.CAPABILITY,
    enrolment.CAPABILITY,
    reminders.CAPABILITY,
    lessons.CAPABILITY,
    quizzes.CAPABILITY,
    staff.CAPABILITY,
    broadcasts.CAPABILITY,
    surveys.CAPABILITY,
    attendance.CAPABILITY,
    reports.CAPABILITY,
    sessions.CAPABILITY,
    roster.CAPABILITY,
    menu.CAPABILITY,
)

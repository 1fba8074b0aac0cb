"""All capabilities, in the order a participant meets them: the table of contents.

The order also decides: the first handler that wants an update gets it, so `privacy` (which keeps secrets out) stands
before everything that reads text, `mentoring` before all conversations (a Telegram reply names its question by itself),
`broadcasts` before `sessions` (which takes any table), `call_list` before `attendance` and `roster` (a typed name is of
the newest list), `understanding` (which takes
any text) and `menu` (which answers whatever nobody else understood) stand last.
"""

from __future__ import annotations

from typing import Final

from bot.capability import Capability
from handlers import (
    appointments,
    attendance,
    broadcasts,
    call_list,
    certificates,
    consents,
    enrolment,
    faq,
    follow_up,
    guide,
    incidents,
    lessons,
    mentoring,
    menu,
    openings,
    overrides,
    paper,
    privacy,
    quizzes,
    registration,
    reminders,
    reports,
    roster,
    sessions,
    staff,
    staff_data,
    surveys,
    understanding,
    voices,
)

CAPABILITIES: Final[tuple[Capability, ...]] = (
    privacy.CAPABILITY,
    mentoring.CAPABILITY,
    faq.CAPABILITY,
    appointments.CAPABILITY,
    registration.CAPABILITY,
    consents.CAPABILITY,
    enrolment.CAPABILITY,
    openings.CAPABILITY,
    reminders.CAPABILITY,
    lessons.CAPABILITY,
    quizzes.CAPABILITY,
    staff.CAPABILITY,
    staff_data.CAPABILITY,
    overrides.CAPABILITY,
    incidents.CAPABILITY,
    broadcasts.CAPABILITY,
    surveys.CAPABILITY,
    follow_up.CAPABILITY,
    certificates.CAPABILITY,
    call_list.CAPABILITY,
    attendance.CAPABILITY,
    reports.CAPABILITY,
    sessions.CAPABILITY,
    roster.CAPABILITY,
    paper.CAPABILITY,
    voices.CAPABILITY,
    guide.CAPABILITY,
    understanding.CAPABILITY,
    menu.CAPABILITY,
)

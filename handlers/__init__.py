"""What people can do, in the order a participant meets it: the table of contents.

The order also decides: the first handler that wants an update gets it, so `privacy` (which keeps secrets out) stands
before everything that reads text, `broadcasts` before `sessions` (which takes any table), and `menu` (which answers
whatever nobody else understood) stands last.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.turn import Capability
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

CAPABILITIES = (
    privacy,
    registration,
    enrolment,
    reminders,
    lessons,
    quizzes,
    staff,
    broadcasts,
    surveys,
    attendance,
    reports,
    sessions,
    roster,
    menu,
)


def capabilities() -> Sequence[Capability]:
    """Fresh handlers of every capability: each database thread has its own."""
    return [capability.handlers() for capability in CAPABILITIES]

"""What people can do, in the order a participant meets it: the table of contents.

The order also decides: the first handler that wants an update gets it, so `privacy` (which keeps secrets out) stands
before everything that reads text, and `menu` (which answers whatever nobody else understood) stands last.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.turn import Capability
from handlers import enrolment, lessons, menu, privacy, quizzes, registration, reminders

CAPABILITIES = (privacy, registration, enrolment, reminders, lessons, quizzes, menu)


def capabilities() -> Sequence[Capability]:
    """Fresh handlers of every capability: each database thread has its own."""
    return [capability.handlers() for capability in CAPABILITIES]

"""The follow-up rounds: a few questions after the first class, and 30, 90 and 180 days later."""

from __future__ import annotations

from typing import Final

from bot.capability import Capability, Handlers
from bot.programme import follow_up


def handlers() -> Handlers:
    return []


CAPABILITY: Final = Capability("follow_up", handlers, data=follow_up.DATA)

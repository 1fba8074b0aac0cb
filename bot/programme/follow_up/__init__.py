"""What came of it: a few questions after the first class, and 30, 90 and 180 days later."""

from __future__ import annotations

from bot.programme.follow_up.data import DATA
from bot.programme.follow_up.tables import (
    AboutPerson,
    AgeBand,
    Ended,
    FollowUpRound,
    Outcome,
    OutcomeKey,
    Practice,
    PracticeState,
    RoundKind,
    Sex,
    Source,
)
from bot.programme.follow_up.values import CLOSES, OPENS, SKIPPED, UNKNOWN, VALUES

__all__ = [
    "CLOSES",
    "DATA",
    "OPENS",
    "SKIPPED",
    "UNKNOWN",
    "VALUES",
    "AboutPerson",
    "AgeBand",
    "Ended",
    "FollowUpRound",
    "Outcome",
    "OutcomeKey",
    "Practice",
    "PracticeState",
    "RoundKind",
    "Sex",
    "Source",
]

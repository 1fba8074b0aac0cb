"""What can be answered in a round, as codes: pure data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from bot.actions.follow_up import OutcomeKey, RoundKind

SKIPPED: Final = "skipped"
"""[Lewati], or "tidak tahu" where that is no answer."""
UNKNOWN: Final = "unknown"
"""[Tidak tahu]."""

VALUES: Final[Mapping[OutcomeKey, tuple[str, ...]]] = {
    OutcomeKey.ORDERS: ("up", "same", "down", UNKNOWN),
    OutcomeKey.WORKERS: ("0", "1", "2-4", "5+", SKIPPED),
    # millions of rupiah in a month
    OutcomeKey.TURNOVER: ("0-1", "1-5", "5-15", "15-50", "50-150", "150+", SKIPPED),
    OutcomeKey.OBSTACLE: ("capital", "buyers", "time", "materials", "permits", "other"),
    OutcomeKey.RECOMMEND: tuple(str(number) for number in range(11)),
}
"""The values of each key, in the order in which they are offered."""

OPENS: Final[Mapping[RoundKind, timedelta]] = {
    RoundKind.D0: timedelta(0),
    RoundKind.D30: timedelta(days=30),
    RoundKind.D90: timedelta(days=90),
    RoundKind.D180: timedelta(days=180),
}
"""From which time after `counted_from` a round is asked."""
CLOSES: Final[Mapping[RoundKind, timedelta]] = {
    RoundKind.D0: timedelta(days=7),
    RoundKind.D30: timedelta(days=45),
    RoundKind.D90: timedelta(days=120),
    RoundKind.D180: timedelta(days=210),
}
"""From which time after `counted_from` it is not asked any more: day 44 is the last for D30."""
ANSWERED_FOR: Final = timedelta(days=7)
"""Who was asked at the end of a window can still answer for so long."""
PARTS: Final = 3
"""So many questions a round has; what is offered after the thanks is not among them."""

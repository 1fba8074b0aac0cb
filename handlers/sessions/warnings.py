"""What a class would run into, told before it is saved."""

from __future__ import annotations

from typing import Final

from bot.programme.class_conflicts import Planned, conflicts
from bot.turns.turn import Turn
from bot.words.message import At, Lines, Words
from handlers.sessions.classes import site_name

SHOWN: Final = 3


def warning_of(turn: Turn, planned: Planned) -> tuple[Words | None, list[int]]:
    """Returns the words about what is on at the same time, None if nothing is; and the numbers of those classes, which
    belong to the version of what is shown."""
    sites = () if turn.admin else turn.staff_sites  # a name elsewhere may be somebody else's
    found = conflicts(turn.db, planned, sites)
    lines = [
        Words(
            f"sessions.warning.{why}",
            {
                "title": other.title,
                "starts": At(other.starts_at, turn.zone(other.site_id)),
                "until": At(other.ends_at, turn.zone(other.site_id)),
                "site": site_name(turn, other.site_id),
                "venue": other.venue,
                "trainer": other.trainer,
            },
        )
        for other, why in found[:SHOWN]
    ]
    if len(found) > SHOWN:
        lines.append(Words("sessions.warning.more", {"n": len(found) - SHOWN}))
    return (Words("sessions.warning", {"lines": Lines(tuple(lines))}) if lines else None), [one.id for one, _ in found]

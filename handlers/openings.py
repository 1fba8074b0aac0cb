"""Being told when there are classes at a site that has none."""

from __future__ import annotations

from typing import Final

from bot.actions.enrolment import SeeClasses
from bot.actions.openings import DoNotTell, TellWhenOpen
from bot.capability import Capability, Handlers
from bot.programme import openings
from bot.turns.router import tap
from bot.turns.turn import Turn


def handlers() -> Handlers:
    return [
        tap(TellWhenOpen, told_when_open),
        tap(DoNotTell, not_told),
    ]


CAPABILITY: Final = Capability("openings", handlers, data=openings.DATA)


def told_when_open(turn: Turn, action: TellWhenOpen) -> None:
    """Notes the wish, and shows the list of classes: it says that we will tell them, or shows the classes there are by
    now."""
    site = turn.content.site(action.site)
    if site is not None and openings.wish(turn.db, turn.person, site.id, turn.now):
        turn.toast("openings.toast.noted")
    turn.follow(SeeClasses(action.site))


def not_told(turn: Turn, action: DoNotTell) -> None:
    openings.drop(turn.db, turn.person, action.site)
    turn.toast("openings.toast.dropped")
    turn.follow(SeeClasses(action.site))

"""How a class stands on a button and in a list of staff: the day first, and for whoever looks after several sites which
site and in which zone."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bot.turns.turn import Turn
from bot.words.action import Action
from bot.words.message import At, Button, Value, Words


class OfClass(Protocol):
    """The fields of a class that stand on a button."""

    @property
    def title(self) -> str: ...
    @property
    def site_id(self) -> str: ...
    @property
    def starts_at(self) -> datetime: ...


def class_button(turn: Turn, session: OfClass, action: Action) -> Button:
    """Returns a button with the day, the hour and the title: a phone cuts the end of a long label, and the day is what
    tells two classes of one title apart."""
    facts: dict[str, Value] = {"title": session.title, "starts": At(session.starts_at, turn.zone(session.site_id))}
    if len(turn.staff_sites) <= 1:
        return Button("button.class", action, facts)
    return Button("button.class_at", action, facts | {"site": _site(turn, session)})


def title_in_list(turn: Turn, session: OfClass) -> Value:
    """Returns the title, with its site and zone for whoever looks after several."""
    if len(turn.staff_sites) <= 1:
        return session.title
    zone = At(session.starts_at, turn.zone(session.site_id))
    return Words("button.title_at", {"title": session.title, "site": _site(turn, session), "starts": zone})


def _site(turn: Turn, session: OfClass) -> str:
    site = turn.content.site(session.site_id)
    return site.name if site is not None else session.site_id

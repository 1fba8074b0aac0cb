"""The class or the change that is being put together: its questions, and the answers so far."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from bot.actions.buttons import back
from bot.actions.sessions import GoBackInClass, StopClass
from bot.catalogue.content import Site
from bot.programme import sessions
from bot.programme.class_conflicts import Planned, as_it_is
from bot.programme.sessions import ClassSession
from bot.turns.turn import Turn
from bot.words.message import At, Button, Value
from handlers.sessions.classes import class_values, list_button, site_name, trainer_line

SITE, TITLE, WHEN, LENGTH, SEATS, VENUE, PIN, TRAINER, CONTACT, CONFIRM = (
    "site", "title", "when", "length", "seats", "venue", "pin", "trainer", "contact", "confirm",
)  # fmt: skip
SAID_DAY, SAID_PART, SAID_LENGTH = "said_day", "said_part", "said_length"
"""What was said of the time before the hour was asked for; and that the length was said with it ("09.00-11.00")."""
DETAILS: Final = (TITLE, LENGTH, TRAINER, CONTACT)
"""What is written about a class: each is a change of its own, of the same name."""
QUESTIONS: Final[dict[str, tuple[str, ...]]] = {
    "new": (SITE, TITLE, WHEN, LENGTH, SEATS, VENUE, PIN),
    "copy": (WHEN,),
    "move": (WHEN,),
    "seats": (SEATS,),
    "venue": (VENUE, PIN),
    **{detail: (detail,) for detail in DETAILS},
}
"""The questions of each kind of change, in order."""


def must_still_lead(turn: Turn) -> None:
    """Checks the rights before every step: they may have been taken away since the last one."""
    turn.must_be_staff()
    if site := turn.draft.get("site"):
        turn.must_lead(site)


def class_changed(turn: Turn) -> ClassSession | None:
    """Returns the class that is to be changed or copied; None for a new one."""
    return sessions.get(turn.db, turn.draft.get("session") or 0)


def own_sites(turn: Turn) -> list[Site]:
    return [site for site in turn.content.sites if site.active and site.id in turn.staff_sites]


def is_closed(turn: Turn, site_id: str) -> bool:
    """Whether the site takes no new classes: an admin closed it, or it is not in content/ any more."""
    site = turn.content.site(site_id)
    return site is None or not site.active


def say_closed(turn: Turn, site_id: str) -> None:
    turn.show("sessions.site_closed", site=site_name(turn, site_id), buttons=[[list_button()]])


def zone_of_draft(turn: Turn) -> str:
    return turn.zone(turn.draft.get("site"))


def moment_of_draft(turn: Turn) -> At:
    return At(datetime.fromisoformat(turn.draft[WHEN]), zone_of_draft(turn))


def planned_values(turn: Turn) -> dict[str, Value]:
    """Returns the class that would be made, from the draft or from the class it is copied from."""
    draft, source = turn.draft, class_changed(turn)
    if source is not None:
        return class_values(turn, source) | {
            "starts": moment_of_draft(turn),
            "minutes": draft.get(LENGTH, source.minutes),
            "who": trainer_line(draft.get(TRAINER, source.trainer)),
        }
    return {
        "title": draft[TITLE],
        "starts": moment_of_draft(turn),
        "minutes": draft[LENGTH],
        "venue": draft[VENUE],
        "site": site_name(turn, draft[SITE]),
        "capacity": draft[SEATS],
        "who": trainer_line(turn.account.staff_name),
    }


def as_planned(turn: Turn) -> Planned | None:
    """Returns the class as it would be after what is in the draft; None if that changes nothing that another class can
    be in the way of."""
    draft, session = turn.draft, class_changed(turn)
    if draft["kind"] == "new":
        starts = datetime.fromisoformat(draft[WHEN])
        named = turn.account.staff_name
        return Planned(draft[SITE], draft[TITLE], starts, draft[LENGTH], draft[VENUE], named)
    if session is None or draft["kind"] in (SEATS, CONTACT):
        return None
    planned = as_it_is(session)
    new: dict[str, Any] = {
        {WHEN: "starts_at", LENGTH: "minutes"}.get(name, name): draft[name]
        for name in (TITLE, WHEN, LENGTH, VENUE, TRAINER)
        if name in draft
    }
    if WHEN in draft:
        new["starts_at"] = datetime.fromisoformat(draft[WHEN])
    return replace(planned, **new, but=None if draft["kind"] == "copy" else session.id)


def back_and_cancel() -> list[Button]:
    return [back(GoBackInClass()), Button("button.cancel", StopClass())]

"""Buttons that stand under many messages: the ways on and back, and to a human being."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bot.actions.enrolment import SeeClasses, SeeSchedule
from bot.actions.menu import GetHelp, GoOn, OpenMenu
from bot.actions.privacy import StopOnly
from bot.people.people import Purpose
from bot.words.action import Action
from bot.words.message import Button

MENU: Final = Button("button.menu", OpenMenu())
HELP: Final = Button("button.help", GetHelp())
GO_ON: Final = Button("menu.button.go_on", GoOn())
SCHEDULE: Final = Button("enrolment.button.mine", SeeSchedule())


def back(action: Action) -> Button:
    """Returns "Kembali", to the screen that this action leads to."""
    return Button("button.back", action)


def other_classes(site_id: str | None = None) -> Button:
    """Returns the button that leads to the classes of this site; without a site, to those of the person's own site."""
    return Button("button.other_classes", SeeClasses(site_id or ""))


def only_these(purposes: Iterable[Purpose]) -> list[Button]:
    """Returns for each of these consents the way to stop what it allows, and nothing else."""
    return [Button(f"privacy.button.only.{one}", StopOnly(one)) for one in purposes]

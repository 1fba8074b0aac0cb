"""What the buttons of the guide carry."""

from __future__ import annotations

from typing import Literal

from bot.words.action import Action

Job = Literal[
    "class_new",
    "class_change",
    "table",
    "link",
    "announce",
    "untold",
    "attendance",
    "signal",
    "walk_in",
    "close",
    "questions",
    "people",
    "report",
    "read_report",
    "rest",
    "invite",
    "confirm",
    "leave",
    "sites",
    "settings",
    "incident",
    "requests",
    "state",
    "appointments",
    "voice",
    "certificates",
]


class SeeGuide(Action, name="guide:list"):
    """Lists what the guide tells: the jobs of the account's role; participants read their own page."""

    page: int = 0


class SeeJob(Action, name="guide:job"):
    """Shows how one job is done."""

    job: Job

"""What the buttons of reminders carry. `session` is the number of a class, `version` the revision of the class that
people were told of."""

from __future__ import annotations

import dataclasses

from bot.words.action import PersonalAction


class SayComing(PersonalAction, name="reminders:coming"):
    """The person says that they will come."""

    session: int
    version: int = dataclasses.field(default=0, kw_only=True)


class SayNotComing(PersonalAction, name="reminders:not_coming"):
    """The person says that they cannot come: the seat is given back."""

    session: int
    version: int = dataclasses.field(default=0, kw_only=True)


class SayLate(PersonalAction, name="reminders:late"):
    """The person says that they come late: the trainer sees that, and the seat stays theirs."""

    session: int


class SayOnTime(PersonalAction, name="reminders:on_time"):
    """The person says that they come in time after all."""

    session: int


class SeeMap(PersonalAction, name="reminders:map"):
    """Shows where the class is, on a map."""

    session: int

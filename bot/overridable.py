"""Which settings an admin may make in the chat, in place of what stands in content/.

Not among them: who is in charge of the data, whom one asks about them, and how long they are kept. These belong to the
privacy notice.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

EVERYWHERE: Final = ""
"""Stands for all sites, in the place of a site's id."""


class What(StrEnum):
    """Which setting. The values stand in buttons and in rows of the database."""

    NAME = "name"
    PIN = "pin"
    ACTIVE = "on"
    """Whether the site takes new people and new classes."""
    CONTACT = "talk"
    SEATS = "seat"
    """Seats of a class whose table names none."""
    HOURS = "hour"
    """From which hour to which messages come by themselves."""
    HOLIDAYS = "free"
    LEADS = "lead"
    """How long before a class reminders come."""


OF_SITE: Final = (What.NAME, What.PIN, What.ACTIVE, What.CONTACT)
"""Settings that only a site has."""
OF_RULES: Final = (What.HOURS, What.HOLIDAYS, What.SEATS, What.LEADS)
"""Settings that a site has, and all sites together."""
OF_TIME: Final = (What.HOURS, What.HOLIDAYS)
"""Settings that could close a site for ever."""

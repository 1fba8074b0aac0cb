"""The results of sending, scheduling, stopping and correcting an announcement."""

from __future__ import annotations

from dataclasses import dataclass

from bot.programme.broadcasts.tables import Broadcast


@dataclass(frozen=True)
class Begun:
    broadcast: Broadcast
    people: int


@dataclass(frozen=True)
class Scheduled:
    broadcast: Broadcast


@dataclass(frozen=True)
class Past:
    """The moment for which the announcement was to be scheduled has passed."""


@dataclass(frozen=True)
class Nobody:
    """Nobody would get the announcement."""


@dataclass(frozen=True)
class AlreadySent:
    """The announcement is no longer a draft: it was sent, or called off."""

    broadcast: Broadcast


@dataclass(frozen=True)
class Replaced:
    """The announcement that was corrected had not begun: its words were replaced."""

    broadcast: Broadcast


@dataclass(frozen=True)
class TooOld:
    """The words of the announcement were emptied long ago, so it cannot be sent again."""


@dataclass(frozen=True)
class Stopped:
    broadcast: Broadcast
    dropped: int


@dataclass(frozen=True)
class Withdrawn:
    """`withdrawal` deletes the copies; `dropped` copies had not been sent yet."""

    withdrawal: Broadcast
    dropped: int


@dataclass(frozen=True)
class Over:
    """No copy was waiting any more, so nothing was stopped."""

    broadcast: Broadcast

"""Which part of the work a process does, and how it may end."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """Which part of the work a process does, and how it may end."""

    RUN = "run"
    """Everything: the only process of its database."""
    WEB = "web"
    """Receives updates through the webhook."""
    WORKER = "worker"
    """Handles updates, and does jobs."""
    SENDER = "sender"
    """Sends, and runs the scheduler; of several the first does (the leader), the others stand by."""


class FatalError(Exception):
    """The bot cannot go on until somebody puts something right; one line for the person at the terminal."""


class NotNowError(FatalError):
    """The bot cannot go on now, but perhaps when it is started again: the database is away, say."""


class StoppedError(Exception):
    """Stopping was asked for before serving began."""

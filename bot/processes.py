"""Which part of the work a process does, and how it may end."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """Which part of the work a process does, and how it may end."""

    RUN = "run"
    """Everything: the only process of its database."""
    WEB = "web"
    """Takes updates in, through the webhook."""
    WORKER = "worker"
    """Handles updates, and does jobs."""
    SENDER = "sender"
    """Sends, and runs the scheduler; of several the first does (the leader), the others stand by."""


class FatalError(Exception):
    """The bot cannot go on; one line for the person at the terminal."""


class StoppedError(Exception):
    """Somebody stopped us before we served."""

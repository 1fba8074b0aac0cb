"""Where log lines go: to stderr, one line an event, with the journal's levels."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import MutableMapping
from functools import cache
from typing import Any

import structlog

from bot.settings import Settings

PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
"""The journal's numbers: `journalctl -p warning` shows 4 and below."""
LEVELS = {"DEBUG": logging.DEBUG, "INFO": logging.INFO, "WARNING": logging.WARNING, "ERROR": logging.ERROR}


def journal_prefix(level: str) -> str:
    """Returns the prefix by which the journal files a line under its level; empty where stderr is not the journal's."""
    return f"<{PRIORITIES.get(level, 6)}>" if _into_journal() else ""


@cache
def _into_journal() -> bool:
    """Whether stderr is the journal's stream. systemd names the stream by device and inode, because a process that
    inherits the variable may write elsewhere."""
    try:
        found = os.fstat(2)
    except OSError:
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


def set_up_logging(settings: Settings, *, quiet: bool = False) -> None:
    """Sets up logging to stderr, one line an event; in the sandbox only what went wrong."""
    level = logging.WARNING if quiet and settings.log_level == "INFO" else LEVELS[settings.log_level]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            *([] if _into_journal() else [structlog.processors.TimeStamper(fmt="iso", utc=True)]),  # the journal's own
            _line,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler()
    handler.setFormatter(_OthersLines("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler])


_in_logfmt = structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], drop_missing=True)


def _line(logger: Any, name: str, given: MutableMapping[str, Any]) -> str:
    priority = journal_prefix(str(given["level"]))
    return priority + _in_logfmt(logger, name, given)


class _OthersLines(logging.Formatter):
    """Formats what libraries log: each line of a message becomes an event of its own in the journal."""

    def format(self, record: logging.LogRecord) -> str:
        priority = journal_prefix(record.levelname.lower())
        return priority + super().format(record).replace("\n", f"\n{priority}")

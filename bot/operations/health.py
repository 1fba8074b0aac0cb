"""What a process shows over HTTP: /health for a watchdog, /metrics for Prometheus, and the webhook if it has one."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.delivery import outbox
from bot.operations import metrics as figures
from bot.people.people import number_registered
from bot.people.quiet_hours import Kind
from bot.processes import Role
from bot.programme import mentoring
from bot.programme.status import SENT, coming_classes
from bot.turns import inbox
from bot.version import full_version

if TYPE_CHECKING:
    from bot.app import App

SILENCE: Final = 120.0
"""Seconds without an answer from Telegram after which the process counts as unhealthy."""
BACKLOG: Final = 300.0
"""Seconds that a message may wait, while none is sent, before we are not well. (One to very many may take longer.)
And seconds that what is due may be stuck: a restart of the database, or a lock that somebody holds, is over sooner."""

ANSWER_SECONDS: Final = 5.0
"""How long the database may take for the figures, so that a request for them does not wait for ever."""
COUNTED_EVERY: Final = 600.0
RETRY_SECONDS: Final = 60.0
"""How often people are counted, and when again if that failed."""
_UNKNOWN: Final[dict[str, Any]] = {
    "outbox_age_seconds": None,
    "sent_age_seconds": None,
    "outbox": {},
    "inbox_waiting": None,
    "questions": {},
    "classes": None,
}


def routes(app: App) -> list[Route]:
    """/health, /metrics and the webhook of this app; everything else is a 404."""
    registry = CollectorRegistry()
    told = figures.Figures()
    registry.register(told)
    registry.register(app.sender.answered)
    ProcessCollector(registry=registry)
    people = _People(app)

    async def health(_request: Request) -> Response:
        facts = await state(app)
        return JSONResponse(facts, 200 if facts["ok"] else 503)

    async def metrics(_request: Request) -> Response:
        told.facts = await state(app) | {"people": await people.number()}
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    found = [Route("/health", health), Route("/metrics", metrics)]
    return found if app.webhook is None else [*found, app.webhook.route]


class _People:
    """How many people are registered. They are counted one by one, so seldom, and beside all who wait."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._number: int | None = None
        self._counted_at = -COUNTED_EVERY

    async def number(self) -> int | None:
        """Returns the number as it was at most COUNTED_EVERY seconds ago; None while it cannot be counted."""
        if self._app.serving.prepared and time.monotonic() - self._counted_at >= COUNTED_EVERY:
            self._counted_at = time.monotonic()
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    self._number = await self._app.database.read(number_registered)
            except Exception:
                self._counted_at += RETRY_SECONDS - COUNTED_EVERY
        return self._number


def newest_age(folder: Path) -> float | None:
    """Returns how old the newest backup in the folder is, in seconds; None if there is none, or it cannot be seen."""
    try:
        made = [file.stat().st_mtime for file in folder.glob("jalin-*.zip*")]
    except OSError:
        return None
    return round(max(0.0, time.time() - max(made)), 1) if made else None


async def state(app: App) -> dict[str, Any]:
    """Returns the process's health: counts and ages only, nothing about anybody. Seconds are real seconds."""
    polls = app.role is Role.RUN and app.webhook is None
    facts: dict[str, Any] = {
        "version": full_version(),
        "role": app.role.value,
        "starting": not app.serving.prepared,
        "poll_age_seconds": round(time.monotonic() - app.inbox.last_poll, 1) if polls else None,
        "update_age_seconds": round(time.monotonic() - app.webhook.last_update, 1) if app.webhook else None,
        "line": app.leadership.up if app.leadership is not None else None,
        "sends": app.leadership.sends if app.leadership is not None and app.role is Role.SENDER else None,
        "updates": {
            "received": app.inbox.received,
            "handled": app.inbox.handled + app.worker.handled,
            "let_go": app.inbox.let_go,
        },
        "database_trouble": None if app.database.outage.reason is None else str(app.database.outage.reason),
        "database_file": app.file_watch.trouble if app.file_watch is not None else None,
        "ticks_stuck": app.scheduler.stuck,
        "clock_off_seconds": None if app.clock.offset else _seconds(app.clock_check.off),
        "turns_failed": app.inbox.failed + app.worker.failed,
        "messages": {
            "sent": app.sender.sent,
            "failed": app.sender.failed,
            "blocked": app.sender.blocked,
            "dropped": app.sender.dropped,
            "retried": app.sender.retried,
            "wordless": app.sender.wordless,
            "in_hand": app.sender.in_hand,
        },
        "sent_of": {kind.value: app.sender.sent_of.get(kind, 0) for kind in Kind},
        "facts_overdue": sum(fact.is_overdue(app.clock.now().date()) for fact in app.content.facts.values()),
        "backup_age_seconds": newest_age(app.settings.watch_backups) if app.settings.watch_backups else None,
        "taps_unanswered": app.sender.answers_failed,
    }
    facts |= await _of_database(app)
    silent = (facts["poll_age_seconds"] or 0) > SILENCE or facts["line"] is False
    nothing_sent = facts["sent_age_seconds"] is None or facts["sent_age_seconds"] > SILENCE
    late = (facts["outbox_age_seconds"] or 0) > BACKLOG and nothing_sent
    stuck = (
        app.scheduler.stuck_seconds > BACKLOG
    )  # reminders may wait, and the messages that would be late are not written
    well = bool(facts["database"]) and not facts["database_file"] and not app.clock_is_wrong
    facts["ok"] = well and not silent and not late and not stuck
    return facts


def _seconds(off: timedelta | None) -> float | None:
    return None if off is None else round(off.total_seconds(), 1)


async def _of_database(app: App) -> dict[str, Any]:
    if not app.serving.prepared:  # it may not have our tables yet
        return _UNKNOWN | {"database": None}
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            found = await app.database.in_transaction(_from_database, app.clock.now())
    except Exception:  # whatever it is, the answer is the same
        return _UNKNOWN | {"database": False}
    return found | {"database": not app.cannot_write}  # a full disk can still be read


def _from_database(db: Session, now: datetime) -> dict[str, Any]:
    oldest = outbox.oldest_waiting(db, now)
    sent = outbox.last_sent(db, now)
    return {
        "outbox_age_seconds": 0.0 if oldest is None else round((now - oldest).total_seconds(), 1),
        "sent_age_seconds": None if sent is None else round((now - sent).total_seconds(), 1),
        "outbox": outbox.tally(db, sent_since=now - SENT),
        "inbox_waiting": inbox.number_undone(db),
        "said_more_than_once": outbox.said_more_than_once(db),
        "questions": _of_questions(db, now),
        "classes": coming_classes(db, now),
        "checked_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _of_questions(db: Session, now: datetime) -> dict[str, dict[str, Any]]:
    """Returns, site by site, how many questions wait for mentors, and how soon mentors answered in the last 30 days."""
    found = mentoring.figures.figures(db, now - mentoring.figures.LATELY, now)
    return {
        site_id: {
            "free": one.free,
            "held": one.held,
            "overdue": one.overdue,
            "due": one.number,
            "in_time": one.in_time,
            "median_minutes": one.median_minutes,
        }
        for site_id, one in sorted(found.items())
    }

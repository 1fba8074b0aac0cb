"""What a process shows over HTTP: /health for a watchdog, /metrics for Prometheus, and the webhook if it has one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.delivery import outbox
from bot.processes import Role
from bot.programme.status import SENT
from bot.turns import inbox

if TYPE_CHECKING:
    from bot.app import App

SILENCE: Final = 120.0
"""Seconds without an answer from Telegram after which we are not well."""
BACKLOG: Final = 300.0
"""Seconds that a message may wait, while none is sent, before we are not well. (One to very many may take longer.)
And seconds that what is due may be stuck: a restart of the database, or a lock that somebody holds, is over sooner."""

ANSWER_SECONDS: Final = 5.0
"""How long the database may take for our figures: whoever asks for them does not wait for ever either."""
_UNKNOWN: Final[dict[str, Any]] = {
    "outbox_age_seconds": None,
    "sent_age_seconds": None,
    "outbox": {},
    "inbox_waiting": None,
}


def routes(app: App) -> list[Route]:
    """/health, /metrics and the webhook of this app; everything else is a 404."""
    registry = CollectorRegistry()
    figures = _Figures()
    registry.register(figures)

    async def health(_request: Request) -> Response:
        facts = await state(app)
        return JSONResponse(facts, 200 if facts["ok"] else 503)

    async def metrics(_request: Request) -> Response:
        figures.facts = await state(app)
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    found = [Route("/health", health), Route("/metrics", metrics)]
    return found if app.webhook is None else [*found, app.webhook.route]


async def state(app: App) -> dict[str, Any]:
    """How we are: counts and ages only, nothing about anybody. Seconds are real seconds."""
    polls = app.role is Role.RUN and app.webhook is None
    facts: dict[str, Any] = {
        "role": app.role.value,
        "starting": not app.prepared,
        "poll_age_seconds": round(time.monotonic() - app.inbox.last_poll, 1) if polls else None,
        "update_age_seconds": round(time.monotonic() - app.webhook.last_update, 1) if app.webhook else None,
        "line": app.leadership.up if app.leadership is not None else None,
        "sends": app.leadership.sends if app.leadership is not None and app.role is Role.SENDER else None,
        "updates": {
            "received": app.inbox.received,
            "handled": app.inbox.handled + app.worker.handled,
            "let_go": app.inbox.let_go,
        },
        "ticks_stuck": app.scheduler.stuck,
        "turns_failed": app.inbox.failed + app.worker.failed,
        "messages": {
            "sent": app.sender.sent,
            "failed": app.sender.failed,
            "blocked": app.sender.blocked,
            "dropped": app.sender.dropped,
            "retried": app.sender.retried,
            "in_hand": app.sender.in_hand,
        },
    }
    facts |= await _of_database(app)
    silent = (facts["poll_age_seconds"] or 0) > SILENCE or facts["line"] is False
    nothing_sent = facts["sent_age_seconds"] is None or facts["sent_age_seconds"] > SILENCE
    late = (facts["outbox_age_seconds"] or 0) > BACKLOG and nothing_sent
    stuck = (
        app.scheduler.stuck_seconds > BACKLOG
    )  # reminders may wait, and the messages that would be late are not written
    facts["ok"] = bool(facts["database"]) and not silent and not late and not stuck
    return facts


async def _of_database(app: App) -> dict[str, Any]:
    if not app.prepared:  # it may not have our tables yet
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
        "checked_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


class _Figures(Collector):
    """The same facts in Prometheus' words."""

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {}

    def collect(self) -> Iterator[Metric]:
        facts = self.facts
        if not facts:
            return
        yield _gauge("jalin_up", "1 when all is well, as /health sees it", float(facts["ok"]))
        if facts["database"] is not None:
            yield _gauge("jalin_database_up", "1 when the database can be read and written", float(facts["database"]))
        if facts["poll_age_seconds"] is not None:
            yield _gauge("jalin_poll_age_seconds", "since Telegram last answered our asking", facts["poll_age_seconds"])
        if facts["update_age_seconds"] is not None:
            yield _gauge("jalin_update_age_seconds", "since the webhook's last update", facts["update_age_seconds"])
        if facts["line"] is not None:
            yield _gauge("jalin_line_up", "1 when other processes are heard at once", float(facts["line"]))
        if facts["sends"] is not None:
            yield _gauge("jalin_sends", "1 in the one sender that sends", float(facts["sends"]))
        if facts["outbox_age_seconds"] is not None:
            yield _gauge("jalin_outbox_age_seconds", "how long the oldest message waits", facts["outbox_age_seconds"])
            yield _gauge("jalin_inbox_waiting", "updates that wait for their turn", facts["inbox_waiting"])
            yield _gauge(
                "jalin_said_more_than_once", "messages a killed process may have doubled", facts["said_more_than_once"]
            )
        if facts["sent_age_seconds"] is not None:
            yield _gauge("jalin_sent_age_seconds", "since a message was last sent", facts["sent_age_seconds"])
        rows = GaugeMetricFamily(
            "jalin_outbox_rows", "messages in the ledger; sent: of the last day", labels=["status"]
        )
        for status, count in facts["outbox"].items():
            rows.add_metric([status], count)
        yield rows
        updates = CounterMetricFamily("jalin_updates", "updates since the start", labels=["what"])
        for what, count in facts["updates"].items():
            updates.add_metric([what], count)
        yield updates
        messages = CounterMetricFamily("jalin_messages", "messages since the start", labels=["result"])
        for result, count in facts["messages"].items():
            if result != "in_hand":
                messages.add_metric([result], count)
        yield messages
        yield _gauge("jalin_messages_in_hand", "messages the sender holds", facts["messages"]["in_hand"])
        failed = CounterMetricFamily("jalin_turns_failed", "turns that were rolled back")
        failed.add_metric([], facts["turns_failed"])
        yield failed


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)

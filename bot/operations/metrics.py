"""The figures of /metrics, for Prometheus. docs/operations.md tells what each means and when it is an alarm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.version import commit, version


class Figures(Collector):
    """The facts of `health.state`, as Prometheus metrics. What is read from the database is the same in all processes
    of it: "max" says so in its words, because a sum would count it as often as there are processes."""

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {}

    def collect(self) -> Iterator[Metric]:
        facts = self.facts
        if not facts:
            return
        which = GaugeMetricFamily(
            "jalin_version", "always 1; the labels say which version", labels=["version", "commit"]
        )
        which.add_metric([version(), commit() or ""], 1)
        yield which
        yield _gauge("jalin_up", "1 when all is well, as /health sees it", float(facts["ok"]))
        if facts["database"] is not None:
            yield _gauge("jalin_database_up", "1 when the database can be read and written", float(facts["database"]))
        if facts["poll_age_seconds"] is not None:
            yield _gauge("jalin_poll_age_seconds", "since Telegram last answered our asking", facts["poll_age_seconds"])
        if facts["update_age_seconds"] is not None:
            yield _gauge("jalin_update_age_seconds", "since the webhook's last update", facts["update_age_seconds"])
        if facts["clock_off_seconds"] is not None:
            yield _gauge("jalin_clock_off_seconds", "the clock ahead of Telegram's", facts["clock_off_seconds"])
        if facts["line"] is not None:
            yield _gauge("jalin_line_up", "1 when other processes are heard at once", float(facts["line"]))
        if facts["sends"] is not None:
            yield _gauge("jalin_sends", "1 in the one sender that sends", float(facts["sends"]))
        if facts["outbox_age_seconds"] is not None:
            yield _gauge(
                "jalin_outbox_age_seconds", "how long the oldest message waits; max", facts["outbox_age_seconds"]
            )
            yield _gauge("jalin_inbox_waiting", "updates that wait for their turn; max", facts["inbox_waiting"])
            doubled = CounterMetricFamily(
                "jalin_said_more_than_once", "messages a killed process may have doubled, ever; max"
            )
            doubled.add_metric([], facts["said_more_than_once"])
            yield doubled
        if facts["classes"] is not None:
            yield _gauge("jalin_classes_coming", "classes to come; max", facts["classes"]["coming"])
            yield _gauge("jalin_seats_taken", "seats taken or held in them; max", facts["classes"]["seats"])
        if facts["people"] is not None:
            yield _gauge("jalin_people", "people registered, counted every ten minutes; max", facts["people"])
        yield _gauge("jalin_facts_overdue", "facts of lessons to be looked at again; max", facts["facts_overdue"])
        if facts["backup_age_seconds"] is not None:
            yield _gauge("jalin_backup_age_seconds", "age of the newest backup; max", facts["backup_age_seconds"])
        if facts["sent_age_seconds"] is not None:
            yield _gauge("jalin_sent_age_seconds", "since a message was last sent; max", facts["sent_age_seconds"])
        rows = GaugeMetricFamily(
            "jalin_outbox_rows", "messages in the ledger; sent: of the last day; max", labels=["status"]
        )
        for status, count in facts["outbox"].items():
            rows.add_metric([status], count)
        yield rows
        yield from _questions(facts["questions"])
        updates = CounterMetricFamily("jalin_updates", "updates since the start", labels=["what"])
        for what, count in facts["updates"].items():
            updates.add_metric([what], count)
        yield updates
        messages = CounterMetricFamily("jalin_messages", "messages since the start", labels=["result"])
        for result, count in facts["messages"].items():
            if result != "in_hand":
                messages.add_metric([result], count)
        yield messages
        kinds = CounterMetricFamily("jalin_sent", "messages sent since the start, by kind", labels=["kind"])
        for kind, count in facts["sent_of"].items():
            kinds.add_metric([kind], count)
        yield kinds
        yield _gauge("jalin_messages_in_hand", "messages the sender holds", facts["messages"]["in_hand"])
        unanswered = CounterMetricFamily("jalin_taps_unanswered", "taps that Telegram was not told the answer of")
        unanswered.add_metric([], facts["taps_unanswered"])
        yield unanswered
        failed = CounterMetricFamily("jalin_turns_failed", "turns that were rolled back")
        failed.add_metric([], facts["turns_failed"])
        yield failed


def _questions(sites: dict[str, dict[str, Any]]) -> Iterator[Metric]:
    waiting = GaugeMetricFamily(
        "jalin_questions_open", "questions in which somebody waits for a mentor; max", labels=["site", "taken"]
    )
    overdue = GaugeMetricFamily("jalin_questions_overdue", "of these, for three working days; max", labels=["site"])
    due = GaugeMetricFamily("jalin_first_replies_due", "first replies due in the last 30 days; max", labels=["site"])
    in_time = GaugeMetricFamily("jalin_first_replies_in_time", "of these, given in time; max", labels=["site"])
    median = GaugeMetricFamily(
        "jalin_first_reply_minutes", "their median, in minutes of work; of five or more; max", labels=["site"]
    )
    for site_id, one in sites.items():
        waiting.add_metric([site_id, "no"], one["free"])
        waiting.add_metric([site_id, "yes"], one["held"])
        for family, name in ((overdue, "overdue"), (due, "due"), (in_time, "in_time")):
            family.add_metric([site_id], one[name])
        if one["median_minutes"] is not None:
            median.add_metric([site_id], one["median_minutes"])
    yield from (waiting, overdue, due, in_time, median)


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)

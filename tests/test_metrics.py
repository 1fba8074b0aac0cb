"""/metrics, and what is made of it: the rules of deploy/prometheus, the picture of deploy/grafana."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import yaml
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select
from starlette.applications import Starlette

from bot.delivery import outbox
from bot.operations import health
from bot.people.people import Account
from bot.settings import ROOT
from bot.version import version
from bot.words.message import Message
from tests.chat import Chat, registered
from tests.requirements import missing

PROMETHEUS: Final = ROOT / "deploy" / "prometheus"
RULES: Final = PROMETHEUS / "jalin.rules.yml"
PICTURE: Final = ROOT / "deploy" / "grafana" / "jalin.json"
OF_POLLING_OR_OTHERS: Final = {
    "jalin_update_age_seconds",
    "jalin_line_up",
    "jalin_sends",
    "jalin_clock_off_seconds",
    "up",
}
"""Figures that one process on long polling, whose clock nobody has compared yet, does not show; and Prometheus' own."""


def text_of(chat: Chat) -> str:
    async def asked() -> str:
        transport = httpx.ASGITransport(Starlette(routes=list(health.routes(chat.app))))
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
            return (await http.get("/metrics")).text

    return chat._loop.run_until_complete(asked())


def figures_of(chat: Chat) -> dict[str, Metric]:
    return {one.name: one for one in text_string_to_metric_families(text_of(chat))}


def value(found: dict[str, Metric], family: str, **labels: str) -> float:
    (sample,) = [
        one for one in found[family].samples
        if one.labels == labels and not one.name.endswith(("_created", "_bucket", "_sum"))
    ]  # fmt: skip
    return float(sample.value)


@pytest.fixture
def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(RULES.read_text())["groups"]
    found = group["rules"]
    assert isinstance(found, list)
    return found


def drawn() -> list[str]:
    panels = json.loads(PICTURE.read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


# --- the figures ------------------------------------------------------------------------------------------------------


def test_people_seats_facts_backups_and_the_process_are_told(chat: Chat, tmp_path: Path) -> None:
    registered(chat, "Siti")
    chat.add_class()
    chat.app.settings = chat.app.settings.model_copy(update={"watch_backups": tmp_path})
    assert "jalin_backup_age_seconds" not in figures_of(chat), "there is none yet"
    backup = tmp_path / "jalin-20261122T193000Z.zip.age"
    backup.touch()
    (tmp_path / "jalin-notes.txt").touch()
    os.utime(backup, (time.time() - 3600,) * 2)
    found = figures_of(chat)
    assert value(found, "jalin_people") == 1
    assert value(found, "jalin_classes_coming") == 1
    assert value(found, "jalin_seats_taken") == 0
    assert 3599 < value(found, "jalin_backup_age_seconds") < 3700
    assert value(found, "jalin_facts_overdue") >= 0
    assert found["jalin_version"].samples[0].labels["version"] == version()
    assert value(found, "process_resident_memory_bytes") > 1e6
    assert value(found, "process_open_fds") > 3
    assert found["process_cpu_seconds"].type == "counter"


def test_people_are_counted_seldom(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = []

    def count(_db: object) -> int:
        counted.append(1)
        return 7

    monkeypatch.setattr(health, "number_registered", count)
    asks = health._People(chat.app)
    for _ in range(3):
        assert chat._loop.run_until_complete(asks.number()) == 7
    assert len(counted) == 1
    asks._counted_at -= health.COUNTED_EVERY
    chat._loop.run_until_complete(asks.number())
    assert len(counted) == 2


def test_what_counts_up_is_a_counter(chat: Chat) -> None:
    registered(chat)
    found = figures_of(chat)
    counters = {name for name, one in found.items() if one.type == "counter" and name.startswith("jalin_")}
    assert counters >= {
        "jalin_said_more_than_once", "jalin_updates", "jalin_messages", "jalin_sent", "jalin_turns_failed",
        "jalin_taps_unanswered",
    }  # fmt: skip


def test_how_long_people_wait_for_an_answer_is_told(chat: Chat) -> None:
    siti = registered(chat, "Siti").types("/menu")
    before = figures_of(chat)["jalin_answer_seconds"]
    assert before.type == "histogram"
    siti.types("/jadwal")
    found = figures_of(chat)
    assert value(found, "jalin_answer_seconds") == value({"x": before}, "x") + 1
    assert value(found, "jalin_sent", kind="reply") >= 2
    # what another process's turn left in the ledger says when its update came, and what comes by itself says nothing
    with chat.database.transaction() as db:
        account = db.scalars(select(Account).where(Account.telegram_id == siti.id)).one()
        answer = outbox.to(account, Message("menu.again"))
        outbox.post(db, replace(answer, asked_at=chat.now - timedelta(seconds=40)), now=chat.now)
        outbox.post(db, answer, now=chat.now)
    chat.look()
    later = figures_of(chat)
    assert value(later, "jalin_answer_seconds") == value(found, "jalin_answer_seconds") + 1
    slow = [
        one.value for one in later["jalin_answer_seconds"].samples
        if one.name.endswith("_bucket") and one.labels["le"] == "30.0"
    ]  # fmt: skip
    assert slow == [value(found, "jalin_answer_seconds")]


# --- rules and picture ------------------------------------------------------------------------------------------------


def names_in(expression: str) -> set[str]:
    return set(re.findall(r"\b(?:jalin|process)_[a-z_]+|\bup\b", expression))


def test_rules_and_picture_ask_for_figures_that_there_are(chat: Chat, rules: list[dict[str, Any]]) -> None:
    registered(chat)
    sources = [ROOT / "bot" / "operations" / "metrics.py", ROOT / "bot" / "delivery" / "outcomes.py"]
    ours = set(re.findall(r'"(jalin_[a-z_]+)"', "".join(path.read_text() for path in sources)))
    shown: set[str] = set()
    for name, family in figures_of(chat).items():
        shown |= {name, *(sample.name for sample in family.samples)}
    shown |= {f"{name}{ending}" for name in ours for ending in ("", "_total", "_bucket")}
    asked = {name for one in (*(rule["expr"] for rule in rules), *drawn()) for name in names_in(one)}
    assert asked - shown - OF_POLLING_OR_OTHERS == set()
    assert len(asked) > 30


def test_what_all_processes_tell_alike_is_not_added_up(rules: list[dict[str, Any]]) -> None:
    """Six processes on one database would make six of it."""
    words = (ROOT / "bot" / "operations" / "metrics.py").read_text()
    alike = set(re.findall(r'"(jalin_[a-z_]+)",\s*"[^"]*; max"', words))
    assert {"jalin_outbox_age_seconds", "jalin_said_more_than_once", "jalin_questions_overdue"} <= alike
    assert len(alike) >= 14
    told = (ROOT / "docs" / "operations.md").read_text()
    for name in alike:
        assert re.search(rf"^\| `{name}(?:_total)?(?:{{[a-z,]+}})?` \(max\)", told, re.MULTILINE), name
    for expression in (*(rule["expr"] for rule in rules), *drawn()):
        for name in names_in(expression):
            if name.removesuffix("_total") in alike:
                around = rf"max(?: by \([a-z, ]+\))? \(?(?:increase\()?\(?{name}\b|max\((?:increase\()?{name}\b"
                assert re.search(around, expression), expression


def test_each_alarm_says_what_it_means_and_is_tried_once(rules: list[dict[str, Any]]) -> None:
    tried = {one["name"] for one in yaml.safe_load((PROMETHEUS / "jalin.test.yml").read_text())["tests"]}
    assert {rule["alert"] for rule in rules} == tried - {"all is well"}
    for rule in rules:
        assert rule["labels"]["severity"] in ("urgent", "look")
        assert rule["annotations"]["summary"].endswith(".")
        assert rule["annotations"]["first"]


def test_prometheus_is_sent_to_where_the_bot_listens() -> None:
    text = (PROMETHEUS / "prometheus.yml").read_text()
    found = yaml.safe_load(text)
    (job,) = found["scrape_configs"]
    assert (job["job_name"], job["static_configs"]) == ("jalin", [{"targets": ["127.0.0.1:8080"]}])
    units = re.findall(r"systemctl enable jalin.target (.+)", (ROOT / "docs" / "operations.md").read_text())[0]
    for port in re.findall(r"@(\d+)", units):
        assert f"127.0.0.1:{port}" in text
    assert found["rule_files"] == [RULES.name]


@pytest.mark.promtool
def test_prometheus_takes_rules_and_figures_and_every_alarm_rings(chat: Chat) -> None:
    if shutil.which("promtool") is None:
        missing("promtool", "there is no promtool here (Debian's package prometheus)")
    registered(chat)
    for words in (
        ["check", "rules", RULES.name],
        ["check", "config", "--syntax-only", "prometheus.yml"],
        ["test", "rules", "jalin.test.yml"],
    ):
        ran = subprocess.run(["promtool", *words], cwd=PROMETHEUS, capture_output=True, text=True, timeout=60)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=text_of(chat), capture_output=True, text=True, timeout=60
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")

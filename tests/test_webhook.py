"""Polling or a webhook: Telegram does one of both, and several who hold the token can get in each other's way."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from bot.app import App
from bot.settings import Settings
from bot.telegram import bot_profile
from bot.turns.intake import WEBHOOK_ACTIVE
from tests.databases import quick_database
from tests.test_sandbox import SITI, TOKEN, Telegram, eventually, opened, talk

OURS, THEIRS = "http://127.0.0.1:9/telegram", "http://127.0.0.1:9/another-path"


@contextlib.asynccontextmanager
async def served(t: Telegram, url: str, webhook: str | None) -> AsyncIterator[App]:
    """The bot, by webhook or by polling, until the block ends."""
    settings = Settings(
        _env_file=None, bot_token=TOKEN, bot_api_url=t.url, privacy_contact="0800-0000-000 (contoh)",
        webhook_url=webhook, webhook_secret="a-secret-of-the-tests-0123456789",
    )  # fmt: skip
    app = App(settings, database=quick_database(url))
    await app.serving.prepare()
    serving = asyncio.create_task(app.serving.serve())
    try:
        yield app
    finally:
        app.serving.stop()
        await serving
        await app.serving.close()


async def becomes(t: Telegram, webhook: str) -> None:
    async with asyncio.timeout(5):
        while (await t.bot.get_webhook_info()).url != webhook:  # noqa: ASYNC110 - no event tells it
            await asyncio.sleep(0.02)


def test_a_webhook_that_somebody_took_off_is_put_on_again(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot_profile, "WEBHOOK_LOOK_SECONDS", 0.05)

    @talk
    async def scene() -> None:
        async with opened() as t:
            with capture_logs() as lines:
                async with served(t, sqlite_url, OURS):
                    await becomes(t, OURS)
                    await asyncio.sleep(0.2)
                    assert not [line for line in lines if line["log_level"] == "warning"], "all is well"
                    await t.bot.delete_webhook()
                    await becomes(t, OURS)
                    await t.bot.set_webhook(THEIRS)
                    await becomes(t, OURS)
                told = [line for line in lines if "no longer ours" in line["event"]]
            assert [line["host"] for line in told] == [None, "127.0.0.1"]
            assert "another-path" not in str(lines)
            assert (await t.bot.get_webhook_info()).url == "", "at the end it is taken off, and stays so"

    scene()


def test_who_polls_takes_off_only_the_webhook_of_before(sqlite_url: str) -> None:
    @talk
    async def scene() -> None:
        async with opened() as t:
            await t.bot.set_webhook(THEIRS)
            with capture_logs() as lines:
                async with served(t, sqlite_url, None) as app:
                    await becomes(t, "")
                    await t.says(SITI, "/start")
                    await eventually(lambda: app.inbox.received == 1)
                    await t.bot.set_webhook(THEIRS)
                    async with asyncio.timeout(10):
                        while sum(WEBHOOK_ACTIVE in str(line.get("description")) for line in lines) < 2:  # noqa: ASYNC110
                            await asyncio.sleep(0.02)
                    assert (await t.bot.get_webhook_info()).url == THEIRS

    scene()

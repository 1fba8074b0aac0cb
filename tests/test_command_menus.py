"""The command menus that are set at the start: what fails is told, and stops neither the bot nor the other menus."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import pytest
from structlog.testing import capture_logs

from bot.app import App
from bot.settings import Settings
from bot.telegram.bot_profile import MENU_WAITS
from bot.telegram.http import AnswerLost, NotReached, Refused
from tests.databases import quick_database

ADMINS: Final = (501, 502)


class Telegram:
    """Takes menus; the faults of a scope (its type, or an admin's chat) come first, one a call."""

    def __init__(self, **faults: list[Exception]) -> None:
        self.faults = faults
        self.tried: list[str] = []
        self.taken: list[str] = []

    async def call(self, method: str, params: Mapping[str, Any]) -> bool:
        assert method == "setMyCommands"
        scope = params["scope"]
        menu = f"chat_{scope['chat_id']}" if "chat_id" in scope else f"{scope['type']}_{params.get('language_code')}"
        self.tried.append(menu)
        assert len(self.tried) < 100
        if faults := self.faults.get(menu):
            raise faults.pop(0)
        self.taken.append(menu)
        return True


def set_menus(
    url: str, telegram: Telegram, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[MutableMapping[str, Any]], list[float]]:
    """What the log says, and how long was waited each time; nobody really waits."""
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    settings = Settings(_env_file=None, privacy_contact="0800-0000-000 (contoh)", admin_ids=ADMINS)
    app = App(settings, api=telegram, database=quick_database(url))
    monkeypatch.setattr(asyncio, "sleep", pause)

    async def whole() -> None:
        await app.profile.set_all(("setMyCommands", menu) for menu in app.command_menus())
        await app.serving.close()

    with capture_logs() as lines:
        asyncio.run(whole())
    return lines, pauses


ALL: Final = ["chat_501", "chat_502", "default_None", "default_en"]


def test_every_menu_is_set_and_nothing_said(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    telegram = Telegram()
    assert set_menus(sqlite_url, telegram, monkeypatch) == ([], [])
    assert sorted(telegram.taken) == ALL


def test_an_admin_who_never_wrote_stops_no_other_menu(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    telegram = Telegram(chat_501=[Refused(400, "Bad Request: chat not found")])
    lines, pauses = set_menus(sqlite_url, telegram, monkeypatch)
    assert lines == [
        {
            "event": "setMyCommands was refused",
            "method": "setMyCommands",
            "log_level": "info",
            "code": 400,
            "description": "Bad Request: chat not found",
            "scope": "chat",
        }
    ]
    assert sorted(telegram.taken) == [menu for menu in ALL if menu != "chat_501"]
    assert telegram.tried.count("chat_501") == 1
    assert pauses == []


def test_too_many_requests_wait_as_long_as_telegram_says(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    telegram = Telegram(default_None=[Refused(429, "Too Many Requests: retry after 77", 77.0)])
    lines, pauses = set_menus(sqlite_url, telegram, monkeypatch)
    assert [(line["log_level"], line["code"], line["scope"]) for line in lines] == [("warning", 429, "default")]
    assert pauses == [77.0]
    assert sorted(telegram.taken) == ALL


def test_an_unreachable_telegram_is_tried_again_with_longer_and_longer_pauses(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    away: list[Exception] = [NotReached("no address"), AnswerLost("502")] * 2
    telegram = Telegram(**{menu: [*away] for menu in ALL})
    lines, pauses = set_menus(sqlite_url, telegram, monkeypatch)
    assert [line["event"] for line in lines] == ["Telegram cannot be reached yet"] * 16
    first, longest = MENU_WAITS
    assert pauses[:4] == [first, first * 2, first * 4, first * 8]
    assert max(pauses) == longest
    assert sorted(telegram.taken) == ALL


def test_a_mistake_in_the_bot_is_told_with_its_type(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    telegram = Telegram(chat_501=[KeyError("Siti")])
    lines, _ = set_menus(sqlite_url, telegram, monkeypatch)
    assert lines == [
        {
            "event": "a command menu could not be set",
            "log_level": "error",
            "method": "setMyCommands",
            "error": "KeyError",
            "scope": "chat",
        }
    ]
    assert sorted(telegram.taken) == [menu for menu in ALL if menu != "chat_501"]


def test_what_people_see_before_start_fits_and_is_in_both_languages(sqlite_url: str) -> None:
    app = App(Settings(_env_file=None), api=Telegram(), database=quick_database(sqlite_url))
    asyncio.run(app.serving.close())
    said = [(method, params) for method, params in app.introduction() if method != "setMyCommands"]
    assert [method for method, _ in said] == ["setMyDescription", "setMyShortDescription"] * 2
    for method, params in said:
        name, most = ("description", 512) if method == "setMyDescription" else ("short_description", 120)
        assert 0 < len(params[name]) <= most
        assert any(word in params[name] for word in ("KTP", "ID cards"))
    assert [params.get("language_code") for _, params in said] == [None, None, "en", "en"]


def test_a_description_that_is_refused_stops_nothing(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing:
        tried: Final[list[str]] = []

        async def call(self, method: str, params: Mapping[str, Any]) -> bool:
            self.tried.append(method)
            if method == "setMyDescription":
                raise Refused(400, "DESCRIPTION_TOO_LONG")
            return True

    api = Refusing()
    app = App(Settings(_env_file=None), api=api, database=quick_database(sqlite_url))

    async def whole() -> None:
        await app.profile.set_all(app.introduction())
        await app.serving.close()

    with capture_logs() as lines:
        asyncio.run(whole())
    assert api.tried.count("setMyShortDescription") == 2
    assert [line["method"] for line in lines] == ["setMyDescription"] * 2

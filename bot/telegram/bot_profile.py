"""What Telegram knows of the bot: who it is (getMe), its command menus, and where updates are brought (the webhook)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from telegram import Bot, User

from bot.processes import FatalError
from bot.telegram.http import UNKNOWN_BOT, AnswerLost, NotReached, Refused

log = structlog.get_logger("app")

WEBHOOK_LOOK_SECONDS: Final = 180.0
"""Real seconds between two looks at whether Telegram still brings the updates to us."""
MENU_WAITS: Final = (0.5, 30.0)
"""Seconds before a command menu is tried again: at first, and at most. Telegram may want more (429)."""
DESCRIPTION_LENGTH: Final = 200
"""Of what Telegram says to a refused call the log tells so much."""


class BotProfile:
    """Asks and tells Telegram what it knows of the bot, again and again where it must. `api`: Telegram, or a fake."""

    def __init__(self, api: Any, bot: Bot) -> None:
        self._api = api
        self._bot = bot

    async def find_out_who_we_are(self) -> User:
        """Ask Telegram who we are; until it can be reached, keep asking. Raises FatalError on a wrong token."""
        wait = 0.5
        me = None
        while me is None:
            try:
                me = await self._api.call("getMe", {})
                break
            except Refused as refusal:
                if refusal.code in (401, 404):
                    raise FatalError(UNKNOWN_BOT) from None
                log.warning("getMe was refused", code=refusal.code)
            except Exception as problem:
                log.warning("Telegram cannot be reached yet", error=type(problem).__name__)
            wait = min(wait * 2, 30)
            await asyncio.sleep(wait)
        user = User.de_json(me, self._bot)
        self._bot._bot_user = user  # PTB's own request would be made with httpx; its handlers only read the name
        return user

    async def set_commands(self, menus: Iterable[Mapping[str, Any]]) -> None:
        """Sets command menus, each as setMyCommands is to be called with it. Failing is no reason not to serve: each
        failure is logged, and stops no other menu. What is worth another try is tried until it was done."""
        waiting, wait = deque(menus), MENU_WAITS[0]
        while waiting:
            params = waiting.popleft()
            try:
                pause = await self._set_menu(params)
            except Exception as problem:  # a mistake in the bot: the menu that meets it is left out
                scope = params["scope"]["type"]
                log.error("a command menu could not be set", error=type(problem).__name__, scope=scope)
                continue
            if pause is None:
                wait = MENU_WAITS[0]
                continue
            waiting.append(params)  # the others come first: one in trouble must not hold them up
            await asyncio.sleep(max(pause, wait))
            wait = min(wait * 2, MENU_WAITS[1])

    async def _set_menu(self, params: Mapping[str, Any]) -> float | None:
        """Asks Telegram once. Returns None when that is done with, else the seconds that Telegram wants us to wait."""
        try:
            await self._api.call("setMyCommands", params)
        except Refused as refusal:
            scope = params["scope"]["type"]  # the rest of it tells whose chat it is
            told = {"code": refusal.code, "description": refusal.description[:DESCRIPTION_LENGTH], "scope": scope}
            if refusal.code == 400 and scope == "chat":  # an admin who has not written to us yet
                log.info("setMyCommands was refused", **told)
            else:
                log.warning("setMyCommands was refused", **told)
            return refusal.retry_after or 0 if refusal.code == 429 else None
        except (NotReached, AnswerLost):  # set twice is set once
            log.warning("Telegram cannot be reached yet")
            return 0
        return None

    async def keep_webhook_on(self, url: str, secret: str, allowed_updates: Sequence[str]) -> None:
        """Tell Telegram to bring the updates to `url`, and ask now and then whether it still does, until cancelled.

        Somebody who tries the bot out with the same token takes the webhook off: nothing comes any more, and no error
        tells of it.
        """
        await self._put_webhook_on(url, secret, allowed_updates)
        while True:
            await asyncio.sleep(WEBHOOK_LOOK_SECONDS)
            try:
                address = str((await self._api.call("getWebhookInfo", {}))["url"])
            except Refused as refusal:
                if refusal.code in (401, 404):
                    raise FatalError(UNKNOWN_BOT) from None
                log.warning("getWebhookInfo was refused", code=refusal.code)
                continue
            except (NotReached, AnswerLost):
                log.warning("Telegram cannot be reached")
                continue
            if address != url:
                # of another's address only the host: the path may be a secret
                log.warning("the webhook is no longer ours and is put on again", host=urlsplit(address).hostname)
                await self._put_webhook_on(url, secret, allowed_updates)

    async def _put_webhook_on(self, url: str, secret: str, allowed_updates: Sequence[str]) -> None:
        """Tell Telegram where the door is, until it has heard."""
        params = {
            "url": url,
            "secret_token": secret,
            "allowed_updates": list(allowed_updates),
        }
        wait = 0.5
        while True:
            asked_to_wait = 0.0
            try:
                await self._api.call("setWebhook", params)
                return
            except Refused as refusal:
                if refusal.code in (401, 404):
                    raise FatalError(UNKNOWN_BOT) from None
                if refusal.code == 400:
                    raise FatalError(f"WEBHOOK_URL: Telegram does not take it: {refusal.description}") from None
                asked_to_wait = refusal.retry_after or 0
            except (NotReached, AnswerLost):
                log.warning("Telegram cannot be reached yet")
            wait = min(wait * 2, 30)
            await asyncio.sleep(max(wait, asked_to_wait))

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
"""How many characters of Telegram's description of a refusal are logged."""


class BotProfile:
    """Asks Telegram what it knows of the bot, and sets it; tries again where it must. `api`: Telegram, or a fake."""

    def __init__(self, api: Any, bot: Bot) -> None:
        self._api = api
        self._bot = bot

    async def find_out_who_we_are(self) -> User:
        """Asks Telegram who the bot is; until it can be reached, keeps asking. Raises FatalError on a wrong token."""
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

    async def set_all(self, calls: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """Sets what Telegram shows of the bot: command menus, and the words before Start. Each call is a method and its
        parameters.

        A failure does not keep the bot from serving: it is logged and does not stop the other calls. What may succeed
        later is tried until it is set.
        """
        waiting, wait = deque(calls), MENU_WAITS[0]
        while waiting:
            method, params = waiting.popleft()
            try:
                pause = await self._set(method, params)
            except Exception as problem:  # a mistake in the bot: what meets it is left out
                told = {"method": method, "error": type(problem).__name__, "scope": _scope(params)}
                log.error("a command menu could not be set", **told)
                continue
            if pause is None:
                wait = MENU_WAITS[0]
                continue
            waiting.append((method, params))  # the others come first: one in trouble must not hold them up
            await asyncio.sleep(max(pause, wait))
            wait = min(wait * 2, MENU_WAITS[1])

    async def _set(self, method: str, params: Mapping[str, Any]) -> float | None:
        """Makes one call. Returns None when it needs no other try, else the seconds that Telegram wants us to wait."""
        try:
            await self._api.call(method, params)
        except Refused as refusal:
            scope = _scope(params)
            told = {
                "method": method,
                "code": refusal.code,
                "description": refusal.description[:DESCRIPTION_LENGTH],
                "scope": scope,
            }
            if refusal.code == 400 and scope == "chat":  # an admin who has not written to us yet
                log.info("setMyCommands was refused", **told)
            else:
                log.warning("setMyCommands was refused", **told)
            return refusal.retry_after or 0 if refusal.code == 429 else None
        except (NotReached, AnswerLost):  # setting it twice does no harm
            log.warning("Telegram cannot be reached yet")
            return 0
        return None

    async def keep_webhook_on(self, url: str, secret: str, allowed_updates: Sequence[str]) -> None:
        """Tells Telegram to bring the updates to `url`, and asks now and then whether it still does, until cancelled.

        Somebody who tries the bot out with the same token removes the webhook: then no updates come, and no error says
        so.
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
        """Sets the webhook's address, again and again until Telegram has accepted it."""
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


def _scope(params: Mapping[str, Any]) -> str:
    """Returns which menu or description a call sets, for the log; the number of a chat is left out."""
    scope = params.get("scope")
    return str(scope["type"]) if scope is not None else str(params.get("language_code", "default"))

"""A process from start to end: getting ready, serving, stopping. Its role decides which parts it runs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from telegram import User

from bot.clock import kept_offset
from bot.database_trouble import is_away
from bot.delivery import background_jobs, outbox
from bot.operations.leadership import AlreadyServedError
from bot.processes import FatalError, NotNowError, Role, StoppedError
from bot.telegram.http import AnswerLost, NotReached, Refused, TelegramHttp
from bot.turns import inbox

if TYPE_CHECKING:
    from bot.app import App

log = structlog.get_logger("app")

T = TypeVar("T")

SERVED_ALREADY: Final = "DATABASE_URL: another process serves this database already; stop it first"
GOODBYE_SECONDS: Final = 5
"""How long stopping waits for turns that are under way."""


class Serving:
    """Runs the parts of `app` side by side, from `prepare` to `close`."""

    def __init__(self, app: App) -> None:
        self.prepared = False
        """Whether everything that comes before serving is done."""
        self._app = app
        self._stopping = asyncio.Event()

    async def unless_stopped(self, work: Coroutine[Any, Any, T]) -> T:
        """Waits for something that comes before serving. Raises StoppedError as soon as `stop()` is called, because
        what is waited for may never come; a thread may then still be busy."""
        working, stopping = asyncio.ensure_future(work), asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                return working.result()
            raise StoppedError
        finally:
            working.cancel()
            stopping.cancel()

    async def prepare(self) -> User | None:
        """Does everything before the first update: takes this process's place among the others, asks Telegram who the
        bot is (a process that only receives updates need not know), and takes up what the last process left undone.
        Raises FatalError."""
        if isinstance(self._app.api, TelegramHttp):
            await self._app.api.initialize()
        if self._app.leadership is not None:
            try:
                await self._app.leadership.open()
            except AlreadyServedError:
                raise NotNowError(SERVED_ALREADY) from None
        self._app.clock.offset = await self._app.database.in_transaction(kept_offset)
        await self._app.database.in_transaction(self._app.in_force.look)
        me = None if self._app.role is Role.WEB else await self._app.profile.find_out_who_we_are()
        if self._app.role is Role.RUN:
            recovered = await self._app.database.in_transaction(_recover_all)
            left = await self._app.inbox.recover()
            if recovered or left:
                log.info("taken up again after the last stop", messages=recovered, updates=left)
        if self._app.file_watch is not None:
            self._app.file_watch.begin()
        self.prepared = True
        return me

    async def serve(self) -> None:
        """Serves until `stop()`. Raises FatalError when Telegram refuses us for good, or this process's place is
        lost."""
        coming_in = asyncio.create_task(self._take_in(), name="inbox") if self._takes_in else None
        tasks = [asyncio.create_task(work, name=name) for name, work in self._parts()]
        if coming_in is not None:
            tasks.append(coming_in)
        if self._app.role is Role.RUN:
            self._app.scheduler.start()
        try:
            waiting = set(tasks)
            while waiting:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()  # a part that broke ends the process with its own error
                    if task.get_name() not in ("commands", "webhook"):
                        waiting.clear()
            fatal = self._app.inbox.fatal or self._app.sender.fatal
            if fatal:
                raise FatalError(fatal)
        except AlreadyServedError:
            raise NotNowError(SERVED_ALREADY) from None
        finally:
            self._app.scheduler.stop()
            if self._app.webhook is not None:
                await _ended(
                    task for task in tasks if task.get_name() == "webhook"
                )  # this task would set the webhook again
                await self._take_webhook_off()
            if coming_in is not None:
                coming_in.cancel()
            # turns under way are finished: nothing is lost if not, but their answers would come later
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(GOODBYE_SECONDS):
                    await self._app.inbox.until_idle(held=False)
                    await self._app.worker.stop()
            await self._app.sender.stop()
            await _ended(tasks)

    @property
    def _takes_in(self) -> bool:
        return self._app.role in (Role.RUN, Role.WEB)

    async def _take_in(self) -> None:
        await (self._app.inbox.poll() if self._app.webhook is None else self._app.webhook.run())

    def _parts(self) -> list[tuple[str, Coroutine[Any, Any, object]]]:
        """Returns what this process does in parallel; it ends when the first of them ends."""
        parts: list[tuple[str, Coroutine[Any, Any, object]]] = [
            ("stop", self._stopping.wait()),
            ("clock watch", self._app.clock_watch.run()),
        ]
        if self._app.leadership is not None:
            parts.append(("leadership", self._app.leadership.run()))
        if self._app.file_watch is not None:
            parts.append(("database file", self._app.file_watch.run()))
        if self._app.webhook is not None:
            parts.append(("webhook", self._keep_webhook_on()))
        match self._app.role:
            case Role.RUN:
                parts += [
                    ("turns", self._app.inbox.work()),
                    ("sender", self._app.sender.run()),
                    ("jobs", self._app.jobs.run()),
                    ("commands", self._app.profile.set_all(self._app.introduction())),
                ]
            case Role.WORKER:
                parts += [("turns", self._app.worker.run()), ("jobs", self._app.jobs.run())]
                parts.append(("settings", self._app.look_at_settings()))
            case Role.SENDER:
                parts += [
                    ("settings", self._app.look_at_settings()),
                    ("sender", self._send_while_leading()),
                    ("commands", self._app.profile.set_all(self._app.introduction())),
                ]
            case Role.WEB:
                pass
        return parts

    async def _send_while_leading(self) -> None:
        """Stands by; as the leader, sends and runs the scheduler; stands by again when the connection was cut."""
        assert self._app.leadership is not None
        while self._app.sender.fatal is None:
            await self._app.leadership.until_sending()
            try:
                recovered = await self._app.database.in_transaction(_recover_outbox)
            except DBAPIError as problem:  # the database is away again: we lose our place, too, or try once more
                if not is_away(problem):
                    log.error("the ledger could not be taken over", error=type(problem).__name__)
                continue
            if recovered:
                log.info("taken up again from the sender before", messages=recovered)
            sending = asyncio.create_task(self._app.sender.run())
            leadership_lost = asyncio.create_task(self._app.leadership.until_leadership_is_lost())
            self._app.scheduler.start()
            try:
                await asyncio.wait({sending, leadership_lost}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                leadership_lost.cancel()
                self._app.scheduler.stop()
                if not sending.done():
                    await self._app.sender.stop()
                await asyncio.gather(sending, leadership_lost, return_exceptions=True)
            if self._app.sender.fatal is None:
                log.warning("this process no longer sends")

    async def _keep_webhook_on(self) -> None:
        url, secret = self._app.settings.webhook_url, self._app.settings.webhook_secret
        assert url is not None
        assert secret is not None
        await self._app.profile.keep_webhook_on(url, secret.get_secret_value(), inbox.ALLOWED_UPDATES)

    async def _take_webhook_off(self) -> None:
        """Tells Telegram to keep updates until a process receives them again, as the last process that receives them
        ends."""
        leadership = self._app.leadership
        if self._app.role is Role.WEB and (leadership is None or not await leadership.is_last_with_webhook()):
            return
        if leadership is not None and not leadership.up:
            return  # somebody may have taken our place, and the webhook would be theirs
        try:
            await self._app.api.call("deleteWebhook", {}, timeout=GOODBYE_SECONDS)
        except (Refused, NotReached, AnswerLost) as problem:
            log.warning("the webhook could not be taken off", error=type(problem).__name__)

    def stop(self) -> None:
        self._stopping.set()

    async def close(self) -> None:
        if self._app.leadership is not None:
            await self._app.leadership.close()
        if isinstance(self._app.api, TelegramHttp):
            await self._app.api.shutdown()
        self._app.database.close()


def _recover_all(db: Session) -> int:
    """Takes up everything that the last process had claimed: nobody else can have claimed anything."""
    background_jobs.release_all(db)
    return _recover_outbox(db)


def _recover_outbox(db: Session) -> int:
    return outbox.recover(db, real_now=datetime.now().astimezone(), everything=True)


async def _ended(tasks: Iterable[asyncio.Task[Any]]) -> None:
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)

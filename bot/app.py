"""The one place that knows all parts and wires them."""

from __future__ import annotations

import asyncio
import contextlib
import math
import secrets
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from telegram import Bot, User

import handlers
from bot import clock
from bot.capability import CapabilityData, Context, command_menus
from bot.catalogue.content import Content, load_content
from bot.class_import import in_chat
from bot.clock import Clock, Scheduler, Tick, kept_offset
from bot.database import Database, Signal
from bot.delivery import background_jobs, outbox
from bot.delivery.sender import Sender
from bot.operations.content_reload import ContentReload
from bot.operations.leadership import AlreadyServedError, Leadership
from bot.people import audit, people
from bot.people.quiet_hours import SEND, Verdict, verdict
from bot.processes import FatalError, Role, StoppedError
from bot.reports import site_report
from bot.settings import ROOT, Settings
from bot.telegram.bot_profile import BotProfile
from bot.telegram.http import AnswerLost, NotReached, Refused, TelegramHttp
from bot.telegram.webhook import WebhookReceiver
from bot.turns import inbox
from bot.turns.batch import BATCH, Done, Turns
from bot.turns.turn import Answer
from bot.turns.worker import Worker
from bot.words.texts import Texts

log = structlog.get_logger("app")

T = TypeVar("T")

ENGINE: Final = (people.DATA, audit.DATA, outbox.DATA, inbox.DATA, background_jobs.DATA, clock.DATA)
"""The tables that no single capability owns."""
DATA: Final = (*ENGINE, *(one.data for one in handlers.CAPABILITIES if one.data is not None))
"""Every table, and what is owed of it. Copies of a person's data tell it in this order, erasing goes backwards."""
COMMANDS_OF: Final = command_menus(handlers.CAPABILITIES)


SERVED_ALREADY: Final = "DATABASE_URL: another process serves this database already; stop it first"
GOODBYE_SECONDS: Final = 5
"""How long stopping waits for turns that are under way."""


def _calls_at_once(rate: float) -> int:
    """How many messages may be on their way: enough for `rate` a second if each takes a tenth of one. Not more than
    needed, for when the network breaks nobody knows of those which of them arrived."""
    return max(32, min(128, math.ceil(rate / 10)))


async def _ended(tasks: Iterable[asyncio.Task[Any]]) -> None:
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)


class App:
    """The bot, or the part of it that `role` names. `api` is Telegram (or what stands in for it)."""

    def __init__(
        self,
        settings: Settings,
        *,
        role: Role = Role.RUN,
        api: Any = None,
        database: Database | None = None,
        clock: Clock | None = None,
        content: Content | None = None,
        texts: Texts | None = None,
        sender_options: dict[str, Any] | None = None,
        root: Path = ROOT,
    ) -> None:
        self.settings = settings
        self.role = role
        self.root = root
        token = settings.bot_token.get_secret_value() if settings.bot_token else "0:none"
        http = TelegramHttp(token, settings.bot_api_url)
        self.api = api or http
        self.database = database or Database(settings.database_url)
        self.database.tells_others = role is not Role.RUN
        self.content = content or load_content(root / "content")
        self.texts = texts or Texts(root / "locales")
        self.texts.roles = COMMANDS_OF
        self.clock = clock or Clock()
        self.holder = secrets.token_hex(8)
        self.bot = Bot(token, request=http, get_updates_request=http)
        self.profile = BotProfile(self.api, self.bot)
        rate = settings.send_rate
        self.sender = Sender(
            api=self.api,
            database=self.database,
            texts=self.texts,
            gate=self.gate,
            holder=self.holder,
            now=self.clock.now,
            root=root,
            may_send=self._may_send,
            **(
                {"rate": rate, "chat_rate": settings.chat_rate, "concurrency": _calls_at_once(rate)}
                | (sender_options or {})
            ),
        )
        self.turns = Turns(
            database=self.database,
            bot=self.bot,
            capabilities=handlers.CAPABILITIES,
            context=self.context,
            now=self.clock.now,
            holder=self.holder,
            alone=role is Role.RUN,
        )
        self.inbox = inbox.Inbox(
            api=self.api,
            database=self.database,
            run_turns=self.turns.run,
            may_hand_over=self.sender.accepts,
            on_done=self._done,
            stop_spinner=self.sender.answer,
            on_written=self.sender.wake,
            now=self.clock.now,
        )
        self.reload = ContentReload(
            root,
            self.texts,
            self.database,
            now=self.clock.now,
            on_fresh=self._use,
            wake_sender=self.sender.wake,
        )
        self.worker = Worker(
            database=self.database,
            run_next=self.turns.run_next,
            run_left_over=self.turns.run_left_over,
            on_done=self._done,
            batch=BATCH,
        )
        self.webhook = self._door() if settings.webhook_url is not None and role in (Role.RUN, Role.WEB) else None
        self.leadership = None if self.database.is_sqlite else self._line()
        self.scheduler = Scheduler(self.clock, self.database, self._ticks(), self.sender.wake)
        self.jobs = background_jobs.BackgroundJobs(
            self.database, self._workers(), now=self.clock.now, said=self._job_done
        )
        self.prepared = False
        """Whether we are done with what comes before serving."""
        self._stopping = asyncio.Event()

    def _door(self) -> WebhookReceiver:
        settings = self.settings
        assert settings.webhook_url is not None
        assert settings.webhook_secret is not None
        return WebhookReceiver(
            path=urlsplit(settings.webhook_url).path,
            secret=settings.webhook_secret.get_secret_value(),
            accept=self.inbox.accept if self.role is Role.RUN else self._receive,
            has_room=lambda: self.inbox.has_room,
        )

    async def _receive(self, updates: Sequence[Mapping[str, Any]]) -> None:
        """Store updates that the workers will handle."""
        received = await self.database.in_transaction(inbox.receive, updates, self.clock.now())
        self.inbox.received += len(updates)
        self.inbox.let_go += len(received.let_go)
        for query_id in inbox.unanswered_callback_ids(updates, received.let_go):
            self.sender.answer(query_id)

    def _line(self) -> Leadership:
        """What this process is woken for by others."""
        sends: dict[Signal, Callable[[], None]] = {
            Signal.OUTBOX: self.sender.wake,
            Signal.DUE: self._ring,
        }
        heard: dict[Role, dict[Signal, Callable[[], None]]] = {
            Role.RUN: sends,
            Role.WEB: {},
            Role.WORKER: {
                Signal.INBOX: self.worker.wake,
                Signal.ERRAND: lambda: self.jobs.wake(),
                Signal.RELOAD: self.reload.begin,
            },
            Role.SENDER: sends | {Signal.RELOAD: self.reload.begin},
        }
        return Leadership(
            self.database.url,
            alone=self.role is Role.RUN,
            heard=heard[self.role],
            stands_by=self.role is Role.SENDER,
            door=self.webhook is not None,
        )

    @property
    def cannot_write(self) -> bool:
        """Whether what came in, or what was made of it, could not be committed when that was last tried."""
        stored_by = self.inbox if self.webhook is None else self.webhook
        return stored_by.cannot_store or self.inbox.cannot_commit or self.worker.cannot_commit

    def _use(self, content: Content) -> None:
        self.content = content
        self._ring()

    def _may_send(self) -> bool:
        """Whether we can be sure that nobody else sends."""
        if self.leadership is None:
            return True
        return self.leadership.sends if self.role is Role.SENDER else self.leadership.up

    def _ring(self) -> None:
        if self.role is Role.RUN or (self.leadership is not None and self.leadership.sends):
            self.scheduler.wake()

    def context(self) -> Context:
        """What the work of capabilities needs to know; made anew each time, because content can be reloaded."""
        user = self.bot._bot_user  # unknown until Telegram has told us; PTB's property would raise
        return Context(self.content, self.settings, (user and user.username) or "", DATA)

    def _ticks(self) -> list[Tick]:
        def tick(one: CapabilityData) -> Tick:
            due, next_due = one.due, one.next_due
            return Tick(
                one.name,
                lambda db, now: due(db, now, self.context()) if due is not None else None,
                lambda db, now: next_due(db, now, self.context()) if next_due is not None else None,
            )

        return [tick(one) for one in DATA if one.due is not None or one.next_due is not None]

    def _workers(self) -> dict[str, background_jobs.Worker]:
        """Who does which kind of slow work."""
        return {
            "import": in_chat.importer(self.api, lambda: self.content, self.settings),
            site_report.KIND: site_report.painter(
                self.database, self.texts, lambda: self.content, self.settings, self.clock.now
            ),
        }

    def _job_done(self, written: bool, something_due: bool) -> None:
        if self.role is not Role.RUN:
            return  # whoever it is for was told in the commit
        if written:
            self.sender.wake()
        if something_due:
            self.scheduler.wake()

    def gate(self, given: outbox.Occasion, now: datetime) -> Verdict:
        """The last look before a row goes out: quiet hours may have begun since it was written."""
        if given.edits:
            return SEND  # a message that is made right rings nobody's phone
        hours = self.content.open_hours(given.site_id) if given.site_id else None
        return verdict(given.kind, now=now, hours=hours, starts_at=given.starts_at, urgent=given.urgent)

    def _done(self, done: Done) -> None:
        for answer in done.answers:
            self._answer(answer)
        for account_id in done.reload_for:
            self.reload.begin(tell=account_id)
        if self.role is not Role.RUN:
            return  # the rest was told in the commit
        self.sender.submit(done.claimed)
        if done.written:
            self.sender.wake()
        if done.something_due:
            self.scheduler.wake()
        if done.asked:
            self.jobs.wake()

    def _answer(self, answer: Answer) -> None:
        words = None
        if answer.message is not None:
            words = self.texts.words(answer.message.key, answer.message.values, answer.language, html=False)
        self.sender.answer(answer.query_id, words, answer.alert)

    # --- life ---------------------------------------------------------------------------------------------------

    async def unless_stopped(self, work: Coroutine[Any, Any, T]) -> T:
        """Do what comes before serving. Raises StoppedError as soon as `stop()` is called, for what we wait for may
        never come; a thread of the work's may then still be busy."""
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
        """Everything before the first update: our place among the processes, who we are, what the last process left
        behind. Raises FatalError. A mere door need not know who we are."""
        if isinstance(self.api, TelegramHttp):
            await self.api.initialize()
        if self.leadership is not None:
            try:
                await self.leadership.open()
            except AlreadyServedError:
                raise FatalError(SERVED_ALREADY) from None
        self.clock.offset = await self.database.in_transaction(kept_offset)
        me = None if self.role is Role.WEB else await self.profile.find_out_who_we_are()
        if self.role is Role.RUN:
            recovered = await self.database.in_transaction(self._recover)
            left = await self.inbox.recover()
            if recovered or left:
                log.info("taken up again after the last stop", messages=recovered, updates=left)
        self.prepared = True
        return me

    def _recover(self, db: Session) -> int:
        # nobody else can hold anything
        background_jobs.release_all(db)
        return self._recover_outbox(db)

    def _recover_outbox(self, db: Session) -> int:
        return outbox.recover(db, real_now=datetime.now().astimezone(), everything=True)

    def command_menus(self) -> Iterator[dict[str, Any]]:
        """Yields what setMyCommands takes: for everybody in each language, and for the admins' own chats."""
        for language, code in self._menu_languages():
            everybody: dict[str, Any] = {
                "commands": self.texts.commands("participant", language),
                "scope": {"type": "default"},
            }
            yield everybody | ({"language_code": code} if code else {})
        for admin in self.settings.admin_ids:
            yield {"commands": self.texts.commands("admin", "id"), "scope": {"type": "chat", "chat_id": admin}}

    def _menu_languages(self) -> list[tuple[str, str | None]]:
        return [("id", None), *((language, language) for language in self.texts.languages if language != "id")]

    async def serve(self) -> None:
        """Serve until `stop()`. Raises FatalError when Telegram refuses us for good, or our place is lost."""
        coming_in = asyncio.create_task(self._take_in(), name="inbox") if self._takes_in else None
        tasks = [asyncio.create_task(work, name=name) for name, work in self._parts()]
        if coming_in is not None:
            tasks.append(coming_in)
        if self.role is Role.RUN:
            self.scheduler.start()
        try:
            waiting = set(tasks)
            while waiting:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()  # a part that broke ends the process with its own error
                    if task.get_name() not in ("commands", "webhook"):
                        waiting.clear()
            fatal = self.inbox.fatal or self.sender.fatal
            if fatal:
                raise FatalError(fatal)
        except AlreadyServedError:
            raise FatalError(SERVED_ALREADY) from None
        finally:
            self.scheduler.stop()
            if self.webhook is not None:
                await _ended(task for task in tasks if task.get_name() == "webhook")  # it would put it on again
                await self._take_webhook_off()
            if coming_in is not None:
                coming_in.cancel()
            # what is in hand is finished: nothing is lost if not, but it would be said a little later
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(GOODBYE_SECONDS):
                    await self.inbox.until_idle()
            await self.sender.stop()
            await _ended(tasks)

    @property
    def _takes_in(self) -> bool:
        return self.role in (Role.RUN, Role.WEB)

    async def _take_in(self) -> None:
        await (self.inbox.poll() if self.webhook is None else self.webhook.run())

    def _parts(self) -> list[tuple[str, Coroutine[Any, Any, object]]]:
        """What this process does side by side; it ends with the first of them that ends."""
        parts: list[tuple[str, Coroutine[Any, Any, object]]] = [("stop", self._stopping.wait())]
        if self.leadership is not None:
            parts.append(("line", self.leadership.run()))
        if self.webhook is not None:
            parts.append(("webhook", self._keep_webhook_on()))
        match self.role:
            case Role.RUN:
                parts += [
                    ("turns", self.inbox.work()),
                    ("sender", self.sender.run()),
                    ("errands", self.jobs.run()),
                    ("commands", self.profile.set_commands(self.command_menus())),
                ]
            case Role.WORKER:
                parts += [("turns", self.worker.run()), ("errands", self.jobs.run())]
            case Role.SENDER:
                parts += [
                    ("sender", self._send_when_ours()),
                    ("commands", self.profile.set_commands(self.command_menus())),
                ]
            case Role.WEB:
                pass
        return parts

    async def _send_when_ours(self) -> None:
        """Stand by; be the leader, who sends and runs the scheduler; stand by again when the connection was cut."""
        assert self.leadership is not None
        while self.sender.fatal is None:
            await self.leadership.until_sending()
            try:
                recovered = await self.database.in_transaction(self._recover_outbox)
            except DBAPIError as problem:  # it went away again; so does our place, or we try once more
                log.error("the ledger could not be taken over", error=type(problem).__name__)
                continue
            if recovered:
                log.info("taken up again from the sender before", messages=recovered)
            sending = asyncio.create_task(self.sender.run())
            leadership_lost = asyncio.create_task(self.leadership.until_leadership_is_lost())
            self.scheduler.start()
            try:
                await asyncio.wait({sending, leadership_lost}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                leadership_lost.cancel()
                self.scheduler.stop()
                if not sending.done():
                    await self.sender.stop()
                await asyncio.gather(sending, leadership_lost, return_exceptions=True)
            if self.sender.fatal is None:
                log.warning("this process no longer sends")

    async def _keep_webhook_on(self) -> None:
        url, secret = self.settings.webhook_url, self.settings.webhook_secret
        assert url is not None
        assert secret is not None
        await self.profile.keep_webhook_on(url, secret.get_secret_value(), inbox.ALLOWED_UPDATES)

    async def _take_webhook_off(self) -> None:
        """The last door closes: Telegram keeps what comes until one opens again, and tries nobody in vain."""
        if self.role is Role.WEB and (self.leadership is None or not await self.leadership.last_door()):
            return
        if self.leadership is not None and not self.leadership.up:
            return  # somebody may have taken our place, and the webhook would be theirs
        try:
            await self.api.call("deleteWebhook", {}, timeout=GOODBYE_SECONDS)
        except (Refused, NotReached, AnswerLost) as problem:
            log.warning("the webhook could not be taken off", error=type(problem).__name__)

    def stop(self) -> None:
        self._stopping.set()

    async def close(self) -> None:
        if self.leadership is not None:
            await self.leadership.close()
        if isinstance(self.api, TelegramHttp):
            await self.api.shutdown()
        self.database.close()

    async def travel(self, to: datetime) -> datetime:
        """Move the present (the sandbox's time travel)."""
        return await self.scheduler.travel(to, self.settled)

    async def settled(self, *, look: bool = True) -> None:
        """Wait until nothing is under way: all updates handled, what they made due done, and everything said. Without
        `look` it is believed that whoever wrote into the ledger said so."""
        await self.inbox.until_idle()
        await self.reload.until_done()
        await self.jobs.drain()
        await self.scheduler.quiet()
        await self.sender.drain(look=look)

"""The one place that knows all parts and wires them. What happens from start to end stands in `serving.py`."""

from __future__ import annotations

import asyncio
import contextlib
import math
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from telegram import Bot

import handlers
from bot import clock
from bot.capability import CapabilityData, Context, command_menus
from bot.catalogue.content import Content, load_content
from bot.class_import import in_chat
from bot.clock import Clock, Scheduler, Tick
from bot.database import Database, Signal, sqlite_file
from bot.delivery import background_jobs, kept_files, outbox
from bot.delivery.sender import Sender, SenderOptions
from bot.operations.clock_check import ClockCheck, ClockWatch, Source, post_alarm
from bot.operations.content_reload import ContentReload
from bot.operations.database_file import FileWatch, HeldFile
from bot.operations.leadership import Leadership
from bot.people import audit, people
from bot.people.quiet_hours import SEND, Kind, Verdict, verdict
from bot.processes import Role
from bot.programme import news, released, retention, trainer_news, voices
from bot.programme.overrides import LOOK_SECONDS, InForce
from bot.reports import page_job, site_report
from bot.serving import Serving
from bot.settings import ROOT, Settings
from bot.telegram.bot_profile import BotProfile
from bot.telegram.http import TelegramHttp
from bot.telegram.webhook import WebhookReceiver
from bot.turns import inbox, intake
from bot.turns.batch import BATCH, Done, Turns
from bot.turns.pace import Pace
from bot.turns.turn import Answer
from bot.turns.worker import Worker
from bot.words.texts import Texts

ENGINE: Final = (
    people.DATA,
    audit.DATA,
    outbox.DATA,
    inbox.DATA,
    background_jobs.DATA,
    clock.DATA,
    kept_files.DATA,
)
"""The tables that no single capability owns."""
DATA: Final = (
    *ENGINE,
    news.DATA,  # `news` first: erasing goes in the opposite order, and giving seats back notes news
    *(one.data for one in handlers.CAPABILITIES if one.data is not None),
    trainer_news.DATA,
    released.DATA,
    retention.DATA,
)
"""The `DATA` of all capabilities and of the engine. The copy of a person's data tells them in this order; erasing goes
in the opposite order."""
DESCRIPTIONS: Final = (
    ("setMyDescription", "description", "menu.description"),
    ("setMyShortDescription", "short_description", "menu.description_short"),
)
"""What people see of the bot before they press Start: the method, its parameter, and the words."""
COMMANDS_OF: Final = command_menus(handlers.CAPABILITIES)


def _calls_at_once(rate: float) -> int:
    """Returns how many messages may be on their way at the same time: enough for `rate` a second if each takes a tenth
    of a second. Not more than needed, because when the network breaks, it is not known which of them arrived."""
    return max(32, min(128, math.ceil(rate / 10)))


class App:
    """All parts of the bot that a process with this `role` needs, wired to one another; `serving` runs them. `api` is
    Telegram (or a fake)."""

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
        pace: Pace | None = None,
        held_file: HeldFile | None = None,
    ) -> None:
        self.settings = settings
        self.role = role
        token = settings.bot_token.get_secret_value() if settings.bot_token else "0:none"
        self.clock_check = ClockCheck()
        http = TelegramHttp(token, settings.bot_api_url, hear_time=self._hear_time)
        self.api = api or http
        self.database = database or Database(settings.database_url)
        self.database.tells_others = role is not Role.RUN
        path = sqlite_file(self.database.url)
        self.file_watch = FileWatch(self.database, path, held_file) if path is not None else None
        self.in_force = InForce(content or load_content(ROOT / "content"))
        if role in (Role.RUN, Role.WORKER):
            self.content.get_ready_to_hear()
        self.texts = texts or Texts(ROOT / "locales")
        self.texts.roles = COMMANDS_OF
        self.clock = clock or Clock()
        self.texts.now = self.clock.now
        self.holder = secrets.token_hex(8)
        self.pace = pace or Pace()
        self.bot = Bot(token, request=http, get_updates_request=http)
        self.profile = BotProfile(self.api, self.bot)
        rate = settings.send_rate
        options = SenderOptions(
            holder=self.holder,
            gate=self.gate,
            now=self.clock.now,
            root=ROOT,
            rate=rate,
            chat_rate=settings.chat_rate,
            concurrency=_calls_at_once(rate),
            may_send=self._may_send,
            replies_only=lambda: self.clock_is_wrong,
        )
        self.sender = Sender(self.api, self.database, self.texts, replace(options, **(sender_options or {})))
        self.turns = Turns(
            database=self.database,
            bot=self.bot,
            capabilities=handlers.CAPABILITIES,
            context=self.context_now,
            now=self.clock.now,
            holder=self.holder,
            alone=role is Role.RUN,
            pace=self.pace,
        )
        self.inbox = intake.Inbox(
            api=self.api,
            database=self.database,
            run_turns=self.turns.run,
            may_hand_over=self.sender.accepts,
            on_done=self._turns_done,
            stop_spinner=self.sender.answer,
            on_written=self.sender.wake,
            now=self.clock.now,
            pace=self.pace,
        )
        self.reload = ContentReload(
            ROOT,
            self.texts,
            self.database,
            now=self.clock.now,
            on_fresh=self._use_content,
            wake_sender=self.sender.wake,
        )
        self.worker = Worker(
            database=self.database,
            run_next=self.turns.run_next,
            run_left_over=self.turns.run_left_over,
            on_done=self._turns_done,
            until_next=self.pace.until_next,
            batch=BATCH,
        )
        self.webhook = (
            self._webhook_receiver() if settings.webhook_url is not None and role in (Role.RUN, Role.WEB) else None
        )
        self.leadership = None if self.database.is_sqlite else self._leadership()
        self.scheduler = Scheduler(
            self.clock, self.database, self._ticks(), self.sender.wake, may_run=lambda: not self.clock_is_wrong
        )
        self.clock_watch = ClockWatch(self.clock_check, on_set=self.scheduler.clock_was_set, tell=self._clock_is_off)
        self.jobs = background_jobs.BackgroundJobs(
            self.database, self._job_workers(), now=self.clock.now, said=self._job_done
        )
        self.serving = Serving(self)

    def _webhook_receiver(self) -> WebhookReceiver:
        settings = self.settings
        assert settings.webhook_url is not None
        assert settings.webhook_secret is not None
        return WebhookReceiver(
            path=urlsplit(settings.webhook_url).path,
            secret=settings.webhook_secret.get_secret_value(),
            accept=self.inbox.accept if self.role is Role.RUN else self._store_updates,
            has_room=lambda: self.inbox.has_room,
        )

    async def _store_updates(self, updates: Sequence[Mapping[str, Any]]) -> None:
        """Stores updates that the workers will handle."""
        received = await self.database.in_transaction(inbox.receive, updates, self.clock.now(), self.pace)
        self.inbox.received += len(updates)
        self.inbox.let_go += len(received.let_go)
        for query_id in inbox.unanswered_callback_ids(updates, received.let_go):
            self.sender.answer(query_id)

    def _leadership(self) -> Leadership:
        """Returns this process's leadership: its place among the processes of its database, and what other processes
        wake it for."""
        sends: dict[Signal, Callable[[], None]] = {
            Signal.OUTBOX: self.sender.wake,
            Signal.DUE: self._wake_scheduler,
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
            outage=self.database.outage,
            stands_by=self.role is Role.SENDER,
            has_webhook=self.webhook is not None,
        )

    @property
    def cannot_write(self) -> bool:
        """Whether the last try to commit updates, or what was made of them, failed."""
        stored_by = self.inbox if self.webhook is None else self.webhook
        return stored_by.cannot_store or self.inbox.cannot_commit or self.worker.cannot_commit

    @property
    def content(self) -> Content:
        """Content as it holds now: the files, with the settings of the chat over them."""
        return self.in_force.content

    @content.setter
    def content(self, files: Content) -> None:
        self.in_force.use(files)

    def _use_content(self, content: Content) -> None:
        self.in_force.use(content)
        self._wake_scheduler()

    async def look_at_settings(self) -> None:
        """Takes over the settings of the chat that other processes made, for as long as this process serves."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            with contextlib.suppress(DBAPIError):  # the database is away: what holds here holds on
                await self.database.in_transaction(self.in_force.look)

    def _may_send(self) -> bool:
        """Returns whether it is certain that no other process sends."""
        if self.leadership is None:
            return True
        return self.leadership.sends if self.role is Role.SENDER else self.leadership.up

    def _wake_scheduler(self) -> None:
        if self.role is Role.RUN or (self.leadership is not None and self.leadership.sends):
            self.scheduler.wake()

    def context(self) -> Context:
        """Returns what the work of capabilities needs to know; made anew each time, because content can be reloaded."""
        user = self.bot._bot_user  # None until Telegram has told who the bot is; PTB's property would raise
        return Context(
            self.content, self.settings, (user and user.username) or "", DATA, self.clock_is_trusted, self.texts
        )

    def context_now(self, db: Session) -> Context:
        """Returns the context with the settings that hold in this transaction."""
        self.in_force.look(db)
        return self.context()

    # --- the clock ------------------------------------------------------------------------------------------------

    def _hear_time(self, moment: datetime, of_message: bool) -> None:
        # messages of the sandbox carry the moved time
        if not (of_message and self.clock.offset):
            self.clock_check.hear(moment, Source.MESSAGE if of_message else Source.HEADER)

    @property
    def clock_is_trusted(self) -> bool:
        """Whether the clock is known to be right to a minute, or is the sandbox's own."""
        return bool(self.clock.offset) or self.clock_check.trusted

    @property
    def clock_is_wrong(self) -> bool:
        """Whether the clock is known to be more than an hour off: then nothing is due."""
        return not self.clock.offset and self.clock_check.wrong

    async def _clock_is_off(self, off: timedelta, stops: bool) -> None:
        """Tells the admins that the clock is off."""
        await self.database.in_transaction(post_alarm, self.settings, off, stops, self.clock.now())
        self.sender.wake()

    def _ticks(self) -> list[Tick]:
        def tick(one: CapabilityData) -> Tick:
            due, next_due = one.due, one.next_due
            return Tick(
                one.name,
                lambda db, now: due(db, now, self.context_now(db)) if due is not None else None,
                lambda db, now: next_due(db, now, self.context_now(db)) if next_due is not None else None,
            )

        return [tick(one) for one in DATA if one.due is not None or one.next_due is not None]

    def _job_workers(self) -> dict[str, background_jobs.Worker]:
        """Returns the worker of each kind of background job."""
        return {
            "import": in_chat.importer(self.api, lambda: self.content, self.settings),
            voices.KIND: voices.keeper(self.api),
            page_job.KIND: page_job.maker(
                self.database, self.texts, lambda: self.content, self.settings, self.clock.now
            ),
            site_report.KIND: site_report.painter(
                self.database, self.texts, lambda: self.content, self.settings, self.clock.now
            ),
        }

    def _job_done(self, written: bool, something_due: bool) -> None:
        if self.role is not Role.RUN:
            return  # the process that does what follows was told in the commit
        if written:
            self.sender.wake()
        if something_due:
            self.scheduler.wake()

    def gate(self, given: outbox.Occasion, now: datetime) -> Verdict:
        """Decides just before a row of the outbox is sent whether it still may be: quiet hours may have begun since it
        was written."""
        if given.edits:
            return SEND  # an edited message makes no sound
        hours = None
        if given.site_id:
            on_duty = given.kind is Kind.DUTY
            hours = self.content.mentoring_hours(given.site_id) if on_duty else self.content.open_hours(given.site_id)
        return verdict(given.kind, now=now, hours=hours, starts_at=given.starts_at, urgent=given.urgent)

    def _turns_done(self, done: Done) -> None:
        for answer in done.answers:
            self._answer_tap(answer)
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

    def _answer_tap(self, answer: Answer) -> None:
        words = None
        if answer.message is not None:
            words = self.texts.words(answer.message.key, answer.message.values, answer.language, html=False)
        self.sender.answer(answer.query_id, words, answer.alert)

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

    def introduction(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yields what Telegram is to show of the bot, as method and parameters: the command menus, and the words that
        people see before they press Start."""
        for menu in self.command_menus():
            yield "setMyCommands", menu
        for language, code in self._menu_languages():
            of_language = {"language_code": code} if code else {}
            for method, name, key in DESCRIPTIONS:
                yield method, {name: self.texts.words(key, {}, language, html=False)} | of_language

    def _menu_languages(self) -> list[tuple[str, str | None]]:
        return [("id", None), *((language, language) for language in self.texts.languages if language != "id")]

    async def travel(self, to: datetime) -> datetime:
        """Moves the present forward (the sandbox's time travel). Returns the new present."""
        return await self.scheduler.travel(to, self.settled)

    async def settled(self, *, look: bool = True) -> None:
        """Waits until nothing is under way: all updates are handled, everything due is done, and every message is sent.
        Without `look` the outbox is not searched: only rows are waited for that the sender was told of."""
        await self.inbox.until_idle()
        await self.reload.until_done()
        await self.jobs.drain()
        await self.scheduler.quiet()
        await self.sender.drain(look=look)

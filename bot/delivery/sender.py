"""Outbox -> Telegram: pace, priority, 429, 403, retries, file ids. The only caller of send*/edit*.

Rows of the ledger are claimed: replies straight from the turn that wrote them, everything else by
claiming, and of that only what can go out within half a second or so. They lie in one queue per chat, the most
urgent first and otherwise in the order they were written; one call per chat is under way at a time. What became of them
is written back in batches.

Two clocks: the bot's (`now`, which time travel moves) decides what is due and what is stale; real time rules pace,
leases, back-off and Telegram's `retry_after`.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import heapq
import math
import random
import time
from bisect import insort
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

import structlog
from sqlalchemy import delete, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from bot.database import Database, insert_or
from bot.delivery import outbox
from bot.delivery.outbox import ClaimedMessage, Gate, Priority, Result, SentFile, Status
from bot.delivery.rate_limiter import RateLimiter
from bot.people.quiet_hours import Kind
from bot.telegram.http import AnswerLost, NotReached, Refused
from bot.words.message import File, Form, Message

log = structlog.get_logger("sender")

PAUSE_MARGIN: Final = 1.05
"""A pause that Telegram asks for is kept so many times as long."""
POLL_SECONDS: Final = 1.0
"""How often the ledger is looked into when nobody says that there is something."""
QUEUE_LIMIT: Final = 2_000
"""With more claimed messages in memory than this, turns write waiting rows instead of handing over."""
PER_CHAT: Final = 4
"""So many claimed_messages of one chat are taken at once: a burst and the one after it."""
SETTLE_SECONDS: Final = 0.02
SETTLE_ROWS: Final = 200
RENEW_SECONDS: Final = 30.0
STOP_SECONDS: Final = 5.0
LONGEST_BACK_OFF: Final = 60.0
LONGEST_REST: Final = 16.0
"""While Telegram cannot be reached it is tried at least this often."""
LOST_IN_A_ROW: Final = 3
"""After so many lost answers, and none that came, we take it that Telegram is not there."""
LONG_PAUSE: Final = 5.0
"""In a longer pause than this, what is no reply goes back into the ledger."""
REPLY_PATIENCE: Final = 6 * 3600.0
"""For how long a reply is tried again, in seconds of real time."""
EDIT_PATIENCE: Final = 5.0
"""How long an edit waits for the message it edits to be sent."""
ANSWER_SECONDS: Final = 10.0
"""After this time nobody looks at the answer to a tap any more."""
ANSWERS_AT_ONCE: Final = 16
ANSWERS_LIMIT: Final = 5_000
UPLOAD_SECONDS: Final = 120.0
REMEMBERED: Final = 2_000
"""How many file ids, and ids of messages just sent, are kept in memory."""

FILE_PARAMETER: Final = {Form.PHOTO: "photo", Form.DOCUMENT: "document", Form.VOICE: "voice", Form.VIDEO: "video"}
GONE: Final = ("chat not found", "user is deactivated", "peer_id_invalid")
"""A 400 that says as much as a 403: this person cannot be reached any more."""
NOT_TO_EDIT: Final = (
    "message to edit not found",
    "message can't be edited",
    "there is no text in the message to edit",
    "message_id_invalid",
)
WRONG_FILE_ID: Final = ("wrong remote file identifier", "wrong file identifier", "file reference", "file_reference")


class Api(Protocol):
    """What the sender needs of Telegram, as `TelegramHttp` does it. Raises Refused, NotReached or AnswerLost."""

    async def call(
        self,
        method: str,
        params: Mapping[str, Any],
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        timeout: float = ...,  # noqa: ASYNC109 - the client tells how far the request came
    ) -> Any: ...


class Rendered(Protocol):
    """A message in words: HTML, and the keyboard as the Bot API takes it."""

    @property
    def text(self) -> str: ...

    @property
    def reply_markup(self) -> dict[str, Any] | None: ...


class Speech(Protocol):
    """What the sender needs of `texts`."""

    def render(self, message: Message, language: str) -> Rendered: ...

    def workbook(self, message: Message, language: str) -> bytes: ...

    def commands(self, role: str, language: str) -> Sequence[Mapping[str, str]]: ...


@dataclass(eq=False, slots=True)
class _Item:
    """A claimed in hand, and what has been found out about it."""

    claimed: ClaimedMessage
    since: float
    """When it came into our hands (monotonic)."""
    retry_at: float = 0.0
    lost: int = 0
    as_new: bool = False
    """The message to edit is not there: send a new one."""
    edit_id: int | None = None
    edited_found: bool = False
    digest: str | None = None
    """The content hash of its file; known to the database or not, that has been looked up."""
    file: File | None = None
    """The file as it is to be sent, where it was made of sheets only now."""
    sent_file_id: str | None = None
    """With which file id it was tried."""
    id_was_wrong: bool = False
    uploading: bool = False
    """Others who want to send the same file wait for this one."""
    tried: bool = False
    call: int = 0
    """The rate limiter's number of the call that is under way."""

    @property
    def rank(self) -> tuple[int, int]:
        return self.claimed.priority, self.claimed.id


@dataclass(eq=False, slots=True)
class _Chat:
    id: int
    items: list[_Item] = field(default_factory=list)
    busy: bool = False

    def head(self) -> _Item:
        head = self.items[0]
        if head.claimed.edits is not None:
            # what it edits goes first, or it would wait for it in vain
            return next((item for item in self.items if item.claimed.id == head.claimed.edits), head)
        return head


class _Request(NamedTuple):
    method: str
    params: dict[str, Any]
    files: dict[str, tuple[str, bytes, str]] | None = None


class _Screen(NamedTuple):
    """What a message with buttons shows."""

    text: str
    markup: dict[str, Any]


class _Seen(NamedTuple):
    """What a look into the ledger found."""

    claimed_messages: list[ClaimedMessage]
    most_urgent: int | None
    replies_wait: bool


class Sender:
    """Sends what the ledger holds, until stopped. All methods belong to one event loop.

    `now` is the bot's present; `monotonic` and `sleep` are real time in seconds (tests make them quick). `root` is the
    folder that `File.path` counts from. `rate` is in calls per second for everybody, `chat_rate` for one chat.
    `may_send` is asked before anything leaves or is claimed: whether we can be sure that no other process sends.

    For metrics: `sent`, `failed`, `blocked`, `unknown`, `dropped`, `retried`, `answers_failed` count since the start,
    `in_hand` is how many messages are held, `paused_until` the monotonic moment until which Telegram told us to wait.
    """

    def __init__(
        self,
        api: Api,
        database: Database,
        texts: Speech,
        gate: Gate,
        holder: str,
        now: Callable[[], datetime],
        root: Path,
        rate: float = 30,
        chat_rate: float = 1.0,
        chat_burst: int = 3,
        concurrency: int = 32,
        *,
        may_send: Callable[[], bool] = lambda: True,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._api = api
        self._may_send = may_send
        self._database = database
        self._texts = texts
        self._gate = gate
        self._holder = holder
        self._now = now
        self._root = root
        self._concurrency = concurrency
        self._monotonic = monotonic
        self._sleep = sleep
        self._rate_limiter = RateLimiter(rate, chat_rate, chat_burst, monotonic=monotonic)
        self._reply_room = self._rate_limiter.reply_room

        self.sent = self.failed = self.blocked = self.unknown = self.dropped = self.retried = self.answers_failed = 0
        self.paused_until = 0.0
        self.fatal: str | None = None
        """Why nothing can be sent any more; one line for the person at the terminal."""
        self.fatal_event = asyncio.Event()

        self._chats: dict[int, _Chat] = {}
        self._held: set[int] = set()
        self._low = 0
        self._crowded: set[int] = set()
        self._ready: list[tuple[int, int, int]] = []
        """(priority, row, chat) of chats that may go now; entries that are no longer true are skipped."""
        self._later: list[tuple[float, int]] = []
        self._calls: dict[asyncio.Task[None], tuple[_Chat, _Item]] = {}
        self._low_calls = 0
        self._errands: set[asyncio.Task[None]] = set()
        """Preparations and answers to taps."""
        self._answering = 0
        self._answer_slots = asyncio.Semaphore(ANSWERS_AT_ONCE)

        self._lost_in_a_row = 0
        self._down = False
        self._failed_probes = 0

        self._file_ids: OrderedDict[str, str] = OrderedDict()
        self._hashes: OrderedDict[tuple[str, int, int], str] = OrderedDict()
        self._uploads: dict[str, asyncio.Future[None]] = {}
        self._said: OrderedDict[int, int] = OrderedDict()
        """Row -> Telegram's id, for edits of what was said a moment ago."""
        self._screens: OrderedDict[tuple[int, int], _Screen] = OrderedDict()
        """What messages with buttons show now, by chat and message: an edit that changes nothing need not be made."""

        self._results: list[Result] = []
        self._writing = asyncio.Lock()
        self._have_results = asyncio.Event()

        self._wakes = 0
        self._seen_wakes = -1
        """Up to which `wake()` the ledger has been looked into."""
        self._next_poll = 0.0
        self._look_after = 0.0
        """After a look that failed, not before this moment."""
        self._waits: int | None = None
        """The most urgent priority that was still waiting after the last look."""
        self._replies_wait = False
        self._look_task: asyncio.Task[None] | None = None

        self._running = False
        self._stopping = False
        self._stop_asked = False
        """Asked while nobody was sending: meant for the `run()` that is about to begin."""
        self._ended = asyncio.Event()
        self._event = asyncio.Event()
        self._alarm_at = math.inf
        self._alarm_task: asyncio.Task[None] | None = None
        self._logged: set[tuple[str, ...]] = set()

    # --- what others call -----------------------------------------------------------------------------------------

    @property
    def in_hand(self) -> int:
        return len(self._held)

    def accepts(self) -> bool:
        """Whether a turn may hand its replies over; if not, it writes waiting rows and calls `wake()`.

        No while older replies may be waiting in the ledger: each chat's order is kept.
        """
        return (
            not self._stopping
            and self.fatal is None
            and not self._resting()
            and len(self._held) <= QUEUE_LIMIT
            and not self._replies_wait
            and (self._seen_wakes == self._wakes or not self._running)
        )

    def submit(self, claimed_messages: Sequence[ClaimedMessage]) -> None:
        """Send what a turn has just committed as claimed by us."""
        for claimed in claimed_messages:
            self._add(claimed)
        self._event.set()

    def wake(self) -> None:
        """Rows were written: look into the ledger now."""
        self._wakes += 1
        self._event.set()

    def answer(self, query_id: str, text: str | None = None, alert: bool = False) -> None:
        """Answer a tap at once, beside everything else. It is not in the ledger: late or refused, it is let go."""
        if self._answering >= ANSWERS_LIMIT or self._stopping:
            self.answers_failed += 1
            return
        self._answering += 1
        self._errand(self._answer(query_id, text, alert, self._monotonic()))

    async def run(self) -> None:
        """Send until `stop()`, cancellation or a refusal for good (`fatal`); gives back what was not sent."""
        if self._running:
            raise RuntimeError("this sender is running already")
        if self._stop_asked:  # somebody made a task of us, and thought better of it before its first step
            self._stop_asked = False
            return
        self._running, self._stopping = True, False
        self._event, self._have_results, self._ended = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._answer_slots, self._writing = asyncio.Semaphore(ANSWERS_AT_ONCE), asyncio.Lock()
        if self._results:
            self._have_results.set()
        self._next_poll = 0.0
        helpers = [asyncio.create_task(self._settle_forever()), asyncio.create_task(self._renew_forever())]
        try:
            while not self._stopping and self.fatal is None:
                try:
                    delay = self._pump()
                    delay = min(delay, self._look_if_needed())
                except Exception as error:
                    self._log_once(error, "sending stumbled")
                    delay = POLL_SECONDS
                await self._rest(delay)
        finally:
            self._stopping = True
            try:
                await self._wind_up()
            finally:
                for task in (*helpers, self._alarm_task):
                    if task is not None:
                        task.cancel()
                self._alarm_task, self._alarm_at = None, math.inf
                self._running = False
                self._ended.set()

    async def stop(self) -> None:
        """Send nothing new; returns when what was in flight is settled and the rest given back. While nobody sends, it
        is the next `run()` that ends at once."""
        self._stopping = True
        self._event.set()
        if self._running:
            await self._ended.wait()
        else:
            self._stop_asked = True

    async def drain(self, timeout: float = 30.0, *, look: bool = True) -> None:  # noqa: ASYNC109 - its own bound
        """Wait until nothing is in hand and nothing in the ledger could be sent now. Runs the sender if nobody does.
        Without `look` it is believed that we were told of all that is in the ledger.

        Raises TimeoutError after `timeout` seconds.
        """
        await asyncio.sleep(0)  # let a run() begin that was asked for just before
        running = None if self._running else asyncio.create_task(self.run())
        deadline = time.monotonic() + timeout
        if look:
            self.wake()
        try:
            while not self._quiet():
                if self.fatal is not None or (running is not None and running.done()):
                    break
                if time.monotonic() > deadline:
                    raise TimeoutError("the sender is still busy")
                await asyncio.sleep(0.001)
        finally:
            if running is not None:
                await self.stop()
                await running
                self._stopping = self._stop_asked = False

    def _quiet(self) -> bool:
        return (
            self._running
            and not self._held
            and not self._results
            and not self._writing.locked()
            and not self._errands
            and self._look_task is None
            and self._seen_wakes == self._wakes
            and self._waits is None
        )

    # --- the queue ------------------------------------------------------------------------------------------------

    def _add(self, claimed: ClaimedMessage) -> None:
        if claimed.id in self._held:
            return  # taken back as lost and claimed again, while we had it all the time
        self._held.add(claimed.id)
        if claimed.priority > Priority.REPLY:
            self._low += 1
        chat = self._chats.get(claimed.chat_id)
        if chat is None:
            chat = self._chats[claimed.chat_id] = _Chat(claimed.chat_id)
        insort(chat.items, _Item(claimed, self._monotonic()), key=lambda item: item.rank)
        if len(chat.items) >= PER_CHAT:
            self._crowded.add(chat.id)
        self._schedule(chat)

    def _remove(self, chat: _Chat, item: _Item) -> None:
        chat.items.remove(item)
        self._held.discard(item.claimed.id)
        if item.claimed.priority > Priority.REPLY:
            self._low -= 1
        if len(chat.items) < PER_CHAT and chat.id in self._crowded:
            self._crowded.discard(chat.id)
            self._next_poll = 0.0  # more of this chat may be waiting in the ledger
        if not chat.items and not chat.busy:
            self._chats.pop(chat.id, None)

    def _schedule(self, chat: _Chat) -> None:
        if chat.busy:
            return
        if not chat.items:
            self._chats.pop(chat.id, None)
            return
        head = chat.head()
        at = max(head.retry_at, self._monotonic() + self._rate_limiter.chat_wait(chat.id))
        if at <= self._monotonic():
            heapq.heappush(self._ready, (*head.rank, chat.id))
        else:
            heapq.heappush(self._later, (at, chat.id))

    def _release(self, chat: _Chat) -> None:
        chat.busy = False
        self._schedule(chat)
        self._event.set()

    def _resting(self) -> bool:
        return self._down or self._monotonic() < self.paused_until

    def _pump(self) -> float:
        """Start all calls that may leave now; returns in how many seconds time alone will allow the next."""
        now = self._monotonic()
        while self._later and self._later[0][0] <= now:
            chat = self._chats.get(heapq.heappop(self._later)[1])
            if chat is not None:
                self._schedule(chat)
        if self._down:
            return math.inf  # the probe wakes us
        if now < self.paused_until:
            return self.paused_until - now
        if not self._may_send():
            return POLL_SECONDS
        while self._ready and len(self._calls) < self._concurrency:
            low = self._ready[0][0] > Priority.REPLY
            if low and self._low_calls >= self._rate_limiter.bulk_concurrency(self._concurrency):
                break  # the next that ends wakes us
            wait = self._rate_limiter.wait(spread=low)
            if wait > 0:
                return min(wait, self._later[0][0] - now) if self._later else wait
            priority, row, chat_id = heapq.heappop(self._ready)
            chat = self._chats.get(chat_id)
            if chat is None or chat.busy or not chat.items:
                continue
            item = chat.head()
            if item.rank == (priority, row):
                self._begin(chat, item)
        return self._later[0][0] - self._monotonic() if self._later else math.inf

    def _begin(self, chat: _Chat, item: _Item) -> None:
        claimed = item.claimed
        now = self._monotonic()
        if item.retry_at > now or self._rate_limiter.chat_wait(chat.id) > 0:
            self._schedule(chat)
            return
        if claimed.not_after is not None and claimed.not_after < self._now():
            self._finish(chat, item, Status.DROPPED, "stale")
            self._schedule(chat)
            return
        if claimed.priority == Priority.REPLY and now - item.since > REPLY_PATIENCE and item.tried:
            self._finish(chat, item, Status.FAILED, "no answer")
            self._schedule(chat)
            return
        form = claimed.message.form
        file_missing = _is_uploaded(claimed.message) and (
            item.digest is None or (item.digest not in self._file_ids and item.digest in self._uploads)
        )
        chat.busy = True
        if file_missing or (claimed.edits is not None and claimed.edit_message_id is None and not item.edited_found):
            self._errand(self._prepare(chat, item))
            return
        if item.digest is not None and item.digest not in self._file_ids:
            item.uploading = True
            self._uploads[item.digest] = asyncio.get_running_loop().create_future()
        # a command menu is no message, and must not use up the burst of the greeting that it comes with
        item.call = self._rate_limiter.take(
            None if form is Form.COMMANDS else chat.id, spread=claimed.priority > Priority.REPLY
        )
        item.tried = True
        task = asyncio.create_task(self._attempt(chat, item))
        self._calls[task] = (chat, item)
        self._low_calls += claimed.priority > Priority.REPLY
        task.add_done_callback(self._call_ended)

    def _call_ended(self, task: asyncio.Task[None]) -> None:
        chat, item = self._calls.pop(task)
        self._low_calls -= item.claimed.priority > Priority.REPLY
        self._rate_limiter.ended(item.call, answered=False)
        if item.uploading and item.digest is not None:
            item.uploading = False
            self._uploads.pop(item.digest).set_result(None)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._log_once(error, "a message could not be dealt with")
            if item.claimed.id in self._held:
                self._finish(chat, item, Status.FAILED, type(error).__name__)
        self._release(chat)

    def _finish(self, chat: _Chat, item: _Item, status: Status, reason: str | None = None, **details: Any) -> Result:
        """The claimed leaves our hands; what became of it is to be settled."""
        self._remove(chat, item)
        result = Result(item.claimed, status, reason[:200] if reason else None, **details)
        match status:
            case Status.SENT:
                self.sent += 1
            case Status.FAILED:
                self.failed += 1
            case Status.BLOCKED:
                self.blocked += 1
            case Status.UNKNOWN:
                self.unknown += 1
            case Status.DROPPED:
                self.dropped += 1
            case _:
                pass
        self._results.append(result)
        self._have_results.set()
        return result

    def _give_back(self, chat: _Chat, item: _Item) -> None:
        # It was not said this time.
        item.claimed.attempts = max(0, item.claimed.attempts - 1)
        self._finish(chat, item, Status.WAITING)

    # --- one call -------------------------------------------------------------------------------------------------

    async def _attempt(self, chat: _Chat, item: _Item) -> None:
        claimed = item.claimed
        try:
            request = await self._request(item)
        except OSError as error:
            self._log_once(error, "a file could not be read")
            self._finish(chat, item, Status.FAILED, f"file: {type(error).__name__}")
            return
        except Exception as error:
            self._log_once(error, "a message could not be put into words", key=claimed.message.key)
            self._finish(chat, item, Status.FAILED, f"not in words: {type(error).__name__}")
            return
        target, screen = request.params.get("message_id", 0), _screen_of(request)
        if screen is not None and self._screens.pop((chat.id, target), None) == screen:
            _remember(self._screens, (chat.id, target), screen)
            self._sent(chat, item, target)  # somebody tapped twice; Telegram would refuse it
            return
        try:
            if request.files:
                answer = await self._api.call(request.method, request.params, request.files, UPLOAD_SECONDS)
            else:
                answer = await self._api.call(request.method, request.params)
        except Refused as refusal:
            self._rate_limiter.ended(item.call, answered=True)
            self._back_in_touch()
            self._refused(chat, item, request, refusal)
        except NotReached:
            self.retried += 1
            self._out_of_touch()
        except AnswerLost as error:
            self._answer_lost(chat, item, request, str(error))
        except Exception as error:
            self._log_once(error, "a call failed in an unexpected way")
            self._answer_lost(chat, item, request, type(error).__name__)
        else:
            self._rate_limiter.ended(item.call, answered=True)
            self._back_in_touch()
            await self._arrived(chat, item, request, screen, answer)

    async def _request(self, item: _Item) -> _Request:
        claimed, message = item.claimed, item.claimed.message
        params: dict[str, Any] = {"chat_id": claimed.chat_id}
        target = None if item.as_new else (claimed.edit_message_id or item.edit_id)
        match message.form:
            case Form.DELETE:
                return _Request("deleteMessage", params | {"message_id": target})
            case Form.REACTION:
                reaction = [{"type": "emoji", "emoji": message.emoji}] if message.emoji else []
                return _Request("setMessageReaction", params | {"message_id": target, "reaction": reaction})
            case Form.COMMANDS:
                commands = list(self._texts.commands(message.role or "participant", claimed.language))
                scope = {"type": "chat", "chat_id": claimed.chat_id}
                return _Request("setMyCommands", {"commands": commands, "scope": scope})
            case _:
                pass
        rendered = self._texts.render(message, claimed.language)
        markup = rendered.reply_markup
        if markup is not None:
            params["reply_markup"] = markup
        match message.form:
            case Form.PHOTO | Form.DOCUMENT | Form.VOICE | Form.VIDEO:
                if target is not None and message.file is not None and message.file.id is not None:
                    return _edit_of_file(message.form, message.file.id, rendered.text, params | {"message_id": target})
                return await self._file_request(item, params, rendered.text)
            case Form.VENUE | Form.LOCATION if message.place is not None:
                place = message.place
                params |= {"latitude": place.latitude, "longitude": place.longitude}
                if message.form is Form.LOCATION:
                    return _Request("sendLocation", params)
                title = place.title or place.address or ""
                return _Request("sendVenue", params | {"title": title, "address": place.address or title})
            case Form.QUIZ if message.quiz is not None:
                quiz = message.quiz
                params |= {
                    "question": quiz.question,
                    "options": [{"text": option} for option in quiz.options],
                    "type": "quiz",
                    "is_anonymous": False,
                    "correct_option_ids": [quiz.correct],
                }
                if quiz.explanation:
                    params["explanation"] = quiz.explanation
                return _Request("sendPoll", params)
            case Form.TEXT:
                params |= {
                    "text": rendered.text,
                    "parse_mode": "HTML",
                    "link_preview_options": {"is_disabled": True},
                }
                # only buttons under a message can be edited in
                if target is not None and (markup is None or "inline_keyboard" in markup):
                    return _Request("editMessageText", params | {"message_id": target})
                return _Request("sendMessage", params)
        raise ValueError(f"nothing to send in a {message.form}")

    async def _file_request(self, item: _Item, params: dict[str, Any], caption: str) -> _Request:
        message = item.claimed.message
        if caption:
            params |= {"caption": caption, "parse_mode": "HTML"}
        name = FILE_PARAMETER[message.form]
        method = "send" + name.capitalize()
        if message.file is not None and message.file.id is not None:
            return _Request(method, params | {name: message.file.id})
        item.sent_file_id = self._file_ids.get(item.digest) if item.digest else None
        if item.sent_file_id is not None:
            return _Request(method, params | {name: item.sent_file_id})
        file = item.file or message.file
        if file is None:
            raise ValueError("a file's message without a file")
        content = file.content if file.content is not None else await asyncio.to_thread(self._path(file).read_bytes)
        return _Request(method, params, {name: (file.name, content, file.mime)})

    async def _arrived(self, chat: _Chat, item: _Item, request: _Request, screen: _Screen | None, answer: Any) -> None:
        message_id, poll_id = None, None
        if isinstance(answer, dict):
            message_id = answer.get("message_id")
            poll_id = (answer.get("poll") or {}).get("id")
            message = item.claimed.message
            if request.files and item.digest is not None and not (message.sheets or message.secret):
                self._learn_file_id(item.digest, message.form, answer)
        elif request.method.startswith("editMessage"):
            message_id = request.params["message_id"]
        if screen is not None and message_id is not None:
            _remember(self._screens, (chat.id, message_id), screen)
        self._sent(chat, item, message_id, poll_id)
        if poll_id is not None:
            # The vote may come at once, and must find the quiz.
            await self._settle_now()

    def _sent(self, chat: _Chat, item: _Item, message_id: int | None, poll_id: str | None = None) -> None:
        if message_id is not None:
            _remember(self._said, item.claimed.id, message_id)
        self._finish(chat, item, Status.SENT, message_id=message_id, poll_id=poll_id)

    def _refused(self, chat: _Chat, item: _Item, request: _Request, refusal: Refused) -> None:
        code, words = refusal.code, refusal.description.lower()
        if code == 429:
            self.retried += 1
            self._pause(refusal.retry_after)
        elif code == 401 or (code == 404 and words == "not found"):
            self._give_back(chat, item)
            self._end(code)
        elif code == 403 or (code == 400 and any(sign in words for sign in GONE)):
            self._finish(chat, item, Status.BLOCKED, refusal.description)
            for other in [other for other in chat.items if other.claimed.priority > Priority.REPLY]:
                self._finish(chat, other, Status.BLOCKED, "blocked")
        elif request.method.startswith("editMessage") and "message is not modified" in words:
            self._sent(chat, item, request.params["message_id"])
        elif request.method.startswith("editMessage") and item.claimed.kind is Kind.ANNOUNCEMENT:
            # a correction never becomes a second announcement by itself: `broadcasts` sees it, and says it otherwise
            self._finish(chat, item, Status.FAILED, refusal.description or str(code))
        elif request.method == "editMessageText" and any(sign in words for sign in NOT_TO_EDIT):
            item.as_new = True
        elif request.method == "deleteMessage" and "message to delete not found" in words:
            self._sent(chat, item, None)
        elif item.sent_file_id is not None and any(sign in words for sign in WRONG_FILE_ID) and not item.id_was_wrong:
            item.id_was_wrong = True
            self._forget_file_id(item)
        else:
            self._log_refusal(item, refusal)
            self._finish(chat, item, Status.FAILED, refusal.description or str(code))

    def _answer_lost(self, chat: _Chat, item: _Item, request: _Request, detail: str) -> None:
        self._lost_in_a_row += 1
        if self._lost_in_a_row >= LOST_IN_A_ROW:
            self._out_of_touch()
        sending = request.method.startswith("send")
        if sending and item.claimed.kind is Kind.ANNOUNCEMENT:
            self._finish(chat, item, Status.UNKNOWN, f"no answer: {detail}")
            return
        now = self._monotonic()
        if item.claimed.priority == Priority.REPLY and now - item.since > REPLY_PATIENCE:
            self._finish(chat, item, Status.FAILED, "no answer")
            return
        if sending:
            item.claimed.attempts = min(item.claimed.attempts + 1, 30_000)
            # written down before it is said again: a process that dies meanwhile would take the count with it
            self._results.append(Result(replace(item.claimed), Status.CLAIMED))
            self._have_results.set()
        self.retried += 1
        item.retry_at = now + _back_off(item.lost, LONGEST_BACK_OFF)
        item.lost += 1

    def _log_refusal(self, item: _Item, refusal: Refused) -> None:
        seen = ("refused", item.claimed.message.key, refusal.description)
        if seen not in self._logged and len(self._logged) < 1000:
            self._logged.add(seen)
            log.warning(
                "Telegram refused a message",
                key=item.claimed.message.key,
                form=item.claimed.message.form.value,
                code=refusal.code,
                description=refusal.description[:200],
            )

    # --- Telegram as a whole: told to wait, not there, refused for good --------------------------------------------

    def _pause(self, retry_after: float | None) -> None:
        seconds = max(1.0 if retry_after is None else retry_after, 0.05)
        self.paused_until = max(self.paused_until, self._monotonic() + seconds * PAUSE_MARGIN)
        log.warning("Telegram asks for a pause", seconds=seconds)
        if seconds > LONG_PAUSE:
            self._give_back_what_can_wait()

    def _back_in_touch(self) -> None:
        self._lost_in_a_row = 0
        self._failed_probes = 0

    def _out_of_touch(self) -> None:
        """Nobody is sent anything until a harmless call has been answered."""
        if self._down or self._stopping:
            return
        self._down = True
        log.warning("Telegram cannot be reached")
        self._errand(self._probe())

    async def _probe(self) -> None:
        try:
            while not self._stopping:
                await self._sleep(_back_off(self._failed_probes, LONGEST_REST))
                self._failed_probes += 1  # until a message gets through: answering this is not enough
                try:
                    await self._api.call("getMe", {})
                except Refused as refusal:
                    if refusal.code == 429:
                        self._pause(refusal.retry_after)
                    elif refusal.code == 401:
                        self._end(401)
                    return
                except Exception as error:
                    if not isinstance(error, NotReached | AnswerLost):
                        self._log_once(error, "a call failed in an unexpected way")
                    if self._failed_probes == 5:
                        self._give_back_what_can_wait()
                    continue
                return
        finally:
            self._lost_in_a_row = 0
            self._down = False
            self._event.set()

    def _give_back_what_can_wait(self) -> None:
        """In a long pause the ledger is a better place: there rows can still be dropped, and no kill hurts them."""
        for chat in list(self._chats.values()):
            if not chat.busy:
                for item in [item for item in chat.items if item.claimed.priority > Priority.REPLY]:
                    self._give_back(chat, item)
        self.wake()

    def _end(self, code: int) -> None:
        if self.fatal is None:
            self.fatal = f"BOT_TOKEN: Telegram does not accept this token ({code})"
            self.fatal_event.set()
        self._event.set()

    # --- getting ready ----------------------------------------------------------------------------------------------

    def _errand(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _prepare(self, chat: _Chat, item: _Item) -> None:
        """Find out what the call needs to know; it waits outside the calls, so that nobody waits with it."""
        try:
            if item.claimed.edits is not None and item.claimed.edit_message_id is None and not item.edited_found:
                await self._find_edited(chat, item)
            if _is_uploaded(item.claimed.message) and item.claimed.id in self._held:
                await self._find_file(item)
        except OSError as error:
            self._log_once(error, "a file could not be read")
            self._finish(chat, item, Status.FAILED, f"file: {type(error).__name__}")
        except Exception as error:
            self._log_once(error, "a message could not be got ready")
            item.retry_at = self._monotonic() + _back_off(item.lost, LONGEST_BACK_OFF)
            item.lost += 1
        finally:
            self._release(chat)

    async def _find_edited(self, chat: _Chat, item: _Item) -> None:
        row = item.claimed.edits
        assert row is not None
        give_up_at = self._monotonic() + EDIT_PATIENCE
        wait = 0.02
        while True:
            if row in self._said:
                item.edit_id = self._said[row]
                break
            if any(other.claimed.id == row for other in chat.items):
                return  # it came into our own hands meanwhile, and goes first
            found = await self._database.in_transaction(outbox.telegram_message_of, row)
            if found is not None and found[1] is not None and found[0] == Status.SENT:
                item.edit_id = found[1]
                break
            under_way = found is not None and found[0] in (Status.WAITING, Status.CLAIMED)
            if not under_way or self._monotonic() > give_up_at:
                item.as_new = True
                break
            await self._sleep(wait)
            wait = min(wait * 2, 1.0)
        item.edited_found = True
        correction = item.claimed.kind is Kind.ANNOUNCEMENT
        if item.as_new and (correction or item.claimed.message.form in (Form.DELETE, Form.REACTION)):
            self._finish(chat, item, Status.DROPPED, "its message was never sent")

    async def _find_file(self, item: _Item) -> None:
        message = item.claimed.message
        if item.digest is None:
            if message.file is None:
                item.digest = "none"
                return
            item.file = message.file
            if message.sheets:
                content = await asyncio.to_thread(self._texts.workbook, message, item.claimed.language)
                item.file = replace(message.file, content=content)
            item.digest = await self._hash(message.form, item.file)
        digest = item.digest
        while digest not in self._file_ids:
            upload = self._uploads.get(digest)
            if upload is not None:
                await asyncio.shield(upload)
                continue
            known = await self._database.in_transaction(_known_file_id, digest, message.form)
            if known is not None and not item.id_was_wrong:
                _remember(self._file_ids, digest, known)
            return

    async def _hash(self, form: Form, file: File) -> str:
        if file.content is not None:
            return _content_hash(form, file.content)
        path = self._path(file)
        state = await asyncio.to_thread(path.stat)
        seen = (f"{form}:{path}", state.st_mtime_ns, state.st_size)
        if seen not in self._hashes:
            content = await asyncio.to_thread(path.read_bytes)
            _remember(self._hashes, seen, await asyncio.to_thread(_content_hash, form, content))
        return self._hashes[seen]

    def _path(self, file: File) -> Path:
        if file.path is None:
            raise ValueError("a file without content or path")
        return self._root / file.path

    def _learn_file_id(self, digest: str, form: Form, answer: dict[str, Any]) -> None:
        # Only of the kind we sent: an id works for nothing else, and Telegram may have made something else of it.
        found = answer.get(FILE_PARAMETER[form])
        if isinstance(found, list):
            found = found[-1] if found else None
        file_id = found.get("file_id") if isinstance(found, dict) else None
        if isinstance(file_id, str) and len(file_id) <= 200:
            _remember(self._file_ids, digest, file_id)
            self._errand(self._write_file_id(digest, form, file_id, self._now()))

    def _forget_file_id(self, item: _Item) -> None:
        digest, wrong = item.digest, item.sent_file_id
        if digest is not None and wrong is not None:
            if self._file_ids.get(digest) == wrong:
                del self._file_ids[digest]
            self._errand(self._write_forgotten(digest, item.claimed.message.form, wrong))
        item.sent_file_id = None

    async def _write_file_id(self, digest: str, form: Form, file_id: str, now: datetime) -> None:
        try:
            await self._database.in_transaction(_keep_file_id, digest, form, file_id, now)
        except Exception as error:
            self._log_once(error, "a file id could not be kept")  # it costs one upload more some day

    async def _write_forgotten(self, digest: str, form: Form, file_id: str) -> None:
        try:
            await self._database.in_transaction(_drop_file_id, digest, form, file_id)
        except Exception as error:
            self._log_once(error, "a file id could not be forgotten")

    # --- answers to taps ----------------------------------------------------------------------------------------------

    async def _answer(self, query_id: str, text: str | None, alert: bool, since: float) -> None:
        params: dict[str, Any] = {"callback_query_id": query_id}
        if text:
            params["text"] = text[:200]
        if alert:
            params["show_alert"] = True
        try:
            async with self._answer_slots:
                while (pause := self.paused_until - self._monotonic()) > 0:
                    if self._monotonic() + pause - since > ANSWER_SECONDS:
                        break
                    await self._sleep(pause)
                if self._monotonic() + max(pause, 0.0) - since > ANSWER_SECONDS:
                    self.answers_failed += 1
                    return
                await self._api.call("answerCallbackQuery", params)
        except Refused as refusal:
            self.answers_failed += 1
            if refusal.code == 429:
                self._pause(refusal.retry_after)
        except Exception as error:
            self.answers_failed += 1
            if not isinstance(error, NotReached | AnswerLost):
                self._log_once(error, "a tap could not be answered")
        finally:
            self._answering -= 1

    # --- the ledger ---------------------------------------------------------------------------------------------------

    def _look_if_needed(self) -> float:
        """Start a look into the ledger if there is reason and room; returns in how many seconds to ask again."""
        if self._look_task is not None or self._resting() or not self._may_send():
            return math.inf
        low, replies = self._rate_limiter.bulk_room - self._low, self._reply_room - (len(self._held) - self._low)
        now = self._monotonic()
        if now < self._look_after:
            return self._look_after - now
        asked = self._wakes != self._seen_wakes or now >= self._next_poll
        # what is known to wait is fetched in worthwhile portions
        if self._waits == Priority.REPLY:
            reason = asked or replies * 2 >= self._reply_room
        elif self._waits is not None:
            reason = asked or low * 2 >= self._rate_limiter.bulk_room
        else:
            reason = asked
        if replies <= 0 or not reason:
            return math.inf if replies <= 0 else max(0.0, self._next_poll - now)
        if low <= 0 or self._waits == Priority.REPLY:
            limit, priority = replies, int(Priority.REPLY)
        else:
            limit, priority = low, int(Priority.BROADCAST)
        self._next_poll = now + POLL_SECONDS
        self._look_task = asyncio.create_task(self._look(limit, priority))
        return math.inf

    async def _look(self, limit: int, priority: int) -> None:
        wakes = self._wakes
        try:
            seen = await self._database.in_transaction(self._claim, limit, priority, frozenset(self._crowded))
        except Exception as error:
            self._log_once(error, "the ledger could not be read")
            self._look_after = self._monotonic() + POLL_SECONDS
        else:
            for claimed in seen.claimed_messages:
                self._add(claimed)
            self._seen_wakes = wakes
            self._waits = seen.most_urgent
            self._replies_wait = seen.replies_wait
        finally:
            self._look_task = None
            self._event.set()

    def _claim(self, db: Session, limit: int, priority: int, crowded: frozenset[int]) -> _Seen:
        now = self._now()
        claimed_messages = outbox.claim(
            db,
            holder=self._holder,
            now=now,
            real_now=datetime.now(UTC),
            limit=limit,
            gate=self._gate,
            priority=priority,
            per_chat=PER_CHAT,
            crowded=crowded,
        )
        db.flush()
        most_urgent = outbox.most_urgent(db, now, crowded=crowded)
        if most_urgent == Priority.REPLY or not crowded:
            return _Seen(claimed_messages, most_urgent, most_urgent == Priority.REPLY)
        return _Seen(claimed_messages, most_urgent, outbox.most_urgent(db, now) == Priority.REPLY)

    async def _settle_forever(self) -> None:
        while True:
            await self._have_results.wait()
            self._have_results.clear()
            await asyncio.sleep(0)  # until then the call that brought the result still counts as under way itself
            # Batches when there is much to do; when nothing else is under way, at once.
            if (self._calls or self._ready) and len(self._results) < SETTLE_ROWS and not self._stopping:
                await self._sleep(SETTLE_SECONDS)
            tries = 0
            while self._results and not await self._settle_now():
                await self._sleep(_back_off(min(tries, 4), 10.0))
                tries += 1

    async def _settle_now(self) -> bool:
        """Write all results; what cannot be written is kept. Returns whether all went well."""
        async with self._writing:
            while self._results:
                batch, self._results = self._results, []
                unwritten = batch
                try:
                    unwritten = await self._write(batch)
                finally:
                    if unwritten:
                        self._results = unwritten + self._results
                        self._have_results.set()
                if unwritten:
                    return False
        return True

    async def _write(self, batch: list[Result]) -> list[Result]:
        """Settle a batch; returns what could not be written. One bad row must not hold up the others."""
        try:
            await self._database.in_transaction(self._settle, batch)
            return []
        except Exception as error:
            self._log_once(error, "what was sent could not be written down")
            if len(batch) == 1 or isinstance(error, OperationalError | InterfaceError):
                return batch
        unwritten: list[Result] = []
        for result in batch:
            try:
                await self._database.in_transaction(self._settle, [result])
            except Exception as error:
                self._log_once(error, "what was sent could not be written down")
                unwritten.append(result)
        return unwritten

    def _settle(self, db: Session, batch: list[Result]) -> None:
        outbox.settle(db, batch, holder=self._holder, now=self._now())

    async def _renew_forever(self) -> None:
        while True:
            await self._sleep(RENEW_SECONDS)
            if not self._may_send():
                continue
            rows = [*self._held, *(result.claimed.id for result in self._results)]
            try:
                if await self._database.in_transaction(self._renew, rows):
                    self.wake()
            except Exception as error:
                self._log_once(error, "leases could not be renewed")

    def _renew(self, db: Session, rows: list[int]) -> int:
        """Keep what is in our hands; take back what is in nobody's. Returns how many those were."""
        now = datetime.now(UTC)
        outbox.renew_leases(db, rows, holder=self._holder, real_now=now)
        return outbox.recover(db, real_now=now, everything=False)

    # --- waiting and ending -------------------------------------------------------------------------------------------

    async def _rest(self, delay: float) -> None:
        """Wait until something happens, at most `delay` seconds and never longer than a poll."""
        at = self._monotonic() + min(delay, POLL_SECONDS)
        if at < self._alarm_at - 0.0005:
            if self._alarm_task is not None:
                self._alarm_task.cancel()
            self._alarm_at = at
            self._alarm_task = asyncio.create_task(self._alarm(max(0.0, at - self._monotonic())))
        await self._event.wait()
        self._event.clear()

    async def _alarm(self, seconds: float) -> None:
        await self._sleep(seconds)
        self._alarm_at, self._alarm_task = math.inf, None
        self._event.set()

    async def _wind_up(self) -> None:
        """Wait shortly for what is in flight, give back the rest, write everything down."""
        if self._calls:
            await asyncio.wait(list(self._calls), timeout=STOP_SECONDS)
        for task, (chat, item) in list(self._calls.items()):
            task.cancel()
            # Nobody knows whether it arrived. As recover() would do it:
            if item.claimed.id in self._held:
                if item.claimed.kind is Kind.ANNOUNCEMENT and item.claimed.edits is None:
                    self._finish(chat, item, Status.UNKNOWN, "the process ended while it was being sent")
                else:
                    self._finish(chat, item, Status.WAITING)
        for job in list(self._errands):
            job.cancel()
        await asyncio.gather(*self._calls, *self._errands, return_exceptions=True)
        if self._look_task is not None:
            await asyncio.wait([self._look_task], timeout=STOP_SECONDS)
        for chat in list(self._chats.values()):
            for item in list(chat.items):
                self._give_back(chat, item)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                while not await self._settle_now():  # noqa: ASYNC110 - it is the trying that is repeated
                    await asyncio.sleep(0.02)

    def _log_once(self, error: BaseException, what: str, **details: Any) -> None:
        """Each kind of trouble once, by its type and place: an error's text may hold what people wrote."""
        frame = error.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        where = f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}" if frame is not None else ""
        seen = (what, type(error).__name__, where)
        if seen not in self._logged and len(self._logged) < 1000:
            self._logged.add(seen)
            log.error(what, error=type(error).__name__, where=where, **details)


def _screen_of(request: _Request) -> _Screen | None:
    """None for what cannot be edited in place later, or shows more than words and buttons."""
    markup = request.params.get("reply_markup")
    if request.method not in ("sendMessage", "editMessageText") or not markup or "inline_keyboard" not in markup:
        return None
    return _Screen(request.params["text"], markup)


def _is_uploaded(message: Message) -> bool:
    """Whether it has a file that Telegram may not have yet."""
    return message.form in FILE_PARAMETER and (message.file is None or message.file.id is None)


def _edit_of_file(form: Form, file_id: str, caption: str, params: dict[str, Any]) -> _Request:
    """A photo, video or document is put in the place of the old one; of a voice only its words can be changed."""
    words = {"caption": caption, "parse_mode": "HTML"}
    if form is Form.VOICE:
        return _Request("editMessageCaption", params | words)
    return _Request("editMessageMedia", params | {"media": {"type": form.value, "media": file_id, **words}})


def _back_off(tries: int, longest: float) -> float:
    """Seconds before the next try: 0.5, 1, 2 ... up to `longest`, each a bit longer by chance."""
    return min(longest, 0.5 * 2.0 ** min(tries, 10) * random.uniform(1.0, 1.5))


def _remember(memory: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > REMEMBERED:
        memory.popitem(last=False)


def _content_hash(form: Form, content: bytes) -> str:
    return hashlib.sha256(form.value.encode() + b"\0" + content).hexdigest()


def _known_file_id(db: Session, digest: str, form: Form) -> str | None:
    return db.scalar(
        select(SentFile.telegram_file_id).where(SentFile.content_hash == digest, SentFile.form == form.value)
    )


def _keep_file_id(db: Session, digest: str, form: Form, file_id: str, now: datetime) -> None:
    known = {"telegram_file_id": file_id, "seen_at": now}
    db.execute(
        insert_or(db, SentFile)
        .values(content_hash=digest, form=form.value, **known)
        .on_conflict_do_update(index_elements=["content_hash", "form"], set_=known)
    )


def _drop_file_id(db: Session, digest: str, form: Form, file_id: str) -> None:
    db.execute(
        delete(SentFile).where(
            SentFile.content_hash == digest, SentFile.form == form.value, SentFile.telegram_file_id == file_id
        )
    )

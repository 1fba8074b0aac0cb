"""The calls to Telegram that are under way, and what their answers mean for the messages they say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from bot.delivery.connection import LONG_PAUSE, Api, Connection
from bot.delivery.ledger import Settlements
from bot.delivery.outbox import Result, Status
from bot.delivery.outcomes import Outcomes
from bot.delivery.preparation import LONGEST_BACK_OFF
from bot.delivery.queue import Delivery, Queue
from bot.delivery.rate_limiter import RateLimiter
from bot.delivery.requests import Meaning, Request, Screen, Speech, meaning_of, request_for, without_words
from bot.delivery.runtime import Runtime, back_off
from bot.delivery.sent_messages import SentMessages
from bot.delivery.uploads import Uploads
from bot.people.quiet_hours import Kind
from bot.telegram.http import AnswerLost, NotReached, Refused
from bot.words.message import Form
from bot.words.texts import NoWordsError

log = structlog.get_logger("sender")

REPLY_PATIENCE: Final = 6 * 3600.0
"""How long a reply is tried again, in seconds of real time."""
UPLOAD_SECONDS: Final = 120.0
"""How long a call that brings a file may take."""
MOST_TIMES_COUNTED: Final = 30_000
"""The highest number of attempts that the ledger can hold."""


class Calls:
    """Makes the calls to Telegram, at most `concurrency` at once. `retried` counts the calls that failed and are made
    again, `wordless` the messages whose words an upgrade took away."""

    def __init__(
        self,
        api: Api,
        texts: Speech,
        concurrency: int,
        *,
        now: Callable[[], datetime],
        runtime: Runtime,
        rate_limiter: RateLimiter,
        connection: Connection,
        queue: Queue,
        outcomes: Outcomes,
        settlements: Settlements,
        sent_messages: SentMessages,
        uploads: Uploads,
    ) -> None:
        self.retried = 0
        self.wordless = 0
        self._api = api
        self._texts = texts
        self._concurrency = concurrency
        self._now = now
        self._runtime = runtime
        self._rate_limiter = rate_limiter
        self._connection = connection
        self._queue = queue
        self._outcomes = outcomes
        self._settlements = settlements
        self._sent_messages = sent_messages
        self._uploads = uploads
        self._under_way: dict[asyncio.Task[None], Delivery] = {}
        self._bulk = 0

    @property
    def any_under_way(self) -> bool:
        return bool(self._under_way)

    def has_slot(self, *, bulk: bool) -> bool:
        """Whether one more call may begin: for a reply, or for a message that can wait."""
        if len(self._under_way) >= self._concurrency:
            return False
        return not bulk or self._bulk < self._rate_limiter.bulk_concurrency(self._concurrency)

    def gave_up_on(self, delivery: Delivery) -> bool:
        """Whether a reply was tried for so long that nobody waits for it any more."""
        return not delivery.can_wait and self._runtime.monotonic() - delivery.since > REPLY_PATIENCE

    def begin(self, delivery: Delivery) -> None:
        """Starts the call that says the message; its chat is released when the call ends."""
        self._uploads.begin(delivery)
        claimed = delivery.claimed
        # a command menu is no message, and must not use up the burst of the greeting that it comes with
        chat_id = None if claimed.message.form is Form.COMMANDS else claimed.chat_id
        delivery.call = self._rate_limiter.take(chat_id, spread=delivery.can_wait)
        delivery.tried = True
        task = asyncio.create_task(self._call(delivery))
        self._under_way[task] = delivery
        self._bulk += delivery.can_wait
        task.add_done_callback(self._ended)

    async def end(self, seconds: float) -> None:
        """Waits at most so long for calls under way, and cancels the rest."""
        if self._under_way:
            await asyncio.wait(list(self._under_way), timeout=seconds)
        cut_off = list(self._under_way)
        for task in cut_off:
            task.cancel()
            self._cut_off(self._under_way[task])
        await asyncio.gather(*cut_off, return_exceptions=True)

    def _cut_off(self, delivery: Delivery) -> None:
        """Settles a message whose call was cut off, so that it is not known whether it arrived: with the result that
        `outbox.recover` would give it."""
        claimed = delivery.claimed
        if claimed.id in self._queue:
            if claimed.kind is Kind.ANNOUNCEMENT and claimed.edits is None:
                self._outcomes.finish(delivery, Status.UNKNOWN, "the process ended while it was being sent")
            else:
                self._outcomes.finish(delivery, Status.WAITING)

    def _ended(self, task: asyncio.Task[None]) -> None:
        delivery = self._under_way.pop(task)
        self._bulk -= delivery.can_wait
        self._rate_limiter.ended(delivery.call, answered=False)
        self._uploads.ended(delivery)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._runtime.log_once(error, "a message could not be dealt with")
            if delivery.claimed.id in self._queue:
                self._outcomes.finish(delivery, Status.FAILED, type(error).__name__)
        self._queue.release(delivery.claimed.chat_id)

    async def _call(self, delivery: Delivery) -> None:
        claimed = delivery.claimed
        try:
            request = await self._request(delivery)
        except OSError as error:
            self._runtime.log_once(error, "a file could not be read")
            self._outcomes.finish(delivery, Status.FAILED, f"file: {type(error).__name__}")
            return
        except Exception as error:
            self._runtime.log_once(error, "a message could not be put into words", key=claimed.message.key)
            self._outcomes.finish(delivery, Status.FAILED, f"not in words: {type(error).__name__}")
            return
        screen, edited = request.screen, request.params.get("message_id", 0)
        if screen is not None and not self._sent_messages.would_change(claimed.chat_id, edited, screen):
            self._sent(delivery, edited)  # somebody tapped twice; Telegram would refuse it
            return
        try:
            if request.files:
                answer = await self._api.call(request.method, request.params, request.files, UPLOAD_SECONDS)
            else:
                answer = await self._api.call(request.method, request.params)
        except Refused as refusal:
            self._answered(delivery)
            self._refused(delivery, request, refusal)
        except NotReached:
            self.retried += 1
            self._connection.not_reached()
        except AnswerLost as error:
            self._answer_lost(delivery, request, str(error))
        except Exception as error:
            self._runtime.log_once(error, "a call failed in an unexpected way")
            self._answer_lost(delivery, request, type(error).__name__)
        else:
            self._answered(delivery)
            self._connection.accepted()
            await self._arrived(delivery, request, screen, answer)

    async def _request(self, delivery: Delivery) -> Request:
        claimed = delivery.claimed
        target = None if delivery.as_new else (claimed.edit_message_id or delivery.edit_id)
        attachment = await self._uploads.attachment(delivery)
        try:
            return request_for(claimed, self._texts, target=target, attachment=attachment)
        except NoWordsError as missing:
            # it waited over an upgrade whose words do not know it: people hear that, and the way to what is true now
            self.wordless += 1
            log.warning("a message has no words any more", key=claimed.message.key, missing=str(missing), id=claimed.id)
            return request_for(without_words(claimed), self._texts, target=target, attachment=attachment)

    def _answered(self, delivery: Delivery) -> None:
        self._rate_limiter.ended(delivery.call, answered=True)
        self._connection.answered()

    async def _arrived(self, delivery: Delivery, request: Request, screen: Screen | None, answer: Any) -> None:
        message_id, poll_id = None, None
        if isinstance(answer, dict):
            message_id = answer.get("message_id")
            poll_id = (answer.get("poll") or {}).get("id")
            if request.files:
                self._uploads.learn(delivery, answer)
        elif request.edits:
            message_id = request.params["message_id"]
        if screen is not None and message_id is not None:
            self._sent_messages.shows(delivery.claimed.chat_id, message_id, screen)
        self._sent(delivery, message_id, poll_id)
        if poll_id is not None:
            # The vote may come at once, and must find the quiz.
            await self._settlements.settle_now()

    def _sent(self, delivery: Delivery, message_id: int | None, poll_id: str | None = None) -> None:
        if message_id is not None:
            self._sent_messages.sent(delivery.claimed.id, message_id)
        self._outcomes.finish(delivery, Status.SENT, message_id=message_id, poll_id=poll_id)

    def _refused(self, delivery: Delivery, request: Request, refusal: Refused) -> None:
        by_kept_file_id = delivery.sent_file_id is not None and not delivery.id_was_wrong
        reason = refusal.description or str(refusal.code)
        match meaning_of(refusal, request, delivery.claimed.kind, by_kept_file_id=by_kept_file_id):
            case Meaning.PAUSE:
                self.retried += 1
                self._hold_chat(delivery, self._connection.pause(refusal.retry_after, delivery.claimed.chat_id))
            case Meaning.TOKEN_REFUSED:
                self._outcomes.give_back(delivery)
                self._connection.refuse_token(refusal.code)
            case Meaning.BLOCKED:
                self._outcomes.block(delivery, refusal.description)
            case Meaning.SHOWN_ALREADY:
                self._sent(delivery, request.params["message_id"])
            case Meaning.GONE_ALREADY:
                self._sent(delivery, None)
            case Meaning.NOT_CORRECTED:
                self._outcomes.finish(delivery, Status.FAILED, reason)
            case Meaning.SAY_ANEW:
                delivery.as_new = True
            case Meaning.WRONG_FILE_ID:
                self._uploads.forget(delivery)
            case Meaning.IMPOSSIBLE:
                self._log_refusal(delivery, refusal)
                self._outcomes.finish(delivery, Status.FAILED, reason)

    def _hold_chat(self, delivery: Delivery, seconds: float) -> None:
        """If a chat is held for longer than LONG_PAUSE, gives back its messages that can wait, so that those of other
        chats can be claimed."""
        if seconds > LONG_PAUSE:
            moment = self._now() + timedelta(seconds=seconds)
            for other in self._queue.of_chat(delivery.claimed.chat_id):
                if other.can_wait:
                    self._outcomes.give_back(other, not_before=moment)

    def _answer_lost(self, delivery: Delivery, request: Request, detail: str) -> None:
        self._connection.answer_lost()
        claimed = delivery.claimed
        if request.sends and claimed.kind is Kind.ANNOUNCEMENT:
            self._outcomes.finish(delivery, Status.UNKNOWN, f"no answer: {detail}")
            return
        if self.gave_up_on(delivery):
            self._outcomes.finish(delivery, Status.FAILED, "no answer")
            return
        if request.sends:
            claimed.attempts = min(claimed.attempts + 1, MOST_TIMES_COUNTED)
            # written down before it is said again: a process that dies meanwhile would take the count with it
            self._settlements.add(Result(replace(claimed), Status.CLAIMED))
        self.retried += 1
        delivery.retry_at = self._runtime.monotonic() + back_off(delivery.lost, LONGEST_BACK_OFF)
        delivery.lost += 1

    def _log_refusal(self, delivery: Delivery, refusal: Refused) -> None:
        message = delivery.claimed.message
        if self._runtime.is_first("refused", message.key, refusal.description):
            log.warning(
                "Telegram refused a message",
                key=message.key,
                form=message.form.value,
                code=refusal.code,
                description=refusal.description[:200],
            )

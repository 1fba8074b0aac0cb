"""Finds out what must be known before a message can be sent: the message it edits, and whether Telegram has its
file."""

from __future__ import annotations

from functools import partial
from typing import Final

from bot.delivery.outbox import Status
from bot.delivery.outcomes import Outcomes
from bot.delivery.queue import Delivery, Queue
from bot.delivery.runtime import Runtime, back_off
from bot.delivery.sent_messages import SentMessages
from bot.delivery.uploads import Uploads
from bot.people.quiet_hours import Kind
from bot.words.message import Form

LONGEST_BACK_OFF: Final = 60.0


class Preparation:
    """Gets messages ready beside the calls, so that only their own chat waits for them."""

    def __init__(
        self, queue: Queue, outcomes: Outcomes, sent_messages: SentMessages, uploads: Uploads, runtime: Runtime
    ) -> None:
        self._queue = queue
        self._outcomes = outcomes
        self._sent_messages = sent_messages
        self._uploads = uploads
        self._runtime = runtime

    def is_needed(self, delivery: Delivery) -> bool:
        return delivery.must_find_edited or self._uploads.must_prepare(delivery)

    def begin(self, delivery: Delivery) -> None:
        """Starts the preparation of a message; its chat is released however it ends."""
        chat_id = delivery.claimed.chat_id
        self._runtime.start(self._prepare(delivery), partial(self._queue.release, chat_id))

    async def _prepare(self, delivery: Delivery) -> None:
        try:
            if delivery.must_find_edited:
                await self._find_edited(delivery)
            if delivery.claimed.id in self._queue:
                await self._uploads.prepare(delivery)
        except OSError as error:
            self._runtime.log_once(error, "a file could not be read")
            self._outcomes.finish(delivery, Status.FAILED, f"file: {type(error).__name__}")
        except ValueError as error:  # what it is made of will be the same the next time
            self._runtime.log_once(error, "a message could not be got ready")
            self._outcomes.finish(delivery, Status.FAILED, f"not made: {type(error).__name__}")
        except Exception as error:
            self._runtime.log_once(error, "a message could not be got ready")
            delivery.retry_at = self._runtime.monotonic() + back_off(delivery.lost, LONGEST_BACK_OFF)
            delivery.lost += 1

    async def _find_edited(self, delivery: Delivery) -> None:
        claimed = delivery.claimed

        def in_hand(row: int) -> bool:
            return any(other.claimed.id == row for other in self._queue.of_chat(claimed.chat_id))

        await self._sent_messages.find_edited(delivery, in_hand)
        needs_it = claimed.kind is Kind.ANNOUNCEMENT or claimed.message.form in (Form.DELETE, Form.REACTION)
        if delivery.edited_found and delivery.as_new and needs_it:
            self._outcomes.finish(delivery, Status.DROPPED, "its message was never sent")

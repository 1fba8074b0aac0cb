"""The refusals of Telegram."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content "
    "and reply markup of the message"
)
QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
POLLING_TWICE = "terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
WEBHOOK_SET = "terminated by setWebhook request"


class Refused(Exception):
    """Telegram refuses a request. `description` is the whole line of the answer: "Bad Request: ..." and so on."""

    def __init__(self, words: str, code: int = 400, *, retry_after: int | None = None) -> None:
        self.code = code
        self.retry_after = 1 if code == 429 and retry_after is None else retry_after
        if words and len(words) > 1 and not (words[1] == "_" or words[1].isupper()):
            words = words[0].lower() + words[1:]
        phrase = "Request Entity Too Large" if code == 413 else HTTPStatus(code).phrase
        self.description = f"{phrase}: {words}" if words else phrase
        super().__init__(self.description)

    def answer(self) -> dict[str, Any]:
        """Returns the body of the Bot API's answer."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        return body

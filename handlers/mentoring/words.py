"""What was said, read from the update; and words that several screens share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from telegram import Message as TelegramMessage

from bot.actions.mentoring import SeeQueue, TakeQuestion
from bot.catalogue.content import Content
from bot.people.people import Account
from bot.programme import mentoring, privacy
from bot.programme.mentoring import Given, Ticket, TicketMessage
from bot.turns.turn import Turn
from bot.words.message import At, Button, Value, Words

LONGEST_VOICE: Final = 120
"""Seconds."""
LONGEST_VIDEO: Final = 60


def given(turn: Turn, most: int) -> Given | str:
    """Returns what was said; or the key of the words that say why it cannot be passed on."""
    message = turn.update.message
    if message is None:
        return "mentoring.unfit"
    return given_in(message, most)


def given_in(message: TelegramMessage, most: int) -> Given | str:
    text = (message.text or message.caption or "").strip() or None
    if text is not None and len(text) > most:
        return "mentoring.too_long"
    if text is not None and privacy.holds_secret_code(text):
        return "mentoring.secret_code"
    number, album = message.message_id, message.media_group_id
    if message.text:
        return Given("text", text, telegram_message_id=number) if text else "mentoring.unfit"
    if message.voice is not None:
        seconds = _seconds(message.voice.duration)
        if seconds > LONGEST_VOICE:
            return "mentoring.voice_too_long"
        return Given("voice", text, message.voice.file_id, seconds, number)
    if message.photo:
        return Given("photo", text, message.photo[-1].file_id, telegram_message_id=number, album=album)
    if message.video is not None:
        seconds = _seconds(message.video.duration)
        if seconds > LONGEST_VIDEO:
            return "mentoring.video_too_long"
        return Given("video", text, message.video.file_id, seconds, number, album)
    if message.document is not None and (message.document.mime_type or "").startswith("image/"):
        return "mentoring.photo_as_file"
    return "mentoring.unfit"


def _seconds(duration: object) -> int:
    """Returns the length in seconds: python-telegram-bot gives a number, later versions a timedelta."""
    total = getattr(duration, "total_seconds", None)
    return int(total()) if total is not None else int(duration)  # type: ignore[call-overload]


def expected(turn: Turn, site_id: str, content: Content) -> Value:
    """Returns when somebody who asks now can expect an answer, as words."""
    match mentoring.expect(turn.db, site_id, turn.now, content=content):
        case mentoring.WithinHours(hours):
            return Words("mentoring.expect.hours", {"n": hours})
        case mentoring.Today():
            return Words("mentoring.expect.today")
        case mentoring.NotLaterThan(moment):
            return Words("mentoring.expect.until", {"until": At(moment, turn.zone(site_id))})


# --- words ------------------------------------------------------------------------------------------------------------


def said_line(turn: Turn, ticket: Ticket, message: TicketMessage, *, lost: bool = False) -> Words:
    """Returns one thing that was said in a question, as a line."""
    what: Value = message.text or None
    if message.form != "text":
        what = Words(f"mentoring.form.{message.form}", {"text": message.text or None})
    elif message.text is None:
        what = Words("mentoring.form.gone")
    key = "mentoring.said.lost" if lost else f"mentoring.said.{message.way}"
    return Words(key, {"at": At(message.at, turn.zone(ticket.site_id)), "what": what})


def over(turn: Turn) -> None:
    """Tells a mentor that the question is over."""
    turn.show("mentoring.question_over", buttons=[[Button("mentoring.button.queue", SeeQueue())]])


def own(turn: Turn) -> None:
    """Tells a mentor that a question is of their own phone."""
    turn.show("mentoring.own", buttons=[[Button("mentoring.button.queue", SeeQueue())]])


def blocked(turn: Turn, until: datetime, site_id: str | None) -> None:
    """Tells a person until when they may ask nothing."""
    plain = turn.account.conversation is not None
    turn.say("mentoring.blocked", until=At(until, turn.zone(site_id)), contact=turn.contact, plain=plain)


def held_by(turn: Turn, ticket: Ticket, account: Account | None, *, ways: Sequence[Button] = ()) -> None:
    """Tells a mentor who has a question instead."""
    values: dict[str, Value] = {"number": ticket.id}
    if account is None:
        take = [Button("mentoring.button.take", TakeQuestion(ticket.id))]
        return turn.say("mentoring.take_first", values, buttons=[take])
    turn.say("mentoring.held", values | {"mentor": mentoring.called(account)}, buttons=[ways], secret=True)

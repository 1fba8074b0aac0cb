"""Which call says a message, and what a refusal means. Nothing here waits, so each case is a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from bot.delivery.outbox import ClaimedMessage, Priority
from bot.delivery.requests import Attachment, Meaning, Request, Screen, meaning_of, request_for
from bot.people.quiet_hours import Kind
from bot.telegram.http import Refused
from bot.words.message import File, Form, Message

BUTTONS = {"inline_keyboard": [[{"text": "b", "callback_data": "x:y"}]]}


@dataclass
class Words:
    text: str
    reply_markup: dict[str, Any] | None = None


class Texts:
    def __init__(self, markup: dict[str, Any] | None = None) -> None:
        self.markup = markup

    def render(self, message: Message, language: str) -> Words:
        return Words(f"{language}:{message.key}" if message.key else "", self.markup)

    def workbook(self, message: Message, language: str) -> bytes:
        raise NotImplementedError

    def printed(self, message: Message) -> bytes:
        raise NotImplementedError

    def commands(self, role: str, language: str) -> Sequence[Mapping[str, str]]:
        return [{"command": role, "description": language}]


def asked(
    message: Message, *, target: int | None = None, attachment: Attachment | None = None, texts: Texts | None = None
) -> Request:
    claimed = ClaimedMessage(1, 1, 5, "id", Kind.REPLY, Priority.REPLY, message)
    return request_for(claimed, texts or Texts(), target=target, attachment=attachment)


FILE_MESSAGES = [Message("map", form=form) for form in (Form.PHOTO, Form.DOCUMENT, Form.VOICE, Form.VIDEO)]


@pytest.mark.parametrize("message", FILE_MESSAGES, ids=lambda message: message.form.value)
def test_a_file_is_uploaded_or_named_by_its_id(message: Message) -> None:
    name = message.form.value
    caption = {"chat_id": 5, "caption": "id:map", "parse_mode": "HTML"}
    content = ("map.jpg", b"picture", "image/jpeg")
    assert asked(message, attachment=content) == (f"send{name.capitalize()}", caption, {name: content})
    assert asked(message, attachment="id1") == (f"send{name.capitalize()}", caption | {name: "id1"}, None)
    # what is uploaded is never edited in
    assert asked(message, attachment="id1", target=42).method == f"send{name.capitalize()}"


def test_a_file_that_telegram_has_is_edited_in_and_of_a_voice_only_the_words() -> None:
    file = File("a", "x/y", id="id1")
    words = {"caption": "id:a", "parse_mode": "HTML"}
    photo = asked(Message("a", form=Form.PHOTO, file=file), target=42, attachment="id1")
    media = {"type": "photo", "media": "id1", **words}
    assert photo == ("editMessageMedia", {"chat_id": 5, "message_id": 42, "media": media}, None)
    voice = asked(Message("a", form=Form.VOICE, file=file), target=42, attachment="id1")
    assert voice == ("editMessageCaption", {"chat_id": 5, "message_id": 42, **words}, None)


@pytest.mark.parametrize("form", [Form.TEXT, Form.VOICE])
def test_a_silent_message_makes_no_sound_and_a_protected_one_cannot_be_passed_on(form: Form) -> None:
    attachment = "id1" if form is Form.VOICE else None
    plain = asked(Message("a", form=form), attachment=attachment)
    assert not plain.params.keys() & {"disable_notification", "protect_content"}
    silent = asked(Message("a", form=form, silent=True), attachment=attachment)
    assert silent.params == plain.params | {"disable_notification": True}
    protected = asked(Message("a", form=form, protected=True), attachment=attachment)
    assert protected.params == plain.params | {"protect_content": True}


def test_an_edit_takes_neither() -> None:
    edited = asked(Message("a", silent=True, protected=True), target=42, texts=Texts(BUTTONS))
    assert edited.method == "editMessageText"
    assert not edited.params.keys() & {"disable_notification", "protect_content"}


def test_only_words_with_buttons_under_them_are_edited_and_have_a_screen() -> None:
    edited = asked(Message("a"), target=42, texts=Texts(BUTTONS))
    assert (edited.method, edited.params["message_id"]) == ("editMessageText", 42)
    assert edited.screen == Screen("id:a", BUTTONS)
    assert (edited.edits, edited.sends) == (True, False)
    keyboard = asked(Message("a"), target=42, texts=Texts({"keyboard": []}))
    assert (keyboard.method, keyboard.screen) == ("sendMessage", None)
    assert (keyboard.edits, keyboard.sends) == (False, True)
    assert asked(Message("a"), target=42).method == "editMessageText"
    assert asked(Message("a"), target=42).screen is None


@pytest.mark.parametrize("form", [Form.PHOTO, Form.VENUE, Form.QUIZ])
def test_a_message_that_says_nothing_is_an_error(form: Form) -> None:
    with pytest.raises(ValueError, match="nothing to send"):
        asked(Message(form=form))


SEND, EDIT, DELETE = (Request(method, {}) for method in ("sendMessage", "editMessageText", "deleteMessage"))


@pytest.mark.parametrize(
    ("refusal", "request_", "meaning"),
    [
        (Refused(429, "Too Many Requests", 4.0), SEND, Meaning.PAUSE),
        (Refused(401, "Unauthorized"), SEND, Meaning.TOKEN_REFUSED),
        (Refused(404, "Not Found"), SEND, Meaning.TOKEN_REFUSED),
        (Refused(404, "Not Found: method"), SEND, Meaning.IMPOSSIBLE),
        (Refused(403, "Forbidden: bot was blocked by the user"), SEND, Meaning.BLOCKED),
        (Refused(400, "Bad Request: chat not found"), SEND, Meaning.BLOCKED),
        (Refused(400, "Bad Request: PEER_ID_INVALID"), EDIT, Meaning.BLOCKED),
        (Refused(400, "Bad Request: message is not modified: ..."), EDIT, Meaning.SHOWN_ALREADY),
        (Refused(400, "Bad Request: message is not modified: ..."), SEND, Meaning.IMPOSSIBLE),
        (Refused(400, "Bad Request: message to edit not found"), EDIT, Meaning.SAY_ANEW),
        (Refused(400, "Bad Request: message to edit not found"), SEND, Meaning.IMPOSSIBLE),
        (Refused(400, "Bad Request: message to delete not found"), DELETE, Meaning.GONE_ALREADY),
        (Refused(400, "Bad Request: wrong file identifier"), SEND, Meaning.IMPOSSIBLE),
        (Refused(400, "Bad Request: message is too long"), SEND, Meaning.IMPOSSIBLE),
    ],
)
def test_what_a_refusal_means(refusal: Refused, request_: Request, meaning: Meaning) -> None:
    assert meaning_of(refusal, request_, Kind.REPLY, by_kept_file_id=False) is meaning


def test_a_kept_file_id_may_be_wrong() -> None:
    refusal = Refused(400, "Bad Request: wrong remote file identifier specified")
    assert meaning_of(refusal, SEND, Kind.REPLY, by_kept_file_id=True) is Meaning.WRONG_FILE_ID


@pytest.mark.parametrize("words", ["message to edit not found", "message can't be edited", "something else"])
def test_a_correction_is_never_said_anew(words: str) -> None:
    refusal = Refused(400, f"Bad Request: {words}")
    assert meaning_of(refusal, EDIT, Kind.ANNOUNCEMENT, by_kept_file_id=False) is Meaning.NOT_CORRECTED

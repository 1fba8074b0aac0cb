"""Builds the Bot API call that says a message, and reads what a refusal by Telegram means. No waiting, no state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import Enum, auto
from typing import Any, Final, NamedTuple, Protocol

from bot.actions.buttons import HELP, MENU
from bot.delivery.outbox import ClaimedMessage
from bot.people.quiet_hours import Kind
from bot.telegram.http import Refused
from bot.words.message import Form, Message, Quiz, rows

FILE_PARAMETER: Final = {Form.PHOTO: "photo", Form.DOCUMENT: "document", Form.VOICE: "voice", Form.VIDEO: "video"}
GONE: Final = ("chat not found", "user is deactivated", "peer_id_invalid")
"""Texts of a 400 that mean the same as a 403: this person cannot be reached any more."""
NOT_TO_EDIT: Final = (
    "message to edit not found",
    "message can't be edited",
    "there is no text in the message to edit",
    "there is no media in the message to edit",
    "message_id_invalid",
)
WRONG_FILE_ID: Final = ("wrong remote file identifier", "wrong file identifier", "file reference", "file_reference")

Attachment = str | tuple[str, bytes, str]
"""A file as it is sent: Telegram's id of it, or its name, bytes and MIME type."""


class Rendered(Protocol):
    """A message in words: HTML, and the keyboard as the Bot API takes it."""

    @property
    def text(self) -> str: ...

    @property
    def reply_markup(self) -> dict[str, Any] | None: ...


class Speech(Protocol):
    """The part of `texts` that the sender uses."""

    def render(self, message: Message, language: str) -> Rendered: ...

    def workbook(self, message: Message, language: str) -> bytes: ...

    def printed(self, message: Message) -> bytes: ...

    def commands(self, role: str, language: str) -> Sequence[Mapping[str, str]]: ...


class Screen(NamedTuple):
    """What people see of a message with buttons."""

    text: str
    markup: dict[str, Any]


class Request(NamedTuple):
    method: str
    params: dict[str, Any]
    files: dict[str, tuple[str, bytes, str]] | None = None

    @property
    def edits(self) -> bool:
        return self.method.startswith("editMessage")

    @property
    def sends(self) -> bool:
        """Whether making the call twice says something twice."""
        return self.method.startswith("send")

    @property
    def screen(self) -> Screen | None:
        """What people see after the call; None for messages that cannot be edited in place later, or that show more
        than words and buttons."""
        markup = self.params.get("reply_markup")
        if self.method not in ("sendMessage", "editMessageText") or not markup or "inline_keyboard" not in markup:
            return None
        return Screen(self.params["text"], markup)


def request_for(
    claimed: ClaimedMessage, texts: Speech, *, target: int | None, attachment: Attachment | None
) -> Request:
    """Returns the call that says the message. `target` is Telegram's id of the message to edit, if there is one;
    `attachment` belongs to a message with a file. Raises what `texts` raises, and ValueError for a message that says
    nothing."""
    message = claimed.message
    params: dict[str, Any] = {"chat_id": claimed.chat_id}
    match message.form:
        case Form.DELETE:
            return Request("deleteMessage", params | {"message_id": target})
        case Form.REACTION:
            reaction = [{"type": "emoji", "emoji": message.emoji}] if message.emoji else []
            return Request("setMessageReaction", params | {"message_id": target, "reaction": reaction})
        case Form.COMMANDS:
            commands = list(texts.commands(message.role or "participant", claimed.language))
            scope = {"type": "chat", "chat_id": claimed.chat_id}
            return Request("setMyCommands", {"commands": commands, "scope": scope})
        case _:
            pass
    request = _saying(claimed, texts, target=target, attachment=attachment)
    if request.sends:  # an edit makes no sound, and stays as protected as it was
        flags = {"disable_notification": message.silent, "protect_content": message.protected}
        request.params.update({name: True for name, wanted in flags.items() if wanted})
    return request


def without_words(claimed: ClaimedMessage) -> ClaimedMessage:
    """Returns the message as it is said where there are no words for it (any more): a file without its caption, what
    somebody else wrote as they wrote it, and for the rest that it is out of date, with the way to what is true now."""
    message = claimed.message
    if message.form is Form.TEXT:
        said = replace(message, key="turn.words_gone", values={}, buttons=rows((MENU, HELP)), keyboard=None)
    else:
        said = replace(message, key="", values={}, buttons=())
    return replace(claimed, message=said)


def _saying(claimed: ClaimedMessage, texts: Speech, *, target: int | None, attachment: Attachment | None) -> Request:
    message = claimed.message
    params: dict[str, Any] = {"chat_id": claimed.chat_id}
    rendered = texts.render(message, claimed.language)
    markup = rendered.reply_markup
    if markup is not None:
        params["reply_markup"] = markup
    match message.form:
        case Form.PHOTO | Form.DOCUMENT | Form.VOICE | Form.VIDEO if attachment is not None:
            if target is not None and message.file is not None and message.file.id is not None:
                return _edit_of_file(message.form, message.file.id, rendered.text, params | {"message_id": target})
            if target is not None and claimed.edits is not None and message.form is not Form.VOICE:
                return _edit_of_file(message.form, attachment, rendered.text, params | {"message_id": target})
            return _file(message.form, attachment, rendered.text, params)
        case Form.VENUE | Form.LOCATION if message.place is not None:
            place = message.place
            params |= {"latitude": place.latitude, "longitude": place.longitude}
            if message.form is Form.LOCATION:
                return Request("sendLocation", params)
            title = place.title or place.address or ""
            return Request("sendVenue", params | {"title": title, "address": place.address or title})
        case Form.QUIZ if message.quiz is not None:
            return _poll(message.quiz, params)
        case Form.TEXT:
            params |= {"text": rendered.text, "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}
            # only buttons under a message can be edited in
            if target is not None and (markup is None or "inline_keyboard" in markup):
                return Request("editMessageText", params | {"message_id": target})
            return Request("sendMessage", params)
    raise ValueError(f"nothing to send in a {message.form}")


def _file(form: Form, attachment: Attachment, caption: str, params: dict[str, Any]) -> Request:
    if caption:
        params |= {"caption": caption, "parse_mode": "HTML"}
    name = FILE_PARAMETER[form]
    method = "send" + name.capitalize()
    if isinstance(attachment, str):
        return Request(method, params | {name: attachment})
    return Request(method, params, {name: attachment})


def _edit_of_file(form: Form, file: Attachment, caption: str, params: dict[str, Any]) -> Request:
    """Returns the call that edits a message with a file. A photo, video or document replaces the old one, uploaded with
    the call or named by Telegram's id; of a voice only its words can be changed."""
    words = {"caption": caption, "parse_mode": "HTML"}
    if form is Form.VOICE:
        return Request("editMessageCaption", params | words)
    name = FILE_PARAMETER[form]
    files = None if isinstance(file, str) else {name: file}
    media = file if isinstance(file, str) else f"attach://{name}"
    return Request("editMessageMedia", params | {"media": {"type": form.value, "media": media, **words}}, files)


def _poll(quiz: Quiz, params: dict[str, Any]) -> Request:
    params |= {
        "question": quiz.question,
        "options": [{"text": option} for option in quiz.options],
        "type": "quiz",
        "is_anonymous": False,
        "correct_option_ids": [quiz.correct],
    }
    if quiz.explanation:
        params["explanation"] = quiz.explanation
    return Request("sendPoll", params)


class Meaning(Enum):
    """What a refusal means for the message, and for others."""

    PAUSE = auto()
    """Nothing is sent for a while, to this chat or to any; then the message is tried again."""
    TOKEN_REFUSED = auto()
    """Nothing can be sent any more."""
    BLOCKED = auto()
    """This person cannot be reached any more."""
    SHOWN_ALREADY = auto()
    """The edit would change nothing."""
    GONE_ALREADY = auto()
    """The message to delete is not there any more."""
    NOT_CORRECTED = auto()
    """The correction of an announcement cannot be made, or its copy not be deleted. It never becomes a second
    announcement by itself: `broadcasts` sees the result, and sends a notice."""
    SAY_ANEW = auto()
    """The message cannot be edited: a new one is sent."""
    WRONG_FILE_ID = auto()
    """Telegram no longer knows the file under the id it gave us: the file is uploaded again."""
    IMPOSSIBLE = auto()
    """Telegram will not take the message as it is."""


def meaning_of(refusal: Refused, request: Request, kind: Kind, *, by_kept_file_id: bool) -> Meaning:
    """Returns what Telegram's refusal of `request` means. `by_kept_file_id`: its file was named by an id that we kept,
    and that was not found to be wrong before."""
    code, words = refusal.code, refusal.description.lower()
    if code == 429:
        return Meaning.PAUSE
    if code == 401 or (code == 404 and words == "not found"):
        return Meaning.TOKEN_REFUSED
    if code == 403 or (code == 400 and _any_in(words, GONE)):
        return Meaning.BLOCKED
    if request.edits and "message is not modified" in words:
        return Meaning.SHOWN_ALREADY
    if request.edits and kind is Kind.ANNOUNCEMENT:
        return Meaning.NOT_CORRECTED
    if request.method in ("editMessageText", "editMessageMedia") and _any_in(words, NOT_TO_EDIT):
        return Meaning.SAY_ANEW
    if request.method == "deleteMessage" and "message to delete not found" in words:
        return Meaning.GONE_ALREADY
    if request.method == "deleteMessage" and kind is Kind.ANNOUNCEMENT:
        return Meaning.NOT_CORRECTED
    if by_kept_file_id and _any_in(words, WRONG_FILE_ID):
        return Meaning.WRONG_FILE_ID
    return Meaning.IMPOSSIBLE


def _any_in(words: str, signs: Sequence[str]) -> bool:
    return any(sign in words for sign in signs)

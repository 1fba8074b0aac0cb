"""Reply markup as Telegram takes it: inline keyboards, reply keyboards, and the words for what is wrong with them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from bot.telegram.html import checked_link

from .refusals import Refused

MAX_DATA_BYTES = 64
MAX_ROW = 8
MAX_BUTTONS = 100
_ACTIONS = (
    "url", "callback_data", "callback_game", "pay", "switch_inline_query", "switch_inline_query_chosen_chat",
    "switch_inline_query_current_chat", "login_url", "web_app", "copy_text",
)  # fmt: skip


@dataclass(frozen=True)
class Markup:
    """Checked reply markup. `kind` "inline" stays with its message, the others are the state of the chat."""

    kind: Literal["inline", "keyboard", "remove", "force_reply"]
    body: dict[str, Any]


def read_markup(value: Any) -> Markup | None:
    """Returns the `reply_markup` argument (JSON text or already decoded); None if it is missing or does nothing: no
    buttons, none removed, no reply forced. Raises Refused in Telegram's words."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise Refused("can't parse reply keyboard markup JSON object") from None
    if not isinstance(value, dict):
        raise Refused("object expected as reply markup")
    keyboard = _rows(value, "keyboard", 'field "keyboard" must be an Array of Arrays')
    words = 'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'
    inline = _rows(value, "inline_keyboard", words)
    if keyboard:
        rows = [[_keyboard_button(button) for button in row] for row in keyboard]
        body: dict[str, Any] = {"keyboard": rows}
        for flag in ("resize_keyboard", "one_time_keyboard", "is_persistent", "selective"):
            if value.get(flag):
                body[flag] = True
        if value.get("input_field_placeholder"):
            body["input_field_placeholder"] = str(value["input_field_placeholder"])[:64]
        return Markup("keyboard", body)
    if inline:
        rows = [[_inline_button(button) for button in row] for row in inline]
        # Not on the official page: measured by others and kept in python-telegram-bot's limits.
        if sum(map(len, rows)) > MAX_BUTTONS or max(map(len, rows)) > MAX_ROW:
            raise Refused("reply markup is too long")
        return Markup("inline", {"inline_keyboard": rows})
    if value.get("remove_keyboard") or value.get("hide_keyboard"):
        return Markup("remove", {"remove_keyboard": True})
    if value.get("force_reply"):
        body = {"force_reply": True}
        if value.get("input_field_placeholder"):
            body["input_field_placeholder"] = str(value["input_field_placeholder"])[:64]
        return Markup("force_reply", body)
    return None


def _rows(value: dict[str, Any], field: str, words: str) -> list[list[Any]]:
    rows = value.get(field)
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise Refused(f'field "{field}" must be of type Array')
    if not all(isinstance(row, list) for row in rows):
        raise Refused(words)
    return [row for row in rows if row]


def _button_text(button: dict[str, Any], what: str) -> str:
    if "text" not in button:
        raise Refused(f"can't parse {what}: Can't find field \"text\"")
    text = button["text"]
    if not isinstance(text, str | int | float):
        raise Refused(f'can\'t parse {what}: Field "text" must be of type String')
    text = str(text).strip()
    if not text:
        raise Refused(f"{what} text must be non-empty")
    return text


def _inline_button(button: Any) -> dict[str, Any]:
    what = "inline keyboard button"
    if not isinstance(button, dict):
        raise Refused(f"can't parse {what}: InlineKeyboardButton must be an Object")
    action = next((name for name in _ACTIONS if _acts(button, name)), None)
    if "text" in button and action is None:
        raise Refused(f"can't parse {what}: Text buttons are unallowed in the inline keyboard")
    text = _button_text(button, what)
    if action == "callback_data":
        data = button["callback_data"]
        if not isinstance(data, str | int | float):
            raise Refused(f'can\'t parse {what}: Field "callback_data" must be of type String')
        data = str(data)
        if len(data.encode()) > MAX_DATA_BYTES:
            raise Refused("BUTTON_DATA_INVALID")
        return {"text": text, "callback_data": data}
    if action == "url":
        return {"text": text, "url": _url(str(button["url"]))}
    if action == "copy_text":
        copied = button["copy_text"]
        words = copied.get("text") if isinstance(copied, dict) else None
        if not isinstance(words, str) or not 0 < len(words) <= 256:
            raise Refused("BUTTON_COPY_TEXT_INVALID")
        return {"text": text, "copy_text": {"text": words}}
    assert action is not None
    return {"text": text, action: button[action]}


def _acts(button: dict[str, Any], name: str) -> bool:
    # An empty query is an action of its own; an empty callback_data or url is none.
    if name.startswith("switch_inline_query") and isinstance(button.get(name), str):
        return True
    return button.get(name) not in (None, "", False)


def _url(url: str) -> str:
    if checked := checked_link(url):
        return checked
    raise Refused(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def _keyboard_button(button: Any) -> dict[str, Any]:
    what = "keyboard button"
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict):
        raise Refused(f"can't parse {what}: KeyboardButton must be a String or an Object")
    answer: dict[str, Any] = {"text": _button_text(button, what)}
    for name in ("request_contact", "request_location"):
        if button.get(name):
            answer[name] = True
            return answer
    for name in ("request_poll", "request_users", "request_chat", "web_app"):
        if button.get(name) is not None:
            answer[name] = button[name]
            return answer
    return answer

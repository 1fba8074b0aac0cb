"""Where the answer to a tap is shown, and the buttons [Menu] and [Bantuan] below what is said."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import CallbackQuery, Message

from bot.actions.buttons import HELP, MENU
from bot.people.people import Account
from bot.words.message import Button, Keyboard, Rows, rows


def is_last_message(query: CallbackQuery | None, account: Account) -> bool:
    """Returns whether the tapped message is the last of the chat, so that the person sees what it says now."""
    return query is not None and query.message is not None and query.message.message_id >= account.last_message_id


def place_of_menu(query: CallbackQuery | None, account: Account) -> int | None:
    """Returns Telegram's number of the tapped message if a menu can take its place; None if it is to be a new
    message."""
    if query is None or query.message is None or not is_last_message(query, account):
        return None
    # a quiz, a picture or a pin cannot become a text: what is shown instead is a new message
    shown = query.message.text if isinstance(query.message, Message) else None
    return query.message.message_id if shown is not None else None


def with_ways_out(buttons: Sequence[Sequence[Button]], keyboard: Keyboard | None, *, menu: bool) -> Rows:
    """Returns the rows of buttons with a last row [Menu] [Bantuan], of which each is added where it is missing.
    `menu`: whether [Menu] may be added."""
    given = rows(*buttons)
    if keyboard in (Keyboard.SHARE_LOCATION, Keyboard.SHARE_CONTACT):
        return given
    carried = {button.data for row in given for button in row}
    out = []
    if menu and MENU.data not in carried:
        out.append(MENU)
    if HELP.data not in carried:
        out.append(HELP)
    return (*given, tuple(out)) if out else given

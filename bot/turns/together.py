"""Recognises messages that belong together: an album, a long text that Telegram cut, words sent one by one within two
seconds. They get one answer. The account remembers which was answered (`Account.together`), and nothing of the
words."""

from __future__ import annotations

from typing import Final

from bot.turns.turn import Turn

CUT: Final = 4000
"""A text of so many characters is a piece of a longer one: Telegram's apps cut at 4096, or at a blank before it."""
BREATH: Final = 2
"""The seconds within which texts belong together: nobody can have read an answer in between."""


def tapped(turn: Turn) -> None:
    """Notes a tap or a vote: a text that is typed after it does not belong to one before it."""
    if (turn.account.together or "").startswith("text:"):
        turn.account.together = None


def rest_of_long_text(turn: Turn) -> bool:
    """Returns whether this is a further piece of a long text whose first piece was answered."""
    message = turn.update.message
    if message is None or not message.text:
        return False
    follows = _follows(turn, "long")
    if len(message.text) >= CUT:
        _mark(turn, "long")
    return follows


def rest_of_album(turn: Turn, *, begins: bool = True) -> bool:
    """Returns whether another picture of the same album was answered already. `begins`: if not, this one is answered
    now."""
    message = turn.update.message
    album = message.media_group_id if message is not None and not message.text else None
    if album is None:
        return False
    mark = f"album:{album}"[:40]
    if turn.account.together == mark:
        return True
    if begins:
        turn.account.together = mark
    return False


def same_breath(turn: Turn) -> bool:
    """Returns whether this text was sent within BREATH of the one before it."""
    follows = _follows(turn, "text")
    _mark(turn, "text")
    return follows


def _second(turn: Turn) -> int:
    """Returns when the message was sent, in seconds since 1970; 0: that is not known."""
    message = turn.update.message
    return int(message.date.timestamp()) if message is not None else 0


def _follows(turn: Turn, what: str) -> bool:
    kind, _, before = (turn.account.together or "").partition(":")
    if kind not in {what, "long"} or not before.isdigit():
        return False
    second = _second(turn)
    return second > 0 and 0 <= second - int(before) <= BREATH


def _mark(turn: Turn, what: str) -> None:
    second = _second(turn)
    if second and turn.account.together != f"long:{second}":
        turn.account.together = f"{what}:{second}"

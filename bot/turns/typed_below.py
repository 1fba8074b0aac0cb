"""Whether a typed text stands below the newest message, as an answer to it."""

from __future__ import annotations

from typing import Final

from bot.turns.turn import Turn
from bot.words.typed_text import cleaned

NOT_REFUSED: Final = frozenset(
    {"urgent", "scam_report", "stop_messages", "restart_messages", "erase_data", "my_data", "help", "menu"}
)


def was_forwarded(turn: Turn) -> bool:
    """Returns whether the message was forwarded: its words are somebody else's, and answer nothing."""
    return turn.update.message is not None and turn.update.message.forward_origin is not None


def stands_below_newest(turn: Turn) -> bool:
    """Returns whether a text was typed that may answer the newest message: no question of a conversation is open, and
    the text was not forwarded."""
    return turn.update.message is not None and turn.account.conversation is None and not was_forwarded(turn)


def is_of_list(turn: Turn, site_id: str) -> bool:
    """Returns whether words below a list of this site are about the list. Raises NotAllowedError for whoever looked
    after the site when the list was shown and does so no more; a call for help, or a way out, is not refused."""
    if turn.admin or site_id in turn.staff_sites:
        return site_id in turn.staff_sites
    typed = cleaned(turn.text)
    if turn.content.way_out(typed) is not None or turn.content.understand(typed).intent in NOT_REFUSED:
        return False
    turn.must_lead(site_id)
    return True

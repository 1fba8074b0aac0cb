"""A message that was edited after it had been sent: which question of the conversation under way it had answered.

The draft keeps, of the last few messages that answered a question, Telegram's number and the question's state.
"""

from __future__ import annotations

from typing import Final

from telegram import Update

from bot.turns.turn import Turn

HEARD: Final = "heard"
"""The key in a draft of the messages that answered questions: Telegram's number of the message, and the state."""
MOST_HEARD: Final = 8


def note_answer(turn: Turn, state: str) -> None:
    """Notes that this message answered the question of that state, so that it can be corrected."""
    message = turn.update.message
    if message is not None:
        heard = {**turn.draft.get(HEARD, {}), str(message.message_id): state}
        turn.keep(**{HEARD: dict(list(heard.items())[-MOST_HEARD:])})


def state_corrected(turn: Turn) -> str | None:
    """Returns the state of the question that this edited message had answered in the conversation under way. None: it
    answered none, or it is a location that moves, or nothing was edited."""
    edited = turn.update.edited_message
    if edited is None or turn.account.conversation is None or edited.location is not None:
        return None
    state: str | None = turn.draft.get(HEARD, {}).get(str(edited.message_id))
    return state


def as_written(turn: Turn) -> None:
    """Makes the turn treat the edited message as if it had just been written."""
    edited = turn.update.edited_message
    assert edited is not None
    turn.update = Update(turn.update.update_id, message=edited)

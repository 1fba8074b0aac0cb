"""[Dengarkan] under a text: sends its recording, and counts that it was asked for."""

from __future__ import annotations

from bot.actions.voices import Listen
from bot.programme import voices
from bot.turns.turn import Turn


def listened(turn: Turn, action: Listen) -> None:
    """Sends the recording below the text, which stays as it is. Whoever has not agreed yet can listen, too: the consent
    itself has a voice."""
    found = voices.heard(turn.db, action.recording, turn.content, turn.context.texts, turn.settings)
    if found is None:
        turn.toast("voices.toast.gone", alert=True)
    else:
        turn.send(voices.spoken(found, turn.content))

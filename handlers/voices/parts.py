"""What the screens of voices have in common."""

from __future__ import annotations

from bot.programme import voices
from bot.programme.voices import Recording
from bot.turns.turn import Turn
from bot.words.message import Value, Words


def words_of(turn: Turn, what: str) -> str | None:
    """Returns the text as it is read aloud; None: there is no such text any more."""
    texts = turn.context.texts
    return None if texts is None else voices.words_of(what, turn.content, texts, turn.settings)


def place_of(turn: Turn, found: Recording) -> Value:
    """Returns where the recording is heard."""
    site = turn.content.site(found.site_id or "")
    return site.name if site is not None else Words("voices.everywhere")

"""Words that were written after something else was looked at, though they were asked for: they wait until it is said
whether they are to be sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

from bot.actions.mentoring import SendHeld, SendHeldAnswer, StopAsking, StopReplying
from bot.programme import mentoring
from bot.programme.mentoring import Given
from bot.turns.turn import ASIDE, Turn
from bot.understanding.short_answers import takes_back, yes_or_no
from bot.words.message import Button, Lines, Value, Words
from bot.words.typed_text import cleaned

HELD: Final = mentoring.held.HELD
"""The state in which words wait, and their name in the draft."""
MOST: Final = 10
"""So many messages wait at most; of more the newest."""
OF_STAFF: Final = frozenset({"mentoring.held.answer", "mentoring.held.person", "mentoring.held.colleague"})
"""The questions that are put to mentors and trainers."""
_SEND: Final = frozenset({"kirim", "kirimkan", "teruskan", "send"})


def waits(turn: Turn) -> bool:
    """Whether what was written now waits: something else was looked at before, or other words wait already."""
    return went_aside(turn) or turn.account.state == HELD


def went_aside(turn: Turn) -> bool:
    """Whether something else was looked at since the words were asked for."""
    return bool(turn.draft.get(ASIDE))


def hold(turn: Turn, given: Given) -> bool:
    """Keeps what was written in the draft. Returns whether to ask about it: not about a further picture of an album."""
    before = held(turn)
    turn.keep(**{HELD: [asdict(one) for one in (*before, given)][-MOST:]})
    note(turn)
    return not (given.album and before and before[-1].album == given.album)


def note(turn: Turn) -> None:
    """Notes that words wait in the draft: they are asked about, and thrown away when nobody says what is to become of
    them."""
    ticket = mentoring.get(turn.db, turn.draft.get("ticket") or 0)
    about = ticket.person_id if ticket is not None else turn.draft.get("whom", turn.draft.get("asker"))
    mentoring.held.note(turn.db, turn.account, about, turn.now, content=turn.content)


def held(turn: Turn) -> list[Given]:
    """Returns what waits, the oldest first."""
    return [Given(**one) for one in turn.draft.get(HELD) or ()]


def said(turn: Turn) -> int:
    """Returns Telegram's number of the newest words that wait."""
    waiting = held(turn)
    return (waiting[-1].telegram_message_id or 0) if waiting else 0


def ask(turn: Turn, conversation: str, key: str, values: Mapping[str, Value] | None = None) -> None:
    """Shows what waits, and asks whether to send it. `key`: the question, which names to whom."""
    staff = key in OF_STAFF
    send = SendHeldAnswer(said(turn)) if staff else SendHeld(said(turn))
    stop = StopReplying() if staff else StopAsking()
    lines = Lines(tuple(_line(one) for one in held(turn)))
    buttons = [[Button("mentoring.button.send_held", send)], [Button("mentoring.button.stop", stop)]]
    turn.say(key, {**(values or {}), "lines": lines}, buttons=buttons, plain=True, secret=True)
    turn.ask(conversation, HELD)


def _line(given: Given) -> Words:
    return Words(f"mentoring.form.{given.form}", {"text": given.text or None})


def answered(turn: Turn) -> bool | None:
    """Returns what was typed below that question: to send it, or not; None: it is something else."""
    typed = turn.content.spelled(cleaned(turn.text))
    if takes_back(typed) or yes_or_no(typed) is False:
        return False
    return True if yes_or_no(typed) or (_SEND & set(typed) and len(typed) <= 3) else None

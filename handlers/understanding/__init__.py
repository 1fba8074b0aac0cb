"""Handles text that people type outside of a question: understands it (`bot/understanding/`), and shows a screen, does
what was asked for, or asks about it first.

What may be done at once is shown at once. What gives something up leads to the screen that asks about it first, as the
button for it would. Nothing of the text is kept. Stands last but one in the table of contents.

    first       text that is handled before all other handlers, also in the middle of a conversation
    written     text that no question wanted, and corrected text: who takes it up
    questions   answers to the question that the newest message asks
    presence    "I was there", "I am here", "may I come in"
    for_staff   words that go to a mentor or a trainer
    for_guide   questions of staff how a job is done
    guesses     the likeliest intents, offered as buttons
    danger      the question whether anybody is in danger, and its typed answers
    doing       what each intent leads to
    classes     where and when a class is; giving a seat back, moving, being late
    answers     short answers, lessons that fit, help in danger
    leaving     stopping messages, starting them again, erasing
    parts       what these have in common
"""

from __future__ import annotations

from typing import Final

from bot.actions.understanding import HearWords, MeantThis
from bot.capability import Capability, Handlers
from bot.turns.router import corrected, tap, typed
from handlers.understanding.first import heard_first
from handlers.understanding.guesses import guess_confirmed
from handlers.understanding.written import something_corrected, something_written


def handlers() -> Handlers:
    return [
        tap(MeantThis, guess_confirmed),
        tap(HearWords, something_written),
        typed(something_written),
        corrected(something_corrected),
    ]


CAPABILITY: Final = Capability("understanding", handlers, hears_first=lambda turn: heard_first(turn))
